// The fixed part of a VRRP message (RFC 3768 section 5.1, RFC 9568 section 5.1), the authentication header
// (RFC 2402 section 2) that may stand before it, and the HMAC trailer that may follow it.
#pragma once

#include "core/net/bytes.hpp"

#include <optional>

namespace vrrp::wire {

inline constexpr std::uint8_t kTypeAdvertisement = 1;
inline constexpr std::size_t kAuthenticationDataSize = 8; // v2, after the addresses

class VrrpView {
  public:
    struct At {
        static constexpr std::size_t version_and_type = 0, vrid = 1, priority = 2, count = 3, checksum = 6,
                                     addresses = 8;
        static constexpr std::size_t authentication_type = 4, seconds = 5; // v2
        static constexpr std::size_t centiseconds = 4;                     // v3: the lower 12 bits of 16
    };
    static constexpr std::size_t kSize = 8;

    // Nothing when the message ends within its fixed part.
    static constexpr std::optional<VrrpView> of(BytesView message) {
        if (message.size() < kSize) return std::nullopt;
        return VrrpView(message);
    }
    // Of a message that may be cut short but for its first byte.
    static constexpr unsigned version(BytesView message) { return message[At::version_and_type] >> 4; }

    constexpr unsigned version() const { return version(message_); }
    constexpr unsigned type() const { return message_[At::version_and_type] & 0x0f; }
    constexpr std::uint8_t vrid() const { return message_[At::vrid]; }
    constexpr std::uint8_t priority() const { return message_[At::priority]; }
    constexpr std::size_t count() const { return message_[At::count]; }
    constexpr unsigned authentication_type() const { return message_[At::authentication_type]; }
    constexpr unsigned seconds() const { return message_[At::seconds]; }
    // RFC 9568 section 5.2.6: the four reserved bits are ignored.
    constexpr unsigned centiseconds() const { return load_be16(&message_[At::centiseconds]) & 0x0fff; }
    constexpr std::uint16_t checksum() const { return load_be16(&message_[At::checksum]); }

  private:
    constexpr explicit VrrpView(BytesView message) : message_(message) {}
    BytesView message_;
};

// draft-cassen-vrrp-auth-hmac-00 section 3: type, key identifier, two bytes of zero, sequence number, code.
class HmacTrailerView {
  public:
    struct At {
        static constexpr std::size_t type = 0, key_id = 1, reserved = 2, sequence = 4, code = 12;
    };
    static constexpr std::size_t kSize = 28, kCodeSize = 16;
    static constexpr std::uint8_t kTypeSha256 = 1;

    static constexpr void write(std::uint8_t* out, std::uint8_t key_id, std::uint64_t sequence,
                                BytesView code) {
        out[At::type] = kTypeSha256;
        out[At::key_id] = key_id;
        store_be16(out + At::reserved, 0);
        store_be32(out + At::sequence, static_cast<std::uint32_t>(sequence >> 32));
        store_be32(out + At::sequence + 4, static_cast<std::uint32_t>(sequence));
        store_bytes(out + At::code, code);
    }

    // Precondition: it is there whole.
    constexpr explicit HmacTrailerView(BytesView trailer) : trailer_(trailer) {}
    constexpr bool is_well_formed() const {
        return trailer_[At::type] == kTypeSha256 && load_be16(&trailer_[At::reserved]) == 0;
    }
    constexpr std::uint8_t key_id() const { return trailer_[At::key_id]; }
    constexpr std::uint64_t sequence() const {
        return std::uint64_t{load_be32(&trailer_[At::sequence])} << 32 |
               load_be32(&trailer_[At::sequence + 4]);
    }
    constexpr BytesView code() const { return trailer_.subspan(At::code, kCodeSize); }

  private:
    BytesView trailer_;
};

class AuthenticationHeaderView {
  public:
    struct At {
        static constexpr std::size_t next_header = 0, size = 1, reserved = 2, spi = 4, sequence = 8, icv = 12;
    };
    static constexpr std::size_t kSize = 24, kIcvSize = 12; // with HMAC-MD5-96, the only one that VRRP has

    static constexpr void write(std::uint8_t* out, std::uint8_t next_header, std::uint32_t spi,
                                std::uint32_t sequence, BytesView icv) {
        out[At::next_header] = next_header;
        out[At::size] = kSize / 4 - 2;
        store_be16(out + At::reserved, 0);
        store_be32(out + At::spi, spi);
        store_be32(out + At::sequence, sequence);
        store_bytes(out + At::icv, icv);
    }

    // Nothing when it is shorter than that. Its own size field may still say something else.
    static constexpr std::optional<AuthenticationHeaderView> of(BytesView bytes) {
        if (bytes.size() < kSize) return std::nullopt;
        return AuthenticationHeaderView(bytes);
    }

    constexpr std::uint8_t next_header() const { return bytes_[At::next_header]; }
    constexpr std::size_t size() const { return (std::size_t{bytes_[At::size]} + 2) * 4; }
    constexpr std::uint32_t spi() const { return load_be32(&bytes_[At::spi]); }
    constexpr std::uint32_t sequence() const { return load_be32(&bytes_[At::sequence]); }
    constexpr BytesView icv() const { return bytes_.subspan(At::icv, kIcvSize); }

  private:
    constexpr explicit AuthenticationHeaderView(BytesView bytes) : bytes_(bytes) {}
    BytesView bytes_;
};

} // namespace vrrp::wire

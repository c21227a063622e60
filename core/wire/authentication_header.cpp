#include "core/wire/authentication_header.hpp"

#include "core/wire/frame_layout.hpp"

#include <algorithm>
#include <cassert>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <optional>

namespace vrrp::wire {
namespace {

constexpr std::size_t kIcvOffset = 12; // in the authentication header
constexpr std::size_t kIcvSize = 12;   // "96"
constexpr std::size_t kMd5Size = 16;

constexpr std::size_t kMaxIpv4HeaderSize = 60;
constexpr std::size_t kMaxDatagramSize =
    kMaxIpv4HeaderSize + kAuthenticationHeaderSize + kVrrpFixedSize + 255 * 4 + kAuthenticationDataSize;

// Where things are in a frame.
struct Layout {
    std::size_t datagram;
    std::size_t datagram_size; // without Ethernet's padding
    std::size_t ip_header_size;

    std::size_t icv_in_datagram() const { return ip_header_size + kIcvOffset; }
    std::size_t icv() const { return datagram + icv_in_datagram(); }
};

std::optional<Layout> find(BytesView frame) {
    std::size_t at = kEthernetSize;
    if (frame.size() < kEthernetSize + kVlanTagSize + kIpv4Size) return std::nullopt;
    if (load_be16(&frame[at - 2]) == kEtherTypeVlan) at += kVlanTagSize;
    if (load_be16(&frame[at - 2]) != kEtherTypeIpv4) return std::nullopt;
    const BytesView ip = frame.subspan(at);
    const std::size_t header_size = std::size_t{ip[0] & 0x0fu} * 4, size = load_be16(&ip[2]);
    if (ip[9] != kProtocolAh || size < header_size + kAuthenticationHeaderSize) return std::nullopt;
    if (size > ip.size() || size > kMaxDatagramSize) return std::nullopt;
    return Layout{at, size, header_size};
}

using Md5 = std::array<std::uint8_t, kMd5Size>;

std::optional<Md5> hmac_md5(BytesView bytes, const AuthenticationKey& key) {
    Md5 digest{};
    // The padding of the key is no part of the agreement: HMAC pads with zeros itself (RFC 2104 section 2).
    if (HMAC(EVP_md5(), key.data(), static_cast<int>(key.size()), bytes.data(), bytes.size(), digest.data(),
             nullptr) == nullptr)
        return std::nullopt;
    return digest;
}

std::optional<Md5> digest_of(BytesView frame, const Layout& layout, const AuthenticationKey& key) {
    std::array<std::uint8_t, kMaxDatagramSize> covered;
    std::copy_n(&frame[layout.datagram], layout.datagram_size, covered.begin());
    covered[1] = 0;             // TOS
    store_be16(&covered[6], 0); // flags and fragment offset
    store_be16(&covered[10], 0);
    std::fill_n(&covered[layout.icv_in_datagram()], kIcvSize, std::uint8_t{0});
    return hmac_md5({covered.data(), layout.datagram_size}, key);
}

} // namespace

bool has_hmac_md5() {
    return hmac_md5({}, {}).has_value();
}

void sign(MutableBytes frame, const AuthenticationKey& key) {
    const std::optional<Layout> layout = find(frame);
    assert(layout);
    if (const auto digest = digest_of(frame, *layout, key))
        std::copy_n(digest->begin(), kIcvSize, &frame[layout->icv()]);
}

bool verify(BytesView frame, const AuthenticationKey& key) {
    const std::optional<Layout> layout = find(frame);
    if (!layout) return false;
    const auto digest = digest_of(frame, *layout, key);
    return digest && CRYPTO_memcmp(digest->data(), &frame[layout->icv()], kIcvSize) == 0;
}

} // namespace vrrp::wire

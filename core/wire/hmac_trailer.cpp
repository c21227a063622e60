#include "core/wire/hmac_trailer.hpp"

#include "core/wire/headers/ethernet.hpp"
#include "core/wire/headers/ip.hpp"
#include "core/wire/headers/vrrp.hpp"

#include <cassert>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace vrrp::wire {
namespace {

// IP version, VRRP version, VRID, zero, source.
constexpr std::size_t kUnsentHeader = 4 + 16;
constexpr std::size_t kMaxSigned =
    kUnsentHeader + VrrpView::kSize + 255 * 16 + kAuthenticationDataSize + HmacTrailerView::kSize;

// A packet that ends in a trailer.
struct Signed {
    IpAddress source, destination;
    BytesView payload; // the message and the trailer
};

// By the IP version that its first byte tells.
std::optional<Signed> find_signed(BytesView packet) {
    std::optional<Signed> found;
    if (const auto v6 = Ipv6View::of(packet)) {
        const auto upper = v6->is_whole() ? v6->upper() : std::nullopt;
        if (upper) found = Signed{v6->source(), v6->destination(), upper->bytes};
    } else if (const auto v4 = Ipv4View::of(packet); v4 && v4->is_well_formed() && v4->is_whole()) {
        found = Signed{v4->source(), v4->destination(), v4->payload()};
    }
    if (found && found->payload.size() < VrrpView::kSize + HmacTrailerView::kSize) return std::nullopt;
    return found;
}

using Code = std::array<std::uint8_t, HmacTrailerView::kCodeSize>;

std::optional<Code> code_of(const Signed& packet, const HmacKey& key) {
    const BytesView payload = packet.payload;
    if (kUnsentHeader + payload.size() > kMaxSigned) return std::nullopt;
    std::array<std::uint8_t, kMaxSigned> copy{};
    copy[0] = packet.source.family() == IpFamily::v4 ? 4 : 6;
    copy[1] = static_cast<std::uint8_t>(VrrpView::version(payload));
    copy[2] = payload[VrrpView::At::vrid];
    store_bytes(&copy[4], packet.source.bytes());
    std::uint8_t* const message = &copy[kUnsentHeader];
    store_bytes(message, payload);
    store_be16(message + VrrpView::At::checksum, 0);
    const std::size_t size = kUnsentHeader + payload.size();
    std::fill_n(&copy[size - HmacTrailerView::kCodeSize], HmacTrailerView::kCodeSize, std::uint8_t{0});
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
    if (HMAC(EVP_sha256(), key.secret.data(), static_cast<int>(key.secret.size()), copy.data(), size,
             digest.data(), nullptr) == nullptr)
        return std::nullopt;
    Code code;
    std::copy_n(digest.begin(), code.size(), code.begin());
    return code;
}

} // namespace

void sign(MutableBytes packet, const HmacKey& key) {
    const std::optional<Signed> found = find_signed(packet);
    assert(found);
    const auto code = code_of(*found, key);
    if (!code) return; // zeros, which nobody believes
    const MutableBytes payload = packet.last(found->payload.size());
    store_bytes(&payload[payload.size() - code->size()], *code);
    if (found->source.family() == IpFamily::v4) return;
    store_be16(&payload[VrrpView::At::checksum], 0);
    InternetChecksum sum =
        pseudo_header_checksum(found->source, found->destination, kProtocolVrrp, payload.size());
    store_be16(&payload[VrrpView::At::checksum], sum.add(payload).value());
}

bool verify(BytesView frame, const HmacKey& key) {
    const auto ethernet = EthernetView::of(frame);
    const std::optional<Signed> found = ethernet ? find_signed(ethernet->payload()) : std::nullopt;
    const auto code = found ? code_of(*found, key) : std::nullopt;
    return code && CRYPTO_memcmp(code->data(), found->payload.last(code->size()).data(), code->size()) == 0;
}

} // namespace vrrp::wire

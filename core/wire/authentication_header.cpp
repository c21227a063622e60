#include "core/wire/authentication_header.hpp"

#include "core/wire/headers/ethernet.hpp"
#include "core/wire/headers/ip.hpp"
#include "core/wire/headers/vrrp.hpp"

#include <algorithm>
#include <cassert>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <optional>

namespace vrrp::wire {
namespace {

constexpr std::size_t kMd5Size = 16;
constexpr std::size_t kMaxDatagramSize = Ipv4View::kMaxSize + AuthenticationHeaderView::kSize +
                                         VrrpView::kSize + 255 * 4 + kAuthenticationDataSize;

// What the ICV covers, and where it stands there.
struct Covered {
    BytesView datagram;
    std::size_t icv;
};

std::optional<Covered> find(BytesView packet) {
    const auto ip = Ipv4View::of(packet);
    if (!ip || ip->protocol() != kProtocolAh || !ip->is_well_formed() || !ip->is_whole()) return std::nullopt;
    if (!AuthenticationHeaderView::of(ip->payload()) || ip->total_size() > kMaxDatagramSize)
        return std::nullopt;
    return Covered{ip->datagram(), ip->header_size() + AuthenticationHeaderView::At::icv};
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

std::optional<Md5> digest_of(const Covered& covered, const AuthenticationKey& key) {
    std::array<std::uint8_t, kMaxDatagramSize> copy;
    std::ranges::copy(covered.datagram, copy.begin());
    copy[Ipv4View::At::tos] = 0;
    store_be16(&copy[Ipv4View::At::fragment], 0);
    store_be16(&copy[Ipv4View::At::checksum], 0);
    std::fill_n(&copy[covered.icv], AuthenticationHeaderView::kIcvSize, std::uint8_t{0});
    return hmac_md5({copy.data(), covered.datagram.size()}, key);
}

} // namespace

bool has_hmac_md5() {
    return hmac_md5({}, {}).has_value();
}

void sign(MutableBytes packet, const AuthenticationKey& key) {
    const std::optional<Covered> covered = find(packet);
    assert(covered);
    if (const auto digest = digest_of(*covered, key))
        std::copy_n(digest->begin(), AuthenticationHeaderView::kIcvSize, &packet[covered->icv]);
}

bool verify(BytesView frame, const AuthenticationKey& key) {
    const auto ethernet = EthernetView::of(frame);
    if (!ethernet || ethernet->ether_type() != kEtherTypeIpv4) return false;
    const std::optional<Covered> covered = find(ethernet->payload());
    if (!covered) return false;
    const auto digest = digest_of(*covered, key);
    const std::uint8_t* icv = &covered->datagram[covered->icv];
    return digest && CRYPTO_memcmp(digest->data(), icv, AuthenticationHeaderView::kIcvSize) == 0;
}

} // namespace vrrp::wire

// Router advertisements and solicitations (RFC 4861 sections 4.1 and 4.2), with the options of RFC 4191 (preference)
// and RFC 8106 (resolvers).
#pragma once

#include "core/net/fields.hpp"
#include "core/net/ip_address.hpp"
#include "core/net/mac_address.hpp"
#include "core/net/time.hpp"

#include <optional>
#include <string>
#include <vector>

namespace vrrp::wire {

// Which of several routers hosts prefer.
enum class RouterPreference : std::uint8_t { low, medium, high };

struct RouterAdvertisement {
    Duration lifetime = std::chrono::seconds(1800); // as default router, 0–9000 s; 0: it is none
    RouterPreference preference = RouterPreference::medium;
    bool managed = false;                  // hosts get their addresses by DHCPv6
    bool other = false;                    // and the rest
    std::optional<std::uint32_t> mtu;      // 1280–65535
    std::vector<IpPrefix> prefixes;        // on the link; from one of 64 bits hosts make addresses
    std::vector<IpAddress> resolvers;      // of names
    std::vector<std::string> searched;     // domains: is_domain_name()
    Duration resolver_lifetime = lifetime; // of both

    auto fields() const {
        return std::tie(lifetime, preference, managed, other, mtu, prefixes, resolvers, searched,
                        resolver_lifetime);
    }
    friend bool operator==(const RouterAdvertisement&, const RouterAdvertisement&) = default;
};

// Of letters, digits, hyphens and dots as a packet can carry it (RFC 1035 section 2.3.4).
bool is_domain_name(std::string_view text);

// Of the IPv6 packet. The frame has Ethernet's header before it.
std::size_t packet_size(const RouterAdvertisement& advertisement);
std::size_t frame_size(const RouterAdvertisement& advertisement);

// Writes the frame to all nodes, from `source` at `mac`, and returns its size. Precondition: out has that room.
std::size_t encode(const RouterAdvertisement& advertisement, const IpAddress& source, const MacAddress& mac,
                   MutableBytes out);

// What a host's routes come from.
struct AdvertisedRouter {
    IpAddress address;
    std::optional<MacAddress> mac;
    Duration lifetime{};
};
// Nothing when the frame is none, or RFC 4861 section 6.1.2 says to drop it.
std::optional<AdvertisedRouter> decode_router_advertisement(BytesView frame);

// Writes the question of a host that has just come, to all routers.
inline constexpr std::size_t kSolicitationSize = 70;
void encode_router_solicitation(const IpAddress& source, const MacAddress& mac, MutableBytes out);
// Whether it is such a question, and RFC 4861 section 6.1.1 says nothing against it.
bool is_router_solicitation(BytesView frame);

} // namespace vrrp::wire

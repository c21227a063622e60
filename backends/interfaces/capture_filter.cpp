#include "backends/interfaces/capture_filter.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace vrrp::backend {
namespace {

// "arp[14:4] = 0x0a6300fe", the sender's protocol address.
std::string arp_sender(const IpAddress& address) {
    return fmt::format("arp[14:4] = {:#x}", load_be32(address.bytes().data()));
}

// Four words of the target address, 8 bytes into the neighbour advertisement.
std::string na_target(const IpAddress& address) {
    std::vector<std::string> words;
    for (std::size_t at = 0; at < 16; at += 4)
        words.push_back(fmt::format("ip6[{}:4] = {:#x}", 48 + at, load_be32(address.bytes().data() + at)));
    return fmt::format("({})", fmt::join(words, " and "));
}

} // namespace

std::string capture_filter(const std::vector<Ours>& ours) {
    std::vector<std::string> senders, targets;
    for (const Ours& one : ours)
        for (const IpPrefix& prefix : one.addresses) {
            if (senders.size() + targets.size() == kMaxClaimsWatched) break;
            if (prefix.address.family() == IpFamily::v4)
                senders.push_back(arp_sender(prefix.address));
            else
                targets.push_back(na_target(prefix.address));
        }
    std::string filter = "ip proto 112 or ip proto 51 or ip6 proto 112";
    if (!senders.empty()) filter += fmt::format(" or (arp and ({}))", fmt::join(senders, " or "));
    if (!targets.empty())
        filter += fmt::format(" or (ip6[6] = 58 and ip6[40] = 136 and ({}))", fmt::join(targets, " or "));
    if (std::ranges::any_of(ours, &Ours::answers_solicitations))
        filter += " or (ip6[6] = 58 and ip6[40] = 133)";
    return filter;
}

} // namespace vrrp::backend

#include "backends/interfaces/traffic_filter.hpp"

#include <fmt/format.h>
#include <nftables/libnftables.h>
#include <unistd.h>

namespace vrrp::backend {
namespace {

// Early in the input: before the operator's own rules, which may accept. ARP is not seen here.
constexpr const char* kTable = R"(
add table inet {0} {{ flags owner; }}
add set inet {0} v4 {{ type ipv4_addr; }}
add set inet {0} v6 {{ type ipv6_addr; }}
add chain inet {0} input {{ type filter hook input priority mangle; }}
add rule inet {0} input ip daddr @v4 icmp type {{ destination-unreachable, time-exceeded, parameter-problem }} accept
add rule inet {0} input ip daddr @v4 drop
add rule inet {0} input ip6 daddr @v6 icmpv6 type {{ nd-neighbor-solicit, nd-neighbor-advert, destination-unreachable, packet-too-big, time-exceeded, parameter-problem }} accept
add rule inet {0} input ip6 daddr @v6 drop
)";

const char* set_of(const IpAddress& address) {
    return address.family() == IpFamily::v4 ? "v4" : "v6";
}

// The first line of what it complains of, without the place in our own text.
std::string first_line(std::string_view text) {
    const std::string_view line = text.substr(0, text.find('\n'));
    constexpr std::string_view kPrefix = "Error: ";
    return std::string(line.starts_with(kPrefix) ? line.substr(kPrefix.size()) : line);
}

} // namespace

void TrafficFilter::Free::operator()(nft_ctx* context) const {
    ::nft_ctx_free(context);
}

NicResult TrafficFilter::run(const std::string& commands) {
    if (::nft_run_cmd_from_buffer(nft_.get(), commands.c_str()) == 0) return {};
    return tl::unexpected(
        NicError{fmt::format("nftables: {}", first_line(::nft_ctx_get_error_buffer(nft_.get())))});
}

NicResult TrafficFilter::open() {
    if (nft_) return {};
    nft_.reset(::nft_ctx_new(NFT_CTX_DEFAULT));
    if (!nft_) return tl::unexpected(NicError{"nftables cannot be used"});
    ::nft_ctx_buffer_error(nft_.get());
    ::nft_ctx_buffer_output(nft_.get());
    table_ = fmt::format("vrrpd_{}", ::getpid());
    NicResult made = run(fmt::format(fmt::runtime(kTable), table_));
    if (!made) nft_.reset();
    return made;
}

NicResult TrafficFilter::drop(const IpAddress& address) {
    if (std::ranges::find(dropped_, address) != dropped_.end()) return {};
    if (NicResult opened = open(); !opened) return opened;
    NicResult added =
        run(fmt::format("add element inet {} {} {{ {} }}", table_, set_of(address), to_string(address)));
    if (added) dropped_.push_back(address);
    return added;
}

NicResult TrafficFilter::accept(const IpAddress& address) {
    if (std::erase(dropped_, address) == 0) return {};
    return run(
        fmt::format("delete element inet {} {} {{ {} }}", table_, set_of(address), to_string(address)));
}

} // namespace vrrp::backend

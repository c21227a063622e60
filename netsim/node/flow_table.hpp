// What a stateful firewall remembers.
#pragma once

#include "netsim/network/packet.hpp"

#include "core/net/time.hpp"

#include <map>
#include <tuple>

namespace vrrp::sim {

// Echo requests that were forwarded, as Linux's connection tracking keeps them: an answer passes only where
// its request did, and not later than kLifetime after the last one.
class FlowTable {
  public:
    static constexpr Duration kLifetime = std::chrono::seconds(30);
    static constexpr std::size_t kMaxFlows = 4096; // of further ones no answer passes

    // Whether the packet may pass.
    bool pass(TimePoint now, const Echo& echo) {
        if (!echo.request) {
            const auto flow = flows_.find({echo.destination, echo.source, echo.identifier});
            return flow != flows_.end() && now <= flow->second + kLifetime;
        }
        if (flows_.size() == kMaxFlows)
            std::erase_if(flows_, [&](const auto& flow) { return now > flow.second + kLifetime; });
        const Key key{echo.source, echo.destination, echo.identifier};
        if (flows_.size() < kMaxFlows || flows_.contains(key)) flows_[key] = now;
        return true;
    }

    void clear() { flows_.clear(); }

  private:
    using Key = std::tuple<IpAddress, IpAddress, std::uint16_t>; // who asked whom
    std::map<Key, TimePoint> flows_;
};

} // namespace vrrp::sim

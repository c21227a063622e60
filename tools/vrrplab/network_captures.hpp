// What the networks of a simulated world carry, as captures of their switches' mirror ports.
#pragma once

#include "netsim/scenario/scenario.hpp"
#include "tools/vrrplab/output.hpp"

#include <map>

namespace vrrplab {

// DIR/NETWORK.pcapng for each network: its interface bears the network's name, each frame the port that it came from as
// a comment. Simulated time 0 is the begin of the year 2000.
class NetworkCaptures final : public vrrp::sim::FrameTap {
  public:
    // Makes the directory where it is missing. The error is a sentence.
    static tl::expected<NetworkCaptures, std::string> open(const std::string& directory,
                                                           const vrrp::sim::Scenario& scenario);

    void frame(vrrp::TimePoint now, const vrrp::sim::Switch& network, vrrp::sim::PortId from,
               vrrp::BytesView bytes) override;
    tl::expected<void, std::string> finish();

  private:
    std::map<std::string, LineFile> files_;
};

} // namespace vrrplab

// Where everything is measured: two machines, and one or two segments that both are on.
#pragma once

#include "tests/bench/bed/segment.hpp"
#include "tests/live/harness/process.hpp"
#include "tests/live/harness/wire_tap.hpp"

#include <memory>

namespace vrrp::bench {

// r1 (.1) is the better machine, r2 (.2) the other.
class Bed {
  public:
    explicit Bed(int segments);

    const Segment& segment(std::size_t i) const { return *segments_[i]; }
    std::size_t segments() const { return segments_.size(); }
    // At a machine's port: what it hears and says. A tap costs its machine's neighbours time: it lives no
    // longer than needed where CPU is measured.
    live::WireTap tap(std::size_t i, const std::string& machine, const std::string& filter = "") const;

  private:
    // Segments are not moved: namespaces are named once.
    std::vector<std::unique_ptr<Segment>> segments_;
    live::TemporaryDirectory files_;

  public:
    Namespace r1, r2;
};

} // namespace vrrp::bench

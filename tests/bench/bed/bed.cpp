#include "tests/bench/bed/bed.hpp"

namespace vrrp::bench {

Bed::Bed(int segments) : r1("r1"), r2("r2") {
    for (int number = 0; number < segments; ++number) {
        auto segment = std::make_unique<Segment>(number);
        segment->attach(r1, "r1", 1);
        segment->attach(r2, "r2", 2);
        segments_.push_back(std::move(segment));
    }
}

live::WireTap Bed::tap(std::size_t i, const std::string& machine, const std::string& filter) const {
    const Segment& segment = *segments_[i];
    return {segment.lan(), Segment::port(machine), files_.path() / (segment.interface() + ".pcap"), filter};
}

} // namespace vrrp::bench

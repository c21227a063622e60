#include "tests/bench/hostile/bad_frames.hpp"

#include "core/wire/decode.hpp"

#include <catch2/catch.hpp>
#include <set>

using namespace vrrp;
using namespace vrrp::bench;

TEST_CASE("each bad frame is refused for one reason of its own, and the foreign one for none") {
    const IpAddress host = IpAddress::v4({10, 99, 0, 100}), gateway = IpAddress::v4({10, 99, 0, 254});
    for (const Dialect& dialect : kDialects) {
        std::set<wire::DropReason> reasons;
        int foreign = 0;
        const std::vector<Frame> frames = bad_frames(dialect, host, 5, gateway);
        for (const Frame& frame : frames) {
            const auto read = wire::decode(frame);
            if (!read) reasons.insert(read.error().reason);
            if (read && read->vrid != 5) ++foreign;
        }
        CHECK(foreign == 1);
        CHECK(reasons.size() == frames.size() - 1);
    }
}

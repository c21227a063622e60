// Frames faster than anybody reads.
#pragma once

#include "tests/bench/hostile/bad_frames.hpp"
#include "tests/live/harness/namespace.hpp"

namespace vrrp::bench {

struct Blast {
    std::uint64_t frames = 0;
    Duration took{};
    double per_second() const {
        return static_cast<double>(frames) / std::chrono::duration<double>(took).count();
    }
};

// Sends the frames in turn from the interface for that long, in batches, at most `per_second`; fewer when the
// machine cannot. Blocks.
Blast blast(const live::Namespace& space, const std::string& interface, const std::vector<Frame>& frames,
            unsigned per_second, Duration duration);

} // namespace vrrp::bench

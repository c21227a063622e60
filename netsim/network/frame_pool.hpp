// Frames on their way, shared by all who will receive them.
#pragma once

#include "core/net/bytes.hpp"

#include <cassert>
#include <vector>

namespace vrrp::sim {

enum class FrameId : std::uint32_t {};

// 1. A frame lives until it was released as often as it was put and retained; its bytes never change.
// 2. Views of its bytes stay valid that long, whatever else is put.
// 3. Room is used again: once grown to the usual traffic, nothing is allocated.
class FramePool {
  public:
    FrameId put(BytesView bytes) {
        if (free_.empty()) {
            free_.push_back(static_cast<FrameId>(frames_.size()));
            frames_.emplace_back();
        }
        const FrameId id = free_.back();
        free_.pop_back();
        frame(id).bytes.assign(bytes.begin(), bytes.end());
        frame(id).references = 1;
        return id;
    }

    void retain(FrameId id) { ++frame(id).references; }

    void release(FrameId id) {
        assert(frame(id).references != 0);
        if (--frame(id).references == 0) free_.push_back(id);
    }

    BytesView bytes(FrameId id) const { return frames_[static_cast<std::size_t>(id)].bytes; }
    std::size_t in_flight() const { return frames_.size() - free_.size(); }

  private:
    struct Frame {
        std::vector<std::uint8_t> bytes;
        std::uint32_t references = 0;
    };
    Frame& frame(FrameId id) { return frames_[static_cast<std::size_t>(id)]; }

    std::vector<Frame> frames_;
    std::vector<FrameId> free_;
};

} // namespace vrrp::sim

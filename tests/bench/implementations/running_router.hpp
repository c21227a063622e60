// The processes that make one router, whoever wrote them.
#pragma once

#include "core/net/time.hpp"
#include "tests/live/harness/process.hpp"

#include <memory>

namespace vrrp::bench {

using live::Namespace;

// Ends with its holder: nothing that it started is left.
class RunningRouter {
  public:
    explicit RunningRouter(const Namespace& space) : space_(space) {}
    ~RunningRouter() { kill(); }
    RunningRouter(const RunningRouter&) = delete;
    RunningRouter& operator=(const RunningRouter&) = delete;

    const Namespace& space() const { return space_; }
    // For its files: as empty as no other run left it.
    std::string directory() const { return directory_.path().string(); }
    void write(const std::string& file, const std::string& text) const;

    // What speaks VRRP, and what that only needs. They are started in this order.
    void start(const std::vector<std::string>& argv);
    void start_servant(const std::vector<std::string>& argv);

    // When the first that speaks VRRP was started, since the epoch of the wall clock: what an implementation
    // needs to have prepared before is not its own time.
    Duration started_at() const { return started_at_; }

    // In order; does not wait.
    void stop() const;
    // Without a word, one process or everything. A process goes with its children, and none of them has the
    // time to react to the end of another.
    void kill_one();
    void kill();

    // With the children.
    std::vector<int> processes() const;
    // Their logs so far.
    std::size_t log_lines() const;
    std::string log() const;

  private:
    const Namespace& space_;
    live::TemporaryDirectory directory_;
    Duration started_at_{};
    std::vector<std::unique_ptr<live::Process>> servants_, speakers_;
};

} // namespace vrrp::bench

// A program under test.
#pragma once

#include "tests/live/harness/namespace.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <vector>

namespace vrrp::live {

// A directory that goes with its holder.
class TemporaryDirectory {
  public:
    TemporaryDirectory();
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

// Runs in a namespace, its output in a file. It never outlives the test: it is killed with its holder, and by
// the kernel when the test dies.
class Process {
  public:
    Process(const Namespace& space, const std::vector<std::string>& arguments);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    int pid() const { return pid_; }
    void signal(int number) const;
    // Its exit status (128 + n after signal n); nothing when it has not ended within `patience`.
    std::optional<int> wait(std::chrono::milliseconds patience);
    std::string output() const;

  private:
    TemporaryDirectory directory_;
    int pid_ = -1;
    std::optional<int> status_;
};

} // namespace vrrp::live

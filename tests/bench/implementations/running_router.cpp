#include "tests/bench/implementations/running_router.hpp"

#include <algorithm>
#include <csignal>
#include <fmt/format.h>
#include <fstream>

namespace vrrp::bench {
namespace {

// The process first, then its descendants.
void collect_tree(int pid, std::vector<int>& tree) {
    tree.push_back(pid);
    std::ifstream children(fmt::format("/proc/{0}/task/{0}/children", pid));
    for (int child = 0; children >> child;)
        collect_tree(child, tree);
}

void kill_tree(live::Process& process) {
    if (process.wait(std::chrono::milliseconds(0))) return;
    // keepalived's parent starts a dead child again and its child leaves in order without its parent: all are
    // stopped before the first dies.
    std::vector<int> tree;
    collect_tree(process.pid(), tree);
    for (const int pid : tree)
        ::kill(pid, SIGSTOP);
    for (const int pid : tree)
        ::kill(pid, SIGKILL);
    (void)process.wait(std::chrono::seconds(2));
}

} // namespace

void RunningRouter::write(const std::string& file, const std::string& text) const {
    std::ofstream(directory_.path() / file) << text;
}

void RunningRouter::start(const std::vector<std::string>& argv) {
    if (speakers_.empty()) started_at_ = std::chrono::system_clock::now().time_since_epoch();
    speakers_.push_back(std::make_unique<live::Process>(space_, argv));
}

void RunningRouter::start_servant(const std::vector<std::string>& argv) {
    servants_.push_back(std::make_unique<live::Process>(space_, argv));
}

void RunningRouter::stop() const {
    for (const auto& speaker : speakers_)
        speaker->signal(SIGTERM);
}

void RunningRouter::kill_one() {
    kill_tree(*speakers_.front());
}

void RunningRouter::kill() {
    for (auto* processes : {&speakers_, &servants_})
        for (const auto& process : *processes)
            kill_tree(*process);
}

std::vector<int> RunningRouter::processes() const {
    std::vector<int> all;
    for (const auto* processes : {&speakers_, &servants_})
        for (const auto& process : *processes)
            collect_tree(process->pid(), all);
    return all;
}

std::string RunningRouter::log() const {
    std::string all;
    for (const auto* processes : {&speakers_, &servants_})
        for (const auto& process : *processes)
            all += process->output();
    return all;
}

std::size_t RunningRouter::log_lines() const {
    const std::string all = log();
    return static_cast<std::size_t>(std::ranges::count(all, '\n'));
}

} // namespace vrrp::bench

#include "tests/live/harness/namespace.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <sched.h>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

namespace vrrp::live {
namespace {

constexpr const char* kPrefix = "vrrptest";

void remove(const std::string& name) {
    run_command("for pid in $(ip netns pids " + name + "); do kill -9 $pid; done; ip netns del " + name);
}

void remove_those_of_dead_tests() {
    std::istringstream list(run_command("ip netns list").output);
    for (std::string line; std::getline(list, line);) {
        std::istringstream words(line);
        std::string name, prefix, pid;
        words >> name;
        std::istringstream parts(name);
        std::getline(parts, prefix, '-');
        std::getline(parts, pid, '-');
        if (prefix == kPrefix && !pid.empty() && ::kill(std::stoi(pid), 0) != 0) remove(name);
    }
}

int open_namespace(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    REQUIRE(fd >= 0);
    return fd;
}

} // namespace

std::optional<std::string> why_not_live() {
    if (::geteuid() != 0) return "live tests need root";
    static const CommandResult works = run_command("unshare --net ip link set lo up");
    if (works.status != 0) return "no network namespaces here: " + works.output;
    return std::nullopt;
}

CommandResult run_command(const std::string& command) {
    std::FILE* pipe = ::popen(("{ " + command + "; } 2>&1").c_str(), "re");
    REQUIRE(pipe != nullptr);
    CommandResult result;
    std::array<char, 4096> buffer{};
    while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe))
        result.output.append(buffer.data(), size);
    const int status = ::pclose(pipe);
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return result;
}

Namespace::Namespace(const std::string& role) {
    static const bool swept = (remove_those_of_dead_tests(), true);
    (void)swept;
    static int count = 0;
    name_ = std::string(kPrefix) + "-" + std::to_string(::getpid()) + "-" + std::to_string(++count) + role;
    const CommandResult made =
        run_command("ip netns add " + name_ + " && ip -n " + name_ + " link set lo up");
    INFO(made.output);
    REQUIRE(made.status == 0);
}

Namespace::~Namespace() {
    remove(name_);
}

CommandResult Namespace::run(const std::string& command) const {
    std::string quoted;
    for (const char c : command)
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return run_command("ip netns exec " + name_ + " sh -c '" + quoted + "'");
}

std::string Namespace::must(const std::string& command) const {
    const CommandResult result = run(command);
    INFO(name_ << ": " << command << "\n" << result.output);
    REQUIRE(result.status == 0);
    return result.output;
}

Inside::Inside(const Namespace& space) : before_(open_namespace("/proc/thread-self/ns/net")) {
    const int target = open_namespace("/run/netns/" + space.name());
    const int entered = ::setns(target, CLONE_NEWNET);
    ::close(target);
    REQUIRE(entered == 0);
}

Inside::~Inside() {
    (void)::setns(before_, CLONE_NEWNET);
    ::close(before_);
}

} // namespace vrrp::live

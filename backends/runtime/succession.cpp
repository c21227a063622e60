#include "backends/runtime/succession.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <linux/close_range.h>
#include <memory>
#include <systemd/sd-bus.h>
#include <unistd.h>

namespace vrrp::backend {
namespace {

constexpr const char* kCalledAnew = "VRRPD_CALLED_ANEW"; // the pid

sigset_t handled_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGTTIN, SIGTTOU})
        sigaddset(&set, number);
    return set;
}

struct BusDeleter {
    void operator()(sd_bus* bus) const { sd_bus_flush_close_unref(bus); }
};
using Bus = std::unique_ptr<sd_bus, BusDeleter>;

struct MessageDeleter {
    void operator()(sd_bus_message* message) const { sd_bus_message_unref(message); }
};
using Message = std::unique_ptr<sd_bus_message, MessageDeleter>;

constexpr const char* kSystemd = "org.freedesktop.systemd1";

// systemd's own socket, which is root's: it is there without a D-Bus daemon, and while that restarts.
Bus systemd() {
    constexpr std::uint64_t kPatience = 200'000; // microseconds
    sd_bus* raw = nullptr;
    if (sd_bus_new(&raw) < 0) return {};
    Bus bus(raw);
    if (sd_bus_set_address(raw, "unix:path=/run/systemd/private") < 0 ||
        sd_bus_set_method_call_timeout(raw, kPatience) < 0 || sd_bus_start(raw) < 0)
        return {};
    return bus;
}

std::string unit_of_this_process(sd_bus* bus) {
    sd_bus_message* raw = nullptr;
    const int called =
        sd_bus_call_method(bus, kSystemd, "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
                           "GetUnitByPID", nullptr, &raw, "u", static_cast<std::uint32_t>(::getpid()));
    const Message reply(raw);
    const char* path = nullptr;
    return called >= 0 && sd_bus_message_read(raw, "o", &path) > 0 ? path : "";
}

std::string job_of(sd_bus* bus, const std::string& unit) {
    sd_bus_message* raw = nullptr;
    const int got = sd_bus_get_property(bus, kSystemd, unit.c_str(), "org.freedesktop.systemd1.Unit", "Job",
                                        nullptr, &raw, "(uo)");
    const Message reply(raw);
    std::uint32_t number = 0;
    const char* path = nullptr;
    return got >= 0 && sd_bus_message_read(raw, "(uo)", &number, &path) > 0 && number != 0 ? path : "";
}

std::string type_of(sd_bus* bus, const std::string& job) {
    char* raw = nullptr;
    if (sd_bus_get_property_string(bus, kSystemd, job.c_str(), "org.freedesktop.systemd1.Job", "JobType",
                                   nullptr, &raw) < 0)
        return {};
    const std::unique_ptr<char, decltype(&std::free)> type(raw, &std::free);
    return type.get();
}

} // namespace

bool systemd_restarts_us() {
    if (std::getenv("INVOCATION_ID") == nullptr) return false;
    const Bus bus = systemd();
    const std::string unit = bus ? unit_of_this_process(bus.get()) : "";
    const std::string job = unit.empty() ? "" : job_of(bus.get(), unit);
    const std::string type = job.empty() ? "" : type_of(bus.get(), job);
    return type == "restart" || type == "try-restart";
}

std::string call_anew(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                      const std::filesystem::path& directory) {
    std::vector<std::string> words{program.string()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& word : words)
        pointers.push_back(word.data());
    pointers.push_back(nullptr);
    const sigset_t waiting = handled_signals();
    ::sigprocmask(SIG_BLOCK, &waiting, nullptr);
    ::setenv(kCalledAnew, std::to_string(::getpid()).c_str(), 1);
    if (!directory.empty() && ::chdir(directory.c_str()) != 0) return std::strerror(errno);
    (void)::close_range(STDERR_FILENO + 1, ~0u, CLOSE_RANGE_CLOEXEC);
    ::execv(program.c_str(), pointers.data());
    return std::strerror(errno);
}

void unblock_signals() {
    const sigset_t waiting = handled_signals();
    ::sigprocmask(SIG_UNBLOCK, &waiting, nullptr);
}

bool take_called_anew() {
    const char* const pid = std::getenv(kCalledAnew);
    const bool is_ours = pid != nullptr && std::to_string(::getpid()) == pid;
    ::unsetenv(kCalledAnew);
    return is_ours;
}

} // namespace vrrp::backend

// vrrpd: the production daemon's way in and out. All that it decides is in core; apps/vrrpd_process.cpp puts
// the ports together.
#include "apps/check_here.hpp"
#include "apps/vrrpd_process.hpp"
#include "backends/control/control_group.hpp"
#include "backends/runtime/import_here.hpp"
#include "backends/runtime/read_file.hpp"
#include "backends/runtime/succession.hpp"
#include "backends/scripts/script_user.hpp"
#include "core/config/command_line.hpp"

#include <algorithm>
#include <cap-ng.h>
#include <cstdlib>
#include <fmt/format.h>
#include <set>
#include <spdlog/spdlog.h>
#include <unistd.h>

namespace {

using namespace vrrp;
using backend::Readiness;

// Why it cannot start, which systemd's journal is to show as an error.
void say(const std::string& sentence) {
    const auto target = backend::log_target(true, STDERR_FILENO, std::getenv("JOURNAL_STREAM"));
    fmt::print(stderr, "{}vrrpd: {}\n", target == backend::LogTarget::journal ? "<3>" : "", sentence);
}

int refuse(Readiness& readiness, const std::string& why) {
    say(why);
    readiness.failed(kExitUsage);
    return kExitUsage;
}

bool has(std::initializer_list<unsigned> capabilities) {
    return std::ranges::all_of(capabilities,
                               [](unsigned one) { return capng_have_capability(CAPNG_EFFECTIVE, one) == 1; });
}

// What it lacks to do its work; nothing when it can.
const char* lacks(const RouterConfig& router) {
    capng_get_caps_process();
    if (!has({CAP_NET_ADMIN, CAP_NET_RAW}))
        return "needs the capabilities CAP_NET_ADMIN and CAP_NET_RAW: run it as root";
    const bool changes_user = !router.script_user.empty() ||
                              std::ranges::any_of(router.virtual_routers,
                                                  [](const auto& one) { return !one.script_user.empty(); }) ||
                              std::ranges::any_of(router.tracks, [](const TrackConfig& one) {
                                  const auto* script = std::get_if<ScriptCheck>(&one.check);
                                  return script != nullptr && !script->user.empty();
                              });
    if (changes_user && !has({CAP_SETUID, CAP_SETGID}))
        return "to run scripts as another user it needs the capabilities CAP_SETUID and CAP_SETGID: run it "
               "as "
               "root, or leave script-user and user out";
    return nullptr;
}

std::string counted(std::size_t count, const char* what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

// All that is to be said of a configuration. One that has to wait for its interface is a good one.
int check(const config::Configuration& line) {
    const RouterConfig& router = line.router;
    bool good = true;
    for (const config::Misfit& misfit : check_here(router, line.process.directory)) {
        say(told(misfit, line.process));
        good = good && !misfit.prevents;
    }
    if (!good) return kExitUsage;
    fmt::print("good: {}, {}{}\n", counted(router.virtual_routers.size(), "virtual router"),
               counted(router.groups.size(), "group"),
               router.tracks.empty() ? "" : ", " + counted(router.tracks.size(), "check"));
    return 0;
}

// What becomes of another program's configuration is a file: it goes to stdout whole, or not at all.
int import_and_print(const config::importer::Order& order, const std::filesystem::path& home) {
    const auto imported = config::importer::import_file(order, backend::sources_here(home));
    if (!imported) {
        say(imported.error().message);
        return kExitUsage;
    }
    fmt::print("{}", imported->text);
    return imported->whole() ? 0 : 1;
}

// What dead processes left on this machine goes with any start, and with one that is refused what a successor was to take
// over, too.
void clean_up(const config::Configuration& line, bool refused) {
    std::set<std::string> instances;
    if (refused)
        for (const VirtualRouterConfig& one : line.router.virtual_routers)
            instances.insert(backend::instance_name(one));
    const auto netlink = backend::Netlink::open();
    if (!netlink) return; // the start tells it
    backend::ArpRules arp_rules(*netlink, line.process.directory);
    backend::Cleaner(*netlink, arp_rules, line.process.directory).clean_all(instances);
}

int start(const config::Configuration& line, const std::vector<std::string>& arguments,
          const std::filesystem::path& home, const config::Here& here, Readiness& readiness) {
    for (const config::Misfit& misfit : check_here(line.router, line.process.directory))
        if (misfit.prevents) return refuse(readiness, told(misfit, line.process));
    const bool goes_on = backend::take_called_anew(); // then it is a daemon already
    if (!line.process.foreground && !goes_on) {
        auto daemon = Readiness::become_daemon();
        if (!daemon) return refuse(readiness, daemon.error().message);
        readiness = std::move(*daemon);
    }
    // The link is read now: when it is needed, its file may have been replaced.
    std::error_code unknown;
    Invocation invocation{.program = std::filesystem::read_symlink("/proc/self/exe", unknown),
                          .arguments = arguments,
                          .directory = home};
    invocation.read_again = [&]() -> config::Parsed<config::Configuration> {
        auto again = config::parse_command_line(arguments, here);
        if (!again) return tl::unexpected(again.error());
        config::Configuration next = std::get<config::Configuration>(*std::move(again));
        next.process.directory = home / next.process.directory;
        return next;
    };
    auto process = VrrpdProcess::open(line, invocation);
    return process ? (*process)->run(readiness) : refuse(readiness, process.error().message);
}

int run(const std::vector<std::string>& arguments, Readiness& readiness) {
    // A daemon leaves the directory that file names may be relative to.
    std::error_code nowhere;
    const std::filesystem::path home = std::filesystem::current_path(nowhere);
    const auto read_file = [&home](const std::string& path, bool secret) {
        return backend::read_file(home / path, secret);
    };
    const config::Here here{read_file, backend::has_user, backend::has_group};
    const auto parsed = config::parse_command_line(arguments, here);
    if (!parsed) {
        const bool only_asks = std::ranges::find(arguments, "--check") != arguments.end();
        if (!only_asks && lacks({}) == nullptr) clean_up({}, true); // in the usual directory
        return refuse(readiness, parsed.error().message);
    }
    if (const auto* request = std::get_if<config::TextRequest>(&*parsed)) {
        fmt::print("{}", request->text);
        return 0;
    }
    if (const auto* order = std::get_if<config::importer::Order>(&*parsed))
        return import_and_print(*order, home);
    config::Configuration line = std::get<config::Configuration>(*parsed);
    line.process.directory = home / line.process.directory;
    if (line.process.check) return check(line);
    if (const char* const why = lacks(line.router)) return refuse(readiness, why);
    clean_up(line, false);
    const int status = start(line, arguments, home, here, readiness);
    if (status == kExitUsage) clean_up(line, true);
    spdlog::shutdown();
    return status;
}

} // namespace

int main(int argc, char** argv) {
    backend::occupy_standard_streams();
    Readiness readiness = Readiness::in_foreground();
    try {
        return run(std::vector<std::string>(argv + 1, argv + argc), readiness);
    } catch (const std::exception& error) { // a limit of the machine's: descriptors or memory
        return refuse(readiness, fmt::format("cannot start: {}", error.what()));
    }
}

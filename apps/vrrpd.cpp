// vrrpd: the production daemon's way in and out. All that it decides is in core; apps/vrrpd_process.cpp puts
// the ports together.
#include "apps/vrrpd_process.hpp"
#include "backends/runtime/read_file.hpp"
#include "backends/scripts/script_check.hpp"
#include "core/config/command_line.hpp"

#include <cap-ng.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace {

using namespace vrrp;
using backend::Readiness;

int refuse(Readiness& readiness, const std::string& why) {
    fmt::print(stderr, "vrrpd: {}\n", why);
    readiness.failed(kExitUsage);
    return kExitUsage;
}

bool may_do_this() {
    capng_get_caps_process();
    return capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_ADMIN) == 1 &&
           capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_RAW) == 1;
}

// What only this machine can tell is wrong with a configuration.
tl::expected<void, std::string> check_here(const RouterConfig& router) {
    for (const VirtualRouterConfig& one : router.virtual_routers)
        for (const std::string& script : {one.master_script, one.backup_script}) {
            if (script.empty()) continue;
            if (const auto safe = backend::check_script(script); !safe) return tl::unexpected(safe.error());
        }
    return {};
}

std::string counted(std::size_t count, const char* what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

} // namespace

int main(int argc, char** argv) {
    backend::occupy_standard_streams();
    Readiness readiness = Readiness::in_foreground();
    const auto parsed =
        config::parse_command_line(std::vector<std::string>(argv + 1, argv + argc), backend::read_file);
    if (!parsed) return refuse(readiness, parsed.error().message);
    if (const auto* request = std::get_if<config::TextRequest>(&*parsed)) {
        fmt::print("{}", request->text);
        return 0;
    }
    config::Configuration line = std::get<config::Configuration>(*parsed);
    if (const auto good = check_here(line.router); !good) return refuse(readiness, good.error());
    if (line.process.check) {
        fmt::print("good: {}, {}\n", counted(line.router.virtual_routers.size(), "virtual router"),
                   counted(line.router.groups.size(), "group"));
        return 0;
    }
    line.process.directory =
        std::filesystem::absolute(line.process.directory); // a daemon leaves its directory
    if (!may_do_this())
        return refuse(readiness, "needs the capabilities CAP_NET_ADMIN and CAP_NET_RAW: run it as root");
    if (!line.process.foreground) {
        auto daemon = Readiness::become_daemon();
        if (!daemon) return refuse(readiness, daemon.error().message);
        readiness = std::move(*daemon);
    }
    int status = kExitUsage;
    if (auto process = VrrpdProcess::open(line))
        status = (*process)->run(readiness);
    else
        status = refuse(readiness, process.error().message);
    spdlog::shutdown();
    return status;
}

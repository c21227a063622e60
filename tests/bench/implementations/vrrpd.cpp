// Ours: one process per member of a group, as in the seed; one process for everything otherwise.
#include "tests/bench/implementations/implementation.hpp"
#include "tests/binaries.hpp"

#include <fmt/format.h>
#include <sstream>

namespace vrrp::bench {
namespace {

bool knows(const char* option) {
    static const std::string help = live::run_command(std::string(kVrrpdBinary) + " --help").output;
    return help.find(option) != std::string::npos;
}

bool needs_file(const Plan& plan) {
    return plan.members.size() > 1 && !plan.group;
}

std::optional<std::string> why_not(const Plan& plan) {
    if (plan.group && !knows("-M,")) return "has no -M yet";
    if (needs_file(plan) && !knows("--config")) return "has no --config yet";
    return std::nullopt;
}

double seconds(Duration d) {
    return std::chrono::duration<double>(d).count();
}

void start_with(RunningRouter& router, const std::string& arguments) {
    std::vector<std::string> argv{kVrrpdBinary, "--foreground", "-f", router.directory()};
    std::istringstream words(arguments);
    for (std::string word; words >> word;)
        argv.push_back(word);
    router.start(argv);
}

std::string file_of(const Plan& plan, bool virtual_mac) {
    std::string file;
    for (const Member& member : plan.members)
        file += fmt::format("[[virtual_router]]\ninterface = \"{}\"\nvrid = {}\naddress = [\"{}\"]\n"
                            "priority = {}\nprotocol = {}\ninterval = {}\n{}\n",
                            member.interface, member.vrid, member.address, plan.priority,
                            static_cast<int>(plan.dialect.version), seconds(plan.dialect.interval),
                            virtual_mac ? "" : "no-virtual-mac = true\n");
    return file;
}

Router start(const Namespace& space, const Plan& plan, bool virtual_mac, bool realtime = false) {
    auto router = std::make_unique<RunningRouter>(space);
    if (needs_file(plan)) {
        router->write("vrrpd.toml", file_of(plan, virtual_mac));
        start_with(*router, "--config " + router->directory() + "/vrrpd.toml");
        return router;
    }
    for (const Member& member : plan.members)
        start_with(*router,
                   fmt::format("{} -i {} -v {} -p {} --protocol {} -d {} {} {} {}",
                               realtime ? "--realtime" : "", member.interface, member.vrid, plan.priority,
                               static_cast<int>(plan.dialect.version), seconds(plan.dialect.interval),
                               virtual_mac ? "" : "-n",
                               plan.group ? fmt::format("-M {}", plan.members.size()) : "", member.address));
    return router;
}

} // namespace

Implementation vrrpd() {
    return {"vrrpd", why_not, [](const Namespace& s, const Plan& p) { return start(s, p, true); }};
}

Implementation vrrpd_without_virtual_mac() {
    return {"vrrpd -n", why_not, [](const Namespace& s, const Plan& p) { return start(s, p, false); }};
}

Implementation vrrpd_realtime() {
    return {"vrrpd --realtime", why_not,
            [](const Namespace& s, const Plan& p) { return start(s, p, true, true); }};
}

} // namespace vrrp::bench

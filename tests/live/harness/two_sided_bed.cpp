#include "tests/live/harness/two_sided_bed.hpp"
#include "tests/binaries.hpp"

#include "tests/live/harness/await.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

namespace vrrp::live {
namespace {

// /etc has nothing but scripts: no test finds more there than it was given.
constexpr const char* kOwnMounts =
    "mount -t tmpfs -o mode=755 none /run && mount -t tmpfs -o mode=755 none /etc && mkdir /etc/scripts && "
    "touch /run/mounted && exec sleep infinity";

std::string quoted(const std::string& command) {
    std::string text = "'";
    for (const char c : command)
        text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return text + "'";
}

const Namespace& with_bridge(const Namespace& network) {
    network.must("ip link add br0 type bridge stp_state 0 mcast_snooping 0 && ip link set br0 up");
    return network;
}

} // namespace

// --- Machine

Machine::Machine(const std::string& name)
    : name_(name), space_(name), mounts_(space_, {"unshare", "--mount", "sh", "-c", kOwnMounts}) {
    INFO(mounts_.output());
    REQUIRE(await(std::chrono::seconds(5), [&] { return std::filesystem::exists(file("/run/mounted")); }));
    space_.must("sysctl -qw net.ipv4.ip_forward=1");
}

void Machine::connect(const Namespace& network, const std::string& interface, const std::string& address,
                      const std::string& mac) const {
    const std::string port = "p-" + name_ + "-" + interface;
    network.must("ip link add " + port + " type veth peer name " + interface + " netns " + space_.name() +
                 " && ip link set " + port + " master br0 up");
    space_.must("sysctl -qw net.ipv6.conf." + interface + ".disable_ipv6=1; ip link set " + interface +
                " address " + mac + " up && ip addr add " + address + "/24 dev " + interface);
}

CommandResult Machine::run(const std::string& command) const {
    const std::string path = std::filesystem::path(kVrrpdBinary).parent_path().string();
    return space_.run("exec nsenter --mount=/proc/" + std::to_string(mounts_.pid()) +
                      "/ns/mnt env PATH=" + path + ":$PATH sh -c " + quoted(command));
}

std::string Machine::must(const std::string& command) const {
    const CommandResult result = run(command);
    INFO(name_ << ": " << command << "\n" << result.output);
    REQUIRE(result.status == 0);
    return result.output;
}

Process& Machine::start(const std::string& command_line) const {
    const std::string path = std::filesystem::path(kVrrpdBinary).parent_path().string();
    const std::vector<std::string> argv{"nsenter",
                                        "--mount=/proc/" + std::to_string(mounts_.pid()) + "/ns/mnt", "sh",
                                        "-c", "PATH=" + path + ":$PATH; exec " + command_line};
    return processes_.emplace_back(space_, argv);
}

std::filesystem::path Machine::file(const std::string& path) const {
    return "/proc/" + std::to_string(mounts_.pid()) + "/root" + path;
}

std::string Machine::read(const std::string& path) const {
    std::ifstream in(file(path));
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

void Machine::write_script(const std::string& path, const std::string& text) const {
    std::ofstream(file(path)) << "#!/bin/sh\n" << text;
    std::filesystem::permissions(file(path), std::filesystem::perms(0755));
}

void Machine::unplug(const Namespace& network, const std::string& interface) const {
    network.must("ip link set p-" + name_ + "-" + interface + " down");
}

void Machine::plug(const Namespace& network, const std::string& interface) const {
    network.must("ip link set p-" + name_ + "-" + interface + " up");
}

bool Machine::holds(const std::string& address) const {
    return space_.must("ip -o addr").find(" " + address + "/") != std::string::npos;
}

std::string Machine::neighbour(const std::string& address) const {
    std::istringstream words(space_.must("ip neigh show " + address));
    for (std::string word; words >> word;)
        if (word == "lladdr" && words >> word) return word;
    return {};
}

// --- Gateway

nlohmann::json Gateway::status() const {
    const CommandResult asked = run("atropos --json");
    const bool told = asked.status == 0 || asked.status == 4; // 4: it is not well
    return told ? nlohmann::json::parse(asked.output) : nlohmann::json();
}

nlohmann::json Gateway::router(int vrid) const {
    const nlohmann::json all = status();
    if (!all.is_null())
        for (const nlohmann::json& one : all["virtual_routers"])
            if (one["vrid"] == vrid) return one;
    return {};
}

nlohmann::json Gateway::group() const {
    const nlohmann::json all = status();
    return all.is_null() || all["groups"].empty() ? nlohmann::json() : all["groups"][0];
}

bool Gateway::is(const std::string& state, std::initializer_list<int> vrids) const {
    const nlohmann::json all = status();
    if (all.is_null()) return false;
    return std::ranges::all_of(vrids, [&](int vrid) {
        return std::ranges::any_of(all["virtual_routers"], [&](const nlohmann::json& one) {
            return one["vrid"] == vrid && one["state"] == state;
        });
    });
}

bool Gateway::leads() const {
    return is("master") && holds(kLanAddress) && holds(kWanAddress);
}

bool Gateway::stands_by() const {
    return is("backup") && !holds(kLanAddress) && !holds(kWanAddress);
}

bool Gateway::heard_a_resignation() const {
    const auto all = status()["virtual_routers"];
    const auto because = [&](const char* reason) {
        return std::ranges::count_if(all, [&](const auto& one) { return one["reason"] == reason; });
    };
    return because("master_resigned") != 0 && because("master_silent") == 0;
}

bool served_again(const Prober& prober) {
    const std::size_t before = prober.answered();
    return await(kPatience, [&] { return prober.answered() > before + 5; });
}

// --- TwoSidedBed

TwoSidedBed::TwoSidedBed()
    : lan("lan"), wan("wan"), r1("r1"), r2("r2"), pc("pc"), server("server"),
      lan_tap(with_bridge(lan), "br0", files.path() / "lan.pcap"),
      wan_tap(with_bridge(wan), "br0", files.path() / "wan.pcap") {
    r1.connect(lan, "eth0", "10.16.1.1", "02:00:00:16:00:01");
    r1.connect(wan, "eth1", "10.17.1.1", "02:00:00:17:00:01");
    r2.connect(lan, "eth0", "10.16.1.2", "02:00:00:16:00:02");
    r2.connect(wan, "eth1", "10.17.1.2", "02:00:00:17:00:02");
    pc.connect(lan, "eth0", "10.16.1.50", "02:00:00:16:00:50");
    server.connect(wan, "eth0", "10.17.1.60", "02:00:00:17:00:60");
    pc.space().must(std::string("ip route add default via ") + kLanAddress);
    server.space().must(std::string("ip route add default via ") + kWanAddress);
}

TwoSidedBed::Sides TwoSidedBed::start_group(const Gateway& gateway, const std::string& options) const {
    const std::string fast = " --protocol 3 -d 0.2 -M 2 " + options;
    return {gateway.vrrpd("-i eth0 10.16.1.200 -v 51" + fast),
            gateway.vrrpd("-i eth1 10.17.1.200 -v 52" + fast)};
}

void TwoSidedBed::start_groups() {
    groups.push_back(start_group(r1, "-p 150"));
    REQUIRE(await(kPatience, [&] { return r1.leads(); }));
    groups.push_back(start_group(r2, "")); // not earlier: on a busy machine it could be the first to speak
    INFO(groups[0].lan.output() << groups[0].wan.output());
    const auto has_heard = [&](int vrid) {
        const nlohmann::json one = r2.router(vrid);
        return !one.is_null() && one["master"].is_object();
    };
    REQUIRE(await(kPatience, [&] { return r1.leads() && r2.stands_by() && has_heard(51) && has_heard(52); }));
}

void TwoSidedBed::unplug(const Gateway& gateway, const std::string& interface) const {
    gateway.unplug(network(interface), interface);
}

void TwoSidedBed::plug(const Gateway& gateway, const std::string& interface) const {
    gateway.plug(network(interface), interface);
}

} // namespace vrrp::live

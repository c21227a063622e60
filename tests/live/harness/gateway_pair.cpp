#include "tests/live/harness/gateway_pair.hpp"
#include "tests/binaries.hpp"

#include <catch2/catch.hpp>
#include <sstream>

namespace vrrp::live {

RouterHost::RouterHost(const Namespace& lan, const std::string& name, const std::string& address,
                       const std::string& mac)
    : lan_(lan), space_(name), address_(IpAddress::parse(address).value()),
      mac_(MacAddress::parse(mac).value()), port_("p-" + name) {
    make_interface();
}

void RouterHost::make_interface() const {
    lan_.must("ip link add " + port_ + " type veth peer name eth0 netns " + space_.name());
    lan_.must("ip link set " + port_ + " master br0 up");
    const std::string last = std::to_string(address_.bytes()[3]);
    // Link-local addresses without duplicate address detection: a test does not wait two seconds for them.
    space_.must("sysctl -qw net.ipv6.conf.eth0.accept_dad=0 net.ipv6.conf.eth0.router_solicitations=0; "
                "ip link set eth0 address " +
                to_string(mac_) + " up; ip addr add " + to_string(address_) +
                "/24 dev eth0; ip -6 addr add fd99::" + last + "/64 dev eth0 nodad");
}

Process& RouterHost::start(const std::string& arguments) {
    std::vector<std::string> argv{kVrrpdBinary, "--foreground", "-f", directory().string()};
    std::istringstream words(arguments);
    for (std::string word; words >> word;)
        argv.push_back(word);
    process_ = std::make_unique<Process>(space_, argv);
    return *process_;
}

nlohmann::json RouterHost::status() const {
    const CommandResult asked =
        run_command(std::string(kAtroposBinary) + " --json -f " + directory().string());
    const bool told = asked.status == 0 || asked.status == 4; // 4: it is not well
    return told ? nlohmann::json::parse(asked.output) : nlohmann::json();
}

nlohmann::json RouterHost::state() const {
    const nlohmann::json all = status();
    return all.is_null() ? nlohmann::json() : all["virtual_routers"][0];
}

bool RouterHost::is(const std::string& wanted) const {
    const nlohmann::json now = state();
    return !now.is_null() && now["state"] == wanted;
}

bool RouterHost::holds(const std::string& address) const {
    return space_.must("ip -o addr").find(" " + address + "/") != std::string::npos;
}

// ip complains of other tests' namespaces that go meanwhile: what it says beside its answer is none.
std::string RouterHost::machine() const {
    return space_.must("ip -o addr 2>/dev/null | awk '{print $2, $4}'; "
                       "ip -o link 2>/dev/null | awk -F: '{print $2}'; "
                       "sysctl net.ipv4.conf.all.arp_ignore; grep . /proc/sys/net/ipv4/conf/*/arp_*");
}

std::string RouterHost::files() const {
    return run_command("ls -A " + directory().string()).output;
}

namespace {

const Namespace& with_bridge(const Namespace& lan) {
    lan.must("ip link add br0 type bridge stp_state 0 mcast_snooping 0 && ip link set br0 up");
    return lan;
}

} // namespace

GatewayPair::GatewayPair()
    : lan("lan"), r1(with_bridge(lan), "r1", "10.99.0.1", "02:00:00:00:00:01"),
      r2(lan, "r2", "10.99.0.2", "02:00:00:00:00:02"), host(lan, "h", "10.99.0.100", "02:00:00:00:00:64"),
      tap(lan, "br0", files.path() / "wire.pcap") {}

void GatewayPair::split(bool on) const {
    for (const RouterHost* router : {&r1, &r2})
        lan.must("bridge link set dev " + router->port() + " isolated " + (on ? "on" : "off"));
}

std::string GatewayPair::host_knows(const std::string& address) const {
    std::istringstream words(host.space().must("ip neigh show " + address));
    for (std::string word; words >> word;)
        if (word == "lladdr" && words >> word) return word;
    return {};
}

} // namespace vrrp::live

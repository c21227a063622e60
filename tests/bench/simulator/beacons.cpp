// How fast is the whole simulator? Beacons: on every segment the first `senders` machines multicast an
// advertisement every second; every other machine of the segment receives it through switch and kernel into a
// real vrrpd, which decodes it, follows it as a backup and re-arms its Master_Down_Timer. Nothing is random.
// Each row runs in a process of its own, so that its peak memory is its own.
#include "core/wire/encode.hpp"
#include "netsim/world.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace vrrp;
using namespace vrrp::sim;
using namespace std::chrono_literals;

constexpr Duration kInterval = 1s;

struct Workload {
    unsigned segments, nodes, senders;
};

class Beacon final : public Actor {
  public:
    Beacon(EventQueue& queue, Node& node, Duration phase, const IpAddress& source)
        : queue_(queue), node_(node) {
        const std::uint8_t address[] = {10, 0, 255, 254};
        wire::Advertisement advertisement;
        advertisement.version = wire::Version::v3;
        advertisement.vrid = 51;
        advertisement.priority = 200;
        advertisement.interval = kInterval;
        advertisement.addresses = wire::AddressList(IpFamily::v4, address);
        advertisement.source = source;
        advertisement.source_mac = wire::virtual_mac(IpFamily::v4, 51);
        advertisement.checksum_form = wire::ChecksumForm::with_pseudo_header;
        frame_.resize(wire::encoded_size(advertisement));
        wire::encode(advertisement, frame_);
        queue_.push(queue_.now() + phase, EventClass::timer, *this);
    }

    void on_event(const QueueEvent&) override {
        node_.kernel().send(0, frame_);
        queue_.push(queue_.now() + kInterval, EventClass::timer, *this);
    }

  private:
    EventQueue& queue_;
    Node& node_;
    std::vector<std::uint8_t> frame_;
};

RouterConfig backup() {
    VirtualRouterConfig one;
    one.interface = "eth0";
    one.vrid = 51;
    one.version = wire::Version::v3;
    one.addresses = {*IpPrefix::parse("10.0.255.254/32")};
    one.advertisement_interval = kInterval;
    return {{one}};
}

void build(World& world, std::deque<Beacon>& beacons, const Workload& workload) {
    const unsigned senders = workload.segments * workload.senders;
    for (unsigned segment = 0; segment < workload.segments; ++segment) {
        Switch& network = world.add_network(fmt::format("lan{}", segment));
        for (unsigned node = 0; node < workload.nodes; ++node) {
            const unsigned host = node + 1;
            const auto address =
                IpAddress::v4({10, 0, static_cast<std::uint8_t>(host >> 8), static_cast<std::uint8_t>(host)});
            Node& router = world.add_node(fmt::format("r{}.{}", segment, node));
            router.add_interface("eth0", network, {{address, 16}});
            // A lone sender hears nobody: a vrrpd on it would become master, and send too.
            if (workload.senders > 1 || node != 0) world.add_process(router, backup());
            if (node >= workload.senders) continue;
            const auto index = static_cast<Duration::rep>(beacons.size());
            beacons.emplace_back(world.queue(), router, index * kInterval / senders, address);
        }
    }
    // The beacons are no routers of this world.
    world.switch_off(Invariant::no_master);
}

long peak_kib() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) return std::stol(line.substr(6));
    return 0;
}

std::vector<const Router*> routers(World& world) {
    std::vector<const Router*> all;
    for (const Node& node : world.nodes())
        for (const auto& process : node.processes())
            all.push_back(process->router());
    return all;
}

std::uint64_t deliveries(World& world) {
    std::uint64_t sum = 0;
    for (const Router* router : routers(world))
        sum += router->virtual_routers()[0].counters().advertisements_received;
    return sum;
}

bool all_backups(World& world) {
    return std::ranges::all_of(routers(world), [](const Router* router) {
        return router->virtual_routers()[0].state() == State::backup;
    });
}

int run(const Workload& workload) {
    constexpr std::uint64_t kDeliveries = 6'000'000;
    World world(1);
    std::deque<Beacon> beacons;
    build(world, beacons, workload);
    world.start();
    const std::uint64_t a_second = std::uint64_t{workload.segments} * workload.senders * (workload.nodes - 1);
    const auto seconds = static_cast<Duration::rep>(std::max<std::uint64_t>(5, kDeliveries / a_second));
    const auto begin = std::chrono::steady_clock::now();
    world.run_until(kStart + seconds * 1s);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    if (!all_backups(world)) {
        fmt::print(stderr, "a router did not stay backup: the figures mean nothing\n");
        return 1;
    }
    const auto delivered = static_cast<double>(deliveries(world));
    fmt::print("{:>8} {:>6} {:>8} {:>10} {:>14.2f} {:>18.2f} {:>14.0f} {:>12.1f}\n", workload.segments,
               workload.nodes, workload.senders, seconds,
               static_cast<double>(world.queue().events_run()) / took.count() / 1e6,
               delivered / took.count() / 1e6, took.count() * 1e9 / delivered,
               static_cast<double>(peak_kib()) / 1024);
    return 0;
}

} // namespace

int main() {
    fmt::print("{:>8} {:>6} {:>8} {:>10} {:>14} {:>18} {:>14} {:>12}\n", "segments", "nodes", "senders",
               "simulated s", "million ev/s", "million deliv/s", "ns/delivery", "peak MiB");
    std::fflush(stdout);
    int worst = 0;
    for (const Workload workload :
         {Workload{1, 10, 10}, {1, 50, 50}, {1, 100, 100}, {1, 1000, 1000}, {100, 3, 1}, {1000, 3, 1}}) {
        const pid_t child = ::fork();
        if (child == 0) {
            const int status = run(workload);
            std::fflush(stdout);
            ::_exit(status);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        worst = std::max(worst, WEXITSTATUS(status));
    }
    return worst;
}

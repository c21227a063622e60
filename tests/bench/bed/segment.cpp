#include "tests/bench/bed/segment.hpp"

#include <catch2/catch.hpp>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <net/if.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace vrrp::bench {
namespace {

constexpr int kHostNumber = 100;

// Both ways, as when a cable between two switches fails: what the machine says is not even learned from, and
// what is known of its port is kept.
constexpr const char* kIsolation = R"(table bridge bench {
  set isolated { type ifname; }
  chain in {
    type filter hook prerouting priority -300;
    iifname @isolated drop
  }
  chain out {
    type filter hook forward priority 0;
    oifname @isolated drop
  }
})";

// Without a process of its own: `ip` would need several milliseconds.
void set_up(const Namespace& space, const std::string& interface, bool up) {
    const Inside inside(space);
    const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    interface.copy(request.ifr_name, IFNAMSIZ - 1);
    const bool read = ::ioctl(socket, SIOCGIFFLAGS, &request) == 0;
    request.ifr_flags = static_cast<short>(up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
    const bool written = ::ioctl(socket, SIOCSIFFLAGS, &request) == 0;
    ::close(socket);
    REQUIRE((read && written));
}

} // namespace

Segment::Segment(int number)
    : number_(number), lan_(fmt::format("lan{}", number)), host_(fmt::format("h{}", number)) {
    lan_.must("ip link add br0 type bridge stp_state 0 mcast_snooping 0 && ip link set br0 up");
    lan_.must("nft '" + std::string(kIsolation) + "'");
    attach(host_, "h", kHostNumber);
}

std::string Segment::address(int last_byte) const {
    return fmt::format("10.99.{}.{}", number_, last_byte);
}

void Segment::attach(const Namespace& machine, const std::string& name, int machine_number) const {
    lan_.must(fmt::format("ip link add {} type veth peer name {} netns {} && ip link set {} master br0 up",
                          port(name), interface(), machine.name(), port(name)));
    machine.must(fmt::format("sysctl -qw net.ipv6.conf.{0}.accept_dad=0 "
                             "net.ipv6.conf.{0}.router_solicitations=0; "
                             "ip link set {0} address 02:00:00:00:{1:02x}:{2:02x} up; "
                             "ip addr add {3}/24 dev {0}",
                             interface(), number_, machine_number, address(machine_number)));
}

void Segment::cut(const std::string& machine, bool on) const {
    set_up(lan_, port(machine), !on);
}

void Segment::isolate(const std::string& machine, bool on) const {
    lan_.must(fmt::format("nft {} element bridge bench isolated '{{ \"{}\" }}'", on ? "add" : "delete",
                          port(machine)));
}

std::uint64_t Segment::frames_from(const std::string& machine) const {
    const Inside inside(lan_);
    std::ifstream table("/proc/thread-self/net/dev");
    for (std::string word; table >> word;) {
        std::uint64_t bytes = 0, frames = 0;
        if (word == port(machine) + ":" && table >> bytes >> frames) return frames;
    }
    FAIL("no port of " << machine);
    return 0;
}

} // namespace vrrp::bench

// What it costs to send one advertisement, by the capture's socket and by libtins' PacketSender; and what a
// PacketSender costs every other frame of the machine.
#include <array>
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>
#include <tins/packet_sender.h>
#include <tins/rawpdu.h>
#include <tins/sniffer.h>
#include <unistd.h>

namespace {

// Of the size that a version 2 advertisement of one address has.
constexpr std::array<std::uint8_t, 60> kFrame{0x01, 0, 0x5e, 0, 0, 18, 0, 0, 0x5e, 0, 1, 51, 0x08, 0};

// Two veth pairs in a network namespace of this process's own; nobody listens at their other ends.
bool make_network() {
    return ::unshare(CLONE_NEWNET) == 0 &&
           std::system("ip link add eth0 type veth peer name other0 && ip link set eth0 up && "
                       "ip link set other0 up && ip link add eth1 type veth peer name other1 && "
                       "ip link set eth1 up && ip link set other1 up") == 0;
}

sockaddr_ll place(const char* interface) {
    sockaddr_ll to{};
    to.sll_family = AF_PACKET;
    to.sll_ifindex = static_cast<int>(::if_nametoindex(interface));
    return to;
}

void pcap_inject(benchmark::State& state) {
    Tins::SnifferConfiguration configuration;
    configuration.set_immediate_mode(true);
    configuration.set_direction(PCAP_D_IN);
    configuration.set_filter("ip proto 112");
    Tins::Sniffer sniffer("eth0", configuration);
    for (auto _ : state)
        if (::pcap_inject(sniffer.get_pcap_handle(), kFrame.data(), kFrame.size()) < 0)
            state.SkipWithError("pcap_inject");
}
BENCHMARK(pcap_inject);

void packet_sender(benchmark::State& state) {
    Tins::PacketSender sender;
    sockaddr_ll to = place("eth0");
    for (auto _ : state) {
        Tins::RawPDU frame(kFrame.data(), static_cast<std::uint32_t>(kFrame.size()));
        sender.send_l2(frame, reinterpret_cast<sockaddr*>(&to), sizeof to, Tins::NetworkInterface());
    }
}
BENCHMARK(packet_sender);

// A frame of somebody else, on an interface where nothing is captured.
void another_frame(benchmark::State& state) {
    const int socket = ::socket(AF_PACKET, SOCK_RAW, 0);
    const sockaddr_ll to = place("eth1");
    for (auto _ : state)
        if (::sendto(socket, kFrame.data(), kFrame.size(), 0, reinterpret_cast<const sockaddr*>(&to),
                     sizeof to) < 0)
            state.SkipWithError("sendto");
    ::close(socket);
}
BENCHMARK(another_frame);

// The socket of a PacketSender is bound to no interface and takes a copy of every frame that goes or comes
// anywhere on the machine; nobody reads them.
void another_frame_beside_a_packet_sender(benchmark::State& state) {
    Tins::PacketSender sender;
    sender.open_l2_socket();
    another_frame(state);
}
BENCHMARK(another_frame_beside_a_packet_sender);

} // namespace

int main(int argc, char** argv) {
    if (!make_network()) return EXIT_FAILURE;
    ::benchmark::Initialize(&argc, argv);
    ::benchmark::RunSpecifiedBenchmarks();
    return EXIT_SUCCESS;
}

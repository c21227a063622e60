#include "backends/interfaces/capture.hpp"

#include "core/wire/advertisement.hpp"
#include "core/wire/headers/ip.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <pcap/pcap.h>
#include <sys/socket.h>
#include <tins/exceptions.h>
#include <unistd.h>

namespace vrrp::backend {
namespace {

// More than Ethernet carries, and with libpcap's header in half a page: a few bytes more and the ring, which
// counts as our memory, is twice as big.
constexpr unsigned kSnapLength = 1900;
// Room for the burst that 255 virtual routers make at one moment, and a little: it counts as our memory.
constexpr unsigned kBufferSize = 1 << 20;
// Frames in one go before timers and other interfaces have their turn: a flood must not delay an
// advertisement.
constexpr int kFramesAtOnce = 64;
// What drain() takes at most. A backlog beyond it is a flood, not the queue of a process that slept.
constexpr int kDrain = 1024;

template <typename Request>
int hold_membership(int family, int level, int option, const Request& request) {
    const int fd = ::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) (void)::setsockopt(fd, level, option, &request, sizeof request);
    return fd;
}

} // namespace

tl::expected<std::unique_ptr<Capture>, NicError> Capture::open(boost::asio::io_context& io,
                                                               const std::string& interface, int index,
                                                               const std::string& filter,
                                                               FrameHandler on_frame) {
    Tins::SnifferConfiguration configuration;
    configuration.set_snap_len(kSnapLength);
    configuration.set_buffer_size(kBufferSize);
    configuration.set_immediate_mode(true);
    configuration.set_direction(PCAP_D_IN); // ours are no rival's
    configuration.set_filter(filter);
    try {
        auto sniffer = std::make_unique<Tins::Sniffer>(interface, configuration);
        std::array<char, PCAP_ERRBUF_SIZE> message{};
        if (pcap_setnonblock(sniffer->get_pcap_handle(), 1, message.data()) != 0)
            return tl::unexpected(NicError{fmt::format("{}: {}", interface, message.data())});
        std::unique_ptr<Capture> capture(new Capture(io, std::move(sniffer), std::move(on_frame)));
        capture->join_groups(index);
        capture->wait();
        return capture;
    } catch (const Tins::exception_base& error) {
        return tl::unexpected(NicError{fmt::format("cannot capture on {}: {}", interface, error.what())});
    }
}

Capture::Capture(boost::asio::io_context& io, std::unique_ptr<Tins::Sniffer> sniffer, FrameHandler on_frame)
    : sniffer_(std::move(sniffer)), readable_(io, sniffer_->get_fd()), on_frame_(std::move(on_frame)) {}

Capture::~Capture() {
    readable_.release(); // the descriptor is libpcap's to close
    if (group_v4_ >= 0) ::close(group_v4_);
    if (group_v6_ >= 0) ::close(group_v6_);
}

// IGMP and MLD: switches that snoop forward a group only to who has joined it. Where a family is missing on
// the interface the join fails, and nobody would speak that family to us. Hosts ask all routers, which the kernel
// itself joins only where it forwards.
void Capture::join_groups(int index) {
    ip_mreqn v4{};
    std::memcpy(&v4.imr_multiaddr, wire::kGroupV4.bytes().data(), 4);
    v4.imr_ifindex = index;
    group_v4_ = hold_membership(AF_INET, IPPROTO_IP, IP_ADD_MEMBERSHIP, v4);
    ipv6_mreq v6{};
    std::memcpy(&v6.ipv6mr_multiaddr, wire::kGroupV6.bytes().data(), 16);
    v6.ipv6mr_interface = static_cast<unsigned>(index);
    group_v6_ = hold_membership(AF_INET6, IPPROTO_IPV6, IPV6_JOIN_GROUP, v6);
    std::memcpy(&v6.ipv6mr_multiaddr, wire::kAllRouters.bytes().data(), 16);
    if (group_v6_ >= 0) (void)::setsockopt(group_v6_, IPPROTO_IPV6, IPV6_JOIN_GROUP, &v6, sizeof v6);
}

NicResult Capture::send(BytesView frame) {
    pcap_t* handle = sniffer_->get_pcap_handle();
    if (pcap_inject(handle, frame.data(), frame.size()) >= 0) return {};
    return tl::unexpected(NicError{pcap_geterr(handle)});
}

void Capture::wait() {
    readable_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                         [this](boost::system::error_code error) {
                             if (error) return; // we are being destroyed
                             dispatch(kFramesAtOnce);
                             wait();
                         });
}

void Capture::drain() {
    dispatch(kDrain);
}

// An error is the interface going down or away: rtnetlink tells that, and a new capture is opened.
void Capture::dispatch(int at_most) {
    const auto handler = [](u_char* self, const pcap_pkthdr* header, const u_char* bytes) {
        reinterpret_cast<Capture*>(self)->on_frame_({bytes, header->caplen});
    };
    (void)pcap_dispatch(sniffer_->get_pcap_handle(), at_most, handler, reinterpret_cast<u_char*>(this));
}

} // namespace vrrp::backend

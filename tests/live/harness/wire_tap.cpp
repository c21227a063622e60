#include "tests/live/harness/wire_tap.hpp"

#include <array>
#include <catch2/catch.hpp>

namespace vrrp::live {

WireTap::WireTap(const Namespace& space, const std::string& interface, const std::filesystem::path& file,
                 const std::string& filter) {
    const Inside inside(space);
    std::array<char, PCAP_ERRBUF_SIZE> error{};
    capture_ = pcap_create(interface.c_str(), error.data());
    INFO(error.data());
    REQUIRE(capture_ != nullptr);
    pcap_set_snaplen(capture_, 2048);
    pcap_set_promisc(capture_, 1);
    pcap_set_immediate_mode(capture_, 1);
    // Two thousand bytes a frame, and some thousand frames while the test does something else.
    pcap_set_buffer_size(capture_, 16 << 20);
    REQUIRE(pcap_activate(capture_) >= 0);
    pcap_setnonblock(capture_, 1, error.data());
    bpf_program program{};
    REQUIRE(pcap_compile(capture_, &program, filter.c_str(), 1, PCAP_NETMASK_UNKNOWN) == 0);
    REQUIRE(pcap_setfilter(capture_, &program) == 0);
    pcap_freecode(&program);
    file_ = pcap_dump_open(capture_, file.c_str());
    REQUIRE(file_ != nullptr);
}

WireTap::~WireTap() {
    if (file_ != nullptr) pcap_dump_close(file_);
    if (capture_ != nullptr) pcap_close(capture_);
}

void WireTap::on_frame(u_char* self, const pcap_pkthdr* header, const u_char* bytes) {
    auto& tap = *reinterpret_cast<WireTap*>(self);
    const BytesView frame(bytes, header->caplen);
    const Duration time =
        std::chrono::seconds(header->ts.tv_sec) + std::chrono::microseconds(header->ts.tv_usec);
    pcap_dump(reinterpret_cast<u_char*>(tap.file_), header, bytes);
    if (auto advertisement = wire::decode(frame)) {
        advertisement->addresses = {};
        tap.advertisements_.push_back({time, *advertisement});
    } else if (const auto announcement = wire::decode_announcement(frame)) {
        tap.announcements_.push_back({time, *announcement});
    } else {
        tap.others_.emplace_back(frame.begin(), frame.end());
    }
}

void WireTap::take() {
    pcap_dispatch(capture_, -1, on_frame, reinterpret_cast<u_char*>(this));
}

const std::vector<WireTap::Seen>& WireTap::advertisements() {
    take();
    return advertisements_;
}

const std::vector<WireTap::SeenAnnouncement>& WireTap::announcements() {
    take();
    return announcements_;
}

bool WireTap::saw(const IpAddress& source, std::uint8_t priority, std::size_t count) {
    const auto is_it = [&](const Seen& seen) {
        return seen.advertisement.source == source && seen.advertisement.priority == priority;
    };
    return static_cast<std::size_t>(std::ranges::count_if(advertisements(), is_it)) >= count;
}

bool WireTap::announced(const IpAddress& address, const MacAddress& mac) {
    return std::ranges::count(announcements(), wire::Announcement{address, mac},
                              &SeenAnnouncement::announcement) != 0;
}

bool WireTap::saw_other(const std::function<bool(BytesView)>& is_it) {
    take();
    return std::ranges::any_of(others_, is_it);
}

void WireTap::inject(BytesView frame) {
    REQUIRE(pcap_inject(capture_, frame.data(), frame.size()) >= 0);
}

void WireTap::flush() {
    take();
    pcap_dump_flush(file_);
}

} // namespace vrrp::live

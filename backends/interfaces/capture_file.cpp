#include "backends/interfaces/capture_file.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <pcap/pcap.h>

namespace vrrp::backend {
namespace {

// A pcapng file may claim any 64-bit time; a Duration holds 292 years. Beyond this year of 2255, and before
// 1970, times are cut to leave room for differences.
constexpr std::int64_t kLatestSecond = 9'000'000'000;

Duration since_1970(const timeval& at) {
    const std::chrono::seconds seconds(std::clamp<std::int64_t>(at.tv_sec, 0, kLatestSecond));
    // The field is called microseconds; with the precision that we asked for it holds nanoseconds.
    return seconds + std::chrono::nanoseconds(at.tv_usec);
}

} // namespace

void CaptureFile::Closer::operator()(pcap* file) const {
    pcap_close(file);
}

tl::expected<CaptureFile, std::string> CaptureFile::open(const std::string& path) {
    std::array<char, PCAP_ERRBUF_SIZE> error{};
    std::unique_ptr<pcap, Closer> file(
        pcap_open_offline_with_tstamp_precision(path.c_str(), PCAP_TSTAMP_PRECISION_NANO, error.data()));
    if (!file) {
        // libpcap names the file only when it cannot open it.
        const std::string why = error.data();
        return tl::unexpected(why.starts_with(path) ? why : fmt::format("{}: {}", path, why));
    }
    if (const int link = pcap_datalink(file.get()); link != DLT_EN10MB) {
        const char* name = pcap_datalink_val_to_name(link);
        return tl::unexpected(fmt::format("{}: captured from {}; only Ethernet captures can be replayed",
                                          path, name != nullptr ? name : fmt::format("link type {}", link)));
    }
    return CaptureFile(path, std::move(file));
}

tl::expected<std::optional<CapturedFrame>, std::string> CaptureFile::next() {
    pcap_pkthdr* header = nullptr;
    const u_char* bytes = nullptr;
    const int result = pcap_next_ex(file_.get(), &header, &bytes);
    if (result == PCAP_ERROR_BREAK) return std::nullopt;
    if (result != 1)
        return tl::unexpected(
            fmt::format("{}: after frame {}: {}", path_, frames_, pcap_geterr(file_.get())));
    ++frames_;
    return CapturedFrame{frames_, since_1970(header->ts), BytesView(bytes, header->caplen)};
}

} // namespace vrrp::backend

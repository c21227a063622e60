#include "backends/capture_file.hpp"

#include <array>
#include <fmt/format.h>
#include <pcap/pcap.h>

namespace vrrp::backend {

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
    constexpr int kEnd = -2;
    pcap_pkthdr* header = nullptr;
    const u_char* bytes = nullptr;
    const int result = pcap_next_ex(file_.get(), &header, &bytes);
    if (result == kEnd) return std::nullopt;
    if (result != 1)
        return tl::unexpected(
            fmt::format("{}: after frame {}: {}", path_, frames_, pcap_geterr(file_.get())));
    ++frames_;
    // The field is called microseconds; with the precision that we asked for it holds nanoseconds.
    const Duration time =
        std::chrono::seconds(header->ts.tv_sec) + std::chrono::nanoseconds(header->ts.tv_usec);
    return CapturedFrame{frames_, time, BytesView(bytes, header->caplen)};
}

} // namespace vrrp::backend

#include "backends/interfaces/capture_file.hpp"

#include "backends/interfaces/link_frame.hpp"
#include "backends/interfaces/pcapng_reader.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <pcap/pcap.h>
#include <unistd.h>
#include <zlib.h>

namespace vrrp::backend {
namespace {

constexpr unsigned kBuffer = 256 << 10; // of a file of gigabytes

Duration since_1970(const timeval& at) {
    const std::chrono::seconds seconds(std::clamp<std::int64_t>(at.tv_sec, 0, kLatestSecond));
    // The field is called microseconds; with the precision that we asked for it holds nanoseconds.
    return seconds + std::chrono::nanoseconds(at.tv_usec);
}

// libpcap, which can read what zlib unpacks only through a FILE.
class PcapReader final : public CaptureReader {
  public:
    static tl::expected<std::unique_ptr<CaptureReader>, std::string> open(std::FILE* file) {
        std::array<char, PCAP_ERRBUF_SIZE> error{};
        pcap_t* const pcap =
            pcap_fopen_offline_with_tstamp_precision(file, PCAP_TSTAMP_PRECISION_NANO, error.data());
        if (pcap == nullptr) {
            std::fclose(file);
            return tl::unexpected(std::string(error.data()));
        }
        auto reader = std::make_unique<PcapReader>(pcap);
        if (const int link = pcap_datalink(pcap); !is_known_link(link)) {
            const char* name = pcap_datalink_val_to_name(link);
            return tl::unexpected(fmt::format(
                "captured from {}; captures of Ethernet, Linux cooked, raw IP and loopback can be replayed",
                name != nullptr ? name : fmt::format("link type {}", link)));
        }
        return reader;
    }

    explicit PcapReader(pcap_t* pcap) : pcap_(pcap) {}
    ~PcapReader() override { pcap_close(pcap_); }
    PcapReader(const PcapReader&) = delete;
    PcapReader& operator=(const PcapReader&) = delete;

    tl::expected<std::optional<CapturedRecord>, std::string> next() override {
        pcap_pkthdr* header = nullptr;
        const u_char* bytes = nullptr;
        const int result = pcap_next_ex(pcap_, &header, &bytes);
        if (result == PCAP_ERROR_BREAK) return std::nullopt;
        if (result != 1) return tl::unexpected(std::string(pcap_geterr(pcap_)));
        return CapturedRecord{.time = since_1970(header->ts),
                              .interface = 0,
                              .link_type = pcap_datalink(pcap_),
                              .wire_size = std::max(header->len, header->caplen),
                              .bytes = BytesView(bytes, header->caplen)};
    }

  private:
    pcap_t* pcap_;
};

// A file that zlib unpacks where it is packed, and whose first bytes were looked at.
struct Unpacking {
    gzFile file = nullptr;
    std::array<std::uint8_t, 4> first{};
    std::size_t first_size = 0, given = 0;

    static ssize_t read(void* self, char* into, std::size_t size) {
        Unpacking& one = *static_cast<Unpacking*>(self);
        if (one.given < one.first_size) {
            const std::size_t some = std::min(size, one.first_size - one.given);
            std::copy_n(one.first.begin() + static_cast<std::ptrdiff_t>(one.given), some, into);
            one.given += some;
            return static_cast<ssize_t>(some);
        }
        const int got = ::gzread(one.file, into, static_cast<unsigned>(std::min<std::size_t>(size, 1 << 20)));
        int code = Z_OK;
        (void)::gzerror(one.file, &code);
        const bool ends_too_early = got == 0 && code == Z_BUF_ERROR;
        if (got >= 0 && !ends_too_early) return got;
        errno = EIO;
        return -1;
    }
    static int close(void* self) {
        const std::unique_ptr<Unpacking> one(static_cast<Unpacking*>(self));
        return ::gzclose(one->file) == Z_OK ? 0 : EOF;
    }
};

tl::expected<std::unique_ptr<CaptureReader>, std::string> open_reader(const std::string& path) {
    const int descriptor = path == "-" ? ::dup(STDIN_FILENO) : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return tl::unexpected(std::string(std::strerror(errno)));
    auto unpacking = std::make_unique<Unpacking>();
    unpacking->file = ::gzdopen(descriptor, "rb");
    if (unpacking->file == nullptr) {
        ::close(descriptor);
        return tl::unexpected(std::string("out of memory"));
    }
    (void)::gzbuffer(unpacking->file, kBuffer);
    const int got = ::gzread(unpacking->file, unpacking->first.data(), unpacking->first.size());
    unpacking->first_size = static_cast<std::size_t>(std::max(got, 0));
    const auto begins_with = [&](const std::array<std::uint8_t, 4>& magic) {
        return unpacking->first_size == magic.size() && unpacking->first == magic;
    };
    const bool is_pcapng = begins_with({0x0a, 0x0d, 0x0d, 0x0a});
    const bool is_zstd = begins_with({0x28, 0xb5, 0x2f, 0xfd});
    std::FILE* const file = ::fopencookie(
        unpacking.get(), "r",
        {.read = Unpacking::read, .write = nullptr, .seek = nullptr, .close = Unpacking::close});
    if (file == nullptr) {
        ::gzclose(unpacking->file);
        return tl::unexpected(std::string("out of memory"));
    }
    (void)unpacking.release(); // the FILE closes it
    (void)std::setvbuf(file, nullptr, _IOFBF, kBuffer);
    if (is_zstd) {
        std::fclose(file);
        return tl::unexpected(
            std::string("it is packed by zstd: unpack it, zstd -dc FILE | vrrplab replay -"));
    }
    if (is_pcapng) return std::make_unique<PcapngReader>(file);
    return PcapReader::open(file);
}

} // namespace

tl::expected<CaptureFile, std::string> CaptureFile::open(const std::string& path) {
    auto reader = open_reader(path);
    if (!reader) return tl::unexpected(fmt::format("{}: {}", path, reader.error()));
    return CaptureFile(path, *std::move(reader));
}

tl::expected<std::optional<CapturedFrame>, std::string> CaptureFile::next() {
    for (;;) {
        const auto record = reader_->next();
        if (!record)
            return tl::unexpected(fmt::format("{}: after frame {}: {}", path_, frames_, record.error()));
        if (!*record) return std::nullopt;
        ++frames_;
        const CapturedRecord& one = **record;
        const auto bytes = as_ethernet(one.link_type, one.bytes, made_);
        if (!bytes) {
            ++unreadable_;
            continue;
        }
        const std::size_t missing = one.wire_size - one.bytes.size();
        return CapturedFrame{.number = frames_,
                             .time = one.time,
                             .interface = one.interface,
                             .wire_size = bytes->size() + missing,
                             .bytes = *bytes};
    }
}

} // namespace vrrp::backend

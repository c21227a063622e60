// Capture files, pcap and pcapng, through libpcap.
#pragma once

#include "core/net/bytes.hpp"
#include "core/net/time.hpp"

#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>

struct pcap;

namespace vrrp::backend {

struct CapturedFrame {
    std::uint64_t number = 0; // from 1, as Wireshark counts
    Duration time{};          // since the epoch of the capturing machine's wall clock
    BytesView bytes; // an Ethernet frame, as much of it as was captured; valid until the next one is read
};

class CaptureFile {
  public:
    // The error is a sentence: no such file, not a capture, not of Ethernet.
    static tl::expected<CaptureFile, std::string> open(const std::string& path);

    // Nothing at the end. An error where the file is damaged or cut: what was read before counts.
    tl::expected<std::optional<CapturedFrame>, std::string> next();

  private:
    struct Closer {
        void operator()(pcap* file) const;
    };
    CaptureFile(std::string path, std::unique_ptr<pcap, Closer> file)
        : path_(std::move(path)), file_(std::move(file)) {}

    std::string path_;
    std::unique_ptr<pcap, Closer> file_;
    std::uint64_t frames_ = 0;
};

} // namespace vrrp::backend

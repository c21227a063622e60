// Capture files: pcap by libpcap, pcapng by a reader of our own, since libpcap refuses interfaces that differ.
#pragma once

#include "core/net/bytes.hpp"
#include "core/net/time.hpp"

#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace vrrp::backend {

struct CapturedFrame {
    std::uint64_t number = 0;    // from 1, as Wireshark counts
    Duration time{};             // since the epoch of the capturing machine's wall clock
    std::uint32_t interface = 0; // of the capture, from 0, as Wireshark counts
    std::size_t wire_size = 0;   // what it had before the capture cut it
    // As an Ethernet frame, as much of it as was captured: of another link the header is made of what that says. Valid
    // until the next one is read.
    BytesView bytes;
    bool is_cut() const { return bytes.size() < wire_size; }
};

// A file may claim any time; a Duration holds 292 years. Before 1970, and beyond this year of 2255, times are cut to leave
// room for differences.
inline constexpr std::int64_t kLatestSecond = 9'000'000'000;

// One record of a capture, in the words of its link.
struct CapturedRecord {
    Duration time{};
    std::uint32_t interface = 0;
    int link_type = 0; // as pcap files number them
    std::size_t wire_size = 0;
    BytesView bytes;
};

// Whatever the file's format is.
class CaptureReader {
  public:
    virtual ~CaptureReader() = default;
    // Nothing at the end. The error is what is wrong with the file.
    virtual tl::expected<std::optional<CapturedRecord>, std::string> next() = 0;
};

// Ethernet, Linux cooked (both versions), raw IP, loopback; compressed by gzip or not.
class CaptureFile {
  public:
    // "-" is standard input. The error is a sentence: no such file, not a capture, of a link that cannot be read.
    static tl::expected<CaptureFile, std::string> open(const std::string& path);

    // Nothing at the end. An error where the file is damaged or cut: what was read before counts.
    tl::expected<std::optional<CapturedFrame>, std::string> next();

    // Of links that cannot be read; they have their numbers all the same.
    std::uint64_t unreadable() const { return unreadable_; }

  private:
    CaptureFile(std::string path, std::unique_ptr<CaptureReader> reader)
        : path_(std::move(path)), reader_(std::move(reader)) {}

    std::string path_;
    std::unique_ptr<CaptureReader> reader_;
    std::uint64_t frames_ = 0, unreadable_ = 0;
    std::vector<std::uint8_t> made_; // the frame that was made last
};

} // namespace vrrp::backend

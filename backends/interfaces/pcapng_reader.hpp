// pcapng files: draft-ietf-opsawg-pcapng. Sections of either byte order, each with its own interfaces.
#pragma once

#include "backends/interfaces/capture_file.hpp"

#include <cstdio>
#include <vector>

namespace vrrp::backend {

class PcapngReader final : public CaptureReader {
  public:
    // Precondition: the file begins with a section's header, of which nothing has been read.
    explicit PcapngReader(std::FILE* file) : file_(file) {}
    ~PcapngReader() override { std::fclose(file_); }
    PcapngReader(const PcapngReader&) = delete;
    PcapngReader& operator=(const PcapngReader&) = delete;

    tl::expected<std::optional<CapturedRecord>, std::string> next() override;

  private:
    struct Interface {
        int link_type = 0;
        std::uint32_t snap_length = 0; // 0: without a bound
        std::uint8_t resolution = 6;   // of times: 10^-n, or 2^-n with the first bit set
        std::int64_t offset = 0;       // of times, in seconds
    };
    using Result = tl::expected<std::optional<CapturedRecord>, std::string>;

    // False at the end of the file.
    tl::expected<bool, std::string> read_block();
    tl::expected<void, std::string> begin_section();
    tl::expected<void, std::string> add_interface();
    void read_options(BytesView options, Interface& interface) const;
    Result packet(std::uint32_t interface, std::uint64_t ticks, std::size_t wire_size, std::size_t size,
                  std::size_t at) const;
    Result enhanced_packet() const;
    Result obsolete_packet() const;
    Result simple_packet() const;

    std::uint16_t u16(std::size_t at) const;
    std::uint32_t u32(std::size_t at) const;

    std::FILE* file_;
    bool big_endian_ = false;
    std::uint32_t type_ = 0;
    std::vector<std::uint8_t> body_; // of the block that was read last
    std::vector<Interface> interfaces_;
    std::size_t first_of_section_ = 0; // of interfaces_
};

} // namespace vrrp::backend

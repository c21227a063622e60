#include "backends/interfaces/pcapng_reader.hpp"

#include <array>
#include <fmt/format.h>
#include <limits>

namespace vrrp::backend {
namespace {

constexpr std::uint32_t kSection = 0x0a0d0d0a, kInterface = 1, kObsoletePacket = 2, kSimplePacket = 3,
                        kEnhancedPacket = 6;
constexpr std::uint32_t kByteOrder = 0x1a2b3c4d;
constexpr std::size_t kMaxBlock = 64 << 20; // more is no packet
constexpr std::size_t kMaxInterfaces = 1 << 16;
constexpr std::uint16_t kResolution = 9, kOffset = 14; // options of an interface

std::uint32_t swapped(std::uint32_t value) {
    return __builtin_bswap32(value);
}

std::uint32_t native(const std::uint8_t* at) {
    std::uint32_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return value;
}

tl::unexpected<std::string> damaged(const char* what) {
    return tl::unexpected(fmt::format("the file is damaged: {}", what));
}

// Cut to what a Duration can hold with room for differences: years 1970 to 2255.
Duration since_1970(std::uint64_t ticks, std::uint8_t resolution, std::int64_t offset) {
    constexpr std::int64_t kNanos = 1'000'000'000;
    std::uint64_t seconds = 0, nanoseconds = 0;
    const unsigned power = resolution & 0x7f;
    if ((resolution & 0x80) != 0) {
        if (power > 63) return {};
        seconds = ticks >> power;
        const std::uint64_t rest = ticks - (seconds << power);
        nanoseconds = static_cast<std::uint64_t>(static_cast<double>(rest) /
                                                 static_cast<double>(1ull << power) * kNanos);
    } else {
        if (power > 19) return {};
        std::uint64_t unit = 1;
        for (unsigned i = 0; i < power; ++i)
            unit *= 10;
        seconds = ticks / unit;
        const std::uint64_t rest = ticks % unit;
        nanoseconds = unit <= kNanos ? rest * (kNanos / unit) : rest / (unit / kNanos);
    }
    const auto whole = static_cast<std::int64_t>(std::min<std::uint64_t>(seconds, kLatestSecond));
    const std::int64_t bounded = std::clamp<std::int64_t>(offset, -kLatestSecond, kLatestSecond);
    return std::chrono::seconds(std::clamp<std::int64_t>(whole + bounded, 0, kLatestSecond)) +
           std::chrono::nanoseconds(nanoseconds);
}

} // namespace

std::uint16_t PcapngReader::u16(std::size_t at) const {
    std::uint16_t value = 0;
    std::memcpy(&value, &body_[at], sizeof value);
    return big_endian_ ? __builtin_bswap16(value) : value;
}

std::uint32_t PcapngReader::u32(std::size_t at) const {
    const std::uint32_t value = native(&body_[at]);
    return big_endian_ ? swapped(value) : value;
}

// Type, size, body, and the size again. The byte order of a section's header stands in its body.
tl::expected<bool, std::string> PcapngReader::read_block() {
    std::array<std::uint8_t, 8> head{};
    const std::size_t got = std::fread(head.data(), 1, head.size(), file_);
    if (got == 0 && std::ferror(file_) == 0) return false;
    if (got != head.size()) return damaged("it ends within a block");
    type_ = native(head.data());
    std::array<std::uint8_t, 4> order{};
    std::size_t ahead = 0;
    if (type_ == kSection) { // the same in both orders
        if (std::fread(order.data(), 1, order.size(), file_) != order.size())
            return damaged("it ends within a section's header");
        ahead = order.size();
        if (native(order.data()) != kByteOrder && native(order.data()) != swapped(kByteOrder))
            return damaged("a section has no byte order");
        big_endian_ = native(order.data()) == swapped(kByteOrder);
    }
    if (big_endian_) type_ = swapped(type_);
    if (native(head.data()) == kSection) type_ = kSection;
    const std::uint32_t size = big_endian_ ? swapped(native(&head[4])) : native(&head[4]);
    constexpr std::size_t kAround = 12;
    if (size < kAround + ahead || size % 4 != 0 || size > kMaxBlock)
        return damaged("a block's size is wrong");
    body_.resize(size - kAround);
    std::copy_n(order.begin(), ahead, body_.begin());
    const std::size_t left = body_.size() - ahead;
    if (std::fread(body_.data() + ahead, 1, left, file_) != left) return damaged("it ends within a block");
    std::array<std::uint8_t, 4> again{};
    if (std::fread(again.data(), 1, again.size(), file_) != again.size())
        return damaged("it ends within a block");
    if (native(again.data()) != native(&head[4])) return damaged("a block's two sizes differ");
    return true;
}

tl::expected<void, std::string> PcapngReader::begin_section() {
    if (body_.size() < 16) return damaged("a section's header is too short");
    if (u16(4) != 1) return tl::unexpected(fmt::format("pcapng of version {} is not known", u16(4)));
    first_of_section_ = interfaces_.size();
    return {};
}

void PcapngReader::read_options(BytesView options, Interface& interface) const {
    const std::uint8_t* const first = body_.data();
    while (options.size() >= 4) {
        const auto at = static_cast<std::size_t>(options.data() - first);
        const std::uint16_t code = u16(at);
        const std::size_t size = u16(at + 2), padded = (size + 3) / 4 * 4;
        if (code == 0 || options.size() < 4 + padded) return;
        if (code == kResolution && size == 1) interface.resolution = options[4];
        if (code == kOffset && size == 8) {
            const std::uint64_t low = u32(big_endian_ ? at + 8 : at + 4),
                                high = u32(big_endian_ ? at + 4 : at + 8);
            interface.offset = static_cast<std::int64_t>(high << 32 | low);
        }
        options = options.subspan(4 + padded);
    }
}

tl::expected<void, std::string> PcapngReader::add_interface() {
    if (body_.size() < 8) return damaged("an interface's block is too short");
    if (interfaces_.size() == kMaxInterfaces) return damaged("it has too many interfaces");
    Interface interface { .link_type = u16(0), .snap_length = u32(4) };
    read_options(BytesView(body_).subspan(8), interface);
    interfaces_.push_back(interface);
    return {};
}

PcapngReader::Result PcapngReader::packet(std::uint32_t interface, std::uint64_t ticks, std::size_t wire_size,
                                          std::size_t size, std::size_t at) const {
    const std::size_t place = first_of_section_ + interface;
    if (interface >= interfaces_.size() - first_of_section_) return damaged("a packet is of no interface");
    if (size > body_.size() - at) return damaged("a packet is longer than its block");
    const Interface& known = interfaces_[place];
    return CapturedRecord{.time = since_1970(ticks, known.resolution, known.offset),
                          .interface = static_cast<std::uint32_t>(place),
                          .link_type = known.link_type,
                          .wire_size = std::max(wire_size, size),
                          .bytes = BytesView(body_).subspan(at, size)};
}

PcapngReader::Result PcapngReader::enhanced_packet() const {
    if (body_.size() < 20) return damaged("a packet's block is too short");
    return packet(u32(0), std::uint64_t{u32(4)} << 32 | u32(8), u32(16), u32(12), 20);
}

PcapngReader::Result PcapngReader::obsolete_packet() const {
    if (body_.size() < 20) return damaged("a packet's block is too short");
    return packet(u16(0), std::uint64_t{u32(4)} << 32 | u32(8), u32(16), u32(12), 20);
}

// It has no time, and its captured size follows from the interface's bound.
PcapngReader::Result PcapngReader::simple_packet() const {
    if (body_.size() < 4) return damaged("a packet's block is too short");
    if (interfaces_.size() == first_of_section_) return damaged("a packet is of no interface");
    const std::uint32_t bound = interfaces_[first_of_section_].snap_length;
    const std::size_t wire_size = u32(0);
    const std::size_t size =
        std::min(bound == 0 ? wire_size : std::min<std::size_t>(wire_size, bound), body_.size() - 4);
    return packet(0, 0, wire_size, size, 4);
}

PcapngReader::Result PcapngReader::next() {
    for (;;) {
        const auto read = read_block();
        if (!read) return tl::unexpected(read.error());
        if (!*read) return std::nullopt;
        tl::expected<void, std::string> done;
        switch (type_) {
        case kSection: done = begin_section(); break;
        case kInterface: done = add_interface(); break;
        case kEnhancedPacket: return enhanced_packet();
        case kObsoletePacket: return obsolete_packet();
        case kSimplePacket: return simple_packet();
        default: break; // names, statistics, what others have invented
        }
        if (!done) return tl::unexpected(done.error());
    }
}

} // namespace vrrp::backend

#include "tests/bench/hostile/bad_frames.hpp"

#include "core/wire/encode.hpp"
#include "core/wire/headers/ethernet.hpp"
#include "core/wire/headers/ip.hpp"
#include "core/wire/headers/vrrp.hpp"

namespace vrrp::bench {
namespace {

using namespace wire;

constexpr std::size_t kIp = EthernetView::kSize, kMessage = kIp + Ipv4View::kSize;

Frame with_ttl(Frame frame, std::uint8_t ttl) {
    frame[kIp + Ipv4View::At::ttl] = ttl;
    Ipv4View::write_checksum(&frame[kIp]);
    return frame;
}

Frame cut_to(Frame frame, std::size_t message_size) {
    frame.resize(kMessage + message_size);
    store_be16(&frame[kIp + Ipv4View::At::total_size],
               static_cast<std::uint16_t>(Ipv4View::kSize + message_size));
    Ipv4View::write_checksum(&frame[kIp]);
    return frame;
}

// One byte of the message, and the checksum with it, whatever it covers (RFC 1624, equation 3).
Frame with_byte(Frame frame, std::size_t at, std::uint8_t value) {
    const std::size_t word = kMessage + at / 2 * 2, sum = kMessage + VrrpView::At::checksum;
    const std::uint16_t before = load_be16(&frame[word]);
    frame[kMessage + at] = value;
    std::uint32_t mended = static_cast<std::uint16_t>(~load_be16(&frame[sum]));
    mended += static_cast<std::uint16_t>(~before);
    mended += load_be16(&frame[word]);
    mended = (mended & 0xffff) + (mended >> 16);
    mended = (mended & 0xffff) + (mended >> 16);
    store_be16(&frame[sum], static_cast<std::uint16_t>(~mended));
    return frame;
}

Frame with_wrong_checksum(Frame frame) {
    frame[kMessage + VrrpView::At::checksum] ^= 0x55;
    return frame;
}

} // namespace

std::vector<Frame> bad_frames(const Dialect& dialect, const IpAddress& source, std::uint8_t vrid,
                              const IpAddress& gateway) {
    Advertisement advertisement;
    advertisement.version = dialect.version;
    advertisement.vrid = vrid;
    advertisement.priority = 250;
    advertisement.interval = dialect.interval;
    advertisement.addresses = AddressList(IpFamily::v4, gateway.bytes());
    advertisement.source = source;
    advertisement.source_mac = virtual_mac(IpFamily::v4, vrid);
    advertisement.checksum_form = ChecksumForm::with_pseudo_header;
    Frame good(encoded_size(advertisement));
    encode(advertisement, good);

    const auto version = static_cast<std::uint8_t>(dialect.version);
    const auto byte = [](int value) { return static_cast<std::uint8_t>(value); };
    return {with_wrong_checksum(good),
            with_ttl(good, 254),
            with_byte(good, VrrpView::At::version_and_type, byte(7 << 4 | kTypeAdvertisement)),
            with_byte(good, VrrpView::At::version_and_type, byte(version << 4 | 2)),
            with_byte(good, VrrpView::At::vrid, byte(vrid ^ 0x40)),
            with_byte(good, VrrpView::At::count, 0),
            cut_to(good, 4)};
}

} // namespace vrrp::bench

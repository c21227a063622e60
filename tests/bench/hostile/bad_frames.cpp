#include "tests/bench/hostile/bad_frames.hpp"

#include "core/net/checksum.hpp"
#include "core/wire/encode.hpp"
#include "core/wire/frame_layout.hpp"

namespace vrrp::bench {
namespace {

using namespace wire;

constexpr std::size_t kIp = kEthernetSize, kMessage = kEthernetSize + kIpv4Size;

void mend_ip_header(Frame& frame) {
    store_be16(&frame[kIp + 10], 0);
    store_be16(&frame[kIp + 10], InternetChecksum().add({&frame[kIp], kIpv4Size}).value());
}

Frame with_ttl(Frame frame, std::uint8_t ttl) {
    frame[kIp + 8] = ttl;
    mend_ip_header(frame);
    return frame;
}

Frame cut_to(Frame frame, std::size_t message_size) {
    frame.resize(kMessage + message_size);
    store_be16(&frame[kIp + 2], static_cast<std::uint16_t>(kIpv4Size + message_size));
    mend_ip_header(frame);
    return frame;
}

// One byte of the message, and the checksum with it, whatever it covers (RFC 1624, equation 3).
Frame with_byte(Frame frame, std::size_t at, std::uint8_t value) {
    const std::size_t word = kMessage + at / 2 * 2, sum = kMessage + 6;
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
    frame[kMessage + 6] ^= 0x55;
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
            with_byte(good, 0, byte(7 << 4 | kTypeAdvertisement)),
            with_byte(good, 0, byte(version << 4 | 2)),
            with_byte(good, 1, byte(vrid ^ 0x40)),
            with_byte(good, 3, 0),
            cut_to(good, 4)};
}

} // namespace vrrp::bench

#include "tests/fuzz/frame_mutator.hpp"

#include "backends/interfaces/capture_file.hpp"
#include "core/net/checksum.hpp"
#include "core/wire/frame_layout.hpp"
#include "tests/unit/test_bed.hpp"

#include <filesystem>

namespace vrrp::fuzz {
namespace {

using namespace wire;

void mend_ipv6_checksum(Frame& frame) {
    if (frame.size() < kEthernetSize + kIpv6Size + kVrrpFixedSize) return;
    const std::uint8_t* ip = &frame[kEthernetSize];
    std::uint8_t* message = &frame[kEthernetSize + kIpv6Size];
    const std::size_t size = load_be16(ip + 4);
    if (size < kVrrpFixedSize || frame.size() < kEthernetSize + kIpv6Size + size) return;
    store_be16(message + 6, 0);
    InternetChecksum sum;
    sum.add({message, size}).add({ip + 8, 32}).add16(static_cast<std::uint16_t>(size)).add16(kProtocolVrrp);
    store_be16(message + 6, sum.value());
}

void mend_ipv4_checksums(Frame& frame) {
    if (frame.size() < kEthernetSize + kIpv4Size) return;
    std::uint8_t* ip = &frame[kEthernetSize];
    const std::size_t header = std::size_t{ip[0] & 0x0fu} * 4, total = load_be16(ip + 2);
    if (header < kIpv4Size || total < header + kVrrpFixedSize || frame.size() < kEthernetSize + total) return;
    store_be16(ip + 10, 0);
    store_be16(ip + 10, InternetChecksum().add({ip, header}).value());
    std::uint8_t* message = ip + header + (ip[9] == kProtocolAh ? kAuthenticationHeaderSize : 0);
    if (message + kVrrpFixedSize > ip + total) return;
    store_be16(message + 6, 0);
    const auto size = static_cast<std::size_t>(ip + total - message);
    store_be16(message + 6, InternetChecksum().add({message, size}).value());
}

// 802.1Q frames are left with their wrong sums.
void mend_checksums(Frame& frame) {
    if (frame.size() < kEthernetSize) return;
    const std::uint16_t ether_type = load_be16(&frame[12]);
    if (ether_type == kEtherTypeIpv4) mend_ipv4_checksums(frame);
    if (ether_type == kEtherTypeIpv6 && frame.size() > 20 && frame[20] == kProtocolVrrp)
        mend_ipv6_checksum(frame);
}

void change_somewhere(Frame& frame, Dice& dice) {
    constexpr std::uint8_t kTelling[] = {0, 1, 2, 3, 4, 6, 8, 51, 112, 127, 128, 224, 254, 255};
    if (frame.empty()) return;
    const std::size_t at = dice.below(frame.size());
    switch (dice.below(5)) {
    case 0: frame[at] ^= static_cast<std::uint8_t>(1u << dice.below(8)); break;
    case 1: frame[at] = static_cast<std::uint8_t>(dice.roll()); break;
    case 2: frame[at] = kTelling[dice.below(std::size(kTelling))]; break;
    case 3: frame.resize(at); break;
    default: frame.insert(frame.begin() + static_cast<std::ptrdiff_t>(at), dice.below(9), 0); break;
    }
}

// No mutation finds a count of 0 with the length that fits it.
Frame without_addresses(Frame frame) {
    constexpr std::size_t kMessage = kEthernetSize + kIpv4Size, kAddress = kMessage + kVrrpFixedSize;
    frame.erase(frame.begin() + kAddress, frame.begin() + kAddress + 4);
    frame[kMessage + 3] = 0;
    store_be16(&frame[kEthernetSize + 2], static_cast<std::uint16_t>(frame.size() - kEthernetSize));
    mend_checksums(frame);
    return frame;
}

} // namespace

std::uint64_t Dice::roll() {
    std::uint64_t x = state_ += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

std::vector<Frame> corpus() {
    std::vector<Frame> frames;
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(CAPTURES))
        if (entry.path().extension() == ".pcap") files.push_back(entry.path());
    std::ranges::sort(files);
    for (const auto& path : files) {
        auto file = backend::CaptureFile::open(path.string());
        REQUIRE(file);
        for (auto frame = file->next(); frame && *frame; frame = file->next())
            if (decode((*frame)->bytes) || decode_announcement((*frame)->bytes))
                frames.emplace_back((*frame)->bytes.begin(), (*frame)->bytes.end());
    }
    for (const VirtualRouterConfig& config : {test::gateway(), test::gateway_v3(), test::gateway_v6()}) {
        const test::Peer peer{.address = test::ip(config.family == IpFamily::v6 ? "fe80::1" : "10.0.0.1"),
                              .config = config};
        for (const unsigned priority : {0u, 1u, 100u, 150u, 255u})
            frames.push_back(peer.frame(static_cast<std::uint8_t>(priority)));
    }
    frames.push_back(without_addresses(test::Peer{}.frame(100)));
    return frames;
}

Frame mutate(const std::vector<Frame>& corpus, Dice& dice) {
    Frame frame = corpus[dice.below(corpus.size())];
    for (std::size_t changes = 1 + dice.below(4); changes != 0; --changes)
        change_somewhere(frame, dice);
    if (!dice.one_in(3)) mend_checksums(frame);
    // A copy has no room behind its end: a read beyond it is one that AddressSanitizer sees.
    return {frame.begin(), frame.end()};
}

Frame noise(Dice& dice) {
    Frame frame(dice.below(201));
    for (std::uint8_t& byte : frame)
        byte = static_cast<std::uint8_t>(dice.roll());
    if (frame.size() > kEthernetSize + kIpv4Size && dice.one_in(2)) {
        store_be16(&frame[12], dice.one_in(2) ? kEtherTypeIpv4 : kEtherTypeIpv6);
        frame[kEthernetSize + 9] = kProtocolVrrp;
        frame[kEthernetSize + 6] = kProtocolVrrp;
    }
    return frame;
}

} // namespace vrrp::fuzz

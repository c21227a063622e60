#include "tests/fuzz/frame_mutator.hpp"

#include "backends/interfaces/capture_file.hpp"
#include "core/wire/headers/ethernet.hpp"
#include "core/wire/headers/ip.hpp"
#include "core/wire/headers/vrrp.hpp"
#include "tests/unit/test_bed.hpp"

#include <filesystem>

namespace vrrp::fuzz {
namespace {

using namespace wire;

void mend_ipv6_checksum(Frame& frame) {
    const auto ip = Ipv6View::of(BytesView(frame).subspan(EthernetView::kSize));
    if (!ip || ip->next_header() != kProtocolVrrp || !ip->is_whole()) return;
    const std::size_t size = ip->payload().size();
    if (size < VrrpView::kSize) return;
    std::uint8_t* message = &frame[EthernetView::kSize + Ipv6View::kSize];
    store_be16(message + VrrpView::At::checksum, 0);
    InternetChecksum sum = pseudo_header_checksum(ip->source(), ip->destination(), kProtocolVrrp, size);
    store_be16(message + VrrpView::At::checksum, sum.add({message, size}).value());
}

void mend_ipv4_checksums(Frame& frame) {
    const auto ip = Ipv4View::of(BytesView(frame).subspan(EthernetView::kSize));
    if (!ip || !ip->is_well_formed() || !ip->is_whole()) return;
    std::uint8_t* header = &frame[EthernetView::kSize];
    store_be16(header + Ipv4View::At::checksum, 0);
    store_be16(header + Ipv4View::At::checksum, InternetChecksum().add({header, ip->header_size()}).value());
    const std::size_t before = ip->protocol() == kProtocolAh ? AuthenticationHeaderView::kSize : 0;
    if (ip->payload().size() < before + VrrpView::kSize) return;
    std::uint8_t* message = header + ip->header_size() + before;
    store_be16(message + VrrpView::At::checksum, 0);
    const std::size_t size = ip->payload().size() - before;
    store_be16(message + VrrpView::At::checksum, InternetChecksum().add({message, size}).value());
}

// Tagged frames are left with their wrong sums.
void mend_checksums(Frame& frame) {
    if (frame.size() < EthernetView::kSize) return;
    const std::uint16_t ether_type = load_be16(&frame[EthernetView::At::ether_type]);
    if (ether_type == kEtherTypeIpv4) mend_ipv4_checksums(frame);
    if (ether_type == kEtherTypeIpv6) mend_ipv6_checksum(frame);
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
    constexpr std::size_t kMessage = EthernetView::kSize + Ipv4View::kSize,
                          kAddress = kMessage + VrrpView::At::addresses;
    frame.erase(frame.begin() + kAddress, frame.begin() + kAddress + 4);
    frame[kMessage + VrrpView::At::count] = 0;
    store_be16(&frame[EthernetView::kSize + Ipv4View::At::total_size],
               static_cast<std::uint16_t>(frame.size() - EthernetView::kSize));
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
        test::Peer with_trailer = peer;
        with_trailer.hmac = HmacTrailer{.key_id = 1, .sequence = 7, .code = {}};
        for (const unsigned priority : {0u, 100u, 200u})
            frames.push_back(with_trailer.frame(static_cast<std::uint8_t>(priority)));
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
    if (frame.size() > EthernetView::kSize + Ipv4View::kSize && dice.one_in(2)) {
        store_be16(&frame[EthernetView::At::ether_type], dice.one_in(2) ? kEtherTypeIpv4 : kEtherTypeIpv6);
        frame[EthernetView::kSize + Ipv4View::At::protocol] = kProtocolVrrp;
        frame[EthernetView::kSize + Ipv6View::At::next_header] = kProtocolVrrp;
    }
    return frame;
}

} // namespace vrrp::fuzz

// Nothing on the wire can hurt the decoder.
#include "core/wire/announcement.hpp"
#include "core/wire/decode.hpp"
#include "core/wire/encode.hpp"
#include "core/wire/headers/ethernet.hpp"
#include "tests/fuzz/frame_mutator.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <set>

using namespace vrrp;
using namespace vrrp::fuzz;

namespace {

constexpr int kFrames = 3'000'000;

// Everything that our own encoder can say comes back as it was read.
void check_again(const wire::Advertisement& read) {
    Frame again(wire::encoded_size(read));
    wire::EthernetView::write(again.data(), wire::group_mac(read.source.family()), read.source_mac,
                              wire::ether_type_of(read.source.family()));
    wire::encode_packet(read, MutableBytes(again).subspan(wire::EthernetView::kSize));
    auto expected = read;
    expected.vlan = 0;
    const auto reread = wire::decode(again);
    REQUIRE(reread);
    REQUIRE(*reread == expected);
}

} // namespace

TEST_CASE("mutated frames are refused or read, and what is read can be said again") {
    const std::vector<Frame> frames = corpus();
    Dice dice(20260101);
    std::set<wire::DropReason> reasons;
    std::map<std::pair<wire::Version, IpFamily>, int> accepted;
    std::map<IpFamily, int> announcements;
    for (int i = 0; i < kFrames; ++i) {
        const Frame frame = mutate(frames, dice);
        if (const auto announcement = wire::decode_announcement(frame))
            ++announcements[announcement->address.family()];
        const auto decoded = wire::decode(frame);
        if (!decoded) {
            reasons.insert(decoded.error().reason);
            continue;
        }
        ++accepted[{decoded->version, decoded->source.family()}];
        if (!decoded->authentication_header) check_again(*decoded);
    }
    // Enough of each kind comes through for the second half of the test to mean something.
    for (const auto& [kind, count] : accepted)
        CHECK(count > kFrames / 200);
    CHECK(accepted.size() == 3);
    for (const auto& [family, count] : announcements)
        CHECK(count > kFrames / 200);
    CHECK(announcements.size() == 2);
    // Every reason that the bytes alone can give was given: the mutations reach every check.
    for (int i = 0; i <= static_cast<int>(wire::DropReason::source); ++i) {
        const auto reason = static_cast<wire::DropReason>(i);
        INFO(wire::to_string(reason));
        CHECK(reasons.contains(reason));
    }
}

TEST_CASE("noise is refused") {
    Dice dice(7);
    int accepted = 0;
    for (int i = 0; i < kFrames; ++i) {
        const Frame frame = noise(dice);
        (void)wire::decode_announcement(frame);
        accepted += wire::decode(frame).has_value();
    }
    CHECK(accepted == 0);
}

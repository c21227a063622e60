// keepalived's authentication headers, and ours beside them.
#include "backends/interfaces/capture_file.hpp"
#include "core/wire/authentication_header.hpp"
#include "core/wire/decode.hpp"
#include "core/wire/encode.hpp"

#include <catch2/catch.hpp>
#include <set>

using namespace vrrp;
using Frame = std::vector<std::uint8_t>;

namespace {

constexpr wire::AuthenticationKey kKey{'s', 'e', 'c', 'r', 'e', 't', '1', '2'};

constexpr std::size_t kEtherType = 12, kIp = 14, kAh = kIp + 20;

const std::set<std::size_t> kIdentification{kIp + 4, kIp + 5};
const std::set<std::size_t> kTos{kIp + 1}, kFragmentation{kIp + 6, kIp + 7},
    kHeaderChecksum{kIp + 10, kIp + 11};

std::vector<Frame> captured() {
    auto file = backend::CaptureFile::open(std::string(CAPTURES) + "/ka-v2-ah.pcap");
    REQUIRE(file);
    std::vector<Frame> frames;
    for (auto frame = file->next(); frame && *frame; frame = file->next())
        if (const auto decoded = wire::decode((*frame)->bytes); decoded && decoded->authentication_header)
            frames.emplace_back((*frame)->bytes.begin(), (*frame)->bytes.end());
    REQUIRE(frames.size() == 13);
    return frames;
}

// Neither Ethernet's addresses, nor what RFC 2402 calls mutable; but for the TTL.
bool is_covered(std::size_t at) {
    return at >= kEtherType && !kTos.contains(at) && !kFragmentation.contains(at) &&
           !kHeaderChecksum.contains(at);
}

std::set<std::size_t> differences(const Frame& a, const Frame& b) {
    REQUIRE(a.size() == b.size());
    std::set<std::size_t> at;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (a[i] != b[i]) at.insert(i);
    return at;
}

} // namespace

TEST_CASE("keepalived's authentication headers are believed with its key and no other", "[v2-10.3]") {
    for (const Frame& frame : captured()) {
        CHECK(wire::verify(frame, kKey));
        for (std::size_t bit = 0; bit < 64; ++bit) {
            wire::AuthenticationKey wrong = kKey;
            wrong[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
            CHECK_FALSE(wire::verify(frame, wrong));
        }
        CHECK_FALSE(wire::verify(frame, {}));
    }
}

TEST_CASE("one bit changed on the way is one too many, but where routers may write", "[v2-10.3]") {
    for (const Frame& frame : captured())
        for (std::size_t bit = 0; bit < frame.size() * 8; ++bit) {
            Frame changed = frame;
            changed[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
            INFO("byte " << bit / 8 << ", bit " << bit % 8);
            REQUIRE(wire::verify(changed, kKey) == !is_covered(bit / 8));
        }
}

TEST_CASE("we sign what keepalived signs, byte for byte", "[v2-10.3]") {
    for (const Frame& theirs : captured()) {
        wire::Advertisement read = wire::decode(theirs).value();
        read.authentication_header->icv = {};
        Frame ours(wire::encoded_size(read));
        wire::encode(read, ours);
        Frame without_icv = theirs;
        std::fill_n(&without_icv[kAh + 12], 12, std::uint8_t{0});

        // keepalived counts its datagrams and lets them be fragmented: the rest is the same.
        std::set<std::size_t> ip_only = kIdentification;
        ip_only.insert(kFragmentation.begin(), kFragmentation.end());
        ip_only.insert(kHeaderChecksum.begin(), kHeaderChecksum.end());
        for (const std::size_t at : differences(ours, without_icv)) {
            INFO("byte " << at);
            CHECK(ip_only.contains(at));
        }
        for (const std::size_t at : ip_only)
            ours[at] = theirs[at];
        wire::sign(MutableBytes(ours).subspan(kIp), kKey);
        CHECK(ours == theirs);
    }
}

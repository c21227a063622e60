// HMAC-SHA256 trailers: who has a key is believed, once, at its time, and nobody else.
#include "core/config/command_line.hpp"
#include "core/wire/headers/vrrp.hpp"
#include "core/wire/hmac_trailer.hpp"
#include "tests/unit/daemon_world.hpp"

using namespace vrrp;
using namespace vrrp::test;

namespace {

std::vector<std::uint8_t> bytes(std::string_view hex) {
    std::vector<std::uint8_t> bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2)
        bytes.push_back(static_cast<std::uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
    return bytes;
}

wire::HmacKey key(std::uint8_t id = 1) {
    wire::HmacKey key{id, {}};
    for (std::uint8_t i = 0; i < 32; ++i)
        key.secret.push_back(static_cast<std::uint8_t>(i + id - 1));
    return key;
}

VirtualRouterConfig signing(std::uint8_t priority = 100) {
    VirtualRouterConfig config = gateway_v3(priority);
    config.authentication.hmac = {.keys = {key()}, .window = 5s};
    return config;
}

// At the bed's time, which began in 1970.
Peer signed_at(Duration since_1970, const VirtualRouterConfig& config = signing()) {
    return {.config = config,
            .hmac = wire::HmacTrailer{.key_id = 1, .sequence = sequence_at(since_1970), .code = {}}};
}

void hear_signed_until(TestBed& bed, Duration end, const VirtualRouterConfig& config = signing(),
                       Duration clock_is_off_by = {}) {
    while (bed.now.time_since_epoch() < end)
        bed.hear(signed_at(bed.now.time_since_epoch() + clock_is_off_by, config), 200).run_for(1s);
}

// The draft's appendix: VRID 51, priority 200, 1 s, sequence number 0x6800000080000000, key 1 with the bytes 0 to 31.
struct Vector {
    const char *name, *source, *destination, *address, *message;
};
const Vector kVectors[] = {
    {"IPv4", "198.51.100.10", "224.0.0.18", "192.0.2.100",
     "3133c80100644402c0000264010100006800000080000000"
     "1b84bc4e8e43892dc6d98448f8ee2265"},
    {"IPv6", "fe80::10", "fe80::20", "fe80::100",
     "3133c8010064a2e9fe800000000000000000000000000100010100006800000080000000"
     "c8c56146ebfd66ee10ec4d8186461b78"},
};

std::vector<std::uint8_t> encoded(const Vector& vector) {
    const IpAddress address = ip(vector.address);
    const wire::Advertisement advertisement{
        .version = wire::Version::v3,
        .vrid = 51,
        .priority = 200,
        .interval = 1s,
        .addresses = wire::AddressList(address.family(), address.bytes()),
        .source = ip(vector.source),
        .destination = ip(vector.destination),
        .source_mac = {},
        .authentication_header = std::nullopt,
        .hmac = wire::HmacTrailer{.key_id = 1, .sequence = 0x6800000080000000, .code = {}},
        .checksum_form = wire::ChecksumForm::message_only,
    };
    std::vector<std::uint8_t> frame(wire::encoded_size(advertisement));
    wire::encode(advertisement, frame);
    const MutableBytes packet = MutableBytes(frame).subspan(wire::EthernetView::kSize);
    wire::encode_packet(advertisement, packet);
    wire::sign(packet, key());
    return frame;
}

std::string findings(const TestBed& bed) {
    std::string text;
    for (const StandingFinding& one : bed.vr().findings())
        text += finding_text(one.what) + "\n";
    return text;
}

} // namespace

TEST_CASE("what is signed is what the draft's vectors say, byte for byte") {
    for (const Vector& vector : kVectors) {
        INFO(vector.name);
        const std::vector<std::uint8_t> frame = encoded(vector), message = bytes(vector.message);
        REQUIRE(frame.size() > message.size());
        CHECK(std::vector(frame.end() - static_cast<std::ptrdiff_t>(message.size()), frame.end()) == message);
        CHECK(wire::verify(frame, key()));
        const auto decoded = wire::decode(frame);
        REQUIRE(decoded);
        REQUIRE(decoded->hmac);
        CHECK(decoded->hmac->key_id == 1);
        CHECK(decoded->hmac->sequence == 0x6800000080000000);
        CHECK(decoded->addresses.size() == 1);
    }
}

TEST_CASE("whatever is changed of a signed message is noticed, but for its checksum") {
    const std::vector<std::uint8_t> frame = encoded(kVectors[1]);
    const std::size_t message = wire::EthernetView::kSize + wire::Ipv6View::kSize;
    for (std::size_t at = message; at < frame.size(); ++at) {
        INFO("byte " << at - message);
        std::vector<std::uint8_t> changed = frame;
        changed[at] ^= 1;
        const bool is_checksum = at == message + 6 || at == message + 7;
        CHECK(wire::verify(changed, key()) == is_checksum);
    }
    std::vector<std::uint8_t> other_source = frame;
    other_source[wire::EthernetView::kSize + wire::Ipv6View::At::source + 15] ^= 1;
    CHECK_FALSE(wire::verify(other_source, key()));
    CHECK_FALSE(wire::verify(frame, key(2)));
}

TEST_CASE("a frame that is cut anywhere is not believed and not read past its end") {
    const std::vector<std::uint8_t> frame = encoded(kVectors[0]);
    for (std::size_t size = 0; size < frame.size(); ++size) {
        const std::vector<std::uint8_t> cut(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(size));
        CHECK_FALSE(wire::verify(cut, key()));
        CHECK_FALSE(wire::decode(cut));
    }
}

TEST_CASE("a trailer of an unknown type is refused") {
    std::vector<std::uint8_t> frame = encoded(kVectors[0]);
    frame[frame.size() - wire::HmacTrailerView::kSize] = 2;
    CHECK(wire::decode(frame).error().reason == wire::DropReason::trailer);
    frame[frame.size() - wire::HmacTrailerView::kSize] = 1;
    frame[frame.size() - wire::HmacTrailerView::kSize + 3] = 1; // reserved
    CHECK(wire::decode(frame).error().reason == wire::DropReason::trailer);
}

TEST_CASE("a master signs what it sends with growing sequence numbers, in both versions and families") {
    VirtualRouterConfig v2 = gateway(), v6 = gateway_v6();
    v2.authentication.hmac = v6.authentication.hmac = signing().authentication.hmac;
    for (const VirtualRouterConfig& config : {v2, signing(), v6}) {
        TestBed bed(config);
        bed.start().run_until(10s);
        REQUIRE(bed.sent.size() > 3);
        for (std::size_t i = 0; i < bed.sent.size(); ++i) {
            REQUIRE(bed.sent[i].hmac);
            CHECK(bed.sent[i].hmac->sequence == sequence_at(bed.sent[i].time.time_since_epoch()));
            CHECK((i == 0 || is_after(bed.sent[i].hmac->sequence, bed.sent[i - 1].hmac->sequence)));
        }
    }
}

TEST_CASE("who signs with our key is followed, and who does not is not") {
    TestBed bed(signing());
    bed.start();
    hear_signed_until(bed, 20s);
    CHECK(bed.state() == State::backup);
    CHECK(findings(bed).empty());
    bed.hear_until(30s, Peer{.config = gateway_v3()}, 200);
    CHECK(bed.state() == State::master);
    CHECK_THAT(findings(bed), Catch::Contains("the peer uses none, this vrrpd an HMAC trailer"));
}

TEST_CASE("who has no key does not follow who signs, and says why") {
    TestBed bed(gateway_v3());
    bed.start();
    hear_signed_until(bed, 20s);
    CHECK(bed.state() == State::master);
    CHECK_THAT(findings(bed), Catch::Contains("the peer uses an HMAC trailer, this vrrpd none"));
}

TEST_CASE("another key is told by its number, another secret as a wrong key") {
    VirtualRouterConfig other_id = signing(), other_secret = signing();
    other_id.authentication.hmac.keys = {key(2)};
    other_secret.authentication.hmac.keys.front().secret.front() ^= 1;
    TestBed a(other_id), b(other_secret);
    a.start();
    b.start();
    hear_signed_until(a, 10s);
    hear_signed_until(b, 10s);
    CHECK(a.state() == State::master);
    CHECK_THAT(findings(a), Catch::Contains("it signs with key 1, which is not configured here"));
    CHECK(b.state() == State::master);
    CHECK_THAT(findings(b), Catch::Contains("wrong key, or changed on the way"));
}

TEST_CASE("while keys roll, both count, and the first one signs") {
    VirtualRouterConfig both = signing();
    both.authentication.hmac.keys = {key(2), key(1)};
    TestBed bed(both);
    bed.start();
    hear_signed_until(bed, 10s);
    CHECK(bed.state() == State::backup);
    bed.run_for(10s);
    REQUIRE(bed.state() == State::master);
    CHECK(bed.sent.front().hmac->key_id == 2);
}

TEST_CASE("in the roll-out unsigned advertisements are followed, and told") {
    VirtualRouterConfig config = signing();
    config.authentication.hmac.mode = HmacAuthentication::Mode::accept_unsigned;
    TestBed bed(config);
    bed.start().hear_until(10s, Peer{.config = gateway_v3()}, 200);
    CHECK(bed.state() == State::backup);
    CHECK_THAT(findings(bed), Catch::Contains("does not sign its advertisements"));
    hear_signed_until(bed, 20s);
    CHECK(bed.state() == State::backup);
    CHECK(findings(bed).empty());
    bed.run_for(10s);
    CHECK(bed.sent.front().hmac);
}

TEST_CASE("who only receives signs nothing") {
    VirtualRouterConfig config = signing();
    config.authentication.hmac.mode = HmacAuthentication::Mode::receive_only;
    CHECK(advertisement_size(config) == advertisement_size(gateway_v3()));
    CHECK(advertisement_size(signing()) == advertisement_size(gateway_v3()) + wire::HmacTrailerView::kSize);
    TestBed bed(config);
    bed.start();
    hear_signed_until(bed, 10s);
    CHECK(bed.state() == State::backup);
    bed.run_for(10s);
    REQUIRE(bed.state() == State::master);
    CHECK_FALSE(bed.sent.front().hmac);
}

TEST_CASE("an advertisement counts once") {
    TestBed bed(signing());
    bed.start();
    const Peer recorded = signed_at(1s);
    for (int i = 0; i < 4; ++i)
        bed.hear(recorded, 200).run_for(1s);
    CHECK(bed.vr().counters().advertisements_received == 1);
    bed.run_for(1s);
    CHECK(bed.state() == State::master);
}

TEST_CASE("two masters at the same moment are not deaf to one another") {
    TestBed bed(signing());
    bed.start().run_until(10s);
    REQUIRE(bed.state() == State::master);
    const Peer better{.config = signing(), .hmac = bed.sent.back().hmac};
    bed.hear(better, 200);
    CHECK(bed.state() == State::backup);
}

TEST_CASE("a recording of long ago, or a clock that is off, is refused") {
    TestBed bed(signing());
    bed.start();
    hear_signed_until(bed, 20s, signing(), -6s);
    CHECK(bed.state() == State::master);
    CHECK_THAT(findings(bed), Catch::Contains("its clock and ours are more than 5 s apart"));
    TestBed future(signing());
    future.start();
    hear_signed_until(future, 20s, signing(), 6s);
    CHECK(future.state() == State::master);
}

TEST_CASE("clocks that drift apart are told before anything is refused") {
    TestBed bed(signing());
    bed.start();
    hear_signed_until(bed, 10s, signing(), 4s);
    CHECK(bed.state() == State::backup);
    CHECK_THAT(findings(bed), Catch::Contains("has another time of day: set both clocks (NTP)"));
    hear_signed_until(bed, 20s, signing(), 5s);
    bed.give(ClockSet{5s});
    hear_signed_until(bed, 30s, signing(), 6s);
    CHECK(findings(bed).empty());
}

TEST_CASE("a clock that was wrong and has been set back is forgiven at once") {
    TestBed bed(signing());
    bed.give(ClockSet{3600s}).start();
    hear_signed_until(bed, 10s, signing(), 3600s);
    REQUIRE(bed.state() == State::backup);
    bed.give(ClockSet{0s});
    hear_signed_until(bed, 20s);
    CHECK(bed.state() == State::backup);
    TestBed master(signing());
    master.give(ClockSet{3600s}).start().run_until(10s).give(ClockSet{0s}).run_until(12s);
    CHECK(master.sent.back().hmac->sequence == sequence_at(master.sent.back().time.time_since_epoch()));
}

TEST_CASE("without a window only the order counts") {
    VirtualRouterConfig config = signing();
    config.authentication.hmac.window.reset();
    TestBed bed(config);
    bed.start();
    hear_signed_until(bed, 10s, config, -100'000s + 100'100s);
    CHECK(bed.state() == State::backup);
    hear_signed_until(bed, 20s, config, 0s); // all older
    CHECK(bed.state() == State::master);
}

TEST_CASE("sequence numbers wrap and go on, as in 2106") {
    TimeSequence sequence;
    const std::uint64_t last = 0xffffffffffffffff;
    CHECK(sequence.next(last, 5s) == last);
    CHECK(sequence.next(last, 5s) == 0);
    CHECK(is_after(0, last));
    CHECK(apart(0, last) == 1s);
    CHECK(TimeSequence().next(std::uint64_t{0xc0000000} << 32, std::nullopt) == std::uint64_t{0xc0000000}
                                                                                    << 32);
}

TEST_CASE("a daemon takes the time of day from its clock") {
    World world(RouterConfig{{signing()}});
    world.clock.clock_ahead = 1'767'225'600s;
    REQUIRE(world.start());
    std::optional<wire::HmacTrailer> trailer;
    world.nic.on_frame = [&](BytesView frame) {
        if (const auto sent = wire::decode(frame)) trailer = sent->hmac;
    };
    world.run_until(10s);
    REQUIRE(trailer);
    CHECK(apart(trailer->sequence, sequence_at(1'767'225'610s)) <= 1s);
}

TEST_CASE("of more sources than are remembered the one that was silent for longest makes room") {
    TimeSequence heard;
    const auto source = [](std::size_t i) { return IpAddress::v4({10, 0, 0, static_cast<std::uint8_t>(i)}); };
    const auto is_replay = [&](std::size_t i) {
        return heard.is_replay(source(i), 100 + i, 200, std::nullopt);
    };
    heard.heard(source(0), 150); // the first, and not the oldest
    for (std::size_t i = 1; i < TimeSequence::kSources; ++i)
        heard.heard(source(i), 100 + i);
    heard.heard(source(20), 120);
    CHECK(is_replay(0));
    CHECK_FALSE(is_replay(1));
    for (std::size_t i = 2; i < TimeSequence::kSources; ++i)
        CHECK(is_replay(i));
    CHECK(is_replay(20));
}

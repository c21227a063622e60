#include "tests/unit/test_bed.hpp"

using namespace vrrp;
using namespace vrrp::test;

namespace {

using Frame = std::vector<std::uint8_t>;

Frame bytes(std::string_view hex) {
    Frame out;
    std::string digits;
    for (const char c : hex)
        if (std::isxdigit(static_cast<unsigned char>(c)) != 0) digits += c;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
        out.push_back(static_cast<std::uint8_t>(std::stoul(digits.substr(i, 2), nullptr, 16)));
    return out;
}

} // namespace

// The three frames below were read by tshark, checksums validated.
TEST_CASE("a v2 advertisement is written byte for byte as the RFC draws it",
          "[v2-5.2][v2-7.3][v3-5.1.1.2][v3-5.1.1.4][v2-5.3.6-1][v2-5.3.8][v3-5.1.1.3]") {
    VirtualRouterConfig config = gateway();
    config.authentication = {wire::AuthenticationType::simple_text, {'s', 'e', 'c', 'r', 'e', 't', '1', '2'}};
    CHECK(Peer{.config = config}.frame(150) == bytes("01005e000012 00005e000105 0800"
                                                     "45 c0 0028 0000 4000 ff 70 9092 0a000001 e0000012"
                                                     "21 05 96 01 01 01 cf7b 0a0000fe 7365637265743132"));
}

TEST_CASE("a v3 advertisement over IPv4 carries the pseudo-header in its checksum",
          "[v3-5.2.8][v3-5.2.6][v3-5.2.2][v3-7.2]") {
    CHECK(Peer{.config = gateway_v3(100, 100ms)}.frame(150) ==
          bytes("01005e000012 00005e000105 0800"
                "45 c0 0020 0000 4000 ff 70 909a 0a000001 e0000012"
                "31 05 96 01 000a 4361 0a0000fe"));
}

TEST_CASE("a v3 advertisement over IPv6 goes to its group",
          "[v3-5.1.2.2][v3-5.1.2.3][v3-5.1.2.4][v3-5.2.8][v3-7.2]") {
    CHECK(Peer{.address = ip("fe80::1"), .config = gateway_v6()}.frame(200) ==
          bytes("333300000012 00005e000205 86dd"
                "6c000000 0028 70 ff fe800000000000000000000000000001 ff020000000000000000000000000012"
                "31 05 c8 02 0064 0a8a fe800000000000000000000000000005 fd000000000000000000000000000254"));
}

TEST_CASE("what is encoded is decoded again, whatever the configuration") {
    std::vector<VirtualRouterConfig> configs{gateway(), gateway_v3(1, 10ms), gateway_v3(254, 40950ms),
                                             gateway_v6()};
    configs.push_back(gateway_v3());
    configs.back().checksum_form = wire::ChecksumForm::message_only;
    configs.push_back(gateway());
    configs.back().advertisement_interval = 255s;
    configs.push_back(gateway());
    for (unsigned i = 0; i < 254; ++i)
        configs.back().addresses.push_back(prefix("10.1.0." + std::to_string(i)));
    for (const VirtualRouterConfig& config : configs) {
        const Peer peer{.address = config.family == IpFamily::v6 ? ip("fe80::1") : ip("10.0.0.1"),
                        .config = config};
        for (const unsigned priority : {0u, 1u, 100u, 255u}) {
            const Frame frame = peer.frame(static_cast<std::uint8_t>(priority));
            const auto decoded = wire::decode(frame);
            REQUIRE(decoded);
            CHECK(decoded->priority == priority);
            CHECK(decoded->interval == config.advertisement_interval);
            CHECK(decoded->addresses.size() == config.addresses.size());
            Frame again(wire::encoded_size(*decoded));
            wire::encode(*decoded, again);
            CHECK(again == frame);
            CHECK(wire::decode(again) == decoded);
        }
    }
}

TEST_CASE("over IPv6 the checksum has its pseudo-header whatever form the configuration asks for",
          "[v3-5.2.8]") {
    VirtualRouterConfig config = gateway_v6();
    const Frame right = Peer{.address = ip("fe80::1"), .config = config}.frame(200);
    config.checksum_form = wire::ChecksumForm::message_only;
    CHECK(Peer{.address = ip("fe80::1"), .config = config}.frame(200) == right);
}

TEST_CASE("a v2 checksum has no pseudo-header whatever form the configuration asks for", "[v2-5.3.8]") {
    VirtualRouterConfig config = gateway();
    config.checksum_form = wire::ChecksumForm::message_only;
    const Frame right = Peer{.config = config}.frame(150);
    config.checksum_form = wire::ChecksumForm::with_pseudo_header;
    CHECK(Peer{.config = config}.frame(150) == right);
}

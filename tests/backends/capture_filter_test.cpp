// Which frames the kernel hands to us. Needs no kernel: libpcap runs the filter itself.
#include "backends/interfaces/capture_filter.hpp"

#include "core/wire/announcement.hpp"
#include "core/wire/encode.hpp"
#include "core/wire/router_advertisement.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <pcap/pcap.h>

using namespace vrrp;

namespace {

const MacAddress kMac = MacAddress::parse("02:00:00:00:00:77").value();

IpAddress ip(const char* text) {
    return IpAddress::parse(text).value();
}

std::vector<std::uint8_t> announcement(const char* address) {
    std::vector<std::uint8_t> frame(wire::announcement_size(ip(address).family()));
    wire::encode_announcement(ip(address), kMac, frame);
    return frame;
}

std::vector<std::uint8_t> advertisement() {
    const IpAddress address = ip("10.99.0.254");
    const wire::Advertisement one{.version = wire::Version::v3,
                                  .vrid = 5,
                                  .priority = 100,
                                  .interval = std::chrono::seconds(1),
                                  .addresses = wire::AddressList(IpFamily::v4, address.bytes()),
                                  .source = ip("10.99.0.1"),
                                  .destination = wire::kGroupV4,
                                  .source_mac = wire::virtual_mac(IpFamily::v4, 5),
                                  .authentication_header = std::nullopt,
                                  .hmac = std::nullopt,
                                  .checksum_form = wire::ChecksumForm::with_pseudo_header};
    std::vector<std::uint8_t> frame(wire::encoded_size(one));
    wire::encode(one, frame);
    return frame;
}

class Filter {
  public:
    explicit Filter(const std::vector<IpAddress>& addresses, bool answers_solicitations = false)
        : pcap_(pcap_open_dead(DLT_EN10MB, 2048)) {
        Ours ours{.addresses = {}, .answers_solicitations = answers_solicitations};
        for (const IpAddress& one : addresses)
            ours.addresses.push_back({one, 128});
        const std::string text = backend::capture_filter({ours});
        INFO(text);
        REQUIRE(pcap_compile(pcap_, &program_, text.c_str(), 1, PCAP_NETMASK_UNKNOWN) == 0);
    }
    ~Filter() {
        pcap_freecode(&program_);
        pcap_close(pcap_);
    }
    bool takes(const std::vector<std::uint8_t>& frame) const {
        pcap_pkthdr header{};
        header.caplen = header.len = static_cast<bpf_u_int32>(frame.size());
        return pcap_offline_filter(&program_, &header, frame.data()) != 0;
    }
    unsigned instructions() const { return program_.bf_len; }

  private:
    pcap_t* pcap_;
    bpf_program program_{};
};

} // namespace

TEST_CASE("who claims a virtual address is let in, and no other ARP or neighbour advertisement") {
    const Filter filter({ip("10.99.0.254"), ip("10.99.0.253"), ip("fe80::5"), ip("fd99::254")});
    for (const char* ours : {"10.99.0.254", "10.99.0.253", "fe80::5", "fd99::254"})
        CHECK(filter.takes(announcement(ours)));
    for (const char* other : {"10.99.0.252", "10.99.1.254", "fe80::6", "fd99::1:254"})
        CHECK_FALSE(filter.takes(announcement(other)));
    CHECK(filter.takes(advertisement()));
    // An ARP request for our address claims its sender's, not ours.
    std::vector<std::uint8_t> request = announcement("10.99.0.1");
    std::ranges::copy(ip("10.99.0.254").bytes(), request.begin() + 38);
    CHECK_FALSE(filter.takes(request));
    // And a neighbour solicitation claims nothing.
    std::vector<std::uint8_t> solicitation = announcement("fd99::254");
    solicitation[14 + 40] = 135;
    CHECK_FALSE(filter.takes(solicitation));
}

TEST_CASE("without addresses VRRP is let in all the same") {
    const Filter filter({});
    CHECK(filter.takes(advertisement()));
    CHECK_FALSE(filter.takes(announcement("10.99.0.254")));
}

TEST_CASE("router solicitations are let in where they are answered, and nowhere else") {
    std::vector<std::uint8_t> solicitation(wire::kSolicitationSize);
    wire::encode_router_solicitation(ip("fe80::9"), MacAddress({2, 0, 0, 0, 0, 9}), solicitation);
    CHECK(Filter({ip("fe80::5")}, true).takes(solicitation));
    CHECK_FALSE(Filter({ip("fe80::5")}).takes(solicitation));
}

TEST_CASE("so many addresses are watched for claims, and no more") {
    for (const IpFamily family : {IpFamily::v4, IpFamily::v6}) {
        const bool v4 = family == IpFamily::v4;
        std::vector<IpAddress> addresses;
        for (int i = 0; i < 255; ++i)
            addresses.push_back(ip(((v4 ? "10.99.1." : "fd99::") + std::to_string(i)).c_str()));
        const Filter filter(addresses);
        const auto claim = [&](std::size_t i) { return announcement(to_string(addresses[i]).c_str()); };
        CHECK(filter.takes(claim(backend::kMaxClaimsWatched - 1)));
        CHECK_FALSE(filter.takes(claim(backend::kMaxClaimsWatched)));
        CHECK(filter.takes(advertisement()));
        CHECK(filter.instructions() < 1000); // the kernel takes 4096
    }
}

// One router in a test tube: time is moved by hand, what it does is recorded.
#pragma once

#include "core/daemon/journal.hpp"
#include "core/machine/router.hpp"
#include "core/wire/announcement.hpp"
#include "core/wire/authentication_header.hpp"
#include "core/wire/decode.hpp"
#include "core/wire/encode.hpp"
#include "core/wire/headers/ethernet.hpp"
#include "core/wire/router_advertisement.hpp"

#include <catch2/catch.hpp>
#include <set>

namespace vrrp::test {

using namespace std::chrono_literals;

inline IpAddress ip(std::string_view text) {
    return IpAddress::parse(text).value();
}
inline IpPrefix prefix(std::string_view text) {
    return IpPrefix::parse(text).value();
}
inline MacAddress mac(std::string_view text) {
    return MacAddress::parse(text).value();
}

// VRID 5 on eth0 with 10.0.0.254, version 2.
inline VirtualRouterConfig gateway(std::uint8_t priority = 100) {
    VirtualRouterConfig config;
    config.interface = "eth0";
    config.vrid = 5;
    config.addresses = {prefix("10.0.0.254/32")};
    config.priority = priority;
    return config;
}

inline VirtualRouterConfig gateway_v3(std::uint8_t priority = 100, Duration interval = 1s) {
    VirtualRouterConfig config = gateway(priority);
    config.version = wire::Version::v3;
    config.advertisement_interval = interval;
    return config;
}

inline VirtualRouterConfig gateway_v6(std::uint8_t priority = 100) {
    VirtualRouterConfig config = gateway_v3(priority);
    config.family = IpFamily::v6;
    config.addresses = {prefix("fe80::5"), prefix("fd00::254")};
    return config;
}

// All of them are one group of this process.
inline RouterConfig group_of(std::vector<VirtualRouterConfig> members) {
    RouterConfig config{std::move(members)};
    config.groups = {{.name = "lan", .minimum = static_cast<unsigned>(config.virtual_routers.size())}};
    for (VirtualRouterConfig& one : config.virtual_routers)
        one.group = GroupIndex{0};
    return config;
}

inline InterfaceFacts working_interface() {
    InterfaceFacts facts;
    facts.present = facts.admin_up = facts.carrier = true;
    facts.mac = mac("02:00:00:00:00:02");
    facts.addresses = {prefix("10.0.0.2/24"), prefix("fe80::2/64"), prefix("fd00::2/64")};
    return facts;
}

// What another router with the same virtual router sends.
struct Peer {
    IpAddress address = ip("10.0.0.1");
    VirtualRouterConfig config = gateway();
    std::uint32_t sequence = 0;              // of the authentication header
    std::optional<wire::HmacTrailer> hmac{}; // signed with the key of its identifier
    std::optional<IpAddress> destination{};  // a router's; none: the group
    std::uint8_t ttl = 255;

    std::vector<std::uint8_t> frame(std::uint8_t priority) const {
        std::vector<std::uint8_t> addresses;
        for (const IpPrefix& one : config.addresses) {
            const BytesView bytes = one.address.bytes();
            addresses.insert(addresses.end(), bytes.begin(), bytes.end());
        }
        const bool signs = config.authentication.type == wire::AuthenticationType::authentication_header;
        wire::Advertisement advertisement{
            .version = config.version,
            .vrid = config.vrid,
            .priority = priority,
            .interval = config.advertisement_interval,
            .addresses = wire::AddressList(config.family, addresses),
            .source = address,
            .destination = destination.value_or(wire::group_address(config.family)),
            .source_mac = wire::virtual_mac(config.family, config.vrid),
            .ttl = ttl,
            .authentication_type = config.authentication.type,
            .authentication_data = config.authentication.password,
            .authentication_header = std::nullopt,
            .hmac = hmac,
            .checksum_form = config.checksum_form,
        };
        if (signs) advertisement.authentication_header = {.spi = 7, .sequence = sequence, .icv = {}};
        std::vector<std::uint8_t> frame(wire::encoded_size(advertisement));
        wire::encode(advertisement, frame);
        const MutableBytes packet = MutableBytes(frame).subspan(wire::EthernetView::kSize);
        wire::encode_packet(advertisement, packet);
        if (signs) wire::sign(packet, config.authentication.password);
        for (const wire::HmacKey& key : config.authentication.hmac.keys)
            if (hmac && key.id == hmac->key_id) wire::sign(packet, key);
        return frame;
    }
};

class TestBed {
  public:
    struct Sent {
        TimePoint time;
        wire::Version version;
        std::uint8_t priority;
        IpAddress source;
        IpAddress destination;
        MacAddress source_mac;
        Duration interval;
        std::uint32_t sequence; // of the authentication header; 0 without one
        std::optional<wire::HmacTrailer> hmac;
    };
    struct Announced {
        TimePoint time;
        wire::Announcement announcement;
        InterfaceId interface {};
    };

    explicit TestBed(const VirtualRouterConfig& config) : TestBed(RouterConfig{{config}}) {}
    explicit TestBed(const RouterConfig& config) : router(config) {
        for (std::size_t i = 0; i < router.interfaces().size(); ++i)
            give(InterfaceChanged{static_cast<InterfaceId>(i), working_interface()});
    }

    TestBed& start() { return give(Started{}); }

    // Deadlines on the way are kept to the nanosecond.
    TestBed& run_until(Duration since_epoch) {
        const TimePoint end{since_epoch};
        while (router.next_deadline() <= end) {
            now = std::max(now, router.next_deadline());
            give(DeadlineReached{});
        }
        now = end;
        return *this;
    }
    TestBed& run_for(Duration duration) { return run_until(now.time_since_epoch() + duration); }

    // As after a freeze: the time has passed and nobody was woken.
    TestBed& sleep_for(Duration duration) {
        now += duration;
        return *this;
    }

    TestBed& hear(const Peer& peer, std::uint8_t priority) { return hear(peer.frame(priority)); }
    TestBed& hear(BytesView frame) { return give(FrameReceived{InterfaceId{}, frame}); }
    TestBed& hear_on(std::size_t interface, const Peer& peer, std::uint8_t priority) {
        return give(FrameReceived{static_cast<InterfaceId>(interface), peer.frame(priority)});
    }

    // The peer advertises every interval until then, from now on.
    TestBed& hear_until(Duration since_epoch, const Peer& peer, std::uint8_t priority) {
        while (now.time_since_epoch() < since_epoch) {
            hear(peer, priority);
            run_for(
                std::min<Duration>(peer.config.advertisement_interval, since_epoch - now.time_since_epoch()));
        }
        return *this;
    }

    TestBed& change(const InterfaceFacts& facts) { return give(InterfaceChanged{InterfaceId{}, facts}); }

    TestBed& give(const Input& input) {
        Effects effects;
        router.handle(now, input, effects);
        for (const Effect& effect : effects)
            record(effect, effects);
        return *this;
    }

    const VirtualRouter& vr() const { return router.virtual_routers().front(); }
    State state() const { return vr().state(); }
    std::vector<std::uint8_t> priorities_sent() const {
        std::vector<std::uint8_t> priorities;
        for (const Sent& one : sent)
            priorities.push_back(one.priority);
        return priorities;
    }
    std::string journal_text() const {
        std::string text;
        for (const std::string& line : journal)
            text += line + "\n";
        return text;
    }
    void forget() {
        sent.clear();
        announced.clear();
        added.clear();
        removed.clear();
        routers.clear();
        journal.clear();
    }

    Router router;
    TimePoint now{1s};
    std::vector<Sent> sent;
    std::vector<Announced> announced;
    std::vector<std::pair<TimePoint, wire::AdvertisedRouter>> routers; // advertised to hosts
    std::vector<std::string> journal;
    std::vector<std::string>
        order; // "advertisement", "announcement", "router", "attach", "detach", "add", "remove"
    std::set<IpPrefix> addresses; // that the router put somewhere
    std::vector<AddAddress> added;
    std::vector<RemoveAddress> removed;
    std::set<IpAddress> dropping;
    std::set<wire::VirtualMac> virtual_macs;
    std::vector<std::pair<TimePoint, SiblingStatus>> told; // to siblings
    std::vector<ScriptKind> scripts;                       // run
    std::vector<Notice> notices;                           // of virtual routers
    std::vector<Notice> group_notices;
    std::vector<SendMagicPacket> magic;
    std::vector<std::pair<TimePoint, TrackIndex>> checks; // that were started
    std::vector<SiblingIdentity> cleaned_up;

  private:
    void record(const Effect& effect, const Effects& effects) {
        if (const auto* send = std::get_if<SendFrame>(&effect)) {
            std::vector<std::uint8_t> frame(effects.frame(*send).begin(), effects.frame(*send).end());
            if (send->kind == FrameKind::advertisement_to_peer) in_frame(frame);
            record(frame, send->interface);
        }
        if (const auto* attach = std::get_if<AttachVirtualMac>(&effect)) {
            virtual_macs.insert(attach->mac);
            order.push_back("attach");
        }
        if (const auto* detach = std::get_if<DetachVirtualMac>(&effect)) {
            virtual_macs.erase(detach->mac);
            order.push_back("detach");
        }
        if (const auto* add = std::get_if<AddAddress>(&effect)) {
            addresses.insert(add->prefix);
            added.push_back(*add);
            order.push_back("add");
        }
        if (const auto* remove = std::get_if<RemoveAddress>(&effect)) {
            addresses.erase(remove->prefix);
            removed.push_back(*remove);
            order.push_back("remove");
        }
        if (const auto* traffic = std::get_if<DropTraffic>(&effect)) {
            if (traffic->drop)
                dropping.insert(traffic->address);
            else
                dropping.erase(traffic->address);
            order.push_back(traffic->drop ? "drop" : "accept");
        }
        if (const auto* event = std::get_if<Event>(&effect)) record(*event);
        if (const auto* tell = std::get_if<TellSiblings>(&effect))
            told.emplace_back(now, router.sibling_status(tell->virtual_router));
        if (const auto* script = std::get_if<RunScript>(&effect)) scripts.push_back(script->kind);
        if (const auto* notify = std::get_if<Notify>(&effect))
            (notify->group ? group_notices : notices).push_back(notify->notice);
        if (const auto* packet = std::get_if<SendMagicPacket>(&effect)) {
            magic.push_back(*packet);
            order.push_back("magic");
        }
        if (const auto* check = std::get_if<StartCheck>(&effect)) checks.emplace_back(now, check->track);
        if (const auto* dead = std::get_if<CleanUpAfter>(&effect))
            cleaned_up.push_back(router.dead_sibling(dead->place));
    }
    // As it is on the wire, but for the Ethernet addresses.
    static void in_frame(std::vector<std::uint8_t>& packet) {
        const IpFamily family = packet.front() >> 4 == 6 ? IpFamily::v6 : IpFamily::v4;
        packet.insert(packet.begin(), wire::EthernetView::kSize, 0);
        wire::EthernetView::write(packet.data(), {}, {}, wire::ether_type_of(family));
    }
    void record(BytesView frame, InterfaceId interface) {
        if (const auto announcement = wire::decode_announcement(frame)) {
            announced.push_back({now, *announcement, interface});
            order.push_back("announcement");
            return;
        }
        if (const auto advertised = wire::decode_router_advertisement(frame)) {
            routers.emplace_back(now, *advertised);
            order.push_back("router");
            return;
        }
        const auto advertisement = wire::decode(frame);
        REQUIRE(advertisement);
        sent.push_back({now, advertisement->version, advertisement->priority, advertisement->source,
                        advertisement->destination, advertisement->source_mac, advertisement->interval,
                        advertisement->authentication_header.value_or(wire::AuthenticationHeader{}).sequence,
                        advertisement->hmac});
        order.push_back("advertisement");
    }
    void record(const Event& event) {
        const std::uint8_t vrid = event.virtual_router
                                      ? router.virtual_router(*event.virtual_router).config().vrid
                                      : std::uint8_t{0};
        journal.push_back(to_text(JournalEntry{now, "eth0", vrid, IpFamily::v4, {}, event}));
    }
};

} // namespace vrrp::test

// What a virtual router does to the world: advertisements, announcements, addresses.
#include "core/machine/virtual_router.hpp"
#include "core/net/hash.hpp"
#include "core/wire/announcement.hpp"
#include "core/wire/authentication_header.hpp"
#include "core/wire/encode.hpp"
#include "core/wire/headers/ethernet.hpp"

namespace vrrp {
namespace {

using namespace std::chrono_literals;
using wire::Advertisement;

// One virtual router announces at most so many addresses in one go and the rest a pause later: a burst of
// hundreds at boot has stalled links in the field.
constexpr std::size_t kAnnounceBurst = 32;
constexpr Duration kAnnouncePause = 1ms;

// RFC 4861 section 10: the first few come sooner; none follows another one faster than the pause; who asks waits
// for up to the delay.
constexpr unsigned kInitialRouterAdvertisements = 3;
constexpr Duration kInitialRouterPause = 16s;
constexpr Duration kRouterAdvertisementPause = 3s;
constexpr Duration kAnswerDelay = 500ms;

} // namespace

// RFC 9568 section 7.2: from the virtual MAC. Without one every frame comes from the interface's own: a virtual
// switch, or a port that is locked to its MAC, drops all others.
void VirtualRouter::send_advertisement(TimePoint now, std::uint8_t priority, Effects& out) {
    send_advertisement(now, priority, config_.virtual_mac ? virtual_mac() : now_.standing.interface_mac, out);
}

void VirtualRouter::send_advertisement(TimePoint now, std::uint8_t priority, const MacAddress& source_mac,
                                       Effects& out) {
    const bool signs = config_.authentication.type == wire::AuthenticationType::authentication_header;
    Advertisement advertisement{
        .version = config_.version,
        .vrid = config_.vrid,
        .priority = priority,
        .interval = config_.advertisement_interval,
        .addresses = wire::AddressList(config_.family, address_bytes_),
        .source = now_.standing.primary_address,
        .destination = wire::group_address(config_.family),
        .source_mac = source_mac,
        .authentication_type = config_.authentication.type,
        .authentication_data = config_.authentication.password,
        .authentication_header = std::nullopt,
        .hmac = std::nullopt,
        .checksum_form = config_.checksum_form,
    };
    if (signs) // the SPI is keepalived's: the sender's address
        advertisement.authentication_header = {.spi = load_be32(advertisement.source.bytes().data()),
                                               .sequence = now_.sequences.next(),
                                               .icv = {}};
    const HmacAuthentication& hmac = config_.authentication.hmac;
    if (hmac.signs())
        advertisement.hmac = {.key_id = hmac.keys.front().id,
                              .sequence = now_.time_sequence.next(clock(now), hmac.window),
                              .code = {}};
    add_to_all(advertisement, out);
    if (config_.dual) {
        advertisement.version = wire::Version::v2;
        advertisement.interval = config_.interval_in_v2();
        add_to_all(advertisement, out);
    }
    now_.last_sent = now;
    ++counters_.advertisements_sent;
}

void VirtualRouter::add_to_all(Advertisement advertisement, Effects& out) const {
    if (!config_.unicast()) add_frame(advertisement, out);
    for (const IpAddress& peer : config_.peers) {
        advertisement.destination = peer;
        add_packet(advertisement, out);
    }
}

void VirtualRouter::add_frame(const Advertisement& advertisement, Effects& out) const {
    const MutableBytes frame =
        out.add_frame(interface_, index_, FrameKind::advertisement, wire::encoded_size(advertisement));
    wire::encode(advertisement, frame);
    authenticate(frame.subspan(wire::EthernetView::kSize));
}

void VirtualRouter::add_packet(const Advertisement& advertisement, Effects& out) const {
    const MutableBytes packet =
        out.add_frame(interface_, index_, FrameKind::advertisement_to_peer, wire::packet_size(advertisement));
    wire::encode_packet(advertisement, packet);
    authenticate(packet);
}

void VirtualRouter::authenticate(MutableBytes packet) const {
    if (config_.authentication.type == wire::AuthenticationType::authentication_header)
        wire::sign(packet, config_.authentication.password);
    if (config_.authentication.hmac.signs()) wire::sign(packet, config_.authentication.hmac.keys.front());
}

void VirtualRouter::announce(InterfaceId interface, const IpAddress& address, const MacAddress& mac,
                             Effects& out) const {
    const std::size_t size = wire::announcement_size(address.family());
    wire::encode_announcement(address, mac, out.add_frame(interface, index_, FrameKind::announcement, size));
}

// Where it stands. One that is elsewhere, where nobody could hear of it, is announced when that is over.
void VirtualRouter::announce(const IpAddress& address, Effects& out) const {
    if (config_.is_at_home(address)) return announce(interface_, address, answering_mac(), out);
    const Elsewhere* const place = elsewhere(config_, address);
    if (place != nullptr && place->facts.usable()) announce(place->interface, address, place->facts.mac, out);
}

// --- Addresses

std::optional<wire::VirtualMac> VirtualRouter::used_virtual_mac() const {
    if (!uses_virtual_mac()) return std::nullopt;
    return wire::VirtualMac{config_.family, config_.vrid};
}

const Elsewhere* VirtualRouter::elsewhere(const VirtualRouterConfig& config, const IpAddress& address) const {
    const auto known = std::ranges::find(now_.elsewhere, config.interface_of(address), &Elsewhere::name);
    return known != now_.elsewhere.end() ? &*known : nullptr;
}

const Elsewhere* VirtualRouter::missing_place(const VirtualRouterConfig& config) const {
    for (const AddressPlace& place : config.places)
        if (const Elsewhere* known = elsewhere(config, place.address);
            known != nullptr && !known->facts.present)
            return known;
    return nullptr;
}

std::optional<VirtualRouter::Spot> VirtualRouter::spot(const VirtualRouterConfig& config,
                                                       const IpAddress& address) const {
    const AddressPlace* const place = config.place_of(address);
    const AddressMarks marks = place != nullptr ? place->marks : AddressMarks();
    if (config.is_at_home(address)) {
        const auto& own = now_.standing.own_addresses;
        if (std::ranges::find(own, address) != own.end()) return std::nullopt;
        return Spot{interface_, used_virtual_mac(), marks};
    }
    const Elsewhere* const known = elsewhere(config, address);
    if (known == nullptr || known->facts.has(address)) return std::nullopt;
    return Spot{known->interface, std::nullopt, marks};
}

// An owner's own are there, and stay there.
void VirtualRouter::take_addresses(Effects& out) const {
    const std::optional<wire::VirtualMac> mac = used_virtual_mac();
    if (mac) out.add(AttachVirtualMac{interface_, index_, *mac});
    for (const IpPrefix& prefix : config_.addresses)
        take_address(prefix, out);
}

// Nothing is accepted in between.
void VirtualRouter::take_address(const IpPrefix& prefix, Effects& out) const {
    const auto spot = this->spot(config_, prefix.address);
    if (!spot) return;
    if (!config_.accept) out.add(DropTraffic{spot->interface, index_, prefix.address, true});
    out.add(AddAddress{spot->interface, index_, spot->virtual_mac, prefix, spot->marks});
}

// As `config` has put it there.
void VirtualRouter::release_address(const VirtualRouterConfig& config, const IpPrefix& prefix,
                                    Effects& out) const {
    const auto spot = this->spot(config, prefix.address);
    if (!spot) return;
    out.add(RemoveAddress{spot->interface, index_, spot->virtual_mac, prefix});
    if (!config.accept) out.add(DropTraffic{spot->interface, index_, prefix.address, false});
}

void VirtualRouter::release_addresses(Effects& out) const {
    const std::optional<wire::VirtualMac> mac = used_virtual_mac();
    for (const IpPrefix& prefix : config_.addresses)
        release_address(config_, prefix, out);
    if (mac) out.add(DetachVirtualMac{interface_, index_, *mac});
}

// Hosts may have taken them for the virtual ones' neighbour.
void VirtualRouter::announce_own_addresses(Effects& out) const {
    if (used_virtual_mac()) return;
    for (const IpAddress& own : now_.standing.own_addresses)
        announce(interface_, own, now_.standing.interface_mac, out);
}

// After the gratuitous ARPs: the gateway then resolves the virtual address by itself.
void VirtualRouter::send_magic_packet(Effects& out) const {
    if (!config_.magic_packet) return;
    out.add(SendMagicPacket{interface_, index_, used_virtual_mac(), config_.magic_packet->source,
                            config_.magic_packet->gateway});
}

// --- Announcements

void VirtualRouter::announce_due(TimePoint now, Effects& out) {
    const std::size_t end = std::min(now_.announce_next + kAnnounceBurst, config_.addresses.size());
    for (std::size_t i = now_.announce_next; i < end; ++i)
        announce(config_.addresses[i].address, out);
    if (end < config_.addresses.size()) {
        now_.announce_next = end;
        now_.announce = now + kAnnouncePause;
        return;
    }
    now_.announce_next = 0;
    send_magic_packet(out);
    const bool again = now_.announce_round < config_.announce.repeats;
    const bool refresh = config_.announce.refresh != Duration{};
    now_.announce = again ? now + config_.announce.delay : refresh ? now + config_.announce.refresh : kNever;
    if (again) ++now_.announce_round;
}

// Where they are, or what they come from, has changed.
void VirtualRouter::announce_anew(TimePoint now, Effects& out) {
    now_.announce_round = 0;
    now_.announce_next = 0;
    announce_due(now, out);
    advertise_router(now, out);
}

void VirtualRouter::reannounce(TimePoint now, Effects& out) {
    now_.reannounce = kNever;
    now_.last_reannounced = now;
    now_.announce_next = 0;
    note(Reannounced{}, out);
    announce_due(now, out);
}

// --- Router advertisements (RFC 4861 section 6.2, RFC 9568 section 8.2.3)

// A resignation says nothing of a router that goes: for hosts it is the same one, whoever is master.
void VirtualRouter::advertise_router(TimePoint now, Effects& out) {
    if (!config_.router_advertising) return;
    const Duration longest = config_.router_advertising->interval;
    send_router_advertisement(config_.router_advertising->said, out);
    now_.router_advertised = now;
    const bool initial = ++now_.router_round < kInitialRouterAdvertisements;
    const Duration pause = spread(std::max<Duration>(kRouterAdvertisementPause, longest / 3), longest);
    now_.advertise_router = now + (initial ? std::min<Duration>(pause, kInitialRouterPause) : pause);
}

void VirtualRouter::send_router_advertisement(const wire::RouterAdvertisement& said, Effects& out) {
    const MutableBytes frame =
        out.add_frame(interface_, index_, FrameKind::announcement, wire::frame_size(said));
    wire::encode(said, config_.addresses.front().address, answering_mac(), frame);
    ++counters_.router_advertisements_sent;
}

// All are answered by one that goes to everybody, so that many who ask cost no more than one.
void VirtualRouter::router_solicited(TimePoint now) {
    if (now_.advertise_router == kNever) return;
    const TimePoint answer =
        std::max(now + spread(Duration{}, kAnswerDelay), now_.router_advertised + kRouterAdvertisementPause);
    now_.advertise_router = std::min(now_.advertise_router, answer);
}

// Hosts are told at once of what is new. Where nothing is to be said any more, the last word is that it is no default
// router.
void VirtualRouter::change_router_advertising(TimePoint now, const VirtualRouterConfig& before,
                                              Effects& out) {
    if (now_.state != State::master || before.router_advertising == config_.router_advertising) return;
    now_.router_round = 0;
    now_.advertise_router = kNever;
    if (config_.router_advertising) return advertise_router(now, out);
    wire::RouterAdvertisement last = before.router_advertising->said;
    last.lifetime = Duration{};
    send_router_advertisement(last, out);
}

// A time between the two that differs from router to router and from one advertisement to the next, as RFC 4861
// demands: those of several routers must not fall together. It takes no chance: the same run gives the same times.
Duration VirtualRouter::spread(Duration from, Duration to) const {
    StableHash hash;
    hash.add(now_.standing.primary_address.bytes()).add(config_.vrid).add(now_.router_round);
    const auto steps = static_cast<std::uint64_t>((to - from).count()) + 1;
    return from + Duration(static_cast<Duration::rep>(hash.value() % steps));
}

} // namespace vrrp

// What a virtual router finds odd about the network: it goes on, and an operator is told.
#include "core/machine/virtual_router.hpp"

namespace vrrp {
namespace {

using namespace std::chrono_literals;
using wire::Advertisement;

// What was not seen for so long, and for some advertisements, is gone.
constexpr Duration kFindingLasts = 60s;
// A line for which the journal had no room is tried again.
constexpr Duration kTellAgainAfter = 1s;

} // namespace

bool VirtualRouter::shares_address(const wire::AddressList& theirs) const {
    if (std::ranges::equal(theirs.bytes(), address_bytes_)) return true;
    for (std::size_t i = 0; i < theirs.size(); ++i)
        if (has_address(theirs[i])) return true;
    return false;
}

// The order says nothing.
void VirtualRouter::compare_addresses(const wire::AddressList& theirs, Finding& finding) const {
    if (std::ranges::equal(theirs.bytes(), address_bytes_)) return;
    for (std::size_t i = 0; i < theirs.size(); ++i)
        if (!has_address(theirs[i]) && finding.extra++ == 0) finding.first_extra = theirs[i];
    const auto announced = [&](const IpAddress& ours) {
        for (std::size_t i = 0; i < theirs.size(); ++i)
            if (theirs[i] == ours) return true;
        return false;
    };
    for (const IpPrefix& ours : config_.advertised())
        if (!announced(ours.address) && finding.lacking++ == 0) finding.first_lacking = ours.address;
}

void VirtualRouter::look_at(TimePoint now, const Advertisement& advertisement, const InterfaceFacts& facts,
                            Effects& out) {
    const bool v6 = config_.family == IpFamily::v6;
    const IpAddress& source = advertisement.source;
    Finding differs{
        .kind = FindingKind::addresses_differ, .source = source, .priority = advertisement.priority};
    compare_addresses(advertisement.addresses, differs);
    find(now, differs, differs.extra != 0 || differs.lacking != 0, out);
    const bool strange = v6 ? !source.is_link_local() : !facts.reaches(source);
    find(now, FindingKind::foreign_subnet, strange && !config_.unicast(), advertisement, out);
    look_at_signature(now, advertisement, out);
    if (config_.version == wire::Version::v2) return;
    const bool capped = now_.master_interval < advertisement.interval;
    const bool in_v2 = advertisement.version == wire::Version::v2; // dual
    const bool other_interval =
        advertisement.interval != (in_v2 ? config_.interval_in_v2() : config_.advertisement_interval);
    find(now, FindingKind::interval_capped, capped, advertisement, out);
    find(now, FindingKind::interval_differs, !capped && other_interval, advertisement, out);
    find(now, FindingKind::checksum_form,
         !v6 && !in_v2 && advertisement.checksum_form != config_.checksum_form, advertisement, out);
}

// It was accepted; what would have it refused soon is told before.
void VirtualRouter::look_at_signature(TimePoint now, const Advertisement& advertisement, Effects& out) {
    const HmacAuthentication& hmac = config_.authentication.hmac;
    if (hmac.keys.empty()) return;
    const bool is_signed = advertisement.hmac.has_value();
    const bool expected = hmac.mode == HmacAuthentication::Mode::accept_unsigned;
    find(now, FindingKind::not_signed, !is_signed && expected, advertisement, out);
    const bool drifts =
        is_signed && hmac.window && 2 * apart(advertisement.hmac->sequence, clock(now)) > *hmac.window;
    find(now, FindingKind::clocks_differ, drifts, advertisement, out);
}

std::optional<wire::DecodeError>
VirtualRouter::hmac_refusal(TimePoint now, const Advertisement& advertisement, BytesView frame) const {
    using wire::DropReason, wire::DecodeError, wire::kHmacAuthentication;
    const HmacAuthentication& ours = config_.authentication.hmac;
    if (!advertisement.hmac) {
        if (ours.keys.empty() || ours.mode != HmacAuthentication::Mode::enforce) return std::nullopt;
        const auto type = static_cast<std::uint32_t>(advertisement.authentication_type);
        return DecodeError{DropReason::authentication, type, kHmacAuthentication};
    }
    const wire::HmacTrailer& theirs = *advertisement.hmac;
    if (ours.keys.empty())
        return DecodeError{DropReason::authentication, kHmacAuthentication,
                           static_cast<std::uint32_t>(config_.authentication.type)};
    const auto key = std::ranges::find(ours.keys, theirs.key_id, &wire::HmacKey::id);
    if (key == ours.keys.end()) return DecodeError{DropReason::key_id, theirs.key_id};
    // Before the code is computed: a flood of old packets costs little.
    if (!TimeSequence::is_fresh(theirs.sequence, clock(now), ours.window))
        return DecodeError{DropReason::stale, 0, static_cast<std::uint32_t>(*ours.window / 1s)};
    if (!wire::verify(frame, *key))
        return DecodeError{DropReason::authentication, kHmacAuthentication, kHmacAuthentication};
    if (now_.time_sequence.is_replay(advertisement.source, theirs.sequence, clock(now), ours.window))
        return DecodeError{DropReason::replay};
    return std::nullopt;
}

bool VirtualRouter::advertisement_refused(TimePoint now, const Advertisement& advertisement,
                                          const wire::DecodeError& why, Effects& out) {
    using enum wire::DropReason;
    switch (why.reason) {
    case other_addresses: other_virtual_router_heard(now, advertisement, out); return true;
    case owner: ignored_rival(now, advertisement, out); return true;
    case destination:
        if (why.seen == wire::kToAnotherGroup) return false;
        [[fallthrough]];
    case version: // who is heard speaks both: versions (RFC 9568 section 8.4), or to the group and to us
        if (hears(now, advertisement.source)) return true;
        [[fallthrough]];
    case peer:
    case ttl:
    case authentication:
    case key_id:
    case stale:
    case interval_mismatch:
        if (now_.running) not_heard(now, advertisement, why, out);
        return true;
    default: return false;
    }
}

// Who has spoken in another version may say the same in ours with its next frame.
void VirtualRouter::not_heard(TimePoint now, const Advertisement& advertisement, const wire::DecodeError& why,
                              Effects& out) {
    const Finding finding{.kind = FindingKind::not_heard,
                          .source = advertisement.source,
                          .priority = advertisement.priority,
                          .refused = why};
    if (why.reason != wire::DropReason::version) return find(now, finding, true, out);
    if (now_.findings.seen(now, finding)) finding_not_told(now, finding);
}

// An owner of version 2 listens to nobody (RFC 3768 section 7.1). Yet hosts and switches that have taken the other for
// their gateway are to come back: it is answered, as a rival that steps back would need it. One that stays is not fought
// for ever.
void VirtualRouter::ignored_rival(TimePoint now, const Advertisement& advertisement, Effects& out) {
    constexpr std::uint64_t kWorthAnAnswer = 8; // seen so often: it stays
    note_sequence(advertisement);
    if (now_.state != State::master) return;
    find(now, FindingKind::rival_owner, true, advertisement, out);
    const auto& list = now_.findings.list();
    const auto known = std::ranges::find_if(list, [&](const StandingFinding& one) {
        return one.what.kind == FindingKind::rival_owner && one.what.source == advertisement.source;
    });
    if (now_.answers == 0 && known->count <= kWorthAnAnswer) resist(now, out);
}

void VirtualRouter::other_virtual_router_heard(TimePoint now, const Advertisement& advertisement,
                                               Effects& out) {
    if (!now_.running) return;
    Finding finding{.kind = FindingKind::other_virtual_router,
                    .source = advertisement.source,
                    .priority = advertisement.priority};
    compare_addresses(advertisement.addresses, finding);
    find(now, finding, true, out);
}

void VirtualRouter::address_claimed(TimePoint now, const IpAddress& address, const MacAddress& mac,
                                    Effects& out) {
    if (now_.state != State::master || !has_address(address)) return;
    const Elsewhere* const place = elsewhere(config_, address);
    if (mac == virtual_mac() || mac == (place != nullptr ? place->facts.mac : now_.standing.interface_mac))
        return;
    find(now, Finding{.kind = FindingKind::address_conflict, .source = address, .mac = mac}, true, out);
}

void VirtualRouter::find(TimePoint now, FindingKind kind, bool present, const Advertisement& advertisement,
                         Effects& out) {
    find(now, Finding{kind, advertisement.source, advertisement.priority, advertisement.interval}, present,
         out);
}

// It is journalled when it appears or changes, not with every frame that shows it.
void VirtualRouter::find(TimePoint now, const Finding& finding, bool present, Effects& out) {
    if (!present) return now_.findings.gone(finding.kind, finding.source);
    if (now_.findings.seen(now, finding)) note(finding, out);
    now_.findings_due = std::min(now_.findings_due, now + finding_lasts());
}

void VirtualRouter::finding_not_told(TimePoint now, const Finding& finding) {
    now_.findings.not_told(finding.kind, finding.source);
    await_findings(now);
}

void VirtualRouter::attend_to_findings(TimePoint now, Effects& out) {
    now_.findings.forget_unseen(now - finding_lasts());
    now_.findings.tell_rest([&](const Finding& finding) { note(finding, out); });
    await_findings(now);
}

void VirtualRouter::await_findings(TimePoint now) {
    now_.findings_due = kNever;
    for (const StandingFinding& one : now_.findings.list())
        now_.findings_due =
            std::min(now_.findings_due, one.told ? one.last_seen + finding_lasts() : now + kTellAgainAfter);
}

Duration VirtualRouter::finding_lasts() const {
    return kFindingLasts + 3 * std::max(config_.advertisement_interval, now_.master_interval);
}

} // namespace vrrp

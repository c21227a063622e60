#include "core/daemon/status.hpp"

#include "core/daemon/journal.hpp"
#include "core/daemon/json_line.hpp"
#include "core/machine/names.hpp"

#include <nlohmann/json.hpp>

namespace vrrp {
namespace {

using Json = nlohmann::ordered_json;

constexpr auto kAuthenticationTypes = names<wire::AuthenticationType>(
    {{wire::AuthenticationType::none, "none"},
     {wire::AuthenticationType::simple_text, "password"},
     {wire::AuthenticationType::authentication_header, "authentication_header"}});

template <typename Range>
Json texts(const Range& range) {
    Json list = Json::array();
    for (const auto& one : range)
        list.push_back(to_string(one));
    return list;
}

Json text_or_null(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

// An object of which nobody says a key twice. An initialiser list looks for each among all others, and copies.
class Object {
  public:
    explicit Object(std::size_t fields) { fields_.reserve(fields); }
    Object& operator()(const char* key, Json value) {
        fields_.emplace_back(key, std::move(value));
        return *this;
    }
    Json json() { return std::move(fields_); }

  private:
    Json::object_t fields_;
};

Json counters_json(const VirtualRouterCounters& c) {
    Object json(9);
    json("advertisements_sent", c.advertisements_sent);
    json("advertisements_received", c.advertisements_received);
    json("resignations_received", c.resignations_received);
    json("became_master", c.became_master);
    json("rivals_heard", c.rivals_heard);
    json("router_advertisements_sent", c.router_advertisements_sent);
    json("send_failures", c.send_failures);
    json("notices_lost", c.notices_lost);
    json("worst_lateness", seconds(c.worst_lateness));
    return json.json();
}

Json findings_json(const VirtualRouter& one, TimePoint now) {
    Json list = Json::array();
    for (const StandingFinding& finding : one.findings())
        list.push_back({{"kind", to_string(finding.what.kind)},
                        {"from", to_string(finding.what.source)},
                        {"since", seconds(now - finding.since)},
                        {"last_seen", seconds(now - finding.last_seen)},
                        {"count", finding.count},
                        {"text", finding_text(finding.what)}});
    return list;
}

Json scripts_json(const VirtualRouterConfig& config) {
    Object json(5);
    json("master", text_or_null(to_string(config.master_script)));
    json("backup", text_or_null(to_string(config.backup_script)));
    json("fault", text_or_null(to_string(config.fault_script)));
    json("stop", text_or_null(to_string(config.stop_script)));
    json("notify", text_or_null(to_string(config.notify_script)));
    return json.json();
}

Json operator_json(const VirtualRouter& one) {
    if (one.held()) return "hold";
    return one.yielding() ? Json("backup") : Json(nullptr);
}

Json master_json(const VirtualRouter& one) {
    const auto told = [](const IpAddress& address, std::uint8_t priority) {
        return Object(2)("address", to_string(address))("priority", priority).json();
    };
    if (one.state() == State::master) return told(one.primary_address(), one.priority());
    if (!one.lesser_address().is_unspecified()) return told(one.lesser_address(), one.lesser_priority());
    if (one.master_address().is_unspecified()) return nullptr;
    return told(one.master_address(), one.master_priority());
}

Json names_of(const Tracks& tracks, VirtualRouterIndex user) {
    Json names = Json::array();
    for (const TrackIndex used : tracks.used_by(user))
        names.push_back(tracks.track(used).config().name);
    return names;
}

// {"10.0.0.1": "dev eth1 label eth1:gw"}
Json places_json(const VirtualRouterConfig& config) {
    Json places = Json::object();
    for (const AddressPlace& one : config.places)
        places[to_string(one.address)] = to_string(one).substr(1);
    return places;
}

void add_details(const VirtualRouter& one, Object& json) {
    const VirtualRouterConfig& config = one.config();
    const IpAddress& primary = one.primary_address();
    json("name", notice_name(config));
    json("version", static_cast<int>(config.version));
    json("dual", config.dual);
    json("priority_without_checks", one.priority_without_checks());
    json("checks_sum", one.checks_sum());
    json("owner", one.owner());
    json("preempt", config.preempt);
    json("preempt_delay", seconds(config.preempt_delay));
    json("start_delay", seconds(config.start_delay));
    json("delay", seconds(config.advertisement_interval));
    json("addresses", texts(config.addresses));
    if (!config.places.empty()) json("places", places_json(config));
    json("virtual_mac", one.uses_virtual_mac() ? Json(to_string(one.virtual_mac())) : Json(nullptr));
    json("authentication", config.authentication.hmac.keys.empty()
                               ? kAuthenticationTypes.name(config.authentication.type)
                               : "hmac");
    json("peers", texts(config.peers));
    json("accept", config.accept);
    json("scripts", scripts_json(config));
    json("script_user", text_or_null(config.script_user));
    json("primary_address", primary.is_unspecified() ? Json(nullptr) : Json(to_string(primary)));
    json("counters", counters_json(one.counters()));
}

Json virtual_router_json(const Router& router, const VirtualRouter& one, TimePoint now, Detail detail) {
    const VirtualRouterConfig& config = one.config();
    Object json(30);
    json("interface", config.interface);
    json("vrid", config.vrid);
    json("family", to_string(config.family));
    json("state", to_string(one.state()));
    json("since", seconds(now - one.since()));
    json("reason", to_string(one.cause()));
    json("priority", one.priority());
    json("operator", operator_json(one));
    json("group", config.group ? Json(router.group_config(*config.group).name) : Json(nullptr));
    json("master", master_json(one)); // late: a reader copies what stands before it whenever its object grows
    json("checks", names_of(router.tracks(), one.index()));
    json("findings", findings_json(one, now));
    if (detail == Detail::all) add_details(one, json);
    return json.json();
}

const char* stance_of(const MemberView& one) {
    return one.member.missed ? "missed" : one.member.silent ? "silent" : to_string(one.member.status.stance);
}

Json members_json(const GroupView& group, Detail detail) {
    Json members = Json::array();
    for (const MemberView& one : group.members) {
        Object json(4);
        json("name", one.name);
        json("stance", stance_of(one));
        if (detail == Detail::all) {
            json("counts", one.member.status.joined);
            json("own", one.member.local);
        }
        members.push_back(json.json());
    }
    return members;
}

Json group_json(const GroupView& group, Detail detail) {
    const bool fit = group.trouble == GroupTrouble::none;
    Object json(8);
    json("name", group.config->name);
    json("minimum", group.config->minimum);
    json("fit", fit);
    json("trouble", fit ? Json(nullptr)
                        : Json(trouble_text(group.trouble, group.members.size(), group.config->minimum,
                                            group.culprit, group.check.view())));
    json("members", members_json(group, detail));
    if (detail == Detail::all || !fit || group.crossed) {
        json("reason", to_string(group.trouble));
        json("crossed_priorities", group.crossed);
        json("preempts_no_more", group.weary);
    }
    return json.json();
}

const char* kind(const TrackConfig& config) {
    struct Kind {
        const char* operator()(const InterfaceCheck&) const { return "interface"; }
        const char* operator()(const ScriptCheck&) const { return "script"; }
        const char* operator()(const TcpCheck&) const { return "tcp"; }
        const char* operator()(const PingCheck& one) const { return one.neighbour ? "neighbour" : "ping"; }
        const char* operator()(const ProcessCheck&) const { return "process"; }
        const char* operator()(const FileCheck&) const { return "file"; }
        const char* operator()(const RouteCheck&) const { return "route"; }
    };
    return std::visit(Kind{}, config.check);
}

Json check_json(const Track& track, TimePoint now) {
    const TrackConfig& config = track.config();
    const bool known = track.state() != CheckState::unknown;
    return {{"name", config.name},
            {"kind", kind(config)},
            {"state", to_string(track.state())},
            {"since", known ? Json(seconds(now - track.since())) : Json(nullptr)},
            {"reason", known ? Json(std::string(track.reason())) : Json(nullptr)},
            {"weight", config.weight ? Json(*config.weight) : Json(nullptr)},
            {"adds", track.adds()}};
}

Json interface_json(const RouterInterface& interface) {
    const InterfaceFacts& facts = interface.facts;
    Json dropped = Json::object(); // only what happened: a table of zeros hides it
    for (std::size_t i = 0; i < wire::kDropReasons; ++i)
        if (const std::uint64_t count = interface.counters.dropped[i]; count != 0)
            dropped[wire::to_string(static_cast<wire::DropReason>(i))] = count;
    Json foreign = Json::array();
    for (const ForeignSpeaker& one : interface.foreign_speakers.list())
        foreign.push_back({{"address", to_string(one.source)}, {"vrid", one.vrid}});
    return {{"name", interface.name},
            {"present", facts.present},
            {"up", facts.admin_up},
            {"carrier", facts.carrier},
            {"obstacle", facts.obstacle.empty() ? Json(nullptr) : Json(facts.obstacle)},
            {"current_name", facts.name},
            {"mac", to_string(facts.mac)},
            {"mtu", facts.mtu},
            {"addresses", texts(facts.addresses)},
            {"frames_received", interface.counters.frames_received},
            {"dropped", dropped},
            {"foreign_speakers", foreign}};
}

// Null while there is too little to say.
Json lateness_json(const Router& router) {
    const Duration wakes = router.wakes().within(), heard = router.heard().within();
    const auto known = [](Duration within) {
        return within == Duration{} ? Json(nullptr) : Json(seconds(within));
    };
    return {{"wakes_within", known(wakes)},
            {"heard_within", known(heard)},
            {"safe_interval", std::max(wakes, heard) == Duration{}
                                  ? Json(nullptr)
                                  : Json(seconds(safe_interval(std::max(wakes, heard))))}};
}

} // namespace

Json status(const Router& router, TimePoint now, const ProcessFacts& process, Detail detail) {
    Json virtual_routers = Json::array(), groups = Json::array(), interfaces = Json::array(),
         checks = Json::array();
    for (const VirtualRouter& one : router.virtual_routers())
        virtual_routers.push_back(virtual_router_json(router, one, now, detail));
    for (const GroupIndex one : router.groups())
        groups.push_back(group_json(router.group(now, one), detail));
    for (const TrackIndex one : router.tracks().configured())
        checks.push_back(check_json(router.tracks().track(one), now));
    for (const RouterInterface& one : router.interfaces())
        if (!one.virtual_routers.empty()) interfaces.push_back(interface_json(one)); // else it is a check's
    Json json{{"schema", kStatusSchema}};
    json["virtual_routers"] = std::move(virtual_routers); // a braced list would copy them
    json["groups"] = std::move(groups);
    json["checks"] = std::move(checks);
    json["interfaces"] = std::move(interfaces);
    json["process"] = {{"pid", process.pid},
                       {"version", process.version},
                       {"directory", process.directory},
                       {"file", text_or_null(process.file)},
                       {"uptime", seconds(now - process.started)},
                       {"restart", text_or_null(process.restart)},
                       {"realtime", process.realtime},
                       {"lateness", lateness_json(router)}};
    return json;
}

} // namespace vrrp

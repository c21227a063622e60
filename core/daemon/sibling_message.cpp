#include "core/daemon/sibling_message.hpp"

#include "core/daemon/json_line.hpp"
#include "core/machine/names.hpp"

#include <fmt/format.h>
#include <limits>

namespace vrrp {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kMessageVersion = 2;
constexpr std::size_t kLongestName = 255; // a file name's
constexpr std::size_t kMostAddresses = 255;
constexpr std::size_t kMostMissed = 255;
constexpr std::uint64_t kLongestHeartbeat = Duration(std::chrono::hours(1)).count();

// As the kernel has it: what becomes part of a path under /proc/sys is to be a name and nothing else.
bool is_interface_name(std::string_view name) {
    if (name.empty() || name.size() > 15 || name == "." || name == "..") return false;
    return std::ranges::none_of(
        name, [](unsigned char byte) { return byte <= ' ' || byte == 0x7f || byte == '/' || byte == ':'; });
}

// Takes values out of an object. The first that is wrong is remembered, and what follows does not matter.
class Fields {
  public:
    explicit Fields(const Json& object) : object_(object) {}

    std::uint64_t number(const char* key, std::uint64_t least, std::uint64_t most) {
        const Json& value = find(key);
        // JSON's 51.0 and -1 are numbers too, but not of this type.
        const std::uint64_t number = value.is_number_unsigned() ? value.get<std::uint64_t>() : 0;
        expect(value.is_number_unsigned() && number >= least && number <= most, key);
        return number;
    }

    bool flag(const char* key) {
        const Json& value = find(key);
        expect(value.is_boolean(), key);
        return value.is_boolean() && value.get<bool>();
    }

    bool flag_if_there(const char* key) { return object_.contains(key) && flag(key); }

    std::string text(const char* key) {
        const Json& value = find(key);
        std::string text = value.is_string() ? value.get<std::string>() : std::string();
        expect(!text.empty() && text.size() <= kLongestName, key);
        return text;
    }

    std::string interface(const char* key) {
        std::string name = text(key);
        expect(is_interface_name(name), key);
        return name;
    }

    IpFamily family(const char* key) {
        const std::uint64_t value = number(key, 4, 6);
        expect(value != 5, key);
        return value == 6 ? IpFamily::v6 : IpFamily::v4;
    }

    Stance stance(const char* key) {
        const std::string name = text(key);
        const std::optional<Stance> stance = kStances.value(name);
        expect(stance.has_value(), key);
        return stance.value_or(Stance::unfit);
    }

    std::vector<IpPrefix> addresses(const char* key, IpFamily family) {
        const Json& list = find(key);
        expect(list.is_array() && list.size() <= kMostAddresses, key);
        std::vector<IpPrefix> prefixes;
        if (!problem_.empty()) return prefixes;
        for (const Json& one : list) {
            const auto prefix = one.is_string() ? IpPrefix::parse(one.get<std::string>()) : std::nullopt;
            expect(prefix && prefix->address.family() == family, key);
            if (prefix) prefixes.push_back(*prefix);
        }
        return prefixes;
    }

    // An older vrrpd does not tell of them.
    std::vector<SiblingIdentity> missed(const char* key) {
        std::vector<SiblingIdentity> missed;
        if (!object_.contains(key)) return missed;
        const Json& list = find(key);
        expect(list.is_array() && list.size() <= kMostMissed, key);
        if (!problem_.empty()) return missed;
        for (const Json& one : list) {
            Fields fields(one);
            expect(one.is_object(), key);
            if (!problem_.empty()) break;
            missed.push_back({.interface = fields.interface("interface"),
                              .vrid = fields.vrid(),
                              .family = fields.family("family"),
                              .addresses = {}});
            expect(fields.problem().empty(), key);
        }
        return missed;
    }

    std::uint8_t vrid() { return static_cast<std::uint8_t>(number("vrid", 1, 255)); }

    Presence presence() {
        const bool leaves = flag("leaving");
        const bool returns = flag_if_there("returning"); // an older vrrpd does not know it
        expect(!leaves || !returns, "returning");
        return leaves ? Presence::leaves : returns ? Presence::returns : Presence::stays;
    }

    const std::string& problem() const { return problem_; }

  private:
    const Json& find(const char* key) {
        static const Json missing;
        const auto found = object_.find(key);
        if (found != object_.end()) return *found;
        if (problem_.empty()) problem_ = fmt::format("'{}' is missing", key);
        return missing;
    }

    void expect(bool good, const char* key) {
        if (!good && problem_.empty()) problem_ = fmt::format("'{}' is not what it can be", key);
    }

    const Json& object_;
    std::string problem_;
};

} // namespace

std::string encode(const SiblingMessage& message) {
    const auto& [group, identity, member, minimum, heartbeat, presence, missed] = message.status;
    Json addresses = Json::array(), dead = Json::array();
    for (const IpPrefix& prefix : identity.addresses)
        addresses.push_back(to_string(prefix));
    for (const SiblingIdentity& one : missed)
        dead.push_back(
            {{"interface", one.interface}, {"vrid", one.vrid}, {"family", static_cast<int>(one.family)}});
    Json json{{"version", kMessageVersion},
              {"process", message.process},
              {"number", message.number},
              {"group", group},
              {"interface", identity.interface},
              {"vrid", identity.vrid},
              {"family", static_cast<int>(identity.family)},
              {"addresses", addresses},
              {"virtual_mac", identity.virtual_mac},
              {"owner", identity.owner},
              {"stance", to_string(member.stance)},
              {"carrying", member.carrying},
              {"joined", member.joined},
              {"winning", member.winning},
              {"takeover", member.takeover},
              {"minimum", minimum},
              {"heartbeat", heartbeat.count()},
              {"leaving", presence == Presence::leaves},
              {"returning", presence == Presence::returns}};
    if (!dead.empty()) json["missed"] = std::move(dead);
    return json_line(json);
}

tl::expected<SiblingMessage, std::string> decode_sibling_message(std::string_view text) {
    if (text.size() > kMaxSiblingMessage)
        return tl::unexpected(fmt::format("longer than {} bytes", kMaxSiblingMessage));
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object()) return tl::unexpected(std::string("not a JSON object"));
    Fields fields(json);
    SiblingMessage message;
    (void)fields.number("version", kMessageVersion, kMessageVersion);
    message.process = fields.text("process");
    message.number = fields.number("number", 0, std::numeric_limits<std::uint64_t>::max());
    auto& [group, identity, member, minimum, heartbeat, presence, missed] = message.status;
    group = fields.text("group");
    identity.interface = fields.interface("interface");
    identity.vrid = fields.vrid();
    identity.family = fields.family("family");
    identity.addresses = fields.addresses("addresses", identity.family);
    identity.virtual_mac = fields.flag("virtual_mac");
    identity.owner = fields.flag("owner");
    member.stance = fields.stance("stance");
    member.carrying = fields.flag("carrying");
    member.joined = fields.flag("joined");
    member.winning = fields.flag("winning");
    member.takeover =
        static_cast<std::uint32_t>(fields.number("takeover", 0, std::numeric_limits<std::uint32_t>::max()));
    minimum =
        static_cast<std::uint16_t>(fields.number("minimum", 1, std::numeric_limits<std::uint16_t>::max()));
    heartbeat = Duration(fields.number("heartbeat", 1, kLongestHeartbeat));
    presence = fields.presence();
    missed = fields.missed("missed");
    if (!fields.problem().empty()) return tl::unexpected(fields.problem());
    return message;
}

} // namespace vrrp

#include "core/config/settings.hpp"

#include "core/config/address_text.hpp"
#include "core/wire/authentication_header.hpp"

#include <charconv>
#include <fmt/format.h>
#include <span>

namespace vrrp::config {
namespace {

using namespace std::chrono_literals;

template <typename... Args>
tl::unexpected<ConfigError> error(fmt::format_string<Args...> format, Args&&... args) {
    return tl::unexpected(ConfigError{.message = fmt::format(format, std::forward<Args>(args)...)});
}

std::optional<std::vector<std::uint8_t>> parse_hex(std::string_view text) {
    std::vector<std::uint8_t> bytes;
    if (text.size() % 2 != 0) return std::nullopt;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const char* const digits = text.data() + i;
        const auto [end, failed] = std::from_chars(digits, digits + 2, bytes.emplace_back(), 16);
        if (failed != std::errc{} || end != digits + 2) return std::nullopt;
    }
    return bytes;
}

std::optional<wire::AuthenticationData> parse_key(std::string_view text, bool hex) {
    wire::AuthenticationData key{};
    const std::size_t size = hex ? text.size() / 2 : text.size();
    if (size == 0 || size > key.size() || (hex && text.size() % 2 != 0)) return std::nullopt;
    for (std::size_t i = 0; i < size; ++i) {
        key[i] = static_cast<std::uint8_t>(text[i]);
        if (!hex) continue;
        const char* digits = text.data() + 2 * i;
        const auto [end, failed] = std::from_chars(digits, digits + 2, key[i], 16);
        if (failed != std::errc{} || end != digits + 2) return std::nullopt;
    }
    return key;
}

// What an address is that no host on a network can have; nothing for others.
const char* unfit(const IpPrefix& prefix) {
    const IpAddress& address = prefix.address;
    if (address.is_unspecified()) return "this is no address";
    if (address.is_multicast()) return "this is a multicast group";
    if (address.is_loopback()) return "this is a loopback address";
    if (address.is_broadcast()) return "this is the broadcast address";
    if (address.family() == IpFamily::v4 && address.bytes()[0] == 0) return "0.0.0.0/8 names no host";
    if (prefix.is_network_address(address)) return "this is the address of the network itself";
    if (prefix.is_broadcast_address(address)) return "this is the network's broadcast address";
    return nullptr;
}

// Reads the settings of one virtual router, in an order in which later ones build on earlier ones.
class Interpreter {
  public:
    Interpreter(const Settings& settings, Spelling spelling, const Here& here)
        : s_(settings), spelling_(spelling), here_(here) {}

    Parsed<std::vector<VirtualRouterConfig>> interpret() {
        const auto done =
            then(given_name(), one_.name)
                .and_then([&] { return then(interface_name(), one_.interface); })
                .and_then([&] { return then(vrid(), one_.vrid); })
                .and_then([&] { return then(priority(s_.priority, 255), priority_); })
                .and_then([&] { return then(priority(s_.reduced_priority, 254), one_.reduced_priority); })
                .and_then([&] { return then(priority(s_.increased_priority, 254), one_.increased_priority); })
                .and_then([&] { return then(version(), one_.version); })
                .and_then([&] { return then(interval(), one_.advertisement_interval); })
                .and_then([&] { return then(authentication(), one_.authentication); })
                .and_then([&] { return then(checksum_form(), one_.checksum_form); })
                .and_then([&] { return then(announce_policy(), one_.announce); })
                .and_then([&] { return then(preempt_delay(), one_.preempt_delay); })
                .and_then([&] { return then(start_delay(), one_.start_delay); })
                .and_then([&] { return then(script(s_.master_script), one_.master_script); })
                .and_then([&] { return then(script(s_.backup_script), one_.backup_script); })
                .and_then([&] { return then(script(s_.fault_script), one_.fault_script); })
                .and_then([&] { return then(script(s_.stop_script), one_.stop_script); })
                .and_then([&] { return then(script(s_.notify), one_.notify_script); })
                .and_then([&] { return then(user(s_.script_user, spelling_, here_), one_.script_user); })
                .and_then([&] { return then(families(), families_); })
                .and_then([&] { return check_dual(); })
                .and_then([&] { return check_router_advertisements(); });
        if (!done) return tl::unexpected(done.error());
        one_.priority = priority_.value_or(one_.priority);
        one_.preempt = preempts();
        one_.accept = s_.no_accept.values.empty();
        std::vector<VirtualRouterConfig> all;
        for (const IpFamily family : families_) {
            auto one = of(family);
            if (!one) return tl::unexpected(one.error());
            all.push_back(*std::move(one));
        }
        return all;
    }

  private:
    // What is said of one family alone.
    Parsed<VirtualRouterConfig> of(IpFamily family) {
        VirtualRouterConfig common = one_;
        one_.family = family;
        one_.dual = !s_.dual.values.empty() && family == IpFamily::v4;
        if (!one_.name.empty() && family == IpFamily::v6 && families_.size() == 2) one_.name += "_6";
        const auto done = then(virtual_addresses(), one_.addresses)
                              .and_then([&] { return hold_others(); })
                              .and_then([&] { return then(peers(), one_.peers); })
                              .and_then([&] { return then(peer_ttl(), one_.peer_ttl); })
                              .and_then([&] { return then(source(), one_.source); })
                              .and_then([&] { return then(magic_packet(), one_.magic_packet); })
                              .and_then([&] { return then(router_advertising(), one_.router_advertising); });
        if (!done) return tl::unexpected(done.error());
        one_.virtual_mac = s_.no_virtual_mac.values.empty() && !one_.unicast();
        return std::exchange(one_, std::move(common));
    }

    template <typename Value>
    static Parsed<void> then(Parsed<Value> parsed, Value& into) {
        if (!parsed) return tl::unexpected(parsed.error());
        into = *std::move(parsed);
        return {};
    }

    Parsed<void> check_dual() const {
        if (s_.dual.values.empty()) return {};
        if (one_.version == wire::Version::v2)
            return complain(s_.dual, "version 3 speaks version 2 too, not the reverse: use {} 3",
                            name(s_.protocol));
        if (families_.front() == IpFamily::v6) return complain(s_.dual, "IPv6 has no version 2");
        if (!one_.authentication.hmac.keys.empty())
            return complain(s_.dual,
                            "routers of version 2 alone drop what is signed: leave one of the two out");
        return {};
    }

    // Whether it is said of the other virtual router of this entry.
    bool is_of_the_other(const std::optional<IpAddress>& address) const {
        return families_.size() == 2 && address && address->family() != one_.family;
    }

    const char* name(const Setting& setting) const { return config::name(setting, spelling_); }

    // "-v 300: " and what is wrong with it.
    template <typename... Args>
    tl::unexpected<ConfigError> wrong(const Setting& setting, const std::string& value,
                                      fmt::format_string<Args...> format, Args&&... args) const {
        return tl::unexpected(
            ConfigError{.message = fmt::format("{} {}: {}", name(setting), value,
                                               fmt::format(format, std::forward<Args>(args)...)),
                        .setting = setting.key});
    }

    // Without the value: it is a secret, or says nothing.
    template <typename... Args>
    tl::unexpected<ConfigError> complain(const Setting& setting, fmt::format_string<Args...> format,
                                         Args&&... args) const {
        return tl::unexpected(ConfigError{
            .message = fmt::format("{}: {}", name(setting), fmt::format(format, std::forward<Args>(args)...)),
            .setting = setting.key});
    }

    Parsed<std::string> given_name() const {
        const auto text = at_most_one(s_.name, spelling_);
        if (!text) return tl::unexpected(text.error());
        if (*text && !is_name(**text)) return complain(s_.name, "{}", kNameRule);
        return text->value_or("");
    }

    Parsed<std::string> interface_name() const {
        const auto text = at_most_one(s_.interface, spelling_);
        if (!text) return tl::unexpected(text.error());
        if (!*text)
            return error("{} is missing: name the interface to run on, for example {}", name(s_.interface),
                         spelling_ == Spelling::options ? "-i eth0" : "interface = \"eth0\"");
        if (!is_interface_name(**text))
            return wrong(s_.interface, fmt::format("'{}'", **text), kInterfaceNames);
        return **text;
    }

    Parsed<std::uint8_t> vrid() const {
        const auto vrid = number(s_.vrid, spelling_, 1, 255, "a VRID");
        if (!vrid) return tl::unexpected(vrid.error());
        if (!*vrid)
            return error(
                "{} is missing: give the virtual router's identifier, 1 to 255, the same on each router",
                name(s_.vrid));
        return static_cast<std::uint8_t>(**vrid);
    }

    Parsed<std::optional<std::uint8_t>> priority(const Setting& setting, unsigned max) const {
        return number(setting, spelling_, 1, max, "a priority").map([](std::optional<unsigned> value) {
            return value ? std::optional(static_cast<std::uint8_t>(*value)) : std::nullopt;
        });
    }

    Parsed<wire::Version> version() const {
        const auto text = at_most_one(s_.protocol, spelling_);
        if (!text) return tl::unexpected(text.error());
        if (!*text || **text == "2") return wire::Version::v2;
        if (**text == "3") return wire::Version::v3;
        return wrong(s_.protocol, **text, "VRRP has versions 2 and 3");
    }

    Parsed<Duration> interval() const {
        const auto text = at_most_one(s_.interval, spelling_);
        if (!text) return tl::unexpected(text.error());
        if (!*text) return 1s;
        const auto value = parse_seconds(**text);
        if (one_.version == wire::Version::v2) {
            if (!value || *value < 1s || *value > 255s || *value % Duration(1s) != 0ns)
                return wrong(
                    s_.interval, **text,
                    "the interval is a whole number of seconds from 1 to 255 (shorter ones need {} 3)",
                    name(s_.protocol));
        } else if (!value || *value < 10ms || *value > 40950ms) {
            return wrong(s_.interval, **text, "the interval is 0.01 to 40.95 seconds in steps of 0.01");
        }
        return *value;
    }

    // Never repeats a value: it is a secret.
    tl::unexpected<ConfigError> wrong_secret(std::size_t place, const std::string& what) const {
        return tl::unexpected(
            ConfigError{fmt::format("{}: {}", name(s_.authentication), what), s_.authentication.key, place});
    }

    // What stands in `text`, or in the file that it names.
    Parsed<std::string> secret(std::size_t place, std::string text) const {
        if (!text.starts_with('@')) return text;
        auto content = here_.read_file(text.substr(1), true);
        if (!content) return wrong_secret(place, content.error());
        return content->substr(0, content->find_first_of("\r\n"));
    }

    Parsed<Authentication> authentication() const {
        const std::vector<std::string>& values = s_.authentication.values;
        if (!values.empty() && values.front().starts_with("hmac/")) return hmac_authentication();
        for (const Setting* setting : {&s_.hmac_mode, &s_.hmac_window})
            if (!setting->values.empty())
                return complain(*setting, "it says nothing without {} hmac/...", name(s_.authentication));
        const auto text = at_most_one(s_.authentication, spelling_);
        if (!text) return tl::unexpected(text.error());
        if (!*text || **text == "none") return Authentication{};
        const bool header = (*text)->starts_with("ah/");
        if (!header && !(*text)->starts_with("pw/"))
            return wrong_secret(
                0, "give none, pw/TEXT, pw/0xHEX, pw/@FILE, ah/0xHEX, ah/@FILE, hmac/ID/0xHEX or "
                   "hmac/ID/@FILE");
        if (one_.version == wire::Version::v3)
            return complain(s_.authentication, "VRRP version 3 has neither pw/ nor ah/: use hmac/, or {} 2",
                            name(s_.protocol));
        return type_authentication(header, (*text)->substr(3));
    }

    // Types 1 and 2 of version 2.
    Parsed<Authentication> type_authentication(bool header, const std::string& text) const {
        const auto secret = this->secret(0, text);
        if (!secret) return tl::unexpected(secret.error());
        if (header && !wire::has_hmac_md5())
            return wrong_secret(0, "this machine's OpenSSL allows no MD5 (FIPS): ah/ cannot be used");
        const bool hex = secret->starts_with("0x");
        if (header && !hex) return wrong_secret(0, "ah/ takes a key in hexadecimal: ah/0x0123456789abcdef");
        const auto key = parse_key(std::string_view(*secret).substr(hex ? 2 : 0), hex);
        if (!key)
            return wrong_secret(0, fmt::format("a {} has 1 to 8 {}", header ? "key" : "password",
                                               hex ? "bytes, each of two hexadecimal digits" : "characters"));
        return Authentication{.type = header ? wire::AuthenticationType::authentication_header
                                             : wire::AuthenticationType::simple_text,
                              .password = *key};
    }

    // "hmac/1/0x..." or "hmac/1/@FILE", whose line may also begin as keepalived's do, with "hex:".
    Parsed<wire::HmacKey> hmac_key(std::size_t place) const {
        const std::string& text = s_.authentication.values[place];
        const std::size_t slash = text.find('/', 5);
        if (!text.starts_with("hmac/") || slash == text.npos)
            return wrong_secret(place, "beside hmac/ID/KEY only further ones may stand, of other IDs");
        unsigned id = 0;
        const auto [end, failed] = std::from_chars(text.data() + 5, text.data() + slash, id);
        if (failed != std::errc{} || end != text.data() + slash || id < 1 || id > 255)
            return wrong_secret(place, "the ID of hmac/ID/KEY is a whole number from 1 to 255");
        const auto secret = this->secret(place, text.substr(slash + 1));
        if (!secret) return tl::unexpected(secret.error());
        std::optional<std::vector<std::uint8_t>> key;
        for (const std::string_view prefix : {"0x", "hex:"})
            if (secret->starts_with(prefix)) key = parse_hex(std::string_view(*secret).substr(prefix.size()));
        if (!key || key->size() < wire::kMinHmacKey || key->size() > wire::kMaxHmacKey)
            return wrong_secret(place,
                                fmt::format("the key of hmac/ID/KEY is 0x and {} to {} bytes, each of two "
                                            "hexadecimal digits: openssl rand -hex 32",
                                            wire::kMinHmacKey, wire::kMaxHmacKey));
        return wire::HmacKey{static_cast<std::uint8_t>(id), *std::move(key)};
    }

    Parsed<Authentication> hmac_authentication() const {
        HmacAuthentication hmac;
        for (std::size_t place = 0; place < s_.authentication.values.size(); ++place) {
            auto key = hmac_key(place);
            if (!key) return tl::unexpected(key.error());
            if (std::ranges::find(hmac.keys, key->id, &wire::HmacKey::id) != hmac.keys.end())
                return wrong_secret(place, fmt::format("key {} is given twice: keep one", key->id));
            hmac.keys.push_back(*std::move(key));
        }
        const auto mode = at_most_one(s_.hmac_mode, spelling_);
        if (!mode) return tl::unexpected(mode.error());
        const auto known = kHmacModes.value(mode->value_or(kHmacModes.name(hmac.mode)));
        if (!known) return wrong(s_.hmac_mode, **mode, "give enforce, accept-unsigned or receive-only");
        hmac.mode = *known;
        const auto window = number(s_.hmac_window, spelling_, 0, 300, "how many seconds clocks may be apart");
        if (!window) return tl::unexpected(window.error());
        const Duration otherwise = std::max<Duration>(3 * one_.advertisement_interval, 5s);
        if (window->value_or(1) != 0) hmac.window = *window ? **window * Duration(1s) : otherwise;
        return Authentication{.hmac = std::move(hmac)};
    }

    Parsed<wire::ChecksumForm> checksum_form() const {
        const auto text = at_most_one(s_.checksum, spelling_);
        if (!text) return tl::unexpected(text.error());
        if (!*text || **text == "pseudo-header") return wire::ChecksumForm::with_pseudo_header;
        if (**text == "message") return wire::ChecksumForm::message_only;
        return wrong(s_.checksum, **text, "give pseudo-header or message");
    }

    Parsed<AnnouncePolicy> announce_policy() const {
        AnnouncePolicy policy;
        const auto repeats = number(s_.announce_repeats, spelling_, 0, 20, "the number of repeats");
        if (!repeats) return tl::unexpected(repeats.error());
        policy.repeats = repeats->value_or(policy.repeats);
        const auto delay = seconds(s_.announce_delay, policy.delay, 10ms, 60s, "the delay is 0.01 to 60");
        if (!delay) return tl::unexpected(delay.error());
        policy.delay = *delay;
        const auto refresh =
            seconds(s_.announce_refresh, policy.refresh, 1s, 86400s, "the refresh is 1 to 86400");
        if (!refresh) return tl::unexpected(refresh.error());
        policy.refresh = *refresh;
        return policy;
    }

    bool preempts() const { return s_.no_preempt.values.size() % 2 == 0; } // -s toggles

    Parsed<Duration> preempt_delay() const {
        if (!s_.preempt_delay.values.empty() && !preempts())
            return complain(s_.preempt_delay, "it says nothing beside {}: leave one of them out",
                            name(s_.no_preempt));
        return seconds(s_.preempt_delay, {}, 0s, 3600s, "the delay is 0 to 3600");
    }

    Parsed<Duration> start_delay() const {
        return seconds(s_.start_delay, {}, 0s, 3600s, "the delay is 0 to 3600");
    }

    Parsed<Duration> seconds(const Setting& setting, Duration otherwise, Duration min, Duration max,
                             const char* what) const {
        const auto text = at_most_one(setting, spelling_);
        if (!text) return tl::unexpected(text.error());
        if (!*text) return otherwise;
        const auto value = parse_seconds(**text);
        if (!value || *value < min || *value > max)
            return wrong(setting, **text, "{} seconds in steps of 0.01", what);
        return *value;
    }

    Parsed<ScriptLine> script(const Setting& setting) const { return script_line(setting, spelling_); }

    Parsed<AddressText> virtual_address(const Setting& setting, std::size_t place) const {
        const std::string& text = setting.values[place];
        const auto no = [&](std::string message) {
            return tl::unexpected(ConfigError{std::move(message), setting.key, place});
        };
        const auto one = parse_address(text, one_.interface);
        if (!one) return no(one.error());
        if (const char* what = unfit(one->prefix))
            return no(fmt::format("{}: {}; a virtual address is one that a host can have", text, what));
        if (one->prefix.address.family() == IpFamily::v6 && one_.version == wire::Version::v2)
            return no(fmt::format("{}: IPv6 needs {} 3", text, name(s_.protocol)));
        return *one;
    }

    // Of the virtual addresses.
    Parsed<std::vector<IpFamily>> families() const {
        if (s_.addresses.values.empty())
            return error("a virtual address is missing: name at least one, for example 10.0.0.254");
        std::vector<IpFamily> families;
        for (std::size_t place = 0; place < s_.addresses.values.size(); ++place) {
            const auto one = virtual_address(s_.addresses, place);
            if (!one) return tl::unexpected(one.error());
            const IpFamily family = one->prefix.address.family();
            if (std::ranges::find(families, family) == families.end()) families.push_back(family);
        }
        std::ranges::sort(families);
        return families;
    }

    // To those that are there already. What is of the other family is left out.
    Parsed<void> add_addresses(const Setting& setting, std::vector<IpPrefix>& addresses) {
        for (std::size_t place = 0; place < setting.values.size(); ++place) {
            const auto one = virtual_address(setting, place);
            if (!one) return tl::unexpected(one.error());
            const IpAddress& address = one->prefix.address;
            const auto no = [&](const char* what) {
                return tl::unexpected(
                    ConfigError{fmt::format("{} {}", setting.values[place], what), setting.key, place});
            };
            if (is_of_the_other(address)) continue;
            if (address.family() != one_.family) return no("is of another family than the virtual addresses");
            if (std::ranges::find(addresses, address, &IpPrefix::address) != addresses.end())
                return no("is given twice: keep one");
            addresses.push_back(one->prefix);
            if (one->says_place()) one_.places.push_back(one->place);
        }
        return {};
    }

    Parsed<std::vector<IpPrefix>> virtual_addresses() {
        constexpr std::size_t kMaxV4 = 255; // the field's size
        constexpr std::size_t kMaxV6 = 90;  // what one Ethernet frame holds
        std::vector<IpPrefix> addresses;
        if (const auto added = add_addresses(s_.addresses, addresses); !added)
            return tl::unexpected(added.error());
        const bool v6 = one_.family == IpFamily::v6;
        const std::size_t limit = v6 ? kMaxV6 : kMaxV4;
        if (addresses.size() > limit)
            return error(
                "{} virtual addresses: one virtual router advertises at most {}; the rest can be held by {}",
                addresses.size(), limit, name(s_.held_addresses));
        if (v6) {
            // RFC 9568 section 5.2.9: the first address is the link-local one.
            std::ranges::stable_partition(addresses,
                                          [](const IpPrefix& p) { return p.address.is_link_local(); });
            if (!addresses.front().address.is_link_local())
                return error("an IPv6 virtual router needs a link-local virtual address too: add one, for "
                             "example fe80::{}",
                             one_.vrid);
        }
        return addresses;
    }

    // Beside those that are advertised.
    Parsed<void> hold_others() {
        constexpr std::size_t kMaxHeld = 4096;
        const std::size_t advertised = one_.addresses.size();
        if (s_.held_addresses.values.size() > kMaxHeld)
            return complain(s_.held_addresses,
                            "one virtual router holds at most {} beside those that it advertises", kMaxHeld);
        return add_addresses(s_.held_addresses, one_.addresses).map([&] {
            one_.unadvertised = one_.addresses.size() - advertised;
        });
    }

    // An address of a router of the same family that is no virtual address. `what` it is for.
    Parsed<IpAddress> routers_address(const Setting& setting, const std::string& text,
                                      const char* what) const {
        const auto address = IpAddress::parse(text);
        if (!address) return wrong(setting, text, "give the IP address {}", what);
        if (const char* why =
                unfit({*address, static_cast<std::uint8_t>(8 * address_size(address->family()))}))
            return wrong(setting, text, "{}; give the IP address {}", why, what);
        if (address->family() != one_.family)
            return wrong(setting, text, "the virtual addresses are of the other family");
        if (one_.has(*address))
            return wrong(setting, text, "this is a virtual address; give the IP address {}", what);
        return *address;
    }

    Parsed<std::vector<IpAddress>> peers() const {
        std::vector<IpAddress> peers;
        for (std::size_t place = 0; place < s_.peers.values.size(); ++place) {
            const std::string& text = s_.peers.values[place];
            if (is_of_the_other(IpAddress::parse(text))) continue;
            const auto peer = routers_address(s_.peers, text, "that the other router sends from");
            if (!peer) return tl::unexpected(ConfigError{peer.error().message, s_.peers.key, place});
            if (std::ranges::find(peers, *peer) != peers.end())
                return tl::unexpected(
                    ConfigError{fmt::format("{} {} is given twice: keep one", name(s_.peers), text),
                                s_.peers.key, place});
            peers.push_back(*peer);
        }
        if (peers.empty() && !s_.peers.values.empty())
            return complain(s_.peers, "the virtual router of {} has none: name its peers too",
                            one_.family == IpFamily::v4 ? "IPv4" : "IPv6");
        return peers;
    }

    Parsed<std::uint8_t> peer_ttl() const {
        const auto ttl = number(s_.peer_ttl, spelling_, 1, 255, "the least TTL");
        if (!ttl) return tl::unexpected(ttl.error());
        if (*ttl && one_.peers.empty())
            return complain(s_.peer_ttl, "it says nothing without {}: multicast passes no router",
                            name(s_.peers));
        return static_cast<std::uint8_t>(ttl->value_or(wire::Advertisement{}.ttl));
    }

    Parsed<std::optional<IpAddress>> source() const {
        Setting ours = s_.source;
        std::erase_if(ours.values,
                      [&](const std::string& one) { return is_of_the_other(IpAddress::parse(one)); });
        const auto text = at_most_one(ours, spelling_);
        if (!text) return tl::unexpected(text.error());
        if (!*text) return std::nullopt;
        const auto source =
            routers_address(s_.source, **text, "of the interface that advertisements come from");
        if (!source) return tl::unexpected(source.error());
        if (std::ranges::find(one_.peers, *source) != one_.peers.end())
            return wrong(s_.source, **text,
                         "this is a peer too: name the others as peers, and not this router");
        if (source->family() == IpFamily::v6 && !one_.unicast() && !source->is_link_local())
            return wrong(s_.source, **text,
                         "IPv6 multicast comes from a link-local address (RFC 9568 section 5.1.2.1)");
        return *source;
    }

    Parsed<std::optional<MagicPacket>> magic_packet() const {
        const auto source = at_most_one(s_.magic_address, spelling_);
        if (!source) return tl::unexpected(source.error());
        const auto gateway = at_most_one(s_.magic_gateway, spelling_);
        if (!gateway) return tl::unexpected(gateway.error());
        if (!*source && !*gateway) return std::nullopt;
        if (families_.size() == 2 && one_.family == IpFamily::v6) return std::nullopt; // it is IPv4's
        const Setting& missing = *source ? s_.magic_gateway : s_.magic_address;
        if (!*source || !*gateway)
            return complain(missing, "a magic packet needs both {} and {}", name(s_.magic_address),
                            name(s_.magic_gateway));
        const auto from = IpAddress::parse(**source), to = IpAddress::parse(**gateway);
        const auto is_virtual = [&](const IpAddress& address) {
            return std::ranges::find(one_.addresses, address, &IpPrefix::address) != one_.addresses.end();
        };
        if (!from || from->family() != IpFamily::v4 || !is_virtual(*from))
            return wrong(s_.magic_address, **source, "give one of the IPv4 virtual addresses");
        if (!one_.is_at_home(*from))
            return wrong(s_.magic_address, **source,
                         "it is on {}: a magic packet leaves by {}, from an address there",
                         one_.interface_of(*from), one_.interface);
        if (!to || to->family() != IpFamily::v4 || to->is_unspecified() || to->is_multicast() ||
            to->is_broadcast() || is_virtual(*to))
            return wrong(s_.magic_gateway, **gateway, "give the IPv4 address of the gateway to be told");
        return MagicPacket{*from, *to};
    }

    Parsed<void> check_router_advertisements() const {
        const bool sends = !s_.router_advertisements.values.empty();
        if (sends && families_.back() == IpFamily::v4)
            return complain(s_.router_advertisements, "hosts learn of an IPv6 router by them, and no virtual "
                                                      "address is of IPv6");
        for (const Setting* one :
             {&s_.ra_interval, &s_.ra_lifetime, &s_.ra_preference, &s_.ra_managed, &s_.ra_other, &s_.ra_mtu,
              &s_.ra_prefixes, &s_.ra_resolvers, &s_.ra_searched})
            if (!sends && !one->values.empty())
                return complain(*one, "it says nothing without {}", name(s_.router_advertisements));
        return {};
    }

    Parsed<std::optional<RouterAdvertising>> router_advertising() const {
        if (s_.router_advertisements.values.empty() || one_.family == IpFamily::v4) return std::nullopt;
        if (const IpAddress& from = one_.addresses.front().address; !one_.is_at_home(from))
            return complain(s_.router_advertisements,
                            "they come from {}, and that is on {}: put a link-local address on {} first",
                            to_string(from), one_.interface_of(from), one_.interface);
        RouterAdvertising advertising;
        wire::RouterAdvertisement& said = advertising.said;
        said.managed = !s_.ra_managed.values.empty();
        said.other = !s_.ra_other.values.empty();
        const auto done =
            then(ra_interval(), advertising.interval)
                .and_then([&] { return then(ra_lifetime(advertising.interval), said.lifetime); })
                .and_then([&] { return then(ra_preference(), said.preference); })
                .and_then([&] { return then(ra_mtu(), said.mtu); })
                .and_then([&] { return then(ra_prefixes(), said.prefixes); })
                .and_then([&] { return then(ra_resolvers(), said.resolvers); })
                .and_then([&] { return then(ra_searched(), said.searched); });
        if (!done) return tl::unexpected(done.error());
        said.resolver_lifetime = kLifetimes * advertising.interval;
        constexpr std::size_t kMost = 1280; // what every link of IPv6 carries
        if (const std::size_t size = wire::packet_size(said); size > kMost)
            return complain(
                s_.router_advertisements,
                "all that it is to say needs a packet of {} bytes, and not every link carries more "
                "than {}: say less",
                size, kMost);
        return advertising;
    }

    // RFC 4861 section 6.2.1, as are the limits.
    static constexpr int kLifetimes = 3; // intervals that a host believes in the router without a word

    Parsed<Duration> ra_interval() const {
        return number(s_.ra_interval, spelling_, 4, 1800, "the interval in seconds")
            .map([](std::optional<unsigned> value) {
                return value ? *value * Duration(1s) : RouterAdvertising().interval;
            });
    }

    Parsed<Duration> ra_lifetime(Duration interval) const {
        const auto value = number(s_.ra_lifetime, spelling_, 0, 9000, "the lifetime in seconds");
        if (!value) return tl::unexpected(value.error());
        if (!*value) return kLifetimes * interval;
        const Duration lifetime = **value * Duration(1s);
        if (lifetime != Duration{} && lifetime < interval)
            return wrong(
                s_.ra_lifetime, s_.ra_lifetime.values.front(),
                "hosts would forget the router between two advertisements: give at least {}, or 0 for "
                "no default router",
                name(s_.ra_interval));
        return lifetime;
    }

    Parsed<wire::RouterPreference> ra_preference() const {
        const auto text = at_most_one(s_.ra_preference, spelling_);
        if (!text) return tl::unexpected(text.error());
        const auto known = kRouterPreferences.value(text->value_or("medium"));
        if (!known) return wrong(s_.ra_preference, **text, "give low, medium or high");
        return *known;
    }

    Parsed<std::optional<std::uint32_t>> ra_mtu() const {
        return number(s_.ra_mtu, spelling_, 1280, 65535, "the MTU").map([](std::optional<unsigned> value) {
            return value ? std::optional<std::uint32_t>(*value) : std::nullopt;
        });
    }

    // Those of the virtual addresses, unless others are named, or "none" are.
    Parsed<std::vector<IpPrefix>> ra_prefixes() const {
        std::vector<IpPrefix> prefixes;
        if (s_.ra_prefixes.values.empty()) {
            for (const IpPrefix& one : one_.addresses)
                if (!one.address.is_link_local() && one.length < 128) add_network(one, prefixes);
            return prefixes;
        }
        if (s_.ra_prefixes.values == std::vector<std::string>{"none"}) return prefixes;
        for (std::size_t place = 0; place < s_.ra_prefixes.values.size(); ++place) {
            const std::string& text = s_.ra_prefixes.values[place];
            const auto prefix = IpPrefix::parse(text);
            const bool fits = prefix && prefix->address.family() == IpFamily::v6 &&
                              text.find('/') != text.npos && prefix->length >= 1 &&
                              !prefix->address.is_link_local() && !prefix->address.is_multicast() &&
                              !prefix->address.is_loopback();
            if (!fits)
                return tl::unexpected(ConfigError{
                    fmt::format("{} {}: give the prefix of the network, such as 2001:db8:1::/64, or none",
                                name(s_.ra_prefixes), text),
                    s_.ra_prefixes.key, place});
            add_network(*prefix, prefixes);
        }
        return prefixes;
    }

    static void add_network(const IpPrefix& prefix, std::vector<IpPrefix>& networks) {
        const IpPrefix network{prefix.first(), prefix.length};
        if (std::ranges::find(networks, network) == networks.end()) networks.push_back(network);
    }

    Parsed<std::vector<IpAddress>> ra_resolvers() const {
        std::vector<IpAddress> resolvers;
        for (std::size_t place = 0; place < s_.ra_resolvers.values.size(); ++place) {
            const std::string& text = s_.ra_resolvers.values[place];
            const auto address = IpAddress::parse(text);
            if (!address || address->family() != IpFamily::v6 || unfit({*address, 128}))
                return tl::unexpected(ConfigError{
                    fmt::format("{} {}: give the IPv6 address of a resolver", name(s_.ra_resolvers), text),
                    s_.ra_resolvers.key, place});
            resolvers.push_back(*address);
        }
        return resolvers;
    }

    Parsed<std::vector<std::string>> ra_searched() const {
        for (std::size_t place = 0; place < s_.ra_searched.values.size(); ++place)
            if (const std::string& text = s_.ra_searched.values[place]; !wire::is_domain_name(text))
                return tl::unexpected(ConfigError{
                    fmt::format("{} '{}': give a domain such as example.org", name(s_.ra_searched), text),
                    s_.ra_searched.key, place});
        return s_.ra_searched.values;
    }

    const Settings& s_;
    Spelling spelling_;
    const Here& here_;
    VirtualRouterConfig one_;
    std::vector<IpFamily> families_;
    std::optional<std::uint8_t> priority_;
};

} // namespace

std::optional<Duration> parse_seconds(std::string_view text) {
    unsigned whole = 0, hundredths = 0;
    const char* const last = text.data() + text.size();
    const auto [point, failed] = std::from_chars(text.data(), last, whole);
    if (failed != std::errc{}) return std::nullopt;
    if (point == last) return whole * Duration(1s);
    const std::size_t places = static_cast<std::size_t>(last - point) - 1;
    if (*point != '.' || places > 2) return std::nullopt;
    const auto [end, failed_too] = std::from_chars(point + 1, last, hundredths);
    if (failed_too != std::errc{} || end != last) return std::nullopt;
    return whole * Duration(1s) + hundredths * Duration(places == 1 ? 100ms : 10ms);
}

bool is_interface_name(std::string_view text) {
    constexpr std::size_t kLongest = 15;
    return !text.empty() && text.size() <= kLongest && text.find_first_of("/ \t\n") == text.npos;
}

const char* name(const Setting& setting, Spelling spelling) {
    return spelling == Spelling::options ? setting.option : setting.key;
}

Parsed<std::optional<std::string>> at_most_one(const Setting& setting, Spelling spelling) {
    if (setting.values.size() <= 1)
        return setting.values.empty() ? std::nullopt : std::optional(setting.values.front());
    return tl::unexpected(ConfigError{
        fmt::format("{} is given {} times: keep one", name(setting, spelling), setting.values.size()),
        setting.key, 1});
}

Parsed<std::optional<unsigned>> number(const Setting& setting, Spelling spelling, unsigned min, unsigned max,
                                       const char* what) {
    const auto text = at_most_one(setting, spelling);
    if (!text) return tl::unexpected(text.error());
    if (!*text) return std::nullopt;
    const std::string& digits = **text;
    unsigned value = 0;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (failed != std::errc{} || end != digits.data() + digits.size() || value < min || value > max)
        return tl::unexpected(ConfigError{fmt::format("{} {}: {} is a whole number from {} to {}",
                                                      name(setting, spelling), digits, what, min, max),
                                          setting.key});
    return value;
}

bool is_name(std::string_view text) {
    constexpr std::size_t kMaxName = 64; // a line is written whole only where it is shorter than PIPE_BUF
    const auto is_odd = [](unsigned char c) { return c < ' ' || c == 0x7f || c == '"' || c == '\\'; };
    return !text.empty() && text.size() <= kMaxName && std::ranges::none_of(text, is_odd);
}

Parsed<std::string> absolute_path(const Setting& setting, Spelling spelling, const char* what) {
    const auto text = at_most_one(setting, spelling);
    if (!text) return tl::unexpected(text.error());
    if (*text && !(*text)->starts_with('/'))
        return tl::unexpected(
            ConfigError{fmt::format("{} '{}': give {} absolute path", name(setting, spelling), **text, what),
                        setting.key});
    return text->value_or("");
}

Parsed<ScriptLine> script_line(const Setting& setting, Spelling spelling) {
    constexpr std::size_t kMostArguments = 64;
    Setting program = setting;
    std::vector<std::string> arguments;
    if (spelling == Spelling::keys && !program.values.empty()) { // on a command line it would be given twice
        arguments.assign(program.values.begin() + 1, program.values.end());
        program.values.resize(1);
    }
    if (arguments.size() > kMostArguments)
        return tl::unexpected(ConfigError{
            fmt::format("{}: a script has at most {} arguments", name(setting, spelling), kMostArguments),
            setting.key});
    return absolute_path(program, spelling, "the script's").map([&](std::string path) {
        return ScriptLine(std::move(path), std::move(arguments));
    });
}

namespace {

// A name that this machine's database knows, or empty.
Parsed<std::string> known_name(const Setting& setting, Spelling spelling, const char* what,
                               const std::function<bool(const std::string&)>& is_known) {
    const auto text = at_most_one(setting, spelling);
    if (!text) return tl::unexpected(text.error());
    if (*text && !is_known(**text))
        return tl::unexpected(ConfigError{fmt::format("{} '{}': this machine has no {} of that name",
                                                      name(setting, spelling), **text, what),
                                          setting.key});
    return text->value_or("");
}

} // namespace

Parsed<std::string> user(const Setting& setting, Spelling spelling, const Here& here) {
    return known_name(setting, spelling, "user", here.has_user);
}

Parsed<std::string> group(const Setting& setting, Spelling spelling, const Here& here) {
    return known_name(setting, spelling, "group", here.has_group);
}

Parsed<std::vector<VirtualRouterConfig>> interpret(const Settings& settings, Spelling spelling,
                                                   const Here& here) {
    return Interpreter(settings, spelling, here).interpret();
}

Parsed<void> make_one_group(std::vector<VirtualRouterConfig>& both, RouterConfig& router) {
    const std::string name = notice_name(both.front());
    if (std::ranges::find(router.groups, name, &GroupConfig::name) != router.groups.end())
        return tl::unexpected(ConfigError{fmt::format(
            "addresses of both families make a group '{0}', and there is one: give the entry another "
            "name, or say group = \"{0}\"",
            name)});
    for (VirtualRouterConfig& one : both)
        one.group = static_cast<GroupIndex>(router.groups.size());
    router.groups.push_back({.name = name, .minimum = static_cast<unsigned>(both.size())});
    return {};
}

Parsed<void> check_distinct(std::span<const VirtualRouterConfig> before, const VirtualRouterConfig& next) {
    for (const VirtualRouterConfig& other : before) {
        const bool named = !other.name.empty() || !next.name.empty(); // else they differ in what makes a name
        if (named && notice_name(other) == notice_name(next))
            return tl::unexpected(ConfigError{fmt::format("'{}' is the name of vrid {} on {} already",
                                                          notice_name(next), other.vrid, other.interface),
                                              "name"});
        if (other.interface == next.interface && other.family == next.family && other.vrid == next.vrid)
            return tl::unexpected(ConfigError{
                fmt::format(
                    "vrid {} stands twice on {}: each virtual router of an interface has one of its own",
                    next.vrid, next.interface),
                "vrid"});
        for (const IpPrefix& one : next.addresses) {
            const std::string& where = next.interface_of(one.address);
            if (other.has(one.address) && other.interface_of(one.address) == where)
                return tl::unexpected(ConfigError{
                    fmt::format("{} is vrid {}'s already on {}", to_string(one.address), other.vrid, where),
                    "address"});
        }
    }
    return {};
}

} // namespace vrrp::config

#include "core/config/command_line.hpp"

#include "core/wire/encode.hpp"

#include <charconv>
#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace vrrp::config {
namespace {

using namespace std::chrono_literals;

template <typename T>
using Parsed = tl::expected<T, ConfigError>;

template <typename... Args>
tl::unexpected<ConfigError> error(fmt::format_string<Args...> format, Args&&... args) {
    return tl::unexpected(ConfigError{fmt::format(format, std::forward<Args>(args)...)});
}

// What stands on the command line, before anybody asks what it means.
struct Texts {
    std::vector<std::string> interface, vrid, authentication, priority, interval, protocol, checksum,
        directory, announce_repeats, announce_delay, addresses;
    std::size_t no_preempt = 0, no_virtual_mac = 0, foreground = 0;
    bool version = false;
};

constexpr const char* kFooter =
    "Example: vrrpd -i eth0 10.16.1.200 -v 51 -p 150\n"
    "Run it on two routers with the same -v and address; the higher -p is master.";

void add_options(CLI::App& app, Texts& t) {
    // Each option collects all its values, so that one given twice can be told from one given once.
    const auto add = [&](const char* names, std::vector<std::string>& values, const char* metavar,
                         const char* help) {
        app.add_option(names, values, help)
            ->type_name(metavar)
            ->expected(1)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
            ->allow_extra_args(false);
    };
    add("-i,--interface", t.interface, "NAME", "interface to run on");
    add("-v,--vrid", t.vrid, "1-255", "virtual router identifier");
    add("-p,--priority", t.priority, "1-255", "the higher one is master; 255 owns the address (default 100)");
    add("-d,--interval", t.interval, "SECONDS",
        "advertisement interval: 1-255, with --protocol 3 0.01-40.95 (default 1)");
    add("-a,--authentication", t.authentication, "none|pw/TEXT|pw/0xHEX",
        "password of up to 8 bytes, only with --protocol 2 (default none)");
    app.add_flag("-s,--no-preempt", t.no_preempt, "do not take over from a living master of lower priority");
    app.add_flag("-n,--no-virtual-mac", t.no_virtual_mac, "use the interface's own MAC for the addresses");
    add("--protocol", t.protocol, "2|3", "VRRP version (default 2); IPv6 needs 3");
    add("--checksum", t.checksum, "pseudo-header|message",
        "what version 3 over IPv4 covers when sending: with the pseudo-header as fielded routers do "
        "(default), "
        "or the message alone as RFC 9568 says");
    add("--announce-repeats", t.announce_repeats, "0-20",
        "gratuitous ARPs of a new master after the first (default 2)");
    add("--announce-delay", t.announce_delay, "SECONDS", "time between them, 0.01-60 (default 1)");
    add("-f,--directory", t.directory, "DIR", "pid file and control socket (default /run/vrrpd)");
    app.add_flag("--foreground", t.foreground, "do not become a daemon; log to stderr");
    app.add_flag("-V,--version", t.version, "print the version and exit");
    app.add_option("address", t.addresses, "virtual addresses, IP[/LEN], anywhere; without LEN /32 or /128");
}

Parsed<std::optional<std::string>> at_most_one(const char* option, const std::vector<std::string>& values) {
    if (values.size() > 1) return error("{} is given {} times: keep one", option, values.size());
    return values.empty() ? std::nullopt : std::optional(values.front());
}

Parsed<std::optional<unsigned>> number(const char* option, const std::vector<std::string>& values,
                                       unsigned min, unsigned max, const char* what) {
    const auto text = at_most_one(option, values);
    if (!text) return tl::unexpected(text.error());
    if (!*text) return std::nullopt;
    const std::string& digits = **text;
    unsigned value = 0;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (failed != std::errc{} || end != digits.data() + digits.size() || value < min || value > max)
        return error("{} {}: {} is a whole number from {} to {}", option, digits, what, min, max);
    return value;
}

// "1", "0.25": decimal seconds with at most two places, exactly.
std::optional<Duration> parse_seconds(std::string_view text) {
    unsigned whole = 0, hundredths = 0;
    const char* const last = text.data() + text.size();
    const auto [point, failed] = std::from_chars(text.data(), last, whole);
    if (failed != std::errc{} || whole > 100'000) return std::nullopt;
    if (point == last) return whole * Duration(1s);
    const std::size_t places = static_cast<std::size_t>(last - point) - 1;
    if (*point != '.' || places < 1 || places > 2) return std::nullopt;
    const auto [end, failed_too] = std::from_chars(point + 1, last, hundredths);
    if (failed_too != std::errc{} || end != last) return std::nullopt;
    return whole * Duration(1s) + hundredths * Duration(places == 1 ? 100ms : 10ms);
}

Parsed<std::string> interface_name(const Texts& t) {
    constexpr std::size_t kMaxInterfaceName = 15; // the kernel's IFNAMSIZ without the final zero
    const auto name = at_most_one("-i", t.interface);
    if (!name) return tl::unexpected(name.error());
    if (!*name) return error("-i is missing: name the interface to run on, for example -i eth0");
    const std::string& text = **name;
    if (text.empty() || text.size() > kMaxInterfaceName || text.find_first_of("/ \t\n") != std::string::npos)
        return error("-i '{}': an interface's name has 1 to {} characters without blanks and slashes", text,
                     kMaxInterfaceName);
    return text;
}

Parsed<wire::Version> version(const Texts& t) {
    const auto text = at_most_one("--protocol", t.protocol);
    if (!text) return tl::unexpected(text.error());
    if (!*text || **text == "2") return wire::Version::v2;
    if (**text == "3") return wire::Version::v3;
    return error("--protocol {}: VRRP has versions 2 and 3", **text);
}

Parsed<Duration> interval(const Texts& t, wire::Version version) {
    const auto text = at_most_one("-d", t.interval);
    if (!text) return tl::unexpected(text.error());
    if (!*text) return 1s;
    const auto value = parse_seconds(**text);
    if (version == wire::Version::v2) {
        if (!value || *value < 1s || *value > 255s || *value % Duration(1s) != 0ns)
            return error("-d {}: the interval is a whole number of seconds from 1 to 255 (shorter ones need "
                         "--protocol 3)",
                         **text);
    } else if (!value || *value < 10ms || *value > 40950ms) {
        return error("-d {}: the interval is 0.01 to 40.95 seconds in steps of 0.01", **text);
    }
    return *value;
}

// Never repeats the value: it is a password.
Parsed<Authentication> authentication(const Texts& t, wire::Version version) {
    const auto text = at_most_one("-a", t.authentication);
    if (!text) return tl::unexpected(text.error());
    if (!*text || **text == "none") return Authentication{};
    const std::string_view value = **text;
    if (version == wire::Version::v3)
        return error("-a: VRRP version 3 has no authentication: leave -a out or use --protocol 2");
    if (!value.starts_with("pw/")) return error("-a: give none, pw/TEXT or pw/0xHEX");

    Authentication result{.type = wire::AuthenticationType::simple_text};
    std::string_view key = value.substr(3);
    const bool hex = key.starts_with("0x");
    if (hex) key.remove_prefix(2);
    const std::size_t size = hex ? key.size() / 2 : key.size();
    if (size == 0 || size > result.password.size() || (hex && key.size() % 2 != 0))
        return error("-a: a password has 1 to 8 {}",
                     hex ? "bytes, two hexadecimal digits each" : "characters");
    for (std::size_t i = 0; i < size; ++i) {
        result.password[i] = static_cast<std::uint8_t>(key[i]);
        if (!hex) continue;
        const char* digits = key.data() + 2 * i;
        const auto [end, failed] = std::from_chars(digits, digits + 2, result.password[i], 16);
        if (failed != std::errc{} || end != digits + 2)
            return error("-a: pw/0x... takes hexadecimal digits only");
    }
    return result;
}

Parsed<wire::ChecksumForm> checksum_form(const Texts& t) {
    const auto text = at_most_one("--checksum", t.checksum);
    if (!text) return tl::unexpected(text.error());
    if (!*text || **text == "pseudo-header") return wire::ChecksumForm::with_pseudo_header;
    if (**text == "message") return wire::ChecksumForm::message_only;
    return error("--checksum {}: give pseudo-header or message", **text);
}

Parsed<AnnouncePolicy> announce_policy(const Texts& t) {
    AnnouncePolicy policy;
    const auto repeats = number("--announce-repeats", t.announce_repeats, 0, 20, "the number of repeats");
    if (!repeats) return tl::unexpected(repeats.error());
    policy.repeats = repeats->value_or(policy.repeats);
    const auto delay = at_most_one("--announce-delay", t.announce_delay);
    if (!delay) return tl::unexpected(delay.error());
    if (!*delay) return policy;
    const auto value = parse_seconds(**delay);
    if (!value || *value < 10ms || *value > 60s)
        return error("--announce-delay {}: the delay is 0.01 to 60 seconds in steps of 0.01", **delay);
    policy.delay = *value;
    return policy;
}

Parsed<IpPrefix> virtual_address(const std::string& text) {
    const auto prefix = IpPrefix::parse(text);
    if (!prefix) return error("'{}' is no virtual address: write 10.0.0.1, 10.0.0.1/24 or fe80::1/64", text);
    const IpAddress& address = prefix->address;
    if (address.is_unspecified() || address.is_multicast() || address.is_broadcast())
        return error("{}: a virtual address is a unicast address", text);
    return *prefix;
}

Parsed<std::vector<IpPrefix>> virtual_addresses(const Texts& t, wire::Version version) {
    constexpr std::size_t kMaxV4 = 255; // the field's size
    constexpr std::size_t kMaxV6 = 90;  // what one Ethernet frame holds
    if (t.addresses.empty())
        return error("a virtual address is missing: name at least one, for example 10.0.0.254");
    std::vector<IpPrefix> addresses;
    for (const std::string& text : t.addresses) {
        const auto prefix = virtual_address(text);
        if (!prefix) return tl::unexpected(prefix.error());
        const IpFamily family = prefix->address.family();
        if (family == IpFamily::v6 && version == wire::Version::v2)
            return error("{}: IPv6 needs --protocol 3", text);
        if (!addresses.empty() && addresses.front().address.family() != family)
            return error(
                "{}: a virtual router has addresses of one family: start another vrrpd for the other", text);
        if (std::ranges::find(addresses, prefix->address, &IpPrefix::address) != addresses.end())
            return error("{} is given twice: keep one", text);
        addresses.push_back(*prefix);
    }
    const bool v6 = addresses.front().address.family() == IpFamily::v6;
    const std::size_t limit = v6 ? kMaxV6 : kMaxV4;
    if (addresses.size() > limit)
        return error("{} virtual addresses: one virtual router holds at most {}", addresses.size(), limit);
    if (v6) {
        // RFC 9568 section 5.2.9: the first address is the link-local one.
        std::ranges::stable_partition(addresses, [](const IpPrefix& p) { return p.address.is_link_local(); });
        if (!addresses.front().address.is_link_local())
            return error("an IPv6 virtual router needs a link-local virtual address too: add one, for "
                         "example fe80::{}",
                         t.vrid.empty() ? "1" : t.vrid.front());
    }
    return addresses;
}

// Each step names its own error; the first one wins.
Parsed<CommandLine> interpret(const Texts& t) {
    VirtualRouterConfig one;
    const auto take = [](auto parsed, auto& into) -> Parsed<void> {
        if (!parsed) return tl::unexpected(parsed.error());
        into = *std::move(parsed);
        return {};
    };
    std::optional<unsigned> vrid, priority;
    CommandLine line;
    std::optional<std::string> directory;
    auto done = take(interface_name(t), one.interface)
                    .and_then([&] { return take(number("-v", t.vrid, 1, 255, "a VRID"), vrid); })
                    .and_then([&] { return take(number("-p", t.priority, 1, 255, "a priority"), priority); })
                    .and_then([&] { return take(version(t), one.version); })
                    .and_then([&] { return take(interval(t, one.version), one.advertisement_interval); })
                    .and_then([&] { return take(authentication(t, one.version), one.authentication); })
                    .and_then([&] { return take(checksum_form(t), one.checksum_form); })
                    .and_then([&] { return take(announce_policy(t), one.announce); })
                    .and_then([&] { return take(at_most_one("-f", t.directory), directory); })
                    .and_then([&] { return take(virtual_addresses(t, one.version), one.addresses); });
    if (!done) return tl::unexpected(done.error());
    if (!vrid)
        return error(
            "-v is missing: give the virtual router's identifier, 1 to 255, the same on each router");
    if (directory && directory->empty()) return error("-f '': name a directory");

    one.vrid = static_cast<std::uint8_t>(*vrid);
    one.priority = static_cast<std::uint8_t>(priority.value_or(one.priority));
    one.family = one.addresses.front().address.family();
    one.preempt = t.no_preempt % 2 == 0; // -s toggles
    one.virtual_mac = t.no_virtual_mac == 0;
    line.router.virtual_routers.push_back(std::move(one));
    line.process.foreground = t.foreground != 0;
    line.process.directory = directory.value_or(line.process.directory);
    return line;
}

} // namespace

CommandLineResult parse_command_line(std::span<const std::string> arguments) {
    Texts texts;
    CLI::App app("vrrpd: a gateway address shared by two or more routers (VRRP)", "vrrpd");
    app.footer(kFooter);
    add_options(app, texts);
    try {
        app.parse(
            std::vector<std::string>(arguments.rbegin(), arguments.rend())); // CLI11 takes them reversed
    } catch (const CLI::CallForHelp&) {
        return TextRequest{app.help()};
    } catch (const CLI::ParseError& e) {
        return error("{} (vrrpd --help lists the options)", e.what());
    }
    if (texts.version) return TextRequest{fmt::format("vrrpd {}\n", kVersion)};
    const auto line = interpret(texts);
    if (!line) return tl::unexpected(line.error());
    return *line;
}

} // namespace vrrp::config

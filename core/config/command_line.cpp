#include "core/config/command_line.hpp"

#include "core/config/config_file.hpp"
#include "core/config/settings.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace vrrp::config {
namespace {

constexpr unsigned kMaxMembers = 9; // as in the original

constexpr const char* kExample =
    "Example: vrrpd -i eth0 10.16.1.200 -v 51 -p 150\n"
    "Run it on two routers with the same -v and address; the higher -p is master.";

// What stands on the command line, before anybody asks what it means.
struct Options {
    Settings settings;
    Setting members{"-M", "members"};
    Setting config{"--config", "config"};
    Setting directory{"-f", "directory"};
    Setting notify_fifo = notify_fifo_setting(), control_group = control_group_setting();
    Setting import{"--import", "import"};
    Setting import_format{"--import-format", "import-format"};
    Setting import_id{"--import-id", "import-id"};
    bool foreground = false, check = false, realtime = false, version = false;
};

void add_options(CLI::App& app, Options& o) {
    const auto names = [](const Setting& setting) {
        const std::string option = setting.option, longer = std::string("--") + setting.key;
        return option == longer ? option : option + "," + longer;
    };
    const auto add_flag = [&](Setting& setting, const char* help) {
        app.add_flag_function(
            names(setting),
            [&setting](std::int64_t times) { setting.values.resize(static_cast<std::size_t>(times)); }, help);
    };
    const auto add = [&](Setting& setting, const char* metavar, const char* help) {
        app.add_option(names(setting), setting.values, help)
            ->type_name(metavar)
            ->expected(1)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
            ->allow_extra_args(false);
    };
    Settings& s = o.settings;
    add(s.interface, "NAME", "interface to run on");
    add(s.vrid, "1-255", "virtual router identifier");
    add(s.priority, "1-255", "the higher one is master; 255 owns the address (default 100)");
    add(s.interval, "SECONDS", "advertisement interval: 1-255, with --protocol 3 0.01-40.95 (default 1)");
    add(s.authentication, "none|pw/TEXT|pw/0xHEX|pw/@FILE|ah/0xHEX|ah/@FILE|hmac/ID/0xHEX|hmac/ID/@FILE",
        "pw/, ah/: password or key of up to 8 bytes, only with --protocol 2. hmac/: HMAC-SHA256 with a key "
        "of 32 to 64 "
        "bytes; given more than once the first one signs and all are accepted (default none)");
    add(s.hmac_mode, "enforce|accept-unsigned|receive-only",
        "with -a hmac/: take only what is signed (default); take both; or take both and sign nothing");
    add(s.hmac_window, "0-300",
        "with -a hmac/: seconds that clocks may be apart; 0: they do not matter (default 3 intervals, at "
        "least 5)");
    add_flag(s.no_preempt, "do not take over from a living master of lower priority");
    add_flag(s.no_virtual_mac, "use the interface's own MAC for the addresses");
    add(s.preempt_delay, "SECONDS",
        "take over from a living lesser master only when fit for so long: 0-3600 (default 0)");
    add(s.start_delay, "SECONDS",
        "take no part in the election for so long after the start: 0-3600 (default 0)");
    add_flag(
        s.no_accept,
        "drop what is addressed to the virtual addresses, but for ARP, neighbour discovery and ICMP errors");
    add(s.held_addresses, "IP[/LEN]", "held as the virtual addresses are, and not advertised");
    add(o.members, "1-9",
        "this many vrrpds of this machine are one group: all of them are master, or none is");
    add(s.master_script, "FILE", "run on becoming master");
    add(s.backup_script, "FILE", "run on becoming backup");
    add(s.fault_script, "FILE",
        "run when it cannot take part any more: link down, no address, its group unfit");
    add(s.stop_script, "FILE", "run when it stops in order");
    add(s.notify, "FILE",
        "run on each of these, with INSTANCE or GROUP, name, state and priority, as keepalived does");
    add(o.notify_fifo, "FIFO", "write the same as lines to this named pipe; it is made where it is missing");
    add(s.name, "NAME", "what --notify calls it (default INTERFACE_VRID)");
    add(s.script_user, "USER", "scripts run as this user (default as vrrpd itself)");
    add(s.reduced_priority, "1-254", "the priority that reducing sets (default 10 less)");
    add(s.increased_priority, "1-254", "the priority that increasing sets (default 10 more)");
    add(s.peers, "IP",
        "advertise to this router alone, not to the multicast group, and hear nobody else; once for each "
        "other "
        "router. Implies -n");
    add(s.peer_ttl, "1-255",
        "with --peer: the least TTL that its packets may arrive with; 254 allows one router between (default "
        "255)");
    add(s.source, "IP", "the address of the interface that advertisements come from (default its first)");
    add(s.magic_address, "IP", "with -O: the virtual address that a magic packet comes from");
    add(s.magic_gateway, "IP", "a magic packet makes this gateway learn the new master where -n is in use");
    add(s.protocol, "2|3", "VRRP version (default 2); IPv6 needs 3");
    add_flag(s.dual, "with --protocol 3: speak version 2 too, and follow those who speak nothing else");
    add(s.checksum, "pseudo-header|message",
        "what version 3 over IPv4 covers when sending: with the pseudo-header as fielded routers do "
        "(default), "
        "or the message alone as RFC 9568 says");
    add(s.announce_repeats, "0-20", "gratuitous ARPs of a new master after the first (default 2)");
    add(s.announce_delay, "SECONDS", "time between them, 0.01-60 (default 1)");
    add(s.announce_refresh, "SECONDS", "and then for as long as it is master, every 1-86400 (default never)");
    add_flag(s.router_advertisements,
             "over IPv6, as master: tell hosts of the virtual router, when they ask and now and then");
    add(s.ra_interval, "SECONDS",
        "the longest time between two of them that nobody asked for: 4-1800 (default 600)");
    add(s.ra_lifetime, "SECONDS",
        "hosts believe in their default router for so long: up to 9000; 0: it is none (default 3 intervals)");
    add(s.ra_preference, "low|medium|high", "which of several routers hosts prefer (default medium)");
    add_flag(s.ra_managed, "hosts get addresses by DHCPv6");
    add_flag(s.ra_other, "hosts get the rest by DHCPv6");
    add(s.ra_mtu, "1280-65535", "the link's MTU (default says nothing)");
    add(s.ra_prefixes, "PREFIX|none", "prefix of the network (default those of the virtual addresses)");
    add(s.ra_resolvers, "IP", "resolver of names");
    add(s.ra_searched, "DOMAIN", "domain that names are looked for in");
    add(o.config, "FILE", "many virtual routers in one process, from a TOML file");
    app.add_flag("--check", o.check, "say whether the configuration is good, and exit");
    add(o.import, "FILE",
        "write to stdout what becomes of a keepalived.conf, an frr.conf or a VyOS configuration, and exit: 0 "
        "all of it, 1 with remarks, 2 it cannot be read");
    add(o.import_format, "keepalived|frr|vyos", "what it is (default: as it looks)");
    add(o.import_id, "NAME", "keepalived's --config-id, for its @NAME lines (default this machine's name)");
    add(o.directory, "DIR", "pid files and sockets (default /run/vrrpd)");
    app.add_flag(
        "--realtime", o.realtime,
        "real-time scheduling, and memory that stays in memory: for short intervals on busy machines");
    add(o.control_group, "GROUP",
        "members of this group may read the state with atropos; commands stay root's (default nobody)");
    app.add_flag("--foreground", o.foreground, "do not become a daemon; log to stderr");
    app.add_flag("-V,--version", o.version, "print the version and exit");
    app.add_option(
        "address", s.addresses.values,
        "virtual addresses, IP[/LEN], anywhere; without LEN /32 or /128. In quotes with dev INTERFACE, "
        "label NAME, scope SCOPE after it. Of both families they "
        "are two virtual "
        "routers and one group");
}

Parsed<Configuration> from_options(const Options& o, const Here& here) {
    Configuration line;
    const auto members = number(o.members, Spelling::options, 1, kMaxMembers, "the number of members");
    if (!members) return tl::unexpected(members.error());
    auto all = interpret(o.settings, Spelling::options, here);
    if (!all) return tl::unexpected(all.error());
    const VirtualRouterConfig& first = all->front();
    auto fifo = absolute_path(o.notify_fifo, Spelling::options, "the FIFO's");
    if (!fifo) return tl::unexpected(fifo.error());
    auto readers = group(o.control_group, Spelling::options, here);
    if (!readers) return tl::unexpected(readers.error());
    line.process.control_group = *std::move(readers);
    line.router.notify_fifo = *std::move(fifo);
    line.router.script_user = first.script_user;
    if (*members) {
        line.router.groups.push_back({.name = kMembersGroup,
                                      .minimum = **members,
                                      .shared = true,
                                      .notify_script = first.notify_script,
                                      .script_user = first.script_user});
        for (VirtualRouterConfig& one : *all)
            one.group = GroupIndex{0};
    } else if (all->size() > 1) {
        (void)make_one_group(*all, line.router); // there is no other
    }
    line.router.virtual_routers = *std::move(all);
    return line;
}

// What is said twice may be said in two ways.
Parsed<Configuration> from_file(const CLI::App& app, const std::string& file, const Here& here) {
    for (const CLI::Option* option : app.get_options()) {
        static constexpr std::string_view kWithFile[] = {"--config", "--check", "--directory", "--foreground",
                                                         "--realtime"};
        const std::string name = option->get_name();
        if (option->count() != 0 && std::ranges::find(kWithFile, name) == std::end(kWithFile))
            return error(fmt::format("{} does not go with --config: say it in {}", name, file));
    }
    const auto text = here.read_file(file, false);
    if (!text) return error(text.error());
    return parse_config_file(file, *text, here);
}

Parsed<void> check_alone(const CLI::App& app) {
    for (const CLI::Option* option : app.get_options())
        if (option->count() != 0 && !option->get_name().starts_with("--import"))
            return error(fmt::format("{} does not go with --import: the configuration is the file's",
                                     option->get_name()));
    return {};
}

// Nothing where no import is asked for.
Parsed<std::optional<importer::Order>> import_order(const CLI::App& app, const Options& o) {
    const auto file = at_most_one(o.import, Spelling::options);
    const auto format = at_most_one(o.import_format, Spelling::options);
    const auto id = at_most_one(o.import_id, Spelling::options);
    for (const auto* one : {&file, &format, &id})
        if (!*one) return tl::unexpected(one->error());
    if (!*file) {
        if (*format || *id)
            return error(fmt::format("{} says nothing without --import FILE",
                                     *format ? o.import_format.option : o.import_id.option));
        return std::nullopt;
    }
    if (const auto alone = check_alone(app); !alone) return tl::unexpected(alone.error());
    importer::Order order{
        .file = **file, .format = importer::parse_format(format->value_or("")), .id = id->value_or("")};
    if (*format && !order.format)
        return error(fmt::format("--import-format {}: give one of {}", **format, importer::kFormats));
    return order;
}

Parsed<Configuration> interpret(const CLI::App& app, Options& o, const Here& here) {
    const auto config = at_most_one(o.config, Spelling::options);
    if (!config) return tl::unexpected(config.error());
    const auto directory = at_most_one(o.directory, Spelling::options);
    if (!directory) return tl::unexpected(directory.error());
    if (*directory && (*directory)->empty()) return error("-f '': name a directory");
    auto line = *config ? from_file(app, **config, here) : from_options(o, here);
    if (!line) return line;
    line->process.foreground = o.foreground || line->process.foreground;
    line->process.check = o.check;
    line->process.realtime = o.realtime || line->process.realtime;
    line->process.file = config->value_or(std::string());
    if (*directory) line->process.directory = **directory;
    return line;
}

} // namespace

const char* const kVersion = VRRP_VERSION;

std::vector<CommandWord> words_of_command_line(std::string_view line) {
    std::vector<CommandWord> words;
    for (std::size_t at = 0; (at = line.find_first_not_of(" \t\n", at)) != line.npos;) {
        const char quote = line[at];
        const bool opens = quote == '"' || quote == '\'';
        const std::size_t end = opens ? line.find(quote, at + 1) : line.npos;
        if (end != line.npos) {
            words.push_back({std::string(line.substr(at + 1, end - at - 1)), at});
            at = end + 1;
        } else {
            words.push_back({std::string(line.substr(at, line.find_first_of(" \t\n", at) - at)), at});
            at += words.back().text.size();
        }
    }
    return words;
}

std::vector<std::string> texts(const std::vector<CommandWord>& words) {
    std::vector<std::string> all;
    for (const CommandWord& one : words)
        all.push_back(one.text);
    return all;
}

CommandLineResult parse_command_line(std::span<const std::string> arguments, const Here& here) {
    Options options;
    CLI::App app("vrrpd: a gateway address shared by two or more routers (VRRP)", "vrrpd");
    app.footer(kExample);
    add_options(app, options);
    try {
        app.parse(
            std::vector<std::string>(arguments.rbegin(), arguments.rend())); // CLI11 takes them reversed
    } catch (const CLI::CallForHelp&) {
        return TextRequest{app.help()};
    } catch (const CLI::ParseError& e) {
        return error(fmt::format("{} (vrrpd --help lists the options)", e.what()));
    }
    if (options.version) return TextRequest{fmt::format("vrrpd {}\n", kVersion)};
    auto order = import_order(app, options);
    if (!order) return tl::unexpected(order.error());
    if (*order) return **std::move(order);
    const auto line = interpret(app, options, here);
    if (!line) return tl::unexpected(line.error());
    return *line;
}

} // namespace vrrp::config

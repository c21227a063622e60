#include "tools/vrrplab/check/read_routers.hpp"

#include "core/config/command_line.hpp"
#include "core/config/config_file.hpp"
#include "core/config/together/command_line_places.hpp"
#include "netsim/scenario/grammar.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <sstream>

namespace vrrplab {
namespace {

using namespace vrrp;
using config::Place;
using config::Port;
using config::RouterTold;
using config::SourceMap;
using config::Told;

constexpr std::size_t kMaxRouters = 16;  // more only take longer
constexpr std::size_t kLongestName = 32; // the table has 80 columns

bool is_router_name(std::string_view name) {
    return !name.empty() && name.size() <= kLongestName && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    });
}

// Those of the hosts and networks that the site gets.
bool is_taken(std::string_view name) {
    for (const std::string_view ours : {"pc", "net", "stranger", "target"}) {
        const std::string_view rest = name.starts_with(ours) ? name.substr(ours.size()) : "";
        if (!rest.empty() && rest.find_first_not_of("0123456789") == rest.npos) return true;
    }
    return false;
}

bool is_vrrpd_file(std::string_view text) {
    for (std::size_t at = 0; (at = text.find("[[virtual_router]]", at)) != text.npos; ++at)
        if (at == 0 || text[at - 1] == '\n') return true;
    return false;
}

// "vrrpd -i ...", "/usr/sbin/vrrpd -i ...". A path alone is a file's.
bool is_vrrpd(const std::vector<config::CommandWord>& words) {
    const std::string& program = words.front().text;
    return program == "vrrpd" || (words.size() > 1 && program.ends_with("/vrrpd"));
}

// Other bytes of the same form for each secret: in scenarios that a team keeps it has no place.
class StandIns {
  public:
    std::string of(const std::string& content) {
        const std::string secret = content.substr(0, content.find_first_of("\r\n"));
        auto known = std::ranges::find(secrets_, secret);
        if (known == secrets_.end()) known = secrets_.insert(secrets_.end(), secret);
        const auto number = static_cast<std::size_t>(known - secrets_.begin()) + 1;
        for (const std::string_view prefix : {"0x", "hex:"})
            if (secret.starts_with(prefix))
                return fmt::format("{}{:0>{}x}", prefix, number, secret.size() - prefix.size());
        return fmt::format("{:s>{}}", number, secret.size());
    }

  private:
    std::vector<std::string> secrets_;
};

class RouterReader {
  public:
    explicit RouterReader(const CheckSources& sources) : sources_(sources) {}

    tl::expected<void, std::string> read(const std::string& argument) {
        const std::size_t equals = argument.find('=');
        const std::string name = argument.substr(0, equals);
        if (equals == argument.npos || equals + 1 == argument.size())
            return wrong(argument, "say NAME=FILE, or NAME='vrrpd -i ...'");
        if (!is_router_name(name))
            return wrong(argument,
                         fmt::format("a router's name has 1 to {} letters, digits, - and _", kLongestName));
        if (is_taken(name)) return wrong(argument, fmt::format("a host or network is to be called {}", name));
        const std::string value = argument.substr(equals + 1);
        const std::size_t r = router_named(name);
        if (r == kMaxRouters)
            return wrong(argument, fmt::format("at most {} routers are checked", kMaxRouters));
        const auto words = config::words_of_command_line(value);
        if (words.empty()) return wrong(argument, "say NAME=FILE, or NAME='vrrpd -i ...'");
        return is_vrrpd(words) ? read_command_line(r, value) : read_file(r, value);
    }

    ReadRouters all() { return std::move(routers_); }

  private:
    static tl::unexpected<std::string> wrong(const std::string& argument, const std::string& why) {
        return tl::unexpected(fmt::format("'{}': {}", argument, why));
    }

    std::size_t router_named(const std::string& name) {
        const auto known = std::ranges::find(routers_.told, name, &RouterTold::name);
        const auto r = static_cast<std::size_t>(known - routers_.told.begin());
        if (known == routers_.told.end() && r < kMaxRouters) {
            routers_.told.push_back({.name = name, .processes = {}});
            routers_.written.emplace_back();
        }
        return r;
    }

    // What the configuration of a process names is remembered as the router's.
    config::Here here(std::size_t r) {
        const auto read = [this, r](const std::string& path,
                                    bool secret) -> tl::expected<std::string, std::string> {
            if (!path.starts_with('/')) return tl::unexpected(path + ": give its absolute path");
            auto content = sources_.read_file(path);
            if (content) routers_.written[r].files[path] = secret ? stand_ins_.of(*content) + "\n" : *content;
            return content;
        };
        const auto anybody = [](const std::string&) { return true; };
        return {read, anybody, anybody};
    }

    tl::expected<void, std::string> read_command_line(std::size_t r, const std::string& line) {
        RouterTold& router = routers_.told[r];
        auto words = texts(config::words_of_command_line(line));
        const std::string options = line.substr(line.find(words.front()) + words.front().size());
        words.erase(words.begin());
        const Place place{router.name, router.processes.size() + 1, 1};
        const auto parsed = config::parse_command_line(words, here(r));
        if (!parsed) return tl::unexpected(fmt::format("{}: {}", to_text(place), parsed.error().message));
        const auto* configuration = std::get_if<config::Configuration>(&*parsed);
        if (configuration == nullptr)
            return tl::unexpected(fmt::format("{}: this command line only prints a text", to_text(place)));
        Told told{*configuration, config::places_of_command_line(place, line, *configuration)};
        if (const std::string& file = configuration->process.file; !file.empty()) {
            SourceMap places;
            const auto content = sources_.read_file(file);
            if (content && config::parse_config_file(file, *content, here(r), &places)) told.places = places;
        }
        router.processes.push_back(std::move(told));
        routers_.written[r].run.push_back("vrrpd" + options);
        return {};
    }

    tl::expected<void, std::string> read_file(std::size_t r, const std::string& path) {
        const auto content = sources_.read_file(path);
        if (!content) return tl::unexpected(content.error());
        if (!is_vrrpd_file(*content) && config::importer::format_of(*content))
            return import(r, path, *content);
        SourceMap places;
        auto parsed = config::parse_config_file(path, *content, here(r), &places);
        if (!parsed) return tl::unexpected(parsed.error().message);
        add(r, path, *content, {*std::move(parsed), std::move(places)});
        return {};
    }

    tl::expected<void, std::string> import(std::size_t r, const std::string& path,
                                           const std::string& content) {
        const std::string& name = routers_.told[r].name;
        const auto imported = config::importer::import_text(
            {.file = path, .format = {}, .id = name}, content,
            {.read_file = sources_.read_file, .files = sources_.files, .host = name});
        if (!imported) return tl::unexpected(imported.error().message);
        SourceMap places;
        auto parsed = config::parse_config_file(path, imported->text, here(r), &places);
        if (!parsed) return tl::unexpected(at_origin(path, parsed.error().message, imported->origins));
        for (auto* tables : {&places.virtual_routers, &places.groups, &places.tracks})
            for (SourceMap::Table& table : *tables) {
                table.place = origin(path, table.place, imported->origins);
                for (auto& [key, place] : table.keys)
                    place = origin(path, place, imported->origins);
            }
        if (imported->lost_vrrp != 0)
            routers_.remarks.push_back(
                {config::Gravity::note,
                 "import",
                 {path},
                 fmt::format("{}: {} line{} could not be carried over: vrrpd --import {} says which", name,
                             imported->lost_vrrp, imported->lost_vrrp == 1 ? "" : "s", path)});
        add(r, path, imported->text, {*std::move(parsed), std::move(places)});
        return {};
    }

    static Place origin(const std::string& path, const Place& place, const std::vector<Place>& origins) {
        if (place.line == 0 || place.line > origins.size() || origins[place.line - 1].line == 0)
            return {path};
        return origins[place.line - 1];
    }

    // "FILE:LINE:COLUMN: why" of what was imported.
    static std::string at_origin(const std::string& path, const std::string& message,
                                 const std::vector<Place>& origins) {
        Place place{path};
        std::string_view rest = message;
        if (!rest.starts_with(path + ":")) return message;
        rest.remove_prefix(path.size() + 1);
        const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), place.line);
        if (error != std::errc()) return message;
        const std::size_t why = rest.find(": ");
        return fmt::format("{}: {}", to_text(origin(path, place, origins)),
                           why == rest.npos ? rest : rest.substr(why + 2));
    }

    // In a scenario it is a file of the router's /etc/vrrpd.
    void add(std::size_t r, const std::string& path, const std::string& text, Told told) {
        std::string stem = path.substr(path.rfind('/') + 1);
        stem = stem.substr(0, stem.rfind('.'));
        std::ranges::replace_if(
            stem, [](char c) { return !is_router_name(std::string_view(&c, 1)); }, '_');
        if (stem.empty()) stem = "vrrpd";
        auto& files = routers_.written[r].files;
        std::string file = fmt::format("/etc/vrrpd/{}.toml", stem);
        for (std::size_t i = 2; files.contains(file); ++i)
            file = fmt::format("/etc/vrrpd/{}-{}.toml", stem, i);
        files[file] = text;
        routers_.written[r].run.push_back("vrrpd --config " + file);
        routers_.told[r].processes.push_back(std::move(told));
    }

    const CheckSources& sources_;
    ReadRouters routers_;
    StandIns stand_ins_;
};

// "gw1.eth0.100": an interface's name may have dots, a router's has none.
tl::expected<Port, std::string> read_port(const std::string& text, std::span<const RouterTold> routers) {
    const std::size_t dot = text.find('.');
    const std::string name = text.substr(0, dot);
    std::vector<std::string> names, interfaces;
    for (const RouterTold& one : routers)
        names.push_back(one.name);
    const auto router = std::ranges::find(names, name);
    if (dot == text.npos) return tl::unexpected(fmt::format("'{}' is no ROUTER.INTERFACE", text));
    if (router == names.end())
        return tl::unexpected(fmt::format("no router '{}'{}", name, sim::did_you_mean(name, names)));
    const auto r = static_cast<std::size_t>(router - names.begin());
    const std::string interface = text.substr(dot + 1);
    for (const Told& told : routers[r].processes)
        for (const VirtualRouterConfig& one : told.configuration.router.virtual_routers)
            interfaces.push_back(one.interface);
    if (std::ranges::find(interfaces, interface) == interfaces.end())
        return tl::unexpected(fmt::format("{} has no virtual router on '{}'{}", name, interface,
                                          sim::did_you_mean(interface, interfaces)));
    return Port{r, interface};
}

} // namespace

tl::expected<ReadRouters, std::string> read_routers(std::span<const std::string> arguments,
                                                    const CheckSources& sources) {
    RouterReader reader(sources);
    for (const std::string& argument : arguments)
        if (const auto read = reader.read(argument); !read) return tl::unexpected(read.error());
    return reader.all();
}

tl::expected<config::OwnAddresses, std::string> read_addresses(std::span<const std::string> arguments,
                                                               std::span<const RouterTold> routers) {
    config::OwnAddresses addresses;
    for (const std::string& argument : arguments) {
        const auto wrong = [&](const std::string& why) {
            return tl::unexpected(fmt::format("--address '{}': {}", argument, why));
        };
        const std::size_t equals = argument.find('=');
        if (equals == argument.npos) return wrong("say ROUTER.INTERFACE=IP/LEN");
        const auto port = read_port(argument.substr(0, equals), routers);
        if (!port) return wrong(port.error());
        const auto prefix = IpPrefix::parse(argument.substr(equals + 1));
        if (!prefix || argument.find('/') == argument.npos)
            return wrong("this is no address with a length such as 10.16.1.1/24");
        const bool is_host = !prefix->address.is_unspecified() && !prefix->address.is_multicast() &&
                             !prefix->is_network_address(prefix->address) &&
                             !prefix->is_broadcast_address(prefix->address);
        if (!is_host) return wrong("no host can have this address");
        for (const auto& [other, own] : addresses)
            if (std::ranges::find(own, prefix->address, &IpPrefix::address) != own.end())
                return wrong("this address is given twice");
        addresses[*port].push_back(*prefix);
    }
    return addresses;
}

tl::expected<std::vector<std::pair<Port, Port>>, std::string>
read_joined(std::span<const std::string> arguments, std::span<const RouterTold> routers) {
    std::vector<std::pair<Port, Port>> joined;
    for (const std::string& argument : arguments) {
        const auto wrong = [&](const std::string& why) {
            return tl::unexpected(fmt::format("--network '{}': {}", argument, why));
        };
        std::vector<Port> ports;
        for (std::size_t at = 0; at <= argument.size();) {
            const std::size_t comma = std::min(argument.find(',', at), argument.size());
            const auto port = read_port(argument.substr(at, comma - at), routers);
            if (!port) return wrong(port.error());
            ports.push_back(*port);
            at = comma + 1;
        }
        if (ports.size() < 2) return wrong("say ROUTER.INTERFACE,ROUTER.INTERFACE");
        for (std::size_t i = 1; i < ports.size(); ++i)
            joined.emplace_back(ports.front(), ports[i]);
    }
    return joined;
}

} // namespace vrrplab

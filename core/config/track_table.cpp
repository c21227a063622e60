#include "core/config/track_table.hpp"

#include "core/config/file_error.hpp"
#include "core/config/settings.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>
#include <ranges>
#include <span>

namespace vrrp::config {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxName = 32;    // it stands in journal lines
constexpr std::size_t kMaxProcess = 15; // that is what the kernel keeps of a program's name

// Those of /etc/iproute2/rt_protos, which a machine need not have.
constexpr std::pair<std::string_view, std::uint8_t> kProtocols[] = {
    {"kernel", 2}, {"boot", 3},   {"static", 4}, {"ra", 9},     {"zebra", 11}, {"bird", 12}, {"dhcp", 16},
    {"babel", 42}, {"openr", 99}, {"bgp", 186},  {"isis", 187}, {"ospf", 188}, {"rip", 189}, {"eigrp", 192}};

// What a machine can be asked by.
bool is_host(const IpAddress& address) {
    return !address.is_unspecified() && !address.is_multicast() && !address.is_broadcast();
}

class TrackReader {
  public:
    TrackReader(const toml::table& table, const Here& here) : table_(table), here_(here) {}

    TrackConfig read() {
        read_name();
        read_kind();
        if (!track_.is_file()) read_effect();
        track_.hold = seconds("hold", 0s, 3600s, "the hold is 0 to 3600").value_or(Duration{});
        refuse_unread();
        return std::move(track_);
    }

  private:
    using Kind = std::pair<const char*, void (TrackReader::*)(const toml::node*)>;

    // A file says itself what it does.
    void read_effect() {
        if (const auto weight = whole("weight", -kMaxWeight, kMaxWeight, "a weight"))
            track_.weight = static_cast<int>(*weight);
        track_.invert = flag("invert");
    }

    // Every key that is asked for is known from then on.
    const toml::node* get(const char* key) {
        known_.emplace_back(key);
        return table_.get(key);
    }

    void refuse_unread() const {
        for (const auto& [key, node] : table_)
            if (std::ranges::find(known_, key.str()) == known_.end())
                fail(key.source(),
                     fmt::format("unknown key '{}': {} has {}", key.str(), what_, fmt::join(known_, ", ")));
    }

    void read_name() {
        const toml::node* node = get("name");
        if (node == nullptr) fail(table_.source(), "a track needs a name: name = \"uplink\"");
        track_.name = text(*node, "name");
        const auto allowed = [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                   c == '_' || c == '.';
        };
        if (track_.name.empty() || track_.name.size() > kMaxName ||
            !std::ranges::all_of(track_.name, allowed))
            fail(node->source(),
                 fmt::format("name '{}': a track's name has 1 to {} letters, digits, '-', '_' and '.'",
                             track_.name, kMaxName));
    }

    // The key that says what is checked says of which kind it is, too.
    void read_kind() {
        static constexpr Kind kKinds[] = {{"interface", &TrackReader::read_interface},
                                          {"script", &TrackReader::read_script},
                                          {"tcp", &TrackReader::read_tcp},
                                          {"ping", &TrackReader::read_ping},
                                          {"neighbour", &TrackReader::read_neighbour},
                                          {"process", &TrackReader::read_process},
                                          {"pid-file", &TrackReader::read_pid_file},
                                          {"file", &TrackReader::read_file},
                                          {"route", &TrackReader::read_route}};
        const Kind* kind = nullptr;
        for (const auto& one : kKinds) {
            const toml::node* node = table_.get(one.first);
            if (node == nullptr) continue;
            if (kind != nullptr)
                fail(node->source(),
                     fmt::format("a track checks one thing: write {} or {}", kind->first, one.first));
            kind = &one;
        }
        if (kind == nullptr)
            fail(table_.source(),
                 fmt::format("track '{}' checks nothing: give it one of {}", track_.name, kinds(kKinds)));
        (this->*kind->second)(get(kind->first));
    }

    void read_script(const toml::node* node) {
        what_ = "a track of a script";
        std::vector<std::string> words;
        if (const toml::array* array = node->as_array())
            for (const toml::node& one : *array)
                words.push_back(text(one, "script"));
        else
            words.push_back(text(*node, "script"));
        if (words.empty() || !words.front().starts_with('/'))
            fail(node->source(), "script: give the program's absolute path, and its arguments as a list: "
                                 "[\"/etc/vrrpd/web\", \"80\"]");
        ScriptCheck check{words.front(), {words.begin() + 1, words.end()}};
        if (const toml::node* user = get("user")) {
            check.user = text(*user, "user");
            if (!here_.has_user(check.user))
                fail(user->source(),
                     fmt::format("user '{}': this machine has no user of that name", check.user));
        }
        track_.check = std::move(check);
        read_asking();
    }

    void read_tcp(const toml::node* node) {
        what_ = "a track of a TCP port";
        const std::string written = text(*node, "tcp");
        const auto check = parse_tcp(written);
        if (!check)
            fail(node->source(),
                 fmt::format("tcp '{}': write an address and a port: 10.0.0.1:80 or [fd00::1]:80", written));
        track_.check = *check;
        read_asking();
    }

    void read_ping(const toml::node* node) {
        what_ = "a track of an address that answers";
        PingCheck check{.address = address(*node, "ping")};
        if (!is_host(check.address))
            fail(node->source(),
                 fmt::format("ping '{}': write one machine's address", to_string(check.address)));
        if (const toml::node* from = get("from")) {
            check.interface = text(*from, "from");
            if (!is_interface_name(check.interface))
                fail(from->source(), fmt::format("from '{}': {}", check.interface, kInterfaceNames));
        } else if (check.address.is_link_local() && check.address.family() == IpFamily::v6) {
            fail(node->source(),
                 fmt::format("ping '{}': a link-local address needs the interface that it is to be "
                             "reached by: from = \"eth1\"",
                             to_string(check.address)));
        }
        track_.check = std::move(check);
        read_asking();
    }

    void read_neighbour(const toml::node* node) {
        what_ = "a track of a neighbour";
        PingCheck check{.address = address(*node, "neighbour"), .neighbour = true};
        const auto refuse = [&](const char* what) {
            fail(node->source(), fmt::format("neighbour '{}': {}", to_string(check.address), what));
        };
        if (!is_host(check.address)) refuse("write one machine's address");
        const toml::node* from = get("from");
        if (from == nullptr) refuse("a neighbour is on the link of an interface: from = \"eth1\"");
        check.interface = text(*from, "from");
        if (!is_interface_name(check.interface))
            fail(from->source(), fmt::format("from '{}': {}", check.interface, kInterfaceNames));
        track_.check = std::move(check);
        read_asking();
    }

    void read_process(const toml::node* node) {
        what_ = "a track of a process";
        ProcessCheck check{.name = text(*node, "process")};
        if (check.name.empty() || check.name.size() > kMaxProcess || check.name.find('/') != check.name.npos)
            fail(node->source(),
                 fmt::format("process '{}': write its program's name without a directory, and of that "
                             "the first {} characters, as 'ps -o comm' has it",
                             check.name, kMaxProcess));
        track_.check = std::move(check);
    }

    void read_pid_file(const toml::node* node) {
        what_ = "a track of a process";
        track_.check = ProcessCheck{.pid_file = path(*node, "pid-file")};
    }

    void read_file(const toml::node* node) {
        what_ = "a track of a file";
        track_.check = FileCheck{path(*node, "file")};
    }

    void read_route(const toml::node* node) {
        what_ = "a track of a route";
        const std::string written = text(*node, "route");
        const auto prefix = IpPrefix::parse(written == "default" ? "0.0.0.0/0" : written);
        if (!prefix || prefix->address != prefix->first())
            fail(node->source(),
                 fmt::format("route '{}': write a prefix without host bits, such as 10.0.0.0/8 or "
                             "fd00::/8; default is 0.0.0.0/0",
                             written));
        RouteCheck check{.prefix = *prefix};
        check.table = static_cast<std::uint32_t>(
            whole("table", 1, std::numeric_limits<std::uint32_t>::max(), "a table").value_or(check.table));
        if (const toml::node* protocol = get("protocol")) check.protocol = read_protocol(*protocol);
        if (const toml::node* via = get("via")) {
            check.via = address(*via, "via");
            const bool fits = check.via->family() == IpFamily::v6 || prefix->address.family() == IpFamily::v4;
            if (!is_host(*check.via) || !fits)
                fail(via->source(),
                     fmt::format("via '{}': write the next hop's address", to_string(*check.via)));
        }
        track_.check = check;
    }

    std::uint8_t read_protocol(const toml::node& node) const {
        if (node.is_integer()) {
            const std::int64_t number = node.value_or(std::int64_t{});
            if (number >= 0 && number <= 255) return static_cast<std::uint8_t>(number);
            fail(node.source(), fmt::format("protocol {}: a route's protocol is 0 to 255", number));
        }
        const std::string name = text(node, "protocol");
        const auto known =
            std::ranges::find(kProtocols, name, &std::pair<std::string_view, std::uint8_t>::first);
        if (known == std::end(kProtocols))
            fail(node.source(), fmt::format("protocol '{}': write a number, or one of {}", name,
                                            fmt::join(kProtocols | std::views::keys, ", ")));
        return known->second;
    }

    static std::optional<TcpCheck> parse_tcp(std::string_view written) {
        const std::size_t colon = written.rfind(':');
        if (colon == written.npos) return std::nullopt;
        std::string_view host = written.substr(0, colon), digits = written.substr(colon + 1);
        const bool brackets = host.starts_with('[') && host.ends_with(']');
        if (brackets) host = host.substr(1, host.size() - 2);
        const auto address = IpAddress::parse(host);
        TcpCheck check{.address = address.value_or(IpAddress{}), .port = 0};
        const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), check.port);
        const bool whole = failed == std::errc{} && end == digits.data() + digits.size() && check.port != 0;
        if (!address || !whole || !is_host(*address) || brackets != (address->family() == IpFamily::v6))
            return std::nullopt;
        return check;
    }

    void read_asking() {
        track_.interval = seconds("interval", 100ms, 3600s, "the interval is 0.1 to 3600").value_or(1s);
        track_.timeout = seconds("timeout", 100ms, 3600s, "the timeout is 0.1 to 3600").value_or(2s);
        track_.rise = static_cast<unsigned>(whole("rise", 1, 255, "rise").value_or(1));
        track_.fall = static_cast<unsigned>(whole("fall", 1, 255, "fall").value_or(1));
    }

    void read_interface(const toml::node* node) {
        what_ = "a track of an interface";
        InterfaceCheck check{.interface = text(*node, "interface"), .address = std::nullopt};
        if (!is_interface_name(check.interface))
            fail(node->source(), fmt::format("interface '{}': {}", check.interface, kInterfaceNames));
        if (const toml::node* address = get("address")) {
            check.address = this->address(*address, "address");
        }
        track_.check = std::move(check);
    }

    std::string text(const toml::node& node, const char* key) const {
        if (!node.is_string()) fail(node.source(), fmt::format("{} is a text in quotes", key));
        return node.value_or(std::string());
    }

    std::string path(const toml::node& node, const char* key) const {
        std::string path = text(node, key);
        if (!path.starts_with('/'))
            fail(node.source(), fmt::format("{}: give the file's absolute path", key));
        return path;
    }

    IpAddress address(const toml::node& node, const char* key) const {
        const std::string written = text(node, key);
        const auto address = IpAddress::parse(written);
        if (!address) fail(node.source(), fmt::format("{} '{}': write 10.0.0.1 or fe80::1", key, written));
        return *address;
    }

    static std::string kinds(std::span<const Kind> all) {
        return fmt::format("{}", fmt::join(all | std::views::transform(&Kind::first), ", "));
    }

    bool flag(const char* key) {
        const toml::node* node = get(key);
        if (node == nullptr) return false;
        if (!node->is_boolean())
            fail(node->source(), fmt::format("{} is true or false, without quotes", key));
        return node->value_or(false);
    }

    std::optional<std::int64_t> whole(const char* key, std::int64_t min, std::int64_t max, const char* what) {
        const toml::node* node = get(key);
        if (node == nullptr) return std::nullopt;
        if (!node->is_integer())
            fail(node->source(), fmt::format("{} is a whole number without quotes", key));
        const std::int64_t value = node->value_or(std::int64_t{});
        if (value < min || value > max)
            fail(node->source(),
                 fmt::format("{} {}: {} is a whole number from {} to {}", key, value, what, min, max));
        return value;
    }

    std::optional<Duration> seconds(const char* key, Duration min, Duration max, const char* what) {
        const toml::node* node = get(key);
        if (node == nullptr) return std::nullopt;
        if (!node->is_integer() && !node->is_floating_point())
            fail(node->source(), fmt::format("{} is a number of seconds without quotes", key));
        const std::string written = node->is_integer() ? std::to_string(node->value_or(std::int64_t{}))
                                                       : fmt::format("{}", node->value_or(0.0));
        const auto value = parse_seconds(written);
        if (!value || *value < min || *value > max)
            fail(node->source(), fmt::format("{} {}: {} seconds in steps of 0.01", key, written, what));
        return value;
    }

    const toml::table& table_;
    const Here& here_;
    TrackConfig track_;
    const char* what_ = "a track";
    std::vector<std::string> known_;
};

} // namespace

TrackConfig read_track(const toml::table& table, const Here& here) {
    return TrackReader(table, here).read();
}

} // namespace vrrp::config

#include "core/config/track_table.hpp"

#include "core/config/file_error.hpp"
#include "core/config/settings.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace vrrp::config {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxName = 32; // it stands in journal lines

class TrackReader {
  public:
    explicit TrackReader(const toml::table& table) : table_(table) {}

    TrackConfig read() {
        read_name();
        read_kind();
        if (const auto weight = whole("weight", -kMaxWeight, kMaxWeight, "a weight"))
            track_.weight = static_cast<int>(*weight);
        track_.invert = flag("invert");
        track_.hold = seconds("hold", 0s, 3600s, "the hold is 0 to 3600").value_or(Duration{});
        refuse_unread();
        return std::move(track_);
    }

  private:
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
        using Read = void (TrackReader::*)(const toml::node*);
        static constexpr std::pair<const char*, Read> kKinds[] = {{"interface", &TrackReader::read_interface},
                                                                  {"script", &TrackReader::read_script},
                                                                  {"tcp", &TrackReader::read_tcp}};
        const std::pair<const char*, Read>* kind = nullptr;
        for (const auto& one : kKinds) {
            const toml::node* node = table_.get(one.first);
            if (node == nullptr) continue;
            if (kind != nullptr)
                fail(node->source(),
                     fmt::format("a track checks one thing: write {} or {}", kind->first, one.first));
            kind = &one;
        }
        if (kind == nullptr)
            fail(
                table_.source(),
                fmt::format("track '{}' checks nothing: give it an interface, a script or tcp", track_.name));
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
        track_.check = ScriptCheck{words.front(), {words.begin() + 1, words.end()}};
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
        if (!address || !whole || address->is_unspecified() || address->is_multicast() ||
            address->is_broadcast() || brackets != (address->family() == IpFamily::v6))
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
            const std::string written = text(*address, "address");
            check.address = IpAddress::parse(written);
            if (!check.address)
                fail(address->source(), fmt::format("address '{}': write 10.0.0.1 or fe80::1", written));
        }
        track_.check = std::move(check);
    }

    std::string text(const toml::node& node, const char* key) const {
        if (!node.is_string()) fail(node.source(), fmt::format("{} is a text in quotes", key));
        return node.value_or(std::string());
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
    TrackConfig track_;
    const char* what_ = "a track";
    std::vector<std::string> known_;
};

} // namespace

TrackConfig read_track(const toml::table& table) {
    return TrackReader(table).read();
}

} // namespace vrrp::config

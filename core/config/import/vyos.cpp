#include "core/config/import/vyos.hpp"

#include "core/config/import/statement_builder.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>

namespace vrrp::config::importer {
namespace {

// A value and the way to it: high-availability vrrp group LAN vrid 10.
struct Path {
    Place place;
    std::vector<std::string> words;
};

// Words of a line; quotes of either kind hold one together. An error names the place.
Parsed<std::vector<std::string>> vyos_words(const Place& place, std::string_view line) {
    std::vector<std::string> words;
    for (std::size_t at = 0; at < line.size();) {
        if (line[at] == ' ' || line[at] == '\t' || line[at] == '\r') {
            ++at;
            continue;
        }
        std::string word;
        while (at < line.size() && line[at] != ' ' && line[at] != '\t' && line[at] != '\r') {
            const char c = line[at++];
            if (c != '"' && c != '\'') {
                word += c;
                continue;
            }
            const std::size_t end = line.find(c, at);
            if (end == line.npos)
                return error_at(place, fmt::format("this line has a {} without its end", c));
            word += line.substr(at, end - at);
            at = end + 1;
        }
        words.push_back(std::move(word));
    }
    return words;
}

// Either form, as paths. Of what is not about high availability only the braces are looked at.
class VyosReader {
  public:
    explicit VyosReader(const std::string& file) : file_(file) {}

    Parsed<std::vector<Path>> read(std::string_view text) {
        bool in_comment = false;
        for (std::size_t number = 1; !text.empty(); ++number) {
            const std::size_t end = text.find('\n');
            std::string_view line = text.substr(0, end);
            text.remove_prefix(end == text.npos ? text.size() : end + 1);
            const Place place{file_, number, 1 + std::min(line.size(), line.find_first_not_of(" \t"))};
            line.remove_prefix(place.column - 1);
            if (in_comment || line.starts_with("/*")) {
                in_comment = line.find("*/") == line.npos;
                continue;
            }
            if (line.starts_with("//") || line.starts_with('#')) continue;
            const bool is_command = line.starts_with("set ");
            if (is_command && !line.starts_with("set high-availability")) continue;
            const bool concerns = is_command || concerned() || line.starts_with("high-availability");
            auto words = concerns ? vyos_words(place, line) : blank_words(line);
            if (!words) return tl::unexpected(words.error());
            if (words->empty()) continue;
            if (const auto done = read_line(place, *std::move(words)); !done)
                return tl::unexpected(done.error());
        }
        const auto all = builder_.finish();
        if (!all) return tl::unexpected(all.error());
        for (const Statement& one : *all)
            flatten(one, {});
        return std::move(paths_);
    }

  private:
    // Other trees may have anything between quotes.
    static Parsed<std::vector<std::string>> blank_words(std::string_view line) {
        while (line.ends_with(' ') || line.ends_with('\r'))
            line.remove_suffix(1);
        if (line.empty()) return std::vector<std::string>();
        if (line == "}") return std::vector<std::string>{"}"};
        if (line.ends_with('{')) return std::vector<std::string>{"other", "{"};
        return std::vector<std::string>{"other"};
    }

    bool concerned() const { return depth_ > 0 && within_; }

    Parsed<void> read_line(const Place& place, std::vector<std::string> words) {
        if (words.front() == "set") {
            words.erase(words.begin());
            if (!words.empty() && words.front() == "high-availability")
                paths_.push_back({place, std::move(words)});
            return {};
        }
        if (depth_ == 0) within_ = words.front() == "high-availability";
        for (std::string& word : words) {
            if (word == "{") {
                ++depth_;
                if (const auto done = builder_.open(place); !done) return done;
            } else if (word == "}") {
                depth_ -= depth_ > 0 ? 1 : 0;
                if (const auto done = builder_.close(place); !done) return done;
            } else {
                builder_.word(place, std::move(word));
            }
        }
        builder_.end();
        return {};
    }

    void flatten(const Statement& one, std::vector<std::string> before) {
        before.insert(before.end(), one.words.begin(), one.words.end());
        if (before.front() != "high-availability") return;
        for (const Statement& inner : one.block)
            flatten(inner, before);
        if (one.block.empty()) paths_.push_back({one.place, std::move(before)});
    }

    const std::string& file_;
    StatementBuilder builder_;
    std::vector<Path> paths_;
    std::size_t depth_ = 0;
    bool within_ = false;
};

// VyOS' name of a value, and keepalived's.
using Names = std::map<std::string_view, std::string_view>;

const Names kGroupValues{
    {"interface", "interface"},           {"vrid", "virtual_router_id"}, {"priority", "priority"},
    {"advertise-interval", "advert_int"}, {"no-preempt", "nopreempt"},   {"preempt-delay", "preempt_delay"},
    {"rfc3768-compatibility", "use_vmac"}};
const Names kGarpValues{{"interval", "garp_interval"},
                        {"master-delay", "garp_master_delay"},
                        {"master-repeat", "garp_master_repeat"},
                        {"master-refresh", "garp_master_refresh"},
                        {"master-refresh-repeat", "garp_master_refresh_repeat"}};
const Names kTransitions{{"master", "notify_master"},
                         {"backup", "notify_backup"},
                         {"fault", "notify_fault"},
                         {"stop", "notify_stop"}};

class VyosTranslation {
  public:
    std::vector<Statement> make(const std::vector<Path>& paths) {
        for (const Path& path : paths)
            read(path);
        std::vector<Statement> all;
        if (!paths.empty()) all.push_back(std::move(global_));
        for (auto& one : scripts_)
            all.push_back(std::move(one));
        for (Group& group : groups_)
            if (!group.is_disabled) all.push_back(finish(group));
        for (Group& group : sync_groups_)
            if (!group.is_disabled) all.push_back(std::move(group.statement));
        for (Statement& one : others_)
            all.push_back(std::move(one));
        return all;
    }

  private:
    struct Group {
        std::string name;
        Statement statement;
        std::optional<Statement> source{};
        std::size_t check = 0; // its place among the scripts, from 1
        bool is_disabled = false;
    };

    static Statement make_statement(const Path& path, std::vector<std::string> words) {
        // From the group's name on, as VyOS shows it.
        const auto begin = path.words.begin() + std::min<std::ptrdiff_t>(2, std::ssize(path.words));
        return {path.place,
                std::move(words),
                {},
                false,
                fmt::format("{}", fmt::join(begin, path.words.end(), " "))};
    }

    static const std::string& at(const Path& path, std::size_t place) {
        static const std::string kNone;
        return place < path.words.size() ? path.words[place] : kNone;
    }

    void read(const Path& path) {
        const std::string &tree = at(path, 1), &kind = at(path, 2);
        if (tree == "virtual-server") {
            others_.push_back(make_statement(path, {"virtual_server"}));
            others_.back().written = "high-availability virtual-server";
        } else if (tree == "disable") {
            others_.push_back(make_statement(path, {"high-availability", "disable"}));
        } else if (tree != "vrrp") {
            if (!tree.empty()) others_.push_back(make_statement(path, {tree}));
        } else if (kind == "group") {
            read_group(path);
        } else if (kind == "sync-group") {
            read_sync_group(path);
        } else if (kind == "global-parameters") {
            read_global(path);
        } else if (kind == "snmp") {
            global_.block.push_back(make_statement(path, {"enable_snmp_vrrp"}));
        } else if (!kind.empty()) {
            others_.push_back(make_statement(path, {kind}));
        }
    }

    void read_global(const Path& path) {
        const std::string& what = at(path, 3);
        if (what == "startup-delay") return add(global_, path, {"vrrp_startup_delay", at(path, 4)});
        if (what == "version") return add(global_, path, {"vrrp_version", at(path, 4)});
        const auto garp = kGarpValues.find(at(path, 4));
        if (what == "garp" && garp != kGarpValues.end())
            return add(global_, path, {"vrrp_" + std::string(garp->second), at(path, 5)});
        if (!what.empty()) add(global_, path, {what});
    }

    static void add(Statement& to, const Path& path, std::vector<std::string> words) {
        to.block.push_back(make_statement(path, std::move(words)));
    }

    // Into a block of that keyword, which is made where it is missing.
    static void add_to_list(Statement& to, const Path& path, const std::string& list,
                            std::vector<std::string> words) {
        auto found =
            std::ranges::find_if(to.block, [&](const Statement& one) { return one.keyword() == list; });
        if (found == to.block.end())
            found = to.block.insert(found, Statement{path.place, {list}, {}, true, {}});
        found->block.push_back(make_statement(path, std::move(words)));
    }

    static Group& find(std::vector<Group>& groups, const Path& path, const char* keyword) {
        const std::string& name = at(path, 3);
        const auto known = std::ranges::find(groups, name, &Group::name);
        if (known != groups.end()) return *known;
        groups.push_back({name, make_statement(path, {keyword, name})});
        groups.back().statement.has_block = true;
        groups.back().statement.written = fmt::format("{} {}", at(path, 2), name);
        return groups.back();
    }

    void read_group(const Path& path) {
        Group& group = find(groups_, path, "vrrp_instance");
        Statement& to = group.statement;
        const std::string &what = at(path, 4), &value = at(path, 5);
        if (const auto known = kGroupValues.find(what); known != kGroupValues.end())
            return add(to, path,
                       known->second == "use_vmac" || known->second == "nopreempt"
                           ? std::vector{std::string(known->second)}
                           : std::vector{std::string(known->second), value});
        if (what == "address" || what == "virtual-address")
            return read_address(to, path, "virtual_ipaddress");
        if (what == "excluded-address" || what == "virtual-address-excluded")
            return read_address(to, path, "virtual_ipaddress_excluded");
        if (what == "disable") {
            group.is_disabled = true;
        } else if (what == "peer-address") {
            add_to_list(to, path, "unicast_peer", {value});
        } else if (what == "hello-source-address") {
            group.source = make_statement(path, {"unicast_src_ip", value});
        } else if (what == "authentication") {
            const std::string& word = at(path, 6);
            if (value == "password")
                add_to_list(to, path, "authentication", {"auth_pass", word});
            else
                add_to_list(to, path, "authentication",
                            {"auth_type", word == "plaintext-password" ? "PASS"
                                          : word == "ah"               ? "AH"
                                                                       : word});
        } else if (what == "track") {
            if (value == "interface")
                add_to_list(to, path, "track_interface", {at(path, 6)});
            else
                add(to, path, {value == "exclude-vrrp-interface" ? "dont_track_primary" : "track " + value});
        } else if (what == "garp" && kGarpValues.contains(value)) {
            add(to, path, {std::string(kGarpValues.at(value)), at(path, 6)});
        } else if (what == "health-check") {
            read_check(group, path);
        } else if (what == "transition-script") {
            read_transition(to, path);
        } else if (what != "description" && !what.empty()) {
            add(to, path, {what});
        }
    }

    static void read_address(Statement& to, const Path& path, const std::string& list) {
        if (at(path, 6) == "interface") {
            add_to_list(to, path, list, {at(path, 5), "dev", at(path, 7)});
        } else {
            add_to_list(to, path, list, {at(path, 5)});
        }
    }

    static void read_transition(Statement& to, const Path& path) {
        const auto known = kTransitions.find(at(path, 5));
        // The rest of the line is the command.
        const auto begin = path.words.begin() + std::min<std::ptrdiff_t>(6, std::ssize(path.words));
        const std::string command = fmt::format("{}", fmt::join(begin, path.words.end(), " "));
        if (known == kTransitions.end()) return add(to, path, {"transition-script " + at(path, 5)});
        add(to, path, {std::string(known->second), command});
    }

    // VyOS runs it every 60 s, and believes the third failure.
    void read_check(Group& group, const Path& path) {
        if (group.check == 0) {
            const std::string name = "healthcheck_" + group.name;
            Statement script = make_statement(path, {"vrrp_script", name});
            script.has_block = true;
            add(script, path, {"interval", "60"});
            add(script, path, {"fall", "3"});
            scripts_.push_back(std::move(script));
            group.check = scripts_.size();
            add_to_list(group.statement, path, "track_script", {name});
        }
        Statement& script = scripts_[group.check - 1];
        const std::string &what = at(path, 5), &value = at(path, 6);
        const auto begin = path.words.begin() + std::min<std::ptrdiff_t>(6, std::ssize(path.words));
        if (what == "script")
            add(script, path, {"script", fmt::format("{}", fmt::join(begin, path.words.end(), " "))});
        else if (what == "ping")
            add(script, path, {"script", "/usr/bin/ping -c1 " + value});
        else if (what == "interval")
            add(script, path, {"interval", value});
        else if (what == "failure-count")
            add(script, path, {"fall", value});
        else
            add(script, path, {what.empty() ? "health-check" : what});
    }

    void read_sync_group(const Path& path) {
        Group& group = find(sync_groups_, path, "vrrp_sync_group");
        const std::string& what = at(path, 4);
        if (what == "member")
            add_to_list(group.statement, path, "group", {at(path, 5)});
        else if (what == "disable")
            group.is_disabled = true;
        else if (what == "transition-script")
            read_transition(group.statement, path);
        else if (what == "health-check")
            read_check(group, path);
        else if (!what.empty())
            add(group.statement, path, {what});
    }

    Statement finish(Group& group) {
        const auto has = [&](const Statement& in, const char* keyword) {
            return std::ranges::any_of(in.block,
                                       [&](const Statement& one) { return one.keyword() == keyword; });
        };
        if (group.source && !has(group.statement, "unicast_peer"))
            group.source->words.front() = "mcast_src_ip";
        if (group.source) group.statement.block.push_back(*std::move(group.source));
        return std::move(group.statement);
    }

    Statement global_{Place{}, {"global_defs"}, {Statement{Place{}, {"script_user", "root"}}}, true, {}};
    std::vector<Group> groups_, sync_groups_;
    std::vector<Statement> scripts_, others_;
};

} // namespace

Parsed<std::vector<Statement>> read_vyos(const std::string& file, std::string_view text) {
    const auto paths = VyosReader(file).read(text);
    if (!paths) return tl::unexpected(paths.error());
    for (const Path& path : *paths)
        for (const std::string& word : path.words)
            if (!is_plain(word))
                return error_at(path.place, "this line is no UTF-8 text, or has control characters in it");
    return VyosTranslation().make(*paths);
}

bool looks_like_vyos(std::string_view text) {
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        line.remove_prefix(std::min(line.size(), line.find_first_not_of(" \t")));
        if (line.starts_with("set high-availability ") || line.starts_with("high-availability {"))
            return true;
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
    return false;
}

} // namespace vrrp::config::importer

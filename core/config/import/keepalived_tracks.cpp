#include "core/config/import/keepalived_tracks.hpp"

#include "core/config/import/keepalived_grammar.hpp"
#include "core/config/import/numbers.hpp"

#include <fmt/format.h>

namespace vrrp::config::importer {
namespace {

using enum Weight;

constexpr std::size_t kLongestName = 32, kLongestProcess = 15;
constexpr const char* kSteps = "vrrpd takes 0.1 to 3600 seconds, in steps of 0.01";

// The name of a check has letters, digits, '-', '_' and '.' alone.
std::string check_name(const std::string& text) {
    std::string name = text.substr(0, kLongestName - 4); // with room for a number
    std::ranges::replace_if(
        name,
        [](char c) {
            return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                     c == '_' || c == '.');
        },
        '-');
    return name.empty() ? "check" : name;
}

// Seconds into this key; what does not fit is told.
void put_seconds(Section& section, const Statement& statement, const char* key) {
    const auto value = hundredths(statement.word(1));
    if (!value || !value->exact || value->count < 10 || value->count > 360'000)
        return section.remark(vrrp, statement, kSteps);
    section.put({key, Kind::seconds}, value->text());
}

void put_count(Section& section, const Statement& statement, const char* key) {
    const auto value = whole_number(statement.word(1), 1, 255);
    if (!value) return section.remark(vrrp, statement, "vrrpd takes 1 to 255");
    section.put({key, Kind::number}, std::to_string(*value));
}

// "</dev/tcp/127.0.0.1/80" is how a bash asks whether a port accepts.
std::optional<std::string> port_of(const std::string& command) {
    constexpr std::string_view kDevice = "</dev/tcp/";
    if (!command.starts_with(kDevice)) return std::nullopt;
    const std::string rest = command.substr(kDevice.size());
    const std::size_t slash = rest.find('/');
    if (slash == rest.npos) return std::nullopt;
    const auto address = IpAddress::parse(rest.substr(0, slash));
    const auto port = whole_number(rest.substr(slash + 1), 1, 65535);
    if (!address || !port || address->is_unspecified() || address->is_multicast() || address->is_broadcast())
        return std::nullopt;
    const std::string host = to_string(*address);
    return address->family() == IpFamily::v4 ? fmt::format("{}:{}", host, *port)
                                             : fmt::format("[{}]:{}", host, *port);
}

struct Use {
    std::string name;
    long weight;
    bool reverse;
};

} // namespace

bool KeepalivedTracks::is_declaration(const std::string& keyword) {
    return keyword == "vrrp_script" || keyword == "vrrp_track_file" || keyword == "track_file" ||
           keyword == "vrrp_track_process";
}

bool KeepalivedTracks::is_use(const std::string& keyword) {
    return keyword == "track_interface" || keyword == "track_script" || keyword == "track_file" ||
           keyword == "track_process";
}

void KeepalivedTracks::declare(const Statement& statement) {
    const Of of = statement.keyword() == "vrrp_script"          ? Of::script
                  : statement.keyword() == "vrrp_track_process" ? Of::process
                                                                : Of::file;
    Declared declared;
    declared.section.heading = "[[track]]";
    declared.section.title = fmt::format("{}: {}", to_string(statement.place), statement.said());
    declared.section.place = statement.place;
    if (of == Of::script) read_script(statement, declared);
    if (of == Of::file) read_file(statement, declared);
    if (of == Of::process) read_process(statement, declared);
    const auto key = std::pair(of, statement.word(1));
    if (!declared_.contains(key)) order_.push_back(key);
    declared_[key] = std::move(declared);
}

void KeepalivedTracks::read_weight(const Statement& statement, Declared& declared) {
    if (const auto weight = whole_number(statement.word(1), -254, 254))
        declared.weight = *weight;
    else
        declared.section.remark(vrrp, statement, "a weight is -253 to 253");
    declared.reverse = statement.word(2) == "reverse";
}

void KeepalivedTracks::read_script(const Statement& statement, Declared& declared) {
    Section& section = declared.section;
    const Statement* interval = nullptr;
    for (const Statement& one : statement.block) {
        const std::string& keyword = one.keyword();
        if (keyword == "script") {
            std::string command = one.word(1);
            for (std::size_t i = 2; i < one.words.size(); ++i)
                command += ' ' + one.words[i];
            auto words = script_words(command);
            if (words.empty()) {
                section.remark(note, one, "keepalived ignores a script without a program");
                continue;
            }
            declared.is_good = true;
            if (const auto port = port_of(command))
                section.put({"tcp", Kind::text}, *port);
            else if (words.front().starts_with('/'))
                section.put({"script", Kind::texts}, std::move(words));
            else // a shell finds the program as keepalived does, and reads what else may stand there
                section.put({"script", Kind::texts}, {"/bin/sh", "-c", command});
        } else if (keyword == "interval") {
            put_seconds(section, one, "interval");
            interval = &one;
        } else if (keyword == "timeout") {
            put_seconds(section, one, "timeout");
        } else if (keyword == "rise" || keyword == "fall") {
            put_count(section, one, keyword.c_str());
        } else if (keyword == "weight") {
            read_weight(one, declared);
        } else if (keyword == "user") {
            if (one.words.size() > 2) section.remark(note, one, "it runs with the groups of its user");
            section.put({"user", Kind::text}, one.word(1));
        } else if (keyword != "init_fail") { // nobody leads before the first result
            section.remark(vrrp, one, "unknown here");
        }
    }
    // keepalived's timeout is its interval where none is said.
    if (section.find("timeout") == nullptr)
        section.put({"timeout", Kind::seconds},
                    section.find("interval") != nullptr ? section.find("interval")->values.front() : "1");
    if (interval != nullptr && section.find("interval") == nullptr) declared.is_good = false;
    if (section.find("tcp") != nullptr)
        std::erase_if(section.entries, [](const Entry& e) { return e.key == "user"; });
}

void KeepalivedTracks::read_file(const Statement& statement, Declared& declared) {
    Section& section = declared.section;
    declared.weight = 1;
    for (const Statement& one : statement.block) {
        if (one.keyword() == "file") {
            declared.is_good = one.word(1).starts_with('/');
            section.put({"file", Kind::text}, one.word(1));
            if (!declared.is_good) section.remark(vrrp, one, "give the file's absolute path");
        } else if (one.keyword() == "weight") {
            read_weight(one, declared);
        } else if (one.keyword() == "init_file") {
            section.remark(vrrp, one, "vrrpd makes no such file: let the unit, or systemd-tmpfiles, do it");
        } else {
            section.remark(vrrp, one, "unknown here");
        }
    }
}

void KeepalivedTracks::read_process(const Statement& statement, Declared& declared) {
    Section& section = declared.section;
    declared.weight = 1;
    for (const Statement& one : statement.block) {
        const std::string& keyword = one.keyword();
        if (keyword == "process") {
            const std::string& path = one.word(1);
            const std::string name = path.substr(path.rfind('/') + 1);
            declared.is_good = !name.empty();
            section.put({"process", Kind::text}, name.substr(0, kLongestProcess));
            if (one.words.size() > 2)
                section.remark(vrrp, one,
                               "vrrpd looks at the program's name alone: a pid-file tells one "
                               "process from another");
        } else if (keyword == "weight") {
            read_weight(one, declared);
        } else if (keyword == "quorum") {
            if (one.word(1) != "1") section.remark(vrrp, one, "vrrpd asks whether one such process runs");
        } else if (keyword == "fork_delay" || keyword == "delay") {
            const auto value = hundredths(one.word(1));
            if (value && value->exact && value->count <= 360'000)
                section.put({"hold", Kind::seconds}, value->text());
            else
                section.remark(vrrp, one, "hold is 0 to 3600 seconds in steps of 0.01");
            if (keyword == "delay")
                section.remark(vrrp, one, "it is carried over as hold; a process that ends counts at once");
        } else if (keyword == "terminate_delay") {
            section.remark(vrrp, one, "a process that ends counts at once");
        } else {
            section.remark(vrrp, one,
                           "vrrpd looks at the program's name alone: a pid-file tells one process from "
                           "another");
        }
    }
}

void KeepalivedTracks::use(const Statement& list, Section& user, const std::string& interface,
                           bool ignores_weights) {
    const Of of = list.keyword() == "track_interface" ? Of::interface
                  : list.keyword() == "track_script"  ? Of::script
                  : list.keyword() == "track_process" ? Of::process
                                                      : Of::file;
    for (const Statement& line : list.block)
        use_one(of, line, user, interface, ignores_weights);
}

void KeepalivedTracks::use_one(Of of, const Statement& line, Section& user, const std::string& interface,
                               bool ignores_weights) {
    const std::string& object = line.keyword();
    Use use{object, 0, false};
    Section content{.heading = "[[track]]"};
    if (of == Of::interface) {
        if (object == interface) // vrrpd takes no part without it anyway; keepalived ignores it too
            return;
        content.place = line.place;
        content.title = fmt::format("{}: {}{}", to_string(line.place),
                                    line.written.empty() ? "track_interface " : "", line.said());
        content.put({"interface", Kind::text}, object);
    } else {
        const auto declared = declared_.find({of, object});
        if (declared == declared_.end() || !declared->second.is_good) {
            const bool lost = declared != declared_.end() &&
                              std::ranges::find(declared->second.section.remarks, vrrp, &Remark::weight) !=
                                  declared->second.section.remarks.end();
            return user.remark(lost ? vrrp : note, line,
                               lost ? "this check could not be carried over"
                                    : "keepalived ignores it, for there is no such check");
        }
        declared->second.is_used = true;
        content = declared->second.section;
        use.weight = declared->second.weight;
        use.reverse = declared->second.reverse;
    }
    for (std::size_t i = 1; i < line.words.size(); ++i) {
        const std::string& word = line.words[i];
        if (word == "weight" && i + 1 < line.words.size()) {
            const auto weight = whole_number(line.words[++i], -254, 254);
            if (!weight) return user.remark(vrrp, line, "a weight is -253 to 253");
            use.weight = *weight;
        } else if (word == "reverse" || word == "noreverse" || word == "no_reverse") {
            use.reverse = word == "reverse";
        } else {
            return user.remark(vrrp, line, fmt::format("'{}' is unknown here", word));
        }
    }
    if (ignores_weights && use.weight != 0)
        return user.remark(note, line,
                           "left out: of a sync group's members keepalived ignores checks with a weight");
    if (of == Of::file) {
        if (use.weight != 1 || use.reverse)
            return user.remark(vrrp, line,
                               "the number in the file is the weight itself: write there what "
                               "keepalived would have made of it");
    } else {
        // Reversed, what was added when it passed is taken away then, and so on: the failure of the opposite.
        if (use.reverse) content.put({"invert", Kind::flag}, "true");
        if (const long weight = use.reverse ? -use.weight : use.weight; weight != 0)
            content.put({"weight", Kind::number}, std::to_string(std::clamp(weight, -253L, 253L)));
    }
    const std::string name = name_of(of, object, content);
    std::vector<std::string> names;
    if (const Entry* known = user.find("track")) names = known->values;
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    user.put({"track", Kind::texts}, std::move(names));
}

// Of the same check with the same weight it is the same.
std::string KeepalivedTracks::name_of(Of of, const std::string& object, const Section& content) {
    const auto same = [](const Entry& a, const Entry& b) { return a.key == b.key && a.values == b.values; };
    std::string name = check_name(object);
    std::size_t number = 1;
    for (Section& made : made_) {
        const bool is_same = std::ranges::equal(std::span(made.entries).subspan(1), content.entries, same);
        if (is_same) return made.entries.front().values.front();
    }
    const auto is_name = [&](const Section& made) { return made.entries.front().values.front() == name; };
    while (std::ranges::any_of(made_, is_name))
        name = fmt::format("{}-{}", check_name(object), ++number);
    Section section = content;
    section.entries.insert(section.entries.begin(), {"name", Kind::text, {name}});
    // Said once, with the first.
    if (const auto declared = declared_.find({of, object}); declared != declared_.end())
        declared->second.section.remarks.clear();
    made_.push_back(std::move(section));
    return name;
}

std::vector<Section> KeepalivedTracks::sections() const {
    std::vector<Section> all = made_;
    for (const auto& key : order_) {
        const Declared& declared = declared_.at(key);
        if (declared.is_used) continue;
        Section section = declared.section; // its remarks are to be read
        section.entries.insert(section.entries.begin(), {"name", Kind::text, {check_name(key.second)}});
        section.left_out =
            declared.is_good ? "nobody uses it" : "keepalived ignores it, or it could not be carried over";
        all.push_back(std::move(section));
    }
    return all;
}

} // namespace vrrp::config::importer

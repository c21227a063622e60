#include "core/config/import/frr.hpp"

#include "core/config/import/numbers.hpp"

#include <fmt/format.h>
#include <map>
#include <sstream>

namespace vrrp::config::importer {
namespace {

using enum Weight;

constexpr std::size_t kMostFrrLines = 500'000; // one with a million routes has them elsewhere

std::vector<std::string> frr_words(std::string_view line) {
    std::vector<std::string> words;
    std::istringstream in{std::string(line)};
    for (std::string word; in >> word;)
        words.push_back(std::move(word));
    return words;
}

// "vrrp 5 ...", "no vrrp default ...": not "debug vrrp".
bool is_vrrp(const std::vector<std::string>& words) {
    const std::size_t at = !words.empty() && words.front() == "no" ? 1 : 0;
    return words.size() > at + 1 && words[at] == "vrrp";
}

// What FRR's defaults are, and vrrp default changes.
struct FrrRouter {
    Statement first;
    std::string interface;
    long vrid = 0;
    std::string version = "3", priority = "100", interval = "1000"; // ms
    bool preempts = true, is_shut_down = false, pseudo_header = true;
    std::vector<std::string> v4{}, v6{};
    std::vector<Remark> remarks{};
    std::map<std::string, Place> places{}; // of the last line about each
};

class FrrReader {
  public:
    explicit FrrReader(const std::string& file) : file_(file) {}

    Parsed<Draft> read(std::string_view text) {
        std::size_t number = 0;
        while (!text.empty()) {
            const std::size_t end = text.find('\n');
            const std::string_view line = text.substr(0, end);
            text.remove_prefix(end == text.npos ? text.size() : end + 1);
            const Place place{file_, ++number, 1 + std::min(line.size(), line.find_first_not_of(" \t"))};
            if (number > kMostFrrLines)
                return error_at(place, fmt::format("more than {} lines", kMostFrrLines));
            auto words = frr_words(line);
            if (words.empty() || words.front().starts_with('!') || words.front().starts_with('#')) continue;
            if (const auto done = read_line({place, std::move(words)}); !done)
                return tl::unexpected(done.error());
        }
        for (const FrrRouter& one : routers_)
            put(one);
        if (!draft_.virtual_routers.empty())
            draft_.top.title =
                "The macvlan devices that FRR needed (vrrp4-..., vrrp6-...) and their addresses are to "
                "go: vrrpd makes its own.";
        return std::move(draft_);
    }

  private:
    Parsed<void> read_line(const Statement& line) {
        if (line.keyword() == "interface") {
            interface_ = line.word(1);
        } else if (line.keyword().starts_with("exit") || line.keyword() == "end") {
            interface_.clear();
        } else if (is_vrrp(line.words)) {
            if (!is_plain(fmt::format("{}", fmt::join(line.words, " "))))
                return error_at(line.place, "this line is no UTF-8 text, or has control characters in it");
            const bool no = line.keyword() == "no";
            Statement command = line;
            command.written = line.said();
            command.words.erase(command.words.begin(), command.words.begin() + (no ? 2 : 1));
            return read_vrrp(command, no);
        }
        return {};
    }

    Parsed<void> read_vrrp(const Statement& command, bool no) {
        if (command.keyword() == "default") {
            read_default(command, no);
            return {};
        }
        if (command.keyword() == "autoconfigure") {
            if (!no)
                draft_.top.remark(
                    vrrp, command,
                    "the virtual routers that it made stand in vtysh's 'show running-config': save and "
                    "import that");
            return {};
        }
        const auto vrid = whole_number(command.keyword(), 1, 255);
        if (!vrid)
            return error_at(command.place,
                            fmt::format("vrrp {}: a VRID is 1 to 255", plain(command.keyword())));
        if (interface_.empty())
            return error_at(command.place,
                            "this line stands in no interface: 'interface NAME' is missing above it");
        read_router(command, no, *vrid);
        return {};
    }

    void read_default(const Statement& command, bool no) {
        const std::string& what = command.word(1);
        const FrrRouter usual;
        if (what == "priority")
            defaults_.priority = no ? usual.priority : command.word(2);
        else if (what == "advertisement-interval")
            defaults_.interval = no ? usual.interval : command.word(2);
        else if (what == "preempt")
            defaults_.preempts = !no;
        else if (what == "shutdown")
            defaults_.is_shut_down = !no;
        else if (what == "checksum-with-ipv4-pseudoheader")
            defaults_.pseudo_header = !no;
        else if (what != "accept")
            draft_.top.remark(vrrp, command, "unknown here");
    }

    void read_router(const Statement& command, bool no, long vrid) {
        const auto is_it = [&](const FrrRouter& one) {
            return one.interface == interface_ && one.vrid == vrid;
        };
        auto one = std::ranges::find_if(routers_, is_it);
        if (no && command.words.size() == 1) {
            if (one != routers_.end()) routers_.erase(one);
            return;
        }
        if (one == routers_.end()) {
            FrrRouter made = defaults_;
            made.first = command;
            made.interface = interface_;
            made.vrid = vrid;
            one = routers_.insert(routers_.end(), std::move(made));
        }
        set(*one, command, no);
    }

    void set(FrrRouter& one, const Statement& command, bool no) {
        const std::string &what = command.word(1), &value = command.word(2);
        const auto change = [&](std::vector<std::string>& addresses) {
            std::erase(addresses, value);
            if (!no) addresses.push_back(value);
        };
        if (what.empty()) return;
        one.places[what] = command.place;
        if (what == "version")
            one.version = no ? "3" : value;
        else if (what == "priority")
            one.priority = no ? defaults_.priority : value;
        else if (what == "advertisement-interval")
            one.interval = no ? defaults_.interval : value;
        else if (what == "preempt")
            one.preempts = !no;
        else if (what == "shutdown")
            one.is_shut_down = !no;
        else if (what == "checksum-with-ipv4-pseudoheader")
            one.pseudo_header = !no;
        else if (what == "ip")
            change(one.v4);
        else if (what == "ipv6")
            change(one.v6);
        else if (what != "accept")
            one.remarks.push_back({vrrp, command.place, command.said(), "unknown here"});
    }

    // Of one VRID each family is a virtual router of its own, in FRR too.
    void put(const FrrRouter& one) {
        if (one.is_shut_down || (one.v4.empty() && one.v6.empty()))
            return draft_.top.remark(note, one.first,
                                     one.is_shut_down ? "left out: it is shut down"
                                                      : "left out: it has no address");
        if (!one.v4.empty()) put(one, one.v4, false);
        if (!one.v6.empty()) put(one, one.v6, true);
    }

    void put(const FrrRouter& one, const std::vector<std::string>& addresses, bool is_v6) {
        Section section{.heading = "[[virtual_router]]",
                        .title = fmt::format("{}: interface {}, {}", to_string(one.first.place),
                                             plain(one.interface), one.first.said()),
                        .place = one.first.place};
        const auto at = [&](const char* what) {
            const auto said = one.places.find(what);
            section.here = said == one.places.end() ? one.first.place : said->second;
        };
        if (is_v6 == one.v4.empty()) section.remarks = one.remarks; // once
        section.put(key::interface, one.interface);
        section.put(key::vrid, std::to_string(one.vrid));
        at(is_v6 ? "ipv6" : "ip");
        section.put(key::address, addresses);
        at("version");
        if (one.version != "2") section.put(key::protocol, one.version == "3" ? "3" : "0");
        at("priority");
        if (const auto priority = whole_number(one.priority, 1, 255))
            section.put(key::priority, std::to_string(*priority));
        else
            section.remark(vrrp, one.first, "a priority is 1 to 255");
        at("advertisement-interval");
        if (const auto interval = whole_number(one.interval, 10, 40950))
            section.put(key::interval,
                        hundredths(fmt::format("{}.{:03}", *interval / 1000, *interval % 1000))->text());
        else
            section.remark(vrrp, one.first, "an interval is 10 to 40950 milliseconds");
        at("preempt");
        if (!one.preempts) section.put(key::no_preempt, "true");
        if (!one.pseudo_header && !is_v6 && one.version == "3") section.put(key::checksum, "message");
        draft_.virtual_routers.push_back(std::move(section));
    }

    const std::string& file_;
    Draft draft_;
    FrrRouter defaults_;
    std::vector<FrrRouter> routers_;
    std::string interface_;
};

} // namespace

Parsed<Draft> from_frr(const std::string& file, std::string_view text) {
    return FrrReader(file).read(text);
}

bool looks_like_frr(std::string_view text) {
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const auto words = frr_words(text.substr(0, std::min<std::size_t>(end, 200)));
        if (is_vrrp(words) ||
            (words.size() > 1 && words[0] == "frr" && (words[1] == "version" || words[1] == "defaults")))
            return true;
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
    return false;
}

} // namespace vrrp::config::importer

#include "netsim/scenario/grammar.hpp"

#include "netsim/engine/drifting_clock.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace vrrp::sim {
namespace {

struct Word {
    std::string_view text;
    std::size_t offset = 0;
};

std::vector<Word> split(std::string_view text) {
    std::vector<Word> words;
    for (std::size_t at = 0; (at = text.find_first_not_of(' ', at)) != std::string_view::npos;) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        words.push_back({text.substr(at, end - at), at});
        at = end;
    }
    return words;
}

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] != b[j - 1] ? 1 : 0);
            diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
        }
    }
    return row[b.size()];
}

// One sentence being matched: takes values off its front.
class Matcher {
  public:
    Matcher(std::string_view sentence, const Vocabulary& vocabulary)
        : sentence_(sentence), words_(split(sentence)), vocabulary_(vocabulary) {}

    tl::expected<Arguments, Mismatch> match(const std::vector<Word>& grammar) {
        for (std::size_t i = 0; i < grammar.size() && !error_; ++i) {
            const std::string_view expected = grammar[i].text;
            if (expected.front() == '[') {
                match_optional(grammar, i);
            } else {
                match_word(expected);
            }
        }
        if (!error_ && next_ != words_.size())
            fail(fmt::format("'{}' is too much here", words_[next_].text), false);
        if (error_) return tl::unexpected(*error_);
        return arguments_;
    }

  private:
    // From "[first" to "last]": all of it or nothing of it.
    void match_optional(const std::vector<Word>& grammar, std::size_t& i) {
        std::size_t end = i;
        while (grammar[end].text.back() != ']')
            ++end;
        const auto word = [&](std::size_t j) {
            std::string_view text = grammar[j].text;
            if (j == i) text.remove_prefix(1);
            if (j == end) text.remove_suffix(1);
            return text;
        };
        const bool literal = !is_value(word(i));
        const bool present = next_ < words_.size() && (!literal || is_one_of(words_[next_].text, word(i)));
        for (std::size_t j = i; present && j <= end && !error_; ++j)
            match_word(word(j));
        i = end;
    }

    static bool is_value(std::string_view word) {
        return word.size() > 1 && std::ranges::all_of(word, [](char c) { return c >= 'A' && c <= 'Z'; });
    }

    static bool is_one_of(std::string_view word, std::string_view alternatives) {
        while (true) {
            const std::size_t bar = alternatives.find('|');
            if (word == alternatives.substr(0, bar)) return true;
            if (bar == std::string_view::npos) return false;
            alternatives.remove_prefix(bar + 1);
        }
    }

    void match_word(std::string_view expected) {
        if (next_ == words_.size()) return fail(fmt::format("'{}' is missing at the end", expected), false);
        const std::string_view word = words_[next_].text;
        if (is_value(expected)) {
            take(expected, word);
        } else if (!is_one_of(word, expected)) {
            return fail(fmt::format("expected '{}', not '{}'", expected, word), false);
        } else if (expected.find('|') != std::string_view::npos) {
            arguments_.choice = word;
        }
        if (!error_) ++next_;
    }

    void take(std::string_view kind, std::string_view word) {
        if (kind == "ROUTER" || kind == "HOST" || kind == "MACHINE")
            return take_node(kind, word, arguments_.node);
        if (kind == "PEER") return take_node("HOST", word, arguments_.peer);
        if (kind == "NETWORK") return take_network(word);
        if (kind == "INTERFACE") return take_interface(word);
        if (kind == "CHECK") return take_check(word);
        if (kind == "FILE") return take_configuration(word);
        if (kind == "VRID") return take_vrid(word);
        if (kind == "ANYVRID") return take_any_vrid(word);
        if (kind == "NAME") return take_new_name(word);
        if (kind == "VRIDS") return take_vrids(word);
        if (kind == "STATE") return take_state(word);
        if (kind == "SIDES") return take_sides();
        if (kind == "TEXT") return take_rest();
        if (kind == "ATROPOS") return take_atropos(word);
        take_figure(kind, word);
    }

    void take_figure(std::string_view kind, std::string_view word) {
        const auto keep = [&](auto value, auto& field, const char* what) {
            if (!value) return fail(fmt::format("'{}' is no {}", word, what), true);
            field = *value;
        };
        if (kind == "BOUND") return keep(parse_duration(word), arguments_.bound, "time such as 0.7s or 20ms");
        if (kind == "EARLIEST")
            return keep(parse_duration(word), arguments_.earliest, "time such as 0.7s or 20ms");
        if (kind == "LIMIT") return keep(parse_duration(word), arguments_.limit, "time such as 0.7s or 20ms");
        if (kind == "RATE") {
            const auto rate = parse_number<std::uint32_t>(word);
            return keep(rate && *rate <= DriftingClock::kMaxPpm ? rate : std::nullopt, arguments_.count,
                        "rate (0 to 100000)");
        }
        if (kind == "COUNT") return keep(parse_number<std::uint32_t>(word), arguments_.count, "number");
        if (kind == "PRIORITY")
            return keep(parse_priority(word, 1, 254), arguments_.priority, "priority (1 to 254)");
        if (kind == "ANYPRIORITY")
            return keep(parse_priority(word, 0, 255), arguments_.priority, "priority (0 to 255)");
        if (kind == "WEIGHT") {
            const auto weight = parse_number<int>(word);
            const bool fits = weight && *weight >= -kMaxWeight && *weight <= kMaxWeight;
            return keep(fits ? weight : std::nullopt, arguments_.weight, "weight (-253 to 253)");
        }
        if (kind == "PREFIX")
            return keep(IpPrefix::parse(word), arguments_.prefix,
                        "address with a length such as 10.16.1.1/24");
        if (kind == "ADDRESS") return keep(IpAddress::parse(word), arguments_.address, "IP address");
        if (kind == "MAC") return keep(MacAddress::parse(word), arguments_.mac, "MAC address");
        if (kind == "PERCENT")
            return keep(parse_percent(word), arguments_.loss, "percentage such as 5% or 0.25%");
        if (kind == "COMPARISON") {
            arguments_.at_least = word == ">=";
            if (word != "<" && word != ">=") fail(fmt::format("expected '<' or '>=', not '{}'", word), true);
        }
    }

    static std::optional<std::uint8_t> parse_priority(std::string_view word, int least, int most) {
        const auto priority = parse_number<std::uint8_t>(word);
        return priority && *priority >= least && *priority <= most ? priority : std::nullopt;
    }

    static std::optional<std::uint32_t> parse_percent(std::string_view word) {
        if (!word.ends_with('%')) return std::nullopt;
        word.remove_suffix(1);
        const std::size_t point = word.find('.');
        const auto whole = parse_number<std::uint32_t>(word.substr(0, point));
        std::string hundredths(point == std::string_view::npos ? "" : word.substr(point + 1));
        if (hundredths.size() > 2) return std::nullopt;
        hundredths.resize(2, '0');
        const auto fraction = parse_number<std::uint32_t>(hundredths);
        if (!whole || !fraction || *whole > 100 || *whole * 100 + *fraction > 10'000) return std::nullopt;
        return *whole * 100 + *fraction;
    }

    void take_node(std::string_view kind, std::string_view word, std::string& into) {
        std::vector<std::string> names;
        for (const auto& [name, node] : vocabulary_.nodes)
            if (kind == "MACHINE" || node.router == (kind == "ROUTER")) names.push_back(name);
        take_name(kind == "ROUTER" ? "router"
                  : kind == "HOST" ? "host"
                                   : "router or host",
                  word, names, into);
        if (error_ || arguments_.check.empty()) return;
        const auto& checks = vocabulary_.nodes.at(into).checks;
        if (std::ranges::find(checks, arguments_.check) == checks.end())
            fail(fmt::format("{} has no check '{}' that a scenario can change{}", into, arguments_.check,
                             did_you_mean(arguments_.check, checks)),
                 true);
    }

    // Its router comes after it: take_node() looks whether that has it.
    void take_check(std::string_view word) { arguments_.check = word; }

    void take_configuration(std::string_view word) {
        const auto& all = vocabulary_.nodes.at(arguments_.node).configurations;
        const auto found = all.find(std::string(word));
        if (found == all.end())
            return fail(
                fmt::format(
                    "'{}' is none of the .toml files of {} that its only vrrpd, started with --config, could "
                    "read",
                    word, arguments_.node),
                true);
        if (!found->second) return fail(found->second.error(), true);
        arguments_.configuration = *found->second;
    }

    void take_network(std::string_view word) {
        std::vector<std::string> names;
        for (const auto& [name, nodes] : vocabulary_.networks)
            names.push_back(name);
        take_name("network", word, names, arguments_.network);
    }

    void take_interface(std::string_view word) {
        const auto& names = vocabulary_.nodes.at(arguments_.node).interfaces;
        take_name(fmt::format("interface of {}", arguments_.node), word, names, arguments_.interface);
    }

    void take_name(std::string_view kind, std::string_view word, std::span<const std::string> names,
                   std::string& into) {
        if (std::ranges::find(names, word) == names.end())
            return fail(fmt::format("no {} '{}'{}", kind, word, did_you_mean(word, names)), true);
        into = word;
    }

    void take_vrid(std::string_view word) {
        const auto vrid = parse_number<std::uint8_t>(word);
        const auto& known = vocabulary_.nodes.at(arguments_.node).vrids;
        if (!vrid) return fail(fmt::format("'{}' is no VRID (1 to 255)", word), true);
        if (std::ranges::find(known, *vrid) == known.end())
            return fail(fmt::format("{} runs no virtual router {}", arguments_.node, *vrid), true);
        arguments_.vrids.push_back(*vrid);
    }

    // Not of a router of the scenario: who forges may say any.
    void take_any_vrid(std::string_view word) {
        const auto vrid = parse_number<std::uint8_t>(word);
        if (!vrid || *vrid == 0) return fail(fmt::format("'{}' is no VRID (1 to 255)", word), true);
        arguments_.vrids.push_back(*vrid);
    }

    void take_new_name(std::string_view word) {
        constexpr std::size_t kMaxInterfaceName = 15; // Linux
        if (word.size() > kMaxInterfaceName)
            return fail(fmt::format("'{}' is longer than {} characters", word, kMaxInterfaceName), true);
        const auto& taken = vocabulary_.nodes.at(arguments_.node).interfaces;
        if (word != arguments_.interface && std::ranges::find(taken, word) != taken.end())
            return fail(fmt::format("{} has an interface '{}' already", arguments_.node, word), true);
        arguments_.text = word;
    }

    void take_vrids(std::string_view word) {
        take_vrid(word);
        while (!error_ && next_ + 2 < words_.size() && words_[next_ + 1].text == "and") {
            next_ += 2;
            take_vrid(words_[next_].text);
        }
    }

    void take_state(std::string_view word) {
        if (word == "master")
            arguments_.state = State::master;
        else if (word == "backup")
            arguments_.state = State::backup;
        else if (word == "initialize")
            arguments_.state = State::initialize;
        else
            fail(fmt::format("'{}' is no state (master, backup, initialize)", word), true);
    }

    // Everybody on the network is on exactly one side: what is left out would be a guess.
    void take_sides() {
        std::vector<std::string> left = vocabulary_.networks.at(arguments_.network);
        arguments_.sides.emplace_back();
        for (; next_ < words_.size(); ++next_) {
            const std::string name(words_[next_].text);
            if (name == "|") {
                arguments_.sides.emplace_back();
            } else if (std::erase(left, name) == 0) {
                return fail(fmt::format("'{}' is not on {}, or named twice", name, arguments_.network), true);
            } else {
                arguments_.sides.back().push_back(name);
            }
        }
        --next_;
        if (!left.empty()) fail(fmt::format("'{}' is on no side", left.front()), true);
        if (arguments_.sides.size() < 2) fail("one side is no partition: put '|' between the sides", true);
    }

    // The real command line, to the end of the sentence.
    void take_atropos(std::string_view word) {
        if (word != "atropos") return fail(fmt::format("expected 'atropos', not '{}'", word), true);
        std::vector<std::string> arguments;
        for (std::size_t i = next_ + 1; i < words_.size(); ++i)
            arguments.emplace_back(words_[i].text);
        const auto parsed = config::parse_atropos_command_line(arguments);
        if (!parsed) return fail("atropos: " + parsed.error().message, true);
        const auto* command = std::get_if<config::AtroposCommand>(&*parsed);
        if (command == nullptr || command->request == "state" || command->request == "watch")
            return fail("this only prints a text", true);
        arguments_.atropos = *command;
        next_ = words_.size() - 1;
    }

    void take_rest() {
        arguments_.text = sentence_.substr(words_[next_].offset);
        next_ = words_.size() - 1;
    }

    void fail(std::string message, bool names_a_value) {
        if (error_) return;
        const std::size_t offset = next_ < words_.size() ? words_[next_].offset : sentence_.size();
        error_ = Mismatch{offset, std::move(message), names_a_value};
    }

    std::string_view sentence_;
    std::vector<Word> words_;
    const Vocabulary& vocabulary_;
    std::size_t next_ = 0;
    Arguments arguments_;
    std::optional<Mismatch> error_;
};

} // namespace

tl::expected<Arguments, Mismatch> match(std::string_view grammar, std::string_view sentence,
                                        const Vocabulary& vocabulary) {
    return Matcher(sentence, vocabulary).match(split(grammar));
}

std::optional<Duration> parse_duration(std::string_view text) {
    struct Unit {
        std::string_view name;
        std::int64_t nanoseconds;
    };
    constexpr Unit kUnits[] = {
        {"ns", 1}, {"us", 1'000}, {"ms", 1'000'000}, {"min", 60'000'000'000}, {"s", 1'000'000'000}};
    constexpr std::int64_t kDay = 86'400'000'000'000;
    const auto unit = std::ranges::find_if(kUnits, [&](const Unit& u) { return text.ends_with(u.name); });
    if (unit == std::end(kUnits)) return std::nullopt;
    text.remove_suffix(unit->name.size());
    const std::size_t point = text.find('.');
    const auto whole = parse_number<std::uint32_t>(text.substr(0, point));
    if (!whole || *whole > kDay / unit->nanoseconds) return std::nullopt;
    std::int64_t nanoseconds = *whole * unit->nanoseconds;
    if (point != std::string_view::npos) {
        const std::string_view digits = text.substr(point + 1);
        const auto fraction = parse_number<std::uint32_t>(digits);
        if (!fraction || digits.size() > 9) return std::nullopt;
        std::int64_t scale = 1;
        for (std::size_t i = 0; i < digits.size(); ++i)
            scale *= 10;
        const std::int64_t parts = *fraction * unit->nanoseconds; // below 10^9 * 6 * 10^10: fits
        if (parts % scale != 0) return std::nullopt;
        nanoseconds += parts / scale;
    }
    if (nanoseconds > kDay) return std::nullopt;
    return Duration(nanoseconds);
}

std::string exact_text(Duration duration) {
    const auto nanoseconds = duration.count();
    if (nanoseconds % 1'000'000'000 == 0) return fmt::format("{}s", nanoseconds / 1'000'000'000);
    if (nanoseconds % 1'000'000 == 0) return fmt::format("{}ms", nanoseconds / 1'000'000);
    if (nanoseconds % 1'000 == 0) return fmt::format("{}us", nanoseconds / 1'000);
    return fmt::format("{}ns", nanoseconds);
}

std::string did_you_mean(std::string_view name, std::span<const std::string> names) {
    const std::string* nearest = nullptr;
    std::size_t nearest_distance = name.size() / 3 + 2; // further off is no typing error
    for (const std::string& one : names) {
        const std::size_t d = distance(name, one);
        if (d < nearest_distance) nearest = &one, nearest_distance = d;
    }
    return nearest == nullptr ? "" : fmt::format(" (did you mean '{}'?)", *nearest);
}

} // namespace vrrp::sim

#include "tools/vrrplab/sweep/tally.hpp"

#include "tools/vrrplab/output.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace vrrplab {
namespace {

using Json = nlohmann::ordered_json;
using namespace vrrp::sim;

std::optional<std::uint64_t> number_in(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

std::string one_line(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

// All that can be violated: each is a test, also where it held.
std::vector<std::string> all_kinds(const Tally::File& file) {
    std::vector<std::string> kinds;
    for (std::size_t i = 0; i < kInvariants; ++i)
        kinds.emplace_back(name(static_cast<Invariant>(i)));
    for (const auto& [kind, found] : file.kinds)
        if (std::ranges::find(kinds, kind) == kinds.end()) kinds.push_back(kind);
    return kinds;
}

std::string in_words(const std::string& kind, const Tally::Kind& found) {
    std::vector<std::uint64_t> seeds;
    for (const Found& one : found.first)
        seeds.push_back(one.seed);
    const Found& first = found.first.front();
    return fmt::format("  {:>9}  {}: seed{} {}{}\n             {} s: {}\n             again: {}\n",
                       with_commas(found.worlds), kind, found.worlds == 1 ? "" : "s", fmt::join(seeds, ", "),
                       found.worlds > seeds.size() ? ", ..." : "", first.time, first.seen, first.again);
}

} // namespace

std::string with_commas(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t at = text.size(); at > 3;)
        text.insert(at -= 3, 1, ',');
    return text;
}

std::string to_string(const Seeds& seeds) {
    return seeds.from == seeds.to ? std::to_string(seeds.from) : fmt::format("{}..{}", seeds.from, seeds.to);
}

tl::expected<Seeds, std::string> parse_seeds(const std::string& text) {
    const std::size_t dots = text.find("..");
    const auto from = number_in(std::string_view(text).substr(0, dots));
    const auto to = dots == std::string::npos ? from : number_in(std::string_view(text).substr(dots + 2));
    if (!from || !to || *from > *to || *to - *from == UINT64_MAX)
        return tl::unexpected(fmt::format("--seeds: '{}' is no range such as 1..1000, nor a seed", text));
    return Seeds{*from, *to};
}

std::string to_string(const Shard& shard) {
    return fmt::format("{}/{}", shard.number, shard.of);
}

tl::expected<Shard, std::string> parse_shard(const std::string& text) {
    const std::size_t slash = std::min(text.find('/'), text.size());
    const auto number = number_in(std::string_view(text).substr(0, slash));
    const auto of = number_in(std::string_view(text).substr(std::min(slash + 1, text.size())));
    if (!number || !of || *number == 0 || *number > *of)
        return tl::unexpected(fmt::format("--shard: '{}' is no shard such as 1/4, the first of four", text));
    return Shard{*number, *of};
}

// --- Counting

void Tally::begin(const std::string& file, const Seeds& seeds, const Shard& shard) {
    files_[file].shards[{seeds, shard.of}].push_back(shard.number);
}

void Tally::count(const std::string& file, bool violated) {
    File& counted = files_[file];
    ++counted.worlds;
    counted.violated += violated ? 1 : 0;
}

void Tally::add(const std::string& file, const std::string& kind, Found found) {
    Kind& group = files_[file].kinds[kind];
    ++group.worlds;
    const auto place = std::ranges::upper_bound(group.first, found.seed, {}, &Found::seed);
    if (place - group.first.begin() >= static_cast<std::ptrdiff_t>(kFirst)) return;
    group.first.insert(place, std::move(found));
    if (group.first.size() > kFirst) group.first.pop_back();
}

void Tally::add(const Tally& other) {
    for (const auto& [name, from] : other.files_) {
        File& file = files_[name];
        for (const auto& [seeds, numbers] : from.shards)
            file.shards[seeds].insert(file.shards[seeds].end(), numbers.begin(), numbers.end());
        file.worlds += from.worlds;
        file.violated += from.violated;
        for (const auto& [kind, group] : from.kinds) {
            for (const Found& found : group.first)
                add(name, kind, found);
            file.kinds[kind].worlds += group.worlds - group.first.size();
        }
    }
}

std::uint64_t Tally::worlds() const {
    std::uint64_t sum = 0;
    for (const auto& [name, file] : files_)
        sum += file.worlds;
    return sum;
}

std::uint64_t Tally::violated() const {
    std::uint64_t sum = 0;
    for (const auto& [name, file] : files_)
        sum += file.violated;
    return sum;
}

tl::expected<void, std::string> Tally::complete() const {
    for (const auto& [name, file] : files_)
        for (const auto& [key, numbers] : file.shards)
            for (std::uint64_t i = 1; i <= key.second; ++i) {
                const auto times = std::ranges::count(numbers, i);
                if (times == 1) continue;
                return tl::unexpected(fmt::format("{}, seeds {}: shard {}/{} is {}", name,
                                                  to_string(key.first), i, key.second,
                                                  times == 0 ? "missing" : "there twice"));
            }
    return {};
}

// --- Telling

std::string Tally::text() const {
    std::string text;
    for (const auto& [name, file] : files_) {
        std::vector<std::string> swept;
        for (const auto& [key, numbers] : file.shards)
            swept.push_back("seeds " + to_string(key.first) +
                            (numbers.size() < key.second
                                 ? ", shard " + to_string(Shard{numbers.front(), key.second})
                                 : ""));
        text += fmt::format("{}: {} world{}, {}: {}\n", name, with_commas(file.worlds),
                            file.worlds == 1 ? "" : "s", fmt::join(swept, "; "),
                            file.violated == 0 ? "all held" : with_commas(file.violated) + " violated");
        for (const auto& [kind, found] : file.kinds)
            text += in_words(kind, found);
    }
    return text;
}

std::string Tally::json() const {
    std::string lines;
    for (const auto& [name, file] : files_) {
        for (const auto& [kind, group] : file.kinds) {
            Json first = Json::array();
            for (const Found& one : group.first)
                first.push_back({{"seed", one.seed},
                                 {"subject", one.subject},
                                 {"time", one.time},
                                 {"seen", one.seen},
                                 {"again", one.again}});
            lines += one_line({{"kind", "violation"},
                               {"file", name},
                               {"violated", kind},
                               {"worlds", group.worlds},
                               {"first", first}});
        }
        Json shards = Json::array();
        for (const auto& [key, numbers] : file.shards)
            for (const std::uint64_t number : numbers)
                shards.push_back(
                    {{"from", key.first.from}, {"to", key.first.to}, {"shard", number}, {"of", key.second}});
        lines += one_line({{"kind", "swept"},
                           {"file", name},
                           {"worlds", file.worlds},
                           {"violated", file.violated},
                           {"shards", shards}});
    }
    return lines;
}

tl::expected<void, std::string> Tally::read(std::string_view json) {
    Tally read;
    std::size_t number = 0;
    for (std::size_t at = 0; at < json.size();) {
        ++number;
        const std::size_t end = std::min(json.find('\n', at), json.size());
        try {
            const Json line = Json::parse(json.substr(at, end - at));
            File& file = read.files_[line.at("file").get<std::string>()];
            if (line.at("kind") == "violation") {
                Kind& group = file.kinds[line.at("violated").get<std::string>()];
                group.worlds = line.at("worlds").get<std::uint64_t>();
                for (const Json& one : line.at("first"))
                    group.first.push_back(
                        {one.at("seed").get<std::uint64_t>(), one.at("subject").get<std::string>(),
                         one.at("time").get<std::string>(), one.at("seen").get<std::string>(),
                         one.at("again").get<std::string>()});
                if (group.first.empty() || group.worlds < group.first.size())
                    return tl::unexpected(fmt::format("{}: a violation without its seeds", number));
            } else if (line.at("kind") == "swept") {
                file.worlds = line.at("worlds").get<std::uint64_t>();
                file.violated = line.at("violated").get<std::uint64_t>();
                for (const Json& one : line.at("shards"))
                    file.shards[{Seeds{one.at("from").get<std::uint64_t>(),
                                       one.at("to").get<std::uint64_t>()},
                                 one.at("of").get<std::uint64_t>()}]
                        .push_back(one.at("shard").get<std::uint64_t>());
            } else {
                return tl::unexpected(fmt::format("{}: no line of vrrplab sweep --json", number));
            }
        } catch (const Json::exception&) {
            return tl::unexpected(fmt::format("{}: no line of vrrplab sweep --json", number));
        }
        at = end + 1;
    }
    for (const auto& [name, file] : read.files_)
        if (file.shards.empty())
            return tl::unexpected(fmt::format("{}: it ends before {} has been swept", number, name));
    if (read.files_.empty()) return tl::unexpected(std::string("1: it is empty"));
    add(read);
    return {};
}

std::string Tally::junit() const {
    std::vector<Tested> all;
    for (const auto& [name, file] : files_)
        for (const std::string& kind : all_kinds(file)) {
            Tested tested{.file = name, .title = kind, .trouble = "", .in_short = "", .error = false};
            if (const auto found = file.kinds.find(kind); found != file.kinds.end()) {
                tested.trouble = in_words(kind, found->second);
                tested.in_short = fmt::format("{} of {} worlds; {}", found->second.worlds, file.worlds,
                                              found->second.first.front().seen);
            }
            all.push_back(std::move(tested));
        }
    return vrrp::sim::junit(all);
}

int conclude(const Tally& tally, const std::string& json, const std::string& junit,
             const std::string& how_fast) {
    if (junit != "-" && json != "-")
        fmt::print("{}{} worlds{}: {}\n", tally.text(), with_commas(tally.worlds()), how_fast,
                   tally.violated() == 0 ? "all held" : with_commas(tally.violated()) + " violated");
    std::fflush(stdout);
    if (!json.empty())
        if (const auto written = write_whole(json, tally.json()); !written) return complain(written.error());
    if (!junit.empty())
        if (const auto written = write_whole(junit, tally.junit()); !written)
            return complain(written.error());
    return tally.violated() == 0 ? 0 : 1;
}

} // namespace vrrplab

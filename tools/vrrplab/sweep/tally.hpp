// What sweeps have found, grouped by kind, and what becomes of it: text, JSON, JUnit.
#pragma once

#include "netsim/report/results.hpp"

#include <map>
#include <tl/expected.hpp>

namespace vrrplab {

// FROM..TO, both included.
struct Seeds {
    std::uint64_t from = 1, to = 1000;
    auto operator<=>(const Seeds&) const = default;
};
std::string to_string(const Seeds& seeds);
tl::expected<Seeds, std::string> parse_seeds(const std::string& text);

// I of N, from 1: every N-th seed.
struct Shard {
    std::uint64_t number = 1, of = 1;
    auto operator<=>(const Shard&) const = default;
};
std::string to_string(const Shard& shard);
tl::expected<Shard, std::string> parse_shard(const std::string& text);

// The first failure of its kind in a world.
struct Found {
    std::uint64_t seed = 0;
    std::string subject, time, seen; // time as a journal shows it
    std::string again;               // the command
};

// 1. Counts worlds, and keeps the kFirst lowest seeds of each file and kind: its size does not grow with the worlds.
// 2. What was counted in parts and added together is what would have been counted at once, whatever the order.
class Tally {
  public:
    static constexpr std::size_t kFirst = 5;
    // "given up": the simulation was.
    static constexpr const char* kGivenUp = "given up";

    struct Kind {
        std::uint64_t worlds = 0;
        std::vector<Found> first; // in the order of the seeds
    };
    struct File {
        std::map<std::pair<Seeds, std::uint64_t>, std::vector<std::uint64_t>> shards; // by seeds and N: which
        std::uint64_t worlds = 0, violated = 0;
        std::map<std::string, Kind> kinds;
    };

    void begin(const std::string& file, const Seeds& seeds, const Shard& shard);
    void count(const std::string& file, bool violated);
    void add(const std::string& file, const std::string& kind, Found found);
    void add(const Tally& other);

    // Lines of a file that was written by json(). The error is a sentence without the file's name.
    tl::expected<void, std::string> read(std::string_view json);
    // A shard that is not there, or twice.
    tl::expected<void, std::string> complete() const;

    std::string text() const;
    std::string json() const;
    std::string junit() const;
    std::uint64_t worlds() const;
    std::uint64_t violated() const;
    const std::map<std::string, File>& files() const { return files_; }

  private:
    std::map<std::string, File> files_;
};

// Tells all of it: to the files that are named ("-" is standard output), and as text where standard output is not one
// of them; `how_fast` goes into its last line. Returns the exit status.
int conclude(const Tally& tally, const std::string& json, const std::string& junit,
             const std::string& how_fast = "");

// 1,234,567
std::string with_commas(std::uint64_t number);

} // namespace vrrplab

// Sentences of a scenario, matched against the grammar that the manual prints.
#pragma once

#include "core/config/atropos_command_line.hpp"
#include "core/machine/event.hpp"
#include "core/net/time.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace vrrp::sim {

// The names that a scenario has declared.
struct Vocabulary {
    struct Node {
        bool router = false;
        std::vector<std::string> interfaces;
        std::vector<std::uint8_t> vrids;
        std::vector<std::string> checks; // those that the scenario can make fail
        // Its files that its vrrpd could read as a configuration, or why not.
        std::map<std::string, tl::expected<RouterConfig, std::string>> configurations{};
    };
    std::map<std::string, Node> nodes;
    std::map<std::string, std::vector<std::string>> networks; // and the machines on each
};

// What the capital words of a grammar stood for; each has a field of its own.
struct Arguments {
    std::string node;                              // ROUTER, HOST, MACHINE
    std::string peer;                              // PEER: a second host
    std::string network;                           // NETWORK
    std::string interface;                         // INTERFACE, of `machine`
    std::vector<std::uint8_t> vrids;               // VRID, VRIDS: "51", "51 and 52"
    std::string check;                             // CHECK, of `node`
    std::optional<RouterConfig> configuration;     // FILE, of `node`
    int weight = 0;                                // WEIGHT
    State state = State::initialize;               // STATE
    std::optional<Duration> bound;                 // BOUND
    std::optional<Duration> earliest;              // EARLIEST
    Duration limit{};                              // LIMIT
    bool at_least = false;                         // COMPARISON: "<" or ">="
    std::uint64_t count = 0;                       // COUNT
    std::uint8_t priority = 0;                     // PRIORITY: 1-254; ANYPRIORITY: 0-255
    std::uint32_t loss = 0;                        // PERCENT, in ten-thousandths
    IpAddress address;                             // ADDRESS
    MacAddress mac;                                // MAC
    std::string choice;                            // which of the alternatives that the verb lists
    std::vector<std::vector<std::string>> sides;   // SIDES: "r1 | r2 pc"
    IpPrefix prefix{};                             // PREFIX: "10.16.1.1/24"
    std::string text;                              // NAME: one word; TEXT: the rest of the sentence
    std::optional<config::AtroposCommand> atropos; // ATROPOS: the same, a command line
};

struct Mismatch {
    std::size_t offset = 0; // where in the sentence
    std::string message;
    bool names_a_value = false; // says what is wrong with a value, not just that another word was expected
};

// `grammar`: words to be found as they are, "a|b" for either, CAPITALS for values, and optional parts in
// brackets at the end. `begin` and the offsets count characters of `sentence`.
tl::expected<Arguments, Mismatch> match(std::string_view grammar, std::string_view sentence,
                                        const Vocabulary& vocabulary);

// "10ms", "0.7s", "2min": an exact number of nanoseconds, at most a day.
std::optional<Duration> parse_duration(std::string_view text);
// What that reads as this duration, which is not negative.
std::string exact_text(Duration duration);

// " (did you mean 'r2'?)" when one of the names is near; else nothing.
std::string did_you_mean(std::string_view name, std::span<const std::string> names);

} // namespace vrrp::sim

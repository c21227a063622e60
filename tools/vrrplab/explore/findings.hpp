// What an exploration has found, and what becomes of it: text and JSON.
#pragma once

#include "netsim/scenario/run.hpp"

#include <map>

namespace vrrplab {

// What was asked for.
struct Bounds {
    vrrp::sim::Budgets budgets;
    vrrp::Duration until{};
};
std::string to_string(const Bounds& bounds); // "3 losses, 1 crash, 0 reorders, until 8s"

// How the first failure of a path came about.
struct Broken {
    std::uint64_t number = 0; // of the path, from 1
    vrrp::sim::EnumeratedChoices::Path path;
    std::vector<vrrp::sim::Pick> picks; // the same in words
    vrrp::sim::Failure failure;
};

struct Explored {
    static constexpr std::size_t kFirst = 5;
    struct Kind {
        std::uint64_t paths = 0;
        std::vector<Broken> first; // at most kFirst, in the order of their numbers
    };

    std::string file;
    Bounds bounds;
    std::vector<std::uint64_t> by_turns; // paths that were run, by how much was out of the ordinary in them
    std::uint64_t violated = 0, given_up = 0;
    std::map<std::string, Kind> kinds;
    bool exhausted = false;

    std::uint64_t paths() const;
    bool held() const { return violated == 0 && given_up == 0; }
    std::string text() const;
    std::string json() const;
};

} // namespace vrrplab

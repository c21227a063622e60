// What a router is to be, whoever makes it.
#pragma once

#include "core/wire/advertisement.hpp"

#include <string>
#include <vector>

namespace vrrp::bench {

using namespace std::chrono_literals;

struct Dialect {
    const char* name;
    wire::Version version;
    Duration interval;
};

inline constexpr Dialect kDialects[] = {
    {"v2 1 s", wire::Version::v2, 1s},
    {"v3 100 ms", wire::Version::v3, 100ms},
    {"v3 10 ms", wire::Version::v3, 10ms},
};

struct Member {
    std::string interface;
    int vrid;
    std::string address;
};

// Every implementation keeps its own defaults for the rest.
struct Plan {
    Dialect dialect;
    int priority;
    std::vector<Member> members;
    bool group = false; // the members are masters together or not at all
};

} // namespace vrrp::bench

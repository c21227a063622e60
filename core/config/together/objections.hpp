// What is wrong with several routers' configurations, before anything runs.
#pragma once

#include "core/config/together/networks.hpp"

namespace vrrp::config {

enum class Gravity : std::uint8_t {
    deaf, // routers do not hear one another: each would be master
    wrong,
    note // it works, and an operator may have meant something else
};
const char* to_string(Gravity gravity);

struct Objection {
    Gravity gravity = Gravity::wrong;
    std::string_view kind; // one word for programs, a literal: "versions"
    Place place;
    std::string text; // in plain words, without the place
    friend bool operator==(const Objection&, const Objection&) = default;
};

// The routers as they are told, on these networks, each thing once: the gravest first, then in the order of the routers.
// It reads nothing and runs nothing. `own` are the own addresses that are known.
std::vector<Objection> objections(std::span<const RouterTold> routers,
                                  std::span<const SharedNetwork> networks, const OwnAddresses& own);

} // namespace vrrp::config

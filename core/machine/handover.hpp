// What one vrrpd leaves to the one that takes its place on the same machine.
#pragma once

#include "core/machine/event.hpp"

#include <vector>

namespace vrrp {

struct HandedOver { // one virtual router
    std::string interface;
    std::uint8_t vrid = 0;
    IpFamily family = IpFamily::v4;
    // Of a master: others take over then unless they hear somebody. Until then the successor is master by itself.
    TimePoint master_until{};
    std::optional<std::uint8_t> priority{}; // that an operator has set
    bool held = false, yielding = false;
    std::optional<bool> told_script{};
    std::optional<Notice> noticed{};
    std::uint32_t sequence = 0; // of the authentication header
};

struct HandedOverCheck {
    std::string name;
    CheckState state = CheckState::unknown;
    std::string reason;
    int number = 0; // of a file: what counts
};

struct Handover {
    std::vector<HandedOver> virtual_routers{};
    std::vector<HandedOverCheck> checks{};

    // None where nothing of it was left.
    const HandedOver* find(std::string_view interface, IpFamily family, std::uint8_t vrid) const {
        for (const HandedOver& one : virtual_routers)
            if (one.interface == interface && one.family == family && one.vrid == vrid) return &one;
        return nullptr;
    }
};

} // namespace vrrp

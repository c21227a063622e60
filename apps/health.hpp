// What atropos makes of all that the vrrpds of a machine say of themselves.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace vrrp {

// One list each of all processes' virtual routers, groups and interfaces, from what each says by vrrp::status(). Each
// gets the "pid" of the process that tells of it.
nlohmann::ordered_json merged(std::vector<nlohmann::ordered_json> states);

// A finding as core keeps it: "eth0 vrid 51: 10.16.1.2 announces 10.16.1.201 too, since 12.0 s, 5 times".
std::vector<std::string> finding_texts(const nlohmann::ordered_json& state);

// A name of the state in words: "mtu too small"
std::string spaces_for_underscores(std::string text);
// "12.0 s", "3 min 5 s", "2 d 4 h"
std::string since_text(double seconds);
// "eth0 vrid 51 IPv6"
std::string name_of(const nlohmann::ordered_json& virtual_router);

// A machine that cannot be the gateway, whatever the other one does, is critical; one that can be and is not
// as it should be, or is held back by an operator, is a warning.
struct Health {
    std::vector<std::string> critical, warning;
};
Health health(const nlohmann::ordered_json& state);

// "2 virtual routers: 1 master, 1 backup; group gateway leads"
std::string summary(const nlohmann::ordered_json& state);

// A monitoring plugin's line and exit status.
struct CheckResult {
    enum Status : std::uint8_t { ok = 0, warning = 1, critical = 2, unknown = 3 };
    Status status = unknown;
    std::string line;
};
// `state` of all that answered; `silent` says why another did not, and is a warning.
CheckResult check_result(const nlohmann::ordered_json& state, const std::vector<std::string>& silent);
CheckResult nobody_answers(const std::string& why);

} // namespace vrrp

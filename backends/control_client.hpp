// A program's side of the control socket.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace vrrp::backend {

// The control sockets in a runtime directory, sorted by name. Some may be left from processes that are gone.
std::vector<std::filesystem::path> control_sockets(const std::filesystem::path& directory);

enum class AskError : std::uint8_t {
    nobody,   // nobody listens there
    refused,  // it answered with an error: the message is its own
    not_heard // it did not answer in time, or not sensibly
};

struct AskFailure {
    AskError kind = AskError::nobody;
    std::string message;
};

// Sends one request and waits, for a bounded time, for what was asked for.
tl::expected<nlohmann::ordered_json, AskFailure> ask(const std::filesystem::path& socket,
                                                     const std::string& request);

} // namespace vrrp::backend

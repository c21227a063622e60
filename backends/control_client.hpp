// A program's side of the control socket.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace vrrp::backend {

// The control sockets in a runtime directory, sorted by name; none where there is no such directory. Some may
// be left from processes that are gone. The error is a sentence: who may not look cannot tell.
tl::expected<std::vector<std::filesystem::path>, std::string>
control_sockets(const std::filesystem::path& directory);

enum class AskError : std::uint8_t {
    nobody,   // nobody listens there
    refused,  // it answered with an error: the message is its own
    not_heard // it did not answer in time, or not sensibly
};

struct AskFailure {
    AskError kind = AskError::nobody;
    std::string message;
};

// Sends one request, a line without its end, and waits, for a bounded time, for its result.
tl::expected<nlohmann::ordered_json, AskFailure> ask(const std::filesystem::path& socket,
                                                     const std::string& request);

// Hands over what the vrrpds of these sockets publish, one JSON object at a time, until none of them is left
// or SIGINT or SIGTERM comes. Returns how many could be watched.
std::size_t watch(const std::vector<std::filesystem::path>& sockets,
                  const std::function<void(const nlohmann::ordered_json&)>& on_event);

} // namespace vrrp::backend

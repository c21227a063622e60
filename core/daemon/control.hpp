// What a client asks of a daemon over its control socket: one JSON object in, one out.
#pragma once

#include "core/daemon/daemon.hpp"
#include "core/daemon/status.hpp"

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace vrrp {

inline constexpr int kControlVersion = 1;

// Reads the configuration file again and takes it, unless it is only a dry run. The changes, or the sentence that says
// why nothing has changed.
using Reload = std::function<tl::expected<std::vector<std::string>, std::string>(bool dry_run)>;

// What a process can do beside its daemon.
struct ProcessActions {
    Reload reload{};
    std::function<void()> restart{}; // begins it; ProcessFacts::restart tells when it comes to nothing
};

// {"version": 1, "request": NAME}; commands take "interface" and "vrid" to say which virtual routers are
// meant, all of the process otherwise. "reload" takes "dry_run".
struct ControlRequest {
    std::string name; // "state", "summary", "watch", "reload", "restart", or a command of kCommands
    std::optional<std::string> interface {};
    std::optional<std::uint8_t> vrid{};
    bool dry_run = false;
};
std::string to_json(const ControlRequest& request);

// Who asks. What only tells is a reader's too: "state", "summary", "watch", and "reload" as a dry run.
enum class Caller : std::uint8_t { owner, reader };

// {"version": 1, "status": "ok", "result": {...}} or {"version": 1, "status": "error", "error": "..."}.
struct ControlReply {
    std::string line;     // without its end
    bool watches = false; // the events are to follow
};
std::string error_reply(std::string_view error);

// "state": what status() tells; "summary" less of it; "watch" the same as "state", and who serves the socket lets the events follow. A
// command: {"done": [...], "refused": [...]}, each with "interface", "vrid", "family" and, where it was
// refused, "error"; both are empty where none was meant. An error is the sentence for a request that is not
// understood. Commands go the way of every input, by `inbox`, which leads to `daemon`.
// "reload": {"file": ..., "changes": [...]}, a line for each change that the file brings, or with "dry_run" would bring;
// without a file there is nothing to read again: {"file": null, "changes": []}.
// "restart": {"pid": ...}; the process's "uptime" and "restart" tell how it went.
ControlReply answer_request(Inbox& inbox, Daemon& daemon, const ProcessFacts& process,
                            const ProcessActions& actions, std::string_view request, Caller caller);

// The other side of it: the result, or the error.
tl::expected<nlohmann::ordered_json, std::string> result_of(std::string_view reply);

} // namespace vrrp

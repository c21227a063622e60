// A program's side of the control socket.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace vrrp::backend {

// The control sockets in a runtime directory, sorted by name; none where there is no such directory. Some may
// be left from processes that are gone. The error is a sentence: who may not look cannot tell.
tl::expected<std::vector<std::filesystem::path>, std::string>
control_sockets(const std::filesystem::path& directory);

enum class AskError : std::uint8_t {
    nobody,   // nobody listens there
    refused,  // it answered with an error, or not sensibly
    not_heard // it did not answer in time
};

struct AskFailure {
    AskError kind = AskError::nobody;
    std::string message;
};

// Sends one request, a line without its end, and waits, for a bounded time, for its result.
tl::expected<nlohmann::ordered_json, AskFailure> ask(const std::filesystem::path& socket,
                                                     const std::string& request);

// Asks all of them at the same moment, and waits for all no longer than for one: who does not answer delays nobody.
// The answers stand in the order of the sockets.
std::vector<tl::expected<nlohmann::ordered_json, AskFailure>>
ask_all(const std::vector<std::filesystem::path>& sockets, const std::string& request);

class Conversation;

// Watches some vrrpds. Each begins with its state, and what it decides from that moment on follows: nothing
// between the two is left out, and nothing is told twice.
class Watch {
  public:
    // `vrrpd` counts from 0, in the order in which they began.
    using EventHandler = std::function<void(std::size_t vrrpd, const nlohmann::ordered_json& event)>;
    using EndHandler = std::function<void(std::size_t vrrpd)>;

    Watch();
    ~Watch();
    // The state of the one at this socket; waits for it as ask() does.
    tl::expected<nlohmann::ordered_json, AskFailure> begin(const std::filesystem::path& socket);
    // Hands over what those that began publish, one JSON object at a time, and that one of them has ended;
    // until none is left or SIGINT or SIGTERM comes.
    void run(const EventHandler& on_event, const EndHandler& on_end);

  private:
    std::unique_ptr<boost::asio::io_context> io_;
    std::vector<std::unique_ptr<Conversation>> vrrpds_;
};

} // namespace vrrp::backend

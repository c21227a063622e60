#include "backends/control/control_client.hpp"

#include "backends/control/local_listener.hpp"
#include "core/daemon/control.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <list>
#include <memory>
#include <nlohmann/json.hpp>
#include <sys/socket.h>

namespace vrrp::backend {
namespace {

namespace asio = boost::asio;
using nlohmann::ordered_json;

constexpr std::chrono::seconds kServerPatience(3);
constexpr std::size_t kMaxReply = 16 << 20; // 255 virtual routers with 255 addresses each, and more

} // namespace

tl::expected<std::vector<std::filesystem::path>, std::string>
control_sockets(const std::filesystem::path& directory) {
    std::vector<std::filesystem::path> sockets;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error))
        if (entry.path().extension() == ".sock") sockets.push_back(entry.path());
    if (error && error != std::errc::no_such_file_or_directory)
        return tl::unexpected(directory.string() + ": " + error.message());
    std::ranges::sort(sockets);
    return sockets;
}

// With one vrrpd: requests that are answered one at a time, and lines that come by themselves.
class Conversation {
  public:
    explicit Conversation(asio::io_context& io) : io_(io), socket_(io) {}

    // The answer is read while `io` runs.
    void begin(const std::filesystem::path& path, const std::string& request) {
        path_ = path;
        failure_ = connect();
        if (failure_) return;
        // Whoever is turned away is told why, and may find the way closed before it has said anything.
        boost::system::error_code ignored;
        asio::write(socket_, asio::buffer(request + "\n"), ignored);
        asio::async_read_until(socket_, input_, '\n', [this](boost::system::error_code error, std::size_t) {
            heard_ = true;
            if (error && !failure_) fail(AskError::not_heard, error.message());
        });
    }

    // Ends the wait; the read ends with the socket, when `io` runs once more, and must not outlive what it refers to.
    void give_up() {
        if (failure_ || heard_) return;
        fail(AskError::not_heard, boost::system::error_code(asio::error::timed_out).message());
        socket_.close();
    }

    // After that: what has come of it.
    tl::expected<ordered_json, AskFailure> end() {
        if (failure_) return tl::unexpected(*failure_);
        auto result = result_of(next_line());
        if (!result) return tl::unexpected(failure(AskError::refused, result.error()));
        return *std::move(result);
    }

    tl::expected<ordered_json, AskFailure> ask(const std::filesystem::path& path,
                                               const std::string& request) {
        begin(path, request);
        io_.restart();
        io_.run_for(kServerPatience);
        give_up();
        io_.restart();
        io_.run();
        return end();
    }

    // Lines go to the handler until the other side ends, which is told by nothing instead of a line.
    void listen(const std::function<void(const ordered_json*)>& on_line) {
        asio::async_read_until(socket_, input_, '\n',
                               [this, on_line](boost::system::error_code error, std::size_t) {
                                   ended_ = !!error;
                                   if (ended_) return on_line(nullptr);
                                   const auto line = ordered_json::parse(next_line(), nullptr, false);
                                   if (line.is_object()) on_line(&line);
                                   listen(on_line);
                               });
    }

    bool ended() const { return ended_; }

  private:
    AskFailure failure(AskError kind, const std::string& why) const {
        return {kind, path_.string() + ": " + why};
    }
    void fail(AskError kind, const std::string& why) { failure_ = failure(kind, why); }

    // Without waiting: a process that is stopped accepts nobody, and lets a caller wait where too many do already.
    std::optional<AskFailure> connect() {
        const auto address = local_address(path_);
        if (!address) return failure(AskError::nobody, "too long for a socket's path");
        FileDescriptor descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (!descriptor) return failure(AskError::not_heard, std::strerror(errno));
        if (::connect(descriptor.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0) {
            if (errno == EAGAIN) return failure(AskError::not_heard, "too many wait for an answer already");
            return failure(errno == EACCES ? AskError::refused : AskError::nobody, std::strerror(errno));
        }
        boost::system::error_code error;
        socket_.assign(asio::local::stream_protocol(), descriptor.get(), error);
        if (error) return failure(AskError::not_heard, error.message());
        descriptor.release();
        return std::nullopt;
    }

    std::string next_line() {
        std::istream in(&input_);
        std::string line;
        std::getline(in, line);
        return line;
    }

    asio::io_context& io_;
    asio::local::stream_protocol::socket socket_;
    asio::streambuf input_{kMaxReply};
    std::filesystem::path path_;
    std::optional<AskFailure> failure_;
    bool heard_ = false;
    bool ended_ = false;
};

tl::expected<ordered_json, AskFailure> ask(const std::filesystem::path& socket, const std::string& request) {
    asio::io_context io;
    return Conversation(io).ask(socket, request);
}

std::vector<tl::expected<ordered_json, AskFailure>> ask_all(const std::vector<std::filesystem::path>& sockets,
                                                            const std::string& request) {
    asio::io_context io;
    std::list<Conversation> conversations;
    for (const auto& socket : sockets)
        conversations.emplace_back(io).begin(socket, request);
    io.run_for(kServerPatience);
    for (Conversation& one : conversations)
        one.give_up();
    io.restart();
    io.run();
    std::vector<tl::expected<ordered_json, AskFailure>> answers;
    for (Conversation& one : conversations)
        answers.push_back(one.end());
    return answers;
}

Watch::Watch() : io_(std::make_unique<asio::io_context>()) {}
Watch::~Watch() = default;

// What the others publish meanwhile waits in their sockets.
tl::expected<ordered_json, AskFailure> Watch::begin(const std::filesystem::path& socket) {
    auto vrrpd = std::make_unique<Conversation>(*io_);
    auto state = vrrpd->ask(socket, to_json(ControlRequest{"watch", {}, {}}));
    if (state) vrrpds_.push_back(std::move(vrrpd));
    return state;
}

void Watch::run(const EventHandler& on_event, const EndHandler& on_end) {
    for (std::size_t i = 0; i < vrrpds_.size(); ++i)
        vrrpds_[i]->listen([&, i](const ordered_json* event) { event ? on_event(i, *event) : on_end(i); });
    asio::signal_set signals(*io_, SIGINT, SIGTERM);
    signals.async_wait([&](boost::system::error_code error, int) {
        if (!error) io_->stop();
    });
    io_->restart();
    // The wait for signals alone is no reason to go on.
    while (!io_->stopped() && !std::ranges::all_of(vrrpds_, [](const auto& one) { return one->ended(); }))
        io_->run_one();
}

} // namespace vrrp::backend

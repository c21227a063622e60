#include "backends/control/control_client.hpp"

#include "core/daemon/control.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <csignal>
#include <memory>
#include <nlohmann/json.hpp>

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

    tl::expected<ordered_json, AskFailure> ask(const std::filesystem::path& path,
                                               const std::string& request) {
        boost::system::error_code error;
        socket_.connect({path.string()}, error);
        const auto failed = [&](AskError kind, const std::string& why) {
            return tl::unexpected(AskFailure{kind, path.string() + ": " + why});
        };
        if (error == boost::system::errc::permission_denied)
            return failed(AskError::refused, error.message());
        if (error) return failed(AskError::nobody, error.message());

        // Whoever is turned away is told why, and may find the way closed before it has said anything.
        asio::write(socket_, asio::buffer(request + "\n"), error);
        bool heard = false;
        asio::async_read_until(socket_, input_, '\n', [&](boost::system::error_code result, std::size_t) {
            error = result;
            heard = true;
        });
        io_.restart();
        io_.run_for(kServerPatience);
        if (!heard) {
            socket_.close();
            io_.restart();
            io_.run(); // the read ends with the socket: it must not outlive what it refers to
            error = asio::error::timed_out;
        }
        if (error) return failed(AskError::not_heard, error.message());
        auto result = result_of(next_line());
        if (!result) return failed(AskError::refused, result.error());
        return *std::move(result);
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
    std::string next_line() {
        std::istream in(&input_);
        std::string line;
        std::getline(in, line);
        return line;
    }

    asio::io_context& io_;
    asio::local::stream_protocol::socket socket_;
    asio::streambuf input_{kMaxReply};
    bool ended_ = false;
};

tl::expected<ordered_json, AskFailure> ask(const std::filesystem::path& socket, const std::string& request) {
    asio::io_context io;
    return Conversation(io).ask(socket, request);
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

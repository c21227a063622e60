#include "backends/control_client.hpp"

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

constexpr std::chrono::seconds kPatience(3);
constexpr std::size_t kMaxReply = 16 << 20; // 255 virtual routers with 255 addresses each, and more

tl::unexpected<AskFailure> failure(AskError kind, std::string message) {
    return tl::unexpected(AskFailure{kind, std::move(message)});
}

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

tl::expected<ordered_json, AskFailure> ask(const std::filesystem::path& path, const std::string& request) {
    asio::io_context io;
    asio::local::stream_protocol::socket socket(io);
    boost::system::error_code error;
    socket.connect({path.string()}, error);
    if (error == boost::system::errc::permission_denied)
        return failure(AskError::refused, path.string() + ": " + error.message());
    if (error) return failure(AskError::nobody, path.string() + ": " + error.message());

    asio::write(socket, asio::buffer(request + "\n"), error);
    asio::streambuf input(kMaxReply);
    if (!error) {
        error = asio::error::timed_out; // unless the read says otherwise within its time
        asio::async_read_until(socket, input, '\n',
                               [&](boost::system::error_code result, std::size_t) { error = result; });
        io.run_for(kPatience);
    }
    if (error) return failure(AskError::not_heard, path.string() + ": " + error.message());
    std::istream in(&input);
    const ordered_json reply = ordered_json::parse(in, nullptr, false);
    if (!reply.is_object() || !reply.contains("status"))
        return failure(AskError::not_heard, path.string() + ": the reply is not understood");
    if (reply["status"] != "ok")
        return failure(AskError::refused, reply.value("error", "refused without a reason"));
    return reply.value("result", ordered_json::object());
}

namespace {

// One socket that is watched: its lines go to the handler until it ends.
class Watch {
  public:
    using Handler = std::function<void(const ordered_json&)>;
    Watch(asio::io_context& io, const Handler& on_event) : socket_(io), on_event_(on_event) {}

    bool begin(const std::filesystem::path& path) {
        boost::system::error_code error;
        socket_.connect({path.string()}, error);
        if (!error)
            asio::write(socket_, asio::buffer(std::string("{\"version\": 1, \"request\": \"watch\"}\n")),
                        error);
        if (!error) read();
        return !error;
    }

    bool alive() const { return alive_; }

  private:
    void read() {
        asio::async_read_until(socket_, input_, '\n', [this](boost::system::error_code error, std::size_t) {
            if (error) return void(alive_ = false);
            std::istream in(&input_);
            std::string line;
            std::getline(in, line);
            const ordered_json event = ordered_json::parse(line, nullptr, false);
            if (event.is_object() && !event.contains("status")) on_event_(event); // not the reply to "watch"
            read();
        });
    }

    asio::local::stream_protocol::socket socket_;
    asio::streambuf input_{kMaxReply};
    const Handler& on_event_;
    bool alive_ = true;
};

} // namespace

std::size_t watch(const std::vector<std::filesystem::path>& sockets,
                  const std::function<void(const ordered_json&)>& on_event) {
    asio::io_context io;
    std::vector<std::unique_ptr<Watch>> watches;
    for (const std::filesystem::path& path : sockets) {
        auto one = std::make_unique<Watch>(io, on_event);
        if (one->begin(path)) watches.push_back(std::move(one));
    }
    if (watches.empty()) return 0;
    asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&](boost::system::error_code error, int) {
        if (!error) io.stop();
    });
    // The wait for signals alone is no reason to go on.
    while (!io.stopped()) {
        io.run_one();
        if (std::ranges::none_of(watches, [](const auto& one) { return one->alive(); })) break;
    }
    return watches.size();
}

} // namespace vrrp::backend

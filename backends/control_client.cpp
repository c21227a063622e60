#include "backends/control_client.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
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

std::vector<std::filesystem::path> control_sockets(const std::filesystem::path& directory) {
    std::vector<std::filesystem::path> sockets;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error))
        if (entry.path().extension() == ".sock") sockets.push_back(entry.path());
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

    asio::write(socket, asio::buffer(ordered_json{{"version", 1}, {"request", request}}.dump() + "\n"),
                error);
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

} // namespace vrrp::backend

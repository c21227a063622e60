// The daemon's side of the control socket.
#pragma once

#include "core/ports.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <filesystem>
#include <functional>

namespace vrrp::backend {

// Requests and replies are one JSON object on a line each: {"version": 1, "request": "state"}. A reply has
// "version" and either "status": "ok" and what was asked for, or "status": "error" and "error".
// docs/operating.md shows it.
//
// Root's alone: the socket has mode 0600, and the peer's credentials are checked. A client that sends
// garbage, half a line, or never reads is dropped after its time; no more than a few are served at once.
class ControlServer {
  public:
    // From the request's name to what is asked for, as a JSON object; an error is a sentence for the client.
    using Handler = std::function<tl::expected<std::string, std::string>(const std::string& request)>;

    static tl::expected<std::unique_ptr<ControlServer>, NicError>
    open(boost::asio::io_context& io, const std::filesystem::path& path, Handler handler);
    ~ControlServer();
    ControlServer(const ControlServer&) = delete;
    ControlServer& operator=(const ControlServer&) = delete;

  private:
    class Session;
    ControlServer(boost::asio::io_context& io, std::filesystem::path path, Handler handler);
    void accept();

    boost::asio::io_context& io_;
    std::filesystem::path path_;
    Handler handler_;
    boost::asio::local::stream_protocol::acceptor acceptor_;
    std::shared_ptr<int> sessions_ = std::make_shared<int>(0); // open ones; they may outlive the server
};

} // namespace vrrp::backend

// Where other processes of this machine connect to us: a Unix socket that is root's, and may be a group's too.
#pragma once

#include "backends/runtime/runtime_directory.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <sys/un.h>

namespace vrrp::backend {

// Nothing when the path is too long for one.
std::optional<sockaddr_un> local_address(const std::filesystem::path& path);

// 1. Takes the path from a killed predecessor, whose pid file's lock says that it is gone; and removes it in
//    the end.
// 2. The socket has mode 0600, or 0660 and a group, and the peer's credentials are checked: whoever is neither root
//    nor us nor in that group is closed at once.
// 3. Where descriptors or memory have run out, accepting pauses: who waits to be accepted makes the socket
//    ready again at once, and trying again at once would leave no time for anything else.
class LocalListener : public std::enable_shared_from_this<LocalListener> {
  public:
    // Called from the event loop, with a connection that does not block.
    using Handler = std::function<void(FileDescriptor)>;

    // `type` is SOCK_STREAM or SOCK_SEQPACKET.
    static tl::expected<std::shared_ptr<LocalListener>, NicError>
    open(boost::asio::io_context& io, const std::filesystem::path& path, int type, Handler on_connection);
    ~LocalListener();
    LocalListener(const LocalListener&) = delete;
    LocalListener& operator=(const LocalListener&) = delete;

    // Members of this group may connect from now on, and nobody of the one before.
    NicResult set_group(std::optional<gid_t> group);
    // Whether the peer of this connection may be here.
    bool admits(int peer) const;
    // Listens anew where somebody has removed the socket; who is connected stays so.
    NicResult put_back();
    // Under another name from now on; who is connected, or about to be, stays so.
    NicResult move_to(const std::filesystem::path& path);

  private:
    LocalListener(boost::asio::io_context& io, std::filesystem::path path, int type, Handler on_connection);
    NicResult listen();
    NicResult apply_group() const;
    void wait();
    void accept();
    void pause();

    std::filesystem::path path_;
    int type_;
    ino_t file_ = 0; // the socket's
    Handler on_connection_;
    std::optional<gid_t> group_;
    boost::asio::posix::stream_descriptor socket_;
    boost::asio::steady_timer pause_;
};

} // namespace vrrp::backend

// The daemon's side of the control socket.
#pragma once

#include "backends/control/local_listener.hpp"
#include "core/daemon/control.hpp"

namespace vrrp::backend {

// 1. Requests and replies are one JSON object on a line each. core/daemon/control.hpp reads and writes them;
//    docs/control.md shows them.
// 2. The session of a client that watches gets the reply, and from that moment on what is published, a line
//    each. It asks for nothing more.
// 3. Root's, and its control group's to read: the handler is told who asks. The peer's credentials count as they were
//    when it connected, and for each request anew: a group that may no longer read is closed.
// 4. A client that sends garbage, half a line, or never reads is dropped after its time; a watcher that falls
//    kMaxUnread lines behind is dropped too. No more than kMaxSessions are served at once; others are told
//    so. Members of the control group get a part of each limit, so that root is always served.
class ControlServer {
  public:
    static constexpr std::size_t kMaxUnread = 1024;
    static constexpr int kMaxSessions = 16;
    // Watchers stay: however many there are, there is room for those who ask and command.
    static constexpr std::size_t kMaxWatchers = 8;
    // Of these, members of the control group.
    static constexpr int kMaxReaders = 8;
    static constexpr std::size_t kMaxReadingWatchers = 4;
    // From a request, as it was received, to the reply.
    using Handler = std::function<ControlReply(const std::string& request, Caller caller)>;

    static tl::expected<std::unique_ptr<ControlServer>, NicError>
    open(boost::asio::io_context& io, const std::filesystem::path& path, Handler handler);
    ControlServer(const ControlServer&) = delete;
    ControlServer& operator=(const ControlServer&) = delete;

    // One JSON object without a newline, to everybody who watches. Never blocks.
    void publish(const std::string& line);
    // Its members may read from now on; none: root alone.
    NicResult set_group(std::optional<gid_t> group);
    // Its socket, where somebody has removed it.
    NicResult put_back() { return clients_->put_back(); }
    // Under another name from now on.
    NicResult move_to(const std::filesystem::path& path) { return clients_->move_to(path); }
    bool is_watched() const { return !watchers_.empty(); }

  private:
    class Session;
    ControlServer(boost::asio::io_context& io, Handler handler) : io_(io), handler_(std::move(handler)) {}
    void admit(FileDescriptor descriptor);
    void forget_gone(); // of those who watch
    bool has_room_to_watch(Caller caller);

    boost::asio::io_context& io_;
    Handler handler_;
    std::shared_ptr<LocalListener> clients_;
    struct Counts {
        int sessions = 0; // open ones
        int readers = 0;  // of these
    };
    std::shared_ptr<Counts> counts_ = std::make_shared<Counts>(); // sessions may outlive the server
    std::vector<std::weak_ptr<Session>> watchers_;
};

} // namespace vrrp::backend

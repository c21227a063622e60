#include "backends/control/control_server.hpp"

#include "backends/control/peer_credentials.hpp"

#include <algorithm>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <fmt/format.h>
#include <sys/socket.h>

namespace vrrp::backend {
namespace {

namespace asio = boost::asio;
using asio::local::stream_protocol;

constexpr std::size_t kMaxRequest = 4096;
// For a request to arrive whole, and for a reply to be read.
constexpr std::chrono::seconds kClientPatience(5);

} // namespace

// Keeps itself alive through its pending operations, which the event loop drops after the server is gone: so
// the count is shared with the server, which is asked for nothing else than from the running loop.
class ControlServer::Session : public std::enable_shared_from_this<Session> {
  public:
    Session(ControlServer& server, stream_protocol::socket socket, Caller caller)
        : server_(server), socket_(std::move(socket)), caller_(caller), timer_(server.io_),
          input_(kMaxRequest), counts_(server.counts_) {
        ++counts_->sessions;
        counts_->readers += is_reader();
    }
    ~Session() {
        --counts_->sessions;
        counts_->readers -= is_reader();
    }

    void read() {
        start_timer();
        asio::async_read_until(socket_, input_, '\n',
                               [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                                   if (error) return self->close();
                                   std::istream in(&self->input_);
                                   std::string line;
                                   std::getline(in, line);
                                   self->answer(line);
                               });
    }

    void publish(const std::string& line) {
        if (unread_.size() >= kMaxUnread) return close();
        unread_.push_back(line + "\n");
        if (unread_.size() == 1) write_next();
    }

    bool closed() const { return !socket_.is_open(); }
    bool is_reader() const { return caller_ == Caller::reader; }
    void close_unless_admitted() {
        if (!closed() && !server_.clients_->admits(socket_.native_handle())) close();
    }

  private:
    void answer(const std::string& line) {
        close_unless_admitted();
        if (closed()) return;
        const ControlReply reply = server_.handler_(line, caller_);
        if (!reply.watches) return write(reply.line + "\n");
        if (!server_.has_room_to_watch(caller_))
            return write(error_reply(fmt::format("{} watch already: end one of them",
                                                 is_reader() ? kMaxReadingWatchers : kMaxWatchers)) +
                         "\n");
        timer_.cancel();
        server_.watchers_.push_back(weak_from_this());
        await_end();
        publish(reply.line); // in the same turn: what happens next is published after it
    }

    void write(std::string reply) {
        start_timer();
        output_ = std::move(reply);
        asio::async_write(socket_, asio::buffer(output_),
                          [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                              if (error) return self->close();
                              self->read();
                          });
    }

    // A watcher's: the front line is being written.
    void write_next() {
        asio::async_write(socket_, asio::buffer(unread_.front()),
                          [self = shared_from_this()](boost::system::error_code error, std::size_t) {
                              if (error) return self->close();
                              self->unread_.pop_front();
                              if (!self->unread_.empty()) self->write_next();
                          });
    }

    // A watcher has nothing more to say; that it has gone is read as the end.
    void await_end() {
        asio::async_read(
            socket_, input_, asio::transfer_at_least(1),
            [self = shared_from_this()](boost::system::error_code, std::size_t) { self->close(); });
    }

    void start_timer() {
        timer_.expires_after(kClientPatience);
        timer_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
            const auto self = weak.lock();
            if (!error && self) self->close();
        });
    }

    void close() {
        timer_.cancel();
        boost::system::error_code ignored;
        socket_.close(ignored);
    }

    ControlServer& server_;
    stream_protocol::socket socket_;
    Caller caller_;
    asio::steady_timer timer_;
    asio::streambuf input_;
    std::string output_;
    std::deque<std::string> unread_; // by a watcher
    std::shared_ptr<Counts> counts_;
};

void ControlServer::forget_gone() {
    std::erase_if(watchers_, [](const std::weak_ptr<Session>& one) {
        const auto session = one.lock();
        return !session || session->closed();
    });
}

bool ControlServer::has_room_to_watch(Caller caller) {
    forget_gone();
    const auto readers = static_cast<std::size_t>(std::ranges::count_if(watchers_, [](const auto& one) {
        const auto session = one.lock();
        return session && session->is_reader();
    }));
    return watchers_.size() < kMaxWatchers && (caller == Caller::owner || readers < kMaxReadingWatchers);
}

NicResult ControlServer::set_group(std::optional<gid_t> group) {
    const NicResult set = clients_->set_group(group);
    if (set)
        for (const auto& one : watchers_)
            if (const auto session = one.lock()) session->close_unless_admitted();
    return set;
}

void ControlServer::publish(const std::string& line) {
    forget_gone();
    for (const auto& one : watchers_)
        if (const auto session = one.lock()) session->publish(line);
}

tl::expected<std::unique_ptr<ControlServer>, NicError>
ControlServer::open(asio::io_context& io, const std::filesystem::path& path, Handler handler) {
    std::unique_ptr<ControlServer> server(new ControlServer(io, std::move(handler)));
    auto clients = LocalListener::open(io, path, SOCK_STREAM, [raw = server.get()](FileDescriptor socket) {
        raw->admit(std::move(socket));
    });
    if (!clients) return tl::unexpected(clients.error());
    server->clients_ = std::move(*clients);
    return server;
}

void ControlServer::admit(FileDescriptor descriptor) {
    const Caller caller = is_root_or_us(descriptor.get()) ? Caller::owner : Caller::reader;
    if (counts_->sessions >= kMaxSessions || (caller == Caller::reader && counts_->readers >= kMaxReaders)) {
        const std::string reply =
            error_reply("too many clients speak to this vrrpd: try again in a moment") + "\n";
        (void)::send(descriptor.get(), reply.data(), reply.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        return;
    }
    stream_protocol::socket socket(io_);
    boost::system::error_code error;
    socket.assign(stream_protocol(), descriptor.get(), error);
    if (error) return;
    descriptor.release();
    std::make_shared<Session>(*this, std::move(socket), caller)->read();
}

} // namespace vrrp::backend

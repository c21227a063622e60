#include "backends/control/sibling_bus.hpp"

#include "backends/control/peer_credentials.hpp"
#include "core/daemon/sibling_message.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>

namespace vrrp::backend {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using asio::posix::stream_descriptor;

constexpr const char* kExtension = ".bus";
// A machine has one process an interface at most, each connected twice in the worst case.
constexpr std::size_t kMaxConnections = 512;
// As many as a router keeps account of; a speaker beyond is one that makes them up.
constexpr std::size_t kMaxSiblings = 255;
// Packets in one go before timers and other descriptors have their turn.
constexpr int kPacketsAtOnce = 16;
// The kernel closes a dead process's files from the highest number down, and each packet socket takes it
// milliseconds: siblings must not learn of the death behind those.
constexpr int kAboveOtherFiles = 512;

// Itself where the limit of descriptors is lower.
FileDescriptor above_other_files(FileDescriptor socket) {
    FileDescriptor above(::fcntl(socket.get(), F_DUPFD_CLOEXEC, kAboveOtherFiles));
    return above ? std::move(above) : std::move(socket);
}

std::uint64_t now() {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(time.tv_nsec);
}

} // namespace

// One of the bus's connections; which side asked for it does not matter. Handlers that are on their way hold
// no more than a weak pointer: dropped by the bus, it is gone.
class UnixSiblingBus::Connection : public std::enable_shared_from_this<Connection> {
  public:
    Connection(UnixSiblingBus& bus, FileDescriptor socket) : bus_(bus), socket_(bus.io_, socket.get()) {
        socket.release();
    }

    void start() {
        for (const auto& [index, text] : bus_.latest_)
            behind_.insert(index);
        flush();
        wait_to_read();
    }

    // The latest of this virtual router is sent when there is room.
    void tell(VirtualRouterIndex from) {
        behind_.insert(from);
        if (!waits_for_room_) flush();
    }

    void flush() {
        while (!behind_.empty()) {
            if (!send(bus_.latest_.at(*behind_.begin()))) return wait_for_room();
            behind_.erase(behind_.begin());
        }
    }

    // False when it has ended.
    bool read() {
        std::array<char, kMaxSiblingMessage + 1> packet; // of a longer one enough to see that it is
        for (int packets = 0; packets < kPacketsAtOnce; ++packets) {
            const ssize_t size = ::recv(socket_.native_handle(), packet.data(), packet.size(), MSG_DONTWAIT);
            if (size < 0 && (errno == EAGAIN || errno == EINTR)) return true;
            // It closed while packets of ours were unread. Told once, before what it said last.
            if (size < 0 && errno == ECONNRESET) continue;
            if (size <= 0) return false;
            if (!bus_.heard(*this, {packet.data(), static_cast<std::size_t>(size)})) return false;
        }
        return true;
    }

  private:
    // False when there is no room. A connection that is broken otherwise is found so by reading, and a packet
    // that finds no memory is said again with the next heartbeat.
    bool send(const std::string& packet) {
        return ::send(socket_.native_handle(), packet.data(), packet.size(), MSG_DONTWAIT | MSG_NOSIGNAL) >=
                   0 ||
               errno != EAGAIN;
    }

    void wait_for_room() {
        waits_for_room_ = true;
        socket_.async_wait(stream_descriptor::wait_write,
                           [weak = weak_from_this()](boost::system::error_code error) {
                               const auto self = weak.lock();
                               if (error || !self) return;
                               self->waits_for_room_ = false;
                               self->flush();
                           });
    }

    void wait_to_read() {
        socket_.async_wait(stream_descriptor::wait_read,
                           [weak = weak_from_this()](boost::system::error_code error) {
                               const auto self = weak.lock();
                               if (error || !self) return;
                               if (self->read())
                                   self->wait_to_read();
                               else
                                   self->bus_.drop(self);
                           });
    }

    UnixSiblingBus& bus_;
    stream_descriptor socket_;
    std::set<VirtualRouterIndex> behind_; // whose latest status is to be sent
    bool waits_for_room_ = false;
};

// --- The way in and out

tl::expected<std::unique_ptr<UnixSiblingBus>, NicError>
UnixSiblingBus::open(asio::io_context& io, Inbox& inbox, const fs::path& directory,
                     const std::string& process, std::shared_ptr<spdlog::logger> logger) {
    std::unique_ptr<UnixSiblingBus> bus(new UnixSiblingBus(io, inbox, directory, process, std::move(logger)));
    auto listener =
        LocalListener::open(io, bus->path_, SOCK_SEQPACKET,
                            [raw = bus.get()](FileDescriptor socket) { raw->admit(std::move(socket)); });
    if (!listener) return tl::unexpected(listener.error());
    bus->others_ = std::move(*listener);
    // After listening: of two that start at the same moment one at least finds the other.
    bus->connect_to_others(directory);
    return bus;
}

UnixSiblingBus::UnixSiblingBus(asio::io_context& io, Inbox& inbox, const fs::path& directory,
                               std::string process, std::shared_ptr<spdlog::logger> logger)
    : io_(io), inbox_(inbox), path_(directory / (process + kExtension)), process_(std::move(process)),
      logger_(std::move(logger)) {}

UnixSiblingBus::~UnixSiblingBus() {
    for (const auto& connection : connections_)
        connection->flush(); // whoever has read meanwhile learns that we leave in order
}

void UnixSiblingBus::connect_to_others(const fs::path& directory) {
    std::vector<fs::path> others;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(directory, error))
        if (entry.path().extension() == kExtension && entry.path() != path_) others.push_back(entry.path());
    std::ranges::sort(others);
    for (const fs::path& other : others)
        connect_to(other);
}

void UnixSiblingBus::connect_to(const fs::path& path) {
    const auto address = local_address(path);
    FileDescriptor socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!address || !socket) return logger_->warn("cannot connect to {}", path.string());
    // At once in either way: the other side need not accept.
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) == 0) {
        if (is_root_or_us(socket.get())) admit(std::move(socket));
        return;
    }
    const bool dead = errno == ECONNREFUSED || errno == ENOENT;
    if (!dead) logger_->warn("cannot connect to {}: {}", path.string(), std::strerror(errno));
}

void UnixSiblingBus::admit(FileDescriptor socket) {
    if (connections_.size() == kMaxConnections) return;
    connections_.push_back(std::make_shared<Connection>(*this, above_other_files(std::move(socket))));
    connections_.back()->start();
}

// --- What is said

void UnixSiblingBus::tell(VirtualRouterIndex from, const SiblingStatus& status) {
    // Time, so that what a restarted process says counts as later than what it said before.
    number_ = std::max(number_ + 1, now());
    latest_[from] = encode({.process = process_, .number = number_, .status = status});
    for (const auto& connection : connections_)
        connection->tell(from);
}

void UnixSiblingBus::deliver_waiting() {
    std::vector<std::shared_ptr<Connection>> ended;
    for (const auto& connection : connections_)
        if (!connection->read()) ended.push_back(connection);
    for (const auto& connection : ended)
        drop(connection);
}

bool UnixSiblingBus::heard(const Connection& connection, std::string_view packet) {
    auto message = decode_sibling_message(packet);
    if (!message) {
        logger_->warn("a sibling said what is not understood ({}): it is heard no more", message.error());
        return false;
    }
    const SiblingIdentity& identity = message->status.identity;
    const Speaker speaker{message->process, identity.interface, identity.family, identity.vrid};
    if (siblings_.size() == kMaxSiblings && !siblings_.contains(speaker)) return true;
    const auto [place, is_new] = siblings_.try_emplace(speaker);
    Sibling& sibling = place->second;
    if (is_new) sibling.id = static_cast<SiblingId>(++ids_given_);
    sibling.connections.insert(&connection);
    if (message->number <= sibling.latest) return true; // by the other connection it came before
    sibling.latest = message->number;
    inbox_.give(SiblingSaid{sibling.id, std::move(message->status)});
    return true;
}

void UnixSiblingBus::drop(const std::shared_ptr<Connection>& connection) {
    std::erase(connections_, connection);
    std::vector<SiblingId> gone;
    for (auto place = siblings_.begin(); place != siblings_.end();) {
        Sibling& sibling = place->second;
        const bool was_its = sibling.connections.erase(connection.get()) != 0;
        if (was_its && sibling.connections.empty()) {
            gone.push_back(sibling.id);
            place = siblings_.erase(place);
        } else {
            ++place;
        }
    }
    for (const SiblingId id : gone)
        inbox_.give(SiblingGone{id});
}

} // namespace vrrp::backend

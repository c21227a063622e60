#include "backends/control/local_listener.hpp"

#include "backends/control/peer_credentials.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace vrrp::backend {
namespace {

// Before accepting is tried again when there are no descriptors left.
constexpr std::chrono::seconds kPause(1);

NicError last_error(const std::filesystem::path& path) {
    return {fmt::format("{}: {}", path.string(), std::strerror(errno))};
}

// Its number, or 0 where there is none.
ino_t file_at(const std::filesystem::path& path) {
    struct stat facts {};
    return ::lstat(path.c_str(), &facts) == 0 ? facts.st_ino : 0;
}

bool means_exhausted(int error) {
    return error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOBUFS;
}

} // namespace

std::optional<sockaddr_un> local_address(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.native().size() >= sizeof address.sun_path) return std::nullopt;
    std::ranges::copy(path.native(), address.sun_path);
    return address;
}

tl::expected<std::shared_ptr<LocalListener>, NicError> LocalListener::open(boost::asio::io_context& io,
                                                                           const std::filesystem::path& path,
                                                                           int type, Handler on_connection) {
    std::shared_ptr<LocalListener> listener(new LocalListener(io, path, type, std::move(on_connection)));
    if (const NicResult listening = listener->listen(); !listening) return tl::unexpected(listening.error());
    return listener;
}

LocalListener::LocalListener(boost::asio::io_context& io, std::filesystem::path path, int type,
                             Handler on_connection)
    : path_(std::move(path)), type_(type), on_connection_(std::move(on_connection)), socket_(io), pause_(io) {
}

LocalListener::~LocalListener() {
    if (socket_.is_open()) ::unlink(path_.c_str());
}

NicResult LocalListener::listen() {
    const auto address = local_address(path_);
    if (!address)
        return tl::unexpected(NicError{fmt::format("{}: too long for a socket's path", path_.string())});
    FileDescriptor socket(::socket(AF_UNIX, type_ | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) return tl::unexpected(last_error(path_));
    ::unlink(path_.c_str());
    const mode_t before = ::umask(0177);
    const int bound = ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address);
    ::umask(before);
    if (bound != 0 || ::listen(socket.get(), SOMAXCONN) != 0) return tl::unexpected(last_error(path_));
    if (group_)
        if (const NicResult applied = apply_group(); !applied) return applied;
    file_ = file_at(path_);
    boost::system::error_code ignored; // the one before, if there was one
    socket_.close(ignored);
    socket_.assign(socket.release());
    wait();
    return {};
}

NicResult LocalListener::set_group(std::optional<gid_t> group) {
    const std::optional<gid_t> before = std::exchange(group_, group);
    if (!before && !group) return {};
    const NicResult applied = apply_group();
    if (!applied) group_ = before;
    return applied;
}

// Nobody's, before it is another group's.
NicResult LocalListener::apply_group() const {
    constexpr mode_t kOurs = S_IRUSR | S_IWUSR, kGroupsToo = kOurs | S_IRGRP | S_IWGRP;
    if (::chmod(path_.c_str(), kOurs) != 0 ||
        ::chown(path_.c_str(), static_cast<uid_t>(-1), group_.value_or(::getegid())) != 0 ||
        (group_ && ::chmod(path_.c_str(), kGroupsToo) != 0))
        return tl::unexpected(NicError{fmt::format("{}: cannot be opened to the control group: {}",
                                                   path_.string(), std::strerror(errno))});
    return {};
}

bool LocalListener::admits(int peer) const {
    return is_root_or_us(peer) || (group_ && is_member(peer, *group_));
}

NicResult LocalListener::put_back() {
    return file_at(path_) == file_ ? NicResult{} : listen();
}

NicResult LocalListener::move_to(const std::filesystem::path& path) {
    if (!local_address(path))
        return tl::unexpected(NicError{fmt::format("{}: too long for a socket's path", path.string())});
    if (::rename(path_.c_str(), path.c_str()) != 0) return tl::unexpected(last_error(path));
    path_ = path;
    return {};
}

// What is on its way when we are destroyed finds us gone.
void LocalListener::wait() {
    socket_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                       [weak = weak_from_this()](boost::system::error_code error) {
                           const auto self = weak.lock();
                           if (!error && self) self->accept();
                       });
}

void LocalListener::accept() {
    FileDescriptor peer(::accept4(socket_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!peer && means_exhausted(errno)) return pause();
    if (peer && admits(peer.get())) on_connection_(std::move(peer));
    wait();
}

void LocalListener::pause() {
    pause_.expires_after(kPause);
    pause_.async_wait([weak = weak_from_this()](boost::system::error_code error) {
        const auto self = weak.lock();
        if (!error && self) self->wait();
    });
}

} // namespace vrrp::backend

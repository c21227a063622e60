#include "backends/runtime/directory_watch.hpp"

#include <sys/inotify.h>

namespace vrrp::backend {
namespace {

constexpr std::uint32_t kRemovals = IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr std::uint32_t kArrivals = IN_CLOSE_WRITE | IN_MOVED_TO;

} // namespace

DirectoryWatch::DirectoryWatch(boost::asio::io_context& io, std::filesystem::path directory, Changes changes,
                               std::chrono::milliseconds pause, std::function<void()> on_change)
    : directory_(std::move(directory)), changes_(changes), pause_(pause), on_change_(std::move(on_change)),
      events_(io), until_told_(io) {}

// What the events say is not looked at: any of them means that the files are to be looked at, and then a new
// watch begins.
bool DirectoryWatch::arm() {
    boost::system::error_code ignored;
    events_.close(ignored);
    FileDescriptor inotify(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    const std::uint32_t wanted = changes_ == Changes::all ? kRemovals | kArrivals : kRemovals;
    if (!inotify || ::inotify_add_watch(inotify.get(), directory_.c_str(), wanted | IN_ONLYDIR) < 0)
        return false;
    events_.assign(inotify.release());
    wait();
    return true;
}

void DirectoryWatch::wait() {
    events_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                       [this, alive = std::weak_ptr(alive_)](boost::system::error_code error) {
                           if (error || alive.expired()) return; // gone, or armed anew
                           until_told_.expires_after(pause_);
                           until_told_.async_wait([this, alive](boost::system::error_code stopped) {
                               if (!stopped && !alive.expired()) tell();
                           });
                       });
}

// The last thing that a handler does: it may be our end.
void DirectoryWatch::tell() {
    const auto on_change = on_change_;
    on_change();
}

} // namespace vrrp::backend

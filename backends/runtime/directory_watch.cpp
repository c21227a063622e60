#include "backends/runtime/directory_watch.hpp"

#include <sys/inotify.h>

namespace vrrp::backend {

DirectoryWatch::DirectoryWatch(boost::asio::io_context& io, std::filesystem::path directory,
                               std::function<void()> on_removal)
    : directory_(std::move(directory)), on_removal_(std::move(on_removal)), events_(io), pause_(io) {}

// What the events say is not looked at: any of them means that the files are to be looked at, and then a new
// watch begins.
bool DirectoryWatch::arm() {
    boost::system::error_code ignored;
    events_.close(ignored);
    FileDescriptor inotify(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    constexpr std::uint32_t kRemovals = IN_DELETE | IN_MOVED_FROM | IN_DELETE_SELF | IN_MOVE_SELF;
    if (!inotify || ::inotify_add_watch(inotify.get(), directory_.c_str(), kRemovals | IN_ONLYDIR) < 0)
        return false;
    events_.assign(inotify.release());
    wait();
    return true;
}

void DirectoryWatch::wait() {
    events_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                       [this](boost::system::error_code error) {
                           if (error) return; // we are being destroyed, or armed anew
                           pause_.expires_after(kPause);
                           pause_.async_wait([this](boost::system::error_code stopped) {
                               if (!stopped) on_removal_();
                           });
                       });
}

} // namespace vrrp::backend

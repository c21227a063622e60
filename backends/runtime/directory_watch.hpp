// Learning that somebody removes what we keep in a directory.
#pragma once

#include "backends/runtime/runtime_directory.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>

namespace vrrp::backend {

// Calls `on_removal` from the event loop when files of the directory, or itself, were removed or renamed:
// kPause after it began, so that who removes a directory with all that is in it gets through with it. Our own
// removals are told like others.
class DirectoryWatch {
  public:
    static constexpr std::chrono::milliseconds kPause{100};

    DirectoryWatch(boost::asio::io_context& io, std::filesystem::path directory,
                   std::function<void()> on_removal);

    // Watches what has that name now; again after it was made anew. False where the kernel cannot: then
    // nothing is told.
    bool arm();

  private:
    void wait();

    std::filesystem::path directory_;
    std::function<void()> on_removal_;
    boost::asio::posix::stream_descriptor events_;
    boost::asio::steady_timer pause_;
};

} // namespace vrrp::backend

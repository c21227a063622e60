// Learning that somebody changes files in a directory.
#pragma once

#include "backends/runtime/runtime_directory.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>

namespace vrrp::backend {

// Calls `on_change` from the event loop once when files of the directory, or itself, were changed: `pause` after it
// began, so that who removes a directory with all that is in it gets through with it. Our own changes are told like
// others. Never after its own end, which may come from within that call.
class DirectoryWatch {
  public:
    enum class Changes : std::uint8_t {
        removals, // files, or the directory, were removed or renamed
        all       // or written, or put there
    };

    DirectoryWatch(boost::asio::io_context& io, std::filesystem::path directory, Changes changes,
                   std::chrono::milliseconds pause, std::function<void()> on_change);

    // Watches what has that name now; again after each call. False where the kernel cannot, or no such directory is
    // there: then nothing is told.
    bool arm();

  private:
    void wait();
    void tell();

    std::filesystem::path directory_;
    Changes changes_;
    std::chrono::milliseconds pause_;
    std::function<void()> on_change_;
    boost::asio::posix::stream_descriptor events_;
    boost::asio::steady_timer until_told_;
    // Handlers that are on their way when the watch goes look here first.
    std::shared_ptr<char> alive_ = std::make_shared<char>();
};

} // namespace vrrp::backend

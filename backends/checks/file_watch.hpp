// A small file that somebody else writes.
#pragma once

#include "backends/runtime/directory_watch.hpp"

#include <tl/expected.hpp>

namespace vrrp::backend {

// Calls `on_change` from the event loop once soon, and then whenever the file may have another content, is there again, or
// is not any more; never after its own end, which may come from within that call.
// Its directory is watched, since editors put a new file in an old one's place. Where the kernel cannot, and while the
// directory is not there, it is called every kBlindly.
class FileWatch {
  public:
    static constexpr std::chrono::seconds kBlindly{1};

    FileWatch(boost::asio::io_context& io, const std::filesystem::path& file,
              std::function<void()> on_change);

  private:
    void look();
    void arm();
    void tell();

    std::function<void()> on_change_;
    DirectoryWatch directory_;
    boost::asio::steady_timer blind_;
    // Handlers that are on their way when the watch goes look here first.
    std::shared_ptr<char> alive_ = std::make_shared<char>();
};

// The number that is all of a file, or a sentence that says why there is none.
tl::expected<int, std::string> read_number(const std::filesystem::path& file, int min, int max);

} // namespace vrrp::backend

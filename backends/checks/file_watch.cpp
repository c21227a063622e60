#include "backends/checks/file_watch.hpp"

#include "backends/runtime/read_file.hpp"

#include <boost/asio/post.hpp>
#include <charconv>
#include <fmt/format.h>

namespace vrrp::backend {

FileWatch::FileWatch(boost::asio::io_context& io, const std::filesystem::path& file,
                     std::function<void()> on_change)
    : on_change_(std::move(on_change)), directory_(io, file.parent_path(), DirectoryWatch::Changes::all,
                                                   std::chrono::milliseconds(0), [this] { look(); }),
      blind_(io) {
    arm();
    boost::asio::post(io, [this, alive = std::weak_ptr(alive_)] {
        if (!alive.expired()) tell();
    });
}

// The watch begins first: what changes while the file is read is told again.
void FileWatch::look() {
    arm();
    tell();
}

void FileWatch::arm() {
    if (directory_.arm()) return;
    blind_.expires_after(kBlindly);
    blind_.async_wait([this, alive = std::weak_ptr(alive_)](boost::system::error_code error) {
        if (!error && !alive.expired()) look();
    });
}

// The last thing that a handler does: it may be our end.
void FileWatch::tell() {
    const auto on_change = on_change_;
    on_change();
}

tl::expected<int, std::string> read_number(const std::filesystem::path& file, int min, int max) {
    const auto no = [&](const std::string& why) {
        return tl::unexpected(fmt::format("{}: {}", why, file.string()));
    };
    const auto whole = read_whole(file);
    if (!whole) return no(whole.error());
    std::string_view text = *whole;
    text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
    if (text.starts_with('+')) text.remove_prefix(1);
    int number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc{} || end != text.data() + text.size() || number < min || number > max)
        return no(fmt::format("no number from {} to {} is in it", min, max));
    return number;
}

} // namespace vrrp::backend

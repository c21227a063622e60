#include "backends/checks/file_watch.hpp"

#include <array>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

namespace vrrp::backend {

FileWatch::FileWatch(boost::asio::io_context& io, std::filesystem::path file, std::function<void()> on_change)
    : file_(std::move(file)), on_change_(std::move(on_change)), events_(io), blind_(io) {
    if (!arm()) wait_blindly();
    boost::asio::post(io, [this, alive = std::weak_ptr(alive_)] {
        if (!alive.expired()) tell();
    });
}

// The last thing that a handler does: it may be our end.
void FileWatch::tell() {
    const auto on_change = on_change_;
    on_change();
}

bool FileWatch::arm() {
    constexpr std::uint32_t kChanges =
        IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
    boost::system::error_code ignored;
    events_.close(ignored);
    FileDescriptor inotify(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    const std::string directory = file_.parent_path();
    if (!inotify || ::inotify_add_watch(inotify.get(), directory.c_str(), kChanges) < 0) return false;
    events_.assign(inotify.release());
    wait();
    return true;
}

// What the events say is not looked at, but that the directory itself has gone.
void FileWatch::wait() {
    events_.async_wait(
        boost::asio::posix::stream_descriptor::wait_read,
        [this, alive = std::weak_ptr(alive_)](boost::system::error_code error) {
            if (error || alive.expired()) return; // armed anew, or gone
            alignas(inotify_event) std::array<char, 4096> bytes;
            bool gone = false;
            for (ssize_t size = 0; (size = ::read(events_.native_handle(), bytes.data(), bytes.size())) > 0;)
                for (ssize_t at = 0; at < size;) {
                    const auto* event = reinterpret_cast<const inotify_event*>(bytes.data() + at);
                    gone = gone || (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED)) != 0;
                    at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
                }
            if (gone)
                wait_blindly();
            else
                wait();
            tell();
        });
}

void FileWatch::wait_blindly() {
    blind_.expires_after(kBlindly);
    blind_.async_wait([this, alive = std::weak_ptr(alive_)](boost::system::error_code error) {
        if (error || alive.expired()) return;
        if (!arm()) wait_blindly();
        tell();
    });
}

tl::expected<int, std::string> read_number(const std::filesystem::path& file, int min, int max) {
    const auto no = [&](const std::string& why) {
        return tl::unexpected(fmt::format("{}: {}", why, file.string()));
    };
    const FileDescriptor descriptor(
        ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)); // it may be a pipe
    if (!descriptor) return no(std::strerror(errno));
    struct stat facts {};
    if (::fstat(descriptor.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) return no("not a regular file");
    std::array<char, 32> bytes{};
    const ssize_t size = ::read(descriptor.get(), bytes.data(), bytes.size());
    if (size < 0) return no(std::strerror(errno));
    std::string_view text(bytes.data(), static_cast<std::size_t>(size));
    text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
    if (text.starts_with('+')) text.remove_prefix(1);
    int number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc{} || end != text.data() + text.size() || number < min || number > max)
        return no(fmt::format("no number from {} to {} is in it", min, max));
    return number;
}

} // namespace vrrp::backend

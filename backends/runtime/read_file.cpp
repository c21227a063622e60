#include "backends/runtime/read_file.hpp"

#include "backends/runtime/runtime_directory.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace vrrp::backend {
namespace {

constexpr std::size_t kMaxSize = 4 << 20; // 4096 virtual routers with room to spare

} // namespace

tl::expected<std::string, std::string> read_whole(const std::string& path, bool secret) {
    const auto failure = [] { return tl::unexpected(std::string(std::strerror(errno))); };
    // Not blocking: a FIFO would keep us until somebody writes to it.
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat facts {};
    if (!file || ::fstat(file.get(), &facts) != 0) return failure();
    if (!S_ISREG(facts.st_mode)) return tl::unexpected(std::string("not a regular file"));
    if (secret && (facts.st_mode & (S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH)) != 0)
        return tl::unexpected(std::string("others may read it: chmod 600 it"));
    std::string text;
    std::array<char, 4096> piece;
    ssize_t size = 0;
    while ((size = ::read(file.get(), piece.data(), piece.size())) > 0) {
        text.append(piece.data(), static_cast<std::size_t>(size));
        if (text.size() > kMaxSize) return tl::unexpected(std::string("too large"));
    }
    if (size < 0) return failure();
    return text;
}

tl::expected<std::string, std::string> read_file(const std::string& path, bool secret) {
    return read_whole(path, secret).map_error([&](const std::string& why) { return path + ": " + why; });
}

} // namespace vrrp::backend

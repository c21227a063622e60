#include "backends/runtime/read_file.hpp"

#include "backends/runtime/runtime_directory.hpp"

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

tl::expected<std::string, std::string> read_file(const std::string& path, bool secret) {
    const auto failure = [&] { return tl::unexpected(fmt::format("{}: {}", path, std::strerror(errno))); };
    // Not blocking: a FIFO would keep us until somebody writes to it.
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat facts {};
    if (!file || ::fstat(file.get(), &facts) != 0) return failure();
    if (!S_ISREG(facts.st_mode)) return tl::unexpected(path + ": not a regular file");
    if (secret && (facts.st_mode & (S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH)) != 0)
        return tl::unexpected(path + ": others may read it: chmod 600 it");
    if (static_cast<std::size_t>(facts.st_size) > kMaxSize) return tl::unexpected(path + ": too large");
    std::string text(static_cast<std::size_t>(facts.st_size), '\0');
    const ssize_t size = ::read(file.get(), text.data(), text.size());
    if (size < 0) return failure();
    text.resize(static_cast<std::size_t>(size));
    return text;
}

} // namespace vrrp::backend

#include "backends/runtime/runtime_directory.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace vrrp::backend {
namespace {

namespace fs = std::filesystem;

// Between two tries to take a pid file.
constexpr std::chrono::milliseconds kRetry(10);

tl::unexpected<NicError> failure(const fs::path& path) {
    return tl::unexpected(NicError{fmt::format("{}: {}", path.string(), std::strerror(errno))});
}

fs::path pid_path(const fs::path& directory, const std::string& instance) {
    return directory / (instance + ".pid");
}

std::string content(int fd) {
    std::array<char, 32> text{};
    const ssize_t size = ::pread(fd, text.data(), text.size(), 0);
    std::string pid(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    while (!pid.empty() && pid.back() == '\n')
        pid.pop_back();
    return pid;
}

// The holder before may have removed the file between our open and our lock.
bool is_still_the_file(int fd, const fs::path& path) {
    struct stat ours {
    }, theirs{};
    return ::fstat(fd, &ours) == 0 && ::stat(path.c_str(), &theirs) == 0 && ours.st_ino == theirs.st_ino;
}

} // namespace

FileDescriptor::~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
}

std::string instance_name(const std::string& interface, std::uint8_t vrid, IpFamily family) {
    return fmt::format("vrrpd_{}_{}{}", interface, vrid, family == IpFamily::v6 ? "_6" : "");
}

std::string instance_name(const VirtualRouterConfig& config) {
    return instance_name(config.interface, config.vrid, config.family);
}

fs::path handover_file(const fs::path& directory, const std::string& instance) {
    return directory / (instance + ".handover");
}

tl::expected<void, NicError> make_runtime_directory(const fs::path& directory) {
    std::error_code error;
    fs::create_directories(directory.parent_path(), error);
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) return failure(directory);
    if (!fs::is_directory(directory, error))
        return tl::unexpected(NicError{fmt::format("{} is not a directory", directory.string())});
    return {};
}

tl::expected<void, NicError> write_whole(const fs::path& file, std::string_view text, mode_t mode) {
    const fs::path temporary = fmt::format("{}.{}", file.string(), ::getpid());
    const FileDescriptor out(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!out) return failure(temporary);
    const bool written = ::write(out.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                         ::fchmod(out.get(), mode) == 0;
    if (written && ::rename(temporary.c_str(), file.c_str()) == 0) return {};
    const auto error = failure(file);
    ::unlink(temporary.c_str());
    return error;
}

tl::expected<std::optional<PidFile>, NicError> PidFile::lock(const fs::path& path) {
    for (;;) {
        FileDescriptor lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
        if (!lock) return failure(path);
        if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return std::nullopt;
        if (is_still_the_file(lock.get(), path)) return PidFile(path, std::move(lock));
    }
}

tl::expected<void, NicError> PidFile::write_pid() const {
    const std::string pid = fmt::format("{}\n", ::getpid());
    if (::ftruncate(lock_.get(), 0) != 0 ||
        ::pwrite(lock_.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size()))
        return failure(path_);
    return {};
}

tl::expected<void, NicError> PidFile::put_back() {
    if (is_still_the_file(lock_.get(), path_)) return {};
    auto again = lock(path_);
    if (!again) return tl::unexpected(again.error());
    if (!*again) return tl::unexpected(NicError{fmt::format("{}: another process holds it", path_.string())});
    lock_ = FileDescriptor((*again)->lock_.release());
    return write_pid();
}

tl::expected<PidFile, NicError> PidFile::take(const fs::path& directory, const std::string& instance,
                                              Duration patience) {
    const fs::path path = pid_path(directory, instance);
    const auto end = std::chrono::steady_clock::now() + patience;
    for (;;) {
        auto file = lock(path);
        if (!file) return tl::unexpected(file.error());
        if (*file) {
            if (const auto written = (*file)->write_pid(); !written) return tl::unexpected(written.error());
            return std::move(**file);
        }
        if (std::chrono::steady_clock::now() >= end) break;
        std::this_thread::sleep_for(kRetry);
    }
    return tl::unexpected(NicError{
        fmt::format("{} runs already with pid {} ({})", instance, pid(directory, instance), path.string())});
}

std::string PidFile::pid(const fs::path& directory, const std::string& instance) {
    const FileDescriptor file(::open(pid_path(directory, instance).c_str(), O_RDONLY | O_CLOEXEC));
    return content(file.get());
}

std::optional<PidFile> PidFile::take_from_dead(const fs::path& directory, const std::string& instance) {
    auto locked = lock(pid_path(directory, instance));
    if (!locked || !*locked) return std::nullopt;
    std::optional<PidFile> file = std::move(*locked);
    std::error_code ignored; // not every process has each
    for (const char* kind : {".sock", ".bus"})
        fs::remove(directory / (instance + kind), ignored);
    if (const std::string pid = content(file->lock_.get()); !pid.empty())
        fs::remove(directory / (".vrrpstate" + pid), ignored);
    return file;
}

PidFile::~PidFile() {
    if (lock_) ::unlink(path_.c_str());
}

} // namespace vrrp::backend

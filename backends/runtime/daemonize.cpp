#include "backends/runtime/daemonize.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

namespace vrrp::backend {
namespace {

[[noreturn]] void exit_as_reported(const FileDescriptor& child) {
    std::uint8_t status = 1;
    ssize_t size = -1;
    do
        size = ::read(child.get(), &status, sizeof status);
    while (size < 0 && errno == EINTR);
    if (size != sizeof status) std::fputs("vrrpd: the daemon ended before it was ready\n", stderr);
    ::_exit(status);
}

void close_standard_streams() {
    const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0) return;
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        ::dup2(null, stream);
    ::close(null);
}

} // namespace

// open() takes the lowest number that is free.
void occupy_standard_streams() {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (::fcntl(stream, F_GETFD) < 0) (void)::open("/dev/null", O_RDWR);
}

tl::expected<Readiness, NicError> Readiness::become_daemon() {
    // Whatever the caller had open is not ours to keep: a lock, a pipe that its reader waits for the end of.
    (void)::close_range(STDERR_FILENO + 1, ~0u, 0);
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return tl::unexpected(NicError{std::strerror(errno)});
    FileDescriptor read_end(ends[0]), write_end(ends[1]);
    const pid_t child = ::fork();
    if (child < 0) return tl::unexpected(NicError{std::strerror(errno)});
    if (child > 0) {
        write_end = FileDescriptor(); // so that the child's end is the only one
        exit_as_reported(read_end);
    }
    ::setsid();
    if (::chdir("/") != 0) return tl::unexpected(NicError{std::strerror(errno)});
    return Readiness(std::move(write_end));
}

void Readiness::ready() {
    ::sd_notify(0, "READY=1");
    if (!parent_) return;
    report(0);
    close_standard_streams();
}

void Readiness::failed(int status) {
    report(static_cast<std::uint8_t>(status));
}

void Readiness::report(std::uint8_t status) {
    if (parent_) (void)!::write(parent_.get(), &status, sizeof status); // a parent that is gone does not care
    parent_ = FileDescriptor();
}

} // namespace vrrp::backend

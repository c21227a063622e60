// Becoming a daemon whose parent knows how it went.
#pragma once

#include "backends/runtime/runtime_directory.hpp"

namespace vrrp::backend {

// Puts /dev/null where stdin, stdout or stderr is closed, so that no descriptor of ours gets their numbers:
// what is meant for them would go there, and becoming a daemon would close it. Call it before anything is
// opened.
void occupy_standard_streams();

// Forks. The parent stays in become_daemon() until the child has reported, or is gone, and exits with the
// reported status; the child goes on with stderr still open, so that it can say why it fails. Call it before
// there are threads or descriptors of ours: all but the three standard ones are closed.
class Readiness {
  public:
    static tl::expected<Readiness, NicError> become_daemon();

    // In the foreground nobody waits.
    static Readiness in_foreground() { return Readiness(FileDescriptor()); }

    // The daemon works: the parent exits 0, and stdin, stdout and stderr go to /dev/null. systemd is told
    // too, where it asked to be.
    void ready();
    // The process is about to exit with `status`, having said why.
    void failed(int status);

  private:
    explicit Readiness(FileDescriptor parent) : parent_(std::move(parent)) {}
    void report(std::uint8_t status);
    FileDescriptor parent_;
};

} // namespace vrrp::backend

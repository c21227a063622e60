// One virtual router of an interface runs once in a network namespace, whatever runtime directories there
// are.
#pragma once

#include "backends/runtime/runtime_directory.hpp"

namespace vrrp::backend {

// An abstract Unix socket that lives as long as its process: the pid file is one directory's, this is the
// network's.
class InstanceLock {
  public:
    // Refused with a sentence when another vrrpd has it. A holder that is not root's locks nobody out.
    static tl::expected<InstanceLock, NicError> take(const VirtualRouterConfig& config);
    // Whether the process of an instance (runtime_directory.hpp) lives here.
    static bool is_held(const std::string& instance);

  private:
    explicit InstanceLock(FileDescriptor socket) : socket_(std::move(socket)) {}
    FileDescriptor socket_;
};

} // namespace vrrp::backend

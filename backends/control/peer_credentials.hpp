// Who is at the other end of a Unix socket: what it was when it connected.
#pragma once

#include <sys/types.h>

namespace vrrp::backend {

// Root, or a process with our own rights: nobody else is spoken to.
bool is_root_or_us(int socket);

// Whether the group is one of its own, the supplementary ones included.
bool is_member(int socket, gid_t group);

} // namespace vrrp::backend

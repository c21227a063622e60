// Who is at the other end of a Unix socket.
#pragma once

namespace vrrp::backend {

// Root, or a process with our own rights: nobody else is spoken to.
bool is_root_or_us(int socket);

} // namespace vrrp::backend

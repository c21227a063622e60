// setsockopt, by the value's type.
#pragma once

#include <sys/socket.h>

namespace vrrp::backend {

// False, with errno, where the kernel refuses.
template <typename Value>
bool set_option(int descriptor, int level, int option, const Value& value) {
    return ::setsockopt(descriptor, level, option, &value, sizeof value) == 0;
}

} // namespace vrrp::backend

// Who, besides root, may read what a vrrpd says of itself.
#pragma once

#include "core/ports.hpp"

#include <filesystem>
#include <string>
#include <sys/types.h>

namespace vrrp::backend {

// Asks the machine's group database, which may take its time.
tl::expected<gid_t, std::string> find_group(const std::string& name);
bool has_group(const std::string& name);

// Lets members of the group find the sockets in a runtime directory. Its mode stays as it is where they can already.
NicResult let_look_into(const std::filesystem::path& directory, gid_t group);

} // namespace vrrp::backend

// vrrpd --import with this machine's files.
#pragma once

#include "core/config/import/import.hpp"

#include <filesystem>

namespace vrrp {

// Paths are relative to `home`.
config::importer::Sources sources_here(const std::filesystem::path& home);

} // namespace vrrp

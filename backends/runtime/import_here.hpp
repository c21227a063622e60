// Other programs' configurations, among this machine's files.
#pragma once

#include "core/config/import/import.hpp"

#include <filesystem>

namespace vrrp::backend {

// Paths are relative to `home`.
config::importer::Sources sources_here(const std::filesystem::path& home);

} // namespace vrrp::backend

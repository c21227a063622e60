// What other vrrpd processes of this machine are configured with.
#pragma once

#include "core/machine/interface_facts.hpp"

#include <filesystem>
#include <optional>
#include <span>
#include <string>

namespace vrrp::backend {

// Why virtual routers of one process cannot have what they are configured with: another process, which lives and has
// the same runtime directory, has one of their virtual addresses on the same interface. Nothing where none has.
// What their own process has now does not count, for it is about to be what they say.
std::optional<std::string> address_of_another(const std::filesystem::path& directory,
                                              const std::string& interface, std::span<const Ours> ours);

} // namespace vrrp::backend

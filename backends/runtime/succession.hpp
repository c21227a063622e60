// One process of ours takes the place of another.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace vrrp::backend {

// Whether systemd stops this process only to start it again. False where there is no systemd, or it does not say.
bool systemd_restarts_us();

// This process becomes `program`, with its pid and its standard streams and none of its other descriptors; signals that
// would end it wait until unblock_signals(). Returns why it could not.
std::string call_anew(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                      const std::filesystem::path& directory);
void unblock_signals();

// Whether this process has come about so. Once: its children are not to believe it too.
bool take_called_anew();

} // namespace vrrp::backend

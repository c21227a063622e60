// Whether a program may be run with our rights, or a user's.
#pragma once

#include "backends/scripts/script_user.hpp"

#include <filesystem>
#include <string>
#include <tl/expected.hpp>

namespace vrrp::backend {

// The file behind every symbolic link of `path`, or a sentence that says why it is not run. Whoever could
// put another program in its place has the rights that it runs with, so: the path is absolute; the file is regular
// and executable; it and every directory and link on the way are owned by root, by us, or by the user that it runs
// as; none of them can be written by others, except for directories like /tmp, where others cannot replace what is
// ours. That a user can reach and execute it is judged by the mode bits; access control lists are not looked at.
//
// At the start it spares an operator the surprise; it counts at every run, since files change.
tl::expected<std::filesystem::path, std::string> check_script(const std::string& path,
                                                              const ScriptUser* user = nullptr);

// Of a script that the kernel cannot run: "Exec format error" tells nobody what to do.
inline constexpr const char* kNoInterpreter = "its first line does not say what runs it; add #!/bin/sh";

// Whether the kernel can run a file that check_script() allows: a program, or a script whose first line says
// with what. The error says what to add.
tl::expected<void, std::string> check_format(const std::filesystem::path& file);

} // namespace vrrp::backend

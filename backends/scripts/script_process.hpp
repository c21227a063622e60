// Starting a script's process.
#pragma once

#include "core/ports.hpp"

#include <filesystem>
#include <sys/types.h>

namespace vrrp::backend {

// Starts `program` with the arguments and the environment of `call`, as LinuxScriptRunner promises, writing
// to the descriptor `output`. It is the leader of its process group when this returns. Takes as long as the
// kernel needs to load the program. An error is a sentence.
tl::expected<pid_t, std::string> start_process(const std::filesystem::path& program, const ScriptCall& call,
                                               int output);

} // namespace vrrp::backend

// Starting a script's process.
#pragma once

#include "backends/runtime/runtime_directory.hpp"
#include "backends/scripts/script_user.hpp"

namespace vrrp::backend {

struct ScriptProcess {
    pid_t pid = 0;
    FileDescriptor report; // for why_not_started()
};

// Starts `program` with the arguments and the environment of `call`, as LinuxScriptRunner promises, writing
// to the descriptor `output`, as `user` where there is one. It is the leader of its process group when this
// returns; whether the kernel can run it is known only when it has ended, for nobody waits. An error is a sentence.
tl::expected<ScriptProcess, std::string> start_process(const std::filesystem::path& program,
                                                       const ScriptCall& call, const ScriptUser* user,
                                                       int output);

// Of a process that has ended: a sentence where it never became the script.
std::optional<std::string> why_not_started(const FileDescriptor& report, const ScriptCall& call);

} // namespace vrrp::backend

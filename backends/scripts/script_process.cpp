#include "backends/scripts/script_process.hpp"

#include "backends/scripts/script_check.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <spawn.h>
#include <sys/resource.h>
#include <unistd.h>

namespace vrrp::backend {
namespace {

constexpr const char* kPath = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";

// posix_spawn rather than fork: it takes the same short time however large we are, and a signal that comes
// meanwhile is not handled in the child with our handlers.
class Recipe {
  public:
    explicit Recipe(int output) {
        ::posix_spawn_file_actions_init(&actions_);
        // The output first: where the standard descriptors were closed it may be one of them.
        ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
        ::posix_spawn_file_actions_adddup2(&actions_, output, STDERR_FILENO);
        ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
        ::posix_spawn_file_actions_addchdir_np(&actions_, "/");

        ::posix_spawnattr_init(&attributes_);
        sigset_t signals;
        sigemptyset(&signals);
        ::posix_spawnattr_setsigmask(&attributes_, &signals);
        sigfillset(&signals);
        ::posix_spawnattr_setsigdefault(&attributes_, &signals);
        const sched_param no_priority{};
        ::posix_spawnattr_setschedpolicy(&attributes_, SCHED_OTHER);
        ::posix_spawnattr_setschedparam(&attributes_, &no_priority);
        ::posix_spawnattr_setpgroup(&attributes_, 0);
        ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                     POSIX_SPAWN_SETSCHEDULER | POSIX_SPAWN_SETPGROUP);
    }
    ~Recipe() {
        ::posix_spawn_file_actions_destroy(&actions_);
        ::posix_spawnattr_destroy(&attributes_);
    }
    Recipe(const Recipe&) = delete;
    Recipe& operator=(const Recipe&) = delete;

    const posix_spawn_file_actions_t* actions() const { return &actions_; }
    const posix_spawnattr_t* attributes() const { return &attributes_; }

  private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

// posix_spawn takes pointers to char that it does not write through.
std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

} // namespace

tl::expected<pid_t, std::string> start_process(const std::filesystem::path& program, const ScriptCall& call,
                                               int output) {
    std::vector<std::string> arguments{call.path};
    arguments.insert(arguments.end(), call.arguments.begin(), call.arguments.end());
    std::vector<std::string> environment = call.environment;
    environment.emplace_back(kPath);
    const Recipe recipe(output);
    pid_t pid = 0;
    const int error = ::posix_spawn(&pid, program.c_str(), recipe.actions(), recipe.attributes(),
                                    pointers(arguments).data(), pointers(environment).data());
    const char* const why = error == ENOEXEC ? kNoInterpreter : std::strerror(error);
    if (error != 0) return tl::unexpected(fmt::format("{}: {}", why, program.string()));
    // posix_spawn cannot do it. Before its children have any: it has just begun.
    if (::getpriority(PRIO_PROCESS, 0) < 0) (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(pid), 0);
    return pid;
}

} // namespace vrrp::backend

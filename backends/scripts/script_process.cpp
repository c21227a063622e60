#include "backends/scripts/script_process.hpp"

#include "backends/scripts/script_check.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace vrrp::backend {
namespace {

constexpr int kReport = STDERR_FILENO + 1; // where the child has it
constexpr int kNotStarted = 127;           // its exit status, as a shell's

enum class Step : int { descriptors, user, program };

struct Failure {
    Step step;
    int error;
};

// All that the child needs, made before the fork: between that and exec it may not allocate.
struct Recipe {
    const char* program;
    char* const* arguments;
    char* const* environment;
    const ScriptUser* user;
    int output;
    int report;
};

// Signal handlers of ours must not run in the child, where they would write into our pipes.
class SignalsBlocked {
  public:
    SignalsBlocked() {
        sigset_t all;
        sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

  private:
    sigset_t before_{};
};

void reset_signals() {
    struct sigaction otherwise {};
    otherwise.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; ++number)
        (void)::sigaction(number, &otherwise, nullptr);
    sigset_t none;
    sigemptyset(&none);
    (void)::sigprocmask(SIG_SETMASK, &none, nullptr);
}

void reset_priority() {
    const sched_param no_priority{};
    (void)::sched_setscheduler(0, SCHED_OTHER, &no_priority);
    if (::getpriority(PRIO_PROCESS, 0) < 0) (void)::setpriority(PRIO_PROCESS, 0, 0);
}

// First out of the way: where the standard descriptors were closed, ours may be among them. `report` is then where
// the child has it.
bool set_descriptors(const Recipe& recipe, int& report) {
    const int output = ::fcntl(recipe.output, F_DUPFD, kReport + 1);
    const int moved = ::fcntl(recipe.report, F_DUPFD, kReport + 1);
    if (output < 0 || moved < 0 || ::dup3(moved, kReport, O_CLOEXEC) < 0) return false;
    report = kReport;
    if (::dup2(output, STDOUT_FILENO) < 0 || ::dup2(output, STDERR_FILENO) < 0) return false;
    const int nothing = ::open("/dev/null", O_RDONLY);
    if (nothing < 0 || (nothing != STDIN_FILENO && ::dup2(nothing, STDIN_FILENO) < 0)) return false;
    ::closefrom(kReport + 1);
    return ::chdir("/") == 0;
}

// The groups first, and the user last: afterwards we may do neither.
bool become(const ScriptUser& user) {
    if (::setgroups(user.groups.size(), user.groups.data()) != 0) return false;
    if (::setresgid(user.gid, user.gid, user.gid) != 0) return false;
    if (::setresuid(user.uid, user.uid, user.uid) != 0) return false;
    (void)::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    return true;
}

// The child, from the fork on. Only async-signal-safe calls.
[[noreturn]] void run(const Recipe& recipe) {
    (void)::setpgid(0, 0);
    reset_priority();
    int report = recipe.report;
    Step step = Step::descriptors;
    if (set_descriptors(recipe, report)) {
        step = Step::user;
        if (recipe.user == nullptr || become(*recipe.user)) {
            step = Step::program;
            reset_signals();
            ::execve(recipe.program, recipe.arguments, recipe.environment);
        }
    }
    const Failure failure{step, errno};
    (void)!::write(report, &failure, sizeof failure);
    ::_exit(kNotStarted);
}

std::vector<std::string> environment_of(const ScriptCall& call, const ScriptUser* user) {
    std::vector<std::string> environment = call.environment;
    environment.emplace_back("PATH=/usr/sbin:/usr/bin:/sbin:/bin");
    if (user == nullptr) return environment;
    for (const auto& [name, value] : {std::pair{"HOME", &user->home}, std::pair{"SHELL", &user->shell},
                                      std::pair{"USER", &user->name}, std::pair{"LOGNAME", &user->name}})
        environment.push_back(fmt::format("{}={}", name, *value));
    return environment;
}

// execve takes pointers to char that it does not write through.
std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

} // namespace

// Not posix_spawn: it cannot change the user. Nor vfork: until it has become the script the child would hold us, and
// the script's user may stop it there.
tl::expected<ScriptProcess, std::string> start_process(const std::filesystem::path& program,
                                                       const ScriptCall& call, const ScriptUser* user,
                                                       int output) {
    std::vector<std::string> arguments{call.path};
    arguments.insert(arguments.end(), call.arguments.begin(), call.arguments.end());
    std::vector<std::string> environment = environment_of(call, user);
    const std::vector<char*> argument_pointers = pointers(arguments),
                             environment_pointers = pointers(environment);
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return tl::unexpected(fmt::format("pipe: {}", std::strerror(errno)));
    FileDescriptor report(ends[0]);
    const FileDescriptor write_end(ends[1]);
    const Recipe recipe{program.c_str(), argument_pointers.data(), environment_pointers.data(), user,
                        output,          write_end.get()};
    const SignalsBlocked blocked;
    const pid_t pid = ::fork();
    if (pid == 0) run(recipe);
    if (pid < 0) return tl::unexpected(fmt::format("fork: {}", std::strerror(errno)));
    (void)::setpgid(pid, pid); // as the child does: whoever comes first
    return ScriptProcess{pid, std::move(report)};
}

std::optional<std::string> why_not_started(const FileDescriptor& report, const ScriptCall& call) {
    Failure failure{};
    if (::read(report.get(), &failure, sizeof failure) != sizeof failure) return std::nullopt;
    switch (failure.step) {
    case Step::descriptors: return fmt::format("cannot be started: {}", std::strerror(failure.error));
    case Step::user: return fmt::format("cannot run as {}: {}", call.user, std::strerror(failure.error));
    case Step::program: break;
    }
    const char* const why = failure.error == ENOEXEC ? kNoInterpreter : std::strerror(failure.error);
    return fmt::format("{}: {}", why, call.path);
}

} // namespace vrrp::backend

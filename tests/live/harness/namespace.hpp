// Network namespaces that a test makes and that never outlive it.
#pragma once

#include <optional>
#include <string>

namespace vrrp::live {

// Why live tests cannot run here, if they cannot.
std::optional<std::string> why_not_live();

// Ends a test visibly where live tests cannot run; ctest counts it as skipped.
#define LIVE_OR_SKIP()                                                                                       \
    if (const auto why = vrrp::live::why_not_live()) {                                                       \
        WARN("SKIPPED: " << *why);                                                                           \
        return;                                                                                              \
    }

struct CommandResult {
    int status = 0;
    std::string output; // stdout and stderr
};
CommandResult run_command(const std::string& command);

// Named after the test's process, so that tests run side by side and the namespaces of a killed one are
// recognised: they are removed when the next one makes its first.
class Namespace {
  public:
    explicit Namespace(const std::string& role);
    ~Namespace();
    Namespace(const Namespace&) = delete;
    Namespace& operator=(const Namespace&) = delete;

    const std::string& name() const { return name_; }

    // A shell command in it.
    CommandResult run(const std::string& command) const;
    // One that must work: the test fails otherwise.
    std::string must(const std::string& command) const;

  private:
    std::string name_;
};

// The calling thread is in the namespace while this lives.
class Inside {
  public:
    explicit Inside(const Namespace& space);
    ~Inside();
    Inside(const Inside&) = delete;
    Inside& operator=(const Inside&) = delete;

  private:
    int before_;
};

} // namespace vrrp::live

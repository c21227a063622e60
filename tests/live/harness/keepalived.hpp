// The peer that most gateways run.
#pragma once

#include "tests/live/harness/gateway_pair.hpp"

namespace vrrp::live {

bool keepalived_is_installed();

// Ends a test visibly where it is not.
#define KEEPALIVED_OR_SKIP()                                                                                 \
    LIVE_OR_SKIP();                                                                                          \
    if (!keepalived_is_installed()) {                                                                        \
        WARN("SKIPPED: keepalived is not installed");                                                        \
        return;                                                                                              \
    }

// keepalived in the foreground with one instance of VRID 5 on eth0 and files of its own; its log is its
// output. `dialect` are further lines of the instance: version, interval, addresses.
class Keepalived {
  public:
    Keepalived(const RouterHost& router, int priority, const std::string& dialect);

    bool says(const char* text) const { return process_->output().find(text) != std::string::npos; }
    Process& process() { return *process_; }

  private:
    TemporaryDirectory directory_;
    std::unique_ptr<Process> process_;
};

} // namespace vrrp::live

// FRRouting's vrrpd: the other peer in the field.
#pragma once

#include "tests/live/harness/gateway_pair.hpp"

namespace vrrp::live {

bool frr_is_installed();

// zebra and vrrpd in the foreground with one virtual router of VRID 5 on eth0 and files of their own.
class Frr {
  public:
    Frr(const RouterHost& router, int version, int priority, std::chrono::milliseconds interval);

    // In its words: Initialize, Backup or Master; empty while it does not answer.
    std::string state() const;
    Process& vrrpd() { return *vrrpd_; }
    std::string output() const { return zebra_->output() + vrrpd_->output(); }

  private:
    TemporaryDirectory directory_;
    const RouterHost& router_;
    std::unique_ptr<Process> zebra_, vrrpd_;
};

} // namespace vrrp::live

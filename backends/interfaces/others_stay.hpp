// While an address is removed from a device.
#pragma once

#include "core/net/ip_address.hpp"

#include <string>

namespace vrrp::backend {

// The kernel takes all other IPv4 addresses of a subnet away with the first one that it got, whoever put them there,
// unless it is told to promote the next. As long as this lives, it is told.
class OthersStay {
  public:
    OthersStay(int device, const IpPrefix& removed);
    ~OthersStay();
    OthersStay(const OthersStay&) = delete;
    OthersStay& operator=(const OthersStay&) = delete;

  private:
    std::string device_; // whose setting is to be put back; empty: none's
};

} // namespace vrrp::backend

// Addresses that answer nobody but for what finds them: Accept_Mode false (RFC 9568 section 6.1).
#pragma once

#include "core/ports.hpp"

#include <memory>

struct nft_ctx;

namespace vrrp::backend {

// A table of nftables that belongs to this process: the kernel removes it when the process ends in whatever way. It is
// made with the first address.
class TrafficFilter {
  public:
    NicResult drop(const IpAddress& address);
    NicResult accept(const IpAddress& address); // again; nothing where it is not dropped

  private:
    NicResult open();
    NicResult run(const std::string& commands);

    struct Free {
        void operator()(nft_ctx* context) const;
    };
    std::unique_ptr<nft_ctx, Free> nft_;
    std::string table_;
    std::vector<IpAddress> dropped_;
};

} // namespace vrrp::backend

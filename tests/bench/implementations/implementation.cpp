#include "tests/bench/implementations/implementation.hpp"

namespace vrrp::bench {

std::vector<Implementation> implementations() {
    return {vrrpd(), vrrpd_without_virtual_mac(), keepalived(), keepalived_with_virtual_mac(), frr()};
}

} // namespace vrrp::bench

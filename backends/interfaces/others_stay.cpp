#include "backends/interfaces/others_stay.hpp"

#include "backends/interfaces/kernel_setting.hpp"

#include <array>
#include <net/if.h>

namespace vrrp::backend {
namespace {

constexpr const char* kSetting = "promote_secondaries";

} // namespace

OthersStay::OthersStay(int device, const IpPrefix& removed) {
    const bool is_alone = removed.address.family() != IpFamily::v4 || removed.length == 32;
    std::array<char, IF_NAMESIZE> name{};
    if (is_alone || ::if_indextoname(static_cast<unsigned>(device), name.data()) == nullptr) return;
    if (read_setting("ipv4", name.data(), kSetting) != "0") return;
    if (write_setting("ipv4", name.data(), kSetting, "1")) device_ = name.data();
}

OthersStay::~OthersStay() {
    if (!device_.empty()) write_setting("ipv4", device_, kSetting, "0");
}

} // namespace vrrp::backend

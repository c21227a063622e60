// What an interface must not say while virtual MACs speak for it.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace vrrp::backend {

// While a virtual router with a virtual MAC is master on an interface, hosts must learn that MAC and no
// other. So the interface itself answers ARP only for its own addresses (arp_ignore 1) and never names a
// virtual address as the sender of its own requests (arp_announce 2; 1 is not enough, hosts learn from
// requests too).
//
// What was set before is kept in the runtime directory with the names of those who need the change, since
// several processes may share an interface: the last one puts it back, or, when it was killed, the next one
// that starts.
class ArpRules {
  public:
    ArpRules(std::filesystem::path directory, std::string instance)
        : directory_(std::move(directory)), instance_(std::move(instance)) {}

    // One call of release for each of hold.
    void hold(const std::string& interface);
    void release(const std::string& interface);

    // Takes back what a killed process of our name, or any other that is gone, has left.
    void recover(const std::string& interface);

  private:
    void change_holders(const std::string& interface, bool hold);

    std::filesystem::path directory_;
    std::string instance_;
    std::map<std::string, int> held_;
};

} // namespace vrrp::backend

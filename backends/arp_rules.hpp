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
// What was set before is kept in the runtime directory, so that a process that starts after a kill can put it
// back. Who needs the rules is asked of the kernel: they do as long as a device of ours is up on the
// interface, whosever it is.
class ArpRules {
  public:
    explicit ArpRules(std::filesystem::path directory) : directory_(std::move(directory)) {}

    // Before the first apply. `in_use`: another process's device is up on the interface.
    void prepare(const std::string& interface, bool in_use);
    void apply(const std::string& interface) const;
    void put_back(const std::string& interface) const;
    // The record goes too: nobody is left who would need it.
    void forget(const std::string& interface);

  private:
    using Settings = std::map<std::string, std::string>;
    std::filesystem::path record_of(const std::string& interface) const;

    std::filesystem::path directory_;
    std::map<std::string, Settings> before_; // by interface
};

} // namespace vrrp::backend

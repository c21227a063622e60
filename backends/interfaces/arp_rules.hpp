// What an interface must not say while virtual MACs speak for it.
#pragma once

#include "backends/interfaces/kernel_setting.hpp"
#include "backends/interfaces/netlink.hpp"

#include <array>
#include <filesystem>
#include <map>
#include <string>

namespace vrrp::backend {

// While a virtual router with a virtual MAC is master on an interface, hosts must learn that MAC and no
// other. So the interface itself answers ARP only for its own addresses (arp_ignore 1) and never names a
// virtual address as the sender of its own requests (arp_announce 2; 1 is not enough, hosts learn from
// requests too).
//
// What was set before is kept in the runtime directory, so that who comes after a kill can put it back. Who
// needs the rules is asked of the kernel: they do as long as a device of ours hears on the interface,
// whosever it is. An interface is known by its index: its name may change meanwhile.
class ArpRules {
  public:
    ArpRules(const Netlink& netlink, std::filesystem::path directory)
        : netlink_(netlink), directory_(std::move(directory)) {}

    // Before the first apply. Puts back what a killed process left, when nobody needs it. A record is made only where
    // the rules will be applied.
    void prepare(int index, const std::string& name, bool will_apply);
    bool apply(int index, const std::string& name); // false where the kernel lets nobody set them
    // Puts back what nobody needs any longer; the record goes with the last device of ours.
    void release(int index, const std::string& name);
    // The record, where somebody has removed it.
    void put_back_record(int index) const;
    // The interface does not exist any more.
    void forget(int index);

  private:
    using Settings = std::map<std::string, std::string>;
    std::filesystem::path record_of(int index) const;
    std::optional<Settings> recorded(int index) const;
    void keep_files(int index, const std::string& name);
    bool needed(int index) const;
    void put_back(int index, const std::string& name) const;

    const Netlink& netlink_;
    std::filesystem::path directory_;
    std::map<int, Settings> before_; // by the interface's index
    std::map<int, std::array<KeptSetting, 2>> files_;
};

} // namespace vrrp::backend

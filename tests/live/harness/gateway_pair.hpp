// Two routers and a host behind one switch, with the real binaries.
#pragma once

#include "tests/live/harness/prober.hpp"
#include "tests/live/harness/process.hpp"
#include "tests/live/harness/wire_tap.hpp"

#include <memory>
#include <nlohmann/json.hpp>

namespace vrrp::live {

inline constexpr const char* kVirtualAddress = "10.99.0.254";

// A router's namespace with eth0 behind port p-NAME of the switch, and a runtime directory of its own.
class RouterHost {
  public:
    RouterHost(const Namespace& lan, const std::string& name, const std::string& address,
               const std::string& mac);

    const Namespace& space() const { return space_; }
    const std::filesystem::path& directory() const { return directory_.path(); }
    const IpAddress& address() const { return address_; }
    const MacAddress& mac() const { return mac_; }

    // vrrpd --foreground with these arguments and -f; one at a time.
    Process& start(const std::string& arguments);
    Process& process() { return *process_; }

    // What `atropos --json` says of the one virtual router; null while nobody answers.
    nlohmann::json state() const;
    nlohmann::json status() const;
    bool is(const std::string& state) const;

    // Carrier, as seen from the router.
    void unplug() const { lan_.must("ip link set " + port_ + " down"); }
    void plug() const { lan_.must("ip link set " + port_ + " up"); }
    // eth0, where it is missing.
    void make_interface() const;
    bool holds(const std::string& address) const;
    // All of it that vrrpd changes: addresses, interfaces, ARP settings. Without what changes by itself.
    std::string machine() const;
    std::string files() const; // in its runtime directory, hidden ones too

    const std::string& port() const { return port_; }

  private:
    const Namespace& lan_;
    Namespace space_;
    TemporaryDirectory directory_;
    IpAddress address_;
    MacAddress mac_;
    std::string port_;
    std::unique_ptr<Process> process_;
};

// 10.99.0.0/24 with r1 (.1), r2 (.2) and a host (.100); fd99::/64 likewise.
class GatewayPair {
  public:
    GatewayPair();

    // Isolated ports reach the host and not one another: a split brain.
    void split(bool on) const;
    // The MAC that the host knows for an address; empty when it knows none.
    std::string host_knows(const std::string& address) const;

    Namespace lan;
    RouterHost r1, r2, host;
    TemporaryDirectory files;
    WireTap tap;
};

} // namespace vrrp::live

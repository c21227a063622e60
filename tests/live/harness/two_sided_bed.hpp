// Two gateways between two networks, with the real binaries: what groups are for.
#pragma once

#include "tests/live/harness/prober.hpp"
#include "tests/live/harness/process.hpp"
#include "tests/live/harness/wire_tap.hpp"

#include <initializer_list>
#include <list>
#include <nlohmann/json.hpp>

namespace vrrp::live {

inline constexpr const char* kLanAddress = "10.16.1.200"; // the virtual ones, of VRID 51
inline constexpr const char* kWanAddress = "10.17.1.200"; // and 52
inline constexpr const char* kLanMac = "00:00:5e:00:01:33";
inline constexpr const char* kWanMac = "00:00:5e:00:01:34";

// A machine with interfaces, and with a /run and an /etc/scripts of its own: vrrpd and atropos are called
// there as the manual writes them. What stays in the background ends with the machine.
class Machine {
  public:
    explicit Machine(const std::string& name);

    const Namespace& space() const { return space_; }
    // An interface behind port p-NAME-INTERFACE of `network`'s br0.
    void connect(const Namespace& network, const std::string& interface, const std::string& address,
                 const std::string& mac) const;

    // A shell command on it; `must` fails the test when it does.
    CommandResult run(const std::string& command) const;
    std::string must(const std::string& command) const;
    // A program that stays in the foreground; it ends with the machine.
    Process& start(const std::string& command_line) const;

    // Where a file of the machine is for the test, which has other mounts.
    std::filesystem::path file(const std::string& path) const;
    std::string read(const std::string& path) const;
    // Executable, and its owner's alone.
    void write_script(const std::string& path, const std::string& text) const;

    // Carrier, as the machine sees it.
    void unplug(const Namespace& network, const std::string& interface) const;
    void plug(const Namespace& network, const std::string& interface) const;
    bool holds(const std::string& address) const;
    std::string neighbour(const std::string& address) const; // its MAC; empty when none is known

  private:
    std::string name_;
    Namespace space_;
    Process mounts_; // holds them
    mutable std::list<Process> processes_;
};

// A machine that runs vrrpds with one runtime directory.
class Gateway : public Machine {
  public:
    using Machine::Machine;

    // vrrpd --foreground with these arguments, besides those that run already.
    Process& vrrpd(const std::string& arguments) const { return start("vrrpd --foreground " + arguments); }

    nlohmann::json status() const; // atropos --json; null while nobody answers
    nlohmann::json router(int vrid) const;
    nlohmann::json group() const; // as the first process tells it
    bool is(const std::string& state, std::initializer_list<int> vrids = {51, 52}) const;
    // Of both sides, to itself and to the kernel.
    bool leads() const;
    bool stands_by() const;
    // It leads because it heard so, on either side: on none did it have to wait for silence, which takes three intervals.
    bool heard_a_resignation() const;
};

// pc (10.16.1.50) on "lan" and server (10.17.1.60) on "wan" have the virtual addresses as their gateways.
class TwoSidedBed {
  public:
    TwoSidedBed();

    struct Sides {
        Process &lan, &wan;
    };
    // A vrrpd for either side, of one group, with these options; v3 at 200 ms.
    Sides start_group(const Gateway& gateway, const std::string& options) const;
    // On both, and r1 is the better one. Until it leads and r2 has heard it on both sides.
    void start_groups();
    void unplug(const Gateway& gateway, const std::string& interface) const;
    void plug(const Gateway& gateway, const std::string& interface) const;
    const Namespace& network(const std::string& interface) const { return interface == "eth0" ? lan : wan; }

    Namespace lan, wan;
    Gateway r1, r2;
    Machine pc, server;
    TemporaryDirectory files;
    WireTap lan_tap, wan_tap;
    std::vector<Sides> groups; // of start_groups(): r1's and r2's
};

// Answers go on: the host is served now, not only once was.
bool served_again(const Prober& prober);

inline constexpr std::chrono::milliseconds kPatience(5000);

} // namespace vrrp::live

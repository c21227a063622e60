// A switch, the host on it and what can befall a machine's port.
#pragma once

#include "core/net/ip_address.hpp"
#include "tests/live/harness/namespace.hpp"

#include <cstdint>

namespace vrrp::bench {

using live::Inside;
using live::Namespace;

// Segment n is 10.99.n.0/24, its gateway address .254, its host .100; a machine is attached with its number
// as the last byte of the address.
class Segment {
  public:
    explicit Segment(int number);

    // Interface ethN of the machine, N being the segment's number.
    void attach(const Namespace& machine, const std::string& name, int machine_number) const;
    // The machine loses the carrier, or gets it back.
    void cut(const std::string& machine, bool on = true) const;
    // The switch drops what the machine sends and what is sent to it, keeps its table of addresses and the
    // carrier; or forwards again. Costs a few milliseconds: the wire tells when it holds.
    void isolate(const std::string& machine, bool on) const;

    // Counted by the port since the machine was attached: the cheapest way to count advertisements.
    std::uint64_t frames_from(const std::string& machine) const;

    const Namespace& lan() const { return lan_; }
    const Namespace& host() const { return host_; }
    std::string interface() const { return "eth" + std::to_string(number_); } // on the machines
    std::string address(int last_byte) const;
    std::string gateway() const { return address(254); }
    static std::string port(const std::string& machine) { return "p-" + machine; }

  private:
    int number_;
    Namespace lan_, host_;
};

} // namespace vrrp::bench

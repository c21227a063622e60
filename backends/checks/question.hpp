// A question to another machine: an echo request, or for a neighbour's MAC.
#pragma once

#include "backends/runtime/runtime_directory.hpp"
#include "core/machine/track_config.hpp"

#include <functional>
#include <tl/expected.hpp>

namespace vrrp::backend {

// It is on its way.
struct Question {
    FileDescriptor socket; // readable when something has come
    // Whether this packet is the answer. Room for more is of no use: what is longer is none.
    std::function<bool(BytesView packet, int hop_limit)> is_answer{};
};

// What makes an echo reply ours: others on this machine ping, too.
struct EchoMark {
    std::uint16_t identifier = 0, sequence = 0;
    std::uint64_t data = 0;
};

// Both need CAP_NET_RAW. With an interface the question goes out there, and is answered there. An error is a sentence.
tl::expected<Question, std::string> ask_by_echo(const PingCheck& check, const EchoMark& mark);

// For its MAC: by an ARP request in this machine's name, or a neighbour solicitation. Neither changes what the kernel
// knows of its neighbours. Precondition: the check names an interface.
tl::expected<Question, std::string> ask_neighbour(const PingCheck& check);

} // namespace vrrp::backend

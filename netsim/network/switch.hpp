// A network: a learning switch and the cables to it; when it is partitioned, one switch for each side.
#pragma once

#include "core/net/mac_address.hpp"
#include "netsim/engine/choices.hpp"
#include "netsim/engine/event_queue.hpp"
#include "netsim/network/frame_pool.hpp"

#include <map>
#include <optional>
#include <span>

namespace vrrp::sim {

// Who is at the other end of a cable.
class FrameReceiver {
  public:
    virtual ~FrameReceiver() = default;
    virtual void receive(std::uint16_t interface, BytesView frame) = 0;
};

enum class PortId : std::uint16_t {};

class Switch;

// Sees each frame that enters a switch, as a mirror port does.
class FrameTap {
  public:
    virtual ~FrameTap() = default;
    virtual void frame(TimePoint now, const Switch& network, PortId from, BytesView bytes) = 0;
};

// What of a cable fails without anybody being told.
struct SilentCut {
    bool to_switch = false;
    bool from_switch = false;
};

// 1. It learns source addresses when a frame enters, forgets them after kMacAgeing or when the port's carrier
//    goes, sends a known unicast to its port alone and floods the rest, in the order of the ports.
// 2. A frame takes the latency of both cables. Where all are equal, one event serves all receivers.
// 3. A frame is lost on its way in and on its way out by the ports' loss, each one choice.
// 4. Whether a frame arrives is decided on arrival: a cable that is pulled meanwhile loses it.
// 5. A port whose carrier has come back forwards nothing for the forward delay, as a spanning tree has it.
// 6. With port security a frame whose source is not the MAC of the port's own interface is refused on its way
//    in, counted, and nobody is told: so do most hypervisors and clouds, and switches where it is set.
// 7. Without multicast it takes nothing for VRRP's groups: clouds hand on only what address resolution needs.
class Switch final : public Actor {
  public:
    static constexpr Duration kDefaultLatency = std::chrono::microseconds(5); // of one cable
    static constexpr Duration kMacAgeing = std::chrono::seconds(300);
    static constexpr std::size_t kMaxMacs = 4096; // more are flooded
    static constexpr std::uint32_t kLossWhole = 10'000;

    Switch(std::string name, EventQueue& queue, FramePool& frames, Choices& choices)
        : name_(std::move(name)), queue_(queue), frames_(frames), choices_(choices) {}

    // `label` names the port's choices: "r1.eth0"; `mac` is the one that port security allows.
    PortId attach(FrameReceiver& receiver, std::uint16_t interface, const std::string& label,
                  const MacAddress& mac);
    void send(PortId from, BytesView frame);
    void set_tap(FrameTap* tap) { tap_ = tap; }

    void set_carrier(PortId port, bool carrier);
    void set_forward_delay(Duration delay) { forward_delay_ = delay; }
    void set_port_security(bool on) { port_security_ = on; }
    void set_multicast(bool on) { multicast_ = on; }
    void set_cut(PortId port, SilentCut cut) { at(port).cut = cut; }
    void set_loss(PortId port, std::uint32_t of_ten_thousand) { at(port).loss = of_ten_thousand; }
    void set_latency(PortId port, Duration latency);

    // From now on each side is a switch with a table of its own, and the trunk between them is broken. heal()
    // mends the trunk: what each side has learned by then stays, as it would.
    void partition(std::span<const std::uint8_t> side_by_port);
    void heal() { trunk_ = true; }

    const std::string& name() const { return name_; }
    const std::string& label(PortId port) const { return at(port).label; }
    std::size_t ports() const { return ports_.size(); }
    bool carrier(PortId port) const { return at(port).carrier; }
    bool reaches(PortId from, PortId to) const;
    bool lossless(PortId port) const { return at(port).loss == 0; }
    Duration latency(PortId port) const { return at(port).latency; }
    bool port_security() const { return port_security_; }
    std::uint64_t refused(PortId port) const { return at(port).refused; }
    Duration longest_latency() const;
    // Where the switch of `side` believes it to be.
    std::optional<PortId> learned(std::uint8_t side, const MacAddress& mac) const;

    void on_event(const QueueEvent& event) override;

  private:
    struct Port {
        FrameReceiver* receiver = nullptr;
        std::uint16_t interface = 0;
        std::string label;
        MacAddress mac;
        std::uint64_t refused = 0; // by port security
        std::uint8_t side = 0;
        bool carrier = true;
        TimePoint forwards_from{};
        SilentCut cut;
        std::uint32_t loss = 0; // of kLossWhole
        Duration latency = kDefaultLatency;
        ChoiceStream loss_stream{};
    };
    struct Learned {
        PortId port{};
        TimePoint seen;
    };

    static std::uint64_t key_of(std::uint8_t side, const MacAddress& mac) {
        std::uint64_t key = side;
        for (const std::uint8_t byte : mac.bytes())
            key = key << 8 | byte;
        return key;
    }
    static std::uint8_t side_of(std::uint64_t key) { return static_cast<std::uint8_t>(key >> 48); }

    Port& at(PortId port) { return ports_[static_cast<std::size_t>(port)]; }
    const Port& at(PortId port) const { return ports_[static_cast<std::size_t>(port)]; }
    bool lost(Port& port);
    bool forwards(const Port& port) const { return port.carrier && port.forwards_from <= queue_.now(); }
    bool joined(const Port& a, const Port& b) const { return trunk_ || a.side == b.side; }
    void learn(std::uint8_t side, const MacAddress& mac, PortId port);
    void forward(PortId from, const MacAddress& source, const MacAddress& destination, FrameId frame);
    void send_to(PortId from, PortId to, FrameId frame);
    void flood(PortId from, FrameId frame);
    void deliver(PortId from, PortId to, FrameId frame);

    std::string name_;
    EventQueue& queue_;
    FramePool& frames_;
    Choices& choices_;
    FrameTap* tap_ = nullptr;
    std::vector<Port> ports_;
    std::map<std::uint64_t, Learned> macs_; // by side, and then by the address as a number
    Duration forward_delay_{};
    bool port_security_ = false;
    bool multicast_ = true;
    std::uint8_t sides_ = 1;
    bool trunk_ = true;
    bool equal_latency_ = true;
};

} // namespace vrrp::sim

// The network stack of one machine: what Linux does below vrrpd and below a host's programs.
#pragma once

#include "core/machine/interface_facts.hpp"
#include "core/machine/sibling.hpp"
#include "core/wire/router_advertisement.hpp"
#include "netsim/network/packet.hpp"
#include "netsim/network/switch.hpp"
#include "netsim/node/flow_table.hpp"
#include "netsim/node/neighbour_cache.hpp"

namespace vrrp::sim {

// A process that captures VRRP frames and router solicitations, and follows the interfaces.
class VrrpSocket {
  public:
    virtual ~VrrpSocket() = default;
    virtual void vrrp_frame(std::uint16_t interface, BytesView frame) = 0;
    virtual void facts_changed(std::uint16_t interface) = 0;
    // Somebody who is not a vrrpd took an address off the interface.
    virtual void address_taken(std::uint16_t interface, const IpAddress& address) = 0;
    // An ARP packet or neighbour advertisement says that its sender has `address`.
    virtual void address_claimed(std::uint16_t interface, const IpAddress& address, BytesView frame) = 0;
    virtual void router_solicited(std::uint16_t, BytesView) {}
    // What it had the kernel send has left, which may be later than asked for.
    virtual void packet_left(std::uint16_t interface, BytesView frame) = 0;
};

class Kernel;

// Who decides whether an advertisement that a process would hear is lost at the last moment.
class LossJudge {
  public:
    virtual ~LossJudge() = default;
    virtual bool loses_advertisement(const Kernel& receiver, std::uint16_t interface) = 0;
};

class EchoSocket {
  public:
    virtual ~EchoSocket() = default;
    virtual void answered(std::uint64_t sequence) = 0;
    // An answer to an ARP request or a neighbour solicitation of this machine's.
    virtual void neighbour_answered(std::uint16_t, const IpAddress&) {}
};

// Which process of the machine put something there. It stays when the process dies.
enum class HolderId : std::uint16_t {};

struct HeldAddress {
    HolderId holder{};
    IpPrefix prefix;
    std::optional<MacAddress> virtual_mac;
};

// Its packets are dropped, but for address resolution.
struct DroppedTraffic {
    HolderId holder{};
    IpAddress address;
};

struct HeldMac {
    HolderId holder{};
    MacAddress mac;
};

// 1. It answers ARP and neighbour solicitations for its own addresses from the interface's MAC, and for a
//    held one from the virtual MAC that it is on; a virtual MAC receives frames only while attached.
// 2. It answers echo requests to any of its addresses, and forwards between its interfaces when told to: with
//    a stateful firewall, answers only where it saw the request.
// 3. Packets to a neighbour not yet known wait, at most kMaxWaiting of them.
// 4. An interface that is deleted takes all that was on it with it. Made again, it is as it was configured.
// 5. A link-local address means a machine on the link that the packet came from: it is answered there, and
//    never forwarded.
// 6. While it has no power it receives and sends nothing, and it forgets all but its configuration.
class Kernel final : public FrameReceiver {
  public:
    static constexpr std::size_t kMaxWaiting = 16; // frames per interface; Linux keeps about as many
    static constexpr std::uint32_t kMtu = 1500;

    // A packet that goes when its next hop is known.
    struct Waiting {
        IpAddress next_hop;
        // Who asks for the next hop, and from which MAC the packet goes.
        IpAddress asker;
        MacAddress source;
        Packet frame;
        VrrpSocket* sender = nullptr; // who wants to know
    };

    struct Interface {
        std::string label; // the name that it was configured with
        std::string name;  // as it is called now
        MacAddress mac;
        Switch* network = nullptr;
        PortId port{};
        bool present = true, admin_up = true, plugged = true;
        std::uint32_t mtu = kMtu;
        std::vector<IpPrefix> configured;
        std::vector<IpPrefix> own;
        std::vector<HeldAddress> held;
        std::vector<HeldMac> virtual_macs;
        NeighbourCache neighbours;
        std::vector<Waiting> waiting;
    };

    Kernel(std::string name, const EventQueue& queue) : name_(std::move(name)), queue_(queue) {}

    std::uint16_t add_interface(std::string name, const MacAddress& mac, Switch& network,
                                std::vector<IpPrefix> own);
    void set_gateway(const IpAddress& gateway) { gateway_ = gateway; }
    void learn_gateway() { learns_gateway_ = true; } // from router advertisements, instead
    void set_forwarding(bool forwards) { forwards_ = forwards; }
    void set_firewall(bool stateful) { firewall_ = stateful; }
    void set_loss_judge(LossJudge* judge) { loss_judge_ = judge; }
    void open(VrrpSocket& socket) { vrrp_sockets_.push_back(&socket); }
    void close(const VrrpSocket& socket);
    std::uint16_t open(EchoSocket& socket); // the identifier of its echo requests

    // What an administrator does. Each tells the processes what changed.
    void set_plugged(std::uint16_t interface, bool plugged);
    void set_admin_up(std::uint16_t interface, bool up);
    void remove_interface(std::uint16_t interface);
    void restore_interface(std::uint16_t interface); // deleted, or only renamed and changed
    void rename(std::uint16_t interface, std::string name);
    void set_mtu(std::uint16_t interface, std::uint32_t mtu);
    void add_own_address(std::uint16_t interface, const IpPrefix& prefix);
    void remove_own_address(std::uint16_t interface, const IpAddress& address);
    void take_address_away(const IpAddress& address); // one that a vrrpd put there

    void set_powered(bool powered);
    bool powered() const { return powered_; }

    const std::string& name() const { return name_; }
    const std::vector<Interface>& interfaces() const { return interfaces_; }
    std::optional<std::uint16_t> find(std::string_view name) const; // by what it is called now
    std::uint16_t labelled(std::string_view label) const;           // it was configured
    InterfaceFacts facts(std::uint16_t interface) const;
    bool usable(std::uint16_t interface) const {
        return powered_ && interfaces_[interface].present && interfaces_[interface].admin_up;
    }
    bool carrier(std::uint16_t interface) const {
        return usable(interface) && interfaces_[interface].plugged;
    }
    std::optional<IpAddress> gateway() const {
        return queue_.now() < gateway_until_ ? gateway_ : std::nullopt;
    }
    void solicit_routers() const; // on its first interface
    // What packets to `destination` come from; nothing when there is no route.
    std::optional<IpAddress> source_for(const IpAddress& destination) const;

    // As Nic has them. Adding what is there makes `holder` its holder.
    void attach_virtual_mac(HolderId holder, std::uint16_t interface, const MacAddress& mac);
    void detach_virtual_mac(HolderId holder, std::uint16_t interface, const MacAddress& mac);
    void add_address(HolderId holder, std::uint16_t interface, const std::optional<MacAddress>& virtual_mac,
                     const IpPrefix& prefix);
    void remove_address(HolderId holder, std::uint16_t interface, const IpPrefix& prefix);
    void drop_traffic(HolderId holder, const IpAddress& address, bool drop);
    void release_all(HolderId holder);
    void process_ended(HolderId holder); // what goes with it, whatever it left
    bool holds_anything(HolderId holder) const;

    // What a dead vrrpd has left on an interface of that name goes.
    void clean_up(const SiblingIdentity& dead);

    void send(std::uint16_t interface, BytesView frame);
    // An IP packet to one host, by this interface. It leaves when its next hop is known.
    void send_packet(std::uint16_t interface, BytesView packet, VrrpSocket& sender);
    // A TCP SYN from `source`, once everybody has been asked for the gateway in the name of `source`: also
    // when the gateway is known.
    void send_magic_packet(std::uint16_t interface, const std::optional<MacAddress>& virtual_mac,
                           const IpAddress& source, const IpAddress& gateway, VrrpSocket& sender);
    void send_echo(const Echo& echo) { send_echo(echo, {}); } // along the routes; without one it is dropped
    // From an address of its own, along the routes, or by the interface of that name only. False when there is no way.
    bool ping(Echo echo, std::string_view interface);
    // On the link of an interface, whether its MAC is known or not. False as above.
    bool ask_neighbour(const IpAddress& address, std::string_view interface);

    void receive(std::uint16_t interface, BytesView frame) override;

  private:
    struct Route {
        std::uint16_t interface = 0;
        IpAddress next_hop;
    };
    bool accepts(const Interface& interface, const MacAddress& destination) const;
    bool is_ours(std::uint16_t interface, const IpAddress& address) const;
    std::optional<MacAddress> answering_mac(const Interface& interface, const IpAddress& address) const;
    // A link-local destination is on the link of `scope`, or of the first interface that has one.
    std::optional<Route> route(const IpAddress& destination, std::optional<std::uint16_t> scope = {}) const;
    std::optional<Route> route_by(std::uint16_t interface, const IpAddress& destination) const;
    std::optional<IpAddress> source_on(const Route& way, const IpAddress& destination) const;
    bool send_along(const std::optional<Route>& way, const Echo& echo);
    void send_echo(const Echo& echo, std::optional<std::uint16_t> scope);
    void receive_router_advertisement(std::uint16_t interface, const wire::AdvertisedRouter& heard);
    void receive_resolution(std::uint16_t interface, const Resolution& heard);
    void receive_echo(std::uint16_t interface, Echo echo);
    void ask(std::uint16_t interface, const IpAddress& asked, const IpAddress& asker, const MacAddress& mac,
             const MacAddress& whom);
    void send_when_resolved(std::uint16_t interface, const Waiting& packet);
    void leave(std::uint16_t interface, const Waiting& packet, const MacAddress& to);
    void flush_waiting(std::uint16_t interface, const IpAddress& neighbour);
    void forward(const Echo& echo);
    void forward_packet(BytesView frame, const IpAddress& destination);
    void receive_vrrp(std::uint16_t interface, BytesView frame, const IpAddress& destination);
    void changed(std::uint16_t interface);
    static void configure(Interface& interface);

    std::string name_;
    const EventQueue& queue_;
    std::vector<Interface> interfaces_;
    std::optional<IpAddress> gateway_;
    bool learns_gateway_ = false;
    TimePoint gateway_until_ = kNever; // one that was learned
    bool forwards_ = false, firewall_ = false;
    FlowTable flows_;
    bool powered_ = true;
    std::vector<DroppedTraffic> dropped_;
    LossJudge* loss_judge_ = nullptr;
    std::vector<VrrpSocket*> vrrp_sockets_;
    std::vector<EchoSocket*> echo_sockets_;
};

} // namespace vrrp::sim

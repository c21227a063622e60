// What the vrrpds of one machine tell one another: the sockets in their runtime directories.
#pragma once

#include "core/machine/sibling.hpp"
#include "netsim/engine/choices.hpp"
#include "netsim/engine/event_queue.hpp"

#include <map>

namespace vrrp::sim {

// One process's end.
class SiblingSocket {
  public:
    virtual ~SiblingSocket() = default;
    virtual void sibling_said(SiblingId id, const SiblingStatus& status) = 0;
    virtual void sibling_gone(SiblingId id) = 0;
};

// A process's place on the network; it keeps it over its restarts.
enum class SiblingPlace : std::uint16_t {};

// 1. Processes of the same directory hear one another, and nobody else.
// 2. What one tells, or its end, reaches the others kLatency later, and up to a jitter more: each message one
//    choice. One sender's messages keep their order.
// 3. Who joins is told the latest of everyone who lives, as soon as that one can speak.
// 4. Who is frozen is told nothing; thawed, it gets what waited for it: of each sender's statuses the latest.
class SiblingNetwork final : public Actor {
  public:
    static constexpr Duration kLatency = std::chrono::microseconds(20); // a local socket and a wake-up

    SiblingNetwork(const std::string& node, EventQueue& queue, Choices& choices)
        : queue_(queue), choices_(choices), jitter_stream_(choices.stream(node + "/siblings")) {}

    SiblingPlace add(SiblingSocket& socket, std::string directory);
    void set_jitter(Duration jitter) { jitter_ = jitter; }
    Duration longest_delay() const { return kLatency + jitter_; }

    void join(SiblingPlace place);
    void tell(SiblingPlace from, VirtualRouterIndex index, const SiblingStatus& status);
    void leave(SiblingPlace place);
    void freeze(SiblingPlace place);
    void thaw(SiblingPlace place);

    // Whether a process that lives has said that it is this virtual router.
    bool lives(const SiblingIdentity& identity) const;

    void on_event(const QueueEvent& event) override;

  private:
    struct Voice { // of one virtual router
        SiblingId id{};
        std::optional<SiblingStatus> latest;
    };
    struct Message {
        SiblingPlace to{};
        unsigned life = 0; // of the receiver: a later one does not get it
        SiblingId from{};
        std::optional<SiblingStatus> status; // none: gone
    };
    struct Member {
        SiblingSocket* socket = nullptr;
        std::string directory;
        bool alive = false, frozen = false;
        unsigned life = 0;
        std::map<VirtualRouterIndex, Voice> voices;
        std::vector<Message> kept;                                // while frozen
        std::vector<std::pair<SiblingPlace, unsigned>> newcomers; // while frozen: place and life
        TimePoint last_arrival{};                                 // of what it has sent
    };

    Member& at(SiblingPlace place) { return members_[static_cast<std::size_t>(place)]; }
    template <typename What>
    void for_others(SiblingPlace place, What&& what);
    void send(SiblingPlace from, SiblingPlace to, SiblingId id, const std::optional<SiblingStatus>& status);
    void send_latest(SiblingPlace from, SiblingPlace to);
    void deliver(Member& member, const Message& message);

    EventQueue& queue_;
    Choices& choices_;
    ChoiceStream jitter_stream_;
    Duration jitter_{};
    std::vector<Member> members_;
    std::map<std::uint32_t, Message> under_way_;
    std::uint32_t next_message_ = 0;
    std::uint32_t next_id_ = 0;
};

} // namespace vrrp::sim

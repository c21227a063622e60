// What happens next in a simulated world.
#pragma once

#include "core/net/time.hpp"
#include "netsim/engine/choices.hpp"

#include <vector>

namespace vrrp::sim {

// Above zero, so that a zero time can mean "not yet" everywhere.
inline constexpr TimePoint kStart{std::chrono::hours(1)};

// Of what happens at the same instant, a fault strikes first and a look at the result comes last.
enum class EventClass : std::uint8_t { fault, delivery, timer, command };

class Actor;

struct QueueEvent {
    TimePoint at;
    std::uint64_t order = 0; // class, then sequence number
    Actor* actor = nullptr;
    std::uint32_t argument = 0; // what these three mean is the actor's business
    std::uint16_t what = 0;
    std::uint16_t place = 0;
};

class Actor {
  public:
    virtual ~Actor() = default;
    virtual void on_event(const QueueEvent& event) = 0;
};

// 1. Events run in the order of (time, class, sequence); of equals the first pushed is the first run.
// 2. now() is the time of the event that runs, never goes back, and starts at kStart.
// 3. An actor outlives its events.
// 4. Shuffled, which delivery or timer of those at one instant comes first is a choice, and 0 is as in 1; what one actor
//    has pushed with the same `what` keeps its order, as frames on a cable do.
// 5. More than kMaxEvents waiting is a world out of control: push() throws SimulationLimit.
class EventQueue {
  public:
    static constexpr std::size_t kMaxEvents = 16 << 20;
    static constexpr std::size_t kMaxRivals = 8; // of more simultaneous events the later ones wait

    TimePoint now() const { return now_; }
    void push(TimePoint at, EventClass event_class, Actor& actor, std::uint16_t what = 0,
              std::uint16_t place = 0, std::uint32_t argument = 0);

    void shuffle(Choices& choices); // it outlives the queue

    // Runs the next event, unless it is later than `end`; then only the time advances to `end`.
    bool run_one(TimePoint end);

    std::size_t waiting() const { return heap_.size(); }
    std::uint64_t events_run() const { return events_run_; }

  private:
    QueueEvent pop();
    QueueEvent pop_shuffled();

    std::vector<QueueEvent> heap_; // 4-ary: half the levels of a binary one, and siblings share cache lines
    TimePoint now_ = kStart;
    std::uint64_t sequence_ = 0;
    std::uint64_t events_run_ = 0;
    Choices* choices_ = nullptr; // where it is shuffled
    ChoiceStream order_{};
};

// One deadline of one actor, which may move at every frame. Moving it later costs no queue entry: the old one
// stays and is pushed anew when it comes up too early.
class Timer {
  public:
    Timer(EventQueue& queue, EventClass event_class, Actor& actor, std::uint16_t what)
        : queue_(queue), actor_(actor), event_class_(event_class), what_(what) {}

    void arm(TimePoint deadline); // kNever takes it back
    // To be asked by the actor with the timer's event: whether the deadline has really come. It is unset
    // then.
    bool expired(const QueueEvent& event);
    TimePoint deadline() const { return deadline_; }

  private:
    void push(TimePoint at);

    EventQueue& queue_;
    Actor& actor_;
    EventClass event_class_;
    std::uint16_t what_;
    std::uint32_t generation_ = 0; // of the one entry that counts
    TimePoint deadline_ = kNever;
    TimePoint queued_ = kNever;
};

struct SimulationLimit {
    const char* message;
};

} // namespace vrrp::sim

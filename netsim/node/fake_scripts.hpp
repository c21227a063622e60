// The scripts of one vrrpd: programs that take their time and have an exit status, and do nothing else.
#pragma once

#include "core/ports.hpp"
#include "netsim/engine/event_queue.hpp"

#include <deque>
#include <map>

namespace vrrp::sim {

// What a machine's scripts are like; counts for those that begin from now on.
struct ScriptHabits {
    Duration takes = std::chrono::milliseconds(10);
    int status = 0;        // what they exit with
    bool unsafe = false;   // writable by others than root: refused
    bool fifo_read = true; // by somebody
};

class ScriptParent {
  public:
    virtual ~ScriptParent() = default;
    // `life` tells the calls of one run of the vrrpd from those of the next.
    virtual void script_began(const ScriptCall& call, unsigned life) = 0;
    virtual void script_ended(const ScriptCall& call, const ScriptOutcome& outcome) = 0;
    // The same, when the vrrpd that had it run has stopped or died meanwhile.
    virtual void orphan_ended(const ScriptCall& call, const ScriptOutcome& outcome) = 0;
};

// 1. ScriptRunner's contract: in order and one at a time for each virtual router, a limit on what waits and
//    on how long one takes. Ends are told by an event, what was dropped too.
// 2. stopped(): a vrrpd that leaves in order waits for its scripts; they go on, as orphans, to the last one or until
//    kTimeLimit has passed.
// 3. died(): what waits never runs, what runs goes on to its end, as an orphan.
// 4. Frozen, nobody notices an end or begins the next one before thaw().
class FakeScripts final : public Actor {
  public:
    FakeScripts(const ScriptHabits& habits, EventQueue& queue, ScriptParent& parent)
        : habits_(habits), queue_(queue), parent_(parent) {}

    void run(const ScriptCall& call);
    void stopped();
    void died();
    void power_lost();
    void freeze() { frozen_ = true; }
    void thaw();

    void on_event(const QueueEvent& event) override;

  private:
    enum class JobId : std::uint32_t {};
    struct Job {
        ScriptCall call;
        ScriptOutcome outcome{};
        unsigned life = 0;
        bool running = false, orphan = false;
        TimePoint wait_end = kNever; // an orphan's parent waits no longer
    };

    void orphan_all();
    void begin(JobId id);
    void end(JobId id);
    void end_soon(JobId id);
    void drop(std::deque<JobId>& line);

    const ScriptHabits& habits_;
    EventQueue& queue_;
    ScriptParent& parent_;
    std::map<JobId, Job> jobs_;
    std::map<VirtualRouterIndex, std::deque<JobId>> lines_; // the first one runs, the others wait
    std::vector<JobId> unnoticed_;                          // ended while frozen
    std::uint32_t next_job_ = 0;
    unsigned life_ = 0;
    bool frozen_ = false;
};

} // namespace vrrp::sim

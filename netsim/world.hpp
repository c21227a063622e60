// A whole simulated world: networks, machines, and what is said about them.
#pragma once

#include "netsim/judge/invariants.hpp"
#include "netsim/network/wire_log.hpp"
#include "netsim/node/speaker.hpp"
#include "netsim/report/record.hpp"

#include <deque>
#include <memory>

namespace vrrp::sim {

// 1. Built first, then run: networks, machines on them, processes and probes on those.
// 2. The same calls and the same choices give the same journal, byte for byte, on every machine and compiler.
// 3. The invariants are watched all the time; a violation is a record, and counted.
// 4. A fault is journalled under the words that the caller gives it, and takes effect at once.
// 5. Advertisements are lost and processes crash where the choices say so.
class World final : public ProcessObserver,
                    public ProbeObserver,
                    public ViolationObserver,
                    private LossJudge {
  public:
    explicit World(std::uint64_t seed) : World(std::make_unique<SeededChoices>(seed)) {}
    // It outlives the world.
    explicit World(Choices& choices) : choices_(choices), invariants_(queue_, *this) {
        choices_.set_clock(queue_);
    }
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    Switch& add_network(std::string name);
    Node& add_node(const std::string& name);
    // Processes of one machine and directory are siblings.
    Process& add_process(Node& node, RouterConfig config, std::string directory = "/run/vrrpd");
    PlainRouter& add_plain_router(Node& node, VirtualRouterConfig config);
    Speaker& add_speaker(Node& node);
    Probe& add_probe(Node& node, std::string name, Probe::Plan plan);
    // Which of the simultaneous comes first is a choice from now on.
    void shuffle() { queue_.shuffle(choices_); }
    void switch_off(Invariant invariant) { invariants_.switch_off(invariant); }

    // Boots every machine, in the order in which they were added.
    void start();
    void run_until(TimePoint end);
    // False, and no further, where an invariant has been violated.
    bool holds_until(TimePoint end);

    // Journals what is about to be done; everything that changes a built world comes after one.
    void note_fault(const std::string& who, std::string text);
    void stop(Process& process);

    TimePoint now() const { return queue_.now(); }
    EventQueue& queue() { return queue_; }
    Choices& choices() { return choices_; }
    const FramePool& frames() const { return frames_; }
    std::deque<Switch>& networks() { return networks_; }
    std::deque<Node>& nodes() { return nodes_; }
    const std::deque<Node>& nodes() const { return nodes_; }
    std::deque<Speaker>& speakers() { return speakers_; }
    const std::deque<Probe>& probes() const { return probes_; }
    const RunJournal& journal() const { return journal_; }
    RunJournal take_journal() { return std::move(journal_); } // when it is over
    WireLog& wire() { return wire_; }
    std::size_t violations() const { return violations_; }

  private:
    explicit World(std::unique_ptr<Choices> own)
        : own_choices_(std::move(own)), choices_(*own_choices_), invariants_(queue_, *this) {
        choices_.set_clock(queue_);
    }

    void reconfigured() override;
    void decided(const Process& process, const JournalEntry& entry) override;
    void sent(const Process& process, std::uint16_t interface, BytesView frame) override;
    void script_began(const Process& process, const ScriptCall& call, unsigned life) override;
    void line_written(const Process& process, std::string_view line) override;
    void orphan_ended(const Process& process, const ScriptCall& call, const ScriptOutcome& outcome) override;
    Crash crashes(const Process& process) override;
    bool loses_advertisement(const Kernel& receiver, std::uint16_t interface) override;
    void lost(const Probe& probe) override;
    void answered_again(const Probe& probe) override;
    void violated(Invariant invariant, const std::string& who, const std::string& subject,
                  const std::string& text) override;

    EventQueue queue_;
    FramePool frames_;
    std::unique_ptr<Choices> own_choices_;
    Choices& choices_;
    RunJournal journal_;
    WireLog wire_;
    Invariants invariants_;
    std::deque<Switch> networks_; // a deque: others hold on to its elements
    std::deque<Node> nodes_;
    std::deque<Speaker> speakers_;
    std::deque<Probe> probes_;
    std::size_t violations_ = 0;
};

} // namespace vrrp::sim

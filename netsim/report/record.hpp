// What a run tells: one record for each thing that happened and mattered.
#pragma once

#include "core/daemon/journal.hpp"
#include "core/net/hash.hpp"

#include <variant>
#include <vector>

namespace vrrp::sim {

// A line of the journal of a vrrpd.
struct Decision {
    std::string interface;
    std::uint8_t vrid = 0;
    IpFamily family = IpFamily::v4;
    std::string group;
    Event event;
};

// Something that the scenario did: "unplug r1 eth0".
struct Fault {
    std::string text;
};

// A vrrpd has a script run: "/etc/scripts/MASTER.sh MASTER eth0 51 10.16.1.200/32", "... as alice" where it runs as
// another user.
struct ScriptBegan {
    std::string command;
};

// A vrrpd has written a line to its FIFO: 'INSTANCE "eth0_51" MASTER 150'.
struct FifoLine {
    std::string line;
};

// A script has outlived its vrrpd and ended now.
struct OrphanEnded {
    std::string command;
    ScriptOutcome outcome;
};

struct AnswersLost {
    std::string probe;
};

struct AnswersBack {
    std::string probe;
    Duration outage{};
};

struct Violation {
    std::string invariant; // its name in a scenario: "two_masters"
    std::string text;
    std::string subject{}; // what it is about, whoever tells it
};

struct Record {
    TimePoint time;
    std::string who; // the machine; for a fault and a violation that has none, empty
    std::variant<Decision, Fault, ScriptBegan, FifoLine, OrphanEnded, AnswersLost, AnswersBack, Violation>
        what;
};

// The program and its arguments, with blanks between, and as whom.
std::string command_text(const ScriptCall& call);

// Of a decision as core words it; of what else happens, `where` is the probe, script or invariant.
Words words(const Record& record);

// Without the time and who.
std::string to_text(const Record& record);

// One object on one line, without a newline. `time` is nanoseconds from the start of the simulation. Keys
// come in a fixed order.
std::string to_json(const Record& record);

// "12.345678": seconds from the start of the simulation.
std::string time_text(TimePoint time);

// 1. Keeps the records of a run, at most kMaxRecords of them; a hash over all of them is made when it is asked for.
// 2. Equal hashes stand for equal journals: same texts at the same times, in the same order.
class RunJournal {
  public:
    static constexpr std::size_t kMaxRecords = 1 << 20;

    void add(Record record);
    const std::vector<Record>& records() const { return records_; }
    std::uint64_t hash() const;

  private:
    std::vector<Record> records_;
};

// Where two journals part; nothing when they are equal. An empty side has ended there.
struct Difference {
    std::size_t index = 0; // of the first differing record
    std::string first, second;
};
std::optional<Difference> first_difference(const RunJournal& a, const RunJournal& b);

} // namespace vrrp::sim

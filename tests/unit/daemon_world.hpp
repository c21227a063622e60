// A daemon between ports that record.
#pragma once

#include "core/daemon/daemon.hpp"
#include "core/daemon/journal_json.hpp"
#include "core/machine/names.hpp"
#include "core/wire/headers/ip.hpp"
#include "tests/unit/test_bed.hpp"

#include <functional>
#include <map>

namespace vrrp::test {

struct HandClock : Clock {
    TimePoint now() const override { return time; }
    Duration ahead() const override { return clock_ahead; }
    void wake_at(TimePoint deadline, bool exact) override {
        wake = deadline;
        wake_is_exact = exact;
        ++calls;
    }
    TimePoint time{1s};
    Duration clock_ahead{};
    TimePoint wake = kNever;
    bool wake_is_exact = false;
    int calls = 0;
};

// Records calls; fails those that are named in `broken`.
struct RecordingNic : Nic {
    tl::expected<InterfaceFacts, NicError> watch(InterfaceId id, const std::string& name,
                                                 const std::vector<Ours>& ours) override {
        if (broken.contains("watch " + name))
            return tl::unexpected(NicError{name + ": Operation not permitted"});
        watched[id] = ours;
        return facts;
    }
    void forget(InterfaceId id) override { watched.erase(id); }
    void deliver_waiting() override {
        std::exchange(waiting, [] {})();
    }
    NicResult send(InterfaceId, BytesView frame) override {
        on_frame(frame);
        return call(wire::decode(frame) ? "advertisement" : "announcement");
    }
    NicResult send_packet(InterfaceId, BytesView packet) override {
        return call("packet to " + to_string(wire::Ipv4View::of(packet)->destination()));
    }
    NicResult attach_virtual_mac(InterfaceId, const wire::VirtualMac&) override { return call("attach"); }
    NicResult detach_virtual_mac(InterfaceId, const wire::VirtualMac&) override { return call("detach"); }
    NicResult add_address(InterfaceId, const std::optional<wire::VirtualMac>&, const IpPrefix&,
                          const AddressMarks&) override {
        return call("add");
    }
    NicResult remove_address(InterfaceId, const std::optional<wire::VirtualMac>&, const IpPrefix&) override {
        return call("remove");
    }
    NicResult drop_traffic(InterfaceId, const IpAddress&, bool drop) override {
        return call(drop ? "drop" : "accept");
    }
    NicResult send_magic_packet(InterfaceId, const std::optional<wire::VirtualMac>&, const IpAddress&,
                                const IpAddress&) override {
        return call("magic");
    }
    void clean_up_after(const SiblingIdentity& dead) override { (void)call("clean up " + dead.interface); }
    NicResult call(const std::string& what) {
        calls.push_back(what);
        on_call(what);
        if (broken.contains(what)) return tl::unexpected(NicError{"Operation not permitted"});
        return {};
    }
    InterfaceFacts facts = working_interface();
    std::function<void()> waiting = [] {}; // gives what nobody has handed on yet
    std::map<InterfaceId, std::vector<Ours>> watched;
    std::set<std::string> broken;
    std::vector<std::string> calls;
    std::function<void(BytesView)> on_frame = [](BytesView) {};
    std::function<void(const std::string&)> on_call = [](const std::string&) {};
};

struct LineJournal : Journal {
    void write(const JournalEntry& entry) override {
        lines.push_back(to_text(entry));
        objects.push_back(to_json(entry));
    }
    std::vector<std::string> lines, objects;
};

struct RecordingBus : SiblingBus {
    void tell(VirtualRouterIndex, const SiblingStatus& status) override {
        nic.calls.push_back(std::string("tell ") + to_string(status.status.stance));
        told.push_back(status);
    }
    void deliver_waiting() override {
        std::exchange(waiting, [] {})();
    }
    explicit RecordingBus(RecordingNic& nic) : nic(nic) {}
    std::function<void()> waiting = [] {};
    RecordingNic& nic; // one order for all that happens
    std::vector<SiblingStatus> told;
};

struct RecordingScripts : ScriptRunner {
    void run(const ScriptCall& call) override {
        nic.calls.push_back("script " + call.path);
        calls.push_back(call);
    }
    explicit RecordingScripts(RecordingNic& nic) : nic(nic) {}
    RecordingNic& nic;
    std::vector<ScriptCall> calls;
};

struct RecordingChecks : Checks {
    void start(TrackIndex track, const TrackConfig& config) override {
        nic.calls.push_back("check " + config.name);
        started.push_back(track);
    }
    void stop(TrackIndex) override { nic.calls.emplace_back("stop a check"); }
    explicit RecordingChecks(RecordingNic& nic) : nic(nic) {}
    RecordingNic& nic;
    std::vector<TrackIndex> started;
};

struct World {
    explicit World(const RouterConfig& config) : daemon(config) {}
    World() : World(RouterConfig{{gateway()}}) {}

    tl::expected<void, NicError> start() { return daemon.start({clock, nic, journal, bus, scripts, checks}); }

    void run_until(Duration since_epoch) {
        while (clock.wake <= TimePoint(since_epoch)) {
            clock.time = std::exchange(clock.wake, kNever);
            daemon.give(DeadlineReached{});
        }
        clock.time = TimePoint(since_epoch);
    }

    HandClock clock;
    RecordingNic nic;
    LineJournal journal;
    RecordingBus bus{nic};
    RecordingScripts scripts{nic};
    RecordingChecks checks{nic};
    Daemon daemon;
};

} // namespace vrrp::test

#include "netsim/node/process.hpp"

#include "core/daemon/control.hpp"

#include <algorithm>

namespace vrrp::sim {
namespace {

enum : std::uint16_t { kTimer, kReturn, kCrash };

} // namespace

Process::Process(RouterConfig config, std::string directory, HolderId id, const Surroundings& surroundings)
    : config_(std::move(config)), directory_(std::move(directory)), id_(id), kernel_(surroundings.kernel),
      siblings_(surroundings.siblings), queue_(surroundings.queue), observer_(surroundings.observer),
      clock_(surroundings.clock), place_(siblings_.add(*this, directory_)),
      script_habits_(surroundings.script_habits), scripts_(script_habits_, surroundings.queue, *this),
      checks_(surroundings.check_habits, surroundings.kernel, surroundings.queue, *this),
      timer_(surroundings.queue, EventClass::timer, *this, kTimer),
      return_(surroundings.queue, EventClass::command, *this, kReturn) {}

bool Process::has(std::uint8_t vrid) const {
    return std::ranges::any_of(config_.virtual_routers, [&](const auto& one) { return one.vrid == vrid; });
}

bool Process::has_ever_had(const IpAddress& address) const {
    const auto has = [&](const VirtualRouterConfig& one) { return one.has(address); };
    return std::ranges::any_of(config_.virtual_routers, has) || std::ranges::any_of(former_, has);
}

// --- Life and death

void Process::start() {
    if (running() || !kernel_.powered()) return;
    Handover left = std::exchange(left_, {});
    return_.arm(kNever);
    if (!finds_its_interfaces()) left = {};
    if (left.virtual_routers.empty()) kernel_.release_all(id_);
    siblings_.join(place_);
    daemon_ = std::make_unique<Daemon>(config_);
    FrameObserver& observer = *this;
    nic_ = std::make_unique<SimulatedNic>(*daemon_, kernel_, id_, siblings_, observer);
    Fifo* const fifo = config_.notify_fifo.empty() ? nullptr : this;
    if (!daemon_->start({*this, *nic_, *this, *this, *this, *this, fifo}, left)) forget();
    if (std::exchange(reloaded_, false)) observer_.reconfigured();
}

void Process::stop() {
    stay_away();
    if (!running() || frozen_) return; // a stopped process does not take SIGTERM before it is continued
    daemon_->give(Stop{});
    scripts_.stopped();
    forget();
}

void Process::kill() {
    stay_away();
    scripts_.died();
    forget();
}

// Its socket is in use: it dies when that is over, before anything else happens.
bool Process::dies_before_advertisement() {
    if (dying_ == Crash::none) dying_ = observer_.crashes(*this);
    if (dying_ == Crash::none) return false;
    queue_.push(queue_.now(), EventClass::fault, *this, kCrash);
    return true;
}

bool Process::crashes() {
    const Crash how = observer_.crashes(*this);
    if (how != Crash::none) crash(how);
    return how != Crash::none;
}

void Process::crash(Crash crash) {
    kill();
    if (crash == Crash::started_again) return_.arm(queue_.now() + kStartedAgain);
}

// No successor comes.
void Process::stay_away() {
    left_ = {};
    return_.arm(kNever);
}

// By their names: one that does not is no successor.
bool Process::finds_its_interfaces() const {
    return std::ranges::all_of(config_.virtual_routers, [&](const VirtualRouterConfig& one) {
        const auto is_found = [&](const AddressPlace& place) {
            return kernel_.find(place.interface).has_value();
        };
        return kernel_.find(one.interface) && std::ranges::all_of(one.places, is_found);
    });
}

// Refused as by vrrpd, where there could be no successor.
void Process::restart() {
    if (!running() || frozen_ || !finds_its_interfaces()) return;
    daemon_->give(LeftToSuccessor{});
    const Handover left = daemon_->router().handover();
    scripts_.died();
    forget();
    left_ = left;
    return_.arm(queue_.now() + restart_time_);
}

void Process::power_lost() {
    stay_away();
    scripts_.power_lost();
    forget();
}

void Process::forget() {
    checks_.ended();
    siblings_.leave(place_);
    nic_.reset();
    daemon_.reset();
    wake_at(kNever, false);
    dying_ = Crash::none;
    frozen_ = deadline_missed_ = clock_set_missed_ = false;
}

void Process::freeze() {
    if (!running()) return;
    frozen_ = true;
    nic_->freeze();
    siblings_.freeze(place_);
    scripts_.freeze();
    checks_.freeze();
}

void Process::thaw() {
    if (!frozen_) return;
    frozen_ = false;
    nic_->thaw();
    if (std::exchange(deadline_missed_, false)) daemon_->give(DeadlineReached{});
    if (std::exchange(clock_set_missed_, false)) daemon_->give(ClockSet{clock_.ahead()});
    scripts_.thaw();
    checks_.thaw();
    siblings_.thaw(place_);
    nic_->deliver_waiting();
}

void Process::reload(const RouterConfig& config) {
    if (frozen_) return;
    former_.insert(former_.end(), config_.virtual_routers.begin(), config_.virtual_routers.end());
    config_ = config;
    if (daemon_) daemon_->give(Reconfigured{config});
    if (daemon_) daemon_->set_fifo(config_.notify_fifo.empty() ? nullptr : this);
    reloaded_ = running();
    observer_.reconfigured();
}

void Process::set_priority(std::uint8_t vrid, std::uint8_t priority) {
    if (!running() || frozen_) return;
    for (const VirtualRouter& one : daemon_->router().virtual_routers())
        if (one.config().vrid == vrid) daemon_->give(SetPriority{one.index(), priority});
}

void Process::answer(const std::string& request) {
    if (running() && !frozen_)
        (void)answer_request(*daemon_, *daemon_, {}, {}, request,
                             Caller::owner); // the journal tells what came of it
}

void Process::command(Command command) {
    if (!running() || frozen_) return;
    for (const VirtualRouter& one : daemon_->router().virtual_routers())
        daemon_->give(Commanding{one.index(), command}); // its journal tells
}

void Process::check_changed(const std::string& name) {
    if (running()) checks_.changed(name);
}

// --- Clock

void Process::wake_at(TimePoint deadline, bool) {
    wake_at_ = deadline;
    timer_.arm(clock_.world(deadline));
}

void Process::clock_changed() {
    timer_.arm(clock_.world(wake_at_));
}

void Process::clock_set() {
    if (!running()) return;
    if (frozen_)
        clock_set_missed_ = true;
    else
        daemon_->give(ClockSet{clock_.ahead()});
}

void Process::on_event(const QueueEvent& event) {
    if (event.what == kReturn) {
        if (return_.expired(event)) start();
        return;
    }
    if (event.what == kCrash) {
        if (dying_ != Crash::none) crash(dying_);
        return;
    }
    if (!timer_.expired(event)) return;
    wake_at_ = kNever;
    if (frozen_)
        deadline_missed_ = true;
    else if (!crashes())
        daemon_->give(DeadlineReached{});
}

// --- Siblings and scripts

void Process::tell(VirtualRouterIndex from, const SiblingStatus& status) {
    siblings_.tell(place_, from, status);
}

void Process::sibling_said(SiblingId id, const SiblingStatus& status) {
    daemon_->give(SiblingSaid{id, status});
}

void Process::sibling_gone(SiblingId id) {
    daemon_->give(SiblingGone{id});
}

void Process::script_began(const ScriptCall& call, unsigned life) {
    observer_.script_began(*this, call, life);
}

void Process::script_ended(const ScriptCall& call, const ScriptOutcome& outcome) {
    daemon_->give(ScriptExited{call.virtual_router, call.kind, outcome});
}

NicResult Process::write_line(std::string_view line) {
    if (!script_habits_.fifo_read) return tl::unexpected(NicError{config_.notify_fifo + ": nobody reads it"});
    line.remove_suffix(1);
    observer_.line_written(*this, line);
    return {};
}

void Process::orphan_ended(const ScriptCall& call, const ScriptOutcome& outcome) {
    observer_.orphan_ended(*this, call, outcome);
}

} // namespace vrrp::sim

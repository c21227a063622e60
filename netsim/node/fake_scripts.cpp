#include "netsim/node/fake_scripts.hpp"

#include "core/daemon/script_queue.hpp"

#include <algorithm>
#include <utility>

namespace vrrp::sim {

void FakeScripts::run(const ScriptCall& call) {
    const auto id = static_cast<JobId>(next_job_++);
    jobs_.emplace(id, Job{.call = call, .life = life_});
    std::deque<JobId>& line = lines_[call.virtual_router];
    if (line.size() > ScriptRunner::kMaxWaiting) drop(line);
    line.push_back(id);
    if (line.size() == 1) begin(id);
}

void FakeScripts::drop(std::deque<JobId>& line) {
    const auto waiting = std::ranges::subrange(line.begin() + 1, line.end());
    const Dropped dropped = to_drop(waiting, [&](JobId id) { return jobs_[id].call.kind; });
    const auto first = waiting.begin() + static_cast<std::ptrdiff_t>(dropped.place);
    const auto last = first + static_cast<std::ptrdiff_t>(dropped.count);
    for (auto oldest = first; oldest != last; ++oldest) {
        jobs_[*oldest].outcome.kind = ScriptOutcome::Kind::dropped;
        end_soon(*oldest);
    }
    line.erase(first, last);
}

void FakeScripts::begin(JobId id) {
    Job& job = jobs_[id];
    if (habits_.unsafe) { // looked at when its turn has come, as a real one is
        job.outcome.kind = ScriptOutcome::Kind::refused;
        job.outcome.error = ShortText(job.call.path + " can be written by others than root");
        return end_soon(id);
    }
    const TimePoint limit = std::min(queue_.now() + ScriptRunner::kTimeLimit, job.wait_end);
    if (limit <= queue_.now()) {
        job.outcome.kind = ScriptOutcome::Kind::dropped;
        return end_soon(id);
    }
    job.running = true;
    const TimePoint end = queue_.now() + habits_.takes;
    const bool too_long = end > limit;
    job.outcome.kind = too_long ? ScriptOutcome::Kind::timed_out : ScriptOutcome::Kind::exited;
    job.outcome.status = too_long ? 0 : habits_.status;
    queue_.push(std::min(end, limit), EventClass::timer, *this, 0, 0, static_cast<std::uint32_t>(id));
    parent_.script_began(job.call, job.life);
}

void FakeScripts::end_soon(JobId id) {
    queue_.push(queue_.now(), EventClass::timer, *this, 0, 0, static_cast<std::uint32_t>(id));
}

void FakeScripts::on_event(const QueueEvent& event) {
    const auto id = static_cast<JobId>(event.argument);
    const auto found = jobs_.find(id);
    if (found == jobs_.end()) return; // its machine has lost its power
    if (frozen_ && !found->second.orphan)
        unnoticed_.push_back(id);
    else
        end(id);
}

void FakeScripts::end(JobId id) {
    const auto node = jobs_.extract(id);
    if (node.empty()) return; // it died while nobody looked
    const Job& job = node.mapped();
    if (job.orphan)
        parent_.orphan_ended(job.call, job.outcome);
    else
        parent_.script_ended(job.call, job.outcome);
    // Where its vrrpd waited for it the line goes on; where that died there is none.
    std::deque<JobId>& line = lines_[job.call.virtual_router];
    if (line.empty() || line.front() != id) return;
    line.pop_front();
    if (!line.empty()) begin(line.front());
}

void FakeScripts::stopped() {
    for (auto& [id, job] : jobs_)
        job.wait_end = std::min(job.wait_end, queue_.now() + ScriptRunner::kTimeLimit);
    orphan_all();
}

void FakeScripts::orphan_all() {
    for (auto& [id, job] : jobs_)
        job.orphan = true;
    ++life_;
    thaw();
}

void FakeScripts::died() {
    lines_.clear();
    std::erase_if(jobs_, [](const auto& entry) { return !entry.second.running; });
    orphan_all();
}

void FakeScripts::power_lost() {
    jobs_.clear();
    lines_.clear();
    orphan_all();
}

void FakeScripts::thaw() {
    frozen_ = false;
    for (const JobId id : std::exchange(unnoticed_, {}))
        end(id);
}

} // namespace vrrp::sim

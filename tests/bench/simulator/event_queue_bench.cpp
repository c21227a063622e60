// The event queue alone: what one event costs with so many waiting.
#include "netsim/engine/event_queue.hpp"

#include <benchmark/benchmark.h>
#include <memory>

using namespace vrrp;
using namespace vrrp::sim;

namespace {

constexpr Duration kInterval = std::chrono::seconds(1);

// Re-arms itself, as an advertisement timer does.
class Ticker final : public Actor {
  public:
    explicit Ticker(EventQueue& queue) : timer_(queue, EventClass::timer, *this, 0) {}
    void arm(TimePoint deadline) { timer_.arm(deadline); }
    void on_event(const QueueEvent& event) override {
        if (timer_.expired(event)) timer_.arm(event.at + kInterval);
    }

  private:
    Timer timer_;
};

void self_arming_timers(benchmark::State& state) {
    EventQueue queue;
    std::vector<std::unique_ptr<Ticker>> tickers;
    for (int64_t i = 0; i < state.range(0); ++i) {
        tickers.push_back(std::make_unique<Ticker>(queue));
        tickers.back()->arm(kStart + kInterval * i / state.range(0));
    }
    for (auto _ : state)
        queue.run_one(kNever);
    state.SetItemsProcessed(state.iterations());
}

// A backup's: moved later at each advertisement, never run out.
void timer_moved_later(benchmark::State& state) {
    EventQueue queue;
    Ticker ticker(queue);
    TimePoint deadline = kStart + kInterval;
    for (auto _ : state)
        ticker.arm(deadline += Duration(1));
    state.SetItemsProcessed(state.iterations());
}

BENCHMARK(self_arming_timers)->Arg(10)->Arg(1'000)->Arg(100'000);
BENCHMARK(timer_moved_later);

} // namespace

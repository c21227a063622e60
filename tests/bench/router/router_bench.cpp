// What a router of many virtual routers costs: an advertisement heard, one sent, and its state. Run it on an idle machine:
// build/bin/router_bench
#define CATCH_CONFIG_RUNNER // the builders of the unit tests use Catch2's REQUIRE
#include "apps/health.hpp"
#include "apps/state_table.hpp"
#include "core/daemon/json_line.hpp"
#include "core/daemon/status.hpp"
#include "tests/unit/test_bed.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

using namespace vrrp;
using namespace vrrp::test;

namespace {

using Frame = std::vector<std::uint8_t>;

// `count` virtual routers, 255 on an interface, in groups of `members` (0: without groups).
RouterConfig many(std::size_t count, std::size_t members) {
    RouterConfig config;
    for (std::size_t i = 0; i < count; ++i) {
        VirtualRouterConfig one = gateway();
        one.interface = fmt::format("eth{}", i / 255);
        one.vrid = static_cast<std::uint8_t>(1 + i % 255);
        one.addresses = {prefix(fmt::format("10.1.{}.{}/32", i / 250, 1 + i % 250))};
        if (members != 0) {
            if (i % members == 0) config.groups.push_back({.name = fmt::format("group {}", i / members)});
            one.group = static_cast<GroupIndex>(i / members);
        }
        config.virtual_routers.push_back(one);
    }
    return config;
}

class Bed {
  public:
    Bed(std::size_t count, std::size_t members) : config_(many(count, members)), router_(config_) {
        for (std::size_t i = 0; i < router_.interfaces().size(); ++i)
            give(InterfaceChanged{static_cast<InterfaceId>(i), working_interface()});
        give(Started{});
    }

    void give(const Input& input) {
        effects_.clear();
        router_.handle(now_, input, effects_);
    }

    void run_until(TimePoint end) {
        while (router_.next_deadline() <= end)
            next_deadline();
        now_ = end;
    }

    void next_deadline() {
        now_ = std::max(now_, router_.next_deadline());
        give(DeadlineReached{});
    }

    void hear(std::size_t virtual_router, BytesView frame) {
        give(FrameReceived{static_cast<InterfaceId>(virtual_router / 255), frame});
    }

    Frame frame_of(std::size_t virtual_router, std::uint8_t priority) const {
        return Peer{.config = config_.virtual_routers[virtual_router]}.frame(priority);
    }

    std::size_t masters() const {
        const auto& all = router_.virtual_routers();
        return static_cast<std::size_t>(std::count_if(
            all.begin(), all.end(), [](const VirtualRouter& one) { return one.state() == State::master; }));
    }

    std::size_t advertisements() const {
        std::size_t count = 0;
        for (const Effect& effect : effects_) {
            const auto* frame = std::get_if<SendFrame>(&effect);
            count += frame != nullptr && frame->kind == FrameKind::advertisement;
        }
        return count;
    }

    TimePoint now() const { return now_; }
    const Router& router() const { return router_; }

  private:
    RouterConfig config_;
    Router router_;
    Effects effects_;
    TimePoint now_{1s};
};

// A backup of all of them hears one master after the other, each once an interval.
void hear(benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    Bed bed(count, static_cast<std::size_t>(state.range(1)));
    std::vector<Frame> frames;
    for (std::size_t i = 0; i < count; ++i)
        frames.push_back(bed.frame_of(i, 150));
    std::size_t i = 0;
    for (auto _ : state) {
        bed.hear(i, frames[i]);
        if (++i < count) continue;
        i = 0;
        bed.run_until(bed.now() + 1s); // no deadline is on the way
    }
    if (bed.masters() != 0) state.SkipWithError("a backup that hears its master became one");
}

// A master of all of them: each is waked when its next advertisement is due.
void send(benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    Bed bed(count, static_cast<std::size_t>(state.range(1)));
    bed.run_until(bed.now() + 10s);
    // Resignations of a better one, spread over an interval, spread what follows.
    for (std::size_t i = 0; i < count; ++i) {
        bed.run_until(bed.now() + Duration(1s) / count);
        bed.hear(i, bed.frame_of(i, 200));
        bed.hear(i, bed.frame_of(i, 0));
    }
    bed.run_until(bed.now() + 10s);
    if (bed.masters() != count) return state.SkipWithError("not all became master");
    std::size_t sent = 0;
    for (auto _ : state) {
        bed.next_deadline();
        sent += bed.advertisements();
    }
    state.counters["per_advertisement"] = benchmark::Counter(
        static_cast<double>(sent), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

// What atropos --state costs the daemon, and then atropos.
void tell_state(benchmark::State& state) {
    Bed bed(static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1)));
    for (auto _ : state)
        benchmark::DoNotOptimize(json_line(status(bed.router(), bed.now(), {}, Detail::summary)));
}

void show_state(benchmark::State& state) {
    Bed bed(static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1)));
    const std::string line = json_line(status(bed.router(), bed.now(), {}, Detail::summary));
    for (auto _ : state) {
        std::vector<nlohmann::ordered_json> states;
        states.push_back(nlohmann::ordered_json::parse(line));
        const nlohmann::ordered_json all = merged(std::move(states));
        benchmark::DoNotOptimize(state_table(all));
        benchmark::DoNotOptimize(health(all));
    }
    state.counters["bytes"] = static_cast<double>(line.size());
}

void sizes(benchmark::internal::Benchmark* one) {
    one->ArgNames({"virtual_routers", "group_of"})->ArgsProduct({{255, 1000, 4096}, {0, 2}});
}

BENCHMARK(hear)->Apply(sizes);
BENCHMARK(send)->Apply(sizes);
BENCHMARK(tell_state)->Apply(sizes)->Unit(benchmark::kMillisecond);
BENCHMARK(show_state)->Apply(sizes)->Unit(benchmark::kMillisecond);

} // namespace

// The cost of one advertisement: reading, writing, hearing, sending. Run it on an idle machine:
// build/bin/codec_bench --benchmark_min_time=1
#define CATCH_CONFIG_RUNNER // the builders of the unit tests use Catch2's REQUIRE
#include "tests/unit/test_bed.hpp"

#include <benchmark/benchmark.h>

using namespace vrrp;
using namespace vrrp::test;

namespace {

using Frame = std::vector<std::uint8_t>;

Frame frame_of(const VirtualRouterConfig& config) {
    return Peer{.address = ip(config.family == IpFamily::v6 ? "fe80::1" : "10.0.0.1"), .config = config}
        .frame(150);
}

void decode(benchmark::State& state, const VirtualRouterConfig& config) {
    const Frame frame = frame_of(config);
    for (auto _ : state)
        benchmark::DoNotOptimize(wire::decode(frame));
}

void encode(benchmark::State& state, const VirtualRouterConfig& config) {
    const Frame frame = frame_of(config);
    const wire::Advertisement advertisement = wire::decode(frame).value();
    Frame out(frame.size());
    for (auto _ : state) {
        benchmark::DoNotOptimize(wire::encode(advertisement, out));
        benchmark::ClobberMemory();
    }
}

// Frame in, timer set anew: what each advertisement costs a backup.
void hear(benchmark::State& state) {
    Router router(RouterConfig{{gateway()}});
    const Frame frame = frame_of(gateway());
    Effects effects;
    router.handle(TimePoint(1s), InterfaceChanged{InterfaceId{}, working_interface()}, effects);
    router.handle(TimePoint(1s), Started{}, effects);
    for (auto _ : state) {
        effects.clear();
        router.handle(TimePoint(1s), FrameReceived{InterfaceId{}, frame}, effects);
    }
}

// Timer in, frame out: what each advertisement costs a master.
void advertise(benchmark::State& state) {
    Router router(RouterConfig{{gateway(255)}});
    Effects effects;
    router.handle(TimePoint(1s), InterfaceChanged{InterfaceId{}, working_interface()}, effects);
    router.handle(TimePoint(1s), Started{}, effects);
    for (auto _ : state) {
        effects.clear();
        router.handle(router.next_deadline(), DeadlineReached{}, effects);
    }
}

BENCHMARK_CAPTURE(decode, v2, gateway());
BENCHMARK_CAPTURE(decode, v3, gateway_v3());
BENCHMARK_CAPTURE(decode, v3_ipv6, gateway_v6());
BENCHMARK_CAPTURE(encode, v2, gateway());
BENCHMARK_CAPTURE(encode, v3, gateway_v3());
BENCHMARK_CAPTURE(encode, v3_ipv6, gateway_v6());
BENCHMARK(hear);
BENCHMARK(advertise);

} // namespace

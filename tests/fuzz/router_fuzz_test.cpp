// Nothing on the wire can hurt a router: what it refuses changes nothing, and what it accepts keeps it sane.
#include "tests/fuzz/frame_mutator.hpp"
#include "tests/unit/test_bed.hpp"

using namespace vrrp;
using namespace vrrp::fuzz;
using namespace vrrp::test;

namespace {

constexpr int kInputs = 300'000;

std::uint64_t refused(const Router& router) {
    std::uint64_t count = 0;
    const auto& dropped = router.interfaces().front().counters.dropped;
    for (const std::uint64_t one : dropped)
        count += one;
    using enum wire::DropReason;
    for (const auto lasts : {other_addresses, version, destination, authentication, interval_mismatch, owner})
        count -= dropped[static_cast<std::size_t>(lasts)]; // of these a finding is kept
    return count;
}

bool may_hold(const VirtualRouter& one) {
    return one.state() == State::master || one.trying_addresses();
}

// Of each virtual router: it holds its address when it may, and only then.
struct Holdings {
    std::vector<bool> holds;

    void follow(const Effects& effects) {
        for (const Effect& effect : effects) {
            if (const auto* add = std::get_if<AddAddress>(&effect))
                holds[static_cast<std::size_t>(add->virtual_router)] = true;
            if (const auto* remove = std::get_if<RemoveAddress>(&effect))
                holds[static_cast<std::size_t>(remove->virtual_router)] = false;
        }
    }
};

RouterConfig both_versions() {
    VirtualRouterConfig v3 = gateway_v3(100, 100ms);
    v3.vrid = 6;
    return {{gateway(), v3, gateway_v6()}};
}

} // namespace

TEST_CASE("a router lives through hostile frames, late timers and flapping links") {
    const std::vector<Frame> frames = corpus();
    Dice dice(42);
    Router router(both_versions());
    Holdings holdings{std::vector<bool>(router.virtual_routers().size())};
    Effects effects;
    TimePoint now{1s};
    const auto give = [&](const Input& input) {
        effects.clear();
        router.handle(now, input, effects);
        holdings.follow(effects);
    };
    give(InterfaceChanged{InterfaceId{}, working_interface()});
    give(Started{});
    std::size_t changed_nothing = 0;
    for (int i = 0; i < kInputs; ++i) {
        // At most a millisecond a frame, now and then minutes: the process slept.
        now += Duration(dice.below(dice.one_in(5'000) ? 100'000'000'000 : 1'000'000));
        if (router.next_deadline() <= now) give(DeadlineReached{});
        if (dice.one_in(2'000)) {
            InterfaceFacts facts = working_interface();
            facts.carrier = !dice.one_in(3);
            if (dice.one_in(4)) facts.addresses.clear();
            give(InterfaceChanged{InterfaceId{}, facts});
        }
        const Frame frame = dice.one_in(20) ? frames[dice.below(frames.size())] : mutate(frames, dice);
        const Router before = router;
        const std::uint64_t refused_before = refused(router);
        give(FrameReceived{InterfaceId{}, frame});
        if (refused(router) != refused_before) {
            ++changed_nothing;
            REQUIRE(router == before);
        }
        REQUIRE(effects.size() <= 40);
        for (std::size_t v = 0; v < holdings.holds.size(); ++v)
            REQUIRE(holdings.holds[v] == may_hold(router.virtual_routers()[v]));
    }
    CHECK(changed_nothing > kInputs / 10);
    give(Stop{});
    for (const bool holds : holdings.holds)
        CHECK_FALSE(holds);
    CHECK(router.next_deadline() == kNever);
}

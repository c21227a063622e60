// The machine's clock, and that somebody sets it.
#include "backends/runtime/asio_clock.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <optional>
#include <sys/timex.h>

using namespace vrrp;
using namespace std::chrono_literals;

namespace {

struct ClockInbox : Inbox {
    void give(const Input& input) override {
        if (const auto* set = std::get_if<ClockSet>(&input)) ahead = set->ahead;
        if (std::holds_alternative<DeadlineReached>(input)) reached = clock->now();
    }
    const backend::AsioClock* clock = nullptr;
    std::optional<Duration> ahead;
    std::optional<TimePoint> reached;
};

} // namespace

TEST_CASE("what the clock is ahead makes the time of day of it") {
    boost::asio::io_context io;
    ClockInbox inbox;
    const backend::AsioClock clock(io, inbox);
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const Duration told = clock.now().time_since_epoch() + clock.ahead();
    CHECK(told >= now);
    CHECK(told - now < 5s);
}

// By a nanosecond: the kernel tells it like any other change, and the machine is none the worse.
TEST_CASE("that somebody sets the machine's clock is told") {
    boost::asio::io_context io;
    ClockInbox inbox;
    const backend::AsioClock clock(io, inbox);
    io.poll();
    CHECK_FALSE(inbox.ahead);
    timex by_a_little{};
    by_a_little.modes = ADJ_SETOFFSET | ADJ_NANO;
    by_a_little.time.tv_usec = 1; // nanoseconds here
    if (::adjtimex(&by_a_little) < 0) {
        WARN("SKIPPED: the clock cannot be set here");
        return;
    }
    for (const auto end = std::chrono::steady_clock::now() + 5s; !inbox.ahead;) {
        REQUIRE(std::chrono::steady_clock::now() < end);
        io.run_one_for(100ms);
    }
    CHECK(std::chrono::abs(*inbox.ahead - clock.ahead()) < 1s);
}

TEST_CASE("a deadline is given when it has come, and not before: an exact one too") {
    boost::asio::io_context io;
    ClockInbox inbox;
    backend::AsioClock clock(io, inbox);
    inbox.clock = &clock;
    for (const bool exact : {false, true})
        for (const Duration wait : {Duration(-1s), Duration(0), Duration(50us), Duration(5ms)}) {
            INFO((exact ? "exact, " : "") << wait.count() << " ns");
            inbox.reached.reset();
            const TimePoint deadline = clock.now() + wait;
            clock.wake_at(deadline, exact);
            for (const auto end = std::chrono::steady_clock::now() + 5s; !inbox.reached;) {
                REQUIRE(std::chrono::steady_clock::now() < end);
                io.run_one_for(100ms);
            }
            CHECK(*inbox.reached >= deadline);
        }
}

TEST_CASE("a deadline that is taken back, or put off while its timer has run out, is not given") {
    boost::asio::io_context io;
    ClockInbox inbox;
    backend::AsioClock clock(io, inbox);
    inbox.clock = &clock;
    for (const bool exact : {false, true}) {
        clock.wake_at(clock.now() - 1s, exact); // has run out, and nobody has looked yet
        clock.wake_at(exact ? kNever : clock.now() + 1h, exact);
        io.poll();
        CHECK_FALSE(inbox.reached);
    }
}

#include "netsim/engine/event_queue.hpp"

#include <catch2/catch.hpp>

using namespace vrrp;
using namespace vrrp::sim;
using namespace std::chrono_literals;

namespace {

// Notes what it is given, in the order in which it comes.
struct Diary final : Actor {
    void on_event(const QueueEvent& event) override { pages.push_back(event.what); }
    std::vector<std::uint16_t> pages;
};

void run_all(EventQueue& queue) {
    while (queue.run_one(kStart + 1h)) {
    }
}

} // namespace

TEST_CASE("events run in the order of time, whatever the order of pushing") {
    EventQueue queue;
    Diary diary;
    for (const std::uint16_t second : {5, 1, 4, 2, 3, 9, 8, 6, 7})
        queue.push(kStart + std::chrono::seconds(second), EventClass::timer, diary, second);
    run_all(queue);
    CHECK(diary.pages == std::vector<std::uint16_t>{1, 2, 3, 4, 5, 6, 7, 8, 9});
}

TEST_CASE("at one instant faults come before deliveries before timers before commands") {
    EventQueue queue;
    Diary diary;
    queue.push(kStart + 1s, EventClass::command, diary, 4);
    queue.push(kStart + 1s, EventClass::timer, diary, 3);
    queue.push(kStart + 1s, EventClass::delivery, diary, 2);
    queue.push(kStart + 1s, EventClass::fault, diary, 1);
    run_all(queue);
    CHECK(diary.pages == std::vector<std::uint16_t>{1, 2, 3, 4});
}

TEST_CASE("equals run first in, first out") {
    EventQueue queue;
    Diary diary;
    for (std::uint16_t i = 0; i < 100; ++i)
        queue.push(kStart + 1s, EventClass::timer, diary, i);
    run_all(queue);
    CHECK(std::is_sorted(diary.pages.begin(), diary.pages.end()));
    CHECK(diary.pages.size() == 100);
}

TEST_CASE("shuffled, which of the simultaneous comes first is a choice, and 0 is the first pushed") {
    const auto pages = [](const std::vector<Pick>& picks) {
        RecordedChoices choices(picks);
        EventQueue queue;
        queue.shuffle(choices);
        Diary diary;
        for (std::uint16_t i = 1; i <= 3; ++i)
            queue.push(kStart + 1s, EventClass::timer, diary, i);
        run_all(queue);
        return diary.pages;
    };
    CHECK(pages({}) == std::vector<std::uint16_t>{1, 2, 3});
    CHECK(pages({{"order", 0, 2, 3}}) == std::vector<std::uint16_t>{3, 1, 2});
    CHECK(pages({{"order", 0, 1, 3}, {"order", 1, 1, 2}}) == std::vector<std::uint16_t>{2, 3, 1});
}

TEST_CASE("shuffled, what one actor does with one thing keeps its order, and so do faults and commands") {
    SeededChoices choices(1);
    choices.record();
    EventQueue queue;
    queue.shuffle(choices);
    Diary frames, faults;
    for (std::uint16_t i = 0; i < 5; ++i) {
        queue.push(kStart + 1s, EventClass::delivery, frames, 1);
        queue.push(kStart + 1s, EventClass::fault, faults, i);
        queue.push(kStart + 1s, EventClass::command, faults, static_cast<std::uint16_t>(5 + i));
    }
    run_all(queue);
    CHECK(std::is_sorted(faults.pages.begin(), faults.pages.end()));
    CHECK(choices.picks().empty());
}

TEST_CASE("the time stops at the end asked for, and later events wait") {
    EventQueue queue;
    Diary diary;
    queue.push(kStart + 2s, EventClass::timer, diary, 1);
    CHECK_FALSE(queue.run_one(kStart + 1s));
    CHECK(queue.now() == kStart + 1s);
    CHECK(diary.pages.empty());
}

namespace {

struct Sleeper final : Actor {
    explicit Sleeper(EventQueue& queue) : queue(queue), timer(queue, EventClass::timer, *this, 0) {}
    void on_event(const QueueEvent& event) override {
        if (timer.expired(event)) woken.push_back(queue.now() - kStart);
    }
    EventQueue& queue;
    Timer timer;
    std::vector<Duration> woken;
};

} // namespace

TEST_CASE("a timer that is moved later keeps its one queue entry and fires once, at the last deadline") {
    EventQueue queue;
    Sleeper sleeper(queue);
    for (int i = 1; i <= 1000; ++i)
        sleeper.timer.arm(kStart + i * 1ms);
    CHECK(queue.waiting() == 1);
    run_all(queue);
    CHECK(sleeper.woken == std::vector<Duration>{1000ms});
}

TEST_CASE("a timer that is moved earlier fires at the earlier deadline only") {
    EventQueue queue;
    Sleeper sleeper(queue);
    sleeper.timer.arm(kStart + 9s);
    sleeper.timer.arm(kStart + 2s);
    run_all(queue);
    CHECK(sleeper.woken == std::vector<Duration>{2s});
}

TEST_CASE("a timer that is taken back never fires, and can be armed again") {
    EventQueue queue;
    Sleeper sleeper(queue);
    sleeper.timer.arm(kStart + 1s);
    sleeper.timer.arm(kNever);
    queue.run_one(kStart + 2s);
    CHECK(sleeper.woken.empty());
    sleeper.timer.arm(kStart + 3s);
    run_all(queue);
    CHECK(sleeper.woken == std::vector<Duration>{3s});
}

TEST_CASE("a deadline that was overtaken leaves no second entry behind") {
    EventQueue queue;
    Sleeper sleeper(queue);
    sleeper.timer.arm(kStart + 9s);
    sleeper.timer.arm(kStart + 2s);
    while (queue.run_one(kStart + 3s)) {
    }
    sleeper.timer.arm(kStart + 10s);
    CHECK(queue.waiting() == 2); // that of the ninth second is still to come up, to no effect
    while (queue.run_one(kStart + 9500ms)) {
    }
    CHECK(queue.waiting() == 1);
}

TEST_CASE("all orders of what is simultaneous are enumerated, within the budget") {
    const auto orders = [](unsigned reorders) {
        std::vector<std::vector<int>> seen;
        std::vector<EnumeratedChoices::Path> paths{{}};
        for (std::size_t i = 0; i < paths.size(); ++i) {
            EnumeratedChoices choices({.reorders = reorders}, paths[i]);
            EventQueue queue;
            queue.shuffle(choices);
            std::vector<int> order;
            struct Note final : Actor {
                void on_event(const QueueEvent&) override { order->push_back(number); }
                std::vector<int>* order = nullptr;
                int number = 0;
            };
            std::array<Note, 3> notes;
            for (int number = 0; number < 3; ++number) {
                notes[number].order = &order, notes[number].number = number;
                queue.push(kStart + 1s, EventClass::timer, notes[number]);
            }
            run_all(queue);
            seen.push_back(order);
            for (const EnumeratedChoices::Turn& turn : choices.turns()) {
                paths.push_back(paths[i]);
                paths.back().push_back(turn);
            }
        }
        std::ranges::sort(seen);
        CHECK(std::ranges::adjacent_find(seen) == seen.end());
        return seen;
    };
    using Orders = std::vector<std::vector<int>>;
    CHECK(orders(0) == Orders{{0, 1, 2}});
    CHECK(orders(1) == Orders{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {2, 0, 1}});
    CHECK(orders(2) == Orders{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}});
}

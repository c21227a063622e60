#include "netsim/node/fake_scripts.hpp"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace vrrp;
using namespace vrrp::sim;
using namespace std::chrono_literals;

namespace {

using ScriptDiary = std::vector<std::string>;

struct Parent final : ScriptParent {
    void script_began(const ScriptCall& call, unsigned) override { diary.push_back("+" + call.path); }
    void script_ended(const ScriptCall& call, const ScriptOutcome& outcome) override {
        diary.push_back("-" + call.path + (outcome.kind == ScriptOutcome::Kind::dropped ? " dropped" : ""));
        last = outcome;
    }
    void orphan_ended(const ScriptCall& call, const ScriptOutcome&) override {
        diary.push_back("orphan " + call.path);
    }
    ScriptDiary diary;
    ScriptOutcome last;
};

struct Theatre {
    void run(const std::string& name, unsigned virtual_router = 0, ScriptKind kind = ScriptKind::backup) {
        scripts.run({.virtual_router = static_cast<VirtualRouterIndex>(virtual_router),
                     .kind = kind,
                     .path = name,
                     .arguments = {},
                     .environment = {}});
    }
    void pass(Duration time) {
        for (const TimePoint end = queue.now() + time; queue.run_one(end);)
            ;
    }
    EventQueue queue;
    ScriptHabits habits;
    Parent parent;
    FakeScripts scripts{habits, queue, parent};
};

} // namespace

TEST_CASE("scripts of one virtual router run in order, one at a time, and another's beside them") {
    Theatre theatre;
    theatre.run("a");
    theatre.run("b");
    theatre.run("x", 1);
    CHECK(theatre.parent.diary == ScriptDiary{"+a", "+x"});
    theatre.pass(10ms);
    CHECK(theatre.parent.diary == ScriptDiary{"+a", "+x", "-a", "+b", "-x"});
    theatre.pass(10ms);
    CHECK(theatre.parent.diary.back() == "-b");
}

TEST_CASE("a script's exit status is told") {
    Theatre theatre;
    theatre.habits.status = 3;
    theatre.run("a");
    theatre.pass(1s);
    CHECK(theatre.parent.last.kind == ScriptOutcome::Kind::exited);
    CHECK(theatre.parent.last.status == 3);
}

TEST_CASE("an unsafe script is refused when its turn has come, and a safe one runs after it") {
    Theatre theatre;
    theatre.run("a");
    theatre.run("b");
    theatre.habits.unsafe = true;
    theatre.pass(10ms);
    theatre.pass(1ns);
    CHECK(theatre.parent.diary.size() == 3); // +a, -a, and b's refusal
    CHECK(theatre.parent.last.kind == ScriptOutcome::Kind::refused);
    theatre.habits.unsafe = false;
    theatre.run("c");
    theatre.pass(1s);
    CHECK(theatre.parent.diary.back() == "-c");
}

TEST_CASE("a script that takes too long is killed at the limit") {
    Theatre theatre;
    theatre.habits.takes = ScriptRunner::kTimeLimit + 1ns;
    theatre.run("a");
    theatre.pass(ScriptRunner::kTimeLimit - 1ns);
    CHECK(theatre.parent.diary == ScriptDiary{"+a"});
    theatre.pass(1ns);
    CHECK(theatre.parent.last.kind == ScriptOutcome::Kind::timed_out);
}

TEST_CASE("when too many wait the two oldest are dropped, and told so") {
    Theatre theatre;
    theatre.run("running");
    for (std::size_t i = 0; i <= ScriptRunner::kMaxWaiting; ++i)
        theatre.run(fmt::format("{}", i));
    CHECK(theatre.parent.diary == ScriptDiary{"+running"}); // never from within run()
    theatre.pass(1ns);
    CHECK(theatre.parent.diary == ScriptDiary{"+running", "-0 dropped", "-1 dropped"});
    theatre.pass(10ms);
    CHECK(theatre.parent.diary[4] == "+2");
}

TEST_CASE("when too many wait the oldest news goes before the scripts that take turns") {
    Theatre theatre;
    theatre.run("running");
    theatre.run("0");
    theatre.run("fault", 0, ScriptKind::fault);
    theatre.run("news", 0, ScriptKind::notify);
    for (std::size_t i = 3; i <= ScriptRunner::kMaxWaiting; ++i)
        theatre.run(fmt::format("{}", i), 0, ScriptKind::master);
    theatre.pass(1ns);
    CHECK(theatre.parent.diary == ScriptDiary{"+running", "-fault dropped"});
}

TEST_CASE("after an orderly stop the scripts go on to the last one, and nobody is told") {
    Theatre theatre;
    theatre.run("a");
    theatre.run("b");
    theatre.scripts.stopped();
    theatre.run("c"); // of the next start
    theatre.pass(1s);
    CHECK(theatre.parent.diary == ScriptDiary{"+a", "orphan a", "+b", "orphan b", "+c", "-c"});
}

TEST_CASE("after an orderly stop all scripts together have the time that one has") {
    Theatre theatre;
    theatre.habits.takes = 40s;
    theatre.run("a");
    theatre.run("b");
    theatre.run("c");
    theatre.scripts.stopped();
    theatre.pass(ScriptRunner::kTimeLimit + 1ns);
    CHECK(theatre.parent.diary == ScriptDiary{"+a", "orphan a", "+b", "orphan b", "orphan c"});
}

TEST_CASE("after a death what runs goes on, and what waits never runs") {
    Theatre theatre;
    theatre.run("a");
    theatre.run("b");
    theatre.scripts.died();
    theatre.run("c");
    theatre.pass(1s);
    CHECK(theatre.parent.diary == ScriptDiary{"+a", "+c", "orphan a", "-c"});
}

TEST_CASE("without power nothing goes on") {
    Theatre theatre;
    theatre.run("a");
    theatre.run("b");
    theatre.scripts.power_lost();
    theatre.pass(1s);
    CHECK(theatre.parent.diary == ScriptDiary{"+a"});
}

TEST_CASE("a frozen parent notices an end, and begins the next one, when it thaws") {
    Theatre theatre;
    theatre.run("a");
    theatre.run("b");
    theatre.scripts.freeze();
    theatre.pass(1s);
    CHECK(theatre.parent.diary == ScriptDiary{"+a"});
    theatre.scripts.thaw();
    CHECK(theatre.parent.diary == ScriptDiary{"+a", "-a", "+b"});
}

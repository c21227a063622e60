// Scripts as processes.
#include "backends/runtime/runtime_directory.hpp"
#include "backends/scripts/script_process.hpp"
#include "backends/scripts/script_runner.hpp"
#include "tests/backends/test_bed.hpp"

#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

using namespace vrrp;
using namespace vrrp::test;
using Kind = ScriptOutcome::Kind;

namespace {

constexpr VirtualRouterIndex kLan{0}, kWan{1};

struct World {
    explicit World(Duration time_limit = ScriptRunner::kTimeLimit)
        : runner(io, inbox, log.logger, time_limit) {}

    fs::path write(const std::string& name, const std::string& body) {
        const fs::path path = directory / name;
        std::ofstream(path) << "#!/bin/sh\n" << body << "\n";
        REQUIRE(::chmod(path.c_str(), 0755) == 0);
        return path;
    }

    // Outcomes must not come from within run().
    void run(const ScriptCall& call) {
        running = true;
        runner.run(call);
        running = false;
    }
    void run(const fs::path& script, VirtualRouterIndex virtual_router = kLan, bool master = true,
             std::vector<std::string> arguments = {}) {
        run(ScriptCall{virtual_router, kind(master), script, std::move(arguments), {}});
    }
    static ScriptKind kind(bool master) { return master ? ScriptKind::master : ScriptKind::backup; }
    bool await_idle() {
        return await(io, [&] { return runner.idle(); });
    }
    std::string written(const std::string& name) const { return content(directory / name); }
    // As the shell in a script says it.
    std::string file(const std::string& name) const { return (directory / name).string(); }

    TemporaryDirectory directory;
    Log log;
    boost::asio::io_context io;
    TestInbox inbox{[this](const Input& input) {
        CHECK_FALSE(running);
        told.push_back(std::get<ScriptExited>(input));
    }};
    backend::LinuxScriptRunner runner;
    std::vector<ScriptExited> told;
    bool running = false;
};

bool lives(pid_t pid) {
    const std::string stat = content(fmt::format("/proc/{}/stat", pid));
    const std::size_t name_end = stat.rfind(')');
    return name_end != std::string::npos && stat[name_end + 2] != 'Z';
}

pid_t pid_in(const std::string& text) {
    return text.empty() ? 0 : static_cast<pid_t>(std::stoi(text));
}

} // namespace

TEST_CASE("a script gets its arguments and environment, whatever is in them, and nothing of ours") {
    World world;
    ::setenv("OURS", "alone", 1);
    const fs::path script =
        world.write("told.sh", fmt::format("printf '%s\\n' \"$@\" > {}; env > {}", world.file("arguments"),
                                           world.file("environment")));
    world.run(ScriptCall{kLan,
                         ScriptKind::master,
                         script,
                         {"MASTER", "eth0", "$(reboot); 'x'  y", ""},
                         {"VRRP_STATE=master", "VRRP_ADDRESSES=10.0.0.1/24 10.0.0.2/24"}});
    REQUIRE(world.await_idle());
    CHECK(world.written("arguments") == "MASTER\neth0\n$(reboot); 'x'  y\n\n");
    const std::string environment = world.written("environment");
    CHECK_THAT(environment, Catch::Contains("VRRP_STATE=master\n") &&
                                Catch::Contains("VRRP_ADDRESSES=10.0.0.1/24 10.0.0.2/24\n") &&
                                Catch::Contains("PATH=/usr/sbin:/usr/bin:/sbin:/bin\n") &&
                                !Catch::Contains("OURS") && !Catch::Contains("HOME"));
}

TEST_CASE("a script's end is told with its exit status") {
    World world;
    world.run(world.write("fails.sh", "exit 7"), kWan, false);
    CHECK_FALSE(world.runner.idle());
    REQUIRE(world.await_idle());
    REQUIRE(world.told.size() == 1);
    CHECK(world.told[0].virtual_router == kWan);
    CHECK(world.told[0].kind == ScriptKind::backup);
    CHECK(world.told[0].outcome.kind == Kind::exited);
    CHECK(world.told[0].outcome.status == 7);
}

TEST_CASE("a script that a signal ends is told so") {
    World world;
    world.run(world.write("dies.sh", "kill -TERM $$"));
    REQUIRE(world.await_idle());
    CHECK(world.told.at(0).outcome.kind == Kind::signalled);
    CHECK(world.told.at(0).outcome.status == SIGTERM);
}

TEST_CASE("a runner hears of its scripts' ends although it was started with SIGCHLD ignored") {
    std::signal(SIGCHLD, SIG_IGN);
    World world;
    world.run(world.write("fails.sh", "exit 3"));
    REQUIRE(world.await_idle());
    CHECK(world.told.at(0).outcome.kind == Kind::exited);
    CHECK(world.told.at(0).outcome.status == 3);
}

TEST_CASE("scripts of one virtual router run one at a time, in order") {
    World world;
    const fs::path script = world.write(
        "order.sh", fmt::format("echo begin $1 >> {0}; sleep 0.02; echo end $1 >> {0}", world.file("order")));
    std::string expected;
    for (int i = 0; i < 5; ++i) {
        world.run(script, kLan, i % 2 == 0, {std::to_string(i)});
        expected += fmt::format("begin {0}\nend {0}\n", i);
    }
    REQUIRE(world.await_idle());
    CHECK(world.written("order") == expected);
    REQUIRE(world.told.size() == 5);
    for (int i = 0; i < 5; ++i)
        CHECK(world.told[static_cast<std::size_t>(i)].kind == World::kind(i % 2 == 0));
}

TEST_CASE("a script of one virtual router does not wait for another one's") {
    World world;
    // Each waits for the other's file: one after the other they would never end.
    const fs::path script =
        world.write("meet.sh", fmt::format("touch {0}/$1; until [ -e {0}/$2 ]; do sleep 0.01; done",
                                           world.directory.path().string()));
    world.run(script, kLan, true, {"lan", "wan"});
    world.run(script, kWan, true, {"wan", "lan"});
    REQUIRE(world.await_idle());
    CHECK(world.told.size() == 2);
}

TEST_CASE("what waits too long for its turn goes in pairs, so that scripts go on taking turns") {
    World world;
    const fs::path script =
        world.write("turns.sh", fmt::format("echo $1 >> {}; until [ -e {} ]; do sleep 0.01; done",
                                            world.file("turns"), world.file("go")));
    for (std::size_t i = 0; i < 1 + ScriptRunner::kMaxWaiting + 1; ++i)
        world.run(script, kLan, i % 2 == 0, {std::to_string(i)});
    CHECK(world.told.empty());
    REQUIRE(await(world.io, [&] { return world.told.size() == 2; }));
    for (const auto& told : world.told)
        CHECK(told.outcome.kind == Kind::dropped);
    CHECK(world.told[0].kind == ScriptKind::backup); // the first that waited
    CHECK(world.told[1].kind == ScriptKind::master);

    std::ofstream(world.directory / "go") << "";
    REQUIRE(world.await_idle());
    CHECK(world.written("turns") == "0\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n17\n");
}

TEST_CASE("what waits too long goes by what it is worth: the oldest news first") {
    World world;
    const fs::path script =
        world.write("turns.sh", fmt::format("echo $1 >> {}; until [ -e {} ]; do sleep 0.01; done",
                                            world.file("turns"), world.file("go")));
    world.run(script, kLan, true, {"0"});
    for (std::size_t i = 1; i <= ScriptRunner::kMaxWaiting; ++i)
        world.run(ScriptCall{
            kLan, i == 3 ? ScriptKind::notify : ScriptKind::stop, script, {std::to_string(i)}, {}});
    world.run(script, kLan, false, {"last"});
    REQUIRE(await(world.io, [&] { return world.told.size() == 1; }));
    CHECK(world.told[0].kind == ScriptKind::notify);
    CHECK(world.told[0].outcome.kind == Kind::dropped);
    std::ofstream(world.directory / "go") << "";
    REQUIRE(world.await_idle());
    CHECK(world.written("turns") == "0\n1\n2\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\nlast\n");
}

TEST_CASE("a daemon that asks for another script when one has ended gets it after those that wait") {
    World world;
    const fs::path script = world.write("order.sh", fmt::format("echo $1 >> {}", world.file("order")));
    world.inbox.on_input = [&](const Input&) {
        if (world.told.empty()) world.run(script, kLan, true, {"3"});
        world.told.push_back({});
    };
    world.run(script, kLan, true, {"1"});
    world.run(script, kLan, true, {"2"});
    REQUIRE(await(world.io, [&] { return world.told.size() == 3; }));
    CHECK(world.written("order") == "1\n2\n3\n");
}

TEST_CASE("a script beyond its time is killed with what it started") {
    World world(100ms);
    world.run(world.write("hangs.sh",
                          fmt::format("sleep 300 & echo $! > {}; trap '' TERM; wait", world.file("child"))));
    REQUIRE(world.await_idle());
    CHECK(world.told.at(0).outcome.kind == Kind::timed_out);
    const pid_t child = pid_in(world.written("child"));
    REQUIRE(child > 0);
    CHECK(await(world.io, [&] { return !lives(child); }));
}

TEST_CASE("what a script leaves running in the background neither delays its end nor dies with it") {
    World world;
    // It writes when its script has ended: a pipe that we had closed would kill it.
    world.run(
        world.write("leaves.sh", fmt::format("(until [ -e {} ]; do sleep 0.01; done; echo late; touch {}) &",
                                             world.file("go"), world.file("done"))));
    REQUIRE(world.await_idle());
    CHECK(world.told.at(0).outcome.kind == Kind::exited);
    std::ofstream(world.directory / "go") << "";
    CHECK(await(world.io, [&] { return fs::exists(world.directory / "done"); }));
    CHECK(world.log.lines().empty());
}

TEST_CASE("the way out waits for scripts, and for those that wait for them") {
    World world;
    const fs::path script = world.write("slow.sh", fmt::format("sleep 0.02; echo >> {}", world.file("ran")));
    world.run(script);
    world.run(script);
    world.io.stop(); // as by the signal that ends the daemon
    world.runner.wait_until_idle();
    CHECK(world.runner.idle());
    CHECK(world.written("ran") == "\n\n");
    CHECK(world.told.size() == 2);
}

TEST_CASE("the way out waits for all scripts together as long as for one") {
    World world(300ms);
    const fs::path script =
        world.write("hangs.sh", fmt::format("echo $1 >> {}; sleep 300", world.file("began")));
    world.run(script, kLan, true, {"first"});
    world.run(script, kLan, false, {"second"});
    world.run(script, kLan, true, {"third"});
    REQUIRE(await(world.io, [&] { return world.written("began") == "first\n"; }));
    world.runner.wait_until_idle();
    CHECK(world.runner.idle());
    world.io.restart();
    while (world.io.poll() != 0) {
    }
    REQUIRE(world.told.size() == 3);
    CHECK(world.told[0].outcome.kind == Kind::timed_out);
    CHECK(std::ranges::count(world.told, Kind::dropped,
                             [](const ScriptExited& one) { return one.outcome.kind; }) == 1);
    CHECK(world.written("began").find("third") == std::string::npos);
}

TEST_CASE("a script that is not safe is refused at every run, not only at the start") {
    World world;
    const fs::path script = world.write("changes.sh", fmt::format("echo >> {}", world.file("ran")));
    world.run(script);
    REQUIRE(world.await_idle());
    REQUIRE(::chmod(script.c_str(), 0777) == 0);
    world.run(script);
    CHECK_FALSE(world.runner.idle());
    REQUIRE(world.await_idle());
    CHECK(world.written("ran") == "\n");
    CHECK(world.told.at(1).outcome.kind == Kind::refused);
    CHECK_THAT(std::string(world.told.at(1).outcome.error.view()),
               Catch::StartsWith("can be written by others: "));
}

TEST_CASE("a file that the kernel cannot run is refused") {
    World world;
    const fs::path script = world.directory / "text";
    std::ofstream(script) << "no interpreter is named\n";
    REQUIRE(::chmod(script.c_str(), 0755) == 0);
    world.run(script);
    REQUIRE(world.await_idle());
    CHECK(world.told.at(0).outcome.kind == Kind::refused);
    CHECK_THAT(std::string(world.told.at(0).outcome.error.view()),
               Catch::StartsWith("its first line does not say what runs it; add #!/bin/sh: "));
}

TEST_CASE("a script inherits no descriptor, no signal setting, no directory and no priority of ours") {
    World world;
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t blocked, before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    ::sigprocmask(SIG_BLOCK, &blocked, &before);
    const backend::FileDescriptor leak(::open("/dev/null", O_RDONLY)); // without O_CLOEXEC
    const backend::FileDescriptor far_leak(::dup2(leak.get(), 200));
    const bool privileged = ::setpriority(PRIO_PROCESS, 0, -5) == 0;
    const sched_param no_priority{};
    REQUIRE(::sched_setscheduler(0, SCHED_BATCH, &no_priority) == 0); // real-time is not everybody's to have
    world.run(world.write("looks.sh", fmt::format("ls -1 /proc/$$/fd > {0}/descriptors\n"
                                                  "readlink /proc/$$/fd/0 > {0}/input\n"
                                                  "pwd > {0}/directory\n"
                                                  "cut -d ' ' -f 1,5,19,41 /proc/$$/stat > {0}/process",
                                                  world.directory.path().string())));
    // A shell mends its signals itself.
    world.run("/bin/grep", kWan, true, {"-E", "Sig(Blk|Ign)", "/proc/self/status"});
    REQUIRE(::sched_setscheduler(0, SCHED_OTHER, &no_priority) == 0);
    if (privileged) ::setpriority(PRIO_PROCESS, 0, 0);
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    std::signal(SIGPIPE, SIG_DFL);
    REQUIRE(world.await_idle());
    // What a shell opens for itself it puts at 10 and above.
    CHECK_THAT(world.written("descriptors"),
               Catch::Matches("0\n1\n(1[0-9]\n)*2\n(255\n)?", Catch::CaseSensitive::Yes));
    CHECK(world.written("input") == "/dev/null\n");
    CHECK(world.written("directory") == "/\n");
    int pid = 0, group = 0, nice = 99, policy = 99;
    std::istringstream(world.written("process")) >> pid >> group >> nice >> policy;
    CHECK(group == pid);
    CHECK(nice == 0);
    CHECK(policy == SCHED_OTHER);
    // glibc keeps signals 32 and 33 for itself.
    CHECK_THAT(world.log.text.str(),
               Catch::Matches(".*SigBlk: 0{16}\n.*SigIgn: 0{7}[01][08]0{7}\n", Catch::CaseSensitive::Yes));
}

TEST_CASE("what a script writes is logged, with its name") {
    World world;
    const fs::path script = world.write("says.sh", "echo all is well; printf 'no \\033[31mcolour' >&2");
    world.run(script, kLan, true, {"MASTER", "eth0", "51", "10.0.0.1/24"});
    REQUIRE(world.await_idle());
    CHECK(world.log.lines() ==
          std::vector<std::string>{fmt::format("script {} MASTER eth0 51: all is well", script.string()),
                                   fmt::format("script {} MASTER eth0 51: no  [31mcolour", script.string())});
}

TEST_CASE("a script that writes without end floods no log, and is not held by us") {
    World world;
    world.run(world.write("floods.sh", "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i + 1)); done"));
    REQUIRE(world.await_idle());
    CHECK(world.told.at(0).outcome.kind == Kind::exited);
    REQUIRE(world.log.lines().size() == 21);
    CHECK_THAT(world.log.lines().back(), Catch::EndsWith(": 19980 more lines"));
}

TEST_CASE("a runner that goes leaves its script running, and nothing of it is touched afterwards") {
    TemporaryDirectory directory;
    Log log;
    boost::asio::io_context io;
    TestInbox inbox([](const Input&) { FAIL("nobody is there to be told"); });
    auto runner = std::make_unique<backend::LinuxScriptRunner>(io, inbox, log.logger);
    const fs::path script = directory / "waits.sh";
    std::ofstream(script) << fmt::format(
        "#!/bin/sh\necho $$ > {0}/pid\nuntil [ -e {0}/go ]; do sleep 0.01; done\n",
        directory.path().string());
    REQUIRE(::chmod(script.c_str(), 0755) == 0);
    runner->run(ScriptCall{kLan, ScriptKind::master, script, {}, {}});
    runner.reset();
    pid_t pid = 0;
    REQUIRE(await(io, [&] { return (pid = pid_in(content(directory / "pid"))) > 0; }));
    std::ofstream(directory / "go") << "";
    CHECK(await(io, [&] { return ::kill(pid, 0) != 0; })); // reaped: its end was handled
}

// --- As another user

namespace {

// What a script sees of itself, as the user `nobody` with two more groups.
std::string identity(World& world, const std::string& body) {
    REQUIRE(::chmod(world.directory.path().c_str(), 0755) == 0);
    REQUIRE(::chmod(world.write("who.sh", body).c_str(), 0755) == 0);
    world.run(
        ScriptCall{kLan, ScriptKind::master, world.file("who.sh"), {}, {"VRRP_STATE=master"}, "nobody"});
    REQUIRE(world.await_idle());
    return world.log.text.str();
}

} // namespace

TEST_CASE("a script runs as its user, with that one's groups, environment and no capability") {
    if (::geteuid() != 0) return; // only root can be another
    World world;
    const std::string said =
        identity(world, "id -un; id -Gn; grep -E '^Cap(Prm|Eff|Amb)' /proc/self/status; env | "
                        "grep -v ^PWD= | sort");
    for (const char* line :
         {": nobody\n", ": nogroup\n", "CapPrm: 0000000000000000\n", "CapEff: 0000000000000000\n",
          "CapAmb: 0000000000000000\n", ": HOME=/nonexistent\n", ": LOGNAME=nobody\n", ": USER=nobody\n",
          ": SHELL=/usr/sbin/nologin\n", ": VRRP_STATE=master\n", ": PATH=/usr/sbin:/usr/bin:/sbin:/bin\n"})
        CHECK_THAT(said, Catch::Contains(line));
    CHECK(world.told.at(0).outcome.kind == Kind::exited);
    CHECK(::geteuid() == 0);
}

TEST_CASE("a process gets every group of its user, and none of ours") {
    if (::geteuid() != 0) return;
    const TemporaryDirectory directory;
    const backend::ScriptUser user{.name = "alice",
                                   .home = "/",
                                   .shell = "/bin/sh",
                                   .uid = 4711,
                                   .gid = 4712,
                                   .groups = {4712, 4713, 4714}};
    const fs::path out = directory / "out";
    const backend::FileDescriptor output(::open(out.c_str(), O_CREAT | O_WRONLY, 0600));
    const ScriptCall call{kLan, ScriptKind::master, "/usr/bin/id", {}, {}, "alice"};
    const auto process = backend::start_process("/usr/bin/id", call, &user, output.get());
    REQUIRE(process);
    int status = -1;
    REQUIRE(::waitpid(process->pid, &status, 0) == process->pid);
    CHECK(status == 0);
    CHECK(content(out) == "uid=4711 gid=4712 groups=4712,4713,4714\n");
    CHECK_FALSE(backend::why_not_started(process->report, call));
}

TEST_CASE("a user that does not exist, or that may not run the script, is told as refused") {
    World world;
    world.run(ScriptCall{kLan, ScriptKind::master, world.write("up.sh", ""), {}, {}, "no-such-user"});
    REQUIRE(world.await_idle());
    CHECK(world.told.at(0).outcome.kind == Kind::refused);
    CHECK(std::string(world.told.at(0).outcome.error.view()) == "there is no user 'no-such-user'");
    REQUIRE_FALSE(world.runner.learn_user("no-such-user"));
    REQUIRE(world.runner.learn_user("nobody"));
    world.run(
        ScriptCall{kLan, ScriptKind::master, world.file("up.sh"), {}, {}, "nobody"}); // its directory is ours
    REQUIRE(world.await_idle());
    CHECK_THAT(std::string(world.told.at(1).outcome.error.view()),
               Catch::StartsWith("user nobody may not enter it"));
}

TEST_CASE("the user database is asked for all groups of a user") {
    const auto root = backend::find_user("root");
    REQUIRE(root);
    CHECK(root->uid == 0);
    CHECK(root->home == "/root");
    CHECK(std::ranges::find(root->groups, gid_t{0}) != root->groups.end());
    CHECK(backend::has_user("root"));
    CHECK_FALSE(backend::has_user("no-such-user"));
    CHECK_FALSE(backend::has_user(""));
}

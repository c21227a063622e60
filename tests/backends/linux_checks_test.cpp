// Checks on a real machine, as far as they need no network.
#include "backends/checks/linux_checks.hpp"
#include "tests/backends/test_bed.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <csignal>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>

using namespace vrrp;
using namespace vrrp::test;

namespace {

namespace asio = boost::asio;

TrackConfig port(const char* address, std::uint16_t number, Duration timeout = 20s) {
    return {.name = "port",
            .check = TcpCheck{IpAddress::parse(address).value(), number},
            .interval = 1s,
            .timeout = timeout};
}

struct World {
    TrackConfig script(const std::string& body, std::vector<std::string> arguments = {}) const {
        const fs::path path = directory / "check.sh";
        std::ofstream(path) << "#!/bin/sh\n" << body << "\n";
        REQUIRE(::chmod(path.c_str(), 0755) == 0);
        return {.name = "web",
                .check = ScriptCheck{path.string(), std::move(arguments)},
                .interval = 1s,
                .timeout = 20s};
    }

    // Results must not come from within start().
    void start(const TrackConfig& config) {
        starting = true;
        checks->start(TrackIndex{3}, config);
        starting = false;
    }
    Checked result_of(const TrackConfig& config) {
        start(config);
        REQUIRE(await(io, [&] { return !told.empty(); }));
        REQUIRE(told.size() == 1);
        return std::exchange(told, {}).front();
    }
    std::string written(const std::string& name) const { return content(directory / name); }
    std::string file(const std::string& name) const { return (directory / name).string(); }

    TemporaryDirectory directory;
    boost::asio::io_context io;
    TestInbox inbox{[this](const Input& input) {
        CHECK_FALSE(starting);
        told.push_back(std::get<Checked>(input));
    }};
    std::unique_ptr<backend::LinuxChecks> checks = std::make_unique<backend::LinuxChecks>(io, inbox);
    std::vector<Checked> told;
    bool starting = false;
};

bool lives(pid_t pid) {
    const std::string stat = content(fmt::format("/proc/{}/stat", pid));
    const std::size_t name_end = stat.rfind(')');
    return name_end != std::string::npos && stat[name_end + 2] != 'Z';
}

} // namespace

TEST_CASE("a check passes when its program exits with status 0, and its status is the reason") {
    World world;
    const Checked good = world.result_of(world.script("exit 0"));
    CHECK(good.track == TrackIndex{3});
    CHECK(good.ok);
    CHECK(good.reason == "exit status 0");
    const Checked bad = world.result_of(world.script("exit 7"));
    CHECK_FALSE(bad.ok);
    CHECK(bad.reason == "exit status 7");
    const Checked signalled = world.result_of(world.script("kill -9 $$"));
    CHECK_FALSE(signalled.ok);
    CHECK(signalled.reason == "ended by signal 9");
}

TEST_CASE("a check's program gets its arguments and its name, and what it writes blocks nothing") {
    World world;
    const Checked result = world.result_of(
        world.script(fmt::format("printf '%s\\n' \"$@\" \"$VRRP_CHECK\" > {}; head -c 1000000 /dev/zero",
                                 world.file("told")),
                     {"80", "a b", "$(reboot)"}));
    CHECK(result.ok);
    CHECK(world.written("told") == "80\na b\n$(reboot)\nweb\n");
}

TEST_CASE("a check that takes too long fails, and is killed with all that it started") {
    World world;
    TrackConfig config = world.script(fmt::format("sleep 1000 & echo $! > {}; wait", world.file("pid")));
    config.timeout = 300ms;
    const Checked result = world.result_of(config);
    CHECK_FALSE(result.ok);
    CHECK(result.reason == "it took longer than 300 ms");
    const pid_t child = std::stoi(world.written("pid"));
    CHECK(await(world.io, [&] { return !lives(child); }));
}

TEST_CASE("a check's program runs as its user, and is refused where that is another's to replace") {
    if (::geteuid() != 0) {
        WARN("SKIPPED: it takes root to become another user");
        return;
    }
    World world;
    REQUIRE(::chmod(world.directory.path().c_str(), 0755) == 0);
    TrackConfig config = world.script("[ \"$(id -un)\" = nobody ]");
    CHECK_FALSE(world.result_of(config).ok);
    std::get<ScriptCheck>(config.check).user = "nobody";
    CHECK(world.result_of(config).reason == "exit status 0");
    REQUIRE(::chmod(world.file("check.sh").c_str(), 0700) == 0);
    CHECK_THAT(world.result_of(config).reason, Catch::StartsWith("not run: "));
    std::get<ScriptCheck>(config.check).user = "no-such-user";
    CHECK(world.result_of(config).reason == "not run: there is no user 'no-such-user'");
    CHECK(world.checks->learn_user("nobody"));
    CHECK_FALSE(world.checks->learn_user("no-such-user"));
}

TEST_CASE("a check's program that others could replace is not run, and the check fails") {
    World world;
    const TrackConfig config = world.script("touch " + world.file("ran"));
    REQUIRE(::chmod(world.file("check.sh").c_str(), 0777) == 0);
    const Checked result = world.result_of(config);
    CHECK_FALSE(result.ok);
    CHECK_THAT(result.reason, Catch::StartsWith("not run: can be written by others: "));
    CHECK_FALSE(fs::exists(world.directory / "ran"));
}

TEST_CASE("a check that runs ends with the checks, and tells nothing") {
    World world;
    world.start(world.script(fmt::format("echo $$ > {}; sleep 1000", world.file("pid"))));
    REQUIRE(await(world.io, [&] { return world.written("pid").ends_with('\n'); }));
    const pid_t pid = std::stoi(world.written("pid"));
    world.checks.reset();
    CHECK(await(world.io, [&] { return !lives(pid); }));
    CHECK(world.told.empty());
}

TEST_CASE("a port that accepts passes, and one that refuses fails with its reason") {
    World world;
    for (const char* address : {"127.0.0.1", "::1"}) {
        asio::ip::tcp::acceptor listener(world.io, {asio::ip::make_address(address), 0});
        const std::uint16_t number = listener.local_endpoint().port();
        const Checked open = world.result_of(port(address, number));
        CHECK(open.ok);
        CHECK(open.reason == "it accepts");
        asio::ip::tcp::socket peer(world.io);
        listener.accept(peer); // nothing is said, and it is closed again
        char byte;
        boost::system::error_code error;
        CHECK(peer.read_some(asio::buffer(&byte, 1), error) == 0);
        CHECK(error == asio::error::eof);
        listener.close();
        const Checked closed = world.result_of(port(address, number));
        CHECK_FALSE(closed.ok);
        CHECK(closed.reason == "Connection refused");
    }
}

TEST_CASE("a port that does not answer fails at the timeout") {
    World world;
    asio::ip::tcp::acceptor listener(world.io);
    listener.open(asio::ip::tcp::v4());
    listener.bind({asio::ip::make_address("127.0.0.1"), 0});
    listener.listen(0);
    const auto end = listener.local_endpoint();
    std::vector<asio::ip::tcp::socket> full; // the kernel drops what comes beyond the queue
    for (int i = 0; i < 4; ++i) {
        full.emplace_back(world.io);
        full.back().async_connect(end, [](boost::system::error_code) {});
    }
    const Checked result = world.result_of(port("127.0.0.1", end.port(), 200ms));
    CHECK_FALSE(result.ok);
    CHECK(result.reason == "no answer within 200 ms");
}

TEST_CASE("the number in a file is told when it changes, however it is changed") {
    World world;
    const std::string path = world.file("weight");
    const auto write = [](const std::string& file, const std::string& text) { std::ofstream(file) << text; };
    const auto next = [&] {
        REQUIRE(await(world.io, [&] { return !world.told.empty(); }));
        const Checked result = world.told.front();
        world.told.erase(world.told.begin());
        return result;
    };
    world.start({.name = "by-hand", .check = FileCheck{path}});
    const Checked missing = next();
    CHECK_FALSE(missing.ok);
    CHECK_THAT(missing.reason, Catch::StartsWith("No such file or directory: "));
    write(path, "-30\n");
    const Checked first = next();
    CHECK(first.ok);
    CHECK(first.number == -30);
    CHECK(first.reason == "it says -30");
    write(world.file("other"), "-20");
    write(world.file("new"), " ");
    write(world.file("new"), "+40\n");
    fs::rename(world.file("new"), path);
    CHECK(next().number == 40); // and nothing of the other files
    for (const char* nonsense : {"", "5x", "254", "-254", "1 2", "12345678901234567890123456789012345678"}) {
        INFO(nonsense);
        write(path, nonsense);
        REQUIRE(await(world.io, [&] { return !world.told.empty() && !world.told.back().ok; }));
        CHECK_THAT(world.told.back().reason, Catch::StartsWith("no number from -253 to 253 is in it: "));
        write(path, "7");
        REQUIRE(await(world.io, [&] { return world.told.back().number == 7; }));
        world.told.clear();
    }
    fs::remove(path);
    CHECK_FALSE(next().ok);
}

TEST_CASE("a file whose directory comes and goes is found again") {
    World world;
    const fs::path directory = world.directory / "run";
    world.start({.name = "by-hand", .check = FileCheck{(directory / "weight").string()}});
    REQUIRE(await(world.io, [&] { return !world.told.empty(); }));
    CHECK_FALSE(world.told.back().ok);
    for (int round = 0; round < 2; ++round) {
        fs::create_directory(directory);
        std::ofstream(directory / "weight") << "5";
        CHECK(await(world.io, [&] { return world.told.back().number == 5; }));
        fs::remove_all(directory);
        CHECK(await(world.io, [&] { return !world.told.back().ok; }));
    }
}

namespace {

TrackConfig ping(const char* address, std::string interface = {}) {
    return {.name = "gateway",
            .check = PingCheck{IpAddress::parse(address).value(), std::move(interface)},
            .interval = 1s,
            .timeout = 20s};
}

} // namespace

TEST_CASE("an address that answers passes, and one without a way fails at once") {
    World world;
    if (::geteuid() != 0) {
        WARN("SKIPPED: raw sockets are root's");
        return;
    }
    for (const char* address : {"127.0.0.1", "::1"})
        for (const char* interface : {"", "lo"}) {
            INFO(address << " from " << interface);
            const Checked result = world.result_of(ping(address, interface));
            CHECK(result.ok);
            CHECK(result.reason == "it answers");
        }
    for (const char* address : {"127.0.0.1", "::1"})
        for (const bool neighbour : {false, true}) {
            TrackConfig config = ping(address, "no-such-device");
            std::get<PingCheck>(config.check).neighbour = neighbour;
            const Checked nowhere = world.result_of(config);
            CHECK_FALSE(nowhere.ok);
            CHECK(nowhere.reason == "no-such-device: No such device");
        }
}

TEST_CASE("what is stopped tells nothing more, and may be started anew") {
    World world;
    std::ofstream(world.file("weight")) << "5";
    const TrackConfig by_hand{.name = "by-hand", .check = FileCheck{world.file("weight")}};
    world.start(by_hand);
    world.checks->stop(TrackIndex{3}); // before its first result
    world.io.restart();
    world.io.run(); // it ends when nothing is left to wait for
    CHECK(world.told.empty());
    CHECK(world.result_of(by_hand).number == 5);
    std::ofstream(world.file("weight")) << "6"; // what it hears waits
    world.checks->stop(TrackIndex{3});
    world.io.restart();
    world.io.run();
    CHECK(world.told.empty());
    CHECK(world.result_of(by_hand).number == 6);
    if (::geteuid() != 0) return; // raw sockets are root's
    world.start(ping("127.0.0.1"));
    world.checks->stop(TrackIndex{3});
    world.io.restart();
    world.io.run();
    CHECK(world.told.empty());
}

TEST_CASE("pings that are under way when the checks go tell nothing") {
    World world;
    if (::geteuid() != 0) {
        WARN("SKIPPED: raw sockets are root's");
        return;
    }
    world.start(ping("127.0.0.1"));
    world.checks.reset();
    world.io.restart();
    world.io.run_for(1s); // it ends when nothing is left to wait for
    CHECK(world.told.empty());
    CHECK(world.io.stopped());
}

namespace {

// A program with a name of its own, that runs until it is told otherwise.
class Program {
  public:
    Program(const TemporaryDirectory& directory, const std::string& name) : path_(directory / name) {
        fs::copy_file("/bin/sleep", path_, fs::copy_options::overwrite_existing);
    }
    ~Program() { end(); }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    void start() {
        pid_ = ::fork();
        if (pid_ != 0) return;
        ::execl(path_.c_str(), path_.c_str(), "1000", nullptr);
        ::_exit(127);
    }
    pid_t pid() const { return pid_; }
    void kill() const { ::kill(pid_, SIGKILL); } // it stays as a zombie
    void end() {
        if (pid_ == 0) return;
        kill();
        ::waitpid(pid_, nullptr, 0);
        pid_ = 0;
    }

  private:
    fs::path path_;
    pid_t pid_ = 0;
};

} // namespace

TEST_CASE("a program's beginnings and ends are seen by its name, and no other program's") {
    World world;
    const std::string name = fmt::format("vrrp-{}", ::getpid() % 10000);
    Program program(world.directory, name), other(world.directory, name + "x");
    const auto last = [&](bool ok) {
        return await(world.io, [&] { return !world.told.empty() && world.told.back().ok == ok; });
    };
    world.start({.name = "bird", .check = ProcessCheck{.name = name}});
    REQUIRE(last(false));
    CHECK(world.told.back().reason == "no process is called " + name);
    other.start();
    for (int round = 0; round < 2; ++round) {
        program.start();
        REQUIRE(last(true));
        CHECK(world.told.back().reason == fmt::format("it runs as process {}", program.pid()));
        program.kill();
        REQUIRE(last(false));
        program.end();
    }
    CHECK(world.told.size() == 5);
    program.start();
    REQUIRE(last(true));
    const TemporaryDirectory elsewhere;
    Program second(elsewhere, name);
    second.start();
    program.kill(); // the other one counts from now on
    CHECK(await(world.io, [&] {
        return world.told.back().reason == fmt::format("it runs as process {}", second.pid());
    }));
    CHECK(world.told.back().ok);
}

TEST_CASE("the process of a pid file is seen when the file is written, and when it ends") {
    World world;
    Program program(world.directory, "vrrp-pid");
    const auto last = [&](bool ok) {
        return await(world.io, [&] { return !world.told.empty() && world.told.back().ok == ok; });
    };
    program.start();
    world.start({.name = "bird", .check = ProcessCheck{.pid_file = world.file("pid")}});
    REQUIRE(last(false));
    CHECK(world.told.back().reason == "no process is the one of " + world.file("pid"));
    std::ofstream(world.file("pid")) << program.pid() << "\n";
    REQUIRE(last(true));
    program.kill();
    REQUIRE(last(false));
    program.end();
    program.start();
    std::ofstream(world.file("pid")) << program.pid();
    REQUIRE(last(true));
    fs::remove(world.file("pid"));
    REQUIRE(last(false));
    std::ofstream(world.file("pid")) << "-1";
    world.checks.reset();
    world.told.clear();
    world.io.restart();
    world.io.run_for(1s); // it ends when nothing is left to wait for
    CHECK(world.io.stopped());
    CHECK(world.told.empty());
}

// Checks that are programs.
#include "backends/checks/linux_checks.hpp"
#include "tests/backends/test_bed.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <csignal>
#include <fmt/format.h>
#include <sys/stat.h>

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

// atropos and its socket; the daemon as a daemon.
#include "tests/binaries.hpp"
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/gateway_pair.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

const std::string kLine = "-i eth0 -v 5 --protocol 3 -d 0.1 10.99.0.254";

// A client that does not keep the rules.
class RudeClient {
  public:
    explicit RudeClient(const std::filesystem::path& path)
        : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un to{};
        to.sun_family = AF_UNIX;
        path.string().copy(to.sun_path, sizeof to.sun_path - 1);
        REQUIRE(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
    }
    ~RudeClient() { ::close(fd_); }
    void say(const std::string& text) const {
        (void)!::send(fd_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    std::string hear() const {
        char text[4096];
        const ssize_t size = ::recv(fd_, text, sizeof text, 0);
        return {text, size > 0 ? static_cast<std::size_t>(size) : 0};
    }

  private:
    int fd_;
};

// What a syslog daemon would get.
class SyslogSocket {
  public:
    explicit SyslogSocket(const std::filesystem::path& path)
        : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        path.string().copy(at.sun_path, sizeof at.sun_path - 1);
        REQUIRE(::bind(fd_, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0);
    }
    ~SyslogSocket() { ::close(fd_); }
    // Everything until now.
    const std::string& heard() {
        char text[4096];
        for (ssize_t size; (size = ::recv(fd_, text, sizeof text, MSG_DONTWAIT)) > 0;)
            heard_.append(text, static_cast<std::size_t>(size)) += '\n';
        return heard_;
    }

  private:
    int fd_;
    std::string heard_;
};

int daemon_pid(const std::string& directory) {
    int pid = 0;
    std::ifstream(directory + "/vrrpd_eth0_5.pid") >> pid;
    return pid;
}

} // namespace

TEST_CASE("the parent of a daemon returns when the daemon works, and with its status") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    const std::string directory = pair.r1.directory().string();
    const CommandResult started =
        pair.r1.space().run(std::string(kVrrpdBinary) + " -f " + directory + " " + kLine);
    CHECK(started.output.empty());
    REQUIRE(started.status == 0);
    CHECK(pair.r1.state().contains("state")); // at once: no waiting
    const int pid = daemon_pid(directory);
    REQUIRE(pid > 0);
    CHECK(await(10s, [&] { return pair.r1.is("master"); }));
    REQUIRE(::kill(pid, SIGTERM) == 0);
    CHECK(await(10s, [&] { return ::kill(pid, 0) != 0; }));
    CHECK(run_command("ls " + directory).output.empty());
}

TEST_CASE("a daemon tells syslog, as LOCAL1, what it decides and why") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    const std::string directory = pair.r1.directory().string();
    SyslogSocket syslog(pair.files.path() / "log");
    // `ip netns exec` gives a command mounts of its own: there, /dev/log is ours.
    pair.r1.space().must("mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 3 && ln -s " +
                         (pair.files.path() / "log").string() + " /dev/log && " + kVrrpdBinary + " -f " +
                         directory + " " + kLine);
    const int pid = daemon_pid(directory);
    REQUIRE(pid > 0);
    const std::string from = "vrrpd[" + std::to_string(pid) + "]: eth0 vrid 5: ";
    // Facility LOCAL1 (17), severity warning (4) to debug (7).
    CHECK(await(10s, [&] { return syslog.heard().find("<14") == 0; }));
    CHECK(await(10s, [&] {
        return syslog.heard().find(from + "backup -> master: no master heard") != std::string::npos;
    }));
    REQUIRE(::kill(pid, SIGTERM) == 0);
    CHECK(await(10s, [&] {
        return syslog.heard().find(from + "master -> initialize: stopped") != std::string::npos;
    }));
}

TEST_CASE("atropos tells states apart by its exit status") {
    LIVE_OR_SKIP();
    const TemporaryDirectory empty;
    const std::string atropos = std::string(kAtroposBinary) + " -f " + empty.path().string();
    CHECK(run_command(atropos + " --state").status == 3);
    CHECK(run_command(atropos + " --nonsense").status == 2);
    CHECK(run_command(atropos).status == 2);
    CHECK(run_command(atropos + " --help").status == 0);
}

TEST_CASE("atropos --state fits eighty columns and says who is master") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    std::string line = "-i eth0 -v 5 -a pw/hunter2 10.99.0.254";
    for (int i = 200; i < 240; ++i)
        line += " 10.99.0." + std::to_string(i);
    pair.r1.start(line);
    REQUIRE(await(6s, [&] { return pair.r1.is("master"); }));
    const CommandResult shown =
        run_command(std::string(kAtroposBinary) + " --state -f " + pair.r1.directory().string());
    CHECK(shown.status == 0);
    CHECK_THAT(shown.output, Catch::Contains("eth0 vrid 5  master"));
    CHECK_THAT(shown.output, Catch::Contains("authentication password"));
    CHECK(shown.output.find("hunter2") == std::string::npos);
    std::istringstream lines(shown.output);
    for (std::string one; std::getline(lines, one);)
        CHECK(one.size() <= 80);
}

TEST_CASE("the control socket is root's alone") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    pair.r1.start(kLine);
    REQUIRE(await(10s, [&] { return pair.r1.is("backup") || pair.r1.is("master"); }));
    const std::string socket = pair.r1.directory().string() + "/vrrpd_eth0_5.sock";
    CHECK(run_command("stat -c %a " + socket).output == "600\n");
}

TEST_CASE("a client that is connected does not hold up an orderly stop") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    pair.r1.start(kLine);
    REQUIRE(await(10s, [&] { return pair.r1.is("master"); }));
    const RudeClient idle(pair.r1.directory() / "vrrpd_eth0_5.sock");
    idle.say(R"({"version": 1)");
    pair.r1.process().signal(SIGTERM);
    CHECK(pair.r1.process().wait(10s) == 0);
}

TEST_CASE("garbage, half a line and clients that never read do not disturb the daemon") {
    LIVE_OR_SKIP();
    GatewayPair pair;
    pair.r1.start(kLine);
    REQUIRE(await(10s, [&] { return pair.r1.is("master"); }));
    const auto socket = pair.r1.directory() / "vrrpd_eth0_5.sock";
    const RudeClient garbage(socket), half(socket), flood(socket), wrong(socket);
    garbage.say("\xff}{\n");
    CHECK_THAT(garbage.hear(), Catch::Contains("\"status\":\"error\""));
    wrong.say(R"({"version": 1, "request": "sing"})"
              "\n");
    CHECK_THAT(wrong.hear(), Catch::Contains("no request 'sing'"));
    half.say(R"({"version": 1)");
    for (int i = 0; i < 1000; ++i)
        flood.say(R"({"version": 1, "request": "state"})"
                  "\n");
    const std::size_t before = pair.tap.advertisements().size();
    CHECK(pair.r1.is("master"));
    CHECK(await(10s, [&] { return pair.tap.advertisements().size() > before + 5; }));
    flood.say(std::string(100'000, 'x')); // more than a request may be
    CHECK(pair.r1.is("master"));
}

// -U and -D: what runs, when, and what it may not do.
#include "tests/live/harness/await.hpp"
#include "tests/live/harness/two_sided_bed.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

using namespace vrrp;
using namespace vrrp::live;
using namespace std::chrono_literals;

namespace {

const std::string kFast = "-i eth0 10.16.1.200 10.16.1.201/24 -v 51 --protocol 3 -d 0.1 ";
const std::string kScripts = "-U /etc/scripts/up.sh -D /etc/scripts/down.sh ";

const char* const kUpEnvironment = R"(PATH=/usr/sbin:/usr/bin:/sbin:/bin
VRRP_ADDRESSES=10.16.1.200/32 10.16.1.201/24
VRRP_INTERFACE=eth0
VRRP_NAME=eth0_51
VRRP_PREVIOUS_STATE=backup
VRRP_PRIORITY=100
VRRP_REASON=no_master
VRRP_STATE=master
VRRP_VERSION=3
VRRP_VIRTUAL_MAC=00:00:5e:00:01:33
VRRP_VRID=51
)";

bool says(const Process& vrrpd, const std::string& text) {
    return vrrpd.output().find(text) != std::string::npos;
}

// A script that takes until let_go().
void write_slow_script(const Machine& machine, const std::string& path, const char* name) {
    machine.must("[ -p /run/gate ] || mkfifo /run/gate");
    machine.write_script(path, std::string("echo ") + name +
                                   " begins >> /run/log; read x < /run/gate; echo " + name +
                                   " ends >> /run/log\n");
}

void let_go(const Machine& machine) {
    machine.must("timeout 5 sh -c 'echo go > /run/gate'");
}

// Advertisements go on, one an interval.
bool advertises(TwoSidedBed& bed, std::size_t count) {
    const std::size_t before = bed.lan_tap.advertisements().size();
    return await(kPatience, [&] { return bed.lan_tap.advertisements().size() >= before + count; });
}

} // namespace

TEST_CASE("scripts are told what happened by arguments and environment, and nothing else") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    // What the shell itself adds is none of it.
    bed.r1.write_script("/etc/scripts/up.sh", "echo \"$@\" > /run/up.arguments; env | grep -v ^PWD= | sort > "
                                              "/run/up.env; echo hello from $0; : > /run/up\n");
    bed.r1.write_script("/etc/scripts/down.sh", "echo \"$@\" $VRRP_REASON >> /run/down\nexit 3\n");
    Process& vrrpd = bed.r1.vrrpd(kFast + kScripts);
    REQUIRE(await(kPatience, [&] { return std::filesystem::exists(bed.r1.file("/run/up")); }));
    CHECK(bed.r1.read("/run/up.arguments") == "MASTER eth0 51 10.16.1.200/32 10.16.1.201/24\n");
    CHECK(bed.r1.read("/run/up.env") == kUpEnvironment);
    CHECK(bed.r1.read("/run/down") == "BACKUP eth0 51 10.16.1.200/32 10.16.1.201/24 started\n");
    CHECK(await(kPatience, [&] { return says(vrrpd, "hello from /etc/scripts/up.sh"); }));
    CHECK(says(vrrpd, "backup script failed with exit status 3"));
    CHECK(await(kPatience, [&] { return says(vrrpd, "master script done"); }));
    vrrpd.signal(SIGTERM);
    CHECK(vrrpd.wait(kPatience) == 0);
    CHECK_THAT(bed.r1.read("/run/down"),
               Catch::EndsWith("STOPPED eth0 51 10.16.1.200/32 10.16.1.201/24 stopped\n"));
}

TEST_CASE("a script that takes its time holds up neither the advertisements nor the election", "[timed]") {
    LIVE_OR_SKIP();
    TwoSidedBed bed;
    write_slow_script(bed.r1, "/etc/scripts/up.sh", "up");
    bed.r1.write_script("/etc/scripts/down.sh", "echo down >> /run/log\n");
    Process& vrrpd = bed.r1.vrrpd(kFast + kScripts);
    REQUIRE(await(kPatience, [&] { return bed.r1.read("/run/log") == "down\nup begins\n"; }));
    CHECK(advertises(bed, 10));
    CHECK(bed.r1.router(51)["counters"]["worst_lateness"] < 0.1);
    // It loses its election, and its script must wait for its turn.
    bed.r1.must("atropos --backup --hold");
    CHECK(bed.r1.is("backup", {51}));
    CHECK(bed.r1.read("/run/log") == "down\nup begins\n");
    CHECK_FALSE(says(vrrpd, "master script done"));
    let_go(bed.r1);
    CHECK(await(kPatience, [&] { return bed.r1.read("/run/log") == "down\nup begins\nup ends\ndown\n"; }));
}

TEST_CASE("a script that others can write is refused at the start") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    bed.r1.write_script("/etc/scripts/down.sh", "");
    struct Row {
        const char* makes_it_unsafe;
        const char* why;
    };
    const Row rows[] = {
        {"rm -f /etc/scripts/up.sh", "No such file"},
        {"echo > /etc/scripts/up.sh; chmod 644 /etc/scripts/up.sh", "not executable"},
        {"chmod 775 /etc/scripts/up.sh", "can be written by others: /etc/scripts/up.sh"},
        {"chmod 755 /etc/scripts/up.sh; chown 65534 /etc/scripts/up.sh", "owned by another user"},
        {"chown 0 /etc/scripts/up.sh; chmod 777 /etc/scripts", "can be written by others: /etc/scripts"},
        {"chmod 755 /etc/scripts; rm /etc/scripts/up.sh; mkdir /etc/scripts/up.sh", "not a regular file"},
    };
    for (const Row& row : rows) {
        INFO(row.makes_it_unsafe);
        bed.r1.must(row.makes_it_unsafe);
        for (const char* how : {"", "--check "}) {
            const CommandResult result = bed.r1.run("vrrpd " + std::string(how) + kFast + kScripts);
            CHECK(result.status == 2);
            CHECK_THAT(result.output, Catch::StartsWith("vrrpd: ") && Catch::Contains(row.why));
        }
    }
    CHECK(bed.r1.run("vrrpd " + kFast + "-U up.sh").status == 2); // nobody knows from where
    CHECK_FALSE(std::filesystem::exists(bed.r1.file("/run/vrrpd")));
}

TEST_CASE(
    "a script that becomes unsafe later is not run, which is journalled, and the router leads all the same") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    bed.r1.write_script("/etc/scripts/up.sh", "echo up >> /run/log\n");
    bed.r1.write_script("/etc/scripts/down.sh", "chmod 666 /etc/scripts/up.sh\n"); // as backup, at the start
    Process& vrrpd = bed.r1.vrrpd(kFast + kScripts);
    CHECK(await(kPatience, [&] {
        return says(vrrpd, "master script not run: can be written by others: /etc/scripts/up.sh");
    }));
    CHECK(bed.r1.is("master", {51}));
    CHECK(bed.r1.read("/run/log").empty());
}

TEST_CASE("a stop waits for the last script, and a second one does not") {
    LIVE_OR_SKIP();
    TwoSidedBed bed;
    for (const bool impatient : {false, true}) {
        INFO(impatient);
        bed.r1.must("rm -f /run/log");
        bed.r1.write_script("/etc/scripts/down.sh", ""); // that it begins as backup is not what we look at
        bed.r1.write_script("/etc/scripts/up.sh", "");
        Process& vrrpd = bed.r1.vrrpd(kFast + kScripts);
        REQUIRE(await(kPatience, [&] { return says(vrrpd, "master script done"); }));
        write_slow_script(bed.r1, "/etc/scripts/down.sh", "down");
        vrrpd.signal(SIGTERM);
        REQUIRE(await(kPatience, [&] { return bed.r1.read("/run/log") == "down begins\n"; }));
        CHECK_FALSE(bed.r1.holds(kLanAddress)); // the network does not wait for it
        CHECK(bed.lan_tap.saw(IpAddress::parse("10.16.1.1").value(), 0));
        CHECK_FALSE(vrrpd.wait(0ms));
        if (impatient)
            vrrpd.signal(SIGTERM);
        else
            let_go(bed.r1);
        CHECK(vrrpd.wait(kPatience) == 0);
        CHECK(bed.r1.read("/run/log") == (impatient ? "down begins\n" : "down begins\ndown ends\n"));
        CHECK(bed.r1.must("ls -A /run/vrrpd").empty());
        if (impatient) let_go(bed.r1); // it is nobody's child now
    }
}

// --- As another user, and what is told of states

namespace {

// Not who vrrpd is, and in one more group than her own.
void add_alice(const Machine& machine) {
    machine.must("echo 'alice:x:4711:4712::/home/alice:/bin/sh' > /etc/passwd; "
                 "printf 'alice:x:4712:\nops:x:4713:alice\n' > /etc/group; mkdir -m 1777 /run/log");
}

// Reads the FIFO as it is when this is made.
class Reader {
  public:
    explicit Reader(const std::filesystem::path& fifo) : fd_(::open(fifo.c_str(), O_RDONLY | O_NONBLOCK)) {
        REQUIRE(fd_ >= 0);
    }
    ~Reader() { ::close(fd_); }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    const std::string& text() {
        char bytes[512];
        for (ssize_t size = 0; (size = ::read(fd_, bytes, sizeof bytes)) > 0;)
            text_.append(bytes, static_cast<std::size_t>(size));
        return text_;
    }

  private:
    int fd_;
    std::string text_;
};

const std::string kTells =
    "--script-user alice --notify /etc/scripts/notify.sh --fault-script /etc/scripts/fault.sh "
    "--stop-script /etc/scripts/stop.sh --notify-fifo /run/vrrp.fifo ";

} // namespace

TEST_CASE("each state is told to scripts, as their user, and to who reads the FIFO") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    add_alice(bed.r1);
    bed.r1.write_script("/etc/scripts/notify.sh",
                        "echo \"$@\" of $VRRP_NAME as $(id -un) in $(id -G) at $HOME >> /run/log/notify\n");
    for (const char* name : {"fault", "stop"})
        bed.r1.write_script(std::string("/etc/scripts/") + name + ".sh",
                            "echo \"$@\" $VRRP_REASON >> /run/log/" + std::string(name) + "\n");
    Process& vrrpd = bed.r1.vrrpd(kFast + kTells);
    REQUIRE(await(kPatience, [&] { return bed.r1.is("master", {51}); }));
    // Nobody has read it until now, and that has held nothing up.
    CHECK(bed.r1.must("stat -c '%F %a %u:%g' /run/vrrp.fifo") == "fifo 600 4711:4712\n");
    CHECK(says(vrrpd, "notify failed: /run/vrrp.fifo: nobody reads it"));
    CHECK(await(kPatience, [&] { return bed.r1.router(51)["counters"]["notices_lost"] == 2; }));

    Reader reader(bed.r1.file("/run/vrrp.fifo"));
    std::string expected;
    const auto tells = [&](const char* state) {
        expected += std::string("INSTANCE \"eth0_51\" ") + state + " 100\n";
        return await(kPatience, [&] { return reader.text() == expected; });
    };
    bed.unplug(bed.r1, "eth0");
    CHECK(tells("FAULT"));
    bed.plug(bed.r1, "eth0");
    CHECK(tells("BACKUP"));
    CHECK(tells("MASTER"));
    vrrpd.signal(SIGTERM);
    CHECK(tells("STOP"));
    CHECK(vrrpd.wait(kPatience) == 0);
    CHECK_FALSE(std::filesystem::exists(bed.r1.file("/run/vrrp.fifo")));
    CHECK_THAT(bed.r1.read("/run/log/fault"),
               Catch::Equals("FAULT eth0 51 10.16.1.200/32 10.16.1.201/24 link_down\n"));
    CHECK_THAT(bed.r1.read("/run/log/stop"),
               Catch::Equals("STOP eth0 51 10.16.1.200/32 10.16.1.201/24 stopped\n"));
    std::string notified;
    for (const char* state : {"BACKUP", "MASTER", "FAULT", "BACKUP", "MASTER", "STOP"})
        notified += std::string("INSTANCE eth0_51 ") + state +
                    " 100 of eth0_51 as alice in 4712 4713 at /home/alice\n";
    CHECK(bed.r1.read("/run/log/notify") == notified);
}

TEST_CASE("a script is judged for the user that it runs as") {
    LIVE_OR_SKIP();
    const TwoSidedBed bed;
    add_alice(bed.r1);
    bed.r1.write_script("/etc/scripts/up.sh", "");
    const auto check = [&](const std::string& options) {
        return bed.r1.run("vrrpd --check " + kFast + "-U /etc/scripts/up.sh " + options);
    };
    bed.r1.must("chown 4711 /etc/scripts/up.sh");
    CHECK(check("--script-user alice").status == 0);
    CHECK_THAT(check("").output, Catch::Contains("owned by another user: /etc/scripts/up.sh"));
    bed.r1.must("chown 0 /etc/scripts/up.sh; chmod 700 /etc/scripts/up.sh");
    CHECK(check("").status == 0);
    CHECK_THAT(check("--script-user alice").output,
               Catch::Contains("user alice may not execute it: /etc/scripts/up.sh"));
    CHECK(check("--script-user alice").status == 2);
    CHECK_THAT(check("--script-user bob").output,
               Catch::Equals("vrrpd: --script-user 'bob': this machine has no user of that name\n"));
}

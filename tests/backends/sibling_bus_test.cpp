// Processes of one machine that speak to one another; here they share an event loop.
#include "backends/control/sibling_bus.hpp"
#include "core/daemon/daemon.hpp"
#include "core/daemon/journal.hpp"
#include "core/daemon/sibling_message.hpp"
#include "core/machine/names.hpp"
#include "tests/backends/test_bed.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

using namespace vrrp;
using namespace vrrp::test;
using backend::FileDescriptor;
using backend::UnixSiblingBus;

namespace {

constexpr VirtualRouterIndex kFirst{0}, kSecond{1};

SiblingStatus status(const std::string& interface, Stance stance, std::uint32_t takeover = 0) {
    return {.group = "M",
            .identity = {.interface = interface,
                         .vrid = 51,
                         .family = IpFamily::v4,
                         .addresses = {*IpPrefix::parse("10.16.1.200/24")},
                         .virtual_mac = true},
            .status = {.stance = stance, .carrying = false, .joined = false, .takeover = takeover},
            .heartbeat = 1s};
}

struct Machine {
    TemporaryDirectory directory;
    boost::asio::io_context io;
    Log log;
};

// One vrrpd: its bus, and what it hears, in order: "1 eth0 master", "1 gone".
struct Process {
    Process(Machine& machine, const std::string& name) : machine(machine), name(name) { start(); }

    void start() {
        auto opened =
            UnixSiblingBus::open(machine.io, inbox, machine.directory.path(), name, machine.log.logger);
        REQUIRE(opened);
        bus = std::move(*opened);
    }
    void take(const Input& input) {
        if (const auto* gone = std::get_if<SiblingGone>(&input)) return hear(gone->id, "gone");
        const SiblingSaid& said = std::get<SiblingSaid>(input);
        last = said.status;
        hear(said.id, last.identity.interface + " " + to_string(last.status.stance));
    }
    void hear(SiblingId id, const std::string& what) {
        heard.push_back(fmt::format("{} {}", static_cast<std::uint32_t>(id), what));
    }
    bool hears(std::size_t count) {
        return await(machine.io, [&] { return heard.size() >= count; });
    }
    void tell(Stance stance) { bus->tell(kFirst, status(name, stance)); }

    Machine& machine;
    std::string name; // also of its interface
    TestInbox inbox{[this](const Input& input) { take(input); }};
    std::unique_ptr<UnixSiblingBus> bus;
    std::vector<std::string> heard;
    SiblingStatus last;
};

// Somebody else at a bus's socket.
struct Client {
    Client(Machine& machine, const std::string& process)
        : socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string path = (machine.directory / (process + ".bus")).string();
        REQUIRE(path.size() < sizeof address.sun_path);
        path.copy(address.sun_path, path.size());
        REQUIRE(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    }
    void send(const std::string& packet) {
        REQUIRE(::send(socket.get(), packet.data(), packet.size(), MSG_NOSIGNAL) >= 0);
    }
    // A packet; empty when there is none, or the other side has closed.
    std::string receive() {
        std::string packet(kMaxSiblingMessage, '\0');
        const ssize_t size = ::recv(socket.get(), packet.data(), packet.size(), 0);
        closed = size == 0;
        packet.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
        return packet;
    }
    FileDescriptor socket;
    bool closed = false;
};

std::string packet(std::uint64_t number, Stance stance) {
    return encode({.process = "eth9", .number = number, .status = status("eth9", stance)});
}

using Lines = std::vector<std::string>;

std::vector<int> open_files() {
    std::vector<int> files;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
        files.push_back(std::stoi(entry.path().filename()));
    std::ranges::sort(files);
    return files;
}

bool is_connection(int file) {
    int type = 0;
    socklen_t size = sizeof type;
    sockaddr_un peer{};
    socklen_t length = sizeof peer;
    return ::getsockopt(file, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET &&
           ::getpeername(file, reinterpret_cast<sockaddr*>(&peer), &length) == 0;
}

} // namespace

TEST_CASE("what one process tells, all the others hear") {
    Machine machine;
    Process lan(machine, "eth0"), wan(machine, "eth1"), dmz(machine, "eth2");
    lan.tell(Stance::waiting);
    REQUIRE(wan.hears(1));
    REQUIRE(dmz.hears(1));
    lan.tell(Stance::master);
    REQUIRE(wan.hears(2));
    REQUIRE(dmz.hears(2));
    CHECK(wan.heard == Lines{"1 eth0 waiting", "1 eth0 master"});
    CHECK(dmz.heard == wan.heard);
    CHECK(wan.last == status("eth0", Stance::master));
    CHECK(lan.heard.empty());
}

TEST_CASE("each virtual router of a process is a sibling of its own") {
    Machine machine;
    Process both(machine, "eth0"), wan(machine, "eth1");
    both.bus->tell(kFirst, status("eth0", Stance::waiting));
    both.bus->tell(kSecond, status("eth5", Stance::waiting));
    REQUIRE(wan.hears(2));
    both.bus->tell(kFirst, status("eth0", Stance::master));
    REQUIRE(wan.hears(3));
    CHECK(wan.heard == Lines{"1 eth0 waiting", "2 eth5 waiting", "1 eth0 master"});
    both.bus.reset();
    REQUIRE(wan.hears(5));
    CHECK(wan.heard[3] == "1 gone");
    CHECK(wan.heard[4] == "2 gone");
}

TEST_CASE("who comes later is told the latest of each virtual router") {
    Machine machine;
    Process lan(machine, "eth0");
    lan.tell(Stance::waiting);
    lan.tell(Stance::master);
    lan.bus->tell(kSecond, status("eth5", Stance::following));
    Process wan(machine, "eth1");
    wan.tell(Stance::held);
    REQUIRE(wan.hears(2));
    REQUIRE(lan.hears(1));
    CHECK(wan.heard == Lines{"1 eth0 master", "2 eth5 following"});
    CHECK(lan.heard == Lines{"1 eth1 held"});
}

TEST_CASE("a process that dies is gone at once, and somebody new when it is back") {
    Machine machine;
    Process lan(machine, "eth0"), wan(machine, "eth1");
    lan.tell(Stance::master);
    REQUIRE(wan.hears(1));
    lan.bus.reset();
    REQUIRE(wan.hears(2));
    lan.start();
    lan.tell(Stance::waiting);
    REQUIRE(wan.hears(3));
    CHECK(wan.heard == Lines{"1 eth0 master", "1 gone", "2 eth0 waiting"});
}

TEST_CASE("of a dead process's files the kernel closes its connections first") {
    Machine machine;
    Process lan(machine, "eth0"), wan(machine, "eth1");
    lan.tell(Stance::master);
    REQUIRE(wan.hears(1));
    const FileDescriptor later(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const std::vector<int> files = open_files();
    CHECK(std::ranges::count_if(files, is_connection) == 2);
    CHECK(std::ranges::is_partitioned(files, [](int file) { return !is_connection(file); }));
}

TEST_CASE("the last words of a process that leaves are heard, even when it has not read ours") {
    Machine machine;
    Process lan(machine, "eth0"), wan(machine, "eth1");
    lan.tell(Stance::master);
    REQUIRE(wan.hears(1));
    SiblingStatus leaving = status("eth0", Stance::unfit);
    leaving.presence = Presence::leaves;
    wan.tell(Stance::waiting); // unread when the socket closes: the kernel makes a reset of that
    lan.bus->tell(kFirst, leaving);
    lan.bus.reset();
    REQUIRE(wan.hears(3));
    CHECK(wan.heard == Lines{"1 eth0 master", "1 eth0 unfit", "1 gone"});
    CHECK(wan.last.presence == Presence::leaves);
}

TEST_CASE("two that are connected twice hear one another once, and the end is the last connection's") {
    Machine machine;
    Process lan(machine, "eth0");
    Client first(machine, "eth0"), second(machine, "eth0");
    first.send(packet(1, Stance::waiting));
    REQUIRE(lan.hears(1));
    second.send(packet(1, Stance::waiting));
    second.send(packet(2, Stance::ready));
    REQUIRE(lan.hears(2));
    first.send(packet(2, Stance::ready));
    first.send(packet(3, Stance::master));
    REQUIRE(lan.hears(3));
    CHECK(lan.heard == Lines{"1 eth9 waiting", "1 eth9 ready", "1 eth9 master"});
    first.socket = FileDescriptor();
    second.send(packet(3, Stance::master)); // late news
    second.send(packet(4, Stance::waiting));
    REQUIRE(lan.hears(4));
    second.socket = FileDescriptor();
    REQUIRE(lan.hears(5));
    CHECK(lan.heard[3] == "1 eth9 waiting");
    CHECK(lan.heard[4] == "1 gone");
}

TEST_CASE("processes that start at the same moment find one another, in whatever order") {
    Machine machine;
    // Nobody has accepted anybody before all have started: the event loop has not turned.
    Process lan(machine, "eth0"), wan(machine, "eth1"), dmz(machine, "eth2");
    for (Process* one : {&dmz, &lan, &wan})
        one->tell(Stance::waiting);
    for (Process* one : {&lan, &wan, &dmz}) {
        REQUIRE(one->hears(2));
        CHECK(one->heard.size() == 2);
    }
}

TEST_CASE("who does not read delays nobody, and gets the latest of each when he does") {
    Machine machine;
    Process lan(machine, "eth0"), wan(machine, "eth1");
    Client slow(machine, "eth0");
    lan.tell(Stance::waiting);
    REQUIRE(wan.hears(1));                // so that the slow one is accepted too
    constexpr std::uint32_t kMany = 5000; // more than a socket holds
    for (std::uint32_t i = 1; i <= kMany; ++i)
        lan.bus->tell(kFirst, status("eth0", Stance::master, i));
    lan.bus->tell(kSecond, status("eth5", Stance::master));
    REQUIRE(await(machine.io, [&] { return wan.last.identity.interface == "eth5"; }));
    CHECK(wan.heard.size() < kMany); // in one loop we are slow too

    Lines read;
    std::uint32_t latest = 0;
    REQUIRE(await(machine.io, [&] {
        for (std::string one = slow.receive(); !one.empty(); one = slow.receive()) {
            const auto message = decode_sibling_message(one);
            REQUIRE(message);
            read.push_back(message->status.identity.interface);
            if (read.back() == "eth0") latest = message->status.status.takeover;
        }
        return !read.empty() && read.back() == "eth5";
    }));
    CHECK(latest == kMany);
    CHECK(read.size() < kMany);
}

TEST_CASE("garbage ends its connection, with one line, and nobody else's") {
    const std::string garbage =
        GENERATE(std::string("hello"), std::string("{\"version\":2}"),
                 std::string(kMaxSiblingMessage + 1, '['), packet(1, Stance::ready) + "x");
    Machine machine;
    Process lan(machine, "eth0"), wan(machine, "eth1");
    Client client(machine, "eth0");
    client.send(garbage);
    client.send(garbage);
    REQUIRE(await(machine.io, [&] {
        client.receive();
        return client.closed;
    }));
    REQUIRE(machine.log.lines().size() == 1);
    CHECK_THAT(machine.log.lines()[0], Catch::StartsWith("a sibling said what is not understood ("));
    wan.tell(Stance::master);
    REQUIRE(lan.hears(1));
    CHECK(lan.heard == Lines{"1 eth1 master"});
}

TEST_CASE("a sibling that talks nonsense is gone") {
    Machine machine;
    Process lan(machine, "eth0");
    Client client(machine, "eth0");
    client.send(packet(1, Stance::master));
    client.send("nonsense");
    REQUIRE(lan.hears(2));
    CHECK(lan.heard == Lines{"1 eth9 master", "1 gone"});
}

TEST_CASE("sockets that the dead left behind, and other files, hinder nobody") {
    Machine machine;
    const auto leave = [&](const std::string& name) {
        Process dead(machine, name);
        fs::rename(machine.directory / (name + ".bus"), machine.directory / "kept");
        dead.bus.reset();
        fs::rename(machine.directory / "kept", machine.directory / (name + ".bus"));
    };
    leave("eth0"); // its own predecessor
    leave("eth7");
    std::ofstream(machine.directory / "text.bus") << "no socket";
    Process lan(machine, "eth0"), wan(machine, "eth1");
    lan.tell(Stance::ready);
    CHECK(wan.hears(1));
    CHECK(machine.log.lines().empty());
}

TEST_CASE("a bus's socket is its owner's alone, and goes with it") {
    Machine machine;
    Process lan(machine, "eth0");
    struct stat socket {};
    REQUIRE(::stat((machine.directory / "eth0.bus").c_str(), &socket) == 0);
    CHECK(S_ISSOCK(socket.st_mode));
    CHECK((socket.st_mode & 07777) == 0600);
    lan.bus.reset();
    CHECK(fs::is_empty(machine.directory.path()));
}

TEST_CASE("another user is not listened to, even where the directory lets him in") {
    if (::geteuid() != 0) return; // only root can become somebody else
    Machine machine;
    Process lan(machine, "eth0");
    // The kernel notes who connects, at that moment.
    fs::permissions(machine.directory.path(), fs::perms(0755));
    fs::permissions(machine.directory / "eth0.bus", fs::perms(0777));
    REQUIRE(::seteuid(65534) == 0);
    Client stranger(machine, "eth0");
    REQUIRE(::seteuid(0) == 0);
    stranger.send(packet(1, Stance::master));
    REQUIRE(await(machine.io, [&] {
        stranger.receive();
        return stranger.closed;
    }));
    CHECK(lan.heard.empty());
}

TEST_CASE("what siblings have said is handed on when it is asked for, before the event loop turns") {
    Machine machine;
    Process lan(machine, "eth0"), wan(machine, "eth1");
    wan.tell(Stance::master);
    REQUIRE(lan.hears(1));
    wan.tell(Stance::following);
    wan.bus.reset();
    CHECK(lan.heard.size() == 1);
    lan.bus->deliver_waiting();
    CHECK(lan.heard == std::vector<std::string>{"1 eth1 master", "1 eth1 following", "1 gone"});
}

TEST_CASE("a directory that cannot hold the socket is refused with a sentence") {
    Machine machine;
    const auto error = [&](const fs::path& directory) {
        TestInbox inbox;
        const auto bus = UnixSiblingBus::open(machine.io, inbox, directory, "eth0", machine.log.logger);
        REQUIRE_FALSE(bus);
        return bus.error().message;
    };
    CHECK(error("/nowhere") == "/nowhere/eth0.bus: No such file or directory");
    const std::string longer(200, 'x');
    CHECK(error("/" + longer) == "/" + longer + "/eth0.bus: too long for a socket's path");
}

TEST_CASE("what the bus hears, a daemon is told") {
    struct StillClock : Clock {
        TimePoint now() const override { return TimePoint(1s); }
        Duration ahead() const override { return {}; }
        void wake_at(TimePoint, bool) override {}
    } clock;
    struct IdleNic : Nic {
        tl::expected<InterfaceFacts, NicError> watch(InterfaceId, const std::string& name,
                                                     const std::vector<Ours>&) override {
            InterfaceFacts facts;
            facts.name = name;
            facts.present = facts.admin_up = facts.carrier = true;
            facts.addresses = {*IpPrefix::parse("10.16.1.1/24")};
            return facts;
        }
        void forget(InterfaceId) override {}
        void deliver_waiting() override {}
        NicResult send(InterfaceId, BytesView) override { return {}; }
        NicResult send_packet(InterfaceId, BytesView) override { return {}; }
        NicResult attach_virtual_mac(InterfaceId, const wire::VirtualMac&) override { return {}; }
        NicResult detach_virtual_mac(InterfaceId, const wire::VirtualMac&) override { return {}; }
        using Mac = std::optional<wire::VirtualMac>;
        NicResult add_address(InterfaceId, const Mac&, const IpPrefix&, const AddressMarks&) override {
            return {};
        }
        NicResult remove_address(InterfaceId, const Mac&, const IpPrefix&) override { return {}; }
        NicResult drop_traffic(InterfaceId, const IpAddress&, bool) override { return {}; }
        NicResult send_magic_packet(InterfaceId, const Mac&, const IpAddress&, const IpAddress&) override {
            return {};
        }
        void clean_up_after(const SiblingIdentity& dead) override { cleaned.push_back(dead); }
        std::vector<SiblingIdentity> cleaned;
    } nic;
    struct DeafJournal : Journal {
        void write(const JournalEntry&) override {}
    } journal;
    struct NoScripts : ScriptRunner {
        void run(const ScriptCall&) override {}
    } scripts;
    struct NoChecks : Checks {
        void start(TrackIndex, const TrackConfig&) override {}
        void stop(TrackIndex) override {}
    } checks;

    Machine machine;
    VirtualRouterConfig config;
    config.interface = "eth0";
    config.vrid = 50;
    config.addresses = {*IpPrefix::parse("10.16.1.200/24")};
    config.group = GroupIndex{0};
    Daemon daemon({{config}, {{.name = "M", .minimum = 2, .shared = true}}});
    auto bus = UnixSiblingBus::open(machine.io, daemon, machine.directory.path(), "eth0", machine.log.logger);
    REQUIRE(bus);
    REQUIRE(daemon.start({clock, nic, journal, **bus, scripts, checks}));
    const auto members = [&] { return daemon.router().group(daemon.now(), GroupIndex{0}).members.size(); };

    Process wan(machine, "eth1");
    wan.tell(Stance::master);
    REQUIRE(wan.hears(1));
    CHECK(wan.heard.front() == "1 eth0 waiting");
    REQUIRE(await(machine.io, [&] { return members() == 2; }));
    wan.bus.reset();                                                  // without a word
    REQUIRE(await(machine.io, [&] { return !nic.cleaned.empty(); })); // and it is missed
    CHECK(nic.cleaned == std::vector{status("eth1", Stance::master).identity});
}

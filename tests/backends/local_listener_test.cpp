// Sockets that other processes connect to, when descriptors run out; and who may connect.
#include "backends/control/control_server.hpp"
#include "backends/control/sibling_bus.hpp"
#include "tests/backends/test_bed.hpp"

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

using namespace vrrp;
using namespace vrrp::test;
using backend::FileDescriptor;
using backend::LocalListener;

namespace {

FileDescriptor connect_to(const fs::path& path, int type) {
    FileDescriptor socket(::socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const auto address = backend::local_address(path);
    REQUIRE(address);
    REQUIRE(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) == 0);
    return socket;
}

// While it lives, this process gets no more descriptors.
class NoMoreDescriptors {
  public:
    NoMoreDescriptors() {
        REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
        const FileDescriptor next(::dup(0)); // the lowest that is free
        const rlimit limit{.rlim_cur = static_cast<rlim_t>(next.get()), .rlim_max = before_.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
    }
    ~NoMoreDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

  private:
    rlimit before_{};
};

// How often the event loop has something to do before it would wait; `enough` when it does not come to that.
int turns_before_rest(boost::asio::io_context& io, int enough) {
    io.restart();
    int turns = 0;
    while (turns < enough && io.poll_one() != 0)
        ++turns;
    return turns;
}

struct World {
    TemporaryDirectory directory;
    boost::asio::io_context io;
    Log log;
};

} // namespace

TEST_CASE("where descriptors have run out, who wants to connect waits, and takes no time from the rest") {
    constexpr int kBusy = 100;
    World world;
    std::vector<FileDescriptor> accepted;
    const auto listener =
        LocalListener::open(world.io, world.directory / "here", SOCK_STREAM,
                            [&](FileDescriptor peer) { accepted.push_back(std::move(peer)); });
    REQUIRE(listener);
    const FileDescriptor client = connect_to(world.directory / "here", SOCK_STREAM);
    int turns = 0; // looked at later: sanitizers and Catch2 may want descriptors
    {
        const NoMoreDescriptors none;
        turns = turns_before_rest(world.io, kBusy);
    }
    CHECK(turns < kBusy);
    CHECK(accepted.empty());
    CHECK(await(world.io, [&] { return !accepted.empty(); }));
}

TEST_CASE("neither the control socket nor the siblings' keeps a process busy that has no descriptors left") {
    constexpr int kBusy = 100;
    World world;
    const auto server =
        backend::ControlServer::open(world.io, world.directory / "eth0.sock",
                                     [](const std::string&, Caller) { return ControlReply{"{}"}; });
    TestInbox inbox;
    const auto bus =
        backend::UnixSiblingBus::open(world.io, inbox, world.directory.path(), "eth0", world.log.logger);
    REQUIRE(server);
    REQUIRE(bus);
    const FileDescriptor client = connect_to(world.directory / "eth0.sock", SOCK_STREAM);
    const FileDescriptor sibling = connect_to(world.directory / "eth0.bus", SOCK_SEQPACKET);
    int turns = 0;
    {
        const NoMoreDescriptors none;
        turns = turns_before_rest(world.io, kBusy);
    }
    CHECK(turns < kBusy);
}

TEST_CASE("a listener's socket is its owner's alone, takes a dead one's place, and goes with the listener") {
    World world;
    const fs::path path = world.directory / "here";
    std::ofstream(path) << "left behind";
    auto listener = LocalListener::open(world.io, path, SOCK_SEQPACKET, [](FileDescriptor) {});
    REQUIRE(listener);
    struct stat facts {};
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    CHECK(facts.st_mode == (S_IFSOCK | 0600));
    listener->reset();
    CHECK_FALSE(fs::exists(path));
}

TEST_CASE("a listener that goes while somebody connects leaves nothing that runs later") {
    World world;
    bool called = false;
    auto listener = LocalListener::open(world.io, world.directory / "here", SOCK_STREAM,
                                        [&](FileDescriptor) { called = true; });
    REQUIRE(listener);
    const FileDescriptor client = connect_to(world.directory / "here", SOCK_STREAM);
    listener->reset();
    CHECK(turns_before_rest(world.io, 10) < 10);
    CHECK_FALSE(called);
}

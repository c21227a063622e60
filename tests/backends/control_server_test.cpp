// The control socket, with clients that watch, and clients that do not keep the rules.
#include "backends/control/control_client.hpp"
#include "backends/control/control_server.hpp"
#include "tests/backends/test_bed.hpp"

#include <boost/asio/post.hpp>
#include <csignal>
#include <list>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <thread>

using namespace vrrp;
using namespace vrrp::test;
using backend::ControlServer;
using nlohmann::ordered_json;

namespace {

const std::string kWatch = "{\"version\": 1, \"request\": \"watch\"}\n";
const std::string kAsk = "{\"version\": 1, \"request\": \"state\"}\n";

std::string numbered(int number) {
    return ordered_json{{"n", number}}.dump();
}

std::string ok(const std::string& result) {
    return R"({"version":1,"status":"ok","result":)" + result + "}";
}

// A server whose state is a number; what it is asked is not looked at.
struct World {
    World() {
        auto opened = ControlServer::open(io, socket, [this](const std::string& request, Caller caller) {
            callers.push_back(caller);
            if (request.find("wrong") != std::string::npos)
                return ControlReply{error_reply("not understood")};
            return ControlReply{ok(reply.empty() ? numbered(number) : reply),
                                request.find("watch") != std::string::npos};
        });
        REQUIRE(opened);
        server = std::move(*opened);
    }
    void happens() { server->publish(numbered(++number)); }

    TemporaryDirectory directory;
    fs::path socket = directory / "eth0.sock";
    boost::asio::io_context io;
    int number = 0;
    std::string reply; // instead of the number
    std::vector<Caller> callers;
    std::unique_ptr<ControlServer> server;
};

// A user who is in one group, and nobody else's.
struct Reader {
    static constexpr gid_t kGroup = 7112;
    gid_t group = kGroup;      // its own
    bool supplementary = true; // or rather one of its others

    // As that user; system calls, since the C library's functions change all threads.
    backend::FileDescriptor connect(const fs::path& path) const {
        backend::FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        bool connected = false;
        std::thread([&] {
            constexpr uid_t kNobody = 65534;
            const gid_t own = supplementary ? kNobody : group;
            const auto address = backend::local_address(path);
            connected =
                ::syscall(SYS_setgroups, supplementary ? 1 : 0, &group) == 0 &&
                ::syscall(SYS_setresgid, own, own, own) == 0 &&
                ::syscall(SYS_setresuid, kNobody, kNobody, kNobody) == 0 &&
                ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) == 0;
        }).join();
        REQUIRE(connected);
        return socket;
    }
};

// The socket is a group's: its members may read.
struct SharedWorld : World {
    SharedWorld() {
        fs::permissions(directory.path(), fs::perms(0755));
        REQUIRE(server->set_group(Reader::kGroup));
    }
};

#define ROOT_OR_SKIP()                                                                                       \
    if (::geteuid() != 0) {                                                                                  \
        WARN("SKIPPED: only root can be another user");                                                      \
        return;                                                                                              \
    }

// Reads nothing by itself.
struct Client {
    Client(World& world, const Reader& reader, const std::string& first)
        : Client(world, reader.connect(world.socket)) {
        say(first);
    }
    explicit Client(World& world, const std::string& first = {})
        : world(world), socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
        const auto address = backend::local_address(world.socket);
        REQUIRE(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) == 0);
        say(first);
    }
    void say(const std::string& text) const {
        (void)!::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL);
    }
    // The next line, without its end; empty when the other side closes or says nothing.
    std::string hear() {
        (void)await(world.io, [&] { return read() || heard.find('\n') != std::string::npos; });
        const std::size_t end = heard.find('\n');
        if (end == std::string::npos) return {};
        const std::string line = heard.substr(0, end);
        heard.erase(0, end + 1);
        return line;
    }
    // Without reading.
    bool hears_the_end() const {
        pollfd end{.fd = socket.get(), .events = 0, .revents = 0};
        return await(world.io, [&] { return ::poll(&end, 1, 0) == 1 && (end.revents & POLLHUP) != 0; });
    }

    World& world;
    backend::FileDescriptor socket;
    std::string heard;

  private:
    Client(World& world, backend::FileDescriptor socket) : world(world), socket(std::move(socket)) {}
    // True when the other side has closed.
    bool read() {
        char text[65536];
        ssize_t size = 0;
        while ((size = ::recv(socket.get(), text, sizeof text, 0)) > 0)
            heard.append(text, static_cast<std::size_t>(size));
        return size == 0 || errno != EAGAIN;
    }
};

} // namespace

TEST_CASE("who watches is told the state, and from there on each event") {
    World world;
    world.happens();
    Client client(world, kWatch);
    CHECK(client.hear() == ok(R"({"n":1})"));
    world.happens();
    world.happens();
    CHECK(client.hear() == R"({"n":2})");
    CHECK(client.hear() == R"({"n":3})");
}

TEST_CASE("a watch begins with a state that its first event follows, whatever happens meanwhile") {
    constexpr int kEvents = 200; // fewer than a server keeps for who does not read
    World world;
    int last = 0;
    {
        std::jthread vrrpd([&](const std::stop_token& stop) {
            int after = 0; // the watch began
            const std::function<void()> go_on = [&] {
                if (after < kEvents) world.happens();
                if (world.server->is_watched()) ++after;
                if (stop.stop_requested()) return world.io.stop();
                boost::asio::post(world.io, go_on);
            };
            boost::asio::post(world.io, go_on);
            world.io.run();
        });
        backend::Watch watch;
        const auto state = watch.begin(world.socket);
        REQUIRE(state);
        int next = state->at("n").get<int>() + 1;
        last = next + kEvents / 2;
        watch.run(
            [&](std::size_t vrrpd, const ordered_json& event) {
                CHECK(vrrpd == 0);
                CHECK(event == ordered_json{{"n", next++}});
                if (next == last) std::raise(SIGTERM);
            },
            [](std::size_t) { FAIL("the server has ended it"); });
        CHECK(next >= last);
    }
    CHECK(last > kEvents / 2);
}

TEST_CASE("a request that is not understood does not begin a watch") {
    World world;
    Client client(world, "{\"request\": \"watch\", \"wrong\": 1}\n");
    CHECK(client.hear() == R"({"version":1,"status":"error","error":"not understood"})");
    CHECK_FALSE(world.server->is_watched());
    client.say(kAsk);
    CHECK(client.hear() == ok(R"({"n":0})"));
}

TEST_CASE("a watcher that never reads is dropped, and the others are told everything") {
    World world;
    Client deaf(world, kWatch), attentive(world, kWatch);
    REQUIRE(attentive.hear() == ok(R"({"n":0})"));
    const std::string line = ordered_json{{"text", std::string(1000, 'x')}}.dump();
    for (std::size_t i = 0; i < 3 * ControlServer::kMaxUnread; ++i) {
        world.server->publish(line);
        REQUIRE(attentive.hear() == line);
    }
    CHECK(deaf.hears_the_end());
}

TEST_CASE("half a request, and a reply that is never read, are given up after their time") {
    World world;
    world.reply = ordered_json(std::string(8 << 20, 'x')).dump(); // more than a socket takes
    const Client half(world, R"({"version": 1, "requ)"), deaf(world, kAsk);
    CHECK(half.hears_the_end());
    CHECK(deaf.hears_the_end());
}

TEST_CASE("more than a request can be ends the connection") {
    World world;
    Client client(world, std::string(100'000, 'x'));
    CHECK(client.hears_the_end());
}

TEST_CASE(
    "of a thousand clients at once a few are served, the others are told so, and nobody after them suffers") {
    constexpr int kClients = 1000;
    rlimit limit{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = limit.rlim_max;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
    World world;
    {
        std::list<Client> clients;
        for (int i = 0; i < kClients; ++i)
            clients.emplace_back(world);
        auto served = clients.begin();
        std::advance(served, ControlServer::kMaxSessions);
        for (auto one = served; one != clients.end(); ++one) {
            REQUIRE_THAT(one->hear(), Catch::Contains("too many clients"));
            REQUIRE(one->hears_the_end());
        }
        for (auto one = clients.begin(); one != served; ++one) {
            one->say(kAsk);
            CHECK(one->hear() == ok(R"({"n":0})"));
        }
    }
    CHECK(await(world.io, [&] { return Client(world, kAsk).hear() == ok(R"({"n":0})"); }));
}

TEST_CASE("however many watch, there is room for who commands") {
    World world;
    std::list<Client> watchers;
    for (std::size_t i = 0; i < ControlServer::kMaxWatchers; ++i)
        CHECK(watchers.emplace_back(world, kWatch).hear() == ok(R"({"n":0})"));
    Client one_more(world, kWatch);
    CHECK_THAT(one_more.hear(), Catch::Contains("8 watch already: end one of them"));
    CHECK(Client(world, kAsk).hear() == ok(R"({"n":0})"));
    watchers.pop_front();
    CHECK(await(world.io, [&] { return Client(world, kWatch).hear() == ok(R"({"n":0})"); }));
}

TEST_CASE("the handler is told whether who asks is a reader, by its own group or by one of its others") {
    ROOT_OR_SKIP();
    SharedWorld world;
    CHECK(Client(world, Reader{}, kAsk).hear() == ok(R"({"n":0})"));
    CHECK(Client(world, Reader{.supplementary = false}, kAsk).hear() == ok(R"({"n":0})"));
    CHECK(Client(world, kAsk).hear() == ok(R"({"n":0})"));
    CHECK(world.callers == std::vector{Caller::reader, Caller::reader, Caller::owner});
}

TEST_CASE("who is in another group than the socket's is closed at once, even where the file lets it in") {
    ROOT_OR_SKIP();
    SharedWorld world;
    REQUIRE(::chmod(world.socket.c_str(), 0666) == 0);
    for (const Reader& stranger : {Reader{.group = 7113}, Reader{.group = 7113, .supplementary = false}}) {
        Client client(world, stranger, kAsk);
        CHECK(client.hear().empty());
    }
    CHECK(world.callers.empty());
    CHECK(Client(world, Reader{}, kAsk).hear() == ok(R"({"n":0})"));
}

TEST_CASE("a group that may no longer read is not answered on its open connections, and watches no more") {
    ROOT_OR_SKIP();
    SharedWorld world;
    Client watcher(world, Reader{}, kWatch), asker(world, Reader{}, kAsk), root(world, kWatch);
    for (Client* one : {&watcher, &asker, &root})
        CHECK(one->hear() == ok(R"({"n":0})"));
    REQUIRE(world.server->set_group(7113));
    CHECK(watcher.hears_the_end());
    asker.say(kAsk);
    CHECK(asker.hear().empty());
    world.happens();
    CHECK(root.hear() == R"({"n":1})");
    REQUIRE(world.server->set_group(std::nullopt));
    struct stat facts {};
    REQUIRE(::stat(world.socket.c_str(), &facts) == 0);
    CHECK(facts.st_mode == (S_IFSOCK | 0600));
    CHECK(facts.st_gid == ::getegid());
}

TEST_CASE("however many readers there are, and however many of them watch, there is room for root") {
    ROOT_OR_SKIP();
    SharedWorld world;
    std::list<Client> watchers;
    for (std::size_t i = 0; i < ControlServer::kMaxReadingWatchers; ++i)
        CHECK(watchers.emplace_back(world, Reader{}, kWatch).hear() == ok(R"({"n":0})"));
    CHECK_THAT(Client(world, Reader{}, kWatch).hear(), Catch::Contains("4 watch already"));
    CHECK(Client(world, kWatch).hear() == ok(R"({"n":0})"));
    std::list<Client> readers;
    const auto read = [&] { return readers.emplace_back(world, Reader{}, kAsk).hear(); };
    CHECK(await(world.io, [&] { // until the one that was turned away is forgotten
        readers.clear();
        bool all = true;
        for (int i = ControlServer::kMaxReadingWatchers; i < ControlServer::kMaxReaders; ++i)
            all = all && read() == ok(R"({"n":0})");
        return all;
    }));
    CHECK_THAT(read(), Catch::Contains("too many clients"));
    std::list<Client> roots;
    for (int i = ControlServer::kMaxReaders; i < ControlServer::kMaxSessions; ++i)
        CHECK(roots.emplace_back(world, kAsk).hear() == ok(R"({"n":0})"));
}

TEST_CASE("who asks many waits for those that do not answer no longer than for one") {
    World world;
    std::vector<fs::path> sockets{world.directory / "gone.sock"};
    std::list<backend::FileDescriptor> silent;
    for (const char* name : {"a.sock", "b.sock", "c.sock"}) {
        const auto address = backend::local_address(sockets.emplace_back(world.directory / name));
        silent.emplace_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        REQUIRE(::bind(silent.back().get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) ==
                0);
        REQUIRE(::listen(silent.back().get(), 0) == 0);
    }
    sockets.push_back(world.socket);
    // The last of them is asked by more than it lets wait.
    std::list<backend::FileDescriptor> waiting;
    const auto full = backend::local_address(world.directory / "c.sock");
    do
        waiting.emplace_back(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    while (::connect(waiting.back().get(), reinterpret_cast<const sockaddr*>(&*full), sizeof *full) == 0);

    std::jthread vrrpd([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            world.io.restart();
            world.io.run_for(10ms);
        }
    });
    const auto begun = std::chrono::steady_clock::now();
    const auto answers = backend::ask_all(sockets, R"({"version": 1, "request": "state"})");
    CHECK(std::chrono::steady_clock::now() - begun < 6s); // one after the other: 9 s at least, or for ever
    REQUIRE(answers.size() == 5);
    CHECK(answers[0].error().kind == backend::AskError::nobody);
    for (std::size_t i = 1; i <= 3; ++i)
        CHECK(answers[i].error().kind == backend::AskError::not_heard);
    CHECK_THAT(answers[3].error().message, Catch::EndsWith("too many wait for an answer already"));
    REQUIRE(answers[4]);
    CHECK(*answers[4] == ordered_json{{"n", 0}});
    CHECK(backend::ask_all({}, "{}").empty());
}

TEST_CASE("atropos is told why it is turned away") {
    World world;
    std::list<Client> idle;
    for (int i = 0; i < ControlServer::kMaxSessions; ++i)
        idle.emplace_back(world);
    std::jthread vrrpd([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            world.io.restart();
            world.io.run_for(10ms);
        }
    });
    const auto asked = backend::ask(world.socket, R"({"version": 1, "request": "state"})");
    REQUIRE_FALSE(asked);
    CHECK(asked.error().kind == backend::AskError::refused);
    CHECK_THAT(asked.error().message, Catch::Contains("eth0.sock: too many clients speak to this vrrpd"));
}

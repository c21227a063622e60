// Severities on their way into systemd's journal and onto a terminal.
#include "backends/runtime/log_journal.hpp"
#include "backends/runtime/runtime_directory.hpp"
#include "tests/backends/test_bed.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>

using namespace vrrp;
using namespace vrrp::test;
using backend::FileDescriptor;
using backend::LogTarget;

namespace {

struct Pipe {
    Pipe() {
        int ends[2];
        REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
        out = FileDescriptor(ends[0]);
        in = FileDescriptor(ends[1]);
    }
    // "DEVICE:INODE", as systemd says it of the stream that it connects a service with.
    std::string name() const {
        struct stat file {};
        REQUIRE(::fstat(in.get(), &file) == 0);
        return fmt::format("{}:{}", file.st_dev, file.st_ino);
    }
    // Until the line's end, or a deadline.
    std::string line() {
        std::string text;
        pollfd ready{.fd = out.get(), .events = POLLIN, .revents = 0};
        for (char c = 0; ::poll(&ready, 1, 10'000) == 1 && ::read(out.get(), &c, 1) == 1 && c != '\n';)
            text += c;
        return text;
    }
    FileDescriptor out, in;
};

// While it lives, standard error is the pipe.
class StandardErrorTo {
  public:
    explicit StandardErrorTo(const Pipe& pipe) : kept_(::dup(STDERR_FILENO)) {
        ::dup2(pipe.in.get(), STDERR_FILENO);
    }
    ~StandardErrorTo() { ::dup2(kept_.get(), STDERR_FILENO); }
    StandardErrorTo(const StandardErrorTo&) = delete;
    StandardErrorTo& operator=(const StandardErrorTo&) = delete;

  private:
    FileDescriptor kept_;
};

std::string logged(LogTarget target, const decltype(Event::what)& what) {
    Pipe pipe;
    const StandardErrorTo redirected(pipe);
    const auto logger = backend::make_logger(target);
    const Event event{InterfaceId{}, VirtualRouterIndex{}, what};
    backend::LogJournal(logger).write({TimePoint(1s), "eth0", 51, IpFamily::v4, {}, event});
    return pipe.line();
}

constexpr Transition kFailover{.from = State::backup, .to = State::master, .cause = Cause::no_master};

} // namespace

TEST_CASE("the journal gets the severity as a prefix and no second time stamp") {
    CHECK_THAT(logged(LogTarget::journal, kFailover), Catch::StartsWith("<5>eth0 vrid 51: backup -> master"));
    CHECK_THAT(logged(LogTarget::journal, ActionFailed{Action::add_address, ShortText("No space")}),
               Catch::StartsWith("<3>eth0 vrid 51: add_address failed: No space"));
    CHECK_THAT(logged(LogTarget::journal, PacketDropped{{wire::DropReason::checksum, 1, 2}, {}, 0}),
               Catch::StartsWith("<6>eth0 vrid 51: packet dropped"));
    CHECK_THAT(logged(LogTarget::journal, AddressPutBack{}), Catch::StartsWith("<4>"));
}

TEST_CASE("on a terminal a line has its time and its severity's name") {
    const std::string line = logged(LogTarget::terminal, kFailover);
    CHECK_THAT(line, Catch::Contains(" vrrpd notice eth0 vrid 51: backup -> master"));
    CHECK(line.at(4) == '-'); // 2026-11-26
}

TEST_CASE("standard error is the journal when systemd says so of this very stream") {
    const Pipe pipe, other;
    const auto target = [&](bool foreground, const char* stream) {
        return backend::log_target(foreground, pipe.in.get(), stream);
    };
    CHECK(target(true, pipe.name().c_str()) == LogTarget::journal);
    CHECK(target(true, other.name().c_str()) == LogTarget::terminal); // inherited, and redirected since
    CHECK(target(true, nullptr) == LogTarget::terminal);
    CHECK(target(true, "") == LogTarget::terminal);
    CHECK(target(false, pipe.name().c_str()) == LogTarget::syslog);
}

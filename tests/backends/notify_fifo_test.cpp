// The FIFO, and who reads it.
#include "backends/scripts/notify_fifo.hpp"
#include "tests/backends/test_bed.hpp"

#include <csignal>
#include <fcntl.h>
#include <sys/stat.h>

using namespace vrrp;
using namespace vrrp::test;
using backend::FileDescriptor;
using backend::NotifyFifo;

namespace {

FileDescriptor reader_of(const fs::path& path) {
    FileDescriptor reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    REQUIRE(reader);
    return reader;
}

std::string read_all(const FileDescriptor& reader) {
    std::string text;
    char bytes[4096];
    for (ssize_t size = 0; (size = ::read(reader.get(), bytes, sizeof bytes)) > 0;)
        text.append(bytes, static_cast<std::size_t>(size));
    return text;
}

std::string what(const NicResult& result) {
    return result ? "written" : result.error().message;
}

std::string refusal(const fs::path& path, std::optional<backend::ScriptUser> owner = {}) {
    const auto fifo = NotifyFifo::open(path, std::move(owner));
    return fifo ? "accepted" : fifo.error().message;
}

struct stat entry_of(const fs::path& path) {
    struct stat entry {};
    REQUIRE(::lstat(path.c_str(), &entry) == 0);
    return entry;
}

struct Place {
    Place() { std::signal(SIGPIPE, SIG_IGN); } // as the daemon does
    ~Place() { std::signal(SIGPIPE, SIG_DFL); }
    TemporaryDirectory directory;
    fs::path path = directory / "fifo";
    std::string nobody_reads = path.string() + ": nobody reads it";
};

} // namespace

TEST_CASE("lines reach a reader whole and in order, and one that comes later gets the next") {
    const Place place;
    auto fifo = NotifyFifo::open(place.path, {});
    REQUIRE(fifo);
    CHECK(what((*fifo)->write_line("one\n")) == place.nobody_reads);
    {
        const FileDescriptor reader = reader_of(place.path);
        CHECK((*fifo)->write_line("two\n"));
        CHECK((*fifo)->write_line("three\n"));
        CHECK(read_all(reader) == "two\nthree\n");
    }
    CHECK(what((*fifo)->write_line("four\n")) == place.nobody_reads);
    const FileDescriptor reader = reader_of(place.path);
    CHECK((*fifo)->write_line("five\n"));
    CHECK(read_all(reader) == "five\n");
}

TEST_CASE("a reader that falls behind loses lines, whole ones, and holds nobody up") {
    const Place place;
    auto fifo = NotifyFifo::open(place.path, {});
    REQUIRE(fifo);
    const FileDescriptor reader = reader_of(place.path);
    const std::string line = std::string(99, 'x') + "\n";
    std::size_t written = 0;
    NicResult result;
    while ((result = (*fifo)->write_line(line)))
        ++written;
    CHECK(what(result) == place.path.string() + ": its reader is behind, and the pipe is full");
    CHECK(written > 100);
    CHECK(read_all(reader).size() == written * line.size());
    CHECK((*fifo)->write_line("next\n"));
    CHECK(read_all(reader) == "next\n");
}

TEST_CASE("a FIFO that we made is ours alone, and goes with us") {
    const Place place;
    {
        const auto fifo = NotifyFifo::open(place.path, {});
        REQUIRE(fifo);
        CHECK((entry_of(place.path).st_mode & 07777) == 0600);
        CHECK(entry_of(place.path).st_uid == ::geteuid());
    }
    CHECK_FALSE(fs::exists(place.path));
}

TEST_CASE("a FIFO that was there stays, and so does what took the place of ours") {
    const Place place;
    REQUIRE(::mkfifo(place.path.c_str(), 0640) == 0);
    CHECK(refusal(place.path) == "accepted");
    CHECK((entry_of(place.path).st_mode & 07777) == 0640);
    fs::remove(place.path);
    {
        const auto fifo = NotifyFifo::open(place.path, {});
        REQUIRE(fifo);
        fs::remove(place.path);
        std::ofstream(place.path) << "another's";
    }
    CHECK(content(place.path) == "another's");
}

TEST_CASE("a FIFO that somebody removed is made again for the next line") {
    const Place place;
    auto fifo = NotifyFifo::open(place.path, {});
    REQUIRE(fifo);
    fs::remove(place.path);
    CHECK(what((*fifo)->write_line("one\n")) == place.nobody_reads);
    const FileDescriptor reader = reader_of(place.path);
    CHECK((*fifo)->write_line("two\n"));
    CHECK(read_all(reader) == "two\n");
    fifo->reset();
    CHECK_FALSE(fs::exists(place.path));
}

TEST_CASE("what is no FIFO is neither opened nor changed") {
    const Place place;
    std::ofstream(place.path) << "mine";
    CHECK(refusal(place.path) == place.path.string() + ": this is no FIFO: name another path");
    CHECK(content(place.path) == "mine");
    fs::create_symlink(place.path, place.directory / "link");
    CHECK_THAT(refusal(place.directory / "link"), Catch::Contains("this is no FIFO"));
    CHECK_THAT(refusal(place.directory / "none/fifo"), Catch::Contains("No such file or directory"));
}

TEST_CASE("a FIFO is its owner's, and is opened with that one's rights") {
    if (::geteuid() != 0) return; // only root can give files away
    const Place place;
    const auto nobody = backend::find_user("nobody");
    REQUIRE(nobody);
    const auto allow = [&](mode_t mode) { REQUIRE(::chmod(place.directory.path().c_str(), mode) == 0); };
    allow(0755);
    {
        const auto fifo = NotifyFifo::open(place.path, *nobody);
        REQUIRE(fifo);
        CHECK(entry_of(place.path).st_uid == nobody->uid);
        CHECK(entry_of(place.path).st_gid == nobody->gid);
        const FileDescriptor reader = reader_of(place.path);
        CHECK((*fifo)->write_line("one\n"));
        CHECK(read_all(reader) == "one\n");
    }
    CHECK_FALSE(fs::exists(place.path));
    allow(0700); // its reader could not come here either
    CHECK_THAT(refusal(place.path, *nobody), Catch::EndsWith("Permission denied"));
    CHECK_FALSE(fs::exists(place.path));
    allow(0755);
    REQUIRE(::mkfifo(place.path.c_str(), 0600) == 0);
    REQUIRE(::chown(place.path.c_str(), nobody->uid + 1, 0) == 0);
    CHECK_THAT(refusal(place.path), Catch::Contains("the FIFO is another user's"));
}

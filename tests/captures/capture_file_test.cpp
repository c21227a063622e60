#include "backends/interfaces/capture_file.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace vrrp;
using backend::CaptureFile;

namespace {

// A file that goes with the test.
class Scratch {
  public:
    explicit Scratch(const std::string& content) {
        std::string pattern = (std::filesystem::temp_directory_path() / "vrrpcaptureXXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        directory_ = pattern;
        std::ofstream(path(), std::ios::binary) << content;
    }
    ~Scratch() { std::filesystem::remove_all(directory_); }
    std::string path() const { return (directory_ / "file.pcap").string(); }

  private:
    std::filesystem::path directory_;
};

std::string real_capture() {
    std::ifstream in(std::string(CAPTURES) + "/ka-v2.pcap", std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    REQUIRE(text.str().size() > 1000);
    return text.str();
}

} // namespace

TEST_CASE("a file that is not there is an error that names it") {
    const auto file = CaptureFile::open("/nowhere/x.pcap");
    REQUIRE_FALSE(file);
    CHECK_THAT(file.error(), Catch::StartsWith("/nowhere/x.pcap: "));
    CHECK_THAT(file.error(), Catch::Contains("No such file"));
}

TEST_CASE("a file that is no capture is an error that names it") {
    for (const std::string content : {"", "hello, world, this is no capture", "\xd4\xc3\xb2\xa1"}) {
        const Scratch scratch(content);
        const auto file = CaptureFile::open(scratch.path());
        REQUIRE_FALSE(file);
        CHECK_THAT(file.error(), Catch::StartsWith(scratch.path() + ": "));
    }
}

TEST_CASE("a capture of something else than Ethernet says of what") {
    std::string content = real_capture();
    content[20] = 101; // raw IP
    const Scratch scratch(content);
    const auto file = CaptureFile::open(scratch.path());
    REQUIRE_FALSE(file);
    CHECK_THAT(file.error(), Catch::Contains("RAW"));
    CHECK_THAT(file.error(), Catch::Contains("only Ethernet"));
}

TEST_CASE("a capture that is cut gives what it has, and says where it ends") {
    const std::string whole = real_capture();
    const Scratch scratch(whole.substr(0, whole.size() - 5));
    auto file = CaptureFile::open(scratch.path());
    REQUIRE(file);
    std::uint64_t frames = 0;
    for (;;) {
        const auto frame = file->next();
        if (!frame) {
            CHECK_THAT(frame.error(), Catch::Contains("after frame " + std::to_string(frames)));
            break;
        }
        REQUIRE(*frame);
        frames = (*frame)->number;
    }
    CHECK(frames == 58);
}

TEST_CASE("a time that no clock shows is cut, not wrapped around") {
    const auto block = [](std::uint32_t type, std::initializer_list<std::uint32_t> words) {
        const auto size = static_cast<std::uint32_t>(12 + 4 * words.size());
        std::vector<std::uint32_t> all{type, size};
        all.insert(all.end(), words);
        all.push_back(size);
        return std::string(reinterpret_cast<const char*>(all.data()), 4 * all.size());
    };
    // pcapng of one interface that counts whole seconds (option 9, if_tsresol, 10^0), and two empty frames.
    const Scratch scratch(block(0x0a0d0d0a, {0x1a2b3c4d, 1, 0xffffffff, 0xffffffff}) +
                          block(1, {1, 65535, 1 << 16 | 9, 0, 0}) +
                          block(6, {0, 0x7fffffff, 0xffffffff, 0, 0}) + block(6, {0, 0, 5, 0, 0}));
    auto file = CaptureFile::open(scratch.path());
    REQUIRE(file);
    const auto far = file->next();
    REQUIRE((far && *far));
    CHECK((*far)->time == std::chrono::seconds(9'000'000'000));
    const auto near = file->next();
    REQUIRE((near && *near));
    CHECK((*near)->time == std::chrono::seconds(5));
}

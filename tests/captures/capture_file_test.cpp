#include "backends/interfaces/capture_file.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

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

TEST_CASE("a capture of a link that cannot be read says of what") {
    std::string content = real_capture();
    content[20] = 105; // wireless
    const Scratch scratch(content);
    const auto file = CaptureFile::open(scratch.path());
    REQUIRE_FALSE(file);
    CHECK_THAT(file.error(), Catch::Contains("IEEE802_11"));
    CHECK_THAT(file.error(), Catch::Contains("captures of Ethernet, Linux cooked, raw IP and loopback"));
}

TEST_CASE("raw IP and loopback are read as the same packets") {
    // link type, and what stands before the IP packet instead of Ethernet's header
    const std::vector<std::pair<int, std::string>> links = {
        {101, ""}, {12, ""}, {228, ""}, {0, std::string("\2\0\0\0", 4)}, {108, std::string("\0\0\0\2", 4)}};
    const auto in_pcap = [](int link, const std::string& bytes) {
        std::string file("\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0\0\0\0\0\xff\xff\0\0", 20);
        const auto put = [&](std::uint32_t v) { file.append(reinterpret_cast<const char*>(&v), 4); };
        put(static_cast<std::uint32_t>(link));
        put(1), put(0), put(static_cast<std::uint32_t>(bytes.size())),
            put(static_cast<std::uint32_t>(bytes.size()));
        return file + bytes;
    };
    const std::string ip = std::string("\x45\0\0\x15", 4) + std::string(16, '\1') + "x";
    for (const auto& [link, before] : links) {
        INFO(link);
        const Scratch scratch(in_pcap(link, before + ip));
        auto file = CaptureFile::open(scratch.path());
        REQUIRE(file);
        const auto frame = file->next();
        REQUIRE(frame);
        REQUIRE(*frame);
        const BytesView bytes = (*frame)->bytes;
        REQUIRE(bytes.size() == 14 + ip.size());
        CHECK(load_be16(&bytes[12]) == 0x0800);
        CHECK(std::equal(ip.begin(), ip.end(), bytes.begin() + 14,
                         [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; }));
    }
    const Scratch empty(in_pcap(101, "")); // not even a version
    auto file = CaptureFile::open(empty.path());
    REQUIRE(file);
    const auto nothing = file->next();
    REQUIRE(nothing);
    CHECK_FALSE(nothing->has_value());
    CHECK(file->unreadable() == 1);
}

namespace {

// Blocks of pcapng in either byte order.
class Pcapng {
  public:
    explicit Pcapng(bool big_endian) : big_(big_endian) {}
    Pcapng& section() {
        return block(0x0a0d0d0a, u32(0x1a2b3c4d) + u16(1) + u16(0) + std::string(8, '\xff'));
    }
    Pcapng& interface(unsigned link, const std::string& options = "") {
        return block(1, u16(link) + u16(0) + u32(0) + options);
    }
    Pcapng& packet(unsigned interface, std::uint64_t ticks, const std::string& bytes,
                   std::size_t on_wire = 0) {
        const auto size = static_cast<std::uint32_t>(bytes.size());
        return block(6, u32(interface) + u32(static_cast<std::uint32_t>(ticks >> 32)) +
                            u32(static_cast<std::uint32_t>(ticks)) + u32(size) +
                            u32(std::max(size, static_cast<std::uint32_t>(on_wire))) + padded(bytes));
    }
    std::string option(unsigned code, const std::string& value) const {
        return u16(code) + u16(static_cast<unsigned>(value.size())) + padded(value);
    }
    Pcapng& block(std::uint32_t type, const std::string& body) {
        const auto size = static_cast<std::uint32_t>(12 + body.size());
        text += u32(type) + u32(size) + body + u32(size);
        return *this;
    }
    std::string u16(unsigned v) const { return number(v, 2); }
    std::string u32(std::uint32_t v) const { return number(v, 4); }
    std::string u64(std::uint64_t v) const {
        const std::string high = u32(static_cast<std::uint32_t>(v >> 32)),
                          low = u32(static_cast<std::uint32_t>(v));
        return big_ ? high + low : low + high;
    }
    std::string text;

  private:
    std::string number(std::uint32_t v, int size) const {
        std::string bytes;
        for (int i = 0; i < size; ++i)
            bytes += static_cast<char>(v >> (8 * (big_ ? size - 1 - i : i)));
        return bytes;
    }
    static std::string padded(std::string bytes) {
        bytes.resize((bytes.size() + 3) / 4 * 4);
        return bytes;
    }
    bool big_;
};

const std::string kFrame(60, 'f');

struct Read {
    std::vector<std::pair<std::uint32_t, Duration>> frames; // interface and time
    std::size_t cut = 0;
    std::string error;
};

Read read(const std::string& content) {
    const Scratch scratch(content);
    auto file = CaptureFile::open(scratch.path());
    if (!file) return {{}, 0, file.error()};
    Read result;
    for (;;) {
        const auto frame = file->next();
        if (!frame) result.error = frame.error();
        if (!frame || !*frame) return result;
        result.frames.emplace_back((*frame)->interface, (*frame)->time);
        result.cut += (*frame)->is_cut();
    }
}

} // namespace

TEST_CASE("sections of either byte order are read, each with its own interfaces and times") {
    using namespace std::chrono_literals;
    Pcapng little(false), big(true);
    little.section().interface(1).interface(1, little.option(9, "\x09"));
    little.packet(0, 1'500'000, kFrame).block(0xbad, "nobody knows").packet(1, 2'000'000'001, kFrame);
    big.section().interface(1, big.option(9, "\x8a") + big.option(14, big.u64(100)));
    big.packet(0, 1024 + 512, kFrame, 100);
    const Read result = read(little.text + big.text);
    INFO(result.error);
    CHECK(result.error.empty());
    CHECK(result.frames ==
          std::vector<std::pair<std::uint32_t, Duration>>{{0, 1500ms}, {1, 2s + 1ns}, {2, 101500ms}});
    CHECK(result.cut == 1);
}

TEST_CASE("a pcapng file that is damaged is told up to the damage, in one line") {
    Pcapng good(false);
    good.section().interface(1).packet(0, 1, kFrame);
    const auto with = [&](std::size_t at, char byte) {
        std::string text = good.text;
        text[at] = byte;
        return text;
    };
    Pcapng nobody(false), longer(false), small(false);
    nobody.section().packet(0, 1, kFrame);
    longer.section().interface(1).block(6, longer.u32(0) + longer.u32(0) + longer.u32(1) + longer.u32(9) +
                                               longer.u32(9) + "four");
    small.section().interface(1).block(6, "tiny");
    for (const auto& [content, why] : std::vector<std::pair<std::string, std::string>>{
             {good.text.substr(0, good.text.size() - 5), "it ends within a block"},
             {good.text.substr(0, 6), "it ends within a block"},
             {good.text.substr(0, 10), "it ends within a section's header"},
             {with(8, 'x'), "a section has no byte order"},
             {with(4, 13), "a block's size is wrong"},
             {with(24, 0), "a block's two sizes differ"},
             {with(12, 2), "pcapng of version 2 is not known"},
             {nobody.text, "a packet is of no interface"},
             {longer.text, "a packet is longer than its block"},
             {small.text, "a packet's block is too short"}}) {
        const Read result = read(content);
        INFO(result.error);
        CHECK_THAT(result.error, Catch::Contains("after frame 0") && Catch::Contains(why));
        CHECK(result.frames.empty());
    }
    CHECK(read(good.text).frames.size() == 1);
}

TEST_CASE("a packed capture that is cut says so, and one that zstd packed what to do") {
    std::ifstream in(std::string(CAPTURES) + "/incidents/base.pcap.gz", std::ios::binary);
    std::ostringstream packed;
    packed << in.rdbuf();
    const Read whole = read(packed.str()), part = read(packed.str().substr(0, 500));
    CHECK(whole.error.empty());
    CHECK(whole.frames.size() == 60);
    CHECK_THAT(part.error, Catch::Contains("Input/output error") || Catch::Contains("truncated"));
    CHECK_THAT(read("\x28\xb5\x2f\xfd and more").error, Catch::Contains("zstd -dc FILE | vrrplab replay -"));
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

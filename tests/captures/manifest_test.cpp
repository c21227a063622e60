// Every frame of the real captures is read as their manifest says.
#include "backends/interfaces/capture_file.hpp"
#include "core/wire/announcement.hpp"
#include "core/wire/decode.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <toml++/toml.h>

using namespace vrrp;
using namespace std::chrono_literals;

namespace {

const std::string kCaptures = CAPTURES;

// A frame of its own, since the reader's is gone with the next.
struct Frame {
    Duration time{};
    std::vector<std::uint8_t> bytes;
};

std::vector<Frame> read(const std::string& name) {
    auto file = backend::CaptureFile::open(kCaptures + "/" + name);
    REQUIRE(file);
    std::vector<Frame> frames;
    for (;;) {
        const auto frame = file->next();
        REQUIRE(frame);
        if (!*frame) return frames;
        REQUIRE((*frame)->number == frames.size() + 1);
        frames.push_back({(*frame)->time, {(*frame)->bytes.begin(), (*frame)->bytes.end()}});
    }
}

const toml::array& manifest() {
    static const toml::table table = toml::parse_file(kCaptures + "/manifest.toml");
    const toml::array* captures = table["capture"].as_array();
    REQUIRE(captures != nullptr);
    return *captures;
}

template <typename T>
T value(const toml::table& table, const char* key) {
    INFO(key);
    const auto found = table[key].value<T>();
    REQUIRE(found);
    return *found;
}

// Runs `check` on each row of a capture's list, with the frame that it is about.
template <typename Check>
void each(const toml::table& capture, const char* list, const std::vector<Frame>& frames, Check&& check) {
    const toml::array* rows = capture[list].as_array();
    if (rows == nullptr) return;
    for (const toml::node& node : *rows) {
        const toml::table& row = *node.as_table();
        const auto number = value<std::size_t>(row, "frame");
        INFO("frame " << number);
        REQUIRE(number <= frames.size());
        check(row, frames[number - 1]);
    }
}

void check_advertisement(const toml::table& row, const wire::Advertisement& a) {
    const auto byte4 = value<unsigned>(row, "byte4"), byte5 = value<unsigned>(row, "byte5");
    const bool v2 = a.version == wire::Version::v2;
    CHECK(static_cast<unsigned>(a.version) == value<unsigned>(row, "version"));
    CHECK(a.vrid == value<unsigned>(row, "vrid"));
    CHECK(a.priority == value<unsigned>(row, "priority"));
    CHECK(a.addresses.size() == value<std::size_t>(row, "count"));
    CHECK(static_cast<unsigned>(a.authentication_type) == (v2 ? byte4 : 0));
    CHECK(a.interval == (v2 ? byte5 * Duration(1s) : (byte4 << 8 | byte5) * Duration(10ms)));
    CHECK(8 + a.addresses.bytes().size() + (v2 ? 8 : 0) == value<std::size_t>(row, "length"));
    CHECK(to_string(a.source) == value<std::string>(row, "source"));
    CHECK(to_string(a.source_mac) == value<std::string>(row, "mac"));
    CHECK(to_string(a.destination) == value<std::string>(row, "destination"));
    CHECK(a.authentication_header.has_value() == row.contains("spi"));
    if (!a.authentication_header) return;
    CHECK(a.authentication_header->spi == value<std::uint32_t>(row, "spi"));
    CHECK(a.authentication_header->sequence == value<std::uint32_t>(row, "sequence"));
}

} // namespace

TEST_CASE("the manifest names every capture") {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(kCaptures))
        files += entry.path().extension() == ".pcap";
    CHECK(manifest().size() == files);
    CHECK(files == 31);
}

TEST_CASE("the advertisements of real routers are read field by field") {
    std::size_t checked = 0;
    for (const toml::node& node : manifest()) {
        const toml::table& capture = *node.as_table();
        INFO(value<std::string>(capture, "file"));
        const std::vector<Frame> frames = read(value<std::string>(capture, "file"));
        CHECK(frames.size() == value<std::size_t>(capture, "frames"));
        // The manifest counts from the start of the routers, the file from the epoch: what lies between is
        // constant.
        std::optional<double> offset;
        each(capture, "advertisement", frames, [&](const toml::table& row, const Frame& frame) {
            const auto decoded = wire::decode(frame.bytes);
            REQUIRE(decoded);
            check_advertisement(row, *decoded);
            const double here = static_cast<double>(frame.time.count()) / 1e9 - value<double>(row, "time");
            if (!offset) offset = here;
            CHECK(here == Approx(*offset).margin(0.0011)); // it has milliseconds
            ++checked;
        });
    }
    CHECK(checked == 151);
}

TEST_CASE("no advertisement of a real router is refused, and none is missed") {
    for (const toml::node& node : manifest()) {
        const toml::table& capture = *node.as_table();
        INFO(value<std::string>(capture, "file"));
        std::map<std::string, std::int64_t> counted, expected;
        for (const auto& [source, count] : *capture["advertisements"].as_table())
            expected[std::string(source.str())] = **count.as_integer();
        for (const Frame& frame : read(value<std::string>(capture, "file"))) {
            const auto decoded = wire::decode(frame.bytes);
            if (decoded)
                ++counted[to_string(decoded->source)];
            else
                CHECK(decoded.error().reason == wire::DropReason::not_vrrp);
        }
        CHECK(counted == expected);
    }
}

TEST_CASE("the announcements of real routers are read") {
    std::size_t checked = 0;
    for (const toml::node& node : manifest()) {
        const toml::table& capture = *node.as_table();
        INFO(value<std::string>(capture, "file"));
        each(capture, "announcement", read(value<std::string>(capture, "file")),
             [&](const toml::table& row, const Frame& frame) {
                 const auto announcement = wire::decode_announcement(frame.bytes);
                 REQUIRE(announcement);
                 CHECK(to_string(announcement->address) == value<std::string>(row, "address"));
                 CHECK(to_string(announcement->mac) == value<std::string>(row, "mac"));
                 ++checked;
             });
    }
    CHECK(checked == 150);
}

// vrrplab replay as a user runs it.
#include "backends/interfaces/capture_file.hpp"
#include "tests/binaries.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <pcap/pcap.h>
#include <sstream>
#include <sys/wait.h>

using nlohmann::json;

namespace {

struct Ran {
    int status = 0;
    std::string output;
};

Ran replay(const std::string& arguments) {
    std::FILE* pipe =
        ::popen((std::string(vrrp::kVrrplabBinary) + " replay " + arguments + " 2>&1").c_str(), "re");
    REQUIRE(pipe != nullptr);
    Ran ran;
    std::array<char, 4096> buffer{};
    while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe))
        ran.output.append(buffer.data(), size);
    ran.status = WEXITSTATUS(::pclose(pipe));
    return ran;
}

std::vector<json> objects(const std::string& arguments) {
    const Ran ran = replay(arguments + " --json -");
    REQUIRE(ran.status == 0);
    std::vector<json> all;
    std::istringstream lines(ran.output);
    for (std::string line; std::getline(lines, line);)
        all.push_back(json::parse(line));
    return all;
}

std::string capture(const char* name) {
    return std::string(CAPTURES) + "/" + name;
}

std::vector<json> of_kind(const std::vector<json>& all, const char* kind) {
    std::vector<json> some;
    std::ranges::copy_if(all, std::back_inserter(some), [&](const json& one) { return one["kind"] == kind; });
    return some;
}

// A copy of a capture whose frames have passed through `change`.
class ChangedCopy {
  public:
    template <typename Change>
    ChangedCopy(const char* name, Change&& change) {
        std::string pattern = (std::filesystem::temp_directory_path() / "vrrpreplayXXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        directory_ = pattern;
        pcap_t* dead = pcap_open_dead(DLT_EN10MB, 65535);
        pcap_dumper_t* out = pcap_dump_open(dead, path().c_str());
        auto in = vrrp::backend::CaptureFile::open(capture(name));
        REQUIRE(in);
        for (auto frame = in->next(); frame && *frame; frame = in->next()) {
            std::vector<std::uint8_t> bytes((*frame)->bytes.begin(), (*frame)->bytes.end());
            change(bytes);
            pcap_pkthdr header{};
            header.ts.tv_sec = (*frame)->time / std::chrono::seconds(1);
            header.ts.tv_usec = (*frame)->time / std::chrono::microseconds(1) % 1'000'000;
            header.caplen = header.len = static_cast<bpf_u_int32>(bytes.size());
            pcap_dump(reinterpret_cast<u_char*>(out), &header, bytes.data());
        }
        pcap_dump_close(out);
        pcap_close(dead);
    }
    ~ChangedCopy() { std::filesystem::remove_all(directory_); }
    std::string path() const { return (directory_ / "copy.pcap").string(); }
    std::filesystem::path directory() const { return directory_; }

  private:
    std::filesystem::path directory_;
};

// Blocks of pcapng: section header, interface, one enhanced packet block a frame.
std::string as_pcapng(const char* name) {
    std::string out;
    const auto put32 = [&](std::uint32_t v) { out.append(reinterpret_cast<const char*>(&v), 4); };
    const auto put16 = [&](std::uint16_t v) { out.append(reinterpret_cast<const char*>(&v), 2); };
    put32(0x0a0d0d0a), put32(28), put32(0x1a2b3c4d), put16(1), put16(0), put32(0xffffffff), put32(0xffffffff),
        put32(28);
    put32(1), put32(20), put16(1), put16(0), put32(65535), put32(20);
    auto in = vrrp::backend::CaptureFile::open(capture(name));
    REQUIRE(in);
    for (auto frame = in->next(); frame && *frame; frame = in->next()) {
        const auto size = static_cast<std::uint32_t>((*frame)->bytes.size()), padded = (size + 3) & ~3u;
        const auto microseconds = static_cast<std::uint64_t>((*frame)->time / std::chrono::microseconds(1));
        put32(6), put32(32 + padded), put32(0);
        put32(static_cast<std::uint32_t>(microseconds >> 32)),
            put32(static_cast<std::uint32_t>(microseconds));
        put32(size), put32(size);
        out.append(reinterpret_cast<const char*>((*frame)->bytes.data()), size).append(padded - size, '\0');
        put32(32 + padded);
    }
    return out;
}

} // namespace

TEST_CASE("replay tells of a killed master what a person would read from the packets") {
    const Ran ran = replay(capture("ka-v2-kill.pcap"));
    CHECK(ran.status == 0);
    CHECK_THAT(ran.output, Catch::Contains("10.99.0.1 is master: the first to be heard"));
    CHECK_THAT(ran.output, Catch::Contains("10.99.0.2 is master: 10.99.0.1 silent for 3.61 s"));
    CHECK_THAT(ran.output, Catch::Contains("10.99.0.1 is master: a higher priority than 10.99.0.2"));
}

TEST_CASE("the objects of a replay have their fields, and the summary is the last") {
    const std::vector<json> all = objects(capture("ka-v2.pcap"));
    const std::vector<json> packets = of_kind(all, "packet");
    CHECK(packets.size() == 13);
    const json& first = packets.front();
    CHECK(first["frame"].is_number_unsigned());
    CHECK(first["vrid"] == 5);
    CHECK(first["version"] == 2);
    CHECK(first["source"] == "10.99.0.1");
    CHECK(first["priority"] == 200);
    CHECK(first["verdict"] == "accepted");
    CHECK(first["addresses"] == json{"10.99.0.254"});
    const std::vector<json> changes = of_kind(all, "transition");
    REQUIRE(changes.size() == 4);
    CHECK(changes[1]["cause"] == "resigned");
    CHECK(changes[1]["to"].is_null());
    CHECK(changes[2]["cause"] == "after_resigning");
    REQUIRE(all.back()["kind"] == "summary");
    CHECK(of_kind(all, "summary").size() == 1);
    CHECK(all.back()["packets"] == 13);
    CHECK(all.back()["frames"] == 59);
    CHECK(all.back()["virtual_routers"][0]["master"] == "10.99.0.1");
}

TEST_CASE("frames are numbered as Wireshark numbers them") {
    const std::vector<json> packets = of_kind(objects(capture("frr-v2.pcap")), "packet");
    CHECK(packets[0]["frame"] == 14);
    CHECK(packets.back()["frame"] == 43);
}

TEST_CASE("an authentication header around VRRP is read through") {
    const std::vector<json> all = objects(capture("ka-v2-ah.pcap"));
    CHECK(all.back()["accepted"] == 13);
    CHECK(of_kind(all, "packet").front()["authentication_type"] == 2);
}

TEST_CASE("a refused packet keeps its number and tells why") {
    const ChangedCopy copy("ka-v2.pcap", [](std::vector<std::uint8_t>& frame) {
        if (frame.size() > 40 && frame[23] == 112) frame[36] ^= 1; // the priority; the checksum is wrong now
    });
    const std::vector<json> all = objects(copy.path());
    CHECK(all.back()["accepted"] == 0);
    CHECK(all.back()["refused"] == json{{"checksum", 13}});
    const json first = of_kind(all, "packet").front();
    CHECK(first["verdict"] == "checksum");
    CHECK(first["vrid"] == 5);
    CHECK(first["priority"] == 201);
    CHECK(first["source"] == "10.99.0.1");
    CHECK(of_kind(all, "transition").empty());
}

TEST_CASE("tagged frames are told by their VLAN") {
    const ChangedCopy copy("ka-v3-1s.pcap", [](std::vector<std::uint8_t>& frame) {
        const std::uint8_t tag[] = {0x81, 0x00, 0x00, 42};
        frame.insert(frame.begin() + 12, std::begin(tag), std::end(tag));
    });
    const std::vector<json> all = objects(copy.path());
    CHECK(all.back()["accepted"] == 10);
    for (const json& change : of_kind(all, "transition"))
        CHECK(change["vlan"] == 42);
    CHECK_THAT(replay(copy.path()).output, Catch::Contains("VLAN 42 IPv4 vrid 5"));
}

TEST_CASE("pcapng says the same as pcap") {
    const ChangedCopy room("ka-v2.pcap", [](std::vector<std::uint8_t>&) {});
    const std::string path = (room.directory() / "copy.pcapng").string();
    std::ofstream(path, std::ios::binary) << as_pcapng("ka-v2.pcap");
    CHECK(objects(path) == objects(capture("ka-v2.pcap")));
}

TEST_CASE("a file gets all of the objects") {
    const ChangedCopy room("ka-v2.pcap", [](std::vector<std::uint8_t>&) {});
    const std::string path = (room.directory() / "out.json").string();
    REQUIRE(replay(capture("ka-v2.pcap") + " --quiet --json " + path).status == 0);
    std::ifstream in(path);
    std::size_t lines = 0;
    for (std::string line; std::getline(in, line);)
        lines += json::parse(line).is_object();
    CHECK(lines == 13 + 4 + 1 + 1); // packets, changes, verdict, summary
}

TEST_CASE("a capture that is cut is told up to the cut, also into a file") {
    const ChangedCopy room("ka-v2.pcap", [](std::vector<std::uint8_t>&) {});
    std::filesystem::resize_file(room.path(), std::filesystem::file_size(room.path()) - 5);
    const std::string out = (room.directory() / "out.json").string();
    const Ran ran = replay(room.path() + " --quiet --json " + out);
    CHECK(ran.status == 2);
    CHECK_THAT(ran.output, Catch::Contains("after frame 58"));
    std::ifstream in(out);
    json last;
    for (std::string line; std::getline(in, line);)
        last = json::parse(line);
    CHECK(last["kind"] == "summary");
    CHECK(last["frames"] == 58);
}

TEST_CASE("an accepted packet is shown as it was read, whatever stands before its VRRP header") {
    const ChangedCopy copy("ka-v3-ip6.pcap", [](std::vector<std::uint8_t>& frame) {
        if (frame.size() < 54 || frame[20] != 112) return;
        const std::uint8_t hop_by_hop[] = {112, 0, 5, 2, 0, 0, 1, 0}; // router alert
        frame.insert(frame.begin() + 54, std::begin(hop_by_hop), std::end(hop_by_hop));
        frame[20] = 0;
        frame[19] = static_cast<std::uint8_t>(frame[19] + sizeof hop_by_hop);
    });
    const json first = of_kind(objects(copy.path()), "packet").front();
    CHECK(first["verdict"] == "accepted");
    CHECK(first["version"] == 3);
    CHECK(first["vrid"] == 5);
    CHECK(first["priority"] == 200);
}

TEST_CASE("a master that is silent when the capture ends is told of before the summary") {
    int adverts = 0;
    const ChangedCopy copy("ka-v2.pcap", [&](std::vector<std::uint8_t>& frame) {
        if (frame[23] == 112 && ++adverts > 1) frame[12] = 0x88; // only the first one remains
    });
    const std::vector<json> all = objects(copy.path());
    const json last = of_kind(all, "transition").back();
    CHECK(last["frame"] == 59);
    CHECK(last["from"] == "10.99.0.1");
    CHECK(last["to"].is_null());
    CHECK(last["cause"] == "silence");
    CHECK(all.back()["virtual_routers"][0]["master"].is_null());
}

TEST_CASE("text keeps to a hundred columns") {
    std::size_t longest = 0;
    for (const char* name : {"frr-v3-ip6.pcap", "ka-v3-ip6.pcap", "ka-v2-20vip.pcap"}) {
        std::istringstream lines(replay(capture(name)).output);
        for (std::string line; std::getline(lines, line);)
            if (line.find("in Wireshark: ") == line.npos) // it is to be pasted whole
                longest = std::max(longest, line.size());
    }
    CHECK(longest > 60);
    CHECK(longest <= 100);
}

TEST_CASE("a capture without VRRP says so and is no error") {
    const ChangedCopy copy("ka-v2.pcap", [](std::vector<std::uint8_t>& frame) { frame[12] = 0x88; });
    const Ran ran = replay(copy.path());
    CHECK(ran.status == 0);
    CHECK_THAT(ran.output, Catch::Contains("no VRRP packet is in this capture"));
    CHECK(objects(copy.path()).size() == 2); // the verdict and the summary
}

TEST_CASE("what cannot be replayed is refused in one line with exit status 2") {
    for (const std::string& wrong : {std::string("/nowhere.pcap"), capture("manifest.toml")}) {
        const Ran ran = replay(wrong);
        CHECK(ran.status == 2);
        CHECK_THAT(ran.output, Catch::StartsWith("vrrplab: " + wrong));
        CHECK(std::ranges::count(ran.output, '\n') == 1);
    }
    CHECK(replay("").status == 2);
}

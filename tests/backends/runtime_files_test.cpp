// Files that outlive a killed process, and what the next one makes of them.
#include "backends/interfaces/held_record.hpp"
#include "backends/interfaces/kernel_setting.hpp"
#include "backends/runtime/runtime_directory.hpp"
#include "tests/backends/test_bed.hpp"

#include <future>
#include <set>

using namespace vrrp;
using namespace vrrp::test;
using backend::HeldRecord;
using backend::PidFile;

namespace {

const std::string kInstance = "vrrpd_eth0_5";

void write(const fs::path& file, const std::string& text) {
    std::ofstream(file) << text;
}

} // namespace

TEST_CASE("a start waits for who is cleaning up after its predecessor") {
    const TemporaryDirectory directory;
    auto cleaner = PidFile::take_from_dead(directory.path(), kInstance);
    REQUIRE(cleaner);
    CHECK_FALSE(PidFile::take_from_dead(directory.path(), kInstance));
    auto start = std::async(std::launch::async,
                            [&] { return PidFile::take(directory.path(), kInstance).has_value(); });
    CHECK(start.wait_for(50ms) == std::future_status::timeout); // neither refused nor started
    cleaner.reset();
    CHECK(start.get());
}

TEST_CASE("who cleans up removes the files of the dead process and of no other") {
    const TemporaryDirectory directory;
    write(directory / "vrrpd_eth0_5.pid", "4711\n");
    for (const char* name :
         {"vrrpd_eth0_5.sock", "vrrpd_eth0_5.bus", ".vrrpstate4711", "vrrpd_eth0_55.sock", ".vrrpstate471"})
        write(directory / name, "");
    REQUIRE(PidFile::take_from_dead(directory.path(), kInstance));
    std::set<std::string> left;
    for (const auto& entry : fs::directory_iterator(directory.path()))
        left.insert(entry.path().filename());
    CHECK(left == std::set<std::string>{"vrrpd_eth0_55.sock", ".vrrpstate471"});
}

TEST_CASE("a record of what is held says the same when it is read") {
    const TemporaryDirectory directory;
    const HeldRecord record{
        .index = 7, .addresses = {*IpPrefix::parse("10.99.0.254/24"), *IpPrefix::parse("fe80::5/128")}};
    REQUIRE(record.write(directory.path(), kInstance));
    CHECK(HeldRecord::read(directory.path(), kInstance) == record);
    HeldRecord::remove(directory.path(), kInstance);
    CHECK_FALSE(HeldRecord::read(directory.path(), kInstance));
}

TEST_CASE("a record that cannot be understood, or is of another boot, is none") {
    const TemporaryDirectory directory;
    const std::string boot = R"({"boot":")" + backend::boot_id() + R"(")";
    for (const std::string& text :
         {std::string(""), std::string("garbage"), std::string("[]"), boot + "}", boot + R"(,"index":"7"})",
          boot.substr(0, 20), std::string(R"({"boot":7,"index":7})"),
          std::string(R"({"boot":"before","index":7,"addresses":[]})")}) {
        INFO(text);
        write(directory / "vrrpd_eth0_5.held", text);
        CHECK_FALSE(HeldRecord::read(directory.path(), kInstance));
    }
    write(directory / "vrrpd_eth0_5.held", boot + R"(,"index":7,"addresses":["10.99.0.254/32","x",5]})");
    CHECK(HeldRecord::read(directory.path(), kInstance)->addresses.size() == 1);
}

// No file can hurt an import: it becomes a file that vrrpd takes, or is refused with its place.
#include "core/config/import/import.hpp"
#include "tests/fuzz/frame_mutator.hpp"
#include "tests/unit/import_bed.hpp"

#include <fmt/format.h>
#include <iterator>

using namespace vrrp;
using namespace vrrp::fuzz;
using namespace vrrp::test;

namespace {

constexpr int kImports = 20'000;

constexpr const char* kWords[] = {"vrrp_instance",
                                  "vrrp_sync_group",
                                  "vrrp_script",
                                  "vrrp_track_file",
                                  "vrrp_track_process",
                                  "global_defs",
                                  "group",
                                  "virtual_ipaddress",
                                  "virtual_routes",
                                  "track_interface",
                                  "track_script",
                                  "track_file",
                                  "track_process",
                                  "interface",
                                  "virtual_router_id",
                                  "priority",
                                  "advert_int",
                                  "authentication",
                                  "auth_type",
                                  "auth_pass",
                                  "unicast_peer",
                                  "notify",
                                  "notify_master",
                                  "script",
                                  "file",
                                  "process",
                                  "weight",
                                  "reverse",
                                  "interval",
                                  "timeout",
                                  "version",
                                  "nopreempt",
                                  "use_vmac",
                                  "include",
                                  "@gw1",
                                  "@^gw1",
                                  "$A=",
                                  "$A",
                                  "${A}",
                                  "${_RANDOM}",
                                  "$A=\\",
                                  "~SEQ(A,1,9)",
                                  "G",
                                  "A",
                                  "B",
                                  "eth0",
                                  "eth1",
                                  "51",
                                  "52",
                                  "255",
                                  "3",
                                  "0.25",
                                  "-9",
                                  "99999999999999999999",
                                  "10.0.0.1",
                                  "10.0.0.2/24",
                                  "fe80::1",
                                  "fd00::1/64",
                                  "PASS",
                                  "MASTER",
                                  "/bin/true",
                                  "\"/bin/x a 'b c'\"",
                                  "\"",
                                  "'",
                                  "\\",
                                  "#",
                                  "!",
                                  "{",
                                  "}",
                                  "\n",
                                  "\n",
                                  "\n",
                                  "\t",
                                  "dev",
                                  "label",
                                  "\xc3\xa9",
                                  "\xff",
                                  "k.conf",
                                  "k*",
                                  "high-availability {",
                                  "vrrp",
                                  "set",
                                  "high-availability",
                                  "group",
                                  "address",
                                  "vrid",
                                  "health-check",
                                  "transition-script",
                                  "master",
                                  "sync-group",
                                  "member",
                                  "no",
                                  "default",
                                  "ip",
                                  "ipv6",
                                  "version",
                                  "shutdown",
                                  "vrrp 5",
                                  "vrrp 5 ip 10.0.0.1",
                                  "interface eth0\n"};

// A good one to change.
constexpr const char* kGood = R"(global_defs {
 script_user alice
}
vrrp_script s {
 script "/bin/x a"
 weight 5
}
vrrp_sync_group G {
 group {
  A
  B
 }
}
vrrp_instance A {
 interface eth0
 virtual_router_id 51
 virtual_ipaddress {
  10.0.0.1/24
 }
 track_script {
  s
 }
}
vrrp_instance B {
 interface eth1
 virtual_router_id 52
 version 3
 virtual_ipaddress {
  fe80::1
  fd00::1/64
 }
}
)";

std::string any_text(Dice& dice) {
    std::string text = dice.one_in(2) ? kGood : "";
    const std::size_t changes = 1 + dice.below(text.empty() ? 60 : 3);
    for (std::size_t i = 0; i < changes; ++i) {
        const std::string word = kWords[dice.below(std::size(kWords))];
        const std::size_t at = text.empty() || dice.one_in(3) ? text.size() : dice.below(text.size());
        if (dice.one_in(4) && !text.empty())
            text.erase(at, dice.below(20));
        else if (dice.one_in(8) && !text.empty())
            text.insert(at, 1, static_cast<char>(dice.below(256)));
        else
            text.insert(at, " " + word + " ");
    }
    return text;
}

} // namespace

TEST_CASE("whatever stands in a file, an import takes it or refuses it with its place") {
    Dice dice(11);
    std::size_t whole = 0, refused = 0;
    for (int i = 0; i < kImports; ++i) {
        const std::string text = any_text(dice);
        Order order{.file = "k.conf"};
        if (!dice.one_in(4)) order.format = static_cast<Format>(dice.below(3));
        const Sources sources = files({{"k.conf", text}, {"k2.conf", any_text(dice)}});
        const auto result = import_text(order, text, sources);
        const auto again = import_text(order, text, sources);
        REQUIRE(result.has_value() == again.has_value());
        if (!result) {
            ++refused;
            INFO(text);
            REQUIRE(result.error().message == again.error().message);
            REQUIRE(result.error().message.find('\n') == std::string::npos);
            REQUIRE(result.error().message.starts_with("k")); // file:line:column
            continue;
        }
        REQUIRE(result->text == again->text);
        if (!result->whole()) continue;
        ++whole;
        taken(*result);
    }
    CHECK(whole > kImports / 100);
    CHECK(refused > kImports / 50);
    CHECK(whole + refused < kImports);
}

TEST_CASE("files that grow without end are refused soon") {
    std::string bomb = "$A0=x\n";
    for (int i = 1; i <= 40; ++i)
        bomb += fmt::format("$A{0}=${{A{1}}}${{A{1}}}${{A{1}}}\n", i, i - 1);
    const auto grown =
        import_text({.file = "k.conf", .format = Format::keepalived}, bomb + "x ${A40}\n", files({}));
    REQUIRE_FALSE(grown);
    std::string lines = "$B=\\\n";
    for (int i = 0; i < 1000; ++i)
        lines += "$C \\\n";
    lines += "x\n$C=\\\n";
    for (int i = 0; i < 1000; ++i)
        lines += "y \\\n";
    const auto many =
        import_text({.file = "k.conf", .format = Format::keepalived}, lines + "y\n$B\n", files({}));
    REQUIRE_FALSE(many);
    CHECK_THAT(many.error().message, Catch::Contains("more than 200000"));
}

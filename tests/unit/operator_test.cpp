// What operators, scripts and other programs of the machine do to a virtual router.
#include "tests/unit/test_bed.hpp"

using namespace vrrp;
using namespace vrrp::test;

namespace {

TestBed& operator_says(TestBed& bed, Command command) {
    return bed.give(Commanding{VirtualRouterIndex{}, command});
}

TestBed master(VirtualRouterConfig config = gateway()) {
    TestBed bed(config);
    bed.start().run_until(10s);
    REQUIRE(bed.state() == State::master);
    bed.forget();
    bed.order.clear();
    bed.scripts.clear();
    return bed;
}

using Scripts = std::vector<ScriptKind>;
constexpr ScriptKind kMaster = ScriptKind::master, kBackup = ScriptKind::backup;

VirtualRouterConfig with_scripts() {
    VirtualRouterConfig config = gateway();
    config.master_script = "/etc/master.sh";
    config.backup_script = "/etc/backup.sh";
    return config;
}

} // namespace

TEST_CASE("a master that is asked to back up resigns, and does not preempt the next one") {
    TestBed bed = master(gateway(200));
    operator_says(bed, Command::back_up);
    CHECK(bed.state() == State::backup);
    CHECK(bed.priorities_sent() == std::vector<std::uint8_t>{0});
    CHECK(bed.addresses.empty());
    bed.hear_until(30s, Peer{}, 100);
    CHECK(bed.state() == State::backup);
    bed.run_for(4s); // but when nobody else is master it serves
    CHECK(bed.state() == State::master);
}

TEST_CASE("a router that is held stays backup whatever happens, until it is released") {
    TestBed bed = master();
    operator_says(bed, Command::hold).run_for(60s);
    CHECK(bed.state() == State::backup);
    operator_says(bed, Command::release);
    CHECK(bed.state() == State::master); // its timer ran out long ago
}

TEST_CASE(
    "a router that is held while its master dies leads as soon as it may, also when it is only to yield") {
    TestBed bed(gateway());
    bed.start().hear(Peer{}, 200);
    operator_says(bed, Command::hold).run_for(30s);
    REQUIRE(bed.state() == State::backup);
    operator_says(bed, Command::back_up);
    CHECK(bed.state() == State::master);
}

TEST_CASE("a router that may preempt no more leads all the same when the lesser master falls silent") {
    TestBed bed(gateway(200));
    operator_says(bed.start().hear_until(3s, Peer{}, 100), Command::back_up);
    bed.run_for(4s);
    CHECK(bed.state() == State::master);
}

TEST_CASE("a released router preempts again") {
    TestBed bed = master(gateway(200));
    operator_says(bed, Command::back_up);
    bed.hear_until(13s, Peer{}, 100);
    operator_says(bed, Command::release);
    bed.hear_until(20s, Peer{}, 100);
    CHECK(bed.state() == State::master);
}

TEST_CASE("a router that is asked to lead takes over from a lesser master at once, also without preemption") {
    VirtualRouterConfig config = gateway(200);
    config.preempt = false;
    TestBed bed(config);
    bed.start().hear(Peer{}, 100).run_for(500ms).hear(Peer{}, 100);
    REQUIRE(bed.state() == State::backup);
    operator_says(bed, Command::lead).run_for(0s);
    CHECK(bed.state() == State::master);
}

TEST_CASE("it is refused where a better master lives") {
    TestBed bed(gateway(100));
    bed.start().hear(Peer{}, 200);
    operator_says(bed, Command::lead);
    CHECK(bed.state() == State::backup);
    CHECK_THAT(bed.journal_text(),
               Catch::Contains("master refused: 10.0.0.1 (priority 200) is master and outranks"));
}

TEST_CASE("it is refused as long as it cannot know whether a better master lives") {
    TestBed bed(gateway(100));
    bed.start().run_for(300ms);
    operator_says(bed, Command::lead);
    CHECK(bed.state() == State::backup);
    CHECK_THAT(
        bed.journal_text(),
        Catch::Contains("master refused: it has just begun to listen, and may hear a better master within "
                        "700 ms: ask again then"));
    bed.run_for(700ms); // one advertisement interval: a master that lives has spoken
    operator_says(bed, Command::lead);
    CHECK(bed.state() == State::master);
}

TEST_CASE("a lesser master that was heard is enough to be asked to lead, however short the time") {
    TestBed bed(gateway(100));
    bed.start().run_for(10ms).hear(Peer{}, 50);
    operator_says(bed, Command::lead).run_for(0s);
    CHECK(bed.state() == State::master);
}

TEST_CASE("a master that was asked to back up takes that back at once") {
    TestBed bed = master();
    operator_says(bed, Command::back_up).run_for(10ms);
    REQUIRE(bed.state() == State::backup);
    operator_says(bed, Command::lead);
    CHECK(bed.state() == State::master);
}

TEST_CASE("a router whose link has come back listens before it can be asked to lead") {
    TestBed bed = master();
    InterfaceFacts down = working_interface();
    down.carrier = false;
    bed.change(down).run_for(10s).change(working_interface()).run_for(10ms);
    operator_says(bed, Command::lead);
    CHECK(bed.state() == State::backup);
}

TEST_CASE("priorities are reduced and increased by ten within bounds, or to what the configuration says") {
    TestBed bed = master(gateway(15));
    CHECK(operator_says(bed, Command::reduce).vr().priority() == 5);
    CHECK(operator_says(bed, Command::reduce).vr().priority() == 1);
    TestBed high = master(gateway(250));
    CHECK(operator_says(high, Command::increase).vr().priority() == 254);
    VirtualRouterConfig config = gateway(100);
    config.reduced_priority = 7;
    config.increased_priority = 77;
    TestBed set = master(config);
    CHECK(operator_says(set, Command::reduce).vr().priority() == 7);
    CHECK(operator_says(set, Command::increase).vr().priority() == 77);
}

TEST_CASE("an owner refuses what would part it from its addresses") {
    InterfaceFacts facts = working_interface();
    facts.addresses.insert(facts.addresses.begin(), prefix("10.0.0.254/24"));
    TestBed bed(gateway());
    bed.change(facts).start();
    REQUIRE(bed.state() == State::master);
    for (const Command command : {Command::back_up, Command::hold, Command::reduce, Command::increase})
        operator_says(bed, command);
    CHECK(bed.state() == State::master);
    CHECK_THAT(bed.journal_text(), Catch::Contains("backup refused: the addresses are the interface's own"));
    CHECK(std::ranges::count_if(bed.journal, [](const std::string& line) {
              return line.find(" refused: the addresses") != std::string::npos;
          }) == 4);
}

TEST_CASE("the two scripts take turns") {
    TestBed bed(with_scripts());
    bed.start();
    CHECK(bed.scripts == Scripts{kBackup}); // where it stands
    bed.run_until(10s);
    CHECK(bed.scripts == Scripts{kBackup, kMaster});
    InterfaceFacts down = working_interface();
    down.carrier = false;
    bed.change(down);
    CHECK(bed.scripts == Scripts{kBackup, kMaster, kBackup});
    bed.change(working_interface()); // initialize -> backup is no news for a script
    CHECK(bed.scripts.size() == 3);
    bed.run_for(10s).give(Stop{});
    CHECK(bed.scripts == Scripts{kBackup, kMaster, kBackup, kMaster, kBackup});
}

// --- What is told of states

namespace {

using Notices = std::vector<Notice>;
constexpr Notice kIsMaster = Notice::master, kIsBackup = Notice::backup, kFault = Notice::fault,
                 kStop = Notice::stop;

TestBed bed_that_tells() {
    VirtualRouterConfig config = with_scripts();
    config.fault_script = "/etc/fault.sh";
    config.stop_script = "/etc/stop.sh";
    return TestBed(config);
}

InterfaceFacts without_link() {
    InterfaceFacts facts = working_interface();
    facts.carrier = false;
    return facts;
}

} // namespace

TEST_CASE("each state is told once, and faults and stops have scripts of their own after the one for losing "
          "mastership") {
    TestBed bed = bed_that_tells();
    bed.start().run_until(5s);
    CHECK(bed.notices == Notices{kIsBackup, kIsMaster});
    bed.change(without_link());
    CHECK(bed.notices == Notices{kIsBackup, kIsMaster, kFault});
    CHECK(bed.scripts == Scripts{kBackup, kMaster, kBackup, ScriptKind::fault});
    InterfaceFacts gone = without_link(); // another reason is no other state
    gone.present = false;
    bed.change(gone).change(working_interface());
    CHECK(bed.notices == Notices{kIsBackup, kIsMaster, kFault, kIsBackup});
    bed.give(Stop{});
    CHECK(bed.notices.back() == kStop);
    CHECK(bed.scripts == Scripts{kBackup, kMaster, kBackup, ScriptKind::fault, ScriptKind::stop});
}

TEST_CASE("what is broken at the start is told, and a stop is told there too") {
    TestBed bed = bed_that_tells();
    bed.change(without_link()).start();
    CHECK(bed.scripts == Scripts{ScriptKind::fault});
    bed.give(Stop{});
    CHECK(bed.notices == Notices{kFault, kStop});
    CHECK(bed.scripts == Scripts{ScriptKind::fault, ScriptKind::stop});
}

TEST_CASE("every reason to leave the election but an orderly stop and a change of ownership is a fault") {
    InterfaceFacts no_address = working_interface(), small = working_interface(), gone = working_interface();
    no_address.addresses.clear();
    small.mtu = 30;
    gone.present = false;
    for (const InterfaceFacts& facts : {without_link(), no_address, small, gone}) {
        TestBed bed = bed_that_tells();
        bed.start().change(facts);
        CHECK(bed.notices == Notices{kIsBackup, kFault});
    }
    TestBed refused = bed_that_tells();
    refused.start().run_until(5s).give(EffectFailed{VirtualRouterIndex{}, Action::add_address, "no"});
    CHECK(refused.notices == Notices{kIsBackup, kIsMaster, kFault});
    InterfaceFacts owner = working_interface();
    owner.addresses.push_back(prefix("10.0.0.254/24"));
    TestBed owned = bed_that_tells();
    owned.start().run_until(5s).change(owner);
    CHECK(owned.notices == Notices{kIsBackup, kIsMaster});
    CHECK(owned.state() == State::master);
}

TEST_CASE("a line that nobody took is counted, and told within a limit") {
    TestBed bed(gateway());
    bed.start();
    for (int i = 0; i < 5; ++i)
        bed.give(EffectFailed{VirtualRouterIndex{}, Action::notify, "nobody reads /run/fifo"});
    CHECK(bed.vr().counters().notices_lost == 5);
    CHECK(std::ranges::count(bed.journal, "eth0 vrid 5: notify failed: nobody reads /run/fifo") == 3);
    bed.run_for(20s);
    CHECK_THAT(bed.journal_text(), Catch::Contains("2 more failures of notify"));
}

TEST_CASE("an interface that is down at the start runs no script") {
    TestBed bed(with_scripts());
    InterfaceFacts down = working_interface();
    down.carrier = false;
    bed.change(down).start().give(Stop{});
    CHECK(bed.scripts.empty());
}

TEST_CASE("a magic packet follows each round of gratuitous ARPs") {
    VirtualRouterConfig config = gateway();
    config.virtual_mac = false;
    config.magic_packet = MagicPacket{ip("10.0.0.254"), ip("10.0.0.9")};
    TestBed bed(config);
    bed.start().run_until(10s);
    REQUIRE(bed.state() == State::master);
    CHECK(bed.magic.size() == 3);
    CHECK(bed.magic.front().gateway == ip("10.0.0.9"));
    CHECK_FALSE(bed.magic.front().virtual_mac);
    CHECK(std::ranges::adjacent_find(bed.order, [](const auto& a, const auto& b) {
              return a == "announcement" && b == "magic";
          }) != bed.order.end());
}

TEST_CASE("announcements are refreshed for as long as it is master") {
    VirtualRouterConfig config = gateway();
    config.announce = {.repeats = 1, .delay = 1s, .refresh = 60s};
    TestBed bed(config);
    bed.start().run_until(6s + 10min); // master at 4.6 s
    CHECK(bed.announced.size() == 2 + 10);
}

TEST_CASE("without the virtual MAC, a router that leaves announces all of its own addresses") {
    VirtualRouterConfig config = gateway();
    config.virtual_mac = false;
    InterfaceFacts facts = working_interface();
    facts.addresses.push_back(prefix("10.0.0.3/24"));
    TestBed bed(config);
    bed.change(facts).start().run_until(10s);
    bed.forget();
    bed.give(Stop{});
    REQUIRE(bed.announced.size() == 2);
    CHECK(bed.announced[0].announcement == wire::Announcement{ip("10.0.0.2"), facts.mac});
    CHECK(bed.announced[1].announcement == wire::Announcement{ip("10.0.0.3"), facts.mac});
}

TEST_CASE("an address that somebody takes away is put back and announced, but not for ever") {
    TestBed bed = master();
    bed.addresses.clear();
    bed.give(AddressLost{InterfaceId{}, ip("10.0.0.254")});
    CHECK(bed.addresses == std::set{prefix("10.0.0.254")});
    CHECK(bed.announced.size() == 1);
    CHECK_THAT(bed.journal_text(), Catch::Contains("somebody took 10.0.0.254 away: put back"));
    bed.give(AddressLost{InterfaceId{}, ip("10.0.0.7")}); // none of ours
    CHECK(bed.announced.size() == 1);
    for (int i = 0; i < 5; ++i)
        bed.give(AddressLost{InterfaceId{}, ip("10.0.0.254")});
    CHECK(bed.state() == State::initialize);
    bed.run_for(20s);
    CHECK(bed.state() == State::master); // it tries again
}

TEST_CASE("another machine that claims a held address is journalled once") {
    TestBed bed = master();
    std::array<std::uint8_t, wire::kGratuitousArpSize> claim{};
    wire::encode_announcement(ip("10.0.0.254"), mac("02:00:00:00:00:66"), claim);
    bed.hear(claim).hear(claim);
    CHECK(bed.journal.size() == 1);
    CHECK_THAT(bed.journal_text(), Catch::Contains("another machine (02:00:00:00:00:66) claims 10.0.0.254"));
    bed.forget();
    wire::encode_announcement(ip("10.0.0.254"), mac("00:00:5e:00:01:05"), claim); // our own, come back
    bed.hear(claim);
    CHECK(bed.journal.empty());
}

TEST_CASE("a renamed interface and a new MTU are journalled") {
    TestBed bed = master();
    InterfaceFacts facts = working_interface();
    facts.name = "lan0";
    facts.mtu = 9000;
    bed.change(facts);
    CHECK(bed.state() == State::master);
    CHECK_THAT(bed.journal_text(), Catch::Contains("MTU 1500 -> 9000"));
    CHECK_THAT(bed.journal_text(), Catch::Contains("the interface is called lan0 now"));
}

// Routers that compare equal have the same future, and what differs also hashes differently.
#include "core/net/hash.hpp"
#include "tests/unit/test_bed.hpp"

#include <functional>

using namespace vrrp;
using namespace vrrp::test;

namespace {

using Story = std::function<void(TestBed&)>;

std::vector<std::uint8_t> odd_frame(std::uint8_t priority) {
    VirtualRouterConfig config = gateway();
    config.addresses.push_back(prefix("10.0.0.250"));
    return Peer{.config = config}.frame(priority);
}

void lose_address(TestBed& bed) {
    bed.give(AddressLost{InterfaceId{}, ip("10.0.0.254")});
}

void say(TestBed& bed, Command command) {
    bed.give(Commanding{.command = command});
}

// Ways into states that differ from one another in what decides.
const std::vector<std::pair<const char*, Story>>& stories() {
    static const std::vector<std::pair<const char*, Story>> all = {
        {"not started", [](TestBed&) {}},
        {"started", [](TestBed& b) { b.start(); }},
        {"following", [](TestBed& b) { b.start().hear(Peer{}, 200); }},
        {"following another", [](TestBed& b) { b.start().hear(Peer{.address = ip("10.0.0.3")}, 200); }},
        {"following a better one", [](TestBed& b) { b.start().hear(Peer{}, 201); }},
        {"following one that resigned", [](TestBed& b) { b.start().hear(Peer{}, 200).hear(Peer{}, 0); }},
        {"outranking", [](TestBed& b) { b.start().hear(Peer{}, 50); }},
        {"outranking a worse one", [](TestBed& b) { b.start().hear(Peer{}, 49); }},
        {"with a finding", [](TestBed& b) { b.start().hear(odd_frame(200)); }},
        {"with a finding seen twice",
         [](TestBed& b) { b.start().hear(odd_frame(200)).hear(odd_frame(200)); }},
        {"held", [](TestBed& b) { say(b.start(), Command::hold); }},
        {"yielding", [](TestBed& b) { say(b.start(), Command::back_up); }},
        {"reduced", [](TestBed& b) { say(b.start(), Command::reduce); }},
        {"master", [](TestBed& b) { b.start().run_until(5s); }},
        {"master that answered", [](TestBed& b) { b.start().run_until(5s).hear(Peer{}, 50); }},
        {"master that put an address back", [](TestBed& b) { lose_address(b.start().run_until(5s)); }},
        {"master that put it back twice",
         [](TestBed& b) { lose_address(b.start().run_until(5s)), lose_address(b); }},
        {"refused",
         [](TestBed& b) {
             b.start().run_until(5s).give(EffectFailed{VirtualRouterIndex{}, Action::add_address, "no"});
         }},
        {"another MAC",
         [](TestBed& b) {
             InterfaceFacts facts = working_interface();
             facts.mac = mac("02:00:00:00:00:99");
             b.change(facts).start();
         }},
        {"another address",
         [](TestBed& b) {
             InterfaceFacts facts = working_interface();
             facts.addresses.front() = prefix("10.0.0.7/24");
             b.change(facts).start();
         }},
        {"without a link",
         [](TestBed& b) {
             InterfaceFacts facts = working_interface();
             facts.carrier = false;
             b.start().change(facts);
         }},
        {"with another priority in its file",
         [](TestBed& b) { b.start().give(Reconfigured{RouterConfig{{gateway(101)}}}); }},
        {"with another interval in its file",
         [](TestBed& b) {
             VirtualRouterConfig config = gateway();
             config.advertisement_interval = 2s;
             b.start().give(Reconfigured{RouterConfig{{config}}});
         }},
        {"stopped", [](TestBed& b) { b.start().give(Stop{}); }},
    };
    return all;
}

TestBed after(const Story& story) {
    TestBed bed(gateway());
    story(bed);
    bed.now = TimePoint(5s); // all are asked at the same moment
    return bed;
}

// What can happen next, each from the same moment on.
void go_on(TestBed& bed) {
    bed.forget();
    bed.order.clear();
    lose_address(bed);
    for (int i = 0; i < 4; ++i)
        lose_address(bed);
    bed.hear(odd_frame(100)).run_for(300ms).hear(Peer{}, 0).run_for(20s);
    say(bed, Command::lead);
    VirtualRouterConfig next = gateway(120);
    next.addresses.push_back(prefix("10.0.0.249"));
    bed.give(Reconfigured{RouterConfig{{next}}}).run_for(3s);
    bed.run_for(20s).hear(Peer{}, 150).run_for(70s).give(Stop{});
}

} // namespace

TEST_CASE("what differs in anything that decides is unequal, and hashes differently") {
    for (std::size_t i = 0; i < stories().size(); ++i)
        for (std::size_t j = i + 1; j < stories().size(); ++j) {
            INFO(stories()[i].first << " and " << stories()[j].first);
            const TestBed a = after(stories()[i].second), b = after(stories()[j].second);
            CHECK_FALSE(a.vr() == b.vr());
            CHECK(a.vr().hash() != b.vr().hash());
        }
}

TEST_CASE("equal routers do the same for ever, whatever they came through") {
    for (const auto& [name, story] : stories()) {
        INFO(name);
        TestBed a = after(story), b = after(story);
        REQUIRE(a.router == b.router);
        REQUIRE(a.vr() == b.vr());
        REQUIRE(a.vr().hash() == b.vr().hash());
        go_on(a);
        go_on(b);
        CHECK(a.order == b.order);
        CHECK(a.journal == b.journal);
        CHECK(a.vr() == b.vr());
        CHECK(a.vr().hash() == b.vr().hash());
    }
}

TEST_CASE("each field of a configuration makes another configuration") {
    const VirtualRouterConfig one = gateway();
    std::vector<VirtualRouterConfig> others(46, one);
    others[0].interface = "eth1";
    others[1].vrid = 6;
    others[2].version = wire::Version::v3;
    others[3].family = IpFamily::v6;
    others[4].addresses.front().length = 24;
    others[5].priority = 99;
    others[6].advertisement_interval = 2s;
    others[7].preempt = false;
    others[8].virtual_mac = false;
    others[9].authentication.type = wire::AuthenticationType::simple_text;
    others[10].authentication.password[7] = 1;
    others[11].checksum_form = wire::ChecksumForm::message_only;
    others[12].learned_interval_cap = 11;
    others[13].announce.refresh = 1s;
    others[14].magic_packet = MagicPacket{};
    others[15].group = GroupIndex{};
    others[16].master_script = "/m";
    others[17].backup_script = "/b";
    others[18].reduced_priority = 5;
    others[19].name = "gw";
    others[20].fault_script = "/f";
    others[21].stop_script = "/s";
    others[22].notify_script = "/n";
    others[23].script_user = "alice";
    others[24].tracks = {TrackIndex{}};
    others[25].peers = {ip("10.0.0.1")};
    others[26].peer_ttl = 254;
    others[27].source = ip("10.0.0.2");
    others[28].authentication.hmac.keys = {{1, {7}}};
    others[29].authentication.hmac.mode = HmacAuthentication::Mode::receive_only;
    others[30].authentication.hmac.window = 5s;
    others[31].accept = false;
    others[32].unadvertised = 1;
    others[33].dual = true;
    for (std::size_t i = 34; i < 42; ++i)
        others[i].router_advertising = RouterAdvertising{};
    others[35].router_advertising->interval = 601s;
    others[36].router_advertising->said.lifetime = 601s;
    others[37].router_advertising->said.preference = wire::RouterPreference::high;
    others[38].router_advertising->said.mtu = 1400;
    others[39].router_advertising->said.prefixes = {prefix("2001:db8::/64")};
    others[40].router_advertising->said.resolvers = {ip("2001:db8::53")};
    others[41].router_advertising->said.searched = {"example.org"};
    for (std::size_t i = 42; i < 46; ++i)
        others[i].places = {{.address = ip("10.0.0.254")}};
    others[43].places.front().interface = "eth1";
    others[44].places.front().marks.label = BoundedText<15>("gw");
    others[45].places.front().marks.scope = AddressScope::link;
    for (std::size_t i = 0; i < others.size(); ++i) {
        INFO(i);
        CHECK_FALSE(others[i] == one);
        CHECK(hash_of(others[i]) != hash_of(one));
        for (std::size_t j = 0; j < i; ++j)
            CHECK_FALSE(others[i] == others[j]);
    }
}

TEST_CASE("whose group is broken is unequal to whose group is not") {
    VirtualRouter a(gateway(), VirtualRouterIndex{}, InterfaceId{}), b = a;
    Effects effects;
    for (VirtualRouter* one : {&a, &b})
        one->start(TimePoint(1s), working_interface(), effects);
    b.set_group_fault(TimePoint(1s), true, effects);
    CHECK_FALSE(a == b);
    CHECK(a.hash() != b.hash());
    b.set_group_fault(TimePoint(1s), false, effects);
    CHECK(a == b);
}

TEST_CASE("every field of a list counts, and its place too") {
    StandingFinding finding;
    const std::uint64_t before = hash_of(finding);
    finding.told = true;
    CHECK(hash_of(finding) != before);
    CHECK(hash_of(std::optional<int>(0)) != hash_of(std::optional<int>()));
    CHECK(hash_of(std::vector<int>{1, 2}) != hash_of(std::vector<int>{2, 1}));
    CHECK(hash_of(std::string("ab")) != hash_of(std::string("a")));
}

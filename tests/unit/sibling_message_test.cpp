// What processes of one machine say to one another, as text.
#include "core/daemon/sibling_message.hpp"
#include "tests/unit/test_bed.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace vrrp;
using namespace vrrp::test;

namespace {

SiblingMessage wan_says() {
    return {.process = "vrrpd_eth1_52",
            .number = 7,
            .status = {.group = "M",
                       .identity = {.interface = "eth1",
                                    .vrid = 52,
                                    .family = IpFamily::v4,
                                    .addresses = {prefix("10.17.1.200/24"), prefix("10.17.1.201")},
                                    .virtual_mac = true},
                       .status = {.stance = Stance::outranking,
                                  .carrying = true,
                                  .joined = true,
                                  .takeover = 4'294'967'295},
                       .heartbeat = 1s}};
}

// What decoding says of the message with one key changed.
std::string refusal(const std::string& key, const nlohmann::json& value) {
    nlohmann::json json = nlohmann::json::parse(encode(wan_says()));
    json[key] = value;
    const auto decoded = decode_sibling_message(json.dump());
    return decoded ? "accepted" : decoded.error();
}

} // namespace

TEST_CASE("a sibling's message arrives as it was said") {
    SiblingMessage message = wan_says();
    CHECK(decode_sibling_message(encode(message)) == message);
    message.status.presence = GENERATE(Presence::stays, Presence::leaves, Presence::returns);
    message.status.identity.virtual_mac = false;
    message.status.identity.addresses.clear();
    message.status.status = {};
    message.status.heartbeat = 100ms;
    message.status.missed = {{.interface = "eth2", .vrid = 53, .addresses = {}},
                             {.interface = "eth3", .vrid = 54, .family = IpFamily::v6, .addresses = {}}};
    CHECK(decode_sibling_message(encode(message)) == message);
}

TEST_CASE("what a sibling says of members that it misses is checked") {
    const auto missed = [](const char* list) { return refusal("missed", nlohmann::json::parse(list)); };
    CHECK(missed("[]") == "accepted");
    CHECK(missed(R"([{"interface": "eth2", "vrid": 53, "family": 4}])") == "accepted");
    for (const char* list :
         {"7", "[7]", "[{}]", R"([{"interface": "a/b", "vrid": 53, "family": 4}])",
          R"([{"interface": "eth2", "vrid": 0, "family": 4}])", R"([{"interface": "eth2", "vrid": 53}])"})
        CHECK(missed(list) == "'missed' is not what it can be");
}

TEST_CASE("every stance has its word between siblings") {
    SiblingMessage message = wan_says();
    message.status.status.stance =
        GENERATE(Stance::unfit, Stance::held, Stance::waiting, Stance::following, Stance::outranking,
                 Stance::ready, Stance::master, Stance::preempting, Stance::beaten);
    CHECK(decode_sibling_message(encode(message)) == message);
}

TEST_CASE("the largest virtual router there can be fits a sibling's message") {
    SiblingMessage message = wan_says();
    message.status.identity.family = IpFamily::v6;
    message.status.identity.addresses.assign(255, prefix("2001:db8:1111:2222:3333:4444:5555:6666/128"));
    CHECK(encode(message).size() <= kMaxSiblingMessage);
    CHECK(decode_sibling_message(encode(message)) == message);
}

TEST_CASE("a sibling of a later version may say more, but not less or otherwise") {
    CHECK(refusal("weather", "fair") == "accepted");
    CHECK(refusal("version", 1) == "'version' is not what it can be");
    nlohmann::json whole = nlohmann::json::parse(encode(wan_says()));
    for (const auto& [key, value] : whole.items()) {
        if (key == "returning") continue; // an older version does not say it
        nlohmann::json less = whole;
        less.erase(key);
        const auto decoded = decode_sibling_message(less.dump());
        REQUIRE_FALSE(decoded);
        CHECK(decoded.error() == fmt::format("'{}' is missing", key));
    }
    whole.erase("returning");
    const auto older = decode_sibling_message(whole.dump());
    REQUIRE(older);
    CHECK(older->status.presence == Presence::stays);
    nlohmann::json undecided = nlohmann::json::parse(encode(wan_says()));
    undecided["leaving"] = undecided["returning"] = true;
    CHECK(decode_sibling_message(undecided.dump()).error() == "'returning' is not what it can be");
}

TEST_CASE("a sibling's message that says what cannot be is refused") {
    using nlohmann::json;
    struct Row {
        const char* key;
        json value;
    };
    const auto row = GENERATE(values<Row>({
        {"process", ""},
        {"process", std::string(256, 'x')},
        {"number", -1},
        {"number", "7"},
        {"group", ""},
        {"interface", ""},
        {"interface", "a/b"},
        {"interface", ".."},
        {"interface", "eth 0"},
        {"interface", "eth:0"},
        {"interface", "eth\x7f"},
        {"interface", "longer-than-15-b"},
        {"vrid", 0},
        {"vrid", 256},
        {"vrid", 51.0},
        {"family", 5},
        {"family", "IPv4"},
        {"addresses", "10.0.0.1"},
        {"addresses", json::array({"fd00::1/64"})},
        {"addresses", json::array({"10.0.0.1/33"})},
        {"addresses", json::array({7})},
        {"addresses", json(std::vector<std::string>(256, "10.0.0.1/32"))},
        {"virtual_mac", 1},
        {"stance", "drunk"},
        {"carrying", nullptr},
        {"joined", "yes"},
        {"takeover", 4'294'967'296},
        {"minimum", 0},
        {"heartbeat", 0},
        {"heartbeat", 3'600'000'000'001},
        {"leaving", 0},
    }));
    CHECK(refusal(row.key, row.value) == fmt::format("'{}' is not what it can be", row.key));
}

TEST_CASE("garbage is no sibling's message") {
    const auto error = [](std::string_view text) { return decode_sibling_message(text).error(); };
    for (const char* text : {"", "{", "null", "[]", "7", "\xff\xfe", "{\"version\":1}}"})
        CHECK(error(text) == "not a JSON object");
    CHECK(error(std::string(kMaxSiblingMessage + 1, ' ')) == "longer than 16384 bytes");
    CHECK(error(std::string(kMaxSiblingMessage, '[')) == "not a JSON object");
}

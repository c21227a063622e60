#include "core/config/import/keepalived_instance.hpp"

#include "core/config/address_text.hpp"
#include "core/config/import/keepalived_grammar.hpp"
#include "core/config/import/keywords.hpp"
#include "core/config/import/numbers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace vrrp::config::importer {
namespace {

using enum Weight;

constexpr std::size_t kLongestKey = 8; // of RFC 2338

struct NotifyKey {
    std::string_view keyword;
    const Key& key;
};
constexpr NotifyKey kNotify[] = {{"notify_master", key::master_script},
                                 {"notify_backup", key::backup_script},
                                 {"notify_fault", key::fault_script},
                                 {"notify_stop", key::stop_script},
                                 {"notify", key::notify}};

std::string hexadecimal(std::string_view bytes) {
    std::string text;
    for (const char c : bytes)
        text += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return text;
}

class InstanceReader {
  public:
    InstanceReader(const Statement& statement, const KeepalivedDefaults& defaults,
                   const KeepalivedMembership& membership, KeepalivedTracks& tracks)
        : statement_(statement), defaults_(defaults), membership_(membership), tracks_(tracks) {}

    Section read() {
        section_.heading = "[[virtual_router]]";
        section_.title = fmt::format("{}: {}", to_string(statement_.place), statement_.said());
        section_.place = section_.here = statement_.place;
        if (is_name(statement_.word(1))) section_.put(key::name, statement_.word(1));
        for (const Statement& one : statement_.block)
            if (one.keyword() == "interface") interface_ = one.word(1); // the others speak of it
        for (const Statement& one : statement_.block) {
            section_.here = one.place;
            read_line(one);
        }
        section_.here = statement_.place;
        put_version();
        put_priority();
        put_interval();
        put_authentication();
        put_preemption();
        put_announcements();
        put_the_rest();
        return std::move(section_);
    }

    using Read = void (InstanceReader::*)(const Statement&);
    struct Rule {
        std::string_view keyword;
        Read read;
    };
    static std::span<const Rule> rules();

  private:
    void read_line(const Statement& one) {
        const auto rule = std::ranges::find(rules(), one.keyword(), &Rule::keyword);
        if (rule != rules().end())
            (this->*rule->read)(one);
        else if (is_notify(one.keyword()))
            read_notify(one, section_);
        else if (KeepalivedTracks::is_use(one.keyword()))
            read_track(one);
        else
            remark_by(instance_keywords(), one, section_);
    }

    // A virtual router that its peers would not understand, or that would not understand them, does more harm than none.
    void leave_out(const Statement& statement, const std::string& advice) {
        section_.remark(vrrp, statement, advice);
        if (section_.left_out.empty())
            section_.left_out =
                fmt::format("without \"{}\" it would not understand the other routers", statement.keyword());
    }

    void read_interface(const Statement& one) { section_.put(key::interface, one.word(1)); }
    void read_state(const Statement& one) { is_master_ = one.word(1) == "MASTER"; }

    void read_vrid(const Statement& one) {
        const auto vrid = whole_number(one.word(1), 1, 255);
        if (vrid) return section_.put(key::vrid, std::to_string(*vrid));
        section_.remark(vrrp, one, "a VRID is 1 to 255");
    }

    void read_priority(const Statement& one) {
        if (const auto priority = whole_number(one.word(1), 1, 255))
            priority_ = *priority, priority_place_ = one.place;
        else
            section_.remark(vrrp, one, "a priority is 1 to 255");
    }

    void read_interval(const Statement& one) { interval_ = &one; }
    void read_authentication(const Statement& one) { authentication_ = &one; }
    void read_no_preempt(const Statement& one) { no_preempt_ = &one; }
    void read_preempt_delay(const Statement& one) { preempt_delay_ = &one; }
    void read_version(const Statement& one) { version_ = one.word(1), version_place_ = one.place; }
    void read_garp_delay(const Statement& one) { garp_delay_ = &one; }
    void read_garp_repeat(const Statement& one) { garp_repeat_ = &one; }
    void read_garp_refresh(const Statement& one) { garp_refresh_ = &one; }
    void read_strict(const Statement& one) {
        strict_ = says_no(one.word(1)) ? nullptr : &one;
        strict_is_said_ = true;
    }
    void read_accept(const Statement&) { accept_is_said_ = true; }

    void read_virtual_mac(const Statement& one) {
        has_virtual_mac_ = true;
        for (std::size_t i = 1; i < one.words.size(); ++i)
            if (one.words[i].find(':') != std::string::npos)
                section_.remark(vrrp, one, "the virtual MAC is the RFC's, 00:00:5e:00:01:VRID");
    }

    void read_no_accept(const Statement&) {
        accept_is_said_ = true;
        section_.put(key::no_accept, "true");
    }

    void read_group_address(const Statement& one) {
        if (one.word(1) != "224.0.0.18" && one.word(1) != "ff02::12")
            leave_out(one, "vrrpd speaks to 224.0.0.18 and ff02::12 alone");
    }

    void read_down_timer(const Statement& one) {
        if (one.word(1) != "3") section_.remark(vrrp, one, "vrrpd waits three intervals, as the RFC says");
    }

    void read_source(const Statement& one) { section_.put(key::source, one.word(1)); }

    void read_ttl(const Statement& one) {
        if (one.word(1) != "255") section_.remark(note, one, "vrrpd sends with a TTL of 255");
    }

    void read_peers(const Statement& one) {
        std::vector<std::string> peers;
        for (const Statement& peer : one.block) {
            if (!IpAddress::parse(peer.keyword())) {
                section_.remark(vrrp, peer, "this is no address");
                continue;
            }
            peers.push_back(peer.keyword());
            for (std::size_t i = 1; i < peer.words.size(); i += 2)
                if (peer.words[i] == "min_ttl")
                    read_least_ttl(peer.word(i + 1));
                else
                    section_.remark(vrrp, peer, "vrrpd looks at the least TTL of all peers alone: peer-ttl");
        }
        if (peers.empty()) return;
        section_.put(key::peers, std::move(peers));
        has_peers_ = true;
    }

    void read_least_ttl(const std::string& word) {
        if (const auto ttl = whole_number(word, 1, 255))
            least_ttl_ = std::min(least_ttl_.value_or(255), *ttl);
    }

    void read_hmac(const Statement& one) { hmac_ = &one; }

    void read_addresses(const Statement& list) {
        addresses_place_ = list.place;
        for (const Statement& one : list.block)
            read_address(one, texts_);
    }

    // Not named in advertisements. keepalived takes those of the other family too.
    void read_excluded(const Statement& list) { excluded_ = &list; }

    void put_excluded() {
        if (excluded_ == nullptr) return;
        std::vector<std::string> texts;
        for (const Statement& one : excluded_->block) {
            const auto prefix = IpPrefix::parse(one.keyword());
            if (prefix && !addresses_.empty() &&
                prefix->address.family() != addresses_.front().address.family())
                section_.remark(
                    vrrp, one,
                    "the address is left out: it is of the other family, and belongs into address");
            else
                read_address(one, texts);
        }
        if (!texts.empty()) section_.put(key::held_address, std::move(texts));
    }

    // Without its options it is the same address to everybody else.
    void read_address(const Statement& one, std::vector<std::string>& texts) {
        const auto prefix = IpPrefix::parse(one.keyword());
        if (!prefix) return section_.remark(vrrp, one, "this is no address");
        if (!addresses_.empty() && addresses_.front().address.family() != prefix->address.family())
            return section_.remark(note, one,
                                   "keepalived ignores it: the first address is of the other family");
        if (std::ranges::find(addresses_, prefix->address, &IpPrefix::address) != addresses_.end())
            return section_.remark(note, one, "the address stands twice, and the kernel takes it once");
        static constexpr std::string_view kWithValue[] = {
            "brd", "broadcast", "dev", "scope", "label", "peer", "preferred_lft", "track_group"};
        std::vector<std::string> lost;
        std::string text = one.keyword();
        for (std::size_t i = 1; i < one.words.size(); ++i) {
            const std::string option = one.words[i];
            const bool has_value = std::ranges::find(kWithValue, option) != std::end(kWithValue);
            const std::string value = has_value ? one.word(++i) : "";
            if (option == "peer")
                return section_.remark(vrrp, one,
                                       "the address is left out: one of a point-to-point link cannot move");
            const bool says_nothing = option == "use_vmac" || option == "-nodad" || option == "no_track" ||
                                      (option == "label" && value == interface_) ||
                                      (option == "scope" && value == "global");
            if (says_nothing) continue;
            const std::string said = text + ' ' + option + ' ' + value;
            if (has_value && config::parse_address(said, interface_))
                text = said;
            else
                lost.push_back(option);
        }
        if (!lost.empty())
            section_.remark(vrrp, one,
                            fmt::format("the address is carried over without its {}", fmt::join(lost, ", ")));
        addresses_.push_back(*prefix);
        const AddressPlace place = config::parse_address(text, interface_).value().place;
        texts.push_back(one.keyword() + to_string(place));
    }

    void read_track(const Statement& list) {
        tracks_.use(list, section_, interface_, membership_.ignores_weights);
    }

    bool is_v6() const { return !addresses_.empty() && addresses_.front().address.family() == IpFamily::v6; }
    bool is_v3() const { return version_ == "3"; }

    void put_version() {
        if (version_.empty()) version_ = defaults_.version;
        if (is_v6()) version_ = "3"; // always, in keepalived
        if (!is_v3()) return;
        put_at(version_place_, key::protocol, "3");
    }

    // What is known only when all has been read, with the place of the line that says so.
    template <typename Value>
    void put_at(const Place& place, const Key& key, Value value) {
        section_.here = place.line == 0 ? statement_.place : place;
        section_.put(key, std::move(value));
        section_.here = statement_.place;
    }

    void put_priority() {
        if (!priority_ && is_master_) {
            priority_ = 255;
            section_.remark(note, statement_, "state MASTER without a priority is keepalived's 255");
        }
        if (priority_) put_at(priority_place_, key::priority, std::to_string(*priority_));
    }

    void put_interval() {
        if (interval_ == nullptr) return;
        auto value = hundredths(interval_->word(1));
        if (!value) return section_.remark(vrrp, *interval_, "an interval is a number of seconds");
        if (!is_v3() && (value->count % 100 != 0 || !value->exact)) {
            value = Hundredths{.count = std::max(100UL, (value->count + 50) / 100 * 100)};
            section_.remark(note, *interval_, "version 2 has whole seconds: keepalived rounds too");
        } else if (!value->exact) {
            section_.remark(note, *interval_, "rounded to 0.01, as keepalived does");
        }
        put_at(interval_->place, key::interval, value->text());
    }

    const Statement* strict() const {
        if (strict_is_said_) return strict_;
        return defaults_.strict ? &*defaults_.strict : nullptr;
    }

    // "key ID VALUE" for each, of which the active one signs.
    void put_hmac() {
        std::string active;
        std::vector<std::string> keys;
        for (const Statement& one : hmac_->block)
            if (one.keyword() == "active_key") active = one.word(1);
        for (const Statement& one : hmac_->block) {
            if (one.keyword() == "key") {
                std::string value = one.word(2);
                if (value.starts_with("file:"))
                    value = "@" + value.substr(5);
                else if (value.starts_with("hex:"))
                    value = "0x" + value.substr(4);
                else
                    value = "0x" + hexadecimal(value);
                keys.insert(one.word(1) == active ? keys.begin() : keys.end(),
                            fmt::format("hmac/{}/{}", one.word(1), value));
            } else if (one.keyword() == "mode" && one.word(1) != "enforce") {
                section_.put(key::hmac_mode,
                             one.word(1) == "permissive" ? "accept-unsigned" : "receive-only");
            } else if (one.keyword() == "time_window") {
                section_.put(key::hmac_window, one.word(1));
            } else if (one.keyword() == "anti_replay" && one.word(1) == "monotonic") {
                section_.put(key::hmac_window, "0");
            }
        }
        put_at(hmac_->place, key::authentication, std::move(keys));
    }

    void put_authentication() {
        if (hmac_ != nullptr) return put_hmac();
        if (authentication_ == nullptr) return;
        std::string type, pass;
        for (const Statement& one : authentication_->block) {
            if (one.keyword() == "auth_type") type = one.word(1);
            if (one.keyword() == "auth_pass") pass = one.word(1).substr(0, kLongestKey);
        }
        if (type.empty() || type == "NONE") return;
        if (type != "PASS" && type != "SIMPLE_PASSWORD" && type != "AH" && type != "IPSEC_AH") {
            return leave_out(*authentication_,
                             "vrrpd has passwords (PASS) and the authentication header (AH)");
        }
        if (is_v3() || strict() != nullptr)
            return section_.remark(note, *authentication_,
                                   is_v3() ? "version 3 has no authentication: keepalived ignores it"
                                           : "keepalived ignores it in strict mode");
        if (pass.empty())
            return section_.remark(note, *authentication_, "keepalived ignores it without a password");
        const bool header = type == "AH" || type == "IPSEC_AH";
        const bool as_text = !header && !pass.starts_with('@') && !pass.starts_with("0x");
        put_at(authentication_->place, key::authentication,
               (header ? "ah/" : "pw/") + (as_text ? pass : "0x" + hexadecimal(pass)));
    }

    void put_preemption() {
        const bool is_owner = priority_ == 255;
        if (no_preempt_ != nullptr && (is_master_ || is_owner))
            section_.remark(note, *no_preempt_,
                            is_owner ? "keepalived ignores it: priority 255 always preempts"
                                     : "keepalived ignores it beside state MASTER");
        else if (no_preempt_ != nullptr)
            put_at(no_preempt_->place, key::no_preempt, "true");
        if (preempt_delay_ == nullptr) return;
        const bool preempts = section_.find(key::no_preempt.name) == nullptr;
        if (is_master_ || !preempts)
            return section_.remark(
                note, *preempt_delay_,
                fmt::format("keepalived ignores it beside {}", is_master_ ? "state MASTER" : "nopreempt"));
        const auto delay = hundredths(preempt_delay_->word(1));
        if (!delay || delay->count > 360'000)
            return section_.remark(vrrp, *preempt_delay_, "a delay is 0 to 3600 seconds");
        put_at(preempt_delay_->place, key::preempt_delay, delay->text());
    }

    // keepalived sends `repeat` of them at once and again after `delay`; here each round has one.
    void put_announcements() {
        const auto chosen = [](const Statement* own, const std::optional<Statement>& general) {
            return own != nullptr ? own : general ? &*general : nullptr;
        };
        constexpr long kMostRepeats = 20;
        const Statement* repeat = chosen(garp_repeat_, defaults_.garp_repeat);
        std::optional<long> repeats;
        if (repeat != nullptr) {
            repeats = whole_number(repeat->word(1), 0, 1'000'000);
            if (!repeats || *repeats > kMostRepeats + 1)
                section_.remark(vrrp, *repeat, "vrrpd repeats at most 20 times");
            repeats = std::clamp(repeats.value_or(1) - 1, 0L, kMostRepeats);
        }
        if (const Statement* delay = chosen(garp_delay_, defaults_.garp_delay)) {
            const auto value = hundredths(delay->word(1));
            if (!value || value->count > 6000) {
                section_.remark(vrrp, *delay, "vrrpd repeats after at most 60 seconds");
            } else if (value->count == 0) {
                repeats = repeats.value_or(0);
            } else {
                section_.put(key::announce_delay, value->text());
                repeats = std::max(1L, repeats.value_or(1));
            }
        }
        if (repeats) section_.put(key::announce_repeats, std::to_string(*repeats));
        if (const Statement* refresh = chosen(garp_refresh_, defaults_.garp_refresh)) {
            const auto value = hundredths(refresh->word(1));
            if (!value || value->count > 8'640'000 || (value->count != 0 && value->count < 100))
                section_.remark(vrrp, *refresh, "a refresh is 1 to 86400 seconds");
            else if (value->count != 0)
                section_.put(key::announce_refresh, value->text());
        }
    }

    void put_the_rest() {
        if (!texts_.empty()) put_at(addresses_place_, key::address, texts_);
        put_excluded();
        // keepalived looks at the TTL of a peer's packets only where it is told to.
        if (has_peers_) section_.put(key::peer_ttl, std::to_string(least_ttl_.value_or(1)));
        if (!has_virtual_mac_) section_.put(key::no_virtual_mac, "true");
        if (!membership_.group.empty()) section_.put({"group", Kind::text}, membership_.group);
        if (defaults_.start_delay) {
            const auto delay = hundredths(defaults_.start_delay->word(1));
            if (delay && delay->count <= 360'000)
                section_.put(key::start_delay, delay->text());
            else
                section_.remark(vrrp, *defaults_.start_delay, "a delay is 0 to 3600 seconds");
        }
        if (strict() != nullptr && !accept_is_said_ && priority_ != 255) section_.put(key::no_accept, "true");
        const std::string& other = is_v6() ? defaults_.other_group_v6 : defaults_.other_group_v4;
        if (!other.empty() && !has_peers_ && section_.left_out.empty())
            section_.left_out =
                fmt::format("its routers speak to {}, and vrrpd to VRRP's own group alone", other);
    }

    const Statement& statement_;
    const KeepalivedDefaults& defaults_;
    const KeepalivedMembership& membership_;
    KeepalivedTracks& tracks_;
    Section section_;
    std::string interface_, version_;
    bool is_master_ = false, has_virtual_mac_ = false, accept_is_said_ = false, strict_is_said_ = false,
         has_peers_ = false;
    std::optional<long> priority_, least_ttl_;
    const Statement *interval_ = nullptr, *authentication_ = nullptr, *no_preempt_ = nullptr,
                    *preempt_delay_ = nullptr, *garp_delay_ = nullptr, *garp_repeat_ = nullptr,
                    *garp_refresh_ = nullptr, *strict_ = nullptr, *hmac_ = nullptr, *excluded_ = nullptr;
    Place version_place_, priority_place_, addresses_place_;
    std::vector<IpPrefix> addresses_;
    std::vector<std::string> texts_;
};

std::span<const InstanceReader::Rule> InstanceReader::rules() {
    using R = InstanceReader;
    static constexpr Rule kRules[] = {{"interface", &R::read_interface},
                                      {"state", &R::read_state},
                                      {"virtual_router_id", &R::read_vrid},
                                      {"priority", &R::read_priority},
                                      {"advert_int", &R::read_interval},
                                      {"virtual_ipaddress", &R::read_addresses},
                                      {"authentication", &R::read_authentication},
                                      {"nopreempt", &R::read_no_preempt},
                                      {"preempt_delay", &R::read_preempt_delay},
                                      {"version", &R::read_version},
                                      {"use_vmac", &R::read_virtual_mac},
                                      {"garp_master_delay", &R::read_garp_delay},
                                      {"garp_master_repeat", &R::read_garp_repeat},
                                      {"garp_master_refresh", &R::read_garp_refresh},
                                      {"strict_mode", &R::read_strict},
                                      {"accept", &R::read_accept},
                                      {"no_accept", &R::read_no_accept},
                                      {"unicast_src_ip", &R::read_source},
                                      {"unicast_peer", &R::read_peers},
                                      {"unicast_ttl", &R::read_ttl},
                                      {"mcast_src_ip", &R::read_source},
                                      {"virtual_ipaddress_excluded", &R::read_excluded},
                                      {"auth_hmac", &R::read_hmac},
                                      {"mcast_dst_ip", &R::read_group_address},
                                      {"down_timer_adverts", &R::read_down_timer}};
    return kRules;
}

} // namespace

bool is_notify(const std::string& keyword) {
    return std::ranges::find(kNotify, keyword, &NotifyKey::keyword) != std::end(kNotify);
}

void read_notify(const Statement& statement, Section& section) {
    const auto one = std::ranges::find(kNotify, statement.keyword(), &NotifyKey::keyword);
    const auto words = script_words(statement.word(1));
    if (words.empty() || !words.front().starts_with('/'))
        return section.remark(vrrp, statement, "give the script's absolute path");
    section.put(one->key, words);
    const std::string& user = statement.word(2);
    if (user.empty()) return;
    const Entry* known = section.find(key::script_user.name);
    if (known != nullptr && known->values.front() != user)
        return section.remark(
            vrrp, statement,
            fmt::format("it is carried over, but runs as {}, as this virtual router's others",
                        known->values.front()));
    section.put(key::script_user, user);
    if (!statement.word(3).empty()) section.remark(note, statement, "it runs with the groups of its user");
}

Section read_instance(const Statement& statement, const KeepalivedDefaults& defaults,
                      const KeepalivedMembership& membership, KeepalivedTracks& tracks) {
    return InstanceReader(statement, defaults, membership, tracks).read();
}

std::vector<std::string> instance_settings() {
    std::vector<std::string> all;
    for (const auto& rule : InstanceReader::rules())
        all.emplace_back(rule.keyword);
    for (const auto& one : kNotify)
        all.emplace_back(one.keyword);
    return all;
}

} // namespace vrrp::config::importer

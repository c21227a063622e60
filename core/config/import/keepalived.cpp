#include "core/config/import/keepalived.hpp"

#include "core/config/import/keepalived_instance.hpp"
#include "core/config/import/keywords.hpp"
#include "core/config/import/numbers.hpp"

#include <fmt/format.h>
#include <map>

namespace vrrp::config::importer {
namespace {

using enum Weight;

constexpr const char* kSettingsOfGlobal[] = {"vrrp_version",
                                             "script_user",
                                             "notify_fifo",
                                             "vrrp_notify_fifo",
                                             "vrrp_startup_delay",
                                             "vrrp_strict",
                                             "vrrp_mcast_group4",
                                             "vrrp_mcast_group6",
                                             "vrrp_down_timer_adverts",
                                             "vrrp_garp_master_delay",
                                             "vrrp_garp_master_repeat",
                                             "vrrp_garp_master_refresh"};

class Translation {
  public:
    explicit Translation(const std::vector<Statement>& statements) : statements_(statements) {}

    Draft make() {
        for (const Statement& one : statements_) {
            if (one.keyword() == "global_defs")
                for (const Statement& line : one.block)
                    read_global(line);
            if (KeepalivedTracks::is_declaration(one.keyword())) tracks_.declare(one);
            if (one.keyword() == "vrrp_instance") names_.push_back(one.word(1));
        }
        for (const Statement& one : statements_)
            if (one.keyword() == "vrrp_sync_group") read_group(one);
        for (const Statement& one : statements_)
            if (one.keyword() == "vrrp_instance") read_virtual_router(one);
        for (const Statement& one : statements_)
            read_other(one);
        draft_.tracks = tracks_.sections();
        note_script_user();
        return std::move(draft_);
    }

  private:
    void read_global(const Statement& one) {
        const std::string& keyword = one.keyword();
        if (keyword == "vrrp_version") {
            defaults_.version = one.word(1);
        } else if (keyword == "script_user") {
            draft_.top.put(key::script_user, one.word(1));
            if (one.words.size() > 2)
                draft_.top.remark(note, one, "scripts run with the groups of their user");
        } else if (keyword == "notify_fifo" || keyword == "vrrp_notify_fifo") {
            read_fifo(one);
        } else if (keyword == "vrrp_startup_delay") {
            defaults_.start_delay = one;
        } else if (keyword == "vrrp_strict") {
            if (!says_no(one.word(1))) defaults_.strict = one;
        } else if (keyword == "vrrp_mcast_group4") {
            if (one.word(1) != "224.0.0.18") other_group(one, defaults_.other_group_v4);
        } else if (keyword == "vrrp_mcast_group6") {
            if (IpAddress::parse(one.word(1)) != IpAddress::parse("ff02::12"))
                other_group(one, defaults_.other_group_v6);
        } else if (keyword == "vrrp_down_timer_adverts") {
            if (one.word(1) != "3")
                draft_.top.remark(vrrp, one, "vrrpd waits three intervals, as the RFC says");
        } else if (keyword == "vrrp_garp_master_delay") {
            defaults_.garp_delay = one;
        } else if (keyword == "vrrp_garp_master_repeat") {
            defaults_.garp_repeat = one;
        } else if (keyword == "vrrp_garp_master_refresh") {
            defaults_.garp_refresh = one;
        } else if (is_load_balancing(keyword)) {
            balance(one);
        } else {
            remark_by(global_keywords(), one, draft_.top);
        }
    }

    void other_group(const Statement& one, std::string& group) {
        draft_.top.remark(vrrp, one, "vrrpd speaks to 224.0.0.18 and ff02::12 alone");
        group = plain(one.word(1));
    }

    void read_fifo(const Statement& one) {
        const Setting fifo = notify_fifo_setting();
        if (draft_.top.find(fifo.key) != nullptr)
            return draft_.top.remark(vrrp, one, "vrrpd writes to one FIFO: let its reader hand the lines on");
        if (!one.word(1).starts_with('/'))
            return draft_.top.remark(vrrp, one, "give the FIFO's absolute path");
        draft_.top.put({fifo.key, fifo.kind}, one.word(1));
        if (one.words.size() > 2) draft_.top.remark(note, one, "the FIFO is script-user's");
    }

    void read_group(const Statement& statement) {
        Section section{.heading = fmt::format("[group.{}]", toml_key(statement.word(1))),
                        .title = fmt::format("{}: {}", to_string(statement.place), statement.said()),
                        .place = statement.place};
        const std::string& name = statement.word(1);
        section.entries.push_back({"", Kind::text, {name}}); // its name, which stands in its heading
        if (!is_name(name)) section.left_out = std::string("group: ") + kNameRule;
        const auto says = [&](const char* keyword) {
            return std::ranges::any_of(statement.block,
                                       [&](const Statement& one) { return one.keyword() == keyword; });
        };
        const bool weighs = says("sync_group_tracking_weight") || says("global_tracking");
        std::vector<const Statement*> scripts;
        for (const Statement& one : statement.block) {
            if (one.keyword() == "group") {
                for (const Statement& line : one.block)
                    for (const std::string& member : line.words)
                        add_member(section, one, name, member, !weighs);
            } else if (KeepalivedTracks::is_use(one.keyword())) {
                tracks_.use(one, section, "", false);
            } else if (one.keyword() == "notify") {
                Section notify;
                read_notify(one, notify);
                if (const Entry* script = notify.find(key::notify.name))
                    section.put(key::notify, script->values);
                for (Remark& remark : notify.remarks)
                    section.remarks.push_back(std::move(remark));
            } else if (is_notify(one.keyword())) {
                scripts.push_back(&one);
            } else if (std::ranges::find(names_, one.keyword()) != names_.end()) {
                section.remark(note, one, "keepalived 2 ignores a member that does not stand in group { }");
            } else if (one.keyword() != "sync_group_tracking_weight") {
                remark_by(group_keywords(), one, section);
            }
        }
        group_scripts_[name] = std::move(scripts);
        draft_.groups.push_back(std::move(section));
    }

    void add_member(Section& section, const Statement& one, const std::string& group,
                    const std::string& member, bool ignores_weights) {
        if (std::ranges::find(names_, member) == names_.end())
            return section.remark(
                note, one,
                fmt::format("keepalived ignores {}, for there is no such instance", plain(member)));
        const auto [known, is_new] =
            memberships_.try_emplace(member, KeepalivedMembership{group, ignores_weights});
        if (!is_new && known->second.group != group)
            section.remark(note, one,
                           fmt::format("{} is in {} already", plain(member), plain(known->second.group)));
    }

    void read_virtual_router(const Statement& statement) {
        const auto membership = memberships_.find(statement.word(1));
        const bool is_member = membership != memberships_.end();
        Section section = read_instance(statement, defaults_,
                                        is_member ? membership->second : KeepalivedMembership{}, tracks_);
        if (is_member) give_group_scripts(membership->second.group, section);
        draft_.virtual_routers.push_back(std::move(section));
    }

    // A group moves whole: what its first member does, it does.
    void give_group_scripts(const std::string& group, Section& section) {
        for (const Statement* one : std::exchange(group_scripts_[group], {})) {
            Section alone;
            read_notify(*one, alone);
            for (Remark& remark : alone.remarks)
                section.remarks.push_back(std::move(remark));
            for (const Entry& entry : alone.entries) {
                const Entry* known = section.find(entry.key.c_str());
                if (known == nullptr)
                    section.entries.push_back(entry);
                else if (known->values != entry.values)
                    section.remark(
                        vrrp, *one,
                        fmt::format("this member has a {} of its own: write one script that does both",
                                    entry.key));
            }
        }
    }

    void read_other(const Statement& one) {
        const std::string& keyword = one.keyword();
        if (keyword == "global_defs" || keyword == "vrrp_sync_group" || keyword == "vrrp_instance" ||
            KeepalivedTracks::is_declaration(keyword))
            return;
        if (is_load_balancing(keyword)) return balance(one);
        remark_by(top_keywords(), one, draft_.top);
    }

    // Told once: none of it is VRRP.
    void balance(const Statement& one) {
        if (!std::exchange(balances_, true))
            draft_.top.remark(
                beside, one,
                "this and all else about load balancing (LVS) is not VRRP: keep a keepalived for it "
                "(keepalived --check), with this block and without vrrp_instance");
    }

    void note_script_user() {
        if (draft_.top.find(key::script_user.name) != nullptr) return;
        const auto runs_script = [](const Section& one) {
            return one.left_out.empty() && one.find("user") == nullptr &&
                   one.find(key::script_user.name) == nullptr &&
                   std::ranges::any_of(one.entries, [](const Entry& e) {
                       return e.key == "script" || e.key == "notify" || e.key.ends_with("-script");
                   });
        };
        for (const auto* sections : {&draft_.tracks, &draft_.groups, &draft_.virtual_routers})
            for (const Section& one : *sections)
                if (runs_script(one)) {
                    draft_.top.title =
                        "Scripts run as root. keepalived runs them as keepalived_script where there is "
                        "such a user: script-user = \"keepalived_script\"";
                    return;
                }
    }

    static std::string toml_key(const std::string& name) {
        const bool is_bare = !name.empty() && std::ranges::all_of(name, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                   c == '_';
        });
        return is_bare ? name : '"' + name + '"'; // is_name() allows no quotes
    }

    const std::vector<Statement>& statements_;
    Draft draft_;
    KeepalivedDefaults defaults_;
    KeepalivedTracks tracks_;
    std::vector<std::string> names_;
    std::map<std::string, KeepalivedMembership> memberships_;
    std::map<std::string, std::vector<const Statement*>> group_scripts_;
    bool balances_ = false;
};

} // namespace

Draft from_keepalived(const std::vector<Statement>& statements) {
    return Translation(statements).make();
}

std::vector<std::string> keepalived_keywords() {
    std::vector<std::string> all = instance_settings();
    for (const char* one : kSettingsOfGlobal)
        all.emplace_back(one);
    for (const auto table : {instance_keywords(), group_keywords(), global_keywords(), top_keywords()})
        for (const Keyword& one : table)
            all.emplace_back(one.name);
    for (const char* one :
         {"vrrp_instance", "vrrp_sync_group", "vrrp_script", "vrrp_track_file", "track_file",
          "vrrp_track_process", "track_interface", "track_script", "track_process", "group",
          "sync_group_tracking_weight", "virtual_server", "virtual_server_group"})
        all.emplace_back(one);
    std::ranges::sort(all);
    const auto repeated = std::ranges::unique(all);
    all.erase(repeated.begin(), repeated.end());
    return all;
}

} // namespace vrrp::config::importer

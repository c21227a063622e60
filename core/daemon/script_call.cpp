#include "core/daemon/script_call.hpp"

#include "core/machine/names.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace vrrp {
namespace {

const ScriptLine& line_of(const VirtualRouterConfig& config, ScriptKind kind) {
    switch (kind) {
    case ScriptKind::master: return config.master_script;
    case ScriptKind::backup: return config.backup_script;
    case ScriptKind::fault: return config.fault_script;
    case ScriptKind::stop: return config.stop_script;
    case ScriptKind::notify: break;
    }
    return config.notify_script;
}

const char* argument(ScriptKind kind, State state) {
    if (kind == ScriptKind::fault) return to_string(Notice::fault);
    if (kind == ScriptKind::stop) return to_string(Notice::stop);
    switch (state) {
    case State::master: return to_string(Notice::master);
    case State::backup: return to_string(Notice::backup);
    case State::initialize: return "STOPPED";
    }
    return "?";
}

std::vector<std::string> address_texts(const std::vector<IpPrefix>& prefixes) {
    std::vector<std::string> texts;
    for (const IpPrefix& prefix : prefixes)
        texts.push_back(to_string(prefix));
    return texts;
}

std::vector<std::string> environment(const VirtualRouter& virtual_router, const Transition& why) {
    const VirtualRouterConfig& config = virtual_router.config();
    std::vector<std::string> environment;
    const auto say = [&](const char* name, const std::string& value) {
        environment.push_back(fmt::format("VRRP_{}={}", name, value));
    };
    say("STATE", to_string(why.to));
    say("PREVIOUS_STATE", to_string(why.from));
    say("REASON", to_string(why.cause));
    say("NAME", notice_name(config));
    say("INTERFACE", config.interface);
    say("VRID", std::to_string(config.vrid));
    say("VERSION", std::to_string(static_cast<int>(config.version)));
    say("PRIORITY", std::to_string(virtual_router.priority()));
    say("ADDRESSES", fmt::format("{}", fmt::join(address_texts(config.addresses), " ")));
    if (virtual_router.uses_virtual_mac()) say("VIRTUAL_MAC", to_string(virtual_router.virtual_mac()));
    if (!why.peer.is_unspecified()) say("PEER", to_string(why.peer));
    return environment;
}

// As keepalived's: scripts and readers of its FIFO are to work here as they are.
struct NoticeWords {
    const char* kind;
    std::string name;
    const char* state;
    std::string priority;
};

NoticeWords words_of(const VirtualRouter& virtual_router, const GroupConfig* group, const Notify& effect) {
    const char* const state = to_string(effect.notice);
    if (group != nullptr) return {"GROUP", group->name, state, "0"};
    return {"INSTANCE", notice_name(virtual_router.config()), state,
            std::to_string(virtual_router.priority())};
}

} // namespace

ScriptCall script_call(const VirtualRouter& virtual_router, const RunScript& effect) {
    const VirtualRouterConfig& config = virtual_router.config();
    const ScriptLine& line = line_of(config, effect.kind);
    ScriptCall call{.virtual_router = effect.virtual_router,
                    .kind = effect.kind,
                    .path = line.path,
                    .arguments = line.arguments,
                    .environment = environment(virtual_router, effect.why),
                    .user = config.script_user};
    call.arguments.insert(call.arguments.end(), {argument(effect.kind, effect.why.to), config.interface,
                                                 std::to_string(config.vrid)});
    for (std::string& address : address_texts(config.addresses))
        call.arguments.push_back(std::move(address));
    return call;
}

ScriptCall notify_call(const VirtualRouter& virtual_router, const GroupConfig* group, const Notify& effect) {
    const VirtualRouterConfig& config = virtual_router.config();
    NoticeWords words = words_of(virtual_router, group, effect);
    const ScriptLine& line = group != nullptr ? group->notify_script : config.notify_script;
    ScriptCall call{.virtual_router = effect.virtual_router,
                    .kind = ScriptKind::notify,
                    .path = line.path,
                    .arguments = line.arguments,
                    .environment = environment(virtual_router, effect.why),
                    .user = group != nullptr ? group->script_user : config.script_user};
    call.arguments.insert(call.arguments.end(),
                          {words.kind, std::move(words.name), words.state, std::move(words.priority)});
    if (group != nullptr) call.environment.push_back("VRRP_GROUP=" + group->name);
    return call;
}

std::string notify_line(const VirtualRouter& virtual_router, const GroupConfig* group, const Notify& effect) {
    const NoticeWords words = words_of(virtual_router, group, effect);
    return fmt::format("{} \"{}\" {} {}\n", words.kind, words.name, words.state, words.priority);
}

} // namespace vrrp

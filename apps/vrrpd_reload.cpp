// vrrpd takes a changed configuration file while it runs.
#include "apps/check_here.hpp"
#include "apps/vrrpd_process.hpp"
#include "core/machine/config_plan.hpp"

#include <fmt/format.h>

namespace vrrp {

tl::expected<VrrpdProcess::Changes, std::string> VrrpdProcess::reload(bool dry_run) {
    const auto refuse = [&](const std::string& why) {
        if (!dry_run) logger_->error("the configuration was not taken, and nothing has changed: {}", why);
        return tl::unexpected(why);
    };
    const auto next = read_and_check();
    if (!next) return refuse(next.error());
    Changes changes = plan(daemon_.router(), next->router);
    if (next->router.notify_fifo != router_.notify_fifo) changes.emplace_back("notify-fifo");
    if (next->router.script_user != router_.script_user) changes.emplace_back("script-user");
    if (next->process.control_group != control_group_) changes.emplace_back("control-group");
    if (next->process.realtime != wants_realtime_) changes.emplace_back("realtime");
    if (dry_run) return changes;
    if (const auto taken = take(*next); !taken) return refuse(taken.error().message);
    logger_->info("{} read again: {} change{}", facts_.file, changes.size(), changes.size() == 1 ? "" : "s");
    return changes;
}

// What is wrong with this machine already is no reason to refuse: an interface of ours may be gone at the moment.
tl::expected<config::Configuration, std::string> VrrpdProcess::read_and_check() const {
    auto next = invocation_.read_again();
    if (!next) return tl::unexpected(next.error().message);
    if (next->process.directory != directory_)
        return tl::unexpected(
            fmt::format("{}: directory cannot change while vrrpd runs: restart it", facts_.file));
    auto misfits = check_here(next->router, directory_);
    std::erase_if(misfits, [](const config::Misfit& one) { return !one.prevents; });
    if (misfits.empty()) return *std::move(next);
    const auto known = check_here(router_, directory_);
    for (const config::Misfit& one : misfits)
        if (std::ranges::find(known, one) == known.end()) return tl::unexpected(told(one, next->process));
    return *std::move(next);
}

// First all that may be refused.
tl::expected<void, NicError> VrrpdProcess::take(const config::Configuration& configuration) {
    const RouterConfig& next = configuration.router;
    const bool other_fifo =
        next.notify_fifo != router_.notify_fifo || next.script_user != router_.script_user;
    std::unique_ptr<backend::NotifyFifo> fifo;
    if (other_fifo) {
        auto opened = open_fifo(next);
        if (!opened) return tl::unexpected(opened.error());
        fifo = std::move(*opened);
    }
    if (const auto learnt = learn_users(next); !learnt) return learnt;
    if (const auto taken = take_places(next, Duration{}); !taken) return taken; // advertisements do not wait
    if (const auto read = let_read(configuration.process.control_group); !read) {
        leave_places(); // of those that would have come
        return read;
    }
    router_ = next;
    want_realtime(configuration.process.realtime);
    daemon_.give(Reconfigured{next});
    if (other_fifo) {
        daemon_.set_fifo(fifo.get());
        fifo_ = std::move(fifo);
    }
    leave_places();
    return {};
}

// Of virtual routers that are configured no more. The control socket is called after one that is.
void VrrpdProcess::leave_places() {
    std::set<std::string> wanted;
    for (const VirtualRouterConfig& one : router_.virtual_routers)
        wanted.insert(backend::instance_name(one));
    if (!wanted.contains(instance_)) {
        const std::string instance = backend::instance_name(router_.virtual_routers.front());
        if (const NicResult moved = control_->move_to(directory_ / (instance + ".sock")); moved)
            instance_ = instance;
        else
            logger_->warn("the control socket keeps its name: {}", moved.error().message);
    }
    std::erase_if(places_taken_, [&](const auto& place) { return !wanted.contains(place.first); });
}

} // namespace vrrp

#include "backends/interfaces/other_processes.hpp"

#include "backends/interfaces/held_record.hpp"
#include "backends/runtime/instance_lock.hpp"

#include <fmt/format.h>
#include <set>
#include <unistd.h>

namespace vrrp::backend {
namespace {

const IpPrefix* shared_address(const HeldRecord& record, std::span<const Ours> ours) {
    for (const Ours& one : ours)
        for (const IpPrefix& prefix : one.addresses)
            if (std::ranges::find(record.configured, prefix.address, &IpPrefix::address) !=
                record.configured.end())
                return &prefix;
    return nullptr;
}

} // namespace

std::optional<std::string> address_of_another(const std::filesystem::path& directory,
                                              const std::string& interface, std::span<const Ours> ours) {
    std::set<std::string> names;
    for (const Ours& one : ours)
        names.insert(HeldRecord::name(interface, one));
    // Before a process is restarted it asks its program, as a child, whether that can run.
    std::set<std::string> own_pids{std::to_string(::getpid()), std::to_string(::getppid())};
    for (const std::string& name : names)
        own_pids.insert(PidFile::pid(directory, HeldRecord::instance(name)));
    for (const std::string& name : HeldRecord::all(directory)) {
        if (names.contains(name)) continue;
        const auto record = HeldRecord::read(directory, name);
        if (!record || record->interface != interface) continue;
        const IpPrefix* const address = shared_address(*record, ours);
        if (address == nullptr) continue;
        const std::string instance = HeldRecord::instance(name);
        const std::string pid = PidFile::pid(directory, instance);
        if (own_pids.contains(pid) || !InstanceLock::is_held(instance)) continue;
        return fmt::format(
            "{} is vrid {}'s already on {}, which another vrrpd runs (pid {}): a virtual address "
            "belongs to one virtual router",
            to_string(address->address), record->vrid, interface, pid);
    }
    return std::nullopt;
}

} // namespace vrrp::backend

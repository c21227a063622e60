#include "backends/scripts/script_user.hpp"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>

namespace vrrp::backend {
namespace {

constexpr std::size_t kMaxEntry = 1 << 20; // bytes of one user's entry
constexpr int kMaxGroups = 65536;          // the kernel's own limit

std::vector<gid_t> groups_of(const ScriptUser& user) {
    std::vector<gid_t> groups(64);
    int count = static_cast<int>(groups.size());
    while (::getgrouplist(user.name.c_str(), user.gid, groups.data(), &count) < 0 && count <= kMaxGroups)
        groups.resize(static_cast<std::size_t>(count));
    groups.resize(static_cast<std::size_t>(std::min(count, static_cast<int>(groups.size()))));
    return groups;
}

} // namespace

tl::expected<ScriptUser, std::string> find_user(const std::string& name) {
    passwd entry{};
    passwd* found = nullptr;
    std::vector<char> room(1024);
    int error = ERANGE;
    while ((error = ::getpwnam_r(name.c_str(), &entry, room.data(), room.size(), &found)) == ERANGE &&
           room.size() < kMaxEntry)
        room.resize(2 * room.size());
    if (found == nullptr)
        return tl::unexpected(error == 0 ? fmt::format("there is no user '{}'", name)
                                         : fmt::format("user '{}': {}", name, std::strerror(error)));
    ScriptUser user{.name = name,
                    .home = entry.pw_dir,
                    .shell = *entry.pw_shell == '\0' ? "/bin/sh" : entry.pw_shell, // passwd(5)
                    .uid = entry.pw_uid,
                    .gid = entry.pw_gid,
                    .groups = {}};
    user.groups = groups_of(user);
    return user;
}

bool has_user(const std::string& name) {
    return find_user(name).has_value();
}

tl::expected<const ScriptUser*, std::string> ScriptUsers::find(const std::string& name) {
    if (name.empty()) return nullptr;
    const auto known = known_.find(name);
    if (known != known_.end()) return &known->second;
    auto user = find_user(name);
    if (!user) return tl::unexpected(user.error());
    return &known_.emplace(name, *std::move(user)).first->second;
}

} // namespace vrrp::backend

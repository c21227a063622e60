#include "backends/control/control_group.hpp"

#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace vrrp::backend {
namespace {

constexpr std::size_t kMaxGroupEntry = 1 << 20; // bytes: all names of its members

} // namespace

tl::expected<gid_t, std::string> find_group(const std::string& name) {
    group entry{};
    group* found = nullptr;
    std::vector<char> room(1024);
    int error = ERANGE;
    while ((error = ::getgrnam_r(name.c_str(), &entry, room.data(), room.size(), &found)) == ERANGE &&
           room.size() < kMaxGroupEntry)
        room.resize(2 * room.size());
    if (found != nullptr) return entry.gr_gid;
    return tl::unexpected(error == 0 ? fmt::format("there is no group '{}'", name)
                                     : fmt::format("group '{}': {}", name, std::strerror(error)));
}

bool has_group(const std::string& name) {
    return find_group(name).has_value();
}

NicResult let_look_into(const std::filesystem::path& directory, gid_t group) {
    constexpr mode_t kForOthers = S_IROTH | S_IXOTH, kForGroup = S_IRGRP | S_IXGRP;
    const auto fail = [&] {
        return tl::unexpected(NicError{fmt::format("{}: cannot be opened to the control group: {}",
                                                   directory.string(), std::strerror(errno))});
    };
    struct stat facts {};
    if (::stat(directory.c_str(), &facts) != 0) return fail();
    if ((facts.st_mode & kForOthers) == kForOthers) return {};
    if (facts.st_gid == group && (facts.st_mode & kForGroup) == kForGroup) return {};
    const mode_t mode = (facts.st_mode & 07777U & ~static_cast<mode_t>(S_IRWXG)) | kForGroup;
    if (::chown(directory.c_str(), static_cast<uid_t>(-1), group) != 0) return fail();
    if (::chmod(directory.c_str(), mode) != 0) return fail();
    return {};
}

} // namespace vrrp::backend

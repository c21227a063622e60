#include "backends/scripts/script_check.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

namespace vrrp::backend {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxLinks = 40; // the kernel's own limit

// The reason first: a journal line has room for it and for the beginning of a long path.
tl::unexpected<std::string> refusal(const std::string& why, const fs::path& path) {
    return tl::unexpected(fmt::format("{}: {}", why, path.string()));
}

bool may_execute(const struct stat& entry, const ScriptUser& user) {
    constexpr mode_t kAnybody = S_IXUSR | S_IXGRP | S_IXOTH;
    if (user.uid == 0) return S_ISDIR(entry.st_mode) || (entry.st_mode & kAnybody) != 0;
    if (entry.st_uid == user.uid) return (entry.st_mode & S_IXUSR) != 0;
    const bool in_group = std::ranges::find(user.groups, entry.st_gid) != user.groups.end();
    return (entry.st_mode & (in_group ? S_IXGRP : S_IXOTH)) != 0;
}

// What one entry of the way is, when nobody else can change it.
tl::expected<mode_t, std::string> trusted(const fs::path& path, const ScriptUser* user) {
    struct stat entry {};
    if (::lstat(path.c_str(), &entry) != 0) return refusal(std::strerror(errno), path);
    const bool users_own = user != nullptr && entry.st_uid == user->uid;
    if (entry.st_uid != 0 && entry.st_uid != ::geteuid() && !users_own)
        return refusal("owned by another user", path);
    const bool sticky = S_ISDIR(entry.st_mode) && (entry.st_mode & S_ISVTX) != 0;
    const bool writable = !S_ISLNK(entry.st_mode) && (entry.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    if (writable && !sticky) return refusal("can be written by others", path);
    if (user != nullptr && !S_ISLNK(entry.st_mode) && !may_execute(entry, *user))
        return refusal(
            fmt::format("user {} may not {} it", user->name, S_ISDIR(entry.st_mode) ? "enter" : "execute"),
            path);
    return entry.st_mode;
}

void prepend(std::deque<fs::path>& names, const fs::path& path) {
    names.insert(names.begin(), path.begin(), path.end());
}

} // namespace

tl::expected<fs::path, std::string> check_script(const std::string& path, const ScriptUser* user) {
    if (!fs::path(path).is_absolute()) return refusal("not an absolute path", path);
    std::deque<fs::path> ahead;
    prepend(ahead, path);
    fs::path reached;
    mode_t mode = 0;
    for (int links = 0; !ahead.empty();) {
        const fs::path name = ahead.front();
        ahead.pop_front();
        if (name.empty() || name == ".") continue;
        // The directory above a ".." is the one that was reached, not the one that is written before it.
        const fs::path next = name == ".." ? reached.parent_path() : reached / name;
        const auto entry = trusted(next, user);
        if (!entry) return tl::unexpected(entry.error());
        if (!S_ISLNK(*entry)) {
            reached = next;
            mode = *entry;
            continue;
        }
        if (++links > kMaxLinks) return refusal("too many symbolic links", path);
        std::error_code error;
        const fs::path target = fs::read_symlink(next, error);
        if (error) return refusal(error.message(), next);
        prepend(ahead, target); // one that is absolute begins anew, since "/" replaces what was reached
    }
    if (!S_ISREG(mode)) return refusal("not a regular file", path);
    if (user == nullptr && ::faccessat(AT_FDCWD, reached.c_str(), X_OK, AT_EACCESS) != 0)
        return refusal("not executable", path);
    return reached;
}

tl::expected<void, std::string> check_format(const fs::path& file) {
    std::array<char, 4> bytes{};
    std::ifstream(file, std::ios::binary).read(bytes.data(), bytes.size());
    const std::string_view begin(bytes.data(), bytes.size());
    if (begin.starts_with("#!") || begin == "\x7f"
                                            "ELF")
        return {};
    return refusal(kNoInterpreter, file);
}

} // namespace vrrp::backend

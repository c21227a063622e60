#include "backends/scripts/notify_fifo.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

namespace vrrp::backend {
namespace {

namespace fs = std::filesystem;

tl::unexpected<NicError> no(const fs::path& path, const std::string& why) {
    return tl::unexpected(NicError{fmt::format("{}: {}", path.string(), why)});
}

tl::unexpected<NicError> failed(const fs::path& path) {
    return no(path, std::strerror(errno));
}

// To open files as somebody else would; where we may not, as we are.
class FileRights {
  public:
    explicit FileRights(const std::optional<ScriptUser>& user) {
        if (!user) return;
        group_ = static_cast<gid_t>(::setfsgid(user->gid));
        user_ = static_cast<uid_t>(::setfsuid(user->uid));
        changed_ = true;
    }
    ~FileRights() {
        if (!changed_) return;
        ::setfsuid(user_);
        ::setfsgid(group_);
    }
    FileRights(const FileRights&) = delete;
    FileRights& operator=(const FileRights&) = delete;

  private:
    bool changed_ = false;
    uid_t user_ = 0;
    gid_t group_ = 0;
};

} // namespace

tl::expected<std::unique_ptr<NotifyFifo>, NicError> NotifyFifo::open(fs::path path,
                                                                     std::optional<ScriptUser> owner) {
    std::unique_ptr<NotifyFifo> fifo(new NotifyFifo(std::move(path), std::move(owner)));
    if (const NicResult opened = fifo->reopen(); !opened) return tl::unexpected(opened.error());
    return fifo;
}

NotifyFifo::~NotifyFifo() {
    struct stat ours {
    }, entry{};
    if (made_ && ::fstat(made_.get(), &ours) == 0 && ::lstat(path_.c_str(), &entry) == 0 &&
        ours.st_dev == entry.st_dev && ours.st_ino == entry.st_ino)
        ::unlink(path_.c_str());
}

NicResult NotifyFifo::make() {
    if (::mkfifo(path_.c_str(), 0600) != 0) return failed(path_);
    FileDescriptor place(::open(path_.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat entry {};
    if (!place || ::fstat(place.get(), &entry) != 0) return failed(path_);
    if (!S_ISFIFO(entry.st_mode) || entry.st_uid != ::geteuid()) return look();
    made_ = std::move(place);
    if (owner_ && ::fchownat(made_.get(), "", owner_->uid, owner_->gid, AT_EMPTY_PATH) != 0)
        return no(path_, fmt::format("cannot be given to {}: {}", owner_->name, std::strerror(errno)));
    return {};
}

// Before it is opened: what else is there may do something when it is.
NicResult NotifyFifo::look() const {
    struct stat entry {};
    if (::lstat(path_.c_str(), &entry) != 0) return failed(path_);
    if (!S_ISFIFO(entry.st_mode)) return no(path_, "this is no FIFO: name another path");
    const bool owners = owner_ && entry.st_uid == owner_->uid;
    if (entry.st_uid != 0 && entry.st_uid != ::geteuid() && !owners)
        return no(path_, "the FIFO is another user's: remove it");
    return {};
}

// That nobody reads is no error: it is not open then.
NicResult NotifyFifo::reopen() {
    std::error_code error;
    const bool missing = fs::symlink_status(path_, error).type() == fs::file_type::not_found;
    if (const NicResult there = missing ? make() : look(); !there) return there;
    const FileRights rights(owner_);
    fd_ = FileDescriptor(::open(path_.c_str(), O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
    return fd_ || errno == ENXIO ? NicResult{} : failed(path_);
}

NicResult NotifyFifo::write_line(std::string_view line) {
    for (const bool again : {false, true}) {
        if (!fd_)
            if (const NicResult opened = reopen(); !opened) return opened;
        if (!fd_) return no(path_, "nobody reads it");
        // Whole or not at all: a line is shorter than PIPE_BUF.
        if (::write(fd_.get(), line.data(), line.size()) >= 0) return {};
        if (errno == EAGAIN) return no(path_, "its reader is behind, and the pipe is full");
        if (errno != EPIPE || again) break;
        fd_ = FileDescriptor(); // its readers are gone; there may be one of another FIFO of this name
    }
    return failed(path_);
}

} // namespace vrrp::backend

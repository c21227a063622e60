// vrrp::Fifo: a named pipe.
#pragma once

#include "backends/runtime/runtime_directory.hpp"
#include "backends/scripts/script_user.hpp"

#include <optional>

namespace vrrp::backend {

// 1. Made where it is missing, with mode 0600 and as `owner`'s, and removed at the end if we made it. One that is there
//    is taken as it is, if it is root's, ours or the owner's. Somebody may remove it: the next line makes it again.
// 2. No line waits. When nobody reads, or the pipe is full, the line is lost whole, and the error says which of the two
//    it was. Who reads later gets the next lines.
// 3. It is opened with the owner's rights, not with ours: root without capabilities of files may not write to it.
class NotifyFifo final : public Fifo {
  public:
    static tl::expected<std::unique_ptr<NotifyFifo>, NicError> open(std::filesystem::path path,
                                                                    std::optional<ScriptUser> owner);
    ~NotifyFifo() override;
    NotifyFifo(const NotifyFifo&) = delete;
    NotifyFifo& operator=(const NotifyFifo&) = delete;

    NicResult write_line(std::string_view line) override;

  private:
    NotifyFifo(std::filesystem::path path, std::optional<ScriptUser> owner)
        : path_(std::move(path)), owner_(std::move(owner)) {}
    NicResult make();
    NicResult look() const;
    NicResult reopen();

    std::filesystem::path path_;
    std::optional<ScriptUser> owner_;
    FileDescriptor made_; // what is ours to remove; held, so that nothing else can get its number
    FileDescriptor fd_;   // since somebody reads
};

} // namespace vrrp::backend

// The journal and the process's own messages, through spdlog.
#pragma once

#include "core/daemon/journal.hpp"

#include <spdlog/logger.h>

namespace vrrp::backend {

// Where the severity and the time of a line are written down, each goes once:
// on a terminal in the line; for systemd's journal the severity as sd-daemon's prefix "<4>", and the journal
// has the time; in syslog both are syslog's.
enum class LogTarget : std::uint8_t { terminal, journal, syslog };

// In the foreground the log goes to standard error, which is the journal where `journal_stream`, the
// environment's JOURNAL_STREAM or a null pointer, names the same device and inode.
LogTarget log_target(bool foreground, int standard_error, const char* journal_stream);

// Our severities in spdlog's levels, which have no notice: they are one step louder than spdlog's names say.
constexpr spdlog::level::level_enum level(Severity severity) {
    switch (severity) {
    case Severity::error: return spdlog::level::err;
    case Severity::warning: return spdlog::level::warn;
    case Severity::notice: return spdlog::level::info;
    case Severity::info: return spdlog::level::debug;
    }
    return spdlog::level::err;
}

// A logger that hands lines to a thread of its own and drops the oldest when that cannot keep up: a stuck
// syslog or a full pipe must not hold the protocol.
std::shared_ptr<spdlog::logger> make_logger(LogTarget target);

class LogJournal final : public Journal {
  public:
    explicit LogJournal(std::shared_ptr<spdlog::logger> logger) : logger_(std::move(logger)) {}
    void write(const JournalEntry& entry) override;

  private:
    std::shared_ptr<spdlog::logger> logger_;
};

} // namespace vrrp::backend

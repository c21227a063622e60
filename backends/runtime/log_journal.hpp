// The journal and the process's own messages, through spdlog.
#pragma once

#include "core/ports.hpp"

#include <spdlog/logger.h>

namespace vrrp::backend {

enum class LogTarget : std::uint8_t { standard_error, syslog };

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

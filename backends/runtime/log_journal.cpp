#include "backends/runtime/log_journal.hpp"

#include "core/daemon/journal.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/syslog_sink.h>

namespace vrrp::backend {
namespace {

constexpr std::size_t kQueuedLines = 1024;

spdlog::sink_ptr make_sink(LogTarget target) {
    if (target == LogTarget::standard_error) {
        auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
        sink->set_pattern("%Y-%m-%d %H:%M:%S.%e vrrpd %^%l%$ %v");
        return sink;
    }
    // Without LOG_CONS: where nobody listens to syslog, the console would take milliseconds a line.
    auto sink = std::make_shared<spdlog::sinks::syslog_sink_mt>("vrrpd", LOG_PID, LOG_LOCAL1, true);
    sink->set_pattern("%v");
    return sink;
}

} // namespace

std::shared_ptr<spdlog::logger> make_logger(LogTarget target) {
    spdlog::init_thread_pool(kQueuedLines, 1);
    auto logger = std::make_shared<spdlog::async_logger>("vrrpd", make_sink(target), spdlog::thread_pool(),
                                                         spdlog::async_overflow_policy::overrun_oldest);
    logger->flush_on(spdlog::level::info);
    return logger;
}

void LogJournal::write(const JournalEntry& entry) {
    const bool notice = severity(entry.event) == Severity::notice;
    logger_->log(notice ? spdlog::level::info : spdlog::level::warn, to_text(entry));
}

} // namespace vrrp::backend

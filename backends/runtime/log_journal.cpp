#include "backends/runtime/log_journal.hpp"

#include <fmt/format.h>
#include <spdlog/async.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <sys/stat.h>
#include <syslog.h>

namespace vrrp::backend {
namespace {

constexpr std::size_t kQueuedLines = 1024;

// The way back from level(). What is critical is an error that ends us.
Severity severity_of(spdlog::level::level_enum level) {
    if (level >= spdlog::level::err) return Severity::error;
    if (level == spdlog::level::warn) return Severity::warning;
    return level == spdlog::level::info ? Severity::notice : Severity::info;
}

// "warning", or "4".
class SeverityFlag final : public spdlog::custom_flag_formatter {
  public:
    enum class Form : std::uint8_t { name, number };
    explicit SeverityFlag(Form form) : form_(form) {}
    void format(const spdlog::details::log_msg& line, const std::tm&, spdlog::memory_buf_t& out) override {
        const Severity severity = severity_of(line.level);
        const std::string text =
            form_ == Form::name ? to_string(severity) : std::to_string(static_cast<int>(severity));
        out.append(text.data(), text.data() + text.size());
    }
    std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<SeverityFlag>(form_);
    }

  private:
    Form form_;
};

std::unique_ptr<spdlog::formatter> formatter(SeverityFlag::Form form, std::string pattern) {
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<SeverityFlag>('*', form).set_pattern(std::move(pattern));
    return formatter;
}

// spdlog's own knows no notice.
class SyslogSink final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    // Without LOG_CONS: where nobody listens to syslog, the console would take milliseconds a line.
    SyslogSink() { ::openlog("vrrpd", LOG_PID, LOG_LOCAL1); }

  private:
    void sink_it_(const spdlog::details::log_msg& line) override {
        ::syslog(static_cast<int>(severity_of(line.level)), "%.*s", static_cast<int>(line.payload.size()),
                 line.payload.data());
    }
    void flush_() override {}
};

spdlog::sink_ptr make_sink(LogTarget target) {
    if (target == LogTarget::syslog) return std::make_shared<SyslogSink>();
    if (target == LogTarget::journal) {
        auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
        sink->set_formatter(formatter(SeverityFlag::Form::number, "<%*>%v"));
        return sink;
    }
    auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
    sink->set_formatter(formatter(SeverityFlag::Form::name, "%Y-%m-%d %H:%M:%S.%e vrrpd %^%*%$ %v"));
    return sink;
}

} // namespace

LogTarget log_target(bool foreground, int standard_error, const char* journal_stream) {
    if (!foreground) return LogTarget::syslog;
    struct stat file {};
    if (journal_stream == nullptr || ::fstat(standard_error, &file) != 0) return LogTarget::terminal;
    return fmt::format("{}:{}", file.st_dev, file.st_ino) == journal_stream ? LogTarget::journal
                                                                            : LogTarget::terminal;
}

std::shared_ptr<spdlog::logger> make_logger(LogTarget target) {
    spdlog::init_thread_pool(kQueuedLines, 1);
    auto logger = std::make_shared<spdlog::async_logger>("vrrpd", make_sink(target), spdlog::thread_pool(),
                                                         spdlog::async_overflow_policy::overrun_oldest);
    logger->set_level(level(Severity::info));
    logger->flush_on(level(Severity::info));
    return logger;
}

void LogJournal::write(const JournalEntry& entry) {
    logger_->log(level(severity(entry.event)), to_text(entry));
}

} // namespace vrrp::backend

#include "tools/vrrplab/sweep/progress.hpp"

#include "tools/vrrplab/sweep/tally.hpp"

#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>

namespace vrrplab {
namespace {

constexpr std::size_t kBar = 20;
constexpr std::chrono::milliseconds kOnTerminal{200}, kElsewhere{10'000};

std::string time_left(double seconds) {
    if (seconds < 90) return fmt::format("{:.0f} s left", seconds);
    return seconds < 5400 ? fmt::format("{:.0f} min left", seconds / 60)
                          : fmt::format("{:.1f} h left", seconds / 3600);
}

} // namespace

std::string progress_text(std::uint64_t done, std::uint64_t all, std::uint64_t violated,
                          std::chrono::duration<double> took, bool bar) {
    const double part = all == 0 ? 1 : static_cast<double>(done) / static_cast<double>(all);
    std::string text;
    if (bar) {
        std::string filled(static_cast<std::size_t>(part * kBar), '=');
        if (filled.size() < kBar) filled += '>';
        text = fmt::format("[{:<{}}] ", filled, kBar);
    }
    const double rate = took.count() > 0 ? static_cast<double>(done) / took.count() : 0;
    text += fmt::format("{} of {} worlds, {}/s, {} violated", with_commas(done), with_commas(all),
                        with_commas(static_cast<std::uint64_t>(rate)), with_commas(violated));
    if (rate > 0 && done < all) text += ", " + time_left(static_cast<double>(all - done) / rate);
    return text;
}

Progress::Progress(std::uint64_t all) : all_(all), terminal_(::isatty(STDERR_FILENO) == 1) {}

std::chrono::milliseconds Progress::tell(std::uint64_t done, std::uint64_t violated) {
    const auto so_far = took();
    if (!terminal_) {
        if (so_far > kElsewhere / 2)
            fmt::print(stderr, "{}\n", progress_text(done, all_, violated, so_far, false));
        return kElsewhere;
    }
    const std::string text = progress_text(done, all_, violated, so_far, true);
    fmt::print(stderr, "\r{:<{}}", text, width_);
    width_ = text.size();
    std::fflush(stderr);
    return kOnTerminal;
}

void Progress::clear() {
    if (width_ != 0) fmt::print(stderr, "\r{:<{}}\r", "", width_);
    width_ = 0;
}

} // namespace vrrplab

#include "tests/bench/failover/trial.hpp"

#include "tests/live/harness/await.hpp"

#include <fmt/format.h>

namespace vrrp::bench {
namespace {

// Above three intervals of a second with keepalived's start, and its group's way of waiting for everybody.
constexpr auto kPatience = std::chrono::seconds(15);
// More answers than a host gets while the old master still answers and the new one speaks already.
constexpr std::size_t kManyAnswers = 300;
constexpr int kPhases = 7;

const char* name(Side side) {
    return side == Side::better ? "r1" : "r2";
}

IpAddress address_of(const Segment& segment, Side side) {
    return IpAddress::parse(segment.address(side == Side::better ? 1 : 2)).value();
}

void must_come(bool came, const std::string& what) {
    if (!came) throw GaveUp(fmt::format("no {} within {} s", what, kPatience.count()));
}

} // namespace

Trial::Trial(const Implementation& implementation, const Dialect& dialect, int segments, int run)
    : implementation_(implementation), dialect_(dialect), run_(run), bed_(segments) {
    for (std::size_t i = 0; i < bed_.segments(); ++i)
        taps_.emplace_back(new live::WireTap(bed_.tap(i, "r2")));
}

void Trial::start(Side side) {
    Plan plan{.dialect = dialect_,
              .priority = side == Side::better ? kBetterPriority : kOtherPriority,
              .members = {},
              .group = bed_.segments() > 1};
    for (std::size_t i = 0; i < bed_.segments(); ++i)
        plan.members.push_back(
            {bed_.segment(i).interface(), 5 + static_cast<int>(i), bed_.segment(i).gateway()});
    routers_[static_cast<std::size_t>(side)] =
        implementation_.start(side == Side::better ? bed_.r1 : bed_.r2, plan);
}

bool Trial::is_only_master(std::size_t segment, Side side) {
    const IpAddress source = address_of(bed_.segment(segment), side);
    int in_a_row = 0;
    for (const auto& seen : taps_[segment]->advertisements())
        in_a_row = seen.advertisement.source == source ? in_a_row + 1 : 0;
    return in_a_row >= 3;
}

void Trial::await_master(Side side) {
    for (std::size_t i = 0; i < bed_.segments(); ++i)
        must_come(live::await(kPatience, [&] { return is_only_master(i, side); }),
                  fmt::format("sole master {}", name(side)));
    for (std::size_t i = hosts_.size(); i < bed_.segments(); ++i)
        hosts_.push_back(std::make_unique<live::Prober>(
            bed_.segment(i).host(), IpAddress::parse(bed_.segment(i).gateway()).value(), 1ms));
    for (const auto& host : hosts_) {
        const std::size_t before = host->answered();
        must_come(live::await(kPatience, [&] { return host->answered() > before + kManyAnswers; }),
                  "answers");
    }
    std::this_thread::sleep_for(dialect_.interval * (run_ % kPhases) / kPhases);
}

void Trial::let_listen() const {
    // Nothing of a backup can be seen from outside; the slowest, FRR's, listens after 200 ms.
    std::this_thread::sleep_for(std::chrono::seconds(1) + dialect_.interval);
}

Duration Trial::now() {
    return std::chrono::system_clock::now().time_since_epoch();
}

Duration Trial::await_advertisement(std::size_t segment, Side side, Duration since) {
    const IpAddress source = address_of(bed_.segment(segment), side);
    Duration found{};
    const auto spoke = [&] {
        for (const auto& seen : taps_[segment]->advertisements())
            if (seen.advertisement.source == source && seen.time >= since) {
                found = seen.time;
                return true;
            }
        return false;
    };
    must_come(live::await(kPatience, spoke), fmt::format("advertisement of {}", name(side)));
    return found;
}

Duration Trial::last_advertisement(std::size_t segment, Side side, Duration before) {
    const IpAddress source = address_of(bed_.segment(segment), side);
    Duration found{};
    for (const auto& seen : taps_[segment]->advertisements())
        if (seen.advertisement.source == source && seen.time < before) found = seen.time;
    return found;
}

std::optional<Duration> Trial::announcement(std::size_t segment, Duration since) {
    const IpAddress gateway = IpAddress::parse(bed_.segment(segment).gateway()).value();
    for (const auto& seen : taps_[segment]->announcements())
        if (seen.announcement.address == gateway && seen.time >= since) return seen.time;
    return std::nullopt;
}

Duration Trial::gap(live::Prober::Clock::time_point since) const {
    Duration worst{};
    for (const auto& host : hosts_) {
        const std::size_t before = host->answered();
        const bool served = live::await(kPatience, [&] { return host->answered() > before + kManyAnswers; });
        worst = std::max<Duration>(worst, served ? host->longest_gap(since) : Duration(kPatience));
    }
    return worst;
}

} // namespace vrrp::bench

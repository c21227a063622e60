// vrrplab replay CAPTURE: every VRRP packet with its verdict, who was master when, and what was wrong.
#include "backends/interfaces/capture_file.hpp"
#include "core/wire/announcement.hpp"
#include "tools/vrrplab/commands.hpp"
#include "tools/vrrplab/output.hpp"
#include "tools/vrrplab/replay/duplicates.hpp"
#include "tools/vrrplab/replay/replay_report.hpp"

#include <fmt/format.h>

namespace vrrplab {
namespace {

using vrrp::backend::CapturedFrame;
using vrrp::backend::CaptureFile;
using vrrp::wire::DropReason;

// A clock that is set back, and not frames of several interfaces that are written a little out of order.
constexpr Duration kOutOfOrder = std::chrono::seconds(1);

// Text or JSON lines, as they come. What nobody reads is not made.
class Replay {
  public:
    Replay(const ReplayOptions& options, LineFile* json) : options_(options), json_(json) {}

    void take(const CapturedFrame& frame) {
        const Duration time = time_of(frame);
        Decoded decoded = vrrp::wire::decode(frame.bytes);
        if (!decoded && decoded.error().reason == DropReason::not_vrrp) {
            if (const auto announcement = vrrp::wire::decode_announcement(frame.bytes))
                findings_.announced(time, frame.interface, *announcement);
            return;
        }
        ++summary_.packets;
        if (duplicates_.is_one(frame.number, time, frame.interface, frame.bytes)) return;
        const Dialect dialect = decoded ? Dialect{} : dialect_of(frame.bytes);
        if (dialect.kind == Dialect::cisco_md5) // what a receiver says of it, whatever else is odd
            decoded = tl::unexpected(vrrp::wire::DecodeError{DropReason::authentication, kCiscoMd5});
        if (wants_json() || !options_.quiet) tell_packet(frame, time, decoded);
        if (!decoded) return refused(frame, time, decoded.error(), dialect);
        ++summary_.accepted;
        heard(frame, time, *decoded);
    }

    void end(std::uint64_t unreadable) {
        summary_.unreadable = unreadable;
        summary_.ends = summary_.begins + last_;
        for (const MasterChange& change : timeline_.end(last_)) {
            tell(summary_.frames, change);
            findings_.ended(change, summary_.frames);
        }
        findings_.end(last_);
        if (duplicates_.are_many(summary_.packets))
            findings_.of_the_capture(ReplayCode::duplicates, duplicates_.first(),
                                     fmt::format("{} packets are in the capture twice", duplicates_.count()));
        const std::vector<Finding> findings = findings_.list();
        text("\n" + summary_text(summary_, timeline_), "");
        for (const Finding& one : findings) {
            json([&] { return finding_json(one); });
            text("\n" + finding_text(one));
        }
        json([&] { return verdict_json(summary_, findings); });
        json([&] { return summary_json(summary_, timeline_); });
        text("\n" + verdict_text(summary_, findings));
    }

  private:
    // Since the first frame, and never back: what is told of a clock that was set goes on from there.
    Duration time_of(const CapturedFrame& frame) {
        if (summary_.frames++ == 0) summary_.begins = frame.time;
        Duration time = frame.time - summary_.begins + shift_;
        if (time < last_ - kOutOfOrder) {
            findings_.of_the_capture(ReplayCode::clock_went_back, frame.number,
                                     fmt::format("the clock goes back by {}", vrrp::to_string(last_ - time)));
            shift_ += last_ - time;
        }
        time = std::max(last_, frame.time - summary_.begins + shift_);
        summary_.frames = frame.number;
        return last_ = time;
    }

    void refused(const CapturedFrame& frame, Duration time, const vrrp::wire::DecodeError& error,
                 const Dialect& dialect) {
        if (frame.is_cut()) {
            ++summary_.refused["cut_by_capture"];
            return findings_.of_the_capture(
                ReplayCode::cut_by_capture, frame.number,
                fmt::format("the capture kept {} of {} bytes: what the packet says cannot be read whole",
                            frame.bytes.size(), frame.wire_size));
        }
        if (dialect.kind == Dialect::carp) {
            ++summary_.refused["carp"];
            return findings_.of_the_capture(
                ReplayCode::carp, frame.number,
                fmt::format("a router speaks CARP of virtual host {}, not VRRP", dialect.vrid));
        }
        if (dialect.kind == Dialect::cisco_md5) {
            findings_.of_the_capture(
                ReplayCode::cisco_md5, frame.number,
                fmt::format("vrid {} is authenticated by Cisco's MD5 (authentication type 254)",
                            dialect.vrid));
            if (dialect.advertisement) heard(frame, time, *dialect.advertisement);
        }
        ++summary_.refused[to_string(error.reason)];
    }

    void heard(const CapturedFrame& frame, Duration time, const vrrp::wire::Advertisement& said) {
        const auto change = timeline_.heard(time, said, frame.interface);
        const VirtualRouterKey key{frame.interface, said.vlan, said.source.family(), said.vrid};
        findings_.heard(frame.number, time, frame.interface, said, change,
                        timeline_.virtual_routers().at(key));
        if (change) tell(frame.number, *change);
    }

    void tell_packet(const CapturedFrame& frame, Duration time, const Decoded& decoded) {
        const Glimpse seen = glimpse(frame.bytes, decoded);
        json([&] { return packet_json(frame.number, time, seen, decoded); });
        if (!options_.quiet) text(packet_text(frame.number, time, seen, decoded));
    }

    void tell(std::uint64_t frame, const MasterChange& change) {
        json([&] { return change_json(frame, change, summary_.begins); });
        text(change_text(frame, change));
    }
    bool wants_json() const { return json_ != nullptr; }
    // With --json - standard output belongs to the objects.
    void text(const std::string& line, const char* newline = "\n") const {
        if (options_.json != "-") fmt::print("{}{}", line, newline);
    }
    template <typename Make>
    void json(Make&& make) {
        if (wants_json()) json_->write(make());
    }

    const ReplayOptions& options_;
    LineFile* json_; // none: nobody asked
    Duration last_{}, shift_{};
    ReplaySummary summary_;
    MasterTimeline timeline_;
    Findings findings_;
    Duplicates duplicates_;
};

} // namespace

int replay(const ReplayOptions& options) {
    auto file = CaptureFile::open(options.capture);
    if (!file) return complain(file.error());
    std::optional<LineFile> json;
    if (!options.json.empty()) {
        auto opened = LineFile::open(options.json);
        if (!opened) return complain(opened.error());
        json.emplace(*std::move(opened));
    }
    Replay replay(options, json ? &*json : nullptr);
    auto frame = file->next();
    for (; frame && *frame; frame = file->next())
        replay.take(**frame);
    replay.end(file->unreadable());
    std::fflush(stdout); // before what goes to stderr
    if (json)
        if (const auto written = json->finish(); !written) return complain(written.error());
    return frame ? 0 : complain(frame.error()); // what was read before the damage has been told
}

} // namespace vrrplab

// vrrplab replay CAPTURE: every VRRP packet with its verdict, and who was master when.
#include "backends/interfaces/capture_file.hpp"
#include "tools/vrrplab/commands.hpp"
#include "tools/vrrplab/output.hpp"
#include "tools/vrrplab/replay/replay_report.hpp"

#include <fmt/format.h>

namespace vrrplab {
namespace {

using vrrp::backend::CapturedFrame;
using vrrp::backend::CaptureFile;
using vrrp::wire::DropReason;

// Text or JSON lines, as they come.
class Replay {
  public:
    explicit Replay(const ReplayOptions& options) : options_(options) {}

    void take(const CapturedFrame& frame) {
        if (summary_.frames++ == 0) start_ = frame.time;
        const Duration time = last_ = frame.time - start_;
        const auto decoded = vrrp::wire::decode(frame.bytes);
        if (!decoded && decoded.error().reason == DropReason::not_vrrp) return;
        ++summary_.packets;
        const Glimpse seen = glimpse(frame.bytes, decoded);
        json(packet_json(frame.number, time, seen, decoded));
        if (!options_.quiet) text(packet_text(frame.number, time, seen, decoded));
        if (!decoded) {
            ++summary_.refused[to_string(decoded.error().reason)];
            return;
        }
        ++summary_.accepted;
        if (const auto change = timeline_.heard(time, *decoded)) tell(*change);
    }

    void end() {
        for (const MasterChange& change : timeline_.end(last_))
            tell(change);
        json(summary_json(summary_, timeline_));
        text(summary_text(summary_, timeline_), "");
    }

    const std::string& json_lines() const { return json_; }

  private:
    void tell(const MasterChange& change) {
        json(change_json(summary_.frames, last_, change));
        text(change_text(last_, change));
    }
    // With --json - standard output belongs to the objects.
    void text(const std::string& line, const char* newline = "\n") const {
        if (options_.json != "-") fmt::print("{}{}", line, newline);
    }
    void json(const std::string& line) {
        if (options_.json == "-") fmt::print("{}\n", line);
        if (!options_.json.empty() && options_.json != "-") json_ += line + "\n";
    }

    const ReplayOptions& options_;
    Duration start_{}, last_{}; // the first frame, and the latest since then
    ReplaySummary summary_;
    MasterTimeline timeline_;
    std::string json_;
};

} // namespace

int replay(const ReplayOptions& options) {
    auto file = CaptureFile::open(options.capture);
    if (!file) return complain(file.error());
    Replay replay(options);
    auto frame = file->next();
    for (; frame && *frame; frame = file->next())
        replay.take(**frame);
    replay.end();
    std::fflush(stdout); // before what goes to stderr
    if (!options.json.empty() && options.json != "-")
        if (const auto written = write_whole(options.json, replay.json_lines()); !written)
            return complain(written.error());
    return frame ? 0 : complain(frame.error()); // what was read before the damage has been told
}

} // namespace vrrplab

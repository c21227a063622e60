// vrrplab replay CAPTURE: every VRRP packet with its verdict, and who was master when.
#include "backends/capture_file.hpp"
#include "tools/vrrplab/commands.hpp"
#include "tools/vrrplab/output.hpp"
#include "tools/vrrplab/replay/replay_report.hpp"

#include <fmt/format.h>

namespace vrrplab {
namespace {

using vrrp::backend::CapturedFrame;
using vrrp::backend::CaptureFile;
using vrrp::wire::DropReason;

struct Options {
    std::string capture, json;
    bool quiet = false;
};

// Text or JSON lines, as they come.
class Replay {
  public:
    explicit Replay(const Options& options) : options_(options) {}

    void take(const CapturedFrame& frame) {
        if (summary_.frames++ == 0) start_ = frame.time;
        const auto decoded = vrrp::wire::decode(frame.bytes);
        if (!decoded && decoded.error().reason == DropReason::not_vrrp) return;
        const Duration time = frame.time - start_;
        ++summary_.packets;
        const Glimpse seen = glimpse(frame.bytes);
        json(packet_json(frame.number, time, seen, decoded));
        if (!options_.quiet) text(packet_text(frame.number, time, seen, decoded));
        if (!decoded) {
            ++summary_.refused[to_string(decoded.error().reason)];
            return;
        }
        ++summary_.accepted;
        if (const auto change = timeline_.heard(time, *decoded)) {
            json(change_json(frame.number, time, *change));
            text(change_text(time, *change));
        }
    }

    void end() {
        json(summary_json(summary_, timeline_));
        text(summary_text(summary_, timeline_), "");
    }

    const std::string& json_lines() const { return json_; }

  private:
    // With --json - standard output belongs to the objects.
    void text(const std::string& line, const char* newline = "\n") const {
        if (options_.json != "-") fmt::print("{}{}", line, newline);
    }
    void json(const std::string& line) {
        if (options_.json == "-") fmt::print("{}\n", line);
        if (!options_.json.empty() && options_.json != "-") json_ += line + "\n";
    }

    const Options& options_;
    Duration start_{};
    ReplaySummary summary_;
    MasterTimeline timeline_;
    std::string json_;
};

int complain(const std::string& why) {
    fmt::print(stderr, "vrrplab: {}\n", why);
    return 2;
}

int run(const Options& options) {
    auto file = CaptureFile::open(options.capture);
    if (!file) return complain(file.error());
    Replay replay(options);
    for (;;) {
        const auto frame = file->next();
        if (frame && *frame) {
            replay.take(**frame);
            continue;
        }
        replay.end();
        if (!frame) return complain(frame.error());
        break;
    }
    if (options.json.empty() || options.json == "-") return 0;
    const auto written = write_whole(options.json, replay.json_lines());
    return written ? 0 : complain(written.error());
}

} // namespace

void add_replay_command(CLI::App& app, int& status) {
    auto options = std::make_shared<Options>();
    CLI::App* command =
        app.add_subcommand("replay", "what happened in a capture: packets, verdicts, masters");
    command->add_option("capture", options->capture, "a pcap or pcapng file of Ethernet; - is standard input")
        ->required();
    command->add_option("--json", options->json,
                        "one JSON object a line into this file; - is standard output");
    command->add_flag("--quiet", options->quiet, "only the changes of master and the summary");
    command->callback([options, &status] { status = run(*options); });
}

} // namespace vrrplab

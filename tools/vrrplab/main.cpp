// What can be said on vrrplab's command line.
#include "core/config/command_line.hpp"
#include "netsim/engine/event_queue.hpp"
#include "tools/vrrplab/commands.hpp"

#include <charconv>
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fmt/format.h>
#include <memory>
#include <system_error>

namespace vrrplab {
namespace {

// CLI11 would take -1 for the highest number of all.
std::string complain_about_seed(const std::string& text) {
    std::uint64_t seed = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    return whole ? "" : fmt::format("'{}' is no seed: a whole number from 0 to {}", text, UINT64_MAX);
}

void add_seed_option(CLI::App& command, std::uint64_t& seed) {
    command.add_option("--seed", seed, "Of everything that is left to chance")
        ->check(CLI::Validator(complain_about_seed, "", "seed"))
        ->type_name("NUMBER")
        ->capture_default_str();
}

// A world that a sweep has run; without a seed the scenario as it is.
void add_swept_world(CLI::App& command, std::optional<std::uint64_t>& seed, bool& shuffle) {
    command
        .add_option("--seed", seed,
                    "What vrrplab sweep runs with this seed (default the scenario's own steps)")
        ->check(CLI::Validator(complain_about_seed, "", "seed"))
        ->type_name("NUMBER");
    command.add_flag("--shuffle", shuffle, "As sweep --shuffle runs it");
}

// Each adds its subcommand to `app`; running it leaves the exit status in `status`.

void add_sim_command(CLI::App& app, int& status) {
    auto options = std::make_shared<SimOptions>();
    CLI::App* command = app.add_subcommand("sim", "Run one scenario and show what happened");
    command->add_option("FILE", options->file, "The scenario")->type_name("")->required();
    add_seed_option(*command, options->seed);
    command
        ->add_option(
            "--json", options->json,
            "Write the journal there, one object per line; - is stdout, and then there is no timeline")
        ->type_name("FILE");
    command
        ->add_option(
            "--pcap", options->pcap,
            "Write what each network carried to DIR/NETWORK.pcapng, for Wireshark and vrrplab replay")
        ->type_name("DIR");
    command->add_flag("-q,--quiet", options->quiet, "No timeline, only failures");
    command->callback([options, &status] { status = sim(*options); });
}

void add_test_command(CLI::App& app, int& status) {
    auto options = std::make_shared<TestOptions>();
    CLI::App* command = app.add_subcommand("test", "Run many scenarios, one line each");
    command->add_option("PATH", options->paths, "Scenarios, or directories of them")
        ->type_name("")
        ->required();
    add_seed_option(*command, options->seed);
    command->add_option("--junit", options->junit, "Write the results there as JUnit XML")->type_name("FILE");
    command->add_option("--json", options->json, "Write the journals there, one object per line")
        ->type_name("FILE");
    command->footer("FILE may be - for standard output, which then has nothing else.");
    command->add_flag("-q,--quiet", options->quiet, "No line for each, only failures and the summary");
    command->callback([options, &status] { status = test(*options); });
}

void add_check_command(CLI::App& app, int& status) {
    auto options = std::make_shared<CheckOptions>();
    CLI::App* command = app.add_subcommand(
        "check", "Try every fault on routers with these configurations, without a scenario");
    command
        ->add_option(
            "ROUTER", options->routers,
            "NAME=FILE, of vrrpd, keepalived, FRR or VyOS; or NAME='vrrpd -i eth0 ...', again for each "
            "of its processes")
        ->type_name("")
        ->required();
    const auto add_list = [&](const char* name, std::vector<std::string>& values, const char* type,
                              const char* help) {
        command->add_option(name, values, help)
            ->type_name(type)
            ->expected(1)
            ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
            ->allow_extra_args(false);
    };
    add_list("--address", options->addresses, "NAME.INTERFACE=IP/LEN",
             "A router's own address, where it is not chosen beside the virtual ones");
    add_list("--network", options->networks, "NAME.INTERFACE,NAME.INTERFACE",
             "These interfaces are on one network, where VRIDs and addresses do not say so");
    command->add_option("--faults", options->faults, "One fault at a time, or every two as well")
        ->check(CLI::IsMember({"single", "pairs"}))
        ->type_name("single|pairs")
        ->capture_default_str();
    command
        ->add_option("--max-outage", options->max_outage,
                     "How long a host may be without an answer (default what the configurations promise)")
        ->type_name("TIME");
    command->add_option("--keep", options->keep, "Write each fault there as a scenario")->type_name("DIR");
    add_seed_option(*command, options->seed);
    command->add_option("--junit", options->junit, "Write the results there as JUnit XML")->type_name("FILE");
    command->add_option("--json", options->json, "Write results and journals there, one object per line")
        ->type_name("FILE");
    command->add_flag("--run-anyway", options->run_anyway,
                      "Also where the configurations say that the routers do not hear one another");
    command->add_flag(
        "--strict", options->strict,
        "A note about the configurations is a failure too, and --max-outage counts for every single fault");
    command->add_flag("-q,--quiet", options->quiet, "No row for what held");
    command->footer(
        "Exit status: 0 all held, 1 a fault did not or the configurations are wrong, 2 it cannot be "
        "run.\nFILE may be - for standard output, which then has nothing else.");
    command->callback([options, &status] { status = check(*options); });
}

void add_results(CLI::App& command, std::string& junit, std::string& json) {
    command.add_option("--junit", junit, "Write the results there as JUnit XML")->type_name("FILE");
    command.add_option("--json", json, "Write them there, one object per line")->type_name("FILE");
}

void add_sweep_command(CLI::App& app, int& status) {
    auto options = std::make_shared<SweepOptions>();
    CLI::App* command = app.add_subcommand(
        "sweep", "Run the network of a scenario in many worlds, in each of which other faults strike");
    command->add_option("FILE", options->files, "Scenarios; their [chaos] says what may strike")
        ->type_name("")
        ->required();
    command->add_option("--seeds", options->seeds, "A world for each of them")
        ->type_name("A..B")
        ->capture_default_str();
    command->add_option("--jobs", options->jobs, "Worlds at once (default one for each processor)")
        ->check(CLI::Range(1, 1024))
        ->type_name("N");
    command->add_flag("--shuffle", options->shuffle,
                      "Which of the simultaneous comes first is left to chance, too");
    command->add_option("--shard", options->shard, "Only every N-th seed, from the I-th: for many machines")
        ->type_name("I/N")
        ->capture_default_str();
    command
        ->add_option("--keep", options->keep,
                     "Write what is violated there, as scenarios that fail by themselves")
        ->type_name("DIR");
    command->add_flag("--shrink", options->shrink, "Those as small as they can be");
    add_results(*command, options->junit, options->json);
    command->add_flag("-q,--quiet", options->quiet, "No progress, and no journals of violations");
    command->footer("Exit status: 0 all held, 1 something was violated, 2 it cannot be run.\n"
                    "FILE of a result may be - for standard output, which then has nothing else.");
    command->callback([options, &status] { status = sweep(*options); });
}

void add_explore_command(CLI::App& app, int& status) {
    auto options = std::make_shared<ExploreOptions>();
    CLI::App* command = app.add_subcommand(
        "explore", "Run every path of a scenario in which so much is lost, crashes, or changes its order");
    command->add_option("FILE", options->file, "The scenario")->type_name("")->required();
    const auto add = [&](const char* name, std::string& value, const char* type, const char* help) {
        command->add_option(name, value, help)->type_name(type);
    };
    add("--losses", options->losses, "N", "So many advertisements may be lost (default 0)");
    add("--crashes", options->crashes, "N", "So often a vrrpd may crash (default 0)");
    add("--reorders", options->reorders, "N", "So often the simultaneous may change its order (default 0)");
    add("--until", options->until, "TIME", "From then on nothing goes wrong (default the scenario's end)");
    add("--limit", options->limit, "PATHS", "No more than so many");
    add("--for", options->time, "TIME", "No longer than that");
    command->add_option("--jobs", options->jobs, "Paths at once (default one for each processor)")
        ->check(CLI::Range(1, 1024))
        ->type_name("N");
    add("--keep", options->keep, "DIR", "Write what is violated there, as scenarios that fail by themselves");
    add("--json", options->json, "FILE", "Write the results there, one object per line");
    command->add_flag("-q,--quiet", options->quiet, "No progress, and no journals of violations");
    command->footer("Exit status: 0 all held, 1 something was violated, 2 it cannot be run.\n"
                    "FILE of a result may be - for standard output, which then has nothing else.");
    command->callback([options, &status] { status = explore(*options); });
}

void add_merge_command(CLI::App& app, int& status) {
    auto options = std::make_shared<MergeOptions>();
    CLI::App* command = app.add_subcommand("merge", "Add up what the shards of a sweep have found");
    command->add_option("FILE", options->files, "What sweep --json has written")->type_name("")->required();
    add_results(*command, options->junit, options->json);
    command->footer(
        "Exit status: 0 all held, 1 something was violated, 2 a shard is missing or cannot be read.");
    command->callback([options, &status] { status = merge(*options); });
}

void add_shrink_command(CLI::App& app, int& status) {
    auto options = std::make_shared<ShrinkOptions>();
    CLI::App* command = app.add_subcommand(
        "shrink", "Make a scenario that fails as small as it can be while it fails in the same way");
    command->add_option("FILE", options->file, "The scenario")->type_name("")->required();
    add_swept_world(*command, options->seed, options->shuffle);
    command->add_option("-o,--output", options->output, "Where it is written")
        ->type_name("FILE")
        ->capture_default_str();
    command->footer(
        "Exit status: 0 nothing fails, 1 something does and the scenario is written, 2 it cannot be run.");
    command->callback([options, &status] { status = shrink(*options); });
}

void add_why_command(CLI::App& app, int& status) {
    auto options = std::make_shared<WhyOptions>();
    CLI::App* command =
        app.add_subcommand("why", "Find the moment from which on a scenario that fails could not but fail");
    command->add_option("FILE", options->file, "The scenario")->type_name("")->required();
    add_swept_world(*command, options->seed, options->shuffle);
    command->add_option("--futures", options->futures, "How often it goes on from each moment")
        ->check(CLI::Range(10, 100000))
        ->capture_default_str();
    command->add_option("--jobs", options->jobs, "Futures at once (default one for each processor)")
        ->type_name("N")
        ->check(CLI::Range(1, 1024));
    command->add_option("--json", options->json, "Write the moments there, one object per line")
        ->type_name("FILE");
    command->footer("Exit status: 0 nothing fails, 1 it fails and here is why, 2 it cannot be run.");
    command->callback([options, &status] { status = why(*options); });
}

void add_diff_command(CLI::App& app, int& status) {
    auto options = std::make_shared<DiffOptions>();
    CLI::App* command = app.add_subcommand(
        "diff", "Find the first decision in which two journals differ, and what led to it");
    command->add_option("A", options->a, "A journal, of sim --json or atropos --watch --json")
        ->type_name("")
        ->required();
    command->add_option("B", options->b, "Another one")->type_name("")->required();
    command
        ->add_option("--machine", options->machine,
                     "Only what this one decides: atropos names no machine, so both are of this one")
        ->type_name("NAME");
    command
        ->add_option("--from", options->from,
                     "Begin both with the first decision that says so: atropos does not tell what was before")
        ->type_name("TEXT");
    command->add_option("--within", options->within, "Times that differ by no more are the same")
        ->type_name("TIME")
        ->capture_default_str();
    command->footer("Exit status: 0 alike, 1 they differ, 2 one cannot be read.\n"
                    "Times count from the first decision of each journal.");
    command->callback([options, &status] { status = diff(*options); });
}

void add_verbs_command(CLI::App& app, int& status) {
    app.add_subcommand("verbs", "Print the manual of scenarios: all that they can do and expect")
        ->callback([&status] { status = verbs(); });
}

void add_replay_command(CLI::App& app, int& status) {
    auto options = std::make_shared<ReplayOptions>();
    CLI::App* command =
        app.add_subcommand("replay", "Tell what happened in a capture: packets, verdicts, masters");
    command->add_option("CAPTURE", options->capture, "A pcap or pcapng file of Ethernet; - is standard input")
        ->required();
    command
        ->add_option("--json", options->json,
                     "Write one object per line there; - is stdout, and then there is no text")
        ->type_name("FILE");
    command->add_flag("-q,--quiet", options->quiet,
                      "No line for each packet, only changes of master and the summary");
    command->callback([options, &status] { status = replay(*options); });
}

// What was wrong, and where the right options are listed.
int refuse(const CLI::App& app, const CLI::ParseError& error) {
    std::string command = app.get_name();
    for (const CLI::App* chosen : app.get_subcommands())
        command += " " + chosen->get_name();
    fmt::print(stderr, "{}: {} ({} --help lists what there is)\n", app.get_name(), error.what(), command);
    return 2;
}

} // namespace
} // namespace vrrplab

int main(int argc, char** argv) {
    CLI::App app{"The laboratory: what a VRRP configuration does when things fail", "vrrplab"};
    app.set_version_flag("-V,--version", std::string("vrrplab ") + vrrp::config::kVersion);
    int status = 0;
    vrrplab::add_sim_command(app, status);
    vrrplab::add_test_command(app, status);
    vrrplab::add_check_command(app, status);
    vrrplab::add_sweep_command(app, status);
    vrrplab::add_shrink_command(app, status);
    vrrplab::add_explore_command(app, status);
    vrrplab::add_merge_command(app, status);
    vrrplab::add_why_command(app, status);
    vrrplab::add_diff_command(app, status);
    vrrplab::add_verbs_command(app, status);
    vrrplab::add_replay_command(app, status);
    try {
        app.parse(argc, argv);
        if (app.get_subcommands().empty())
            throw CLI::RequiredError("a command such as sim or test"); // after what was not expected
    } catch (const CLI::Success& help_or_version) {
        return app.exit(help_or_version);
    } catch (const CLI::ParseError& error) {
        return vrrplab::refuse(app, error);
    } catch (const vrrp::sim::SimulationLimit& limit) {
        fmt::print(stderr, "vrrplab: the simulation was given up: {}\n", limit.message);
        return 2;
    } catch (const std::system_error& error) { // fmt::print says so what it could not write
        fmt::print(stderr, "vrrplab: standard output could not be written: {}\n", error.code().message());
        return 2;
    }
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
    fmt::print(stderr, "vrrplab: standard output could not be written\n");
    return 2;
}

#include "core/config/command_line.hpp"
#include "netsim/event_queue.hpp"
#include "tools/vrrplab/commands.hpp"

#include <fmt/format.h>

int main(int argc, char** argv) {
    CLI::App app{"The laboratory: what a VRRP configuration does when things fail", "vrrplab"};
    app.set_version_flag("-V,--version", std::string("vrrplab ") + vrrp::config::kVersion);
    app.require_subcommand(1);
    int status = 0;
    vrrplab::add_sim_command(app, status);
    vrrplab::add_test_command(app, status);
    vrrplab::add_verbs_command(app, status);
    vrrplab::add_replay_command(app, status);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    } catch (const vrrp::sim::SimulationLimit& limit) {
        fmt::print(stderr, "vrrplab: the simulation was given up: {}\n", limit.message);
        return 2;
    }
    return status;
}

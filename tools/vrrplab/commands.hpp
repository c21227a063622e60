// vrrplab's subcommands, one file each.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>

namespace vrrplab {

// Each adds its subcommand to `app`; running it leaves the exit status in `status`: 0 all is well, 1 an
// expectation failed, 2 wrong usage or input.
void add_sim_command(CLI::App& app, int& status);
void add_test_command(CLI::App& app, int& status);
void add_verbs_command(CLI::App& app, int& status);
void add_replay_command(CLI::App& app, int& status);

// --seed, the same in every command that has one.
void add_seed_option(CLI::App& command, std::uint64_t& seed);

} // namespace vrrplab

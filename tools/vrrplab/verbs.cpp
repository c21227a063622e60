#include "netsim/report/timeline.hpp"
#include "tools/vrrplab/commands.hpp"

#include <fmt/format.h>

namespace vrrplab {

void add_verbs_command(CLI::App& app, int&) {
    app.add_subcommand("verbs", "Print the manual of scenarios: all that they can do and expect")
        ->callback([] { fmt::print("{}", vrrp::sim::manual()); });
}

} // namespace vrrplab

#include "tools/vrrplab/commands.hpp"
#include "tools/vrrplab/output.hpp"
#include "tools/vrrplab/sweep/tally.hpp"

#include <fmt/format.h>
#include <fstream>
#include <sstream>

namespace vrrplab {

int merge(const MergeOptions& options) {
    if (options.junit == "-" && options.json == "-")
        return complain("--junit and --json cannot both go to standard output");
    Tally tally;
    for (const std::string& file : options.files) {
        std::ifstream in(file, std::ios::binary);
        std::ostringstream text;
        if (!in || (in.peek() != EOF && !(text << in.rdbuf())))
            return complain(fmt::format("{}: cannot be read", file));
        if (const auto read = tally.read(text.str()); !read) {
            fmt::print(stderr, "{}:{}\n", file, read.error());
            return 2;
        }
    }
    if (const auto complete = tally.complete(); !complete) return complain(complete.error());
    if (options.junit != "-" && options.json != "-")
        fmt::print("{}{} worlds: {}\n", tally.text(), with_commas(tally.worlds()),
                   tally.violated() == 0 ? "all held" : with_commas(tally.violated()) + " violated");
    std::fflush(stdout);
    if (const auto written = write_tally(tally, options.json, options.junit); !written)
        return complain(written.error());
    return tally.violated() == 0 ? 0 : 1;
}

} // namespace vrrplab

#include "tools/vrrplab/commands.hpp"
#include "tools/vrrplab/output.hpp"
#include "tools/vrrplab/sweep/tally.hpp"

#include <fmt/format.h>
#include <fstream>
#include <sstream>

namespace vrrplab {

int merge(const MergeOptions& options) {
    if (const auto outputs = check_outputs(options.json, options.junit); !outputs)
        return complain(outputs.error());
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
    return conclude(tally, options.json, options.junit);
}

} // namespace vrrplab

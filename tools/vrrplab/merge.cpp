#include "tools/vrrplab/commands.hpp"
#include "tools/vrrplab/output.hpp"
#include "tools/vrrplab/sweep/tally.hpp"

#include <fmt/format.h>

namespace vrrplab {

int merge(const MergeOptions& options) {
    if (const auto outputs = check_outputs(options.json, options.junit); !outputs)
        return complain(outputs.error());
    Tally tally;
    for (const std::string& file : options.files) {
        const auto text = read_whole(file);
        if (!text) return complain(text.error());
        if (const auto read = tally.read(*text); !read) {
            fmt::print(stderr, "{}:{}\n", file, read.error());
            return 2;
        }
    }
    if (const auto complete = tally.complete(); !complete) return complain(complete.error());
    return conclude(tally, options.json, options.junit);
}

} // namespace vrrplab

// random_worlds FROM COUNT [--without DIMENSION,...] [--dir DIR]: runs so many random worlds, counts how they
// fail, and writes the reduced scenario of the first few of each kind.
#include "random_world.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <map>

using namespace vrrp::sim;

namespace {

constexpr unsigned kFilesOfAKind = 3;

Dimensions without(const std::string& names) {
    Dimensions left = all_dimensions();
    std::erase_if(left, [&](Dimension one) {
        return ("," + names + ",").find(fmt::format(",{},", name(one))) != std::string::npos;
    });
    return left;
}

// The first lines say what is wrong with it.
void write(const std::string& directory, const DrawnWorld& world) {
    std::string why;
    const DrawnWorld smaller = reduced(world);
    failure_of(smaller, &why);
    std::string comment = why;
    for (std::size_t at = 0; (at = comment.find('\n', at)) != std::string::npos && at + 1 < comment.size();
         at += 3)
        comment.replace(at, 1, "\n# ");
    const std::string file = fmt::format("{}/world_{}.toml", directory, world.seed);
    std::ofstream(file) << "# " << comment << scenario_text(smaller);
    fmt::print("{}: {}\n", file, why.substr(0, why.find("  |")));
    std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        fmt::print(stderr, "random_worlds FROM COUNT [--without DIMENSION,...] [--dir DIR]\n");
        return 2;
    }
    const std::uint64_t from = std::strtoull(argv[1], nullptr, 10),
                        count = std::strtoull(argv[2], nullptr, 10);
    Dimensions dimensions = all_dimensions();
    std::string directory;
    for (int i = 3; i + 1 < argc; i += 2) {
        if (std::string_view(argv[i]) == "--without") dimensions = without(argv[i + 1]);
        if (std::string_view(argv[i]) == "--dir") directory = argv[i + 1];
    }
    std::map<std::string, unsigned> failures;
    for (std::uint64_t seed = from; seed < from + count; ++seed) {
        const DrawnWorld world = draw_world(seed, dimensions);
        const std::optional<std::string> kind = failure_of(world);
        if (!kind) continue;
        if (failures[*kind]++ < kFilesOfAKind && !directory.empty()) write(directory, world);
    }
    unsigned failed = 0;
    for (const auto& [kind, times] : failures) {
        fmt::print("{:6} {}\n", times, kind);
        failed += times;
    }
    fmt::print("{} of {} worlds failed\n", failed, count);
    return failed == 0 ? 0 : 1;
}

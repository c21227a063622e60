#include "backends/runtime/import_here.hpp"

#include "backends/runtime/read_file.hpp"

#include <glob.h>
#include <unistd.h>

namespace vrrp::backend {
namespace {

std::vector<std::string> matches(const std::string& pattern) {
    std::vector<std::string> files;
    glob_t found{};
    if (::glob(pattern.c_str(), GLOB_MARK, nullptr, &found) == 0) // sorted
        for (std::size_t i = 0; i < found.gl_pathc; ++i)
            if (std::string path = found.gl_pathv[i]; !path.ends_with('/')) files.push_back(std::move(path));
    ::globfree(&found);
    return files;
}

std::string host_name() {
    char name[256] = "";
    ::gethostname(name, sizeof name - 1);
    const std::string whole = name;
    return whole.substr(0, whole.find('.'));
}

} // namespace

config::importer::Sources sources_here(const std::filesystem::path& home) {
    return {.read_file = [home](const std::string& path) { return read_file(home / path, false); },
            .files = [home](const std::string& pattern) { return matches(home / pattern); },
            .host = host_name()};
}

} // namespace vrrp::backend

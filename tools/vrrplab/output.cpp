#include "tools/vrrplab/output.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <unistd.h>

namespace vrrplab {
namespace {

namespace fs = std::filesystem;

bool write_and_close(std::FILE* file, const std::string& text) {
    const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    return std::fclose(file) == 0 && written;
}

} // namespace

tl::expected<void, std::string> write_whole(const std::string& path, const std::string& text) {
    const auto failed = [&] {
        return tl::unexpected(fmt::format("{} cannot be written: {}", path, std::strerror(errno)));
    };
    if (path == "-") {
        if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
            return failed();
        return {};
    }
    std::error_code error_code;
    const fs::file_status at = fs::status(path, error_code);
    if (fs::exists(at) && !fs::is_regular_file(at)) { // renaming would put a file in the place of /dev/null
        std::FILE* device = std::fopen(path.c_str(), "wb");
        if (device == nullptr || !write_and_close(device, text)) return failed();
        return {};
    }
    // A link stays one: what it points to is written.
    const std::string target = fs::exists(at) ? fs::canonical(path, error_code).string() : path;
    const std::string beside = fmt::format("{}.{}.tmp", target, ::getpid());
    std::FILE* file = std::fopen(beside.c_str(), "wbx");
    if (file == nullptr) return failed();
    if (write_and_close(file, text) && std::rename(beside.c_str(), target.c_str()) == 0) return {};
    const auto error = failed();
    std::remove(beside.c_str());
    return error;
}

bool stdout_is_terminal() {
    return ::isatty(STDOUT_FILENO) == 1;
}

int complain(const std::string& why) {
    fmt::print(stderr, "vrrplab: {}\n", why);
    return 2;
}

} // namespace vrrplab

#include "tools/vrrplab/output.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fmt/format.h>
#include <memory>
#include <unistd.h>

namespace vrrplab {

tl::expected<void, std::string> write_whole(const std::string& path, const std::string& text) {
    const auto failed = [&] {
        return tl::unexpected(fmt::format("{} cannot be written: {}", path, std::strerror(errno)));
    };
    if (path == "-") {
        if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
            return failed();
        return {};
    }
    const std::string beside = fmt::format("{}.{}.tmp", path, ::getpid());
    std::FILE* file = std::fopen(beside.c_str(), "wbx");
    if (file == nullptr) return failed();
    const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    const bool closed = std::fclose(file) == 0;
    if (written && closed && std::rename(beside.c_str(), path.c_str()) == 0) return {};
    const auto error = failed();
    std::remove(beside.c_str());
    return error;
}

bool stdout_is_terminal() {
    return ::isatty(STDOUT_FILENO) == 1;
}

} // namespace vrrplab

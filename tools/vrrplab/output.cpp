#include "tools/vrrplab/output.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <memory>
#include <sstream>
#include <unistd.h>

namespace vrrplab {
namespace {

namespace fs = std::filesystem;

tl::unexpected<std::string> failed(const std::string& path) {
    return tl::unexpected(fmt::format("{} cannot be written: {}", path, std::strerror(errno)));
}

} // namespace

tl::expected<LineFile, std::string> LineFile::open(const std::string& path) {
    std::error_code error_code;
    const fs::file_status at = fs::status(path, error_code);
    // Renaming would put a file in the place of /dev/null.
    const bool as_it_comes = path == "-" || (fs::exists(at) && !fs::is_regular_file(at));
    // A link stays one: what it points to is written.
    const std::string target = fs::exists(at) ? fs::canonical(path, error_code).string() : path;
    const std::string beside = as_it_comes ? "" : fmt::format("{}.{}.tmp", target, ::getpid());
    std::FILE* const file = path == "-"   ? ::fdopen(::dup(STDOUT_FILENO), "wb")
                            : as_it_comes ? std::fopen(path.c_str(), "wb")
                                          : std::fopen(beside.c_str(), "wbx");
    if (file == nullptr) return failed(path);
    return LineFile(path, target, beside, file);
}

LineFile::~LineFile() {
    if (file_ && !beside_.empty()) std::remove(beside_.c_str()); // it was not finished
}

void LineFile::write_text(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), file_.get());
}

void LineFile::write(std::string_view line) {
    write_text(line);
    std::fputc('\n', file_.get());
}

tl::expected<void, std::string> LineFile::finish() {
    const bool sound = std::ferror(file_.get()) == 0;
    if (std::fclose(file_.release()) == 0 && sound &&
        (beside_.empty() || std::rename(beside_.c_str(), target_.c_str()) == 0))
        return {};
    const auto error = failed(path_);
    if (!beside_.empty()) std::remove(beside_.c_str());
    return error;
}

tl::expected<void, std::string> write_whole(const std::string& path, const std::string& text) {
    auto file = LineFile::open(path);
    if (!file) return tl::unexpected(file.error());
    file->write_text(text);
    return file->finish();
}

tl::expected<std::string, std::string> read_whole(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    if (!in || (in.peek() != EOF && !(text << in.rdbuf())))
        return tl::unexpected(fmt::format("{}: cannot be read", path));
    return text.str();
}

bool stdout_is_terminal() {
    return ::isatty(STDOUT_FILENO) == 1;
}

tl::expected<void, std::string> check_outputs(const std::string& json, const std::string& junit) {
    if (junit != "-" || json != "-") return {};
    return tl::unexpected(std::string("--junit and --json cannot both go to standard output"));
}

int complain(const std::string& why) {
    fmt::print(stderr, "vrrplab: {}\n", why);
    return 2;
}

} // namespace vrrplab

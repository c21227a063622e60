// Where results go, and where they are read again.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace vrrplab {

// The file has all of `text` or stays as it was: written beside itself, then renamed. "-" is stdout; a device
// or a pipe is written as it comes. The error is a sentence.
tl::expected<void, std::string> write_whole(const std::string& path, const std::string& text);

// The same line by line, for what does not fit into memory: it takes its place when it is finished.
class LineFile {
  public:
    static tl::expected<LineFile, std::string> open(const std::string& path);
    LineFile(LineFile&&) = default;
    LineFile& operator=(LineFile&&) = default;
    ~LineFile();

    void write(std::string_view line); // and a newline
    void write_text(std::string_view text);
    tl::expected<void, std::string> finish();

  private:
    struct Closer {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    LineFile(std::string path, std::string target, std::string beside, std::FILE* file)
        : path_(std::move(path)), target_(std::move(target)), beside_(std::move(beside)), file_(file) {}

    std::string path_, target_, beside_; // beside_ is empty where it is written as it comes
    std::unique_ptr<std::FILE, Closer> file_;
};

// The whole file, or a pipe to its end. The error is a sentence.
tl::expected<std::string, std::string> read_whole(const std::string& path);

bool stdout_is_terminal();

// What --json and --junit name: only one of them can be "-".
tl::expected<void, std::string> check_outputs(const std::string& json, const std::string& junit);

// Says on stderr why nothing came of it. Returns 2, the exit status of wrong usage or input.
int complain(const std::string& why);

} // namespace vrrplab

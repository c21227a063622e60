// Runs of the real vrrplab, and a directory for what it reads and writes.
#pragma once

#include "tests/binaries.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/wait.h>

namespace vrrp::test {

struct Ran {
    int status = -1;
    std::string output; // of both streams
};

inline Ran vrrplab(const std::string& arguments, const std::string& errors = "2>&1") {
    Ran ran;
    std::FILE* pipe = ::popen((std::string(kVrrplabBinary) + " " + arguments + " " + errors).c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::array<char, 4096> buffer;
    for (std::size_t n; (n = std::fread(buffer.data(), 1, buffer.size(), pipe)) != 0;)
        ran.output.append(buffer.data(), n);
    ran.status = WEXITSTATUS(::pclose(pipe));
    return ran;
}

// A directory of the test's own, gone at its end.
struct Scratch {
    Scratch() {
        std::string name = (std::filesystem::temp_directory_path() / "vrrplab-test-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~Scratch() { std::filesystem::remove_all(path); }
    std::string write(const std::string& name, const std::string& text) const {
        std::ofstream(path / name) << text;
        return (path / name).string();
    }
    static std::string read(const std::filesystem::path& file) {
        std::ifstream in(file);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    std::filesystem::path path;
};

} // namespace vrrp::test

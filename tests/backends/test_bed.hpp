// A directory, an event loop, and a log to look into.
#pragma once

#include "tests/test_inbox.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <sstream>
#include <unistd.h>

namespace vrrp::test {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

// Of its own, and gone afterwards.
class TemporaryDirectory {
  public:
    TemporaryDirectory() {
        std::string name = (fs::temp_directory_path() / "vrrp-test-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~TemporaryDirectory() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    const fs::path& path() const { return path_; }
    fs::path operator/(const std::string& name) const { return path_ / name; }

  private:
    fs::path path_;
};

struct Log {
    Log() : logger(std::make_shared<spdlog::logger>("test", sink())) {}
    std::shared_ptr<spdlog::sinks::ostream_sink_st> sink() {
        auto sink = std::make_shared<spdlog::sinks::ostream_sink_st>(text);
        sink->set_pattern("%v");
        return sink;
    }
    std::vector<std::string> lines() const {
        std::vector<std::string> lines;
        std::istringstream in(text.str());
        for (std::string line; std::getline(in, line);)
            lines.push_back(line);
        return lines;
    }
    std::ostringstream text;
    std::shared_ptr<spdlog::logger> logger;
};

// Runs the event loop until `condition()`; false when that takes longer than anything here may.
template <typename Condition>
bool await(boost::asio::io_context& io, Condition&& condition) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    io.restart();
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= end) return false;
        io.run_one_for(10ms); // what is awaited may also come from outside
    }
    return true;
}

inline std::string content(const fs::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace vrrp::test

// What a script writes, for the log.
#pragma once

#include "backends/runtime/runtime_directory.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <memory>
#include <spdlog/logger.h>

namespace vrrp::backend {

// Why it is not thrown away: a script that fails says why on its standard error, and nowhere else.
//
// 1. At most kMaxLines of kMaxLineSize bytes are logged; what comes beyond is read and thrown away: it
// neither floods the log nor holds the script.
// 2. It outlives its holder until the last process has closed the other end: one that a script left running
// in the background would otherwise die of SIGPIPE, much later. Of these at most kMaxLeftOpen stay open.
class ScriptOutput : public std::enable_shared_from_this<ScriptOutput> {
  public:
    static constexpr std::size_t kMaxLines = 20;
    static constexpr std::size_t kMaxLineSize = 200;
    static constexpr int kMaxLeftOpen = 64;

    // `name` begins each line; `left_open` is shared by all of them.
    ScriptOutput(boost::asio::io_context& io, FileDescriptor read_end, std::string name,
                 std::shared_ptr<int> left_open, std::shared_ptr<spdlog::logger> logger);
    ~ScriptOutput();
    ScriptOutput(const ScriptOutput&) = delete;
    ScriptOutput& operator=(const ScriptOutput&) = delete;

    void wait();

    // What it wrote until now is logged before this returns, and nothing later.
    void script_ended();

  private:
    bool read();
    void take(std::string_view text);
    void end_line();

    boost::asio::posix::stream_descriptor pipe_;
    std::string name_;
    std::shared_ptr<int> left_open_;
    std::shared_ptr<spdlog::logger> logger_;
    std::string line_;
    std::size_t lines_ = 0;
    bool ended_ = false;
};

} // namespace vrrp::backend

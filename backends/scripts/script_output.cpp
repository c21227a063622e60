#include "backends/scripts/script_output.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <unistd.h>

namespace vrrp::backend {
namespace {

// One turn of the event loop takes this much: a script that floods must not delay an advertisement.
constexpr std::size_t kReadSize = 16384;
constexpr int kPipeReads = 4; // what a pipe holds, 64 KiB, in reads

} // namespace

ScriptOutput::ScriptOutput(boost::asio::io_context& io, FileDescriptor read_end, std::string name,
                           std::shared_ptr<int> left_open, std::shared_ptr<spdlog::logger> logger)
    : pipe_(io, read_end.get()), name_(std::move(name)), left_open_(std::move(left_open)),
      logger_(std::move(logger)) {
    read_end.release();
}

ScriptOutput::~ScriptOutput() {
    if (ended_) --*left_open_;
}

void ScriptOutput::wait() {
    pipe_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [self = shared_from_this()](boost::system::error_code error) {
                         if (!error && self->read()) self->wait();
                     });
}

void ScriptOutput::script_ended() {
    for (int reads = 0; reads < kPipeReads && pipe_.is_open() && read();)
        ++reads;
    if (!line_.empty()) end_line();
    if (lines_ > kMaxLines) logger_->info("{}: {} more lines", name_, lines_ - kMaxLines);
    ended_ = true;
    if (++*left_open_ > kMaxLeftOpen) pipe_.close();
}

// False when nobody holds the other end any more.
bool ScriptOutput::read() {
    std::array<char, kReadSize> bytes;
    const ssize_t size = ::read(pipe_.native_handle(), bytes.data(), bytes.size());
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    if (size == 0) return false;
    if (!ended_) take({bytes.data(), static_cast<std::size_t>(size)});
    return true;
}

void ScriptOutput::take(std::string_view text) {
    for (const char byte : text) {
        if (byte == '\n')
            end_line();
        else if (line_.size() < kMaxLineSize)
            line_ += static_cast<unsigned char>(byte) < ' ' ? ' ' : byte; // no escape reaches a terminal
    }
}

void ScriptOutput::end_line() {
    if (++lines_ <= kMaxLines) logger_->info("{}: {}", name_, line_);
    line_.clear();
}

} // namespace vrrp::backend

// How far a long command is: a bar on a terminal, else a line now and then.
#pragma once

#include <atomic>
#include <chrono>
#include <string>

namespace vrrplab {

// "[=======>            ] 12,345 of 100,000 worlds, 1,890/s, 2 violated, 46 s left"
std::string progress_text(std::uint64_t done, std::uint64_t all, std::uint64_t violated,
                          std::chrono::duration<double> took, bool bar);

// On standard error. Each call may print, and says how long it need not be called again.
class Progress {
  public:
    explicit Progress(std::uint64_t all);
    std::chrono::milliseconds tell(std::uint64_t done, std::uint64_t violated);
    void clear(); // the bar
    std::chrono::duration<double> took() const { return std::chrono::steady_clock::now() - begun_; }

  private:
    std::uint64_t all_;
    bool terminal_;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
    std::size_t width_ = 0; // of what is on the line
};

} // namespace vrrplab

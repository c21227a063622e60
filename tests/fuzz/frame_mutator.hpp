// Frames that no sender makes, the same ones in every run.
#pragma once

#include "core/net/bytes.hpp"

#include <vector>

namespace vrrp::fuzz {

using Frame = std::vector<std::uint8_t>;

// splitmix64: the standard library's distributions differ between libraries.
class Dice {
  public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}
    std::uint64_t roll();
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(roll() % n); }
    bool one_in(std::size_t n) { return below(n) == 0; }

  private:
    std::uint64_t state_;
};

// What mutation starts from: the advertisements and announcements of the real captures, and advertisements of
// every shape.
std::vector<Frame> corpus();

// A few bytes changed, cut off, repeated or put in; often with the checksums mended afterwards, or nothing
// behind the first check would ever be reached.
Frame mutate(const std::vector<Frame>& corpus, Dice& dice);

// Pure noise of 0 to 200 bytes, now and then with the EtherType and protocol of VRRP.
Frame noise(Dice& dice);

} // namespace vrrp::fuzz

// Every decision that is not determined goes through here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vrrp::sim {

// A stream of choices with a stable name, such as "lan/r1.eth0/loss".
enum class ChoiceStream : std::uint32_t {};

// 1. The k-th choice of a stream depends on the seed, the stream's name and k alone: another router in the
//    world shifts nothing.
// 2. It is the same on every machine and compiler.
// 3. 0 stands for "nothing out of the ordinary" wherever there is such a choice.
class Choices {
  public:
    explicit Choices(std::uint64_t seed) : seed_(seed) {}

    // The same name is the same stream.
    ChoiceStream stream(std::string_view name);

    // 0 ... n-1. Precondition: n != 0.
    std::uint64_t pick(ChoiceStream stream, std::uint64_t n);

    std::uint64_t seed() const { return seed_; }

  private:
    struct Stream {
        std::string name;
        std::uint64_t index = 0;
    };
    std::uint64_t seed_;
    std::vector<Stream> streams_;
};

} // namespace vrrp::sim

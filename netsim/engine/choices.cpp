#include "netsim/engine/choices.hpp"

#include "core/net/hash.hpp"

#include <algorithm>
#include <cassert>

namespace vrrp::sim {

ChoiceStream Choices::stream(std::string_view name) {
    const auto known = std::ranges::find(streams_, name, &Stream::name);
    const auto id = static_cast<ChoiceStream>(known - streams_.begin());
    if (known == streams_.end()) streams_.push_back({std::string(name)});
    return id;
}

std::uint64_t Choices::pick(ChoiceStream stream, std::uint64_t n) {
    assert(n != 0);
    Stream& chosen = streams_[static_cast<std::size_t>(stream)];
    return StableHash().add(seed_).add(std::string_view(chosen.name)).add(chosen.index++).value() % n;
}

} // namespace vrrp::sim

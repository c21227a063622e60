// What happens to a queue of scripts that has grown too long.
#pragma once

#include "core/machine/event.hpp"

#include <algorithm>

namespace vrrp {

// A place in a queue, and how many from there on.
struct Dropped {
    std::size_t place = 0, count = 0;
};

// Of what waits, oldest first; `kind_of` tells an element's ScriptKind. An old state is worth less than a new one,
// so the oldest that tells of one goes. Where there is none, the two oldest go, as a pair: the scripts for master
// and backup go on taking turns.
template <typename Waiting, typename KindOf>
Dropped to_drop(const Waiting& waiting, KindOf kind_of) {
    const auto is_news = [&](const auto& one) {
        return kind_of(one) == ScriptKind::fault || kind_of(one) == ScriptKind::notify;
    };
    const auto oldest = std::ranges::find_if(waiting, is_news);
    if (oldest == waiting.end()) return {0, 2};
    return {static_cast<std::size_t>(oldest - waiting.begin()), 1};
}

} // namespace vrrp

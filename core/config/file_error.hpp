// What is wrong with a file, and where: within core/config, between the readers of its parts.
#pragma once

#include <string>
#include <toml++/toml.h>

namespace vrrp::config {

// Internal: becomes a ConfigError at the border.
struct Wrong {
    toml::source_position place;
    std::string message;
};

[[noreturn]] inline void fail(const toml::source_region& at, std::string message) {
    throw Wrong{at.begin, std::move(message)};
}

} // namespace vrrp::config

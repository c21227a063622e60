// What an operator has said, in whatever way.
#pragma once

#include "core/machine/virtual_router_config.hpp"

#include <functional>
#include <map>
#include <string>
#include <tl/expected.hpp>
#include <vector>

namespace vrrp::config {

// What the process, not its virtual routers, is told.
struct ProcessConfig {
    bool foreground = false;
    bool check = false;                   // say whether the configuration is good, and exit
    bool realtime = false;                // run before whatever is in less of a hurry
    std::string directory = "/run/vrrpd"; // pid files and sockets
    std::string file{};                   // that it was read from; empty: the command line says all
    std::string control_group{};          // whose members may read, but not command; empty: nobody's
    // Where that file names each program first, as file:line:column.
    std::map<std::string, std::string> programs{};
};

// Where something is said.
struct Place {
    std::string file;
    std::size_t line = 0, column = 0; // from 1; 0: the file as a whole
    friend bool operator==(const Place&, const Place&) = default;
};

// Where a file says what, for who compares files. In the order of the RouterConfig that it became; both virtual routers
// of an entry with addresses of two families have its places.
struct SourceMap {
    struct Table {
        Place place;
        std::map<std::string, Place> keys{};
    };
    std::vector<Table> virtual_routers, groups, tracks;
};

// What a command line or a file says, whole.
struct Configuration {
    RouterConfig router;
    ProcessConfig process;
};

// One line without a newline that names the option, the value, what is allowed and what to do; from a file it
// begins with file:line:column. Exit 2.
struct ConfigError {
    std::string message;
    // Where a file's reader finds the place: the setting that is wrong, and which of its values; empty when
    // the virtual router as a whole is.
    std::string setting{};
    std::size_t value = 0;
};

// Of no setting in particular.
inline tl::unexpected<ConfigError> error(std::string message) {
    return tl::unexpected(ConfigError{.message = std::move(message)});
}

template <typename T>
using Parsed = tl::expected<T, ConfigError>;

// Reads a small file whole; an error is a sentence that names it. Who reads a secret refuses a file that
// others may read.
using ReadFile = std::function<tl::expected<std::string, std::string>(const std::string& path, bool secret)>;

// What a configuration names and its machine has.
struct Here {
    ReadFile read_file;
    std::function<bool(const std::string& name)> has_user;
    std::function<bool(const std::string& name)> has_group;
};

} // namespace vrrp::config

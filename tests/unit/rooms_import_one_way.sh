#!/bin/sh
# Imports go one way: net <- wire <- machine <- config, daemon <- netsim, backends <- apps, tools.
# netsim and backends never see each other; core sees no operating system, no thread, no randomness.
# usage: rooms_import_one_way.sh SOURCE_DIRECTORY
set -u
cd "$1" || exit 2
failures=0

# forbid ROOM PATTERN WHY: no file of the room includes what matches the extended regular expression.
forbid() {
    found=$(grep -rnE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($2)" "$1" --include='*.hpp' --include='*.cpp')
    status=$?
    if [ "$status" -gt 1 ]; then
        echo "$1: cannot be searched"
        failures=$((failures + 1))
    elif [ -n "$found" ]; then
        printf '%s\n  -> %s\n' "$found" "$3"
        failures=$((failures + 1))
    fi
}

os='boost/|tins/|pcap|netlink/|sys/|net/if|netinet/|arpa/|linux/|unistd|fcntl|poll\.h|signal\.h|csignal'
chance='thread|mutex|condition_variable|future|atomic|random|ctime|cstdlib'
forbid core "$os" 'core does no I/O'
forbid core "$chance" 'core has no thread and no chance'
forbid core 'netsim/|backends/|apps/|tools/|tests/' 'core is the innermost room'
forbid core/net 'core/(wire|machine|config|daemon|ports)' 'net knows only itself'
forbid core/wire 'core/(machine|config|daemon|ports)' 'wire stands on net'
forbid core/machine 'core/(config|daemon|ports)' 'machine stands on wire'
forbid core/config 'core/(daemon|ports)' 'config stands on machine'
forbid core/daemon 'core/config' 'daemon stands on machine and the ports'
forbid netsim "$os" 'the simulator does no I/O of its own'
forbid netsim "$chance" 'the simulator has one source of chance, and no thread'
forbid netsim 'backends/|apps/|tools/|tests/' 'netsim stands on core'
forbid backends 'netsim/|apps/|tools/|tests/' 'backends stand on core'
forbid apps 'netsim/|tools/|tests/' 'production never sees the simulator'

# What is not listed here is I/O, a clock, chance, or an operating system under another name; unordered containers
# have an order that differs between libraries.
pure='algorithm|array|bit|cassert|charconv|chrono|compare|concepts|cstddef|cstdint|cstring|deque|functional|iterator'
pure="$pure|limits|map|memory|numeric|optional|queue|ranges|set|span|sstream|string|string_view|tuple|type_traits"
pure="$pure|utility|variant|vector|fmt/[a-z]+\\.h|tl/expected\\.hpp|nlohmann/json(_fwd)?\\.hpp"

# only ROOM PATTERN WHY: the room includes in angle brackets what is pure or matches, and nothing else.
only() {
    found=$(grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*<' "$1" --include='*.hpp' --include='*.cpp' |
        grep -vE "<($pure|$2)>")
    [ -z "$found" ] && return
    printf '%s\n  -> %s\n' "$found" "$3"
    failures=$((failures + 1))
}
only core 'CLI/CLI\.hpp|toml\+\+/toml\.h|openssl/(crypto|evp|hmac)\.h' 'core knows the pure part of the standard library'
only netsim 'fstream|toml\+\+/toml\.h' 'the simulator reads scenarios, and otherwise knows the pure part of the standard library'

# Clocks are named, not included.
clocks=$(grep -rnE '(system|steady|high_resolution)_clock|clock_gettime|gettimeofday' core netsim --include='*.hpp' --include='*.cpp')
if [ -n "$clocks" ]; then
    printf '%s\n  -> time is an argument in core and netsim\n' "$clocks"
    failures=$((failures + 1))
fi

[ "$failures" -eq 0 ] && echo "the rooms import one way only"
exit $((failures != 0))

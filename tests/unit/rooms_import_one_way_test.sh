#!/bin/sh
# The check of the rooms, checked: each of these lines in a file of that room is one that it sees.
# usage: rooms_import_one_way_test.sh SOURCE_DIRECTORY
set -eu
check=$1/tests/unit/rooms_import_one_way.sh
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failures=0

# expect STATUS FILE LINE
expect() {
    for room in core/net core/wire core/machine core/config core/daemon netsim backends apps; do
        mkdir -p "$tree/$room"
    done
    printf '%s\n' "$3" >"$tree/$2"
    status=0
    "$check" "$tree" >/dev/null || status=$?
    [ "$status" -eq "$1" ] || { echo "$2: $3: status $status, not $1"; failures=$((failures + 1)); }
    rm -rf "${tree:?}"/*
}

expect 0 core/wire/x.cpp '#include "core/net/time.hpp"'
expect 0 netsim/x.cpp '#include "core/daemon/daemon.hpp"'
expect 0 backends/x.cpp '#include <sys/socket.h>'
expect 1 core/net/x.hpp '#include "core/wire/decode.hpp"'
expect 1 core/wire/x.hpp '#include "core/machine/router.hpp"'
expect 1 core/machine/x.cpp '#include "core/ports.hpp"'
expect 1 core/config/x.cpp '#include "core/daemon/daemon.hpp"'
expect 1 core/daemon/x.cpp '#include "core/config/command_line.hpp"'
expect 1 core/daemon/x.cpp '#  include "netsim/world.hpp"'
expect 1 core/net/x.cpp '#include <boost/asio.hpp>'
expect 1 core/net/x.cpp '#include <iostream>'
expect 1 core/net/x.cpp '#include <time.h>'
expect 1 core/net/x.cpp 'auto now = std::chrono::steady_clock::now();'
expect 1 netsim/x.cpp '#include "backends/interfaces/netlink.hpp"'
expect 1 netsim/x.cpp '#include <random>'
expect 1 netsim/x.cpp '#include <unordered_map>'
expect 1 netsim/x.cpp '#include <sys/time.h>'
expect 1 backends/x.hpp '#include "netsim/world.hpp"'
expect 1 apps/x.cpp '#include "netsim/world.hpp"'

[ "$failures" -eq 0 ]

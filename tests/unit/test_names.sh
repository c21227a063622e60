#!/bin/sh
# Every test can be called by its name: Catch2 takes one that begins with a dash for an option, and ctest loses one with a
# semicolon in it.
# usage: test_names.sh ROOT
set -eu
cd "$1"
bad=$(grep -rn --include='*.cpp' -A1 'TEST_CASE(' tests | grep -E '^[^"]*(TEST_CASE\(|-[0-9]+- *)"(-|[^"]*;)' || true)
[ -z "$bad" ] && exit 0
echo "$bad"
echo "These tests cannot be called by their names: begin with a word, and leave out semicolons." >&2
exit 1

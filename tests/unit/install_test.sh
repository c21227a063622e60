#!/bin/sh
# `cmake --install` puts what the README runs into a prefix, and it runs from there.
# usage: install_test.sh BUILD_DIRECTORY
set -eu
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
cmake --install "$1" --prefix "$prefix" >/dev/null
programs='sbin/vrrpd sbin/atropos bin/vrrplab'
[ ! -x "$1/bin/vrrp_exporter" ] || programs="$programs sbin/vrrp_exporter"
for program in $programs; do
    "$prefix/$program" --version | grep -q "^${program#*/} [0-9]" || { echo "$program does not run"; exit 1; }
done

#!/bin/sh
# usage: shards_under_parallel.sh VRRPLAB
# Shards of a sweep under GNU parallel, as docs/sweep.md has it: added up they are what one sweep would have been.
set -eu
vrrplab=$1
command -v parallel >/dev/null || { echo "SKIPPED: GNU parallel is not installed"; exit 0; }
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
cat > site.toml <<'END'
title = "A pair with two passwords"
[network.lan]
subnet = "10.16.1.0/24"
[router.r1]
eth0 = "lan 10.16.1.1"
run = "vrrpd -i eth0 10.16.1.200 -v 51 -p 150 -a pw/one"
[router.r2]
eth0 = "lan 10.16.1.2"
run = "vrrpd -i eth0 10.16.1.200 -v 51 -a pw/two"
END
# Exit status 1 of a shard says that something was violated, and parallel's is how many said so.
parallel "$vrrplab" sweep -q --jobs 1 --seeds 1..70 --shard {}/7 --json {}.json site.toml ::: 1 2 3 4 5 6 7 > shards.txt || test $? -eq 7
"$vrrplab" merge 1.json 2.json 3.json 4.json 5.json 6.json 7.json > merged.txt && exit 1
"$vrrplab" sweep -q --seeds 1..70 site.toml > whole.txt && exit 1
head -n 4 merged.txt > merged4.txt
head -n 4 whole.txt > whole4.txt
grep -q '^site.toml: 70 worlds, seeds 1..70: 70 violated$' merged4.txt
cmp merged4.txt whole4.txt
# And one that is missing is missed.
status=0
"$vrrplab" merge 1.json 2.json 3.json 5.json 6.json 7.json > missing.txt 2>&1 || status=$?
test $status -eq 2
grep -q 'shard 4/7 is missing' missing.txt
echo "7 shards are one sweep"

#!/bin/sh
# Every test on real interfaces that holds a time below a bound is tagged [timed], so that it runs alone: beside
# other tests it would fail for want of a processor.
# usage: timed_tests.sh SOURCE_DIRECTORY
set -u
cd "$1" || exit 2

# shellcheck disable=SC2046 # a list of files without blanks
awk '
    function blame(line) {
        printf "%s:%d: holds a time below a bound in a test that is not tagged [timed]\n", FILENAME, line
        failed = 1
    }
    FNR == 1 { helper = 0; name = "" }
    /^TEST_CASE/ { name = ""; heading = FNR }
    heading {
        name = name $0
        if (!/\{$/) next
        if (helper && name !~ /\[timed\]/) blame(heading) # it may call the function with the bound
        heading = 0
        next
    }
    /^}/ { name = "" }
    /(CHECK|REQUIRE)\(.* <=? / && (/<=? .*([0-9](ms|s)|k[A-Z])/ || /longest_gap|lateness/) {
        ++bounds
        if (name == "") helper = 1
        else if (name !~ /\[timed\]/) blame(FNR)
    }
    END {
        if (!bounds) { print "no bound was found: does the check still see them?"; failed = 1 }
        if (!failed) printf "%d bounds on times, all in tests that run alone\n", bounds
        exit failed
    }' $(find tests/live tests/interop -name '*.cpp' | sort)

#!/bin/sh
# The table of requirements and the tests that are tagged with them, from rows.txt and the tests' own tags.
# usage: table.sh SOURCE_DIRECTORY            prints the table
#        table.sh SOURCE_DIRECTORY --check    fails when a row has no test and no reason, a row that is said to be
#                                             open has one, a tag has no row, or docs/requirements.md is out of date
set -eu
cd "$1"
mode=${2-}

# "row<tab>file: test's name" for each tag of each TEST_CASE; a test's name and tags may stand on two lines.
tagged=$(find tests -name '*.cpp' | LC_ALL=C sort | while read -r file; do
    awk -v file="${file#tests/}" '
        /^TEST_CASE\(/ { text = $0; if (text !~ /\{[[:space:]]*$/) { while ((getline line) > 0) { text = text line; if (line ~ /\{[[:space:]]*$/) break } }
            name = text; sub(/^TEST_CASE\([[:space:]]*"/, "", name); sub(/",?.*/, "", name)
            tags = text
            while (match(tags, /\[(v2|v3|x)-[^]]+\]/)) {
                print substr(tags, RSTART + 1, RLENGTH - 2) "\t" file ": " name
                tags = substr(tags, RSTART + RLENGTH)
            } }' "$file"
done)

table=$(printf '%s\n' "$tagged" | awk -F '\t' '
    { tests[$1] = tests[$1] (tests[$1] == "" ? "" : "<br>") $2 }
    END {
        print "# Requirements and the tests that prove them"
        print ""
        print "Made by `tests/requirements/table.sh . > docs/requirements.md` from the tags of the tests; a test holds it up to date."
        print ""
        print "| row | demand | proven by |"
        print "| --- | --- | --- |"
        while ((getline line < "tests/requirements/rows.txt") > 0) {
            if (line ~ /^#/) continue
            split(line, part, / \| /)
            known[part[1]] = 1
            proof = tests[part[1]]
            if (part[3] != "") proof = part[3]
            if (proof == "") { print "row " part[1] " has no test" > "/dev/stderr"; bad = 1 }
            if (part[3] != "" && tests[part[1]] != "") { print "row " part[1] " has a test: it is no longer open" > "/dev/stderr"; bad = 1 }
            print "| " part[1] " | " part[2] " | " proof " |"
        }
        for (tag in tests) if (!(tag in known)) { print "tag [" tag "] has no row in tests/requirements/rows.txt" > "/dev/stderr"; bad = 1 }
        if (bad) print "@bad@"
    }')
case $table in
*@bad@*) exit 1 ;;
esac
[ "$mode" = --check ] || { printf '%s\n' "$table"; exit 0; }
printf '%s\n' "$table" | diff docs/requirements.md - ||
    { echo "docs/requirements.md is out of date: tests/requirements/table.sh . > docs/requirements.md" >&2; exit 1; }

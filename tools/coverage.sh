#!/bin/sh
# SPDX-License-Identifier: MIT
# coverage.sh BUILD_DIR SOURCE_DIR MINIMUM: prints the share of the lines of src/ that the tests executed, in percent, and
# fails below MINIMUM. A line in several objects (a kernel's instruction sets, an inline function) counts once.
# Leaves the other lines in BUILD_DIR/uncovered.txt.
set -eu
build=$(cd "$1" && pwd) source=$(cd "$2" && pwd) minimum=$3
find "$build" -name '*.gcno' | sort | while read -r notes; do
    gcov --stdout "$notes" 2>/dev/null
done | awk -v src="$source/src/" -v out="$build/uncovered.txt" -v minimum="$minimum" '
{
    split($0, field, ":")
    count = field[1]; line = field[2] + 0
    gsub(/[ \t]/, "", count)
}
line == 0 && field[3] == "Source" {
    file = substr($0, index($0, "Source:") + 7)
    ours = index(file, src) == 1
    file = substr(file, length(src) - 3)
}
!ours || line == 0 || count == "-" || count == "" { next }
{
    key = file ":" line
    if (!(key in hit)) { hit[key] = 0; lines[file]++; total++; text[key] = substr($0, index($0, field[3])) }
    if (count ~ /^[0-9]/ && !hit[key]) { hit[key] = 1; hits[file]++; executed++ }
}
END {
    if (!total) { print "coverage: no line of src/ was counted"; exit 1 }
    printf "" >out
    for (key in hit) if (!hit[key]) print key ": " text[key] | ("sort -t: -k1,1 -k2,2n >>" out)
    for (file in lines) if (hits[file] < 0.9 * lines[file])
        printf "  %5.1f %% of %4d lines: %s\n", 100 * hits[file] / lines[file], lines[file], file | "sort -n"
    close("sort -n")
    printf "coverage: %.1f %% of the %d lines of src/ are executed by the tests\n", 100 * executed / total, total
    exit 100 * executed < minimum * total
}'

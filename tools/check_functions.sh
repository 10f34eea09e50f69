#!/bin/sh
# SPDX-License-Identifier: MIT
# check_functions.sh [ROOT]: functions are short enough to see at once: the median under 15 lines, 95 % up to 40, braces
# not counted. Kernels may be longer. Prints the figures, and the functions over 60 lines.
set -eu
cd "${1:-$(dirname "$0")/..}"
find src examples -name '*.c' ! -path 'src/tensor/kernels/*' | sort | xargs awk '
/^[A-Za-z_].*\(/ { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
/^\{/ { start = FNR }
/^\}$/ && start {
    lines = FNR - start - 1; start = 0
    printf "%d %s:%s\n", lines, FILENAME, name
}' | sort -n | awk '
{ lines[NR] = $1; short += $1 <= 40; if ($1 > 60) print $2 ": " $1 " lines" }
END {
    if (!NR) { print "no function found"; exit 1 }
    median = lines[int((NR + 1) / 2)]
    printf "%d functions: median %d lines, %.1f %% up to 40, longest %d\n", NR, median, 100 * short / NR, lines[NR]
    exit !(median < 15 && short >= 0.95 * NR)
}'

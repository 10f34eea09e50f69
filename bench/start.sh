#!/bin/sh
# SPDX-License-Identifier: MIT
# start.sh SHEET [RUNS]: how soon the sheet's program has printed everything up to its training (models, a pass over the
# loader), beside /bin/true: medians of single runs taken in turn, process start included.
set -eu
sheet=$1 runs=${2:-100}
now() { date +%s%N; }
pairs=$(
    i=0
    while [ $i -lt "$runs" ]; do
        a=$(now)
        /bin/true
        b=$(now)
        "$sheet" --epochs 0 >/dev/null
        c=$(now)
        : # what calling date itself takes
        d=$(now)
        echo $((b - a)) $((c - b)) $((d - c))
        i=$((i + 1))
    done
)
column() { echo "$pairs" | cut -d' ' -f"$1" | sort -n | sed -n "$((runs / 2 + 1))p"; }
true_ns=$(column 1) sheet_ns=$(column 2) date_ns=$(column 3)
awk -v t=$((true_ns - date_ns)) -v s=$((sheet_ns - date_ns)) 'BEGIN {
    printf "/bin/true %.0f us, sheet --epochs 0 %.0f us: %.1f times (at most 10)\n", t / 1e3, s / 1e3, s / t }'

#!/bin/sh
# SPDX-License-Identifier: MIT
# sheet_text.sh SHEET GOLDEN_DIR: what the sheet's program prints before training is PyTorch's text to the letter, but
# for a last digit of y (its sine is another one).
set -eu
sheet=$1 golden=$2
out=$(mktemp)
trap 'rm -f "$out"' EXIT INT TERM
for seed in 0 1 42; do
    "$sheet" --seed "$seed" --generate --epochs 0 >"$out" 2>/dev/null
    sed '/^Loss after epoch/,$d' "$golden/sheet_seed$seed.txt" >"$out.expected"
    echo 'Training process has finished.' >>"$out.expected"
    awk -v seed="$seed" '
        function differs(a, b) { gsub(/[^-0-9.]/, "", a); gsub(/[^-0-9.]/, "", b); return a - b > 1.01e-4 || b - a > 1.01e-4 }
        NR == FNR { expected[FNR] = $0; lines = FNR; next }
        /^In:/ { in_y = 0 } /^Out:/ { in_y = 1 }
        $0 != expected[FNR] {
            n = split($0, a, " "); m = split(expected[FNR], b, " "); bad = !in_y || n != m || length($0) != length(expected[FNR])
            for (i = 1; i <= n && !bad; i++) if (a[i] != b[i] && differs(a[i], b[i])) bad = 1
            if (bad) { print "seed " seed ", line " FNR ":\n  " $0 "\nexpected\n  " expected[FNR]; exit 1 }
            digits++
        }
        END { if (!bad && FNR != lines) { print "seed " seed ": " FNR " lines, expected " lines; exit 1 }
              if (!bad) print "seed " seed ": " lines " lines, " digits + 0 " with another last digit of y" }
    ' "$out.expected" "$out"
    rm -f "$out.expected"
done

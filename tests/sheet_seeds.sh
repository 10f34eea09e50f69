#!/bin/sh
# SPDX-License-Identifier: MIT
# sheet_seeds.sh SHEET: twenty whole trainings on the sheet's own observations. PyTorch's final losses have their median
# at 434 (60 seeds), 85 % of them end under 480; some networks die at up to 2889.
set -eu
sheet=$1 seed=0
while [ $seed -lt 20 ]; do
    "$sheet" --seed $seed 2>/dev/null | sed -n 's/^Loss after epoch 50000: //p'
    seed=$((seed + 1))
done | sort -n | awk '
    { loss[NR] = $1; under += $1 < 480 }
    END {
        median = (loss[10] + loss[11]) / 2
        printf "final losses of %d seeds: median %.1f, %d under 480, from %.1f to %.1f\n", NR, median, under, loss[1], loss[NR]
        exit !(NR == 20 && median >= 415 && median <= 455 && under >= 14)
    }'

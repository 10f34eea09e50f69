#!/bin/sh
# SPDX-License-Identifier: MIT
# compare.sh [ROUNDS]: Facula beside the yardsticks of bench/floor, and beside PyTorch where PYTHON names a Python that
# has it. Both sides run in turn, pinned to one core; the ratios are medians over the rounds (default 7).
# Build first: cmake --preset release && cmake --build --preset release
set -eu
cd "$(dirname "$0")/.."
rounds=${1:-7} build=${BUILD:-build/release} core=${CORE:-1} python=${PYTHON:-}
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE || :
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM
sh bench/floor/build.sh "$work/floor" >/dev/null
on() { taskset -c "$core" "$@"; }

floor_step() { # floor_step NAME: ns a step
    on "$work/floor/$1" time 50000 1 | sed 's/.*all: median *\([0-9.]*\).*/\1/'
}
value() { awk -v name="$1" '$1 == name { print $2; exit }' "$2"; }
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
note() { # note ROW NUMERATOR DENOMINATOR
    awk -v a="$2" -v b="$3" 'BEGIN { if (a > 0 && b > 0) print a / b }' >>"$work/ratio.$1"
}

floors=generic_avx2
[ -x "$work/floor/generic_avx512" ] && floors="generic_avx512 generic_avx2"
i=0
while [ "$i" -lt "$rounds" ]; do
    i=$((i + 1))
    for f in $floors; do
        isa=v4
        [ "$f" = generic_avx2 ] && isa=v3
        base=$(floor_step "$f")
        FACULA_ISA=$isa on "$build/bench_sheet_step" 1 >"$work/ours"
        ours=$(value sheet_eager "$work/ours")
        note "floor_sheet_$f" "$ours" "$base"
    done
    if [ -n "$python" ]; then
        on "$python" bench/sheet_torch.py 2 >"$work/torch"
        note torch_sheet_eager "$(value sheet_eager "$work/torch")" "$ours"
    fi
    base=$(on "$work/floor/small" | awk '$1 == "oneop" { print $2 }')
    on "$build/bench_oneop" >"$work/ours"
    note floor_add "$(value add "$work/ours")" "$base"
    note floor_add_grad "$(value add_grad "$work/ours")" "$base"
    if [ -n "$python" ]; then
        on "$python" bench/oneop_torch.py >"$work/torch"
        for row in add add_grad relu linear linear_backward; do
            note "torch_$row" "$(value $row "$work/torch")" "$(value $row "$work/ours")"
        done
    fi
    printf '\rround %d/%d' "$i" "$rounds" >&2
done
echo >&2
row() { # row NAME TEXT
    [ -s "$work/ratio.$1" ] && printf '%-58s %8.2f\n' "$2" "$(median "$work/ratio.$1")"
    return 0
}
grep -m 1 'model name' /proc/cpuinfo | sed 's/.*: /processor: /'
date +'%Y-%m-%d'
row floor_sheet_generic_avx512 "sheet, eager: ours / floor generic_avx512"
row floor_sheet_generic_avx2 "sheet, eager: ours (v3) / floor generic_avx2"
row floor_add "a + b, 10 floats: ours / floor oneop"
row floor_add_grad "a + b, 10 floats, with gradients: ours / floor oneop"
row torch_sheet_eager "sheet, eager: PyTorch / ours"
row torch_add "a + b, 10 floats: PyTorch / ours"
row torch_add_grad "a + b, 10 floats, with gradients: PyTorch / ours"
row torch_relu "relu, 10 floats: PyTorch / ours"
row torch_linear "Linear(10, 10) on (25, 10): PyTorch / ours"
row torch_linear_backward "forward and backward of that: PyTorch / ours"

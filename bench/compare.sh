#!/bin/sh
# SPDX-License-Identifier: MIT
# compare.sh [--rounds N] [--json FILE] [NAME...]: Facula beside the yardsticks of bench/floor and beside its peers: both
# sides in turn in one run, pinned; medians of the ratios over the rounds. NAMEs: sheet, online, infer1, infer1000,
# simplechains, mnist, products, elementwise, oneop; none: all. bench/README.md tells which peers there are and how the
# environment names them. Build first: cmake --preset release && cmake --build --preset release
set -eu
usage() { echo "usage: compare.sh [--rounds N] [--json FILE] [sheet|online|infer1|infer1000|simplechains|mnist|products|elementwise|oneop]..." >&2 && exit 2; }
rounds=7 json='' names=''
while [ $# -gt 0 ]; do
    case $1 in
    --rounds | --json)
        [ $# -gt 1 ] || usage
        [ "$1" = --json ] && json=$2 || rounds=$2
        shift
        ;;
    sheet | online | infer1 | infer1000 | simplechains | mnist | products | elementwise | oneop) names="$names $1" ;;
    *) usage ;;
    esac
    shift
done
case $rounds in '' | *[!0-9]* | 0) usage ;; esac
case $json in '' | /*) ;; *) json=$PWD/$json ;; esac
cd "$(dirname "$0")/.."
build=${BUILD:-build/release} core=${CORE:-1} cores=${CORES:-0,1}
python=${PYTHON:-} jax_python=${JAX_PYTHON:-} kann=${KANN:-} rtneural=${RTNEURAL:-}
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE || :
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
sh bench/floor/build.sh "$work/floor" >"$work/log" 2>&1 || { cat "$work/log" >&2 && exit 1; }

# Row, what the target asks of the ratio, target, more than that. "<=": the ratio is ours / other, ">=": other / ours.
cat >"$work/rows" <<'ROWS'
sheet_eager_floor_avx512 <= - -
sheet_plan_floor_avx512 <= 2.0 1.3
sheet_frozen_floor_avx512 <= - -
sheet_make_floor_avx512 <= 120 40
sheet_eager_floor_avx2 <= - -
sheet_plan_floor_avx2 <= 2.0 1.3
sheet_frozen_floor_avx2 <= - -
sheet_make_floor_avx2 <= 120 40
sheet_eager_torch >= - -
sheet_plan_torch >= 500 1000
sheet_plan_jax >= 6 10
sheet_plan_kann >= 6 10
sheet_plan_two_hosts >= 0.9 -
online_eager_floor <= - -
online_plan_floor <= 2.5 -
online_frozen_floor <= 1.5 1.2
online_plan_torch >= - -
online_plan_torch_compile >= - -
infer1_eager_floor <= - -
infer1_plan_floor <= 2.5 -
infer1_frozen_floor <= 1.5 -
infer1_frozen_rtneural <= - 1.0
infer1_plan_torch >= - -
infer1_plan_torch_compile >= - -
infer1000_eager_peak >= - -
infer1000_plan_peak >= 0.5 0.7
infer1000_plan_torch >= - -
infer1000_plan_torch_compile >= - -
simplechains_eager_floor <= - -
simplechains_plan_floor <= 1.6 1.2
simplechains_plan_two_threads >= 1.8 -
simplechains_plan_torch >= - -
simplechains_plan_torch_compile >= - -
simplechains_plan_jax >= - -
mnist_eager_torch >= - -
mnist_plan_torch >= 1.0 1.3
mnist_plan_torch_2t >= 1.0 1.3
oneop_add_floor <= - -
oneop_add_grad_floor <= - -
oneop_add_torch >= - -
oneop_add_grad_torch >= - -
oneop_relu_torch >= - -
oneop_linear_torch >= - -
oneop_linear_backward_torch >= - -
ROWS

wanted() { case "$names " in ' ' | *" $1 "*) ;; *) return 1 ;; esac }
on() { taskset -c "$core" "$@"; }
# into FILE PROGRAM...: its lines. Where it fails, its rows are left out.
into() {
    file=$work/$1
    shift
    "$@" >"$file" || echo "failed: $*" >&2
}
other() { into other on "$@"; }
ours() { # ours PROGRAM ARGUMENT...
    program=$build/bench_$1
    shift
    into ours on "$program" "$@"
}
timed() { # timed PROGRAM [NAME]: half a second of it
    timed=$1
    shift
    ours "$timed" 0.5 "$@"
}
on_threads() { # on_threads THREADS PROGRAM...
    set_of_cores=$cores
    [ "$1" -gt 1 ] || set_of_cores=$core
    shift
    taskset -c "$set_of_cores" "$@"
}
torch() { other "$python" bench/workloads_torch.py "$@"; }
# value NAME FILE: its ns; NAME,NAME: the least of them.
value() { awk -v names=",$1," 'index(names, "," $1 ",") && (!best || $2 < best) { best = $2 } END { print best + 0 }' "$2"; }
# row ROW OUR_NAME OTHER_NAME: notes this round's numbers.
row() { note "$1" "$(value "$2" "$work/ours")" "$(value "$3" "$work/other")"; }
note() {
    awk -v row="$1" -v ours="$2" -v other="$3" '$1 == row && ours > 0 && other > 0 {
        print ($2 == "<=" ? ours / other : other / ours), ours, other; exit }' "$work/rows" >>"$work/row.$1"
}
# pairs GROUP SUFFIX MORE: a row for every name that both sides printed; never slower is the target.
pairs() {
    awk 'NR == FNR { has[$1]; next } $1 in has { print $1 }' "$work/ours" "$work/other" >"$work/names"
    while read -r name; do
        grep -q "^$1_$name$2 " "$work/rows" || echo "$1_$name$2 >= 1.0 $3" >>"$work/rows"
        row "$1_$name$2" "$name" "$name"
    done <"$work/names"
}

floor_step() { # floor_step PROGRAM: "step NS" as the other side's line
    on "$work/floor/$1" time 2500 1 | sed -n 's/.*all: median *\([0-9.]*\).*/step \1/p' >"$work/other"
}
sheet() {
    for set in avx512 avx2; do
        [ -x "$work/floor/generic_$set" ] || continue
        isa=v4
        [ "$set" = avx2 ] && isa=v3
        floor_step "generic_$set"
        into ours on env FACULA_ISA=$isa "$build/bench_sheet_step" 1
        for way in eager plan frozen; do
            row "sheet_${way}_floor_$set" "sheet_$way" step
        done
        row "sheet_make_floor_$set" sheet_plan_make step
    done
    into other on "$build/bench_hosts" 0.5
    into ours on_threads 2 "$build/bench_hosts" 0.5 2
    row sheet_plan_two_hosts hosts_2t hosts
    if [ -n "$python" ]; then
        other "$python" bench/sheet_torch.py 2
        ours sheet_step 0.5
        row sheet_eager_torch sheet_eager sheet_eager
        row sheet_plan_torch sheet_plan sheet_eager
    fi
    if [ -n "$jax_python" ]; then
        other "$jax_python" bench/workloads_jax.py --epochs 2500 sheet
        ours sheet_step 0.5
        row sheet_plan_jax sheet_plan sheet
    fi
    if [ -n "$kann" ]; then
        other "$kann"
        ours sheet_step 0.5
        row sheet_plan_kann sheet_plan sheet
    fi
}
torch_both() { # torch_both WORKLOAD PROGRAM [NAME]: PyTorch eager, then compiled, each beside ours
    [ -n "$python" ] || return 0
    workload=$1
    shift
    torch "$workload"
    timed "$@"
    row "${workload}_plan_torch" "${workload}_plan" "${workload}_eager"
    torch --compile "$workload"
    timed "$@"
    row "${workload}_plan_torch_compile" "${workload}_plan" "${workload}_compile"
}
small() { # small NAME: one sample
    other "$work/floor/small"
    ours small 1 "$1"
    for way in eager plan frozen; do
        row "$1_${way}_floor" "$1_$way" "$1"
    done
    torch_both "$1" small "$1"
}
online() { small online; }
infer1() {
    small infer1
    [ -n "$rtneural" ] || return 0
    other "$rtneural"
    ours small 0.5 infer1
    row infer1_frozen_rtneural infer1_frozen infer1
}
infer1000() {
    ours small 1 infer1000
    cp "$work/ours" "$work/other"
    row infer1000_eager_peak infer1000_eager infer1000_peak
    row infer1000_plan_peak infer1000_plan infer1000_peak
    torch_both infer1000 small infer1000
}
simplechains() {
    ours simplechains 1
    cp "$work/ours" "$work/other"
    row simplechains_eager_floor simplechains_eager simplechains_floor
    row simplechains_plan_floor simplechains_plan simplechains_floor
    into ours on_threads 2 "$build/bench_simplechains" 1 2
    row simplechains_plan_two_threads simplechains_plan_2t simplechains_plan
    torch_both simplechains simplechains
    [ -n "$jax_python" ] || return 0
    other "$jax_python" bench/workloads_jax.py simplechains
    ours simplechains 0.5
    row simplechains_plan_jax simplechains_plan simplechains
}
mnist() {
    [ -n "$python" ] || return 0
    for threads in 1 2; do
        suffix=_${threads}t
        [ "$threads" = 1 ] && suffix=''
        into eager on_threads "$threads" "$python" bench/workloads_torch.py --threads "$threads" mnist
        into ours on_threads "$threads" "$build/bench_mnist" 1 "$threads"
        into compiled on_threads "$threads" "$python" bench/workloads_torch.py --threads "$threads" --compile mnist
        cat "$work/eager" "$work/compiled" >"$work/other"
        row "mnist_eager_torch$suffix" "mnist_eager$suffix" "mnist_eager$suffix,mnist_compile$suffix"
        row "mnist_plan_torch$suffix" "mnist_plan$suffix" "mnist_eager$suffix,mnist_compile$suffix"
    done
}
products() {
    [ -n "$python" ] || return 0
    for threads in 1 2; do
        suffix=_${threads}t
        [ "$threads" = 1 ] && suffix=''
        into other on_threads "$threads" "$python" bench/products_torch.py "$threads"
        into ours on_threads "$threads" "$build/bench_products" "$threads"
        pairs products "$suffix" 1.3
    done
}
elementwise() {
    [ -n "$python" ] || return 0
    other "$python" bench/elementwise_torch.py
    ours elementwise
    pairs elementwise '' 1.5
}
oneop() {
    other "$work/floor/small"
    ours oneop
    row oneop_add_floor add oneop
    row oneop_add_grad_floor add_grad oneop
    [ -n "$python" ] || return 0
    other "$python" bench/oneop_torch.py
    ours oneop
    for name in add add_grad relu linear linear_backward; do
        row "oneop_${name}_torch" "$name" "$name"
    done
}

i=0
while [ "$i" -lt "$rounds" ]; do
    i=$((i + 1))
    for group in sheet online infer1 infer1000 simplechains mnist products elementwise oneop; do
        wanted $group || continue
        printf '\r\033[Kround %d/%d %s' "$i" "$rounds" "$group" >&2
        $group
    done
done
printf '\r\033[K' >&2

median() { # median FILE COLUMN
    awk -v c="$2" '{ print $c }' "$1" | sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}
# best FILE OP: the ratio of the least time of each side.
best() {
    awk -v op="$2" '!n++ || $2 < ours { ours = $2 } n == 1 || $3 < other { other = $3 }
        END { print op == "<=" ? ours / other : other / ours }' "$1"
}
while read -r name op target more; do
    [ -s "$work/row.$name" ] || continue
    echo "$name $op $target $more $(median "$work/row.$name" 1) $(median "$work/row.$name" 2)" \
        "$(median "$work/row.$name" 3) $(wc -l <"$work/row.$name") $(best "$work/row.$name" "$op")"
done <"$work/rows" >"$work/table"

package() { [ -z "$2" ] || "$2" -c "import $1; print('$1', $1.__version__)" 2>/dev/null || :; }
processor=$(sed -n '/^model name/ { s/.*: //p; q; }' /proc/cpuinfo)
versions=$(sed -n 's/^project(facula VERSION \([0-9.]*\).*/facula \1/p' CMakeLists.txt
    git rev-parse --short HEAD 2>/dev/null | sed 's/^/commit /'
    cc --version | sed 1q
    package torch "$python"
    package jax "$jax_python")
date=$(date +%Y-%m-%d)
printf '%s\n%s, median of %d rounds\n%s\n\n' "$processor" "$date" "$rounds" "$versions"
awk 'BEGIN { printf "%-36s %14s %14s %10s %10s %10s %6s\n", "", "ours, ns", "other, ns", "ratio", "of bests", "target", "more" }
    function holds(limit) { return $2 == "<=" ? $5 <= limit : $5 >= limit }
    {
        met = $4 != "-" && holds($4) ? "more" : $3 == "-" ? "" : holds($3) ? "met" : "missed"
        printf "%-36s %14.1f %14.1f %10.3g %10.3g %10s %6s  %s\n", $1, $6, $7, $5, $9, $3 == "-" ? "" : $2 " " $3, $4 == "-" ? "" : $4, met
    }' "$work/table"
[ -n "$json" ] || exit 0
awk -v processor="$processor" -v date="$date" -v rounds="$rounds" -v versions="$versions" '
    function text(s) { gsub(/[\\"]/, "\\\\&", s); return "\"" s "\"" }
    BEGIN {
        n = split(versions, line, "\n")
        printf "{\n  \"processor\": %s,\n  \"date\": %s,\n  \"rounds\": %d,\n  \"versions\": [", text(processor), text(date), rounds
        for (i = 1; i <= n; i++) printf "%s%s", (i > 1 ? ", " : ""), text(line[i])
        printf "],\n  \"rows\": ["
    }
    {
        printf "%s\n    {\"name\": %s, \"ratio\": %s, \"ratio_of_bests\": %s, \"ours_ns\": %s, \"other_ns\": %s, \"rounds\": %d", (NR > 1 ? "," : ""), text($1), $5, $9, $6, $7, $8
        if ($3 != "-") printf ", \"target\": %s", text($2 " " $3)
        if ($4 != "-") printf ", \"more\": %s", text($2 " " $4)
        printf "}"
    }
    END { print "\n  ]\n}" }' "$work/table" >"$json"

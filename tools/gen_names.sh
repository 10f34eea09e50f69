#!/bin/sh
# SPDX-License-Identifier: MIT
# gen_names.sh SOURCE_DIR: prints docs/names.md, PyTorch's name of everything and Facula's, from the tables (a row's
# documentation begins with PyTorch's name) and tools/names.txt. Complains, and fails, where a public function is in
# neither or a name is of nothing.
set -eu
cd "$1"
{
    for table in src/tensor/elementwise.def src/ops/ops.def src/nn/modules.def src/optim/optimisers.def; do
        echo "T $table"
        sed 's/^/R /' "$table"
    done
    sed 's/^/N /' tools/names.txt
    cat include/facula/*.h | sed 's/^/H /'
} | awk '
function section(title) { order[++sections] = title; now = title }
function add(name, torch) {
    if (name in has) complain(name " is named twice")
    has[name] = 1
    if (torch != "-") rows[now] = rows[now] "| `" torch "` | `" name "` |\n"
    else own = own (own ? ", " : "") "`" name "`"
}
function complain(text) { print "gen_names.sh: " text >"/dev/stderr"; failed = 1 }

/^T src\/tensor/ { section("Elementwise operations") }
/^T src\/ops/    { section("Other operations") }
/^T src\/nn/     { section("Layers and losses") }
/^T src\/optim/  { section("Optimisers") }

/^R FAC_[A-Z0-9]*\(/ {
    name = $0; sub(/^R [A-Z0-9_]*\(/, "", name); sub(/,.*/, "", name)
    if ($0 ~ /, INTERNAL/) next
    torch = $0; sub(/^[^"]*"/, "", torch); sub(/\(.*/, "", torch)
    if (torch == "Tensor.__getitem__") torch = "tensor[start:end:step]"
    add("fac_" name, torch)
    inplace = $2 ~ /^FAC_EW/ ? $0 !~ /, (COMPARE|LOGIC), / : $0 ~ /, INPLACE/
    if (inplace) add("fac_" name "_", "Tensor." name "_")
}

/^N \[/ { title = $0; gsub(/^N \[|\]$/, "", title); section(title); next }
/^N [a-zA-Z]/ { name = $2; torch = $0; sub(/^N [^ ]* /, "", torch); add(name, torch); wanted[name] = 1 }

/^H #define [a-zA-Z_0-9]*/ { name = $3; sub(/\(.*/, "", name); if (name !~ /^fac_.*_(with|defaults)$/) is[name] = 1 }
/^H FAC_API .*\(|^H static inline .* \**fac_/ {
    if (match($0, /fac_[A-Za-z0-9_]*\(/) == 0) next
    name = substr($0, RSTART, RLENGTH - 1); sub(/_(with|defaults)$/, "", name); is[name] = 1; public[name] = 1
}
END {
    for (name in public) if (!(name in has)) complain("include/facula: " name " is in no table and not in tools/names.txt")
    for (name in wanted) if (!(name in is)) complain("tools/names.txt: there is no " name)
    if (failed) exit 1
    print "# Names"
    print ""
    print "PyTorch'"'"'s name of everything that exists, and Facula'"'"'s. Made by tools/gen_names.sh from the tables and tools/names.txt."
    print "`torch.f`, `Tensor.f` and `F.f` are all `fac_f`: the tables say one of them."
    for (i = 1; i <= sections; i++) {
        print ""
        print "## " order[i]
        print ""
        print "| PyTorch | Facula |"
        print "| --- | --- |"
        printf "%s", rows[order[i]]
    }
    print ""
    print "## Without a counterpart"
    print ""
    print own "."
}'

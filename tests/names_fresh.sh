#!/bin/sh
# SPDX-License-Identifier: MIT
# names_fresh.sh SOURCE_DIR SCRATCH: docs/names.md is what tools/gen_names.sh makes, which misses no public function, and
# finds one that is missing.
set -eu
source=$1 scratch=$2
rm -rf "$scratch"
mkdir -p "$scratch/copy/include" "$scratch/copy/tools"
sh "$source/tools/gen_names.sh" "$source" >"$scratch/names.md"
diff -u "$source/docs/names.md" "$scratch/names.md" || { echo "docs/names.md is stale: sh tools/gen_names.sh . >docs/names.md"; exit 1; }

cp -R "$source/include/facula" "$scratch/copy/include/"
cp -R "$source/src" "$scratch/copy/"
grep -v '^fac_item_int ' "$source/tools/names.txt" >"$scratch/copy/tools/names.txt"
echo 'fac_no_such_function torch.nothing' >>"$scratch/copy/tools/names.txt"
if sh "$source/tools/gen_names.sh" "$scratch/copy" >/dev/null 2>"$scratch/complaints"; then
    echo "gen_names.sh does not miss fac_item_int"
    exit 1
fi
grep -q 'fac_item_int is in no table' "$scratch/complaints"
grep -q 'there is no fac_no_such_function' "$scratch/complaints"

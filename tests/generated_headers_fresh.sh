#!/bin/sh
# SPDX-License-Identifier: MIT
# generated_headers_fresh.sh GEN_API SOURCE_DIR SCRATCH: every file gen_api writes is the one that is checked in.
set -eu
gen_api=$1 source=$2 scratch=$3
rm -rf "$scratch"
mkdir -p "$scratch"
(cd "$scratch" && mkdir -p $(cd "$source" && find include src docs -type d))
"$gen_api" "$scratch"
find "$scratch" -type f >"$scratch.list"
[ -s "$scratch.list" ] || { echo "gen_api wrote no file"; exit 1; }
stale=0
while read -r written; do
    name=${written#"$scratch"/}
    diff -u "$source/$name" "$written" || { echo "$name is stale: run gen_api on the source folder"; stale=1; }
done <"$scratch.list"
exit $stale

#!/bin/sh
# SPDX-License-Identifier: MIT
# doc_examples.sh SOURCE_DIR LIBRARY SCRATCH: every ```c block of the documents and every example in a public header's
# comment is compiled, by every compiler here, without a warning, and run, in its harness doc_examples/NAME_N.c, which
# includes it as "block.inc". An example without a harness fails, and so does a harness without its example.
set -eu
source=$1 library=$2 scratch=$3
harnesses=$source/tests/doc_examples
rm -rf "$scratch"
mkdir -p "$scratch"

# NAME_N/block.inc of each block N of a document; indented, as the harness's own lines are.
blocks_of_document='
/^```c$/ { n++; folder = out "_" n; system("mkdir -p " folder); inside = 1; next }
/^```/   { inside = 0 }
inside   { print "    " $0 > (folder "/block.inc") }'

# In a comment an example is indented by four more, and an empty line stands before it.
blocks_of_header='
/^ \*     / && (empty || inside) {
    if (!inside) { n++; folder = out "_" n; system("mkdir -p " folder); inside = 1 }
    print substr($0, 4) > (folder "/block.inc")
    next
}
/^ \*$/ { if (inside) print "" > (folder "/block.inc"); empty = 1; next }
{ inside = 0; empty = 0 }'

for file in "$source"/README.md "$source"/CONTRIBUTING.md "$source"/docs/*.md; do
    [ ! -f "$file" ] || awk -v out="$scratch/$(basename "$file" .md)" "$blocks_of_document" "$file"
done
for file in "$source"/include/facula/*.h; do
    awk -v out="$scratch/$(basename "$file" .h)" "$blocks_of_header" "$file"
done

failed=0 ran=0
complain() { echo "$1"; failed=1; }
run_by() { # run_by COMPILER NAME
    # shellcheck disable=SC2086 # the warnings are words
    "$1" -std=c11 -O1 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -I "$source/include" -I "$scratch/$2" \
        "$harnesses/$2.c" "$library" -Wl,-rpath,"$(dirname "$library")" -o "$scratch/$2/$1" ||
        { complain "$2: $1 does not take it"; return; }
    (cd "$scratch/$2" && "./$1" >"$1.out" 2>&1) || { cat "$scratch/$2/$1.out"; complain "$2: it fails when run"; }
    ran=$((ran + 1))
}
for folder in "$scratch"/*/; do
    name=$(basename "$folder")
    if [ ! -f "$harnesses/$name.c" ]; then
        complain "$name: no tests/doc_examples/$name.c for this example:"
        cat "$folder/block.inc"
        continue
    fi
    for compiler in gcc clang; do
        ! command -v $compiler >/dev/null || run_by $compiler "$name"
    done
done
for harness in "$harnesses"/*.c; do
    name=$(basename "$harness" .c)
    [ -d "$scratch/$name" ] || complain "tests/doc_examples/$name.c: the example is gone"
done
[ $ran -gt 0 ] || complain "no compiler"
echo "$ran examples ran"
exit $failed

#!/bin/sh
# SPDX-License-Identifier: MIT
# symbols.sh SHARED STATIC SOURCE_DIR CC: both libraries define fac_ names only, the shared one exports the public names
# only and all of them, its soname is the ABI's, and a host can open and close it while it runs.
set -eu
shared=$1 static=$2 source=$3 cc=$4
failed=0
fail() { echo "$1"; failed=1; }

strangers=$(nm -D --defined-only "$shared" | awk 'NF == 3 && $3 !~ /^fac_/ { print $3 }')
[ -z "$strangers" ] || fail "exported without the prefix fac_: $strangers"
strangers=$(nm -g --defined-only "$static" | awk 'NF == 3 && $3 !~ /^fac_/ { print $3 }')
[ -z "$strangers" ] || fail "global without the prefix fac_: $strangers"
readelf -d "$shared" | grep -q 'SONAME.*\[libfacula\.so\.0\]' || fail "the soname is not libfacula.so.0"

# What the headers declare: the name before the first bracket, or the last one, of each FAC_API declaration.
declared() {
    for header in "$source"/include/facula/*.h; do
        echo "#include \"$header\""
    done | $cc -std=c11 -E -P -I "$source/include" -x c - | tr '\n' ' ' | sed 's/[;{}]/\n/g' |
        grep 'visibility("default")' | sed 's/__attribute__ *(([a-z_]*([^()]*)))//g; s/__attribute__ *(([a-z_]*))//g' |
        sed 's/\(fac_[A-Za-z0-9_]*\) *(.*/\1/; s/.*[^A-Za-z0-9_]\(fac_[A-Za-z0-9_]*\).*/\1/' | sort -u
}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT INT TERM
declared >"$scratch/declared"
nm -D --defined-only "$shared" | awk '{ print $3 }' | sort -u >"$scratch/exported"
[ -s "$scratch/declared" ] || fail "no declaration found in the headers"
missing=$(comm -23 "$scratch/declared" "$scratch/exported")
[ -z "$missing" ] || fail "declared in a public header but not in the library: $missing"
hidden=$(comm -13 "$scratch/declared" "$scratch/exported")
[ -z "$hidden" ] || fail "exported but in no public header: $hidden"

# A library that is opened late shares some 1.6 kB with all others of the process.
tls=$(readelf -lW "$shared" | awk '$1 == "TLS" { print $6 }')
[ $((tls)) -le 512 ] || fail "thread-local data: $((tls)) bytes"
$cc -std=c11 -D_POSIX_C_SOURCE=200809L -I "$source/include" "$source/tests/opened.c" -o "$scratch/opened" -ldl -lpthread
"$scratch/opened" "$shared" || fail "a host that opens and closes the library fails"
exit $failed

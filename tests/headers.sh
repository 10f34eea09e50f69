#!/bin/sh
# SPDX-License-Identifier: MIT
# headers.sh SOURCE_DIR: each public header compiles alone, as C11 and as C++17, by every compiler here, without a warning,
# and facula.h has them all.
set -eu
include=$1/include
failed=0 tried=0
warnings='-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror'
try() { # try COMPILER LANGUAGE STANDARD
    command -v "$1" >/dev/null || { echo "$1 is not here"; return; }
    for header in "$include"/facula/*.h; do
        tried=$((tried + 1))
        # shellcheck disable=SC2086 # the warnings are words
        echo "#include \"facula/${header##*/}\"" | "$1" -x "$2" -std="$3" $warnings -fsyntax-only -I "$include" - ||
            { echo "$1 $3: ${header##*/}"; failed=1; }
    done
}
try gcc c c11
try g++ c++ c++17
try clang c c11
try clang++ c++ c++17
for header in "$include"/facula/*.h; do
    name=facula/${header##*/}
    [ "$name" = facula/facula.h ] || grep -qF "#include \"$name\"" "$include/facula/facula.h" ||
        { echo "facula.h lacks $name"; failed=1; }
done
[ $tried -gt 0 ] || { echo "no compiler"; exit 1; }
exit $failed

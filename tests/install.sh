#!/bin/sh
# SPDX-License-Identifier: MIT
# install.sh BUILD_DIR SOURCE_DIR SCRATCH CC: installs into a scratch prefix, then builds and runs a stranger's program
# against it by pkg-config (shared, wholly static) and find_package, and against the sources by FetchContent.
set -eu
build=$1 source=$2 scratch=$3 cc=$4
here=$source/tests/install
rm -rf "$scratch"
mkdir -p "$scratch"
cmake --install "$build" --prefix "$scratch/elsewhere" >"$scratch/install.log"
mv "$scratch/elsewhere" "$scratch/prefix" # an installed tree may be moved
prefix=$scratch/prefix
pc=$(dirname "$(find "$prefix" -name facula.pc)")
lib=$(dirname "$pc")
export PKG_CONFIG_PATH="$pc"
cflags='-std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror'
file=$scratch/stranger.safetensors # what the program writes

echo "== pkg-config, shared"
# shellcheck disable=SC2046,SC2086 # the flags are words
$cc $cflags "$here/stranger.c" $(pkg-config --cflags --libs facula) -o "$scratch/shared"
LD_LIBRARY_PATH="$lib" "$scratch/shared" "$file"
echo "== pkg-config, static"
# shellcheck disable=SC2046,SC2086
$cc $cflags -static "$here/stranger.c" $(pkg-config --static --cflags --libs facula) -o "$scratch/static"
"$scratch/static" "$file"

cmake_user() { # cmake_user NAME ARG...: configures, builds and runs the stranger's CMake project
    name=$1
    shift
    echo "== $name"
    cmake -S "$here" -B "$scratch/$name" -G Ninja -DCMAKE_C_COMPILER="$cc" -DCMAKE_BUILD_TYPE=Debug "$@" \
        >"$scratch/$name.log" 2>&1 || { cat "$scratch/$name.log"; return 1; }
    cmake --build "$scratch/$name" >>"$scratch/$name.log" 2>&1 || { cat "$scratch/$name.log"; return 1; }
    for kind in facula facula_shared facula_static; do
        "$scratch/$name/stranger_$kind" "$file"
    done
}
cmake_user find_package -DCMAKE_PREFIX_PATH="$prefix"
cmake_user FetchContent -DFACULA_SOURCE="$source"

#!/bin/sh
# SPDX-License-Identifier: MIT
# Read by ./run and ./check (`root` and `me` are set there): sees to it that what they need is installed, and builds.

has() { command -v "$1" >/dev/null 2>&1; }

# Each line: how to see that a thing is there | what it is called | its Debian packages.
probe() {
    case $1 in
    compiler) has cc && echo '#include <stdio.h>' | cc -E - >/dev/null 2>&1 ;;
    c++) has c++ && echo '#include <string>' | c++ -x c++ -E - >/dev/null 2>&1 ;;
    cmake) has cmake && cmake -P "$root/cmake/version.cmake" >/dev/null 2>&1 ;;
    jansson) has pkg-config && pkg-config --exists 'jansson >= 2.13' ;;
    cmocka) has pkg-config && pkg-config --exists cmocka ;;
    *) has "$1" ;;
    esac
}
package() {
    case $1 in
    compiler) echo gcc libc6-dev ;;
    c++) echo g++ ;;
    ninja) echo ninja-build ;;
    jansson | cmocka) echo "lib$1-dev" ;;
    dot) echo graphviz ;;
    gnuplot) echo gnuplot-nox ;;
    *) echo "$1" ;;
    esac
}
title() {
    case $1 in
    compiler) echo 'a C compiler with its headers' ;;
    c++) echo 'a C++ compiler' ;;
    cmake) echo 'cmake >= 3.25' ;;
    jansson) echo 'jansson >= 2.13' ;;
    dot) echo 'dot, which draws graphs' ;;
    gnuplot) echo 'gnuplot, which draws plots' ;;
    *) echo "$1" ;;
    esac
}
missing() {
    for thing; do probe "$thing" || echo "$thing"; done
}

# install THING...: what is missing, through apt-get, if there is one. Fails if something is missing then.
install() {
    lacking=$(missing "$@")
    [ -n "$lacking" ] || return 0
    sudo=
    [ "$(id -u)" = 0 ] || sudo=sudo
    has apt-get && { [ -z "$sudo" ] || has sudo; } || return 1
    packages=$(for thing in $lacking; do package "$thing"; done | tr '\n' ' ')
    echo "$me: installing ${packages% } through apt-get" >&2
    log=$(mktemp)
    # shellcheck disable=SC2086 # words
    { $sudo apt-get -q update && $sudo env DEBIAN_FRONTEND=noninteractive LC_ALL=C \
        apt-get -q install -y --no-install-recommends $packages; } >"$log" 2>&1 </dev/null ||
        { tail -n 30 "$log" >&2; echo "$me: apt-get failed; its last words are above" >&2; }
    rm -f "$log"
    [ -z "$(missing "$@")" ]
}
name_missing() {
    for thing in $(missing "$@"); do echo "  $(title "$thing") (Debian: $(package "$thing"))" >&2; done
}
# setup THING...: installs what is missing; where that cannot be, names it and ends.
setup() {
    install "$@" && return 0
    echo "$me: missing:" >&2
    name_missing "$@"
    echo "$me: install them, then call $me again" >&2
    exit 1
}
# wish THING...: the same of what can be done without; tried once only, as there may be no network.
wish() {
    [ -n "$(missing "$@")" ] || return 0
    if ! grep -qxF "$*" "$root/build/wished" 2>/dev/null; then
        install "$@" && return 0
        mkdir -p "$root/build"
        echo "$*" >>"$root/build/wished"
    fi
    echo "$me: going on without:" >&2
    name_missing "$@"
}

configured() { # for this very folder and these very presets, and with the tests if they are wanted
    [ -e "$dir/build.ninja" ] && { [ -z "${with_tests:-}" ] || [ -e "$dir/tests/CTestTestfile.cmake" ]; } &&
        grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$dir/CMakeCache.txt" &&
        [ -z "$(find "$root/CMakePresets.json" -newer "$dir/CMakeCache.txt")" ]
}
# build PRESET [TARGET]: into build/PRESET.
build() {
    dir=$root/build/$1
    configured || quietly cmake -S "$root" --preset "$1" --fresh
    echo "$me: building build/$1" >&2
    quietly cmake --build "$dir" --target "${2:-all}"
}
quietly() { # says nothing unless it fails
    log=$(mktemp)
    "$@" >"$log" 2>&1 || { cat "$log" >&2; rm -f "$log"; echo "$me: failed: $*" >&2; exit 1; }
    rm -f "$log"
}

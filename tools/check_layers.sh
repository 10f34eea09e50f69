#!/bin/sh
# SPDX-License-Identifier: MIT
# check_layers.sh [ROOT]: the rules of the house that can be read off the text.
#   A folder includes its own files and those of lower levels; src/cli sees include/facula only.
#   A file's name is unique in the repository. Every source begins with the SPDX line; guards are named after the file.
#   src/ takes memory through src/base only, and never touches the host's locale, signals, streams or environment.
set -eu
cd "${1:-$(dirname "$0")/..}"
found=$(mktemp)
trap 'rm -f "$found"' EXIT INT TERM

sources() { # sources DIR...: the C files below; bench/floor is a yardstick from elsewhere, kept as it is
    find "$@" \( -name build -o -name .git -o -path ./bench/floor \) -prune -o \
        -type f \( -name '*.c' -o -name '*.h' -o -name '*.def' -o -name '*.cpp' \) -print
}
scripts() {
    find . \( -name build -o -name .git -o -path ./bench/floor \) -prune -o \
        -type f \( -name '*.sh' -o -name '*.cmake' -o -name '*.py' -o -name CMakeLists.txt -o -path ./run \
        -o -path ./check -o -path ./.ci/run \) -print
}

# A public header may share its name with the inner one of its folder.
{ sources . | grep -v '^./include/'; scripts; } | sed 's|.*/||' | grep -vx -e CMakeLists.txt -e run | sort | uniq -d |
    sed 's/$/: the name of more than one file/' >>"$found"

sources . | while read -r file; do
    head -n 1 "$file" | grep -qF '/* SPDX-License-Identifier: MIT */' || echo "$file: no SPDX line"
done >>"$found"
scripts | while read -r file; do
    head -n 2 "$file" | grep -qF '# SPDX-License-Identifier: MIT' || echo "$file: no SPDX line"
done >>"$found"

sources src include | sort | xargs awk '
function level_of(folder) { return folder in level ? level[folder] : -1 }
function folder_of(path,    part, n) {          # src/nn/gru.c -> nn; include/facula/nn_init.h -> nn; facula.h -> facula
    n = split(path, part, "/")
    if (part[1] == "src") return part[2]
    sub(/[_.].*/, "", part[n])
    return part[n] in home ? home[part[n]] : part[n]
}
function say(what) { print FILENAME ":" FNR ": " what }
function check_include(name,    part, there, is_public) {
    if (name !~ /\//) { say("\"" name "\" is not written from src/ or include/"); return }
    split(name, part, "/")
    is_public = part[1] == "facula"
    there = is_public ? folder_of("include/" name) : part[1]
    if (level_of(there) < 0) say("\"" name "\" is in no layer")
    else if (here == "cli" && !is_public && there != "cli") say("src/cli sees include/facula only, not \"" name "\"")
    else if (there != here && level_of(there) >= level_of(here))
        say(here " (level " level_of(here) ") includes \"" name "\" (level " level_of(there) ")")
}
function strip(line,    out, i, end, kind) {    # leaves code without comments in `code`, its strings in `strings`
    code = ""; strings = ""
    while (line != "") {
        if (in_comment) {
            if (!(i = index(line, "*/"))) return
            line = substr(line, i + 2); in_comment = 0
        }
        if (!match(line, /"|\047|\/\*|\/\//)) { code = code line; return }
        kind = substr(line, RSTART, RLENGTH)
        code = code substr(line, 1, RSTART - 1) " "
        line = substr(line, RSTART + RLENGTH)
        if (kind == "//") return
        if (kind == "/*") { in_comment = 1; continue }
        while (line != "" && substr(line, 1, 1) != kind) {
            end = substr(line, 1, 1) == "\\" ? 2 : 1
            if (kind == "\"") strings = strings substr(line, 1, end)
            line = substr(line, end + 1)
        }
        strings = strings " "; code = code "\"\" "
        line = substr(line, 2)
    }
}
function calls(names) { return code ~ ("(^|[^A-Za-z0-9_.>])(" names ")[ \t]*\\(") }
BEGIN {
    split("base 0 tensor 1 random 1 graph 2 ops 3 autograd 4 plan 4 nn 5 optim 5 data 5 distributions 5 text 6 io 7" \
          " draw 7 train 8 cli 9 facula 9", words, " ")
    for (i = 1; i in words; i += 2) level[words[i]] = words[i + 1] + 0
    home["threads"] = "base"; home["call"] = "graph"; home["compare"] = "ops"; home["optimisers"] = "optim"  # public headers not named after their folder
}
FNR == 1 {
    here = folder_of(FILENAME); in_comment = 0; guarded = 0
    is_src = FILENAME ~ /^src\//
    n_parts = split(toupper(FILENAME), parts, "/")  # src/nn/gru.h: FAC_NN_GRU_H; include/facula/nn.h: FACULA_NN_H
    guard = (is_src ? "FAC_" : "") parts[n_parts - 1] "_" parts[n_parts]; gsub(/[^A-Z0-9]/, "_", guard)
    is_text = FILENAME == "src/base/text.c"          # the one file that knows how to go round the locale
    if (level_of(here) < 0) say("its folder is in no layer")
}
/^[ \t]*#[ \t]*include[ \t]*"/ && FILENAME !~ /include\/facula\/facula\.h$/ {
    name = $0; sub(/^[^"]*"/, "", name); sub(/".*/, "", name)
    check_include(name)
}
FILENAME ~ /\.h$/ && /^#ifndef/ && !guarded {
    guarded = 1
    if ($2 != guard && $2 != "FACULA_H") say("the guard is " $2 ", not " guard)
}
is_src {
    strip($0)
    if (here != "base" && here != "cli" &&
        calls("malloc|calloc|realloc|free|strdup|strndup|asprintf|vasprintf|aligned_alloc|posix_memalign|getline"))
        say("memory comes from src/base/alloc.h")
    if (here != "cli") {
        if (calls("setlocale|uselocale|signal|sigaction|abort|exit|_exit|_Exit|quick_exit|atexit|setenv|putenv"))
            say("the process belongs to the host")
        if (calls("printf|vprintf|puts|putchar|perror") || code ~ /(^|[^A-Za-z0-9_])(stdin|stdout|stderr)([^A-Za-z0-9_]|$)/)
            say("the streams belong to the host")
        if (calls("system|popen|fork|vfork|strcat|sprintf|vsprintf|gets"))
            say("a function that is not used here")
        if (code ~ /_mm_setcsr|_MM_SET_|__builtin_ia32_ldmxcsr|fesetround|fesetenv|feenableexcept/)
            say("the floating-point environment belongs to the host")
    }
    if (!is_text && calls("strtod|strtof|strtold|atof|scanf|sscanf|fscanf"))
        say("follows the locale: read numbers with src/base/text.h")
    gsub(/%%/, "", strings)
    if (!is_text && strings ~ /%[-+#0-9.*]*[lL]?[aAeEfFgG]([^a-zA-Z]|$)/)
        say("follows the locale: write numbers with src/base/text.h")
}
' >>"$found"

[ ! -s "$found" ] || { cat "$found"; exit 1; }

#!/bin/sh
# SPDX-License-Identifier: MIT
# check_layers_finds.sh SOURCE_DIR SCRATCH: check_layers.sh passes a good tree and finds each fault in a bad one.
set -eu
source=$1 tree=$2
rm -rf "$tree"
mkdir -p "$tree/src/base" "$tree/src/tensor" "$tree/src/random" "$tree/src/ops" "$tree/src/cli" "$tree/include/facula"
spdx='/* SPDX-License-Identifier: MIT */'
failed=0
check() { sh "$source/tools/check_layers.sh" "$tree"; }

echo "$spdx" >"$tree/include/facula/tensor.h"
printf '%s\n' "$spdx" '/* free(x), printf("%f") */' '#include "base/x.h"' '#include "facula/tensor.h"' \
    'fac_fail(st, "100%% free(x) %s", a); // malloc(1)' 'allocator->free(x); fac_free(x);' >"$tree/src/tensor/good.c"
check || { echo "a good tree is refused"; failed=1; }

expect() { # expect MESSAGE FILE LINE...: a file with these lines is refused with that message
    message=$1 file=$2
    shift 2
    printf '%s\n' "$@" >"$tree/$file"
    if check >"$tree.out"; then
        echo "not found: $message"
        failed=1
    else
        grep -qF "$message" "$tree.out" || { echo "expected '$message', got:"; cat "$tree.out"; failed=1; }
    fi
    rm "$tree/$file"
}
expect 'tensor (level 1) includes "ops/ops.h" (level 3)' src/tensor/a.c "$spdx" '#include "ops/ops.h"'
expect 'tensor (level 1) includes "random/a.h" (level 1)' src/tensor/a.c "$spdx" '#  include "random/a.h"'
expect 'tensor (level 1) includes "facula/ops.h" (level 3)' include/facula/tensor_a.h "$spdx" '#include "facula/ops.h"'
expect 'is in no layer' src/tensor/a.c "$spdx" '#include "misc/ops.h"'
expect 'is not written from src/' src/tensor/a.c "$spdx" '#include "storage.h"'
expect 'src/cli sees include/facula only' src/cli/a.c "$spdx" '#include "base/error.h"'
expect 'the guard is A_H, not FAC_OPS_A_H' src/ops/a.h "$spdx" '#ifndef A_H'
expect 'no SPDX line' src/ops/a.c 'int a;'
expect 'no SPDX line' a.sh '#!/bin/sh'
expect 'the name of more than one file' src/ops/good.c "$spdx"
expect 'a.c:2: memory comes from' src/ops/a.c "$spdx" 'x = malloc (3);'
expect 'a.c:3: memory comes from' src/ops/a.c "$spdx" '/* a' '*/ free(x);'
expect 'belongs to the host' src/base/a.c "$spdx" 'setlocale(LC_ALL, "");'
expect 'streams belong' src/ops/a.c "$spdx" 'fprintf(stderr, "x");'
expect 'environment belongs' src/ops/a.c "$spdx" '_mm_setcsr(0);'
expect 'read numbers with' src/ops/a.c "$spdx" 'x = strtod(text, NULL);'
expect 'write numbers with' src/ops/a.c "$spdx" 'fac_fail(st, "%s: %.3f", a, b);'
rm -f "$tree.out"
exit $failed

#!/bin/sh
# SPDX-License-Identifier: MIT
# sheet_cli.sh SHEET GOLDEN_DIR: the sheet's program at its command line: what it accepts, what it refuses and how it
# says so, the files it writes and those it leaves alone.
set -u
case $1 in /*) sheet=$1 ;; *) sheet=$PWD/$1 ;; esac
golden=$(cd "$2" && pwd)
observations=$golden/../../examples/sheet/observations.csv
dir=$(mktemp -d) && cd "$dir" || exit 1
trap 'umount "$dir/disk" 2>/dev/null; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM HUP
failures=0 skipped='' rc=0
unset TERM

fail() { # WHAT: with what the last run said
    echo "FAIL: $1 (exit status $rc)"
    sed 's/^/    stderr: /' err | head -5
    failures=$((failures + 1))
}
same() { cmp -s "$1" "$2" || fail "$3"; }
has() { grep -aqF -- "$2" "$1" || fail "$3: '$2' is not in $1"; }
sheet() { # [ARGUMENT]...: leaves out, err, rc
    "$sheet" "$@" >out 2>err
    rc=$?
}
works() {
    sheet "$@"
    [ $rc = 0 ] && [ ! -s err ] || fail "sheet $*: should work in silence"
}
one_line() { [ "$(wc -l <err)" = 1 ] || fail "$1: should say one line"; }
refuses() { # STATUS TEXT ARGUMENT...: one line on standard error, which has TEXT
    status=$1 text=$2
    shift 2
    sheet "$@"
    [ $rc = "$status" ] || fail "sheet $*: should end with $status"
    one_line "sheet $*"
    has err "$text" "sheet $*"
    [ "$status" = 1 ] || [ ! -s out ] || fail "sheet $*: should print nothing"
}
nothing_left() { # WHAT FOLDER NAME...: the folder has these names and no other
    what=$1 folder=$2
    shift 2
    [ "$(ls -A "$folder" | tr '\n' ' ')" = "${*:+$* }" ] || fail "$what: left $(ls -A "$folder" | tr '\n' ' ')"
}

# --- help and usage ---
works --help
for option in --seed --data --generate --epochs --model --eager --exercise --predictions --save --out --help; do
    has out " $option" help
done
example=$(sed -n 's/^Example: sheet //p' out)
mkdir example && cd example
# shellcheck disable=SC2086 # words
"$sheet" $example >../out 2>../err && cd .. || { cd ..; fail "the example of --help: sheet $example"; }
[ -s example/fit.csv ] || fail "the example of --help writes fit.csv"

refuses 2 "unknown option '--bogus'" --bogus
refuses 2 "unknown option '-x'" -x
refuses 2 "unknown option '--eager=1'" --eager=1
refuses 2 "unknown option '--a-name-longer-than-any-option-has'" --a-name-longer-than-any-option-has
refuses 2 "unexpected argument 'data.csv'" data.csv
refuses 2 "unexpected argument ''" ''
for option in --seed --data --epochs --model --exercise --predictions --save --out; do
    refuses 2 "a value is missing after '$option'" $option
done
refuses 2 "--seed: expected a whole number, got 'abc'" --seed abc
refuses 2 "--seed: expected a whole number, got ''" --seed=
refuses 2 "--seed: expected a whole number of 64 bits" --seed 99999999999999999999
refuses 2 "--epochs: expected a whole number from 0, got '-1'" --epochs -1
refuses 2 "--epochs: expected a whole number from 0, got '1e3'" --epochs=1e3
refuses 2 "--model: expected condensed or explicit, got 'linear'" --model linear
refuses 2 "--exercise: expected 2.3.1, 2.3.2 or 2.3.4, got '2.3.3'" --exercise 2.3.3
refuses 2 "--data and --generate" --data "$observations" --generate
refuses 2 "does not train" --exercise 2.3.1 --save model
refuses 2 "does not train" --exercise 2.3.4 --save model
refuses 2 "the same file" --predictions both --save both
[ ! -e model ] && [ ! -e both ] || fail "a refused command line writes files"

# --- data ---
table() { # NAME LINE...
    name=$1
    shift
    printf '%s\n' x_obs,y_obs "$@" >"$name"
}
table malformed.csv 1,2 2,abc
table empty.csv
table one.csv 1,2
table seven.csv 1,1 2,4 3,9 4,16 5,25 6,36 7,49
table nan.csv 1,1 2,nan 3,9
table infinite.csv 1,1 -inf,4 3,9
table huge.csv 1,1e30 2,1
printf 'x_obs,y\n1,2\n' >column.csv
refuses 1 "cannot open 'missing.csv': No such file or directory" --data missing.csv
refuses 1 "cannot read '.': Is a directory" --data .
refuses 1 "malformed.csv:3: column 'y_obs': expected a number, got 'abc'" --data malformed.csv
refuses 1 "column.csv: no column 'y_obs'" --data column.csv
refuses 1 "empty.csv: there are no observations" --data empty.csv
refuses 1 "epoch 1, batch 1: the loss is not finite: there is a NaN or infinity in y_obs" --data nan.csv --save m
refuses 1 "epoch 1, batch 1: the loss is not finite: there is a NaN or infinity in x_obs" --data infinite.csv --save m
refuses 1 "epoch 1, batch 1: the loss is not finite: x_obs and y_obs are finite" --data huge.csv --save m
[ ! -e m ] || fail "a failed training writes a model"
# 60 rows are three batches; the printed pass over the loader shows them, the training shuffles anew.
awk 'BEGIN { print "x_obs,y_obs"; for (i = 1; i < 60; i++) print i / 10 "," i; print "inf,1" }' >batches.csv
refuses 1 "the loss is not finite: there is a NaN or infinity in x_obs" --data batches.csv --seed 3
grep -Eq 'epoch 1, batch [123]:' err || fail "the batch of a NaN is named"

sheet --data one.csv --epochs 3 --predictions p.csv
[ $rc = 0 ] && [ "$(wc -l <p.csv)" = 2 ] || fail "one observation"
one_line "one observation, where PyTorch warns of the shapes"
has err "warning: Using a target size (torch.Size([1]))" "one observation"
works --data seven.csv --epochs 3 --predictions p.csv
[ "$(wc -l <p.csv)" = 8 ] && [ "$(grep -c '^In:' out)" = 1 ] || fail "seven observations"

sheet --epochs 3
cp out default.txt
works --epochs 3 --data "$observations"
same out default.txt "the observations compiled in are those of observations.csv"
works --epochs 3 --generate
! cmp -s out default.txt || fail "--generate makes other data"

# --- one training, whatever is asked for beside it ---
works --epochs 2500
cp out plain.txt
grep -q '^Loss after epoch  2500: [0-9]*\.[0-9][0-9][0-9]$' out || fail "the loss of 2500 epochs"
works --epochs 2500 --eager
awk -F ': ' 'NR == FNR { expected[FNR] = $0; lines = FNR; next }
    /^Loss/ { split(expected[FNR], e, ": "); off = $2 / e[2] - 1; if (off < 1e-3 && off > -1e-3) next }
    $0 != expected[FNR] { exit 1 }
    END { if (FNR != lines) exit 1 }' plain.txt out || fail "--eager trains the same model, to rounding"
works --epochs 2500 --predictions p.csv --save m.safetensors
same out plain.txt "the output with files written"
nothing_left "files written" example fit.csv
[ "$(sed 1q p.csv)" = x_obs,y_obs,y_pred ] && [ "$(wc -l <p.csv)" = 101 ] || fail "the predictions: 100 rows"
awk -F, 'NR == FNR { if (FNR > 1) { x[FNR] = $1; y[FNR] = $2 } next }
    FNR > 1 && ($1 + 0 != x[FNR] + 0 || $2 + 0 != y[FNR] + 0 || $3 !~ /^-?[0-9.]+(e-?[0-9]+)?$/) { exit 1 }' \
    "$observations" p.csv || fail "the predictions have the observations and a number"
awk -F, 'NR > 1 { e = $3 - $2; s += e * e } NR == FNR { n++ } END { print 4 * s / (n - 1) }' p.csv >fit
awk -F ': ' 'NR == FNR { fit = $1; next } /^Loss/ { exit !(fit < 1.1 * $2 && $2 < 1.1 * fit) }' fit plain.txt ||
    fail "the predictions miss by what the loss says: four batches' mean squares"
for layer in 0 2 4 6; do
    has m.safetensors "\"layers.$layer.weight\"" --save
    has m.safetensors "\"layers.$layer.bias\"" --save
done
works --epochs 2500 --save again.safetensors
same m.safetensors again.safetensors "the same seed trains the same model"
works --epochs 3 --model explicit --save explicit.safetensors
same out default.txt "--model explicit draws the same"
has explicit.safetensors '"linear4.bias"' "--model explicit --save"
works --epochs 0
grep -q '^Training process has finished' out && ! grep -q '^Loss' out || fail "no epochs"
works --epochs 0 --seed -1
cp out minus.txt
works --epochs 0 --seed=-1
same out minus.txt "a negative seed"
works --epochs 0 --seed 1
! cmp -s out minus.txt || fail "seeds differ"
LC_ALL=de_DE.UTF-8 "$sheet" --epochs 2500 >out 2>err
same out plain.txt "the output in German"

# --- exercises ---
works --exercise 2.3.4
[ "$(grep -c '^digraph {$' out)" = 2 ] || fail "2.3.4 prints two graphs"
for label in x^3 x^2 v w 'v - w' y z dz/dy 'Subtraction Derivative' dz/dv dz/dw 'Power Derivative' dz/dx; do
    grep -qF "[label=\"$label\"]" out || fail "2.3.4 has the sheet's node $label"
done
works --exercise 2.3.1
[ "$(grep -c '^linear[1-4]\.\(weight\|bias\) .*+-[01]\.' out)" = 8 ] || fail "2.3.1 has a line for each parameter"
grep -Eq 'nan|inf' out && fail "2.3.1 has numbers"
awk '/^linear/ { bound = substr($7, 3) + 0; if ($3 + 0 > $4 + 0 || $3 + 0 < -bound || $4 + 0 > bound) exit 1 }' out ||
    fail "2.3.1: the initial values lie within their bounds"
for seed in 0 1 42; do
    works --exercise 2.3.2 --generate --seed $seed --epochs 2500
    [ "$(grep -c '^Loss' out)$(grep -c '^Training process has finished' out)" = 22 ] || fail "2.3.2 trains twice"
    awk -F ': ' 'NR == FNR { if (/^Loss/ && !want) want = $2; next }
        /^Loss/ { off = $2 / want - 1; exit !(off < 1e-3 && off > -1e-3) }' "$golden/sheet_seed$seed.txt" out ||
        fail "the loss of seed $seed after 2500 epochs is PyTorch's"
done

# --- files that cannot be written; an old one stays as it was ---
for option in --predictions --save; do
    mkdir -p target/folder
    refuses 1 "'target/folder': Is a directory" --epochs 1 $option target/folder
    nothing_left "$option to a folder" target folder
    refuses 1 "'target/none/file'" --epochs 1 $option target/none/file
    nothing_left "$option to no folder" target folder
    rmdir target/folder
    echo old >target/file
    # A file may have no bytes: as a full disk does, in the middle.
    { (trap '' XFSZ; ulimit -f 0; "$sheet" --epochs 1 $option target/file 2>&3 >/dev/null; echo $? >&4) 3>&1 | cat >err; } 4>&1 | cat >status
    rc=$(cat status)
    [ "$rc" = 1 ] || fail "$option beyond the size allowed: should end with 1"
    one_line "$option beyond the size allowed"
    [ "$(cat target/file)" = old ] || fail "$option beyond the size allowed: the old file is gone"
    nothing_left "$option beyond the size allowed" target file
    rm target/file
done
mkdir disk
if mount -t tmpfs -o size=8k none disk 2>/dev/null; then
    echo old >disk/file
    dd if=/dev/zero of=disk/rest bs=4096 count=1 2>/dev/null
    refuses 1 "No space left on device" --epochs 1 --predictions disk/file
    [ "$(cat disk/file)" = old ] || fail "a full disk: the old file is gone"
    nothing_left "a full disk" disk file rest
    umount disk
else
    skipped="$skipped a full disk (no right to mount one);"
fi
mkdir closed && echo old >closed/file && chmod a-w closed
cp "$sheet" "$dir/program" && chmod 755 "$dir" "$dir/program"
if [ "$(id -u)" != 0 ]; then
    "$sheet" --epochs 1 --save closed/file >out 2>err
elif setpriv --reuid 65534 --regid 65534 --clear-groups true 2>/dev/null; then
    chmod a+w closed/file
    setpriv --reuid 65534 --regid 65534 --clear-groups "$dir/program" --epochs 1 --save closed/file >out 2>err
else
    skipped="$skipped a read-only folder (root may write everywhere);"
    (exit 1)
fi
rc=$?
[ $rc = 1 ] && [ "$(cat closed/file)" = old ] || fail "a read-only folder: should end with 1, the old file as it was"
nothing_left "a read-only folder" closed file
chmod u+w closed

# --- standard output that takes nothing ---
if [ -c /dev/full ]; then
    for arguments in --help '--epochs 0' '--epochs 100000000' '--exercise 2.3.1'; do
        # shellcheck disable=SC2086 # words
        "$sheet" $arguments >/dev/full 2>err
        rc=$?
        [ $rc = 1 ] || fail "sheet $arguments to a full device: should end with 1"
        one_line "sheet $arguments to a full device"
    done
fi
"$sheet" --epochs 0 >&- 2>err
rc=$?
[ $rc = 1 ] || fail "standard output closed: should end with 1"
one_line "standard output closed"
"$sheet" --epochs 0 >out 2>&-
rc=$?
[ $rc = 0 ] || fail "standard error closed"

# --- Ctrl-C ---
for arguments in '' '--exercise 2.3.2' '--model explicit'; do
    rm -rf stopped out && mkdir stopped # the last one's lines would be taken for this one's
    # shellcheck disable=SC2086 # words
    "$sheet" $arguments --epochs 1000000000 --predictions stopped/p.csv --save stopped/m >out 2>err &
    until grep -qs '^Loss after epoch' out; do # it is training; one signal, where timeout(1) may send two
        kill -0 $! || break
        sleep 0.1
    done
    kill -INT $!
    wait $!
    rc=$?
    [ $rc = 130 ] || fail "Ctrl-C: should end with 130"
    one_line "Ctrl-C"
    has err "sheet: interrupted" "Ctrl-C"
    nothing_left "Ctrl-C" stopped m p.csv
    [ "$(wc -l <stopped/p.csv)" = 101 ] || fail "Ctrl-C: the predictions are whole"
    ! grep -q '^Training process has finished' out || fail "Ctrl-C: training has not finished"
done

# --- pictures ---
refuses 1 "cannot make the folder 'no/where': No such file or directory" --epochs 3 --out no/where
mkdir nothing
PATH=$dir/nothing "$sheet" --epochs 3 --out pictures >out 2>err
rc=$?
[ $rc = 1 ] || fail "pictures without gnuplot: should end with 1"
one_line "pictures without gnuplot"
has err "the program gnuplot is not installed" "pictures without gnuplot"
nothing_left "pictures without gnuplot" pictures
if command -v gnuplot >/dev/null && command -v dot >/dev/null; then
    for epochs in 0 3; do
        rm -rf pictures
        works --epochs $epochs --exercise 2.3.2 --out pictures
        # shellcheck disable=SC2046 # words
        nothing_left "pictures" pictures $(for name in exercise_2_3_2 fit graph_backward graph_forward ground_truth \
            initial_parameters loss_curve observations; do echo $name.png $name.svg; done)
    done
    works --epochs 3 --out pictures
    same out default.txt "the output with pictures drawn"
    # 100 observations and predictions, and two marks in the legend
    [ "$(grep -c "use xlink:href='#gpPt6' transform" pictures/fit.svg)" = 202 ] || fail "the fit's marks"
    for text in x_obs value variable y_obs y_pred; do has pictures/fit.svg ">$text<" "the fit's labels"; done
else
    skipped="$skipped pictures (there is no gnuplot, or no dot);"
fi

# --- the progress bar ---
if command -v script >/dev/null; then
    script -qec "'$sheet' --epochs 2500 >out" terminal >/dev/null 2>&1 </dev/null
    rc=$?
    same out plain.txt "the output with a terminal beside it"
    has terminal "] epoch " "a bar on a terminal"
    if command -v gnuplot >/dev/null; then
        script -qec "'$sheet' --epochs 3" terminal >/dev/null 2>&1 </dev/null
        has terminal y_pred "the fit on a terminal"
    fi
else
    skipped="$skipped the bar (there is no script command);"
fi

[ -z "$skipped" ] || echo "not tried:$skipped"
[ $failures = 0 ] && echo "all as it should be"

#!/usr/bin/env bash
# Runs on a machine with an NVIDIA GPU: the programs of tests/python natively and through Pillion, and compares what they
# print. Ends with 1 if they differ.
#
#   python.sh [NAME...]           all of them, or those named: torch_checks, jax_checks, ...
#   python.sh NAME:CHECK,CHECK    only these checks of it
#
#   LIMIT   most seconds for one program, each way (default 240)
#   JOBS    programs at once (default 3)
#   PYTHON  the interpreter (default python3)
set -u
LIMIT=${LIMIT:-240}
here=$(cd "$(dirname "$0")" && pwd)
. "$here/server.sh"
PYTHON=${PYTHON:-python3}
programs=("$@")
if [ ${#programs[@]} = 0 ]; then
    for file in "$root"/tests/python/*.py; do
        name=$(basename "$file" .py)
        case $name in harness | compare) ;; *) programs+=("$name") ;; esac
    done
fi

both() {
    local name=${1%%:*} checks=""
    case $1 in *:*) checks=${1#*:} ;; esac
    local way began status
    for way in native remote; do
        began=$(date +%s.%N)
        # The words of the list of checks are arguments of their own.
        $way "$PYTHON" "$root/tests/python/$name.py" ${checks//,/ } >"$OUT/$name.$way" 2>"$OUT/$name.$way.err"
        status=$?
        case $status in
        0 | 1) ;;
        124 | 137) echo "FAILED $name took longer than $LIMIT s" >>"$OUT/$name.$way" ;;
        *) echo "FAILED $name ended with status $status" >>"$OUT/$name.$way" ;;
        esac
        echo "$way $(echo "$(date +%s.%N) $began" | awk '{printf "%.1f", $1 - $2}')" >>"$OUT/$name.seconds"
    done
}

rm -f "$OUT"/*.seconds
running=0
for program in "${programs[@]}"; do
    both "$program" &
    running=$((running + 1))
    # The server is a background job as well, so this waits for any one that ends.
    if [ $running -ge "${JOBS:-3}" ]; then
        wait -n
        running=$((running - 1))
    fi
done
for job in $(jobs -p); do [ "$job" = "$server" ] || wait "$job"; done

different=0
for program in "${programs[@]}"; do
    name=${program%%:*}
    seconds=$(tr '\n' ' ' <"$OUT/$name.seconds")
    echo "== $name ($seconds)"
    "$PYTHON" "$root/tests/python/compare.py" "$OUT/$name.native" "$OUT/$name.remote" || {
        different=1
        tail -n 3 "$OUT/$name.remote.err"
    }
done
[ $different = 0 ] && echo "all the same" || echo "THERE ARE DIFFERENCES"
exit $different

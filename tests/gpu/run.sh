#!/usr/bin/env bash
# Runs on a machine with an NVIDIA GPU, from the folder that `cargo xtask gpu-bundle` makes: every program natively, then
# through a Pillion server on the same machine, and proves that the client of the second run did not touch the GPU itself.
#
#   ./run.sh [programs|random|bench|micro|apps]...      results below $OUT (default ./results)
set -u
cd "$(dirname "$0")"
OUT=${OUT:-$PWD/results}
mkdir -p "$OUT"
. ./unpack.sh
unpack .
PILLION=$PWD/bin/pillion
SOCKET=$(mktemp -d)/pillion.sock
# Whatever this script starts inherits it, and so does what that starts: others may run Pillion on this machine as well.
export STARTED_BY=$SOCKET
UNIX=unix://$SOCKET
TCP=tcp://127.0.0.1:7719
NATIVE_LIBRARIES=$PWD/lib/cudart:${LD_LIBRARY_PATH:-}
steps=("$@")
[ ${#steps[@]} -gt 0 ] || steps=(programs random bench micro apps)

"$PILLION" serve --device nvidia --listen "$UNIX" --listen "$TCP" >"$OUT/serve.out" 2>"$OUT/serve.err" &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null' EXIT
for _ in $(seq 150); do
    [ "$(grep -c '^listening' "$OUT/serve.out")" = 2 ] && break
    sleep 0.2
done
cat "$OUT/serve.out"

native() { LD_LIBRARY_PATH=$NATIVE_LIBRARIES timeout 120 "$@"; }
remote() { LD_LIBRARY_PATH=$NATIVE_LIBRARIES timeout "${LIMIT:-120}" "$PILLION" run --server "${VIA:-$UNIX}" -- "$@"; }

# Descriptors and mappings of the client while it runs: no /dev/nvidia*, no library of NVIDIA's driver.
watch_client() { # name, command...
    local name=$1; shift
    remote "$@" >"$OUT/$name.watched" 2>&1 &
    local pid=$! seen=0
    while kill -0 $pid 2>/dev/null; do
        for p in $pid $(pgrep -P $pid 2>/dev/null); do
            ls -l /proc/$p/fd 2>/dev/null | grep -q '/dev/nvidia' && seen=1
            grep -qE '/dev/nvidia|libcuda\.so\.[0-9]+\.[0-9]|libnvidia-' /proc/$p/maps 2>/dev/null && seen=1
        done
        sleep 0.02
    done
    [ $seen = 0 ] && echo "$name: the client did not touch the GPU" || echo "$name: THE CLIENT USED THE GPU ITSELF"
}

for step in "${steps[@]}"; do
    echo "== $step"
    case $step in
    programs)
        passed=0 failed=0
        : >"$OUT/programs.tsv"
        for program in programs/*; do
            case $program in *.expect | programs/random_program) continue ;; esac
            name=$(basename "$program")
            native "$program" 1 >"$OUT/native.log" 2>&1; n=$?
            verdict=ok
            for VIA in "$UNIX" "$TCP"; do
                remote "$program" 1 >"$OUT/remote.log" 2>&1; r=$?
                while IFS= read -r line; do
                    [ -z "$line" ] || grep -qF -- "$line" "$OUT/remote.log" || r=missing-output
                done <"$program.expect"
                [ "$r" = 0 ] || { verdict="FAILED($r)"; cp "$OUT/remote.log" "$OUT/failed-$name.log"; tail -4 "$OUT/remote.log"; }
            done
            VIA=$UNIX
            [ "$verdict" = ok ] && passed=$((passed + 1)) || { failed=$((failed + 1)); echo "$name native=$n $verdict"; }
            printf '%s\t%s\t%s\n' "$name" "$n" "$verdict" >>"$OUT/programs.tsv"
        done
        echo "$passed passed, $failed failed"
        watch_client matmul_tiled programs/matmul_tiled 1
        ;;
    random)
        for VIA in "$UNIX" "$TCP"; do LIMIT=200 remote programs/random_program --programs "${RANDOM_PROGRAMS:-500}" | tail -2; done
        VIA=$UNIX
        ;;
    bench)
        "$PILLION" bench --server "$UNIX,$TCP" --plot "$OUT/bench.svg" 2>&1 | tee "$OUT/bench.txt"
        ;;
    micro)
        nvcc -O2 -std=c++17 -arch=sm_90 -cudart static -o micro micro.cu || continue
        native ./micro >"$OUT/micro.native"
        remote ./micro >"$OUT/micro.unix"
        VIA=$TCP remote ./micro >"$OUT/micro.tcp"
        paste "$OUT/micro.native" "$OUT/micro.unix" "$OUT/micro.tcp" | awk '{print $1, $2, $4, $6}'
        ;;
    apps)
        names=${APPS:-resnet50_b8 mlp_train gpt_train}
        native python3 apps.py $names >"$OUT/apps.native" 2>&1
        LIMIT=300 remote python3 apps.py $names >"$OUT/apps.unix" 2>&1
        VIA=$TCP LIMIT=300 remote python3 apps.py $names >"$OUT/apps.tcp" 2>&1
        grep -hE '_ms|_loss|FAILED|Error' "$OUT/apps.native" | sed 's/^/native /'
        grep -hE '_ms|_loss|FAILED|Error' "$OUT/apps.unix" | sed 's/^/unix   /'
        grep -hE '_ms|_loss|FAILED|Error' "$OUT/apps.tcp" | sed 's/^/tcp    /'
        ;;
    *) echo "unknown step $step" ;;
    esac
done

left() { # the processes that this script, its server or its clients have started and that have not ended
    grep -lszxF "STARTED_BY=$SOCKET" /proc/[0-9]*/environ | cut -d/ -f3
}
hidden() { # processes of Pillion whose environment this user may not read
    local process program
    for process in /proc/[0-9]*; do
        { : <"$process/environ"; } 2>/dev/null && continue
        IFS= read -r -d '' program 2>/dev/null <"$process/cmdline" || continue
        [ "$program" -ef "$PILLION" ] && echo "${process#/proc/}"
    done
}
kill $server; wait $server 2>/dev/null
trap - EXIT
# Who looks is not looked for.
export -n STARTED_BY
# Workers end when their broker has.
for _ in $(seq 50); do
    rest=$(left | paste -sd,)
    [ -n "$rest" ] || break
    sleep 0.2
done
unseen=$(hidden | paste -sd' ')
if [ -n "$rest" ]; then
    echo "A PROCESS WAS LEFT BEHIND:"
    ps -o pid=,user=,args= -p "$rest"
elif [ -n "$unseen" ]; then
    echo "nothing that can be seen was left behind; whose these processes are, root can tell: $unseen"
else
    echo "nothing was left behind"
fi

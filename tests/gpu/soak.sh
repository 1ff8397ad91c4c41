#!/usr/bin/env bash
# Runs programs/soak (tests/cuda/soak.cu) for a time through Pillion while short programs come and go beside it, and watches what
# the broker and the worker hold: memory, descriptors, threads, and of the worker, at the end, what it knows of the program's
# objects. Ends with 1 if something fails or what they hold grows.
#
#   soak.sh SECONDS [SOAK'S OPTION...]
#
#   DEVICE   nvidia (the default) or cpu
#   SOAK     the built program (default gpu-bundle/programs/soak, or target/cuda-tests/soak)
#   BESIDE   the short program (default random_program beside it)
set -u
here=$(cd "$(dirname "$0")" && pwd)
seconds=${1:?"how many seconds?"}
shift
. "$here/server.sh"
. "$here/unpack.sh"
unpack "$root/gpu-bundle"
for folder in "$root/gpu-bundle/programs" "$root/target/cuda-tests"; do
    [ -n "${SOAK:-}" ] || { [ -x "$folder/soak" ] && SOAK=$folder/soak; }
done
[ -x "${SOAK:-}" ] || { echo "no soak: set SOAK to the built program"; exit 2; }
BESIDE=${BESIDE:-$(dirname "$SOAK")/random_program}
[ -d "$root/gpu-bundle/lib/cudart" ] && export LD_LIBRARY_PATH=$root/gpu-bundle/lib/cudart:${LD_LIBRARY_PATH:-}

hold() { # process: what it holds
    local resident threads descriptors
    resident=$(awk '/^RssAnon/ {print $2}' "/proc/$1/status" 2>/dev/null)
    threads=$(awk '/^Threads/ {print $2}' "/proc/$1/status" 2>/dev/null)
    descriptors=$(ls "/proc/$1/fd" 2>/dev/null | wc -l)
    echo "${resident:-0} ${threads:-0} $descriptors"
}

"$PILLION" run --server "$SERVER" -- "$SOAK" --seconds "$seconds" "$@" >"$OUT/soak.log" 2>"$OUT/soak.err" &
soak=$!
worker=
for _ in $(seq 100); do
    worker=$(sed -n 's/.*session begins.*soak.* worker=\([0-9]*\).*/\1/p' "$OUT/serve.err" | head -1)
    [ -n "$worker" ] && break
    sleep 0.2
done
[ -n "$worker" ] || { cat "$OUT/soak.err"; echo "the session does not begin"; exit 1; }
: >"$OUT/held.tsv"
began=$(date +%s) beside=0 failed=0
while kill -0 $soak 2>/dev/null; do
    echo "$(($(date +%s) - began)) $(hold $server) $(hold "$worker")" >>"$OUT/held.tsv"
    if [ -x "$BESIDE" ]; then
        beside=$((beside + 1))
        timeout 60 "$PILLION" run --server "$SERVER" -- "$BESIDE" --programs 3 --seed $beside >"$OUT/beside.log" 2>&1 || {
            failed=$((failed + 1))
            tail -2 "$OUT/beside.log"
        }
    fi
    sleep 1
done
wait $soak
status=$?
tail -5 "$OUT/soak.log"
[ $status = 0 ] || tail -5 "$OUT/soak.err"
sleep 2
echo "$beside programs beside it, of which $failed failed"
# What is held at most times in the last quarter, compared with the second: by then everything has been used once. What is held for a
# moment only, and is seen by chance, does not count.
awk '
    { for (i = 2; i <= 7; i++) v[NR, i] = $i }
    function middle(from, to, i,   k, n, j, x, sorted) {
        for (k = from; k <= to; k++) {
            x = v[k, i]
            for (j = n++; j > 0 && sorted[j - 1] > x; j--) sorted[j] = sorted[j - 1]
            sorted[j] = x
        }
        return sorted[int(n / 2)]
    }
    END {
        n = NR - 1; if (n < 12) { print "too short to say whether anything grows"; exit 0 }
        split("x resident_KiB threads descriptors resident_KiB threads descriptors", name, " ")
        for (i = 2; i <= 7; i++) {
            before = middle(int(n / 4) + 1, int(n / 2), i); after = middle(n - int(n / 4) + 1, n, i)
            allowed = i == 2 || i == 5 ? 8192 + before / 20 : 3
            grew = (after > before + allowed)
            printf("%s %s: %d in the second quarter, %d in the last%s\n", (i < 5 ? "broker" : "worker"), name[i], before, after, (grew ? "  GREW" : ""))
            if (grew) bad = 1
        }
        exit bad
    }' "$OUT/held.tsv"
grew=$?
# What the worker knew of when the session ended is what the program holds for good, however long it ran.
ended=$(grep "^worker $worker: .*session ended" "$OUT/serve.err" | tail -1)
for what in objects allocations; do
    count=$(sed -n "s/.* $what=\([0-9]*\).*/\1/p" <<<"$ended")
    echo "worker $what at the end: ${count:-unknown}"
    [ "${count:-1000}" -le 100 ] || { echo "$what GREW"; grew=1; }
done
left=$(pgrep -P $server | wc -l)
echo "workers that the broker has now: $left"
[ $status = 0 ] && [ $failed = 0 ] && [ $grew = 0 ] && echo "nothing grows" || { echo "THE SOAK FAILED"; exit 1; }

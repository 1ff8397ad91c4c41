#!/usr/bin/env bash
# Runs on a machine with an NVIDIA GPU and PyTorch: two programs to which more is promised together than the device has take turns on it, each
# parked while the other has it, and look whether all that they had is where it was; then one that is parked is killed, and one that the driver
# does not park goes on. Ends with 1 if something is not as it was, and then says where the workers are. Of each pair it prints what a session
# held on the device, and how long it took to move that to the host (`parked`) and back (`back`), each time.
#
#   parking.sh [ROUNDS]
#
#   QUOTA    what is promised to each: more than half of the device (default 80G)
#   WAYS     over what (default "unix tcp shm")
#   PROGRAMS which (default "kinds torch"): tests/driver/parking.c and one of PyTorch's
#   WITHOUT  the kinds of memory that the first is to be without (default "managed variable", which the driver does not move)
#   FLOATS   how many random floats PyTorch has there (default 268435456, a gigabyte)
#   SIZES    and how many in further pairs, over the first of the ways
#   SANDBOX  on (the default), log or off
#   PILLION, OUT  as in server.sh
set -u
rounds=${1:-3}
root=$(cd "$(dirname "$0")/../.." && pwd)
PILLION=${PILLION:-$root/gpu-bundle/bin/pillion}
OUT=${OUT:-$root/target/gpu-results}
mkdir -p "$OUT"
folder=$(mktemp -d)
chmod 755 "$folder"
server=
# All that was started is ended, and none of it is reported.
finish() {
    kill -9 $server $(jobs -p) 2>/dev/null
    wait 2>/dev/null
    rm -rf "$folder"
}
trap finish EXIT

cat >"$folder/holds.py" <<'PYTHON'
import sys
import torch
torch.manual_seed(int(sys.argv[1]))
torch.backends.cudnn.deterministic = True
held = torch.randn(int(sys.argv[2]), device="cuda")
model = torch.nn.Sequential(torch.nn.Conv2d(3, 64, 7, 2), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(8), torch.nn.Flatten(),
                            torch.nn.Linear(4096, 512)).cuda().eval()
given, beside = torch.randn(16, 3, 128, 128, device="cuda"), torch.cuda.Stream()
pinned, event = torch.empty(16, 512).pin_memory(), torch.cuda.Event()
with torch.no_grad(), torch.cuda.stream(beside):
    for _ in range(3):
        model(given)
torch.cuda.synchronize()
graph = torch.cuda.CUDAGraph()
with torch.no_grad(), torch.cuda.graph(graph):
    result = model(given)

def look():
    with torch.cuda.stream(beside):
        graph.replay()
        pinned.copy_(result, non_blocking=True)
        event.record()
    event.synchronize()
    with torch.no_grad():
        same = torch.equal(model(given).cpu(), pinned)
    return held.sum().item(), held[:: 1 << 16].sum().item(), held.data_ptr(), pinned.clone(), same

first = look()
print("ready", flush=True)
for _ in sys.stdin:
    now = look()
    same = now[:3] == first[:3] and torch.equal(now[3], first[3]) and now[4] == first[4]
    print("ok" if same else f"now {now}, at first {first}", flush=True)
PYTHON
cc -O1 -w -o "$folder/kinds" "$root/tests/driver/parking.c" -ldl || exit 2
for name in a b c; do "$PILLION" token create $name --file "$folder/tokens" >"$folder/token.$name" 2>/dev/null; done
cat >"$folder/pillion.toml" <<TOML
token-file = "$folder/tokens"
[everybody]
memory = "${QUOTA:-80G}"
[sharing]
park = true
park-after = 1
park-memory = "400G"
[[endpoint]]
listen = "unix://$folder/s"
[[endpoint]]
listen = "shm://$folder/m"
[[endpoint]]
listen = "tcp://127.0.0.1:7723"
TOML
"$PILLION" serve --device nvidia --sandbox "${SANDBOX:-on}" --config "$folder/pillion.toml" >"$folder/out" 2>"$OUT/parking.log" &
server=$!

of_way() {
    case $1 in unix) echo "unix://$folder/s" ;; shm) echo "shm://$folder/m" ;; *) echo "tcp://127.0.0.1:7723" ;; esac
}

fails() {
    echo "FAILED: $*"
    # The threads of workers, and the system calls in which they are.
    for worker in $(pgrep -P $server); do
        echo "worker $worker"
        for thread in /proc/"$worker"/task/*; do echo "  $(cat "$thread/comm") $(cut -d' ' -f1 "$thread/syscall" 2>/dev/null)"; done
    done
    exit 1
}

says() { # program, word, how often
    for _ in $(seq 600); do
        [ "$(grep -c "^$2$" "$folder/said.$1" 2>/dev/null)" -ge "$3" ] && return 0
        grep -v '^ready$\|^ok$\|^pillion: waiting' "$folder/said.$1" 2>/dev/null && fails "that is what $1 says"
        sleep 0.1
    done
    fails "$1 says nothing, and not $2 for the time $3"
}

begin() { # name, way, command...
    local name=$1 way=$2
    shift 2
    rm -f "$folder/input.$name" "$folder/said.$name"
    mkfifo "$folder/input.$name"
    # Whoever had the others' inputs as well would keep them from ending.
    PILLION_TOKEN=$(cat "$folder/token.$name") "$PILLION" run --server "$(of_way "$way")" -- "$@" \
        <"$folder/input.$name" >"$folder/said.$name" 2>&1 7>&- 8>&- 9>&- &
    child=$!
}

figures() { # from which line of the log on
    tail -n "+$1" "$OUT/parking.log" | grep -o 'parking: [a-z]* seconds=[0-9.e-]*\( held=[0-9]*\)\?' |
        awk '{ split($3, t, "="); list[$2] = list[$2] sprintf(" %.2f", t[2]); if ($4) { split($4, h, "="); held = h[2] } }
             END { printf "held %.2f GB, parked%s s, back%s s\n", held / 1e9, list["parked"], list["back"] }'
}

pair() { # what it is, way, orders, command...: the programs end when their input does
    local what=$1 way=$2 orders=$3 line order times=0 first second
    shift 3
    line=$(($(wc -l <"$OUT/parking.log") + 1))
    begin a "$way" "$@"
    first=$child
    exec 7>"$folder/input.a"
    says a ready 1
    begin b "$way" "$@"
    second=$child
    exec 8>"$folder/input.b"
    says b ready 1
    for _ in $(seq "$rounds"); do
        for order in $orders; do
            times=$((times + 1))
            echo "$order" >&7
            says a ok $times
        done
        times=$((times - $(wc -w <<<"$orders")))
        for order in $orders; do
            times=$((times + 1))
            echo "$order" >&8
            says b ok $times
        done
    done
    exec 7>&- 8>&-
    wait $first || fails "$what: the first ended with $?"
    wait $second || fails "$what: the second ended with $?"
    echo "$what over $way: $(figures "$line")"
}

for _ in $(seq 200); do [ "$(grep -c '^listening' "$folder/out")" = 3 ] && break; sleep 0.1; done
ways=${WAYS:-unix tcp shm}
read -ra kinds <<<"$folder/kinds $((RANDOM + 1)) ${WITHOUT-managed variable}"
for way in $ways; do
    case ${PROGRAMS:-kinds} in *kinds*) pair kinds "$way" "step check" "${kinds[@]}" ;; esac
    case ${PROGRAMS:-torch} in *torch*) pair torch "$way" look python3 "$folder/holds.py" $((RANDOM + 1)) "${FLOATS:-268435456}" ;; esac
done
for size in ${SIZES:-}; do
    rounds=1 pair "torch, $size floats" "${ways%% *}" look python3 "$folder/holds.py" 1 "$size"
done

# One that is parked is killed: the other goes on, and a third has the place that is left.
begin a tcp "${kinds[@]}"
killed=$child
exec 7>"$folder/input.a"
says a ready 1
begin b tcp "${kinds[@]}"
exec 8>"$folder/input.b"
says b ready 1
kill -9 "$killed"
wait "$killed" 2>/dev/null
exec 7>&-
echo check >&8
says b ok 1
begin c tcp "${kinds[@]}"
exec 9>"$folder/input.c"
says c ready 1
echo check >&8
says b ok 2
exec 8>&- 9>&-
wait $child || fails "the third ended with $?"
echo "parked and killed: the others went on"

# One with managed memory is not parked: it goes on, and who waits has the place when it has ended.
begin a tcp "$folder/kinds" 10
exec 7>"$folder/input.a"
says a ready 1
begin b tcp "${kinds[@]}"
exec 8>"$folder/input.b"
what="with managed memory, parked"
for _ in $(seq 100); do
    grep -q 'is not parked' "$OUT/parking.log" && what="with managed memory, not parked" && break
    sleep 0.1
done
for order in step check; do echo $order >&7; done
says a ok 2
exec 7>&-
says b ready 1
echo check >&8
says b ok 1
exec 8>&-
wait $child || fails "the last ended with $?"
echo "$what: it went on"
echo "all of it where it was"

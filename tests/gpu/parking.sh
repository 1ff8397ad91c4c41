#!/usr/bin/env bash
# Runs on a machine with an NVIDIA GPU and PyTorch: two programs to which more is promised together than the device has take turns on it, each
# parked while the other has it, and look whether all that they had is where it was. Ends with 1 if not, and then says where the workers are.
# What it took to park is in the log (`parked seconds=`), and so is what it took to come back (`back seconds=`).
#
#   parking.sh [ROUNDS]
#
#   QUOTA    what is promised to each: more than half of the device (default 80G)
#   FLOATS   how many random floats each has there (default 268435456, a gigabyte)
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
trap 'kill -9 $server $(jobs -p) 2>/dev/null; rm -rf "$folder"' EXIT
cat >"$folder/holds.py" <<'PYTHON'
import sys
import torch
torch.manual_seed(int(sys.argv[1]))
held = torch.randn(int(sys.argv[2]), device="cuda")
layer, given = torch.nn.Linear(4096, 4096).cuda(), torch.randn(64, 4096, device="cuda")
look = lambda: (held.sum().item(), layer(given).sum().item(), held[:: 1 << 16].sum().item(), held.data_ptr())
first = look()
print("ready", flush=True)
for _ in sys.stdin:
    print("same" if look() == first else "different", flush=True)
PYTHON
for name in a b; do "$PILLION" token create $name --file "$folder/tokens" >"$folder/token.$name" 2>/dev/null; done
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
TOML
"$PILLION" serve --device nvidia --sandbox "${SANDBOX:-on}" --config "$folder/pillion.toml" >"$folder/out" 2>"$OUT/parking.log" &
server=$!

says() { # program, word, how often
    for _ in $(seq 300); do
        [ "$(grep -c "^$2" "$folder/said.$1" 2>/dev/null)" -ge "$3" ] && return 0
        sleep 0.1
    done
    echo "FAILED: $1 does not say $2 for the time $3"
    tail -3 "$folder/said.$1"
    # The threads of workers, and the system calls in which they are.
    for worker in $(pgrep -P $server); do
        echo "worker $worker"
        for thread in /proc/"$worker"/task/*; do echo "  $(cat "$thread/comm") $(cut -d' ' -f1 "$thread/syscall" 2>/dev/null)"; done
    done
    exit 1
}

begin() { # program, seed
    mkfifo "$folder/input.$1"
    PILLION_TOKEN=$(cat "$folder/token.$1") "$PILLION" run --server "unix://$folder/s" -- \
        python3 "$folder/holds.py" "$2" "${FLOATS:-268435456}" <"$folder/input.$1" >"$folder/said.$1" 2>&1 &
}

for _ in $(seq 200); do grep -q '^listening' "$folder/out" && break; sleep 0.1; done
begin a 1
exec 7>"$folder/input.a"
says a ready 1
begin b 2
exec 8>"$folder/input.b"
says b ready 1
for round in $(seq "$rounds"); do
    echo look >&7
    says a same "$round"
    echo look >&8
    says b same "$round"
done
grep -o 'parking: .*' "$OUT/parking.log"
echo "$rounds rounds, all of it where it was"

#!/usr/bin/env bash
# Runs on a machine with an NVIDIA GPU, from the folder that `cargo xtask gpu-bundle` makes: asks NVML and nvidia-smi natively,
# then through a Pillion server on the same machine, and compares what does not change from one moment to the next.
#
#   ./nvml.sh        results below $OUT (default ./results/nvml); exits with 1 if anything differs that should not
set -u
cd "$(dirname "$0")"
OUT=${OUT:-$PWD/results/nvml}
mkdir -p "$OUT"
PILLION=$PWD/bin/pillion
SOCKET=$(mktemp -d)/pillion.sock
UNIX=unix://$SOCKET
TCP=tcp://127.0.0.1:7721
failures=0

"$PILLION" serve --device nvidia --listen "$UNIX" --listen "$TCP" >"$OUT/serve.out" 2>"$OUT/serve.err" &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null' EXIT
for _ in $(seq 150); do
    [ "$(grep -c '^listening' "$OUT/serve.out")" = 2 ] && break
    sleep 0.2
done
cat "$OUT/serve.out"

remote() { timeout 120 "$PILLION" run --server "${VIA:-$UNIX}" -- "$@"; }
verdict() { # status, what
    if [ "$1" = 0 ]; then echo "ok      $2"; else echo "FAILED  $2"; failures=$((failures + 1)); fi
}

# The library itself, call by call.
timeout 120 bin/nvml-query >"$OUT/query.native"
verdict $? "the library natively"
for VIA in "$UNIX" "$TCP"; do
    remote bin/nvml-query "$OUT/query.native" >"$OUT/query.remote" 2>"$OUT/query.differs"
    verdict $? "the library through ${VIA%%:*}: $(grep -c . "$OUT/query.remote") answers as natively"
    head -30 "$OUT/query.differs"
done
VIA=$UNIX

# Sections and values of `nvidia-smi -q` that change on their own. A section is a line without a value, indented by four.
steady() {
    awk '
        /^Timestamp/ { next }
        /^    [^ ]/ { section = $0; sub(/ *:.*/, "", section); gsub(/^ +/, "", section) }
        section ~ /^(Utilization|Clocks|Clocks Event Reasons.*|Processes|Fan Speed|Performance State|GPU Memory Utilization|Encoder Stats|FBC Stats|DRAM Utilization Samples|Voltage)$/ { next }
        /(Used|Free|Draw|Current Temp|Tx Throughput|Rx Throughput|Replays Since Reset|Replay Number Rollovers|Process|Name +: .*\/|Uptime) *[:(]/ { next }
        section == "Temperature" && /Current|GPU T.Limit Temp/ { next }
        /Device Current|Current +: [0-9]+(x)?$/ && section == "PCI" { next }
        { print }
    '
}
if ! command -v nvidia-smi >/dev/null; then
    echo "skipped nvidia-smi: it is not installed"
else
    # name, then the command. $OUT/NAME.native and $OUT/NAME.remote are kept.
    both() {
        local name=$1 n r; shift
        timeout 120 "$@" >"$OUT/$name.native" 2>&1; n=$?
        remote "$@" >"$OUT/$name.remote" 2>&1; r=$?
        verdict $((n != r)) "$*: exits with $r, natively $n"
        diff <(steady <"$OUT/$name.native") <(steady <"$OUT/$name.remote") >"$OUT/$name.diff"
        verdict $? "$*: $(grep -c '^[<>]' "$OUT/$name.diff") of $(steady <"$OUT/$name.native" | grep -c .) lines differ"
        head -20 "$OUT/$name.diff"
    }
    both list nvidia-smi -L
    both csv nvidia-smi --query-gpu=name,uuid,memory.total,driver_version,pci.bus_id,power.limit,clocks.max.sm,compute_cap --format=csv
    both full nvidia-smi -q
    # Which processors are near differs: all of the client's are. The tables must come.
    remote nvidia-smi topo -m >"$OUT/topology.remote" 2>&1
    verdict $? "nvidia-smi topo -m"
    cat "$OUT/topology.remote"
    remote nvidia-smi >"$OUT/table.remote" 2>&1
    verdict $? "nvidia-smi"
    cat "$OUT/table.remote"
fi

# A program of this client is shown with its own process number, where the driver tells of processes at all.
if command -v nvidia-smi >/dev/null; then
    remote python3 -c 'import ctypes, os, sys, time
cuda = ctypes.CDLL("libcuda.so.1")
context = ctypes.c_void_p()
assert cuda.cuInit(0) == 0 and cuda.cuDevicePrimaryCtxRetain(ctypes.byref(context), 0) == 0
open(sys.argv[1], "w").write(str(os.getpid()))
time.sleep(15)' "$OUT/holder.pid" &
    holder=$!
    sleep 6
    native=$(nvidia-smi --query-compute-apps=pid,process_name,used_memory --format=csv,noheader)
    shown=$(remote nvidia-smi --query-compute-apps=pid,process_name,used_memory --format=csv,noheader)
    echo "processes natively: ${native:-none}"
    echo "processes through Pillion: ${shown:-none}"
    "$PILLION" status --server "$UNIX" | sed -n '/program/,$p'
    if [ -z "$native" ]; then
        echo "skipped the list of processes: this driver does not tell of any (a container has no view of them)"
    else
        grep -q "^$(cat "$OUT/holder.pid")," <<<"$shown"
        verdict $? "the program is in the list with its own number"
    fi
    wait $holder
fi

# Asking must not make a context: one takes hundreds of MiB on the GPU.
if command -v nvidia-smi >/dev/null; then
    before=$(nvidia-smi --query-gpu=memory.used --format=csv,noheader,nounits | head -1)
    remote python3 -c 'import ctypes, time
nvml = ctypes.CDLL("libnvidia-ml.so.1")
assert nvml.nvmlInit_v2() == 0
time.sleep(6)' &
    holder=$!
    sleep 4
    after=$(nvidia-smi --query-gpu=memory.used --format=csv,noheader,nounits | head -1)
    wait $holder
    verdict $((after - before > 50)) "a session for NVML alone uses $((after - before)) MiB of the GPU"
fi
[ $failures = 0 ] && echo "all is as natively" || echo "$failures failed"
exit $((failures != 0))

# For the scripts beside this one: finds Pillion, starts a server on the GPU (or on DEVICE), and runs commands natively and through it.
#
#   PILLION  the pillion program (by default that of the folder gpu-bundle, or of target/dist)
#   OUT      where logs go (by default target/gpu-results)
#   LIMIT    most seconds that one command may take
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
OUT=${OUT:-$root/target/gpu-results}
mkdir -p "$OUT"
if [ -z "${PILLION:-}" ]; then
    for candidate in "$root/gpu-bundle/bin/pillion" "$root/target/dist/bin/pillion" "$root/bin/pillion"; do
        [ -x "$candidate" ] && PILLION=$candidate && break
    done
fi
[ -x "${PILLION:-}" ] || { echo "no pillion: set PILLION to the program"; exit 2; }

sockets=$(mktemp -d)
SERVER=unix://$sockets/pillion.sock
"$PILLION" serve --device "${DEVICE:-nvidia}" --listen "$SERVER" >"$OUT/serve.out" 2>"$OUT/serve.err" &
server=$!
stop_server() {
    kill "$server" 2>/dev/null
    wait "$server" 2>/dev/null
    rm -rf "$sockets"
}
trap stop_server EXIT
for _ in $(seq 150); do
    grep -q '^listening' "$OUT/serve.out" && break
    kill -0 "$server" 2>/dev/null || { cat "$OUT/serve.err"; exit 2; }
    sleep 0.2
done

# The last seconds of a command that hangs are of no use: it is killed outright.
native() { timeout -k 2 "${LIMIT:-120}" "$@"; }
remote() { timeout -k 2 "${LIMIT:-120}" "$PILLION" run --server "$SERVER" -- "$@"; }

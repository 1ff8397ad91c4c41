#!/usr/bin/env bash
# Builds NVIDIA's cuda-samples as they are. On a machine with an NVIDIA GPU and nvcc: runs each natively and, where that works,
# through Pillion, and prints which of them end differently. With `--device cpu`, on any machine: runs each on the CPU device,
# but for those that use what it does not have, which are listed. Ends with 1 if one differs, or fails.
#
#   samples.sh [--device cpu] FOLDER [PART...]     FOLDER holds the samples' Samples/ and Common/; with PARTs, only samples whose path
#                                                  holds one of them
#
# The samples are not in this repository. To get them, on a machine with a network (4_CUDA_Libraries needs CUDA's libraries;
# samples that need OpenGL, MPI, NPP or other software that is not there fail to build and are counted as such):
#
#   git clone --depth 1 --branch v13.0 https://github.com/NVIDIA/cuda-samples
#
# For the CPU device, first `cargo xtask demo`, which makes target/dist and gets nvcc. Headers that some samples want, and MPI, are
# fetched from PyPI into OUT then.
#
#   ARCH         what nvcc builds for (default sm_90; compute_75 for the CPU device)
#   JOBS         compilers at once (default: all cores)
#   RUNS         programs at once (default 4; on the CPU device always 1)
#   BUILD_LIMIT  seconds for building all of them (default 150; 3600 for the CPU device)
#   LIMIT        seconds for one run (default 20 natively, three times that through Pillion; 300 on the CPU device)
set -u
here=$(cd "$(dirname "$0")" && pwd)
DEVICE=nvidia
[ "${1:-}" = --device ] && [ $# -ge 2 ] && { DEVICE=$2; shift 2; }
[ $# -ge 1 ] && [ -d "$1/Samples" ] || { sed -n '2,25p' "$0"; exit 2; }
samples=$(cd "$1" && pwd)
shift
. "$here/server.sh"
python=python3
if [ "$DEVICE" = cpu ]; then
    if [ ! -e "$OUT/venv/done" ]; then
        python3 -m venv "$OUT/venv" && "$OUT/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps \
            "nvidia-cuda-profiler-api==13.0.*" "nvidia-nvtx==13.0.*" "nvidia-curand==10.4.0.*" "mpich==4.3.*" &&
            touch "$OUT/venv/done"
    fi
    [ -e "$OUT/venv/done" ] && python=$OUT/venv/bin/python3 PATH=$PATH:$OUT/venv/bin
fi
ROOT=$root DEVICE=$DEVICE PILLION=$PILLION SERVER=$SERVER OUT=$OUT "$python" "$here/samples.py" "$samples" "$@"

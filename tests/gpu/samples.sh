#!/usr/bin/env bash
# Runs on a machine with an NVIDIA GPU and nvcc: builds NVIDIA's cuda-samples as they are, runs each natively and, where that
# works, through Pillion, and prints which of them end differently. Ends with 1 if any does.
#
#   samples.sh FOLDER [PART...]     FOLDER holds the samples' Samples/ and Common/; with PARTs, only samples whose path holds one
#
# The samples are not in this repository. To get them, on a machine with a network (4_CUDA_Libraries needs CUDA's libraries;
# samples that need OpenGL, MPI, NPP or other software that is not there fail to build and are counted as such):
#
#   git clone --depth 1 --branch v13.0 https://github.com/NVIDIA/cuda-samples
#
#   ARCH         what nvcc builds for (default sm_90)
#   JOBS         compilers at once (default: all cores)
#   RUNS         programs at once (default 4)
#   BUILD_LIMIT  seconds for building all of them (default 150)
#   LIMIT        seconds for one run (default 20 natively, three times that through Pillion)
set -u
here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 1 ] && [ -d "$1/Samples" ] || { sed -n '2,18p' "$0"; exit 2; }
samples=$(cd "$1" && pwd)
shift
. "$here/server.sh"
PILLION=$PILLION SERVER=$SERVER OUT=$OUT python3 "$here/samples.py" "$samples" "$@"

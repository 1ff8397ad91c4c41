#!/usr/bin/env bash
# Runs on a machine with an NVIDIA GPU, nvcc and CUDA's libraries: builds the programs of tests/libs, with the libraries
# linked statically where there are static ones, and dynamically, and runs each natively and through Pillion.
#
#   libs.sh [NAME...]      cublas, cufft, ... (default all)
#
#   SEED    what the programs take their input from (default 1)
#   LIMIT   most seconds for one run (default 60)
#   ARCH    what nvcc builds for (default sm_90)
set -u
LIMIT=${LIMIT:-60}
here=$(cd "$(dirname "$0")" && pwd)
. "$here/server.sh"
build=$OUT/libs
mkdir -p "$build"
nvcc=$(command -v nvcc || echo /usr/local/cuda/bin/nvcc)
toolkit=$(cd "$(dirname "$(readlink -f "$nvcc")")/.." && pwd)
# The toolkit's folders, and those of NVIDIA's Python packages, which hold libraries without the names that linkers look for.
folders=()
includes=()
search=()
for folder in "$toolkit/lib64" "$toolkit/targets/x86_64-linux/lib" "$toolkit/lib"; do [ -d "$folder" ] && folders+=("$folder") && search+=("-L$folder"); done
packages=$(python3 -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])' 2>/dev/null)
for folder in "$packages"/nvidia/*/lib /usr/lib/x86_64-linux-gnu; do [ -d "$folder" ] && folders+=("$folder"); done
for folder in "$packages"/nvidia/*/include; do [ -d "$folder" ] && includes+=("-I$folder"); done

find_library() { # pattern...: the first file
    local folder pattern file
    for pattern in "$@"; do
        for folder in "${folders[@]}"; do
            for file in "$folder"/$pattern; do [ -e "$file" ] && { echo "$file"; return 0; }; done
        done
    done
    return 1
}

make_one() { # name, static or dynamic; says why not
    local source=$root/tests/libs/$1.cu out=$build/$1-$2 library file arguments=()
    local flags libraries needs
    flags=$(sed -n 's,^// nvcc: *,,p' "$source")
    libraries=$(sed -n 's,^// libs: *,,p' "$source")
    needs=$(sed -n 's,^// needs: *,,p' "$source")
    if [ -n "$needs" ] && ! echo "#include <$needs>" | "$nvcc" "${includes[@]}" -x cu -E - >/dev/null 2>&1; then
        echo "no $needs"
        return 1
    fi
    for library in $libraries; do
        if [ "$2" = static ]; then
            file=$(find_library "lib${library}_static.a") || { echo "no lib${library}_static.a"; return 1; }
            arguments+=("$file")
        else
            file=$(find_library "lib$library.so" "lib$library.so.[0-9]*") || { echo "no lib$library.so"; return 1; }
            arguments+=("$file" "-Xlinker=-rpath=$(dirname "$file")")
        fi
    done
    if [ "$2" = static ]; then
        [ -n "$libraries" ] || { echo "it has no library"; return 1; }
        # What the static libraries need of one another; those that are already there come again for the linker's sake.
        for library in cusparse_static cublas_static cublasLt_static nvJitLink_static nvrtc_static nvrtc-builtins_static nvptxcompiler_static culibos; do
            case "$libraries$library" in
            *nvrtc*nvrtc*_static | *nvJitLink*nv*_static | *cusparse*nvJitLink_static | *cusolver*_static | *cublas*cublas*_static | *culibos | *nvptxcompiler_static)
                file=$(find_library "lib$library.a") && arguments+=("$file") ;;
            esac
        done
        arguments+=(-ldl -lpthread -lrt)
    fi
    "$nvcc" -O1 -std=c++17 "-arch=${ARCH:-sm_90}" $flags "${includes[@]}" "${search[@]}" -o "$out" "$source" "${arguments[@]}" >"$out.log" 2>&1 || { grep -m1 -iE 'error|undefined' "$out.log" || tail -1 "$out.log"; return 1; }
}

names=("$@")
[ ${#names[@]} -gt 0 ] || for file in "$root"/tests/libs/*.cu; do names+=("$(basename "$file" .cu)"); done
for name in "${names[@]}"; do
    for kind in static dynamic; do make_one "$name" $kind >"$build/$name-$kind.why" & done
done
for job in $(jobs -p); do [ "$job" = "$server" ] || wait "$job"; done

bad=0 ran=0
printf '%-12s %-8s %-10s %-10s\n' program linked native pillion
for name in "${names[@]}"; do
    for kind in static dynamic; do
        program=$build/$name-$kind
        if [ ! -x "$program" ]; then
            printf '%-12s %-8s not built: %s\n' "$name" $kind "$(head -c 150 "$program.why")"
            continue
        fi
        ran=$((ran + 1))
        native "$program" "${SEED:-1}" >"$program.native" 2>&1; n=$?
        remote "$program" "${SEED:-1}" >"$program.remote" 2>&1; r=$?
        printf '%-12s %-8s %-10s %-10s\n' "$name" $kind $n $r
        [ $n = 0 ] || tail -2 "$program.native" | sed 's/^/    native  /'
        [ $r = $n ] || { bad=1; tail -2 "$program.remote" | sed 's/^/    pillion /'; }
    done
done
[ $ran -gt 0 ] || { echo "nothing was built"; exit 2; }
[ $bad = 0 ] && echo "$ran programs, all the same" || echo "THERE ARE DIFFERENCES"
exit $bad

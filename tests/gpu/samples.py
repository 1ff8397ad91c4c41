"""For samples.sh: builds the samples by what their CMakeLists.txt say, without CMake, and runs them: natively and through
Pillion, or on the CPU device."""

import concurrent.futures
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time

source, parts = sys.argv[1], sys.argv[2:]
on_cpu = os.environ["DEVICE"] == "cpu"
arch = os.environ.get("ARCH", "compute_75" if on_cpu else "sm_90")
limit = float(os.environ.get("LIMIT", 300 if on_cpu else 20))
deadline = time.time() + float(os.environ.get("BUILD_LIMIT", 3600 if on_cpu else 150))
work = os.path.join(os.environ["OUT"], "samples")
nvcc = next(p for p in (shutil.which("nvcc"), "/usr/local/cuda/bin/nvcc", os.environ["ROOT"] + "/target/toolkit/nvidia/cu13/bin/nvcc", "nvcc")
            if p and (p == "nvcc" or os.path.exists(p)))
toolkit = os.path.dirname(os.path.dirname(os.path.realpath(nvcc)))
packages = os.path.join(sysconfig.get_paths()["purelib"], "nvidia")
folders = [f"{toolkit}/lib64", f"{toolkit}/targets/x86_64-linux/lib", f"{toolkit}/lib", f"{toolkit}/lib64/stubs", f"{toolkit}/targets/x86_64-linux/lib/stubs",
           *glob.glob(f"{packages}/*/lib"), os.path.realpath(os.path.dirname(os.environ["PILLION"]) + "/../lib/pillion"), "/usr/local/nvidia/lib64", "/usr/lib/x86_64-linux-gnu"]
includes = [f"-I{source}/Common", f"-I{source}/Common/UtilNPP", *(f"-I{p}" for p in glob.glob(f"{packages}/*/include"))]
search = [f"-L{f}" for f in folders[:3] if os.path.isdir(f)]
args_of = {}
if os.path.exists(f"{source}/test_args.json"):
    args_of = json.load(open(f"{source}/test_args.json"))


def library(name):
    static = name.endswith("_static")
    for folder in folders:
        for pattern in ([f"lib{name}.a"] if static else [f"lib{name}.so", f"lib{name}.so.[0-9]*"]):
            found = sorted(glob.glob(f"{folder}/{pattern}"))
            if found:
                # The driver is found when the program runs, not where it was linked.
                return [found[0]] if static or name == "cuda" else [found[0], f"-Xlinker=-rpath={folder}"]
    return [f"-l{name}"]


def target(arch, linked=False):
    """Options that make nvcc compile for `arch`: PTX alone for compute_XY, with machine code if device code is linked, which nvcc
    demands; the CPU device takes the PTX that it was made from."""
    if not arch.startswith("compute_"):
        return [f"-arch={arch}"]
    return ["-gencode", f"arch={arch},code=" + (f"[{arch},{arch.replace('compute', 'sm')}]" if linked else arch)]


# What a program calls of CUDA's libraries, by their names in CMake.
CALLS = {
    "CUDA::cublas": r"\bcublas[A-Z]\w*\s*\(", "CUDA::cusparse": r"\bcusparse[A-Z]\w*\s*\(", "CUDA::cusolver": r"\bcusolver[A-Z]\w*\s*\(",
    "CUDA::cufft": r"\bcufft[A-Z]\w*\s*\(", "CUDA::curand": r"\bcurand[A-Z]\w*\s*\(", "CUDA::npp": r"\bnpp[is]\w*\s*\(",
    "CUDA::nvjpeg": r"\bnvjpeg[A-Z]\w*\s*\(", "CUDA::nvrtc": "nvrtc", "nvJitLink": "nvJitLink"}
# Samples that the CPU device cannot pass for another reason.
CANNOT = {
    "systemWideAtomics": "the host and a kernel change the same memory at the same time",
    "UnifiedMemoryPerf": "takes hours: 800 products of matrices of 2048 x 2048 alone"}


def lacking(folder, cmake):
    """What the CPU device does not have, of what a sample uses."""
    text = ""
    for path in glob.glob(f"{folder}/**", recursive=True):
        if re.search(r"\.(cu|cuh|h|hpp|inl|c|cpp)$", path):
            text += open(path, errors="replace").read()
    text = re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S)
    # What is linked and not called is left out.
    libraries = [name.removeprefix("CUDA::") for name, call in CALLS.items() if name in cmake and re.search(call, text)]
    return [what for what, used in (
        ("graphics", re.search(r"find_package\s*\(\s*(OpenGL|GLUT|Vulkan|EGL|NVSCI)|Windows-only", cmake)),
        ("textures", re.search(r"\b(tex[123]D|texCubemap|surf[123]D)\w*\s*[<(]", text)),
        ("tensor cores", re.search(r"\bwmma::|\bmma\.sync", text)),
        ("dynamic parallelism", os.path.basename(folder).startswith("cdp")),
        ("a closed library: " + ", ".join(libraries), libraries),
        (CANNOT.get(os.path.basename(folder)), os.path.basename(folder) in CANNOT)) if used]


class Sample:
    def __init__(self, folder):
        self.origin = folder
        self.name = os.path.basename(folder)
        self.folder = os.path.join(work, os.path.basename(os.path.dirname(folder)), self.name)
        self.why = ""
        self.lacking = lacking(folder, re.sub(r"#.*", "", open(f"{folder}/CMakeLists.txt").read())) if on_cpu else []
        self.program = None
        self.results = {}

    def say(self, command):
        left = deadline - time.time()
        if left < 1:
            raise RuntimeError("no time left")
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=left)
        if done.returncode:
            lines = (done.stderr + done.stdout).splitlines()
            raise RuntimeError(next((l for l in lines if re.search("error|undefined|No such file", l)), (lines or ["?"])[-1])[:160])

    def build(self):
        try:
            shutil.copytree(self.origin, self.folder, dirs_exist_ok=True)
            text = re.sub(r"#.*", "", open(f"{self.origin}/CMakeLists.txt").read())
            found = re.search(r"add_executable\s*\(\s*(\S+)\s+([^)]*)\)", text)
            if not found:
                raise RuntimeError("its CMakeLists.txt has no add_executable")
            # A file outside the sample's folder is one of Common's.
            files = [f"{self.origin}/{f}" if f.startswith("..") else f for f in found.group(2).replace("${CMAKE_CURRENT_SOURCE_DIR}/", "").split() if "$" not in f]
            libraries = []
            for name in sorted(set(re.findall(r"CUDA::(\w+)", text))):
                if name == "cuda_driver" or name != "cudart" and not on_cpu:
                    libraries += library({"cuda_driver": "cuda"}.get(name, name))
                if name.endswith("_static"):
                    libraries += library("culibos_static") if glob.glob(f"{toolkit}/lib64/libculibos_static.a") else ["-lculibos"]
            if "nvJitLink" in text:
                libraries += library("nvJitLink")
            openmp = ["-Xcompiler", "-fopenmp"] if "OpenMP" in text else []
            kernels = dict(re.findall(r"set\((CUDA_KERNEL_SOURCE|CUDA_FATBIN_FILE|CUDA_PTX_FILE)\s+\"\$\{\w+\}/([^\"]+)\"", text))
            if "CUDA_FATBIN_FILE" in kernels:
                self.say([nvcc, *target(arch), *includes, "-fatbin", "-o", kernels["CUDA_FATBIN_FILE"], kernels["CUDA_KERNEL_SOURCE"]])
            if "CUDA_PTX_FILE" in kernels:
                self.say([nvcc, *includes, "-ptx", "-o", kernels["CUDA_PTX_FILE"], kernels["CUDA_KERNEL_SOURCE"]])
            mpi = ["-ccbin", "mpicxx"] if "find_package(MPI)" in text else []
            command = [nvcc, "-O1", "-std=c++17", "--extended-lambda", "-w", "-I.", *(["-Iinc"] if os.path.isdir(f"{self.folder}/inc") else []), *includes, *openmp, *mpi, "-o", self.name + ".run", *files, *search, *libraries, "-lrt"]
            # Linking device code takes time, so only where it has to be.
            everything = "".join(open(f if os.path.isabs(f) else f"{self.folder}/{f}", errors="replace").read() for f in files)
            device_runtime = "cdp" in self.name or re.search("cudaGraphSetConditional|cudaStreamTailLaunch|cudaStreamFireAndForget", everything)
            try:
                self.say(command + target(arch, device_runtime) + (["-rdc=true"] if device_runtime else []))
            except RuntimeError as error:
                if device_runtime or "Unresolved extern" not in str(error) and "undefined" not in str(error):
                    raise
                self.say(command + target(arch, True) + ["-rdc=true"])
            self.program = os.path.join(self.folder, self.name + ".run")
        except subprocess.TimeoutExpired:
            self.why = "no time left"
        except Exception as error:
            self.why = str(error) or repr(error)
        return self

    def run(self, way):
        given = args_of.get(self.name, {})
        runs = [run["args"] for run in given.get("runs", [{"args": given.get("args", [])}])]
        before = [os.environ["PILLION"], "run", "--server", os.environ["SERVER"], "--"] if way == "pillion" else []
        seconds = limit * (3 if before and not on_cpu else 1)
        began = time.time()
        with open(f"{self.folder}/{way}.log", "wb") as log:
            # Of a sample that is run several times the first run stands for all where a GPU's time is spent.
            for args in runs if on_cpu else runs[:1]:
                # Programs that start others end with them.
                status = subprocess.run(["timeout", "-k", "2", str(seconds), *before, self.program, *args], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log).returncode
                if status:
                    break
        self.results[way] = status, time.time() - began
        return self

    def tail(self, way):
        lines = open(f"{self.folder}/{way}.log", errors="replace").read().splitlines()
        return [l[:200] for l in lines if l.strip()][-3:]


chosen = [Sample(os.path.dirname(f)) for f in sorted(glob.glob(f"{source}/Samples/*/*/CMakeLists.txt"))
          if not parts or any(p in f for p in parts)]
chosen = [s for s in chosen if on_cpu or not args_of.get(s.name, {}).get("skip")]
excluded = [s for s in chosen if s.lacking]
chosen = [s for s in chosen if not s.lacking]
began = time.time()
with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS", os.cpu_count()))) as pool:
    list(pool.map(Sample.build, chosen))
built = [s for s in chosen if s.program]
print(f"{len(built)} of {len(chosen)} samples built in {time.time() - began:.0f} s", flush=True)
for sample in chosen:
    if not sample.program:
        print(f"  not built: {sample.name}: {sample.why}")


def cpu():
    """Runs each on the CPU device, which nothing else uses meanwhile."""
    failed, passed, waived = [], 0, 0
    for sample in built:
        status, seconds = sample.run("pillion").results["pillion"]
        # Some say that they failed and end with 0.
        if status == 0 and re.search(r"\bFAIL(ED)?\b|Test failed", open(f"{sample.folder}/pillion.log", errors="replace").read()):
            status = 1
        # Samples end with 2 where they want what a machine does not have, such as a second GPU.
        word = {0: "passes", 2: "waived", 124: "TOO SLOW"}.get(status, f"FAILED ({status})")
        print(f"{sample.name:34} {seconds:8.1f} s  {word}", flush=True)
        if status:
            for line in sample.tail("pillion"):
                print("    " + line)
        passed += status == 0
        waived += status == 2
        if status not in (0, 2):
            failed.append(sample)
    print(f"\n{passed} of {len(chosen)} pass, {waived} are waived")
    print(f"{len(excluded)} samples are not for the CPU device:")
    for sample in excluded:
        print(f"  {sample.name:34} {', '.join(sample.lacking)}")
    print("none fails" if not failed and len(built) == len(chosen) else "THESE FAIL: " + " ".join(s.name for s in chosen if s in failed or not s.program))
    return 1 if failed or len(built) < len(chosen) else 0


def gpu():
    """Runs each natively and, where that works, through Pillion."""
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("RUNS", 4))) as pool:
        list(pool.map(lambda s: s.run("native"), built))
        passed = [s for s in built if s.results["native"][0] == 0]
        print(f"{len(passed)} of them end with 0 natively", flush=True)
        for sample in built:
            if sample.results["native"][0]:
                print(f"  {sample.name}: {sample.results['native'][0]}: {' / '.join(sample.tail('native')[-1:])}")
        list(pool.map(lambda s: s.run("pillion"), passed))
    different = [s for s in passed if s.results["pillion"][0] != 0]
    print(f"{len(passed) - len(different)} of those end with 0 through Pillion\n")
    print(f"{'sample':34} {'native s':>9} {'pillion s':>9}")
    for sample in passed:
        if sample not in different:
            print(f"{sample.name:34} {sample.results['native'][1]:9.2f} {sample.results['pillion'][1]:9.2f}")
    for sample in different:
        print(f"DIFFERENT {sample.name}: ended with {sample.results['pillion'][0]} through Pillion")
        for line in sample.tail("pillion"):
            print("    " + line)
    print("all the same" if not different else "THERE ARE DIFFERENCES")
    return 1 if different else 0


sys.exit(cpu() if on_cpu else gpu())

"""For samples.sh: builds the samples by what their CMakeLists.txt say, without CMake, and runs them both ways."""

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
arch = os.environ.get("ARCH", "sm_90")
limit = float(os.environ.get("LIMIT", 20))
deadline = time.time() + float(os.environ.get("BUILD_LIMIT", 150))
work = os.path.join(os.environ["OUT"], "samples")
nvcc = shutil.which("nvcc") or "/usr/local/cuda/bin/nvcc"
toolkit = os.path.dirname(os.path.dirname(os.path.realpath(nvcc)))
packages = os.path.join(sysconfig.get_paths()["purelib"], "nvidia")
folders = [f"{toolkit}/lib64", f"{toolkit}/targets/x86_64-linux/lib", f"{toolkit}/lib", f"{toolkit}/lib64/stubs", f"{toolkit}/targets/x86_64-linux/lib/stubs",
           *glob.glob(f"{packages}/*/lib"), "/usr/local/nvidia/lib64", "/usr/lib/x86_64-linux-gnu"]
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


class Sample:
    def __init__(self, folder):
        self.origin = folder
        self.name = os.path.basename(folder)
        self.folder = os.path.join(work, os.path.basename(os.path.dirname(folder)), self.name)
        self.why = ""
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
                if name != "cudart":
                    libraries += library({"cuda_driver": "cuda"}.get(name, name))
                if name.endswith("_static"):
                    libraries += library("culibos_static") if glob.glob(f"{toolkit}/lib64/libculibos_static.a") else ["-lculibos"]
            if "nvJitLink" in text:
                libraries += library("nvJitLink")
            openmp = ["-Xcompiler", "-fopenmp"] if "OpenMP" in text else []
            kernels = dict(re.findall(r"set\((CUDA_KERNEL_SOURCE|CUDA_FATBIN_FILE|CUDA_PTX_FILE)\s+\"\$\{\w+\}/([^\"]+)\"", text))
            if "CUDA_FATBIN_FILE" in kernels:
                self.say([nvcc, f"-arch={arch}", *includes, "-fatbin", "-o", kernels["CUDA_FATBIN_FILE"], kernels["CUDA_KERNEL_SOURCE"]])
            if "CUDA_PTX_FILE" in kernels:
                self.say([nvcc, *includes, "-ptx", "-o", kernels["CUDA_PTX_FILE"], kernels["CUDA_KERNEL_SOURCE"]])
            command = [nvcc, "-O1", "-std=c++17", f"-arch={arch}", "--extended-lambda", "-w", "-I.", *includes, *openmp, "-o", self.name + ".run", *files, *search, *libraries, "-lrt"]
            # Linking device code takes time, so only where it has to be.
            everything = "".join(open(f if os.path.isabs(f) else f"{self.folder}/{f}", errors="replace").read() for f in files)
            device_runtime = "cdp" in self.name or re.search("cudaGraphSetConditional|cudaStreamTailLaunch|cudaStreamFireAndForget", everything)
            try:
                self.say(command + (["-rdc=true"] if device_runtime else []))
            except RuntimeError as error:
                if device_runtime or "Unresolved extern" not in str(error) and "undefined" not in str(error):
                    raise
                self.say(command + ["-rdc=true"])
            self.program = os.path.join(self.folder, self.name + ".run")
        except subprocess.TimeoutExpired:
            self.why = "no time left"
        except Exception as error:
            self.why = str(error) or repr(error)
        return self

    def run(self, way):
        given = args_of.get(self.name, {})
        args = given.get("args", (given.get("runs") or [{}])[0].get("args", []))
        before = [os.environ["PILLION"], "run", "--server", os.environ["SERVER"], "--"] if way == "pillion" else []
        seconds = limit * (3 if before else 1)
        began = time.time()
        with open(f"{self.folder}/{way}.log", "wb") as log:
            # Programs that start others end with them.
            status = subprocess.run(["timeout", "-k", "2", str(seconds), *before, self.program, *args], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log).returncode
        self.results[way] = status, time.time() - began
        return self

    def tail(self, way):
        lines = open(f"{self.folder}/{way}.log", errors="replace").read().splitlines()
        return [l[:200] for l in lines if l.strip()][-3:]


chosen = [Sample(os.path.dirname(f)) for f in sorted(glob.glob(f"{source}/Samples/*/*/CMakeLists.txt"))
          if not parts or any(p in f for p in parts)]
chosen = [s for s in chosen if not args_of.get(s.name, {}).get("skip")]
began = time.time()
with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS", os.cpu_count()))) as pool:
    list(pool.map(Sample.build, chosen))
built = [s for s in chosen if s.program]
print(f"{len(built)} of {len(chosen)} samples built in {time.time() - began:.0f} s", flush=True)
for sample in chosen:
    if not sample.program:
        print(f"  not built: {sample.name}: {sample.why}")
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
sys.exit(1 if different else 0)

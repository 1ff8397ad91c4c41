"""NVIDIA's Python bindings: the driver, the runtime and NVRTC by cuda.bindings, and cuda.core above them."""

import sys

import numpy as np
from harness import Skip, check, main, require

try:
    from cuda.bindings import driver, nvrtc, runtime
except ImportError as missing:
    print("skip bindings", missing)
    sys.exit(0)

CODE = """
extern "C" __global__ void axpy(float a, const float *x, float *y, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] += a * x[i];
}
"""


def done(result):
    error, *values = result
    require(int(error) == 0, f"{error}")
    return values[0] if len(values) == 1 else values


@check
def driver_api():
    done(driver.cuInit(0))
    device = done(driver.cuDeviceGet(0))
    context = done(driver.cuDevicePrimaryCtxRetain(device))
    done(driver.cuCtxSetCurrent(context))
    major = done(driver.cuDeviceGetAttribute(driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device))
    minor = done(driver.cuDeviceGetAttribute(driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device))
    program = done(nvrtc.nvrtcCreateProgram(CODE.encode(), b"axpy.cu", 0, [], []))
    done(nvrtc.nvrtcCompileProgram(program, 1, [f"--gpu-architecture=compute_{major}{minor}".encode()]))
    ptx = b" " * done(nvrtc.nvrtcGetPTXSize(program))
    done(nvrtc.nvrtcGetPTX(program, ptx))
    module = done(driver.cuModuleLoadData(np.frombuffer(ptx, np.uint8).ctypes.data))
    axpy = done(driver.cuModuleGetFunction(module, b"axpy"))
    n = 1000
    x, y = np.arange(n, dtype=np.float32), np.ones(n, dtype=np.float32)
    at_x, at_y = done(driver.cuMemAlloc(n * 4)), done(driver.cuMemAlloc(n * 4))
    done(driver.cuMemcpyHtoD(at_x, x.ctypes.data, n * 4))
    done(driver.cuMemcpyHtoD(at_y, y.ctypes.data, n * 4))
    stream = done(driver.cuStreamCreate(0))
    arguments = [np.array([2], np.float32), np.array([int(at_x)], np.uint64), np.array([int(at_y)], np.uint64), np.array([n], np.int32)]
    pointers = np.array([a.ctypes.data for a in arguments], np.uint64)
    done(driver.cuLaunchKernel(axpy, 8, 1, 1, 128, 1, 1, 0, stream, pointers.ctypes.data, 0))
    done(driver.cuStreamSynchronize(stream))
    done(driver.cuMemcpyDtoH(y.ctypes.data, at_y, n * 4))
    require(np.array_equal(y, 1 + 2 * x))
    done(driver.cuMemFree(at_x))
    done(driver.cuMemFree(at_y))
    done(driver.cuStreamDestroy(stream))
    done(driver.cuModuleUnload(module))
    return {"capability": f"{major}.{minor}", "driver": done(driver.cuDriverGetVersion())}


@check
def runtime_api():
    n = 5000
    x, back = np.random.default_rng(1).standard_normal(n), np.zeros(n)
    at = done(runtime.cudaMalloc(n * 8))
    stream = done(runtime.cudaStreamCreate())
    kind = runtime.cudaMemcpyKind
    done(runtime.cudaMemcpyAsync(at, x.ctypes.data, n * 8, kind.cudaMemcpyHostToDevice, stream))
    done(runtime.cudaMemcpyAsync(back.ctypes.data, at, n * 8, kind.cudaMemcpyDeviceToHost, stream))
    done(runtime.cudaStreamSynchronize(stream))
    require(np.array_equal(x, back))
    done(runtime.cudaFree(at))
    properties = done(runtime.cudaGetDeviceProperties(0))
    return {"name": properties.name.decode(), "runtime": done(runtime.cudaRuntimeGetVersion())}


@check
def graph():
    done(runtime.cudaFree(0))
    n = 100
    at = done(runtime.cudaMalloc(n))
    stream = done(runtime.cudaStreamCreate())
    done(runtime.cudaStreamBeginCapture(stream, runtime.cudaStreamCaptureMode.cudaStreamCaptureModeGlobal))
    done(runtime.cudaMemsetAsync(at, 7, n, stream))
    captured = done(runtime.cudaStreamEndCapture(stream))
    instance = done(runtime.cudaGraphInstantiate(captured, 0))
    back = np.zeros(n, np.uint8)
    for _ in range(3):
        done(runtime.cudaMemset(at, 0, n))
        done(runtime.cudaGraphLaunch(instance, stream))
        done(runtime.cudaStreamSynchronize(stream))
        done(runtime.cudaMemcpy(back.ctypes.data, at, n, runtime.cudaMemcpyKind.cudaMemcpyDeviceToHost))
        require((back == 7).all())
    done(runtime.cudaGraphExecDestroy(instance))
    done(runtime.cudaGraphDestroy(captured))
    done(runtime.cudaFree(at))


@check
def core():
    try:
        from cuda.core import Device, LaunchConfig, Program, ProgramOptions, launch
    except ImportError:
        try:
            from cuda.core.experimental import Device, LaunchConfig, Program, ProgramOptions, launch
        except ImportError as missing:
            raise Skip(missing)
    device = Device()
    device.set_current()
    stream = device.create_stream()
    arch = getattr(device, "arch", None) or "".join(map(str, device.compute_capability))
    module = Program(CODE, code_type="c++", options=ProgramOptions(arch=f"sm_{arch}")).compile("cubin")
    kernel = module.get_kernel("axpy")
    n = 1000
    x, y = np.arange(n, dtype=np.float32), np.ones(n, dtype=np.float32)
    at_x, at_y = device.allocate(n * 4, stream=stream), device.allocate(n * 4, stream=stream)
    for at, host in ((at_x, x), (at_y, y)):
        done(driver.cuMemcpyHtoDAsync(int(at.handle), host.ctypes.data, n * 4, int(stream.handle)))
    launch(stream, LaunchConfig(grid=8, block=128), kernel, np.float32(2), at_x, at_y, np.int32(n))
    done(driver.cuMemcpyDtoHAsync(y.ctypes.data, int(at_y.handle), n * 4, int(stream.handle)))
    stream.sync()
    require(np.array_equal(y, 1 + 2 * x))
    return {"name": device.name}


if __name__ == "__main__":
    main()

// Made by `cargo xtask gen` from CUDA's headers and functions.def. Do not edit.

use core::ffi::*;

#[allow(unused_imports)]
use pillion_cuda_abi::pool_attribute_words;
use pillion_cuda_abi::types::*;
use pillion_protocol::handle::Kind;

use crate::entry::Result;
use crate::forward::{Body, Fresh, call, post, retire};

/// Forwards `cuCtxDisablePeerAccess` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuCtxDisablePeerAccess(peerContext: CUcontext) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Context, peerContext as u64)?;

        let _ = call(281, &body)?;
    }
    Ok(())
}

/// Forwards `cuCtxEnablePeerAccess` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuCtxEnablePeerAccess(peerContext: CUcontext, Flags: c_uint) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Context, peerContext as u64)?;
        body.scalar(Flags);

        let _ = call(280, &body)?;
    }
    Ok(())
}

/// Forwards `cuCtxGetCacheConfig` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuCtxGetCacheConfig(pconfig: *mut CUfunc_cache) -> Result<()> {
    let body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        let mut answer = call(272, &body)?;
        answer.write(pconfig)?;
    }
    Ok(())
}

/// Forwards `cuCtxGetExecAffinity` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuCtxGetExecAffinity(
    pExecAffinity: *mut CUexecAffinityParam,
    type_: CUexecAffinityType,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(type_);

        let mut answer = call(276, &body)?;
        answer.write(pExecAffinity)?;
    }
    Ok(())
}

/// Forwards `cuCtxGetLimit` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuCtxGetLimit(pvalue: *mut usize, limit: CUlimit) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(limit);

        let mut answer = call(271, &body)?;
        answer.write(pvalue)?;
    }
    Ok(())
}

/// Forwards `cuCtxGetSharedMemConfig` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuCtxGetSharedMemConfig(pConfig: *mut CUsharedconfig) -> Result<()> {
    let body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        let mut answer = call(277, &body)?;
        answer.write(pConfig)?;
    }
    Ok(())
}

/// Forwards `cuCtxGetStreamPriorityRange` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuCtxGetStreamPriorityRange(
    leastPriority: *mut c_int,
    greatestPriority: *mut c_int,
) -> Result<()> {
    let body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        let mut answer = call(274, &body)?;
        answer.write(leastPriority)?;
        answer.write(greatestPriority)?;
    }
    Ok(())
}

/// Forwards `cuCtxRecordEvent` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuCtxRecordEvent(hCtx: CUcontext, hEvent: CUevent) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Context, hCtx as u64)?;
        body.handle(Kind::Event, hEvent as u64)?;

        post(282, &body)?;
    }
    Ok(())
}

/// Forwards `cuCtxResetPersistingL2Cache` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuCtxResetPersistingL2Cache() -> Result<()> {
    let body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        post(275, &body)?;
    }
    Ok(())
}

/// Forwards `cuCtxSetCacheConfig` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuCtxSetCacheConfig(config: CUfunc_cache) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(config);

        post(273, &body)?;
    }
    Ok(())
}

/// Forwards `cuCtxSetFlags` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuCtxSetFlags(flags: c_uint) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(flags);

        let _ = call(279, &body)?;
    }
    Ok(())
}

/// Forwards `cuCtxSetLimit` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuCtxSetLimit(limit: CUlimit, value: usize) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(limit);
        body.scalar(value);

        let _ = call(270, &body)?;
    }
    Ok(())
}

/// Forwards `cuCtxSetSharedMemConfig` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuCtxSetSharedMemConfig(config: CUsharedconfig) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(config);

        post(278, &body)?;
    }
    Ok(())
}

/// Forwards `cuCtxWaitEvent` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuCtxWaitEvent(hCtx: CUcontext, hEvent: CUevent) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Context, hCtx as u64)?;
        body.handle(Kind::Event, hEvent as u64)?;

        post(283, &body)?;
    }
    Ok(())
}

/// Forwards `cuDeviceCanAccessPeer` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuDeviceCanAccessPeer(
    canAccessPeer: *mut c_int,
    dev: CUdevice,
    peerDev: CUdevice,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(dev);
        body.scalar(peerDev);

        let mut answer = call(258, &body)?;
        answer.write(canAccessPeer)?;
    }
    Ok(())
}

/// Forwards `cuDeviceGetExecAffinitySupport` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuDeviceGetExecAffinitySupport(
    pi: *mut c_int,
    type_: CUexecAffinityType,
    dev: CUdevice,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(type_);
        body.scalar(dev);

        let mut answer = call(257, &body)?;
        answer.write(pi)?;
    }
    Ok(())
}

/// Forwards `cuDeviceGetP2PAttribute` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuDeviceGetP2PAttribute(
    value: *mut c_int,
    attrib: CUdevice_P2PAttribute,
    srcDevice: CUdevice,
    dstDevice: CUdevice,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(attrib);
        body.scalar(srcDevice);
        body.scalar(dstDevice);

        let mut answer = call(259, &body)?;
        answer.write(value)?;
    }
    Ok(())
}

/// Forwards `cuDeviceGetTexture1DLinearMaxWidth` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuDeviceGetTexture1DLinearMaxWidth(
    maxWidthInElements: *mut usize,
    format: CUarray_format,
    numChannels: c_uint,
    dev: CUdevice,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(format);
        body.scalar(numChannels);
        body.scalar(dev);

        let mut answer = call(256, &body)?;
        answer.write(maxWidthInElements)?;
    }
    Ok(())
}

/// Forwards `cuDeviceSetMemPool` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuDeviceSetMemPool(dev: CUdevice, pool: CUmemoryPool) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(dev);
        body.handle(Kind::MemoryPool, pool as u64)?;

        let _ = call(260, &body)?;
    }
    Ok(())
}

/// Forwards `cuEventCreate` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuEventCreate(phEvent: *mut CUevent, Flags: c_uint) -> Result<()> {
    let fresh = Fresh::new(Kind::Event, phEvent as *const c_void)?;
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(fresh.id());
        body.scalar(Flags);

        post(410, &body)?;
        phEvent.write(fresh.keep() as CUevent);
    }
    Ok(())
}

/// Forwards `cuEventDestroy_v2` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuEventDestroy_v2(hEvent: CUevent) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Event, hEvent as u64)?;

        post(413, &body)?;
        retire(hEvent as u64);
    }
    Ok(())
}

/// Forwards `cuEventElapsedTime` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuEventElapsedTime(
    pMilliseconds: *mut f32,
    hStart: CUevent,
    hEnd: CUevent,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Event, hStart as u64)?;
        body.handle(Kind::Event, hEnd as u64)?;

        let mut answer = call(414, &body)?;
        answer.write(pMilliseconds)?;
    }
    Ok(())
}

/// Forwards `cuEventElapsedTime_v2` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuEventElapsedTime_v2(
    pMilliseconds: *mut f32,
    hStart: CUevent,
    hEnd: CUevent,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Event, hStart as u64)?;
        body.handle(Kind::Event, hEnd as u64)?;

        let mut answer = call(415, &body)?;
        answer.write(pMilliseconds)?;
    }
    Ok(())
}

/// Forwards `cuEventRecord` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuEventRecord(hEvent: CUevent, hStream: CUstream) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Event, hEvent as u64)?;
        body.handle(Kind::Stream, hStream as u64)?;

        post(411, &body)?;
    }
    Ok(())
}

/// Forwards `cuEventRecordWithFlags` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuEventRecordWithFlags(
    hEvent: CUevent,
    hStream: CUstream,
    flags: c_uint,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Event, hEvent as u64)?;
        body.handle(Kind::Stream, hStream as u64)?;
        body.scalar(flags);

        post(412, &body)?;
    }
    Ok(())
}

/// Forwards `cuFuncIsLoaded` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuFuncIsLoaded(
    state: *mut CUfunctionLoadingState,
    function: CUfunction,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Function, function as u64)?;

        let mut answer = call(310, &body)?;
        answer.write(state)?;
    }
    Ok(())
}

/// Forwards `cuFuncLoad` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuFuncLoad(function: CUfunction) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Function, function as u64)?;

        let _ = call(311, &body)?;
    }
    Ok(())
}

/// Forwards `cuFuncSetAttribute` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuFuncSetAttribute(
    hfunc: CUfunction,
    attrib: CUfunction_attribute,
    value: c_int,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Function, hfunc as u64)?;
        body.scalar(attrib);
        body.scalar(value);

        let _ = call(307, &body)?;
    }
    Ok(())
}

/// Forwards `cuFuncSetCacheConfig` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuFuncSetCacheConfig(hfunc: CUfunction, config: CUfunc_cache) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Function, hfunc as u64)?;
        body.scalar(config);

        post(308, &body)?;
    }
    Ok(())
}

/// Forwards `cuFuncSetSharedMemConfig` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuFuncSetSharedMemConfig(hfunc: CUfunction, config: CUsharedconfig) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Function, hfunc as u64)?;
        body.scalar(config);

        post(309, &body)?;
    }
    Ok(())
}

/// Forwards `cuKernelSetAttribute` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuKernelSetAttribute(
    attrib: CUfunction_attribute,
    val: c_int,
    kernel: CUkernel,
    dev: CUdevice,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(attrib);
        body.scalar(val);
        body.handle(Kind::Function, kernel as u64)?;
        body.scalar(dev);

        let _ = call(305, &body)?;
    }
    Ok(())
}

/// Forwards `cuKernelSetCacheConfig` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuKernelSetCacheConfig(
    kernel: CUkernel,
    config: CUfunc_cache,
    dev: CUdevice,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Function, kernel as u64)?;
        body.scalar(config);
        body.scalar(dev);

        post(306, &body)?;
    }
    Ok(())
}

/// Forwards `cuLibraryGetGlobal` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuLibraryGetGlobal(
    dptr: *mut CUdeviceptr,
    bytes: *mut usize,
    library: CUlibrary,
    name: *const c_char,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Library, library as u64)?;
        body.text(name)?;

        let mut answer = call(303, &body)?;
        answer.write(dptr)?;
        answer.write(bytes)?;
    }
    Ok(())
}

/// Forwards `cuLibraryGetKernelCount` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuLibraryGetKernelCount(count: *mut c_uint, lib: CUlibrary) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Library, lib as u64)?;

        let mut answer = call(302, &body)?;
        answer.write(count)?;
    }
    Ok(())
}

/// Forwards `cuLibraryGetManaged` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuLibraryGetManaged(
    dptr: *mut CUdeviceptr,
    bytes: *mut usize,
    library: CUlibrary,
    name: *const c_char,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Library, library as u64)?;
        body.text(name)?;

        let mut answer = call(304, &body)?;
        answer.write(dptr)?;
        answer.write(bytes)?;
    }
    Ok(())
}

/// Forwards `cuMemAddressFree` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemAddressFree(ptr: CUdeviceptr, size: usize) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(ptr);
        body.scalar(size);

        let _ = call(334, &body)?;
    }
    Ok(())
}

/// Forwards `cuMemAddressReserve` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemAddressReserve(
    ptr: *mut CUdeviceptr,
    size: usize,
    alignment: usize,
    addr: CUdeviceptr,
    flags: c_ulonglong,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(size);
        body.scalar(alignment);
        body.scalar(addr);
        body.scalar(flags);

        let mut answer = call(333, &body)?;
        answer.write(ptr)?;
    }
    Ok(())
}

/// Forwards `cuMemAllocAsync` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemAllocAsync(
    dptr: *mut CUdeviceptr,
    bytesize: usize,
    hStream: CUstream,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(bytesize);
        body.handle(Kind::Stream, hStream as u64)?;

        let mut answer = call(350, &body)?;
        answer.write(dptr)?;
    }
    Ok(())
}

/// Forwards `cuMemAllocFromPoolAsync` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemAllocFromPoolAsync(
    dptr: *mut CUdeviceptr,
    bytesize: usize,
    pool: CUmemoryPool,
    hStream: CUstream,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(bytesize);
        body.handle(Kind::MemoryPool, pool as u64)?;
        body.handle(Kind::Stream, hStream as u64)?;

        let mut answer = call(351, &body)?;
        answer.write(dptr)?;
    }
    Ok(())
}

/// Forwards `cuMemAllocPitch_v2` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemAllocPitch_v2(
    dptr: *mut CUdeviceptr,
    pPitch: *mut usize,
    WidthInBytes: usize,
    Height: usize,
    ElementSizeBytes: c_uint,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(WidthInBytes);
        body.scalar(Height);
        body.scalar(ElementSizeBytes);

        let mut answer = call(332, &body)?;
        answer.write(dptr)?;
        answer.write(pPitch)?;
    }
    Ok(())
}

/// Forwards `cuMemAlloc_v2` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemAlloc_v2(dptr: *mut CUdeviceptr, bytesize: usize) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(bytesize);

        let mut answer = call(331, &body)?;
        answer.write(dptr)?;
    }
    Ok(())
}

/// Forwards `cuMemCreate` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemCreate(
    handle: *mut CUmemGenericAllocationHandle,
    size: usize,
    prop: *const CUmemAllocationProp,
    flags: c_ulonglong,
) -> Result<()> {
    let fresh = Fresh::new(Kind::Allocation, handle as *const c_void)?;
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(fresh.id());
        body.scalar(size);
        body.pod(prop)?;
        body.scalar(flags);

        let _ = call(335, &body)?;
        handle.write(fresh.keep() as CUmemGenericAllocationHandle);
    }
    Ok(())
}

/// Forwards `cuMemFreeAsync` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemFreeAsync(dptr: CUdeviceptr, hStream: CUstream) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(dptr);
        body.handle(Kind::Stream, hStream as u64)?;

        post(352, &body)?;
    }
    Ok(())
}

/// Forwards `cuMemGetAccess` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemGetAccess(
    flags: *mut c_ulonglong,
    location: *const CUmemLocation,
    ptr: CUdeviceptr,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.pod(location)?;
        body.scalar(ptr);

        let mut answer = call(340, &body)?;
        answer.write(flags)?;
    }
    Ok(())
}

/// Forwards `cuMemGetAllocationGranularity` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemGetAllocationGranularity(
    granularity: *mut usize,
    prop: *const CUmemAllocationProp,
    option: CUmemAllocationGranularity_flags,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.pod(prop)?;
        body.scalar(option);

        let mut answer = call(341, &body)?;
        answer.write(granularity)?;
    }
    Ok(())
}

/// Forwards `cuMemGetAllocationPropertiesFromHandle` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemGetAllocationPropertiesFromHandle(
    prop: *mut CUmemAllocationProp,
    handle: CUmemGenericAllocationHandle,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Allocation, handle as u64)?;

        let mut answer = call(342, &body)?;
        answer.write(prop)?;
    }
    Ok(())
}

/// Forwards `cuMemGetInfo_v2` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemGetInfo_v2(free: *mut usize, total: *mut usize) -> Result<()> {
    let body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        let mut answer = call(330, &body)?;
        answer.write(free)?;
        answer.write(total)?;
    }
    Ok(())
}

/// Forwards `cuMemMap` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemMap(
    ptr: CUdeviceptr,
    size: usize,
    offset: usize,
    handle: CUmemGenericAllocationHandle,
    flags: c_ulonglong,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(ptr);
        body.scalar(size);
        body.scalar(offset);
        body.handle(Kind::Allocation, handle as u64)?;
        body.scalar(flags);

        let _ = call(337, &body)?;
    }
    Ok(())
}

/// Forwards `cuMemPoolCreate` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemPoolCreate(
    pool: *mut CUmemoryPool,
    poolProps: *const CUmemPoolProps,
) -> Result<()> {
    let fresh = Fresh::new(Kind::MemoryPool, pool as *const c_void)?;
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(fresh.id());
        body.pod(poolProps)?;

        let _ = call(358, &body)?;
        pool.write(fresh.keep() as CUmemoryPool);
    }
    Ok(())
}

/// Forwards `cuMemPoolDestroy` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemPoolDestroy(pool: CUmemoryPool) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::MemoryPool, pool as u64)?;

        let _ = call(359, &body)?;
        retire(pool as u64);
    }
    Ok(())
}

/// Forwards `cuMemPoolGetAccess` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemPoolGetAccess(
    flags: *mut CUmemAccess_flags,
    memPool: CUmemoryPool,
    location: *mut CUmemLocation,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::MemoryPool, memPool as u64)?;
        body.pod(location)?;

        let mut answer = call(357, &body)?;
        answer.write(flags)?;
    }
    Ok(())
}

/// Forwards `cuMemPoolGetAttribute` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemPoolGetAttribute(
    pool: CUmemoryPool,
    attr: CUmemPool_attribute,
    value: *mut c_void,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::MemoryPool, pool as u64)?;
        body.scalar(attr);

        let mut answer = call(355, &body)?;
        answer.write_many(value as *mut u32, (pool_attribute_words(attr)) as usize)?;
    }
    Ok(())
}

/// Forwards `cuMemPoolSetAccess` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemPoolSetAccess(
    pool: CUmemoryPool,
    map: *const CUmemAccessDesc,
    count: usize,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::MemoryPool, pool as u64)?;
        body.scalar(count);
        body.pods(map as *const CUmemAccessDesc, (count) as usize)?;

        let _ = call(356, &body)?;
    }
    Ok(())
}

/// Forwards `cuMemPoolSetAttribute` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemPoolSetAttribute(
    pool: CUmemoryPool,
    attr: CUmemPool_attribute,
    value: *mut c_void,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::MemoryPool, pool as u64)?;
        body.scalar(attr);
        body.pods(value as *const u32, (pool_attribute_words(attr)) as usize)?;

        let _ = call(354, &body)?;
    }
    Ok(())
}

/// Forwards `cuMemPoolTrimTo` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemPoolTrimTo(pool: CUmemoryPool, minBytesToKeep: usize) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::MemoryPool, pool as u64)?;
        body.scalar(minBytesToKeep);

        let _ = call(353, &body)?;
    }
    Ok(())
}

/// Forwards `cuMemRelease` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemRelease(handle: CUmemGenericAllocationHandle) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Allocation, handle as u64)?;

        post(336, &body)?;
        retire(handle as u64);
    }
    Ok(())
}

/// Forwards `cuMemRetainAllocationHandle` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemRetainAllocationHandle(
    handle: *mut CUmemGenericAllocationHandle,
    addr: *mut c_void,
) -> Result<()> {
    let fresh = Fresh::new(Kind::Allocation, handle as *const c_void)?;
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(fresh.id());
        body.scalar(addr as u64);

        let _ = call(343, &body)?;
        handle.write(fresh.keep() as CUmemGenericAllocationHandle);
    }
    Ok(())
}

/// Forwards `cuMemSetAccess` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemSetAccess(
    ptr: CUdeviceptr,
    size: usize,
    desc: *const CUmemAccessDesc,
    count: usize,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(ptr);
        body.scalar(size);
        body.scalar(count);
        body.pods(desc as *const CUmemAccessDesc, (count) as usize)?;

        let _ = call(339, &body)?;
    }
    Ok(())
}

/// Forwards `cuMemUnmap` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemUnmap(ptr: CUdeviceptr, size: usize) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(ptr);
        body.scalar(size);

        let _ = call(338, &body)?;
    }
    Ok(())
}

/// Forwards `cuMemcpyDtoDAsync_v2` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemcpyDtoDAsync_v2(
    dstDevice: CUdeviceptr,
    srcDevice: CUdeviceptr,
    ByteCount: usize,
    hStream: CUstream,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(dstDevice);
        body.scalar(srcDevice);
        body.scalar(ByteCount);
        body.handle(Kind::Stream, hStream as u64)?;

        post(370, &body)?;
    }
    Ok(())
}

/// Forwards `cuMemsetD16Async` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemsetD16Async(
    dstDevice: CUdeviceptr,
    us: c_ushort,
    N: usize,
    hStream: CUstream,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(dstDevice);
        body.scalar(us);
        body.scalar(N);
        body.handle(Kind::Stream, hStream as u64)?;

        post(372, &body)?;
    }
    Ok(())
}

/// Forwards `cuMemsetD2D16Async` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemsetD2D16Async(
    dstDevice: CUdeviceptr,
    dstPitch: usize,
    us: c_ushort,
    Width: usize,
    Height: usize,
    hStream: CUstream,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(dstDevice);
        body.scalar(dstPitch);
        body.scalar(us);
        body.scalar(Width);
        body.scalar(Height);
        body.handle(Kind::Stream, hStream as u64)?;

        post(375, &body)?;
    }
    Ok(())
}

/// Forwards `cuMemsetD2D32Async` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemsetD2D32Async(
    dstDevice: CUdeviceptr,
    dstPitch: usize,
    ui: c_uint,
    Width: usize,
    Height: usize,
    hStream: CUstream,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(dstDevice);
        body.scalar(dstPitch);
        body.scalar(ui);
        body.scalar(Width);
        body.scalar(Height);
        body.handle(Kind::Stream, hStream as u64)?;

        post(376, &body)?;
    }
    Ok(())
}

/// Forwards `cuMemsetD2D8Async` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemsetD2D8Async(
    dstDevice: CUdeviceptr,
    dstPitch: usize,
    uc: c_uchar,
    Width: usize,
    Height: usize,
    hStream: CUstream,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(dstDevice);
        body.scalar(dstPitch);
        body.scalar(uc);
        body.scalar(Width);
        body.scalar(Height);
        body.handle(Kind::Stream, hStream as u64)?;

        post(374, &body)?;
    }
    Ok(())
}

/// Forwards `cuMemsetD32Async` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemsetD32Async(
    dstDevice: CUdeviceptr,
    ui: c_uint,
    N: usize,
    hStream: CUstream,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(dstDevice);
        body.scalar(ui);
        body.scalar(N);
        body.handle(Kind::Stream, hStream as u64)?;

        post(373, &body)?;
    }
    Ok(())
}

/// Forwards `cuMemsetD8Async` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemsetD8Async(
    dstDevice: CUdeviceptr,
    uc: c_uchar,
    N: usize,
    hStream: CUstream,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(dstDevice);
        body.scalar(uc);
        body.scalar(N);
        body.handle(Kind::Stream, hStream as u64)?;

        post(371, &body)?;
    }
    Ok(())
}

/// Forwards `cuModuleGetFunctionCount` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuModuleGetFunctionCount(count: *mut c_uint, mod_: CUmodule) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Module, mod_ as u64)?;

        let mut answer = call(300, &body)?;
        answer.write(count)?;
    }
    Ok(())
}

/// Forwards `cuModuleGetGlobal_v2` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuModuleGetGlobal_v2(
    dptr: *mut CUdeviceptr,
    bytes: *mut usize,
    hmod: CUmodule,
    name: *const c_char,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Module, hmod as u64)?;
        body.text(name)?;

        let mut answer = call(301, &body)?;
        answer.write(dptr)?;
        answer.write(bytes)?;
    }
    Ok(())
}

/// Forwards `cuOccupancyAvailableDynamicSMemPerBlock` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuOccupancyAvailableDynamicSMemPerBlock(
    dynamicSmemSize: *mut usize,
    func: CUfunction,
    numBlocks: c_int,
    blockSize: c_int,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Function, func as u64)?;
        body.scalar(numBlocks);
        body.scalar(blockSize);

        let mut answer = call(314, &body)?;
        answer.write(dynamicSmemSize)?;
    }
    Ok(())
}

/// Forwards `cuOccupancyMaxActiveBlocksPerMultiprocessor` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuOccupancyMaxActiveBlocksPerMultiprocessor(
    numBlocks: *mut c_int,
    func: CUfunction,
    blockSize: c_int,
    dynamicSMemSize: usize,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Function, func as u64)?;
        body.scalar(blockSize);
        body.scalar(dynamicSMemSize);

        let mut answer = call(312, &body)?;
        answer.write(numBlocks)?;
    }
    Ok(())
}

/// Forwards `cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
    numBlocks: *mut c_int,
    func: CUfunction,
    blockSize: c_int,
    dynamicSMemSize: usize,
    flags: c_uint,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Function, func as u64)?;
        body.scalar(blockSize);
        body.scalar(dynamicSMemSize);
        body.scalar(flags);

        let mut answer = call(313, &body)?;
        answer.write(numBlocks)?;
    }
    Ok(())
}

/// Forwards `cuStreamCopyAttributes` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuStreamCopyAttributes(dstStream: CUstream, srcStream: CUstream) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Stream, dstStream as u64)?;
        body.handle(Kind::Stream, srcStream as u64)?;

        post(394, &body)?;
    }
    Ok(())
}

/// Forwards `cuStreamCreate` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuStreamCreate(phStream: *mut CUstream, Flags: c_uint) -> Result<()> {
    let fresh = Fresh::new(Kind::Stream, phStream as *const c_void)?;
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(fresh.id());
        body.scalar(Flags);

        post(390, &body)?;
        phStream.write(fresh.keep() as CUstream);
    }
    Ok(())
}

/// Forwards `cuStreamCreateWithPriority` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuStreamCreateWithPriority(
    phStream: *mut CUstream,
    flags: c_uint,
    priority: c_int,
) -> Result<()> {
    let fresh = Fresh::new(Kind::Stream, phStream as *const c_void)?;
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(fresh.id());
        body.scalar(flags);
        body.scalar(priority);

        post(391, &body)?;
        phStream.write(fresh.keep() as CUstream);
    }
    Ok(())
}

/// Forwards `cuStreamDestroy_v2` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuStreamDestroy_v2(hStream: CUstream) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Stream, hStream as u64)?;

        post(392, &body)?;
        retire(hStream as u64);
    }
    Ok(())
}

/// Forwards `cuStreamGetAttribute` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuStreamGetAttribute(
    hStream: CUstream,
    attr: CUstreamAttrID,
    value: *mut CUstreamAttrValue,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Stream, hStream as u64)?;
        body.scalar(attr);

        let mut answer = call(395, &body)?;
        answer.write(value)?;
    }
    Ok(())
}

/// Forwards `cuStreamSetAttribute` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuStreamSetAttribute(
    hStream: CUstream,
    attr: CUstreamAttrID,
    param: *const CUstreamAttrValue,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Stream, hStream as u64)?;
        body.scalar(attr);
        body.pod(param)?;

        let _ = call(396, &body)?;
    }
    Ok(())
}

/// Forwards `cuStreamWaitEvent` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuStreamWaitEvent(hStream: CUstream, hEvent: CUevent, Flags: c_uint) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Stream, hStream as u64)?;
        body.handle(Kind::Event, hEvent as u64)?;
        body.scalar(Flags);

        post(393, &body)?;
    }
    Ok(())
}

/// Forwards `cuStreamWaitValue32_v2` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuStreamWaitValue32_v2(
    stream: CUstream,
    addr: CUdeviceptr,
    value: cuuint32_t,
    flags: c_uint,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Stream, stream as u64)?;
        body.scalar(addr);
        body.scalar(value);
        body.scalar(flags);

        post(399, &body)?;
    }
    Ok(())
}

/// Forwards `cuStreamWaitValue64_v2` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuStreamWaitValue64_v2(
    stream: CUstream,
    addr: CUdeviceptr,
    value: cuuint64_t,
    flags: c_uint,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Stream, stream as u64)?;
        body.scalar(addr);
        body.scalar(value);
        body.scalar(flags);

        post(400, &body)?;
    }
    Ok(())
}

/// Forwards `cuStreamWriteValue32_v2` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuStreamWriteValue32_v2(
    stream: CUstream,
    addr: CUdeviceptr,
    value: cuuint32_t,
    flags: c_uint,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Stream, stream as u64)?;
        body.scalar(addr);
        body.scalar(value);
        body.scalar(flags);

        post(397, &body)?;
    }
    Ok(())
}

/// Forwards `cuStreamWriteValue64_v2` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuStreamWriteValue64_v2(
    stream: CUstream,
    addr: CUdeviceptr,
    value: cuuint64_t,
    flags: c_uint,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Stream, stream as u64)?;
        body.scalar(addr);
        body.scalar(value);
        body.scalar(flags);

        post(398, &body)?;
    }
    Ok(())
}

/// Forwards `cuTensorMapEncodeIm2col` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTensorMapEncodeIm2col(
    tensorMap: *mut CUtensorMap,
    tensorDataType: CUtensorMapDataType,
    tensorRank: cuuint32_t,
    globalAddress: *mut c_void,
    globalDim: *const cuuint64_t,
    globalStrides: *const cuuint64_t,
    pixelBoxLowerCorner: *const c_int,
    pixelBoxUpperCorner: *const c_int,
    channelsPerPixel: cuuint32_t,
    pixelsPerColumn: cuuint32_t,
    elementStrides: *const cuuint32_t,
    interleave: CUtensorMapInterleave,
    swizzle: CUtensorMapSwizzle,
    l2Promotion: CUtensorMapL2promotion,
    oobFill: CUtensorMapFloatOOBfill,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(tensorDataType);
        body.scalar(tensorRank);
        body.scalar(globalAddress as u64);
        body.scalar(channelsPerPixel);
        body.scalar(pixelsPerColumn);
        body.scalar(interleave);
        body.scalar(swizzle);
        body.scalar(l2Promotion);
        body.scalar(oobFill);
        body.pods(globalDim as *const cuuint64_t, (tensorRank) as usize)?;
        body.pods(
            globalStrides as *const cuuint64_t,
            (tensorRank - 1) as usize,
        )?;
        body.pods(
            pixelBoxLowerCorner as *const c_int,
            (tensorRank - 2) as usize,
        )?;
        body.pods(
            pixelBoxUpperCorner as *const c_int,
            (tensorRank - 2) as usize,
        )?;
        body.pods(elementStrides as *const cuuint32_t, (tensorRank) as usize)?;

        let mut answer = call(431, &body)?;
        answer.write(tensorMap)?;
    }
    Ok(())
}

/// Forwards `cuTensorMapEncodeTiled` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTensorMapEncodeTiled(
    tensorMap: *mut CUtensorMap,
    tensorDataType: CUtensorMapDataType,
    tensorRank: cuuint32_t,
    globalAddress: *mut c_void,
    globalDim: *const cuuint64_t,
    globalStrides: *const cuuint64_t,
    boxDim: *const cuuint32_t,
    elementStrides: *const cuuint32_t,
    interleave: CUtensorMapInterleave,
    swizzle: CUtensorMapSwizzle,
    l2Promotion: CUtensorMapL2promotion,
    oobFill: CUtensorMapFloatOOBfill,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(tensorDataType);
        body.scalar(tensorRank);
        body.scalar(globalAddress as u64);
        body.scalar(interleave);
        body.scalar(swizzle);
        body.scalar(l2Promotion);
        body.scalar(oobFill);
        body.pods(globalDim as *const cuuint64_t, (tensorRank) as usize)?;
        body.pods(
            globalStrides as *const cuuint64_t,
            (tensorRank - 1) as usize,
        )?;
        body.pods(boxDim as *const cuuint32_t, (tensorRank) as usize)?;
        body.pods(elementStrides as *const cuuint32_t, (tensorRank) as usize)?;

        let mut answer = call(430, &body)?;
        answer.write(tensorMap)?;
    }
    Ok(())
}

/// Forwards `cuTensorMapReplaceAddress` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTensorMapReplaceAddress(
    tensorMap: *mut CUtensorMap,
    globalAddress: *mut c_void,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.pod(tensorMap)?;
        body.scalar(globalAddress as u64);

        let mut answer = call(432, &body)?;
        answer.write(tensorMap)?;
    }
    Ok(())
}

// Made by `cargo xtask gen` from CUDA's headers and functions.def. Do not edit.

use core::ffi::*;

#[allow(unused_imports)]
use pillion_cuda_abi::pool_attribute_words;
use pillion_cuda_abi::types::*;
use pillion_protocol::handle::Kind;

use crate::entry::Result;
use crate::forward::{Body, Fresh, call, post, retire};

/// Forwards `cuArray3DCreate_v2` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuArray3DCreate_v2(
    pHandle: *mut CUarray,
    pAllocateArray: *const CUDA_ARRAY3D_DESCRIPTOR,
) -> Result<()> {
    let fresh = Fresh::new(Kind::Array, pHandle as *const c_void)?;
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(fresh.id());
        body.pod(pAllocateArray)?;

        let _ = call(441, &body)?;
        pHandle.write(fresh.keep() as CUarray);
    }
    Ok(())
}

/// Forwards `cuArray3DGetDescriptor_v2` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuArray3DGetDescriptor_v2(
    pArrayDescriptor: *mut CUDA_ARRAY3D_DESCRIPTOR,
    hArray: CUarray,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Array, hArray as u64)?;

        let mut answer = call(443, &body)?;
        answer.write(pArrayDescriptor)?;
    }
    Ok(())
}

/// Forwards `cuArrayCreate_v2` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuArrayCreate_v2(
    pHandle: *mut CUarray,
    pAllocateArray: *const CUDA_ARRAY_DESCRIPTOR,
) -> Result<()> {
    let fresh = Fresh::new(Kind::Array, pHandle as *const c_void)?;
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(fresh.id());
        body.pod(pAllocateArray)?;

        let _ = call(440, &body)?;
        pHandle.write(fresh.keep() as CUarray);
    }
    Ok(())
}

/// Forwards `cuArrayDestroy` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuArrayDestroy(hArray: CUarray) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Array, hArray as u64)?;

        let _ = call(444, &body)?;
        retire(hArray as u64);
    }
    Ok(())
}

/// Forwards `cuArrayGetDescriptor_v2` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuArrayGetDescriptor_v2(
    pArrayDescriptor: *mut CUDA_ARRAY_DESCRIPTOR,
    hArray: CUarray,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Array, hArray as u64)?;

        let mut answer = call(442, &body)?;
        answer.write(pArrayDescriptor)?;
    }
    Ok(())
}

/// Forwards `cuArrayGetMemoryRequirements` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuArrayGetMemoryRequirements(
    memoryRequirements: *mut CUDA_ARRAY_MEMORY_REQUIREMENTS,
    array: CUarray,
    device: CUdevice,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Array, array as u64)?;
        body.scalar(device);

        let mut answer = call(445, &body)?;
        answer.write(memoryRequirements)?;
    }
    Ok(())
}

/// Forwards `cuArrayGetPlane` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuArrayGetPlane(
    pPlaneArray: *mut CUarray,
    hArray: CUarray,
    planeIdx: c_uint,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Array, hArray as u64)?;
        body.scalar(planeIdx);

        let mut answer = call(446, &body)?;
        answer.write(pPlaneArray)?;
    }
    Ok(())
}

/// Forwards `cuArrayGetSparseProperties` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuArrayGetSparseProperties(
    sparseProperties: *mut CUDA_ARRAY_SPARSE_PROPERTIES,
    array: CUarray,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Array, array as u64)?;

        let mut answer = call(447, &body)?;
        answer.write(sparseProperties)?;
    }
    Ok(())
}

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

/// Forwards `cuCtxGetDevResource` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuCtxGetDevResource(
    hCtx: CUcontext,
    resource: *mut CUdevResource,
    type_: CUdevResourceType,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Context, hCtx as u64)?;
        body.scalar(type_);

        let mut answer = call(551, &body)?;
        answer.write(resource)?;
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

/// Forwards `cuDevResourceGenerateDesc` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuDevResourceGenerateDesc(
    phDesc: *mut CUdevResourceDesc,
    resources: *mut CUdevResource,
    nbResources: c_uint,
) -> Result<()> {
    let fresh = Fresh::new(Kind::ResourceDescription, phDesc as *const c_void)?;
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(fresh.id());
        body.scalar(nbResources);
        body.pods(resources as *const CUdevResource, (nbResources) as usize)?;

        let _ = call(553, &body)?;
        phDesc.write(fresh.keep() as CUdevResourceDesc);
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

/// Forwards `cuDeviceGetDevResource` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuDeviceGetDevResource(
    device: CUdevice,
    resource: *mut CUdevResource,
    type_: CUdevResourceType,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(device);
        body.scalar(type_);

        let mut answer = call(550, &body)?;
        answer.write(resource)?;
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

/// Forwards `cuDeviceGetGraphMemAttribute` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuDeviceGetGraphMemAttribute(
    device: CUdevice,
    attr: CUgraphMem_attribute,
    value: *mut c_void,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(device);
        body.scalar(attr);

        let mut answer = call(540, &body)?;
        answer.write_many(value as *mut u32, (2) as usize)?;
    }
    Ok(())
}

/// Forwards `cuDeviceGetHostAtomicCapabilities` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuDeviceGetHostAtomicCapabilities(
    capabilities: *mut c_uint,
    operations: *const CUatomicOperation,
    count: c_uint,
    dev: CUdevice,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(count);
        body.scalar(dev);
        body.pods(operations as *const CUatomicOperation, (count) as usize)?;

        let mut answer = call(580, &body)?;
        answer.write_many(capabilities as *mut c_uint, (count) as usize)?;
    }
    Ok(())
}

/// Forwards `cuDeviceGetP2PAtomicCapabilities` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuDeviceGetP2PAtomicCapabilities(
    capabilities: *mut c_uint,
    operations: *const CUatomicOperation,
    count: c_uint,
    srcDevice: CUdevice,
    dstDevice: CUdevice,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(count);
        body.scalar(srcDevice);
        body.scalar(dstDevice);
        body.pods(operations as *const CUatomicOperation, (count) as usize)?;

        let mut answer = call(581, &body)?;
        answer.write_many(capabilities as *mut c_uint, (count) as usize)?;
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

/// Forwards `cuDeviceGraphMemTrim` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuDeviceGraphMemTrim(device: CUdevice) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(device);

        let _ = call(542, &body)?;
    }
    Ok(())
}

/// Forwards `cuDeviceSetGraphMemAttribute` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuDeviceSetGraphMemAttribute(
    device: CUdevice,
    attr: CUgraphMem_attribute,
    value: *mut c_void,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(device);
        body.scalar(attr);
        body.pods(value as *const u32, (2) as usize)?;

        let _ = call(541, &body)?;
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

/// Forwards `cuGraphAddChildGraphNode` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphAddChildGraphNode(
    phGraphNode: *mut CUgraphNode,
    hGraph: CUgraph,
    dependencies: *const CUgraphNode,
    numDependencies: usize,
    childGraph: CUgraph,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Graph, hGraph as u64)?;
        body.scalar(numDependencies);
        body.handle(Kind::Graph, childGraph as u64)?;
        body.handles(
            Kind::GraphNode,
            dependencies.cast::<u64>(),
            (numDependencies) as usize,
        )?;

        let mut answer = call(505, &body)?;
        answer.write(phGraphNode)?;
    }
    Ok(())
}

/// Forwards `cuGraphAddDependencies` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphAddDependencies(
    hGraph: CUgraph,
    from: *const CUgraphNode,
    to: *const CUgraphNode,
    numDependencies: usize,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Graph, hGraph as u64)?;
        body.scalar(numDependencies);
        body.handles(
            Kind::GraphNode,
            from.cast::<u64>(),
            (numDependencies) as usize,
        )?;
        body.handles(
            Kind::GraphNode,
            to.cast::<u64>(),
            (numDependencies) as usize,
        )?;

        let _ = call(513, &body)?;
    }
    Ok(())
}

/// Forwards `cuGraphAddDependencies_v2` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphAddDependencies_v2(
    hGraph: CUgraph,
    from: *const CUgraphNode,
    to: *const CUgraphNode,
    edgeData: *const CUgraphEdgeData,
    numDependencies: usize,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Graph, hGraph as u64)?;
        body.scalar(numDependencies);
        body.handles(
            Kind::GraphNode,
            from.cast::<u64>(),
            (numDependencies) as usize,
        )?;
        body.handles(
            Kind::GraphNode,
            to.cast::<u64>(),
            (numDependencies) as usize,
        )?;
        body.maybe_pods(
            edgeData as *const CUgraphEdgeData,
            (numDependencies) as usize,
        )?;

        let _ = call(514, &body)?;
    }
    Ok(())
}

/// Forwards `cuGraphAddEmptyNode` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphAddEmptyNode(
    phGraphNode: *mut CUgraphNode,
    hGraph: CUgraph,
    dependencies: *const CUgraphNode,
    numDependencies: usize,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Graph, hGraph as u64)?;
        body.scalar(numDependencies);
        body.handles(
            Kind::GraphNode,
            dependencies.cast::<u64>(),
            (numDependencies) as usize,
        )?;

        let mut answer = call(504, &body)?;
        answer.write(phGraphNode)?;
    }
    Ok(())
}

/// Forwards `cuGraphAddEventRecordNode` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphAddEventRecordNode(
    phGraphNode: *mut CUgraphNode,
    hGraph: CUgraph,
    dependencies: *const CUgraphNode,
    numDependencies: usize,
    event: CUevent,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Graph, hGraph as u64)?;
        body.scalar(numDependencies);
        body.handle(Kind::Event, event as u64)?;
        body.handles(
            Kind::GraphNode,
            dependencies.cast::<u64>(),
            (numDependencies) as usize,
        )?;

        let mut answer = call(506, &body)?;
        answer.write(phGraphNode)?;
    }
    Ok(())
}

/// Forwards `cuGraphAddEventWaitNode` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphAddEventWaitNode(
    phGraphNode: *mut CUgraphNode,
    hGraph: CUgraph,
    dependencies: *const CUgraphNode,
    numDependencies: usize,
    event: CUevent,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Graph, hGraph as u64)?;
        body.scalar(numDependencies);
        body.handle(Kind::Event, event as u64)?;
        body.handles(
            Kind::GraphNode,
            dependencies.cast::<u64>(),
            (numDependencies) as usize,
        )?;

        let mut answer = call(507, &body)?;
        answer.write(phGraphNode)?;
    }
    Ok(())
}

/// Forwards `cuGraphAddMemFreeNode` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphAddMemFreeNode(
    phGraphNode: *mut CUgraphNode,
    hGraph: CUgraph,
    dependencies: *const CUgraphNode,
    numDependencies: usize,
    dptr: CUdeviceptr,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Graph, hGraph as u64)?;
        body.scalar(numDependencies);
        body.scalar(dptr);
        body.handles(
            Kind::GraphNode,
            dependencies.cast::<u64>(),
            (numDependencies) as usize,
        )?;

        let mut answer = call(509, &body)?;
        answer.write(phGraphNode)?;
    }
    Ok(())
}

/// Forwards `cuGraphAddMemsetNode` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphAddMemsetNode(
    phGraphNode: *mut CUgraphNode,
    hGraph: CUgraph,
    dependencies: *const CUgraphNode,
    numDependencies: usize,
    memsetParams: *const CUDA_MEMSET_NODE_PARAMS,
    ctx: CUcontext,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Graph, hGraph as u64)?;
        body.scalar(numDependencies);
        body.pod(memsetParams)?;
        body.handle(Kind::Context, ctx as u64)?;
        body.handles(
            Kind::GraphNode,
            dependencies.cast::<u64>(),
            (numDependencies) as usize,
        )?;

        let mut answer = call(508, &body)?;
        answer.write(phGraphNode)?;
    }
    Ok(())
}

/// Forwards `cuGraphChildGraphNodeGetGraph` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphChildGraphNodeGetGraph(
    hNode: CUgraphNode,
    phGraph: *mut CUgraph,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::GraphNode, hNode as u64)?;

        let mut answer = call(517, &body)?;
        answer.write(phGraph)?;
    }
    Ok(())
}

/// Forwards `cuGraphClone` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphClone(phGraphClone: *mut CUgraph, originalGraph: CUgraph) -> Result<()> {
    let fresh = Fresh::new(Kind::Graph, phGraphClone as *const c_void)?;
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(fresh.id());
        body.handle(Kind::Graph, originalGraph as u64)?;

        let _ = call(503, &body)?;
        phGraphClone.write(fresh.keep() as CUgraph);
    }
    Ok(())
}

/// Forwards `cuGraphConditionalHandleCreate` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphConditionalHandleCreate(
    pHandle_out: *mut CUgraphConditionalHandle,
    hGraph: CUgraph,
    ctx: CUcontext,
    defaultLaunchValue: c_uint,
    flags: c_uint,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Graph, hGraph as u64)?;
        body.handle(Kind::Context, ctx as u64)?;
        body.scalar(defaultLaunchValue);
        body.scalar(flags);

        let mut answer = call(539, &body)?;
        answer.write(pHandle_out)?;
    }
    Ok(())
}

/// Forwards `cuGraphCreate` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphCreate(phGraph: *mut CUgraph, flags: c_uint) -> Result<()> {
    let fresh = Fresh::new(Kind::Graph, phGraph as *const c_void)?;
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(fresh.id());
        body.scalar(flags);

        let _ = call(501, &body)?;
        phGraph.write(fresh.keep() as CUgraph);
    }
    Ok(())
}

/// Forwards `cuGraphDestroy` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphDestroy(hGraph: CUgraph) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Graph, hGraph as u64)?;

        let _ = call(502, &body)?;
        retire(hGraph as u64);
    }
    Ok(())
}

/// Forwards `cuGraphDestroyNode` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphDestroyNode(hNode: CUgraphNode) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::GraphNode, hNode as u64)?;

        let _ = call(512, &body)?;
        retire(hNode as u64);
    }
    Ok(())
}

/// Forwards `cuGraphEventRecordNodeGetEvent` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphEventRecordNodeGetEvent(
    hNode: CUgraphNode,
    event_out: *mut CUevent,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::GraphNode, hNode as u64)?;

        let mut answer = call(518, &body)?;
        answer.write(event_out)?;
    }
    Ok(())
}

/// Forwards `cuGraphEventRecordNodeSetEvent` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphEventRecordNodeSetEvent(hNode: CUgraphNode, event: CUevent) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::GraphNode, hNode as u64)?;
        body.handle(Kind::Event, event as u64)?;

        let _ = call(519, &body)?;
    }
    Ok(())
}

/// Forwards `cuGraphEventWaitNodeGetEvent` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphEventWaitNodeGetEvent(
    hNode: CUgraphNode,
    event_out: *mut CUevent,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::GraphNode, hNode as u64)?;

        let mut answer = call(520, &body)?;
        answer.write(event_out)?;
    }
    Ok(())
}

/// Forwards `cuGraphEventWaitNodeSetEvent` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphEventWaitNodeSetEvent(hNode: CUgraphNode, event: CUevent) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::GraphNode, hNode as u64)?;
        body.handle(Kind::Event, event as u64)?;

        let _ = call(521, &body)?;
    }
    Ok(())
}

/// Forwards `cuGraphExecChildGraphNodeSetParams` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphExecChildGraphNodeSetParams(
    hGraphExec: CUgraphExec,
    hNode: CUgraphNode,
    childGraph: CUgraph,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::GraphExec, hGraphExec as u64)?;
        body.handle(Kind::GraphNode, hNode as u64)?;
        body.handle(Kind::Graph, childGraph as u64)?;

        let _ = call(534, &body)?;
    }
    Ok(())
}

/// Forwards `cuGraphExecDestroy` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphExecDestroy(hGraphExec: CUgraphExec) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::GraphExec, hGraphExec as u64)?;

        post(529, &body)?;
        retire(hGraphExec as u64);
    }
    Ok(())
}

/// Forwards `cuGraphExecEventRecordNodeSetEvent` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphExecEventRecordNodeSetEvent(
    hGraphExec: CUgraphExec,
    hNode: CUgraphNode,
    event: CUevent,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::GraphExec, hGraphExec as u64)?;
        body.handle(Kind::GraphNode, hNode as u64)?;
        body.handle(Kind::Event, event as u64)?;

        let _ = call(535, &body)?;
    }
    Ok(())
}

/// Forwards `cuGraphExecEventWaitNodeSetEvent` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphExecEventWaitNodeSetEvent(
    hGraphExec: CUgraphExec,
    hNode: CUgraphNode,
    event: CUevent,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::GraphExec, hGraphExec as u64)?;
        body.handle(Kind::GraphNode, hNode as u64)?;
        body.handle(Kind::Event, event as u64)?;

        let _ = call(536, &body)?;
    }
    Ok(())
}

/// Forwards `cuGraphExecGetFlags` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphExecGetFlags(hGraphExec: CUgraphExec, flags: *mut cuuint64_t) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::GraphExec, hGraphExec as u64)?;

        let mut answer = call(530, &body)?;
        answer.write(flags)?;
    }
    Ok(())
}

/// Forwards `cuGraphExecMemsetNodeSetParams` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphExecMemsetNodeSetParams(
    hGraphExec: CUgraphExec,
    hNode: CUgraphNode,
    memsetParams: *const CUDA_MEMSET_NODE_PARAMS,
    ctx: CUcontext,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::GraphExec, hGraphExec as u64)?;
        body.handle(Kind::GraphNode, hNode as u64)?;
        body.pod(memsetParams)?;
        body.handle(Kind::Context, ctx as u64)?;

        let _ = call(533, &body)?;
    }
    Ok(())
}

/// Forwards `cuGraphInstantiateWithFlags` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphInstantiateWithFlags(
    phGraphExec: *mut CUgraphExec,
    hGraph: CUgraph,
    flags: c_ulonglong,
) -> Result<()> {
    let fresh = Fresh::new(Kind::GraphExec, phGraphExec as *const c_void)?;
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(fresh.id());
        body.handle(Kind::Graph, hGraph as u64)?;
        body.scalar(flags);

        let _ = call(528, &body)?;
        phGraphExec.write(fresh.keep() as CUgraphExec);
    }
    Ok(())
}

/// Forwards `cuGraphKernelNodeCopyAttributes` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphKernelNodeCopyAttributes(dst: CUgraphNode, src: CUgraphNode) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::GraphNode, dst as u64)?;
        body.handle(Kind::GraphNode, src as u64)?;

        let _ = call(525, &body)?;
    }
    Ok(())
}

/// Forwards `cuGraphKernelNodeGetAttribute` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphKernelNodeGetAttribute(
    hNode: CUgraphNode,
    attr: CUkernelNodeAttrID,
    value_out: *mut CUkernelNodeAttrValue,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::GraphNode, hNode as u64)?;
        body.scalar(attr);

        let mut answer = call(526, &body)?;
        answer.write(value_out)?;
    }
    Ok(())
}

/// Forwards `cuGraphKernelNodeSetAttribute` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphKernelNodeSetAttribute(
    hNode: CUgraphNode,
    attr: CUkernelNodeAttrID,
    value: *const CUkernelNodeAttrValue,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::GraphNode, hNode as u64)?;
        body.scalar(attr);
        body.pod(value)?;

        let _ = call(527, &body)?;
    }
    Ok(())
}

/// Forwards `cuGraphLaunch` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphLaunch(hGraph: CUgraphExec, hStream: CUstream) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::GraphExec, hGraph as u64)?;
        body.handle(Kind::Stream, hStream as u64)?;

        post(532, &body)?;
    }
    Ok(())
}

/// Forwards `cuGraphMemFreeNodeGetParams` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphMemFreeNodeGetParams(
    hNode: CUgraphNode,
    dptr_out: *mut CUdeviceptr,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::GraphNode, hNode as u64)?;

        let mut answer = call(524, &body)?;
        answer.write(dptr_out)?;
    }
    Ok(())
}

/// Forwards `cuGraphMemsetNodeGetParams` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphMemsetNodeGetParams(
    hNode: CUgraphNode,
    nodeParams: *mut CUDA_MEMSET_NODE_PARAMS,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::GraphNode, hNode as u64)?;

        let mut answer = call(522, &body)?;
        answer.write(nodeParams)?;
    }
    Ok(())
}

/// Forwards `cuGraphMemsetNodeSetParams` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphMemsetNodeSetParams(
    hNode: CUgraphNode,
    nodeParams: *const CUDA_MEMSET_NODE_PARAMS,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::GraphNode, hNode as u64)?;
        body.pod(nodeParams)?;

        let _ = call(523, &body)?;
    }
    Ok(())
}

/// Forwards `cuGraphNodeFindInClone` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphNodeFindInClone(
    phNode: *mut CUgraphNode,
    hOriginalNode: CUgraphNode,
    hClonedGraph: CUgraph,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::GraphNode, hOriginalNode as u64)?;
        body.handle(Kind::Graph, hClonedGraph as u64)?;

        let mut answer = call(511, &body)?;
        answer.write(phNode)?;
    }
    Ok(())
}

/// Forwards `cuGraphNodeGetEnabled` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphNodeGetEnabled(
    hGraphExec: CUgraphExec,
    hNode: CUgraphNode,
    isEnabled: *mut c_uint,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::GraphExec, hGraphExec as u64)?;
        body.handle(Kind::GraphNode, hNode as u64)?;

        let mut answer = call(538, &body)?;
        answer.write(isEnabled)?;
    }
    Ok(())
}

/// Forwards `cuGraphNodeGetType` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphNodeGetType(hNode: CUgraphNode, type_: *mut CUgraphNodeType) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::GraphNode, hNode as u64)?;

        let mut answer = call(510, &body)?;
        answer.write(type_)?;
    }
    Ok(())
}

/// Forwards `cuGraphNodeSetEnabled` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphNodeSetEnabled(
    hGraphExec: CUgraphExec,
    hNode: CUgraphNode,
    isEnabled: c_uint,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::GraphExec, hGraphExec as u64)?;
        body.handle(Kind::GraphNode, hNode as u64)?;
        body.scalar(isEnabled);

        let _ = call(537, &body)?;
    }
    Ok(())
}

/// Forwards `cuGraphReleaseUserObject` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphReleaseUserObject(
    graph: CUgraph,
    object: CUuserObject,
    count: c_uint,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Graph, graph as u64)?;
        body.handle(Kind::UserObject, object as u64)?;
        body.scalar(count);

        let _ = call(546, &body)?;
    }
    Ok(())
}

/// Forwards `cuGraphRemoveDependencies` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphRemoveDependencies(
    hGraph: CUgraph,
    from: *const CUgraphNode,
    to: *const CUgraphNode,
    numDependencies: usize,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Graph, hGraph as u64)?;
        body.scalar(numDependencies);
        body.handles(
            Kind::GraphNode,
            from.cast::<u64>(),
            (numDependencies) as usize,
        )?;
        body.handles(
            Kind::GraphNode,
            to.cast::<u64>(),
            (numDependencies) as usize,
        )?;

        let _ = call(515, &body)?;
    }
    Ok(())
}

/// Forwards `cuGraphRemoveDependencies_v2` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphRemoveDependencies_v2(
    hGraph: CUgraph,
    from: *const CUgraphNode,
    to: *const CUgraphNode,
    edgeData: *const CUgraphEdgeData,
    numDependencies: usize,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Graph, hGraph as u64)?;
        body.scalar(numDependencies);
        body.handles(
            Kind::GraphNode,
            from.cast::<u64>(),
            (numDependencies) as usize,
        )?;
        body.handles(
            Kind::GraphNode,
            to.cast::<u64>(),
            (numDependencies) as usize,
        )?;
        body.maybe_pods(
            edgeData as *const CUgraphEdgeData,
            (numDependencies) as usize,
        )?;

        let _ = call(516, &body)?;
    }
    Ok(())
}

/// Forwards `cuGraphRetainUserObject` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphRetainUserObject(
    graph: CUgraph,
    object: CUuserObject,
    count: c_uint,
    flags: c_uint,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Graph, graph as u64)?;
        body.handle(Kind::UserObject, object as u64)?;
        body.scalar(count);
        body.scalar(flags);

        let _ = call(545, &body)?;
    }
    Ok(())
}

/// Forwards `cuGraphUpload` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGraphUpload(hGraph: CUgraphExec, hStream: CUstream) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::GraphExec, hGraph as u64)?;
        body.handle(Kind::Stream, hStream as u64)?;

        post(531, &body)?;
    }
    Ok(())
}

/// Forwards `cuGreenCtxCreate` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGreenCtxCreate(
    phCtx: *mut CUgreenCtx,
    desc: CUdevResourceDesc,
    dev: CUdevice,
    flags: c_uint,
) -> Result<()> {
    let fresh = Fresh::new(Kind::GreenContext, phCtx as *const c_void)?;
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(fresh.id());
        body.handle(Kind::ResourceDescription, desc as u64)?;
        body.scalar(dev);
        body.scalar(flags);

        let _ = call(554, &body)?;
        phCtx.write(fresh.keep() as CUgreenCtx);
    }
    Ok(())
}

/// Forwards `cuGreenCtxGetDevResource` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGreenCtxGetDevResource(
    hCtx: CUgreenCtx,
    resource: *mut CUdevResource,
    type_: CUdevResourceType,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::GreenContext, hCtx as u64)?;
        body.scalar(type_);

        let mut answer = call(552, &body)?;
        answer.write(resource)?;
    }
    Ok(())
}

/// Forwards `cuGreenCtxGetId` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGreenCtxGetId(greenCtx: CUgreenCtx, greenCtxId: *mut c_ulonglong) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::GreenContext, greenCtx as u64)?;

        let mut answer = call(557, &body)?;
        answer.write(greenCtxId)?;
    }
    Ok(())
}

/// Forwards `cuGreenCtxRecordEvent` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGreenCtxRecordEvent(hCtx: CUgreenCtx, hEvent: CUevent) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::GreenContext, hCtx as u64)?;
        body.handle(Kind::Event, hEvent as u64)?;

        post(555, &body)?;
    }
    Ok(())
}

/// Forwards `cuGreenCtxWaitEvent` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuGreenCtxWaitEvent(hCtx: CUgreenCtx, hEvent: CUevent) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::GreenContext, hCtx as u64)?;
        body.handle(Kind::Event, hEvent as u64)?;

        post(556, &body)?;
    }
    Ok(())
}

/// Forwards `cuIpcCloseMemHandle` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuIpcCloseMemHandle(dptr: CUdeviceptr) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(dptr);

        let _ = call(562, &body)?;
    }
    Ok(())
}

/// Forwards `cuIpcGetEventHandle` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuIpcGetEventHandle(pHandle: *mut CUipcEventHandle, event: CUevent) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Event, event as u64)?;

        let mut answer = call(563, &body)?;
        answer.write(pHandle)?;
    }
    Ok(())
}

/// Forwards `cuIpcGetMemHandle` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuIpcGetMemHandle(pHandle: *mut CUipcMemHandle, dptr: CUdeviceptr) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(dptr);

        let mut answer = call(560, &body)?;
        answer.write(pHandle)?;
    }
    Ok(())
}

/// Forwards `cuIpcOpenEventHandle` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuIpcOpenEventHandle(phEvent: *mut CUevent, handle: CUipcEventHandle) -> Result<()> {
    let fresh = Fresh::new(Kind::Event, phEvent as *const c_void)?;
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(fresh.id());
        body.pod(&raw const handle)?;

        let _ = call(564, &body)?;
        phEvent.write(fresh.keep() as CUevent);
    }
    Ok(())
}

/// Forwards `cuIpcOpenMemHandle_v2` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuIpcOpenMemHandle_v2(
    pdptr: *mut CUdeviceptr,
    handle: CUipcMemHandle,
    Flags: c_uint,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.pod(&raw const handle)?;
        body.scalar(Flags);

        let mut answer = call(561, &body)?;
        answer.write(pdptr)?;
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

/// Forwards `cuMemAdvise_v2` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemAdvise_v2(
    devPtr: CUdeviceptr,
    count: usize,
    advice: CUmem_advise,
    location: CUmemLocation,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(devPtr);
        body.scalar(count);
        body.scalar(advice);
        body.pod(&raw const location)?;

        let _ = call(360, &body)?;
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

/// Forwards `cuMemAllocManaged` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemAllocManaged(
    dptr: *mut CUdeviceptr,
    bytesize: usize,
    flags: c_uint,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(bytesize);
        body.scalar(flags);

        let mut answer = call(570, &body)?;
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

/// Forwards `cuMemBatchDecompressAsync` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemBatchDecompressAsync(
    paramsArray: *mut CUmemDecompressParams,
    count: usize,
    flags: c_uint,
    errorIndex: *mut usize,
    stream: CUstream,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(count);
        body.scalar(flags);
        body.handle(Kind::Stream, stream as u64)?;
        body.pods(
            paramsArray as *const CUmemDecompressParams,
            (count) as usize,
        )?;

        let mut answer = call(379, &body)?;
        answer.write(errorIndex)?;
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

/// Forwards `cuMemDiscardAndPrefetchBatchAsync` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemDiscardAndPrefetchBatchAsync(
    dptrs: *mut CUdeviceptr,
    sizes: *mut usize,
    count: usize,
    prefetchLocs: *mut CUmemLocation,
    prefetchLocIdxs: *mut usize,
    numPrefetchLocs: usize,
    flags: c_ulonglong,
    hStream: CUstream,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(count);
        body.scalar(numPrefetchLocs);
        body.scalar(flags);
        body.handle(Kind::Stream, hStream as u64)?;
        body.pods(dptrs as *const CUdeviceptr, (count) as usize)?;
        body.pods(sizes as *const usize, (count) as usize)?;
        body.pods(
            prefetchLocs as *const CUmemLocation,
            (numPrefetchLocs) as usize,
        )?;
        body.pods(prefetchLocIdxs as *const usize, (numPrefetchLocs) as usize)?;

        post(364, &body)?;
    }
    Ok(())
}

/// Forwards `cuMemDiscardBatchAsync` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemDiscardBatchAsync(
    dptrs: *mut CUdeviceptr,
    sizes: *mut usize,
    count: usize,
    flags: c_ulonglong,
    hStream: CUstream,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(count);
        body.scalar(flags);
        body.handle(Kind::Stream, hStream as u64)?;
        body.pods(dptrs as *const CUdeviceptr, (count) as usize)?;
        body.pods(sizes as *const usize, (count) as usize)?;

        post(362, &body)?;
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

/// Forwards `cuMemGetDefaultMemPool` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemGetDefaultMemPool(
    pool_out: *mut CUmemoryPool,
    location: *mut CUmemLocation,
    type_: CUmemAllocationType,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.pod(location)?;
        body.scalar(type_);

        let mut answer = call(365, &body)?;
        answer.write(pool_out)?;
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

/// Forwards `cuMemGetMemPool` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemGetMemPool(
    pool: *mut CUmemoryPool,
    location: *mut CUmemLocation,
    type_: CUmemAllocationType,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.pod(location)?;
        body.scalar(type_);

        let mut answer = call(366, &body)?;
        answer.write(pool)?;
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

/// Forwards `cuMemPoolExportPointer` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemPoolExportPointer(
    shareData_out: *mut CUmemPoolPtrExportData,
    ptr: CUdeviceptr,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(ptr as u64);

        let mut answer = call(368, &body)?;
        answer.write(shareData_out)?;
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

/// Forwards `cuMemPoolImportPointer` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemPoolImportPointer(
    ptr_out: *mut CUdeviceptr,
    pool: CUmemoryPool,
    shareData: *mut CUmemPoolPtrExportData,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::MemoryPool, pool as u64)?;
        body.pod(shareData)?;

        let mut answer = call(565, &body)?;
        answer.write(ptr_out)?;
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

/// Forwards `cuMemPrefetchAsync_v2` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemPrefetchAsync_v2(
    devPtr: CUdeviceptr,
    count: usize,
    location: CUmemLocation,
    flags: c_uint,
    hStream: CUstream,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(devPtr);
        body.scalar(count);
        body.pod(&raw const location)?;
        body.scalar(flags);
        body.handle(Kind::Stream, hStream as u64)?;

        post(361, &body)?;
    }
    Ok(())
}

/// Forwards `cuMemPrefetchBatchAsync` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemPrefetchBatchAsync(
    dptrs: *mut CUdeviceptr,
    sizes: *mut usize,
    count: usize,
    prefetchLocs: *mut CUmemLocation,
    prefetchLocIdxs: *mut usize,
    numPrefetchLocs: usize,
    flags: c_ulonglong,
    hStream: CUstream,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(count);
        body.scalar(numPrefetchLocs);
        body.scalar(flags);
        body.handle(Kind::Stream, hStream as u64)?;
        body.pods(dptrs as *const CUdeviceptr, (count) as usize)?;
        body.pods(sizes as *const usize, (count) as usize)?;
        body.pods(
            prefetchLocs as *const CUmemLocation,
            (numPrefetchLocs) as usize,
        )?;
        body.pods(prefetchLocIdxs as *const usize, (numPrefetchLocs) as usize)?;

        post(363, &body)?;
    }
    Ok(())
}

/// Forwards `cuMemRangeGetAttribute` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemRangeGetAttribute(
    data: *mut c_void,
    dataSize: usize,
    attribute: CUmem_range_attribute,
    devPtr: CUdeviceptr,
    count: usize,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(dataSize);
        body.scalar(attribute);
        body.scalar(devPtr);
        body.scalar(count);

        let mut answer = call(572, &body)?;
        answer.write_many(data as *mut u32, (dataSize / 4) as usize)?;
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
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(addr as u64);

        let mut answer = call(343, &body)?;
        answer.write(handle)?;
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

/// Forwards `cuMemSetMemPool` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemSetMemPool(
    location: *mut CUmemLocation,
    type_: CUmemAllocationType,
    pool: CUmemoryPool,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.pod(location)?;
        body.scalar(type_);
        body.handle(Kind::MemoryPool, pool as u64)?;

        let _ = call(367, &body)?;
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

/// Forwards `cuMemcpy3DPeerAsync` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemcpy3DPeerAsync(
    pCopy: *const CUDA_MEMCPY3D_PEER,
    hStream: CUstream,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.pod(pCopy)?;
        body.handle(Kind::Stream, hStream as u64)?;

        post(378, &body)?;
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

/// Forwards `cuMemcpyPeerAsync` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMemcpyPeerAsync(
    dstDevice: CUdeviceptr,
    dstContext: CUcontext,
    srcDevice: CUdeviceptr,
    srcContext: CUcontext,
    ByteCount: usize,
    hStream: CUstream,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(dstDevice);
        body.handle(Kind::Context, dstContext as u64)?;
        body.scalar(srcDevice);
        body.handle(Kind::Context, srcContext as u64)?;
        body.scalar(ByteCount);
        body.handle(Kind::Stream, hStream as u64)?;

        post(377, &body)?;
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

/// Forwards `cuMipmappedArrayCreate` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMipmappedArrayCreate(
    pHandle: *mut CUmipmappedArray,
    pMipmappedArrayDesc: *const CUDA_ARRAY3D_DESCRIPTOR,
    numMipmapLevels: c_uint,
) -> Result<()> {
    let fresh = Fresh::new(Kind::MipmappedArray, pHandle as *const c_void)?;
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(fresh.id());
        body.pod(pMipmappedArrayDesc)?;
        body.scalar(numMipmapLevels);

        let _ = call(448, &body)?;
        pHandle.write(fresh.keep() as CUmipmappedArray);
    }
    Ok(())
}

/// Forwards `cuMipmappedArrayDestroy` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMipmappedArrayDestroy(hMipmappedArray: CUmipmappedArray) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::MipmappedArray, hMipmappedArray as u64)?;

        let _ = call(449, &body)?;
        retire(hMipmappedArray as u64);
    }
    Ok(())
}

/// Forwards `cuMipmappedArrayGetLevel` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMipmappedArrayGetLevel(
    pLevelArray: *mut CUarray,
    hMipmappedArray: CUmipmappedArray,
    level: c_uint,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::MipmappedArray, hMipmappedArray as u64)?;
        body.scalar(level);

        let mut answer = call(450, &body)?;
        answer.write(pLevelArray)?;
    }
    Ok(())
}

/// Forwards `cuMipmappedArrayGetMemoryRequirements` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMipmappedArrayGetMemoryRequirements(
    memoryRequirements: *mut CUDA_ARRAY_MEMORY_REQUIREMENTS,
    mipmap: CUmipmappedArray,
    device: CUdevice,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::MipmappedArray, mipmap as u64)?;
        body.scalar(device);

        let mut answer = call(451, &body)?;
        answer.write(memoryRequirements)?;
    }
    Ok(())
}

/// Forwards `cuMipmappedArrayGetSparseProperties` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMipmappedArrayGetSparseProperties(
    sparseProperties: *mut CUDA_ARRAY_SPARSE_PROPERTIES,
    mipmap: CUmipmappedArray,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::MipmappedArray, mipmap as u64)?;

        let mut answer = call(452, &body)?;
        answer.write(sparseProperties)?;
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

/// Forwards `cuModuleGetSurfRef` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuModuleGetSurfRef(
    pSurfRef: *mut CUsurfref,
    hmod: CUmodule,
    name: *const c_char,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Module, hmod as u64)?;
        body.text(name)?;

        let mut answer = call(462, &body)?;
        answer.write(pSurfRef)?;
    }
    Ok(())
}

/// Forwards `cuModuleGetTexRef` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuModuleGetTexRef(
    pTexRef: *mut CUtexref,
    hmod: CUmodule,
    name: *const c_char,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Module, hmod as u64)?;
        body.text(name)?;

        let mut answer = call(461, &body)?;
        answer.write(pTexRef)?;
    }
    Ok(())
}

/// Forwards `cuMulticastAddDevice` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMulticastAddDevice(
    mcHandle: CUmemGenericAllocationHandle,
    dev: CUdevice,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Allocation, mcHandle as u64)?;
        body.scalar(dev);

        let _ = call(345, &body)?;
    }
    Ok(())
}

/// Forwards `cuMulticastBindAddr` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMulticastBindAddr(
    mcHandle: CUmemGenericAllocationHandle,
    mcOffset: usize,
    memptr: CUdeviceptr,
    size: usize,
    flags: c_ulonglong,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Allocation, mcHandle as u64)?;
        body.scalar(mcOffset);
        body.scalar(memptr);
        body.scalar(size);
        body.scalar(flags);

        let _ = call(347, &body)?;
    }
    Ok(())
}

/// Forwards `cuMulticastBindMem` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMulticastBindMem(
    mcHandle: CUmemGenericAllocationHandle,
    mcOffset: usize,
    memHandle: CUmemGenericAllocationHandle,
    memOffset: usize,
    size: usize,
    flags: c_ulonglong,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Allocation, mcHandle as u64)?;
        body.scalar(mcOffset);
        body.handle(Kind::Allocation, memHandle as u64)?;
        body.scalar(memOffset);
        body.scalar(size);
        body.scalar(flags);

        let _ = call(346, &body)?;
    }
    Ok(())
}

/// Forwards `cuMulticastCreate` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMulticastCreate(
    mcHandle: *mut CUmemGenericAllocationHandle,
    prop: *const CUmulticastObjectProp,
) -> Result<()> {
    let fresh = Fresh::new(Kind::Allocation, mcHandle as *const c_void)?;
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(fresh.id());
        body.pod(prop)?;

        let _ = call(344, &body)?;
        mcHandle.write(fresh.keep() as CUmemGenericAllocationHandle);
    }
    Ok(())
}

/// Forwards `cuMulticastGetGranularity` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMulticastGetGranularity(
    granularity: *mut usize,
    prop: *const CUmulticastObjectProp,
    option: CUmulticastGranularity_flags,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.pod(prop)?;
        body.scalar(option);

        let mut answer = call(349, &body)?;
        answer.write(granularity)?;
    }
    Ok(())
}

/// Forwards `cuMulticastUnbind` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuMulticastUnbind(
    mcHandle: CUmemGenericAllocationHandle,
    dev: CUdevice,
    mcOffset: usize,
    size: usize,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Allocation, mcHandle as u64)?;
        body.scalar(dev);
        body.scalar(mcOffset);
        body.scalar(size);

        let _ = call(348, &body)?;
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

/// Forwards `cuStreamAttachMemAsync` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuStreamAttachMemAsync(
    hStream: CUstream,
    dptr: CUdeviceptr,
    length: usize,
    flags: c_uint,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Stream, hStream as u64)?;
        body.scalar(dptr);
        body.scalar(length);
        body.scalar(flags);

        post(571, &body)?;
    }
    Ok(())
}

/// Forwards `cuStreamBatchMemOp_v2` and does not wait.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuStreamBatchMemOp_v2(
    stream: CUstream,
    count: c_uint,
    paramArray: *mut CUstreamBatchMemOpParams,
    flags: c_uint,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Stream, stream as u64)?;
        body.scalar(count);
        body.scalar(flags);
        body.pods(
            paramArray as *const CUstreamBatchMemOpParams,
            (count) as usize,
        )?;

        post(401, &body)?;
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

/// Forwards `cuStreamGetGreenCtx` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuStreamGetGreenCtx(hStream: CUstream, phCtx: *mut CUgreenCtx) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Stream, hStream as u64)?;

        let mut answer = call(402, &body)?;
        answer.write(phCtx)?;
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

/// Forwards `cuStreamUpdateCaptureDependencies_v2` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuStreamUpdateCaptureDependencies_v2(
    hStream: CUstream,
    dependencies: *mut CUgraphNode,
    dependencyData: *const CUgraphEdgeData,
    numDependencies: usize,
    flags: c_uint,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::Stream, hStream as u64)?;
        body.scalar(numDependencies);
        body.scalar(flags);
        body.handles(
            Kind::GraphNode,
            dependencies.cast::<u64>(),
            (numDependencies) as usize,
        )?;
        body.maybe_pods(
            dependencyData as *const CUgraphEdgeData,
            (numDependencies) as usize,
        )?;

        let _ = call(500, &body)?;
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

/// Forwards `cuSurfObjectCreate` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuSurfObjectCreate(
    pSurfObject: *mut CUsurfObject,
    pResDesc: *const CUDA_RESOURCE_DESC,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.pod(pResDesc)?;

        let mut answer = call(458, &body)?;
        answer.write(pSurfObject)?;
    }
    Ok(())
}

/// Forwards `cuSurfObjectDestroy` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuSurfObjectDestroy(surfObject: CUsurfObject) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(surfObject);

        let _ = call(459, &body)?;
    }
    Ok(())
}

/// Forwards `cuSurfObjectGetResourceDesc` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuSurfObjectGetResourceDesc(
    pResDesc: *mut CUDA_RESOURCE_DESC,
    surfObject: CUsurfObject,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(surfObject);

        let mut answer = call(460, &body)?;
        answer.write(pResDesc)?;
    }
    Ok(())
}

/// Forwards `cuSurfRefGetArray` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuSurfRefGetArray(phArray: *mut CUarray, hSurfRef: CUsurfref) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::SurfaceReference, hSurfRef as u64)?;

        let mut answer = call(491, &body)?;
        answer.write(phArray)?;
    }
    Ok(())
}

/// Forwards `cuSurfRefSetArray` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuSurfRefSetArray(hSurfRef: CUsurfref, hArray: CUarray, Flags: c_uint) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::SurfaceReference, hSurfRef as u64)?;
        body.handle(Kind::Array, hArray as u64)?;
        body.scalar(Flags);

        let _ = call(490, &body)?;
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

/// Forwards `cuTensorMapEncodeIm2colWide` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTensorMapEncodeIm2colWide(
    tensorMap: *mut CUtensorMap,
    tensorDataType: CUtensorMapDataType,
    tensorRank: cuuint32_t,
    globalAddress: *mut c_void,
    globalDim: *const cuuint64_t,
    globalStrides: *const cuuint64_t,
    pixelBoxLowerCornerWidth: c_int,
    pixelBoxUpperCornerWidth: c_int,
    channelsPerPixel: cuuint32_t,
    pixelsPerColumn: cuuint32_t,
    elementStrides: *const cuuint32_t,
    interleave: CUtensorMapInterleave,
    mode: CUtensorMapIm2ColWideMode,
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
        body.scalar(pixelBoxLowerCornerWidth);
        body.scalar(pixelBoxUpperCornerWidth);
        body.scalar(channelsPerPixel);
        body.scalar(pixelsPerColumn);
        body.scalar(interleave);
        body.scalar(mode);
        body.scalar(swizzle);
        body.scalar(l2Promotion);
        body.scalar(oobFill);
        body.pods(globalDim as *const cuuint64_t, (tensorRank) as usize)?;
        body.pods(
            globalStrides as *const cuuint64_t,
            (tensorRank - 1) as usize,
        )?;
        body.pods(elementStrides as *const cuuint32_t, (tensorRank) as usize)?;

        let mut answer = call(433, &body)?;
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

/// Forwards `cuTexObjectCreate` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexObjectCreate(
    pTexObject: *mut CUtexObject,
    pResDesc: *const CUDA_RESOURCE_DESC,
    pTexDesc: *const CUDA_TEXTURE_DESC,
    pResViewDesc: *const CUDA_RESOURCE_VIEW_DESC,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.pod(pResDesc)?;
        body.pod(pTexDesc)?;
        body.maybe_pod(pResViewDesc);

        let mut answer = call(453, &body)?;
        answer.write(pTexObject)?;
    }
    Ok(())
}

/// Forwards `cuTexObjectDestroy` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexObjectDestroy(texObject: CUtexObject) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(texObject);

        let _ = call(454, &body)?;
    }
    Ok(())
}

/// Forwards `cuTexObjectGetResourceDesc` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexObjectGetResourceDesc(
    pResDesc: *mut CUDA_RESOURCE_DESC,
    texObject: CUtexObject,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(texObject);

        let mut answer = call(455, &body)?;
        answer.write(pResDesc)?;
    }
    Ok(())
}

/// Forwards `cuTexObjectGetResourceViewDesc` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexObjectGetResourceViewDesc(
    pResViewDesc: *mut CUDA_RESOURCE_VIEW_DESC,
    texObject: CUtexObject,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(texObject);

        let mut answer = call(457, &body)?;
        answer.write(pResViewDesc)?;
    }
    Ok(())
}

/// Forwards `cuTexObjectGetTextureDesc` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexObjectGetTextureDesc(
    pTexDesc: *mut CUDA_TEXTURE_DESC,
    texObject: CUtexObject,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(texObject);

        let mut answer = call(456, &body)?;
        answer.write(pTexDesc)?;
    }
    Ok(())
}

/// Forwards `cuTexRefCreate` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexRefCreate(pTexRef: *mut CUtexref) -> Result<()> {
    let fresh = Fresh::new(Kind::TextureReference, pTexRef as *const c_void)?;
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.scalar(fresh.id());

        let _ = call(463, &body)?;
        pTexRef.write(fresh.keep() as CUtexref);
    }
    Ok(())
}

/// Forwards `cuTexRefDestroy` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexRefDestroy(hTexRef: CUtexref) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::TextureReference, hTexRef as u64)?;

        let _ = call(464, &body)?;
        retire(hTexRef as u64);
    }
    Ok(())
}

/// Forwards `cuTexRefGetAddressMode` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexRefGetAddressMode(
    pam: *mut CUaddress_mode,
    hTexRef: CUtexref,
    dim: c_int,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::TextureReference, hTexRef as u64)?;
        body.scalar(dim);

        let mut answer = call(481, &body)?;
        answer.write(pam)?;
    }
    Ok(())
}

/// Forwards `cuTexRefGetAddress_v2` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexRefGetAddress_v2(pdptr: *mut CUdeviceptr, hTexRef: CUtexref) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::TextureReference, hTexRef as u64)?;

        let mut answer = call(478, &body)?;
        answer.write(pdptr)?;
    }
    Ok(())
}

/// Forwards `cuTexRefGetArray` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexRefGetArray(phArray: *mut CUarray, hTexRef: CUtexref) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::TextureReference, hTexRef as u64)?;

        let mut answer = call(479, &body)?;
        answer.write(phArray)?;
    }
    Ok(())
}

/// Forwards `cuTexRefGetBorderColor` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexRefGetBorderColor(pBorderColor: *mut f32, hTexRef: CUtexref) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::TextureReference, hTexRef as u64)?;

        let mut answer = call(488, &body)?;
        answer.write_many(pBorderColor as *mut f32, (4) as usize)?;
    }
    Ok(())
}

/// Forwards `cuTexRefGetFilterMode` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexRefGetFilterMode(pfm: *mut CUfilter_mode, hTexRef: CUtexref) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::TextureReference, hTexRef as u64)?;

        let mut answer = call(482, &body)?;
        answer.write(pfm)?;
    }
    Ok(())
}

/// Forwards `cuTexRefGetFlags` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexRefGetFlags(pFlags: *mut c_uint, hTexRef: CUtexref) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::TextureReference, hTexRef as u64)?;

        let mut answer = call(489, &body)?;
        answer.write(pFlags)?;
    }
    Ok(())
}

/// Forwards `cuTexRefGetFormat` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexRefGetFormat(
    pFormat: *mut CUarray_format,
    pNumChannels: *mut c_int,
    hTexRef: CUtexref,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::TextureReference, hTexRef as u64)?;

        let mut answer = call(483, &body)?;
        answer.write(pFormat)?;
        answer.write(pNumChannels)?;
    }
    Ok(())
}

/// Forwards `cuTexRefGetMaxAnisotropy` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexRefGetMaxAnisotropy(pmaxAniso: *mut c_int, hTexRef: CUtexref) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::TextureReference, hTexRef as u64)?;

        let mut answer = call(487, &body)?;
        answer.write(pmaxAniso)?;
    }
    Ok(())
}

/// Forwards `cuTexRefGetMipmapFilterMode` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexRefGetMipmapFilterMode(
    pfm: *mut CUfilter_mode,
    hTexRef: CUtexref,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::TextureReference, hTexRef as u64)?;

        let mut answer = call(484, &body)?;
        answer.write(pfm)?;
    }
    Ok(())
}

/// Forwards `cuTexRefGetMipmapLevelBias` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexRefGetMipmapLevelBias(pbias: *mut f32, hTexRef: CUtexref) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::TextureReference, hTexRef as u64)?;

        let mut answer = call(485, &body)?;
        answer.write(pbias)?;
    }
    Ok(())
}

/// Forwards `cuTexRefGetMipmapLevelClamp` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexRefGetMipmapLevelClamp(
    pminMipmapLevelClamp: *mut f32,
    pmaxMipmapLevelClamp: *mut f32,
    hTexRef: CUtexref,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::TextureReference, hTexRef as u64)?;

        let mut answer = call(486, &body)?;
        answer.write(pminMipmapLevelClamp)?;
        answer.write(pmaxMipmapLevelClamp)?;
    }
    Ok(())
}

/// Forwards `cuTexRefGetMipmappedArray` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexRefGetMipmappedArray(
    phMipmappedArray: *mut CUmipmappedArray,
    hTexRef: CUtexref,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::TextureReference, hTexRef as u64)?;

        let mut answer = call(480, &body)?;
        answer.write(phMipmappedArray)?;
    }
    Ok(())
}

/// Forwards `cuTexRefSetAddress2D_v2` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexRefSetAddress2D_v2(
    hTexRef: CUtexref,
    desc: *const CUDA_ARRAY_DESCRIPTOR,
    dptr: CUdeviceptr,
    Pitch: usize,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::TextureReference, hTexRef as u64)?;
        body.pod(desc)?;
        body.scalar(dptr);
        body.scalar(Pitch);

        let _ = call(492, &body)?;
    }
    Ok(())
}

/// Forwards `cuTexRefSetAddress2D_v3` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexRefSetAddress2D_v3(
    hTexRef: CUtexref,
    desc: *const CUDA_ARRAY_DESCRIPTOR,
    dptr: CUdeviceptr,
    Pitch: usize,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::TextureReference, hTexRef as u64)?;
        body.pod(desc)?;
        body.scalar(dptr);
        body.scalar(Pitch);

        let _ = call(468, &body)?;
    }
    Ok(())
}

/// Forwards `cuTexRefSetAddressMode` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexRefSetAddressMode(
    hTexRef: CUtexref,
    dim: c_int,
    am: CUaddress_mode,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::TextureReference, hTexRef as u64)?;
        body.scalar(dim);
        body.scalar(am);

        let _ = call(470, &body)?;
    }
    Ok(())
}

/// Forwards `cuTexRefSetAddress_v2` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexRefSetAddress_v2(
    ByteOffset: *mut usize,
    hTexRef: CUtexref,
    dptr: CUdeviceptr,
    bytes: usize,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::TextureReference, hTexRef as u64)?;
        body.scalar(dptr);
        body.scalar(bytes);

        let mut answer = call(467, &body)?;
        answer.write(ByteOffset)?;
    }
    Ok(())
}

/// Forwards `cuTexRefSetArray` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexRefSetArray(hTexRef: CUtexref, hArray: CUarray, Flags: c_uint) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::TextureReference, hTexRef as u64)?;
        body.handle(Kind::Array, hArray as u64)?;
        body.scalar(Flags);

        let _ = call(465, &body)?;
    }
    Ok(())
}

/// Forwards `cuTexRefSetBorderColor` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexRefSetBorderColor(hTexRef: CUtexref, pBorderColor: *mut f32) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::TextureReference, hTexRef as u64)?;
        body.pods(pBorderColor as *const f32, (4) as usize)?;

        let _ = call(476, &body)?;
    }
    Ok(())
}

/// Forwards `cuTexRefSetFilterMode` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexRefSetFilterMode(hTexRef: CUtexref, fm: CUfilter_mode) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::TextureReference, hTexRef as u64)?;
        body.scalar(fm);

        let _ = call(471, &body)?;
    }
    Ok(())
}

/// Forwards `cuTexRefSetFlags` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexRefSetFlags(hTexRef: CUtexref, Flags: c_uint) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::TextureReference, hTexRef as u64)?;
        body.scalar(Flags);

        let _ = call(477, &body)?;
    }
    Ok(())
}

/// Forwards `cuTexRefSetFormat` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexRefSetFormat(
    hTexRef: CUtexref,
    fmt: CUarray_format,
    NumPackedComponents: c_int,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::TextureReference, hTexRef as u64)?;
        body.scalar(fmt);
        body.scalar(NumPackedComponents);

        let _ = call(469, &body)?;
    }
    Ok(())
}

/// Forwards `cuTexRefSetMaxAnisotropy` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexRefSetMaxAnisotropy(hTexRef: CUtexref, maxAniso: c_uint) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::TextureReference, hTexRef as u64)?;
        body.scalar(maxAniso);

        let _ = call(475, &body)?;
    }
    Ok(())
}

/// Forwards `cuTexRefSetMipmapFilterMode` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexRefSetMipmapFilterMode(hTexRef: CUtexref, fm: CUfilter_mode) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::TextureReference, hTexRef as u64)?;
        body.scalar(fm);

        let _ = call(472, &body)?;
    }
    Ok(())
}

/// Forwards `cuTexRefSetMipmapLevelBias` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexRefSetMipmapLevelBias(hTexRef: CUtexref, bias: f32) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::TextureReference, hTexRef as u64)?;
        body.scalar(bias);

        let _ = call(473, &body)?;
    }
    Ok(())
}

/// Forwards `cuTexRefSetMipmapLevelClamp` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexRefSetMipmapLevelClamp(
    hTexRef: CUtexref,
    minMipmapLevelClamp: f32,
    maxMipmapLevelClamp: f32,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::TextureReference, hTexRef as u64)?;
        body.scalar(minMipmapLevelClamp);
        body.scalar(maxMipmapLevelClamp);

        let _ = call(474, &body)?;
    }
    Ok(())
}

/// Forwards `cuTexRefSetMipmappedArray` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuTexRefSetMipmappedArray(
    hTexRef: CUtexref,
    hMipmappedArray: CUmipmappedArray,
    Flags: c_uint,
) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::TextureReference, hTexRef as u64)?;
        body.handle(Kind::MipmappedArray, hMipmappedArray as u64)?;
        body.scalar(Flags);

        let _ = call(466, &body)?;
    }
    Ok(())
}

/// Forwards `cuUserObjectRelease` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuUserObjectRelease(object: CUuserObject, count: c_uint) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::UserObject, object as u64)?;
        body.scalar(count);

        let _ = call(544, &body)?;
    }
    Ok(())
}

/// Forwards `cuUserObjectRetain` and waits for the answer.
///
/// # Safety
///
/// As CUDA documents for its arguments.
pub unsafe fn cuUserObjectRetain(object: CUuserObject, count: c_uint) -> Result<()> {
    let mut body = Body::new();
    // SAFETY: the program keeps CUDA's contract for these arguments.
    unsafe {
        body.handle(Kind::UserObject, object as u64)?;
        body.scalar(count);

        let _ = call(543, &body)?;
    }
    Ok(())
}

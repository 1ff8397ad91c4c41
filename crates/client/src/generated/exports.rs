// Made by `cargo xtask gen` from CUDA's headers and functions.def. Do not edit.

use core::ffi::*;

use pillion_cuda_abi::types::*;

use super::{Pointer, remote};
use crate::api::{self, DefaultStream};
use crate::entry::{entry, per_thread, unsupported};

/// CUDA's `cuArray3DCreate`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuArray3DCreate(
    pHandle: *mut CUarray,
    pAllocateArray: *const CUDA_ARRAY3D_DESCRIPTOR_v1,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuArray3DCreate", || unsafe {
        api::cuArray3DCreate(pHandle, pAllocateArray)
    })
}

/// CUDA's `cuArray3DCreate_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuArray3DCreate_v2(
    pHandle: *mut CUarray,
    pAllocateArray: *const CUDA_ARRAY3D_DESCRIPTOR,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuArray3DCreate_v2", || unsafe {
        remote::cuArray3DCreate_v2(pHandle, pAllocateArray)
    })
}

/// CUDA's `cuArray3DGetDescriptor`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuArray3DGetDescriptor(
    pArrayDescriptor: *mut CUDA_ARRAY3D_DESCRIPTOR_v1,
    hArray: CUarray,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuArray3DGetDescriptor", || unsafe {
        api::cuArray3DGetDescriptor(pArrayDescriptor, hArray)
    })
}

/// CUDA's `cuArray3DGetDescriptor_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuArray3DGetDescriptor_v2(
    pArrayDescriptor: *mut CUDA_ARRAY3D_DESCRIPTOR,
    hArray: CUarray,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuArray3DGetDescriptor_v2", || unsafe {
        remote::cuArray3DGetDescriptor_v2(pArrayDescriptor, hArray)
    })
}

/// CUDA's `cuArrayCreate`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuArrayCreate(
    pHandle: *mut CUarray,
    pAllocateArray: *const CUDA_ARRAY_DESCRIPTOR_v1,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuArrayCreate", || unsafe {
        api::cuArrayCreate(pHandle, pAllocateArray)
    })
}

/// CUDA's `cuArrayCreate_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuArrayCreate_v2(
    pHandle: *mut CUarray,
    pAllocateArray: *const CUDA_ARRAY_DESCRIPTOR,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuArrayCreate_v2", || unsafe {
        remote::cuArrayCreate_v2(pHandle, pAllocateArray)
    })
}

/// CUDA's `cuArrayDestroy`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuArrayDestroy(hArray: CUarray) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuArrayDestroy", || unsafe {
        remote::cuArrayDestroy(hArray)
    })
}

/// CUDA's `cuArrayGetDescriptor`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuArrayGetDescriptor(
    pArrayDescriptor: *mut CUDA_ARRAY_DESCRIPTOR_v1,
    hArray: CUarray,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuArrayGetDescriptor", || unsafe {
        api::cuArrayGetDescriptor(pArrayDescriptor, hArray)
    })
}

/// CUDA's `cuArrayGetDescriptor_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuArrayGetDescriptor_v2(
    pArrayDescriptor: *mut CUDA_ARRAY_DESCRIPTOR,
    hArray: CUarray,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuArrayGetDescriptor_v2", || unsafe {
        remote::cuArrayGetDescriptor_v2(pArrayDescriptor, hArray)
    })
}

/// CUDA's `cuArrayGetMemoryRequirements`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuArrayGetMemoryRequirements(
    memoryRequirements: *mut CUDA_ARRAY_MEMORY_REQUIREMENTS,
    array: CUarray,
    device: CUdevice,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuArrayGetMemoryRequirements", || unsafe {
        remote::cuArrayGetMemoryRequirements(memoryRequirements, array, device)
    })
}

/// CUDA's `cuArrayGetPlane`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuArrayGetPlane(
    pPlaneArray: *mut CUarray,
    hArray: CUarray,
    planeIdx: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuArrayGetPlane", || unsafe {
        remote::cuArrayGetPlane(pPlaneArray, hArray, planeIdx)
    })
}

/// CUDA's `cuArrayGetSparseProperties`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuArrayGetSparseProperties(
    sparseProperties: *mut CUDA_ARRAY_SPARSE_PROPERTIES,
    array: CUarray,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuArrayGetSparseProperties", || unsafe {
        remote::cuArrayGetSparseProperties(sparseProperties, array)
    })
}

/// CUDA's `cuCheckpointProcessCheckpoint`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCheckpointProcessCheckpoint(
    _: c_int,
    _: *mut CUcheckpointCheckpointArgs,
) -> CUresult {
    unsupported("cuCheckpointProcessCheckpoint")
}

/// CUDA's `cuCheckpointProcessGetRestoreThreadId`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCheckpointProcessGetRestoreThreadId(
    _: c_int,
    _: *mut c_int,
) -> CUresult {
    unsupported("cuCheckpointProcessGetRestoreThreadId")
}

/// CUDA's `cuCheckpointProcessGetState`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCheckpointProcessGetState(_: c_int, _: *mut CUprocessState) -> CUresult {
    unsupported("cuCheckpointProcessGetState")
}

/// CUDA's `cuCheckpointProcessLock`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCheckpointProcessLock(
    _: c_int,
    _: *mut CUcheckpointLockArgs,
) -> CUresult {
    unsupported("cuCheckpointProcessLock")
}

/// CUDA's `cuCheckpointProcessRestore`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCheckpointProcessRestore(
    _: c_int,
    _: *mut CUcheckpointRestoreArgs,
) -> CUresult {
    unsupported("cuCheckpointProcessRestore")
}

/// CUDA's `cuCheckpointProcessUnlock`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCheckpointProcessUnlock(
    _: c_int,
    _: *mut CUcheckpointUnlockArgs,
) -> CUresult {
    unsupported("cuCheckpointProcessUnlock")
}

/// CUDA's `cuCoredumpGetAttribute`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCoredumpGetAttribute(
    _: CUcoredumpSettings,
    _: *mut c_void,
    _: *mut usize,
) -> CUresult {
    unsupported("cuCoredumpGetAttribute")
}

/// CUDA's `cuCoredumpGetAttributeGlobal`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCoredumpGetAttributeGlobal(
    _: CUcoredumpSettings,
    _: *mut c_void,
    _: *mut usize,
) -> CUresult {
    unsupported("cuCoredumpGetAttributeGlobal")
}

/// CUDA's `cuCoredumpSetAttribute`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCoredumpSetAttribute(
    _: CUcoredumpSettings,
    _: *mut c_void,
    _: *mut usize,
) -> CUresult {
    unsupported("cuCoredumpSetAttribute")
}

/// CUDA's `cuCoredumpSetAttributeGlobal`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCoredumpSetAttributeGlobal(
    _: CUcoredumpSettings,
    _: *mut c_void,
    _: *mut usize,
) -> CUresult {
    unsupported("cuCoredumpSetAttributeGlobal")
}

/// CUDA's `cuCtxAttach`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxAttach(pctx: *mut CUcontext, flags: c_uint) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxAttach", || unsafe { api::cuCtxAttach(pctx, flags) })
}

/// CUDA's `cuCtxCreate`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxCreate(
    pctx: *mut CUcontext,
    flags: c_uint,
    dev: CUdevice,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxCreate", || unsafe {
        api::cuCtxCreate(pctx, flags, dev)
    })
}

/// CUDA's `cuCtxCreate_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxCreate_v2(
    pctx: *mut CUcontext,
    flags: c_uint,
    dev: CUdevice,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxCreate_v2", || unsafe {
        api::cuCtxCreate_v2(pctx, flags, dev)
    })
}

/// CUDA's `cuCtxCreate_v3`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxCreate_v3(
    pctx: *mut CUcontext,
    paramsArray: *mut CUexecAffinityParam,
    numParams: c_int,
    flags: c_uint,
    dev: CUdevice,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxCreate_v3", || unsafe {
        api::cuCtxCreate_v3(pctx, paramsArray, numParams, flags, dev)
    })
}

/// CUDA's `cuCtxCreate_v4`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxCreate_v4(
    pctx: *mut CUcontext,
    ctxCreateParams: *mut CUctxCreateParams,
    flags: c_uint,
    dev: CUdevice,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxCreate_v4", || unsafe {
        api::cuCtxCreate_v4(pctx, ctxCreateParams, flags, dev)
    })
}

/// CUDA's `cuCtxDestroy`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxDestroy(ctx: CUcontext) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxDestroy", || unsafe { api::cuCtxDestroy(ctx) })
}

/// CUDA's `cuCtxDestroy_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxDestroy_v2(ctx: CUcontext) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxDestroy_v2", || unsafe { api::cuCtxDestroy_v2(ctx) })
}

/// CUDA's `cuCtxDetach`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxDetach(ctx: CUcontext) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxDetach", || unsafe { api::cuCtxDetach(ctx) })
}

/// CUDA's `cuCtxDisablePeerAccess`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxDisablePeerAccess(peerContext: CUcontext) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxDisablePeerAccess", || unsafe {
        remote::cuCtxDisablePeerAccess(peerContext)
    })
}

/// CUDA's `cuCtxEnablePeerAccess`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxEnablePeerAccess(peerContext: CUcontext, Flags: c_uint) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxEnablePeerAccess", || unsafe {
        remote::cuCtxEnablePeerAccess(peerContext, Flags)
    })
}

/// CUDA's `cuCtxFromGreenCtx`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxFromGreenCtx(pContext: *mut CUcontext, hCtx: CUgreenCtx) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxFromGreenCtx", || unsafe {
        api::cuCtxFromGreenCtx(pContext, hCtx)
    })
}

/// CUDA's `cuCtxGetApiVersion`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetApiVersion(ctx: CUcontext, version: *mut c_uint) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxGetApiVersion", || unsafe {
        api::cuCtxGetApiVersion(ctx, version)
    })
}

/// CUDA's `cuCtxGetCacheConfig`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetCacheConfig(pconfig: *mut CUfunc_cache) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxGetCacheConfig", || unsafe {
        remote::cuCtxGetCacheConfig(pconfig)
    })
}

/// CUDA's `cuCtxGetCurrent`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetCurrent(pctx: *mut CUcontext) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxGetCurrent", || unsafe { api::cuCtxGetCurrent(pctx) })
}

/// CUDA's `cuCtxGetDevResource`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetDevResource(
    hCtx: CUcontext,
    resource: *mut CUdevResource,
    type_: CUdevResourceType,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxGetDevResource", || unsafe {
        remote::cuCtxGetDevResource(hCtx, resource, type_)
    })
}

/// CUDA's `cuCtxGetDevice`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetDevice(device: *mut CUdevice) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxGetDevice", || unsafe { api::cuCtxGetDevice(device) })
}

/// CUDA's `cuCtxGetDevice_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetDevice_v2(device: *mut CUdevice, ctx: CUcontext) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxGetDevice_v2", || unsafe {
        api::cuCtxGetDevice_v2(device, ctx)
    })
}

/// CUDA's `cuCtxGetExecAffinity`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetExecAffinity(
    pExecAffinity: *mut CUexecAffinityParam,
    type_: CUexecAffinityType,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxGetExecAffinity", || unsafe {
        remote::cuCtxGetExecAffinity(pExecAffinity, type_)
    })
}

/// CUDA's `cuCtxGetFlags`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetFlags(flags: *mut c_uint) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxGetFlags", || unsafe { api::cuCtxGetFlags(flags) })
}

/// CUDA's `cuCtxGetId`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetId(ctx: CUcontext, ctxId: *mut c_ulonglong) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxGetId", || unsafe { api::cuCtxGetId(ctx, ctxId) })
}

/// CUDA's `cuCtxGetLimit`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetLimit(pvalue: *mut usize, limit: CUlimit) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxGetLimit", || unsafe {
        api::cuCtxGetLimit(pvalue, limit)
    })
}

/// CUDA's `cuCtxGetSharedMemConfig`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetSharedMemConfig(pConfig: *mut CUsharedconfig) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxGetSharedMemConfig", || unsafe {
        remote::cuCtxGetSharedMemConfig(pConfig)
    })
}

/// CUDA's `cuCtxGetStreamPriorityRange`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxGetStreamPriorityRange(
    leastPriority: *mut c_int,
    greatestPriority: *mut c_int,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxGetStreamPriorityRange", || unsafe {
        api::cuCtxGetStreamPriorityRange(leastPriority, greatestPriority)
    })
}

/// CUDA's `cuCtxPopCurrent`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxPopCurrent(pctx: *mut CUcontext) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxPopCurrent", || unsafe { api::cuCtxPopCurrent(pctx) })
}

/// CUDA's `cuCtxPopCurrent_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxPopCurrent_v2(pctx: *mut CUcontext) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxPopCurrent_v2", || unsafe {
        api::cuCtxPopCurrent_v2(pctx)
    })
}

/// CUDA's `cuCtxPushCurrent`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxPushCurrent(ctx: CUcontext) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxPushCurrent", || unsafe { api::cuCtxPushCurrent(ctx) })
}

/// CUDA's `cuCtxPushCurrent_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxPushCurrent_v2(ctx: CUcontext) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxPushCurrent_v2", || unsafe {
        api::cuCtxPushCurrent_v2(ctx)
    })
}

/// CUDA's `cuCtxRecordEvent`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxRecordEvent(hCtx: CUcontext, hEvent: CUevent) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxRecordEvent", || unsafe {
        api::cuCtxRecordEvent(hCtx, hEvent)
    })
}

/// CUDA's `cuCtxResetPersistingL2Cache`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxResetPersistingL2Cache() -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxResetPersistingL2Cache", || unsafe {
        remote::cuCtxResetPersistingL2Cache()
    })
}

/// CUDA's `cuCtxSetCacheConfig`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxSetCacheConfig(config: CUfunc_cache) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxSetCacheConfig", || unsafe {
        remote::cuCtxSetCacheConfig(config)
    })
}

/// CUDA's `cuCtxSetCurrent`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxSetCurrent(ctx: CUcontext) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxSetCurrent", || unsafe { api::cuCtxSetCurrent(ctx) })
}

/// CUDA's `cuCtxSetFlags`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxSetFlags(flags: c_uint) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxSetFlags", || unsafe { api::cuCtxSetFlags(flags) })
}

/// CUDA's `cuCtxSetLimit`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxSetLimit(limit: CUlimit, value: usize) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxSetLimit", || unsafe {
        api::cuCtxSetLimit(limit, value)
    })
}

/// CUDA's `cuCtxSetSharedMemConfig`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxSetSharedMemConfig(config: CUsharedconfig) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxSetSharedMemConfig", || unsafe {
        remote::cuCtxSetSharedMemConfig(config)
    })
}

/// CUDA's `cuCtxSynchronize`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxSynchronize() -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxSynchronize", || unsafe { api::cuCtxSynchronize() })
}

/// CUDA's `cuCtxSynchronize_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxSynchronize_v2(ctx: CUcontext) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxSynchronize_v2", || unsafe {
        api::cuCtxSynchronize_v2(ctx)
    })
}

/// CUDA's `cuCtxWaitEvent`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuCtxWaitEvent(hCtx: CUcontext, hEvent: CUevent) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuCtxWaitEvent", || unsafe {
        remote::cuCtxWaitEvent(hCtx, hEvent)
    })
}

/// CUDA's `cuDestroyExternalMemory`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDestroyExternalMemory(_: CUexternalMemory) -> CUresult {
    unsupported("cuDestroyExternalMemory")
}

/// CUDA's `cuDestroyExternalSemaphore`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDestroyExternalSemaphore(_: CUexternalSemaphore) -> CUresult {
    unsupported("cuDestroyExternalSemaphore")
}

/// CUDA's `cuDevResourceGenerateDesc`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDevResourceGenerateDesc(
    phDesc: *mut CUdevResourceDesc,
    resources: *mut CUdevResource,
    nbResources: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDevResourceGenerateDesc", || unsafe {
        remote::cuDevResourceGenerateDesc(phDesc, resources, nbResources)
    })
}

/// CUDA's `cuDevSmResourceSplitByCount`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDevSmResourceSplitByCount(
    result: *mut CUdevResource,
    nbGroups: *mut c_uint,
    input: *const CUdevResource,
    remaining: *mut CUdevResource,
    useFlags: c_uint,
    minCount: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDevSmResourceSplitByCount", || unsafe {
        api::cuDevSmResourceSplitByCount(result, nbGroups, input, remaining, useFlags, minCount)
    })
}

/// CUDA's `cuDeviceCanAccessPeer`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceCanAccessPeer(
    canAccessPeer: *mut c_int,
    dev: CUdevice,
    peerDev: CUdevice,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDeviceCanAccessPeer", || unsafe {
        remote::cuDeviceCanAccessPeer(canAccessPeer, dev, peerDev)
    })
}

/// CUDA's `cuDeviceComputeCapability`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceComputeCapability(
    major: *mut c_int,
    minor: *mut c_int,
    dev: CUdevice,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDeviceComputeCapability", || unsafe {
        api::cuDeviceComputeCapability(major, minor, dev)
    })
}

/// CUDA's `cuDeviceGet`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGet(device: *mut CUdevice, ordinal: c_int) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDeviceGet", || unsafe {
        api::cuDeviceGet(device, ordinal)
    })
}

/// CUDA's `cuDeviceGetAttribute`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetAttribute(
    pi: *mut c_int,
    attrib: CUdevice_attribute,
    dev: CUdevice,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDeviceGetAttribute", || unsafe {
        api::cuDeviceGetAttribute(pi, attrib, dev)
    })
}

/// CUDA's `cuDeviceGetByPCIBusId`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetByPCIBusId(
    dev: *mut CUdevice,
    pciBusId: *const c_char,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDeviceGetByPCIBusId", || unsafe {
        api::cuDeviceGetByPCIBusId(dev, pciBusId)
    })
}

/// CUDA's `cuDeviceGetCount`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetCount(count: *mut c_int) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDeviceGetCount", || unsafe {
        api::cuDeviceGetCount(count)
    })
}

/// CUDA's `cuDeviceGetDefaultMemPool`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetDefaultMemPool(
    pool_out: *mut CUmemoryPool,
    dev: CUdevice,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDeviceGetDefaultMemPool", || unsafe {
        api::cuDeviceGetDefaultMemPool(pool_out, dev)
    })
}

/// CUDA's `cuDeviceGetDevResource`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetDevResource(
    device: CUdevice,
    resource: *mut CUdevResource,
    type_: CUdevResourceType,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDeviceGetDevResource", || unsafe {
        remote::cuDeviceGetDevResource(device, resource, type_)
    })
}

/// CUDA's `cuDeviceGetExecAffinitySupport`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetExecAffinitySupport(
    pi: *mut c_int,
    type_: CUexecAffinityType,
    dev: CUdevice,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDeviceGetExecAffinitySupport", || unsafe {
        remote::cuDeviceGetExecAffinitySupport(pi, type_, dev)
    })
}

/// CUDA's `cuDeviceGetGraphMemAttribute`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetGraphMemAttribute(
    device: CUdevice,
    attr: CUgraphMem_attribute,
    value: *mut c_void,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDeviceGetGraphMemAttribute", || unsafe {
        remote::cuDeviceGetGraphMemAttribute(device, attr, value)
    })
}

/// CUDA's `cuDeviceGetHostAtomicCapabilities`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetHostAtomicCapabilities(
    capabilities: *mut c_uint,
    operations: *const CUatomicOperation,
    count: c_uint,
    dev: CUdevice,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDeviceGetHostAtomicCapabilities", || unsafe {
        remote::cuDeviceGetHostAtomicCapabilities(capabilities, operations, count, dev)
    })
}

/// CUDA's `cuDeviceGetLuid`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetLuid(_: *mut c_char, _: *mut c_uint, _: CUdevice) -> CUresult {
    unsupported("cuDeviceGetLuid")
}

/// CUDA's `cuDeviceGetMemPool`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetMemPool(pool: *mut CUmemoryPool, dev: CUdevice) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDeviceGetMemPool", || unsafe {
        api::cuDeviceGetMemPool(pool, dev)
    })
}

/// CUDA's `cuDeviceGetName`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetName(name: *mut c_char, len: c_int, dev: CUdevice) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDeviceGetName", || unsafe {
        api::cuDeviceGetName(name, len, dev)
    })
}

/// CUDA's `cuDeviceGetNvSciSyncAttributes`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetNvSciSyncAttributes(
    _: *mut c_void,
    _: CUdevice,
    _: c_int,
) -> CUresult {
    unsupported("cuDeviceGetNvSciSyncAttributes")
}

/// CUDA's `cuDeviceGetP2PAtomicCapabilities`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetP2PAtomicCapabilities(
    capabilities: *mut c_uint,
    operations: *const CUatomicOperation,
    count: c_uint,
    srcDevice: CUdevice,
    dstDevice: CUdevice,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDeviceGetP2PAtomicCapabilities", || unsafe {
        remote::cuDeviceGetP2PAtomicCapabilities(
            capabilities,
            operations,
            count,
            srcDevice,
            dstDevice,
        )
    })
}

/// CUDA's `cuDeviceGetP2PAttribute`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetP2PAttribute(
    value: *mut c_int,
    attrib: CUdevice_P2PAttribute,
    srcDevice: CUdevice,
    dstDevice: CUdevice,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDeviceGetP2PAttribute", || unsafe {
        remote::cuDeviceGetP2PAttribute(value, attrib, srcDevice, dstDevice)
    })
}

/// CUDA's `cuDeviceGetPCIBusId`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetPCIBusId(
    pciBusId: *mut c_char,
    len: c_int,
    dev: CUdevice,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDeviceGetPCIBusId", || unsafe {
        api::cuDeviceGetPCIBusId(pciBusId, len, dev)
    })
}

/// CUDA's `cuDeviceGetProperties`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetProperties(prop: *mut CUdevprop, dev: CUdevice) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDeviceGetProperties", || unsafe {
        api::cuDeviceGetProperties(prop, dev)
    })
}

/// CUDA's `cuDeviceGetTexture1DLinearMaxWidth`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetTexture1DLinearMaxWidth(
    maxWidthInElements: *mut usize,
    format: CUarray_format,
    numChannels: c_uint,
    dev: CUdevice,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDeviceGetTexture1DLinearMaxWidth", || unsafe {
        remote::cuDeviceGetTexture1DLinearMaxWidth(maxWidthInElements, format, numChannels, dev)
    })
}

/// CUDA's `cuDeviceGetUuid`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetUuid(uuid: *mut CUuuid, dev: CUdevice) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDeviceGetUuid", || unsafe {
        api::cuDeviceGetUuid(uuid, dev)
    })
}

/// CUDA's `cuDeviceGetUuid_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetUuid_v2(uuid: *mut CUuuid, dev: CUdevice) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDeviceGetUuid_v2", || unsafe {
        api::cuDeviceGetUuid_v2(uuid, dev)
    })
}

/// CUDA's `cuDeviceGraphMemTrim`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGraphMemTrim(device: CUdevice) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDeviceGraphMemTrim", || unsafe {
        remote::cuDeviceGraphMemTrim(device)
    })
}

/// CUDA's `cuDevicePrimaryCtxGetState`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDevicePrimaryCtxGetState(
    dev: CUdevice,
    flags: *mut c_uint,
    active: *mut c_int,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDevicePrimaryCtxGetState", || unsafe {
        api::cuDevicePrimaryCtxGetState(dev, flags, active)
    })
}

/// CUDA's `cuDevicePrimaryCtxRelease`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDevicePrimaryCtxRelease(dev: CUdevice) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDevicePrimaryCtxRelease", || unsafe {
        api::cuDevicePrimaryCtxRelease(dev)
    })
}

/// CUDA's `cuDevicePrimaryCtxRelease_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDevicePrimaryCtxRelease_v2(dev: CUdevice) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDevicePrimaryCtxRelease_v2", || unsafe {
        api::cuDevicePrimaryCtxRelease_v2(dev)
    })
}

/// CUDA's `cuDevicePrimaryCtxReset`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDevicePrimaryCtxReset(dev: CUdevice) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDevicePrimaryCtxReset", || unsafe {
        api::cuDevicePrimaryCtxReset(dev)
    })
}

/// CUDA's `cuDevicePrimaryCtxReset_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDevicePrimaryCtxReset_v2(dev: CUdevice) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDevicePrimaryCtxReset_v2", || unsafe {
        api::cuDevicePrimaryCtxReset_v2(dev)
    })
}

/// CUDA's `cuDevicePrimaryCtxRetain`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDevicePrimaryCtxRetain(pctx: *mut CUcontext, dev: CUdevice) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDevicePrimaryCtxRetain", || unsafe {
        api::cuDevicePrimaryCtxRetain(pctx, dev)
    })
}

/// CUDA's `cuDevicePrimaryCtxSetFlags`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDevicePrimaryCtxSetFlags(dev: CUdevice, flags: c_uint) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDevicePrimaryCtxSetFlags", || unsafe {
        api::cuDevicePrimaryCtxSetFlags(dev, flags)
    })
}

/// CUDA's `cuDevicePrimaryCtxSetFlags_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDevicePrimaryCtxSetFlags_v2(dev: CUdevice, flags: c_uint) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDevicePrimaryCtxSetFlags_v2", || unsafe {
        api::cuDevicePrimaryCtxSetFlags_v2(dev, flags)
    })
}

/// CUDA's `cuDeviceRegisterAsyncNotification`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceRegisterAsyncNotification(
    device: CUdevice,
    callbackFunc: CUasyncCallback,
    userData: *mut c_void,
    callback: *mut CUasyncCallbackHandle,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDeviceRegisterAsyncNotification", || unsafe {
        api::cuDeviceRegisterAsyncNotification(device, callbackFunc, userData, callback)
    })
}

/// CUDA's `cuDeviceSetGraphMemAttribute`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceSetGraphMemAttribute(
    device: CUdevice,
    attr: CUgraphMem_attribute,
    value: *mut c_void,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDeviceSetGraphMemAttribute", || unsafe {
        remote::cuDeviceSetGraphMemAttribute(device, attr, value)
    })
}

/// CUDA's `cuDeviceSetMemPool`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceSetMemPool(dev: CUdevice, pool: CUmemoryPool) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDeviceSetMemPool", || unsafe {
        api::cuDeviceSetMemPool(dev, pool)
    })
}

/// CUDA's `cuDeviceTotalMem`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceTotalMem(bytes: *mut c_uint, dev: CUdevice) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDeviceTotalMem", || unsafe {
        api::cuDeviceTotalMem(bytes, dev)
    })
}

/// CUDA's `cuDeviceTotalMem_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceTotalMem_v2(bytes: *mut usize, dev: CUdevice) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDeviceTotalMem_v2", || unsafe {
        api::cuDeviceTotalMem_v2(bytes, dev)
    })
}

/// CUDA's `cuDeviceUnregisterAsyncNotification`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceUnregisterAsyncNotification(
    device: CUdevice,
    callback: CUasyncCallbackHandle,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDeviceUnregisterAsyncNotification", || unsafe {
        api::cuDeviceUnregisterAsyncNotification(device, callback)
    })
}

/// CUDA's `cuDriverGetVersion`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDriverGetVersion(driverVersion: *mut c_int) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuDriverGetVersion", || unsafe {
        api::cuDriverGetVersion(driverVersion)
    })
}

/// CUDA's `cuEventCreate`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventCreate(phEvent: *mut CUevent, Flags: c_uint) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuEventCreate", || unsafe {
        api::cuEventCreate(phEvent, Flags)
    })
}

/// CUDA's `cuEventDestroy`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventDestroy(hEvent: CUevent) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuEventDestroy", || unsafe { api::cuEventDestroy(hEvent) })
}

/// CUDA's `cuEventDestroy_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventDestroy_v2(hEvent: CUevent) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuEventDestroy_v2", || unsafe {
        api::cuEventDestroy_v2(hEvent)
    })
}

/// CUDA's `cuEventElapsedTime`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventElapsedTime(
    pMilliseconds: *mut f32,
    hStart: CUevent,
    hEnd: CUevent,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuEventElapsedTime", || unsafe {
        api::cuEventElapsedTime(pMilliseconds, hStart, hEnd)
    })
}

/// CUDA's `cuEventElapsedTime_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventElapsedTime_v2(
    pMilliseconds: *mut f32,
    hStart: CUevent,
    hEnd: CUevent,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuEventElapsedTime_v2", || unsafe {
        api::cuEventElapsedTime_v2(pMilliseconds, hStart, hEnd)
    })
}

/// CUDA's `cuEventQuery`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventQuery(hEvent: CUevent) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuEventQuery", || unsafe { api::cuEventQuery(hEvent) })
}

/// CUDA's `cuEventRecord`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventRecord(hEvent: CUevent, hStream: CUstream) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuEventRecord", || unsafe {
        api::cuEventRecord(hEvent, hStream)
    })
}

/// CUDA's `cuEventRecordWithFlags`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventRecordWithFlags(
    hEvent: CUevent,
    hStream: CUstream,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuEventRecordWithFlags", || unsafe {
        api::cuEventRecordWithFlags(hEvent, hStream, flags)
    })
}

/// CUDA's `cuEventRecordWithFlags_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventRecordWithFlags_ptsz(
    hEvent: CUevent,
    hStream: CUstream,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuEventRecordWithFlags_ptsz", || unsafe {
        api::cuEventRecordWithFlags(hEvent, per_thread(hStream), flags)
    })
}

/// CUDA's `cuEventRecord_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventRecord_ptsz(hEvent: CUevent, hStream: CUstream) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuEventRecord_ptsz", || unsafe {
        api::cuEventRecord(hEvent, per_thread(hStream))
    })
}

/// CUDA's `cuEventSynchronize`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventSynchronize(hEvent: CUevent) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuEventSynchronize", || unsafe {
        api::cuEventSynchronize(hEvent)
    })
}

/// CUDA's `cuExternalMemoryGetMappedBuffer`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuExternalMemoryGetMappedBuffer(
    _: *mut CUdeviceptr,
    _: CUexternalMemory,
    _: *const CUDA_EXTERNAL_MEMORY_BUFFER_DESC,
) -> CUresult {
    unsupported("cuExternalMemoryGetMappedBuffer")
}

/// CUDA's `cuExternalMemoryGetMappedMipmappedArray`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuExternalMemoryGetMappedMipmappedArray(
    _: *mut CUmipmappedArray,
    _: CUexternalMemory,
    _: *const CUDA_EXTERNAL_MEMORY_MIPMAPPED_ARRAY_DESC,
) -> CUresult {
    unsupported("cuExternalMemoryGetMappedMipmappedArray")
}

/// CUDA's `cuFlushGPUDirectRDMAWrites`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuFlushGPUDirectRDMAWrites(
    _: CUflushGPUDirectRDMAWritesTarget,
    _: CUflushGPUDirectRDMAWritesScope,
) -> CUresult {
    unsupported("cuFlushGPUDirectRDMAWrites")
}

/// CUDA's `cuFuncGetAttribute`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuFuncGetAttribute(
    pi: *mut c_int,
    attrib: CUfunction_attribute,
    hfunc: CUfunction,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuFuncGetAttribute", || unsafe {
        api::cuFuncGetAttribute(pi, attrib, hfunc)
    })
}

/// CUDA's `cuFuncGetModule`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuFuncGetModule(hmod: *mut CUmodule, hfunc: CUfunction) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuFuncGetModule", || unsafe {
        api::cuFuncGetModule(hmod, hfunc)
    })
}

/// CUDA's `cuFuncGetName`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuFuncGetName(name: *mut *const c_char, hfunc: CUfunction) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuFuncGetName", || unsafe {
        api::cuFuncGetName(name, hfunc)
    })
}

/// CUDA's `cuFuncGetParamInfo`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuFuncGetParamInfo(
    func: CUfunction,
    paramIndex: usize,
    paramOffset: *mut usize,
    paramSize: *mut usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuFuncGetParamInfo", || unsafe {
        api::cuFuncGetParamInfo(func, paramIndex, paramOffset, paramSize)
    })
}

/// CUDA's `cuFuncIsLoaded`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuFuncIsLoaded(
    state: *mut CUfunctionLoadingState,
    function: CUfunction,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuFuncIsLoaded", || unsafe {
        remote::cuFuncIsLoaded(state, function)
    })
}

/// CUDA's `cuFuncLoad`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuFuncLoad(function: CUfunction) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuFuncLoad", || unsafe { remote::cuFuncLoad(function) })
}

/// CUDA's `cuFuncSetAttribute`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuFuncSetAttribute(
    hfunc: CUfunction,
    attrib: CUfunction_attribute,
    value: c_int,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuFuncSetAttribute", || unsafe {
        api::cuFuncSetAttribute(hfunc, attrib, value)
    })
}

/// CUDA's `cuFuncSetBlockShape`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuFuncSetBlockShape(
    hfunc: CUfunction,
    x: c_int,
    y: c_int,
    z: c_int,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuFuncSetBlockShape", || unsafe {
        api::cuFuncSetBlockShape(hfunc, x, y, z)
    })
}

/// CUDA's `cuFuncSetCacheConfig`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuFuncSetCacheConfig(hfunc: CUfunction, config: CUfunc_cache) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuFuncSetCacheConfig", || unsafe {
        remote::cuFuncSetCacheConfig(hfunc, config)
    })
}

/// CUDA's `cuFuncSetSharedMemConfig`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuFuncSetSharedMemConfig(
    hfunc: CUfunction,
    config: CUsharedconfig,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuFuncSetSharedMemConfig", || unsafe {
        remote::cuFuncSetSharedMemConfig(hfunc, config)
    })
}

/// CUDA's `cuFuncSetSharedSize`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuFuncSetSharedSize(hfunc: CUfunction, bytes: c_uint) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuFuncSetSharedSize", || unsafe {
        api::cuFuncSetSharedSize(hfunc, bytes)
    })
}

/// CUDA's `cuGetErrorName`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGetErrorName(error: CUresult, pStr: *mut *const c_char) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGetErrorName", || unsafe {
        api::cuGetErrorName(error, pStr)
    })
}

/// CUDA's `cuGetErrorString`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGetErrorString(error: CUresult, pStr: *mut *const c_char) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGetErrorString", || unsafe {
        api::cuGetErrorString(error, pStr)
    })
}

/// CUDA's `cuGetExportTable`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGetExportTable(
    ppExportTable: *mut *const c_void,
    pExportTableId: *const CUuuid,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGetExportTable", || unsafe {
        api::cuGetExportTable(ppExportTable, pExportTableId)
    })
}

/// CUDA's `cuGetProcAddress`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGetProcAddress(
    symbol: *const c_char,
    pfn: *mut *mut c_void,
    cudaVersion: c_int,
    flags: cuuint64_t,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGetProcAddress", || unsafe {
        api::cuGetProcAddress(symbol, pfn, cudaVersion, flags)
    })
}

/// CUDA's `cuGetProcAddress_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGetProcAddress_v2(
    symbol: *const c_char,
    pfn: *mut *mut c_void,
    cudaVersion: c_int,
    flags: cuuint64_t,
    symbolStatus: *mut CUdriverProcAddressQueryResult,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGetProcAddress_v2", || unsafe {
        api::cuGetProcAddress_v2(symbol, pfn, cudaVersion, flags, symbolStatus)
    })
}

/// CUDA's `cuGraphAddBatchMemOpNode`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddBatchMemOpNode(
    phGraphNode: *mut CUgraphNode,
    hGraph: CUgraph,
    dependencies: *const CUgraphNode,
    numDependencies: usize,
    nodeParams: *const CUDA_BATCH_MEM_OP_NODE_PARAMS,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphAddBatchMemOpNode", || unsafe {
        api::cuGraphAddBatchMemOpNode(
            phGraphNode,
            hGraph,
            dependencies,
            numDependencies,
            nodeParams,
        )
    })
}

/// CUDA's `cuGraphAddChildGraphNode`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddChildGraphNode(
    phGraphNode: *mut CUgraphNode,
    hGraph: CUgraph,
    dependencies: *const CUgraphNode,
    numDependencies: usize,
    childGraph: CUgraph,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphAddChildGraphNode", || unsafe {
        api::cuGraphAddChildGraphNode(
            phGraphNode,
            hGraph,
            dependencies,
            numDependencies,
            childGraph,
        )
    })
}

/// CUDA's `cuGraphAddDependencies`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddDependencies(
    hGraph: CUgraph,
    from: *const CUgraphNode,
    to: *const CUgraphNode,
    numDependencies: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphAddDependencies", || unsafe {
        remote::cuGraphAddDependencies(hGraph, from, to, numDependencies)
    })
}

/// CUDA's `cuGraphAddDependencies_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddDependencies_v2(
    hGraph: CUgraph,
    from: *const CUgraphNode,
    to: *const CUgraphNode,
    edgeData: *const CUgraphEdgeData,
    numDependencies: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphAddDependencies_v2", || unsafe {
        remote::cuGraphAddDependencies_v2(hGraph, from, to, edgeData, numDependencies)
    })
}

/// CUDA's `cuGraphAddEmptyNode`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddEmptyNode(
    phGraphNode: *mut CUgraphNode,
    hGraph: CUgraph,
    dependencies: *const CUgraphNode,
    numDependencies: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphAddEmptyNode", || unsafe {
        remote::cuGraphAddEmptyNode(phGraphNode, hGraph, dependencies, numDependencies)
    })
}

/// CUDA's `cuGraphAddEventRecordNode`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddEventRecordNode(
    phGraphNode: *mut CUgraphNode,
    hGraph: CUgraph,
    dependencies: *const CUgraphNode,
    numDependencies: usize,
    event: CUevent,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphAddEventRecordNode", || unsafe {
        remote::cuGraphAddEventRecordNode(phGraphNode, hGraph, dependencies, numDependencies, event)
    })
}

/// CUDA's `cuGraphAddEventWaitNode`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddEventWaitNode(
    phGraphNode: *mut CUgraphNode,
    hGraph: CUgraph,
    dependencies: *const CUgraphNode,
    numDependencies: usize,
    event: CUevent,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphAddEventWaitNode", || unsafe {
        remote::cuGraphAddEventWaitNode(phGraphNode, hGraph, dependencies, numDependencies, event)
    })
}

/// CUDA's `cuGraphAddExternalSemaphoresSignalNode`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddExternalSemaphoresSignalNode(
    _: *mut CUgraphNode,
    _: CUgraph,
    _: *const CUgraphNode,
    _: usize,
    _: *const CUDA_EXT_SEM_SIGNAL_NODE_PARAMS,
) -> CUresult {
    unsupported("cuGraphAddExternalSemaphoresSignalNode")
}

/// CUDA's `cuGraphAddExternalSemaphoresWaitNode`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddExternalSemaphoresWaitNode(
    _: *mut CUgraphNode,
    _: CUgraph,
    _: *const CUgraphNode,
    _: usize,
    _: *const CUDA_EXT_SEM_WAIT_NODE_PARAMS,
) -> CUresult {
    unsupported("cuGraphAddExternalSemaphoresWaitNode")
}

/// CUDA's `cuGraphAddHostNode`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddHostNode(
    phGraphNode: *mut CUgraphNode,
    hGraph: CUgraph,
    dependencies: *const CUgraphNode,
    numDependencies: usize,
    nodeParams: *const CUDA_HOST_NODE_PARAMS,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphAddHostNode", || unsafe {
        api::cuGraphAddHostNode(
            phGraphNode,
            hGraph,
            dependencies,
            numDependencies,
            nodeParams,
        )
    })
}

/// CUDA's `cuGraphAddKernelNode`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddKernelNode(
    phGraphNode: *mut CUgraphNode,
    hGraph: CUgraph,
    dependencies: *const CUgraphNode,
    numDependencies: usize,
    nodeParams: *const CUDA_KERNEL_NODE_PARAMS_v1,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphAddKernelNode", || unsafe {
        api::cuGraphAddKernelNode(
            phGraphNode,
            hGraph,
            dependencies,
            numDependencies,
            nodeParams,
        )
    })
}

/// CUDA's `cuGraphAddKernelNode_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddKernelNode_v2(
    phGraphNode: *mut CUgraphNode,
    hGraph: CUgraph,
    dependencies: *const CUgraphNode,
    numDependencies: usize,
    nodeParams: *const CUDA_KERNEL_NODE_PARAMS,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphAddKernelNode_v2", || unsafe {
        api::cuGraphAddKernelNode_v2(
            phGraphNode,
            hGraph,
            dependencies,
            numDependencies,
            nodeParams,
        )
    })
}

/// CUDA's `cuGraphAddMemAllocNode`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddMemAllocNode(
    phGraphNode: *mut CUgraphNode,
    hGraph: CUgraph,
    dependencies: *const CUgraphNode,
    numDependencies: usize,
    nodeParams: *mut CUDA_MEM_ALLOC_NODE_PARAMS,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphAddMemAllocNode", || unsafe {
        api::cuGraphAddMemAllocNode(
            phGraphNode,
            hGraph,
            dependencies,
            numDependencies,
            nodeParams,
        )
    })
}

/// CUDA's `cuGraphAddMemFreeNode`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddMemFreeNode(
    phGraphNode: *mut CUgraphNode,
    hGraph: CUgraph,
    dependencies: *const CUgraphNode,
    numDependencies: usize,
    dptr: CUdeviceptr,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphAddMemFreeNode", || unsafe {
        remote::cuGraphAddMemFreeNode(phGraphNode, hGraph, dependencies, numDependencies, dptr)
    })
}

/// CUDA's `cuGraphAddMemcpyNode`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddMemcpyNode(
    phGraphNode: *mut CUgraphNode,
    hGraph: CUgraph,
    dependencies: *const CUgraphNode,
    numDependencies: usize,
    copyParams: *const CUDA_MEMCPY3D,
    ctx: CUcontext,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphAddMemcpyNode", || unsafe {
        api::cuGraphAddMemcpyNode(
            phGraphNode,
            hGraph,
            dependencies,
            numDependencies,
            copyParams,
            ctx,
        )
    })
}

/// CUDA's `cuGraphAddMemsetNode`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddMemsetNode(
    phGraphNode: *mut CUgraphNode,
    hGraph: CUgraph,
    dependencies: *const CUgraphNode,
    numDependencies: usize,
    memsetParams: *const CUDA_MEMSET_NODE_PARAMS,
    ctx: CUcontext,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphAddMemsetNode", || unsafe {
        remote::cuGraphAddMemsetNode(
            phGraphNode,
            hGraph,
            dependencies,
            numDependencies,
            memsetParams,
            ctx,
        )
    })
}

/// CUDA's `cuGraphAddNode`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddNode(
    phGraphNode: *mut CUgraphNode,
    hGraph: CUgraph,
    dependencies: *const CUgraphNode,
    numDependencies: usize,
    nodeParams: *mut CUgraphNodeParams,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphAddNode", || unsafe {
        api::cuGraphAddNode(
            phGraphNode,
            hGraph,
            dependencies,
            numDependencies,
            nodeParams,
        )
    })
}

/// CUDA's `cuGraphAddNode_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphAddNode_v2(
    phGraphNode: *mut CUgraphNode,
    hGraph: CUgraph,
    dependencies: *const CUgraphNode,
    dependencyData: *const CUgraphEdgeData,
    numDependencies: usize,
    nodeParams: *mut CUgraphNodeParams,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphAddNode_v2", || unsafe {
        api::cuGraphAddNode_v2(
            phGraphNode,
            hGraph,
            dependencies,
            dependencyData,
            numDependencies,
            nodeParams,
        )
    })
}

/// CUDA's `cuGraphBatchMemOpNodeGetParams`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphBatchMemOpNodeGetParams(
    hNode: CUgraphNode,
    nodeParams_out: *mut CUDA_BATCH_MEM_OP_NODE_PARAMS,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphBatchMemOpNodeGetParams", || unsafe {
        api::cuGraphBatchMemOpNodeGetParams(hNode, nodeParams_out)
    })
}

/// CUDA's `cuGraphBatchMemOpNodeSetParams`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphBatchMemOpNodeSetParams(
    hNode: CUgraphNode,
    nodeParams: *const CUDA_BATCH_MEM_OP_NODE_PARAMS,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphBatchMemOpNodeSetParams", || unsafe {
        api::cuGraphBatchMemOpNodeSetParams(hNode, nodeParams)
    })
}

/// CUDA's `cuGraphChildGraphNodeGetGraph`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphChildGraphNodeGetGraph(
    hNode: CUgraphNode,
    phGraph: *mut CUgraph,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphChildGraphNodeGetGraph", || unsafe {
        remote::cuGraphChildGraphNodeGetGraph(hNode, phGraph)
    })
}

/// CUDA's `cuGraphClone`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphClone(
    phGraphClone: *mut CUgraph,
    originalGraph: CUgraph,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphClone", || unsafe {
        api::cuGraphClone(phGraphClone, originalGraph)
    })
}

/// CUDA's `cuGraphConditionalHandleCreate`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphConditionalHandleCreate(
    pHandle_out: *mut CUgraphConditionalHandle,
    hGraph: CUgraph,
    ctx: CUcontext,
    defaultLaunchValue: c_uint,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphConditionalHandleCreate", || unsafe {
        remote::cuGraphConditionalHandleCreate(pHandle_out, hGraph, ctx, defaultLaunchValue, flags)
    })
}

/// CUDA's `cuGraphCreate`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphCreate(phGraph: *mut CUgraph, flags: c_uint) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphCreate", || unsafe {
        remote::cuGraphCreate(phGraph, flags)
    })
}

/// CUDA's `cuGraphDebugDotPrint`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphDebugDotPrint(
    hGraph: CUgraph,
    path: *const c_char,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphDebugDotPrint", || unsafe {
        api::cuGraphDebugDotPrint(hGraph, path, flags)
    })
}

/// CUDA's `cuGraphDestroy`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphDestroy(hGraph: CUgraph) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphDestroy", || unsafe { api::cuGraphDestroy(hGraph) })
}

/// CUDA's `cuGraphDestroyNode`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphDestroyNode(hNode: CUgraphNode) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphDestroyNode", || unsafe {
        api::cuGraphDestroyNode(hNode)
    })
}

/// CUDA's `cuGraphEventRecordNodeGetEvent`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphEventRecordNodeGetEvent(
    hNode: CUgraphNode,
    event_out: *mut CUevent,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphEventRecordNodeGetEvent", || unsafe {
        remote::cuGraphEventRecordNodeGetEvent(hNode, event_out)
    })
}

/// CUDA's `cuGraphEventRecordNodeSetEvent`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphEventRecordNodeSetEvent(
    hNode: CUgraphNode,
    event: CUevent,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphEventRecordNodeSetEvent", || unsafe {
        remote::cuGraphEventRecordNodeSetEvent(hNode, event)
    })
}

/// CUDA's `cuGraphEventWaitNodeGetEvent`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphEventWaitNodeGetEvent(
    hNode: CUgraphNode,
    event_out: *mut CUevent,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphEventWaitNodeGetEvent", || unsafe {
        remote::cuGraphEventWaitNodeGetEvent(hNode, event_out)
    })
}

/// CUDA's `cuGraphEventWaitNodeSetEvent`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphEventWaitNodeSetEvent(
    hNode: CUgraphNode,
    event: CUevent,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphEventWaitNodeSetEvent", || unsafe {
        remote::cuGraphEventWaitNodeSetEvent(hNode, event)
    })
}

/// CUDA's `cuGraphExecBatchMemOpNodeSetParams`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecBatchMemOpNodeSetParams(
    hGraphExec: CUgraphExec,
    hNode: CUgraphNode,
    nodeParams: *const CUDA_BATCH_MEM_OP_NODE_PARAMS,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphExecBatchMemOpNodeSetParams", || unsafe {
        api::cuGraphExecBatchMemOpNodeSetParams(hGraphExec, hNode, nodeParams)
    })
}

/// CUDA's `cuGraphExecChildGraphNodeSetParams`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecChildGraphNodeSetParams(
    hGraphExec: CUgraphExec,
    hNode: CUgraphNode,
    childGraph: CUgraph,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphExecChildGraphNodeSetParams", || unsafe {
        api::cuGraphExecChildGraphNodeSetParams(hGraphExec, hNode, childGraph)
    })
}

/// CUDA's `cuGraphExecDestroy`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecDestroy(hGraphExec: CUgraphExec) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphExecDestroy", || unsafe {
        api::cuGraphExecDestroy(hGraphExec)
    })
}

/// CUDA's `cuGraphExecEventRecordNodeSetEvent`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecEventRecordNodeSetEvent(
    hGraphExec: CUgraphExec,
    hNode: CUgraphNode,
    event: CUevent,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphExecEventRecordNodeSetEvent", || unsafe {
        remote::cuGraphExecEventRecordNodeSetEvent(hGraphExec, hNode, event)
    })
}

/// CUDA's `cuGraphExecEventWaitNodeSetEvent`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecEventWaitNodeSetEvent(
    hGraphExec: CUgraphExec,
    hNode: CUgraphNode,
    event: CUevent,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphExecEventWaitNodeSetEvent", || unsafe {
        remote::cuGraphExecEventWaitNodeSetEvent(hGraphExec, hNode, event)
    })
}

/// CUDA's `cuGraphExecExternalSemaphoresSignalNodeSetParams`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecExternalSemaphoresSignalNodeSetParams(
    _: CUgraphExec,
    _: CUgraphNode,
    _: *const CUDA_EXT_SEM_SIGNAL_NODE_PARAMS,
) -> CUresult {
    unsupported("cuGraphExecExternalSemaphoresSignalNodeSetParams")
}

/// CUDA's `cuGraphExecExternalSemaphoresWaitNodeSetParams`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecExternalSemaphoresWaitNodeSetParams(
    _: CUgraphExec,
    _: CUgraphNode,
    _: *const CUDA_EXT_SEM_WAIT_NODE_PARAMS,
) -> CUresult {
    unsupported("cuGraphExecExternalSemaphoresWaitNodeSetParams")
}

/// CUDA's `cuGraphExecGetFlags`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecGetFlags(
    hGraphExec: CUgraphExec,
    flags: *mut cuuint64_t,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphExecGetFlags", || unsafe {
        remote::cuGraphExecGetFlags(hGraphExec, flags)
    })
}

/// CUDA's `cuGraphExecHostNodeSetParams`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecHostNodeSetParams(
    hGraphExec: CUgraphExec,
    hNode: CUgraphNode,
    nodeParams: *const CUDA_HOST_NODE_PARAMS,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphExecHostNodeSetParams", || unsafe {
        api::cuGraphExecHostNodeSetParams(hGraphExec, hNode, nodeParams)
    })
}

/// CUDA's `cuGraphExecKernelNodeSetParams`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecKernelNodeSetParams(
    hGraphExec: CUgraphExec,
    hNode: CUgraphNode,
    nodeParams: *const CUDA_KERNEL_NODE_PARAMS_v1,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphExecKernelNodeSetParams", || unsafe {
        api::cuGraphExecKernelNodeSetParams(hGraphExec, hNode, nodeParams)
    })
}

/// CUDA's `cuGraphExecKernelNodeSetParams_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecKernelNodeSetParams_v2(
    hGraphExec: CUgraphExec,
    hNode: CUgraphNode,
    nodeParams: *const CUDA_KERNEL_NODE_PARAMS,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphExecKernelNodeSetParams_v2", || unsafe {
        api::cuGraphExecKernelNodeSetParams_v2(hGraphExec, hNode, nodeParams)
    })
}

/// CUDA's `cuGraphExecMemcpyNodeSetParams`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecMemcpyNodeSetParams(
    hGraphExec: CUgraphExec,
    hNode: CUgraphNode,
    copyParams: *const CUDA_MEMCPY3D,
    ctx: CUcontext,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphExecMemcpyNodeSetParams", || unsafe {
        api::cuGraphExecMemcpyNodeSetParams(hGraphExec, hNode, copyParams, ctx)
    })
}

/// CUDA's `cuGraphExecMemsetNodeSetParams`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecMemsetNodeSetParams(
    hGraphExec: CUgraphExec,
    hNode: CUgraphNode,
    memsetParams: *const CUDA_MEMSET_NODE_PARAMS,
    ctx: CUcontext,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphExecMemsetNodeSetParams", || unsafe {
        remote::cuGraphExecMemsetNodeSetParams(hGraphExec, hNode, memsetParams, ctx)
    })
}

/// CUDA's `cuGraphExecNodeSetParams`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecNodeSetParams(
    hGraphExec: CUgraphExec,
    hNode: CUgraphNode,
    nodeParams: *mut CUgraphNodeParams,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphExecNodeSetParams", || unsafe {
        api::cuGraphExecNodeSetParams(hGraphExec, hNode, nodeParams)
    })
}

/// CUDA's `cuGraphExecUpdate`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecUpdate(
    hGraphExec: CUgraphExec,
    hGraph: CUgraph,
    hErrorNode_out: *mut CUgraphNode,
    updateResult_out: *mut CUgraphExecUpdateResult,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphExecUpdate", || unsafe {
        api::cuGraphExecUpdate(hGraphExec, hGraph, hErrorNode_out, updateResult_out)
    })
}

/// CUDA's `cuGraphExecUpdate_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecUpdate_v2(
    hGraphExec: CUgraphExec,
    hGraph: CUgraph,
    resultInfo: *mut CUgraphExecUpdateResultInfo,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphExecUpdate_v2", || unsafe {
        api::cuGraphExecUpdate_v2(hGraphExec, hGraph, resultInfo)
    })
}

/// CUDA's `cuGraphExternalSemaphoresSignalNodeGetParams`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExternalSemaphoresSignalNodeGetParams(
    _: CUgraphNode,
    _: *mut CUDA_EXT_SEM_SIGNAL_NODE_PARAMS,
) -> CUresult {
    unsupported("cuGraphExternalSemaphoresSignalNodeGetParams")
}

/// CUDA's `cuGraphExternalSemaphoresSignalNodeSetParams`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExternalSemaphoresSignalNodeSetParams(
    _: CUgraphNode,
    _: *const CUDA_EXT_SEM_SIGNAL_NODE_PARAMS,
) -> CUresult {
    unsupported("cuGraphExternalSemaphoresSignalNodeSetParams")
}

/// CUDA's `cuGraphExternalSemaphoresWaitNodeGetParams`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExternalSemaphoresWaitNodeGetParams(
    _: CUgraphNode,
    _: *mut CUDA_EXT_SEM_WAIT_NODE_PARAMS,
) -> CUresult {
    unsupported("cuGraphExternalSemaphoresWaitNodeGetParams")
}

/// CUDA's `cuGraphExternalSemaphoresWaitNodeSetParams`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExternalSemaphoresWaitNodeSetParams(
    _: CUgraphNode,
    _: *const CUDA_EXT_SEM_WAIT_NODE_PARAMS,
) -> CUresult {
    unsupported("cuGraphExternalSemaphoresWaitNodeSetParams")
}

/// CUDA's `cuGraphGetEdges`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphGetEdges(
    hGraph: CUgraph,
    from: *mut CUgraphNode,
    to: *mut CUgraphNode,
    numEdges: *mut usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphGetEdges", || unsafe {
        api::cuGraphGetEdges(hGraph, from, to, numEdges)
    })
}

/// CUDA's `cuGraphGetEdges_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphGetEdges_v2(
    hGraph: CUgraph,
    from: *mut CUgraphNode,
    to: *mut CUgraphNode,
    edgeData: *mut CUgraphEdgeData,
    numEdges: *mut usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphGetEdges_v2", || unsafe {
        api::cuGraphGetEdges_v2(hGraph, from, to, edgeData, numEdges)
    })
}

/// CUDA's `cuGraphGetNodes`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphGetNodes(
    hGraph: CUgraph,
    nodes: *mut CUgraphNode,
    numNodes: *mut usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphGetNodes", || unsafe {
        api::cuGraphGetNodes(hGraph, nodes, numNodes)
    })
}

/// CUDA's `cuGraphGetRootNodes`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphGetRootNodes(
    hGraph: CUgraph,
    rootNodes: *mut CUgraphNode,
    numRootNodes: *mut usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphGetRootNodes", || unsafe {
        api::cuGraphGetRootNodes(hGraph, rootNodes, numRootNodes)
    })
}

/// CUDA's `cuGraphHostNodeGetParams`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphHostNodeGetParams(
    hNode: CUgraphNode,
    nodeParams: *mut CUDA_HOST_NODE_PARAMS,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphHostNodeGetParams", || unsafe {
        api::cuGraphHostNodeGetParams(hNode, nodeParams)
    })
}

/// CUDA's `cuGraphHostNodeSetParams`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphHostNodeSetParams(
    hNode: CUgraphNode,
    nodeParams: *const CUDA_HOST_NODE_PARAMS,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphHostNodeSetParams", || unsafe {
        api::cuGraphHostNodeSetParams(hNode, nodeParams)
    })
}

/// CUDA's `cuGraphInstantiate`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphInstantiate(
    phGraphExec: *mut CUgraphExec,
    hGraph: CUgraph,
    phErrorNode: *mut CUgraphNode,
    logBuffer: *mut c_char,
    bufferSize: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphInstantiate", || unsafe {
        api::cuGraphInstantiate(phGraphExec, hGraph, phErrorNode, logBuffer, bufferSize)
    })
}

/// CUDA's `cuGraphInstantiateWithFlags`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphInstantiateWithFlags(
    phGraphExec: *mut CUgraphExec,
    hGraph: CUgraph,
    flags: c_ulonglong,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphInstantiateWithFlags", || unsafe {
        api::cuGraphInstantiateWithFlags(phGraphExec, hGraph, flags)
    })
}

/// CUDA's `cuGraphInstantiateWithParams`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphInstantiateWithParams(
    phGraphExec: *mut CUgraphExec,
    hGraph: CUgraph,
    instantiateParams: *mut CUDA_GRAPH_INSTANTIATE_PARAMS,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphInstantiateWithParams", || unsafe {
        api::cuGraphInstantiateWithParams(
            phGraphExec,
            hGraph,
            instantiateParams,
            DefaultStream::Legacy,
        )
    })
}

/// CUDA's `cuGraphInstantiateWithParams_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphInstantiateWithParams_ptsz(
    phGraphExec: *mut CUgraphExec,
    hGraph: CUgraph,
    instantiateParams: *mut CUDA_GRAPH_INSTANTIATE_PARAMS,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphInstantiateWithParams_ptsz", || unsafe {
        api::cuGraphInstantiateWithParams(
            phGraphExec,
            hGraph,
            instantiateParams,
            DefaultStream::PerThread,
        )
    })
}

/// CUDA's `cuGraphInstantiate_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphInstantiate_v2(
    phGraphExec: *mut CUgraphExec,
    hGraph: CUgraph,
    phErrorNode: *mut CUgraphNode,
    logBuffer: *mut c_char,
    bufferSize: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphInstantiate_v2", || unsafe {
        api::cuGraphInstantiate_v2(phGraphExec, hGraph, phErrorNode, logBuffer, bufferSize)
    })
}

/// CUDA's `cuGraphKernelNodeCopyAttributes`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphKernelNodeCopyAttributes(
    dst: CUgraphNode,
    src: CUgraphNode,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphKernelNodeCopyAttributes", || unsafe {
        remote::cuGraphKernelNodeCopyAttributes(dst, src)
    })
}

/// CUDA's `cuGraphKernelNodeGetAttribute`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphKernelNodeGetAttribute(
    hNode: CUgraphNode,
    attr: CUkernelNodeAttrID,
    value_out: *mut CUkernelNodeAttrValue,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphKernelNodeGetAttribute", || unsafe {
        remote::cuGraphKernelNodeGetAttribute(hNode, attr, value_out)
    })
}

/// CUDA's `cuGraphKernelNodeGetParams`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphKernelNodeGetParams(
    hNode: CUgraphNode,
    nodeParams: *mut CUDA_KERNEL_NODE_PARAMS_v1,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphKernelNodeGetParams", || unsafe {
        api::cuGraphKernelNodeGetParams(hNode, nodeParams)
    })
}

/// CUDA's `cuGraphKernelNodeGetParams_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphKernelNodeGetParams_v2(
    hNode: CUgraphNode,
    nodeParams: *mut CUDA_KERNEL_NODE_PARAMS,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphKernelNodeGetParams_v2", || unsafe {
        api::cuGraphKernelNodeGetParams_v2(hNode, nodeParams)
    })
}

/// CUDA's `cuGraphKernelNodeSetAttribute`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphKernelNodeSetAttribute(
    hNode: CUgraphNode,
    attr: CUkernelNodeAttrID,
    value: *const CUkernelNodeAttrValue,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphKernelNodeSetAttribute", || unsafe {
        remote::cuGraphKernelNodeSetAttribute(hNode, attr, value)
    })
}

/// CUDA's `cuGraphKernelNodeSetParams`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphKernelNodeSetParams(
    hNode: CUgraphNode,
    nodeParams: *const CUDA_KERNEL_NODE_PARAMS_v1,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphKernelNodeSetParams", || unsafe {
        api::cuGraphKernelNodeSetParams(hNode, nodeParams)
    })
}

/// CUDA's `cuGraphKernelNodeSetParams_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphKernelNodeSetParams_v2(
    hNode: CUgraphNode,
    nodeParams: *const CUDA_KERNEL_NODE_PARAMS,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphKernelNodeSetParams_v2", || unsafe {
        api::cuGraphKernelNodeSetParams_v2(hNode, nodeParams)
    })
}

/// CUDA's `cuGraphLaunch`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphLaunch(hGraph: CUgraphExec, hStream: CUstream) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphLaunch", || unsafe {
        api::cuGraphLaunch(hGraph, hStream)
    })
}

/// CUDA's `cuGraphLaunch_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphLaunch_ptsz(
    hGraphExec: CUgraphExec,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphLaunch_ptsz", || unsafe {
        api::cuGraphLaunch(hGraphExec, per_thread(hStream))
    })
}

/// CUDA's `cuGraphMemAllocNodeGetParams`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphMemAllocNodeGetParams(
    hNode: CUgraphNode,
    params_out: *mut CUDA_MEM_ALLOC_NODE_PARAMS,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphMemAllocNodeGetParams", || unsafe {
        api::cuGraphMemAllocNodeGetParams(hNode, params_out)
    })
}

/// CUDA's `cuGraphMemFreeNodeGetParams`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphMemFreeNodeGetParams(
    hNode: CUgraphNode,
    dptr_out: *mut CUdeviceptr,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphMemFreeNodeGetParams", || unsafe {
        remote::cuGraphMemFreeNodeGetParams(hNode, dptr_out)
    })
}

/// CUDA's `cuGraphMemcpyNodeGetParams`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphMemcpyNodeGetParams(
    hNode: CUgraphNode,
    nodeParams: *mut CUDA_MEMCPY3D,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphMemcpyNodeGetParams", || unsafe {
        api::cuGraphMemcpyNodeGetParams(hNode, nodeParams)
    })
}

/// CUDA's `cuGraphMemcpyNodeSetParams`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphMemcpyNodeSetParams(
    hNode: CUgraphNode,
    nodeParams: *const CUDA_MEMCPY3D,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphMemcpyNodeSetParams", || unsafe {
        api::cuGraphMemcpyNodeSetParams(hNode, nodeParams)
    })
}

/// CUDA's `cuGraphMemsetNodeGetParams`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphMemsetNodeGetParams(
    hNode: CUgraphNode,
    nodeParams: *mut CUDA_MEMSET_NODE_PARAMS,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphMemsetNodeGetParams", || unsafe {
        remote::cuGraphMemsetNodeGetParams(hNode, nodeParams)
    })
}

/// CUDA's `cuGraphMemsetNodeSetParams`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphMemsetNodeSetParams(
    hNode: CUgraphNode,
    nodeParams: *const CUDA_MEMSET_NODE_PARAMS,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphMemsetNodeSetParams", || unsafe {
        remote::cuGraphMemsetNodeSetParams(hNode, nodeParams)
    })
}

/// CUDA's `cuGraphNodeFindInClone`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphNodeFindInClone(
    phNode: *mut CUgraphNode,
    hOriginalNode: CUgraphNode,
    hClonedGraph: CUgraph,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphNodeFindInClone", || unsafe {
        remote::cuGraphNodeFindInClone(phNode, hOriginalNode, hClonedGraph)
    })
}

/// CUDA's `cuGraphNodeGetDependencies`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphNodeGetDependencies(
    hNode: CUgraphNode,
    dependencies: *mut CUgraphNode,
    numDependencies: *mut usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphNodeGetDependencies", || unsafe {
        api::cuGraphNodeGetDependencies(hNode, dependencies, numDependencies)
    })
}

/// CUDA's `cuGraphNodeGetDependencies_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphNodeGetDependencies_v2(
    hNode: CUgraphNode,
    dependencies: *mut CUgraphNode,
    edgeData: *mut CUgraphEdgeData,
    numDependencies: *mut usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphNodeGetDependencies_v2", || unsafe {
        api::cuGraphNodeGetDependencies_v2(hNode, dependencies, edgeData, numDependencies)
    })
}

/// CUDA's `cuGraphNodeGetDependentNodes`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphNodeGetDependentNodes(
    hNode: CUgraphNode,
    dependentNodes: *mut CUgraphNode,
    numDependentNodes: *mut usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphNodeGetDependentNodes", || unsafe {
        api::cuGraphNodeGetDependentNodes(hNode, dependentNodes, numDependentNodes)
    })
}

/// CUDA's `cuGraphNodeGetDependentNodes_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphNodeGetDependentNodes_v2(
    hNode: CUgraphNode,
    dependentNodes: *mut CUgraphNode,
    edgeData: *mut CUgraphEdgeData,
    numDependentNodes: *mut usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphNodeGetDependentNodes_v2", || unsafe {
        api::cuGraphNodeGetDependentNodes_v2(hNode, dependentNodes, edgeData, numDependentNodes)
    })
}

/// CUDA's `cuGraphNodeGetEnabled`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphNodeGetEnabled(
    hGraphExec: CUgraphExec,
    hNode: CUgraphNode,
    isEnabled: *mut c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphNodeGetEnabled", || unsafe {
        remote::cuGraphNodeGetEnabled(hGraphExec, hNode, isEnabled)
    })
}

/// CUDA's `cuGraphNodeGetType`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphNodeGetType(
    hNode: CUgraphNode,
    type_: *mut CUgraphNodeType,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphNodeGetType", || unsafe {
        remote::cuGraphNodeGetType(hNode, type_)
    })
}

/// CUDA's `cuGraphNodeSetEnabled`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphNodeSetEnabled(
    hGraphExec: CUgraphExec,
    hNode: CUgraphNode,
    isEnabled: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphNodeSetEnabled", || unsafe {
        remote::cuGraphNodeSetEnabled(hGraphExec, hNode, isEnabled)
    })
}

/// CUDA's `cuGraphNodeSetParams`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphNodeSetParams(
    hNode: CUgraphNode,
    nodeParams: *mut CUgraphNodeParams,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphNodeSetParams", || unsafe {
        api::cuGraphNodeSetParams(hNode, nodeParams)
    })
}

/// CUDA's `cuGraphReleaseUserObject`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphReleaseUserObject(
    graph: CUgraph,
    object: CUuserObject,
    count: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphReleaseUserObject", || unsafe {
        remote::cuGraphReleaseUserObject(graph, object, count)
    })
}

/// CUDA's `cuGraphRemoveDependencies`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphRemoveDependencies(
    hGraph: CUgraph,
    from: *const CUgraphNode,
    to: *const CUgraphNode,
    numDependencies: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphRemoveDependencies", || unsafe {
        remote::cuGraphRemoveDependencies(hGraph, from, to, numDependencies)
    })
}

/// CUDA's `cuGraphRemoveDependencies_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphRemoveDependencies_v2(
    hGraph: CUgraph,
    from: *const CUgraphNode,
    to: *const CUgraphNode,
    edgeData: *const CUgraphEdgeData,
    numDependencies: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphRemoveDependencies_v2", || unsafe {
        remote::cuGraphRemoveDependencies_v2(hGraph, from, to, edgeData, numDependencies)
    })
}

/// CUDA's `cuGraphRetainUserObject`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphRetainUserObject(
    graph: CUgraph,
    object: CUuserObject,
    count: c_uint,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphRetainUserObject", || unsafe {
        remote::cuGraphRetainUserObject(graph, object, count, flags)
    })
}

/// CUDA's `cuGraphUpload`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphUpload(hGraph: CUgraphExec, hStream: CUstream) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphUpload", || unsafe {
        remote::cuGraphUpload(hGraph, hStream)
    })
}

/// CUDA's `cuGraphUpload_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphUpload_ptsz(
    hGraphExec: CUgraphExec,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGraphUpload_ptsz", || unsafe {
        remote::cuGraphUpload(hGraphExec, per_thread(hStream))
    })
}

/// CUDA's `cuGraphicsMapResources`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphicsMapResources(
    _: c_uint,
    _: *mut CUgraphicsResource,
    _: CUstream,
) -> CUresult {
    unsupported("cuGraphicsMapResources")
}

/// CUDA's `cuGraphicsMapResources_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphicsMapResources_ptsz(
    _: c_uint,
    _: *mut CUgraphicsResource,
    _: CUstream,
) -> CUresult {
    unsupported("cuGraphicsMapResources_ptsz")
}

/// CUDA's `cuGraphicsResourceGetMappedMipmappedArray`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphicsResourceGetMappedMipmappedArray(
    _: *mut CUmipmappedArray,
    _: CUgraphicsResource,
) -> CUresult {
    unsupported("cuGraphicsResourceGetMappedMipmappedArray")
}

/// CUDA's `cuGraphicsResourceGetMappedPointer`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphicsResourceGetMappedPointer(
    _: *mut CUdeviceptr_v1,
    _: *mut c_uint,
    _: CUgraphicsResource,
) -> CUresult {
    unsupported("cuGraphicsResourceGetMappedPointer")
}

/// CUDA's `cuGraphicsResourceGetMappedPointer_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphicsResourceGetMappedPointer_v2(
    _: *mut CUdeviceptr,
    _: *mut usize,
    _: CUgraphicsResource,
) -> CUresult {
    unsupported("cuGraphicsResourceGetMappedPointer_v2")
}

/// CUDA's `cuGraphicsResourceSetMapFlags`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphicsResourceSetMapFlags(
    _: CUgraphicsResource,
    _: c_uint,
) -> CUresult {
    unsupported("cuGraphicsResourceSetMapFlags")
}

/// CUDA's `cuGraphicsResourceSetMapFlags_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphicsResourceSetMapFlags_v2(
    _: CUgraphicsResource,
    _: c_uint,
) -> CUresult {
    unsupported("cuGraphicsResourceSetMapFlags_v2")
}

/// CUDA's `cuGraphicsSubResourceGetMappedArray`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphicsSubResourceGetMappedArray(
    _: *mut CUarray,
    _: CUgraphicsResource,
    _: c_uint,
    _: c_uint,
) -> CUresult {
    unsupported("cuGraphicsSubResourceGetMappedArray")
}

/// CUDA's `cuGraphicsUnmapResources`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphicsUnmapResources(
    _: c_uint,
    _: *mut CUgraphicsResource,
    _: CUstream,
) -> CUresult {
    unsupported("cuGraphicsUnmapResources")
}

/// CUDA's `cuGraphicsUnmapResources_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphicsUnmapResources_ptsz(
    _: c_uint,
    _: *mut CUgraphicsResource,
    _: CUstream,
) -> CUresult {
    unsupported("cuGraphicsUnmapResources_ptsz")
}

/// CUDA's `cuGraphicsUnregisterResource`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphicsUnregisterResource(_: CUgraphicsResource) -> CUresult {
    unsupported("cuGraphicsUnregisterResource")
}

/// CUDA's `cuGreenCtxCreate`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGreenCtxCreate(
    phCtx: *mut CUgreenCtx,
    desc: CUdevResourceDesc,
    dev: CUdevice,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGreenCtxCreate", || unsafe {
        remote::cuGreenCtxCreate(phCtx, desc, dev, flags)
    })
}

/// CUDA's `cuGreenCtxDestroy`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGreenCtxDestroy(hCtx: CUgreenCtx) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGreenCtxDestroy", || unsafe {
        api::cuGreenCtxDestroy(hCtx)
    })
}

/// CUDA's `cuGreenCtxGetDevResource`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGreenCtxGetDevResource(
    hCtx: CUgreenCtx,
    resource: *mut CUdevResource,
    type_: CUdevResourceType,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGreenCtxGetDevResource", || unsafe {
        remote::cuGreenCtxGetDevResource(hCtx, resource, type_)
    })
}

/// CUDA's `cuGreenCtxGetId`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGreenCtxGetId(
    greenCtx: CUgreenCtx,
    greenCtxId: *mut c_ulonglong,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGreenCtxGetId", || unsafe {
        remote::cuGreenCtxGetId(greenCtx, greenCtxId)
    })
}

/// CUDA's `cuGreenCtxRecordEvent`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGreenCtxRecordEvent(hCtx: CUgreenCtx, hEvent: CUevent) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGreenCtxRecordEvent", || unsafe {
        api::cuGreenCtxRecordEvent(hCtx, hEvent)
    })
}

/// CUDA's `cuGreenCtxStreamCreate`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGreenCtxStreamCreate(
    phStream: *mut CUstream,
    greenCtx: CUgreenCtx,
    flags: c_uint,
    priority: c_int,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGreenCtxStreamCreate", || unsafe {
        api::cuGreenCtxStreamCreate(phStream, greenCtx, flags, priority)
    })
}

/// CUDA's `cuGreenCtxWaitEvent`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGreenCtxWaitEvent(hCtx: CUgreenCtx, hEvent: CUevent) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuGreenCtxWaitEvent", || unsafe {
        remote::cuGreenCtxWaitEvent(hCtx, hEvent)
    })
}

/// CUDA's `cuImportExternalMemory`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuImportExternalMemory(
    _: *mut CUexternalMemory,
    _: *const CUDA_EXTERNAL_MEMORY_HANDLE_DESC,
) -> CUresult {
    unsupported("cuImportExternalMemory")
}

/// CUDA's `cuImportExternalSemaphore`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuImportExternalSemaphore(
    _: *mut CUexternalSemaphore,
    _: *const CUDA_EXTERNAL_SEMAPHORE_HANDLE_DESC,
) -> CUresult {
    unsupported("cuImportExternalSemaphore")
}

/// CUDA's `cuInit`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuInit(Flags: c_uint) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuInit", || unsafe { api::cuInit(Flags) })
}

/// CUDA's `cuIpcCloseMemHandle`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuIpcCloseMemHandle(dptr: CUdeviceptr) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuIpcCloseMemHandle", || unsafe {
        api::cuIpcCloseMemHandle(dptr)
    })
}

/// CUDA's `cuIpcGetEventHandle`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuIpcGetEventHandle(
    pHandle: *mut CUipcEventHandle,
    event: CUevent,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuIpcGetEventHandle", || unsafe {
        remote::cuIpcGetEventHandle(pHandle, event)
    })
}

/// CUDA's `cuIpcGetMemHandle`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuIpcGetMemHandle(
    pHandle: *mut CUipcMemHandle,
    dptr: CUdeviceptr,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuIpcGetMemHandle", || unsafe {
        api::cuIpcGetMemHandle(pHandle, dptr)
    })
}

/// CUDA's `cuIpcOpenEventHandle`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuIpcOpenEventHandle(
    phEvent: *mut CUevent,
    handle: CUipcEventHandle,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuIpcOpenEventHandle", || unsafe {
        api::cuIpcOpenEventHandle(phEvent, handle)
    })
}

/// CUDA's `cuIpcOpenMemHandle`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuIpcOpenMemHandle(
    pdptr: *mut CUdeviceptr,
    handle: CUipcMemHandle,
    Flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuIpcOpenMemHandle", || unsafe {
        api::cuIpcOpenMemHandle(pdptr, handle, Flags)
    })
}

/// CUDA's `cuIpcOpenMemHandle_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuIpcOpenMemHandle_v2(
    pdptr: *mut CUdeviceptr,
    handle: CUipcMemHandle,
    Flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuIpcOpenMemHandle_v2", || unsafe {
        api::cuIpcOpenMemHandle_v2(pdptr, handle, Flags)
    })
}

/// CUDA's `cuKernelGetAttribute`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuKernelGetAttribute(
    pi: *mut c_int,
    attrib: CUfunction_attribute,
    kernel: CUkernel,
    dev: CUdevice,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuKernelGetAttribute", || unsafe {
        api::cuKernelGetAttribute(pi, attrib, kernel, dev)
    })
}

/// CUDA's `cuKernelGetFunction`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuKernelGetFunction(pFunc: *mut CUfunction, kernel: CUkernel) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuKernelGetFunction", || unsafe {
        api::cuKernelGetFunction(pFunc, kernel)
    })
}

/// CUDA's `cuKernelGetLibrary`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuKernelGetLibrary(pLib: *mut CUlibrary, kernel: CUkernel) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuKernelGetLibrary", || unsafe {
        api::cuKernelGetLibrary(pLib, kernel)
    })
}

/// CUDA's `cuKernelGetName`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuKernelGetName(name: *mut *const c_char, hfunc: CUkernel) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuKernelGetName", || unsafe {
        api::cuKernelGetName(name, hfunc)
    })
}

/// CUDA's `cuKernelGetParamInfo`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuKernelGetParamInfo(
    kernel: CUkernel,
    paramIndex: usize,
    paramOffset: *mut usize,
    paramSize: *mut usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuKernelGetParamInfo", || unsafe {
        api::cuKernelGetParamInfo(kernel, paramIndex, paramOffset, paramSize)
    })
}

/// CUDA's `cuKernelSetAttribute`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuKernelSetAttribute(
    attrib: CUfunction_attribute,
    val: c_int,
    kernel: CUkernel,
    dev: CUdevice,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuKernelSetAttribute", || unsafe {
        api::cuKernelSetAttribute(attrib, val, kernel, dev)
    })
}

/// CUDA's `cuKernelSetCacheConfig`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuKernelSetCacheConfig(
    kernel: CUkernel,
    config: CUfunc_cache,
    dev: CUdevice,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuKernelSetCacheConfig", || unsafe {
        remote::cuKernelSetCacheConfig(kernel, config, dev)
    })
}

/// CUDA's `cuLaunch`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLaunch(f: CUfunction) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLaunch", || unsafe { api::cuLaunch(f) })
}

/// CUDA's `cuLaunchCooperativeKernel`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLaunchCooperativeKernel(
    f: CUfunction,
    gridDimX: c_uint,
    gridDimY: c_uint,
    gridDimZ: c_uint,
    blockDimX: c_uint,
    blockDimY: c_uint,
    blockDimZ: c_uint,
    sharedMemBytes: c_uint,
    hStream: CUstream,
    kernelParams: *mut *mut c_void,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLaunchCooperativeKernel", || unsafe {
        api::cuLaunchCooperativeKernel(
            f,
            gridDimX,
            gridDimY,
            gridDimZ,
            blockDimX,
            blockDimY,
            blockDimZ,
            sharedMemBytes,
            hStream,
            kernelParams,
        )
    })
}

/// CUDA's `cuLaunchCooperativeKernelMultiDevice`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLaunchCooperativeKernelMultiDevice(
    launchParamsList: *mut CUDA_LAUNCH_PARAMS,
    numDevices: c_uint,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLaunchCooperativeKernelMultiDevice", || unsafe {
        api::cuLaunchCooperativeKernelMultiDevice(launchParamsList, numDevices, flags)
    })
}

/// CUDA's `cuLaunchCooperativeKernel_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLaunchCooperativeKernel_ptsz(
    f: CUfunction,
    gridDimX: c_uint,
    gridDimY: c_uint,
    gridDimZ: c_uint,
    blockDimX: c_uint,
    blockDimY: c_uint,
    blockDimZ: c_uint,
    sharedMemBytes: c_uint,
    hStream: CUstream,
    kernelParams: *mut *mut c_void,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLaunchCooperativeKernel_ptsz", || unsafe {
        api::cuLaunchCooperativeKernel(
            f,
            gridDimX,
            gridDimY,
            gridDimZ,
            blockDimX,
            blockDimY,
            blockDimZ,
            sharedMemBytes,
            per_thread(hStream),
            kernelParams,
        )
    })
}

/// CUDA's `cuLaunchGrid`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLaunchGrid(
    f: CUfunction,
    grid_width: c_int,
    grid_height: c_int,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLaunchGrid", || unsafe {
        api::cuLaunchGrid(f, grid_width, grid_height)
    })
}

/// CUDA's `cuLaunchGridAsync`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLaunchGridAsync(
    f: CUfunction,
    grid_width: c_int,
    grid_height: c_int,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLaunchGridAsync", || unsafe {
        api::cuLaunchGridAsync(f, grid_width, grid_height, hStream)
    })
}

/// CUDA's `cuLaunchHostFunc`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLaunchHostFunc(
    hStream: CUstream,
    fn_: CUhostFn,
    userData: *mut c_void,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLaunchHostFunc", || unsafe {
        api::cuLaunchHostFunc(hStream, fn_, userData)
    })
}

/// CUDA's `cuLaunchHostFunc_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLaunchHostFunc_ptsz(
    hStream: CUstream,
    fn_: CUhostFn,
    userData: *mut c_void,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLaunchHostFunc_ptsz", || unsafe {
        api::cuLaunchHostFunc(per_thread(hStream), fn_, userData)
    })
}

/// CUDA's `cuLaunchKernel`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLaunchKernel(
    f: CUfunction,
    gridDimX: c_uint,
    gridDimY: c_uint,
    gridDimZ: c_uint,
    blockDimX: c_uint,
    blockDimY: c_uint,
    blockDimZ: c_uint,
    sharedMemBytes: c_uint,
    hStream: CUstream,
    kernelParams: *mut *mut c_void,
    extra: *mut *mut c_void,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLaunchKernel", || unsafe {
        api::cuLaunchKernel(
            f,
            gridDimX,
            gridDimY,
            gridDimZ,
            blockDimX,
            blockDimY,
            blockDimZ,
            sharedMemBytes,
            hStream,
            kernelParams,
            extra,
        )
    })
}

/// CUDA's `cuLaunchKernelEx`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLaunchKernelEx(
    config: *const CUlaunchConfig,
    f: CUfunction,
    kernelParams: *mut *mut c_void,
    extra: *mut *mut c_void,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLaunchKernelEx", || unsafe {
        api::cuLaunchKernelEx(config, f, kernelParams, extra, DefaultStream::Legacy)
    })
}

/// CUDA's `cuLaunchKernelEx_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLaunchKernelEx_ptsz(
    config: *const CUlaunchConfig,
    f: CUfunction,
    kernelParams: *mut *mut c_void,
    extra: *mut *mut c_void,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLaunchKernelEx_ptsz", || unsafe {
        api::cuLaunchKernelEx(config, f, kernelParams, extra, DefaultStream::PerThread)
    })
}

/// CUDA's `cuLaunchKernel_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLaunchKernel_ptsz(
    f: CUfunction,
    gridDimX: c_uint,
    gridDimY: c_uint,
    gridDimZ: c_uint,
    blockDimX: c_uint,
    blockDimY: c_uint,
    blockDimZ: c_uint,
    sharedMemBytes: c_uint,
    hStream: CUstream,
    kernelParams: *mut *mut c_void,
    extra: *mut *mut c_void,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLaunchKernel_ptsz", || unsafe {
        api::cuLaunchKernel(
            f,
            gridDimX,
            gridDimY,
            gridDimZ,
            blockDimX,
            blockDimY,
            blockDimZ,
            sharedMemBytes,
            per_thread(hStream),
            kernelParams,
            extra,
        )
    })
}

/// CUDA's `cuLibraryEnumerateKernels`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLibraryEnumerateKernels(
    kernels: *mut CUkernel,
    numKernels: c_uint,
    lib: CUlibrary,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLibraryEnumerateKernels", || unsafe {
        api::cuLibraryEnumerateKernels(kernels, numKernels, lib)
    })
}

/// CUDA's `cuLibraryGetGlobal`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLibraryGetGlobal(
    dptr: *mut CUdeviceptr,
    bytes: *mut usize,
    library: CUlibrary,
    name: *const c_char,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLibraryGetGlobal", || unsafe {
        api::cuLibraryGetGlobal(dptr, bytes, library, name)
    })
}

/// CUDA's `cuLibraryGetKernel`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLibraryGetKernel(
    pKernel: *mut CUkernel,
    library: CUlibrary,
    name: *const c_char,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLibraryGetKernel", || unsafe {
        api::cuLibraryGetKernel(pKernel, library, name)
    })
}

/// CUDA's `cuLibraryGetKernelCount`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLibraryGetKernelCount(count: *mut c_uint, lib: CUlibrary) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLibraryGetKernelCount", || unsafe {
        remote::cuLibraryGetKernelCount(count, lib)
    })
}

/// CUDA's `cuLibraryGetManaged`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLibraryGetManaged(
    dptr: *mut CUdeviceptr,
    bytes: *mut usize,
    library: CUlibrary,
    name: *const c_char,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLibraryGetManaged", || unsafe {
        api::cuLibraryGetManaged(dptr, bytes, library, name)
    })
}

/// CUDA's `cuLibraryGetModule`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLibraryGetModule(pMod: *mut CUmodule, library: CUlibrary) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLibraryGetModule", || unsafe {
        api::cuLibraryGetModule(pMod, library)
    })
}

/// CUDA's `cuLibraryGetUnifiedFunction`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLibraryGetUnifiedFunction(
    _: *mut *mut c_void,
    _: CUlibrary,
    _: *const c_char,
) -> CUresult {
    unsupported("cuLibraryGetUnifiedFunction")
}

/// CUDA's `cuLibraryLoadData`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLibraryLoadData(
    library: *mut CUlibrary,
    code: *const c_void,
    jitOptions: *mut CUjit_option,
    jitOptionsValues: *mut *mut c_void,
    numJitOptions: c_uint,
    libraryOptions: *mut CUlibraryOption,
    libraryOptionValues: *mut *mut c_void,
    numLibraryOptions: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLibraryLoadData", || unsafe {
        api::cuLibraryLoadData(
            library,
            code,
            jitOptions,
            jitOptionsValues,
            numJitOptions,
            libraryOptions,
            libraryOptionValues,
            numLibraryOptions,
        )
    })
}

/// CUDA's `cuLibraryLoadFromFile`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLibraryLoadFromFile(
    library: *mut CUlibrary,
    fileName: *const c_char,
    jitOptions: *mut CUjit_option,
    jitOptionsValues: *mut *mut c_void,
    numJitOptions: c_uint,
    libraryOptions: *mut CUlibraryOption,
    libraryOptionValues: *mut *mut c_void,
    numLibraryOptions: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLibraryLoadFromFile", || unsafe {
        api::cuLibraryLoadFromFile(
            library,
            fileName,
            jitOptions,
            jitOptionsValues,
            numJitOptions,
            libraryOptions,
            libraryOptionValues,
            numLibraryOptions,
        )
    })
}

/// CUDA's `cuLibraryUnload`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLibraryUnload(library: CUlibrary) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLibraryUnload", || unsafe {
        api::cuLibraryUnload(library)
    })
}

/// CUDA's `cuLinkAddData`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLinkAddData(
    state: CUlinkState,
    type_: CUjitInputType,
    data: *mut c_void,
    size: usize,
    name: *const c_char,
    numOptions: c_uint,
    options: *mut CUjit_option,
    optionValues: *mut *mut c_void,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLinkAddData", || unsafe {
        api::cuLinkAddData(
            state,
            type_,
            data,
            size,
            name,
            numOptions,
            options,
            optionValues,
        )
    })
}

/// CUDA's `cuLinkAddData_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLinkAddData_v2(
    state: CUlinkState,
    type_: CUjitInputType,
    data: *mut c_void,
    size: usize,
    name: *const c_char,
    numOptions: c_uint,
    options: *mut CUjit_option,
    optionValues: *mut *mut c_void,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLinkAddData_v2", || unsafe {
        api::cuLinkAddData_v2(
            state,
            type_,
            data,
            size,
            name,
            numOptions,
            options,
            optionValues,
        )
    })
}

/// CUDA's `cuLinkAddFile`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLinkAddFile(
    state: CUlinkState,
    type_: CUjitInputType,
    path: *const c_char,
    numOptions: c_uint,
    options: *mut CUjit_option,
    optionValues: *mut *mut c_void,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLinkAddFile", || unsafe {
        api::cuLinkAddFile(state, type_, path, numOptions, options, optionValues)
    })
}

/// CUDA's `cuLinkAddFile_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLinkAddFile_v2(
    state: CUlinkState,
    type_: CUjitInputType,
    path: *const c_char,
    numOptions: c_uint,
    options: *mut CUjit_option,
    optionValues: *mut *mut c_void,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLinkAddFile_v2", || unsafe {
        api::cuLinkAddFile_v2(state, type_, path, numOptions, options, optionValues)
    })
}

/// CUDA's `cuLinkComplete`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLinkComplete(
    state: CUlinkState,
    cubinOut: *mut *mut c_void,
    sizeOut: *mut usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLinkComplete", || unsafe {
        api::cuLinkComplete(state, cubinOut, sizeOut)
    })
}

/// CUDA's `cuLinkCreate`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLinkCreate(
    numOptions: c_uint,
    options: *mut CUjit_option,
    optionValues: *mut *mut c_void,
    stateOut: *mut CUlinkState,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLinkCreate", || unsafe {
        api::cuLinkCreate(numOptions, options, optionValues, stateOut)
    })
}

/// CUDA's `cuLinkCreate_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLinkCreate_v2(
    numOptions: c_uint,
    options: *mut CUjit_option,
    optionValues: *mut *mut c_void,
    stateOut: *mut CUlinkState,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLinkCreate_v2", || unsafe {
        api::cuLinkCreate_v2(numOptions, options, optionValues, stateOut)
    })
}

/// CUDA's `cuLinkDestroy`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLinkDestroy(state: CUlinkState) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLinkDestroy", || unsafe { api::cuLinkDestroy(state) })
}

/// CUDA's `cuLogsCurrent`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLogsCurrent(
    iterator_out: *mut CUlogIterator,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLogsCurrent", || unsafe {
        api::cuLogsCurrent(iterator_out, flags)
    })
}

/// CUDA's `cuLogsDumpToFile`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLogsDumpToFile(
    iterator: *mut CUlogIterator,
    pathToFile: *const c_char,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLogsDumpToFile", || unsafe {
        api::cuLogsDumpToFile(iterator, pathToFile, flags)
    })
}

/// CUDA's `cuLogsDumpToMemory`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLogsDumpToMemory(
    iterator: *mut CUlogIterator,
    buffer: *mut c_char,
    size: *mut usize,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLogsDumpToMemory", || unsafe {
        api::cuLogsDumpToMemory(iterator, buffer, size, flags)
    })
}

/// CUDA's `cuLogsRegisterCallback`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLogsRegisterCallback(
    callbackFunc: CUlogsCallback,
    userData: *mut c_void,
    callback_out: *mut CUlogsCallbackHandle,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLogsRegisterCallback", || unsafe {
        api::cuLogsRegisterCallback(callbackFunc, userData, callback_out)
    })
}

/// CUDA's `cuLogsUnregisterCallback`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLogsUnregisterCallback(callback: CUlogsCallbackHandle) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuLogsUnregisterCallback", || unsafe {
        api::cuLogsUnregisterCallback(callback)
    })
}

/// CUDA's `cuMemAddressFree`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAddressFree(ptr: CUdeviceptr, size: usize) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemAddressFree", || unsafe {
        api::cuMemAddressFree(ptr, size)
    })
}

/// CUDA's `cuMemAddressReserve`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAddressReserve(
    ptr: *mut CUdeviceptr,
    size: usize,
    alignment: usize,
    addr: CUdeviceptr,
    flags: c_ulonglong,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemAddressReserve", || unsafe {
        api::cuMemAddressReserve(ptr, size, alignment, addr, flags)
    })
}

/// CUDA's `cuMemAdvise`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAdvise(
    devPtr: CUdeviceptr,
    count: usize,
    advice: CUmem_advise,
    device: CUdevice,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemAdvise", || unsafe {
        api::cuMemAdvise(devPtr, count, advice, device)
    })
}

/// CUDA's `cuMemAdvise_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAdvise_v2(
    devPtr: CUdeviceptr,
    count: usize,
    advice: CUmem_advise,
    location: CUmemLocation,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemAdvise_v2", || unsafe {
        api::cuMemAdvise_v2(devPtr, count, advice, location)
    })
}

/// CUDA's `cuMemAlloc`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAlloc(dptr: *mut CUdeviceptr_v1, bytesize: c_uint) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemAlloc", || unsafe { api::cuMemAlloc(dptr, bytesize) })
}

/// CUDA's `cuMemAllocAsync`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAllocAsync(
    dptr: *mut CUdeviceptr,
    bytesize: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemAllocAsync", || unsafe {
        api::cuMemAllocAsync(dptr, bytesize, hStream)
    })
}

/// CUDA's `cuMemAllocAsync_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAllocAsync_ptsz(
    dptr: *mut CUdeviceptr,
    bytesize: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemAllocAsync_ptsz", || unsafe {
        api::cuMemAllocAsync(dptr, bytesize, per_thread(hStream))
    })
}

/// CUDA's `cuMemAllocFromPoolAsync`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAllocFromPoolAsync(
    dptr: *mut CUdeviceptr,
    bytesize: usize,
    pool: CUmemoryPool,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemAllocFromPoolAsync", || unsafe {
        api::cuMemAllocFromPoolAsync(dptr, bytesize, pool, hStream)
    })
}

/// CUDA's `cuMemAllocFromPoolAsync_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAllocFromPoolAsync_ptsz(
    dptr: *mut CUdeviceptr,
    bytesize: usize,
    pool: CUmemoryPool,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemAllocFromPoolAsync_ptsz", || unsafe {
        api::cuMemAllocFromPoolAsync(dptr, bytesize, pool, per_thread(hStream))
    })
}

/// CUDA's `cuMemAllocHost`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAllocHost(pp: *mut *mut c_void, bytesize: c_uint) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemAllocHost", || unsafe {
        api::cuMemAllocHost_v2(pp, bytesize as usize)
    })
}

/// CUDA's `cuMemAllocHost_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAllocHost_v2(pp: *mut *mut c_void, bytesize: usize) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemAllocHost_v2", || unsafe {
        api::cuMemAllocHost_v2(pp, bytesize)
    })
}

/// CUDA's `cuMemAllocManaged`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAllocManaged(
    dptr: *mut CUdeviceptr,
    bytesize: usize,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemAllocManaged", || unsafe {
        api::cuMemAllocManaged(dptr, bytesize, flags)
    })
}

/// CUDA's `cuMemAllocPitch`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAllocPitch(
    dptr: *mut CUdeviceptr_v1,
    pPitch: *mut c_uint,
    WidthInBytes: c_uint,
    Height: c_uint,
    ElementSizeBytes: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemAllocPitch", || unsafe {
        api::cuMemAllocPitch(dptr, pPitch, WidthInBytes, Height, ElementSizeBytes)
    })
}

/// CUDA's `cuMemAllocPitch_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAllocPitch_v2(
    dptr: *mut CUdeviceptr,
    pPitch: *mut usize,
    WidthInBytes: usize,
    Height: usize,
    ElementSizeBytes: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemAllocPitch_v2", || unsafe {
        api::cuMemAllocPitch_v2(dptr, pPitch, WidthInBytes, Height, ElementSizeBytes)
    })
}

/// CUDA's `cuMemAlloc_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAlloc_v2(dptr: *mut CUdeviceptr, bytesize: usize) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemAlloc_v2", || unsafe {
        api::cuMemAlloc_v2(dptr, bytesize)
    })
}

/// CUDA's `cuMemBatchDecompressAsync`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemBatchDecompressAsync(
    paramsArray: *mut CUmemDecompressParams,
    count: usize,
    flags: c_uint,
    errorIndex: *mut usize,
    stream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemBatchDecompressAsync", || unsafe {
        remote::cuMemBatchDecompressAsync(paramsArray, count, flags, errorIndex, stream)
    })
}

/// CUDA's `cuMemBatchDecompressAsync_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemBatchDecompressAsync_ptsz(
    paramsArray: *mut CUmemDecompressParams,
    count: usize,
    flags: c_uint,
    errorIndex: *mut usize,
    stream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemBatchDecompressAsync_ptsz", || unsafe {
        remote::cuMemBatchDecompressAsync(paramsArray, count, flags, errorIndex, per_thread(stream))
    })
}

/// CUDA's `cuMemCreate`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemCreate(
    handle: *mut CUmemGenericAllocationHandle,
    size: usize,
    prop: *const CUmemAllocationProp,
    flags: c_ulonglong,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemCreate", || unsafe {
        api::cuMemCreate(handle, size, prop, flags)
    })
}

/// CUDA's `cuMemDiscardAndPrefetchBatchAsync`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemDiscardAndPrefetchBatchAsync(
    dptrs: *mut CUdeviceptr,
    sizes: *mut usize,
    count: usize,
    prefetchLocs: *mut CUmemLocation,
    prefetchLocIdxs: *mut usize,
    numPrefetchLocs: usize,
    flags: c_ulonglong,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemDiscardAndPrefetchBatchAsync", || unsafe {
        remote::cuMemDiscardAndPrefetchBatchAsync(
            dptrs,
            sizes,
            count,
            prefetchLocs,
            prefetchLocIdxs,
            numPrefetchLocs,
            flags,
            hStream,
        )
    })
}

/// CUDA's `cuMemDiscardAndPrefetchBatchAsync_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemDiscardAndPrefetchBatchAsync_ptsz(
    dptrs: *mut CUdeviceptr,
    sizes: *mut usize,
    count: usize,
    prefetchLocs: *mut CUmemLocation,
    prefetchLocIdxs: *mut usize,
    numPrefetchLocs: usize,
    flags: c_ulonglong,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemDiscardAndPrefetchBatchAsync_ptsz", || unsafe {
        remote::cuMemDiscardAndPrefetchBatchAsync(
            dptrs,
            sizes,
            count,
            prefetchLocs,
            prefetchLocIdxs,
            numPrefetchLocs,
            flags,
            per_thread(hStream),
        )
    })
}

/// CUDA's `cuMemDiscardBatchAsync`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemDiscardBatchAsync(
    dptrs: *mut CUdeviceptr,
    sizes: *mut usize,
    count: usize,
    flags: c_ulonglong,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemDiscardBatchAsync", || unsafe {
        remote::cuMemDiscardBatchAsync(dptrs, sizes, count, flags, hStream)
    })
}

/// CUDA's `cuMemDiscardBatchAsync_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemDiscardBatchAsync_ptsz(
    dptrs: *mut CUdeviceptr,
    sizes: *mut usize,
    count: usize,
    flags: c_ulonglong,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemDiscardBatchAsync_ptsz", || unsafe {
        remote::cuMemDiscardBatchAsync(dptrs, sizes, count, flags, per_thread(hStream))
    })
}

/// CUDA's `cuMemExportToShareableHandle`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemExportToShareableHandle(
    shareableHandle: *mut c_void,
    handle: CUmemGenericAllocationHandle,
    handleType: CUmemAllocationHandleType,
    flags: c_ulonglong,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemExportToShareableHandle", || unsafe {
        api::cuMemExportToShareableHandle(shareableHandle, handle, handleType, flags)
    })
}

/// CUDA's `cuMemFree`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemFree(dptr: CUdeviceptr_v1) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemFree", || unsafe {
        api::cuMemFree_v2(dptr as CUdeviceptr)
    })
}

/// CUDA's `cuMemFreeAsync`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemFreeAsync(dptr: CUdeviceptr, hStream: CUstream) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemFreeAsync", || unsafe {
        api::cuMemFreeAsync(dptr, hStream)
    })
}

/// CUDA's `cuMemFreeAsync_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemFreeAsync_ptsz(dptr: CUdeviceptr, hStream: CUstream) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemFreeAsync_ptsz", || unsafe {
        api::cuMemFreeAsync(dptr, per_thread(hStream))
    })
}

/// CUDA's `cuMemFreeHost`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemFreeHost(p: *mut c_void) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemFreeHost", || unsafe { api::cuMemFreeHost(p) })
}

/// CUDA's `cuMemFree_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemFree_v2(dptr: CUdeviceptr) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemFree_v2", || unsafe { api::cuMemFree_v2(dptr) })
}

/// CUDA's `cuMemGetAccess`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemGetAccess(
    flags: *mut c_ulonglong,
    location: *const CUmemLocation,
    ptr: CUdeviceptr,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemGetAccess", || unsafe {
        remote::cuMemGetAccess(flags, location, ptr)
    })
}

/// CUDA's `cuMemGetAddressRange`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemGetAddressRange(
    pbase: *mut CUdeviceptr_v1,
    psize: *mut c_uint,
    dptr: CUdeviceptr_v1,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemGetAddressRange", || unsafe {
        api::cuMemGetAddressRange(pbase, psize, dptr)
    })
}

/// CUDA's `cuMemGetAddressRange_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemGetAddressRange_v2(
    pbase: *mut CUdeviceptr,
    psize: *mut usize,
    dptr: CUdeviceptr,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemGetAddressRange_v2", || unsafe {
        api::cuMemGetAddressRange_v2(pbase, psize, dptr)
    })
}

/// CUDA's `cuMemGetAllocationGranularity`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemGetAllocationGranularity(
    granularity: *mut usize,
    prop: *const CUmemAllocationProp,
    option: CUmemAllocationGranularity_flags,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemGetAllocationGranularity", || unsafe {
        remote::cuMemGetAllocationGranularity(granularity, prop, option)
    })
}

/// CUDA's `cuMemGetAllocationPropertiesFromHandle`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemGetAllocationPropertiesFromHandle(
    prop: *mut CUmemAllocationProp,
    handle: CUmemGenericAllocationHandle,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemGetAllocationPropertiesFromHandle", || unsafe {
        remote::cuMemGetAllocationPropertiesFromHandle(prop, handle)
    })
}

/// CUDA's `cuMemGetDefaultMemPool`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemGetDefaultMemPool(
    pool_out: *mut CUmemoryPool,
    location: *mut CUmemLocation,
    type_: CUmemAllocationType,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemGetDefaultMemPool", || unsafe {
        remote::cuMemGetDefaultMemPool(pool_out, location, type_)
    })
}

/// CUDA's `cuMemGetHandleForAddressRange`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemGetHandleForAddressRange(
    _: *mut c_void,
    _: CUdeviceptr,
    _: usize,
    _: CUmemRangeHandleType,
    _: c_ulonglong,
) -> CUresult {
    unsupported("cuMemGetHandleForAddressRange")
}

/// CUDA's `cuMemGetInfo`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemGetInfo(free: *mut c_uint, total: *mut c_uint) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemGetInfo", || unsafe { api::cuMemGetInfo(free, total) })
}

/// CUDA's `cuMemGetInfo_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemGetInfo_v2(free: *mut usize, total: *mut usize) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemGetInfo_v2", || unsafe {
        api::cuMemGetInfo_v2(free, total)
    })
}

/// CUDA's `cuMemGetMemPool`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemGetMemPool(
    pool: *mut CUmemoryPool,
    location: *mut CUmemLocation,
    type_: CUmemAllocationType,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemGetMemPool", || unsafe {
        remote::cuMemGetMemPool(pool, location, type_)
    })
}

/// CUDA's `cuMemHostAlloc`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemHostAlloc(
    pp: *mut *mut c_void,
    bytesize: usize,
    Flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemHostAlloc", || unsafe {
        api::cuMemHostAlloc(pp, bytesize, Flags)
    })
}

/// CUDA's `cuMemHostGetDevicePointer`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemHostGetDevicePointer(
    pdptr: *mut CUdeviceptr_v1,
    p: *mut c_void,
    Flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemHostGetDevicePointer", || unsafe {
        api::cuMemHostGetDevicePointer(pdptr, p, Flags)
    })
}

/// CUDA's `cuMemHostGetDevicePointer_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemHostGetDevicePointer_v2(
    pdptr: *mut CUdeviceptr,
    p: *mut c_void,
    Flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemHostGetDevicePointer_v2", || unsafe {
        api::cuMemHostGetDevicePointer_v2(pdptr, p, Flags)
    })
}

/// CUDA's `cuMemHostGetFlags`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemHostGetFlags(pFlags: *mut c_uint, p: *mut c_void) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemHostGetFlags", || unsafe {
        api::cuMemHostGetFlags(pFlags, p)
    })
}

/// CUDA's `cuMemHostRegister`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemHostRegister(
    p: *mut c_void,
    bytesize: usize,
    Flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemHostRegister", || unsafe {
        api::cuMemHostRegister_v2(p, bytesize, Flags)
    })
}

/// CUDA's `cuMemHostRegister_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemHostRegister_v2(
    p: *mut c_void,
    bytesize: usize,
    Flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemHostRegister_v2", || unsafe {
        api::cuMemHostRegister_v2(p, bytesize, Flags)
    })
}

/// CUDA's `cuMemHostUnregister`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemHostUnregister(p: *mut c_void) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemHostUnregister", || unsafe {
        api::cuMemHostUnregister(p)
    })
}

/// CUDA's `cuMemImportFromShareableHandle`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemImportFromShareableHandle(
    handle: *mut CUmemGenericAllocationHandle,
    osHandle: *mut c_void,
    shHandleType: CUmemAllocationHandleType,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemImportFromShareableHandle", || unsafe {
        api::cuMemImportFromShareableHandle(handle, osHandle, shHandleType)
    })
}

/// CUDA's `cuMemMap`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemMap(
    ptr: CUdeviceptr,
    size: usize,
    offset: usize,
    handle: CUmemGenericAllocationHandle,
    flags: c_ulonglong,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemMap", || unsafe {
        api::cuMemMap(ptr, size, offset, handle, flags)
    })
}

/// CUDA's `cuMemMapArrayAsync`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemMapArrayAsync(
    _: *mut CUarrayMapInfo,
    _: c_uint,
    _: CUstream,
) -> CUresult {
    unsupported("cuMemMapArrayAsync")
}

/// CUDA's `cuMemMapArrayAsync_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemMapArrayAsync_ptsz(
    _: *mut CUarrayMapInfo,
    _: c_uint,
    _: CUstream,
) -> CUresult {
    unsupported("cuMemMapArrayAsync_ptsz")
}

/// CUDA's `cuMemPoolCreate`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPoolCreate(
    pool: *mut CUmemoryPool,
    poolProps: *const CUmemPoolProps,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemPoolCreate", || unsafe {
        api::cuMemPoolCreate(pool, poolProps)
    })
}

/// CUDA's `cuMemPoolDestroy`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPoolDestroy(pool: CUmemoryPool) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemPoolDestroy", || unsafe {
        api::cuMemPoolDestroy(pool)
    })
}

/// CUDA's `cuMemPoolExportPointer`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPoolExportPointer(
    shareData_out: *mut CUmemPoolPtrExportData,
    ptr: CUdeviceptr,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemPoolExportPointer", || unsafe {
        remote::cuMemPoolExportPointer(shareData_out, ptr)
    })
}

/// CUDA's `cuMemPoolExportToShareableHandle`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPoolExportToShareableHandle(
    handle_out: *mut c_void,
    pool: CUmemoryPool,
    handleType: CUmemAllocationHandleType,
    flags: c_ulonglong,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemPoolExportToShareableHandle", || unsafe {
        api::cuMemPoolExportToShareableHandle(handle_out, pool, handleType, flags)
    })
}

/// CUDA's `cuMemPoolGetAccess`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPoolGetAccess(
    flags: *mut CUmemAccess_flags,
    memPool: CUmemoryPool,
    location: *mut CUmemLocation,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemPoolGetAccess", || unsafe {
        remote::cuMemPoolGetAccess(flags, memPool, location)
    })
}

/// CUDA's `cuMemPoolGetAttribute`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPoolGetAttribute(
    pool: CUmemoryPool,
    attr: CUmemPool_attribute,
    value: *mut c_void,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemPoolGetAttribute", || unsafe {
        remote::cuMemPoolGetAttribute(pool, attr, value)
    })
}

/// CUDA's `cuMemPoolImportFromShareableHandle`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPoolImportFromShareableHandle(
    pool_out: *mut CUmemoryPool,
    handle: *mut c_void,
    handleType: CUmemAllocationHandleType,
    flags: c_ulonglong,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemPoolImportFromShareableHandle", || unsafe {
        api::cuMemPoolImportFromShareableHandle(pool_out, handle, handleType, flags)
    })
}

/// CUDA's `cuMemPoolImportPointer`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPoolImportPointer(
    ptr_out: *mut CUdeviceptr,
    pool: CUmemoryPool,
    shareData: *mut CUmemPoolPtrExportData,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemPoolImportPointer", || unsafe {
        api::cuMemPoolImportPointer(ptr_out, pool, shareData)
    })
}

/// CUDA's `cuMemPoolSetAccess`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPoolSetAccess(
    pool: CUmemoryPool,
    map: *const CUmemAccessDesc,
    count: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemPoolSetAccess", || unsafe {
        remote::cuMemPoolSetAccess(pool, map, count)
    })
}

/// CUDA's `cuMemPoolSetAttribute`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPoolSetAttribute(
    pool: CUmemoryPool,
    attr: CUmemPool_attribute,
    value: *mut c_void,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemPoolSetAttribute", || unsafe {
        remote::cuMemPoolSetAttribute(pool, attr, value)
    })
}

/// CUDA's `cuMemPoolTrimTo`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPoolTrimTo(pool: CUmemoryPool, minBytesToKeep: usize) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemPoolTrimTo", || unsafe {
        remote::cuMemPoolTrimTo(pool, minBytesToKeep)
    })
}

/// CUDA's `cuMemPrefetchAsync`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPrefetchAsync(
    devPtr: CUdeviceptr,
    count: usize,
    dstDevice: CUdevice,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemPrefetchAsync", || unsafe {
        api::cuMemPrefetchAsync(devPtr, count, dstDevice, hStream)
    })
}

/// CUDA's `cuMemPrefetchAsync_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPrefetchAsync_ptsz(
    devPtr: CUdeviceptr,
    count: usize,
    dstDevice: CUdevice,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemPrefetchAsync_ptsz", || unsafe {
        api::cuMemPrefetchAsync(devPtr, count, dstDevice, per_thread(hStream))
    })
}

/// CUDA's `cuMemPrefetchAsync_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPrefetchAsync_v2(
    devPtr: CUdeviceptr,
    count: usize,
    location: CUmemLocation,
    flags: c_uint,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemPrefetchAsync_v2", || unsafe {
        api::cuMemPrefetchAsync_v2(devPtr, count, location, flags, hStream)
    })
}

/// CUDA's `cuMemPrefetchAsync_v2_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPrefetchAsync_v2_ptsz(
    devPtr: CUdeviceptr,
    count: usize,
    location: CUmemLocation,
    flags: c_uint,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemPrefetchAsync_v2_ptsz", || unsafe {
        api::cuMemPrefetchAsync_v2(devPtr, count, location, flags, per_thread(hStream))
    })
}

/// CUDA's `cuMemPrefetchBatchAsync`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPrefetchBatchAsync(
    dptrs: *mut CUdeviceptr,
    sizes: *mut usize,
    count: usize,
    prefetchLocs: *mut CUmemLocation,
    prefetchLocIdxs: *mut usize,
    numPrefetchLocs: usize,
    flags: c_ulonglong,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemPrefetchBatchAsync", || unsafe {
        remote::cuMemPrefetchBatchAsync(
            dptrs,
            sizes,
            count,
            prefetchLocs,
            prefetchLocIdxs,
            numPrefetchLocs,
            flags,
            hStream,
        )
    })
}

/// CUDA's `cuMemPrefetchBatchAsync_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemPrefetchBatchAsync_ptsz(
    dptrs: *mut CUdeviceptr,
    sizes: *mut usize,
    count: usize,
    prefetchLocs: *mut CUmemLocation,
    prefetchLocIdxs: *mut usize,
    numPrefetchLocs: usize,
    flags: c_ulonglong,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemPrefetchBatchAsync_ptsz", || unsafe {
        remote::cuMemPrefetchBatchAsync(
            dptrs,
            sizes,
            count,
            prefetchLocs,
            prefetchLocIdxs,
            numPrefetchLocs,
            flags,
            per_thread(hStream),
        )
    })
}

/// CUDA's `cuMemRangeGetAttribute`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemRangeGetAttribute(
    data: *mut c_void,
    dataSize: usize,
    attribute: CUmem_range_attribute,
    devPtr: CUdeviceptr,
    count: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemRangeGetAttribute", || unsafe {
        api::cuMemRangeGetAttribute(data, dataSize, attribute, devPtr, count)
    })
}

/// CUDA's `cuMemRangeGetAttributes`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemRangeGetAttributes(
    data: *mut *mut c_void,
    dataSizes: *mut usize,
    attributes: *mut CUmem_range_attribute,
    numAttributes: usize,
    devPtr: CUdeviceptr,
    count: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemRangeGetAttributes", || unsafe {
        api::cuMemRangeGetAttributes(data, dataSizes, attributes, numAttributes, devPtr, count)
    })
}

/// CUDA's `cuMemRelease`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemRelease(handle: CUmemGenericAllocationHandle) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemRelease", || unsafe { api::cuMemRelease(handle) })
}

/// CUDA's `cuMemRetainAllocationHandle`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemRetainAllocationHandle(
    handle: *mut CUmemGenericAllocationHandle,
    addr: *mut c_void,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemRetainAllocationHandle", || unsafe {
        api::cuMemRetainAllocationHandle(handle, addr)
    })
}

/// CUDA's `cuMemSetAccess`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemSetAccess(
    ptr: CUdeviceptr,
    size: usize,
    desc: *const CUmemAccessDesc,
    count: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemSetAccess", || unsafe {
        remote::cuMemSetAccess(ptr, size, desc, count)
    })
}

/// CUDA's `cuMemSetMemPool`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemSetMemPool(
    location: *mut CUmemLocation,
    type_: CUmemAllocationType,
    pool: CUmemoryPool,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemSetMemPool", || unsafe {
        remote::cuMemSetMemPool(location, type_, pool)
    })
}

/// CUDA's `cuMemUnmap`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemUnmap(ptr: CUdeviceptr, size: usize) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemUnmap", || unsafe { api::cuMemUnmap(ptr, size) })
}

/// CUDA's `cuMemcpy`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy(
    dst: CUdeviceptr,
    src: CUdeviceptr,
    ByteCount: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpy", || unsafe {
        api::cuMemcpy(dst, src, ByteCount, DefaultStream::Legacy)
    })
}

/// CUDA's `cuMemcpy2D`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy2D(pCopy: *const CUDA_MEMCPY2D_v1) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpy2D", || unsafe { api::cuMemcpy2D(pCopy) })
}

/// CUDA's `cuMemcpy2DAsync`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy2DAsync(
    pCopy: *const CUDA_MEMCPY2D_v1,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpy2DAsync", || unsafe {
        api::cuMemcpy2DAsync(pCopy, hStream)
    })
}

/// CUDA's `cuMemcpy2DAsync_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy2DAsync_v2(
    pCopy: *const CUDA_MEMCPY2D,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpy2DAsync_v2", || unsafe {
        api::cuMemcpy2DAsync_v2(pCopy, hStream)
    })
}

/// CUDA's `cuMemcpy2DAsync_v2_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy2DAsync_v2_ptsz(
    pCopy: *const CUDA_MEMCPY2D,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpy2DAsync_v2_ptsz", || unsafe {
        api::cuMemcpy2DAsync_v2(pCopy, per_thread(hStream))
    })
}

/// CUDA's `cuMemcpy2DUnaligned`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy2DUnaligned(pCopy: *const CUDA_MEMCPY2D_v1) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpy2DUnaligned", || unsafe {
        api::cuMemcpy2DUnaligned(pCopy)
    })
}

/// CUDA's `cuMemcpy2DUnaligned_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy2DUnaligned_v2(pCopy: *const CUDA_MEMCPY2D) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpy2DUnaligned_v2", || unsafe {
        api::cuMemcpy2DUnaligned_v2(pCopy, DefaultStream::Legacy)
    })
}

/// CUDA's `cuMemcpy2DUnaligned_v2_ptds`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy2DUnaligned_v2_ptds(pCopy: *const CUDA_MEMCPY2D) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpy2DUnaligned_v2_ptds", || unsafe {
        api::cuMemcpy2DUnaligned_v2(pCopy, DefaultStream::PerThread)
    })
}

/// CUDA's `cuMemcpy2D_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy2D_v2(pCopy: *const CUDA_MEMCPY2D) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpy2D_v2", || unsafe {
        api::cuMemcpy2D_v2(pCopy, DefaultStream::Legacy)
    })
}

/// CUDA's `cuMemcpy2D_v2_ptds`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy2D_v2_ptds(pCopy: *const CUDA_MEMCPY2D) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpy2D_v2_ptds", || unsafe {
        api::cuMemcpy2D_v2(pCopy, DefaultStream::PerThread)
    })
}

/// CUDA's `cuMemcpy3D`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy3D(pCopy: *const CUDA_MEMCPY3D_v1) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpy3D", || unsafe { api::cuMemcpy3D(pCopy) })
}

/// CUDA's `cuMemcpy3DAsync`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy3DAsync(
    pCopy: *const CUDA_MEMCPY3D_v1,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpy3DAsync", || unsafe {
        api::cuMemcpy3DAsync(pCopy, hStream)
    })
}

/// CUDA's `cuMemcpy3DAsync_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy3DAsync_v2(
    pCopy: *const CUDA_MEMCPY3D,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpy3DAsync_v2", || unsafe {
        api::cuMemcpy3DAsync_v2(pCopy, hStream)
    })
}

/// CUDA's `cuMemcpy3DAsync_v2_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy3DAsync_v2_ptsz(
    pCopy: *const CUDA_MEMCPY3D,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpy3DAsync_v2_ptsz", || unsafe {
        api::cuMemcpy3DAsync_v2(pCopy, per_thread(hStream))
    })
}

/// CUDA's `cuMemcpy3DBatchAsync`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy3DBatchAsync(
    numOps: usize,
    opList: *mut CUDA_MEMCPY3D_BATCH_OP,
    failIdx: *mut usize,
    flags: c_ulonglong,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpy3DBatchAsync", || unsafe {
        api::cuMemcpy3DBatchAsync(numOps, opList, failIdx, flags, hStream)
    })
}

/// CUDA's `cuMemcpy3DBatchAsync_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy3DBatchAsync_ptsz(
    numOps: usize,
    opList: *mut CUDA_MEMCPY3D_BATCH_OP,
    failIdx: *mut usize,
    flags: c_ulonglong,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpy3DBatchAsync_ptsz", || unsafe {
        api::cuMemcpy3DBatchAsync(numOps, opList, failIdx, flags, per_thread(hStream))
    })
}

/// CUDA's `cuMemcpy3DBatchAsync_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy3DBatchAsync_v2(
    numOps: usize,
    opList: *mut CUDA_MEMCPY3D_BATCH_OP,
    flags: c_ulonglong,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpy3DBatchAsync_v2", || unsafe {
        api::cuMemcpy3DBatchAsync_v2(numOps, opList, flags, hStream)
    })
}

/// CUDA's `cuMemcpy3DBatchAsync_v2_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy3DBatchAsync_v2_ptsz(
    numOps: usize,
    opList: *mut CUDA_MEMCPY3D_BATCH_OP,
    flags: c_ulonglong,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpy3DBatchAsync_v2_ptsz", || unsafe {
        api::cuMemcpy3DBatchAsync_v2(numOps, opList, flags, per_thread(hStream))
    })
}

/// CUDA's `cuMemcpy3DPeer`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy3DPeer(pCopy: *const CUDA_MEMCPY3D_PEER) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpy3DPeer", || unsafe {
        remote::cuMemcpy3DPeerAsync(pCopy, DefaultStream::Legacy.stream())
    })
}

/// CUDA's `cuMemcpy3DPeerAsync`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy3DPeerAsync(
    pCopy: *const CUDA_MEMCPY3D_PEER,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpy3DPeerAsync", || unsafe {
        remote::cuMemcpy3DPeerAsync(pCopy, hStream)
    })
}

/// CUDA's `cuMemcpy3DPeerAsync_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy3DPeerAsync_ptsz(
    pCopy: *const CUDA_MEMCPY3D_PEER,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpy3DPeerAsync_ptsz", || unsafe {
        remote::cuMemcpy3DPeerAsync(pCopy, per_thread(hStream))
    })
}

/// CUDA's `cuMemcpy3DPeer_ptds`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy3DPeer_ptds(pCopy: *const CUDA_MEMCPY3D_PEER) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpy3DPeer_ptds", || unsafe {
        remote::cuMemcpy3DPeerAsync(pCopy, DefaultStream::PerThread.stream())
    })
}

/// CUDA's `cuMemcpy3D_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy3D_v2(pCopy: *const CUDA_MEMCPY3D) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpy3D_v2", || unsafe {
        api::cuMemcpy3D_v2(pCopy, DefaultStream::Legacy)
    })
}

/// CUDA's `cuMemcpy3D_v2_ptds`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy3D_v2_ptds(pCopy: *const CUDA_MEMCPY3D) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpy3D_v2_ptds", || unsafe {
        api::cuMemcpy3D_v2(pCopy, DefaultStream::PerThread)
    })
}

/// CUDA's `cuMemcpyAsync`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyAsync(
    dst: CUdeviceptr,
    src: CUdeviceptr,
    ByteCount: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyAsync", || unsafe {
        api::cuMemcpyAsync(dst, src, ByteCount, hStream)
    })
}

/// CUDA's `cuMemcpyAsync_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyAsync_ptsz(
    dst: CUdeviceptr,
    src: CUdeviceptr,
    ByteCount: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyAsync_ptsz", || unsafe {
        api::cuMemcpyAsync(dst, src, ByteCount, per_thread(hStream))
    })
}

/// CUDA's `cuMemcpyAtoA`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyAtoA(
    dstArray: CUarray,
    dstOffset: c_uint,
    srcArray: CUarray,
    srcOffset: c_uint,
    ByteCount: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyAtoA", || unsafe {
        api::cuMemcpyAtoA_v2(
            dstArray,
            dstOffset as usize,
            srcArray,
            srcOffset as usize,
            ByteCount as usize,
            DefaultStream::Legacy,
        )
    })
}

/// CUDA's `cuMemcpyAtoA_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyAtoA_v2(
    dstArray: CUarray,
    dstOffset: usize,
    srcArray: CUarray,
    srcOffset: usize,
    ByteCount: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyAtoA_v2", || unsafe {
        api::cuMemcpyAtoA_v2(
            dstArray,
            dstOffset,
            srcArray,
            srcOffset,
            ByteCount,
            DefaultStream::Legacy,
        )
    })
}

/// CUDA's `cuMemcpyAtoA_v2_ptds`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyAtoA_v2_ptds(
    dstArray: CUarray,
    dstOffset: usize,
    srcArray: CUarray,
    srcOffset: usize,
    ByteCount: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyAtoA_v2_ptds", || unsafe {
        api::cuMemcpyAtoA_v2(
            dstArray,
            dstOffset,
            srcArray,
            srcOffset,
            ByteCount,
            DefaultStream::PerThread,
        )
    })
}

/// CUDA's `cuMemcpyAtoD`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyAtoD(
    dstDevice: CUdeviceptr_v1,
    srcArray: CUarray,
    srcOffset: c_uint,
    ByteCount: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyAtoD", || unsafe {
        api::cuMemcpyAtoD_v2(
            dstDevice as CUdeviceptr,
            srcArray,
            srcOffset as usize,
            ByteCount as usize,
            DefaultStream::Legacy,
        )
    })
}

/// CUDA's `cuMemcpyAtoD_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyAtoD_v2(
    dstDevice: CUdeviceptr,
    srcArray: CUarray,
    srcOffset: usize,
    ByteCount: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyAtoD_v2", || unsafe {
        api::cuMemcpyAtoD_v2(
            dstDevice,
            srcArray,
            srcOffset,
            ByteCount,
            DefaultStream::Legacy,
        )
    })
}

/// CUDA's `cuMemcpyAtoD_v2_ptds`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyAtoD_v2_ptds(
    dstDevice: CUdeviceptr,
    srcArray: CUarray,
    srcOffset: usize,
    ByteCount: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyAtoD_v2_ptds", || unsafe {
        api::cuMemcpyAtoD_v2(
            dstDevice,
            srcArray,
            srcOffset,
            ByteCount,
            DefaultStream::PerThread,
        )
    })
}

/// CUDA's `cuMemcpyAtoH`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyAtoH(
    dstHost: *mut c_void,
    srcArray: CUarray,
    srcOffset: c_uint,
    ByteCount: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyAtoH", || unsafe {
        api::cuMemcpyAtoH_v2(
            dstHost,
            srcArray,
            srcOffset as usize,
            ByteCount as usize,
            DefaultStream::Legacy,
        )
    })
}

/// CUDA's `cuMemcpyAtoHAsync`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyAtoHAsync(
    dstHost: *mut c_void,
    srcArray: CUarray,
    srcOffset: c_uint,
    ByteCount: c_uint,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyAtoHAsync", || unsafe {
        api::cuMemcpyAtoHAsync_v2(
            dstHost,
            srcArray,
            srcOffset as usize,
            ByteCount as usize,
            hStream,
        )
    })
}

/// CUDA's `cuMemcpyAtoHAsync_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyAtoHAsync_v2(
    dstHost: *mut c_void,
    srcArray: CUarray,
    srcOffset: usize,
    ByteCount: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyAtoHAsync_v2", || unsafe {
        api::cuMemcpyAtoHAsync_v2(dstHost, srcArray, srcOffset, ByteCount, hStream)
    })
}

/// CUDA's `cuMemcpyAtoHAsync_v2_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyAtoHAsync_v2_ptsz(
    dstHost: *mut c_void,
    srcArray: CUarray,
    srcOffset: usize,
    ByteCount: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyAtoHAsync_v2_ptsz", || unsafe {
        api::cuMemcpyAtoHAsync_v2(dstHost, srcArray, srcOffset, ByteCount, per_thread(hStream))
    })
}

/// CUDA's `cuMemcpyAtoH_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyAtoH_v2(
    dstHost: *mut c_void,
    srcArray: CUarray,
    srcOffset: usize,
    ByteCount: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyAtoH_v2", || unsafe {
        api::cuMemcpyAtoH_v2(
            dstHost,
            srcArray,
            srcOffset,
            ByteCount,
            DefaultStream::Legacy,
        )
    })
}

/// CUDA's `cuMemcpyAtoH_v2_ptds`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyAtoH_v2_ptds(
    dstHost: *mut c_void,
    srcArray: CUarray,
    srcOffset: usize,
    ByteCount: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyAtoH_v2_ptds", || unsafe {
        api::cuMemcpyAtoH_v2(
            dstHost,
            srcArray,
            srcOffset,
            ByteCount,
            DefaultStream::PerThread,
        )
    })
}

/// CUDA's `cuMemcpyBatchAsync`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyBatchAsync(
    dsts: *mut CUdeviceptr,
    srcs: *mut CUdeviceptr,
    sizes: *mut usize,
    count: usize,
    attrs: *mut CUmemcpyAttributes,
    attrsIdxs: *mut usize,
    numAttrs: usize,
    failIdx: *mut usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyBatchAsync", || unsafe {
        api::cuMemcpyBatchAsync(
            dsts, srcs, sizes, count, attrs, attrsIdxs, numAttrs, failIdx, hStream,
        )
    })
}

/// CUDA's `cuMemcpyBatchAsync_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyBatchAsync_ptsz(
    dsts: *mut CUdeviceptr,
    srcs: *mut CUdeviceptr,
    sizes: *mut usize,
    count: usize,
    attrs: *mut CUmemcpyAttributes,
    attrsIdxs: *mut usize,
    numAttrs: usize,
    failIdx: *mut usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyBatchAsync_ptsz", || unsafe {
        api::cuMemcpyBatchAsync(
            dsts,
            srcs,
            sizes,
            count,
            attrs,
            attrsIdxs,
            numAttrs,
            failIdx,
            per_thread(hStream),
        )
    })
}

/// CUDA's `cuMemcpyBatchAsync_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyBatchAsync_v2(
    dsts: *mut CUdeviceptr,
    srcs: *mut CUdeviceptr,
    sizes: *mut usize,
    count: usize,
    attrs: *mut CUmemcpyAttributes,
    attrsIdxs: *mut usize,
    numAttrs: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyBatchAsync_v2", || unsafe {
        api::cuMemcpyBatchAsync_v2(
            dsts, srcs, sizes, count, attrs, attrsIdxs, numAttrs, hStream,
        )
    })
}

/// CUDA's `cuMemcpyBatchAsync_v2_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyBatchAsync_v2_ptsz(
    dsts: *mut CUdeviceptr,
    srcs: *mut CUdeviceptr,
    sizes: *mut usize,
    count: usize,
    attrs: *mut CUmemcpyAttributes,
    attrsIdxs: *mut usize,
    numAttrs: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyBatchAsync_v2_ptsz", || unsafe {
        api::cuMemcpyBatchAsync_v2(
            dsts,
            srcs,
            sizes,
            count,
            attrs,
            attrsIdxs,
            numAttrs,
            per_thread(hStream),
        )
    })
}

/// CUDA's `cuMemcpyDtoA`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoA(
    dstArray: CUarray,
    dstOffset: c_uint,
    srcDevice: CUdeviceptr_v1,
    ByteCount: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyDtoA", || unsafe {
        api::cuMemcpyDtoA_v2(
            dstArray,
            dstOffset as usize,
            srcDevice as CUdeviceptr,
            ByteCount as usize,
            DefaultStream::Legacy,
        )
    })
}

/// CUDA's `cuMemcpyDtoA_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoA_v2(
    dstArray: CUarray,
    dstOffset: usize,
    srcDevice: CUdeviceptr,
    ByteCount: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyDtoA_v2", || unsafe {
        api::cuMemcpyDtoA_v2(
            dstArray,
            dstOffset,
            srcDevice,
            ByteCount,
            DefaultStream::Legacy,
        )
    })
}

/// CUDA's `cuMemcpyDtoA_v2_ptds`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoA_v2_ptds(
    dstArray: CUarray,
    dstOffset: usize,
    srcDevice: CUdeviceptr,
    ByteCount: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyDtoA_v2_ptds", || unsafe {
        api::cuMemcpyDtoA_v2(
            dstArray,
            dstOffset,
            srcDevice,
            ByteCount,
            DefaultStream::PerThread,
        )
    })
}

/// CUDA's `cuMemcpyDtoD`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoD(
    dstDevice: CUdeviceptr_v1,
    srcDevice: CUdeviceptr_v1,
    ByteCount: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyDtoD", || unsafe {
        api::cuMemcpyDtoDAsync_v2(
            dstDevice as CUdeviceptr,
            srcDevice as CUdeviceptr,
            ByteCount as usize,
            DefaultStream::Legacy.stream(),
        )
    })
}

/// CUDA's `cuMemcpyDtoDAsync`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoDAsync(
    dstDevice: CUdeviceptr_v1,
    srcDevice: CUdeviceptr_v1,
    ByteCount: c_uint,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyDtoDAsync", || unsafe {
        api::cuMemcpyDtoDAsync_v2(
            dstDevice as CUdeviceptr,
            srcDevice as CUdeviceptr,
            ByteCount as usize,
            hStream,
        )
    })
}

/// CUDA's `cuMemcpyDtoDAsync_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoDAsync_v2(
    dstDevice: CUdeviceptr,
    srcDevice: CUdeviceptr,
    ByteCount: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyDtoDAsync_v2", || unsafe {
        api::cuMemcpyDtoDAsync_v2(dstDevice, srcDevice, ByteCount, hStream)
    })
}

/// CUDA's `cuMemcpyDtoDAsync_v2_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoDAsync_v2_ptsz(
    dstDevice: CUdeviceptr,
    srcDevice: CUdeviceptr,
    ByteCount: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyDtoDAsync_v2_ptsz", || unsafe {
        api::cuMemcpyDtoDAsync_v2(dstDevice, srcDevice, ByteCount, per_thread(hStream))
    })
}

/// CUDA's `cuMemcpyDtoD_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoD_v2(
    dstDevice: CUdeviceptr,
    srcDevice: CUdeviceptr,
    ByteCount: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyDtoD_v2", || unsafe {
        api::cuMemcpyDtoDAsync_v2(
            dstDevice,
            srcDevice,
            ByteCount,
            DefaultStream::Legacy.stream(),
        )
    })
}

/// CUDA's `cuMemcpyDtoD_v2_ptds`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoD_v2_ptds(
    dstDevice: CUdeviceptr,
    srcDevice: CUdeviceptr,
    ByteCount: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyDtoD_v2_ptds", || unsafe {
        api::cuMemcpyDtoDAsync_v2(
            dstDevice,
            srcDevice,
            ByteCount,
            DefaultStream::PerThread.stream(),
        )
    })
}

/// CUDA's `cuMemcpyDtoH`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoH(
    dstHost: *mut c_void,
    srcDevice: CUdeviceptr_v1,
    ByteCount: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyDtoH", || unsafe {
        api::cuMemcpyDtoH_v2(
            dstHost,
            srcDevice as CUdeviceptr,
            ByteCount as usize,
            DefaultStream::Legacy,
        )
    })
}

/// CUDA's `cuMemcpyDtoHAsync`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoHAsync(
    dstHost: *mut c_void,
    srcDevice: CUdeviceptr_v1,
    ByteCount: c_uint,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyDtoHAsync", || unsafe {
        api::cuMemcpyDtoHAsync_v2(
            dstHost,
            srcDevice as CUdeviceptr,
            ByteCount as usize,
            hStream,
        )
    })
}

/// CUDA's `cuMemcpyDtoHAsync_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoHAsync_v2(
    dstHost: *mut c_void,
    srcDevice: CUdeviceptr,
    ByteCount: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyDtoHAsync_v2", || unsafe {
        api::cuMemcpyDtoHAsync_v2(dstHost, srcDevice, ByteCount, hStream)
    })
}

/// CUDA's `cuMemcpyDtoHAsync_v2_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoHAsync_v2_ptsz(
    dstHost: *mut c_void,
    srcDevice: CUdeviceptr,
    ByteCount: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyDtoHAsync_v2_ptsz", || unsafe {
        api::cuMemcpyDtoHAsync_v2(dstHost, srcDevice, ByteCount, per_thread(hStream))
    })
}

/// CUDA's `cuMemcpyDtoH_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoH_v2(
    dstHost: *mut c_void,
    srcDevice: CUdeviceptr,
    ByteCount: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyDtoH_v2", || unsafe {
        api::cuMemcpyDtoH_v2(dstHost, srcDevice, ByteCount, DefaultStream::Legacy)
    })
}

/// CUDA's `cuMemcpyDtoH_v2_ptds`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoH_v2_ptds(
    dstHost: *mut c_void,
    srcDevice: CUdeviceptr,
    ByteCount: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyDtoH_v2_ptds", || unsafe {
        api::cuMemcpyDtoH_v2(dstHost, srcDevice, ByteCount, DefaultStream::PerThread)
    })
}

/// CUDA's `cuMemcpyHtoA`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyHtoA(
    dstArray: CUarray,
    dstOffset: c_uint,
    srcHost: *const c_void,
    ByteCount: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyHtoA", || unsafe {
        api::cuMemcpyHtoA_v2(
            dstArray,
            dstOffset as usize,
            srcHost,
            ByteCount as usize,
            DefaultStream::Legacy,
        )
    })
}

/// CUDA's `cuMemcpyHtoAAsync`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyHtoAAsync(
    dstArray: CUarray,
    dstOffset: c_uint,
    srcHost: *const c_void,
    ByteCount: c_uint,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyHtoAAsync", || unsafe {
        api::cuMemcpyHtoAAsync_v2(
            dstArray,
            dstOffset as usize,
            srcHost,
            ByteCount as usize,
            hStream,
        )
    })
}

/// CUDA's `cuMemcpyHtoAAsync_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyHtoAAsync_v2(
    dstArray: CUarray,
    dstOffset: usize,
    srcHost: *const c_void,
    ByteCount: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyHtoAAsync_v2", || unsafe {
        api::cuMemcpyHtoAAsync_v2(dstArray, dstOffset, srcHost, ByteCount, hStream)
    })
}

/// CUDA's `cuMemcpyHtoAAsync_v2_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyHtoAAsync_v2_ptsz(
    dstArray: CUarray,
    dstOffset: usize,
    srcHost: *const c_void,
    ByteCount: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyHtoAAsync_v2_ptsz", || unsafe {
        api::cuMemcpyHtoAAsync_v2(dstArray, dstOffset, srcHost, ByteCount, per_thread(hStream))
    })
}

/// CUDA's `cuMemcpyHtoA_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyHtoA_v2(
    dstArray: CUarray,
    dstOffset: usize,
    srcHost: *const c_void,
    ByteCount: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyHtoA_v2", || unsafe {
        api::cuMemcpyHtoA_v2(
            dstArray,
            dstOffset,
            srcHost,
            ByteCount,
            DefaultStream::Legacy,
        )
    })
}

/// CUDA's `cuMemcpyHtoA_v2_ptds`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyHtoA_v2_ptds(
    dstArray: CUarray,
    dstOffset: usize,
    srcHost: *const c_void,
    ByteCount: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyHtoA_v2_ptds", || unsafe {
        api::cuMemcpyHtoA_v2(
            dstArray,
            dstOffset,
            srcHost,
            ByteCount,
            DefaultStream::PerThread,
        )
    })
}

/// CUDA's `cuMemcpyHtoD`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyHtoD(
    dstDevice: CUdeviceptr_v1,
    srcHost: *const c_void,
    ByteCount: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyHtoD", || unsafe {
        api::cuMemcpyHtoD_v2(
            dstDevice as CUdeviceptr,
            srcHost,
            ByteCount as usize,
            DefaultStream::Legacy,
        )
    })
}

/// CUDA's `cuMemcpyHtoDAsync`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyHtoDAsync(
    dstDevice: CUdeviceptr_v1,
    srcHost: *const c_void,
    ByteCount: c_uint,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyHtoDAsync", || unsafe {
        api::cuMemcpyHtoDAsync_v2(
            dstDevice as CUdeviceptr,
            srcHost,
            ByteCount as usize,
            hStream,
        )
    })
}

/// CUDA's `cuMemcpyHtoDAsync_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyHtoDAsync_v2(
    dstDevice: CUdeviceptr,
    srcHost: *const c_void,
    ByteCount: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyHtoDAsync_v2", || unsafe {
        api::cuMemcpyHtoDAsync_v2(dstDevice, srcHost, ByteCount, hStream)
    })
}

/// CUDA's `cuMemcpyHtoDAsync_v2_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyHtoDAsync_v2_ptsz(
    dstDevice: CUdeviceptr,
    srcHost: *const c_void,
    ByteCount: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyHtoDAsync_v2_ptsz", || unsafe {
        api::cuMemcpyHtoDAsync_v2(dstDevice, srcHost, ByteCount, per_thread(hStream))
    })
}

/// CUDA's `cuMemcpyHtoD_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyHtoD_v2(
    dstDevice: CUdeviceptr,
    srcHost: *const c_void,
    ByteCount: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyHtoD_v2", || unsafe {
        api::cuMemcpyHtoD_v2(dstDevice, srcHost, ByteCount, DefaultStream::Legacy)
    })
}

/// CUDA's `cuMemcpyHtoD_v2_ptds`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyHtoD_v2_ptds(
    dstDevice: CUdeviceptr,
    srcHost: *const c_void,
    ByteCount: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyHtoD_v2_ptds", || unsafe {
        api::cuMemcpyHtoD_v2(dstDevice, srcHost, ByteCount, DefaultStream::PerThread)
    })
}

/// CUDA's `cuMemcpyPeer`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyPeer(
    dstDevice: CUdeviceptr,
    dstContext: CUcontext,
    srcDevice: CUdeviceptr,
    srcContext: CUcontext,
    ByteCount: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyPeer", || unsafe {
        remote::cuMemcpyPeerAsync(
            dstDevice,
            dstContext,
            srcDevice,
            srcContext,
            ByteCount,
            DefaultStream::Legacy.stream(),
        )
    })
}

/// CUDA's `cuMemcpyPeerAsync`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyPeerAsync(
    dstDevice: CUdeviceptr,
    dstContext: CUcontext,
    srcDevice: CUdeviceptr,
    srcContext: CUcontext,
    ByteCount: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyPeerAsync", || unsafe {
        remote::cuMemcpyPeerAsync(
            dstDevice, dstContext, srcDevice, srcContext, ByteCount, hStream,
        )
    })
}

/// CUDA's `cuMemcpyPeerAsync_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyPeerAsync_ptsz(
    dstDevice: CUdeviceptr,
    dstContext: CUcontext,
    srcDevice: CUdeviceptr,
    srcContext: CUcontext,
    ByteCount: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyPeerAsync_ptsz", || unsafe {
        remote::cuMemcpyPeerAsync(
            dstDevice,
            dstContext,
            srcDevice,
            srcContext,
            ByteCount,
            per_thread(hStream),
        )
    })
}

/// CUDA's `cuMemcpyPeer_ptds`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyPeer_ptds(
    dstDevice: CUdeviceptr,
    dstContext: CUcontext,
    srcDevice: CUdeviceptr,
    srcContext: CUcontext,
    ByteCount: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpyPeer_ptds", || unsafe {
        remote::cuMemcpyPeerAsync(
            dstDevice,
            dstContext,
            srcDevice,
            srcContext,
            ByteCount,
            DefaultStream::PerThread.stream(),
        )
    })
}

/// CUDA's `cuMemcpy_ptds`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpy_ptds(
    dst: CUdeviceptr,
    src: CUdeviceptr,
    ByteCount: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemcpy_ptds", || unsafe {
        api::cuMemcpy(dst, src, ByteCount, DefaultStream::PerThread)
    })
}

/// CUDA's `cuMemsetD16`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD16(
    dstDevice: CUdeviceptr_v1,
    us: c_ushort,
    N: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD16", || unsafe {
        api::cuMemsetD16Async(
            dstDevice as CUdeviceptr,
            us,
            N as usize,
            DefaultStream::Legacy.stream(),
        )
    })
}

/// CUDA's `cuMemsetD16Async`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD16Async(
    dstDevice: CUdeviceptr,
    us: c_ushort,
    N: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD16Async", || unsafe {
        api::cuMemsetD16Async(dstDevice, us, N, hStream)
    })
}

/// CUDA's `cuMemsetD16Async_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD16Async_ptsz(
    dstDevice: CUdeviceptr,
    us: c_ushort,
    N: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD16Async_ptsz", || unsafe {
        api::cuMemsetD16Async(dstDevice, us, N, per_thread(hStream))
    })
}

/// CUDA's `cuMemsetD16_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD16_v2(
    dstDevice: CUdeviceptr,
    us: c_ushort,
    N: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD16_v2", || unsafe {
        api::cuMemsetD16Async(dstDevice, us, N, DefaultStream::Legacy.stream())
    })
}

/// CUDA's `cuMemsetD16_v2_ptds`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD16_v2_ptds(
    dstDevice: CUdeviceptr,
    us: c_ushort,
    N: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD16_v2_ptds", || unsafe {
        api::cuMemsetD16Async(dstDevice, us, N, DefaultStream::PerThread.stream())
    })
}

/// CUDA's `cuMemsetD2D16`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD2D16(
    dstDevice: CUdeviceptr_v1,
    dstPitch: c_uint,
    us: c_ushort,
    Width: c_uint,
    Height: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD2D16", || unsafe {
        api::cuMemsetD2D16Async(
            dstDevice as CUdeviceptr,
            dstPitch as usize,
            us,
            Width as usize,
            Height as usize,
            DefaultStream::Legacy.stream(),
        )
    })
}

/// CUDA's `cuMemsetD2D16Async`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD2D16Async(
    dstDevice: CUdeviceptr,
    dstPitch: usize,
    us: c_ushort,
    Width: usize,
    Height: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD2D16Async", || unsafe {
        api::cuMemsetD2D16Async(dstDevice, dstPitch, us, Width, Height, hStream)
    })
}

/// CUDA's `cuMemsetD2D16Async_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD2D16Async_ptsz(
    dstDevice: CUdeviceptr,
    dstPitch: usize,
    us: c_ushort,
    Width: usize,
    Height: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD2D16Async_ptsz", || unsafe {
        api::cuMemsetD2D16Async(dstDevice, dstPitch, us, Width, Height, per_thread(hStream))
    })
}

/// CUDA's `cuMemsetD2D16_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD2D16_v2(
    dstDevice: CUdeviceptr,
    dstPitch: usize,
    us: c_ushort,
    Width: usize,
    Height: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD2D16_v2", || unsafe {
        api::cuMemsetD2D16Async(
            dstDevice,
            dstPitch,
            us,
            Width,
            Height,
            DefaultStream::Legacy.stream(),
        )
    })
}

/// CUDA's `cuMemsetD2D16_v2_ptds`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD2D16_v2_ptds(
    dstDevice: CUdeviceptr,
    dstPitch: usize,
    us: c_ushort,
    Width: usize,
    Height: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD2D16_v2_ptds", || unsafe {
        api::cuMemsetD2D16Async(
            dstDevice,
            dstPitch,
            us,
            Width,
            Height,
            DefaultStream::PerThread.stream(),
        )
    })
}

/// CUDA's `cuMemsetD2D32`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD2D32(
    dstDevice: CUdeviceptr_v1,
    dstPitch: c_uint,
    ui: c_uint,
    Width: c_uint,
    Height: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD2D32", || unsafe {
        api::cuMemsetD2D32Async(
            dstDevice as CUdeviceptr,
            dstPitch as usize,
            ui,
            Width as usize,
            Height as usize,
            DefaultStream::Legacy.stream(),
        )
    })
}

/// CUDA's `cuMemsetD2D32Async`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD2D32Async(
    dstDevice: CUdeviceptr,
    dstPitch: usize,
    ui: c_uint,
    Width: usize,
    Height: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD2D32Async", || unsafe {
        api::cuMemsetD2D32Async(dstDevice, dstPitch, ui, Width, Height, hStream)
    })
}

/// CUDA's `cuMemsetD2D32Async_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD2D32Async_ptsz(
    dstDevice: CUdeviceptr,
    dstPitch: usize,
    ui: c_uint,
    Width: usize,
    Height: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD2D32Async_ptsz", || unsafe {
        api::cuMemsetD2D32Async(dstDevice, dstPitch, ui, Width, Height, per_thread(hStream))
    })
}

/// CUDA's `cuMemsetD2D32_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD2D32_v2(
    dstDevice: CUdeviceptr,
    dstPitch: usize,
    ui: c_uint,
    Width: usize,
    Height: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD2D32_v2", || unsafe {
        api::cuMemsetD2D32Async(
            dstDevice,
            dstPitch,
            ui,
            Width,
            Height,
            DefaultStream::Legacy.stream(),
        )
    })
}

/// CUDA's `cuMemsetD2D32_v2_ptds`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD2D32_v2_ptds(
    dstDevice: CUdeviceptr,
    dstPitch: usize,
    ui: c_uint,
    Width: usize,
    Height: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD2D32_v2_ptds", || unsafe {
        api::cuMemsetD2D32Async(
            dstDevice,
            dstPitch,
            ui,
            Width,
            Height,
            DefaultStream::PerThread.stream(),
        )
    })
}

/// CUDA's `cuMemsetD2D8`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD2D8(
    dstDevice: CUdeviceptr_v1,
    dstPitch: c_uint,
    uc: c_uchar,
    Width: c_uint,
    Height: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD2D8", || unsafe {
        api::cuMemsetD2D8Async(
            dstDevice as CUdeviceptr,
            dstPitch as usize,
            uc,
            Width as usize,
            Height as usize,
            DefaultStream::Legacy.stream(),
        )
    })
}

/// CUDA's `cuMemsetD2D8Async`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD2D8Async(
    dstDevice: CUdeviceptr,
    dstPitch: usize,
    uc: c_uchar,
    Width: usize,
    Height: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD2D8Async", || unsafe {
        api::cuMemsetD2D8Async(dstDevice, dstPitch, uc, Width, Height, hStream)
    })
}

/// CUDA's `cuMemsetD2D8Async_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD2D8Async_ptsz(
    dstDevice: CUdeviceptr,
    dstPitch: usize,
    uc: c_uchar,
    Width: usize,
    Height: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD2D8Async_ptsz", || unsafe {
        api::cuMemsetD2D8Async(dstDevice, dstPitch, uc, Width, Height, per_thread(hStream))
    })
}

/// CUDA's `cuMemsetD2D8_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD2D8_v2(
    dstDevice: CUdeviceptr,
    dstPitch: usize,
    uc: c_uchar,
    Width: usize,
    Height: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD2D8_v2", || unsafe {
        api::cuMemsetD2D8Async(
            dstDevice,
            dstPitch,
            uc,
            Width,
            Height,
            DefaultStream::Legacy.stream(),
        )
    })
}

/// CUDA's `cuMemsetD2D8_v2_ptds`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD2D8_v2_ptds(
    dstDevice: CUdeviceptr,
    dstPitch: usize,
    uc: c_uchar,
    Width: usize,
    Height: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD2D8_v2_ptds", || unsafe {
        api::cuMemsetD2D8Async(
            dstDevice,
            dstPitch,
            uc,
            Width,
            Height,
            DefaultStream::PerThread.stream(),
        )
    })
}

/// CUDA's `cuMemsetD32`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD32(dstDevice: CUdeviceptr_v1, ui: c_uint, N: c_uint) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD32", || unsafe {
        api::cuMemsetD32Async(
            dstDevice as CUdeviceptr,
            ui,
            N as usize,
            DefaultStream::Legacy.stream(),
        )
    })
}

/// CUDA's `cuMemsetD32Async`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD32Async(
    dstDevice: CUdeviceptr,
    ui: c_uint,
    N: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD32Async", || unsafe {
        api::cuMemsetD32Async(dstDevice, ui, N, hStream)
    })
}

/// CUDA's `cuMemsetD32Async_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD32Async_ptsz(
    dstDevice: CUdeviceptr,
    ui: c_uint,
    N: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD32Async_ptsz", || unsafe {
        api::cuMemsetD32Async(dstDevice, ui, N, per_thread(hStream))
    })
}

/// CUDA's `cuMemsetD32_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD32_v2(dstDevice: CUdeviceptr, ui: c_uint, N: usize) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD32_v2", || unsafe {
        api::cuMemsetD32Async(dstDevice, ui, N, DefaultStream::Legacy.stream())
    })
}

/// CUDA's `cuMemsetD32_v2_ptds`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD32_v2_ptds(
    dstDevice: CUdeviceptr,
    ui: c_uint,
    N: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD32_v2_ptds", || unsafe {
        api::cuMemsetD32Async(dstDevice, ui, N, DefaultStream::PerThread.stream())
    })
}

/// CUDA's `cuMemsetD8`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD8(dstDevice: CUdeviceptr_v1, uc: c_uchar, N: c_uint) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD8", || unsafe {
        api::cuMemsetD8Async(
            dstDevice as CUdeviceptr,
            uc,
            N as usize,
            DefaultStream::Legacy.stream(),
        )
    })
}

/// CUDA's `cuMemsetD8Async`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD8Async(
    dstDevice: CUdeviceptr,
    uc: c_uchar,
    N: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD8Async", || unsafe {
        api::cuMemsetD8Async(dstDevice, uc, N, hStream)
    })
}

/// CUDA's `cuMemsetD8Async_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD8Async_ptsz(
    dstDevice: CUdeviceptr,
    uc: c_uchar,
    N: usize,
    hStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD8Async_ptsz", || unsafe {
        api::cuMemsetD8Async(dstDevice, uc, N, per_thread(hStream))
    })
}

/// CUDA's `cuMemsetD8_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD8_v2(dstDevice: CUdeviceptr, uc: c_uchar, N: usize) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD8_v2", || unsafe {
        api::cuMemsetD8Async(dstDevice, uc, N, DefaultStream::Legacy.stream())
    })
}

/// CUDA's `cuMemsetD8_v2_ptds`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemsetD8_v2_ptds(
    dstDevice: CUdeviceptr,
    uc: c_uchar,
    N: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMemsetD8_v2_ptds", || unsafe {
        api::cuMemsetD8Async(dstDevice, uc, N, DefaultStream::PerThread.stream())
    })
}

/// CUDA's `cuMipmappedArrayCreate`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMipmappedArrayCreate(
    pHandle: *mut CUmipmappedArray,
    pMipmappedArrayDesc: *const CUDA_ARRAY3D_DESCRIPTOR,
    numMipmapLevels: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMipmappedArrayCreate", || unsafe {
        remote::cuMipmappedArrayCreate(pHandle, pMipmappedArrayDesc, numMipmapLevels)
    })
}

/// CUDA's `cuMipmappedArrayDestroy`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMipmappedArrayDestroy(hMipmappedArray: CUmipmappedArray) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMipmappedArrayDestroy", || unsafe {
        remote::cuMipmappedArrayDestroy(hMipmappedArray)
    })
}

/// CUDA's `cuMipmappedArrayGetLevel`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMipmappedArrayGetLevel(
    pLevelArray: *mut CUarray,
    hMipmappedArray: CUmipmappedArray,
    level: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMipmappedArrayGetLevel", || unsafe {
        remote::cuMipmappedArrayGetLevel(pLevelArray, hMipmappedArray, level)
    })
}

/// CUDA's `cuMipmappedArrayGetMemoryRequirements`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMipmappedArrayGetMemoryRequirements(
    memoryRequirements: *mut CUDA_ARRAY_MEMORY_REQUIREMENTS,
    mipmap: CUmipmappedArray,
    device: CUdevice,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMipmappedArrayGetMemoryRequirements", || unsafe {
        remote::cuMipmappedArrayGetMemoryRequirements(memoryRequirements, mipmap, device)
    })
}

/// CUDA's `cuMipmappedArrayGetSparseProperties`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMipmappedArrayGetSparseProperties(
    sparseProperties: *mut CUDA_ARRAY_SPARSE_PROPERTIES,
    mipmap: CUmipmappedArray,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMipmappedArrayGetSparseProperties", || unsafe {
        remote::cuMipmappedArrayGetSparseProperties(sparseProperties, mipmap)
    })
}

/// CUDA's `cuModuleEnumerateFunctions`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuModuleEnumerateFunctions(
    functions: *mut CUfunction,
    numFunctions: c_uint,
    mod_: CUmodule,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuModuleEnumerateFunctions", || unsafe {
        api::cuModuleEnumerateFunctions(functions, numFunctions, mod_)
    })
}

/// CUDA's `cuModuleGetFunction`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuModuleGetFunction(
    hfunc: *mut CUfunction,
    hmod: CUmodule,
    name: *const c_char,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuModuleGetFunction", || unsafe {
        api::cuModuleGetFunction(hfunc, hmod, name)
    })
}

/// CUDA's `cuModuleGetFunctionCount`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuModuleGetFunctionCount(count: *mut c_uint, mod_: CUmodule) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuModuleGetFunctionCount", || unsafe {
        remote::cuModuleGetFunctionCount(count, mod_)
    })
}

/// CUDA's `cuModuleGetGlobal`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuModuleGetGlobal(
    dptr: *mut CUdeviceptr_v1,
    bytes: *mut c_uint,
    hmod: CUmodule,
    name: *const c_char,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuModuleGetGlobal", || unsafe {
        api::cuModuleGetGlobal(dptr, bytes, hmod, name)
    })
}

/// CUDA's `cuModuleGetGlobal_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuModuleGetGlobal_v2(
    dptr: *mut CUdeviceptr,
    bytes: *mut usize,
    hmod: CUmodule,
    name: *const c_char,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuModuleGetGlobal_v2", || unsafe {
        api::cuModuleGetGlobal_v2(dptr, bytes, hmod, name)
    })
}

/// CUDA's `cuModuleGetLoadingMode`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuModuleGetLoadingMode(mode: *mut CUmoduleLoadingMode) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuModuleGetLoadingMode", || unsafe {
        api::cuModuleGetLoadingMode(mode)
    })
}

/// CUDA's `cuModuleGetSurfRef`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuModuleGetSurfRef(
    pSurfRef: *mut CUsurfref,
    hmod: CUmodule,
    name: *const c_char,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuModuleGetSurfRef", || unsafe {
        remote::cuModuleGetSurfRef(pSurfRef, hmod, name)
    })
}

/// CUDA's `cuModuleGetTexRef`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuModuleGetTexRef(
    pTexRef: *mut CUtexref,
    hmod: CUmodule,
    name: *const c_char,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuModuleGetTexRef", || unsafe {
        remote::cuModuleGetTexRef(pTexRef, hmod, name)
    })
}

/// CUDA's `cuModuleLoad`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuModuleLoad(module: *mut CUmodule, fname: *const c_char) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuModuleLoad", || unsafe {
        api::cuModuleLoad(module, fname)
    })
}

/// CUDA's `cuModuleLoadData`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuModuleLoadData(module: *mut CUmodule, image: *const c_void) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuModuleLoadData", || unsafe {
        api::cuModuleLoadData(module, image)
    })
}

/// CUDA's `cuModuleLoadDataEx`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuModuleLoadDataEx(
    module: *mut CUmodule,
    image: *const c_void,
    numOptions: c_uint,
    options: *mut CUjit_option,
    optionValues: *mut *mut c_void,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuModuleLoadDataEx", || unsafe {
        api::cuModuleLoadDataEx(module, image, numOptions, options, optionValues)
    })
}

/// CUDA's `cuModuleLoadFatBinary`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuModuleLoadFatBinary(
    module: *mut CUmodule,
    fatCubin: *const c_void,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuModuleLoadFatBinary", || unsafe {
        api::cuModuleLoadFatBinary(module, fatCubin)
    })
}

/// CUDA's `cuModuleUnload`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuModuleUnload(hmod: CUmodule) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuModuleUnload", || unsafe { api::cuModuleUnload(hmod) })
}

/// CUDA's `cuMulticastAddDevice`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMulticastAddDevice(
    mcHandle: CUmemGenericAllocationHandle,
    dev: CUdevice,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMulticastAddDevice", || unsafe {
        remote::cuMulticastAddDevice(mcHandle, dev)
    })
}

/// CUDA's `cuMulticastBindAddr`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMulticastBindAddr(
    mcHandle: CUmemGenericAllocationHandle,
    mcOffset: usize,
    memptr: CUdeviceptr,
    size: usize,
    flags: c_ulonglong,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMulticastBindAddr", || unsafe {
        remote::cuMulticastBindAddr(mcHandle, mcOffset, memptr, size, flags)
    })
}

/// CUDA's `cuMulticastBindMem`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMulticastBindMem(
    mcHandle: CUmemGenericAllocationHandle,
    mcOffset: usize,
    memHandle: CUmemGenericAllocationHandle,
    memOffset: usize,
    size: usize,
    flags: c_ulonglong,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMulticastBindMem", || unsafe {
        remote::cuMulticastBindMem(mcHandle, mcOffset, memHandle, memOffset, size, flags)
    })
}

/// CUDA's `cuMulticastCreate`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMulticastCreate(
    mcHandle: *mut CUmemGenericAllocationHandle,
    prop: *const CUmulticastObjectProp,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMulticastCreate", || unsafe {
        remote::cuMulticastCreate(mcHandle, prop)
    })
}

/// CUDA's `cuMulticastGetGranularity`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMulticastGetGranularity(
    granularity: *mut usize,
    prop: *const CUmulticastObjectProp,
    option: CUmulticastGranularity_flags,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMulticastGetGranularity", || unsafe {
        remote::cuMulticastGetGranularity(granularity, prop, option)
    })
}

/// CUDA's `cuMulticastUnbind`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMulticastUnbind(
    mcHandle: CUmemGenericAllocationHandle,
    dev: CUdevice,
    mcOffset: usize,
    size: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuMulticastUnbind", || unsafe {
        remote::cuMulticastUnbind(mcHandle, dev, mcOffset, size)
    })
}

/// CUDA's `cuOccupancyAvailableDynamicSMemPerBlock`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuOccupancyAvailableDynamicSMemPerBlock(
    dynamicSmemSize: *mut usize,
    func: CUfunction,
    numBlocks: c_int,
    blockSize: c_int,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuOccupancyAvailableDynamicSMemPerBlock", || unsafe {
        api::cuOccupancyAvailableDynamicSMemPerBlock(dynamicSmemSize, func, numBlocks, blockSize)
    })
}

/// CUDA's `cuOccupancyMaxActiveBlocksPerMultiprocessor`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuOccupancyMaxActiveBlocksPerMultiprocessor(
    numBlocks: *mut c_int,
    func: CUfunction,
    blockSize: c_int,
    dynamicSMemSize: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuOccupancyMaxActiveBlocksPerMultiprocessor", || unsafe {
        api::cuOccupancyMaxActiveBlocksPerMultiprocessor(
            numBlocks,
            func,
            blockSize,
            dynamicSMemSize,
        )
    })
}

/// CUDA's `cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
    numBlocks: *mut c_int,
    func: CUfunction,
    blockSize: c_int,
    dynamicSMemSize: usize,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry(
        "cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags",
        || unsafe {
            api::cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
                numBlocks,
                func,
                blockSize,
                dynamicSMemSize,
                flags,
            )
        },
    )
}

/// CUDA's `cuOccupancyMaxActiveClusters`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuOccupancyMaxActiveClusters(
    numClusters: *mut c_int,
    func: CUfunction,
    config: *const CUlaunchConfig,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuOccupancyMaxActiveClusters", || unsafe {
        api::cuOccupancyMaxActiveClusters(numClusters, func, config)
    })
}

/// CUDA's `cuOccupancyMaxPotentialBlockSize`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuOccupancyMaxPotentialBlockSize(
    minGridSize: *mut c_int,
    blockSize: *mut c_int,
    func: CUfunction,
    blockSizeToDynamicSMemSize: CUoccupancyB2DSize,
    dynamicSMemSize: usize,
    blockSizeLimit: c_int,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuOccupancyMaxPotentialBlockSize", || unsafe {
        api::cuOccupancyMaxPotentialBlockSize(
            minGridSize,
            blockSize,
            func,
            blockSizeToDynamicSMemSize,
            dynamicSMemSize,
            blockSizeLimit,
        )
    })
}

/// CUDA's `cuOccupancyMaxPotentialBlockSizeWithFlags`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuOccupancyMaxPotentialBlockSizeWithFlags(
    minGridSize: *mut c_int,
    blockSize: *mut c_int,
    func: CUfunction,
    blockSizeToDynamicSMemSize: CUoccupancyB2DSize,
    dynamicSMemSize: usize,
    blockSizeLimit: c_int,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuOccupancyMaxPotentialBlockSizeWithFlags", || unsafe {
        api::cuOccupancyMaxPotentialBlockSizeWithFlags(
            minGridSize,
            blockSize,
            func,
            blockSizeToDynamicSMemSize,
            dynamicSMemSize,
            blockSizeLimit,
            flags,
        )
    })
}

/// CUDA's `cuOccupancyMaxPotentialClusterSize`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuOccupancyMaxPotentialClusterSize(
    clusterSize: *mut c_int,
    func: CUfunction,
    config: *const CUlaunchConfig,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuOccupancyMaxPotentialClusterSize", || unsafe {
        api::cuOccupancyMaxPotentialClusterSize(clusterSize, func, config)
    })
}

/// CUDA's `cuParamSetSize`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuParamSetSize(hfunc: CUfunction, numbytes: c_uint) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuParamSetSize", || unsafe {
        api::cuParamSetSize(hfunc, numbytes)
    })
}

/// CUDA's `cuParamSetTexRef`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuParamSetTexRef(
    hfunc: CUfunction,
    texunit: c_int,
    hTexRef: CUtexref,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuParamSetTexRef", || unsafe {
        api::cuParamSetTexRef(hfunc, texunit, hTexRef)
    })
}

/// CUDA's `cuParamSetf`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuParamSetf(hfunc: CUfunction, offset: c_int, value: f32) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuParamSetf", || unsafe {
        api::cuParamSetf(hfunc, offset, value)
    })
}

/// CUDA's `cuParamSeti`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuParamSeti(hfunc: CUfunction, offset: c_int, value: c_uint) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuParamSeti", || unsafe {
        api::cuParamSeti(hfunc, offset, value)
    })
}

/// CUDA's `cuParamSetv`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuParamSetv(
    hfunc: CUfunction,
    offset: c_int,
    ptr: *mut c_void,
    numbytes: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuParamSetv", || unsafe {
        api::cuParamSetv(hfunc, offset, ptr, numbytes)
    })
}

/// CUDA's `cuPointerGetAttribute`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuPointerGetAttribute(
    data: *mut c_void,
    attribute: CUpointer_attribute,
    ptr: CUdeviceptr,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuPointerGetAttribute", || unsafe {
        api::cuPointerGetAttribute(data, attribute, ptr)
    })
}

/// CUDA's `cuPointerGetAttributes`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuPointerGetAttributes(
    numAttributes: c_uint,
    attributes: *mut CUpointer_attribute,
    data: *mut *mut c_void,
    ptr: CUdeviceptr,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuPointerGetAttributes", || unsafe {
        api::cuPointerGetAttributes(numAttributes, attributes, data, ptr)
    })
}

/// CUDA's `cuPointerSetAttribute`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuPointerSetAttribute(
    value: *const c_void,
    attribute: CUpointer_attribute,
    ptr: CUdeviceptr,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuPointerSetAttribute", || unsafe {
        api::cuPointerSetAttribute(value, attribute, ptr)
    })
}

/// CUDA's `cuSignalExternalSemaphoresAsync`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuSignalExternalSemaphoresAsync(
    _: *const CUexternalSemaphore,
    _: *const CUDA_EXTERNAL_SEMAPHORE_SIGNAL_PARAMS,
    _: c_uint,
    _: CUstream,
) -> CUresult {
    unsupported("cuSignalExternalSemaphoresAsync")
}

/// CUDA's `cuSignalExternalSemaphoresAsync_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuSignalExternalSemaphoresAsync_ptsz(
    _: *const CUexternalSemaphore,
    _: *const CUDA_EXTERNAL_SEMAPHORE_SIGNAL_PARAMS,
    _: c_uint,
    _: CUstream,
) -> CUresult {
    unsupported("cuSignalExternalSemaphoresAsync_ptsz")
}

/// CUDA's `cuStreamAddCallback`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamAddCallback(
    hStream: CUstream,
    callback: CUstreamCallback,
    userData: *mut c_void,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamAddCallback", || unsafe {
        api::cuStreamAddCallback(hStream, callback, userData, flags)
    })
}

/// CUDA's `cuStreamAddCallback_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamAddCallback_ptsz(
    hStream: CUstream,
    callback: CUstreamCallback,
    userData: *mut c_void,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamAddCallback_ptsz", || unsafe {
        api::cuStreamAddCallback(per_thread(hStream), callback, userData, flags)
    })
}

/// CUDA's `cuStreamAttachMemAsync`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamAttachMemAsync(
    hStream: CUstream,
    dptr: CUdeviceptr,
    length: usize,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamAttachMemAsync", || unsafe {
        api::cuStreamAttachMemAsync(hStream, dptr, length, flags)
    })
}

/// CUDA's `cuStreamAttachMemAsync_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamAttachMemAsync_ptsz(
    hStream: CUstream,
    dptr: CUdeviceptr,
    length: usize,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamAttachMemAsync_ptsz", || unsafe {
        api::cuStreamAttachMemAsync(per_thread(hStream), dptr, length, flags)
    })
}

/// CUDA's `cuStreamBatchMemOp`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamBatchMemOp(
    stream: CUstream,
    count: c_uint,
    paramArray: *mut CUstreamBatchMemOpParams,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamBatchMemOp", || unsafe {
        remote::cuStreamBatchMemOp_v2(stream, count, paramArray, flags)
    })
}

/// CUDA's `cuStreamBatchMemOp_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamBatchMemOp_ptsz(
    stream: CUstream,
    count: c_uint,
    paramArray: *mut CUstreamBatchMemOpParams,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamBatchMemOp_ptsz", || unsafe {
        remote::cuStreamBatchMemOp_v2(per_thread(stream), count, paramArray, flags)
    })
}

/// CUDA's `cuStreamBatchMemOp_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamBatchMemOp_v2(
    stream: CUstream,
    count: c_uint,
    paramArray: *mut CUstreamBatchMemOpParams,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamBatchMemOp_v2", || unsafe {
        remote::cuStreamBatchMemOp_v2(stream, count, paramArray, flags)
    })
}

/// CUDA's `cuStreamBatchMemOp_v2_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamBatchMemOp_v2_ptsz(
    stream: CUstream,
    count: c_uint,
    paramArray: *mut CUstreamBatchMemOpParams,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamBatchMemOp_v2_ptsz", || unsafe {
        remote::cuStreamBatchMemOp_v2(per_thread(stream), count, paramArray, flags)
    })
}

/// CUDA's `cuStreamBeginCapture`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamBeginCapture(hStream: CUstream) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamBeginCapture", || unsafe {
        api::cuStreamBeginCapture(hStream)
    })
}

/// CUDA's `cuStreamBeginCaptureToGraph`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamBeginCaptureToGraph(
    hStream: CUstream,
    hGraph: CUgraph,
    dependencies: *const CUgraphNode,
    dependencyData: *const CUgraphEdgeData,
    numDependencies: usize,
    mode: CUstreamCaptureMode,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamBeginCaptureToGraph", || unsafe {
        api::cuStreamBeginCaptureToGraph(
            hStream,
            hGraph,
            dependencies,
            dependencyData,
            numDependencies,
            mode,
        )
    })
}

/// CUDA's `cuStreamBeginCaptureToGraph_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamBeginCaptureToGraph_ptsz(
    hStream: CUstream,
    hGraph: CUgraph,
    dependencies: *const CUgraphNode,
    dependencyData: *const CUgraphEdgeData,
    numDependencies: usize,
    mode: CUstreamCaptureMode,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamBeginCaptureToGraph_ptsz", || unsafe {
        api::cuStreamBeginCaptureToGraph(
            per_thread(hStream),
            hGraph,
            dependencies,
            dependencyData,
            numDependencies,
            mode,
        )
    })
}

/// CUDA's `cuStreamBeginCapture_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamBeginCapture_ptsz(hStream: CUstream) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamBeginCapture_ptsz", || unsafe {
        api::cuStreamBeginCapture(per_thread(hStream))
    })
}

/// CUDA's `cuStreamBeginCapture_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamBeginCapture_v2(
    hStream: CUstream,
    mode: CUstreamCaptureMode,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamBeginCapture_v2", || unsafe {
        api::cuStreamBeginCapture_v2(hStream, mode)
    })
}

/// CUDA's `cuStreamBeginCapture_v2_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamBeginCapture_v2_ptsz(
    hStream: CUstream,
    mode: CUstreamCaptureMode,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamBeginCapture_v2_ptsz", || unsafe {
        api::cuStreamBeginCapture_v2(per_thread(hStream), mode)
    })
}

/// CUDA's `cuStreamCopyAttributes`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamCopyAttributes(
    dstStream: CUstream,
    srcStream: CUstream,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamCopyAttributes", || unsafe {
        remote::cuStreamCopyAttributes(dstStream, srcStream)
    })
}

/// CUDA's `cuStreamCopyAttributes_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamCopyAttributes_ptsz(dst: CUstream, src: CUstream) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamCopyAttributes_ptsz", || unsafe {
        remote::cuStreamCopyAttributes(per_thread(dst), per_thread(src))
    })
}

/// CUDA's `cuStreamCreate`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamCreate(phStream: *mut CUstream, Flags: c_uint) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamCreate", || unsafe {
        api::cuStreamCreate(phStream, Flags)
    })
}

/// CUDA's `cuStreamCreateWithPriority`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamCreateWithPriority(
    phStream: *mut CUstream,
    flags: c_uint,
    priority: c_int,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamCreateWithPriority", || unsafe {
        api::cuStreamCreateWithPriority(phStream, flags, priority)
    })
}

/// CUDA's `cuStreamDestroy`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamDestroy(hStream: CUstream) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamDestroy", || unsafe {
        api::cuStreamDestroy(hStream)
    })
}

/// CUDA's `cuStreamDestroy_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamDestroy_v2(hStream: CUstream) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamDestroy_v2", || unsafe {
        api::cuStreamDestroy_v2(hStream)
    })
}

/// CUDA's `cuStreamEndCapture`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamEndCapture(hStream: CUstream, phGraph: *mut CUgraph) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamEndCapture", || unsafe {
        api::cuStreamEndCapture(hStream, phGraph)
    })
}

/// CUDA's `cuStreamEndCapture_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamEndCapture_ptsz(
    hStream: CUstream,
    phGraph: *mut CUgraph,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamEndCapture_ptsz", || unsafe {
        api::cuStreamEndCapture(per_thread(hStream), phGraph)
    })
}

/// CUDA's `cuStreamGetAttribute`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetAttribute(
    hStream: CUstream,
    attr: CUstreamAttrID,
    value: *mut CUstreamAttrValue,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamGetAttribute", || unsafe {
        remote::cuStreamGetAttribute(hStream, attr, value)
    })
}

/// CUDA's `cuStreamGetAttribute_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetAttribute_ptsz(
    hStream: CUstream,
    attr: CUstreamAttrID,
    value_out: *mut CUstreamAttrValue,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamGetAttribute_ptsz", || unsafe {
        remote::cuStreamGetAttribute(per_thread(hStream), attr, value_out)
    })
}

/// CUDA's `cuStreamGetCaptureInfo`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetCaptureInfo(
    hStream: CUstream,
    captureStatus_out: *mut CUstreamCaptureStatus,
    id_out: *mut cuuint64_t,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamGetCaptureInfo", || unsafe {
        api::cuStreamGetCaptureInfo(hStream, captureStatus_out, id_out)
    })
}

/// CUDA's `cuStreamGetCaptureInfo_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetCaptureInfo_ptsz(
    hStream: CUstream,
    captureStatus_out: *mut CUstreamCaptureStatus,
    id_out: *mut cuuint64_t,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamGetCaptureInfo_ptsz", || unsafe {
        api::cuStreamGetCaptureInfo(per_thread(hStream), captureStatus_out, id_out)
    })
}

/// CUDA's `cuStreamGetCaptureInfo_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetCaptureInfo_v2(
    hStream: CUstream,
    captureStatus_out: *mut CUstreamCaptureStatus,
    id_out: *mut cuuint64_t,
    graph_out: *mut CUgraph,
    dependencies_out: *mut *const CUgraphNode,
    numDependencies_out: *mut usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamGetCaptureInfo_v2", || unsafe {
        api::cuStreamGetCaptureInfo_v2(
            hStream,
            captureStatus_out,
            id_out,
            graph_out,
            dependencies_out,
            numDependencies_out,
        )
    })
}

/// CUDA's `cuStreamGetCaptureInfo_v2_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetCaptureInfo_v2_ptsz(
    hStream: CUstream,
    captureStatus_out: *mut CUstreamCaptureStatus,
    id_out: *mut cuuint64_t,
    graph_out: *mut CUgraph,
    dependencies_out: *mut *const CUgraphNode,
    numDependencies_out: *mut usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamGetCaptureInfo_v2_ptsz", || unsafe {
        api::cuStreamGetCaptureInfo_v2(
            per_thread(hStream),
            captureStatus_out,
            id_out,
            graph_out,
            dependencies_out,
            numDependencies_out,
        )
    })
}

/// CUDA's `cuStreamGetCaptureInfo_v3`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetCaptureInfo_v3(
    hStream: CUstream,
    captureStatus_out: *mut CUstreamCaptureStatus,
    id_out: *mut cuuint64_t,
    graph_out: *mut CUgraph,
    dependencies_out: *mut *const CUgraphNode,
    edgeData_out: *mut *const CUgraphEdgeData,
    numDependencies_out: *mut usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamGetCaptureInfo_v3", || unsafe {
        api::cuStreamGetCaptureInfo_v3(
            hStream,
            captureStatus_out,
            id_out,
            graph_out,
            dependencies_out,
            edgeData_out,
            numDependencies_out,
        )
    })
}

/// CUDA's `cuStreamGetCaptureInfo_v3_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetCaptureInfo_v3_ptsz(
    hStream: CUstream,
    captureStatus_out: *mut CUstreamCaptureStatus,
    id_out: *mut cuuint64_t,
    graph_out: *mut CUgraph,
    dependencies_out: *mut *const CUgraphNode,
    edgeData_out: *mut *const CUgraphEdgeData,
    numDependencies_out: *mut usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamGetCaptureInfo_v3_ptsz", || unsafe {
        api::cuStreamGetCaptureInfo_v3(
            per_thread(hStream),
            captureStatus_out,
            id_out,
            graph_out,
            dependencies_out,
            edgeData_out,
            numDependencies_out,
        )
    })
}

/// CUDA's `cuStreamGetCtx`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetCtx(hStream: CUstream, pctx: *mut CUcontext) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamGetCtx", || unsafe {
        api::cuStreamGetCtx(hStream, pctx)
    })
}

/// CUDA's `cuStreamGetCtx_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetCtx_ptsz(hStream: CUstream, pctx: *mut CUcontext) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamGetCtx_ptsz", || unsafe {
        api::cuStreamGetCtx(per_thread(hStream), pctx)
    })
}

/// CUDA's `cuStreamGetCtx_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetCtx_v2(
    hStream: CUstream,
    pCtx: *mut CUcontext,
    pGreenCtx: *mut CUgreenCtx,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamGetCtx_v2", || unsafe {
        api::cuStreamGetCtx_v2(hStream, pCtx, pGreenCtx)
    })
}

/// CUDA's `cuStreamGetCtx_v2_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetCtx_v2_ptsz(
    hStream: CUstream,
    pCtx: *mut CUcontext,
    pGreenCtx: *mut CUgreenCtx,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamGetCtx_v2_ptsz", || unsafe {
        api::cuStreamGetCtx_v2(per_thread(hStream), pCtx, pGreenCtx)
    })
}

/// CUDA's `cuStreamGetDevice`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetDevice(hStream: CUstream, device: *mut CUdevice) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamGetDevice", || unsafe {
        api::cuStreamGetDevice(hStream, device)
    })
}

/// CUDA's `cuStreamGetDevice_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetDevice_ptsz(
    hStream: CUstream,
    device: *mut CUdevice,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamGetDevice_ptsz", || unsafe {
        api::cuStreamGetDevice(per_thread(hStream), device)
    })
}

/// CUDA's `cuStreamGetFlags`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetFlags(hStream: CUstream, flags: *mut c_uint) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamGetFlags", || unsafe {
        api::cuStreamGetFlags(hStream, flags)
    })
}

/// CUDA's `cuStreamGetFlags_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetFlags_ptsz(hStream: CUstream, flags: *mut c_uint) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamGetFlags_ptsz", || unsafe {
        api::cuStreamGetFlags(per_thread(hStream), flags)
    })
}

/// CUDA's `cuStreamGetGreenCtx`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetGreenCtx(
    hStream: CUstream,
    phCtx: *mut CUgreenCtx,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamGetGreenCtx", || unsafe {
        remote::cuStreamGetGreenCtx(hStream, phCtx)
    })
}

/// CUDA's `cuStreamGetId`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetId(hStream: CUstream, streamId: *mut c_ulonglong) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamGetId", || unsafe {
        api::cuStreamGetId(hStream, streamId)
    })
}

/// CUDA's `cuStreamGetId_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetId_ptsz(
    hStream: CUstream,
    streamId: *mut c_ulonglong,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamGetId_ptsz", || unsafe {
        api::cuStreamGetId(per_thread(hStream), streamId)
    })
}

/// CUDA's `cuStreamGetPriority`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetPriority(hStream: CUstream, priority: *mut c_int) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamGetPriority", || unsafe {
        api::cuStreamGetPriority(hStream, priority)
    })
}

/// CUDA's `cuStreamGetPriority_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamGetPriority_ptsz(
    hStream: CUstream,
    priority: *mut c_int,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamGetPriority_ptsz", || unsafe {
        api::cuStreamGetPriority(per_thread(hStream), priority)
    })
}

/// CUDA's `cuStreamIsCapturing`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamIsCapturing(
    hStream: CUstream,
    captureStatus: *mut CUstreamCaptureStatus,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamIsCapturing", || unsafe {
        api::cuStreamIsCapturing(hStream, captureStatus)
    })
}

/// CUDA's `cuStreamIsCapturing_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamIsCapturing_ptsz(
    hStream: CUstream,
    captureStatus: *mut CUstreamCaptureStatus,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamIsCapturing_ptsz", || unsafe {
        api::cuStreamIsCapturing(per_thread(hStream), captureStatus)
    })
}

/// CUDA's `cuStreamQuery`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamQuery(hStream: CUstream) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamQuery", || unsafe { api::cuStreamQuery(hStream) })
}

/// CUDA's `cuStreamQuery_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamQuery_ptsz(hStream: CUstream) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamQuery_ptsz", || unsafe {
        api::cuStreamQuery(per_thread(hStream))
    })
}

/// CUDA's `cuStreamSetAttribute`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamSetAttribute(
    hStream: CUstream,
    attr: CUstreamAttrID,
    param: *const CUstreamAttrValue,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamSetAttribute", || unsafe {
        remote::cuStreamSetAttribute(hStream, attr, param)
    })
}

/// CUDA's `cuStreamSetAttribute_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamSetAttribute_ptsz(
    hStream: CUstream,
    attr: CUstreamAttrID,
    value: *const CUstreamAttrValue,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamSetAttribute_ptsz", || unsafe {
        remote::cuStreamSetAttribute(per_thread(hStream), attr, value)
    })
}

/// CUDA's `cuStreamSynchronize`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamSynchronize(hStream: CUstream) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamSynchronize", || unsafe {
        api::cuStreamSynchronize(hStream)
    })
}

/// CUDA's `cuStreamSynchronize_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamSynchronize_ptsz(hStream: CUstream) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamSynchronize_ptsz", || unsafe {
        api::cuStreamSynchronize(per_thread(hStream))
    })
}

/// CUDA's `cuStreamUpdateCaptureDependencies`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamUpdateCaptureDependencies(
    hStream: CUstream,
    dependencies: *mut CUgraphNode,
    numDependencies: usize,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamUpdateCaptureDependencies", || unsafe {
        api::cuStreamUpdateCaptureDependencies(hStream, dependencies, numDependencies, flags)
    })
}

/// CUDA's `cuStreamUpdateCaptureDependencies_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamUpdateCaptureDependencies_ptsz(
    hStream: CUstream,
    dependencies: *mut CUgraphNode,
    numDependencies: usize,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamUpdateCaptureDependencies_ptsz", || unsafe {
        api::cuStreamUpdateCaptureDependencies(
            per_thread(hStream),
            dependencies,
            numDependencies,
            flags,
        )
    })
}

/// CUDA's `cuStreamUpdateCaptureDependencies_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamUpdateCaptureDependencies_v2(
    hStream: CUstream,
    dependencies: *mut CUgraphNode,
    dependencyData: *const CUgraphEdgeData,
    numDependencies: usize,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamUpdateCaptureDependencies_v2", || unsafe {
        api::cuStreamUpdateCaptureDependencies_v2(
            hStream,
            dependencies,
            dependencyData,
            numDependencies,
            flags,
        )
    })
}

/// CUDA's `cuStreamUpdateCaptureDependencies_v2_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamUpdateCaptureDependencies_v2_ptsz(
    hStream: CUstream,
    dependencies: *mut CUgraphNode,
    dependencyData: *const CUgraphEdgeData,
    numDependencies: usize,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamUpdateCaptureDependencies_v2_ptsz", || unsafe {
        api::cuStreamUpdateCaptureDependencies_v2(
            per_thread(hStream),
            dependencies,
            dependencyData,
            numDependencies,
            flags,
        )
    })
}

/// CUDA's `cuStreamWaitEvent`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWaitEvent(
    hStream: CUstream,
    hEvent: CUevent,
    Flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamWaitEvent", || unsafe {
        api::cuStreamWaitEvent(hStream, hEvent, Flags)
    })
}

/// CUDA's `cuStreamWaitEvent_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWaitEvent_ptsz(
    hStream: CUstream,
    hEvent: CUevent,
    Flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamWaitEvent_ptsz", || unsafe {
        api::cuStreamWaitEvent(per_thread(hStream), hEvent, Flags)
    })
}

/// CUDA's `cuStreamWaitValue32`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWaitValue32(
    stream: CUstream,
    addr: CUdeviceptr,
    value: cuuint32_t,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamWaitValue32", || unsafe {
        api::cuStreamWaitValue32_v2(stream, addr, value, flags)
    })
}

/// CUDA's `cuStreamWaitValue32_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWaitValue32_ptsz(
    stream: CUstream,
    addr: CUdeviceptr,
    value: cuuint32_t,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamWaitValue32_ptsz", || unsafe {
        api::cuStreamWaitValue32_v2(per_thread(stream), addr, value, flags)
    })
}

/// CUDA's `cuStreamWaitValue32_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWaitValue32_v2(
    stream: CUstream,
    addr: CUdeviceptr,
    value: cuuint32_t,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamWaitValue32_v2", || unsafe {
        api::cuStreamWaitValue32_v2(stream, addr, value, flags)
    })
}

/// CUDA's `cuStreamWaitValue32_v2_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWaitValue32_v2_ptsz(
    stream: CUstream,
    addr: CUdeviceptr,
    value: cuuint32_t,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamWaitValue32_v2_ptsz", || unsafe {
        api::cuStreamWaitValue32_v2(per_thread(stream), addr, value, flags)
    })
}

/// CUDA's `cuStreamWaitValue64`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWaitValue64(
    stream: CUstream,
    addr: CUdeviceptr,
    value: cuuint64_t,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamWaitValue64", || unsafe {
        api::cuStreamWaitValue64_v2(stream, addr, value, flags)
    })
}

/// CUDA's `cuStreamWaitValue64_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWaitValue64_ptsz(
    stream: CUstream,
    addr: CUdeviceptr,
    value: cuuint64_t,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamWaitValue64_ptsz", || unsafe {
        api::cuStreamWaitValue64_v2(per_thread(stream), addr, value, flags)
    })
}

/// CUDA's `cuStreamWaitValue64_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWaitValue64_v2(
    stream: CUstream,
    addr: CUdeviceptr,
    value: cuuint64_t,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamWaitValue64_v2", || unsafe {
        api::cuStreamWaitValue64_v2(stream, addr, value, flags)
    })
}

/// CUDA's `cuStreamWaitValue64_v2_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWaitValue64_v2_ptsz(
    stream: CUstream,
    addr: CUdeviceptr,
    value: cuuint64_t,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamWaitValue64_v2_ptsz", || unsafe {
        api::cuStreamWaitValue64_v2(per_thread(stream), addr, value, flags)
    })
}

/// CUDA's `cuStreamWriteValue32`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWriteValue32(
    stream: CUstream,
    addr: CUdeviceptr,
    value: cuuint32_t,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamWriteValue32", || unsafe {
        api::cuStreamWriteValue32_v2(stream, addr, value, flags)
    })
}

/// CUDA's `cuStreamWriteValue32_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWriteValue32_ptsz(
    stream: CUstream,
    addr: CUdeviceptr,
    value: cuuint32_t,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamWriteValue32_ptsz", || unsafe {
        api::cuStreamWriteValue32_v2(per_thread(stream), addr, value, flags)
    })
}

/// CUDA's `cuStreamWriteValue32_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWriteValue32_v2(
    stream: CUstream,
    addr: CUdeviceptr,
    value: cuuint32_t,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamWriteValue32_v2", || unsafe {
        api::cuStreamWriteValue32_v2(stream, addr, value, flags)
    })
}

/// CUDA's `cuStreamWriteValue32_v2_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWriteValue32_v2_ptsz(
    stream: CUstream,
    addr: CUdeviceptr,
    value: cuuint32_t,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamWriteValue32_v2_ptsz", || unsafe {
        api::cuStreamWriteValue32_v2(per_thread(stream), addr, value, flags)
    })
}

/// CUDA's `cuStreamWriteValue64`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWriteValue64(
    stream: CUstream,
    addr: CUdeviceptr,
    value: cuuint64_t,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamWriteValue64", || unsafe {
        api::cuStreamWriteValue64_v2(stream, addr, value, flags)
    })
}

/// CUDA's `cuStreamWriteValue64_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWriteValue64_ptsz(
    stream: CUstream,
    addr: CUdeviceptr,
    value: cuuint64_t,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamWriteValue64_ptsz", || unsafe {
        api::cuStreamWriteValue64_v2(per_thread(stream), addr, value, flags)
    })
}

/// CUDA's `cuStreamWriteValue64_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWriteValue64_v2(
    stream: CUstream,
    addr: CUdeviceptr,
    value: cuuint64_t,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamWriteValue64_v2", || unsafe {
        api::cuStreamWriteValue64_v2(stream, addr, value, flags)
    })
}

/// CUDA's `cuStreamWriteValue64_v2_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamWriteValue64_v2_ptsz(
    stream: CUstream,
    addr: CUdeviceptr,
    value: cuuint64_t,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuStreamWriteValue64_v2_ptsz", || unsafe {
        api::cuStreamWriteValue64_v2(per_thread(stream), addr, value, flags)
    })
}

/// CUDA's `cuSurfObjectCreate`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuSurfObjectCreate(
    pSurfObject: *mut CUsurfObject,
    pResDesc: *const CUDA_RESOURCE_DESC,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuSurfObjectCreate", || unsafe {
        remote::cuSurfObjectCreate(pSurfObject, pResDesc)
    })
}

/// CUDA's `cuSurfObjectDestroy`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuSurfObjectDestroy(surfObject: CUsurfObject) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuSurfObjectDestroy", || unsafe {
        remote::cuSurfObjectDestroy(surfObject)
    })
}

/// CUDA's `cuSurfObjectGetResourceDesc`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuSurfObjectGetResourceDesc(
    pResDesc: *mut CUDA_RESOURCE_DESC,
    surfObject: CUsurfObject,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuSurfObjectGetResourceDesc", || unsafe {
        remote::cuSurfObjectGetResourceDesc(pResDesc, surfObject)
    })
}

/// CUDA's `cuSurfRefGetArray`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuSurfRefGetArray(phArray: *mut CUarray, hSurfRef: CUsurfref) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuSurfRefGetArray", || unsafe {
        remote::cuSurfRefGetArray(phArray, hSurfRef)
    })
}

/// CUDA's `cuSurfRefSetArray`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuSurfRefSetArray(
    hSurfRef: CUsurfref,
    hArray: CUarray,
    Flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuSurfRefSetArray", || unsafe {
        remote::cuSurfRefSetArray(hSurfRef, hArray, Flags)
    })
}

/// CUDA's `cuTensorMapEncodeIm2col`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTensorMapEncodeIm2col(
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
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTensorMapEncodeIm2col", || unsafe {
        remote::cuTensorMapEncodeIm2col(
            tensorMap,
            tensorDataType,
            tensorRank,
            globalAddress,
            globalDim,
            globalStrides,
            pixelBoxLowerCorner,
            pixelBoxUpperCorner,
            channelsPerPixel,
            pixelsPerColumn,
            elementStrides,
            interleave,
            swizzle,
            l2Promotion,
            oobFill,
        )
    })
}

/// CUDA's `cuTensorMapEncodeIm2colWide`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTensorMapEncodeIm2colWide(
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
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTensorMapEncodeIm2colWide", || unsafe {
        remote::cuTensorMapEncodeIm2colWide(
            tensorMap,
            tensorDataType,
            tensorRank,
            globalAddress,
            globalDim,
            globalStrides,
            pixelBoxLowerCornerWidth,
            pixelBoxUpperCornerWidth,
            channelsPerPixel,
            pixelsPerColumn,
            elementStrides,
            interleave,
            mode,
            swizzle,
            l2Promotion,
            oobFill,
        )
    })
}

/// CUDA's `cuTensorMapEncodeTiled`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTensorMapEncodeTiled(
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
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTensorMapEncodeTiled", || unsafe {
        remote::cuTensorMapEncodeTiled(
            tensorMap,
            tensorDataType,
            tensorRank,
            globalAddress,
            globalDim,
            globalStrides,
            boxDim,
            elementStrides,
            interleave,
            swizzle,
            l2Promotion,
            oobFill,
        )
    })
}

/// CUDA's `cuTensorMapReplaceAddress`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTensorMapReplaceAddress(
    tensorMap: *mut CUtensorMap,
    globalAddress: *mut c_void,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTensorMapReplaceAddress", || unsafe {
        remote::cuTensorMapReplaceAddress(tensorMap, globalAddress)
    })
}

/// CUDA's `cuTexObjectCreate`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexObjectCreate(
    pTexObject: *mut CUtexObject,
    pResDesc: *const CUDA_RESOURCE_DESC,
    pTexDesc: *const CUDA_TEXTURE_DESC,
    pResViewDesc: *const CUDA_RESOURCE_VIEW_DESC,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexObjectCreate", || unsafe {
        remote::cuTexObjectCreate(pTexObject, pResDesc, pTexDesc, pResViewDesc)
    })
}

/// CUDA's `cuTexObjectDestroy`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexObjectDestroy(texObject: CUtexObject) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexObjectDestroy", || unsafe {
        remote::cuTexObjectDestroy(texObject)
    })
}

/// CUDA's `cuTexObjectGetResourceDesc`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexObjectGetResourceDesc(
    pResDesc: *mut CUDA_RESOURCE_DESC,
    texObject: CUtexObject,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexObjectGetResourceDesc", || unsafe {
        remote::cuTexObjectGetResourceDesc(pResDesc, texObject)
    })
}

/// CUDA's `cuTexObjectGetResourceViewDesc`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexObjectGetResourceViewDesc(
    pResViewDesc: *mut CUDA_RESOURCE_VIEW_DESC,
    texObject: CUtexObject,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexObjectGetResourceViewDesc", || unsafe {
        remote::cuTexObjectGetResourceViewDesc(pResViewDesc, texObject)
    })
}

/// CUDA's `cuTexObjectGetTextureDesc`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexObjectGetTextureDesc(
    pTexDesc: *mut CUDA_TEXTURE_DESC,
    texObject: CUtexObject,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexObjectGetTextureDesc", || unsafe {
        remote::cuTexObjectGetTextureDesc(pTexDesc, texObject)
    })
}

/// CUDA's `cuTexRefCreate`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefCreate(pTexRef: *mut CUtexref) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefCreate", || unsafe {
        remote::cuTexRefCreate(pTexRef)
    })
}

/// CUDA's `cuTexRefDestroy`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefDestroy(hTexRef: CUtexref) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefDestroy", || unsafe {
        remote::cuTexRefDestroy(hTexRef)
    })
}

/// CUDA's `cuTexRefGetAddress`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefGetAddress(
    pdptr: *mut CUdeviceptr_v1,
    hTexRef: CUtexref,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefGetAddress", || unsafe {
        api::cuTexRefGetAddress(pdptr, hTexRef)
    })
}

/// CUDA's `cuTexRefGetAddressMode`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefGetAddressMode(
    pam: *mut CUaddress_mode,
    hTexRef: CUtexref,
    dim: c_int,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefGetAddressMode", || unsafe {
        remote::cuTexRefGetAddressMode(pam, hTexRef, dim)
    })
}

/// CUDA's `cuTexRefGetAddress_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefGetAddress_v2(
    pdptr: *mut CUdeviceptr,
    hTexRef: CUtexref,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefGetAddress_v2", || unsafe {
        remote::cuTexRefGetAddress_v2(pdptr, hTexRef)
    })
}

/// CUDA's `cuTexRefGetArray`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefGetArray(phArray: *mut CUarray, hTexRef: CUtexref) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefGetArray", || unsafe {
        remote::cuTexRefGetArray(phArray, hTexRef)
    })
}

/// CUDA's `cuTexRefGetBorderColor`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefGetBorderColor(
    pBorderColor: *mut f32,
    hTexRef: CUtexref,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefGetBorderColor", || unsafe {
        remote::cuTexRefGetBorderColor(pBorderColor, hTexRef)
    })
}

/// CUDA's `cuTexRefGetFilterMode`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefGetFilterMode(
    pfm: *mut CUfilter_mode,
    hTexRef: CUtexref,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefGetFilterMode", || unsafe {
        remote::cuTexRefGetFilterMode(pfm, hTexRef)
    })
}

/// CUDA's `cuTexRefGetFlags`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefGetFlags(pFlags: *mut c_uint, hTexRef: CUtexref) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefGetFlags", || unsafe {
        remote::cuTexRefGetFlags(pFlags, hTexRef)
    })
}

/// CUDA's `cuTexRefGetFormat`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefGetFormat(
    pFormat: *mut CUarray_format,
    pNumChannels: *mut c_int,
    hTexRef: CUtexref,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefGetFormat", || unsafe {
        remote::cuTexRefGetFormat(pFormat, pNumChannels, hTexRef)
    })
}

/// CUDA's `cuTexRefGetMaxAnisotropy`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefGetMaxAnisotropy(
    pmaxAniso: *mut c_int,
    hTexRef: CUtexref,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefGetMaxAnisotropy", || unsafe {
        remote::cuTexRefGetMaxAnisotropy(pmaxAniso, hTexRef)
    })
}

/// CUDA's `cuTexRefGetMipmapFilterMode`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefGetMipmapFilterMode(
    pfm: *mut CUfilter_mode,
    hTexRef: CUtexref,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefGetMipmapFilterMode", || unsafe {
        remote::cuTexRefGetMipmapFilterMode(pfm, hTexRef)
    })
}

/// CUDA's `cuTexRefGetMipmapLevelBias`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefGetMipmapLevelBias(
    pbias: *mut f32,
    hTexRef: CUtexref,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefGetMipmapLevelBias", || unsafe {
        remote::cuTexRefGetMipmapLevelBias(pbias, hTexRef)
    })
}

/// CUDA's `cuTexRefGetMipmapLevelClamp`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefGetMipmapLevelClamp(
    pminMipmapLevelClamp: *mut f32,
    pmaxMipmapLevelClamp: *mut f32,
    hTexRef: CUtexref,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefGetMipmapLevelClamp", || unsafe {
        remote::cuTexRefGetMipmapLevelClamp(pminMipmapLevelClamp, pmaxMipmapLevelClamp, hTexRef)
    })
}

/// CUDA's `cuTexRefGetMipmappedArray`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefGetMipmappedArray(
    phMipmappedArray: *mut CUmipmappedArray,
    hTexRef: CUtexref,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefGetMipmappedArray", || unsafe {
        remote::cuTexRefGetMipmappedArray(phMipmappedArray, hTexRef)
    })
}

/// CUDA's `cuTexRefSetAddress`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefSetAddress(
    ByteOffset: *mut c_uint,
    hTexRef: CUtexref,
    dptr: CUdeviceptr_v1,
    bytes: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefSetAddress", || unsafe {
        api::cuTexRefSetAddress(ByteOffset, hTexRef, dptr, bytes)
    })
}

/// CUDA's `cuTexRefSetAddress2D`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefSetAddress2D(
    hTexRef: CUtexref,
    desc: *const CUDA_ARRAY_DESCRIPTOR_v1,
    dptr: CUdeviceptr_v1,
    Pitch: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefSetAddress2D", || unsafe {
        api::cuTexRefSetAddress2D(hTexRef, desc, dptr, Pitch)
    })
}

/// CUDA's `cuTexRefSetAddress2D_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefSetAddress2D_v2(
    hTexRef: CUtexref,
    desc: *const CUDA_ARRAY_DESCRIPTOR,
    dptr: CUdeviceptr,
    Pitch: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefSetAddress2D_v2", || unsafe {
        remote::cuTexRefSetAddress2D_v2(hTexRef, desc, dptr, Pitch)
    })
}

/// CUDA's `cuTexRefSetAddress2D_v3`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefSetAddress2D_v3(
    hTexRef: CUtexref,
    desc: *const CUDA_ARRAY_DESCRIPTOR,
    dptr: CUdeviceptr,
    Pitch: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefSetAddress2D_v3", || unsafe {
        remote::cuTexRefSetAddress2D_v3(hTexRef, desc, dptr, Pitch)
    })
}

/// CUDA's `cuTexRefSetAddressMode`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefSetAddressMode(
    hTexRef: CUtexref,
    dim: c_int,
    am: CUaddress_mode,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefSetAddressMode", || unsafe {
        remote::cuTexRefSetAddressMode(hTexRef, dim, am)
    })
}

/// CUDA's `cuTexRefSetAddress_v2`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefSetAddress_v2(
    ByteOffset: *mut usize,
    hTexRef: CUtexref,
    dptr: CUdeviceptr,
    bytes: usize,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefSetAddress_v2", || unsafe {
        remote::cuTexRefSetAddress_v2(ByteOffset, hTexRef, dptr, bytes)
    })
}

/// CUDA's `cuTexRefSetArray`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefSetArray(
    hTexRef: CUtexref,
    hArray: CUarray,
    Flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefSetArray", || unsafe {
        remote::cuTexRefSetArray(hTexRef, hArray, Flags)
    })
}

/// CUDA's `cuTexRefSetBorderColor`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefSetBorderColor(
    hTexRef: CUtexref,
    pBorderColor: *mut f32,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefSetBorderColor", || unsafe {
        remote::cuTexRefSetBorderColor(hTexRef, pBorderColor)
    })
}

/// CUDA's `cuTexRefSetFilterMode`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefSetFilterMode(hTexRef: CUtexref, fm: CUfilter_mode) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefSetFilterMode", || unsafe {
        remote::cuTexRefSetFilterMode(hTexRef, fm)
    })
}

/// CUDA's `cuTexRefSetFlags`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefSetFlags(hTexRef: CUtexref, Flags: c_uint) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefSetFlags", || unsafe {
        remote::cuTexRefSetFlags(hTexRef, Flags)
    })
}

/// CUDA's `cuTexRefSetFormat`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefSetFormat(
    hTexRef: CUtexref,
    fmt: CUarray_format,
    NumPackedComponents: c_int,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefSetFormat", || unsafe {
        remote::cuTexRefSetFormat(hTexRef, fmt, NumPackedComponents)
    })
}

/// CUDA's `cuTexRefSetMaxAnisotropy`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefSetMaxAnisotropy(hTexRef: CUtexref, maxAniso: c_uint) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefSetMaxAnisotropy", || unsafe {
        remote::cuTexRefSetMaxAnisotropy(hTexRef, maxAniso)
    })
}

/// CUDA's `cuTexRefSetMipmapFilterMode`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefSetMipmapFilterMode(
    hTexRef: CUtexref,
    fm: CUfilter_mode,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefSetMipmapFilterMode", || unsafe {
        remote::cuTexRefSetMipmapFilterMode(hTexRef, fm)
    })
}

/// CUDA's `cuTexRefSetMipmapLevelBias`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefSetMipmapLevelBias(hTexRef: CUtexref, bias: f32) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefSetMipmapLevelBias", || unsafe {
        remote::cuTexRefSetMipmapLevelBias(hTexRef, bias)
    })
}

/// CUDA's `cuTexRefSetMipmapLevelClamp`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefSetMipmapLevelClamp(
    hTexRef: CUtexref,
    minMipmapLevelClamp: f32,
    maxMipmapLevelClamp: f32,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefSetMipmapLevelClamp", || unsafe {
        remote::cuTexRefSetMipmapLevelClamp(hTexRef, minMipmapLevelClamp, maxMipmapLevelClamp)
    })
}

/// CUDA's `cuTexRefSetMipmappedArray`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuTexRefSetMipmappedArray(
    hTexRef: CUtexref,
    hMipmappedArray: CUmipmappedArray,
    Flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuTexRefSetMipmappedArray", || unsafe {
        remote::cuTexRefSetMipmappedArray(hTexRef, hMipmappedArray, Flags)
    })
}

/// CUDA's `cuThreadExchangeStreamCaptureMode`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuThreadExchangeStreamCaptureMode(
    mode: *mut CUstreamCaptureMode,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuThreadExchangeStreamCaptureMode", || unsafe {
        api::cuThreadExchangeStreamCaptureMode(mode)
    })
}

/// CUDA's `cuUserObjectCreate`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuUserObjectCreate(
    object_out: *mut CUuserObject,
    ptr: *mut c_void,
    destroy: CUhostFn,
    initialRefcount: c_uint,
    flags: c_uint,
) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuUserObjectCreate", || unsafe {
        api::cuUserObjectCreate(object_out, ptr, destroy, initialRefcount, flags)
    })
}

/// CUDA's `cuUserObjectRelease`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuUserObjectRelease(object: CUuserObject, count: c_uint) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuUserObjectRelease", || unsafe {
        remote::cuUserObjectRelease(object, count)
    })
}

/// CUDA's `cuUserObjectRetain`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuUserObjectRetain(object: CUuserObject, count: c_uint) -> CUresult {
    // SAFETY: the program keeps CUDA's contract for these arguments.
    entry("cuUserObjectRetain", || unsafe {
        remote::cuUserObjectRetain(object, count)
    })
}

/// CUDA's `cuWaitExternalSemaphoresAsync`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuWaitExternalSemaphoresAsync(
    _: *const CUexternalSemaphore,
    _: *const CUDA_EXTERNAL_SEMAPHORE_WAIT_PARAMS,
    _: c_uint,
    _: CUstream,
) -> CUresult {
    unsupported("cuWaitExternalSemaphoresAsync")
}

/// CUDA's `cuWaitExternalSemaphoresAsync_ptsz`.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuWaitExternalSemaphoresAsync_ptsz(
    _: *const CUexternalSemaphore,
    _: *const CUDA_EXTERNAL_SEMAPHORE_WAIT_PARAMS,
    _: c_uint,
    _: CUstream,
) -> CUresult {
    unsupported("cuWaitExternalSemaphoresAsync_ptsz")
}

/// The address of each of `pillion_cuda_abi::FUNCTIONS`, in the same order.
pub static POINTERS: [Pointer; 634] = [
    Pointer(cuArray3DCreate as *const c_void),
    Pointer(cuArray3DCreate_v2 as *const c_void),
    Pointer(cuArray3DGetDescriptor as *const c_void),
    Pointer(cuArray3DGetDescriptor_v2 as *const c_void),
    Pointer(cuArrayCreate as *const c_void),
    Pointer(cuArrayCreate_v2 as *const c_void),
    Pointer(cuArrayDestroy as *const c_void),
    Pointer(cuArrayGetDescriptor as *const c_void),
    Pointer(cuArrayGetDescriptor_v2 as *const c_void),
    Pointer(cuArrayGetMemoryRequirements as *const c_void),
    Pointer(cuArrayGetPlane as *const c_void),
    Pointer(cuArrayGetSparseProperties as *const c_void),
    Pointer(cuCheckpointProcessCheckpoint as *const c_void),
    Pointer(cuCheckpointProcessGetRestoreThreadId as *const c_void),
    Pointer(cuCheckpointProcessGetState as *const c_void),
    Pointer(cuCheckpointProcessLock as *const c_void),
    Pointer(cuCheckpointProcessRestore as *const c_void),
    Pointer(cuCheckpointProcessUnlock as *const c_void),
    Pointer(cuCoredumpGetAttribute as *const c_void),
    Pointer(cuCoredumpGetAttributeGlobal as *const c_void),
    Pointer(cuCoredumpSetAttribute as *const c_void),
    Pointer(cuCoredumpSetAttributeGlobal as *const c_void),
    Pointer(cuCtxAttach as *const c_void),
    Pointer(cuCtxCreate as *const c_void),
    Pointer(cuCtxCreate_v2 as *const c_void),
    Pointer(cuCtxCreate_v3 as *const c_void),
    Pointer(cuCtxCreate_v4 as *const c_void),
    Pointer(cuCtxDestroy as *const c_void),
    Pointer(cuCtxDestroy_v2 as *const c_void),
    Pointer(cuCtxDetach as *const c_void),
    Pointer(cuCtxDisablePeerAccess as *const c_void),
    Pointer(cuCtxEnablePeerAccess as *const c_void),
    Pointer(cuCtxFromGreenCtx as *const c_void),
    Pointer(cuCtxGetApiVersion as *const c_void),
    Pointer(cuCtxGetCacheConfig as *const c_void),
    Pointer(cuCtxGetCurrent as *const c_void),
    Pointer(cuCtxGetDevResource as *const c_void),
    Pointer(cuCtxGetDevice as *const c_void),
    Pointer(cuCtxGetDevice_v2 as *const c_void),
    Pointer(cuCtxGetExecAffinity as *const c_void),
    Pointer(cuCtxGetFlags as *const c_void),
    Pointer(cuCtxGetId as *const c_void),
    Pointer(cuCtxGetLimit as *const c_void),
    Pointer(cuCtxGetSharedMemConfig as *const c_void),
    Pointer(cuCtxGetStreamPriorityRange as *const c_void),
    Pointer(cuCtxPopCurrent as *const c_void),
    Pointer(cuCtxPopCurrent_v2 as *const c_void),
    Pointer(cuCtxPushCurrent as *const c_void),
    Pointer(cuCtxPushCurrent_v2 as *const c_void),
    Pointer(cuCtxRecordEvent as *const c_void),
    Pointer(cuCtxResetPersistingL2Cache as *const c_void),
    Pointer(cuCtxSetCacheConfig as *const c_void),
    Pointer(cuCtxSetCurrent as *const c_void),
    Pointer(cuCtxSetFlags as *const c_void),
    Pointer(cuCtxSetLimit as *const c_void),
    Pointer(cuCtxSetSharedMemConfig as *const c_void),
    Pointer(cuCtxSynchronize as *const c_void),
    Pointer(cuCtxSynchronize_v2 as *const c_void),
    Pointer(cuCtxWaitEvent as *const c_void),
    Pointer(cuDestroyExternalMemory as *const c_void),
    Pointer(cuDestroyExternalSemaphore as *const c_void),
    Pointer(cuDevResourceGenerateDesc as *const c_void),
    Pointer(cuDevSmResourceSplitByCount as *const c_void),
    Pointer(cuDeviceCanAccessPeer as *const c_void),
    Pointer(cuDeviceComputeCapability as *const c_void),
    Pointer(cuDeviceGet as *const c_void),
    Pointer(cuDeviceGetAttribute as *const c_void),
    Pointer(cuDeviceGetByPCIBusId as *const c_void),
    Pointer(cuDeviceGetCount as *const c_void),
    Pointer(cuDeviceGetDefaultMemPool as *const c_void),
    Pointer(cuDeviceGetDevResource as *const c_void),
    Pointer(cuDeviceGetExecAffinitySupport as *const c_void),
    Pointer(cuDeviceGetGraphMemAttribute as *const c_void),
    Pointer(cuDeviceGetHostAtomicCapabilities as *const c_void),
    Pointer(cuDeviceGetLuid as *const c_void),
    Pointer(cuDeviceGetMemPool as *const c_void),
    Pointer(cuDeviceGetName as *const c_void),
    Pointer(cuDeviceGetNvSciSyncAttributes as *const c_void),
    Pointer(cuDeviceGetP2PAtomicCapabilities as *const c_void),
    Pointer(cuDeviceGetP2PAttribute as *const c_void),
    Pointer(cuDeviceGetPCIBusId as *const c_void),
    Pointer(cuDeviceGetProperties as *const c_void),
    Pointer(cuDeviceGetTexture1DLinearMaxWidth as *const c_void),
    Pointer(cuDeviceGetUuid as *const c_void),
    Pointer(cuDeviceGetUuid_v2 as *const c_void),
    Pointer(cuDeviceGraphMemTrim as *const c_void),
    Pointer(cuDevicePrimaryCtxGetState as *const c_void),
    Pointer(cuDevicePrimaryCtxRelease as *const c_void),
    Pointer(cuDevicePrimaryCtxRelease_v2 as *const c_void),
    Pointer(cuDevicePrimaryCtxReset as *const c_void),
    Pointer(cuDevicePrimaryCtxReset_v2 as *const c_void),
    Pointer(cuDevicePrimaryCtxRetain as *const c_void),
    Pointer(cuDevicePrimaryCtxSetFlags as *const c_void),
    Pointer(cuDevicePrimaryCtxSetFlags_v2 as *const c_void),
    Pointer(cuDeviceRegisterAsyncNotification as *const c_void),
    Pointer(cuDeviceSetGraphMemAttribute as *const c_void),
    Pointer(cuDeviceSetMemPool as *const c_void),
    Pointer(cuDeviceTotalMem as *const c_void),
    Pointer(cuDeviceTotalMem_v2 as *const c_void),
    Pointer(cuDeviceUnregisterAsyncNotification as *const c_void),
    Pointer(cuDriverGetVersion as *const c_void),
    Pointer(cuEventCreate as *const c_void),
    Pointer(cuEventDestroy as *const c_void),
    Pointer(cuEventDestroy_v2 as *const c_void),
    Pointer(cuEventElapsedTime as *const c_void),
    Pointer(cuEventElapsedTime_v2 as *const c_void),
    Pointer(cuEventQuery as *const c_void),
    Pointer(cuEventRecord as *const c_void),
    Pointer(cuEventRecordWithFlags as *const c_void),
    Pointer(cuEventRecordWithFlags_ptsz as *const c_void),
    Pointer(cuEventRecord_ptsz as *const c_void),
    Pointer(cuEventSynchronize as *const c_void),
    Pointer(cuExternalMemoryGetMappedBuffer as *const c_void),
    Pointer(cuExternalMemoryGetMappedMipmappedArray as *const c_void),
    Pointer(cuFlushGPUDirectRDMAWrites as *const c_void),
    Pointer(cuFuncGetAttribute as *const c_void),
    Pointer(cuFuncGetModule as *const c_void),
    Pointer(cuFuncGetName as *const c_void),
    Pointer(cuFuncGetParamInfo as *const c_void),
    Pointer(cuFuncIsLoaded as *const c_void),
    Pointer(cuFuncLoad as *const c_void),
    Pointer(cuFuncSetAttribute as *const c_void),
    Pointer(cuFuncSetBlockShape as *const c_void),
    Pointer(cuFuncSetCacheConfig as *const c_void),
    Pointer(cuFuncSetSharedMemConfig as *const c_void),
    Pointer(cuFuncSetSharedSize as *const c_void),
    Pointer(cuGetErrorName as *const c_void),
    Pointer(cuGetErrorString as *const c_void),
    Pointer(cuGetExportTable as *const c_void),
    Pointer(cuGetProcAddress as *const c_void),
    Pointer(cuGetProcAddress_v2 as *const c_void),
    Pointer(cuGraphAddBatchMemOpNode as *const c_void),
    Pointer(cuGraphAddChildGraphNode as *const c_void),
    Pointer(cuGraphAddDependencies as *const c_void),
    Pointer(cuGraphAddDependencies_v2 as *const c_void),
    Pointer(cuGraphAddEmptyNode as *const c_void),
    Pointer(cuGraphAddEventRecordNode as *const c_void),
    Pointer(cuGraphAddEventWaitNode as *const c_void),
    Pointer(cuGraphAddExternalSemaphoresSignalNode as *const c_void),
    Pointer(cuGraphAddExternalSemaphoresWaitNode as *const c_void),
    Pointer(cuGraphAddHostNode as *const c_void),
    Pointer(cuGraphAddKernelNode as *const c_void),
    Pointer(cuGraphAddKernelNode_v2 as *const c_void),
    Pointer(cuGraphAddMemAllocNode as *const c_void),
    Pointer(cuGraphAddMemFreeNode as *const c_void),
    Pointer(cuGraphAddMemcpyNode as *const c_void),
    Pointer(cuGraphAddMemsetNode as *const c_void),
    Pointer(cuGraphAddNode as *const c_void),
    Pointer(cuGraphAddNode_v2 as *const c_void),
    Pointer(cuGraphBatchMemOpNodeGetParams as *const c_void),
    Pointer(cuGraphBatchMemOpNodeSetParams as *const c_void),
    Pointer(cuGraphChildGraphNodeGetGraph as *const c_void),
    Pointer(cuGraphClone as *const c_void),
    Pointer(cuGraphConditionalHandleCreate as *const c_void),
    Pointer(cuGraphCreate as *const c_void),
    Pointer(cuGraphDebugDotPrint as *const c_void),
    Pointer(cuGraphDestroy as *const c_void),
    Pointer(cuGraphDestroyNode as *const c_void),
    Pointer(cuGraphEventRecordNodeGetEvent as *const c_void),
    Pointer(cuGraphEventRecordNodeSetEvent as *const c_void),
    Pointer(cuGraphEventWaitNodeGetEvent as *const c_void),
    Pointer(cuGraphEventWaitNodeSetEvent as *const c_void),
    Pointer(cuGraphExecBatchMemOpNodeSetParams as *const c_void),
    Pointer(cuGraphExecChildGraphNodeSetParams as *const c_void),
    Pointer(cuGraphExecDestroy as *const c_void),
    Pointer(cuGraphExecEventRecordNodeSetEvent as *const c_void),
    Pointer(cuGraphExecEventWaitNodeSetEvent as *const c_void),
    Pointer(cuGraphExecExternalSemaphoresSignalNodeSetParams as *const c_void),
    Pointer(cuGraphExecExternalSemaphoresWaitNodeSetParams as *const c_void),
    Pointer(cuGraphExecGetFlags as *const c_void),
    Pointer(cuGraphExecHostNodeSetParams as *const c_void),
    Pointer(cuGraphExecKernelNodeSetParams as *const c_void),
    Pointer(cuGraphExecKernelNodeSetParams_v2 as *const c_void),
    Pointer(cuGraphExecMemcpyNodeSetParams as *const c_void),
    Pointer(cuGraphExecMemsetNodeSetParams as *const c_void),
    Pointer(cuGraphExecNodeSetParams as *const c_void),
    Pointer(cuGraphExecUpdate as *const c_void),
    Pointer(cuGraphExecUpdate_v2 as *const c_void),
    Pointer(cuGraphExternalSemaphoresSignalNodeGetParams as *const c_void),
    Pointer(cuGraphExternalSemaphoresSignalNodeSetParams as *const c_void),
    Pointer(cuGraphExternalSemaphoresWaitNodeGetParams as *const c_void),
    Pointer(cuGraphExternalSemaphoresWaitNodeSetParams as *const c_void),
    Pointer(cuGraphGetEdges as *const c_void),
    Pointer(cuGraphGetEdges_v2 as *const c_void),
    Pointer(cuGraphGetNodes as *const c_void),
    Pointer(cuGraphGetRootNodes as *const c_void),
    Pointer(cuGraphHostNodeGetParams as *const c_void),
    Pointer(cuGraphHostNodeSetParams as *const c_void),
    Pointer(cuGraphInstantiate as *const c_void),
    Pointer(cuGraphInstantiateWithFlags as *const c_void),
    Pointer(cuGraphInstantiateWithParams as *const c_void),
    Pointer(cuGraphInstantiateWithParams_ptsz as *const c_void),
    Pointer(cuGraphInstantiate_v2 as *const c_void),
    Pointer(cuGraphKernelNodeCopyAttributes as *const c_void),
    Pointer(cuGraphKernelNodeGetAttribute as *const c_void),
    Pointer(cuGraphKernelNodeGetParams as *const c_void),
    Pointer(cuGraphKernelNodeGetParams_v2 as *const c_void),
    Pointer(cuGraphKernelNodeSetAttribute as *const c_void),
    Pointer(cuGraphKernelNodeSetParams as *const c_void),
    Pointer(cuGraphKernelNodeSetParams_v2 as *const c_void),
    Pointer(cuGraphLaunch as *const c_void),
    Pointer(cuGraphLaunch_ptsz as *const c_void),
    Pointer(cuGraphMemAllocNodeGetParams as *const c_void),
    Pointer(cuGraphMemFreeNodeGetParams as *const c_void),
    Pointer(cuGraphMemcpyNodeGetParams as *const c_void),
    Pointer(cuGraphMemcpyNodeSetParams as *const c_void),
    Pointer(cuGraphMemsetNodeGetParams as *const c_void),
    Pointer(cuGraphMemsetNodeSetParams as *const c_void),
    Pointer(cuGraphNodeFindInClone as *const c_void),
    Pointer(cuGraphNodeGetDependencies as *const c_void),
    Pointer(cuGraphNodeGetDependencies_v2 as *const c_void),
    Pointer(cuGraphNodeGetDependentNodes as *const c_void),
    Pointer(cuGraphNodeGetDependentNodes_v2 as *const c_void),
    Pointer(cuGraphNodeGetEnabled as *const c_void),
    Pointer(cuGraphNodeGetType as *const c_void),
    Pointer(cuGraphNodeSetEnabled as *const c_void),
    Pointer(cuGraphNodeSetParams as *const c_void),
    Pointer(cuGraphReleaseUserObject as *const c_void),
    Pointer(cuGraphRemoveDependencies as *const c_void),
    Pointer(cuGraphRemoveDependencies_v2 as *const c_void),
    Pointer(cuGraphRetainUserObject as *const c_void),
    Pointer(cuGraphUpload as *const c_void),
    Pointer(cuGraphUpload_ptsz as *const c_void),
    Pointer(cuGraphicsMapResources as *const c_void),
    Pointer(cuGraphicsMapResources_ptsz as *const c_void),
    Pointer(cuGraphicsResourceGetMappedMipmappedArray as *const c_void),
    Pointer(cuGraphicsResourceGetMappedPointer as *const c_void),
    Pointer(cuGraphicsResourceGetMappedPointer_v2 as *const c_void),
    Pointer(cuGraphicsResourceSetMapFlags as *const c_void),
    Pointer(cuGraphicsResourceSetMapFlags_v2 as *const c_void),
    Pointer(cuGraphicsSubResourceGetMappedArray as *const c_void),
    Pointer(cuGraphicsUnmapResources as *const c_void),
    Pointer(cuGraphicsUnmapResources_ptsz as *const c_void),
    Pointer(cuGraphicsUnregisterResource as *const c_void),
    Pointer(cuGreenCtxCreate as *const c_void),
    Pointer(cuGreenCtxDestroy as *const c_void),
    Pointer(cuGreenCtxGetDevResource as *const c_void),
    Pointer(cuGreenCtxGetId as *const c_void),
    Pointer(cuGreenCtxRecordEvent as *const c_void),
    Pointer(cuGreenCtxStreamCreate as *const c_void),
    Pointer(cuGreenCtxWaitEvent as *const c_void),
    Pointer(cuImportExternalMemory as *const c_void),
    Pointer(cuImportExternalSemaphore as *const c_void),
    Pointer(cuInit as *const c_void),
    Pointer(cuIpcCloseMemHandle as *const c_void),
    Pointer(cuIpcGetEventHandle as *const c_void),
    Pointer(cuIpcGetMemHandle as *const c_void),
    Pointer(cuIpcOpenEventHandle as *const c_void),
    Pointer(cuIpcOpenMemHandle as *const c_void),
    Pointer(cuIpcOpenMemHandle_v2 as *const c_void),
    Pointer(cuKernelGetAttribute as *const c_void),
    Pointer(cuKernelGetFunction as *const c_void),
    Pointer(cuKernelGetLibrary as *const c_void),
    Pointer(cuKernelGetName as *const c_void),
    Pointer(cuKernelGetParamInfo as *const c_void),
    Pointer(cuKernelSetAttribute as *const c_void),
    Pointer(cuKernelSetCacheConfig as *const c_void),
    Pointer(cuLaunch as *const c_void),
    Pointer(cuLaunchCooperativeKernel as *const c_void),
    Pointer(cuLaunchCooperativeKernelMultiDevice as *const c_void),
    Pointer(cuLaunchCooperativeKernel_ptsz as *const c_void),
    Pointer(cuLaunchGrid as *const c_void),
    Pointer(cuLaunchGridAsync as *const c_void),
    Pointer(cuLaunchHostFunc as *const c_void),
    Pointer(cuLaunchHostFunc_ptsz as *const c_void),
    Pointer(cuLaunchKernel as *const c_void),
    Pointer(cuLaunchKernelEx as *const c_void),
    Pointer(cuLaunchKernelEx_ptsz as *const c_void),
    Pointer(cuLaunchKernel_ptsz as *const c_void),
    Pointer(cuLibraryEnumerateKernels as *const c_void),
    Pointer(cuLibraryGetGlobal as *const c_void),
    Pointer(cuLibraryGetKernel as *const c_void),
    Pointer(cuLibraryGetKernelCount as *const c_void),
    Pointer(cuLibraryGetManaged as *const c_void),
    Pointer(cuLibraryGetModule as *const c_void),
    Pointer(cuLibraryGetUnifiedFunction as *const c_void),
    Pointer(cuLibraryLoadData as *const c_void),
    Pointer(cuLibraryLoadFromFile as *const c_void),
    Pointer(cuLibraryUnload as *const c_void),
    Pointer(cuLinkAddData as *const c_void),
    Pointer(cuLinkAddData_v2 as *const c_void),
    Pointer(cuLinkAddFile as *const c_void),
    Pointer(cuLinkAddFile_v2 as *const c_void),
    Pointer(cuLinkComplete as *const c_void),
    Pointer(cuLinkCreate as *const c_void),
    Pointer(cuLinkCreate_v2 as *const c_void),
    Pointer(cuLinkDestroy as *const c_void),
    Pointer(cuLogsCurrent as *const c_void),
    Pointer(cuLogsDumpToFile as *const c_void),
    Pointer(cuLogsDumpToMemory as *const c_void),
    Pointer(cuLogsRegisterCallback as *const c_void),
    Pointer(cuLogsUnregisterCallback as *const c_void),
    Pointer(cuMemAddressFree as *const c_void),
    Pointer(cuMemAddressReserve as *const c_void),
    Pointer(cuMemAdvise as *const c_void),
    Pointer(cuMemAdvise_v2 as *const c_void),
    Pointer(cuMemAlloc as *const c_void),
    Pointer(cuMemAllocAsync as *const c_void),
    Pointer(cuMemAllocAsync_ptsz as *const c_void),
    Pointer(cuMemAllocFromPoolAsync as *const c_void),
    Pointer(cuMemAllocFromPoolAsync_ptsz as *const c_void),
    Pointer(cuMemAllocHost as *const c_void),
    Pointer(cuMemAllocHost_v2 as *const c_void),
    Pointer(cuMemAllocManaged as *const c_void),
    Pointer(cuMemAllocPitch as *const c_void),
    Pointer(cuMemAllocPitch_v2 as *const c_void),
    Pointer(cuMemAlloc_v2 as *const c_void),
    Pointer(cuMemBatchDecompressAsync as *const c_void),
    Pointer(cuMemBatchDecompressAsync_ptsz as *const c_void),
    Pointer(cuMemCreate as *const c_void),
    Pointer(cuMemDiscardAndPrefetchBatchAsync as *const c_void),
    Pointer(cuMemDiscardAndPrefetchBatchAsync_ptsz as *const c_void),
    Pointer(cuMemDiscardBatchAsync as *const c_void),
    Pointer(cuMemDiscardBatchAsync_ptsz as *const c_void),
    Pointer(cuMemExportToShareableHandle as *const c_void),
    Pointer(cuMemFree as *const c_void),
    Pointer(cuMemFreeAsync as *const c_void),
    Pointer(cuMemFreeAsync_ptsz as *const c_void),
    Pointer(cuMemFreeHost as *const c_void),
    Pointer(cuMemFree_v2 as *const c_void),
    Pointer(cuMemGetAccess as *const c_void),
    Pointer(cuMemGetAddressRange as *const c_void),
    Pointer(cuMemGetAddressRange_v2 as *const c_void),
    Pointer(cuMemGetAllocationGranularity as *const c_void),
    Pointer(cuMemGetAllocationPropertiesFromHandle as *const c_void),
    Pointer(cuMemGetDefaultMemPool as *const c_void),
    Pointer(cuMemGetHandleForAddressRange as *const c_void),
    Pointer(cuMemGetInfo as *const c_void),
    Pointer(cuMemGetInfo_v2 as *const c_void),
    Pointer(cuMemGetMemPool as *const c_void),
    Pointer(cuMemHostAlloc as *const c_void),
    Pointer(cuMemHostGetDevicePointer as *const c_void),
    Pointer(cuMemHostGetDevicePointer_v2 as *const c_void),
    Pointer(cuMemHostGetFlags as *const c_void),
    Pointer(cuMemHostRegister as *const c_void),
    Pointer(cuMemHostRegister_v2 as *const c_void),
    Pointer(cuMemHostUnregister as *const c_void),
    Pointer(cuMemImportFromShareableHandle as *const c_void),
    Pointer(cuMemMap as *const c_void),
    Pointer(cuMemMapArrayAsync as *const c_void),
    Pointer(cuMemMapArrayAsync_ptsz as *const c_void),
    Pointer(cuMemPoolCreate as *const c_void),
    Pointer(cuMemPoolDestroy as *const c_void),
    Pointer(cuMemPoolExportPointer as *const c_void),
    Pointer(cuMemPoolExportToShareableHandle as *const c_void),
    Pointer(cuMemPoolGetAccess as *const c_void),
    Pointer(cuMemPoolGetAttribute as *const c_void),
    Pointer(cuMemPoolImportFromShareableHandle as *const c_void),
    Pointer(cuMemPoolImportPointer as *const c_void),
    Pointer(cuMemPoolSetAccess as *const c_void),
    Pointer(cuMemPoolSetAttribute as *const c_void),
    Pointer(cuMemPoolTrimTo as *const c_void),
    Pointer(cuMemPrefetchAsync as *const c_void),
    Pointer(cuMemPrefetchAsync_ptsz as *const c_void),
    Pointer(cuMemPrefetchAsync_v2 as *const c_void),
    Pointer(cuMemPrefetchAsync_v2_ptsz as *const c_void),
    Pointer(cuMemPrefetchBatchAsync as *const c_void),
    Pointer(cuMemPrefetchBatchAsync_ptsz as *const c_void),
    Pointer(cuMemRangeGetAttribute as *const c_void),
    Pointer(cuMemRangeGetAttributes as *const c_void),
    Pointer(cuMemRelease as *const c_void),
    Pointer(cuMemRetainAllocationHandle as *const c_void),
    Pointer(cuMemSetAccess as *const c_void),
    Pointer(cuMemSetMemPool as *const c_void),
    Pointer(cuMemUnmap as *const c_void),
    Pointer(cuMemcpy as *const c_void),
    Pointer(cuMemcpy2D as *const c_void),
    Pointer(cuMemcpy2DAsync as *const c_void),
    Pointer(cuMemcpy2DAsync_v2 as *const c_void),
    Pointer(cuMemcpy2DAsync_v2_ptsz as *const c_void),
    Pointer(cuMemcpy2DUnaligned as *const c_void),
    Pointer(cuMemcpy2DUnaligned_v2 as *const c_void),
    Pointer(cuMemcpy2DUnaligned_v2_ptds as *const c_void),
    Pointer(cuMemcpy2D_v2 as *const c_void),
    Pointer(cuMemcpy2D_v2_ptds as *const c_void),
    Pointer(cuMemcpy3D as *const c_void),
    Pointer(cuMemcpy3DAsync as *const c_void),
    Pointer(cuMemcpy3DAsync_v2 as *const c_void),
    Pointer(cuMemcpy3DAsync_v2_ptsz as *const c_void),
    Pointer(cuMemcpy3DBatchAsync as *const c_void),
    Pointer(cuMemcpy3DBatchAsync_ptsz as *const c_void),
    Pointer(cuMemcpy3DBatchAsync_v2 as *const c_void),
    Pointer(cuMemcpy3DBatchAsync_v2_ptsz as *const c_void),
    Pointer(cuMemcpy3DPeer as *const c_void),
    Pointer(cuMemcpy3DPeerAsync as *const c_void),
    Pointer(cuMemcpy3DPeerAsync_ptsz as *const c_void),
    Pointer(cuMemcpy3DPeer_ptds as *const c_void),
    Pointer(cuMemcpy3D_v2 as *const c_void),
    Pointer(cuMemcpy3D_v2_ptds as *const c_void),
    Pointer(cuMemcpyAsync as *const c_void),
    Pointer(cuMemcpyAsync_ptsz as *const c_void),
    Pointer(cuMemcpyAtoA as *const c_void),
    Pointer(cuMemcpyAtoA_v2 as *const c_void),
    Pointer(cuMemcpyAtoA_v2_ptds as *const c_void),
    Pointer(cuMemcpyAtoD as *const c_void),
    Pointer(cuMemcpyAtoD_v2 as *const c_void),
    Pointer(cuMemcpyAtoD_v2_ptds as *const c_void),
    Pointer(cuMemcpyAtoH as *const c_void),
    Pointer(cuMemcpyAtoHAsync as *const c_void),
    Pointer(cuMemcpyAtoHAsync_v2 as *const c_void),
    Pointer(cuMemcpyAtoHAsync_v2_ptsz as *const c_void),
    Pointer(cuMemcpyAtoH_v2 as *const c_void),
    Pointer(cuMemcpyAtoH_v2_ptds as *const c_void),
    Pointer(cuMemcpyBatchAsync as *const c_void),
    Pointer(cuMemcpyBatchAsync_ptsz as *const c_void),
    Pointer(cuMemcpyBatchAsync_v2 as *const c_void),
    Pointer(cuMemcpyBatchAsync_v2_ptsz as *const c_void),
    Pointer(cuMemcpyDtoA as *const c_void),
    Pointer(cuMemcpyDtoA_v2 as *const c_void),
    Pointer(cuMemcpyDtoA_v2_ptds as *const c_void),
    Pointer(cuMemcpyDtoD as *const c_void),
    Pointer(cuMemcpyDtoDAsync as *const c_void),
    Pointer(cuMemcpyDtoDAsync_v2 as *const c_void),
    Pointer(cuMemcpyDtoDAsync_v2_ptsz as *const c_void),
    Pointer(cuMemcpyDtoD_v2 as *const c_void),
    Pointer(cuMemcpyDtoD_v2_ptds as *const c_void),
    Pointer(cuMemcpyDtoH as *const c_void),
    Pointer(cuMemcpyDtoHAsync as *const c_void),
    Pointer(cuMemcpyDtoHAsync_v2 as *const c_void),
    Pointer(cuMemcpyDtoHAsync_v2_ptsz as *const c_void),
    Pointer(cuMemcpyDtoH_v2 as *const c_void),
    Pointer(cuMemcpyDtoH_v2_ptds as *const c_void),
    Pointer(cuMemcpyHtoA as *const c_void),
    Pointer(cuMemcpyHtoAAsync as *const c_void),
    Pointer(cuMemcpyHtoAAsync_v2 as *const c_void),
    Pointer(cuMemcpyHtoAAsync_v2_ptsz as *const c_void),
    Pointer(cuMemcpyHtoA_v2 as *const c_void),
    Pointer(cuMemcpyHtoA_v2_ptds as *const c_void),
    Pointer(cuMemcpyHtoD as *const c_void),
    Pointer(cuMemcpyHtoDAsync as *const c_void),
    Pointer(cuMemcpyHtoDAsync_v2 as *const c_void),
    Pointer(cuMemcpyHtoDAsync_v2_ptsz as *const c_void),
    Pointer(cuMemcpyHtoD_v2 as *const c_void),
    Pointer(cuMemcpyHtoD_v2_ptds as *const c_void),
    Pointer(cuMemcpyPeer as *const c_void),
    Pointer(cuMemcpyPeerAsync as *const c_void),
    Pointer(cuMemcpyPeerAsync_ptsz as *const c_void),
    Pointer(cuMemcpyPeer_ptds as *const c_void),
    Pointer(cuMemcpy_ptds as *const c_void),
    Pointer(cuMemsetD16 as *const c_void),
    Pointer(cuMemsetD16Async as *const c_void),
    Pointer(cuMemsetD16Async_ptsz as *const c_void),
    Pointer(cuMemsetD16_v2 as *const c_void),
    Pointer(cuMemsetD16_v2_ptds as *const c_void),
    Pointer(cuMemsetD2D16 as *const c_void),
    Pointer(cuMemsetD2D16Async as *const c_void),
    Pointer(cuMemsetD2D16Async_ptsz as *const c_void),
    Pointer(cuMemsetD2D16_v2 as *const c_void),
    Pointer(cuMemsetD2D16_v2_ptds as *const c_void),
    Pointer(cuMemsetD2D32 as *const c_void),
    Pointer(cuMemsetD2D32Async as *const c_void),
    Pointer(cuMemsetD2D32Async_ptsz as *const c_void),
    Pointer(cuMemsetD2D32_v2 as *const c_void),
    Pointer(cuMemsetD2D32_v2_ptds as *const c_void),
    Pointer(cuMemsetD2D8 as *const c_void),
    Pointer(cuMemsetD2D8Async as *const c_void),
    Pointer(cuMemsetD2D8Async_ptsz as *const c_void),
    Pointer(cuMemsetD2D8_v2 as *const c_void),
    Pointer(cuMemsetD2D8_v2_ptds as *const c_void),
    Pointer(cuMemsetD32 as *const c_void),
    Pointer(cuMemsetD32Async as *const c_void),
    Pointer(cuMemsetD32Async_ptsz as *const c_void),
    Pointer(cuMemsetD32_v2 as *const c_void),
    Pointer(cuMemsetD32_v2_ptds as *const c_void),
    Pointer(cuMemsetD8 as *const c_void),
    Pointer(cuMemsetD8Async as *const c_void),
    Pointer(cuMemsetD8Async_ptsz as *const c_void),
    Pointer(cuMemsetD8_v2 as *const c_void),
    Pointer(cuMemsetD8_v2_ptds as *const c_void),
    Pointer(cuMipmappedArrayCreate as *const c_void),
    Pointer(cuMipmappedArrayDestroy as *const c_void),
    Pointer(cuMipmappedArrayGetLevel as *const c_void),
    Pointer(cuMipmappedArrayGetMemoryRequirements as *const c_void),
    Pointer(cuMipmappedArrayGetSparseProperties as *const c_void),
    Pointer(cuModuleEnumerateFunctions as *const c_void),
    Pointer(cuModuleGetFunction as *const c_void),
    Pointer(cuModuleGetFunctionCount as *const c_void),
    Pointer(cuModuleGetGlobal as *const c_void),
    Pointer(cuModuleGetGlobal_v2 as *const c_void),
    Pointer(cuModuleGetLoadingMode as *const c_void),
    Pointer(cuModuleGetSurfRef as *const c_void),
    Pointer(cuModuleGetTexRef as *const c_void),
    Pointer(cuModuleLoad as *const c_void),
    Pointer(cuModuleLoadData as *const c_void),
    Pointer(cuModuleLoadDataEx as *const c_void),
    Pointer(cuModuleLoadFatBinary as *const c_void),
    Pointer(cuModuleUnload as *const c_void),
    Pointer(cuMulticastAddDevice as *const c_void),
    Pointer(cuMulticastBindAddr as *const c_void),
    Pointer(cuMulticastBindMem as *const c_void),
    Pointer(cuMulticastCreate as *const c_void),
    Pointer(cuMulticastGetGranularity as *const c_void),
    Pointer(cuMulticastUnbind as *const c_void),
    Pointer(cuOccupancyAvailableDynamicSMemPerBlock as *const c_void),
    Pointer(cuOccupancyMaxActiveBlocksPerMultiprocessor as *const c_void),
    Pointer(cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags as *const c_void),
    Pointer(cuOccupancyMaxActiveClusters as *const c_void),
    Pointer(cuOccupancyMaxPotentialBlockSize as *const c_void),
    Pointer(cuOccupancyMaxPotentialBlockSizeWithFlags as *const c_void),
    Pointer(cuOccupancyMaxPotentialClusterSize as *const c_void),
    Pointer(cuParamSetSize as *const c_void),
    Pointer(cuParamSetTexRef as *const c_void),
    Pointer(cuParamSetf as *const c_void),
    Pointer(cuParamSeti as *const c_void),
    Pointer(cuParamSetv as *const c_void),
    Pointer(cuPointerGetAttribute as *const c_void),
    Pointer(cuPointerGetAttributes as *const c_void),
    Pointer(cuPointerSetAttribute as *const c_void),
    Pointer(cuSignalExternalSemaphoresAsync as *const c_void),
    Pointer(cuSignalExternalSemaphoresAsync_ptsz as *const c_void),
    Pointer(cuStreamAddCallback as *const c_void),
    Pointer(cuStreamAddCallback_ptsz as *const c_void),
    Pointer(cuStreamAttachMemAsync as *const c_void),
    Pointer(cuStreamAttachMemAsync_ptsz as *const c_void),
    Pointer(cuStreamBatchMemOp as *const c_void),
    Pointer(cuStreamBatchMemOp_ptsz as *const c_void),
    Pointer(cuStreamBatchMemOp_v2 as *const c_void),
    Pointer(cuStreamBatchMemOp_v2_ptsz as *const c_void),
    Pointer(cuStreamBeginCapture as *const c_void),
    Pointer(cuStreamBeginCaptureToGraph as *const c_void),
    Pointer(cuStreamBeginCaptureToGraph_ptsz as *const c_void),
    Pointer(cuStreamBeginCapture_ptsz as *const c_void),
    Pointer(cuStreamBeginCapture_v2 as *const c_void),
    Pointer(cuStreamBeginCapture_v2_ptsz as *const c_void),
    Pointer(cuStreamCopyAttributes as *const c_void),
    Pointer(cuStreamCopyAttributes_ptsz as *const c_void),
    Pointer(cuStreamCreate as *const c_void),
    Pointer(cuStreamCreateWithPriority as *const c_void),
    Pointer(cuStreamDestroy as *const c_void),
    Pointer(cuStreamDestroy_v2 as *const c_void),
    Pointer(cuStreamEndCapture as *const c_void),
    Pointer(cuStreamEndCapture_ptsz as *const c_void),
    Pointer(cuStreamGetAttribute as *const c_void),
    Pointer(cuStreamGetAttribute_ptsz as *const c_void),
    Pointer(cuStreamGetCaptureInfo as *const c_void),
    Pointer(cuStreamGetCaptureInfo_ptsz as *const c_void),
    Pointer(cuStreamGetCaptureInfo_v2 as *const c_void),
    Pointer(cuStreamGetCaptureInfo_v2_ptsz as *const c_void),
    Pointer(cuStreamGetCaptureInfo_v3 as *const c_void),
    Pointer(cuStreamGetCaptureInfo_v3_ptsz as *const c_void),
    Pointer(cuStreamGetCtx as *const c_void),
    Pointer(cuStreamGetCtx_ptsz as *const c_void),
    Pointer(cuStreamGetCtx_v2 as *const c_void),
    Pointer(cuStreamGetCtx_v2_ptsz as *const c_void),
    Pointer(cuStreamGetDevice as *const c_void),
    Pointer(cuStreamGetDevice_ptsz as *const c_void),
    Pointer(cuStreamGetFlags as *const c_void),
    Pointer(cuStreamGetFlags_ptsz as *const c_void),
    Pointer(cuStreamGetGreenCtx as *const c_void),
    Pointer(cuStreamGetId as *const c_void),
    Pointer(cuStreamGetId_ptsz as *const c_void),
    Pointer(cuStreamGetPriority as *const c_void),
    Pointer(cuStreamGetPriority_ptsz as *const c_void),
    Pointer(cuStreamIsCapturing as *const c_void),
    Pointer(cuStreamIsCapturing_ptsz as *const c_void),
    Pointer(cuStreamQuery as *const c_void),
    Pointer(cuStreamQuery_ptsz as *const c_void),
    Pointer(cuStreamSetAttribute as *const c_void),
    Pointer(cuStreamSetAttribute_ptsz as *const c_void),
    Pointer(cuStreamSynchronize as *const c_void),
    Pointer(cuStreamSynchronize_ptsz as *const c_void),
    Pointer(cuStreamUpdateCaptureDependencies as *const c_void),
    Pointer(cuStreamUpdateCaptureDependencies_ptsz as *const c_void),
    Pointer(cuStreamUpdateCaptureDependencies_v2 as *const c_void),
    Pointer(cuStreamUpdateCaptureDependencies_v2_ptsz as *const c_void),
    Pointer(cuStreamWaitEvent as *const c_void),
    Pointer(cuStreamWaitEvent_ptsz as *const c_void),
    Pointer(cuStreamWaitValue32 as *const c_void),
    Pointer(cuStreamWaitValue32_ptsz as *const c_void),
    Pointer(cuStreamWaitValue32_v2 as *const c_void),
    Pointer(cuStreamWaitValue32_v2_ptsz as *const c_void),
    Pointer(cuStreamWaitValue64 as *const c_void),
    Pointer(cuStreamWaitValue64_ptsz as *const c_void),
    Pointer(cuStreamWaitValue64_v2 as *const c_void),
    Pointer(cuStreamWaitValue64_v2_ptsz as *const c_void),
    Pointer(cuStreamWriteValue32 as *const c_void),
    Pointer(cuStreamWriteValue32_ptsz as *const c_void),
    Pointer(cuStreamWriteValue32_v2 as *const c_void),
    Pointer(cuStreamWriteValue32_v2_ptsz as *const c_void),
    Pointer(cuStreamWriteValue64 as *const c_void),
    Pointer(cuStreamWriteValue64_ptsz as *const c_void),
    Pointer(cuStreamWriteValue64_v2 as *const c_void),
    Pointer(cuStreamWriteValue64_v2_ptsz as *const c_void),
    Pointer(cuSurfObjectCreate as *const c_void),
    Pointer(cuSurfObjectDestroy as *const c_void),
    Pointer(cuSurfObjectGetResourceDesc as *const c_void),
    Pointer(cuSurfRefGetArray as *const c_void),
    Pointer(cuSurfRefSetArray as *const c_void),
    Pointer(cuTensorMapEncodeIm2col as *const c_void),
    Pointer(cuTensorMapEncodeIm2colWide as *const c_void),
    Pointer(cuTensorMapEncodeTiled as *const c_void),
    Pointer(cuTensorMapReplaceAddress as *const c_void),
    Pointer(cuTexObjectCreate as *const c_void),
    Pointer(cuTexObjectDestroy as *const c_void),
    Pointer(cuTexObjectGetResourceDesc as *const c_void),
    Pointer(cuTexObjectGetResourceViewDesc as *const c_void),
    Pointer(cuTexObjectGetTextureDesc as *const c_void),
    Pointer(cuTexRefCreate as *const c_void),
    Pointer(cuTexRefDestroy as *const c_void),
    Pointer(cuTexRefGetAddress as *const c_void),
    Pointer(cuTexRefGetAddressMode as *const c_void),
    Pointer(cuTexRefGetAddress_v2 as *const c_void),
    Pointer(cuTexRefGetArray as *const c_void),
    Pointer(cuTexRefGetBorderColor as *const c_void),
    Pointer(cuTexRefGetFilterMode as *const c_void),
    Pointer(cuTexRefGetFlags as *const c_void),
    Pointer(cuTexRefGetFormat as *const c_void),
    Pointer(cuTexRefGetMaxAnisotropy as *const c_void),
    Pointer(cuTexRefGetMipmapFilterMode as *const c_void),
    Pointer(cuTexRefGetMipmapLevelBias as *const c_void),
    Pointer(cuTexRefGetMipmapLevelClamp as *const c_void),
    Pointer(cuTexRefGetMipmappedArray as *const c_void),
    Pointer(cuTexRefSetAddress as *const c_void),
    Pointer(cuTexRefSetAddress2D as *const c_void),
    Pointer(cuTexRefSetAddress2D_v2 as *const c_void),
    Pointer(cuTexRefSetAddress2D_v3 as *const c_void),
    Pointer(cuTexRefSetAddressMode as *const c_void),
    Pointer(cuTexRefSetAddress_v2 as *const c_void),
    Pointer(cuTexRefSetArray as *const c_void),
    Pointer(cuTexRefSetBorderColor as *const c_void),
    Pointer(cuTexRefSetFilterMode as *const c_void),
    Pointer(cuTexRefSetFlags as *const c_void),
    Pointer(cuTexRefSetFormat as *const c_void),
    Pointer(cuTexRefSetMaxAnisotropy as *const c_void),
    Pointer(cuTexRefSetMipmapFilterMode as *const c_void),
    Pointer(cuTexRefSetMipmapLevelBias as *const c_void),
    Pointer(cuTexRefSetMipmapLevelClamp as *const c_void),
    Pointer(cuTexRefSetMipmappedArray as *const c_void),
    Pointer(cuThreadExchangeStreamCaptureMode as *const c_void),
    Pointer(cuUserObjectCreate as *const c_void),
    Pointer(cuUserObjectRelease as *const c_void),
    Pointer(cuUserObjectRetain as *const c_void),
    Pointer(cuWaitExternalSemaphoresAsync as *const c_void),
    Pointer(cuWaitExternalSemaphoresAsync_ptsz as *const c_void),
];

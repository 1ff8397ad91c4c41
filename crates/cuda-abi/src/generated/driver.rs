// Made by `cargo xtask gen` from CUDA's headers and functions.def. Do not edit.

use core::ffi::*;

use crate::types::*;

/// One optional function pointer for each symbol of the driver.
#[derive(Clone, Default)]
pub struct DriverTable {
    /// `cuArray3DCreate`
    pub cuArray3DCreate:
        Option<unsafe extern "C" fn(*mut CUarray, *const CUDA_ARRAY3D_DESCRIPTOR_v1) -> CUresult>,
    /// `cuArray3DCreate_v2`
    pub cuArray3DCreate_v2:
        Option<unsafe extern "C" fn(*mut CUarray, *const CUDA_ARRAY3D_DESCRIPTOR) -> CUresult>,
    /// `cuArray3DGetDescriptor`
    pub cuArray3DGetDescriptor:
        Option<unsafe extern "C" fn(*mut CUDA_ARRAY3D_DESCRIPTOR_v1, CUarray) -> CUresult>,
    /// `cuArray3DGetDescriptor_v2`
    pub cuArray3DGetDescriptor_v2:
        Option<unsafe extern "C" fn(*mut CUDA_ARRAY3D_DESCRIPTOR, CUarray) -> CUresult>,
    /// `cuArrayCreate`
    pub cuArrayCreate:
        Option<unsafe extern "C" fn(*mut CUarray, *const CUDA_ARRAY_DESCRIPTOR_v1) -> CUresult>,
    /// `cuArrayCreate_v2`
    pub cuArrayCreate_v2:
        Option<unsafe extern "C" fn(*mut CUarray, *const CUDA_ARRAY_DESCRIPTOR) -> CUresult>,
    /// `cuArrayDestroy`
    pub cuArrayDestroy: Option<unsafe extern "C" fn(CUarray) -> CUresult>,
    /// `cuArrayGetDescriptor`
    pub cuArrayGetDescriptor:
        Option<unsafe extern "C" fn(*mut CUDA_ARRAY_DESCRIPTOR_v1, CUarray) -> CUresult>,
    /// `cuArrayGetDescriptor_v2`
    pub cuArrayGetDescriptor_v2:
        Option<unsafe extern "C" fn(*mut CUDA_ARRAY_DESCRIPTOR, CUarray) -> CUresult>,
    /// `cuArrayGetMemoryRequirements`
    pub cuArrayGetMemoryRequirements: Option<
        unsafe extern "C" fn(*mut CUDA_ARRAY_MEMORY_REQUIREMENTS, CUarray, CUdevice) -> CUresult,
    >,
    /// `cuArrayGetPlane`
    pub cuArrayGetPlane: Option<unsafe extern "C" fn(*mut CUarray, CUarray, c_uint) -> CUresult>,
    /// `cuArrayGetSparseProperties`
    pub cuArrayGetSparseProperties:
        Option<unsafe extern "C" fn(*mut CUDA_ARRAY_SPARSE_PROPERTIES, CUarray) -> CUresult>,
    /// `cuCheckpointProcessCheckpoint`
    pub cuCheckpointProcessCheckpoint:
        Option<unsafe extern "C" fn(c_int, *mut CUcheckpointCheckpointArgs) -> CUresult>,
    /// `cuCheckpointProcessGetRestoreThreadId`
    pub cuCheckpointProcessGetRestoreThreadId:
        Option<unsafe extern "C" fn(c_int, *mut c_int) -> CUresult>,
    /// `cuCheckpointProcessGetState`
    pub cuCheckpointProcessGetState:
        Option<unsafe extern "C" fn(c_int, *mut CUprocessState) -> CUresult>,
    /// `cuCheckpointProcessLock`
    pub cuCheckpointProcessLock:
        Option<unsafe extern "C" fn(c_int, *mut CUcheckpointLockArgs) -> CUresult>,
    /// `cuCheckpointProcessRestore`
    pub cuCheckpointProcessRestore:
        Option<unsafe extern "C" fn(c_int, *mut CUcheckpointRestoreArgs) -> CUresult>,
    /// `cuCheckpointProcessUnlock`
    pub cuCheckpointProcessUnlock:
        Option<unsafe extern "C" fn(c_int, *mut CUcheckpointUnlockArgs) -> CUresult>,
    /// `cuCoredumpGetAttribute`
    pub cuCoredumpGetAttribute:
        Option<unsafe extern "C" fn(CUcoredumpSettings, *mut c_void, *mut usize) -> CUresult>,
    /// `cuCoredumpGetAttributeGlobal`
    pub cuCoredumpGetAttributeGlobal:
        Option<unsafe extern "C" fn(CUcoredumpSettings, *mut c_void, *mut usize) -> CUresult>,
    /// `cuCoredumpSetAttribute`
    pub cuCoredumpSetAttribute:
        Option<unsafe extern "C" fn(CUcoredumpSettings, *mut c_void, *mut usize) -> CUresult>,
    /// `cuCoredumpSetAttributeGlobal`
    pub cuCoredumpSetAttributeGlobal:
        Option<unsafe extern "C" fn(CUcoredumpSettings, *mut c_void, *mut usize) -> CUresult>,
    /// `cuCtxAttach`
    pub cuCtxAttach: Option<unsafe extern "C" fn(*mut CUcontext, c_uint) -> CUresult>,
    /// `cuCtxCreate`
    pub cuCtxCreate: Option<unsafe extern "C" fn(*mut CUcontext, c_uint, CUdevice) -> CUresult>,
    /// `cuCtxCreate_v2`
    pub cuCtxCreate_v2: Option<unsafe extern "C" fn(*mut CUcontext, c_uint, CUdevice) -> CUresult>,
    /// `cuCtxCreate_v3`
    pub cuCtxCreate_v3: Option<
        unsafe extern "C" fn(
            *mut CUcontext,
            *mut CUexecAffinityParam,
            c_int,
            c_uint,
            CUdevice,
        ) -> CUresult,
    >,
    /// `cuCtxCreate_v4`
    pub cuCtxCreate_v4: Option<
        unsafe extern "C" fn(*mut CUcontext, *mut CUctxCreateParams, c_uint, CUdevice) -> CUresult,
    >,
    /// `cuCtxDestroy`
    pub cuCtxDestroy: Option<unsafe extern "C" fn(CUcontext) -> CUresult>,
    /// `cuCtxDestroy_v2`
    pub cuCtxDestroy_v2: Option<unsafe extern "C" fn(CUcontext) -> CUresult>,
    /// `cuCtxDetach`
    pub cuCtxDetach: Option<unsafe extern "C" fn(CUcontext) -> CUresult>,
    /// `cuCtxDisablePeerAccess`
    pub cuCtxDisablePeerAccess: Option<unsafe extern "C" fn(CUcontext) -> CUresult>,
    /// `cuCtxEnablePeerAccess`
    pub cuCtxEnablePeerAccess: Option<unsafe extern "C" fn(CUcontext, c_uint) -> CUresult>,
    /// `cuCtxFromGreenCtx`
    pub cuCtxFromGreenCtx: Option<unsafe extern "C" fn(*mut CUcontext, CUgreenCtx) -> CUresult>,
    /// `cuCtxGetApiVersion`
    pub cuCtxGetApiVersion: Option<unsafe extern "C" fn(CUcontext, *mut c_uint) -> CUresult>,
    /// `cuCtxGetCacheConfig`
    pub cuCtxGetCacheConfig: Option<unsafe extern "C" fn(*mut CUfunc_cache) -> CUresult>,
    /// `cuCtxGetCurrent`
    pub cuCtxGetCurrent: Option<unsafe extern "C" fn(*mut CUcontext) -> CUresult>,
    /// `cuCtxGetDevResource`
    pub cuCtxGetDevResource:
        Option<unsafe extern "C" fn(CUcontext, *mut CUdevResource, CUdevResourceType) -> CUresult>,
    /// `cuCtxGetDevice`
    pub cuCtxGetDevice: Option<unsafe extern "C" fn(*mut CUdevice) -> CUresult>,
    /// `cuCtxGetDevice_v2`
    pub cuCtxGetDevice_v2: Option<unsafe extern "C" fn(*mut CUdevice, CUcontext) -> CUresult>,
    /// `cuCtxGetExecAffinity`
    pub cuCtxGetExecAffinity:
        Option<unsafe extern "C" fn(*mut CUexecAffinityParam, CUexecAffinityType) -> CUresult>,
    /// `cuCtxGetFlags`
    pub cuCtxGetFlags: Option<unsafe extern "C" fn(*mut c_uint) -> CUresult>,
    /// `cuCtxGetId`
    pub cuCtxGetId: Option<unsafe extern "C" fn(CUcontext, *mut c_ulonglong) -> CUresult>,
    /// `cuCtxGetLimit`
    pub cuCtxGetLimit: Option<unsafe extern "C" fn(*mut usize, CUlimit) -> CUresult>,
    /// `cuCtxGetSharedMemConfig`
    pub cuCtxGetSharedMemConfig: Option<unsafe extern "C" fn(*mut CUsharedconfig) -> CUresult>,
    /// `cuCtxGetStreamPriorityRange`
    pub cuCtxGetStreamPriorityRange:
        Option<unsafe extern "C" fn(*mut c_int, *mut c_int) -> CUresult>,
    /// `cuCtxPopCurrent`
    pub cuCtxPopCurrent: Option<unsafe extern "C" fn(*mut CUcontext) -> CUresult>,
    /// `cuCtxPopCurrent_v2`
    pub cuCtxPopCurrent_v2: Option<unsafe extern "C" fn(*mut CUcontext) -> CUresult>,
    /// `cuCtxPushCurrent`
    pub cuCtxPushCurrent: Option<unsafe extern "C" fn(CUcontext) -> CUresult>,
    /// `cuCtxPushCurrent_v2`
    pub cuCtxPushCurrent_v2: Option<unsafe extern "C" fn(CUcontext) -> CUresult>,
    /// `cuCtxRecordEvent`
    pub cuCtxRecordEvent: Option<unsafe extern "C" fn(CUcontext, CUevent) -> CUresult>,
    /// `cuCtxResetPersistingL2Cache`
    pub cuCtxResetPersistingL2Cache: Option<unsafe extern "C" fn() -> CUresult>,
    /// `cuCtxSetCacheConfig`
    pub cuCtxSetCacheConfig: Option<unsafe extern "C" fn(CUfunc_cache) -> CUresult>,
    /// `cuCtxSetCurrent`
    pub cuCtxSetCurrent: Option<unsafe extern "C" fn(CUcontext) -> CUresult>,
    /// `cuCtxSetFlags`
    pub cuCtxSetFlags: Option<unsafe extern "C" fn(c_uint) -> CUresult>,
    /// `cuCtxSetLimit`
    pub cuCtxSetLimit: Option<unsafe extern "C" fn(CUlimit, usize) -> CUresult>,
    /// `cuCtxSetSharedMemConfig`
    pub cuCtxSetSharedMemConfig: Option<unsafe extern "C" fn(CUsharedconfig) -> CUresult>,
    /// `cuCtxSynchronize`
    pub cuCtxSynchronize: Option<unsafe extern "C" fn() -> CUresult>,
    /// `cuCtxSynchronize_v2`
    pub cuCtxSynchronize_v2: Option<unsafe extern "C" fn(CUcontext) -> CUresult>,
    /// `cuCtxWaitEvent`
    pub cuCtxWaitEvent: Option<unsafe extern "C" fn(CUcontext, CUevent) -> CUresult>,
    /// `cuDestroyExternalMemory`
    pub cuDestroyExternalMemory: Option<unsafe extern "C" fn(CUexternalMemory) -> CUresult>,
    /// `cuDestroyExternalSemaphore`
    pub cuDestroyExternalSemaphore: Option<unsafe extern "C" fn(CUexternalSemaphore) -> CUresult>,
    /// `cuDevResourceGenerateDesc`
    pub cuDevResourceGenerateDesc: Option<
        unsafe extern "C" fn(*mut CUdevResourceDesc, *mut CUdevResource, c_uint) -> CUresult,
    >,
    /// `cuDevSmResourceSplitByCount`
    pub cuDevSmResourceSplitByCount: Option<
        unsafe extern "C" fn(
            *mut CUdevResource,
            *mut c_uint,
            *const CUdevResource,
            *mut CUdevResource,
            c_uint,
            c_uint,
        ) -> CUresult,
    >,
    /// `cuDeviceCanAccessPeer`
    pub cuDeviceCanAccessPeer:
        Option<unsafe extern "C" fn(*mut c_int, CUdevice, CUdevice) -> CUresult>,
    /// `cuDeviceComputeCapability`
    pub cuDeviceComputeCapability:
        Option<unsafe extern "C" fn(*mut c_int, *mut c_int, CUdevice) -> CUresult>,
    /// `cuDeviceGet`
    pub cuDeviceGet: Option<unsafe extern "C" fn(*mut CUdevice, c_int) -> CUresult>,
    /// `cuDeviceGetAttribute`
    pub cuDeviceGetAttribute:
        Option<unsafe extern "C" fn(*mut c_int, CUdevice_attribute, CUdevice) -> CUresult>,
    /// `cuDeviceGetByPCIBusId`
    pub cuDeviceGetByPCIBusId:
        Option<unsafe extern "C" fn(*mut CUdevice, *const c_char) -> CUresult>,
    /// `cuDeviceGetCount`
    pub cuDeviceGetCount: Option<unsafe extern "C" fn(*mut c_int) -> CUresult>,
    /// `cuDeviceGetDefaultMemPool`
    pub cuDeviceGetDefaultMemPool:
        Option<unsafe extern "C" fn(*mut CUmemoryPool, CUdevice) -> CUresult>,
    /// `cuDeviceGetDevResource`
    pub cuDeviceGetDevResource:
        Option<unsafe extern "C" fn(CUdevice, *mut CUdevResource, CUdevResourceType) -> CUresult>,
    /// `cuDeviceGetExecAffinitySupport`
    pub cuDeviceGetExecAffinitySupport:
        Option<unsafe extern "C" fn(*mut c_int, CUexecAffinityType, CUdevice) -> CUresult>,
    /// `cuDeviceGetGraphMemAttribute`
    pub cuDeviceGetGraphMemAttribute:
        Option<unsafe extern "C" fn(CUdevice, CUgraphMem_attribute, *mut c_void) -> CUresult>,
    /// `cuDeviceGetHostAtomicCapabilities`
    pub cuDeviceGetHostAtomicCapabilities: Option<
        unsafe extern "C" fn(*mut c_uint, *const CUatomicOperation, c_uint, CUdevice) -> CUresult,
    >,
    /// `cuDeviceGetLuid`
    pub cuDeviceGetLuid:
        Option<unsafe extern "C" fn(*mut c_char, *mut c_uint, CUdevice) -> CUresult>,
    /// `cuDeviceGetMemPool`
    pub cuDeviceGetMemPool: Option<unsafe extern "C" fn(*mut CUmemoryPool, CUdevice) -> CUresult>,
    /// `cuDeviceGetName`
    pub cuDeviceGetName: Option<unsafe extern "C" fn(*mut c_char, c_int, CUdevice) -> CUresult>,
    /// `cuDeviceGetNvSciSyncAttributes`
    pub cuDeviceGetNvSciSyncAttributes:
        Option<unsafe extern "C" fn(*mut c_void, CUdevice, c_int) -> CUresult>,
    /// `cuDeviceGetP2PAtomicCapabilities`
    pub cuDeviceGetP2PAtomicCapabilities: Option<
        unsafe extern "C" fn(
            *mut c_uint,
            *const CUatomicOperation,
            c_uint,
            CUdevice,
            CUdevice,
        ) -> CUresult,
    >,
    /// `cuDeviceGetP2PAttribute`
    pub cuDeviceGetP2PAttribute: Option<
        unsafe extern "C" fn(*mut c_int, CUdevice_P2PAttribute, CUdevice, CUdevice) -> CUresult,
    >,
    /// `cuDeviceGetPCIBusId`
    pub cuDeviceGetPCIBusId: Option<unsafe extern "C" fn(*mut c_char, c_int, CUdevice) -> CUresult>,
    /// `cuDeviceGetProperties`
    pub cuDeviceGetProperties: Option<unsafe extern "C" fn(*mut CUdevprop, CUdevice) -> CUresult>,
    /// `cuDeviceGetTexture1DLinearMaxWidth`
    pub cuDeviceGetTexture1DLinearMaxWidth:
        Option<unsafe extern "C" fn(*mut usize, CUarray_format, c_uint, CUdevice) -> CUresult>,
    /// `cuDeviceGetUuid`
    pub cuDeviceGetUuid: Option<unsafe extern "C" fn(*mut CUuuid, CUdevice) -> CUresult>,
    /// `cuDeviceGetUuid_v2`
    pub cuDeviceGetUuid_v2: Option<unsafe extern "C" fn(*mut CUuuid, CUdevice) -> CUresult>,
    /// `cuDeviceGraphMemTrim`
    pub cuDeviceGraphMemTrim: Option<unsafe extern "C" fn(CUdevice) -> CUresult>,
    /// `cuDevicePrimaryCtxGetState`
    pub cuDevicePrimaryCtxGetState:
        Option<unsafe extern "C" fn(CUdevice, *mut c_uint, *mut c_int) -> CUresult>,
    /// `cuDevicePrimaryCtxRelease`
    pub cuDevicePrimaryCtxRelease: Option<unsafe extern "C" fn(CUdevice) -> CUresult>,
    /// `cuDevicePrimaryCtxRelease_v2`
    pub cuDevicePrimaryCtxRelease_v2: Option<unsafe extern "C" fn(CUdevice) -> CUresult>,
    /// `cuDevicePrimaryCtxReset`
    pub cuDevicePrimaryCtxReset: Option<unsafe extern "C" fn(CUdevice) -> CUresult>,
    /// `cuDevicePrimaryCtxReset_v2`
    pub cuDevicePrimaryCtxReset_v2: Option<unsafe extern "C" fn(CUdevice) -> CUresult>,
    /// `cuDevicePrimaryCtxRetain`
    pub cuDevicePrimaryCtxRetain:
        Option<unsafe extern "C" fn(*mut CUcontext, CUdevice) -> CUresult>,
    /// `cuDevicePrimaryCtxSetFlags`
    pub cuDevicePrimaryCtxSetFlags: Option<unsafe extern "C" fn(CUdevice, c_uint) -> CUresult>,
    /// `cuDevicePrimaryCtxSetFlags_v2`
    pub cuDevicePrimaryCtxSetFlags_v2: Option<unsafe extern "C" fn(CUdevice, c_uint) -> CUresult>,
    /// `cuDeviceRegisterAsyncNotification`
    pub cuDeviceRegisterAsyncNotification: Option<
        unsafe extern "C" fn(
            CUdevice,
            CUasyncCallback,
            *mut c_void,
            *mut CUasyncCallbackHandle,
        ) -> CUresult,
    >,
    /// `cuDeviceSetGraphMemAttribute`
    pub cuDeviceSetGraphMemAttribute:
        Option<unsafe extern "C" fn(CUdevice, CUgraphMem_attribute, *mut c_void) -> CUresult>,
    /// `cuDeviceSetMemPool`
    pub cuDeviceSetMemPool: Option<unsafe extern "C" fn(CUdevice, CUmemoryPool) -> CUresult>,
    /// `cuDeviceTotalMem`
    pub cuDeviceTotalMem: Option<unsafe extern "C" fn(*mut c_uint, CUdevice) -> CUresult>,
    /// `cuDeviceTotalMem_v2`
    pub cuDeviceTotalMem_v2: Option<unsafe extern "C" fn(*mut usize, CUdevice) -> CUresult>,
    /// `cuDeviceUnregisterAsyncNotification`
    pub cuDeviceUnregisterAsyncNotification:
        Option<unsafe extern "C" fn(CUdevice, CUasyncCallbackHandle) -> CUresult>,
    /// `cuDriverGetVersion`
    pub cuDriverGetVersion: Option<unsafe extern "C" fn(*mut c_int) -> CUresult>,
    /// `cuEventCreate`
    pub cuEventCreate: Option<unsafe extern "C" fn(*mut CUevent, c_uint) -> CUresult>,
    /// `cuEventDestroy`
    pub cuEventDestroy: Option<unsafe extern "C" fn(CUevent) -> CUresult>,
    /// `cuEventDestroy_v2`
    pub cuEventDestroy_v2: Option<unsafe extern "C" fn(CUevent) -> CUresult>,
    /// `cuEventElapsedTime`
    pub cuEventElapsedTime: Option<unsafe extern "C" fn(*mut f32, CUevent, CUevent) -> CUresult>,
    /// `cuEventElapsedTime_v2`
    pub cuEventElapsedTime_v2: Option<unsafe extern "C" fn(*mut f32, CUevent, CUevent) -> CUresult>,
    /// `cuEventQuery`
    pub cuEventQuery: Option<unsafe extern "C" fn(CUevent) -> CUresult>,
    /// `cuEventRecord`
    pub cuEventRecord: Option<unsafe extern "C" fn(CUevent, CUstream) -> CUresult>,
    /// `cuEventRecordWithFlags`
    pub cuEventRecordWithFlags: Option<unsafe extern "C" fn(CUevent, CUstream, c_uint) -> CUresult>,
    /// `cuEventRecordWithFlags_ptsz`
    pub cuEventRecordWithFlags_ptsz:
        Option<unsafe extern "C" fn(CUevent, CUstream, c_uint) -> CUresult>,
    /// `cuEventRecord_ptsz`
    pub cuEventRecord_ptsz: Option<unsafe extern "C" fn(CUevent, CUstream) -> CUresult>,
    /// `cuEventSynchronize`
    pub cuEventSynchronize: Option<unsafe extern "C" fn(CUevent) -> CUresult>,
    /// `cuExternalMemoryGetMappedBuffer`
    pub cuExternalMemoryGetMappedBuffer: Option<
        unsafe extern "C" fn(
            *mut CUdeviceptr,
            CUexternalMemory,
            *const CUDA_EXTERNAL_MEMORY_BUFFER_DESC,
        ) -> CUresult,
    >,
    /// `cuExternalMemoryGetMappedMipmappedArray`
    pub cuExternalMemoryGetMappedMipmappedArray: Option<
        unsafe extern "C" fn(
            *mut CUmipmappedArray,
            CUexternalMemory,
            *const CUDA_EXTERNAL_MEMORY_MIPMAPPED_ARRAY_DESC,
        ) -> CUresult,
    >,
    /// `cuFlushGPUDirectRDMAWrites`
    pub cuFlushGPUDirectRDMAWrites: Option<
        unsafe extern "C" fn(
            CUflushGPUDirectRDMAWritesTarget,
            CUflushGPUDirectRDMAWritesScope,
        ) -> CUresult,
    >,
    /// `cuFuncGetAttribute`
    pub cuFuncGetAttribute:
        Option<unsafe extern "C" fn(*mut c_int, CUfunction_attribute, CUfunction) -> CUresult>,
    /// `cuFuncGetModule`
    pub cuFuncGetModule: Option<unsafe extern "C" fn(*mut CUmodule, CUfunction) -> CUresult>,
    /// `cuFuncGetName`
    pub cuFuncGetName: Option<unsafe extern "C" fn(*mut *const c_char, CUfunction) -> CUresult>,
    /// `cuFuncGetParamInfo`
    pub cuFuncGetParamInfo:
        Option<unsafe extern "C" fn(CUfunction, usize, *mut usize, *mut usize) -> CUresult>,
    /// `cuFuncIsLoaded`
    pub cuFuncIsLoaded:
        Option<unsafe extern "C" fn(*mut CUfunctionLoadingState, CUfunction) -> CUresult>,
    /// `cuFuncLoad`
    pub cuFuncLoad: Option<unsafe extern "C" fn(CUfunction) -> CUresult>,
    /// `cuFuncSetAttribute`
    pub cuFuncSetAttribute:
        Option<unsafe extern "C" fn(CUfunction, CUfunction_attribute, c_int) -> CUresult>,
    /// `cuFuncSetBlockShape`
    pub cuFuncSetBlockShape:
        Option<unsafe extern "C" fn(CUfunction, c_int, c_int, c_int) -> CUresult>,
    /// `cuFuncSetCacheConfig`
    pub cuFuncSetCacheConfig: Option<unsafe extern "C" fn(CUfunction, CUfunc_cache) -> CUresult>,
    /// `cuFuncSetSharedMemConfig`
    pub cuFuncSetSharedMemConfig:
        Option<unsafe extern "C" fn(CUfunction, CUsharedconfig) -> CUresult>,
    /// `cuFuncSetSharedSize`
    pub cuFuncSetSharedSize: Option<unsafe extern "C" fn(CUfunction, c_uint) -> CUresult>,
    /// `cuGetErrorName`
    pub cuGetErrorName: Option<unsafe extern "C" fn(CUresult, *mut *const c_char) -> CUresult>,
    /// `cuGetErrorString`
    pub cuGetErrorString: Option<unsafe extern "C" fn(CUresult, *mut *const c_char) -> CUresult>,
    /// `cuGetExportTable`
    pub cuGetExportTable:
        Option<unsafe extern "C" fn(*mut *const c_void, *const CUuuid) -> CUresult>,
    /// `cuGetProcAddress`
    pub cuGetProcAddress: Option<
        unsafe extern "C" fn(*const c_char, *mut *mut c_void, c_int, cuuint64_t) -> CUresult,
    >,
    /// `cuGetProcAddress_v2`
    pub cuGetProcAddress_v2: Option<
        unsafe extern "C" fn(
            *const c_char,
            *mut *mut c_void,
            c_int,
            cuuint64_t,
            *mut CUdriverProcAddressQueryResult,
        ) -> CUresult,
    >,
    /// `cuGraphAddBatchMemOpNode`
    pub cuGraphAddBatchMemOpNode: Option<
        unsafe extern "C" fn(
            *mut CUgraphNode,
            CUgraph,
            *const CUgraphNode,
            usize,
            *const CUDA_BATCH_MEM_OP_NODE_PARAMS,
        ) -> CUresult,
    >,
    /// `cuGraphAddChildGraphNode`
    pub cuGraphAddChildGraphNode: Option<
        unsafe extern "C" fn(
            *mut CUgraphNode,
            CUgraph,
            *const CUgraphNode,
            usize,
            CUgraph,
        ) -> CUresult,
    >,
    /// `cuGraphAddDependencies`
    pub cuGraphAddDependencies: Option<
        unsafe extern "C" fn(CUgraph, *const CUgraphNode, *const CUgraphNode, usize) -> CUresult,
    >,
    /// `cuGraphAddDependencies_v2`
    pub cuGraphAddDependencies_v2: Option<
        unsafe extern "C" fn(
            CUgraph,
            *const CUgraphNode,
            *const CUgraphNode,
            *const CUgraphEdgeData,
            usize,
        ) -> CUresult,
    >,
    /// `cuGraphAddEmptyNode`
    pub cuGraphAddEmptyNode: Option<
        unsafe extern "C" fn(*mut CUgraphNode, CUgraph, *const CUgraphNode, usize) -> CUresult,
    >,
    /// `cuGraphAddEventRecordNode`
    pub cuGraphAddEventRecordNode: Option<
        unsafe extern "C" fn(
            *mut CUgraphNode,
            CUgraph,
            *const CUgraphNode,
            usize,
            CUevent,
        ) -> CUresult,
    >,
    /// `cuGraphAddEventWaitNode`
    pub cuGraphAddEventWaitNode: Option<
        unsafe extern "C" fn(
            *mut CUgraphNode,
            CUgraph,
            *const CUgraphNode,
            usize,
            CUevent,
        ) -> CUresult,
    >,
    /// `cuGraphAddExternalSemaphoresSignalNode`
    pub cuGraphAddExternalSemaphoresSignalNode: Option<
        unsafe extern "C" fn(
            *mut CUgraphNode,
            CUgraph,
            *const CUgraphNode,
            usize,
            *const CUDA_EXT_SEM_SIGNAL_NODE_PARAMS,
        ) -> CUresult,
    >,
    /// `cuGraphAddExternalSemaphoresWaitNode`
    pub cuGraphAddExternalSemaphoresWaitNode: Option<
        unsafe extern "C" fn(
            *mut CUgraphNode,
            CUgraph,
            *const CUgraphNode,
            usize,
            *const CUDA_EXT_SEM_WAIT_NODE_PARAMS,
        ) -> CUresult,
    >,
    /// `cuGraphAddHostNode`
    pub cuGraphAddHostNode: Option<
        unsafe extern "C" fn(
            *mut CUgraphNode,
            CUgraph,
            *const CUgraphNode,
            usize,
            *const CUDA_HOST_NODE_PARAMS,
        ) -> CUresult,
    >,
    /// `cuGraphAddKernelNode`
    pub cuGraphAddKernelNode: Option<
        unsafe extern "C" fn(
            *mut CUgraphNode,
            CUgraph,
            *const CUgraphNode,
            usize,
            *const CUDA_KERNEL_NODE_PARAMS_v1,
        ) -> CUresult,
    >,
    /// `cuGraphAddKernelNode_v2`
    pub cuGraphAddKernelNode_v2: Option<
        unsafe extern "C" fn(
            *mut CUgraphNode,
            CUgraph,
            *const CUgraphNode,
            usize,
            *const CUDA_KERNEL_NODE_PARAMS,
        ) -> CUresult,
    >,
    /// `cuGraphAddMemAllocNode`
    pub cuGraphAddMemAllocNode: Option<
        unsafe extern "C" fn(
            *mut CUgraphNode,
            CUgraph,
            *const CUgraphNode,
            usize,
            *mut CUDA_MEM_ALLOC_NODE_PARAMS,
        ) -> CUresult,
    >,
    /// `cuGraphAddMemFreeNode`
    pub cuGraphAddMemFreeNode: Option<
        unsafe extern "C" fn(
            *mut CUgraphNode,
            CUgraph,
            *const CUgraphNode,
            usize,
            CUdeviceptr,
        ) -> CUresult,
    >,
    /// `cuGraphAddMemcpyNode`
    pub cuGraphAddMemcpyNode: Option<
        unsafe extern "C" fn(
            *mut CUgraphNode,
            CUgraph,
            *const CUgraphNode,
            usize,
            *const CUDA_MEMCPY3D,
            CUcontext,
        ) -> CUresult,
    >,
    /// `cuGraphAddMemsetNode`
    pub cuGraphAddMemsetNode: Option<
        unsafe extern "C" fn(
            *mut CUgraphNode,
            CUgraph,
            *const CUgraphNode,
            usize,
            *const CUDA_MEMSET_NODE_PARAMS,
            CUcontext,
        ) -> CUresult,
    >,
    /// `cuGraphAddNode`
    pub cuGraphAddNode: Option<
        unsafe extern "C" fn(
            *mut CUgraphNode,
            CUgraph,
            *const CUgraphNode,
            usize,
            *mut CUgraphNodeParams,
        ) -> CUresult,
    >,
    /// `cuGraphAddNode_v2`
    pub cuGraphAddNode_v2: Option<
        unsafe extern "C" fn(
            *mut CUgraphNode,
            CUgraph,
            *const CUgraphNode,
            *const CUgraphEdgeData,
            usize,
            *mut CUgraphNodeParams,
        ) -> CUresult,
    >,
    /// `cuGraphBatchMemOpNodeGetParams`
    pub cuGraphBatchMemOpNodeGetParams:
        Option<unsafe extern "C" fn(CUgraphNode, *mut CUDA_BATCH_MEM_OP_NODE_PARAMS) -> CUresult>,
    /// `cuGraphBatchMemOpNodeSetParams`
    pub cuGraphBatchMemOpNodeSetParams:
        Option<unsafe extern "C" fn(CUgraphNode, *const CUDA_BATCH_MEM_OP_NODE_PARAMS) -> CUresult>,
    /// `cuGraphChildGraphNodeGetGraph`
    pub cuGraphChildGraphNodeGetGraph:
        Option<unsafe extern "C" fn(CUgraphNode, *mut CUgraph) -> CUresult>,
    /// `cuGraphClone`
    pub cuGraphClone: Option<unsafe extern "C" fn(*mut CUgraph, CUgraph) -> CUresult>,
    /// `cuGraphConditionalHandleCreate`
    pub cuGraphConditionalHandleCreate: Option<
        unsafe extern "C" fn(
            *mut CUgraphConditionalHandle,
            CUgraph,
            CUcontext,
            c_uint,
            c_uint,
        ) -> CUresult,
    >,
    /// `cuGraphCreate`
    pub cuGraphCreate: Option<unsafe extern "C" fn(*mut CUgraph, c_uint) -> CUresult>,
    /// `cuGraphDebugDotPrint`
    pub cuGraphDebugDotPrint:
        Option<unsafe extern "C" fn(CUgraph, *const c_char, c_uint) -> CUresult>,
    /// `cuGraphDestroy`
    pub cuGraphDestroy: Option<unsafe extern "C" fn(CUgraph) -> CUresult>,
    /// `cuGraphDestroyNode`
    pub cuGraphDestroyNode: Option<unsafe extern "C" fn(CUgraphNode) -> CUresult>,
    /// `cuGraphEventRecordNodeGetEvent`
    pub cuGraphEventRecordNodeGetEvent:
        Option<unsafe extern "C" fn(CUgraphNode, *mut CUevent) -> CUresult>,
    /// `cuGraphEventRecordNodeSetEvent`
    pub cuGraphEventRecordNodeSetEvent:
        Option<unsafe extern "C" fn(CUgraphNode, CUevent) -> CUresult>,
    /// `cuGraphEventWaitNodeGetEvent`
    pub cuGraphEventWaitNodeGetEvent:
        Option<unsafe extern "C" fn(CUgraphNode, *mut CUevent) -> CUresult>,
    /// `cuGraphEventWaitNodeSetEvent`
    pub cuGraphEventWaitNodeSetEvent:
        Option<unsafe extern "C" fn(CUgraphNode, CUevent) -> CUresult>,
    /// `cuGraphExecBatchMemOpNodeSetParams`
    pub cuGraphExecBatchMemOpNodeSetParams: Option<
        unsafe extern "C" fn(
            CUgraphExec,
            CUgraphNode,
            *const CUDA_BATCH_MEM_OP_NODE_PARAMS,
        ) -> CUresult,
    >,
    /// `cuGraphExecChildGraphNodeSetParams`
    pub cuGraphExecChildGraphNodeSetParams:
        Option<unsafe extern "C" fn(CUgraphExec, CUgraphNode, CUgraph) -> CUresult>,
    /// `cuGraphExecDestroy`
    pub cuGraphExecDestroy: Option<unsafe extern "C" fn(CUgraphExec) -> CUresult>,
    /// `cuGraphExecEventRecordNodeSetEvent`
    pub cuGraphExecEventRecordNodeSetEvent:
        Option<unsafe extern "C" fn(CUgraphExec, CUgraphNode, CUevent) -> CUresult>,
    /// `cuGraphExecEventWaitNodeSetEvent`
    pub cuGraphExecEventWaitNodeSetEvent:
        Option<unsafe extern "C" fn(CUgraphExec, CUgraphNode, CUevent) -> CUresult>,
    /// `cuGraphExecExternalSemaphoresSignalNodeSetParams`
    pub cuGraphExecExternalSemaphoresSignalNodeSetParams: Option<
        unsafe extern "C" fn(
            CUgraphExec,
            CUgraphNode,
            *const CUDA_EXT_SEM_SIGNAL_NODE_PARAMS,
        ) -> CUresult,
    >,
    /// `cuGraphExecExternalSemaphoresWaitNodeSetParams`
    pub cuGraphExecExternalSemaphoresWaitNodeSetParams: Option<
        unsafe extern "C" fn(
            CUgraphExec,
            CUgraphNode,
            *const CUDA_EXT_SEM_WAIT_NODE_PARAMS,
        ) -> CUresult,
    >,
    /// `cuGraphExecGetFlags`
    pub cuGraphExecGetFlags: Option<unsafe extern "C" fn(CUgraphExec, *mut cuuint64_t) -> CUresult>,
    /// `cuGraphExecHostNodeSetParams`
    pub cuGraphExecHostNodeSetParams: Option<
        unsafe extern "C" fn(CUgraphExec, CUgraphNode, *const CUDA_HOST_NODE_PARAMS) -> CUresult,
    >,
    /// `cuGraphExecKernelNodeSetParams`
    pub cuGraphExecKernelNodeSetParams: Option<
        unsafe extern "C" fn(
            CUgraphExec,
            CUgraphNode,
            *const CUDA_KERNEL_NODE_PARAMS_v1,
        ) -> CUresult,
    >,
    /// `cuGraphExecKernelNodeSetParams_v2`
    pub cuGraphExecKernelNodeSetParams_v2: Option<
        unsafe extern "C" fn(CUgraphExec, CUgraphNode, *const CUDA_KERNEL_NODE_PARAMS) -> CUresult,
    >,
    /// `cuGraphExecMemcpyNodeSetParams`
    pub cuGraphExecMemcpyNodeSetParams: Option<
        unsafe extern "C" fn(CUgraphExec, CUgraphNode, *const CUDA_MEMCPY3D, CUcontext) -> CUresult,
    >,
    /// `cuGraphExecMemsetNodeSetParams`
    pub cuGraphExecMemsetNodeSetParams: Option<
        unsafe extern "C" fn(
            CUgraphExec,
            CUgraphNode,
            *const CUDA_MEMSET_NODE_PARAMS,
            CUcontext,
        ) -> CUresult,
    >,
    /// `cuGraphExecNodeSetParams`
    pub cuGraphExecNodeSetParams:
        Option<unsafe extern "C" fn(CUgraphExec, CUgraphNode, *mut CUgraphNodeParams) -> CUresult>,
    /// `cuGraphExecUpdate`
    pub cuGraphExecUpdate: Option<
        unsafe extern "C" fn(
            CUgraphExec,
            CUgraph,
            *mut CUgraphNode,
            *mut CUgraphExecUpdateResult,
        ) -> CUresult,
    >,
    /// `cuGraphExecUpdate_v2`
    pub cuGraphExecUpdate_v2: Option<
        unsafe extern "C" fn(CUgraphExec, CUgraph, *mut CUgraphExecUpdateResultInfo) -> CUresult,
    >,
    /// `cuGraphExternalSemaphoresSignalNodeGetParams`
    pub cuGraphExternalSemaphoresSignalNodeGetParams:
        Option<unsafe extern "C" fn(CUgraphNode, *mut CUDA_EXT_SEM_SIGNAL_NODE_PARAMS) -> CUresult>,
    /// `cuGraphExternalSemaphoresSignalNodeSetParams`
    pub cuGraphExternalSemaphoresSignalNodeSetParams: Option<
        unsafe extern "C" fn(CUgraphNode, *const CUDA_EXT_SEM_SIGNAL_NODE_PARAMS) -> CUresult,
    >,
    /// `cuGraphExternalSemaphoresWaitNodeGetParams`
    pub cuGraphExternalSemaphoresWaitNodeGetParams:
        Option<unsafe extern "C" fn(CUgraphNode, *mut CUDA_EXT_SEM_WAIT_NODE_PARAMS) -> CUresult>,
    /// `cuGraphExternalSemaphoresWaitNodeSetParams`
    pub cuGraphExternalSemaphoresWaitNodeSetParams:
        Option<unsafe extern "C" fn(CUgraphNode, *const CUDA_EXT_SEM_WAIT_NODE_PARAMS) -> CUresult>,
    /// `cuGraphGetEdges`
    pub cuGraphGetEdges: Option<
        unsafe extern "C" fn(CUgraph, *mut CUgraphNode, *mut CUgraphNode, *mut usize) -> CUresult,
    >,
    /// `cuGraphGetEdges_v2`
    pub cuGraphGetEdges_v2: Option<
        unsafe extern "C" fn(
            CUgraph,
            *mut CUgraphNode,
            *mut CUgraphNode,
            *mut CUgraphEdgeData,
            *mut usize,
        ) -> CUresult,
    >,
    /// `cuGraphGetNodes`
    pub cuGraphGetNodes:
        Option<unsafe extern "C" fn(CUgraph, *mut CUgraphNode, *mut usize) -> CUresult>,
    /// `cuGraphGetRootNodes`
    pub cuGraphGetRootNodes:
        Option<unsafe extern "C" fn(CUgraph, *mut CUgraphNode, *mut usize) -> CUresult>,
    /// `cuGraphHostNodeGetParams`
    pub cuGraphHostNodeGetParams:
        Option<unsafe extern "C" fn(CUgraphNode, *mut CUDA_HOST_NODE_PARAMS) -> CUresult>,
    /// `cuGraphHostNodeSetParams`
    pub cuGraphHostNodeSetParams:
        Option<unsafe extern "C" fn(CUgraphNode, *const CUDA_HOST_NODE_PARAMS) -> CUresult>,
    /// `cuGraphInstantiate`
    pub cuGraphInstantiate: Option<
        unsafe extern "C" fn(
            *mut CUgraphExec,
            CUgraph,
            *mut CUgraphNode,
            *mut c_char,
            usize,
        ) -> CUresult,
    >,
    /// `cuGraphInstantiateWithFlags`
    pub cuGraphInstantiateWithFlags:
        Option<unsafe extern "C" fn(*mut CUgraphExec, CUgraph, c_ulonglong) -> CUresult>,
    /// `cuGraphInstantiateWithParams`
    pub cuGraphInstantiateWithParams: Option<
        unsafe extern "C" fn(
            *mut CUgraphExec,
            CUgraph,
            *mut CUDA_GRAPH_INSTANTIATE_PARAMS,
        ) -> CUresult,
    >,
    /// `cuGraphInstantiateWithParams_ptsz`
    pub cuGraphInstantiateWithParams_ptsz: Option<
        unsafe extern "C" fn(
            *mut CUgraphExec,
            CUgraph,
            *mut CUDA_GRAPH_INSTANTIATE_PARAMS,
        ) -> CUresult,
    >,
    /// `cuGraphInstantiate_v2`
    pub cuGraphInstantiate_v2: Option<
        unsafe extern "C" fn(
            *mut CUgraphExec,
            CUgraph,
            *mut CUgraphNode,
            *mut c_char,
            usize,
        ) -> CUresult,
    >,
    /// `cuGraphKernelNodeCopyAttributes`
    pub cuGraphKernelNodeCopyAttributes:
        Option<unsafe extern "C" fn(CUgraphNode, CUgraphNode) -> CUresult>,
    /// `cuGraphKernelNodeGetAttribute`
    pub cuGraphKernelNodeGetAttribute: Option<
        unsafe extern "C" fn(
            CUgraphNode,
            CUkernelNodeAttrID,
            *mut CUkernelNodeAttrValue,
        ) -> CUresult,
    >,
    /// `cuGraphKernelNodeGetParams`
    pub cuGraphKernelNodeGetParams:
        Option<unsafe extern "C" fn(CUgraphNode, *mut CUDA_KERNEL_NODE_PARAMS_v1) -> CUresult>,
    /// `cuGraphKernelNodeGetParams_v2`
    pub cuGraphKernelNodeGetParams_v2:
        Option<unsafe extern "C" fn(CUgraphNode, *mut CUDA_KERNEL_NODE_PARAMS) -> CUresult>,
    /// `cuGraphKernelNodeSetAttribute`
    pub cuGraphKernelNodeSetAttribute: Option<
        unsafe extern "C" fn(
            CUgraphNode,
            CUkernelNodeAttrID,
            *const CUkernelNodeAttrValue,
        ) -> CUresult,
    >,
    /// `cuGraphKernelNodeSetParams`
    pub cuGraphKernelNodeSetParams:
        Option<unsafe extern "C" fn(CUgraphNode, *const CUDA_KERNEL_NODE_PARAMS_v1) -> CUresult>,
    /// `cuGraphKernelNodeSetParams_v2`
    pub cuGraphKernelNodeSetParams_v2:
        Option<unsafe extern "C" fn(CUgraphNode, *const CUDA_KERNEL_NODE_PARAMS) -> CUresult>,
    /// `cuGraphLaunch`
    pub cuGraphLaunch: Option<unsafe extern "C" fn(CUgraphExec, CUstream) -> CUresult>,
    /// `cuGraphLaunch_ptsz`
    pub cuGraphLaunch_ptsz: Option<unsafe extern "C" fn(CUgraphExec, CUstream) -> CUresult>,
    /// `cuGraphMemAllocNodeGetParams`
    pub cuGraphMemAllocNodeGetParams:
        Option<unsafe extern "C" fn(CUgraphNode, *mut CUDA_MEM_ALLOC_NODE_PARAMS) -> CUresult>,
    /// `cuGraphMemFreeNodeGetParams`
    pub cuGraphMemFreeNodeGetParams:
        Option<unsafe extern "C" fn(CUgraphNode, *mut CUdeviceptr) -> CUresult>,
    /// `cuGraphMemcpyNodeGetParams`
    pub cuGraphMemcpyNodeGetParams:
        Option<unsafe extern "C" fn(CUgraphNode, *mut CUDA_MEMCPY3D) -> CUresult>,
    /// `cuGraphMemcpyNodeSetParams`
    pub cuGraphMemcpyNodeSetParams:
        Option<unsafe extern "C" fn(CUgraphNode, *const CUDA_MEMCPY3D) -> CUresult>,
    /// `cuGraphMemsetNodeGetParams`
    pub cuGraphMemsetNodeGetParams:
        Option<unsafe extern "C" fn(CUgraphNode, *mut CUDA_MEMSET_NODE_PARAMS) -> CUresult>,
    /// `cuGraphMemsetNodeSetParams`
    pub cuGraphMemsetNodeSetParams:
        Option<unsafe extern "C" fn(CUgraphNode, *const CUDA_MEMSET_NODE_PARAMS) -> CUresult>,
    /// `cuGraphNodeFindInClone`
    pub cuGraphNodeFindInClone:
        Option<unsafe extern "C" fn(*mut CUgraphNode, CUgraphNode, CUgraph) -> CUresult>,
    /// `cuGraphNodeGetDependencies`
    pub cuGraphNodeGetDependencies:
        Option<unsafe extern "C" fn(CUgraphNode, *mut CUgraphNode, *mut usize) -> CUresult>,
    /// `cuGraphNodeGetDependencies_v2`
    pub cuGraphNodeGetDependencies_v2: Option<
        unsafe extern "C" fn(
            CUgraphNode,
            *mut CUgraphNode,
            *mut CUgraphEdgeData,
            *mut usize,
        ) -> CUresult,
    >,
    /// `cuGraphNodeGetDependentNodes`
    pub cuGraphNodeGetDependentNodes:
        Option<unsafe extern "C" fn(CUgraphNode, *mut CUgraphNode, *mut usize) -> CUresult>,
    /// `cuGraphNodeGetDependentNodes_v2`
    pub cuGraphNodeGetDependentNodes_v2: Option<
        unsafe extern "C" fn(
            CUgraphNode,
            *mut CUgraphNode,
            *mut CUgraphEdgeData,
            *mut usize,
        ) -> CUresult,
    >,
    /// `cuGraphNodeGetEnabled`
    pub cuGraphNodeGetEnabled:
        Option<unsafe extern "C" fn(CUgraphExec, CUgraphNode, *mut c_uint) -> CUresult>,
    /// `cuGraphNodeGetType`
    pub cuGraphNodeGetType:
        Option<unsafe extern "C" fn(CUgraphNode, *mut CUgraphNodeType) -> CUresult>,
    /// `cuGraphNodeSetEnabled`
    pub cuGraphNodeSetEnabled:
        Option<unsafe extern "C" fn(CUgraphExec, CUgraphNode, c_uint) -> CUresult>,
    /// `cuGraphNodeSetParams`
    pub cuGraphNodeSetParams:
        Option<unsafe extern "C" fn(CUgraphNode, *mut CUgraphNodeParams) -> CUresult>,
    /// `cuGraphReleaseUserObject`
    pub cuGraphReleaseUserObject:
        Option<unsafe extern "C" fn(CUgraph, CUuserObject, c_uint) -> CUresult>,
    /// `cuGraphRemoveDependencies`
    pub cuGraphRemoveDependencies: Option<
        unsafe extern "C" fn(CUgraph, *const CUgraphNode, *const CUgraphNode, usize) -> CUresult,
    >,
    /// `cuGraphRemoveDependencies_v2`
    pub cuGraphRemoveDependencies_v2: Option<
        unsafe extern "C" fn(
            CUgraph,
            *const CUgraphNode,
            *const CUgraphNode,
            *const CUgraphEdgeData,
            usize,
        ) -> CUresult,
    >,
    /// `cuGraphRetainUserObject`
    pub cuGraphRetainUserObject:
        Option<unsafe extern "C" fn(CUgraph, CUuserObject, c_uint, c_uint) -> CUresult>,
    /// `cuGraphUpload`
    pub cuGraphUpload: Option<unsafe extern "C" fn(CUgraphExec, CUstream) -> CUresult>,
    /// `cuGraphUpload_ptsz`
    pub cuGraphUpload_ptsz: Option<unsafe extern "C" fn(CUgraphExec, CUstream) -> CUresult>,
    /// `cuGraphicsMapResources`
    pub cuGraphicsMapResources:
        Option<unsafe extern "C" fn(c_uint, *mut CUgraphicsResource, CUstream) -> CUresult>,
    /// `cuGraphicsMapResources_ptsz`
    pub cuGraphicsMapResources_ptsz:
        Option<unsafe extern "C" fn(c_uint, *mut CUgraphicsResource, CUstream) -> CUresult>,
    /// `cuGraphicsResourceGetMappedMipmappedArray`
    pub cuGraphicsResourceGetMappedMipmappedArray:
        Option<unsafe extern "C" fn(*mut CUmipmappedArray, CUgraphicsResource) -> CUresult>,
    /// `cuGraphicsResourceGetMappedPointer`
    pub cuGraphicsResourceGetMappedPointer: Option<
        unsafe extern "C" fn(*mut CUdeviceptr_v1, *mut c_uint, CUgraphicsResource) -> CUresult,
    >,
    /// `cuGraphicsResourceGetMappedPointer_v2`
    pub cuGraphicsResourceGetMappedPointer_v2:
        Option<unsafe extern "C" fn(*mut CUdeviceptr, *mut usize, CUgraphicsResource) -> CUresult>,
    /// `cuGraphicsResourceSetMapFlags`
    pub cuGraphicsResourceSetMapFlags:
        Option<unsafe extern "C" fn(CUgraphicsResource, c_uint) -> CUresult>,
    /// `cuGraphicsResourceSetMapFlags_v2`
    pub cuGraphicsResourceSetMapFlags_v2:
        Option<unsafe extern "C" fn(CUgraphicsResource, c_uint) -> CUresult>,
    /// `cuGraphicsSubResourceGetMappedArray`
    pub cuGraphicsSubResourceGetMappedArray:
        Option<unsafe extern "C" fn(*mut CUarray, CUgraphicsResource, c_uint, c_uint) -> CUresult>,
    /// `cuGraphicsUnmapResources`
    pub cuGraphicsUnmapResources:
        Option<unsafe extern "C" fn(c_uint, *mut CUgraphicsResource, CUstream) -> CUresult>,
    /// `cuGraphicsUnmapResources_ptsz`
    pub cuGraphicsUnmapResources_ptsz:
        Option<unsafe extern "C" fn(c_uint, *mut CUgraphicsResource, CUstream) -> CUresult>,
    /// `cuGraphicsUnregisterResource`
    pub cuGraphicsUnregisterResource: Option<unsafe extern "C" fn(CUgraphicsResource) -> CUresult>,
    /// `cuGreenCtxCreate`
    pub cuGreenCtxCreate: Option<
        unsafe extern "C" fn(*mut CUgreenCtx, CUdevResourceDesc, CUdevice, c_uint) -> CUresult,
    >,
    /// `cuGreenCtxDestroy`
    pub cuGreenCtxDestroy: Option<unsafe extern "C" fn(CUgreenCtx) -> CUresult>,
    /// `cuGreenCtxGetDevResource`
    pub cuGreenCtxGetDevResource:
        Option<unsafe extern "C" fn(CUgreenCtx, *mut CUdevResource, CUdevResourceType) -> CUresult>,
    /// `cuGreenCtxGetId`
    pub cuGreenCtxGetId: Option<unsafe extern "C" fn(CUgreenCtx, *mut c_ulonglong) -> CUresult>,
    /// `cuGreenCtxRecordEvent`
    pub cuGreenCtxRecordEvent: Option<unsafe extern "C" fn(CUgreenCtx, CUevent) -> CUresult>,
    /// `cuGreenCtxStreamCreate`
    pub cuGreenCtxStreamCreate:
        Option<unsafe extern "C" fn(*mut CUstream, CUgreenCtx, c_uint, c_int) -> CUresult>,
    /// `cuGreenCtxWaitEvent`
    pub cuGreenCtxWaitEvent: Option<unsafe extern "C" fn(CUgreenCtx, CUevent) -> CUresult>,
    /// `cuImportExternalMemory`
    pub cuImportExternalMemory: Option<
        unsafe extern "C" fn(
            *mut CUexternalMemory,
            *const CUDA_EXTERNAL_MEMORY_HANDLE_DESC,
        ) -> CUresult,
    >,
    /// `cuImportExternalSemaphore`
    pub cuImportExternalSemaphore: Option<
        unsafe extern "C" fn(
            *mut CUexternalSemaphore,
            *const CUDA_EXTERNAL_SEMAPHORE_HANDLE_DESC,
        ) -> CUresult,
    >,
    /// `cuInit`
    pub cuInit: Option<unsafe extern "C" fn(c_uint) -> CUresult>,
    /// `cuIpcCloseMemHandle`
    pub cuIpcCloseMemHandle: Option<unsafe extern "C" fn(CUdeviceptr) -> CUresult>,
    /// `cuIpcGetEventHandle`
    pub cuIpcGetEventHandle:
        Option<unsafe extern "C" fn(*mut CUipcEventHandle, CUevent) -> CUresult>,
    /// `cuIpcGetMemHandle`
    pub cuIpcGetMemHandle:
        Option<unsafe extern "C" fn(*mut CUipcMemHandle, CUdeviceptr) -> CUresult>,
    /// `cuIpcOpenEventHandle`
    pub cuIpcOpenEventHandle:
        Option<unsafe extern "C" fn(*mut CUevent, CUipcEventHandle) -> CUresult>,
    /// `cuIpcOpenMemHandle`
    pub cuIpcOpenMemHandle:
        Option<unsafe extern "C" fn(*mut CUdeviceptr, CUipcMemHandle, c_uint) -> CUresult>,
    /// `cuIpcOpenMemHandle_v2`
    pub cuIpcOpenMemHandle_v2:
        Option<unsafe extern "C" fn(*mut CUdeviceptr, CUipcMemHandle, c_uint) -> CUresult>,
    /// `cuKernelGetAttribute`
    pub cuKernelGetAttribute: Option<
        unsafe extern "C" fn(*mut c_int, CUfunction_attribute, CUkernel, CUdevice) -> CUresult,
    >,
    /// `cuKernelGetFunction`
    pub cuKernelGetFunction: Option<unsafe extern "C" fn(*mut CUfunction, CUkernel) -> CUresult>,
    /// `cuKernelGetLibrary`
    pub cuKernelGetLibrary: Option<unsafe extern "C" fn(*mut CUlibrary, CUkernel) -> CUresult>,
    /// `cuKernelGetName`
    pub cuKernelGetName: Option<unsafe extern "C" fn(*mut *const c_char, CUkernel) -> CUresult>,
    /// `cuKernelGetParamInfo`
    pub cuKernelGetParamInfo:
        Option<unsafe extern "C" fn(CUkernel, usize, *mut usize, *mut usize) -> CUresult>,
    /// `cuKernelSetAttribute`
    pub cuKernelSetAttribute:
        Option<unsafe extern "C" fn(CUfunction_attribute, c_int, CUkernel, CUdevice) -> CUresult>,
    /// `cuKernelSetCacheConfig`
    pub cuKernelSetCacheConfig:
        Option<unsafe extern "C" fn(CUkernel, CUfunc_cache, CUdevice) -> CUresult>,
    /// `cuLaunch`
    pub cuLaunch: Option<unsafe extern "C" fn(CUfunction) -> CUresult>,
    /// `cuLaunchCooperativeKernel`
    pub cuLaunchCooperativeKernel: Option<
        unsafe extern "C" fn(
            CUfunction,
            c_uint,
            c_uint,
            c_uint,
            c_uint,
            c_uint,
            c_uint,
            c_uint,
            CUstream,
            *mut *mut c_void,
        ) -> CUresult,
    >,
    /// `cuLaunchCooperativeKernelMultiDevice`
    pub cuLaunchCooperativeKernelMultiDevice:
        Option<unsafe extern "C" fn(*mut CUDA_LAUNCH_PARAMS, c_uint, c_uint) -> CUresult>,
    /// `cuLaunchCooperativeKernel_ptsz`
    pub cuLaunchCooperativeKernel_ptsz: Option<
        unsafe extern "C" fn(
            CUfunction,
            c_uint,
            c_uint,
            c_uint,
            c_uint,
            c_uint,
            c_uint,
            c_uint,
            CUstream,
            *mut *mut c_void,
        ) -> CUresult,
    >,
    /// `cuLaunchGrid`
    pub cuLaunchGrid: Option<unsafe extern "C" fn(CUfunction, c_int, c_int) -> CUresult>,
    /// `cuLaunchGridAsync`
    pub cuLaunchGridAsync:
        Option<unsafe extern "C" fn(CUfunction, c_int, c_int, CUstream) -> CUresult>,
    /// `cuLaunchHostFunc`
    pub cuLaunchHostFunc: Option<unsafe extern "C" fn(CUstream, CUhostFn, *mut c_void) -> CUresult>,
    /// `cuLaunchHostFunc_ptsz`
    pub cuLaunchHostFunc_ptsz:
        Option<unsafe extern "C" fn(CUstream, CUhostFn, *mut c_void) -> CUresult>,
    /// `cuLaunchKernel`
    pub cuLaunchKernel: Option<
        unsafe extern "C" fn(
            CUfunction,
            c_uint,
            c_uint,
            c_uint,
            c_uint,
            c_uint,
            c_uint,
            c_uint,
            CUstream,
            *mut *mut c_void,
            *mut *mut c_void,
        ) -> CUresult,
    >,
    /// `cuLaunchKernelEx`
    pub cuLaunchKernelEx: Option<
        unsafe extern "C" fn(
            *const CUlaunchConfig,
            CUfunction,
            *mut *mut c_void,
            *mut *mut c_void,
        ) -> CUresult,
    >,
    /// `cuLaunchKernelEx_ptsz`
    pub cuLaunchKernelEx_ptsz: Option<
        unsafe extern "C" fn(
            *const CUlaunchConfig,
            CUfunction,
            *mut *mut c_void,
            *mut *mut c_void,
        ) -> CUresult,
    >,
    /// `cuLaunchKernel_ptsz`
    pub cuLaunchKernel_ptsz: Option<
        unsafe extern "C" fn(
            CUfunction,
            c_uint,
            c_uint,
            c_uint,
            c_uint,
            c_uint,
            c_uint,
            c_uint,
            CUstream,
            *mut *mut c_void,
            *mut *mut c_void,
        ) -> CUresult,
    >,
    /// `cuLibraryEnumerateKernels`
    pub cuLibraryEnumerateKernels:
        Option<unsafe extern "C" fn(*mut CUkernel, c_uint, CUlibrary) -> CUresult>,
    /// `cuLibraryGetGlobal`
    pub cuLibraryGetGlobal: Option<
        unsafe extern "C" fn(*mut CUdeviceptr, *mut usize, CUlibrary, *const c_char) -> CUresult,
    >,
    /// `cuLibraryGetKernel`
    pub cuLibraryGetKernel:
        Option<unsafe extern "C" fn(*mut CUkernel, CUlibrary, *const c_char) -> CUresult>,
    /// `cuLibraryGetKernelCount`
    pub cuLibraryGetKernelCount: Option<unsafe extern "C" fn(*mut c_uint, CUlibrary) -> CUresult>,
    /// `cuLibraryGetManaged`
    pub cuLibraryGetManaged: Option<
        unsafe extern "C" fn(*mut CUdeviceptr, *mut usize, CUlibrary, *const c_char) -> CUresult,
    >,
    /// `cuLibraryGetModule`
    pub cuLibraryGetModule: Option<unsafe extern "C" fn(*mut CUmodule, CUlibrary) -> CUresult>,
    /// `cuLibraryGetUnifiedFunction`
    pub cuLibraryGetUnifiedFunction:
        Option<unsafe extern "C" fn(*mut *mut c_void, CUlibrary, *const c_char) -> CUresult>,
    /// `cuLibraryLoadData`
    pub cuLibraryLoadData: Option<
        unsafe extern "C" fn(
            *mut CUlibrary,
            *const c_void,
            *mut CUjit_option,
            *mut *mut c_void,
            c_uint,
            *mut CUlibraryOption,
            *mut *mut c_void,
            c_uint,
        ) -> CUresult,
    >,
    /// `cuLibraryLoadFromFile`
    pub cuLibraryLoadFromFile: Option<
        unsafe extern "C" fn(
            *mut CUlibrary,
            *const c_char,
            *mut CUjit_option,
            *mut *mut c_void,
            c_uint,
            *mut CUlibraryOption,
            *mut *mut c_void,
            c_uint,
        ) -> CUresult,
    >,
    /// `cuLibraryUnload`
    pub cuLibraryUnload: Option<unsafe extern "C" fn(CUlibrary) -> CUresult>,
    /// `cuLinkAddData`
    pub cuLinkAddData: Option<
        unsafe extern "C" fn(
            CUlinkState,
            CUjitInputType,
            *mut c_void,
            usize,
            *const c_char,
            c_uint,
            *mut CUjit_option,
            *mut *mut c_void,
        ) -> CUresult,
    >,
    /// `cuLinkAddData_v2`
    pub cuLinkAddData_v2: Option<
        unsafe extern "C" fn(
            CUlinkState,
            CUjitInputType,
            *mut c_void,
            usize,
            *const c_char,
            c_uint,
            *mut CUjit_option,
            *mut *mut c_void,
        ) -> CUresult,
    >,
    /// `cuLinkAddFile`
    pub cuLinkAddFile: Option<
        unsafe extern "C" fn(
            CUlinkState,
            CUjitInputType,
            *const c_char,
            c_uint,
            *mut CUjit_option,
            *mut *mut c_void,
        ) -> CUresult,
    >,
    /// `cuLinkAddFile_v2`
    pub cuLinkAddFile_v2: Option<
        unsafe extern "C" fn(
            CUlinkState,
            CUjitInputType,
            *const c_char,
            c_uint,
            *mut CUjit_option,
            *mut *mut c_void,
        ) -> CUresult,
    >,
    /// `cuLinkComplete`
    pub cuLinkComplete:
        Option<unsafe extern "C" fn(CUlinkState, *mut *mut c_void, *mut usize) -> CUresult>,
    /// `cuLinkCreate`
    pub cuLinkCreate: Option<
        unsafe extern "C" fn(
            c_uint,
            *mut CUjit_option,
            *mut *mut c_void,
            *mut CUlinkState,
        ) -> CUresult,
    >,
    /// `cuLinkCreate_v2`
    pub cuLinkCreate_v2: Option<
        unsafe extern "C" fn(
            c_uint,
            *mut CUjit_option,
            *mut *mut c_void,
            *mut CUlinkState,
        ) -> CUresult,
    >,
    /// `cuLinkDestroy`
    pub cuLinkDestroy: Option<unsafe extern "C" fn(CUlinkState) -> CUresult>,
    /// `cuLogsCurrent`
    pub cuLogsCurrent: Option<unsafe extern "C" fn(*mut CUlogIterator, c_uint) -> CUresult>,
    /// `cuLogsDumpToFile`
    pub cuLogsDumpToFile:
        Option<unsafe extern "C" fn(*mut CUlogIterator, *const c_char, c_uint) -> CUresult>,
    /// `cuLogsDumpToMemory`
    pub cuLogsDumpToMemory: Option<
        unsafe extern "C" fn(*mut CUlogIterator, *mut c_char, *mut usize, c_uint) -> CUresult,
    >,
    /// `cuLogsRegisterCallback`
    pub cuLogsRegisterCallback: Option<
        unsafe extern "C" fn(CUlogsCallback, *mut c_void, *mut CUlogsCallbackHandle) -> CUresult,
    >,
    /// `cuLogsUnregisterCallback`
    pub cuLogsUnregisterCallback: Option<unsafe extern "C" fn(CUlogsCallbackHandle) -> CUresult>,
    /// `cuMemAddressFree`
    pub cuMemAddressFree: Option<unsafe extern "C" fn(CUdeviceptr, usize) -> CUresult>,
    /// `cuMemAddressReserve`
    pub cuMemAddressReserve: Option<
        unsafe extern "C" fn(*mut CUdeviceptr, usize, usize, CUdeviceptr, c_ulonglong) -> CUresult,
    >,
    /// `cuMemAdvise`
    pub cuMemAdvise:
        Option<unsafe extern "C" fn(CUdeviceptr, usize, CUmem_advise, CUdevice) -> CUresult>,
    /// `cuMemAdvise_v2`
    pub cuMemAdvise_v2:
        Option<unsafe extern "C" fn(CUdeviceptr, usize, CUmem_advise, CUmemLocation) -> CUresult>,
    /// `cuMemAlloc`
    pub cuMemAlloc: Option<unsafe extern "C" fn(*mut CUdeviceptr_v1, c_uint) -> CUresult>,
    /// `cuMemAllocAsync`
    pub cuMemAllocAsync:
        Option<unsafe extern "C" fn(*mut CUdeviceptr, usize, CUstream) -> CUresult>,
    /// `cuMemAllocAsync_ptsz`
    pub cuMemAllocAsync_ptsz:
        Option<unsafe extern "C" fn(*mut CUdeviceptr, usize, CUstream) -> CUresult>,
    /// `cuMemAllocFromPoolAsync`
    pub cuMemAllocFromPoolAsync:
        Option<unsafe extern "C" fn(*mut CUdeviceptr, usize, CUmemoryPool, CUstream) -> CUresult>,
    /// `cuMemAllocFromPoolAsync_ptsz`
    pub cuMemAllocFromPoolAsync_ptsz:
        Option<unsafe extern "C" fn(*mut CUdeviceptr, usize, CUmemoryPool, CUstream) -> CUresult>,
    /// `cuMemAllocHost`
    pub cuMemAllocHost: Option<unsafe extern "C" fn(*mut *mut c_void, c_uint) -> CUresult>,
    /// `cuMemAllocHost_v2`
    pub cuMemAllocHost_v2: Option<unsafe extern "C" fn(*mut *mut c_void, usize) -> CUresult>,
    /// `cuMemAllocManaged`
    pub cuMemAllocManaged:
        Option<unsafe extern "C" fn(*mut CUdeviceptr, usize, c_uint) -> CUresult>,
    /// `cuMemAllocPitch`
    pub cuMemAllocPitch: Option<
        unsafe extern "C" fn(*mut CUdeviceptr_v1, *mut c_uint, c_uint, c_uint, c_uint) -> CUresult,
    >,
    /// `cuMemAllocPitch_v2`
    pub cuMemAllocPitch_v2: Option<
        unsafe extern "C" fn(*mut CUdeviceptr, *mut usize, usize, usize, c_uint) -> CUresult,
    >,
    /// `cuMemAlloc_v2`
    pub cuMemAlloc_v2: Option<unsafe extern "C" fn(*mut CUdeviceptr, usize) -> CUresult>,
    /// `cuMemBatchDecompressAsync`
    pub cuMemBatchDecompressAsync: Option<
        unsafe extern "C" fn(
            *mut CUmemDecompressParams,
            usize,
            c_uint,
            *mut usize,
            CUstream,
        ) -> CUresult,
    >,
    /// `cuMemBatchDecompressAsync_ptsz`
    pub cuMemBatchDecompressAsync_ptsz: Option<
        unsafe extern "C" fn(
            *mut CUmemDecompressParams,
            usize,
            c_uint,
            *mut usize,
            CUstream,
        ) -> CUresult,
    >,
    /// `cuMemCreate`
    pub cuMemCreate: Option<
        unsafe extern "C" fn(
            *mut CUmemGenericAllocationHandle,
            usize,
            *const CUmemAllocationProp,
            c_ulonglong,
        ) -> CUresult,
    >,
    /// `cuMemDiscardAndPrefetchBatchAsync`
    pub cuMemDiscardAndPrefetchBatchAsync: Option<
        unsafe extern "C" fn(
            *mut CUdeviceptr,
            *mut usize,
            usize,
            *mut CUmemLocation,
            *mut usize,
            usize,
            c_ulonglong,
            CUstream,
        ) -> CUresult,
    >,
    /// `cuMemDiscardAndPrefetchBatchAsync_ptsz`
    pub cuMemDiscardAndPrefetchBatchAsync_ptsz: Option<
        unsafe extern "C" fn(
            *mut CUdeviceptr,
            *mut usize,
            usize,
            *mut CUmemLocation,
            *mut usize,
            usize,
            c_ulonglong,
            CUstream,
        ) -> CUresult,
    >,
    /// `cuMemDiscardBatchAsync`
    pub cuMemDiscardBatchAsync: Option<
        unsafe extern "C" fn(
            *mut CUdeviceptr,
            *mut usize,
            usize,
            c_ulonglong,
            CUstream,
        ) -> CUresult,
    >,
    /// `cuMemDiscardBatchAsync_ptsz`
    pub cuMemDiscardBatchAsync_ptsz: Option<
        unsafe extern "C" fn(
            *mut CUdeviceptr,
            *mut usize,
            usize,
            c_ulonglong,
            CUstream,
        ) -> CUresult,
    >,
    /// `cuMemExportToShareableHandle`
    pub cuMemExportToShareableHandle: Option<
        unsafe extern "C" fn(
            *mut c_void,
            CUmemGenericAllocationHandle,
            CUmemAllocationHandleType,
            c_ulonglong,
        ) -> CUresult,
    >,
    /// `cuMemFree`
    pub cuMemFree: Option<unsafe extern "C" fn(CUdeviceptr_v1) -> CUresult>,
    /// `cuMemFreeAsync`
    pub cuMemFreeAsync: Option<unsafe extern "C" fn(CUdeviceptr, CUstream) -> CUresult>,
    /// `cuMemFreeAsync_ptsz`
    pub cuMemFreeAsync_ptsz: Option<unsafe extern "C" fn(CUdeviceptr, CUstream) -> CUresult>,
    /// `cuMemFreeHost`
    pub cuMemFreeHost: Option<unsafe extern "C" fn(*mut c_void) -> CUresult>,
    /// `cuMemFree_v2`
    pub cuMemFree_v2: Option<unsafe extern "C" fn(CUdeviceptr) -> CUresult>,
    /// `cuMemGetAccess`
    pub cuMemGetAccess: Option<
        unsafe extern "C" fn(*mut c_ulonglong, *const CUmemLocation, CUdeviceptr) -> CUresult,
    >,
    /// `cuMemGetAddressRange`
    pub cuMemGetAddressRange:
        Option<unsafe extern "C" fn(*mut CUdeviceptr_v1, *mut c_uint, CUdeviceptr_v1) -> CUresult>,
    /// `cuMemGetAddressRange_v2`
    pub cuMemGetAddressRange_v2:
        Option<unsafe extern "C" fn(*mut CUdeviceptr, *mut usize, CUdeviceptr) -> CUresult>,
    /// `cuMemGetAllocationGranularity`
    pub cuMemGetAllocationGranularity: Option<
        unsafe extern "C" fn(
            *mut usize,
            *const CUmemAllocationProp,
            CUmemAllocationGranularity_flags,
        ) -> CUresult,
    >,
    /// `cuMemGetAllocationPropertiesFromHandle`
    pub cuMemGetAllocationPropertiesFromHandle: Option<
        unsafe extern "C" fn(*mut CUmemAllocationProp, CUmemGenericAllocationHandle) -> CUresult,
    >,
    /// `cuMemGetDefaultMemPool`
    pub cuMemGetDefaultMemPool: Option<
        unsafe extern "C" fn(
            *mut CUmemoryPool,
            *mut CUmemLocation,
            CUmemAllocationType,
        ) -> CUresult,
    >,
    /// `cuMemGetHandleForAddressRange`
    pub cuMemGetHandleForAddressRange: Option<
        unsafe extern "C" fn(
            *mut c_void,
            CUdeviceptr,
            usize,
            CUmemRangeHandleType,
            c_ulonglong,
        ) -> CUresult,
    >,
    /// `cuMemGetInfo`
    pub cuMemGetInfo: Option<unsafe extern "C" fn(*mut c_uint, *mut c_uint) -> CUresult>,
    /// `cuMemGetInfo_v2`
    pub cuMemGetInfo_v2: Option<unsafe extern "C" fn(*mut usize, *mut usize) -> CUresult>,
    /// `cuMemGetMemPool`
    pub cuMemGetMemPool: Option<
        unsafe extern "C" fn(
            *mut CUmemoryPool,
            *mut CUmemLocation,
            CUmemAllocationType,
        ) -> CUresult,
    >,
    /// `cuMemHostAlloc`
    pub cuMemHostAlloc: Option<unsafe extern "C" fn(*mut *mut c_void, usize, c_uint) -> CUresult>,
    /// `cuMemHostGetDevicePointer`
    pub cuMemHostGetDevicePointer:
        Option<unsafe extern "C" fn(*mut CUdeviceptr_v1, *mut c_void, c_uint) -> CUresult>,
    /// `cuMemHostGetDevicePointer_v2`
    pub cuMemHostGetDevicePointer_v2:
        Option<unsafe extern "C" fn(*mut CUdeviceptr, *mut c_void, c_uint) -> CUresult>,
    /// `cuMemHostGetFlags`
    pub cuMemHostGetFlags: Option<unsafe extern "C" fn(*mut c_uint, *mut c_void) -> CUresult>,
    /// `cuMemHostRegister`
    pub cuMemHostRegister: Option<unsafe extern "C" fn(*mut c_void, usize, c_uint) -> CUresult>,
    /// `cuMemHostRegister_v2`
    pub cuMemHostRegister_v2: Option<unsafe extern "C" fn(*mut c_void, usize, c_uint) -> CUresult>,
    /// `cuMemHostUnregister`
    pub cuMemHostUnregister: Option<unsafe extern "C" fn(*mut c_void) -> CUresult>,
    /// `cuMemImportFromShareableHandle`
    pub cuMemImportFromShareableHandle: Option<
        unsafe extern "C" fn(
            *mut CUmemGenericAllocationHandle,
            *mut c_void,
            CUmemAllocationHandleType,
        ) -> CUresult,
    >,
    /// `cuMemMap`
    pub cuMemMap: Option<
        unsafe extern "C" fn(
            CUdeviceptr,
            usize,
            usize,
            CUmemGenericAllocationHandle,
            c_ulonglong,
        ) -> CUresult,
    >,
    /// `cuMemMapArrayAsync`
    pub cuMemMapArrayAsync:
        Option<unsafe extern "C" fn(*mut CUarrayMapInfo, c_uint, CUstream) -> CUresult>,
    /// `cuMemMapArrayAsync_ptsz`
    pub cuMemMapArrayAsync_ptsz:
        Option<unsafe extern "C" fn(*mut CUarrayMapInfo, c_uint, CUstream) -> CUresult>,
    /// `cuMemPoolCreate`
    pub cuMemPoolCreate:
        Option<unsafe extern "C" fn(*mut CUmemoryPool, *const CUmemPoolProps) -> CUresult>,
    /// `cuMemPoolDestroy`
    pub cuMemPoolDestroy: Option<unsafe extern "C" fn(CUmemoryPool) -> CUresult>,
    /// `cuMemPoolExportPointer`
    pub cuMemPoolExportPointer:
        Option<unsafe extern "C" fn(*mut CUmemPoolPtrExportData, CUdeviceptr) -> CUresult>,
    /// `cuMemPoolExportToShareableHandle`
    pub cuMemPoolExportToShareableHandle: Option<
        unsafe extern "C" fn(
            *mut c_void,
            CUmemoryPool,
            CUmemAllocationHandleType,
            c_ulonglong,
        ) -> CUresult,
    >,
    /// `cuMemPoolGetAccess`
    pub cuMemPoolGetAccess: Option<
        unsafe extern "C" fn(*mut CUmemAccess_flags, CUmemoryPool, *mut CUmemLocation) -> CUresult,
    >,
    /// `cuMemPoolGetAttribute`
    pub cuMemPoolGetAttribute:
        Option<unsafe extern "C" fn(CUmemoryPool, CUmemPool_attribute, *mut c_void) -> CUresult>,
    /// `cuMemPoolImportFromShareableHandle`
    pub cuMemPoolImportFromShareableHandle: Option<
        unsafe extern "C" fn(
            *mut CUmemoryPool,
            *mut c_void,
            CUmemAllocationHandleType,
            c_ulonglong,
        ) -> CUresult,
    >,
    /// `cuMemPoolImportPointer`
    pub cuMemPoolImportPointer: Option<
        unsafe extern "C" fn(
            *mut CUdeviceptr,
            CUmemoryPool,
            *mut CUmemPoolPtrExportData,
        ) -> CUresult,
    >,
    /// `cuMemPoolSetAccess`
    pub cuMemPoolSetAccess:
        Option<unsafe extern "C" fn(CUmemoryPool, *const CUmemAccessDesc, usize) -> CUresult>,
    /// `cuMemPoolSetAttribute`
    pub cuMemPoolSetAttribute:
        Option<unsafe extern "C" fn(CUmemoryPool, CUmemPool_attribute, *mut c_void) -> CUresult>,
    /// `cuMemPoolTrimTo`
    pub cuMemPoolTrimTo: Option<unsafe extern "C" fn(CUmemoryPool, usize) -> CUresult>,
    /// `cuMemPrefetchAsync`
    pub cuMemPrefetchAsync:
        Option<unsafe extern "C" fn(CUdeviceptr, usize, CUdevice, CUstream) -> CUresult>,
    /// `cuMemPrefetchAsync_ptsz`
    pub cuMemPrefetchAsync_ptsz:
        Option<unsafe extern "C" fn(CUdeviceptr, usize, CUdevice, CUstream) -> CUresult>,
    /// `cuMemPrefetchAsync_v2`
    pub cuMemPrefetchAsync_v2: Option<
        unsafe extern "C" fn(CUdeviceptr, usize, CUmemLocation, c_uint, CUstream) -> CUresult,
    >,
    /// `cuMemPrefetchAsync_v2_ptsz`
    pub cuMemPrefetchAsync_v2_ptsz: Option<
        unsafe extern "C" fn(CUdeviceptr, usize, CUmemLocation, c_uint, CUstream) -> CUresult,
    >,
    /// `cuMemPrefetchBatchAsync`
    pub cuMemPrefetchBatchAsync: Option<
        unsafe extern "C" fn(
            *mut CUdeviceptr,
            *mut usize,
            usize,
            *mut CUmemLocation,
            *mut usize,
            usize,
            c_ulonglong,
            CUstream,
        ) -> CUresult,
    >,
    /// `cuMemPrefetchBatchAsync_ptsz`
    pub cuMemPrefetchBatchAsync_ptsz: Option<
        unsafe extern "C" fn(
            *mut CUdeviceptr,
            *mut usize,
            usize,
            *mut CUmemLocation,
            *mut usize,
            usize,
            c_ulonglong,
            CUstream,
        ) -> CUresult,
    >,
    /// `cuMemRangeGetAttribute`
    pub cuMemRangeGetAttribute: Option<
        unsafe extern "C" fn(
            *mut c_void,
            usize,
            CUmem_range_attribute,
            CUdeviceptr,
            usize,
        ) -> CUresult,
    >,
    /// `cuMemRangeGetAttributes`
    pub cuMemRangeGetAttributes: Option<
        unsafe extern "C" fn(
            *mut *mut c_void,
            *mut usize,
            *mut CUmem_range_attribute,
            usize,
            CUdeviceptr,
            usize,
        ) -> CUresult,
    >,
    /// `cuMemRelease`
    pub cuMemRelease: Option<unsafe extern "C" fn(CUmemGenericAllocationHandle) -> CUresult>,
    /// `cuMemRetainAllocationHandle`
    pub cuMemRetainAllocationHandle:
        Option<unsafe extern "C" fn(*mut CUmemGenericAllocationHandle, *mut c_void) -> CUresult>,
    /// `cuMemSetAccess`
    pub cuMemSetAccess:
        Option<unsafe extern "C" fn(CUdeviceptr, usize, *const CUmemAccessDesc, usize) -> CUresult>,
    /// `cuMemSetMemPool`
    pub cuMemSetMemPool: Option<
        unsafe extern "C" fn(*mut CUmemLocation, CUmemAllocationType, CUmemoryPool) -> CUresult,
    >,
    /// `cuMemUnmap`
    pub cuMemUnmap: Option<unsafe extern "C" fn(CUdeviceptr, usize) -> CUresult>,
    /// `cuMemcpy`
    pub cuMemcpy: Option<unsafe extern "C" fn(CUdeviceptr, CUdeviceptr, usize) -> CUresult>,
    /// `cuMemcpy2D`
    pub cuMemcpy2D: Option<unsafe extern "C" fn(*const CUDA_MEMCPY2D_v1) -> CUresult>,
    /// `cuMemcpy2DAsync`
    pub cuMemcpy2DAsync:
        Option<unsafe extern "C" fn(*const CUDA_MEMCPY2D_v1, CUstream) -> CUresult>,
    /// `cuMemcpy2DAsync_v2`
    pub cuMemcpy2DAsync_v2:
        Option<unsafe extern "C" fn(*const CUDA_MEMCPY2D, CUstream) -> CUresult>,
    /// `cuMemcpy2DAsync_v2_ptsz`
    pub cuMemcpy2DAsync_v2_ptsz:
        Option<unsafe extern "C" fn(*const CUDA_MEMCPY2D, CUstream) -> CUresult>,
    /// `cuMemcpy2DUnaligned`
    pub cuMemcpy2DUnaligned: Option<unsafe extern "C" fn(*const CUDA_MEMCPY2D_v1) -> CUresult>,
    /// `cuMemcpy2DUnaligned_v2`
    pub cuMemcpy2DUnaligned_v2: Option<unsafe extern "C" fn(*const CUDA_MEMCPY2D) -> CUresult>,
    /// `cuMemcpy2DUnaligned_v2_ptds`
    pub cuMemcpy2DUnaligned_v2_ptds: Option<unsafe extern "C" fn(*const CUDA_MEMCPY2D) -> CUresult>,
    /// `cuMemcpy2D_v2`
    pub cuMemcpy2D_v2: Option<unsafe extern "C" fn(*const CUDA_MEMCPY2D) -> CUresult>,
    /// `cuMemcpy2D_v2_ptds`
    pub cuMemcpy2D_v2_ptds: Option<unsafe extern "C" fn(*const CUDA_MEMCPY2D) -> CUresult>,
    /// `cuMemcpy3D`
    pub cuMemcpy3D: Option<unsafe extern "C" fn(*const CUDA_MEMCPY3D_v1) -> CUresult>,
    /// `cuMemcpy3DAsync`
    pub cuMemcpy3DAsync:
        Option<unsafe extern "C" fn(*const CUDA_MEMCPY3D_v1, CUstream) -> CUresult>,
    /// `cuMemcpy3DAsync_v2`
    pub cuMemcpy3DAsync_v2:
        Option<unsafe extern "C" fn(*const CUDA_MEMCPY3D, CUstream) -> CUresult>,
    /// `cuMemcpy3DAsync_v2_ptsz`
    pub cuMemcpy3DAsync_v2_ptsz:
        Option<unsafe extern "C" fn(*const CUDA_MEMCPY3D, CUstream) -> CUresult>,
    /// `cuMemcpy3DBatchAsync`
    pub cuMemcpy3DBatchAsync: Option<
        unsafe extern "C" fn(
            usize,
            *mut CUDA_MEMCPY3D_BATCH_OP,
            *mut usize,
            c_ulonglong,
            CUstream,
        ) -> CUresult,
    >,
    /// `cuMemcpy3DBatchAsync_ptsz`
    pub cuMemcpy3DBatchAsync_ptsz: Option<
        unsafe extern "C" fn(
            usize,
            *mut CUDA_MEMCPY3D_BATCH_OP,
            *mut usize,
            c_ulonglong,
            CUstream,
        ) -> CUresult,
    >,
    /// `cuMemcpy3DBatchAsync_v2`
    pub cuMemcpy3DBatchAsync_v2: Option<
        unsafe extern "C" fn(usize, *mut CUDA_MEMCPY3D_BATCH_OP, c_ulonglong, CUstream) -> CUresult,
    >,
    /// `cuMemcpy3DBatchAsync_v2_ptsz`
    pub cuMemcpy3DBatchAsync_v2_ptsz: Option<
        unsafe extern "C" fn(usize, *mut CUDA_MEMCPY3D_BATCH_OP, c_ulonglong, CUstream) -> CUresult,
    >,
    /// `cuMemcpy3DPeer`
    pub cuMemcpy3DPeer: Option<unsafe extern "C" fn(*const CUDA_MEMCPY3D_PEER) -> CUresult>,
    /// `cuMemcpy3DPeerAsync`
    pub cuMemcpy3DPeerAsync:
        Option<unsafe extern "C" fn(*const CUDA_MEMCPY3D_PEER, CUstream) -> CUresult>,
    /// `cuMemcpy3DPeerAsync_ptsz`
    pub cuMemcpy3DPeerAsync_ptsz:
        Option<unsafe extern "C" fn(*const CUDA_MEMCPY3D_PEER, CUstream) -> CUresult>,
    /// `cuMemcpy3DPeer_ptds`
    pub cuMemcpy3DPeer_ptds: Option<unsafe extern "C" fn(*const CUDA_MEMCPY3D_PEER) -> CUresult>,
    /// `cuMemcpy3D_v2`
    pub cuMemcpy3D_v2: Option<unsafe extern "C" fn(*const CUDA_MEMCPY3D) -> CUresult>,
    /// `cuMemcpy3D_v2_ptds`
    pub cuMemcpy3D_v2_ptds: Option<unsafe extern "C" fn(*const CUDA_MEMCPY3D) -> CUresult>,
    /// `cuMemcpyAsync`
    pub cuMemcpyAsync:
        Option<unsafe extern "C" fn(CUdeviceptr, CUdeviceptr, usize, CUstream) -> CUresult>,
    /// `cuMemcpyAsync_ptsz`
    pub cuMemcpyAsync_ptsz:
        Option<unsafe extern "C" fn(CUdeviceptr, CUdeviceptr, usize, CUstream) -> CUresult>,
    /// `cuMemcpyAtoA`
    pub cuMemcpyAtoA:
        Option<unsafe extern "C" fn(CUarray, c_uint, CUarray, c_uint, c_uint) -> CUresult>,
    /// `cuMemcpyAtoA_v2`
    pub cuMemcpyAtoA_v2:
        Option<unsafe extern "C" fn(CUarray, usize, CUarray, usize, usize) -> CUresult>,
    /// `cuMemcpyAtoA_v2_ptds`
    pub cuMemcpyAtoA_v2_ptds:
        Option<unsafe extern "C" fn(CUarray, usize, CUarray, usize, usize) -> CUresult>,
    /// `cuMemcpyAtoD`
    pub cuMemcpyAtoD:
        Option<unsafe extern "C" fn(CUdeviceptr_v1, CUarray, c_uint, c_uint) -> CUresult>,
    /// `cuMemcpyAtoD_v2`
    pub cuMemcpyAtoD_v2:
        Option<unsafe extern "C" fn(CUdeviceptr, CUarray, usize, usize) -> CUresult>,
    /// `cuMemcpyAtoD_v2_ptds`
    pub cuMemcpyAtoD_v2_ptds:
        Option<unsafe extern "C" fn(CUdeviceptr, CUarray, usize, usize) -> CUresult>,
    /// `cuMemcpyAtoH`
    pub cuMemcpyAtoH:
        Option<unsafe extern "C" fn(*mut c_void, CUarray, c_uint, c_uint) -> CUresult>,
    /// `cuMemcpyAtoHAsync`
    pub cuMemcpyAtoHAsync:
        Option<unsafe extern "C" fn(*mut c_void, CUarray, c_uint, c_uint, CUstream) -> CUresult>,
    /// `cuMemcpyAtoHAsync_v2`
    pub cuMemcpyAtoHAsync_v2:
        Option<unsafe extern "C" fn(*mut c_void, CUarray, usize, usize, CUstream) -> CUresult>,
    /// `cuMemcpyAtoHAsync_v2_ptsz`
    pub cuMemcpyAtoHAsync_v2_ptsz:
        Option<unsafe extern "C" fn(*mut c_void, CUarray, usize, usize, CUstream) -> CUresult>,
    /// `cuMemcpyAtoH_v2`
    pub cuMemcpyAtoH_v2:
        Option<unsafe extern "C" fn(*mut c_void, CUarray, usize, usize) -> CUresult>,
    /// `cuMemcpyAtoH_v2_ptds`
    pub cuMemcpyAtoH_v2_ptds:
        Option<unsafe extern "C" fn(*mut c_void, CUarray, usize, usize) -> CUresult>,
    /// `cuMemcpyBatchAsync`
    pub cuMemcpyBatchAsync: Option<
        unsafe extern "C" fn(
            *mut CUdeviceptr,
            *mut CUdeviceptr,
            *mut usize,
            usize,
            *mut CUmemcpyAttributes,
            *mut usize,
            usize,
            *mut usize,
            CUstream,
        ) -> CUresult,
    >,
    /// `cuMemcpyBatchAsync_ptsz`
    pub cuMemcpyBatchAsync_ptsz: Option<
        unsafe extern "C" fn(
            *mut CUdeviceptr,
            *mut CUdeviceptr,
            *mut usize,
            usize,
            *mut CUmemcpyAttributes,
            *mut usize,
            usize,
            *mut usize,
            CUstream,
        ) -> CUresult,
    >,
    /// `cuMemcpyBatchAsync_v2`
    pub cuMemcpyBatchAsync_v2: Option<
        unsafe extern "C" fn(
            *mut CUdeviceptr,
            *mut CUdeviceptr,
            *mut usize,
            usize,
            *mut CUmemcpyAttributes,
            *mut usize,
            usize,
            CUstream,
        ) -> CUresult,
    >,
    /// `cuMemcpyBatchAsync_v2_ptsz`
    pub cuMemcpyBatchAsync_v2_ptsz: Option<
        unsafe extern "C" fn(
            *mut CUdeviceptr,
            *mut CUdeviceptr,
            *mut usize,
            usize,
            *mut CUmemcpyAttributes,
            *mut usize,
            usize,
            CUstream,
        ) -> CUresult,
    >,
    /// `cuMemcpyDtoA`
    pub cuMemcpyDtoA:
        Option<unsafe extern "C" fn(CUarray, c_uint, CUdeviceptr_v1, c_uint) -> CUresult>,
    /// `cuMemcpyDtoA_v2`
    pub cuMemcpyDtoA_v2:
        Option<unsafe extern "C" fn(CUarray, usize, CUdeviceptr, usize) -> CUresult>,
    /// `cuMemcpyDtoA_v2_ptds`
    pub cuMemcpyDtoA_v2_ptds:
        Option<unsafe extern "C" fn(CUarray, usize, CUdeviceptr, usize) -> CUresult>,
    /// `cuMemcpyDtoD`
    pub cuMemcpyDtoD:
        Option<unsafe extern "C" fn(CUdeviceptr_v1, CUdeviceptr_v1, c_uint) -> CUresult>,
    /// `cuMemcpyDtoDAsync`
    pub cuMemcpyDtoDAsync:
        Option<unsafe extern "C" fn(CUdeviceptr_v1, CUdeviceptr_v1, c_uint, CUstream) -> CUresult>,
    /// `cuMemcpyDtoDAsync_v2`
    pub cuMemcpyDtoDAsync_v2:
        Option<unsafe extern "C" fn(CUdeviceptr, CUdeviceptr, usize, CUstream) -> CUresult>,
    /// `cuMemcpyDtoDAsync_v2_ptsz`
    pub cuMemcpyDtoDAsync_v2_ptsz:
        Option<unsafe extern "C" fn(CUdeviceptr, CUdeviceptr, usize, CUstream) -> CUresult>,
    /// `cuMemcpyDtoD_v2`
    pub cuMemcpyDtoD_v2: Option<unsafe extern "C" fn(CUdeviceptr, CUdeviceptr, usize) -> CUresult>,
    /// `cuMemcpyDtoD_v2_ptds`
    pub cuMemcpyDtoD_v2_ptds:
        Option<unsafe extern "C" fn(CUdeviceptr, CUdeviceptr, usize) -> CUresult>,
    /// `cuMemcpyDtoH`
    pub cuMemcpyDtoH: Option<unsafe extern "C" fn(*mut c_void, CUdeviceptr_v1, c_uint) -> CUresult>,
    /// `cuMemcpyDtoHAsync`
    pub cuMemcpyDtoHAsync:
        Option<unsafe extern "C" fn(*mut c_void, CUdeviceptr_v1, c_uint, CUstream) -> CUresult>,
    /// `cuMemcpyDtoHAsync_v2`
    pub cuMemcpyDtoHAsync_v2:
        Option<unsafe extern "C" fn(*mut c_void, CUdeviceptr, usize, CUstream) -> CUresult>,
    /// `cuMemcpyDtoHAsync_v2_ptsz`
    pub cuMemcpyDtoHAsync_v2_ptsz:
        Option<unsafe extern "C" fn(*mut c_void, CUdeviceptr, usize, CUstream) -> CUresult>,
    /// `cuMemcpyDtoH_v2`
    pub cuMemcpyDtoH_v2: Option<unsafe extern "C" fn(*mut c_void, CUdeviceptr, usize) -> CUresult>,
    /// `cuMemcpyDtoH_v2_ptds`
    pub cuMemcpyDtoH_v2_ptds:
        Option<unsafe extern "C" fn(*mut c_void, CUdeviceptr, usize) -> CUresult>,
    /// `cuMemcpyHtoA`
    pub cuMemcpyHtoA:
        Option<unsafe extern "C" fn(CUarray, c_uint, *const c_void, c_uint) -> CUresult>,
    /// `cuMemcpyHtoAAsync`
    pub cuMemcpyHtoAAsync:
        Option<unsafe extern "C" fn(CUarray, c_uint, *const c_void, c_uint, CUstream) -> CUresult>,
    /// `cuMemcpyHtoAAsync_v2`
    pub cuMemcpyHtoAAsync_v2:
        Option<unsafe extern "C" fn(CUarray, usize, *const c_void, usize, CUstream) -> CUresult>,
    /// `cuMemcpyHtoAAsync_v2_ptsz`
    pub cuMemcpyHtoAAsync_v2_ptsz:
        Option<unsafe extern "C" fn(CUarray, usize, *const c_void, usize, CUstream) -> CUresult>,
    /// `cuMemcpyHtoA_v2`
    pub cuMemcpyHtoA_v2:
        Option<unsafe extern "C" fn(CUarray, usize, *const c_void, usize) -> CUresult>,
    /// `cuMemcpyHtoA_v2_ptds`
    pub cuMemcpyHtoA_v2_ptds:
        Option<unsafe extern "C" fn(CUarray, usize, *const c_void, usize) -> CUresult>,
    /// `cuMemcpyHtoD`
    pub cuMemcpyHtoD:
        Option<unsafe extern "C" fn(CUdeviceptr_v1, *const c_void, c_uint) -> CUresult>,
    /// `cuMemcpyHtoDAsync`
    pub cuMemcpyHtoDAsync:
        Option<unsafe extern "C" fn(CUdeviceptr_v1, *const c_void, c_uint, CUstream) -> CUresult>,
    /// `cuMemcpyHtoDAsync_v2`
    pub cuMemcpyHtoDAsync_v2:
        Option<unsafe extern "C" fn(CUdeviceptr, *const c_void, usize, CUstream) -> CUresult>,
    /// `cuMemcpyHtoDAsync_v2_ptsz`
    pub cuMemcpyHtoDAsync_v2_ptsz:
        Option<unsafe extern "C" fn(CUdeviceptr, *const c_void, usize, CUstream) -> CUresult>,
    /// `cuMemcpyHtoD_v2`
    pub cuMemcpyHtoD_v2:
        Option<unsafe extern "C" fn(CUdeviceptr, *const c_void, usize) -> CUresult>,
    /// `cuMemcpyHtoD_v2_ptds`
    pub cuMemcpyHtoD_v2_ptds:
        Option<unsafe extern "C" fn(CUdeviceptr, *const c_void, usize) -> CUresult>,
    /// `cuMemcpyPeer`
    pub cuMemcpyPeer: Option<
        unsafe extern "C" fn(CUdeviceptr, CUcontext, CUdeviceptr, CUcontext, usize) -> CUresult,
    >,
    /// `cuMemcpyPeerAsync`
    pub cuMemcpyPeerAsync: Option<
        unsafe extern "C" fn(
            CUdeviceptr,
            CUcontext,
            CUdeviceptr,
            CUcontext,
            usize,
            CUstream,
        ) -> CUresult,
    >,
    /// `cuMemcpyPeerAsync_ptsz`
    pub cuMemcpyPeerAsync_ptsz: Option<
        unsafe extern "C" fn(
            CUdeviceptr,
            CUcontext,
            CUdeviceptr,
            CUcontext,
            usize,
            CUstream,
        ) -> CUresult,
    >,
    /// `cuMemcpyPeer_ptds`
    pub cuMemcpyPeer_ptds: Option<
        unsafe extern "C" fn(CUdeviceptr, CUcontext, CUdeviceptr, CUcontext, usize) -> CUresult,
    >,
    /// `cuMemcpy_ptds`
    pub cuMemcpy_ptds: Option<unsafe extern "C" fn(CUdeviceptr, CUdeviceptr, usize) -> CUresult>,
    /// `cuMemsetD16`
    pub cuMemsetD16: Option<unsafe extern "C" fn(CUdeviceptr_v1, c_ushort, c_uint) -> CUresult>,
    /// `cuMemsetD16Async`
    pub cuMemsetD16Async:
        Option<unsafe extern "C" fn(CUdeviceptr, c_ushort, usize, CUstream) -> CUresult>,
    /// `cuMemsetD16Async_ptsz`
    pub cuMemsetD16Async_ptsz:
        Option<unsafe extern "C" fn(CUdeviceptr, c_ushort, usize, CUstream) -> CUresult>,
    /// `cuMemsetD16_v2`
    pub cuMemsetD16_v2: Option<unsafe extern "C" fn(CUdeviceptr, c_ushort, usize) -> CUresult>,
    /// `cuMemsetD16_v2_ptds`
    pub cuMemsetD16_v2_ptds: Option<unsafe extern "C" fn(CUdeviceptr, c_ushort, usize) -> CUresult>,
    /// `cuMemsetD2D16`
    pub cuMemsetD2D16:
        Option<unsafe extern "C" fn(CUdeviceptr_v1, c_uint, c_ushort, c_uint, c_uint) -> CUresult>,
    /// `cuMemsetD2D16Async`
    pub cuMemsetD2D16Async: Option<
        unsafe extern "C" fn(CUdeviceptr, usize, c_ushort, usize, usize, CUstream) -> CUresult,
    >,
    /// `cuMemsetD2D16Async_ptsz`
    pub cuMemsetD2D16Async_ptsz: Option<
        unsafe extern "C" fn(CUdeviceptr, usize, c_ushort, usize, usize, CUstream) -> CUresult,
    >,
    /// `cuMemsetD2D16_v2`
    pub cuMemsetD2D16_v2:
        Option<unsafe extern "C" fn(CUdeviceptr, usize, c_ushort, usize, usize) -> CUresult>,
    /// `cuMemsetD2D16_v2_ptds`
    pub cuMemsetD2D16_v2_ptds:
        Option<unsafe extern "C" fn(CUdeviceptr, usize, c_ushort, usize, usize) -> CUresult>,
    /// `cuMemsetD2D32`
    pub cuMemsetD2D32:
        Option<unsafe extern "C" fn(CUdeviceptr_v1, c_uint, c_uint, c_uint, c_uint) -> CUresult>,
    /// `cuMemsetD2D32Async`
    pub cuMemsetD2D32Async: Option<
        unsafe extern "C" fn(CUdeviceptr, usize, c_uint, usize, usize, CUstream) -> CUresult,
    >,
    /// `cuMemsetD2D32Async_ptsz`
    pub cuMemsetD2D32Async_ptsz: Option<
        unsafe extern "C" fn(CUdeviceptr, usize, c_uint, usize, usize, CUstream) -> CUresult,
    >,
    /// `cuMemsetD2D32_v2`
    pub cuMemsetD2D32_v2:
        Option<unsafe extern "C" fn(CUdeviceptr, usize, c_uint, usize, usize) -> CUresult>,
    /// `cuMemsetD2D32_v2_ptds`
    pub cuMemsetD2D32_v2_ptds:
        Option<unsafe extern "C" fn(CUdeviceptr, usize, c_uint, usize, usize) -> CUresult>,
    /// `cuMemsetD2D8`
    pub cuMemsetD2D8:
        Option<unsafe extern "C" fn(CUdeviceptr_v1, c_uint, c_uchar, c_uint, c_uint) -> CUresult>,
    /// `cuMemsetD2D8Async`
    pub cuMemsetD2D8Async: Option<
        unsafe extern "C" fn(CUdeviceptr, usize, c_uchar, usize, usize, CUstream) -> CUresult,
    >,
    /// `cuMemsetD2D8Async_ptsz`
    pub cuMemsetD2D8Async_ptsz: Option<
        unsafe extern "C" fn(CUdeviceptr, usize, c_uchar, usize, usize, CUstream) -> CUresult,
    >,
    /// `cuMemsetD2D8_v2`
    pub cuMemsetD2D8_v2:
        Option<unsafe extern "C" fn(CUdeviceptr, usize, c_uchar, usize, usize) -> CUresult>,
    /// `cuMemsetD2D8_v2_ptds`
    pub cuMemsetD2D8_v2_ptds:
        Option<unsafe extern "C" fn(CUdeviceptr, usize, c_uchar, usize, usize) -> CUresult>,
    /// `cuMemsetD32`
    pub cuMemsetD32: Option<unsafe extern "C" fn(CUdeviceptr_v1, c_uint, c_uint) -> CUresult>,
    /// `cuMemsetD32Async`
    pub cuMemsetD32Async:
        Option<unsafe extern "C" fn(CUdeviceptr, c_uint, usize, CUstream) -> CUresult>,
    /// `cuMemsetD32Async_ptsz`
    pub cuMemsetD32Async_ptsz:
        Option<unsafe extern "C" fn(CUdeviceptr, c_uint, usize, CUstream) -> CUresult>,
    /// `cuMemsetD32_v2`
    pub cuMemsetD32_v2: Option<unsafe extern "C" fn(CUdeviceptr, c_uint, usize) -> CUresult>,
    /// `cuMemsetD32_v2_ptds`
    pub cuMemsetD32_v2_ptds: Option<unsafe extern "C" fn(CUdeviceptr, c_uint, usize) -> CUresult>,
    /// `cuMemsetD8`
    pub cuMemsetD8: Option<unsafe extern "C" fn(CUdeviceptr_v1, c_uchar, c_uint) -> CUresult>,
    /// `cuMemsetD8Async`
    pub cuMemsetD8Async:
        Option<unsafe extern "C" fn(CUdeviceptr, c_uchar, usize, CUstream) -> CUresult>,
    /// `cuMemsetD8Async_ptsz`
    pub cuMemsetD8Async_ptsz:
        Option<unsafe extern "C" fn(CUdeviceptr, c_uchar, usize, CUstream) -> CUresult>,
    /// `cuMemsetD8_v2`
    pub cuMemsetD8_v2: Option<unsafe extern "C" fn(CUdeviceptr, c_uchar, usize) -> CUresult>,
    /// `cuMemsetD8_v2_ptds`
    pub cuMemsetD8_v2_ptds: Option<unsafe extern "C" fn(CUdeviceptr, c_uchar, usize) -> CUresult>,
    /// `cuMipmappedArrayCreate`
    pub cuMipmappedArrayCreate: Option<
        unsafe extern "C" fn(
            *mut CUmipmappedArray,
            *const CUDA_ARRAY3D_DESCRIPTOR,
            c_uint,
        ) -> CUresult,
    >,
    /// `cuMipmappedArrayDestroy`
    pub cuMipmappedArrayDestroy: Option<unsafe extern "C" fn(CUmipmappedArray) -> CUresult>,
    /// `cuMipmappedArrayGetLevel`
    pub cuMipmappedArrayGetLevel:
        Option<unsafe extern "C" fn(*mut CUarray, CUmipmappedArray, c_uint) -> CUresult>,
    /// `cuMipmappedArrayGetMemoryRequirements`
    pub cuMipmappedArrayGetMemoryRequirements: Option<
        unsafe extern "C" fn(
            *mut CUDA_ARRAY_MEMORY_REQUIREMENTS,
            CUmipmappedArray,
            CUdevice,
        ) -> CUresult,
    >,
    /// `cuMipmappedArrayGetSparseProperties`
    pub cuMipmappedArrayGetSparseProperties: Option<
        unsafe extern "C" fn(*mut CUDA_ARRAY_SPARSE_PROPERTIES, CUmipmappedArray) -> CUresult,
    >,
    /// `cuModuleEnumerateFunctions`
    pub cuModuleEnumerateFunctions:
        Option<unsafe extern "C" fn(*mut CUfunction, c_uint, CUmodule) -> CUresult>,
    /// `cuModuleGetFunction`
    pub cuModuleGetFunction:
        Option<unsafe extern "C" fn(*mut CUfunction, CUmodule, *const c_char) -> CUresult>,
    /// `cuModuleGetFunctionCount`
    pub cuModuleGetFunctionCount: Option<unsafe extern "C" fn(*mut c_uint, CUmodule) -> CUresult>,
    /// `cuModuleGetGlobal`
    pub cuModuleGetGlobal: Option<
        unsafe extern "C" fn(*mut CUdeviceptr_v1, *mut c_uint, CUmodule, *const c_char) -> CUresult,
    >,
    /// `cuModuleGetGlobal_v2`
    pub cuModuleGetGlobal_v2: Option<
        unsafe extern "C" fn(*mut CUdeviceptr, *mut usize, CUmodule, *const c_char) -> CUresult,
    >,
    /// `cuModuleGetLoadingMode`
    pub cuModuleGetLoadingMode: Option<unsafe extern "C" fn(*mut CUmoduleLoadingMode) -> CUresult>,
    /// `cuModuleGetSurfRef`
    pub cuModuleGetSurfRef:
        Option<unsafe extern "C" fn(*mut CUsurfref, CUmodule, *const c_char) -> CUresult>,
    /// `cuModuleGetTexRef`
    pub cuModuleGetTexRef:
        Option<unsafe extern "C" fn(*mut CUtexref, CUmodule, *const c_char) -> CUresult>,
    /// `cuModuleLoad`
    pub cuModuleLoad: Option<unsafe extern "C" fn(*mut CUmodule, *const c_char) -> CUresult>,
    /// `cuModuleLoadData`
    pub cuModuleLoadData: Option<unsafe extern "C" fn(*mut CUmodule, *const c_void) -> CUresult>,
    /// `cuModuleLoadDataEx`
    pub cuModuleLoadDataEx: Option<
        unsafe extern "C" fn(
            *mut CUmodule,
            *const c_void,
            c_uint,
            *mut CUjit_option,
            *mut *mut c_void,
        ) -> CUresult,
    >,
    /// `cuModuleLoadFatBinary`
    pub cuModuleLoadFatBinary:
        Option<unsafe extern "C" fn(*mut CUmodule, *const c_void) -> CUresult>,
    /// `cuModuleUnload`
    pub cuModuleUnload: Option<unsafe extern "C" fn(CUmodule) -> CUresult>,
    /// `cuMulticastAddDevice`
    pub cuMulticastAddDevice:
        Option<unsafe extern "C" fn(CUmemGenericAllocationHandle, CUdevice) -> CUresult>,
    /// `cuMulticastBindAddr`
    pub cuMulticastBindAddr: Option<
        unsafe extern "C" fn(
            CUmemGenericAllocationHandle,
            usize,
            CUdeviceptr,
            usize,
            c_ulonglong,
        ) -> CUresult,
    >,
    /// `cuMulticastBindMem`
    pub cuMulticastBindMem: Option<
        unsafe extern "C" fn(
            CUmemGenericAllocationHandle,
            usize,
            CUmemGenericAllocationHandle,
            usize,
            usize,
            c_ulonglong,
        ) -> CUresult,
    >,
    /// `cuMulticastCreate`
    pub cuMulticastCreate: Option<
        unsafe extern "C" fn(
            *mut CUmemGenericAllocationHandle,
            *const CUmulticastObjectProp,
        ) -> CUresult,
    >,
    /// `cuMulticastGetGranularity`
    pub cuMulticastGetGranularity: Option<
        unsafe extern "C" fn(
            *mut usize,
            *const CUmulticastObjectProp,
            CUmulticastGranularity_flags,
        ) -> CUresult,
    >,
    /// `cuMulticastUnbind`
    pub cuMulticastUnbind: Option<
        unsafe extern "C" fn(CUmemGenericAllocationHandle, CUdevice, usize, usize) -> CUresult,
    >,
    /// `cuOccupancyAvailableDynamicSMemPerBlock`
    pub cuOccupancyAvailableDynamicSMemPerBlock:
        Option<unsafe extern "C" fn(*mut usize, CUfunction, c_int, c_int) -> CUresult>,
    /// `cuOccupancyMaxActiveBlocksPerMultiprocessor`
    pub cuOccupancyMaxActiveBlocksPerMultiprocessor:
        Option<unsafe extern "C" fn(*mut c_int, CUfunction, c_int, usize) -> CUresult>,
    /// `cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags`
    pub cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags:
        Option<unsafe extern "C" fn(*mut c_int, CUfunction, c_int, usize, c_uint) -> CUresult>,
    /// `cuOccupancyMaxActiveClusters`
    pub cuOccupancyMaxActiveClusters:
        Option<unsafe extern "C" fn(*mut c_int, CUfunction, *const CUlaunchConfig) -> CUresult>,
    /// `cuOccupancyMaxPotentialBlockSize`
    pub cuOccupancyMaxPotentialBlockSize: Option<
        unsafe extern "C" fn(
            *mut c_int,
            *mut c_int,
            CUfunction,
            CUoccupancyB2DSize,
            usize,
            c_int,
        ) -> CUresult,
    >,
    /// `cuOccupancyMaxPotentialBlockSizeWithFlags`
    pub cuOccupancyMaxPotentialBlockSizeWithFlags: Option<
        unsafe extern "C" fn(
            *mut c_int,
            *mut c_int,
            CUfunction,
            CUoccupancyB2DSize,
            usize,
            c_int,
            c_uint,
        ) -> CUresult,
    >,
    /// `cuOccupancyMaxPotentialClusterSize`
    pub cuOccupancyMaxPotentialClusterSize:
        Option<unsafe extern "C" fn(*mut c_int, CUfunction, *const CUlaunchConfig) -> CUresult>,
    /// `cuParamSetSize`
    pub cuParamSetSize: Option<unsafe extern "C" fn(CUfunction, c_uint) -> CUresult>,
    /// `cuParamSetTexRef`
    pub cuParamSetTexRef: Option<unsafe extern "C" fn(CUfunction, c_int, CUtexref) -> CUresult>,
    /// `cuParamSetf`
    pub cuParamSetf: Option<unsafe extern "C" fn(CUfunction, c_int, f32) -> CUresult>,
    /// `cuParamSeti`
    pub cuParamSeti: Option<unsafe extern "C" fn(CUfunction, c_int, c_uint) -> CUresult>,
    /// `cuParamSetv`
    pub cuParamSetv:
        Option<unsafe extern "C" fn(CUfunction, c_int, *mut c_void, c_uint) -> CUresult>,
    /// `cuPointerGetAttribute`
    pub cuPointerGetAttribute:
        Option<unsafe extern "C" fn(*mut c_void, CUpointer_attribute, CUdeviceptr) -> CUresult>,
    /// `cuPointerGetAttributes`
    pub cuPointerGetAttributes: Option<
        unsafe extern "C" fn(
            c_uint,
            *mut CUpointer_attribute,
            *mut *mut c_void,
            CUdeviceptr,
        ) -> CUresult,
    >,
    /// `cuPointerSetAttribute`
    pub cuPointerSetAttribute:
        Option<unsafe extern "C" fn(*const c_void, CUpointer_attribute, CUdeviceptr) -> CUresult>,
    /// `cuSignalExternalSemaphoresAsync`
    pub cuSignalExternalSemaphoresAsync: Option<
        unsafe extern "C" fn(
            *const CUexternalSemaphore,
            *const CUDA_EXTERNAL_SEMAPHORE_SIGNAL_PARAMS,
            c_uint,
            CUstream,
        ) -> CUresult,
    >,
    /// `cuSignalExternalSemaphoresAsync_ptsz`
    pub cuSignalExternalSemaphoresAsync_ptsz: Option<
        unsafe extern "C" fn(
            *const CUexternalSemaphore,
            *const CUDA_EXTERNAL_SEMAPHORE_SIGNAL_PARAMS,
            c_uint,
            CUstream,
        ) -> CUresult,
    >,
    /// `cuStreamAddCallback`
    pub cuStreamAddCallback:
        Option<unsafe extern "C" fn(CUstream, CUstreamCallback, *mut c_void, c_uint) -> CUresult>,
    /// `cuStreamAddCallback_ptsz`
    pub cuStreamAddCallback_ptsz:
        Option<unsafe extern "C" fn(CUstream, CUstreamCallback, *mut c_void, c_uint) -> CUresult>,
    /// `cuStreamAttachMemAsync`
    pub cuStreamAttachMemAsync:
        Option<unsafe extern "C" fn(CUstream, CUdeviceptr, usize, c_uint) -> CUresult>,
    /// `cuStreamAttachMemAsync_ptsz`
    pub cuStreamAttachMemAsync_ptsz:
        Option<unsafe extern "C" fn(CUstream, CUdeviceptr, usize, c_uint) -> CUresult>,
    /// `cuStreamBatchMemOp`
    pub cuStreamBatchMemOp: Option<
        unsafe extern "C" fn(CUstream, c_uint, *mut CUstreamBatchMemOpParams, c_uint) -> CUresult,
    >,
    /// `cuStreamBatchMemOp_ptsz`
    pub cuStreamBatchMemOp_ptsz: Option<
        unsafe extern "C" fn(CUstream, c_uint, *mut CUstreamBatchMemOpParams, c_uint) -> CUresult,
    >,
    /// `cuStreamBatchMemOp_v2`
    pub cuStreamBatchMemOp_v2: Option<
        unsafe extern "C" fn(CUstream, c_uint, *mut CUstreamBatchMemOpParams, c_uint) -> CUresult,
    >,
    /// `cuStreamBatchMemOp_v2_ptsz`
    pub cuStreamBatchMemOp_v2_ptsz: Option<
        unsafe extern "C" fn(CUstream, c_uint, *mut CUstreamBatchMemOpParams, c_uint) -> CUresult,
    >,
    /// `cuStreamBeginCapture`
    pub cuStreamBeginCapture: Option<unsafe extern "C" fn(CUstream) -> CUresult>,
    /// `cuStreamBeginCaptureToGraph`
    pub cuStreamBeginCaptureToGraph: Option<
        unsafe extern "C" fn(
            CUstream,
            CUgraph,
            *const CUgraphNode,
            *const CUgraphEdgeData,
            usize,
            CUstreamCaptureMode,
        ) -> CUresult,
    >,
    /// `cuStreamBeginCaptureToGraph_ptsz`
    pub cuStreamBeginCaptureToGraph_ptsz: Option<
        unsafe extern "C" fn(
            CUstream,
            CUgraph,
            *const CUgraphNode,
            *const CUgraphEdgeData,
            usize,
            CUstreamCaptureMode,
        ) -> CUresult,
    >,
    /// `cuStreamBeginCapture_ptsz`
    pub cuStreamBeginCapture_ptsz: Option<unsafe extern "C" fn(CUstream) -> CUresult>,
    /// `cuStreamBeginCapture_v2`
    pub cuStreamBeginCapture_v2:
        Option<unsafe extern "C" fn(CUstream, CUstreamCaptureMode) -> CUresult>,
    /// `cuStreamBeginCapture_v2_ptsz`
    pub cuStreamBeginCapture_v2_ptsz:
        Option<unsafe extern "C" fn(CUstream, CUstreamCaptureMode) -> CUresult>,
    /// `cuStreamCopyAttributes`
    pub cuStreamCopyAttributes: Option<unsafe extern "C" fn(CUstream, CUstream) -> CUresult>,
    /// `cuStreamCopyAttributes_ptsz`
    pub cuStreamCopyAttributes_ptsz: Option<unsafe extern "C" fn(CUstream, CUstream) -> CUresult>,
    /// `cuStreamCreate`
    pub cuStreamCreate: Option<unsafe extern "C" fn(*mut CUstream, c_uint) -> CUresult>,
    /// `cuStreamCreateWithPriority`
    pub cuStreamCreateWithPriority:
        Option<unsafe extern "C" fn(*mut CUstream, c_uint, c_int) -> CUresult>,
    /// `cuStreamDestroy`
    pub cuStreamDestroy: Option<unsafe extern "C" fn(CUstream) -> CUresult>,
    /// `cuStreamDestroy_v2`
    pub cuStreamDestroy_v2: Option<unsafe extern "C" fn(CUstream) -> CUresult>,
    /// `cuStreamEndCapture`
    pub cuStreamEndCapture: Option<unsafe extern "C" fn(CUstream, *mut CUgraph) -> CUresult>,
    /// `cuStreamEndCapture_ptsz`
    pub cuStreamEndCapture_ptsz: Option<unsafe extern "C" fn(CUstream, *mut CUgraph) -> CUresult>,
    /// `cuStreamGetAttribute`
    pub cuStreamGetAttribute:
        Option<unsafe extern "C" fn(CUstream, CUstreamAttrID, *mut CUstreamAttrValue) -> CUresult>,
    /// `cuStreamGetAttribute_ptsz`
    pub cuStreamGetAttribute_ptsz:
        Option<unsafe extern "C" fn(CUstream, CUstreamAttrID, *mut CUstreamAttrValue) -> CUresult>,
    /// `cuStreamGetCaptureInfo`
    pub cuStreamGetCaptureInfo: Option<
        unsafe extern "C" fn(CUstream, *mut CUstreamCaptureStatus, *mut cuuint64_t) -> CUresult,
    >,
    /// `cuStreamGetCaptureInfo_ptsz`
    pub cuStreamGetCaptureInfo_ptsz: Option<
        unsafe extern "C" fn(CUstream, *mut CUstreamCaptureStatus, *mut cuuint64_t) -> CUresult,
    >,
    /// `cuStreamGetCaptureInfo_v2`
    pub cuStreamGetCaptureInfo_v2: Option<
        unsafe extern "C" fn(
            CUstream,
            *mut CUstreamCaptureStatus,
            *mut cuuint64_t,
            *mut CUgraph,
            *mut *const CUgraphNode,
            *mut usize,
        ) -> CUresult,
    >,
    /// `cuStreamGetCaptureInfo_v2_ptsz`
    pub cuStreamGetCaptureInfo_v2_ptsz: Option<
        unsafe extern "C" fn(
            CUstream,
            *mut CUstreamCaptureStatus,
            *mut cuuint64_t,
            *mut CUgraph,
            *mut *const CUgraphNode,
            *mut usize,
        ) -> CUresult,
    >,
    /// `cuStreamGetCaptureInfo_v3`
    pub cuStreamGetCaptureInfo_v3: Option<
        unsafe extern "C" fn(
            CUstream,
            *mut CUstreamCaptureStatus,
            *mut cuuint64_t,
            *mut CUgraph,
            *mut *const CUgraphNode,
            *mut *const CUgraphEdgeData,
            *mut usize,
        ) -> CUresult,
    >,
    /// `cuStreamGetCaptureInfo_v3_ptsz`
    pub cuStreamGetCaptureInfo_v3_ptsz: Option<
        unsafe extern "C" fn(
            CUstream,
            *mut CUstreamCaptureStatus,
            *mut cuuint64_t,
            *mut CUgraph,
            *mut *const CUgraphNode,
            *mut *const CUgraphEdgeData,
            *mut usize,
        ) -> CUresult,
    >,
    /// `cuStreamGetCtx`
    pub cuStreamGetCtx: Option<unsafe extern "C" fn(CUstream, *mut CUcontext) -> CUresult>,
    /// `cuStreamGetCtx_ptsz`
    pub cuStreamGetCtx_ptsz: Option<unsafe extern "C" fn(CUstream, *mut CUcontext) -> CUresult>,
    /// `cuStreamGetCtx_v2`
    pub cuStreamGetCtx_v2:
        Option<unsafe extern "C" fn(CUstream, *mut CUcontext, *mut CUgreenCtx) -> CUresult>,
    /// `cuStreamGetCtx_v2_ptsz`
    pub cuStreamGetCtx_v2_ptsz:
        Option<unsafe extern "C" fn(CUstream, *mut CUcontext, *mut CUgreenCtx) -> CUresult>,
    /// `cuStreamGetDevice`
    pub cuStreamGetDevice: Option<unsafe extern "C" fn(CUstream, *mut CUdevice) -> CUresult>,
    /// `cuStreamGetDevice_ptsz`
    pub cuStreamGetDevice_ptsz: Option<unsafe extern "C" fn(CUstream, *mut CUdevice) -> CUresult>,
    /// `cuStreamGetFlags`
    pub cuStreamGetFlags: Option<unsafe extern "C" fn(CUstream, *mut c_uint) -> CUresult>,
    /// `cuStreamGetFlags_ptsz`
    pub cuStreamGetFlags_ptsz: Option<unsafe extern "C" fn(CUstream, *mut c_uint) -> CUresult>,
    /// `cuStreamGetGreenCtx`
    pub cuStreamGetGreenCtx: Option<unsafe extern "C" fn(CUstream, *mut CUgreenCtx) -> CUresult>,
    /// `cuStreamGetId`
    pub cuStreamGetId: Option<unsafe extern "C" fn(CUstream, *mut c_ulonglong) -> CUresult>,
    /// `cuStreamGetId_ptsz`
    pub cuStreamGetId_ptsz: Option<unsafe extern "C" fn(CUstream, *mut c_ulonglong) -> CUresult>,
    /// `cuStreamGetPriority`
    pub cuStreamGetPriority: Option<unsafe extern "C" fn(CUstream, *mut c_int) -> CUresult>,
    /// `cuStreamGetPriority_ptsz`
    pub cuStreamGetPriority_ptsz: Option<unsafe extern "C" fn(CUstream, *mut c_int) -> CUresult>,
    /// `cuStreamIsCapturing`
    pub cuStreamIsCapturing:
        Option<unsafe extern "C" fn(CUstream, *mut CUstreamCaptureStatus) -> CUresult>,
    /// `cuStreamIsCapturing_ptsz`
    pub cuStreamIsCapturing_ptsz:
        Option<unsafe extern "C" fn(CUstream, *mut CUstreamCaptureStatus) -> CUresult>,
    /// `cuStreamQuery`
    pub cuStreamQuery: Option<unsafe extern "C" fn(CUstream) -> CUresult>,
    /// `cuStreamQuery_ptsz`
    pub cuStreamQuery_ptsz: Option<unsafe extern "C" fn(CUstream) -> CUresult>,
    /// `cuStreamSetAttribute`
    pub cuStreamSetAttribute: Option<
        unsafe extern "C" fn(CUstream, CUstreamAttrID, *const CUstreamAttrValue) -> CUresult,
    >,
    /// `cuStreamSetAttribute_ptsz`
    pub cuStreamSetAttribute_ptsz: Option<
        unsafe extern "C" fn(CUstream, CUstreamAttrID, *const CUstreamAttrValue) -> CUresult,
    >,
    /// `cuStreamSynchronize`
    pub cuStreamSynchronize: Option<unsafe extern "C" fn(CUstream) -> CUresult>,
    /// `cuStreamSynchronize_ptsz`
    pub cuStreamSynchronize_ptsz: Option<unsafe extern "C" fn(CUstream) -> CUresult>,
    /// `cuStreamUpdateCaptureDependencies`
    pub cuStreamUpdateCaptureDependencies:
        Option<unsafe extern "C" fn(CUstream, *mut CUgraphNode, usize, c_uint) -> CUresult>,
    /// `cuStreamUpdateCaptureDependencies_ptsz`
    pub cuStreamUpdateCaptureDependencies_ptsz:
        Option<unsafe extern "C" fn(CUstream, *mut CUgraphNode, usize, c_uint) -> CUresult>,
    /// `cuStreamUpdateCaptureDependencies_v2`
    pub cuStreamUpdateCaptureDependencies_v2: Option<
        unsafe extern "C" fn(
            CUstream,
            *mut CUgraphNode,
            *const CUgraphEdgeData,
            usize,
            c_uint,
        ) -> CUresult,
    >,
    /// `cuStreamUpdateCaptureDependencies_v2_ptsz`
    pub cuStreamUpdateCaptureDependencies_v2_ptsz: Option<
        unsafe extern "C" fn(
            CUstream,
            *mut CUgraphNode,
            *const CUgraphEdgeData,
            usize,
            c_uint,
        ) -> CUresult,
    >,
    /// `cuStreamWaitEvent`
    pub cuStreamWaitEvent: Option<unsafe extern "C" fn(CUstream, CUevent, c_uint) -> CUresult>,
    /// `cuStreamWaitEvent_ptsz`
    pub cuStreamWaitEvent_ptsz: Option<unsafe extern "C" fn(CUstream, CUevent, c_uint) -> CUresult>,
    /// `cuStreamWaitValue32`
    pub cuStreamWaitValue32:
        Option<unsafe extern "C" fn(CUstream, CUdeviceptr, cuuint32_t, c_uint) -> CUresult>,
    /// `cuStreamWaitValue32_ptsz`
    pub cuStreamWaitValue32_ptsz:
        Option<unsafe extern "C" fn(CUstream, CUdeviceptr, cuuint32_t, c_uint) -> CUresult>,
    /// `cuStreamWaitValue32_v2`
    pub cuStreamWaitValue32_v2:
        Option<unsafe extern "C" fn(CUstream, CUdeviceptr, cuuint32_t, c_uint) -> CUresult>,
    /// `cuStreamWaitValue32_v2_ptsz`
    pub cuStreamWaitValue32_v2_ptsz:
        Option<unsafe extern "C" fn(CUstream, CUdeviceptr, cuuint32_t, c_uint) -> CUresult>,
    /// `cuStreamWaitValue64`
    pub cuStreamWaitValue64:
        Option<unsafe extern "C" fn(CUstream, CUdeviceptr, cuuint64_t, c_uint) -> CUresult>,
    /// `cuStreamWaitValue64_ptsz`
    pub cuStreamWaitValue64_ptsz:
        Option<unsafe extern "C" fn(CUstream, CUdeviceptr, cuuint64_t, c_uint) -> CUresult>,
    /// `cuStreamWaitValue64_v2`
    pub cuStreamWaitValue64_v2:
        Option<unsafe extern "C" fn(CUstream, CUdeviceptr, cuuint64_t, c_uint) -> CUresult>,
    /// `cuStreamWaitValue64_v2_ptsz`
    pub cuStreamWaitValue64_v2_ptsz:
        Option<unsafe extern "C" fn(CUstream, CUdeviceptr, cuuint64_t, c_uint) -> CUresult>,
    /// `cuStreamWriteValue32`
    pub cuStreamWriteValue32:
        Option<unsafe extern "C" fn(CUstream, CUdeviceptr, cuuint32_t, c_uint) -> CUresult>,
    /// `cuStreamWriteValue32_ptsz`
    pub cuStreamWriteValue32_ptsz:
        Option<unsafe extern "C" fn(CUstream, CUdeviceptr, cuuint32_t, c_uint) -> CUresult>,
    /// `cuStreamWriteValue32_v2`
    pub cuStreamWriteValue32_v2:
        Option<unsafe extern "C" fn(CUstream, CUdeviceptr, cuuint32_t, c_uint) -> CUresult>,
    /// `cuStreamWriteValue32_v2_ptsz`
    pub cuStreamWriteValue32_v2_ptsz:
        Option<unsafe extern "C" fn(CUstream, CUdeviceptr, cuuint32_t, c_uint) -> CUresult>,
    /// `cuStreamWriteValue64`
    pub cuStreamWriteValue64:
        Option<unsafe extern "C" fn(CUstream, CUdeviceptr, cuuint64_t, c_uint) -> CUresult>,
    /// `cuStreamWriteValue64_ptsz`
    pub cuStreamWriteValue64_ptsz:
        Option<unsafe extern "C" fn(CUstream, CUdeviceptr, cuuint64_t, c_uint) -> CUresult>,
    /// `cuStreamWriteValue64_v2`
    pub cuStreamWriteValue64_v2:
        Option<unsafe extern "C" fn(CUstream, CUdeviceptr, cuuint64_t, c_uint) -> CUresult>,
    /// `cuStreamWriteValue64_v2_ptsz`
    pub cuStreamWriteValue64_v2_ptsz:
        Option<unsafe extern "C" fn(CUstream, CUdeviceptr, cuuint64_t, c_uint) -> CUresult>,
    /// `cuSurfObjectCreate`
    pub cuSurfObjectCreate:
        Option<unsafe extern "C" fn(*mut CUsurfObject, *const CUDA_RESOURCE_DESC) -> CUresult>,
    /// `cuSurfObjectDestroy`
    pub cuSurfObjectDestroy: Option<unsafe extern "C" fn(CUsurfObject) -> CUresult>,
    /// `cuSurfObjectGetResourceDesc`
    pub cuSurfObjectGetResourceDesc:
        Option<unsafe extern "C" fn(*mut CUDA_RESOURCE_DESC, CUsurfObject) -> CUresult>,
    /// `cuSurfRefGetArray`
    pub cuSurfRefGetArray: Option<unsafe extern "C" fn(*mut CUarray, CUsurfref) -> CUresult>,
    /// `cuSurfRefSetArray`
    pub cuSurfRefSetArray: Option<unsafe extern "C" fn(CUsurfref, CUarray, c_uint) -> CUresult>,
    /// `cuTensorMapEncodeIm2col`
    pub cuTensorMapEncodeIm2col: Option<
        unsafe extern "C" fn(
            *mut CUtensorMap,
            CUtensorMapDataType,
            cuuint32_t,
            *mut c_void,
            *const cuuint64_t,
            *const cuuint64_t,
            *const c_int,
            *const c_int,
            cuuint32_t,
            cuuint32_t,
            *const cuuint32_t,
            CUtensorMapInterleave,
            CUtensorMapSwizzle,
            CUtensorMapL2promotion,
            CUtensorMapFloatOOBfill,
        ) -> CUresult,
    >,
    /// `cuTensorMapEncodeIm2colWide`
    pub cuTensorMapEncodeIm2colWide: Option<
        unsafe extern "C" fn(
            *mut CUtensorMap,
            CUtensorMapDataType,
            cuuint32_t,
            *mut c_void,
            *const cuuint64_t,
            *const cuuint64_t,
            c_int,
            c_int,
            cuuint32_t,
            cuuint32_t,
            *const cuuint32_t,
            CUtensorMapInterleave,
            CUtensorMapIm2ColWideMode,
            CUtensorMapSwizzle,
            CUtensorMapL2promotion,
            CUtensorMapFloatOOBfill,
        ) -> CUresult,
    >,
    /// `cuTensorMapEncodeTiled`
    pub cuTensorMapEncodeTiled: Option<
        unsafe extern "C" fn(
            *mut CUtensorMap,
            CUtensorMapDataType,
            cuuint32_t,
            *mut c_void,
            *const cuuint64_t,
            *const cuuint64_t,
            *const cuuint32_t,
            *const cuuint32_t,
            CUtensorMapInterleave,
            CUtensorMapSwizzle,
            CUtensorMapL2promotion,
            CUtensorMapFloatOOBfill,
        ) -> CUresult,
    >,
    /// `cuTensorMapReplaceAddress`
    pub cuTensorMapReplaceAddress:
        Option<unsafe extern "C" fn(*mut CUtensorMap, *mut c_void) -> CUresult>,
    /// `cuTexObjectCreate`
    pub cuTexObjectCreate: Option<
        unsafe extern "C" fn(
            *mut CUtexObject,
            *const CUDA_RESOURCE_DESC,
            *const CUDA_TEXTURE_DESC,
            *const CUDA_RESOURCE_VIEW_DESC,
        ) -> CUresult,
    >,
    /// `cuTexObjectDestroy`
    pub cuTexObjectDestroy: Option<unsafe extern "C" fn(CUtexObject) -> CUresult>,
    /// `cuTexObjectGetResourceDesc`
    pub cuTexObjectGetResourceDesc:
        Option<unsafe extern "C" fn(*mut CUDA_RESOURCE_DESC, CUtexObject) -> CUresult>,
    /// `cuTexObjectGetResourceViewDesc`
    pub cuTexObjectGetResourceViewDesc:
        Option<unsafe extern "C" fn(*mut CUDA_RESOURCE_VIEW_DESC, CUtexObject) -> CUresult>,
    /// `cuTexObjectGetTextureDesc`
    pub cuTexObjectGetTextureDesc:
        Option<unsafe extern "C" fn(*mut CUDA_TEXTURE_DESC, CUtexObject) -> CUresult>,
    /// `cuTexRefCreate`
    pub cuTexRefCreate: Option<unsafe extern "C" fn(*mut CUtexref) -> CUresult>,
    /// `cuTexRefDestroy`
    pub cuTexRefDestroy: Option<unsafe extern "C" fn(CUtexref) -> CUresult>,
    /// `cuTexRefGetAddress`
    pub cuTexRefGetAddress: Option<unsafe extern "C" fn(*mut CUdeviceptr_v1, CUtexref) -> CUresult>,
    /// `cuTexRefGetAddressMode`
    pub cuTexRefGetAddressMode:
        Option<unsafe extern "C" fn(*mut CUaddress_mode, CUtexref, c_int) -> CUresult>,
    /// `cuTexRefGetAddress_v2`
    pub cuTexRefGetAddress_v2: Option<unsafe extern "C" fn(*mut CUdeviceptr, CUtexref) -> CUresult>,
    /// `cuTexRefGetArray`
    pub cuTexRefGetArray: Option<unsafe extern "C" fn(*mut CUarray, CUtexref) -> CUresult>,
    /// `cuTexRefGetBorderColor`
    pub cuTexRefGetBorderColor: Option<unsafe extern "C" fn(*mut f32, CUtexref) -> CUresult>,
    /// `cuTexRefGetFilterMode`
    pub cuTexRefGetFilterMode:
        Option<unsafe extern "C" fn(*mut CUfilter_mode, CUtexref) -> CUresult>,
    /// `cuTexRefGetFlags`
    pub cuTexRefGetFlags: Option<unsafe extern "C" fn(*mut c_uint, CUtexref) -> CUresult>,
    /// `cuTexRefGetFormat`
    pub cuTexRefGetFormat:
        Option<unsafe extern "C" fn(*mut CUarray_format, *mut c_int, CUtexref) -> CUresult>,
    /// `cuTexRefGetMaxAnisotropy`
    pub cuTexRefGetMaxAnisotropy: Option<unsafe extern "C" fn(*mut c_int, CUtexref) -> CUresult>,
    /// `cuTexRefGetMipmapFilterMode`
    pub cuTexRefGetMipmapFilterMode:
        Option<unsafe extern "C" fn(*mut CUfilter_mode, CUtexref) -> CUresult>,
    /// `cuTexRefGetMipmapLevelBias`
    pub cuTexRefGetMipmapLevelBias: Option<unsafe extern "C" fn(*mut f32, CUtexref) -> CUresult>,
    /// `cuTexRefGetMipmapLevelClamp`
    pub cuTexRefGetMipmapLevelClamp:
        Option<unsafe extern "C" fn(*mut f32, *mut f32, CUtexref) -> CUresult>,
    /// `cuTexRefGetMipmappedArray`
    pub cuTexRefGetMipmappedArray:
        Option<unsafe extern "C" fn(*mut CUmipmappedArray, CUtexref) -> CUresult>,
    /// `cuTexRefSetAddress`
    pub cuTexRefSetAddress:
        Option<unsafe extern "C" fn(*mut c_uint, CUtexref, CUdeviceptr_v1, c_uint) -> CUresult>,
    /// `cuTexRefSetAddress2D`
    pub cuTexRefSetAddress2D: Option<
        unsafe extern "C" fn(
            CUtexref,
            *const CUDA_ARRAY_DESCRIPTOR_v1,
            CUdeviceptr_v1,
            c_uint,
        ) -> CUresult,
    >,
    /// `cuTexRefSetAddress2D_v2`
    pub cuTexRefSetAddress2D_v2: Option<
        unsafe extern "C" fn(
            CUtexref,
            *const CUDA_ARRAY_DESCRIPTOR,
            CUdeviceptr,
            usize,
        ) -> CUresult,
    >,
    /// `cuTexRefSetAddress2D_v3`
    pub cuTexRefSetAddress2D_v3: Option<
        unsafe extern "C" fn(
            CUtexref,
            *const CUDA_ARRAY_DESCRIPTOR,
            CUdeviceptr,
            usize,
        ) -> CUresult,
    >,
    /// `cuTexRefSetAddressMode`
    pub cuTexRefSetAddressMode:
        Option<unsafe extern "C" fn(CUtexref, c_int, CUaddress_mode) -> CUresult>,
    /// `cuTexRefSetAddress_v2`
    pub cuTexRefSetAddress_v2:
        Option<unsafe extern "C" fn(*mut usize, CUtexref, CUdeviceptr, usize) -> CUresult>,
    /// `cuTexRefSetArray`
    pub cuTexRefSetArray: Option<unsafe extern "C" fn(CUtexref, CUarray, c_uint) -> CUresult>,
    /// `cuTexRefSetBorderColor`
    pub cuTexRefSetBorderColor: Option<unsafe extern "C" fn(CUtexref, *mut f32) -> CUresult>,
    /// `cuTexRefSetFilterMode`
    pub cuTexRefSetFilterMode: Option<unsafe extern "C" fn(CUtexref, CUfilter_mode) -> CUresult>,
    /// `cuTexRefSetFlags`
    pub cuTexRefSetFlags: Option<unsafe extern "C" fn(CUtexref, c_uint) -> CUresult>,
    /// `cuTexRefSetFormat`
    pub cuTexRefSetFormat:
        Option<unsafe extern "C" fn(CUtexref, CUarray_format, c_int) -> CUresult>,
    /// `cuTexRefSetMaxAnisotropy`
    pub cuTexRefSetMaxAnisotropy: Option<unsafe extern "C" fn(CUtexref, c_uint) -> CUresult>,
    /// `cuTexRefSetMipmapFilterMode`
    pub cuTexRefSetMipmapFilterMode:
        Option<unsafe extern "C" fn(CUtexref, CUfilter_mode) -> CUresult>,
    /// `cuTexRefSetMipmapLevelBias`
    pub cuTexRefSetMipmapLevelBias: Option<unsafe extern "C" fn(CUtexref, f32) -> CUresult>,
    /// `cuTexRefSetMipmapLevelClamp`
    pub cuTexRefSetMipmapLevelClamp: Option<unsafe extern "C" fn(CUtexref, f32, f32) -> CUresult>,
    /// `cuTexRefSetMipmappedArray`
    pub cuTexRefSetMipmappedArray:
        Option<unsafe extern "C" fn(CUtexref, CUmipmappedArray, c_uint) -> CUresult>,
    /// `cuThreadExchangeStreamCaptureMode`
    pub cuThreadExchangeStreamCaptureMode:
        Option<unsafe extern "C" fn(*mut CUstreamCaptureMode) -> CUresult>,
    /// `cuUserObjectCreate`
    pub cuUserObjectCreate: Option<
        unsafe extern "C" fn(*mut CUuserObject, *mut c_void, CUhostFn, c_uint, c_uint) -> CUresult,
    >,
    /// `cuUserObjectRelease`
    pub cuUserObjectRelease: Option<unsafe extern "C" fn(CUuserObject, c_uint) -> CUresult>,
    /// `cuUserObjectRetain`
    pub cuUserObjectRetain: Option<unsafe extern "C" fn(CUuserObject, c_uint) -> CUresult>,
    /// `cuWaitExternalSemaphoresAsync`
    pub cuWaitExternalSemaphoresAsync: Option<
        unsafe extern "C" fn(
            *const CUexternalSemaphore,
            *const CUDA_EXTERNAL_SEMAPHORE_WAIT_PARAMS,
            c_uint,
            CUstream,
        ) -> CUresult,
    >,
    /// `cuWaitExternalSemaphoresAsync_ptsz`
    pub cuWaitExternalSemaphoresAsync_ptsz: Option<
        unsafe extern "C" fn(
            *const CUexternalSemaphore,
            *const CUDA_EXTERNAL_SEMAPHORE_WAIT_PARAMS,
            c_uint,
            CUstream,
        ) -> CUresult,
    >,
}

impl DriverTable {
    /// Fills the table from `find`, which answers the address of a symbol or null.
    ///
    /// # Safety
    ///
    /// Whatever `find` answers has to be a function with the C signature of that symbol, and has to stay loaded as
    /// long as the table is used.
    pub unsafe fn load(mut find: impl FnMut(&'static core::ffi::CStr) -> *mut c_void) -> Self {
        let mut table = Self::default();
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuArray3DCreate = unsafe { core::mem::transmute(find(c"cuArray3DCreate")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuArray3DCreate_v2 = unsafe { core::mem::transmute(find(c"cuArray3DCreate_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuArray3DGetDescriptor =
            unsafe { core::mem::transmute(find(c"cuArray3DGetDescriptor")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuArray3DGetDescriptor_v2 =
            unsafe { core::mem::transmute(find(c"cuArray3DGetDescriptor_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuArrayCreate = unsafe { core::mem::transmute(find(c"cuArrayCreate")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuArrayCreate_v2 = unsafe { core::mem::transmute(find(c"cuArrayCreate_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuArrayDestroy = unsafe { core::mem::transmute(find(c"cuArrayDestroy")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuArrayGetDescriptor = unsafe { core::mem::transmute(find(c"cuArrayGetDescriptor")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuArrayGetDescriptor_v2 =
            unsafe { core::mem::transmute(find(c"cuArrayGetDescriptor_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuArrayGetMemoryRequirements =
            unsafe { core::mem::transmute(find(c"cuArrayGetMemoryRequirements")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuArrayGetPlane = unsafe { core::mem::transmute(find(c"cuArrayGetPlane")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuArrayGetSparseProperties =
            unsafe { core::mem::transmute(find(c"cuArrayGetSparseProperties")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCheckpointProcessCheckpoint =
            unsafe { core::mem::transmute(find(c"cuCheckpointProcessCheckpoint")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCheckpointProcessGetRestoreThreadId =
            unsafe { core::mem::transmute(find(c"cuCheckpointProcessGetRestoreThreadId")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCheckpointProcessGetState =
            unsafe { core::mem::transmute(find(c"cuCheckpointProcessGetState")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCheckpointProcessLock =
            unsafe { core::mem::transmute(find(c"cuCheckpointProcessLock")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCheckpointProcessRestore =
            unsafe { core::mem::transmute(find(c"cuCheckpointProcessRestore")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCheckpointProcessUnlock =
            unsafe { core::mem::transmute(find(c"cuCheckpointProcessUnlock")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCoredumpGetAttribute =
            unsafe { core::mem::transmute(find(c"cuCoredumpGetAttribute")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCoredumpGetAttributeGlobal =
            unsafe { core::mem::transmute(find(c"cuCoredumpGetAttributeGlobal")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCoredumpSetAttribute =
            unsafe { core::mem::transmute(find(c"cuCoredumpSetAttribute")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCoredumpSetAttributeGlobal =
            unsafe { core::mem::transmute(find(c"cuCoredumpSetAttributeGlobal")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxAttach = unsafe { core::mem::transmute(find(c"cuCtxAttach")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxCreate = unsafe { core::mem::transmute(find(c"cuCtxCreate")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxCreate_v2 = unsafe { core::mem::transmute(find(c"cuCtxCreate_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxCreate_v3 = unsafe { core::mem::transmute(find(c"cuCtxCreate_v3")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxCreate_v4 = unsafe { core::mem::transmute(find(c"cuCtxCreate_v4")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxDestroy = unsafe { core::mem::transmute(find(c"cuCtxDestroy")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxDestroy_v2 = unsafe { core::mem::transmute(find(c"cuCtxDestroy_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxDetach = unsafe { core::mem::transmute(find(c"cuCtxDetach")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxDisablePeerAccess =
            unsafe { core::mem::transmute(find(c"cuCtxDisablePeerAccess")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxEnablePeerAccess =
            unsafe { core::mem::transmute(find(c"cuCtxEnablePeerAccess")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxFromGreenCtx = unsafe { core::mem::transmute(find(c"cuCtxFromGreenCtx")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxGetApiVersion = unsafe { core::mem::transmute(find(c"cuCtxGetApiVersion")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxGetCacheConfig = unsafe { core::mem::transmute(find(c"cuCtxGetCacheConfig")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxGetCurrent = unsafe { core::mem::transmute(find(c"cuCtxGetCurrent")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxGetDevResource = unsafe { core::mem::transmute(find(c"cuCtxGetDevResource")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxGetDevice = unsafe { core::mem::transmute(find(c"cuCtxGetDevice")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxGetDevice_v2 = unsafe { core::mem::transmute(find(c"cuCtxGetDevice_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxGetExecAffinity = unsafe { core::mem::transmute(find(c"cuCtxGetExecAffinity")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxGetFlags = unsafe { core::mem::transmute(find(c"cuCtxGetFlags")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxGetId = unsafe { core::mem::transmute(find(c"cuCtxGetId")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxGetLimit = unsafe { core::mem::transmute(find(c"cuCtxGetLimit")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxGetSharedMemConfig =
            unsafe { core::mem::transmute(find(c"cuCtxGetSharedMemConfig")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxGetStreamPriorityRange =
            unsafe { core::mem::transmute(find(c"cuCtxGetStreamPriorityRange")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxPopCurrent = unsafe { core::mem::transmute(find(c"cuCtxPopCurrent")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxPopCurrent_v2 = unsafe { core::mem::transmute(find(c"cuCtxPopCurrent_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxPushCurrent = unsafe { core::mem::transmute(find(c"cuCtxPushCurrent")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxPushCurrent_v2 = unsafe { core::mem::transmute(find(c"cuCtxPushCurrent_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxRecordEvent = unsafe { core::mem::transmute(find(c"cuCtxRecordEvent")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxResetPersistingL2Cache =
            unsafe { core::mem::transmute(find(c"cuCtxResetPersistingL2Cache")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxSetCacheConfig = unsafe { core::mem::transmute(find(c"cuCtxSetCacheConfig")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxSetCurrent = unsafe { core::mem::transmute(find(c"cuCtxSetCurrent")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxSetFlags = unsafe { core::mem::transmute(find(c"cuCtxSetFlags")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxSetLimit = unsafe { core::mem::transmute(find(c"cuCtxSetLimit")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxSetSharedMemConfig =
            unsafe { core::mem::transmute(find(c"cuCtxSetSharedMemConfig")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxSynchronize = unsafe { core::mem::transmute(find(c"cuCtxSynchronize")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxSynchronize_v2 = unsafe { core::mem::transmute(find(c"cuCtxSynchronize_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuCtxWaitEvent = unsafe { core::mem::transmute(find(c"cuCtxWaitEvent")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDestroyExternalMemory =
            unsafe { core::mem::transmute(find(c"cuDestroyExternalMemory")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDestroyExternalSemaphore =
            unsafe { core::mem::transmute(find(c"cuDestroyExternalSemaphore")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDevResourceGenerateDesc =
            unsafe { core::mem::transmute(find(c"cuDevResourceGenerateDesc")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDevSmResourceSplitByCount =
            unsafe { core::mem::transmute(find(c"cuDevSmResourceSplitByCount")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceCanAccessPeer =
            unsafe { core::mem::transmute(find(c"cuDeviceCanAccessPeer")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceComputeCapability =
            unsafe { core::mem::transmute(find(c"cuDeviceComputeCapability")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceGet = unsafe { core::mem::transmute(find(c"cuDeviceGet")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceGetAttribute = unsafe { core::mem::transmute(find(c"cuDeviceGetAttribute")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceGetByPCIBusId =
            unsafe { core::mem::transmute(find(c"cuDeviceGetByPCIBusId")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceGetCount = unsafe { core::mem::transmute(find(c"cuDeviceGetCount")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceGetDefaultMemPool =
            unsafe { core::mem::transmute(find(c"cuDeviceGetDefaultMemPool")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceGetDevResource =
            unsafe { core::mem::transmute(find(c"cuDeviceGetDevResource")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceGetExecAffinitySupport =
            unsafe { core::mem::transmute(find(c"cuDeviceGetExecAffinitySupport")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceGetGraphMemAttribute =
            unsafe { core::mem::transmute(find(c"cuDeviceGetGraphMemAttribute")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceGetHostAtomicCapabilities =
            unsafe { core::mem::transmute(find(c"cuDeviceGetHostAtomicCapabilities")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceGetLuid = unsafe { core::mem::transmute(find(c"cuDeviceGetLuid")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceGetMemPool = unsafe { core::mem::transmute(find(c"cuDeviceGetMemPool")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceGetName = unsafe { core::mem::transmute(find(c"cuDeviceGetName")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceGetNvSciSyncAttributes =
            unsafe { core::mem::transmute(find(c"cuDeviceGetNvSciSyncAttributes")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceGetP2PAtomicCapabilities =
            unsafe { core::mem::transmute(find(c"cuDeviceGetP2PAtomicCapabilities")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceGetP2PAttribute =
            unsafe { core::mem::transmute(find(c"cuDeviceGetP2PAttribute")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceGetPCIBusId = unsafe { core::mem::transmute(find(c"cuDeviceGetPCIBusId")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceGetProperties =
            unsafe { core::mem::transmute(find(c"cuDeviceGetProperties")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceGetTexture1DLinearMaxWidth =
            unsafe { core::mem::transmute(find(c"cuDeviceGetTexture1DLinearMaxWidth")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceGetUuid = unsafe { core::mem::transmute(find(c"cuDeviceGetUuid")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceGetUuid_v2 = unsafe { core::mem::transmute(find(c"cuDeviceGetUuid_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceGraphMemTrim = unsafe { core::mem::transmute(find(c"cuDeviceGraphMemTrim")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDevicePrimaryCtxGetState =
            unsafe { core::mem::transmute(find(c"cuDevicePrimaryCtxGetState")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDevicePrimaryCtxRelease =
            unsafe { core::mem::transmute(find(c"cuDevicePrimaryCtxRelease")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDevicePrimaryCtxRelease_v2 =
            unsafe { core::mem::transmute(find(c"cuDevicePrimaryCtxRelease_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDevicePrimaryCtxReset =
            unsafe { core::mem::transmute(find(c"cuDevicePrimaryCtxReset")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDevicePrimaryCtxReset_v2 =
            unsafe { core::mem::transmute(find(c"cuDevicePrimaryCtxReset_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDevicePrimaryCtxRetain =
            unsafe { core::mem::transmute(find(c"cuDevicePrimaryCtxRetain")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDevicePrimaryCtxSetFlags =
            unsafe { core::mem::transmute(find(c"cuDevicePrimaryCtxSetFlags")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDevicePrimaryCtxSetFlags_v2 =
            unsafe { core::mem::transmute(find(c"cuDevicePrimaryCtxSetFlags_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceRegisterAsyncNotification =
            unsafe { core::mem::transmute(find(c"cuDeviceRegisterAsyncNotification")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceSetGraphMemAttribute =
            unsafe { core::mem::transmute(find(c"cuDeviceSetGraphMemAttribute")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceSetMemPool = unsafe { core::mem::transmute(find(c"cuDeviceSetMemPool")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceTotalMem = unsafe { core::mem::transmute(find(c"cuDeviceTotalMem")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceTotalMem_v2 = unsafe { core::mem::transmute(find(c"cuDeviceTotalMem_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDeviceUnregisterAsyncNotification =
            unsafe { core::mem::transmute(find(c"cuDeviceUnregisterAsyncNotification")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuDriverGetVersion = unsafe { core::mem::transmute(find(c"cuDriverGetVersion")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuEventCreate = unsafe { core::mem::transmute(find(c"cuEventCreate")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuEventDestroy = unsafe { core::mem::transmute(find(c"cuEventDestroy")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuEventDestroy_v2 = unsafe { core::mem::transmute(find(c"cuEventDestroy_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuEventElapsedTime = unsafe { core::mem::transmute(find(c"cuEventElapsedTime")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuEventElapsedTime_v2 =
            unsafe { core::mem::transmute(find(c"cuEventElapsedTime_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuEventQuery = unsafe { core::mem::transmute(find(c"cuEventQuery")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuEventRecord = unsafe { core::mem::transmute(find(c"cuEventRecord")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuEventRecordWithFlags =
            unsafe { core::mem::transmute(find(c"cuEventRecordWithFlags")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuEventRecordWithFlags_ptsz =
            unsafe { core::mem::transmute(find(c"cuEventRecordWithFlags_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuEventRecord_ptsz = unsafe { core::mem::transmute(find(c"cuEventRecord_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuEventSynchronize = unsafe { core::mem::transmute(find(c"cuEventSynchronize")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuExternalMemoryGetMappedBuffer =
            unsafe { core::mem::transmute(find(c"cuExternalMemoryGetMappedBuffer")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuExternalMemoryGetMappedMipmappedArray =
            unsafe { core::mem::transmute(find(c"cuExternalMemoryGetMappedMipmappedArray")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuFlushGPUDirectRDMAWrites =
            unsafe { core::mem::transmute(find(c"cuFlushGPUDirectRDMAWrites")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuFuncGetAttribute = unsafe { core::mem::transmute(find(c"cuFuncGetAttribute")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuFuncGetModule = unsafe { core::mem::transmute(find(c"cuFuncGetModule")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuFuncGetName = unsafe { core::mem::transmute(find(c"cuFuncGetName")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuFuncGetParamInfo = unsafe { core::mem::transmute(find(c"cuFuncGetParamInfo")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuFuncIsLoaded = unsafe { core::mem::transmute(find(c"cuFuncIsLoaded")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuFuncLoad = unsafe { core::mem::transmute(find(c"cuFuncLoad")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuFuncSetAttribute = unsafe { core::mem::transmute(find(c"cuFuncSetAttribute")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuFuncSetBlockShape = unsafe { core::mem::transmute(find(c"cuFuncSetBlockShape")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuFuncSetCacheConfig = unsafe { core::mem::transmute(find(c"cuFuncSetCacheConfig")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuFuncSetSharedMemConfig =
            unsafe { core::mem::transmute(find(c"cuFuncSetSharedMemConfig")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuFuncSetSharedSize = unsafe { core::mem::transmute(find(c"cuFuncSetSharedSize")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGetErrorName = unsafe { core::mem::transmute(find(c"cuGetErrorName")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGetErrorString = unsafe { core::mem::transmute(find(c"cuGetErrorString")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGetExportTable = unsafe { core::mem::transmute(find(c"cuGetExportTable")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGetProcAddress = unsafe { core::mem::transmute(find(c"cuGetProcAddress")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGetProcAddress_v2 = unsafe { core::mem::transmute(find(c"cuGetProcAddress_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphAddBatchMemOpNode =
            unsafe { core::mem::transmute(find(c"cuGraphAddBatchMemOpNode")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphAddChildGraphNode =
            unsafe { core::mem::transmute(find(c"cuGraphAddChildGraphNode")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphAddDependencies =
            unsafe { core::mem::transmute(find(c"cuGraphAddDependencies")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphAddDependencies_v2 =
            unsafe { core::mem::transmute(find(c"cuGraphAddDependencies_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphAddEmptyNode = unsafe { core::mem::transmute(find(c"cuGraphAddEmptyNode")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphAddEventRecordNode =
            unsafe { core::mem::transmute(find(c"cuGraphAddEventRecordNode")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphAddEventWaitNode =
            unsafe { core::mem::transmute(find(c"cuGraphAddEventWaitNode")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphAddExternalSemaphoresSignalNode =
            unsafe { core::mem::transmute(find(c"cuGraphAddExternalSemaphoresSignalNode")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphAddExternalSemaphoresWaitNode =
            unsafe { core::mem::transmute(find(c"cuGraphAddExternalSemaphoresWaitNode")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphAddHostNode = unsafe { core::mem::transmute(find(c"cuGraphAddHostNode")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphAddKernelNode = unsafe { core::mem::transmute(find(c"cuGraphAddKernelNode")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphAddKernelNode_v2 =
            unsafe { core::mem::transmute(find(c"cuGraphAddKernelNode_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphAddMemAllocNode =
            unsafe { core::mem::transmute(find(c"cuGraphAddMemAllocNode")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphAddMemFreeNode =
            unsafe { core::mem::transmute(find(c"cuGraphAddMemFreeNode")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphAddMemcpyNode = unsafe { core::mem::transmute(find(c"cuGraphAddMemcpyNode")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphAddMemsetNode = unsafe { core::mem::transmute(find(c"cuGraphAddMemsetNode")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphAddNode = unsafe { core::mem::transmute(find(c"cuGraphAddNode")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphAddNode_v2 = unsafe { core::mem::transmute(find(c"cuGraphAddNode_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphBatchMemOpNodeGetParams =
            unsafe { core::mem::transmute(find(c"cuGraphBatchMemOpNodeGetParams")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphBatchMemOpNodeSetParams =
            unsafe { core::mem::transmute(find(c"cuGraphBatchMemOpNodeSetParams")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphChildGraphNodeGetGraph =
            unsafe { core::mem::transmute(find(c"cuGraphChildGraphNodeGetGraph")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphClone = unsafe { core::mem::transmute(find(c"cuGraphClone")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphConditionalHandleCreate =
            unsafe { core::mem::transmute(find(c"cuGraphConditionalHandleCreate")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphCreate = unsafe { core::mem::transmute(find(c"cuGraphCreate")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphDebugDotPrint = unsafe { core::mem::transmute(find(c"cuGraphDebugDotPrint")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphDestroy = unsafe { core::mem::transmute(find(c"cuGraphDestroy")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphDestroyNode = unsafe { core::mem::transmute(find(c"cuGraphDestroyNode")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphEventRecordNodeGetEvent =
            unsafe { core::mem::transmute(find(c"cuGraphEventRecordNodeGetEvent")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphEventRecordNodeSetEvent =
            unsafe { core::mem::transmute(find(c"cuGraphEventRecordNodeSetEvent")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphEventWaitNodeGetEvent =
            unsafe { core::mem::transmute(find(c"cuGraphEventWaitNodeGetEvent")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphEventWaitNodeSetEvent =
            unsafe { core::mem::transmute(find(c"cuGraphEventWaitNodeSetEvent")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphExecBatchMemOpNodeSetParams =
            unsafe { core::mem::transmute(find(c"cuGraphExecBatchMemOpNodeSetParams")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphExecChildGraphNodeSetParams =
            unsafe { core::mem::transmute(find(c"cuGraphExecChildGraphNodeSetParams")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphExecDestroy = unsafe { core::mem::transmute(find(c"cuGraphExecDestroy")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphExecEventRecordNodeSetEvent =
            unsafe { core::mem::transmute(find(c"cuGraphExecEventRecordNodeSetEvent")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphExecEventWaitNodeSetEvent =
            unsafe { core::mem::transmute(find(c"cuGraphExecEventWaitNodeSetEvent")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphExecExternalSemaphoresSignalNodeSetParams = unsafe {
            core::mem::transmute(find(c"cuGraphExecExternalSemaphoresSignalNodeSetParams"))
        };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphExecExternalSemaphoresWaitNodeSetParams = unsafe {
            core::mem::transmute(find(c"cuGraphExecExternalSemaphoresWaitNodeSetParams"))
        };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphExecGetFlags = unsafe { core::mem::transmute(find(c"cuGraphExecGetFlags")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphExecHostNodeSetParams =
            unsafe { core::mem::transmute(find(c"cuGraphExecHostNodeSetParams")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphExecKernelNodeSetParams =
            unsafe { core::mem::transmute(find(c"cuGraphExecKernelNodeSetParams")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphExecKernelNodeSetParams_v2 =
            unsafe { core::mem::transmute(find(c"cuGraphExecKernelNodeSetParams_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphExecMemcpyNodeSetParams =
            unsafe { core::mem::transmute(find(c"cuGraphExecMemcpyNodeSetParams")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphExecMemsetNodeSetParams =
            unsafe { core::mem::transmute(find(c"cuGraphExecMemsetNodeSetParams")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphExecNodeSetParams =
            unsafe { core::mem::transmute(find(c"cuGraphExecNodeSetParams")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphExecUpdate = unsafe { core::mem::transmute(find(c"cuGraphExecUpdate")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphExecUpdate_v2 = unsafe { core::mem::transmute(find(c"cuGraphExecUpdate_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphExternalSemaphoresSignalNodeGetParams =
            unsafe { core::mem::transmute(find(c"cuGraphExternalSemaphoresSignalNodeGetParams")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphExternalSemaphoresSignalNodeSetParams =
            unsafe { core::mem::transmute(find(c"cuGraphExternalSemaphoresSignalNodeSetParams")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphExternalSemaphoresWaitNodeGetParams =
            unsafe { core::mem::transmute(find(c"cuGraphExternalSemaphoresWaitNodeGetParams")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphExternalSemaphoresWaitNodeSetParams =
            unsafe { core::mem::transmute(find(c"cuGraphExternalSemaphoresWaitNodeSetParams")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphGetEdges = unsafe { core::mem::transmute(find(c"cuGraphGetEdges")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphGetEdges_v2 = unsafe { core::mem::transmute(find(c"cuGraphGetEdges_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphGetNodes = unsafe { core::mem::transmute(find(c"cuGraphGetNodes")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphGetRootNodes = unsafe { core::mem::transmute(find(c"cuGraphGetRootNodes")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphHostNodeGetParams =
            unsafe { core::mem::transmute(find(c"cuGraphHostNodeGetParams")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphHostNodeSetParams =
            unsafe { core::mem::transmute(find(c"cuGraphHostNodeSetParams")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphInstantiate = unsafe { core::mem::transmute(find(c"cuGraphInstantiate")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphInstantiateWithFlags =
            unsafe { core::mem::transmute(find(c"cuGraphInstantiateWithFlags")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphInstantiateWithParams =
            unsafe { core::mem::transmute(find(c"cuGraphInstantiateWithParams")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphInstantiateWithParams_ptsz =
            unsafe { core::mem::transmute(find(c"cuGraphInstantiateWithParams_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphInstantiate_v2 =
            unsafe { core::mem::transmute(find(c"cuGraphInstantiate_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphKernelNodeCopyAttributes =
            unsafe { core::mem::transmute(find(c"cuGraphKernelNodeCopyAttributes")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphKernelNodeGetAttribute =
            unsafe { core::mem::transmute(find(c"cuGraphKernelNodeGetAttribute")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphKernelNodeGetParams =
            unsafe { core::mem::transmute(find(c"cuGraphKernelNodeGetParams")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphKernelNodeGetParams_v2 =
            unsafe { core::mem::transmute(find(c"cuGraphKernelNodeGetParams_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphKernelNodeSetAttribute =
            unsafe { core::mem::transmute(find(c"cuGraphKernelNodeSetAttribute")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphKernelNodeSetParams =
            unsafe { core::mem::transmute(find(c"cuGraphKernelNodeSetParams")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphKernelNodeSetParams_v2 =
            unsafe { core::mem::transmute(find(c"cuGraphKernelNodeSetParams_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphLaunch = unsafe { core::mem::transmute(find(c"cuGraphLaunch")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphLaunch_ptsz = unsafe { core::mem::transmute(find(c"cuGraphLaunch_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphMemAllocNodeGetParams =
            unsafe { core::mem::transmute(find(c"cuGraphMemAllocNodeGetParams")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphMemFreeNodeGetParams =
            unsafe { core::mem::transmute(find(c"cuGraphMemFreeNodeGetParams")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphMemcpyNodeGetParams =
            unsafe { core::mem::transmute(find(c"cuGraphMemcpyNodeGetParams")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphMemcpyNodeSetParams =
            unsafe { core::mem::transmute(find(c"cuGraphMemcpyNodeSetParams")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphMemsetNodeGetParams =
            unsafe { core::mem::transmute(find(c"cuGraphMemsetNodeGetParams")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphMemsetNodeSetParams =
            unsafe { core::mem::transmute(find(c"cuGraphMemsetNodeSetParams")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphNodeFindInClone =
            unsafe { core::mem::transmute(find(c"cuGraphNodeFindInClone")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphNodeGetDependencies =
            unsafe { core::mem::transmute(find(c"cuGraphNodeGetDependencies")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphNodeGetDependencies_v2 =
            unsafe { core::mem::transmute(find(c"cuGraphNodeGetDependencies_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphNodeGetDependentNodes =
            unsafe { core::mem::transmute(find(c"cuGraphNodeGetDependentNodes")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphNodeGetDependentNodes_v2 =
            unsafe { core::mem::transmute(find(c"cuGraphNodeGetDependentNodes_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphNodeGetEnabled =
            unsafe { core::mem::transmute(find(c"cuGraphNodeGetEnabled")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphNodeGetType = unsafe { core::mem::transmute(find(c"cuGraphNodeGetType")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphNodeSetEnabled =
            unsafe { core::mem::transmute(find(c"cuGraphNodeSetEnabled")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphNodeSetParams = unsafe { core::mem::transmute(find(c"cuGraphNodeSetParams")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphReleaseUserObject =
            unsafe { core::mem::transmute(find(c"cuGraphReleaseUserObject")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphRemoveDependencies =
            unsafe { core::mem::transmute(find(c"cuGraphRemoveDependencies")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphRemoveDependencies_v2 =
            unsafe { core::mem::transmute(find(c"cuGraphRemoveDependencies_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphRetainUserObject =
            unsafe { core::mem::transmute(find(c"cuGraphRetainUserObject")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphUpload = unsafe { core::mem::transmute(find(c"cuGraphUpload")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphUpload_ptsz = unsafe { core::mem::transmute(find(c"cuGraphUpload_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphicsMapResources =
            unsafe { core::mem::transmute(find(c"cuGraphicsMapResources")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphicsMapResources_ptsz =
            unsafe { core::mem::transmute(find(c"cuGraphicsMapResources_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphicsResourceGetMappedMipmappedArray =
            unsafe { core::mem::transmute(find(c"cuGraphicsResourceGetMappedMipmappedArray")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphicsResourceGetMappedPointer =
            unsafe { core::mem::transmute(find(c"cuGraphicsResourceGetMappedPointer")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphicsResourceGetMappedPointer_v2 =
            unsafe { core::mem::transmute(find(c"cuGraphicsResourceGetMappedPointer_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphicsResourceSetMapFlags =
            unsafe { core::mem::transmute(find(c"cuGraphicsResourceSetMapFlags")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphicsResourceSetMapFlags_v2 =
            unsafe { core::mem::transmute(find(c"cuGraphicsResourceSetMapFlags_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphicsSubResourceGetMappedArray =
            unsafe { core::mem::transmute(find(c"cuGraphicsSubResourceGetMappedArray")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphicsUnmapResources =
            unsafe { core::mem::transmute(find(c"cuGraphicsUnmapResources")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphicsUnmapResources_ptsz =
            unsafe { core::mem::transmute(find(c"cuGraphicsUnmapResources_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGraphicsUnregisterResource =
            unsafe { core::mem::transmute(find(c"cuGraphicsUnregisterResource")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGreenCtxCreate = unsafe { core::mem::transmute(find(c"cuGreenCtxCreate")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGreenCtxDestroy = unsafe { core::mem::transmute(find(c"cuGreenCtxDestroy")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGreenCtxGetDevResource =
            unsafe { core::mem::transmute(find(c"cuGreenCtxGetDevResource")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGreenCtxGetId = unsafe { core::mem::transmute(find(c"cuGreenCtxGetId")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGreenCtxRecordEvent =
            unsafe { core::mem::transmute(find(c"cuGreenCtxRecordEvent")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGreenCtxStreamCreate =
            unsafe { core::mem::transmute(find(c"cuGreenCtxStreamCreate")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuGreenCtxWaitEvent = unsafe { core::mem::transmute(find(c"cuGreenCtxWaitEvent")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuImportExternalMemory =
            unsafe { core::mem::transmute(find(c"cuImportExternalMemory")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuImportExternalSemaphore =
            unsafe { core::mem::transmute(find(c"cuImportExternalSemaphore")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuInit = unsafe { core::mem::transmute(find(c"cuInit")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuIpcCloseMemHandle = unsafe { core::mem::transmute(find(c"cuIpcCloseMemHandle")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuIpcGetEventHandle = unsafe { core::mem::transmute(find(c"cuIpcGetEventHandle")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuIpcGetMemHandle = unsafe { core::mem::transmute(find(c"cuIpcGetMemHandle")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuIpcOpenEventHandle = unsafe { core::mem::transmute(find(c"cuIpcOpenEventHandle")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuIpcOpenMemHandle = unsafe { core::mem::transmute(find(c"cuIpcOpenMemHandle")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuIpcOpenMemHandle_v2 =
            unsafe { core::mem::transmute(find(c"cuIpcOpenMemHandle_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuKernelGetAttribute = unsafe { core::mem::transmute(find(c"cuKernelGetAttribute")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuKernelGetFunction = unsafe { core::mem::transmute(find(c"cuKernelGetFunction")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuKernelGetLibrary = unsafe { core::mem::transmute(find(c"cuKernelGetLibrary")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuKernelGetName = unsafe { core::mem::transmute(find(c"cuKernelGetName")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuKernelGetParamInfo = unsafe { core::mem::transmute(find(c"cuKernelGetParamInfo")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuKernelSetAttribute = unsafe { core::mem::transmute(find(c"cuKernelSetAttribute")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuKernelSetCacheConfig =
            unsafe { core::mem::transmute(find(c"cuKernelSetCacheConfig")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLaunch = unsafe { core::mem::transmute(find(c"cuLaunch")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLaunchCooperativeKernel =
            unsafe { core::mem::transmute(find(c"cuLaunchCooperativeKernel")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLaunchCooperativeKernelMultiDevice =
            unsafe { core::mem::transmute(find(c"cuLaunchCooperativeKernelMultiDevice")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLaunchCooperativeKernel_ptsz =
            unsafe { core::mem::transmute(find(c"cuLaunchCooperativeKernel_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLaunchGrid = unsafe { core::mem::transmute(find(c"cuLaunchGrid")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLaunchGridAsync = unsafe { core::mem::transmute(find(c"cuLaunchGridAsync")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLaunchHostFunc = unsafe { core::mem::transmute(find(c"cuLaunchHostFunc")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLaunchHostFunc_ptsz =
            unsafe { core::mem::transmute(find(c"cuLaunchHostFunc_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLaunchKernel = unsafe { core::mem::transmute(find(c"cuLaunchKernel")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLaunchKernelEx = unsafe { core::mem::transmute(find(c"cuLaunchKernelEx")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLaunchKernelEx_ptsz =
            unsafe { core::mem::transmute(find(c"cuLaunchKernelEx_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLaunchKernel_ptsz = unsafe { core::mem::transmute(find(c"cuLaunchKernel_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLibraryEnumerateKernels =
            unsafe { core::mem::transmute(find(c"cuLibraryEnumerateKernels")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLibraryGetGlobal = unsafe { core::mem::transmute(find(c"cuLibraryGetGlobal")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLibraryGetKernel = unsafe { core::mem::transmute(find(c"cuLibraryGetKernel")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLibraryGetKernelCount =
            unsafe { core::mem::transmute(find(c"cuLibraryGetKernelCount")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLibraryGetManaged = unsafe { core::mem::transmute(find(c"cuLibraryGetManaged")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLibraryGetModule = unsafe { core::mem::transmute(find(c"cuLibraryGetModule")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLibraryGetUnifiedFunction =
            unsafe { core::mem::transmute(find(c"cuLibraryGetUnifiedFunction")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLibraryLoadData = unsafe { core::mem::transmute(find(c"cuLibraryLoadData")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLibraryLoadFromFile =
            unsafe { core::mem::transmute(find(c"cuLibraryLoadFromFile")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLibraryUnload = unsafe { core::mem::transmute(find(c"cuLibraryUnload")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLinkAddData = unsafe { core::mem::transmute(find(c"cuLinkAddData")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLinkAddData_v2 = unsafe { core::mem::transmute(find(c"cuLinkAddData_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLinkAddFile = unsafe { core::mem::transmute(find(c"cuLinkAddFile")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLinkAddFile_v2 = unsafe { core::mem::transmute(find(c"cuLinkAddFile_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLinkComplete = unsafe { core::mem::transmute(find(c"cuLinkComplete")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLinkCreate = unsafe { core::mem::transmute(find(c"cuLinkCreate")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLinkCreate_v2 = unsafe { core::mem::transmute(find(c"cuLinkCreate_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLinkDestroy = unsafe { core::mem::transmute(find(c"cuLinkDestroy")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLogsCurrent = unsafe { core::mem::transmute(find(c"cuLogsCurrent")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLogsDumpToFile = unsafe { core::mem::transmute(find(c"cuLogsDumpToFile")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLogsDumpToMemory = unsafe { core::mem::transmute(find(c"cuLogsDumpToMemory")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLogsRegisterCallback =
            unsafe { core::mem::transmute(find(c"cuLogsRegisterCallback")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuLogsUnregisterCallback =
            unsafe { core::mem::transmute(find(c"cuLogsUnregisterCallback")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemAddressFree = unsafe { core::mem::transmute(find(c"cuMemAddressFree")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemAddressReserve = unsafe { core::mem::transmute(find(c"cuMemAddressReserve")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemAdvise = unsafe { core::mem::transmute(find(c"cuMemAdvise")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemAdvise_v2 = unsafe { core::mem::transmute(find(c"cuMemAdvise_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemAlloc = unsafe { core::mem::transmute(find(c"cuMemAlloc")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemAllocAsync = unsafe { core::mem::transmute(find(c"cuMemAllocAsync")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemAllocAsync_ptsz = unsafe { core::mem::transmute(find(c"cuMemAllocAsync_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemAllocFromPoolAsync =
            unsafe { core::mem::transmute(find(c"cuMemAllocFromPoolAsync")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemAllocFromPoolAsync_ptsz =
            unsafe { core::mem::transmute(find(c"cuMemAllocFromPoolAsync_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemAllocHost = unsafe { core::mem::transmute(find(c"cuMemAllocHost")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemAllocHost_v2 = unsafe { core::mem::transmute(find(c"cuMemAllocHost_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemAllocManaged = unsafe { core::mem::transmute(find(c"cuMemAllocManaged")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemAllocPitch = unsafe { core::mem::transmute(find(c"cuMemAllocPitch")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemAllocPitch_v2 = unsafe { core::mem::transmute(find(c"cuMemAllocPitch_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemAlloc_v2 = unsafe { core::mem::transmute(find(c"cuMemAlloc_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemBatchDecompressAsync =
            unsafe { core::mem::transmute(find(c"cuMemBatchDecompressAsync")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemBatchDecompressAsync_ptsz =
            unsafe { core::mem::transmute(find(c"cuMemBatchDecompressAsync_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemCreate = unsafe { core::mem::transmute(find(c"cuMemCreate")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemDiscardAndPrefetchBatchAsync =
            unsafe { core::mem::transmute(find(c"cuMemDiscardAndPrefetchBatchAsync")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemDiscardAndPrefetchBatchAsync_ptsz =
            unsafe { core::mem::transmute(find(c"cuMemDiscardAndPrefetchBatchAsync_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemDiscardBatchAsync =
            unsafe { core::mem::transmute(find(c"cuMemDiscardBatchAsync")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemDiscardBatchAsync_ptsz =
            unsafe { core::mem::transmute(find(c"cuMemDiscardBatchAsync_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemExportToShareableHandle =
            unsafe { core::mem::transmute(find(c"cuMemExportToShareableHandle")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemFree = unsafe { core::mem::transmute(find(c"cuMemFree")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemFreeAsync = unsafe { core::mem::transmute(find(c"cuMemFreeAsync")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemFreeAsync_ptsz = unsafe { core::mem::transmute(find(c"cuMemFreeAsync_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemFreeHost = unsafe { core::mem::transmute(find(c"cuMemFreeHost")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemFree_v2 = unsafe { core::mem::transmute(find(c"cuMemFree_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemGetAccess = unsafe { core::mem::transmute(find(c"cuMemGetAccess")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemGetAddressRange = unsafe { core::mem::transmute(find(c"cuMemGetAddressRange")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemGetAddressRange_v2 =
            unsafe { core::mem::transmute(find(c"cuMemGetAddressRange_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemGetAllocationGranularity =
            unsafe { core::mem::transmute(find(c"cuMemGetAllocationGranularity")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemGetAllocationPropertiesFromHandle =
            unsafe { core::mem::transmute(find(c"cuMemGetAllocationPropertiesFromHandle")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemGetDefaultMemPool =
            unsafe { core::mem::transmute(find(c"cuMemGetDefaultMemPool")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemGetHandleForAddressRange =
            unsafe { core::mem::transmute(find(c"cuMemGetHandleForAddressRange")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemGetInfo = unsafe { core::mem::transmute(find(c"cuMemGetInfo")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemGetInfo_v2 = unsafe { core::mem::transmute(find(c"cuMemGetInfo_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemGetMemPool = unsafe { core::mem::transmute(find(c"cuMemGetMemPool")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemHostAlloc = unsafe { core::mem::transmute(find(c"cuMemHostAlloc")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemHostGetDevicePointer =
            unsafe { core::mem::transmute(find(c"cuMemHostGetDevicePointer")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemHostGetDevicePointer_v2 =
            unsafe { core::mem::transmute(find(c"cuMemHostGetDevicePointer_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemHostGetFlags = unsafe { core::mem::transmute(find(c"cuMemHostGetFlags")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemHostRegister = unsafe { core::mem::transmute(find(c"cuMemHostRegister")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemHostRegister_v2 = unsafe { core::mem::transmute(find(c"cuMemHostRegister_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemHostUnregister = unsafe { core::mem::transmute(find(c"cuMemHostUnregister")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemImportFromShareableHandle =
            unsafe { core::mem::transmute(find(c"cuMemImportFromShareableHandle")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemMap = unsafe { core::mem::transmute(find(c"cuMemMap")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemMapArrayAsync = unsafe { core::mem::transmute(find(c"cuMemMapArrayAsync")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemMapArrayAsync_ptsz =
            unsafe { core::mem::transmute(find(c"cuMemMapArrayAsync_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemPoolCreate = unsafe { core::mem::transmute(find(c"cuMemPoolCreate")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemPoolDestroy = unsafe { core::mem::transmute(find(c"cuMemPoolDestroy")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemPoolExportPointer =
            unsafe { core::mem::transmute(find(c"cuMemPoolExportPointer")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemPoolExportToShareableHandle =
            unsafe { core::mem::transmute(find(c"cuMemPoolExportToShareableHandle")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemPoolGetAccess = unsafe { core::mem::transmute(find(c"cuMemPoolGetAccess")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemPoolGetAttribute =
            unsafe { core::mem::transmute(find(c"cuMemPoolGetAttribute")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemPoolImportFromShareableHandle =
            unsafe { core::mem::transmute(find(c"cuMemPoolImportFromShareableHandle")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemPoolImportPointer =
            unsafe { core::mem::transmute(find(c"cuMemPoolImportPointer")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemPoolSetAccess = unsafe { core::mem::transmute(find(c"cuMemPoolSetAccess")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemPoolSetAttribute =
            unsafe { core::mem::transmute(find(c"cuMemPoolSetAttribute")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemPoolTrimTo = unsafe { core::mem::transmute(find(c"cuMemPoolTrimTo")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemPrefetchAsync = unsafe { core::mem::transmute(find(c"cuMemPrefetchAsync")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemPrefetchAsync_ptsz =
            unsafe { core::mem::transmute(find(c"cuMemPrefetchAsync_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemPrefetchAsync_v2 =
            unsafe { core::mem::transmute(find(c"cuMemPrefetchAsync_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemPrefetchAsync_v2_ptsz =
            unsafe { core::mem::transmute(find(c"cuMemPrefetchAsync_v2_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemPrefetchBatchAsync =
            unsafe { core::mem::transmute(find(c"cuMemPrefetchBatchAsync")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemPrefetchBatchAsync_ptsz =
            unsafe { core::mem::transmute(find(c"cuMemPrefetchBatchAsync_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemRangeGetAttribute =
            unsafe { core::mem::transmute(find(c"cuMemRangeGetAttribute")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemRangeGetAttributes =
            unsafe { core::mem::transmute(find(c"cuMemRangeGetAttributes")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemRelease = unsafe { core::mem::transmute(find(c"cuMemRelease")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemRetainAllocationHandle =
            unsafe { core::mem::transmute(find(c"cuMemRetainAllocationHandle")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemSetAccess = unsafe { core::mem::transmute(find(c"cuMemSetAccess")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemSetMemPool = unsafe { core::mem::transmute(find(c"cuMemSetMemPool")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemUnmap = unsafe { core::mem::transmute(find(c"cuMemUnmap")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpy = unsafe { core::mem::transmute(find(c"cuMemcpy")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpy2D = unsafe { core::mem::transmute(find(c"cuMemcpy2D")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpy2DAsync = unsafe { core::mem::transmute(find(c"cuMemcpy2DAsync")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpy2DAsync_v2 = unsafe { core::mem::transmute(find(c"cuMemcpy2DAsync_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpy2DAsync_v2_ptsz =
            unsafe { core::mem::transmute(find(c"cuMemcpy2DAsync_v2_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpy2DUnaligned = unsafe { core::mem::transmute(find(c"cuMemcpy2DUnaligned")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpy2DUnaligned_v2 =
            unsafe { core::mem::transmute(find(c"cuMemcpy2DUnaligned_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpy2DUnaligned_v2_ptds =
            unsafe { core::mem::transmute(find(c"cuMemcpy2DUnaligned_v2_ptds")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpy2D_v2 = unsafe { core::mem::transmute(find(c"cuMemcpy2D_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpy2D_v2_ptds = unsafe { core::mem::transmute(find(c"cuMemcpy2D_v2_ptds")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpy3D = unsafe { core::mem::transmute(find(c"cuMemcpy3D")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpy3DAsync = unsafe { core::mem::transmute(find(c"cuMemcpy3DAsync")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpy3DAsync_v2 = unsafe { core::mem::transmute(find(c"cuMemcpy3DAsync_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpy3DAsync_v2_ptsz =
            unsafe { core::mem::transmute(find(c"cuMemcpy3DAsync_v2_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpy3DBatchAsync = unsafe { core::mem::transmute(find(c"cuMemcpy3DBatchAsync")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpy3DBatchAsync_ptsz =
            unsafe { core::mem::transmute(find(c"cuMemcpy3DBatchAsync_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpy3DBatchAsync_v2 =
            unsafe { core::mem::transmute(find(c"cuMemcpy3DBatchAsync_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpy3DBatchAsync_v2_ptsz =
            unsafe { core::mem::transmute(find(c"cuMemcpy3DBatchAsync_v2_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpy3DPeer = unsafe { core::mem::transmute(find(c"cuMemcpy3DPeer")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpy3DPeerAsync = unsafe { core::mem::transmute(find(c"cuMemcpy3DPeerAsync")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpy3DPeerAsync_ptsz =
            unsafe { core::mem::transmute(find(c"cuMemcpy3DPeerAsync_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpy3DPeer_ptds = unsafe { core::mem::transmute(find(c"cuMemcpy3DPeer_ptds")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpy3D_v2 = unsafe { core::mem::transmute(find(c"cuMemcpy3D_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpy3D_v2_ptds = unsafe { core::mem::transmute(find(c"cuMemcpy3D_v2_ptds")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyAsync = unsafe { core::mem::transmute(find(c"cuMemcpyAsync")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyAsync_ptsz = unsafe { core::mem::transmute(find(c"cuMemcpyAsync_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyAtoA = unsafe { core::mem::transmute(find(c"cuMemcpyAtoA")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyAtoA_v2 = unsafe { core::mem::transmute(find(c"cuMemcpyAtoA_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyAtoA_v2_ptds = unsafe { core::mem::transmute(find(c"cuMemcpyAtoA_v2_ptds")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyAtoD = unsafe { core::mem::transmute(find(c"cuMemcpyAtoD")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyAtoD_v2 = unsafe { core::mem::transmute(find(c"cuMemcpyAtoD_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyAtoD_v2_ptds = unsafe { core::mem::transmute(find(c"cuMemcpyAtoD_v2_ptds")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyAtoH = unsafe { core::mem::transmute(find(c"cuMemcpyAtoH")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyAtoHAsync = unsafe { core::mem::transmute(find(c"cuMemcpyAtoHAsync")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyAtoHAsync_v2 = unsafe { core::mem::transmute(find(c"cuMemcpyAtoHAsync_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyAtoHAsync_v2_ptsz =
            unsafe { core::mem::transmute(find(c"cuMemcpyAtoHAsync_v2_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyAtoH_v2 = unsafe { core::mem::transmute(find(c"cuMemcpyAtoH_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyAtoH_v2_ptds = unsafe { core::mem::transmute(find(c"cuMemcpyAtoH_v2_ptds")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyBatchAsync = unsafe { core::mem::transmute(find(c"cuMemcpyBatchAsync")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyBatchAsync_ptsz =
            unsafe { core::mem::transmute(find(c"cuMemcpyBatchAsync_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyBatchAsync_v2 =
            unsafe { core::mem::transmute(find(c"cuMemcpyBatchAsync_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyBatchAsync_v2_ptsz =
            unsafe { core::mem::transmute(find(c"cuMemcpyBatchAsync_v2_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyDtoA = unsafe { core::mem::transmute(find(c"cuMemcpyDtoA")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyDtoA_v2 = unsafe { core::mem::transmute(find(c"cuMemcpyDtoA_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyDtoA_v2_ptds = unsafe { core::mem::transmute(find(c"cuMemcpyDtoA_v2_ptds")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyDtoD = unsafe { core::mem::transmute(find(c"cuMemcpyDtoD")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyDtoDAsync = unsafe { core::mem::transmute(find(c"cuMemcpyDtoDAsync")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyDtoDAsync_v2 = unsafe { core::mem::transmute(find(c"cuMemcpyDtoDAsync_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyDtoDAsync_v2_ptsz =
            unsafe { core::mem::transmute(find(c"cuMemcpyDtoDAsync_v2_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyDtoD_v2 = unsafe { core::mem::transmute(find(c"cuMemcpyDtoD_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyDtoD_v2_ptds = unsafe { core::mem::transmute(find(c"cuMemcpyDtoD_v2_ptds")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyDtoH = unsafe { core::mem::transmute(find(c"cuMemcpyDtoH")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyDtoHAsync = unsafe { core::mem::transmute(find(c"cuMemcpyDtoHAsync")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyDtoHAsync_v2 = unsafe { core::mem::transmute(find(c"cuMemcpyDtoHAsync_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyDtoHAsync_v2_ptsz =
            unsafe { core::mem::transmute(find(c"cuMemcpyDtoHAsync_v2_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyDtoH_v2 = unsafe { core::mem::transmute(find(c"cuMemcpyDtoH_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyDtoH_v2_ptds = unsafe { core::mem::transmute(find(c"cuMemcpyDtoH_v2_ptds")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyHtoA = unsafe { core::mem::transmute(find(c"cuMemcpyHtoA")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyHtoAAsync = unsafe { core::mem::transmute(find(c"cuMemcpyHtoAAsync")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyHtoAAsync_v2 = unsafe { core::mem::transmute(find(c"cuMemcpyHtoAAsync_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyHtoAAsync_v2_ptsz =
            unsafe { core::mem::transmute(find(c"cuMemcpyHtoAAsync_v2_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyHtoA_v2 = unsafe { core::mem::transmute(find(c"cuMemcpyHtoA_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyHtoA_v2_ptds = unsafe { core::mem::transmute(find(c"cuMemcpyHtoA_v2_ptds")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyHtoD = unsafe { core::mem::transmute(find(c"cuMemcpyHtoD")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyHtoDAsync = unsafe { core::mem::transmute(find(c"cuMemcpyHtoDAsync")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyHtoDAsync_v2 = unsafe { core::mem::transmute(find(c"cuMemcpyHtoDAsync_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyHtoDAsync_v2_ptsz =
            unsafe { core::mem::transmute(find(c"cuMemcpyHtoDAsync_v2_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyHtoD_v2 = unsafe { core::mem::transmute(find(c"cuMemcpyHtoD_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyHtoD_v2_ptds = unsafe { core::mem::transmute(find(c"cuMemcpyHtoD_v2_ptds")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyPeer = unsafe { core::mem::transmute(find(c"cuMemcpyPeer")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyPeerAsync = unsafe { core::mem::transmute(find(c"cuMemcpyPeerAsync")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyPeerAsync_ptsz =
            unsafe { core::mem::transmute(find(c"cuMemcpyPeerAsync_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpyPeer_ptds = unsafe { core::mem::transmute(find(c"cuMemcpyPeer_ptds")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemcpy_ptds = unsafe { core::mem::transmute(find(c"cuMemcpy_ptds")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD16 = unsafe { core::mem::transmute(find(c"cuMemsetD16")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD16Async = unsafe { core::mem::transmute(find(c"cuMemsetD16Async")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD16Async_ptsz =
            unsafe { core::mem::transmute(find(c"cuMemsetD16Async_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD16_v2 = unsafe { core::mem::transmute(find(c"cuMemsetD16_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD16_v2_ptds = unsafe { core::mem::transmute(find(c"cuMemsetD16_v2_ptds")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD2D16 = unsafe { core::mem::transmute(find(c"cuMemsetD2D16")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD2D16Async = unsafe { core::mem::transmute(find(c"cuMemsetD2D16Async")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD2D16Async_ptsz =
            unsafe { core::mem::transmute(find(c"cuMemsetD2D16Async_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD2D16_v2 = unsafe { core::mem::transmute(find(c"cuMemsetD2D16_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD2D16_v2_ptds =
            unsafe { core::mem::transmute(find(c"cuMemsetD2D16_v2_ptds")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD2D32 = unsafe { core::mem::transmute(find(c"cuMemsetD2D32")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD2D32Async = unsafe { core::mem::transmute(find(c"cuMemsetD2D32Async")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD2D32Async_ptsz =
            unsafe { core::mem::transmute(find(c"cuMemsetD2D32Async_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD2D32_v2 = unsafe { core::mem::transmute(find(c"cuMemsetD2D32_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD2D32_v2_ptds =
            unsafe { core::mem::transmute(find(c"cuMemsetD2D32_v2_ptds")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD2D8 = unsafe { core::mem::transmute(find(c"cuMemsetD2D8")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD2D8Async = unsafe { core::mem::transmute(find(c"cuMemsetD2D8Async")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD2D8Async_ptsz =
            unsafe { core::mem::transmute(find(c"cuMemsetD2D8Async_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD2D8_v2 = unsafe { core::mem::transmute(find(c"cuMemsetD2D8_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD2D8_v2_ptds = unsafe { core::mem::transmute(find(c"cuMemsetD2D8_v2_ptds")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD32 = unsafe { core::mem::transmute(find(c"cuMemsetD32")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD32Async = unsafe { core::mem::transmute(find(c"cuMemsetD32Async")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD32Async_ptsz =
            unsafe { core::mem::transmute(find(c"cuMemsetD32Async_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD32_v2 = unsafe { core::mem::transmute(find(c"cuMemsetD32_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD32_v2_ptds = unsafe { core::mem::transmute(find(c"cuMemsetD32_v2_ptds")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD8 = unsafe { core::mem::transmute(find(c"cuMemsetD8")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD8Async = unsafe { core::mem::transmute(find(c"cuMemsetD8Async")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD8Async_ptsz = unsafe { core::mem::transmute(find(c"cuMemsetD8Async_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD8_v2 = unsafe { core::mem::transmute(find(c"cuMemsetD8_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMemsetD8_v2_ptds = unsafe { core::mem::transmute(find(c"cuMemsetD8_v2_ptds")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMipmappedArrayCreate =
            unsafe { core::mem::transmute(find(c"cuMipmappedArrayCreate")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMipmappedArrayDestroy =
            unsafe { core::mem::transmute(find(c"cuMipmappedArrayDestroy")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMipmappedArrayGetLevel =
            unsafe { core::mem::transmute(find(c"cuMipmappedArrayGetLevel")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMipmappedArrayGetMemoryRequirements =
            unsafe { core::mem::transmute(find(c"cuMipmappedArrayGetMemoryRequirements")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMipmappedArrayGetSparseProperties =
            unsafe { core::mem::transmute(find(c"cuMipmappedArrayGetSparseProperties")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuModuleEnumerateFunctions =
            unsafe { core::mem::transmute(find(c"cuModuleEnumerateFunctions")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuModuleGetFunction = unsafe { core::mem::transmute(find(c"cuModuleGetFunction")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuModuleGetFunctionCount =
            unsafe { core::mem::transmute(find(c"cuModuleGetFunctionCount")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuModuleGetGlobal = unsafe { core::mem::transmute(find(c"cuModuleGetGlobal")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuModuleGetGlobal_v2 = unsafe { core::mem::transmute(find(c"cuModuleGetGlobal_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuModuleGetLoadingMode =
            unsafe { core::mem::transmute(find(c"cuModuleGetLoadingMode")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuModuleGetSurfRef = unsafe { core::mem::transmute(find(c"cuModuleGetSurfRef")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuModuleGetTexRef = unsafe { core::mem::transmute(find(c"cuModuleGetTexRef")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuModuleLoad = unsafe { core::mem::transmute(find(c"cuModuleLoad")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuModuleLoadData = unsafe { core::mem::transmute(find(c"cuModuleLoadData")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuModuleLoadDataEx = unsafe { core::mem::transmute(find(c"cuModuleLoadDataEx")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuModuleLoadFatBinary =
            unsafe { core::mem::transmute(find(c"cuModuleLoadFatBinary")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuModuleUnload = unsafe { core::mem::transmute(find(c"cuModuleUnload")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMulticastAddDevice = unsafe { core::mem::transmute(find(c"cuMulticastAddDevice")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMulticastBindAddr = unsafe { core::mem::transmute(find(c"cuMulticastBindAddr")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMulticastBindMem = unsafe { core::mem::transmute(find(c"cuMulticastBindMem")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMulticastCreate = unsafe { core::mem::transmute(find(c"cuMulticastCreate")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMulticastGetGranularity =
            unsafe { core::mem::transmute(find(c"cuMulticastGetGranularity")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuMulticastUnbind = unsafe { core::mem::transmute(find(c"cuMulticastUnbind")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuOccupancyAvailableDynamicSMemPerBlock =
            unsafe { core::mem::transmute(find(c"cuOccupancyAvailableDynamicSMemPerBlock")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuOccupancyMaxActiveBlocksPerMultiprocessor =
            unsafe { core::mem::transmute(find(c"cuOccupancyMaxActiveBlocksPerMultiprocessor")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags = unsafe {
            core::mem::transmute(find(
                c"cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags",
            ))
        };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuOccupancyMaxActiveClusters =
            unsafe { core::mem::transmute(find(c"cuOccupancyMaxActiveClusters")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuOccupancyMaxPotentialBlockSize =
            unsafe { core::mem::transmute(find(c"cuOccupancyMaxPotentialBlockSize")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuOccupancyMaxPotentialBlockSizeWithFlags =
            unsafe { core::mem::transmute(find(c"cuOccupancyMaxPotentialBlockSizeWithFlags")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuOccupancyMaxPotentialClusterSize =
            unsafe { core::mem::transmute(find(c"cuOccupancyMaxPotentialClusterSize")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuParamSetSize = unsafe { core::mem::transmute(find(c"cuParamSetSize")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuParamSetTexRef = unsafe { core::mem::transmute(find(c"cuParamSetTexRef")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuParamSetf = unsafe { core::mem::transmute(find(c"cuParamSetf")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuParamSeti = unsafe { core::mem::transmute(find(c"cuParamSeti")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuParamSetv = unsafe { core::mem::transmute(find(c"cuParamSetv")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuPointerGetAttribute =
            unsafe { core::mem::transmute(find(c"cuPointerGetAttribute")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuPointerGetAttributes =
            unsafe { core::mem::transmute(find(c"cuPointerGetAttributes")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuPointerSetAttribute =
            unsafe { core::mem::transmute(find(c"cuPointerSetAttribute")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuSignalExternalSemaphoresAsync =
            unsafe { core::mem::transmute(find(c"cuSignalExternalSemaphoresAsync")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuSignalExternalSemaphoresAsync_ptsz =
            unsafe { core::mem::transmute(find(c"cuSignalExternalSemaphoresAsync_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamAddCallback = unsafe { core::mem::transmute(find(c"cuStreamAddCallback")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamAddCallback_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamAddCallback_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamAttachMemAsync =
            unsafe { core::mem::transmute(find(c"cuStreamAttachMemAsync")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamAttachMemAsync_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamAttachMemAsync_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamBatchMemOp = unsafe { core::mem::transmute(find(c"cuStreamBatchMemOp")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamBatchMemOp_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamBatchMemOp_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamBatchMemOp_v2 =
            unsafe { core::mem::transmute(find(c"cuStreamBatchMemOp_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamBatchMemOp_v2_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamBatchMemOp_v2_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamBeginCapture = unsafe { core::mem::transmute(find(c"cuStreamBeginCapture")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamBeginCaptureToGraph =
            unsafe { core::mem::transmute(find(c"cuStreamBeginCaptureToGraph")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamBeginCaptureToGraph_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamBeginCaptureToGraph_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamBeginCapture_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamBeginCapture_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamBeginCapture_v2 =
            unsafe { core::mem::transmute(find(c"cuStreamBeginCapture_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamBeginCapture_v2_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamBeginCapture_v2_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamCopyAttributes =
            unsafe { core::mem::transmute(find(c"cuStreamCopyAttributes")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamCopyAttributes_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamCopyAttributes_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamCreate = unsafe { core::mem::transmute(find(c"cuStreamCreate")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamCreateWithPriority =
            unsafe { core::mem::transmute(find(c"cuStreamCreateWithPriority")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamDestroy = unsafe { core::mem::transmute(find(c"cuStreamDestroy")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamDestroy_v2 = unsafe { core::mem::transmute(find(c"cuStreamDestroy_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamEndCapture = unsafe { core::mem::transmute(find(c"cuStreamEndCapture")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamEndCapture_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamEndCapture_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamGetAttribute = unsafe { core::mem::transmute(find(c"cuStreamGetAttribute")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamGetAttribute_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamGetAttribute_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamGetCaptureInfo =
            unsafe { core::mem::transmute(find(c"cuStreamGetCaptureInfo")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamGetCaptureInfo_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamGetCaptureInfo_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamGetCaptureInfo_v2 =
            unsafe { core::mem::transmute(find(c"cuStreamGetCaptureInfo_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamGetCaptureInfo_v2_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamGetCaptureInfo_v2_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamGetCaptureInfo_v3 =
            unsafe { core::mem::transmute(find(c"cuStreamGetCaptureInfo_v3")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamGetCaptureInfo_v3_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamGetCaptureInfo_v3_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamGetCtx = unsafe { core::mem::transmute(find(c"cuStreamGetCtx")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamGetCtx_ptsz = unsafe { core::mem::transmute(find(c"cuStreamGetCtx_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamGetCtx_v2 = unsafe { core::mem::transmute(find(c"cuStreamGetCtx_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamGetCtx_v2_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamGetCtx_v2_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamGetDevice = unsafe { core::mem::transmute(find(c"cuStreamGetDevice")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamGetDevice_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamGetDevice_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamGetFlags = unsafe { core::mem::transmute(find(c"cuStreamGetFlags")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamGetFlags_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamGetFlags_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamGetGreenCtx = unsafe { core::mem::transmute(find(c"cuStreamGetGreenCtx")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamGetId = unsafe { core::mem::transmute(find(c"cuStreamGetId")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamGetId_ptsz = unsafe { core::mem::transmute(find(c"cuStreamGetId_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamGetPriority = unsafe { core::mem::transmute(find(c"cuStreamGetPriority")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamGetPriority_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamGetPriority_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamIsCapturing = unsafe { core::mem::transmute(find(c"cuStreamIsCapturing")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamIsCapturing_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamIsCapturing_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamQuery = unsafe { core::mem::transmute(find(c"cuStreamQuery")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamQuery_ptsz = unsafe { core::mem::transmute(find(c"cuStreamQuery_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamSetAttribute = unsafe { core::mem::transmute(find(c"cuStreamSetAttribute")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamSetAttribute_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamSetAttribute_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamSynchronize = unsafe { core::mem::transmute(find(c"cuStreamSynchronize")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamSynchronize_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamSynchronize_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamUpdateCaptureDependencies =
            unsafe { core::mem::transmute(find(c"cuStreamUpdateCaptureDependencies")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamUpdateCaptureDependencies_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamUpdateCaptureDependencies_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamUpdateCaptureDependencies_v2 =
            unsafe { core::mem::transmute(find(c"cuStreamUpdateCaptureDependencies_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamUpdateCaptureDependencies_v2_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamUpdateCaptureDependencies_v2_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamWaitEvent = unsafe { core::mem::transmute(find(c"cuStreamWaitEvent")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamWaitEvent_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamWaitEvent_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamWaitValue32 = unsafe { core::mem::transmute(find(c"cuStreamWaitValue32")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamWaitValue32_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamWaitValue32_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamWaitValue32_v2 =
            unsafe { core::mem::transmute(find(c"cuStreamWaitValue32_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamWaitValue32_v2_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamWaitValue32_v2_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamWaitValue64 = unsafe { core::mem::transmute(find(c"cuStreamWaitValue64")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamWaitValue64_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamWaitValue64_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamWaitValue64_v2 =
            unsafe { core::mem::transmute(find(c"cuStreamWaitValue64_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamWaitValue64_v2_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamWaitValue64_v2_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamWriteValue32 = unsafe { core::mem::transmute(find(c"cuStreamWriteValue32")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamWriteValue32_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamWriteValue32_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamWriteValue32_v2 =
            unsafe { core::mem::transmute(find(c"cuStreamWriteValue32_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamWriteValue32_v2_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamWriteValue32_v2_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamWriteValue64 = unsafe { core::mem::transmute(find(c"cuStreamWriteValue64")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamWriteValue64_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamWriteValue64_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamWriteValue64_v2 =
            unsafe { core::mem::transmute(find(c"cuStreamWriteValue64_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuStreamWriteValue64_v2_ptsz =
            unsafe { core::mem::transmute(find(c"cuStreamWriteValue64_v2_ptsz")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuSurfObjectCreate = unsafe { core::mem::transmute(find(c"cuSurfObjectCreate")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuSurfObjectDestroy = unsafe { core::mem::transmute(find(c"cuSurfObjectDestroy")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuSurfObjectGetResourceDesc =
            unsafe { core::mem::transmute(find(c"cuSurfObjectGetResourceDesc")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuSurfRefGetArray = unsafe { core::mem::transmute(find(c"cuSurfRefGetArray")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuSurfRefSetArray = unsafe { core::mem::transmute(find(c"cuSurfRefSetArray")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTensorMapEncodeIm2col =
            unsafe { core::mem::transmute(find(c"cuTensorMapEncodeIm2col")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTensorMapEncodeIm2colWide =
            unsafe { core::mem::transmute(find(c"cuTensorMapEncodeIm2colWide")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTensorMapEncodeTiled =
            unsafe { core::mem::transmute(find(c"cuTensorMapEncodeTiled")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTensorMapReplaceAddress =
            unsafe { core::mem::transmute(find(c"cuTensorMapReplaceAddress")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexObjectCreate = unsafe { core::mem::transmute(find(c"cuTexObjectCreate")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexObjectDestroy = unsafe { core::mem::transmute(find(c"cuTexObjectDestroy")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexObjectGetResourceDesc =
            unsafe { core::mem::transmute(find(c"cuTexObjectGetResourceDesc")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexObjectGetResourceViewDesc =
            unsafe { core::mem::transmute(find(c"cuTexObjectGetResourceViewDesc")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexObjectGetTextureDesc =
            unsafe { core::mem::transmute(find(c"cuTexObjectGetTextureDesc")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefCreate = unsafe { core::mem::transmute(find(c"cuTexRefCreate")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefDestroy = unsafe { core::mem::transmute(find(c"cuTexRefDestroy")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefGetAddress = unsafe { core::mem::transmute(find(c"cuTexRefGetAddress")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefGetAddressMode =
            unsafe { core::mem::transmute(find(c"cuTexRefGetAddressMode")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefGetAddress_v2 =
            unsafe { core::mem::transmute(find(c"cuTexRefGetAddress_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefGetArray = unsafe { core::mem::transmute(find(c"cuTexRefGetArray")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefGetBorderColor =
            unsafe { core::mem::transmute(find(c"cuTexRefGetBorderColor")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefGetFilterMode =
            unsafe { core::mem::transmute(find(c"cuTexRefGetFilterMode")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefGetFlags = unsafe { core::mem::transmute(find(c"cuTexRefGetFlags")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefGetFormat = unsafe { core::mem::transmute(find(c"cuTexRefGetFormat")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefGetMaxAnisotropy =
            unsafe { core::mem::transmute(find(c"cuTexRefGetMaxAnisotropy")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefGetMipmapFilterMode =
            unsafe { core::mem::transmute(find(c"cuTexRefGetMipmapFilterMode")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefGetMipmapLevelBias =
            unsafe { core::mem::transmute(find(c"cuTexRefGetMipmapLevelBias")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefGetMipmapLevelClamp =
            unsafe { core::mem::transmute(find(c"cuTexRefGetMipmapLevelClamp")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefGetMipmappedArray =
            unsafe { core::mem::transmute(find(c"cuTexRefGetMipmappedArray")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefSetAddress = unsafe { core::mem::transmute(find(c"cuTexRefSetAddress")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefSetAddress2D = unsafe { core::mem::transmute(find(c"cuTexRefSetAddress2D")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefSetAddress2D_v2 =
            unsafe { core::mem::transmute(find(c"cuTexRefSetAddress2D_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefSetAddress2D_v3 =
            unsafe { core::mem::transmute(find(c"cuTexRefSetAddress2D_v3")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefSetAddressMode =
            unsafe { core::mem::transmute(find(c"cuTexRefSetAddressMode")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefSetAddress_v2 =
            unsafe { core::mem::transmute(find(c"cuTexRefSetAddress_v2")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefSetArray = unsafe { core::mem::transmute(find(c"cuTexRefSetArray")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefSetBorderColor =
            unsafe { core::mem::transmute(find(c"cuTexRefSetBorderColor")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefSetFilterMode =
            unsafe { core::mem::transmute(find(c"cuTexRefSetFilterMode")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefSetFlags = unsafe { core::mem::transmute(find(c"cuTexRefSetFlags")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefSetFormat = unsafe { core::mem::transmute(find(c"cuTexRefSetFormat")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefSetMaxAnisotropy =
            unsafe { core::mem::transmute(find(c"cuTexRefSetMaxAnisotropy")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefSetMipmapFilterMode =
            unsafe { core::mem::transmute(find(c"cuTexRefSetMipmapFilterMode")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefSetMipmapLevelBias =
            unsafe { core::mem::transmute(find(c"cuTexRefSetMipmapLevelBias")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefSetMipmapLevelClamp =
            unsafe { core::mem::transmute(find(c"cuTexRefSetMipmapLevelClamp")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuTexRefSetMipmappedArray =
            unsafe { core::mem::transmute(find(c"cuTexRefSetMipmappedArray")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuThreadExchangeStreamCaptureMode =
            unsafe { core::mem::transmute(find(c"cuThreadExchangeStreamCaptureMode")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuUserObjectCreate = unsafe { core::mem::transmute(find(c"cuUserObjectCreate")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuUserObjectRelease = unsafe { core::mem::transmute(find(c"cuUserObjectRelease")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuUserObjectRetain = unsafe { core::mem::transmute(find(c"cuUserObjectRetain")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuWaitExternalSemaphoresAsync =
            unsafe { core::mem::transmute(find(c"cuWaitExternalSemaphoresAsync")) };
        // SAFETY: the caller promises the signature; the null address is the niche of `Option`.
        table.cuWaitExternalSemaphoresAsync_ptsz =
            unsafe { core::mem::transmute(find(c"cuWaitExternalSemaphoresAsync_ptsz")) };
        table
    }

    /// Asks `keep` of each function that is there, by its symbol, and takes out those that it does not want.
    pub fn retain(&mut self, mut keep: impl FnMut(&'static str) -> bool) {
        if self.cuArray3DCreate.is_some() && !keep("cuArray3DCreate") {
            self.cuArray3DCreate = None;
        }
        if self.cuArray3DCreate_v2.is_some() && !keep("cuArray3DCreate_v2") {
            self.cuArray3DCreate_v2 = None;
        }
        if self.cuArray3DGetDescriptor.is_some() && !keep("cuArray3DGetDescriptor") {
            self.cuArray3DGetDescriptor = None;
        }
        if self.cuArray3DGetDescriptor_v2.is_some() && !keep("cuArray3DGetDescriptor_v2") {
            self.cuArray3DGetDescriptor_v2 = None;
        }
        if self.cuArrayCreate.is_some() && !keep("cuArrayCreate") {
            self.cuArrayCreate = None;
        }
        if self.cuArrayCreate_v2.is_some() && !keep("cuArrayCreate_v2") {
            self.cuArrayCreate_v2 = None;
        }
        if self.cuArrayDestroy.is_some() && !keep("cuArrayDestroy") {
            self.cuArrayDestroy = None;
        }
        if self.cuArrayGetDescriptor.is_some() && !keep("cuArrayGetDescriptor") {
            self.cuArrayGetDescriptor = None;
        }
        if self.cuArrayGetDescriptor_v2.is_some() && !keep("cuArrayGetDescriptor_v2") {
            self.cuArrayGetDescriptor_v2 = None;
        }
        if self.cuArrayGetMemoryRequirements.is_some() && !keep("cuArrayGetMemoryRequirements") {
            self.cuArrayGetMemoryRequirements = None;
        }
        if self.cuArrayGetPlane.is_some() && !keep("cuArrayGetPlane") {
            self.cuArrayGetPlane = None;
        }
        if self.cuArrayGetSparseProperties.is_some() && !keep("cuArrayGetSparseProperties") {
            self.cuArrayGetSparseProperties = None;
        }
        if self.cuCheckpointProcessCheckpoint.is_some() && !keep("cuCheckpointProcessCheckpoint") {
            self.cuCheckpointProcessCheckpoint = None;
        }
        if self.cuCheckpointProcessGetRestoreThreadId.is_some()
            && !keep("cuCheckpointProcessGetRestoreThreadId")
        {
            self.cuCheckpointProcessGetRestoreThreadId = None;
        }
        if self.cuCheckpointProcessGetState.is_some() && !keep("cuCheckpointProcessGetState") {
            self.cuCheckpointProcessGetState = None;
        }
        if self.cuCheckpointProcessLock.is_some() && !keep("cuCheckpointProcessLock") {
            self.cuCheckpointProcessLock = None;
        }
        if self.cuCheckpointProcessRestore.is_some() && !keep("cuCheckpointProcessRestore") {
            self.cuCheckpointProcessRestore = None;
        }
        if self.cuCheckpointProcessUnlock.is_some() && !keep("cuCheckpointProcessUnlock") {
            self.cuCheckpointProcessUnlock = None;
        }
        if self.cuCoredumpGetAttribute.is_some() && !keep("cuCoredumpGetAttribute") {
            self.cuCoredumpGetAttribute = None;
        }
        if self.cuCoredumpGetAttributeGlobal.is_some() && !keep("cuCoredumpGetAttributeGlobal") {
            self.cuCoredumpGetAttributeGlobal = None;
        }
        if self.cuCoredumpSetAttribute.is_some() && !keep("cuCoredumpSetAttribute") {
            self.cuCoredumpSetAttribute = None;
        }
        if self.cuCoredumpSetAttributeGlobal.is_some() && !keep("cuCoredumpSetAttributeGlobal") {
            self.cuCoredumpSetAttributeGlobal = None;
        }
        if self.cuCtxAttach.is_some() && !keep("cuCtxAttach") {
            self.cuCtxAttach = None;
        }
        if self.cuCtxCreate.is_some() && !keep("cuCtxCreate") {
            self.cuCtxCreate = None;
        }
        if self.cuCtxCreate_v2.is_some() && !keep("cuCtxCreate_v2") {
            self.cuCtxCreate_v2 = None;
        }
        if self.cuCtxCreate_v3.is_some() && !keep("cuCtxCreate_v3") {
            self.cuCtxCreate_v3 = None;
        }
        if self.cuCtxCreate_v4.is_some() && !keep("cuCtxCreate_v4") {
            self.cuCtxCreate_v4 = None;
        }
        if self.cuCtxDestroy.is_some() && !keep("cuCtxDestroy") {
            self.cuCtxDestroy = None;
        }
        if self.cuCtxDestroy_v2.is_some() && !keep("cuCtxDestroy_v2") {
            self.cuCtxDestroy_v2 = None;
        }
        if self.cuCtxDetach.is_some() && !keep("cuCtxDetach") {
            self.cuCtxDetach = None;
        }
        if self.cuCtxDisablePeerAccess.is_some() && !keep("cuCtxDisablePeerAccess") {
            self.cuCtxDisablePeerAccess = None;
        }
        if self.cuCtxEnablePeerAccess.is_some() && !keep("cuCtxEnablePeerAccess") {
            self.cuCtxEnablePeerAccess = None;
        }
        if self.cuCtxFromGreenCtx.is_some() && !keep("cuCtxFromGreenCtx") {
            self.cuCtxFromGreenCtx = None;
        }
        if self.cuCtxGetApiVersion.is_some() && !keep("cuCtxGetApiVersion") {
            self.cuCtxGetApiVersion = None;
        }
        if self.cuCtxGetCacheConfig.is_some() && !keep("cuCtxGetCacheConfig") {
            self.cuCtxGetCacheConfig = None;
        }
        if self.cuCtxGetCurrent.is_some() && !keep("cuCtxGetCurrent") {
            self.cuCtxGetCurrent = None;
        }
        if self.cuCtxGetDevResource.is_some() && !keep("cuCtxGetDevResource") {
            self.cuCtxGetDevResource = None;
        }
        if self.cuCtxGetDevice.is_some() && !keep("cuCtxGetDevice") {
            self.cuCtxGetDevice = None;
        }
        if self.cuCtxGetDevice_v2.is_some() && !keep("cuCtxGetDevice_v2") {
            self.cuCtxGetDevice_v2 = None;
        }
        if self.cuCtxGetExecAffinity.is_some() && !keep("cuCtxGetExecAffinity") {
            self.cuCtxGetExecAffinity = None;
        }
        if self.cuCtxGetFlags.is_some() && !keep("cuCtxGetFlags") {
            self.cuCtxGetFlags = None;
        }
        if self.cuCtxGetId.is_some() && !keep("cuCtxGetId") {
            self.cuCtxGetId = None;
        }
        if self.cuCtxGetLimit.is_some() && !keep("cuCtxGetLimit") {
            self.cuCtxGetLimit = None;
        }
        if self.cuCtxGetSharedMemConfig.is_some() && !keep("cuCtxGetSharedMemConfig") {
            self.cuCtxGetSharedMemConfig = None;
        }
        if self.cuCtxGetStreamPriorityRange.is_some() && !keep("cuCtxGetStreamPriorityRange") {
            self.cuCtxGetStreamPriorityRange = None;
        }
        if self.cuCtxPopCurrent.is_some() && !keep("cuCtxPopCurrent") {
            self.cuCtxPopCurrent = None;
        }
        if self.cuCtxPopCurrent_v2.is_some() && !keep("cuCtxPopCurrent_v2") {
            self.cuCtxPopCurrent_v2 = None;
        }
        if self.cuCtxPushCurrent.is_some() && !keep("cuCtxPushCurrent") {
            self.cuCtxPushCurrent = None;
        }
        if self.cuCtxPushCurrent_v2.is_some() && !keep("cuCtxPushCurrent_v2") {
            self.cuCtxPushCurrent_v2 = None;
        }
        if self.cuCtxRecordEvent.is_some() && !keep("cuCtxRecordEvent") {
            self.cuCtxRecordEvent = None;
        }
        if self.cuCtxResetPersistingL2Cache.is_some() && !keep("cuCtxResetPersistingL2Cache") {
            self.cuCtxResetPersistingL2Cache = None;
        }
        if self.cuCtxSetCacheConfig.is_some() && !keep("cuCtxSetCacheConfig") {
            self.cuCtxSetCacheConfig = None;
        }
        if self.cuCtxSetCurrent.is_some() && !keep("cuCtxSetCurrent") {
            self.cuCtxSetCurrent = None;
        }
        if self.cuCtxSetFlags.is_some() && !keep("cuCtxSetFlags") {
            self.cuCtxSetFlags = None;
        }
        if self.cuCtxSetLimit.is_some() && !keep("cuCtxSetLimit") {
            self.cuCtxSetLimit = None;
        }
        if self.cuCtxSetSharedMemConfig.is_some() && !keep("cuCtxSetSharedMemConfig") {
            self.cuCtxSetSharedMemConfig = None;
        }
        if self.cuCtxSynchronize.is_some() && !keep("cuCtxSynchronize") {
            self.cuCtxSynchronize = None;
        }
        if self.cuCtxSynchronize_v2.is_some() && !keep("cuCtxSynchronize_v2") {
            self.cuCtxSynchronize_v2 = None;
        }
        if self.cuCtxWaitEvent.is_some() && !keep("cuCtxWaitEvent") {
            self.cuCtxWaitEvent = None;
        }
        if self.cuDestroyExternalMemory.is_some() && !keep("cuDestroyExternalMemory") {
            self.cuDestroyExternalMemory = None;
        }
        if self.cuDestroyExternalSemaphore.is_some() && !keep("cuDestroyExternalSemaphore") {
            self.cuDestroyExternalSemaphore = None;
        }
        if self.cuDevResourceGenerateDesc.is_some() && !keep("cuDevResourceGenerateDesc") {
            self.cuDevResourceGenerateDesc = None;
        }
        if self.cuDevSmResourceSplitByCount.is_some() && !keep("cuDevSmResourceSplitByCount") {
            self.cuDevSmResourceSplitByCount = None;
        }
        if self.cuDeviceCanAccessPeer.is_some() && !keep("cuDeviceCanAccessPeer") {
            self.cuDeviceCanAccessPeer = None;
        }
        if self.cuDeviceComputeCapability.is_some() && !keep("cuDeviceComputeCapability") {
            self.cuDeviceComputeCapability = None;
        }
        if self.cuDeviceGet.is_some() && !keep("cuDeviceGet") {
            self.cuDeviceGet = None;
        }
        if self.cuDeviceGetAttribute.is_some() && !keep("cuDeviceGetAttribute") {
            self.cuDeviceGetAttribute = None;
        }
        if self.cuDeviceGetByPCIBusId.is_some() && !keep("cuDeviceGetByPCIBusId") {
            self.cuDeviceGetByPCIBusId = None;
        }
        if self.cuDeviceGetCount.is_some() && !keep("cuDeviceGetCount") {
            self.cuDeviceGetCount = None;
        }
        if self.cuDeviceGetDefaultMemPool.is_some() && !keep("cuDeviceGetDefaultMemPool") {
            self.cuDeviceGetDefaultMemPool = None;
        }
        if self.cuDeviceGetDevResource.is_some() && !keep("cuDeviceGetDevResource") {
            self.cuDeviceGetDevResource = None;
        }
        if self.cuDeviceGetExecAffinitySupport.is_some() && !keep("cuDeviceGetExecAffinitySupport")
        {
            self.cuDeviceGetExecAffinitySupport = None;
        }
        if self.cuDeviceGetGraphMemAttribute.is_some() && !keep("cuDeviceGetGraphMemAttribute") {
            self.cuDeviceGetGraphMemAttribute = None;
        }
        if self.cuDeviceGetHostAtomicCapabilities.is_some()
            && !keep("cuDeviceGetHostAtomicCapabilities")
        {
            self.cuDeviceGetHostAtomicCapabilities = None;
        }
        if self.cuDeviceGetLuid.is_some() && !keep("cuDeviceGetLuid") {
            self.cuDeviceGetLuid = None;
        }
        if self.cuDeviceGetMemPool.is_some() && !keep("cuDeviceGetMemPool") {
            self.cuDeviceGetMemPool = None;
        }
        if self.cuDeviceGetName.is_some() && !keep("cuDeviceGetName") {
            self.cuDeviceGetName = None;
        }
        if self.cuDeviceGetNvSciSyncAttributes.is_some() && !keep("cuDeviceGetNvSciSyncAttributes")
        {
            self.cuDeviceGetNvSciSyncAttributes = None;
        }
        if self.cuDeviceGetP2PAtomicCapabilities.is_some()
            && !keep("cuDeviceGetP2PAtomicCapabilities")
        {
            self.cuDeviceGetP2PAtomicCapabilities = None;
        }
        if self.cuDeviceGetP2PAttribute.is_some() && !keep("cuDeviceGetP2PAttribute") {
            self.cuDeviceGetP2PAttribute = None;
        }
        if self.cuDeviceGetPCIBusId.is_some() && !keep("cuDeviceGetPCIBusId") {
            self.cuDeviceGetPCIBusId = None;
        }
        if self.cuDeviceGetProperties.is_some() && !keep("cuDeviceGetProperties") {
            self.cuDeviceGetProperties = None;
        }
        if self.cuDeviceGetTexture1DLinearMaxWidth.is_some()
            && !keep("cuDeviceGetTexture1DLinearMaxWidth")
        {
            self.cuDeviceGetTexture1DLinearMaxWidth = None;
        }
        if self.cuDeviceGetUuid.is_some() && !keep("cuDeviceGetUuid") {
            self.cuDeviceGetUuid = None;
        }
        if self.cuDeviceGetUuid_v2.is_some() && !keep("cuDeviceGetUuid_v2") {
            self.cuDeviceGetUuid_v2 = None;
        }
        if self.cuDeviceGraphMemTrim.is_some() && !keep("cuDeviceGraphMemTrim") {
            self.cuDeviceGraphMemTrim = None;
        }
        if self.cuDevicePrimaryCtxGetState.is_some() && !keep("cuDevicePrimaryCtxGetState") {
            self.cuDevicePrimaryCtxGetState = None;
        }
        if self.cuDevicePrimaryCtxRelease.is_some() && !keep("cuDevicePrimaryCtxRelease") {
            self.cuDevicePrimaryCtxRelease = None;
        }
        if self.cuDevicePrimaryCtxRelease_v2.is_some() && !keep("cuDevicePrimaryCtxRelease_v2") {
            self.cuDevicePrimaryCtxRelease_v2 = None;
        }
        if self.cuDevicePrimaryCtxReset.is_some() && !keep("cuDevicePrimaryCtxReset") {
            self.cuDevicePrimaryCtxReset = None;
        }
        if self.cuDevicePrimaryCtxReset_v2.is_some() && !keep("cuDevicePrimaryCtxReset_v2") {
            self.cuDevicePrimaryCtxReset_v2 = None;
        }
        if self.cuDevicePrimaryCtxRetain.is_some() && !keep("cuDevicePrimaryCtxRetain") {
            self.cuDevicePrimaryCtxRetain = None;
        }
        if self.cuDevicePrimaryCtxSetFlags.is_some() && !keep("cuDevicePrimaryCtxSetFlags") {
            self.cuDevicePrimaryCtxSetFlags = None;
        }
        if self.cuDevicePrimaryCtxSetFlags_v2.is_some() && !keep("cuDevicePrimaryCtxSetFlags_v2") {
            self.cuDevicePrimaryCtxSetFlags_v2 = None;
        }
        if self.cuDeviceRegisterAsyncNotification.is_some()
            && !keep("cuDeviceRegisterAsyncNotification")
        {
            self.cuDeviceRegisterAsyncNotification = None;
        }
        if self.cuDeviceSetGraphMemAttribute.is_some() && !keep("cuDeviceSetGraphMemAttribute") {
            self.cuDeviceSetGraphMemAttribute = None;
        }
        if self.cuDeviceSetMemPool.is_some() && !keep("cuDeviceSetMemPool") {
            self.cuDeviceSetMemPool = None;
        }
        if self.cuDeviceTotalMem.is_some() && !keep("cuDeviceTotalMem") {
            self.cuDeviceTotalMem = None;
        }
        if self.cuDeviceTotalMem_v2.is_some() && !keep("cuDeviceTotalMem_v2") {
            self.cuDeviceTotalMem_v2 = None;
        }
        if self.cuDeviceUnregisterAsyncNotification.is_some()
            && !keep("cuDeviceUnregisterAsyncNotification")
        {
            self.cuDeviceUnregisterAsyncNotification = None;
        }
        if self.cuDriverGetVersion.is_some() && !keep("cuDriverGetVersion") {
            self.cuDriverGetVersion = None;
        }
        if self.cuEventCreate.is_some() && !keep("cuEventCreate") {
            self.cuEventCreate = None;
        }
        if self.cuEventDestroy.is_some() && !keep("cuEventDestroy") {
            self.cuEventDestroy = None;
        }
        if self.cuEventDestroy_v2.is_some() && !keep("cuEventDestroy_v2") {
            self.cuEventDestroy_v2 = None;
        }
        if self.cuEventElapsedTime.is_some() && !keep("cuEventElapsedTime") {
            self.cuEventElapsedTime = None;
        }
        if self.cuEventElapsedTime_v2.is_some() && !keep("cuEventElapsedTime_v2") {
            self.cuEventElapsedTime_v2 = None;
        }
        if self.cuEventQuery.is_some() && !keep("cuEventQuery") {
            self.cuEventQuery = None;
        }
        if self.cuEventRecord.is_some() && !keep("cuEventRecord") {
            self.cuEventRecord = None;
        }
        if self.cuEventRecordWithFlags.is_some() && !keep("cuEventRecordWithFlags") {
            self.cuEventRecordWithFlags = None;
        }
        if self.cuEventRecordWithFlags_ptsz.is_some() && !keep("cuEventRecordWithFlags_ptsz") {
            self.cuEventRecordWithFlags_ptsz = None;
        }
        if self.cuEventRecord_ptsz.is_some() && !keep("cuEventRecord_ptsz") {
            self.cuEventRecord_ptsz = None;
        }
        if self.cuEventSynchronize.is_some() && !keep("cuEventSynchronize") {
            self.cuEventSynchronize = None;
        }
        if self.cuExternalMemoryGetMappedBuffer.is_some()
            && !keep("cuExternalMemoryGetMappedBuffer")
        {
            self.cuExternalMemoryGetMappedBuffer = None;
        }
        if self.cuExternalMemoryGetMappedMipmappedArray.is_some()
            && !keep("cuExternalMemoryGetMappedMipmappedArray")
        {
            self.cuExternalMemoryGetMappedMipmappedArray = None;
        }
        if self.cuFlushGPUDirectRDMAWrites.is_some() && !keep("cuFlushGPUDirectRDMAWrites") {
            self.cuFlushGPUDirectRDMAWrites = None;
        }
        if self.cuFuncGetAttribute.is_some() && !keep("cuFuncGetAttribute") {
            self.cuFuncGetAttribute = None;
        }
        if self.cuFuncGetModule.is_some() && !keep("cuFuncGetModule") {
            self.cuFuncGetModule = None;
        }
        if self.cuFuncGetName.is_some() && !keep("cuFuncGetName") {
            self.cuFuncGetName = None;
        }
        if self.cuFuncGetParamInfo.is_some() && !keep("cuFuncGetParamInfo") {
            self.cuFuncGetParamInfo = None;
        }
        if self.cuFuncIsLoaded.is_some() && !keep("cuFuncIsLoaded") {
            self.cuFuncIsLoaded = None;
        }
        if self.cuFuncLoad.is_some() && !keep("cuFuncLoad") {
            self.cuFuncLoad = None;
        }
        if self.cuFuncSetAttribute.is_some() && !keep("cuFuncSetAttribute") {
            self.cuFuncSetAttribute = None;
        }
        if self.cuFuncSetBlockShape.is_some() && !keep("cuFuncSetBlockShape") {
            self.cuFuncSetBlockShape = None;
        }
        if self.cuFuncSetCacheConfig.is_some() && !keep("cuFuncSetCacheConfig") {
            self.cuFuncSetCacheConfig = None;
        }
        if self.cuFuncSetSharedMemConfig.is_some() && !keep("cuFuncSetSharedMemConfig") {
            self.cuFuncSetSharedMemConfig = None;
        }
        if self.cuFuncSetSharedSize.is_some() && !keep("cuFuncSetSharedSize") {
            self.cuFuncSetSharedSize = None;
        }
        if self.cuGetErrorName.is_some() && !keep("cuGetErrorName") {
            self.cuGetErrorName = None;
        }
        if self.cuGetErrorString.is_some() && !keep("cuGetErrorString") {
            self.cuGetErrorString = None;
        }
        if self.cuGetExportTable.is_some() && !keep("cuGetExportTable") {
            self.cuGetExportTable = None;
        }
        if self.cuGetProcAddress.is_some() && !keep("cuGetProcAddress") {
            self.cuGetProcAddress = None;
        }
        if self.cuGetProcAddress_v2.is_some() && !keep("cuGetProcAddress_v2") {
            self.cuGetProcAddress_v2 = None;
        }
        if self.cuGraphAddBatchMemOpNode.is_some() && !keep("cuGraphAddBatchMemOpNode") {
            self.cuGraphAddBatchMemOpNode = None;
        }
        if self.cuGraphAddChildGraphNode.is_some() && !keep("cuGraphAddChildGraphNode") {
            self.cuGraphAddChildGraphNode = None;
        }
        if self.cuGraphAddDependencies.is_some() && !keep("cuGraphAddDependencies") {
            self.cuGraphAddDependencies = None;
        }
        if self.cuGraphAddDependencies_v2.is_some() && !keep("cuGraphAddDependencies_v2") {
            self.cuGraphAddDependencies_v2 = None;
        }
        if self.cuGraphAddEmptyNode.is_some() && !keep("cuGraphAddEmptyNode") {
            self.cuGraphAddEmptyNode = None;
        }
        if self.cuGraphAddEventRecordNode.is_some() && !keep("cuGraphAddEventRecordNode") {
            self.cuGraphAddEventRecordNode = None;
        }
        if self.cuGraphAddEventWaitNode.is_some() && !keep("cuGraphAddEventWaitNode") {
            self.cuGraphAddEventWaitNode = None;
        }
        if self.cuGraphAddExternalSemaphoresSignalNode.is_some()
            && !keep("cuGraphAddExternalSemaphoresSignalNode")
        {
            self.cuGraphAddExternalSemaphoresSignalNode = None;
        }
        if self.cuGraphAddExternalSemaphoresWaitNode.is_some()
            && !keep("cuGraphAddExternalSemaphoresWaitNode")
        {
            self.cuGraphAddExternalSemaphoresWaitNode = None;
        }
        if self.cuGraphAddHostNode.is_some() && !keep("cuGraphAddHostNode") {
            self.cuGraphAddHostNode = None;
        }
        if self.cuGraphAddKernelNode.is_some() && !keep("cuGraphAddKernelNode") {
            self.cuGraphAddKernelNode = None;
        }
        if self.cuGraphAddKernelNode_v2.is_some() && !keep("cuGraphAddKernelNode_v2") {
            self.cuGraphAddKernelNode_v2 = None;
        }
        if self.cuGraphAddMemAllocNode.is_some() && !keep("cuGraphAddMemAllocNode") {
            self.cuGraphAddMemAllocNode = None;
        }
        if self.cuGraphAddMemFreeNode.is_some() && !keep("cuGraphAddMemFreeNode") {
            self.cuGraphAddMemFreeNode = None;
        }
        if self.cuGraphAddMemcpyNode.is_some() && !keep("cuGraphAddMemcpyNode") {
            self.cuGraphAddMemcpyNode = None;
        }
        if self.cuGraphAddMemsetNode.is_some() && !keep("cuGraphAddMemsetNode") {
            self.cuGraphAddMemsetNode = None;
        }
        if self.cuGraphAddNode.is_some() && !keep("cuGraphAddNode") {
            self.cuGraphAddNode = None;
        }
        if self.cuGraphAddNode_v2.is_some() && !keep("cuGraphAddNode_v2") {
            self.cuGraphAddNode_v2 = None;
        }
        if self.cuGraphBatchMemOpNodeGetParams.is_some() && !keep("cuGraphBatchMemOpNodeGetParams")
        {
            self.cuGraphBatchMemOpNodeGetParams = None;
        }
        if self.cuGraphBatchMemOpNodeSetParams.is_some() && !keep("cuGraphBatchMemOpNodeSetParams")
        {
            self.cuGraphBatchMemOpNodeSetParams = None;
        }
        if self.cuGraphChildGraphNodeGetGraph.is_some() && !keep("cuGraphChildGraphNodeGetGraph") {
            self.cuGraphChildGraphNodeGetGraph = None;
        }
        if self.cuGraphClone.is_some() && !keep("cuGraphClone") {
            self.cuGraphClone = None;
        }
        if self.cuGraphConditionalHandleCreate.is_some() && !keep("cuGraphConditionalHandleCreate")
        {
            self.cuGraphConditionalHandleCreate = None;
        }
        if self.cuGraphCreate.is_some() && !keep("cuGraphCreate") {
            self.cuGraphCreate = None;
        }
        if self.cuGraphDebugDotPrint.is_some() && !keep("cuGraphDebugDotPrint") {
            self.cuGraphDebugDotPrint = None;
        }
        if self.cuGraphDestroy.is_some() && !keep("cuGraphDestroy") {
            self.cuGraphDestroy = None;
        }
        if self.cuGraphDestroyNode.is_some() && !keep("cuGraphDestroyNode") {
            self.cuGraphDestroyNode = None;
        }
        if self.cuGraphEventRecordNodeGetEvent.is_some() && !keep("cuGraphEventRecordNodeGetEvent")
        {
            self.cuGraphEventRecordNodeGetEvent = None;
        }
        if self.cuGraphEventRecordNodeSetEvent.is_some() && !keep("cuGraphEventRecordNodeSetEvent")
        {
            self.cuGraphEventRecordNodeSetEvent = None;
        }
        if self.cuGraphEventWaitNodeGetEvent.is_some() && !keep("cuGraphEventWaitNodeGetEvent") {
            self.cuGraphEventWaitNodeGetEvent = None;
        }
        if self.cuGraphEventWaitNodeSetEvent.is_some() && !keep("cuGraphEventWaitNodeSetEvent") {
            self.cuGraphEventWaitNodeSetEvent = None;
        }
        if self.cuGraphExecBatchMemOpNodeSetParams.is_some()
            && !keep("cuGraphExecBatchMemOpNodeSetParams")
        {
            self.cuGraphExecBatchMemOpNodeSetParams = None;
        }
        if self.cuGraphExecChildGraphNodeSetParams.is_some()
            && !keep("cuGraphExecChildGraphNodeSetParams")
        {
            self.cuGraphExecChildGraphNodeSetParams = None;
        }
        if self.cuGraphExecDestroy.is_some() && !keep("cuGraphExecDestroy") {
            self.cuGraphExecDestroy = None;
        }
        if self.cuGraphExecEventRecordNodeSetEvent.is_some()
            && !keep("cuGraphExecEventRecordNodeSetEvent")
        {
            self.cuGraphExecEventRecordNodeSetEvent = None;
        }
        if self.cuGraphExecEventWaitNodeSetEvent.is_some()
            && !keep("cuGraphExecEventWaitNodeSetEvent")
        {
            self.cuGraphExecEventWaitNodeSetEvent = None;
        }
        if self
            .cuGraphExecExternalSemaphoresSignalNodeSetParams
            .is_some()
            && !keep("cuGraphExecExternalSemaphoresSignalNodeSetParams")
        {
            self.cuGraphExecExternalSemaphoresSignalNodeSetParams = None;
        }
        if self
            .cuGraphExecExternalSemaphoresWaitNodeSetParams
            .is_some()
            && !keep("cuGraphExecExternalSemaphoresWaitNodeSetParams")
        {
            self.cuGraphExecExternalSemaphoresWaitNodeSetParams = None;
        }
        if self.cuGraphExecGetFlags.is_some() && !keep("cuGraphExecGetFlags") {
            self.cuGraphExecGetFlags = None;
        }
        if self.cuGraphExecHostNodeSetParams.is_some() && !keep("cuGraphExecHostNodeSetParams") {
            self.cuGraphExecHostNodeSetParams = None;
        }
        if self.cuGraphExecKernelNodeSetParams.is_some() && !keep("cuGraphExecKernelNodeSetParams")
        {
            self.cuGraphExecKernelNodeSetParams = None;
        }
        if self.cuGraphExecKernelNodeSetParams_v2.is_some()
            && !keep("cuGraphExecKernelNodeSetParams_v2")
        {
            self.cuGraphExecKernelNodeSetParams_v2 = None;
        }
        if self.cuGraphExecMemcpyNodeSetParams.is_some() && !keep("cuGraphExecMemcpyNodeSetParams")
        {
            self.cuGraphExecMemcpyNodeSetParams = None;
        }
        if self.cuGraphExecMemsetNodeSetParams.is_some() && !keep("cuGraphExecMemsetNodeSetParams")
        {
            self.cuGraphExecMemsetNodeSetParams = None;
        }
        if self.cuGraphExecNodeSetParams.is_some() && !keep("cuGraphExecNodeSetParams") {
            self.cuGraphExecNodeSetParams = None;
        }
        if self.cuGraphExecUpdate.is_some() && !keep("cuGraphExecUpdate") {
            self.cuGraphExecUpdate = None;
        }
        if self.cuGraphExecUpdate_v2.is_some() && !keep("cuGraphExecUpdate_v2") {
            self.cuGraphExecUpdate_v2 = None;
        }
        if self.cuGraphExternalSemaphoresSignalNodeGetParams.is_some()
            && !keep("cuGraphExternalSemaphoresSignalNodeGetParams")
        {
            self.cuGraphExternalSemaphoresSignalNodeGetParams = None;
        }
        if self.cuGraphExternalSemaphoresSignalNodeSetParams.is_some()
            && !keep("cuGraphExternalSemaphoresSignalNodeSetParams")
        {
            self.cuGraphExternalSemaphoresSignalNodeSetParams = None;
        }
        if self.cuGraphExternalSemaphoresWaitNodeGetParams.is_some()
            && !keep("cuGraphExternalSemaphoresWaitNodeGetParams")
        {
            self.cuGraphExternalSemaphoresWaitNodeGetParams = None;
        }
        if self.cuGraphExternalSemaphoresWaitNodeSetParams.is_some()
            && !keep("cuGraphExternalSemaphoresWaitNodeSetParams")
        {
            self.cuGraphExternalSemaphoresWaitNodeSetParams = None;
        }
        if self.cuGraphGetEdges.is_some() && !keep("cuGraphGetEdges") {
            self.cuGraphGetEdges = None;
        }
        if self.cuGraphGetEdges_v2.is_some() && !keep("cuGraphGetEdges_v2") {
            self.cuGraphGetEdges_v2 = None;
        }
        if self.cuGraphGetNodes.is_some() && !keep("cuGraphGetNodes") {
            self.cuGraphGetNodes = None;
        }
        if self.cuGraphGetRootNodes.is_some() && !keep("cuGraphGetRootNodes") {
            self.cuGraphGetRootNodes = None;
        }
        if self.cuGraphHostNodeGetParams.is_some() && !keep("cuGraphHostNodeGetParams") {
            self.cuGraphHostNodeGetParams = None;
        }
        if self.cuGraphHostNodeSetParams.is_some() && !keep("cuGraphHostNodeSetParams") {
            self.cuGraphHostNodeSetParams = None;
        }
        if self.cuGraphInstantiate.is_some() && !keep("cuGraphInstantiate") {
            self.cuGraphInstantiate = None;
        }
        if self.cuGraphInstantiateWithFlags.is_some() && !keep("cuGraphInstantiateWithFlags") {
            self.cuGraphInstantiateWithFlags = None;
        }
        if self.cuGraphInstantiateWithParams.is_some() && !keep("cuGraphInstantiateWithParams") {
            self.cuGraphInstantiateWithParams = None;
        }
        if self.cuGraphInstantiateWithParams_ptsz.is_some()
            && !keep("cuGraphInstantiateWithParams_ptsz")
        {
            self.cuGraphInstantiateWithParams_ptsz = None;
        }
        if self.cuGraphInstantiate_v2.is_some() && !keep("cuGraphInstantiate_v2") {
            self.cuGraphInstantiate_v2 = None;
        }
        if self.cuGraphKernelNodeCopyAttributes.is_some()
            && !keep("cuGraphKernelNodeCopyAttributes")
        {
            self.cuGraphKernelNodeCopyAttributes = None;
        }
        if self.cuGraphKernelNodeGetAttribute.is_some() && !keep("cuGraphKernelNodeGetAttribute") {
            self.cuGraphKernelNodeGetAttribute = None;
        }
        if self.cuGraphKernelNodeGetParams.is_some() && !keep("cuGraphKernelNodeGetParams") {
            self.cuGraphKernelNodeGetParams = None;
        }
        if self.cuGraphKernelNodeGetParams_v2.is_some() && !keep("cuGraphKernelNodeGetParams_v2") {
            self.cuGraphKernelNodeGetParams_v2 = None;
        }
        if self.cuGraphKernelNodeSetAttribute.is_some() && !keep("cuGraphKernelNodeSetAttribute") {
            self.cuGraphKernelNodeSetAttribute = None;
        }
        if self.cuGraphKernelNodeSetParams.is_some() && !keep("cuGraphKernelNodeSetParams") {
            self.cuGraphKernelNodeSetParams = None;
        }
        if self.cuGraphKernelNodeSetParams_v2.is_some() && !keep("cuGraphKernelNodeSetParams_v2") {
            self.cuGraphKernelNodeSetParams_v2 = None;
        }
        if self.cuGraphLaunch.is_some() && !keep("cuGraphLaunch") {
            self.cuGraphLaunch = None;
        }
        if self.cuGraphLaunch_ptsz.is_some() && !keep("cuGraphLaunch_ptsz") {
            self.cuGraphLaunch_ptsz = None;
        }
        if self.cuGraphMemAllocNodeGetParams.is_some() && !keep("cuGraphMemAllocNodeGetParams") {
            self.cuGraphMemAllocNodeGetParams = None;
        }
        if self.cuGraphMemFreeNodeGetParams.is_some() && !keep("cuGraphMemFreeNodeGetParams") {
            self.cuGraphMemFreeNodeGetParams = None;
        }
        if self.cuGraphMemcpyNodeGetParams.is_some() && !keep("cuGraphMemcpyNodeGetParams") {
            self.cuGraphMemcpyNodeGetParams = None;
        }
        if self.cuGraphMemcpyNodeSetParams.is_some() && !keep("cuGraphMemcpyNodeSetParams") {
            self.cuGraphMemcpyNodeSetParams = None;
        }
        if self.cuGraphMemsetNodeGetParams.is_some() && !keep("cuGraphMemsetNodeGetParams") {
            self.cuGraphMemsetNodeGetParams = None;
        }
        if self.cuGraphMemsetNodeSetParams.is_some() && !keep("cuGraphMemsetNodeSetParams") {
            self.cuGraphMemsetNodeSetParams = None;
        }
        if self.cuGraphNodeFindInClone.is_some() && !keep("cuGraphNodeFindInClone") {
            self.cuGraphNodeFindInClone = None;
        }
        if self.cuGraphNodeGetDependencies.is_some() && !keep("cuGraphNodeGetDependencies") {
            self.cuGraphNodeGetDependencies = None;
        }
        if self.cuGraphNodeGetDependencies_v2.is_some() && !keep("cuGraphNodeGetDependencies_v2") {
            self.cuGraphNodeGetDependencies_v2 = None;
        }
        if self.cuGraphNodeGetDependentNodes.is_some() && !keep("cuGraphNodeGetDependentNodes") {
            self.cuGraphNodeGetDependentNodes = None;
        }
        if self.cuGraphNodeGetDependentNodes_v2.is_some()
            && !keep("cuGraphNodeGetDependentNodes_v2")
        {
            self.cuGraphNodeGetDependentNodes_v2 = None;
        }
        if self.cuGraphNodeGetEnabled.is_some() && !keep("cuGraphNodeGetEnabled") {
            self.cuGraphNodeGetEnabled = None;
        }
        if self.cuGraphNodeGetType.is_some() && !keep("cuGraphNodeGetType") {
            self.cuGraphNodeGetType = None;
        }
        if self.cuGraphNodeSetEnabled.is_some() && !keep("cuGraphNodeSetEnabled") {
            self.cuGraphNodeSetEnabled = None;
        }
        if self.cuGraphNodeSetParams.is_some() && !keep("cuGraphNodeSetParams") {
            self.cuGraphNodeSetParams = None;
        }
        if self.cuGraphReleaseUserObject.is_some() && !keep("cuGraphReleaseUserObject") {
            self.cuGraphReleaseUserObject = None;
        }
        if self.cuGraphRemoveDependencies.is_some() && !keep("cuGraphRemoveDependencies") {
            self.cuGraphRemoveDependencies = None;
        }
        if self.cuGraphRemoveDependencies_v2.is_some() && !keep("cuGraphRemoveDependencies_v2") {
            self.cuGraphRemoveDependencies_v2 = None;
        }
        if self.cuGraphRetainUserObject.is_some() && !keep("cuGraphRetainUserObject") {
            self.cuGraphRetainUserObject = None;
        }
        if self.cuGraphUpload.is_some() && !keep("cuGraphUpload") {
            self.cuGraphUpload = None;
        }
        if self.cuGraphUpload_ptsz.is_some() && !keep("cuGraphUpload_ptsz") {
            self.cuGraphUpload_ptsz = None;
        }
        if self.cuGraphicsMapResources.is_some() && !keep("cuGraphicsMapResources") {
            self.cuGraphicsMapResources = None;
        }
        if self.cuGraphicsMapResources_ptsz.is_some() && !keep("cuGraphicsMapResources_ptsz") {
            self.cuGraphicsMapResources_ptsz = None;
        }
        if self.cuGraphicsResourceGetMappedMipmappedArray.is_some()
            && !keep("cuGraphicsResourceGetMappedMipmappedArray")
        {
            self.cuGraphicsResourceGetMappedMipmappedArray = None;
        }
        if self.cuGraphicsResourceGetMappedPointer.is_some()
            && !keep("cuGraphicsResourceGetMappedPointer")
        {
            self.cuGraphicsResourceGetMappedPointer = None;
        }
        if self.cuGraphicsResourceGetMappedPointer_v2.is_some()
            && !keep("cuGraphicsResourceGetMappedPointer_v2")
        {
            self.cuGraphicsResourceGetMappedPointer_v2 = None;
        }
        if self.cuGraphicsResourceSetMapFlags.is_some() && !keep("cuGraphicsResourceSetMapFlags") {
            self.cuGraphicsResourceSetMapFlags = None;
        }
        if self.cuGraphicsResourceSetMapFlags_v2.is_some()
            && !keep("cuGraphicsResourceSetMapFlags_v2")
        {
            self.cuGraphicsResourceSetMapFlags_v2 = None;
        }
        if self.cuGraphicsSubResourceGetMappedArray.is_some()
            && !keep("cuGraphicsSubResourceGetMappedArray")
        {
            self.cuGraphicsSubResourceGetMappedArray = None;
        }
        if self.cuGraphicsUnmapResources.is_some() && !keep("cuGraphicsUnmapResources") {
            self.cuGraphicsUnmapResources = None;
        }
        if self.cuGraphicsUnmapResources_ptsz.is_some() && !keep("cuGraphicsUnmapResources_ptsz") {
            self.cuGraphicsUnmapResources_ptsz = None;
        }
        if self.cuGraphicsUnregisterResource.is_some() && !keep("cuGraphicsUnregisterResource") {
            self.cuGraphicsUnregisterResource = None;
        }
        if self.cuGreenCtxCreate.is_some() && !keep("cuGreenCtxCreate") {
            self.cuGreenCtxCreate = None;
        }
        if self.cuGreenCtxDestroy.is_some() && !keep("cuGreenCtxDestroy") {
            self.cuGreenCtxDestroy = None;
        }
        if self.cuGreenCtxGetDevResource.is_some() && !keep("cuGreenCtxGetDevResource") {
            self.cuGreenCtxGetDevResource = None;
        }
        if self.cuGreenCtxGetId.is_some() && !keep("cuGreenCtxGetId") {
            self.cuGreenCtxGetId = None;
        }
        if self.cuGreenCtxRecordEvent.is_some() && !keep("cuGreenCtxRecordEvent") {
            self.cuGreenCtxRecordEvent = None;
        }
        if self.cuGreenCtxStreamCreate.is_some() && !keep("cuGreenCtxStreamCreate") {
            self.cuGreenCtxStreamCreate = None;
        }
        if self.cuGreenCtxWaitEvent.is_some() && !keep("cuGreenCtxWaitEvent") {
            self.cuGreenCtxWaitEvent = None;
        }
        if self.cuImportExternalMemory.is_some() && !keep("cuImportExternalMemory") {
            self.cuImportExternalMemory = None;
        }
        if self.cuImportExternalSemaphore.is_some() && !keep("cuImportExternalSemaphore") {
            self.cuImportExternalSemaphore = None;
        }
        if self.cuInit.is_some() && !keep("cuInit") {
            self.cuInit = None;
        }
        if self.cuIpcCloseMemHandle.is_some() && !keep("cuIpcCloseMemHandle") {
            self.cuIpcCloseMemHandle = None;
        }
        if self.cuIpcGetEventHandle.is_some() && !keep("cuIpcGetEventHandle") {
            self.cuIpcGetEventHandle = None;
        }
        if self.cuIpcGetMemHandle.is_some() && !keep("cuIpcGetMemHandle") {
            self.cuIpcGetMemHandle = None;
        }
        if self.cuIpcOpenEventHandle.is_some() && !keep("cuIpcOpenEventHandle") {
            self.cuIpcOpenEventHandle = None;
        }
        if self.cuIpcOpenMemHandle.is_some() && !keep("cuIpcOpenMemHandle") {
            self.cuIpcOpenMemHandle = None;
        }
        if self.cuIpcOpenMemHandle_v2.is_some() && !keep("cuIpcOpenMemHandle_v2") {
            self.cuIpcOpenMemHandle_v2 = None;
        }
        if self.cuKernelGetAttribute.is_some() && !keep("cuKernelGetAttribute") {
            self.cuKernelGetAttribute = None;
        }
        if self.cuKernelGetFunction.is_some() && !keep("cuKernelGetFunction") {
            self.cuKernelGetFunction = None;
        }
        if self.cuKernelGetLibrary.is_some() && !keep("cuKernelGetLibrary") {
            self.cuKernelGetLibrary = None;
        }
        if self.cuKernelGetName.is_some() && !keep("cuKernelGetName") {
            self.cuKernelGetName = None;
        }
        if self.cuKernelGetParamInfo.is_some() && !keep("cuKernelGetParamInfo") {
            self.cuKernelGetParamInfo = None;
        }
        if self.cuKernelSetAttribute.is_some() && !keep("cuKernelSetAttribute") {
            self.cuKernelSetAttribute = None;
        }
        if self.cuKernelSetCacheConfig.is_some() && !keep("cuKernelSetCacheConfig") {
            self.cuKernelSetCacheConfig = None;
        }
        if self.cuLaunch.is_some() && !keep("cuLaunch") {
            self.cuLaunch = None;
        }
        if self.cuLaunchCooperativeKernel.is_some() && !keep("cuLaunchCooperativeKernel") {
            self.cuLaunchCooperativeKernel = None;
        }
        if self.cuLaunchCooperativeKernelMultiDevice.is_some()
            && !keep("cuLaunchCooperativeKernelMultiDevice")
        {
            self.cuLaunchCooperativeKernelMultiDevice = None;
        }
        if self.cuLaunchCooperativeKernel_ptsz.is_some() && !keep("cuLaunchCooperativeKernel_ptsz")
        {
            self.cuLaunchCooperativeKernel_ptsz = None;
        }
        if self.cuLaunchGrid.is_some() && !keep("cuLaunchGrid") {
            self.cuLaunchGrid = None;
        }
        if self.cuLaunchGridAsync.is_some() && !keep("cuLaunchGridAsync") {
            self.cuLaunchGridAsync = None;
        }
        if self.cuLaunchHostFunc.is_some() && !keep("cuLaunchHostFunc") {
            self.cuLaunchHostFunc = None;
        }
        if self.cuLaunchHostFunc_ptsz.is_some() && !keep("cuLaunchHostFunc_ptsz") {
            self.cuLaunchHostFunc_ptsz = None;
        }
        if self.cuLaunchKernel.is_some() && !keep("cuLaunchKernel") {
            self.cuLaunchKernel = None;
        }
        if self.cuLaunchKernelEx.is_some() && !keep("cuLaunchKernelEx") {
            self.cuLaunchKernelEx = None;
        }
        if self.cuLaunchKernelEx_ptsz.is_some() && !keep("cuLaunchKernelEx_ptsz") {
            self.cuLaunchKernelEx_ptsz = None;
        }
        if self.cuLaunchKernel_ptsz.is_some() && !keep("cuLaunchKernel_ptsz") {
            self.cuLaunchKernel_ptsz = None;
        }
        if self.cuLibraryEnumerateKernels.is_some() && !keep("cuLibraryEnumerateKernels") {
            self.cuLibraryEnumerateKernels = None;
        }
        if self.cuLibraryGetGlobal.is_some() && !keep("cuLibraryGetGlobal") {
            self.cuLibraryGetGlobal = None;
        }
        if self.cuLibraryGetKernel.is_some() && !keep("cuLibraryGetKernel") {
            self.cuLibraryGetKernel = None;
        }
        if self.cuLibraryGetKernelCount.is_some() && !keep("cuLibraryGetKernelCount") {
            self.cuLibraryGetKernelCount = None;
        }
        if self.cuLibraryGetManaged.is_some() && !keep("cuLibraryGetManaged") {
            self.cuLibraryGetManaged = None;
        }
        if self.cuLibraryGetModule.is_some() && !keep("cuLibraryGetModule") {
            self.cuLibraryGetModule = None;
        }
        if self.cuLibraryGetUnifiedFunction.is_some() && !keep("cuLibraryGetUnifiedFunction") {
            self.cuLibraryGetUnifiedFunction = None;
        }
        if self.cuLibraryLoadData.is_some() && !keep("cuLibraryLoadData") {
            self.cuLibraryLoadData = None;
        }
        if self.cuLibraryLoadFromFile.is_some() && !keep("cuLibraryLoadFromFile") {
            self.cuLibraryLoadFromFile = None;
        }
        if self.cuLibraryUnload.is_some() && !keep("cuLibraryUnload") {
            self.cuLibraryUnload = None;
        }
        if self.cuLinkAddData.is_some() && !keep("cuLinkAddData") {
            self.cuLinkAddData = None;
        }
        if self.cuLinkAddData_v2.is_some() && !keep("cuLinkAddData_v2") {
            self.cuLinkAddData_v2 = None;
        }
        if self.cuLinkAddFile.is_some() && !keep("cuLinkAddFile") {
            self.cuLinkAddFile = None;
        }
        if self.cuLinkAddFile_v2.is_some() && !keep("cuLinkAddFile_v2") {
            self.cuLinkAddFile_v2 = None;
        }
        if self.cuLinkComplete.is_some() && !keep("cuLinkComplete") {
            self.cuLinkComplete = None;
        }
        if self.cuLinkCreate.is_some() && !keep("cuLinkCreate") {
            self.cuLinkCreate = None;
        }
        if self.cuLinkCreate_v2.is_some() && !keep("cuLinkCreate_v2") {
            self.cuLinkCreate_v2 = None;
        }
        if self.cuLinkDestroy.is_some() && !keep("cuLinkDestroy") {
            self.cuLinkDestroy = None;
        }
        if self.cuLogsCurrent.is_some() && !keep("cuLogsCurrent") {
            self.cuLogsCurrent = None;
        }
        if self.cuLogsDumpToFile.is_some() && !keep("cuLogsDumpToFile") {
            self.cuLogsDumpToFile = None;
        }
        if self.cuLogsDumpToMemory.is_some() && !keep("cuLogsDumpToMemory") {
            self.cuLogsDumpToMemory = None;
        }
        if self.cuLogsRegisterCallback.is_some() && !keep("cuLogsRegisterCallback") {
            self.cuLogsRegisterCallback = None;
        }
        if self.cuLogsUnregisterCallback.is_some() && !keep("cuLogsUnregisterCallback") {
            self.cuLogsUnregisterCallback = None;
        }
        if self.cuMemAddressFree.is_some() && !keep("cuMemAddressFree") {
            self.cuMemAddressFree = None;
        }
        if self.cuMemAddressReserve.is_some() && !keep("cuMemAddressReserve") {
            self.cuMemAddressReserve = None;
        }
        if self.cuMemAdvise.is_some() && !keep("cuMemAdvise") {
            self.cuMemAdvise = None;
        }
        if self.cuMemAdvise_v2.is_some() && !keep("cuMemAdvise_v2") {
            self.cuMemAdvise_v2 = None;
        }
        if self.cuMemAlloc.is_some() && !keep("cuMemAlloc") {
            self.cuMemAlloc = None;
        }
        if self.cuMemAllocAsync.is_some() && !keep("cuMemAllocAsync") {
            self.cuMemAllocAsync = None;
        }
        if self.cuMemAllocAsync_ptsz.is_some() && !keep("cuMemAllocAsync_ptsz") {
            self.cuMemAllocAsync_ptsz = None;
        }
        if self.cuMemAllocFromPoolAsync.is_some() && !keep("cuMemAllocFromPoolAsync") {
            self.cuMemAllocFromPoolAsync = None;
        }
        if self.cuMemAllocFromPoolAsync_ptsz.is_some() && !keep("cuMemAllocFromPoolAsync_ptsz") {
            self.cuMemAllocFromPoolAsync_ptsz = None;
        }
        if self.cuMemAllocHost.is_some() && !keep("cuMemAllocHost") {
            self.cuMemAllocHost = None;
        }
        if self.cuMemAllocHost_v2.is_some() && !keep("cuMemAllocHost_v2") {
            self.cuMemAllocHost_v2 = None;
        }
        if self.cuMemAllocManaged.is_some() && !keep("cuMemAllocManaged") {
            self.cuMemAllocManaged = None;
        }
        if self.cuMemAllocPitch.is_some() && !keep("cuMemAllocPitch") {
            self.cuMemAllocPitch = None;
        }
        if self.cuMemAllocPitch_v2.is_some() && !keep("cuMemAllocPitch_v2") {
            self.cuMemAllocPitch_v2 = None;
        }
        if self.cuMemAlloc_v2.is_some() && !keep("cuMemAlloc_v2") {
            self.cuMemAlloc_v2 = None;
        }
        if self.cuMemBatchDecompressAsync.is_some() && !keep("cuMemBatchDecompressAsync") {
            self.cuMemBatchDecompressAsync = None;
        }
        if self.cuMemBatchDecompressAsync_ptsz.is_some() && !keep("cuMemBatchDecompressAsync_ptsz")
        {
            self.cuMemBatchDecompressAsync_ptsz = None;
        }
        if self.cuMemCreate.is_some() && !keep("cuMemCreate") {
            self.cuMemCreate = None;
        }
        if self.cuMemDiscardAndPrefetchBatchAsync.is_some()
            && !keep("cuMemDiscardAndPrefetchBatchAsync")
        {
            self.cuMemDiscardAndPrefetchBatchAsync = None;
        }
        if self.cuMemDiscardAndPrefetchBatchAsync_ptsz.is_some()
            && !keep("cuMemDiscardAndPrefetchBatchAsync_ptsz")
        {
            self.cuMemDiscardAndPrefetchBatchAsync_ptsz = None;
        }
        if self.cuMemDiscardBatchAsync.is_some() && !keep("cuMemDiscardBatchAsync") {
            self.cuMemDiscardBatchAsync = None;
        }
        if self.cuMemDiscardBatchAsync_ptsz.is_some() && !keep("cuMemDiscardBatchAsync_ptsz") {
            self.cuMemDiscardBatchAsync_ptsz = None;
        }
        if self.cuMemExportToShareableHandle.is_some() && !keep("cuMemExportToShareableHandle") {
            self.cuMemExportToShareableHandle = None;
        }
        if self.cuMemFree.is_some() && !keep("cuMemFree") {
            self.cuMemFree = None;
        }
        if self.cuMemFreeAsync.is_some() && !keep("cuMemFreeAsync") {
            self.cuMemFreeAsync = None;
        }
        if self.cuMemFreeAsync_ptsz.is_some() && !keep("cuMemFreeAsync_ptsz") {
            self.cuMemFreeAsync_ptsz = None;
        }
        if self.cuMemFreeHost.is_some() && !keep("cuMemFreeHost") {
            self.cuMemFreeHost = None;
        }
        if self.cuMemFree_v2.is_some() && !keep("cuMemFree_v2") {
            self.cuMemFree_v2 = None;
        }
        if self.cuMemGetAccess.is_some() && !keep("cuMemGetAccess") {
            self.cuMemGetAccess = None;
        }
        if self.cuMemGetAddressRange.is_some() && !keep("cuMemGetAddressRange") {
            self.cuMemGetAddressRange = None;
        }
        if self.cuMemGetAddressRange_v2.is_some() && !keep("cuMemGetAddressRange_v2") {
            self.cuMemGetAddressRange_v2 = None;
        }
        if self.cuMemGetAllocationGranularity.is_some() && !keep("cuMemGetAllocationGranularity") {
            self.cuMemGetAllocationGranularity = None;
        }
        if self.cuMemGetAllocationPropertiesFromHandle.is_some()
            && !keep("cuMemGetAllocationPropertiesFromHandle")
        {
            self.cuMemGetAllocationPropertiesFromHandle = None;
        }
        if self.cuMemGetDefaultMemPool.is_some() && !keep("cuMemGetDefaultMemPool") {
            self.cuMemGetDefaultMemPool = None;
        }
        if self.cuMemGetHandleForAddressRange.is_some() && !keep("cuMemGetHandleForAddressRange") {
            self.cuMemGetHandleForAddressRange = None;
        }
        if self.cuMemGetInfo.is_some() && !keep("cuMemGetInfo") {
            self.cuMemGetInfo = None;
        }
        if self.cuMemGetInfo_v2.is_some() && !keep("cuMemGetInfo_v2") {
            self.cuMemGetInfo_v2 = None;
        }
        if self.cuMemGetMemPool.is_some() && !keep("cuMemGetMemPool") {
            self.cuMemGetMemPool = None;
        }
        if self.cuMemHostAlloc.is_some() && !keep("cuMemHostAlloc") {
            self.cuMemHostAlloc = None;
        }
        if self.cuMemHostGetDevicePointer.is_some() && !keep("cuMemHostGetDevicePointer") {
            self.cuMemHostGetDevicePointer = None;
        }
        if self.cuMemHostGetDevicePointer_v2.is_some() && !keep("cuMemHostGetDevicePointer_v2") {
            self.cuMemHostGetDevicePointer_v2 = None;
        }
        if self.cuMemHostGetFlags.is_some() && !keep("cuMemHostGetFlags") {
            self.cuMemHostGetFlags = None;
        }
        if self.cuMemHostRegister.is_some() && !keep("cuMemHostRegister") {
            self.cuMemHostRegister = None;
        }
        if self.cuMemHostRegister_v2.is_some() && !keep("cuMemHostRegister_v2") {
            self.cuMemHostRegister_v2 = None;
        }
        if self.cuMemHostUnregister.is_some() && !keep("cuMemHostUnregister") {
            self.cuMemHostUnregister = None;
        }
        if self.cuMemImportFromShareableHandle.is_some() && !keep("cuMemImportFromShareableHandle")
        {
            self.cuMemImportFromShareableHandle = None;
        }
        if self.cuMemMap.is_some() && !keep("cuMemMap") {
            self.cuMemMap = None;
        }
        if self.cuMemMapArrayAsync.is_some() && !keep("cuMemMapArrayAsync") {
            self.cuMemMapArrayAsync = None;
        }
        if self.cuMemMapArrayAsync_ptsz.is_some() && !keep("cuMemMapArrayAsync_ptsz") {
            self.cuMemMapArrayAsync_ptsz = None;
        }
        if self.cuMemPoolCreate.is_some() && !keep("cuMemPoolCreate") {
            self.cuMemPoolCreate = None;
        }
        if self.cuMemPoolDestroy.is_some() && !keep("cuMemPoolDestroy") {
            self.cuMemPoolDestroy = None;
        }
        if self.cuMemPoolExportPointer.is_some() && !keep("cuMemPoolExportPointer") {
            self.cuMemPoolExportPointer = None;
        }
        if self.cuMemPoolExportToShareableHandle.is_some()
            && !keep("cuMemPoolExportToShareableHandle")
        {
            self.cuMemPoolExportToShareableHandle = None;
        }
        if self.cuMemPoolGetAccess.is_some() && !keep("cuMemPoolGetAccess") {
            self.cuMemPoolGetAccess = None;
        }
        if self.cuMemPoolGetAttribute.is_some() && !keep("cuMemPoolGetAttribute") {
            self.cuMemPoolGetAttribute = None;
        }
        if self.cuMemPoolImportFromShareableHandle.is_some()
            && !keep("cuMemPoolImportFromShareableHandle")
        {
            self.cuMemPoolImportFromShareableHandle = None;
        }
        if self.cuMemPoolImportPointer.is_some() && !keep("cuMemPoolImportPointer") {
            self.cuMemPoolImportPointer = None;
        }
        if self.cuMemPoolSetAccess.is_some() && !keep("cuMemPoolSetAccess") {
            self.cuMemPoolSetAccess = None;
        }
        if self.cuMemPoolSetAttribute.is_some() && !keep("cuMemPoolSetAttribute") {
            self.cuMemPoolSetAttribute = None;
        }
        if self.cuMemPoolTrimTo.is_some() && !keep("cuMemPoolTrimTo") {
            self.cuMemPoolTrimTo = None;
        }
        if self.cuMemPrefetchAsync.is_some() && !keep("cuMemPrefetchAsync") {
            self.cuMemPrefetchAsync = None;
        }
        if self.cuMemPrefetchAsync_ptsz.is_some() && !keep("cuMemPrefetchAsync_ptsz") {
            self.cuMemPrefetchAsync_ptsz = None;
        }
        if self.cuMemPrefetchAsync_v2.is_some() && !keep("cuMemPrefetchAsync_v2") {
            self.cuMemPrefetchAsync_v2 = None;
        }
        if self.cuMemPrefetchAsync_v2_ptsz.is_some() && !keep("cuMemPrefetchAsync_v2_ptsz") {
            self.cuMemPrefetchAsync_v2_ptsz = None;
        }
        if self.cuMemPrefetchBatchAsync.is_some() && !keep("cuMemPrefetchBatchAsync") {
            self.cuMemPrefetchBatchAsync = None;
        }
        if self.cuMemPrefetchBatchAsync_ptsz.is_some() && !keep("cuMemPrefetchBatchAsync_ptsz") {
            self.cuMemPrefetchBatchAsync_ptsz = None;
        }
        if self.cuMemRangeGetAttribute.is_some() && !keep("cuMemRangeGetAttribute") {
            self.cuMemRangeGetAttribute = None;
        }
        if self.cuMemRangeGetAttributes.is_some() && !keep("cuMemRangeGetAttributes") {
            self.cuMemRangeGetAttributes = None;
        }
        if self.cuMemRelease.is_some() && !keep("cuMemRelease") {
            self.cuMemRelease = None;
        }
        if self.cuMemRetainAllocationHandle.is_some() && !keep("cuMemRetainAllocationHandle") {
            self.cuMemRetainAllocationHandle = None;
        }
        if self.cuMemSetAccess.is_some() && !keep("cuMemSetAccess") {
            self.cuMemSetAccess = None;
        }
        if self.cuMemSetMemPool.is_some() && !keep("cuMemSetMemPool") {
            self.cuMemSetMemPool = None;
        }
        if self.cuMemUnmap.is_some() && !keep("cuMemUnmap") {
            self.cuMemUnmap = None;
        }
        if self.cuMemcpy.is_some() && !keep("cuMemcpy") {
            self.cuMemcpy = None;
        }
        if self.cuMemcpy2D.is_some() && !keep("cuMemcpy2D") {
            self.cuMemcpy2D = None;
        }
        if self.cuMemcpy2DAsync.is_some() && !keep("cuMemcpy2DAsync") {
            self.cuMemcpy2DAsync = None;
        }
        if self.cuMemcpy2DAsync_v2.is_some() && !keep("cuMemcpy2DAsync_v2") {
            self.cuMemcpy2DAsync_v2 = None;
        }
        if self.cuMemcpy2DAsync_v2_ptsz.is_some() && !keep("cuMemcpy2DAsync_v2_ptsz") {
            self.cuMemcpy2DAsync_v2_ptsz = None;
        }
        if self.cuMemcpy2DUnaligned.is_some() && !keep("cuMemcpy2DUnaligned") {
            self.cuMemcpy2DUnaligned = None;
        }
        if self.cuMemcpy2DUnaligned_v2.is_some() && !keep("cuMemcpy2DUnaligned_v2") {
            self.cuMemcpy2DUnaligned_v2 = None;
        }
        if self.cuMemcpy2DUnaligned_v2_ptds.is_some() && !keep("cuMemcpy2DUnaligned_v2_ptds") {
            self.cuMemcpy2DUnaligned_v2_ptds = None;
        }
        if self.cuMemcpy2D_v2.is_some() && !keep("cuMemcpy2D_v2") {
            self.cuMemcpy2D_v2 = None;
        }
        if self.cuMemcpy2D_v2_ptds.is_some() && !keep("cuMemcpy2D_v2_ptds") {
            self.cuMemcpy2D_v2_ptds = None;
        }
        if self.cuMemcpy3D.is_some() && !keep("cuMemcpy3D") {
            self.cuMemcpy3D = None;
        }
        if self.cuMemcpy3DAsync.is_some() && !keep("cuMemcpy3DAsync") {
            self.cuMemcpy3DAsync = None;
        }
        if self.cuMemcpy3DAsync_v2.is_some() && !keep("cuMemcpy3DAsync_v2") {
            self.cuMemcpy3DAsync_v2 = None;
        }
        if self.cuMemcpy3DAsync_v2_ptsz.is_some() && !keep("cuMemcpy3DAsync_v2_ptsz") {
            self.cuMemcpy3DAsync_v2_ptsz = None;
        }
        if self.cuMemcpy3DBatchAsync.is_some() && !keep("cuMemcpy3DBatchAsync") {
            self.cuMemcpy3DBatchAsync = None;
        }
        if self.cuMemcpy3DBatchAsync_ptsz.is_some() && !keep("cuMemcpy3DBatchAsync_ptsz") {
            self.cuMemcpy3DBatchAsync_ptsz = None;
        }
        if self.cuMemcpy3DBatchAsync_v2.is_some() && !keep("cuMemcpy3DBatchAsync_v2") {
            self.cuMemcpy3DBatchAsync_v2 = None;
        }
        if self.cuMemcpy3DBatchAsync_v2_ptsz.is_some() && !keep("cuMemcpy3DBatchAsync_v2_ptsz") {
            self.cuMemcpy3DBatchAsync_v2_ptsz = None;
        }
        if self.cuMemcpy3DPeer.is_some() && !keep("cuMemcpy3DPeer") {
            self.cuMemcpy3DPeer = None;
        }
        if self.cuMemcpy3DPeerAsync.is_some() && !keep("cuMemcpy3DPeerAsync") {
            self.cuMemcpy3DPeerAsync = None;
        }
        if self.cuMemcpy3DPeerAsync_ptsz.is_some() && !keep("cuMemcpy3DPeerAsync_ptsz") {
            self.cuMemcpy3DPeerAsync_ptsz = None;
        }
        if self.cuMemcpy3DPeer_ptds.is_some() && !keep("cuMemcpy3DPeer_ptds") {
            self.cuMemcpy3DPeer_ptds = None;
        }
        if self.cuMemcpy3D_v2.is_some() && !keep("cuMemcpy3D_v2") {
            self.cuMemcpy3D_v2 = None;
        }
        if self.cuMemcpy3D_v2_ptds.is_some() && !keep("cuMemcpy3D_v2_ptds") {
            self.cuMemcpy3D_v2_ptds = None;
        }
        if self.cuMemcpyAsync.is_some() && !keep("cuMemcpyAsync") {
            self.cuMemcpyAsync = None;
        }
        if self.cuMemcpyAsync_ptsz.is_some() && !keep("cuMemcpyAsync_ptsz") {
            self.cuMemcpyAsync_ptsz = None;
        }
        if self.cuMemcpyAtoA.is_some() && !keep("cuMemcpyAtoA") {
            self.cuMemcpyAtoA = None;
        }
        if self.cuMemcpyAtoA_v2.is_some() && !keep("cuMemcpyAtoA_v2") {
            self.cuMemcpyAtoA_v2 = None;
        }
        if self.cuMemcpyAtoA_v2_ptds.is_some() && !keep("cuMemcpyAtoA_v2_ptds") {
            self.cuMemcpyAtoA_v2_ptds = None;
        }
        if self.cuMemcpyAtoD.is_some() && !keep("cuMemcpyAtoD") {
            self.cuMemcpyAtoD = None;
        }
        if self.cuMemcpyAtoD_v2.is_some() && !keep("cuMemcpyAtoD_v2") {
            self.cuMemcpyAtoD_v2 = None;
        }
        if self.cuMemcpyAtoD_v2_ptds.is_some() && !keep("cuMemcpyAtoD_v2_ptds") {
            self.cuMemcpyAtoD_v2_ptds = None;
        }
        if self.cuMemcpyAtoH.is_some() && !keep("cuMemcpyAtoH") {
            self.cuMemcpyAtoH = None;
        }
        if self.cuMemcpyAtoHAsync.is_some() && !keep("cuMemcpyAtoHAsync") {
            self.cuMemcpyAtoHAsync = None;
        }
        if self.cuMemcpyAtoHAsync_v2.is_some() && !keep("cuMemcpyAtoHAsync_v2") {
            self.cuMemcpyAtoHAsync_v2 = None;
        }
        if self.cuMemcpyAtoHAsync_v2_ptsz.is_some() && !keep("cuMemcpyAtoHAsync_v2_ptsz") {
            self.cuMemcpyAtoHAsync_v2_ptsz = None;
        }
        if self.cuMemcpyAtoH_v2.is_some() && !keep("cuMemcpyAtoH_v2") {
            self.cuMemcpyAtoH_v2 = None;
        }
        if self.cuMemcpyAtoH_v2_ptds.is_some() && !keep("cuMemcpyAtoH_v2_ptds") {
            self.cuMemcpyAtoH_v2_ptds = None;
        }
        if self.cuMemcpyBatchAsync.is_some() && !keep("cuMemcpyBatchAsync") {
            self.cuMemcpyBatchAsync = None;
        }
        if self.cuMemcpyBatchAsync_ptsz.is_some() && !keep("cuMemcpyBatchAsync_ptsz") {
            self.cuMemcpyBatchAsync_ptsz = None;
        }
        if self.cuMemcpyBatchAsync_v2.is_some() && !keep("cuMemcpyBatchAsync_v2") {
            self.cuMemcpyBatchAsync_v2 = None;
        }
        if self.cuMemcpyBatchAsync_v2_ptsz.is_some() && !keep("cuMemcpyBatchAsync_v2_ptsz") {
            self.cuMemcpyBatchAsync_v2_ptsz = None;
        }
        if self.cuMemcpyDtoA.is_some() && !keep("cuMemcpyDtoA") {
            self.cuMemcpyDtoA = None;
        }
        if self.cuMemcpyDtoA_v2.is_some() && !keep("cuMemcpyDtoA_v2") {
            self.cuMemcpyDtoA_v2 = None;
        }
        if self.cuMemcpyDtoA_v2_ptds.is_some() && !keep("cuMemcpyDtoA_v2_ptds") {
            self.cuMemcpyDtoA_v2_ptds = None;
        }
        if self.cuMemcpyDtoD.is_some() && !keep("cuMemcpyDtoD") {
            self.cuMemcpyDtoD = None;
        }
        if self.cuMemcpyDtoDAsync.is_some() && !keep("cuMemcpyDtoDAsync") {
            self.cuMemcpyDtoDAsync = None;
        }
        if self.cuMemcpyDtoDAsync_v2.is_some() && !keep("cuMemcpyDtoDAsync_v2") {
            self.cuMemcpyDtoDAsync_v2 = None;
        }
        if self.cuMemcpyDtoDAsync_v2_ptsz.is_some() && !keep("cuMemcpyDtoDAsync_v2_ptsz") {
            self.cuMemcpyDtoDAsync_v2_ptsz = None;
        }
        if self.cuMemcpyDtoD_v2.is_some() && !keep("cuMemcpyDtoD_v2") {
            self.cuMemcpyDtoD_v2 = None;
        }
        if self.cuMemcpyDtoD_v2_ptds.is_some() && !keep("cuMemcpyDtoD_v2_ptds") {
            self.cuMemcpyDtoD_v2_ptds = None;
        }
        if self.cuMemcpyDtoH.is_some() && !keep("cuMemcpyDtoH") {
            self.cuMemcpyDtoH = None;
        }
        if self.cuMemcpyDtoHAsync.is_some() && !keep("cuMemcpyDtoHAsync") {
            self.cuMemcpyDtoHAsync = None;
        }
        if self.cuMemcpyDtoHAsync_v2.is_some() && !keep("cuMemcpyDtoHAsync_v2") {
            self.cuMemcpyDtoHAsync_v2 = None;
        }
        if self.cuMemcpyDtoHAsync_v2_ptsz.is_some() && !keep("cuMemcpyDtoHAsync_v2_ptsz") {
            self.cuMemcpyDtoHAsync_v2_ptsz = None;
        }
        if self.cuMemcpyDtoH_v2.is_some() && !keep("cuMemcpyDtoH_v2") {
            self.cuMemcpyDtoH_v2 = None;
        }
        if self.cuMemcpyDtoH_v2_ptds.is_some() && !keep("cuMemcpyDtoH_v2_ptds") {
            self.cuMemcpyDtoH_v2_ptds = None;
        }
        if self.cuMemcpyHtoA.is_some() && !keep("cuMemcpyHtoA") {
            self.cuMemcpyHtoA = None;
        }
        if self.cuMemcpyHtoAAsync.is_some() && !keep("cuMemcpyHtoAAsync") {
            self.cuMemcpyHtoAAsync = None;
        }
        if self.cuMemcpyHtoAAsync_v2.is_some() && !keep("cuMemcpyHtoAAsync_v2") {
            self.cuMemcpyHtoAAsync_v2 = None;
        }
        if self.cuMemcpyHtoAAsync_v2_ptsz.is_some() && !keep("cuMemcpyHtoAAsync_v2_ptsz") {
            self.cuMemcpyHtoAAsync_v2_ptsz = None;
        }
        if self.cuMemcpyHtoA_v2.is_some() && !keep("cuMemcpyHtoA_v2") {
            self.cuMemcpyHtoA_v2 = None;
        }
        if self.cuMemcpyHtoA_v2_ptds.is_some() && !keep("cuMemcpyHtoA_v2_ptds") {
            self.cuMemcpyHtoA_v2_ptds = None;
        }
        if self.cuMemcpyHtoD.is_some() && !keep("cuMemcpyHtoD") {
            self.cuMemcpyHtoD = None;
        }
        if self.cuMemcpyHtoDAsync.is_some() && !keep("cuMemcpyHtoDAsync") {
            self.cuMemcpyHtoDAsync = None;
        }
        if self.cuMemcpyHtoDAsync_v2.is_some() && !keep("cuMemcpyHtoDAsync_v2") {
            self.cuMemcpyHtoDAsync_v2 = None;
        }
        if self.cuMemcpyHtoDAsync_v2_ptsz.is_some() && !keep("cuMemcpyHtoDAsync_v2_ptsz") {
            self.cuMemcpyHtoDAsync_v2_ptsz = None;
        }
        if self.cuMemcpyHtoD_v2.is_some() && !keep("cuMemcpyHtoD_v2") {
            self.cuMemcpyHtoD_v2 = None;
        }
        if self.cuMemcpyHtoD_v2_ptds.is_some() && !keep("cuMemcpyHtoD_v2_ptds") {
            self.cuMemcpyHtoD_v2_ptds = None;
        }
        if self.cuMemcpyPeer.is_some() && !keep("cuMemcpyPeer") {
            self.cuMemcpyPeer = None;
        }
        if self.cuMemcpyPeerAsync.is_some() && !keep("cuMemcpyPeerAsync") {
            self.cuMemcpyPeerAsync = None;
        }
        if self.cuMemcpyPeerAsync_ptsz.is_some() && !keep("cuMemcpyPeerAsync_ptsz") {
            self.cuMemcpyPeerAsync_ptsz = None;
        }
        if self.cuMemcpyPeer_ptds.is_some() && !keep("cuMemcpyPeer_ptds") {
            self.cuMemcpyPeer_ptds = None;
        }
        if self.cuMemcpy_ptds.is_some() && !keep("cuMemcpy_ptds") {
            self.cuMemcpy_ptds = None;
        }
        if self.cuMemsetD16.is_some() && !keep("cuMemsetD16") {
            self.cuMemsetD16 = None;
        }
        if self.cuMemsetD16Async.is_some() && !keep("cuMemsetD16Async") {
            self.cuMemsetD16Async = None;
        }
        if self.cuMemsetD16Async_ptsz.is_some() && !keep("cuMemsetD16Async_ptsz") {
            self.cuMemsetD16Async_ptsz = None;
        }
        if self.cuMemsetD16_v2.is_some() && !keep("cuMemsetD16_v2") {
            self.cuMemsetD16_v2 = None;
        }
        if self.cuMemsetD16_v2_ptds.is_some() && !keep("cuMemsetD16_v2_ptds") {
            self.cuMemsetD16_v2_ptds = None;
        }
        if self.cuMemsetD2D16.is_some() && !keep("cuMemsetD2D16") {
            self.cuMemsetD2D16 = None;
        }
        if self.cuMemsetD2D16Async.is_some() && !keep("cuMemsetD2D16Async") {
            self.cuMemsetD2D16Async = None;
        }
        if self.cuMemsetD2D16Async_ptsz.is_some() && !keep("cuMemsetD2D16Async_ptsz") {
            self.cuMemsetD2D16Async_ptsz = None;
        }
        if self.cuMemsetD2D16_v2.is_some() && !keep("cuMemsetD2D16_v2") {
            self.cuMemsetD2D16_v2 = None;
        }
        if self.cuMemsetD2D16_v2_ptds.is_some() && !keep("cuMemsetD2D16_v2_ptds") {
            self.cuMemsetD2D16_v2_ptds = None;
        }
        if self.cuMemsetD2D32.is_some() && !keep("cuMemsetD2D32") {
            self.cuMemsetD2D32 = None;
        }
        if self.cuMemsetD2D32Async.is_some() && !keep("cuMemsetD2D32Async") {
            self.cuMemsetD2D32Async = None;
        }
        if self.cuMemsetD2D32Async_ptsz.is_some() && !keep("cuMemsetD2D32Async_ptsz") {
            self.cuMemsetD2D32Async_ptsz = None;
        }
        if self.cuMemsetD2D32_v2.is_some() && !keep("cuMemsetD2D32_v2") {
            self.cuMemsetD2D32_v2 = None;
        }
        if self.cuMemsetD2D32_v2_ptds.is_some() && !keep("cuMemsetD2D32_v2_ptds") {
            self.cuMemsetD2D32_v2_ptds = None;
        }
        if self.cuMemsetD2D8.is_some() && !keep("cuMemsetD2D8") {
            self.cuMemsetD2D8 = None;
        }
        if self.cuMemsetD2D8Async.is_some() && !keep("cuMemsetD2D8Async") {
            self.cuMemsetD2D8Async = None;
        }
        if self.cuMemsetD2D8Async_ptsz.is_some() && !keep("cuMemsetD2D8Async_ptsz") {
            self.cuMemsetD2D8Async_ptsz = None;
        }
        if self.cuMemsetD2D8_v2.is_some() && !keep("cuMemsetD2D8_v2") {
            self.cuMemsetD2D8_v2 = None;
        }
        if self.cuMemsetD2D8_v2_ptds.is_some() && !keep("cuMemsetD2D8_v2_ptds") {
            self.cuMemsetD2D8_v2_ptds = None;
        }
        if self.cuMemsetD32.is_some() && !keep("cuMemsetD32") {
            self.cuMemsetD32 = None;
        }
        if self.cuMemsetD32Async.is_some() && !keep("cuMemsetD32Async") {
            self.cuMemsetD32Async = None;
        }
        if self.cuMemsetD32Async_ptsz.is_some() && !keep("cuMemsetD32Async_ptsz") {
            self.cuMemsetD32Async_ptsz = None;
        }
        if self.cuMemsetD32_v2.is_some() && !keep("cuMemsetD32_v2") {
            self.cuMemsetD32_v2 = None;
        }
        if self.cuMemsetD32_v2_ptds.is_some() && !keep("cuMemsetD32_v2_ptds") {
            self.cuMemsetD32_v2_ptds = None;
        }
        if self.cuMemsetD8.is_some() && !keep("cuMemsetD8") {
            self.cuMemsetD8 = None;
        }
        if self.cuMemsetD8Async.is_some() && !keep("cuMemsetD8Async") {
            self.cuMemsetD8Async = None;
        }
        if self.cuMemsetD8Async_ptsz.is_some() && !keep("cuMemsetD8Async_ptsz") {
            self.cuMemsetD8Async_ptsz = None;
        }
        if self.cuMemsetD8_v2.is_some() && !keep("cuMemsetD8_v2") {
            self.cuMemsetD8_v2 = None;
        }
        if self.cuMemsetD8_v2_ptds.is_some() && !keep("cuMemsetD8_v2_ptds") {
            self.cuMemsetD8_v2_ptds = None;
        }
        if self.cuMipmappedArrayCreate.is_some() && !keep("cuMipmappedArrayCreate") {
            self.cuMipmappedArrayCreate = None;
        }
        if self.cuMipmappedArrayDestroy.is_some() && !keep("cuMipmappedArrayDestroy") {
            self.cuMipmappedArrayDestroy = None;
        }
        if self.cuMipmappedArrayGetLevel.is_some() && !keep("cuMipmappedArrayGetLevel") {
            self.cuMipmappedArrayGetLevel = None;
        }
        if self.cuMipmappedArrayGetMemoryRequirements.is_some()
            && !keep("cuMipmappedArrayGetMemoryRequirements")
        {
            self.cuMipmappedArrayGetMemoryRequirements = None;
        }
        if self.cuMipmappedArrayGetSparseProperties.is_some()
            && !keep("cuMipmappedArrayGetSparseProperties")
        {
            self.cuMipmappedArrayGetSparseProperties = None;
        }
        if self.cuModuleEnumerateFunctions.is_some() && !keep("cuModuleEnumerateFunctions") {
            self.cuModuleEnumerateFunctions = None;
        }
        if self.cuModuleGetFunction.is_some() && !keep("cuModuleGetFunction") {
            self.cuModuleGetFunction = None;
        }
        if self.cuModuleGetFunctionCount.is_some() && !keep("cuModuleGetFunctionCount") {
            self.cuModuleGetFunctionCount = None;
        }
        if self.cuModuleGetGlobal.is_some() && !keep("cuModuleGetGlobal") {
            self.cuModuleGetGlobal = None;
        }
        if self.cuModuleGetGlobal_v2.is_some() && !keep("cuModuleGetGlobal_v2") {
            self.cuModuleGetGlobal_v2 = None;
        }
        if self.cuModuleGetLoadingMode.is_some() && !keep("cuModuleGetLoadingMode") {
            self.cuModuleGetLoadingMode = None;
        }
        if self.cuModuleGetSurfRef.is_some() && !keep("cuModuleGetSurfRef") {
            self.cuModuleGetSurfRef = None;
        }
        if self.cuModuleGetTexRef.is_some() && !keep("cuModuleGetTexRef") {
            self.cuModuleGetTexRef = None;
        }
        if self.cuModuleLoad.is_some() && !keep("cuModuleLoad") {
            self.cuModuleLoad = None;
        }
        if self.cuModuleLoadData.is_some() && !keep("cuModuleLoadData") {
            self.cuModuleLoadData = None;
        }
        if self.cuModuleLoadDataEx.is_some() && !keep("cuModuleLoadDataEx") {
            self.cuModuleLoadDataEx = None;
        }
        if self.cuModuleLoadFatBinary.is_some() && !keep("cuModuleLoadFatBinary") {
            self.cuModuleLoadFatBinary = None;
        }
        if self.cuModuleUnload.is_some() && !keep("cuModuleUnload") {
            self.cuModuleUnload = None;
        }
        if self.cuMulticastAddDevice.is_some() && !keep("cuMulticastAddDevice") {
            self.cuMulticastAddDevice = None;
        }
        if self.cuMulticastBindAddr.is_some() && !keep("cuMulticastBindAddr") {
            self.cuMulticastBindAddr = None;
        }
        if self.cuMulticastBindMem.is_some() && !keep("cuMulticastBindMem") {
            self.cuMulticastBindMem = None;
        }
        if self.cuMulticastCreate.is_some() && !keep("cuMulticastCreate") {
            self.cuMulticastCreate = None;
        }
        if self.cuMulticastGetGranularity.is_some() && !keep("cuMulticastGetGranularity") {
            self.cuMulticastGetGranularity = None;
        }
        if self.cuMulticastUnbind.is_some() && !keep("cuMulticastUnbind") {
            self.cuMulticastUnbind = None;
        }
        if self.cuOccupancyAvailableDynamicSMemPerBlock.is_some()
            && !keep("cuOccupancyAvailableDynamicSMemPerBlock")
        {
            self.cuOccupancyAvailableDynamicSMemPerBlock = None;
        }
        if self.cuOccupancyMaxActiveBlocksPerMultiprocessor.is_some()
            && !keep("cuOccupancyMaxActiveBlocksPerMultiprocessor")
        {
            self.cuOccupancyMaxActiveBlocksPerMultiprocessor = None;
        }
        if self
            .cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags
            .is_some()
            && !keep("cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags")
        {
            self.cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags = None;
        }
        if self.cuOccupancyMaxActiveClusters.is_some() && !keep("cuOccupancyMaxActiveClusters") {
            self.cuOccupancyMaxActiveClusters = None;
        }
        if self.cuOccupancyMaxPotentialBlockSize.is_some()
            && !keep("cuOccupancyMaxPotentialBlockSize")
        {
            self.cuOccupancyMaxPotentialBlockSize = None;
        }
        if self.cuOccupancyMaxPotentialBlockSizeWithFlags.is_some()
            && !keep("cuOccupancyMaxPotentialBlockSizeWithFlags")
        {
            self.cuOccupancyMaxPotentialBlockSizeWithFlags = None;
        }
        if self.cuOccupancyMaxPotentialClusterSize.is_some()
            && !keep("cuOccupancyMaxPotentialClusterSize")
        {
            self.cuOccupancyMaxPotentialClusterSize = None;
        }
        if self.cuParamSetSize.is_some() && !keep("cuParamSetSize") {
            self.cuParamSetSize = None;
        }
        if self.cuParamSetTexRef.is_some() && !keep("cuParamSetTexRef") {
            self.cuParamSetTexRef = None;
        }
        if self.cuParamSetf.is_some() && !keep("cuParamSetf") {
            self.cuParamSetf = None;
        }
        if self.cuParamSeti.is_some() && !keep("cuParamSeti") {
            self.cuParamSeti = None;
        }
        if self.cuParamSetv.is_some() && !keep("cuParamSetv") {
            self.cuParamSetv = None;
        }
        if self.cuPointerGetAttribute.is_some() && !keep("cuPointerGetAttribute") {
            self.cuPointerGetAttribute = None;
        }
        if self.cuPointerGetAttributes.is_some() && !keep("cuPointerGetAttributes") {
            self.cuPointerGetAttributes = None;
        }
        if self.cuPointerSetAttribute.is_some() && !keep("cuPointerSetAttribute") {
            self.cuPointerSetAttribute = None;
        }
        if self.cuSignalExternalSemaphoresAsync.is_some()
            && !keep("cuSignalExternalSemaphoresAsync")
        {
            self.cuSignalExternalSemaphoresAsync = None;
        }
        if self.cuSignalExternalSemaphoresAsync_ptsz.is_some()
            && !keep("cuSignalExternalSemaphoresAsync_ptsz")
        {
            self.cuSignalExternalSemaphoresAsync_ptsz = None;
        }
        if self.cuStreamAddCallback.is_some() && !keep("cuStreamAddCallback") {
            self.cuStreamAddCallback = None;
        }
        if self.cuStreamAddCallback_ptsz.is_some() && !keep("cuStreamAddCallback_ptsz") {
            self.cuStreamAddCallback_ptsz = None;
        }
        if self.cuStreamAttachMemAsync.is_some() && !keep("cuStreamAttachMemAsync") {
            self.cuStreamAttachMemAsync = None;
        }
        if self.cuStreamAttachMemAsync_ptsz.is_some() && !keep("cuStreamAttachMemAsync_ptsz") {
            self.cuStreamAttachMemAsync_ptsz = None;
        }
        if self.cuStreamBatchMemOp.is_some() && !keep("cuStreamBatchMemOp") {
            self.cuStreamBatchMemOp = None;
        }
        if self.cuStreamBatchMemOp_ptsz.is_some() && !keep("cuStreamBatchMemOp_ptsz") {
            self.cuStreamBatchMemOp_ptsz = None;
        }
        if self.cuStreamBatchMemOp_v2.is_some() && !keep("cuStreamBatchMemOp_v2") {
            self.cuStreamBatchMemOp_v2 = None;
        }
        if self.cuStreamBatchMemOp_v2_ptsz.is_some() && !keep("cuStreamBatchMemOp_v2_ptsz") {
            self.cuStreamBatchMemOp_v2_ptsz = None;
        }
        if self.cuStreamBeginCapture.is_some() && !keep("cuStreamBeginCapture") {
            self.cuStreamBeginCapture = None;
        }
        if self.cuStreamBeginCaptureToGraph.is_some() && !keep("cuStreamBeginCaptureToGraph") {
            self.cuStreamBeginCaptureToGraph = None;
        }
        if self.cuStreamBeginCaptureToGraph_ptsz.is_some()
            && !keep("cuStreamBeginCaptureToGraph_ptsz")
        {
            self.cuStreamBeginCaptureToGraph_ptsz = None;
        }
        if self.cuStreamBeginCapture_ptsz.is_some() && !keep("cuStreamBeginCapture_ptsz") {
            self.cuStreamBeginCapture_ptsz = None;
        }
        if self.cuStreamBeginCapture_v2.is_some() && !keep("cuStreamBeginCapture_v2") {
            self.cuStreamBeginCapture_v2 = None;
        }
        if self.cuStreamBeginCapture_v2_ptsz.is_some() && !keep("cuStreamBeginCapture_v2_ptsz") {
            self.cuStreamBeginCapture_v2_ptsz = None;
        }
        if self.cuStreamCopyAttributes.is_some() && !keep("cuStreamCopyAttributes") {
            self.cuStreamCopyAttributes = None;
        }
        if self.cuStreamCopyAttributes_ptsz.is_some() && !keep("cuStreamCopyAttributes_ptsz") {
            self.cuStreamCopyAttributes_ptsz = None;
        }
        if self.cuStreamCreate.is_some() && !keep("cuStreamCreate") {
            self.cuStreamCreate = None;
        }
        if self.cuStreamCreateWithPriority.is_some() && !keep("cuStreamCreateWithPriority") {
            self.cuStreamCreateWithPriority = None;
        }
        if self.cuStreamDestroy.is_some() && !keep("cuStreamDestroy") {
            self.cuStreamDestroy = None;
        }
        if self.cuStreamDestroy_v2.is_some() && !keep("cuStreamDestroy_v2") {
            self.cuStreamDestroy_v2 = None;
        }
        if self.cuStreamEndCapture.is_some() && !keep("cuStreamEndCapture") {
            self.cuStreamEndCapture = None;
        }
        if self.cuStreamEndCapture_ptsz.is_some() && !keep("cuStreamEndCapture_ptsz") {
            self.cuStreamEndCapture_ptsz = None;
        }
        if self.cuStreamGetAttribute.is_some() && !keep("cuStreamGetAttribute") {
            self.cuStreamGetAttribute = None;
        }
        if self.cuStreamGetAttribute_ptsz.is_some() && !keep("cuStreamGetAttribute_ptsz") {
            self.cuStreamGetAttribute_ptsz = None;
        }
        if self.cuStreamGetCaptureInfo.is_some() && !keep("cuStreamGetCaptureInfo") {
            self.cuStreamGetCaptureInfo = None;
        }
        if self.cuStreamGetCaptureInfo_ptsz.is_some() && !keep("cuStreamGetCaptureInfo_ptsz") {
            self.cuStreamGetCaptureInfo_ptsz = None;
        }
        if self.cuStreamGetCaptureInfo_v2.is_some() && !keep("cuStreamGetCaptureInfo_v2") {
            self.cuStreamGetCaptureInfo_v2 = None;
        }
        if self.cuStreamGetCaptureInfo_v2_ptsz.is_some() && !keep("cuStreamGetCaptureInfo_v2_ptsz")
        {
            self.cuStreamGetCaptureInfo_v2_ptsz = None;
        }
        if self.cuStreamGetCaptureInfo_v3.is_some() && !keep("cuStreamGetCaptureInfo_v3") {
            self.cuStreamGetCaptureInfo_v3 = None;
        }
        if self.cuStreamGetCaptureInfo_v3_ptsz.is_some() && !keep("cuStreamGetCaptureInfo_v3_ptsz")
        {
            self.cuStreamGetCaptureInfo_v3_ptsz = None;
        }
        if self.cuStreamGetCtx.is_some() && !keep("cuStreamGetCtx") {
            self.cuStreamGetCtx = None;
        }
        if self.cuStreamGetCtx_ptsz.is_some() && !keep("cuStreamGetCtx_ptsz") {
            self.cuStreamGetCtx_ptsz = None;
        }
        if self.cuStreamGetCtx_v2.is_some() && !keep("cuStreamGetCtx_v2") {
            self.cuStreamGetCtx_v2 = None;
        }
        if self.cuStreamGetCtx_v2_ptsz.is_some() && !keep("cuStreamGetCtx_v2_ptsz") {
            self.cuStreamGetCtx_v2_ptsz = None;
        }
        if self.cuStreamGetDevice.is_some() && !keep("cuStreamGetDevice") {
            self.cuStreamGetDevice = None;
        }
        if self.cuStreamGetDevice_ptsz.is_some() && !keep("cuStreamGetDevice_ptsz") {
            self.cuStreamGetDevice_ptsz = None;
        }
        if self.cuStreamGetFlags.is_some() && !keep("cuStreamGetFlags") {
            self.cuStreamGetFlags = None;
        }
        if self.cuStreamGetFlags_ptsz.is_some() && !keep("cuStreamGetFlags_ptsz") {
            self.cuStreamGetFlags_ptsz = None;
        }
        if self.cuStreamGetGreenCtx.is_some() && !keep("cuStreamGetGreenCtx") {
            self.cuStreamGetGreenCtx = None;
        }
        if self.cuStreamGetId.is_some() && !keep("cuStreamGetId") {
            self.cuStreamGetId = None;
        }
        if self.cuStreamGetId_ptsz.is_some() && !keep("cuStreamGetId_ptsz") {
            self.cuStreamGetId_ptsz = None;
        }
        if self.cuStreamGetPriority.is_some() && !keep("cuStreamGetPriority") {
            self.cuStreamGetPriority = None;
        }
        if self.cuStreamGetPriority_ptsz.is_some() && !keep("cuStreamGetPriority_ptsz") {
            self.cuStreamGetPriority_ptsz = None;
        }
        if self.cuStreamIsCapturing.is_some() && !keep("cuStreamIsCapturing") {
            self.cuStreamIsCapturing = None;
        }
        if self.cuStreamIsCapturing_ptsz.is_some() && !keep("cuStreamIsCapturing_ptsz") {
            self.cuStreamIsCapturing_ptsz = None;
        }
        if self.cuStreamQuery.is_some() && !keep("cuStreamQuery") {
            self.cuStreamQuery = None;
        }
        if self.cuStreamQuery_ptsz.is_some() && !keep("cuStreamQuery_ptsz") {
            self.cuStreamQuery_ptsz = None;
        }
        if self.cuStreamSetAttribute.is_some() && !keep("cuStreamSetAttribute") {
            self.cuStreamSetAttribute = None;
        }
        if self.cuStreamSetAttribute_ptsz.is_some() && !keep("cuStreamSetAttribute_ptsz") {
            self.cuStreamSetAttribute_ptsz = None;
        }
        if self.cuStreamSynchronize.is_some() && !keep("cuStreamSynchronize") {
            self.cuStreamSynchronize = None;
        }
        if self.cuStreamSynchronize_ptsz.is_some() && !keep("cuStreamSynchronize_ptsz") {
            self.cuStreamSynchronize_ptsz = None;
        }
        if self.cuStreamUpdateCaptureDependencies.is_some()
            && !keep("cuStreamUpdateCaptureDependencies")
        {
            self.cuStreamUpdateCaptureDependencies = None;
        }
        if self.cuStreamUpdateCaptureDependencies_ptsz.is_some()
            && !keep("cuStreamUpdateCaptureDependencies_ptsz")
        {
            self.cuStreamUpdateCaptureDependencies_ptsz = None;
        }
        if self.cuStreamUpdateCaptureDependencies_v2.is_some()
            && !keep("cuStreamUpdateCaptureDependencies_v2")
        {
            self.cuStreamUpdateCaptureDependencies_v2 = None;
        }
        if self.cuStreamUpdateCaptureDependencies_v2_ptsz.is_some()
            && !keep("cuStreamUpdateCaptureDependencies_v2_ptsz")
        {
            self.cuStreamUpdateCaptureDependencies_v2_ptsz = None;
        }
        if self.cuStreamWaitEvent.is_some() && !keep("cuStreamWaitEvent") {
            self.cuStreamWaitEvent = None;
        }
        if self.cuStreamWaitEvent_ptsz.is_some() && !keep("cuStreamWaitEvent_ptsz") {
            self.cuStreamWaitEvent_ptsz = None;
        }
        if self.cuStreamWaitValue32.is_some() && !keep("cuStreamWaitValue32") {
            self.cuStreamWaitValue32 = None;
        }
        if self.cuStreamWaitValue32_ptsz.is_some() && !keep("cuStreamWaitValue32_ptsz") {
            self.cuStreamWaitValue32_ptsz = None;
        }
        if self.cuStreamWaitValue32_v2.is_some() && !keep("cuStreamWaitValue32_v2") {
            self.cuStreamWaitValue32_v2 = None;
        }
        if self.cuStreamWaitValue32_v2_ptsz.is_some() && !keep("cuStreamWaitValue32_v2_ptsz") {
            self.cuStreamWaitValue32_v2_ptsz = None;
        }
        if self.cuStreamWaitValue64.is_some() && !keep("cuStreamWaitValue64") {
            self.cuStreamWaitValue64 = None;
        }
        if self.cuStreamWaitValue64_ptsz.is_some() && !keep("cuStreamWaitValue64_ptsz") {
            self.cuStreamWaitValue64_ptsz = None;
        }
        if self.cuStreamWaitValue64_v2.is_some() && !keep("cuStreamWaitValue64_v2") {
            self.cuStreamWaitValue64_v2 = None;
        }
        if self.cuStreamWaitValue64_v2_ptsz.is_some() && !keep("cuStreamWaitValue64_v2_ptsz") {
            self.cuStreamWaitValue64_v2_ptsz = None;
        }
        if self.cuStreamWriteValue32.is_some() && !keep("cuStreamWriteValue32") {
            self.cuStreamWriteValue32 = None;
        }
        if self.cuStreamWriteValue32_ptsz.is_some() && !keep("cuStreamWriteValue32_ptsz") {
            self.cuStreamWriteValue32_ptsz = None;
        }
        if self.cuStreamWriteValue32_v2.is_some() && !keep("cuStreamWriteValue32_v2") {
            self.cuStreamWriteValue32_v2 = None;
        }
        if self.cuStreamWriteValue32_v2_ptsz.is_some() && !keep("cuStreamWriteValue32_v2_ptsz") {
            self.cuStreamWriteValue32_v2_ptsz = None;
        }
        if self.cuStreamWriteValue64.is_some() && !keep("cuStreamWriteValue64") {
            self.cuStreamWriteValue64 = None;
        }
        if self.cuStreamWriteValue64_ptsz.is_some() && !keep("cuStreamWriteValue64_ptsz") {
            self.cuStreamWriteValue64_ptsz = None;
        }
        if self.cuStreamWriteValue64_v2.is_some() && !keep("cuStreamWriteValue64_v2") {
            self.cuStreamWriteValue64_v2 = None;
        }
        if self.cuStreamWriteValue64_v2_ptsz.is_some() && !keep("cuStreamWriteValue64_v2_ptsz") {
            self.cuStreamWriteValue64_v2_ptsz = None;
        }
        if self.cuSurfObjectCreate.is_some() && !keep("cuSurfObjectCreate") {
            self.cuSurfObjectCreate = None;
        }
        if self.cuSurfObjectDestroy.is_some() && !keep("cuSurfObjectDestroy") {
            self.cuSurfObjectDestroy = None;
        }
        if self.cuSurfObjectGetResourceDesc.is_some() && !keep("cuSurfObjectGetResourceDesc") {
            self.cuSurfObjectGetResourceDesc = None;
        }
        if self.cuSurfRefGetArray.is_some() && !keep("cuSurfRefGetArray") {
            self.cuSurfRefGetArray = None;
        }
        if self.cuSurfRefSetArray.is_some() && !keep("cuSurfRefSetArray") {
            self.cuSurfRefSetArray = None;
        }
        if self.cuTensorMapEncodeIm2col.is_some() && !keep("cuTensorMapEncodeIm2col") {
            self.cuTensorMapEncodeIm2col = None;
        }
        if self.cuTensorMapEncodeIm2colWide.is_some() && !keep("cuTensorMapEncodeIm2colWide") {
            self.cuTensorMapEncodeIm2colWide = None;
        }
        if self.cuTensorMapEncodeTiled.is_some() && !keep("cuTensorMapEncodeTiled") {
            self.cuTensorMapEncodeTiled = None;
        }
        if self.cuTensorMapReplaceAddress.is_some() && !keep("cuTensorMapReplaceAddress") {
            self.cuTensorMapReplaceAddress = None;
        }
        if self.cuTexObjectCreate.is_some() && !keep("cuTexObjectCreate") {
            self.cuTexObjectCreate = None;
        }
        if self.cuTexObjectDestroy.is_some() && !keep("cuTexObjectDestroy") {
            self.cuTexObjectDestroy = None;
        }
        if self.cuTexObjectGetResourceDesc.is_some() && !keep("cuTexObjectGetResourceDesc") {
            self.cuTexObjectGetResourceDesc = None;
        }
        if self.cuTexObjectGetResourceViewDesc.is_some() && !keep("cuTexObjectGetResourceViewDesc")
        {
            self.cuTexObjectGetResourceViewDesc = None;
        }
        if self.cuTexObjectGetTextureDesc.is_some() && !keep("cuTexObjectGetTextureDesc") {
            self.cuTexObjectGetTextureDesc = None;
        }
        if self.cuTexRefCreate.is_some() && !keep("cuTexRefCreate") {
            self.cuTexRefCreate = None;
        }
        if self.cuTexRefDestroy.is_some() && !keep("cuTexRefDestroy") {
            self.cuTexRefDestroy = None;
        }
        if self.cuTexRefGetAddress.is_some() && !keep("cuTexRefGetAddress") {
            self.cuTexRefGetAddress = None;
        }
        if self.cuTexRefGetAddressMode.is_some() && !keep("cuTexRefGetAddressMode") {
            self.cuTexRefGetAddressMode = None;
        }
        if self.cuTexRefGetAddress_v2.is_some() && !keep("cuTexRefGetAddress_v2") {
            self.cuTexRefGetAddress_v2 = None;
        }
        if self.cuTexRefGetArray.is_some() && !keep("cuTexRefGetArray") {
            self.cuTexRefGetArray = None;
        }
        if self.cuTexRefGetBorderColor.is_some() && !keep("cuTexRefGetBorderColor") {
            self.cuTexRefGetBorderColor = None;
        }
        if self.cuTexRefGetFilterMode.is_some() && !keep("cuTexRefGetFilterMode") {
            self.cuTexRefGetFilterMode = None;
        }
        if self.cuTexRefGetFlags.is_some() && !keep("cuTexRefGetFlags") {
            self.cuTexRefGetFlags = None;
        }
        if self.cuTexRefGetFormat.is_some() && !keep("cuTexRefGetFormat") {
            self.cuTexRefGetFormat = None;
        }
        if self.cuTexRefGetMaxAnisotropy.is_some() && !keep("cuTexRefGetMaxAnisotropy") {
            self.cuTexRefGetMaxAnisotropy = None;
        }
        if self.cuTexRefGetMipmapFilterMode.is_some() && !keep("cuTexRefGetMipmapFilterMode") {
            self.cuTexRefGetMipmapFilterMode = None;
        }
        if self.cuTexRefGetMipmapLevelBias.is_some() && !keep("cuTexRefGetMipmapLevelBias") {
            self.cuTexRefGetMipmapLevelBias = None;
        }
        if self.cuTexRefGetMipmapLevelClamp.is_some() && !keep("cuTexRefGetMipmapLevelClamp") {
            self.cuTexRefGetMipmapLevelClamp = None;
        }
        if self.cuTexRefGetMipmappedArray.is_some() && !keep("cuTexRefGetMipmappedArray") {
            self.cuTexRefGetMipmappedArray = None;
        }
        if self.cuTexRefSetAddress.is_some() && !keep("cuTexRefSetAddress") {
            self.cuTexRefSetAddress = None;
        }
        if self.cuTexRefSetAddress2D.is_some() && !keep("cuTexRefSetAddress2D") {
            self.cuTexRefSetAddress2D = None;
        }
        if self.cuTexRefSetAddress2D_v2.is_some() && !keep("cuTexRefSetAddress2D_v2") {
            self.cuTexRefSetAddress2D_v2 = None;
        }
        if self.cuTexRefSetAddress2D_v3.is_some() && !keep("cuTexRefSetAddress2D_v3") {
            self.cuTexRefSetAddress2D_v3 = None;
        }
        if self.cuTexRefSetAddressMode.is_some() && !keep("cuTexRefSetAddressMode") {
            self.cuTexRefSetAddressMode = None;
        }
        if self.cuTexRefSetAddress_v2.is_some() && !keep("cuTexRefSetAddress_v2") {
            self.cuTexRefSetAddress_v2 = None;
        }
        if self.cuTexRefSetArray.is_some() && !keep("cuTexRefSetArray") {
            self.cuTexRefSetArray = None;
        }
        if self.cuTexRefSetBorderColor.is_some() && !keep("cuTexRefSetBorderColor") {
            self.cuTexRefSetBorderColor = None;
        }
        if self.cuTexRefSetFilterMode.is_some() && !keep("cuTexRefSetFilterMode") {
            self.cuTexRefSetFilterMode = None;
        }
        if self.cuTexRefSetFlags.is_some() && !keep("cuTexRefSetFlags") {
            self.cuTexRefSetFlags = None;
        }
        if self.cuTexRefSetFormat.is_some() && !keep("cuTexRefSetFormat") {
            self.cuTexRefSetFormat = None;
        }
        if self.cuTexRefSetMaxAnisotropy.is_some() && !keep("cuTexRefSetMaxAnisotropy") {
            self.cuTexRefSetMaxAnisotropy = None;
        }
        if self.cuTexRefSetMipmapFilterMode.is_some() && !keep("cuTexRefSetMipmapFilterMode") {
            self.cuTexRefSetMipmapFilterMode = None;
        }
        if self.cuTexRefSetMipmapLevelBias.is_some() && !keep("cuTexRefSetMipmapLevelBias") {
            self.cuTexRefSetMipmapLevelBias = None;
        }
        if self.cuTexRefSetMipmapLevelClamp.is_some() && !keep("cuTexRefSetMipmapLevelClamp") {
            self.cuTexRefSetMipmapLevelClamp = None;
        }
        if self.cuTexRefSetMipmappedArray.is_some() && !keep("cuTexRefSetMipmappedArray") {
            self.cuTexRefSetMipmappedArray = None;
        }
        if self.cuThreadExchangeStreamCaptureMode.is_some()
            && !keep("cuThreadExchangeStreamCaptureMode")
        {
            self.cuThreadExchangeStreamCaptureMode = None;
        }
        if self.cuUserObjectCreate.is_some() && !keep("cuUserObjectCreate") {
            self.cuUserObjectCreate = None;
        }
        if self.cuUserObjectRelease.is_some() && !keep("cuUserObjectRelease") {
            self.cuUserObjectRelease = None;
        }
        if self.cuUserObjectRetain.is_some() && !keep("cuUserObjectRetain") {
            self.cuUserObjectRetain = None;
        }
        if self.cuWaitExternalSemaphoresAsync.is_some() && !keep("cuWaitExternalSemaphoresAsync") {
            self.cuWaitExternalSemaphoresAsync = None;
        }
        if self.cuWaitExternalSemaphoresAsync_ptsz.is_some()
            && !keep("cuWaitExternalSemaphoresAsync_ptsz")
        {
            self.cuWaitExternalSemaphoresAsync_ptsz = None;
        }
    }
}

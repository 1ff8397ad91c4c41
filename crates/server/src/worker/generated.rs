// Made by `cargo xtask gen` from CUDA's headers and functions.def. Do not edit.

use core::ffi::*;

use pillion_cuda_abi::types::*;
use pillion_cuda_abi::{DriverTable, FUNCTIONS, pool_attribute_words};
use pillion_protocol::handle::Kind;
use pillion_protocol::{Decoder, Encoder};

use super::forward::{Failure, many, zeroed};
#[allow(unused_imports)]
use super::handles::{Handles, Translate};

/// Decodes and executes one forwarded call, and encodes what it answers.
///
/// # Errors
///
/// [`Failure::Violation`] where the bytes are not what the opcode demands, which ends the session;
/// [`Failure::Status`] where a handle is unknown or the device lacks the function.
pub fn dispatch(
    opcode: u16,
    body: &mut Decoder<'_>,
    handles: &mut Handles,
    table: &DriverTable,
    answer: &mut Encoder<'_>,
) -> Result<CUresult, Failure> {
    let status = match opcode {
        441 => {
            let fresh = body.scalar()?;
            handles.vacant(Kind::Array, fresh)?;
            let mut pHandle: CUarray = zeroed();
            let mut pAllocateArray: CUDA_ARRAY3D_DESCRIPTOR = body.pod()?;
            body.end()?;
            let entry_point = table
                .cuArray3DCreate_v2
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pHandle, &raw mut pAllocateArray) };
            if status == CUresult::CUDA_SUCCESS {
                handles.bind(Kind::Array, fresh, pHandle as u64);
            }
            status
        }

        443 => {
            let mut pArrayDescriptor: CUDA_ARRAY3D_DESCRIPTOR = zeroed();
            let hArray = handles.find(Kind::Array, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuArray3DGetDescriptor_v2
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pArrayDescriptor, hArray as CUarray) };
            answer.pod(&pArrayDescriptor);
            status
        }

        440 => {
            let fresh = body.scalar()?;
            handles.vacant(Kind::Array, fresh)?;
            let mut pHandle: CUarray = zeroed();
            let mut pAllocateArray: CUDA_ARRAY_DESCRIPTOR = body.pod()?;
            body.end()?;
            let entry_point = table
                .cuArrayCreate_v2
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pHandle, &raw mut pAllocateArray) };
            if status == CUresult::CUDA_SUCCESS {
                handles.bind(Kind::Array, fresh, pHandle as u64);
            }
            status
        }

        444 => {
            let gone = body.scalar()?;
            let hArray = handles.find(Kind::Array, gone)?;
            body.end()?;
            let entry_point = table
                .cuArrayDestroy
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hArray as CUarray) };
            handles.forget(Kind::Array, gone);
            status
        }

        442 => {
            let mut pArrayDescriptor: CUDA_ARRAY_DESCRIPTOR = zeroed();
            let hArray = handles.find(Kind::Array, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuArrayGetDescriptor_v2
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pArrayDescriptor, hArray as CUarray) };
            answer.pod(&pArrayDescriptor);
            status
        }

        445 => {
            let mut memoryRequirements: CUDA_ARRAY_MEMORY_REQUIREMENTS = zeroed();
            let array = handles.find(Kind::Array, body.scalar()?)?;
            let device: CUdevice = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuArrayGetMemoryRequirements
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status =
                unsafe { entry_point(&raw mut memoryRequirements, array as CUarray, device) };
            answer.pod(&memoryRequirements);
            status
        }

        446 => {
            let mut pPlaneArray: CUarray = zeroed();
            let hArray = handles.find(Kind::Array, body.scalar()?)?;
            let planeIdx: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuArrayGetPlane
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pPlaneArray, hArray as CUarray, planeIdx) };
            answer.pod(&if status == CUresult::CUDA_SUCCESS {
                handles.name(Kind::Array, pPlaneArray as u64)?
            } else {
                0
            });
            status
        }

        447 => {
            let mut sparseProperties: CUDA_ARRAY_SPARSE_PROPERTIES = zeroed();
            let array = handles.find(Kind::Array, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuArrayGetSparseProperties
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut sparseProperties, array as CUarray) };
            answer.pod(&sparseProperties);
            status
        }

        281 => {
            let peerContext = handles.find(Kind::Context, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuCtxDisablePeerAccess
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(peerContext as CUcontext) };
            status
        }

        280 => {
            let peerContext = handles.find(Kind::Context, body.scalar()?)?;
            let Flags: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuCtxEnablePeerAccess
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(peerContext as CUcontext, Flags) };
            status
        }

        272 => {
            let mut pconfig: CUfunc_cache = zeroed();
            body.end()?;
            let entry_point = table
                .cuCtxGetCacheConfig
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pconfig) };
            answer.pod(&pconfig);
            status
        }

        551 => {
            let hCtx = handles.find(Kind::Context, body.scalar()?)?;
            let mut resource: CUdevResource = zeroed();
            let type_: CUdevResourceType = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuCtxGetDevResource
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hCtx as CUcontext, &raw mut resource, type_) };
            answer.pod(&resource);
            status
        }

        276 => {
            let mut pExecAffinity: CUexecAffinityParam = zeroed();
            let type_: CUexecAffinityType = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuCtxGetExecAffinity
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pExecAffinity, type_) };
            answer.pod(&pExecAffinity);
            status
        }

        271 => {
            let mut pvalue: usize = zeroed();
            let limit: CUlimit = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuCtxGetLimit
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pvalue, limit) };
            answer.pod(&pvalue);
            status
        }

        277 => {
            let mut pConfig: CUsharedconfig = zeroed();
            body.end()?;
            let entry_point = table
                .cuCtxGetSharedMemConfig
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pConfig) };
            answer.pod(&pConfig);
            status
        }

        274 => {
            let mut leastPriority: c_int = zeroed();
            let mut greatestPriority: c_int = zeroed();
            body.end()?;
            let entry_point = table
                .cuCtxGetStreamPriorityRange
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut leastPriority, &raw mut greatestPriority) };
            answer.pod(&leastPriority);
            answer.pod(&greatestPriority);
            status
        }

        282 => {
            let hCtx = handles.find(Kind::Context, body.scalar()?)?;
            let hEvent = handles.find(Kind::Event, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuCtxRecordEvent
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hCtx as CUcontext, hEvent as CUevent) };
            status
        }

        275 => {
            body.end()?;
            let entry_point = table
                .cuCtxResetPersistingL2Cache
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point() };
            status
        }

        273 => {
            let config: CUfunc_cache = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuCtxSetCacheConfig
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(config) };
            status
        }

        279 => {
            let flags: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuCtxSetFlags
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(flags) };
            status
        }

        270 => {
            let limit: CUlimit = body.scalar()?;
            let value: usize = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuCtxSetLimit
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(limit, value) };
            status
        }

        278 => {
            let config: CUsharedconfig = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuCtxSetSharedMemConfig
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(config) };
            status
        }

        283 => {
            let hCtx = handles.find(Kind::Context, body.scalar()?)?;
            let hEvent = handles.find(Kind::Event, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuCtxWaitEvent
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hCtx as CUcontext, hEvent as CUevent) };
            status
        }

        553 => {
            let fresh = body.scalar()?;
            handles.vacant(Kind::ResourceDescription, fresh)?;
            let mut phDesc: CUdevResourceDesc = zeroed();
            let nbResources: c_uint = body.scalar()?;
            let mut resources: Vec<CUdevResource> = body.pods((nbResources) as usize)?;
            body.end()?;
            let entry_point = table
                .cuDevResourceGenerateDesc
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    &raw mut phDesc,
                    resources.as_mut_ptr() as *mut CUdevResource,
                    nbResources,
                )
            };
            if status == CUresult::CUDA_SUCCESS {
                handles.bind(Kind::ResourceDescription, fresh, phDesc as u64);
            }
            status
        }

        258 => {
            let mut canAccessPeer: c_int = zeroed();
            let dev: CUdevice = body.scalar()?;
            let peerDev: CUdevice = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuDeviceCanAccessPeer
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut canAccessPeer, dev, peerDev) };
            answer.pod(&canAccessPeer);
            status
        }

        550 => {
            let device: CUdevice = body.scalar()?;
            let mut resource: CUdevResource = zeroed();
            let type_: CUdevResourceType = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuDeviceGetDevResource
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(device, &raw mut resource, type_) };
            answer.pod(&resource);
            status
        }

        257 => {
            let mut pi: c_int = zeroed();
            let type_: CUexecAffinityType = body.scalar()?;
            let dev: CUdevice = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuDeviceGetExecAffinitySupport
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pi, type_, dev) };
            answer.pod(&pi);
            status
        }

        540 => {
            let device: CUdevice = body.scalar()?;
            let attr: CUgraphMem_attribute = body.scalar()?;
            let mut value: Vec<u32> = many((2) as usize)?;
            body.end()?;
            let entry_point = table
                .cuDeviceGetGraphMemAttribute
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(device, attr, value.as_mut_ptr() as *mut c_void) };
            answer.pods(&value);
            status
        }

        580 => {
            let count: c_uint = body.scalar()?;
            let dev: CUdevice = body.scalar()?;
            let mut capabilities: Vec<c_uint> = many((count) as usize)?;
            let mut operations: Vec<CUatomicOperation> = body.pods((count) as usize)?;
            body.end()?;
            let entry_point = table
                .cuDeviceGetHostAtomicCapabilities
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    capabilities.as_mut_ptr() as *mut c_uint,
                    operations.as_mut_ptr() as *const CUatomicOperation,
                    count,
                    dev,
                )
            };
            answer.pods(&capabilities);
            status
        }

        581 => {
            let count: c_uint = body.scalar()?;
            let srcDevice: CUdevice = body.scalar()?;
            let dstDevice: CUdevice = body.scalar()?;
            let mut capabilities: Vec<c_uint> = many((count) as usize)?;
            let mut operations: Vec<CUatomicOperation> = body.pods((count) as usize)?;
            body.end()?;
            let entry_point = table
                .cuDeviceGetP2PAtomicCapabilities
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    capabilities.as_mut_ptr() as *mut c_uint,
                    operations.as_mut_ptr() as *const CUatomicOperation,
                    count,
                    srcDevice,
                    dstDevice,
                )
            };
            answer.pods(&capabilities);
            status
        }

        259 => {
            let mut value: c_int = zeroed();
            let attrib: CUdevice_P2PAttribute = body.scalar()?;
            let srcDevice: CUdevice = body.scalar()?;
            let dstDevice: CUdevice = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuDeviceGetP2PAttribute
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut value, attrib, srcDevice, dstDevice) };
            answer.pod(&value);
            status
        }

        256 => {
            let mut maxWidthInElements: usize = zeroed();
            let format: CUarray_format = body.scalar()?;
            let numChannels: c_uint = body.scalar()?;
            let dev: CUdevice = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuDeviceGetTexture1DLinearMaxWidth
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status =
                unsafe { entry_point(&raw mut maxWidthInElements, format, numChannels, dev) };
            answer.pod(&maxWidthInElements);
            status
        }

        542 => {
            let device: CUdevice = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuDeviceGraphMemTrim
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(device) };
            status
        }

        541 => {
            let device: CUdevice = body.scalar()?;
            let attr: CUgraphMem_attribute = body.scalar()?;
            let mut value: Vec<u32> = body.pods((2) as usize)?;
            body.end()?;
            let entry_point = table
                .cuDeviceSetGraphMemAttribute
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(device, attr, value.as_mut_ptr() as *mut c_void) };
            status
        }

        260 => {
            let dev: CUdevice = body.scalar()?;
            let pool = handles.find(Kind::MemoryPool, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuDeviceSetMemPool
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(dev, pool as CUmemoryPool) };
            status
        }

        410 => {
            let fresh = body.scalar()?;
            handles.vacant(Kind::Event, fresh)?;
            let mut phEvent: CUevent = zeroed();
            let Flags: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuEventCreate
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut phEvent, Flags) };
            if status == CUresult::CUDA_SUCCESS {
                handles.bind(Kind::Event, fresh, phEvent as u64);
            }
            status
        }

        413 => {
            let gone = body.scalar()?;
            let hEvent = handles.find(Kind::Event, gone)?;
            body.end()?;
            let entry_point = table
                .cuEventDestroy_v2
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hEvent as CUevent) };
            handles.forget(Kind::Event, gone);
            status
        }

        414 => {
            let mut pMilliseconds: f32 = zeroed();
            let hStart = handles.find(Kind::Event, body.scalar()?)?;
            let hEnd = handles.find(Kind::Event, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuEventElapsedTime
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status =
                unsafe { entry_point(&raw mut pMilliseconds, hStart as CUevent, hEnd as CUevent) };
            answer.pod(&pMilliseconds);
            status
        }

        415 => {
            let mut pMilliseconds: f32 = zeroed();
            let hStart = handles.find(Kind::Event, body.scalar()?)?;
            let hEnd = handles.find(Kind::Event, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuEventElapsedTime_v2
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status =
                unsafe { entry_point(&raw mut pMilliseconds, hStart as CUevent, hEnd as CUevent) };
            answer.pod(&pMilliseconds);
            status
        }

        411 => {
            let hEvent = handles.find(Kind::Event, body.scalar()?)?;
            let hStream = handles.find(Kind::Stream, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuEventRecord
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hEvent as CUevent, hStream as CUstream) };
            status
        }

        412 => {
            let hEvent = handles.find(Kind::Event, body.scalar()?)?;
            let hStream = handles.find(Kind::Stream, body.scalar()?)?;
            let flags: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuEventRecordWithFlags
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hEvent as CUevent, hStream as CUstream, flags) };
            status
        }

        310 => {
            let mut state: CUfunctionLoadingState = zeroed();
            let function = handles.find(Kind::Function, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuFuncIsLoaded
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut state, function as CUfunction) };
            answer.pod(&state);
            status
        }

        311 => {
            let function = handles.find(Kind::Function, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuFuncLoad
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(function as CUfunction) };
            status
        }

        307 => {
            let hfunc = handles.find(Kind::Function, body.scalar()?)?;
            let attrib: CUfunction_attribute = body.scalar()?;
            let value: c_int = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuFuncSetAttribute
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hfunc as CUfunction, attrib, value) };
            status
        }

        308 => {
            let hfunc = handles.find(Kind::Function, body.scalar()?)?;
            let config: CUfunc_cache = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuFuncSetCacheConfig
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hfunc as CUfunction, config) };
            status
        }

        309 => {
            let hfunc = handles.find(Kind::Function, body.scalar()?)?;
            let config: CUsharedconfig = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuFuncSetSharedMemConfig
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hfunc as CUfunction, config) };
            status
        }

        505 => {
            let mut phGraphNode: CUgraphNode = zeroed();
            let hGraph = handles.find(Kind::Graph, body.scalar()?)?;
            let numDependencies: usize = body.scalar()?;
            let childGraph = handles.find(Kind::Graph, body.scalar()?)?;
            let mut dependencies: Vec<u64> = body.pods((numDependencies) as usize)?;
            for handle in &mut dependencies {
                *handle = handles.find(Kind::GraphNode, *handle)?;
            }
            body.end()?;
            let entry_point = table
                .cuGraphAddChildGraphNode
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    &raw mut phGraphNode,
                    hGraph as CUgraph,
                    dependencies.as_mut_ptr() as *const CUgraphNode,
                    numDependencies,
                    childGraph as CUgraph,
                )
            };
            answer.pod(&if status == CUresult::CUDA_SUCCESS {
                handles.name(Kind::GraphNode, phGraphNode as u64)?
            } else {
                0
            });
            status
        }

        513 => {
            let hGraph = handles.find(Kind::Graph, body.scalar()?)?;
            let numDependencies: usize = body.scalar()?;
            let mut from: Vec<u64> = body.pods((numDependencies) as usize)?;
            for handle in &mut from {
                *handle = handles.find(Kind::GraphNode, *handle)?;
            }
            let mut to: Vec<u64> = body.pods((numDependencies) as usize)?;
            for handle in &mut to {
                *handle = handles.find(Kind::GraphNode, *handle)?;
            }
            body.end()?;
            let entry_point = table
                .cuGraphAddDependencies
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    hGraph as CUgraph,
                    from.as_mut_ptr() as *const CUgraphNode,
                    to.as_mut_ptr() as *const CUgraphNode,
                    numDependencies,
                )
            };
            status
        }

        514 => {
            let hGraph = handles.find(Kind::Graph, body.scalar()?)?;
            let numDependencies: usize = body.scalar()?;
            let mut from: Vec<u64> = body.pods((numDependencies) as usize)?;
            for handle in &mut from {
                *handle = handles.find(Kind::GraphNode, *handle)?;
            }
            let mut to: Vec<u64> = body.pods((numDependencies) as usize)?;
            for handle in &mut to {
                *handle = handles.find(Kind::GraphNode, *handle)?;
            }
            let mut edgeData: Option<Vec<CUgraphEdgeData>> =
                body.maybe_pods((numDependencies) as usize)?;
            body.end()?;
            let entry_point = table
                .cuGraphAddDependencies_v2
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    hGraph as CUgraph,
                    from.as_mut_ptr() as *const CUgraphNode,
                    to.as_mut_ptr() as *const CUgraphNode,
                    edgeData
                        .as_mut()
                        .map_or(core::ptr::null_mut(), Vec::as_mut_ptr)
                        as *const CUgraphEdgeData,
                    numDependencies,
                )
            };
            status
        }

        504 => {
            let mut phGraphNode: CUgraphNode = zeroed();
            let hGraph = handles.find(Kind::Graph, body.scalar()?)?;
            let numDependencies: usize = body.scalar()?;
            let mut dependencies: Vec<u64> = body.pods((numDependencies) as usize)?;
            for handle in &mut dependencies {
                *handle = handles.find(Kind::GraphNode, *handle)?;
            }
            body.end()?;
            let entry_point = table
                .cuGraphAddEmptyNode
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    &raw mut phGraphNode,
                    hGraph as CUgraph,
                    dependencies.as_mut_ptr() as *const CUgraphNode,
                    numDependencies,
                )
            };
            answer.pod(&if status == CUresult::CUDA_SUCCESS {
                handles.name(Kind::GraphNode, phGraphNode as u64)?
            } else {
                0
            });
            status
        }

        506 => {
            let mut phGraphNode: CUgraphNode = zeroed();
            let hGraph = handles.find(Kind::Graph, body.scalar()?)?;
            let numDependencies: usize = body.scalar()?;
            let event = handles.find(Kind::Event, body.scalar()?)?;
            let mut dependencies: Vec<u64> = body.pods((numDependencies) as usize)?;
            for handle in &mut dependencies {
                *handle = handles.find(Kind::GraphNode, *handle)?;
            }
            body.end()?;
            let entry_point = table
                .cuGraphAddEventRecordNode
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    &raw mut phGraphNode,
                    hGraph as CUgraph,
                    dependencies.as_mut_ptr() as *const CUgraphNode,
                    numDependencies,
                    event as CUevent,
                )
            };
            answer.pod(&if status == CUresult::CUDA_SUCCESS {
                handles.name(Kind::GraphNode, phGraphNode as u64)?
            } else {
                0
            });
            status
        }

        507 => {
            let mut phGraphNode: CUgraphNode = zeroed();
            let hGraph = handles.find(Kind::Graph, body.scalar()?)?;
            let numDependencies: usize = body.scalar()?;
            let event = handles.find(Kind::Event, body.scalar()?)?;
            let mut dependencies: Vec<u64> = body.pods((numDependencies) as usize)?;
            for handle in &mut dependencies {
                *handle = handles.find(Kind::GraphNode, *handle)?;
            }
            body.end()?;
            let entry_point = table
                .cuGraphAddEventWaitNode
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    &raw mut phGraphNode,
                    hGraph as CUgraph,
                    dependencies.as_mut_ptr() as *const CUgraphNode,
                    numDependencies,
                    event as CUevent,
                )
            };
            answer.pod(&if status == CUresult::CUDA_SUCCESS {
                handles.name(Kind::GraphNode, phGraphNode as u64)?
            } else {
                0
            });
            status
        }

        509 => {
            let mut phGraphNode: CUgraphNode = zeroed();
            let hGraph = handles.find(Kind::Graph, body.scalar()?)?;
            let numDependencies: usize = body.scalar()?;
            let dptr: CUdeviceptr = body.scalar()?;
            let mut dependencies: Vec<u64> = body.pods((numDependencies) as usize)?;
            for handle in &mut dependencies {
                *handle = handles.find(Kind::GraphNode, *handle)?;
            }
            body.end()?;
            let entry_point = table
                .cuGraphAddMemFreeNode
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    &raw mut phGraphNode,
                    hGraph as CUgraph,
                    dependencies.as_mut_ptr() as *const CUgraphNode,
                    numDependencies,
                    dptr,
                )
            };
            answer.pod(&if status == CUresult::CUDA_SUCCESS {
                handles.name(Kind::GraphNode, phGraphNode as u64)?
            } else {
                0
            });
            status
        }

        508 => {
            let mut phGraphNode: CUgraphNode = zeroed();
            let hGraph = handles.find(Kind::Graph, body.scalar()?)?;
            let numDependencies: usize = body.scalar()?;
            let mut memsetParams: CUDA_MEMSET_NODE_PARAMS = body.pod()?;
            let ctx = handles.find(Kind::Context, body.scalar()?)?;
            let mut dependencies: Vec<u64> = body.pods((numDependencies) as usize)?;
            for handle in &mut dependencies {
                *handle = handles.find(Kind::GraphNode, *handle)?;
            }
            body.end()?;
            let entry_point = table
                .cuGraphAddMemsetNode
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    &raw mut phGraphNode,
                    hGraph as CUgraph,
                    dependencies.as_mut_ptr() as *const CUgraphNode,
                    numDependencies,
                    &raw mut memsetParams,
                    ctx as CUcontext,
                )
            };
            answer.pod(&if status == CUresult::CUDA_SUCCESS {
                handles.name(Kind::GraphNode, phGraphNode as u64)?
            } else {
                0
            });
            status
        }

        517 => {
            let hNode = handles.find(Kind::GraphNode, body.scalar()?)?;
            let mut phGraph: CUgraph = zeroed();
            body.end()?;
            let entry_point = table
                .cuGraphChildGraphNodeGetGraph
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hNode as CUgraphNode, &raw mut phGraph) };
            answer.pod(&if status == CUresult::CUDA_SUCCESS {
                handles.name(Kind::Graph, phGraph as u64)?
            } else {
                0
            });
            status
        }

        503 => {
            let fresh = body.scalar()?;
            handles.vacant(Kind::Graph, fresh)?;
            let mut phGraphClone: CUgraph = zeroed();
            let originalGraph = handles.find(Kind::Graph, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuGraphClone
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut phGraphClone, originalGraph as CUgraph) };
            if status == CUresult::CUDA_SUCCESS {
                handles.bind(Kind::Graph, fresh, phGraphClone as u64);
            }
            status
        }

        539 => {
            let mut pHandle_out: CUgraphConditionalHandle = zeroed();
            let hGraph = handles.find(Kind::Graph, body.scalar()?)?;
            let ctx = handles.find(Kind::Context, body.scalar()?)?;
            let defaultLaunchValue: c_uint = body.scalar()?;
            let flags: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuGraphConditionalHandleCreate
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    &raw mut pHandle_out,
                    hGraph as CUgraph,
                    ctx as CUcontext,
                    defaultLaunchValue,
                    flags,
                )
            };
            answer.pod(&pHandle_out);
            status
        }

        501 => {
            let fresh = body.scalar()?;
            handles.vacant(Kind::Graph, fresh)?;
            let mut phGraph: CUgraph = zeroed();
            let flags: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuGraphCreate
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut phGraph, flags) };
            if status == CUresult::CUDA_SUCCESS {
                handles.bind(Kind::Graph, fresh, phGraph as u64);
            }
            status
        }

        502 => {
            let gone = body.scalar()?;
            let hGraph = handles.find(Kind::Graph, gone)?;
            body.end()?;
            let entry_point = table
                .cuGraphDestroy
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hGraph as CUgraph) };
            handles.forget(Kind::Graph, gone);
            status
        }

        512 => {
            let gone = body.scalar()?;
            let hNode = handles.find(Kind::GraphNode, gone)?;
            body.end()?;
            let entry_point = table
                .cuGraphDestroyNode
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hNode as CUgraphNode) };
            handles.forget(Kind::GraphNode, gone);
            status
        }

        518 => {
            let hNode = handles.find(Kind::GraphNode, body.scalar()?)?;
            let mut event_out: CUevent = zeroed();
            body.end()?;
            let entry_point = table
                .cuGraphEventRecordNodeGetEvent
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hNode as CUgraphNode, &raw mut event_out) };
            answer.pod(&if status == CUresult::CUDA_SUCCESS {
                handles.name(Kind::Event, event_out as u64)?
            } else {
                0
            });
            status
        }

        519 => {
            let hNode = handles.find(Kind::GraphNode, body.scalar()?)?;
            let event = handles.find(Kind::Event, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuGraphEventRecordNodeSetEvent
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hNode as CUgraphNode, event as CUevent) };
            status
        }

        520 => {
            let hNode = handles.find(Kind::GraphNode, body.scalar()?)?;
            let mut event_out: CUevent = zeroed();
            body.end()?;
            let entry_point = table
                .cuGraphEventWaitNodeGetEvent
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hNode as CUgraphNode, &raw mut event_out) };
            answer.pod(&if status == CUresult::CUDA_SUCCESS {
                handles.name(Kind::Event, event_out as u64)?
            } else {
                0
            });
            status
        }

        521 => {
            let hNode = handles.find(Kind::GraphNode, body.scalar()?)?;
            let event = handles.find(Kind::Event, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuGraphEventWaitNodeSetEvent
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hNode as CUgraphNode, event as CUevent) };
            status
        }

        534 => {
            let hGraphExec = handles.find(Kind::GraphExec, body.scalar()?)?;
            let hNode = handles.find(Kind::GraphNode, body.scalar()?)?;
            let childGraph = handles.find(Kind::Graph, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuGraphExecChildGraphNodeSetParams
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    hGraphExec as CUgraphExec,
                    hNode as CUgraphNode,
                    childGraph as CUgraph,
                )
            };
            status
        }

        529 => {
            let gone = body.scalar()?;
            let hGraphExec = handles.find(Kind::GraphExec, gone)?;
            body.end()?;
            let entry_point = table
                .cuGraphExecDestroy
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hGraphExec as CUgraphExec) };
            handles.forget(Kind::GraphExec, gone);
            status
        }

        535 => {
            let hGraphExec = handles.find(Kind::GraphExec, body.scalar()?)?;
            let hNode = handles.find(Kind::GraphNode, body.scalar()?)?;
            let event = handles.find(Kind::Event, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuGraphExecEventRecordNodeSetEvent
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    hGraphExec as CUgraphExec,
                    hNode as CUgraphNode,
                    event as CUevent,
                )
            };
            status
        }

        536 => {
            let hGraphExec = handles.find(Kind::GraphExec, body.scalar()?)?;
            let hNode = handles.find(Kind::GraphNode, body.scalar()?)?;
            let event = handles.find(Kind::Event, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuGraphExecEventWaitNodeSetEvent
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    hGraphExec as CUgraphExec,
                    hNode as CUgraphNode,
                    event as CUevent,
                )
            };
            status
        }

        530 => {
            let hGraphExec = handles.find(Kind::GraphExec, body.scalar()?)?;
            let mut flags: cuuint64_t = zeroed();
            body.end()?;
            let entry_point = table
                .cuGraphExecGetFlags
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hGraphExec as CUgraphExec, &raw mut flags) };
            answer.pod(&flags);
            status
        }

        533 => {
            let hGraphExec = handles.find(Kind::GraphExec, body.scalar()?)?;
            let hNode = handles.find(Kind::GraphNode, body.scalar()?)?;
            let mut memsetParams: CUDA_MEMSET_NODE_PARAMS = body.pod()?;
            let ctx = handles.find(Kind::Context, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuGraphExecMemsetNodeSetParams
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    hGraphExec as CUgraphExec,
                    hNode as CUgraphNode,
                    &raw mut memsetParams,
                    ctx as CUcontext,
                )
            };
            status
        }

        528 => {
            let fresh = body.scalar()?;
            handles.vacant(Kind::GraphExec, fresh)?;
            let mut phGraphExec: CUgraphExec = zeroed();
            let hGraph = handles.find(Kind::Graph, body.scalar()?)?;
            let flags: c_ulonglong = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuGraphInstantiateWithFlags
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut phGraphExec, hGraph as CUgraph, flags) };
            if status == CUresult::CUDA_SUCCESS {
                handles.bind(Kind::GraphExec, fresh, phGraphExec as u64);
            }
            status
        }

        525 => {
            let dst = handles.find(Kind::GraphNode, body.scalar()?)?;
            let src = handles.find(Kind::GraphNode, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuGraphKernelNodeCopyAttributes
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(dst as CUgraphNode, src as CUgraphNode) };
            status
        }

        526 => {
            let hNode = handles.find(Kind::GraphNode, body.scalar()?)?;
            let attr: CUkernelNodeAttrID = body.scalar()?;
            let mut value_out: CUkernelNodeAttrValue = zeroed();
            body.end()?;
            let entry_point = table
                .cuGraphKernelNodeGetAttribute
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hNode as CUgraphNode, attr, &raw mut value_out) };
            answer.pod(&value_out);
            status
        }

        527 => {
            let hNode = handles.find(Kind::GraphNode, body.scalar()?)?;
            let attr: CUkernelNodeAttrID = body.scalar()?;
            let mut value: CUkernelNodeAttrValue = body.pod()?;
            body.end()?;
            let entry_point = table
                .cuGraphKernelNodeSetAttribute
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hNode as CUgraphNode, attr, &raw mut value) };
            status
        }

        532 => {
            let hGraph = handles.find(Kind::GraphExec, body.scalar()?)?;
            let hStream = handles.find(Kind::Stream, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuGraphLaunch
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hGraph as CUgraphExec, hStream as CUstream) };
            status
        }

        524 => {
            let hNode = handles.find(Kind::GraphNode, body.scalar()?)?;
            let mut dptr_out: CUdeviceptr = zeroed();
            body.end()?;
            let entry_point = table
                .cuGraphMemFreeNodeGetParams
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hNode as CUgraphNode, &raw mut dptr_out) };
            answer.pod(&dptr_out);
            status
        }

        522 => {
            let hNode = handles.find(Kind::GraphNode, body.scalar()?)?;
            let mut nodeParams: CUDA_MEMSET_NODE_PARAMS = zeroed();
            body.end()?;
            let entry_point = table
                .cuGraphMemsetNodeGetParams
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hNode as CUgraphNode, &raw mut nodeParams) };
            answer.pod(&nodeParams);
            status
        }

        523 => {
            let hNode = handles.find(Kind::GraphNode, body.scalar()?)?;
            let mut nodeParams: CUDA_MEMSET_NODE_PARAMS = body.pod()?;
            body.end()?;
            let entry_point = table
                .cuGraphMemsetNodeSetParams
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hNode as CUgraphNode, &raw mut nodeParams) };
            status
        }

        511 => {
            let mut phNode: CUgraphNode = zeroed();
            let hOriginalNode = handles.find(Kind::GraphNode, body.scalar()?)?;
            let hClonedGraph = handles.find(Kind::Graph, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuGraphNodeFindInClone
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    &raw mut phNode,
                    hOriginalNode as CUgraphNode,
                    hClonedGraph as CUgraph,
                )
            };
            answer.pod(&if status == CUresult::CUDA_SUCCESS {
                handles.name(Kind::GraphNode, phNode as u64)?
            } else {
                0
            });
            status
        }

        538 => {
            let hGraphExec = handles.find(Kind::GraphExec, body.scalar()?)?;
            let hNode = handles.find(Kind::GraphNode, body.scalar()?)?;
            let mut isEnabled: c_uint = zeroed();
            body.end()?;
            let entry_point = table
                .cuGraphNodeGetEnabled
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    hGraphExec as CUgraphExec,
                    hNode as CUgraphNode,
                    &raw mut isEnabled,
                )
            };
            answer.pod(&isEnabled);
            status
        }

        510 => {
            let hNode = handles.find(Kind::GraphNode, body.scalar()?)?;
            let mut type_: CUgraphNodeType = zeroed();
            body.end()?;
            let entry_point = table
                .cuGraphNodeGetType
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hNode as CUgraphNode, &raw mut type_) };
            answer.pod(&type_);
            status
        }

        537 => {
            let hGraphExec = handles.find(Kind::GraphExec, body.scalar()?)?;
            let hNode = handles.find(Kind::GraphNode, body.scalar()?)?;
            let isEnabled: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuGraphNodeSetEnabled
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status =
                unsafe { entry_point(hGraphExec as CUgraphExec, hNode as CUgraphNode, isEnabled) };
            status
        }

        546 => {
            let graph = handles.find(Kind::Graph, body.scalar()?)?;
            let object = handles.find(Kind::UserObject, body.scalar()?)?;
            let count: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuGraphReleaseUserObject
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(graph as CUgraph, object as CUuserObject, count) };
            status
        }

        515 => {
            let hGraph = handles.find(Kind::Graph, body.scalar()?)?;
            let numDependencies: usize = body.scalar()?;
            let mut from: Vec<u64> = body.pods((numDependencies) as usize)?;
            for handle in &mut from {
                *handle = handles.find(Kind::GraphNode, *handle)?;
            }
            let mut to: Vec<u64> = body.pods((numDependencies) as usize)?;
            for handle in &mut to {
                *handle = handles.find(Kind::GraphNode, *handle)?;
            }
            body.end()?;
            let entry_point = table
                .cuGraphRemoveDependencies
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    hGraph as CUgraph,
                    from.as_mut_ptr() as *const CUgraphNode,
                    to.as_mut_ptr() as *const CUgraphNode,
                    numDependencies,
                )
            };
            status
        }

        516 => {
            let hGraph = handles.find(Kind::Graph, body.scalar()?)?;
            let numDependencies: usize = body.scalar()?;
            let mut from: Vec<u64> = body.pods((numDependencies) as usize)?;
            for handle in &mut from {
                *handle = handles.find(Kind::GraphNode, *handle)?;
            }
            let mut to: Vec<u64> = body.pods((numDependencies) as usize)?;
            for handle in &mut to {
                *handle = handles.find(Kind::GraphNode, *handle)?;
            }
            let mut edgeData: Option<Vec<CUgraphEdgeData>> =
                body.maybe_pods((numDependencies) as usize)?;
            body.end()?;
            let entry_point = table
                .cuGraphRemoveDependencies_v2
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    hGraph as CUgraph,
                    from.as_mut_ptr() as *const CUgraphNode,
                    to.as_mut_ptr() as *const CUgraphNode,
                    edgeData
                        .as_mut()
                        .map_or(core::ptr::null_mut(), Vec::as_mut_ptr)
                        as *const CUgraphEdgeData,
                    numDependencies,
                )
            };
            status
        }

        545 => {
            let graph = handles.find(Kind::Graph, body.scalar()?)?;
            let object = handles.find(Kind::UserObject, body.scalar()?)?;
            let count: c_uint = body.scalar()?;
            let flags: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuGraphRetainUserObject
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status =
                unsafe { entry_point(graph as CUgraph, object as CUuserObject, count, flags) };
            status
        }

        531 => {
            let hGraph = handles.find(Kind::GraphExec, body.scalar()?)?;
            let hStream = handles.find(Kind::Stream, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuGraphUpload
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hGraph as CUgraphExec, hStream as CUstream) };
            status
        }

        554 => {
            let fresh = body.scalar()?;
            handles.vacant(Kind::GreenContext, fresh)?;
            let mut phCtx: CUgreenCtx = zeroed();
            let desc = handles.find(Kind::ResourceDescription, body.scalar()?)?;
            let dev: CUdevice = body.scalar()?;
            let flags: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuGreenCtxCreate
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status =
                unsafe { entry_point(&raw mut phCtx, desc as CUdevResourceDesc, dev, flags) };
            if status == CUresult::CUDA_SUCCESS {
                handles.bind(Kind::GreenContext, fresh, phCtx as u64);
            }
            status
        }

        552 => {
            let hCtx = handles.find(Kind::GreenContext, body.scalar()?)?;
            let mut resource: CUdevResource = zeroed();
            let type_: CUdevResourceType = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuGreenCtxGetDevResource
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hCtx as CUgreenCtx, &raw mut resource, type_) };
            answer.pod(&resource);
            status
        }

        557 => {
            let greenCtx = handles.find(Kind::GreenContext, body.scalar()?)?;
            let mut greenCtxId: c_ulonglong = zeroed();
            body.end()?;
            let entry_point = table
                .cuGreenCtxGetId
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(greenCtx as CUgreenCtx, &raw mut greenCtxId) };
            answer.pod(&greenCtxId);
            status
        }

        555 => {
            let hCtx = handles.find(Kind::GreenContext, body.scalar()?)?;
            let hEvent = handles.find(Kind::Event, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuGreenCtxRecordEvent
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hCtx as CUgreenCtx, hEvent as CUevent) };
            status
        }

        556 => {
            let hCtx = handles.find(Kind::GreenContext, body.scalar()?)?;
            let hEvent = handles.find(Kind::Event, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuGreenCtxWaitEvent
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hCtx as CUgreenCtx, hEvent as CUevent) };
            status
        }

        562 => {
            let dptr: CUdeviceptr = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuIpcCloseMemHandle
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(dptr) };
            status
        }

        563 => {
            let mut pHandle: CUipcEventHandle = zeroed();
            let event = handles.find(Kind::Event, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuIpcGetEventHandle
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pHandle, event as CUevent) };
            answer.pod(&pHandle);
            status
        }

        560 => {
            let mut pHandle: CUipcMemHandle = zeroed();
            let dptr: CUdeviceptr = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuIpcGetMemHandle
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pHandle, dptr) };
            answer.pod(&pHandle);
            status
        }

        564 => {
            let fresh = body.scalar()?;
            handles.vacant(Kind::Event, fresh)?;
            let mut phEvent: CUevent = zeroed();
            let handle: CUipcEventHandle = body.pod()?;
            body.end()?;
            let entry_point = table
                .cuIpcOpenEventHandle
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut phEvent, handle) };
            if status == CUresult::CUDA_SUCCESS {
                handles.bind(Kind::Event, fresh, phEvent as u64);
            }
            status
        }

        561 => {
            let mut pdptr: CUdeviceptr = zeroed();
            let handle: CUipcMemHandle = body.pod()?;
            let Flags: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuIpcOpenMemHandle_v2
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pdptr, handle, Flags) };
            answer.pod(&pdptr);
            status
        }

        305 => {
            let attrib: CUfunction_attribute = body.scalar()?;
            let val: c_int = body.scalar()?;
            let kernel = handles.find(Kind::Function, body.scalar()?)?;
            let dev: CUdevice = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuKernelSetAttribute
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(attrib, val, kernel as CUkernel, dev) };
            status
        }

        306 => {
            let kernel = handles.find(Kind::Function, body.scalar()?)?;
            let config: CUfunc_cache = body.scalar()?;
            let dev: CUdevice = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuKernelSetCacheConfig
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(kernel as CUkernel, config, dev) };
            status
        }

        303 => {
            let mut dptr: CUdeviceptr = zeroed();
            let mut bytes: usize = zeroed();
            let library = handles.find(Kind::Library, body.scalar()?)?;
            let name = body.text()?;
            body.end()?;
            let entry_point = table
                .cuLibraryGetGlobal
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    &raw mut dptr,
                    &raw mut bytes,
                    library as CUlibrary,
                    name.as_ptr(),
                )
            };
            answer.pod(&dptr);
            answer.pod(&bytes);
            status
        }

        302 => {
            let mut count: c_uint = zeroed();
            let lib = handles.find(Kind::Library, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuLibraryGetKernelCount
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut count, lib as CUlibrary) };
            answer.pod(&count);
            status
        }

        304 => {
            let mut dptr: CUdeviceptr = zeroed();
            let mut bytes: usize = zeroed();
            let library = handles.find(Kind::Library, body.scalar()?)?;
            let name = body.text()?;
            body.end()?;
            let entry_point = table
                .cuLibraryGetManaged
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    &raw mut dptr,
                    &raw mut bytes,
                    library as CUlibrary,
                    name.as_ptr(),
                )
            };
            answer.pod(&dptr);
            answer.pod(&bytes);
            status
        }

        334 => {
            let ptr: CUdeviceptr = body.scalar()?;
            let size: usize = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuMemAddressFree
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(ptr, size) };
            status
        }

        333 => {
            let mut ptr: CUdeviceptr = zeroed();
            let size: usize = body.scalar()?;
            let alignment: usize = body.scalar()?;
            let addr: CUdeviceptr = body.scalar()?;
            let flags: c_ulonglong = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuMemAddressReserve
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut ptr, size, alignment, addr, flags) };
            answer.pod(&ptr);
            status
        }

        360 => {
            let devPtr: CUdeviceptr = body.scalar()?;
            let count: usize = body.scalar()?;
            let advice: CUmem_advise = body.scalar()?;
            let location: CUmemLocation = body.pod()?;
            body.end()?;
            let entry_point = table
                .cuMemAdvise_v2
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(devPtr, count, advice, location) };
            status
        }

        350 => {
            let mut dptr: CUdeviceptr = zeroed();
            let bytesize: usize = body.scalar()?;
            let hStream = handles.find(Kind::Stream, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuMemAllocAsync
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut dptr, bytesize, hStream as CUstream) };
            answer.pod(&dptr);
            status
        }

        351 => {
            let mut dptr: CUdeviceptr = zeroed();
            let bytesize: usize = body.scalar()?;
            let pool = handles.find(Kind::MemoryPool, body.scalar()?)?;
            let hStream = handles.find(Kind::Stream, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuMemAllocFromPoolAsync
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    &raw mut dptr,
                    bytesize,
                    pool as CUmemoryPool,
                    hStream as CUstream,
                )
            };
            answer.pod(&dptr);
            status
        }

        570 => {
            let mut dptr: CUdeviceptr = zeroed();
            let bytesize: usize = body.scalar()?;
            let flags: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuMemAllocManaged
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut dptr, bytesize, flags) };
            answer.pod(&dptr);
            status
        }

        332 => {
            let mut dptr: CUdeviceptr = zeroed();
            let mut pPitch: usize = zeroed();
            let WidthInBytes: usize = body.scalar()?;
            let Height: usize = body.scalar()?;
            let ElementSizeBytes: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuMemAllocPitch_v2
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    &raw mut dptr,
                    &raw mut pPitch,
                    WidthInBytes,
                    Height,
                    ElementSizeBytes,
                )
            };
            answer.pod(&dptr);
            answer.pod(&pPitch);
            status
        }

        331 => {
            let mut dptr: CUdeviceptr = zeroed();
            let bytesize: usize = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuMemAlloc_v2
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut dptr, bytesize) };
            answer.pod(&dptr);
            status
        }

        379 => {
            let count: usize = body.scalar()?;
            let flags: c_uint = body.scalar()?;
            let mut errorIndex: usize = zeroed();
            let stream = handles.find(Kind::Stream, body.scalar()?)?;
            let mut paramsArray: Vec<CUmemDecompressParams> = body.pods((count) as usize)?;
            body.end()?;
            let entry_point = table
                .cuMemBatchDecompressAsync
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    paramsArray.as_mut_ptr() as *mut CUmemDecompressParams,
                    count,
                    flags,
                    &raw mut errorIndex,
                    stream as CUstream,
                )
            };
            answer.pod(&errorIndex);
            status
        }

        335 => {
            let fresh = body.scalar()?;
            handles.vacant(Kind::Allocation, fresh)?;
            let mut handle: CUmemGenericAllocationHandle = zeroed();
            let size: usize = body.scalar()?;
            let mut prop: CUmemAllocationProp = body.pod()?;
            let flags: c_ulonglong = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuMemCreate
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut handle, size, &raw mut prop, flags) };
            if status == CUresult::CUDA_SUCCESS {
                handles.bind(Kind::Allocation, fresh, handle as u64);
            }
            status
        }

        364 => {
            let count: usize = body.scalar()?;
            let numPrefetchLocs: usize = body.scalar()?;
            let flags: c_ulonglong = body.scalar()?;
            let hStream = handles.find(Kind::Stream, body.scalar()?)?;
            let mut dptrs: Vec<CUdeviceptr> = body.pods((count) as usize)?;
            let mut sizes: Vec<usize> = body.pods((count) as usize)?;
            let mut prefetchLocs: Vec<CUmemLocation> = body.pods((numPrefetchLocs) as usize)?;
            let mut prefetchLocIdxs: Vec<usize> = body.pods((numPrefetchLocs) as usize)?;
            body.end()?;
            let entry_point = table
                .cuMemDiscardAndPrefetchBatchAsync
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    dptrs.as_mut_ptr() as *mut CUdeviceptr,
                    sizes.as_mut_ptr() as *mut usize,
                    count,
                    prefetchLocs.as_mut_ptr() as *mut CUmemLocation,
                    prefetchLocIdxs.as_mut_ptr() as *mut usize,
                    numPrefetchLocs,
                    flags,
                    hStream as CUstream,
                )
            };
            status
        }

        362 => {
            let count: usize = body.scalar()?;
            let flags: c_ulonglong = body.scalar()?;
            let hStream = handles.find(Kind::Stream, body.scalar()?)?;
            let mut dptrs: Vec<CUdeviceptr> = body.pods((count) as usize)?;
            let mut sizes: Vec<usize> = body.pods((count) as usize)?;
            body.end()?;
            let entry_point = table
                .cuMemDiscardBatchAsync
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    dptrs.as_mut_ptr() as *mut CUdeviceptr,
                    sizes.as_mut_ptr() as *mut usize,
                    count,
                    flags,
                    hStream as CUstream,
                )
            };
            status
        }

        352 => {
            let dptr: CUdeviceptr = body.scalar()?;
            let hStream = handles.find(Kind::Stream, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuMemFreeAsync
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(dptr, hStream as CUstream) };
            status
        }

        340 => {
            let mut flags: c_ulonglong = zeroed();
            let mut location: CUmemLocation = body.pod()?;
            let ptr: CUdeviceptr = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuMemGetAccess
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut flags, &raw mut location, ptr) };
            answer.pod(&flags);
            status
        }

        341 => {
            let mut granularity: usize = zeroed();
            let mut prop: CUmemAllocationProp = body.pod()?;
            let option: CUmemAllocationGranularity_flags = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuMemGetAllocationGranularity
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut granularity, &raw mut prop, option) };
            answer.pod(&granularity);
            status
        }

        342 => {
            let mut prop: CUmemAllocationProp = zeroed();
            let handle = handles.find(Kind::Allocation, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuMemGetAllocationPropertiesFromHandle
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status =
                unsafe { entry_point(&raw mut prop, handle as CUmemGenericAllocationHandle) };
            answer.pod(&prop);
            status
        }

        365 => {
            let mut pool_out: CUmemoryPool = zeroed();
            let mut location: CUmemLocation = body.pod()?;
            let type_: CUmemAllocationType = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuMemGetDefaultMemPool
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pool_out, &raw mut location, type_) };
            answer.pod(&if status == CUresult::CUDA_SUCCESS {
                handles.name(Kind::MemoryPool, pool_out as u64)?
            } else {
                0
            });
            status
        }

        330 => {
            let mut free: usize = zeroed();
            let mut total: usize = zeroed();
            body.end()?;
            let entry_point = table
                .cuMemGetInfo_v2
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut free, &raw mut total) };
            answer.pod(&free);
            answer.pod(&total);
            status
        }

        366 => {
            let mut pool: CUmemoryPool = zeroed();
            let mut location: CUmemLocation = body.pod()?;
            let type_: CUmemAllocationType = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuMemGetMemPool
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pool, &raw mut location, type_) };
            answer.pod(&if status == CUresult::CUDA_SUCCESS {
                handles.name(Kind::MemoryPool, pool as u64)?
            } else {
                0
            });
            status
        }

        337 => {
            let ptr: CUdeviceptr = body.scalar()?;
            let size: usize = body.scalar()?;
            let offset: usize = body.scalar()?;
            let handle = handles.find(Kind::Allocation, body.scalar()?)?;
            let flags: c_ulonglong = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuMemMap
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    ptr,
                    size,
                    offset,
                    handle as CUmemGenericAllocationHandle,
                    flags,
                )
            };
            status
        }

        358 => {
            let fresh = body.scalar()?;
            handles.vacant(Kind::MemoryPool, fresh)?;
            let mut pool: CUmemoryPool = zeroed();
            let mut poolProps: CUmemPoolProps = body.pod()?;
            body.end()?;
            let entry_point = table
                .cuMemPoolCreate
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pool, &raw mut poolProps) };
            if status == CUresult::CUDA_SUCCESS {
                handles.bind(Kind::MemoryPool, fresh, pool as u64);
            }
            status
        }

        359 => {
            let gone = body.scalar()?;
            let pool = handles.find(Kind::MemoryPool, gone)?;
            body.end()?;
            let entry_point = table
                .cuMemPoolDestroy
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(pool as CUmemoryPool) };
            handles.forget(Kind::MemoryPool, gone);
            status
        }

        368 => {
            let mut shareData_out: CUmemPoolPtrExportData = zeroed();
            let ptr: u64 = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuMemPoolExportPointer
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut shareData_out, ptr as CUdeviceptr) };
            answer.pod(&shareData_out);
            status
        }

        357 => {
            let mut flags: CUmemAccess_flags = zeroed();
            let memPool = handles.find(Kind::MemoryPool, body.scalar()?)?;
            let mut location: CUmemLocation = body.pod()?;
            body.end()?;
            let entry_point = table
                .cuMemPoolGetAccess
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status =
                unsafe { entry_point(&raw mut flags, memPool as CUmemoryPool, &raw mut location) };
            answer.pod(&flags);
            status
        }

        355 => {
            let pool = handles.find(Kind::MemoryPool, body.scalar()?)?;
            let attr: CUmemPool_attribute = body.scalar()?;
            let mut value: Vec<u32> = many((pool_attribute_words(attr)) as usize)?;
            body.end()?;
            let entry_point = table
                .cuMemPoolGetAttribute
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    pool as CUmemoryPool,
                    attr,
                    value.as_mut_ptr() as *mut c_void,
                )
            };
            answer.pods(&value);
            status
        }

        565 => {
            let mut ptr_out: CUdeviceptr = zeroed();
            let pool = handles.find(Kind::MemoryPool, body.scalar()?)?;
            let mut shareData: CUmemPoolPtrExportData = body.pod()?;
            body.end()?;
            let entry_point = table
                .cuMemPoolImportPointer
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status =
                unsafe { entry_point(&raw mut ptr_out, pool as CUmemoryPool, &raw mut shareData) };
            answer.pod(&ptr_out);
            status
        }

        356 => {
            let pool = handles.find(Kind::MemoryPool, body.scalar()?)?;
            let count: usize = body.scalar()?;
            let mut map: Vec<CUmemAccessDesc> = body.pods((count) as usize)?;
            body.end()?;
            let entry_point = table
                .cuMemPoolSetAccess
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    pool as CUmemoryPool,
                    map.as_mut_ptr() as *const CUmemAccessDesc,
                    count,
                )
            };
            status
        }

        354 => {
            let pool = handles.find(Kind::MemoryPool, body.scalar()?)?;
            let attr: CUmemPool_attribute = body.scalar()?;
            let mut value: Vec<u32> = body.pods((pool_attribute_words(attr)) as usize)?;
            body.end()?;
            let entry_point = table
                .cuMemPoolSetAttribute
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    pool as CUmemoryPool,
                    attr,
                    value.as_mut_ptr() as *mut c_void,
                )
            };
            status
        }

        353 => {
            let pool = handles.find(Kind::MemoryPool, body.scalar()?)?;
            let minBytesToKeep: usize = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuMemPoolTrimTo
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(pool as CUmemoryPool, minBytesToKeep) };
            status
        }

        361 => {
            let devPtr: CUdeviceptr = body.scalar()?;
            let count: usize = body.scalar()?;
            let location: CUmemLocation = body.pod()?;
            let flags: c_uint = body.scalar()?;
            let hStream = handles.find(Kind::Stream, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuMemPrefetchAsync_v2
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status =
                unsafe { entry_point(devPtr, count, location, flags, hStream as CUstream) };
            status
        }

        363 => {
            let count: usize = body.scalar()?;
            let numPrefetchLocs: usize = body.scalar()?;
            let flags: c_ulonglong = body.scalar()?;
            let hStream = handles.find(Kind::Stream, body.scalar()?)?;
            let mut dptrs: Vec<CUdeviceptr> = body.pods((count) as usize)?;
            let mut sizes: Vec<usize> = body.pods((count) as usize)?;
            let mut prefetchLocs: Vec<CUmemLocation> = body.pods((numPrefetchLocs) as usize)?;
            let mut prefetchLocIdxs: Vec<usize> = body.pods((numPrefetchLocs) as usize)?;
            body.end()?;
            let entry_point = table
                .cuMemPrefetchBatchAsync
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    dptrs.as_mut_ptr() as *mut CUdeviceptr,
                    sizes.as_mut_ptr() as *mut usize,
                    count,
                    prefetchLocs.as_mut_ptr() as *mut CUmemLocation,
                    prefetchLocIdxs.as_mut_ptr() as *mut usize,
                    numPrefetchLocs,
                    flags,
                    hStream as CUstream,
                )
            };
            status
        }

        572 => {
            let dataSize: usize = body.scalar()?;
            let attribute: CUmem_range_attribute = body.scalar()?;
            let devPtr: CUdeviceptr = body.scalar()?;
            let count: usize = body.scalar()?;
            let mut data: Vec<u32> = many((dataSize / 4) as usize)?;
            body.end()?;
            let entry_point = table
                .cuMemRangeGetAttribute
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    data.as_mut_ptr() as *mut c_void,
                    dataSize,
                    attribute,
                    devPtr,
                    count,
                )
            };
            answer.pods(&data);
            status
        }

        336 => {
            let gone = body.scalar()?;
            let handle = handles.find(Kind::Allocation, gone)?;
            body.end()?;
            let entry_point = table
                .cuMemRelease
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(handle as CUmemGenericAllocationHandle) };
            handles.forget(Kind::Allocation, gone);
            status
        }

        343 => {
            let mut handle: CUmemGenericAllocationHandle = zeroed();
            let addr: u64 = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuMemRetainAllocationHandle
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut handle, addr as *mut c_void) };
            answer.pod(&if status == CUresult::CUDA_SUCCESS {
                handles.name(Kind::Allocation, handle as u64)?
            } else {
                0
            });
            status
        }

        339 => {
            let ptr: CUdeviceptr = body.scalar()?;
            let size: usize = body.scalar()?;
            let count: usize = body.scalar()?;
            let mut desc: Vec<CUmemAccessDesc> = body.pods((count) as usize)?;
            body.end()?;
            let entry_point = table
                .cuMemSetAccess
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    ptr,
                    size,
                    desc.as_mut_ptr() as *const CUmemAccessDesc,
                    count,
                )
            };
            status
        }

        367 => {
            let mut location: CUmemLocation = body.pod()?;
            let type_: CUmemAllocationType = body.scalar()?;
            let pool = handles.find(Kind::MemoryPool, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuMemSetMemPool
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut location, type_, pool as CUmemoryPool) };
            status
        }

        338 => {
            let ptr: CUdeviceptr = body.scalar()?;
            let size: usize = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuMemUnmap
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(ptr, size) };
            status
        }

        378 => {
            let mut pCopy: CUDA_MEMCPY3D_PEER = body.pod()?;
            pCopy.enter(handles)?;
            let hStream = handles.find(Kind::Stream, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuMemcpy3DPeerAsync
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pCopy, hStream as CUstream) };
            status
        }

        370 => {
            let dstDevice: CUdeviceptr = body.scalar()?;
            let srcDevice: CUdeviceptr = body.scalar()?;
            let ByteCount: usize = body.scalar()?;
            let hStream = handles.find(Kind::Stream, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuMemcpyDtoDAsync_v2
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status =
                unsafe { entry_point(dstDevice, srcDevice, ByteCount, hStream as CUstream) };
            status
        }

        377 => {
            let dstDevice: CUdeviceptr = body.scalar()?;
            let dstContext = handles.find(Kind::Context, body.scalar()?)?;
            let srcDevice: CUdeviceptr = body.scalar()?;
            let srcContext = handles.find(Kind::Context, body.scalar()?)?;
            let ByteCount: usize = body.scalar()?;
            let hStream = handles.find(Kind::Stream, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuMemcpyPeerAsync
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    dstDevice,
                    dstContext as CUcontext,
                    srcDevice,
                    srcContext as CUcontext,
                    ByteCount,
                    hStream as CUstream,
                )
            };
            status
        }

        372 => {
            let dstDevice: CUdeviceptr = body.scalar()?;
            let us: c_ushort = body.scalar()?;
            let N: usize = body.scalar()?;
            let hStream = handles.find(Kind::Stream, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuMemsetD16Async
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(dstDevice, us, N, hStream as CUstream) };
            status
        }

        375 => {
            let dstDevice: CUdeviceptr = body.scalar()?;
            let dstPitch: usize = body.scalar()?;
            let us: c_ushort = body.scalar()?;
            let Width: usize = body.scalar()?;
            let Height: usize = body.scalar()?;
            let hStream = handles.find(Kind::Stream, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuMemsetD2D16Async
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status =
                unsafe { entry_point(dstDevice, dstPitch, us, Width, Height, hStream as CUstream) };
            status
        }

        376 => {
            let dstDevice: CUdeviceptr = body.scalar()?;
            let dstPitch: usize = body.scalar()?;
            let ui: c_uint = body.scalar()?;
            let Width: usize = body.scalar()?;
            let Height: usize = body.scalar()?;
            let hStream = handles.find(Kind::Stream, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuMemsetD2D32Async
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status =
                unsafe { entry_point(dstDevice, dstPitch, ui, Width, Height, hStream as CUstream) };
            status
        }

        374 => {
            let dstDevice: CUdeviceptr = body.scalar()?;
            let dstPitch: usize = body.scalar()?;
            let uc: c_uchar = body.scalar()?;
            let Width: usize = body.scalar()?;
            let Height: usize = body.scalar()?;
            let hStream = handles.find(Kind::Stream, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuMemsetD2D8Async
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status =
                unsafe { entry_point(dstDevice, dstPitch, uc, Width, Height, hStream as CUstream) };
            status
        }

        373 => {
            let dstDevice: CUdeviceptr = body.scalar()?;
            let ui: c_uint = body.scalar()?;
            let N: usize = body.scalar()?;
            let hStream = handles.find(Kind::Stream, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuMemsetD32Async
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(dstDevice, ui, N, hStream as CUstream) };
            status
        }

        371 => {
            let dstDevice: CUdeviceptr = body.scalar()?;
            let uc: c_uchar = body.scalar()?;
            let N: usize = body.scalar()?;
            let hStream = handles.find(Kind::Stream, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuMemsetD8Async
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(dstDevice, uc, N, hStream as CUstream) };
            status
        }

        448 => {
            let fresh = body.scalar()?;
            handles.vacant(Kind::MipmappedArray, fresh)?;
            let mut pHandle: CUmipmappedArray = zeroed();
            let mut pMipmappedArrayDesc: CUDA_ARRAY3D_DESCRIPTOR = body.pod()?;
            let numMipmapLevels: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuMipmappedArrayCreate
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    &raw mut pHandle,
                    &raw mut pMipmappedArrayDesc,
                    numMipmapLevels,
                )
            };
            if status == CUresult::CUDA_SUCCESS {
                handles.bind(Kind::MipmappedArray, fresh, pHandle as u64);
            }
            status
        }

        449 => {
            let gone = body.scalar()?;
            let hMipmappedArray = handles.find(Kind::MipmappedArray, gone)?;
            body.end()?;
            let entry_point = table
                .cuMipmappedArrayDestroy
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hMipmappedArray as CUmipmappedArray) };
            handles.forget(Kind::MipmappedArray, gone);
            status
        }

        450 => {
            let mut pLevelArray: CUarray = zeroed();
            let hMipmappedArray = handles.find(Kind::MipmappedArray, body.scalar()?)?;
            let level: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuMipmappedArrayGetLevel
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    &raw mut pLevelArray,
                    hMipmappedArray as CUmipmappedArray,
                    level,
                )
            };
            answer.pod(&if status == CUresult::CUDA_SUCCESS {
                handles.name(Kind::Array, pLevelArray as u64)?
            } else {
                0
            });
            status
        }

        451 => {
            let mut memoryRequirements: CUDA_ARRAY_MEMORY_REQUIREMENTS = zeroed();
            let mipmap = handles.find(Kind::MipmappedArray, body.scalar()?)?;
            let device: CUdevice = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuMipmappedArrayGetMemoryRequirements
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    &raw mut memoryRequirements,
                    mipmap as CUmipmappedArray,
                    device,
                )
            };
            answer.pod(&memoryRequirements);
            status
        }

        452 => {
            let mut sparseProperties: CUDA_ARRAY_SPARSE_PROPERTIES = zeroed();
            let mipmap = handles.find(Kind::MipmappedArray, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuMipmappedArrayGetSparseProperties
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status =
                unsafe { entry_point(&raw mut sparseProperties, mipmap as CUmipmappedArray) };
            answer.pod(&sparseProperties);
            status
        }

        300 => {
            let mut count: c_uint = zeroed();
            let mod_ = handles.find(Kind::Module, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuModuleGetFunctionCount
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut count, mod_ as CUmodule) };
            answer.pod(&count);
            status
        }

        301 => {
            let mut dptr: CUdeviceptr = zeroed();
            let mut bytes: usize = zeroed();
            let hmod = handles.find(Kind::Module, body.scalar()?)?;
            let name = body.text()?;
            body.end()?;
            let entry_point = table
                .cuModuleGetGlobal_v2
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    &raw mut dptr,
                    &raw mut bytes,
                    hmod as CUmodule,
                    name.as_ptr(),
                )
            };
            answer.pod(&dptr);
            answer.pod(&bytes);
            status
        }

        462 => {
            let mut pSurfRef: CUsurfref = zeroed();
            let hmod = handles.find(Kind::Module, body.scalar()?)?;
            let name = body.text()?;
            body.end()?;
            let entry_point = table
                .cuModuleGetSurfRef
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pSurfRef, hmod as CUmodule, name.as_ptr()) };
            answer.pod(&if status == CUresult::CUDA_SUCCESS {
                handles.name(Kind::SurfaceReference, pSurfRef as u64)?
            } else {
                0
            });
            status
        }

        461 => {
            let mut pTexRef: CUtexref = zeroed();
            let hmod = handles.find(Kind::Module, body.scalar()?)?;
            let name = body.text()?;
            body.end()?;
            let entry_point = table
                .cuModuleGetTexRef
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pTexRef, hmod as CUmodule, name.as_ptr()) };
            answer.pod(&if status == CUresult::CUDA_SUCCESS {
                handles.name(Kind::TextureReference, pTexRef as u64)?
            } else {
                0
            });
            status
        }

        345 => {
            let mcHandle = handles.find(Kind::Allocation, body.scalar()?)?;
            let dev: CUdevice = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuMulticastAddDevice
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(mcHandle as CUmemGenericAllocationHandle, dev) };
            status
        }

        347 => {
            let mcHandle = handles.find(Kind::Allocation, body.scalar()?)?;
            let mcOffset: usize = body.scalar()?;
            let memptr: CUdeviceptr = body.scalar()?;
            let size: usize = body.scalar()?;
            let flags: c_ulonglong = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuMulticastBindAddr
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    mcHandle as CUmemGenericAllocationHandle,
                    mcOffset,
                    memptr,
                    size,
                    flags,
                )
            };
            status
        }

        346 => {
            let mcHandle = handles.find(Kind::Allocation, body.scalar()?)?;
            let mcOffset: usize = body.scalar()?;
            let memHandle = handles.find(Kind::Allocation, body.scalar()?)?;
            let memOffset: usize = body.scalar()?;
            let size: usize = body.scalar()?;
            let flags: c_ulonglong = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuMulticastBindMem
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    mcHandle as CUmemGenericAllocationHandle,
                    mcOffset,
                    memHandle as CUmemGenericAllocationHandle,
                    memOffset,
                    size,
                    flags,
                )
            };
            status
        }

        344 => {
            let fresh = body.scalar()?;
            handles.vacant(Kind::Allocation, fresh)?;
            let mut mcHandle: CUmemGenericAllocationHandle = zeroed();
            let mut prop: CUmulticastObjectProp = body.pod()?;
            body.end()?;
            let entry_point = table
                .cuMulticastCreate
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut mcHandle, &raw mut prop) };
            if status == CUresult::CUDA_SUCCESS {
                handles.bind(Kind::Allocation, fresh, mcHandle as u64);
            }
            status
        }

        349 => {
            let mut granularity: usize = zeroed();
            let mut prop: CUmulticastObjectProp = body.pod()?;
            let option: CUmulticastGranularity_flags = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuMulticastGetGranularity
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut granularity, &raw mut prop, option) };
            answer.pod(&granularity);
            status
        }

        348 => {
            let mcHandle = handles.find(Kind::Allocation, body.scalar()?)?;
            let dev: CUdevice = body.scalar()?;
            let mcOffset: usize = body.scalar()?;
            let size: usize = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuMulticastUnbind
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    mcHandle as CUmemGenericAllocationHandle,
                    dev,
                    mcOffset,
                    size,
                )
            };
            status
        }

        314 => {
            let mut dynamicSmemSize: usize = zeroed();
            let func = handles.find(Kind::Function, body.scalar()?)?;
            let numBlocks: c_int = body.scalar()?;
            let blockSize: c_int = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuOccupancyAvailableDynamicSMemPerBlock
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    &raw mut dynamicSmemSize,
                    func as CUfunction,
                    numBlocks,
                    blockSize,
                )
            };
            answer.pod(&dynamicSmemSize);
            status
        }

        312 => {
            let mut numBlocks: c_int = zeroed();
            let func = handles.find(Kind::Function, body.scalar()?)?;
            let blockSize: c_int = body.scalar()?;
            let dynamicSMemSize: usize = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuOccupancyMaxActiveBlocksPerMultiprocessor
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    &raw mut numBlocks,
                    func as CUfunction,
                    blockSize,
                    dynamicSMemSize,
                )
            };
            answer.pod(&numBlocks);
            status
        }

        313 => {
            let mut numBlocks: c_int = zeroed();
            let func = handles.find(Kind::Function, body.scalar()?)?;
            let blockSize: c_int = body.scalar()?;
            let dynamicSMemSize: usize = body.scalar()?;
            let flags: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    &raw mut numBlocks,
                    func as CUfunction,
                    blockSize,
                    dynamicSMemSize,
                    flags,
                )
            };
            answer.pod(&numBlocks);
            status
        }

        571 => {
            let hStream = handles.find(Kind::Stream, body.scalar()?)?;
            let dptr: CUdeviceptr = body.scalar()?;
            let length: usize = body.scalar()?;
            let flags: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuStreamAttachMemAsync
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hStream as CUstream, dptr, length, flags) };
            status
        }

        401 => {
            let stream = handles.find(Kind::Stream, body.scalar()?)?;
            let count: c_uint = body.scalar()?;
            let flags: c_uint = body.scalar()?;
            let mut paramArray: Vec<CUstreamBatchMemOpParams> = body.pods((count) as usize)?;
            body.end()?;
            let entry_point = table
                .cuStreamBatchMemOp_v2
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    stream as CUstream,
                    count,
                    paramArray.as_mut_ptr() as *mut CUstreamBatchMemOpParams,
                    flags,
                )
            };
            status
        }

        394 => {
            let dstStream = handles.find(Kind::Stream, body.scalar()?)?;
            let srcStream = handles.find(Kind::Stream, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuStreamCopyAttributes
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(dstStream as CUstream, srcStream as CUstream) };
            status
        }

        390 => {
            let fresh = body.scalar()?;
            handles.vacant(Kind::Stream, fresh)?;
            let mut phStream: CUstream = zeroed();
            let Flags: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuStreamCreate
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut phStream, Flags) };
            if status == CUresult::CUDA_SUCCESS {
                handles.bind(Kind::Stream, fresh, phStream as u64);
            }
            status
        }

        391 => {
            let fresh = body.scalar()?;
            handles.vacant(Kind::Stream, fresh)?;
            let mut phStream: CUstream = zeroed();
            let flags: c_uint = body.scalar()?;
            let priority: c_int = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuStreamCreateWithPriority
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut phStream, flags, priority) };
            if status == CUresult::CUDA_SUCCESS {
                handles.bind(Kind::Stream, fresh, phStream as u64);
            }
            status
        }

        392 => {
            let gone = body.scalar()?;
            let hStream = handles.find(Kind::Stream, gone)?;
            body.end()?;
            let entry_point = table
                .cuStreamDestroy_v2
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hStream as CUstream) };
            handles.forget(Kind::Stream, gone);
            status
        }

        395 => {
            let hStream = handles.find(Kind::Stream, body.scalar()?)?;
            let attr: CUstreamAttrID = body.scalar()?;
            let mut value: CUstreamAttrValue = zeroed();
            body.end()?;
            let entry_point = table
                .cuStreamGetAttribute
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hStream as CUstream, attr, &raw mut value) };
            answer.pod(&value);
            status
        }

        402 => {
            let hStream = handles.find(Kind::Stream, body.scalar()?)?;
            let mut phCtx: CUgreenCtx = zeroed();
            body.end()?;
            let entry_point = table
                .cuStreamGetGreenCtx
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hStream as CUstream, &raw mut phCtx) };
            answer.pod(&if status == CUresult::CUDA_SUCCESS {
                handles.name(Kind::GreenContext, phCtx as u64)?
            } else {
                0
            });
            status
        }

        396 => {
            let hStream = handles.find(Kind::Stream, body.scalar()?)?;
            let attr: CUstreamAttrID = body.scalar()?;
            let mut param: CUstreamAttrValue = body.pod()?;
            body.end()?;
            let entry_point = table
                .cuStreamSetAttribute
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hStream as CUstream, attr, &raw mut param) };
            status
        }

        500 => {
            let hStream = handles.find(Kind::Stream, body.scalar()?)?;
            let numDependencies: usize = body.scalar()?;
            let flags: c_uint = body.scalar()?;
            let mut dependencies: Vec<u64> = body.pods((numDependencies) as usize)?;
            for handle in &mut dependencies {
                *handle = handles.find(Kind::GraphNode, *handle)?;
            }
            let mut dependencyData: Option<Vec<CUgraphEdgeData>> =
                body.maybe_pods((numDependencies) as usize)?;
            body.end()?;
            let entry_point = table
                .cuStreamUpdateCaptureDependencies_v2
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    hStream as CUstream,
                    dependencies.as_mut_ptr() as *mut CUgraphNode,
                    dependencyData
                        .as_mut()
                        .map_or(core::ptr::null_mut(), Vec::as_mut_ptr)
                        as *const CUgraphEdgeData,
                    numDependencies,
                    flags,
                )
            };
            status
        }

        393 => {
            let hStream = handles.find(Kind::Stream, body.scalar()?)?;
            let hEvent = handles.find(Kind::Event, body.scalar()?)?;
            let Flags: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuStreamWaitEvent
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hStream as CUstream, hEvent as CUevent, Flags) };
            status
        }

        399 => {
            let stream = handles.find(Kind::Stream, body.scalar()?)?;
            let addr: CUdeviceptr = body.scalar()?;
            let value: cuuint32_t = body.scalar()?;
            let flags: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuStreamWaitValue32_v2
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(stream as CUstream, addr, value, flags) };
            status
        }

        400 => {
            let stream = handles.find(Kind::Stream, body.scalar()?)?;
            let addr: CUdeviceptr = body.scalar()?;
            let value: cuuint64_t = body.scalar()?;
            let flags: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuStreamWaitValue64_v2
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(stream as CUstream, addr, value, flags) };
            status
        }

        397 => {
            let stream = handles.find(Kind::Stream, body.scalar()?)?;
            let addr: CUdeviceptr = body.scalar()?;
            let value: cuuint32_t = body.scalar()?;
            let flags: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuStreamWriteValue32_v2
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(stream as CUstream, addr, value, flags) };
            status
        }

        398 => {
            let stream = handles.find(Kind::Stream, body.scalar()?)?;
            let addr: CUdeviceptr = body.scalar()?;
            let value: cuuint64_t = body.scalar()?;
            let flags: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuStreamWriteValue64_v2
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(stream as CUstream, addr, value, flags) };
            status
        }

        458 => {
            let mut pSurfObject: CUsurfObject = zeroed();
            let mut pResDesc: CUDA_RESOURCE_DESC = body.pod()?;
            pResDesc.enter(handles)?;
            body.end()?;
            let entry_point = table
                .cuSurfObjectCreate
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pSurfObject, &raw mut pResDesc) };
            if status == CUresult::CUDA_SUCCESS {
                handles.admit(Kind::Surface, pSurfObject);
            }
            answer.pod(&pSurfObject);
            status
        }

        459 => {
            let surfObject: CUsurfObject = handles.real(Kind::Surface, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuSurfObjectDestroy
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(surfObject) };
            handles.dismiss(Kind::Surface, surfObject);
            status
        }

        460 => {
            let mut pResDesc: CUDA_RESOURCE_DESC = zeroed();
            let surfObject: CUsurfObject = handles.real(Kind::Surface, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuSurfObjectGetResourceDesc
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pResDesc, surfObject) };
            pResDesc.leave(handles);
            answer.pod(&pResDesc);
            status
        }

        491 => {
            let mut phArray: CUarray = zeroed();
            let hSurfRef = handles.find(Kind::SurfaceReference, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuSurfRefGetArray
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut phArray, hSurfRef as CUsurfref) };
            answer.pod(&if status == CUresult::CUDA_SUCCESS {
                handles.name(Kind::Array, phArray as u64)?
            } else {
                0
            });
            status
        }

        490 => {
            let hSurfRef = handles.find(Kind::SurfaceReference, body.scalar()?)?;
            let hArray = handles.find(Kind::Array, body.scalar()?)?;
            let Flags: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuSurfRefSetArray
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hSurfRef as CUsurfref, hArray as CUarray, Flags) };
            status
        }

        431 => {
            let mut tensorMap: CUtensorMap = zeroed();
            let tensorDataType: CUtensorMapDataType = body.scalar()?;
            let tensorRank: cuuint32_t = body.scalar()?;
            let globalAddress: u64 = body.scalar()?;
            let channelsPerPixel: cuuint32_t = body.scalar()?;
            let pixelsPerColumn: cuuint32_t = body.scalar()?;
            let interleave: CUtensorMapInterleave = body.scalar()?;
            let swizzle: CUtensorMapSwizzle = body.scalar()?;
            let l2Promotion: CUtensorMapL2promotion = body.scalar()?;
            let oobFill: CUtensorMapFloatOOBfill = body.scalar()?;
            let mut globalDim: Vec<cuuint64_t> = body.pods((tensorRank) as usize)?;
            let mut globalStrides: Vec<cuuint64_t> = body.pods((tensorRank - 1) as usize)?;
            let mut pixelBoxLowerCorner: Vec<c_int> = body.pods((tensorRank - 2) as usize)?;
            let mut pixelBoxUpperCorner: Vec<c_int> = body.pods((tensorRank - 2) as usize)?;
            let mut elementStrides: Vec<cuuint32_t> = body.pods((tensorRank) as usize)?;
            body.end()?;
            let entry_point = table
                .cuTensorMapEncodeIm2col
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    &raw mut tensorMap,
                    tensorDataType,
                    tensorRank,
                    globalAddress as *mut c_void,
                    globalDim.as_mut_ptr() as *const cuuint64_t,
                    globalStrides.as_mut_ptr() as *const cuuint64_t,
                    pixelBoxLowerCorner.as_mut_ptr() as *const c_int,
                    pixelBoxUpperCorner.as_mut_ptr() as *const c_int,
                    channelsPerPixel,
                    pixelsPerColumn,
                    elementStrides.as_mut_ptr() as *const cuuint32_t,
                    interleave,
                    swizzle,
                    l2Promotion,
                    oobFill,
                )
            };
            answer.pod(&tensorMap);
            status
        }

        433 => {
            let mut tensorMap: CUtensorMap = zeroed();
            let tensorDataType: CUtensorMapDataType = body.scalar()?;
            let tensorRank: cuuint32_t = body.scalar()?;
            let globalAddress: u64 = body.scalar()?;
            let pixelBoxLowerCornerWidth: c_int = body.scalar()?;
            let pixelBoxUpperCornerWidth: c_int = body.scalar()?;
            let channelsPerPixel: cuuint32_t = body.scalar()?;
            let pixelsPerColumn: cuuint32_t = body.scalar()?;
            let interleave: CUtensorMapInterleave = body.scalar()?;
            let mode: CUtensorMapIm2ColWideMode = body.scalar()?;
            let swizzle: CUtensorMapSwizzle = body.scalar()?;
            let l2Promotion: CUtensorMapL2promotion = body.scalar()?;
            let oobFill: CUtensorMapFloatOOBfill = body.scalar()?;
            let mut globalDim: Vec<cuuint64_t> = body.pods((tensorRank) as usize)?;
            let mut globalStrides: Vec<cuuint64_t> = body.pods((tensorRank - 1) as usize)?;
            let mut elementStrides: Vec<cuuint32_t> = body.pods((tensorRank) as usize)?;
            body.end()?;
            let entry_point = table
                .cuTensorMapEncodeIm2colWide
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    &raw mut tensorMap,
                    tensorDataType,
                    tensorRank,
                    globalAddress as *mut c_void,
                    globalDim.as_mut_ptr() as *const cuuint64_t,
                    globalStrides.as_mut_ptr() as *const cuuint64_t,
                    pixelBoxLowerCornerWidth,
                    pixelBoxUpperCornerWidth,
                    channelsPerPixel,
                    pixelsPerColumn,
                    elementStrides.as_mut_ptr() as *const cuuint32_t,
                    interleave,
                    mode,
                    swizzle,
                    l2Promotion,
                    oobFill,
                )
            };
            answer.pod(&tensorMap);
            status
        }

        430 => {
            let mut tensorMap: CUtensorMap = zeroed();
            let tensorDataType: CUtensorMapDataType = body.scalar()?;
            let tensorRank: cuuint32_t = body.scalar()?;
            let globalAddress: u64 = body.scalar()?;
            let interleave: CUtensorMapInterleave = body.scalar()?;
            let swizzle: CUtensorMapSwizzle = body.scalar()?;
            let l2Promotion: CUtensorMapL2promotion = body.scalar()?;
            let oobFill: CUtensorMapFloatOOBfill = body.scalar()?;
            let mut globalDim: Vec<cuuint64_t> = body.pods((tensorRank) as usize)?;
            let mut globalStrides: Vec<cuuint64_t> = body.pods((tensorRank - 1) as usize)?;
            let mut boxDim: Vec<cuuint32_t> = body.pods((tensorRank) as usize)?;
            let mut elementStrides: Vec<cuuint32_t> = body.pods((tensorRank) as usize)?;
            body.end()?;
            let entry_point = table
                .cuTensorMapEncodeTiled
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    &raw mut tensorMap,
                    tensorDataType,
                    tensorRank,
                    globalAddress as *mut c_void,
                    globalDim.as_mut_ptr() as *const cuuint64_t,
                    globalStrides.as_mut_ptr() as *const cuuint64_t,
                    boxDim.as_mut_ptr() as *const cuuint32_t,
                    elementStrides.as_mut_ptr() as *const cuuint32_t,
                    interleave,
                    swizzle,
                    l2Promotion,
                    oobFill,
                )
            };
            answer.pod(&tensorMap);
            status
        }

        432 => {
            let mut tensorMap: CUtensorMap = body.pod()?;
            let globalAddress: u64 = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuTensorMapReplaceAddress
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut tensorMap, globalAddress as *mut c_void) };
            answer.pod(&tensorMap);
            status
        }

        453 => {
            let mut pTexObject: CUtexObject = zeroed();
            let mut pResDesc: CUDA_RESOURCE_DESC = body.pod()?;
            pResDesc.enter(handles)?;
            let mut pTexDesc: CUDA_TEXTURE_DESC = body.pod()?;
            let mut pResViewDesc: Option<CUDA_RESOURCE_VIEW_DESC> = body.maybe_pod()?;
            body.end()?;
            let entry_point = table
                .cuTexObjectCreate
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    &raw mut pTexObject,
                    &raw mut pResDesc,
                    &raw mut pTexDesc,
                    pResViewDesc
                        .as_mut()
                        .map_or(core::ptr::null_mut(), |value| value as *mut _),
                )
            };
            if status == CUresult::CUDA_SUCCESS {
                handles.admit(Kind::Texture, pTexObject);
            }
            answer.pod(&pTexObject);
            status
        }

        454 => {
            let texObject: CUtexObject = handles.real(Kind::Texture, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuTexObjectDestroy
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(texObject) };
            handles.dismiss(Kind::Texture, texObject);
            status
        }

        455 => {
            let mut pResDesc: CUDA_RESOURCE_DESC = zeroed();
            let texObject: CUtexObject = handles.real(Kind::Texture, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuTexObjectGetResourceDesc
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pResDesc, texObject) };
            pResDesc.leave(handles);
            answer.pod(&pResDesc);
            status
        }

        457 => {
            let mut pResViewDesc: CUDA_RESOURCE_VIEW_DESC = zeroed();
            let texObject: CUtexObject = handles.real(Kind::Texture, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuTexObjectGetResourceViewDesc
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pResViewDesc, texObject) };
            answer.pod(&pResViewDesc);
            status
        }

        456 => {
            let mut pTexDesc: CUDA_TEXTURE_DESC = zeroed();
            let texObject: CUtexObject = handles.real(Kind::Texture, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuTexObjectGetTextureDesc
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pTexDesc, texObject) };
            answer.pod(&pTexDesc);
            status
        }

        463 => {
            let fresh = body.scalar()?;
            handles.vacant(Kind::TextureReference, fresh)?;
            let mut pTexRef: CUtexref = zeroed();
            body.end()?;
            let entry_point = table
                .cuTexRefCreate
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pTexRef) };
            if status == CUresult::CUDA_SUCCESS {
                handles.bind(Kind::TextureReference, fresh, pTexRef as u64);
            }
            status
        }

        464 => {
            let gone = body.scalar()?;
            let hTexRef = handles.find(Kind::TextureReference, gone)?;
            body.end()?;
            let entry_point = table
                .cuTexRefDestroy
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hTexRef as CUtexref) };
            handles.forget(Kind::TextureReference, gone);
            status
        }

        481 => {
            let mut pam: CUaddress_mode = zeroed();
            let hTexRef = handles.find(Kind::TextureReference, body.scalar()?)?;
            let dim: c_int = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuTexRefGetAddressMode
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pam, hTexRef as CUtexref, dim) };
            answer.pod(&pam);
            status
        }

        478 => {
            let mut pdptr: CUdeviceptr = zeroed();
            let hTexRef = handles.find(Kind::TextureReference, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuTexRefGetAddress_v2
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pdptr, hTexRef as CUtexref) };
            answer.pod(&pdptr);
            status
        }

        479 => {
            let mut phArray: CUarray = zeroed();
            let hTexRef = handles.find(Kind::TextureReference, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuTexRefGetArray
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut phArray, hTexRef as CUtexref) };
            answer.pod(&if status == CUresult::CUDA_SUCCESS {
                handles.name(Kind::Array, phArray as u64)?
            } else {
                0
            });
            status
        }

        488 => {
            let hTexRef = handles.find(Kind::TextureReference, body.scalar()?)?;
            let mut pBorderColor: Vec<f32> = many((4) as usize)?;
            body.end()?;
            let entry_point = table
                .cuTexRefGetBorderColor
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status =
                unsafe { entry_point(pBorderColor.as_mut_ptr() as *mut f32, hTexRef as CUtexref) };
            answer.pods(&pBorderColor);
            status
        }

        482 => {
            let mut pfm: CUfilter_mode = zeroed();
            let hTexRef = handles.find(Kind::TextureReference, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuTexRefGetFilterMode
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pfm, hTexRef as CUtexref) };
            answer.pod(&pfm);
            status
        }

        489 => {
            let mut pFlags: c_uint = zeroed();
            let hTexRef = handles.find(Kind::TextureReference, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuTexRefGetFlags
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pFlags, hTexRef as CUtexref) };
            answer.pod(&pFlags);
            status
        }

        483 => {
            let mut pFormat: CUarray_format = zeroed();
            let mut pNumChannels: c_int = zeroed();
            let hTexRef = handles.find(Kind::TextureReference, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuTexRefGetFormat
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(&raw mut pFormat, &raw mut pNumChannels, hTexRef as CUtexref)
            };
            answer.pod(&pFormat);
            answer.pod(&pNumChannels);
            status
        }

        487 => {
            let mut pmaxAniso: c_int = zeroed();
            let hTexRef = handles.find(Kind::TextureReference, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuTexRefGetMaxAnisotropy
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pmaxAniso, hTexRef as CUtexref) };
            answer.pod(&pmaxAniso);
            status
        }

        484 => {
            let mut pfm: CUfilter_mode = zeroed();
            let hTexRef = handles.find(Kind::TextureReference, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuTexRefGetMipmapFilterMode
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pfm, hTexRef as CUtexref) };
            answer.pod(&pfm);
            status
        }

        485 => {
            let mut pbias: f32 = zeroed();
            let hTexRef = handles.find(Kind::TextureReference, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuTexRefGetMipmapLevelBias
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut pbias, hTexRef as CUtexref) };
            answer.pod(&pbias);
            status
        }

        486 => {
            let mut pminMipmapLevelClamp: f32 = zeroed();
            let mut pmaxMipmapLevelClamp: f32 = zeroed();
            let hTexRef = handles.find(Kind::TextureReference, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuTexRefGetMipmapLevelClamp
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    &raw mut pminMipmapLevelClamp,
                    &raw mut pmaxMipmapLevelClamp,
                    hTexRef as CUtexref,
                )
            };
            answer.pod(&pminMipmapLevelClamp);
            answer.pod(&pmaxMipmapLevelClamp);
            status
        }

        480 => {
            let mut phMipmappedArray: CUmipmappedArray = zeroed();
            let hTexRef = handles.find(Kind::TextureReference, body.scalar()?)?;
            body.end()?;
            let entry_point = table
                .cuTexRefGetMipmappedArray
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut phMipmappedArray, hTexRef as CUtexref) };
            answer.pod(&if status == CUresult::CUDA_SUCCESS {
                handles.name(Kind::MipmappedArray, phMipmappedArray as u64)?
            } else {
                0
            });
            status
        }

        492 => {
            let hTexRef = handles.find(Kind::TextureReference, body.scalar()?)?;
            let mut desc: CUDA_ARRAY_DESCRIPTOR = body.pod()?;
            let dptr: CUdeviceptr = body.scalar()?;
            let Pitch: usize = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuTexRefSetAddress2D_v2
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hTexRef as CUtexref, &raw mut desc, dptr, Pitch) };
            status
        }

        468 => {
            let hTexRef = handles.find(Kind::TextureReference, body.scalar()?)?;
            let mut desc: CUDA_ARRAY_DESCRIPTOR = body.pod()?;
            let dptr: CUdeviceptr = body.scalar()?;
            let Pitch: usize = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuTexRefSetAddress2D_v3
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hTexRef as CUtexref, &raw mut desc, dptr, Pitch) };
            status
        }

        470 => {
            let hTexRef = handles.find(Kind::TextureReference, body.scalar()?)?;
            let dim: c_int = body.scalar()?;
            let am: CUaddress_mode = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuTexRefSetAddressMode
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hTexRef as CUtexref, dim, am) };
            status
        }

        467 => {
            let mut ByteOffset: usize = zeroed();
            let hTexRef = handles.find(Kind::TextureReference, body.scalar()?)?;
            let dptr: CUdeviceptr = body.scalar()?;
            let bytes: usize = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuTexRefSetAddress_v2
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status =
                unsafe { entry_point(&raw mut ByteOffset, hTexRef as CUtexref, dptr, bytes) };
            answer.pod(&ByteOffset);
            status
        }

        465 => {
            let hTexRef = handles.find(Kind::TextureReference, body.scalar()?)?;
            let hArray = handles.find(Kind::Array, body.scalar()?)?;
            let Flags: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuTexRefSetArray
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hTexRef as CUtexref, hArray as CUarray, Flags) };
            status
        }

        476 => {
            let hTexRef = handles.find(Kind::TextureReference, body.scalar()?)?;
            let mut pBorderColor: Vec<f32> = body.pods((4) as usize)?;
            body.end()?;
            let entry_point = table
                .cuTexRefSetBorderColor
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status =
                unsafe { entry_point(hTexRef as CUtexref, pBorderColor.as_mut_ptr() as *mut f32) };
            status
        }

        471 => {
            let hTexRef = handles.find(Kind::TextureReference, body.scalar()?)?;
            let fm: CUfilter_mode = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuTexRefSetFilterMode
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hTexRef as CUtexref, fm) };
            status
        }

        477 => {
            let hTexRef = handles.find(Kind::TextureReference, body.scalar()?)?;
            let Flags: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuTexRefSetFlags
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hTexRef as CUtexref, Flags) };
            status
        }

        469 => {
            let hTexRef = handles.find(Kind::TextureReference, body.scalar()?)?;
            let fmt: CUarray_format = body.scalar()?;
            let NumPackedComponents: c_int = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuTexRefSetFormat
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hTexRef as CUtexref, fmt, NumPackedComponents) };
            status
        }

        475 => {
            let hTexRef = handles.find(Kind::TextureReference, body.scalar()?)?;
            let maxAniso: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuTexRefSetMaxAnisotropy
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hTexRef as CUtexref, maxAniso) };
            status
        }

        472 => {
            let hTexRef = handles.find(Kind::TextureReference, body.scalar()?)?;
            let fm: CUfilter_mode = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuTexRefSetMipmapFilterMode
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hTexRef as CUtexref, fm) };
            status
        }

        473 => {
            let hTexRef = handles.find(Kind::TextureReference, body.scalar()?)?;
            let bias: f32 = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuTexRefSetMipmapLevelBias
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(hTexRef as CUtexref, bias) };
            status
        }

        474 => {
            let hTexRef = handles.find(Kind::TextureReference, body.scalar()?)?;
            let minMipmapLevelClamp: f32 = body.scalar()?;
            let maxMipmapLevelClamp: f32 = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuTexRefSetMipmapLevelClamp
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    hTexRef as CUtexref,
                    minMipmapLevelClamp,
                    maxMipmapLevelClamp,
                )
            };
            status
        }

        466 => {
            let hTexRef = handles.find(Kind::TextureReference, body.scalar()?)?;
            let hMipmappedArray = handles.find(Kind::MipmappedArray, body.scalar()?)?;
            let Flags: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuTexRefSetMipmappedArray
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe {
                entry_point(
                    hTexRef as CUtexref,
                    hMipmappedArray as CUmipmappedArray,
                    Flags,
                )
            };
            status
        }

        544 => {
            let object = handles.find(Kind::UserObject, body.scalar()?)?;
            let count: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuUserObjectRelease
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(object as CUuserObject, count) };
            status
        }

        543 => {
            let object = handles.find(Kind::UserObject, body.scalar()?)?;
            let count: c_uint = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuUserObjectRetain
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(object as CUuserObject, count) };
            status
        }

        _ => {
            return Err(Failure::Violation(
                pillion_protocol::Violation::UnknownOpcode(opcode),
            ));
        }
    };
    Ok(status)
}

/// Whether the client waits for the answer of a forwarded call.
pub fn answered(opcode: u16) -> bool {
    matches!(
        opcode,
        441 | 443
            | 440
            | 444
            | 442
            | 445
            | 446
            | 447
            | 281
            | 280
            | 272
            | 551
            | 276
            | 271
            | 277
            | 274
            | 279
            | 270
            | 553
            | 258
            | 550
            | 257
            | 540
            | 580
            | 581
            | 259
            | 256
            | 542
            | 541
            | 260
            | 414
            | 415
            | 310
            | 311
            | 307
            | 505
            | 513
            | 514
            | 504
            | 506
            | 507
            | 509
            | 508
            | 517
            | 503
            | 539
            | 501
            | 502
            | 512
            | 518
            | 519
            | 520
            | 521
            | 534
            | 535
            | 536
            | 530
            | 533
            | 528
            | 525
            | 526
            | 527
            | 524
            | 522
            | 523
            | 511
            | 538
            | 510
            | 537
            | 546
            | 515
            | 516
            | 545
            | 554
            | 552
            | 557
            | 562
            | 563
            | 560
            | 564
            | 561
            | 305
            | 303
            | 302
            | 304
            | 334
            | 333
            | 360
            | 350
            | 351
            | 570
            | 332
            | 331
            | 379
            | 335
            | 340
            | 341
            | 342
            | 365
            | 330
            | 366
            | 337
            | 358
            | 359
            | 368
            | 357
            | 355
            | 565
            | 356
            | 354
            | 353
            | 572
            | 343
            | 339
            | 367
            | 338
            | 448
            | 449
            | 450
            | 451
            | 452
            | 300
            | 301
            | 462
            | 461
            | 345
            | 347
            | 346
            | 344
            | 349
            | 348
            | 314
            | 312
            | 313
            | 395
            | 402
            | 396
            | 500
            | 458
            | 459
            | 460
            | 491
            | 490
            | 431
            | 433
            | 430
            | 432
            | 453
            | 454
            | 455
            | 457
            | 456
            | 463
            | 464
            | 481
            | 478
            | 479
            | 488
            | 482
            | 489
            | 483
            | 487
            | 484
            | 485
            | 486
            | 480
            | 492
            | 468
            | 470
            | 467
            | 465
            | 476
            | 471
            | 477
            | 469
            | 475
            | 472
            | 473
            | 474
            | 466
            | 544
            | 543
    )
}

/// The name of a forwarded call, for traces.
pub fn name(opcode: u16) -> Option<&'static str> {
    FUNCTIONS
        .iter()
        .find(|f| f.opcode == Some(opcode))
        .map(|f| f.symbol)
}

// Made by `cargo xtask gen` from CUDA's headers and functions.def. Do not edit.

use core::ffi::*;

use pillion_cuda_abi::types::*;
use pillion_cuda_abi::{DriverTable, FUNCTIONS, pool_attribute_words};
use pillion_protocol::handle::Kind;
use pillion_protocol::{Decoder, Encoder};

use super::forward::{Failure, many, zeroed};
use super::handles::Handles;

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
            let fresh = body.scalar()?;
            handles.vacant(Kind::Allocation, fresh)?;
            let mut handle: CUmemGenericAllocationHandle = zeroed();
            let addr: u64 = body.scalar()?;
            body.end()?;
            let entry_point = table
                .cuMemRetainAllocationHandle
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: the arguments are values, live handles of this session, or point to the locals above.
            let status = unsafe { entry_point(&raw mut handle, addr as *mut c_void) };
            if status == CUresult::CUDA_SUCCESS {
                handles.bind(Kind::Allocation, fresh, handle as u64);
            }
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
        281 | 280
            | 272
            | 276
            | 271
            | 277
            | 274
            | 279
            | 270
            | 258
            | 257
            | 259
            | 256
            | 260
            | 414
            | 415
            | 310
            | 311
            | 307
            | 305
            | 303
            | 302
            | 304
            | 334
            | 333
            | 350
            | 351
            | 332
            | 331
            | 335
            | 340
            | 341
            | 342
            | 330
            | 337
            | 358
            | 359
            | 357
            | 355
            | 356
            | 354
            | 353
            | 343
            | 339
            | 338
            | 300
            | 301
            | 314
            | 312
            | 313
            | 395
            | 396
            | 431
            | 430
            | 432
    )
}

/// The name of a forwarded call, for traces.
pub fn name(opcode: u16) -> Option<&'static str> {
    FUNCTIONS
        .iter()
        .find(|f| f.opcode == Some(opcode))
        .map(|f| f.symbol)
}

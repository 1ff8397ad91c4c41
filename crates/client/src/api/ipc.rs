//! Memory and events that several processes of one server share. The driver on the server gives the handles, which are bytes
//! that processes hand to each other as they like.

use core::ffi::{c_int, c_uint, c_ulonglong, c_void};
use std::os::fd::{BorrowedFd, IntoRawFd};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::{
    CUdeviceptr, CUevent, CUipcEventHandle, CUipcMemHandle, CUmemAllocationHandleType,
    CUmemGenericAllocationHandle, CUmemPoolPtrExportData, CUmemoryPool,
};
use pillion_protocol::command::cuda;
use pillion_protocol::handle::Kind;
use pillion_protocol::{Encoder, Interface};

use super::memory::{self, RegionKind};
use super::{context, event};
use crate::entry::{Result, out};
use crate::forward::{Fresh, checked};
use crate::remote;
use crate::session::Session;

/// `cuIpcOpenMemHandle`
pub unsafe fn cuIpcOpenMemHandle(
    place: *mut CUdeviceptr,
    handle: CUipcMemHandle,
    flags: c_uint,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { cuIpcOpenMemHandle_v2(place, handle, flags) }
}

/// `cuIpcOpenMemHandle_v2`
pub unsafe fn cuIpcOpenMemHandle_v2(
    place: *mut CUdeviceptr,
    handle: CUipcMemHandle,
    flags: c_uint,
) -> Result<()> {
    let session = Session::current()?;
    let context = context::current()?;
    // SAFETY: CUDA's contract for the argument.
    let place = unsafe { out(place)? };
    let mut start = 0;
    // SAFETY: a local.
    unsafe { remote::cuIpcOpenMemHandle_v2(&raw mut start, handle, flags)? };
    let len = memory::extent(start)?;
    session
        .memory
        .insert(start, len, RegionKind::Imported, context);
    place.write(start);
    Ok(())
}

/// `cuIpcCloseMemHandle`
pub unsafe fn cuIpcCloseMemHandle(pointer: CUdeviceptr) -> Result<()> {
    let session = Session::current()?;
    // Forgotten before it is closed: another thread may get the same addresses at once.
    let region = session.memory.forget_imported(pointer);
    // SAFETY: no pointers of this side.
    let closed = unsafe { remote::cuIpcCloseMemHandle(pointer) };
    // It may have been opened more than once.
    if let Some(region) = region
        && (closed.is_err() || memory::extent(pointer).is_ok())
    {
        session.memory.put_back(&region);
    }
    closed
}

/// `cuIpcOpenEventHandle`
pub unsafe fn cuIpcOpenEventHandle(place: *mut CUevent, handle: CUipcEventHandle) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { remote::cuIpcOpenEventHandle(place, handle)? };
    // SAFETY: the forwarder has written it.
    event::enter_shared(unsafe { *place } as u64)
}

// ---- allocations and pools as descriptors ---------------------------------------------------------------------------------

/// What a descriptor that stands for one on the server begins with.
const MARK: &[u8; 16] = b"pillion-memory-1";

/// Exports an object: the program gets a file with the server's ticket for it, which it passes on as any descriptor.
unsafe fn export(
    place: *mut c_void,
    kind: Kind,
    handle: u64,
    as_what: CUmemAllocationHandleType,
    flags: c_ulonglong,
) -> Result<()> {
    let session = Session::current()?;
    let handle = checked(kind, handle)?;
    if place.is_null() {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    if as_what != CUmemAllocationHandleType::CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR {
        return Err(CUresult::CUDA_ERROR_NOT_SUPPORTED);
    }
    let answer = session
        .link
        .call(Interface::Cuda, cuda::SHARE_EXPORT, |body| {
            let mut body = Encoder::new(body);
            body.scalar(u32::from(kind == Kind::MemoryPool));
            body.scalar(handle);
            body.scalar(flags);
            Ok(())
        })?;
    let mut decoder = answer.decoder();
    let ticket = decoder.bytes().map_err(|_| CUresult::CUDA_ERROR_UNKNOWN)?;
    let failed = |_| CUresult::CUDA_ERROR_OPERATING_SYSTEM;
    let file = rustix::fs::memfd_create("pillion-memory", rustix::fs::MemfdFlags::CLOEXEC)
        .map_err(failed)?;
    rustix::io::write(&file, MARK).map_err(failed)?;
    rustix::io::write(&file, ticket).map_err(failed)?;
    // SAFETY: CUDA's contract: room for a descriptor, which is the program's from now on.
    unsafe { place.cast::<c_int>().write(file.into_raw_fd()) };
    Ok(())
}

/// Imports what a descriptor stands for.
fn import(kind: Kind, fresh: &Fresh, os_handle: *mut c_void, flags: c_ulonglong) -> Result<()> {
    let session = Session::current()?;
    let invalid = CUresult::CUDA_ERROR_INVALID_VALUE;
    let mut bytes = [0u8; 48];
    // SAFETY: borrowed for one read, which fails where the number is no open descriptor.
    let file = unsafe { BorrowedFd::borrow_raw((os_handle as usize as c_int).max(0)) };
    let n = rustix::io::pread(file, &mut bytes, 0).map_err(|_| invalid)?;
    if n != bytes.len() || !bytes.starts_with(MARK) {
        return Err(invalid);
    }
    session
        .link
        .call(Interface::Cuda, cuda::SHARE_IMPORT, |body| {
            let mut body = Encoder::new(body);
            body.scalar(u32::from(kind == Kind::MemoryPool));
            body.scalar(fresh.id());
            body.scalar(flags);
            body.bytes(&bytes[MARK.len()..]);
            Ok(())
        })
        .map(|_| ())
}

/// `cuMemExportToShareableHandle`
pub unsafe fn cuMemExportToShareableHandle(
    place: *mut c_void,
    handle: CUmemGenericAllocationHandle,
    as_what: CUmemAllocationHandleType,
    flags: c_ulonglong,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { export(place, Kind::Allocation, handle, as_what, flags) }
}

/// `cuMemImportFromShareableHandle`
pub unsafe fn cuMemImportFromShareableHandle(
    place: *mut CUmemGenericAllocationHandle,
    os_handle: *mut c_void,
    as_what: CUmemAllocationHandleType,
) -> Result<()> {
    if as_what != CUmemAllocationHandleType::CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR {
        return Err(CUresult::CUDA_ERROR_NOT_SUPPORTED);
    }
    let fresh = Fresh::new(Kind::Allocation, place.cast())?;
    import(Kind::Allocation, &fresh, os_handle, 0)?;
    // SAFETY: not null, as `Fresh` has checked.
    unsafe { place.write(fresh.keep()) };
    Ok(())
}

/// `cuMemPoolExportToShareableHandle`
pub unsafe fn cuMemPoolExportToShareableHandle(
    place: *mut c_void,
    pool: CUmemoryPool,
    as_what: CUmemAllocationHandleType,
    flags: c_ulonglong,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { export(place, Kind::MemoryPool, pool as u64, as_what, flags) }
}

/// `cuMemPoolImportFromShareableHandle`
pub unsafe fn cuMemPoolImportFromShareableHandle(
    place: *mut CUmemoryPool,
    os_handle: *mut c_void,
    as_what: CUmemAllocationHandleType,
    flags: c_ulonglong,
) -> Result<()> {
    if as_what != CUmemAllocationHandleType::CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR {
        return Err(CUresult::CUDA_ERROR_NOT_SUPPORTED);
    }
    let fresh = Fresh::new(Kind::MemoryPool, place.cast())?;
    import(Kind::MemoryPool, &fresh, os_handle, flags)?;
    // SAFETY: not null, as `Fresh` has checked.
    unsafe { place.write(fresh.keep() as CUmemoryPool) };
    Ok(())
}

/// `cuMemPoolImportPointer`
pub unsafe fn cuMemPoolImportPointer(
    place: *mut CUdeviceptr,
    pool: CUmemoryPool,
    data: *mut CUmemPoolPtrExportData,
) -> Result<()> {
    let session = Session::current()?;
    let context = context::current()?;
    // SAFETY: CUDA's contract for the argument.
    let place = unsafe { out(place)? };
    let mut start = 0;
    // SAFETY: a local; the caller's contract for the rest.
    unsafe { remote::cuMemPoolImportPointer(&raw mut start, pool, data)? };
    let len = memory::extent(start)?;
    session.memory.insert(start, len, RegionKind::Pool, context);
    place.write(start);
    Ok(())
}

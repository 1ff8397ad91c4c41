//! Memory and events that several processes of one server share. The driver on the server gives the handles, which are bytes
//! that processes hand to each other as they like.

use core::ffi::{c_char, c_int, c_uint, c_ulonglong, c_void};
use std::os::fd::{BorrowedFd, IntoRawFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

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

/// What the handle of a part of a block begins with. The server's ticket for the block follows, then where in it the part lies and how
/// long it is. The driver's own handle is of whole allocations, and that of a whole block is its own.
const PART: &[u8; 16] = b"pillion-part-1\0\0";

/// A block of another process's.
#[derive(Debug)]
pub struct Opened {
    /// The context that it was opened in.
    pub context: u64,
    /// Where it lies here, and its length.
    base: u64,
    len: u64,
    /// Where the parts of it lie that are open, as often as they are.
    parts: Vec<u64>,
}

/// `cuIpcGetMemHandle`
pub unsafe fn cuIpcGetMemHandle(place: *mut CUipcMemHandle, pointer: CUdeviceptr) -> Result<()> {
    let session = Session::current()?;
    let known = session.memory.find(pointer);
    let Some(region) = known.filter(|region| region.kind == RegionKind::Device) else {
        // SAFETY: the caller's contract is the same.
        return unsafe { remote::cuIpcGetMemHandle(place, pointer) };
    };
    let block = session.memory.grants.block(region.context, region.start);
    let Some((start, _)) = block.filter(|block| *block != (region.start, region.len)) else {
        // SAFETY: the caller's contract is the same.
        return unsafe { remote::cuIpcGetMemHandle(place, pointer) };
    };
    // SAFETY: CUDA's contract for the argument.
    let place = unsafe { out(place)? };
    let answer = session
        .link
        .call(Interface::Cuda, cuda::MEM_EXPORT, |body| {
            Encoder::new(body).scalar(start);
            Ok(())
        })?;
    let mut decoder = answer.decoder();
    let ticket = decoder.bytes().map_err(|_| CUresult::CUDA_ERROR_UNKNOWN)?;
    let words = [region.start - start, region.len].map(u64::to_le_bytes);
    let bytes = [&PART[..], ticket, &words[0], &words[1]].concat();
    let bytes: [u8; 64] = bytes.try_into().map_err(|_| CUresult::CUDA_ERROR_UNKNOWN)?;
    place.write(CUipcMemHandle {
        reserved: bytes.map(|byte| byte as c_char),
    });
    Ok(())
}

/// Opens the part of a block that a handle is of; `None` where it is the driver's own.
fn open_part(
    session: &Session,
    context: u64,
    handle: &CUipcMemHandle,
    flags: c_uint,
) -> Result<Option<u64>> {
    let bytes = handle.reserved.map(|byte| byte as u8);
    let Some(content) = bytes.strip_prefix(PART) else {
        return Ok(None);
    };
    let invalid = CUresult::CUDA_ERROR_INVALID_VALUE;
    let (ticket, words) = content.split_first_chunk::<32>().ok_or(invalid)?;
    let (words, _) = words.as_chunks::<8>();
    let &[offset, len] = words else {
        return Err(invalid);
    };
    let (offset, len) = (u64::from_le_bytes(offset), u64::from_le_bytes(len));
    let mut opened = lock(&session.memory.opened);
    let block = match opened.get_mut(ticket) {
        Some(block) => block,
        None => {
            let answer = session
                .link
                .call(Interface::Cuda, cuda::MEM_IMPORT, |body| {
                    let mut body = Encoder::new(body);
                    body.bytes(ticket);
                    body.scalar(flags);
                    Ok(())
                })?;
            let base = answer.decoder().scalar();
            let base = base.map_err(|_| CUresult::CUDA_ERROR_UNKNOWN)?;
            opened.entry(*ticket).or_insert(Opened {
                context,
                base,
                len: memory::extent(base)?,
                parts: Vec::new(),
            })
        }
    };
    let end = offset.checked_add(len).filter(|end| *end <= block.len);
    if len == 0 || end.is_none() {
        let (base, parts) = (block.base, block.parts.len());
        if parts == 0 {
            opened.remove(ticket);
            // SAFETY: no pointers of this side.
            unsafe { remote::cuIpcCloseMemHandle(base)? };
        }
        return Err(invalid);
    }
    let start = block.base + offset;
    if !block.parts.contains(&start) {
        let kind = RegionKind::Imported;
        session.memory.insert(start, len, kind, block.context);
    }
    block.parts.push(start);
    Ok(Some(start))
}

/// Closes a part of a block, if `start` is one.
fn close_part(session: &Session, start: u64) -> Option<Result<()>> {
    let mut opened = lock(&session.memory.opened);
    let of = opened.iter_mut().find_map(|(ticket, block)| {
        let at = block.parts.iter().position(|part| *part == start)?;
        block.parts.swap_remove(at);
        Some((*ticket, block.base, block.parts.clone()))
    });
    let (ticket, base, parts) = of?;
    if !parts.contains(&start) {
        session.memory.forget_imported(start);
    }
    if !parts.is_empty() {
        return Some(Ok(()));
    }
    opened.remove(&ticket);
    // SAFETY: no pointers of this side.
    Some(unsafe { remote::cuIpcCloseMemHandle(base) })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

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
    if let Some(start) = open_part(session, context, &handle, flags)? {
        place.write(start);
        return Ok(());
    }
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
    if let Some(closed) = close_part(session, pointer) {
        return closed;
    }
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

//! Memory and events that several processes of one server share. The driver on the server gives the handles, which are bytes
//! that processes hand to each other as they like.

use core::ffi::c_uint;

use pillion_cuda_abi::types::{CUdeviceptr, CUevent, CUipcEventHandle, CUipcMemHandle};

use super::memory::{self, RegionKind};
use super::{context, event};
use crate::entry::{Result, out};
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
    // SAFETY: no pointers of this side.
    unsafe { remote::cuIpcCloseMemHandle(pointer)? };
    session.memory.forget_imported(pointer);
    Ok(())
}

/// `cuIpcOpenEventHandle`
pub unsafe fn cuIpcOpenEventHandle(place: *mut CUevent, handle: CUipcEventHandle) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { remote::cuIpcOpenEventHandle(place, handle)? };
    // SAFETY: the forwarder has written it.
    event::enter_shared(unsafe { *place } as u64)
}

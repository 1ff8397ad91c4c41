//! Memory as files without names, so that it can be mapped twice and given to other processes.

use std::ffi::c_void;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::CUdevice;
use rustix::fs::{MemfdFlags, SealFlags};
use rustix::mm::{MapFlags, ProtFlags};

use super::{Answer, INVALID, current_device, device};

/// What the files of memory are called, before the number of the machine's device.
const TITLE: &str = "pillion-device-memory-";

/// A file that could shrink would end whoever maps it.
const SEALS: SealFlags = SealFlags::SHRINK
    .union(SealFlags::GROW)
    .union(SealFlags::SEAL);

/// A file of zeros that keeps its length for ever.
///
/// # Errors
///
/// `CUDA_ERROR_OUT_OF_MEMORY` where the system has no more files.
pub fn create(len: u64) -> Answer<OwnedFd> {
    create_as("pillion-shared", len)
}

/// The same, as memory of a device.
///
/// # Errors
///
/// As [`create`], and `CUDA_ERROR_INVALID_DEVICE`.
pub fn create_on(own: CUdevice, len: u64) -> Answer<OwnedFd> {
    create_as(&format!("{TITLE}{}", device::unit(own)?), len)
}

fn create_as(title: &str, len: u64) -> Answer<OwnedFd> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let file = rustix::fs::memfd_create(title, flags).and_then(|file| {
        rustix::fs::ftruncate(&file, len)?;
        rustix::fs::fcntl_add_seals(&file, SEALS)?;
        Ok(file)
    });
    file.map_err(|_| CUresult::CUDA_ERROR_OUT_OF_MEMORY)
}

/// The device whose memory a file is: its name says which of the machine's. Memory of elsewhere counts as the current device's.
///
/// # Errors
///
/// `CUDA_ERROR_INVALID_DEVICE` where this process does not see the device, `CUDA_ERROR_INVALID_CONTEXT`.
pub fn owner(file: &OwnedFd) -> Answer<CUdevice> {
    let link = format!("/proc/self/fd/{}", file.as_raw_fd());
    let name = std::fs::read_link(link).ok();
    let name = name.as_ref().and_then(|name| name.to_str());
    let unit = name.and_then(|name| {
        let (_, unit) = name.split_once(TITLE)?;
        unit.split(' ').next()?.parse::<usize>().ok()
    });
    let Some(unit) = unit else {
        return current_device();
    };
    let units = &super::device()?.units;
    let own = units.iter().position(|own| *own == unit);
    own.map(|own| own as CUdevice)
        .ok_or(CUresult::CUDA_ERROR_INVALID_DEVICE)
}

/// The length of a file that another process gave.
///
/// # Errors
///
/// `CUDA_ERROR_INVALID_VALUE` for what [`create`] has not made.
pub fn len(file: &OwnedFd) -> Answer<u64> {
    let known = rustix::fs::fstat(file).map_err(|_| INVALID)?;
    let seals = rustix::fs::fcntl_get_seals(file).map_err(|_| INVALID)?;
    let len = u64::try_from(known.st_size).map_err(|_| INVALID)?;
    if len > 0 && seals.contains(SEALS) {
        Ok(len)
    } else {
        Err(INVALID)
    }
}

/// Puts a file from `offset` on at addresses, readable and writable, in place of what is there.
///
/// # Errors
///
/// `CUDA_ERROR_OUT_OF_MEMORY`.
///
/// # Safety
///
/// The addresses are the caller's, and nobody relies on what was there. The file is as long as that.
pub unsafe fn place(start: u64, len: u64, file: BorrowedFd<'_>, offset: u64) -> Answer {
    let access = ProtFlags::READ | ProtFlags::WRITE;
    let flags = MapFlags::SHARED | MapFlags::FIXED | MapFlags::NORESERVE;
    let at = start as *mut c_void;
    // SAFETY: as the caller promises.
    let got = unsafe { rustix::mm::mmap(at, len as usize, access, flags, file, offset) };
    got.map(|_| ())
        .map_err(|_| CUresult::CUDA_ERROR_OUT_OF_MEMORY)
}

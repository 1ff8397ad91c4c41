//! A device that does nothing: the CPU device, but for what is called often, of which it only says that it is done.

use std::cell::RefCell;
use std::ffi::{c_uint, c_void};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};

use pillion_cpu_device::{DeviceOptions, driver_table};
use pillion_cuda_abi::types::{CUdeviceptr, CUfunction, CUstream};
use pillion_cuda_abi::{CUresult, DriverTable};

use crate::counting::Count;

/// Addresses of its memory, which exist nowhere: client and worker share a process, and the client keeps the worker's addresses
/// free of its own memory.
static NEXT_ADDRESS: AtomicU64 = AtomicU64::new(0x0500_0000_0000);

/// The device's functions.
pub fn table() -> DriverTable {
    let mut table = driver_table(DeviceOptions::default());
    table.cuMemAlloc_v2 = Some(allocate);
    table.cuMemFree_v2 = Some(free);
    table.cuLaunchKernel = Some(launch);
    table.cuMemcpyHtoDAsync_v2 = Some(to_device);
    table.cuMemcpyDtoHAsync_v2 = Some(to_host);
    table
}

/// Calls of the device that are still to come: between the first and the last of them, what the worker's thread does is counted.
static TO_COME: AtomicU32 = AtomicU32::new(0);
static ASKED: Mutex<Option<(String, SyncSender<u64>)>> = Mutex::new(None);

thread_local! {
    static COUNT: RefCell<Option<(String, SyncSender<u64>, Count)>> = const { RefCell::new(None) };
}

/// Has the worker's thread count from its next launch or copy until the one that comes so many later. The allocations in between are
/// answered.
pub fn count(name: &str, calls: u32) -> Receiver<u64> {
    let (sender, receiver) = sync_channel(1);
    *ASKED.lock().unwrap_or_else(PoisonError::into_inner) = Some((name.to_string(), sender));
    // Release, for the acquire in `called`.
    TO_COME.store(calls + 1, Ordering::Release);
    receiver
}

#[inline]
fn called() -> CUresult {
    let to_come = TO_COME.load(Ordering::Acquire);
    if to_come > 0 {
        // Nobody else does, while it is not 0.
        TO_COME.store(to_come - 1, Ordering::Relaxed);
        if to_come == 1 {
            end();
        } else {
            begin();
        }
    }
    CUresult::CUDA_SUCCESS
}

#[inline]
fn begin() {
    COUNT.with_borrow_mut(|count| {
        if count.is_none() {
            let asked = ASKED.lock().unwrap_or_else(PoisonError::into_inner).take();
            *count = asked.map(|(name, sender)| (name, sender, Count::begin()));
        }
    });
}

fn end() {
    if let Some((name, sender, count)) = COUNT.take() {
        let _ = sender.send(count.end(&name));
    }
}

unsafe extern "C" fn allocate(pointer: *mut CUdeviceptr, len: usize) -> CUresult {
    let len = (len as u64).next_multiple_of(2 << 20);
    let start = NEXT_ADDRESS.fetch_add(len, Ordering::Relaxed);
    // SAFETY: CUDA's contract for the argument.
    unsafe { pointer.write(start) };
    CUresult::CUDA_SUCCESS
}

unsafe extern "C" fn free(_: CUdeviceptr) -> CUresult {
    CUresult::CUDA_SUCCESS
}

#[allow(clippy::too_many_arguments)]
unsafe extern "C" fn launch(
    _: CUfunction,
    _: c_uint,
    _: c_uint,
    _: c_uint,
    _: c_uint,
    _: c_uint,
    _: c_uint,
    _: c_uint,
    _: CUstream,
    _: *mut *mut c_void,
    _: *mut *mut c_void,
) -> CUresult {
    called()
}

unsafe extern "C" fn to_device(
    _: CUdeviceptr,
    _: *const c_void,
    _: usize,
    _: CUstream,
) -> CUresult {
    called()
}

unsafe extern "C" fn to_host(_: *mut c_void, _: CUdeviceptr, _: usize, _: CUstream) -> CUresult {
    CUresult::CUDA_SUCCESS
}

//! Memory of the device and pinned memory of the host, allocated at once.

use std::ffi::{c_uint, c_void};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

use super::{INVALID, alive, capture, current, device, functions, write};

functions! {
    cuMemGetInfo_v2(free: *mut usize, total: *mut usize) {
        let (left, all) = alive()?.memory.info();
        write(free, left as usize)?;
        write(total, all as usize)
    }
    cuMemAlloc_v2(place: *mut CUdeviceptr, len: usize) {
        current()?;
        capture::potentially_unsafe(&mut alive()?.state())?;
        write(place, alive()?.memory.allocate(len as u64, false, false)?)
    }
    cuMemAllocPitch_v2(place: *mut CUdeviceptr, pitch: *mut usize, width: usize, height: usize, element: c_uint) {
        current()?;
        let row = width.checked_next_multiple_of(512).ok_or(INVALID)?;
        let len = row.checked_mul(height).ok_or(CUresult::CUDA_ERROR_OUT_OF_MEMORY)?;
        capture::potentially_unsafe(&mut alive()?.state())?;
        write(place, alive()?.memory.allocate(len as u64, false, false)?)?;
        write(pitch, row)
    }
    cuMemFree_v2(pointer: CUdeviceptr) {
        let device = device()?;
        capture::potentially_unsafe(&mut device.state())?;
        let _ = device.synchronize();
        // In two statements, so that the state is unlocked when the memory is released.
        let of_graph = device.state().graphs.memory.free(pointer);
        if let Some(memory) = of_graph {
            device.memory.release(&memory.reserved);
            return Ok(());
        }
        device.memory.free(pointer, |allocation| !allocation.host)?;
        let mut state = device.state();
        if let Some((pool, len)) = state.pools.take(pointer) {
            state.pools.give_back(pool, len);
        }
        Ok(())
    }
    cuMemHostAlloc(place: *mut *mut c_void, len: usize, flags: c_uint) {
        current()?;
        capture::potentially_unsafe(&mut alive()?.state())?;
        write(place, alive()?.memory.allocate(len as u64, true, false)? as *mut c_void)
    }
    cuMemFreeHost(pointer: *mut c_void) {
        let device = device()?;
        capture::potentially_unsafe(&mut device.state())?;
        let _ = device.synchronize();
        device.memory.free(pointer as u64, |allocation| allocation.host)
    }
    cuMemHostRegister_v2(pointer: *mut c_void, len: usize, flags: c_uint) {
        capture::potentially_unsafe(&mut alive()?.state())?;
        alive()?.memory.register(pointer as u64, len as u64)
    }
    cuMemHostUnregister(pointer: *mut c_void) {
        let device = device()?;
        capture::potentially_unsafe(&mut device.state())?;
        let _ = device.synchronize();
        device.memory.free(pointer as u64, |allocation| allocation.host)
    }
}

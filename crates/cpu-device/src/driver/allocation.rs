//! Memory of the device and pinned memory of the host, allocated at once.

use std::ffi::{c_uint, c_void};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

use super::memory::Kind;
use super::{
    Answer, INVALID, alive, capture, current, current_device, device, functions, write, write_if,
};

/// The flags of pinned memory: portable, mapped, write-combined.
const HOST_FLAGS: c_uint =
    CU_MEMHOSTALLOC_PORTABLE | CU_MEMHOSTALLOC_DEVICEMAP | CU_MEMHOSTALLOC_WRITECOMBINED;
/// The flags of registrations that this device knows; it has no memory of other machines to register.
const REGISTER_FLAGS: c_uint =
    CU_MEMHOSTREGISTER_PORTABLE | CU_MEMHOSTREGISTER_DEVICEMAP | CU_MEMHOSTREGISTER_READ_ONLY;

/// Memory of a kind, from a call that captures may forbid.
pub fn allocate(len: u64, kind: Kind) -> Answer<u64> {
    let device = alive()?;
    let own = current_device()?;
    capture::potentially_unsafe(&mut device.state())?;
    let start = device.memory.allocate(own, len, kind)?;
    device.memory.belongs_to(start, current()?);
    Ok(start)
}

/// Ends memory after everything that may use it.
fn free(start: u64, kinds: &[Kind]) -> Answer {
    let device = device()?;
    capture::potentially_unsafe(&mut device.state())?;
    device.settle(device.memory.users(start));
    device
        .memory
        .free(start, |allocation| kinds.contains(&allocation.kind))
}

fn allocate_host(place: *mut *mut c_void, len: usize, flags: c_uint) -> Answer {
    if place.is_null() || flags & !HOST_FLAGS != 0 {
        return Err(INVALID);
    }
    let start = allocate(len as u64, Kind::Host)?;
    alive()?.state().host_flags.insert(start, flags);
    write(place, start as *mut c_void)
}

fn free_host(start: u64) -> Answer {
    free(start, &[Kind::Host])?;
    device()?.state().host_flags.remove(&start);
    Ok(())
}

/// # Safety
///
/// `len` bytes of the program's memory at `pointer`, which stay until they are unregistered.
unsafe fn register(pointer: *mut c_void, len: usize, flags: c_uint) -> Answer {
    let device = alive()?;
    if flags & CU_MEMHOSTREGISTER_IOMEMORY != 0 {
        return Err(CUresult::CUDA_ERROR_NOT_SUPPORTED);
    }
    if flags & !REGISTER_FLAGS != 0 {
        return Err(INVALID);
    }
    let own = current_device()?;
    capture::potentially_unsafe(&mut device.state())?;
    let (start, writable) = (pointer as u64, flags & CU_MEMHOSTREGISTER_READ_ONLY == 0);
    // SAFETY: as the caller promises.
    unsafe { device.memory.register(own, start, len as u64, writable) }?;
    device.state().host_flags.insert(start, flags);
    Ok(())
}

fn unregister(start: u64) -> Answer {
    match free(start, &[Kind::Registered]) {
        Err(INVALID) => Err(CUresult::CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED),
        Err(status) => Err(status),
        Ok(()) => {
            device()?.state().host_flags.remove(&start);
            Ok(())
        }
    }
}

/// The pinned memory that an address is in.
fn host(address: u64) -> Answer<u64> {
    let found = device()?.memory.find(address).ok_or(INVALID)?;
    match found.kind {
        Kind::Host | Kind::Registered => Ok(found.start),
        _ => Err(INVALID),
    }
}

/// `cuPointerGetAttribute`, of what does not change with the context.
fn attribute(place: *mut c_void, which: CUpointer_attribute, address: u64) -> Answer {
    use CUpointer_attribute as A;
    let found = device()?.memory.find(address).ok_or(INVALID)?;
    let managed = matches!(found.kind, Kind::Managed | Kind::Shared);
    let host = matches!(found.kind, Kind::Host | Kind::Registered);
    match which {
        A::CU_POINTER_ATTRIBUTE_MEMORY_TYPE => write(
            place.cast(),
            if host {
                CUmemorytype::CU_MEMORYTYPE_HOST
            } else {
                CUmemorytype::CU_MEMORYTYPE_DEVICE
            },
        ),
        A::CU_POINTER_ATTRIBUTE_IS_MANAGED => write(place.cast(), c_uint::from(managed)),
        // Kernels see the host's memory where the host has it.
        A::CU_POINTER_ATTRIBUTE_DEVICE_POINTER => write(place.cast(), address),
        A::CU_POINTER_ATTRIBUTE_HOST_POINTER if host || managed => write(place.cast(), address),
        A::CU_POINTER_ATTRIBUTE_HOST_POINTER => Err(INVALID),
        A::CU_POINTER_ATTRIBUTE_RANGE_START_ADDR => write(place.cast(), found.start),
        A::CU_POINTER_ATTRIBUTE_RANGE_SIZE => write(place.cast(), found.len),
        _ => Err(CUresult::CUDA_ERROR_NOT_SUPPORTED),
    }
}

functions! {
    cuMemGetInfo_v2(free: *mut usize, total: *mut usize) {
        let (left, all) = alive()?.memory.info(current_device()?);
        write(free, left as usize)?;
        write(total, all as usize)
    }
    cuMemAlloc_v2(place: *mut CUdeviceptr, len: usize) { write(place, allocate(len as u64, Kind::Device)?) }
    cuMemAllocPitch_v2(place: *mut CUdeviceptr, pitch: *mut usize, width: usize, height: usize, element: c_uint) {
        let row = width.checked_next_multiple_of(512).ok_or(INVALID)?;
        let len = row.checked_mul(height).ok_or(CUresult::CUDA_ERROR_OUT_OF_MEMORY)?;
        write(place, allocate(len as u64, Kind::Device)?)?;
        write(pitch, row)
    }
    cuMemFree_v2(pointer: CUdeviceptr) {
        let device = device()?;
        capture::potentially_unsafe(&mut device.state())?;
        device.settle(device.memory.users(pointer));
        // In two statements, so that the state is unlocked when the memory is released.
        let of_graph = device.state().graphs.memory.free(pointer);
        if let Some(memory) = of_graph {
            device.memory.release(&memory.reserved);
            return Ok(());
        }
        let kinds = [Kind::Device, Kind::Pool, Kind::Managed];
        device.memory.free(pointer, |allocation| kinds.contains(&allocation.kind))?;
        let mut state = device.state();
        state.managed.forget(pointer);
        state.ipc.forget(pointer);
        if let Some((pool, len)) = state.pools.take(pointer) {
            state.pools.give_back(pool, len);
        }
        Ok(())
    }
    cuMemGetAddressRange_v2(base: *mut CUdeviceptr, len: *mut usize, address: CUdeviceptr) {
        let found = device()?.memory.find(address).ok_or(CUresult::CUDA_ERROR_NOT_FOUND)?;
        write_if(base, found.start);
        write_if(len, found.len as usize);
        Ok(())
    }
    cuPointerGetAttribute(place: *mut c_void, which: CUpointer_attribute, address: CUdeviceptr) { attribute(place, which, address) }
    cuMemHostAlloc(place: *mut *mut c_void, len: usize, flags: c_uint) { allocate_host(place, len, flags) }
    cuMemAllocHost_v2(place: *mut *mut c_void, len: usize) { allocate_host(place, len, 0) }
    cuMemFreeHost(pointer: *mut c_void) { free_host(pointer as u64) }
    cuMemHostRegister_v2(pointer: *mut c_void, len: usize, flags: c_uint) { register(pointer, len, flags) }
    cuMemHostUnregister(pointer: *mut c_void) { unregister(pointer as u64) }
    cuMemHostGetDevicePointer_v2(place: *mut CUdeviceptr, pointer: *mut c_void, flags: c_uint) {
        if flags != 0 || place.is_null() {
            return Err(INVALID);
        }
        host(pointer as u64)?;
        // Kernels see the host's memory where the host has it.
        write(place, pointer as u64)
    }
    cuMemHostGetFlags(place: *mut c_uint, pointer: *mut c_void) {
        let start = host(pointer as u64)?;
        let flags = device()?.state().host_flags.get(&start).copied();
        write(place, flags.unwrap_or(0))
    }
}

//! Pointer attributes, answered from what the program has allocated.

use core::ffi::{c_int, c_uint, c_void};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::{
    CUcontext, CUdeviceptr, CUmemAllocationProp, CUmemorytype, CUpointer_attribute,
};

use super::memory::{self, Region, RegionKind};
use crate::entry::Result;
use crate::remote;
use crate::session::Session;

/// `cuPointerGetAttribute`
pub unsafe fn cuPointerGetAttribute(
    data: *mut c_void,
    attribute: CUpointer_attribute,
    pointer: CUdeviceptr,
) -> Result<()> {
    let session = Session::current()?;
    if data.is_null() {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    let region = session
        .memory
        .find(pointer)
        .ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)?;
    // SAFETY: CUDA's contract: `data` has the attribute's type.
    unsafe { write(data, attribute, pointer, Some(region)) }
}

/// `cuPointerGetAttributes`: an address that CUDA does not know is no error here, but has empty attributes.
pub unsafe fn cuPointerGetAttributes(
    count: c_uint,
    attributes: *mut CUpointer_attribute,
    data: *mut *mut c_void,
    pointer: CUdeviceptr,
) -> Result<()> {
    let session = Session::current()?;
    if count == 0 || attributes.is_null() || data.is_null() {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    let region = session.memory.find(pointer);
    for index in 0..count as usize {
        // SAFETY: CUDA's contract: arrays of `count` elements, each place of its attribute's type.
        unsafe {
            let place = *data.add(index);
            if place.is_null() {
                return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
            }
            match write(place, *attributes.add(index), pointer, region) {
                // An attribute that this memory does not have is left empty.
                Ok(()) | Err(CUresult::CUDA_ERROR_NOT_SUPPORTED) => {}
                Err(status) => return Err(status),
            }
        }
    }
    Ok(())
}

/// `cuPointerSetAttribute`: copies are in order with the program's own accesses as they are
/// (`CU_POINTER_ATTRIBUTE_SYNC_MEMOPS`); the others cannot be set.
pub unsafe fn cuPointerSetAttribute(
    value: *const c_void,
    attribute: CUpointer_attribute,
    pointer: CUdeviceptr,
) -> Result<()> {
    let session = Session::current()?;
    let known = session.memory.find(pointer);
    if value.is_null()
        || attribute != CUpointer_attribute::CU_POINTER_ATTRIBUTE_SYNC_MEMOPS
        || !known.is_some_and(|region| region.kind.is_device())
    {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    Ok(())
}

/// The number of the device whose memory it is.
fn ordinal(region: Region, pointer: CUdeviceptr) -> c_int {
    let several = Session::current().is_ok_and(|session| session.welcome.devices.len() > 1);
    if region.kind == RegionKind::Virtual && several {
        // What is mapped there may be any device's.
        return mapped(pointer).unwrap_or(-2);
    }
    memory::ordinal(region.context)
}

/// The device of what the program has mapped at an address.
fn mapped(pointer: CUdeviceptr) -> Result<c_int> {
    let mut handle = 0;
    // SAFETY: a local, and a number.
    unsafe { memory::cuMemRetainAllocationHandle(&raw mut handle, pointer as *mut c_void)? };
    // SAFETY: a C structure of numbers, for which zero is a value.
    let mut properties: CUmemAllocationProp = unsafe { core::mem::zeroed() };
    // SAFETY: a local, and the handle from above, which is released once.
    unsafe {
        let asked = remote::cuMemGetAllocationPropertiesFromHandle(&raw mut properties, handle);
        memory::cuMemRelease(handle)?;
        asked?;
    }
    Ok(properties.location.id)
}

/// Writes one attribute.
///
/// # Safety
///
/// `data` is valid for the attribute's type.
unsafe fn write(
    data: *mut c_void,
    attribute: CUpointer_attribute,
    pointer: CUdeviceptr,
    region: Option<Region>,
) -> Result<()> {
    use CUpointer_attribute as A;
    let device = region.filter(|region| region.kind.is_device());
    // SAFETY: as the caller promises, for each arm's type.
    unsafe {
        let int = |value: c_int| data.cast::<c_int>().write(value);
        let word = |value: u64| data.cast::<u64>().write(value);
        match attribute {
            A::CU_POINTER_ATTRIBUTE_CONTEXT => {
                data.cast::<CUcontext>()
                    .write(region.map_or(0, |region| region.context) as CUcontext);
            }
            A::CU_POINTER_ATTRIBUTE_MEMORY_TYPE => data.cast::<c_uint>().write(match region {
                Some(region) if region.kind.is_device() => CUmemorytype::CU_MEMORYTYPE_DEVICE.0,
                Some(_) => CUmemorytype::CU_MEMORYTYPE_HOST.0,
                None => 0,
            }),
            A::CU_POINTER_ATTRIBUTE_DEVICE_POINTER => word(region.map_or(0, |_| pointer)),
            A::CU_POINTER_ATTRIBUTE_HOST_POINTER => match (device, region) {
                (Some(device), _) if device.kind == RegionKind::Managed => word(pointer),
                (Some(_), _) => {
                    word(0);
                    return Err(CUresult::CUDA_ERROR_NOT_SUPPORTED);
                }
                (None, _) => word(pointer),
            },
            A::CU_POINTER_ATTRIBUTE_IS_MANAGED => int(c_int::from(
                device.is_some_and(|region| region.kind == RegionKind::Managed),
            )),
            A::CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL => {
                int(region.map_or(-2, |region| ordinal(region, pointer)));
            }
            A::CU_POINTER_ATTRIBUTE_BUFFER_ID => word(region.map_or(0, |region| region.id)),
            A::CU_POINTER_ATTRIBUTE_RANGE_START_ADDR => {
                word(region.map_or(0, |region| region.start))
            }
            A::CU_POINTER_ATTRIBUTE_RANGE_SIZE => data
                .cast::<usize>()
                .write(region.map_or(0, |region| region.len as usize)),
            A::CU_POINTER_ATTRIBUTE_MAPPED => int(c_int::from(region.is_some())),
            A::CU_POINTER_ATTRIBUTE_SYNC_MEMOPS => int(0),
            A::CU_POINTER_ATTRIBUTE_ALLOWED_HANDLE_TYPES => word(0),
            A::CU_POINTER_ATTRIBUTE_IS_LEGACY_CUDA_IPC_CAPABLE => int(0),
            A::CU_POINTER_ATTRIBUTE_IS_GPU_DIRECT_RDMA_CAPABLE => int(0),
            A::CU_POINTER_ATTRIBUTE_ACCESS_FLAGS => {
                // CU_POINTER_ATTRIBUTE_ACCESS_FLAG_READWRITE
                int(if region.is_some() { 3 } else { 0 });
            }
            A::CU_POINTER_ATTRIBUTE_MEMPOOL_HANDLE => {
                word(0);
                if !device.is_some_and(|region| region.kind == RegionKind::Pool) {
                    return Err(CUresult::CUDA_ERROR_NOT_SUPPORTED);
                }
            }
            A::CU_POINTER_ATTRIBUTE_MAPPING_SIZE => {
                data.cast::<usize>()
                    .write(region.map_or(0, |region| region.len as usize));
            }
            A::CU_POINTER_ATTRIBUTE_MAPPING_BASE_ADDR => {
                word(region.map_or(0, |region| region.start))
            }
            A::CU_POINTER_ATTRIBUTE_MEMORY_BLOCK_ID => word(region.map_or(0, |region| region.id)),
            _ => return Err(CUresult::CUDA_ERROR_INVALID_VALUE),
        }
    }
    Ok(())
}

//! CUDA before 3.2, whose sizes and addresses have 32 bits.
//!
//! Whatever such a program gives is widened and then goes the way of today's functions; those that only take numbers are
//! `as:` entries of `functions.def`. What the device answers may not fit: a size is then the greatest that does, and an
//! allocation that the program could not name is no allocation.

use core::ffi::{c_char, c_uint, c_void};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::{
    CUDA_ARRAY_DESCRIPTOR, CUDA_ARRAY_DESCRIPTOR_v1, CUDA_ARRAY3D_DESCRIPTOR,
    CUDA_ARRAY3D_DESCRIPTOR_v1, CUDA_MEMCPY2D, CUDA_MEMCPY2D_v1, CUDA_MEMCPY3D, CUDA_MEMCPY3D_v1,
    CUarray, CUdevice, CUdeviceptr, CUdeviceptr_v1, CUmodule, CUstream, CUtexref,
};

use super::{DefaultStream, copy, device, memory, module};
use crate::entry::{Result, out};
use crate::remote;

/// A struct of today from one with narrower members: those of the first list are as they were, those of the second widened.
macro_rules! widened {
    ($from:expr, $Wide:ident { $($same:ident)* } { $($wider:ident)* }) => {{
        // SAFETY: CUDA's contract for the argument.
        let from = unsafe { $from.as_ref() }.ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)?;
        $Wide {
            $($same: from.$same,)*
            $($wider: from.$wider as _,)*
        }
    }};
}

/// A size, or the greatest that the program can be told.
fn narrowed(size: usize) -> c_uint {
    c_uint::try_from(size).unwrap_or(c_uint::MAX)
}

/// An address, where it has 32 bits.
fn named(address: CUdeviceptr) -> Option<CUdeviceptr_v1> {
    CUdeviceptr_v1::try_from(address).ok()
}

/// Writes where the program asks for it.
///
/// # Safety
///
/// `place` is null or valid for writes.
unsafe fn give<T>(place: *mut T, value: T) {
    if !place.is_null() {
        // SAFETY: as the caller promises.
        unsafe { place.write(value) };
    }
}

/// The address of memory that has just been allocated. Where it has more than 32 bits, the memory is given back.
fn admit(address: CUdeviceptr) -> Result<CUdeviceptr_v1> {
    if let Some(address) = named(address) {
        return Ok(address);
    }
    // SAFETY: no pointers of this side.
    unsafe { memory::cuMemFree_v2(address)? };
    Err(CUresult::CUDA_ERROR_OUT_OF_MEMORY)
}

/// `cuDeviceTotalMem`
pub unsafe fn cuDeviceTotalMem(bytes: *mut c_uint, device: CUdevice) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    let bytes = unsafe { out(bytes)? };
    let mut total = 0;
    // SAFETY: a local.
    unsafe { device::cuDeviceTotalMem_v2(&raw mut total, device)? };
    bytes.write(narrowed(total));
    Ok(())
}

/// `cuMemGetInfo`
pub unsafe fn cuMemGetInfo(free: *mut c_uint, total: *mut c_uint) -> Result<()> {
    let (mut wide_free, mut wide_total) = (0, 0);
    // SAFETY: locals, and CUDA's contract for the arguments.
    unsafe {
        memory::cuMemGetInfo_v2(&raw mut wide_free, &raw mut wide_total)?;
        give(free, narrowed(wide_free));
        give(total, narrowed(wide_total));
    }
    Ok(())
}

/// `cuMemAlloc`
pub unsafe fn cuMemAlloc(pointer: *mut CUdeviceptr_v1, len: c_uint) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    let pointer = unsafe { out(pointer)? };
    let mut start = 0;
    // SAFETY: a local.
    unsafe { memory::cuMemAlloc_v2(&raw mut start, len as usize)? };
    pointer.write(admit(start)?);
    Ok(())
}

/// `cuMemAllocPitch`
pub unsafe fn cuMemAllocPitch(
    pointer: *mut CUdeviceptr_v1,
    pitch: *mut c_uint,
    width: c_uint,
    height: c_uint,
    element: c_uint,
) -> Result<()> {
    // SAFETY: CUDA's contract for the arguments.
    let (pointer, pitch) = unsafe { (out(pointer)?, out(pitch)?) };
    let (mut start, mut row) = (0, 0);
    // SAFETY: locals.
    unsafe {
        memory::cuMemAllocPitch_v2(
            &raw mut start,
            &raw mut row,
            width as usize,
            height as usize,
            element,
        )?;
    }
    pointer.write(admit(start)?);
    pitch.write(narrowed(row));
    Ok(())
}

/// `cuMemGetAddressRange`
pub unsafe fn cuMemGetAddressRange(
    base: *mut CUdeviceptr_v1,
    size: *mut c_uint,
    pointer: CUdeviceptr_v1,
) -> Result<()> {
    let (mut start, mut len) = (0, 0);
    // SAFETY: locals, and CUDA's contract for the arguments.
    unsafe {
        memory::cuMemGetAddressRange_v2(&raw mut start, &raw mut len, pointer.into())?;
        // It lies at or before an address of 32 bits.
        give(base, start as CUdeviceptr_v1);
        give(size, narrowed(len));
    }
    Ok(())
}

/// `cuMemHostGetDevicePointer`
pub unsafe fn cuMemHostGetDevicePointer(
    device: *mut CUdeviceptr_v1,
    pointer: *mut c_void,
    flags: c_uint,
) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    let device = unsafe { out(device)? };
    let mut address = 0;
    // SAFETY: a local, and the caller's contract is the same.
    unsafe { memory::cuMemHostGetDevicePointer_v2(&raw mut address, pointer, flags)? };
    device.write(named(address).ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)?);
    Ok(())
}

/// `cuModuleGetGlobal`
pub unsafe fn cuModuleGetGlobal(
    pointer: *mut CUdeviceptr_v1,
    bytes: *mut c_uint,
    module: CUmodule,
    name: *const c_char,
) -> Result<()> {
    let (mut start, mut len) = (0, 0);
    // SAFETY: locals, and the caller's contract is the same.
    unsafe {
        module::cuModuleGetGlobal_v2(&raw mut start, &raw mut len, module, name)?;
        if !pointer.is_null() {
            pointer.write(named(start).ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)?);
        }
        give(bytes, narrowed(len));
    }
    Ok(())
}

fn flat(copy: *const CUDA_MEMCPY2D_v1) -> Result<CUDA_MEMCPY2D> {
    Ok(widened!(copy, CUDA_MEMCPY2D {
        srcMemoryType srcHost srcArray dstMemoryType dstHost dstArray
    } {
        srcXInBytes srcY srcDevice srcPitch dstXInBytes dstY dstDevice dstPitch WidthInBytes Height
    }))
}

fn deep(copy: *const CUDA_MEMCPY3D_v1) -> Result<CUDA_MEMCPY3D> {
    Ok(widened!(copy, CUDA_MEMCPY3D {
        srcMemoryType srcHost srcArray reserved0 dstMemoryType dstHost dstArray reserved1
    } {
        srcXInBytes srcY srcZ srcLOD srcDevice srcPitch srcHeight
        dstXInBytes dstY dstZ dstLOD dstDevice dstPitch dstHeight
        WidthInBytes Height Depth
    }))
}

/// `cuMemcpy2D`
pub unsafe fn cuMemcpy2D(copy: *const CUDA_MEMCPY2D_v1) -> Result<()> {
    // SAFETY: a local, and the caller's contract is the same.
    unsafe { copy::cuMemcpy2D_v2(&flat(copy)?, DefaultStream::Legacy) }
}

/// `cuMemcpy2DUnaligned`
pub unsafe fn cuMemcpy2DUnaligned(copy: *const CUDA_MEMCPY2D_v1) -> Result<()> {
    // SAFETY: a local, and the caller's contract is the same.
    unsafe { copy::cuMemcpy2DUnaligned_v2(&flat(copy)?, DefaultStream::Legacy) }
}

/// `cuMemcpy2DAsync`
pub unsafe fn cuMemcpy2DAsync(copy: *const CUDA_MEMCPY2D_v1, stream: CUstream) -> Result<()> {
    // SAFETY: a local, and the caller's contract is the same.
    unsafe { copy::cuMemcpy2DAsync_v2(&flat(copy)?, stream) }
}

/// `cuMemcpy3D`
pub unsafe fn cuMemcpy3D(copy: *const CUDA_MEMCPY3D_v1) -> Result<()> {
    // SAFETY: a local, and the caller's contract is the same.
    unsafe { copy::cuMemcpy3D_v2(&deep(copy)?, DefaultStream::Legacy) }
}

/// `cuMemcpy3DAsync`
pub unsafe fn cuMemcpy3DAsync(copy: *const CUDA_MEMCPY3D_v1, stream: CUstream) -> Result<()> {
    // SAFETY: a local, and the caller's contract is the same.
    unsafe { copy::cuMemcpy3DAsync_v2(&deep(copy)?, stream) }
}

fn plane(description: *const CUDA_ARRAY_DESCRIPTOR_v1) -> Result<CUDA_ARRAY_DESCRIPTOR> {
    Ok(widened!(description, CUDA_ARRAY_DESCRIPTOR { Format NumChannels } { Width Height }))
}

/// `cuArrayCreate`
pub unsafe fn cuArrayCreate(
    array: *mut CUarray,
    description: *const CUDA_ARRAY_DESCRIPTOR_v1,
) -> Result<()> {
    // SAFETY: a local, and the caller's contract is the same.
    unsafe { remote::cuArrayCreate_v2(array, &plane(description)?) }
}

/// `cuArray3DCreate`
pub unsafe fn cuArray3DCreate(
    array: *mut CUarray,
    description: *const CUDA_ARRAY3D_DESCRIPTOR_v1,
) -> Result<()> {
    let wide = widened!(description, CUDA_ARRAY3D_DESCRIPTOR {
        Format NumChannels Flags
    } {
        Width Height Depth
    });
    // SAFETY: a local, and the caller's contract is the same.
    unsafe { remote::cuArray3DCreate_v2(array, &wide) }
}

/// `cuArrayGetDescriptor`
pub unsafe fn cuArrayGetDescriptor(
    description: *mut CUDA_ARRAY_DESCRIPTOR_v1,
    array: CUarray,
) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    let description = unsafe { out(description)? };
    // SAFETY: a struct of numbers, for which zero is a value.
    let mut wide: CUDA_ARRAY_DESCRIPTOR = unsafe { core::mem::zeroed() };
    // SAFETY: a local.
    unsafe { remote::cuArrayGetDescriptor_v2(&raw mut wide, array)? };
    description.write(CUDA_ARRAY_DESCRIPTOR_v1 {
        Width: narrowed(wide.Width),
        Height: narrowed(wide.Height),
        Format: wide.Format,
        NumChannels: wide.NumChannels,
    });
    Ok(())
}

/// `cuArray3DGetDescriptor`
pub unsafe fn cuArray3DGetDescriptor(
    description: *mut CUDA_ARRAY3D_DESCRIPTOR_v1,
    array: CUarray,
) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    let description = unsafe { out(description)? };
    // SAFETY: a struct of numbers, for which zero is a value.
    let mut wide: CUDA_ARRAY3D_DESCRIPTOR = unsafe { core::mem::zeroed() };
    // SAFETY: a local.
    unsafe { remote::cuArray3DGetDescriptor_v2(&raw mut wide, array)? };
    description.write(CUDA_ARRAY3D_DESCRIPTOR_v1 {
        Width: narrowed(wide.Width),
        Height: narrowed(wide.Height),
        Depth: narrowed(wide.Depth),
        Format: wide.Format,
        NumChannels: wide.NumChannels,
        Flags: wide.Flags,
    });
    Ok(())
}

/// `cuTexRefSetAddress`
pub unsafe fn cuTexRefSetAddress(
    offset: *mut c_uint,
    reference: CUtexref,
    pointer: CUdeviceptr_v1,
    len: c_uint,
) -> Result<()> {
    let mut wide = 0;
    // SAFETY: a local, and CUDA's contract for the argument.
    unsafe {
        remote::cuTexRefSetAddress_v2(&raw mut wide, reference, pointer.into(), len as usize)?;
        give(offset, narrowed(wide));
    }
    Ok(())
}

/// `cuTexRefSetAddress2D`
pub unsafe fn cuTexRefSetAddress2D(
    reference: CUtexref,
    description: *const CUDA_ARRAY_DESCRIPTOR_v1,
    pointer: CUdeviceptr_v1,
    pitch: c_uint,
) -> Result<()> {
    let description = plane(description)?;
    // SAFETY: a local.
    unsafe {
        remote::cuTexRefSetAddress2D_v2(reference, &description, pointer.into(), pitch as usize)
    }
}

/// `cuTexRefGetAddress`
pub unsafe fn cuTexRefGetAddress(pointer: *mut CUdeviceptr_v1, reference: CUtexref) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    let pointer = unsafe { out(pointer)? };
    let mut address = 0;
    // SAFETY: a local.
    unsafe { remote::cuTexRefGetAddress_v2(&raw mut address, reference)? };
    pointer.write(named(address).ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_saturate_and_addresses_do_not() {
        assert_eq!(narrowed(4096), 4096);
        assert_eq!(narrowed(80 << 30), c_uint::MAX);
        assert_eq!(named(0xffff_f000), Some(0xffff_f000));
        assert_eq!(named(0x7fff_0000_0000), None);
    }

    #[test]
    fn every_member_of_a_copy_is_widened() {
        // SAFETY: structs of numbers and pointers, for which zero is a value.
        let mut narrow: CUDA_MEMCPY3D_v1 = unsafe { core::mem::zeroed() };
        let members = [
            &mut narrow.srcXInBytes,
            &mut narrow.srcY,
            &mut narrow.srcZ,
            &mut narrow.srcDevice,
            &mut narrow.srcPitch,
            &mut narrow.srcHeight,
            &mut narrow.dstXInBytes,
            &mut narrow.dstY,
            &mut narrow.dstZ,
            &mut narrow.dstDevice,
            &mut narrow.dstPitch,
            &mut narrow.dstHeight,
            &mut narrow.WidthInBytes,
            &mut narrow.Height,
            &mut narrow.Depth,
        ];
        for (index, member) in members.into_iter().enumerate() {
            *member = u32::MAX - index as u32;
        }
        let wide = deep(&raw const narrow).unwrap();
        let seen = [
            wide.srcXInBytes as u64,
            wide.srcY as u64,
            wide.srcZ as u64,
            wide.srcDevice,
            wide.srcPitch as u64,
            wide.srcHeight as u64,
            wide.dstXInBytes as u64,
            wide.dstY as u64,
            wide.dstZ as u64,
            wide.dstDevice,
            wide.dstPitch as u64,
            wide.dstHeight as u64,
            wide.WidthInBytes as u64,
            wide.Height as u64,
            wide.Depth as u64,
        ];
        let expected: Vec<u64> = (0..15).map(|index| u64::from(u32::MAX) - index).collect();
        assert_eq!(seen.as_slice(), expected);
        assert_eq!(
            deep(core::ptr::null()).err(),
            Some(CUresult::CUDA_ERROR_INVALID_VALUE)
        );
    }
}

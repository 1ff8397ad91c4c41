//! Devices, answered from what the server said of them when it greeted.

use core::ffi::{CStr, c_char, c_int};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::{CUdevice, CUdevice_attribute, CUdevprop, CUuuid};
use pillion_protocol::DeviceSnapshot;

use crate::entry::{Result, out};
use crate::session::Session;

/// The snapshot of a device.
///
/// # Errors
///
/// `CUDA_ERROR_INVALID_DEVICE`.
pub fn snapshot(device: CUdevice) -> Result<&'static DeviceSnapshot> {
    let devices = &Session::current()?.welcome.devices;
    usize::try_from(device)
        .ok()
        .and_then(|index| devices.get(index))
        .ok_or(CUresult::CUDA_ERROR_INVALID_DEVICE)
}

/// An attribute's value, where distance does not change it.
///
/// # Errors
///
/// What the driver answers; `CUDA_ERROR_INVALID_VALUE` for a number that it does not know.
pub fn attribute(device: CUdevice, attribute: CUdevice_attribute) -> Result<c_int> {
    let snapshot = snapshot(device)?;
    if let Some(value) = at_a_distance(attribute) {
        return Ok(value);
    }
    match snapshot.attributes.get(attribute.0 as usize) {
        Some((0, value)) => Ok(*value),
        Some((status, _)) => Err(CUresult(*status)),
        None => Err(CUresult::CUDA_ERROR_INVALID_VALUE),
    }
}

/// What a GPU can do for a program in the same machine only, and so is not promised.
fn at_a_distance(attribute: CUdevice_attribute) -> Option<c_int> {
    use CUdevice_attribute as A;
    match attribute {
        // The host's memory is another machine's: it is not shared page by page, nor at any moment.
        A::CU_DEVICE_ATTRIBUTE_CONCURRENT_MANAGED_ACCESS
        | A::CU_DEVICE_ATTRIBUTE_PAGEABLE_MEMORY_ACCESS
        | A::CU_DEVICE_ATTRIBUTE_PAGEABLE_MEMORY_ACCESS_USES_HOST_PAGE_TABLES
        | A::CU_DEVICE_ATTRIBUTE_DIRECT_MANAGED_MEM_ACCESS_FROM_HOST
        | A::CU_DEVICE_ATTRIBUTE_HOST_NATIVE_ATOMIC_SUPPORTED
        | A::CU_DEVICE_ATTRIBUTE_CAN_USE_HOST_POINTER_FOR_REGISTERED_MEM
        | A::CU_DEVICE_ATTRIBUTE_HOST_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED
        | A::CU_DEVICE_ATTRIBUTE_HOST_NUMA_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED
        | A::CU_DEVICE_ATTRIBUTE_HOST_MEMORY_POOLS_SUPPORTED
        | A::CU_DEVICE_ATTRIBUTE_HOST_NUMA_MEMORY_POOLS_SUPPORTED
        | A::CU_DEVICE_ATTRIBUTE_HOST_NUMA_MULTINODE_IPC_SUPPORTED
        // Handles that another process of this machine, or a device of it, could open.
        | A::CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_SUPPORTED
        | A::CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_WITH_CUDA_VMM_SUPPORTED
        | A::CU_DEVICE_ATTRIBUTE_DMA_BUF_SUPPORTED
        | A::CU_DEVICE_ATTRIBUTE_HANDLE_TYPE_FABRIC_SUPPORTED
        | A::CU_DEVICE_ATTRIBUTE_GPU_DIRECT_RDMA_FLUSH_WRITES_OPTIONS
        | A::CU_DEVICE_ATTRIBUTE_MULTICAST_SUPPORTED => Some(0),
        // Of the ways to hand a pool to another process, descriptors (CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR).
        A::CU_DEVICE_ATTRIBUTE_MEMPOOL_SUPPORTED_HANDLE_TYPES => Some(1),
        _ => None,
    }
}

/// `cuDeviceGet`
pub unsafe fn cuDeviceGet(device: *mut CUdevice, ordinal: c_int) -> Result<()> {
    snapshot(ordinal)?;
    // SAFETY: CUDA's contract for the argument.
    unsafe { out(device)? }.write(ordinal);
    Ok(())
}

/// `cuDeviceGetCount`
pub unsafe fn cuDeviceGetCount(count: *mut c_int) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: CUDA's contract for the argument.
    unsafe { out(count)? }.write(session.welcome.devices.len() as c_int);
    Ok(())
}

/// Writes a text with its zero, as much of it as there is room for.
///
/// # Safety
///
/// `place` is null or has room for `len` bytes.
unsafe fn write_text(place: *mut c_char, len: c_int, text: &str) -> Result<()> {
    if place.is_null() || len <= 0 {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    let n = text.len().min(len as usize - 1);
    // SAFETY: as the caller promises; `n` leaves room for the zero.
    unsafe {
        core::ptr::copy_nonoverlapping(text.as_ptr().cast(), place, n);
        place.add(n).write(0);
    }
    Ok(())
}

/// `cuDeviceGetName`
pub unsafe fn cuDeviceGetName(name: *mut c_char, len: c_int, device: CUdevice) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { write_text(name, len, &snapshot(device)?.name) }
}

/// `cuDeviceGetUuid`
pub unsafe fn cuDeviceGetUuid(uuid: *mut CUuuid, device: CUdevice) -> Result<()> {
    let bytes = snapshot(device)?.uuid.map(|byte| byte as c_char);
    // SAFETY: CUDA's contract for the argument.
    unsafe { out(uuid)? }.write(CUuuid { bytes });
    Ok(())
}

/// `cuDeviceGetUuid_v2`
pub unsafe fn cuDeviceGetUuid_v2(uuid: *mut CUuuid, device: CUdevice) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { cuDeviceGetUuid(uuid, device) }
}

/// `cuDeviceTotalMem_v2`
pub unsafe fn cuDeviceTotalMem_v2(bytes: *mut usize, device: CUdevice) -> Result<()> {
    let total = snapshot(device)?.total_memory;
    // SAFETY: CUDA's contract for the argument.
    unsafe { out(bytes)? }.write(total as usize);
    Ok(())
}

/// `cuDeviceGetAttribute`
pub unsafe fn cuDeviceGetAttribute(
    value: *mut c_int,
    which: CUdevice_attribute,
    device: CUdevice,
) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    let value = unsafe { out(value)? };
    value.write(attribute(device, which)?);
    Ok(())
}

/// `cuDeviceGetProperties`
pub unsafe fn cuDeviceGetProperties(properties: *mut CUdevprop, device: CUdevice) -> Result<()> {
    use CUdevice_attribute as A;
    // SAFETY: CUDA's contract for the argument.
    let properties = unsafe { out(properties)? };
    let get = |which| attribute(device, which);
    properties.write(CUdevprop {
        maxThreadsPerBlock: get(A::CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK)?,
        maxThreadsDim: [
            get(A::CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X)?,
            get(A::CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y)?,
            get(A::CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z)?,
        ],
        maxGridSize: [
            get(A::CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X)?,
            get(A::CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y)?,
            get(A::CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z)?,
        ],
        sharedMemPerBlock: get(A::CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK)?,
        totalConstantMemory: get(A::CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY)?,
        SIMDWidth: get(A::CU_DEVICE_ATTRIBUTE_WARP_SIZE)?,
        memPitch: get(A::CU_DEVICE_ATTRIBUTE_MAX_PITCH)?,
        regsPerBlock: get(A::CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK)?,
        clockRate: get(A::CU_DEVICE_ATTRIBUTE_CLOCK_RATE)?,
        textureAlign: get(A::CU_DEVICE_ATTRIBUTE_TEXTURE_ALIGNMENT)?,
    });
    Ok(())
}

/// `cuDeviceComputeCapability`
pub unsafe fn cuDeviceComputeCapability(
    major: *mut c_int,
    minor: *mut c_int,
    device: CUdevice,
) -> Result<()> {
    use CUdevice_attribute as A;
    // SAFETY: CUDA's contract for the arguments.
    let (major, minor) = unsafe { (out(major)?, out(minor)?) };
    major.write(attribute(
        device,
        A::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR,
    )?);
    minor.write(attribute(
        device,
        A::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR,
    )?);
    Ok(())
}

/// Domain, bus, device and function of a PCI address: `[domain:]bus:device[.function]`, in hexadecimal.
fn pci(text: &str) -> Option<[u32; 4]> {
    let (place, function) = text.split_once('.').unwrap_or((text, "0"));
    let hex = |part: &str| u32::from_str_radix(part, 16).ok();
    let mut parts = place.rsplit(':');
    let (device, bus) = (hex(parts.next()?)?, hex(parts.next()?)?);
    let domain = parts.next().map_or(Some(0), hex)?;
    Some([domain, bus, device, hex(function)?])
}

/// `cuDeviceGetByPCIBusId`
pub unsafe fn cuDeviceGetByPCIBusId(device: *mut CUdevice, id: *const c_char) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: CUDA's contract for the argument.
    let device = unsafe { out(device)? };
    if id.is_null() {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    // SAFETY: CUDA's contract: a C string.
    let wanted = unsafe { CStr::from_ptr(id) }
        .to_str()
        .ok()
        .and_then(pci)
        .ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)?;
    let found = session
        .welcome
        .devices
        .iter()
        .position(|device| pci(&device.pci_bus_id) == Some(wanted));
    device.write(found.ok_or(CUresult::CUDA_ERROR_INVALID_DEVICE)? as CUdevice);
    Ok(())
}

/// `cuDeviceGetPCIBusId`
pub unsafe fn cuDeviceGetPCIBusId(id: *mut c_char, len: c_int, device: CUdevice) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { write_text(id, len, &snapshot(device)?.pci_bus_id) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pci_addresses_are_read_in_every_form() {
        assert_eq!(pci("0000:04:00.0"), Some([0, 4, 0, 0]));
        assert_eq!(pci("00000000:0A:1f.1"), Some([0, 10, 31, 1]));
        assert_eq!(pci("81:00"), Some([0, 0x81, 0, 0]));
        assert_eq!(pci("nonsense"), None);
        assert_eq!(pci(""), None);
    }
}

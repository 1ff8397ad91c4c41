//! What the devices say of themselves.

use std::ffi::{c_char, c_int};
use std::sync::PoisonError;

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

use pillion_cuda_abi::visible::Identity;

use super::{Answer, INVALID, MOST_DEVICES, functions, write};

const NAME: &str = "Pillion CPU Device";

/// Checks an ordinal.
pub(super) fn check(device: CUdevice) -> Answer {
    unit(device).map(|_| ())
}

/// Which of the machine's devices one of the program's is.
pub(super) fn unit(device: CUdevice) -> Answer<usize> {
    let units = &super::device()?.units;
    let unit = usize::try_from(device).ok().and_then(|n| units.get(n));
    unit.copied().ok_or(CUresult::CUDA_ERROR_INVALID_DEVICE)
}

/// Checks two ordinals that must differ.
fn check_pair(device: CUdevice, peer: CUdevice) -> Answer {
    check(device)?;
    check(peer)?;
    if device == peer {
        return Err(CUresult::CUDA_ERROR_INVALID_DEVICE);
    }
    Ok(())
}

/// What tells one of the machine's devices from another. The number comes first, so that a few digits of a UUID name a device.
pub fn identity(unit: usize) -> Identity {
    let mut uuid = *b"0 device pillion";
    uuid[0] += (unit % MOST_DEVICES) as u8;
    Identity {
        uuid,
        pci_bus_id: format!("0000:{unit:02x}:00.0"),
    }
}

/// One multiprocessor for each thread that executes blocks: with a share, as many as that leaves.
pub(super) fn multiprocessors() -> c_int {
    let engine = super::device().ok().and_then(|all| all.engines.first());
    engine.map_or(1, |engine| engine.threads() as c_int)
}

/// The memory of each of so many devices: together half of the host's, and none more than 16 GiB.
pub(super) fn default_memory(devices: usize) -> u64 {
    // SAFETY: queries without side effects.
    let (pages, size) = unsafe {
        (
            libc::sysconf(libc::_SC_PHYS_PAGES),
            libc::sysconf(libc::_SC_PAGESIZE),
        )
    };
    let total = u64::try_from(pages)
        .unwrap_or(1 << 20)
        .saturating_mul(u64::try_from(size).unwrap_or(4096));
    (total / 2 / devices.max(1) as u64).min(16 << 30)
}

/// An attribute as a device of compute capability 9.0 has it, with what the CPU device lacks left out.
fn attribute(unit: usize, which: CUdevice_attribute) -> Option<c_int> {
    use CUdevice_attribute as A;
    Some(match which {
        A::CU_DEVICE_ATTRIBUTE_PCI_BUS_ID => unit as c_int,
        A::CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK
        | A::CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X
        | A::CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y => 1024,
        A::CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z => 64,
        A::CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X => i32::MAX,
        A::CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y | A::CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z => 65535,
        A::CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK => 48 << 10,
        A::CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN => 227 << 10,
        A::CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR => 228 << 10,
        A::CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK => 1024,
        A::CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY => 64 << 10,
        A::CU_DEVICE_ATTRIBUTE_WARP_SIZE => 32,
        A::CU_DEVICE_ATTRIBUTE_MAX_PITCH => i32::MAX,
        A::CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK
        | A::CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR => 65536,
        A::CU_DEVICE_ATTRIBUTE_CLOCK_RATE => 1_000_000,
        A::CU_DEVICE_ATTRIBUTE_TEXTURE_ALIGNMENT | A::CU_DEVICE_ATTRIBUTE_SURFACE_ALIGNMENT => 512,
        A::CU_DEVICE_ATTRIBUTE_TEXTURE_PITCH_ALIGNMENT => 32,
        A::CU_DEVICE_ATTRIBUTE_GPU_OVERLAP
        | A::CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY
        | A::CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS
        | A::CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING
        | A::CU_DEVICE_ATTRIBUTE_STREAM_PRIORITIES_SUPPORTED
        | A::CU_DEVICE_ATTRIBUTE_GLOBAL_L1_CACHE_SUPPORTED
        | A::CU_DEVICE_ATTRIBUTE_LOCAL_L1_CACHE_SUPPORTED
        | A::CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH
        | A::CU_DEVICE_ATTRIBUTE_HOST_REGISTER_SUPPORTED
        | A::CU_DEVICE_ATTRIBUTE_CAN_USE_HOST_POINTER_FOR_REGISTERED_MEM
        | A::CU_DEVICE_ATTRIBUTE_CAN_USE_64_BIT_STREAM_MEM_OPS
        | A::CU_DEVICE_ATTRIBUTE_CAN_USE_STREAM_WAIT_VALUE_NOR
        | A::CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED
        | A::CU_DEVICE_ATTRIBUTE_MEMPOOL_SUPPORTED_HANDLE_TYPES
        | A::CU_DEVICE_ATTRIBUTE_IPC_EVENT_SUPPORTED
        | A::CU_DEVICE_ATTRIBUTE_MANAGED_MEMORY
        | A::CU_DEVICE_ATTRIBUTE_CONCURRENT_MANAGED_ACCESS
        | A::CU_DEVICE_ATTRIBUTE_READ_ONLY_HOST_REGISTER_SUPPORTED
        | A::CU_DEVICE_ATTRIBUTE_VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED
        | A::CU_DEVICE_ATTRIBUTE_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR_SUPPORTED => 1,
        A::CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT => multiprocessors(),
        A::CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT => 2,
        A::CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE => 1_000_000,
        A::CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH => 128,
        A::CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE => 1 << 20,
        A::CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR => 2048,
        A::CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR => 32,
        A::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR => 9,
        A::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR => 0,
        A::CU_DEVICE_ATTRIBUTE_SINGLE_TO_DOUBLE_PRECISION_PERF_RATIO => 2,
        // Every other number that CUDA 13.0 knows names something that this device does not have.
        CUdevice_attribute(n) if (1..A::CU_DEVICE_ATTRIBUTE_MAX.0).contains(&n) => 0,
        _ => return None,
    })
}

functions! {
    cuDriverGetVersion(place: *mut c_int) {
        let options = super::OPTIONS.lock().unwrap_or_else(PoisonError::into_inner);
        let cuda = options.as_ref().and_then(|options| options.cuda);
        write(place, cuda.unwrap_or(pillion_cuda_abi::API_VERSION) as c_int)
    }
    cuDeviceGetCount(place: *mut c_int) {
        write(place, super::device()?.units.len() as c_int)
    }
    cuDeviceGet(place: *mut CUdevice, ordinal: c_int) {
        check(ordinal)?;
        write(place, ordinal)
    }
    cuDeviceGetName(place: *mut c_char, len: c_int, device: CUdevice) {
        check(device)?;
        if place.is_null() || len <= 0 {
            return Err(INVALID);
        }
        let n = NAME.len().min(len as usize - 1);
        std::ptr::copy_nonoverlapping(NAME.as_ptr().cast(), place, n);
        place.add(n).write(0);
        Ok(())
    }
    cuDeviceGetUuid_v2(place: *mut CUuuid, device: CUdevice) {
        let uuid = identity(unit(device)?).uuid;
        write(place, CUuuid { bytes: uuid.map(|byte| byte as c_char) })
    }
    cuDeviceTotalMem_v2(place: *mut usize, device: CUdevice) {
        check(device)?;
        write(place, super::device()?.memory.info(device).1 as usize)
    }
    cuDeviceGetPCIBusId(place: *mut c_char, len: c_int, device: CUdevice) {
        let id = identity(unit(device)?).pci_bus_id;
        if place.is_null() || usize::try_from(len).is_ok_and(|len| len <= id.len()) || len < 0 {
            return Err(INVALID);
        }
        std::ptr::copy_nonoverlapping(id.as_ptr().cast(), place, id.len());
        place.add(id.len()).write(0);
        Ok(())
    }
    cuDeviceGetAttribute(place: *mut c_int, which: CUdevice_attribute, device: CUdevice) {
        let unit = unit(device)?;
        write(place, attribute(unit, which).ok_or(INVALID)?)
    }
    cuDeviceCanAccessPeer(place: *mut c_int, device: CUdevice, peer: CUdevice) {
        check(device)?;
        check(peer)?;
        // A device is not its own peer.
        write(place, c_int::from(device != peer))
    }
    cuDeviceGetP2PAttribute(place: *mut c_int, which: CUdevice_P2PAttribute, device: CUdevice, peer: CUdevice) {
        use CUdevice_P2PAttribute as P;
        check_pair(device, peer)?;
        write(place, match which {
            P::CU_DEVICE_P2P_ATTRIBUTE_PERFORMANCE_RANK => 0,
            P::CU_DEVICE_P2P_ATTRIBUTE_ACCESS_SUPPORTED
            | P::CU_DEVICE_P2P_ATTRIBUTE_NATIVE_ATOMIC_SUPPORTED
            | P::CU_DEVICE_P2P_ATTRIBUTE_CUDA_ARRAY_ACCESS_SUPPORTED => 1,
            _ => return Err(INVALID),
        })
    }
    cuDeviceGetTexture1DLinearMaxWidth(place: *mut usize, format: CUarray_format, channels: std::ffi::c_uint, device: CUdevice) {
        check(device)?;
        write(place, 1 << 28)
    }
    cuDeviceGetExecAffinitySupport(place: *mut c_int, kind: CUexecAffinityType, device: CUdevice) {
        check(device)?;
        write(place, 0)
    }
}

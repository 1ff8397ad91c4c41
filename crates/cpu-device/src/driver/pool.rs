//! Memory pools, and allocations in the order of a stream.

use std::collections::HashMap;
use std::ffi::{c_int, c_ulonglong, c_void};
use std::os::fd::{BorrowedFd, IntoRawFd, OwnedFd};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

use super::graph::{GraphMemory, Kind};
use super::memory::Devices;
use super::queue::Work;
use super::{
    Answer, BAD_HANDLE, INVALID, POOL, State, UNSUPPORTED, alive, array, capture, current, device,
    device_of, file, functions, ipc, memory, name, write,
};

const PAGE: u64 = 4096;
const AS_DESCRIPTOR: CUmemAllocationHandleType =
    CUmemAllocationHandleType::CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR;

/// The handle of a device's default pool; `name` gives no number as low as this.
fn default_pool(device: CUdevice) -> u64 {
    POOL << 48 | 0x10 | device as u64
}

/// The pools, and what they gave.
#[derive(Default)]
pub struct Pools {
    all: HashMap<u64, Pool>,
    /// The pool and the length of each allocation, until a call frees it.
    given: HashMap<u64, (u64, u64)>,
    /// The files of allocations that other processes may import.
    files: HashMap<u64, OwnedFd>,
    /// The pool of each device that is asked where none is named.
    current: HashMap<CUdevice, u64>,
}

#[derive(Default)]
struct Pool {
    /// The device whose memory it gives; `None` for the host's.
    device: Option<CUdevice>,
    /// The other devices whose kernels reach what it gives.
    access: Devices,
    values: HashMap<u32, u64>,
    /// The most bytes that it gives; 0 for no limit.
    limit: u64,
    used: u64,
    high: u64,
    /// What other processes know it by.
    shared: Option<Shared>,
}

/// A pool that several processes have.
struct Shared {
    /// A file without content, which stands for the pool.
    file: OwnedFd,
    /// Whether this process made the pool, and so allocates from it.
    own: bool,
    /// Whether it has been exported, without which none of its memory can be.
    exported: bool,
}

impl Shared {
    /// What all processes that have the pool call it.
    fn name(&self) -> Answer<u64> {
        let known = rustix::fs::fstat(&self.file);
        known
            .map(|known| known.st_ino)
            .map_err(|_| CUresult::CUDA_ERROR_OPERATING_SYSTEM)
    }
}

impl Pools {
    /// The default pools of so many devices.
    pub fn new(devices: usize) -> Pools {
        let each = || 0..devices as CUdevice;
        let pool = |device| Pool {
            device: Some(device),
            ..Pool::default()
        };
        Pools {
            all: each().map(|n| (default_pool(n), pool(n))).collect(),
            given: HashMap::new(),
            files: HashMap::new(),
            current: each().map(|n| (n, default_pool(n))).collect(),
        }
    }

    /// The pool that a device is asked for memory of.
    fn current(&self, device: CUdevice) -> u64 {
        let known = self.current.get(&device);
        known.copied().unwrap_or_else(|| default_pool(device))
    }

    /// Counts all that a device's pools gave as free.
    pub fn forget(&mut self, device: CUdevice) {
        for pool in self.all.values_mut() {
            if pool.device == Some(device) {
                pool.used = 0;
            }
        }
        let pools = &self.all;
        self.given.retain(|_, (pool, _)| {
            let pool = pools.get(pool);
            pool.is_none_or(|pool| pool.device != Some(device))
        });
        let given = &self.given;
        self.files.retain(|start, _| given.contains_key(start));
    }

    /// Takes the memory at an address out of the account, at the call that frees it.
    pub fn take(&mut self, start: u64) -> Option<(u64, u64)> {
        self.files.remove(&start);
        self.given.remove(&start)
    }

    /// Whether the memory at an address is from a pool and not yet freed.
    pub fn gave(&self, start: u64) -> bool {
        self.given.contains_key(&start)
    }

    /// Counts memory of a pool, if there still is that pool, as free.
    pub fn give_back(&mut self, pool: u64, len: u64) {
        if let Some(pool) = self.all.get_mut(&pool) {
            pool.used = pool.used.saturating_sub(len);
        }
    }
}

/// A pool's memory as a graph asks for it.
fn node_params(
    len: usize,
    device: CUdevice,
    access: &[CUmemAccessDesc],
) -> CUDA_MEM_ALLOC_NODE_PARAMS {
    // SAFETY: a C structure of numbers and pointers, for which zero is a value.
    let mut params: CUDA_MEM_ALLOC_NODE_PARAMS = unsafe { std::mem::zeroed() };
    params.poolProps.allocType = CUmemAllocationType::CU_MEM_ALLOCATION_TYPE_PINNED;
    params.poolProps.location.type_ = CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE;
    params.poolProps.location.id = device;
    params.accessDescs = access.as_ptr();
    params.accessDescCount = access.len();
    params.bytesize = len;
    params
}

fn reading_and_writing(device: CUdevice) -> CUmemAccessDesc {
    CUmemAccessDesc {
        location: CUmemLocation {
            type_: CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE,
            id: device,
        },
        flags: CUmemAccess_flags::CU_MEM_ACCESS_FLAGS_PROT_READWRITE,
    }
}

fn allocate(len: usize, stream: u64, pool: Option<u64>) -> Answer<u64> {
    let device = alive()?;
    current()?;
    let (pool, own, access, shared) = {
        let mut state = device.state();
        // As CUDA documents: of the pool of the stream's device.
        let of_stream = device_of(state.context_of(stream)?);
        let handle = pool.unwrap_or_else(|| state.pools.current(of_stream));
        let pool = state.pools.all.get(&handle).ok_or(BAD_HANDLE)?;
        if pool.limit != 0 && pool.used.saturating_add(len as u64) > pool.limit {
            return Err(CUresult::CUDA_ERROR_OUT_OF_MEMORY);
        }
        let shared = pool.shared.as_ref().map(|shared| shared.own);
        if shared == Some(false) {
            // As CUDA documents: an imported pool gives nothing.
            return Err(INVALID);
        }
        let own = pool.device.unwrap_or(of_stream);
        let access = match pool.device {
            Some(_) => pool.access,
            None => device.memory.devices(),
        };
        if capture::route(&mut state, stream)? {
            drop(state);
            let access: Vec<CUmemAccessDesc> = access.each().map(reading_and_writing).collect();
            // SAFETY: the parameters name the descriptions of access, which live through the call.
            let memory = unsafe { GraphMemory::new(&node_params(len, own, &access)) }?;
            let start = memory.reserved.start;
            let mut state = device.state();
            // Asked again, since the state was unlocked.
            if !capture::route(&mut state, stream)? {
                return Err(CUresult::CUDA_ERROR_ILLEGAL_STATE);
            }
            capture::append(&mut state, stream, Kind::Allocate(memory))?;
            return Ok(start);
        }
        (handle, own, access, shared.is_some())
    };
    let (kind, bytes) = (memory::Kind::Pool, len as u64);
    let (start, file) = if shared {
        let (start, file) = device.memory.allocate_file(own, bytes, kind, access)?;
        (start, Some(file))
    } else {
        (device.memory.allocate_for(own, bytes, kind, access)?, None)
    };
    let mut state = device.state();
    state.pools.files.extend(file.map(|file| (start, file)));
    if let Some(pool) = state.pools.all.get_mut(&pool) {
        pool.used += len as u64;
        pool.high = pool.high.max(pool.used);
    }
    state.pools.given.insert(start, (pool, len as u64));
    Ok(start)
}

fn free(pointer: u64, stream: u64) -> Answer {
    let device = alive()?;
    let mut state = device.state();
    let state = &mut *state;
    state.check_stream(stream)?;
    if capture::route(state, stream)? {
        if pointer == 0 {
            return Err(INVALID);
        }
        return capture::append(state, stream, Kind::Free(pointer)).map(|_| ());
    }
    // Gone for callers from now on, although the memory stays until the stream comes to it.
    let work: Box<dyn FnOnce() -> u32 + Send> =
        if let Some(memory) = state.graphs.memory.free(pointer) {
            Box::new(move || {
                device.memory.release(&memory.reserved);
                0
            })
        } else {
            let (pool, len) = state.pools.take(pointer).ok_or(INVALID)?;
            state.ipc.forget(pointer);
            Box::new(move || {
                let _ = device
                    .memory
                    .free(pointer, |allocation| allocation.kind == memory::Kind::Pool);
                device.state().pools.give_back(pool, len);
                0
            })
        };
    state.queue(stream, Vec::new(), Work::Unfaulted(work))?;
    Ok(())
}

/// A pool of a device's memory that other processes can import.
fn new_shared(own: CUdevice) -> Answer<Shared> {
    let file = file::create_on(own, PAGE)?;
    Ok(Shared {
        file,
        own: true,
        exported: false,
    })
}

fn export(pool: u64, kind: CUmemAllocationHandleType, flags: u64) -> Answer<c_int> {
    if kind != AS_DESCRIPTOR || flags != 0 {
        return Err(INVALID);
    }
    let mut state = alive()?.state();
    let pool = state.pools.all.get_mut(&pool).ok_or(BAD_HANDLE)?;
    let shared = pool.shared.as_mut().filter(|shared| shared.own);
    let shared = shared.ok_or(INVALID)?;
    let file = shared.file.try_clone();
    let file = file.map_err(|_| CUresult::CUDA_ERROR_OPERATING_SYSTEM)?;
    shared.exported = true;
    // The program closes it.
    Ok(file.into_raw_fd())
}

fn import(descriptor: u64, kind: CUmemAllocationHandleType, flags: u64) -> Answer<u64> {
    if kind != AS_DESCRIPTOR || flags != 0 {
        return Err(INVALID);
    }
    let descriptor = c_int::try_from(descriptor).map_err(|_| INVALID)?;
    if descriptor < 0 {
        return Err(INVALID);
    }
    // SAFETY: the program says that it is open; if it is not, duplicating it fails.
    let file = unsafe { BorrowedFd::borrow_raw(descriptor) };
    let file = file.try_clone_to_owned().map_err(|_| INVALID)?;
    if file::len(&file)? != PAGE {
        return Err(INVALID);
    }
    let pool = Pool {
        device: Some(file::owner(&file)?),
        shared: Some(Shared {
            file,
            own: false,
            exported: true,
        }),
        ..Pool::default()
    };
    let handle = name(POOL);
    alive()?.state().pools.all.insert(handle, pool);
    Ok(handle)
}

fn export_pointer(start: u64) -> Answer<ipc::Bytes> {
    let mut state = alive()?.state();
    let State { pools, ipc, .. } = &mut *state;
    let (pool, len) = pools.given.get(&start).ok_or(INVALID)?;
    let file = pools.files.get(&start).ok_or(INVALID)?;
    let shared = pools.all.get(pool).and_then(|pool| pool.shared.as_ref());
    // As the driver: the pool must have been exported before what it gave.
    let shared = shared.filter(|shared| shared.exported).ok_or(INVALID)?;
    ipc.give_of_pool(start, file, *len, shared.name()?)
}

fn import_pointer(pool: u64, bytes: &ipc::Bytes) -> Answer<u64> {
    let device = alive()?;
    current()?;
    let (wanted, own, access) = {
        let state = device.state();
        let known = state.pools.all.get(&pool).ok_or(BAD_HANDLE)?;
        let shared = known.shared.as_ref().filter(|shared| !shared.own);
        let wanted = shared.ok_or(INVALID)?.name()?;
        (wanted, known.device.ok_or(INVALID)?, known.access)
    };
    let (start, len) = ipc::import_of_pool(bytes, wanted, own, access)?;
    let mut state = device.state();
    if let Some(pool) = state.pools.all.get_mut(&pool) {
        pool.used += len;
        pool.high = pool.high.max(pool.used);
    }
    state.pools.given.insert(start, (pool, len));
    Ok(start)
}

/// Makes a pool a device's.
fn set_current(device: CUdevice, pool: u64) -> Answer {
    let mut state = alive()?.state();
    let known = state.pools.all.get(&pool).ok_or(BAD_HANDLE)?;
    // As CUDA documents: the pool must be local to the device.
    if known.device != Some(device) {
        return Err(INVALID);
    }
    state.pools.current.insert(device, pool);
    Ok(())
}

/// Lets other devices reach what a pool has given and gives, or no longer.
fn set_access(pool: u64, map: &[CUmemAccessDesc]) -> Answer {
    use CUmemAccess_flags as F;
    let device = alive()?;
    // The device that a pool is of always reaches it.
    let of = device.state().pools.all.get(&pool).map(|pool| pool.device);
    let own = of.ok_or(BAD_HANDLE)?;
    let mut changes = Vec::new();
    for access in map {
        if access.location.type_ != CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE {
            continue;
        }
        super::device::check(access.location.id)?;
        match access.flags {
            F::CU_MEM_ACCESS_FLAGS_PROT_READWRITE => changes.push((access.location.id, true)),
            F::CU_MEM_ACCESS_FLAGS_PROT_NONE if own != Some(access.location.id) => {
                changes.push((access.location.id, false));
            }
            _ => return Err(INVALID),
        }
    }
    if changes.iter().any(|(_, access)| !access) {
        // Nobody is to lose it while he uses it.
        device.settle(device.memory.devices());
    }
    let mut state = device.state();
    let known = state.pools.all.get_mut(&pool).ok_or(BAD_HANDLE)?;
    for (other, access) in &changes {
        known.access.set(*other, *access && own != Some(*other));
    }
    let given = state.pools.given.iter().filter(|(_, (of, _))| *of == pool);
    for (start, _) in given {
        for (other, access) in &changes {
            device.memory.grant(*start, *other, *access);
        }
    }
    Ok(())
}

/// Checks that pinned memory of a device is meant, which is what there are pools of. Answers the device.
fn of_device(location: &CUmemLocation, kind: CUmemAllocationType) -> Answer<CUdevice> {
    if location.type_ != CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE {
        return Err(UNSUPPORTED);
    }
    super::device::check(location.id)?;
    match kind {
        CUmemAllocationType::CU_MEM_ALLOCATION_TYPE_PINNED => Ok(location.id),
        CUmemAllocationType::CU_MEM_ALLOCATION_TYPE_MANAGED => Err(UNSUPPORTED),
        _ => Err(INVALID),
    }
}

functions! {
    cuMemAllocAsync(place: *mut CUdeviceptr, len: usize, stream: CUstream) {
        write(place, allocate(len, stream as u64, None)?)
    }
    cuMemAllocFromPoolAsync(place: *mut CUdeviceptr, len: usize, pool: CUmemoryPool, stream: CUstream) {
        write(place, allocate(len, stream as u64, Some(pool as u64))?)
    }
    cuMemFreeAsync(pointer: CUdeviceptr, stream: CUstream) { free(pointer, stream as u64) }
    cuDeviceGetDefaultMemPool(place: *mut CUmemoryPool, ordinal: CUdevice) {
        super::device::check(ordinal)?;
        write(place, default_pool(ordinal) as CUmemoryPool)
    }
    cuDeviceGetMemPool(place: *mut CUmemoryPool, ordinal: CUdevice) {
        super::device::check(ordinal)?;
        write(place, alive()?.state().pools.current(ordinal) as CUmemoryPool)
    }
    cuDeviceSetMemPool(ordinal: CUdevice, pool: CUmemoryPool) {
        super::device::check(ordinal)?;
        set_current(ordinal, pool as u64)
    }
    cuMemGetDefaultMemPool(place: *mut CUmemoryPool, location: *mut CUmemLocation, kind: CUmemAllocationType) {
        let own = of_device(location.as_ref().ok_or(INVALID)?, kind)?;
        write(place, default_pool(own) as CUmemoryPool)
    }
    cuMemGetMemPool(place: *mut CUmemoryPool, location: *mut CUmemLocation, kind: CUmemAllocationType) {
        let own = of_device(location.as_ref().ok_or(INVALID)?, kind)?;
        write(place, alive()?.state().pools.current(own) as CUmemoryPool)
    }
    cuMemSetMemPool(location: *mut CUmemLocation, kind: CUmemAllocationType, pool: CUmemoryPool) {
        let own = of_device(location.as_ref().ok_or(INVALID)?, kind)?;
        set_current(own, pool as u64)
    }
    cuMemPoolCreate(place: *mut CUmemoryPool, props: *const CUmemPoolProps) {
        let props = props.as_ref().ok_or(INVALID)?;
        if props.allocType != CUmemAllocationType::CU_MEM_ALLOCATION_TYPE_PINNED {
            return Err(INVALID);
        }
        let own = match props.location.type_ {
            CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE => {
                super::device::check(props.location.id)?;
                Some(props.location.id)
            }
            CUmemLocationType::CU_MEM_LOCATION_TYPE_HOST => None,
            _ => return Err(INVALID),
        };
        let shared = match props.handleTypes {
            CUmemAllocationHandleType::CU_MEM_HANDLE_TYPE_NONE => None,
            AS_DESCRIPTOR => Some(new_shared(own.ok_or(INVALID)?)?),
            _ => return Err(UNSUPPORTED),
        };
        let handle = name(POOL);
        let pool = Pool { device: own, limit: props.maxSize as u64, shared, ..Pool::default() };
        alive()?.state().pools.all.insert(handle, pool);
        write(place, handle as CUmemoryPool)
    }
    cuMemPoolDestroy(pool: CUmemoryPool) {
        let pool = pool as u64;
        let mut state = alive()?.state();
        let known = state.pools.all.get(&pool).ok_or(BAD_HANDLE)?;
        if known.device.map(default_pool) == Some(pool) {
            return Err(INVALID);
        }
        state.pools.all.remove(&pool);
        // As CUDA documents: the device's default pool is its pool again.
        state.pools.current.retain(|_, current| *current != pool);
        Ok(())
    }
    cuMemPoolExportToShareableHandle(place: *mut c_void, pool: CUmemoryPool, kind: CUmemAllocationHandleType, flags: c_ulonglong) {
        if place.is_null() {
            return Err(INVALID);
        }
        write(place.cast::<c_int>(), export(pool as u64, kind, flags)?)
    }
    cuMemPoolImportFromShareableHandle(place: *mut CUmemoryPool, handle: *mut c_void, kind: CUmemAllocationHandleType, flags: c_ulonglong) {
        if place.is_null() {
            return Err(INVALID);
        }
        write(place, import(handle as u64, kind, flags)? as CUmemoryPool)
    }
    cuMemPoolExportPointer(place: *mut CUmemPoolPtrExportData, pointer: CUdeviceptr) {
        if place.is_null() {
            return Err(INVALID);
        }
        write(place, CUmemPoolPtrExportData { reserved: export_pointer(pointer)? })
    }
    cuMemPoolImportPointer(place: *mut CUdeviceptr, pool: CUmemoryPool, data: *mut CUmemPoolPtrExportData) {
        let data = data.as_ref().ok_or(INVALID)?;
        if place.is_null() {
            return Err(INVALID);
        }
        write(place, import_pointer(pool as u64, &data.reserved)?)
    }
    cuMemPoolTrimTo(pool: CUmemoryPool, keep: usize) {
        // A pool keeps nothing that was freed.
        device()?.state().pools.all.get(&(pool as u64)).map(|_| ()).ok_or(BAD_HANDLE)
    }
    cuMemPoolSetAttribute(pool: CUmemoryPool, which: CUmemPool_attribute, value: *mut c_void) {
        use CUmemPool_attribute as A;
        if value.is_null() || !(1..=A::CU_MEMPOOL_ATTR_USED_MEM_HIGH.0).contains(&which.0) {
            return Err(INVALID);
        }
        let words = pillion_cuda_abi::pool_attribute_words(which);
        let value = if words == 1 { u64::from(value.cast::<u32>().read_unaligned()) } else { value.cast::<u64>().read_unaligned() };
        let mut state = alive()?.state();
        let pool = state.pools.all.get_mut(&(pool as u64)).ok_or(BAD_HANDLE)?;
        match which {
            A::CU_MEMPOOL_ATTR_USED_MEM_HIGH | A::CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH => {
                if value != 0 {
                    return Err(INVALID);
                }
                pool.high = pool.used;
            }
            A::CU_MEMPOOL_ATTR_USED_MEM_CURRENT | A::CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT => return Err(INVALID),
            _ => {
                pool.values.insert(which.0, value);
            }
        }
        Ok(())
    }
    cuMemPoolGetAttribute(pool: CUmemoryPool, which: CUmemPool_attribute, value: *mut c_void) {
        use CUmemPool_attribute as A;
        if value.is_null() || !(1..=A::CU_MEMPOOL_ATTR_USED_MEM_HIGH.0).contains(&which.0) {
            return Err(INVALID);
        }
        let state = alive()?.state();
        let pool = state.pools.all.get(&(pool as u64)).ok_or(BAD_HANDLE)?;
        let found = match which {
            A::CU_MEMPOOL_ATTR_USED_MEM_CURRENT | A::CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT => pool.used,
            A::CU_MEMPOOL_ATTR_USED_MEM_HIGH | A::CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH => pool.high,
            A::CU_MEMPOOL_ATTR_RELEASE_THRESHOLD => pool.values.get(&which.0).copied().unwrap_or(0),
            _ => pool.values.get(&which.0).copied().unwrap_or(1),
        };
        if pillion_cuda_abi::pool_attribute_words(which) == 1 {
            value.cast::<u32>().write_unaligned(found as u32);
        } else {
            value.cast::<u64>().write_unaligned(found);
        }
        Ok(())
    }
    cuMemPoolSetAccess(pool: CUmemoryPool, map: *const CUmemAccessDesc, count: usize) {
        set_access(pool as u64, array(map, count)?)
    }
    cuMemPoolGetAccess(flags: *mut CUmemAccess_flags, pool: CUmemoryPool, location: *mut CUmemLocation) {
        let location = location.as_ref().ok_or(INVALID)?;
        let state = device()?.state();
        let pool = state.pools.all.get(&(pool as u64)).ok_or(BAD_HANDLE)?;
        let reaches = if location.type_ == CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE {
            super::device::check(location.id)?;
            pool.device.is_none_or(|own| own == location.id) || pool.access.has(location.id)
        } else {
            false
        };
        write(flags, match reaches {
            true => CUmemAccess_flags::CU_MEM_ACCESS_FLAGS_PROT_READWRITE,
            false => CUmemAccess_flags::CU_MEM_ACCESS_FLAGS_PROT_NONE,
        })
    }
}

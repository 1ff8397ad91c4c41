//! Memory pools, and allocations in the order of a stream.

use std::collections::HashMap;
use std::ffi::c_void;

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

use super::graph::{GraphMemory, Kind};
use super::queue::Work;
use super::{
    Answer, BAD_HANDLE, INVALID, POOL, UNSUPPORTED, alive, array, capture, current, device,
    functions, memory, name, write,
};

const DEFAULT_POOL: u64 = POOL << 48 | 1;

/// The pools, and what they gave.
#[derive(Default)]
pub struct Pools {
    all: HashMap<u64, Pool>,
    /// The pool and the length of each allocation, until a call frees it.
    given: HashMap<u64, (u64, u64)>,
    current: u64,
}

#[derive(Default)]
struct Pool {
    values: HashMap<u32, u64>,
    /// The most bytes that it gives; 0 for no limit.
    limit: u64,
    used: u64,
    high: u64,
}

impl Pools {
    /// The default pool.
    pub fn new() -> Pools {
        Pools {
            all: HashMap::from([(DEFAULT_POOL, Pool::default())]),
            given: HashMap::new(),
            current: DEFAULT_POOL,
        }
    }

    /// Counts all that was given as free.
    pub fn forget(&mut self) {
        for (_, (pool, len)) in std::mem::take(&mut self.given) {
            self.give_back(pool, len);
        }
    }

    /// Takes the memory at an address out of the account, at the call that frees it.
    pub fn take(&mut self, start: u64) -> Option<(u64, u64)> {
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
fn node_params(len: usize) -> CUDA_MEM_ALLOC_NODE_PARAMS {
    // SAFETY: a C structure of numbers and pointers, for which zero is a value.
    let mut params: CUDA_MEM_ALLOC_NODE_PARAMS = unsafe { std::mem::zeroed() };
    params.poolProps.allocType = CUmemAllocationType::CU_MEM_ALLOCATION_TYPE_PINNED;
    params.poolProps.location.type_ = CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE;
    params.bytesize = len;
    params
}

fn allocate(len: usize, stream: u64, pool: Option<u64>) -> Answer<u64> {
    let device = alive()?;
    current()?;
    let pool = {
        let mut state = device.state();
        state.check_stream(stream)?;
        let handle = pool.unwrap_or(state.pools.current);
        let pool = state.pools.all.get(&handle).ok_or(BAD_HANDLE)?;
        if pool.limit != 0 && pool.used.saturating_add(len as u64) > pool.limit {
            return Err(CUresult::CUDA_ERROR_OUT_OF_MEMORY);
        }
        if capture::route(&mut state, stream)? {
            drop(state);
            // SAFETY: the parameters describe no access.
            let memory = unsafe { GraphMemory::new(&node_params(len)) }?;
            let start = memory.reserved.start;
            let mut state = device.state();
            // Asked again, since the state was unlocked.
            if !capture::route(&mut state, stream)? {
                return Err(CUresult::CUDA_ERROR_ILLEGAL_STATE);
            }
            capture::append(&mut state, stream, Kind::Allocate(memory))?;
            return Ok(start);
        }
        handle
    };
    let start = device.memory.allocate(len as u64, memory::Kind::Pool)?;
    let mut state = device.state();
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

/// Makes a pool the device's.
fn set_current(pool: u64) -> Answer {
    let mut state = alive()?.state();
    if !state.pools.all.contains_key(&pool) {
        return Err(BAD_HANDLE);
    }
    state.pools.current = pool;
    Ok(())
}

/// Checks that pinned memory of the device is meant, which is what it has pools of.
fn of_device(location: &CUmemLocation, kind: CUmemAllocationType) -> Answer {
    if location.type_ != CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE {
        return Err(UNSUPPORTED);
    }
    super::device::check(location.id)?;
    match kind {
        CUmemAllocationType::CU_MEM_ALLOCATION_TYPE_PINNED => Ok(()),
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
        write(place, DEFAULT_POOL as CUmemoryPool)
    }
    cuDeviceGetMemPool(place: *mut CUmemoryPool, ordinal: CUdevice) {
        super::device::check(ordinal)?;
        write(place, alive()?.state().pools.current as CUmemoryPool)
    }
    cuDeviceSetMemPool(ordinal: CUdevice, pool: CUmemoryPool) {
        super::device::check(ordinal)?;
        set_current(pool as u64)
    }
    cuMemGetDefaultMemPool(place: *mut CUmemoryPool, location: *mut CUmemLocation, kind: CUmemAllocationType) {
        of_device(location.as_ref().ok_or(INVALID)?, kind)?;
        write(place, DEFAULT_POOL as CUmemoryPool)
    }
    cuMemGetMemPool(place: *mut CUmemoryPool, location: *mut CUmemLocation, kind: CUmemAllocationType) {
        of_device(location.as_ref().ok_or(INVALID)?, kind)?;
        write(place, alive()?.state().pools.current as CUmemoryPool)
    }
    cuMemSetMemPool(location: *mut CUmemLocation, kind: CUmemAllocationType, pool: CUmemoryPool) {
        of_device(location.as_ref().ok_or(INVALID)?, kind)?;
        set_current(pool as u64)
    }
    cuMemPoolCreate(place: *mut CUmemoryPool, props: *const CUmemPoolProps) {
        let props = props.as_ref().ok_or(INVALID)?;
        if props.allocType != CUmemAllocationType::CU_MEM_ALLOCATION_TYPE_PINNED {
            return Err(INVALID);
        }
        match props.location.type_ {
            CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE => super::device::check(props.location.id)?,
            CUmemLocationType::CU_MEM_LOCATION_TYPE_HOST => {}
            _ => return Err(INVALID),
        }
        if props.handleTypes != CUmemAllocationHandleType::CU_MEM_HANDLE_TYPE_NONE {
            // What a pool gives is memory of this process alone.
            return Err(UNSUPPORTED);
        }
        let handle = name(POOL);
        let pool = Pool { limit: props.maxSize as u64, ..Pool::default() };
        alive()?.state().pools.all.insert(handle, pool);
        write(place, handle as CUmemoryPool)
    }
    cuMemPoolDestroy(pool: CUmemoryPool) {
        let pool = pool as u64;
        let mut state = alive()?.state();
        if pool == DEFAULT_POOL {
            return Err(INVALID);
        }
        state.pools.all.remove(&pool).ok_or(BAD_HANDLE)?;
        if state.pools.current == pool {
            // As CUDA documents: the device's default pool is its pool again.
            state.pools.current = DEFAULT_POOL;
        }
        Ok(())
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
        device()?.state().pools.all.get(&(pool as u64)).ok_or(BAD_HANDLE)?;
        for access in array(map, count)? {
            let own = access.location.type_ == CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE;
            if own {
                super::device::check(access.location.id)?;
                // The device that a pool is of always reaches it.
                if access.flags != CUmemAccess_flags::CU_MEM_ACCESS_FLAGS_PROT_READWRITE {
                    return Err(INVALID);
                }
            }
        }
        Ok(())
    }
    cuMemPoolGetAccess(flags: *mut CUmemAccess_flags, pool: CUmemoryPool, location: *mut CUmemLocation) {
        let location = location.as_ref().ok_or(INVALID)?;
        device()?.state().pools.all.get(&(pool as u64)).ok_or(BAD_HANDLE)?;
        write(flags, if location.type_ == CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE {
            super::device::check(location.id)?;
            CUmemAccess_flags::CU_MEM_ACCESS_FLAGS_PROT_READWRITE
        } else {
            CUmemAccess_flags::CU_MEM_ACCESS_FLAGS_PROT_NONE
        })
    }
}

//! How much of each device's memory a session may hold.
//!
//! The worker calls the driver by a table, and for a session with a quota the functions that take memory and tell of it are replaced
//! there ([`impose`]): so nothing that a session does goes past this, and a session without a quota pays nothing. A call that would
//! lead beyond the quota answers `CUDA_ERROR_OUT_OF_MEMORY`, as a device with so little memory would; `cuMemGetInfo`,
//! `cuDeviceTotalMem` and NVML tell of such a device.
//!
//! What is asked for is known exactly: allocations, physical memory (`cuMemCreate`), pools, arrays. What the driver takes besides, for
//! contexts, modules, heaps and rounding, is known where NVML tells what the process holds, and estimated elsewhere.

use std::collections::{BTreeMap, HashMap};
use std::ffi::{c_uint, c_ulonglong, c_void};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use pillion_cuda_abi::types::*;
use pillion_cuda_abi::{CUresult, DriverTable};

use super::nvml::OwnMemory;

const OK: CUresult = CUresult::CUDA_SUCCESS;
const OUT_OF_MEMORY: CUresult = CUresult::CUDA_ERROR_OUT_OF_MEMORY;
/// What a context takes where nobody tells: 500 to 860 MB were measured on one with NVIDIA's driver.
const CONTEXT: u64 = 512 << 20;

/// This process's session's.
static QUOTA: OnceLock<Quota> = OnceLock::new();

/// A session's quota, and what it holds.
pub struct Quota {
    driver: DriverTable,
    limit: AtomicU64,
    /// By device: what NVML says that this process holds.
    own: Vec<Option<OwnMemory>>,
    /// What a context is taken to hold where NVML does not say.
    context: u64,
    ledger: Mutex<Ledger>,
}

/// Replaces what takes memory. `limit`: bytes of each device. `own`: what tells of this process, by device. Called once in a process.
pub fn impose(
    mut table: DriverTable,
    limit: u64,
    own: Vec<Option<OwnMemory>>,
    nvidia: bool,
) -> DriverTable {
    let quota = QUOTA.get_or_init(|| Quota {
        driver: table.clone(),
        limit: AtomicU64::new(limit),
        own,
        context: if nvidia { CONTEXT } else { 0 },
        ledger: Mutex::default(),
    });
    macro_rules! replaces {
        ($($name:ident)*) => {
            $(if quota.driver.$name.is_some() {
                table.$name = Some($name);
            })*
        };
    }
    replaces! {
        cuMemAlloc_v2 cuMemAllocPitch_v2 cuMemAllocManaged cuMemFree_v2
        cuMemCreate cuMemRelease cuMemRetainAllocationHandle cuMemMap cuMemUnmap
        cuMemAllocAsync cuMemAllocFromPoolAsync cuMemPoolCreate cuMemPoolDestroy
        cuArrayCreate_v2 cuArray3DCreate_v2 cuArrayDestroy cuMipmappedArrayCreate cuMipmappedArrayDestroy
        cuCtxCreate_v4 cuCtxDestroy_v2 cuDevicePrimaryCtxRetain cuDevicePrimaryCtxRelease_v2 cuDevicePrimaryCtxReset_v2
        cuModuleLoadDataEx cuLibraryLoadData
        cuMemGetInfo_v2 cuDeviceTotalMem_v2
    }
    table
}

/// The quota of this process's session, if it has one.
pub fn of_session() -> Option<&'static Quota> {
    QUOTA.get()
}

/// What memory is for, where one number may stand for several things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Sort {
    Plain,
    Managed,
    Array,
    Mipmapped,
}

#[derive(Debug, Clone, Copy)]
struct Block {
    device: CUdevice,
    context: usize,
    len: u64,
}

#[derive(Debug)]
struct Physical {
    device: CUdevice,
    len: u64,
    references: u64,
    mappings: u64,
}

/// What a session holds.
#[derive(Debug, Default)]
struct Ledger {
    blocks: HashMap<(Sort, u64), Block>,
    physical: HashMap<u64, Physical>,
    /// By where they begin: their length, and what is mapped there.
    mappings: BTreeMap<u64, (u64, u64)>,
    /// The pools that the program has made.
    pools: HashMap<usize, CUdevice>,
    /// Contexts, and their device.
    contexts: HashMap<usize, CUdevice>,
    /// Those of them that are devices' primary ones.
    primaries: HashMap<CUdevice, usize>,
    /// What is asked for, by device: the sum of blocks and physical memory.
    asked: HashMap<CUdevice, u64>,
    /// What of that is managed memory, which is on the device when it is used.
    managed: HashMap<CUdevice, u64>,
    /// What the driver takes besides.
    besides: HashMap<CUdevice, u64>,
}

impl Ledger {
    fn add(&mut self, device: CUdevice, len: u64) {
        let sum = self.asked.entry(device).or_default();
        *sum = sum.saturating_add(len);
    }

    fn subtract(&mut self, device: CUdevice, len: u64) {
        let sum = self.asked.entry(device).or_default();
        *sum = sum.saturating_sub(len);
    }

    fn hold(&mut self, sort: Sort, place: u64, block: Block) {
        self.add(block.device, block.len);
        if sort == Sort::Managed {
            *self.managed.entry(block.device).or_default() += block.len;
        }
        self.blocks.insert((sort, place), block);
    }

    fn give_back(&mut self, sort: Sort, place: u64) {
        if let Some(block) = self.blocks.remove(&(sort, place)) {
            self.is_gone(sort, block);
        }
    }

    fn is_gone(&mut self, sort: Sort, block: Block) {
        self.subtract(block.device, block.len);
        if sort == Sort::Managed {
            let sum = self.managed.entry(block.device).or_default();
            *sum = sum.saturating_sub(block.len);
        }
    }

    /// A context has ended, and what was allocated in it.
    fn end_context(&mut self, context: usize) {
        self.contexts.remove(&context);
        let gone = self.blocks.extract_if(|_, block| block.context == context);
        let gone: Vec<_> = gone.collect();
        for ((sort, _), block) in gone {
            self.is_gone(sort, block);
        }
    }

    fn make(&mut self, handle: u64, device: CUdevice, len: u64) {
        self.add(device, len);
        let physical = Physical {
            device,
            len,
            references: 1,
            mappings: 0,
        };
        self.physical.insert(handle, physical);
    }

    /// Counts a use of physical memory, or one less.
    fn refer(&mut self, handle: u64, change: impl FnOnce(&mut Physical)) {
        if let Some(physical) = self.physical.get_mut(&handle) {
            change(physical);
            if (physical.references, physical.mappings) == (0, 0) {
                let (device, len) = (physical.device, physical.len);
                self.physical.remove(&handle);
                self.subtract(device, len);
            }
        }
    }

    fn map(&mut self, place: u64, len: u64, handle: u64) {
        self.mappings.insert(place, (len, handle));
        self.refer(handle, |physical| physical.mappings += 1);
    }

    fn unmap(&mut self, place: u64, len: u64) {
        let end = place.saturating_add(len);
        let gone = self
            .mappings
            .range(place..end)
            .map(|(at, (_, handle))| (*at, *handle));
        let gone: Vec<(u64, u64)> = gone.collect();
        for (at, handle) in gone {
            self.mappings.remove(&at);
            self.refer(handle, |physical| {
                physical.mappings = physical.mappings.saturating_sub(1)
            });
        }
    }
}

impl Quota {
    /// It is so many bytes of each device from now on. What is held beyond that stays, and nothing comes to it.
    pub fn set(&self, limit: u64) {
        self.limit.store(limit, Ordering::Relaxed);
    }

    fn limit(&self) -> u64 {
        self.limit.load(Ordering::Relaxed)
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn device(&self) -> CUdevice {
        let mut device = 0;
        if let Some(ask) = self.driver.cuCtxGetDevice {
            // SAFETY: a local.
            let _ = unsafe { ask(&raw mut device) };
        }
        device
    }

    fn context(&self) -> usize {
        let mut context = std::ptr::null_mut();
        if let Some(ask) = self.driver.cuCtxGetCurrent {
            // SAFETY: a local.
            let _ = unsafe { ask(&raw mut context) };
        }
        context as usize
    }

    /// Bytes that pools and graphs have of a device.
    fn pooled(&self, ledger: &Ledger, device: CUdevice) -> u64 {
        let reserved = CUmemPool_attribute::CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT;
        let own = ledger.pools.iter().filter(|(_, of)| **of == device);
        let own = own.map(|(pool, _)| *pool as CUmemoryPool);
        let pools = own.chain(self.default_pool(device));
        let mut sum: u64 = pools.map(|pool| self.ask_pool(pool, reserved)).sum();
        let mut graphs = 0u64;
        if let Some(ask) = self.driver.cuDeviceGetGraphMemAttribute {
            let what = CUgraphMem_attribute::CU_GRAPH_MEM_ATTR_RESERVED_MEM_CURRENT;
            // SAFETY: a local of the size that the attribute has.
            let _ = unsafe { ask(device, what, (&raw mut graphs).cast()) };
        }
        sum = sum.saturating_add(graphs);
        sum
    }

    fn default_pool(&self, device: CUdevice) -> Option<CUmemoryPool> {
        let mut pool = std::ptr::null_mut();
        // SAFETY: a local.
        let status = unsafe { self.driver.cuDeviceGetDefaultMemPool?(&raw mut pool, device) };
        (status == OK).then_some(pool)
    }

    fn ask_pool(&self, pool: CUmemoryPool, attribute: CUmemPool_attribute) -> u64 {
        let mut value = 0u64;
        if let Some(ask) = self.driver.cuMemPoolGetAttribute {
            // SAFETY: a live pool, and a local of the size that the attribute has.
            let _ = unsafe { ask(pool, attribute, (&raw mut value).cast()) };
        }
        value
    }

    /// Learns what the driver takes besides what is asked for.
    fn learn(&self, ledger: &mut Ledger, device: CUdevice) {
        let own = usize::try_from(device).ok();
        let own = own.and_then(|device| self.own.get(device)?.as_ref());
        let besides = match own.and_then(OwnMemory::used) {
            Some(used) => {
                let of = |sums: &HashMap<CUdevice, u64>| sums.get(&device).copied().unwrap_or(0);
                let asked = of(&ledger.asked) + self.pooled(ledger, device);
                // Managed memory is in `used` as far as it is on the device, which nobody says: what was known before counts, if it can be.
                let least = used.saturating_sub(asked);
                let most = used.saturating_sub(asked - of(&ledger.managed).min(asked));
                let known = ledger.besides.get(&device).copied().unwrap_or(most);
                known.clamp(least, most)
            }
            None => {
                let contexts = ledger.contexts.values().filter(|of| **of == device);
                contexts.count() as u64 * self.context
            }
        };
        ledger.besides.insert(device, besides);
    }

    /// While there is managed memory, it cannot be learnt what the driver takes.
    fn learn_before_managed(&self, device: CUdevice) {
        let mut ledger = self.ledger();
        if ledger.managed.get(&device).is_none_or(|sum| *sum == 0) {
            self.learn(&mut ledger, device);
        }
    }

    fn held(&self, ledger: &Ledger, device: CUdevice) -> u64 {
        let known = [&ledger.asked, &ledger.besides];
        let known = known.map(|of| of.get(&device).copied().unwrap_or(0));
        known
            .iter()
            .fold(self.pooled(ledger, device), |sum, n| sum.saturating_add(*n))
    }

    /// Whether so many bytes more may be had.
    fn admits(&self, ledger: &mut Ledger, device: CUdevice, len: u64) -> bool {
        let fits = |ledger: &Ledger| {
            let wanted = self.held(ledger, device).saturating_add(len);
            wanted <= self.limit()
        };
        fits(ledger) || {
            // What was known of the driver may be out of date.
            self.learn(ledger, device);
            fits(ledger)
        }
    }

    /// What a device shows of itself: free and total bytes, of what it has.
    pub fn shown(&self, device: CUdevice, free: u64, total: u64) -> (u64, u64) {
        let mut ledger = self.ledger();
        self.learn(&mut ledger, device);
        let left = self.limit().saturating_sub(self.held(&ledger, device));
        (left.min(free), self.limit().min(total))
    }

    /// Whether more is held of a device than the quota, as it was larger.
    pub fn is_exceeded(&self, device: CUdevice) -> bool {
        self.is_over(device)
    }

    /// What NVML says that this process holds of a device.
    pub fn used(&self, device: usize) -> Option<u64> {
        self.own.get(device)?.as_ref()?.used()
    }

    /// A new context, or a module, may have brought the session beyond its quota.
    fn is_over(&self, device: CUdevice) -> bool {
        let mut ledger = self.ledger();
        self.learn(&mut ledger, device);
        self.held(&ledger, device) > self.limit()
    }

    /// Takes memory if there is room: `take` asks the driver and answers where it is and how much it became.
    fn take(
        &self,
        sort: Sort,
        device: CUdevice,
        len: u64,
        take: impl FnOnce() -> Result<(u64, u64), CUresult>,
    ) -> CUresult {
        let mut ledger = self.ledger();
        if !self.admits(&mut ledger, device, len) {
            return OUT_OF_MEMORY;
        }
        match take() {
            Ok((place, len)) => {
                let context = self.context();
                let block = Block {
                    device,
                    context,
                    len,
                };
                ledger.hold(sort, place, block);
                OK
            }
            Err(status) => status,
        }
    }
}

/// The quota, and a function of the driver's. They are there: nothing is replaced otherwise.
macro_rules! driver {
    ($name:ident) => {
        match QUOTA
            .get()
            .and_then(|quota| Some((quota, quota.driver.$name?)))
        {
            Some(found) => found,
            None => return CUresult::CUDA_ERROR_NOT_SUPPORTED,
        }
    };
}

fn done(status: CUresult) -> Result<(), CUresult> {
    match status {
        OK => Ok(()),
        status => Err(status),
    }
}

unsafe extern "C" fn cuMemAlloc_v2(place: *mut CUdeviceptr, len: usize) -> CUresult {
    let (quota, allocate) = driver!(cuMemAlloc_v2);
    quota.take(Sort::Plain, quota.device(), len as u64, || {
        // SAFETY: the worker's own arguments.
        done(unsafe { allocate(place, len) })?;
        // SAFETY: the driver has just written there.
        Ok((unsafe { *place }, len as u64))
    })
}

unsafe extern "C" fn cuMemAllocPitch_v2(
    place: *mut CUdeviceptr,
    pitch: *mut usize,
    width: usize,
    height: usize,
    element: c_uint,
) -> CUresult {
    let (quota, allocate) = driver!(cuMemAllocPitch_v2);
    let len = (width as u64).saturating_mul(height as u64);
    quota.take(Sort::Plain, quota.device(), len, || {
        // SAFETY: the worker's own arguments.
        done(unsafe { allocate(place, pitch, width, height, element) })?;
        // SAFETY: the driver has just written there.
        let (place, pitch) = unsafe { (*place, *pitch) };
        Ok((place, (pitch as u64).saturating_mul(height as u64)))
    })
}

unsafe extern "C" fn cuMemAllocManaged(
    place: *mut CUdeviceptr,
    len: usize,
    flags: c_uint,
) -> CUresult {
    let (quota, allocate) = driver!(cuMemAllocManaged);
    let device = quota.device();
    quota.learn_before_managed(device);
    quota.take(Sort::Managed, device, len as u64, || {
        // SAFETY: the worker's own arguments.
        done(unsafe { allocate(place, len, flags) })?;
        // SAFETY: the driver has just written there.
        Ok((unsafe { *place }, len as u64))
    })
}

unsafe extern "C" fn cuMemFree_v2(place: CUdeviceptr) -> CUresult {
    let (quota, free) = driver!(cuMemFree_v2);
    // SAFETY: the worker's own argument.
    let status = unsafe { free(place) };
    if status == OK {
        let mut ledger = quota.ledger();
        ledger.give_back(Sort::Plain, place);
        ledger.give_back(Sort::Managed, place);
    }
    status
}

unsafe extern "C" fn cuMemCreate(
    handle: *mut CUmemGenericAllocationHandle,
    len: usize,
    prop: *const CUmemAllocationProp,
    flags: c_ulonglong,
) -> CUresult {
    let (quota, create) = driver!(cuMemCreate);
    // SAFETY: the worker's own, or null, which the driver refuses.
    let place = unsafe { prop.as_ref() }.map(|prop| prop.location);
    let device = place
        .filter(|place| place.type_ == CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE)
        .map(|place| place.id);
    let mut ledger = quota.ledger();
    if let Some(device) = device
        && !quota.admits(&mut ledger, device, len as u64)
    {
        return OUT_OF_MEMORY;
    }
    // SAFETY: the worker's own arguments.
    let status = unsafe { create(handle, len, prop, flags) };
    if let (OK, Some(device)) = (status, device) {
        // SAFETY: the driver has just written there.
        ledger.make(unsafe { *handle }, device, len as u64);
    }
    status
}

unsafe extern "C" fn cuMemRelease(handle: CUmemGenericAllocationHandle) -> CUresult {
    let (quota, release) = driver!(cuMemRelease);
    // SAFETY: the worker's own argument.
    let status = unsafe { release(handle) };
    if status == OK {
        let fewer = |physical: &mut Physical| {
            physical.references = physical.references.saturating_sub(1);
        };
        quota.ledger().refer(handle, fewer);
    }
    status
}

unsafe extern "C" fn cuMemRetainAllocationHandle(
    handle: *mut CUmemGenericAllocationHandle,
    place: *mut c_void,
) -> CUresult {
    let (quota, retain) = driver!(cuMemRetainAllocationHandle);
    // SAFETY: the worker's own arguments.
    let status = unsafe { retain(handle, place) };
    if status == OK {
        // SAFETY: the driver has just written there.
        let handle = unsafe { *handle };
        quota
            .ledger()
            .refer(handle, |physical| physical.references += 1);
    }
    status
}

unsafe extern "C" fn cuMemMap(
    place: CUdeviceptr,
    len: usize,
    offset: usize,
    handle: CUmemGenericAllocationHandle,
    flags: c_ulonglong,
) -> CUresult {
    let (quota, map) = driver!(cuMemMap);
    // SAFETY: the worker's own arguments.
    let status = unsafe { map(place, len, offset, handle, flags) };
    if status == OK {
        quota.ledger().map(place, len as u64, handle);
    }
    status
}

unsafe extern "C" fn cuMemUnmap(place: CUdeviceptr, len: usize) -> CUresult {
    let (quota, unmap) = driver!(cuMemUnmap);
    // SAFETY: the worker's own arguments.
    let status = unsafe { unmap(place, len) };
    if status == OK {
        quota.ledger().unmap(place, len as u64);
    }
    status
}

/// Whether a pool may have so many bytes more: it grows by what it has not free.
fn pool_admits(quota: &Quota, pool: CUmemoryPool, device: CUdevice, len: usize) -> bool {
    let ask = |attribute| quota.ask_pool(pool, attribute);
    let reserved = ask(CUmemPool_attribute::CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT);
    let used = ask(CUmemPool_attribute::CU_MEMPOOL_ATTR_USED_MEM_CURRENT);
    let more = used.saturating_add(len as u64).saturating_sub(reserved);
    quota.admits(&mut quota.ledger(), device, more)
}

unsafe extern "C" fn cuMemAllocAsync(
    place: *mut CUdeviceptr,
    len: usize,
    stream: CUstream,
) -> CUresult {
    let (quota, allocate) = driver!(cuMemAllocAsync);
    let device = quota.device();
    let mut pool = std::ptr::null_mut();
    if let Some(ask) = quota.driver.cuDeviceGetMemPool {
        // SAFETY: a local.
        if unsafe { ask(&raw mut pool, device) } == OK && !pool_admits(quota, pool, device, len) {
            return OUT_OF_MEMORY;
        }
    }
    // SAFETY: the worker's own arguments.
    unsafe { allocate(place, len, stream) }
}

unsafe extern "C" fn cuMemAllocFromPoolAsync(
    place: *mut CUdeviceptr,
    len: usize,
    pool: CUmemoryPool,
    stream: CUstream,
) -> CUresult {
    let (quota, allocate) = driver!(cuMemAllocFromPoolAsync);
    let known = quota.ledger().pools.get(&(pool as usize)).copied();
    // A default pool is of the device whose it is; a program that names another's is in that one's context.
    let device = known.unwrap_or_else(|| quota.device());
    if !pool_admits(quota, pool, device, len) {
        return OUT_OF_MEMORY;
    }
    // SAFETY: the worker's own arguments.
    unsafe { allocate(place, len, pool, stream) }
}

unsafe extern "C" fn cuMemPoolCreate(
    pool: *mut CUmemoryPool,
    props: *const CUmemPoolProps,
) -> CUresult {
    let (quota, create) = driver!(cuMemPoolCreate);
    // SAFETY: the worker's own arguments.
    let status = unsafe { create(pool, props) };
    // SAFETY: the worker's own, which the driver has accepted.
    let place = unsafe { props.as_ref() }.map(|props| props.location);
    if let (OK, Some(place)) = (status, place)
        && place.type_ == CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE
    {
        // SAFETY: the driver has just written there.
        let pool = unsafe { *pool };
        quota.ledger().pools.insert(pool as usize, place.id);
    }
    status
}

unsafe extern "C" fn cuMemPoolDestroy(pool: CUmemoryPool) -> CUresult {
    let (quota, destroy) = driver!(cuMemPoolDestroy);
    // Nobody may ask after it any more.
    quota.ledger().pools.remove(&(pool as usize));
    // SAFETY: the worker's own argument.
    unsafe { destroy(pool) }
}

/// Bytes of an array, as they are asked for.
fn array_len(extent: [usize; 3], format: CUarray_format, channels: c_uint) -> u64 {
    let bytes = match format.0 {
        1 | 8 => 1,
        2 | 9 | 16 => 2,
        _ => 4,
    };
    let [width, height, depth] = extent.map(|n| n.max(1) as u64);
    width
        .saturating_mul(height)
        .saturating_mul(depth)
        .saturating_mul(bytes * u64::from(channels.max(1)))
}

unsafe extern "C" fn cuArrayCreate_v2(
    array: *mut CUarray,
    descriptor: *const CUDA_ARRAY_DESCRIPTOR,
) -> CUresult {
    let (quota, create) = driver!(cuArrayCreate_v2);
    // SAFETY: the worker's own, or null, which the driver refuses.
    let len = unsafe { descriptor.as_ref() }.map_or(0, |of| {
        array_len([of.Width, of.Height, 1], of.Format, of.NumChannels)
    });
    quota.take(Sort::Array, quota.device(), len, || {
        // SAFETY: the worker's own arguments.
        done(unsafe { create(array, descriptor) })?;
        // SAFETY: the driver has just written there.
        Ok((unsafe { *array } as u64, len))
    })
}

/// Bytes of a three-dimensional array.
///
/// # Safety
///
/// `descriptor` is null or points to one.
unsafe fn array3d_len(descriptor: *const CUDA_ARRAY3D_DESCRIPTOR) -> u64 {
    // SAFETY: as the caller promises.
    unsafe { descriptor.as_ref() }.map_or(0, |of| {
        array_len([of.Width, of.Height, of.Depth], of.Format, of.NumChannels)
    })
}

unsafe extern "C" fn cuArray3DCreate_v2(
    array: *mut CUarray,
    descriptor: *const CUDA_ARRAY3D_DESCRIPTOR,
) -> CUresult {
    let (quota, create) = driver!(cuArray3DCreate_v2);
    // SAFETY: the worker's own, or null, which the driver refuses.
    let len = unsafe { array3d_len(descriptor) };
    quota.take(Sort::Array, quota.device(), len, || {
        // SAFETY: the worker's own arguments.
        done(unsafe { create(array, descriptor) })?;
        // SAFETY: the driver has just written there.
        Ok((unsafe { *array } as u64, len))
    })
}

unsafe extern "C" fn cuArrayDestroy(array: CUarray) -> CUresult {
    let (quota, destroy) = driver!(cuArrayDestroy);
    // SAFETY: the worker's own argument.
    let status = unsafe { destroy(array) };
    if status == OK {
        quota.ledger().give_back(Sort::Array, array as u64);
    }
    status
}

unsafe extern "C" fn cuMipmappedArrayCreate(
    array: *mut CUmipmappedArray,
    descriptor: *const CUDA_ARRAY3D_DESCRIPTOR,
    levels: c_uint,
) -> CUresult {
    let (quota, create) = driver!(cuMipmappedArrayCreate);
    // SAFETY: the worker's own, or null, which the driver refuses.
    let first = unsafe { array3d_len(descriptor) };
    // Each level has at most half of the one before it.
    let len = (1..levels.min(64)).fold(first, |sum, level| sum.saturating_add(first >> level));
    quota.take(Sort::Mipmapped, quota.device(), len, || {
        // SAFETY: the worker's own arguments.
        done(unsafe { create(array, descriptor, levels) })?;
        // SAFETY: the driver has just written there.
        Ok((unsafe { *array } as u64, len))
    })
}

unsafe extern "C" fn cuMipmappedArrayDestroy(array: CUmipmappedArray) -> CUresult {
    let (quota, destroy) = driver!(cuMipmappedArrayDestroy);
    // SAFETY: the worker's own argument.
    let status = unsafe { destroy(array) };
    if status == OK {
        quota.ledger().give_back(Sort::Mipmapped, array as u64);
    }
    status
}

unsafe extern "C" fn cuCtxCreate_v4(
    context: *mut CUcontext,
    params: *mut CUctxCreateParams,
    flags: c_uint,
    device: CUdevice,
) -> CUresult {
    let (quota, create) = driver!(cuCtxCreate_v4);
    // SAFETY: the worker's own arguments.
    let status = unsafe { create(context, params, flags, device) };
    if status != OK {
        return status;
    }
    // SAFETY: the driver has just written there.
    let made = unsafe { *context };
    quota.ledger().contexts.insert(made as usize, device);
    if quota.is_over(device)
        && let Some(destroy) = quota.driver.cuCtxDestroy_v2
    {
        // SAFETY: the context from above, which nobody else knows.
        let _ = unsafe { destroy(made) };
        quota.ledger().end_context(made as usize);
        return OUT_OF_MEMORY;
    }
    OK
}

unsafe extern "C" fn cuCtxDestroy_v2(context: CUcontext) -> CUresult {
    let (quota, destroy) = driver!(cuCtxDestroy_v2);
    // SAFETY: the worker's own argument.
    let status = unsafe { destroy(context) };
    if status == OK {
        quota.ledger().end_context(context as usize);
    }
    status
}

unsafe extern "C" fn cuDevicePrimaryCtxRetain(
    context: *mut CUcontext,
    device: CUdevice,
) -> CUresult {
    let (quota, retain) = driver!(cuDevicePrimaryCtxRetain);
    // SAFETY: the worker's own arguments.
    let status = unsafe { retain(context, device) };
    if status != OK {
        return status;
    }
    // SAFETY: the driver has just written there.
    let made = unsafe { *context } as usize;
    let is_new = {
        let mut ledger = quota.ledger();
        ledger.primaries.insert(device, made);
        ledger.contexts.insert(made, device).is_none()
    };
    if is_new
        && quota.is_over(device)
        && let Some(release) = quota.driver.cuDevicePrimaryCtxRelease_v2
    {
        // SAFETY: what was retained above.
        let _ = unsafe { release(device) };
        primary_may_have_ended(quota, device);
        return OUT_OF_MEMORY;
    }
    OK
}

/// Forgets what was in a device's primary context, if that has ended.
fn primary_may_have_ended(quota: &Quota, device: CUdevice) {
    let (mut flags, mut active) = (0, 1);
    if let Some(ask) = quota.driver.cuDevicePrimaryCtxGetState {
        // SAFETY: locals.
        let _ = unsafe { ask(device, &raw mut flags, &raw mut active) };
    }
    let mut ledger = quota.ledger();
    if active == 0
        && let Some(context) = ledger.primaries.remove(&device)
    {
        ledger.end_context(context);
    }
}

unsafe extern "C" fn cuDevicePrimaryCtxRelease_v2(device: CUdevice) -> CUresult {
    let (quota, release) = driver!(cuDevicePrimaryCtxRelease_v2);
    // SAFETY: the worker's own argument.
    let status = unsafe { release(device) };
    primary_may_have_ended(quota, device);
    status
}

unsafe extern "C" fn cuDevicePrimaryCtxReset_v2(device: CUdevice) -> CUresult {
    let (quota, reset) = driver!(cuDevicePrimaryCtxReset_v2);
    // SAFETY: the worker's own argument.
    let status = unsafe { reset(device) };
    primary_may_have_ended(quota, device);
    status
}

unsafe extern "C" fn cuModuleLoadDataEx(
    module: *mut CUmodule,
    image: *const c_void,
    count: c_uint,
    options: *mut CUjit_option,
    values: *mut *mut c_void,
) -> CUresult {
    let (quota, load) = driver!(cuModuleLoadDataEx);
    // SAFETY: the worker's own arguments.
    let status = unsafe { load(module, image, count, options, values) };
    if status == OK
        && quota.is_over(quota.device())
        && let Some(unload) = quota.driver.cuModuleUnload
    {
        // SAFETY: what was loaded above, which nobody else knows.
        let _ = unsafe { unload(*module) };
        return OUT_OF_MEMORY;
    }
    status
}

unsafe extern "C" fn cuLibraryLoadData(
    library: *mut CUlibrary,
    code: *const c_void,
    jit_options: *mut CUjit_option,
    jit_values: *mut *mut c_void,
    jit_count: c_uint,
    options: *mut CUlibraryOption,
    values: *mut *mut c_void,
    count: c_uint,
) -> CUresult {
    let (quota, load) = driver!(cuLibraryLoadData);
    // SAFETY: the worker's own arguments.
    let status = unsafe {
        load(
            library,
            code,
            jit_options,
            jit_values,
            jit_count,
            options,
            values,
            count,
        )
    };
    if status == OK
        && quota.is_over(quota.device())
        && let Some(unload) = quota.driver.cuLibraryUnload
    {
        // SAFETY: what was loaded above, which nobody else knows.
        let _ = unsafe { unload(*library) };
        return OUT_OF_MEMORY;
    }
    status
}

unsafe extern "C" fn cuMemGetInfo_v2(free: *mut usize, total: *mut usize) -> CUresult {
    let (quota, ask) = driver!(cuMemGetInfo_v2);
    // SAFETY: the worker's own arguments.
    let status = unsafe { ask(free, total) };
    if status == OK {
        // SAFETY: the driver has just written there.
        let (has_free, has) = unsafe { (*free as u64, *total as u64) };
        let (shown_free, shown) = quota.shown(quota.device(), has_free, has);
        // SAFETY: as above.
        unsafe {
            *free = shown_free as usize;
            *total = shown as usize;
        }
    }
    status
}

unsafe extern "C" fn cuDeviceTotalMem_v2(bytes: *mut usize, device: CUdevice) -> CUresult {
    let (quota, ask) = driver!(cuDeviceTotalMem_v2);
    // SAFETY: the worker's own arguments.
    let status = unsafe { ask(bytes, device) };
    if status == OK {
        // SAFETY: the driver has just written there.
        unsafe { *bytes = (*bytes as u64).min(quota.limit()) as usize };
    }
    status
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_is_what_was_held() {
        let mut ledger = Ledger::default();
        let block = |context, len| Block {
            device: 1,
            context,
            len,
        };
        ledger.hold(Sort::Plain, 16, block(7, 100));
        ledger.hold(Sort::Array, 16, block(7, 10));
        ledger.hold(Sort::Plain, 32, block(8, 1));
        assert_eq!(ledger.asked[&1], 111);
        ledger.give_back(Sort::Mipmapped, 16);
        ledger.give_back(Sort::Array, 16);
        ledger.give_back(Sort::Array, 16);
        assert_eq!(ledger.asked[&1], 101);
        ledger.end_context(7);
        assert_eq!(ledger.asked[&1], 1);
        ledger.give_back(Sort::Plain, 16);
        ledger.give_back(Sort::Plain, 32);
        assert_eq!(ledger.asked[&1], 0);
        for place in [48, 64] {
            ledger.hold(Sort::Managed, place, block(7, 1000));
        }
        assert_eq!((ledger.asked[&1], ledger.managed[&1]), (2000, 2000));
        ledger.give_back(Sort::Managed, 48);
        assert_eq!((ledger.asked[&1], ledger.managed[&1]), (1000, 1000));
        ledger.end_context(7);
        assert_eq!((ledger.asked[&1], ledger.managed[&1]), (0, 0));
    }

    #[test]
    fn physical_memory_is_held_while_it_is_named_or_mapped() {
        let mut ledger = Ledger::default();
        let fewer = |physical: &mut Physical| physical.references -= 1;
        ledger.make(5, 0, 64);
        ledger.map(0x1000, 32, 5);
        ledger.map(0x2000, 64, 5);
        ledger.refer(5, |physical| physical.references += 1);
        ledger.refer(5, fewer);
        ledger.refer(5, fewer);
        assert_eq!(ledger.asked[&0], 64);
        ledger.unmap(0x1000, 32);
        ledger.unmap(0x1000, 32);
        assert_eq!(ledger.asked[&0], 64);
        ledger.unmap(0x1000, 0x2000);
        assert_eq!(ledger.asked[&0], 0);
        assert!(ledger.physical.is_empty() && ledger.mappings.is_empty());
        // Somebody else's, which was imported.
        ledger.map(0x1000, 32, 9);
        ledger.unmap(0x1000, 32);
        assert_eq!(ledger.asked[&0], 0);
    }

    #[test]
    fn arrays_have_so_many_bytes() {
        let float = CUarray_format(32);
        assert_eq!(array_len([3, 0, 0], float, 4), 48);
        assert_eq!(array_len([3, 5, 7], CUarray_format(8), 2), 210);
        assert_eq!(array_len([usize::MAX; 3], float, 4), u64::MAX);
    }
}

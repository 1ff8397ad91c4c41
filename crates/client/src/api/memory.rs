//! Memory: what the program has allocated on either side.

use core::ffi::{c_int, c_uint, c_ulonglong, c_void};
use core::ops;
use std::collections::{BTreeMap, HashMap};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::{
    CU_MEMHOSTALLOC_DEVICEMAP, CU_MEMHOSTALLOC_PORTABLE, CU_MEMHOSTALLOC_WRITECOMBINED,
    CU_MEMHOSTREGISTER_DEVICEMAP, CU_MEMHOSTREGISTER_IOMEMORY, CU_MEMHOSTREGISTER_PORTABLE,
    CU_MEMHOSTREGISTER_READ_ONLY, CUdevice, CUdeviceptr, CUmem_advise, CUmem_range_attribute,
    CUmemAllocationProp, CUmemGenericAllocationHandle, CUmemLocation, CUmemLocationType,
    CUmemPoolProps, CUmemoryPool, CUstream,
};
use pillion_protocol::Encoder;
use pillion_protocol::Interface;
use pillion_protocol::command::{Wait, cuda};
use pillion_protocol::handle::Kind;
use rustix::mm::{MapFlags, ProtFlags};

use super::grants::{self, Grants};
use super::{capture, context, ipc, shared, stream};
use crate::entry::{Result, out};
use crate::forward::{checked, posted, wait_for};
use crate::log::{self, Level};
use crate::remote;
use crate::reserve::{Reservations, end_of_addresses};
use crate::session::Session;
use crate::thread;

/// Everything that the program has allocated, by address.
#[derive(Debug, Default)]
pub struct Memory {
    regions: RwLock<BTreeMap<u64, Region>>,
    reservations: Reservations,
    /// What of the device is handed out without asking.
    pub grants: Grants,
    /// The handles of the devices' memory pools: by device, default and current.
    pools: Mutex<BTreeMap<(CUdevice, u32), u64>>,
    /// The devices of the pools that the program has made.
    pool_devices: Mutex<BTreeMap<u64, CUdevice>>,
    /// Blocks of other processes of which parts were opened, by the server's tickets for them.
    pub opened: Mutex<HashMap<[u8; 32], ipc::Opened>>,
    /// How often allocations were retained besides.
    retained: Mutex<BTreeMap<u64, u32>>,
    /// There is, or was, memory of the host that the server has as well.
    any_common: AtomicBool,
    /// Who passes a descriptor to the server.
    passing: Mutex<()>,
}

/// One allocation.
#[derive(Debug, Clone, Copy)]
pub struct Region {
    /// Its first byte.
    pub start: u64,
    /// Its length in bytes.
    pub len: u64,
    /// What it is.
    pub kind: RegionKind,
    /// The context that was current, or 0 where none owns it.
    pub context: u64,
    /// A number that no other allocation of the process ever had (`CU_POINTER_ATTRIBUTE_BUFFER_ID`).
    pub id: u64,
}

/// What an allocation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegionKind {
    /// `cuMemAlloc`.
    Device,
    /// `cuMemAllocAsync`.
    Pool,
    /// Memory that a graph allocates each time it runs: it may be freed, and be there again.
    Graph,
    /// `cuMemAddressReserve`, whether something is mapped or not.
    Virtual,
    /// A module's variable.
    Global,
    /// `cuMemAllocManaged`, or a module's managed variable.
    Managed,
    /// Memory of another process (`cuIpcOpenMemHandle`).
    Imported,
    /// `cuMemHostAlloc`, with its flags.
    HostAllocated(c_uint),
    /// The same, where the server has the very memory too.
    HostCommon(c_uint),
    /// `cuMemHostRegister`, with its flags.
    HostRegistered(c_uint),
}

impl Region {
    /// Whether it is memory of the device and holds all of `[address, address + len)`, of which `address` is within it.
    pub fn is_device_range(&self, address: u64, len: usize) -> bool {
        self.kind.is_device() && (address - self.start).saturating_add(len as u64) <= self.len
    }
}

impl RegionKind {
    /// Whether it is memory of the device.
    pub fn is_device(self) -> bool {
        !self.is_host()
    }

    /// Whether it is pinned memory of the host.
    pub fn is_host(self) -> bool {
        matches!(
            self,
            RegionKind::HostAllocated(_)
                | RegionKind::HostCommon(_)
                | RegionKind::HostRegistered(_)
        )
    }

    /// Whether `cuMemHostAlloc` gave it.
    fn is_host_allocated(self) -> bool {
        matches!(
            self,
            RegionKind::HostAllocated(_) | RegionKind::HostCommon(_)
        )
    }
}

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

impl Memory {
    /// The allocation that holds `address`.
    pub fn find(&self, address: u64) -> Option<Region> {
        let regions = self.regions.read().unwrap_or_else(PoisonError::into_inner);
        let (_, region) = regions.range(..=address).next_back()?;
        // An empty registration still has its address.
        (address - region.start < region.len.max(1)).then_some(*region)
    }

    /// The device allocation that holds all of `[address, address + len)`.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_INVALID_VALUE`.
    pub fn device_range(&self, address: u64, len: usize) -> Result<Region> {
        self.find(address)
            .filter(|region| region.is_device_range(address, len))
            .ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)
    }

    /// Whether `address` is pinned memory of the host.
    pub fn is_pinned(&self, address: u64) -> bool {
        self.find(address)
            .is_some_and(|region| region.kind.is_host())
    }

    /// Whether `address` is memory of the host that the server has as well.
    #[inline]
    pub fn is_common(&self, address: u64) -> bool {
        // Relaxed: whoever passes an address to another thread synchronises with it.
        self.any_common.load(Ordering::Relaxed)
            && self
                .find(address)
                .is_some_and(|region| matches!(region.kind, RegionKind::HostCommon(_)))
    }

    /// Whether `[address, address + len)` is such memory.
    pub fn is_common_range(&self, address: u64, len: usize) -> bool {
        self.find(address).is_some_and(|region| {
            matches!(region.kind, RegionKind::HostCommon(_))
                && (address - region.start).saturating_add(len as u64) <= region.len
        })
    }

    /// The device of a pool, where that is known.
    fn device_of_pool(&self, pool: u64) -> Option<CUdevice> {
        let made = self
            .pool_devices
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&pool)
            .copied();
        let pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        let known = || pools.iter().find(|(_, handle)| **handle == pool);
        made.or_else(|| known().map(|((device, _), _)| *device))
    }

    /// Enters a region again that was forgotten before it was to be freed, and was not.
    pub fn put_back(&self, region: &Region) {
        self.insert(region.start, region.len, region.kind, region.context);
    }

    /// Enters an allocation.
    pub fn insert(&self, start: u64, len: u64, kind: RegionKind, context: u64) {
        let region = Region {
            start,
            len,
            kind,
            context,
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
        };
        self.regions
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(start, region);
    }

    /// Takes the allocation that begins at `start` out, if `accept` says so.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_INVALID_VALUE`.
    fn remove(&self, start: u64, accept: impl FnOnce(&Region) -> bool) -> Result<Region> {
        let mut regions = self.regions.write().unwrap_or_else(PoisonError::into_inner);
        match regions.get(&start) {
            Some(region) if accept(region) => {}
            _ => return Err(CUresult::CUDA_ERROR_INVALID_VALUE),
        }
        regions
            .remove(&start)
            .ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)
    }

    /// Takes a module's variable out.
    pub fn forget_global(&self, session: &Session, start: u64) {
        let taken = self.remove(start, |region| {
            matches!(region.kind, RegionKind::Global | RegionKind::Managed)
        });
        if let Ok(region) = taken
            && region.kind == RegionKind::Managed
        {
            session.shared.dismiss(region.start, region.len);
        }
    }

    /// Takes memory of another process out.
    pub fn forget_imported(&self, start: u64) -> Option<Region> {
        self.remove(start, |region| region.kind == RegionKind::Imported)
            .ok()
    }

    /// Forgets the device memory of a context that has died.
    pub fn forget_context(&self, session: &Session, context: u64) {
        let mut managed = Vec::new();
        self.regions
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|_, region| {
                let dies = region.context == context && !region.kind.is_host();
                if dies && region.kind == RegionKind::Managed {
                    managed.push(*region);
                }
                !dies
            });
        for region in managed {
            session.shared.dismiss(region.start, region.len);
        }
        self.grants.forget_context(context);
        self.opened
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|_, opened| opened.context != context);
        session.bounces.forget_context(session, context);
    }

    /// Keeps addresses of the server's free on this side. Answers false where the program has something there.
    pub fn keep_free(&self, start: u64, len: u64) -> bool {
        self.reservations.reserve(start, len)
    }

    /// Enters device memory that the server has just given, if this side has nothing at that address.
    fn admit(&self, start: u64, len: u64, kind: RegionKind, context: u64) -> bool {
        if !self.reservations.reserve(start, len) {
            return false;
        }
        self.insert(start, len, kind, context);
        true
    }
}

/// Allocates until the server's address is free on this side too; what had to be passed over is given back. A program's own
/// mapping can lie in the way, but not everywhere.
fn allocate(
    session: &Session,
    len: u64,
    kind: RegionKind,
    context: u64,
    mut take: impl FnMut() -> Result<(u64, u64)>,
    mut give: impl FnMut(u64, u64) -> Result<()>,
) -> Result<u64> {
    let mut passed = Vec::new();
    let result = loop {
        match take() {
            Ok((start, extent)) => {
                if session.memory.admit(start, extent.max(len), kind, context) {
                    break Ok(start);
                }
                passed.push((start, extent));
                if passed.len() > 64 {
                    break Err(CUresult::CUDA_ERROR_OUT_OF_MEMORY);
                }
            }
            Err(status) => break Err(status),
        }
    };
    for (start, extent) in passed {
        give(start, extent)?;
    }
    result
}

/// Has the server free memory, behind everything issued so far, whatever has become of that.
///
/// # Errors
///
/// `CUDA_ERROR_NOT_PERMITTED` in a host function.
pub fn free_on_server(session: &Session, address: u64) -> Result<()> {
    session.link.tell(cuda::MEM_FREE, |body| {
        Encoder::new(body).scalar(address);
        Ok(())
    })?;
    Ok(())
}

/// How many bytes an allocation has that this side has not made.
///
/// # Errors
///
/// `CUDA_ERROR_NOT_FOUND`.
pub fn extent(start: u64) -> Result<u64> {
    range_of(start).map(|range| range.size)
}

/// Whether the server's memory at `start` is managed.
///
/// # Errors
///
/// Those of a session that is over.
pub fn is_managed(start: u64) -> Result<bool> {
    match range_of(start) {
        Ok(range) => Ok(range.managed),
        // A driver may say nothing of a module's own memory.
        Err(CUresult::CUDA_ERROR_NOT_FOUND | CUresult::CUDA_ERROR_INVALID_VALUE) => Ok(false),
        Err(status) => Err(status),
    }
}

/// An allocation on the server.
struct Range {
    base: u64,
    size: u64,
    managed: bool,
}

/// The allocation on the server that holds `start`.
fn range_of(start: u64) -> Result<Range> {
    let answer = Session::current()?
        .link
        .call(Interface::Cuda, cuda::ADDRESS_RANGE, |body| {
            Encoder::new(body).scalar(start);
            Ok(())
        })?;
    let mut decoder = answer.decoder();
    let read = (|| {
        Ok::<_, pillion_protocol::Violation>(Range {
            base: decoder.scalar()?,
            size: decoder.scalar()?,
            managed: decoder.scalar::<u32>()? != 0,
        })
    })();
    read.map_err(|_| CUresult::CUDA_ERROR_UNKNOWN)
}

/// `cuMemGetInfo_v2`
pub unsafe fn cuMemGetInfo_v2(free: *mut usize, total: *mut usize) -> Result<()> {
    let session = Session::current()?;
    let context = context::current()?;
    let grants = &session.memory.grants;
    grants.settle(session);
    let (mut left, mut all) = (0, 0);
    // SAFETY: locals.
    unsafe { remote::cuMemGetInfo_v2(&raw mut left, &raw mut all)? };
    let device = context::device_of(context)?;
    let unused = grants.unused(device);
    // SAFETY: null, which is passed over, or CUDA's contract for the arguments.
    unsafe {
        if let Some(free) = free.as_mut() {
            *free = left.saturating_add(unused as usize).min(all);
        }
        if let Some(total) = total.as_mut() {
            *total = all;
        }
    }
    Ok(())
}

/// `cuMemAlloc_v2`
pub unsafe fn cuMemAlloc_v2(pointer: *mut CUdeviceptr, len: usize) -> Result<()> {
    let session = Session::current()?;
    let context = context::current()?;
    capture::permit(session)?;
    // SAFETY: CUDA's contract for the argument.
    let pointer = unsafe { out(pointer)? };
    if len == 0 {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    let kind = RegionKind::Device;
    if let Some(start) = grants::allocate(session, context, len as u64)? {
        session.memory.insert(start, len as u64, kind, context);
        pointer.write(start);
        return Ok(());
    }
    let take = || {
        let mut start = 0;
        // SAFETY: a local.
        unsafe { remote::cuMemAlloc_v2(&raw mut start, len)? };
        Ok((start, len as u64))
    };
    let give = |start, _| free_on_server(session, start);
    let start = match allocate(session, len as u64, kind, context, take, give) {
        Ok(start) => {
            grants::enter(session, context, start, len as u64);
            start
        }
        Err(CUresult::CUDA_ERROR_OUT_OF_MEMORY) => {
            let left = grants::leftover(session, context, len as u64);
            let start = left.ok_or(CUresult::CUDA_ERROR_OUT_OF_MEMORY)?;
            session.memory.insert(start, len as u64, kind, context);
            start
        }
        Err(status) => return Err(status),
    };
    pointer.write(start);
    Ok(())
}

/// `cuMemAllocPitch_v2`
pub unsafe fn cuMemAllocPitch_v2(
    pointer: *mut CUdeviceptr,
    pitch: *mut usize,
    width: usize,
    height: usize,
    element: c_uint,
) -> Result<()> {
    let session = Session::current()?;
    let context = context::current()?;
    // SAFETY: CUDA's contract for the arguments.
    let (pointer, pitch) = unsafe { (out(pointer)?, out(pitch)?) };
    if width == 0 || height == 0 || !matches!(element, 4 | 8 | 16) {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    let mut row = 0;
    let take = || {
        let mut start = 0;
        // SAFETY: locals.
        unsafe {
            remote::cuMemAllocPitch_v2(&raw mut start, &raw mut row, width, height, element)?
        };
        Ok((start, (row as u64).saturating_mul(height as u64)))
    };
    let give = |start, _| free_on_server(session, start);
    let start = allocate(session, 0, RegionKind::Device, context, take, give)?;
    let len = (row as u64).saturating_mul(height as u64);
    grants::enter(session, context, start, len);
    pointer.write(start);
    pitch.write(row);
    Ok(())
}

/// `cuMemFree_v2`: the memory is used again once everything issued before has happened, and nobody waits for that, except where the
/// program could tell: natively a free waits, so copies into pinned memory have arrived after it.
pub unsafe fn cuMemFree_v2(pointer: CUdeviceptr) -> Result<()> {
    let session = Session::current()?;
    if pointer == 0 {
        return session.link.check_sticky();
    }
    if thread::in_call() {
        return Err(CUresult::CUDA_ERROR_NOT_PERMITTED);
    }
    capture::permit(session)?;
    if session.link.has_arrivals() {
        wait_for(session, Wait::Context)?;
    }
    session.link.check_sticky()?;
    if session
        .memory
        .find(pointer)
        .is_some_and(|region| region.kind == RegionKind::Graph && region.start == pointer)
    {
        // SAFETY: no pointers of this side.
        return unsafe { remote::cuMemFreeAsync(pointer, core::ptr::null_mut()) };
    }
    let region = session.memory.remove(pointer, |region| {
        matches!(
            region.kind,
            RegionKind::Device | RegionKind::Pool | RegionKind::Managed
        )
    })?;
    if region.kind == RegionKind::Managed {
        session.shared.dismiss(pointer, region.len);
    }
    if region.kind == RegionKind::Pool {
        // SAFETY: no pointers of this side.
        unsafe { remote::cuMemFreeAsync(pointer, core::ptr::null_mut()) }
    } else {
        grants::free(session, &region)
    }
}

/// `cuMemGetAddressRange_v2`
pub unsafe fn cuMemGetAddressRange_v2(
    base: *mut CUdeviceptr,
    size: *mut usize,
    pointer: CUdeviceptr,
) -> Result<()> {
    let session = Session::current()?;
    let region = session
        .memory
        .find(pointer)
        .filter(|region| region.kind.is_device())
        .ok_or(CUresult::CUDA_ERROR_NOT_FOUND)?;
    // SAFETY: null, which CUDA allows here, or valid.
    unsafe {
        if let Some(base) = base.as_mut() {
            *base = region.start;
        }
        if let Some(size) = size.as_mut() {
            *size = region.len as usize;
        }
    }
    Ok(())
}

/// `cuMemAllocManaged`
pub unsafe fn cuMemAllocManaged(
    pointer: *mut CUdeviceptr,
    len: usize,
    flags: c_uint,
) -> Result<()> {
    let session = Session::current()?;
    let context = context::current()?;
    capture::permit(session)?;
    // SAFETY: CUDA's contract for the argument.
    let pointer = unsafe { out(pointer)? };
    // CU_MEM_ATTACH_GLOBAL or CU_MEM_ATTACH_HOST.
    if len == 0 || !matches!(flags, 1 | 2) {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    let mut passed = Vec::new();
    let result = loop {
        let mut start = 0;
        // SAFETY: a local.
        if let Err(status) = unsafe { remote::cuMemAllocManaged(&raw mut start, len, flags) } {
            break Err(status);
        }
        if shared::manage(session, start, len as u64, context, true) {
            break Ok(start);
        }
        passed.push(start);
        if passed.len() > 64 {
            break Err(CUresult::CUDA_ERROR_OUT_OF_MEMORY);
        }
    };
    for start in passed {
        free_on_server(session, start)?;
    }
    let start = result?;
    session
        .memory
        .insert(start, len as u64, RegionKind::Managed, context);
    pointer.write(start);
    Ok(())
}

/// Enters a module's managed variable, whose value is the server's.
///
/// # Errors
///
/// `CUDA_ERROR_OUT_OF_MEMORY` where this side has something at its address.
pub fn enter_managed(session: &'static Session, start: u64, len: u64) -> Result<()> {
    // The server notes that it is managed memory, for accesses before there is a context.
    let range = range_of(start)?;
    let len = len.min((range.base + range.size).saturating_sub(start));
    let context = context::current().unwrap_or(0);
    if !shared::manage(session, start, len, context, false) {
        return Err(CUresult::CUDA_ERROR_OUT_OF_MEMORY);
    }
    if session.memory.find(start).is_none() {
        session
            .memory
            .insert(start, len, RegionKind::Managed, context);
    }
    Ok(())
}

/// `cuMemAdvise`
pub unsafe fn cuMemAdvise(
    pointer: CUdeviceptr,
    len: usize,
    advice: CUmem_advise,
    device: CUdevice,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { cuMemAdvise_v2(pointer, len, advice, location(device)) }
}

/// What CUDA before 12.2 named by a number.
fn location(device: CUdevice) -> CUmemLocation {
    // CU_DEVICE_CPU
    if device == -1 {
        CUmemLocation {
            type_: CUmemLocationType::CU_MEM_LOCATION_TYPE_HOST,
            id: 0,
        }
    } else {
        CUmemLocation {
            type_: CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE,
            id: device,
        }
    }
}

/// `cuMemAdvise_v2`
pub unsafe fn cuMemAdvise_v2(
    pointer: CUdeviceptr,
    len: usize,
    advice: CUmem_advise,
    location: CUmemLocation,
) -> Result<()> {
    managed_range(pointer, len)?;
    // SAFETY: no pointers of this side.
    unsafe { remote::cuMemAdvise_v2(pointer, len, advice, location) }
}

fn managed_range(pointer: u64, len: usize) -> Result<()> {
    let session = Session::current()?;
    match session.memory.device_range(pointer, len)?.kind {
        RegionKind::Managed => Ok(()),
        _ => Err(CUresult::CUDA_ERROR_INVALID_VALUE),
    }
}

/// `cuMemPrefetchAsync`
pub unsafe fn cuMemPrefetchAsync(
    pointer: CUdeviceptr,
    len: usize,
    device: CUdevice,
    on: CUstream,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { cuMemPrefetchAsync_v2(pointer, len, location(device), 0, on) }
}

/// `cuMemPrefetchAsync_v2`
pub unsafe fn cuMemPrefetchAsync_v2(
    pointer: CUdeviceptr,
    len: usize,
    location: CUmemLocation,
    flags: c_uint,
    on: CUstream,
) -> Result<()> {
    let session = Session::current()?;
    stream::check(on as u64)?;
    managed_range(pointer, len)?;
    let _work = shared::concerns(session, pointer, on as u64)?;
    // SAFETY: no pointers of this side.
    unsafe { remote::cuMemPrefetchAsync_v2(pointer, len, location, flags, on) }
}

/// `cuStreamAttachMemAsync`
pub unsafe fn cuStreamAttachMemAsync(
    on: CUstream,
    pointer: CUdeviceptr,
    len: usize,
    flags: c_uint,
) -> Result<()> {
    let session = Session::current()?;
    stream::check(on as u64)?;
    managed_range(pointer, len.max(1))?;
    if !matches!(flags, 1 | 2 | 4) {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    let _work = shared::concerns(session, pointer, on as u64)?;
    // SAFETY: no pointers of this side.
    unsafe { remote::cuStreamAttachMemAsync(on, pointer, len, flags) }
}

/// `cuMemRangeGetAttribute`
pub unsafe fn cuMemRangeGetAttribute(
    data: *mut c_void,
    size: usize,
    attribute: CUmem_range_attribute,
    pointer: CUdeviceptr,
    len: usize,
) -> Result<()> {
    if data.is_null() || size == 0 || !size.is_multiple_of(4) {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    managed_range(pointer, len)?;
    // SAFETY: the caller's contract is the same.
    unsafe { remote::cuMemRangeGetAttribute(data, size, attribute, pointer, len) }
}

/// `cuMemRangeGetAttributes`
pub unsafe fn cuMemRangeGetAttributes(
    data: *mut *mut c_void,
    sizes: *mut usize,
    attributes: *mut CUmem_range_attribute,
    count: usize,
    pointer: CUdeviceptr,
    len: usize,
) -> Result<()> {
    if data.is_null() || sizes.is_null() || attributes.is_null() {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    for index in 0..count {
        // SAFETY: CUDA's contract: arrays of `count`.
        unsafe {
            cuMemRangeGetAttribute(
                *data.add(index),
                *sizes.add(index),
                *attributes.add(index),
                pointer,
                len,
            )?;
        }
    }
    Ok(())
}

/// Pinned memory is taken from here, so that the server can have its own at the same address.
const PINNED: ops::Range<u64> = 0x1a00_0000_0000..0x2a00_0000_0000;
/// Where in it the next is.
static NEXT_PINNED: AtomicU64 = AtomicU64::new(0);

/// Where pinned memory is on a machine with addresses up to `end`: small ones do not have those.
fn pinned(end: u64) -> ops::Range<u64> {
    if PINNED.end <= end {
        PINNED
    } else {
        // Below programs, which begin at two thirds, and above what is linked to a fixed address.
        end / 4..end / 2
    }
}

/// `cuMemHostAlloc`
pub unsafe fn cuMemHostAlloc(pointer: *mut *mut c_void, len: usize, flags: c_uint) -> Result<()> {
    let session = Session::current()?;
    let context = context::current()?;
    // SAFETY: CUDA's contract for the argument.
    let pointer = unsafe { out(pointer)? };
    let known =
        CU_MEMHOSTALLOC_PORTABLE | CU_MEMHOSTALLOC_DEVICEMAP | CU_MEMHOSTALLOC_WRITECOMBINED;
    if len == 0 || flags & !known != 0 {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    session.link.check_sticky()?;
    if let Some(start) = common(session, len)? {
        let kind = RegionKind::HostCommon(flags);
        session.memory.insert(start, len as u64, kind, context);
        session.memory.any_common.store(true, Ordering::Relaxed);
        pointer.write(start as *mut c_void);
        return Ok(());
    }
    let start = map_pinned(len, None)?;
    session
        .memory
        .insert(start, len as u64, RegionKind::HostAllocated(flags), context);
    session.shared.watch(start, len as u64);
    if flags & CU_MEMHOSTALLOC_DEVICEMAP != 0 {
        // Kernels may find its address anywhere, not only among their parameters. Where it cannot be shared, their use of it fails.
        let _ = shared::share(session, start, len as u64, shared::Kind::Pinned);
    }
    pointer.write(start as *mut c_void);
    Ok(())
}

/// Memory that the server has too, at the same address and pinned for the device: what either side or the device writes is there for
/// all, and copies from and to it are the device's own. Answers none where the server is on another machine, or cannot.
pub fn common(session: &Session, len: usize) -> Result<Option<u64>> {
    let Some(descriptors) = session.link.descriptors() else {
        return Ok(None);
    };
    if !session.link.executes(cuda::HOST_COMMON) {
        return Ok(None);
    }
    let whole = len.next_multiple_of(page_size() as usize);
    let Ok(memory) = pillion_transport::memory::make("pillion-pinned", whole as u64) else {
        return Ok(None);
    };
    let start = map_pinned(whole, Some(memory.as_fd()))?;
    // As the driver's own pinned memory, it is not for children of a fork.
    // SAFETY: mapped just now.
    let _ = unsafe { libc::madvise(start as *mut c_void, whole, libc::MADV_DONTFORK) };
    let agreed = {
        // The server takes the descriptors in the order of the commands.
        let _one = session
            .memory
            .passing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match descriptors.send(memory.as_fd()) {
            Ok(()) => session
                .link
                .call(Interface::Cuda, cuda::HOST_COMMON, |body| {
                    let mut body = Encoder::new(body);
                    body.scalar(start);
                    body.scalar(whole as u64);
                    Ok(())
                })
                .map(|_| ()),
            Err(_) => Err(CUresult::CUDA_ERROR_OPERATING_SYSTEM),
        }
    };
    if agreed.is_ok() {
        return Ok(Some(start));
    }
    // SAFETY: mapped above, known to nobody.
    let _ = unsafe { rustix::mm::munmap(start as *mut c_void, whole) };
    session.link.check_sticky()?;
    Ok(None)
}

/// Ends memory of [`common`]. The server keeps its view until what was issued before has happened.
///
/// # Safety
///
/// `common` made it with this length, and nobody uses it any more.
///
/// # Errors
///
/// Those of earlier commands.
pub unsafe fn end_common(session: &Session, start: u64, len: usize) -> Result<()> {
    let posted = session.link.post(cuda::HOST_UNMAP, |body| {
        Encoder::new(body).scalar(start);
        Ok(())
    });
    // SAFETY: as the caller promises.
    let _ = unsafe { rustix::mm::munmap(start as *mut c_void, len) };
    posted.map(|_| ())
}

/// Maps fresh memory of this process's, or `shared`, where pinned memory lies.
fn map_pinned(len: usize, shared: Option<BorrowedFd<'_>>) -> Result<u64> {
    let whole = (len as u64)
        .checked_next_multiple_of(2 << 20)
        .ok_or(CUresult::CUDA_ERROR_OUT_OF_MEMORY)?;
    let room = pinned(end_of_addresses());
    for _ in 0..1024 {
        let next = NEXT_PINNED.fetch_add(whole, Ordering::Relaxed);
        let at = room.start.saturating_add(next);
        if at.checked_add(whole).is_none_or(|end| end > room.end) {
            // Round again: the beginning may have been freed.
            NEXT_PINNED.store(0, Ordering::Relaxed);
            continue;
        }
        let flags = MapFlags::NORESERVE | MapFlags::FIXED_NOREPLACE;
        let (place, open) = (at as *mut c_void, ProtFlags::READ | ProtFlags::WRITE);
        // SAFETY: NOREPLACE touches no existing mapping.
        let mapped = unsafe {
            match shared {
                Some(memory) => {
                    rustix::mm::mmap(place, len, open, flags | MapFlags::SHARED, memory, 0)
                }
                None => rustix::mm::mmap_anonymous(place, len, open, flags | MapFlags::PRIVATE),
            }
        };
        match mapped {
            Ok(got) if got as u64 == at => return Ok(at),
            Ok(elsewhere) => {
                // SAFETY: mapped just now, known to nobody.
                let _ = unsafe { rustix::mm::munmap(elsewhere, len) };
            }
            Err(rustix::io::Errno::EXIST) => {}
            Err(_) => break,
        }
    }
    Err(CUresult::CUDA_ERROR_OUT_OF_MEMORY)
}

/// `cuMemAllocHost_v2`
pub unsafe fn cuMemAllocHost_v2(pointer: *mut *mut c_void, len: usize) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { cuMemHostAlloc(pointer, len, 0) }
}

/// `cuMemFreeHost`
pub unsafe fn cuMemFreeHost(pointer: *mut c_void) -> Result<()> {
    let session = Session::current()?;
    if pointer.is_null() {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    let start = pointer as u64;
    let region = session
        .memory
        .remove(start, |region| region.kind.is_host_allocated())?;
    if matches!(region.kind, RegionKind::HostCommon(_)) {
        // SAFETY: the program has given it up.
        return unsafe { end_common(session, start, region.len as usize) };
    }
    session
        .link
        .settle(start as usize, (start + region.len) as usize);
    shared::unshare(session, start)?;
    // SAFETY: mapped by `map_pinned` with this length; the program has given it up, and nothing is under way to it here.
    let _ = unsafe { rustix::mm::munmap(pointer, region.len as usize) };
    Ok(())
}

/// `cuMemHostRegister_v2`
pub unsafe fn cuMemHostRegister_v2(pointer: *mut c_void, len: usize, flags: c_uint) -> Result<()> {
    let session = Session::current()?;
    let context = context::current()?;
    let known = CU_MEMHOSTREGISTER_PORTABLE
        | CU_MEMHOSTREGISTER_DEVICEMAP
        | CU_MEMHOSTREGISTER_IOMEMORY
        | CU_MEMHOSTREGISTER_READ_ONLY;
    if pointer.is_null() || len == 0 || flags & !known != 0 {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    if flags & CU_MEMHOSTREGISTER_IOMEMORY != 0 {
        return Err(CUresult::CUDA_ERROR_NOT_SUPPORTED);
    }
    session.link.check_sticky()?;
    let (start, end) = (pointer as u64, (pointer as u64).saturating_add(len as u64));
    {
        let regions = session
            .memory
            .regions
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        if regions
            .range(..end)
            .next_back()
            .is_some_and(|(_, region)| region.start + region.len > start)
        {
            return Err(CUresult::CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED);
        }
    }
    // The driver would fault the pages in, and refuse where there are none.
    let page = page_size();
    let (from, to) = (start / page * page, end.next_multiple_of(page));
    // A byte for each page; QEMU, where it emulates a processor with larger pages than this machine's, writes one for each of the machine's.
    let mut resident = vec![0u8; (to - from).div_ceil(SMALLEST_PAGE) as usize];
    // SAFETY: mincore only looks, and writes no more than a byte for each of the smallest pages that there are.
    if unsafe {
        libc::mincore(
            from as *mut c_void,
            (to - from) as usize,
            resident.as_mut_ptr(),
        )
    } != 0
    {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    session.memory.insert(
        start,
        len as u64,
        RegionKind::HostRegistered(flags),
        context,
    );
    session.shared.watch(start, len as u64);
    Ok(())
}

/// `cuMemHostUnregister`
pub unsafe fn cuMemHostUnregister(pointer: *mut c_void) -> Result<()> {
    let session = Session::current()?;
    let start = pointer as u64;
    let region = match session.memory.find(start) {
        Some(Region {
            kind: RegionKind::HostRegistered(_),
            start: base,
            ..
        }) if base == start => session.memory.remove(start, |_| true)?,
        Some(Region {
            kind: RegionKind::HostAllocated(_) | RegionKind::HostCommon(_),
            ..
        }) => return Err(CUresult::CUDA_ERROR_INVALID_VALUE),
        _ => return Err(CUresult::CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED),
    };
    session
        .link
        .settle(start as usize, (start + region.len) as usize);
    shared::unshare(session, start)
}

/// `cuMemHostGetDevicePointer_v2`: the same address on both sides, unless the server has something there.
pub unsafe fn cuMemHostGetDevicePointer_v2(
    device: *mut CUdeviceptr,
    pointer: *mut c_void,
    flags: c_uint,
) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: CUDA's contract for the argument.
    let device = unsafe { out(device)? };
    let region = session
        .memory
        .find(pointer as u64)
        .filter(|region| region.kind.is_host() && flags == 0)
        .ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)?;
    let kind = match region.kind {
        RegionKind::HostCommon(_) => {
            device.write(pointer as u64);
            return Ok(());
        }
        RegionKind::HostRegistered(_) => shared::Kind::Registered,
        _ => shared::Kind::Pinned,
    };
    shared::share(session, region.start, region.len, kind)?;
    device.write(session.shared.for_device(pointer as u64));
    Ok(())
}

/// `cuMemHostGetFlags`
pub unsafe fn cuMemHostGetFlags(flags: *mut c_uint, pointer: *mut c_void) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: CUDA's contract for the argument.
    let flags = unsafe { out(flags)? };
    match session
        .memory
        .find(pointer as u64)
        .map(|region| region.kind)
    {
        // With unified addressing every pinned allocation is mapped, and says so.
        Some(
            RegionKind::HostAllocated(given)
            | RegionKind::HostCommon(given)
            | RegionKind::HostRegistered(given),
        ) => {
            flags.write(given | CU_MEMHOSTALLOC_DEVICEMAP);
            Ok(())
        }
        _ => Err(CUresult::CUDA_ERROR_INVALID_VALUE),
    }
}

/// `cuMemAddressReserve`
pub unsafe fn cuMemAddressReserve(
    pointer: *mut CUdeviceptr,
    len: usize,
    alignment: usize,
    wish: CUdeviceptr,
    flags: c_ulonglong,
) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: CUDA's contract for the argument.
    let pointer = unsafe { out(pointer)? };
    let take = || {
        let mut start = 0;
        // SAFETY: a local.
        unsafe { remote::cuMemAddressReserve(&raw mut start, len, alignment, wish, flags)? };
        Ok((start, len as u64))
    };
    // SAFETY: no pointers of this side.
    let give = |start, extent| unsafe { remote::cuMemAddressFree(start, extent as usize) };
    pointer.write(allocate(
        session,
        len as u64,
        RegionKind::Virtual,
        0,
        take,
        give,
    )?);
    Ok(())
}

/// `cuMemAddressFree`
pub unsafe fn cuMemAddressFree(pointer: CUdeviceptr, len: usize) -> Result<()> {
    // Forgotten before it is free: another thread may get the same addresses at once.
    let memory = &Session::current()?.memory;
    let region = memory.remove(pointer, |region| region.kind == RegionKind::Virtual);
    // SAFETY: no pointers of this side.
    let freed = unsafe { remote::cuMemAddressFree(pointer, len) };
    if freed.is_err()
        && let Ok(region) = region
    {
        memory.put_back(&region);
    }
    freed
}

/// `cuMemRetainAllocationHandle`
pub unsafe fn cuMemRetainAllocationHandle(
    place: *mut CUmemGenericAllocationHandle,
    address: *mut c_void,
) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: CUDA's contract for the argument.
    let place = unsafe { out(place)? };
    let mut handle = 0;
    // SAFETY: a local.
    unsafe { remote::cuMemRetainAllocationHandle(&raw mut handle, address)? };
    let mut retained = session
        .memory
        .retained
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    *retained.entry(handle).or_default() += 1;
    place.write(handle);
    Ok(())
}

/// `cuMemRelease`
pub unsafe fn cuMemRelease(handle: CUmemGenericAllocationHandle) -> Result<()> {
    let session = Session::current()?;
    {
        let mut retained = session
            .memory
            .retained
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = retained.get_mut(&handle) {
            *count -= 1;
            if *count == 0 {
                retained.remove(&handle);
            }
            drop(retained);
            let handle = checked(Kind::Allocation, handle)?;
            // The name stays: it is released once for each time that it was given.
            session.link.post(MEM_RELEASE, |body| {
                Encoder::new(body).scalar(handle);
                Ok(())
            })?;
            return posted(session);
        }
    }
    // SAFETY: no pointers.
    unsafe { remote::cuMemRelease(handle) }
}

/// The number of `cuMemRelease` on the wire.
const MEM_RELEASE: u16 = 336;

/// Refuses memory of the host that the driver would map for both sides: the program could not touch what is the server's.
fn of_a_device(location: CUmemLocation, what: &str) -> Result<()> {
    use CUmemLocationType as T;
    match location.type_ {
        T::CU_MEM_LOCATION_TYPE_HOST
        | T::CU_MEM_LOCATION_TYPE_HOST_NUMA
        | T::CU_MEM_LOCATION_TYPE_HOST_NUMA_CURRENT => {
            log::write(
                Level::Info,
                format_args!(
                    "{what} of the host's memory is refused: that is on another machine; use pinned memory"
                ),
            );
            Err(CUresult::CUDA_ERROR_NOT_SUPPORTED)
        }
        _ => Ok(()),
    }
}

/// `cuMemCreate`
pub unsafe fn cuMemCreate(
    handle: *mut CUmemGenericAllocationHandle,
    len: usize,
    properties: *const CUmemAllocationProp,
    flags: c_ulonglong,
) -> Result<()> {
    // SAFETY: null, or CUDA's contract for the argument.
    if let Some(properties) = unsafe { properties.as_ref() } {
        of_a_device(properties.location, "an allocation")?;
    }
    // SAFETY: the caller's contract is the same.
    unsafe { remote::cuMemCreate(handle, len, properties, flags) }
}

/// `cuMemMap`
pub unsafe fn cuMemMap(
    pointer: CUdeviceptr,
    len: usize,
    offset: usize,
    handle: CUmemGenericAllocationHandle,
    flags: c_ulonglong,
) -> Result<()> {
    // SAFETY: no pointers of this side.
    unsafe { remote::cuMemMap(pointer, len, offset, handle, flags) }
}

/// `cuMemUnmap`: natively it waits for the device, so copies into pinned memory have arrived after it. It needs no context.
pub unsafe fn cuMemUnmap(pointer: CUdeviceptr, len: usize) -> Result<()> {
    let session = Session::current()?;
    if session.link.has_arrivals() && context::current().is_ok() {
        wait_for(session, Wait::Context)?;
    }
    // SAFETY: no pointers of this side.
    unsafe { remote::cuMemUnmap(pointer, len) }
}

/// `cuMemAllocAsync`
pub unsafe fn cuMemAllocAsync(pointer: *mut CUdeviceptr, len: usize, on: CUstream) -> Result<()> {
    // SAFETY: a local; no other pointers.
    let take = |start: *mut CUdeviceptr| unsafe { remote::cuMemAllocAsync(start, len, on) };
    allocate_async(pointer, len, None, on, take)
}

/// `cuMemAllocFromPoolAsync`
pub unsafe fn cuMemAllocFromPoolAsync(
    pointer: *mut CUdeviceptr,
    len: usize,
    pool: CUmemoryPool,
    on: CUstream,
) -> Result<()> {
    // SAFETY: a local; no other pointers.
    let take =
        |start: *mut CUdeviceptr| unsafe { remote::cuMemAllocFromPoolAsync(start, len, pool, on) };
    allocate_async(pointer, len, Some(pool as u64), on, take)
}

fn allocate_async(
    pointer: *mut CUdeviceptr,
    len: usize,
    pool: Option<u64>,
    on: CUstream,
    take: impl Fn(*mut CUdeviceptr) -> Result<()>,
) -> Result<()> {
    let session = Session::current()?;
    let context = context::current()?;
    // It is the pool's device's memory, and without a pool the stream's device's.
    let of_pool = pool.and_then(|pool| session.memory.device_of_pool(pool));
    let device = match of_pool {
        Some(device) => device,
        None => stream::device_of(on as u64)?,
    };
    let context = match context::device_of(context)? == device {
        true => context,
        false => context::primary(device)?,
    };
    // SAFETY: CUDA's contract for the argument.
    let pointer = unsafe { out(pointer)? };
    if len == 0 {
        // As natively: nothing is allocated, and that is no error.
        pointer.write(0);
        return Ok(());
    }
    let take = || {
        let mut start = 0;
        take(&raw mut start)?;
        Ok((start, len as u64))
    };
    // SAFETY: no pointers of this side.
    let give = |start, _| unsafe { remote::cuMemFreeAsync(start, on) };
    let kind = match capture::of(session, stream::check(on as u64)?)? {
        Some(_) => RegionKind::Graph,
        None => RegionKind::Pool,
    };
    pointer.write(allocate(session, len as u64, kind, context, take, give)?);
    Ok(())
}

/// `cuMemFreeAsync`
pub unsafe fn cuMemFreeAsync(pointer: CUdeviceptr, on: CUstream) -> Result<()> {
    let session = Session::current()?;
    stream::check(on as u64)?;
    if pointer == 0 {
        return session.link.check();
    }
    if session
        .memory
        .find(pointer)
        .is_some_and(|region| region.kind == RegionKind::Graph && region.start == pointer)
    {
        // SAFETY: no pointers of this side.
        return unsafe { remote::cuMemFreeAsync(pointer, on) };
    }
    let kinds = |region: &Region| matches!(region.kind, RegionKind::Pool | RegionKind::Device);
    let region = session.memory.remove(pointer, kinds)?;
    if region.kind == RegionKind::Device {
        // The driver takes memory of cuMemAlloc here too; it is freed behind everything issued so far.
        grants::free(session, &region)?;
    } else {
        // SAFETY: no pointers of this side.
        unsafe { remote::cuMemFreeAsync(pointer, on)? };
    }
    posted(session)
}

/// `cuMemPoolCreate`
pub unsafe fn cuMemPoolCreate(
    pool: *mut CUmemoryPool,
    properties: *const CUmemPoolProps,
) -> Result<()> {
    // SAFETY: null, or CUDA's contract for the argument.
    if let Some(properties) = unsafe { properties.as_ref() } {
        of_a_device(properties.location, "a pool")?;
    }
    // SAFETY: the caller's contract is the same.
    unsafe { remote::cuMemPoolCreate(pool, properties)? };
    // SAFETY: the forwarder has read the one and written the other.
    let (place, handle) = unsafe { ((*properties).location, *pool as u64) };
    if place.type_ == CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE {
        let session = Session::current()?;
        let devices = &session.memory.pool_devices;
        let mut devices = devices.lock().unwrap_or_else(PoisonError::into_inner);
        devices.insert(handle, place.id);
    }
    Ok(())
}

/// `cuMemPoolDestroy`
pub unsafe fn cuMemPoolDestroy(pool: CUmemoryPool) -> Result<()> {
    // SAFETY: no pointers of this side.
    unsafe { remote::cuMemPoolDestroy(pool)? };
    let memory = &Session::current()?.memory;
    memory
        .pool_devices
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .remove(&(pool as u64));
    // A device that had it has its default pool again.
    memory
        .pools
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .retain(|(_, which), handle| *which == 0 || *handle != pool as u64);
    Ok(())
}

/// A device's pool under a handle that stays the same.
fn device_pool(pool: *mut CUmemoryPool, device: CUdevice, which: u32) -> Result<()> {
    let session = Session::current()?;
    context::primary(device)?;
    // SAFETY: CUDA's contract for the argument.
    let pool = unsafe { out(pool)? };
    let mut pools = session
        .memory
        .pools
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let handle = match pools.get(&(device, which)) {
        Some(handle) => *handle,
        None => {
            let handle = session.names.name(Kind::MemoryPool)?;
            session
                .link
                .call(Interface::Cuda, cuda::DEVICE_POOL, |body| {
                    let mut body = Encoder::new(body);
                    body.scalar(handle);
                    body.scalar(device);
                    body.scalar(which);
                    Ok(())
                })?;
            pools.insert((device, which), handle);
            handle
        }
    };
    pool.write(handle as CUmemoryPool);
    Ok(())
}

/// `cuDeviceGetDefaultMemPool`
pub unsafe fn cuDeviceGetDefaultMemPool(pool: *mut CUmemoryPool, device: CUdevice) -> Result<()> {
    device_pool(pool, device, 0)
}

/// `cuDeviceGetMemPool`: the default one, until `cuDeviceSetMemPool` chooses another.
pub unsafe fn cuDeviceGetMemPool(pool: *mut CUmemoryPool, device: CUdevice) -> Result<()> {
    let session = Session::current()?;
    let chosen = session
        .memory
        .pools
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&(device, 1))
        .copied();
    match chosen {
        Some(handle) => {
            // SAFETY: CUDA's contract for the argument.
            unsafe { out(pool)? }.write(handle as CUmemoryPool);
            Ok(())
        }
        None => device_pool(pool, device, 0),
    }
}

/// `cuDeviceSetMemPool`
pub unsafe fn cuDeviceSetMemPool(device: CUdevice, pool: CUmemoryPool) -> Result<()> {
    // SAFETY: no pointers of this side.
    unsafe { remote::cuDeviceSetMemPool(device, pool)? };
    let session = Session::current()?;
    session
        .memory
        .pools
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert((device, 1), pool as u64);
    Ok(())
}

/// The number of the context's device, for attributes.
pub fn ordinal(context: u64) -> c_int {
    context::device_of(context).unwrap_or(0)
}

/// Bytes of the smallest page that a machine has.
const SMALLEST_PAGE: u64 = 4096;

/// Bytes of a page of this machine's memory.
pub fn page_size() -> u64 {
    // SAFETY: a query without side effects.
    u64::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pinned_memory_lies_where_the_machine_has_addresses() {
        for bits in 36..=56 {
            let end = 1 << bits;
            let room = pinned(end);
            assert!(room.end <= end && room.end - room.start >= 16 << 30);
            assert!(room.start.is_multiple_of(2 << 20));
            assert_eq!(room == PINNED, bits >= 46);
        }
        assert_eq!(pinned(u64::MAX), PINNED);
    }
}

//! Device memory: the host's own, at addresses of its own.

use std::collections::{BTreeMap, HashMap};
use std::ffi::c_void;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::CUdevice;
use rustix::mm::{MapFlags, ProtFlags};

use super::file;
use crate::engine::{AddressSpace, RangeError};

/// Device memory lies here, far from what a process maps by itself, so that a client can keep the same addresses free.
const FIRST: u64 = 0x3020_0000_0000;
const END: u64 = 0x5020_0000_0000;
/// Bytes of a page.
pub const PAGE: u64 = 4096;
/// Bytes that are moved at once.
const STEP: u64 = 1 << 20;

/// Whether an address lies where device memory is, allocated or not.
pub fn is_device_address(address: u64) -> bool {
    (FIRST..END).contains(&address)
}

/// What is known of an allocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allocation {
    /// Its first byte.
    pub start: u64,
    /// Its length in bytes.
    pub len: u64,
    /// Whose it is.
    pub kind: Kind,
    /// The device whose it is, or that asked for it.
    pub device: CUdevice,
}

/// What memory is for, and so which functions end it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The device's, from `cuMemAlloc` and its like.
    Device,
    /// The device's, from a pool.
    Pool,
    /// The device's and the host's at once.
    Managed,
    /// The device's, of another process, which counts it.
    Imported,
    /// Pinned memory of the host.
    Host,
    /// The program's own memory, registered.
    Registered,
    /// What a device needs itself: variables of modules, the heap of kernels.
    Own,
    /// Managed variables of modules.
    Shared,
}

impl Kind {
    /// Whether it is one device's own, which others reach only where they were given access.
    fn is_of_one_device(self) -> bool {
        matches!(self, Kind::Device | Kind::Pool | Kind::Own | Kind::Imported)
    }

    /// Whether a device reaches it with all that is another one's, once it has access to that.
    fn is_peers(self) -> bool {
        matches!(self, Kind::Device | Kind::Own | Kind::Imported)
    }

    /// Whether it counts as memory of the device.
    fn counts(self) -> bool {
        matches!(self, Kind::Device | Kind::Pool | Kind::Managed)
    }
}

/// The allocations of all devices.
pub struct Memory {
    /// All memory, which copies reach.
    space: Arc<AddressSpace>,
    /// What the kernels of each device reach; of a single device the same as `space`.
    reach: Vec<Arc<AddressSpace>>,
    /// Bytes of each device.
    limit: u64,
    state: Mutex<State>,
}

struct State {
    next: u64,
    /// Bytes in use of each device.
    used: Vec<u64>,
    all: BTreeMap<u64, Allocation>,
    /// The context that an allocation ends with, where it ends with one.
    contexts: HashMap<u64, u64>,
    /// The devices whose memory each device's kernels reach besides their own.
    peers: Vec<Devices>,
}

/// A set of devices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Devices(u16);

impl Devices {
    /// Puts one in or takes it out.
    pub fn set(&mut self, device: CUdevice, is_in: bool) {
        match is_in {
            true => self.0 |= 1 << device,
            false => self.0 &= !(1 << device),
        }
    }

    /// Whether one is in it.
    pub fn has(self, device: CUdevice) -> bool {
        self.0 >> device & 1 != 0
    }

    /// Those in it, in order.
    pub fn each(self) -> impl Iterator<Item = CUdevice> {
        (0..16).filter(move |device| self.has(*device))
    }
}

/// Memory with an address of its own that comes and goes, as graphs allocate and free it.
pub struct Reserved {
    /// Its first byte.
    pub start: u64,
    /// Its length in bytes.
    pub len: u64,
    device: CUdevice,
    /// The other devices whose kernels reach it.
    access: Devices,
    mapping: Arc<Mapping>,
    holds: Mutex<u32>,
}

/// A mapping, given back when the last kernel that could see it has ended.
pub struct Mapping(u64, u64);

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: mapped by `Memory` with this length; nobody can reach it any more.
        let _ = unsafe { rustix::mm::munmap(self.0 as *mut c_void, self.1 as usize) };
    }
}

impl Memory {
    /// So many devices with `limit` bytes each.
    pub fn new(space: Arc<AddressSpace>, devices: usize, limit: u64) -> Self {
        let reach = match devices {
            1 => vec![space.clone()],
            _ => (0..devices).map(|_| Arc::default()).collect(),
        };
        let state = State {
            next: 0,
            used: vec![0; devices],
            all: BTreeMap::new(),
            contexts: HashMap::new(),
            peers: vec![Devices::default(); devices],
        };
        Memory {
            space,
            reach,
            limit,
            state: Mutex::new(state),
        }
    }

    /// Free and total bytes of a device.
    pub fn info(&self, device: CUdevice) -> (u64, u64) {
        let used = self.state().used[device as usize];
        (self.limit.saturating_sub(used), self.limit)
    }

    /// All that copies reach: where each range begins, and its bytes.
    pub fn ranges(&self) -> Vec<(u64, u64)> {
        let snapshot = self.space.snapshot();
        snapshot
            .ranges()
            .map(|range| (range.base, range.size))
            .collect()
    }

    /// What a device's kernels reach.
    pub fn reach(&self, device: CUdevice) -> Arc<AddressSpace> {
        self.reach[device as usize].clone()
    }

    fn several(&self) -> bool {
        self.reach.len() > 1
    }

    /// Whether a device's kernels reach memory of that kind of another one's without more ado.
    fn reaches(state: &State, device: CUdevice, kind: Kind, owner: CUdevice) -> bool {
        device == owner
            || !kind.is_of_one_device()
            || kind.is_peers() && state.peers[device as usize].has(owner)
    }

    /// Lets a device's kernels reach what is allocated on another one, now and later, or no longer.
    pub fn set_peer(&self, device: CUdevice, owner: CUdevice, access: bool) {
        let mut state = self.state();
        state.peers[device as usize].set(owner, access);
        let of_peer = |a: &&Allocation| a.device == owner && a.kind.is_peers() && device != owner;
        let all: Vec<Allocation> = state.all.values().filter(of_peer).copied().collect();
        for allocation in all {
            self.set_reach(allocation.start, device, access);
        }
    }

    /// Lets a device's kernels reach one allocation of another one's, or no longer.
    pub fn grant(&self, start: u64, device: CUdevice, access: bool) {
        let state = self.state();
        let other = |found: &Allocation| found.device != device;
        if state.all.get(&start).is_some_and(other) {
            self.set_reach(start, device, access);
        }
    }

    /// The devices whose kernels reach what begins at an address.
    pub fn users(&self, start: u64) -> Devices {
        let mut users = Devices::default();
        for (device, space) in (0..).zip(&self.reach) {
            users.set(device, space.find(start, 1).is_some());
        }
        users
    }

    /// Every device.
    pub fn devices(&self) -> Devices {
        let mut all = Devices::default();
        for device in 0..self.reach.len() as CUdevice {
            all.set(device, true);
        }
        all
    }

    /// Changes under the state's lock what a device's kernels reach.
    fn set_reach(&self, start: u64, device: CUdevice, access: bool) {
        let space = &self.reach[device as usize];
        let known = self.space.find(start, 1);
        match known.filter(|range| access && range.base == start) {
            Some(range) => {
                let owner = range.owner().cloned();
                // It is there already where access was given before.
                // SAFETY: as that of the same range among all memory.
                let _ = unsafe { space.insert(start, range.size, range.writable, owner) };
            }
            None => {
                space.remove(start);
            }
        }
    }

    /// Lets the kernels of some devices reach a mapping, for reading or for writing too, and others not.
    ///
    /// # Safety
    ///
    /// As [`AddressSpace::insert`] asks.
    pub unsafe fn set_access(
        &self,
        start: u64,
        len: u64,
        owner: &Arc<Mapping>,
        access: &[Option<bool>],
    ) -> Result<(), CUresult> {
        let place = |space: &AddressSpace, access: Option<bool>| {
            // What does not change is not touched: a kernel that uses it would not find it for a moment.
            let known = space.find(start, 1).filter(|range| range.base == start);
            if known.map(|range| range.writable) == access {
                return Ok(());
            }
            space.remove(start);
            let Some(writable) = access else {
                return Ok(());
            };
            // SAFETY: as the caller promises.
            unsafe { space.insert(start, len, writable, Some(owner.clone())) }
                .map_err(|_| CUresult::CUDA_ERROR_INVALID_VALUE)
        };
        place(&self.space, access.iter().copied().flatten().max())?;
        if self.several() {
            for (space, access) in self.reach.iter().zip(access) {
                place(space, *access)?;
            }
        }
        Ok(())
    }

    /// Nobody reaches a range any more.
    pub fn withdraw(&self, start: u64) {
        self.space.remove(start);
        if self.several() {
            for space in &self.reach {
                space.remove(start);
            }
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Zeroed memory, with a gap behind it so that what runs over it is noticed.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_INVALID_VALUE` for no bytes, `CUDA_ERROR_OUT_OF_MEMORY`.
    pub fn allocate(&self, device: CUdevice, len: u64, kind: Kind) -> Result<u64, CUresult> {
        self.allocate_for(device, len, kind, Devices::default())
    }

    /// The same, which the kernels of some other devices reach too.
    ///
    /// # Errors
    ///
    /// As [`Memory::allocate`].
    pub fn allocate_for(
        &self,
        device: CUdevice,
        len: u64,
        kind: Kind,
        access: Devices,
    ) -> Result<u64, CUresult> {
        if len == 0 {
            return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
        }
        if kind.counts() && len > self.info(device).0 {
            return Err(CUresult::CUDA_ERROR_OUT_OF_MEMORY);
        }
        let (start, owner) = self.map(len)?;
        let allocation = Allocation {
            start,
            len,
            kind,
            device,
        };
        self.publish(allocation, owner, access)?;
        Ok(start)
    }

    /// The same in a file, for other processes.
    ///
    /// # Errors
    ///
    /// As [`Memory::allocate`].
    pub fn allocate_file(
        &self,
        device: CUdevice,
        len: u64,
        kind: Kind,
        access: Devices,
    ) -> Result<(u64, OwnedFd), CUresult> {
        if len == 0 {
            return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
        }
        if len > self.info(device).0 {
            return Err(CUresult::CUDA_ERROR_OUT_OF_MEMORY);
        }
        let file = file::create_on(device, len.next_multiple_of(PAGE))?;
        Ok((self.import(device, &file, len, kind, access)?, file))
    }

    /// Maps a file of another process, at an address of this one's. It is a device's, and some others' kernels reach it too.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_INVALID_VALUE` where the file has another length than memory of `len` bytes, `CUDA_ERROR_OUT_OF_MEMORY`.
    pub fn import(
        &self,
        device: CUdevice,
        file: &OwnedFd,
        len: u64,
        kind: Kind,
        access: Devices,
    ) -> Result<u64, CUresult> {
        let mapped = len.checked_next_multiple_of(PAGE);
        if len == 0 || mapped != Some(file::len(file)?) {
            return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
        }
        let (start, owner) = self.map(len)?;
        // SAFETY: mapped just now for this.
        unsafe { file::place(start, owner.1, file.as_fd(), 0) }?;
        let allocation = Allocation {
            start,
            len,
            kind,
            device,
        };
        self.publish(allocation, owner, access)?;
        Ok(start)
    }

    /// Moves an allocation of the device's into a file, which other processes can map. Its address and what is in it stay.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_INVALID_VALUE` where no such allocation begins there, `CUDA_ERROR_OUT_OF_MEMORY`; either way the
    /// allocation is as it was for whoever uses it.
    ///
    /// # Safety
    ///
    /// Nothing changes the memory meanwhile: no work is queued, and none is queued before this returns.
    pub unsafe fn move_to_file(&self, start: u64) -> Result<(OwnedFd, u64), CUresult> {
        let found = self.find(start);
        let found = found
            .filter(|found| found.start == start && found.kind == Kind::Device)
            .ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)?;
        let mapped = found.len.next_multiple_of(PAGE);
        let file = file::create_on(found.device, mapped)?;
        for at in (0..mapped).step_by(STEP as usize) {
            let len = STEP.min(mapped - at);
            // SAFETY: the allocation's pages, which nobody changes, as the caller promises.
            let bytes =
                unsafe { std::slice::from_raw_parts((start + at) as *const u8, len as usize) };
            if bytes.iter().any(|byte| *byte != 0) {
                let mut done = 0;
                while done < bytes.len() {
                    let written = rustix::io::pwrite(&file, &bytes[done..], at + done as u64);
                    done += written.map_err(|_| CUresult::CUDA_ERROR_OUT_OF_MEMORY)?;
                }
            }
            // SAFETY: what was there has just been copied to where it is now.
            unsafe { file::place(start + at, len, file.as_fd(), at) }?;
        }
        Ok((file, found.len))
    }

    /// Zeroed memory that counts and that kernels reach only while it is held.
    ///
    /// # Errors
    ///
    /// As [`Memory::allocate`].
    pub fn reserve(
        &self,
        device: CUdevice,
        len: u64,
        access: Devices,
    ) -> Result<Reserved, CUresult> {
        if len == 0 {
            return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
        }
        if len > self.limit {
            return Err(CUresult::CUDA_ERROR_OUT_OF_MEMORY);
        }
        let (start, mapping) = self.map(len)?;
        Ok(Reserved {
            start,
            len,
            device,
            access,
            mapping,
            holds: Mutex::new(0),
        })
    }

    /// Lets kernels reach reserved memory until as many releases as there were holds.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_OUT_OF_MEMORY`.
    pub fn hold(&self, reserved: &Reserved) -> Result<(), CUresult> {
        let mut holds = reserved
            .holds
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if *holds == 0 {
            let allocation = Allocation {
                start: reserved.start,
                len: reserved.len,
                kind: Kind::Pool,
                device: reserved.device,
            };
            self.publish(allocation, reserved.mapping.clone(), reserved.access)?;
        }
        *holds += 1;
        Ok(())
    }

    /// Takes back one hold.
    pub fn release(&self, reserved: &Reserved) {
        let mut holds = reserved
            .holds
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *holds = holds.saturating_sub(1);
        if *holds == 0 {
            // Absent when the context was reset meanwhile.
            let _ = self.free(reserved.start, |_| true);
        }
    }

    /// Counts memory that lies elsewhere.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_OUT_OF_MEMORY`.
    pub fn charge(&self, device: CUdevice, len: u64) -> Result<(), CUresult> {
        let mut state = self.state();
        let place = &mut state.used[device as usize];
        let used = place.checked_add(len);
        *place = used
            .filter(|used| *used <= self.limit)
            .ok_or(CUresult::CUDA_ERROR_OUT_OF_MEMORY)?;
        Ok(())
    }

    /// Counts it no longer.
    pub fn discharge(&self, device: CUdevice, len: u64) {
        let place = &mut self.state().used[device as usize];
        *place = place.saturating_sub(len);
    }

    /// Addresses that nothing else gets, with no memory at them.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_OUT_OF_MEMORY` where there is no such range.
    pub fn reserve_addresses(
        &self,
        len: u64,
        align: u64,
        hint: u64,
    ) -> Result<(u64, Arc<Mapping>), CUresult> {
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE | MapFlags::FIXED_NOREPLACE;
        let try_at = |at: u64| {
            // SAFETY: NOREPLACE touches no existing mapping.
            let got = unsafe {
                let place = at as *mut c_void;
                rustix::mm::mmap_anonymous(place, len as usize, ProtFlags::empty(), flags)
            };
            match got {
                Ok(got) => {
                    let mapping = Mapping(got as u64, len);
                    Ok((got as u64 == at).then(|| Arc::new(mapping)))
                }
                Err(rustix::io::Errno::EXIST) => Ok(None),
                Err(_) => Err(CUresult::CUDA_ERROR_OUT_OF_MEMORY),
            }
        };
        // A hint is just that: what cannot be had there is had elsewhere.
        if is_device_address(hint)
            && hint.is_multiple_of(align)
            && hint.checked_add(len).is_some_and(|end| end <= END)
            && let Some(mapping) = try_at(hint)?
        {
            return Ok((hint, mapping));
        }
        loop {
            let at = {
                let mut state = self.state();
                let at = (FIRST + state.next).checked_next_multiple_of(align);
                let end = at.and_then(|at| at.checked_add(len));
                let (at, end) = at
                    .zip(end)
                    .filter(|(_, end)| *end <= END)
                    .ok_or(CUresult::CUDA_ERROR_OUT_OF_MEMORY)?;
                state.next = (end - FIRST).next_multiple_of(64 << 10);
                at
            };
            if let Some(mapping) = try_at(at)? {
                return Ok((at, mapping));
            }
        }
    }

    /// Maps zeroed memory at a place that is nobody's.
    fn map(&self, len: u64) -> Result<(u64, Arc<Mapping>), CUresult> {
        let mapped = len
            .checked_next_multiple_of(PAGE)
            .ok_or(CUresult::CUDA_ERROR_OUT_OF_MEMORY)?;
        let mut state = self.state();
        let start = loop {
            let at = FIRST + state.next;
            let step = mapped
                .checked_add(PAGE)
                .and_then(|n| n.checked_next_multiple_of(64 << 10));
            state.next += step.ok_or(CUresult::CUDA_ERROR_OUT_OF_MEMORY)?;
            if FIRST + state.next > END {
                return Err(CUresult::CUDA_ERROR_OUT_OF_MEMORY);
            }
            let flags = MapFlags::PRIVATE | MapFlags::NORESERVE | MapFlags::FIXED_NOREPLACE;
            // SAFETY: NOREPLACE touches no existing mapping.
            let got = unsafe {
                rustix::mm::mmap_anonymous(
                    at as *mut c_void,
                    mapped as usize,
                    ProtFlags::READ | ProtFlags::WRITE,
                    flags,
                )
            };
            match got {
                Ok(got) if got as u64 == at => break at,
                Ok(elsewhere) => drop(Mapping(elsewhere as u64, mapped)),
                Err(rustix::io::Errno::EXIST) => {}
                Err(_) => return Err(CUresult::CUDA_ERROR_OUT_OF_MEMORY),
            }
        };
        Ok((start, Arc::new(Mapping(start, mapped))))
    }

    /// Lets kernels reach a mapping, and counts it unless it is the host's.
    fn publish(
        &self,
        allocation: Allocation,
        owner: Arc<Mapping>,
        access: Devices,
    ) -> Result<(), CUresult> {
        let Allocation {
            start,
            len,
            kind,
            device,
        } = allocation;
        let mut state = self.state();
        let used = state.used[device as usize]
            .checked_add(len)
            .filter(|used| *used <= self.limit);
        if kind.counts() && used.is_none() {
            return Err(CUresult::CUDA_ERROR_OUT_OF_MEMORY);
        }
        // SAFETY: mapped readable and writable until the owner is dropped.
        let inserted = unsafe { self.space.insert(start, len, true, Some(owner)) };
        if inserted.is_err() {
            return Err(CUresult::CUDA_ERROR_OUT_OF_MEMORY);
        }
        if kind.counts() {
            state.used[device as usize] += len;
        }
        state.all.insert(start, allocation);
        if self.several() {
            for other in 0..self.reach.len() as CUdevice {
                let reaches = access.has(other) || Self::reaches(&state, other, kind, device);
                if reaches {
                    self.set_reach(start, other, true);
                }
            }
        }
        Ok(())
    }

    /// Lets kernels reach memory of the process.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_INVALID_VALUE` for what is no memory, `CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED`.
    ///
    /// # Safety
    ///
    /// As [`AddressSpace::insert`] asks, until [`Memory::free`].
    pub unsafe fn register(
        &self,
        device: CUdevice,
        start: u64,
        len: u64,
        writable: bool,
    ) -> Result<(), CUresult> {
        // SAFETY: as the caller promises.
        unsafe { self.space.insert(start, len, writable, None) }.map_err(|error| match error {
            RangeError::Invalid { .. } => CUresult::CUDA_ERROR_INVALID_VALUE,
            RangeError::Overlap { .. } => CUresult::CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED,
        })?;
        let allocation = Allocation {
            start,
            len,
            kind: Kind::Registered,
            device,
        };
        let mut state = self.state();
        state.all.insert(start, allocation);
        if self.several() {
            for device in 0..self.reach.len() as CUdevice {
                self.set_reach(start, device, true);
            }
        }
        Ok(())
    }

    /// The allocation that an address is in.
    pub fn find(&self, address: u64) -> Option<Allocation> {
        let state = self.state();
        let (_, found) = state.all.range(..=address).next_back()?;
        (address - found.start < found.len).then_some(*found)
    }

    /// Ends an allocation or a registration.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_INVALID_VALUE` where none begins there, or `accept` refuses it.
    pub fn free(
        &self,
        start: u64,
        accept: impl FnOnce(&Allocation) -> bool,
    ) -> Result<(), CUresult> {
        let mut state = self.state();
        let allocation = match state.all.get(&start) {
            Some(allocation) if accept(allocation) => *allocation,
            _ => return Err(CUresult::CUDA_ERROR_INVALID_VALUE),
        };
        if allocation.kind.counts() {
            state.used[allocation.device as usize] -= allocation.len;
        }
        state.all.remove(&start);
        state.contexts.remove(&start);
        self.withdraw(start);
        Ok(())
    }

    /// Has an allocation end with a context.
    pub fn belongs_to(&self, start: u64, context: u64) {
        self.state().contexts.insert(start, context);
    }

    /// Ends every allocation of a context, and answers where they began.
    pub fn free_of_context(&self, context: u64) -> Vec<u64> {
        let starts: Vec<u64> = {
            let state = self.state();
            let all = state.contexts.iter();
            all.filter(|(_, of)| **of == context)
                .map(|(start, _)| *start)
                .collect()
        };
        for start in &starts {
            let _ = self.free(*start, |_| true);
        }
        starts
    }

    /// Ends every allocation that is memory of a device.
    pub fn free_all(&self, device: CUdevice) {
        let starts: Vec<u64> = self
            .state()
            .all
            .values()
            .filter(|a| a.device == device && (a.kind.counts() || a.kind == Kind::Imported))
            .map(|a| a.start)
            .collect();
        for start in starts {
            let _ = self.free(start, |_| true);
        }
    }
}

//! Device memory: the host's own, at addresses of its own.

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::sync::{Arc, Mutex, PoisonError};

use pillion_cuda_abi::CUresult;
use rustix::mm::{MapFlags, ProtFlags};

use crate::engine::{AddressSpace, RangeError};

/// Device memory lies here, far from what a process maps by itself, so that a client can keep the same addresses free.
const FIRST: u64 = 0x3020_0000_0000;
const END: u64 = 0x5020_0000_0000;
const PAGE: u64 = 4096;

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
    /// Pinned memory of the host.
    Host,
    /// The program's own memory, registered.
    Registered,
    /// What this device needs itself: variables of modules, the heap of kernels.
    Own,
    /// A module's managed variable.
    ManagedVariable,
}

impl Kind {
    /// Whether it counts as memory of the device.
    fn counts(self) -> bool {
        matches!(self, Kind::Device | Kind::Pool | Kind::Managed)
    }
}

/// The allocations of the device.
pub struct Memory {
    space: Arc<AddressSpace>,
    limit: u64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    next: u64,
    used: u64,
    all: BTreeMap<u64, Allocation>,
}

/// Memory with an address of its own that comes and goes, as graphs allocate and free it.
pub struct Reserved {
    /// Its first byte.
    pub start: u64,
    /// Its length in bytes.
    pub len: u64,
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
    /// A device with `limit` bytes.
    pub fn new(space: Arc<AddressSpace>, limit: u64) -> Self {
        Memory {
            space,
            limit,
            state: Mutex::default(),
        }
    }

    /// Free and total bytes.
    pub fn info(&self) -> (u64, u64) {
        (self.limit.saturating_sub(self.state().used), self.limit)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Zeroed memory, with a gap behind it so that what runs over it is noticed.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_INVALID_VALUE` for no bytes, `CUDA_ERROR_OUT_OF_MEMORY`.
    pub fn allocate(&self, len: u64, kind: Kind) -> Result<u64, CUresult> {
        if len == 0 {
            return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
        }
        if kind.counts() && len > self.info().0 {
            return Err(CUresult::CUDA_ERROR_OUT_OF_MEMORY);
        }
        let (start, owner) = self.map(len)?;
        self.publish(start, len, owner, kind)?;
        Ok(start)
    }

    /// Zeroed memory that counts and that kernels reach only while it is held.
    ///
    /// # Errors
    ///
    /// As [`Memory::allocate`].
    pub fn reserve(&self, len: u64) -> Result<Reserved, CUresult> {
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
            self.publish(
                reserved.start,
                reserved.len,
                reserved.mapping.clone(),
                Kind::Device,
            )?;
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
    pub fn charge(&self, len: u64) -> Result<(), CUresult> {
        let mut state = self.state();
        let used = state.used.checked_add(len);
        state.used = used
            .filter(|used| *used <= self.limit)
            .ok_or(CUresult::CUDA_ERROR_OUT_OF_MEMORY)?;
        Ok(())
    }

    /// Counts it no longer.
    pub fn discharge(&self, len: u64) {
        let mut state = self.state();
        state.used = state.used.saturating_sub(len);
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
        start: u64,
        len: u64,
        owner: Arc<Mapping>,
        kind: Kind,
    ) -> Result<(), CUresult> {
        let mut state = self.state();
        let used = state
            .used
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
            state.used += len;
        }
        state.all.insert(start, Allocation { start, len, kind });
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
    pub unsafe fn register(&self, start: u64, len: u64, writable: bool) -> Result<(), CUresult> {
        // SAFETY: as the caller promises.
        unsafe { self.space.insert(start, len, writable, None) }.map_err(|error| match error {
            RangeError::Invalid { .. } => CUresult::CUDA_ERROR_INVALID_VALUE,
            RangeError::Overlap { .. } => CUresult::CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED,
        })?;
        let kind = Kind::Registered;
        self.state()
            .all
            .insert(start, Allocation { start, len, kind });
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
        match state.all.get(&start) {
            Some(allocation) if accept(allocation) => {
                if allocation.kind.counts() {
                    state.used -= allocation.len;
                }
            }
            _ => return Err(CUresult::CUDA_ERROR_INVALID_VALUE),
        }
        state.all.remove(&start);
        drop(state);
        self.space.remove(start);
        Ok(())
    }

    /// Ends every allocation that counts as memory of the device.
    pub fn free_all(&self) {
        let starts: Vec<u64> = self
            .state()
            .all
            .values()
            .filter(|a| a.kind.counts())
            .map(|a| a.start)
            .collect();
        for start in starts {
            let _ = self.free(start, |_| true);
        }
    }
}

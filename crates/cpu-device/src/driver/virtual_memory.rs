//! Virtual memory as the program manages it: ranges of addresses, memory without an address, and what brings them together.
//!
//! Memory is a file without a name, so that it can be mapped twice and given to other processes. A range keeps its addresses
//! from its reservation to its end, whatever is mapped there meanwhile.

use std::collections::{BTreeMap, HashMap};
use std::ffi::{c_int, c_ulonglong, c_void};
use std::os::fd::{AsFd, BorrowedFd, IntoRawFd, OwnedFd};
use std::sync::Arc;

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;
use rustix::mm::{MapFlags, ProtFlags};

use super::memory::{Devices, Mapping, Memory};
use super::{
    Answer, Device, INVALID, MEMORY, MOST_DEVICES, Raw, State, UNSUPPORTED, alive, array, capture,
    device, file, functions, name, write,
};

/// What sizes, addresses and offsets are multiples of.
const GRANULARITY: u64 = 2 << 20;
const PAGE: u64 = 4096;

/// All ranges, memory and mappings.
#[derive(Default)]
pub struct VirtualMemory {
    ranges: BTreeMap<u64, Range>,
    handles: HashMap<u64, Handle>,
    mapped: BTreeMap<u64, Mapped>,
}

/// Reserved addresses.
struct Range {
    len: u64,
    mapping: Arc<Mapping>,
}

/// What the program holds of memory.
struct Handle {
    backing: Arc<Backing>,
    references: u64,
}

/// Memory without an address.
struct Backing {
    file: OwnedFd,
    len: u64,
    prop: Raw<CUmemAllocationProp>,
    /// Where it is counted, and on which device.
    memory: Arc<Memory>,
    device: CUdevice,
}

impl Drop for Backing {
    fn drop(&mut self) {
        self.memory.discharge(self.device, self.len);
    }
}

/// Memory at addresses.
struct Mapped {
    len: u64,
    handle: u64,
    backing: Arc<Backing>,
    /// How each device reaches it.
    access: [CUmemAccess_flags; MOST_DEVICES],
    range: Arc<Mapping>,
}

const NO_ACCESS: CUmemAccess_flags = CUmemAccess_flags::CU_MEM_ACCESS_FLAGS_PROT_NONE;

/// What access allows: nothing, reading, or writing too.
fn writable(access: CUmemAccess_flags) -> Answer<Option<bool>> {
    use CUmemAccess_flags as F;
    match access {
        F::CU_MEM_ACCESS_FLAGS_PROT_NONE => Ok(None),
        F::CU_MEM_ACCESS_FLAGS_PROT_READ => Ok(Some(false)),
        F::CU_MEM_ACCESS_FLAGS_PROT_READWRITE => Ok(Some(true)),
        _ => Err(INVALID),
    }
}

impl VirtualMemory {
    /// The starts of the mappings that make up all of a range of addresses, each of them whole.
    fn whole(&self, start: u64, len: u64) -> Answer<Vec<u64>> {
        let end = start.checked_add(len).ok_or(INVALID)?;
        let (mut at, mut found) = (start, Vec::new());
        while at < end {
            let mapped = self.mapped.get(&at).ok_or(INVALID)?;
            found.push(at);
            at += mapped.len;
        }
        if at == end && !found.is_empty() {
            Ok(found)
        } else {
            Err(INVALID)
        }
    }

    /// The mapping that an address is in.
    fn at(&self, address: u64) -> Answer<&Mapped> {
        let before = self.mapped.range(..=address).next_back();
        let (start, mapped) = before.ok_or(INVALID)?;
        if address - start < mapped.len {
            Ok(mapped)
        } else {
            Err(INVALID)
        }
    }

    /// The range that holds all of these addresses.
    fn range(&self, start: u64, len: u64) -> Answer<&Range> {
        let before = self.ranges.range(..=start).next_back();
        let (first, range) = before.ok_or(INVALID)?;
        let inside = (start - first)
            .checked_add(len)
            .is_some_and(|n| n <= range.len);
        if inside { Ok(range) } else { Err(INVALID) }
    }

    fn is_free(&self, start: u64, len: u64) -> bool {
        let before = self.mapped.range(..start + len).next_back();
        before.is_none_or(|(first, mapped)| first + mapped.len <= start)
    }
}

fn rounded(value: u64) -> bool {
    value.is_multiple_of(GRANULARITY)
}

/// Checks what memory is to be.
fn check(prop: &CUmemAllocationProp) -> Answer {
    use CUmemAllocationHandleType as H;
    if prop.type_ != CUmemAllocationType::CU_MEM_ALLOCATION_TYPE_PINNED {
        return Err(INVALID);
    }
    let host = match prop.location.type_ {
        CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE => {
            super::device::check(prop.location.id)?;
            false
        }
        CUmemLocationType::CU_MEM_LOCATION_TYPE_HOST
        | CUmemLocationType::CU_MEM_LOCATION_TYPE_HOST_NUMA => true,
        _ => return Err(INVALID),
    };
    match prop.requestedHandleTypes {
        H::CU_MEM_HANDLE_TYPE_NONE => Ok(()),
        H::CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR if !host => Ok(()),
        H::CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR => Err(INVALID),
        _ => Err(UNSUPPORTED),
    }
}

fn create(len: u64, prop: &CUmemAllocationProp) -> Answer<u64> {
    check(prop)?;
    if len == 0 || !rounded(len) {
        return Err(INVALID);
    }
    let device = alive()?;
    let own = match prop.location.type_ {
        CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE => prop.location.id,
        // The host's is counted somewhere, too.
        _ => 0,
    };
    device.memory.charge(own, len)?;
    let file = file::create_on(own, len).inspect_err(|_| device.memory.discharge(own, len))?;
    Ok(hold(device, own, file, len, *prop))
}

/// Gives memory, which has been counted, a handle.
fn hold(device: &Device, own: CUdevice, file: OwnedFd, len: u64, prop: CUmemAllocationProp) -> u64 {
    let backing = Arc::new(Backing {
        file,
        len,
        prop: Raw(prop),
        memory: device.memory.clone(),
        device: own,
    });
    let handle = name(MEMORY);
    let held = Handle {
        backing,
        references: 1,
    };
    device.state().virtual_memory.handles.insert(handle, held);
    handle
}

fn backing(state: &State, handle: u64) -> Answer<Arc<Backing>> {
    let held = state.virtual_memory.handles.get(&handle).ok_or(INVALID)?;
    Ok(held.backing.clone())
}

/// Puts a file, or nothing, at addresses of a range.
fn place(start: u64, len: u64, file: Option<&Backing>) -> Answer {
    // SAFETY: the addresses are of a range that is reserved, and what was there has no user any more. What nobody may use is
    // readable all the same, so that a kernel that used it just before finds zeros and not the end of the process.
    unsafe {
        match file {
            Some(backing) => file::place(start, len, backing.file.as_fd(), 0),
            None => {
                let access = ProtFlags::READ | ProtFlags::WRITE;
                let flags = MapFlags::PRIVATE | MapFlags::FIXED | MapFlags::NORESERVE;
                rustix::mm::mmap_anonymous(start as *mut c_void, len as usize, access, flags)
                    .map(|_| ())
                    .map_err(|_| CUresult::CUDA_ERROR_OUT_OF_MEMORY)
            }
        }
    }
}

fn map(start: u64, len: u64, offset: u64, handle: u64, flags: u64) -> Answer {
    if flags != 0 || offset != 0 || len == 0 || !rounded(start) || !rounded(len) {
        return Err(INVALID);
    }
    let mut state = alive()?.state();
    let backing = backing(&state, handle)?;
    let virtual_memory = &mut state.virtual_memory;
    let range = virtual_memory.range(start, len)?.mapping.clone();
    if len > backing.len || !virtual_memory.is_free(start, len) {
        return Err(INVALID);
    }
    place(start, len, Some(&backing))?;
    let mapped = Mapped {
        len,
        handle,
        backing,
        access: [NO_ACCESS; MOST_DEVICES],
        range,
    };
    virtual_memory.mapped.insert(start, mapped);
    Ok(())
}

fn unmap(start: u64, len: u64) -> Answer {
    let device = device()?;
    capture::potentially_unsafe(&mut device.state())?;
    let users = {
        let state = device.state();
        let starts = state.virtual_memory.whole(start, len)?;
        let mut all = Devices::default();
        for start in starts {
            let users = device.memory.users(start);
            users.each().for_each(|user| all.set(user, true));
        }
        all
    };
    // As CUDA documents: what uses it comes to its end.
    device.settle(users);
    let mut state = device.state();
    let virtual_memory = &mut state.virtual_memory;
    let mut gone = Vec::new();
    for start in virtual_memory.whole(start, len)? {
        device.memory.withdraw(start);
        if let Some(mapped) = virtual_memory.mapped.remove(&start) {
            place(start, mapped.len, None)?;
            gone.push(mapped);
        }
    }
    Ok(())
}

/// Lets the kernels of devices reach a range, or not.
fn set_access(start: u64, len: u64, access: &[CUmemAccessDesc]) -> Answer {
    let device = alive()?;
    device.state().virtual_memory.whole(start, len)?;
    for wanted in access {
        match wanted.location.type_ {
            CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE => {
                super::device::check(wanted.location.id)?;
            }
            CUmemLocationType::CU_MEM_LOCATION_TYPE_HOST
            | CUmemLocationType::CU_MEM_LOCATION_TYPE_HOST_NUMA => continue,
            _ => return Err(INVALID),
        }
        writable(wanted.flags)?;
        let own = wanted.location.id;
        let changes = |state: &State| {
            let mapped = state.virtual_memory.mapped.range(start..start + len);
            let mut access = mapped.map(|(_, mapped)| mapped.access[own as usize]);
            access.any(|now| now != NO_ACCESS && now != wanted.flags)
        };
        // In two statements, so that the state is unlocked meanwhile.
        let taken = changes(&device.state());
        if taken {
            // Nobody is to lose it while he uses it.
            let mut user = Devices::default();
            user.set(own, true);
            device.settle(user);
        }
        let mut state = device.state();
        let virtual_memory = &mut state.virtual_memory;
        for start in virtual_memory.whole(start, len)? {
            let Some(mapped) = virtual_memory.mapped.get_mut(&start) else {
                continue;
            };
            if mapped.access[own as usize] == wanted.flags {
                continue;
            }
            mapped.access[own as usize] = wanted.flags;
            let access = mapped.access.map(|flags| writable(flags).ok().flatten());
            // SAFETY: mapped readable and writable in `map`, until the range is given back by its last owner.
            unsafe {
                device
                    .memory
                    .set_access(start, mapped.len, &mapped.range, &access)?;
            }
        }
    }
    Ok(())
}

fn access(location: &CUmemLocation, address: u64) -> Answer<CUmemAccess_flags> {
    let state = device()?.state();
    let mapped = state.virtual_memory.at(address)?;
    match location.type_ {
        CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE => {
            super::device::check(location.id)?;
            Ok(mapped.access[location.id as usize])
        }
        CUmemLocationType::CU_MEM_LOCATION_TYPE_HOST
        | CUmemLocationType::CU_MEM_LOCATION_TYPE_HOST_NUMA => Ok(NO_ACCESS),
        _ => Err(INVALID),
    }
}

fn reserve(len: u64, align: u64, hint: u64, flags: u64) -> Answer<u64> {
    let aligned = len.is_multiple_of(PAGE) && hint.is_multiple_of(PAGE);
    if len == 0 || !aligned || flags != 0 || align != 0 && !align.is_power_of_two() {
        return Err(INVALID);
    }
    let device = alive()?;
    let align = align.max(GRANULARITY);
    let (start, mapping) = device.memory.reserve_addresses(len, align, hint)?;
    let range = Range { len, mapping };
    device.state().virtual_memory.ranges.insert(start, range);
    Ok(start)
}

fn unreserve(start: u64, len: u64) -> Answer {
    let mut state = device()?.state();
    let virtual_memory = &mut state.virtual_memory;
    let known = virtual_memory.ranges.get(&start).ok_or(INVALID)?;
    if known.len != len || !virtual_memory.is_free(start, len) {
        return Err(INVALID);
    }
    let gone = virtual_memory.ranges.remove(&start);
    drop(state);
    drop(gone);
    Ok(())
}

fn release(handle: u64) -> Answer {
    let mut state = device()?.state();
    let handles = &mut state.virtual_memory.handles;
    let held = handles.get_mut(&handle).ok_or(INVALID)?;
    held.references -= 1;
    if held.references == 0 {
        let gone = handles.remove(&handle);
        drop(state);
        drop(gone);
    }
    Ok(())
}

fn retain(address: u64) -> Answer<u64> {
    let mut state = alive()?.state();
    let virtual_memory = &mut state.virtual_memory;
    let mapped = virtual_memory.at(address)?;
    let (handle, backing) = (mapped.handle, mapped.backing.clone());
    // The same handle again, also when the program had given it back.
    let held = virtual_memory.handles.entry(handle);
    held.or_insert(Handle {
        backing,
        references: 0,
    })
    .references += 1;
    Ok(handle)
}

fn export(handle: u64, kind: CUmemAllocationHandleType, flags: u64) -> Answer<c_int> {
    use CUmemAllocationHandleType as H;
    let backing = backing(&alive()?.state(), handle)?;
    match kind {
        H::CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR
            if flags == 0 && backing.prop.0.requestedHandleTypes == kind => {}
        H::CU_MEM_HANDLE_TYPE_FABRIC => return Err(UNSUPPORTED),
        _ => return Err(INVALID),
    }
    let file = backing.file.try_clone();
    let file = file.map_err(|_| CUresult::CUDA_ERROR_OPERATING_SYSTEM)?;
    // The program closes it.
    Ok(file.into_raw_fd())
}

fn import(descriptor: u64, kind: CUmemAllocationHandleType) -> Answer<u64> {
    if kind != CUmemAllocationHandleType::CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR {
        return Err(UNSUPPORTED);
    }
    let descriptor = c_int::try_from(descriptor).map_err(|_| INVALID)?;
    if descriptor < 0 {
        return Err(INVALID);
    }
    let device = alive()?;
    // SAFETY: the program says that it is open; if it is not, duplicating it fails.
    let file = unsafe { BorrowedFd::borrow_raw(descriptor) };
    let file = file.try_clone_to_owned().map_err(|_| INVALID)?;
    let len = file::len(&file)?;
    if !rounded(len) {
        return Err(INVALID);
    }
    let own = file::owner(&file)?;
    device.memory.charge(own, len)?;
    let mut prop = no_prop();
    prop.type_ = CUmemAllocationType::CU_MEM_ALLOCATION_TYPE_PINNED;
    prop.location.type_ = CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE;
    prop.location.id = own;
    prop.requestedHandleTypes = kind;
    Ok(hold(device, own, file, len, prop))
}

fn no_prop() -> CUmemAllocationProp {
    // SAFETY: a C structure of numbers and pointers, for which zero is a value.
    unsafe { std::mem::zeroed() }
}

functions! {
    cuMemAddressReserve(place: *mut CUdeviceptr, len: usize, align: usize, hint: CUdeviceptr, flags: c_ulonglong) {
        if place.is_null() {
            return Err(INVALID);
        }
        write(place, reserve(len as u64, align as u64, hint, flags)?)
    }
    cuMemAddressFree(start: CUdeviceptr, len: usize) { unreserve(start, len as u64) }
    cuMemCreate(place: *mut CUmemGenericAllocationHandle, len: usize, prop: *const CUmemAllocationProp, flags: c_ulonglong) {
        let prop = prop.as_ref().ok_or(INVALID)?;
        if place.is_null() || flags != 0 {
            return Err(INVALID);
        }
        write(place, create(len as u64, prop)?)
    }
    cuMemRelease(handle: CUmemGenericAllocationHandle) { release(handle) }
    cuMemMap(start: CUdeviceptr, len: usize, offset: usize, handle: CUmemGenericAllocationHandle, flags: c_ulonglong) {
        map(start, len as u64, offset as u64, handle, flags)
    }
    cuMemUnmap(start: CUdeviceptr, len: usize) { unmap(start, len as u64) }
    cuMemSetAccess(start: CUdeviceptr, len: usize, access: *const CUmemAccessDesc, count: usize) {
        if count == 0 {
            return Err(INVALID);
        }
        set_access(start, len as u64, array(access, count)?)
    }
    cuMemGetAccess(place: *mut c_ulonglong, location: *const CUmemLocation, address: CUdeviceptr) {
        write(place, c_ulonglong::from(access(location.as_ref().ok_or(INVALID)?, address)?.0))
    }
    cuMemGetAllocationGranularity(place: *mut usize, prop: *const CUmemAllocationProp, which: CUmemAllocationGranularity_flags) {
        check(prop.as_ref().ok_or(INVALID)?)?;
        if which.0 > CUmemAllocationGranularity_flags::CU_MEM_ALLOC_GRANULARITY_RECOMMENDED.0 {
            return Err(INVALID);
        }
        write(place, GRANULARITY as usize)
    }
    cuMemGetAllocationPropertiesFromHandle(place: *mut CUmemAllocationProp, handle: CUmemGenericAllocationHandle) {
        write(place, backing(&device()?.state(), handle)?.prop.0)
    }
    cuMemRetainAllocationHandle(place: *mut CUmemGenericAllocationHandle, address: *mut c_void) {
        if place.is_null() {
            return Err(INVALID);
        }
        write(place, retain(address as u64)?)
    }
    cuMemExportToShareableHandle(place: *mut c_void, handle: CUmemGenericAllocationHandle, kind: CUmemAllocationHandleType, flags: c_ulonglong) {
        if place.is_null() {
            return Err(INVALID);
        }
        write(place.cast::<c_int>(), export(handle, kind, flags)?)
    }
    cuMemImportFromShareableHandle(place: *mut CUmemGenericAllocationHandle, handle: *mut c_void, kind: CUmemAllocationHandleType) {
        if place.is_null() {
            return Err(INVALID);
        }
        write(place, import(handle as u64, kind)?)
    }
}

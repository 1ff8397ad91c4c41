//! Virtual memory through the device's table.

mod common;

use std::ffi::{c_int, c_void};
use std::ptr::null_mut;

use common::driver::*;
use common::{Random, ptx};
use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

const MIB: usize = 1 << 20;
const DEVICE: CUmemLocationType = CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE;
const NONE: CUmemAccess_flags = CUmemAccess_flags::CU_MEM_ACCESS_FLAGS_PROT_NONE;
const ALL: CUmemAccess_flags = CUmemAccess_flags::CU_MEM_ACCESS_FLAGS_PROT_READWRITE;
const FILE: CUmemAllocationHandleType =
    CUmemAllocationHandleType::CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR;

fn prop(shared: bool) -> CUmemAllocationProp {
    let mut prop: CUmemAllocationProp = zeroed();
    prop.type_ = CUmemAllocationType::CU_MEM_ALLOCATION_TYPE_PINNED;
    prop.location.type_ = DEVICE;
    if shared {
        prop.requestedHandleTypes = FILE;
    }
    prop
}

fn granularity() -> usize {
    let mut granularity = 0;
    let which = CUmemAllocationGranularity_flags::CU_MEM_ALLOC_GRANULARITY_MINIMUM;
    good!(cuMemGetAllocationGranularity(
        &mut granularity,
        &prop(false),
        which
    ));
    granularity
}

fn create(len: usize, shared: bool) -> u64 {
    let mut handle = 0;
    good!(cuMemCreate(&mut handle, len, &prop(shared), 0));
    handle
}

fn reserve(len: usize) -> u64 {
    let mut start = 0;
    good!(cuMemAddressReserve(&mut start, len, 0, 0, 0));
    assert_eq!(start % granularity() as u64, 0);
    start
}

fn set_access(start: u64, len: usize, flags: CUmemAccess_flags) -> CUresult {
    let mut access: CUmemAccessDesc = zeroed();
    access.location.type_ = DEVICE;
    access.flags = flags;
    call!(cuMemSetAccess(start, len, &access, 1))
}

fn access_of(address: u64) -> CUmemAccess_flags {
    let mut location: CUmemLocation = zeroed();
    location.type_ = DEVICE;
    let mut flags = 7;
    good!(cuMemGetAccess(&mut flags, &location, address));
    CUmemAccess_flags(flags as u32)
}

#[test]
fn memory_can_be_at_two_addresses() {
    let _device = device();
    let before = free_memory();
    let mut random = Random::new();
    let unit = granularity();
    assert_eq!(unit, 2 * MIB);
    let text = ptx(ADD);
    let module = module(&text);
    let kernel = function(module, "add");
    let s = stream(1);
    let len = 2 * unit;
    let handle = create(len, false);
    assert_eq!(free_memory(), before - len);
    let (a, b) = (reserve(len), reserve(3 * len));
    let b = b + len as u64;
    for at in [a, b] {
        good!(cuMemMap(at, len, 0, handle, 0));
        assert_eq!(access_of(at), NONE);
        let mut byte = 0u8;
        let got = call!(cuMemcpyDtoH_v2((&raw mut byte).cast(), at, 1));
        assert_eq!(got, INVALID, "before access is given");
        assert_eq!(set_access(at, len, ALL), OK);
        assert_eq!(access_of(at + 5), ALL);
    }
    // What may be read only is not written.
    let readable = CUmemAccess_flags::CU_MEM_ACCESS_FLAGS_PROT_READ;
    assert_eq!(set_access(b, len, readable), OK);
    assert_eq!(access_of(b), readable);
    assert_eq!(call!(cuMemsetD8_v2(b, 1, 16)), INVALID);
    assert_eq!(download(b, 16), [0; 16]);
    assert_eq!(set_access(b, len, ALL), OK);
    // The handle may go; the mappings keep the memory.
    good!(cuMemRelease(handle));
    assert_eq!(free_memory(), before - len);
    let noise = random_bytes(&mut random, len);
    good!(cuMemcpyHtoD_v2(a, noise.as_ptr().cast(), len));
    assert!(download(b, len) == noise);
    assert_eq!(add(kernel, s, b + len as u64 - 400, 100, 1), OK);
    good!(cuStreamSynchronize(s));
    let last = &noise[len - 400..];
    let want: Vec<u8> = last
        .chunks_exact(4)
        .flat_map(|w| {
            let word = u32::from_le_bytes(w.try_into().unwrap());
            word.wrapping_add(1).to_le_bytes()
        })
        .collect();
    assert_eq!(download(a + len as u64 - 400, 400), want);
    // The same handle comes back from an address.
    let mut again = 0;
    good!(cuMemRetainAllocationHandle(
        &mut again,
        (b + 100) as *mut c_void
    ));
    assert_eq!(again, handle);
    let mut seen: CUmemAllocationProp = zeroed();
    good!(cuMemGetAllocationPropertiesFromHandle(&mut seen, again));
    assert_eq!(seen.location.type_, DEVICE);
    good!(cuMemRelease(again));
    assert_eq!(call!(cuMemRelease(again)), INVALID);

    good!(cuMemUnmap(a, len));
    let mut byte = 0u8;
    assert_eq!(
        call!(cuMemcpyDtoH_v2((&raw mut byte).cast(), a, 1)),
        INVALID
    );
    assert_eq!(download(b, 400), noise[..400], "the other mapping is there");
    good!(cuMemUnmap(b, len));
    assert_eq!(free_memory(), before);
    good!(cuMemAddressFree(a, len));
    good!(cuMemAddressFree(b - len as u64, 3 * len));
    good!(cuModuleUnload(module));
    good!(cuStreamDestroy_v2(s));
}

#[test]
fn a_range_grows_by_mapping_more_behind() {
    let _device = device();
    let mut random = Random::new();
    let (unit, count) = (granularity(), 5);
    let start = reserve(count * unit);
    let mut model = Vec::new();
    for n in 0..count {
        let at = start + (n * unit) as u64;
        let handle = create(unit, false);
        good!(cuMemMap(at, unit, 0, handle, 0));
        good!(cuMemRelease(handle));
        assert_eq!(set_access(start, (n + 1) * unit, ALL), OK);
        let part = random_bytes(&mut random, unit);
        good!(cuMemcpyHtoD_v2(at, part.as_ptr().cast(), unit));
        model.extend(part);
        // Copies and fills across mappings.
        assert!(download(start, model.len()) == model);
        if n > 0 {
            good!(cuMemsetD8_v2(at - 100, 7, 200));
            let at = n * unit;
            model[at - 100..at + 100].fill(7);
        }
    }
    assert!(download(start, model.len()) == model);
    let over = call!(cuMemsetD8_v2(start, 0, count * unit + 1));
    assert_eq!(over, INVALID);
    // All mappings of a range at once.
    good!(cuMemUnmap(start, count * unit));
    good!(cuMemAddressFree(start, count * unit));
}

#[test]
fn memory_is_shared_through_files() {
    let _device = device();
    let unit = granularity();
    let (own, private) = (create(unit, true), create(unit, false));
    let mut file: c_int = -1;
    let place = (&raw mut file).cast();
    assert_eq!(
        call!(cuMemExportToShareableHandle(place, private, FILE, 0)),
        INVALID,
        "not asked for when it was made"
    );
    good!(cuMemExportToShareableHandle(place, own, FILE, 0));
    assert!(file >= 0);
    let mut imported = 0;
    good!(cuMemImportFromShareableHandle(
        &mut imported,
        file as usize as *mut c_void,
        FILE
    ));
    // SAFETY: the descriptor is the test's own.
    unsafe { libc::close(file) };
    let start = reserve(2 * unit);
    let second = start + unit as u64;
    good!(cuMemMap(start, unit, 0, own, 0));
    good!(cuMemMap(second, unit, 0, imported, 0));
    assert_eq!(set_access(start, 2 * unit, ALL), OK);
    good!(cuMemsetD8_v2(start, 0x3c, unit));
    assert!(download(second, unit) == vec![0x3c; unit]);
    let not_memory = call!(cuMemImportFromShareableHandle(
        &mut imported,
        null_mut::<c_void>().wrapping_add(1),
        FILE
    ));
    assert_ne!(not_memory, OK, "standard output is no memory");
    good!(cuMemUnmap(start, unit));
    good!(cuMemUnmap(second, unit));
    for handle in [own, private, imported] {
        good!(cuMemRelease(handle));
    }
    good!(cuMemAddressFree(start, 2 * unit));
}

#[test]
fn what_does_not_fit_is_refused() {
    let _device = device();
    let unit = granularity();
    let mut place = 0;
    assert_eq!(
        call!(cuMemCreate(&mut place, unit + 1, &prop(false), 0)),
        INVALID
    );
    assert_eq!(call!(cuMemCreate(&mut place, 0, &prop(false), 0)), INVALID);
    let much = MEMORY as usize + unit;
    assert_eq!(
        call!(cuMemCreate(&mut place, much, &prop(false), 0)),
        CUresult::CUDA_ERROR_OUT_OF_MEMORY
    );
    let mut wrong = prop(false);
    wrong.location.id = 77;
    assert_ne!(call!(cuMemCreate(&mut place, unit, &wrong, 0)), OK);
    assert_eq!(
        call!(cuMemAddressReserve(&mut place, 100, 0, 0, 0)),
        INVALID
    );
    assert_eq!(
        call!(cuMemAddressReserve(&mut place, unit, 3, 0, 0)),
        INVALID
    );
    let (handle, start) = (create(unit, false), reserve(2 * unit));
    let second = start + unit as u64;
    for (at, len, offset, flags) in [
        (start + 4096, unit, 0, 0),
        (start, unit / 2, 0, 0),
        (start, 2 * unit, 0, 0),
        (second + unit as u64, unit, 0, 0),
        (start, unit, 0, 1),
    ] {
        let got = call!(cuMemMap(at, len, offset, handle, flags));
        assert_eq!(got, INVALID, "{at:#x} {len:#x}");
    }
    good!(cuMemMap(start, unit, 0, handle, 0));
    assert_eq!(
        call!(cuMemMap(start, unit, 0, handle, 0)),
        INVALID,
        "there is something"
    );
    assert_eq!(
        set_access(start, 2 * unit, ALL),
        INVALID,
        "half of it is not mapped"
    );
    assert_eq!(call!(cuMemAddressFree(start, 2 * unit)), INVALID, "in use");
    assert_eq!(call!(cuMemUnmap(start, 2 * unit)), INVALID);
    good!(cuMemUnmap(start, unit));
    assert_eq!(call!(cuMemUnmap(start, unit)), INVALID, "twice");
    assert_eq!(call!(cuMemAddressFree(start, unit)), INVALID, "a part");
    good!(cuMemAddressFree(start, 2 * unit));
    good!(cuMemRelease(handle));
    // A hint is followed where nothing is.
    let mut near = 0;
    good!(cuMemAddressReserve(&mut near, unit, 0, start, 0));
    assert_eq!(near, start);
    good!(cuMemAddressReserve(&mut place, unit, 0, start, 0));
    assert_ne!(place, start);
    good!(cuMemAddressFree(near, unit));
    good!(cuMemAddressFree(place, unit));
}

//! Managed memory: one memory for host and device, as it is for this device anyway. What the program advises is kept to be
//! asked for, and changes nothing.

use std::collections::BTreeMap;
use std::ffi::{c_int, c_uint, c_ulonglong, c_void};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

use super::memory::{Devices, Kind};
use super::operation::Operation;
use super::{
    Answer, INVALID, State, alive, allocation, array, capture, current, current_device, device,
    functions, write,
};

const PAGE: u64 = 4096;
/// As a device's number: the host, and no place at all.
const CPU: c_int = -1;
const NOWHERE: c_int = -2;

/// The managed allocations.
#[derive(Default)]
pub struct Managed {
    all: BTreeMap<u64, Region>,
}

/// One allocation.
struct Region {
    len: u64,
    /// The device that it is counted on.
    device: CUdevice,
    /// What is advised from each of these offsets on.
    parts: BTreeMap<u64, Advice>,
}

/// What the program said of some pages.
#[derive(Clone, Copy, PartialEq)]
struct Advice {
    read_mostly: bool,
    preferred: (CUmemLocationType, c_int),
    /// The devices that are to have a mapping of it, and whether the host is.
    accessed: (Devices, bool),
    prefetched: (CUmemLocationType, c_int),
}

const NO_PLACE: (CUmemLocationType, c_int) =
    (CUmemLocationType::CU_MEM_LOCATION_TYPE_INVALID, NOWHERE);

impl Region {
    fn split(&mut self, at: u64) {
        let before = self.parts.range(..=at).next_back();
        if let Some((_, advice)) = before {
            let advice = *advice;
            self.parts.insert(at, advice);
        }
    }

    /// Changes what is advised for some pages.
    fn advise(&mut self, start: u64, end: u64, change: impl Fn(&mut Advice)) {
        self.split(start);
        if end < self.len {
            self.split(end);
        }
        for (_, advice) in self.parts.range_mut(start..end) {
            change(advice);
        }
    }

    /// What is advised for every page of a range, one way or several.
    fn advised(&self, start: u64, end: u64) -> impl Iterator<Item = &Advice> {
        let first = self
            .parts
            .range(..=start)
            .next_back()
            .map(|(_, advice)| advice);
        let rest = self.parts.range(start + 1..end.max(start + 1));
        first.into_iter().chain(rest.map(|(_, advice)| advice))
    }
}

impl Managed {
    fn add(&mut self, device: CUdevice, start: u64, len: u64) {
        let advice = Advice {
            read_mostly: false,
            preferred: NO_PLACE,
            accessed: (Devices::default(), false),
            prefetched: NO_PLACE,
        };
        let parts = BTreeMap::from([(0, advice)]);
        self.all.insert(start, Region { len, device, parts });
    }

    /// All allocations of a device are freed.
    pub fn forget_device(&mut self, device: CUdevice) {
        self.all.retain(|_, region| region.device != device);
    }

    /// An allocation is freed.
    pub fn forget(&mut self, start: u64) {
        self.all.remove(&start);
    }

    /// The allocation that holds a range, and the offsets of the range's pages in it.
    fn pages(&mut self, start: u64, len: u64) -> Answer<(&mut Region, u64, u64)> {
        let before = self.all.range_mut(..=start).next_back();
        let (first, region) = before.ok_or(INVALID)?;
        let from = start - first;
        let to = from.checked_add(len).ok_or(INVALID)?;
        if len == 0 || to > region.len {
            return Err(INVALID);
        }
        let (from, to) = (
            from / PAGE * PAGE,
            to.next_multiple_of(PAGE).min(region.len),
        );
        Ok((region, from, to))
    }
}

/// Checks a place; the identifier of a place that needs none is the host's.
fn place_of(location: CUmemLocation) -> Answer<(CUmemLocationType, c_int)> {
    use CUmemLocationType as T;
    match location.type_ {
        T::CU_MEM_LOCATION_TYPE_DEVICE => {
            super::device::check(location.id)?;
            Ok((location.type_, location.id))
        }
        T::CU_MEM_LOCATION_TYPE_HOST
        | T::CU_MEM_LOCATION_TYPE_HOST_NUMA
        | T::CU_MEM_LOCATION_TYPE_HOST_NUMA_CURRENT => Ok((location.type_, CPU)),
        _ => Err(INVALID),
    }
}

/// The place that a device's number names.
fn numbered(id: CUdevice) -> CUmemLocation {
    let type_ = if id == CPU {
        CUmemLocationType::CU_MEM_LOCATION_TYPE_HOST
    } else {
        CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE
    };
    CUmemLocation { type_, id }
}

fn advise(start: u64, len: usize, advice: CUmem_advise, location: CUmemLocation) -> Answer {
    use CUmem_advise as A;
    let mut state = alive()?.state();
    let (region, from, to) = state.managed.pages(start, len as u64)?;
    // Advice about reading alone has no place.
    let placed = !matches!(
        advice,
        A::CU_MEM_ADVISE_SET_READ_MOSTLY
            | A::CU_MEM_ADVISE_UNSET_READ_MOSTLY
            | A::CU_MEM_ADVISE_UNSET_PREFERRED_LOCATION
    );
    let place = if placed {
        place_of(location)?
    } else {
        NO_PLACE
    };
    let on_device = place.0 == CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE;
    let accessed = |advice: &mut Advice, to: bool| {
        if on_device {
            advice.accessed.0.set(place.1, to);
        } else {
            advice.accessed.1 = to;
        }
    };
    match advice {
        A::CU_MEM_ADVISE_SET_READ_MOSTLY => region.advise(from, to, |a| a.read_mostly = true),
        A::CU_MEM_ADVISE_UNSET_READ_MOSTLY => region.advise(from, to, |a| a.read_mostly = false),
        A::CU_MEM_ADVISE_SET_PREFERRED_LOCATION => region.advise(from, to, |a| a.preferred = place),
        A::CU_MEM_ADVISE_UNSET_PREFERRED_LOCATION => {
            region.advise(from, to, |a| a.preferred = NO_PLACE);
        }
        A::CU_MEM_ADVISE_SET_ACCESSED_BY => region.advise(from, to, |a| accessed(a, true)),
        A::CU_MEM_ADVISE_UNSET_ACCESSED_BY => region.advise(from, to, |a| accessed(a, false)),
        _ => return Err(INVALID),
    }
    Ok(())
}

/// Refuses what captures cannot hold.
fn uncaptured(state: &mut State, stream: u64) -> Answer {
    state.check_stream(stream)?;
    if capture::route(state, stream)? {
        return Err(capture::unsupported(state, stream));
    }
    Ok(())
}

fn prefetch(ranges: &[(u64, u64, CUmemLocation)], stream: CUstream) -> Answer {
    let device = alive()?;
    current()?;
    {
        let mut state = device.state();
        uncaptured(&mut state, stream as u64)?;
        for (start, len, location) in ranges {
            place_of(*location)?;
            state.managed.pages(*start, *len)?;
        }
        for (start, len, location) in ranges {
            let place = place_of(*location)?;
            let (region, from, to) = state.managed.pages(*start, *len)?;
            region.advise(from, to, |advice| advice.prefetched = place);
        }
    }
    device.issue(stream as u64, Operation::Nothing)
}

/// What is discarded may be anything from then on, also what it was.
fn discard(starts: &[u64], sizes: &[usize], flags: u64, stream: CUstream) -> Answer {
    let device = alive()?;
    current()?;
    if flags != 0 || starts.is_empty() {
        return Err(INVALID);
    }
    {
        let mut state = device.state();
        uncaptured(&mut state, stream as u64)?;
        for (start, len) in starts.iter().zip(sizes) {
            state.managed.pages(*start, *len as u64)?;
        }
    }
    device.issue(stream as u64, Operation::Nothing)
}

/// Ranges with the place that each is to go to, as the batch functions take them.
///
/// # Safety
///
/// Arrays of the lengths that go with them.
unsafe fn batch(
    starts: *const CUdeviceptr,
    sizes: *const usize,
    count: usize,
    (places, first, place_count): (*const CUmemLocation, *const usize, usize),
) -> Answer<Vec<(u64, u64, CUmemLocation)>> {
    // SAFETY: as the caller promises.
    let (starts, sizes, places, first) = unsafe {
        (
            array(starts, count)?,
            array(sizes, count)?,
            array(places, place_count)?,
            array(first, place_count)?,
        )
    };
    let ordered = first.first() == Some(&0) && first.is_sorted_by(|a, b| a < b);
    if count == 0 || !ordered || first.last().is_some_and(|last| *last >= count) {
        return Err(INVALID);
    }
    let ranges = starts.iter().zip(sizes).enumerate();
    let ranges = ranges.map(|(n, (start, len))| {
        let which = first.partition_point(|first| *first <= n) - 1;
        (*start, *len as u64, places[which])
    });
    Ok(ranges.collect())
}

/// One value of an attribute, or several for the places that have access.
fn attribute(which: CUmem_range_attribute, start: u64, len: usize) -> Answer<Vec<c_int>> {
    use CUmem_range_attribute as A;
    let mut state = device()?.state();
    let (region, from, to) = state.managed.pages(start, len as u64)?;
    let all: Vec<Advice> = region.advised(from, to).copied().collect();
    let first = *all.first().ok_or(INVALID)?;
    // A place is known where every page has the same.
    let common = |place: fn(&Advice) -> (CUmemLocationType, c_int)| {
        let same = all.iter().all(|advice| place(advice) == place(&first));
        if same { place(&first) } else { NO_PLACE }
    };
    let preferred = common(|advice| advice.preferred);
    let prefetched = common(|advice| advice.prefetched);
    Ok(match which {
        A::CU_MEM_RANGE_ATTRIBUTE_READ_MOSTLY => {
            vec![c_int::from(all.iter().all(|advice| advice.read_mostly))]
        }
        A::CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION
        | A::CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION_ID => vec![preferred.1],
        A::CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION_TYPE => vec![preferred.0.0 as c_int],
        A::CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION
        | A::CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION_ID => vec![prefetched.1],
        A::CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION_TYPE => vec![prefetched.0.0 as c_int],
        A::CU_MEM_RANGE_ATTRIBUTE_ACCESSED_BY => {
            let mut places = Vec::new();
            let on = |device| all.iter().all(|advice| advice.accessed.0.has(device));
            places.extend(first.accessed.0.each().filter(|device| on(*device)));
            if all.iter().all(|advice| advice.accessed.1) {
                places.push(CPU);
            }
            places
        }
        _ => return Err(INVALID),
    })
}

/// # Safety
///
/// `size` bytes at `place`.
unsafe fn write_attribute(
    place: *mut c_void,
    size: usize,
    which: CUmem_range_attribute,
    start: u64,
    len: usize,
) -> Answer {
    let list = which == CUmem_range_attribute::CU_MEM_RANGE_ATTRIBUTE_ACCESSED_BY;
    if place.is_null() || size == 0 || !size.is_multiple_of(4) || !list && size != 4 {
        return Err(INVALID);
    }
    let values = attribute(which, start, len)?;
    for n in 0..size / 4 {
        let value = values.get(n).copied().unwrap_or(NOWHERE);
        // SAFETY: as the caller promises.
        unsafe { place.cast::<c_int>().add(n).write_unaligned(value) };
    }
    Ok(())
}

fn attach(stream: u64, start: u64, len: usize, flags: c_uint) -> Answer {
    use CUmemAttach_flags as F;
    let device = alive()?;
    current()?;
    let known = [
        F::CU_MEM_ATTACH_GLOBAL.0,
        F::CU_MEM_ATTACH_HOST.0,
        F::CU_MEM_ATTACH_SINGLE.0,
    ];
    // One stream alone cannot be the one that is all streams.
    if !known.contains(&flags) || flags == F::CU_MEM_ATTACH_SINGLE.0 && stream <= 1 {
        return Err(INVALID);
    }
    {
        let mut state = device.state();
        uncaptured(&mut state, stream)?;
        let whole = state.managed.all.get(&start).map(|region| region.len);
        if whole.is_none_or(|whole| len != 0 && len as u64 != whole) {
            return Err(INVALID);
        }
    }
    device.issue(stream, Operation::Nothing)
}

functions! {
    cuMemAllocManaged(place: *mut CUdeviceptr, len: usize, flags: c_uint) {
        let known = [CUmemAttach_flags::CU_MEM_ATTACH_GLOBAL.0, CUmemAttach_flags::CU_MEM_ATTACH_HOST.0];
        if place.is_null() || !known.contains(&flags) {
            return Err(INVALID);
        }
        let start = allocation::allocate(len as u64, Kind::Managed)?;
        alive()?.state().managed.add(current_device()?, start, len as u64);
        write(place, start)
    }
    cuMemAdvise(start: CUdeviceptr, len: usize, advice: CUmem_advise, place: CUdevice) {
        advise(start, len, advice, numbered(place))
    }
    cuMemAdvise_v2(start: CUdeviceptr, len: usize, advice: CUmem_advise, place: CUmemLocation) {
        advise(start, len, advice, place)
    }
    cuMemPrefetchAsync(start: CUdeviceptr, len: usize, place: CUdevice, stream: CUstream) {
        prefetch(&[(start, len as u64, numbered(place))], stream)
    }
    cuMemPrefetchAsync_v2(start: CUdeviceptr, len: usize, place: CUmemLocation, flags: c_uint, stream: CUstream) {
        if flags != 0 {
            return Err(INVALID);
        }
        prefetch(&[(start, len as u64, place)], stream)
    }
    cuMemPrefetchBatchAsync(starts: *mut CUdeviceptr, sizes: *mut usize, count: usize, places: *mut CUmemLocation, first: *mut usize, place_count: usize, flags: c_ulonglong, stream: CUstream) {
        if flags != 0 {
            return Err(INVALID);
        }
        prefetch(&batch(starts, sizes, count, (places, first, place_count))?, stream)
    }
    cuMemDiscardBatchAsync(starts: *mut CUdeviceptr, sizes: *mut usize, count: usize, flags: c_ulonglong, stream: CUstream) {
        discard(array(starts, count)?, array(sizes, count)?, flags, stream)
    }
    cuMemDiscardAndPrefetchBatchAsync(starts: *mut CUdeviceptr, sizes: *mut usize, count: usize, places: *mut CUmemLocation, first: *mut usize, place_count: usize, flags: c_ulonglong, stream: CUstream) {
        let ranges = batch(starts, sizes, count, (places, first, place_count))?;
        discard(array(starts, count)?, array(sizes, count)?, flags, stream)?;
        prefetch(&ranges, stream)
    }
    cuMemRangeGetAttribute(place: *mut c_void, size: usize, which: CUmem_range_attribute, start: CUdeviceptr, len: usize) {
        write_attribute(place, size, which, start, len)
    }
    cuMemRangeGetAttributes(places: *mut *mut c_void, sizes: *mut usize, which: *mut CUmem_range_attribute, count: usize, start: CUdeviceptr, len: usize) {
        if count == 0 {
            return Err(INVALID);
        }
        let (places, sizes, which) = (array(places, count)?, array(sizes, count)?, array(which, count)?);
        for n in 0..count {
            write_attribute(places[n], sizes[n], which[n], start, len)?;
        }
        Ok::<(), CUresult>(())
    }
    cuStreamAttachMemAsync(stream: CUstream, start: CUdeviceptr, len: usize, flags: c_uint) {
        attach(stream as u64, start, len, flags)
    }
}

//! Copies and fills, of bytes, rows and boxes.
//!
//! Every copy is a `CUDA_MEMCPY3D` here and every fill a `CUDA_MEMSET_NODE_PARAMS`, whatever function asked for it: that is
//! the form in which a graph keeps and shows them.

use std::ffi::{c_uint, c_ulonglong, c_void};
use std::sync::Arc;

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

use super::array::Array;
use super::operation::Operation;
use super::{Answer, Device, INVALID, Raw, alive, array, current, functions, memory, write_if};
use crate::engine::{Owner, Snapshot};

/// A copy whose sides have been checked.
pub struct Copy {
    request: Raw<CUDA_MEMCPY3D>,
    to: Side,
    from: Side,
}

/// Where a box of bytes lies.
struct Side {
    start: u64,
    pitch: usize,
    slice: usize,
    /// Whether it must be memory that the device knows.
    guarded: bool,
    /// Keeps the memory, where it is the copy's own.
    _keep: Option<Owner>,
}

impl Copy {
    /// Checks a copy.
    pub fn new(request: &CUDA_MEMCPY3D) -> Answer<Copy> {
        let device = alive()?;
        let r = request;
        if r.srcLOD != 0 || r.dstLOD != 0 {
            return Err(INVALID);
        }
        let from = Side::new(
            device,
            r,
            r.srcMemoryType,
            (r.srcHost as u64, r.srcDevice, r.srcArray),
            [r.srcXInBytes, r.srcY, r.srcZ],
            (r.srcPitch, r.srcHeight),
        )?;
        let to = Side::new(
            device,
            r,
            r.dstMemoryType,
            (r.dstHost as u64, r.dstDevice, r.dstArray),
            [r.dstXInBytes, r.dstY, r.dstZ],
            (r.dstPitch, r.dstHeight),
        )?;
        if to.guarded && !device.reaches(to.start, to.extent(r) as u64, true) {
            return Err(INVALID);
        }
        Ok(Copy {
            request: Raw(*r),
            to,
            from,
        })
    }

    /// The copy as it was asked for.
    pub fn request(&self) -> CUDA_MEMCPY3D {
        self.request.0
    }

    /// Reads the source now, so that the caller may change it before the copy's turn comes.
    ///
    /// # Safety
    ///
    /// The source can be read.
    unsafe fn stage(&mut self, device: &Device) {
        // Held to the end, so that nothing is unmapped meanwhile.
        let snapshot = device.space.snapshot();
        if !self.from.reachable(&snapshot, &self.request.0, false) {
            // Freed meanwhile: the copy will say so.
            return;
        }
        // SAFETY: as the caller promises.
        let bytes = unsafe {
            std::slice::from_raw_parts(
                self.from.start as *const u8,
                self.from.extent(&self.request.0),
            )
        };
        let bytes: Arc<Vec<u8>> = Arc::new(bytes.to_vec());
        self.from.start = bytes.as_ptr() as u64;
        self.from.guarded = false;
        self.from._keep = Some(bytes);
    }

    /// Makes the copy.
    pub fn run(&self, device: &Device) -> u32 {
        let (to, from, r) = (&self.to, &self.from, &self.request.0);
        // Held to the end, so that nothing is unmapped meanwhile.
        let snapshot = device.space.snapshot();
        if !to.reachable(&snapshot, r, true) || !from.reachable(&snapshot, r, false) {
            return CUresult::CUDA_ERROR_ILLEGAL_ADDRESS.0;
        }
        for z in 0..r.Depth {
            for y in 0..r.Height {
                let at = |side: &Side| side.start + (z * side.slice + y * side.pitch) as u64;
                // SAFETY: rows of boxes that the snapshot keeps mapped, or that are the caller's; they may overlap.
                unsafe { std::ptr::copy(at(from) as *const u8, at(to) as *mut u8, r.WidthInBytes) };
            }
        }
        0
    }
}

impl Side {
    fn new(
        device: &Device,
        request: &CUDA_MEMCPY3D,
        kind: CUmemorytype,
        (host, at, array): (u64, u64, CUarray),
        offset: [usize; 3],
        (pitch, height): (usize, usize),
    ) -> Answer<Side> {
        let base = match kind {
            CUmemorytype::CU_MEMORYTYPE_HOST => host,
            CUmemorytype::CU_MEMORYTYPE_DEVICE | CUmemorytype::CU_MEMORYTYPE_UNIFIED => at,
            CUmemorytype::CU_MEMORYTYPE_ARRAY => {
                let array = device.state().array(array)?.clone();
                return Side::in_array(array, request, offset);
            }
            _ => return Err(INVALID),
        };
        let pitch = if pitch == 0 {
            offset[0].checked_add(request.WidthInBytes).ok_or(INVALID)?
        } else {
            pitch
        };
        let height = if height == 0 { request.Height } else { height };
        let wide = request.Height > 1 || request.Depth > 1;
        if wide && pitch < request.WidthInBytes || request.Depth > 1 && height < request.Height {
            return Err(INVALID);
        }
        let slice = pitch.checked_mul(height).ok_or(INVALID)?;
        let distance = |n: usize, step: usize| n.checked_mul(step).ok_or(INVALID);
        let skipped = distance(offset[2], slice)?
            .checked_add(distance(offset[1], pitch)?)
            .and_then(|n| n.checked_add(offset[0]))
            .ok_or(INVALID)?;
        let start = base.checked_add(skipped as u64).ok_or(INVALID)?;
        // The farthest byte, computed once with every step checked, so that `extent` cannot overflow.
        distance(request.Depth.max(1), slice.max(1))?
            .checked_add(distance(request.Height.max(1), pitch)?)
            .and_then(|n| n.checked_add(request.WidthInBytes))
            .and_then(|n| start.checked_add(n as u64))
            .ok_or(INVALID)?;
        let guarded = match kind {
            CUmemorytype::CU_MEMORYTYPE_DEVICE => true,
            CUmemorytype::CU_MEMORYTYPE_UNIFIED => {
                memory::is_device_address(start) || device.reaches(start, 1, false)
            }
            _ => false,
        };
        let side = Side {
            start,
            pitch,
            slice,
            guarded,
            _keep: None,
        };
        if !guarded || device.reaches(start, side.extent(request) as u64, false) {
            Ok(side)
        } else {
            Err(INVALID)
        }
    }

    fn in_array(array: Arc<Array>, request: &CUDA_MEMCPY3D, offset: [usize; 3]) -> Answer<Side> {
        let [x, y, z] = offset;
        let within = |from: usize, len: usize, all: usize| {
            from.checked_add(len).is_some_and(|end| end <= all)
        };
        let elements =
            x.is_multiple_of(array.element) && request.WidthInBytes.is_multiple_of(array.element);
        if !elements
            || !within(x, request.WidthInBytes, array.row)
            || !within(y, request.Height, array.rows)
            || !within(z, request.Depth, array.slices)
        {
            return Err(INVALID);
        }
        let slice = array.row * array.rows;
        Ok(Side {
            start: array.start() + (z * slice + y * array.row + x) as u64,
            pitch: array.row,
            slice,
            guarded: false,
            _keep: Some(array),
        })
    }

    /// Bytes from the first to the last.
    fn extent(&self, request: &CUDA_MEMCPY3D) -> usize {
        if request.WidthInBytes == 0 || request.Height == 0 || request.Depth == 0 {
            return 0;
        }
        self.slice * (request.Depth - 1) + self.pitch * (request.Height - 1) + request.WidthInBytes
    }

    fn reachable(&self, snapshot: &Snapshot, request: &CUDA_MEMCPY3D, write: bool) -> bool {
        !self.guarded || snapshot.covers(self.start, self.extent(request) as u64, write)
    }
}

/// A fill whose place has been checked.
pub struct Fill {
    request: CUDA_MEMSET_NODE_PARAMS,
}

impl Fill {
    /// Checks a fill.
    pub fn new(request: &CUDA_MEMSET_NODE_PARAMS) -> Answer<Fill> {
        let device = alive()?;
        let (size, r) = (request.elementSize as usize, *request);
        if !matches!(size, 1 | 2 | 4) || r.dst % size as u64 != 0 {
            return Err(INVALID);
        }
        let width = r.width.checked_mul(size).ok_or(INVALID)?;
        if r.height > 1 && (r.pitch < width || r.pitch % size != 0) {
            return Err(INVALID);
        }
        let rows = r.height.saturating_sub(1);
        let extent = r.pitch.checked_mul(rows).ok_or(INVALID)?;
        extent.checked_add(width).ok_or(INVALID)?;
        let fill = Fill { request: r };
        if device.reaches(r.dst, fill.extent(), true) {
            Ok(fill)
        } else {
            Err(INVALID)
        }
    }

    /// The fill as it was asked for.
    pub fn request(&self) -> CUDA_MEMSET_NODE_PARAMS {
        self.request
    }

    fn extent(&self) -> u64 {
        let r = &self.request;
        if r.width == 0 || r.height == 0 {
            return 0;
        }
        (r.pitch * (r.height - 1) + r.width * r.elementSize as usize) as u64
    }

    /// Fills.
    pub fn run(&self, device: &Device) -> u32 {
        let r = &self.request;
        // Held to the end, so that nothing is unmapped meanwhile.
        let snapshot = device.space.snapshot();
        if !snapshot.covers(r.dst, self.extent(), true) {
            return CUresult::CUDA_ERROR_ILLEGAL_ADDRESS.0;
        }
        for row in 0..r.height {
            let start = r.dst + (row * r.pitch) as u64;
            // SAFETY: rows of mapped memory, aligned for their elements; nobody holds a reference to it.
            unsafe {
                match r.elementSize {
                    1 => std::ptr::write_bytes(start as *mut u8, r.value as u8, r.width),
                    2 => fill_row(start as *mut u16, r.value as u16, r.width),
                    _ => fill_row(start as *mut u32, r.value, r.width),
                }
            }
        }
        0
    }
}

/// # Safety
///
/// `count` values at `start`, aligned and writable.
unsafe fn fill_row<T: std::marker::Copy>(start: *mut T, value: T, count: usize) {
    for n in 0..count {
        // SAFETY: as the caller promises.
        unsafe { start.add(n).write(value) };
    }
}

/// A side of a copy of bytes.
#[derive(Clone, Copy)]
pub enum Place {
    /// The host's memory.
    Host(u64),
    /// The device's.
    Device(u64),
    /// Whichever it is.
    Unified(u64),
    /// So many bytes into an array's line.
    Array(CUarray, usize),
}

/// No copy.
fn empty() -> CUDA_MEMCPY3D {
    // SAFETY: a C structure of numbers and pointers, for which zero is a value.
    unsafe { std::mem::zeroed() }
}

fn set_from(request: &mut CUDA_MEMCPY3D, place: Place) {
    match place {
        Place::Host(at) => {
            request.srcMemoryType = CUmemorytype::CU_MEMORYTYPE_HOST;
            request.srcHost = at as *const c_void;
        }
        Place::Device(at) => {
            request.srcMemoryType = CUmemorytype::CU_MEMORYTYPE_DEVICE;
            request.srcDevice = at;
        }
        Place::Unified(at) => {
            request.srcMemoryType = CUmemorytype::CU_MEMORYTYPE_UNIFIED;
            request.srcDevice = at;
        }
        Place::Array(array, offset) => {
            request.srcMemoryType = CUmemorytype::CU_MEMORYTYPE_ARRAY;
            (request.srcArray, request.srcXInBytes) = (array, offset);
        }
    }
}

fn set_to(request: &mut CUDA_MEMCPY3D, place: Place) {
    match place {
        Place::Host(at) => {
            request.dstMemoryType = CUmemorytype::CU_MEMORYTYPE_HOST;
            request.dstHost = at as *mut c_void;
        }
        Place::Device(at) => {
            request.dstMemoryType = CUmemorytype::CU_MEMORYTYPE_DEVICE;
            request.dstDevice = at;
        }
        Place::Unified(at) => {
            request.dstMemoryType = CUmemorytype::CU_MEMORYTYPE_UNIFIED;
            request.dstDevice = at;
        }
        Place::Array(array, offset) => {
            request.dstMemoryType = CUmemorytype::CU_MEMORYTYPE_ARRAY;
            (request.dstArray, request.dstXInBytes) = (array, offset);
        }
    }
}

/// A copy of bytes.
pub fn line(to: Place, from: Place, len: usize) -> CUDA_MEMCPY3D {
    let mut request = empty();
    set_from(&mut request, from);
    set_to(&mut request, to);
    (request.srcPitch, request.dstPitch) = (len, len);
    (request.srcHeight, request.dstHeight) = (1, 1);
    (request.WidthInBytes, request.Height, request.Depth) = (len, 1, 1);
    request
}

/// A copy of rows as one of boxes.
fn plane(request: &CUDA_MEMCPY2D) -> CUDA_MEMCPY3D {
    let (r, mut copy) = (request, empty());
    (copy.srcMemoryType, copy.srcDevice, copy.srcPitch) =
        (r.srcMemoryType, r.srcDevice, r.srcPitch);
    (copy.srcHost, copy.srcArray) = (r.srcHost, r.srcArray);
    (copy.srcXInBytes, copy.srcY) = (r.srcXInBytes, r.srcY);
    (copy.dstMemoryType, copy.dstDevice, copy.dstPitch) =
        (r.dstMemoryType, r.dstDevice, r.dstPitch);
    (copy.dstHost, copy.dstArray) = (r.dstHost, r.dstArray);
    (copy.dstXInBytes, copy.dstY) = (r.dstXInBytes, r.dstY);
    (copy.WidthInBytes, copy.Height, copy.Depth) = (r.WidthInBytes, r.Height, 1);
    copy
}

/// A copy between contexts; all of them are of one device.
fn between(request: &CUDA_MEMCPY3D_PEER) -> CUDA_MEMCPY3D {
    let (r, mut copy) = (request, empty());
    (copy.srcMemoryType, copy.srcDevice, copy.srcHost) = (r.srcMemoryType, r.srcDevice, r.srcHost);
    (copy.srcArray, copy.srcLOD) = (r.srcArray, r.srcLOD);
    (copy.srcXInBytes, copy.srcY, copy.srcZ) = (r.srcXInBytes, r.srcY, r.srcZ);
    (copy.srcPitch, copy.srcHeight) = (r.srcPitch, r.srcHeight);
    (copy.dstMemoryType, copy.dstDevice, copy.dstHost) = (r.dstMemoryType, r.dstDevice, r.dstHost);
    (copy.dstArray, copy.dstLOD) = (r.dstArray, r.dstLOD);
    (copy.dstXInBytes, copy.dstY, copy.dstZ) = (r.dstXInBytes, r.dstY, r.dstZ);
    (copy.dstPitch, copy.dstHeight) = (r.dstPitch, r.dstHeight);
    (copy.WidthInBytes, copy.Height, copy.Depth) = (r.WidthInBytes, r.Height, r.Depth);
    copy
}

fn copy(request: &CUDA_MEMCPY3D) -> Answer<Operation> {
    current()?;
    Ok(Operation::Copy(Arc::new(Copy::new(request)?)))
}

/// Copies before the call returns.
pub fn copy_now(request: &CUDA_MEMCPY3D) -> Answer {
    let copy = copy(request)?;
    alive()?.perform(copy)
}

/// Copies in the order of a stream.
pub fn copy_later(request: &CUDA_MEMCPY3D, stream: CUstream) -> Answer {
    let copy = copy(request)?;
    alive()?.issue(stream as u64, copy)
}

/// A fill of rows of elements of some size: first address and pitch, width and height.
fn fill_of(
    (dst, pitch): (u64, usize),
    value: u32,
    element_size: u32,
    (width, height): (usize, usize),
) -> Answer<Operation> {
    current()?;
    let request = CUDA_MEMSET_NODE_PARAMS {
        dst,
        pitch,
        value,
        elementSize: element_size,
        width,
        height,
    };
    Ok(Operation::Fill(Arc::new(Fill::new(&request)?)))
}

fn fill_now(fill: Answer<Operation>) -> Answer {
    alive()?.perform(fill?)
}

fn fill_later(fill: Answer<Operation>, stream: CUstream) -> Answer {
    alive()?.issue(stream as u64, fill?)
}

/// Copies as `cuMemcpyBatchAsync` is given them.
struct Batch<'a> {
    to: &'a [CUdeviceptr],
    from: &'a [CUdeviceptr],
    sizes: &'a [usize],
    attributes: &'a [CUmemcpyAttributes],
    /// The first copy of each attribute.
    first: &'a [usize],
}

impl Batch<'_> {
    /// Checks all of it before any of it is queued; an error says which copy is at fault, if it is one.
    fn issue(&self, stream: CUstream) -> Result<(), (CUresult, usize)> {
        let count = self.sizes.len();
        let whole = |status| (status, usize::MAX);
        let device = alive().map_err(whole)?;
        current().map_err(whole)?;
        // The legacy default stream takes no batches.
        let legacy = stream as u64 <= 1;
        let ordered = self.first.first() == Some(&0) && self.first.is_sorted_by(|a, b| a < b);
        let too_far = self.first.last().is_some_and(|last| *last >= count);
        if legacy || count == 0 || !ordered || too_far {
            return Err(whole(INVALID));
        }
        let mut copies = Vec::with_capacity(count);
        for index in 0..count {
            let at = |status| (status, index);
            let (to, from) = (
                Place::Unified(self.to[index]),
                Place::Unified(self.from[index]),
            );
            let mut copy = Copy::new(&line(to, from, self.sizes[index])).map_err(at)?;
            let which = self.first.partition_point(|first| *first <= index) - 1;
            use CUmemcpySrcAccessOrder as O;
            match self.attributes[which].srcAccessOrder {
                O::CU_MEMCPY_SRC_ACCESS_ORDER_STREAM | O::CU_MEMCPY_SRC_ACCESS_ORDER_ANY => {}
                // SAFETY: the program says that the source can be read during the call.
                O::CU_MEMCPY_SRC_ACCESS_ORDER_DURING_API_CALL => unsafe { copy.stage(device) },
                _ => return Err(at(INVALID)),
            }
            copies.push(copy);
        }
        for (index, copy) in copies.into_iter().enumerate() {
            device
                .issue(stream as u64, Operation::Copy(Arc::new(copy)))
                .map_err(|status| (status, index))?;
        }
        Ok(())
    }
}

/// One side of a copy in a batch of boxes.
struct Operand {
    place: Place,
    /// Pitch and height, of memory.
    shape: (usize, usize),
    /// Row and slice, of an array.
    offset: (usize, usize),
}

fn operand(device: &Device, side: &CUmemcpy3DOperand) -> Answer<Operand> {
    match side.type_ {
        CUmemcpy3DOperandType::CU_MEMCPY_OPERAND_TYPE_POINTER => {
            // SAFETY: the type says which member it is.
            let pointer = unsafe { side.op.ptr };
            Ok(Operand {
                place: Place::Unified(pointer.ptr),
                shape: (pointer.rowLength, pointer.layerHeight),
                offset: (0, 0),
            })
        }
        CUmemcpy3DOperandType::CU_MEMCPY_OPERAND_TYPE_ARRAY => {
            // SAFETY: as above.
            let place = unsafe { side.op.array };
            // Offsets of arrays are in elements here, unlike in every other copy.
            let element = device.state().array(place.array)?.element;
            let x = place.offset.x.checked_mul(element).ok_or(INVALID)?;
            Ok(Operand {
                place: Place::Array(place.array, x),
                shape: (0, 0),
                offset: (place.offset.y, place.offset.z),
            })
        }
        _ => Err(INVALID),
    }
}

fn copy_boxes(boxes: &[CUDA_MEMCPY3D_BATCH_OP], flags: c_ulonglong, stream: CUstream) -> Answer {
    let device = alive()?;
    if flags != 0 || boxes.is_empty() || stream as u64 <= 1 {
        return Err(INVALID);
    }
    let requests = boxes.iter().map(|b| {
        let (from, to) = (operand(device, &b.src)?, operand(device, &b.dst)?);
        let mut request = line(to.place, from.place, b.extent.width);
        (request.srcPitch, request.srcHeight) = from.shape;
        (request.dstPitch, request.dstHeight) = to.shape;
        (request.srcY, request.srcZ) = from.offset;
        (request.dstY, request.dstZ) = to.offset;
        (request.Height, request.Depth) = (b.extent.height, b.extent.depth);
        copy(&request)
    });
    for copy in requests.collect::<Answer<Vec<_>>>()? {
        device.issue(stream as u64, copy)?;
    }
    Ok(())
}

functions! {
    cuMemcpy(to: CUdeviceptr, from: CUdeviceptr, len: usize) {
        copy_now(&line(Place::Unified(to), Place::Unified(from), len))
    }
    cuMemcpyAsync(to: CUdeviceptr, from: CUdeviceptr, len: usize, stream: CUstream) {
        copy_later(&line(Place::Unified(to), Place::Unified(from), len), stream)
    }
    cuMemcpyHtoD_v2(to: CUdeviceptr, from: *const c_void, len: usize) {
        copy_now(&line(Place::Device(to), Place::Host(from as u64), len))
    }
    cuMemcpyDtoH_v2(to: *mut c_void, from: CUdeviceptr, len: usize) {
        copy_now(&line(Place::Host(to as u64), Place::Device(from), len))
    }
    cuMemcpyDtoD_v2(to: CUdeviceptr, from: CUdeviceptr, len: usize) {
        copy_now(&line(Place::Device(to), Place::Device(from), len))
    }
    cuMemcpyHtoDAsync_v2(to: CUdeviceptr, from: *const c_void, len: usize, stream: CUstream) {
        copy_later(&line(Place::Device(to), Place::Host(from as u64), len), stream)
    }
    cuMemcpyDtoHAsync_v2(to: *mut c_void, from: CUdeviceptr, len: usize, stream: CUstream) {
        copy_later(&line(Place::Host(to as u64), Place::Device(from), len), stream)
    }
    cuMemcpyDtoDAsync_v2(to: CUdeviceptr, from: CUdeviceptr, len: usize, stream: CUstream) {
        copy_later(&line(Place::Device(to), Place::Device(from), len), stream)
    }
    cuMemcpyPeer(to: CUdeviceptr, to_context: CUcontext, from: CUdeviceptr, from_context: CUcontext, len: usize) {
        copy_now(&line(Place::Unified(to), Place::Unified(from), len))
    }
    cuMemcpyPeerAsync(to: CUdeviceptr, to_context: CUcontext, from: CUdeviceptr, from_context: CUcontext, len: usize, stream: CUstream) {
        copy_later(&line(Place::Unified(to), Place::Unified(from), len), stream)
    }
    cuMemcpy2D_v2(request: *const CUDA_MEMCPY2D) { copy_now(&plane(request.as_ref().ok_or(INVALID)?)) }
    cuMemcpy2DUnaligned_v2(request: *const CUDA_MEMCPY2D) { copy_now(&plane(request.as_ref().ok_or(INVALID)?)) }
    cuMemcpy2DAsync_v2(request: *const CUDA_MEMCPY2D, stream: CUstream) {
        copy_later(&plane(request.as_ref().ok_or(INVALID)?), stream)
    }
    cuMemcpy3D_v2(request: *const CUDA_MEMCPY3D) { copy_now(request.as_ref().ok_or(INVALID)?) }
    cuMemcpy3DAsync_v2(request: *const CUDA_MEMCPY3D, stream: CUstream) {
        copy_later(request.as_ref().ok_or(INVALID)?, stream)
    }
    cuMemcpy3DPeer(request: *const CUDA_MEMCPY3D_PEER) { copy_now(&between(request.as_ref().ok_or(INVALID)?)) }
    cuMemcpy3DPeerAsync(request: *const CUDA_MEMCPY3D_PEER, stream: CUstream) {
        copy_later(&between(request.as_ref().ok_or(INVALID)?), stream)
    }
    cuMemcpyBatchAsync(to: *mut CUdeviceptr, from: *mut CUdeviceptr, sizes: *mut usize, count: usize, attributes: *mut CUmemcpyAttributes, first: *mut usize, attribute_count: usize, failed: *mut usize, stream: CUstream) {
        let batch = Batch {
            to: array(to, count)?,
            from: array(from, count)?,
            sizes: array(sizes, count)?,
            attributes: array(attributes, attribute_count)?,
            first: array(first, attribute_count)?,
        };
        batch.issue(stream).map_err(|(status, index)| {
            write_if(failed, index);
            status
        })
    }
    cuMemcpyBatchAsync_v2(to: *mut CUdeviceptr, from: *mut CUdeviceptr, sizes: *mut usize, count: usize, attributes: *mut CUmemcpyAttributes, first: *mut usize, attribute_count: usize, stream: CUstream) {
        let batch = Batch {
            to: array(to, count)?,
            from: array(from, count)?,
            sizes: array(sizes, count)?,
            attributes: array(attributes, attribute_count)?,
            first: array(first, attribute_count)?,
        };
        batch.issue(stream).map_err(|(status, _)| status)
    }
    cuMemcpy3DBatchAsync(count: usize, boxes: *mut CUDA_MEMCPY3D_BATCH_OP, failed: *mut usize, flags: c_ulonglong, stream: CUstream) {
        write_if(failed, usize::MAX);
        copy_boxes(array(boxes, count)?, flags, stream)
    }
    cuMemcpy3DBatchAsync_v2(count: usize, boxes: *mut CUDA_MEMCPY3D_BATCH_OP, flags: c_ulonglong, stream: CUstream) {
        copy_boxes(array(boxes, count)?, flags, stream)
    }

    cuMemsetD8_v2(to: CUdeviceptr, value: u8, count: usize) {
        fill_now(fill_of((to, 0), u32::from(value), 1, (count, 1)))
    }
    cuMemsetD16_v2(to: CUdeviceptr, value: u16, count: usize) {
        fill_now(fill_of((to, 0), u32::from(value), 2, (count, 1)))
    }
    cuMemsetD32_v2(to: CUdeviceptr, value: c_uint, count: usize) {
        fill_now(fill_of((to, 0), value, 4, (count, 1)))
    }
    cuMemsetD2D8_v2(to: CUdeviceptr, pitch: usize, value: u8, width: usize, height: usize) {
        fill_now(fill_of((to, pitch), u32::from(value), 1, (width, height)))
    }
    cuMemsetD2D16_v2(to: CUdeviceptr, pitch: usize, value: u16, width: usize, height: usize) {
        fill_now(fill_of((to, pitch), u32::from(value), 2, (width, height)))
    }
    cuMemsetD2D32_v2(to: CUdeviceptr, pitch: usize, value: c_uint, width: usize, height: usize) {
        fill_now(fill_of((to, pitch), value, 4, (width, height)))
    }
    cuMemsetD8Async(to: CUdeviceptr, value: u8, count: usize, stream: CUstream) {
        fill_later(fill_of((to, 0), u32::from(value), 1, (count, 1)), stream)
    }
    cuMemsetD16Async(to: CUdeviceptr, value: u16, count: usize, stream: CUstream) {
        fill_later(fill_of((to, 0), u32::from(value), 2, (count, 1)), stream)
    }
    cuMemsetD32Async(to: CUdeviceptr, value: c_uint, count: usize, stream: CUstream) {
        fill_later(fill_of((to, 0), value, 4, (count, 1)), stream)
    }
    cuMemsetD2D8Async(to: CUdeviceptr, pitch: usize, value: u8, width: usize, height: usize, stream: CUstream) {
        fill_later(fill_of((to, pitch), u32::from(value), 1, (width, height)), stream)
    }
    cuMemsetD2D16Async(to: CUdeviceptr, pitch: usize, value: u16, width: usize, height: usize, stream: CUstream) {
        fill_later(fill_of((to, pitch), u32::from(value), 2, (width, height)), stream)
    }
    cuMemsetD2D32Async(to: CUdeviceptr, pitch: usize, value: c_uint, width: usize, height: usize, stream: CUstream) {
        fill_later(fill_of((to, pitch), value, 4, (width, height)), stream)
    }
}

//! Copies and memsets.
//!
//! What a host-to-device copy was given is read before the call returns. A device-to-host copy into pageable memory returns
//! when the data is there, as natively, whatever its name says; one into pinned memory returns at once, and the data is in
//! place before anything says that the copy is done.

use core::ffi::{c_uchar, c_uint, c_ushort, c_void};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::{CUDA_MEMCPY2D, CUDA_MEMCPY3D, CUdeviceptr, CUmemorytype, CUstream};
use pillion_protocol::command::{Box3D, COPY_SYNCHRONOUS, CopyHead, Wait, cuda};
use pillion_protocol::{CHUNK, Encoder, Interface};
use zerocopy::IntoBytes;
use zerocopy::little_endian::{U32, U64};

use super::{DefaultStream, context, stream};
use crate::entry::Result;
use crate::forward::{posted, wait_for};
use crate::link::{Destination, Place};
use crate::remote;
use crate::session::Session;

/// Copies up to this size are appended to the outbox; larger ones are sent from where they lie.
const INLINE: usize = 16 << 10;

/// Whether the program waits for a copy by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    Synchronous,
    Asynchronous,
}

/// Which memory an address of a kind-less copy is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Host,
    Device,
}

fn side_of(session: &Session, address: u64) -> Side {
    match session.memory.find(address) {
        Some(region) if region.kind.is_device() => Side::Device,
        // What CUDA does not know is the program's own.
        _ => Side::Host,
    }
}

fn head(device: u64, len: usize, stream: u64, manner: Manner) -> CopyHead {
    CopyHead {
        device: U64::new(device),
        len: U64::new(len as u64),
        stream: U64::new(stream),
        flags: U32::new(if manner == Manner::Synchronous {
            COPY_SYNCHRONOUS
        } else {
            0
        }),
        reserved: U32::ZERO,
    }
}

unsafe fn to_device(
    device: u64,
    host: *const c_void,
    len: usize,
    stream: u64,
    manner: Manner,
) -> Result<()> {
    let session = Session::current()?;
    context::current()?;
    let stream = stream::check(stream)?;
    if len == 0 {
        return session.link.check();
    }
    if host.is_null() {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    if session.memory.is_pinned(device) {
        // SAFETY: the caller's contract.
        return unsafe { on_host(session, device as *mut c_void, host, len, stream) };
    }
    session.memory.device_range(device, len)?;
    if session.link.has_arrivals() {
        // A copy that is under way to this memory comes first in stream order, and this reads what it wrote.
        session.link.settle(host as usize, host as usize + len);
    }
    // SAFETY: CUDA's contract: `len` readable bytes.
    let bytes = unsafe { core::slice::from_raw_parts(host.cast::<u8>(), len) };
    for (index, chunk) in bytes.chunks(CHUNK).enumerate() {
        let head = head(device + (index * CHUNK) as u64, chunk.len(), stream, manner);
        if chunk.len() <= INLINE {
            session.link.post(cuda::COPY_TO_DEVICE, |body| {
                body.extend_from_slice(head.as_bytes());
                body.extend_from_slice(chunk);
                Ok(())
            })?;
        } else {
            session
                .link
                .post_bulk(cuda::COPY_TO_DEVICE, head.as_bytes(), chunk)?;
        }
    }
    posted(session)
}

unsafe fn to_host(
    host: *mut c_void,
    device: u64,
    len: usize,
    stream: u64,
    manner: Manner,
) -> Result<()> {
    let session = Session::current()?;
    context::current()?;
    let stream = stream::check(stream)?;
    if len == 0 {
        return session.link.check();
    }
    if host.is_null() {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    if session.memory.is_pinned(device) {
        // SAFETY: the caller's contract.
        return unsafe { on_host(session, host, device as *const c_void, len, stream) };
    }
    session.memory.device_range(device, len)?;
    let head = head(device, len, stream, manner);
    let destination = Destination::Linear {
        start: Place(host.cast()),
        len,
    };
    arrive(
        session,
        cuda::COPY_TO_HOST,
        destination,
        host as u64,
        manner,
        |body| {
            body.extend_from_slice(head.as_bytes());
            Ok(())
        },
    )
}

/// Sends a copy to the host, and waits for it if its manner or its destination ask for that.
fn arrive(
    session: &Session,
    opcode: u16,
    destination: Destination,
    host: u64,
    manner: Manner,
    fill: impl FnOnce(&mut Vec<u8>) -> Result<()>,
) -> Result<()> {
    if manner == Manner::Asynchronous && session.memory.is_pinned(host) {
        session.link.post_into(opcode, destination, fill)?;
        return posted(session);
    }
    session
        .link
        .call_into(Interface::Cuda, opcode, Some(destination), None, fill)
        .map(|_| ())
}

/// A copy within the host's memory that CUDA was asked for: after everything issued before it.
unsafe fn on_host(
    session: &Session,
    to: *mut c_void,
    from: *const c_void,
    len: usize,
    stream: u64,
) -> Result<()> {
    wait_for(session, Wait::Stream(stream))?;
    // SAFETY: CUDA's contract; the ranges may overlap where the program says so.
    unsafe { core::ptr::copy(from.cast::<u8>(), to.cast::<u8>(), len) };
    Ok(())
}

unsafe fn on_device(to: u64, from: u64, len: usize, stream: CUstream) -> Result<()> {
    let session = Session::current()?;
    context::current()?;
    stream::check(stream as u64)?;
    if len == 0 {
        return session.link.check();
    }
    session.memory.device_range(to, len)?;
    session.memory.device_range(from, len)?;
    // SAFETY: no pointers of this side.
    unsafe { remote::cuMemcpyDtoDAsync_v2(to, from, len, stream) }
}

unsafe fn any(to: u64, from: u64, len: usize, stream: CUstream, manner: Manner) -> Result<()> {
    let session = Session::current()?;
    let stream_number = stream as u64;
    // SAFETY: the caller's contract, for each side that is the program's memory.
    unsafe {
        match (side_of(session, to), side_of(session, from)) {
            (Side::Device, Side::Device) => on_device(to, from, len, stream),
            (Side::Device, Side::Host) => {
                to_device(to, from as *const c_void, len, stream_number, manner)
            }
            (Side::Host, Side::Device) => {
                to_host(to as *mut c_void, from, len, stream_number, manner)
            }
            (Side::Host, Side::Host) => {
                context::current()?;
                let stream = stream::check(stream_number)?;
                if len == 0 {
                    return session.link.check();
                }
                if to == 0 || from == 0 {
                    return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
                }
                on_host(
                    session,
                    to as *mut c_void,
                    from as *const c_void,
                    len,
                    stream,
                )
            }
        }
    }
}

/// `cuMemcpy`
pub unsafe fn cuMemcpy(
    to: CUdeviceptr,
    from: CUdeviceptr,
    len: usize,
    default: DefaultStream,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { any(to, from, len, default.stream(), Manner::Synchronous) }
}

/// `cuMemcpyAsync`
pub unsafe fn cuMemcpyAsync(
    to: CUdeviceptr,
    from: CUdeviceptr,
    len: usize,
    stream: CUstream,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { any(to, from, len, stream, Manner::Asynchronous) }
}

/// `cuMemcpyHtoD_v2`
pub unsafe fn cuMemcpyHtoD_v2(
    to: CUdeviceptr,
    from: *const c_void,
    len: usize,
    default: DefaultStream,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { to_device(to, from, len, default.stream() as u64, Manner::Synchronous) }
}

/// `cuMemcpyHtoDAsync_v2`
pub unsafe fn cuMemcpyHtoDAsync_v2(
    to: CUdeviceptr,
    from: *const c_void,
    len: usize,
    stream: CUstream,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { to_device(to, from, len, stream as u64, Manner::Asynchronous) }
}

/// `cuMemcpyDtoH_v2`
pub unsafe fn cuMemcpyDtoH_v2(
    to: *mut c_void,
    from: CUdeviceptr,
    len: usize,
    default: DefaultStream,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { to_host(to, from, len, default.stream() as u64, Manner::Synchronous) }
}

/// `cuMemcpyDtoHAsync_v2`
pub unsafe fn cuMemcpyDtoHAsync_v2(
    to: *mut c_void,
    from: CUdeviceptr,
    len: usize,
    stream: CUstream,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { to_host(to, from, len, stream as u64, Manner::Asynchronous) }
}

/// `cuMemcpyDtoDAsync_v2`
pub unsafe fn cuMemcpyDtoDAsync_v2(
    to: CUdeviceptr,
    from: CUdeviceptr,
    len: usize,
    stream: CUstream,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { on_device(to, from, len, stream) }
}

/// `cuMemcpy2D_v2`
pub unsafe fn cuMemcpy2D_v2(copy: *const CUDA_MEMCPY2D, default: DefaultStream) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { flat(copy, default.stream(), Manner::Synchronous) }
}

/// `cuMemcpy2DUnaligned_v2`
pub unsafe fn cuMemcpy2DUnaligned_v2(
    copy: *const CUDA_MEMCPY2D,
    default: DefaultStream,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { flat(copy, default.stream(), Manner::Synchronous) }
}

/// `cuMemcpy2DAsync_v2`
pub unsafe fn cuMemcpy2DAsync_v2(copy: *const CUDA_MEMCPY2D, stream: CUstream) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { flat(copy, stream, Manner::Asynchronous) }
}

/// `cuMemcpy3D_v2`
pub unsafe fn cuMemcpy3D_v2(copy: *const CUDA_MEMCPY3D, default: DefaultStream) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    let copy = unsafe { copy.as_ref() }.ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)?;
    // SAFETY: the caller's contract is the same.
    unsafe { deep(copy, default.stream() as u64, Manner::Synchronous) }
}

/// `cuMemcpy3DAsync_v2`
pub unsafe fn cuMemcpy3DAsync_v2(copy: *const CUDA_MEMCPY3D, stream: CUstream) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    let copy = unsafe { copy.as_ref() }.ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)?;
    // SAFETY: the caller's contract is the same.
    unsafe { deep(copy, stream as u64, Manner::Asynchronous) }
}

/// A two-dimensional copy is a three-dimensional one of depth 1.
unsafe fn flat(copy: *const CUDA_MEMCPY2D, stream: CUstream, manner: Manner) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    let copy = unsafe { copy.as_ref() }.ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)?;
    // SAFETY: a struct of numbers and pointers, for which zero is a value.
    let mut box3d: CUDA_MEMCPY3D = unsafe { core::mem::zeroed() };
    box3d.srcXInBytes = copy.srcXInBytes;
    box3d.srcY = copy.srcY;
    box3d.srcMemoryType = copy.srcMemoryType;
    box3d.srcHost = copy.srcHost;
    box3d.srcDevice = copy.srcDevice;
    box3d.srcArray = copy.srcArray;
    box3d.srcPitch = copy.srcPitch;
    box3d.dstXInBytes = copy.dstXInBytes;
    box3d.dstY = copy.dstY;
    box3d.dstMemoryType = copy.dstMemoryType;
    box3d.dstHost = copy.dstHost;
    box3d.dstDevice = copy.dstDevice;
    box3d.dstArray = copy.dstArray;
    box3d.dstPitch = copy.dstPitch;
    box3d.WidthInBytes = copy.WidthInBytes;
    box3d.Height = copy.Height;
    box3d.Depth = 1;
    // SAFETY: the caller's contract is the same.
    unsafe { deep(&box3d, stream as u64, manner) }
}

/// One side of a box, as pitches and an address.
#[derive(Debug, Clone, Copy)]
struct Face {
    side: Side,
    /// The first byte of the first row.
    start: u64,
    pitch: usize,
    slice: usize,
}

fn face(
    session: &Session,
    kind: CUmemorytype,
    host: u64,
    device: u64,
    offset: (usize, usize, usize),
    layout: (usize, usize),
    copy: &CUDA_MEMCPY3D,
) -> Result<Face> {
    let invalid = CUresult::CUDA_ERROR_INVALID_VALUE;
    let (side, base) = match kind {
        CUmemorytype::CU_MEMORYTYPE_HOST => (Side::Host, host),
        CUmemorytype::CU_MEMORYTYPE_DEVICE | CUmemorytype::CU_MEMORYTYPE_UNIFIED => {
            (side_of(session, device), device)
        }
        CUmemorytype::CU_MEMORYTYPE_ARRAY => return Err(CUresult::CUDA_ERROR_NOT_SUPPORTED),
        _ => return Err(invalid),
    };
    let (x, y, z) = offset;
    // CUDA takes 0 for "packed" where it makes no difference.
    let pitch = if layout.0 == 0 {
        copy.WidthInBytes
    } else {
        layout.0
    };
    let height = if layout.1 == 0 { copy.Height } else { layout.1 };
    if base == 0
        || pitch < copy.WidthInBytes.checked_add(x).ok_or(invalid)?
            && (copy.Height > 1 || copy.Depth > 1)
    {
        return Err(invalid);
    }
    let slice = pitch.checked_mul(height).ok_or(invalid)?;
    let skip = z
        .checked_mul(slice)
        .and_then(|skip| skip.checked_add(y.checked_mul(pitch)?))
        .and_then(|skip| skip.checked_add(x))
        .ok_or(invalid)?;
    let face = Face {
        side,
        start: base.checked_add(skip as u64).ok_or(invalid)?,
        pitch,
        slice,
    };
    if side == Side::Device {
        let extent = slice
            .checked_mul(copy.Depth - 1)
            .and_then(|extent| extent.checked_add(pitch.checked_mul(copy.Height - 1)?))
            .and_then(|extent| extent.checked_add(copy.WidthInBytes))
            .ok_or(invalid)?;
        session.memory.device_range(face.start, extent)?;
    }
    Ok(face)
}

unsafe fn deep(copy: &CUDA_MEMCPY3D, stream: u64, manner: Manner) -> Result<()> {
    let session = Session::current()?;
    context::current()?;
    let stream = stream::check(stream)?;
    if copy.WidthInBytes == 0 || copy.Height == 0 || copy.Depth == 0 {
        return session.link.check();
    }
    if copy.srcLOD != 0 || copy.dstLOD != 0 {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    let from = face(
        session,
        copy.srcMemoryType,
        copy.srcHost as u64,
        copy.srcDevice,
        (copy.srcXInBytes, copy.srcY, copy.srcZ),
        (copy.srcPitch, copy.srcHeight),
        copy,
    )?;
    let to = face(
        session,
        copy.dstMemoryType,
        copy.dstHost as u64,
        copy.dstDevice,
        (copy.dstXInBytes, copy.dstY, copy.dstZ),
        (copy.dstPitch, copy.dstHeight),
        copy,
    )?;
    let size = (copy.WidthInBytes, copy.Height, copy.Depth);
    let packed = |face: &Face| {
        (size.1 == 1 || face.pitch == size.0) && (size.2 == 1 || face.slice == size.0 * size.1)
    };
    if packed(&from) && packed(&to) {
        let len = size
            .0
            .checked_mul(size.1)
            .and_then(|n| n.checked_mul(size.2));
        let len = len.ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)?;
        // SAFETY: the caller's contract is the same; the box is one run of bytes on both sides.
        return unsafe { any(to.start, from.start, len, stream as CUstream, manner) };
    }
    match (from.side, to.side) {
        (Side::Host, Side::Host) => {
            wait_for(session, Wait::Stream(stream))?;
            for z in 0..size.2 {
                for y in 0..size.1 {
                    let (f, t) = (z * from.slice + y * from.pitch, z * to.slice + y * to.pitch);
                    // SAFETY: CUDA's contract for both sides of the box.
                    unsafe {
                        core::ptr::copy(
                            (from.start as *const u8).add(f),
                            (to.start as *mut u8).add(t),
                            size.0,
                        );
                    }
                }
            }
            Ok(())
        }
        (Side::Device, Side::Device) => {
            let part = part(copy, &from, &to, size, stream, manner);
            session.link.post(cuda::BOX_ON_DEVICE, |body| {
                part.encode(&mut Encoder::new(body));
                Ok(())
            })?;
            posted(session)
        }
        // SAFETY: the caller's contract is the same.
        _ => pieces(size, |(x, y, z), piece| unsafe {
            move_piece(session, copy, &from, &to, (x, y, z), piece, stream, manner)
        }),
    }
}

/// A description of a part of a box whose faces begin where they say.
fn part(
    copy: &CUDA_MEMCPY3D,
    from: &Face,
    to: &Face,
    size: (usize, usize, usize),
    stream: u64,
    manner: Manner,
) -> Box3D {
    let mut part = *copy;
    (part.srcXInBytes, part.srcY, part.srcZ, part.srcLOD) = (0, 0, 0, 0);
    (part.dstXInBytes, part.dstY, part.dstZ, part.dstLOD) = (0, 0, 0, 0);
    let kind = |side| match side {
        Side::Host => CUmemorytype::CU_MEMORYTYPE_HOST,
        Side::Device => CUmemorytype::CU_MEMORYTYPE_DEVICE,
    };
    part.srcMemoryType = kind(from.side);
    part.srcDevice = from.start;
    part.srcHost = core::ptr::null();
    part.srcPitch = from.pitch;
    part.srcHeight = from.slice.checked_div(from.pitch).unwrap_or(0);
    part.dstMemoryType = kind(to.side);
    part.dstDevice = to.start;
    part.dstHost = core::ptr::null_mut();
    part.dstPitch = to.pitch;
    part.dstHeight = to.slice.checked_div(to.pitch).unwrap_or(0);
    (part.WidthInBytes, part.Height, part.Depth) = size;
    Box3D {
        copy: part,
        stream,
        flags: if manner == Manner::Synchronous {
            COPY_SYNCHRONOUS
        } else {
            0
        },
    }
}

/// Cuts a box into parts that fit a frame: slices if some fit, else rows, else parts of rows.
fn pieces(
    size: (usize, usize, usize),
    mut each: impl FnMut((usize, usize, usize), (usize, usize, usize)) -> Result<()>,
) -> Result<()> {
    let (width, height, depth) = size;
    let step_x = width.min(CHUNK);
    let step_y = if step_x < width {
        1
    } else {
        height.min(CHUNK / width)
    };
    let step_z = if step_y < height || step_x < width {
        1
    } else {
        depth.min(CHUNK / (width * height))
    };
    for z in (0..depth).step_by(step_z) {
        for y in (0..height).step_by(step_y) {
            for x in (0..width).step_by(step_x) {
                each(
                    (x, y, z),
                    (
                        step_x.min(width - x),
                        step_y.min(height - y),
                        step_z.min(depth - z),
                    ),
                )?;
            }
        }
    }
    Ok(())
}

unsafe fn move_piece(
    session: &Session,
    copy: &CUDA_MEMCPY3D,
    from: &Face,
    to: &Face,
    at: (usize, usize, usize),
    size: (usize, usize, usize),
    stream: u64,
    manner: Manner,
) -> Result<()> {
    let moved = |face: &Face| Face {
        start: face.start + (at.2 * face.slice + at.1 * face.pitch + at.0) as u64,
        ..*face
    };
    let (from, to) = (moved(from), moved(to));
    let part = part(copy, &from, &to, size, stream, manner);
    let (width, height, depth) = size;
    if from.side == Side::Host {
        if session.link.has_arrivals() {
            let end =
                from.start as usize + from.slice * (depth - 1) + from.pitch * (height - 1) + width;
            session.link.settle(from.start as usize, end);
        }
        session.link.post(cuda::BOX_TO_DEVICE, |body| {
            part.encode(&mut Encoder::new(body));
            for z in 0..depth {
                for y in 0..height {
                    let row = from.start + (z * from.slice + y * from.pitch) as u64;
                    // SAFETY: CUDA's contract: every row of the box is readable.
                    body.extend_from_slice(unsafe {
                        core::slice::from_raw_parts(row as *const u8, width)
                    });
                }
            }
            Ok(())
        })?;
        return posted(session);
    }
    let destination = Destination::Rows {
        start: Place(to.start as *mut u8),
        width,
        height,
        depth,
        pitch: to.pitch,
        slice: to.slice,
    };
    arrive(
        session,
        cuda::BOX_TO_HOST,
        destination,
        to.start,
        manner,
        |body| {
            part.encode(&mut Encoder::new(body));
            Ok(())
        },
    )
}

macro_rules! memset {
    ($name:ident, $value:ty) => {
        #[doc = concat!("`", stringify!($name), "`")]
        pub unsafe fn $name(
            to: CUdeviceptr,
            value: $value,
            count: usize,
            stream: CUstream,
        ) -> Result<()> {
            let session = Session::current()?;
            context::current()?;
            let number = stream::check(stream as u64)?;
            let len = count
                .checked_mul(size_of::<$value>())
                .ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)?;
            if to % size_of::<$value>() as u64 != 0 {
                return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
            }
            if len == 0 {
                return session.link.check();
            }
            if session.memory.is_pinned(to) {
                wait_for(session, Wait::Stream(number))?;
                // SAFETY: pinned memory of the program's, aligned as checked above.
                unsafe { core::slice::from_raw_parts_mut(to as *mut $value, count) }.fill(value);
                return Ok(());
            }
            session.memory.device_range(to, len)?;
            // SAFETY: no pointers of this side.
            unsafe { remote::$name(to, value, count, stream) }
        }
    };
}

memset!(cuMemsetD8Async, c_uchar);
memset!(cuMemsetD16Async, c_ushort);
memset!(cuMemsetD32Async, c_uint);

macro_rules! memset_2d {
    ($name:ident, $value:ty) => {
        #[doc = concat!("`", stringify!($name), "`")]
        pub unsafe fn $name(
            to: CUdeviceptr,
            pitch: usize,
            value: $value,
            width: usize,
            height: usize,
            stream: CUstream,
        ) -> Result<()> {
            let session = Session::current()?;
            context::current()?;
            stream::check(stream as u64)?;
            let invalid = CUresult::CUDA_ERROR_INVALID_VALUE;
            let row = width.checked_mul(size_of::<$value>()).ok_or(invalid)?;
            if to % size_of::<$value>() as u64 != 0 || (height > 1 && pitch < row) {
                return Err(invalid);
            }
            if row == 0 || height == 0 {
                return session.link.check();
            }
            let extent = pitch
                .checked_mul(height - 1)
                .and_then(|n| n.checked_add(row))
                .ok_or(invalid)?;
            session.memory.device_range(to, extent)?;
            // SAFETY: no pointers of this side.
            unsafe { remote::$name(to, pitch, value, width, height, stream) }
        }
    };
}

memset_2d!(cuMemsetD2D8Async, c_uchar);
memset_2d!(cuMemsetD2D16Async, c_ushort);
memset_2d!(cuMemsetD2D32Async, c_uint);

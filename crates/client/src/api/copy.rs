//! Copies and memsets.
//!
//! What a host-to-device copy was given is read before the call returns. A device-to-host copy into pageable memory returns
//! when the data is there, as natively, whatever its name says; one into pinned memory returns at once, and the data is in
//! place before anything says that the copy is done.

use core::ffi::{c_uchar, c_uint, c_ulonglong, c_ushort, c_void};
use std::sync::Arc;

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::{
    CUDA_MEMCPY2D, CUDA_MEMCPY3D, CUDA_MEMCPY3D_BATCH_OP, CUarray, CUdeviceptr, CUmemcpy3DOperand,
    CUmemcpy3DOperandType, CUmemcpyAttributes, CUmemorytype, CUstream,
};
use pillion_protocol::command::{Box3D, COPY_SYNCHRONOUS, CopyHead, Wait, cuda};
use pillion_protocol::handle::{Kind, PER_THREAD_STREAM};
use pillion_protocol::{CHUNK, Encoder, Interface};
use zerocopy::IntoBytes;
use zerocopy::little_endian::{U32, U64};

use super::callback::{self, Function};
use super::graph::GraphMemory;
use super::memory::RegionKind;
use super::{DefaultStream, bounce, capture, context, known_copy, line, packing, shared, stream};
use crate::entry::Result;
use crate::forward::{checked, confirmed, done_by, posted, wait_for, waited};
use crate::link::{Destination, Place};
use crate::log::{self, Level};
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

/// Which memory a side of a copy is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Host,
    Device,
    /// An array, by its handle.
    Array(u64),
}

fn side_of(session: &Session, address: u64) -> Side {
    match session.memory.find(address) {
        Some(region) if region.kind.is_device() => Side::Device,
        // The server has it as well.
        Some(region) if matches!(region.kind, RegionKind::HostCommon(_)) => Side::Device,
        // Pinned memory that kernels use is the server's to copy.
        _ if session.shared.holds(address) => Side::Device,
        // What CUDA does not know is the program's own.
        _ => Side::Host,
    }
}

/// Whether the program has memory at an address of the server's, too.
fn is_seen(session: &Session, address: u64) -> bool {
    session.memory.is_common(address) || session.shared.holds(address)
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
    let region = session.memory.find(device);
    if region.is_some_and(|region| region.kind.is_host()) && !session.shared.holds(device) {
        // SAFETY: the caller's contract.
        return unsafe { on_host(session, device as *mut c_void, host, len, stream) };
    }
    if shared::is_read(session, host as u64)? || session.memory.is_common(host as u64) {
        return on_server(session, device, host as u64, len, stream, manner);
    }
    let _work = shared::concerns(session, device, stream)?;
    if !region.is_some_and(|region| region.is_device_range(device, len)) {
        on_device_range(session, device, len, stream)?;
    }
    let source = Destination::Linear {
        start: Place(host.cast_mut().cast()),
        len,
    };
    if let Some(stand_in) = captured(session, source, stream, manner, true)? {
        // SAFETY: no pointers of this side.
        return unsafe { remote::cuMemcpyDtoDAsync_v2(device, stand_in, len, stream as CUstream) };
    }
    if session.calls.are_pending() {
        if manner == Manner::Asynchronous && session.memory.is_pinned(host as u64) {
            // SAFETY: no pointers of this side.
            return late(session, source, stream, |stand_in| unsafe {
                remote::cuMemcpyDtoDAsync_v2(device, stand_in, len, stream as CUstream)
            });
        }
        wait_for(session, Wait::Stream(stream))?;
    }
    if session.link.has_arrivals() {
        // A copy that is under way to this memory comes first in stream order, and this reads what it wrote.
        session.link.settle(host as usize, host as usize + len);
    }
    // SAFETY: CUDA's contract: `len` readable bytes.
    if unsafe { bounce::to_device(session, device, host.cast(), len, stream)? } {
        return posted(session);
    }
    // SAFETY: CUDA's contract: `len` readable bytes.
    let bytes = unsafe { core::slice::from_raw_parts(host.cast::<u8>(), len) };
    let (mut device, mut bytes) = (device, bytes);
    if len >= CHUNK {
        let done = line::measure(session, &head(device, len, stream, manner), bytes)?;
        (device, bytes) = (device + done as u64, &bytes[done..]);
        let whole = head(device, bytes.len(), stream, manner);
        let done = known_copy::copy(session, &whole, bytes)?;
        (device, bytes) = (device + done as u64, &bytes[done..]);
    } else if len > INLINE {
        line::count(session, len)?;
        let done = known_copy::copy(session, &head(device, len, stream, manner), bytes)?;
        (device, bytes) = (device + done as u64, &bytes[done..]);
    }
    for (index, chunk) in bytes.chunks(CHUNK).enumerate() {
        let head = head(device + (index * CHUNK) as u64, chunk.len(), stream, manner);
        if chunk.len() <= INLINE {
            session.link.post(cuda::COPY_TO_DEVICE, |body| {
                body.extend_from_slice(head.as_bytes());
                body.extend_from_slice(chunk);
                Ok(())
            })?;
        } else {
            packing::send_copy(session, &head, chunk)?;
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
    let region = session.memory.find(device);
    if region.is_some_and(|region| region.kind.is_host()) && !session.shared.holds(device) {
        // SAFETY: the caller's contract.
        return unsafe { on_host(session, host, device as *const c_void, len, stream) };
    }
    if is_seen(session, host as u64) {
        return on_server(session, host as u64, device, len, stream, manner);
    }
    shared::is_read(session, device)?;
    if !region.is_some_and(|region| region.is_device_range(device, len)) {
        on_device_range(session, device, len, stream)?;
    }
    let head = head(device, len, stream, manner);
    let destination = Destination::Linear {
        start: Place(host.cast()),
        len,
    };
    if let Some(stand_in) = captured(session, destination, stream, manner, false)? {
        // SAFETY: no pointers of this side.
        return unsafe { remote::cuMemcpyDtoDAsync_v2(stand_in, device, len, stream as CUstream) };
    }
    if manner == Manner::Synchronous || !session.memory.is_pinned(host as u64) {
        let done = done_by(session, Wait::Stream(stream));
        // SAFETY: CUDA's contract: `len` writable bytes.
        if unsafe { bounce::to_host(session, host.cast(), device, len, stream)? } {
            waited(session, done);
            return Ok(());
        }
    }
    let mut head = head;
    head.flags |= packing::wanted(session, len)?;
    arrive(
        session,
        cuda::COPY_TO_HOST,
        destination,
        host as u64,
        stream,
        manner,
        |body| {
            body.extend_from_slice(head.as_bytes());
            Ok(())
        },
    )
}

/// A copy between memories that the server has, one of which the program knows as the host's.
fn on_server(
    session: &Session,
    to: u64,
    from: u64,
    len: usize,
    stream: u64,
    manner: Manner,
) -> Result<()> {
    // SAFETY: no pointers of this side.
    unsafe { on_device(to, from, len, stream as CUstream)? };
    match manner {
        Manner::Synchronous => wait_for(session, Wait::Stream(stream)),
        Manner::Asynchronous => Ok(()),
    }
}

/// Checks a range of memory that the server has. What is captured is not checked, as natively: libraries capture with stand-ins for
/// addresses that they put in later.
fn on_device_range(session: &Session, address: u64, len: usize, stream: u64) -> Result<()> {
    match known_range(session, address, len) {
        Err(_) if capture::of(session, stream)?.is_some() => Ok(()),
        known => known,
    }
}

/// Checks a range of memory that the server has.
fn known_range(session: &Session, address: u64, len: usize) -> Result<()> {
    match session.memory.device_range(address, len) {
        Ok(_) => Ok(()),
        Err(_) if session.shared.holds(address) => Ok(()),
        Err(_) if session.memory.is_common_range(address, len) => Ok(()),
        Err(status) => {
            log::write(
                Level::Debug,
                format_args!("{len} bytes at {address:#x} are no memory of the device"),
            );
            Err(status)
        }
    }
}

/// While a stream captures: device memory that stands for host memory in the graph, which fills it before each launch or reads
/// it behind.
fn captured(
    session: &Session,
    host: Destination,
    stream: u64,
    manner: Manner,
    to_device: bool,
) -> Result<Option<u64>> {
    if !session.captures.any() {
        return Ok(None);
    }
    if manner == Manner::Synchronous {
        capture::permit(session)?;
    }
    match capture::of(session, stream)? {
        Some(memory) => memory.add(host, to_device).map(Some),
        None => Ok(None),
    }
}

/// A copy from pinned memory that a host function, still on its way, may yet write: the memory is read when the stream gets
/// there. `copy` issues the copy from the device memory that holds the bytes then.
fn late(
    session: &'static Session,
    source: Destination,
    stream: u64,
    copy: impl FnOnce(u64) -> Result<()>,
) -> Result<()> {
    let held = Arc::new(GraphMemory::default());
    let stand_in = held.add(source, true)?;
    let work = held.clone();
    callback::once(
        session,
        stream,
        Function::Own(Box::new(move |session| work.send_behind(session))),
    )?;
    // Whoever of this thread and the function's lets go last ends the device memory, behind the copy.
    let copied = copy(stand_in);
    drop(held);
    copied?;
    posted(session)
}

/// Sends a copy to the host, and waits for it if its manner or its destination ask for that.
fn arrive(
    session: &Session,
    opcode: u16,
    destination: Destination,
    host: u64,
    stream: u64,
    manner: Manner,
    fill: impl FnOnce(&mut Vec<u8>) -> Result<()>,
) -> Result<()> {
    if manner == Manner::Asynchronous && session.memory.is_pinned(host) {
        session.link.post_into(opcode, destination, fill)?;
        return posted(session);
    }
    let done = done_by(session, Wait::Stream(stream));
    let before = session.link.issued();
    session
        .link
        .call_into(Interface::Cuda, opcode, Some(destination), None, fill)?;
    waited(session, done);
    stream::has_finished(session, stream, before + 1);
    Ok(())
}

/// A copy within the host's memory that CUDA was asked for: after everything issued before it.
unsafe fn on_host(
    session: &'static Session,
    to: *mut c_void,
    from: *const c_void,
    len: usize,
    stream: u64,
) -> Result<()> {
    if let Some(memory) = capture::of(session, stream)? {
        let (to, from) = (to as usize, from as usize);
        // SAFETY: CUDA's contract: the memory is the graph's as long as that may be launched.
        let work = move |_: &'static Session| unsafe {
            core::ptr::copy(from as *const u8, to as *mut u8, len)
        };
        return callback::in_graph(session, stream, memory, Function::Own(Box::new(work)));
    }
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
    on_device_range(session, to, len, stream as u64)?;
    on_device_range(session, from, len, stream as u64)?;
    shared::is_read(session, from)?;
    let _work = shared::concerns(session, to, stream as u64)?;
    let (to, from) = (
        session.shared.for_device(to),
        session.shared.for_device(from),
    );
    // SAFETY: no pointers of this side.
    unsafe { remote::cuMemcpyDtoDAsync_v2(to, from, len, stream) }
}

unsafe fn any(to: u64, from: u64, len: usize, stream: CUstream, manner: Manner) -> Result<()> {
    let session = Session::current()?;
    let stream_number = stream as u64;
    // SAFETY: the caller's contract, for each side that is the program's memory.
    unsafe {
        match (side_of(session, to), side_of(session, from)) {
            (Side::Device, Side::Device)
                if session.memory.is_common(to) && session.memory.is_common(from) =>
            {
                to_device(to, from as *const c_void, len, stream_number, manner)
            }
            (Side::Device, Side::Device)
                if manner == Manner::Synchronous
                    && (is_seen(session, to) || is_seen(session, from)) =>
            {
                // The program may look at it at once.
                let number = stream::check(stream_number)?;
                on_server(session, to, from, len, number, manner)
            }
            (Side::Device, Side::Device) => on_device(to, from, len, stream),
            (Side::Device, Side::Host) => {
                to_device(to, from as *const c_void, len, stream_number, manner)
            }
            (Side::Host, Side::Device) => {
                to_host(to as *mut c_void, from, len, stream_number, manner)
            }
            _ => {
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
    /// The first byte of the first row; of an array, 0.
    start: u64,
    pitch: usize,
    slice: usize,
    /// Of an array, where the box begins: byte of a row, row, slice.
    at: (usize, usize, usize),
}

impl Face {
    /// The part of it that begins at `at`.
    fn moved(&self, at: (usize, usize, usize)) -> Face {
        match self.side {
            Side::Array(_) => Face {
                at: (self.at.0 + at.0, self.at.1 + at.1, self.at.2 + at.2),
                ..*self
            },
            _ => Face {
                start: self.start + (at.2 * self.slice + at.1 * self.pitch + at.0) as u64,
                ..*self
            },
        }
    }
}

fn face(
    session: &Session,
    kind: CUmemorytype,
    array: u64,
    host: u64,
    device: u64,
    offset: (usize, usize, usize),
    layout: (usize, usize),
    copy: &CUDA_MEMCPY3D,
) -> Result<Face> {
    let invalid = CUresult::CUDA_ERROR_INVALID_VALUE;
    let (side, base) = match kind {
        CUmemorytype::CU_MEMORYTYPE_HOST if is_seen(session, host) => (Side::Device, host),
        CUmemorytype::CU_MEMORYTYPE_HOST => (Side::Host, host),
        CUmemorytype::CU_MEMORYTYPE_DEVICE | CUmemorytype::CU_MEMORYTYPE_UNIFIED => {
            (side_of(session, device), device)
        }
        CUmemorytype::CU_MEMORYTYPE_ARRAY => {
            return Ok(Face {
                side: Side::Array(checked(Kind::Array, array)?),
                start: 0,
                pitch: 0,
                slice: 0,
                at: offset,
            });
        }
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
        at: (0, 0, 0),
    };
    if side == Side::Device {
        let extent = slice
            .checked_mul(copy.Depth - 1)
            .and_then(|extent| extent.checked_add(pitch.checked_mul(copy.Height - 1)?))
            .and_then(|extent| extent.checked_add(copy.WidthInBytes))
            .ok_or(invalid)?;
        known_range(session, face.start, extent)?;
        return Ok(Face {
            start: session.shared.for_device(face.start),
            ..face
        });
    }
    Ok(face)
}

/// Both sides of a box.
fn faces(session: &Session, copy: &CUDA_MEMCPY3D) -> Result<(Face, Face)> {
    if copy.srcLOD != 0 || copy.dstLOD != 0 {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    let from = face(
        session,
        copy.srcMemoryType,
        copy.srcArray as u64,
        copy.srcHost as u64,
        copy.srcDevice,
        (copy.srcXInBytes, copy.srcY, copy.srcZ),
        (copy.srcPitch, copy.srcHeight),
        copy,
    )?;
    let to = face(
        session,
        copy.dstMemoryType,
        copy.dstArray as u64,
        copy.dstHost as u64,
        copy.dstDevice,
        (copy.dstXInBytes, copy.dstY, copy.dstZ),
        (copy.dstPitch, copy.dstHeight),
        copy,
    )?;
    // Within the host's memory the program's side copies: a driver would wait for the stream over it.
    let at_home = |face: &Face| face.side == Side::Host || session.memory.is_common(face.start);
    if at_home(&from) && at_home(&to) {
        let home = |face| Face {
            side: Side::Host,
            ..face
        };
        return Ok((home(from), home(to)));
    }
    Ok((from, to))
}

/// The host's side of a box, as it is packed.
fn rows(face: &Face, size: (usize, usize, usize)) -> Destination {
    Destination::Rows {
        start: Place(face.start as *mut u8),
        width: size.0,
        height: size.1,
        depth: size.2,
        pitch: face.pitch,
        slice: face.slice,
    }
}

/// Moves the rows of a box within the host's memory.
///
/// # Safety
///
/// Both sides are the program's, for a copy of this size.
unsafe fn move_rows(from: &Face, to: &Face, size: (usize, usize, usize)) {
    for z in 0..size.2 {
        for y in 0..size.1 {
            let (f, t) = (z * from.slice + y * from.pitch, z * to.slice + y * to.pitch);
            // SAFETY: as the caller promises.
            unsafe {
                core::ptr::copy(
                    (from.start as *const u8).add(f),
                    (to.start as *mut u8).add(t),
                    size.0,
                );
            }
        }
    }
}

/// A copy as a graph's node has it.
pub enum NodeCopy {
    /// Between memories of the device.
    OnDevice(CUDA_MEMCPY3D),
    /// Within the host's memory: what does it.
    OnHost(Box<dyn Fn(&'static Session) + Send + Sync>),
    /// Between the two. On the host's side the description has packed memory of the device, whose address is to be put in.
    Across {
        /// The description.
        copy: CUDA_MEMCPY3D,
        /// The host's side.
        host: Destination,
        /// Which way it goes.
        to_device: bool,
    },
}

/// Takes a description apart for a graph's node.
///
/// # Safety
///
/// The description is as CUDA takes it, and host memory in it stays as long as the graph.
///
/// # Errors
///
/// CUDA's, for a box that cannot be.
pub unsafe fn node(session: &Session, copy: &CUDA_MEMCPY3D) -> Result<NodeCopy> {
    if copy.WidthInBytes == 0 || copy.Height == 0 || copy.Depth == 0 {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    let (from, to) = faces(session, copy)?;
    let size = (copy.WidthInBytes, copy.Height, copy.Depth);
    let asynchronous = Manner::Asynchronous;
    Ok(match (from.side, to.side) {
        (Side::Host, Side::Host) => NodeCopy::OnHost(Box::new(move |_| {
            // SAFETY: the caller's contract is the same.
            unsafe { move_rows(&from, &to, size) }
        })),
        (Side::Host, _) => NodeCopy::Across {
            copy: part(copy, &stand_in(0, size), &to, size, 0, asynchronous).copy,
            host: rows(&from, size),
            to_device: true,
        },
        (_, Side::Host) => NodeCopy::Across {
            copy: part(copy, &from, &stand_in(0, size), size, 0, asynchronous).copy,
            host: rows(&to, size),
            to_device: false,
        },
        _ => NodeCopy::OnDevice(part(copy, &from, &to, size, 0, asynchronous).copy),
    })
}

/// Packed memory of the device in the place of a box's host side.
fn stand_in(start: u64, size: (usize, usize, usize)) -> Face {
    Face {
        side: Side::Device,
        start,
        pitch: size.0,
        slice: size.0 * size.1,
        at: (0, 0, 0),
    }
}

unsafe fn deep(copy: &CUDA_MEMCPY3D, stream: u64, manner: Manner) -> Result<()> {
    let session = Session::current()?;
    context::current()?;
    let stream = stream::check(stream)?;
    if copy.WidthInBytes == 0 || copy.Height == 0 || copy.Depth == 0 {
        return session.link.check();
    }
    let (from, to) = faces(session, copy)?;
    if from.side == Side::Device {
        shared::is_read(session, from.start)?;
    }
    let _work = match to.side {
        Side::Device => shared::concerns(session, to.start, stream)?,
        _ => None,
    };
    let size = (copy.WidthInBytes, copy.Height, copy.Depth);
    let packed = |face: &Face| {
        !matches!(face.side, Side::Array(_))
            && (size.1 == 1 || face.pitch == size.0)
            && (size.2 == 1 || face.slice == size.0 * size.1)
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
            if let Some(memory) = capture::of(session, stream)? {
                // SAFETY: CUDA's contract: the memory is the graph's as long as that may be launched.
                let work = move |_: &'static Session| unsafe { move_rows(&from, &to, size) };
                return callback::in_graph(session, stream, memory, Function::Own(Box::new(work)));
            }
            wait_for(session, Wait::Stream(stream))?;
            // SAFETY: CUDA's contract for both sides of the box.
            unsafe { move_rows(&from, &to, size) };
            Ok(())
        }
        (Side::Device | Side::Array(_), Side::Device | Side::Array(_)) => {
            on_device_box(session, &part(copy, &from, &to, size, stream, manner))?;
            let seen = [from, to]
                .iter()
                .any(|face| face.side == Side::Device && is_seen(session, face.start));
            match manner {
                Manner::Synchronous if seen => wait_for(session, Wait::Stream(stream)),
                _ => Ok(()),
            }
        }
        (Side::Host, _) => {
            let source = rows(&from, size);
            let across = |start| {
                let from = stand_in(start, size);
                on_device_box(session, &part(copy, &from, &to, size, stream, manner))
            };
            if let Some(start) = captured(session, source, stream, manner, true)? {
                return across(start);
            }
            if session.calls.are_pending() {
                if manner == Manner::Asynchronous && session.memory.is_pinned(from.start) {
                    return late(session, source, stream, across);
                }
                wait_for(session, Wait::Stream(stream))?;
            }
            // SAFETY: the caller's contract is the same.
            pieces(size, |at, piece| unsafe {
                move_piece(session, copy, &from, &to, at, piece, stream, manner)
            })
        }
        (_, Side::Host) => {
            if let Some(start) = captured(session, rows(&to, size), stream, manner, false)? {
                let to = stand_in(start, size);
                return on_device_box(session, &part(copy, &from, &to, size, stream, manner));
            }
            // SAFETY: the caller's contract is the same.
            pieces(size, |at, piece| unsafe {
                move_piece(session, copy, &from, &to, at, piece, stream, manner)
            })
        }
    }
}

fn on_device_box(session: &Session, part: &Box3D) -> Result<()> {
    session.link.post(cuda::BOX_ON_DEVICE, |body| {
        part.encode(&mut Encoder::new(body));
        Ok(())
    })?;
    said_at_once(session, part)?;
    posted(session)
}

/// The extent of an array is known to the server: whether a copy is within is waited for, where the program waits for the copy.
fn said_at_once(session: &Session, part: &Box3D) -> Result<()> {
    let array = CUmemorytype::CU_MEMORYTYPE_ARRAY;
    if part.flags & COPY_SYNCHRONOUS != 0
        && (part.copy.srcMemoryType == array || part.copy.dstMemoryType == array)
    {
        return confirmed(session);
    }
    Ok(())
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
    (part.srcXInBytes, part.srcY, part.srcZ) = from.at;
    (part.dstXInBytes, part.dstY, part.dstZ) = to.at;
    (part.srcLOD, part.dstLOD) = (0, 0);
    let kind = |side| match side {
        Side::Host => CUmemorytype::CU_MEMORYTYPE_HOST,
        Side::Device => CUmemorytype::CU_MEMORYTYPE_DEVICE,
        Side::Array(_) => CUmemorytype::CU_MEMORYTYPE_ARRAY,
    };
    let array = |side| match side {
        Side::Array(handle) => handle as CUarray,
        _ => core::ptr::null_mut(),
    };
    part.srcArray = array(from.side);
    part.dstArray = array(to.side);
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
    let (from, to) = (from.moved(at), to.moved(at));
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
        said_at_once(session, &part)?;
        return posted(session);
    }
    let destination = rows(&to, size);
    arrive(
        session,
        cuda::BOX_TO_HOST,
        destination,
        to.start,
        stream,
        manner,
        |body| {
            part.encode(&mut Encoder::new(body));
            Ok(())
        },
    )
}

/// A row of an array, as the one-dimensional copies take it.
fn row(array: CUarray, offset: usize, len: usize, is_source: bool) -> CUDA_MEMCPY3D {
    // SAFETY: a struct of numbers and pointers, for which zero is a value.
    let mut copy: CUDA_MEMCPY3D = unsafe { core::mem::zeroed() };
    (copy.WidthInBytes, copy.Height, copy.Depth) = (len, 1, 1);
    if is_source {
        copy.srcMemoryType = CUmemorytype::CU_MEMORYTYPE_ARRAY;
        (copy.srcArray, copy.srcXInBytes) = (array, offset);
    } else {
        copy.dstMemoryType = CUmemorytype::CU_MEMORYTYPE_ARRAY;
        (copy.dstArray, copy.dstXInBytes) = (array, offset);
    }
    copy
}

unsafe fn host_to_array(
    to: CUarray,
    offset: usize,
    from: *const c_void,
    len: usize,
    stream: CUstream,
    manner: Manner,
) -> Result<()> {
    let mut copy = row(to, offset, len, false);
    copy.srcMemoryType = CUmemorytype::CU_MEMORYTYPE_HOST;
    copy.srcHost = from;
    // SAFETY: the caller's contract is the same.
    unsafe { deep(&copy, stream as u64, manner) }
}

/// `cuMemcpyHtoA_v2`
pub unsafe fn cuMemcpyHtoA_v2(
    to: CUarray,
    offset: usize,
    from: *const c_void,
    len: usize,
    default: DefaultStream,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { host_to_array(to, offset, from, len, default.stream(), Manner::Synchronous) }
}

/// `cuMemcpyHtoAAsync_v2`
pub unsafe fn cuMemcpyHtoAAsync_v2(
    to: CUarray,
    offset: usize,
    from: *const c_void,
    len: usize,
    stream: CUstream,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { host_to_array(to, offset, from, len, stream, Manner::Asynchronous) }
}

unsafe fn array_to_host(
    to: *mut c_void,
    from: CUarray,
    offset: usize,
    len: usize,
    stream: CUstream,
    manner: Manner,
) -> Result<()> {
    let mut copy = row(from, offset, len, true);
    copy.dstMemoryType = CUmemorytype::CU_MEMORYTYPE_HOST;
    copy.dstHost = to;
    // SAFETY: the caller's contract is the same.
    unsafe { deep(&copy, stream as u64, manner) }
}

/// `cuMemcpyAtoH_v2`
pub unsafe fn cuMemcpyAtoH_v2(
    to: *mut c_void,
    from: CUarray,
    offset: usize,
    len: usize,
    default: DefaultStream,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { array_to_host(to, from, offset, len, default.stream(), Manner::Synchronous) }
}

/// `cuMemcpyAtoHAsync_v2`
pub unsafe fn cuMemcpyAtoHAsync_v2(
    to: *mut c_void,
    from: CUarray,
    offset: usize,
    len: usize,
    stream: CUstream,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { array_to_host(to, from, offset, len, stream, Manner::Asynchronous) }
}

/// `cuMemcpyDtoA_v2`
pub unsafe fn cuMemcpyDtoA_v2(
    to: CUarray,
    offset: usize,
    from: CUdeviceptr,
    len: usize,
    default: DefaultStream,
) -> Result<()> {
    let mut copy = row(to, offset, len, false);
    copy.srcMemoryType = CUmemorytype::CU_MEMORYTYPE_DEVICE;
    copy.srcDevice = from;
    // SAFETY: the caller's contract is the same.
    unsafe { deep(&copy, default.stream() as u64, Manner::Synchronous) }
}

/// `cuMemcpyAtoD_v2`
pub unsafe fn cuMemcpyAtoD_v2(
    to: CUdeviceptr,
    from: CUarray,
    offset: usize,
    len: usize,
    default: DefaultStream,
) -> Result<()> {
    let mut copy = row(from, offset, len, true);
    copy.dstMemoryType = CUmemorytype::CU_MEMORYTYPE_DEVICE;
    copy.dstDevice = to;
    // SAFETY: the caller's contract is the same.
    unsafe { deep(&copy, default.stream() as u64, Manner::Synchronous) }
}

/// `cuMemcpyAtoA_v2`
pub unsafe fn cuMemcpyAtoA_v2(
    to: CUarray,
    to_offset: usize,
    from: CUarray,
    from_offset: usize,
    len: usize,
    default: DefaultStream,
) -> Result<()> {
    let mut copy = row(to, to_offset, len, false);
    copy.srcMemoryType = CUmemorytype::CU_MEMORYTYPE_ARRAY;
    (copy.srcArray, copy.srcXInBytes) = (from, from_offset);
    // SAFETY: the caller's contract is the same.
    unsafe { deep(&copy, default.stream() as u64, Manner::Synchronous) }
}

/// `cuMemcpyBatchAsync_v2`: one copy after the other, which keeps every order that the attributes may ask for.
pub unsafe fn cuMemcpyBatchAsync_v2(
    to: *mut CUdeviceptr,
    from: *mut CUdeviceptr,
    sizes: *mut usize,
    count: usize,
    attributes: *mut CUmemcpyAttributes,
    indices: *mut usize,
    attribute_count: usize,
    stream: CUstream,
) -> Result<()> {
    let invalid = CUresult::CUDA_ERROR_INVALID_VALUE;
    // No default stream, as CUDA documents.
    if (stream as u64) <= PER_THREAD_STREAM
        || count == 0
        || to.is_null()
        || from.is_null()
        || sizes.is_null()
        || (attribute_count > 0 && (attributes.is_null() || indices.is_null()))
    {
        return Err(invalid);
    }
    for index in 0..count {
        // SAFETY: CUDA's contract: arrays of `count`.
        unsafe {
            let (to, from, len) = (*to.add(index), *from.add(index), *sizes.add(index));
            any(to, from, len, stream, Manner::Asynchronous)?;
        }
    }
    Ok(())
}

/// `cuMemcpyBatchAsync`, as it was in CUDA 12.8: with the number of the copy that failed.
pub unsafe fn cuMemcpyBatchAsync(
    to: *mut CUdeviceptr,
    from: *mut CUdeviceptr,
    sizes: *mut usize,
    count: usize,
    attributes: *mut CUmemcpyAttributes,
    indices: *mut usize,
    attribute_count: usize,
    fail: *mut usize,
    stream: CUstream,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    let done = unsafe {
        cuMemcpyBatchAsync_v2(
            to,
            from,
            sizes,
            count,
            attributes,
            indices,
            attribute_count,
            stream,
        )
    };
    if done.is_err() {
        // SAFETY: CUDA's contract for the argument; null is passed over.
        if let Some(fail) = unsafe { fail.as_mut() } {
            *fail = usize::MAX;
        }
    }
    done
}

/// One side of a copy of a batch: kind, array, address, offset, pitch and height.
type Operand = (
    CUmemorytype,
    CUarray,
    u64,
    (usize, usize, usize),
    (usize, usize),
);

unsafe fn operand(operand: &CUmemcpy3DOperand) -> Result<Operand> {
    // SAFETY: the type says which member is set; any bits are a value of it.
    unsafe {
        match operand.type_ {
            CUmemcpy3DOperandType::CU_MEMCPY_OPERAND_TYPE_POINTER => {
                let side = &operand.op.ptr;
                Ok((
                    CUmemorytype::CU_MEMORYTYPE_UNIFIED,
                    core::ptr::null_mut(),
                    side.ptr,
                    (0, 0, 0),
                    (side.rowLength, side.layerHeight),
                ))
            }
            CUmemcpy3DOperandType::CU_MEMCPY_OPERAND_TYPE_ARRAY => {
                let side = &operand.op.array;
                Ok((
                    CUmemorytype::CU_MEMORYTYPE_ARRAY,
                    side.array,
                    0,
                    (side.offset.x, side.offset.y, side.offset.z),
                    (0, 0),
                ))
            }
            _ => Err(CUresult::CUDA_ERROR_INVALID_VALUE),
        }
    }
}

/// `cuMemcpy3DBatchAsync_v2`. Extents are in elements where an array is in play, else in bytes.
pub unsafe fn cuMemcpy3DBatchAsync_v2(
    count: usize,
    list: *mut CUDA_MEMCPY3D_BATCH_OP,
    flags: c_ulonglong,
    stream: CUstream,
) -> Result<()> {
    if list.is_null() || count == 0 || flags != 0 || (stream as u64) <= PER_THREAD_STREAM {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    // SAFETY: CUDA's contract: an array of `count`.
    for op in unsafe { core::slice::from_raw_parts(list, count) } {
        // SAFETY: as above.
        let (from, to) = unsafe { (operand(&op.src)?, operand(&op.dst)?) };
        let mut element = 1;
        for array in [from.1, to.1] {
            if !array.is_null() {
                element = element_size(array)?;
            }
        }
        // SAFETY: a struct of numbers and pointers, for which zero is a value.
        let mut copy: CUDA_MEMCPY3D = unsafe { core::mem::zeroed() };
        (copy.srcMemoryType, copy.srcArray, copy.srcDevice) = (from.0, from.1, from.2);
        (copy.srcXInBytes, copy.srcY, copy.srcZ) = (from.3.0 * element, from.3.1, from.3.2);
        (copy.srcPitch, copy.srcHeight) = (from.4.0 * element, from.4.1);
        (copy.dstMemoryType, copy.dstArray, copy.dstDevice) = (to.0, to.1, to.2);
        (copy.dstXInBytes, copy.dstY, copy.dstZ) = (to.3.0 * element, to.3.1, to.3.2);
        (copy.dstPitch, copy.dstHeight) = (to.4.0 * element, to.4.1);
        copy.WidthInBytes = op.extent.width * element;
        (copy.Height, copy.Depth) = (op.extent.height, op.extent.depth);
        // SAFETY: the caller's contract is the same.
        unsafe { deep(&copy, stream as u64, Manner::Asynchronous)? };
    }
    Ok(())
}

/// Bytes of an array's element.
fn element_size(array: CUarray) -> Result<usize> {
    use pillion_cuda_abi::types::CUarray_format as Format;
    let mut description = core::mem::MaybeUninit::zeroed();
    // SAFETY: a local, for which zero is a value.
    let description = unsafe {
        remote::cuArray3DGetDescriptor_v2(description.as_mut_ptr(), array)?;
        description.assume_init()
    };
    let bytes = match description.Format {
        Format::CU_AD_FORMAT_UNSIGNED_INT8 | Format::CU_AD_FORMAT_SIGNED_INT8 => 1,
        Format::CU_AD_FORMAT_UNSIGNED_INT16
        | Format::CU_AD_FORMAT_SIGNED_INT16
        | Format::CU_AD_FORMAT_HALF => 2,
        Format::CU_AD_FORMAT_UNSIGNED_INT32
        | Format::CU_AD_FORMAT_SIGNED_INT32
        | Format::CU_AD_FORMAT_FLOAT => 4,
        _ => return Err(CUresult::CUDA_ERROR_NOT_SUPPORTED),
    };
    Ok(bytes * description.NumChannels as usize)
}

/// `cuMemcpy3DBatchAsync`, as it was in CUDA 12.8: with the number of the copy that failed.
pub unsafe fn cuMemcpy3DBatchAsync(
    count: usize,
    list: *mut CUDA_MEMCPY3D_BATCH_OP,
    fail: *mut usize,
    flags: c_ulonglong,
    stream: CUstream,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    let done = unsafe { cuMemcpy3DBatchAsync_v2(count, list, flags, stream) };
    if done.is_err() {
        // SAFETY: CUDA's contract for the argument; null is passed over.
        if let Some(fail) = unsafe { fail.as_mut() } {
            *fail = usize::MAX;
        }
    }
    done
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
            if session.memory.is_pinned(to) && !session.shared.holds(to) {
                if let Some(memory) = capture::of(session, number)? {
                    let place = to as usize;
                    // SAFETY: pinned memory of the program's, which the graph uses as long as it may be launched.
                    let work = move |_: &'static Session| unsafe {
                        core::slice::from_raw_parts_mut(place as *mut $value, count).fill(value)
                    };
                    let work = Function::Own(Box::new(work));
                    return callback::in_graph(session, number, memory, work);
                }
                wait_for(session, Wait::Stream(number))?;
                // SAFETY: pinned memory of the program's, aligned as checked above.
                unsafe { core::slice::from_raw_parts_mut(to as *mut $value, count) }.fill(value);
                return Ok(());
            }
            on_device_range(session, to, len, number)?;
            let _work = shared::concerns(session, to, stream as u64)?;
            let to = session.shared.for_device(to);
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
            on_device_range(session, to, extent, stream as u64)?;
            let _work = shared::concerns(session, to, stream as u64)?;
            let to = session.shared.for_device(to);
            // SAFETY: no pointers of this side.
            unsafe { remote::$name(to, pitch, value, width, height, stream) }
        }
    };
}

memset_2d!(cuMemsetD2D8Async, c_uchar);
memset_2d!(cuMemsetD2D16Async, c_ushort);
memset_2d!(cuMemsetD2D32Async, c_uint);

//! Copies between the program and the device, through pinned memory that chunks pass by turns.

use std::ffi::c_void;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pillion_cuda_abi::types::{
    CUDA_MEMCPY3D, CUarray, CUmemorytype, CUpointer_attribute, CUresult, CUstream,
};
use pillion_protocol::command::{
    Box3D, COPY_KEEP, COPY_PACK, COPY_PACK_SMALL, COPY_SYNCHRONOUS, CopyHead, KnownCopy, cuda,
};
use pillion_protocol::handle::Kind;
use pillion_protocol::packed::Method;
use pillion_protocol::{CHUNK, Decoder, Encoder, Violation, packed};
use pillion_transport::Interest;
use zerocopy::FromBytes;

use super::super::forward::Failure;
use super::super::staging;
use super::super::staging::Buffer;
use super::{Awaited, NOT_SUPPORTED, OK, Session, What, check};

/// The connection is at its end, as whoever reads it finds out.
const BROKEN: Failure = Failure::Status(CUresult::CUDA_ERROR_UNKNOWN);

impl Session {
    pub(super) fn copy_to_device(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let (head, data) = CopyHead::ref_from_prefix(bytes).map_err(|_| Violation::Truncated {
            missing: size_of::<CopyHead>(),
        })?;
        if head.len.get() != data.len() as u64 {
            return Err(Violation::OutOfRange {
                what: "the length of a copy",
                value: head.len.get(),
            }
            .into());
        }
        self.copy_bytes(head, 0, data)?;
        self.keep_copied(head, data);
        Ok(())
    }

    #[cold]
    pub(super) fn packed(&mut self, opcode: u16, bytes: &[u8]) -> Result<(), Failure> {
        if !self.packs {
            // It is not among the opcodes that the client was told.
            return Err(Violation::UnknownOpcode(opcode).into());
        }
        match opcode {
            cuda::COPY_PACKED => self.copy_packed(bytes),
            _ => self.upload_packed(bytes),
        }
    }

    /// Unpacks a copy to where the device reads it.
    fn copy_packed(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let (head, block) = CopyHead::ref_from_prefix(bytes).map_err(|_| Violation::Truncated {
            missing: size_of::<CopyHead>(),
        })?;
        let value = head.len.get();
        if value == 0 || value > CHUNK as u64 {
            return Err(Violation::OutOfRange {
                what: "the length of a copy",
                value,
            }
            .into());
        }
        let len = value as usize;
        let stream = self.stream(head.stream.get())?;
        let place = self.room(len, stream)?;
        // SAFETY: `room` answers that many bytes, which nothing else uses before the copy is issued; the driver gives pinned memory
        // with bytes in it.
        let data = unsafe { std::slice::from_raw_parts_mut(place as *mut u8, len) };
        packed::unpack(block, data)?;
        self.account.bytes_saved += (len as u64).saturating_sub(block.len() as u64);
        self.copy_staged(head, 0, place, len, stream)?;
        self.keep_copied(head, data);
        Ok(())
    }

    /// Keeps what the client has asked to be kept of a copy.
    #[inline]
    pub(super) fn keep_copied(&mut self, head: &CopyHead, data: &[u8]) {
        if head.flags.get() & COPY_KEEP != 0
            && let Some(cache) = &mut self.cache
        {
            cache.keep(None, Arc::new(data.to_vec()), data.len());
        }
    }

    /// Copies bytes to the device, so far behind where the head says.
    fn copy_bytes(&mut self, head: &CopyHead, offset: u64, data: &[u8]) -> Result<(), Failure> {
        let stream = self.stream(head.stream.get())?;
        let place = self.stage(data, stream)?;
        self.copy_staged(head, offset, place, data.len(), stream)
    }

    /// Copies what has been put into pinned memory for it.
    #[inline]
    pub(super) fn copy_staged(
        &mut self,
        head: &CopyHead,
        offset: u64,
        place: usize,
        len: usize,
        stream: u64,
    ) -> Result<(), Failure> {
        let copy = self.table.cuMemcpyHtoDAsync_v2.ok_or(NOT_SUPPORTED)?;
        // SAFETY: staged bytes, which stay until the event behind this copy; the driver checks the device address.
        check(unsafe {
            copy(
                head.device.get().wrapping_add(offset),
                place as *const c_void,
                len,
                stream as CUstream,
            )
        })?;
        self.copied(head.flags.get(), stream)
    }

    /// Puts events behind all that was issued to a stream, which can then end, so that later waits for everything in its context
    /// cover it.
    pub(super) fn fence(&mut self, stream: u64) -> Result<(), Failure> {
        let Session {
            staging,
            handles,
            events,
            table,
            ..
        } = self;
        staging.fence(table, handles, events)?;
        let event = self.record(stream)?;
        self.push_wait(vec![Awaited::Own(event)], true, What::Nothing);
        Ok(())
    }

    /// A stream is about to become part of a capture. From then on there can be no events behind what was issued to it before: they
    /// would become part of the graph, and asking after one would end the capture. Nor can the program's events be asked after that
    /// it may now record there anew.
    pub(super) fn leave_to_capture(&mut self, stream: u64) -> Result<(), Failure> {
        self.fence(stream)?;
        let place = self.handles.place(stream);
        let theirs = self.event_streams.iter();
        let theirs = theirs.filter(|(_, of)| **of == place);
        let theirs: Vec<u64> = theirs.map(|(event, _)| *event).collect();
        theirs.into_iter().try_for_each(|event| self.detach(event))
    }

    /// Copies to the device what is there of bytes that the client names. Leaves the answer's body in `answers`.
    pub(super) fn copy_known(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let known = KnownCopy::decode(bytes)?;
        let mut found = 0u64;
        for (index, (start, len, hash)) in known.chunks().enumerate() {
            let Some(cache) = &self.cache else {
                // It is not among the opcodes that the client was told.
                return Err(Violation::UnknownOpcode(cuda::COPY_KNOWN).into());
            };
            if let Some(bytes) = cache.find(hash, len) {
                self.copy_bytes(known.head, start, &bytes)?;
                self.account.bytes_cached += len;
                found |= 1 << index;
            }
        }
        self.answers.clear();
        Encoder::new(&mut self.answers).scalar(found);
        Ok(())
    }

    /// Puts bytes where the device can read them while the stream gets there.
    fn stage(&mut self, data: &[u8], stream: u64) -> Result<usize, Failure> {
        let place = self.room(data.len(), stream)?;
        // SAFETY: `room` answers that many bytes, which nothing else uses.
        unsafe { std::ptr::copy_nonoverlapping(data.as_ptr(), place as *mut u8, data.len()) };
        Ok(place)
    }

    /// Pinned memory for bytes that go to the device on a stream.
    #[inline]
    pub(super) fn room(&mut self, len: usize, stream: u64) -> Result<usize, Failure> {
        let Session {
            staging,
            handles,
            events,
            table,
            ..
        } = self;
        let stream = handles.place(stream);
        staging.room(table, handles, events, len, stream)
    }

    /// After a copy that the program called synchronously, everything in every stream comes later.
    pub(super) fn copied(&mut self, flags: u32, stream: u64) -> Result<(), Failure> {
        if flags & COPY_SYNCHRONOUS == 0 {
            return Ok(());
        }
        let Session {
            handles,
            events,
            table,
            ..
        } = self;
        let by = handles.place(stream);
        if handles.is_capturing_at(by) {
            return Ok(());
        }
        handles.copied(by, |handles| events.record(table, handles, by))
    }

    pub(super) fn copy_to_host(&mut self, sequence: u64, bytes: &[u8]) -> Result<(), Failure> {
        let (head, rest) = CopyHead::ref_from_prefix(bytes).map_err(|_| Violation::Truncated {
            missing: size_of::<CopyHead>(),
        })?;
        if !rest.is_empty() {
            return Err(Violation::Trailing(rest.len()).into());
        }
        let (device, len) = (head.device.get(), head.len.get());
        let stream = self.stream(head.stream.get())?;
        if self.host.stands_in(device, len) {
            let event = self.record(stream)?;
            let what = What::HostData {
                sequence,
                place: device,
                len,
            };
            self.push_wait(vec![Awaited::Own(event)], false, what);
            return Ok(());
        }
        let copy = self.table.cuMemcpyDtoHAsync_v2.ok_or(NOT_SUPPORTED)?;
        let packs = match head.flags.get() {
            flags if !self.packs || flags & COPY_PACK == 0 => None,
            flags if flags & COPY_PACK_SMALL == 0 => Some(Method::Lz4),
            _ => Some(Method::Zstd),
        };
        let mut offset = 0;
        while offset < len {
            let n = staging::part(offset, len);
            self.let_buffers_go()?;
            let buffer = self.buffer(n)?;
            // SAFETY: a buffer of at least `n` bytes that nothing else uses; the driver checks the device address.
            let status = unsafe {
                copy(
                    buffer.start as *mut c_void,
                    device.wrapping_add(offset),
                    n,
                    stream as CUstream,
                )
            };
            if status != OK {
                self.staging.give_back(buffer);
                // What is under way already arrives, but the answer is this.
                for wait in &mut self.waits {
                    if let What::Data {
                        sequence: of, last, ..
                    } = &mut wait.what
                        && *of == sequence
                    {
                        *last = false;
                    }
                }
                return Err(Failure::Status(status));
            }
            let event = self.record(stream)?;
            let last = offset + n as u64 == len;
            self.push_wait(
                vec![Awaited::Own(event)],
                false,
                What::Data {
                    sequence,
                    buffer,
                    len: n,
                    offset,
                    last,
                    packs,
                },
            );
            offset += n as u64;
        }
        if len == 0 {
            self.answer(sequence, OK, &[]);
        }
        Ok(())
    }

    /// While the line is busy with what is under way, the next part of a copy waits for a buffer that is still in the processor's
    /// cache, unless the client has more to say: then all of the copy is issued, so that nothing else waits for the line.
    fn let_buffers_go(&mut self) -> Result<(), Failure> {
        let mut idle_since = Instant::now();
        // Behind a host function the device waits for this loop.
        while self.staging.keeps_busy(&self.handles) && !self.has_calls() {
            if self.start < self.end || !self.ahead.is_empty() {
                break;
            }
            let progress = self.poll() | self.send().map_err(|_| BROKEN)?;
            let mut interest = Interest::READABLE;
            let mut timeout = Duration::ZERO;
            if progress {
                idle_since = Instant::now();
            } else if idle_since.elapsed() >= self.spin.limit() {
                interest.writable = self.output_len > 0;
                timeout = self.patience().unwrap_or(Duration::from_millis(1));
            }
            match self.connection.poller.wait(interest, None, Some(timeout)) {
                Ok(ready) if ready.readable || ready.closed => break,
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(BROKEN),
                _ => {}
            }
        }
        Ok(())
    }

    /// A buffer for the way back. Where all are under way, earlier copies are finished and sent first.
    fn buffer(&mut self, len: usize) -> Result<Buffer, Failure> {
        loop {
            let Session {
                staging,
                handles,
                table,
                ..
            } = self;
            if let Some(buffer) = staging.buffer(table, handles, len)? {
                return Ok(buffer);
            }
            let any = self.poll();
            let sent = self.send().map_err(|_| BROKEN)?;
            if any || sent {
                continue;
            }
            let interest = Interest {
                readable: false,
                writable: self.output_len > 0,
            };
            let wait = Some(Duration::from_micros(50));
            match self.connection.poller.wait(interest, None, wait) {
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(BROKEN),
                _ => {}
            }
        }
    }

    pub(super) fn copy_box(
        &mut self,
        opcode: u16,
        sequence: u64,
        body: &mut Decoder<'_>,
    ) -> Result<(), Failure> {
        let request = Box3D::decode(body)?;
        let data = body.rest();
        let mut copy: CUDA_MEMCPY3D = request.copy;
        let stream = self.stream(request.stream)?;
        for (kind, array) in [
            (copy.srcMemoryType, &mut copy.srcArray),
            (copy.dstMemoryType, &mut copy.dstArray),
        ] {
            if kind == CUmemorytype::CU_MEMORYTYPE_ARRAY {
                *array = self.handles.find(Kind::Array, *array as u64)? as CUarray;
            }
        }
        let on_device = |kind| {
            kind == CUmemorytype::CU_MEMORYTYPE_DEVICE || kind == CUmemorytype::CU_MEMORYTYPE_ARRAY
        };
        let run = self.table.cuMemcpy3DAsync_v2.ok_or(NOT_SUPPORTED)?;
        let host = match opcode {
            cuda::BOX_ON_DEVICE => {
                if !data.is_empty()
                    || !on_device(copy.srcMemoryType)
                    || !on_device(copy.dstMemoryType)
                {
                    return Err(
                        Violation::OutOfOrder("a box on the device has no host side").into(),
                    );
                }
                // SAFETY: device sides, whose addresses the driver checks.
                return check(unsafe { run(&copy, stream as CUstream) });
            }
            _ => request.packed_len().ok_or(Violation::OutOfRange {
                what: "the size of a box",
                value: copy.WidthInBytes as u64,
            })?,
        };
        if opcode == cuda::BOX_TO_DEVICE {
            if data.len() != host || !on_device(copy.dstMemoryType) {
                return Err(Violation::OutOfRange {
                    what: "the size of a box",
                    value: data.len() as u64,
                }
                .into());
            }
            copy.srcMemoryType = CUmemorytype::CU_MEMORYTYPE_HOST;
            copy.srcHost = self.stage(data, stream)? as *const c_void;
            (copy.srcXInBytes, copy.srcY, copy.srcZ) = (0, 0, 0);
            (copy.srcPitch, copy.srcHeight) = (copy.WidthInBytes, copy.Height);
            // SAFETY: staged bytes of the box's size; the driver checks the device side.
            check(unsafe { run(&copy, stream as CUstream) })?;
            return self.copied(request.flags, stream);
        }
        if !data.is_empty() || !on_device(copy.srcMemoryType) {
            return Err(Violation::Trailing(data.len()).into());
        }
        let buffer = self.buffer(host)?;
        copy.dstMemoryType = CUmemorytype::CU_MEMORYTYPE_HOST;
        copy.dstHost = buffer.start as *mut c_void;
        (copy.dstXInBytes, copy.dstY, copy.dstZ) = (0, 0, 0);
        (copy.dstPitch, copy.dstHeight) = (copy.WidthInBytes, copy.Height);
        // SAFETY: a buffer of the box's size that nothing else uses; the driver checks the device side.
        let status = unsafe { run(&copy, stream as CUstream) };
        if status != OK {
            self.staging.give_back(buffer);
            return Err(Failure::Status(status));
        }
        let event = self.record(stream)?;
        let what = What::Data {
            sequence,
            buffer,
            len: host,
            offset: 0,
            last: true,
            packs: None,
        };
        self.push_wait(vec![Awaited::Own(event)], false, what);
        Ok(())
    }

    /// Whether the device says of an address that it is managed memory.
    pub(super) fn is_managed(&self, address: u64) -> bool {
        let Some(ask) = self.table.cuPointerGetAttribute else {
            return false;
        };
        let mut managed = 0u32;
        // SAFETY: a local of the attribute's type.
        let status = unsafe {
            ask(
                (&raw mut managed).cast(),
                CUpointer_attribute::CU_POINTER_ATTRIBUTE_IS_MANAGED,
                address,
            )
        };
        status == OK && managed != 0
    }

    /// A range of host memory that kernels use in place.
    pub(super) fn host_range(&self, address: u64, len: u64) -> Result<*mut u8, Failure> {
        let end = address
            .checked_add(len)
            .ok_or(Failure::Status(CUresult::CUDA_ERROR_INVALID_VALUE))?;
        let inside = self.host.range(address, len);
        // Managed memory of a process that has no context yet is read and written where it lies, too.
        let managed = self
            .managed
            .range(..=address)
            .next_back()
            .is_some_and(|(start, size)| end <= start + size);
        match inside.or(managed.then_some(address)) {
            Some(place) => Ok(place as *mut u8),
            None => Err(Failure::Status(CUresult::CUDA_ERROR_INVALID_VALUE)),
        }
    }
}

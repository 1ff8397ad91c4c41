//! What arrives: bytes become frames, and each goes to whom it is for. The bytes of a long copy are read straight to their place.

use std::io::{ErrorKind, IoSliceMut};
use std::sync::atomic::Ordering;

use pillion_cuda_abi::CUresult;
use pillion_protocol::{Decoder, HEADER_LEN, Reply, ReplyHeader};
use pillion_transport::Receiver;

use super::{Destination, Link, Place, lock};

/// Bytes that one read takes at most.
pub(super) const INBOX: usize = 256 << 10;
/// And while data goes straight to its place: what is read of it here has to be moved.
const NARROW: usize = 4 << 10;

pub(super) struct Inbox {
    pub(super) receiver: Box<dyn Receiver>,
    pub(super) buffer: Vec<u8>,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Bytes that the next read takes, unless a frame needs more.
    pub(super) window: usize,
    /// The rest of a data frame that goes straight to its place.
    pub(super) direct: Option<(Place, usize)>,
}

impl Inbox {
    /// How many bytes are to be read behind those that are there.
    fn room_to_read(&self) -> usize {
        let there = &self.buffer[self.start..self.end];
        let missing = match there.first_chunk().map(ReplyHeader::parse) {
            // Too little of it to know where it goes.
            Some(Ok(header))
                if header.kind.get() == Reply::DATA
                    && there.len() < HEADER_LEN + Reply::DATA_HEAD =>
            {
                0
            }
            Some(Ok(header)) => {
                (HEADER_LEN + header.len.get() as usize).saturating_sub(there.len())
            }
            _ => 0,
        };
        self.window.max(missing).min(self.buffer.len() - self.end)
    }
}

impl Link {
    /// Reads once and handles what came. Answers whether anything came.
    pub(super) fn receive(&self, inbox: &mut Inbox) -> bool {
        if self.lost.get().is_some() {
            return false;
        }
        if inbox.start < inbox.end && inbox.direct.is_none() && self.take_frames(inbox) {
            return true;
        }
        let room = inbox.room_to_read();
        let place = &mut inbox.buffer[inbox.end..inbox.end + room];
        let read = match &inbox.direct {
            Some((direct, left)) => {
                // SAFETY: what is left of a copy's destination; the program must not touch it until the copy is done.
                let direct = unsafe { std::slice::from_raw_parts_mut(direct.0, *left) };
                let mut parts = [IoSliceMut::new(direct), IoSliceMut::new(place)];
                inbox.receiver.try_recv(&mut parts)
            }
            None => inbox.receiver.try_recv(&mut [IoSliceMut::new(place)]),
        };
        match read {
            Ok(0) => {
                self.lose("the server closed the connection");
                true
            }
            Ok(mut n) => {
                if let Some((place, left)) = inbox.direct.take() {
                    let taken = n.min(left);
                    n -= taken;
                    if taken < left {
                        // SAFETY: still within the destination.
                        inbox.direct = Some((Place(unsafe { place.0.add(taken) }), left - taken));
                    }
                }
                inbox.end += n;
                if inbox.direct.is_none() {
                    self.take_frames(inbox);
                }
                if inbox.direct.is_some() {
                    inbox.window = NARROW;
                } else if n == room {
                    inbox.window = (inbox.window * 4).min(INBOX);
                }
                true
            }
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) =>
            {
                false
            }
            Err(error) => {
                self.lose(&error.to_string());
                true
            }
        }
    }

    /// Handles every whole frame in the buffer, and makes room for the rest. Answers whether there was one.
    fn take_frames(&self, inbox: &mut Inbox) -> bool {
        let mut any = false;
        loop {
            let bytes = &inbox.buffer[inbox.start..inbox.end];
            let Some(header) = bytes.first_chunk::<HEADER_LEN>() else {
                break;
            };
            let header = match ReplyHeader::parse(header) {
                Ok(header) => header,
                Err(violation) => {
                    self.lose(&format!("the server broke the protocol: {violation}"));
                    return true;
                }
            };
            let len = header.len.get() as usize;
            let body = &bytes[HEADER_LEN..];
            if body.len() < len {
                if header.kind.get() == Reply::DATA
                    && body.len() >= Reply::DATA_HEAD
                    && self.start_direct(inbox, &header)
                {
                    return true;
                }
                break;
            }
            if let Err(reason) = self.handle(&header, &body[..len]) {
                self.lose(&reason);
                return true;
            }
            inbox.start += HEADER_LEN + len;
            any = true;
        }
        if inbox.start == inbox.end {
            inbox.start = 0;
            inbox.end = 0;
        } else if inbox.start > 0 {
            inbox.buffer.copy_within(inbox.start..inbox.end, 0);
            inbox.end -= inbox.start;
            inbox.start = 0;
        }
        // A frame longer than the buffer gets a longer buffer; `parse` has bounded it.
        if let Some(header) = inbox.buffer[..inbox.end].first_chunk::<HEADER_LEN>()
            && let Ok(header) = ReplyHeader::parse(header)
        {
            let need = HEADER_LEN + header.len.get() as usize;
            if need > inbox.buffer.len() {
                inbox.buffer.resize(need, 0);
            }
        }
        any
    }

    /// Moves the first part of a data frame to its place, and has the rest read straight behind it.
    fn start_direct(&self, inbox: &mut Inbox, header: &ReplyHeader) -> bool {
        let body = &inbox.buffer[inbox.start + HEADER_LEN..inbox.end];
        let Ok(offset) = Decoder::new(body).scalar::<u64>() else {
            return false;
        };
        let total = header.len.get() as usize - Reply::DATA_HEAD;
        let destination = lock(&self.pending)
            .get(&header.answers.get())
            .and_then(|entry| entry.destination);
        let Some(Destination::Linear { start, len }) = destination else {
            return false;
        };
        let Some(end) = (offset as usize)
            .checked_add(total)
            .filter(|end| *end <= len)
        else {
            return false;
        };
        let first = &body[Reply::DATA_HEAD..];
        let destination = Destination::Linear { start, len };
        if !destination.write(offset as usize, first) {
            return false;
        }
        let left = total - first.len();
        // SAFETY: `end <= len`, so this is within the destination.
        inbox.direct = Some((Place(unsafe { start.0.add(end - left) }), left));
        inbox.start = 0;
        inbox.end = 0;
        true
    }

    fn handle(&self, header: &ReplyHeader, body: &[u8]) -> core::result::Result<(), String> {
        let reply = Reply::decode(header, body)
            .map_err(|violation| format!("the server broke the protocol: {violation}"))?;
        let answers = header.answers.get();
        match reply {
            Reply::Answer { status, body } => self.deliver(answers, status, body),
            Reply::Data { offset, bytes } => {
                let destination = lock(&self.pending)
                    .get(&answers)
                    .and_then(|entry| entry.destination);
                let fits = destination
                    .is_some_and(|destination| destination.write(offset as usize, bytes));
                if !fits {
                    return Err("the server sent data that nobody asked for".to_string());
                }
            }
            Reply::Packed { offset, len, block } => {
                let destination = lock(&self.pending)
                    .get(&answers)
                    .and_then(|entry| entry.destination);
                match destination.map(|destination| destination.unpack(offset, len, block)) {
                    Some(Ok(true)) => {}
                    Some(Err(violation)) => {
                        return Err(format!("the server broke the protocol: {violation}"));
                    }
                    _ => return Err("the server sent data that nobody asked for".to_string()),
                }
            }
            Reply::Completed { status } => {
                let mut pending = lock(&self.pending);
                let Some(entry) = pending.get(&answers) else {
                    return Ok(());
                };
                // Whoever waits for something else would wait for ever.
                let (None, Some(watch)) = (&entry.cell, entry.watch.clone()) else {
                    return Err("the server completed what was no query".to_string());
                };
                pending.remove(&answers);
                drop(pending);
                watch.finish(status);
                if status != CUresult::CUDA_SUCCESS {
                    self.note_sticky(status);
                }
            }
            Reply::AsyncError { status } => self.note_async(status),
            Reply::Output { stream, bytes } => print(stream, bytes),
            Reply::Call { call, turn } => {
                lock(&self.calls).push_back((call, turn));
                self.wake_caller();
            }
            Reply::End { reason } => return Err(reason.to_string()),
            Reply::Welcome(_) => return Err("the server greeted twice".to_string()),
            Reply::Queued { .. } => {
                return Err("the server says of a session that it waits".to_string());
            }
        }
        Ok(())
    }

    fn deliver(&self, answers: u64, status: CUresult, body: &[u8]) {
        let mut pending = lock(&self.pending);
        let Some(entry) = pending.get_mut(&answers) else {
            return;
        };
        let cell = entry.cell.take();
        let arrival = cell.is_none() && entry.destination.is_some();
        // A query that was told "not yet" stays until the completion comes.
        if entry.watch.is_none() || status != CUresult::CUDA_ERROR_NOT_READY {
            if let Some(watch) = &entry.watch {
                let value = Decoder::new(body).scalar().unwrap_or(0);
                watch.value.store(value, Ordering::Relaxed);
                watch.finish(status);
            }
            pending.remove(&answers);
        }
        drop(pending);
        if arrival {
            if status != CUresult::CUDA_SUCCESS {
                self.note_async(status);
            }
            self.arriving.fetch_sub(1, Ordering::SeqCst);
        }
        if let Some(cell) = cell {
            {
                let mut answer = lock(&cell.answer);
                answer.0 = status;
                answer.1.clear();
                answer.1.extend_from_slice(body);
            }
            let thread = cell.thread.clone();
            // Release: pairs with the acquire in `wait`.
            cell.done.store(true, Ordering::Release);
            if thread.id() != std::thread::current().id() {
                thread.unpark();
            }
        }
    }
}

/// Text of the device goes where the program's own goes, through the same buffer, so that the order is the program's.
fn print(stream: u32, bytes: &[u8]) {
    unsafe extern "C" {
        static stdout: *mut libc::FILE;
        static stderr: *mut libc::FILE;
    }
    // SAFETY: C's standard streams exist as long as the process; fwrite locks them.
    unsafe {
        let file = if stream == 1 { stdout } else { stderr };
        libc::fwrite(bytes.as_ptr().cast(), 1, bytes.len(), file);
    }
}

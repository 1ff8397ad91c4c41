//! The connection of a process to its server: one ordered stream of commands out, answers and pushes in.
//!
//! Whoever issues a command appends it to the outbox, under a lock that is held for the copy alone. A caller that is about
//! to wait sends the outbox itself; otherwise the I/O thread does, which stays awake for a moment after the last command so
//! that a run of launches needs no system call of the program's threads.
//!
//! Whoever waits reads: the first waiting thread takes the reader's role and handles every frame that arrives, its own and
//! others', until its answer is there; then the next one takes over. When nobody waits, the I/O thread looks in from time
//! to time, so that pushes never pile up.
//!
//! A thread that cannot send because the server is behind reads meanwhile: the server may be blocked on what it wants to
//! push, and nobody waits in a circle.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError};
use std::thread::Thread;
use std::time::{Duration, Instant};

use pillion_cuda_abi::{CUresult, is_sticky};
use pillion_protocol::numbers::Numbers;
use pillion_protocol::{
    Decoder, HEADER_LEN, Header, Interface, Opcodes, Reply, ReplyHeader, Violation, packed,
};
use pillion_transport::{Connection, Descriptors, Interest, Poller, Receiver, Sender, Spin, Waker};
use zerocopy::IntoBytes;

use crate::entry::Result;
use crate::{log, thread};

/// Bytes that may wait in the outbox before whoever appends has to send them itself.
const OUTBOX_LIMIT: usize = 4 << 20;
/// Bytes that one read takes at most.
const INBOX: usize = 256 << 10;
/// And while data goes straight to its place: what is read of it here has to be moved.
const NARROW: usize = 4 << 10;
/// How long the I/O thread leaves the outbox alone after it has sent it. Where it runs far from the program's thread, every look at what
/// that writes costs both of them; and a run of launches keeps the device busy for longer. Who waits sends at once.
const PACE: Duration = Duration::from_micros(10);
/// Pauses of the processor between two looks for something to send.
const LOOKS_AWAY: usize = 8;
/// What every call answers once the session is lost.
pub const LOST: CUresult = CUresult::CUDA_ERROR_DEVICE_UNAVAILABLE;

/// A process's connection to its server.
pub struct Link {
    outbox: Mutex<Outbox>,
    writer: Mutex<Writer>,
    inbox: Mutex<Inbox>,
    pending: Mutex<Numbers<Pending>>,
    /// What the server executes.
    opcodes: Opcodes,
    poller: Arc<dyn Poller>,
    descriptors: Option<Arc<dyn Descriptors>>,
    waker: Waker,
    /// The I/O thread sleeps, or is about to.
    parked: AtomicBool,
    /// The sequence number of the newest command.
    issued: AtomicU64,
    /// Threads that wait for an answer.
    waiting: AtomicUsize,
    /// Copies into pinned memory that have not arrived.
    arriving: AtomicUsize,
    /// Host functions whose turn has come: the client's number, and the turn.
    calls: Mutex<VecDeque<(u64, u64)>>,
    /// Host functions on their way, for whose turn somebody has to read.
    expected: AtomicUsize,
    /// The thread that waits for the next of them.
    caller: Mutex<Option<Thread>>,
    /// The first error of a command that nobody waited for, until somebody is told.
    error: AtomicU32,
    /// An error after which the session does nothing any more.
    sticky: AtomicU32,
    lost: OnceLock<String>,
    /// How long answers take.
    answers: Spin,
    /// How long the program takes from one command to the next.
    commands: Spin,
}

struct Outbox {
    buffer: Vec<u8>,
    next: u64,
}

struct Writer {
    sender: Box<dyn Sender>,
    buffer: Vec<u8>,
}

struct Inbox {
    receiver: Box<dyn Receiver>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Bytes that the next read takes, unless a frame needs more.
    window: usize,
    /// The rest of a data frame that goes straight to its place.
    direct: Option<(Place, usize)>,
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

/// Somebody or something that an answer is for.
struct Pending {
    cell: Option<Arc<Cell>>,
    destination: Option<Destination>,
    watch: Option<Arc<Watch>>,
}

/// Where one thread waits.
struct Cell {
    done: AtomicBool,
    thread: Thread,
    answer: Mutex<(CUresult, Vec<u8>)>,
}

/// Something that a query found unfinished.
#[derive(Debug, Default)]
pub struct Watch {
    done: AtomicBool,
    status: AtomicU32,
    /// The first word of the answer, where it has one.
    value: AtomicU64,
    /// Who waits for it.
    thread: Option<Thread>,
}

impl Watch {
    /// One that this thread, and no other, will [wait for](Link::wait_for).
    pub fn for_this_thread() -> Self {
        Watch {
            thread: Some(std::thread::current()),
            ..Watch::default()
        }
    }

    /// How it finished, once it has.
    pub fn finished(&self) -> Option<CUresult> {
        // Acquire: pairs with the release in `finish`; what the server pushed before is in place.
        self.done
            .load(Ordering::Acquire)
            .then(|| CUresult(self.status.load(Ordering::Relaxed)))
    }

    /// The first word of the answer that finished it, or 0.
    pub fn value(&self) -> u64 {
        // Relaxed: stored before `done`, which whoever asks has seen.
        self.value.load(Ordering::Relaxed)
    }

    fn finish(&self, status: CUresult) {
        self.status.store(status.0, Ordering::Relaxed);
        // Release: pairs with the acquire in `finished`.
        self.done.store(true, Ordering::Release);
        if let Some(thread) = &self.thread {
            thread.unpark();
        }
    }
}

/// Memory of the program that a copy writes.
#[derive(Debug, Clone, Copy)]
pub struct Place(pub *mut u8);

// SAFETY: the program gave the memory to CUDA until the copy is done, whichever thread of this library writes it.
unsafe impl Send for Place {}
// SAFETY: as above; nothing is read or written through a shared reference.
unsafe impl Sync for Place {}

/// Where the bytes of a device-to-host copy go.
#[derive(Debug, Clone, Copy)]
pub enum Destination {
    /// One run of bytes.
    Linear {
        /// Its start.
        start: Place,
        /// Its length.
        len: usize,
    },
    /// Rows of a box, packed on the wire.
    Rows {
        /// The first byte of the first row.
        start: Place,
        /// Bytes of a row.
        width: usize,
        /// Rows of a slice.
        height: usize,
        /// Slices.
        depth: usize,
        /// Bytes from row to row.
        pitch: usize,
        /// Bytes from slice to slice.
        slice: usize,
    },
}

impl Destination {
    /// Bytes of the packed copy.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        match *self {
            Destination::Linear { len, .. } => len,
            Destination::Rows {
                width,
                height,
                depth,
                ..
            } => width * height * depth,
        }
    }

    /// From its first byte to behind its last one.
    pub fn extent(&self) -> Range<usize> {
        let (start, len) = match *self {
            Destination::Linear { start, len } => (start, len),
            Destination::Rows {
                start,
                width,
                height,
                depth,
                pitch,
                slice,
            } => (
                start,
                slice * depth.saturating_sub(1) + pitch * height.saturating_sub(1) + width,
            ),
        };
        start.0 as usize..start.0 as usize + len
    }

    /// Whether it lies in `[from, to)` at least in part.
    pub fn touches(&self, from: usize, to: usize) -> bool {
        let extent = self.extent();
        extent.start < to && from < extent.end
    }

    /// Reads the packed bytes `[offset, offset + out.len())`.
    ///
    /// # Safety
    ///
    /// The memory is the program's and readable, and the range is within [`Destination::len`].
    pub unsafe fn read(&self, offset: usize, out: &mut [u8]) {
        match *self {
            Destination::Linear { start, .. } => {
                // SAFETY: as the caller promises.
                unsafe {
                    std::ptr::copy_nonoverlapping(start.0.add(offset), out.as_mut_ptr(), out.len())
                };
            }
            Destination::Rows {
                start,
                width,
                height,
                pitch,
                slice,
                ..
            } => {
                let mut done = 0;
                while done < out.len() {
                    let (row, column) = ((offset + done) / width, (offset + done) % width);
                    let n = (out.len() - done).min(width - column);
                    let at = row / height * slice + row % height * pitch + column;
                    // SAFETY: a part of one row of the box.
                    unsafe {
                        std::ptr::copy_nonoverlapping(start.0.add(at), out[done..].as_mut_ptr(), n)
                    };
                    done += n;
                }
            }
        }
    }

    /// Writes what is in a [packed](packed) block at `offset` of the copy. Answers false where the server sent more than was asked for.
    fn unpack(
        &self,
        offset: u64,
        len: usize,
        block: &[u8],
    ) -> core::result::Result<bool, Violation> {
        let end = (offset as usize).checked_add(len);
        if end.is_none_or(|end| end > self.len()) {
            return Ok(false);
        }
        if let Destination::Linear { start, .. } = *self {
            // SAFETY: within the range that the program gave for this copy, checked above, and must not touch until it is done.
            let place =
                unsafe { std::slice::from_raw_parts_mut(start.0.add(offset as usize), len) };
            return packed::unpack(block, place).map(|()| true);
        }
        let mut bytes = vec![0; len];
        packed::unpack(block, &mut bytes)?;
        Ok(self.write(offset as usize, &bytes))
    }

    /// Writes `bytes` at `offset` of the packed copy. Answers false where the server sent more than was asked for.
    fn write(&self, offset: usize, bytes: &[u8]) -> bool {
        if offset
            .checked_add(bytes.len())
            .is_none_or(|end| end > self.len())
        {
            return false;
        }
        match *self {
            Destination::Linear { start, .. } => {
                // SAFETY: within the range that the program gave for this copy, checked above.
                unsafe {
                    std::ptr::copy_nonoverlapping(bytes.as_ptr(), start.0.add(offset), bytes.len())
                };
            }
            Destination::Rows {
                start,
                width,
                height,
                pitch,
                slice,
                ..
            } => {
                let mut offset = offset;
                let mut bytes = bytes;
                while !bytes.is_empty() {
                    let (row, column) = (offset / width, offset % width);
                    let n = bytes.len().min(width - column);
                    let at = row / height * slice + row % height * pitch + column;
                    // SAFETY: a part of one row of the box that the program gave, since the offset is within it.
                    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), start.0.add(at), n) };
                    offset += n;
                    bytes = &bytes[n..];
                }
            }
        }
        true
    }
}

/// The body of an answer.
#[derive(Debug, Default)]
pub struct Answer(Vec<u8>);

impl Answer {
    /// Reads it.
    pub fn decoder(&self) -> Decoder<'_> {
        Decoder::new(&self.0)
    }
}

thread_local! {
    /// A thread waits for one answer at a time.
    static CELL: RefCell<Option<Arc<Cell>>> = const { RefCell::new(None) };
}

impl Link {
    /// Takes over a connection whose greeting is done; `rest` is what was read beyond it, `opcodes` what the server executes. [`Link::run`] has to be called in a
    /// thread of its own.
    pub fn new(connection: Connection, rest: Vec<u8>, opcodes: Opcodes) -> io::Result<Self> {
        let mut buffer = rest;
        let end = buffer.len();
        buffer.resize(end.max(INBOX), 0);
        Ok(Link {
            outbox: Mutex::new(Outbox {
                buffer: Vec::new(),
                next: 1,
            }),
            writer: Mutex::new(Writer {
                sender: connection.sender,
                buffer: Vec::new(),
            }),
            inbox: Mutex::new(Inbox {
                receiver: connection.receiver,
                buffer,
                start: 0,
                end,
                window: INBOX,
                direct: None,
            }),
            pending: Mutex::default(),
            opcodes,
            poller: connection.poller,
            descriptors: connection.descriptors,
            waker: Waker::new()?,
            parked: AtomicBool::new(false),
            issued: AtomicU64::new(0),
            waiting: AtomicUsize::new(0),
            arriving: AtomicUsize::new(0),
            calls: Mutex::default(),
            expected: AtomicUsize::new(0),
            caller: Mutex::default(),
            error: AtomicU32::new(0),
            sticky: AtomicU32::new(0),
            lost: OnceLock::new(),
            answers: Spin::of_answers(),
            commands: Spin::new(),
        })
    }

    /// What passes descriptors to the server, where that is on this machine and the transport can.
    pub fn descriptors(&self) -> Option<&dyn Descriptors> {
        self.descriptors.as_deref()
    }

    /// Whether the server executes an opcode.
    pub fn executes(&self, opcode: u16) -> bool {
        self.opcodes.contains(opcode)
    }

    /// Appends a command that nobody waits for. `fill` appends its body.
    ///
    /// # Errors
    ///
    /// What `fill` answers (then nothing is sent), or an earlier command's error.
    #[inline]
    pub fn post(&self, opcode: u16, fill: impl FnOnce(&mut Vec<u8>) -> Result<()>) -> Result<u64> {
        self.check()?;
        self.tell(opcode, fill)
    }

    /// As [`Link::post`], for what is to be done whatever earlier commands have come to: their errors are for the program's calls.
    ///
    /// # Errors
    ///
    /// What `fill` answers; then nothing is sent.
    #[inline]
    pub fn tell(&self, opcode: u16, fill: impl FnOnce(&mut Vec<u8>) -> Result<()>) -> Result<u64> {
        let (sequence, full) = self.append(Interface::Cuda, opcode, fill, |_| {})?;
        if full {
            self.flush();
        } else {
            self.nudge();
        }
        Ok(sequence)
    }

    /// Appends a command whose bulk is `payload`, and sends it from where it lies: when this returns, the memory has been
    /// read. Nobody waits for an answer.
    ///
    /// # Errors
    ///
    /// An earlier command's error.
    pub fn post_bulk(&self, opcode: u16, head: &[u8], payload: &[u8]) -> Result<u64> {
        self.check()?;
        let mut writer = lock(&self.writer);
        let sequence;
        {
            let mut outbox = lock(&self.outbox);
            std::mem::swap(&mut outbox.buffer, &mut writer.buffer);
            sequence = self.number(&mut outbox);
            let header = header(
                Interface::Cuda,
                opcode,
                head.len() + payload.len(),
                sequence,
            );
            writer.buffer.extend_from_slice(header.as_bytes());
            writer.buffer.extend_from_slice(head);
        }
        let Writer { sender, buffer } = &mut *writer;
        let sent = self.send(&mut **sender, buffer, payload);
        buffer.clear();
        drop(writer);
        match sent {
            Ok(()) => {
                self.flush();
            }
            Err(error) => self.lose(&error.to_string()),
        }
        self.check_sticky()?;
        Ok(sequence)
    }

    /// Appends a command and waits for its answer.
    ///
    /// # Errors
    ///
    /// The answer's status, or an earlier command's error.
    pub fn call(
        &self,
        interface: Interface,
        opcode: u16,
        fill: impl FnOnce(&mut Vec<u8>) -> Result<()>,
    ) -> Result<Answer> {
        self.call_into(interface, opcode, None, None, fill)
    }

    /// As [`Link::call`], for a command whose data goes to `destination`, or whose completion `watch` wants to know.
    pub fn call_into(
        &self,
        interface: Interface,
        opcode: u16,
        destination: Option<Destination>,
        watch: Option<Arc<Watch>>,
        fill: impl FnOnce(&mut Vec<u8>) -> Result<()>,
    ) -> Result<Answer> {
        self.check_sticky()?;
        let cell = own_cell();
        cell.done.store(false, Ordering::Relaxed);
        self.append(interface, opcode, fill, |sequence| {
            let entry = Pending {
                cell: Some(cell.clone()),
                destination,
                watch,
            };
            lock(&self.pending).insert(sequence, entry);
        })?;
        self.waiting.fetch_add(1, Ordering::SeqCst);
        self.flush();
        // Acquire: pairs with the release in `deliver`; the answer is there.
        self.wait(|| cell.done.load(Ordering::Acquire));
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        let (status, body) = {
            let mut answer = lock(&cell.answer);
            (answer.0, std::mem::take(&mut answer.1))
        };
        if status != CUresult::CUDA_SUCCESS {
            self.note_sticky(status);
            // CUDA's word for "not yet" is no failure, and hides none.
            if status == CUresult::CUDA_ERROR_NOT_READY {
                self.check()?;
            }
            return Err(status);
        }
        self.check()?;
        Ok(Answer(body))
    }

    /// Appends a copy into pinned memory, which arrives on its own before anything that the program can wait for says that
    /// it has.
    pub fn post_into(
        &self,
        opcode: u16,
        destination: Destination,
        fill: impl FnOnce(&mut Vec<u8>) -> Result<()>,
    ) -> Result<u64> {
        self.check()?;
        self.arriving.fetch_add(1, Ordering::SeqCst);
        let appended = self.append(Interface::Cuda, opcode, fill, |sequence| {
            let entry = Pending {
                cell: None,
                destination: Some(destination),
                watch: None,
            };
            lock(&self.pending).insert(sequence, entry);
        });
        match appended {
            Ok((sequence, _)) => {
                self.nudge();
                Ok(sequence)
            }
            Err(status) => {
                self.arriving.fetch_sub(1, Ordering::SeqCst);
                Err(status)
            }
        }
    }

    /// Appends a command that is answered when something has happened, of which `watch` is told. Answers its number.
    ///
    /// # Errors
    ///
    /// An earlier command's error.
    pub fn post_watched(
        &self,
        opcode: u16,
        watch: Arc<Watch>,
        fill: impl FnOnce(&mut Vec<u8>) -> Result<()>,
    ) -> Result<u64> {
        self.check()?;
        self.tell_watched(opcode, watch, fill)
    }

    /// As [`Link::post_watched`], whatever earlier commands have come to.
    ///
    /// # Errors
    ///
    /// What `fill` answers; then nothing is sent.
    pub fn tell_watched(
        &self,
        opcode: u16,
        watch: Arc<Watch>,
        fill: impl FnOnce(&mut Vec<u8>) -> Result<()>,
    ) -> Result<u64> {
        let (sequence, _) = self.append(Interface::Cuda, opcode, fill, |sequence| {
            let entry = Pending {
                cell: None,
                destination: None,
                watch: Some(watch),
            };
            lock(&self.pending).insert(sequence, entry);
        })?;
        self.nudge();
        Ok(sequence)
    }

    /// Waits for what a watch is told of that any thread may have asked for.
    pub fn follow(&self, watch: &Watch) {
        let over = || watch.finished().is_some() || self.lost.get().is_some();
        while !over() {
            self.flush();
            match self.inbox.try_lock() {
                Ok(mut inbox) => {
                    self.lead(&mut inbox, over);
                    drop(inbox);
                    self.promote();
                }
                // Whoever reads does not know of this thread.
                Err(_) => std::thread::sleep(Duration::from_micros(20)),
            }
        }
    }

    /// Waits for what a watch of this thread's is told of.
    ///
    /// # Errors
    ///
    /// The status with which it finished.
    pub fn wait_for(&self, watch: &Watch) -> Result<()> {
        if watch.finished().is_none() {
            self.waiting.fetch_add(1, Ordering::SeqCst);
            self.flush();
            self.wait(|| watch.finished().is_some());
            self.waiting.fetch_sub(1, Ordering::SeqCst);
        }
        match watch.finished() {
            Some(CUresult::CUDA_SUCCESS) => Ok(()),
            Some(status) => {
                self.note_sticky(status);
                Err(status)
            }
            None => Err(LOST),
        }
    }

    /// Waits until no copy into `[from, to)` is under way.
    pub fn settle(&self, from: usize, to: usize) {
        loop {
            // SeqCst: pairs with the increments above; a copy that this thread issued is seen.
            if self.arriving.load(Ordering::SeqCst) == 0 || self.lost.get().is_some() {
                return;
            }
            let touched = lock(&self.pending).values().any(|entry| {
                entry.cell.is_none()
                    && entry
                        .destination
                        .is_some_and(|destination| destination.touches(from, to))
            });
            if !touched {
                return;
            }
            self.flush();
            match self.inbox.try_lock() {
                Ok(mut inbox) => {
                    if !self.receive(&mut inbox) {
                        self.idle(Some(Duration::from_millis(10)));
                    }
                    drop(inbox);
                    self.promote();
                }
                Err(_) => std::thread::sleep(Duration::from_micros(20)),
            }
        }
    }

    /// Whether copies into pinned memory are under way.
    pub fn has_arrivals(&self) -> bool {
        self.arriving.load(Ordering::SeqCst) != 0
    }

    /// Says that a host function is on its way to the device.
    pub fn expect_call(&self) {
        self.expected.fetch_add(1, Ordering::SeqCst);
        self.wake_caller();
    }

    /// Whether a host function is on its way.
    pub fn expects_calls(&self) -> bool {
        self.expected.load(Ordering::SeqCst) > 0
    }

    /// Says that a host function has been run, or never will be.
    pub fn call_ended(&self) {
        self.expected.fetch_sub(1, Ordering::SeqCst);
    }

    fn wake_caller(&self) {
        if let Some(caller) = &*lock(&self.caller) {
            caller.unpark();
        }
    }

    /// The next host function whose turn has come; `None` once there is an error after which the device comes to none. Called
    /// by one thread at a time, which reads where nobody else does while a turn is expected.
    pub fn next_call(&self) -> Option<(u64, u64)> {
        *lock(&self.caller) = Some(std::thread::current());
        loop {
            if let Some(call) = lock(&self.calls).pop_front() {
                return Some(call);
            }
            if self.check_sticky().is_err() {
                return None;
            }
            if self.expected.load(Ordering::SeqCst) == 0 {
                std::thread::park();
                continue;
            }
            match self.inbox.try_lock() {
                Ok(mut inbox) => {
                    let mut idle_since = Instant::now();
                    while lock(&self.calls).is_empty() && self.check_sticky().is_ok() {
                        if self.receive(&mut inbox) {
                            idle_since = Instant::now();
                        } else if !self.answers.stays_awake(idle_since) {
                            self.idle(None);
                            idle_since = Instant::now();
                        }
                    }
                    drop(inbox);
                    self.promote();
                }
                // Whoever reads wakes this thread when a turn comes, or when it reads no more.
                Err(_) => std::thread::park(),
            }
        }
    }

    /// Handles what has arrived, without waiting.
    pub fn look(&self) {
        self.flush();
        if let Ok(mut inbox) = self.inbox.try_lock() {
            while self.receive(&mut inbox) {}
            drop(inbox);
            self.promote();
        }
    }

    /// The sequence number of the newest command.
    pub fn issued(&self) -> u64 {
        // Relaxed: see `number`.
        self.issued.load(Ordering::Relaxed)
    }

    /// The error that a command which nobody waited for has left, or that has ended the session.
    ///
    /// # Errors
    ///
    /// That error; one that does not end the session is reported once.
    #[inline]
    pub fn check(&self) -> Result<()> {
        // Relaxed: an error that another thread is just being told need not be seen here yet.
        if self.error.load(Ordering::Relaxed) | self.sticky.load(Ordering::Relaxed) == 0 {
            return Ok(());
        }
        self.report()
    }

    #[cold]
    fn report(&self) -> Result<()> {
        self.check_sticky()?;
        match self.error.swap(0, Ordering::SeqCst) {
            0 => Ok(()),
            status => Err(CUresult(status)),
        }
    }

    /// As [`Link::check`], for errors that end the session only.
    #[inline]
    pub fn check_sticky(&self) -> Result<()> {
        match self.sticky.load(Ordering::Relaxed) {
            0 => Ok(()),
            status => Err(CUresult(status)),
        }
    }

    /// Whether the server is there and does what it should.
    pub fn is_well(&self) -> bool {
        self.lost.get().is_none()
    }

    /// The I/O thread: sends what nobody sends, and looks in when nobody reads.
    pub fn run(&self) {
        self.send_and_look();
        // Whoever ended the session may have held the writer's role; here it is free sooner or later.
        let _ = lock(&self.writer).sender.shutdown();
    }

    fn send_and_look(&self) {
        let mut quiet = Duration::from_millis(10);
        let mut active = Instant::now();
        let mut seen = u64::MAX;
        while self.lost.get().is_none() {
            // Who stays awake leaves the outbox's lock alone, which the program's threads are about to take. Relaxed: the look below,
            // before this thread sleeps, is under the lock.
            let issued = self.issued.load(Ordering::Relaxed);
            let is_new = std::mem::replace(&mut seen, issued) != issued;
            if is_new && !lock(&self.outbox).buffer.is_empty() && self.flush() {
                let now = Instant::now();
                self.commands.learn(now - active);
                active = now;
                quiet = Duration::from_millis(10);
                // What follows at once goes together.
                while !self.commands.limit().is_zero() && now.elapsed() < PACE {
                    std::hint::spin_loop();
                }
                continue;
            }
            if self.commands.stays_awake(active) {
                // Not at every turn: each look takes the word from the core that writes it.
                (0..LOOKS_AWAY).for_each(|_| std::hint::spin_loop());
                continue;
            }
            // SeqCst with the mutex: whoever appends after the look below sees `parked`.
            self.parked.store(true, Ordering::SeqCst);
            if !lock(&self.outbox).buffer.is_empty() && self.writer.try_lock().is_ok() {
                self.parked.store(false, Ordering::SeqCst);
                seen = u64::MAX;
                continue;
            }
            let ready = self
                .poller
                .wait(Interest::NONE, Some(&self.waker), Some(quiet));
            self.parked.store(false, Ordering::SeqCst);
            match ready {
                Ok(ready) if ready.woken => {
                    // There was something to send, be it that another thread has sent it.
                    let now = Instant::now();
                    self.commands.learn(now - active);
                    active = now;
                    quiet = Duration::from_millis(10);
                }
                Ok(_) => {
                    if let Ok(mut inbox) = self.inbox.try_lock() {
                        while self.receive(&mut inbox) {}
                        drop(inbox);
                        self.promote();
                    }
                    quiet = (quiet * 2).min(Duration::from_secs(1));
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return self.lose(&error.to_string()),
            }
        }
    }

    /// Appends a command under the lock. Answers its number, and whether the outbox is full.
    #[inline]
    fn append(
        &self,
        interface: Interface,
        opcode: u16,
        fill: impl FnOnce(&mut Vec<u8>) -> Result<()>,
        register: impl FnOnce(u64),
    ) -> Result<(u64, bool)> {
        if thread::in_call() {
            return Err(CUresult::CUDA_ERROR_NOT_PERMITTED);
        }
        if interface == Interface::Cuda && !self.opcodes.contains(opcode) {
            return Err(CUresult::CUDA_ERROR_NOT_SUPPORTED);
        }
        let mut outbox = lock(&self.outbox);
        let start = outbox.buffer.len();
        outbox.buffer.resize(start + HEADER_LEN, 0);
        if let Err(status) = fill(&mut outbox.buffer) {
            outbox.buffer.truncate(start);
            return Err(status);
        }
        let len = outbox.buffer.len() - start - HEADER_LEN;
        if len > pillion_protocol::MAX_BODY {
            outbox.buffer.truncate(start);
            return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
        }
        let sequence = self.number(&mut outbox);
        let header = header(interface, opcode, len, sequence);
        outbox.buffer[start..start + HEADER_LEN].copy_from_slice(header.as_bytes());
        register(sequence);
        Ok((sequence, outbox.buffer.len() > OUTBOX_LIMIT))
    }

    fn number(&self, outbox: &mut Outbox) -> u64 {
        let sequence = outbox.next;
        outbox.next += 1;
        // Relaxed: whoever compares for "anything since" has issued it itself, or synchronised with the thread that has.
        self.issued.store(sequence, Ordering::Relaxed);
        sequence
    }

    /// Wakes the I/O thread if it sleeps.
    #[inline]
    fn nudge(&self) {
        // SeqCst: pairs with the store in `send_and_look`; with the outbox's mutex, either that looks after this command was
        // appended, or this sees that it sleeps.
        if self.parked.load(Ordering::SeqCst) && self.parked.swap(false, Ordering::SeqCst) {
            self.waker.wake();
        }
    }

    /// Sends the outbox, unless another thread is at it, who will send this too. Answers whether this thread sent.
    pub fn flush(&self) -> bool {
        let mut sent = false;
        loop {
            let mut writer = match self.writer.try_lock() {
                Ok(writer) => writer,
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => return sent,
            };
            loop {
                {
                    let mut outbox = lock(&self.outbox);
                    if outbox.buffer.is_empty() {
                        break;
                    }
                    std::mem::swap(&mut outbox.buffer, &mut writer.buffer);
                }
                let Writer { sender, buffer } = &mut *writer;
                let result = self.send(&mut **sender, buffer, &[]);
                buffer.clear();
                sent = true;
                if let Err(error) = result {
                    self.lose(&error.to_string());
                    return sent;
                }
            }
            drop(writer);
            // Who appended while this thread held the role, and found it taken, relies on this second look.
            if lock(&self.outbox).buffer.is_empty() {
                return sent;
            }
        }
    }

    fn send(&self, sender: &mut dyn Sender, mut head: &[u8], mut payload: &[u8]) -> io::Result<()> {
        while !head.is_empty() || !payload.is_empty() {
            if self.lost.get().is_some() {
                return Err(ErrorKind::ConnectionAborted.into());
            }
            match sender.try_send(&[IoSlice::new(head), IoSlice::new(payload)]) {
                Ok(n) => {
                    let first = n.min(head.len());
                    head = &head[first..];
                    payload = &payload[n - first..];
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    // The server may be waiting for us to read.
                    match self.inbox.try_lock() {
                        Ok(mut inbox) => {
                            let ready = self.poller.wait(
                                Interest::BOTH,
                                None,
                                Some(Duration::from_millis(100)),
                            )?;
                            if ready.readable {
                                self.receive(&mut inbox);
                            }
                            drop(inbox);
                            self.promote();
                        }
                        Err(_) => {
                            self.poller.wait(
                                Interest::WRITABLE,
                                None,
                                Some(Duration::from_millis(100)),
                            )?;
                        }
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads, or lets another thread read, until `done`, of which whoever reads tells this thread.
    fn wait(&self, done: impl Fn() -> bool) {
        while !done() {
            match self.inbox.try_lock() {
                Ok(mut inbox) => {
                    self.lead(&mut inbox, &done);
                    drop(inbox);
                    self.promote();
                }
                Err(TryLockError::Poisoned(poisoned)) => {
                    drop(poisoned);
                    self.lose("a thread failed while it read from the server");
                }
                Err(TryLockError::WouldBlock) => std::thread::park(),
            }
        }
    }

    fn lead(&self, inbox: &mut Inbox, done: impl Fn() -> bool) {
        let mut idle_since = Instant::now();
        while !done() {
            if self.receive(inbox) {
                let now = Instant::now();
                self.answers.learn(now - idle_since);
                idle_since = now;
            } else if !self.answers.stays_awake(idle_since) {
                self.idle(None);
            }
        }
    }

    fn idle(&self, timeout: Option<Duration>) {
        match self.poller.wait(Interest::READABLE, None, timeout) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => self.lose(&error.to_string()),
        }
    }

    /// Lets another waiting thread read. Called after the reader's role was given up.
    fn promote(&self) {
        // SeqCst: pairs with the increment in `call_into`, which comes before that thread's first try for the role.
        if self.waiting.load(Ordering::SeqCst) == 0 {
            if self.expected.load(Ordering::SeqCst) > 0 {
                self.wake_caller();
            }
            return;
        }
        let own = std::thread::current().id();
        let pending = lock(&self.pending);
        let waits = pending
            .values()
            .filter_map(|entry| entry.cell.as_ref())
            .find(|cell| cell.thread.id() != own);
        if let Some(cell) = waits {
            cell.thread.unpark();
            return;
        }
        // Whether a thread waits for its watch is not known here: who does not takes no notice.
        let watches = pending.values().filter_map(|entry| entry.watch.as_ref());
        for thread in watches.filter_map(|watch| watch.thread.as_ref()) {
            if thread.id() != own {
                thread.unpark();
            }
        }
        drop(pending);
        if self.expected.load(Ordering::SeqCst) > 0 {
            self.wake_caller();
        }
    }

    /// Reads once and handles what came. Answers whether anything came.
    fn receive(&self, inbox: &mut Inbox) -> bool {
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

    fn note_async(&self, status: CUresult) {
        // The first error is the cause; what follows are consequences.
        let _ = self
            .error
            .compare_exchange(0, status.0, Ordering::SeqCst, Ordering::SeqCst);
        self.note_sticky(status);
    }

    /// Notes an error after which a context does nothing any more, if it is one.
    pub fn note_sticky(&self, status: CUresult) {
        if is_sticky(status) {
            let _ = self
                .sticky
                .compare_exchange(0, status.0, Ordering::SeqCst, Ordering::SeqCst);
            self.wake_caller();
        }
    }

    /// Ends the session: every thread that waits is told, and every later call.
    #[cold]
    fn lose(&self, reason: &str) {
        if self.lost.set(reason.to_string()).is_err() {
            return;
        }
        log::write(
            log::Level::Error,
            format_args!(
                "the session with the server is lost: {reason}. Every CUDA call fails from now on; `pillion doctor` checks the server"
            ),
        );
        self.sticky.store(LOST.0, Ordering::SeqCst);
        let entries = std::mem::take(&mut *lock(&self.pending));
        for entry in entries.into_values() {
            if let Some(watch) = entry.watch {
                watch.finish(LOST);
            }
            if let Some(cell) = entry.cell {
                lock(&cell.answer).0 = LOST;
                cell.done.store(true, Ordering::Release);
                cell.thread.unpark();
            } else if entry.destination.is_some() {
                self.arriving.fetch_sub(1, Ordering::SeqCst);
            }
        }
        self.waker.wake();
        self.wake_caller();
    }
}

fn header(interface: Interface, opcode: u16, len: usize, sequence: u64) -> Header {
    Header::new(
        interface,
        opcode,
        len,
        sequence,
        thread::current_context(),
        thread::index(),
    )
}

fn own_cell() -> Arc<Cell> {
    let fresh = || {
        Arc::new(Cell {
            done: AtomicBool::new(false),
            thread: std::thread::current(),
            answer: Mutex::new((LOST, Vec::new())),
        })
    };
    CELL.try_with(|cell| cell.borrow_mut().get_or_insert_with(fresh).clone())
        .unwrap_or_else(|_| fresh())
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use pillion_protocol::Encoder;

    /// The other end of a connection, driven by a test.
    struct Server {
        connection: Connection,
        buffer: Vec<u8>,
        sequence: u64,
    }

    impl Server {
        fn read(&mut self, len: usize) -> Option<Vec<u8>> {
            while self.buffer.len() < len {
                let mut part = vec![0; 1 << 16];
                match self
                    .connection
                    .receiver
                    .try_recv(&mut [IoSliceMut::new(&mut part)])
                {
                    Ok(0) => return None,
                    Ok(n) => self.buffer.extend_from_slice(&part[..n]),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        self.connection
                            .poller
                            .wait(Interest::READABLE, None, None)
                            .unwrap();
                    }
                    Err(_) => return None,
                }
            }
            Some(self.buffer.drain(..len).collect())
        }

        fn command(&mut self) -> Option<(Header, Vec<u8>)> {
            let head = self.read(HEADER_LEN)?;
            let header = Header::parse(head.first_chunk().unwrap()).unwrap();
            let body = self.read(header.len.get() as usize)?;
            Some((header, body))
        }

        fn reply(&mut self, answers: u64, reply: Reply<'_>) {
            let mut bytes = Vec::new();
            self.sequence += 1;
            reply.encode(self.sequence, answers, &mut bytes);
            let mut rest = &bytes[..];
            while !rest.is_empty() {
                match self.connection.sender.try_send(&[IoSlice::new(rest)]) {
                    Ok(n) => rest = &rest[n..],
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        self.connection
                            .poller
                            .wait(Interest::WRITABLE, None, None)
                            .unwrap();
                    }
                    Err(_) => return,
                }
            }
        }
    }

    fn pair() -> (Arc<Link>, Server) {
        let (link, server) = pair_without_its_thread();
        let io = link.clone();
        std::thread::spawn(move || io.run());
        (link, server)
    }

    fn pair_without_its_thread() -> (Arc<Link>, Server) {
        let (ours, theirs) = Connection::pair().unwrap();
        (
            Arc::new(Link::new(ours, Vec::new(), Opcodes::all()).unwrap()),
            Server {
                connection: theirs,
                buffer: Vec::new(),
                sequence: 0,
            },
        )
    }

    fn word(answer: &Answer) -> u64 {
        answer.decoder().scalar().unwrap()
    }

    /// Pseudo-random numbers, from a seed that a failure can be replayed with.
    fn random(seed: &mut u64) -> u64 {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        *seed
    }

    #[test]
    fn threads_get_their_own_answers_whatever_the_order() {
        let (link, mut server) = pair();
        let threads = 8;
        let rounds = 200u64;
        let serving = std::thread::spawn(move || {
            let mut held: Vec<(u64, u64)> = Vec::new();
            let mut seed = 42;
            let mut posts = 0;
            let mut last = 0;
            while let Some((header, body)) = server.command() {
                assert_eq!(header.sequence.get(), last + 1, "commands come in order");
                last = header.sequence.get();
                if header.opcode.get() == 9 {
                    posts += 1;
                    continue;
                }
                held.push((last, Decoder::new(&body).scalar().unwrap()));
                // Answers are held back while other threads have something to say, and given in a random order.
                while held.len() >= 4 || (!held.is_empty() && !random(&mut seed).is_multiple_of(3))
                {
                    let (sequence, value) =
                        held.swap_remove(random(&mut seed) as usize % held.len());
                    let mut out = Vec::new();
                    Encoder::new(&mut out).scalar(value * 3 + 1);
                    server.reply(
                        sequence,
                        Reply::Answer {
                            status: CUresult::CUDA_SUCCESS,
                            body: &out,
                        },
                    );
                }
                for (sequence, value) in held.drain(..) {
                    let mut out = Vec::new();
                    Encoder::new(&mut out).scalar(value * 3 + 1);
                    server.reply(
                        sequence,
                        Reply::Answer {
                            status: CUresult::CUDA_SUCCESS,
                            body: &out,
                        },
                    );
                }
            }
            posts
        });
        std::thread::scope(|scope| {
            for thread in 0..threads {
                let link = link.clone();
                scope.spawn(move || {
                    for round in 0..rounds {
                        for _ in 0..round % 5 {
                            link.post(9, |_| Ok(())).unwrap();
                        }
                        let value = thread << 32 | round;
                        let answer = link
                            .call(Interface::Cuda, 8, |body| {
                                Encoder::new(body).scalar(value);
                                Ok(())
                            })
                            .unwrap();
                        assert_eq!(word(&answer), value * 3 + 1);
                    }
                });
            }
        });
        link.lose("the test is over");
        drop(link);
        // The I/O thread ends, and with the last reference the connection.
        assert_eq!(
            serving.join().unwrap(),
            threads * (0..rounds).map(|r| r % 5).sum::<u64>()
        );
    }

    #[test]
    fn data_arrives_whole_and_before_what_covers_it() {
        let (link, mut server) = pair();
        let sizes = [1usize, 7, 4096, 100_000, 3 << 20];
        let serving = std::thread::spawn(move || {
            let mut seed = 7;
            while let Some((header, body)) = server.command() {
                let sequence = header.sequence.get();
                if header.opcode.get() == 31 {
                    let len: u64 = Decoder::new(&body).scalar().unwrap();
                    let mut offset = 0;
                    while offset < len {
                        let n = (random(&mut seed) % (1 << 20) + 1).min(len - offset);
                        let bytes: Vec<u8> =
                            (offset..offset + n).map(|i| (i * 31 + len) as u8).collect();
                        server.reply(
                            sequence,
                            Reply::Data {
                                offset,
                                bytes: &bytes,
                            },
                        );
                        offset += n;
                    }
                }
                server.reply(
                    sequence,
                    Reply::Answer {
                        status: CUresult::CUDA_SUCCESS,
                        body: &[],
                    },
                );
            }
        });
        let fill = |len: usize| {
            move |body: &mut Vec<u8>| {
                Encoder::new(body).scalar(len);
                Ok(())
            }
        };
        for len in sizes {
            let mut memory = vec![0u8; len];
            let destination = Destination::Linear {
                start: Place(memory.as_mut_ptr()),
                len,
            };
            link.post_into(31, destination, fill(len)).unwrap();
            link.call(Interface::Cuda, 7, |_| Ok(())).unwrap();
            assert!(
                memory
                    .iter()
                    .enumerate()
                    .all(|(i, byte)| *byte == (i * 31 + len) as u8),
                "{len} bytes"
            );
            assert!(!link.has_arrivals());
            // Rows with gaps between them, which must stay as they are.
            let (width, height, depth, pitch, slice) = (10, 3, 2, 16, 64);
            let mut memory = vec![0xeeu8; slice * depth];
            let start = Place(memory.as_mut_ptr());
            let destination = Destination::Rows {
                start,
                width,
                height,
                depth,
                pitch,
                slice,
            };
            link.call_into(Interface::Cuda, 31, Some(destination), None, fill(60))
                .unwrap();
            for (i, byte) in memory.iter().enumerate() {
                let (z, y, x) = (i / slice, i % slice / pitch, i % slice % pitch);
                let inside = y < height && x < width;
                let expected = if inside {
                    (((z * height + y) * width + x) * 31 + 60) as u8
                } else {
                    0xee
                };
                assert_eq!(*byte, expected, "byte {i}");
            }
        }
        link.lose("the test is over");
        drop(link);
        serving.join().unwrap();
    }

    #[test]
    fn packed_data_is_unpacked_to_its_place_and_nowhere_else() {
        use pillion_protocol::packed::{Method, Packer};

        let text: Vec<u8> = (0..300_000usize).map(|at| (at / 90) as u8).collect();
        let mut block = Vec::new();
        assert!(Packer::default().try_pack(Method::Zstd, &text, &mut block));
        let copy = |len: usize, offset: u64, said: usize, rows: bool| {
            let (link, mut server) = pair();
            let mut memory = vec![0xee; len + 100];
            let start = Place(memory.as_mut_ptr());
            let destination = if rows {
                let (width, height, depth) = (len / 3, 3, 1);
                let (pitch, slice) = (width, len);
                Destination::Rows {
                    start,
                    width,
                    height,
                    depth,
                    pitch,
                    slice,
                }
            } else {
                Destination::Linear { start, len }
            };
            let answer = std::thread::scope(|scope| {
                let link = &link;
                let waiting = scope.spawn(move || {
                    let to = Some(destination);
                    link.call_into(Interface::Cuda, 31, to, None, |_| Ok(()))
                });
                let of = server.command().unwrap().0.sequence.get();
                let (len, block) = (said, &block[..]);
                server.reply(of, Reply::Packed { offset, len, block });
                let (status, body) = (CUresult::CUDA_SUCCESS, &[][..]);
                server.reply(of, Reply::Answer { status, body });
                waiting.join().unwrap().map(|_| ())
            });
            (answer, memory)
        };
        for rows in [false, true] {
            for (len, offset) in [(300_000, 0), (600_000, 0), (600_000, 123_456)] {
                let (answer, memory) = copy(len, offset, text.len(), rows);
                assert_eq!(answer, Ok(()));
                let offset = offset as usize;
                let inside = offset..offset + text.len();
                assert!(memory[inside.clone()] == text);
                let around = memory[..offset].iter().chain(&memory[inside.end..]);
                assert!(around.eq(vec![&0xee; len + 100 - text.len()]));
            }
            // More than there is room for, more than there is, and less.
            for (len, offset, said) in [
                (299_999, 0, 300_000),
                (600_000, 300_001, 300_000),
                (300_000, u64::MAX, 300_000),
                (600_000, 0, 300_001),
                (600_000, 0, 299_999),
            ] {
                let (answer, memory) = copy(len, offset, said, rows);
                assert_eq!(answer, Err(LOST));
                assert!(memory[len..].iter().all(|byte| *byte == 0xee));
            }
        }
    }

    #[test]
    fn bulk_in_both_directions_does_not_lock_up() {
        let (link, mut server) = pair();
        let serving = std::thread::spawn(move || {
            let mut sum = 0u64;
            let noise = vec![5u8; 200_000];
            while let Some((header, body)) = server.command() {
                sum += body.iter().map(|byte| u64::from(*byte)).sum::<u64>();
                // More is pushed than the client ever asks to see, before anything else is read.
                for _ in 0..4 {
                    server.reply(
                        0,
                        Reply::Output {
                            stream: 2,
                            bytes: &[],
                        },
                    );
                    server.reply(
                        u64::MAX,
                        Reply::Answer {
                            status: CUresult::CUDA_SUCCESS,
                            body: &noise,
                        },
                    );
                }
                server.reply(
                    header.sequence.get(),
                    Reply::Answer {
                        status: CUresult::CUDA_SUCCESS,
                        body: &[],
                    },
                );
            }
            sum
        });
        let payload = vec![1u8; 1 << 20];
        for _ in 0..40 {
            link.post_bulk(30, &[1; 32], &payload).unwrap();
        }
        link.call(Interface::Cuda, 7, |_| Ok(())).unwrap();
        link.lose("the test is over");
        drop(link);
        assert_eq!(serving.join().unwrap(), 40 * ((1 << 20) + 32));
    }

    #[test]
    fn errors_of_unanswered_commands_surface_once_and_sticky_ones_for_good() {
        let (link, mut server) = pair();
        let serving = std::thread::spawn(move || {
            while let Some((header, body)) = server.command() {
                let sequence = header.sequence.get();
                match header.opcode.get() {
                    20 => server.reply(
                        sequence,
                        Reply::AsyncError {
                            status: CUresult(Decoder::new(&body).scalar().unwrap()),
                        },
                    ),
                    _ => server.reply(
                        sequence,
                        Reply::Answer {
                            status: CUresult::CUDA_SUCCESS,
                            body: &[],
                        },
                    ),
                }
            }
        });
        let fail = |status: CUresult| {
            link.post(20, |body| {
                Encoder::new(body).scalar(status);
                Ok(())
            })
        };
        let sync = || link.call(Interface::Cuda, 7, |_| Ok(())).map(|_| ());
        fail(CUresult::CUDA_ERROR_INVALID_VALUE).unwrap();
        assert_eq!(sync(), Err(CUresult::CUDA_ERROR_INVALID_VALUE));
        assert_eq!(sync(), Ok(()));
        fail(CUresult::CUDA_ERROR_ILLEGAL_ADDRESS).unwrap();
        assert_eq!(sync(), Err(CUresult::CUDA_ERROR_ILLEGAL_ADDRESS));
        assert_eq!(sync(), Err(CUresult::CUDA_ERROR_ILLEGAL_ADDRESS));
        assert_eq!(
            fail(CUresult::CUDA_ERROR_INVALID_VALUE).map(|_| ()),
            Err(CUresult::CUDA_ERROR_ILLEGAL_ADDRESS)
        );
        link.lose("the test is over");
        drop(link);
        serving.join().unwrap();
    }

    /// Threads that have watches under way and wait for none of them are no readers.
    #[test]
    fn the_readers_role_goes_to_who_waits() {
        for _ in 0..30 {
            // Nobody else looks in.
            let (link, mut server) = pair_without_its_thread();
            for _ in 0..20 {
                let watch = Arc::new(Watch::for_this_thread());
                link.post_watched(7, watch, |_| Ok(())).unwrap();
            }
            let (done, finished) = std::sync::mpsc::channel();
            for _ in 0..2 {
                let (link, done) = (link.clone(), done.clone());
                std::thread::spawn(move || {
                    let answer = link.call(Interface::Cuda, 7, |_| Ok(()));
                    done.send(answer.map(|_| ())).unwrap();
                });
            }
            let calls: Vec<u64> = (0..22)
                .map(|_| server.command().unwrap().0.sequence.get())
                .skip(20)
                .collect();
            for call in calls {
                let (status, body) = (CUresult::CUDA_SUCCESS, &[][..]);
                server.reply(call, Reply::Answer { status, body });
                let told = finished.recv_timeout(Duration::from_secs(60));
                assert_eq!(told.expect("a thread that waits is told"), Ok(()));
            }
        }
    }

    #[test]
    fn a_completion_of_what_was_no_query_ends_the_session() {
        let (link, mut server) = pair();
        let copied = {
            let start = Place(std::ptr::dangling_mut());
            let destination = Destination::Linear { start, len: 0 };
            link.post_into(31, destination, |_| Ok(())).unwrap()
        };
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| link.call(Interface::Cuda, 7, |_| Ok(())));
            let (copy, _) = server.command().unwrap();
            let (call, _) = server.command().unwrap();
            assert_eq!(copy.sequence.get(), copied);
            // Nobody is told of one that nobody asked for.
            let status = CUresult::CUDA_SUCCESS;
            server.reply(99, Reply::Completed { status });
            server.reply(call.sequence.get(), Reply::Completed { status });
            assert_eq!(waiting.join().unwrap().map(|_| ()), Err(LOST));
        });
        assert!(!link.has_arrivals());
    }

    #[test]
    fn a_server_that_goes_away_or_misbehaves_frees_whoever_waits() {
        for misbehave in [false, true] {
            let (link, mut server) = pair();
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    let link = link.clone();
                    scope.spawn(move || {
                        let answer = link.call(Interface::Cuda, 7, |_| Ok(()));
                        assert_eq!(answer.map(|_| ()), Err(LOST));
                        assert_eq!(link.post(9, |_| Ok(())).map(|_| ()), Err(LOST));
                    });
                }
                for _ in 0..4 {
                    server.command().unwrap();
                }
                if misbehave {
                    let _ = server
                        .connection
                        .sender
                        .try_send(&[IoSlice::new(&[0xff; 4096])]);
                    while server.command().is_some() {}
                } else {
                    drop(server);
                }
            });
        }
    }
}

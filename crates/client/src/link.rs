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
//!
//! Here is how commands are issued; how they leave, and what becomes of them, is in the modules below.

mod calls;
mod destination;
mod failure;
mod receive;
mod send;
#[cfg(test)]
mod tests;
mod wait;
mod watch;

pub use destination::{Destination, Place};
pub use failure::LOST;
pub use watch::Watch;

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::Thread;

use pillion_cuda_abi::CUresult;
use pillion_protocol::numbers::Numbers;
use pillion_protocol::{Decoder, HEADER_LEN, Header, Interface, Opcodes};
use pillion_transport::{Connection, Descriptors, Poller, Spin, Waker};
use zerocopy::IntoBytes;

use crate::entry::Result;
use crate::thread;
use receive::{INBOX, Inbox};
use send::Writer;
use wait::{Cell, own_cell};

/// Bytes that may wait in the outbox before whoever appends has to send them itself.
const OUTBOX_LIMIT: usize = 4 << 20;

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

/// Somebody or something that an answer is for.
struct Pending {
    cell: Option<Arc<Cell>>,
    destination: Option<Destination>,
    watch: Option<Arc<Watch>>,
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

impl Link {
    /// Takes over a connection whose greeting is done; `rest` is what was read beyond it, `opcodes` what the server executes. [`Link::run`] has
    /// to be called in a thread of its own.
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

    /// The sequence number of the newest command.
    pub fn issued(&self) -> u64 {
        // Relaxed: see `number`.
        self.issued.load(Ordering::Relaxed)
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! A connection of two rings (`ring.rs`) in memory that both sides see, whatever memory that is and however a side is woken.
//!
//! A socket says whether the peer is still there. Memory: 64 KiB for the positions, then the ring to the server, then the ring to the
//! client.

use crate::connection::{Connection, PeerInfo, Receiver, Sender};
use crate::poller::{Interest, Poller, Ready, poll_until, wait_fd};
use crate::ring::{Bytes, Consumer, Control, Producer, Real, Scribbled};
use crate::waker::Waker;
use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::io::Errno;
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};
use rustix::net::{RecvFlags, SendFlags};
use std::ffi::c_void;
use std::io::{self, IoSlice, IoSliceMut};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering, fence};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// Bytes before the first ring: a multiple of every page size.
pub(crate) const HEADER: usize = 64 << 10;
/// Bytes of a ring unless asked otherwise: several frames of bulk data, and little enough for a processor's cache.
pub(crate) const CAPACITY: usize = 2 << 20;
/// The least and the most bytes of a ring.
pub(crate) const CAPACITIES: std::ops::RangeInclusive<usize> = 64 << 10..=64 << 20;
/// Where in the header is whose turn it is: behind the first ring's control.
const TURN: usize = HEADER / 4;

/// Which end of the connection this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Client,
    Server,
}

/// What a client does until it has the rings.
pub(crate) trait Arrival: Send {
    /// Takes from the socket what the server says of them; WOULD_BLOCK while that has not come.
    fn receive(&mut self, socket: &OwnedFd) -> io::Result<Rings>;
}

/// There will be no rings.
struct Failed(io::ErrorKind, String);

impl Arrival for Failed {
    fn receive(&mut self, _: &OwnedFd) -> io::Result<Rings> {
        Err(io::Error::new(self.0, self.1.clone()))
    }
}

/// What a connection's parts share.
pub(crate) struct Shared {
    pub(crate) socket: OwnedFd,
    pub(crate) side: Side,
    /// There once the server has said where they are.
    rings: OnceLock<Rings>,
    /// Hears it from the socket. Nothing where they are there from the beginning.
    arrival: Mutex<Option<Box<dyn Arrival>>>,
    /// The peer has closed the socket, or died.
    gone: AtomicBool,
    /// Threads that sleep, or are about to, until there is something to read.
    readers: AtomicUsize,
    /// The same until there is room.
    writers: AtomicUsize,
    /// Where the sender and the receiver are, or were when they ended: not what the peer says that they are.
    pub(crate) positions: Positions,
}

#[derive(Debug, Default)]
pub(crate) struct Positions {
    pub(crate) tail: AtomicU64,
    pub(crate) head: AtomicU64,
}

/// What of a connection's rings goes to another process, beside descriptors.
pub(crate) struct Place {
    pub(crate) side: Side,
    pub(crate) capacity: usize,
    tail: u64,
    head: u64,
}

impl Place {
    /// Bytes in which it is told.
    const LENGTH: usize = 1 + 3 * 8;

    pub(crate) fn of(shared: &Shared, rings: &Rings) -> Self {
        Self {
            side: shared.side,
            capacity: rings.capacity,
            tail: shared.positions.tail.load(Ordering::Relaxed),
            head: shared.positions.head.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![u8::from(self.side == Side::Server)];
        for number in [self.capacity as u64, self.tail, self.head] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    /// Takes it off `bytes`.
    pub(crate) fn decode(bytes: &mut &[u8]) -> Option<Self> {
        let (place, rest) = bytes.split_first_chunk::<{ Self::LENGTH }>()?;
        let (&side, numbers) = place.split_first()?;
        let &[capacity, tail, head] = numbers.as_chunks::<8>().0 else {
            return None;
        };
        *bytes = rest;
        Some(Self {
            side: match side {
                0 => Side::Client,
                1 => Side::Server,
                _ => return None,
            },
            capacity: usize::try_from(u64::from_le_bytes(capacity)).ok()?,
            tail: u64::from_le_bytes(tail),
            head: u64::from_le_bytes(head),
        })
    }

    /// A connection that goes on from here.
    pub(crate) fn resume(&self, socket: OwnedFd, rings: Rings) -> Arc<Shared> {
        rings.populate();
        let shared = there(socket, self.side, rings, false);
        shared.positions.tail.store(self.tail, Ordering::Relaxed);
        shared.positions.head.store(self.head, Ordering::Relaxed);
        shared
    }
}

/// A client's connection, whose rings are still to come.
pub(crate) fn coming(socket: OwnedFd, arrival: Box<dyn Arrival>) -> Arc<Shared> {
    Arc::new(Shared::new(
        socket,
        Side::Client,
        OnceLock::new(),
        Some(arrival),
    ))
}

/// A connection over rings that are there. `gone`: its peer has left already.
pub(crate) fn there(socket: OwnedFd, side: Side, rings: Rings, gone: bool) -> Arc<Shared> {
    let shared = Shared::new(socket, side, OnceLock::from(rings), None);
    shared.gone.store(gone, Ordering::Relaxed);
    Arc::new(shared)
}

/// The connection of these parts, which cannot change its process yet.
pub(crate) fn connection(shared: &Arc<Shared>, peer: PeerInfo) -> Connection {
    let sender = Box::new(RingSender {
        shared: Arc::clone(shared),
        producer: None,
    });
    let receiver = Box::new(RingReceiver {
        shared: Arc::clone(shared),
        consumer: None,
    });
    let poller = Arc::new(RingPoller {
        shared: Arc::clone(shared),
    });
    Connection::new(sender, receiver, poller, peer)
}

impl Shared {
    fn new(
        socket: OwnedFd,
        side: Side,
        rings: OnceLock<Rings>,
        arrival: Option<Box<dyn Arrival>>,
    ) -> Self {
        Self {
            socket,
            side,
            rings,
            arrival: Mutex::new(arrival),
            gone: AtomicBool::new(false),
            readers: AtomicUsize::new(0),
            writers: AtomicUsize::new(0),
            positions: Positions::default(),
        }
    }

    /// The rings; WOULD_BLOCK while the server has not sent them.
    #[inline]
    pub(crate) fn rings(&self) -> io::Result<&Rings> {
        match self.rings.get() {
            Some(rings) => Ok(rings),
            None => self.arrive(),
        }
    }

    #[cold]
    fn arrive(&self) -> io::Result<&Rings> {
        let mut arrival = self.arrival.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rings) = self.rings.get() {
            return Ok(rings);
        }
        let Some(coming) = &mut *arrival else {
            return Err(io::ErrorKind::ConnectionReset.into());
        };
        match coming.receive(&self.socket) {
            Ok(rings) => {
                *arrival = None;
                Ok(self.rings.get_or_init(|| rings))
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Err(error),
            Err(error) => {
                // What was sent is gone: there is no second try, and whoever asks hears the same.
                *arrival = Some(Box::new(Failed(error.kind(), error.to_string())));
                self.gone.store(true, Ordering::Relaxed);
                Err(error)
            }
        }
    }

    /// Wakes who sleeps on a bell at the other end.
    fn strike(&self, rings: &Rings, bell: usize) {
        match &rings.bells {
            Bells::Counters(counters) => ring(&counters[bell]),
            Bells::Socket(_) => {
                // Where there is no room, there is more than enough for the peer to wake.
                let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
                let _ = rustix::net::send(&self.socket, &[1], flags);
            }
        }
    }

    /// After the socket has become readable: takes the bells from it, and rings those that other threads of this side sleep on.
    /// Answers whether the peer has closed it.
    fn hear(&self, own: &[OwnedFd; 2]) -> bool {
        let mut bytes = [0; 64];
        let closed = loop {
            match rustix::net::recv(&self.socket, &mut bytes, RecvFlags::DONTWAIT) {
                Ok((0, _)) => break true,
                Ok((n, _)) if n == bytes.len() => {}
                Ok(_) | Err(Errno::AGAIN) => break false,
                Err(Errno::INTR) => {}
                Err(_) => break true,
            }
        };
        // Whoever begins to sleep after this looks at the rings after this, and sees what these bells were about.
        fence(Ordering::SeqCst);
        for (counter, sleepers) in own.iter().zip([&self.readers, &self.writers]) {
            if sleepers.load(Ordering::SeqCst) > 0 {
                ring(counter);
            }
        }
        closed
    }

    /// Whether a client's memory has become another's, so that it must not be touched any more. What a server finds there is only a
    /// client's word.
    #[inline]
    fn is_lost(&self, rings: &Rings) -> bool {
        self.side == Side::Client && !rings.has_turn()
    }

    /// What holds of `interest`, without a system call.
    fn look(&self, rings: &Rings, interest: Interest) -> Ready {
        let gone = self.gone.load(Ordering::Acquire) || self.is_lost(rings);
        let (inward, outward) = (rings.inward(self.side), rings.outward(self.side));
        Ready {
            readable: interest.readable && (gone || inward.control().readable()),
            writable: interest.writable
                && (gone
                    || outward.control().has_ended()
                    || outward.control().writable(rings.capacity)),
            woken: false,
            closed: gone || (inward.control().has_ended() && outward.control().has_ended()),
        }
    }
}

/// How a side that sleeps is woken. Each ring has a bell for its reader and one for its writer: of the ring to the server 0 and 1, of
/// the ring to the client 2 and 3.
#[derive(Debug)]
pub(crate) enum Bells {
    /// Event counters that both sides have.
    Counters([OwnedFd; 4]),
    /// Whatever comes over the socket rings all bells. The counters are this side's own, of the ring that it reads and of the one that
    /// it writes: whoever takes the bytes from the socket wakes the other threads.
    Socket([OwnedFd; 2]),
}

impl Bells {
    pub(crate) fn socket() -> io::Result<Self> {
        Ok(Self::Socket([counter()?, counter()?]))
    }
}

/// A bell.
pub(crate) fn counter() -> io::Result<OwnedFd> {
    Ok(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?)
}

/// The shared memory and the bells.
#[derive(Debug)]
pub(crate) struct Rings {
    map: Map,
    pub(crate) capacity: usize,
    pub(crate) memory: OwnedFd,
    /// Where in the memory they begin.
    pub(crate) at: u64,
    pub(crate) bells: Bells,
    /// Whose turn it is in memory that is used again; other numbers in its place mean that it is another's.
    pub(crate) turn: Option<u64>,
}

/// Bytes of memory for two rings of this capacity; nothing where rings cannot have it.
pub(crate) fn length(capacity: usize) -> Option<usize> {
    (capacity.is_power_of_two() && CAPACITIES.contains(&capacity)).then(|| HEADER + 2 * capacity)
}

impl Rings {
    /// Maps the part of `memory` that begins at `at`. That it is there, and who may take it away, is for the caller to know.
    pub(crate) fn over(
        memory: OwnedFd,
        at: u64,
        capacity: usize,
        bells: Bells,
        turn: Option<u64>,
    ) -> io::Result<Self> {
        let Some(len) = length(capacity) else {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the rings have a size that they cannot have",
            ));
        };
        Ok(Self {
            map: Map::new(&memory, at, len)?,
            capacity,
            memory,
            at,
            bells,
            turn,
        })
    }

    /// Has the kernel provide every page now, not one by one when bytes pass.
    pub(crate) fn populate(&self) {
        self.map.populate();
    }

    /// Empties the rings, which nobody else uses, and begins this turn.
    pub(crate) fn begin(&self) {
        // SAFETY: the header is within the mapping, and any bytes are valid in it. Who had the turn before may still write to it:
        // what comes of that the rings bear, as they bear a peer that scribbles.
        unsafe { std::ptr::write_bytes(self.map.start.as_ptr(), 0, HEADER) };
        // Release, for the acquire in `has_turn`: who sees the turn sees the rings empty.
        self.turn_word()
            .store(self.turn.unwrap_or(0), Ordering::Release);
    }

    /// Whether the memory is still this connection's.
    #[inline]
    pub(crate) fn has_turn(&self) -> bool {
        self.turn
            .is_none_or(|turn| self.turn_word().load(Ordering::Acquire) == turn)
    }

    fn turn_word(&self) -> &AtomicU64 {
        // SAFETY: within the header, beyond what the rings' controls take, and aligned; an atomic, for which any contents are valid.
        unsafe { self.map.start.add(TURN).cast::<AtomicU64>().as_ref() }
    }

    /// What a thread of this side sleeps on for a bell.
    fn own(&self, bell: usize) -> &OwnedFd {
        match &self.bells {
            Bells::Counters(counters) => &counters[bell],
            Bells::Socket(own) => &own[bell % 2],
        }
    }

    fn ring(&self, toward: Side) -> Ring<'_> {
        Ring {
            rings: self,
            which: usize::from(toward == Side::Client),
        }
    }

    fn inward(&self, side: Side) -> Ring<'_> {
        self.ring(side)
    }

    fn outward(&self, side: Side) -> Ring<'_> {
        self.ring(match side {
            Side::Client => Side::Server,
            Side::Server => Side::Client,
        })
    }
}

/// Wakes who sleeps on a counter.
fn ring(bell: &OwnedFd) {
    // It can only fail with EAGAIN, when the counter is full: then it is readable, which is all we want.
    let _ = rustix::io::write(bell, &1u64.to_ne_bytes());
}

/// Memory shared with a peer that may write to it at any time: reached through raw pointers and atomics alone.
#[derive(Debug)]
struct Map {
    start: NonNull<u8>,
    len: usize,
}

// SAFETY: a mapping belongs to the process, not to a thread.
unsafe impl Send for Map {}
// SAFETY: what is in it is reached by atomics, or by the one sender and the one receiver.
unsafe impl Sync for Map {}

impl Map {
    fn new(memory: &OwnedFd, at: u64, len: usize) -> io::Result<Self> {
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new mapping at an address of the kernel's choice.
        let start = unsafe {
            mmap(
                std::ptr::null_mut(),
                len,
                protection,
                MapFlags::SHARED,
                memory,
                at,
            )?
        };
        let start = NonNull::new(start.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Self { start, len })
    }
}

impl Map {
    /// Has the kernel provide every page now, not one by one when bytes pass.
    fn populate(&self) {
        // SAFETY: this mapping; nothing in it changes. Where the kernel is older than this, pages come as they are touched.
        let _ = unsafe {
            libc::madvise(
                self.start.as_ptr().cast(),
                self.len,
                libc::MADV_POPULATE_WRITE,
            )
        };
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        // SAFETY: this mapping, which nothing refers to any more.
        let _ = unsafe { munmap(self.start.as_ptr().cast::<c_void>(), self.len) };
    }
}

/// One ring in the shared memory.
#[derive(Clone, Copy)]
struct Ring<'a> {
    rings: &'a Rings,
    which: usize,
}

impl<'a> Ring<'a> {
    /// What its reader sleeps on.
    fn readers_bell(&self) -> usize {
        2 * self.which
    }

    /// What its writer sleeps on.
    fn writers_bell(&self) -> usize {
        2 * self.which + 1
    }

    fn control(&self) -> &'a Control<Real> {
        const { assert!(size_of::<Control<Real>>() <= HEADER / 2) };
        // SAFETY: within the header, aligned to half of it; a control consists of atomics, for which any contents are valid and
        // which another process may change.
        unsafe {
            self.rings
                .map
                .start
                .add(self.which * (HEADER / 2))
                .cast::<Control<Real>>()
                .as_ref()
        }
    }

    fn byte(&self, at: usize) -> *mut u8 {
        debug_assert!(at < self.rings.capacity);
        // SAFETY: `at` is within the capacity, so this is within the mapping.
        unsafe {
            self.rings
                .map
                .start
                .as_ptr()
                .add(HEADER + self.which * self.rings.capacity + at)
        }
    }
}

impl Bytes for Ring<'_> {
    fn capacity(&self) -> usize {
        self.rings.capacity
    }

    #[inline]
    fn write(&self, at: usize, bytes: &[u8]) {
        assert!(at + bytes.len() <= self.rings.capacity);
        // SAFETY: within the ring, as just checked. The memory is no Rust object; an honest peer does not touch this part of it, and
        // what another one writes there is bytes all the same.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.byte(at), bytes.len()) };
    }

    #[inline]
    fn read(&self, at: usize, bytes: &mut [u8]) {
        assert!(at + bytes.len() <= self.rings.capacity);
        // SAFETY: as above: every byte is copied once, and only the copy is looked at.
        unsafe { std::ptr::copy_nonoverlapping(self.byte(at), bytes.as_mut_ptr(), bytes.len()) };
    }
}

fn scribbled(_: Scribbled) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "the peer has written what cannot be true into the shared memory",
    )
}

struct RingSender {
    shared: Arc<Shared>,
    producer: Option<Producer>,
}

impl Sender for RingSender {
    fn try_send(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        if bufs.iter().all(|b| b.is_empty()) {
            return Ok(0);
        }
        let Self { shared, producer } = self;
        let rings = shared.rings()?;
        let ring = rings.outward(shared.side);
        if shared.gone.load(Ordering::Relaxed)
            || shared.is_lost(rings)
            || ring.control().has_ended()
        {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let positions = &shared.positions;
        let producer =
            producer.get_or_insert_with(|| Producer::at(positions.tail.load(Ordering::Relaxed)));
        let (sent, bell) = producer
            .write(ring.control(), &ring, bufs)
            .map_err(scribbled)?;
        positions.tail.store(producer.position(), Ordering::Relaxed);
        if bell {
            shared.strike(rings, ring.readers_bell());
        }
        if sent > 0 {
            return Ok(sent);
        }
        // Nobody has read for a while. Where nobody is left, nobody ever will.
        if hung_up(shared.socket.as_fd()) {
            shared.gone.store(true, Ordering::Release);
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        Err(io::ErrorKind::WouldBlock.into())
    }

    fn shutdown(&mut self) -> io::Result<()> {
        let rings = match self.shared.rings() {
            Ok(rings) => rings,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                // There is nothing yet in which to say so.
                let _ = rustix::net::shutdown(&self.shared.socket, rustix::net::Shutdown::Both);
                self.shared.gone.store(true, Ordering::Release);
                return Ok(());
            }
            Err(_) => return Ok(()),
        };
        let shared = &*self.shared;
        let ring = rings.outward(shared.side);
        if !shared.is_lost(rings) && ring.control().end() {
            shared.strike(rings, ring.readers_bell());
        }
        Ok(())
    }
}

struct RingReceiver {
    shared: Arc<Shared>,
    consumer: Option<Consumer>,
}

impl Receiver for RingReceiver {
    fn try_recv(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        // 0 has a meaning of its own, so it must not also mean "no room".
        if bufs.iter().all(|b| b.is_empty()) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let Self { shared, consumer } = self;
        let rings = shared.rings()?;
        if shared.is_lost(rings) {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        let ring = rings.inward(shared.side);
        let positions = &shared.positions;
        let consumer =
            consumer.get_or_insert_with(|| Consumer::at(positions.head.load(Ordering::Relaxed)));
        // Looked at before the ring: what was sent before the end is then there to be seen.
        let over = ring.control().has_ended() || shared.gone.load(Ordering::Acquire);
        let (received, bell) = consumer
            .read(ring.control(), &ring, bufs)
            .map_err(scribbled)?;
        positions.head.store(consumer.position(), Ordering::Relaxed);
        if bell {
            shared.strike(rings, ring.writers_bell());
        }
        match received {
            0 if over => Ok(0),
            0 => Err(io::ErrorKind::WouldBlock.into()),
            n => Ok(n),
        }
    }
}

/// Whether the other end of a socket is closed.
fn hung_up(socket: BorrowedFd<'_>) -> bool {
    // Of a TCP peer's end nothing else is reported.
    let mut fds = [PollFd::from_borrowed_fd(socket, PollFlags::RDHUP)];
    poll_until(&mut fds, Some(Duration::ZERO)).is_ok() && !fds[0].revents().is_empty()
}

struct RingPoller {
    shared: Arc<Shared>,
}

impl Poller for RingPoller {
    fn wait(
        &self,
        interest: Interest,
        waker: Option<&Waker>,
        timeout: Option<Duration>,
    ) -> io::Result<Ready> {
        let shared = &*self.shared;
        let deadline = timeout.and_then(|t| Instant::now().checked_add(t));
        let left = || deadline.map(|d| d.saturating_duration_since(Instant::now()));
        let rings = loop {
            match shared.rings() {
                Ok(rings) => break rings,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let ready = wait_fd(shared.socket.as_fd(), Interest::READABLE, waker, left())?;
                    if ready.readable || ready.closed {
                        // Also the kernel's word that the server is gone goes through `rings`, once.
                        match shared.rings() {
                            Err(error)
                                if error.kind() == io::ErrorKind::WouldBlock && ready.closed =>
                            {
                                shared.gone.store(true, Ordering::Release);
                            }
                            _ => {}
                        }
                    }
                    if ready.woken || (!ready.readable && !ready.closed) {
                        return Ok(Ready {
                            woken: ready.woken,
                            ..Ready::default()
                        });
                    }
                }
                // The next send or receive says what it is.
                Err(_) => {
                    return Ok(Ready {
                        readable: interest.readable,
                        writable: interest.writable,
                        woken: waker.is_some_and(Waker::drain),
                        closed: true,
                    });
                }
            }
        };
        let ready = shared.look(rings, interest);
        if ready.readable || ready.writable || ready.closed {
            // Whoever has something to do needs no system call for it.
            return Ok(Ready {
                woken: waker.is_some_and(|waker| waker.is_pending() && waker.drain()),
                ..ready
            });
        }
        let (inward, outward) = (rings.inward(shared.side), rings.outward(shared.side));
        let bells = [
            interest
                .readable
                .then(|| Bell::new(rings.own(inward.readers_bell()), &shared.readers)),
            interest
                .writable
                .then(|| Bell::new(rings.own(outward.writers_bell()), &shared.writers)),
        ];
        loop {
            if interest.readable {
                inward.control().announce_reader();
            }
            if interest.writable {
                outward.control().announce_writer();
            }
            // The look that the announcement asks for.
            let ready = shared.look(rings, interest);
            if ready.readable || ready.writable {
                return Ok(ready);
            }
            let (gone, woken) = sleep(shared, rings, &bells, waker, left())?;
            if gone {
                shared.gone.store(true, Ordering::Release);
            }
            let ready = Ready {
                woken,
                ..shared.look(rings, interest)
            };
            let [reading, writing] = &bells;
            if let Some(bell) = reading {
                bell.quiet(|| inward.control().readable());
            }
            if let Some(bell) = writing {
                bell.quiet(|| outward.control().writable(rings.capacity));
            }
            let over = deadline.is_some_and(|d| Instant::now() >= d);
            if ready.readable || ready.writable || ready.closed || woken || over {
                return Ok(ready);
            }
        }
    }

    fn wait_for_end(&self) -> io::Result<()> {
        // Not by `wait`, which bells for others end.
        while !self.shared.gone.load(Ordering::Acquire) {
            let socket = self.shared.socket.as_fd();
            let mut end = [PollFd::from_borrowed_fd(socket, PollFlags::RDHUP)];
            poll_until(&mut end, None)?;
            if !end[0].revents().is_empty() {
                self.shared.gone.store(true, Ordering::Release);
            }
        }
        Ok(())
    }
}

/// Sleeps until a bell rings, the socket closes, the waker is used or the time is over: whether the peer is gone, and whether the
/// waker was used.
fn sleep(
    shared: &Shared,
    rings: &Rings,
    bells: &[Option<Bell<'_>>; 2],
    waker: Option<&Waker>,
    timeout: Option<Duration>,
) -> io::Result<(bool, bool)> {
    let heard = match rings.bells {
        Bells::Counters(_) => PollFlags::empty(),
        Bells::Socket(_) => PollFlags::IN,
    };
    let socket = || PollFd::from_borrowed_fd(shared.socket.as_fd(), heard);
    let mut fds = [socket(), socket(), socket(), socket()];
    let mut count = 1;
    for bell in bells.iter().flatten() {
        fds[count] = PollFd::from_borrowed_fd(bell.event.as_fd(), PollFlags::IN);
        count += 1;
    }
    if let Some(waker) = waker {
        fds[count] = PollFd::from_borrowed_fd(waker.as_fd(), PollFlags::IN);
    }
    let fds = &mut fds[..count + usize::from(waker.is_some())];
    poll_until(fds, timeout)?;
    let woken = waker.is_some_and(|waker| !fds[count].revents().is_empty() && waker.drain());
    let told = fds[0].revents();
    let gone = match &rings.bells {
        Bells::Counters(_) => !told.is_empty(),
        Bells::Socket(own) => !told.is_empty() && shared.hear(own),
    };
    Ok((gone, woken))
}

/// A thread that sleeps, or is about to, on a bell that others of this process may sleep on as well.
struct Bell<'a> {
    event: &'a OwnedFd,
    sleepers: &'a AtomicUsize,
}

impl<'a> Bell<'a> {
    fn new(event: &'a OwnedFd, sleepers: &'a AtomicUsize) -> Self {
        sleepers.fetch_add(1, Ordering::SeqCst);
        Self { event, sleepers }
    }

    /// After sleeping: forgets the rings so far, unless another thread has yet to hear them. `reason` says whether there is still
    /// what they were about.
    fn quiet(&self, reason: impl Fn() -> bool) {
        // SeqCst: whoever begins to sleep after this looks at the ring after this, and sees what this thread has seen.
        let others_need_it = || {
            fence(Ordering::SeqCst);
            self.sleepers.load(Ordering::SeqCst) > 1 && reason()
        };
        if !others_need_it() {
            let _ = rustix::io::read(self.event, &mut [0; 8]);
            // A ring between the look and the read may have been for somebody else.
            if others_need_it() {
                ring(self.event);
            }
        }
    }
}

impl Drop for Bell<'_> {
    fn drop(&mut self) {
        self.sleepers.fetch_sub(1, Ordering::SeqCst);
    }
}

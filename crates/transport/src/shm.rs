//! `shm:///PATH`: two rings in memory that client and server share, for a program on the server's own machine.
//!
//! The server listens on a Unix socket at the path, as `unix://` does. For each connection it makes a sealed memfd, which nobody can
//! shrink or grow any more, and sends it over the socket with four event counters, the bells. From then on bytes go through the rings
//! (`ring.rs`), and the socket says only whether the peer is still there.
//!
//! ```text
//! client                                     server
//! connect                                    accept
//!          <--- "PLNSHM01", capacity ---     memfd, the bells (SCM_RIGHTS)
//!          ===== rings =====
//! ```
//!
//! Each ring has a bell for its reader and one for its writer. Whoever has nothing to do sleeps in `poll` on a bell and on the socket,
//! so it hears of its peer's death; while both sides are awake there is no system call. Memory: 64 KiB for the positions, then the ring to the server, then the ring to the client.

use crate::ConnectOptions;
use crate::connection::{Connection, Descriptors, PeerInfo, Receiver, Sender, Transfer};
use crate::error::{ConnectError, ListenError, NotTransferable, UriError};
use crate::handoff::Handoff;
use crate::listener::{Closer, ListenOptions, Listener};
use crate::memory;
use crate::poller::{Interest, Poller, Ready, poll_until, wait_fd};
use crate::ring::{Bytes, Consumer, Control, Producer, Real, Scribbled};
use crate::unix::{self, Bound};
use crate::uri::Uri;
use crate::waker::Waker;
use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::io::{Errno, fcntl_dupfd_cloexec};
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use std::ffi::c_void;
use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::path::Path;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering, fence};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// What the server's message begins with.
const MAGIC: [u8; 8] = *b"PLNSHM01";
/// The server's message: the magic and the capacity.
const MESSAGE: usize = 16;
/// Bytes before the first ring: a multiple of every page size.
const HEADER: usize = 64 << 10;
/// Bytes of a ring unless asked otherwise: several frames of bulk data, and little enough for a processor's cache.
const CAPACITY: usize = 2 << 20;
/// The least and the most bytes of a ring.
const CAPACITIES: std::ops::RangeInclusive<usize> = 64 << 10..=64 << 20;

/// Parses what follows `shm://`.
///
/// # Errors
/// [`UriError`] says what to write instead.
pub fn parse(rest: &str) -> Result<Uri, UriError> {
    Ok(Uri::Shm {
        path: unix::parse_path("shm", rest)?,
    })
}

/// Prints what follows `shm://`.
pub(crate) fn display(path: &Path, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    unix::display(path, f)
}

/// See [`crate::connect_with`].
///
/// The rings come when the server accepts; until then nothing can be sent.
pub(crate) fn connect(path: &Path, options: &ConnectOptions) -> Result<Connection, ConnectError> {
    let uri = Uri::Shm {
        path: path.to_owned(),
    };
    let socket = unix::connect_for(&uri, path, options)?;
    let failed = |error| ConnectError::Setup {
        uri: uri.to_string(),
        error,
    };
    let peer = unix::peer(socket.as_fd()).map_err(failed)?;
    Ok(connection(Arc::new(Shm::new(socket, Side::Client)), peer))
}

/// See [`crate::listen`].
pub(crate) fn listen(
    path: &Path,
    options: &ListenOptions,
) -> Result<Box<dyn Listener>, ListenError> {
    let uri = Uri::Shm {
        path: path.to_owned(),
    };
    let capacity = options.buffer_bytes.unwrap_or(CAPACITY);
    Ok(Box::new(ShmListener {
        socket: Bound::new(&uri, path, options.backlog)?,
        capacity: capacity
            .clamp(*CAPACITIES.start(), *CAPACITIES.end())
            .next_power_of_two(),
    }))
}

/// See [`Connection::from_handoff`].
pub(crate) fn adopt(handoff: Handoff) -> Result<Connection, NotTransferable> {
    let wrong = || {
        NotTransferable::new(
            "a shm connection that changes its process is a socket, shared memory and four event counters",
        )
    };
    let (Ok([socket, memory, bells @ ..]), Some(state)) = (
        <[OwnedFd; 6]>::try_from(handoff.fds),
        State::decode(&handoff.state),
    ) else {
        return Err(wrong());
    };
    let peer = unix::peer(socket.as_fd())
        .map_err(|e| NotTransferable::io("its socket is not a connected Unix one", e))?;
    let rings = Rings::over(memory, bells, state.capacity)
        .map_err(|e| NotTransferable::io("its memory cannot be used", e))?;
    let shm = Shm::new(socket, state.side);
    shm.positions.tail.store(state.tail, Ordering::Relaxed);
    shm.positions.head.store(state.head, Ordering::Relaxed);
    rings.map.populate();
    let _ = shm.rings.set(rings);
    Ok(connection(Arc::new(shm), peer))
}

struct ShmListener {
    socket: Bound,
    capacity: usize,
}

impl Listener for ShmListener {
    fn accept(&self) -> io::Result<Connection> {
        loop {
            let socket = self.socket.accept()?;
            // A peer that was gone before it was accepted fails here, and so does a machine without memory: that is its own affair.
            if let Ok(connection) = accepted(socket, self.capacity) {
                return Ok(connection);
            }
        }
    }

    fn uri(&self) -> Uri {
        Uri::Shm {
            path: self.socket.path().to_owned(),
        }
    }

    fn closer(&self) -> Closer {
        self.socket.closer()
    }
}

/// The server's side of a connection that was accepted: makes the memory and sends it.
fn accepted(socket: OwnedFd, capacity: usize) -> io::Result<Connection> {
    let peer = unix::peer(socket.as_fd())?;
    let memory = memory::make("pillion-rings", (HEADER + 2 * capacity) as u64)?;
    let bell = || eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK);
    let bells = [bell()?, bell()?, bell()?, bell()?];
    let mut message = [0; MESSAGE];
    message[..8].copy_from_slice(&MAGIC);
    message[8..].copy_from_slice(&(capacity as u64).to_le_bytes());
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(5))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let [a, b, c, d] = &bells;
    let fds = [memory.as_fd(), a.as_fd(), b.as_fd(), c.as_fd(), d.as_fd()];
    control.push(SendAncillaryMessage::ScmRights(&fds));
    // Nothing has been sent on this socket before, so there is room for all of it.
    let sent = sendmsg(
        &socket,
        &[IoSlice::new(&message)],
        &mut control,
        SendFlags::NOSIGNAL,
    );
    // A client that has left again is a connection that is at its end, as with every transport.
    let gone = match sent {
        Ok(MESSAGE) => false,
        Ok(_) => return Err(io::ErrorKind::WriteZero.into()),
        Err(Errno::PIPE | Errno::CONNRESET) => true,
        Err(error) => return Err(error.into()),
    };
    let rings = Rings::over(memory, bells, capacity)?;
    let shm = Shm::new(socket, Side::Server);
    let _ = shm.rings.set(rings);
    shm.gone.store(gone, Ordering::Relaxed);
    Ok(connection(Arc::new(shm), peer))
}

fn connection(shm: Arc<Shm>, peer: PeerInfo) -> Connection {
    let sender = Box::new(ShmSender {
        shm: Arc::clone(&shm),
        producer: None,
    });
    let receiver = Box::new(ShmReceiver {
        shm: Arc::clone(&shm),
        consumer: None,
    });
    let poller = Arc::new(ShmPoller {
        shm: Arc::clone(&shm),
    });
    Connection::new(sender, receiver, poller, peer)
        .passing(Arc::new(ShmDescriptors {
            shm: Arc::clone(&shm),
        }))
        .transferable(Box::new(ShmTransfer { shm }))
}

/// Which end of the connection this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Client,
    Server,
}

/// What a connection's parts share.
#[derive(Debug)]
struct Shm {
    socket: OwnedFd,
    side: Side,
    /// There once the server has sent them.
    rings: OnceLock<Rings>,
    /// Who takes them from the socket.
    arrival: Mutex<()>,
    /// The peer has closed the socket, or died.
    gone: AtomicBool,
    /// Threads that sleep, or are about to, until there is something to read.
    readers: AtomicUsize,
    /// The same until there is room.
    writers: AtomicUsize,
    /// Where the sender and the receiver are, or were when they ended: not what the peer says that they are.
    positions: Positions,
}

#[derive(Debug, Default)]
struct Positions {
    tail: AtomicU64,
    head: AtomicU64,
}

impl Shm {
    fn new(socket: OwnedFd, side: Side) -> Self {
        Self {
            socket,
            side,
            rings: OnceLock::new(),
            arrival: Mutex::new(()),
            gone: AtomicBool::new(false),
            readers: AtomicUsize::new(0),
            writers: AtomicUsize::new(0),
            positions: Positions::default(),
        }
    }

    /// The rings; WOULD_BLOCK while the server has not sent them.
    #[inline]
    fn rings(&self) -> io::Result<&Rings> {
        match self.rings.get() {
            Some(rings) => Ok(rings),
            None => self.arrive(),
        }
    }

    #[cold]
    fn arrive(&self) -> io::Result<&Rings> {
        let _alone = self.arrival.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rings) = self.rings.get() {
            return Ok(rings);
        }
        if self.gone.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        match receive(&self.socket) {
            Ok(rings) => Ok(self.rings.get_or_init(|| rings)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Err(error),
            Err(error) => {
                // What it sent is gone: there is no second try.
                self.gone.store(true, Ordering::Relaxed);
                Err(error)
            }
        }
    }

    /// What holds of `interest`, without a system call.
    fn look(&self, rings: &Rings, interest: Interest) -> Ready {
        let gone = self.gone.load(Ordering::Acquire);
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

/// Takes the server's message from a client's socket.
fn receive(socket: &OwnedFd) -> io::Result<Rings> {
    let invalid = |reason: &str| {
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{reason}: is it a server that listens at a shm:// address?"),
        )
    };
    let mut message = [0; MESSAGE];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(5))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let received = loop {
        match recvmsg(
            socket,
            &mut [IoSliceMut::new(&mut message)],
            &mut control,
            RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT,
        ) {
            Err(Errno::INTR) => {}
            received => break received?,
        }
    };
    let mut fds = Vec::new();
    for part in control.drain() {
        if let RecvAncillaryMessage::ScmRights(arrived) = part {
            fds.extend(arrived);
        }
    }
    if received.bytes == 0 {
        return Err(io::ErrorKind::ConnectionReset.into());
    }
    let (magic, capacity) = message.split_at(8);
    if received.bytes != MESSAGE || magic != MAGIC {
        return Err(invalid(
            "the server's first message is not about shared memory",
        ));
    }
    let Ok([memory, bells @ ..]) = <[OwnedFd; 5]>::try_from(fds) else {
        return Err(invalid(
            "the server sent other descriptors than it should, or this process may open no more",
        ));
    };
    let capacity = capacity
        .first_chunk::<8>()
        .map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let capacity = usize::try_from(capacity).unwrap_or(0);
    let rings = Rings::over(memory, bells, capacity)?;
    rings.map.populate();
    Ok(rings)
}

/// The shared memory and the bells.
#[derive(Debug)]
struct Rings {
    map: Map,
    capacity: usize,
    memory: OwnedFd,
    /// Of the ring to the server its reader's and its writer's, then of the ring to the client.
    bells: [OwnedFd; 4],
}

impl Rings {
    /// Maps memory, once it is certain that the peer cannot take it away again.
    fn over(memory: OwnedFd, bells: [OwnedFd; 4], capacity: usize) -> io::Result<Self> {
        let invalid = |reason| Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        if !capacity.is_power_of_two() || !CAPACITIES.contains(&capacity) {
            return invalid("the rings have a size that they cannot have");
        }
        let len = HEADER + 2 * capacity;
        memory::check(&memory, len as u64)?;
        Ok(Self {
            map: Map::new(&memory, len)?,
            capacity,
            memory,
            bells,
        })
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

/// Wakes who sleeps on a bell.
fn strike(bell: &OwnedFd) {
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
    fn new(memory: &OwnedFd, len: usize) -> io::Result<Self> {
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new mapping at an address of the kernel's choice.
        let start = unsafe {
            mmap(
                std::ptr::null_mut(),
                len,
                protection,
                MapFlags::SHARED,
                memory,
                0,
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
    fn readers_bell(&self) -> &'a OwnedFd {
        &self.rings.bells[2 * self.which]
    }

    /// What its writer sleeps on.
    fn writers_bell(&self) -> &'a OwnedFd {
        &self.rings.bells[2 * self.which + 1]
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

struct ShmSender {
    shm: Arc<Shm>,
    producer: Option<Producer>,
}

impl Sender for ShmSender {
    fn try_send(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        if bufs.iter().all(|b| b.is_empty()) {
            return Ok(0);
        }
        let Self { shm, producer } = self;
        let rings = shm.rings()?;
        let ring = rings.outward(shm.side);
        if shm.gone.load(Ordering::Relaxed) || ring.control().has_ended() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let positions = &shm.positions;
        let producer =
            producer.get_or_insert_with(|| Producer::at(positions.tail.load(Ordering::Relaxed)));
        let (sent, bell) = producer
            .write(ring.control(), &ring, bufs)
            .map_err(scribbled)?;
        positions.tail.store(producer.position(), Ordering::Relaxed);
        if bell {
            strike(ring.readers_bell());
        }
        if sent > 0 {
            return Ok(sent);
        }
        // Nobody has read for a while. Where nobody is left, nobody ever will.
        if hung_up(shm.socket.as_fd()) {
            shm.gone.store(true, Ordering::Release);
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        Err(io::ErrorKind::WouldBlock.into())
    }

    fn shutdown(&mut self) -> io::Result<()> {
        let rings = match self.shm.rings() {
            Ok(rings) => rings,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                // There is nothing yet in which to say so.
                let _ = rustix::net::shutdown(&self.shm.socket, rustix::net::Shutdown::Both);
                self.shm.gone.store(true, Ordering::Release);
                return Ok(());
            }
            Err(_) => return Ok(()),
        };
        let ring = rings.outward(self.shm.side);
        if ring.control().end() {
            strike(ring.readers_bell());
        }
        Ok(())
    }
}

struct ShmReceiver {
    shm: Arc<Shm>,
    consumer: Option<Consumer>,
}

impl Receiver for ShmReceiver {
    fn try_recv(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        // 0 has a meaning of its own, so it must not also mean "no room".
        if bufs.iter().all(|b| b.is_empty()) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let Self { shm, consumer } = self;
        let rings = shm.rings()?;
        let ring = rings.inward(shm.side);
        let positions = &shm.positions;
        let consumer =
            consumer.get_or_insert_with(|| Consumer::at(positions.head.load(Ordering::Relaxed)));
        // Looked at before the ring: what was sent before the end is then there to be seen.
        let over = ring.control().has_ended() || shm.gone.load(Ordering::Acquire);
        let (received, bell) = consumer
            .read(ring.control(), &ring, bufs)
            .map_err(scribbled)?;
        positions.head.store(consumer.position(), Ordering::Relaxed);
        if bell {
            strike(ring.writers_bell());
        }
        match received {
            0 if over => Ok(0),
            0 => Err(io::ErrorKind::WouldBlock.into()),
            n => Ok(n),
        }
    }
}

/// The socket, which carries nothing else once the rings are there.
struct ShmDescriptors {
    shm: Arc<Shm>,
}

impl Descriptors for ShmDescriptors {
    fn send(&self, descriptor: BorrowedFd<'_>) -> io::Result<()> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        let fds = [descriptor];
        control.push(SendAncillaryMessage::ScmRights(&fds));
        let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
        loop {
            match sendmsg(&self.shm.socket, &[IoSlice::new(&[1])], &mut control, flags) {
                Err(Errno::INTR) => {}
                sent => return Ok(sent.map(|_| ())?),
            }
        }
    }

    fn receive(&self) -> io::Result<OwnedFd> {
        // The first message is about the rings.
        self.shm.rings()?;
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut byte = [0];
        let flags = RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT;
        loop {
            match recvmsg(
                &self.shm.socket,
                &mut [IoSliceMut::new(&mut byte)],
                &mut control,
                flags,
            ) {
                Err(Errno::INTR) => {}
                Ok(_) => break,
                Err(error) => return Err(error.into()),
            }
        }
        let mut descriptors = control.drain().filter_map(|part| match part {
            RecvAncillaryMessage::ScmRights(arrived) => Some(arrived),
            _ => None,
        });
        // What was sent beyond the one is closed.
        descriptors
            .next()
            .and_then(|mut arrived| arrived.next())
            .ok_or(io::ErrorKind::InvalidData.into())
    }
}

/// Whether the other end of a socket is closed.
fn hung_up(socket: BorrowedFd<'_>) -> bool {
    let mut fds = [PollFd::from_borrowed_fd(socket, PollFlags::empty())];
    poll_until(&mut fds, Some(Duration::ZERO)).is_ok() && !fds[0].revents().is_empty()
}

struct ShmPoller {
    shm: Arc<Shm>,
}

impl Poller for ShmPoller {
    fn wait(
        &self,
        interest: Interest,
        waker: Option<&Waker>,
        timeout: Option<Duration>,
    ) -> io::Result<Ready> {
        let shm = &*self.shm;
        let deadline = timeout.and_then(|t| Instant::now().checked_add(t));
        let left = || deadline.map(|d| d.saturating_duration_since(Instant::now()));
        let rings = loop {
            match shm.rings() {
                Ok(rings) => break rings,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let ready = wait_fd(shm.socket.as_fd(), Interest::READABLE, waker, left())?;
                    if ready.readable || ready.closed {
                        // Also the kernel's word that the server is gone goes through `rings`, once.
                        match shm.rings() {
                            Err(error)
                                if error.kind() == io::ErrorKind::WouldBlock && ready.closed =>
                            {
                                shm.gone.store(true, Ordering::Release);
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
        let ready = shm.look(rings, interest);
        if ready.readable || ready.writable || ready.closed {
            // Whoever has something to do needs no system call for it.
            return Ok(Ready {
                woken: waker.is_some_and(|waker| waker.is_pending() && waker.drain()),
                ..ready
            });
        }
        let (inward, outward) = (rings.inward(shm.side), rings.outward(shm.side));
        let bells = [
            interest
                .readable
                .then(|| Bell::new(inward.readers_bell(), &shm.readers)),
            interest
                .writable
                .then(|| Bell::new(outward.writers_bell(), &shm.writers)),
        ];
        loop {
            if interest.readable {
                inward.control().announce_reader();
            }
            if interest.writable {
                outward.control().announce_writer();
            }
            // The look that the announcement asks for.
            let ready = shm.look(rings, interest);
            if ready.readable || ready.writable {
                return Ok(ready);
            }
            let (gone, woken) = sleep(shm, &bells, waker, left())?;
            if gone {
                shm.gone.store(true, Ordering::Release);
            }
            let ready = Ready {
                woken,
                ..shm.look(rings, interest)
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
}

/// Sleeps until a bell rings, the socket closes, the waker is used or the time is over: whether the peer is gone, and whether the
/// waker was used.
fn sleep(
    shm: &Shm,
    bells: &[Option<Bell<'_>>; 2],
    waker: Option<&Waker>,
    timeout: Option<Duration>,
) -> io::Result<(bool, bool)> {
    let socket = || PollFd::from_borrowed_fd(shm.socket.as_fd(), PollFlags::empty());
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
    Ok((!fds[0].revents().is_empty(), woken))
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
                strike(self.event);
            }
        }
    }
}

impl Drop for Bell<'_> {
    fn drop(&mut self) {
        self.sleepers.fetch_sub(1, Ordering::SeqCst);
    }
}

/// What goes to another process with the descriptors.
struct State {
    side: Side,
    capacity: usize,
    tail: u64,
    head: u64,
}

impl State {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![u8::from(self.side == Side::Server)];
        for number in [self.capacity as u64, self.tail, self.head] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (&side, rest) = bytes.split_first()?;
        let (numbers, rest) = rest.as_chunks::<8>();
        let &[capacity, tail, head] = numbers else {
            return None;
        };
        if !rest.is_empty() {
            return None;
        }
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
}

struct ShmTransfer {
    shm: Arc<Shm>,
}

impl Transfer for ShmTransfer {
    fn handoff(self: Box<Self>) -> Result<Handoff, NotTransferable> {
        let shm = &*self.shm;
        let failed = |e: io::Error| NotTransferable::io("its descriptors cannot be duplicated", e);
        let Ok(rings) = shm.rings() else {
            return Err(NotTransferable::new(
                "the server has not sent its shared memory yet",
            ));
        };
        let copy = |fd: &OwnedFd| fcntl_dupfd_cloexec(fd, 0).map_err(|e| failed(e.into()));
        let state = State {
            side: shm.side,
            capacity: rings.capacity,
            tail: shm.positions.tail.load(Ordering::Relaxed),
            head: shm.positions.head.load(Ordering::Relaxed),
        };
        Ok(Handoff {
            scheme: "shm".to_owned(),
            fds: [&shm.socket, &rings.memory]
                .into_iter()
                .chain(&rings.bells)
                .map(copy)
                .collect::<Result<_, _>>()?,
            state: state.encode().into(),
        })
    }
}

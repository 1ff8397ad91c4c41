//! `ucx://HOST[:PORT]` or `ucx://tls://HOST[:PORT]`: UCX, which uses InfiniBand and RoCE where there are any.
//!
//! A connection begins as one over TCP or TLS, its control. The greeting goes over that, since an endpoint of UCX's cannot change its
//! process and the broker has to pass the connection on. The process that takes it over makes its part of UCX and introduces itself; the
//! client makes its own, and from there on the stream goes over UCX.
//!
//! ```text
//! client                                         server
//! connect to the control                         accept
//!          --- greeting, over the control --->   the broker reads it and passes the connection on
//!          <--- introduction ---                 the worker's
//!          --- introduction --->
//!          ===== active messages =====           (control.rs, board.rs)
//!          --- end, arrived --->                 (and back)
//! ```
//!
//! The control connection stays: that it ends says that the other side is gone, however that happened. Data over UCX is neither
//! encrypted nor authenticated beyond a random number that both sides were told over the control, so wherever other machines can reach
//! the address, it is for networks that are trusted, whatever the control is.
//!
//! UCX is not linked. Its library is loaded by the first `ucx://` address, and asked not to touch the program that it is loaded into.

mod board;
mod control;
mod library;

pub use control::hostile_control;
pub use library::{Missing, Version};

use crate::ConnectOptions;
use crate::connection::{Connection, Establish, Receiver, Sender, Transfer};
use crate::error::{ConnectError, ListenError, NotTransferable, UriError};
use crate::handoff::Handoff;
use crate::listener::{Closer, ListenOptions, Listener};
use crate::poller::{Interest, Poller, Ready, poll_until};
use crate::tcp;
use crate::thread::unsignalled;
use crate::uri::{DEFAULT_UCX_PORT, Uri};
use crate::waker::Waker;
use board::{CAPACITY, Ucx};
use control::{Inbound, MOST_ADDRESS, MOST_BEFORE, MOST_DATA};
use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::process::{Pid, getpid};
use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long who closes a connection stays to have the peer receive what was sent.
const LINGER: Duration = Duration::from_secs(5);
/// How long what the peer has announced may take to come once its control connection has ended.
const GRACE: Duration = Duration::from_secs(2);

/// Loads UCX, and says which version it is.
///
/// # Errors
/// Why there is none, and what to do about it.
pub fn version() -> Result<Version, Missing> {
    library::library().map(|library| library.version)
}

/// Parses what follows `ucx://`.
///
/// # Errors
/// [`UriError`] says what to write instead.
pub fn parse(rest: &str) -> Result<Uri, UriError> {
    let control = match rest.split_once("://") {
        None => {
            let (host, port) = tcp::authority(rest, DEFAULT_UCX_PORT)?;
            Uri::Tcp { host, port }
        }
        Some((scheme, address)) => {
            let (host, port) = tcp::authority(address, DEFAULT_UCX_PORT)?;
            match scheme {
                "tcp" => Uri::Tcp { host, port },
                "tls" => Uri::Tls { host, port },
                _ => {
                    return Err(UriError::BadHost {
                        given: rest.to_owned(),
                    });
                }
            }
        }
    };
    Ok(Uri::Ucx {
        control: Box::new(control),
    })
}

/// Prints what follows `ucx://`.
pub(crate) fn display(control: &Uri, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match control {
        Uri::Tcp { host, port } => tcp::display(host, port, f),
        control => write!(f, "{control}"),
    }
}

fn uri(control: &Uri) -> Uri {
    Uri::Ucx {
        control: Box::new(control.clone()),
    }
}

/// See [`crate::connect_with`].
pub(crate) fn connect(control: &Uri, options: &ConnectOptions) -> Result<Connection, ConnectError> {
    let named = || uri(control).to_string();
    let missing = |error| ConnectError::Ucx {
        uri: named(),
        error,
    };
    let library = library::library().map_err(missing)?;
    let mut of_control = options.clone();
    of_control.buffer_bytes = None;
    let connection =
        crate::connect_with(control, &of_control).map_err(|error| ConnectError::Control {
            uri: named(),
            error: Box::new(error),
        })?;
    if connection.peer.local {
        library.reaches_home().map_err(missing)?;
    }
    let inbound = Inbound::default();
    let mut out = Vec::new();
    control::greet(&mut out);
    let buffer_bytes = options.buffer_bytes;
    assemble(connection, Side::Client, inbound, out, buffer_bytes, false).map_err(|error| {
        ConnectError::Setup {
            uri: named(),
            error,
        }
    })
}

/// See [`crate::listen`].
pub(crate) fn listen(
    control: &Uri,
    options: &ListenOptions,
) -> Result<Box<dyn Listener>, ListenError> {
    let missing = |error| ListenError::Ucx {
        uri: uri(control).to_string(),
        error,
    };
    let library = library::library().map_err(missing)?;
    if let Uri::Tcp { host, port } | Uri::Tls { host, port } = control {
        match tcp::only_loopback(&uri(control), host, *port) {
            // Nobody else will come.
            Ok(()) => library.reaches_home().map_err(missing)?,
            Err(ListenError::NotLoopback { .. }) if options.insecure => {}
            Err(error) => return Err(error),
        }
    }
    let mut bound = options.clone();
    bound.buffer_bytes = None;
    let listener = crate::listen(control, &bound).map_err(|error| match error {
        ListenError::InUse { .. } => ListenError::InUse {
            uri: uri(control).to_string(),
        },
        error => error,
    })?;
    Ok(Box::new(UcxListener {
        control: listener,
        in_place: options.in_place,
        buffer_bytes: options.buffer_bytes,
    }))
}

/// See [`Connection::from_handoff`].
pub(crate) fn adopt(handoff: Handoff) -> Result<Connection, NotTransferable> {
    let malformed = || NotTransferable::new("the state of a ucx connection is malformed");
    let state = State::decode(&handoff.state).ok_or_else(malformed)?;
    let connection = Connection::from_handoff(Handoff {
        scheme: state.scheme,
        fds: handoff.fds,
        state: state.control.into(),
    })?;
    assemble(
        connection,
        state.side,
        state.inbound,
        state.out,
        state.buffer_bytes,
        state.side == Side::Server,
    )
    .map_err(|error| NotTransferable::io("UCX does not begin", error))
}

struct UcxListener {
    control: Box<dyn Listener>,
    in_place: bool,
    buffer_bytes: Option<usize>,
}

impl Listener for UcxListener {
    fn accept(&self) -> io::Result<Connection> {
        let control = self.control.accept()?;
        let peer = control.peer.clone();
        let accepted = Accepted {
            control,
            in_place: self.in_place,
            buffer_bytes: self.buffer_bytes,
        };
        Ok(Connection::pending(peer, Box::new(accepted)))
    }

    fn uri(&self) -> Uri {
        uri(&self.control.uri())
    }

    fn closer(&self) -> Closer {
        self.control.closer()
    }
}

/// A connection whose control may have to be established first.
struct Accepted {
    control: Connection,
    in_place: bool,
    buffer_bytes: Option<usize>,
}

impl Establish for Accepted {
    fn establish(
        self: Box<Self>,
        waker: Option<&Waker>,
        timeout: Duration,
    ) -> io::Result<Connection> {
        let Self {
            mut control,
            in_place,
            buffer_bytes,
        } = *self;
        control.establish(waker, timeout)?;
        let mut out = Vec::new();
        control::greet(&mut out);
        let inbound = Inbound::default();
        assemble(control, Side::Server, inbound, out, buffer_bytes, in_place)
    }
}

/// Which end of a connection this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    /// Begins with UCX when it hears that the server has.
    Client,
    Server,
}

/// A connection, for its parts and its keeper.
type Shared = Mutex<Core>;

/// What a connection's parts share. With the last of them it closes.
struct Parts {
    /// Whose it is: a child of a fork has a copy that is not its own.
    process: Pid,
    core: Arc<Shared>,
    keeper: Option<JoinHandle<()>>,
}

impl Drop for Parts {
    fn drop(&mut self) {
        // In a child, the parent goes on with it, and nothing of UCX's is to be touched.
        if self.process == getpid() {
            lock(&self.core).close();
            // Its descriptors are gone then.
            let _ = self.keeper.take().map(JoinHandle::join);
        } else {
            std::mem::forget(Arc::clone(&self.core));
        }
    }
}

/// How often the keeper looks while others use the connection, and how seldom when nobody does.
const TICK: Duration = Duration::from_millis(5);
const SLOW_TICK: Duration = Duration::from_secs(1);

/// Has both sides meet, and goes on with what has been sent and what comes when nobody else does: UCX does nothing by itself. A thread
/// of its own, which leaves the work to others where there are any, and is not woken by what they wait for.
fn keep(core: &Shared, bell: &OwnedFd, socket: &OwnedFd) {
    let mut seen = u64::MAX;
    let mut tick = TICK;
    loop {
        let mut guard = lock(core);
        guard.keeper_sleeps = false;
        let _ = rustix::io::read(bell, &mut [0; 8]);
        if guard.control.is_none() {
            return;
        }
        let others = std::mem::replace(&mut seen, guard.used) != guard.used;
        let mut events = PollFlags::empty();
        let mut descriptor = None;
        if guard.has_met() && (others || guard.listeners > 0) {
            tick = if others {
                TICK
            } else {
                (tick * 2).min(SLOW_TICK)
            };
        } else {
            tick = (tick * 2).min(SLOW_TICK);
            guard.hear();
            guard.go_on();
            if matches!(guard.arm(), Ok(false)) {
                continue;
            }
            descriptor = guard.descriptor();
            events.set(PollFlags::IN, guard.gone.is_none() && guard.has_room());
        }
        if !guard.out.is_empty() {
            let _ = guard.flush_control();
            events.set(
                PollFlags::OUT,
                !guard.out.is_empty() && guard.gone.is_none(),
            );
        }
        // Who sends does not leave it to a slow one.
        guard.keeper_sleeps = tick > TICK;
        drop(guard);
        let mut fds =
            [bell, socket, bell].map(|fd| PollFd::from_borrowed_fd(fd.as_fd(), PollFlags::IN));
        let mut count = 1;
        if !events.is_empty() {
            fds[count] = PollFd::from_borrowed_fd(socket.as_fd(), events);
            count += 1;
        }
        if let Some(descriptor) = &descriptor {
            fds[count] = PollFd::from_borrowed_fd(descriptor.as_fd(), PollFlags::IN);
            count += 1;
        }
        match poll_until(&mut fds[..count], Some(tick)) {
            // There was something to do.
            Ok(1..) => tick = TICK,
            Ok(0) => {}
            Err(_) => return,
        }
    }
}

fn lock(core: &Shared) -> MutexGuard<'_, Core> {
    core.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A connection of these parts, which begins with UCX now if it is to.
fn assemble(
    control: Connection,
    side: Side,
    inbound: Inbound,
    out: Vec<u8>,
    buffer_bytes: Option<usize>,
    begins: bool,
) -> io::Result<Connection> {
    let Some(socket) = control.poller.descriptor() else {
        return Err(io::Error::other("its control is no socket"));
    };
    let socket = Arc::new(socket.try_clone_to_owned()?);
    let peer = control.peer.clone();
    let mut core = Core {
        side,
        local: peer.local,
        buffer_bytes,
        control: Some(control),
        inbound,
        out,
        said: 0,
        ucx: None,
        ended: false,
        has_said_arrived: false,
        gone: None,
        lost: None,
        sleepers: Vec::new(),
        bells: Vec::new(),
        used: 0,
        listeners: 0,
        keeper: None,
        keeper_sleeps: false,
    };
    if begins {
        core.start()?;
    }
    core.flush_control()?;
    let keeper = (begins || side == Side::Client)
        .then(|| bell().map(Arc::new))
        .transpose()?;
    core.keeper.clone_from(&keeper);
    let core: Arc<Shared> = Arc::new(Mutex::new(core));
    let mut thread = None;
    if let Some(bell) = keeper {
        let (core, socket) = (Arc::clone(&core), Arc::clone(&socket));
        let keeper = std::thread::Builder::new()
            .name("pillion-ucx".to_owned())
            .stack_size(256 << 10);
        thread = Some(unsignalled(|| {
            keeper.spawn(move || keep(&core, &bell, &socket))
        })?);
    }
    let parts = Arc::new(Parts {
        process: getpid(),
        core,
        keeper: thread,
    });
    let sender = Box::new(UcxSender {
        parts: Arc::clone(&parts),
    });
    let receiver = Box::new(UcxReceiver {
        parts: Arc::clone(&parts),
    });
    let poller = Arc::new(UcxPoller {
        parts: Arc::clone(&parts),
        socket,
    });
    let transfer = Box::new(UcxTransfer { parts });
    Ok(Connection::new(sender, receiver, poller, peer).transferable(transfer))
}

/// A connection.
struct Core {
    side: Side,
    local: bool,
    buffer_bytes: Option<usize>,
    /// There until it is handed on.
    control: Option<Connection>,
    inbound: Inbound,
    /// What is to be sent over the control connection.
    out: Vec<u8>,
    /// Bytes of the stream that have gone that way.
    said: usize,
    /// Ours, once both sides know, or are told, that there is one.
    ucx: Option<Ucx>,
    /// Nothing more will be sent.
    ended: bool,
    has_said_arrived: bool,
    /// When the control connection ended.
    gone: Option<Instant>,
    lost: Option<(io::ErrorKind, String)>,
    /// What threads sleep on, to be told of what another thread has found, and whether they wait for more than the end.
    sleepers: Vec<(Arc<OwnedFd>, bool)>,
    /// Bells that nobody sleeps on.
    bells: Vec<Arc<OwnedFd>>,
    /// Counts what is done with UCX by others than the keeper.
    used: u64,
    /// Threads that sleep until UCX has something to do.
    listeners: usize,
    /// What the keeper sleeps on, once there is one.
    keeper: Option<Arc<OwnedFd>>,
    /// It sleeps until it is woken.
    keeper_sleeps: bool,
}

impl Core {
    fn lose(&mut self, error: &io::Error) {
        let (kind, reason) = (error.kind(), error.to_string());
        self.lost.get_or_insert((kind, reason));
        self.ring();
    }

    /// Wakes all who sleep.
    fn ring(&self) {
        self.ring_those(|_| true);
    }

    fn ring_those(&self, concerned: impl Fn(bool) -> bool) {
        for (sleeper, waits) in &self.sleepers {
            if concerned(*waits) {
                // It can only fail when the counter is full: then it rings already.
                let _ = rustix::io::write(sleeper, &1u64.to_ne_bytes());
            }
        }
    }

    /// Whether more may be read from the control connection.
    fn has_room(&self) -> bool {
        self.inbound.has_room(self.ucx.is_some())
    }

    /// How many more bytes of the stream may go over the control connection.
    fn left(&self) -> usize {
        MOST_BEFORE - self.said.min(MOST_BEFORE)
    }

    fn has_met(&self) -> bool {
        self.ucx.as_ref().is_some_and(Ucx::has_met)
    }

    /// Has UCX's descriptor tell. False: there is something to do already.
    fn arm(&self) -> io::Result<bool> {
        self.ucx.as_ref().map_or(Ok(true), Ucx::arm)
    }

    /// A copy of UCX's descriptor, which UCX may close.
    fn descriptor(&self) -> Option<OwnedFd> {
        let number = self.ucx.as_ref()?.descriptor();
        // SAFETY: open for as long as UCX's worker, which is there.
        unsafe { BorrowedFd::borrow_raw(number) }
            .try_clone_to_owned()
            .ok()
    }

    /// Makes our part of UCX, and introduces it.
    fn start(&mut self) -> io::Result<()> {
        let ucx = Ucx::new(self.local, self.buffer_bytes.unwrap_or(CAPACITY))?;
        let introduction = ucx.introduction()?;
        if introduction.address.len() > MOST_ADDRESS {
            return Err(io::Error::other(
                "this machine has so many devices that UCX's address is too long: name some in UCX_NET_DEVICES",
            ));
        }
        control::introduce(&introduction, &mut self.out);
        self.ucx = Some(ucx);
        Ok(())
    }

    /// Sends what there is to be sent over the control connection, as far as it goes.
    fn flush_control(&mut self) -> io::Result<()> {
        let Some(control) = &mut self.control else {
            return Ok(());
        };
        while !self.out.is_empty() {
            match control.sender.try_send(&[IoSlice::new(&self.out)]) {
                Ok(count) => drop(self.out.drain(..count)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                // Its end shows when it is read.
                Err(_) => {
                    self.out.clear();
                    break;
                }
            }
        }
        Ok(())
    }

    /// Takes what has come over the control connection.
    fn hear(&mut self) {
        if let Err(error) = self.try_hear() {
            self.lose(&error);
        }
    }

    fn try_hear(&mut self) -> io::Result<()> {
        let mut bytes = [0; 4096];
        while self.gone.is_none() && self.has_room() {
            let Some(control) = &mut self.control else {
                break;
            };
            match control
                .receiver
                .try_recv(&mut [IoSliceMut::new(&mut bytes)])
            {
                Ok(0) => {
                    self.gone = Some(Instant::now());
                    self.ring();
                }
                Ok(count) => {
                    self.inbound.feed(&bytes[..count])?;
                    self.ring();
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(_) => {
                    self.gone = Some(Instant::now());
                    self.ring();
                }
            }
        }
        if let Some(peer) = self.inbound.introduction.take() {
            match (self.side, &self.ucx) {
                (Side::Client, None) => self.start()?,
                (Side::Server, Some(_)) => {}
                _ => {
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        "the peer introduces itself before its turn",
                    ));
                }
            }
            if let Some(ucx) = &mut self.ucx {
                ucx.meet(&peer)?;
            }
            self.ring();
        }
        self.flush_control()
    }

    /// Does what there is to do in UCX.
    fn progress(&mut self) {
        self.used += 1;
        self.go_on();
    }

    fn go_on(&mut self) {
        let Some(ucx) = &mut self.ucx else { return };
        ucx.progress();
        self.tell();
        self.notice_the_end();
    }

    /// Wakes who sleeps if there may be something for it.
    fn tell(&mut self) {
        if let Some(ucx) = &self.ucx
            && ucx.has_changed()
        {
            let failed = ucx.error().is_err();
            self.ring_those(|waits| waits || failed);
        }
    }

    /// Tells the peer when all that it has announced is here.
    fn notice_the_end(&mut self) {
        if self.has_said_arrived || self.inbound.end.is_none() {
            return;
        }
        if self.inbound.end == Some(self.ucx.as_ref().map_or(0, Ucx::come)) {
            self.has_said_arrived = true;
            control::arrived(&mut self.out);
            let _ = self.flush_control();
            // It is an end that all wait for.
            self.ring();
        }
    }

    /// Where the peer's stream stands: something is there, it has ended, it has failed, or neither.
    fn inward(&self) -> Inward {
        if !self.inbound.data.is_empty() || self.ucx.as_ref().is_some_and(Ucx::readable) {
            return Inward::There;
        }
        if self.inbound.end == Some(self.ucx.as_ref().map_or(0, Ucx::come)) {
            return Inward::Ended;
        }
        if let Some((kind, reason)) = &self.lost {
            return Inward::Failed(io::Error::new(*kind, reason.clone()));
        }
        if let Some(Err(error)) = self.ucx.as_ref().map(Ucx::error) {
            return Inward::Failed(error);
        }
        let overdue = match (self.gone, self.inbound.end) {
            (None, _) => false,
            // It died, or broke off.
            (Some(_), None) => true,
            (Some(since), Some(_)) => since.elapsed() > GRACE,
        };
        if overdue {
            return Inward::Failed(io::ErrorKind::ConnectionReset.into());
        }
        Inward::Nothing
    }

    /// Why nothing can be sent any more, if that is so.
    fn outward(&self) -> io::Result<()> {
        if self.ended {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        if let Some((kind, reason)) = &self.lost {
            return Err(io::Error::new(*kind, reason.clone()));
        }
        if self.gone.is_some() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        match &self.ucx {
            Some(ucx) => ucx.error(),
            None => Ok(()),
        }
    }

    fn writable(&self) -> bool {
        self.outward().is_err()
            || match &self.ucx {
                Some(ucx) => ucx.writable(),
                None => self.out.is_empty() && self.left() > 0,
            }
    }

    /// What holds of `interest`.
    fn look(&self, interest: Interest) -> Ready {
        let has_ended = self.ended && matches!(self.inward(), Inward::Ended);
        Ready {
            readable: interest.readable && !matches!(self.inward(), Inward::Nothing),
            writable: interest.writable && self.writable(),
            woken: false,
            closed: has_ended
                || self.lost.is_some()
                || self.ucx.as_ref().is_some_and(|ucx| ucx.error().is_err())
                || (self.gone.is_some() && !matches!(self.inward(), Inward::Nothing)),
        }
    }

    /// A bell to sleep on, which tells of the end, and of more if the sleeper waits for that.
    fn begin_sleep(&mut self, waits: bool) -> io::Result<Arc<OwnedFd>> {
        let bell = match self.bells.pop() {
            Some(bell) => bell,
            None => Arc::new(bell()?),
        };
        self.sleepers.push((Arc::clone(&bell), waits));
        Ok(bell)
    }

    fn end_sleep(&mut self, bell: Arc<OwnedFd>) {
        self.sleepers
            .retain(|(sleeper, _)| !Arc::ptr_eq(sleeper, &bell));
        let _ = rustix::io::read(&bell, &mut [0; 8]);
        self.bells.push(bell);
    }

    /// Has the keeper look after what was sent.
    fn wake_keeper(&mut self) {
        if std::mem::replace(&mut self.keeper_sleeps, false)
            && let Some(keeper) = &self.keeper
        {
            // It can only fail when the counter is full: then it rings already.
            let _ = rustix::io::write(keeper, &1u64.to_ne_bytes());
        }
    }

    /// Closes the connection.
    fn close(&mut self) {
        // Handed on otherwise.
        if self.control.is_some() {
            self.end();
            if self.has_met() {
                self.linger();
            }
        }
        self.ucx = None;
        self.control = None;
        self.keeper_sleeps = true;
        self.wake_keeper();
    }

    /// Says that nothing more follows.
    fn end(&mut self) {
        if !std::mem::replace(&mut self.ended, true) {
            control::end(self.ucx.as_ref().map_or(0, Ucx::sent), &mut self.out);
            let _ = self.flush_control();
        }
    }

    /// Stays until the peer has what was sent, for a while.
    fn linger(&mut self) {
        let begun = Instant::now();
        while !self.inbound.arrived
            && self.gone.is_none()
            && self.lost.is_none()
            && begun.elapsed() < LINGER
        {
            self.progress();
            self.hear();
            let Some(ucx) = &self.ucx else { return };
            if ucx.error().is_err() || self.inbound.arrived || self.gone.is_some() {
                return;
            }
            let Some(socket) = self
                .control
                .as_ref()
                .and_then(|control| control.poller.descriptor())
            else {
                return;
            };
            if matches!(ucx.arm(), Ok(true)) {
                // SAFETY: open for as long as UCX's worker.
                let descriptor = unsafe { BorrowedFd::borrow_raw(ucx.descriptor()) };
                let mut fds =
                    [socket, descriptor].map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN));
                let _ = poll_until(&mut fds, Some(Duration::from_millis(50)));
            }
        }
    }
}

/// What threads sleep on.
fn bell() -> io::Result<OwnedFd> {
    Ok(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?)
}

enum Inward {
    There,
    Nothing,
    Ended,
    Failed(io::Error),
}

struct UcxSender {
    parts: Arc<Parts>,
}

impl Sender for UcxSender {
    fn try_send(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        if bufs.iter().all(|buf| buf.is_empty()) {
            return Ok(0);
        }
        let mut guard = lock(&self.parts.core);
        let core = &mut *guard;
        core.outward()?;
        let Some(ucx) = &mut core.ucx else {
            core.flush_control()?;
            let most = MOST_DATA.min(core.left());
            if !core.out.is_empty() || most == 0 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            let mut bytes = Vec::new();
            for buf in bufs {
                let left = most - bytes.len();
                bytes.extend_from_slice(&buf[..buf.len().min(left)]);
            }
            core.said += bytes.len();
            control::data(&bytes, &mut core.out);
            core.flush_control()?;
            if !core.out.is_empty() {
                core.wake_keeper();
            }
            return Ok(bytes.len());
        };
        let sent = ucx.send(bufs);
        core.tell();
        let sent = sent?;
        core.used += 1;
        core.wake_keeper();
        Ok(sent)
    }

    fn shutdown(&mut self) -> io::Result<()> {
        lock(&self.parts.core).end();
        Ok(())
    }
}

struct UcxReceiver {
    parts: Arc<Parts>,
}

impl Receiver for UcxReceiver {
    fn try_recv(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        if bufs.iter().all(|buf| buf.is_empty()) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut guard = lock(&self.parts.core);
        let core = &mut *guard;
        if !core.has_met() {
            core.hear();
        }
        if !core.inbound.data.is_empty() {
            let mut total = 0;
            for buf in bufs {
                let count = buf.len().min(core.inbound.data.len());
                for (to, from) in buf.iter_mut().zip(core.inbound.data.drain(..count)) {
                    *to = from;
                }
                total += count;
            }
            core.wake_keeper();
            return Ok(total);
        }
        if let Some(ucx) = &mut core.ucx {
            let count = ucx.receive(bufs);
            core.tell();
            if count > 0 {
                if core.inbound.end.is_some() {
                    core.notice_the_end();
                }
                return Ok(count);
            }
            // It has found nothing new.
            core.used += 1;
            core.notice_the_end();
        }
        match core.inward() {
            Inward::There | Inward::Nothing => Err(io::ErrorKind::WouldBlock.into()),
            Inward::Ended => Ok(0),
            Inward::Failed(error) => Err(error),
        }
    }
}

struct UcxPoller {
    parts: Arc<Parts>,
    /// The control connection's.
    socket: Arc<OwnedFd>,
}

impl Poller for UcxPoller {
    fn wait(
        &self,
        interest: Interest,
        waker: Option<&Waker>,
        timeout: Option<Duration>,
    ) -> io::Result<Ready> {
        // The clock is only read when there is something to count.
        let deadline = match timeout {
            Some(timeout) if !timeout.is_zero() => Instant::now().checked_add(timeout),
            _ => None,
        };
        let mut left = timeout;
        loop {
            let mut core = lock(&self.parts.core);
            core.progress();
            let mut ready = core.look(interest);
            if ready != Ready::default() {
                ready.woken = waker.is_some_and(|waker| waker.is_pending() && waker.drain());
                return Ok(ready);
            }
            // Whoever waits for nothing of the connection's leaves it to others.
            let waits = interest.readable || interest.writable;
            let mut descriptor = None;
            if let Some(ucx) = &mut core.ucx
                && waits
            {
                if !ucx.arm()? {
                    continue;
                }
                descriptor = Some(ucx.descriptor());
            }
            if core.gone.is_some() {
                // What is announced comes soon, or not at all.
                let soon = Duration::from_millis(100);
                left = Some(left.map_or(soon, |left| left.min(soon)));
            }
            let has_room = core.gone.is_none() && core.has_room();
            let has_more = !core.out.is_empty();
            let listens = usize::from(descriptor.is_some());
            let bell = core.begin_sleep(waits)?;
            core.listeners += listens;
            drop(core);

            let mut events = PollFlags::empty();
            events.set(PollFlags::IN, has_room);
            events.set(PollFlags::OUT, has_more);
            let control = PollFd::from_borrowed_fd(self.socket.as_fd(), events);
            let mut fds = [control.clone(), control.clone(), control.clone(), control];
            fds[1] = PollFd::from_borrowed_fd(bell.as_fd(), PollFlags::IN);
            let mut count = 2;
            if let Some(descriptor) = descriptor {
                // SAFETY: open for as long as UCX's worker, which goes with the connection's last part, and this is one.
                let descriptor = unsafe { BorrowedFd::borrow_raw(descriptor) };
                fds[count] = PollFd::from_borrowed_fd(descriptor, PollFlags::IN);
                count += 1;
            }
            let woken_by = count;
            if let Some(waker) = waker {
                fds[count] = PollFd::from_borrowed_fd(waker.as_fd(), PollFlags::IN);
                count += 1;
            }
            // Where its end is known, or there is no room for more, the control connection is not asked.
            let skip = usize::from(!has_room && !has_more);
            let polled = poll_until(&mut fds[skip..count], left);
            let heard = skip == 0 && !fds[0].revents().is_empty();
            let woken =
                waker.is_some_and(|waker| !fds[woken_by].revents().is_empty() && waker.drain());

            let mut core = lock(&self.parts.core);
            core.end_sleep(bell);
            core.listeners -= listens;
            polled?;
            if heard {
                core.hear();
            }
            if woken {
                core.progress();
                let ready = core.look(interest);
                return Ok(Ready { woken, ..ready });
            }
            let over = match (timeout, deadline) {
                (Some(timeout), _) if timeout.is_zero() => true,
                (_, Some(deadline)) => {
                    let now = Instant::now();
                    left = Some(deadline.saturating_duration_since(now));
                    now >= deadline
                }
                // For ever, or longer than the clock can tell.
                _ => {
                    left = None;
                    false
                }
            };
            if over {
                core.progress();
                return Ok(core.look(interest));
            }
        }
    }

    fn wait_for_end(&self) -> io::Result<()> {
        // Whatever it is that poll tells of then, it is the end.
        let mut end = [PollFd::from_borrowed_fd(
            self.socket.as_fd(),
            PollFlags::RDHUP,
        )];
        poll_until(&mut end, None).map(|_| ())
    }
}

/// What goes to another process beside the control connection.
struct State {
    side: Side,
    buffer_bytes: Option<usize>,
    inbound: Inbound,
    out: Vec<u8>,
    scheme: String,
    control: Vec<u8>,
}

impl State {
    fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![u8::from(self.side == Side::Server)];
        let buffer = self.buffer_bytes.map_or(0, |bytes| bytes as u64);
        bytes.extend_from_slice(&buffer.to_le_bytes());
        self.inbound.encode(&mut bytes);
        for part in [&self.out[..], self.scheme.as_bytes(), &self.control] {
            bytes.extend_from_slice(&(part.len() as u32).to_le_bytes());
            bytes.extend_from_slice(part);
        }
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (&[side], rest) = bytes.split_first_chunk::<1>()?;
        let (buffer, rest) = rest.split_first_chunk::<8>()?;
        let (inbound, rest) = Inbound::decode(rest)?;
        let (out, rest) = control::counted(rest)?;
        let (scheme, rest) = control::counted(rest)?;
        let (control, rest) = control::counted(rest)?;
        // Not another one of these, and so on.
        let scheme = str::from_utf8(scheme).ok()?;
        if !rest.is_empty() || !matches!(scheme, "tcp" | "tls") {
            return None;
        }
        Some(Self {
            side: match side {
                0 => Side::Client,
                1 => Side::Server,
                _ => return None,
            },
            buffer_bytes: match u64::from_le_bytes(*buffer) {
                0 => None,
                bytes => Some(usize::try_from(bytes).ok()?),
            },
            inbound,
            out: out.to_vec(),
            scheme: scheme.to_owned(),
            control: control.to_vec(),
        })
    }
}

struct UcxTransfer {
    parts: Arc<Parts>,
}

impl Transfer for UcxTransfer {
    fn handoff(self: Box<Self>) -> Result<Handoff, NotTransferable> {
        let core = &mut *lock(&self.parts.core);
        if core.ucx.is_some() {
            return Err(NotTransferable::new(
                "its data goes over UCX, which stays in its process",
            ));
        }
        let Some(control) = core.control.take() else {
            return Err(NotTransferable::new("it has been handed on"));
        };
        core.keeper_sleeps = true;
        core.wake_keeper();
        let Handoff { scheme, fds, state } = control.handoff()?;
        let state = State {
            side: core.side,
            buffer_bytes: core.buffer_bytes,
            inbound: std::mem::take(&mut core.inbound),
            out: std::mem::take(&mut core.out),
            scheme,
            control: state.to_vec(),
        };
        Ok(Handoff {
            scheme: "ucx".to_owned(),
            fds,
            state: state.encode().into(),
        })
    }
}

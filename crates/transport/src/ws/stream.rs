//! A connection behind its upgrade: frames over a socket, or over TLS.
//!
//! # Sending
//!
//! A frame's head says how much follows. What the kernel does not take of that belongs to the caller still, and goes on with the next
//! call: the frame stays open meanwhile, and nothing else comes in between. So nothing is copied that need not be (a client's bytes
//! are, into a place where they can be masked, or by TLS), and nothing is kept but a few bytes of heads and control frames.
//!
//! Control frames are sent by whoever comes by when no frame is open: who sends, who receives, or who waits. So all of that is under a
//! lock, which is held for a system call that never blocks.
//!
//! # The end
//!
//! `Close` is the end of one direction, as a FIN is elsewhere: the other goes on. The socket is shut when both have said it, since
//! proxies take a FIN for the end of both. The receiver of a `Close` shuts its own socket for reading, which the kernel then tells
//! everybody who waits.
//!
//! Who has said that nothing follows may leave at once, and an end without a `Close` is a cut. So where there is no room for it then, a
//! thread stays until there is ([`see_off`]).
//!
//! # Pings
//!
//! Proxies end connections on which nothing is sent for a while. Whoever waits sends a ping when this side has sent nothing for some
//! time, in the direction that some proxies alone look at, too; an answer is not waited for.

use super::error::WsError;
use super::frame::{
    BROKEN, Head, Inbound, MAX_CONTROL, MAX_HEAD, MAX_PAYLOAD, Mask, Masks, NO_TEXT, NORMAL,
    Opcode, STATE, Step, Wanted,
};
use super::plain::{self, MAX_SLICES, PlainPoller, PlainReceiver, PlainTransfer};
use crate::connection::{Connection, PeerInfo, Receiver, Sender, Transfer};
use crate::error::NotTransferable;
use crate::handoff::Handoff;
use crate::poller::{Interest, Poller, Ready};
use crate::thread::see_off;
use crate::tls::stream::{Parts, TlsReceiver, TlsSender};
use crate::waker::Waker;
use crate::{tcp, tls};
use rustix::fd::{BorrowedFd, OwnedFd};
use rustix::io::Errno;
use rustix::net::{SendAncillaryBuffer, SendFlags, Shutdown, send, sendmsg, shutdown};
use rustix::process::{Pid, getpid};
use std::io::{self, IoSlice, IoSliceMut};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// How many frames for nobody are read before whoever reads gets his turn again.
const MAX_IDLE: u32 = 64;
/// So often a look at the clock is taken by who never waits.
const LOOK: u32 = 1024;

/// Where a connection's frames go, and where they come from.
pub(crate) struct Carried {
    pub(crate) carrier: Carrier,
    pub(crate) source: Source,
    pub(crate) poller: Arc<dyn Poller>,
    pub(crate) transfer: Box<dyn Transfer>,
    pub(crate) peer: PeerInfo,
}

impl Carried {
    /// A socket, from which this has been read already.
    pub(crate) fn plain(socket: OwnedFd, peer: PeerInfo, read: Vec<u8>) -> io::Result<Self> {
        let shared = plain::Shared::new(socket, read)?;
        Ok(Self {
            carrier: Carrier::Plain {
                shared: Arc::clone(&shared),
                masked: Vec::new(),
            },
            source: Source::Plain(PlainReceiver::new(Arc::clone(&shared))),
            poller: Arc::new(PlainPoller::new(Arc::clone(&shared))),
            transfer: Box::new(PlainTransfer::new(shared)),
            peer,
        })
    }

    pub(crate) fn tls(parts: Parts) -> Self {
        let Parts {
            sender,
            receiver,
            poller,
            transfer,
            peer,
        } = parts;
        Self {
            carrier: Carrier::Tls(sender),
            source: Source::Tls(receiver),
            poller,
            transfer: Box::new(transfer),
            peer,
        }
    }
}

/// Where frames go.
pub(crate) enum Carrier {
    Plain {
        shared: Arc<plain::Shared>,
        /// What is being sent, under its mask.
        masked: Vec<u8>,
    },
    Tls(TlsSender),
}

impl Carrier {
    /// Sends `head` and behind it the slices' bytes under a mask, as far as they fit. Counts both. At most [`MAX_SLICES`] slices.
    pub(crate) fn send(
        &mut self,
        head: &[u8],
        mask: Mask,
        bufs: &[IoSlice<'_>],
    ) -> io::Result<usize> {
        const FLAGS: SendFlags = SendFlags::NOSIGNAL.union(SendFlags::DONTWAIT);
        let (shared, masked) = match self {
            Self::Tls(sender) => return sender.send_masked(head, mask, bufs),
            Self::Plain { shared, masked } => (shared, masked),
        };
        let socket = shared.socket();
        if mask != Mask::NONE {
            let count: usize = head.len() + bufs.iter().map(|buf| buf.len()).sum::<usize>();
            if masked.len() < count {
                masked.resize(count, 0);
            }
            tls::Gather::masked(head, mask, bufs).fill(&mut masked[..count]);
            loop {
                match send(socket, &masked[..count], FLAGS) {
                    Err(Errno::INTR) => {}
                    sent => return Ok(sent?),
                }
            }
        }
        let mut slices = [IoSlice::new(&[]); MAX_SLICES + 1];
        slices[0] = IoSlice::new(head);
        slices[1..=bufs.len()].copy_from_slice(bufs);
        loop {
            match sendmsg(
                socket,
                &slices[..=bufs.len()],
                &mut SendAncillaryBuffer::default(),
                FLAGS,
            ) {
                Err(Errno::INTR) => {}
                sent => return Ok(sent?),
            }
        }
    }

    /// Whether there is something that it has taken and the kernel has refused.
    fn is_resting(&self) -> bool {
        match self {
            Self::Plain { .. } => false,
            Self::Tls(sender) => sender.is_resting(),
        }
    }

    fn socket(&self) -> BorrowedFd<'_> {
        match self {
            Self::Plain { shared, .. } => shared.socket(),
            Self::Tls(sender) => sender.socket(),
        }
    }

    /// Nothing follows.
    pub(crate) fn shutdown(&mut self) {
        match self {
            // Only what has ended already refuses.
            Self::Plain { shared, .. } => drop(shutdown(shared.socket(), Shutdown::Write)),
            Self::Tls(sender) => drop(sender.shutdown()),
        }
    }
}

/// Where frames come from.
pub(crate) enum Source {
    Plain(PlainReceiver),
    Tls(TlsReceiver),
}

impl Source {
    /// As [`Receiver::try_recv`], of at most [`MAX_SLICES`] slices. [`Self::tell`] has to follow.
    pub(crate) fn try_recv(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        match self {
            Self::Plain(receiver) => receiver.try_recv(bufs),
            Self::Tls(receiver) => receiver.try_recv(bufs),
        }
    }

    /// Whether a call would find something without asking the kernel.
    fn is_ahead(&self) -> bool {
        match self {
            Self::Plain(receiver) => receiver.is_ahead(),
            Self::Tls(receiver) => receiver.is_ahead(),
        }
    }

    /// Tells who waits whether there is something.
    pub(crate) fn tell(&mut self) {
        if let Self::Plain(receiver) = self {
            receiver.tell();
        }
    }
}

/// What a control frame may carry, without allocating.
#[derive(Clone, Copy)]
struct Body {
    bytes: [u8; MAX_CONTROL],
    length: usize,
}

impl Body {
    fn new(bytes: &[u8]) -> Self {
        let length = bytes.len().min(MAX_CONTROL);
        let mut body = Self {
            bytes: [0; MAX_CONTROL],
            length,
        };
        body.bytes[..length].copy_from_slice(&bytes[..length]);
        body
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// The direction towards the peer.
struct Outbound {
    /// What changes a client's bytes; a server's go as they are.
    masks: Option<Masks>,
    /// The frame that is open: what of it is still to be sent, and under which mask.
    open: usize,
    mask: Mask,
    /// What has to go before anything else, in whole: of heads and control frames.
    pending: Vec<u8>,
    /// The answer to the last ping.
    pong: Option<Body>,
    ping: bool,
    /// The number of a farewell that is still to be said.
    close: Option<u16>,
    /// Nothing more may follow but that.
    shut: bool,
    /// The peer has sent its last.
    peer_ended: bool,
    /// Both have said so, and the socket is shut.
    over: bool,
}

impl Outbound {
    fn new(of_client: bool) -> Self {
        Self {
            masks: of_client.then(Masks::new),
            open: 0,
            mask: Mask::NONE,
            pending: Vec::new(),
            pong: None,
            ping: false,
            close: None,
            shut: false,
            peer_ended: false,
            over: false,
        }
    }

    /// Whether there is something that could be sent and is not the caller's.
    fn owes(&self) -> bool {
        let waits = self.pong.is_some() || self.ping || self.close.is_some();
        !self.pending.is_empty() || self.open == 0 && waits
    }

    fn next_mask(&mut self) -> Option<Mask> {
        self.masks.as_mut().map(Masks::next)
    }

    /// Makes the next control frame ready, if one is due and may go.
    fn compose(&mut self) -> bool {
        if self.open > 0 {
            return false;
        }
        let (opcode, body) = if let Some(body) = self.pong.take() {
            (Opcode::Pong, body)
        } else if std::mem::take(&mut self.ping) {
            (Opcode::Ping, Body::new(&[]))
        } else if let Some(code) = self.close.take() {
            (Opcode::Close, Body::new(&code.to_be_bytes()))
        } else {
            return false;
        };
        let mask = self.next_mask();
        let body = body.as_bytes();
        self.pending
            .extend_from_slice(Head::new(opcode, body.len(), mask).as_bytes());
        let start = self.pending.len();
        self.pending.extend_from_slice(body);
        mask.unwrap_or(Mask::NONE).apply(&mut self.pending[start..]);
        true
    }

    /// Sends what has to go before anything else. `WouldBlock`: the kernel refuses.
    fn settle(&mut self, carrier: &mut Carrier) -> io::Result<()> {
        loop {
            while !self.pending.is_empty() {
                let sent = carrier.send(&self.pending, Mask::NONE, &[])?;
                self.pending.drain(..sent);
            }
            if !self.compose() {
                break;
            }
        }
        if self.shut && self.peer_ended && !self.over {
            self.over = true;
            carrier.shutdown();
        }
        Ok(())
    }

    /// As [`Sender::try_send`].
    fn try_send(&mut self, carrier: &mut Carrier, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        if self.owes() {
            self.settle(carrier)?;
        }
        let mut slices = [IoSlice::new(&[]); MAX_SLICES];
        let limit = if self.open > 0 {
            self.open
        } else {
            MAX_PAYLOAD
        };
        let (count, length) = first(bufs, limit, &mut slices);
        let slices = &slices[..count];
        let mut head = None;
        if self.open == 0 {
            let mask = self.next_mask();
            head = Some(Head::new(Opcode::Binary, length, mask));
            self.mask = mask.unwrap_or(Mask::NONE);
        }
        let head = head.as_ref().map_or(&[][..], Head::as_bytes);
        let sent = carrier.send(head, self.mask, slices)?;
        if !head.is_empty() {
            self.open = length;
        }
        let Some(taken) = sent.checked_sub(head.len()) else {
            // The frame has begun, and nothing of its payload has gone.
            self.pending.extend_from_slice(&head[sent..]);
            return Err(io::ErrorKind::WouldBlock.into());
        };
        self.open -= taken;
        self.mask.skip(taken);
        match taken {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            taken => Ok(taken),
        }
    }
}

/// The first slices, with at most `limit` bytes: how many they are, and their bytes.
fn first<'a>(
    bufs: &'a [IoSlice<'_>],
    limit: usize,
    slices: &mut [IoSlice<'a>; MAX_SLICES],
) -> (usize, usize) {
    let (mut count, mut length) = (0, 0);
    for buf in bufs.iter().filter(|buf| !buf.is_empty()) {
        if count == MAX_SLICES || length == limit {
            break;
        }
        let part = &buf[..buf.len().min(limit - length)];
        slices[count] = IoSlice::new(part);
        count += 1;
        length += part.len();
    }
    (count, length)
}

/// What the ends of a connection share.
struct Shared {
    /// The process whose connection this is. A child that was forked off has the socket as well, and nothing to say on it.
    process: Pid,
    out: Mutex<Out>,
    poller: Arc<dyn Poller>,
    /// [`Outbound::owes`], for those who wait.
    owed: AtomicBool,
    /// The connection has failed: nothing more is sent.
    failed: AtomicBool,
    /// Something was sent since somebody has looked.
    sent: AtomicBool,
    /// How long nothing may be sent.
    quiet: Duration,
    born: Instant,
    /// When that is over, in milliseconds since.
    due: AtomicU64,
    /// The reader's state, when the receiver is gone.
    idle: Mutex<Option<Box<Inbound>>>,
}

struct Out {
    outbound: Outbound,
    /// Until it is handed on.
    carrier: Option<Carrier>,
}

/// All that a connection is, beyond what carries it.
pub(crate) struct State {
    outbound: Outbound,
    inbound: Inbound,
    forwarded_for: Option<String>,
    quiet: Duration,
}

impl State {
    /// Of a connection that has just been upgraded, as the end that `of_client` says.
    pub(crate) fn new(we_are_client: bool, quiet: Duration) -> Self {
        Self {
            outbound: Outbound::new(we_are_client),
            inbound: Inbound::new(!we_are_client),
            forwarded_for: None,
            quiet,
        }
    }

    pub(crate) fn forwarded_for(mut self, whom: Option<String>) -> Self {
        self.forwarded_for = whom;
        self
    }
}

/// The connection that this is the state of.
pub(crate) fn connection(scheme: &'static str, carried: Carried, state: State) -> Connection {
    let Carried {
        carrier,
        source,
        poller,
        transfer,
        mut peer,
    } = carried;
    let State {
        outbound,
        inbound,
        forwarded_for,
        quiet,
    } = state;
    peer.forwarded_for = forwarded_for;
    let owes = outbound.owes();
    let shared = Arc::new(Shared {
        process: getpid(),
        out: Mutex::new(Out {
            outbound,
            carrier: Some(carrier),
        }),
        poller,
        owed: AtomicBool::new(owes),
        failed: AtomicBool::new(false),
        sent: AtomicBool::new(false),
        quiet,
        born: Instant::now(),
        due: AtomicU64::new(millis(quiet)),
        idle: Mutex::default(),
    });
    let sender = Box::new(WsSender {
        shared: Arc::clone(&shared),
    });
    let receiver = Box::new(WsReceiver {
        shared: Arc::clone(&shared),
        inbound: Some(Box::new(inbound)),
        source,
        failed: None,
        calls: 0,
    });
    let poller = Arc::new(WsPoller {
        shared: Arc::clone(&shared),
    });
    let transfer = Box::new(WsTransfer {
        shared,
        scheme,
        transfer,
        peer: peer.clone(),
    });
    Connection::new(sender, receiver, poller, peer).transferable(transfer)
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

impl Shared {
    fn out(&self) -> MutexGuard<'_, Out> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn idle(&self) -> MutexGuard<'_, Option<Box<Inbound>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something under the lock, and tells who waits what is owed then.
    fn with<T>(
        &self,
        act: impl FnOnce(&mut Outbound, &mut Carrier) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut out = self.out();
        let Out { outbound, carrier } = &mut *out;
        let Some(carrier) = carrier else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        let done = act(outbound, carrier);
        let owes = outbound.owes();
        // Relaxed: it changes under the lock alone.
        if owes != self.owed.load(Ordering::Relaxed) {
            // Release, for the acquire of who waits.
            self.owed.store(owes, Ordering::Release);
        }
        done
    }

    /// Has a control frame sent, now or by whoever comes by next.
    fn control(&self, ask: impl FnOnce(&mut Outbound)) {
        let _ = self.with(|outbound, carrier| {
            ask(outbound);
            outbound.settle(carrier)
        });
    }

    /// Sends a ping if this side has been quiet for long enough. Answers how long it still may be.
    fn beat(&self) -> Duration {
        let now = millis(self.born.elapsed());
        // Relaxed, all of it: that two send a ping, or one sends it a moment later, is all that can go wrong.
        let due = self.due.load(Ordering::Relaxed);
        if now < due {
            return Duration::from_millis(due - now);
        }
        self.due
            .store(now.saturating_add(millis(self.quiet)), Ordering::Relaxed);
        if !self.sent.swap(false, Ordering::Relaxed) && !self.failed.load(Ordering::Acquire) {
            self.control(|outbound| outbound.ping |= !outbound.shut);
        }
        self.quiet
    }

    /// The peer breaks the rules: nothing of it can be believed any more.
    fn fail(&self, code: Option<u16>) {
        let _ = self.with(|outbound, carrier| {
            outbound.close = code.filter(|_| !outbound.shut);
            outbound.shut = true;
            outbound.pong = None;
            let _ = outbound.settle(carrier);
            carrier.shutdown();
            // Everybody who waits hears of it.
            let _ = shutdown(carrier.socket(), Shutdown::Both);
            Ok(())
        });
        self.failed.store(true, Ordering::Release);
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // What is handed on lives.
        let out = self.out.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(carrier) = &mut out.carrier
            && self.process == getpid()
            && !out.outbound.shut
        {
            out.outbound.shut = true;
            // In the middle of a frame there is no farewell: the peer sees that it was cut off.
            out.outbound.close = Some(NORMAL);
            let _ = out.outbound.settle(carrier);
        }
    }
}

struct WsSender {
    shared: Arc<Shared>,
}

impl Sender for WsSender {
    fn try_send(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        if bufs.iter().all(|buf| buf.is_empty()) {
            return Ok(0);
        }
        let shared = &*self.shared;
        if shared.failed.load(Ordering::Acquire) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        shared.with(|outbound, carrier| {
            if outbound.shut {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            let taken = outbound.try_send(carrier, bufs)?;
            if outbound.owes() {
                // They had to wait for the frame's end. If there is no room for them, they go on waiting.
                let _ = outbound.settle(carrier);
            }
            // Not with every call: other cores read it.
            if !shared.sent.load(Ordering::Relaxed) {
                shared.sent.store(true, Ordering::Relaxed);
            }
            Ok(taken)
        })
    }

    fn shutdown(&mut self) -> io::Result<()> {
        let shut = self.shared.with(|outbound, carrier| {
            if outbound.shut {
                return Ok(());
            }
            outbound.shut = true;
            if outbound.open > 0 {
                // There is no farewell in the middle of a frame: the peer sees that it was cut off.
                outbound.over = true;
                carrier.shutdown();
                return Ok(());
            }
            outbound.close = Some(NORMAL);
            outbound.settle(carrier)
        });
        let rests = |outbound: &mut Outbound, carrier: &mut Carrier| {
            Ok(outbound.owes() || carrier.is_resting())
        };
        if self.shared.with(rests).unwrap_or(false) {
            let shared = Arc::clone(&self.shared);
            see_off(Arc::new(WsPoller { shared }));
        }
        match shut {
            // It has ended already, or goes on when there is room.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::BrokenPipe
                        | io::ErrorKind::ConnectionReset
                        | io::ErrorKind::NotConnected
                        | io::ErrorKind::WouldBlock
                ) =>
            {
                Ok(())
            }
            shut => shut,
        }
    }
}

struct WsReceiver {
    shared: Arc<Shared>,
    /// Until it is dropped.
    inbound: Option<Box<Inbound>>,
    source: Source,
    /// Why nothing more is received.
    failed: Option<WsError>,
    calls: u32,
}

impl Receiver for WsReceiver {
    fn try_recv(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        // 0 has a meaning of its own, so it must not also mean "no room".
        if bufs.iter().all(|buf| buf.is_empty()) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        // Who always has something to do never waits.
        self.calls = self.calls.wrapping_add(1);
        if self.calls.is_multiple_of(LOOK) {
            self.shared.beat();
        }
        if let Some(error) = &self.failed {
            return Err(error.clone().into());
        }
        let received = self.receive(bufs);
        self.source.tell();
        received
    }
}

impl WsReceiver {
    fn receive(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let (mut taken, mut idle) = (0, 0);
        loop {
            match self.step(bufs, taken) {
                Ok(Progress::Data(count)) => taken += count,
                Ok(Progress::Frame) => {}
                Ok(Progress::Idle) => idle += 1,
                Ok(Progress::End | Progress::Full) => return Ok(taken),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return match taken {
                        0 => Err(error),
                        taken => Ok(taken),
                    };
                }
                Err(error) => {
                    let error = WsError::from(error);
                    self.shared.fail(match &error {
                        WsError::Broken(_) => Some(BROKEN),
                        WsError::Text => Some(NO_TEXT),
                        _ => None,
                    });
                    self.failed = Some(error.clone());
                    return match taken {
                        0 => Err(error.into()),
                        taken => Ok(taken),
                    };
                }
            }
            // The kernel is asked once a call, as long as that has brought something.
            if taken > 0 && !self.source.is_ahead() {
                return Ok(taken);
            }
            if idle == MAX_IDLE {
                return match taken {
                    0 => Err(io::ErrorKind::WouldBlock.into()),
                    taken => Ok(taken),
                };
            }
        }
    }

    /// Reads a part of a frame; data behind the first `taken` bytes of `bufs`.
    fn step(&mut self, bufs: &mut [IoSliceMut<'_>], taken: usize) -> io::Result<Progress> {
        let Self {
            shared,
            inbound: Some(inbound),
            source,
            ..
        } = self
        else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        if inbound.ended {
            return Ok(Progress::End);
        }
        match inbound.wanted() {
            Wanted::Data(left) => {
                let limit = usize::try_from(left).unwrap_or(usize::MAX);
                let mut slices = std::array::from_fn(|_| IoSliceMut::new(&mut []));
                let slices = part(bufs, taken, limit, &mut slices);
                if slices.is_empty() {
                    return Ok(Progress::Full);
                }
                let count = some(source.try_recv(slices)?)?;
                let mut rest = count;
                for slice in slices {
                    let n = rest.min(slice.len());
                    inbound.mask.apply(&mut slice[..n]);
                    rest -= n;
                }
                inbound.took(count);
                Ok(Progress::Data(count))
            }
            Wanted::Frame(wanted) => {
                let mut bytes = [0; MAX_CONTROL];
                let place = &mut bytes[..wanted];
                let count = some(source.try_recv(&mut [IoSliceMut::new(place)])?)?;
                match inbound.feed(&bytes[..count]).map_err(io::Error::from)? {
                    Step::Nothing => Ok(Progress::Frame),
                    Step::Idle => Ok(Progress::Idle),
                    Step::Ping => {
                        let pong = Body::new(inbound.control());
                        // Of several the last is answered.
                        shared.control(|outbound| {
                            outbound.pong = (!outbound.shut).then_some(pong);
                        });
                        Ok(Progress::Idle)
                    }
                    Step::End => {
                        let _ = shared.with(|outbound, carrier| {
                            outbound.peer_ended = true;
                            // So that everybody who waits hears of it.
                            let _ = shutdown(carrier.socket(), Shutdown::Read);
                            outbound.settle(carrier)
                        });
                        Ok(Progress::End)
                    }
                }
            }
        }
    }
}

/// What has come of reading a part of a frame.
enum Progress {
    /// So many bytes of the stream.
    Data(usize),
    /// More of a frame.
    Frame,
    /// A frame for nobody.
    Idle,
    /// There is no room for more.
    Full,
    /// The peer has sent its last.
    End,
}

/// A stream must not end within, or between frames.
fn some(count: usize) -> io::Result<usize> {
    match count {
        0 => Err(WsError::Truncated.into()),
        count => Ok(count),
    }
}

/// The part of `bufs` behind its first `skip` bytes, at most `limit` bytes long, in at most [`MAX_SLICES`] slices.
fn part<'a, 'b>(
    bufs: &'a mut [IoSliceMut<'_>],
    mut skip: usize,
    mut limit: usize,
    slices: &'b mut [IoSliceMut<'a>; MAX_SLICES],
) -> &'b mut [IoSliceMut<'a>] {
    let mut count = 0;
    for buf in bufs {
        if count == MAX_SLICES || limit == 0 {
            break;
        }
        let skipped = skip.min(buf.len());
        skip -= skipped;
        let rest = &mut buf[skipped..];
        let length = rest.len().min(limit);
        if length > 0 {
            slices[count] = IoSliceMut::new(&mut rest[..length]);
            count += 1;
            limit -= length;
        }
    }
    &mut slices[..count]
}

impl Drop for WsReceiver {
    fn drop(&mut self) {
        *self.shared.idle() = self.inbound.take();
    }
}

struct WsPoller {
    shared: Arc<Shared>,
}

impl Poller for WsPoller {
    fn wait(
        &self,
        interest: Interest,
        waker: Option<&Waker>,
        timeout: Option<Duration>,
    ) -> io::Result<Ready> {
        let shared = &*self.shared;
        // The longest that can be said is no deadline.
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let mut left = timeout;
        loop {
            let quiet = shared.beat();
            // Acquire, partner of the release in `Shared::with`.
            let owed = shared.owed.load(Ordering::Acquire);
            let asked = Interest {
                // What is owed is sent whoever waits, and for what.
                writable: interest.writable || owed,
                ..interest
            };
            let limit = left.map_or(quiet, |left| left.min(quiet));
            let mut ready = shared.poller.wait(asked, waker, Some(limit))?;
            if owed && ready.writable {
                ready.writable = match shared.with(Outbound::settle) {
                    // Whether there is room for more, the next look tells.
                    Ok(()) => false,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        // There is room, but not for that.
                        std::thread::sleep(Duration::from_millis(1));
                        false
                    }
                    // The next sender's to hear.
                    Err(_) => {
                        shared.owed.store(false, Ordering::Release);
                        interest.writable
                    }
                };
            }
            if ready != Ready::default() || left.is_some_and(|left| left.is_zero()) {
                return Ok(ready);
            }
            if let Some(deadline) = deadline {
                let rest = deadline.saturating_duration_since(Instant::now());
                if rest.is_zero() {
                    return Ok(ready);
                }
                left = Some(rest);
            }
        }
    }

    fn wait_for_end(&self) -> io::Result<()> {
        self.shared.poller.wait_for_end()
    }
}

/// Gives the state to another process, behind that of what carries it.
struct WsTransfer {
    shared: Arc<Shared>,
    scheme: &'static str,
    transfer: Box<dyn Transfer>,
    peer: PeerInfo,
}

impl Transfer for WsTransfer {
    fn handoff(self: Box<Self>) -> Result<Handoff, NotTransferable> {
        let Self {
            shared,
            scheme,
            transfer,
            peer,
        } = *self;
        if shared.failed.load(Ordering::Acquire) {
            return Err(NotTransferable::new("it has failed"));
        }
        let inbound = shared.idle().take();
        let inbound = inbound.ok_or_else(|| NotTransferable::new("somebody keeps a part of it"))?;
        let own = {
            let mut out = shared.out();
            // Which gives up what it has, too.
            drop(out.carrier.take());
            encode(&out.outbound, &inbound, &peer, shared.quiet)
        };
        let mut handoff = transfer.handoff()?;
        // With room for all of it: what a vector leaves behind when it grows nobody would wipe.
        let mut state = Zeroizing::new(Vec::with_capacity(4 + own.len() + handoff.state.len()));
        // It is short.
        state.extend_from_slice(&(own.len() as u32).to_le_bytes());
        state.extend_from_slice(&own);
        state.extend_from_slice(&handoff.state);
        handoff.state = state;
        handoff.scheme = scheme.to_owned();
        Ok(handoff)
    }
}

/// See [`Connection::from_handoff`].
pub(crate) fn adopt(
    scheme: &'static str,
    mut handoff: Handoff,
) -> Result<Connection, NotTransferable> {
    let malformed =
        || NotTransferable::new(format!("the state of a {scheme} connection is malformed"));
    let (own, carried) = split(&handoff.state).ok_or_else(malformed)?;
    let state = decode(own).ok_or_else(malformed)?;
    let carried = Zeroizing::new(carried.to_vec());
    let carried = if scheme == "ws" {
        if carried.len() > plain::MOST {
            return Err(malformed());
        }
        let socket = crate::socket::only(handoff)?;
        let peer = tcp::prepare(&socket)
            .map_err(|e| NotTransferable::io("its socket is not a connected TCP one", e))?;
        Carried::plain(socket, peer, carried.to_vec())
            .map_err(|e| NotTransferable::io("it cannot be set up", e))?
    } else {
        handoff.state = carried;
        Carried::tls(tls::stream::adopt_parts(handoff)?)
    };
    Ok(connection(scheme, carried, state))
}

/// A state's own part, and that of what carries it.
fn split(state: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = state.split_first_chunk()?;
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
}

/// A state's flags, in a byte.
const CLIENT: u8 = 1;
const SHUT: u8 = 2;
const PEER_ENDED: u8 = 4;
const OVER: u8 = 8;
const PING: u8 = 16;
const CLOSE: u8 = 32;
const PONG: u8 = 64;
const FORWARDED: u8 = 128;

/// The most of [`Outbound::pending`] that there ever is: a frame's head, or a control frame.
const MAX_PENDING: usize = MAX_HEAD + MAX_CONTROL;

/// In a form for [`decode`] of the same build, in another process that is trusted as this one.
fn encode(outbound: &Outbound, inbound: &Inbound, peer: &PeerInfo, quiet: Duration) -> Vec<u8> {
    let flags = [
        (outbound.masks.is_some(), CLIENT),
        (outbound.shut, SHUT),
        (outbound.peer_ended, PEER_ENDED),
        (outbound.over, OVER),
        (outbound.ping, PING),
        (outbound.close.is_some(), CLOSE),
        (outbound.pong.is_some(), PONG),
        (peer.forwarded_for.is_some(), FORWARDED),
    ];
    let flags = flags.iter().filter(|(set, _)| *set).map(|(_, flag)| flag);
    let mut state = vec![flags.sum()];
    let mut put = |bytes: &[u8]| state.extend_from_slice(bytes);
    put(&(outbound.open as u32).to_le_bytes());
    put(&outbound.mask.0);
    put(&outbound.close.unwrap_or_default().to_le_bytes());
    put(&millis(quiet).to_le_bytes());
    put(&inbound.encode());
    for part in [
        &outbound.pending[..],
        outbound.pong.as_ref().map_or(&[], Body::as_bytes),
        peer.forwarded_for.as_deref().unwrap_or_default().as_bytes(),
    ] {
        // All of them are short.
        put(&(part.len() as u32).to_le_bytes());
        put(part);
    }
    state
}

fn decode(state: &[u8]) -> Option<State> {
    let (&[flags], rest) = state.split_first_chunk()?;
    let is = |flag| flags & flag != 0;
    let (open, rest) = rest.split_first_chunk()?;
    let (mask, rest) = rest.split_first_chunk()?;
    let (close, rest) = rest.split_first_chunk()?;
    let (quiet, rest) = rest.split_first_chunk()?;
    let (inbound, mut rest) = rest.split_first_chunk::<STATE>()?;
    let mut part = || {
        let (length, behind) = rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (part, behind) = behind.split_at_checked(length)?;
        rest = behind;
        Some(part)
    };
    let (pending, pong, forwarded_for) = (part()?, part()?, part()?);
    let forwarded_for = str::from_utf8(forwarded_for).ok()?.to_owned();
    let mut outbound = Outbound::new(is(CLIENT));
    outbound.open = usize::try_from(u32::from_le_bytes(*open)).ok()?;
    outbound.mask = Mask(*mask);
    outbound.pending = pending.to_vec();
    outbound.pong = is(PONG).then(|| Body::new(pong));
    outbound.ping = is(PING);
    outbound.close = is(CLOSE).then_some(u16::from_le_bytes(*close));
    outbound.shut = is(SHUT);
    outbound.peer_ended = is(PEER_ENDED);
    outbound.over = is(OVER);
    let good = rest.is_empty()
        && outbound.open <= MAX_PAYLOAD
        && pending.len() <= MAX_PENDING
        && pong.len() <= MAX_CONTROL;
    good.then_some(State {
        outbound,
        inbound: Inbound::decode(inbound)?,
        forwarded_for: is(FORWARDED).then_some(forwarded_for),
        quiet: Duration::from_millis(u64::from_le_bytes(*quiet).max(1)),
    })
}

//! A connection behind its handshake: records over a socket, in two directions that share nothing but the socket.
//!
//! # Sending
//!
//! A record is sent as a whole or its bytes are worth nothing to the peer, and what [`try_send`](Sender::try_send) has taken must
//! arrive without anybody calling again. So no record is begun for which the kernel has no room: it is asked how much it has
//! ([`Room`]), about once in as many bytes as fit. Where it takes less than it said (it is short of memory), what is left of the
//! record that was begun waits in [`Shared::rest`] for the next who sends or waits, behind the last one for a thread ([`see_off`]);
//! records that were not begun have never been: they are forgotten, with their numbers.
//!
//! # Receiving
//!
//! What has been read from the socket is no longer the kernel's to tell of: [`Ahead`] does.

use super::error::TlsError;
use super::record::{
    ALERT, CLOSE_NOTIFY, FULL, Gather, HANDSHAKE, Inbound, KEY_UPDATE_MESSAGE, Keys, MAX_PLAIN,
    OVERHEAD, Outbound, Step, Suite,
};
use crate::ahead::{Ahead, Resting};
use crate::connection::{Connection, PeerCertificate, PeerInfo, Receiver, Sender, Transfer};
use crate::error::NotTransferable;
use crate::handoff::Handoff;
use crate::poller::{Interest, Poller, Ready, poll_until};
use crate::socket::ask;
use crate::thread::see_off;
use crate::waker::Waker;
use crate::ws::Mask;
use rustix::event::{PollFd, PollFlags};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::io::{Errno, fcntl_dupfd_cloexec};
use rustix::net::{RecvFlags, SendFlags, Shutdown, recv, send, shutdown};
use rustix::process::{Pid, getpid};
use std::io::{self, IoSlice, IoSliceMut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use zeroize::Zeroizing;

/// The most records that go to the kernel at once. More has left the processor's cache when it gets there.
const BURST: usize = 8;
/// The most bytes of records that a handoff takes along. More than an honest peer sends before it is answered.
const MAX_CARRIED: usize = 40 << 10;

/// What the ends of a connection share.
struct Shared {
    socket: OwnedFd,
    /// The process whose connection this is. A child that was forked off has the socket as well, and nothing to say on it.
    process: Pid,
    ahead: Ahead,
    /// The peer wants new keys to be used before anything else is sent.
    update_owed: AtomicBool,
    /// The connection has failed: nothing more is sent.
    failed: AtomicBool,
    /// There is something in `rest`.
    resting: AtomicBool,
    rest: Mutex<Rest>,
    /// The directions, when sender and receiver are gone.
    idle: Mutex<Idle>,
}

/// What the kernel has refused of a record that was begun.
#[derive(Default)]
struct Rest {
    bytes: Vec<u8>,
    /// Nothing follows: the socket is to be shut behind it.
    last: bool,
}

#[derive(Default)]
struct Idle {
    outbound: Option<Box<Outbound>>,
    inbound: Option<Box<Inbound>>,
}

/// All that a connection is, beside its socket.
pub(crate) struct State {
    pub(crate) peer: PeerInfo,
    pub(crate) outbound: Outbound,
    pub(crate) inbound: Inbound,
    update_owed: bool,
    rest: Rest,
}

impl State {
    /// Of a connection that has just been made.
    pub(crate) fn new(peer: PeerInfo, outbound: Outbound, inbound: Inbound) -> Self {
        Self {
            peer,
            outbound,
            inbound,
            update_owed: false,
            rest: Rest::default(),
        }
    }
}

/// A connection in parts, for those who put a layer of their own on it.
pub(crate) struct Parts {
    pub(crate) sender: TlsSender,
    pub(crate) receiver: TlsReceiver,
    pub(crate) poller: Arc<TlsPoller>,
    pub(crate) transfer: TlsTransfer,
    pub(crate) peer: PeerInfo,
}

impl Parts {
    pub(crate) fn connection(self) -> Connection {
        let Self {
            sender,
            receiver,
            poller,
            transfer,
            peer,
        } = self;
        Connection::new(Box::new(sender), Box::new(receiver), poller, peer)
            .transferable(Box::new(transfer))
    }
}

/// What this is the state of.
pub(crate) fn assemble(socket: OwnedFd, state: State) -> io::Result<Parts> {
    let State {
        peer,
        outbound,
        inbound,
        update_owed,
        rest,
    } = state;
    let buffered = inbound.has_something();
    let room = Room::new(&socket);
    let shared = Arc::new(Shared {
        ahead: Ahead::new(&socket, buffered)?,
        socket,
        process: getpid(),
        update_owed: AtomicBool::new(update_owed),
        failed: AtomicBool::new(false),
        resting: AtomicBool::new(!rest.bytes.is_empty()),
        rest: Mutex::new(rest),
        idle: Mutex::default(),
    });
    Ok(Parts {
        sender: TlsSender {
            shared: Arc::clone(&shared),
            outbound: Some(Box::new(outbound)),
            room,
        },
        receiver: TlsReceiver {
            shared: Arc::clone(&shared),
            inbound: Some(Box::new(inbound)),
            buffered,
            failed: None,
        },
        poller: Arc::new(TlsPoller {
            shared: Arc::clone(&shared),
        }),
        transfer: TlsTransfer {
            shared,
            peer: peer.clone(),
        },
        peer,
    })
}

impl Shared {
    fn rest(&self) -> MutexGuard<'_, Rest> {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves this to be sent before anything else.
    fn leave(&self, bytes: &[u8], last: bool) {
        let mut rest = self.rest();
        rest.bytes.extend_from_slice(bytes);
        rest.last |= last;
        // Release, for the acquire in `settle`.
        self.resting.store(true, Ordering::Release);
    }

    fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        const FLAGS: SendFlags = SendFlags::NOSIGNAL.union(SendFlags::DONTWAIT);
        loop {
            match send(&self.socket, bytes, FLAGS) {
                Err(Errno::INTR) => {}
                sent => return Ok(sent?),
            }
        }
    }

    /// Sends a record of the protocol's own: it goes whole, or what is left of it rests.
    fn send_message(&self, record: &[u8], last: bool) -> io::Result<()> {
        let sent = match self.send(record) {
            Ok(sent) => sent,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
            Err(error) => return Err(error),
        };
        if sent < record.len() {
            self.leave(&record[sent..], last);
        } else if last {
            shutdown(&self.socket, Shutdown::Write)?;
        }
        Ok(())
    }

    /// Says that nothing more follows.
    fn close(&self, outbound: &mut Outbound) -> io::Result<()> {
        if outbound.shut || self.failed.load(Ordering::Acquire) {
            return Ok(());
        }
        outbound.shut = true;
        let record = outbound.message(ALERT, &CLOSE_NOTIFY);
        match self.settle() {
            Ok(()) => self.send_message(&record, true),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                self.leave(&record, true);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Nothing of the peer's can be believed any more.
    fn fail(&self) {
        self.failed.store(true, Ordering::Release);
        let _ = shutdown(&self.socket, Shutdown::Both);
    }
}

impl Resting for Shared {
    fn is_resting(&self) -> bool {
        self.resting.load(Ordering::Acquire)
    }

    fn settle(&self) -> io::Result<()> {
        if !self.is_resting() {
            return Ok(());
        }
        let mut rest = self.rest();
        while !rest.bytes.is_empty() {
            let sent = self.send(&rest.bytes)?;
            rest.bytes.drain(..sent);
        }
        self.resting.store(false, Ordering::Release);
        if rest.last {
            let _ = shutdown(&self.socket, Shutdown::Write);
        }
        Ok(())
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // Whoever is handed on lives.
        let outbound = self.idle().outbound.take();
        if let Some(mut outbound) = outbound
            && self.process == getpid()
        {
            let _ = self.close(&mut outbound);
        }
    }
}

/// How many bytes the kernel takes of a socket, at least.
///
/// It counts what it has taken with its own book-keeping, begins a new segment only while that is below its limit, and then fills it.
/// So what is counted for all segments but the last must fit.
struct Room {
    /// What is certainly free, in the kernel's count.
    free: usize,
    /// Bytes that a segment has, at least.
    segment: usize,
    /// The kernel does not say, so what it leaves has to rest.
    blind: bool,
}

impl Room {
    /// What the kernel counts for a segment beyond its bytes, at most.
    const COST: usize = 1536;
    /// Segments are taken to be no longer than this: the peer's window may make them shorter than they begin.
    const LONGEST: usize = 8 << 10;
    /// What the kernel says where it does not know.
    const SHORTEST: usize = 536;

    fn new(socket: &OwnedFd) -> Self {
        let mut segment = [0];
        let segment = match ask(socket, libc::IPPROTO_TCP, libc::TCP_MAXSEG, &mut segment) {
            Some(_) => segment[0] as usize,
            None => Self::SHORTEST,
        };
        Self {
            free: 0,
            segment: segment.clamp(Self::SHORTEST, Self::LONGEST),
            blind: false,
        }
    }

    /// What the kernel counts for so many bytes, at most, and but for the last segment.
    fn cost(&self, bytes: usize) -> usize {
        bytes + bytes / self.segment * Self::COST
    }

    /// How many of `wanted` bytes fit. None, unless so much is free that a wait for it ends.
    fn of(&mut self, socket: &OwnedFd, wanted: usize) -> usize {
        if self.blind {
            return wanted;
        }
        if self.free < self.cost(wanted) {
            let Some((used, limit)) = memory(socket) else {
                self.blind = true;
                return wanted;
            };
            self.free = match limit.saturating_sub(used) {
                // Poll tells of room from a third of the limit on.
                free if free < limit / 4 => 0,
                free => free,
            };
        }
        // The most whose cost is no more than what is free.
        let (whole, rest) = (self.segment + Self::COST, self.segment - 1);
        wanted.min(self.free / whole * self.segment + (self.free % whole).min(rest))
    }

    fn spent(&mut self, bytes: usize) {
        self.free = self.free.saturating_sub(self.cost(bytes) + Self::COST);
    }
}

/// What the kernel counts as used of a socket's send buffer, and its limit. `None` where it does not say.
fn memory(socket: &OwnedFd) -> Option<(usize, usize)> {
    // Of the kernel's linux/sock_diag.h.
    const SNDBUF: usize = 3;
    const WMEM_QUEUED: usize = 5;
    let mut counts = [0; 9];
    let told = ask(socket, libc::SOL_SOCKET, libc::SO_MEMINFO, &mut counts)?;
    (told > WMEM_QUEUED).then(|| (counts[WMEM_QUEUED] as usize, counts[SNDBUF] as usize))
}

/// The direction towards the peer.
pub(crate) struct TlsSender {
    shared: Arc<Shared>,
    /// Until it is dropped.
    outbound: Option<Box<Outbound>>,
    room: Room,
}

impl TlsSender {
    /// As [`Sender::try_send`], of `head` and behind it the slices' bytes under a mask. Counts both.
    pub(crate) fn send_masked(
        &mut self,
        head: &[u8],
        mask: Mask,
        bufs: &[IoSlice<'_>],
    ) -> io::Result<usize> {
        let Self {
            shared,
            outbound: Some(outbound),
            room,
        } = self
        else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        let mut count: usize = bufs
            .iter()
            .map(|buf| buf.len())
            .sum::<usize>()
            .saturating_add(head.len())
            .min(BURST * MAX_PLAIN);
        if count == 0 {
            return Ok(0);
        }
        if outbound.shut || shared.failed.load(Ordering::Acquire) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        shared.settle()?;
        // Acquire, partner of the release in `try_recv`.
        if shared.update_owed.load(Ordering::Acquire) || outbound.keys.worn(BURST as u64) {
            if room.of(&shared.socket, FULL) == 0 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            shared.update_owed.store(false, Ordering::Relaxed);
            let record = outbound.message(HANDSHAKE, &KEY_UPDATE_MESSAGE);
            outbound.keys.update();
            room.spent(record.len());
            shared.send_message(&record, false)?;
            shared.settle()?;
        }
        let wanted = count + count.div_ceil(MAX_PLAIN) * OVERHEAD;
        let fits = room.of(&shared.socket, wanted);
        if fits < wanted {
            // Whole records, or else one that fits.
            count = match fits / FULL {
                0 => count.min(fits.saturating_sub(OVERHEAD)),
                records => count.min(records * MAX_PLAIN),
            };
            if count == 0 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
        }
        let first = outbound.keys.sequence;
        let records = outbound.data(&mut Gather::masked(head, mask, bufs), count);
        let sent = match shared.send(records) {
            Ok(sent) => sent,
            Err(error) => {
                // Not a byte of them has left, so their numbers are free for others.
                outbound.keys.sequence = first;
                room.free = 0;
                return Err(error);
            }
        };
        room.spent(sent);
        if sent == records.len() {
            return Ok(count);
        }
        room.free = 0;
        let begun = sent.div_ceil(FULL);
        shared.leave(&records[sent..records.len().min(begun * FULL)], false);
        outbound.keys.sequence = first + begun as u64;
        Ok(count.min(begun * MAX_PLAIN))
    }

    /// Whether there is something that was taken and the kernel has refused.
    pub(crate) fn is_resting(&self) -> bool {
        self.shared.is_resting()
    }

    pub(crate) fn socket(&self) -> BorrowedFd<'_> {
        self.shared.socket.as_fd()
    }
}

impl Sender for TlsSender {
    fn try_send(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.send_masked(&[], Mask::NONE, bufs)
    }

    fn shutdown(&mut self) -> io::Result<()> {
        let Some(outbound) = &mut self.outbound else {
            return Ok(());
        };
        let shut = self.shared.close(outbound);
        if self.is_resting() {
            let shared = Arc::clone(&self.shared);
            see_off(Arc::new(TlsPoller { shared }));
        }
        match shut {
            // It has ended already.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::BrokenPipe
                        | io::ErrorKind::ConnectionReset
                        | io::ErrorKind::NotConnected
                ) =>
            {
                Ok(())
            }
            shut => shut,
        }
    }
}

impl Drop for TlsSender {
    fn drop(&mut self) {
        self.shared.idle().outbound = self.outbound.take();
    }
}

/// The direction from the peer.
pub(crate) struct TlsReceiver {
    shared: Arc<Shared>,
    /// Until it is dropped.
    inbound: Option<Box<Inbound>>,
    /// What [`Ahead`] was told.
    buffered: bool,
    /// Why nothing more is received.
    failed: Option<TlsError>,
}

impl Receiver for TlsReceiver {
    fn try_recv(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        // 0 has a meaning of its own, so it must not also mean "no room".
        if bufs.iter().all(|b| b.is_empty()) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let received = self.receive(bufs);
        let buffered = self.failed.is_some()
            || self
                .inbound
                .as_ref()
                .is_none_or(|inbound| inbound.has_something());
        if buffered != self.buffered {
            self.buffered = buffered;
            self.shared.ahead.tell(buffered);
        }
        received
    }
}

impl TlsReceiver {
    /// Whether a call would find something without asking the kernel.
    pub(crate) fn is_ahead(&self) -> bool {
        self.buffered
    }

    fn receive(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let Self {
            shared,
            inbound: Some(inbound),
            failed,
            ..
        } = self
        else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        if let Some(error) = failed {
            return Err(error.clone().into());
        }
        let mut bufs = bufs.iter_mut();
        let mut place: &mut [u8] = &mut [];
        let mut taken = 0;
        loop {
            while !inbound.plain().is_empty() {
                if place.is_empty() {
                    match bufs.next() {
                        Some(next) => place = next,
                        None => return Ok(taken),
                    }
                    continue;
                }
                let plain = inbound.plain();
                let n = plain.len().min(place.len());
                let (filled, left) = place.split_at_mut(n);
                filled.copy_from_slice(&plain[..n]);
                place = left;
                inbound.take(n);
                taken += n;
            }
            let step = match inbound.next() {
                Ok(step) => step,
                Err(error) => {
                    shared.fail();
                    *failed = Some(error.clone());
                    return match taken {
                        0 => Err(error.into()),
                        taken => Ok(taken),
                    };
                }
            };
            match step {
                Step::Data | Step::Idle => {}
                // Release: whoever sends sees it, sooner or later.
                Step::UpdateKeys => shared.update_owed.store(true, Ordering::Release),
                Step::End => return Ok(taken),
                Step::Nothing if taken > 0 => return Ok(taken),
                Step::Nothing => match recv(&shared.socket, inbound.room(), RecvFlags::DONTWAIT) {
                    Ok((0, _)) => {
                        *failed = Some(TlsError::Truncated);
                        shared.fail();
                        return Err(TlsError::Truncated.into());
                    }
                    Ok((n, _)) => inbound.arrived(n),
                    Err(Errno::INTR) => {}
                    Err(error) => return Err(error.into()),
                },
            }
        }
    }
}

impl Drop for TlsReceiver {
    fn drop(&mut self) {
        self.shared.idle().inbound = self.inbound.take();
    }
}

/// Waits for either.
pub(crate) struct TlsPoller {
    shared: Arc<Shared>,
}

impl Poller for TlsPoller {
    fn wait(
        &self,
        interest: Interest,
        waker: Option<&Waker>,
        timeout: Option<Duration>,
    ) -> io::Result<Ready> {
        let shared = &*self.shared;
        shared
            .ahead
            .wait(shared.socket.as_fd(), interest, waker, timeout, shared)
    }

    fn wait_for_end(&self) -> io::Result<()> {
        // Whatever it is that poll tells of then, it is the end.
        let mut end = [PollFd::from_borrowed_fd(
            self.shared.socket.as_fd(),
            PollFlags::RDHUP,
        )];
        poll_until(&mut end, None).map(|_| ())
    }

    fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        Some(self.shared.socket.as_fd())
    }
}

/// Gives the state to another process, with the socket.
pub(crate) struct TlsTransfer {
    shared: Arc<Shared>,
    peer: PeerInfo,
}

impl Transfer for TlsTransfer {
    fn handoff(self: Box<Self>) -> Result<Handoff, NotTransferable> {
        let Self { shared, peer } = *self;
        let (outbound, inbound) = {
            let mut idle = shared.idle();
            match (idle.outbound.take(), idle.inbound.take()) {
                (Some(outbound), Some(inbound)) => (*outbound, *inbound),
                _ => return Err(NotTransferable::new("somebody keeps a part of it")),
            }
        };
        if shared.failed.load(Ordering::Acquire) {
            return Err(NotTransferable::new("it has failed"));
        }
        let socket = fcntl_dupfd_cloexec(&shared.socket, 0)
            .map_err(|e| NotTransferable::io("its descriptor cannot be duplicated", e.into()))?;
        let state = State {
            peer,
            outbound,
            inbound,
            update_owed: shared.update_owed.load(Ordering::Acquire),
            rest: std::mem::take(&mut *shared.rest()),
        };
        Ok(Handoff {
            scheme: "tls".to_owned(),
            fds: vec![socket],
            state: state.encode()?,
        })
    }
}

/// See [`Connection::from_handoff`].
pub(crate) fn adopt(handoff: Handoff) -> Result<Connection, NotTransferable> {
    adopt_parts(handoff).map(Parts::connection)
}

/// The same, in parts.
pub(crate) fn adopt_parts(handoff: Handoff) -> Result<Parts, NotTransferable> {
    let state = State::decode(&handoff.state)
        .ok_or_else(|| NotTransferable::new("the state of a tls connection is malformed"))?;
    let socket = crate::socket::only(handoff)?;
    assemble(socket, state).map_err(|e| NotTransferable::io("it cannot be set up", e))
}

/// A state's flags, in a byte.
const SHUT: u8 = 1;
const ENDED: u8 = 2;
const OF_SERVER: u8 = 4;
const UPDATE_OWED: u8 = 8;
const LAST: u8 = 16;
const LOCAL: u8 = 32;
const CERTIFIED: u8 = 64;

impl State {
    /// In a form for [`Self::decode`] of the same build, in another process that is trusted as this one.
    fn encode(&self) -> Result<Zeroizing<Vec<u8>>, NotTransferable> {
        let Self {
            peer,
            outbound,
            inbound,
            update_owed,
            rest,
        } = self;
        let carried = inbound.plain().len() + inbound.raw().len() + rest.bytes.len();
        if carried > MAX_CARRIED {
            return Err(NotTransferable::new(format!(
                "{carried} bytes of it are on their way, and at most {MAX_CARRIED} can come along"
            )));
        }
        let flags = [
            (outbound.shut, SHUT),
            (inbound.ended, ENDED),
            (inbound.of_server(), OF_SERVER),
            (*update_owed, UPDATE_OWED),
            (rest.last, LAST),
            (peer.local, LOCAL),
            (peer.certificate.is_some(), CERTIFIED),
        ];
        let flags = flags.iter().filter(|(set, _)| *set).map(|(_, flag)| flag);
        // With room for all of it: what a vector leaves behind when it grows nobody would wipe.
        let mut state = Zeroizing::new(Vec::with_capacity(carried + (4 << 10)));
        let mut put = |bytes: &[u8]| state.extend_from_slice(bytes);
        put(&[flags.sum(), outbound.keys.suite().code()]);
        for keys in [&outbound.keys, &inbound.keys] {
            put(&keys.sequence.to_le_bytes());
            put(&keys.limit().to_le_bytes());
            put(keys.secret());
        }
        let certificate = peer.certificate.clone().unwrap_or_default();
        put(&certificate.fingerprint);
        for part in [
            peer.description.as_bytes(),
            certificate.name.as_bytes(),
            inbound.plain(),
            inbound.raw(),
            &rest.bytes,
        ] {
            // All of them are short.
            put(&(part.len() as u32).to_le_bytes());
            put(part);
        }
        Ok(state)
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (&[flags, suite], mut rest) = bytes.split_first_chunk()?;
        let is = |flag| flags & flag != 0;
        let suite = Suite::from_code(suite)?;
        let bytes = &mut rest;
        let mut keys = || {
            let sequence = u64::from_le_bytes(array(bytes)?);
            let limit = u64::from_le_bytes(array(bytes)?);
            let (secret, rest) = bytes.split_at_checked(suite.secret_len())?;
            *bytes = rest;
            Keys::new(suite, secret, sequence, limit)
        };
        let (ours, theirs) = (keys()?, keys()?);
        let fingerprint = array(bytes)?;
        let mut part = || {
            let length = usize::try_from(u32::from_le_bytes(array(bytes)?)).ok()?;
            let (part, rest) = bytes.split_at_checked(length)?;
            *bytes = rest;
            Some(part)
        };
        let mut peer = PeerInfo::new(str::from_utf8(part()?).ok()?, is(LOCAL));
        peer.encrypted = true;
        let name = str::from_utf8(part()?).ok()?.to_owned();
        peer.certificate = is(CERTIFIED).then_some(PeerCertificate { name, fingerprint });
        let mut inbound = Inbound::new(theirs, is(OF_SERVER)).resumed(part()?, part()?)?;
        inbound.ended = is(ENDED);
        let mut outbound = Outbound::new(ours);
        outbound.shut = is(SHUT);
        let resting = part()?.to_vec();
        bytes.is_empty().then_some(Self {
            peer,
            outbound,
            inbound,
            update_owed: is(UPDATE_OWED),
            rest: Rest {
                bytes: resting,
                last: is(LAST),
            },
        })
    }
}

/// The next bytes, taken off.
fn array<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (array, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*array)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixStream;

    fn state(ours: u8, theirs: u8) -> State {
        let keys = |secret| Keys::new(Suite::Aes128, &[secret; 32], 0, 40).unwrap();
        let peer = PeerInfo::new("the other end", true);
        State::new(
            peer,
            Outbound::new(keys(ours)),
            Inbound::new(keys(theirs), false),
        )
    }

    /// Sends until no more is taken; all that was.
    fn fill(near: &mut Connection, seed: u8) -> Vec<u8> {
        let mut sent = Vec::new();
        loop {
            let block: Vec<u8> = (0..50_000).map(|n| (n % 251) as u8 ^ seed).collect();
            match near.sender.try_send(&[IoSlice::new(&block)]) {
                Ok(n) => sent.extend_from_slice(&block[..n]),
                Err(error) => {
                    assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
                    return sent;
                }
            }
        }
    }

    fn read(far: &mut Connection, mut count: usize) -> Vec<u8> {
        let mut got = Vec::new();
        let mut room = vec![0; 70_001];
        while count > 0 {
            let end = room.len().min(count);
            match far
                .receiver
                .try_recv(&mut [IoSliceMut::new(&mut room[..end])])
            {
                Ok(0) => break,
                Ok(n) => {
                    got.extend_from_slice(&room[..n]);
                    count -= n;
                }
                Err(error) => {
                    assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
                    far.poller.wait(Interest::READABLE, None, None).unwrap();
                }
            }
        }
        got
    }

    /// A Unix socket does not say how much it takes, so records are begun that do not fit.
    #[test]
    fn what_the_kernel_leaves_goes_on_when_somebody_waits() {
        let (a, b) = UnixStream::pair().unwrap();
        let near = assemble(a.into(), state(1, 2)).unwrap();
        let shared = Arc::clone(&near.poller.shared);
        let mut near = near.connection();
        let mut far = assemble(b.into(), state(2, 1)).unwrap().connection();
        let mut rested = 0;
        for round in 0..20 {
            let sent = fill(&mut near, round);
            rested += u32::from(shared.resting.load(Ordering::SeqCst));
            let over = AtomicBool::new(false);
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    // Whatever it is that is waited for.
                    let interest = [Interest::NONE, Interest::READABLE, Interest::WRITABLE];
                    while !over.load(Ordering::SeqCst) {
                        let interest = interest[usize::from(round) % 3];
                        let limit = Some(Duration::from_millis(5));
                        near.poller.wait(interest, None, limit).unwrap();
                    }
                });
                assert!(read(&mut far, sent.len()) == sent, "round {round}");
                over.store(true, Ordering::SeqCst);
            });
            assert!(!shared.resting.load(Ordering::SeqCst));
        }
        assert!(rested > 0, "nothing was ever left");
        // And the end comes behind it, although there was no room for the word.
        let sent = fill(&mut near, 99);
        near.sender.shutdown().unwrap();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while shared.resting.load(Ordering::SeqCst) {
                    let limit = Some(Duration::from_millis(5));
                    near.poller.wait(Interest::NONE, None, limit).unwrap();
                }
            });
            assert!(read(&mut far, sent.len() + 1) == sent);
        });
        assert!(near.sender.try_send(&[IoSlice::new(b"late")]).is_err());
    }

    /// Nobody waits, and nobody has a part of it any more.
    #[test]
    fn the_end_goes_on_although_nobody_waits() {
        let (a, b) = UnixStream::pair().unwrap();
        let mut near = assemble(a.into(), state(1, 2)).unwrap().connection();
        let mut far = assemble(b.into(), state(2, 1)).unwrap().connection();
        let sent = fill(&mut near, 7);
        near.sender.shutdown().unwrap();
        drop(near);
        assert!(read(&mut far, sent.len() + 1) == sent);
    }

    #[test]
    fn a_state_is_all_that_is_needed() {
        let mut before = state(1, 2);
        before.peer.encrypted = true;
        before.peer.certificate = Some(PeerCertificate {
            name: "ada".to_owned(),
            fingerprint: [7; 32],
        });
        before.update_owed = true;
        before.rest = Rest {
            bytes: vec![1, 2, 3],
            last: true,
        };
        before.outbound.shut = true;
        before.outbound.keys.sequence = 9;
        let encoded = before.encode().unwrap();
        let after = State::decode(&encoded).unwrap();
        assert_eq!(after.peer, before.peer);
        assert_eq!(
            (after.outbound.keys.sequence, after.outbound.shut),
            (9, true)
        );
        assert!(after.update_owed && after.rest.last && after.rest.bytes == [1, 2, 3]);
        assert_eq!(*after.encode().unwrap(), *encoded);
        for end in 0..encoded.len() {
            assert!(State::decode(&encoded[..end]).is_none(), "{end}");
        }
    }
}

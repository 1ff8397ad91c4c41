//! A connection and its two directions.

use crate::error::NotTransferable;
use crate::handoff::Handoff;
use crate::poller::{Interest, Poller, Ready};
use crate::waker::Waker;
use crate::{socket, uri};
use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

/// A full-duplex byte stream to a peer, in parts that different threads may own.
///
/// The connection closes when sender, receiver and every clone of the poller are dropped.
#[non_exhaustive]
pub struct Connection {
    /// The direction towards the peer.
    pub sender: Box<dyn Sender>,
    /// The direction from the peer.
    pub receiver: Box<dyn Receiver>,
    /// Waits for either direction.
    pub poller: Arc<dyn Poller>,
    /// Who is at the other end, as far as the transport knows.
    pub peer: PeerInfo,
    /// Passes descriptors beside the bytes, where the transport can.
    pub descriptors: Option<Arc<dyn Descriptors>>,
    transfer: Option<Box<dyn Transfer>>,
    pending: Option<Box<dyn Establish>>,
}

/// Passes descriptors to a peer on the same machine, beside the bytes. Neither side ever blocks.
pub trait Descriptors: Send + Sync {
    /// Sends one, which the peer can take as soon as this returns.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] when the peer has too many to take; the kernel's.
    fn send(&self, descriptor: BorrowedFd<'_>) -> io::Result<()>;

    /// Takes the oldest that the peer has sent (close-on-exec). It may be of any kind.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] when there is none; [`io::ErrorKind::InvalidData`] for something else than one descriptor.
    fn receive(&self) -> io::Result<OwnedFd>;
}

/// Sends bytes to the peer.
pub trait Sender: Send {
    /// Sends as much of `bufs`, in order, as fits without blocking, and returns how many bytes that was: often fewer than
    /// there are. Nothing to send is `Ok(0)`.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] when nothing fits now: wait until writable. Anything else is the connection's end, in
    /// both directions where the transport cannot tell; nothing of `bufs` was sent. Never raises SIGPIPE.
    fn try_send(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize>;

    /// Tells the peer that nothing more follows: when it has received everything, its [`Receiver::try_recv`] returns 0. The
    /// other direction goes on. Sending afterwards is an error. Nobody has to wait or to come by again for it: where there is no room
    /// for the word now, it goes when there is, even if every part of the connection has been dropped.
    ///
    /// # Errors
    /// The kernel's; a connection that has ended already is not one.
    fn shutdown(&mut self) -> io::Result<()>;
}

/// Receives bytes from the peer.
pub trait Receiver: Send {
    /// Receives what has arrived into `bufs`, in order, and returns how many bytes that was. 0: the peer has sent its last.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] when nothing has arrived: wait until readable. [`io::ErrorKind::InvalidInput`] when
    /// `bufs` has no room at all. Anything else is the connection's end.
    fn try_recv(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize>;
}

/// What a transport knows of the peer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PeerInfo {
    /// For logs: an address and port, or a process and user.
    pub description: String,
    /// Whether the bytes stay on this machine: a Unix socket, loopback, or vsock. Only there may a token travel in the clear.
    pub local: bool,
    /// The peer's user, when the kernel vouches for it (Unix sockets; as of connect).
    pub uid: Option<u32>,
    /// The peer's process, when the kernel knows it and it is visible in our process namespace.
    pub pid: Option<u32>,
    /// The peer's virtual machine, which the host vouches for (vsock).
    pub cid: Option<u32>,
    /// Whether nobody in between can read or change the bytes.
    pub encrypted: bool,
    /// The certificate by which the peer has shown who it is, verified as its endpoint asks.
    pub certificate: Option<PeerCertificate>,
    /// For whom it says that it passes the bytes on (`X-Forwarded-For`). Anybody can say anything there: for logs alone.
    pub forwarded_for: Option<String>,
}

/// A peer's certificate, as far as it tells who the peer is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeerCertificate {
    /// The first e-mail address, host name or URI that it is for, else its common name. Empty where it has none, and on the client's
    /// side, where nobody asks. Without control characters, and at most 256 characters.
    pub name: String,
    /// The SHA-256 of all of it.
    pub fingerprint: [u8; 32],
}

impl PeerInfo {
    /// A peer known by nothing but this description.
    #[must_use]
    pub fn new(description: impl Into<String>, local: bool) -> Self {
        Self {
            description: description.into(),
            local,
            uid: None,
            pid: None,
            encrypted: false,
            certificate: None,
            forwarded_for: None,
            cid: None,
        }
    }

    /// Whether only the peer hears what it is told: a token may travel.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.local || self.encrypted
    }
}

impl fmt::Display for PeerInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.description)?;
        match &self.forwarded_for {
            Some(whom) => write!(f, " (says it is for {whom})"),
            None => Ok(()),
        }
    }
}

/// How a transport gives its connection up to another process.
pub(crate) trait Transfer: Send {
    /// Called when sender and receiver are gone.
    fn handoff(self: Box<Self>) -> Result<Handoff, NotTransferable>;
}

/// What has to be settled with the peer before the first byte.
pub(crate) trait Establish: Send {
    /// Settles it, or fails.
    fn establish(
        self: Box<Self>,
        waker: Option<&Waker>,
        timeout: Duration,
    ) -> io::Result<Connection>;
}

/// The directions of a connection that is not established.
struct Unready;

impl Sender for Unready {
    fn try_send(&mut self, _bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        Err(io::ErrorKind::NotConnected.into())
    }

    fn shutdown(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Receiver for Unready {
    fn try_recv(&mut self, _bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        Err(io::ErrorKind::NotConnected.into())
    }
}

impl Poller for Unready {
    fn wait(
        &self,
        interest: Interest,
        waker: Option<&Waker>,
        _timeout: Option<Duration>,
    ) -> io::Result<Ready> {
        Ok(Ready {
            readable: interest.readable,
            writable: interest.writable,
            woken: waker.is_some_and(Waker::drain),
            closed: true,
        })
    }
}

impl Connection {
    /// A connection with something to be settled first.
    pub(crate) fn pending(peer: PeerInfo, pending: Box<dyn Establish>) -> Self {
        let mut connection = Self::new(
            Box::new(Unready),
            Box::new(Unready),
            Arc::new(Unready),
            peer,
        );
        connection.pending = Some(pending);
        connection
    }

    /// Settles what there is to be settled with the peer before the first byte: with `tls://`, who it is. What a listener has accepted
    /// must have been established before it is used; with most transports there is nothing to do, and this returns at once.
    ///
    /// # Errors
    /// [`io::ErrorKind::TimedOut`], or [`io::ErrorKind::Interrupted`] once `waker` is used; else why there is no connection, such as
    /// a [`TlsError`](crate::tls::TlsError). It cannot be used afterwards.
    pub fn establish(&mut self, waker: Option<&Waker>, timeout: Duration) -> io::Result<()> {
        if let Some(pending) = self.pending.take() {
            *self = pending.establish(waker, timeout)?;
        }
        Ok(())
    }

    /// A connection of these parts, which cannot change its process. For transports outside this crate, and for tests.
    #[must_use]
    pub fn new(
        sender: Box<dyn Sender>,
        receiver: Box<dyn Receiver>,
        poller: Arc<dyn Poller>,
        peer: PeerInfo,
    ) -> Self {
        Self {
            sender,
            receiver,
            poller,
            peer,
            descriptors: None,
            transfer: None,
            pending: None,
        }
    }

    pub(crate) fn passing(mut self, descriptors: Arc<dyn Descriptors>) -> Self {
        self.descriptors = Some(descriptors);
        self
    }

    pub(crate) fn transferable(mut self, transfer: Box<dyn Transfer>) -> Self {
        self.transfer = Some(transfer);
        self
    }

    /// Two connections that are each other's peer, within this process or for a child.
    ///
    /// # Errors
    /// The kernel's, when the process has no file descriptor left.
    pub fn pair() -> io::Result<(Self, Self)> {
        socket::pair()
    }

    /// Gives the connection up, so that another process can go on with it: the broker accepts, a worker serves.
    ///
    /// Nothing may have been received and kept elsewhere: the other process sees the stream from where this one stopped.
    ///
    /// # Errors
    /// [`NotTransferable`] when the transport cannot do that. The connection is closed then.
    pub fn handoff(self) -> Result<Handoff, NotTransferable> {
        let Self {
            sender,
            receiver,
            poller,
            descriptors,
            transfer,
            pending,
            peer,
        } = self;
        if pending.is_some() {
            return Err(NotTransferable::new(format!(
                "it is not settled yet who {peer} is"
            )));
        }
        drop((sender, receiver, poller, descriptors));
        match transfer {
            Some(transfer) => transfer.handoff(),
            None => Err(NotTransferable::new(format!(
                "the transport of {peer} lives in one process"
            ))),
        }
    }

    /// Takes over a connection that another process gave up.
    ///
    /// # Errors
    /// [`NotTransferable`] when no transport of this build understands it.
    pub fn from_handoff(handoff: Handoff) -> Result<Self, NotTransferable> {
        uri::adopt(handoff)
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("peer", &self.peer)
            .finish_non_exhaustive()
    }
}

//! Accepting connections.

use crate::connection::Connection;
use crate::error::ListenerClosed;
use crate::keepalive::KeepAlive;
use crate::poller::poll_until;
use crate::tls::ServerSettings;
use crate::uri::Uri;
use crate::waker::Waker;
use crate::ws;
use rustix::event::{PollFd, PollFlags};
use rustix::fd::{AsFd, OwnedFd};
use rustix::io::Errno;
use rustix::net::{SocketFlags, accept_with};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What a listener is made with, beyond its address.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ListenOptions {
    /// Allow an address that other machines can reach on a transport without encryption.
    pub insecure: bool,
    /// Connections that may wait to be accepted; the kernel bounds it by net.core.somaxconn.
    pub backlog: u32,
    /// As [`ConnectOptions::buffer_bytes`](crate::ConnectOptions::buffer_bytes), for every accepted connection.
    pub buffer_bytes: Option<usize>,
    /// When a silent client is dead, on transports over a network.
    pub keep_alive: KeepAlive,
    /// What a `tls://` or `wss://` listener shows and asks for.
    pub tls: Option<Arc<ServerSettings>>,
    /// As [`ConnectOptions::quiet`](crate::ConnectOptions::quiet).
    pub quiet: Duration,
    /// Whoever accepts serves, too: connections are not handed on. `ucx://` begins with UCX at once then.
    pub in_place: bool,
}

impl Default for ListenOptions {
    /// Only secure addresses, 1024 waiting connections, the transport's own buffers.
    fn default() -> Self {
        Self {
            insecure: false,
            backlog: 1024,
            buffer_bytes: None,
            keep_alive: KeepAlive::default(),
            tls: None,
            quiet: ws::QUIET,
            in_place: false,
        }
    }
}

impl ListenOptions {
    /// The same, allowing or forbidding addresses that other machines can reach without encryption.
    #[must_use]
    pub fn insecure(mut self, insecure: bool) -> Self {
        self.insecure = insecure;
        self
    }

    /// The same with kernel buffers of about `bytes` in each direction.
    #[must_use]
    pub fn buffer_bytes(mut self, bytes: usize) -> Self {
        self.buffer_bytes = Some(bytes);
        self
    }

    /// The same for who serves what is accepted in this process.
    #[must_use]
    pub fn in_place(mut self) -> Self {
        self.in_place = true;
        self
    }

    /// The same where a silent client is dead after so long.
    #[must_use]
    pub fn keep_alive(mut self, keep_alive: KeepAlive) -> Self {
        self.keep_alive = keep_alive;
        self
    }

    /// The same with these settings for `tls://` and `wss://`.
    #[must_use]
    pub fn tls(mut self, tls: Arc<ServerSettings>) -> Self {
        self.tls = Some(tls);
        self
    }
}

/// Accepts connections at one URI.
pub trait Listener: Send + Sync {
    /// Waits for the next connection, which may have to be [established](Connection::establish) before it is used. Several threads may
    /// wait at once; a failed handshake of one peer is not an error of the listener and is passed over.
    ///
    /// # Errors
    /// [`ListenerClosed`] (see [`ListenerClosed::is`]) after the [`Closer`] was used; else the kernel's, typically no file
    /// descriptors left: pause a little and try again.
    fn accept(&self) -> io::Result<Connection>;

    /// Where it listens, with the real port if 0 was asked for.
    fn uri(&self) -> Uri;

    /// A handle that ends [`accept`](Self::accept) from another thread.
    fn closer(&self) -> Closer;
}

/// Ends a listener's [`accept`](Listener::accept), now and for ever.
#[derive(Clone, Debug)]
pub struct Closer {
    state: Arc<CloserState>,
}

#[derive(Debug)]
struct CloserState {
    closed: AtomicBool,
    waker: Waker,
}

impl Closer {
    /// For a new listener.
    ///
    /// # Errors
    /// The kernel's, when the process has no file descriptor left.
    pub fn new() -> io::Result<Self> {
        Ok(Self {
            state: Arc::new(CloserState {
                closed: AtomicBool::new(false),
                waker: Waker::new()?,
            }),
        })
    }

    /// Every accept, waiting or future, of any thread returns [`ListenerClosed`]. Never blocks; may be called from a signal
    /// handler.
    pub fn close(&self) {
        // Release, for the acquire in `is_closed`: who finds it closed sees what happened before.
        self.state.closed.store(true, Ordering::Release);
        // Nobody drains this waker, so it wakes all waiters and stays readable.
        self.state.waker.wake();
    }

    /// Whether [`close`](Self::close) was called.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.state.closed.load(Ordering::Acquire)
    }
}

/// Waits until one of `sockets` (nonblocking, listening) has a connection and accepts it.
pub(crate) fn accept_socket(sockets: &[OwnedFd], closer: &Closer) -> io::Result<OwnedFd> {
    loop {
        let mut fds = Vec::with_capacity(sockets.len() + 1);
        fds.push(PollFd::from_borrowed_fd(
            closer.state.waker.as_fd(),
            PollFlags::IN,
        ));
        fds.extend(
            sockets
                .iter()
                .map(|s| PollFd::from_borrowed_fd(s.as_fd(), PollFlags::IN)),
        );
        poll_until(&mut fds, None)?;
        if closer.is_closed() {
            return Err(ListenerClosed.into());
        }
        for (socket, polled) in sockets.iter().zip(&fds[1..]) {
            if polled.revents().is_empty() {
                continue;
            }
            match accept_with(socket, SocketFlags::CLOEXEC | SocketFlags::NONBLOCK) {
                Ok(connection) => return Ok(connection),
                // Another thread was faster, or a signal came.
                Err(Errno::AGAIN | Errno::INTR) => {}
                // Linux hands out here what had already gone wrong on the new connection (accept(2)): the peer's loss.
                Err(
                    Errno::CONNABORTED
                    | Errno::PROTO
                    | Errno::NOPROTOOPT
                    | Errno::NETDOWN
                    | Errno::NETUNREACH
                    | Errno::HOSTDOWN
                    | Errno::HOSTUNREACH
                    | Errno::NONET
                    | Errno::OPNOTSUPP
                    | Errno::TIMEDOUT
                    | Errno::PERM,
                ) => {}
                Err(e) => return Err(e.into()),
            }
        }
    }
}

//! Byte streams between a Pillion client and a Pillion server, chosen by URI.
//!
//! A transport carries an ordered, reliable, full-duplex stream of bytes and knows nothing of what the bytes mean; frames
//! are the business of `pillion-protocol`. Sending and receiving never block. Whoever has nothing to do waits on the
//! connection's [`Poller`], together with a [`Waker`] by which another thread can end that wait.
//!
//! ```no_run
//! use pillion_transport::{Interest, connect};
//! use std::io::{ErrorKind, IoSlice, IoSliceMut};
//! use std::time::Duration;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut connection = connect(&"tcp://gpu-box:7717".parse()?, Duration::from_secs(5))?;
//! connection.sender.try_send(&[IoSlice::new(b"hello")])?;
//! let mut answer = [0; 64];
//! loop {
//!     match connection.receiver.try_recv(&mut [IoSliceMut::new(&mut answer)]) {
//!         Ok(0) => break, // the peer has closed its direction
//!         Ok(n) => println!("{n} bytes"),
//!         Err(e) if e.kind() == ErrorKind::WouldBlock => {
//!             connection.poller.wait(Interest::READABLE, None, None)?;
//!         }
//!         Err(e) => return Err(e.into()),
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Adding a transport
//!
//! Write a module with the five functions `parse`, `display`, `connect`, `listen` and `adopt` (see [`tcp`] and [`unix`]),
//! add its line to the table in `uri.rs`, and instantiate the conformance suite for it in `tests/conformance.rs`.

mod ahead;
#[cfg(feature = "conformance")]
pub mod conformance;
mod connection;
mod defaults;
mod error;
mod handoff;
pub mod ivshmem;
mod keepalive;
mod listener;
pub mod memory;
mod poller;
mod ring;
mod rings;
mod scripted;
pub mod sharing;
pub mod shm;
mod socket;
mod spin;
pub mod tcp;
mod thread;
pub mod tls;
pub mod ucx;
pub mod unix;
mod uri;
pub mod vsock;
mod waker;
pub mod ws;

pub use connection::{Connection, Descriptors, PeerCertificate, PeerInfo, Receiver, Sender};
pub use defaults::{default_shm_socket, default_socket, default_uris};
pub use error::{
    AddressError, ConnectError, ListenError, ListenerClosed, NotTransferable, UriError,
};
pub use handoff::{Handoff, MAX_FDS, MAX_MESSAGE, recv_fds, send_fds};
pub use keepalive::KeepAlive;
pub use listener::{Closer, ListenOptions, Listener};
pub use poller::{Interest, Poller, Ready};
pub use scripted::{Heard, Script, scripted};
pub use spin::Spin;
pub use uri::{DEFAULT_PORT, DEFAULT_TLS_PORT, DEFAULT_UCX_PORT, SCHEMES, Uri};
pub use waker::Waker;

use std::time::Duration;

/// What a connection is made with, beyond its address.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ConnectOptions {
    /// How long all attempts together may take. Resolving a host name has the resolver's own limits on top.
    pub timeout: Duration,
    /// Bytes of kernel buffer in each direction, where the transport has such a thing. `None`: what suits the transport.
    /// The kernel rounds it and bounds it.
    pub buffer_bytes: Option<usize>,
    /// When a silent server is dead, on transports over a network.
    pub keep_alive: KeepAlive,
    /// Whom to trust at `tls://` and `wss://` addresses, and what to show there.
    pub tls: tls::ClientSettings,
    /// Which proxies lead to `ws://` and `wss://` addresses.
    pub proxies: ws::Proxies,
    /// How long this end of a WebSocket sends nothing before it sends a ping.
    pub quiet: Duration,
}

impl ConnectOptions {
    /// Options with this time limit and the transport's own buffers.
    #[must_use]
    pub fn new(timeout: Duration) -> Self {
        Self {
            timeout,
            buffer_bytes: None,
            keep_alive: KeepAlive::default(),
            tls: tls::ClientSettings::default(),
            proxies: ws::Proxies::default(),
            quiet: ws::QUIET,
        }
    }

    /// The same where a silent server is dead after so long.
    #[must_use]
    pub fn keep_alive(mut self, keep_alive: KeepAlive) -> Self {
        self.keep_alive = keep_alive;
        self
    }

    /// The same with these settings for `tls://` and `wss://`.
    #[must_use]
    pub fn tls(mut self, tls: tls::ClientSettings) -> Self {
        self.tls = tls;
        self
    }

    /// The same with these proxies.
    #[must_use]
    pub fn proxies(mut self, proxies: ws::Proxies) -> Self {
        self.proxies = proxies;
        self
    }

    /// The same with kernel buffers of about `bytes` in each direction.
    #[must_use]
    pub fn buffer_bytes(mut self, bytes: usize) -> Self {
        self.buffer_bytes = Some(bytes);
        self
    }
}

/// Connects to the server at `uri`.
///
/// A host name is tried at each of its addresses in turn; `timeout` covers all of them together.
///
/// # Errors
/// [`ConnectError`] says which addresses were tried and why each refused.
pub fn connect(uri: &Uri, timeout: Duration) -> Result<Connection, ConnectError> {
    connect_with(uri, &ConnectOptions::new(timeout))
}

/// [`connect`] with every option.
///
/// # Errors
/// As [`connect`].
pub fn connect_with(uri: &Uri, options: &ConnectOptions) -> Result<Connection, ConnectError> {
    uri::connect(uri, options)
}

/// Starts to listen at `uri`.
///
/// `tcp` and `ws` bind every address that the host resolves to, and only loopback ones unless `options` say otherwise; `tls` and `wss`
/// any, and need a certificate. `unix`
/// takes over a socket file that nobody accepts on, makes its own with mode 0600, and removes it when dropped.
///
/// # Errors
/// [`ListenError`] says what stood in the way and what to do about it.
pub fn listen(uri: &Uri, options: &ListenOptions) -> Result<Box<dyn Listener>, ListenError> {
    uri::listen(uri, options)
}

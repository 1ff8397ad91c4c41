//! `tls://HOST[:PORT]`: TLS 1.3 over TCP.
//!
//! The handshake is rustls'. Behind it the stream is our own record layer's, over the same ciphers, since it has to change its
//! process: the broker meets a client, a worker serves it. Whoever connects has the handshake behind it when
//! [`connect`](crate::connect) returns; who accepts has it before it ([`Connection::establish`]), in whichever thread may wait for
//! strangers.
//!
//! What a client trusts is in [`ClientSettings`], what a server shows in [`ServerSettings`]. Nothing is resumed, no ticket is given
//! out, and there is no early data: every connection proves both ends anew. A stream that ends without the peer's word for it is
//! an error ([`TlsError::Truncated`]). Keys are replaced long before a cipher's limit, and when the peer asks for it.

mod error;
pub(crate) mod handshake;
mod hostile;
mod record;
mod settings;
pub(crate) mod stream;

pub use error::TlsError;
pub use hostile::{handoff as hostile_handoff, records as hostile_records};
pub(crate) use record::Gather;
pub use settings::{ClientSettings, Identity, Pin, ServerFiles, ServerSettings, Trust};

use crate::ConnectOptions;
use crate::connection::{Connection, Establish};
use crate::error::{ConnectError, ListenError, NotTransferable, UriError};
use crate::handoff::Handoff;
use crate::keepalive::KeepAlive;
use crate::listener::{Closer, ListenOptions, Listener, accept_socket};
use crate::tcp;
use crate::uri::{DEFAULT_TLS_PORT, Uri};
use handshake::Handshake;
use rustix::fd::OwnedFd;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Instant;

/// What both sides say that they speak, so that a connection ends early where something else listens.
const PROTOCOL: &[u8] = b"pillion";

/// Parses what follows `tls://`.
///
/// # Errors
/// [`UriError`] says what to write instead.
pub fn parse(rest: &str) -> Result<Uri, UriError> {
    let (host, port) = tcp::authority(rest, DEFAULT_TLS_PORT)?;
    Ok(Uri::Tls { host, port })
}

/// Prints what follows `tls://`.
pub(crate) fn display(host: &str, port: &u16, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    tcp::display(host, port, f)
}

/// See [`crate::connect_with`].
pub(crate) fn connect(
    host: &str,
    port: &u16,
    options: &ConnectOptions,
) -> Result<Connection, ConnectError> {
    let uri = Uri::Tls {
        host: host.to_owned(),
        port: *port,
    };
    let failed = |error| ConnectError::Tls {
        uri: uri.to_string(),
        error,
    };
    let begun = Instant::now();
    let (socket, peer) = tcp::dial(&uri, host, *port, options)?;
    let handshake =
        Handshake::client(socket, peer, host, &options.tls, PROTOCOL).map_err(failed)?;
    let left = options.timeout.saturating_sub(begun.elapsed());
    match Box::new(handshake).establish(None, left) {
        Ok(connection) => Ok(connection),
        Err(error) if error.kind() == io::ErrorKind::TimedOut => Err(ConnectError::TimedOut {
            uri: uri.to_string(),
            timeout: options.timeout,
        }),
        Err(error) => Err(failed(error.into())),
    }
}

/// See [`crate::listen`].
pub(crate) fn listen(
    host: &str,
    port: &u16,
    options: &ListenOptions,
) -> Result<Box<dyn Listener>, ListenError> {
    let uri = |port| Uri::Tls {
        host: host.to_owned(),
        port,
    };
    let Some(settings) = &options.tls else {
        return Err(ListenError::NoCertificate {
            uri: uri(*port).to_string(),
        });
    };
    let (sockets, closer, real_port) = tcp::bind_all(&uri(*port), host, *port, true, options)?;
    Ok(Box::new(TlsListener {
        sockets,
        uri: uri(real_port),
        closer,
        buffer_bytes: options.buffer_bytes,
        keep_alive: options.keep_alive,
        settings: Arc::clone(settings),
    }))
}

/// See [`Connection::from_handoff`].
pub(crate) fn adopt(handoff: Handoff) -> Result<Connection, NotTransferable> {
    stream::adopt(handoff)
}

struct TlsListener {
    sockets: Vec<OwnedFd>,
    uri: Uri,
    closer: Closer,
    buffer_bytes: Option<usize>,
    keep_alive: KeepAlive,
    settings: Arc<ServerSettings>,
}

impl Listener for TlsListener {
    fn accept(&self) -> io::Result<Connection> {
        loop {
            let socket = accept_socket(&self.sockets, &self.closer)?;
            // A peer that was gone before it was accepted fails here: that is its own affair.
            let Ok(peer) = tcp::fresh(&socket, self.buffer_bytes, self.keep_alive) else {
                continue;
            };
            let config = self.settings.config();
            let limit = self.settings.limit();
            let handshake = Handshake::server(socket, peer.clone(), &config, limit, PROTOCOL)
                .map_err(io::Error::from)?;
            return Ok(Connection::pending(peer, Box::new(handshake)));
        }
    }

    fn uri(&self) -> Uri {
        self.uri.clone()
    }

    fn closer(&self) -> Closer {
        self.closer.clone()
    }
}

//! `ws://HOST[:PORT][/PATH]` and [`wss`](self): WebSockets (RFC 6455), which pass ordinary HTTP proxies and what stands in front of web
//! servers.
//!
//! The stream is the payloads of binary frames, one behind the other; where a message ends means nothing. A client says that it speaks
//! `pillion` inside, by the subprotocol of that name. `ws` is not encrypted, and treated as `tcp` is; `wss` is the same in TLS 1.3, as
//! `tls` is, and also what a client writes where something else in front of the server ends TLS.
//!
//! A listener tells anybody at `/healthz` that it lives, and answers everything else than a WebSocket at its own path with the status
//! that HTTP has for it. Browsers are turned away, by the `Origin` that they cannot help but send: a page of somebody's must not come
//! in by a server on loopback.

mod error;
mod frame;
mod handshake;
mod hostile;
mod http;
mod plain;
mod proxy;
mod stream;

pub use error::WsError;
pub(crate) use frame::Mask;
pub use hostile::{frames as hostile_frames, handoff as hostile_handoff, heads as hostile_heads};
pub use proxy::{Proxies, Proxy};

use crate::ConnectOptions;
use crate::connection::Connection;
use crate::error::{ConnectError, ListenError, NotTransferable, UriError};
use crate::handoff::Handoff;
use crate::keepalive::KeepAlive;
use crate::listener::{Closer, ListenOptions, Listener, accept_socket};
use crate::tcp;
use crate::tls::ServerSettings;
use crate::tls::handshake::Handshake;
use crate::uri::Uri;
use handshake::{Accepted, Upgrade};
use rustix::fd::OwnedFd;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// The port of a `ws://` URI that names none: that of what clients usually find there, a web server's.
pub const DEFAULT_PORT: u16 = 80;
/// How long an end sends nothing before it sends a ping: less than proxies customarily wait (60 seconds).
pub const QUIET: Duration = Duration::from_secs(20);
/// The most bytes of a path.
const MAX_PATH: usize = 1024;

/// Parses what follows `ws://`.
///
/// # Errors
/// [`UriError`] says what to write instead.
pub fn parse(rest: &str) -> Result<Uri, UriError> {
    place(false, rest)
}

/// A host, a port and a path.
fn place(secure: bool, rest: &str) -> Result<Uri, UriError> {
    let at = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(at);
    let (host, port) = tcp::authority(authority, default_port(secure))?;
    let path = if path.is_empty() { "/" } else { path };
    // What stands in a request as it is. A comma would end the address where several are named.
    let good = |byte: u8| byte.is_ascii_graphic() && !b"?#,\"<>\\^`{|}".contains(&byte);
    if path.len() > MAX_PATH || !path.bytes().all(good) {
        return Err(UriError::BadPath {
            scheme: scheme(secure),
            given: path.to_owned(),
        });
    }
    Ok(address(secure, &host, port, path))
}

fn scheme(secure: bool) -> &'static str {
    if secure { "wss" } else { "ws" }
}

fn default_port(secure: bool) -> u16 {
    match secure {
        true => wss::DEFAULT_PORT,
        false => DEFAULT_PORT,
    }
}

/// Prints what follows `ws://`.
pub(crate) fn display(
    host: &str,
    port: &u16,
    path: &str,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    tcp::display(host, port, f)?;
    match path {
        "/" => Ok(()),
        path => f.write_str(path),
    }
}

/// See [`crate::connect_with`].
pub(crate) fn connect(
    host: &str,
    port: &u16,
    path: &str,
    options: &ConnectOptions,
) -> Result<Connection, ConnectError> {
    handshake::connect(host, *port, path, false, options)
}

/// See [`crate::listen`].
pub(crate) fn listen(
    host: &str,
    port: &u16,
    path: &str,
    options: &ListenOptions,
) -> Result<Box<dyn Listener>, ListenError> {
    WsListener::bind(host, *port, path, None, options)
}

/// The address of either.
fn address(secure: bool, host: &str, port: u16, path: &str) -> Uri {
    let (host, path) = (host.to_owned(), path.to_owned());
    match secure {
        true => Uri::Wss { host, port, path },
        false => Uri::Ws { host, port, path },
    }
}

/// See [`Connection::from_handoff`].
pub(crate) fn adopt(handoff: Handoff) -> Result<Connection, NotTransferable> {
    stream::adopt("ws", handoff)
}

struct WsListener {
    sockets: Vec<OwnedFd>,
    uri: Uri,
    path: String,
    closer: Closer,
    buffer_bytes: Option<usize>,
    keep_alive: KeepAlive,
    quiet: Duration,
    /// With TLS.
    settings: Option<Arc<ServerSettings>>,
}

impl WsListener {
    /// With TLS where there are settings for it: then anybody may come.
    fn bind(
        host: &str,
        port: u16,
        path: &str,
        settings: Option<&Arc<ServerSettings>>,
        options: &ListenOptions,
    ) -> Result<Box<dyn Listener>, ListenError> {
        let uri = |port| address(settings.is_some(), host, port, path);
        let insecure = settings.is_some() || options.insecure;
        let (sockets, closer, real_port) =
            tcp::bind_all(&uri(port), host, port, insecure, options)?;
        Ok(Box::new(Self {
            sockets,
            uri: uri(real_port),
            path: path.to_owned(),
            closer,
            buffer_bytes: options.buffer_bytes,
            keep_alive: options.keep_alive,
            quiet: options.quiet,
            settings: settings.cloned(),
        }))
    }
}

impl Listener for WsListener {
    fn accept(&self) -> io::Result<Connection> {
        loop {
            let socket = accept_socket(&self.sockets, &self.closer)?;
            // A peer that was gone before it was accepted fails here: that is its own affair.
            let Ok(peer) = tcp::fresh(&socket, self.buffer_bytes, self.keep_alive) else {
                continue;
            };
            let accepted = match &self.settings {
                None => Accepted::Plain(socket, peer.clone()),
                Some(settings) => {
                    let config = settings.config();
                    let limit = settings.limit();
                    let handshake =
                        Handshake::server(socket, peer.clone(), &config, limit, wss::PROTOCOL);
                    Accepted::Tls(Box::new(handshake.map_err(io::Error::from)?))
                }
            };
            let upgrade = Upgrade {
                accepted,
                path: self.path.clone(),
                quiet: self.quiet,
            };
            return Ok(Connection::pending(peer, Box::new(upgrade)));
        }
    }

    fn uri(&self) -> Uri {
        self.uri.clone()
    }

    fn closer(&self) -> Closer {
        self.closer.clone()
    }
}

/// `wss://HOST[:PORT][/PATH]`: the same in TLS 1.3.
pub mod wss {
    use super::*;

    /// The port of a `wss://` URI that names none.
    pub const DEFAULT_PORT: u16 = 443;
    /// What both sides say in the TLS handshake that they speak: what stands in front of web servers knows nothing of Pillion.
    pub(super) const PROTOCOL: &[u8] = b"http/1.1";

    /// Parses what follows `wss://`.
    ///
    /// # Errors
    /// [`UriError`] says what to write instead.
    pub fn parse(rest: &str) -> Result<Uri, UriError> {
        place(true, rest)
    }

    pub(crate) use super::display;

    /// See [`crate::connect_with`].
    pub(crate) fn connect(
        host: &str,
        port: &u16,
        path: &str,
        options: &ConnectOptions,
    ) -> Result<Connection, ConnectError> {
        handshake::connect(host, *port, path, true, options)
    }

    /// See [`crate::listen`].
    pub(crate) fn listen(
        host: &str,
        port: &u16,
        path: &str,
        options: &ListenOptions,
    ) -> Result<Box<dyn Listener>, ListenError> {
        match &options.tls {
            Some(settings) => WsListener::bind(host, *port, path, Some(settings), options),
            None => Err(ListenError::NoCertificate {
                uri: address(true, host, *port, path).to_string(),
            }),
        }
    }

    /// See [`Connection::from_handoff`].
    pub(crate) fn adopt(handoff: Handoff) -> Result<Connection, NotTransferable> {
        stream::adopt("wss", handoff)
    }
}

//! From a socket to a WebSocket: through a proxy, by TLS, by HTTP.

use super::error::WsError;
use super::frame::Mask;
use super::http::{self, Asked, NoHead, Partial, Question};
use super::proxy::Proxy;
use super::stream::{self, Carried, State};
use super::wss;
use crate::ConnectOptions;
use crate::connection::{Connection, Establish, PeerInfo};
use crate::error::ConnectError;
use crate::poller::{Interest, wait_fd};
use crate::tls::handshake::Handshake;
use crate::uri::Uri;
use crate::waker::Waker;
use crate::{tcp, ws};
use rustix::fd::{AsFd, OwnedFd};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, recv, send};
use std::fmt;
use std::io::{self, IoSliceMut};
use std::time::{Duration, Instant};

/// How long a peer that was turned away may take to read why.
const FAREWELL: Duration = Duration::from_secs(2);
/// What begins a record of TLS that is an alert: the answer of such servers to HTTP.
const TLS_ALERT: u8 = 21;

/// How long something may take, and who may end it earlier.
struct Patience<'a> {
    waker: Option<&'a Waker>,
    deadline: Option<Instant>,
}

impl<'a> Patience<'a> {
    fn new(waker: Option<&'a Waker>, timeout: Duration) -> Self {
        Self {
            waker,
            deadline: Instant::now().checked_add(timeout),
        }
    }

    fn left(&self) -> Duration {
        self.deadline.map_or(Duration::MAX, |deadline| {
            deadline.saturating_duration_since(Instant::now())
        })
    }

    /// Waits by `wait`, until something is ready.
    fn wait(
        &self,
        wait: impl FnOnce(Option<&Waker>, Option<Duration>) -> io::Result<crate::Ready>,
    ) -> io::Result<()> {
        let left = self.left();
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        match wait(self.waker, Some(left))?.woken {
            true => Err(io::ErrorKind::Interrupted.into()),
            false => Ok(()),
        }
    }
}

/// Sends all of `text`.
fn say(carried: &mut Carried, text: &str, patience: &Patience<'_>) -> io::Result<()> {
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        match carried.carrier.send(rest, Mask::NONE, &[]) {
            Ok(sent) => rest = &rest[sent..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                patience
                    .wait(|waker, left| carried.poller.wait(Interest::WRITABLE, waker, left))?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The next byte. `None`: there is no more.
fn next(carried: &mut Carried, patience: &Patience<'_>) -> io::Result<Option<u8>> {
    let mut byte = [0];
    loop {
        let received = carried.source.try_recv(&mut [IoSliceMut::new(&mut byte)]);
        carried.source.tell();
        match received {
            Ok(0) => return Ok(None),
            Ok(_) => return Ok(Some(byte[0])),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                // Also when bytes keep coming one by one: a head has one time limit.
                patience
                    .wait(|waker, left| carried.poller.wait(Interest::READABLE, waker, left))?;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Reads the head of an answer, byte by byte, so that not one behind it is lost.
fn answer(mut next: impl FnMut() -> io::Result<Option<u8>>) -> Result<Partial, WsError> {
    let mut head = Partial::default();
    loop {
        let byte = match next()? {
            Some(byte) => byte,
            None if head.as_bytes().is_empty() => return Err(WsError::Truncated),
            None => return Err(WsError::Malformed("it ends early")),
        };
        let tls = head.as_bytes().is_empty() && byte == TLS_ALERT;
        match head.push(byte) {
            Ok(true) => return Ok(head),
            Ok(false) => {}
            Err(NoHead::NotHttp) => return Err(WsError::NotHttp { tls }),
            Err(NoHead::TooLong) => return Err(WsError::Malformed("its head is too long")),
        }
    }
}

/// See [`crate::connect_with`].
pub(super) fn connect(
    host: &str,
    port: u16,
    path: &str,
    secure: bool,
    options: &ConnectOptions,
) -> Result<Connection, ConnectError> {
    let uri = &ws::address(secure, host, port, path);
    let patience = Patience::new(None, options.timeout);
    let failed = |error: WsError| match error {
        WsError::Io(error) if error.kind() == io::ErrorKind::TimedOut => ConnectError::TimedOut {
            uri: uri.to_string(),
            timeout: options.timeout,
        },
        error => ConnectError::WebSocket {
            uri: uri.to_string(),
            error,
        },
    };
    let (socket, peer) = match options.proxies.to(host, port, secure) {
        None => tcp::dial(uri, host, port, options)?,
        Some(proxy) => {
            let (socket, peer) = dial(uri, proxy, options)?;
            let authority = Authority { host, port };
            tunnel(&socket, proxy, &authority, &patience).map_err(failed)?;
            // How near the proxy is says nothing of who is behind it.
            let description = format!("{authority} by the proxy {}", peer.description);
            (socket, PeerInfo::new(description, false))
        }
    };
    let mut carried = if secure {
        let failed = |error| ConnectError::Tls {
            uri: uri.to_string(),
            error,
        };
        let handshake = Handshake::client(socket, peer, host, &options.tls, wss::PROTOCOL);
        match handshake.map_err(failed)?.settle(None, patience.left()) {
            Ok(parts) => Carried::tls(parts),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                return Err(ConnectError::TimedOut {
                    uri: uri.to_string(),
                    timeout: options.timeout,
                });
            }
            Err(error) => return Err(failed(error.into())),
        }
    } else {
        Carried::plain(socket, peer, Vec::new()).map_err(|error| ConnectError::Setup {
            uri: uri.to_string(),
            error,
        })?
    };
    let asked = ask(
        &mut carried,
        &Authority { host, port },
        ws::default_port(secure),
        path,
        &patience,
    );
    asked.map_err(failed)?;
    let state = State::new(true, options.quiet);
    Ok(stream::connection(ws::scheme(secure), carried, state))
}

/// Asks for a WebSocket.
fn ask(
    carried: &mut Carried,
    authority: &Authority<'_>,
    default_port: u16,
    path: &str,
    patience: &Patience<'_>,
) -> Result<(), WsError> {
    let authority = match authority.port == default_port {
        true => authority.host(),
        false => authority.to_string(),
    };
    let question = Question::new(&authority, path)?;
    say(carried, &question.text, patience)?;
    let head = answer(|| next(carried, patience))?;
    question.check(head.as_bytes())
}

/// A host and a port as they stand in HTTP.
struct Authority<'a> {
    host: &'a str,
    port: u16,
}

impl Authority<'_> {
    fn host(&self) -> String {
        // The zone of an address is this machine's business.
        let host = self
            .host
            .split_once('%')
            .map_or(self.host, |(host, _)| host);
        match host.contains(':') {
            true => format!("[{host}]"),
            false => host.to_owned(),
        }
    }
}

impl fmt::Display for Authority<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host(), self.port)
    }
}

fn dial(
    uri: &Uri,
    proxy: &Proxy,
    options: &ConnectOptions,
) -> Result<(OwnedFd, PeerInfo), ConnectError> {
    let at = Uri::Tcp {
        host: proxy.host.clone(),
        port: proxy.port,
    };
    tcp::dial(&at, &proxy.host, proxy.port, options).map_err(|error| {
        let why = match &error {
            ConnectError::Resolve { error, .. } => format!("has no address: {error}"),
            ConnectError::Tcp { tried, .. } => {
                let tried = tried.iter().map(|tried| tried.error.to_string());
                format!(
                    "cannot be reached: {}",
                    tried.collect::<Vec<_>>().join("; ")
                )
            }
            ConnectError::TimedOut { .. } => "does not answer".to_owned(),
            error => format!("cannot be used: {error}"),
        };
        ConnectError::WebSocket {
            uri: uri.to_string(),
            error: refusal(proxy, why, false),
        }
    })
}

fn refusal(proxy: &Proxy, answer: String, wants_credentials: bool) -> WsError {
    WsError::Proxy {
        proxy: proxy.to_string(),
        answer,
        wants_credentials,
    }
}

/// Has a proxy make a tunnel.
fn tunnel(
    socket: &OwnedFd,
    proxy: &Proxy,
    authority: &Authority<'_>,
    patience: &Patience<'_>,
) -> Result<(), WsError> {
    let wait =
        |interest| patience.wait(|waker, left| wait_fd(socket.as_fd(), interest, waker, left));
    let text = http::tunnel(&authority.to_string(), proxy.credentials.as_deref());
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        match send(socket, rest, SendFlags::NOSIGNAL | SendFlags::DONTWAIT) {
            Ok(sent) => rest = &rest[sent..],
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => wait(Interest::WRITABLE)?,
            Err(error) => return Err(io::Error::from(error).into()),
        }
    }
    let next = || {
        let mut byte = [0];
        loop {
            match recv(socket, &mut byte, RecvFlags::DONTWAIT) {
                Ok((0, _)) => return Ok(None),
                Ok(_) => return Ok(Some(byte[0])),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => wait(Interest::READABLE)?,
                Err(error) => return Err(error.into()),
            }
        }
    };
    let told = answer(next).and_then(|head| http::tunneled(head.as_bytes()));
    match told {
        Ok((200..=299, _)) => Ok(()),
        Ok((407, _)) => {
            let what = match proxy.credentials {
                Some(_) => "does not know this user and password",
                None => "asks who comes",
            };
            Err(refusal(proxy, format!("{what} (407)"), true))
        }
        Ok((status, reason)) => {
            let answer =
                format!("does not let through to {authority}: it answers {status} {reason}");
            Err(refusal(proxy, answer, false))
        }
        Err(WsError::Io(error)) => Err(WsError::Io(error)),
        Err(WsError::Truncated) => Err(refusal(
            proxy,
            "closes the connection without a word".to_owned(),
            false,
        )),
        Err(_) => Err(refusal(
            proxy,
            "answers something else than HTTP".to_owned(),
            false,
        )),
    }
}

/// What has been accepted, and has not said yet what it wants.
pub(super) enum Accepted {
    Plain(OwnedFd, PeerInfo),
    Tls(Box<Handshake>),
}

/// A connection whose client has not asked yet.
pub(super) struct Upgrade {
    pub(super) accepted: Accepted,
    /// What is listened at.
    pub(super) path: String,
    pub(super) quiet: Duration,
}

impl Establish for Upgrade {
    fn establish(
        self: Box<Self>,
        waker: Option<&Waker>,
        timeout: Duration,
    ) -> io::Result<Connection> {
        let Self {
            accepted,
            path,
            quiet,
        } = *self;
        let patience = Patience::new(waker, timeout);
        let (mut carried, secure) = match accepted {
            Accepted::Plain(socket, peer) => (Carried::plain(socket, peer, Vec::new())?, false),
            Accepted::Tls(handshake) => {
                let parts = handshake.settle(waker, patience.left())?;
                (Carried::tls(parts), true)
            }
        };
        match grant(&mut carried, &path, &patience) {
            Ok(forwarded_for) => {
                let state = State::new(false, quiet).forwarded_for(forwarded_for);
                Ok(stream::connection(ws::scheme(secure), carried, state))
            }
            Err(error) => {
                farewell(&mut carried, &error, waker);
                Err(error.into())
            }
        }
    }
}

/// Answers who asks for a WebSocket. Says for whom somebody says that he asks.
fn grant(
    carried: &mut Carried,
    path: &str,
    patience: &Patience<'_>,
) -> Result<Option<String>, WsError> {
    let mut head = Partial::default();
    loop {
        let byte = match next(carried, patience) {
            Ok(Some(byte)) => byte,
            Ok(None) => return Err(WsError::Truncated),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                return Err(WsError::Refused {
                    status: 408,
                    reason: "the question takes too long",
                });
            }
            Err(error) => return Err(error.into()),
        };
        match head.push(byte) {
            Ok(true) => break,
            Ok(false) => {}
            Err(NoHead::NotHttp) => {
                return Err(WsError::Refused {
                    status: 400,
                    reason: "this is no HTTP",
                });
            }
            Err(NoHead::TooLong) => {
                return Err(WsError::Refused {
                    status: 431,
                    reason: "the head is too long",
                });
            }
        }
    }
    match http::asked(head.as_bytes(), path) {
        Asked::WebSocket {
            accept,
            forwarded_for,
        } => {
            say(carried, &http::welcome(&accept), patience)?;
            Ok(forwarded_for)
        }
        Asked::Health { body } => {
            say(carried, &http::answer(200, "ok", body), patience)?;
            Err(WsError::Probe)
        }
        Asked::Nothing { status, reason } => Err(WsError::Refused { status, reason }),
    }
}

/// After a failure: tells the peer, and waits until it has read why, since closing a socket with unread bytes throws away what was sent.
fn farewell(carried: &mut Carried, error: &WsError, waker: Option<&Waker>) {
    let patience = Patience::new(waker, FAREWELL);
    match error {
        WsError::Refused { status, reason } => {
            if say(carried, &http::answer(*status, reason, true), &patience).is_err() {
                return;
            }
        }
        WsError::Probe => {}
        // Whoever has gone hears nothing.
        _ => return,
    }
    carried.carrier.shutdown();
    let mut waste = [0; 4096];
    // However much comes.
    while !patience.left().is_zero() {
        let received = carried.source.try_recv(&mut [IoSliceMut::new(&mut waste)]);
        carried.source.tell();
        match received {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let ready = patience
                    .wait(|waker, left| carried.poller.wait(Interest::READABLE, waker, left));
                if ready.is_err() {
                    return;
                }
            }
            Err(_) => return,
        }
    }
}

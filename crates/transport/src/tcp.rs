//! `tcp://HOST[:PORT]`: TCP, neither encrypted nor authenticated.

use crate::ConnectOptions;
use crate::connection::{Connection, PeerInfo};
use crate::error::{AddressError, ConnectError, ListenError, NotTransferable, UriError};
use crate::handoff::Handoff;
use crate::keepalive::KeepAlive;
use crate::listener::{Closer, ListenOptions, Listener, accept_socket};
use crate::poller::poll_until;
use crate::socket;
use crate::uri::{DEFAULT_PORT, Uri};
use rustix::event::{PollFd, PollFlags};
use rustix::fd::{AsFd, OwnedFd};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, SocketFlags, SocketType, bind, getpeername, getsockname, listen as start,
    socket_with, sockopt,
};
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::time::{Duration, Instant};

/// What a connection within this machine may have sent and not yet delivered. There is no line to be kept busy: what is more has left
/// the processor's cache by the time it is read, which halves the bandwidth. Over a line the kernel finds out how much it needs.
const LOCAL_SEND_BUFFER: usize = 512 << 10;

/// Parses what follows `tcp://`.
///
/// # Errors
/// [`UriError`] says what to write instead.
pub fn parse(rest: &str) -> Result<Uri, UriError> {
    let (host, port) = authority(rest, DEFAULT_PORT)?;
    Ok(Uri::Tcp { host, port })
}

/// A host, and a port or else this one.
pub(crate) fn authority(rest: &str, default_port: u16) -> Result<(String, u16), UriError> {
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let bad = || UriError::BadHost {
        given: rest.to_owned(),
    };
    let (host, port) = if let Some(bracketed) = rest.strip_prefix('[') {
        let (host, after) = bracketed.split_once(']').ok_or_else(bad)?;
        // A zone (fe80::1%eth0) is part of the host and none of Ipv6Addr.
        let address = host.split_once('%').map_or(host, |(address, _)| address);
        address.parse::<Ipv6Addr>().map_err(|_| bad())?;
        match after.strip_prefix(':') {
            Some(port) => (host, Some(port)),
            None if after.is_empty() => (host, None),
            None => return Err(bad()),
        }
    } else {
        match rest.split_once(':') {
            Some((_, port)) if port.contains(':') => return Err(bad()),
            Some((host, port)) => (host, Some(port)),
            None => (rest, None),
        }
    };
    if host.is_empty() {
        return Err(UriError::NoHost);
    }
    if host.contains(|c: char| c.is_whitespace() || c.is_control() || "/?#@[]\\".contains(c)) {
        return Err(bad());
    }
    let port = match port {
        None => default_port,
        // `parse` alone would take "+7717".
        Some(port) if port.bytes().all(|b| b.is_ascii_digit()) => {
            port.parse().map_err(|_| UriError::BadPort {
                given: port.to_owned(),
            })?
        }
        Some(port) => {
            return Err(UriError::BadPort {
                given: port.to_owned(),
            });
        }
    };
    Ok((host.to_owned(), port))
}

/// Prints what follows `tcp://`.
pub(crate) fn display(host: &str, port: &u16, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if host.contains(':') {
        write!(f, "[{host}]:{port}")
    } else {
        write!(f, "{host}:{port}")
    }
}

/// See [`crate::connect_with`].
pub(crate) fn connect(
    host: &str,
    port: &u16,
    options: &ConnectOptions,
) -> Result<Connection, ConnectError> {
    let uri = Uri::Tcp {
        host: host.to_owned(),
        port: *port,
    };
    let (socket, peer) = dial(&uri, host, *port, options)?;
    Ok(socket::connection(socket, "tcp", peer))
}

/// A connected socket of ours to the first address of the host that takes it, and who is there.
pub(crate) fn dial(
    uri: &Uri,
    host: &str,
    port: u16,
    options: &ConnectOptions,
) -> Result<(OwnedFd, PeerInfo), ConnectError> {
    let uri = || uri.to_string();
    if port == 0 {
        return Err(ConnectError::Address(UriError::BadPort {
            given: "0".to_owned(),
        }));
    }
    let addresses = resolve(host, port).map_err(|error| ConnectError::Resolve {
        host: host.to_owned(),
        error,
    })?;
    let deadline = Instant::now().checked_add(options.timeout);
    let mut tried = Vec::new();
    for (i, &address) in addresses.iter().enumerate() {
        // An address that drops packets must not use up the time of the next, so each gets an even share of what is left.
        let left = deadline.map_or(options.timeout, |d| {
            d.saturating_duration_since(Instant::now())
        });
        let share = left / u32::try_from(addresses.len() - i).unwrap_or(u32::MAX);
        match connect_one(address, share, options) {
            Ok(socket) => {
                return match fresh(&socket, options.buffer_bytes, options.keep_alive) {
                    Ok(peer) => Ok((socket, peer)),
                    Err(error) => Err(ConnectError::Setup { uri: uri(), error }),
                };
            }
            Err(error) => tried.push(AddressError { address, error }),
        }
    }
    if tried
        .iter()
        .all(|t| t.error.kind() == io::ErrorKind::TimedOut)
    {
        return Err(ConnectError::TimedOut {
            uri: uri(),
            timeout: options.timeout,
        });
    }
    Err(ConnectError::Tcp { uri: uri(), tried })
}

/// See [`crate::listen`].
pub(crate) fn listen(
    host: &str,
    port: &u16,
    options: &ListenOptions,
) -> Result<Box<dyn Listener>, ListenError> {
    let uri = |port| Uri::Tcp {
        host: host.to_owned(),
        port,
    };
    let (sockets, closer, real_port) =
        bind_all(&uri(*port), host, *port, options.insecure, options)?;
    Ok(Box::new(TcpListener {
        sockets,
        uri: uri(real_port),
        closer,
        buffer_bytes: options.buffer_bytes,
        keep_alive: options.keep_alive,
    }))
}

/// Sockets that listen at every address of the host, and at which port. `anywhere`: also where other machines reach them.
pub(crate) fn bind_all(
    uri: &Uri,
    host: &str,
    port: u16,
    anywhere: bool,
    options: &ListenOptions,
) -> Result<(Vec<OwnedFd>, Closer, u16), ListenError> {
    let failed = |action, error: io::Error| match error.kind() {
        io::ErrorKind::AddrInUse => ListenError::InUse {
            uri: uri.to_string(),
        },
        _ => ListenError::Io {
            uri: uri.to_string(),
            action,
            error,
        },
    };
    let addresses = resolve(host, port).map_err(|error| ListenError::Resolve {
        host: host.to_owned(),
        error,
    })?;
    if !anywhere && let Some(&address) = addresses.iter().find(|a| !is_loopback(a.ip())) {
        return Err(ListenError::NotLoopback {
            uri: uri.to_string(),
            address,
        });
    }

    let mut sockets = Vec::new();
    let mut real_port = port;
    let mut missing = None;
    for mut address in addresses.iter().copied() {
        address.set_port(real_port);
        match listen_one(address, addresses.len() > 1, options) {
            Ok((socket, port)) => {
                real_port = port;
                sockets.push(socket);
            }
            // localhost is often ::1 too, on machines whose kernel has no IPv6.
            Err((action, e)) if matches!(e, Errno::AFNOSUPPORT | Errno::ADDRNOTAVAIL) => {
                missing = Some((action, e))
            }
            Err((action, e)) => return Err(failed(action, e.into())),
        }
    }
    match missing {
        Some((action, e)) if sockets.is_empty() => return Err(failed(action, e.into())),
        _ => {}
    }
    let closer = Closer::new().map_err(|e| failed("eventfd", e))?;
    Ok((sockets, closer, real_port))
}

/// Says so where a host has an address that other machines can reach.
pub(crate) fn only_loopback(uri: &Uri, host: &str, port: u16) -> Result<(), ListenError> {
    let addresses = resolve(host, port).map_err(|error| ListenError::Resolve {
        host: host.to_owned(),
        error,
    })?;
    match addresses.iter().find(|a| !is_loopback(a.ip())) {
        Some(&address) => Err(ListenError::NotLoopback {
            uri: uri.to_string(),
            address,
        }),
        None => Ok(()),
    }
}

/// See [`Connection::from_handoff`].
pub(crate) fn adopt(handoff: Handoff) -> Result<Connection, NotTransferable> {
    let socket = socket::adopt(handoff)?;
    let peer = prepare(&socket)
        .map_err(|e| NotTransferable::io("its socket is not a connected TCP one", e))?;
    Ok(socket::connection(socket, "tcp", peer))
}

struct TcpListener {
    sockets: Vec<OwnedFd>,
    uri: Uri,
    closer: Closer,
    buffer_bytes: Option<usize>,
    keep_alive: KeepAlive,
}

impl Listener for TcpListener {
    fn accept(&self) -> io::Result<Connection> {
        loop {
            let socket = accept_socket(&self.sockets, &self.closer)?;
            // A peer that was gone before it was accepted fails here: that is its own affair.
            if let Ok(peer) = fresh(&socket, self.buffer_bytes, self.keep_alive) {
                return Ok(socket::connection(socket, "tcp", peer));
            }
        }
    }

    fn uri(&self) -> Uri {
        self.uri.clone()
    }

    fn closer(&self) -> Closer {
        self.closer.clone()
    }
}

/// Prepares a TCP socket that has just been connected, whose buffers have this size if anybody has said one, and says who is there.
pub(crate) fn fresh(
    socket: &OwnedFd,
    buffer_bytes: Option<usize>,
    keep_alive: KeepAlive,
) -> io::Result<PeerInfo> {
    if buffer_bytes.is_none() && peer(socket)?.1 {
        sockopt::set_socket_send_buffer_size(socket, LOCAL_SEND_BUFFER)?;
    }
    keep_alive.apply(socket)?;
    prepare(socket)
}

/// The peer's address, and whether it is this machine.
fn peer(socket: &OwnedFd) -> io::Result<(SocketAddr, bool)> {
    let address: SocketAddr = getpeername(socket)?.ok_or(Errno::NOTCONN)?.try_into()?;
    let own: SocketAddr = getsockname(socket)?.try_into()?;
    // What a machine sends to its own address never leaves it, whatever the address.
    let local = is_loopback(address.ip()) || address.ip() == own.ip();
    Ok((address, local))
}

/// Prepares a connected, nonblocking TCP socket, and says who is there.
pub(crate) fn prepare(socket: &OwnedFd) -> io::Result<PeerInfo> {
    let (address, local) = peer(socket)?;
    // Frames are written whole, and a short one is usually one that somebody waits for.
    sockopt::set_tcp_nodelay(socket, true)?;
    Ok(PeerInfo::new(address.to_string(), local))
}

fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let addresses: Vec<_> = (host, port).to_socket_addrs()?.collect();
    if addresses.is_empty() {
        return Err(io::Error::new(
            io::ErrorKind::NotFound,
            "the name has no addresses",
        ));
    }
    Ok(addresses)
}

fn is_loopback(ip: IpAddr) -> bool {
    // ::ffff:127.0.0.1 too.
    ip.to_canonical().is_loopback()
}

fn new_socket(address: SocketAddr) -> Result<OwnedFd, Errno> {
    let family = if address.is_ipv4() {
        AddressFamily::INET
    } else {
        AddressFamily::INET6
    };
    socket_with(
        family,
        SocketType::STREAM,
        SocketFlags::CLOEXEC | SocketFlags::NONBLOCK,
        None,
    )
}

fn connect_one(
    address: SocketAddr,
    timeout: Duration,
    options: &ConnectOptions,
) -> io::Result<OwnedFd> {
    let socket = new_socket(address)?;
    // Left alone, the kernel sizes the buffers by what the connection needs, up to far more than may be set by hand.
    if let Some(bytes) = options.buffer_bytes {
        socket::set_buffers(&socket, bytes)?;
    }
    match rustix::net::connect(&socket, &address) {
        Ok(()) => {}
        Err(Errno::INPROGRESS | Errno::INTR) => {
            let ready = poll_until(
                &mut [PollFd::from_borrowed_fd(socket.as_fd(), PollFlags::OUT)],
                Some(timeout),
            )?;
            if ready == 0 {
                return Err(io::ErrorKind::TimedOut.into());
            }
            sockopt::socket_error(&socket)??;
        }
        Err(e) => return Err(e.into()),
    }
    // TCP lets a socket connect to itself when the kernel happens to give it the port that it asks for.
    if let Ok(own) = getsockname(&socket)
        && SocketAddr::try_from(own).is_ok_and(|own| own == address)
    {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    Ok(socket)
}

/// A listening socket and its port.
fn listen_one(
    address: SocketAddr,
    one_of_many: bool,
    options: &ListenOptions,
) -> Result<(OwnedFd, u16), (&'static str, Errno)> {
    let socket = new_socket(address).map_err(|e| ("socket", e))?;
    sockopt::set_socket_reuseaddr(&socket, true).map_err(|e| ("SO_REUSEADDR", e))?;
    if one_of_many && address.is_ipv6() {
        // Else [::] would take the port of 0.0.0.0 as well.
        sockopt::set_ipv6_v6only(&socket, true).map_err(|e| ("IPV6_V6ONLY", e))?;
    }
    if let Some(bytes) = options.buffer_bytes {
        // Accepted sockets inherit them, and the window scale of the handshake follows from them.
        let bytes = bytes.min(i32::MAX as usize / 2);
        sockopt::set_socket_send_buffer_size(&socket, bytes).map_err(|e| ("SO_SNDBUF", e))?;
        sockopt::set_socket_recv_buffer_size(&socket, bytes).map_err(|e| ("SO_RCVBUF", e))?;
    }
    bind(&socket, &address).map_err(|e| ("bind", e))?;
    start(&socket, i32::try_from(options.backlog).unwrap_or(i32::MAX))
        .map_err(|e| ("listen", e))?;
    let own = getsockname(&socket)
        .and_then(SocketAddr::try_from)
        .map_err(|e| ("getsockname", e))?;
    Ok((socket, own.port()))
}

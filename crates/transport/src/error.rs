//! What can go wrong, typed, each with what to do about it.

use crate::tls::TlsError;
use crate::ucx::Missing;
use crate::ws::WsError;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// A server address that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UriError {
    /// There is no `SCHEME://` in front.
    NoScheme {
        /// What was given.
        given: String,
    },
    /// No transport has this scheme.
    UnknownScheme {
        /// The scheme, in lower case.
        scheme: String,
    },
    /// A `tcp://` address without a host.
    NoHost,
    /// Something other than a host and a port stands after `tcp://`.
    BadHost {
        /// What was given after the scheme.
        given: String,
    },
    /// The port is no number from 0 to 65535.
    BadPort {
        /// What was given as the port.
        given: String,
    },
    /// A `unix://` or `shm://` address without a path, or with one that is not absolute; a `ws://` or `wss://` address with one that no URL
    /// has.
    BadPath {
        /// The scheme.
        scheme: &'static str,
        /// What was given after the scheme.
        given: String,
    },
    /// Something other than memory and a control's address stands after `ivshmem://`.
    BadMemory {
        /// What was given after the scheme.
        given: String,
    },
    /// Something other than a CID and a port stands after `vsock://`, or one that cannot be connected to.
    BadCid {
        /// What was given after the scheme.
        given: String,
    },
    /// The path does not fit into the kernel's socket address.
    PathTooLong {
        /// The path.
        path: PathBuf,
        /// The most bytes that it may have.
        limit: usize,
    },
}

impl fmt::Display for UriError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoScheme { given } if given.starts_with('/') => {
                write!(
                    f,
                    "the server address {given:?} names no transport; write unix://{given}"
                )
            }
            Self::NoScheme { given } if given.is_empty() => {
                f.write_str("the server address is empty; write tcp://HOST:PORT or unix:///PATH")
            }
            Self::NoScheme { given } => write!(
                f,
                "the server address {given:?} names no transport; write tcp://{given}, or unix:///PATH for a Unix socket"
            ),
            Self::UnknownScheme { scheme } => {
                write!(
                    f,
                    "no transport is called {scheme:?}; use tcp://HOST:PORT, tls://HOST:PORT or unix:///PATH"
                )
            }
            Self::NoHost => f.write_str(
                "the server address has no host; write tcp://HOST:PORT, as in tcp://127.0.0.1:7717",
            ),
            Self::BadHost { given } => write!(
                f,
                "{given:?} is not a host and a port; write tcp://HOST:PORT, with an IPv6 address in brackets as in \
                 tcp://[::1]:7717"
            ),
            Self::BadPort { given } => write!(
                f,
                "{given:?} is not a port; write a number from 0 to 65535, as in tcp://HOST:7717"
            ),
            Self::BadPath {
                scheme: scheme @ ("ws" | "wss"),
                given,
            } => write!(
                f,
                "{given:?} is no path of a URL; write {scheme}://HOST:PORT/PATH, with letters, digits and the like"
            ),
            Self::BadPath { scheme, given } => {
                write!(
                    f,
                    "{given:?} is not an absolute path; write {scheme}:///PATH, as in {scheme}:///run/pillion.sock"
                )
            }
            Self::BadMemory { given } => write!(
                f,
                "{given:?} is no memory and where to meet; write ivshmem://auto@vsock://host:7717 in a virtual machine, and \
                 ivshmem:///dev/shm/FILE@vsock://any:7717 to listen on its host"
            ),
            Self::BadCid { given } => write!(
                f,
                "{given:?} is not a CID and a port; write vsock://host:7717 in a virtual machine, vsock://any:7717 to listen on its \
                 host, or a number for one machine"
            ),
            Self::PathTooLong { path, limit } => write!(
                f,
                "the socket path {} has {} bytes and the kernel takes at most {limit}; choose a shorter one",
                path.display(),
                path.as_os_str().len()
            ),
        }
    }
}

impl std::error::Error for UriError {}

/// Why one address of a server could not be reached.
#[derive(Debug)]
pub struct AddressError {
    /// The address that was tried.
    pub address: SocketAddr,
    /// What the kernel said.
    pub error: io::Error,
}

/// A server could not be reached.
#[derive(Debug)]
#[non_exhaustive]
pub enum ConnectError {
    /// The URI cannot be connected to (port 0, a path too long).
    Address(UriError),
    /// The host name has no address.
    Resolve {
        /// The host as given.
        host: String,
        /// What the resolver said.
        error: io::Error,
    },
    /// Every address of the host failed.
    Tcp {
        /// The URI as text.
        uri: String,
        /// Each address that was tried, in order.
        tried: Vec<AddressError>,
    },
    /// The Unix socket could not be connected to.
    Unix {
        /// The URI as text.
        uri: String,
        /// What the kernel said.
        error: io::Error,
    },
    /// The memory of an `ivshmem://` address could not be opened.
    Memory {
        /// The URI as text.
        uri: String,
        /// What the kernel said.
        error: io::Error,
    },
    /// The control of an `ivshmem://` address could not be connected to.
    Control {
        /// The URI as text.
        uri: String,
        /// Why.
        error: Box<ConnectError>,
    },
    /// The vsock could not be connected to.
    Vsock {
        /// The URI as text.
        uri: String,
        /// What the kernel said.
        error: io::Error,
    },
    /// The time limit passed before any address answered.
    TimedOut {
        /// The URI as text.
        uri: String,
        /// The limit that was given.
        timeout: Duration,
    },
    /// The connection was made, but it is not secure, or what is needed for that is not there.
    Tls {
        /// The URI as text.
        uri: String,
        /// Why.
        error: TlsError,
    },
    /// No WebSocket has come of it, be it for a proxy on the way.
    WebSocket {
        /// The URI as text.
        uri: String,
        /// Why.
        error: WsError,
    },
    /// This machine has no UCX for a `ucx://` address.
    Ucx {
        /// The URI as text.
        uri: String,
        /// Why.
        error: Missing,
    },
    /// The connection was made, but its socket could not be set up.
    Setup {
        /// The URI as text.
        uri: String,
        /// What the kernel said.
        error: io::Error,
    },
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(error) => write!(f, "cannot connect: {error}"),
            Self::Resolve { host, error } => {
                write!(
                    f,
                    "cannot find the host {host:?}: {error}; check its spelling, or write its IP address"
                )
            }
            Self::Tcp { uri, tried } => {
                write!(f, "cannot connect to {uri}")?;
                let mut separator = ": ";
                for AddressError { address, error } in tried {
                    write!(f, "{separator}{address}: {error}")?;
                    separator = "; ";
                }
                f.write_str(
                    "; check that `pillion serve` runs there and that no firewall is in between",
                )
            }
            Self::Unix { uri, error } => {
                write!(f, "cannot connect to {uri}: {error}")?;
                f.write_str(match error.kind() {
                    io::ErrorKind::NotFound => "; start `pillion serve`, or correct the path",
                    io::ErrorKind::ConnectionRefused => {
                        "; its server is gone: start `pillion serve` again"
                    }
                    io::ErrorKind::PermissionDenied => {
                        "; the socket belongs to the user who started the server"
                    }
                    _ => "; check that `pillion serve` runs",
                })
            }
            Self::Memory { uri, error } => {
                write!(f, "cannot open the memory of {uri}: {error}")?;
                f.write_str(match error.raw_os_error() {
                    Some(libc::ENODEV) => "; this machine has no ivshmem device: give it one",
                    Some(libc::EACCES | libc::EPERM) => {
                        "; let this user read and write the device's file resource2"
                    }
                    Some(libc::EOPNOTSUPP) => "; only x86-64 can use a device's memory",
                    _ => "",
                })
            }
            Self::Control { uri, error } => write!(f, "cannot connect to {uri}: {error}"),
            Self::Vsock { uri, error } => {
                write!(f, "cannot connect to {uri}: {error}")?;
                f.write_str(match error.raw_os_error() {
                    Some(libc::ECONNRESET) => {
                        "; nobody listens there: start `pillion serve --listen vsock://any:PORT`"
                    }
                    Some(libc::EAFNOSUPPORT) => "; this kernel has no vsock: load the module",
                    Some(libc::ENODEV) => {
                        "; this machine has no vsock device: give the virtual machine one"
                    }
                    _ => "",
                })
            }
            Self::TimedOut { uri, timeout } => write!(
                f,
                "{uri} did not answer within {:.1} s; check the address and that no firewall drops the packets",
                timeout.as_secs_f64()
            ),
            Self::Tls { uri, error } => write!(f, "cannot connect to {uri}: {error}"),
            Self::WebSocket { uri, error } => write!(f, "cannot connect to {uri}: {error}"),
            Self::Ucx { uri, error } => write!(f, "cannot connect to {uri}: {error}"),
            Self::Setup { uri, error } => {
                write!(
                    f,
                    "connected to {uri}, but its socket could not be set up: {error}"
                )
            }
        }
    }
}

impl std::error::Error for ConnectError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Address(error) => Some(error),
            Self::Resolve { error, .. }
            | Self::Unix { error, .. }
            | Self::Vsock { error, .. }
            | Self::Memory { error, .. }
            | Self::Setup { error, .. } => Some(error),
            Self::Tls { error, .. } => Some(error),
            Self::WebSocket { error, .. } => Some(error),
            Self::Ucx { error, .. } => Some(error),
            Self::Tcp { tried, .. } => tried.last().map(|t| &t.error as _),
            Self::Control { error, .. } => Some(error),
            Self::TimedOut { .. } => None,
        }
    }
}

/// A server could not start to listen.
#[derive(Debug)]
#[non_exhaustive]
pub enum ListenError {
    /// The URI cannot be listened at.
    Address(UriError),
    /// The host name has no address.
    Resolve {
        /// The host as given.
        host: String,
        /// What the resolver said.
        error: io::Error,
    },
    /// The address is reachable from other machines, and the transport neither encrypts nor authenticates.
    NotLoopback {
        /// The URI as text.
        uri: String,
        /// The address that is not a loopback one.
        address: SocketAddr,
    },
    /// Somebody accepts there already.
    InUse {
        /// The URI as text.
        uri: String,
    },
    /// The path exists and is no socket.
    NotASocket {
        /// The path.
        path: PathBuf,
    },
    /// A `tls://` or `wss://` address, and no certificate to show there.
    NoCertificate {
        /// The URI as text.
        uri: String,
    },
    /// This machine has no UCX for a `ucx://` address.
    Ucx {
        /// The URI as text.
        uri: String,
        /// Why.
        error: Missing,
    },
    /// The kernel refused.
    Io {
        /// The URI as text.
        uri: String,
        /// What was being done, as in "bind".
        action: &'static str,
        /// What the kernel said.
        error: io::Error,
    },
}

impl fmt::Display for ListenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(error) => write!(f, "cannot listen: {error}"),
            Self::Resolve { host, error } => {
                write!(
                    f,
                    "cannot listen on the host {host:?}: {error}; write an IP address of this machine, or localhost"
                )
            }
            Self::Ucx { uri, error } => write!(f, "cannot listen on {uri}: {error}"),
            Self::NotLoopback { uri, address } if uri.starts_with("ucx://") => write!(
                f,
                "refusing to listen on {uri}: {address} can be reached from other machines, and what goes over UCX is neither \
                 encrypted nor authenticated, whatever the control is. Listen on tls:// instead, or allow it with --insecure on a \
                 network that you trust"
            ),
            Self::NotLoopback { uri, address } => {
                let (scheme, secure) = match uri.starts_with("ws:") {
                    true => ("ws", "wss"),
                    false => ("tcp", "tls"),
                };
                write!(
                    f,
                    "refusing to listen on {uri}: {address} can be reached from other machines, and {scheme}:// has neither \
                 encryption nor authentication, so whoever reaches it could use the GPUs. Listen on {secure}:// instead, or \
                 on {scheme}://127.0.0.1:{} and come in through an SSH tunnel, or allow it with --insecure on a network that you trust",
                    address.port()
                )
            }
            Self::InUse { uri } => write!(
                f,
                "cannot listen on {uri}: another process accepts connections there; stop it, or choose another address"
            ),
            Self::NoCertificate { uri } => write!(
                f,
                "cannot listen on {uri} without a certificate: name one with --tls-cert and --tls-key"
            ),
            Self::NotASocket { path } => write!(
                f,
                "cannot listen on unix://{0}: {0} exists and is not a socket; remove it, or choose another path",
                path.display()
            ),
            Self::Io { uri, action, error } => {
                write!(f, "cannot listen on {uri}: {action}: {error}")?;
                f.write_str(match error.kind() {
                    io::ErrorKind::NotFound => "; make the directory first",
                    io::ErrorKind::PermissionDenied => {
                        "; choose a port above 1023 or a directory that you may write to"
                    }
                    io::ErrorKind::AddrNotAvailable => "; this machine does not have that address",
                    _ if error.raw_os_error() == Some(libc::EAFNOSUPPORT) => {
                        "; this kernel has no such sockets (for vsock, load the module vhost_vsock)"
                    }
                    _ => "",
                })
            }
        }
    }
}

impl std::error::Error for ListenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Address(error) => Some(error),
            Self::Resolve { error, .. } | Self::Io { error, .. } => Some(error),
            Self::Ucx { error, .. } => Some(error),
            Self::NotLoopback { .. }
            | Self::InUse { .. }
            | Self::NotASocket { .. }
            | Self::NoCertificate { .. } => None,
        }
    }
}

/// The inner error of what [`Listener::accept`](crate::Listener::accept) returns after its [`Closer`](crate::Closer) was
/// used; the outer kind is [`io::ErrorKind::ConnectionAborted`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenerClosed;

impl ListenerClosed {
    /// Whether `error` is this: the listener was closed on purpose.
    #[must_use]
    pub fn is(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|inner| inner.is::<Self>())
    }
}

impl From<ListenerClosed> for io::Error {
    fn from(closed: ListenerClosed) -> Self {
        Self::new(io::ErrorKind::ConnectionAborted, closed)
    }
}

impl fmt::Display for ListenerClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the listener was closed")
    }
}

impl std::error::Error for ListenerClosed {}

/// A connection cannot be passed to, or taken over in, another process.
#[derive(Debug)]
pub struct NotTransferable {
    reason: String,
    error: Option<io::Error>,
}

impl NotTransferable {
    /// With a reason that completes "the connection cannot change its process: ".
    #[must_use]
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            error: None,
        }
    }

    pub(crate) fn io(reason: &str, error: io::Error) -> Self {
        Self {
            reason: format!("{reason}: {error}"),
            error: Some(error),
        }
    }

    pub(crate) fn unknown_scheme(scheme: &str) -> Self {
        Self::new(format!(
            "this build has no transport called {scheme:?}; run the same version on both sides"
        ))
    }
}

impl fmt::Display for NotTransferable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the connection cannot change its process: {}",
            self.reason
        )
    }
}

impl std::error::Error for NotTransferable {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.as_ref().map(|e| e as _)
    }
}

//! `vsock://CID[:PORT]`: between a virtual machine and its host, without a network.
//!
//! A guest's CID is what its host has given it, and the host vouches for it as the kernel does for the user of a Unix socket; the
//! bytes never leave the machine that both run on. So this counts as local: tokens may travel, and listening needs no `--insecure`.
//! Still every user of every guest that has a vsock device can connect, as every user of a machine can to a loopback port.

use crate::ConnectOptions;
use crate::connection::{Connection, PeerInfo};
use crate::error::{ConnectError, ListenError, NotTransferable, UriError};
use crate::handoff::Handoff;
use crate::listener::{Closer, ListenOptions, Listener, accept_socket};
use crate::poller::{Interest, Poller, Ready, poll_until};
use crate::socket;
use crate::uri::{DEFAULT_PORT, Uri};
use crate::waker::Waker;
use rustix::event::{PollFd, PollFlags};
use rustix::fd::{AsFd, AsRawFd, OwnedFd};
use rustix::io::Errno;
use rustix::net::addr::{SocketAddrArg, SocketAddrLen, SocketAddrOpaque};
use rustix::net::{
    AddressFamily, SendFlags, SocketAddrAny, SocketFlags, SocketType, bind, getpeername,
    getsockname, listen as start, socket_with, sockopt,
};
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The names of CIDs that have one.
const NAMES: [(&str, u32); 3] = [
    ("any", libc::VMADDR_CID_ANY),
    ("host", libc::VMADDR_CID_HOST),
    ("local", libc::VMADDR_CID_LOCAL),
];

/// The kernel's options of vsock sockets (linux/vm_sockets.h), each of 64 bits, that say how much may wait to be received.
const BUFFER_SIZE: libc::c_int = 0;
const BUFFER_MIN_SIZE: libc::c_int = 1;
const BUFFER_MAX_SIZE: libc::c_int = 2;

/// Parses what follows `vsock://`.
///
/// # Errors
/// [`UriError`] says what to write instead.
pub fn parse(rest: &str) -> Result<Uri, UriError> {
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let number = |text: &str| match text.bytes().all(|b| b.is_ascii_digit()) {
        true => text.parse::<u32>().ok(),
        // `parse` alone would take "+2".
        false => None,
    };
    let (cid, port) = match rest.split_once(':') {
        Some((cid, port)) => (cid, Some(port)),
        None => (rest, None),
    };
    let named = NAMES.iter().find(|(name, _)| *name == cid);
    let cid = named
        .map(|(_, cid)| *cid)
        .or_else(|| number(cid))
        .ok_or_else(|| UriError::BadCid {
            given: rest.to_owned(),
        })?;
    let port = match port {
        None => u32::from(DEFAULT_PORT),
        // The largest stands for any, as 0 does here.
        Some(port) => number(port)
            .filter(|&port| port != libc::VMADDR_PORT_ANY)
            .ok_or_else(|| UriError::BadCid {
                given: rest.to_owned(),
            })?,
    };
    Ok(Uri::Vsock { cid, port })
}

/// Prints what follows `vsock://`.
pub(crate) fn display(cid: &u32, port: &u32, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match NAMES.iter().find(|(_, named)| named == cid) {
        Some((name, _)) => write!(f, "{name}:{port}"),
        None => write!(f, "{cid}:{port}"),
    }
}

/// See [`crate::connect_with`].
pub(crate) fn connect(
    cid: &u32,
    port: &u32,
    options: &ConnectOptions,
) -> Result<Connection, ConnectError> {
    let uri = || Uri::Vsock {
        cid: *cid,
        port: *port,
    };
    if *cid == libc::VMADDR_CID_ANY || *port == 0 {
        return Err(ConnectError::Address(UriError::BadCid {
            given: uri().to_string(),
        }));
    }
    match connect_socket(Address::new(*cid, *port), options) {
        Ok(socket) => connection(socket).map_err(|error| ConnectError::Setup {
            uri: uri().to_string(),
            error,
        }),
        Err(Errno::TIMEDOUT) => Err(ConnectError::TimedOut {
            uri: uri().to_string(),
            timeout: options.timeout,
        }),
        Err(error) => Err(ConnectError::Vsock {
            uri: uri().to_string(),
            error: error.into(),
        }),
    }
}

/// See [`crate::listen`].
pub(crate) fn listen(
    cid: &u32,
    port: &u32,
    options: &ListenOptions,
) -> Result<Box<dyn Listener>, ListenError> {
    let uri = |port| Uri::Vsock { cid: *cid, port };
    let failed = |action, error: io::Error| match error.kind() {
        io::ErrorKind::AddrInUse => ListenError::InUse {
            uri: uri(*port).to_string(),
        },
        _ => ListenError::Io {
            uri: uri(*port).to_string(),
            action,
            error,
        },
    };
    let socket = new_socket().map_err(|e| failed("socket", e.into()))?;
    if let Some(bytes) = options.buffer_bytes {
        // Accepted sockets inherit it.
        set_buffer(&socket, bytes).map_err(|e| failed("SO_VM_SOCKETS_BUFFER_SIZE", e.into()))?;
    }
    let wanted = match *port {
        0 => libc::VMADDR_PORT_ANY,
        port => port,
    };
    bind(&socket, &Address::new(*cid, wanted)).map_err(|e| failed("bind", e.into()))?;
    start(&socket, i32::try_from(options.backlog).unwrap_or(i32::MAX))
        .map_err(|e| failed("listen", e.into()))?;
    let own = getsockname(&socket)
        .and_then(|own| Address::of(&own))
        .map_err(|e| failed("getsockname", e.into()))?;
    Ok(Box::new(VsockListener {
        sockets: [socket],
        uri: uri(own.0.svm_port),
        closer: Closer::new().map_err(|e| failed("eventfd", e))?,
    }))
}

/// See [`Connection::from_handoff`].
pub(crate) fn adopt(handoff: Handoff) -> Result<Connection, NotTransferable> {
    let socket = socket::adopt(handoff)?;
    connection(socket)
        .map_err(|e| NotTransferable::io("its socket is not a connected vsock one", e))
}

struct VsockListener {
    sockets: [OwnedFd; 1],
    uri: Uri,
    closer: Closer,
}

impl Listener for VsockListener {
    fn accept(&self) -> io::Result<Connection> {
        loop {
            let socket = accept_socket(&self.sockets, &self.closer)?;
            // A peer that was gone before it was accepted fails here: that is its own affair.
            if let Ok(connection) = connection(socket) {
                return Ok(connection);
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

/// A connection over a connected, nonblocking vsock socket.
fn connection(socket: OwnedFd) -> io::Result<Connection> {
    let address = getpeername(&socket)?.ok_or(Errno::NOTCONN)?;
    let address = Address::of(&address)?.0;
    let (cid, port) = (address.svm_cid, address.svm_port);
    let mut peer = PeerInfo::new(format!("vsock {cid}:{port}"), true);
    peer.cid = Some(cid);
    let socket = Arc::new(socket);
    let mut connection = socket::shared(Arc::clone(&socket), "vsock", peer);
    connection.poller = Arc::new(VsockPoller { socket });
    Ok(connection)
}

/// How often is asked whether a peer that has shut its own direction has closed the other one as well.
const LOOK: Duration = Duration::from_millis(100);

/// As for any socket, but that the kernel does not report a hang-up of a peer that has closed both directions, only that it sends no
/// more: whether it still receives shows when something is sent to it, which may be nothing.
struct VsockPoller {
    socket: Arc<OwnedFd>,
}

impl VsockPoller {
    fn peer_receives(&self) -> bool {
        let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
        !matches!(
            rustix::net::send(&self.socket, &[], flags),
            Err(Errno::PIPE | Errno::NOTCONN | Errno::CONNRESET)
        )
    }
}

impl Poller for VsockPoller {
    fn wait(
        &self,
        interest: Interest,
        waker: Option<&Waker>,
        timeout: Option<Duration>,
    ) -> io::Result<Ready> {
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let mut left = timeout;
        let mut half = false;
        loop {
            let mut events = PollFlags::empty();
            events.set(PollFlags::IN, interest.readable);
            events.set(PollFlags::OUT, interest.writable);
            // It stays, so it is asked for only once.
            events.set(PollFlags::RDHUP, !half);
            let socket = PollFd::from_borrowed_fd(self.socket.as_fd(), events);
            let mut fds = match waker {
                Some(waker) => [
                    socket,
                    PollFd::from_borrowed_fd(waker.as_fd(), PollFlags::IN),
                ],
                None => [socket.clone(), socket],
            };
            let fds = &mut fds[..1 + usize::from(waker.is_some())];
            let pause = match half {
                true => Some(left.map_or(LOOK, |left| left.min(LOOK))),
                false => left,
            };
            poll_until(fds, pause)?;
            let woken = waker.is_some_and(|waker| !fds[1].revents().is_empty() && waker.drain());
            let got = fds[0].revents();
            let mut closed = got.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL);
            if !closed && (half || got.contains(PollFlags::RDHUP)) {
                closed = !self.peer_receives();
                half = !closed;
            }
            let ready = Ready {
                readable: interest.readable && (closed || got.contains(PollFlags::IN)),
                writable: interest.writable && (closed || got.contains(PollFlags::OUT)),
                woken,
                closed,
            };
            if !half || ready != Ready::default() {
                return Ok(ready);
            }
            left = deadline.map(|end| end.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                return Ok(ready);
            }
        }
    }

    fn wait_for_end(&self) -> io::Result<()> {
        let mut end = [PollFd::from_borrowed_fd(
            self.socket.as_fd(),
            PollFlags::RDHUP,
        )];
        poll_until(&mut end, None).map(|_| ())
    }
}

fn new_socket() -> Result<OwnedFd, Errno> {
    socket_with(
        AddressFamily::VSOCK,
        SocketType::STREAM,
        SocketFlags::CLOEXEC | SocketFlags::NONBLOCK,
        None,
    )
}

fn connect_socket(address: Address, options: &ConnectOptions) -> Result<OwnedFd, Errno> {
    let socket = new_socket()?;
    if let Some(bytes) = options.buffer_bytes {
        set_buffer(&socket, bytes)?;
    }
    match rustix::net::connect(&socket, &address) {
        Ok(()) => {}
        Err(Errno::INPROGRESS | Errno::INTR) => {
            // The kernel itself gives up after two seconds. There is nothing on the way that could be slower.
            let mut fds = [PollFd::from_borrowed_fd(socket.as_fd(), PollFlags::OUT)];
            let ready = poll_until(
                &mut fds,
                Some(options.timeout.max(Duration::from_millis(1))),
            );
            match ready {
                Ok(0) => return Err(Errno::TIMEDOUT),
                Ok(_) => {}
                Err(error) => return Err(Errno::from_io_error(&error).unwrap_or(Errno::IO)),
            }
            sockopt::socket_error(&socket)??;
        }
        Err(error) => return Err(error),
    }
    Ok(socket)
}

/// Whether this machine is a guest with a way to its host.
#[must_use]
pub fn is_guest() -> bool {
    /// `IOCTL_VM_SOCKETS_GET_LOCAL_CID`.
    const GET_LOCAL_CID: libc::Ioctl = 0x7b9;
    /// 0 is reserved, 1 is this machine itself, 2 a host.
    const FIRST_GUEST: u32 = 3;
    let Ok(device) = std::fs::File::open("/dev/vsock") else {
        return false;
    };
    let mut cid = 0u32;
    // SAFETY: the kernel writes the 4 bytes of `cid`; the descriptor is open.
    let asked = unsafe { libc::ioctl(device.as_raw_fd(), GET_LOCAL_CID, &raw mut cid) };
    // The largest number stands for a machine that has none.
    asked == 0 && (FIRST_GUEST..u32::MAX).contains(&cid)
}

/// Sets how much may wait to be received; also the sender's limit at the other end, which has no buffer of its own.
fn set_buffer(socket: &OwnedFd, bytes: usize) -> Result<(), Errno> {
    let bytes = bytes.max(1) as u64;
    for option in [BUFFER_MAX_SIZE, BUFFER_MIN_SIZE, BUFFER_SIZE] {
        let value = match option {
            BUFFER_MIN_SIZE => bytes.min(128),
            _ => bytes,
        };
        // SAFETY: the descriptor is open for the length of the borrow, and the kernel reads the 8 bytes of `value`.
        let result = unsafe {
            libc::setsockopt(
                socket.as_raw_fd(),
                libc::AF_VSOCK,
                option,
                (&raw const value).cast(),
                size_of::<u64>() as libc::socklen_t,
            )
        };
        if result != 0 {
            return Err(Errno::from_io_error(&io::Error::last_os_error()).unwrap_or(Errno::IO));
        }
    }
    Ok(())
}

/// An address as the kernel has it.
struct Address(libc::sockaddr_vm);

impl Address {
    fn new(cid: u32, port: u32) -> Self {
        // SAFETY: a plain struct of integers, for which all zero is valid.
        let mut address: libc::sockaddr_vm = unsafe { std::mem::zeroed() };
        address.svm_family = libc::AF_VSOCK as libc::sa_family_t;
        address.svm_cid = cid;
        address.svm_port = port;
        Self(address)
    }

    fn of(address: &SocketAddrAny) -> Result<Self, Errno> {
        if address.address_family() != AddressFamily::VSOCK
            || (address.addr_len() as usize) < size_of::<libc::sockaddr_vm>()
        {
            return Err(Errno::AFNOSUPPORT);
        }
        // SAFETY: as many bytes are there, as just checked, and any are a valid value of this struct of integers.
        Ok(Self(unsafe {
            address
                .as_ptr()
                .cast::<libc::sockaddr_vm>()
                .read_unaligned()
        }))
    }
}

// SAFETY: the closure gets a pointer to a whole sockaddr_vm that lives while it runs, and its length.
unsafe impl SocketAddrArg for Address {
    unsafe fn with_sockaddr<R>(
        &self,
        f: impl FnOnce(*const SocketAddrOpaque, SocketAddrLen) -> R,
    ) -> R {
        f(
            (&raw const self.0).cast(),
            size_of::<libc::sockaddr_vm>() as SocketAddrLen,
        )
    }
}

//! `unix:///PATH`: a Unix stream socket in the file system, for the user who listens only (mode 0600).

use crate::ConnectOptions;
use crate::connection::{Connection, PeerInfo};
use crate::error::{ConnectError, ListenError, NotTransferable, UriError};
use crate::handoff::Handoff;
use crate::listener::{Closer, ListenOptions, Listener, accept_socket};
use crate::socket;
use crate::uri::Uri;
use rustix::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use rustix::fs::{FileType, FlockOperation, Mode, OFlags, fchmod, flock, lstat, open, unlink};
use rustix::io::{Errno, ioctl_fionbio};
use rustix::net::{
    AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, listen as start, socket_with,
    sockopt,
};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The most bytes of a path: `sun_path` less its terminating zero.
const MAX_PATH: usize = 107;

/// Kernel buffers unless asked otherwise: so much that neither side switches per page, and so little that what is read is still in
/// the processor's cache. The kernel bounds it by net.core.wmem_max.
const BUFFER_BYTES: usize = 256 << 10;

/// How long a listener waits for another one that is just setting up in the same directory.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);

/// Parses what follows `unix://`.
///
/// # Errors
/// [`UriError`] says what to write instead.
pub fn parse(rest: &str) -> Result<Uri, UriError> {
    Ok(Uri::Unix {
        path: parse_path("unix", rest)?,
    })
}

/// A path that a socket can have.
pub(crate) fn parse_path(scheme: &'static str, rest: &str) -> Result<PathBuf, UriError> {
    let path = PathBuf::from(rest);
    if !path.is_absolute()
        || path.file_name().is_none()
        || rest.ends_with('/')
        || rest.contains('\0')
    {
        return Err(UriError::BadPath {
            scheme,
            given: rest.to_owned(),
        });
    }
    check_length(&path)?;
    Ok(path)
}

/// Prints what follows `unix://`.
pub(crate) fn display(path: &Path, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{}", path.display())
}

/// See [`crate::connect_with`].
pub(crate) fn connect(path: &Path, options: &ConnectOptions) -> Result<Connection, ConnectError> {
    let uri = Uri::Unix {
        path: path.to_owned(),
    };
    let socket = connect_for(&uri, path, options)?;
    connection(socket).map_err(|error| ConnectError::Setup {
        uri: uri.to_string(),
        error,
    })
}

/// A socket connected to whoever listens at `path`, for the transport of `uri`.
pub(crate) fn connect_for(
    uri: &Uri,
    path: &Path,
    options: &ConnectOptions,
) -> Result<OwnedFd, ConnectError> {
    check_length(path).map_err(ConnectError::Address)?;
    match connect_socket(
        path,
        options.timeout,
        options.buffer_bytes.unwrap_or(BUFFER_BYTES),
    ) {
        Ok(socket) => Ok(socket),
        Err(Errno::AGAIN) => Err(ConnectError::TimedOut {
            uri: uri.to_string(),
            timeout: options.timeout,
        }),
        Err(e) => Err(ConnectError::Unix {
            uri: uri.to_string(),
            error: e.into(),
        }),
    }
}

/// See [`crate::listen`].
pub(crate) fn listen(
    path: &Path,
    options: &ListenOptions,
) -> Result<Box<dyn Listener>, ListenError> {
    let uri = Uri::Unix {
        path: path.to_owned(),
    };
    Ok(Box::new(UnixListener {
        socket: Bound::new(&uri, path, options.backlog)?,
        buffer_bytes: options.buffer_bytes.unwrap_or(BUFFER_BYTES),
    }))
}

/// A listening socket at `path`, for the transport of `uri`.
pub(crate) struct Bound {
    sockets: [OwnedFd; 1],
    closer: Closer,
    path: PathBuf,
    own: FileIdentity,
    process: u32,
}

impl Bound {
    /// Binds and listens.
    pub(crate) fn new(uri: &Uri, path: &Path, backlog: u32) -> Result<Self, ListenError> {
        check_length(path).map_err(ListenError::Address)?;
        let failed = |action: &'static str, error: Errno| ListenError::Io {
            uri: uri.to_string(),
            action,
            error: error.into(),
        };

        let address = SocketAddrUnix::new(path).map_err(|e| failed("address", e))?;
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)
            .map_err(|e| failed("socket", e))?;
        // On Linux the socket's own mode becomes the file's mode at bind (masked by umask): there is no moment at which the
        // file is there with a wider one.
        fchmod(&socket, Mode::RUSR | Mode::WUSR).map_err(|e| failed("fchmod", e))?;

        // Between finding a file stale and replacing it, another listener could do the same and lose its fresh socket to us.
        // The directory's lock, held until we accept connections, keeps it out, and needs no lock file that would stay behind.
        let _lock = lock_directory(path).map_err(|e| failed("lock the directory", e))?;
        match bind(&socket, &address) {
            Err(Errno::ADDRINUSE) => {
                remove_stale(path, uri)?;
                bind(&socket, &address).map_err(|e| failed("bind", e))?;
            }
            bound => bound.map_err(|e| failed("bind", e))?,
        }
        let own = FileIdentity::of(path).map_err(|e| failed("stat", e))?;
        // From here on the file goes when this does, also on an error.
        let bound = Bound {
            sockets: [socket],
            closer: Closer::new().map_err(|error| ListenError::Io {
                uri: uri.to_string(),
                action: "eventfd",
                error,
            })?,
            path: path.to_owned(),
            own,
            process: std::process::id(),
        };
        start(
            &bound.sockets[0],
            i32::try_from(backlog).unwrap_or(i32::MAX),
        )
        .map_err(|e| failed("listen", e))?;
        Ok(bound)
    }

    /// The next connection.
    pub(crate) fn accept(&self) -> io::Result<OwnedFd> {
        accept_socket(&self.sockets, &self.closer)
    }

    /// Where it listens.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What ends [`Bound::accept`].
    pub(crate) fn closer(&self) -> Closer {
        self.closer.clone()
    }
}

/// See [`Connection::from_handoff`].
pub(crate) fn adopt(handoff: Handoff) -> Result<Connection, NotTransferable> {
    let socket = socket::adopt(handoff)?;
    connection(socket).map_err(|e| NotTransferable::io("its socket is not a connected Unix one", e))
}

/// A connection over a connected Unix socket.
pub(crate) fn connection(socket: OwnedFd) -> io::Result<Connection> {
    let peer = peer(socket.as_fd())?;
    Ok(socket::connection(socket, "unix", peer))
}

/// Who is at the other end of a connected Unix socket.
pub(crate) fn peer(socket: BorrowedFd<'_>) -> io::Result<PeerInfo> {
    let credentials = peer_credentials(socket)?;
    // The kernel says 0 when the peer's process is not visible from our namespace.
    let pid = u32::try_from(credentials.pid).ok().filter(|&pid| pid != 0);
    let description = match pid {
        Some(pid) => format!("process {pid} of user {}", credentials.uid),
        None => format!("a process of user {}", credentials.uid),
    };
    let mut peer = PeerInfo::new(description, true);
    peer.uid = Some(credentials.uid);
    peer.pid = pid;
    Ok(peer)
}

struct UnixListener {
    socket: Bound,
    buffer_bytes: usize,
}

impl Listener for UnixListener {
    fn accept(&self) -> io::Result<Connection> {
        loop {
            let socket = self.socket.accept()?;
            let set_up =
                socket::set_buffers(&socket, self.buffer_bytes).and_then(|()| connection(socket));
            // A peer that was gone before it was accepted fails here: that is its own affair.
            if let Ok(connection) = set_up {
                return Ok(connection);
            }
        }
    }

    fn uri(&self) -> Uri {
        Uri::Unix {
            path: self.socket.path().to_owned(),
        }
    }

    fn closer(&self) -> Closer {
        self.socket.closer()
    }
}

impl Drop for Bound {
    fn drop(&mut self) {
        // Only our own file, should somebody have put another in its place, and not from a forked child's copy of us.
        if std::process::id() == self.process
            && FileIdentity::of(&self.path).is_ok_and(|now| now == self.own)
        {
            // If it cannot be removed, the next listener takes it over.
            let _ = unlink(&self.path);
        }
    }
}

/// Which file a path named at some moment.
#[derive(PartialEq, Eq)]
struct FileIdentity {
    device: u64,
    inode: u64,
}

impl FileIdentity {
    fn of(path: &Path) -> Result<Self, Errno> {
        let stat = lstat(path)?;
        Ok(Self {
            device: stat.st_dev,
            inode: stat.st_ino,
        })
    }
}

fn check_length(path: &Path) -> Result<(), UriError> {
    if path.as_os_str().len() > MAX_PATH {
        return Err(UriError::PathTooLong {
            path: path.to_owned(),
            limit: MAX_PATH,
        });
    }
    Ok(())
}

/// Fails with AGAIN when the timeout passes because the listener's queue is full.
fn connect_socket(path: &Path, timeout: Duration, buffer_bytes: usize) -> Result<OwnedFd, Errno> {
    let address = SocketAddrUnix::new(path)?;
    let deadline = Instant::now().checked_add(timeout);
    // A nonblocking connect to a full queue fails at once instead of waiting, so block, with the kernel's own time limit.
    let socket = socket_with(
        AddressFamily::UNIX,
        SocketType::STREAM,
        SocketFlags::CLOEXEC,
        None,
    )?;
    sockopt::set_socket_send_buffer_size(&socket, buffer_bytes.min(i32::MAX as usize / 2))?;
    sockopt::set_socket_recv_buffer_size(&socket, buffer_bytes.min(i32::MAX as usize / 2))?;
    loop {
        // Zero would mean for ever, and the kernel refuses more than fits its clock.
        let left = deadline.map(|d| {
            d.saturating_duration_since(Instant::now())
                .max(Duration::from_millis(1))
        });
        sockopt::set_socket_timeout(
            &socket,
            sockopt::Timeout::Send,
            left.filter(|l| l.as_secs() < i32::MAX as u64),
        )?;
        match rustix::net::connect(&socket, &address) {
            Ok(()) => break,
            Err(Errno::INTR) => {}
            Err(e) => return Err(e),
        }
    }
    sockopt::set_socket_timeout(&socket, sockopt::Timeout::Send, None)?;
    ioctl_fionbio(&socket, true)?;
    Ok(socket)
}

/// Removes a socket file that nobody accepts on.
fn remove_stale(path: &Path, uri: &Uri) -> Result<(), ListenError> {
    let failed = |action: &'static str, error: Errno| ListenError::Io {
        uri: uri.to_string(),
        action,
        error: error.into(),
    };
    match lstat(path) {
        // It went in the meantime.
        Err(Errno::NOENT) => return Ok(()),
        Err(e) => return Err(failed("stat", e)),
        Ok(stat) if FileType::from_raw_mode(stat.st_mode) != FileType::Socket => {
            return Err(ListenError::NotASocket {
                path: path.to_owned(),
            });
        }
        Ok(_) => {}
    }
    let address = SocketAddrUnix::new(path).map_err(|e| failed("address", e))?;
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let probe = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)
        .map_err(|e| failed("socket", e))?;
    match rustix::net::connect(&probe, &address) {
        Err(Errno::CONNREFUSED) => match unlink(path) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(e) => Err(failed("remove the stale socket", e)),
        },
        Err(Errno::NOENT) => Ok(()),
        // AGAIN is a full queue: somebody listens. PROTOTYPE is a socket of another type, and not ours either.
        Ok(()) | Err(Errno::AGAIN | Errno::PROTOTYPE) => Err(ListenError::InUse {
            uri: uri.to_string(),
        }),
        Err(e) => Err(failed("look whether the socket is in use", e)),
    }
}

/// An exclusive lock on the directory of `path`, released when dropped.
fn lock_directory(path: &Path) -> Result<OwnedFd, Errno> {
    let directory = path.parent().unwrap_or(Path::new("/"));
    let directory = open(
        directory,
        OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    )?;
    let deadline = Instant::now() + LOCK_PATIENCE;
    loop {
        match flock(&directory, FlockOperation::NonBlockingLockExclusive) {
            // Not every file system has locks; then only the unlikely race is left.
            Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOLCK | Errno::INVAL | Errno::NOSYS) => {
                return Ok(directory);
            }
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) if Instant::now() < deadline => {
                std::thread::sleep(Duration::from_millis(5))
            }
            Err(e) => return Err(e),
        }
    }
}

/// SO_PEERCRED: who connected, or listened, as the kernel knows it.
fn peer_credentials(socket: BorrowedFd<'_>) -> io::Result<libc::ucred> {
    let mut credentials = libc::ucred {
        pid: 0,
        uid: 0,
        gid: 0,
    };
    let mut length = size_of::<libc::ucred>() as libc::socklen_t;
    // rustix has this call, but its type for the process has no room for the 0 that stands for an invisible one.
    // SAFETY: the descriptor is open for the length of the borrow, and the kernel writes at most `length` bytes to
    // `credentials`, a plain struct of integers of exactly that size.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_PEERCRED,
            (&raw mut credentials).cast(),
            &raw mut length,
        )
    };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(credentials)
}

//! `ivshmem://MEMORY@CONTROL`: two rings in memory that a virtual machine shares with its host (QEMU's ivshmem device).
//!
//! On the host MEMORY is the file that QEMU has been given as the device's memory; in the guest it is the device's folder below
//! `/sys/bus/pci/devices`, or `auto`. CONTROL is the address of another transport, `vsock://`, `unix://` or `tcp://`, which carries no
//! data: over it the server says where in the memory the rings are, sides that sleep are woken, and the end of either is heard. The
//! device itself can do none of that without an interrupt server and a driver in the guest, and could not tell that a program has ended.
//!
//! ```text
//! client                                     server
//! connect to CONTROL                         accept
//!          <--- "PLNIVS01", where ---        takes a part of the memory, writes the turn's number
//! looks for that number
//!          ===== rings =====                 (bells over CONTROL)
//! ```
//!
//! The memory is divided into parts, each for one connection. A part is taken by a lock on the file (of the open file description), which
//! goes with the connection to its worker, and is free again when that is gone, however it ended. Whoever can open the device in the guest
//! sees all of the memory: one memory for each guest, and in the guest only for programs that trust each other. What they write there is
//! as untrusted as what they send.

use crate::ConnectOptions;
use crate::connection::{Connection, PeerInfo, Transfer};
use crate::error::{ConnectError, ListenError, NotTransferable, UriError};
use crate::handoff::Handoff;
use crate::listener::{Closer, ListenOptions, Listener};
use crate::rings::{self, Arrival, Bells, CAPACITIES, CAPACITY, Place, Rings, Shared, Side};
use crate::uri::Uri;
use rustix::fd::{AsRawFd, OwnedFd};
use rustix::fs::{FileType, Mode, OFlags, fstat, open};
use rustix::io::{Errno, fcntl_dupfd_cloexec};
use rustix::net::{RecvFlags, SendFlags};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What the server's message begins with.
const MAGIC: [u8; 8] = *b"PLNIVS01";
/// The server's message: the magic, whether there is memory, where it begins, the capacity of its rings and the turn's number.
const MESSAGE: usize = 32;
/// In place of where it begins: why there is none.
const ABSENT: u64 = u64::MAX;
const UNFIT: u64 = u64::MAX - 1;
const FULL: u64 = u64::MAX - 2;
/// Smaller rings are made where there would be fewer parts.
const PARTS: u64 = 8;
/// Where Linux has a machine's PCI devices, and what it says of one that is ivshmem.
const DEVICES: &str = "/sys/bus/pci/devices";
const IVSHMEM: (&str, &str) = ("0x1af4", "0x1110");
/// The device's memory (BAR 2). Not its `_wc` sibling: writes to that may overtake each other.
const RESOURCE: &str = "resource2";
/// In place of a path: whichever device has the memory.
const AUTO: &str = "auto";

/// Parses what follows `ivshmem://`.
///
/// # Errors
/// [`UriError`] says what to write instead.
pub fn parse(rest: &str) -> Result<Uri, UriError> {
    let bad = || UriError::BadMemory {
        given: rest.to_owned(),
    };
    let (memory, control) = rest.split_once('@').ok_or_else(bad)?;
    if memory != AUTO && (!memory.starts_with('/') || memory.contains('\0')) {
        return Err(bad());
    }
    let control: Uri = control.parse()?;
    match control {
        Uri::Tcp { .. } | Uri::Unix { .. } | Uri::Vsock { .. } => Ok(Uri::Ivshmem {
            memory: memory.into(),
            control: Box::new(control),
        }),
        _ => Err(bad()),
    }
}

/// Prints what follows `ivshmem://`.
pub(crate) fn display(memory: &Path, control: &Uri, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{}@{control}", memory.display())
}

/// See [`crate::connect_with`].
///
/// The rings come when the server accepts; until then nothing can be sent.
pub(crate) fn connect(
    memory: &Path,
    control: &Uri,
    options: &ConnectOptions,
) -> Result<Connection, ConnectError> {
    let uri = || {
        Uri::Ivshmem {
            memory: memory.to_owned(),
            control: Box::new(control.clone()),
        }
        .to_string()
    };
    let candidates = candidates(memory).map_err(|error| ConnectError::Memory {
        uri: uri(),
        error: error.into(),
    })?;
    // The socket carries next to nothing, whatever buffers the rings have.
    let connection =
        crate::connect(control, options.timeout).map_err(|error| ConnectError::Control {
            uri: uri(),
            error: Box::new(error),
        })?;
    let failed = |error| ConnectError::Setup { uri: uri(), error };
    let (socket, peer) = socket(connection).map_err(|e| failed(io::Error::other(e)))?;
    let arrival = FromControl {
        candidates,
        message: [0; MESSAGE],
        have: 0,
    };
    Ok(self::connection(
        rings::coming(socket, Box::new(arrival)),
        control.scheme(),
        peer,
    ))
}

/// See [`crate::listen`].
///
/// The memory is looked for with every connection: QEMU makes it when the machine starts, perhaps after this.
pub(crate) fn listen(
    memory: &Path,
    control: &Uri,
    options: &ListenOptions,
) -> Result<Box<dyn Listener>, ListenError> {
    let uri = |control: Uri| Uri::Ivshmem {
        memory: memory.to_owned(),
        control: Box::new(control),
    };
    if memory == Path::new(AUTO) {
        return Err(ListenError::Address(UriError::BadMemory {
            given: format!("{AUTO}@{control}"),
        }));
    }
    let mut bound = options.clone();
    bound.buffer_bytes = None;
    let listener = crate::listen(control, &bound).map_err(|error| match error {
        ListenError::InUse { .. } => ListenError::InUse {
            uri: uri(control.clone()).to_string(),
        },
        error => error,
    })?;
    let capacity = options.buffer_bytes.unwrap_or(CAPACITY);
    Ok(Box::new(IvshmemListener {
        uri: uri(listener.uri()),
        scheme: control.scheme(),
        parts: Parts {
            path: memory.to_owned(),
            capacity: capacity
                .clamp(*CAPACITIES.start(), *CAPACITIES.end())
                .next_power_of_two(),
            next: AtomicUsize::new(random().map_or(0, |number| number as usize)),
        },
        control: listener,
    }))
}

/// See [`Connection::from_handoff`].
pub(crate) fn adopt(handoff: Handoff) -> Result<Connection, NotTransferable> {
    let wrong = || {
        NotTransferable::new(
            "an ivshmem connection that changes its process is a socket and the memory",
        )
    };
    let (Ok([socket, memory]), Some(state)) = (
        <[OwnedFd; 2]>::try_from(handoff.fds),
        State::decode(&handoff.state),
    ) else {
        return Err(wrong());
    };
    let scheme = state.scheme;
    let control = Connection::from_handoff(Handoff {
        scheme: scheme.to_owned(),
        fds: vec![socket],
        state: Vec::new().into(),
    })?;
    let (socket, peer) = self::socket(control)?;
    let unusable = |e| NotTransferable::io("its memory cannot be used", e);
    let rings = within(memory, state.at, state.place.capacity, state.turn).map_err(unusable)?;
    Ok(connection(state.place.resume(socket, rings), scheme, peer))
}

/// The socket of a connection that is nothing else, and who is at its other end.
fn socket(control: Connection) -> Result<(OwnedFd, PeerInfo), NotTransferable> {
    let mut peer = control.peer.clone();
    // Whoever can say something says it in this machine's memory.
    peer.local = true;
    let socket = crate::socket::adopt(control.handoff()?)?;
    Ok((socket, peer))
}

fn connection(shared: Arc<Shared>, scheme: &'static str, peer: PeerInfo) -> Connection {
    rings::connection(&shared, peer).transferable(Box::new(IvshmemTransfer { shared, scheme }))
}

/// Rings in a part of memory that is large enough for them.
fn within(memory: OwnedFd, at: u64, capacity: usize, turn: u64) -> io::Result<Rings> {
    let invalid = |reason: &str| io::Error::new(io::ErrorKind::InvalidData, reason);
    let size = u64::try_from(fstat(&memory)?.st_size).unwrap_or(0);
    let len =
        rings::length(capacity).ok_or_else(|| invalid("the rings have an impossible size"))?;
    if at.checked_add(len as u64).is_none_or(|end| end > size) {
        return Err(invalid("the rings would lie beyond the end of the memory"));
    }
    Rings::over(memory, at, capacity, Bells::socket()?, Some(turn))
}

/// What may be the memory: the file, that of the device whose folder the path names, or those of all such devices.
fn candidates(path: &Path) -> Result<Vec<OwnedFd>, Errno> {
    let flags = OFlags::RDWR | OFlags::CLOEXEC | OFlags::NOCTTY;
    let one = |path: &Path| open(path, flags, Mode::empty());
    let auto = path == Path::new(AUTO);
    if !auto && !path.is_dir() {
        return Ok(vec![one(path)?]);
    }
    // Elsewhere the kernel maps a device's memory so that ordinary copies from and to it fault.
    if !cfg!(target_arch = "x86_64") {
        return Err(Errno::OPNOTSUPP);
    }
    if !auto {
        return Ok(vec![one(&path.join(RESOURCE))?]);
    }
    let is = |device: &Path, name: &str, id: &str| {
        std::fs::read_to_string(device.join(name)).is_ok_and(|text| text.trim() == id)
    };
    let mut error = Errno::NODEV;
    let mut found = Vec::new();
    for entry in std::fs::read_dir(DEVICES).into_iter().flatten().flatten() {
        let device = entry.path();
        if is(&device, "vendor", IVSHMEM.0) && is(&device, "device", IVSHMEM.1) {
            match one(&device.join(RESOURCE)) {
                Ok(memory) => found.push(memory),
                Err(e) => error = e,
            }
        }
    }
    match found.is_empty() {
        true => Err(error),
        false => Ok(found),
    }
}

/// A client that waits for the server's word on where the rings are.
struct FromControl {
    candidates: Vec<OwnedFd>,
    message: [u8; MESSAGE],
    have: usize,
}

impl Arrival for FromControl {
    fn receive(&mut self, socket: &OwnedFd) -> io::Result<Rings> {
        while self.have < MESSAGE {
            // Not a byte more: what follows are bells.
            let rest = &mut self.message[self.have..];
            match rustix::net::recv(socket, rest, RecvFlags::DONTWAIT) {
                Ok((0, _)) => return Err(io::ErrorKind::ConnectionReset.into()),
                Ok((n, _)) => self.have += n,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let invalid = |reason: &str| io::Error::new(io::ErrorKind::InvalidData, reason);
        let (magic, numbers) = self.message.split_at(8);
        let (numbers, _) = numbers.as_chunks::<8>();
        let &[at, capacity, turn] = numbers else {
            return Err(invalid("the server's first message is too short"));
        };
        if magic != MAGIC {
            return Err(invalid(
                "the server's first message is not about shared memory: is it a server that listens at an ivshmem:// address?",
            ));
        }
        let number = u64::from_le_bytes;
        let (at, capacity, turn) = (
            number(at),
            usize::try_from(number(capacity)).unwrap_or(0),
            number(turn),
        );
        match at {
            ABSENT => {
                return Err(invalid(
                    "the server has not the memory: does its path name the file of this machine's ivshmem device?",
                ));
            }
            UNFIT => {
                return Err(invalid(
                    "the server does not use the memory: it has to be a file of 1 MiB or more that not everybody may write",
                ));
            }
            FULL => {
                return Err(invalid(
                    "all of the memory is in use by other programs: give the machine more",
                ));
            }
            _ => {}
        }
        let mut problem = None;
        for memory in self.candidates.drain(..) {
            match within(memory, at, capacity, turn) {
                Ok(rings) if rings.has_turn() => {
                    rings.populate();
                    return Ok(rings);
                }
                Ok(_) => {}
                Err(error) => problem = Some(error),
            }
        }
        Err(problem
            .unwrap_or_else(|| invalid("this machine's memory and the server's are not the same")))
    }
}

struct IvshmemListener {
    uri: Uri,
    scheme: &'static str,
    parts: Parts,
    control: Box<dyn Listener>,
}

impl Listener for IvshmemListener {
    fn accept(&self) -> io::Result<Connection> {
        loop {
            let control = self.control.accept()?;
            // A peer that was gone before it was accepted fails here, and so does one for which there is no memory, which it is told:
            // that is its own affair.
            let Ok((socket, peer)) = socket(control) else {
                continue;
            };
            let taken = self.parts.take();
            let (at, capacity, turn) = match &taken {
                Ok(part) => (part.at, part.rings.capacity, part.rings.turn.unwrap_or(0)),
                Err(reason) => (*reason, 0, 0),
            };
            let mut message = [0; MESSAGE];
            message[..8].copy_from_slice(&MAGIC);
            for (place, number) in message[8..]
                .chunks_exact_mut(8)
                .zip([at, capacity as u64, turn])
            {
                place.copy_from_slice(&number.to_le_bytes());
            }
            // Nothing has been sent on this socket before, so there is room for all of it.
            let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
            let gone = match rustix::net::send(&socket, &message, flags) {
                Ok(MESSAGE) => false,
                // A client that has left again is a connection that is at its end, as with every transport.
                Err(Errno::PIPE | Errno::CONNRESET) => true,
                _ => continue,
            };
            if let Ok(part) = taken {
                let shared = rings::there(socket, Side::Server, part.rings, gone);
                return Ok(connection(shared, self.scheme, peer));
            }
        }
    }

    fn uri(&self) -> Uri {
        self.uri.clone()
    }

    fn closer(&self) -> Closer {
        self.control.closer()
    }
}

/// The server's memory.
struct Parts {
    path: PathBuf,
    capacity: usize,
    /// Where to look for a free part first. In turns, and not from where the last server began: a client whose worker has died looks
    /// whether the part is still its own before it touches it, but not in the same instant.
    next: AtomicUsize,
}

/// A part that was free.
struct Part {
    at: u64,
    rings: Rings,
}

impl Parts {
    /// Takes a part and empties it, or says why not, in the words of the message.
    fn take(&self) -> Result<Part, u64> {
        // Anew, so that its locks are this connection's alone.
        let flags = OFlags::RDWR | OFlags::CLOEXEC | OFlags::NOCTTY;
        let memory = open(&self.path, flags, Mode::empty()).map_err(|_| ABSENT)?;
        let stat = fstat(&memory).map_err(|_| ABSENT)?;
        let size = u64::try_from(stat.st_size).unwrap_or(0);
        // Whoever may write could also shorten it, which ends the processes that have it mapped.
        let private = Mode::from_raw_mode(stat.st_mode).bits() & Mode::WOTH.bits() == 0;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile || !private {
            return Err(UNFIT);
        }
        let mut capacity = self.capacity;
        let mut stride = rings::length(capacity).ok_or(UNFIT)? as u64;
        while size / stride < PARTS && capacity > *CAPACITIES.start() {
            capacity /= 2;
            stride = rings::length(capacity).ok_or(UNFIT)? as u64;
        }
        let count = usize::try_from(size / stride).unwrap_or(usize::MAX);
        if count == 0 {
            return Err(UNFIT);
        }
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        for number in 0..count {
            let at = (first.wrapping_add(number) % count) as u64 * stride;
            if !lock(&memory, at).map_err(|_| UNFIT)? {
                continue;
            }
            let turn = random().map_err(|_| UNFIT)?;
            let rings = within(memory, at, capacity, turn).map_err(|_| UNFIT)?;
            rings.begin();
            return Ok(Part { at, rings });
        }
        Err(FULL)
    }
}

/// A number that nobody has used before, and not 0.
fn random() -> io::Result<u64> {
    let mut bytes = [0; 8];
    io::Read::read_exact(&mut std::fs::File::open("/dev/urandom")?, &mut bytes)?;
    Ok(u64::from_ne_bytes(bytes) | 1)
}

/// Locks the part that begins at `at` for this open file, unless another one has it.
fn lock(memory: &OwnedFd, at: u64) -> io::Result<bool> {
    // SAFETY: a plain struct of integers, for which all zero is valid.
    let mut lock: libc::flock = unsafe { std::mem::zeroed() };
    lock.l_type = libc::F_WRLCK as libc::c_short;
    lock.l_whence = libc::SEEK_SET as libc::c_short;
    lock.l_start = i64::try_from(at).map_err(io::Error::other)?;
    lock.l_len = 1;
    // SAFETY: the descriptor is open for the length of the borrow, and the kernel reads a whole struct.
    let result = unsafe { libc::fcntl(memory.as_raw_fd(), libc::F_OFD_SETLK, &raw const lock) };
    if result == 0 {
        return Ok(true);
    }
    let error = io::Error::last_os_error();
    match error.raw_os_error() {
        Some(libc::EAGAIN | libc::EACCES) => Ok(false),
        _ => Err(error),
    }
}

/// What goes to another process with the descriptors.
struct State {
    place: Place,
    /// The control's.
    scheme: &'static str,
    at: u64,
    turn: u64,
}

/// The schemes that a control can have, by their numbers.
const CONTROLS: [&str; 3] = ["tcp", "unix", "vsock"];

impl State {
    fn encode(&self) -> Vec<u8> {
        let scheme = CONTROLS.iter().position(|scheme| *scheme == self.scheme);
        let mut bytes = vec![scheme.map_or(u8::MAX, |number| number as u8)];
        bytes.extend(self.place.encode());
        for number in [self.at, self.turn] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    fn decode(mut bytes: &[u8]) -> Option<Self> {
        let scheme = *bytes.split_off_first()?;
        let place = Place::decode(&mut bytes)?;
        let (&[at, turn], []) = bytes.as_chunks::<8>() else {
            return None;
        };
        Some(Self {
            place,
            scheme: CONTROLS.get(usize::from(scheme))?,
            at: u64::from_le_bytes(at),
            turn: u64::from_le_bytes(turn),
        })
    }
}

struct IvshmemTransfer {
    shared: Arc<Shared>,
    scheme: &'static str,
}

impl Transfer for IvshmemTransfer {
    fn handoff(self: Box<Self>) -> Result<Handoff, NotTransferable> {
        let shared = &*self.shared;
        let failed =
            |e: Errno| NotTransferable::io("its descriptors cannot be duplicated", e.into());
        let Ok(rings) = shared.rings() else {
            return Err(NotTransferable::new(
                "the server has not said yet where its memory is",
            ));
        };
        let state = State {
            place: Place::of(shared, rings),
            scheme: self.scheme,
            at: rings.at,
            turn: rings.turn.unwrap_or(0),
        };
        // A duplicate has the same lock.
        let copy = |fd: &OwnedFd| fcntl_dupfd_cloexec(fd, 0).map_err(failed);
        Ok(Handoff {
            scheme: "ivshmem".to_owned(),
            fds: vec![copy(&shared.socket)?, copy(&rings.memory)?],
            state: state.encode().into(),
        })
    }
}

//! `shm:///PATH`: two rings in memory that client and server share, for a program on the server's own machine.
//!
//! The server listens on a Unix socket at the path, as `unix://` does. For each connection it makes a sealed memfd, which nobody can
//! shrink or grow any more, and sends it over the socket with four event counters, the bells. From then on bytes go through the rings
//! (`ring.rs`), and the socket says only whether the peer is still there.
//!
//! ```text
//! client                                     server
//! connect                                    accept
//!          <--- "PLNSHM01", capacity ---     memfd, the bells (SCM_RIGHTS)
//!          ===== rings =====
//! ```
//!
//! Each ring has a bell for its reader and one for its writer. Whoever has nothing to do sleeps in `poll` on a bell and on the socket,
//! so it hears of its peer's death; while both sides are awake there is no system call. Memory: 64 KiB for the positions, then the ring to the server, then the ring to the client.

use crate::ConnectOptions;
use crate::connection::{Connection, Descriptors, PeerInfo, Transfer};
use crate::error::{ConnectError, ListenError, NotTransferable, UriError};
use crate::handoff::Handoff;
use crate::listener::{Closer, ListenOptions, Listener};
use crate::memory;
use crate::rings::{self, Arrival, Bells, CAPACITIES, CAPACITY, Place, Rings, Shared, Side};
use crate::unix::{self, Bound};
use crate::uri::Uri;
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::io::{Errno, fcntl_dupfd_cloexec};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::path::Path;
use std::sync::Arc;

/// What the server's message begins with.
const MAGIC: [u8; 8] = *b"PLNSHM01";
/// The server's message: the magic and the capacity.
const MESSAGE: usize = 16;

/// Parses what follows `shm://`.
///
/// # Errors
/// [`UriError`] says what to write instead.
pub fn parse(rest: &str) -> Result<Uri, UriError> {
    Ok(Uri::Shm {
        path: unix::parse_path("shm", rest)?,
    })
}

/// Prints what follows `shm://`.
pub(crate) fn display(path: &Path, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    unix::display(path, f)
}

/// See [`crate::connect_with`].
///
/// The rings come when the server accepts; until then nothing can be sent.
pub(crate) fn connect(path: &Path, options: &ConnectOptions) -> Result<Connection, ConnectError> {
    let uri = Uri::Shm {
        path: path.to_owned(),
    };
    let socket = unix::connect_for(&uri, path, options)?;
    let failed = |error| ConnectError::Setup {
        uri: uri.to_string(),
        error,
    };
    let peer = unix::peer(socket.as_fd()).map_err(failed)?;
    Ok(connection(
        rings::coming(socket, Box::new(FromSocket)),
        peer,
    ))
}

/// See [`crate::listen`].
pub(crate) fn listen(
    path: &Path,
    options: &ListenOptions,
) -> Result<Box<dyn Listener>, ListenError> {
    let uri = Uri::Shm {
        path: path.to_owned(),
    };
    let capacity = options.buffer_bytes.unwrap_or(CAPACITY);
    Ok(Box::new(ShmListener {
        socket: Bound::new(&uri, path, options.backlog)?,
        capacity: capacity
            .clamp(*CAPACITIES.start(), *CAPACITIES.end())
            .next_power_of_two(),
    }))
}

/// See [`Connection::from_handoff`].
pub(crate) fn adopt(handoff: Handoff) -> Result<Connection, NotTransferable> {
    let wrong = || {
        NotTransferable::new(
            "a shm connection that changes its process is a socket, shared memory and four event counters",
        )
    };
    let (Ok([socket, memory, bells @ ..]), Some(place)) =
        (<[OwnedFd; 6]>::try_from(handoff.fds), whole(&handoff.state))
    else {
        return Err(wrong());
    };
    let peer = unix::peer(socket.as_fd())
        .map_err(|e| NotTransferable::io("its socket is not a connected Unix one", e))?;
    let rings = sealed(memory, bells, place.capacity)
        .map_err(|e| NotTransferable::io("its memory cannot be used", e))?;
    Ok(connection(place.resume(socket, rings), peer))
}

/// A place, and nothing behind it.
fn whole(mut state: &[u8]) -> Option<Place> {
    let place = Place::decode(&mut state)?;
    state.is_empty().then_some(place)
}

struct ShmListener {
    socket: Bound,
    capacity: usize,
}

impl Listener for ShmListener {
    fn accept(&self) -> io::Result<Connection> {
        loop {
            let socket = self.socket.accept()?;
            // A peer that was gone before it was accepted fails here, and so does a machine without memory: that is its own affair.
            if let Ok(connection) = accepted(socket, self.capacity) {
                return Ok(connection);
            }
        }
    }

    fn uri(&self) -> Uri {
        Uri::Shm {
            path: self.socket.path().to_owned(),
        }
    }

    fn closer(&self) -> Closer {
        self.socket.closer()
    }
}

/// The server's side of a connection that was accepted: makes the memory and sends it.
fn accepted(socket: OwnedFd, capacity: usize) -> io::Result<Connection> {
    let peer = unix::peer(socket.as_fd())?;
    let len = rings::length(capacity).ok_or(io::ErrorKind::InvalidInput)?;
    let memory = memory::make("pillion-rings", len as u64)?;
    let bell = rings::counter;
    let bells = [bell()?, bell()?, bell()?, bell()?];
    let mut message = [0; MESSAGE];
    message[..8].copy_from_slice(&MAGIC);
    message[8..].copy_from_slice(&(capacity as u64).to_le_bytes());
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(5))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let [a, b, c, d] = &bells;
    let fds = [memory.as_fd(), a.as_fd(), b.as_fd(), c.as_fd(), d.as_fd()];
    control.push(SendAncillaryMessage::ScmRights(&fds));
    // Nothing has been sent on this socket before, so there is room for all of it.
    let sent = sendmsg(
        &socket,
        &[IoSlice::new(&message)],
        &mut control,
        SendFlags::NOSIGNAL,
    );
    // A client that has left again is a connection that is at its end, as with every transport.
    let gone = match sent {
        Ok(MESSAGE) => false,
        Ok(_) => return Err(io::ErrorKind::WriteZero.into()),
        Err(Errno::PIPE | Errno::CONNRESET) => true,
        Err(error) => return Err(error.into()),
    };
    let rings = sealed(memory, bells, capacity)?;
    Ok(connection(
        rings::there(socket, Side::Server, rings, gone),
        peer,
    ))
}

/// Rings in memory that the peer cannot take away again.
fn sealed(memory: OwnedFd, bells: [OwnedFd; 4], capacity: usize) -> io::Result<Rings> {
    if let Some(len) = rings::length(capacity) {
        memory::check(&memory, len as u64)?;
    }
    Rings::over(memory, 0, capacity, Bells::Counters(bells), None)
}

fn connection(shm: Arc<Shared>, peer: PeerInfo) -> Connection {
    rings::connection(&shm, peer)
        .passing(Arc::new(ShmDescriptors {
            shm: Arc::clone(&shm),
        }))
        .transferable(Box::new(ShmTransfer { shm }))
}

/// Rings that the server sends over the socket.
struct FromSocket;

impl Arrival for FromSocket {
    fn receive(&mut self, socket: &OwnedFd) -> io::Result<Rings> {
        receive(socket)
    }
}

/// Takes the server's message from a client's socket.
fn receive(socket: &OwnedFd) -> io::Result<Rings> {
    let invalid = |reason: &str| {
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{reason}: is it a server that listens at a shm:// address?"),
        )
    };
    let mut message = [0; MESSAGE];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(5))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let received = loop {
        match recvmsg(
            socket,
            &mut [IoSliceMut::new(&mut message)],
            &mut control,
            RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT,
        ) {
            Err(Errno::INTR) => {}
            received => break received?,
        }
    };
    let mut fds = Vec::new();
    for part in control.drain() {
        if let RecvAncillaryMessage::ScmRights(arrived) = part {
            fds.extend(arrived);
        }
    }
    if received.bytes == 0 {
        return Err(io::ErrorKind::ConnectionReset.into());
    }
    let (magic, capacity) = message.split_at(8);
    if received.bytes != MESSAGE || magic != MAGIC {
        return Err(invalid(
            "the server's first message is not about shared memory",
        ));
    }
    let Ok([memory, bells @ ..]) = <[OwnedFd; 5]>::try_from(fds) else {
        return Err(invalid(
            "the server sent other descriptors than it should, or this process may open no more",
        ));
    };
    let capacity = capacity
        .first_chunk::<8>()
        .map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let capacity = usize::try_from(capacity).unwrap_or(0);
    let rings = sealed(memory, bells, capacity)?;
    rings.populate();
    Ok(rings)
}

/// The socket, which carries nothing else once the rings are there.
struct ShmDescriptors {
    shm: Arc<Shared>,
}

impl Descriptors for ShmDescriptors {
    fn send(&self, descriptor: BorrowedFd<'_>) -> io::Result<()> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        let fds = [descriptor];
        control.push(SendAncillaryMessage::ScmRights(&fds));
        let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
        loop {
            match sendmsg(&self.shm.socket, &[IoSlice::new(&[1])], &mut control, flags) {
                Err(Errno::INTR) => {}
                sent => return Ok(sent.map(|_| ())?),
            }
        }
    }

    fn receive(&self) -> io::Result<OwnedFd> {
        // The first message is about the rings.
        self.shm.rings()?;
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut byte = [0];
        let flags = RecvFlags::CMSG_CLOEXEC | RecvFlags::DONTWAIT;
        loop {
            match recvmsg(
                &self.shm.socket,
                &mut [IoSliceMut::new(&mut byte)],
                &mut control,
                flags,
            ) {
                Err(Errno::INTR) => {}
                Ok(_) => break,
                Err(error) => return Err(error.into()),
            }
        }
        let mut descriptors = control.drain().filter_map(|part| match part {
            RecvAncillaryMessage::ScmRights(arrived) => Some(arrived),
            _ => None,
        });
        // What was sent beyond the one is closed.
        descriptors
            .next()
            .and_then(|mut arrived| arrived.next())
            .ok_or(io::ErrorKind::InvalidData.into())
    }
}

struct ShmTransfer {
    shm: Arc<Shared>,
}

impl Transfer for ShmTransfer {
    fn handoff(self: Box<Self>) -> Result<Handoff, NotTransferable> {
        let shm = &*self.shm;
        let failed = |e: io::Error| NotTransferable::io("its descriptors cannot be duplicated", e);
        let Ok(rings) = shm.rings() else {
            return Err(NotTransferable::new(
                "the server has not sent its shared memory yet",
            ));
        };
        let Bells::Counters(bells) = &rings.bells else {
            return Err(NotTransferable::new("its bells are of another kind"));
        };
        let copy = |fd: &OwnedFd| fcntl_dupfd_cloexec(fd, 0).map_err(|e| failed(e.into()));
        Ok(Handoff {
            scheme: "shm".to_owned(),
            fds: [&shm.socket, &rings.memory]
                .into_iter()
                .chain(bells)
                .map(copy)
                .collect::<Result<_, _>>()?,
            state: Place::of(shm, rings).encode().into(),
        })
    }
}

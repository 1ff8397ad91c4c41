//! Passing descriptors, and connections made of them, between processes.
//!
//! A message is `u32 length, u32 number of descriptors` (little endian), then `length` bytes; the descriptors travel as
//! SCM_RIGHTS with its first bytes. It goes over a Unix *stream* socket that both processes trust each other on.

use crate::poller::poll_until;
use rustix::event::{PollFd, PollFlags};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use zeroize::Zeroizing;

/// The most descriptors of one message.
pub const MAX_FDS: usize = 16;

/// The most bytes of one message.
pub const MAX_MESSAGE: usize = 64 * 1024;

const HEADER: usize = 8;

/// A connection between two processes: no longer in the one, not yet in the other.
#[derive(Debug)]
pub struct Handoff {
    /// Which transport it belongs to.
    pub scheme: String,
    /// What it needs of the kernel, in the transport's own order.
    pub fds: Vec<OwnedFd>,
    /// What it needs beyond that, in the transport's own form. With [`send`](Self::send), at most [`MAX_MESSAGE`] bytes
    /// less the note. There may be secrets in it: it is wiped when dropped.
    pub state: Zeroizing<Vec<u8>>,
}

impl Handoff {
    /// Sends it over `socket`, a Unix stream socket, with `note` for the process that [receives](Self::receive) it.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] when scheme, state and note are more than one message holds; else the socket's.
    pub fn send(self, socket: impl AsFd, note: &[u8]) -> io::Result<()> {
        let too_long = |_| {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                "the handoff does not fit into a message",
            )
        };
        let length = 5 + self.scheme.len() + self.state.len() + note.len();
        let mut message = Zeroizing::new(Vec::with_capacity(length));
        message.push(u8::try_from(self.scheme.len()).map_err(too_long)?);
        message.extend_from_slice(self.scheme.as_bytes());
        message.extend_from_slice(
            &u32::try_from(self.state.len())
                .map_err(too_long)?
                .to_le_bytes(),
        );
        message.extend_from_slice(&self.state);
        message.extend_from_slice(note);
        let fds: Vec<_> = self.fds.iter().map(AsFd::as_fd).collect();
        send_fds(socket, &message, &fds)
    }

    /// Receives what [`send`](Self::send) sent, with its note. `None`: the other process has closed the socket.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] when it is no handoff; else as [`recv_fds`].
    pub fn receive(socket: impl AsFd) -> io::Result<Option<(Self, Vec<u8>)>> {
        let Some((message, fds)) = recv_fds(socket, MAX_MESSAGE)? else {
            return Ok(None);
        };
        let message = Zeroizing::new(message);
        let parts = || {
            let (&length, rest) = message.split_first()?;
            let (scheme, rest) = rest.split_at_checked(usize::from(length))?;
            let (length, rest) = rest.split_first_chunk::<4>()?;
            let (state, note) =
                rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
            Some((
                str::from_utf8(scheme).ok()?.to_owned(),
                Zeroizing::new(state.to_vec()),
                note.to_vec(),
            ))
        };
        match parts() {
            Some((scheme, state, note)) => Ok(Some((Self { scheme, fds, state }, note))),
            None => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "what was received is not a connection's handoff",
            )),
        }
    }
}

/// Sends `message` and `fds` over `socket`, a Unix stream socket, blocking or not; waits until all is sent.
///
/// The descriptors stay open here: the receiver gets its own.
///
/// # Errors
/// [`io::ErrorKind::InvalidInput`] for more than [`MAX_MESSAGE`] bytes or [`MAX_FDS`] descriptors; else the socket's.
pub fn send_fds(socket: impl AsFd, message: &[u8], fds: &[BorrowedFd<'_>]) -> io::Result<()> {
    if message.len() > MAX_MESSAGE || fds.len() > MAX_FDS {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!(
                "{} bytes and {} descriptors do not fit into one message ({MAX_MESSAGE} and {MAX_FDS})",
                message.len(),
                fds.len()
            ),
        ));
    }
    let socket = socket.as_fd();
    let mut header = [0; HEADER];
    header[..4].copy_from_slice(&(message.len() as u32).to_le_bytes());
    header[4..].copy_from_slice(&(fds.len() as u32).to_le_bytes());

    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_FDS))];
    let mut sent = 0;
    while sent < HEADER + message.len() {
        let mut control = SendAncillaryBuffer::new(&mut space);
        if sent == 0 && !fds.is_empty() && !control.push(SendAncillaryMessage::ScmRights(fds)) {
            return Err(io::Error::other(
                "the control buffer is smaller than computed",
            ));
        }
        let bufs = [
            IoSlice::new(&header[sent.min(HEADER)..]),
            IoSlice::new(&message[sent.saturating_sub(HEADER)..]),
        ];
        match sendmsg(socket, &bufs, &mut control, SendFlags::NOSIGNAL) {
            Ok(n) => sent += n,
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                poll_until(
                    &mut [PollFd::from_borrowed_fd(socket, PollFlags::OUT)],
                    None,
                )?;
            }
            Err(e) => return Err(e.into()),
        }
    }
    Ok(())
}

/// Receives one message of [`send_fds`] and its descriptors (close-on-exec) from `socket`, blocking or not; waits until all
/// is there. `None`: the peer has closed the socket. `limit` is the most bytes to take.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] when the peer announces more than `limit` bytes or [`MAX_FDS`] descriptors, or sends
/// another number of them than it announced (also when this process has no descriptors left to take them);
/// [`io::ErrorKind::UnexpectedEof`] when it closes in the middle; else the socket's.
pub fn recv_fds(socket: impl AsFd, limit: usize) -> io::Result<Option<(Vec<u8>, Vec<OwnedFd>)>> {
    let socket = socket.as_fd();
    let mut fds = Vec::new();
    let mut header = [0; HEADER];
    if !fill(socket, &mut header, &mut fds)? {
        return Ok(None);
    }
    let [l0, l1, l2, l3, f0, f1, f2, f3] = header;
    let length = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
    let announced = u32::from_le_bytes([f0, f1, f2, f3]) as usize;
    if length > limit || announced > MAX_FDS {
        return Err(invalid(format!(
            "a message of {length} bytes and {announced} descriptors is more than the {limit} and {MAX_FDS} allowed"
        )));
    }
    let mut message = vec![0; length];
    if !message.is_empty() && !fill(socket, &mut message, &mut fds)? {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if fds.len() != announced {
        return Err(invalid(format!(
            "{announced} descriptors were announced and {} arrived; raise the limit of open files if it is reached",
            fds.len()
        )));
    }
    Ok(Some((message, fds)))
}

/// Fills `buf` and collects descriptors on the way. False: the peer closed before the first byte.
fn fill(socket: BorrowedFd<'_>, buf: &mut [u8], fds: &mut Vec<OwnedFd>) -> io::Result<bool> {
    let mut filled = 0;
    while filled < buf.len() {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_FDS))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let received = recvmsg(
            socket,
            &mut [IoSliceMut::new(&mut buf[filled..])],
            &mut control,
            RecvFlags::CMSG_CLOEXEC,
        );
        match received {
            Ok(message) => {
                for part in control.drain() {
                    if let RecvAncillaryMessage::ScmRights(arrived) = part {
                        fds.extend(arrived);
                    }
                }
                if message.flags.contains(ReturnFlags::CTRUNC) {
                    return Err(invalid(
                        "more descriptors were sent than fit or than this process may open"
                            .to_owned(),
                    ));
                }
                match message.bytes {
                    0 if filled == 0 => return Ok(false),
                    0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                    n => filled += n,
                }
            }
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => {
                poll_until(&mut [PollFd::from_borrowed_fd(socket, PollFlags::IN)], None)?;
            }
            Err(e) => return Err(e.into()),
        }
    }
    Ok(true)
}

fn invalid(reason: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

//! What every transport over a stream socket shares.

use crate::connection::{Connection, PeerInfo, Receiver, Sender, Transfer};
use crate::error::NotTransferable;
use crate::handoff::Handoff;
use crate::keepalive::Watch;
use crate::poller::{Interest, Poller, Ready, poll_until, wait_with};
use crate::unix;
use crate::waker::Waker;
use rustix::event::{PollFd, PollFlags};
use rustix::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvFlags, SendAncillaryBuffer, SendFlags, Shutdown,
    SocketFlags, SocketType, recvmsg, sendmsg, shutdown, socketpair, sockopt,
};
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::size_of_val;
use std::sync::Arc;
use std::time::Duration;

/// The most buffers that Linux takes in one call (UIO_MAXIOV); the rest goes with the next.
const MAX_SLICES: usize = 1024;

/// A connection over a connected stream socket.
pub(crate) fn connection(socket: OwnedFd, scheme: &'static str, peer: PeerInfo) -> Connection {
    shared(Arc::new(socket), scheme, peer)
}

/// The same of a socket that something else refers to as well.
pub(crate) fn shared(socket: Arc<OwnedFd>, scheme: &'static str, peer: PeerInfo) -> Connection {
    let sender = Box::new(SocketSender {
        socket: Arc::clone(&socket),
    });
    let receiver = Box::new(SocketReceiver {
        socket: Arc::clone(&socket),
    });
    let poller = Arc::new(SocketPoller {
        watch: Watch::new(&socket),
        socket: Arc::clone(&socket),
    });
    Connection::new(sender, receiver, poller, peer)
        .transferable(Box::new(SocketTransfer { socket, scheme }))
}

/// Two connected ones, counted as `unix`.
pub(crate) fn pair() -> io::Result<(Connection, Connection)> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let (a, b) = socketpair(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    Ok((unix::connection(a)?, unix::connection(b)?))
}

/// The only descriptor of a handoff of a socket transport.
pub(crate) fn adopt(handoff: Handoff) -> Result<OwnedFd, NotTransferable> {
    if !handoff.state.is_empty() {
        return Err(NotTransferable::new(format!(
            "a {} connection that changes its process has no state beyond its socket, and this one came with some",
            handoff.scheme
        )));
    }
    only(handoff)
}

/// The only descriptor of a handoff of a transport over one socket.
pub(crate) fn only(handoff: Handoff) -> Result<OwnedFd, NotTransferable> {
    let scheme = &handoff.scheme;
    let wrong = |what: &str| {
        NotTransferable::new(format!(
            "a {scheme} connection that changes its process {what}"
        ))
    };
    let Ok([socket]) = <[OwnedFd; 1]>::try_from(handoff.fds) else {
        return Err(wrong(
            "is one descriptor, and this was another number of them",
        ));
    };
    match rustix::net::sockopt::socket_type(&socket) {
        Ok(SocketType::STREAM) => Ok(socket),
        Ok(_) => Err(wrong("is a stream socket, and this is one of another type")),
        Err(e) => Err(NotTransferable::io("its descriptor is no socket", e.into())),
    }
}

/// Sets both kernel buffers of a socket. The kernel doubles the figure and bounds it (net.core.wmem_max, rmem_max).
pub(crate) fn set_buffers(socket: impl AsFd, bytes: usize) -> io::Result<()> {
    // The kernel takes an int.
    let bytes = bytes.min(i32::MAX as usize / 2);
    sockopt::set_socket_send_buffer_size(&socket, bytes)?;
    sockopt::set_socket_recv_buffer_size(&socket, bytes)?;
    Ok(())
}

/// Asks the kernel for numbers about a socket. Answers how many it knows.
pub(crate) fn ask(
    socket: impl AsFd,
    level: libc::c_int,
    option: libc::c_int,
    numbers: &mut [u32],
) -> Option<usize> {
    let mut length = size_of_val(numbers) as libc::socklen_t;
    // SAFETY: `numbers` has `length` bytes to be written, and any bytes are numbers.
    let status = unsafe {
        libc::getsockopt(
            socket.as_fd().as_raw_fd(),
            level,
            option,
            numbers.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    (status == 0).then_some(length as usize / size_of::<u32>())
}

struct SocketSender {
    socket: Arc<OwnedFd>,
}

impl Sender for SocketSender {
    fn try_send(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        const FLAGS: SendFlags = SendFlags::NOSIGNAL.union(SendFlags::DONTWAIT);
        let bufs = &bufs[..bufs.len().min(MAX_SLICES)];
        // Sending nothing on a broken connection would say so, or not: leave the kernel out of it.
        if bufs.iter().all(|b| b.is_empty()) {
            return Ok(0);
        }
        loop {
            let sent = match bufs {
                [one] => rustix::net::send(&self.socket, one, FLAGS),
                many => sendmsg(
                    &self.socket,
                    many,
                    &mut SendAncillaryBuffer::default(),
                    FLAGS,
                ),
            };
            match sent {
                Err(Errno::INTR) => {}
                sent => return Ok(sent?),
            }
        }
    }

    fn shutdown(&mut self) -> io::Result<()> {
        match shutdown(&self.socket, Shutdown::Write) {
            Ok(()) | Err(Errno::NOTCONN) => Ok(()),
            Err(e) => Err(e.into()),
        }
    }
}

struct SocketReceiver {
    socket: Arc<OwnedFd>,
}

impl Receiver for SocketReceiver {
    fn try_recv(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let count = bufs.len().min(MAX_SLICES);
        let bufs = &mut bufs[..count];
        // 0 has a meaning of its own, so it must not also mean "no room".
        if bufs.iter().all(|b| b.is_empty()) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        loop {
            let received = match &mut *bufs {
                [one] => {
                    rustix::net::recv(&self.socket, &mut **one, RecvFlags::DONTWAIT).map(|(n, _)| n)
                }
                many => recvmsg(
                    &self.socket,
                    many,
                    &mut RecvAncillaryBuffer::default(),
                    RecvFlags::DONTWAIT,
                )
                .map(|m| m.bytes),
            };
            match received {
                Err(Errno::INTR) => {}
                received => return Ok(received?),
            }
        }
    }
}

struct SocketPoller {
    socket: Arc<OwnedFd>,
    watch: Watch,
}

impl Poller for SocketPoller {
    fn wait(
        &self,
        interest: Interest,
        waker: Option<&Waker>,
        timeout: Option<Duration>,
    ) -> io::Result<Ready> {
        let socket = self.socket.as_fd();
        wait_with(socket, interest, waker, |fds| {
            self.watch.poll(socket, fds, timeout)
        })
    }

    fn wait_for_end(&self) -> io::Result<()> {
        // Whatever it is that poll tells of then, it is the end.
        let mut end = [PollFd::from_borrowed_fd(
            self.socket.as_fd(),
            PollFlags::RDHUP,
        )];
        poll_until(&mut end, None).map(|_| ())
    }

    fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        Some(self.socket.as_fd())
    }
}

struct SocketTransfer {
    socket: Arc<OwnedFd>,
    scheme: &'static str,
}

impl Transfer for SocketTransfer {
    fn handoff(self: Box<Self>) -> Result<Handoff, NotTransferable> {
        let Self { socket, scheme } = *self;
        let socket = match Arc::try_unwrap(socket) {
            Ok(socket) => socket,
            // Somebody keeps a clone of the poller: it goes on, harmlessly.
            Err(shared) => shared
                .try_clone()
                .map_err(|e| NotTransferable::io("its descriptor cannot be duplicated", e))?,
        };
        Ok(Handoff {
            scheme: scheme.to_owned(),
            fds: vec![socket],
            state: Vec::new().into(),
        })
    }
}

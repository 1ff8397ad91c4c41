//! A socket that more is read from than is asked for, so that a frame's head costs no system call of its own.

use crate::ahead::Ahead;
use crate::connection::Transfer;
use crate::error::NotTransferable;
use crate::handoff::Handoff;
use crate::poller::{Interest, Poller, Ready, poll_until};
use crate::waker::Waker;
use rustix::event::{PollFd, PollFlags};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::io::{Errno, fcntl_dupfd_cloexec};
use rustix::net::{RecvAncillaryBuffer, RecvFlags, recvmsg};
use std::io::{self, IoSliceMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The most that is read ahead: it has to fit into a handoff.
pub(crate) const MOST: usize = 32 << 10;
/// Whoever has room for so much takes it from the kernel himself, and only a little is read ahead: what is copied once more is less.
const MUCH: usize = 8 << 10;
const LITTLE: usize = 4 << 10;
/// The most slices that are given to the kernel at once.
pub(crate) const MAX_SLICES: usize = 16;

/// What the parts of a connection share.
pub(crate) struct Shared {
    socket: OwnedFd,
    ahead: Ahead,
    /// What was read ahead, when the receiver is gone.
    idle: Mutex<Vec<u8>>,
}

impl Shared {
    /// With bytes that have been read already.
    pub(crate) fn new(socket: OwnedFd, read: Vec<u8>) -> io::Result<Arc<Self>> {
        Ok(Arc::new(Self {
            ahead: Ahead::new(&socket, !read.is_empty())?,
            socket,
            idle: Mutex::new(read),
        }))
    }

    pub(crate) fn socket(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<u8>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The direction from the peer.
pub(crate) struct PlainReceiver {
    shared: Arc<Shared>,
    buffer: Vec<u8>,
    /// What of it is still to be taken.
    start: usize,
    end: usize,
    /// What [`Ahead`] was told.
    told: bool,
}

impl PlainReceiver {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let mut buffer = std::mem::take(&mut *shared.idle());
        let end = buffer.len();
        buffer.resize(MOST.max(end), 0);
        Self {
            shared,
            buffer,
            start: 0,
            end,
            told: end > 0,
        }
    }

    /// Whether a call would find something without asking the kernel.
    pub(crate) fn is_ahead(&self) -> bool {
        self.start < self.end
    }

    /// Tells who waits whether there is something ahead: not with every call, of which it takes several to read a frame.
    pub(crate) fn tell(&mut self) {
        let ahead = self.is_ahead();
        if ahead != self.told {
            self.told = ahead;
            self.shared.ahead.tell(ahead);
        }
    }

    /// At most [`MAX_SLICES`] slices.
    fn fetch(&mut self, bufs: &mut [IoSliceMut<'_>], room: usize) -> io::Result<usize> {
        let ahead = if room < MUCH { MOST } else { LITTLE };
        let received = {
            let mut slices: [IoSliceMut<'_>; MAX_SLICES + 1] =
                std::array::from_fn(|_| IoSliceMut::new(&mut []));
            let count = bufs.len();
            for (slice, buf) in slices.iter_mut().zip(bufs) {
                *slice = IoSliceMut::new(buf);
            }
            slices[count] = IoSliceMut::new(&mut self.buffer[..ahead]);
            loop {
                match recvmsg(
                    &self.shared.socket,
                    &mut slices[..=count],
                    &mut RecvAncillaryBuffer::default(),
                    RecvFlags::DONTWAIT,
                ) {
                    Err(Errno::INTR) => {}
                    received => break received?.bytes,
                }
            }
        };
        (self.start, self.end) = (0, received.saturating_sub(room));
        Ok(received.min(room))
    }
}

impl PlainReceiver {
    /// As [`Receiver::try_recv`](crate::Receiver::try_recv), but for [`Self::tell`], of at most [`MAX_SLICES`] slices.
    pub(crate) fn try_recv(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        debug_assert!(bufs.len() <= MAX_SLICES);
        let room: usize = bufs.iter().map(|buf| buf.len()).sum();
        // 0 has a meaning of its own, so it must not also mean "no room".
        if room == 0 {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        if !self.is_ahead() {
            return self.fetch(bufs, room);
        }
        let mut taken = 0;
        for buf in bufs {
            let from = &self.buffer[self.start..self.end];
            let n = from.len().min(buf.len());
            buf[..n].copy_from_slice(&from[..n]);
            self.start += n;
            taken += n;
        }
        Ok(taken)
    }
}

impl Drop for PlainReceiver {
    fn drop(&mut self) {
        *self.shared.idle() = self.buffer[self.start..self.end].to_vec();
    }
}

pub(crate) struct PlainPoller {
    shared: Arc<Shared>,
}

impl PlainPoller {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

impl Poller for PlainPoller {
    fn wait(
        &self,
        interest: Interest,
        waker: Option<&Waker>,
        timeout: Option<Duration>,
    ) -> io::Result<Ready> {
        let shared = &*self.shared;
        shared
            .ahead
            .wait(shared.socket(), interest, waker, timeout, &())
    }

    fn wait_for_end(&self) -> io::Result<()> {
        // Whatever it is that poll tells of then, it is the end.
        let mut end = [PollFd::from_borrowed_fd(
            self.shared.socket(),
            PollFlags::RDHUP,
        )];
        poll_until(&mut end, None).map(|_| ())
    }
}

/// Gives the socket to another process, with what was read ahead.
pub(crate) struct PlainTransfer {
    shared: Arc<Shared>,
}

impl PlainTransfer {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

impl Transfer for PlainTransfer {
    fn handoff(self: Box<Self>) -> Result<Handoff, NotTransferable> {
        let socket = fcntl_dupfd_cloexec(self.shared.socket(), 0)
            .map_err(|e| NotTransferable::io("its descriptor cannot be duplicated", e.into()))?;
        Ok(Handoff {
            scheme: "ws".to_owned(),
            fds: vec![socket],
            state: std::mem::take(&mut *self.shared.idle()).into(),
        })
    }
}

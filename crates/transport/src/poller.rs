//! Waiting for a connection.

use crate::waker::Waker;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{AsFd, BorrowedFd};
use rustix::io::Errno;
use std::io;
use std::time::{Duration, Instant};

/// What a waiter wants to know of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    /// Return when [`try_recv`](crate::Receiver::try_recv) would not say `WouldBlock`.
    pub readable: bool,
    /// Return when [`try_send`](crate::Sender::try_send) would not say `WouldBlock`.
    pub writable: bool,
}

impl Interest {
    /// Neither: wait for the waker, the timeout, or the connection's end.
    pub const NONE: Self = Self {
        readable: false,
        writable: false,
    };
    /// Only readable.
    pub const READABLE: Self = Self {
        readable: true,
        writable: false,
    };
    /// Only writable.
    pub const WRITABLE: Self = Self {
        readable: false,
        writable: true,
    };
    /// Both.
    pub const BOTH: Self = Self {
        readable: true,
        writable: true,
    };
}

/// Why a wait returned. All false: the timeout passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ready {
    /// There is something to receive, or the end of the stream, or an error that the next
    /// [`try_recv`](crate::Receiver::try_recv) returns. Never set without interest in it.
    pub readable: bool,
    /// There is room to send, or an error that the next [`try_send`](crate::Sender::try_send) returns. Never set without
    /// interest in it.
    pub writable: bool,
    /// The waker was used. Its wakes so far are forgotten.
    pub woken: bool,
    /// The connection is at its end in both directions, or failed. Set whatever the interest. What the peer sent before
    /// may still be there to receive. A peer that closed only its own direction is not this: it shows as `readable` and
    /// a [`try_recv`](crate::Receiver::try_recv) of 0.
    pub closed: bool,
}

/// Waits until a connection is ready.
///
/// Several threads may wait on one poller at once, each with its own interest and waker. Readiness is a level, not an edge:
/// what has not been received or is still free to send is reported again by the next wait.
pub trait Poller: Send + Sync {
    /// Waits until something of `interest` holds, `waker` is used, the connection closes, or `timeout` passes. `None` waits
    /// for ever; [`Duration::ZERO`] only looks. Signals do not end it.
    ///
    /// # Errors
    /// The kernel's, when it cannot wait at all (no memory). An error of the connection itself is not one: it makes the
    /// wait return, and the next send or receive says what it is.
    fn wait(
        &self,
        interest: Interest,
        waker: Option<&Waker>,
        timeout: Option<Duration>,
    ) -> io::Result<Ready>;

    /// Waits until the peer sends nothing any more: it has closed the connection, or where the transport shows that, its own
    /// direction. What it sent before may still be there to receive.
    ///
    /// # Errors
    /// As [`Poller::wait`].
    fn wait_for_end(&self) -> io::Result<()> {
        while !self.wait(Interest::NONE, None, None)?.closed {}
        Ok(())
    }

    /// The descriptor that is readable whenever something has come that was not there when [`Receiver::try_recv`](crate::Receiver::try_recv)
    /// last said `WouldBlock`, for transports that go over such a connection. None where there is no single one.
    #[doc(hidden)]
    fn descriptor(&self) -> Option<BorrowedFd<'_>> {
        None
    }
}

/// [`Poller::wait`] for a transport whose connection is one file descriptor.
pub(crate) fn wait_fd(
    fd: BorrowedFd<'_>,
    interest: Interest,
    waker: Option<&Waker>,
    timeout: Option<Duration>,
) -> io::Result<Ready> {
    wait_with(fd, interest, waker, |fds| poll_until(fds, timeout))
}

/// The same by this way to poll.
pub(crate) fn wait_with(
    fd: BorrowedFd<'_>,
    interest: Interest,
    waker: Option<&Waker>,
    mut poll: impl FnMut(&mut [PollFd<'_>]) -> io::Result<usize>,
) -> io::Result<Ready> {
    let mut events = PollFlags::empty();
    events.set(PollFlags::IN, interest.readable);
    events.set(PollFlags::OUT, interest.writable);
    let connection = PollFd::from_borrowed_fd(fd, events);
    let got = match waker {
        Some(waker) => {
            let mut fds = [
                connection,
                PollFd::from_borrowed_fd(waker.as_fd(), PollFlags::IN),
            ];
            poll(&mut fds)?;
            let woken = !fds[1].revents().is_empty() && waker.drain();
            (fds[0].revents(), woken)
        }
        None => {
            let mut fds = [connection];
            poll(&mut fds)?;
            (fds[0].revents(), false)
        }
    };
    let (events, woken) = got;
    let closed = events.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL);
    Ok(Ready {
        readable: interest.readable && (closed || events.contains(PollFlags::IN)),
        writable: interest.writable && (closed || events.contains(PollFlags::OUT)),
        woken,
        closed,
    })
}

/// ppoll that goes on after signals for what is left of the time. Returns how many descriptors are ready.
pub(crate) fn poll_until(fds: &mut [PollFd<'_>], timeout: Option<Duration>) -> io::Result<usize> {
    // A deadline beyond the clock's range is no deadline. The clock is only read when there is something to count.
    let deadline = match timeout {
        Some(t) if !t.is_zero() => Instant::now().checked_add(t),
        _ => None,
    };
    let mut left = timeout;
    loop {
        let limit = left.and_then(|t| Timespec::try_from(t).ok());
        match poll(fds, limit.as_ref()) {
            Ok(n) => return Ok(n),
            Err(Errno::INTR) => {
                if let Some(deadline) = deadline {
                    left = Some(deadline.saturating_duration_since(Instant::now()));
                }
            }
            Err(e) => return Err(e.into()),
        }
    }
}

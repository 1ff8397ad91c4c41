//! Ending another thread's wait.

use rustix::event::{EventfdFlags, eventfd};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

/// Wakes the thread that waits on a [`Poller`](crate::Poller) with it.
///
/// A wake is remembered: if nobody waits, the next wait returns at once. Several wakes before that count as one. What the
/// waking thread wrote before [`wake`](Self::wake) is visible to the waiter after its wait returned `woken`. Meant for one
/// waiting thread: when several wait with the same waker, some one of them takes the wake.
#[derive(Debug)]
pub struct Waker {
    event: OwnedFd,
    /// Whether a wake is under way or unseen, so that the next one needs no system call.
    pending: AtomicBool,
}

impl Waker {
    /// A waker that nobody has used yet.
    ///
    /// # Errors
    /// The kernel's, when the process has no file descriptor left.
    pub fn new() -> io::Result<Self> {
        let event = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Self {
            event,
            pending: AtomicBool::new(false),
        })
    }

    /// Ends the current or the next wait with this waker. Never blocks; may be called from a signal handler.
    pub fn wake(&self) {
        // Release, for the waiter's acquire in `drain`: it sees what this thread wrote before.
        if self.pending.swap(true, Ordering::AcqRel) {
            return;
        }
        // It can only fail with EAGAIN, when the counter is full: then the event is readable, which is all we want.
        let _ = rustix::io::write(&self.event, &1u64.to_ne_bytes());
    }

    /// Whether there may be a wake that nobody has seen, without a system call.
    pub(crate) fn is_pending(&self) -> bool {
        self.pending.load(Ordering::Acquire)
    }

    /// Forgets the wakes so far and says whether there was one.
    ///
    /// [`Poller::wait`](crate::Poller::wait) does this; it is for those who poll the descriptor themselves.
    pub fn drain(&self) -> bool {
        let mut count = [0; 8];
        let woken = matches!(rustix::io::read(&self.event, &mut count), Ok(8));
        // The order matters: cleared first, a wake between the two would leave `pending` set and the event empty, and
        // every later wake would be lost. This way a wake between the two makes no event, but the waiter is on its way
        // back already, and the acquire here, partner of the release in `wake`, shows it what that wake was about.
        if woken {
            self.pending.swap(false, Ordering::AcqRel)
        } else {
            false
        }
    }
}

impl AsFd for Waker {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.event.as_fd()
    }
}

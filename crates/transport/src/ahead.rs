//! Waiting on a socket from which more has been read than anybody has taken.
//!
//! What has been read is no longer the kernel's to tell of. [`Ahead`] knows that there is some, and wakes who waits already, in another
//! thread.

use crate::keepalive::Watch;
use crate::poller::{Interest, Ready};
use crate::waker::Waker;
use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd};
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// What the kernel has refused before and still has to take, whoever waits, and for what.
pub(crate) trait Resting {
    /// Whether there is any.
    fn is_resting(&self) -> bool;

    /// Sends it. `WouldBlock`: the kernel still refuses.
    fn settle(&self) -> io::Result<()>;
}

/// Nothing ever rests.
impl Resting for () {
    fn is_resting(&self) -> bool {
        false
    }

    fn settle(&self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether a receiver would find something without asking the kernel, and a bell for those who wait for that.
pub(crate) struct Ahead {
    buffered: AtomicBool,
    bell: OwnedFd,
    /// Threads that wait, or are about to.
    sleepers: AtomicUsize,
    /// Whether the bell may be ringing.
    struck: AtomicBool,
    watch: Watch,
}

impl Ahead {
    pub(crate) fn new(socket: impl AsFd, buffered: bool) -> io::Result<Self> {
        Ok(Self {
            buffered: AtomicBool::new(buffered),
            bell: eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?,
            sleepers: AtomicUsize::new(0),
            struck: AtomicBool::new(false),
            watch: Watch::new(socket),
        })
    }

    /// There is something buffered, or no longer. By the receiver alone.
    pub(crate) fn tell(&self, buffered: bool) {
        // SeqCst, here and in `wait`: either who waits sees what there is, or we see who waits.
        self.buffered.store(buffered, Ordering::SeqCst);
        if buffered && self.sleepers.load(Ordering::SeqCst) > 0 {
            self.struck.store(true, Ordering::Relaxed);
            // It can only fail when the counter is full: then it rings already.
            let _ = rustix::io::write(&self.bell, &1u64.to_ne_bytes());
        }
        if !buffered && self.struck.swap(false, Ordering::Relaxed) {
            let _ = rustix::io::read(&self.bell, &mut [0; 8]);
        }
    }

    /// [`Poller::wait`](crate::Poller::wait) on `socket`, in which `rest` goes on.
    pub(crate) fn wait(
        &self,
        socket: BorrowedFd<'_>,
        interest: Interest,
        waker: Option<&Waker>,
        timeout: Option<Duration>,
        rest: &impl Resting,
    ) -> io::Result<Ready> {
        if interest == Interest::READABLE && self.buffered.load(Ordering::SeqCst) {
            // Whoever has something to do needs no system call for it.
            return Ok(Ready {
                readable: true,
                woken: waker.is_some_and(|waker| waker.is_pending() && waker.drain()),
                ..Ready::default()
            });
        }
        if interest.readable {
            self.sleepers.fetch_add(1, Ordering::SeqCst);
        }
        let ready = self.sleep(socket, interest, waker, timeout, rest);
        if interest.readable {
            self.sleepers.fetch_sub(1, Ordering::SeqCst);
        }
        ready
    }

    fn sleep(
        &self,
        socket: BorrowedFd<'_>,
        interest: Interest,
        waker: Option<&Waker>,
        timeout: Option<Duration>,
        rest: &impl Resting,
    ) -> io::Result<Ready> {
        let deadline = timeout.and_then(|t| Instant::now().checked_add(t));
        let mut left = timeout;
        loop {
            let buffered = interest.readable && self.buffered.load(Ordering::SeqCst);
            let resting = rest.is_resting();
            if buffered {
                left = Some(Duration::ZERO);
            }
            let mut events = PollFlags::empty();
            events.set(PollFlags::IN, interest.readable);
            // What rests goes on whoever waits, and for what.
            events.set(PollFlags::OUT, interest.writable || resting);
            let connection = PollFd::from_borrowed_fd(socket, events);
            let bell = PollFd::from_borrowed_fd(self.bell.as_fd(), PollFlags::IN);
            let mut fds = [connection.clone(), connection.clone(), connection];
            let mut count = 1;
            if interest.readable {
                fds[count] = bell;
                count += 1;
            }
            if let Some(waker) = waker {
                fds[count] = PollFd::from_borrowed_fd(waker.as_fd(), PollFlags::IN);
            }
            let polled = &mut fds[..count + usize::from(waker.is_some())];
            self.watch.poll(socket, polled, left)?;
            let woken =
                waker.is_some_and(|waker| !fds[count].revents().is_empty() && waker.drain());
            let events = fds[0].revents();
            let closed = events.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL);
            let mut writable = events.contains(PollFlags::OUT);
            if resting && (writable || closed) {
                writable = match rest.settle() {
                    // Whether there is room for more, the next look tells.
                    Ok(()) => false,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        // Poll tells of room, and the kernel has no memory for it.
                        std::thread::sleep(Duration::from_millis(1));
                        false
                    }
                    // The next sender's to hear.
                    Err(_) => true,
                };
            }
            let buffered = interest.readable && self.buffered.load(Ordering::SeqCst);
            let ready = Ready {
                readable: interest.readable
                    && (closed || buffered || events.contains(PollFlags::IN)),
                writable: interest.writable && (closed || writable),
                woken,
                closed,
            };
            let over = left.is_some_and(|left| left.is_zero());
            if ready != Ready::default() || over {
                return Ok(ready);
            }
            // Something was sent that rested, or the bell rang for what somebody else has taken.
            left = deadline.map(|d| d.saturating_duration_since(Instant::now()));
            if timeout.is_some() && deadline.is_none() {
                // Longer than the clock can tell.
                left = timeout;
            }
            if left.is_some_and(|left| left.is_zero()) {
                return Ok(ready);
            }
        }
    }
}

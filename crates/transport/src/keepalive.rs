//! How peers that vanish without a word are found out.

use crate::poller::poll_until;
use crate::socket;
use rustix::event::PollFd;
use rustix::fd::{AsFd, BorrowedFd};
use rustix::net::sockopt;
use std::fmt;
use std::io;
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Unanswered probes after which a peer is dead.
const PROBES: u32 = 3;
/// The longest silence in which nothing is sent: address translation and firewalls forget a connection after some minutes of it, the
/// hastiest after one.
const LONGEST_SILENCE: Duration = Duration::from_secs(30);

/// After how long without a sign of life a peer counts as dead: power, cables and kernels fail without a word.
///
/// The kernel asks a peer that is silent, and repeats what a peer does not acknowledge; who answers neither for so long has his
/// connection closed. Meanwhile the questions keep the ways open that forget connections on which nothing is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeepAlive {
    seconds: u32,
}

impl KeepAlive {
    /// The shortest that the kernel can do: it counts in seconds.
    pub const LEAST: u32 = 6;
    /// A day.
    pub const MOST: u32 = 86400;

    /// After how long a peer counts as dead.
    #[must_use]
    pub fn dead_after(self) -> Duration {
        Duration::from_secs(u64::from(self.seconds))
    }

    /// Silence after which a peer is asked.
    fn idle(self) -> Duration {
        Duration::from_secs(u64::from(self.seconds / 2)).min(LONGEST_SILENCE)
    }

    /// Has the kernel look after a connected TCP socket.
    pub(crate) fn apply(self, socket: impl AsFd) -> io::Result<()> {
        let socket = socket.as_fd();
        let asking = self.dead_after() - self.idle();
        sockopt::set_socket_keepalive(socket, true)?;
        sockopt::set_tcp_keepidle(socket, self.idle())?;
        sockopt::set_tcp_keepintvl(
            socket,
            Duration::from_secs(asking.as_secs() / u64::from(PROBES)),
        )?;
        sockopt::set_tcp_keepcnt(socket, PROBES)?;
        // The same while something is unacknowledged, when the kernel does not ask.
        sockopt::set_tcp_user_timeout(socket, self.seconds * 1000)?;
        Ok(())
    }
}

impl Default for KeepAlive {
    /// A minute.
    fn default() -> Self {
        Self { seconds: 60 }
    }
}

impl fmt::Display for KeepAlive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.seconds.fmt(f)
    }
}

impl FromStr for KeepAlive {
    type Err = String;

    /// Reads a number of seconds.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim().parse() {
            Ok(seconds @ Self::LEAST..=Self::MOST) => Ok(Self { seconds }),
            _ => Err(format!(
                "{text:?} is not a number of seconds from {} to {}",
                Self::LEAST,
                Self::MOST
            )),
        }
    }
}

/// Keeps the kernel from taking a peer for dead that is there and does not read: a program that is stopped, a worker whose device is busy.
///
/// What bounds how long bytes may be unacknowledged (TCP_USER_TIMEOUT) also bounds how long they may wait for the peer's window, however
/// faithfully the peer answers the kernel that it is closed. So whoever waits has a look now and then: while the peer owes no answer
/// to that question, the bound is moved away.
pub(crate) struct Watch {
    /// The bound, in milliseconds. 0: there is none.
    bound: u32,
    begun: Instant,
    /// When to look, in milliseconds since then.
    due: AtomicU64,
    /// When the peer's window was first seen closed, or [`OPEN`].
    closed: AtomicU64,
    /// What the kernel has been told.
    told: AtomicU32,
}

/// The peer's window is open, as far as is known.
const OPEN: u64 = u64::MAX;
/// Looks within the bound, so that a thread that gets no processor for a while still comes in time.
const LOOKS: u32 = 6;

impl Watch {
    /// Of a socket that may be of any kind.
    pub(crate) fn new(socket: impl AsFd) -> Self {
        let bound = sockopt::tcp_user_timeout(socket).unwrap_or(0);
        Self {
            bound,
            begun: Instant::now(),
            due: AtomicU64::new(0),
            closed: AtomicU64::new(OPEN),
            told: AtomicU32::new(bound),
        }
    }

    /// [`poll_until`], with a look at `socket` whenever nothing has come for some time.
    pub(crate) fn poll(
        &self,
        socket: BorrowedFd<'_>,
        fds: &mut [PollFd<'_>],
        timeout: Option<Duration>,
    ) -> io::Result<usize> {
        if self.bound == 0 || timeout.is_some_and(|timeout| timeout.is_zero()) {
            return poll_until(fds, timeout);
        }
        let interval = self.interval();
        let mut left = timeout;
        loop {
            let limit = left.map_or(interval, |left| left.min(interval));
            let ready = poll_until(fds, Some(limit))?;
            if ready > 0 {
                return Ok(ready);
            }
            self.look(socket);
            left = left.map(|left| left - limit);
            if left.is_some_and(|left| left.is_zero()) {
                return Ok(0);
            }
        }
    }

    fn interval(&self) -> Duration {
        Duration::from_millis(u64::from(self.bound / LOOKS))
    }

    fn look(&self, socket: BorrowedFd<'_>) {
        let now = millis(self.begun.elapsed());
        // Relaxed, all of it: that two look, or one does a moment later, is all that can go wrong.
        if now < self.due.load(Ordering::Relaxed) {
            return;
        }
        self.due
            .store(now + millis(self.interval()), Ordering::Relaxed);
        let bound = match Window::of(socket) {
            Window::Open => {
                self.closed.store(OPEN, Ordering::Relaxed);
                self.bound
            }
            // What is left of the bound is what the peer has for its answer.
            Window::Asked => return,
            Window::Closed => {
                let closed = self.closed.load(Ordering::Relaxed).min(now);
                self.closed.store(closed, Ordering::Relaxed);
                // The kernel counts from when it found the window closed: not longer before than the bound, or it had not waited.
                let since = u32::try_from(now - closed).unwrap_or(u32::MAX);
                since.saturating_add(self.bound.saturating_mul(2)).min(MOST)
            }
        };
        if self.told.swap(bound, Ordering::Relaxed) != bound {
            // Where the kernel refuses, all stays as it is.
            let _ = sockopt::set_tcp_user_timeout(socket, bound);
        }
    }
}

/// The most that the kernel takes: it has an int.
const MOST: u32 = i32::MAX as u32;

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// How it stands with the peer's window.
#[derive(Debug, PartialEq, Eq)]
enum Window {
    /// Nothing waits for it.
    Open,
    /// Something does, and the peer has answered whenever it was asked.
    Closed,
    /// Something does, and the peer has not answered yet.
    Asked,
}

impl Window {
    fn of(socket: BorrowedFd<'_>) -> Self {
        // Of `struct tcp_info` in the kernel's linux/tcp.h, as words. The fourth byte of the first is `tcpi_probes`.
        const UNACKED: usize = 6;
        const UNSENT: usize = 36;
        let mut info = [0; UNSENT + 1];
        let told = socket::ask(socket, libc::IPPROTO_TCP, libc::TCP_INFO, &mut info);
        let [.., probes] = info[0].to_ne_bytes();
        // Bytes that could be sent, and none on their way: that is what a closed window looks like.
        match (told, info[UNSENT], info[UNACKED], probes) {
            (Some(told), 1.., 0, probes) if told > UNSENT => match probes {
                0 => Self::Closed,
                _ => Self::Asked,
            },
            _ => Self::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn the_kernel_is_told_what_was_asked_for() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        for seconds in [6, 7, 10, 59, 60, 61, 600, 86400] {
            let keep: KeepAlive = seconds.to_string().parse().unwrap();
            assert_eq!(
                (keep.to_string(), keep.dead_after().as_secs()),
                (seconds.to_string(), seconds)
            );
            keep.apply(&socket).unwrap();
            assert!(sockopt::socket_keepalive(&socket).unwrap());
            let idle = sockopt::tcp_keepidle(&socket).unwrap();
            let asking =
                sockopt::tcp_keepintvl(&socket).unwrap() * sockopt::tcp_keepcnt(&socket).unwrap();
            assert!(idle <= LONGEST_SILENCE && !idle.is_zero());
            let dead = (idle + asking).as_secs();
            assert!(dead <= seconds && dead + 3 > seconds, "{dead} of {seconds}");
            assert_eq!(
                u64::from(sockopt::tcp_user_timeout(&socket).unwrap()),
                seconds * 1000
            );
        }
        for text in ["", "5", "86401", "-7", "1m", "6.5"] {
            text.parse::<KeepAlive>().unwrap_err();
        }
    }
}

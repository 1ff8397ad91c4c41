//! How peers that vanish without a word are found out.

use rustix::fd::AsFd;
use rustix::net::sockopt;
use std::fmt;
use std::io;
use std::str::FromStr;
use std::time::Duration;

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

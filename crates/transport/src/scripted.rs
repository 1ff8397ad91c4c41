//! A peer in memory that says what it was given, whatever it hears: for tests and fuzzing of those who read.

use crate::connection::{Connection, PeerInfo, Receiver, Sender};
use crate::poller::{Interest, Poller, Ready};
use crate::waker::Waker;
use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How such a peer behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// What it says, all in all.
    pub says: Vec<u8>,
    /// Bytes that arrive at once, at most; at least one does.
    pub piece: usize,
    /// How often nothing has arrived yet, behind what it says and before it closes the connection.
    pub lingers: usize,
    /// Bytes that it hears at once, at most; every second attempt to send finds no room. 0: it hears everything at once.
    pub hears: usize,
}

impl Script {
    /// A peer that says this and closes.
    #[must_use]
    pub fn new(says: Vec<u8>) -> Self {
        Self {
            says,
            piece: usize::MAX,
            lingers: 0,
            hears: 0,
        }
    }
}

/// What a scripted peer has heard.
#[derive(Clone, Debug, Default)]
pub struct Heard(Arc<Mutex<Vec<u8>>>);

impl Heard {
    /// All of it, which is forgotten here.
    #[must_use]
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A connection to a peer that follows `script`. It never blocks: what would wait returns at once.
#[must_use]
pub fn scripted(script: Script) -> (Connection, Heard) {
    let heard = Heard::default();
    let ear = Ear {
        heard: heard.clone(),
        most: script.hears,
        full: false,
    };
    let mouth = Mouth { script, said: 0 };
    let peer = PeerInfo::new("a scripted peer", true);
    let connection = Connection::new(Box::new(ear), Box::new(mouth), Arc::new(Restless), peer);
    (connection, heard)
}

struct Ear {
    heard: Heard,
    most: usize,
    full: bool,
}

impl Sender for Ear {
    fn try_send(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        if bufs.iter().all(|buf| buf.is_empty()) {
            return Ok(0);
        }
        self.full = self.most > 0 && !self.full;
        if self.full {
            return Err(ErrorKind::WouldBlock.into());
        }
        let most = if self.most == 0 {
            usize::MAX
        } else {
            self.most
        };
        let mut heard = self.heard.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = heard.len();
        for buf in bufs {
            let room = most - (heard.len() - before);
            heard.extend_from_slice(&buf[..buf.len().min(room)]);
        }
        Ok(heard.len() - before)
    }

    fn shutdown(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Mouth {
    script: Script,
    said: usize,
}

impl Receiver for Mouth {
    fn try_recv(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        if bufs.iter().all(|buf| buf.is_empty()) {
            return Err(ErrorKind::InvalidInput.into());
        }
        let rest = &self.script.says[self.said..];
        if rest.is_empty() && self.script.lingers > 0 {
            self.script.lingers -= 1;
            return Err(ErrorKind::WouldBlock.into());
        }
        let mut rest = &rest[..rest.len().min(self.script.piece.max(1))];
        let before = rest.len();
        for buf in bufs {
            let n = rest.len().min(buf.len());
            buf[..n].copy_from_slice(&rest[..n]);
            rest = &rest[n..];
        }
        let n = before - rest.len();
        self.said += n;
        Ok(n)
    }
}

/// Says that everything that is asked for is ready. A wait for nothing but time passes it.
struct Restless;

impl Poller for Restless {
    fn wait(
        &self,
        interest: Interest,
        waker: Option<&Waker>,
        timeout: Option<Duration>,
    ) -> io::Result<Ready> {
        let woken = waker.is_some_and(Waker::drain);
        if interest == Interest::NONE && !woken {
            std::thread::sleep(timeout.unwrap_or_default().min(Duration::from_millis(1)));
        }
        std::thread::yield_now();
        Ok(Ready {
            readable: interest.readable,
            writable: interest.writable,
            woken,
            closed: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_said_in_pieces_and_hears_in_pieces() {
        let says: Vec<u8> = (0..100).collect();
        let (mut connection, heard) = scripted(Script {
            piece: 7,
            lingers: 2,
            hears: 3,
            ..Script::new(says.clone())
        });
        let mut read = Vec::new();
        let mut empty = 0;
        loop {
            let (mut a, mut b) = ([0; 4], [0; 100]);
            let mut bufs = [IoSliceMut::new(&mut a), IoSliceMut::new(&mut b)];
            match connection.receiver.try_recv(&mut bufs) {
                Ok(0) => break,
                Ok(n) => {
                    assert!(n <= 7);
                    read.extend_from_slice(&a[..n.min(4)]);
                    read.extend_from_slice(&b[..n.saturating_sub(4)]);
                }
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::WouldBlock);
                    empty += 1;
                }
            }
        }
        assert_eq!((read, empty), (says.clone(), 2));
        let mut sent = 0;
        let mut blocked = 0;
        while sent < says.len() {
            let (first, second) = says[sent..].split_at((says.len() - sent) / 2);
            match connection
                .sender
                .try_send(&[IoSlice::new(first), IoSlice::new(second)])
            {
                Ok(n) => {
                    assert!((1..=3).contains(&n));
                    sent += n;
                }
                Err(_) => blocked += 1,
            }
        }
        assert!(blocked > 0);
        assert_eq!(heard.take(), says);
        assert!(heard.take().is_empty());
    }
}

//! How a worker and the broker agree on whose turn it is to give a device work: see [`pillion_tenancy::turns`] for who decides how.
//!
//! Two things are between them. A [`Word`] in memory that they have in common says whether the worker has the turn. So one that is alone
//! neither asks nor is asked: it looks at the word where it executes a command, and the turn is taken from it without its help while it has
//! nothing to do. And a socket carries the rest: that a worker wants the turn or gives it back, and that it has it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub use pillion_tenancy::turns::{After, Returned};

use crate::account::nanos;

/// The worker does not have the turn.
const NONE: u64 = 0;
/// It has it, and works.
const BUSY: u64 = 1;
/// It has it, and neither it nor the device has anything to do.
const IDLE: u64 = 2;
/// It has it, and is to give it back.
const WANTED: u64 = 3;

/// What the word says to the worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// It does not have the turn.
    Nothing,
    /// It may work.
    Turn,
    /// It may let the device do what it has, and then gives the turn back.
    Wanted,
}

/// Whether the worker has the turn. A worker that somebody has taken over can write anything there; it could as well give the device work
/// without a turn.
#[derive(Debug, Clone, Copy)]
pub struct Word<'a>(pub &'a AtomicU64);

impl Word<'_> {
    /// The broker: it is the worker's.
    pub fn grant(self) {
        self.0.store(BUSY, Ordering::Release);
    }

    /// The broker: it is to be given back. Whether it has been, as the worker had nothing to do.
    pub fn want(self) -> bool {
        // A worker changes its mind once or twice in that time; one that goes on doing so loses the turn as one that does not yield.
        for _ in 0..1000 {
            let (to, taken) = match self.0.load(Ordering::Acquire) {
                IDLE => (NONE, true),
                BUSY => (WANTED, false),
                _ => return false,
            };
            let from = if taken { IDLE } else { BUSY };
            let changed = self
                .0
                .compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire);
            if changed.is_ok() {
                return taken;
            }
        }
        false
    }

    /// The worker: what does it say, now that there is something to do?
    #[inline]
    pub fn take_up(self) -> Holds {
        loop {
            match self.0.load(Ordering::Acquire) {
                BUSY => return Holds::Turn,
                IDLE => {
                    let taken =
                        self.0
                            .compare_exchange(IDLE, BUSY, Ordering::AcqRel, Ordering::Acquire);
                    if taken.is_ok() {
                        return Holds::Turn;
                    }
                }
                WANTED => return Holds::Wanted,
                _ => return Holds::Nothing,
            }
        }
    }

    /// The worker: whether it is to give it back. Nothing is changed by asking.
    pub fn is_wanted(self) -> bool {
        self.0.load(Ordering::Acquire) == WANTED
    }

    /// The worker: there is nothing to do. What it says then; after [`Holds::Turn`] it may be taken away.
    pub fn put_down(self) -> Holds {
        match self
            .0
            .compare_exchange(BUSY, IDLE, Ordering::AcqRel, Ordering::Acquire)
        {
            Ok(_) | Err(IDLE) => Holds::Turn,
            Err(WANTED) => Holds::Wanted,
            Err(_) => Holds::Nothing,
        }
    }

    /// The worker: it does not have the turn any more, which it then says.
    pub fn give_back(self) {
        self.0.store(NONE, Ordering::Release);
    }
}

/// What a worker says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// It has work.
    Asks,
    /// It gives the turn back.
    Returns(Returned),
}

/// Bytes of a message in either direction: what it is, 8 of the time that the device was busy, and 4 of each other time.
pub const MESSAGE: usize = 21;

impl Says {
    /// As bytes.
    pub fn encode(self) -> [u8; MESSAGE] {
        let (kind, returned, pause) = match self {
            Says::Asks => (
                b'a',
                Returned::idle(Duration::ZERO, After::Again),
                Duration::ZERO,
            ),
            Says::Returns(returned) => match returned.after {
                After::Nothing => (b'r', returned, Duration::ZERO),
                After::Again => (b'R', returned, Duration::ZERO),
                After::Pause(pause) => (b'p', returned, pause),
            },
        };
        let mut bytes = [kind; MESSAGE];
        bytes[1..9].copy_from_slice(&nanos(returned.busy).to_le_bytes());
        let times = [pause, returned.ahead, returned.late];
        for (place, time) in bytes[9..].chunks_exact_mut(4).zip(times) {
            let micros = u32::try_from(time.as_micros()).unwrap_or(u32::MAX);
            place.copy_from_slice(&micros.to_le_bytes());
        }
        bytes
    }

    /// Of those bytes; `None` where they are nothing that a worker says.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; MESSAGE] = bytes.try_into().ok()?;
        let (&kind, rest) = bytes.split_first()?;
        let (busy, rest) = rest.split_first_chunk()?;
        let mut times = rest.as_chunks::<4>().0.iter();
        let mut time = || {
            let micros = times.next().map_or(0, |time| u32::from_le_bytes(*time));
            Duration::from_micros(micros.into())
        };
        let (pause, ahead, late) = (time(), time(), time());
        let after = match kind {
            b'a' => return Some(Says::Asks),
            b'r' => After::Nothing,
            b'R' => After::Again,
            b'p' => After::Pause(pause),
            _ => return None,
        };
        Some(Says::Returns(Returned {
            busy: Duration::from_nanos(u64::from_le_bytes(*busy)),
            ahead,
            late,
            after,
        }))
    }
}

/// What the broker says to a worker that gets the turn: nobody else wants it.
pub const GRANTED_ALONE: u8 = 1;
/// Others want it, so it is given back as soon as there is nothing to do.
pub const GRANTED: u8 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_what_they_were() {
        let busy = Duration::from_nanos(0x0123_4567_89ab);
        let pause = After::Pause(Duration::from_micros(12_345));
        let returns = [After::Again, After::Nothing, pause].map(|after| {
            Says::Returns(Returned {
                ahead: Duration::from_micros(150),
                late: Duration::from_micros(u32::MAX.into()),
                ..Returned::idle(busy, after)
            })
        });
        for says in returns.into_iter().chain([Says::Asks]) {
            assert_eq!(Says::decode(&says.encode()), Some(says));
        }
        for wrong in [
            &b""[..],
            b"a",
            b"x23456789012345678901",
            b"a234567890123456789012",
        ] {
            assert_eq!(Says::decode(wrong), None);
        }
    }

    #[test]
    fn a_turn_is_taken_from_who_has_nothing_to_do_and_asked_of_who_has() {
        let word = AtomicU64::new(NONE);
        let word = Word(&word);
        assert_eq!(
            (word.take_up(), word.put_down()),
            (Holds::Nothing, Holds::Nothing)
        );
        assert!(!word.want());
        word.grant();
        assert_eq!(word.take_up(), Holds::Turn);
        assert!(!word.is_wanted() && !word.want() && word.is_wanted());
        assert_eq!(
            (word.take_up(), word.put_down()),
            (Holds::Wanted, Holds::Wanted)
        );
        word.give_back();
        assert_eq!(word.take_up(), Holds::Nothing);
        word.grant();
        assert_eq!(
            (word.put_down(), word.put_down()),
            (Holds::Turn, Holds::Turn)
        );
        assert_eq!(word.take_up(), Holds::Turn);
        assert_eq!(word.put_down(), Holds::Turn);
        assert!(word.want());
        assert_eq!(word.take_up(), Holds::Nothing);
    }

    /// However the two sides meet, one of them knows that the turn is free.
    #[test]
    fn no_turn_is_lost_between_the_two() {
        let word = AtomicU64::new(NONE);
        for _ in 0..5000 {
            Word(&word).grant();
            let (broker, worker) = std::thread::scope(|scope| {
                let broker = scope.spawn(|| Word(&word).want());
                let put = Word(&word).put_down();
                let took = Word(&word).take_up();
                (broker.join().unwrap(), (put, took))
            });
            let left = word.load(Ordering::Relaxed);
            match left {
                // Taken, and it knows.
                NONE => assert!(broker),
                // Told, or too late to tell: then the worker sees it when it looks.
                WANTED => assert!(!broker),
                other => panic!("{other}: {broker} {worker:?}"),
            }
        }
    }
}

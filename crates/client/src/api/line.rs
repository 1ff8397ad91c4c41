//! What the line to the server can do, as far as it has been measured: whether it pays to name large copies by their hashes
//! ([`super::known_copy`]) and to pack bulk data ([`super::packing`]).
//!
//! It is measured once a session, with the first copy to the device of a chunk or more, or where a long copy to the host, a large image
//! or many shorter copies come before any, with some bytes there and back: how long a round trip takes, and how long a chunk takes on
//! top of one.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use pillion_protocol::command::{CopyHead, cuda, session as session_op};
use pillion_protocol::{CHUNK, Interface};
use zerocopy::IntoBytes;

use super::known_copy::part;
use super::upload::Naming;
use crate::entry::Result;
use crate::log::{self, Level};
use crate::session::Session;

/// A line that needs as long for a chunk of 1 MiB, or longer, is slower than hashing and reading a disk, and than packing: 256 MiB/s.
const SLOW: Duration = Duration::from_millis(4);
/// One that needs so long is slower than packing well: 100 MiB/s.
const VERY_SLOW: Duration = Duration::from_millis(10);
/// Bytes that are sent there and back where there is no copy to measure with.
const PROBE: usize = 64 << 10;
/// What is to be sent has to be so many bytes to be worth that.
const WORTH: usize = 8 << 20;

/// Shorter copies have to be so many bytes together.
const MANY: u64 = 512 << 10;
/// What takes so long says what the line can do the first time.
const CLEAR: Duration = Duration::from_millis(20);

/// What a session knows of its line.
#[derive(Debug, Default)]
pub struct Lines {
    line: Mutex<Option<Line>>,
    /// Bytes of shorter copies so far.
    counted: AtomicU64,
}

/// What a line can do.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    /// What a short command and its answer take.
    pub round_trip: Duration,
    /// What a chunk takes besides.
    pub chunk: Duration,
}

impl Line {
    /// Whether bytes on it take longer than work of the processors on either side.
    pub fn is_slow(self) -> bool {
        self.chunk >= SLOW
    }

    /// Whether bytes take longer than work that saves as many of them as can be.
    pub fn is_very_slow(self) -> bool {
        self.chunk >= VERY_SLOW
    }

    /// What so many bytes take, besides a round trip.
    pub fn takes(self, len: usize) -> Duration {
        self.chunk.mul_f64(len as f64 / CHUNK as f64)
    }
}

impl Lines {
    /// What is known; nothing while another thread measures.
    pub fn known(&self) -> Option<Line> {
        *self.line.try_lock().ok()?
    }
}

/// Whether anything depends on what the line can do.
fn matters(session: &Session) -> bool {
    session.packing.is_possible(session)
        || session.uploads.naming == Naming::Far && session.link.executes(cuda::COPY_KNOWN)
}

/// Measures the line, if nobody has, with the first chunk of a copy to the device, of at least one. Answers how many bytes of it have been
/// sent.
///
/// # Errors
///
/// Those of earlier commands.
pub fn measure(session: &Session, head: &CopyHead, bytes: &[u8]) -> Result<usize> {
    // While another thread measures, others send.
    let Ok(mut line) = session.line.line.try_lock() else {
        return Ok(0);
    };
    // What is always named is named from the first chunk on.
    if line.is_some() || session.uploads.naming == Naming::Always || !matters(session) {
        return Ok(0);
    }
    let head = part(head, 0, CHUNK);
    // The first waits for what was issued before.
    ping(session, 0)?;
    let round_trip = ping(session, 0)?;
    let begun = Instant::now();
    session
        .link
        .post_bulk(cuda::COPY_TO_DEVICE, head.as_bytes(), &bytes[..CHUNK])?;
    ping(session, 0)?;
    let chunk = begun.elapsed().saturating_sub(round_trip);
    *line = Some(measured(round_trip, chunk));
    Ok(CHUNK)
}

/// What the line can do, for what is so many bytes. Measures it where nobody has and that is worth it.
///
/// # Errors
///
/// Those of earlier commands.
pub fn of(session: &Session, len: usize) -> Result<Option<Line>> {
    let Ok(mut line) = session.line.line.try_lock() else {
        return Ok(None);
    };
    if line.is_none() && len >= WORTH && matters(session) {
        *line = Some(probe(session)?);
    }
    Ok(*line)
}

/// Counts a copy that is shorter than a chunk. When there have been many, the line is measured.
///
/// # Errors
///
/// Those of earlier commands.
pub fn count(session: &Session, len: usize) -> Result<()> {
    if !matters(session) {
        return Ok(());
    }
    // Relaxed: a number, which nothing depends on.
    let counted = &session.line.counted;
    if counted.fetch_add(len as u64, Ordering::Relaxed) < MANY {
        return Ok(());
    }
    if let Ok(mut line) = session.line.line.try_lock()
        && line.is_none()
    {
        *line = Some(probe(session)?);
    }
    Ok(())
}

/// Measures the line with bytes there and back.
#[cold]
fn probe(session: &Session) -> Result<Line> {
    ping(session, 0)?;
    let round_trip = ping(session, 0)?;
    let mut both = ping(session, PROBE)?;
    if both < CLEAR + round_trip {
        // The better of two: what has come between says nothing of the line.
        both = both.min(ping(session, PROBE)?);
    }
    let chunk = both.saturating_sub(round_trip) / 2 * (CHUNK / PROBE) as u32;
    Ok(measured(round_trip, chunk))
}

fn ping(session: &Session, len: usize) -> Result<Duration> {
    let begun = Instant::now();
    let answer = session
        .link
        .call(Interface::Session, session_op::PING, |body| {
            body.resize(body.len() + len, 0);
            Ok(())
        });
    answer.map(|_| begun.elapsed())
}

fn measured(round_trip: Duration, chunk: Duration) -> Line {
    log::write(
        Level::Debug,
        format_args!("a round trip takes {round_trip:?}, a copy of 1 MiB {chunk:?} more"),
    );
    Line { round_trip, chunk }
}

//! Copies to the device that are named by their hashes before they are sent, for what the server has from before: weights, of
//! which every start of a program sends the same.
//!
//! Asking costs a round trip, and hashing some time on either side, so it is done only where sending takes longer. What the line can do
//! is measured once a session, with the first copy of a chunk or more: how long a round trip takes, and how long that chunk takes on
//! top of one. Copies are named on a line that takes 4 ms or longer for a chunk, if they take four round trips or more. Of data that
//! never comes again (a program's input) nothing is found; when 8 GiB more were missed than found, the rest of the session is sent as it
//! is.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use pillion_cuda_abi::CUresult;
use pillion_protocol::command::{
    COPY_KEEP, CopyHead, KnownCopy, MAX_KNOWN, cuda, session as session_op,
};
use pillion_protocol::{CHUNK, Encoder, Interface};
use zerocopy::IntoBytes;
use zerocopy::little_endian::{U32, U64};

use super::upload::Naming;
use crate::entry::Result;
use crate::log::{self, Level};
use crate::session::Session;

/// A line that needs as long for a chunk of 1 MiB, or longer, is slower than hashing and reading a disk: 256 MiB/s.
const SLOW: Duration = Duration::from_millis(4);
/// A copy that is to be named takes so many round trips to be sent.
const ROUND_TRIPS: u32 = 4;
/// How many more bytes may be missed than found.
const MOST_MISSED: i64 = 8 << 30;

/// What a session knows of its line and of what was asked for.
#[derive(Debug, Default)]
pub struct KnownCopies {
    line: Mutex<Option<Line>>,
    /// Bytes that were asked for in vain, less those that were there.
    missed: AtomicI64,
}

/// What a line can do.
#[derive(Debug, Clone, Copy)]
struct Line {
    round_trip: Duration,
    /// What a chunk takes besides.
    chunk: Duration,
}

impl Line {
    /// Whether it pays to name a copy of so many bytes.
    fn is_worth_asking(self, len: usize) -> bool {
        let whole = self.chunk.mul_f64(len as f64 / CHUNK as f64);
        self.chunk >= SLOW && whole >= self.round_trip * ROUND_TRIPS
    }
}

/// Copies what it pays to name of these bytes, which `head` describes, and answers how many of them, from the first on, are on their
/// way. The rest is to be sent.
///
/// # Errors
///
/// Those of earlier commands, or of the copy.
pub fn copy(session: &Session, head: CopyHead, bytes: &[u8]) -> Result<usize> {
    let known = &session.known_copies;
    let naming = session.uploads.naming;
    if bytes.len() < CHUNK
        || naming == Naming::Never
        || !session.link.executes(cuda::COPY_KNOWN)
        || known.missed.load(Ordering::Relaxed) > MOST_MISSED
    {
        return Ok(0);
    }
    let mut done = 0;
    if naming == Naming::Far {
        // While another thread measures, others send.
        let Ok(mut line) = known.line.try_lock() else {
            return Ok(0);
        };
        let line = match *line {
            Some(line) => line,
            None => {
                let measured = measure(session, part(&head, 0, CHUNK), &bytes[..CHUNK])?;
                done = CHUNK;
                *line.insert(measured)
            }
        };
        if !line.is_worth_asking(bytes.len() - done) {
            return Ok(done);
        }
    }
    for bytes in bytes[done..].chunks(MAX_KNOWN * CHUNK) {
        named(session, part(&head, done, bytes.len()), bytes)?;
        done += bytes.len();
    }
    Ok(done)
}

/// Sends a chunk, and finds out how long that takes.
fn measure(session: &Session, head: CopyHead, bytes: &[u8]) -> Result<Line> {
    let ping = || {
        let begun = Instant::now();
        let answer = session
            .link
            .call(Interface::Session, session_op::PING, |_| Ok(()));
        answer.map(|_| begun.elapsed())
    };
    // The first waits for what was issued before.
    ping()?;
    let round_trip = ping()?;
    let begun = Instant::now();
    session
        .link
        .post_bulk(cuda::COPY_TO_DEVICE, head.as_bytes(), bytes)?;
    ping()?;
    let line = Line {
        round_trip,
        chunk: begun.elapsed().saturating_sub(round_trip),
    };
    log::write(
        Level::Debug,
        format_args!(
            "a round trip takes {:?}, a copy of 1 MiB {:?} more",
            line.round_trip, line.chunk
        ),
    );
    Ok(line)
}

/// Names at most [`MAX_KNOWN`] chunks, and sends those that the server does not have.
fn named(session: &Session, head: CopyHead, bytes: &[u8]) -> Result<()> {
    let hashes: Vec<[u8; 32]> = bytes
        .chunks(CHUNK)
        .map(|chunk| *blake3::hash(chunk).as_bytes())
        .collect();
    let answer = session
        .link
        .call(Interface::Cuda, cuda::COPY_KNOWN, |body| {
            let copy = KnownCopy {
                head: &head,
                hashes: &hashes,
            };
            copy.encode(&mut Encoder::new(body));
            Ok(())
        })?;
    let found: u64 = answer
        .decoder()
        .scalar()
        .map_err(|_| CUresult::CUDA_ERROR_UNKNOWN)?;
    let missed = &session.known_copies.missed;
    for (index, chunk) in bytes.chunks(CHUNK).enumerate() {
        if found >> index & 1 != 0 {
            missed.fetch_sub(chunk.len() as i64, Ordering::Relaxed);
            continue;
        }
        missed.fetch_add(chunk.len() as i64, Ordering::Relaxed);
        let mut head = part(&head, index * CHUNK, chunk.len());
        head.flags = U32::new(head.flags.get() | COPY_KEEP);
        session
            .link
            .post_bulk(cuda::COPY_TO_DEVICE, head.as_bytes(), chunk)?;
    }
    Ok(())
}

/// Of a copy, the part that begins at `offset`.
fn part(head: &CopyHead, offset: usize, len: usize) -> CopyHead {
    CopyHead {
        device: U64::new(head.device.get().wrapping_add(offset as u64)),
        len: U64::new(len as u64),
        ..*head
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_named_where_sending_takes_longer() {
        let line = |round_trip, chunk| Line {
            round_trip: Duration::from_micros(round_trip),
            chunk: Duration::from_micros(chunk),
        };
        // Loopback, ten gigabits, one gigabit, a hundred megabits a second, and the last from afar.
        for (line, least) in [
            (line(50, 300), None),
            (line(200, 1_200), None),
            (line(200, 9_000), Some(1)),
            (line(1_000, 90_000), Some(1)),
            (line(100_000, 90_000), Some(5)),
        ] {
            for chunks in 1..100 {
                assert_eq!(
                    line.is_worth_asking(chunks * CHUNK),
                    least.is_some_and(|least| chunks >= least),
                    "{line:?}, {chunks}"
                );
            }
        }
    }
}

//! Copies to the device that are named by their hashes before they are sent, for what the server has from before: weights, of
//! which every start of a program sends the same.
//!
//! Asking costs a round trip, and hashing some time on either side, so it is done only where sending takes longer, by what is known of
//! the line ([`super::line`]). Copies are named on a line that takes 4 ms or longer for a chunk, if they take four round trips or more. Of
//! data that never comes again (a program's input) nothing is found; when 8 GiB more were missed than found, of copies shorter than a
//! chunk 64 MiB, the rest of the session is sent as it is.

use std::sync::atomic::{AtomicI64, Ordering};

use pillion_cuda_abi::CUresult;
use pillion_protocol::command::{COPY_KEEP, CopyHead, KnownCopy, MAX_KNOWN, cuda};
use pillion_protocol::{CHUNK, Encoder, Interface};
use zerocopy::little_endian::{U32, U64};

use super::line::Line;
use super::packing;
use super::upload::Naming;
use crate::entry::Result;
use crate::session::Session;

/// A copy that is to be named takes so many round trips to be sent.
const ROUND_TRIPS: u32 = 4;
/// How many more bytes may be missed than found.
const MOST_MISSED: i64 = 8 << 30;
/// And how many of copies that are shorter than a chunk.
const MOST_MISSED_SHORT: i64 = 64 << 20;

/// What a session knows of what was asked for.
#[derive(Debug, Default)]
pub struct KnownCopies {
    /// Bytes that were asked for in vain, less those that were there.
    missed: AtomicI64,
    /// The same of copies that are shorter than a chunk.
    missed_short: AtomicI64,
}

impl KnownCopies {
    /// The account that a copy of so many bytes is on, and its limit.
    fn missed(&self, len: usize) -> (&AtomicI64, i64) {
        match len < CHUNK {
            true => (&self.missed_short, MOST_MISSED_SHORT),
            false => (&self.missed, MOST_MISSED),
        }
    }
}

/// Whether it pays to name a copy of so many bytes.
fn is_worth_asking(line: Line, len: usize) -> bool {
    line.is_slow() && line.takes(len) >= line.round_trip * ROUND_TRIPS
}

/// Copies what it pays to name of these bytes, which `head` describes, and answers how many of them, from the first on, are on their
/// way. The rest is to be sent.
///
/// # Errors
///
/// Those of earlier commands, or of the copy.
pub fn copy(session: &Session, head: &CopyHead, bytes: &[u8]) -> Result<usize> {
    let (missed, most) = session.known_copies.missed(bytes.len());
    let naming = session.uploads.naming;
    let pays = || {
        let line = session.line.known();
        line.is_some_and(|line| is_worth_asking(line, bytes.len()))
    };
    if naming == Naming::Never
        || !session.link.executes(cuda::COPY_KNOWN)
        || missed.load(Ordering::Relaxed) > most
        || naming == Naming::Far && !pays()
    {
        return Ok(0);
    }
    let mut done = 0;
    for bytes in bytes.chunks(MAX_KNOWN * CHUNK) {
        named(session, part(head, done, bytes.len()), bytes, missed)?;
        done += bytes.len();
    }
    Ok(done)
}

/// Names at most [`MAX_KNOWN`] chunks, and sends those that the server does not have.
fn named(session: &Session, head: CopyHead, bytes: &[u8], missed: &AtomicI64) -> Result<()> {
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
    for (index, chunk) in bytes.chunks(CHUNK).enumerate() {
        if found >> index & 1 != 0 {
            missed.fetch_sub(chunk.len() as i64, Ordering::Relaxed);
            continue;
        }
        missed.fetch_add(chunk.len() as i64, Ordering::Relaxed);
        let mut head = part(&head, index * CHUNK, chunk.len());
        head.flags = U32::new(head.flags.get() | COPY_KEEP);
        packing::send_copy(session, &head, chunk)?;
    }
    Ok(())
}

/// Of a copy, the part that begins at `offset`.
pub(super) fn part(head: &CopyHead, offset: usize, len: usize) -> CopyHead {
    CopyHead {
        device: U64::new(head.device.get().wrapping_add(offset as u64)),
        len: U64::new(len as u64),
        ..*head
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
                    is_worth_asking(line, chunks * CHUNK),
                    least.is_some_and(|least| chunks >= least),
                    "{line:?}, {chunks}"
                );
            }
        }
    }
}

//! Copies of bytes by several threads: one core moves no more than a part of what memory and device can.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use crate::session::start_thread;

/// Bytes that a thread takes at a time.
const PIECE: usize = 256 << 10;
/// Copies below this are the caller's alone: to hand them out would take longer.
const LEAST: usize = 1 << 20;
/// Most threads beside the caller's.
const MOST_HELPERS: usize = 3;
/// How long a helper stays awake for the next copy.
const AWAKE: Duration = Duration::from_micros(200);

/// One copy.
struct Job {
    to: *mut u8,
    from: *const u8,
    len: usize,
    /// The next piece that nobody has taken.
    next: AtomicUsize,
    /// Pieces that are copied.
    done: AtomicUsize,
}

// SAFETY: the pieces do not overlap, each is taken by one thread, and the memory is valid until the last is done, for which whoever
// made the job waits.
unsafe impl Send for Job {}
// SAFETY: as above.
unsafe impl Sync for Job {}

impl Job {
    fn pieces(&self) -> usize {
        self.len.div_ceil(PIECE)
    }

    /// Copies pieces until none is left.
    fn work(&self) {
        loop {
            let piece = self.next.fetch_add(1, Ordering::Relaxed);
            if piece >= self.pieces() {
                return;
            }
            let start = piece * PIECE;
            let len = PIECE.min(self.len - start);
            // SAFETY: within both runs of bytes, which do not overlap; this piece is this thread's.
            unsafe {
                core::ptr::copy_nonoverlapping(self.from.add(start), self.to.add(start), len)
            };
            // Release: pairs with the acquire in `copy`.
            self.done.fetch_add(1, Ordering::Release);
        }
    }

    fn has_pieces(&self) -> bool {
        self.next.load(Ordering::Relaxed) < self.pieces()
    }
}

#[derive(Default)]
struct Pool {
    jobs: Mutex<VecDeque<Arc<Job>>>,
    more: Condvar,
}

impl Pool {
    /// The helpers, started with the first large copy; none where there are few cores.
    fn get() -> Option<&'static Pool> {
        static POOL: OnceLock<Option<&'static Pool>> = OnceLock::new();
        *POOL.get_or_init(|| {
            let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
            let helpers = MOST_HELPERS.min(cores / 4);
            let pool: &'static Pool = Box::leak(Box::default());
            let started = (0..helpers)
                .filter(|_| start_thread("pillion-copy", || pool.help()).is_ok())
                .count();
            (started > 0).then_some(pool)
        })
    }

    fn help(&self) {
        let mut idle_since = Instant::now();
        loop {
            let job = {
                let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
                while jobs.front().is_some_and(|job| !job.has_pieces()) {
                    jobs.pop_front();
                }
                match jobs.front() {
                    Some(job) => Some(job.clone()),
                    None if idle_since.elapsed() < AWAKE => None,
                    None => {
                        drop(self.more.wait(jobs));
                        idle_since = Instant::now();
                        None
                    }
                }
            };
            match job {
                Some(job) => {
                    job.work();
                    idle_since = Instant::now();
                }
                None => std::thread::yield_now(),
            }
        }
    }
}

/// Copies `len` bytes, with other threads' help where they are many.
///
/// # Safety
///
/// `from` is readable and `to` writable for so many bytes, and they do not overlap.
pub unsafe fn copy(to: *mut u8, from: *const u8, len: usize) {
    let pool = if len < LEAST { None } else { Pool::get() };
    let Some(pool) = pool else {
        // SAFETY: as the caller promises.
        unsafe { core::ptr::copy_nonoverlapping(from, to, len) };
        return;
    };
    let job = Arc::new(Job {
        to,
        from,
        len,
        next: AtomicUsize::new(0),
        done: AtomicUsize::new(0),
    });
    pool.jobs
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push_back(job.clone());
    pool.more.notify_all();
    job.work();
    // Acquire: pairs with the release in `work`; the other threads' pieces are in place. What is waited for is the copy of a piece.
    while job.done.load(Ordering::Acquire) < job.pieces() {
        std::hint::spin_loop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_arrives_from_several_threads_at_once() {
        std::thread::scope(|scope| {
            for seed in 1..5u64 {
                scope.spawn(move || {
                    for len in [0, 1, LEAST - 1, LEAST, 5 * PIECE + 7, 9 << 20] {
                        let from: Vec<u8> = (0..len as u64)
                            .map(|i| ((i ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8)
                            .collect();
                        let mut to = vec![0; len];
                        // SAFETY: two vectors of that length.
                        unsafe { copy(to.as_mut_ptr(), from.as_ptr(), len) };
                        assert!(to == from, "{len} bytes");
                    }
                });
            }
        });
    }
}

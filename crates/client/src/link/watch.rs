//! Watches: what was not finished when it was asked after, and how it finished.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::thread::Thread;
use std::time::Duration;

use pillion_cuda_abi::CUresult;

use super::{LOST, Link};
use crate::entry::Result;

/// Something that a query found unfinished.
#[derive(Debug, Default)]
pub struct Watch {
    done: AtomicBool,
    status: AtomicU32,
    /// The first word of the answer, where it has one.
    pub(super) value: AtomicU64,
    /// Who waits for it.
    pub(super) thread: Option<Thread>,
}

impl Watch {
    /// One that this thread, and no other, will [wait for](Link::wait_for).
    pub fn for_this_thread() -> Self {
        Watch {
            thread: Some(std::thread::current()),
            ..Watch::default()
        }
    }

    /// How it finished, once it has.
    pub fn finished(&self) -> Option<CUresult> {
        // Acquire: pairs with the release in `finish`; what the server pushed before is in place.
        self.done
            .load(Ordering::Acquire)
            .then(|| CUresult(self.status.load(Ordering::Relaxed)))
    }

    /// The first word of the answer that finished it, or 0.
    pub fn value(&self) -> u64 {
        // Relaxed: stored before `done`, which whoever asks has seen.
        self.value.load(Ordering::Relaxed)
    }

    pub(super) fn finish(&self, status: CUresult) {
        self.status.store(status.0, Ordering::Relaxed);
        // Release: pairs with the acquire in `finished`.
        self.done.store(true, Ordering::Release);
        if let Some(thread) = &self.thread {
            thread.unpark();
        }
    }
}

impl Link {
    /// Waits for what a watch is told of that any thread may have asked for.
    pub fn follow(&self, watch: &Watch) {
        let over = || watch.finished().is_some() || self.lost.get().is_some();
        while !over() {
            self.flush();
            match self.inbox.try_lock() {
                Ok(mut inbox) => {
                    self.lead(&mut inbox, over);
                    drop(inbox);
                    self.promote();
                }
                // Whoever reads does not know of this thread.
                Err(_) => std::thread::sleep(Duration::from_micros(20)),
            }
        }
    }

    /// Waits for what a watch of this thread's is told of.
    ///
    /// # Errors
    ///
    /// The status with which it finished.
    pub fn wait_for(&self, watch: &Watch) -> Result<()> {
        if watch.finished().is_none() {
            self.waiting.fetch_add(1, Ordering::SeqCst);
            self.flush();
            self.wait(|| watch.finished().is_some());
            self.waiting.fetch_sub(1, Ordering::SeqCst);
        }
        match watch.finished() {
            Some(CUresult::CUDA_SUCCESS) => Ok(()),
            Some(status) => {
                self.note_sticky(status);
                Err(status)
            }
            None => Err(LOST),
        }
    }
}

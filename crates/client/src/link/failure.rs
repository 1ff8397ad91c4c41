//! What goes wrong: the errors of commands that nobody waited for, and the end of the session.

use std::sync::atomic::Ordering;

use pillion_cuda_abi::{CUresult, is_sticky};

use super::{Link, lock};
use crate::entry::Result;
use crate::log;

/// What every call answers once the session is lost.
pub const LOST: CUresult = CUresult::CUDA_ERROR_DEVICE_UNAVAILABLE;

impl Link {
    /// The error that a command which nobody waited for has left, or that has ended the session.
    ///
    /// # Errors
    ///
    /// That error; one that does not end the session is reported once.
    #[inline]
    pub fn check(&self) -> Result<()> {
        // Relaxed: an error that another thread is just being told need not be seen here yet.
        if self.error.load(Ordering::Relaxed) | self.sticky.load(Ordering::Relaxed) == 0 {
            return Ok(());
        }
        self.report()
    }

    #[cold]
    fn report(&self) -> Result<()> {
        self.check_sticky()?;
        match self.error.swap(0, Ordering::SeqCst) {
            0 => Ok(()),
            status => Err(CUresult(status)),
        }
    }

    /// As [`Link::check`], for errors that end the session only.
    #[inline]
    pub fn check_sticky(&self) -> Result<()> {
        match self.sticky.load(Ordering::Relaxed) {
            0 => Ok(()),
            status => Err(CUresult(status)),
        }
    }

    /// Whether the server is there and does what it should.
    pub fn is_well(&self) -> bool {
        self.lost.get().is_none()
    }

    pub(super) fn note_async(&self, status: CUresult) {
        // The first error is the cause; what follows are consequences.
        let _ = self
            .error
            .compare_exchange(0, status.0, Ordering::SeqCst, Ordering::SeqCst);
        self.note_sticky(status);
    }

    /// Notes an error after which a context does nothing any more, if it is one.
    pub fn note_sticky(&self, status: CUresult) {
        if is_sticky(status) {
            let _ = self
                .sticky
                .compare_exchange(0, status.0, Ordering::SeqCst, Ordering::SeqCst);
            self.wake_caller();
        }
    }

    /// Ends the session: every thread that waits is told, and every later call.
    #[cold]
    pub(super) fn lose(&self, reason: &str) {
        if self.lost.set(reason.to_string()).is_err() {
            return;
        }
        log::write(
            log::Level::Error,
            format_args!(
                "the session with the server is lost: {reason}. Every CUDA call fails from now on; `pillion doctor` checks the server"
            ),
        );
        self.sticky.store(LOST.0, Ordering::SeqCst);
        let entries = std::mem::take(&mut *lock(&self.pending));
        for entry in entries.into_values() {
            if let Some(watch) = entry.watch {
                watch.finish(LOST);
            }
            if let Some(cell) = entry.cell {
                lock(&cell.answer).0 = LOST;
                cell.done.store(true, Ordering::Release);
                cell.thread.unpark();
            } else if entry.destination.is_some() {
                self.arriving.fetch_sub(1, Ordering::SeqCst);
            }
        }
        self.waker.wake();
        self.wake_caller();
    }
}

//! Threads in somebody else's process.

use crate::poller::{Interest, Poller};
use std::ptr;
use std::sync::Arc;

/// Runs `start` with all signals blocked, so that threads that it starts never run the program's handlers.
pub(crate) fn unsignalled<T>(start: impl FnOnce() -> T) -> T {
    // SAFETY: plain data, which the next calls fill.
    let (mut all, mut before): (libc::sigset_t, libc::sigset_t) = unsafe { std::mem::zeroed() };
    // SAFETY: both are locals.
    let blocked = unsafe {
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut before)
    };
    let result = start();
    if blocked == 0 {
        // SAFETY: the mask from before.
        unsafe {
            libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, ptr::null_mut());
        }
    }
    result
}

/// Stays with a connection until its last word, for which there was no room, is on its way, though everybody else has left it: the
/// peer takes a stream without it for one that was cut off.
///
/// A thread, since nobody can be asked to come by again, and only then. It ends with the connection at the latest.
pub(crate) fn see_off(poller: Arc<dyn Poller>) {
    let thread = std::thread::Builder::new()
        .name("pillion-farewell".to_owned())
        .stack_size(256 << 10);
    // Without it, the word goes when somebody waits.
    let _ = unsignalled(|| {
        // Whoever waits for room sends first what had none.
        thread.spawn(move || drop(poller.wait(Interest::WRITABLE, None, None)))
    });
}

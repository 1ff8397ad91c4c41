//! Host functions: the device comes to one in a thread of the driver's, which waits here until the client has run it.
//!
//! The session's loop must not be what such a thread waits for while the loop itself waits for the device, so nothing that the
//! loop does once a host function was used may wait for the device: see [`super::session`] on frees.

use std::collections::{HashMap, VecDeque};
use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use pillion_transport::Waker;

/// Turns that host functions have taken. A worker has one session, so there is one of these; the driver gives a host function
/// one word, which is the client's number for it.
pub struct Calls {
    state: Mutex<State>,
    released: Condvar,
    /// Something is in the queue.
    waiting: AtomicBool,
    waker: Waker,
}

#[derive(Default)]
struct State {
    next: u64,
    queue: VecDeque<Turn>,
    /// Functions whose turn it is: by turn.
    running: HashMap<u64, u64>,
    /// Turns whose host function has been run but whose thread has not seen it yet.
    done: Vec<u64>,
}

/// A host function that the device has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// The client's number for the function.
    pub call: u64,
    /// The number of this turn; 0 where nothing waits for it.
    pub turn: u64,
}

static CALLS: OnceLock<Calls> = OnceLock::new();

impl Calls {
    /// The process's.
    ///
    /// # Errors
    ///
    /// Where the kernel gives no event.
    pub fn get() -> std::io::Result<&'static Calls> {
        if let Some(calls) = CALLS.get() {
            return Ok(calls);
        }
        let fresh = Calls {
            state: Mutex::default(),
            released: Condvar::new(),
            waiting: AtomicBool::new(false),
            waker: Waker::new()?,
        };
        Ok(CALLS.get_or_init(|| fresh))
    }

    /// Wakes whoever polls with it when a host function has its turn.
    pub fn waker(&self) -> &Waker {
        &self.waker
    }

    /// Whether [`Calls::take`] would answer something.
    #[inline]
    pub fn any(&self) -> bool {
        // Acquire: pairs with the release in `push`.
        self.waiting.load(Ordering::Acquire)
    }

    /// The turns that have come since the last call, in order.
    pub fn take(&self) -> Vec<Turn> {
        let mut state = self.lock();
        self.waiting.store(false, Ordering::Relaxed);
        state.queue.drain(..).collect()
    }

    /// The client has run the function: the device goes on. Answers which function it was; `None` for a turn that nobody has.
    pub fn release(&self, turn: u64) -> Option<u64> {
        let mut state = self.lock();
        let call = state.running.remove(&turn)?;
        state.done.push(turn);
        drop(state);
        self.released.notify_all();
        Some(call)
    }

    /// Every function is done whose turn has come: there is no client any more.
    pub fn abandon(&self) {
        let mut state = self.lock();
        state.queue.clear();
        self.waiting.store(false, Ordering::Relaxed);
        let running: Vec<u64> = state.running.drain().map(|(turn, _)| turn).collect();
        state.done.extend(running);
        drop(state);
        self.released.notify_all();
    }

    fn push(&self, call: u64, waits: bool) -> u64 {
        let mut state = self.lock();
        state.next += 1;
        let turn = if waits { state.next } else { 0 };
        if waits {
            state.running.insert(turn, call);
        }
        state.queue.push_back(Turn { call, turn });
        // Release: pairs with the acquire in `any`.
        self.waiting.store(true, Ordering::Release);
        drop(state);
        self.waker.wake();
        turn
    }

    fn wait(&self, turn: u64) {
        let mut state = self.lock();
        loop {
            if let Some(at) = state.done.iter().position(|done| *done == turn) {
                state.done.swap_remove(at);
                return;
            }
            // Whoever ends this wait is the client, or the end of the session, which ends the process.
            state = self
                .released
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the driver calls in place of the client's function.
pub unsafe extern "C" fn host_function(call: *mut c_void) {
    if let Some(calls) = CALLS.get() {
        let turn = calls.push(call as u64, true);
        calls.wait(turn);
    }
}

/// What the driver calls when a user object has no reference left.
pub unsafe extern "C" fn user_object_gone(call: *mut c_void) {
    if let Some(calls) = CALLS.get() {
        calls.push(call as u64, false);
    }
}

/// Tests share the process's: those with host functions write this, so that they run alone, and others with sessions read it.
#[cfg(test)]
pub static ALONE: std::sync::RwLock<()> = std::sync::RwLock::new(());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_function_holds_its_thread_until_it_is_released() {
        let _alone = ALONE.write().unwrap_or_else(PoisonError::into_inner);
        let calls = Calls::get().unwrap();
        let threads: Vec<_> = (1..=8u64)
            .map(|call| {
                std::thread::spawn(move || {
                    // SAFETY: it takes a number.
                    unsafe { host_function(call as *mut c_void) };
                    call
                })
            })
            .collect();
        let mut seen = Vec::new();
        while seen.len() < 8 {
            seen.extend(calls.take());
            std::thread::yield_now();
        }
        assert!(!calls.any());
        assert!(threads.iter().all(|thread| !thread.is_finished()));
        seen.reverse();
        for turn in &seen {
            assert_eq!(calls.release(turn.turn), Some(turn.call));
            assert_eq!(calls.release(turn.turn), None);
        }
        let mut ended: Vec<u64> = threads.into_iter().map(|t| t.join().unwrap()).collect();
        ended.sort_unstable();
        assert_eq!(ended, (1..=8).collect::<Vec<_>>());
        assert!(calls.lock().done.is_empty());
    }
}

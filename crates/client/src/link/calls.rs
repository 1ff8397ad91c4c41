//! Host functions: those whose turn has come, and those on their way, for whose turn somebody has to read.

use std::sync::atomic::Ordering;
use std::time::Instant;

use super::{Link, lock};

impl Link {
    /// Says that a host function is on its way to the device.
    pub fn expect_call(&self) {
        self.expected.fetch_add(1, Ordering::SeqCst);
        self.wake_caller();
    }

    /// Whether a host function is on its way.
    pub fn expects_calls(&self) -> bool {
        self.expected.load(Ordering::SeqCst) > 0
    }

    /// Says that a host function has been run, or never will be.
    pub fn call_ended(&self) {
        self.expected.fetch_sub(1, Ordering::SeqCst);
    }

    /// The next host function whose turn has come; `None` once there is an error after which the device comes to none. Called
    /// by one thread at a time, which reads where nobody else does while a turn is expected.
    pub fn next_call(&self) -> Option<(u64, u64)> {
        *lock(&self.caller) = Some(std::thread::current());
        loop {
            if let Some(call) = lock(&self.calls).pop_front() {
                return Some(call);
            }
            if self.check_sticky().is_err() {
                return None;
            }
            if self.expected.load(Ordering::SeqCst) == 0 {
                std::thread::park();
                continue;
            }
            match self.inbox.try_lock() {
                Ok(mut inbox) => {
                    let mut idle_since = Instant::now();
                    while lock(&self.calls).is_empty() && self.check_sticky().is_ok() {
                        if self.receive(&mut inbox) {
                            idle_since = Instant::now();
                        } else if !self.answers.stays_awake(idle_since) {
                            self.idle(None);
                            idle_since = Instant::now();
                        }
                    }
                    drop(inbox);
                    self.promote();
                }
                // Whoever reads wakes this thread when a turn comes, or when it reads no more.
                Err(_) => std::thread::park(),
            }
        }
    }

    pub(super) fn wake_caller(&self) {
        if let Some(caller) = &*lock(&self.caller) {
            caller.unpark();
        }
    }
}

//! Whoever waits: one thread at a time has the reader's role, and hands it on.

use std::cell::RefCell;
use std::io::ErrorKind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, TryLockError};
use std::thread::Thread;
use std::time::{Duration, Instant};

use pillion_cuda_abi::CUresult;
use pillion_transport::Interest;

use super::receive::Inbox;
use super::{LOST, Link, lock};

/// Where one thread waits.
pub(super) struct Cell {
    pub(super) done: AtomicBool,
    pub(super) thread: Thread,
    pub(super) answer: Mutex<(CUresult, Vec<u8>)>,
}

thread_local! {
    /// A thread waits for one answer at a time.
    static CELL: RefCell<Option<Arc<Cell>>> = const { RefCell::new(None) };
}

impl Link {
    /// Waits until no copy into `[from, to)` is under way.
    pub fn settle(&self, from: usize, to: usize) {
        loop {
            // SeqCst: pairs with the increment in `post_into`; a copy that this thread issued is seen.
            if self.arriving.load(Ordering::SeqCst) == 0 || self.lost.get().is_some() {
                return;
            }
            let touched = lock(&self.pending).values().any(|entry| {
                entry.cell.is_none()
                    && entry
                        .destination
                        .is_some_and(|destination| destination.touches(from, to))
            });
            if !touched {
                return;
            }
            self.flush();
            match self.inbox.try_lock() {
                Ok(mut inbox) => {
                    if !self.receive(&mut inbox) {
                        self.idle(Some(Duration::from_millis(10)));
                    }
                    drop(inbox);
                    self.promote();
                }
                Err(_) => std::thread::sleep(Duration::from_micros(20)),
            }
        }
    }

    /// Whether copies into pinned memory are under way.
    pub fn has_arrivals(&self) -> bool {
        self.arriving.load(Ordering::SeqCst) != 0
    }

    /// Handles what has arrived, without waiting.
    pub fn look(&self) {
        self.flush();
        if let Ok(mut inbox) = self.inbox.try_lock() {
            while self.receive(&mut inbox) {}
            drop(inbox);
            self.promote();
        }
    }

    /// Reads, or lets another thread read, until `done`, of which whoever reads tells this thread.
    pub(super) fn wait(&self, done: impl Fn() -> bool) {
        while !done() {
            match self.inbox.try_lock() {
                Ok(mut inbox) => {
                    self.lead(&mut inbox, &done);
                    drop(inbox);
                    self.promote();
                }
                Err(TryLockError::Poisoned(poisoned)) => {
                    drop(poisoned);
                    self.lose("a thread failed while it read from the server");
                }
                Err(TryLockError::WouldBlock) => std::thread::park(),
            }
        }
    }

    pub(super) fn lead(&self, inbox: &mut Inbox, done: impl Fn() -> bool) {
        let mut idle_since = Instant::now();
        while !done() {
            if self.receive(inbox) {
                let now = Instant::now();
                self.answers.learn(now - idle_since);
                idle_since = now;
            } else if !self.answers.stays_awake(idle_since) {
                self.idle(None);
            }
        }
    }

    pub(super) fn idle(&self, timeout: Option<Duration>) {
        match self.poller.wait(Interest::READABLE, None, timeout) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => self.lose(&error.to_string()),
        }
    }

    /// Lets another waiting thread read. Called after the reader's role was given up.
    pub(super) fn promote(&self) {
        // SeqCst: pairs with the increment in `call_into`, which comes before that thread's first try for the role.
        if self.waiting.load(Ordering::SeqCst) == 0 {
            if self.expected.load(Ordering::SeqCst) > 0 {
                self.wake_caller();
            }
            return;
        }
        let own = std::thread::current().id();
        let pending = lock(&self.pending);
        let waits = pending
            .values()
            .filter_map(|entry| entry.cell.as_ref())
            .find(|cell| cell.thread.id() != own);
        if let Some(cell) = waits {
            cell.thread.unpark();
            return;
        }
        // Whether a thread waits for its watch is not known here: who does not takes no notice.
        let watches = pending.values().filter_map(|entry| entry.watch.as_ref());
        for thread in watches.filter_map(|watch| watch.thread.as_ref()) {
            if thread.id() != own {
                thread.unpark();
            }
        }
        drop(pending);
        if self.expected.load(Ordering::SeqCst) > 0 {
            self.wake_caller();
        }
    }
}

pub(super) fn own_cell() -> Arc<Cell> {
    let fresh = || {
        Arc::new(Cell {
            done: AtomicBool::new(false),
            thread: std::thread::current(),
            answer: Mutex::new((LOST, Vec::new())),
        })
    };
    CELL.try_with(|cell| cell.borrow_mut().get_or_insert_with(fresh).clone())
        .unwrap_or_else(|_| fresh())
}

//! Streams: operations that run one after another, beside the host and beside each other.
//!
//! Each stream has a thread that runs its operations in order. An operation may also wait for operations of other streams:
//! those are always older, so no circle of waits can form.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The end of one operation.
#[derive(Default)]
pub struct Done {
    state: Mutex<DoneState>,
    wake: Condvar,
}

#[derive(Default)]
struct DoneState {
    at: Option<Instant>,
    then: Vec<Box<dyn FnOnce() + Send>>,
}

impl Done {
    fn state(&self) -> MutexGuard<'_, DoneState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When it ended, if it has.
    pub fn ended(&self) -> Option<Instant> {
        self.state().at
    }

    /// Waits until it has ended.
    pub fn wait(&self) {
        let mut state = self.state();
        while state.at.is_none() {
            state = self
                .wake
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Says that it has ended, now.
    pub fn end(&self) {
        let mut state = self.state();
        state.at = Some(Instant::now());
        let then = std::mem::take(&mut state.then);
        drop(state);
        self.wake.notify_all();
        for then in then {
            then();
        }
    }

    /// Does something small when it has ended; now, if it has.
    pub fn then(&self, then: impl FnOnce() + Send + 'static) {
        let mut state = self.state();
        if state.at.is_none() {
            state.then.push(Box::new(then));
            return;
        }
        drop(state);
        then();
    }
}

/// What an operation does.
pub enum Work {
    /// Answers the code of its fault, or 0. Not done after a fault.
    Unfaulted(Box<dyn FnOnce() -> u32 + Send>),
    /// Done in any case, and told the code of the fault before it, or 0.
    Always(Box<dyn FnOnce(u32) + Send>),
}

struct Operation {
    after: Vec<Arc<Done>>,
    work: Work,
    done: Arc<Done>,
}

#[derive(Default)]
struct Pending {
    operations: VecDeque<Operation>,
    closed: bool,
    running: bool,
}

/// The queue of a stream. Dropping it lets what is queued finish.
pub struct Queue {
    shared: Arc<(Mutex<Pending>, Condvar)>,
    last: Option<Arc<Done>>,
}

impl Queue {
    /// A queue whose thread begins with its first operation.
    pub fn new() -> Self {
        Queue {
            shared: Arc::default(),
            last: None,
        }
    }

    /// The end of the newest operation.
    pub fn last(&self) -> Option<Arc<Done>> {
        self.last.clone()
    }

    /// Appends an operation that begins once `after` have ended. After a fault nothing runs any more, but everything ends.
    /// `None` where the system has no thread for the queue: then nothing was appended.
    pub fn push(
        &mut self,
        after: Vec<Arc<Done>>,
        fault: &'static AtomicU32,
        work: Work,
    ) -> Option<Arc<Done>> {
        let done = Arc::new(Done::default());
        let mut pending = self.shared.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !pending.running {
            let shared = self.shared.clone();
            std::thread::Builder::new()
                .name("pillion-stream".to_string())
                .spawn(move || run(&shared, fault))
                .ok()?;
            pending.running = true;
        }
        pending.operations.push_back(Operation {
            after,
            work,
            done: done.clone(),
        });
        drop(pending);
        self.shared.1.notify_one();
        self.last = Some(done.clone());
        Some(done)
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.shared
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .closed = true;
        self.shared.1.notify_one();
    }
}

fn run(shared: &(Mutex<Pending>, Condvar), fault: &'static AtomicU32) {
    loop {
        let operation = {
            let mut pending = shared.0.lock().unwrap_or_else(PoisonError::into_inner);
            loop {
                if let Some(operation) = pending.operations.pop_front() {
                    break operation;
                }
                if pending.closed {
                    return;
                }
                pending = shared
                    .1
                    .wait(pending)
                    .unwrap_or_else(PoisonError::into_inner);
            }
        };
        execute(operation, fault);
    }
}

fn execute(operation: Operation, fault: &'static AtomicU32) {
    for done in &operation.after {
        done.wait();
    }
    // SeqCst: a fault of an operation that this one came after is seen.
    let before = fault.load(Ordering::SeqCst);
    let work = std::panic::AssertUnwindSafe(move || match operation.work {
        Work::Unfaulted(work) if before == 0 => work(),
        Work::Unfaulted(_) => 0,
        Work::Always(work) => {
            work(before);
            0
        }
    });
    let code = std::panic::catch_unwind(work).unwrap_or(719);
    if code != 0 {
        let _ = fault.compare_exchange(0, code, Ordering::SeqCst, Ordering::SeqCst);
    }
    operation.done.end();
}

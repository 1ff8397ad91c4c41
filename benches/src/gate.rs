//! A sender that can be held: whoever sends waits in it, and holds the writer's role meanwhile. So what the program's thread does is
//! the same each time: it appends, and nobody else runs whom it could have to wake or to wait for.

use std::io::{self, IoSlice};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use pillion_transport::Sender;

/// The gate of a sender.
#[derive(Debug, Clone, Default)]
pub struct Gate(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    closed: bool,
    waiting: bool,
}

impl Gate {
    /// A sender behind this gate.
    pub fn before(&self, sender: Box<dyn Sender>) -> Box<dyn Sender> {
        Box::new(Gated {
            gate: self.clone(),
            sender,
        })
    }

    /// Closes it: the next one that sends waits.
    pub fn close(&self) {
        self.lock().closed = true;
    }

    /// Waits until somebody waits in the closed gate.
    pub fn await_sender(&self) {
        let mut state = self.lock();
        while !state.waiting {
            state = self.wait(state);
        }
    }

    /// Opens it.
    pub fn open(&self) {
        self.lock().closed = false;
        self.0.changed.notify_all();
    }

    fn pass(&self) {
        let mut state = self.lock();
        while state.closed {
            state.waiting = true;
            self.0.changed.notify_all();
            state = self.wait(state);
        }
        state.waiting = false;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.0
            .changed
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner)
    }
}

struct Gated {
    gate: Gate,
    sender: Box<dyn Sender>,
}

impl Sender for Gated {
    fn try_send(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.gate.pass();
        self.sender.try_send(bufs)
    }

    fn shutdown(&mut self) -> io::Result<()> {
        self.sender.shutdown()
    }
}

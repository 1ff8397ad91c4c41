//! What a stream or a graph does, as data: made and checked by the call that asks for it, run any number of times later.

use std::sync::Arc;

use super::Device;
use super::copy::{Copy, Fill};
use super::host_call::HostCall;
use super::launch::Launch;
use super::queue::Work;
use super::values::Values;

/// One asynchronous operation.
#[derive(Clone)]
pub enum Operation {
    /// Nothing; what comes after it still waits for what came before.
    Nothing,
    /// A kernel.
    Launch(Arc<Launch>),
    /// A copy of a box of bytes.
    Copy(Arc<Copy>),
    /// A fill of rows.
    Fill(Arc<Fill>),
    /// A function of the program.
    HostCall(HostCall),
    /// Waits for and writes of single words.
    Values(Arc<Values>),
}

impl Operation {
    /// Does it, and answers the code of its fault, or 0.
    pub fn run(&self, device: &'static Device) -> u32 {
        match self {
            Operation::Nothing => 0,
            Operation::Launch(launch) => launch.run(device),
            Operation::Copy(copy) => copy.run(device),
            Operation::Fill(fill) => fill.run(device),
            Operation::HostCall(call) => call.run(),
            Operation::Values(values) => values.run(device),
        }
    }

    /// As work of a queue.
    pub fn work(self, device: &'static Device) -> Work {
        Work::Unfaulted(Box::new(move || self.run(device)))
    }
}

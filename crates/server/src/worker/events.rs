//! The worker's own events.

use pillion_cuda_abi::types::{CUevent, CUevent_flags, CUstream};
use pillion_cuda_abi::{CUresult, DriverTable};

use super::forward::Failure;

/// Events that are not under way, for the context that is current.
#[derive(Debug, Default)]
pub struct Events {
    free: Vec<CUevent>,
}

impl Events {
    /// Records an event on a stream.
    pub fn record(&mut self, table: &DriverTable, stream: u64) -> Result<CUevent, Failure> {
        let missing = Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED);
        let event = match self.free.pop() {
            Some(event) => event,
            None => {
                let create = table.cuEventCreate.ok_or(missing.clone())?;
                let mut event = std::ptr::null_mut();
                // SAFETY: a local.
                match unsafe { create(&raw mut event, CUevent_flags::CU_EVENT_DISABLE_TIMING.0) } {
                    CUresult::CUDA_SUCCESS => event,
                    status => return Err(Failure::Status(status)),
                }
            }
        };
        let record = table.cuEventRecord.ok_or(missing)?;
        // SAFETY: a live event, and a stream that the caller has looked up.
        match unsafe { record(event, stream as CUstream) } {
            CUresult::CUDA_SUCCESS => Ok(event),
            status => {
                self.free.push(event);
                Err(Failure::Status(status))
            }
        }
    }

    /// What the driver says of an event.
    pub fn query(table: &DriverTable, event: CUevent) -> CUresult {
        match table.cuEventQuery {
            // SAFETY: a live event.
            Some(query) => unsafe { query(event) },
            None => CUresult::CUDA_ERROR_NOT_SUPPORTED,
        }
    }

    /// Whether nothing before the event is under way any more, be it for success or for an error.
    pub fn happened(&self, table: &DriverTable, event: CUevent) -> bool {
        Self::query(table, event) != CUresult::CUDA_ERROR_NOT_READY
    }

    /// Waits for an event.
    pub fn wait(&self, table: &DriverTable, event: CUevent) {
        if let Some(wait) = table.cuEventSynchronize {
            // SAFETY: a live event. Its error, if any, is found by whoever queries next.
            let _ = unsafe { wait(event) };
        }
    }

    /// Takes back an event that nobody waits for.
    pub fn give_back(&mut self, event: CUevent) {
        self.free.push(event);
    }
}

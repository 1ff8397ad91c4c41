//! The worker's own events.

use std::collections::HashMap;

use pillion_cuda_abi::types::{CUevent, CUevent_flags, CUstream};
use pillion_cuda_abi::{CUresult, DriverTable};

use super::forward::Failure;
use super::handles::{Handles, Place};

/// Events, each of which is of one context and is recorded in streams of that.
#[derive(Debug, Default)]
pub struct Events {
    /// By context, those that are not under way.
    free: HashMap<u64, Vec<CUevent>>,
    /// The context of each.
    of: HashMap<CUevent, u64>,
}

impl Events {
    /// Records an event on a stream, whichever context is current.
    pub fn record(
        &mut self,
        table: &DriverTable,
        handles: &Handles,
        place: Place,
    ) -> Result<CUevent, Failure> {
        refuse_capture(handles, place)?;
        handles.within(place.context, || self.record_here(table, place))
    }

    fn record_here(&mut self, table: &DriverTable, place: Place) -> Result<CUevent, Failure> {
        let missing = Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED);
        let free = self.free.entry(place.context).or_default();
        let event = match free.pop() {
            Some(event) => event,
            None => {
                let create = table.cuEventCreate.ok_or(missing.clone())?;
                let mut event = std::ptr::null_mut();
                // SAFETY: a local.
                match unsafe { create(&raw mut event, CUevent_flags::CU_EVENT_DISABLE_TIMING.0) } {
                    CUresult::CUDA_SUCCESS => {}
                    status => return Err(Failure::Status(status)),
                }
                self.of.insert(event, place.context);
                event
            }
        };
        match record(table, place, event) {
            Ok(()) => Ok(event),
            Err(failure) => {
                self.give_back(event);
                Err(failure)
            }
        }
    }

    /// Records an event again that was recorded on this stream, with or without having happened since.
    pub fn record_again(
        &self,
        table: &DriverTable,
        handles: &Handles,
        place: Place,
        event: CUevent,
    ) -> Result<(), Failure> {
        refuse_capture(handles, place)?;
        handles.within(place.context, || record(table, place, event))
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
        if let Some(context) = self.of.get(&event) {
            self.free.entry(*context).or_default().push(event);
        }
    }

    /// The context of an event, or 0.
    pub fn context(&self, event: CUevent) -> u64 {
        self.of.get(&event).copied().unwrap_or(0)
    }

    /// A context takes its events with it.
    pub fn forget_context(&mut self, context: u64) {
        self.free.remove(&context);
        self.of.retain(|_, of| *of != context);
    }
}

/// An event of the worker's on a stream that captures would become part of the graph, and asking after it would end the capture.
fn refuse_capture(handles: &Handles, place: Place) -> Result<(), Failure> {
    if handles.is_capturing_at(place) {
        return Err(Failure::Status(
            CUresult::CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED,
        ));
    }
    Ok(())
}

fn record(table: &DriverTable, place: Place, event: CUevent) -> Result<(), Failure> {
    let missing = Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED);
    let record = table.cuEventRecord.ok_or(missing)?;
    // SAFETY: a live event, and a stream of the same context that the caller has looked up.
    match unsafe { record(event, place.stream as CUstream) } {
        CUresult::CUDA_SUCCESS => Ok(()),
        status => Err(Failure::Status(status)),
    }
}

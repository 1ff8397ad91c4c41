//! Streams and events.

use std::ffi::{c_int, c_uint, c_ulonglong};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

use super::graph::Kind;
use super::queue::{Done, Queue, Work};
use super::{
    Answer, BAD_HANDLE, Device, EVENT, FAULT, INVALID, STREAM, State, alive, capture, current,
    device, functions, name, write,
};

/// What is said where the system has no thread for a stream.
const NO_THREAD: CUresult = CUresult::CUDA_ERROR_OPERATING_SYSTEM;

/// A stream that the program made.
pub struct Stream {
    queue: Queue,
    /// Whether it and the legacy default stream wait for each other.
    pub blocking: bool,
    flags: u32,
    priority: i32,
    id: u64,
    /// The capture that it takes part in.
    pub capture: Option<u64>,
}

/// An event.
pub struct Event {
    flags: u32,
    /// The end of what it was last recorded behind.
    done: Option<Arc<Done>>,
    /// Where in a capture it was last recorded, if it was in one.
    pub captured: Option<capture::Mark>,
}

impl Event {
    /// The end of what it was last recorded behind.
    pub fn done(&self) -> Option<Arc<Done>> {
        self.done.clone()
    }

    /// Records it anew.
    pub fn record(&mut self, done: Arc<Done>) {
        self.done = Some(done);
        self.captured = None;
    }
}

impl State {
    /// Checks the handle of a stream.
    pub fn check_stream(&self, stream: u64) -> Answer {
        if stream <= 2 || self.streams.contains_key(&stream) {
            Ok(())
        } else {
            Err(BAD_HANDLE)
        }
    }

    /// Queues work on a stream, in the order that CUDA gives it: the legacy default stream and the blocking streams wait for
    /// each other. It does not begin before `after` have ended.
    pub fn queue(
        &mut self,
        stream: u64,
        mut after: Vec<Arc<Done>>,
        work: Work,
    ) -> Answer<Arc<Done>> {
        if stream <= 2 {
            after.extend(
                self.streams
                    .values()
                    .filter(|s| s.blocking)
                    .filter_map(|s| s.queue.last()),
            );
            self.orphans.retain(|done| done.ended().is_none());
            after.extend(self.orphans.iter().cloned());
            let legacy = self.legacy.get_or_insert_with(Queue::new);
            return legacy.push(after, &FAULT, work).ok_or(NO_THREAD);
        }
        let legacy = self.legacy.as_ref().and_then(Queue::last);
        let stream = self.streams.get_mut(&stream).ok_or(BAD_HANDLE)?;
        if stream.blocking {
            after.extend(legacy);
        }
        // What has ended need not be waited for.
        after.retain(|done| done.ended().is_none());
        stream.queue.push(after, &FAULT, work).ok_or(NO_THREAD)
    }

    /// The end of what a stream was last given.
    fn last(&self, stream: u64) -> Answer<Option<Arc<Done>>> {
        if stream <= 2 {
            return Ok(self.legacy.as_ref().and_then(Queue::last));
        }
        self.streams
            .get(&stream)
            .map(|stream| stream.queue.last())
            .ok_or(BAD_HANDLE)
    }
}

impl Device {
    /// The ends of everything that is queued.
    fn everything(&self) -> Vec<Arc<Done>> {
        let state = self.state();
        let streams = state
            .streams
            .values()
            .filter_map(|stream| stream.queue.last());
        streams
            .chain(state.legacy.as_ref().and_then(Queue::last))
            .chain(state.orphans.iter().cloned())
            .collect()
    }

    /// Records an event behind everything that is queued.
    fn record_all(&self, event: u64) -> Answer {
        let everything = self.everything();
        let mut state = self.state();
        capture::observe_all(&mut state)?;
        // A queue for this alone: it ends with what it has to do.
        let work = Work::Unfaulted(Box::new(|| 0));
        let done = Queue::new()
            .push(everything, &FAULT, work)
            .ok_or(NO_THREAD)?;
        state.events.get_mut(&event).ok_or(BAD_HANDLE)?.record(done);
        Ok(())
    }

    /// Has everything that is queued from now on wait for an event.
    fn wait_all(&self, event: u64) -> Answer {
        let mut state = self.state();
        let state = &mut *state;
        capture::observe_all(state)?;
        let known = state.events.get(&event).ok_or(BAD_HANDLE)?;
        let Some(done) = known.done().filter(|done| done.ended().is_none()) else {
            return Ok(());
        };
        let streams: Vec<u64> = state.streams.keys().copied().collect();
        for stream in streams.into_iter().chain([0]) {
            let work = Work::Unfaulted(Box::new(|| 0));
            state.queue(stream, vec![done.clone()], work)?;
        }
        Ok(())
    }

    /// Waits for everything that is queued.
    pub fn synchronize(&self) -> Answer {
        for done in self.everything() {
            done.wait();
        }
        match FAULT.load(Ordering::SeqCst) {
            0 => Ok(()),
            code => Err(CUresult(code)),
        }
    }
}

fn new_stream(place: *mut CUstream, flags: c_uint, priority: c_int) -> Answer {
    let device = alive()?;
    current()?;
    if flags > 1 {
        return Err(INVALID);
    }
    let handle = name(STREAM);
    let stream = Stream {
        queue: Queue::new(),
        blocking: flags & 1 == 0,
        flags,
        priority,
        id: handle,
        capture: None,
    };
    device.state().streams.insert(handle, stream);
    write(place, handle as CUstream)
}

fn record(event: u64, stream: u64, flags: c_uint) -> Answer {
    let external = flags == CUevent_record_flags::CU_EVENT_RECORD_EXTERNAL.0;
    if flags != 0 && !external {
        return Err(INVALID);
    }
    let mut state = alive()?.state();
    let state = &mut *state;
    if !state.events.contains_key(&event) {
        return Err(BAD_HANDLE);
    }
    state.check_stream(stream)?;
    if capture::route(state, stream)? {
        if external {
            return capture::append(state, stream, Kind::Record(event)).map(|_| ());
        }
        let mark = capture::mark(state, stream);
        if let Some(event) = state.events.get_mut(&event) {
            event.captured = mark;
        }
        return Ok(());
    }
    if external {
        return Err(INVALID);
    }
    let done = state.queue(stream, Vec::new(), Work::Unfaulted(Box::new(|| 0)))?;
    if let Some(event) = state.events.get_mut(&event) {
        event.record(done);
    }
    Ok(())
}

fn wait(stream: u64, event: u64, flags: c_uint) -> Answer {
    let external = flags == CUevent_wait_flags::CU_EVENT_WAIT_EXTERNAL.0;
    if flags != 0 && !external {
        return Err(INVALID);
    }
    let mut state = alive()?.state();
    let state = &mut *state;
    if !state.events.contains_key(&event) {
        return Err(BAD_HANDLE);
    }
    state.check_stream(stream)?;
    if external {
        if !capture::route(state, stream)? {
            return Err(INVALID);
        }
        return capture::append(state, stream, Kind::Wait(event)).map(|_| ());
    }
    if capture::wait(state, stream, event)? {
        return Ok(());
    }
    let done = state.events.get(&event).and_then(Event::done);
    if let Some(done) = done.filter(|done| done.ended().is_none()) {
        state.queue(stream, vec![done], Work::Unfaulted(Box::new(|| 0)))?;
    }
    Ok(())
}

/// The end of what an event was last recorded behind, for a caller that wants to know of it or wait for it.
fn observed(event: u64) -> Answer<Option<Arc<Done>>> {
    let mut state = alive()?.state();
    capture::observe_event(&mut state, event)?;
    Ok(state.events.get(&event).and_then(Event::done))
}

/// The same of a stream.
fn observed_stream(stream: u64) -> Answer<Option<Arc<Done>>> {
    let mut state = alive()?.state();
    state.check_stream(stream)?;
    capture::observe_stream(&mut state, stream)?;
    state.last(stream)
}

fn elapsed(place: *mut f32, start: u64, end: u64) -> Answer {
    let device = alive()?;
    let ended = |event: u64| {
        let state = device.state();
        let event = state.events.get(&event).ok_or(BAD_HANDLE)?;
        if event.flags & CUevent_flags::CU_EVENT_DISABLE_TIMING.0 != 0 {
            return Err(BAD_HANDLE);
        }
        if event.captured.is_some() {
            return Err(CUresult::CUDA_ERROR_CAPTURED_EVENT);
        }
        event
            .done
            .as_ref()
            .ok_or(BAD_HANDLE)?
            .ended()
            .ok_or(CUresult::CUDA_ERROR_NOT_READY)
    };
    let (start, end) = (ended(start)?, ended(end)?);
    let seconds = match end.checked_duration_since(start) {
        Some(after) => after.as_secs_f64(),
        None => -start.duration_since(end).as_secs_f64(),
    };
    write(place, (seconds * 1e3) as f32)
}

fn finish(done: &Done) -> Answer {
    done.wait();
    alive().map(|_| ())
}

functions! {
    cuStreamCreate(place: *mut CUstream, flags: c_uint) { new_stream(place, flags, 0) }
    cuStreamCreateWithPriority(place: *mut CUstream, flags: c_uint, priority: c_int) { new_stream(place, flags, priority) }
    cuStreamDestroy_v2(stream: CUstream) {
        let mut state = device()?.state();
        let gone = state.streams.remove(&(stream as u64)).ok_or(BAD_HANDLE)?;
        state.orphans.extend(gone.queue.last());
        let graphs = capture::stream_gone(&mut state, stream as u64, gone.capture);
        drop(state);
        drop(graphs);
        Ok(())
    }
    cuStreamSynchronize(stream: CUstream) {
        match observed_stream(stream as u64)? {
            Some(done) => finish(&done),
            None => alive().map(|_| ()),
        }
    }
    cuStreamQuery(stream: CUstream) {
        match observed_stream(stream as u64)? {
            Some(done) if done.ended().is_none() => Err(CUresult::CUDA_ERROR_NOT_READY),
            _ => alive().map(|_| ()),
        }
    }
    cuStreamGetFlags(stream: CUstream, place: *mut c_uint) {
        let flags = device()?.state().streams.get(&(stream as u64)).map_or(0, |stream| stream.flags);
        write(place, flags)
    }
    cuStreamGetPriority(stream: CUstream, place: *mut c_int) {
        let priority = device()?.state().streams.get(&(stream as u64)).map_or(0, |stream| stream.priority);
        write(place, priority)
    }
    cuStreamGetId(stream: CUstream, place: *mut c_ulonglong) {
        let id = device()?.state().streams.get(&(stream as u64)).map_or(0, |stream| stream.id);
        write(place, id)
    }
    cuStreamWaitEvent(stream: CUstream, event: CUevent, flags: c_uint) { wait(stream as u64, event as u64, flags) }
    cuStreamCopyAttributes(to: CUstream, from: CUstream) { Ok(()) }
    cuStreamGetAttribute(stream: CUstream, which: CUstreamAttrID, value: *mut CUstreamAttrValue) {
        write(value, std::mem::zeroed())
    }
    cuStreamSetAttribute(stream: CUstream, which: CUstreamAttrID, value: *const CUstreamAttrValue) { Ok(()) }
    cuCtxRecordEvent(context: CUcontext, event: CUevent) { alive()?.record_all(event as u64) }
    cuCtxWaitEvent(context: CUcontext, event: CUevent) { alive()?.wait_all(event as u64) }
    cuEventCreate(place: *mut CUevent, flags: c_uint) {
        current()?;
        let handle = name(EVENT);
        alive()?.state().events.insert(handle, Event { flags, done: None, captured: None });
        write(place, handle as CUevent)
    }
    cuEventDestroy_v2(event: CUevent) {
        device()?.state().events.remove(&(event as u64)).map(|_| ()).ok_or(BAD_HANDLE)
    }
    cuEventRecord(event: CUevent, stream: CUstream) { record(event as u64, stream as u64, 0) }
    cuEventRecordWithFlags(event: CUevent, stream: CUstream, flags: c_uint) { record(event as u64, stream as u64, flags) }
    cuEventQuery(event: CUevent) {
        match observed(event as u64)? {
            Some(done) if done.ended().is_none() => Err(CUresult::CUDA_ERROR_NOT_READY),
            _ => alive().map(|_| ()),
        }
    }
    cuEventSynchronize(event: CUevent) {
        match observed(event as u64)? {
            Some(done) => finish(&done),
            None => alive().map(|_| ()),
        }
    }
    cuEventElapsedTime(place: *mut f32, start: CUevent, end: CUevent) { elapsed(place, start as u64, end as u64) }
    cuEventElapsedTime_v2(place: *mut f32, start: CUevent, end: CUevent) { elapsed(place, start as u64, end as u64) }
}

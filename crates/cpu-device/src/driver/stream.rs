//! Streams and events.

use std::ffi::{c_int, c_uint, c_ulonglong};
use std::os::fd::OwnedFd;
use std::sync::Arc;

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

use super::graph::Kind;
use super::memory::Devices;
use super::queue::{Done, Queue, Work};
use super::shared_event::SharedEvent;
use super::{
    Answer, BAD_HANDLE, Device, EVENT, INVALID, STREAM, State, alive, capture, check_fault,
    current, device, device_of, fault_of, functions, name, write,
};

/// What is said where the system has no thread for a stream.
const NO_THREAD: CUresult = CUresult::CUDA_ERROR_OPERATING_SYSTEM;

/// A stream that the program made.
pub struct Stream {
    queue: Queue,
    /// The context that it is of.
    pub context: u64,
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
    /// The context that it is of.
    pub context: u64,
    /// The end of what it was last recorded behind.
    done: Option<Arc<Done>>,
    /// Where in a capture it was last recorded, if it was in one.
    pub captured: Option<capture::Mark>,
    /// What other processes know of it.
    shared: Option<Shared>,
}

/// An event that other processes record and wait for.
struct Shared {
    page: Arc<SharedEvent>,
    /// The file of the page, in the process that made it.
    file: Option<OwnedFd>,
    /// The record that `done` is the end of.
    number: u64,
}

impl Event {
    fn new(flags: c_uint, context: u64) -> Answer<Event> {
        let interprocess = CUevent_flags::CU_EVENT_INTERPROCESS.0;
        let shared = if flags & interprocess != 0 {
            if flags & CUevent_flags::CU_EVENT_DISABLE_TIMING.0 == 0 {
                return Err(INVALID);
            }
            let (page, file) = SharedEvent::create()?;
            Some(Shared {
                page: Arc::new(page),
                file: Some(file),
                number: 0,
            })
        } else {
            None
        };
        Ok(Event {
            flags,
            context,
            done: None,
            captured: None,
            shared,
        })
    }

    /// One of another process, in a context of this one.
    pub fn of_others(page: SharedEvent, context: u64) -> Event {
        Event {
            flags: CUevent_flags::CU_EVENT_DISABLE_TIMING.0
                | CUevent_flags::CU_EVENT_INTERPROCESS.0,
            context,
            done: None,
            captured: None,
            shared: Some(Shared {
                page: Arc::new(page),
                file: None,
                number: 0,
            }),
        }
    }

    /// The file by which another process opens it, if it is for that and this process made it.
    pub fn file(&self) -> Option<&OwnedFd> {
        self.shared.as_ref()?.file.as_ref()
    }

    /// The end of what it was last recorded behind, in whichever process.
    pub fn done(&mut self) -> Option<Arc<Done>> {
        if let Some(shared) = &mut self.shared {
            let latest = shared.page.latest();
            if latest > shared.number {
                shared.number = latest;
                self.done = Some(follow(&shared.page, latest, self.context));
            }
        }
        self.done.clone()
    }

    /// Records it anew.
    pub fn record(&mut self, done: Arc<Done>) {
        if let Some(shared) = &mut self.shared {
            let (page, number) = (shared.page.clone(), shared.page.begin());
            shared.number = number;
            done.then(move || page.end(number));
        }
        self.done = Some(done);
        self.captured = None;
    }
}

/// The end of a record of another process, for a context that wants to know of it.
fn follow(page: &Arc<SharedEvent>, number: u64, context: u64) -> Arc<Done> {
    let there = || {
        let done = Arc::new(Done::default());
        done.end();
        done
    };
    if page.has_ended(number) {
        return there();
    }
    let awaited = page.clone();
    let work = Work::Always(Box::new(move |_| awaited.wait(number)));
    // A queue for this alone: it ends with what it has to do.
    let done = Queue::new().push(Vec::new(), fault_of(context), work);
    done.unwrap_or_else(|| {
        page.wait(number);
        there()
    })
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

    /// The context of a stream; the default streams are those of the current one.
    pub fn context_of(&self, stream: u64) -> Answer<u64> {
        if stream <= 2 {
            return current();
        }
        let stream = self.streams.get(&stream).ok_or(BAD_HANDLE)?;
        Ok(stream.context)
    }

    /// Queues work on a stream, in the order that CUDA gives it: the legacy default stream and the blocking streams wait for
    /// each other, those of one context. It does not begin before `after` have ended.
    pub fn queue(
        &mut self,
        stream: u64,
        mut after: Vec<Arc<Done>>,
        work: Work,
    ) -> Answer<Arc<Done>> {
        let context = self.context_of(stream)?;
        if stream <= 2 {
            after.extend(
                self.streams
                    .values()
                    .filter(|s| s.blocking && s.context == context)
                    .filter_map(|s| s.queue.last()),
            );
            self.orphans.retain(|(_, done)| done.ended().is_none());
            let orphans = self.orphans.iter().filter(|(of, _)| *of == context);
            after.extend(orphans.map(|(_, done)| done.clone()));
            let legacy = self.legacy.entry(context).or_insert_with(Queue::new);
            return legacy.push(after, fault_of(context), work).ok_or(NO_THREAD);
        }
        let legacy = self.legacy.get(&context).and_then(Queue::last);
        let stream = self.streams.get_mut(&stream).ok_or(BAD_HANDLE)?;
        if stream.blocking {
            after.extend(legacy);
        }
        // What has ended need not be waited for.
        after.retain(|done| done.ended().is_none());
        let fault = fault_of(context);
        stream.queue.push(after, fault, work).ok_or(NO_THREAD)
    }

    /// The ends of everything that is queued in some contexts.
    pub fn everything(&self, of: impl Fn(u64) -> bool) -> Vec<Arc<Done>> {
        let streams = self.streams.values();
        let streams = streams.filter(|stream| of(stream.context));
        let legacy = self.legacy.iter().filter(|(context, _)| of(**context));
        let orphans = self.orphans.iter().filter(|(context, _)| of(*context));
        streams
            .filter_map(|stream| stream.queue.last())
            .chain(legacy.filter_map(|(_, queue)| queue.last()))
            .chain(orphans.map(|(_, done)| done.clone()))
            .collect()
    }

    /// The end of what a stream was last given.
    fn last(&self, stream: u64) -> Answer<Option<Arc<Done>>> {
        if stream <= 2 {
            return Ok(self.legacy.get(&current()?).and_then(Queue::last));
        }
        self.streams
            .get(&stream)
            .map(|stream| stream.queue.last())
            .ok_or(BAD_HANDLE)
    }
}

impl Device {
    /// Records an event behind everything that is queued in its context.
    fn record_all(&self, context: u64, event: u64) -> Answer {
        let everything = self.state().everything(|of| of == context);
        let mut state = self.state();
        let known = state.events.get(&event).ok_or(BAD_HANDLE)?;
        if known.context != context {
            return Err(BAD_HANDLE);
        }
        capture::observe_context(&mut state, context)?;
        // A queue for this alone: it ends with what it has to do.
        let work = Work::Unfaulted(Box::new(|| 0));
        let done = Queue::new()
            .push(everything, fault_of(context), work)
            .ok_or(NO_THREAD)?;
        state.events.get_mut(&event).ok_or(BAD_HANDLE)?.record(done);
        Ok(())
    }

    /// Has everything that is queued in a context from now on wait for an event.
    fn wait_all(&self, context: u64, event: u64) -> Answer {
        let mut state = self.state();
        let state = &mut *state;
        capture::observe_context(state, context)?;
        let known = state.events.get_mut(&event).ok_or(BAD_HANDLE)?;
        let Some(done) = known.done().filter(|done| done.ended().is_none()) else {
            return Ok(());
        };
        let streams = state.streams.iter();
        let streams = streams.filter(|(_, stream)| stream.context == context);
        let streams: Vec<u64> = streams.map(|(handle, _)| *handle).collect();
        for stream in streams {
            let work = Work::Unfaulted(Box::new(|| 0));
            state.queue(stream, vec![done.clone()], work)?;
        }
        let legacy = state.legacy.entry(context).or_insert_with(Queue::new);
        let work = Work::Unfaulted(Box::new(|| 0));
        let pushed = legacy.push(vec![done], fault_of(context), work);
        pushed.map(|_| ()).ok_or(NO_THREAD)
    }

    /// Waits for everything that is queued in a context.
    pub fn synchronize(&self, context: u64) -> Answer {
        let everything = self.state().everything(|of| of == context);
        for done in everything {
            done.wait();
        }
        check_fault(context)
    }

    /// Waits for everything that is queued on some devices, whatever becomes of it.
    pub fn settle(&self, devices: Devices) {
        let everything = self.state().everything(|of| devices.has(device_of(of)));
        for done in everything {
            done.wait();
        }
    }
}

fn new_stream(place: *mut CUstream, flags: c_uint, priority: c_int) -> Answer {
    let device = alive()?;
    let context = current()?;
    if flags > 1 {
        return Err(INVALID);
    }
    let handle = name(STREAM);
    let stream = Stream {
        queue: Queue::new(),
        context,
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
    let known = state.events.get(&event).ok_or(BAD_HANDLE)?;
    // As CUDA documents: both must be of one context.
    if known.context != state.context_of(stream)? {
        return Err(BAD_HANDLE);
    }
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
    let done = state.events.get_mut(&event).and_then(Event::done);
    if let Some(done) = done.filter(|done| done.ended().is_none()) {
        state.queue(stream, vec![done], Work::Unfaulted(Box::new(|| 0)))?;
    }
    Ok(())
}

/// The context of an event and the end of what it was last recorded behind, for a caller that wants to know of it or wait for it.
fn observed(event: u64) -> Answer<(u64, Option<Arc<Done>>)> {
    let mut state = alive()?.state();
    capture::observe_event(&mut state, event)?;
    let known = state.events.get_mut(&event).ok_or(BAD_HANDLE)?;
    Ok((known.context, known.done()))
}

/// The same of a stream.
fn observed_stream(stream: u64) -> Answer<(u64, Option<Arc<Done>>)> {
    let mut state = alive()?.state();
    let context = state.context_of(stream)?;
    capture::observe_stream(&mut state, stream)?;
    Ok((context, state.last(stream)?))
}

/// Asks whether what was observed has ended.
fn query((context, done): (u64, Option<Arc<Done>>)) -> Answer {
    match done {
        Some(done) if done.ended().is_none() => Err(CUresult::CUDA_ERROR_NOT_READY),
        _ => check_fault(context),
    }
}

/// Waits for it.
fn finish((context, done): (u64, Option<Arc<Done>>)) -> Answer {
    if let Some(done) = done {
        done.wait();
    }
    check_fault(context)
}

/// The context that a call names, or the current one.
fn given(context: CUcontext) -> Answer<u64> {
    if context.is_null() {
        return current();
    }
    let known = device()?.state().contexts.contains_key(&(context as u64));
    known
        .then_some(context as u64)
        .ok_or(CUresult::CUDA_ERROR_INVALID_CONTEXT)
}

fn elapsed(place: *mut f32, start: u64, end: u64) -> Answer {
    let device = alive()?;
    let of = |event: u64| {
        let state = device.state();
        let known = state.events.get(&event).ok_or(BAD_HANDLE)?;
        Ok(device_of(known.context))
    };
    if of(start)? != of(end)? {
        return Err(BAD_HANDLE);
    }
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

functions! {
    cuStreamCreate(place: *mut CUstream, flags: c_uint) { new_stream(place, flags, 0) }
    cuStreamCreateWithPriority(place: *mut CUstream, flags: c_uint, priority: c_int) { new_stream(place, flags, priority) }
    cuStreamDestroy_v2(stream: CUstream) {
        let mut state = device()?.state();
        let gone = state.streams.remove(&(stream as u64)).ok_or(BAD_HANDLE)?;
        let last = gone.queue.last();
        state.orphans.extend(last.map(|done| (gone.context, done)));
        let graphs = capture::stream_gone(&mut state, stream as u64, gone.capture);
        drop(state);
        drop(graphs);
        Ok(())
    }
    cuStreamSynchronize(stream: CUstream) {
        finish(observed_stream(stream as u64)?)
    }
    cuStreamQuery(stream: CUstream) { query(observed_stream(stream as u64)?) }
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
    cuCtxRecordEvent(context: CUcontext, event: CUevent) { alive()?.record_all(given(context)?, event as u64) }
    cuCtxWaitEvent(context: CUcontext, event: CUevent) { alive()?.wait_all(given(context)?, event as u64) }
    cuEventCreate(place: *mut CUevent, flags: c_uint) {
        let context = current()?;
        let handle = name(EVENT);
        let event = Event::new(flags, context)?;
        alive()?.state().events.insert(handle, event);
        write(place, handle as CUevent)
    }
    cuEventDestroy_v2(event: CUevent) {
        let mut state = device()?.state();
        state.ipc.forget(event as u64);
        state.events.remove(&(event as u64)).map(|_| ()).ok_or(BAD_HANDLE)
    }
    cuEventRecord(event: CUevent, stream: CUstream) { record(event as u64, stream as u64, 0) }
    cuEventRecordWithFlags(event: CUevent, stream: CUstream, flags: c_uint) { record(event as u64, stream as u64, flags) }
    cuEventQuery(event: CUevent) {
        query(observed(event as u64)?)
    }
    cuEventSynchronize(event: CUevent) { finish(observed(event as u64)?) }
    cuEventElapsedTime(place: *mut f32, start: CUevent, end: CUevent) { elapsed(place, start as u64, end as u64) }
    cuEventElapsedTime_v2(place: *mut f32, start: CUevent, end: CUevent) { elapsed(place, start as u64, end as u64) }
}

//! Events.

use core::ffi::c_uint;
use std::sync::{Arc, PoisonError, RwLock};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::{CUcontext, CUdevice, CUevent, CUevent_flags, CUstream};
use pillion_protocol::command::Wait;
use pillion_protocol::numbers::Numbers;

use super::shared::Done;
use super::{context, memory, stream};
use crate::entry::Result;
use crate::forward::{done_by, wait_for};
use crate::link::Watch;
use crate::remote;
use crate::session::Session;

/// The events of a session.
#[derive(Debug, Default)]
pub struct Events(RwLock<Numbers<Event>>);

#[derive(Debug)]
struct Event {
    context: u64,
    flags: c_uint,
    /// What is known of its last record.
    state: State,
    /// What is done once that has happened.
    covers: Done,
}

#[derive(Debug, Clone)]
enum State {
    /// Never recorded, or its record is known to have happened.
    Done,
    /// Recorded; the server has not been asked.
    Recorded,
    /// The server will say.
    Watched(Arc<Watch>),
    /// Other processes may record it: the server is asked each time.
    Foreign,
}

impl Events {
    fn change<T>(&self, handle: u64, change: impl FnOnce(&mut Event) -> T) -> Result<T> {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.get_mut(&handle)
            .map(change)
            .ok_or(CUresult::CUDA_ERROR_INVALID_HANDLE)
    }

    fn read<T>(&self, handle: u64, read: impl FnOnce(&Event) -> T) -> Result<T> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.get(&handle)
            .map(read)
            .ok_or(CUresult::CUDA_ERROR_INVALID_HANDLE)
    }

    /// What is done once an event's last record has happened.
    pub fn covers(&self, handle: u64) -> Done {
        self.read(handle, |event| event.covers)
            .unwrap_or(Done::Nothing)
    }

    /// Forgets the events of a context that has died.
    pub fn forget_context(&self, session: &Session, context: u64) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|handle, event| {
                if event.context == context {
                    session.names.give_back(*handle);
                }
                event.context != context
            });
    }
}

/// Checks that an event is alive.
///
/// # Errors
///
/// `CUDA_ERROR_INVALID_HANDLE`.
pub fn check(event: u64) -> Result<()> {
    Session::current()?.events.read(event, |_| ())
}

/// `cuEventCreate`
pub unsafe fn cuEventCreate(event: *mut CUevent, flags: c_uint) -> Result<()> {
    let session = Session::current()?;
    let context = context::current()?;
    let (timing, interprocess) = (
        CUevent_flags::CU_EVENT_DISABLE_TIMING.0,
        CUevent_flags::CU_EVENT_INTERPROCESS.0,
    );
    let known = CUevent_flags::CU_EVENT_BLOCKING_SYNC.0 | timing | interprocess;
    if flags & !known != 0 || (flags & interprocess != 0 && flags & timing == 0) {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    // SAFETY: the caller's contract is the same.
    unsafe { remote::cuEventCreate(event, flags)? };
    // SAFETY: the forwarder has written it.
    let handle = unsafe { *event } as u64;
    let mut all = session
        .events
        .0
        .write()
        .unwrap_or_else(PoisonError::into_inner);
    all.insert(
        handle,
        Event {
            context,
            flags,
            state: if flags & interprocess != 0 {
                State::Foreign
            } else {
                State::Done
            },
            covers: Done::Nothing,
        },
    );
    Ok(())
}

/// `cuEventDestroy_v2`
pub unsafe fn cuEventDestroy_v2(event: CUevent) -> Result<()> {
    let session = Session::current()?;
    let removed = session
        .events
        .0
        .write()
        .unwrap_or_else(PoisonError::into_inner)
        .remove(&(event as u64));
    removed.ok_or(CUresult::CUDA_ERROR_INVALID_HANDLE)?;
    // SAFETY: no pointers.
    unsafe { remote::cuEventDestroy_v2(event) }
}

/// `cuEventDestroy`
pub unsafe fn cuEventDestroy(event: CUevent) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { cuEventDestroy_v2(event) }
}

/// Notes that an event is recorded, after which `covers` is done. Says whether other processes may wait for that.
///
/// # Errors
///
/// `CUDA_ERROR_INVALID_HANDLE`.
pub fn note_record(event: CUevent, covers: Done) -> Result<bool> {
    Session::current()?.events.change(event as u64, |event| {
        let shared = matches!(event.state, State::Foreign);
        if !shared {
            event.state = State::Recorded;
            event.covers = covers;
        }
        shared
    })
}

/// A record that other processes wait for is on the server when the call that makes it returns: they may hear of it by other ways
/// than the server, and ask at once.
pub fn arrive(shared: bool) {
    if shared {
        // Whatever the answer is: it comes behind the record.
        let _ = memory::extent(0);
    }
}

/// Enters an event of another process, which that may record at any time.
///
/// # Errors
///
/// As [`Session::current`].
pub fn enter_shared(handle: u64) -> Result<()> {
    let context = context::current()?;
    let mut all = Session::current()?
        .events
        .0
        .write()
        .unwrap_or_else(PoisonError::into_inner);
    all.insert(
        handle,
        Event {
            context,
            flags: CUevent_flags::CU_EVENT_DISABLE_TIMING.0,
            state: State::Foreign,
            covers: Done::Nothing,
        },
    );
    Ok(())
}

/// Notes that an event is recorded on a stream, which must be of the event's device.
fn recorded(event: CUevent, on: u64) -> Result<bool> {
    let session = Session::current()?;
    let stream = stream::check_on(session, on, device_of(session, event as u64)?)?;
    note_record(event, done_by(session, Wait::Stream(stream)))
}

/// The device of an event's context.
fn device_of(session: &Session, event: u64) -> Result<CUdevice> {
    let context = session.events.read(event, |event| event.context)?;
    context::device_of(context)
}

/// `cuEventRecord`
pub unsafe fn cuEventRecord(event: CUevent, on: CUstream) -> Result<()> {
    let shared = recorded(event, on as u64)?;
    // SAFETY: no pointers.
    unsafe { remote::cuEventRecord(event, on)? };
    arrive(shared);
    Ok(())
}

/// `cuEventRecordWithFlags`
pub unsafe fn cuEventRecordWithFlags(event: CUevent, on: CUstream, flags: c_uint) -> Result<()> {
    if flags > 1 {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    let shared = recorded(event, on as u64)?;
    // SAFETY: no pointers.
    unsafe { remote::cuEventRecordWithFlags(event, on, flags)? };
    arrive(shared);
    Ok(())
}

/// `cuCtxRecordEvent`
pub unsafe fn cuCtxRecordEvent(context: CUcontext, event: CUevent) -> Result<()> {
    let shared = note_record(event, Done::Nothing)?;
    // SAFETY: no pointers.
    unsafe { remote::cuCtxRecordEvent(context, event)? };
    arrive(shared);
    Ok(())
}

/// `cuEventQuery`: asked again and again, so the server is asked once for each record and says when it has happened.
pub unsafe fn cuEventQuery(event: CUevent) -> Result<()> {
    let session = Session::current()?;
    let handle = event as u64;
    let read = |event: &Event| (event.state.clone(), event.covers);
    let (state, done) = session.events.read(handle, read)?;
    let watch = match state {
        State::Done => return session.link.check(),
        State::Watched(watch) => watch,
        State::Foreign => {
            let watch = Arc::new(Watch::default());
            return stream::query(session, Wait::Event(handle), &watch);
        }
        State::Recorded => {
            let watch = Arc::new(Watch::default());
            // Before the question goes out: a record by another thread in between must not be taken for answered.
            session
                .events
                .change(handle, |event| event.state = State::Watched(watch.clone()))?;
            let answer = stream::query(session, Wait::Event(handle), &watch);
            if answer.is_ok() {
                settle(session, handle, &watch);
            } else if answer != Err(CUresult::CUDA_ERROR_NOT_READY) {
                let _ = session
                    .events
                    .change(handle, |event| event.state = State::Recorded);
            }
            return answer;
        }
    };
    let answer = stream::poll(session, &watch, done);
    if answer.is_ok() {
        settle(session, handle, &watch);
    }
    answer
}

/// Remembers that the record which `watch` waited for has happened, unless another was made since.
fn settle(session: &Session, handle: u64, watch: &Arc<Watch>) {
    let _ = session.events.change(handle, |event| {
        if matches!(&event.state, State::Watched(current) if Arc::ptr_eq(current, watch)) {
            event.state = State::Done;
        }
    });
}

/// `cuEventSynchronize`
pub unsafe fn cuEventSynchronize(event: CUevent) -> Result<()> {
    let session = Session::current()?;
    let handle = event as u64;
    match session.events.read(handle, |event| event.state.clone())? {
        State::Done => session.link.check(),
        _ => wait_for(session, Wait::Event(handle)),
    }
}

fn timed(session: &Session, event: CUevent) -> Result<()> {
    let disabled = CUevent_flags::CU_EVENT_DISABLE_TIMING.0;
    match session
        .events
        .read(event as u64, |event| event.flags & disabled)?
    {
        0 => Ok(()),
        _ => Err(CUresult::CUDA_ERROR_INVALID_HANDLE),
    }
}

/// `cuEventElapsedTime`
pub unsafe fn cuEventElapsedTime(
    milliseconds: *mut f32,
    start: CUevent,
    end: CUevent,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { cuEventElapsedTime_v2(milliseconds, start, end) }
}

/// `cuEventElapsedTime_v2`
pub unsafe fn cuEventElapsedTime_v2(
    milliseconds: *mut f32,
    start: CUevent,
    end: CUevent,
) -> Result<()> {
    let session = Session::current()?;
    if milliseconds.is_null() {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    timed(session, start)?;
    timed(session, end)?;
    if device_of(session, start as u64)? != device_of(session, end as u64)? {
        return Err(CUresult::CUDA_ERROR_INVALID_HANDLE);
    }
    // SAFETY: the caller's contract is the same.
    unsafe { remote::cuEventElapsedTime_v2(milliseconds, start, end) }
}

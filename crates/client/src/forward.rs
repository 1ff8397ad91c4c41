//! What the generated forwarders are made of.

use core::ffi::{CStr, c_char, c_void};
use std::cell::Cell;

use pillion_cuda_abi::{CUresult, Plain, Scalar};
use pillion_protocol::command::{Wait, cuda};
use pillion_protocol::handle::{self, Kind};
use pillion_protocol::{Encoder, Interface};

use crate::api::grants;
use crate::api::shared::Done;
use crate::api::stream;
use crate::entry::Result;
use crate::link;
use crate::session::Session;
use crate::thread;

thread_local! {
    /// Bodies are built in a buffer that the thread keeps.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The body of a forwarded call.
pub struct Body(Vec<u8>);

impl Body {
    /// An empty body.
    pub fn new() -> Self {
        let mut buffer = BUFFER.try_with(Cell::take).unwrap_or_default();
        buffer.clear();
        Body(buffer)
    }

    /// A number.
    #[inline]
    pub fn scalar(&mut self, value: impl Scalar) {
        Encoder::new(&mut self.0).scalar(value);
    }

    /// A handle of the program's.
    ///
    /// # Errors
    ///
    /// What CUDA answers to a handle that was never given.
    #[inline]
    pub fn handle(&mut self, kind: Kind, handle: u64) -> Result<()> {
        let handle = checked(kind, handle)?;
        self.scalar(handle);
        Ok(())
    }

    /// A struct.
    ///
    /// # Safety
    ///
    /// `value` is null or valid for reads.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_INVALID_VALUE` for null.
    pub unsafe fn pod<T: Plain>(&mut self, value: *const T) -> Result<()> {
        // SAFETY: as the caller promises.
        let value = unsafe { value.as_ref() }.ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)?;
        Encoder::new(&mut self.0).pod(value);
        Ok(())
    }

    /// A struct that the program may leave out.
    ///
    /// # Safety
    ///
    /// `value` is null or valid for reads.
    pub unsafe fn maybe_pod<T: Plain>(&mut self, value: *const T) {
        // SAFETY: as the caller promises.
        Encoder::new(&mut self.0).maybe_pod(unsafe { value.as_ref() });
    }

    /// An array that the program may leave out.
    ///
    /// # Safety
    ///
    /// `values` is null or valid for reads of `count` values.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_INVALID_VALUE` for more than a frame carries.
    pub unsafe fn maybe_pods<T: Plain>(&mut self, values: *const T, count: usize) -> Result<()> {
        if values.is_null() {
            Encoder::new(&mut self.0).maybe_pods::<T>(None);
            return Ok(());
        }
        self.scalar(1u32);
        // SAFETY: as the caller promises.
        unsafe { self.pods(values, count) }
    }

    /// An array of handles.
    ///
    /// # Safety
    ///
    /// `handles` is null or valid for reads of `count` values.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_INVALID_VALUE` for null where there should be some, or what CUDA answers to a handle that was never given.
    pub unsafe fn handles(&mut self, kind: Kind, handles: *const u64, count: usize) -> Result<()> {
        if count > 0 && !handles.is_null() {
            // SAFETY: as the caller promises.
            for handle in unsafe { core::slice::from_raw_parts(handles, count) } {
                checked(kind, *handle)?;
            }
        }
        // SAFETY: as the caller promises.
        unsafe { self.pods(handles, count) }
    }

    /// An array.
    ///
    /// # Safety
    ///
    /// `values` is null or valid for reads of `count` values.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_INVALID_VALUE` for null, or for more than a frame carries.
    pub unsafe fn pods<T: Plain>(&mut self, values: *const T, count: usize) -> Result<()> {
        if count
            .checked_mul(size_of::<T>())
            .is_none_or(|len| len > pillion_protocol::CHUNK)
        {
            return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
        }
        if count == 0 {
            Encoder::new(&mut self.0).pods::<T>(&[]);
            return Ok(());
        }
        if values.is_null() {
            return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
        }
        // SAFETY: as the caller promises.
        Encoder::new(&mut self.0).pods(unsafe { core::slice::from_raw_parts(values, count) });
        Ok(())
    }

    /// Text.
    ///
    /// # Safety
    ///
    /// `text` is null or NUL-terminated.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_INVALID_VALUE` for null, or for more than a frame carries.
    pub unsafe fn text(&mut self, text: *const c_char) -> Result<()> {
        // SAFETY: as the caller promises.
        let text = unsafe { text_of(text)? };
        Encoder::new(&mut self.0).bytes(text.to_bytes());
        Ok(())
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        let buffer = core::mem::take(&mut self.0);
        let _ = BUFFER.try_with(|kept| kept.set(buffer));
    }
}

/// The text at `text`.
///
/// # Safety
///
/// `text` is null or NUL-terminated.
///
/// # Errors
///
/// `CUDA_ERROR_INVALID_VALUE` for null, or for more than a frame carries.
pub unsafe fn text_of<'a>(text: *const c_char) -> Result<&'a CStr> {
    if text.is_null() {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    // SAFETY: as the caller promises.
    let text = unsafe { CStr::from_ptr(text) };
    if text.count_bytes() > pillion_protocol::CHUNK / 2 {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    Ok(text)
}

/// The handle as the wire names it.
///
/// # Errors
///
/// What CUDA answers to a handle that was never given.
#[inline]
pub fn checked(kind: Kind, handle: u64) -> Result<u64> {
    match (kind, handle) {
        // CU_STREAM_LEGACY is the legacy stream's other name.
        (Kind::Stream, 0 | 1) => Ok(handle::LEGACY_STREAM),
        (Kind::Stream, handle::PER_THREAD_STREAM) => Ok(handle::PER_THREAD_STREAM),
        _ if handle::unpack(kind, handle).is_some() => Ok(handle),
        (Kind::Context, _) => Err(CUresult::CUDA_ERROR_INVALID_CONTEXT),
        _ => Err(CUresult::CUDA_ERROR_INVALID_HANDLE),
    }
}

/// The values that a call answered.
pub struct Answer {
    answer: link::Answer,
    read: usize,
}

impl Answer {
    /// Writes the next value to `place`, unless that is null.
    ///
    /// # Safety
    ///
    /// `place` is null or valid for writes.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_UNKNOWN` where the server answered something else.
    pub unsafe fn write<T: Plain>(&mut self, place: *mut T) -> Result<()> {
        let value = self.next(|decoder| decoder.pod::<T>())?;
        if !place.is_null() {
            // SAFETY: as the caller promises.
            unsafe { place.write(value) };
        }
        Ok(())
    }

    /// Writes the next `count` values to `place`, unless that is null.
    ///
    /// # Safety
    ///
    /// `place` is null or valid for writes of `count` values.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_UNKNOWN` where the server answered something else.
    pub unsafe fn write_many<T: Plain>(&mut self, place: *mut T, count: usize) -> Result<()> {
        let values = self.next(|decoder| decoder.pods::<T>(count))?;
        if !place.is_null() {
            // SAFETY: as the caller promises; `pods` has checked the count.
            unsafe { core::ptr::copy_nonoverlapping(values.as_ptr(), place, count) };
        }
        Ok(())
    }

    fn next<T>(
        &mut self,
        take: impl FnOnce(
            &mut pillion_protocol::Decoder<'_>,
        ) -> core::result::Result<T, pillion_protocol::Violation>,
    ) -> Result<T> {
        let mut decoder = self.answer.decoder();
        let all = decoder.rest();
        let mut decoder = pillion_protocol::Decoder::new(&all[self.read..]);
        let value = take(&mut decoder).map_err(|_| CUresult::CUDA_ERROR_UNKNOWN)?;
        self.read = all.len() - decoder.rest().len();
        Ok(value)
    }
}

/// Sends a forwarded call and waits for what it answers.
///
/// # Errors
///
/// CUDA's.
pub fn call(opcode: u16, body: &Body) -> Result<Answer> {
    let session = Session::current()?;
    let send = || {
        session.link.call(Interface::Cuda, opcode, |out| {
            out.extend_from_slice(&body.0);
            Ok(())
        })
    };
    let answer = match send() {
        // Memory that this library keeps may be what is missing.
        Err(CUresult::CUDA_ERROR_OUT_OF_MEMORY) if grants::give_back(session)? => send()?,
        answer => answer?,
    };
    Ok(Answer { answer, read: 0 })
}

/// Sends a forwarded call that nobody waits for.
///
/// # Errors
///
/// Those of earlier calls, or with `PILLION_SYNC` its own.
pub fn post(opcode: u16, body: &Body) -> Result<()> {
    let session = Session::current()?;
    session.link.post(opcode, |out| {
        out.extend_from_slice(&body.0);
        Ok(())
    })?;
    if session.captures.any() {
        // Not everything can be captured, and the driver says so at once: later, the program would take it for another call's.
        return confirmed(session);
    }
    posted(session)
}

/// What follows every command that nobody waits for: nothing, or with `PILLION_SYNC` a wait, so that errors appear where
/// they are made.
///
/// # Errors
///
/// With `PILLION_SYNC`, those of the command.
#[inline]
pub fn posted(session: &Session) -> Result<()> {
    match session.synchronous {
        false => Ok(()),
        // Such as the release of memory that is not mapped, which needs no context.
        true if thread::current_context() == 0 => confirmed(session),
        true => wait_for(session, Wait::Context),
    }
}

/// Waits until everything issued so far to `what` has happened.
///
/// # Errors
///
/// Those of what has happened.
pub fn wait_for(session: &Session, what: Wait) -> Result<()> {
    let done = before_wait(session, what)?;
    let before = session.link.issued();
    session
        .link
        .call(Interface::Cuda, cuda::SYNCHRONIZE, |out| {
            what.encode(&mut Encoder::new(out));
            Ok(())
        })?;
    waited(session, done);
    if what == Wait::Context {
        let grants = &session.memory.grants;
        grants.waited(session, thread::current_context(), before + 1);
    }
    Ok(())
}

/// Before the program asks after the device: a kernel may be waiting for what the program has written. Answers what is done once
/// `what` has happened.
///
/// # Errors
///
/// Those of earlier commands.
#[inline]
pub fn before_wait(session: &Session, what: Wait) -> Result<Done> {
    if !session.shared.any() {
        return Ok(Done::Nothing);
    }
    let done = done_by(session, what);
    session.shared.before_wait(session)?;
    Ok(done)
}

/// What is done once `what` has happened, if it is asked for now.
#[inline]
pub fn done_by(session: &Session, what: Wait) -> Done {
    if !session.shared.any() {
        return Done::Nothing;
    }
    let (context, now) = (thread::current_context(), session.shared.now());
    match what {
        Wait::Context => Done::Context(context, now),
        Wait::Stream(stream) => Done::Stream(stream::key(context, stream), now),
        Wait::Event(event) => session.events.covers(event),
    }
}

/// Waits until everything issued so far has been executed, though the device may not have done it: what the driver says at once of
/// a command that nobody waits for is known then.
///
/// # Errors
///
/// What it has said.
pub fn confirmed(session: &Session) -> Result<()> {
    session
        .link
        .call(
            Interface::Session,
            pillion_protocol::command::session::PING,
            |_| Ok(()),
        )
        .map(|_| ())
}

/// After the program has learnt that the device has done something.
#[inline]
pub fn waited(session: &Session, done: Done) {
    if session.shared.any() {
        session.shared.after_wait(session, done);
    }
}

/// A name for an object that is being made, given back unless it is kept.
pub struct Fresh {
    id: u64,
    kept: bool,
}

impl Fresh {
    /// A fresh name, to be written to `place`.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_INVALID_VALUE` for a null place.
    pub fn new(kind: Kind, place: *const c_void) -> Result<Self> {
        if place.is_null() {
            return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
        }
        Ok(Fresh {
            id: Session::current()?.names.name(kind)?,
            kept: false,
        })
    }

    /// The name.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The name, for good.
    pub fn keep(mut self) -> u64 {
        self.kept = true;
        self.id
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if !self.kept
            && let Ok(session) = Session::current()
        {
            session.names.give_back(self.id);
        }
    }
}

/// Gives back the name of an object that a command has ended.
pub fn retire(handle: u64) {
    if let Ok(session) = Session::current() {
        session.names.give_back(handle);
    }
}

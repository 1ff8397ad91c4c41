//! Streams.

use core::ffi::{c_int, c_uint, c_ulonglong};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::{
    CUcontext, CUdevice, CUdeviceptr, CUevent, CUgreenCtx, CUstream, CUstream_flags,
    CUstreamCaptureMode, cuuint32_t, cuuint64_t,
};
use pillion_protocol::command::{Wait, cuda};
use pillion_protocol::handle::{Kind, LEGACY_STREAM, PER_THREAD_STREAM};
use pillion_protocol::numbers::Numbers;
use pillion_protocol::{Encoder, Interface};

use super::context;
use super::shared::Done;
use crate::entry::{Result, out};
use crate::forward::{before_wait, checked, done_by, posted, wait_for, waited};
use crate::link::Watch;
use crate::session::Session;
use crate::{remote, thread};

/// The streams of a session.
#[derive(Debug, Default)]
pub struct Streams {
    all: RwLock<Numbers<Stream>>,
    /// Numbers of the default streams: by context, and thread (none for the legacy stream).
    defaults: Mutex<HashMap<(u64, Option<u32>), u64>>,
    /// What queries found unfinished, and the newest command that they covered.
    watches: Mutex<Watches>,
}

type Watches = HashMap<Key, (u64, Arc<Watch>)>;

/// A stream among all of the session: context, stream and, for a thread's default stream, thread.
pub type Key = (u64, u64, u32);

/// What `stream` is for this thread: of the context if it is a default one, else of its own, which may be another one's.
#[inline]
pub fn key(context: u64, stream: u64) -> Key {
    match stream {
        LEGACY_STREAM => (context, stream, 0),
        PER_THREAD_STREAM => (context, stream, thread::index()),
        _ => {
            let session = Session::current();
            let known = session.and_then(|session| session.streams.find(stream));
            (known.map_or(context, |known| known.context), stream, 0)
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Stream {
    context: u64,
    flags: c_uint,
    priority: c_int,
    id: u64,
}

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

impl Streams {
    fn insert(&self, handle: u64, stream: Stream) {
        self.all
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(handle, stream);
    }

    fn find(&self, handle: u64) -> Result<Stream> {
        let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
        all.get(&handle)
            .copied()
            .ok_or(CUresult::CUDA_ERROR_INVALID_HANDLE)
    }

    /// Whether the legacy stream of its context waits for what is issued to a stream before.
    pub fn wait_for_legacy(&self, handle: u64) -> bool {
        handle <= PER_THREAD_STREAM
            || self
                .find(handle)
                .is_ok_and(|stream| stream.flags & CUstream_flags::CU_STREAM_NON_BLOCKING.0 == 0)
    }

    /// Forgets the streams of a context that has died.
    pub fn forget_context(&self, session: &Session, context: u64) {
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        all.retain(|handle, stream| {
            if stream.context == context {
                session.names.give_back(*handle);
            }
            stream.context != context
        });
        self.defaults
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|(c, _), _| *c != context);
        self.watches
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|(c, _, _), _| *c != context);
    }
}

/// The stream as the wire names it, checked to be alive.
///
/// # Errors
///
/// `CUDA_ERROR_INVALID_HANDLE`.
#[inline]
pub fn check(stream: u64) -> Result<u64> {
    match checked(Kind::Stream, stream)? {
        stream @ (LEGACY_STREAM | PER_THREAD_STREAM) => Ok(stream),
        stream => Session::current()?.streams.find(stream).map(|_| stream),
    }
}

/// The device of a stream's context.
///
/// # Errors
///
/// `CUDA_ERROR_INVALID_HANDLE`, and `CUDA_ERROR_INVALID_CONTEXT` for a default stream where no context is current.
pub fn device_of(stream: u64) -> Result<CUdevice> {
    context::device_of(context_of(stream)?)
}

/// The context of a stream.
///
/// # Errors
///
/// `CUDA_ERROR_INVALID_HANDLE`.
pub fn context_of(stream: u64) -> Result<u64> {
    match checked(Kind::Stream, stream)? {
        LEGACY_STREAM | PER_THREAD_STREAM => context::current(),
        stream => Ok(Session::current()?.streams.find(stream)?.context),
    }
}

/// The stream as the wire names it, checked to be alive and on a device.
///
/// # Errors
///
/// `CUDA_ERROR_INVALID_HANDLE`, also where it is another device's.
pub fn check_on(session: &Session, stream: u64, device: CUdevice) -> Result<u64> {
    // With one device there is nothing to look up twice.
    if session.welcome.devices.len() > 1 && device_of(stream)? != device {
        return Err(CUresult::CUDA_ERROR_INVALID_HANDLE);
    }
    check(stream)
}

/// The unique number of a stream (`cuStreamGetId`).
///
/// # Errors
///
/// `CUDA_ERROR_INVALID_HANDLE`.
pub fn id_of(context: u64, stream: u64) -> Result<u64> {
    let session = Session::current()?;
    let default = match checked(Kind::Stream, stream)? {
        LEGACY_STREAM => (context, None),
        PER_THREAD_STREAM => (context, Some(thread::index())),
        stream => return session.streams.find(stream).map(|stream| stream.id),
    };
    let mut defaults = session
        .streams
        .defaults
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    Ok(*defaults
        .entry(default)
        .or_insert_with(|| NEXT_ID.fetch_add(1, Ordering::Relaxed)))
}

/// `cuStreamCreate`
pub unsafe fn cuStreamCreate(stream: *mut CUstream, flags: c_uint) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { cuStreamCreateWithPriority(stream, flags, 0) }
}

/// `cuStreamCreateWithPriority`
pub unsafe fn cuStreamCreateWithPriority(
    stream: *mut CUstream,
    flags: c_uint,
    priority: c_int,
) -> Result<()> {
    let session = Session::current()?;
    let context = context::current()?;
    if flags > 1 {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    let priority = if priority == 0 {
        0
    } else {
        let (mut least, mut greatest) = (0, 0);
        // SAFETY: locals.
        unsafe { context::cuCtxGetStreamPriorityRange(&raw mut least, &raw mut greatest)? };
        // The driver clamps; greater priorities are lower numbers.
        priority.clamp(greatest.min(least), least.max(greatest))
    };
    // SAFETY: the caller's contract is the same.
    unsafe { remote::cuStreamCreateWithPriority(stream, flags, priority)? };
    // SAFETY: the forwarder has written it.
    let handle = unsafe { *stream } as u64;
    let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
    session.streams.insert(
        handle,
        Stream {
            context,
            flags,
            priority,
            id,
        },
    );
    posted(session)
}

/// `cuStreamDestroy_v2`
pub unsafe fn cuStreamDestroy_v2(stream: CUstream) -> Result<()> {
    let session = Session::current()?;
    let handle = stream as u64;
    if handle <= PER_THREAD_STREAM {
        return Err(CUresult::CUDA_ERROR_INVALID_HANDLE);
    }
    let mut all = session
        .streams
        .all
        .write()
        .unwrap_or_else(PoisonError::into_inner);
    let found = all
        .remove(&handle)
        .ok_or(CUresult::CUDA_ERROR_INVALID_HANDLE)?;
    drop(all);
    if session.shared.any() {
        session.shared.abandon(key(found.context, handle));
    }
    // SAFETY: no pointers.
    unsafe { remote::cuStreamDestroy_v2(stream) }
}

/// `cuStreamDestroy`
pub unsafe fn cuStreamDestroy(stream: CUstream) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { cuStreamDestroy_v2(stream) }
}

/// `cuStreamWaitEvent`
pub unsafe fn cuStreamWaitEvent(stream: CUstream, event: CUevent, flags: c_uint) -> Result<()> {
    check(stream as u64)?;
    super::event::check(event as u64)?;
    // SAFETY: no pointers.
    unsafe { remote::cuStreamWaitEvent(stream, event, flags) }
}

/// `cuStreamSynchronize`
pub unsafe fn cuStreamSynchronize(stream: CUstream) -> Result<()> {
    let session = Session::current()?;
    context::current()?;
    let stream = check(stream as u64)?;
    // Programs do this after copies that have waited for the stream already.
    if !session.shared.any() && thread::is_finished(stream, session.link.issued()) {
        return session.link.check();
    }
    let before = session.link.issued();
    wait_for(session, Wait::Stream(stream))?;
    has_finished(session, stream, before + 1);
    Ok(())
}

/// This thread has waited for a stream, with a command of this number: unless another was issued since, the stream has nothing to do.
pub fn has_finished(session: &Session, stream: u64, number: u64) {
    if session.link.issued() == number {
        thread::has_finished(stream, number);
    }
}

/// `cuStreamQuery`: asked again and again, so the server is asked once and says when it is done.
pub unsafe fn cuStreamQuery(stream: CUstream) -> Result<()> {
    let session = Session::current()?;
    let context = context::current()?;
    let stream = check(stream as u64)?;
    let key = key(context, stream);
    // Before it is looked whether anything was issued since.
    let done = done_by(session, Wait::Stream(stream));
    let watch = {
        let mut watches = session
            .streams
            .watches
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match watches.get(&key) {
            // Nothing was issued since, so the stream holds what it held.
            Some((covered, watch)) if *covered == session.link.issued() => Some(watch.clone()),
            _ => {
                watches.remove(&key);
                None
            }
        }
    };
    if let Some(watch) = watch {
        return poll(session, &watch, done);
    }
    let watch = Arc::new(Watch::default());
    let answer = query(session, Wait::Stream(stream), &watch);
    if answer == Err(CUresult::CUDA_ERROR_NOT_READY) {
        let mut watches = session
            .streams
            .watches
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        watches.insert(key, (session.link.issued(), watch));
    }
    answer
}

/// Asks the server whether `what` has happened, and to say so in `watch` when it has.
///
/// # Errors
///
/// `CUDA_ERROR_NOT_READY`, or those of what has happened.
pub fn query(session: &Session, what: Wait, watch: &Arc<Watch>) -> Result<()> {
    let done = before_wait(session, what)?;
    session
        .link
        .call_into(
            Interface::Cuda,
            cuda::QUERY,
            None,
            Some(watch.clone()),
            |body| {
                what.encode(&mut Encoder::new(body));
                Ok(())
            },
        )
        .map(|_| waited(session, done))
}

/// Whether what `watch` waits for has happened, as far as has arrived; then `done` is.
///
/// # Errors
///
/// `CUDA_ERROR_NOT_READY`, or those of what has happened.
pub fn poll(session: &Session, watch: &Watch, done: Done) -> Result<()> {
    if session.shared.any() {
        session.shared.before_wait(session)?;
    }
    if watch.finished().is_none() {
        session.link.look();
    }
    match watch.finished() {
        None => {
            session.link.check()?;
            Err(CUresult::CUDA_ERROR_NOT_READY)
        }
        Some(CUresult::CUDA_SUCCESS) => {
            waited(session, done);
            session.link.check()
        }
        Some(status) => Err(status),
    }
}

/// `cuStreamGetFlags`
pub unsafe fn cuStreamGetFlags(stream: CUstream, flags: *mut c_uint) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    let flags = unsafe { out(flags)? };
    flags.write(match check(stream as u64)? {
        LEGACY_STREAM | PER_THREAD_STREAM => 0,
        stream => Session::current()?.streams.find(stream)?.flags,
    });
    Ok(())
}

/// `cuStreamGetPriority`
pub unsafe fn cuStreamGetPriority(stream: CUstream, priority: *mut c_int) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    let priority = unsafe { out(priority)? };
    priority.write(match check(stream as u64)? {
        LEGACY_STREAM | PER_THREAD_STREAM => 0,
        stream => Session::current()?.streams.find(stream)?.priority,
    });
    Ok(())
}

/// `cuStreamGetId`
pub unsafe fn cuStreamGetId(stream: CUstream, id: *mut c_ulonglong) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    let id = unsafe { out(id)? };
    id.write(id_of(context::current()?, stream as u64)?);
    Ok(())
}

/// `cuStreamGetCtx`
pub unsafe fn cuStreamGetCtx(stream: CUstream, pctx: *mut CUcontext) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    unsafe { out(pctx)? }.write(context_of(stream as u64)? as CUcontext);
    Ok(())
}

/// `cuStreamGetDevice`
pub unsafe fn cuStreamGetDevice(stream: CUstream, device: *mut CUdevice) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    unsafe { out(device)? }.write(context::device_of(context_of(stream as u64)?)?);
    Ok(())
}

/// `cuStreamGetCtx_v2`: no stream of this session is a green context's, except those that one has made.
pub unsafe fn cuStreamGetCtx_v2(
    stream: CUstream,
    pctx: *mut CUcontext,
    green: *mut CUgreenCtx,
) -> Result<()> {
    let handle = check(stream as u64)?;
    let owner = match handle {
        LEGACY_STREAM | PER_THREAD_STREAM => 0,
        handle => super::green::owner_of(handle)?,
    };
    // SAFETY: CUDA's contract for the arguments; the green context's place may be null.
    unsafe {
        if let Some(green) = green.as_mut() {
            *green = owner as CUgreenCtx;
        }
        if owner != 0 {
            out(pctx)?.write(core::ptr::null_mut());
            return Ok(());
        }
        cuStreamGetCtx(stream, pctx)
    }
}

/// Enters a stream that a green context has made.
///
/// # Errors
///
/// As [`Session::current`].
pub fn enter(handle: u64, context: u64, flags: c_uint, priority: c_int) -> Result<()> {
    let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
    Session::current()?.streams.insert(
        handle,
        Stream {
            context,
            flags,
            priority,
            id,
        },
    );
    Ok(())
}

/// `cuThreadExchangeStreamCaptureMode`
pub unsafe fn cuThreadExchangeStreamCaptureMode(mode: *mut CUstreamCaptureMode) -> Result<()> {
    Session::current()?;
    // SAFETY: CUDA's contract for the argument.
    let mode = unsafe { mode.as_mut() }.ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)?;
    if mode.0 > CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_RELAXED.0 {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    *mode = thread::exchange_capture_mode(*mode);
    Ok(())
}

macro_rules! memory_operation {
    ($name:ident, $value:ty) => {
        #[doc = concat!("`", stringify!($name), "`")]
        pub unsafe fn $name(
            stream: CUstream,
            address: CUdeviceptr,
            value: $value,
            flags: c_uint,
        ) -> Result<()> {
            check(stream as u64)?;
            Session::current()?
                .memory
                .device_range(address, size_of::<$value>())?;
            // SAFETY: no pointers of this side.
            unsafe { remote::$name(stream, address, value, flags) }
        }
    };
}

memory_operation!(cuStreamWriteValue32_v2, cuuint32_t);
memory_operation!(cuStreamWriteValue64_v2, cuuint64_t);
memory_operation!(cuStreamWaitValue32_v2, cuuint32_t);
memory_operation!(cuStreamWaitValue64_v2, cuuint64_t);

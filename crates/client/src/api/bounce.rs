//! Copies between pageable memory and the device where the server is on this machine: by way of memory that both have and that the
//! device reaches ([`memory::common`]), so that the device's own engine moves the bytes and this side copies them once, with
//! several threads where they are many. Chunks overlap: while the device has one, this side has the next.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pillion_cuda_abi::types::CUstream;
use pillion_protocol::Encoder;
use pillion_protocol::command::{Wait, cuda};

use super::{memory, stream};
use crate::copier;
use crate::entry::Result;
use crate::link::Watch;
use crate::remote;
use crate::session::Session;
use crate::thread;

/// Bytes of a chunk, at most.
const CHUNK: usize = 2 << 20;
/// Chunks that are under way at once.
const SLOTS: usize = 4;
/// Buffers of a session: so many threads copy at once, others take the ordinary way.
const MOST: usize = 8;
/// To the device, less is faster through the ring, where nothing is waited for.
const LEAST_TO_DEVICE: usize = 256 << 10;
/// From the device, less comes with the answer.
const LEAST_TO_HOST: usize = 8 << 10;

/// The buffers of a session that no thread uses.
#[derive(Default)]
pub struct Bounces {
    free: Mutex<Vec<Bounce>>,
    made: Mutex<usize>,
}

struct Bounce {
    start: u64,
    context: u64,
    /// Until when each slot is the device's.
    busy: [Option<Arc<Watch>>; SLOTS],
}

impl Bounce {
    fn slot(&self, index: usize) -> u64 {
        self.start + (index % SLOTS * CHUNK) as u64
    }

    /// Waits until the device is done with a slot.
    fn free(&mut self, session: &Session, index: usize) -> Result<()> {
        match self.busy[index % SLOTS].take() {
            Some(watch) => session.link.wait_for(&watch),
            None => Ok(()),
        }
    }

    /// Gives a slot to the device until everything issued to a stream so far has happened.
    fn give(&mut self, session: &Session, index: usize, stream: u64) -> Result<()> {
        let watch = Arc::new(Watch::for_this_thread());
        session
            .link
            .post_watched(cuda::SYNCHRONIZE, watch.clone(), |body| {
                Wait::Stream(stream).encode(&mut Encoder::new(body));
                Ok(())
            })?;
        self.busy[index % SLOTS] = Some(watch);
        Ok(())
    }
}

impl Bounces {
    /// A buffer with which the device is done, if there is one or one can be made.
    fn take(&self, session: &Session) -> Option<Bounce> {
        session.link.descriptors()?;
        {
            let mut free = lock(&self.free);
            let done = |bounce: &Bounce| {
                bounce
                    .busy
                    .iter()
                    .flatten()
                    .all(|watch| watch.finished().is_some())
            };
            if let Some(index) = free.iter().rposition(done) {
                let mut bounce = free.swap_remove(index);
                bounce.busy = Default::default();
                return Some(bounce);
            }
        }
        let mut made = lock(&self.made);
        if *made >= MOST {
            return None;
        }
        // Where it cannot be had now, it is not asked for again with every copy.
        *made += 1;
        let start = memory::common(session, SLOTS * CHUNK).ok()??;
        Some(Bounce {
            start,
            context: thread::current_context(),
            busy: Default::default(),
        })
    }

    fn put_back(&self, bounce: Bounce) {
        lock(&self.free).push(bounce);
    }

    /// A context has died, and with it the device's way to the buffers that were made in it.
    pub fn forget_context(&self, session: &Session, context: u64) {
        let dead: Vec<Bounce> = {
            let mut free = lock(&self.free);
            let (dead, alive) = free.drain(..).partition(|bounce| bounce.context == context);
            *free = alive;
            dead
        };
        *lock(&self.made) -= dead.len();
        for bounce in dead {
            // SAFETY: made by `common` with this length; it is no thread's.
            let _ = unsafe { memory::end_common(session, bounce.start, SLOTS * CHUNK) };
        }
    }
}

/// Copies pageable memory to the device, and returns when it has been read. Answers false where this is not the way.
///
/// # Safety
///
/// `host` is readable for `len` bytes; `device` is memory of the device.
///
/// # Errors
///
/// Those of earlier commands.
pub unsafe fn to_device(
    session: &Session,
    device: u64,
    host: *const u8,
    len: usize,
    stream: u64,
) -> Result<bool> {
    if len < LEAST_TO_DEVICE {
        return Ok(false);
    }
    let Some(mut bounce) = session.bounces.take(session) else {
        return Ok(false);
    };
    let mut copy = || {
        for (index, done) in (0..len).step_by(CHUNK).enumerate() {
            let part = CHUNK.min(len - done);
            bounce.free(session, index)?;
            let slot = bounce.slot(index);
            // SAFETY: the slot is this thread's, and as long as a chunk; the other side is the program's.
            unsafe { copier::copy(slot as *mut u8, host.add(done), part) };
            // SAFETY: no pointers of this side.
            unsafe {
                remote::cuMemcpyDtoDAsync_v2(device + done as u64, slot, part, stream as CUstream)?;
            }
            bounce.give(session, index, stream)?;
            session.link.flush();
        }
        Ok(())
    };
    let copied = copy();
    session.bounces.put_back(bounce);
    copied.map(|()| true)
}

/// Copies memory of the device to pageable memory, and returns when it is there. Answers false where this is not the way.
///
/// # Safety
///
/// `host` is writable for `len` bytes; `device` is memory of the device.
///
/// # Errors
///
/// Those of what the stream does until then.
pub unsafe fn to_host(
    session: &Session,
    host: *mut u8,
    device: u64,
    len: usize,
    on: u64,
) -> Result<bool> {
    if len < LEAST_TO_HOST {
        return Ok(false);
    }
    let Some(mut bounce) = session.bounces.take(session) else {
        return Ok(false);
    };
    let before = session.link.issued();
    let chunks = len.div_ceil(CHUNK);
    let part = |index: usize| CHUNK.min(len - index * CHUNK);
    let mut copy = || {
        for index in 0..chunks + SLOTS {
            if index >= SLOTS {
                let back = index - SLOTS;
                if back < chunks {
                    bounce.free(session, back)?;
                    let to = host.wrapping_add(back * CHUNK);
                    // SAFETY: the device has filled the slot; the other side is the program's.
                    unsafe { copier::copy(to, bounce.slot(back) as *const u8, part(back)) };
                }
            }
            if index < chunks {
                let from = device + (index * CHUNK) as u64;
                let slot = bounce.slot(index);
                // SAFETY: no pointers of this side.
                unsafe {
                    remote::cuMemcpyDtoDAsync_v2(slot, from, part(index), on as CUstream)?;
                }
                bounce.give(session, index, on)?;
                session.link.flush();
            }
        }
        session.link.check()
    };
    let copied = copy();
    session.bounces.put_back(bounce);
    copied?;
    // A copy and a question for each chunk.
    stream::has_finished(session, on, before + 2 * chunks as u64);
    Ok(true)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

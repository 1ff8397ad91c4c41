//! Device memory without waiting: `cuMemAlloc` is answered out of blocks that the server has given before, and `cuMemFree` takes
//! back into them.
//!
//! A block is the server's `cuMemAlloc`, in one context ([`cuda::MEM_GRANT`]). The first small allocation of a context asks for one and
//! waits; where little is left the next is asked for without waiting, twice as large, up to a bound. What is too large for that is a
//! block of its own, which is kept for a while when it is freed.
//!
//! **When memory may be handed out again.** Natively `cuMemFree` waits for the device, so whoever gets the memory next never sees a late
//! write. Here nobody waits: what is freed is handed out again once the device has done everything that was issued before. Where
//! nothing was issued since the device was last known to have done everything, that is at once. Otherwise the server is asked to say
//! when ([`cuda::MEM_QUIET`]), one question at a time, which is for all that was freed before it.
//!
//! **Truth.** What is not handed out counts as free (`cuMemGetInfo`), and where the server says that it has no memory, whole blocks of
//! which nothing is in use go back before it is asked once more. With `PILLION_SYNC` there are no blocks: every allocation is the device's
//! own, so that the CPU device finds accesses beyond the end of one.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::CUdevice;
use pillion_protocol::Encoder;
use pillion_protocol::command::{CALL_THREAD, MAX_GRANT, cuda};

use super::context;
use super::memory::{Region, free_on_server};
use crate::entry::Result;
use crate::link::Watch;
use crate::parts::{ALIGNMENT, Parts};
use crate::session::Session;
use crate::thread;

/// Bytes of a context's first block.
const FIRST: u64 = 32 << 20;
/// Most bytes of blocks of which nothing is in use that a context keeps.
const KEEP: u64 = 128 << 20;
/// How often an allocation waits for the device at most, for memory that was freed. Each time more has been.
const PATIENCE: usize = 16;

/// The blocks of a session.
#[derive(Debug, Default)]
pub struct Grants {
    state: Mutex<State>,
    /// Who asks the server for more; others wait for what it gets.
    asking: Mutex<()>,
    /// There is, or was, some block.
    any: AtomicBool,
    /// Everything that was issued up to the command of this number has happened.
    done: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    contexts: Vec<Context>,
    /// What was freed and the device may still use, as it was freed.
    waiting: VecDeque<Waiting>,
    /// The question that is under way: its number, and who is told.
    asked: Option<(u64, Arc<Watch>)>,
}

/// The blocks of one context.
#[derive(Debug)]
struct Context {
    handle: u64,
    device: CUdevice,
    limits: Limits,
    parts: Parts,
    /// The blocks that were granted, and their bytes.
    granted: BTreeMap<u64, u64>,
    granted_bytes: u64,
    /// Bytes that were freed and the device may still use.
    waiting: u64,
    /// A block that is on its way, and its length.
    coming: Option<(u64, Arc<Watch>)>,
    /// The device had no memory for a block, and nothing has gone back since.
    exhausted: bool,
}

/// A part that was freed.
#[derive(Debug)]
struct Waiting {
    context: u64,
    start: u64,
    len: u64,
    /// The newest command then.
    number: u64,
}

/// How much of a device a context may have in blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Limits {
    /// Bytes of the first block.
    first: u64,
    /// Most bytes of a block.
    block: u64,
    /// Most bytes of a part. What is larger is a block of its own: in blocks that are shared, what is free between parts is lost to
    /// others, where the device could make whole memory of it.
    part: u64,
    /// Most bytes of all blocks but those.
    all: u64,
    /// Most bytes of blocks of which nothing is in use.
    keep: u64,
}

impl Limits {
    fn of(memory: u64) -> Self {
        let block = (memory / 64).min(MAX_GRANT) / ALIGNMENT * ALIGNMENT;
        Limits {
            first: FIRST.min(block),
            block,
            part: block / 8,
            all: memory / 16,
            keep: KEEP.min(block),
        }
    }
}

impl Grants {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The program has waited for everything in a context, with a command of at least this number.
    pub fn waited(&self, session: &Session, context: u64, number: u64) {
        // Another context's streams may use the memory as well, and a thread that runs host functions does not keep its turn.
        if self.any.load(Ordering::Relaxed)
            && thread::index() & CALL_THREAD == 0
            && session.contexts.is_alone(context)
        {
            self.done.fetch_max(number, Ordering::AcqRel);
        }
    }

    /// A context has ended, and its memory with it.
    pub fn forget_context(&self, context: u64) {
        let mut state = self.lock();
        state.contexts.retain(|own| own.handle != context);
        state.waiting.retain(|part| part.context != context);
    }

    /// Gives back what need not be kept: before the server is asked what is free.
    pub fn settle(&self, session: &Session) {
        if self.any.load(Ordering::Relaxed) {
            self.lock().settle(session);
        }
    }

    /// Bytes of a device that the server has given and the program does not have: after the server has said what is free.
    pub fn unused(&self, device: CUdevice) -> u64 {
        if !self.any.load(Ordering::Relaxed) {
            return 0;
        }
        let state = self.lock();
        let own = state.contexts.iter().filter(|own| own.device == device);
        own.map(|own| {
            // Nothing is taken in here that would have blocks go back: to the server they were not free yet.
            let come = own.coming.as_ref().filter(|(_, watch)| {
                let status = watch.finished();
                status == Some(CUresult::CUDA_SUCCESS)
            });
            own.parts.room() + own.waiting + come.map_or(0, |(len, _)| *len)
        })
        .sum()
    }

    /// The block that holds a part: where it begins, and its length.
    pub fn block(&self, context: u64, address: u64) -> Option<(u64, u64)> {
        if !self.any.load(Ordering::Relaxed) {
            return None;
        }
        self.lock().context(context)?.parts.block(address)
    }
}

/// Whether allocations come out of blocks.
#[inline]
fn is_on(session: &Session) -> bool {
    !session.synchronous
        && session.link.executes(cuda::MEM_GRANT)
        && session.link.executes(cuda::MEM_QUIET)
}

/// Memory out of blocks. None where the program has to ask for memory of its own.
///
/// # Errors
///
/// Those of earlier commands.
pub fn allocate(session: &Session, context: u64, len: u64) -> Result<Option<u64>> {
    if !is_on(session) {
        return Ok(None);
    }
    if thread::in_call() {
        return Err(CUresult::CUDA_ERROR_NOT_PERMITTED);
    }
    session.link.check()?;
    match take(session, context, len) {
        Some(start) => Ok(Some(start)),
        None => find_room(session, context, len),
    }
}

/// The server has given memory that the program has asked for as it is: a block of one part.
pub fn enter(session: &Session, context: u64, start: u64, len: u64) {
    if !is_on(session) {
        return;
    }
    let mut state = session.memory.grants.lock();
    if let Ok(own) = state.enter(session, context)
        && own.limits.block > 0
        && own.parts.enter_taken(start, len)
    {
        session.memory.grants.any.store(true, Ordering::Relaxed);
    }
}

/// Takes back device memory that the program has freed, or has the server free it.
///
/// # Errors
///
/// Those of earlier commands; it is freed all the same.
pub fn free(session: &Session, region: &Region) -> Result<()> {
    if !session.memory.grants.any.load(Ordering::Relaxed)
        || !session.memory.grants.lock().free(session, region)
    {
        // In some context that lives.
        let context = match thread::current_context() {
            0 => region.context,
            current => current,
        };
        thread::in_context(context, || free_on_server(session, region.start))?;
    }
    session.link.check()
}

/// The server has no memory: what is not in use of this session's goes back to it. Answers whether anything has.
///
/// # Errors
///
/// Those after which nothing is done any more.
#[cold]
pub fn give_back(session: &Session) -> Result<bool> {
    let grants = &session.memory.grants;
    if !grants.any.load(Ordering::Relaxed) || thread::in_call() {
        return Ok(false);
    }
    let coming: Vec<_> = {
        let state = grants.lock();
        let coming = state.contexts.iter().filter_map(|own| own.coming.as_ref());
        coming.map(|(_, watch)| watch.clone()).collect()
    };
    for watch in coming {
        session.link.follow(&watch);
    }
    for _ in 0..PATIENCE {
        if !wait(session, |_| true)? {
            break;
        }
    }
    let mut state = grants.lock();
    state.settle(session);
    let mut any = false;
    for own in &mut state.contexts {
        any |= own.give_back(session, 0);
    }
    Ok(any)
}

/// What is left in blocks for an allocation that the server has no memory for.
#[cold]
pub fn leftover(session: &Session, context: u64, len: u64) -> Option<u64> {
    let mut state = session.memory.grants.lock();
    state.settle(session);
    state.context(context)?.parts.take(len, u64::MAX)
}

fn take(session: &Session, context: u64, len: u64) -> Option<u64> {
    let mut state = session.memory.grants.lock();
    state.settle(session);
    let own = state.context(context)?;
    // Memory that is kept as it is serves another allocation of about the same length.
    let slack = match len <= own.limits.part {
        true => u64::MAX,
        false => len / 8,
    };
    let start = own.parts.take(len, slack)?;
    // While a host function has its turn, the server would wait for it.
    if own.is_low() && !session.calls.are_pending() {
        own.ask(session, len, Watch::default());
    }
    Some(start)
}

#[cold]
fn find_room(session: &Session, context: u64, len: u64) -> Result<Option<u64>> {
    let grants = &session.memory.grants;
    let expects = {
        let mut state = grants.lock();
        let asked = state.asked.is_some();
        let own = state.enter(session, context)?;
        let small = len <= own.limits.part;
        match (asked || own.coming.is_some(), small) {
            (false, false) => return Ok(None),
            (expects, small) => (expects, small),
        }
    };
    let (expects, small) = expects;
    if expects {
        // The answer may have come, and nobody has read it.
        session.link.look();
        let found = take(session, context, len);
        if found.is_some() || !small {
            return Ok(found);
        }
    }
    let _one = grants.asking.lock().unwrap_or_else(PoisonError::into_inner);
    let coming = {
        let mut state = grants.lock();
        let own = state.enter(session, context)?;
        own.coming.as_ref().map(|(_, watch)| watch.clone())
    };
    if let Some(watch) = coming {
        session.link.follow(&watch);
    }
    let found = take(session, context, len);
    if found.is_some() {
        return Ok(found);
    }
    // A program that frees what the device is not done with gets other memory, up to a bound: then it waits.
    let most = grants.lock().enter(session, context)?.limits.block;
    if let Some(start) = find_freed(session, context, len, most)? {
        return Ok(Some(start));
    }
    let coming = {
        let mut state = grants.lock();
        let own = state.enter(session, context)?;
        own.ask(session, len, Watch::for_this_thread())
    };
    if let Some(watch) = coming {
        // What has become of it, `take` finds out.
        let _ = session.link.wait_for(&watch);
        session.link.check_sticky()?;
        let found = take(session, context, len);
        if found.is_some() {
            return Ok(found);
        }
    }
    find_freed(session, context, len, len)
}

/// Waits for what was freed in a context while that is at least so many bytes, until there is room.
fn find_freed(session: &Session, context: u64, len: u64, least: u64) -> Result<Option<u64>> {
    let enough = |state: &mut State| {
        state
            .context(context)
            .is_some_and(|own| own.waiting >= least)
    };
    for _ in 0..PATIENCE {
        let waited = wait(session, enough)?;
        // The answer may have been there already.
        let found = take(session, context, len);
        if found.is_some() || !waited {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Waits for the answer to the question that is under way, if there is `need` of that. Answers whether it was that all has happened.
fn wait(session: &Session, need: impl FnOnce(&mut State) -> bool) -> Result<bool> {
    let watch = {
        let mut state = session.memory.grants.lock();
        state.settle(session);
        match need(&mut state) {
            true => state.asked.as_ref().map(|(_, watch)| watch.clone()),
            false => None,
        }
    };
    let Some(watch) = watch else {
        return Ok(false);
    };
    session.link.follow(&watch);
    session.link.check_sticky()?;
    Ok(watch.finished() == Some(CUresult::CUDA_SUCCESS))
}

impl State {
    fn context(&mut self, handle: u64) -> Option<&mut Context> {
        self.contexts.iter_mut().find(|own| own.handle == handle)
    }

    /// What is known of a context, from now on.
    fn enter(&mut self, session: &Session, handle: u64) -> Result<&mut Context> {
        let known = self.contexts.iter().position(|own| own.handle == handle);
        let at = match known {
            Some(at) => at,
            None => {
                let device = context::device_of(handle)?;
                let snapshot = session.welcome.devices.get(device as usize);
                // A green context, which may end without this side knowing, has no blocks.
                let snapshot = snapshot.filter(|_| !session.contexts.is_green(handle));
                let memory = snapshot.map_or(0, |snapshot| snapshot.total_memory);
                self.contexts.push(Context {
                    handle,
                    device,
                    limits: Limits::of(memory),
                    parts: Parts::default(),
                    granted: BTreeMap::new(),
                    granted_bytes: 0,
                    waiting: 0,
                    coming: None,
                    exhausted: false,
                });
                self.contexts.len() - 1
            }
        };
        Ok(&mut self.contexts[at])
    }

    /// Takes in what the server has said meanwhile, and asks it the next question, if there is one.
    #[inline]
    fn settle(&mut self, session: &Session) {
        for own in &mut self.contexts {
            if let Some((len, watch)) = &own.coming
                && let Some(status) = watch.finished()
            {
                let (start, len) = (watch.value(), *len);
                own.arrive(session, start, len, status);
            }
        }
        if self.asked.is_some() || !self.waiting.is_empty() {
            self.settle_waiting(session);
        }
    }

    fn settle_waiting(&mut self, session: &Session) {
        let done = &session.memory.grants.done;
        if let Some((number, watch)) = &self.asked
            && let Some(status) = watch.finished()
        {
            match status {
                CUresult::CUDA_SUCCESS => {
                    done.fetch_max(*number, Ordering::AcqRel);
                }
                // After an error of the device nothing is handed out any more.
                status => session.link.note_sticky(status),
            }
            self.asked = None;
        }
        // Acquire: pairs with the release of whoever has waited.
        let done = done.load(Ordering::Acquire);
        while self.waiting.front().is_some_and(|part| part.number <= done)
            && let Some(part) = self.waiting.pop_front()
        {
            if let Some(own) = self.context(part.context) {
                own.waiting -= own.parts.size_of(part.start, part.len);
                own.release(session, part.start, part.len);
            }
        }
        if self.asked.is_none() {
            self.ask(session);
        }
    }

    /// Takes back what the program has freed. Answers false where the server has to free it.
    fn free(&mut self, session: &Session, region: &Region) -> bool {
        // Read first: a question that is asked from here on is for this one too.
        let number = session.link.issued();
        self.settle(session);
        let Some(own) = self.context(region.context) else {
            return false;
        };
        if own.parts.block(region.start).is_none() {
            return false;
        }
        if region.len > own.limits.keep && own.parts.end_taken(region.start, region.len) {
            own.exhausted = false;
            return false;
        }
        // Acquire: pairs with the release of whoever has waited.
        if number <= session.memory.grants.done.load(Ordering::Acquire) {
            own.release(session, region.start, region.len);
            return true;
        }
        own.waiting += own.parts.size_of(region.start, region.len);
        self.waiting.push_back(Waiting {
            context: region.context,
            start: region.start,
            len: region.len,
            number,
        });
        if self.asked.is_none() {
            self.ask(session);
        }
        true
    }

    /// Has the server say when the device has done everything so far, if anybody wants to know.
    fn ask(&mut self, session: &Session) {
        let Some(part) = self.waiting.back() else {
            return;
        };
        let watch = Arc::new(Watch::default());
        // In a context that lives, which the calling thread's own need not.
        let number = thread::in_context(part.context, || {
            thread::in_turn(|| {
                let link = &session.link;
                link.tell_watched(cuda::MEM_QUIET, watch.clone(), |_| Ok(()))
            })
        });
        self.asked = number.ok().map(|number| (number, watch));
    }
}

impl Context {
    /// Whether there is so little left that more should come.
    fn is_low(&self) -> bool {
        self.granted_bytes > 0 && self.parts.room() + self.waiting < self.granted_bytes / 8
    }

    /// Asks for another block, which is to have room for `len`, unless one is coming or there may be none.
    fn ask(&mut self, session: &Session, len: u64, watch: Watch) -> Option<Arc<Watch>> {
        let wish = self.granted_bytes.max(len.saturating_mul(4));
        let size = wish.max(self.limits.first).min(self.limits.block) / ALIGNMENT * ALIGNMENT;
        let more = self.granted_bytes + size <= self.limits.all;
        if self.coming.is_some() || self.exhausted || size == 0 || !more {
            return None;
        }
        let watch = Arc::new(watch);
        let asked = thread::in_context(self.handle, || {
            let told = watch.clone();
            session.link.tell_watched(cuda::MEM_GRANT, told, |body| {
                Encoder::new(body).scalar(size);
                Ok(())
            })
        });
        asked.ok()?;
        self.coming = Some((size, watch.clone()));
        Some(watch)
    }

    /// A block has come, or none has.
    #[cold]
    fn arrive(&mut self, session: &Session, start: u64, len: u64, status: CUresult) {
        self.coming = None;
        match status {
            CUresult::CUDA_SUCCESS
                if session.memory.keep_free(start, len) && self.parts.enter(start, len) =>
            {
                self.granted.insert(start, len);
                self.granted_bytes += len;
                session.memory.grants.any.store(true, Ordering::Relaxed);
            }
            CUresult::CUDA_SUCCESS => {
                // The program has something of its own at these addresses.
                self.exhausted = true;
                self.end(session, start);
            }
            CUresult::CUDA_ERROR_OUT_OF_MEMORY => self.exhausted = true,
            // The program's own request will fail as well, and says why.
            _ => {}
        }
    }

    /// A part is free for all.
    fn release(&mut self, session: &Session, start: u64, len: u64) {
        self.parts.give(start, len);
        self.give_back(session, self.limits.keep);
    }

    /// Gives back the blocks of which nothing is in use, but for so many bytes. Answers whether there were any.
    fn give_back(&mut self, session: &Session, keep: u64) -> bool {
        let mut any = false;
        while let Some((start, len)) = self.parts.surplus(keep) {
            if self.granted.remove(&start).is_some() {
                self.granted_bytes -= len;
            }
            self.exhausted = false;
            any = true;
            self.end(session, start);
        }
        any
    }

    /// Has the server free a block.
    fn end(&self, session: &Session, start: u64) {
        let _ = thread::in_context(self.handle, || free_on_server(session, start));
    }
}

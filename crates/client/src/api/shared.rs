//! Memory that the program and kernels both use by its address: managed memory, and pinned memory that kernels are given.
//!
//! Such an area lies at the same address on both sides. The device works on the server's copy, the program on this side's, and
//! what either has written is carried over at the points that CUDA's model allows: what the program wrote, before the next
//! kernel is launched; what kernels wrote, when the program looks at it after having waited for them. (CUDA promises no more
//! where `CU_DEVICE_ATTRIBUTE_CONCURRENT_MANAGED_ACCESS` is 0, as it is here.)
//!
//! Who has touched what is learned from page protection: the program's view of an area is a mapping whose blocks are closed
//! while the device may have changed them, open for reading once their bytes have been fetched, and open for writing once the
//! program has written. The handler of the fault fetches through a second mapping of the same memory, so that other threads of
//! the program never see half a block. Faults elsewhere go to whoever handled them before.
//!
//! A wait is for a stream, or an event, and others may be at work meanwhile, also on bytes beside those that the program looks
//! at. What is outstanding is counted by stream: a block that is fetched while anything is, is fetched anew after the next wait,
//! and of such a block only the bytes that the program has changed go back.
//!
//! What is exchanged does not wait for its turn while the server waits for host functions ([`thread::ahead`]): those may touch an
//! area as well, and then wait for whoever has its lock.
//!
//! Registered memory cannot be mapped twice, and shares its first and last pages with other data. It is compared with a copy
//! before a kernel is launched, and fetched whole after a wait.

use core::ffi::c_void;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use pillion_cuda_abi::CUresult;
use pillion_protocol::command::{COPY_SYNCHRONOUS, CopyHead, Wait, cuda};
use pillion_protocol::handle::LEGACY_STREAM;
use pillion_protocol::{CHUNK, Encoder, Interface};
use rustix::mm::{MapFlags, MprotectFlags, ProtFlags};
use zerocopy::IntoBytes;
use zerocopy::little_endian::{U32, U64};

use super::fault;
use super::graph::own_stream;
use super::memory::RegionKind;
use super::stream;
use crate::entry::Result;
use crate::link::{Destination, Place};
use crate::session::Session;
use crate::thread;

/// Bytes of a block, unless an area is so large that it would have too many.
const BLOCK: usize = 64 << 10;
/// Most blocks of an area: each may become a mapping of its own, of which a process has 65,530.
const MOST_BLOCKS: usize = 4096;
/// Most bytes that are fetched together, where the program goes through an area from one end.
const MOST_AT_ONCE: usize = 16 << 20;
/// Managed areas up to this size are fetched at once when the program has waited: system calls do not fault, they fail.
const SMALL: usize = 1 << 20;

/// In place of a stream that nobody can wait for: only waits for the whole context cover its work.
pub const NO_STREAM: u64 = u64::MAX;

/// The areas of a session.
#[derive(Default)]
pub struct Shared {
    /// There is one.
    any: AtomicBool,
    areas: RwLock<BTreeMap<u64, Arc<Area>>>,
    /// Where pinned memory lies that may become an area: kernels' parameters are looked through for it.
    lowest: AtomicU64,
    highest: AtomicU64,
    /// Managed memory comes to areas and leaves them one at a time: areas may share pages. Whoever has it may take the other locks.
    changing: Mutex<()>,
    /// The work of each stream that is not known to be done. Whoever has it may take the lock of an area, and not the other way
    /// round.
    outstanding: Mutex<HashMap<stream::Key, Outstanding>>,
    /// There is some.
    busy: AtomicBool,
    /// Bytes were exchanged by the device since it was last waited for.
    by_device: AtomicBool,
    /// Numbers of work, in the order in which it went out.
    newest: AtomicU64,
}

#[derive(Debug, Default)]
struct Outstanding {
    /// What went out last.
    number: u64,
    /// Commands that are about to.
    coming: u32,
}

/// Work that is about to go out, and has when this is dropped.
pub struct Work<'a> {
    shared: &'a Shared,
    key: stream::Key,
}

impl Drop for Work<'_> {
    fn drop(&mut self) {
        let mut outstanding = self.shared.outstanding();
        // Numbered now: a wait that sees the number was asked for later, and covers it.
        let number = self.shared.newest.fetch_add(1, Ordering::SeqCst) + 1;
        let work = outstanding.entry(self.key).or_default();
        work.coming = work.coming.saturating_sub(1);
        work.number = number;
    }
}

/// What a wait has shown to be done.
#[derive(Debug, Clone, Copy)]
pub enum Done {
    /// What was issued to a context until a moment.
    Context(u64, Moment),
    /// What was issued to a stream until a moment; for a legacy stream, to all those that wait for one another with it.
    Stream(stream::Key, Moment),
    /// Nothing that is known.
    Nothing,
}

/// Behind everything that was issued before it.
#[derive(Debug, Clone, Copy)]
pub struct Moment(u64);

/// What an area is to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `cuMemAllocManaged`: the device's own kind of such memory.
    Managed,
    /// Pinned memory that this library has mapped.
    Pinned,
    /// The program's memory, registered.
    Registered,
}

struct Area {
    start: u64,
    /// Bytes of whole pages.
    len: usize,
    kind: Kind,
    context: u64,
    block: usize,
    /// Where the device has it.
    device: u64,
    /// The second mapping.
    alias: usize,
    inside: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    blocks: Vec<Block>,
    /// What of the area is the server's, from where to where: the last page may be longer, and a module's variables lie in pages
    /// with gaps between them.
    pieces: Vec<(usize, usize)>,
    /// Of registered memory, what both sides had last. Empty once the area has ended.
    twin: Vec<u8>,
    /// What blocks were before the program wrote to them, where the device was at work on something then.
    before: BTreeMap<usize, Vec<u8>>,
    /// The block that was fetched last, and how many at once: one behind the other are fetched together.
    last: usize,
    run: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    /// The program may have written it.
    Written,
    /// Both sides have the same.
    Same,
    /// As `Same` when it was fetched, while the device was at work.
    Unsure,
    /// The device may have written it.
    Away,
}

impl Shared {
    /// Whether there is any area.
    #[inline]
    pub fn any(&self) -> bool {
        // Relaxed: whoever passes an area's address to another thread synchronises with it.
        self.any.load(Ordering::Relaxed)
    }

    /// Whether `word` may be the address of pinned memory.
    #[inline]
    pub fn may_be_pinned(&self, word: u64) -> bool {
        word.wrapping_sub(self.lowest.load(Ordering::Relaxed))
            < self.highest.load(Ordering::Relaxed)
    }

    /// Whether there is pinned memory that a kernel may be given.
    #[inline]
    pub fn watches(&self) -> bool {
        self.highest.load(Ordering::Relaxed) > 0
    }

    /// Notes pinned memory that a kernel may be given.
    pub fn watch(&self, start: u64, len: u64) {
        let _areas = self.areas.write().unwrap_or_else(PoisonError::into_inner);
        let (low, width) = (
            self.lowest.load(Ordering::Relaxed),
            self.highest.load(Ordering::Relaxed),
        );
        let (from, to) = if width == 0 {
            (start, start + len)
        } else {
            (low.min(start), (low + width).max(start + len))
        };
        self.lowest.store(from, Ordering::Relaxed);
        // The width: an address is watched where its distance from the lowest is less.
        self.highest.store(to - from, Ordering::Relaxed);
    }

    fn find(&self, address: u64) -> Option<Arc<Area>> {
        let areas = self.areas.read().unwrap_or_else(PoisonError::into_inner);
        // An area that the device has elsewhere is found by both addresses.
        let (start, area) = areas.range(..=address).next_back()?;
        (address - start < area.len as u64).then(|| area.clone())
    }

    /// What the device calls `address`.
    pub fn for_device(&self, address: u64) -> u64 {
        if !self.any() {
            return address;
        }
        match self.find(address) {
            Some(area) if address.wrapping_sub(area.start) < area.len as u64 => {
                area.device + (address - area.start)
            }
            _ => address,
        }
    }

    /// Whether `address` lies in an area.
    pub fn holds(&self, address: u64) -> bool {
        self.any() && self.find(address).is_some()
    }

    fn all(&self) -> Vec<Arc<Area>> {
        let areas = self.areas.read().unwrap_or_else(PoisonError::into_inner);
        let own = areas.iter().filter(|(start, area)| **start == area.start);
        own.map(|(_, area)| area.clone()).collect()
    }

    fn enter(&self, area: Area) {
        let area = Arc::new(area);
        let mut areas = self.areas.write().unwrap_or_else(PoisonError::into_inner);
        if area.device != area.start {
            areas.insert(area.device, area.clone());
        }
        areas.insert(area.start, area);
        drop(areas);
        self.any.store(true, Ordering::SeqCst);
    }

    /// Managed memory `[start, start + len)` is no more: areas that have nothing else end, and their pages with them.
    pub fn dismiss(&self, start: u64, len: u64) {
        let _changing = self.change();
        let end = start + len;
        for area in self.all() {
            let (first, last) = (area.start, area.start + area.len as u64);
            if area.kind != Kind::Managed || last <= start || end <= first {
                continue;
            }
            let piece = (
                (start.max(first) - first) as usize,
                (end.min(last) - first) as usize,
            );
            let empty = {
                let mut inside = area.lock();
                inside.pieces.retain(|other| *other != piece);
                inside.pieces.is_empty()
            };
            if empty {
                self.leave(first);
                // The addresses stay kept free, as they were before.
                // SAFETY: the program's view, mapped by `map_twice` with this length; the program has given it up.
                let _ = unsafe {
                    rustix::mm::mmap_anonymous(
                        first as *mut c_void,
                        area.len,
                        ProtFlags::empty(),
                        MapFlags::PRIVATE | MapFlags::NORESERVE | MapFlags::FIXED,
                    )
                };
            }
        }
    }

    fn change(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends an area that begins at `start`. Its program's view stays mapped and open; the second mapping goes.
    pub fn leave(&self, start: u64) {
        let gone = {
            let mut areas = self.areas.write().unwrap_or_else(PoisonError::into_inner);
            let gone = areas.remove(&start);
            if let Some(area) = &gone {
                areas.remove(&area.device);
            }
            gone
        };
        let Some(area) = gone else {
            return;
        };
        // Under the lock: a handler that is at work on it has finished, and whoever holds it still finds nothing in it.
        let mut inside = area.lock();
        *inside = Inside::default();
        if area.alias != 0 {
            // SAFETY: mapped by `map_twice` with this length; the area is gone from the list.
            let _ = unsafe { rustix::mm::munmap(area.alias as *mut c_void, area.len) };
        }
    }

    /// Before the device is given work: what the program has written goes to the server, and areas are closed.
    ///
    /// # Errors
    ///
    /// Those of earlier commands.
    pub fn before_work(&self, session: &Session, stream: u64) -> Result<Work<'_>> {
        let key = stream::key(thread::current_context(), stream);
        {
            let mut outstanding = self.outstanding();
            outstanding.entry(key).or_default().coming += 1;
            self.busy.store(true, Ordering::SeqCst);
        }
        let work = Work { shared: self, key };
        self.give(session)?;
        Ok(work)
    }

    fn give(&self, session: &Session) -> Result<()> {
        for area in self.all() {
            area.give(session)?;
        }
        Ok(())
    }

    /// This moment, for what is about to be waited for.
    #[inline]
    pub fn now(&self) -> Moment {
        Moment(self.newest.load(Ordering::SeqCst))
    }

    /// A stream's name is given up while it may still be at work.
    pub fn abandon(&self, key: stream::Key) {
        let mut outstanding = self.outstanding();
        if let Some(work) = outstanding.remove(&key) {
            outstanding.insert((key.0, NO_STREAM, 0), work);
        }
    }

    /// Before the program waits for work that it has issued: what it has written meanwhile goes to the server.
    ///
    /// # Errors
    ///
    /// Those of earlier commands.
    pub fn before_wait(&self, session: &Session) -> Result<()> {
        if self.busy.load(Ordering::SeqCst) {
            for area in self.all() {
                if area.kind != Kind::Managed {
                    area.give(session)?;
                }
            }
        }
        Ok(())
    }

    /// After the program has waited for the device: what it has fetched meanwhile is fetched anew when it looks again.
    pub fn after_wait(&self, session: &Session, done: Done) {
        // Held to the end: who waits for the same work in another thread must not go on before this is through.
        let mut outstanding = self.outstanding();
        if outstanding.is_empty() {
            return;
        }
        outstanding.retain(|key, work| !done.covers(session, *key, work));
        self.busy.store(!outstanding.is_empty(), Ordering::SeqCst);
        let areas = self.all();
        let quiet = outstanding.is_empty();
        let coming: Vec<_> = areas
            .iter()
            .filter_map(|area| Some((area, area.settle(session, quiet)?)))
            .collect();
        // All are asked for before any is waited for.
        for (area, inside) in coming {
            area.arrive(session, inside);
        }
    }

    /// A context has ended, with all its work.
    pub fn forget_context(&self, context: u64) {
        let mut outstanding = self.outstanding();
        outstanding.retain(|key, _| key.0 != context);
        self.busy.store(!outstanding.is_empty(), Ordering::SeqCst);
    }

    fn outstanding(&self) -> MutexGuard<'_, HashMap<stream::Key, Outstanding>> {
        self.outstanding
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a fault at `address` is one of an area's.
    pub fn sees(&self, address: u64) -> bool {
        self.viewed(address).is_some()
    }

    /// The program has touched `address`, and waits in a handler of faults. Answers whether it may go on.
    pub fn touched(&self, session: &Session, address: u64, writes: bool) -> bool {
        self.viewed(address)
            .is_some_and(|area| area.touched(session, address, writes))
    }

    fn viewed(&self, address: u64) -> Option<Arc<Area>> {
        self.find(address)
            .filter(|area| address.wrapping_sub(area.start) < area.len as u64)
    }
}

impl Done {
    fn covers(self, session: &Session, key: stream::Key, work: &Outstanding) -> bool {
        let until = |until: Moment| work.coming == 0 && work.number <= until.0;
        match self {
            Done::Context(context, moment) => key.0 == context && until(moment),
            Done::Stream(own, moment) => {
                until(moment)
                    && (key == own
                        || own.1 == LEGACY_STREAM
                            && key.0 == own.0
                            && session.streams.wait_for_legacy(key.1))
            }
            Done::Nothing => false,
        }
    }
}

impl Inside {
    /// The runs of blocks in `state`: the first of each, and the one behind its last.
    fn runs(&self, state: Block) -> Vec<(usize, usize)> {
        let mut runs = Vec::new();
        let mut at = 0;
        for run in self.blocks.chunk_by(|a, b| a == b) {
            if run[0] == state {
                runs.push((at, at + run.len()));
            }
            at += run.len();
        }
        runs
    }
}

impl Area {
    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn range_of(&self, block: usize) -> core::ops::Range<usize> {
        block * self.block..((block + 1) * self.block).min(self.len)
    }

    fn protect(&self, from: usize, to: usize, protection: MprotectFlags) {
        // SAFETY: a part of the program's view of this area, which this library has mapped for it.
        let _ = unsafe {
            rustix::mm::mprotect(
                (self.start as usize + from) as *mut c_void,
                to - from,
                protection,
            )
        };
    }

    /// Sends what the program has written, and closes the area.
    fn give(&self, session: &Session) -> Result<()> {
        let mut inside = self.lock();
        if self.kind == Kind::Registered {
            return self.give_differences(session, &mut inside);
        }
        if inside.blocks.iter().all(|block| *block == Block::Away) {
            return Ok(());
        }
        fault::stay();
        // Closed first: whoever writes now waits in the handler until this is done, and then gets what the device has.
        self.protect(0, self.len, MprotectFlags::empty());
        let own = thread::current_context();
        if own == 0 {
            thread::set_current_context(self.context);
        }
        let mut result = Ok(());
        for (first, end) in inside.runs(Block::Written) {
            result = self.give_blocks(session, &inside, first, end);
            if result.is_err() {
                break;
            }
        }
        inside.blocks.fill(Block::Away);
        inside.before.clear();
        thread::set_current_context(own);
        result
    }

    /// Sends what the program has written in blocks that the device may have written as well, and closes them: what it looks at in
    /// them now may be older.
    fn give_unsure(&self, session: &Session, inside: &mut Inside) {
        let own = thread::current_context();
        thread::set_current_context(self.context);
        let unsure: Vec<usize> = inside.before.keys().copied().collect();
        for index in unsure {
            let range = self.range_of(index);
            self.protect(range.start, range.end, MprotectFlags::empty());
            // Where it fails, the program is told at its next call.
            let _ = self.give_blocks(session, inside, index, index + 1);
            inside.blocks[index] = Block::Away;
            inside.before.remove(&index);
        }
        thread::set_current_context(own);
    }

    fn give_blocks(
        &self,
        session: &Session,
        inside: &Inside,
        first: usize,
        end: usize,
    ) -> Result<()> {
        // SAFETY: a part of the second mapping, which lives as long as the area is listed; the lock is held.
        let bytes = |from: usize, to: usize| unsafe {
            core::slice::from_raw_parts((self.alias + from) as *const u8, to - from)
        };
        let mut whole = self.range_of(first).start;
        for (index, before) in inside.before.range(first..end) {
            let range = self.range_of(*index);
            self.send(session, &inside.pieces, whole, bytes(whole, range.start))?;
            let now = bytes(range.start, range.end);
            for (from, to) in differences(now, before) {
                let offset = range.start + from;
                self.send(session, &inside.pieces, offset, &now[from..to])?;
            }
            whole = range.end;
        }
        let to = self.range_of(end - 1).end;
        self.send(session, &inside.pieces, whole, bytes(whole, to))
    }

    fn give_differences(&self, session: &Session, inside: &mut Inside) -> Result<()> {
        if inside.twin.is_empty() {
            return Ok(());
        }
        // SAFETY: the program has registered this memory, and keeps it while it is: the lock is held, and the area has not ended.
        let now = unsafe { core::slice::from_raw_parts(self.start as *const u8, self.len) };
        // Bytes that are equal are left alone: the device may have written those.
        let changed: Vec<_> = differences(now, &inside.twin).collect();
        for (from, to) in changed {
            self.send(session, &inside.pieces, from, &now[from..to])?;
            inside.twin[from..to].copy_from_slice(&now[from..to]);
        }
        Ok(())
    }

    /// Whether the device can be asked to copy: for managed memory, once the program has a context, and while no host function is on
    /// its way, which may touch the memory itself: streams share the device's queues, so what one waits for may hold up another.
    fn by_device(&self, session: &Session) -> bool {
        if self.kind != Kind::Managed || thread::current_context() == 0 {
            return false;
        }
        if !session.link.expects_calls() {
            session.shared.by_device.store(true, Ordering::SeqCst);
            return true;
        }
        if session.shared.by_device.swap(false, Ordering::SeqCst)
            && let Ok(stream) = own_stream(session)
        {
            // What the device still copies, from before, comes first.
            let _ = session
                .link
                .call(Interface::Cuda, cuda::SYNCHRONIZE, |body| {
                    Wait::Stream(stream).encode(&mut Encoder::new(body));
                    Ok(())
                });
        }
        false
    }

    fn send(
        &self,
        session: &Session,
        pieces: &[(usize, usize)],
        offset: usize,
        bytes: &[u8],
    ) -> Result<()> {
        for (from, to) in pieces {
            let (from, to) = ((*from).max(offset), (*to).min(offset + bytes.len()));
            if from < to {
                self.send_piece(session, from, &bytes[from - offset..to - offset])?;
            }
        }
        Ok(())
    }

    fn send_piece(&self, session: &Session, offset: usize, bytes: &[u8]) -> Result<()> {
        let by_device = thread::ahead(|| self.by_device(session));
        for (index, chunk) in bytes.chunks(CHUNK).enumerate() {
            let address = self.start + (offset + index * CHUNK) as u64;
            if by_device {
                let head = CopyHead {
                    device: U64::new(address),
                    len: U64::new(chunk.len() as u64),
                    stream: U64::new(own_stream(session)?),
                    // Whatever is issued later, in whatever stream, sees it.
                    flags: U32::new(COPY_SYNCHRONOUS),
                    reserved: U32::ZERO,
                };
                thread::ahead(|| {
                    session
                        .link
                        .post_bulk(cuda::COPY_TO_DEVICE, head.as_bytes(), chunk)
                })?;
            } else {
                let mut head = Vec::new();
                Encoder::new(&mut head).scalar(address);
                thread::ahead(|| session.link.post_bulk(cuda::HOST_WRITE, &head, chunk))?;
            }
        }
        Ok(())
    }

    /// Brings `[from, to)` from the server to `place`.
    fn fetch(
        &self,
        session: &Session,
        pieces: &[(usize, usize)],
        from: usize,
        to: usize,
        place: usize,
    ) -> Result<()> {
        for (start, end) in pieces {
            let (start, end) = ((*start).max(from), (*end).min(to));
            if start < end {
                self.fetch_piece(session, start, end, place + (start - from))?;
            }
        }
        Ok(())
    }

    fn fetch_piece(&self, session: &Session, from: usize, to: usize, place: usize) -> Result<()> {
        let own = thread::current_context();
        if own == 0 {
            thread::set_current_context(self.context);
        }
        let fetch_by = |by_device: bool| {
            let destination = Destination::Linear {
                start: Place(place as *mut u8),
                len: to - from,
            };
            let address = self.start + from as u64;
            if by_device {
                let head = CopyHead {
                    device: U64::new(address),
                    len: U64::new((to - from) as u64),
                    stream: U64::new(own_stream(session)?),
                    flags: U32::ZERO,
                    reserved: U32::ZERO,
                };
                session.link.call_into(
                    Interface::Cuda,
                    cuda::COPY_TO_HOST,
                    Some(destination),
                    None,
                    |body| {
                        body.extend_from_slice(head.as_bytes());
                        Ok(())
                    },
                )
            } else {
                session.link.call_into(
                    Interface::Cuda,
                    cuda::HOST_READ,
                    Some(destination),
                    None,
                    |body| {
                        let mut body = Encoder::new(body);
                        body.scalar(address);
                        body.scalar(to - from);
                        Ok(())
                    },
                )
            }
        };
        let mut fetched = thread::ahead(|| fetch_by(self.by_device(session)));
        if self.by_device(session) && matches!(fetched, Err(CUresult::CUDA_ERROR_INVALID_CONTEXT)) {
            // A runtime makes its context current before it makes it.
            fetched = thread::ahead(|| fetch_by(false));
        }
        thread::set_current_context(own);
        fetched.map(|_| ())
    }

    /// The program has waited for the device, which is `quiet` where nothing else is outstanding. Answers the area's state,
    /// locked, where bytes are on their way that [`Area::arrive`] has to wait for.
    fn settle(&self, session: &Session, quiet: bool) -> Option<MutexGuard<'_, Inside>> {
        let mut inside = self.lock();
        if self.kind == Kind::Registered {
            // An area that has ended meanwhile has none.
            let mut fresh = vec![0u8; inside.twin.len()];
            if self
                .fetch(
                    session,
                    &inside.pieces,
                    0,
                    self.len,
                    fresh.as_mut_ptr() as usize,
                )
                .is_err()
            {
                return None;
            }
            for (offset, byte) in fresh.iter().enumerate() {
                if *byte != inside.twin[offset] {
                    // SAFETY: within the program's registered memory. Only what the device has changed is written.
                    unsafe { ((self.start as usize + offset) as *mut u8).write_volatile(*byte) };
                    inside.twin[offset] = *byte;
                }
            }
            return None;
        }
        self.give_unsure(session, &mut inside);
        for index in 0..inside.blocks.len() {
            if inside.blocks[index] == Block::Unsure {
                let range = self.range_of(index);
                self.protect(range.start, range.end, MprotectFlags::empty());
                inside.blocks[index] = Block::Away;
            }
        }
        if !quiet || self.len > SMALL || !self.by_device(session) {
            return None;
        }
        let own = thread::current_context();
        thread::set_current_context(self.context);
        let mut asked = false;
        for (first, end) in inside.runs(Block::Away) {
            let (from, to) = (self.range_of(first).start, self.range_of(end - 1).end);
            // Where it fails, the program is told at its next call.
            asked |= self.ask(session, &inside.pieces, from, to).is_ok();
        }
        thread::set_current_context(own);
        asked.then_some(inside)
    }

    /// Asks the device for `[from, to)`, to be written to the second mapping.
    fn ask(
        &self,
        session: &Session,
        pieces: &[(usize, usize)],
        from: usize,
        to: usize,
    ) -> Result<()> {
        let stream = own_stream(session)?;
        for (start, end) in pieces {
            let (start, end) = ((*start).max(from), (*end).min(to));
            if start >= end {
                continue;
            }
            let head = CopyHead {
                device: U64::new(self.start + start as u64),
                len: U64::new((end - start) as u64),
                stream: U64::new(stream),
                flags: U32::ZERO,
                reserved: U32::ZERO,
            };
            let destination = Destination::Linear {
                start: Place((self.alias + start) as *mut u8),
                len: end - start,
            };
            thread::ahead(|| {
                session
                    .link
                    .post_into(cuda::COPY_TO_HOST, destination, |body| {
                        body.extend_from_slice(head.as_bytes());
                        Ok(())
                    })
            })?;
        }
        Ok(())
    }

    /// Waits for what [`Area::settle`] has asked for, and opens it.
    fn arrive(&self, session: &Session, mut inside: MutexGuard<'_, Inside>) {
        session.link.settle(self.alias, self.alias + self.len);
        for (first, end) in inside.runs(Block::Away) {
            let (from, to) = (self.range_of(first).start, self.range_of(end - 1).end);
            self.protect(from, to, MprotectFlags::READ);
            inside.blocks[first..end].fill(Block::Same);
        }
    }

    /// Fetches blocks and opens them for reading.
    fn open(
        &self,
        session: &Session,
        inside: &mut Inside,
        first: usize,
        end: usize,
        state: Block,
    ) -> Result<()> {
        let (from, to) = (self.range_of(first).start, self.range_of(end - 1).end);
        self.fetch(session, &inside.pieces, from, to, self.alias + from)?;
        self.protect(from, to, MprotectFlags::READ);
        inside.blocks[first..end].fill(state);
        Ok(())
    }

    /// Opens a block that the program is about to write.
    fn open_for_writing(&self, inside: &mut Inside, index: usize) {
        let range = self.range_of(index);
        if inside.blocks[index] == Block::Unsure {
            // SAFETY: a part of the second mapping, which lives as long as the area is listed; the lock is held.
            let bytes = unsafe {
                core::slice::from_raw_parts((self.alias + range.start) as *const u8, range.len())
            };
            inside.before.insert(index, bytes.to_vec());
        }
        self.protect(
            range.start,
            range.end,
            MprotectFlags::READ | MprotectFlags::WRITE,
        );
        inside.blocks[index] = Block::Written;
    }

    /// The program has touched `address`. Answers whether it may go on.
    fn touched(&self, session: &Session, address: u64, writes: bool) -> bool {
        let mut inside = self.lock();
        let index = (address - self.start) as usize / self.block;
        let Some(state) = inside.blocks.get(index).copied() else {
            return false;
        };
        match state {
            // Another thread was here first.
            Block::Written => true,
            Block::Same | Block::Unsure => {
                self.open_for_writing(&mut inside, index);
                true
            }
            Block::Away => {
                let run = if index == inside.last + inside.run {
                    (inside.run * 2).clamp(1, (MOST_AT_ONCE / self.block).max(1))
                } else {
                    1
                };
                let mut end = index + 1;
                while end < index + run && inside.blocks.get(end) == Some(&Block::Away) {
                    end += 1;
                }
                (inside.last, inside.run) = (index, end - index);
                let state = if session.shared.busy.load(Ordering::SeqCst) {
                    Block::Unsure
                } else {
                    Block::Same
                };
                if self.open(session, &mut inside, index, end, state).is_err() {
                    // The session is over, and with it what the device had. The program goes on with what is here, and is
                    // told at its next call.
                    self.protect(0, self.len, MprotectFlags::READ | MprotectFlags::WRITE);
                    inside.blocks.fill(Block::Written);
                    return true;
                }
                if writes {
                    self.open_for_writing(&mut inside, index);
                }
                true
            }
        }
    }
}

/// Where two stretches of the same length differ, in order: from where to where.
fn differences<'a>(
    now: &'a [u8],
    before: &'a [u8],
) -> impl Iterator<Item = (usize, usize)> + use<'a> {
    let mut at = 0;
    core::iter::from_fn(move || {
        loop {
            let end = (at + 256).min(now.len());
            if at == end {
                return None;
            }
            // Most of it is the same, which goes fastest in long strides.
            if now[at..end] == before[at..end] {
                at = end;
                continue;
            }
            let from = at + (at..end).position(|index| now[index] != before[index])?;
            let len = (from..now.len()).position(|index| now[index] == before[index]);
            at = len.map_or(now.len(), |len| from + len);
            return Some((from, at));
        }
    })
}

// ---- making areas ---------------------------------------------------------------------------------------------------------

fn page() -> usize {
    super::memory::page_size() as usize
}

/// Maps `len` bytes of fresh memory in place of what this library has at `start`, and a second time elsewhere. Answers where. The
/// new memory holds what the old did if `carry`, and is open then; otherwise it is open for reading.
fn map_twice(start: u64, len: usize, carry: bool) -> Option<usize> {
    let file = rustix::fs::memfd_create("pillion-shared", rustix::fs::MemfdFlags::CLOEXEC).ok()?;
    rustix::fs::ftruncate(&file, len as u64).ok()?;
    let both = ProtFlags::READ | ProtFlags::WRITE;
    // SAFETY: a fresh mapping wherever the kernel likes.
    let alias = unsafe {
        rustix::mm::mmap(
            core::ptr::null_mut(),
            len,
            both,
            MapFlags::SHARED | MapFlags::NORESERVE,
            &file,
            0,
        )
    }
    .ok()?;
    if carry {
        // SAFETY: `start` is this library's mapping of the same length, of which the bytes are carried over.
        unsafe {
            core::ptr::copy_nonoverlapping(start as *const u8, alias.cast::<u8>(), len);
        }
    }
    let protection = if carry { both } else { ProtFlags::READ };
    // SAFETY: this library's own mapping is replaced, of which the caller says that nothing else uses it.
    let view = unsafe {
        rustix::mm::mmap(
            start as *mut c_void,
            len,
            protection,
            MapFlags::SHARED | MapFlags::NORESERVE | MapFlags::FIXED,
            &file,
            0,
        )
    };
    match view {
        Ok(at) if at as u64 == start => Some(alias as usize),
        other => {
            // SAFETY: mapped above, known to nobody.
            unsafe {
                if let Ok(elsewhere) = other {
                    let _ = rustix::mm::munmap(elsewhere, len);
                }
                let _ = rustix::mm::munmap(alias, len);
            }
            None
        }
    }
}

fn blocks_of(len: usize) -> (usize, usize) {
    let page = page();
    let block = BLOCK.max(len.div_ceil(MOST_BLOCKS)).next_multiple_of(page);
    (block, len.div_ceil(block))
}

/// Makes an area of managed memory in pages that none has.
fn new_area(session: &'static Session, start: u64, len: u64, context: u64, fresh: bool) -> bool {
    let whole = (len as usize).next_multiple_of(page());
    // Memory of the device may have been there before, or lie beside it.
    if !session.memory.keep_free(start, whole as u64) {
        return false;
    }
    let Some(alias) = map_twice(start, whole, false) else {
        return false;
    };
    fault::install(session);
    prepare(session);
    let (block, count) = blocks_of(whole);
    session.shared.enter(Area {
        start,
        len: whole,
        kind: Kind::Managed,
        context,
        device: start,
        block,
        alias,
        inside: Mutex::new(Inside {
            blocks: vec![if fresh { Block::Same } else { Block::Away }; count],
            pieces: vec![(0, len as usize)],
            ..Inside::default()
        }),
    });
    if !fresh && let Some(area) = session.shared.find(start) {
        area.protect(0, whole, MprotectFlags::empty());
    }
    true
}

/// Makes the stream that bytes are exchanged in: while a host function has its turn, the driver may make none. A program that has
/// no context yet gets it later.
fn prepare(session: &Session) {
    if thread::current_context() != 0 {
        let _ = own_stream(session);
    }
}

/// Makes managed memory part of an area: of those that have its pages already, and of a new one for the others. `fresh` says
/// that the program has not put anything there. Answers false where this side has something of another kind there.
pub fn manage(session: &'static Session, start: u64, len: u64, context: u64, fresh: bool) -> bool {
    let size = page() as u64;
    let (mut at, end) = (start / size * size, start + len);
    let _changing = session.shared.change();
    while at < end {
        if let Some(area) = session.shared.find(at) {
            let stop = (area.start + area.len as u64).min(end);
            let from = at.max(start) - area.start;
            let mut inside = area.lock();
            let piece = (from as usize, (stop - area.start) as usize);
            if !inside.pieces.contains(&piece) {
                inside.pieces.push(piece);
                // What is here of these pages lacks the variable.
                let (first, last) = (piece.0 / area.block, (piece.1 - 1) / area.block);
                for block in first..=last {
                    if !fresh && inside.blocks.get(block) == Some(&Block::Same) {
                        let range = area.range_of(block);
                        area.protect(range.start, range.end, MprotectFlags::empty());
                        inside.blocks[block] = Block::Away;
                    }
                }
            }
            at = stop.next_multiple_of(size);
            continue;
        }
        let mut stop = at + size;
        while stop < end && session.shared.find(stop).is_none() {
            stop += size;
        }
        if !new_area(session, at, stop - at, context, fresh) {
            return false;
        }
        if let Some(area) = session.shared.find(at) {
            let from = at.max(start) - at;
            area.lock().pieces = vec![(from as usize, (stop.min(end) - at) as usize)];
        }
        at = stop;
    }
    true
}

/// Makes pinned memory an area: the server gets memory at the same address, and what is here goes there before the next kernel.
///
/// # Errors
///
/// Where the server has something at that address.
pub fn share(session: &'static Session, start: u64, len: u64, kind: Kind) -> Result<()> {
    if session.shared.find(start).is_some() {
        return Ok(());
    }
    prepare(session);
    let answer = session.link.call(Interface::Cuda, cuda::HOST_MAP, |body| {
        let mut body = Encoder::new(body);
        body.scalar(start);
        body.scalar(len);
        body.scalar(0u32);
        Ok(())
    })?;
    let device: u64 = answer
        .decoder()
        .scalar()
        .map_err(|_| CUresult::CUDA_ERROR_UNKNOWN)?;
    if device != start && !session.memory.keep_free(device, len) {
        return Err(CUresult::CUDA_ERROR_OUT_OF_MEMORY);
    }
    let area = if kind == Kind::Registered {
        // Zeroes are what the server has.
        Area {
            start,
            len: len as usize,
            kind,
            context: thread::current_context(),
            device,
            block: len as usize,
            alias: 0,
            inside: Mutex::new(Inside {
                twin: vec![0; len as usize],
                pieces: vec![(0, len as usize)],
                ..Inside::default()
            }),
        }
    } else {
        let whole = (len as usize).next_multiple_of(page());
        let alias = map_twice(start, whole, true).ok_or(CUresult::CUDA_ERROR_OUT_OF_MEMORY)?;
        fault::install(session);
        let (block, count) = blocks_of(whole);
        Area {
            start,
            len: whole,
            kind,
            context: thread::current_context(),
            device,
            block,
            alias,
            inside: Mutex::new(Inside {
                blocks: vec![Block::Written; count],
                pieces: vec![(0, len as usize)],
                ..Inside::default()
            }),
        }
    };
    session.shared.enter(area);
    Ok(())
}

/// Ends the server's side of an area.
///
/// # Errors
///
/// Those of earlier commands.
pub fn unshare(session: &Session, start: u64) -> Result<()> {
    if !session.shared.holds(start) {
        return Ok(());
    }
    session.shared.leave(start);
    session.link.post(cuda::HOST_UNMAP, |body| {
        Encoder::new(body).scalar(start);
        Ok(())
    })?;
    Ok(())
}

/// Before a command in `stream` that writes to `address` on the server: if that is in an area, what the program has written goes
/// first. Answers nothing where it is in none.
///
/// # Errors
///
/// Those of earlier commands.
#[inline]
pub fn concerns(session: &Session, address: u64, stream: u64) -> Result<Option<Work<'_>>> {
    if !session.shared.any() || !session.shared.holds(address) {
        return Ok(None);
    }
    session.shared.before_work(session, stream).map(Some)
}

/// Before a command that reads at `address` on the server: if that is in an area, what the program has written goes first. Answers
/// whether it is.
///
/// # Errors
///
/// Those of earlier commands.
#[inline]
pub fn is_read(session: &Session, address: u64) -> Result<bool> {
    if !session.shared.any() || !session.shared.holds(address) {
        return Ok(false);
    }
    session.shared.give(session)?;
    Ok(true)
}

/// Before a launch: pinned memory that `words` point to becomes an area.
///
/// # Errors
///
/// Those of making one.
pub fn look_through(session: &'static Session, words: impl Iterator<Item = u64>) -> Result<()> {
    for word in words {
        if !session.shared.may_be_pinned(word) {
            continue;
        }
        let Some(region) = session.memory.find(word) else {
            continue;
        };
        match region.kind {
            RegionKind::HostAllocated(_) => {
                share(session, region.start, region.len, Kind::Pinned)?;
            }
            RegionKind::HostRegistered(_) => {
                share(session, region.start, region.len, Kind::Registered)?;
            }
            _ => {}
        }
    }
    Ok(())
}

//! Pinned memory between the wire and the device.
//!
//! Bytes on their way to the device are packed into slabs. A slab is used again only after events behind every copy from it
//! have happened; where that is so of the one that is being filled, it is filled from its beginning again. Bytes on their way back
//! get a buffer of their own, which is free again once they have been sent. Pinned memory dies with the context in which it was
//! pinned, so each context has its own; all of them can use it.

use std::collections::VecDeque;

use pillion_cuda_abi::types::{CU_MEMHOSTALLOC_PORTABLE, CUevent};
use pillion_cuda_abi::{CUresult, DriverTable};

use super::events::Events;
use super::forward::Failure;
use super::handles::{Handles, Place};

/// Bytes of a slab.
pub const SLAB: usize = 2 << 20;
/// Bytes of a small and of a large buffer.
const SMALL: usize = 64 << 10;
const LARGE: usize = 1 << 20;
/// Most buffers of one size before copies wait for earlier ones to be sent.
const MOST_BUFFERS: usize = 256;
/// Most slabs before copies wait for the device.
const MOST_SLABS: usize = 64;
/// Most events behind copies from a slab before another one is begun.
const MOST_EVENTS: usize = 64;

/// What is pinned ahead of its need.
const PREPARED_SLABS: usize = 8;
const PREPARED_BUFFERS: usize = 12;

/// Pinned memory of a worker.
#[derive(Debug, Default)]
pub struct Staging {
    /// By context.
    contexts: Vec<(u64, Pinned)>,
}

/// Pinned memory of a context.
#[derive(Debug, Default)]
struct Pinned {
    current: Option<Slab>,
    /// Full slabs that the device may still read, oldest first.
    busy: VecDeque<Slab>,
    free: Vec<usize>,
    slabs: usize,
    small: Vec<usize>,
    large: Vec<usize>,
    counts: [usize; 2],
}

#[derive(Debug)]
struct Slab {
    start: usize,
    used: usize,
    /// Streams that copy from it, with no event behind that yet.
    streams: Vec<Place>,
    /// Events behind all other copies from it: the last one of each stream, and those of streams that have gone.
    behind: Vec<(Option<Place>, CUevent)>,
}

impl Slab {
    /// Whether another one is to be begun for `len` bytes.
    fn is_full(&self, len: usize) -> bool {
        self.used + len > SLAB || self.behind.len() >= MOST_EVENTS
    }

    /// Whether every event behind it has happened. Gives back those of which that is seen.
    fn has_been_read(&mut self, table: &DriverTable, events: &mut Events) -> bool {
        self.behind.retain(|(_, event)| {
            let happened = events.happened(table, *event);
            if happened {
                events.give_back(*event);
            }
            !happened
        });
        self.behind.is_empty()
    }
}

/// A buffer for bytes on their way to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Buffer {
    /// Its first byte.
    pub start: usize,
    large: bool,
    /// The context that it was pinned in.
    context: u64,
}

impl Buffer {
    /// Whether it dies with this context.
    pub fn is_of(self, context: u64) -> bool {
        self.context == context
    }

    /// The first `len` bytes.
    ///
    /// # Safety
    ///
    /// The buffer must be pinned memory that lives, and the device must have done writing.
    pub unsafe fn bytes<'a>(self, len: usize) -> &'a [u8] {
        // SAFETY: as the caller promises.
        unsafe { std::slice::from_raw_parts(self.start as *const u8, len) }
    }
}

/// Most bytes of one buffer.
pub const BUFFER: usize = LARGE;
/// Bytes of the first part of a long copy: the line has something to do as soon as the device has copied these.
const FIRST: usize = 128 << 10;
/// Large buffers under way that keep the line busy. With more, those that are sent would no longer be in the processor's cache.
const BUSY: usize = 6;

/// Bytes of the part at `offset` of a copy of `len` bytes to the host.
pub fn part(offset: u64, len: u64) -> usize {
    if offset == 0 && len > 2 * FIRST as u64 {
        return FIRST;
    }
    (len - offset).min(BUFFER as u64) as usize
}

impl Staging {
    /// What is pinned in the current context.
    fn own(&mut self, handles: &Handles) -> &mut Pinned {
        let current = handles.current;
        let known = self.contexts.iter().position(|(of, _)| *of == current);
        let index = known.unwrap_or_else(|| {
            self.contexts.push((current, Pinned::default()));
            self.contexts.len() - 1
        });
        &mut self.contexts[index].1
    }

    /// Pins memory ahead of its need.
    pub fn prepare(&mut self, table: &DriverTable, handles: &Handles) -> Result<(), Failure> {
        self.own(handles).prepare(table, handles.current)
    }

    /// Room for `len` bytes that go to the device on a stream. Waits for the device where all room is taken.
    pub fn room(
        &mut self,
        table: &DriverTable,
        handles: &Handles,
        events: &mut Events,
        len: usize,
        stream: Place,
    ) -> Result<usize, Failure> {
        self.own(handles).room(table, handles, events, len, stream)
    }

    /// Whether [`Staging::room`] in that context would neither wait for the device nor pin memory.
    pub fn has_room(
        &mut self,
        table: &DriverTable,
        events: &mut Events,
        context: u64,
        len: usize,
    ) -> bool {
        let Some((_, pinned)) = self.contexts.iter_mut().find(|(of, _)| *of == context) else {
            return false;
        };
        let current = pinned.current.as_ref();
        if current.is_some_and(|slab| !slab.is_full(len)) {
            return true;
        }
        pinned.reclaim(table, events);
        !pinned.free.is_empty()
    }

    /// Whether there are buffers for a copy of `len` bytes in that context that are pinned and not under way.
    pub fn has_buffers(&self, context: u64, len: u64) -> bool {
        let Some((_, pinned)) = self.contexts.iter().find(|(of, _)| *of == context) else {
            return len == 0;
        };
        let first = part(0, len) as u64;
        let first = if first < len { first } else { 0 };
        let (whole, rest) = ((len - first) / LARGE as u64, (len - first) % LARGE as u64);
        let large = u64::from(first > 0) + whole + u64::from(rest > SMALL as u64);
        let small = u64::from(rest > 0 && rest <= SMALL as u64);
        large <= pinned.large.len() as u64 && small <= pinned.small.len() as u64
    }

    /// Puts an event behind every copy so far, in every stream. Also called before a stream dies or captures.
    pub fn fence(
        &mut self,
        table: &DriverTable,
        handles: &Handles,
        events: &mut Events,
    ) -> Result<(), Failure> {
        let mut all = self.contexts.iter_mut();
        all.try_for_each(|(_, pinned)| pinned.fence(table, handles, events))
    }

    /// A stream is about to die behind whose copies there are events: another one may be called as it was.
    pub fn forget_stream(&mut self, stream: Place) {
        for (_, pinned) in &mut self.contexts {
            let behind = pinned.current.iter_mut().flat_map(|slab| &mut slab.behind);
            let theirs = behind.filter(|(of, _)| *of == Some(stream));
            theirs.for_each(|(of, _)| *of = None);
        }
    }

    /// A buffer for up to `len` bytes; `None` where all are under way.
    pub fn buffer(
        &mut self,
        table: &DriverTable,
        handles: &Handles,
        len: usize,
    ) -> Result<Option<Buffer>, Failure> {
        self.own(handles).buffer(table, handles.current, len)
    }

    /// Whether so many buffers of the current context are under way that more make no copy faster.
    pub fn keeps_busy(&mut self, handles: &Handles) -> bool {
        let pinned = self.own(handles);
        pinned.counts[1] - pinned.large.len() >= BUSY
    }

    /// Gives a buffer back.
    pub fn give_back(&mut self, buffer: Buffer) {
        let mut all = self.contexts.iter_mut();
        if let Some((_, pinned)) = all.find(|(of, _)| *of == buffer.context) {
            pinned.give_back(buffer);
        }
    }

    /// A context is about to end that has nothing under way: its memory and its events go with it.
    pub fn leave(&mut self, table: &DriverTable, events: &mut Events, context: u64) {
        for (of, pinned) in &mut self.contexts {
            for slab in pinned.current.iter_mut().chain(&mut pinned.busy) {
                if *of == context {
                    // Other contexts' streams may read it yet.
                    for (_, event) in slab.behind.drain(..) {
                        events.wait(table, event);
                        events.give_back(event);
                    }
                }
                slab.streams.retain(|stream| stream.context != context);
                slab.behind
                    .retain(|(_, event)| events.context(*event) != context);
            }
        }
        self.contexts.retain(|(of, _)| *of != context);
    }
}

impl Pinned {
    fn prepare(&mut self, table: &DriverTable, context: u64) -> Result<(), Failure> {
        while self.free.len() < PREPARED_SLABS && self.slabs < MOST_SLABS {
            self.free.push(pinned(table, SLAB)?);
            self.slabs += 1;
        }
        let mut ready = Vec::new();
        for len in [SMALL, LARGE] {
            for _ in 0..PREPARED_BUFFERS {
                ready.extend(self.buffer(table, context, len)?);
            }
        }
        for buffer in ready {
            self.give_back(buffer);
        }
        Ok(())
    }

    fn room(
        &mut self,
        table: &DriverTable,
        handles: &Handles,
        events: &mut Events,
        len: usize,
        stream: Place,
    ) -> Result<usize, Failure> {
        debug_assert!(len <= SLAB);
        if let Some(slab) = &mut self.current
            && slab.streams.is_empty()
            && slab.has_been_read(table, events)
        {
            slab.used = 0;
        }
        let full = |slab: &Slab| slab.is_full(len);
        if self.current.as_ref().is_none_or(full) {
            self.fence(table, handles, events)?;
            self.busy.extend(self.current.take());
            let start = self.slab(table, events)?;
            self.current = Some(Slab {
                start,
                used: 0,
                streams: Vec::new(),
                behind: Vec::new(),
            });
        }
        let Some(slab) = &mut self.current else {
            return Err(Failure::Status(CUresult::CUDA_ERROR_OUT_OF_MEMORY));
        };
        let at = slab.start + slab.used;
        slab.used += len.next_multiple_of(64);
        if !slab.streams.contains(&stream) {
            slab.streams.push(stream);
        }
        Ok(at)
    }

    fn fence(
        &mut self,
        table: &DriverTable,
        handles: &Handles,
        events: &mut Events,
    ) -> Result<(), Failure> {
        // Where there cannot be an event, nobody can say when the slab may be used again.
        let Some(mut slab) = self.current.take() else {
            return Ok(());
        };
        for stream in slab.streams.drain(..) {
            if handles.is_capturing_at(stream) {
                // It was fenced before it captured, and what it was to copy since has been refused.
                continue;
            }
            let known = slab.behind.iter();
            let mut known = known.filter(|(of, _)| *of == Some(stream));
            match known.next() {
                Some((_, event)) => events.record_again(table, handles, stream, *event)?,
                None => {
                    let event = events.record(table, handles, stream)?;
                    slab.behind.push((Some(stream), event));
                }
            }
        }
        self.current = Some(slab);
        Ok(())
    }

    fn slab(&mut self, table: &DriverTable, events: &mut Events) -> Result<usize, Failure> {
        self.reclaim(table, events);
        if let Some(start) = self.free.pop() {
            return Ok(start);
        }
        if self.slabs >= MOST_SLABS {
            // The device is behind: the oldest slab is the next to be free.
            if let Some(slab) = self.busy.front() {
                for (_, event) in &slab.behind {
                    events.wait(table, *event);
                }
            }
            self.reclaim(table, events);
            if let Some(start) = self.free.pop() {
                return Ok(start);
            }
        }
        let start = pinned(table, SLAB)?;
        self.slabs += 1;
        Ok(start)
    }

    fn reclaim(&mut self, table: &DriverTable, events: &mut Events) {
        let free = &mut self.free;
        self.busy.retain_mut(|slab| {
            let read = slab.has_been_read(table, events);
            free.extend(read.then_some(slab.start));
            !read
        });
    }

    fn buffer(
        &mut self,
        table: &DriverTable,
        context: u64,
        len: usize,
    ) -> Result<Option<Buffer>, Failure> {
        let large = len > SMALL;
        let list = if large {
            &mut self.large
        } else {
            &mut self.small
        };
        if let Some(start) = list.pop() {
            return Ok(Some(Buffer {
                start,
                large,
                context,
            }));
        }
        let count = &mut self.counts[usize::from(large)];
        if *count >= MOST_BUFFERS {
            return Ok(None);
        }
        if large {
            let start = pinned(table, LARGE)?;
            *count += 1;
            return Ok(Some(Buffer {
                start,
                large,
                context,
            }));
        }
        // Small ones are cut from one allocation: pinning costs by the call.
        let start = pinned(table, LARGE)?;
        let n = LARGE / SMALL;
        *count += n;
        self.small.extend((1..n).map(|i| start + i * SMALL));
        Ok(Some(Buffer {
            start,
            large,
            context,
        }))
    }

    fn give_back(&mut self, buffer: Buffer) {
        let list = if buffer.large {
            &mut self.large
        } else {
            &mut self.small
        };
        list.push(buffer.start);
    }
}

fn pinned(table: &DriverTable, len: usize) -> Result<usize, Failure> {
    let allocate = table
        .cuMemHostAlloc
        .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
    let mut start = std::ptr::null_mut();
    // SAFETY: a local.
    match unsafe { allocate(&raw mut start, len, CU_MEMHOSTALLOC_PORTABLE) } {
        CUresult::CUDA_SUCCESS => Ok(start as usize),
        status => Err(Failure::Status(status)),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::c_void;
    use std::sync::mpsc::{Receiver, channel};

    use pillion_cpu_device::{DeviceOptions, driver_table};
    use pillion_cuda_abi::types::CUstream;

    use super::super::handles::ContextState;
    use super::*;

    const CONTEXT: u64 = 1;

    /// A worker's staging on a CPU device, and streams of its context.
    struct Worker {
        table: DriverTable,
        handles: Handles,
        events: Events,
        staging: Staging,
    }

    impl Worker {
        fn new() -> Worker {
            let table = driver_table(DeviceOptions::default());
            let mut handles = Handles::new(table.clone());
            let mut context = std::ptr::null_mut();
            // SAFETY: CUDA's signatures, with a local.
            let status = unsafe {
                table.cuInit.unwrap()(0);
                table.cuCtxCreate_v2.unwrap()(&raw mut context, 0, 0)
            };
            assert_eq!(status, CUresult::CUDA_SUCCESS);
            let state = ContextState::new(context as u64, 0);
            handles.contexts.insert(CONTEXT, state);
            handles.current = CONTEXT;
            Worker {
                table,
                handles,
                events: Events::default(),
                staging: Staging::default(),
            }
        }

        fn stream(&self) -> Place {
            let mut stream = std::ptr::null_mut();
            // SAFETY: a local.
            let status = unsafe { self.table.cuStreamCreate.unwrap()(&raw mut stream, 1) };
            assert_eq!(status, CUresult::CUDA_SUCCESS);
            Place {
                context: CONTEXT,
                stream: stream as u64,
            }
        }

        fn room(&mut self, len: usize, stream: Place) -> usize {
            let Worker { staging, table, .. } = self;
            let room = staging.room(table, &self.handles, &mut self.events, len, stream);
            room.unwrap()
        }

        fn fence(&mut self) {
            let Worker { staging, table, .. } = self;
            let fenced = staging.fence(table, &self.handles, &mut self.events);
            fenced.unwrap();
        }

        fn wait(&self, stream: Place) {
            // SAFETY: a live stream.
            let status =
                unsafe { self.table.cuStreamSynchronize.unwrap()(stream.stream as CUstream) };
            assert_eq!(status, CUresult::CUDA_SUCCESS);
        }

        /// Holds a stream until something is received.
        fn hold(&self, stream: Place, until: &Receiver<()>) {
            unsafe extern "C" fn wait(until: *mut c_void) {
                // SAFETY: the receiver that it was given below, which lives until it has received.
                let _ = unsafe { &*(until as *const Receiver<()>) }.recv();
            }
            let until = std::ptr::from_ref(until).cast_mut().cast();
            let launch = self.table.cuLaunchHostFunc.unwrap();
            // SAFETY: a live stream, and a function that takes the receiver.
            let status = unsafe { launch(stream.stream as CUstream, Some(wait), until) };
            assert_eq!(status, CUresult::CUDA_SUCCESS);
        }

        fn slabs(&self) -> usize {
            self.staging.contexts[0].1.slabs
        }
    }

    #[test]
    fn bytes_stay_until_their_stream_has_come_by() {
        let mut worker = Worker::new();
        let (held, free) = (worker.stream(), worker.stream());
        let (go, until) = channel();
        worker.hold(held, &until);
        let kept = worker.room(1000, held);
        worker.fence();
        // As many copies in another stream as would fill a slab many times over if each began one, or if events had their own.
        for round in 0..10_000 {
            let len = 1 + round % 100;
            let place = worker.room(len, free);
            assert!(place + len <= kept || kept + 1000 <= place);
            worker.fence();
        }
        assert_eq!(worker.slabs(), 1);
        assert_eq!(
            worker.staging.contexts[0]
                .1
                .current
                .as_ref()
                .unwrap()
                .behind
                .len(),
            2
        );
        go.send(()).unwrap();
        worker.wait(held);
        worker.wait(free);
        // All has been read: the slab begins anew.
        assert_eq!(worker.room(1000, free), kept);
        // Streams that come and go, some of which are held when they go.
        for round in 0..300 {
            let stream = worker.stream();
            if round % 3 == 0 {
                worker.hold(stream, &until);
            }
            worker.room(100, stream);
            worker.fence();
            worker.staging.forget_stream(stream);
            // SAFETY: a live stream.
            unsafe { worker.table.cuStreamDestroy_v2.unwrap()(stream.stream as CUstream) };
        }
        let slabs = worker.slabs();
        assert!(slabs <= 300 / MOST_EVENTS + 2);
        for _ in 0..100 {
            go.send(()).unwrap();
        }
        // SAFETY: no arguments.
        unsafe { worker.table.cuCtxSynchronize.unwrap()() };
        for _ in 0..20 {
            worker.room(SLAB, free);
            worker.fence();
            worker.wait(free);
        }
        assert_eq!(worker.slabs(), slabs);
    }

    #[test]
    fn nothing_of_the_workers_becomes_part_of_a_capture() {
        let mut worker = Worker::new();
        let (captures, other) = (worker.stream(), worker.stream());
        worker.room(100, captures);
        worker.fence();
        let relaxed = pillion_cuda_abi::types::CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_RELAXED;
        let raw = captures.stream as CUstream;
        let (mut mode, mut graph) = (relaxed, std::ptr::null_mut());
        // SAFETY: a live stream and locals.
        unsafe {
            worker.table.cuThreadExchangeStreamCaptureMode.unwrap()(&raw mut mode);
            let begin = worker.table.cuStreamBeginCapture_v2.unwrap();
            assert_eq!(begin(raw, relaxed), CUresult::CUDA_SUCCESS);
        }
        worker.handles.captures = true;
        for _ in 0..100 {
            // A copy that the device refuses, and one elsewhere.
            worker.room(100, captures);
            worker.room(100, other);
            worker.fence();
        }
        let refused = worker
            .events
            .record(&worker.table, &worker.handles, captures);
        assert!(refused.is_err());
        worker.wait(other);
        worker.room(100, other);
        // SAFETY: a live stream and a local.
        let status = unsafe { worker.table.cuStreamEndCapture.unwrap()(raw, &raw mut graph) };
        assert_eq!(status, CUresult::CUDA_SUCCESS);
        assert!(!graph.is_null());
    }
}

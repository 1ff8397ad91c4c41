//! Pinned memory between the wire and the device.
//!
//! Bytes on their way to the device are packed into slabs. A slab is used again only after events behind every copy from it
//! have happened. Bytes on their way back get a buffer of their own, which is free again once they have been sent. Pinned memory
//! dies with the context in which it was pinned, so each context has its own; all of them can use it.

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
    /// Slabs that the device may still read, oldest first.
    busy: VecDeque<(Slab, Vec<CUevent>)>,
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
    streams: Vec<Place>,
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

    /// Ends the current slabs: behind every stream that copies from them goes an event. Also called before a stream dies.
    pub fn retire(
        &mut self,
        table: &DriverTable,
        handles: &Handles,
        events: &mut Events,
    ) -> Result<(), Failure> {
        let mut all = self.contexts.iter_mut();
        all.try_for_each(|(_, pinned)| pinned.retire(table, handles, events))
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

    /// Gives a buffer back.
    pub fn give_back(&mut self, buffer: Buffer) {
        let mut all = self.contexts.iter_mut();
        if let Some((_, pinned)) = all.find(|(of, _)| *of == buffer.context) {
            pinned.give_back(buffer);
        }
    }

    /// A context is about to end that has nothing under way: its memory and its events go with it.
    pub fn leave(&mut self, table: &DriverTable, events: &Events, context: u64) {
        for (of, pinned) in &mut self.contexts {
            for (_, behind) in &mut pinned.busy {
                if *of == context {
                    // Other contexts' streams may read it yet.
                    behind.iter().for_each(|event| events.wait(table, *event));
                }
                behind.retain(|event| events.context(*event) != context);
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
        if self
            .current
            .as_ref()
            .is_none_or(|slab| slab.used + len > SLAB)
        {
            self.retire(table, handles, events)?;
            let start = self.slab(table, events)?;
            self.current = Some(Slab {
                start,
                used: 0,
                streams: Vec::new(),
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

    fn retire(
        &mut self,
        table: &DriverTable,
        handles: &Handles,
        events: &mut Events,
    ) -> Result<(), Failure> {
        let Some(slab) = self.current.take() else {
            return Ok(());
        };
        let mut behind = Vec::new();
        for stream in &slab.streams {
            behind.push(events.record(table, handles, *stream)?);
        }
        self.busy.push_back((slab, behind));
        Ok(())
    }

    fn slab(&mut self, table: &DriverTable, events: &mut Events) -> Result<usize, Failure> {
        self.reclaim(table, events);
        if let Some(start) = self.free.pop() {
            return Ok(start);
        }
        if self.slabs >= MOST_SLABS {
            // The device is behind: the oldest slab is the next to be free.
            if let Some((_, behind)) = self.busy.front() {
                for event in behind {
                    events.wait(table, *event);
                }
            }
            self.reclaim(table, events);
            if let Some(start) = self.free.pop() {
                return Ok(start);
            }
        }
        self.slabs += 1;
        pinned(table, SLAB)
    }

    fn reclaim(&mut self, table: &DriverTable, events: &mut Events) {
        while let Some((_, behind)) = self.busy.front_mut() {
            while let Some(event) = behind.last() {
                if !events.happened(table, *event) {
                    return;
                }
                if let Some(event) = behind.pop() {
                    events.give_back(event);
                }
            }
            if let Some((slab, _)) = self.busy.pop_front() {
                self.free.push(slab.start);
            }
        }
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
            *count += 1;
            return Ok(Some(Buffer {
                start: pinned(table, LARGE)?,
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

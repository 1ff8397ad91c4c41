//! What is waited for: events behind what the device was given, and what is done when they have happened.

use std::time::Instant;

use pillion_cuda_abi::types::{CUevent, CUresult, CUstream};
use pillion_protocol::command::Wait;
use pillion_protocol::handle::Kind;
use pillion_protocol::{Decoder, Reply, Violation};

use super::super::events::Events;
use super::super::forward::Failure;
use super::super::handles::Place;
use super::{Awaited, NOT_SUPPORTED, OK, Session, Waiting, What, check};

impl Session {
    /// Records an event of this worker's own on a stream.
    pub(super) fn record(&mut self, stream: u64) -> Result<CUevent, Failure> {
        let place = self.handles.place(stream);
        self.events.record(&self.table, &self.handles, place)
    }

    pub(super) fn push_wait(&mut self, events: Vec<Awaited>, whole: bool, what: What) {
        let context = self.handles.current;
        let own = |awaited: &Awaited| matches!(awaited, Awaited::Own(_));
        self.waits.push_back(Waiting {
            behind: events.iter().all(own).then_some(self.account.commands),
            events,
            context,
            whole,
            since: Instant::now(),
            what,
        });
    }

    /// Waits for everything issued so far in the current context, and what ends memory for everything in every context: streams
    /// of another device may use it, too.
    pub(super) fn wait_for_context(&mut self, what: What) -> Result<(), Failure> {
        let invalid = Failure::Status(CUresult::CUDA_ERROR_INVALID_CONTEXT);
        let current = self.handles.current;
        let mut others = Vec::new();
        if what.ends_memory() {
            for (context, state) in &self.handles.contexts {
                let streams = state.dirty.iter().filter(|_| *context != current);
                others.extend(streams.map(|stream| Place {
                    context: *context,
                    stream: *stream,
                }));
            }
        }
        let state = self.handles.contexts.get_mut(&current).ok_or(invalid)?;
        // Earlier waits for the whole context come first, so only what was used since needs an event.
        let mut dirty = std::mem::take(&mut state.dirty);
        if !dirty.contains(&0) {
            // Work that this side knows no stream of, such as a memset on the legacy stream.
            dirty.push(0);
        }
        if self.handles.captures {
            // An event on a stream that captures would become part of the graph. What was issued before has one behind it already.
            dirty.retain(|stream| !self.handles.is_capturing(*stream));
            others.retain(|place| !self.handles.is_capturing_at(*place));
        }
        let mut events = Vec::with_capacity(dirty.len() + others.len());
        for stream in dirty {
            events.push(Awaited::Own(self.record(stream)?));
        }
        for place in others {
            let event = self.events.record(&self.table, &self.handles, place)?;
            events.push(Awaited::Own(event));
        }
        self.push_wait(events, true, what);
        Ok(())
    }

    pub(super) fn synchronize(
        &mut self,
        sequence: u64,
        body: &mut Decoder<'_>,
    ) -> Result<(), Failure> {
        let wait = Wait::decode(body)?;
        body.end()?;
        match wait {
            Wait::Context => self.wait_for_context(What::Answer(sequence)),
            Wait::Stream(handle) => {
                let stream = self.stream(handle)?;
                if self.handles.is_capturing(stream) {
                    // The driver refuses at once, and ends the capture.
                    let wait = self.table.cuStreamSynchronize.ok_or(NOT_SUPPORTED)?;
                    // SAFETY: a live stream.
                    check(unsafe { wait(stream as CUstream) })?;
                }
                let event = self.record(stream)?;
                self.push_wait(vec![Awaited::Own(event)], false, What::Answer(sequence));
                Ok(())
            }
            Wait::Event(handle) => {
                let event = self.handles.find(Kind::Event, handle)? as CUevent;
                self.push_wait(vec![Awaited::Program(event)], false, What::Answer(sequence));
                Ok(())
            }
        }
    }

    pub(super) fn query(&mut self, sequence: u64, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let wait = Wait::decode(body)?;
        body.end()?;
        let awaited = match wait {
            Wait::Context => {
                return Err(Violation::OutOfOrder("a context cannot be queried").into());
            }
            Wait::Stream(handle) => {
                let stream = self.stream(handle)?;
                // An event recorded now would not have happened yet even on an idle stream.
                let ask = self.table.cuStreamQuery.ok_or(NOT_SUPPORTED)?;
                // SAFETY: a live stream of the current context.
                match unsafe { ask(stream as CUstream) } {
                    OK => {
                        self.push_wait(Vec::new(), false, What::Answer(sequence));
                        return Ok(());
                    }
                    CUresult::CUDA_ERROR_NOT_READY => {}
                    // An error of the device, or of a stream that captures.
                    status => return Err(Failure::Status(status)),
                }
                Awaited::Own(self.record(stream)?)
            }
            Wait::Event(handle) => {
                Awaited::Program(self.handles.find(Kind::Event, handle)? as CUevent)
            }
        };
        let (Awaited::Own(event) | Awaited::Program(event)) = awaited;
        match Events::query(&self.table, event) {
            CUresult::CUDA_ERROR_NOT_READY => {
                self.answer(sequence, CUresult::CUDA_ERROR_NOT_READY, &[]);
                self.push_wait(vec![awaited], false, What::Completed(sequence));
            }
            // Data of earlier copies goes first, as with every other way to learn of it.
            OK => self.push_wait(vec![awaited], false, What::Answer(sequence)),
            // Asked again the driver may say something else, such as of an event that a capture has recorded.
            status => {
                if let Awaited::Own(event) = awaited {
                    self.events.give_back(event);
                }
                return Err(Failure::Status(status));
            }
        }
        Ok(())
    }

    /// Before a program's event is recorded anew or destroyed: whoever waits for its last record gets an event of the
    /// worker's own on the same stream.
    pub(super) fn detach(&mut self, raw: u64) -> Result<(), Failure> {
        let program = Awaited::Program(raw as CUevent);
        if !self.waits.iter().any(|wait| wait.events.contains(&program)) {
            return Ok(());
        }
        let done = Events::query(&self.table, raw as CUevent) != CUresult::CUDA_ERROR_NOT_READY;
        let stream = self.event_streams.get(&raw).copied();
        for index in 0..self.waits.len() {
            while let Some(at) = self.waits[index]
                .events
                .iter()
                .position(|awaited| *awaited == program)
            {
                match stream {
                    Some(place) if !(done || self.handles.is_capturing_at(place)) => {
                        let own = self.events.record(&self.table, &self.handles, place)?;
                        self.waits[index].events[at] = Awaited::Own(own);
                    }
                    _ => {
                        let wait = &mut self.waits[index];
                        wait.events.swap_remove(at);
                        // The wait that was left when the stream began to capture comes first.
                        wait.whole |= !done;
                    }
                }
            }
        }
        Ok(())
    }

    /// Asks after what is waited for, in the order in which it was issued, and answers what has happened. Answers whether
    /// anything has.
    pub(super) fn poll(&mut self) -> bool {
        let mut any = false;
        let mut index = 0;
        // The contexts in which something earlier that covers everything has not happened.
        let mut held: Vec<u64> = Vec::new();
        while index < self.waits.len() {
            let context = self.waits[index].context;
            let whole = self.waits[index].whole;
            let ends_memory = self.waits[index].what.ends_memory();
            if whole && (held.contains(&context) || ends_memory && !held.is_empty()) {
                index += 1;
                continue;
            }
            match self.happened(index) {
                None => {
                    if whole {
                        held.push(context);
                    }
                    index += 1;
                }
                Some(status) => {
                    any = true;
                    // What this covers may have happened since it was asked after. Its data goes first: before what
                    // says that it is there, and before later data for the same place.
                    index -= self.push_data_before(index);
                    if let Some(wait) = self.waits.remove(index) {
                        self.settle(wait, status);
                    }
                }
            }
        }
        any
    }

    /// Whether everything that the wait at `index` waits for has happened, and how.
    fn happened(&mut self, index: usize) -> Option<CUresult> {
        let mut result = OK;
        let wait = &mut self.waits[index];
        while let Some(awaited) = wait.events.last().copied() {
            let (Awaited::Own(event) | Awaited::Program(event)) = awaited;
            match Events::query(&self.table, event) {
                CUresult::CUDA_ERROR_NOT_READY => return None,
                status => {
                    if status != OK {
                        result = status;
                    }
                    if (self.prints || self.pools)
                        && matches!(wait.what, What::Answer(_) | What::Data { last: true, .. })
                        && let Some(flush) = self.table.cuEventSynchronize
                    {
                        // It has happened, so this returns at once; it makes the driver write what the device printed, and count
                        // what streams have freed as free.
                        // SAFETY: a live event.
                        let _ = unsafe { flush(event) };
                    }
                    if result != OK {
                        return Some(result);
                    }
                    wait.events.pop();
                    if let Awaited::Own(event) = awaited {
                        self.events.give_back(event);
                    }
                }
            }
        }
        Some(result)
    }

    /// Sends the data of copies before `index` that has arrived. Answers how many waits it ended.
    pub(super) fn push_data_before(&mut self, index: usize) -> usize {
        let mut ended = 0;
        let mut at = 0;
        while at < index - ended {
            if matches!(
                self.waits[at].what,
                What::Data { .. } | What::HostData { .. }
            ) && let Some(status) = self.happened(at)
                && let Some(wait) = self.waits.remove(at)
            {
                self.settle(wait, status);
                ended += 1;
            } else {
                at += 1;
            }
        }
        ended
    }

    fn settle(&mut self, wait: Waiting, status: CUresult) {
        self.count_wait(&wait, status);
        match wait.what {
            What::Answer(sequence) => {
                self.push_printed(status);
                self.answer(sequence, status, &[]);
            }
            What::Completed(sequence) => {
                self.push_printed(status);
                self.push(sequence, |own, out| {
                    Reply::Completed { status }.encode(own, sequence, out)
                });
            }
            What::Data {
                sequence,
                buffer,
                len,
                offset,
                last,
                packs,
            } => {
                if status == OK {
                    self.push_data(sequence, offset, buffer, len, packs);
                } else {
                    self.staging.give_back(buffer);
                }
                if last {
                    self.push_printed(status);
                    self.answer(sequence, status, &[]);
                }
            }
            What::HostData {
                sequence,
                place,
                len,
            } => {
                // Its pages go after everything that was issued before; those of another context may have gone.
                if status == OK && self.host.is_there(place, len) {
                    self.push_host(sequence, place as *const u8, len);
                }
                self.answer(sequence, status, &[]);
            }
            What::Free(address) => {
                if self.has_calls() {
                    self.held.push((wait.context, What::Free(address)));
                    return;
                }
                if let Some(free) = self.table.cuMemFree_v2 {
                    self.in_context(wait.context, |_| {
                        // SAFETY: an address that cuMemAlloc gave this session and nothing issued uses any more.
                        let _ = unsafe { free(address) };
                    });
                }
                self.grants.remove(&address);
                self.unshare(address);
                if let Some((len, _)) = self.allocations.remove(&address) {
                    self.account.release(len);
                }
            }
            What::Quiet(sequence) => self.answer(sequence, status, &[]),
            What::HostUnmap(_) if self.has_calls() => {
                self.held.push((wait.context, wait.what));
            }
            What::HostUnmap(map) => self.host.release(&self.table, map),
            What::GraphDone => self.awaited_graphs -= 1,
            What::Nothing => {}
        }
    }

    /// Frees what was held back.
    pub(super) fn let_go(&mut self) {
        for (context, what) in std::mem::take(&mut self.held) {
            let wait = Waiting {
                events: Vec::new(),
                context,
                whole: false,
                since: Instant::now(),
                behind: None,
                what,
            };
            self.settle(wait, OK);
        }
    }
}

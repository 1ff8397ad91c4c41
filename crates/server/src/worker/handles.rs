//! What the session's handles name on the device, and what is to be known of its contexts and streams.

use std::collections::{HashMap, HashSet};

use pillion_cuda_abi::types::{
    CUDA_MEMCPY3D_PEER, CUDA_RESOURCE_DESC, CUarray, CUcontext, CUdevice, CUevent, CUmemorytype,
    CUmipmappedArray, CUresourcetype, CUstream, CUstreamCaptureStatus,
};
use pillion_cuda_abi::{CUresult, DriverTable};
use pillion_protocol::handle::{BY_SERVER, Kind, LEGACY_STREAM, Namer, PER_THREAD_STREAM, Table};
use pillion_protocol::numbers::Numbers;

use super::forward::Failure;

/// One object of the device.
#[derive(Debug, Clone, Copy)]
struct Object {
    /// What the driver calls it.
    raw: u64,
    /// The context that it dies with (a handle; 0 for none).
    context: u64,
    /// The graph that a node belongs to, as the driver calls it.
    graph: u64,
    /// How often the program has retained it besides.
    retained: u32,
}

/// The handles of a session.
pub struct Handles {
    tables: Vec<Table<Object>>,
    /// Objects that this side has named, and the names that are free.
    own: Vec<(Table<Object>, Namer)>,
    /// The handle of each object, by what the driver calls it.
    names: HashMap<(Kind, u64), u64>,
    /// Objects that kernels are given by the device's own number, such as textures.
    real: HashSet<(Kind, u64)>,
    /// The graph that the command looked up first: a node that comes to light belongs to it.
    graph: u64,
    driver: DriverTable,
    /// The contexts that live, by handle.
    pub contexts: Numbers<ContextState>,
    /// The context that is current.
    pub current: u64,
    /// The contexts of streams and events, by what the driver calls them.
    places: HashMap<(Kind, u64), u64>,
    /// The last synchronous copies.
    copies: Vec<Copied>,
    /// The client's thread whose command is being executed.
    thread: u32,
    /// Some stream may be capturing.
    pub captures: bool,
    /// Something may have been issued to a stream since this was last taken.
    pub issued: bool,
}

/// A stream as the driver calls it, and its context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The context's handle.
    pub context: u64,
    /// The stream.
    pub stream: u64,
}

/// The last synchronous copy in a context's streams.
struct Copied {
    by: Place,
    /// Recorded behind it.
    event: CUevent,
    number: u64,
}

/// A context's streams.
#[derive(Debug, Default)]
pub struct ContextState {
    /// What the driver calls the context.
    pub raw: u64,
    /// Its device.
    pub device: CUdevice,
    /// Streams with work since the last wait for the whole context.
    pub dirty: Vec<u64>,
    /// Per-thread default streams, by thread.
    thread_streams: HashMap<u32, u64>,
    /// By stream and context, the number of the last synchronous copy in that context that the stream is ordered behind.
    behind: HashMap<(u64, u64), u64>,
}

impl ContextState {
    /// A context that has just begun.
    pub fn new(raw: u64, device: CUdevice) -> Self {
        ContextState {
            raw,
            device,
            ..Self::default()
        }
    }
}

impl Handles {
    /// Nothing yet.
    pub fn new(driver: DriverTable) -> Self {
        Handles {
            tables: Kind::ALL.iter().map(|kind| Table::new(*kind)).collect(),
            own: Kind::ALL
                .iter()
                .map(|kind| (Table::new(*kind), Namer::new(*kind)))
                .collect(),
            names: HashMap::new(),
            real: HashSet::new(),
            graph: 0,
            driver,
            contexts: Numbers::default(),
            current: 0,
            places: HashMap::new(),
            copies: Vec::new(),
            thread: 0,
            captures: false,
            issued: false,
        }
    }

    /// A command begins, of this thread of the client's.
    pub fn set_thread(&mut self, thread: u32) {
        self.thread = thread;
        self.graph = 0;
    }

    /// What the driver calls the object. A stream is noted as used, and ordered behind the last synchronous copy.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_INVALID_HANDLE`, or for a context `CUDA_ERROR_INVALID_CONTEXT`.
    #[inline]
    pub fn find(&mut self, kind: Kind, handle: u64) -> Result<u64, Failure> {
        if kind == Kind::Stream {
            return self.stream(handle);
        }
        match self.object(kind, handle) {
            Some(object) => {
                let raw = object.raw;
                if kind == Kind::Graph && self.graph == 0 {
                    self.graph = raw;
                }
                Ok(raw)
            }
            None if kind == Kind::Context => {
                Err(Failure::Status(CUresult::CUDA_ERROR_INVALID_CONTEXT))
            }
            None => Err(Failure::Status(CUresult::CUDA_ERROR_INVALID_HANDLE)),
        }
    }

    fn object(&self, kind: Kind, handle: u64) -> Option<&Object> {
        if handle & BY_SERVER == 0 {
            self.tables[kind as usize - 1].find(handle)
        } else {
            self.own[kind as usize - 1].0.find(handle & !BY_SERVER)
        }
    }

    fn object_mut(&mut self, kind: Kind, handle: u64) -> Option<&mut Object> {
        if handle & BY_SERVER == 0 {
            self.tables[kind as usize - 1].find_mut(handle)
        } else {
            self.own[kind as usize - 1].0.find_mut(handle & !BY_SERVER)
        }
    }

    /// The handle of an object of the device: the one it has, or a new one of this side's. An allocation is retained by being
    /// asked for.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_OUT_OF_MEMORY` where there are too many.
    pub fn name(&mut self, kind: Kind, raw: u64) -> Result<u64, Failure> {
        if raw == 0 {
            return Ok(0);
        }
        if let Some(handle) = self.names.get(&(kind, raw)).copied() {
            if kind == Kind::Allocation
                && let Some(object) = self.object_mut(kind, handle)
            {
                object.retained += 1;
            }
            return Ok(handle);
        }
        let object = Object {
            raw,
            context: self.owner(kind),
            graph: if kind == Kind::GraphNode {
                self.graph
            } else {
                0
            },
            retained: 0,
        };
        let (table, namer) = &mut self.own[kind as usize - 1];
        let name = namer
            .name()
            .ok_or(Failure::Status(CUresult::CUDA_ERROR_OUT_OF_MEMORY))?;
        table.bind(name, object);
        let handle = name | BY_SERVER;
        self.names.insert((kind, raw), handle);
        Ok(handle)
    }

    /// The handle of an object of the device, where it has one.
    pub fn name_of(&self, kind: Kind, raw: u64) -> Option<u64> {
        self.names.get(&(kind, raw)).copied()
    }

    /// Gives an object that has a handle another name on the device, which leads to it.
    pub fn alias(&mut self, kind: Kind, raw: u64, handle: u64) {
        self.names.insert((kind, raw), handle);
    }

    /// Enters an object that the client knows by the device's own number.
    pub fn admit(&mut self, kind: Kind, raw: u64) {
        self.real.insert((kind, raw));
    }

    /// The device's own number, checked to be one that the client was given.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_INVALID_VALUE`, as the driver answers to an unknown texture.
    pub fn real(&self, kind: Kind, raw: u64) -> Result<u64, Failure> {
        match self.real.contains(&(kind, raw)) {
            true => Ok(raw),
            false => Err(Failure::Status(CUresult::CUDA_ERROR_INVALID_VALUE)),
        }
    }

    /// Forgets an object that the client knows by the device's own number.
    pub fn dismiss(&mut self, kind: Kind, raw: u64) {
        self.real.remove(&(kind, raw));
    }

    /// Whether a stream of the current context is being captured.
    pub fn is_capturing(&self, raw: u64) -> bool {
        let Some(ask) = self.driver.cuStreamIsCapturing.filter(|_| self.captures) else {
            return false;
        };
        let mut status = CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_NONE;
        // SAFETY: a live stream, and a local.
        let answer = unsafe { ask(raw as CUstream, &raw mut status) };
        // The legacy stream cannot be asked while a stream that it waits for is captured.
        answer == CUresult::CUDA_ERROR_STREAM_CAPTURE_IMPLICIT
            || (answer == CUresult::CUDA_SUCCESS
                && status != CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_NONE)
    }

    /// The same of a stream of any context.
    pub fn is_capturing_at(&self, place: Place) -> bool {
        let ask = || Ok(self.is_capturing(place.stream));
        self.captures && matches!(self.within(place.context, ask), Ok(true))
    }

    /// The stream as the driver calls it, with its context: that of its birth, or for default streams the current one.
    pub fn place(&self, stream: u64) -> Place {
        let known = match self.contexts.len() {
            0 | 1 => None,
            _ => self.places.get(&(Kind::Stream, stream)),
        };
        Place {
            context: known.copied().filter(|of| *of != 0).unwrap_or(self.current),
            stream,
        }
    }

    /// The context of an event that the program has made.
    pub fn context_of_event(&self, raw: u64) -> Option<u64> {
        self.places.get(&(Kind::Event, raw)).copied()
    }

    /// Does something with a context current.
    ///
    /// # Errors
    ///
    /// What it answers, and `CUDA_ERROR_INVALID_CONTEXT` where there is no such context.
    pub fn within<T>(
        &self,
        context: u64,
        work: impl FnOnce() -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        if context == self.current {
            return work();
        }
        let raw = |context| self.contexts.get(&context).map(|state| state.raw);
        let theirs = raw(context).ok_or(Failure::Status(CUresult::CUDA_ERROR_INVALID_CONTEXT))?;
        let set = |raw: u64| match self.driver.cuCtxSetCurrent {
            // SAFETY: a live context of this session, or null.
            Some(set) => match unsafe { set(raw as CUcontext) } {
                CUresult::CUDA_SUCCESS => Ok(()),
                status => Err(Failure::Status(status)),
            },
            None => Err(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED)),
        };
        set(theirs)?;
        let outcome = work();
        set(raw(self.current).unwrap_or(0))?;
        outcome
    }

    /// Everything in every stream comes later than a copy that the program called synchronously and that `by` was just given.
    ///
    /// # Errors
    ///
    /// The driver's.
    pub fn copied(
        &mut self,
        by: Place,
        record: impl FnOnce(&Self) -> Result<CUevent, Failure>,
    ) -> Result<(), Failure> {
        let known = self.copies.iter().position(|c| c.by.context == by.context);
        let Some(known) = known else {
            let event = record(self)?;
            let number = 1;
            self.copies.push(Copied { by, event, number });
            return Ok(());
        };
        let event = self.copies[known].event;
        let missing = Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED);
        let record = self.driver.cuEventRecord.ok_or(missing)?;
        // A wait that a stream already has keeps the older record that it was given.
        self.within(by.context, || {
            // SAFETY: a live event and stream of one context.
            match unsafe { record(event, by.stream as CUstream) } {
                CUresult::CUDA_SUCCESS => Ok(()),
                status => Err(Failure::Status(status)),
            }
        })?;
        let copied = &mut self.copies[known];
        copied.by = by;
        copied.number += 1;
        Ok(())
    }

    fn stream(&mut self, handle: u64) -> Result<u64, Failure> {
        let (raw, context) = match handle {
            LEGACY_STREAM => (0, self.current),
            PER_THREAD_STREAM => (self.thread_stream()?, self.current),
            _ => match self.tables[Kind::Stream as usize - 1].find(handle) {
                // One that was made without a context, in a green one, is as of the current.
                Some(object) if object.context == 0 => (object.raw, self.current),
                Some(object) => (object.raw, object.context),
                None => return Err(Failure::Status(CUresult::CUDA_ERROR_INVALID_HANDLE)),
            },
        };
        if self.is_capturing(raw) {
            // What is issued now happens when the graph is launched; an order with anything else would become part of it.
            return Ok(raw);
        }
        let Some(state) = self.contexts.get_mut(&context) else {
            return Err(Failure::Status(CUresult::CUDA_ERROR_INVALID_CONTEXT));
        };
        self.issued = true;
        if !state.dirty.contains(&raw) {
            state.dirty.push(raw);
        }
        let own = Place {
            context,
            stream: raw,
        };
        for copied in &self.copies {
            let of = (raw, copied.by.context);
            if copied.by == own || state.behind.get(&of) == Some(&copied.number) {
                continue;
            }
            let wait = self
                .driver
                .cuStreamWaitEvent
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: a live stream, of the current context if it is a default one, and a live event of any context.
            match unsafe { wait(raw as CUstream, copied.event, 0) } {
                CUresult::CUDA_SUCCESS => state.behind.insert(of, copied.number),
                status => return Err(Failure::Status(status)),
            };
        }
        Ok(raw)
    }

    /// The stream that stands for the default stream of the client's thread.
    fn thread_stream(&mut self) -> Result<u64, Failure> {
        let Some(state) = self.contexts.get_mut(&self.current) else {
            return Err(Failure::Status(CUresult::CUDA_ERROR_INVALID_CONTEXT));
        };
        if let Some(raw) = state.thread_streams.get(&self.thread) {
            return Ok(*raw);
        }
        let create = self
            .driver
            .cuStreamCreate
            .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
        let mut stream = std::ptr::null_mut();
        // Flags 0: a thread's default stream synchronises with the legacy one, as CUDA's does.
        // SAFETY: a local.
        match unsafe { create(&raw mut stream, 0) } {
            CUresult::CUDA_SUCCESS => {}
            status => return Err(Failure::Status(status)),
        }
        state.thread_streams.insert(self.thread, stream as u64);
        self.places
            .insert((Kind::Stream, stream as u64), self.current);
        Ok(stream as u64)
    }

    /// Forgets a stream that the driver is about to destroy.
    pub fn drop_stream(&mut self, raw: u64) {
        let context = self.place(raw).context;
        if let Some(state) = self.contexts.get_mut(&context) {
            state.dirty.retain(|stream| *stream != raw);
            state.behind.retain(|(stream, _), _| *stream != raw);
        }
        self.places.remove(&(Kind::Stream, raw));
    }

    /// Checks that a new handle can be bound.
    ///
    /// # Errors
    ///
    /// A violation: clients name their objects themselves, and know which names are free.
    pub fn vacant(&self, kind: Kind, handle: u64) -> Result<(), Failure> {
        Ok(self.tables[kind as usize - 1].vacant(handle)?)
    }

    /// The context that takes an object of this kind with it.
    fn owner(&self, kind: Kind) -> u64 {
        // Libraries, pools, graphs and memory that is not mapped belong to no context.
        match kind {
            Kind::Context
            | Kind::Library
            | Kind::MemoryPool
            | Kind::Allocation
            | Kind::Graph
            | Kind::GraphNode
            | Kind::GraphExec
            | Kind::UserObject
            | Kind::GreenContext
            | Kind::ResourceDescription => 0,
            _ => self.current,
        }
    }

    /// Binds a new handle.
    pub fn bind(&mut self, kind: Kind, handle: u64, raw: u64) {
        self.bind_to(kind, handle, raw, self.owner(kind));
    }

    /// As [`Handles::bind`], for an object that no context takes with it.
    pub fn bind_free(&mut self, kind: Kind, handle: u64, raw: u64) {
        self.bind_to(kind, handle, raw, 0);
    }

    fn bind_to(&mut self, kind: Kind, handle: u64, raw: u64, context: u64) {
        let object = Object {
            raw,
            context,
            graph: 0,
            retained: 0,
        };
        self.tables[kind as usize - 1].bind(handle, object);
        if matches!(kind, Kind::Stream | Kind::Event) {
            self.places.insert((kind, raw), context);
        }
        if kind != Kind::Stream {
            self.names.insert((kind, raw), handle);
        }
    }

    /// Forgets a handle.
    pub fn forget(&mut self, kind: Kind, handle: u64) {
        if let Some(object) = self.object_mut(kind, handle)
            && object.retained > 0
        {
            object.retained -= 1;
            return;
        }
        let gone = if handle & BY_SERVER == 0 {
            self.tables[kind as usize - 1].forget(handle)
        } else {
            let (table, namer) = &mut self.own[kind as usize - 1];
            namer.give_back(handle & !BY_SERVER);
            table.forget(handle & !BY_SERVER)
        };
        let Some(object) = gone else { return };
        if kind == Kind::Event {
            self.places.remove(&(kind, object.raw));
        }
        if self.names.get(&(kind, object.raw)) == Some(&handle) {
            self.names.remove(&(kind, object.raw));
        }
        if kind == Kind::Graph {
            self.forget_own(Kind::GraphNode, |node| node.graph == object.raw);
        }
    }

    /// Forgets objects that this side has named.
    fn forget_own(&mut self, kind: Kind, which: impl Fn(&Object) -> bool) {
        let dead: Vec<u64> = self.own[kind as usize - 1]
            .0
            .iter()
            .filter(|(_, object)| which(object))
            .map(|(handle, _)| handle | BY_SERVER)
            .collect();
        for handle in dead {
            self.forget(kind, handle);
        }
    }

    /// Whether a handle is bound.
    pub fn is_bound(&self, kind: Kind, handle: u64) -> bool {
        self.tables[kind as usize - 1].find(handle).is_some()
    }

    /// How many objects have handles.
    pub fn count(&self) -> usize {
        let named = self.own.iter().map(|(table, _)| table.len());
        named.chain(self.tables.iter().map(Table::len)).sum()
    }

    /// Forgets everything that lived in a context.
    pub fn forget_context(&mut self, context: u64) {
        self.copies.retain(|copied| copied.by.context != context);
        self.places.retain(|_, of| *of != context);
        for state in self.contexts.values_mut() {
            state.behind.retain(|(_, of), _| *of != context);
        }
        for kind in Kind::ALL {
            let dead: Vec<u64> = self.tables[kind as usize - 1]
                .iter()
                .filter(|(_, object)| object.context == context)
                .map(|(handle, _)| handle)
                .collect();
            for handle in dead {
                self.forget(kind, handle);
            }
            self.forget_own(kind, |object| object.context == context);
        }
    }
}

/// A struct with handles in it.
pub trait Translate {
    /// Puts what the driver calls them in the place of the client's handles.
    ///
    /// # Errors
    ///
    /// Where a handle is unknown.
    fn enter(&mut self, handles: &mut Handles) -> Result<(), Failure>;
    /// The way back; what has no handle becomes null.
    fn leave(&mut self, handles: &Handles);
}

impl Translate for CUDA_RESOURCE_DESC {
    fn enter(&mut self, handles: &mut Handles) -> Result<(), Failure> {
        match self.resType {
            CUresourcetype::CU_RESOURCE_TYPE_ARRAY => {
                // SAFETY: the type says which member is set; any bits are a value of it.
                let array = unsafe { self.res.array.hArray } as u64;
                self.res.array.hArray = handles.find(Kind::Array, array)? as CUarray;
            }
            CUresourcetype::CU_RESOURCE_TYPE_MIPMAPPED_ARRAY => {
                // SAFETY: as above.
                let array = unsafe { self.res.mipmap.hMipmappedArray } as u64;
                self.res.mipmap.hMipmappedArray =
                    handles.find(Kind::MipmappedArray, array)? as CUmipmappedArray;
            }
            _ => {}
        }
        Ok(())
    }

    fn leave(&mut self, handles: &Handles) {
        match self.resType {
            CUresourcetype::CU_RESOURCE_TYPE_ARRAY => {
                // SAFETY: as in `enter`.
                let array = unsafe { self.res.array.hArray } as u64;
                let handle = handles.name_of(Kind::Array, array).unwrap_or(0);
                self.res.array.hArray = handle as CUarray;
            }
            CUresourcetype::CU_RESOURCE_TYPE_MIPMAPPED_ARRAY => {
                // SAFETY: as in `enter`.
                let array = unsafe { self.res.mipmap.hMipmappedArray } as u64;
                let handle = handles.name_of(Kind::MipmappedArray, array).unwrap_or(0);
                self.res.mipmap.hMipmappedArray = handle as CUmipmappedArray;
            }
            _ => {}
        }
    }
}

impl Translate for CUDA_MEMCPY3D_PEER {
    fn enter(&mut self, handles: &mut Handles) -> Result<(), Failure> {
        for (kind, array, context) in [
            (self.srcMemoryType, &mut self.srcArray, &mut self.srcContext),
            (self.dstMemoryType, &mut self.dstArray, &mut self.dstContext),
        ] {
            *context = handles.find(Kind::Context, *context as u64)? as CUcontext;
            match kind {
                CUmemorytype::CU_MEMORYTYPE_ARRAY => {
                    *array = handles.find(Kind::Array, *array as u64)? as CUarray;
                }
                CUmemorytype::CU_MEMORYTYPE_HOST => {
                    // Host sides are not sent by this way: their addresses are the client's.
                    return Err(Failure::Status(CUresult::CUDA_ERROR_INVALID_VALUE));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn leave(&mut self, _: &Handles) {}
}

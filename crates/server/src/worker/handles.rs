//! What the session's handles name on the device, and what is to be known of its contexts and streams.

use std::collections::HashMap;

use pillion_cuda_abi::types::{CUdevice, CUevent, CUstream};
use pillion_cuda_abi::{CUresult, DriverTable};
use pillion_protocol::handle::{Kind, LEGACY_STREAM, PER_THREAD_STREAM, Table};

use super::forward::Failure;

/// One object of the device.
#[derive(Debug, Clone, Copy)]
struct Object {
    /// What the driver calls it.
    raw: u64,
    /// The context that it dies with (a handle; 0 for none).
    context: u64,
}

/// The handles of a session.
pub struct Handles {
    tables: Vec<Table<Object>>,
    driver: DriverTable,
    /// The contexts that live, by handle.
    pub contexts: HashMap<u64, ContextState>,
    /// The context that is current.
    pub current: u64,
    /// The client's thread whose command is being executed.
    thread: u32,
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
    /// Behind the last synchronous copy, and its number.
    pub copied: Option<(CUevent, u64)>,
    /// The number of the last synchronous copy that a stream is ordered behind.
    behind: HashMap<u64, u64>,
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
            driver,
            contexts: HashMap::new(),
            current: 0,
            thread: 0,
        }
    }

    /// Says whose command comes next.
    pub fn set_thread(&mut self, thread: u32) {
        self.thread = thread;
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
        match self.tables[kind as usize - 1].find(handle) {
            Some(object) => Ok(object.raw),
            None if kind == Kind::Context => {
                Err(Failure::Status(CUresult::CUDA_ERROR_INVALID_CONTEXT))
            }
            None => Err(Failure::Status(CUresult::CUDA_ERROR_INVALID_HANDLE)),
        }
    }

    fn stream(&mut self, handle: u64) -> Result<u64, Failure> {
        let raw = match handle {
            LEGACY_STREAM => 0,
            PER_THREAD_STREAM => self.thread_stream()?,
            _ => match self.tables[Kind::Stream as usize - 1].find(handle) {
                Some(object) => object.raw,
                None => return Err(Failure::Status(CUresult::CUDA_ERROR_INVALID_HANDLE)),
            },
        };
        let Some(state) = self.contexts.get_mut(&self.current) else {
            return Err(Failure::Status(CUresult::CUDA_ERROR_INVALID_CONTEXT));
        };
        if !state.dirty.contains(&raw) {
            state.dirty.push(raw);
        }
        // The legacy stream made the copy.
        if raw != 0
            && let Some((event, number)) = state.copied
            && state.behind.get(&raw) != Some(&number)
        {
            let wait = self
                .driver
                .cuStreamWaitEvent
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;
            // SAFETY: a live stream and event of the current context.
            match unsafe { wait(raw as CUstream, event, 0) } {
                CUresult::CUDA_SUCCESS => state.behind.insert(raw, number),
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
        Ok(stream as u64)
    }

    /// Forgets a stream that the driver is about to destroy.
    pub fn drop_stream(&mut self, raw: u64) {
        if let Some(state) = self.contexts.get_mut(&self.current) {
            state.dirty.retain(|stream| *stream != raw);
            state.behind.remove(&raw);
        }
    }

    /// Checks that a new handle can be bound.
    ///
    /// # Errors
    ///
    /// A violation: clients name their objects themselves, and know which names are free.
    pub fn vacant(&self, kind: Kind, handle: u64) -> Result<(), Failure> {
        Ok(self.tables[kind as usize - 1].vacant(handle)?)
    }

    /// Binds a new handle.
    pub fn bind(&mut self, kind: Kind, handle: u64, raw: u64) {
        // Libraries, pools and memory that is not mapped belong to no context.
        let context = match kind {
            Kind::Context | Kind::Library | Kind::MemoryPool | Kind::Allocation => 0,
            _ => self.current,
        };
        self.tables[kind as usize - 1].bind(handle, Object { raw, context });
    }

    /// As [`Handles::bind`], for an object that no context takes with it.
    pub fn bind_free(&mut self, kind: Kind, handle: u64, raw: u64) {
        self.tables[kind as usize - 1].bind(handle, Object { raw, context: 0 });
    }

    /// Forgets a handle.
    pub fn forget(&mut self, kind: Kind, handle: u64) {
        self.tables[kind as usize - 1].forget(handle);
    }

    /// Whether a handle is bound.
    pub fn is_bound(&self, kind: Kind, handle: u64) -> bool {
        self.tables[kind as usize - 1].find(handle).is_some()
    }

    /// Forgets everything that lived in a context.
    pub fn forget_context(&mut self, context: u64) {
        for table in &mut self.tables {
            let dead: Vec<u64> = table
                .iter()
                .filter(|(_, object)| object.context == context)
                .map(|(handle, _)| handle)
                .collect();
            for handle in dead {
                table.forget(handle);
            }
        }
    }
}

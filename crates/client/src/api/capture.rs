//! Capture: streams whose commands become a graph.
//!
//! The server captures on the device's own stream. Here is known which captures are under way, so that nothing is asked while
//! there is none, and which threads may do what meanwhile: CUDA's rules for threads are about the program's threads.

use core::ffi::c_uint;
use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::{
    CUgraph, CUgraphEdgeData, CUgraphNode, CUstream, CUstreamCaptureMode, CUstreamCaptureStatus,
    cuuint64_t,
};
use pillion_protocol::command::{Wait, cuda};
use pillion_protocol::graph::Dependencies;
use pillion_protocol::handle::{Kind, PER_THREAD_STREAM};
use pillion_protocol::{Encoder, Interface};

use super::graph::GraphMemory;
use super::{context, stream};
use crate::entry::{Result, out};
use crate::forward::Fresh;
use crate::session::Session;
use crate::{link, remote, thread};

/// The captures of a session.
#[derive(Default)]
pub struct Captures {
    open: AtomicUsize,
    list: Mutex<Vec<Capture>>,
}

/// A capture that has begun.
struct Capture {
    /// The stream that it began in.
    stream: u64,
    /// The thread that began it.
    owner: u32,
    mode: u32,
    /// CUDA's number for it.
    id: u64,
    memory: Arc<GraphMemory>,
}

const RELAXED: u32 = CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_RELAXED.0;
const GLOBAL: u32 = CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_GLOBAL.0;

impl Captures {
    /// Whether some stream captures.
    #[inline]
    pub fn any(&self) -> bool {
        // Relaxed: a thread that issues to a stream which another thread has begun to capture has synchronised with that.
        self.open.load(Ordering::Relaxed) > 0
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Capture>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream as captures know it: a thread's default stream is another in each thread.
fn same(capture: &Capture, stream: u64) -> bool {
    capture.stream == stream && (stream != PER_THREAD_STREAM || capture.owner == thread::index())
}

/// What the server knows of a stream's capture.
struct Info {
    status: CUstreamCaptureStatus,
    id: u64,
    graph: u64,
    dependencies: Dependencies,
}

fn ask(session: &Session, stream: u64) -> Result<Info> {
    let answer = session
        .link
        .call(Interface::Cuda, cuda::CAPTURE_INFO, |body| {
            Encoder::new(body).scalar(stream);
            Ok(())
        })?;
    read(&answer).map_err(|_| CUresult::CUDA_ERROR_UNKNOWN)
}

fn read(answer: &link::Answer) -> core::result::Result<Info, pillion_protocol::Violation> {
    let mut decoder = answer.decoder();
    let status: CUstreamCaptureStatus = decoder.scalar()?;
    let mut info = Info {
        status,
        id: 0,
        graph: 0,
        dependencies: Dependencies::default(),
    };
    info.id = decoder.scalar()?;
    if status == CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_ACTIVE {
        info.graph = decoder.scalar()?;
        info.dependencies = Dependencies::decode(&mut decoder)?;
    }
    Ok(info)
}

/// The host memory of the capture that `stream` is part of, if it is of one.
///
/// # Errors
///
/// CUDA's, such as `CUDA_ERROR_STREAM_CAPTURE_IMPLICIT` for the legacy stream.
#[inline]
pub fn of(session: &Session, stream: u64) -> Result<Option<Arc<GraphMemory>>> {
    if !session.captures.any() {
        return Ok(None);
    }
    find(session, stream)
}

#[cold]
fn find(session: &Session, stream: u64) -> Result<Option<Arc<GraphMemory>>> {
    let info = ask(session, stream)?;
    if info.status != CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_ACTIVE {
        return Ok(None);
    }
    let list = session.captures.lock();
    Ok(list
        .iter()
        .find(|capture| capture.id == info.id)
        .map(|capture| capture.memory.clone()))
}

/// Refuses a call that CUDA calls potentially unsafe where a capture forbids it to this thread, and invalidates that capture
/// (`cuThreadExchangeStreamCaptureMode`).
///
/// # Errors
///
/// `CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED`.
#[inline]
pub fn permit(session: &Session) -> Result<()> {
    if !session.captures.any() {
        return Ok(());
    }
    forbid(session)
}

#[cold]
fn forbid(session: &Session) -> Result<()> {
    let (own, mode) = (thread::index(), thread::capture_mode().0);
    let broken: Vec<u64> = session
        .captures
        .lock()
        .iter()
        .filter(|capture| {
            if capture.owner == own {
                capture.mode != RELAXED && mode != RELAXED
            } else {
                capture.mode == GLOBAL && mode == GLOBAL
            }
        })
        .map(|capture| capture.stream)
        .collect();
    if broken.is_empty() {
        return Ok(());
    }
    for stream in broken {
        // Synchronising a stream that captures fails, and ends its capture.
        let _ = crate::forward::wait_for(session, Wait::Stream(stream));
    }
    Err(CUresult::CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED)
}

unsafe fn begin(
    on: CUstream,
    mode: CUstreamCaptureMode,
    graph: u64,
    dependencies: Option<Dependencies>,
) -> Result<()> {
    let session = Session::current()?;
    context::current()?;
    let stream = stream::check(on as u64)?;
    if mode.0 > RELAXED {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    session
        .link
        .call(Interface::Cuda, cuda::BEGIN_CAPTURE, |body| {
            let mut body = Encoder::new(body);
            body.scalar(stream);
            body.scalar(mode.0);
            body.scalar(graph);
            if let Some(dependencies) = &dependencies {
                dependencies.encode(&mut body);
            }
            Ok(())
        })?;
    let id = ask(session, stream)?.id;
    let memory = match graph {
        0 => Arc::default(),
        graph => session.graphs.memory(graph),
    };
    session.captures.lock().push(Capture {
        stream,
        owner: thread::index(),
        mode: mode.0,
        id,
        memory,
    });
    session.captures.open.fetch_add(1, Ordering::SeqCst);
    Ok(())
}

/// `cuStreamBeginCapture`
pub unsafe fn cuStreamBeginCapture(on: CUstream) -> Result<()> {
    // SAFETY: no pointers.
    unsafe {
        begin(
            on,
            CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_GLOBAL,
            0,
            None,
        )
    }
}

/// `cuStreamBeginCapture_v2`
pub unsafe fn cuStreamBeginCapture_v2(on: CUstream, mode: CUstreamCaptureMode) -> Result<()> {
    // SAFETY: no pointers.
    unsafe { begin(on, mode, 0, None) }
}

/// `cuStreamBeginCaptureToGraph`
pub unsafe fn cuStreamBeginCaptureToGraph(
    on: CUstream,
    graph: CUgraph,
    nodes: *const CUgraphNode,
    edges: *const CUgraphEdgeData,
    count: usize,
    mode: CUstreamCaptureMode,
) -> Result<()> {
    let graph = crate::forward::checked(Kind::Graph, graph as u64)?;
    // SAFETY: CUDA's contract for the arguments.
    let dependencies = unsafe { super::graph::dependencies(nodes, edges, count)? };
    // SAFETY: the caller's contract is the same.
    unsafe { begin(on, mode, graph, Some(dependencies)) }
}

/// `cuStreamEndCapture`
pub unsafe fn cuStreamEndCapture(on: CUstream, place: *mut CUgraph) -> Result<()> {
    let session = Session::current()?;
    let stream = stream::check(on as u64)?;
    // Of a capture to a graph the program may pass over the graph, which it has.
    let mut passed_over = core::ptr::null_mut();
    let place = if place.is_null() {
        &raw mut passed_over
    } else {
        place
    };
    // SAFETY: CUDA's contract for the argument, or the local.
    let place = unsafe { out(place)? };
    let found = {
        let list = session.captures.lock();
        let found = list.iter().position(|capture| same(capture, stream));
        match found.map(|at| &list[at]) {
            Some(capture) if capture.mode != RELAXED && capture.owner != thread::index() => {
                return Err(CUresult::CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD);
            }
            _ => {}
        }
        found.map(|at| list[at].id)
    };
    let fresh = Fresh::new(Kind::Graph, core::ptr::from_ref(place).cast())?;
    let ended = session
        .link
        .call(Interface::Cuda, cuda::END_CAPTURE, |body| {
            let mut body = Encoder::new(body);
            body.scalar(stream);
            body.scalar(fresh.id());
            Ok(())
        });
    let memory = match found {
        // A capture that another stream has to join, or that began elsewhere, goes on.
        Some(id) if !matches!(ended, Err(CUresult::CUDA_ERROR_STREAM_CAPTURE_UNMATCHED)) => {
            let mut list = session.captures.lock();
            let at = list.iter().position(|capture| capture.id == id);
            at.map(|at| {
                session.captures.open.fetch_sub(1, Ordering::SeqCst);
                list.swap_remove(at).memory
            })
        }
        _ => None,
    };
    let answer = match ended {
        Ok(answer) => answer,
        Err(status) => {
            place.write(core::ptr::null_mut());
            return Err(status);
        }
    };
    let graph: u64 = answer
        .decoder()
        .scalar()
        .map_err(|_| CUresult::CUDA_ERROR_UNKNOWN)?;
    if graph == fresh.id() {
        fresh.keep();
    }
    if let Some(memory) = memory {
        session.graphs.remember(graph, memory);
    }
    place.write(graph as CUgraph);
    Ok(())
}

/// `cuStreamIsCapturing`, which PyTorch asks before every allocation.
pub unsafe fn cuStreamIsCapturing(on: CUstream, status: *mut CUstreamCaptureStatus) -> Result<()> {
    let stream = stream::check(on as u64)?;
    // SAFETY: CUDA's contract for the argument.
    let status = unsafe { out(status)? };
    let session = Session::current()?;
    status.write(if session.captures.any() {
        ask(session, stream)?.status
    } else {
        CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_NONE
    });
    Ok(())
}

/// `cuStreamGetCaptureInfo`
pub unsafe fn cuStreamGetCaptureInfo(
    on: CUstream,
    status: *mut CUstreamCaptureStatus,
    id: *mut cuuint64_t,
) -> Result<()> {
    let none = core::ptr::null_mut();
    // SAFETY: the caller's contract is the same; nulls are passed over.
    unsafe {
        cuStreamGetCaptureInfo_v3(
            on,
            status,
            id,
            none,
            core::ptr::null_mut(),
            core::ptr::null_mut(),
            core::ptr::null_mut(),
        )
    }
}

/// `cuStreamGetCaptureInfo_v2`
pub unsafe fn cuStreamGetCaptureInfo_v2(
    on: CUstream,
    status: *mut CUstreamCaptureStatus,
    id: *mut cuuint64_t,
    graph: *mut CUgraph,
    nodes: *mut *const CUgraphNode,
    count: *mut usize,
) -> Result<()> {
    // SAFETY: the caller's contract is the same; nulls are passed over.
    unsafe { cuStreamGetCaptureInfo_v3(on, status, id, graph, nodes, core::ptr::null_mut(), count) }
}

thread_local! {
    /// The dependencies that the thread was told last; the program reads them until its next call on the stream.
    static TOLD: RefCell<Dependencies> = RefCell::new(Dependencies::default());
}

/// `cuStreamGetCaptureInfo_v3`
pub unsafe fn cuStreamGetCaptureInfo_v3(
    on: CUstream,
    status: *mut CUstreamCaptureStatus,
    id: *mut cuuint64_t,
    graph: *mut CUgraph,
    nodes: *mut *const CUgraphNode,
    edges: *mut *const CUgraphEdgeData,
    count: *mut usize,
) -> Result<()> {
    let stream = stream::check(on as u64)?;
    // SAFETY: CUDA's contract for the argument.
    let status = unsafe { out(status)? };
    let session = Session::current()?;
    if !session.captures.any() {
        status.write(CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_NONE);
        return Ok(());
    }
    let info = ask(session, stream)?;
    status.write(info.status);
    if info.status != CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_ACTIVE {
        return Ok(());
    }
    if edges.is_null()
        && info.dependencies.edges.as_ref().is_some_and(|list| {
            list.iter()
                .any(|edge| edge.type_ != 0 || edge.from_port != 0)
        })
    {
        return Err(CUresult::CUDA_ERROR_LOSSY_QUERY);
    }
    TOLD.with(|told| {
        *told.borrow_mut() = info.dependencies;
        let told = told.borrow();
        // SAFETY: CUDA's contract for the arguments; nulls are passed over.
        unsafe {
            if let Some(id) = id.as_mut() {
                *id = info.id;
            }
            if let Some(graph) = graph.as_mut() {
                *graph = info.graph as CUgraph;
            }
            if let Some(nodes) = nodes.as_mut() {
                *nodes = told.nodes.as_ptr().cast();
            }
            if let Some(edges) = edges.as_mut() {
                *edges = told
                    .edges
                    .as_ref()
                    .map_or(core::ptr::null(), |list| list.as_ptr());
            }
            if let Some(count) = count.as_mut() {
                *count = told.nodes.len();
            }
        }
    });
    Ok(())
}

/// `cuStreamUpdateCaptureDependencies`
pub unsafe fn cuStreamUpdateCaptureDependencies(
    on: CUstream,
    nodes: *mut CUgraphNode,
    count: usize,
    flags: c_uint,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { cuStreamUpdateCaptureDependencies_v2(on, nodes, core::ptr::null(), count, flags) }
}

/// `cuStreamUpdateCaptureDependencies_v2`
pub unsafe fn cuStreamUpdateCaptureDependencies_v2(
    on: CUstream,
    nodes: *mut CUgraphNode,
    edges: *const CUgraphEdgeData,
    count: usize,
    flags: c_uint,
) -> Result<()> {
    stream::check(on as u64)?;
    // SAFETY: the caller's contract is the same.
    unsafe { remote::cuStreamUpdateCaptureDependencies_v2(on, nodes, edges, count, flags) }
}

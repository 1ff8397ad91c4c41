//! Graphs.
//!
//! A graph lives on the server. What it copies from and to host memory goes by way of device memory of the same size, which this
//! side fills before each launch and reads behind it: so a replay reads and writes the program's memory as it is then.
//!
//! Here is what this side knows of graphs; how they are made, asked, changed and launched is in the modules below.

mod add;
mod ask;
mod change;
mod describe;
mod exec;
mod list;
mod memory;

pub use add::*;
pub use ask::*;
pub use change::*;
pub use exec::*;
pub use list::*;
pub use memory::{GraphMemory, HostCopy};

use core::ffi::c_void;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::{
    CUgraph, CUgraphExec, CUgraphNode, CUmemAccessDesc, CUstream, CUstreamBatchMemOpParams,
};
use pillion_protocol::handle::Kind;

use super::context;
use crate::entry::Result;
use crate::forward::checked;
use crate::remote;
use crate::session::Session;

const UNKNOWN: CUresult = CUresult::CUDA_ERROR_UNKNOWN;
const INVALID: CUresult = CUresult::CUDA_ERROR_INVALID_VALUE;

/// What this side knows of graphs.
#[derive(Default)]
pub struct Graphs {
    graphs: Mutex<HashMap<u64, Arc<GraphMemory>>>,
    /// Bodies of conditional nodes, and the graph of each.
    bodies: Mutex<HashMap<u64, u64>>,
    execs: Mutex<HashMap<u64, Exec>>,
    /// Some graph uses host memory or host functions.
    any: AtomicBool,
    /// What the program was told of kernel nodes, which it may read as long as they live.
    told: Mutex<HashMap<u64, Told>>,
    /// Executable graphs that allocate memory, of which a launch may fail at once.
    allocating: Mutex<HashSet<u64>>,
    /// A stream of this library's own in each context, ordered with no other.
    streams: Mutex<HashMap<u64, u64>>,
}

/// Parameters that the program was given pointers to.
#[derive(Default)]
struct Told {
    block: Vec<u8>,
    pointers: Vec<*mut c_void>,
    access: Vec<CUmemAccessDesc>,
    operations: Vec<CUstreamBatchMemOpParams>,
}

// SAFETY: the pointers are into the block beside them.
unsafe impl Send for Told {}

/// An executable graph that uses host memory or host functions.
#[derive(Default)]
struct Exec {
    copies: Vec<(u64, Arc<HostCopy>)>,
    /// What holds the host functions that it may call.
    called: Vec<Arc<GraphMemory>>,
    /// Where it was launched last, and an event behind that.
    last: Option<(u64, u64)>,
}

impl Graphs {
    /// The host memory of a graph, which may have none yet.
    pub fn memory(&self, graph: u64) -> Arc<GraphMemory> {
        lock(&self.graphs).entry(graph).or_default().clone()
    }

    /// Keeps the host memory of a graph, if it uses any.
    pub fn remember(&self, graph: u64, memory: Arc<GraphMemory>) {
        if memory.is_used() {
            lock(&self.graphs).insert(graph, memory);
        }
    }

    fn known(&self, graph: u64) -> Option<Arc<GraphMemory>> {
        lock(&self.graphs).get(&graph).cloned()
    }

    /// Forgets a graph and the bodies of its conditional nodes.
    fn forget(&self, graph: u64) {
        let mut gone = vec![graph];
        while let Some(graph) = gone.pop() {
            let memory = lock(&self.graphs).remove(&graph);
            drop(memory);
            lock(&self.bodies).retain(|body, of| {
                if *of == graph {
                    gone.push(*body);
                }
                *of != graph
            });
        }
    }

    /// Forgets what lived in a context that has died.
    pub fn forget_context(&self, context: u64) {
        lock(&self.streams).remove(&context);
    }
}

/// A stream of this library's own in the current context, which waits for no other.
///
/// # Errors
///
/// Those of making it.
pub fn own_stream(session: &Session) -> Result<u64> {
    let context = context::current()?;
    let mut streams = lock(&session.graphs.streams);
    if let Some(stream) = streams.get(&context) {
        return Ok(*stream);
    }
    let mut stream: CUstream = core::ptr::null_mut();
    // SAFETY: a local.
    unsafe { remote::cuStreamCreate(&raw mut stream, 1)? };
    streams.insert(context, stream as u64);
    Ok(stream as u64)
}

/// `cuGraphDestroy`
pub unsafe fn cuGraphDestroy(graph: CUgraph) -> Result<()> {
    // SAFETY: no pointers.
    unsafe { remote::cuGraphDestroy(graph)? };
    Session::current()?.graphs.forget(graph as u64);
    Ok(())
}

/// `cuGraphClone`
pub unsafe fn cuGraphClone(place: *mut CUgraph, graph: CUgraph) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { remote::cuGraphClone(place, graph)? };
    // SAFETY: the forwarder has written it.
    let clone = unsafe { *place } as u64;
    adopt(Session::current()?, clone, graph as u64);
    Ok(())
}

/// A graph has another as a node: it uses what that uses.
fn adopt(session: &Session, graph: u64, child: u64) {
    if let Some(theirs) = session.graphs.known(child) {
        let copies = lock(&theirs.copies).clone();
        session
            .graphs
            .memory(graph)
            .extend(&copies, theirs.called());
    }
}

fn graph_of(graph: CUgraph) -> Result<u64> {
    checked(Kind::Graph, graph as u64).map_err(|_| INVALID)
}

fn node_of(node: CUgraphNode) -> Result<u64> {
    checked(Kind::GraphNode, node as u64).map_err(|_| INVALID)
}

fn exec_of(exec: CUgraphExec) -> Result<u64> {
    checked(Kind::GraphExec, exec as u64).map_err(|_| INVALID)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

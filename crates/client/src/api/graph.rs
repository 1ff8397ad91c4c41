//! Graphs.
//!
//! A graph lives on the server. What it copies from and to host memory goes by way of device memory of the same size, which this
//! side fills before each launch and reads behind it: so a replay reads and writes the program's memory as it is then.

use core::ffi::{CStr, c_char, c_uint, c_ulonglong, c_void};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::{
    CUDA_BATCH_MEM_OP_NODE_PARAMS, CUDA_GRAPH_INSTANTIATE_PARAMS, CUDA_HOST_NODE_PARAMS,
    CUDA_KERNEL_NODE_PARAMS, CUDA_KERNEL_NODE_PARAMS_v1, CUDA_MEM_ALLOC_NODE_PARAMS, CUDA_MEMCPY3D,
    CUDA_MEMSET_NODE_PARAMS, CUcontext, CUgraph, CUgraphEdgeData, CUgraphExec,
    CUgraphExecUpdateResult, CUgraphExecUpdateResultInfo, CUgraphInstantiateResult, CUgraphNode,
    CUgraphNodeParams, CUgraphNodeType, CUmemAccessDesc, CUstream, CUstreamBatchMemOpParams,
};
use pillion_protocol::command::{COPY_SYNCHRONOUS, CopyHead, HOST_STANDS_IN, cuda};
use pillion_protocol::graph::{
    Dependencies, KernelNode, List, MAX_ACCESS, MAX_LIST, MAX_OPERATIONS, Node,
};
use pillion_protocol::handle::Kind;
use pillion_protocol::{CHUNK, Decoder, Encoder, Interface, Violation};
use zerocopy::IntoBytes;
use zerocopy::little_endian::{U32, U64};

use super::callback::{self, Function};
use super::memory::RegionKind;
use super::{DefaultStream, capture, context, copy, launch, stream};
use crate::entry::{Result, out};
use crate::forward::{Fresh, checked, confirmed, posted};
use crate::link::{Answer, Destination};
use crate::session::Session;
use crate::{remote, thread};

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

/// The host memory that a graph uses.
#[derive(Default)]
pub struct GraphMemory {
    /// Its copies, with the node of each where it is known.
    copies: Mutex<Vec<(u64, Arc<HostCopy>)>>,
    /// Descriptions of copy nodes as the program gave them.
    described: Mutex<HashMap<u64, Described>>,
    /// It has host functions, or a graph within it has.
    calls: AtomicBool,
    /// The numbers of its own. They are kept as long as this is: by graphs, executable graphs and launches that have not ended.
    functions: Mutex<Vec<u64>>,
    /// What holds those of graphs within it.
    within: Mutex<Vec<Arc<GraphMemory>>>,
}

impl Drop for GraphMemory {
    fn drop(&mut self) {
        let functions = std::mem::take(&mut *lock(&self.functions));
        if !functions.is_empty()
            && let Ok(session) = Session::current()
        {
            for call in functions {
                session.calls.forget(call);
            }
        }
    }
}

/// A copy as the program has described it.
#[derive(Clone, Copy)]
struct Described(CUDA_MEMCPY3D);

// SAFETY: the addresses in it are numbers here.
unsafe impl Send for Described {}

/// A copy between host memory and its stand-in on the server.
///
/// The stand-in is host memory as well, which the device reaches by the same address: while a host function has its turn, its bytes
/// are exchanged without the device, which may be waiting. (Streams share the device's queues, so that what one of them waits for
/// may hold up another.)
pub struct HostCopy {
    to_device: bool,
    host: Destination,
    /// Where the server has it, and where the device finds it.
    name: u64,
    staging: u64,
    context: u64,
    /// What was sent last: only what has changed since is sent again.
    sent: Mutex<Vec<u8>>,
}

/// An address for memory of the server's that this side has no use for: where no program has anything, and not one that was given
/// out before, as the work that uses that may not have ended.
fn fresh_name(len: u64) -> u64 {
    const FIRST: u64 = 0x1f00_0000_0000;
    const SPAN: u64 = 8 << 40;
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let len = len.min(SPAN).next_multiple_of(64 << 10);
    loop {
        let at = NEXT.fetch_add(len, Ordering::Relaxed) % SPAN;
        // Not across the end of the span.
        if at + len <= SPAN {
            return FIRST + at;
        }
    }
}

impl Drop for HostCopy {
    fn drop(&mut self) {
        let Ok(session) = Session::current() else {
            return;
        };
        let own = thread::current_context();
        thread::set_current_context(self.context);
        // The last to let go may be a thread that runs a host function, ahead of launches that still use it.
        let _ = thread::in_turn(|| {
            session.link.post(cuda::HOST_UNMAP, |body| {
                Encoder::new(body).scalar(self.name);
                Ok(())
            })
        });
        thread::set_current_context(own);
    }
}

impl HostCopy {
    /// Memory of the server's that stands for `host`.
    ///
    /// # Errors
    ///
    /// Those of an allocation.
    fn new(host: Destination, to_device: bool) -> Result<Self> {
        let session = Session::current()?;
        let context = context::current()?;
        let len = host.len().max(1);
        let name = fresh_name(len as u64);
        let answer = session.link.call(Interface::Cuda, cuda::HOST_MAP, |body| {
            let mut body = Encoder::new(body);
            body.scalar(name);
            body.scalar(len);
            body.scalar(u64::from(HOST_STANDS_IN));
            Ok(())
        })?;
        let staging = answer.decoder().scalar().map_err(|_| UNKNOWN)?;
        Ok(HostCopy {
            to_device,
            host,
            name,
            staging,
            context,
            sent: Mutex::default(),
        })
    }

    /// Brings the host's bytes to the server, at once: natively a launch that has not ended sees what the program writes, too.
    fn send(&self, session: &Session) -> Result<()> {
        let len = self.host.len();
        let mut bytes = vec![0; len.min(CHUNK)];
        let mut sent = lock(&self.sent);
        let first = sent.is_empty();
        if !first && !self.to_device {
            // The device has written it since, as it has the host's memory behind the last launch.
            return Ok(());
        }
        sent.resize(len, 0);
        for offset in (0..len).step_by(CHUNK) {
            let part = &mut bytes[..(len - offset).min(CHUNK)];
            // SAFETY: the program gave the memory to the graph, as long as that may be launched.
            unsafe { self.host.read(offset, part) };
            let before = &mut sent[offset..offset + part.len()];
            if !first && before == part {
                continue;
            }
            before.copy_from_slice(part);
            let mut head = Vec::new();
            Encoder::new(&mut head).scalar(self.name + offset as u64);
            session.link.post_bulk(cuda::HOST_WRITE, &head, part)?;
        }
        Ok(())
    }

    /// Brings the server's bytes to the host when `stream` gets there.
    fn fetch(&self, session: &Session, stream: u64) -> Result<()> {
        if self.host.len() == 0 {
            return Ok(());
        }
        let head = copy_head(self.staging, self.host.len(), stream, 0);
        session
            .link
            .post_into(cuda::COPY_TO_HOST, self.host, |body| {
                body.extend_from_slice(head.as_bytes());
                Ok(())
            })?;
        Ok(())
    }

    /// Brings the server's bytes to the host at once.
    fn fetch_now(&self, session: &Session) -> Result<()> {
        if self.host.len() == 0 {
            return Ok(());
        }
        session.link.call_into(
            Interface::Cuda,
            cuda::HOST_READ,
            Some(self.host),
            None,
            |body| {
                let mut body = Encoder::new(body);
                body.scalar(self.name);
                body.scalar(self.host.len());
                Ok(())
            },
        )?;
        Ok(())
    }
}

fn copy_head(device: u64, len: usize, stream: u64, flags: u32) -> CopyHead {
    debug_assert!(flags & !COPY_SYNCHRONOUS == 0);
    CopyHead {
        device: U64::new(device),
        len: U64::new(len as u64),
        stream: U64::new(stream),
        flags: U32::new(flags),
        reserved: U32::ZERO,
    }
}

impl GraphMemory {
    /// Enters a copy, of a node that may not be known yet. Answers the device memory that stands for the host's.
    ///
    /// # Errors
    ///
    /// Those of an allocation.
    pub fn add(&self, host: Destination, to_device: bool) -> Result<u64> {
        let copy = Arc::new(HostCopy::new(host, to_device)?);
        let staging = copy.staging;
        lock(&self.copies).push((0, copy));
        Session::current()?.graphs.any.store(true, Ordering::SeqCst);
        Ok(staging)
    }

    /// Says that the graph has a host function.
    pub fn note_call(&self) {
        self.calls.store(true, Ordering::SeqCst);
        if let Ok(session) = Session::current() {
            session.graphs.any.store(true, Ordering::SeqCst);
        }
    }

    /// Holds a host function from now on.
    pub fn own(&self, call: u64) {
        self.note_call();
        lock(&self.functions).push(call);
    }

    /// What holds the host functions that a launch may call.
    fn called(self: &Arc<Self>) -> Vec<Arc<GraphMemory>> {
        let mut all = lock(&self.within).clone();
        if self.calls.load(Ordering::SeqCst) {
            all.push(self.clone());
        }
        all
    }

    /// Takes in what a graph launched inside this one uses.
    fn extend(&self, copies: &[(u64, Arc<HostCopy>)], called: Vec<Arc<GraphMemory>>) {
        // The nodes are others there.
        lock(&self.copies).extend(copies.iter().map(|(_, copy)| (0, copy.clone())));
        if !called.is_empty() {
            self.note_call();
            lock(&self.within).extend(called);
        }
    }

    fn is_used(&self) -> bool {
        self.calls.load(Ordering::SeqCst) || !lock(&self.copies).is_empty()
    }

    /// While a host function of the graph has its turn: what the graph has copied to the host so far arrives.
    pub fn fetch(&self, session: &'static Session) {
        let copies = lock(&self.copies).clone();
        for (_, copy) in copies.iter().filter(|(_, copy)| !copy.to_device) {
            let _ = copy.fetch_now(session);
        }
    }

    /// Behind a host function of the graph: what it has written is what the graph's later copies read.
    pub fn send_behind(&self, session: &'static Session) {
        let copies = lock(&self.copies).clone();
        for (_, copy) in copies.iter().filter(|(_, copy)| copy.to_device) {
            let _ = copy.send(session);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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

/// What a node is to come after.
///
/// # Safety
///
/// Arrays of `count`, or null.
///
/// # Errors
///
/// `CUDA_ERROR_INVALID_VALUE` for nodes that there cannot be.
pub unsafe fn dependencies(
    nodes: *const CUgraphNode,
    edges: *const CUgraphEdgeData,
    count: usize,
) -> Result<Dependencies> {
    if count == 0 {
        return Ok(Dependencies::default());
    }
    if nodes.is_null() || count as u64 > MAX_LIST {
        return Err(INVALID);
    }
    // SAFETY: as the caller promises.
    let list = unsafe { core::slice::from_raw_parts(nodes.cast::<u64>(), count) };
    for node in list {
        checked(Kind::GraphNode, *node).map_err(|_| INVALID)?;
    }
    Ok(Dependencies {
        nodes: list.to_vec(),
        edges: if edges.is_null() {
            None
        } else {
            // SAFETY: as the caller promises.
            Some(unsafe { core::slice::from_raw_parts(edges, count) }.to_vec())
        },
    })
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

// ---- adding nodes ---------------------------------------------------------------------------------------------------------

/// Adds a node. What the answer says besides the node's handle is left to `more`.
fn add(
    graph: u64,
    dependencies: &Dependencies,
    node: &Node,
    more: impl FnOnce(&mut Decoder<'_>) -> core::result::Result<(), Violation>,
) -> Result<u64> {
    let session = Session::current()?;
    let answer = session.link.call(Interface::Cuda, cuda::NODE_ADD, |body| {
        let mut body = Encoder::new(body);
        body.scalar(graph);
        dependencies.encode(&mut body);
        node.encode(&mut body);
        Ok(())
    })?;
    let mut decoder = answer.decoder();
    let handle = decoder.scalar().map_err(|_| UNKNOWN)?;
    more(&mut decoder).map_err(|_| UNKNOWN)?;
    Ok(handle)
}

/// Parameters of a kernel node, as the wire carries them.
unsafe fn kernel_node(params: &CUDA_KERNEL_NODE_PARAMS) -> Result<Node> {
    let session = Session::current()?;
    let handle = if params.func.is_null() {
        params.kern as u64
    } else {
        params.func as u64
    };
    let function = session.modules.function(handle)?;
    let mut block = Vec::new();
    // SAFETY: the program's pointers are as CUDA asks.
    unsafe { launch::gather(&function, params.kernelParams, params.extra, &mut block)? };
    let node = KernelNode {
        function: function.handle,
        context: params.ctx as u64,
        grid: [params.gridDimX, params.gridDimY, params.gridDimZ],
        block: [params.blockDimX, params.blockDimY, params.blockDimZ],
        shared: params.sharedMemBytes,
        parameters: block,
    };
    // Whether it can be is for the driver to say: somebody waits for the answer anyway.
    Ok(Node::Kernel(node))
}

fn newer(params: &CUDA_KERNEL_NODE_PARAMS_v1) -> CUDA_KERNEL_NODE_PARAMS {
    CUDA_KERNEL_NODE_PARAMS {
        func: params.func,
        gridDimX: params.gridDimX,
        gridDimY: params.gridDimY,
        gridDimZ: params.gridDimZ,
        blockDimX: params.blockDimX,
        blockDimY: params.blockDimY,
        blockDimZ: params.blockDimZ,
        sharedMemBytes: params.sharedMemBytes,
        kernelParams: params.kernelParams,
        extra: params.extra,
        kern: core::ptr::null_mut(),
        ctx: core::ptr::null_mut(),
    }
}

/// `cuGraphAddKernelNode`
pub unsafe fn cuGraphAddKernelNode(
    place: *mut CUgraphNode,
    graph: CUgraph,
    nodes: *const CUgraphNode,
    count: usize,
    params: *const CUDA_KERNEL_NODE_PARAMS_v1,
) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    let params = newer(unsafe { params.as_ref() }.ok_or(INVALID)?);
    // SAFETY: the caller's contract is the same.
    unsafe { cuGraphAddKernelNode_v2(place, graph, nodes, count, &raw const params) }
}

/// `cuGraphAddKernelNode_v2`
pub unsafe fn cuGraphAddKernelNode_v2(
    place: *mut CUgraphNode,
    graph: CUgraph,
    nodes: *const CUgraphNode,
    count: usize,
    params: *const CUDA_KERNEL_NODE_PARAMS,
) -> Result<()> {
    // SAFETY: CUDA's contract for the arguments.
    unsafe {
        let place = out(place)?;
        let params = params.as_ref().ok_or(INVALID)?;
        let after = dependencies(nodes, core::ptr::null(), count)?;
        let node = kernel_node(params)?;
        place.write(add(graph_of(graph)?, &after, &node, |_| Ok(()))? as CUgraphNode);
    }
    Ok(())
}

/// A copy as a node: with device memory in the place of host memory, which the graph's memory knows.
unsafe fn copy_node(
    memory: &GraphMemory,
    params: &CUDA_MEMCPY3D,
    ctx: u64,
) -> Result<(Node, Option<Arc<HostCopy>>)> {
    let session = Session::current()?;
    // SAFETY: the caller's contract: a description as CUDA takes it.
    match unsafe { copy::node(session, params)? } {
        copy::NodeCopy::OnDevice(copy) => Ok((Node::Copy { copy, context: ctx }, None)),
        copy::NodeCopy::OnHost(work) => {
            let call = callback::lasting(session, Function::Own(work), None)?;
            memory.own(call);
            Ok((Node::Host { call }, None))
        }
        copy::NodeCopy::Across {
            mut copy,
            host,
            to_device,
        } => {
            let stand_in = Arc::new(HostCopy::new(host, to_device)?);
            if to_device {
                copy.srcMemoryType = pillion_cuda_abi::types::CUmemorytype::CU_MEMORYTYPE_UNIFIED;
                copy.srcDevice = stand_in.staging;
            } else {
                copy.dstMemoryType = pillion_cuda_abi::types::CUmemorytype::CU_MEMORYTYPE_UNIFIED;
                copy.dstDevice = stand_in.staging;
            }
            Ok((Node::Copy { copy, context: ctx }, Some(stand_in)))
        }
    }
}

unsafe fn add_copy(
    place: *mut CUgraphNode,
    graph: CUgraph,
    after: &Dependencies,
    params: &CUDA_MEMCPY3D,
    ctx: u64,
) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: CUDA's contract for the argument.
    let place = unsafe { out(place)? };
    let graph = graph_of(graph)?;
    let memory = session.graphs.memory(graph);
    // SAFETY: the caller's contract is the same.
    let (node, stand_in) = unsafe { copy_node(&memory, params, ctx)? };
    let handle = add(graph, after, &node, |_| Ok(()))?;
    if let Some(stand_in) = stand_in {
        lock(&memory.copies).push((handle, stand_in));
        lock(&memory.described).insert(handle, Described(*params));
        session.graphs.any.store(true, Ordering::SeqCst);
    }
    place.write(handle as CUgraphNode);
    Ok(())
}

/// `cuGraphAddMemcpyNode`
pub unsafe fn cuGraphAddMemcpyNode(
    place: *mut CUgraphNode,
    graph: CUgraph,
    nodes: *const CUgraphNode,
    count: usize,
    params: *const CUDA_MEMCPY3D,
    ctx: CUcontext,
) -> Result<()> {
    // SAFETY: CUDA's contract for the arguments.
    unsafe {
        let after = dependencies(nodes, core::ptr::null(), count)?;
        let params = params.as_ref().ok_or(INVALID)?;
        add_copy(place, graph, &after, params, ctx as u64)
    }
}

fn host_node(
    session: &'static Session,
    graph: u64,
    params: &CUDA_HOST_NODE_PARAMS,
) -> Result<Node> {
    let function = params.fn_.ok_or(INVALID)?;
    let memory = session.graphs.memory(graph);
    let function = Function::Host(function, params.userData as usize);
    let call = callback::lasting(session, function, Some(&memory))?;
    Ok(Node::Host { call })
}

/// `cuGraphAddHostNode`
pub unsafe fn cuGraphAddHostNode(
    place: *mut CUgraphNode,
    graph: CUgraph,
    nodes: *const CUgraphNode,
    count: usize,
    params: *const CUDA_HOST_NODE_PARAMS,
) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: CUDA's contract for the arguments.
    unsafe {
        let place = out(place)?;
        let after = dependencies(nodes, core::ptr::null(), count)?;
        let graph = graph_of(graph)?;
        let node = host_node(session, graph, params.as_ref().ok_or(INVALID)?)?;
        place.write(add(graph, &after, &node, |_| Ok(()))? as CUgraphNode);
    }
    Ok(())
}

unsafe fn allocation(params: &CUDA_MEM_ALLOC_NODE_PARAMS) -> Result<Node> {
    if params.accessDescCount as u64 > MAX_ACCESS
        || (params.accessDescs.is_null() && params.accessDescCount > 0)
    {
        return Err(INVALID);
    }
    let access = if params.accessDescCount == 0 {
        Vec::new()
    } else {
        // SAFETY: CUDA's contract for the argument.
        unsafe { core::slice::from_raw_parts(params.accessDescs, params.accessDescCount) }.to_vec()
    };
    let mut pool = params.poolProps;
    pool.win32SecurityAttributes = core::ptr::null_mut();
    Ok(Node::Allocate {
        pool,
        access,
        size: params.bytesize as u64,
        address: 0,
    })
}

fn add_allocation(graph: u64, after: &Dependencies, node: &Node, size: u64) -> Result<(u64, u64)> {
    let session = Session::current()?;
    let mut address = 0;
    let handle = add(graph, after, node, |answer| {
        address = answer.scalar()?;
        Ok(())
    })?;
    session
        .memory
        .insert(address, size, RegionKind::Graph, context::current()?);
    Ok((handle, address))
}

/// `cuGraphAddMemAllocNode`
pub unsafe fn cuGraphAddMemAllocNode(
    place: *mut CUgraphNode,
    graph: CUgraph,
    nodes: *const CUgraphNode,
    count: usize,
    params: *mut CUDA_MEM_ALLOC_NODE_PARAMS,
) -> Result<()> {
    // SAFETY: CUDA's contract for the arguments.
    unsafe {
        let place = out(place)?;
        let params = params.as_mut().ok_or(INVALID)?;
        let after = dependencies(nodes, core::ptr::null(), count)?;
        let node = allocation(params)?;
        let (handle, address) =
            add_allocation(graph_of(graph)?, &after, &node, params.bytesize as u64)?;
        params.dptr = address;
        place.write(handle as CUgraphNode);
    }
    Ok(())
}

unsafe fn operations(params: &CUDA_BATCH_MEM_OP_NODE_PARAMS) -> Result<Node> {
    if u64::from(params.count) > MAX_OPERATIONS || (params.paramArray.is_null() && params.count > 0)
    {
        return Err(INVALID);
    }
    let operations = if params.count == 0 {
        Vec::new()
    } else {
        // SAFETY: CUDA's contract for the argument.
        unsafe { core::slice::from_raw_parts(params.paramArray, params.count as usize) }.to_vec()
    };
    Ok(Node::Operations {
        context: params.ctx as u64,
        flags: params.flags,
        operations,
    })
}

/// `cuGraphAddBatchMemOpNode`
pub unsafe fn cuGraphAddBatchMemOpNode(
    place: *mut CUgraphNode,
    graph: CUgraph,
    nodes: *const CUgraphNode,
    count: usize,
    params: *const CUDA_BATCH_MEM_OP_NODE_PARAMS,
) -> Result<()> {
    // SAFETY: CUDA's contract for the arguments.
    unsafe {
        let place = out(place)?;
        let after = dependencies(nodes, core::ptr::null(), count)?;
        let node = operations(params.as_ref().ok_or(INVALID)?)?;
        place.write(add(graph_of(graph)?, &after, &node, |_| Ok(()))? as CUgraphNode);
    }
    Ok(())
}

/// A generic description, as the wire carries it; `None` for a copy, which is made otherwise.
unsafe fn generic(
    session: &'static Session,
    graph: u64,
    params: &CUgraphNodeParams,
) -> Result<Option<Node>> {
    let any = &params.__bindgen_anon_1;
    // SAFETY: the type says which member is set; any bits are a value of it. Pointers are as CUDA asks.
    unsafe {
        Ok(Some(match params.type_ {
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_KERNEL => {
                let kernel = &any.kernel;
                kernel_node(&CUDA_KERNEL_NODE_PARAMS {
                    func: kernel.func,
                    gridDimX: kernel.gridDimX,
                    gridDimY: kernel.gridDimY,
                    gridDimZ: kernel.gridDimZ,
                    blockDimX: kernel.blockDimX,
                    blockDimY: kernel.blockDimY,
                    blockDimZ: kernel.blockDimZ,
                    sharedMemBytes: kernel.sharedMemBytes,
                    kernelParams: kernel.kernelParams,
                    extra: kernel.extra,
                    kern: kernel.kern,
                    ctx: kernel.ctx,
                })?
            }
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_MEMCPY => return Ok(None),
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_MEMSET => {
                let memset = &any.memset;
                Node::Fill {
                    fill: CUDA_MEMSET_NODE_PARAMS {
                        dst: memset.dst,
                        pitch: memset.pitch,
                        value: memset.value,
                        elementSize: memset.elementSize,
                        width: memset.width,
                        height: memset.height,
                    },
                    context: memset.ctx as u64,
                }
            }
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_HOST => host_node(
                session,
                graph,
                &CUDA_HOST_NODE_PARAMS {
                    fn_: any.host.fn_,
                    userData: any.host.userData,
                },
            )?,
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_GRAPH => Node::Graph {
                graph: graph_of(any.graph.graph)?,
                ownership: any.graph.ownership.0,
            },
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_EMPTY => Node::Empty,
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_WAIT_EVENT => {
                Node::WaitEvent(any.eventWait.event as u64)
            }
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_EVENT_RECORD => {
                Node::RecordEvent(any.eventRecord.event as u64)
            }
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_MEM_ALLOC => {
                let alloc = &any.alloc;
                allocation(&CUDA_MEM_ALLOC_NODE_PARAMS {
                    poolProps: alloc.poolProps,
                    accessDescs: alloc.accessDescs,
                    accessDescCount: alloc.accessDescCount,
                    bytesize: alloc.bytesize,
                    dptr: 0,
                })?
            }
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_MEM_FREE => Node::Free(any.free.dptr),
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_BATCH_MEM_OP => {
                let batch = &any.memOp;
                operations(&CUDA_BATCH_MEM_OP_NODE_PARAMS {
                    ctx: batch.ctx,
                    count: batch.count,
                    paramArray: batch.paramArray,
                    flags: batch.flags,
                })?
            }
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_CONDITIONAL => Node::Conditional {
                handle: any.conditional.handle,
                kind: any.conditional.type_.0,
                size: any.conditional.size,
                context: any.conditional.ctx as u64,
            },
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_EXT_SEMAS_SIGNAL
            | CUgraphNodeType::CU_GRAPH_NODE_TYPE_EXT_SEMAS_WAIT => {
                return Err(CUresult::CUDA_ERROR_NOT_SUPPORTED);
            }
            _ => return Err(INVALID),
        }))
    }
}

/// `cuGraphAddNode`
pub unsafe fn cuGraphAddNode(
    place: *mut CUgraphNode,
    graph: CUgraph,
    nodes: *const CUgraphNode,
    count: usize,
    params: *mut CUgraphNodeParams,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { cuGraphAddNode_v2(place, graph, nodes, core::ptr::null(), count, params) }
}

/// `cuGraphAddNode_v2`
pub unsafe fn cuGraphAddNode_v2(
    place: *mut CUgraphNode,
    graph: CUgraph,
    nodes: *const CUgraphNode,
    edges: *const CUgraphEdgeData,
    count: usize,
    params: *mut CUgraphNodeParams,
) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: CUDA's contract for the arguments.
    let (params, after) = unsafe {
        (
            params.as_mut().ok_or(INVALID)?,
            dependencies(nodes, edges, count)?,
        )
    };
    let handle = graph_of(graph)?;
    // SAFETY: the caller's contract is the same.
    let Some(node) = (unsafe { generic(session, handle, params)? }) else {
        // SAFETY: the type says which member is set.
        return unsafe {
            let memcpy = &params.__bindgen_anon_1.memcpy;
            add_copy(
                place,
                graph,
                &after,
                &memcpy.copyParams,
                memcpy.copyCtx as u64,
            )
        };
    };
    // SAFETY: CUDA's contract for the argument.
    let place = unsafe { out(place)? };
    let added = match &node {
        Node::Allocate { size, .. } => {
            let (added, address) = add_allocation(handle, &after, &node, *size)?;
            params.__bindgen_anon_1.alloc.dptr = address;
            added
        }
        Node::Conditional { .. } => {
            let mut graphs: Vec<u64> = Vec::new();
            let added = add(handle, &after, &node, |answer| {
                let count = answer.at_most("the number of a condition's graphs", 1024)?;
                for _ in 0..count {
                    graphs.push(answer.scalar()?);
                }
                Ok(())
            })?;
            // What its graphs copy and call is the whole graph's, which is what is launched.
            let memory = session.graphs.memory(handle);
            for graph in &graphs {
                lock(&session.graphs.graphs).insert(*graph, memory.clone());
                lock(&session.graphs.bodies).insert(*graph, handle);
            }
            // The program reads the list as long as the graph lives; a few words for each condition.
            let list: &'static mut [u64] = graphs.leak();
            params.__bindgen_anon_1.conditional.phGraph_out = list.as_mut_ptr().cast();
            added
        }
        Node::Graph { graph: child, .. } => {
            let added = add(handle, &after, &node, |_| Ok(()))?;
            adopt(session, handle, *child);
            added
        }
        _ => add(handle, &after, &node, |_| Ok(()))?,
    };
    place.write(added as CUgraphNode);
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

/// `cuGraphAddChildGraphNode`
pub unsafe fn cuGraphAddChildGraphNode(
    place: *mut CUgraphNode,
    graph: CUgraph,
    nodes: *const CUgraphNode,
    count: usize,
    child: CUgraph,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { remote::cuGraphAddChildGraphNode(place, graph, nodes, count, child)? };
    adopt(Session::current()?, graph as u64, child as u64);
    Ok(())
}

// ---- changing and asking nodes --------------------------------------------------------------------------------------------

fn set(exec: u64, node: u64, to: &Node) -> Result<()> {
    Session::current()?
        .link
        .call(Interface::Cuda, cuda::NODE_SET, |body| {
            let mut body = Encoder::new(body);
            body.scalar(exec);
            body.scalar(node);
            to.encode(&mut body);
            Ok(())
        })
        .map(|_| ())
}

fn get(node: u64) -> Result<(Node, Answer)> {
    let answer = Session::current()?
        .link
        .call(Interface::Cuda, cuda::NODE_GET, |body| {
            Encoder::new(body).scalar(node);
            Ok(())
        })?;
    let node = Node::decode(&mut answer.decoder()).map_err(|_| UNKNOWN)?;
    Ok((node, answer))
}

/// `cuGraphKernelNodeGetParams`
pub unsafe fn cuGraphKernelNodeGetParams(
    node: CUgraphNode,
    params: *mut CUDA_KERNEL_NODE_PARAMS_v1,
) -> Result<()> {
    let mut found = core::mem::MaybeUninit::<CUDA_KERNEL_NODE_PARAMS>::zeroed();
    // SAFETY: a local; zero is a value of it.
    let found = unsafe {
        cuGraphKernelNodeGetParams_v2(node, found.as_mut_ptr())?;
        found.assume_init()
    };
    let function = if found.func.is_null() {
        found.kern.cast()
    } else {
        found.func
    };
    // SAFETY: CUDA's contract for the argument.
    unsafe { out(params)? }.write(CUDA_KERNEL_NODE_PARAMS_v1 {
        func: function,
        gridDimX: found.gridDimX,
        gridDimY: found.gridDimY,
        gridDimZ: found.gridDimZ,
        blockDimX: found.blockDimX,
        blockDimY: found.blockDimY,
        blockDimZ: found.blockDimZ,
        sharedMemBytes: found.sharedMemBytes,
        kernelParams: found.kernelParams,
        extra: found.extra,
    });
    Ok(())
}

/// `cuGraphKernelNodeGetParams_v2`
pub unsafe fn cuGraphKernelNodeGetParams_v2(
    node: CUgraphNode,
    params: *mut CUDA_KERNEL_NODE_PARAMS,
) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: CUDA's contract for the argument.
    let params = unsafe { out(params)? };
    let handle = node_of(node)?;
    let (Node::Kernel(kernel), answer) = get(handle)? else {
        return Err(INVALID);
    };
    if session.modules.function(kernel.function).is_err() {
        // The server has named it, and says how it is called.
        let mut decoder = answer.decoder();
        let _ = Node::decode(&mut decoder).map_err(|_| UNKNOWN)?;
        let info =
            pillion_protocol::command::FunctionInfo::decode(&mut decoder).map_err(|_| UNKNOWN)?;
        session
            .modules
            .discover(0, kernel.function, c"", info, false);
    }
    let function = session.modules.function(kernel.function)?;
    let mut all = lock(&session.graphs.told);
    let told = all.entry(handle).or_default();
    if told.block != kernel.parameters {
        told.block = kernel.parameters;
        told.pointers.clear();
    }
    if told.pointers.is_empty() {
        let start = told.block.as_mut_ptr();
        for (offset, size) in &function.info.parameters {
            if (*offset + *size) as usize <= told.block.len() {
                // SAFETY: within the block, as checked.
                told.pointers
                    .push(unsafe { start.add(*offset as usize) }.cast());
            }
        }
    }
    let context = match kernel.context {
        0 => context::current()?,
        context => context,
    };
    let (as_function, as_kernel) = session.modules.both(context, &function);
    params.write(CUDA_KERNEL_NODE_PARAMS {
        func: as_function as _,
        gridDimX: kernel.grid[0],
        gridDimY: kernel.grid[1],
        gridDimZ: kernel.grid[2],
        blockDimX: kernel.block[0],
        blockDimY: kernel.block[1],
        blockDimZ: kernel.block[2],
        sharedMemBytes: kernel.shared,
        kernelParams: told.pointers.as_mut_ptr(),
        extra: core::ptr::null_mut(),
        kern: as_kernel as _,
        ctx: kernel.context as CUcontext,
    });
    Ok(())
}

/// `cuGraphKernelNodeSetParams`
pub unsafe fn cuGraphKernelNodeSetParams(
    node: CUgraphNode,
    params: *const CUDA_KERNEL_NODE_PARAMS_v1,
) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    let params = newer(unsafe { params.as_ref() }.ok_or(INVALID)?);
    // SAFETY: the caller's contract is the same.
    unsafe { cuGraphKernelNodeSetParams_v2(node, &raw const params) }
}

/// `cuGraphKernelNodeSetParams_v2`
pub unsafe fn cuGraphKernelNodeSetParams_v2(
    node: CUgraphNode,
    params: *const CUDA_KERNEL_NODE_PARAMS,
) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    let to = unsafe { kernel_node(params.as_ref().ok_or(INVALID)?)? };
    set(0, node_of(node)?, &to)
}

/// `cuGraphExecKernelNodeSetParams`
pub unsafe fn cuGraphExecKernelNodeSetParams(
    exec: CUgraphExec,
    node: CUgraphNode,
    params: *const CUDA_KERNEL_NODE_PARAMS_v1,
) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    let params = newer(unsafe { params.as_ref() }.ok_or(INVALID)?);
    // SAFETY: the caller's contract is the same.
    unsafe { cuGraphExecKernelNodeSetParams_v2(exec, node, &raw const params) }
}

/// `cuGraphExecKernelNodeSetParams_v2`
pub unsafe fn cuGraphExecKernelNodeSetParams_v2(
    exec: CUgraphExec,
    node: CUgraphNode,
    params: *const CUDA_KERNEL_NODE_PARAMS,
) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    let to = unsafe { kernel_node(params.as_ref().ok_or(INVALID)?)? };
    set(exec_of(exec)?, node_of(node)?, &to)
}

/// `cuGraphMemcpyNodeGetParams`
pub unsafe fn cuGraphMemcpyNodeGetParams(
    node: CUgraphNode,
    params: *mut CUDA_MEMCPY3D,
) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: CUDA's contract for the argument.
    let params = unsafe { out(params)? };
    let handle = node_of(node)?;
    let described = lock(&session.graphs.graphs)
        .values()
        .find_map(|memory| lock(&memory.described).get(&handle).copied());
    if let Some(Described(copy)) = described {
        params.write(copy);
        return Ok(());
    }
    let (Node::Copy { mut copy, .. }, _) = get(handle)? else {
        return Err(INVALID);
    };
    // A captured copy shows the memory that stands for the program's; it is told of its own.
    let graphs = lock(&session.graphs.graphs);
    for memory in graphs.values() {
        for (_, stand_in) in lock(&memory.copies).iter() {
            stand_in.unveil(&mut copy);
        }
    }
    params.write(copy);
    Ok(())
}

impl HostCopy {
    /// Puts the host's memory in the place of what stands for it.
    fn unveil(&self, copy: &mut CUDA_MEMCPY3D) {
        use pillion_cuda_abi::types::CUmemorytype as Type;
        let (start, pitch, height) = match self.host {
            Destination::Linear { start, len } => (start.0, len, 1),
            Destination::Rows {
                start,
                pitch,
                slice,
                ..
            } => (start.0, pitch, slice / pitch.max(1)),
        };
        if self.to_device
            && copy.srcMemoryType != Type::CU_MEMORYTYPE_ARRAY
            && [copy.srcDevice, copy.srcHost as u64].contains(&self.staging)
        {
            copy.srcMemoryType = Type::CU_MEMORYTYPE_HOST;
            copy.srcHost = start.cast();
            copy.srcDevice = 0;
            (copy.srcPitch, copy.srcHeight) = (pitch, height);
        } else if !self.to_device
            && copy.dstMemoryType != Type::CU_MEMORYTYPE_ARRAY
            && [copy.dstDevice, copy.dstHost as u64].contains(&self.staging)
        {
            copy.dstMemoryType = Type::CU_MEMORYTYPE_HOST;
            copy.dstHost = start.cast();
            copy.dstDevice = 0;
            (copy.dstPitch, copy.dstHeight) = (pitch, height);
        }
    }
}

/// Puts another copy in a node's place, in a list of a graph's copies.
fn exchange(copies: &mut Vec<(u64, Arc<HostCopy>)>, node: u64, with: Option<Arc<HostCopy>>) {
    copies.retain(|(of, _)| *of != node);
    if let Some(with) = with {
        copies.push((node, with));
    }
}

/// `cuGraphMemcpyNodeSetParams`
pub unsafe fn cuGraphMemcpyNodeSetParams(
    node: CUgraphNode,
    params: *const CUDA_MEMCPY3D,
) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: CUDA's contract for the argument.
    let params = unsafe { params.as_ref() }.ok_or(INVALID)?;
    let handle = node_of(node)?;
    let owner = lock(&session.graphs.graphs)
        .values()
        .find(|memory| lock(&memory.copies).iter().any(|(of, _)| *of == handle))
        .cloned();
    // A node that had no host side belongs to a graph that is not known here: its new one is found by the list of nodes.
    let memory = match owner {
        Some(memory) => memory,
        None => session.graphs.memory(owner_of(session, handle)?),
    };
    // SAFETY: the caller's contract is the same.
    let (to, stand_in) = unsafe { copy_node(&memory, params, 0)? };
    set(0, handle, &to)?;
    if stand_in.is_some() {
        session.graphs.any.store(true, Ordering::SeqCst);
        lock(&memory.described).insert(handle, Described(*params));
    } else {
        lock(&memory.described).remove(&handle);
    }
    exchange(&mut lock(&memory.copies), handle, stand_in);
    Ok(())
}

/// The graph that a node is in, of those that this side knows by name.
fn owner_of(session: &Session, node: u64) -> Result<u64> {
    let graphs: Vec<u64> = lock(&session.graphs.graphs).keys().copied().collect();
    for graph in graphs {
        if list(List::Nodes, graph)?.nodes.contains(&node) {
            return Ok(graph);
        }
    }
    // Of no graph with host memory: a place of its own, which no launch looks at, would lose the copy.
    Err(CUresult::CUDA_ERROR_NOT_SUPPORTED)
}

/// `cuGraphExecMemcpyNodeSetParams`
pub unsafe fn cuGraphExecMemcpyNodeSetParams(
    exec: CUgraphExec,
    node: CUgraphNode,
    params: *const CUDA_MEMCPY3D,
    ctx: CUcontext,
) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: CUDA's contract for the argument.
    let params = unsafe { params.as_ref() }.ok_or(INVALID)?;
    // SAFETY: the caller's contract is the same.
    unsafe { set_exec_copy(session, exec_of(exec)?, node_of(node)?, params, ctx as u64) }
}

unsafe fn set_exec_copy(
    session: &Session,
    exec: u64,
    node: u64,
    params: &CUDA_MEMCPY3D,
    ctx: u64,
) -> Result<()> {
    let scratch = Arc::new(GraphMemory::default());
    // SAFETY: the caller's contract is the same.
    let (to, stand_in) = unsafe { copy_node(&scratch, params, ctx)? };
    set(exec, node, &to)?;
    if stand_in.is_some() {
        session.graphs.any.store(true, Ordering::SeqCst);
    }
    let mut execs = lock(&session.graphs.execs);
    let entry = execs.entry(exec).or_default();
    entry.called.extend(scratch.called());
    exchange(&mut entry.copies, node, stand_in);
    Ok(())
}

/// `cuGraphHostNodeGetParams`
pub unsafe fn cuGraphHostNodeGetParams(
    node: CUgraphNode,
    params: *mut CUDA_HOST_NODE_PARAMS,
) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: CUDA's contract for the argument.
    let params = unsafe { out(params)? };
    let (Node::Host { call }, _) = get(node_of(node)?)? else {
        return Err(INVALID);
    };
    let (function, data) = session.calls.host(call).ok_or(INVALID)?;
    params.write(CUDA_HOST_NODE_PARAMS {
        fn_: function,
        userData: data,
    });
    Ok(())
}

/// `cuGraphHostNodeSetParams`
pub unsafe fn cuGraphHostNodeSetParams(
    node: CUgraphNode,
    params: *const CUDA_HOST_NODE_PARAMS,
) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    unsafe { set_host(0, node, params) }
}

/// `cuGraphExecHostNodeSetParams`
pub unsafe fn cuGraphExecHostNodeSetParams(
    exec: CUgraphExec,
    node: CUgraphNode,
    params: *const CUDA_HOST_NODE_PARAMS,
) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    unsafe { set_host(exec_of(exec)?, node, params) }
}

unsafe fn set_host(
    exec: u64,
    node: CUgraphNode,
    params: *const CUDA_HOST_NODE_PARAMS,
) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: CUDA's contract for the argument.
    let params = unsafe { params.as_ref() }.ok_or(INVALID)?;
    let function = params.fn_.ok_or(INVALID)?;
    // The new function sees the same memory as the old one.
    let (Node::Host { call }, _) = get(node_of(node)?)? else {
        return Err(INVALID);
    };
    let call = callback::renewed(
        session,
        call,
        Function::Host(function, params.userData as usize),
    )?;
    set(exec, node_of(node)?, &Node::Host { call })
}

/// `cuGraphMemAllocNodeGetParams`
pub unsafe fn cuGraphMemAllocNodeGetParams(
    node: CUgraphNode,
    params: *mut CUDA_MEM_ALLOC_NODE_PARAMS,
) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: CUDA's contract for the argument.
    let params = unsafe { out(params)? };
    let handle = node_of(node)?;
    let (
        Node::Allocate {
            pool,
            access,
            size,
            address,
        },
        _,
    ) = get(handle)?
    else {
        return Err(INVALID);
    };
    let mut all = lock(&session.graphs.told);
    let told = all.entry(handle).or_default();
    told.access = access;
    params.write(CUDA_MEM_ALLOC_NODE_PARAMS {
        poolProps: pool,
        accessDescs: told.access.as_ptr(),
        accessDescCount: told.access.len(),
        bytesize: size as usize,
        dptr: address,
    });
    Ok(())
}

/// `cuGraphBatchMemOpNodeGetParams`
pub unsafe fn cuGraphBatchMemOpNodeGetParams(
    node: CUgraphNode,
    params: *mut CUDA_BATCH_MEM_OP_NODE_PARAMS,
) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: CUDA's contract for the argument.
    let params = unsafe { out(params)? };
    let handle = node_of(node)?;
    let (
        Node::Operations {
            context,
            flags,
            operations,
        },
        _,
    ) = get(handle)?
    else {
        return Err(INVALID);
    };
    let mut all = lock(&session.graphs.told);
    let told = all.entry(handle).or_default();
    told.operations = operations;
    params.write(CUDA_BATCH_MEM_OP_NODE_PARAMS {
        ctx: context as CUcontext,
        count: told.operations.len() as c_uint,
        paramArray: told.operations.as_mut_ptr(),
        flags,
    });
    Ok(())
}

/// `cuGraphBatchMemOpNodeSetParams`
pub unsafe fn cuGraphBatchMemOpNodeSetParams(
    node: CUgraphNode,
    params: *const CUDA_BATCH_MEM_OP_NODE_PARAMS,
) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    let to = unsafe { operations(params.as_ref().ok_or(INVALID)?)? };
    set(0, node_of(node)?, &to)
}

/// `cuGraphExecBatchMemOpNodeSetParams`
pub unsafe fn cuGraphExecBatchMemOpNodeSetParams(
    exec: CUgraphExec,
    node: CUgraphNode,
    params: *const CUDA_BATCH_MEM_OP_NODE_PARAMS,
) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    let to = unsafe { operations(params.as_ref().ok_or(INVALID)?)? };
    set(exec_of(exec)?, node_of(node)?, &to)
}

/// `cuGraphNodeSetParams`
pub unsafe fn cuGraphNodeSetParams(
    node: CUgraphNode,
    params: *mut CUgraphNodeParams,
) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    unsafe { set_generic(0, node, params) }
}

/// `cuGraphExecNodeSetParams`
pub unsafe fn cuGraphExecNodeSetParams(
    exec: CUgraphExec,
    node: CUgraphNode,
    params: *mut CUgraphNodeParams,
) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    unsafe { set_generic(exec_of(exec)?, node, params) }
}

unsafe fn set_generic(exec: u64, node: CUgraphNode, params: *mut CUgraphNodeParams) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: CUDA's contract for the argument.
    let params = unsafe { params.as_ref() }.ok_or(INVALID)?;
    // SAFETY: the type says which member is set; the caller's contract is the same.
    unsafe {
        let any = &params.__bindgen_anon_1;
        match params.type_ {
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_HOST => {
                let host = CUDA_HOST_NODE_PARAMS {
                    fn_: any.host.fn_,
                    userData: any.host.userData,
                };
                set_host(exec, node, &raw const host)
            }
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_MEMCPY if exec == 0 => {
                cuGraphMemcpyNodeSetParams(node, &raw const any.memcpy.copyParams)
            }
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_MEMCPY => set_exec_copy(
                session,
                exec,
                node_of(node)?,
                &any.memcpy.copyParams,
                any.memcpy.copyCtx as u64,
            ),
            _ => {
                let to = generic(session, 0, params)?.ok_or(INVALID)?;
                set(exec, node_of(node)?, &to)
            }
        }
    }
}

/// `cuGraphDestroyNode`
pub unsafe fn cuGraphDestroyNode(node: CUgraphNode) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: no pointers.
    unsafe { remote::cuGraphDestroyNode(node)? };
    lock(&session.graphs.told).remove(&(node as u64));
    for memory in lock(&session.graphs.graphs).values() {
        exchange(&mut lock(&memory.copies), node as u64, None);
        lock(&memory.described).remove(&(node as u64));
    }
    Ok(())
}

// ---- graphs ---------------------------------------------------------------------------------------------------------------

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

/// Nodes of a graph or around a node.
struct Listed {
    nodes: Vec<u64>,
    ends: Vec<u64>,
    edges: Vec<CUgraphEdgeData>,
}

fn list(which: List, handle: u64) -> Result<Listed> {
    let session = Session::current()?;
    let mut all = Listed {
        nodes: Vec::new(),
        ends: Vec::new(),
        edges: Vec::new(),
    };
    loop {
        let answer = session
            .link
            .call(Interface::Cuda, cuda::GRAPH_LIST, |body| {
                let mut body = Encoder::new(body);
                body.scalar(which as u32);
                body.scalar(handle);
                body.scalar(all.nodes.len());
                Ok(())
            })?;
        let mut decoder = answer.decoder();
        let read = (|| {
            let total: u64 = decoder.scalar()?;
            let count = decoder.at_most("the number of nodes", MAX_LIST)? as usize;
            all.nodes.extend(decoder.pods::<u64>(count)?);
            if which == List::Edges {
                all.ends.extend(decoder.pods::<u64>(count)?);
            }
            if !matches!(which, List::Nodes | List::Roots) {
                all.edges.extend(decoder.pods::<CUgraphEdgeData>(count)?);
            }
            Ok::<_, Violation>(count == 0 || all.nodes.len() as u64 >= total)
        })();
        if read.map_err(|_| UNKNOWN)? {
            return Ok(all);
        }
    }
}

/// Gives the program a list: its length where it gives no room, else as much as it has room for.
///
/// # Safety
///
/// `count` is valid; `places` is null or has room for `*count` handles; so do `ends` and `edges`, where they are not null.
unsafe fn give(
    listed: &Listed,
    places: *mut CUgraphNode,
    ends: *mut CUgraphNode,
    edges: *mut CUgraphEdgeData,
    count: *mut usize,
) -> Result<()> {
    // SAFETY: as the caller promises.
    let room = unsafe { count.as_mut() }.ok_or(INVALID)?;
    if places.is_null() {
        *room = listed.nodes.len();
        return Ok(());
    }
    if edges.is_null()
        && listed
            .edges
            .iter()
            .any(|edge| edge.type_ != 0 || edge.from_port != 0)
    {
        return Err(CUresult::CUDA_ERROR_LOSSY_QUERY);
    }
    for index in 0..*room {
        // SAFETY: as the caller promises. What is left over is null, as CUDA documents.
        unsafe {
            let at = |list: &[u64]| list.get(index).copied().unwrap_or(0) as CUgraphNode;
            places.add(index).write(at(&listed.nodes));
            if !ends.is_null() {
                ends.add(index).write(at(&listed.ends));
            }
            if !edges.is_null()
                && let Some(edge) = listed.edges.get(index)
            {
                edges.add(index).write(*edge);
            }
        }
    }
    *room = (*room).min(listed.nodes.len());
    Ok(())
}

/// `cuGraphGetNodes`
pub unsafe fn cuGraphGetNodes(
    graph: CUgraph,
    nodes: *mut CUgraphNode,
    count: *mut usize,
) -> Result<()> {
    let listed = list(List::Nodes, graph_of(graph)?)?;
    let none = core::ptr::null_mut();
    // SAFETY: the caller's contract is the same.
    unsafe { give(&listed, nodes, none, core::ptr::null_mut(), count) }
}

/// `cuGraphGetRootNodes`
pub unsafe fn cuGraphGetRootNodes(
    graph: CUgraph,
    nodes: *mut CUgraphNode,
    count: *mut usize,
) -> Result<()> {
    let listed = list(List::Roots, graph_of(graph)?)?;
    let none = core::ptr::null_mut();
    // SAFETY: the caller's contract is the same.
    unsafe { give(&listed, nodes, none, core::ptr::null_mut(), count) }
}

/// `cuGraphGetEdges`
pub unsafe fn cuGraphGetEdges(
    graph: CUgraph,
    from: *mut CUgraphNode,
    to: *mut CUgraphNode,
    count: *mut usize,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { cuGraphGetEdges_v2(graph, from, to, core::ptr::null_mut(), count) }
}

/// `cuGraphGetEdges_v2`
pub unsafe fn cuGraphGetEdges_v2(
    graph: CUgraph,
    from: *mut CUgraphNode,
    to: *mut CUgraphNode,
    edges: *mut CUgraphEdgeData,
    count: *mut usize,
) -> Result<()> {
    if from.is_null() != to.is_null() {
        return Err(INVALID);
    }
    let listed = list(List::Edges, graph_of(graph)?)?;
    // SAFETY: the caller's contract is the same.
    unsafe { give(&listed, from, to, edges, count) }
}

macro_rules! around_a_node {
    ($older:ident, $newer:ident, $list:expr) => {
        #[doc = concat!("`", stringify!($older), "`")]
        pub unsafe fn $older(
            node: CUgraphNode,
            nodes: *mut CUgraphNode,
            count: *mut usize,
        ) -> Result<()> {
            // SAFETY: the caller's contract is the same.
            unsafe { $newer(node, nodes, core::ptr::null_mut(), count) }
        }

        #[doc = concat!("`", stringify!($newer), "`")]
        pub unsafe fn $newer(
            node: CUgraphNode,
            nodes: *mut CUgraphNode,
            edges: *mut CUgraphEdgeData,
            count: *mut usize,
        ) -> Result<()> {
            let listed = list($list, node_of(node)?)?;
            // SAFETY: the caller's contract is the same.
            unsafe { give(&listed, nodes, core::ptr::null_mut(), edges, count) }
        }
    };
}

around_a_node!(
    cuGraphNodeGetDependencies,
    cuGraphNodeGetDependencies_v2,
    List::Dependencies
);
around_a_node!(
    cuGraphNodeGetDependentNodes,
    cuGraphNodeGetDependentNodes_v2,
    List::Dependents
);

/// `cuGraphDebugDotPrint`: the server prints, and the file is the program's.
pub unsafe fn cuGraphDebugDotPrint(
    graph: CUgraph,
    path: *const c_char,
    flags: c_uint,
) -> Result<()> {
    let session = Session::current()?;
    let graph = graph_of(graph)?;
    if path.is_null() {
        return Err(INVALID);
    }
    // SAFETY: CUDA's contract for the argument.
    let path = unsafe { CStr::from_ptr(path) };
    let mut text = Vec::new();
    loop {
        let answer = session
            .link
            .call(Interface::Cuda, cuda::GRAPH_DOT, |body| {
                let mut body = Encoder::new(body);
                body.scalar(graph);
                body.scalar(flags);
                body.scalar(text.len());
                Ok(())
            })?;
        let mut decoder = answer.decoder();
        let total: u64 = decoder.scalar().map_err(|_| UNKNOWN)?;
        let part = decoder.bytes().map_err(|_| UNKNOWN)?;
        text.extend_from_slice(part);
        if part.is_empty() || text.len() as u64 >= total {
            break;
        }
    }
    use std::os::unix::ffi::OsStrExt;
    std::fs::write(std::ffi::OsStr::from_bytes(path.to_bytes()), text)
        .map_err(|_| CUresult::CUDA_ERROR_OPERATING_SYSTEM)
}

// ---- executable graphs ----------------------------------------------------------------------------------------------------

fn instantiate(
    place: *mut CUgraphExec,
    graph: CUgraph,
    flags: u64,
    upload: CUstream,
) -> Result<(CUresult, CUgraphInstantiateResult, u64)> {
    let session = Session::current()?;
    let graph = graph_of(graph)?;
    let fresh = Fresh::new(Kind::GraphExec, place.cast())?;
    let upload = stream::check(upload as u64)?;
    let answer = session
        .link
        .call(Interface::Cuda, cuda::GRAPH_INSTANTIATE, |body| {
            let mut body = Encoder::new(body);
            body.scalar(fresh.id());
            body.scalar(graph);
            body.scalar(flags);
            body.scalar(upload);
            Ok(())
        })?;
    let mut decoder = answer.decoder();
    let read = (|| {
        let (status, result): (CUresult, u32) = (decoder.scalar()?, decoder.scalar()?);
        let (node, allocates): (u64, u32) = (decoder.scalar()?, decoder.scalar()?);
        Ok::<_, Violation>((status, result, node, allocates != 0))
    })();
    let (status, result, node, allocates) = read.map_err(|_| UNKNOWN)?;
    if status == CUresult::CUDA_SUCCESS {
        enter_exec(session, fresh.id(), graph);
        if allocates {
            session.graphs.any.store(true, Ordering::SeqCst);
            lock(&session.graphs.allocating).insert(fresh.id());
        }
        // SAFETY: CUDA's contract for the argument, which is not null.
        unsafe { place.write(fresh.keep() as CUgraphExec) };
    }
    Ok((status, CUgraphInstantiateResult(result), node))
}

/// An executable graph uses what its graph uses now.
fn enter_exec(session: &Session, exec: u64, graph: u64) {
    let mut execs = lock(&session.graphs.execs);
    match session
        .graphs
        .known(graph)
        .filter(|memory| memory.is_used())
    {
        Some(memory) => {
            let last = execs.get(&exec).and_then(|known| known.last);
            let entry = Exec {
                copies: lock(&memory.copies).clone(),
                called: memory.called(),
                last,
            };
            execs.insert(exec, entry);
        }
        None => {
            execs.remove(&exec);
        }
    }
}

fn done(status: CUresult) -> Result<()> {
    match status {
        CUresult::CUDA_SUCCESS => Ok(()),
        status => Err(status),
    }
}

/// `cuGraphInstantiate`, as it was before CUDA 12: with the node at fault and a log.
pub unsafe fn cuGraphInstantiate(
    place: *mut CUgraphExec,
    graph: CUgraph,
    node: *mut CUgraphNode,
    log: *mut c_char,
    len: usize,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { cuGraphInstantiate_v2(place, graph, node, log, len) }
}

/// `cuGraphInstantiate_v2`
pub unsafe fn cuGraphInstantiate_v2(
    place: *mut CUgraphExec,
    graph: CUgraph,
    node: *mut CUgraphNode,
    log: *mut c_char,
    len: usize,
) -> Result<()> {
    let (status, result, fault) = instantiate(place, graph, 0, core::ptr::null_mut())?;
    // SAFETY: CUDA's contract for the arguments; nulls are passed over.
    unsafe {
        if let Some(node) = node.as_mut() {
            *node = fault as CUgraphNode;
        }
        if !log.is_null() && len > 0 {
            let text = match status {
                CUresult::CUDA_SUCCESS => String::new(),
                _ => format!("the graph cannot be instantiated: result {}", result.0),
            };
            let n = text.len().min(len - 1);
            core::ptr::copy_nonoverlapping(text.as_ptr().cast(), log, n);
            log.add(n).write(0);
        }
    }
    done(status)
}

/// `cuGraphInstantiateWithFlags`
pub unsafe fn cuGraphInstantiateWithFlags(
    place: *mut CUgraphExec,
    graph: CUgraph,
    flags: c_ulonglong,
) -> Result<()> {
    let (status, ..) = instantiate(place, graph, flags, core::ptr::null_mut())?;
    done(status)
}

/// `cuGraphInstantiateWithParams`
pub unsafe fn cuGraphInstantiateWithParams(
    place: *mut CUgraphExec,
    graph: CUgraph,
    params: *mut CUDA_GRAPH_INSTANTIATE_PARAMS,
    default: DefaultStream,
) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    let params = unsafe { params.as_mut() }.ok_or(INVALID)?;
    let upload = if params.hUploadStream.is_null() {
        default.stream()
    } else {
        params.hUploadStream
    };
    let (status, result, node) = instantiate(place, graph, params.flags, upload)?;
    params.result_out = result;
    params.hErrNode_out = node as CUgraphNode;
    done(status)
}

/// `cuGraphExecUpdate`
pub unsafe fn cuGraphExecUpdate(
    exec: CUgraphExec,
    graph: CUgraph,
    node: *mut CUgraphNode,
    result: *mut CUgraphExecUpdateResult,
) -> Result<()> {
    let mut info = CUgraphExecUpdateResultInfo {
        result: CUgraphExecUpdateResult::CU_GRAPH_EXEC_UPDATE_SUCCESS,
        errorNode: core::ptr::null_mut(),
        errorFromNode: core::ptr::null_mut(),
    };
    // SAFETY: a local.
    let status = unsafe { cuGraphExecUpdate_v2(exec, graph, &raw mut info) };
    // SAFETY: CUDA's contract for the arguments; nulls are passed over.
    unsafe {
        if let Some(node) = node.as_mut() {
            *node = info.errorNode;
        }
        if let Some(result) = result.as_mut() {
            *result = info.result;
        }
    }
    status
}

/// `cuGraphExecUpdate_v2`
pub unsafe fn cuGraphExecUpdate_v2(
    exec: CUgraphExec,
    graph: CUgraph,
    info: *mut CUgraphExecUpdateResultInfo,
) -> Result<()> {
    let session = Session::current()?;
    let (exec, graph) = (exec_of(exec)?, graph_of(graph)?);
    let answer = session
        .link
        .call(Interface::Cuda, cuda::GRAPH_UPDATE, |body| {
            let mut body = Encoder::new(body);
            body.scalar(exec);
            body.scalar(graph);
            Ok(())
        })?;
    let mut decoder = answer.decoder();
    let read = (|| {
        let status: CUresult = decoder.scalar()?;
        let result: u32 = decoder.scalar()?;
        let (node, from): (u64, u64) = (decoder.scalar()?, decoder.scalar()?);
        Ok::<_, Violation>((status, result, node, from))
    })();
    let (status, result, node, from) = read.map_err(|_| UNKNOWN)?;
    // SAFETY: CUDA's contract for the argument; null is passed over.
    if let Some(info) = unsafe { info.as_mut() } {
        info.result = CUgraphExecUpdateResult(result);
        info.errorNode = node as CUgraphNode;
        info.errorFromNode = from as CUgraphNode;
    }
    if status == CUresult::CUDA_SUCCESS {
        enter_exec(session, exec, graph);
    }
    done(status)
}

/// `cuGraphExecChildGraphNodeSetParams`
pub unsafe fn cuGraphExecChildGraphNodeSetParams(
    exec: CUgraphExec,
    node: CUgraphNode,
    child: CUgraph,
) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: no pointers.
    unsafe { remote::cuGraphExecChildGraphNodeSetParams(exec, node, child)? };
    if let Some(theirs) = session.graphs.known(child as u64) {
        let mut execs = lock(&session.graphs.execs);
        let entry = execs.entry(exec as u64).or_default();
        // The old child's copies stay: they move bytes that nothing looks at.
        entry.copies.extend(
            lock(&theirs.copies)
                .iter()
                .map(|(_, copy)| (0, copy.clone())),
        );
        entry.called.extend(theirs.called());
    }
    Ok(())
}

/// `cuGraphExecDestroy`
pub unsafe fn cuGraphExecDestroy(exec: CUgraphExec) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: no pointers.
    unsafe { remote::cuGraphExecDestroy(exec)? };
    let gone = lock(&session.graphs.execs).remove(&(exec as u64));
    lock(&session.graphs.allocating).remove(&(exec as u64));
    if let Some((_, event)) = gone.and_then(|gone| gone.last) {
        // SAFETY: no pointers; an event of this library's own.
        unsafe { remote::cuEventDestroy_v2(event as _)? };
    }
    Ok(())
}

/// `cuGraphLaunch`
pub unsafe fn cuGraphLaunch(exec: CUgraphExec, on: CUstream) -> Result<()> {
    let session = Session::current()?;
    context::current()?;
    let stream = stream::check(on as u64)?;
    let _work = match session.shared.any() {
        true => Some(session.shared.before_work(session, stream)?),
        false => None,
    };
    // Relaxed: a graph that another thread has made was handed over with synchronisation.
    if session.graphs.any.load(Ordering::Relaxed) {
        // SAFETY: no pointers.
        return unsafe { launch_with_memory(session, exec, stream) };
    }
    // SAFETY: no pointers.
    unsafe { remote::cuGraphLaunch(exec, stream as CUstream) }
}

unsafe fn launch_with_memory(
    session: &'static Session,
    exec: CUgraphExec,
    stream: u64,
) -> Result<()> {
    let on = stream as CUstream;
    let known = {
        let execs = lock(&session.graphs.execs);
        execs
            .get(&(exec as u64))
            .map(|known| (known.copies.clone(), known.called.clone(), known.last))
    };
    let allocates = lock(&session.graphs.allocating).contains(&(exec as u64));
    let Some((copies, called, last)) = known else {
        // SAFETY: no pointers.
        unsafe { remote::cuGraphLaunch(exec, on)? };
        return if allocates {
            confirmed(session)
        } else {
            Ok(())
        };
    };
    if let Some(outer) = capture::of(session, stream)? {
        outer.extend(&copies, called);
        // SAFETY: no pointers.
        return unsafe { remote::cuGraphLaunch(exec, on) };
    }
    if !copies.is_empty()
        && let Some((before, event)) = last
        && before != stream
    {
        // The last launch, in another stream, may still read what is filled now.
        // SAFETY: no pointers.
        unsafe { remote::cuStreamWaitEvent(on, event as _, 0)? };
    }
    for (_, copy) in &copies {
        if session.link.has_arrivals() && copy.to_device {
            copy.settle(session);
        }
        // Where host functions may look at what is copied to the host, they find what is there now until it is.
        if copy.to_device || !called.is_empty() {
            copy.send(session)?;
        }
    }
    // SAFETY: no pointers.
    unsafe { remote::cuGraphLaunch(exec, on)? };
    if allocates {
        confirmed(session)?;
    }
    if !called.is_empty() {
        // While host functions may have their turn, somebody reads, and they are kept; behind the launch that ends.
        let behind = move |_: &'static Session| {
            let _ = &called;
        };
        callback::once(session, stream, Function::Own(Box::new(behind)))?;
    }
    for (_, copy) in copies.iter().filter(|(_, copy)| !copy.to_device) {
        copy.fetch(session, stream)?;
    }
    if !copies.is_empty() {
        mark(session, exec as u64, stream)?;
    }
    posted(session)
}

impl HostCopy {
    /// What is under way to the host's side arrives.
    fn settle(&self, session: &Session) {
        let extent = self.host.extent();
        session.link.settle(extent.start, extent.end);
    }
}

/// Records where a graph was launched last.
fn mark(session: &Session, exec: u64, stream: u64) -> Result<()> {
    let last = lock(&session.graphs.execs)
        .get(&exec)
        .and_then(|known| known.last);
    let event = match last {
        Some((_, event)) => event,
        None => {
            let mut event = core::ptr::null_mut();
            // SAFETY: a local.
            unsafe { remote::cuEventCreate(&raw mut event, 2)? };
            event as u64
        }
    };
    // SAFETY: no pointers.
    unsafe { remote::cuEventRecord(event as _, stream as CUstream)? };
    if let Some(known) = lock(&session.graphs.execs).get_mut(&exec) {
        known.last = Some((stream, event));
    }
    Ok(())
}

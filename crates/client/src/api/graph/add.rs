//! Adding nodes to graphs.

use std::sync::atomic::Ordering;

use pillion_cuda_abi::types::{
    CUDA_BATCH_MEM_OP_NODE_PARAMS, CUDA_HOST_NODE_PARAMS, CUDA_KERNEL_NODE_PARAMS,
    CUDA_KERNEL_NODE_PARAMS_v1, CUDA_MEM_ALLOC_NODE_PARAMS, CUDA_MEMCPY3D, CUcontext, CUgraph,
    CUgraphEdgeData, CUgraphNode, CUgraphNodeParams,
};
use pillion_protocol::command::cuda;
use pillion_protocol::graph::{Dependencies, MAX_LIST, Node};
use pillion_protocol::handle::Kind;
use pillion_protocol::{Decoder, Encoder, Interface, Violation};

use super::super::context;
use super::super::memory::RegionKind;
use super::describe::{allocation, copy_node, generic, host_node, kernel_node, newer, operations};
use super::memory::Described;
use super::{INVALID, UNKNOWN, adopt, graph_of, lock};
use crate::entry::{Result, out};
use crate::forward::checked;
use crate::remote;
use crate::session::Session;

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

//! Changing nodes, in graphs and in executable graphs, and destroying them.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::{
    CUDA_BATCH_MEM_OP_NODE_PARAMS, CUDA_HOST_NODE_PARAMS, CUDA_KERNEL_NODE_PARAMS,
    CUDA_KERNEL_NODE_PARAMS_v1, CUDA_MEMCPY3D, CUcontext, CUgraphExec, CUgraphNode,
    CUgraphNodeParams, CUgraphNodeType,
};
use pillion_protocol::command::cuda;
use pillion_protocol::graph::{List, Node};
use pillion_protocol::{Encoder, Interface};

use super::super::callback::{self, Function};
use super::ask::get;
use super::describe::{copy_node, generic, kernel_node, newer, operations};
use super::list::list;
use super::memory::{Described, GraphMemory, HostCopy};
use super::{INVALID, exec_of, lock, node_of};
use crate::entry::Result;
use crate::remote;
use crate::session::Session;

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

/// Puts another copy in a node's place, in a list of a graph's copies.
fn exchange(copies: &mut Vec<(u64, Arc<HostCopy>)>, node: u64, with: Option<Arc<HostCopy>>) {
    copies.retain(|(of, _)| *of != node);
    if let Some(with) = with {
        copies.push((node, with));
    }
}

//! What a graph consists of: its nodes and edges, as lists and as a drawing.

use core::ffi::{CStr, c_char, c_uint};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::{CUgraph, CUgraphEdgeData, CUgraphNode};
use pillion_protocol::command::cuda;
use pillion_protocol::graph::{List, MAX_LIST};
use pillion_protocol::{Encoder, Interface, Violation};

use super::{INVALID, UNKNOWN, graph_of, node_of};
use crate::entry::Result;
use crate::session::Session;

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

/// Nodes of a graph or around a node.
pub(super) struct Listed {
    pub(super) nodes: Vec<u64>,
    ends: Vec<u64>,
    edges: Vec<CUgraphEdgeData>,
}

pub(super) fn list(which: List, handle: u64) -> Result<Listed> {
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

//! Dependencies between the nodes of a graph.

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

use super::super::{Answer, INVALID, array, device, functions};
use super::{Edge, Graphs, handles, list};

const PLAIN: CUgraphEdgeData = CUgraphEdgeData {
    from_port: 0,
    to_port: 0,
    type_: 0,
    reserved: [0; 5],
};

/// Dependencies as the program gives them.
///
/// # Safety
///
/// Arrays of `count`; `data` may be null.
pub unsafe fn edges(
    nodes: *const CUgraphNode,
    data: *const CUgraphEdgeData,
    count: usize,
) -> Answer<Vec<Edge>> {
    // SAFETY: as the caller promises.
    let nodes = unsafe { array(nodes, count) }?;
    let data = if data.is_null() {
        None
    } else {
        // SAFETY: as the caller promises.
        Some(unsafe { array(data, count) }?)
    };
    let edges = nodes.iter().enumerate().map(|(n, node)| {
        let data = data.map_or(PLAIN, |data| data[n]);
        // A programmatic dependency is at most as strict as a plain one.
        let known =
            data.type_ <= CUgraphDependencyType::CU_GRAPH_DEPENDENCY_TYPE_PROGRAMMATIC.0 as u8;
        if !known || data.reserved != [0; 5] {
            return Err(INVALID);
        }
        let mut bytes = [0; 8];
        bytes[..3].copy_from_slice(&[data.from_port, data.to_port, data.type_]);
        Ok(Edge {
            node: *node as u64,
            data: bytes,
        })
    });
    edges.collect()
}

impl Graphs {
    fn is_fixed(&self, graph: u64) -> bool {
        self.graph(graph)
            .is_ok_and(|graph| graph.nodes.values().any(|node| node.kind.is_memory()))
    }

    /// Adds dependencies, all or none.
    fn connect(&mut self, graph: u64, from: &[Edge], to: &[CUgraphNode]) -> Answer {
        let known = self.graph_mut(graph)?;
        for (n, (edge, second)) in from.iter().zip(to).enumerate() {
            let first = known.nodes.contains_key(&edge.node) && *second as u64 != edge.node;
            match known.nodes.get_mut(&(*second as u64)) {
                Some(node) if first && node.after.iter().all(|other| other.node != edge.node) => {
                    node.after.push(*edge);
                }
                _ => {
                    // Back to what was before this call.
                    for to in &to[..n] {
                        if let Some(node) = known.nodes.get_mut(&(*to as u64)) {
                            node.after.pop();
                        }
                    }
                    return Err(INVALID);
                }
            }
        }
        Ok(())
    }

    /// Removes dependencies, all or none.
    fn disconnect(&mut self, graph: u64, from: &[Edge], to: &[CUgraphNode]) -> Answer {
        if !from.is_empty() && self.is_fixed(graph) {
            return Err(INVALID);
        }
        let known = self.graph_mut(graph)?;
        let mut removed: Vec<(u64, usize, Edge)> = Vec::new();
        for (edge, to) in from.iter().zip(to) {
            let node = known.nodes.get_mut(&(*to as u64));
            let at = node.and_then(|node| {
                let at = node.after.iter().position(|other| other == edge)?;
                node.after.remove(at);
                Some(at)
            });
            let Some(at) = at else {
                for (to, at, edge) in removed.into_iter().rev() {
                    if let Some(node) = known.nodes.get_mut(&to) {
                        node.after.insert(at, edge);
                    }
                }
                return Err(INVALID);
            };
            removed.push((*to as u64, at, *edge));
        }
        Ok(())
    }

    /// Takes one node out of its graph. What is answered must be dropped after the state is unlocked.
    fn destroy_node(&mut self, node: u64) -> Answer<Box<dyn std::any::Any>> {
        let graph = *self.home.get(&node).ok_or(INVALID)?;
        if self.is_fixed(graph) {
            return Err(INVALID);
        }
        let known = self.graph_mut(graph)?;
        let gone = known.nodes.remove(&node).ok_or(INVALID)?;
        for other in known.nodes.values_mut() {
            other.after.retain(|edge| edge.node != node);
        }
        self.home.remove(&node);
        let inside = self.remove_inside(&gone);
        Ok(Box::new((gone, inside)))
    }

    /// What comes directly after a node.
    fn dependents(&self, node: u64) -> Answer<Vec<Edge>> {
        let graph = self.graph(*self.home.get(&node).ok_or(INVALID)?)?;
        let all = graph.nodes.iter();
        let edges = all.flat_map(|(handle, other)| {
            let to_it = other.after.iter().filter(|edge| edge.node == node);
            to_it.map(|edge| Edge {
                node: *handle,
                data: edge.data,
            })
        });
        Ok(edges.collect())
    }

    /// Every dependency of a graph: what comes first, what comes after it.
    fn pairs(&self, graph: u64) -> Answer<Vec<(Edge, u64)>> {
        let all = self.graph(graph)?.nodes.iter();
        Ok(all
            .flat_map(|(handle, node)| node.after.iter().map(|edge| (*edge, *handle)))
            .collect())
    }
}

/// Whether something is asked for without the data that it has.
fn lossy(edges: &[Edge], asked: bool, data: *mut CUgraphEdgeData) -> Answer {
    if data.is_null() {
        if asked && edges.iter().any(|edge| edge.data != [0; 8]) {
            return Err(CUresult::CUDA_ERROR_LOSSY_QUERY);
        }
    } else if !asked {
        return Err(INVALID);
    }
    Ok(())
}

/// # Safety
///
/// As CUDA's queries of dependencies take their arguments.
unsafe fn show(
    edges: &[Edge],
    nodes: *mut CUgraphNode,
    data: *mut CUgraphEdgeData,
    count: *mut usize,
) -> Answer {
    lossy(edges, !nodes.is_null(), data)?;
    let all = handles(edges.iter().map(|edge| edge.node));
    if !data.is_null() && !count.is_null() {
        let all: Vec<_> = edges.iter().map(Edge::c_data).collect();
        // SAFETY: as the caller promises. On a copy of the room, which the next list still needs.
        unsafe { list(data, &mut count.read(), &all, PLAIN) }?;
    }
    // SAFETY: as the caller promises.
    unsafe { list(nodes, count, &all, std::ptr::null_mut()) }
}

/// # Safety
///
/// As `cuGraphGetEdges` takes its arguments.
unsafe fn show_pairs(
    graph: CUgraph,
    from: *mut CUgraphNode,
    to: *mut CUgraphNode,
    data: *mut CUgraphEdgeData,
    count: *mut usize,
) -> Answer {
    let pairs = device()?.state().graphs.pairs(graph as u64)?;
    if from.is_null() != to.is_null() || count.is_null() {
        return Err(INVALID);
    }
    let edges: Vec<Edge> = pairs.iter().map(|(edge, _)| *edge).collect();
    let second = handles(pairs.iter().map(|(_, to)| *to));
    // SAFETY: as the caller promises; not null.
    let mut room = unsafe { count.read() };
    // SAFETY: as the caller promises.
    unsafe {
        show(&edges, from, data, count)?;
        list(to, &mut room, &second, std::ptr::null_mut())
    }
}

/// # Safety
///
/// Arrays of `count`, of which `data` may be null.
unsafe fn change(
    graph: CUgraph,
    from: *const CUgraphNode,
    to: *const CUgraphNode,
    data: *const CUgraphEdgeData,
    count: usize,
    action: impl FnOnce(&mut Graphs, u64, &[Edge], &[CUgraphNode]) -> Answer,
) -> Answer {
    // SAFETY: as the caller promises.
    let (from, to) = unsafe { (edges(from, data, count)?, array(to, count)?) };
    action(&mut device()?.state().graphs, graph as u64, &from, to)
}

functions! {
    cuGraphAddDependencies(graph: CUgraph, from: *const CUgraphNode, to: *const CUgraphNode, count: usize) {
        change(graph, from, to, std::ptr::null(), count, Graphs::connect)
    }
    cuGraphAddDependencies_v2(graph: CUgraph, from: *const CUgraphNode, to: *const CUgraphNode, data: *const CUgraphEdgeData, count: usize) {
        change(graph, from, to, data, count, Graphs::connect)
    }
    cuGraphRemoveDependencies(graph: CUgraph, from: *const CUgraphNode, to: *const CUgraphNode, count: usize) {
        change(graph, from, to, std::ptr::null(), count, Graphs::disconnect)
    }
    cuGraphRemoveDependencies_v2(graph: CUgraph, from: *const CUgraphNode, to: *const CUgraphNode, data: *const CUgraphEdgeData, count: usize) {
        change(graph, from, to, data, count, Graphs::disconnect)
    }
    cuGraphDestroyNode(node: CUgraphNode) {
        // In two statements, so that the state is unlocked when the node is dropped.
        let gone = device()?.state().graphs.destroy_node(node as u64)?;
        drop(gone);
        Ok(())
    }
    cuGraphGetEdges(graph: CUgraph, from: *mut CUgraphNode, to: *mut CUgraphNode, count: *mut usize) {
        show_pairs(graph, from, to, std::ptr::null_mut(), count)
    }
    cuGraphGetEdges_v2(graph: CUgraph, from: *mut CUgraphNode, to: *mut CUgraphNode, data: *mut CUgraphEdgeData, count: *mut usize) {
        show_pairs(graph, from, to, data, count)
    }
    cuGraphNodeGetDependencies(node: CUgraphNode, nodes: *mut CUgraphNode, count: *mut usize) {
        let edges = device()?.state().graphs.node(node as u64)?.after.clone();
        show(&edges, nodes, std::ptr::null_mut(), count)
    }
    cuGraphNodeGetDependencies_v2(node: CUgraphNode, nodes: *mut CUgraphNode, data: *mut CUgraphEdgeData, count: *mut usize) {
        let edges = device()?.state().graphs.node(node as u64)?.after.clone();
        show(&edges, nodes, data, count)
    }
    cuGraphNodeGetDependentNodes(node: CUgraphNode, nodes: *mut CUgraphNode, count: *mut usize) {
        let edges = device()?.state().graphs.dependents(node as u64)?;
        show(&edges, nodes, std::ptr::null_mut(), count)
    }
    cuGraphNodeGetDependentNodes_v2(node: CUgraphNode, nodes: *mut CUgraphNode, data: *mut CUgraphEdgeData, count: *mut usize) {
        let edges = device()?.state().graphs.dependents(node as u64)?;
        show(&edges, nodes, data, count)
    }
}

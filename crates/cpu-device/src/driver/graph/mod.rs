//! Graphs: operations with an order that is only as strict as their dependencies.
//!
//! This room keeps what a graph is, [`node`] makes and shows its nodes for the program, [`edge`] their dependencies,
//! [`exec`] what a graph becomes when it is to run.

mod edge;
mod exec;
mod memory;
mod node;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::{c_char, c_uint};
use std::fmt::Write as _;
use std::sync::Arc;

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

use super::operation::Operation;
use super::user_object::References;
use super::{
    Answer, GRAPH, INVALID, NODE, Raw, UNSUPPORTED, alive, device, functions, name, text, write,
};
pub use edge::edges;
use exec::Exec;
pub use memory::GraphMemory;

/// Every graph, executable or not.
#[derive(Default)]
pub struct Graphs {
    all: HashMap<u64, Graph>,
    /// The graph that each node is in.
    home: HashMap<u64, u64>,
    execs: HashMap<u64, Exec>,
    /// The memory that they allocate.
    pub memory: memory::Memories,
    conditions: HashMap<u64, Handle>,
}

/// A graph.
#[derive(Default)]
pub struct Graph {
    /// By handle, which is the order in which they were made.
    nodes: BTreeMap<u64, Node>,
    /// The node whose child graph or body it is.
    pub within: Option<u64>,
    /// What the program wants kept with it.
    pub objects: References,
    /// Whether a stream captures into it.
    pub capturing: bool,
    /// Executable graphs of it that have memory of their own; there may be one.
    instances: u32,
}

/// A node of a graph.
#[derive(Clone)]
pub struct Node {
    kind: Kind,
    /// What it comes after.
    after: Vec<Edge>,
    /// What it was cloned from.
    original: Option<u64>,
    attributes: BTreeMap<u32, Raw<CUlaunchAttributeValue>>,
}

/// A dependency on a node, with CUDA's data for the edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// What has to be done first.
    pub node: u64,
    /// Ports and type; all zero for a plain dependency, and that is how this device treats every other too.
    pub data: [u8; 8],
}

impl Edge {
    /// A plain dependency.
    pub fn plain(node: u64) -> Edge {
        Edge { node, data: [0; 8] }
    }

    /// The edge's data as CUDA has it.
    pub fn c_data(&self) -> CUgraphEdgeData {
        let [from_port, to_port, type_, reserved @ ..] = self.data;
        CUgraphEdgeData {
            from_port,
            to_port,
            type_,
            reserved,
        }
    }
}

/// What a node does.
#[derive(Clone)]
pub enum Kind {
    /// What a stream can do too.
    Operation(Operation),
    /// Another graph.
    Child(u64),
    /// Waits for an event.
    Wait(u64),
    /// Records an event.
    Record(u64),
    /// Allocates memory.
    Allocate(Arc<GraphMemory>),
    /// Frees the memory at an address.
    Free(u64),
    /// Runs one of its bodies, or none, as a value says.
    Condition(Condition),
}

impl Kind {
    fn type_(&self) -> CUgraphNodeType {
        use CUgraphNodeType as T;
        match self {
            Kind::Operation(Operation::Nothing) => T::CU_GRAPH_NODE_TYPE_EMPTY,
            Kind::Operation(Operation::Launch(_)) => T::CU_GRAPH_NODE_TYPE_KERNEL,
            Kind::Operation(Operation::Copy(_)) => T::CU_GRAPH_NODE_TYPE_MEMCPY,
            Kind::Operation(Operation::Fill(_)) => T::CU_GRAPH_NODE_TYPE_MEMSET,
            Kind::Operation(Operation::HostCall(_)) => T::CU_GRAPH_NODE_TYPE_HOST,
            Kind::Operation(Operation::Values(_)) => T::CU_GRAPH_NODE_TYPE_BATCH_MEM_OP,
            Kind::Child(_) => T::CU_GRAPH_NODE_TYPE_GRAPH,
            Kind::Wait(_) => T::CU_GRAPH_NODE_TYPE_WAIT_EVENT,
            Kind::Record(_) => T::CU_GRAPH_NODE_TYPE_EVENT_RECORD,
            Kind::Allocate(_) => T::CU_GRAPH_NODE_TYPE_MEM_ALLOC,
            Kind::Free(_) => T::CU_GRAPH_NODE_TYPE_MEM_FREE,
            Kind::Condition(_) => T::CU_GRAPH_NODE_TYPE_CONDITIONAL,
        }
    }

    /// Whether it allocates or frees: such graphs are neither copied nor changed.
    fn is_memory(&self) -> bool {
        matches!(self, Kind::Allocate(_) | Kind::Free(_))
    }

    /// Whether a body of a conditional node may have it.
    fn fits_in_body(&self) -> bool {
        match self {
            Kind::Operation(operation) => {
                !matches!(operation, Operation::HostCall(_) | Operation::Values(_))
            }
            Kind::Child(_) | Kind::Condition(_) => true,
            Kind::Wait(_) | Kind::Record(_) | Kind::Allocate(_) | Kind::Free(_) => false,
        }
    }
}

/// A choice between bodies.
#[derive(Clone)]
pub struct Condition {
    handle: u64,
    kind: CUgraphConditionalNodeType,
    /// The graphs that may run. The program reads the list where it lies, as long as the node lives.
    bodies: Arc<Vec<u64>>,
}

/// The name of a value that a condition tests and kernels set.
struct Handle {
    graph: u64,
    /// What it begins every launch with.
    default: Option<u32>,
}

impl Graphs {
    /// The graph of that handle.
    pub fn graph(&self, handle: u64) -> Answer<&Graph> {
        self.all.get(&handle).ok_or(INVALID)
    }

    /// The graph of that handle.
    pub fn graph_mut(&mut self, handle: u64) -> Answer<&mut Graph> {
        self.all.get_mut(&handle).ok_or(INVALID)
    }

    fn node(&self, handle: u64) -> Answer<&Node> {
        let graph = self.home.get(&handle).ok_or(INVALID)?;
        self.graph(*graph)?.nodes.get(&handle).ok_or(INVALID)
    }

    fn node_mut(&mut self, handle: u64) -> Answer<&mut Node> {
        let graph = *self.home.get(&handle).ok_or(INVALID)?;
        self.graph_mut(graph)?.nodes.get_mut(&handle).ok_or(INVALID)
    }

    /// A new graph without nodes.
    pub fn create(&mut self, within: Option<u64>) -> u64 {
        let handle = name(GRAPH);
        let graph = Graph {
            within,
            ..Graph::default()
        };
        self.all.insert(handle, graph);
        handle
    }

    /// Checks that a node with these dependencies may be added.
    pub fn check_after(&self, graph: u64, after: &[Edge]) -> Answer {
        let graph = self.graph(graph)?;
        let nodes: BTreeSet<u64> = after.iter().map(|edge| edge.node).collect();
        let known = nodes.iter().all(|node| graph.nodes.contains_key(node));
        if known && nodes.len() == after.len() {
            Ok(())
        } else {
            Err(INVALID)
        }
    }

    /// Adds a node.
    pub fn add(&mut self, graph: u64, after: Vec<Edge>, kind: Kind) -> Answer<u64> {
        self.add_as(name(NODE), graph, after, kind)
    }

    /// Adds a node whose handle is chosen, so that what belongs to it can name it.
    fn add_as(&mut self, node: u64, graph: u64, after: Vec<Edge>, kind: Kind) -> Answer<u64> {
        self.check_after(graph, &after)?;
        if !kind.fits_in_body() && self.in_body(graph) {
            return Err(UNSUPPORTED);
        }
        let new = Node {
            kind,
            after,
            original: None,
            attributes: BTreeMap::new(),
        };
        self.graph_mut(graph)?.nodes.insert(node, new);
        self.home.insert(node, graph);
        Ok(node)
    }

    /// Whether a graph is a body of a conditional node, or lies in one.
    fn in_body(&self, graph: u64) -> bool {
        let mut graph = graph;
        while let Some(node) = self.all.get(&graph).and_then(|graph| graph.within) {
            match self.node(node) {
                Ok(node) if matches!(node.kind, Kind::Condition(_)) => return true,
                // Not added yet: it is being made, and only bodies are made before their node.
                Err(_) => return true,
                Ok(_) => {}
            }
            match self.home.get(&node) {
                Some(home) => graph = *home,
                None => return true,
            }
        }
        false
    }

    /// Whether a graph, or one inside it, has a node that it is asked for.
    fn any(&self, graph: u64, wanted: &dyn Fn(&Kind) -> bool) -> bool {
        self.all.get(&graph).is_some_and(|graph| {
            graph.nodes.values().any(|node| {
                wanted(&node.kind)
                    || match &node.kind {
                        Kind::Child(child) => self.any(*child, wanted),
                        Kind::Condition(c) => c.bodies.iter().any(|body| self.any(*body, wanted)),
                        _ => false,
                    }
            })
        })
    }

    /// A copy of a graph.
    fn clone_graph(&mut self, from: u64, within: Option<u64>) -> Answer<u64> {
        self.graph(from)?;
        let fixed = |kind: &Kind| kind.is_memory() || matches!(kind, Kind::Condition(_));
        if self.any(from, &fixed) {
            return Err(INVALID);
        }
        self.copy_graph(from, within)
    }

    fn copy_graph(&mut self, from: u64, within: Option<u64>) -> Answer<u64> {
        let to = self.create(within);
        let original = self.graph(from)?;
        let (nodes, objects) = (original.nodes.clone(), original.objects.clone());
        let handles: HashMap<u64, u64> = nodes.keys().map(|node| (*node, name(NODE))).collect();
        for (handle, mut node) in nodes {
            let new = handles[&handle];
            for edge in &mut node.after {
                edge.node = handles[&edge.node];
            }
            if let Kind::Child(child) = node.kind {
                node.kind = Kind::Child(self.copy_graph(child, Some(new))?);
            }
            node.original = Some(handle);
            self.home.insert(new, to);
            self.graph_mut(to)?.nodes.insert(new, node);
        }
        self.graph_mut(to)?.objects = objects;
        Ok(to)
    }

    /// Takes a graph away with all inside it. What is answered must be dropped after the state is unlocked.
    pub fn remove(&mut self, graph: u64) -> Vec<Graph> {
        let mut gone = Vec::new();
        if let Some(graph_) = self.all.remove(&graph) {
            for (handle, node) in &graph_.nodes {
                self.home.remove(handle);
                gone.extend(self.remove_inside(node));
            }
            self.conditions.retain(|_, handle| handle.graph != graph);
            gone.push(graph_);
        }
        gone
    }

    /// Takes the graphs of a node away.
    fn remove_inside(&mut self, node: &Node) -> Vec<Graph> {
        match &node.kind {
            Kind::Child(child) => self.remove(*child),
            Kind::Condition(c) => c
                .bodies
                .iter()
                .flat_map(|body| self.remove(*body))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Whether every node of `nodes` is one of `ends` or comes before one.
    pub fn all_before(&self, graph: u64, nodes: &[u64], ends: &[Edge]) -> bool {
        let Ok(graph) = self.graph(graph) else {
            return false;
        };
        let mut reached = BTreeSet::new();
        let mut open: Vec<u64> = ends.iter().map(|edge| edge.node).collect();
        while let Some(node) = open.pop() {
            if reached.insert(node) {
                let after = graph.nodes.get(&node).map(|node| &node.after);
                open.extend(after.into_iter().flatten().map(|edge| edge.node));
            }
        }
        nodes.iter().all(|node| reached.contains(node))
    }

    /// The graph in the language of Graphviz.
    fn dot(&self, graph: u64) -> Answer<String> {
        let nodes = &self.graph(graph)?.nodes;
        let mut text = String::from("digraph dot {\n");
        for (handle, node) in nodes {
            let kind = node.kind.type_().0;
            // Writing to a string does not fail.
            let _ = writeln!(
                text,
                "\"n{handle:x}\" [label=\"{}\"];",
                TYPE_NAMES[kind as usize]
            );
            for edge in &node.after {
                let _ = writeln!(text, "\"n{:x}\" -> \"n{handle:x}\";", edge.node);
            }
        }
        text.push_str("}\n");
        Ok(text)
    }
}

const TYPE_NAMES: [&str; 14] = [
    "KERNEL",
    "MEMCPY",
    "MEMSET",
    "HOST",
    "GRAPH",
    "EMPTY",
    "EVENT_WAIT",
    "EVENT_RECORD",
    "EXT_SEMAS_SIGNAL",
    "EXT_SEMAS_WAIT",
    "MEM_ALLOC",
    "MEM_FREE",
    "BATCH_MEM_OP",
    "CONDITIONAL",
];

/// Enters the functions of graphs.
pub fn fill(table: &mut pillion_cuda_abi::DriverTable) {
    fill_graphs(table);
    edge::fill(table);
    exec::fill(table);
    memory::fill(table);
    node::fill(table);
}

/// Writes a list as CUDA's queries do: its length alone, or as much as there is room for with nulls behind it.
///
/// # Safety
///
/// `count` points to a number, `place` is null or has room for that many.
unsafe fn list<T: Copy>(place: *mut T, count: *mut usize, values: &[T], none: T) -> Answer {
    if count.is_null() {
        return Err(INVALID);
    }
    // SAFETY: not null, and the caller promises a number.
    let room = unsafe { count.read() };
    if place.is_null() {
        return write(count, values.len());
    }
    for n in 0..room {
        // SAFETY: the caller promises the room.
        unsafe { place.add(n).write(values.get(n).copied().unwrap_or(none)) };
    }
    write(count, room.min(values.len()))
}

/// Handles as the program sees them.
fn handles(nodes: impl Iterator<Item = u64>) -> Vec<CUgraphNode> {
    nodes.map(|node| node as CUgraphNode).collect()
}

mod graphs {
    use super::*;

    functions! {
        cuGraphCreate(place: *mut CUgraph, flags: c_uint) {
            if flags != 0 || place.is_null() {
                return Err(INVALID);
            }
            write(place, alive()?.state().graphs.create(None) as CUgraph)
        }
        cuGraphDestroy(graph: CUgraph) {
            let owner = device()?;
            let mut state = owner.state();
            let known = state.graphs.graph(graph as u64)?;
            if known.within.is_some() || known.capturing {
                return Err(INVALID);
            }
            let gone = state.graphs.remove(graph as u64);
            drop(state);
            drop(gone);
            owner.state().graphs.memory.forget_unused();
            Ok(())
        }
        cuGraphClone(place: *mut CUgraph, graph: CUgraph) {
            if place.is_null() {
                return Err(INVALID);
            }
            write(place, alive()?.state().graphs.clone_graph(graph as u64, None)? as CUgraph)
        }
        cuGraphGetNodes(graph: CUgraph, nodes: *mut CUgraphNode, count: *mut usize) {
            let all = handles(device()?.state().graphs.graph(graph as u64)?.nodes.keys().copied());
            list(nodes, count, &all, std::ptr::null_mut())
        }
        cuGraphGetRootNodes(graph: CUgraph, nodes: *mut CUgraphNode, count: *mut usize) {
            let state = device()?.state();
            let all = state.graphs.graph(graph as u64)?.nodes.iter();
            let roots = handles(all.filter(|(_, node)| node.after.is_empty()).map(|(handle, _)| *handle));
            list(nodes, count, &roots, std::ptr::null_mut())
        }
        cuGraphNodeFindInClone(place: *mut CUgraphNode, original: CUgraphNode, clone: CUgraph) {
            let state = device()?.state();
            state.graphs.node(original as u64)?;
            let mut nodes = state.graphs.graph(clone as u64)?.nodes.iter();
            let found = nodes.find(|(_, node)| node.original == Some(original as u64)).ok_or(INVALID)?;
            write(place, *found.0 as CUgraphNode)
        }
        cuGraphDebugDotPrint(graph: CUgraph, path: *const c_char, flags: c_uint) {
            let path = text(path)?;
            let dot = device()?.state().graphs.dot(graph as u64)?;
            std::fs::write(path, dot).map_err(|_| CUresult::CUDA_ERROR_OPERATING_SYSTEM)
        }
        cuGraphConditionalHandleCreate(place: *mut CUgraphConditionalHandle, graph: CUgraph, context: CUcontext, value: c_uint, flags: c_uint) {
            if flags > CU_GRAPH_COND_ASSIGN_DEFAULT || place.is_null() {
                return Err(INVALID);
            }
            let mut state = alive()?.state();
            state.graphs.graph(graph as u64)?;
            let handle = name(crate::driver::CONDITION);
            let default = (flags == CU_GRAPH_COND_ASSIGN_DEFAULT).then_some(value);
            state.graphs.conditions.insert(handle, Handle { graph: graph as u64, default });
            write(place, handle)
        }
        cuGraphRetainUserObject(graph: CUgraph, object: CUuserObject, count: c_uint, flags: c_uint) {
            let mut state = alive()?.state();
            let state = &mut *state;
            let graph = state.graphs.graph_mut(graph as u64)?;
            state.user_objects.give(&mut graph.objects, object as u64, count, flags)
        }
        cuGraphReleaseUserObject(graph: CUgraph, object: CUuserObject, count: c_uint) {
            let mut state = device()?.state();
            let graph = state.graphs.graph_mut(graph as u64)?;
            let last = crate::driver::user_object::take(&mut graph.objects, object as u64, count)?;
            drop(state);
            drop(last);
            Ok(())
        }
    }
}
use graphs::fill as fill_graphs;

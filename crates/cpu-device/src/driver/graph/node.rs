//! Nodes as the program makes, shows and changes them.
//!
//! CUDA has a set of functions for each type of node and one that takes every type. Both come to the same here: parameters
//! become a [`Blueprint`], a blueprint becomes a node's [`Kind`].

use std::collections::BTreeMap;
use std::ffi::c_uint;
use std::sync::Arc;

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

use super::super::copy::{Copy, Fill};
use super::super::host_call::HostCall;
use super::super::launch::{Launch, Shape};
use super::super::operation::Operation;
use super::super::values::Values;
use super::super::{
    Answer, INVALID, NODE, Raw, UNSUPPORTED, alive, array, device, functions, name,
};
use super::edge::edges;
use super::{Condition, Edge, GraphMemory, Graphs, Kind, write};

/// The most bodies that a conditional node may have.
const MAX_BODIES: c_uint = 1 << 16;

/// What a node is to be.
pub enum Blueprint {
    /// A kind that needs nothing else.
    Ready(Kind),
    /// A copy of a graph as a child, or the graph itself.
    Child { graph: u64, moved: bool },
    /// A conditional node with bodies yet to be made.
    Condition {
        handle: u64,
        kind: CUgraphConditionalNodeType,
        bodies: usize,
    },
}

impl From<Operation> for Blueprint {
    fn from(operation: Operation) -> Blueprint {
        Blueprint::Ready(Kind::Operation(operation))
    }
}

/// # Safety
///
/// Parameters as `cuLaunchKernel` takes them.
pub unsafe fn launch(params: &CUDA_KERNEL_NODE_PARAMS, cooperative: bool) -> Answer<Operation> {
    let p = params;
    let function = if p.func.is_null() {
        p.kern as u64
    } else {
        p.func as u64
    };
    let shape = Shape {
        function,
        grid: [p.gridDimX, p.gridDimY, p.gridDimZ],
        block: [p.blockDimX, p.blockDimY, p.blockDimZ],
        shared: p.sharedMemBytes,
        cooperative,
    };
    // SAFETY: as the caller promises.
    let launch = unsafe { Launch::new(shape, p.kernelParams, p.extra) }?;
    Ok(Operation::Launch(Arc::new(launch)))
}

/// The parameters of the first version with what later ones added.
pub fn widen(params: &CUDA_KERNEL_NODE_PARAMS_v1) -> CUDA_KERNEL_NODE_PARAMS {
    let p = params;
    CUDA_KERNEL_NODE_PARAMS {
        func: p.func,
        gridDimX: p.gridDimX,
        gridDimY: p.gridDimY,
        gridDimZ: p.gridDimZ,
        blockDimX: p.blockDimX,
        blockDimY: p.blockDimY,
        blockDimZ: p.blockDimZ,
        sharedMemBytes: p.sharedMemBytes,
        kernelParams: p.kernelParams,
        extra: p.extra,
        kern: std::ptr::null_mut(),
        ctx: std::ptr::null_mut(),
    }
}

/// A copy, as a node has it.
pub fn copy(request: &CUDA_MEMCPY3D) -> Answer<Operation> {
    Ok(Operation::Copy(Arc::new(Copy::new(request)?)))
}

/// A fill, as a node has it.
pub fn filling(request: &CUDA_MEMSET_NODE_PARAMS) -> Answer<Operation> {
    Ok(Operation::Fill(Arc::new(Fill::new(request)?)))
}

/// A host function, as a node has it.
pub fn call(params: &CUDA_HOST_NODE_PARAMS) -> Answer<Operation> {
    let call = HostCall::new(params.fn_, params.userData).ok_or(INVALID)?;
    Ok(Operation::HostCall(call))
}

/// # Safety
///
/// As many operations as the parameters say.
pub unsafe fn values(params: &CUDA_BATCH_MEM_OP_NODE_PARAMS) -> Answer<Operation> {
    // SAFETY: as the caller promises.
    let operations = unsafe { array(params.paramArray, params.count as usize) }?;
    let values = Values::new(operations, params.flags)?;
    Ok(Operation::Values(Arc::new(values)))
}

/// An event that exists.
pub fn event(event: CUevent) -> Answer<u64> {
    let event = event as u64;
    let known = alive()?.state().events.contains_key(&event);
    if known { Ok(event) } else { Err(INVALID) }
}

/// A fill, as the parameters of every type have it.
fn narrow_fill(p: &CUDA_MEMSET_NODE_PARAMS_v2) -> CUDA_MEMSET_NODE_PARAMS {
    CUDA_MEMSET_NODE_PARAMS {
        dst: p.dst,
        pitch: p.pitch,
        value: p.value,
        elementSize: p.elementSize,
        width: p.width,
        height: p.height,
    }
}

/// The operation that parameters of every type describe, if they describe one.
///
/// # Safety
///
/// The type says which parameters there are.
pub unsafe fn operation(params: &CUgraphNodeParams, cooperative: bool) -> Answer<Operation> {
    use CUgraphNodeType as T;
    let p = &params.__bindgen_anon_1;
    // SAFETY: as the caller promises, here and below; the versions of a structure have the same members.
    unsafe {
        match params.type_ {
            T::CU_GRAPH_NODE_TYPE_EMPTY => Ok(Operation::Nothing),
            T::CU_GRAPH_NODE_TYPE_KERNEL => {
                let k = p.kernel;
                let params = CUDA_KERNEL_NODE_PARAMS {
                    func: k.func,
                    gridDimX: k.gridDimX,
                    gridDimY: k.gridDimY,
                    gridDimZ: k.gridDimZ,
                    blockDimX: k.blockDimX,
                    blockDimY: k.blockDimY,
                    blockDimZ: k.blockDimZ,
                    sharedMemBytes: k.sharedMemBytes,
                    kernelParams: k.kernelParams,
                    extra: k.extra,
                    kern: k.kern,
                    ctx: k.ctx,
                };
                launch(&params, cooperative)
            }
            T::CU_GRAPH_NODE_TYPE_MEMCPY => copy(&p.memcpy.copyParams),
            T::CU_GRAPH_NODE_TYPE_MEMSET => filling(&narrow_fill(&p.memset)),
            T::CU_GRAPH_NODE_TYPE_HOST => call(&CUDA_HOST_NODE_PARAMS {
                fn_: p.host.fn_,
                userData: p.host.userData,
            }),
            T::CU_GRAPH_NODE_TYPE_BATCH_MEM_OP => values(&CUDA_BATCH_MEM_OP_NODE_PARAMS {
                ctx: p.memOp.ctx,
                count: p.memOp.count,
                paramArray: p.memOp.paramArray,
                flags: p.memOp.flags,
            }),
            T::CU_GRAPH_NODE_TYPE_EXT_SEMAS_SIGNAL | T::CU_GRAPH_NODE_TYPE_EXT_SEMAS_WAIT => {
                Err(UNSUPPORTED)
            }
            _ => Err(INVALID),
        }
    }
}

/// What parameters of every type describe. Writes the parameters that CUDA answers in the same place.
///
/// # Safety
///
/// As [`operation`] asks.
unsafe fn blueprint(params: &mut CUgraphNodeParams) -> Answer<Blueprint> {
    use CUgraphNodeType as T;
    let p = &mut params.__bindgen_anon_1;
    // SAFETY: as the caller promises, here and below.
    unsafe {
        Ok(match params.type_ {
            T::CU_GRAPH_NODE_TYPE_GRAPH => Blueprint::Child {
                graph: p.graph.graph as u64,
                moved: match p.graph.ownership {
                    CUgraphChildGraphNodeOwnership::CU_GRAPH_CHILD_GRAPH_OWNERSHIP_CLONE => false,
                    CUgraphChildGraphNodeOwnership::CU_GRAPH_CHILD_GRAPH_OWNERSHIP_MOVE => true,
                    _ => return Err(INVALID),
                },
            },
            T::CU_GRAPH_NODE_TYPE_WAIT_EVENT => {
                Blueprint::Ready(Kind::Wait(event(p.eventWait.event)?))
            }
            T::CU_GRAPH_NODE_TYPE_EVENT_RECORD => {
                Blueprint::Ready(Kind::Record(event(p.eventRecord.event)?))
            }
            T::CU_GRAPH_NODE_TYPE_MEM_ALLOC => {
                let mut narrow = CUDA_MEM_ALLOC_NODE_PARAMS {
                    poolProps: p.alloc.poolProps,
                    accessDescs: p.alloc.accessDescs,
                    accessDescCount: p.alloc.accessDescCount,
                    bytesize: p.alloc.bytesize,
                    dptr: 0,
                };
                let blueprint = allocation(&mut narrow)?;
                p.alloc.dptr = narrow.dptr;
                blueprint
            }
            T::CU_GRAPH_NODE_TYPE_MEM_FREE => Blueprint::Ready(Kind::Free(p.free.dptr)),
            T::CU_GRAPH_NODE_TYPE_CONDITIONAL => {
                let c = p.conditional;
                let bodies = match c.type_ {
                    CUgraphConditionalNodeType::CU_GRAPH_COND_TYPE_IF => 1..=2,
                    CUgraphConditionalNodeType::CU_GRAPH_COND_TYPE_WHILE => 1..=1,
                    CUgraphConditionalNodeType::CU_GRAPH_COND_TYPE_SWITCH => 1..=MAX_BODIES,
                    _ => return Err(INVALID),
                };
                if !bodies.contains(&c.size) {
                    return Err(INVALID);
                }
                Blueprint::Condition {
                    handle: c.handle,
                    kind: c.type_,
                    bodies: c.size as usize,
                }
            }
            _ => operation(params, false)?.into(),
        })
    }
}

/// Memory for an allocation node, whose address it writes.
///
/// # Safety
///
/// As [`GraphMemory::new`] asks.
unsafe fn allocation(params: &mut CUDA_MEM_ALLOC_NODE_PARAMS) -> Answer<Blueprint> {
    // SAFETY: as the caller promises.
    let memory = unsafe { GraphMemory::new(params) }?;
    params.dptr = memory.reserved.start;
    Ok(Blueprint::Ready(Kind::Allocate(memory)))
}

impl Graphs {
    /// Makes a node of a blueprint.
    pub fn build(&mut self, graph: u64, after: Vec<Edge>, blueprint: Blueprint) -> Answer<u64> {
        self.check_after(graph, &after)?;
        let node = name(NODE);
        let kind = match blueprint {
            Blueprint::Ready(Kind::Free(start)) => {
                let freed = |kind: &Kind| matches!(kind, Kind::Free(other) if *other == start);
                let nodes = &self.graph(graph)?.nodes;
                if start == 0 || nodes.values().any(|node| freed(&node.kind)) {
                    return Err(INVALID);
                }
                Kind::Free(start)
            }
            Blueprint::Ready(kind) => kind,
            Blueprint::Child {
                graph: child,
                moved: false,
            } => {
                let kind = Kind::Child(self.clone_graph(child, Some(node))?);
                return self.add_as(node, graph, after, kind);
            }
            Blueprint::Child {
                graph: child,
                moved: true,
            } => {
                let known = self.graph(child)?;
                if known.within.is_some() || known.capturing || child == graph {
                    return Err(INVALID);
                }
                // A graph within itself would have no end.
                let mut outer = graph;
                while let Some(node) = self.graph(outer)?.within {
                    outer = *self.home.get(&node).ok_or(INVALID)?;
                    if outer == child {
                        return Err(INVALID);
                    }
                }
                self.graph_mut(child)?.within = Some(node);
                Kind::Child(child)
            }
            Blueprint::Condition {
                handle,
                kind,
                bodies,
            } => {
                self.conditions.get(&handle).ok_or(INVALID)?;
                let bodies = (0..bodies).map(|_| self.create(Some(node))).collect();
                Kind::Condition(Condition {
                    handle,
                    kind,
                    bodies: Arc::new(bodies),
                })
            }
        };
        self.add_as(node, graph, after, kind)
    }

    fn operation(&self, node: CUgraphNode) -> Answer<&Operation> {
        match &self.node(node as u64)?.kind {
            Kind::Operation(operation) => Ok(operation),
            _ => Err(INVALID),
        }
    }

    /// Gives a node an operation of the type that it has.
    fn replace(&mut self, node: CUgraphNode, operation: Operation) -> Answer {
        let node = self.node_mut(node as u64)?;
        let kind = Kind::Operation(operation);
        if node.kind.type_() != kind.type_() {
            return Err(INVALID);
        }
        node.kind = kind;
        Ok(())
    }

    fn set_event(&mut self, node: CUgraphNode, kind: Kind) -> Answer {
        let node = self.node_mut(node as u64)?;
        if node.kind.type_() != kind.type_() {
            return Err(INVALID);
        }
        node.kind = kind;
        Ok(())
    }

    fn launch_of(&self, node: CUgraphNode) -> Answer<&Arc<Launch>> {
        match self.operation(node)? {
            Operation::Launch(launch) => Ok(launch),
            _ => Err(INVALID),
        }
    }

    /// Whether a kernel's node is to run all its blocks together.
    pub fn is_cooperative(&self, node: CUgraphNode) -> bool {
        self.launch_of(node)
            .is_ok_and(|launch| launch.shape().cooperative)
    }
}

/// Replaces what a node does. What it did is dropped after the state is unlocked.
fn replace(node: CUgraphNode, operation: Operation) -> Answer {
    let mut state = alive()?.state();
    let old = state.graphs.operation(node)?.clone();
    let answer = state.graphs.replace(node, operation);
    drop(state);
    drop(old);
    answer
}

/// Adds a node and writes its handle.
///
/// # Safety
///
/// Dependencies as [`edges`] takes them.
unsafe fn add(
    place: *mut CUgraphNode,
    graph: CUgraph,
    dependencies: (*const CUgraphNode, *const CUgraphEdgeData, usize),
    blueprint: Answer<Blueprint>,
) -> Answer<u64> {
    if place.is_null() {
        return Err(INVALID);
    }
    let (nodes, data, count) = dependencies;
    // SAFETY: as the caller promises.
    let after = unsafe { edges(nodes, data, count) }?;
    let blueprint = blueprint?;
    let node = alive()?
        .state()
        .graphs
        .build(graph as u64, after, blueprint)?;
    write(place, node as CUgraphNode)?;
    Ok(node)
}

/// Dependencies without data.
fn plain(
    nodes: *const CUgraphNode,
    count: usize,
) -> (*const CUgraphNode, *const CUgraphEdgeData, usize) {
    (nodes, std::ptr::null(), count)
}

/// Adds a node of any type and writes what it answers into the parameters.
///
/// # Safety
///
/// As `cuGraphAddNode` takes its arguments.
unsafe fn add_any(
    place: *mut CUgraphNode,
    graph: CUgraph,
    dependencies: (*const CUgraphNode, *const CUgraphEdgeData, usize),
    params: *mut CUgraphNodeParams,
) -> Answer {
    // SAFETY: as the caller promises.
    let params = unsafe { params.as_mut() }.ok_or(INVALID)?;
    // SAFETY: as the caller promises.
    let node = unsafe { add(place, graph, dependencies, blueprint(params)) }?;
    let graphs = &alive()?.state().graphs;
    match &graphs.node(node)?.kind {
        Kind::Condition(condition) => {
            // SAFETY: the type says that the parameters are a condition's. The union's member is written whole.
            let mut answered = unsafe { params.__bindgen_anon_1.conditional };
            // Handles are pointers of the same size; the program may read them as long as the node lives.
            answered.phGraph_out = condition.bodies.as_ptr() as *mut CUgraph;
            params.__bindgen_anon_1.conditional = answered;
        }
        Kind::Child(child) => {
            // SAFETY: as above, a child graph's.
            let mut answered = unsafe { params.__bindgen_anon_1.graph };
            answered.graph = *child as CUgraph;
            params.__bindgen_anon_1.graph = answered;
        }
        _ => {}
    }
    Ok(())
}

/// # Safety
///
/// The parameters fit the type.
unsafe fn set_any(node: CUgraphNode, params: *mut CUgraphNodeParams) -> Answer {
    use CUgraphNodeType as T;
    // SAFETY: as the caller promises.
    let params = unsafe { params.as_ref() }.ok_or(INVALID)?;
    let (known, cooperative) = {
        let state = alive()?.state();
        let known = state.graphs.node(node as u64)?.kind.type_();
        (known, state.graphs.is_cooperative(node))
    };
    if known != params.type_ {
        return Err(INVALID);
    }
    let p = &params.__bindgen_anon_1;
    match known {
        T::CU_GRAPH_NODE_TYPE_WAIT_EVENT => {
            // SAFETY: the type says which member it is.
            let event = event(unsafe { p.eventWait.event })?;
            alive()?.state().graphs.set_event(node, Kind::Wait(event))
        }
        T::CU_GRAPH_NODE_TYPE_EVENT_RECORD => {
            // SAFETY: as above.
            let event = event(unsafe { p.eventRecord.event })?;
            alive()?.state().graphs.set_event(node, Kind::Record(event))
        }
        T::CU_GRAPH_NODE_TYPE_GRAPH
        | T::CU_GRAPH_NODE_TYPE_MEM_ALLOC
        | T::CU_GRAPH_NODE_TYPE_MEM_FREE
        | T::CU_GRAPH_NODE_TYPE_CONDITIONAL => Err(UNSUPPORTED),
        // SAFETY: as the caller promises.
        _ => replace(node, unsafe { operation(params, cooperative) }?),
    }
}

/// The value of an attribute of a kernel's node.
fn attribute(node: CUgraphNode, which: CUkernelNodeAttrID) -> Answer<CUkernelNodeAttrValue> {
    let state = device()?.state();
    let launch = state.graphs.launch_of(node)?;
    let mut value = CUkernelNodeAttrValue { pad: [0; 64] };
    match which {
        CUlaunchAttributeID::CU_LAUNCH_ATTRIBUTE_COOPERATIVE => {
            value.cooperative = i32::from(launch.shape().cooperative);
        }
        CUlaunchAttributeID(1..=16) => {
            let known = state.graphs.node(node as u64)?.attributes.get(&which.0);
            if let Some(known) = known {
                value = known.0;
            }
        }
        _ => return Err(INVALID),
    }
    Ok(value)
}

fn set_attribute(
    node: CUgraphNode,
    which: CUkernelNodeAttrID,
    value: CUkernelNodeAttrValue,
) -> Answer {
    let asked = super::super::launch::attributes(&[CUlaunchAttribute {
        id: which,
        pad: [0; 4],
        value,
    }])?;
    let mut state = alive()?.state();
    let launch = state.graphs.launch_of(node)?.clone();
    match which {
        CUlaunchAttributeID::CU_LAUNCH_ATTRIBUTE_COOPERATIVE => {
            let launch = Operation::Launch(Arc::new(launch.with_cooperation(asked)));
            state.graphs.replace(node, launch)
        }
        CUlaunchAttributeID(1..=16) => {
            let node = state.graphs.node_mut(node as u64)?;
            node.attributes.insert(which.0, Raw(value));
            Ok(())
        }
        _ => Err(INVALID),
    }
}

fn copy_attributes(to: CUgraphNode, from: CUgraphNode) -> Answer {
    let mut state = alive()?.state();
    let graphs = &mut state.graphs;
    let cooperative = graphs.launch_of(from)?.shape().cooperative;
    let launch = graphs.launch_of(to)?.with_cooperation(cooperative);
    let attributes: BTreeMap<_, _> = graphs.node(from as u64)?.attributes.clone();
    graphs.replace(to, Operation::Launch(Arc::new(launch)))?;
    graphs.node_mut(to as u64)?.attributes = attributes;
    Ok(())
}

fn kernel_params(node: CUgraphNode) -> Answer<CUDA_KERNEL_NODE_PARAMS> {
    let state = device()?.state();
    let launch = state.graphs.launch_of(node)?;
    let shape = launch.shape();
    let ([gx, gy, gz], [bx, by, bz]) = (shape.grid, shape.block);
    Ok(CUDA_KERNEL_NODE_PARAMS {
        func: shape.function as CUfunction,
        gridDimX: gx,
        gridDimY: gy,
        gridDimZ: gz,
        blockDimX: bx,
        blockDimY: by,
        blockDimZ: bz,
        sharedMemBytes: shape.shared,
        kernelParams: launch.places(),
        extra: std::ptr::null_mut(),
        kern: std::ptr::null_mut(),
        ctx: std::ptr::null_mut(),
    })
}

fn narrow(p: &CUDA_KERNEL_NODE_PARAMS) -> CUDA_KERNEL_NODE_PARAMS_v1 {
    CUDA_KERNEL_NODE_PARAMS_v1 {
        func: p.func,
        gridDimX: p.gridDimX,
        gridDimY: p.gridDimY,
        gridDimZ: p.gridDimZ,
        blockDimX: p.blockDimX,
        blockDimY: p.blockDimY,
        blockDimZ: p.blockDimZ,
        sharedMemBytes: p.sharedMemBytes,
        kernelParams: p.kernelParams,
        extra: p.extra,
    }
}

fn cooperative(node: CUgraphNode) -> Answer<bool> {
    Ok(alive()?.state().graphs.is_cooperative(node))
}

functions! {
    cuGraphAddEmptyNode(place: *mut CUgraphNode, graph: CUgraph, nodes: *const CUgraphNode, count: usize) {
        add(place, graph, plain(nodes, count), Ok(Operation::Nothing.into())).map(|_| ())
    }
    cuGraphAddKernelNode(place: *mut CUgraphNode, graph: CUgraph, nodes: *const CUgraphNode, count: usize, params: *const CUDA_KERNEL_NODE_PARAMS_v1) {
        let params = widen(params.as_ref().ok_or(INVALID)?);
        add(place, graph, plain(nodes, count), launch(&params, false).map(Into::into)).map(|_| ())
    }
    cuGraphAddKernelNode_v2(place: *mut CUgraphNode, graph: CUgraph, nodes: *const CUgraphNode, count: usize, params: *const CUDA_KERNEL_NODE_PARAMS) {
        let params = params.as_ref().ok_or(INVALID)?;
        add(place, graph, plain(nodes, count), launch(params, false).map(Into::into)).map(|_| ())
    }
    cuGraphAddMemcpyNode(place: *mut CUgraphNode, graph: CUgraph, nodes: *const CUgraphNode, count: usize, params: *const CUDA_MEMCPY3D, context: CUcontext) {
        let params = params.as_ref().ok_or(INVALID)?;
        add(place, graph, plain(nodes, count), copy(params).map(Into::into)).map(|_| ())
    }
    cuGraphAddMemsetNode(place: *mut CUgraphNode, graph: CUgraph, nodes: *const CUgraphNode, count: usize, params: *const CUDA_MEMSET_NODE_PARAMS, context: CUcontext) {
        let params = params.as_ref().ok_or(INVALID)?;
        add(place, graph, plain(nodes, count), filling(params).map(Into::into)).map(|_| ())
    }
    cuGraphAddHostNode(place: *mut CUgraphNode, graph: CUgraph, nodes: *const CUgraphNode, count: usize, params: *const CUDA_HOST_NODE_PARAMS) {
        let params = params.as_ref().ok_or(INVALID)?;
        add(place, graph, plain(nodes, count), call(params).map(Into::into)).map(|_| ())
    }
    cuGraphAddBatchMemOpNode(place: *mut CUgraphNode, graph: CUgraph, nodes: *const CUgraphNode, count: usize, params: *const CUDA_BATCH_MEM_OP_NODE_PARAMS) {
        let params = params.as_ref().ok_or(INVALID)?;
        add(place, graph, plain(nodes, count), values(params).map(Into::into)).map(|_| ())
    }
    cuGraphAddChildGraphNode(place: *mut CUgraphNode, graph: CUgraph, nodes: *const CUgraphNode, count: usize, child: CUgraph) {
        let child = Blueprint::Child { graph: child as u64, moved: false };
        add(place, graph, plain(nodes, count), Ok(child)).map(|_| ())
    }
    cuGraphAddEventRecordNode(place: *mut CUgraphNode, graph: CUgraph, nodes: *const CUgraphNode, count: usize, recorded: CUevent) {
        let blueprint = event(recorded).map(|event| Blueprint::Ready(Kind::Record(event)));
        add(place, graph, plain(nodes, count), blueprint).map(|_| ())
    }
    cuGraphAddEventWaitNode(place: *mut CUgraphNode, graph: CUgraph, nodes: *const CUgraphNode, count: usize, awaited: CUevent) {
        let blueprint = event(awaited).map(|event| Blueprint::Ready(Kind::Wait(event)));
        add(place, graph, plain(nodes, count), blueprint).map(|_| ())
    }
    cuGraphAddMemAllocNode(place: *mut CUgraphNode, graph: CUgraph, nodes: *const CUgraphNode, count: usize, params: *mut CUDA_MEM_ALLOC_NODE_PARAMS) {
        let params = params.as_mut().ok_or(INVALID)?;
        add(place, graph, plain(nodes, count), allocation(params)).map(|_| ())
    }
    cuGraphAddMemFreeNode(place: *mut CUgraphNode, graph: CUgraph, nodes: *const CUgraphNode, count: usize, pointer: CUdeviceptr) {
        add(place, graph, plain(nodes, count), Ok(Blueprint::Ready(Kind::Free(pointer)))).map(|_| ())
    }
    cuGraphAddNode(place: *mut CUgraphNode, graph: CUgraph, nodes: *const CUgraphNode, count: usize, params: *mut CUgraphNodeParams) {
        add_any(place, graph, plain(nodes, count), params)
    }
    cuGraphAddNode_v2(place: *mut CUgraphNode, graph: CUgraph, nodes: *const CUgraphNode, data: *const CUgraphEdgeData, count: usize, params: *mut CUgraphNodeParams) {
        add_any(place, graph, (nodes, data, count), params)
    }

    cuGraphNodeGetType(node: CUgraphNode, place: *mut CUgraphNodeType) {
        write(place, device()?.state().graphs.node(node as u64)?.kind.type_())
    }
    cuGraphKernelNodeGetParams(node: CUgraphNode, place: *mut CUDA_KERNEL_NODE_PARAMS_v1) {
        write(place, narrow(&kernel_params(node)?))
    }
    cuGraphKernelNodeGetParams_v2(node: CUgraphNode, place: *mut CUDA_KERNEL_NODE_PARAMS) {
        write(place, kernel_params(node)?)
    }
    cuGraphKernelNodeSetParams(node: CUgraphNode, params: *const CUDA_KERNEL_NODE_PARAMS_v1) {
        replace(node, launch(&widen(params.as_ref().ok_or(INVALID)?), cooperative(node)?)?)
    }
    cuGraphKernelNodeSetParams_v2(node: CUgraphNode, params: *const CUDA_KERNEL_NODE_PARAMS) {
        replace(node, launch(params.as_ref().ok_or(INVALID)?, cooperative(node)?)?)
    }
    cuGraphKernelNodeGetAttribute(node: CUgraphNode, which: CUkernelNodeAttrID, place: *mut CUkernelNodeAttrValue) {
        write(place, attribute(node, which)?)
    }
    cuGraphKernelNodeSetAttribute(node: CUgraphNode, which: CUkernelNodeAttrID, value: *const CUkernelNodeAttrValue) {
        set_attribute(node, which, *value.as_ref().ok_or(INVALID)?)
    }
    cuGraphKernelNodeCopyAttributes(to: CUgraphNode, from: CUgraphNode) { copy_attributes(to, from) }
    cuGraphMemcpyNodeGetParams(node: CUgraphNode, place: *mut CUDA_MEMCPY3D) {
        match device()?.state().graphs.operation(node)? {
            Operation::Copy(copy) => write(place, copy.request()),
            _ => Err(INVALID),
        }
    }
    cuGraphMemcpyNodeSetParams(node: CUgraphNode, params: *const CUDA_MEMCPY3D) {
        replace(node, copy(params.as_ref().ok_or(INVALID)?)?)
    }
    cuGraphMemsetNodeGetParams(node: CUgraphNode, place: *mut CUDA_MEMSET_NODE_PARAMS) {
        match device()?.state().graphs.operation(node)? {
            Operation::Fill(fill) => write(place, fill.request()),
            _ => Err(INVALID),
        }
    }
    cuGraphMemsetNodeSetParams(node: CUgraphNode, params: *const CUDA_MEMSET_NODE_PARAMS) {
        replace(node, filling(params.as_ref().ok_or(INVALID)?)?)
    }
    cuGraphHostNodeGetParams(node: CUgraphNode, place: *mut CUDA_HOST_NODE_PARAMS) {
        match device()?.state().graphs.operation(node)? {
            Operation::HostCall(call) => write(place, call.params()),
            _ => Err(INVALID),
        }
    }
    cuGraphHostNodeSetParams(node: CUgraphNode, params: *const CUDA_HOST_NODE_PARAMS) {
        replace(node, call(params.as_ref().ok_or(INVALID)?)?)
    }
    cuGraphBatchMemOpNodeGetParams(node: CUgraphNode, place: *mut CUDA_BATCH_MEM_OP_NODE_PARAMS) {
        match device()?.state().graphs.operation(node)? {
            Operation::Values(values) => {
                let (count, first, flags) = values.params();
                write(place, CUDA_BATCH_MEM_OP_NODE_PARAMS { ctx: std::ptr::null_mut(), count, paramArray: first, flags })
            }
            _ => Err(INVALID),
        }
    }
    cuGraphBatchMemOpNodeSetParams(node: CUgraphNode, params: *const CUDA_BATCH_MEM_OP_NODE_PARAMS) {
        replace(node, values(params.as_ref().ok_or(INVALID)?)?)
    }
    cuGraphChildGraphNodeGetGraph(node: CUgraphNode, place: *mut CUgraph) {
        match device()?.state().graphs.node(node as u64)?.kind {
            Kind::Child(child) => write(place, child as CUgraph),
            _ => Err(INVALID),
        }
    }
    cuGraphEventRecordNodeGetEvent(node: CUgraphNode, place: *mut CUevent) {
        match device()?.state().graphs.node(node as u64)?.kind {
            Kind::Record(event) => write(place, event as CUevent),
            _ => Err(INVALID),
        }
    }
    cuGraphEventRecordNodeSetEvent(node: CUgraphNode, recorded: CUevent) {
        let recorded = event(recorded)?;
        alive()?.state().graphs.set_event(node, Kind::Record(recorded))
    }
    cuGraphEventWaitNodeGetEvent(node: CUgraphNode, place: *mut CUevent) {
        match device()?.state().graphs.node(node as u64)?.kind {
            Kind::Wait(event) => write(place, event as CUevent),
            _ => Err(INVALID),
        }
    }
    cuGraphEventWaitNodeSetEvent(node: CUgraphNode, awaited: CUevent) {
        let awaited = event(awaited)?;
        alive()?.state().graphs.set_event(node, Kind::Wait(awaited))
    }
    cuGraphMemAllocNodeGetParams(node: CUgraphNode, place: *mut CUDA_MEM_ALLOC_NODE_PARAMS) {
        match &device()?.state().graphs.node(node as u64)?.kind {
            Kind::Allocate(memory) => write(place, memory.params()),
            _ => Err(INVALID),
        }
    }
    cuGraphMemFreeNodeGetParams(node: CUgraphNode, place: *mut CUdeviceptr) {
        match device()?.state().graphs.node(node as u64)?.kind {
            Kind::Free(start) => write(place, start),
            _ => Err(INVALID),
        }
    }
    cuGraphNodeSetParams(node: CUgraphNode, params: *mut CUgraphNodeParams) { set_any(node, params) }
}

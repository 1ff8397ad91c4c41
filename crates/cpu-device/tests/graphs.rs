//! Host functions, user objects and graphs through the device's table.

mod common;

use std::ffi::{CString, c_void};
use std::ptr::{null, null_mut};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use common::driver::*;
use common::{Random, ptx};
use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

const NOT_SUPPORTED: CUresult = CUresult::CUDA_ERROR_NOT_SUPPORTED;

/// Words in each buffer of the tests.
const N: usize = 97;

/// Parameters of a kernel, owned.
struct Params {
    values: Box<(u64, u32, u32)>,
    places: Box<[*mut c_void; 3]>,
}

impl Params {
    fn new(at: u64, n: u32, by: u32) -> Params {
        let mut values = Box::new((at, n, by));
        let places = Box::new([
            (&raw mut values.0).cast::<c_void>(),
            (&raw mut values.1).cast(),
            (&raw mut values.2).cast(),
        ]);
        Params { values, places }
    }

    fn node(&mut self, kernel: CUfunction) -> CUDA_KERNEL_NODE_PARAMS {
        let mut node: CUDA_KERNEL_NODE_PARAMS = zeroed();
        node.func = kernel;
        (node.gridDimX, node.gridDimY, node.gridDimZ) = (self.values.1.div_ceil(64).max(1), 1, 1);
        (node.blockDimX, node.blockDimY, node.blockDimZ) = (64, 1, 1);
        node.kernelParams = self.places.as_mut_ptr();
        node
    }
}

fn line(to: u64, from: u64, len: usize) -> CUDA_MEMCPY3D {
    let mut copy: CUDA_MEMCPY3D = zeroed();
    copy.srcMemoryType = CUmemorytype::CU_MEMORYTYPE_DEVICE;
    copy.dstMemoryType = CUmemorytype::CU_MEMORYTYPE_DEVICE;
    (copy.srcDevice, copy.dstDevice) = (from, to);
    (copy.WidthInBytes, copy.Height, copy.Depth) = (len, 1, 1);
    (copy.srcPitch, copy.dstPitch) = (len, len);
    (copy.srcHeight, copy.dstHeight) = (1, 1);
    copy
}

fn fill(to: u64, value: u32, words: usize) -> CUDA_MEMSET_NODE_PARAMS {
    CUDA_MEMSET_NODE_PARAMS {
        dst: to,
        pitch: 0,
        value,
        elementSize: 4,
        width: words,
        height: 1,
    }
}

fn graph() -> CUgraph {
    let mut graph = null_mut();
    good!(cuGraphCreate(&mut graph, 0));
    graph
}

fn instantiate(graph: CUgraph) -> CUgraphExec {
    let mut exec = null_mut();
    good!(cuGraphInstantiateWithFlags(&mut exec, graph, 0));
    exec
}

fn context() -> CUcontext {
    let mut context = null_mut();
    good!(cuCtxGetCurrent(&mut context));
    context
}

fn empty(graph: CUgraph, after: &[CUgraphNode]) -> CUgraphNode {
    let mut node = null_mut();
    good!(cuGraphAddEmptyNode(
        &mut node,
        graph,
        after.as_ptr(),
        after.len()
    ));
    node
}

fn words(bytes: &[u8]) -> Vec<u32> {
    let words = bytes.chunks_exact(4);
    words
        .map(|w| u32::from_le_bytes(w.try_into().unwrap()))
        .collect()
}

fn bytes(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|w| w.to_le_bytes()).collect()
}

unsafe extern "C" fn send(data: *mut c_void) {
    // SAFETY: the tests give a sender that outlives the call.
    let sender = unsafe { &*data.cast::<Mutex<mpsc::Sender<u32>>>() };
    let mut pointer = 0;
    let got = call!(cuMemAlloc_v2(&mut pointer, 16));
    assert_eq!(got, CUresult::CUDA_ERROR_NOT_PERMITTED);
    sender.lock().unwrap().send(1).unwrap();
}

unsafe extern "C" fn receive(data: *mut c_void) {
    // SAFETY: the tests give a receiver that outlives the call.
    let receiver = unsafe { &*data.cast::<Mutex<mpsc::Receiver<u32>>>() };
    receiver.lock().unwrap().recv().unwrap();
}

unsafe extern "C" fn called(_: CUstream, status: CUresult, data: *mut c_void) {
    // SAFETY: the tests give a number that outlives the call.
    unsafe { &*data.cast::<AtomicU32>() }.store(1000 + status.0, Ordering::SeqCst);
}

unsafe extern "C" fn count(data: *mut c_void) {
    // SAFETY: the tests give a number that outlives the call.
    unsafe { &*data.cast::<AtomicU32>() }.fetch_add(1, Ordering::SeqCst);
}

#[test]
fn host_functions_run_in_the_order_of_their_stream_alone() {
    let _device = device();
    let (first, second) = (stream(1), stream(1));
    let (tell, told) = mpsc::channel::<u32>();
    let (tell, told) = (Mutex::new(tell), Mutex::new(told));
    let a = upload(&[1; 64]);
    let status = AtomicU32::new(0);
    // The first stream waits in the program for what the second stream says.
    let place = (&raw const told).cast_mut().cast::<c_void>();
    good!(cuLaunchHostFunc(first, Some(receive), place));
    good!(cuMemsetD8Async(a, 2, 64, first));
    let number = (&raw const status).cast_mut().cast();
    good!(cuStreamAddCallback(first, Some(called), number, 0));
    for _ in 0..20 {
        assert_eq!(call!(cuStreamQuery(first)), NOT_READY);
        std::thread::yield_now();
    }
    let mut seen = [0u8; 64];
    good!(cuMemcpyDtoHAsync_v2(
        seen.as_mut_ptr().cast(),
        a,
        64,
        second
    ));
    let place = (&raw const tell).cast_mut().cast::<c_void>();
    good!(cuLaunchHostFunc(second, Some(send), place));
    good!(cuStreamSynchronize(second));
    assert_eq!(seen, [1; 64], "before the function nothing was done");
    good!(cuStreamSynchronize(first));
    assert_eq!(status.load(Ordering::SeqCst), 1000);
    assert_eq!(download(a, 64), [2; 64]);
    assert_eq!(call!(cuLaunchHostFunc(first, None, null_mut())), INVALID);
    let callback = call!(cuStreamAddCallback(first, Some(called), number, 1));
    assert_eq!(callback, INVALID, "flags");
    good!(cuStreamDestroy_v2(first));
    good!(cuStreamDestroy_v2(second));
    good!(cuMemFree_v2(a));
}

/// Destructors may run some time after the last reference went.
fn eventually(number: &AtomicU32, wanted: u32) {
    for _ in 0..1000 {
        if number.load(Ordering::SeqCst) == wanted {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("{} instead of {wanted}", number.load(Ordering::SeqCst));
}

#[test]
fn user_objects_live_as_long_as_somebody_has_one() {
    let _device = device();
    let destroyed = AtomicU32::new(0);
    let data = (&raw const destroyed).cast_mut().cast::<c_void>();
    let mut object = null_mut();
    assert_eq!(
        call!(cuUserObjectCreate(&mut object, data, Some(count), 1, 0)),
        INVALID
    );
    assert_eq!(
        call!(cuUserObjectCreate(&mut object, data, Some(count), 0, 1)),
        INVALID
    );
    good!(cuUserObjectCreate(&mut object, data, Some(count), 2, 1));
    good!(cuUserObjectRetain(object, 3));
    good!(cuUserObjectRelease(object, 4));
    assert_eq!(call!(cuUserObjectRelease(object, 0)), INVALID);
    let graph = graph();
    empty(graph, &[]);
    good!(cuGraphRetainUserObject(graph, object, 1, 0));
    good!(cuGraphRetainUserObject(graph, object, 1, 1));
    good!(cuGraphReleaseUserObject(graph, object, 1));
    let exec = instantiate(graph);
    let mut clone = null_mut();
    good!(cuGraphClone(&mut clone, graph));
    good!(cuGraphDestroy(graph));
    let s = stream(1);
    good!(cuGraphLaunch(exec, s));
    good!(cuGraphDestroy(clone));
    good!(cuStreamSynchronize(s));
    assert_eq!(destroyed.load(Ordering::SeqCst), 0);
    good!(cuGraphExecDestroy(exec));
    eventually(&destroyed, 1);
    good!(cuUserObjectCreate(&mut object, data, Some(count), 1, 1));
    good!(cuUserObjectRelease(object, 1));
    eventually(&destroyed, 2);
    good!(cuStreamDestroy_v2(s));
}

/// What a node does to the buffers of a test.
#[derive(Clone, Copy, Debug)]
enum Act {
    Add { to: usize, n: u32, by: u32 },
    Fill { to: usize, n: usize, value: u32 },
    Copy { to: usize, from: usize, n: usize },
}

impl Act {
    fn random(random: &mut Random) -> Act {
        let to = random.below(4) as usize;
        let n = 1 + random.below(N as u64) as usize;
        let value = random.next() as u32;
        match random.below(3) {
            0 => Act::Add {
                to,
                n: n as u32,
                by: value,
            },
            1 => Act::Fill { to, n, value },
            _ => Act::Copy {
                to,
                from: (to + 1 + random.below(3) as usize) % 4,
                n,
            },
        }
    }

    /// Another of the same kind.
    fn again(self, random: &mut Random) -> Act {
        loop {
            let other = Act::random(random);
            if std::mem::discriminant(&other) == std::mem::discriminant(&self) {
                return other;
            }
        }
    }

    fn touched(self) -> Vec<usize> {
        match self {
            Act::Add { to, .. } | Act::Fill { to, .. } => vec![to],
            Act::Copy { to, from, .. } => vec![to, from],
        }
    }

    fn model(self, memory: &mut [Vec<u32>]) {
        match self {
            Act::Add { to, n, by } => {
                for word in &mut memory[to][..n as usize] {
                    *word = word.wrapping_add(by);
                }
            }
            Act::Fill { to, n, value } => memory[to][..n].fill(value),
            Act::Copy { to, from, n } => {
                let copied = memory[from][..n].to_vec();
                memory[to][..n].copy_from_slice(&copied);
            }
        }
    }

    fn node(
        self,
        graph: CUgraph,
        after: &[CUgraphNode],
        kernel: CUfunction,
        at: &[u64],
    ) -> CUgraphNode {
        let mut node = null_mut();
        let (first, len) = (after.as_ptr(), after.len());
        match self {
            Act::Add { to, n, by } => {
                let mut params = Params::new(at[to], n, by);
                let params = params.node(kernel);
                good!(cuGraphAddKernelNode_v2(
                    &mut node, graph, first, len, &params
                ));
            }
            Act::Fill { to, n, value } => {
                let params = fill(at[to], value, n);
                good!(cuGraphAddMemsetNode(
                    &mut node,
                    graph,
                    first,
                    len,
                    &params,
                    context()
                ));
            }
            Act::Copy { to, from, n } => {
                let params = line(at[to], at[from], 4 * n);
                good!(cuGraphAddMemcpyNode(
                    &mut node,
                    graph,
                    first,
                    len,
                    &params,
                    context()
                ));
            }
        }
        node
    }

    fn set(self, exec: CUgraphExec, node: CUgraphNode, kernel: CUfunction, at: &[u64]) {
        match self {
            Act::Add { to, n, by } => {
                let mut params = Params::new(at[to], n, by);
                let params = params.node(kernel);
                good!(cuGraphExecKernelNodeSetParams_v2(exec, node, &params));
            }
            Act::Fill { to, n, value } => {
                let params = fill(at[to], value, n);
                good!(cuGraphExecMemsetNodeSetParams(
                    exec,
                    node,
                    &params,
                    context()
                ));
            }
            Act::Copy { to, from, n } => {
                let params = line(at[to], at[from], 4 * n);
                good!(cuGraphExecMemcpyNodeSetParams(
                    exec,
                    node,
                    &params,
                    context()
                ));
            }
        }
    }
}

/// Buffers with a model of what is in them.
struct World {
    at: Vec<u64>,
    model: Vec<Vec<u32>>,
}

impl World {
    fn new(random: &mut Random) -> World {
        let fresh = |random: &mut Random| (0..N).map(|_| random.next() as u32).collect();
        let model: Vec<Vec<u32>> = (0..4).map(|_| fresh(random)).collect();
        let at = model.iter().map(|words| upload(&bytes(words))).collect();
        World { at, model }
    }

    fn check(&self, what: &str) {
        for (at, model) in self.at.iter().zip(&self.model) {
            assert_eq!(&words(&download(*at, 4 * N)), model, "{what}");
        }
    }

    fn end(self) {
        for at in self.at {
            good!(cuMemFree_v2(at));
        }
    }
}

/// Dependencies that keep the order of whatever touches the same buffer.
fn after(acts: &[Act], nodes: &[CUgraphNode], act: Act) -> Vec<CUgraphNode> {
    let shares = |other: &Act| other.touched().iter().any(|b| act.touched().contains(b));
    let before = acts.iter().zip(nodes).filter(|(other, _)| shares(other));
    before.map(|(_, node)| *node).collect()
}

#[test]
fn graphs_do_what_their_nodes_say_in_an_order_that_edges_allow() {
    let _device = device();
    let mut random = Random::new();
    let text = ptx(ADD);
    let module = module(&text);
    let kernel = function(module, "add");
    let s = stream(1);
    for round in 0..30 {
        let mut world = World::new(&mut random);
        let (graph, mut acts, mut nodes) = (graph(), Vec::new(), Vec::new());
        for _ in 0..1 + random.below(30) {
            let act = Act::random(&mut random);
            let node = act.node(graph, &after(&acts, &nodes, act), kernel, &world.at);
            acts.push(act);
            nodes.push(node);
        }
        let exec = instantiate(graph);
        good!(cuGraphUpload(exec, s));
        for _ in 0..3 {
            good!(cuGraphLaunch(exec, s));
            acts.iter().for_each(|act| act.model(&mut world.model));
        }
        good!(cuStreamSynchronize(s));
        world.check("launched thrice");

        // Changed in the executable graph alone; some nodes switched off.
        let mut changed = acts.clone();
        let mut enabled = vec![true; acts.len()];
        for n in 0..acts.len() {
            if random.below(3) == 0 {
                // Of other buffers it would need other edges.
                let new = changed[n].again(&mut random);
                changed[n] = match (changed[n], new) {
                    (Act::Add { to, .. }, Act::Add { n, by, .. }) => Act::Add { to, n, by },
                    (Act::Fill { to, .. }, Act::Fill { n, value, .. }) => {
                        Act::Fill { to, n, value }
                    }
                    (Act::Copy { to, from, .. }, Act::Copy { n, .. }) => Act::Copy { to, from, n },
                    _ => unreachable!("of the same kind"),
                };
                changed[n].set(exec, nodes[n], kernel, &world.at);
            }
            if random.below(4) == 0 {
                good!(cuGraphNodeSetEnabled(exec, nodes[n], 0));
                let mut is = 7;
                good!(cuGraphNodeGetEnabled(exec, nodes[n], &mut is));
                assert_eq!(is, 0);
                enabled[n] = false;
            }
        }
        let apply = |acts: &[Act], enabled: &[bool], model: &mut Vec<Vec<u32>>| {
            let acts = acts.iter().zip(enabled).filter(|(_, enabled)| **enabled);
            acts.for_each(|(act, _)| act.model(model));
        };
        good!(cuGraphLaunch(exec, s));
        apply(&changed, &enabled, &mut world.model);
        good!(cuStreamSynchronize(s));
        world.check("changed");

        // And back, from the graph itself; nodes that are off stay off.
        let mut info: CUgraphExecUpdateResultInfo = zeroed();
        good!(cuGraphExecUpdate_v2(exec, graph, &mut info));
        good!(cuGraphLaunch(exec, s));
        apply(&acts, &enabled, &mut world.model);
        good!(cuStreamSynchronize(s));
        world.check("updated");

        // A clone, twice within another graph, outlives its original.
        let mut clone = null_mut();
        good!(cuGraphClone(&mut clone, graph));
        good!(cuGraphDestroy(graph));
        good!(cuGraphExecDestroy(exec));
        let outer = self::graph();
        let (mut one, mut two) = (null_mut(), null_mut());
        good!(cuGraphAddChildGraphNode(&mut one, outer, null(), 0, clone));
        good!(cuGraphAddChildGraphNode(&mut two, outer, &one, 1, clone));
        good!(cuGraphDestroy(clone));
        let exec = instantiate(outer);
        let mut child = null_mut();
        good!(cuGraphChildGraphNodeGetGraph(two, &mut child));
        assert_eq!(call!(cuGraphDestroy(child)), INVALID, "it is its node's");
        good!(cuGraphDestroy(outer));
        good!(cuGraphLaunch(exec, s));
        // In use until its launch has ended, and no longer than that.
        good!(cuGraphExecDestroy(exec));
        good!(cuStreamSynchronize(s));
        for _ in 0..2 {
            acts.iter().for_each(|act| act.model(&mut world.model));
        }
        world.check(&format!("round {round}: as a child"));
        world.end();
    }
    good!(cuModuleUnload(module));
    good!(cuStreamDestroy_v2(s));
}

fn listed(ask: impl Fn(*mut CUgraphNode, &mut usize) -> CUresult) -> Vec<CUgraphNode> {
    let mut count = 0;
    assert_eq!(ask(null_mut(), &mut count), OK);
    let mut nodes = vec![7 as CUgraphNode; count + 2];
    let mut room = nodes.len();
    assert_eq!(ask(nodes.as_mut_ptr(), &mut room), OK);
    assert_eq!(room, count);
    assert!(nodes[count..].iter().all(|node| node.is_null()));
    nodes.truncate(count);
    nodes.sort();
    nodes
}

#[test]
fn the_structure_of_a_graph_can_be_seen_and_changed() {
    let _device = device();
    let g = graph();
    let a = empty(g, &[]);
    let b = empty(g, &[a]);
    let c = empty(g, &[a]);
    let d = empty(g, &[b, c]);
    let nodes = |g| listed(|place, count| call!(cuGraphGetNodes(g, place, count)));
    let roots = |g| listed(|place, count| call!(cuGraphGetRootNodes(g, place, count)));
    let dependencies =
        |node| listed(|place, count| call!(cuGraphNodeGetDependencies(node, place, count)));
    let dependents =
        |node| listed(|place, count| call!(cuGraphNodeGetDependentNodes(node, place, count)));
    let sorted = |mut nodes: Vec<CUgraphNode>| {
        nodes.sort();
        nodes
    };
    assert_eq!(nodes(g), sorted(vec![a, b, c, d]));
    assert_eq!(roots(g), [a]);
    assert_eq!(dependencies(d), sorted(vec![b, c]));
    assert_eq!(dependents(a), sorted(vec![b, c]));
    assert_eq!(dependencies(a), []);
    let mut pairs = ([null_mut(); 4], [null_mut(); 4], 4);
    good!(cuGraphGetEdges(
        g,
        pairs.0.as_mut_ptr(),
        pairs.1.as_mut_ptr(),
        &mut pairs.2
    ));
    let mut edges: Vec<_> = pairs.0.into_iter().zip(pairs.1).collect();
    edges.sort();
    let mut want = vec![(a, b), (a, c), (b, d), (c, d)];
    want.sort();
    assert_eq!((edges, pairs.2), (want, 4));
    let mut kind = CUgraphNodeType::CU_GRAPH_NODE_TYPE_KERNEL;
    good!(cuGraphNodeGetType(a, &mut kind));
    assert_eq!(kind, CUgraphNodeType::CU_GRAPH_NODE_TYPE_EMPTY);

    // Dependencies that exist, and that do not.
    assert_eq!(call!(cuGraphAddDependencies(g, &a, &b, 1)), INVALID);
    assert_eq!(call!(cuGraphRemoveDependencies(g, &a, &d, 1)), INVALID);
    good!(cuGraphAddDependencies(g, &a, &d, 1));
    assert_eq!(dependencies(d).len(), 3);
    good!(cuGraphRemoveDependencies(g, &a, &d, 1));
    assert_eq!(dependencies(d).len(), 2);
    // All or none.
    let (from, to) = ([a, b], [d, d]);
    let both = call!(cuGraphAddDependencies(g, from.as_ptr(), to.as_ptr(), 2));
    assert_eq!(both, INVALID);
    assert_eq!(dependencies(d).len(), 2);

    let mut node = null_mut();
    let twice = [a, a];
    assert_eq!(
        call!(cuGraphAddEmptyNode(&mut node, g, twice.as_ptr(), 2)),
        INVALID
    );
    let other = graph();
    assert_eq!(
        call!(cuGraphAddEmptyNode(&mut node, other, &a, 1)),
        INVALID,
        "a node of another graph"
    );

    let mut clone = null_mut();
    good!(cuGraphClone(&mut clone, g));
    let mut twin = null_mut();
    good!(cuGraphNodeFindInClone(&mut twin, d, clone));
    assert_eq!(dependencies(twin).len(), 2);
    assert_eq!(call!(cuGraphNodeFindInClone(&mut twin, d, other)), INVALID);

    good!(cuGraphDestroyNode(b));
    assert_eq!(nodes(g), sorted(vec![a, c, d]));
    assert_eq!(dependencies(d), [c]);
    assert_eq!(nodes(clone).len(), 4, "the clone is on its own");

    // A circle is found when the graph is to be executable.
    let (one, two) = (empty(other, &[]), empty(other, &[]));
    good!(cuGraphAddDependencies(other, &one, &two, 1));
    let circle = call!(cuGraphAddDependencies(other, &two, &one, 1));
    if circle == OK {
        let mut params: CUDA_GRAPH_INSTANTIATE_PARAMS = zeroed();
        let mut exec = null_mut();
        assert_eq!(
            call!(cuGraphInstantiateWithParams(&mut exec, other, &mut params)),
            INVALID
        );
        assert_eq!(
            params.result_out,
            CUgraphInstantiateResult::CUDA_GRAPH_INSTANTIATE_INVALID_STRUCTURE
        );
        assert!(params.hErrNode_out == one || params.hErrNode_out == two);
        assert_eq!(
            call!(cuGraphInstantiateWithFlags(&mut exec, other, 0)),
            INVALID
        );
    }
    let path = std::env::temp_dir().join(format!("pillion-{}.dot", std::process::id()));
    let name = CString::new(path.to_str().unwrap()).unwrap();
    good!(cuGraphDebugDotPrint(g, name.as_ptr(), 0));
    let dot = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(dot.contains("digraph") && dot.contains("->"), "{dot}");
    for gone in [g, clone, other] {
        good!(cuGraphDestroy(gone));
    }
}

#[test]
fn edges_keep_their_data() {
    let _device = device();
    let g = graph();
    let mut kernel = Params::new(0, 0, 0);
    let text = ptx(ADD);
    let module = module(&text);
    let params = kernel.node(function(module, "add"));
    let (mut a, mut b) = (null_mut(), null_mut());
    good!(cuGraphAddKernelNode_v2(&mut a, g, null(), 0, &params));
    good!(cuGraphAddKernelNode_v2(&mut b, g, null(), 0, &params));
    let data = CUgraphEdgeData {
        from_port: 1,
        to_port: 0,
        type_: 1,
        reserved: [0; 5],
    };
    good!(cuGraphAddDependencies_v2(g, &a, &b, &data, 1));
    let (mut node, mut seen, mut count) = (null_mut(), zeroed::<CUgraphEdgeData>(), 1);
    let lossy = CUresult::CUDA_ERROR_LOSSY_QUERY;
    assert_eq!(
        call!(cuGraphNodeGetDependencies_v2(
            b,
            &mut node,
            null_mut(),
            &mut count
        )),
        lossy
    );
    good!(cuGraphNodeGetDependencies_v2(
        b, &mut node, &mut seen, &mut count
    ));
    assert_eq!((node, seen.from_port, seen.type_, count), (a, 1, 1, 1));
    let without = call!(cuGraphRemoveDependencies_v2(g, &a, &b, null(), 1));
    assert_eq!(without, INVALID, "no such edge without data");
    good!(cuGraphRemoveDependencies_v2(g, &a, &b, &data, 1));
    good!(cuGraphDestroy(g));
    good!(cuModuleUnload(module));
}

#[test]
fn parameters_come_back_as_they_were_given() {
    let _device = device();
    let mut random = Random::new();
    let text = ptx(ADD);
    let module = module(&text);
    let kernel = function(module, "add");
    let (g, at) = (graph(), upload(&[0; 4 * N]));
    let mut node = null_mut();
    for _ in 0..20 {
        let (n, by) = (random.below(N as u64) as u32, random.next() as u32);
        let mut given = Params::new(at, n, by);
        let params = given.node(kernel);
        good!(cuGraphAddKernelNode_v2(&mut node, g, null(), 0, &params));
        // The node has copies: what was given may change, or go.
        *given.values = (0, 0, 0);
        let mut got: CUDA_KERNEL_NODE_PARAMS = zeroed();
        good!(cuGraphKernelNodeGetParams_v2(node, &mut got));
        assert_eq!((got.func, got.blockDimX), (kernel, 64));
        // SAFETY: CUDA answers a pointer to each parameter, which live as long as the node.
        let values = unsafe {
            let place = |n: usize| *got.kernelParams.add(n);
            (
                *place(0).cast::<u64>(),
                *place(1).cast::<u32>(),
                *place(2).cast::<u32>(),
            )
        };
        assert_eq!(values, (at, n, by));
        let set = fill(at, by, n as usize);
        good!(cuGraphAddMemsetNode(
            &mut node,
            g,
            null(),
            0,
            &set,
            context()
        ));
        let mut got: CUDA_MEMSET_NODE_PARAMS = zeroed();
        good!(cuGraphMemsetNodeGetParams(node, &mut got));
        assert_eq!((got.dst, got.value, got.width), (at, by, n as usize));
        let mut other = Params::new(at, n, by);
        let other = other.node(kernel);
        let wrong = call!(cuGraphKernelNodeSetParams_v2(node, &other));
        assert_eq!(wrong, INVALID, "not a kernel's node");
    }
    let call_back = CUDA_HOST_NODE_PARAMS {
        fn_: Some(count),
        userData: 0x1234 as *mut c_void,
    };
    good!(cuGraphAddHostNode(&mut node, g, null(), 0, &call_back));
    let mut got: CUDA_HOST_NODE_PARAMS = zeroed();
    good!(cuGraphHostNodeGetParams(node, &mut got));
    assert_eq!(got.userData as u64, 0x1234);
    let copy = line(at, at + 8, 8);
    good!(cuGraphAddMemcpyNode(
        &mut node,
        g,
        null(),
        0,
        &copy,
        context()
    ));
    let mut got: CUDA_MEMCPY3D = zeroed();
    good!(cuGraphMemcpyNodeGetParams(node, &mut got));
    assert_eq!((got.dstDevice, got.srcDevice), (at, at + 8));
    assert_eq!(got.WidthInBytes, 8);
    let far = line(at, at, 1 << 40);
    assert_eq!(call!(cuGraphMemcpyNodeSetParams(node, &far)), INVALID);
    let mut bad = zeroed::<CUDA_KERNEL_NODE_PARAMS>();
    bad.func = kernel;
    assert_eq!(
        call!(cuGraphAddKernelNode_v2(&mut node, g, null(), 0, &bad)),
        INVALID,
        "no blocks"
    );
    let none = call!(cuGraphAddHostNode(
        &mut node,
        null_mut(),
        null(),
        0,
        &call_back
    ));
    assert_eq!(none, INVALID, "no graph");
    good!(cuGraphDestroy(g));
    good!(cuModuleUnload(module));
    good!(cuMemFree_v2(at));
}

#[test]
fn host_nodes_and_events_take_part() {
    let _device = device();
    let calls = AtomicU32::new(0);
    let (g, s, other) = (graph(), stream(1), stream(1));
    let (before, within) = (event(2), event(2));
    let gate = Gate::new();
    let (mut wait, mut host, mut record) = (null_mut(), null_mut(), null_mut());
    good!(cuGraphAddEventWaitNode(&mut wait, g, null(), 0, before));
    let params = CUDA_HOST_NODE_PARAMS {
        fn_: Some(count),
        userData: (&raw const calls).cast_mut().cast(),
    };
    good!(cuGraphAddHostNode(&mut host, g, &wait, 1, &params));
    good!(cuGraphAddEventRecordNode(&mut record, g, &host, 1, within));
    let mut seen = null_mut();
    good!(cuGraphEventRecordNodeGetEvent(record, &mut seen));
    assert_eq!(seen, within);
    let exec = instantiate(g);
    gate.hold(other);
    good!(cuEventRecord(before, other));
    good!(cuGraphLaunch(exec, s));
    for _ in 0..20 {
        assert_eq!(call!(cuEventQuery(within)), NOT_READY);
        std::thread::yield_now();
    }
    assert_eq!(calls.load(Ordering::SeqCst), 0);
    gate.open();
    good!(cuEventSynchronize(within));
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    good!(cuGraphLaunch(exec, s));
    good!(cuGraphLaunch(exec, other));
    good!(cuCtxSynchronize());
    assert_eq!(calls.load(Ordering::SeqCst), 3);
    let off = call!(cuGraphNodeSetEnabled(exec, host, 0));
    assert_eq!(off, INVALID, "not a node that can be switched off");
    good!(cuGraphExecDestroy(exec));
    good!(cuGraphDestroy(g));
    for event in [before, within] {
        good!(cuEventDestroy_v2(event));
    }
    good!(cuStreamDestroy_v2(s));
    good!(cuStreamDestroy_v2(other));
    gate.end();
}

#[test]
fn an_update_says_what_does_not_fit() {
    let _device = device();
    let at = upload(&[0; 64]);
    let set = |value, width| CUDA_MEMSET_NODE_PARAMS {
        elementSize: 1,
        ..fill(at, value, width)
    };
    let of = |kinds: &[u32], chained: bool| {
        let g = graph();
        let mut last: Option<CUgraphNode> = None;
        for kind in kinds {
            let (mut node, count) = (null_mut(), usize::from(chained && last.is_some()));
            let after = last.as_ref().map_or(null(), std::ptr::from_ref);
            if *kind == 0 {
                good!(cuGraphAddEmptyNode(&mut node, g, after, count));
            } else {
                let params = set(*kind, 64);
                good!(cuGraphAddMemsetNode(
                    &mut node,
                    g,
                    after,
                    count,
                    &params,
                    context()
                ));
            }
            last = Some(node);
        }
        g
    };
    let g = of(&[1, 0, 2], true);
    let exec = instantiate(g);
    use CUgraphExecUpdateResult as R;
    for (kinds, chained, want) in [
        (
            &[1, 0][..],
            true,
            R::CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED,
        ),
        (
            &[1, 0, 2],
            false,
            R::CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED,
        ),
        (
            &[1, 3, 2],
            true,
            R::CU_GRAPH_EXEC_UPDATE_ERROR_NODE_TYPE_CHANGED,
        ),
        (&[7, 0, 9], true, R::CU_GRAPH_EXEC_UPDATE_SUCCESS),
    ] {
        let other = of(kinds, chained);
        let mut info: CUgraphExecUpdateResultInfo = zeroed();
        let got = call!(cuGraphExecUpdate_v2(exec, other, &mut info));
        assert_eq!(info.result, want, "{kinds:?}");
        let status = if want == R::CU_GRAPH_EXEC_UPDATE_SUCCESS {
            OK
        } else {
            CUresult::CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE
        };
        assert_eq!(got, status);
        good!(cuGraphDestroy(other));
    }
    let s = stream(0);
    good!(cuGraphLaunch(exec, s));
    good!(cuStreamSynchronize(s));
    assert_eq!(download(at, 64), [9; 64]);
    let mut flags = 7;
    good!(cuGraphExecGetFlags(exec, &mut flags));
    assert_eq!(flags, 0);
    let mut none = null_mut();
    assert_eq!(
        call!(cuGraphInstantiateWithFlags(&mut none, g, 1 << 20)),
        INVALID
    );
    good!(cuGraphExecDestroy(exec));
    assert_eq!(call!(cuGraphLaunch(exec, s)), INVALID);
    good!(cuGraphDestroy(g));
    good!(cuStreamDestroy_v2(s));
    good!(cuMemFree_v2(at));
}

#[test]
fn memory_of_graphs_comes_with_a_launch_and_goes_when_it_is_freed() {
    let _device = device();
    let before = free_memory();
    let s = stream(1);
    let allocation = |len: usize| {
        let mut params: CUDA_MEM_ALLOC_NODE_PARAMS = zeroed();
        params.poolProps.allocType = CUmemAllocationType::CU_MEM_ALLOCATION_TYPE_PINNED;
        params.poolProps.location.type_ = CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE;
        params.bytesize = len;
        params
    };
    // Freed within: it can be launched again and again.
    let g = graph();
    let out = upload(&[0; 64]);
    let (mut alloc, mut set, mut copy, mut free) = (null_mut(), null_mut(), null_mut(), null_mut());
    let mut params = allocation(4096);
    good!(cuGraphAddMemAllocNode(
        &mut alloc,
        g,
        null(),
        0,
        &mut params
    ));
    let within = params.dptr;
    assert_ne!(within, 0);
    // The device knows the address before the memory is there, at the latest when it is.
    let mut stream_graph = null_mut();
    good!(cuGraphAddMemFreeNode(&mut free, g, &alloc, 1, within));
    let mut seen = 0;
    good!(cuGraphMemFreeNodeGetParams(free, &mut seen));
    assert_eq!(seen, within);
    assert_eq!(
        call!(cuGraphAddMemFreeNode(&mut free, g, &alloc, 1, within)),
        INVALID,
        "freed twice"
    );
    assert_eq!(call!(cuGraphClone(&mut stream_graph, g)), INVALID);
    assert_eq!(call!(cuGraphDestroyNode(alloc)), INVALID);
    let exec = instantiate(g);
    let mut second = null_mut();
    assert_ne!(
        call!(cuGraphInstantiateWithFlags(&mut second, g, 0)),
        OK,
        "one at a time"
    );
    for _ in 0..5 {
        good!(cuGraphLaunch(exec, s));
    }
    good!(cuStreamSynchronize(s));
    assert_eq!(free_memory(), before - 64);
    good!(cuGraphExecDestroy(exec));
    good!(cuGraphDestroy(g));

    // Freed by the stream: not launched again before.
    let g = graph();
    let mut params = allocation(64);
    good!(cuGraphAddMemAllocNode(
        &mut alloc,
        g,
        null(),
        0,
        &mut params
    ));
    let exec = instantiate(g);
    for automatic in [false, false, true] {
        good!(cuGraphLaunch(exec, s));
        good!(cuMemsetD8Async(params.dptr, 7, 64, s));
        good!(cuMemcpyDtoDAsync_v2(out, params.dptr, 64, s));
        good!(cuStreamSynchronize(s));
        assert_eq!(download(out, 64), [7; 64]);
        assert_eq!(call!(cuGraphLaunch(exec, s)), INVALID);
        if automatic {
            good!(cuMemFree_v2(params.dptr));
        } else {
            good!(cuMemFreeAsync(params.dptr, s));
        }
        assert_eq!(call!(cuMemFreeAsync(params.dptr, s)), INVALID);
        good!(cuMemsetD8_v2(out, 0, 64));
    }
    good!(cuGraphExecDestroy(exec));
    // With the flag a launch frees what the one before it left.
    good!(cuGraphInstantiateWithFlags(&mut second, g, 1));
    for _ in 0..3 {
        good!(cuGraphLaunch(second, s));
    }
    good!(cuStreamSynchronize(s));
    let mut used = 0u64;
    let which = CUgraphMem_attribute::CU_GRAPH_MEM_ATTR_USED_MEM_CURRENT;
    good!(cuDeviceGetGraphMemAttribute(
        0,
        which,
        (&raw mut used).cast()
    ));
    assert!(used >= 64);
    good!(cuMemFreeAsync(params.dptr, s));
    good!(cuStreamSynchronize(s));
    good!(cuGraphExecDestroy(second));
    good!(cuGraphDestroy(g));
    good!(cuDeviceGraphMemTrim(0));
    good!(cuMemFree_v2(out));
    assert_eq!(free_memory(), before);

    // As nodes of any type, with work in between.
    let g = graph();
    let mut any: CUgraphNodeParams = zeroed();
    any.type_ = CUgraphNodeType::CU_GRAPH_NODE_TYPE_MEM_ALLOC;
    let narrow = allocation(256);
    any.__bindgen_anon_1.alloc = CUDA_MEM_ALLOC_NODE_PARAMS_v2 {
        poolProps: narrow.poolProps,
        accessDescs: null(),
        accessDescCount: 0,
        bytesize: 256,
        dptr: 0,
    };
    good!(cuGraphAddNode_v2(
        &mut alloc,
        g,
        null(),
        null(),
        0,
        &mut any
    ));
    // SAFETY: CUDA wrote this member.
    let at = unsafe { any.__bindgen_anon_1.alloc.dptr };
    assert_ne!(at, 0);
    let mut seen: CUDA_MEM_ALLOC_NODE_PARAMS = zeroed();
    good!(cuGraphMemAllocNodeGetParams(alloc, &mut seen));
    assert_eq!((seen.dptr, seen.bytesize), (at, 256));
    let result = upload(&[0; 256]);
    let fill = CUDA_MEMSET_NODE_PARAMS {
        elementSize: 1,
        ..fill(at, 0x5a, 256)
    };
    good!(cuGraphAddMemsetNode(
        &mut set,
        g,
        &alloc,
        1,
        &fill,
        context()
    ));
    let back = line(result, at, 256);
    good!(cuGraphAddMemcpyNode(
        &mut copy,
        g,
        &set,
        1,
        &back,
        context()
    ));
    good!(cuGraphAddMemFreeNode(&mut free, g, &copy, 1, at));
    let exec = instantiate(g);
    good!(cuGraphLaunch(exec, s));
    good!(cuStreamSynchronize(s));
    assert_eq!(download(result, 256), [0x5a; 256]);
    good!(cuGraphExecDestroy(exec));
    good!(cuGraphDestroy(g));
    good!(cuMemFree_v2(result));
    good!(cuStreamDestroy_v2(s));
}

#[test]
fn batches_of_values_are_nodes() {
    let _device = device();
    let word = upload(&[0; 16]);
    let (g, s) = (graph(), stream(1));
    let mut write: CUstreamBatchMemOpParams = zeroed();
    write.writeValue = CUstreamBatchMemOpParams_union_CUstreamMemOpWriteValueParams_st {
        operation: CUstreamBatchMemOpType::CU_STREAM_MEM_OP_WRITE_VALUE_64,
        address: word + 8,
        __bindgen_anon_1:
            CUstreamBatchMemOpParams_union_CUstreamMemOpWriteValueParams_st__bindgen_ty_1 {
                value64: 0x1_0000_0002,
            },
        flags: 0,
        alias: 0,
    };
    let mut ops = [write];
    let params = CUDA_BATCH_MEM_OP_NODE_PARAMS {
        ctx: context(),
        count: 1,
        paramArray: ops.as_mut_ptr(),
        flags: 0,
    };
    let mut node = null_mut();
    good!(cuGraphAddBatchMemOpNode(&mut node, g, null(), 0, &params));
    let exec = instantiate(g);
    good!(cuGraphLaunch(exec, s));
    good!(cuStreamSynchronize(s));
    assert_eq!(download(word + 8, 8), 0x1_0000_0002u64.to_le_bytes());
    ops[0].writeValue.address = word + 1;
    assert_eq!(
        call!(cuStreamBatchMemOp_v2(s, 1, ops.as_mut_ptr(), 0)),
        INVALID,
        "misaligned"
    );
    good!(cuGraphExecDestroy(exec));
    good!(cuGraphDestroy(g));
    good!(cuStreamDestroy_v2(s));
    good!(cuMemFree_v2(word));
}

/// Sets a condition to a word of memory, after subtracting one from it if it is not zero.
const CONDITION: &str =
    ".extern .func cudaGraphSetConditional (.param .b64 handle, .param .b32 value);
    .visible .entry choose(.param .u64 handle, .param .u64 at) {
    .reg .b64 %h, %p; .reg .b32 %v;
    ld.param.u64 %h, [handle]; ld.param.u64 %p, [at]; ld.global.u32 %v, [%p];
    { .param .b64 a; .param .b32 b; st.param.b64 [a], %h; st.param.b32 [b], %v;
      call.uni cudaGraphSetConditional, (a, b); }
    ret; }
    .visible .entry down(.param .u64 handle, .param .u64 at) {
    .reg .b64 %h, %p; .reg .b32 %v;
    ld.param.u64 %h, [handle]; ld.param.u64 %p, [at]; ld.global.u32 %v, [%p];
    sub.u32 %v, %v, 1; st.global.u32 [%p], %v;
    { .param .b64 a; .param .b32 b; st.param.b64 [a], %h; st.param.b32 [b], %v;
      call.uni cudaGraphSetConditional, (a, b); }
    ret; }";

fn choosing(
    graph: CUgraph,
    after: &[CUgraphNode],
    kernel: CUfunction,
    handle: u64,
    at: u64,
) -> CUgraphNode {
    let (mut handle, mut at, mut node) = (handle, at, null_mut());
    let mut places = [(&raw mut handle).cast::<c_void>(), (&raw mut at).cast()];
    let mut params: CUDA_KERNEL_NODE_PARAMS = zeroed();
    params.func = kernel;
    (params.gridDimX, params.gridDimY, params.gridDimZ) = (1, 1, 1);
    (params.blockDimX, params.blockDimY, params.blockDimZ) = (1, 1, 1);
    params.kernelParams = places.as_mut_ptr();
    good!(cuGraphAddKernelNode_v2(
        &mut node,
        graph,
        after.as_ptr(),
        after.len(),
        &params
    ));
    node
}

fn conditional(
    graph: CUgraph,
    after: &CUgraphNode,
    handle: u64,
    kind: CUgraphConditionalNodeType,
    size: u32,
) -> Vec<CUgraph> {
    let mut any: CUgraphNodeParams = zeroed();
    any.type_ = CUgraphNodeType::CU_GRAPH_NODE_TYPE_CONDITIONAL;
    any.__bindgen_anon_1.conditional = CUDA_CONDITIONAL_NODE_PARAMS {
        handle,
        type_: kind,
        size,
        phGraph_out: null_mut(),
        ctx: context(),
    };
    let mut node = null_mut();
    good!(cuGraphAddNode_v2(
        &mut node,
        graph,
        after,
        null(),
        1,
        &mut any
    ));
    // SAFETY: CUDA answers a list of that many graphs.
    unsafe {
        let bodies = any.__bindgen_anon_1.conditional.phGraph_out;
        (0..size as usize).map(|n| *bodies.add(n)).collect()
    }
}

#[test]
fn conditions_choose_bodies() {
    let _device = device();
    let text = ptx(CONDITION);
    let module = module(&text);
    let (choose, down) = (function(module, "choose"), function(module, "down"));
    let (word, out) = (upload(&[0; 4]), upload(&[0; 4]));
    let s = stream(1);
    use CUgraphConditionalNodeType as T;
    let handle_of = |g| {
        let mut handle = 0;
        good!(cuGraphConditionalHandleCreate(
            &mut handle,
            g,
            context(),
            0,
            1
        ));
        handle
    };
    let run = |exec, value: u32| {
        good!(cuMemsetD32_v2(word, value, 1));
        good!(cuMemsetD32_v2(out, 0, 1));
        good!(cuGraphLaunch(exec, s));
        good!(cuStreamSynchronize(s));
        words(&download(out, 4))[0]
    };
    for (kind, size, wants) in [
        (T::CU_GRAPH_COND_TYPE_IF, 1, [0, 100, 100]),
        (T::CU_GRAPH_COND_TYPE_IF, 2, [101, 100, 100]),
        (T::CU_GRAPH_COND_TYPE_SWITCH, 2, [100, 101, 0]),
    ] {
        let g = graph();
        let handle = handle_of(g);
        let first = choosing(g, &[], choose, handle, word);
        let bodies = conditional(g, &first, handle, kind, size);
        for (n, body) in bodies.iter().enumerate() {
            let params = fill(out, 100 + n as u32, 1);
            let mut node = null_mut();
            good!(cuGraphAddMemsetNode(
                &mut node,
                *body,
                null(),
                0,
                &params,
                context()
            ));
            let host = CUDA_HOST_NODE_PARAMS {
                fn_: Some(count),
                userData: null_mut(),
            };
            let refused = call!(cuGraphAddHostNode(&mut node, *body, null(), 0, &host));
            assert_ne!(refused, OK, "no host function in a body");
        }
        let exec = instantiate(g);
        for (value, want) in wants.into_iter().enumerate() {
            assert_eq!(run(exec, value as u32), want, "{kind:?} {size} {value}");
        }
        let mut clone = null_mut();
        assert_eq!(call!(cuGraphClone(&mut clone, g)), INVALID);
        good!(cuGraphExecDestroy(exec));
        good!(cuGraphDestroy(g));
    }
    // While: counts down, and adds to the result each time.
    let adder = ptx(ADD);
    let adder = common::driver::module(&adder);
    let g = graph();
    let handle = handle_of(g);
    let first = choosing(g, &[], choose, handle, word);
    let body = conditional(g, &first, handle, T::CU_GRAPH_COND_TYPE_WHILE, 1)[0];
    let step = choosing(body, &[], down, handle, word);
    let mut params = Params::new(out, 1, 3);
    let params = params.node(function(adder, "add"));
    let mut node = null_mut();
    good!(cuGraphAddKernelNode_v2(&mut node, body, &step, 1, &params));
    let exec = instantiate(g);
    for times in [0, 1, 5, 20] {
        assert_eq!(run(exec, times), 3 * times);
    }
    good!(cuGraphExecDestroy(exec));
    good!(cuGraphDestroy(g));
    // One within another: the inner handle is the body's, and begins as one.
    let g = graph();
    let outer = handle_of(g);
    let first = choosing(g, &[], choose, outer, word);
    let body = conditional(g, &first, outer, T::CU_GRAPH_COND_TYPE_IF, 1)[0];
    let mut inner = 0;
    good!(cuGraphConditionalHandleCreate(
        &mut inner,
        body,
        context(),
        1,
        1
    ));
    let begin = empty(body, &[]);
    let innermost = conditional(body, &begin, inner, T::CU_GRAPH_COND_TYPE_IF, 1)[0];
    let mut params = Params::new(out, 1, 9);
    let params = params.node(function(adder, "add"));
    good!(cuGraphAddKernelNode_v2(
        &mut node,
        innermost,
        null(),
        0,
        &params
    ));
    let exec = instantiate(g);
    assert_eq!((run(exec, 0), run(exec, 1)), (0, 9));
    good!(cuGraphExecDestroy(exec));
    good!(cuGraphDestroy(g));
    // A handle that no node uses.
    let g = graph();
    handle_of(g);
    let mut params: CUDA_GRAPH_INSTANTIATE_PARAMS = zeroed();
    let mut exec = null_mut();
    assert_ne!(
        call!(cuGraphInstantiateWithParams(&mut exec, g, &mut params)),
        OK
    );
    assert_eq!(
        params.result_out,
        CUgraphInstantiateResult::CUDA_GRAPH_INSTANTIATE_CONDITIONAL_HANDLE_UNUSED
    );
    good!(cuGraphDestroy(g));
    good!(cuModuleUnload(module));
    good!(cuModuleUnload(adder));
    good!(cuStreamDestroy_v2(s));
    good!(cuMemFree_v2(word));
    good!(cuMemFree_v2(out));
}

#[test]
fn kernel_attributes_stay_with_their_node() {
    let _device = device();
    let text = ptx(ADD);
    let module = module(&text);
    let mut given = Params::new(0, 0, 0);
    let params = given.node(function(module, "add"));
    let g = graph();
    let (mut a, mut b) = (null_mut(), null_mut());
    good!(cuGraphAddKernelNode_v2(&mut a, g, null(), 0, &params));
    good!(cuGraphAddKernelNode_v2(&mut b, g, null(), 0, &params));
    let (cooperative, priority) = (
        CUlaunchAttributeID::CU_LAUNCH_ATTRIBUTE_COOPERATIVE,
        CUlaunchAttributeID::CU_LAUNCH_ATTRIBUTE_PRIORITY,
    );
    let mut value: CUkernelNodeAttrValue = zeroed();
    value.cooperative = 1;
    good!(cuGraphKernelNodeSetAttribute(a, cooperative, &value));
    value.priority = -2;
    good!(cuGraphKernelNodeSetAttribute(a, priority, &value));
    good!(cuGraphKernelNodeCopyAttributes(b, a));
    let mut seen: CUkernelNodeAttrValue = zeroed();
    good!(cuGraphKernelNodeGetAttribute(b, cooperative, &mut seen));
    // SAFETY: numbers.
    assert_eq!(unsafe { seen.cooperative }, 1);
    good!(cuGraphKernelNodeGetAttribute(b, priority, &mut seen));
    // SAFETY: numbers.
    assert_eq!(unsafe { seen.priority }, -2);
    let e = empty(g, &[]);
    assert_eq!(
        call!(cuGraphKernelNodeGetAttribute(e, priority, &mut seen)),
        INVALID
    );
    let mut any: CUgraphNodeParams = zeroed();
    any.type_ = CUgraphNodeType::CU_GRAPH_NODE_TYPE_EXT_SEMAS_WAIT;
    let mut node = null_mut();
    let got = call!(cuGraphAddNode_v2(&mut node, g, null(), null(), 0, &mut any));
    assert!(got == NOT_SUPPORTED || got == INVALID, "{got:?}");
    good!(cuGraphDestroy(g));
    good!(cuModuleUnload(module));
}

/// Numbers that concurrent launches of graphs add up.
#[test]
fn threads_launch_graphs_at_once() {
    let _device = device();
    let total = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                attach();
                let calls = AtomicU32::new(0);
                let (g, s) = (graph(), stream(1));
                let params = CUDA_HOST_NODE_PARAMS {
                    fn_: Some(count),
                    userData: (&raw const calls).cast_mut().cast(),
                };
                let mut last: Option<CUgraphNode> = None;
                for _ in 0..5 {
                    let after: Vec<_> = last.into_iter().collect();
                    let mut node = null_mut();
                    good!(cuGraphAddHostNode(
                        &mut node,
                        g,
                        after.as_ptr(),
                        after.len(),
                        &params
                    ));
                    last = Some(node);
                }
                let exec = instantiate(g);
                for _ in 0..50 {
                    good!(cuGraphLaunch(exec, s));
                }
                good!(cuStreamSynchronize(s));
                total.fetch_add(u64::from(calls.load(Ordering::SeqCst)), Ordering::SeqCst);
                good!(cuGraphExecDestroy(exec));
                good!(cuGraphDestroy(g));
                good!(cuStreamDestroy_v2(s));
            });
        }
    });
    assert_eq!(total.load(Ordering::SeqCst), 6 * 5 * 50);
}

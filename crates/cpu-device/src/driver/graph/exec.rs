//! Executable graphs: what a graph is at the time of its instantiation, put in an order and ready to be launched.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::ffi::{c_char, c_uint, c_ulonglong};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

use super::super::operation::Operation;
use super::super::queue::{Done, Work};
use super::super::user_object::References;
use super::super::{
    Answer, Device, EXEC, INVALID, State, UNSUPPORTED, alive, capture, device, fault_of, functions,
    memory, name, write, write_if,
};
use super::node::{call, copy, event, filling, launch as kernel, operation, values};
use super::{Edge, GraphMemory, Graphs, Kind, Node};

/// An executable graph.
pub struct Exec {
    plan: Arc<Plan>,
    flags: u64,
    /// The graph that it was made of.
    graph: u64,
    /// Whether it has memory of its own.
    memory: bool,
    /// The end of its newest launch: a launch begins after the one before it.
    last: Option<Arc<Done>>,
}

/// The steps of a graph, in an order that its dependencies allow.
#[derive(Clone)]
struct Plan {
    steps: Vec<Step>,
    objects: References,
    /// The values that conditions begin a launch with.
    defaults: Vec<(u64, u32)>,
}

#[derive(Clone)]
struct Step {
    /// The node of the graph.
    node: u64,
    /// Where the node is in the order in which the graph's nodes were made, and where those are that it comes after.
    index: usize,
    after: Vec<usize>,
    enabled: bool,
    action: Action,
}

#[derive(Clone)]
enum Action {
    Operation(Operation),
    Child(Plan),
    Wait(u64),
    Record(u64),
    Allocate(Arc<GraphMemory>),
    Free(u64),
    Condition {
        handle: u64,
        kind: CUgraphConditionalNodeType,
        bodies: Vec<Plan>,
    },
}

/// What a launch finds out when it is called and needs when it runs, in the order of the steps.
struct Moment {
    /// Where the first fault of the stream's device is.
    fault: &'static AtomicU32,
    waits: VecDeque<Option<Arc<Done>>>,
    records: VecDeque<Arc<Done>>,
    frees: VecDeque<Freed>,
}

/// Memory that a launch frees.
enum Freed {
    Graph(Arc<GraphMemory>),
    Pool { start: u64, pool: u64, len: u64 },
}

impl Drop for Moment {
    /// Whoever waits for an event of a launch that did not come so far is not to wait for ever.
    fn drop(&mut self) {
        for done in &self.records {
            done.end();
        }
    }
}

/// Why a graph was not instantiated.
type Refusal = (CUresult, u64, CUgraphInstantiateResult);

impl Graphs {
    fn plan(&self, handle: u64) -> Result<Plan, Refusal> {
        use CUgraphInstantiateResult as R;
        let broken = |node| (INVALID, node, R::CUDA_GRAPH_INSTANTIATE_INVALID_STRUCTURE);
        let graph = self
            .graph(handle)
            .map_err(|status| (status, 0, R::CUDA_GRAPH_INSTANTIATE_ERROR))?;
        let index: HashMap<u64, usize> = graph.nodes.keys().copied().zip(0..).collect();
        let mut followers: HashMap<u64, Vec<u64>> = HashMap::new();
        let mut missing: HashMap<u64, usize> = HashMap::new();
        let mut ready = BTreeSet::new();
        for (node, known) in &graph.nodes {
            if known.after.is_empty() {
                ready.insert(*node);
            }
            missing.insert(*node, known.after.len());
            for edge in &known.after {
                followers.entry(edge.node).or_default().push(*node);
            }
        }
        let mut steps = Vec::with_capacity(graph.nodes.len());
        while let Some(node) = ready.pop_first() {
            let known = graph.nodes.get(&node).ok_or_else(|| broken(node))?;
            let mut after: Vec<usize> = known.after.iter().map(|edge| index[&edge.node]).collect();
            after.sort_unstable();
            steps.push(Step {
                node,
                index: index[&node],
                after,
                enabled: true,
                action: self.action(known)?,
            });
            for follower in followers.remove(&node).unwrap_or_default() {
                if let Some(count) = missing.get_mut(&follower) {
                    *count -= 1;
                    if *count == 0 {
                        ready.insert(follower);
                    }
                }
            }
        }
        if steps.len() < graph.nodes.len() {
            // A circle. Any node that has not had its turn is in it or behind it.
            let left = missing.iter().filter(|(_, count)| **count > 0);
            return Err(broken(left.map(|(node, _)| *node).min().unwrap_or(0)));
        }
        Ok(Plan {
            steps,
            objects: graph.objects.clone(),
            defaults: Vec::new(),
        })
    }

    fn action(&self, node: &Node) -> Result<Action, Refusal> {
        Ok(match &node.kind {
            Kind::Operation(operation) => Action::Operation(operation.clone()),
            Kind::Child(child) => Action::Child(self.plan(*child)?),
            Kind::Wait(event) => Action::Wait(*event),
            Kind::Record(event) => Action::Record(*event),
            Kind::Allocate(memory) => Action::Allocate(memory.clone()),
            Kind::Free(start) => Action::Free(*start),
            Kind::Condition(c) => Action::Condition {
                handle: c.handle,
                kind: c.kind,
                bodies: c
                    .bodies
                    .iter()
                    .map(|b| self.plan(*b))
                    .collect::<Result<_, _>>()?,
            },
        })
    }

    /// The plan of a whole graph, with its conditions.
    fn complete_plan(&self, handle: u64) -> Result<Plan, Refusal> {
        let mut plan = self.plan(handle)?;
        let mut used = BTreeSet::new();
        plan.conditions(&mut used);
        let mut inside = BTreeSet::new();
        self.with_inner(handle, &mut inside);
        for (condition, known) in self
            .conditions
            .iter()
            .filter(|(_, h)| inside.contains(&h.graph))
        {
            if !used.contains(condition) {
                let result =
                    CUgraphInstantiateResult::CUDA_GRAPH_INSTANTIATE_CONDITIONAL_HANDLE_UNUSED;
                return Err((INVALID, 0, result));
            }
            plan.defaults
                .extend(known.default.map(|value| (*condition, value)));
        }
        Ok(plan)
    }

    /// A graph and all that are inside it.
    fn with_inner(&self, handle: u64, found: &mut BTreeSet<u64>) {
        found.insert(handle);
        let nodes = self.graph(handle).map(|graph| graph.nodes.values());
        for node in nodes.into_iter().flatten() {
            match &node.kind {
                Kind::Child(child) => self.with_inner(*child, found),
                Kind::Condition(c) => c.bodies.iter().for_each(|b| self.with_inner(*b, found)),
                _ => {}
            }
        }
    }

    fn instantiate(&mut self, handle: u64, flags: u64) -> Result<u64, Refusal> {
        use CUgraphInstantiate_flags as F;
        let error = |status| {
            (
                status,
                0,
                CUgraphInstantiateResult::CUDA_GRAPH_INSTANTIATE_ERROR,
            )
        };
        let known = F::CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH.0
            | F::CUDA_GRAPH_INSTANTIATE_FLAG_UPLOAD.0
            | F::CUDA_GRAPH_INSTANTIATE_FLAG_USE_NODE_PRIORITY.0;
        if flags & u64::from(F::CUDA_GRAPH_INSTANTIATE_FLAG_DEVICE_LAUNCH.0) != 0 {
            return Err(error(UNSUPPORTED));
        }
        let graph = self.graph(handle).map_err(error)?;
        if flags & !u64::from(known) != 0 || graph.capturing {
            return Err(error(INVALID));
        }
        let memory = self.any(handle, &Kind::is_memory);
        if memory && self.graph(handle).map_err(error)?.instances > 0 {
            // Two of them would give the same addresses.
            return Err(error(INVALID));
        }
        let plan = self.complete_plan(handle)?;
        if memory {
            self.graph_mut(handle).map_err(error)?.instances += 1;
        }
        let exec = name(EXEC);
        let new = Exec {
            plan: Arc::new(plan),
            flags,
            graph: handle,
            memory,
            last: None,
        };
        self.execs.insert(exec, new);
        Ok(exec)
    }

    fn exec(&self, handle: CUgraphExec) -> Answer<&Exec> {
        self.execs.get(&(handle as u64)).ok_or(INVALID)
    }

    fn exec_mut(&mut self, handle: CUgraphExec) -> Answer<&mut Exec> {
        self.execs.get_mut(&(handle as u64)).ok_or(INVALID)
    }

    /// The step of an executable graph that was made of a node. Launches that are under way keep what they began with.
    fn step_mut(&mut self, exec: CUgraphExec, node: CUgraphNode) -> Answer<&mut Step> {
        let plan = Arc::make_mut(&mut self.exec_mut(exec)?.plan);
        plan.step_mut(node as u64).ok_or(INVALID)
    }

    /// A graph that does what an executable one does, if that can be copied.
    fn graph_of(&mut self, plan: &Plan, within: Option<u64>) -> Answer<u64> {
        if !plan.can_be_copied() {
            return Err(UNSUPPORTED);
        }
        let graph = self.create(within);
        let mut made = BTreeMap::new();
        let mut steps: Vec<&Step> = plan.steps.iter().collect();
        steps.sort_unstable_by_key(|step| step.index);
        for step in &steps {
            made.insert(step.index, name(super::NODE));
        }
        for step in steps {
            let node = made[&step.index];
            let kind = match &step.action {
                _ if !step.enabled => Kind::Operation(Operation::Nothing),
                Action::Operation(operation) => Kind::Operation(operation.clone()),
                Action::Child(child) => Kind::Child(self.graph_of(child, Some(node))?),
                Action::Wait(event) => Kind::Wait(*event),
                Action::Record(event) => Kind::Record(*event),
                Action::Allocate(_) | Action::Free(_) | Action::Condition { .. } => {
                    return Err(UNSUPPORTED);
                }
            };
            self.home.insert(node, graph);
            let new = Node {
                kind,
                after: step.after.iter().map(|i| Edge::plain(made[i])).collect(),
                original: None,
                attributes: BTreeMap::new(),
            };
            self.graph_mut(graph)?.nodes.insert(node, new);
        }
        self.graph_mut(graph)?.objects = plan.objects.clone();
        Ok(graph)
    }
}

impl Plan {
    fn step_mut(&mut self, node: u64) -> Option<&mut Step> {
        for step in &mut self.steps {
            if step.node == node {
                return Some(step);
            }
            let inside = match &mut step.action {
                Action::Child(plan) => plan.step_mut(node),
                Action::Condition { bodies, .. } => {
                    bodies.iter_mut().find_map(|body| body.step_mut(node))
                }
                _ => None,
            };
            if inside.is_some() {
                return inside;
            }
        }
        None
    }

    /// Whether it has no memory of its own and no conditions, whose names would be the same in a copy.
    fn can_be_copied(&self) -> bool {
        self.steps.iter().all(|step| match &step.action {
            Action::Child(plan) => plan.can_be_copied(),
            Action::Allocate(_) | Action::Free(_) | Action::Condition { .. } => false,
            Action::Operation(_) | Action::Wait(_) | Action::Record(_) => true,
        })
    }

    /// The handles of the conditions in it.
    fn conditions(&self, found: &mut BTreeSet<u64>) {
        for step in &self.steps {
            match &step.action {
                Action::Child(plan) => plan.conditions(found),
                Action::Condition { handle, bodies, .. } => {
                    found.insert(*handle);
                    bodies.iter().for_each(|body| body.conditions(found));
                }
                _ => {}
            }
        }
    }

    /// Every step that a launch does once, with those of child graphs.
    fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a Action) -> Answer) -> Answer {
        for step in &self.steps {
            match &step.action {
                Action::Child(plan) => plan.each(visit)?,
                action => visit(action)?,
            }
        }
        Ok(())
    }

    /// Finds out, when a launch is called, what it waits for, records, allocates and frees. Changes nothing on an error.
    fn begin(
        &self,
        device: &Device,
        state: &mut State,
        context: u64,
        automatic: bool,
    ) -> Answer<Moment> {
        let mut allocated: BTreeMap<u64, bool> = BTreeMap::new();
        self.each(&mut |action| {
            match action {
                Action::Allocate(memory) => {
                    let before = allocated.insert(memory.reserved.start, true);
                    if before.unwrap_or(memory.allocated() && !automatic) {
                        return Err(INVALID);
                    }
                }
                Action::Free(start) => {
                    let now = || match state.graphs.memory.find(*start) {
                        Some(memory) => memory.allocated(),
                        None => state.pools.gave(*start),
                    };
                    if !allocated.insert(*start, false).unwrap_or_else(now) {
                        return Err(INVALID);
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
        let mut held: Vec<&GraphMemory> = Vec::new();
        let outcome = self.each(&mut |action| {
            if let Action::Allocate(memory) = action {
                device.memory.hold(&memory.reserved)?;
                held.push(memory);
            }
            Ok(())
        });
        if let Err(status) = outcome {
            for memory in held {
                device.memory.release(&memory.reserved);
            }
            return Err(status);
        }
        let mut moment = Moment {
            fault: fault_of(context),
            waits: VecDeque::new(),
            records: VecDeque::new(),
            frees: VecDeque::new(),
        };
        let mut recorded = Vec::new();
        self.each(&mut |action| {
            match action {
                Action::Wait(event) => {
                    let done = state.events.get_mut(event).and_then(|event| event.done());
                    moment.waits.push_back(done);
                }
                Action::Record(event) => {
                    let done = Arc::new(Done::default());
                    recorded.push((*event, done.clone()));
                    moment.records.push_back(done);
                }
                Action::Allocate(memory) => {
                    if memory.allocated() {
                        // What an earlier launch left. Held anew first, so that nobody sees it go and come.
                        device.memory.release(&memory.reserved);
                    }
                    memory.set_allocated(true);
                }
                Action::Free(start) => {
                    let graph = state.graphs.memory.find(*start).cloned();
                    if let Some(memory) = graph {
                        memory.set_allocated(false);
                        moment.frees.push_back(Freed::Graph(memory));
                    } else if let Some((pool, len)) = state.pools.take(*start) {
                        let start = *start;
                        moment.frees.push_back(Freed::Pool { start, pool, len });
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
        // After every wait was looked up: a graph that records and awaits one event waits for the record before it.
        for (event, done) in recorded {
            if let Some(event) = state.events.get_mut(&event) {
                event.record(done);
            }
        }
        state.graphs.memory.note();
        Ok(moment)
    }

    /// Does every step and answers the code of the first fault, or 0.
    fn run(&self, device: &'static Device, moment: &mut Moment) -> u32 {
        for step in self.steps.iter().filter(|step| step.enabled) {
            // SeqCst: as for an operation of a queue.
            if moment.fault.load(Ordering::SeqCst) != 0 || device.cancel.load(Ordering::Relaxed) {
                return 0;
            }
            let code = match &step.action {
                Action::Operation(operation) => operation.run(device),
                Action::Child(plan) => plan.run(device, moment),
                Action::Wait(_) => {
                    if let Some(done) = moment.waits.pop_front().flatten() {
                        done.wait();
                    }
                    0
                }
                Action::Record(_) => {
                    if let Some(done) = moment.records.pop_front() {
                        done.end();
                    }
                    0
                }
                // Held since the launch was called.
                Action::Allocate(_) => 0,
                Action::Free(_) => {
                    match moment.frees.pop_front() {
                        Some(Freed::Graph(memory)) => device.memory.release(&memory.reserved),
                        Some(Freed::Pool { start, pool, len }) => {
                            let _ = device
                                .memory
                                .free(start, |allocation| allocation.kind == memory::Kind::Pool);
                            device.state().pools.give_back(pool, len);
                        }
                        None => {}
                    }
                    0
                }
                Action::Condition {
                    handle,
                    kind,
                    bodies,
                } => choose(device, moment, *handle, *kind, bodies),
            };
            if code != 0 {
                return code;
            }
        }
        0
    }

    /// Takes over what another plan does. The steps stay those of the same nodes.
    fn update(&mut self, from: Plan) -> Result<(), (CUgraphExecUpdateResult, u64)> {
        use CUgraphExecUpdateResult as R;
        if self.steps.len() != from.steps.len() {
            return Err((R::CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED, 0));
        }
        let mut new: Vec<Step> = from.steps;
        new.sort_unstable_by_key(|step| step.index);
        let mut updated = self.clone();
        for step in &mut updated.steps {
            let new = &mut new[step.index];
            let action = std::mem::replace(&mut new.action, Action::Wait(0));
            let refused = |result| Err((result, new.node));
            if step.action.type_() != action.type_() {
                return refused(R::CU_GRAPH_EXEC_UPDATE_ERROR_NODE_TYPE_CHANGED);
            }
            if step.after != new.after {
                return refused(R::CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED);
            }
            match (&mut step.action, action) {
                (Action::Operation(old), Action::Operation(new)) if fits(old, &new) => *old = new,
                (Action::Child(old), Action::Child(new)) => old.update(new)?,
                (Action::Wait(old), Action::Wait(new)) => *old = new,
                (Action::Record(old), Action::Record(new)) => *old = new,
                (Action::Free(old), Action::Free(new)) if *old == new => {}
                (Action::Allocate(old), Action::Allocate(new))
                    if old.reserved.start == new.reserved.start => {}
                (
                    Action::Condition {
                        handle,
                        kind,
                        bodies,
                    },
                    Action::Condition {
                        handle: new_handle,
                        kind: new_kind,
                        bodies: new_bodies,
                    },
                ) if *kind == new_kind && bodies.len() == new_bodies.len() => {
                    *handle = new_handle;
                    for (old, new) in bodies.iter_mut().zip(new_bodies) {
                        old.update(new)?;
                    }
                }
                _ => return refused(R::CU_GRAPH_EXEC_UPDATE_ERROR_PARAMETERS_CHANGED),
            }
        }
        updated.objects = from.objects;
        updated.defaults = from.defaults;
        *self = updated;
        Ok(())
    }
}

impl Action {
    /// A number for each type of node.
    fn type_(&self) -> u32 {
        match self {
            Action::Operation(operation) => Kind::Operation(operation.clone()).type_().0,
            Action::Child(_) => 100,
            Action::Wait(_) => 101,
            Action::Record(_) => 102,
            Action::Allocate(_) => 103,
            Action::Free(_) => 104,
            Action::Condition { .. } => 105,
        }
    }
}

/// Whether an operation may take the place of another in an executable graph.
fn fits(old: &Operation, new: &Operation) -> bool {
    match (old, new) {
        (Operation::Nothing, Operation::Nothing)
        | (Operation::Launch(_), Operation::Launch(_))
        | (Operation::HostCall(_), Operation::HostCall(_))
        | (Operation::Values(_), Operation::Values(_)) => true,
        (Operation::Copy(old), Operation::Copy(new)) => {
            let kinds = |r: CUDA_MEMCPY3D| (r.srcMemoryType, r.dstMemoryType);
            kinds(old.request()) == kinds(new.request())
        }
        (Operation::Fill(old), Operation::Fill(new)) => {
            let (old, new) = (old.request(), new.request());
            let shape = |r: CUDA_MEMSET_NODE_PARAMS| (r.width, r.height, r.pitch, r.elementSize);
            old.height <= 1 && new.height <= 1 || shape(old) == shape(new)
        }
        _ => false,
    }
}

/// Runs the body that a condition's value names.
fn choose(
    device: &'static Device,
    moment: &mut Moment,
    handle: u64,
    kind: CUgraphConditionalNodeType,
    bodies: &[Plan],
) -> u32 {
    let mut value = device.condition(handle) as usize;
    match kind {
        CUgraphConditionalNodeType::CU_GRAPH_COND_TYPE_WHILE => {
            while let (Some(body), true) = (bodies.first(), value != 0) {
                let code = body.run(device, moment);
                let ended = moment.fault.load(Ordering::SeqCst) != 0;
                if code != 0 || ended || device.cancel.load(Ordering::Relaxed) {
                    return code;
                }
                value = device.condition(handle) as usize;
            }
            return 0;
        }
        CUgraphConditionalNodeType::CU_GRAPH_COND_TYPE_IF => value = usize::from(value == 0),
        _ => {}
    }
    bodies.get(value).map_or(0, |body| body.run(device, moment))
}

/// Launches an executable graph on a stream, or adds it to what the stream captures.
fn launch(exec: CUgraphExec, stream: u64) -> Answer {
    let device = alive()?;
    super::super::current()?;
    let mut guard = device.state();
    let state = &mut *guard;
    let known = state.graphs.exec(exec)?;
    let (plan, last) = (known.plan.clone(), known.last.clone());
    let automatic = CUgraphInstantiate_flags::CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH.0;
    let automatic = known.flags & u64::from(automatic) != 0;
    if capture::route(state, stream)? {
        return match state.graphs.graph_of(&plan, Some(0)) {
            Ok(child) => capture::append_child(state, stream, child),
            Err(status) => {
                capture::unsupported(state, stream);
                Err(status)
            }
        };
    }
    let context = state.context_of(stream)?;
    let mut moment = plan.begin(device, state, context, automatic)?;
    let run = plan;
    let work = move || {
        for (handle, value) in &run.defaults {
            device.set_condition(*handle, *value);
        }
        run.run(device, &mut moment)
    };
    let after = last.into_iter().collect();
    let done = state.queue(stream, after, Work::Unfaulted(Box::new(work)))?;
    state.graphs.exec_mut(exec)?.last = Some(done);
    Ok(())
}

/// Changes what a node of an executable graph does at later launches.
fn set(exec: CUgraphExec, node: CUgraphNode, new: Operation) -> Answer {
    let mut state = alive()?.state();
    let step = state.graphs.step_mut(exec, node)?;
    match &mut step.action {
        Action::Operation(old) if fits(old, &new) => {
            let old = std::mem::replace(old, new);
            drop(state);
            drop(old);
            Ok(())
        }
        _ => Err(INVALID),
    }
}

fn set_event(exec: CUgraphExec, node: CUgraphNode, event: u64, record: bool) -> Answer {
    let mut state = alive()?.state();
    match &mut state.graphs.step_mut(exec, node)?.action {
        Action::Wait(old) if !record => *old = event,
        Action::Record(old) if record => *old = event,
        _ => return Err(INVALID),
    }
    Ok(())
}

fn set_child(exec: CUgraphExec, node: CUgraphNode, child: CUgraph) -> Answer {
    let mut state = alive()?.state();
    let new = state
        .graphs
        .plan(child as u64)
        .map_err(|(status, ..)| status)?;
    match &mut state.graphs.step_mut(exec, node)?.action {
        Action::Child(old) => old.update(new).map_err(|_| INVALID),
        _ => Err(INVALID),
    }
}

/// Whether the node of an executable graph is a kernel whose blocks all run together.
fn cooperative(exec: CUgraphExec, node: CUgraphNode) -> Answer<bool> {
    let mut state = alive()?.state();
    Ok(match &state.graphs.step_mut(exec, node)?.action {
        Action::Operation(Operation::Launch(launch)) => launch.shape().cooperative,
        _ => false,
    })
}

fn set_any(exec: CUgraphExec, node: CUgraphNode, params: *mut CUgraphNodeParams) -> Answer {
    use CUgraphNodeType as T;
    // SAFETY: the caller of the C function gives parameters or null.
    let params = unsafe { params.as_ref() }.ok_or(INVALID)?;
    let p = &params.__bindgen_anon_1;
    match params.type_ {
        // SAFETY: the type says which member it is, here and below.
        T::CU_GRAPH_NODE_TYPE_GRAPH => set_child(exec, node, unsafe { p.graph.graph }),
        T::CU_GRAPH_NODE_TYPE_WAIT_EVENT => {
            // SAFETY: as above.
            set_event(exec, node, event(unsafe { p.eventWait.event })?, false)
        }
        T::CU_GRAPH_NODE_TYPE_EVENT_RECORD => {
            // SAFETY: as above.
            set_event(exec, node, event(unsafe { p.eventRecord.event })?, true)
        }
        T::CU_GRAPH_NODE_TYPE_MEM_ALLOC
        | T::CU_GRAPH_NODE_TYPE_MEM_FREE
        | T::CU_GRAPH_NODE_TYPE_CONDITIONAL => Err(UNSUPPORTED),
        _ => {
            let cooperative = cooperative(exec, node)?;
            // SAFETY: the caller of the C function gives parameters of that type.
            set(exec, node, unsafe { operation(params, cooperative) }?)
        }
    }
}

/// Updates an executable graph from a graph of the same shape.
fn update(exec: CUgraphExec, graph: CUgraph) -> Answer<(CUgraphExecUpdateResult, u64)> {
    let mut state = alive()?.state();
    state.graphs.exec(exec)?;
    if state.graphs.graph(graph as u64)?.capturing {
        return Err(INVALID);
    }
    let new = match state.graphs.complete_plan(graph as u64) {
        Ok(new) => new,
        Err((_, node, _)) => {
            let error = CUgraphExecUpdateResult::CU_GRAPH_EXEC_UPDATE_ERROR;
            return Ok((error, node));
        }
    };
    // What the plan did until now is dropped after the state is unlocked.
    let old = state.graphs.exec(exec)?.plan.clone();
    let plan = Arc::make_mut(&mut state.graphs.exec_mut(exec)?.plan);
    let outcome = plan.update(new);
    drop(state);
    drop(old);
    Ok(match outcome {
        Ok(()) => (CUgraphExecUpdateResult::CU_GRAPH_EXEC_UPDATE_SUCCESS, 0),
        Err(refusal) => refusal,
    })
}

fn updated(result: CUgraphExecUpdateResult) -> Answer {
    if result == CUgraphExecUpdateResult::CU_GRAPH_EXEC_UPDATE_SUCCESS {
        Ok(())
    } else {
        Err(CUresult::CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE)
    }
}

fn instantiate(place: *mut CUgraphExec, graph: CUgraph, flags: u64) -> Result<(), Refusal> {
    let error = |status| {
        (
            status,
            0,
            CUgraphInstantiateResult::CUDA_GRAPH_INSTANTIATE_ERROR,
        )
    };
    if place.is_null() {
        return Err(error(INVALID));
    }
    let exec = alive()
        .map_err(error)?
        .state()
        .graphs
        .instantiate(graph as u64, flags)?;
    write(place, exec as CUgraphExec).map_err(error)
}

/// The first interface of instantiation, with a log.
///
/// # Safety
///
/// A buffer of `len` bytes, or null.
unsafe fn instantiate_with_log(
    place: *mut CUgraphExec,
    graph: CUgraph,
    node: *mut CUgraphNode,
    log: *mut c_char,
    len: usize,
) -> Answer {
    let outcome = instantiate(place, graph, 0);
    if !log.is_null() && len > 0 {
        // SAFETY: as the caller promises.
        unsafe { log.write(0) };
    }
    outcome.map_err(|(status, at, _)| {
        write_if(node, at as CUgraphNode);
        status
    })
}

fn set_enabled(exec: CUgraphExec, node: CUgraphNode, enabled: bool) -> Answer {
    let mut state = alive()?.state();
    let step = state.graphs.step_mut(exec, node)?;
    step.can_be_disabled()?;
    step.enabled = enabled;
    Ok(())
}

impl Step {
    fn can_be_disabled(&self) -> Answer {
        match &self.action {
            Action::Operation(Operation::Launch(_) | Operation::Copy(_) | Operation::Fill(_)) => {
                Ok(())
            }
            _ => Err(INVALID),
        }
    }
}

impl Device {
    fn condition(&self, handle: u64) -> u32 {
        self.conditions().get(&handle).copied().unwrap_or(0)
    }

    /// Sets the value that conditional nodes of a handle test.
    pub fn set_condition(&self, handle: u64, value: u32) {
        self.conditions().insert(handle, value);
    }
}

functions! {
    cuGraphInstantiate(place: *mut CUgraphExec, graph: CUgraph, node: *mut CUgraphNode, log: *mut c_char, len: usize) {
        instantiate_with_log(place, graph, node, log, len)
    }
    cuGraphInstantiate_v2(place: *mut CUgraphExec, graph: CUgraph, node: *mut CUgraphNode, log: *mut c_char, len: usize) {
        instantiate_with_log(place, graph, node, log, len)
    }
    cuGraphInstantiateWithFlags(place: *mut CUgraphExec, graph: CUgraph, flags: c_ulonglong) {
        instantiate(place, graph, flags).map_err(|(status, ..)| status)
    }
    cuGraphInstantiateWithParams(place: *mut CUgraphExec, graph: CUgraph, params: *mut CUDA_GRAPH_INSTANTIATE_PARAMS) {
        let params = params.as_mut().ok_or(INVALID)?;
        match instantiate(place, graph, params.flags) {
            Ok(()) => {
                params.result_out = CUgraphInstantiateResult::CUDA_GRAPH_INSTANTIATE_SUCCESS;
                Ok(())
            }
            Err((status, node, result)) => {
                params.hErrNode_out = node as CUgraphNode;
                params.result_out = result;
                Err(status)
            }
        }
    }
    cuGraphExecDestroy(exec: CUgraphExec) {
        let owner = device()?;
        let mut state = owner.state();
        let gone = state.graphs.execs.remove(&(exec as u64)).ok_or(INVALID)?;
        if let (true, Ok(graph)) = (gone.memory, state.graphs.graph_mut(gone.graph)) {
            graph.instances = graph.instances.saturating_sub(1);
        }
        drop(state);
        drop(gone);
        owner.state().graphs.memory.forget_unused();
        Ok(())
    }
    cuGraphExecGetFlags(exec: CUgraphExec, place: *mut cuuint64_t) {
        write(place, device()?.state().graphs.exec(exec)?.flags)
    }
    cuGraphUpload(exec: CUgraphExec, stream: CUstream) {
        // It is where it runs.
        let state = alive()?.state();
        state.graphs.exec(exec)?;
        state.check_stream(stream as u64)
    }
    cuGraphLaunch(exec: CUgraphExec, stream: CUstream) { launch(exec, stream as u64) }
    cuGraphExecUpdate_v2(exec: CUgraphExec, graph: CUgraph, place: *mut CUgraphExecUpdateResultInfo) {
        if place.is_null() {
            return Err(INVALID);
        }
        let (result, node) = update(exec, graph)?;
        write(place, CUgraphExecUpdateResultInfo { result, errorNode: node as CUgraphNode, errorFromNode: std::ptr::null_mut() })?;
        updated(result)
    }
    cuGraphExecUpdate(exec: CUgraphExec, graph: CUgraph, node_place: *mut CUgraphNode, place: *mut CUgraphExecUpdateResult) {
        let (result, node) = update(exec, graph)?;
        write_if(node_place, node as CUgraphNode);
        write(place, result)?;
        updated(result)
    }
    cuGraphExecKernelNodeSetParams(exec: CUgraphExec, node: CUgraphNode, params: *const CUDA_KERNEL_NODE_PARAMS_v1) {
        let params = super::node::widen(params.as_ref().ok_or(INVALID)?);
        set(exec, node, kernel(&params, cooperative(exec, node)?)?)
    }
    cuGraphExecKernelNodeSetParams_v2(exec: CUgraphExec, node: CUgraphNode, params: *const CUDA_KERNEL_NODE_PARAMS) {
        set(exec, node, kernel(params.as_ref().ok_or(INVALID)?, cooperative(exec, node)?)?)
    }
    cuGraphExecMemcpyNodeSetParams(exec: CUgraphExec, node: CUgraphNode, params: *const CUDA_MEMCPY3D, context: CUcontext) {
        set(exec, node, copy(params.as_ref().ok_or(INVALID)?)?)
    }
    cuGraphExecMemsetNodeSetParams(exec: CUgraphExec, node: CUgraphNode, params: *const CUDA_MEMSET_NODE_PARAMS, context: CUcontext) {
        set(exec, node, filling(params.as_ref().ok_or(INVALID)?)?)
    }
    cuGraphExecHostNodeSetParams(exec: CUgraphExec, node: CUgraphNode, params: *const CUDA_HOST_NODE_PARAMS) {
        set(exec, node, call(params.as_ref().ok_or(INVALID)?)?)
    }
    cuGraphExecBatchMemOpNodeSetParams(exec: CUgraphExec, node: CUgraphNode, params: *const CUDA_BATCH_MEM_OP_NODE_PARAMS) {
        set(exec, node, values(params.as_ref().ok_or(INVALID)?)?)
    }
    cuGraphExecChildGraphNodeSetParams(exec: CUgraphExec, node: CUgraphNode, child: CUgraph) {
        set_child(exec, node, child)
    }
    cuGraphExecEventRecordNodeSetEvent(exec: CUgraphExec, node: CUgraphNode, recorded: CUevent) {
        set_event(exec, node, event(recorded)?, true)
    }
    cuGraphExecEventWaitNodeSetEvent(exec: CUgraphExec, node: CUgraphNode, awaited: CUevent) {
        set_event(exec, node, event(awaited)?, false)
    }
    cuGraphExecNodeSetParams(exec: CUgraphExec, node: CUgraphNode, params: *mut CUgraphNodeParams) {
        set_any(exec, node, params)
    }
    cuGraphNodeSetEnabled(exec: CUgraphExec, node: CUgraphNode, enabled: c_uint) {
        set_enabled(exec, node, enabled != 0)
    }
    cuGraphNodeGetEnabled(exec: CUgraphExec, node: CUgraphNode, place: *mut c_uint) {
        let mut state = device()?.state();
        let step = state.graphs.step_mut(exec, node)?;
        step.can_be_disabled()?;
        write(place, c_uint::from(step.enabled))
    }
}

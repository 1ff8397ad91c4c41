//! Stream capture: what a stream is given becomes nodes of a graph.
//!
//! A capture has the stream in which it began and every stream that waited for an event of it. Each of them has a *front*:
//! the nodes that the next thing it is given comes after. An event that is recorded in the capture keeps the front of that
//! moment, and a stream that waits for the event adds it to its own.

use std::cell::Cell;
use std::collections::HashMap;
use std::ffi::c_uint;
use std::thread::ThreadId;

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

use super::graph::{Edge, Graph, Kind, edges};
use super::operation::Operation;
use super::{
    Answer, CAPTURE, INVALID, State, alive, current, device, functions, name, write, write_if,
};

const INVALIDATED: CUresult = CUresult::CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
const NOT_CAPTURABLE: CUresult = CUresult::CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
const IMPLICIT: CUresult = CUresult::CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;

thread_local! {
    /// How this thread is held back by captures.
    static MODE: Cell<CUstreamCaptureMode> = const { Cell::new(CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_GLOBAL) };
}

/// One capture.
pub struct Capture {
    graph: u64,
    /// Whether the graph was the program's before.
    given: bool,
    /// The stream in which it began and must end.
    origin: u64,
    mode: CUstreamCaptureMode,
    thread: ThreadId,
    /// Whether a rule was broken. It goes on, empty, until the program ends it.
    invalid: bool,
    fronts: HashMap<u64, Front>,
}

/// What the next node of a stream comes after.
#[derive(Default)]
struct Front {
    edges: Vec<Edge>,
    /// The same as the program last asked for it, where it may still read it.
    shown: (Vec<CUgraphNode>, Vec<CUgraphEdgeData>),
}

// SAFETY: the pointers are handles, numbers that nobody follows.
unsafe impl Send for Front {}

/// The place in a capture at which an event was recorded.
pub struct Mark {
    capture: u64,
    edges: Vec<Edge>,
}

impl Capture {
    fn join(&mut self, stream: u64, edges: &[Edge]) {
        let front = &mut self.fronts.entry(stream).or_default().edges;
        for edge in edges {
            if !front.iter().any(|known| known.node == edge.node) {
                front.push(*edge);
            }
        }
    }
}

fn invalidate(state: &mut State, capture: u64) {
    if let Some(capture) = state.captures.get_mut(&capture) {
        capture.invalid = true;
    }
}

/// The capture that a stream takes part in.
fn capture_of(state: &State, stream: u64) -> Option<u64> {
    state.streams.get(&stream)?.capture
}

/// The captures that using the legacy default stream of the current context would use too.
fn blocking(state: &State) -> Vec<u64> {
    let Ok(context) = current() else {
        return Vec::new();
    };
    let streams = state.streams.values();
    streams
        .filter(|stream| stream.blocking && stream.context == context)
        .filter_map(|stream| stream.capture)
        .collect()
}

/// Says whether what a stream is given now is captured.
///
/// # Errors
///
/// Of a capture that is no longer valid, and of a use of the legacy default stream that captures forbid.
pub fn route(state: &mut State, stream: u64) -> Answer<bool> {
    if stream <= 2 {
        let harmed = blocking(state);
        for capture in &harmed {
            invalidate(state, *capture);
        }
        return if harmed.is_empty() {
            Ok(false)
        } else {
            Err(IMPLICIT)
        };
    }
    match capture_of(state, stream) {
        None => Ok(false),
        Some(id) => match state.captures.get(&id) {
            Some(capture) if !capture.invalid => Ok(true),
            _ => Err(INVALIDATED),
        },
    }
}

/// Refuses a call that captures cannot see and that could therefore break them.
pub fn potentially_unsafe(state: &mut State) -> Answer {
    use CUstreamCaptureMode as M;
    let mode = MODE.get();
    let here = std::thread::current().id();
    let mut harmed = false;
    for capture in state.captures.values_mut() {
        let own = capture.thread == here && capture.mode != M::CU_STREAM_CAPTURE_MODE_RELAXED;
        let others = capture.mode == M::CU_STREAM_CAPTURE_MODE_GLOBAL;
        let forbidden = match mode {
            M::CU_STREAM_CAPTURE_MODE_GLOBAL => own || others,
            M::CU_STREAM_CAPTURE_MODE_THREAD_LOCAL => own,
            _ => false,
        };
        if forbidden {
            capture.invalid = true;
            harmed = true;
        }
    }
    if harmed { Err(NOT_CAPTURABLE) } else { Ok(()) }
}

/// Refuses to ask whether a stream has done its work, or to wait for it, if the work is captured.
pub fn observe_stream(state: &mut State, stream: u64) -> Answer {
    if route(state, stream)? {
        return Err(unsupported(state, stream));
    }
    potentially_unsafe(state)
}

/// Refuses the same of everything in a context.
pub fn observe_context(state: &mut State, context: u64) -> Answer {
    let streams = state.streams.values();
    let streams = streams.filter(|stream| stream.context == context);
    let harmed: Vec<u64> = streams.filter_map(|stream| stream.capture).collect();
    for capture in &harmed {
        invalidate(state, *capture);
    }
    if harmed.is_empty() {
        Ok(())
    } else {
        Err(NOT_CAPTURABLE)
    }
}

/// A context ends: captures that began in it end, those of others that its streams take part in go on invalid. What is answered
/// must be dropped after the state is unlocked.
pub fn context_gone(state: &mut State, context: u64) -> Vec<Graph> {
    let streams = state.streams.iter();
    let streams = streams.filter(|(_, stream)| stream.context == context);
    let streams: Vec<(u64, Option<u64>)> = streams.map(|(h, s)| (*h, s.capture)).collect();
    let gone = streams.into_iter();
    gone.flat_map(|(stream, capture)| stream_gone(state, stream, capture))
        .collect()
}

/// Ends the validity of the capture of a stream that was given what cannot be captured.
pub fn unsupported(state: &mut State, stream: u64) -> CUresult {
    if let Some(capture) = capture_of(state, stream) {
        invalidate(state, capture);
    }
    NOT_CAPTURABLE
}

/// Adds a node to the capture of a stream that [`route`] said is capturing.
pub fn append(state: &mut State, stream: u64, kind: Kind) -> Answer<u64> {
    let id = capture_of(state, stream).ok_or(INVALID)?;
    let capture = state.captures.get_mut(&id).ok_or(INVALIDATED)?;
    let front = capture.fronts.entry(stream).or_default();
    match state.graphs.add(capture.graph, front.edges.clone(), kind) {
        Ok(node) => {
            front.edges = vec![Edge::plain(node)];
            Ok(node)
        }
        Err(status) => {
            capture.invalid = true;
            Err(status)
        }
    }
}

/// Adds a graph, which nobody has yet, as a child.
pub fn append_child(state: &mut State, stream: u64, child: u64) -> Answer {
    let node = append(state, stream, Kind::Child(child))?;
    state.graphs.graph_mut(child)?.within = Some(node);
    Ok(())
}

/// The place in a capture at which a stream is.
pub fn mark(state: &State, stream: u64) -> Option<Mark> {
    let id = capture_of(state, stream)?;
    let front = state.captures.get(&id)?.fronts.get(&stream);
    Some(Mark {
        capture: id,
        edges: front.map(|front| front.edges.clone()).unwrap_or_default(),
    })
}

/// Makes a stream wait for an event, as far as captures have to do with it. Says whether that was all.
pub fn wait(state: &mut State, stream: u64, event: u64) -> Answer<bool> {
    let capturing = route(state, stream)?;
    let known = state.events.get_mut(&event).ok_or(INVALID)?;
    let recorded = known.done().is_some();
    let Some(mark) = &known.captured else {
        if capturing && recorded {
            // What was recorded outside cannot be waited for inside.
            unsupported(state, stream);
            return Err(CUresult::CUDA_ERROR_STREAM_CAPTURE_ISOLATION);
        }
        return Ok(capturing);
    };
    let (id, edges) = (mark.capture, mark.edges.clone());
    let own = capture_of(state, stream);
    match state.captures.get_mut(&id) {
        None => {
            if capturing {
                unsupported(state, stream);
            }
            Err(CUresult::CUDA_ERROR_CAPTURED_EVENT)
        }
        Some(capture) if capture.invalid => Err(INVALIDATED),
        Some(capture) if own.is_some_and(|own| own != id) => {
            capture.invalid = true;
            unsupported(state, stream);
            Err(CUresult::CUDA_ERROR_STREAM_CAPTURE_MERGE)
        }
        Some(capture) if stream <= 2 => {
            capture.invalid = true;
            Err(IMPLICIT)
        }
        Some(capture) => {
            capture.join(stream, &edges);
            if let Some(stream) = state.streams.get_mut(&stream) {
                stream.capture = Some(id);
            }
            Ok(true)
        }
    }
}

/// Refuses to ask for the state of an event that a capture recorded, or to wait for it.
pub fn observe_event(state: &mut State, event: u64) -> Answer {
    let known = state.events.get(&event).ok_or(super::BAD_HANDLE)?;
    if let Some(mark) = &known.captured {
        let id = mark.capture;
        invalidate(state, id);
        return Err(CUresult::CUDA_ERROR_CAPTURED_EVENT);
    }
    potentially_unsafe(state)
}

/// A stream is destroyed: a capture that began in it ends. Another goes on, and what the stream was given must be joined as
/// ever. What is answered must be dropped after the state is unlocked.
pub fn stream_gone(state: &mut State, stream: u64, capture: Option<u64>) -> Vec<Graph> {
    let Some(id) = capture else {
        return Vec::new();
    };
    if state.captures.get(&id).is_some_and(|c| c.origin == stream) {
        invalidate(state, id);
        return finish(state, id).1;
    }
    Vec::new()
}

/// Takes a capture away. Answers its graph, unless that is gone with it, and what must be dropped later.
fn finish(state: &mut State, id: u64) -> (Option<u64>, Vec<Graph>) {
    for stream in state.streams.values_mut() {
        if stream.capture == Some(id) {
            stream.capture = None;
        }
    }
    let Some(capture) = state.captures.remove(&id) else {
        return (None, Vec::new());
    };
    if let Ok(graph) = state.graphs.graph_mut(capture.graph) {
        graph.capturing = false;
    }
    if capture.invalid && !capture.given {
        return (None, state.graphs.remove(capture.graph));
    }
    ((!capture.invalid).then_some(capture.graph), Vec::new())
}

fn begin(stream: u64, mode: CUstreamCaptureMode, graph: Option<u64>, edges: Vec<Edge>) -> Answer {
    if mode.0 > CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_RELAXED.0 {
        return Err(INVALID);
    }
    current()?;
    let mut state = alive()?.state();
    state.check_stream(stream)?;
    if stream <= 2 {
        return Err(NOT_CAPTURABLE);
    }
    if capture_of(&state, stream).is_some() {
        return Err(CUresult::CUDA_ERROR_ILLEGAL_STATE);
    }
    let given = graph.is_some();
    let graph = match graph {
        Some(graph) => {
            state.graphs.check_after(graph, &edges)?;
            if state.graphs.graph(graph)?.capturing {
                return Err(INVALID);
            }
            graph
        }
        None => state.graphs.create(None),
    };
    state.graphs.graph_mut(graph)?.capturing = true;
    let id = name(CAPTURE);
    let mut capture = Capture {
        graph,
        given,
        origin: stream,
        mode,
        thread: std::thread::current().id(),
        invalid: false,
        fronts: HashMap::new(),
    };
    capture.join(stream, &edges);
    state.captures.insert(id, capture);
    if let Some(stream) = state.streams.get_mut(&stream) {
        stream.capture = Some(id);
    }
    Ok(())
}

fn end(stream: u64, place: *mut CUgraph) -> Answer {
    if place.is_null() {
        return Err(INVALID);
    }
    let mut state = device()?.state();
    state.check_stream(stream)?;
    let id = capture_of(&state, stream).ok_or(CUresult::CUDA_ERROR_ILLEGAL_STATE)?;
    let capture = state.captures.get(&id).ok_or(INVALIDATED)?;
    if capture.origin != stream {
        invalidate(&mut state, id);
        return Err(CUresult::CUDA_ERROR_STREAM_CAPTURE_UNMATCHED);
    }
    let free = capture.mode == CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_RELAXED;
    if !free && capture.thread != std::thread::current().id() {
        return Err(CUresult::CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD);
    }
    let mut status = if capture.invalid {
        INVALIDATED
    } else {
        CUresult::CUDA_SUCCESS
    };
    if status == CUresult::CUDA_SUCCESS {
        let own = capture.fronts.get(&stream).map(|front| &front.edges[..]);
        let forked = capture.fronts.values().flat_map(|front| &front.edges);
        let forked: Vec<u64> = forked.map(|edge| edge.node).collect();
        let joined = state
            .graphs
            .all_before(capture.graph, &forked, own.unwrap_or_default());
        if !joined {
            status = CUresult::CUDA_ERROR_STREAM_CAPTURE_UNJOINED;
            invalidate(&mut state, id);
        }
    }
    let (graph, gone) = finish(&mut state, id);
    drop(state);
    drop(gone);
    write(place, graph.unwrap_or(0) as CUgraph)?;
    if status == CUresult::CUDA_SUCCESS {
        Ok(())
    } else {
        Err(status)
    }
}

/// The status of a stream and the number of its capture.
fn status(state: &State, stream: u64) -> Answer<(CUstreamCaptureStatus, Option<u64>)> {
    state.check_stream(stream)?;
    if stream <= 2 && !blocking(state).is_empty() {
        return Err(IMPLICIT);
    }
    let id = capture_of(state, stream);
    Ok(match id.map(|id| state.captures.get(&id)) {
        None => (CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_NONE, None),
        Some(Some(capture)) if !capture.invalid => {
            (CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_ACTIVE, id)
        }
        Some(_) => (
            CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_INVALIDATED,
            None,
        ),
    })
}

/// Where the program wants to have what is known of a capture; every place may be null.
struct Info {
    id: *mut cuuint64_t,
    graph: *mut CUgraph,
    nodes: *mut *const CUgraphNode,
    data: *mut *const CUgraphEdgeData,
    count: *mut usize,
}

fn info(stream: u64, place: *mut CUstreamCaptureStatus, info: &Info) -> Answer {
    let mut state = device()?.state();
    let (status, id) = status(&state, stream)?;
    if !info.data.is_null() && info.nodes.is_null() {
        return Err(INVALID);
    }
    write(place, status)?;
    let Some((id, capture)) = id.and_then(|id| Some((id, state.captures.get_mut(&id)?))) else {
        return Ok(());
    };
    write_if(info.id, id);
    write_if(info.graph, capture.graph as CUgraph);
    let front = capture.fronts.entry(stream).or_default();
    let lossy = front.edges.iter().any(|edge| edge.data != [0; 8]);
    if lossy && !info.nodes.is_null() && info.data.is_null() {
        return Err(CUresult::CUDA_ERROR_LOSSY_QUERY);
    }
    let nodes = front.edges.iter().map(|edge| edge.node as CUgraphNode);
    let data = front.edges.iter().map(Edge::c_data);
    front.shown = (nodes.collect(), data.collect());
    write_if(info.nodes, front.shown.0.as_ptr());
    write_if(info.data, front.shown.1.as_ptr());
    write_if(info.count, front.edges.len());
    Ok(())
}

fn update(stream: u64, edges: Vec<Edge>, flags: c_uint) -> Answer {
    if flags > CUstreamUpdateCaptureDependencies_flags::CU_STREAM_SET_CAPTURE_DEPENDENCIES.0 {
        return Err(INVALID);
    }
    let mut state = alive()?.state();
    state.check_stream(stream)?;
    if !route(&mut state, stream)? {
        return Err(CUresult::CUDA_ERROR_ILLEGAL_STATE);
    }
    let id = capture_of(&state, stream).ok_or(INVALID)?;
    let graph = state.captures.get(&id).ok_or(INVALIDATED)?.graph;
    state.graphs.check_after(graph, &edges)?;
    let capture = state.captures.get_mut(&id).ok_or(INVALIDATED)?;
    if flags == CUstreamUpdateCaptureDependencies_flags::CU_STREAM_SET_CAPTURE_DEPENDENCIES.0 {
        capture.fronts.entry(stream).or_default().edges.clear();
    }
    capture.join(stream, &edges);
    Ok(())
}

impl super::Device {
    /// Has a stream do an operation in its order, or captures it.
    pub fn issue(&'static self, stream: u64, operation: Operation) -> Answer {
        let mut state = self.state();
        if route(&mut state, stream)? {
            return append(&mut state, stream, Kind::Operation(operation)).map(|_| ());
        }
        state
            .queue(stream, Vec::new(), operation.work(self))
            .map(|_| ())
    }

    /// Does an operation in the order of the legacy default stream before the call returns.
    pub fn perform(&'static self, operation: Operation) -> Answer {
        let done = {
            let mut state = self.state();
            route(&mut state, 0)?;
            potentially_unsafe(&mut state)?;
            state.queue(0, Vec::new(), operation.work(self))?
        };
        done.wait();
        alive().map(|_| ())
    }
}

const NO_INFO: Info = Info {
    id: std::ptr::null_mut(),
    graph: std::ptr::null_mut(),
    nodes: std::ptr::null_mut(),
    data: std::ptr::null_mut(),
    count: std::ptr::null_mut(),
};

functions! {
    cuStreamBeginCapture(stream: CUstream) {
        begin(stream as u64, CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_GLOBAL, None, Vec::new())
    }
    cuStreamBeginCapture_v2(stream: CUstream, mode: CUstreamCaptureMode) {
        begin(stream as u64, mode, None, Vec::new())
    }
    cuStreamBeginCaptureToGraph(stream: CUstream, graph: CUgraph, nodes: *const CUgraphNode, data: *const CUgraphEdgeData, count: usize, mode: CUstreamCaptureMode) {
        begin(stream as u64, mode, Some(graph as u64), edges(nodes, data, count)?)
    }
    cuStreamEndCapture(stream: CUstream, place: *mut CUgraph) { end(stream as u64, place) }
    cuStreamIsCapturing(stream: CUstream, place: *mut CUstreamCaptureStatus) {
        info(stream as u64, place, &NO_INFO)
    }
    cuStreamGetCaptureInfo(stream: CUstream, place: *mut CUstreamCaptureStatus, id: *mut cuuint64_t) {
        info(stream as u64, place, &Info { id, ..NO_INFO })
    }
    cuStreamGetCaptureInfo_v2(stream: CUstream, place: *mut CUstreamCaptureStatus, id: *mut cuuint64_t, graph: *mut CUgraph, nodes: *mut *const CUgraphNode, count: *mut usize) {
        info(stream as u64, place, &Info { id, graph, nodes, count, ..NO_INFO })
    }
    cuStreamGetCaptureInfo_v3(stream: CUstream, place: *mut CUstreamCaptureStatus, id: *mut cuuint64_t, graph: *mut CUgraph, nodes: *mut *const CUgraphNode, data: *mut *const CUgraphEdgeData, count: *mut usize) {
        info(stream as u64, place, &Info { id, graph, nodes, data, count })
    }
    cuStreamUpdateCaptureDependencies(stream: CUstream, nodes: *mut CUgraphNode, count: usize, flags: c_uint) {
        update(stream as u64, edges(nodes, std::ptr::null(), count)?, flags)
    }
    cuStreamUpdateCaptureDependencies_v2(stream: CUstream, nodes: *mut CUgraphNode, data: *const CUgraphEdgeData, count: usize, flags: c_uint) {
        update(stream as u64, edges(nodes, data, count)?, flags)
    }
    cuThreadExchangeStreamCaptureMode(mode: *mut CUstreamCaptureMode) {
        let new = *mode.as_ref().ok_or(INVALID)?;
        if new.0 > CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_RELAXED.0 {
            return Err(INVALID);
        }
        write(mode, MODE.replace(new))
    }
}

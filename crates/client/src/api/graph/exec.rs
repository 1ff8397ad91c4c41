//! Executable graphs: made of graphs, updated and launched.

use core::ffi::{c_char, c_ulonglong};
use std::sync::atomic::Ordering;

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::{
    CUDA_GRAPH_INSTANTIATE_PARAMS, CUgraph, CUgraphExec, CUgraphExecUpdateResult,
    CUgraphExecUpdateResultInfo, CUgraphInstantiateResult, CUgraphNode, CUstream,
};
use pillion_protocol::command::cuda;
use pillion_protocol::handle::Kind;
use pillion_protocol::{Encoder, Interface, Violation};

use super::super::callback::{self, Function};
use super::super::{DefaultStream, capture, context, stream};
use super::{Exec, INVALID, UNKNOWN, exec_of, graph_of, lock};
use crate::entry::Result;
use crate::forward::{Fresh, confirmed, posted};
use crate::remote;
use crate::session::Session;

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

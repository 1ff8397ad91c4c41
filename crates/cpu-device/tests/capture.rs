//! Stream capture through the device's table.

mod common;

use std::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicU32, Ordering};

use common::driver::*;
use common::{Random, ptx};
use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

const NOT_CAPTURABLE: CUresult = CUresult::CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
const INVALIDATED: CUresult = CUresult::CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
const MERGE: CUresult = CUresult::CUDA_ERROR_STREAM_CAPTURE_MERGE;
const UNMATCHED: CUresult = CUresult::CUDA_ERROR_STREAM_CAPTURE_UNMATCHED;
const UNJOINED: CUresult = CUresult::CUDA_ERROR_STREAM_CAPTURE_UNJOINED;
const ISOLATION: CUresult = CUresult::CUDA_ERROR_STREAM_CAPTURE_ISOLATION;
const IMPLICIT: CUresult = CUresult::CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;
const WRONG_THREAD: CUresult = CUresult::CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD;
const CAPTURED_EVENT: CUresult = CUresult::CUDA_ERROR_CAPTURED_EVENT;
const ILLEGAL_STATE: CUresult = CUresult::CUDA_ERROR_ILLEGAL_STATE;

const GLOBAL: CUstreamCaptureMode = CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_GLOBAL;
const THREAD_LOCAL: CUstreamCaptureMode = CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_THREAD_LOCAL;
const RELAXED: CUstreamCaptureMode = CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_RELAXED;

fn begin(stream: CUstream) {
    good!(cuStreamBeginCapture_v2(stream, THREAD_LOCAL));
}

fn end(stream: CUstream) -> CUgraph {
    let mut graph = null_mut();
    good!(cuStreamEndCapture(stream, &mut graph));
    assert!(!graph.is_null());
    graph
}

/// Ends a capture that is no longer valid.
fn abandon(stream: CUstream) {
    let mut graph = 7 as CUgraph;
    let got = call!(cuStreamEndCapture(stream, &mut graph));
    assert_eq!(got, INVALIDATED);
    assert!(graph.is_null());
    assert_eq!(
        status(stream),
        CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_NONE
    );
}

fn status(stream: CUstream) -> CUstreamCaptureStatus {
    let mut status = CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_NONE;
    good!(cuStreamIsCapturing(stream, &mut status));
    status
}

fn run(graph: CUgraph, stream: CUstream) {
    let mut exec = null_mut();
    good!(cuGraphInstantiateWithFlags(&mut exec, graph, 0));
    good!(cuGraphLaunch(exec, stream));
    good!(cuGraphExecDestroy(exec));
    good!(cuStreamSynchronize(stream));
}

fn count_nodes(graph: CUgraph) -> usize {
    let mut count = 0;
    good!(cuGraphGetNodes(graph, null_mut(), &mut count));
    count
}

unsafe extern "C" fn count(data: *mut c_void) {
    // SAFETY: the tests give a number that outlives the call.
    unsafe { &*data.cast::<AtomicU32>() }.fetch_add(1, Ordering::SeqCst);
}

/// Gives a stream everything that can be captured, in an order that the result shows.
fn everything(s: CUstream, kernel: CUfunction, at: u64, calls: &AtomicU32, host: &mut [u32; 64]) {
    let place = host.as_mut_ptr().cast::<c_void>();
    good!(cuMemsetD32Async(at, 1, 64, s));
    assert_eq!(add(kernel, s, at, 32, 5), OK);
    good!(cuMemcpyDtoDAsync_v2(at + 128, at, 64, s));
    good!(cuLaunchHostFunc(
        s,
        Some(count),
        std::ptr::from_ref(calls).cast_mut().cast()
    ));
    good!(cuMemcpyDtoHAsync_v2(place, at, 256, s));
    good!(cuMemsetD2D8Async(at, 128, 0xee, 4, 2, s));
    good!(cuMemcpyHtoDAsync_v2(at, place, 64, s));
    good!(cuStreamWriteValue32_v2(s, at + 60, 77, 0));
    good!(cuStreamWaitValue32_v2(s, at + 60, 77, 1));
    let mut memory = 0;
    good!(cuMemAllocAsync(&mut memory, 64, s));
    good!(cuMemsetD8Async(memory, 9, 64, s));
    good!(cuMemcpyAsync(at + 192, memory, 4, s));
    good!(cuMemFreeAsync(memory, s));
}

#[test]
fn what_is_captured_does_later_what_it_would_have_done() {
    let _device = device();
    let mut random = Random::new();
    let text = ptx(ADD);
    let module = module(&text);
    let kernel = function(module, "add");
    let s = stream(1);
    let noise = random_bytes(&mut random, 256);
    let (direct, captured) = (upload(&noise), upload(&noise));
    let calls = AtomicU32::new(0);
    let (mut first, mut second) = ([0; 64], [0; 64]);
    everything(s, kernel, direct, &calls, &mut first);
    good!(cuStreamSynchronize(s));
    assert_eq!(calls.load(Ordering::SeqCst), 1);

    begin(s);
    everything(s, kernel, captured, &calls, &mut second);
    assert_eq!(
        status(s),
        CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_ACTIVE
    );
    let graph = end(s);
    assert_eq!(calls.load(Ordering::SeqCst), 1, "nothing ran");
    assert_eq!(second, [0; 64]);
    assert_eq!(download(captured, 256), noise);
    assert_eq!(count_nodes(graph), 13);
    run(graph, s);
    assert_eq!(calls.load(Ordering::SeqCst), 2);
    assert_eq!(second, first);
    assert_eq!(download(captured, 256), download(direct, 256));

    // A graph that is launched in a capture becomes a child.
    good!(cuGraphDestroy(graph));
    begin(s);
    good!(cuMemsetD8Async(captured, 3, 256, s));
    let inner = end(s);
    let mut exec = null_mut();
    good!(cuGraphInstantiateWithFlags(&mut exec, inner, 0));
    begin(s);
    good!(cuGraphLaunch(exec, s));
    good!(cuMemsetD8Async(captured, 4, 128, s));
    let outer = end(s);
    assert_eq!(count_nodes(outer), 2);
    good!(cuGraphExecDestroy(exec));
    good!(cuGraphDestroy(inner));
    run(outer, s);
    let got = download(captured, 256);
    assert_eq!((&got[..128], &got[128..]), (&[4; 128][..], &[3; 128][..]));
    good!(cuGraphDestroy(outer));
    good!(cuModuleUnload(module));
    good!(cuStreamDestroy_v2(s));
    good!(cuMemFree_v2(direct));
    good!(cuMemFree_v2(captured));
}

#[test]
fn forks_that_join_are_replayed() {
    let _device = device();
    let mut random = Random::new();
    let origin = stream(1);
    for _ in 0..20 {
        let streams: Vec<CUstream> = (0..3).map(|_| stream(1)).collect();
        let at: Vec<u64> = (0..4).map(|_| upload(&[0; 64])).collect();
        let mut model = vec![[0u8; 64]; 4];
        begin(origin);
        let steps = 1 + random.below(5);
        for _ in 0..steps {
            let value = random.next() as u8;
            good!(cuMemsetD8Async(at[3], value, 64, origin));
            model[3] = [value; 64];
            let fork = event(2);
            good!(cuEventRecord(fork, origin));
            for (n, s) in streams.iter().enumerate() {
                good!(cuStreamWaitEvent(*s, fork, 0));
                let len = 1 + random.below(64) as usize;
                good!(cuMemcpyDtoDAsync_v2(at[n], at[3], len, *s));
                model[n][..len].fill(value);
                let join = event(2);
                good!(cuEventRecord(join, *s));
                good!(cuStreamWaitEvent(origin, join, 0));
                good!(cuEventDestroy_v2(join));
            }
            good!(cuEventDestroy_v2(fork));
        }
        // A stream that has been joined may go before the capture ends.
        let early = random.below(2) == 0;
        if early {
            streams.iter().for_each(|s| good!(cuStreamDestroy_v2(*s)));
        }
        let graph = end(origin);
        assert_eq!(count_nodes(graph) as u64, 4 * steps);
        let mut edges = 0;
        good!(cuGraphGetEdges(graph, null_mut(), null_mut(), &mut edges));
        // Each copy after its fill and the copy before it in its stream, each fill after all copies; maybe more than these.
        assert!(edges as u64 >= 3 * steps + 6 * (steps - 1), "{edges}");
        run(graph, origin);
        for (at, model) in at.iter().zip(&model) {
            assert_eq!(download(*at, 64), model);
        }
        good!(cuGraphDestroy(graph));
        if !early {
            streams.iter().for_each(|s| good!(cuStreamDestroy_v2(*s)));
        }
        at.iter().for_each(|at| good!(cuMemFree_v2(*at)));
    }
    good!(cuStreamDestroy_v2(origin));
}

#[test]
fn captures_say_what_breaks_them() {
    let _device = device();
    let (s, other, blocking) = (stream(1), stream(1), stream(0));
    let a = upload(&[0; 64]);
    let fill = |s| call!(cuMemsetD8Async(a, 1, 64, s));
    let mut graph = null_mut();

    assert_eq!(
        call!(cuStreamBeginCapture_v2(null_mut(), GLOBAL)),
        NOT_CAPTURABLE
    );
    assert_eq!(call!(cuStreamEndCapture(s, &mut graph)), ILLEGAL_STATE);
    begin(s);
    assert_eq!(call!(cuStreamBeginCapture_v2(s, GLOBAL)), ILLEGAL_STATE);
    good!(cuGraphDestroy(end(s)));

    // Asking for or waiting for what is captured.
    let e = event(2);
    type Ask<'a> = &'a dyn Fn() -> CUresult;
    let asks: [(Ask, CUresult); 4] = [
        (&|| call!(cuStreamSynchronize(s)), NOT_CAPTURABLE),
        (&|| call!(cuStreamQuery(s)), NOT_CAPTURABLE),
        (&|| call!(cuEventQuery(e)), CAPTURED_EVENT),
        (&|| call!(cuEventSynchronize(e)), CAPTURED_EVENT),
    ];
    for (ask, want) in asks {
        begin(s);
        good!(cuEventRecord(e, s));
        assert_eq!(ask(), want);
        assert_eq!(
            status(s),
            CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_INVALIDATED
        );
        assert_eq!(fill(s), INVALIDATED);
        abandon(s);
    }
    begin(s);
    assert_eq!(call!(cuCtxSynchronize()), NOT_CAPTURABLE);
    abandon(s);
    good!(cuCtxSynchronize());

    // The legacy stream while a blocking stream captures.
    begin(blocking);
    let mut seen = CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_NONE;
    assert_eq!(call!(cuStreamIsCapturing(null_mut(), &mut seen)), IMPLICIT);
    assert_eq!(fill(blocking), OK, "that broke nothing");
    assert_eq!(fill(null_mut()), IMPLICIT);
    abandon(blocking);
    begin(s);
    assert_eq!(fill(null_mut()), OK, "the stream does not block");
    good!(cuGraphDestroy(end(s)));

    // What the stream cannot capture.
    unsafe extern "C" fn nothing(_: CUstream, _: CUresult, _: *mut c_void) {}
    begin(s);
    let got = call!(cuStreamAddCallback(s, Some(nothing), null_mut(), 0));
    assert_ne!(got, OK);
    abandon(s);

    // An event from outside, of another capture, of a capture that has ended.
    good!(cuEventRecord(e, other));
    begin(s);
    assert_eq!(call!(cuStreamWaitEvent(s, e, 0)), ISOLATION);
    abandon(s);
    let unrecorded = event(2);
    begin(s);
    good!(cuStreamWaitEvent(s, unrecorded, 0));
    good!(cuGraphDestroy(end(s)));
    begin(s);
    begin(other);
    assert_eq!(fill(other), OK);
    good!(cuEventRecord(e, other));
    assert_eq!(call!(cuStreamWaitEvent(s, e, 0)), MERGE);
    abandon(s);
    abandon(other);
    assert_eq!(call!(cuEventQuery(e)), CAPTURED_EVENT, "still");
    good!(cuEventRecord(e, other));
    good!(cuEventSynchronize(e));

    // A fork that does not join.
    begin(s);
    good!(cuEventRecord(e, s));
    good!(cuStreamWaitEvent(other, e, 0));
    assert_eq!(fill(other), OK);
    assert_eq!(
        status(other),
        CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_ACTIVE
    );
    graph = 7 as CUgraph;
    assert_eq!(call!(cuStreamEndCapture(s, &mut graph)), UNJOINED);
    assert!(graph.is_null());
    assert_eq!(
        status(other),
        CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_NONE
    );

    // Only the stream in which it began ends it.
    begin(s);
    good!(cuEventRecord(e, s));
    good!(cuStreamWaitEvent(other, e, 0));
    assert_eq!(call!(cuStreamEndCapture(other, &mut graph)), UNMATCHED);
    let _ = call!(cuStreamEndCapture(s, &mut graph));

    good!(cuEventRecord(e, s));
    good!(cuEventSynchronize(e));
    // External events are nodes inside and nothing outside.
    assert_eq!(call!(cuEventRecordWithFlags(e, s, 1)), INVALID);
    assert_eq!(call!(cuStreamWaitEvent(s, e, 1)), INVALID);
    begin(s);
    good!(cuStreamWaitEvent(s, e, 1));
    good!(cuEventRecordWithFlags(e, s, 1));
    let captured = end(s);
    assert_eq!(count_nodes(captured), 2);
    good!(cuEventQuery(e));
    good!(cuGraphDestroy(captured));

    // What a stream was given is joined also when the stream is gone.
    let fork = stream(1);
    begin(s);
    good!(cuEventRecord(e, s));
    good!(cuStreamWaitEvent(fork, e, 0));
    good!(cuMemsetD8Async(a, 1, 64, fork));
    good!(cuStreamDestroy_v2(fork));
    assert_eq!(call!(cuStreamEndCapture(s, &mut graph)), UNJOINED);

    // A stream that goes away takes its capture with it.
    let brief = stream(1);
    begin(brief);
    good!(cuEventRecord(e, brief));
    good!(cuStreamWaitEvent(s, e, 0));
    let _ = call!(cuStreamDestroy_v2(brief));

    for gone in [e, unrecorded] {
        good!(cuEventDestroy_v2(gone));
    }
    for gone in [s, other, blocking] {
        good!(cuStreamDestroy_v2(gone));
    }
    good!(cuMemFree_v2(a));
}

fn exchange(mode: CUstreamCaptureMode) -> CUstreamCaptureMode {
    let mut mode = mode;
    good!(cuThreadExchangeStreamCaptureMode(&mut mode));
    mode
}

#[test]
fn modes_say_which_threads_a_capture_holds_back() {
    let _device = device();
    let s = stream(1);
    let unsafe_call = || {
        let mut pointer = 0;
        let got = call!(cuMemAlloc_v2(&mut pointer, 16));
        if got == OK {
            // In a mode in which that is allowed, too.
            good!(cuMemFree_v2(pointer));
        }
        got
    };
    let elsewhere = |mode| {
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| {
                attach();
                exchange(mode);
                unsafe_call()
            });
            thread.join().unwrap()
        })
    };
    // Capture's mode, this thread's, another thread's, and whether this and the other may.
    for (capture, mode, here, there) in [
        (GLOBAL, GLOBAL, false, false),
        (GLOBAL, THREAD_LOCAL, false, true),
        (GLOBAL, RELAXED, true, true),
        (THREAD_LOCAL, GLOBAL, false, true),
        (THREAD_LOCAL, THREAD_LOCAL, false, true),
        (THREAD_LOCAL, RELAXED, true, true),
        (RELAXED, GLOBAL, true, true),
        (RELAXED, THREAD_LOCAL, true, true),
    ] {
        for this in [true, false] {
            good!(cuStreamBeginCapture_v2(s, capture));
            let (got, may) = if this {
                assert_eq!(exchange(mode), GLOBAL);
                let got = unsafe_call();
                assert_eq!(exchange(GLOBAL), mode);
                (got, here)
            } else {
                (elsewhere(mode), there)
            };
            let what = format!("{capture:?} {mode:?} {this}");
            if may {
                assert_eq!(got, OK, "{what}");
                good!(cuGraphDestroy(end(s)));
            } else {
                assert_eq!(got, NOT_CAPTURABLE, "{what}");
                abandon(s);
            }
        }
    }
    // Another thread may end only what began relaxed.
    let end_elsewhere = || {
        let stream = s as usize;
        std::thread::scope(|scope| {
            let thread = scope.spawn(move || {
                attach();
                let mut graph = null_mut();
                let got = call!(cuStreamEndCapture(stream as CUstream, &mut graph));
                if got == OK {
                    good!(cuGraphDestroy(graph));
                }
                got
            });
            thread.join().unwrap()
        })
    };
    good!(cuStreamBeginCapture_v2(s, THREAD_LOCAL));
    assert_eq!(end_elsewhere(), WRONG_THREAD);
    let mut graph = null_mut();
    let _ = call!(cuStreamEndCapture(s, &mut graph));
    good!(cuStreamBeginCapture_v2(s, RELAXED));
    assert_eq!(end_elsewhere(), OK);
    let mut wrong = CUstreamCaptureMode(3);
    assert_eq!(
        call!(cuThreadExchangeStreamCaptureMode(&mut wrong)),
        INVALID
    );
    good!(cuStreamDestroy_v2(s));
}

#[test]
fn captures_are_seen_and_steered() {
    let _device = device();
    let s = stream(1);
    let a = upload(&[0; 64]);
    let fill = |value| good!(cuMemsetD8Async(a, value, 64, s));
    let info = || {
        let mut seen = CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_NONE;
        let (mut id, mut graph, mut nodes, mut count) = (0, null_mut(), null(), 0);
        good!(cuStreamGetCaptureInfo_v2(
            s, &mut seen, &mut id, &mut graph, &mut nodes, &mut count
        ));
        // SAFETY: CUDA answers that many nodes, valid until the next call for the stream.
        let nodes: Vec<CUgraphNode> = (0..count).map(|n| unsafe { *nodes.add(n) }).collect();
        (seen, id, graph, nodes)
    };
    begin(s);
    let (seen, id, graph, nodes) = info();
    assert_eq!(seen, CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_ACTIVE);
    assert!(!graph.is_null() && nodes.is_empty());
    fill(1);
    let (_, same, _, nodes) = info();
    assert_eq!((same, nodes.len()), (id, 1));
    // A node of the program's own, put behind what is captured, and before what comes.
    let mut own = null_mut();
    good!(cuGraphAddEmptyNode(&mut own, graph, nodes.as_ptr(), 1));
    good!(cuStreamUpdateCaptureDependencies(s, &mut own, 1, 0));
    assert_eq!(info().3.len(), 2);
    good!(cuStreamUpdateCaptureDependencies(s, &mut own, 1, 1));
    assert_eq!(info().3, [own]);
    let mut exec = null_mut();
    let early = call!(cuGraphInstantiateWithFlags(&mut exec, graph, 0));
    assert_ne!(early, OK, "it is still being captured");
    fill(2);
    let captured = end(s);
    assert_eq!(captured, graph);
    assert_eq!(count_nodes(captured), 3);
    let (seen, ..) = info();
    assert_eq!(seen, CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_NONE);
    assert_eq!(
        call!(cuStreamUpdateCaptureDependencies(s, &mut own, 1, 0)),
        ILLEGAL_STATE
    );

    // Into a graph that is there, behind one of its nodes.
    good!(cuStreamBeginCaptureToGraph(
        s,
        captured,
        &own,
        null(),
        1,
        THREAD_LOCAL
    ));
    let (_, other, _, nodes) = info();
    assert_ne!(other, id);
    assert_eq!(nodes, [own]);
    fill(3);
    assert_eq!(end(s), captured);
    assert_eq!(count_nodes(captured), 4);
    good!(cuGraphDestroy(captured));
    good!(cuStreamDestroy_v2(s));
    good!(cuMemFree_v2(a));
}

//! Drivers older than the newest that Pillion knows: their functions in place of later revisions that they lack.
//!
//! The worker calls one revision of each function, the newest. Where the driver is older, what the revision adds is either not
//! asked for, and the older function does, or it answers `CUDA_ERROR_NOT_SUPPORTED`.

use std::ffi::{c_int, c_uint};
use std::sync::OnceLock;

use pillion_cuda_abi::types::*;
use pillion_cuda_abi::{CUresult, DriverTable};

/// The table as the driver has filled it.
static DRIVER: OnceLock<DriverTable> = OnceLock::new();

const NOT_SUPPORTED: CUresult = CUresult::CUDA_ERROR_NOT_SUPPORTED;

/// Fills in what the driver has in an older revision only. Called once in a process.
pub fn complete(mut table: DriverTable) -> DriverTable {
    let driver = DRIVER.get_or_init(|| table.clone());
    // Adapters are for functions that are there.
    macro_rules! stands_in {
        ($($newer:ident for $older:ident;)*) => {
            $(if driver.$newer.is_none() && driver.$older.is_some() {
                table.$newer = Some($newer);
            })*
        };
    }
    stands_in! {
        cuCtxCreate_v4 for cuCtxCreate_v2;
        cuMemAdvise_v2 for cuMemAdvise;
        cuMemPrefetchAsync_v2 for cuMemPrefetchAsync;
        cuGraphAddNode_v2 for cuGraphAddNode;
        cuGraphAddDependencies_v2 for cuGraphAddDependencies;
        cuGraphRemoveDependencies_v2 for cuGraphRemoveDependencies;
        cuGraphGetEdges_v2 for cuGraphGetEdges;
        cuGraphNodeGetDependencies_v2 for cuGraphNodeGetDependencies;
        cuGraphNodeGetDependentNodes_v2 for cuGraphNodeGetDependentNodes;
        cuGraphInstantiateWithParams for cuGraphInstantiateWithFlags;
        cuStreamGetCaptureInfo_v3 for cuStreamGetCaptureInfo_v2;
        cuStreamUpdateCaptureDependencies_v2 for cuStreamUpdateCaptureDependencies;
    }
    // The revision answers other errors, no other values.
    table.cuEventElapsedTime_v2 = driver.cuEventElapsedTime_v2.or(driver.cuEventElapsedTime);
    table
}

/// An older function of the driver.
macro_rules! older {
    ($name:ident) => {
        match DRIVER.get().and_then(|driver| driver.$name) {
            Some(function) => function,
            None => return NOT_SUPPORTED,
        }
    };
}

/// The device number that stood for a place before places had a type.
fn number(place: CUmemLocation) -> Option<CUdevice> {
    match place.type_ {
        CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE => Some(place.id),
        // CU_DEVICE_CPU
        CUmemLocationType::CU_MEM_LOCATION_TYPE_HOST => Some(-1),
        _ => None,
    }
}

/// Whether edges are of the one kind that there was before edges had kinds.
///
/// # Safety
///
/// `edges` is null or points to `count` edges.
unsafe fn plain(edges: *const CUgraphEdgeData, count: usize) -> bool {
    if edges.is_null() {
        return true;
    }
    // SAFETY: as the caller promises.
    let edges = unsafe { std::slice::from_raw_parts(edges, count) };
    edges
        .iter()
        .all(|edge| edge.from_port == 0 && edge.to_port == 0 && edge.type_ == 0)
}

/// Says of edges that they are of that kind.
///
/// # Safety
///
/// `edges` is null or has room for `count` edges.
unsafe fn blank(edges: *mut CUgraphEdgeData, count: usize) {
    if !edges.is_null() {
        // SAFETY: as the caller promises; zeroes are a value of the type.
        unsafe { edges.write_bytes(0, count) };
    }
}

unsafe extern "C" fn cuCtxCreate_v4(
    context: *mut CUcontext,
    params: *mut CUctxCreateParams,
    flags: c_uint,
    device: CUdevice,
) -> CUresult {
    // SAFETY: null, or the worker's own.
    match unsafe { params.as_ref() } {
        // SAFETY: the arguments are the newer function's.
        None => unsafe { older!(cuCtxCreate_v2)(context, flags, device) },
        Some(params) if !params.cigParams.is_null() => NOT_SUPPORTED,
        // SAFETY: as above.
        Some(params) => unsafe {
            older!(cuCtxCreate_v3)(
                context,
                params.execAffinityParams,
                params.numExecAffinityParams as c_int,
                flags,
                device,
            )
        },
    }
}

unsafe extern "C" fn cuMemAdvise_v2(
    start: CUdeviceptr,
    len: usize,
    advice: CUmem_advise,
    place: CUmemLocation,
) -> CUresult {
    match number(place) {
        // SAFETY: numbers.
        Some(device) => unsafe { older!(cuMemAdvise)(start, len, advice, device) },
        None => NOT_SUPPORTED,
    }
}

unsafe extern "C" fn cuMemPrefetchAsync_v2(
    start: CUdeviceptr,
    len: usize,
    place: CUmemLocation,
    flags: c_uint,
    stream: CUstream,
) -> CUresult {
    match number(place) {
        // SAFETY: numbers and the newer function's stream.
        Some(device) if flags == 0 => unsafe {
            older!(cuMemPrefetchAsync)(start, len, device, stream)
        },
        _ => NOT_SUPPORTED,
    }
}

/// Functions that got a parameter for what edges mean, in front of their last ones: `takes` those that are given edges, `gives`
/// those that tell of them.
macro_rules! with_edges {
    ($(takes $newer:ident for $older:ident(
        $($before:ident: $first:ty),*; $count:ident $(, $behind:ident: $last:ty)*
    );)*) => {$(
        unsafe extern "C" fn $newer(
            $($before: $first,)*
            edges: *const CUgraphEdgeData,
            $count: usize,
            $($behind: $last,)*
        ) -> CUresult {
            // SAFETY: the newer function's arguments.
            unsafe {
                if !plain(edges, $count) {
                    return NOT_SUPPORTED;
                }
                older!($older)($($before,)* $count $(, $behind)*)
            }
        }
    )*};
    ($(gives $newer:ident for $older:ident($($before:ident: $first:ty),*);)*) => {$(
        unsafe extern "C" fn $newer(
            $($before: $first,)*
            edges: *mut CUgraphEdgeData,
            count: *mut usize,
        ) -> CUresult {
            // SAFETY: the newer function's arguments; every array has room for as many as `count` says.
            unsafe {
                let room = *count;
                let status = older!($older)($($before,)* count);
                blank(edges, room.min(*count));
                status
            }
        }
    )*};
}

with_edges! {
    takes cuGraphAddNode_v2 for cuGraphAddNode(
        node: *mut CUgraphNode, graph: CUgraph, after: *const CUgraphNode;
        count, params: *mut CUgraphNodeParams
    );
    takes cuGraphAddDependencies_v2 for cuGraphAddDependencies(
        graph: CUgraph, from: *const CUgraphNode, to: *const CUgraphNode; count
    );
    takes cuGraphRemoveDependencies_v2 for cuGraphRemoveDependencies(
        graph: CUgraph, from: *const CUgraphNode, to: *const CUgraphNode; count
    );
    takes cuStreamUpdateCaptureDependencies_v2 for cuStreamUpdateCaptureDependencies(
        stream: CUstream, nodes: *mut CUgraphNode; count, flags: c_uint
    );
}

with_edges! {
    gives cuGraphGetEdges_v2 for cuGraphGetEdges(
        graph: CUgraph, from: *mut CUgraphNode, to: *mut CUgraphNode
    );
    gives cuGraphNodeGetDependencies_v2 for cuGraphNodeGetDependencies(
        node: CUgraphNode, nodes: *mut CUgraphNode
    );
    gives cuGraphNodeGetDependentNodes_v2 for cuGraphNodeGetDependentNodes(
        node: CUgraphNode, nodes: *mut CUgraphNode
    );
}

unsafe extern "C" fn cuGraphInstantiateWithParams(
    exec: *mut CUgraphExec,
    graph: CUgraph,
    params: *mut CUDA_GRAPH_INSTANTIATE_PARAMS,
) -> CUresult {
    let upload = u64::from(CUgraphInstantiate_flags::CUDA_GRAPH_INSTANTIATE_FLAG_UPLOAD.0);
    // SAFETY: the newer function's arguments.
    unsafe {
        let params = &mut *params;
        let status = older!(cuGraphInstantiateWithFlags)(exec, graph, params.flags & !upload);
        params.hErrNode_out = std::ptr::null_mut();
        params.result_out = match status {
            CUresult::CUDA_SUCCESS => CUgraphInstantiateResult::CUDA_GRAPH_INSTANTIATE_SUCCESS,
            _ => CUgraphInstantiateResult::CUDA_GRAPH_INSTANTIATE_ERROR,
        };
        if status == CUresult::CUDA_SUCCESS && params.flags & upload != 0 {
            // The graph is there; that it is not on the device yet costs its first launch time and nothing else.
            let _ = older!(cuGraphUpload)(*exec, params.hUploadStream);
        }
        status
    }
}

unsafe extern "C" fn cuStreamGetCaptureInfo_v3(
    stream: CUstream,
    status: *mut CUstreamCaptureStatus,
    id: *mut cuuint64_t,
    graph: *mut CUgraph,
    nodes: *mut *const CUgraphNode,
    edges: *mut *const CUgraphEdgeData,
    count: *mut usize,
) -> CUresult {
    // SAFETY: the newer function's arguments; no edges are all of the one kind.
    unsafe {
        if let Some(edges) = edges.as_mut() {
            *edges = std::ptr::null();
        }
        older!(cuStreamGetCaptureInfo_v2)(stream, status, id, graph, nodes, count)
    }
}

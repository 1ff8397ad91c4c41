//! The program's descriptions of nodes, as the wire carries them.

use std::sync::Arc;

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::{
    CUDA_BATCH_MEM_OP_NODE_PARAMS, CUDA_HOST_NODE_PARAMS, CUDA_KERNEL_NODE_PARAMS,
    CUDA_KERNEL_NODE_PARAMS_v1, CUDA_MEM_ALLOC_NODE_PARAMS, CUDA_MEMCPY3D, CUDA_MEMSET_NODE_PARAMS,
    CUgraphNodeParams, CUgraphNodeType,
};
use pillion_protocol::graph::{KernelNode, MAX_ACCESS, MAX_OPERATIONS, Node};

use super::super::callback::{self, Function};
use super::super::{copy, launch};
use super::memory::{GraphMemory, HostCopy};
use super::{INVALID, graph_of};
use crate::entry::Result;
use crate::session::Session;

/// A generic description, as the wire carries it; `None` for a copy, which is made otherwise.
pub(super) unsafe fn generic(
    session: &'static Session,
    graph: u64,
    params: &CUgraphNodeParams,
) -> Result<Option<Node>> {
    let any = &params.__bindgen_anon_1;
    // SAFETY: the type says which member is set; any bits are a value of it. Pointers are as CUDA asks.
    unsafe {
        Ok(Some(match params.type_ {
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_KERNEL => {
                let kernel = &any.kernel;
                kernel_node(&CUDA_KERNEL_NODE_PARAMS {
                    func: kernel.func,
                    gridDimX: kernel.gridDimX,
                    gridDimY: kernel.gridDimY,
                    gridDimZ: kernel.gridDimZ,
                    blockDimX: kernel.blockDimX,
                    blockDimY: kernel.blockDimY,
                    blockDimZ: kernel.blockDimZ,
                    sharedMemBytes: kernel.sharedMemBytes,
                    kernelParams: kernel.kernelParams,
                    extra: kernel.extra,
                    kern: kernel.kern,
                    ctx: kernel.ctx,
                })?
            }
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_MEMCPY => return Ok(None),
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_MEMSET => {
                let memset = &any.memset;
                Node::Fill {
                    fill: CUDA_MEMSET_NODE_PARAMS {
                        dst: memset.dst,
                        pitch: memset.pitch,
                        value: memset.value,
                        elementSize: memset.elementSize,
                        width: memset.width,
                        height: memset.height,
                    },
                    context: memset.ctx as u64,
                }
            }
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_HOST => host_node(
                session,
                graph,
                &CUDA_HOST_NODE_PARAMS {
                    fn_: any.host.fn_,
                    userData: any.host.userData,
                },
            )?,
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_GRAPH => Node::Graph {
                graph: graph_of(any.graph.graph)?,
                ownership: any.graph.ownership.0,
            },
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_EMPTY => Node::Empty,
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_WAIT_EVENT => {
                Node::WaitEvent(any.eventWait.event as u64)
            }
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_EVENT_RECORD => {
                Node::RecordEvent(any.eventRecord.event as u64)
            }
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_MEM_ALLOC => {
                let alloc = &any.alloc;
                allocation(&CUDA_MEM_ALLOC_NODE_PARAMS {
                    poolProps: alloc.poolProps,
                    accessDescs: alloc.accessDescs,
                    accessDescCount: alloc.accessDescCount,
                    bytesize: alloc.bytesize,
                    dptr: 0,
                })?
            }
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_MEM_FREE => Node::Free(any.free.dptr),
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_BATCH_MEM_OP => {
                let batch = &any.memOp;
                operations(&CUDA_BATCH_MEM_OP_NODE_PARAMS {
                    ctx: batch.ctx,
                    count: batch.count,
                    paramArray: batch.paramArray,
                    flags: batch.flags,
                })?
            }
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_CONDITIONAL => Node::Conditional {
                handle: any.conditional.handle,
                kind: any.conditional.type_.0,
                size: any.conditional.size,
                context: any.conditional.ctx as u64,
            },
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_EXT_SEMAS_SIGNAL
            | CUgraphNodeType::CU_GRAPH_NODE_TYPE_EXT_SEMAS_WAIT => {
                return Err(CUresult::CUDA_ERROR_NOT_SUPPORTED);
            }
            _ => return Err(INVALID),
        }))
    }
}

/// Parameters of a kernel node, as the wire carries them.
pub(super) unsafe fn kernel_node(params: &CUDA_KERNEL_NODE_PARAMS) -> Result<Node> {
    let session = Session::current()?;
    let handle = if params.func.is_null() {
        params.kern as u64
    } else {
        params.func as u64
    };
    let function = session.modules.function(handle)?;
    let mut block = Vec::new();
    // SAFETY: the program's pointers are as CUDA asks.
    unsafe { launch::gather(&function, params.kernelParams, params.extra, &mut block)? };
    let node = KernelNode {
        function: function.handle,
        context: params.ctx as u64,
        grid: [params.gridDimX, params.gridDimY, params.gridDimZ],
        block: [params.blockDimX, params.blockDimY, params.blockDimZ],
        shared: params.sharedMemBytes,
        parameters: block,
    };
    // Whether it can be is for the driver to say: somebody waits for the answer anyway.
    Ok(Node::Kernel(node))
}

pub(super) fn newer(params: &CUDA_KERNEL_NODE_PARAMS_v1) -> CUDA_KERNEL_NODE_PARAMS {
    CUDA_KERNEL_NODE_PARAMS {
        func: params.func,
        gridDimX: params.gridDimX,
        gridDimY: params.gridDimY,
        gridDimZ: params.gridDimZ,
        blockDimX: params.blockDimX,
        blockDimY: params.blockDimY,
        blockDimZ: params.blockDimZ,
        sharedMemBytes: params.sharedMemBytes,
        kernelParams: params.kernelParams,
        extra: params.extra,
        kern: core::ptr::null_mut(),
        ctx: core::ptr::null_mut(),
    }
}

/// A copy as a node: with device memory in the place of host memory, which the graph's memory knows.
pub(super) unsafe fn copy_node(
    memory: &GraphMemory,
    params: &CUDA_MEMCPY3D,
    ctx: u64,
) -> Result<(Node, Option<Arc<HostCopy>>)> {
    let session = Session::current()?;
    // SAFETY: the caller's contract: a description as CUDA takes it.
    match unsafe { copy::node(session, params)? } {
        copy::NodeCopy::OnDevice(copy) => Ok((Node::Copy { copy, context: ctx }, None)),
        copy::NodeCopy::OnHost(work) => {
            let call = callback::lasting(session, Function::Own(work), None)?;
            memory.own(call);
            Ok((Node::Host { call }, None))
        }
        copy::NodeCopy::Across {
            mut copy,
            host,
            to_device,
        } => {
            let stand_in = Arc::new(HostCopy::new(host, to_device)?);
            if to_device {
                copy.srcMemoryType = pillion_cuda_abi::types::CUmemorytype::CU_MEMORYTYPE_UNIFIED;
                copy.srcDevice = stand_in.staging;
            } else {
                copy.dstMemoryType = pillion_cuda_abi::types::CUmemorytype::CU_MEMORYTYPE_UNIFIED;
                copy.dstDevice = stand_in.staging;
            }
            Ok((Node::Copy { copy, context: ctx }, Some(stand_in)))
        }
    }
}

pub(super) fn host_node(
    session: &'static Session,
    graph: u64,
    params: &CUDA_HOST_NODE_PARAMS,
) -> Result<Node> {
    let function = params.fn_.ok_or(INVALID)?;
    let memory = session.graphs.memory(graph);
    let function = Function::Host(function, params.userData as usize);
    let call = callback::lasting(session, function, Some(&memory))?;
    Ok(Node::Host { call })
}

pub(super) unsafe fn allocation(params: &CUDA_MEM_ALLOC_NODE_PARAMS) -> Result<Node> {
    if params.accessDescCount as u64 > MAX_ACCESS
        || (params.accessDescs.is_null() && params.accessDescCount > 0)
    {
        return Err(INVALID);
    }
    let access = if params.accessDescCount == 0 {
        Vec::new()
    } else {
        // SAFETY: CUDA's contract for the argument.
        unsafe { core::slice::from_raw_parts(params.accessDescs, params.accessDescCount) }.to_vec()
    };
    let mut pool = params.poolProps;
    pool.win32SecurityAttributes = core::ptr::null_mut();
    Ok(Node::Allocate {
        pool,
        access,
        size: params.bytesize as u64,
        address: 0,
    })
}

pub(super) unsafe fn operations(params: &CUDA_BATCH_MEM_OP_NODE_PARAMS) -> Result<Node> {
    if u64::from(params.count) > MAX_OPERATIONS || (params.paramArray.is_null() && params.count > 0)
    {
        return Err(INVALID);
    }
    let operations = if params.count == 0 {
        Vec::new()
    } else {
        // SAFETY: CUDA's contract for the argument.
        unsafe { core::slice::from_raw_parts(params.paramArray, params.count as usize) }.to_vec()
    };
    Ok(Node::Operations {
        context: params.ctx as u64,
        flags: params.flags,
        operations,
    })
}

//! What nodes are, as the program is told.

use core::ffi::c_uint;

use pillion_cuda_abi::types::{
    CUDA_BATCH_MEM_OP_NODE_PARAMS, CUDA_HOST_NODE_PARAMS, CUDA_KERNEL_NODE_PARAMS,
    CUDA_KERNEL_NODE_PARAMS_v1, CUDA_MEM_ALLOC_NODE_PARAMS, CUDA_MEMCPY3D, CUcontext, CUgraphNode,
};
use pillion_protocol::command::cuda;
use pillion_protocol::graph::Node;
use pillion_protocol::{Encoder, Interface};

use super::super::context;
use super::memory::Described;
use super::{INVALID, UNKNOWN, lock, node_of};
use crate::entry::{Result, out};
use crate::link::Answer;
use crate::session::Session;

/// `cuGraphKernelNodeGetParams`
pub unsafe fn cuGraphKernelNodeGetParams(
    node: CUgraphNode,
    params: *mut CUDA_KERNEL_NODE_PARAMS_v1,
) -> Result<()> {
    let mut found = core::mem::MaybeUninit::<CUDA_KERNEL_NODE_PARAMS>::zeroed();
    // SAFETY: a local; zero is a value of it.
    let found = unsafe {
        cuGraphKernelNodeGetParams_v2(node, found.as_mut_ptr())?;
        found.assume_init()
    };
    let function = if found.func.is_null() {
        found.kern.cast()
    } else {
        found.func
    };
    // SAFETY: CUDA's contract for the argument.
    unsafe { out(params)? }.write(CUDA_KERNEL_NODE_PARAMS_v1 {
        func: function,
        gridDimX: found.gridDimX,
        gridDimY: found.gridDimY,
        gridDimZ: found.gridDimZ,
        blockDimX: found.blockDimX,
        blockDimY: found.blockDimY,
        blockDimZ: found.blockDimZ,
        sharedMemBytes: found.sharedMemBytes,
        kernelParams: found.kernelParams,
        extra: found.extra,
    });
    Ok(())
}

/// `cuGraphKernelNodeGetParams_v2`
pub unsafe fn cuGraphKernelNodeGetParams_v2(
    node: CUgraphNode,
    params: *mut CUDA_KERNEL_NODE_PARAMS,
) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: CUDA's contract for the argument.
    let params = unsafe { out(params)? };
    let handle = node_of(node)?;
    let (Node::Kernel(kernel), answer) = get(handle)? else {
        return Err(INVALID);
    };
    if session.modules.function(kernel.function).is_err() {
        // The server has named it, and says how it is called.
        let mut decoder = answer.decoder();
        let _ = Node::decode(&mut decoder).map_err(|_| UNKNOWN)?;
        let info =
            pillion_protocol::command::FunctionInfo::decode(&mut decoder).map_err(|_| UNKNOWN)?;
        session
            .modules
            .discover(0, kernel.function, c"", info, false);
    }
    let function = session.modules.function(kernel.function)?;
    let mut all = lock(&session.graphs.told);
    let told = all.entry(handle).or_default();
    if told.block != kernel.parameters {
        told.block = kernel.parameters;
        told.pointers.clear();
    }
    if told.pointers.is_empty() {
        let start = told.block.as_mut_ptr();
        for (offset, size) in &function.info.parameters {
            if (*offset + *size) as usize <= told.block.len() {
                // SAFETY: within the block, as checked.
                told.pointers
                    .push(unsafe { start.add(*offset as usize) }.cast());
            }
        }
    }
    let context = match kernel.context {
        0 => context::current()?,
        context => context,
    };
    let (as_function, as_kernel) = session.modules.both(context, &function);
    params.write(CUDA_KERNEL_NODE_PARAMS {
        func: as_function as _,
        gridDimX: kernel.grid[0],
        gridDimY: kernel.grid[1],
        gridDimZ: kernel.grid[2],
        blockDimX: kernel.block[0],
        blockDimY: kernel.block[1],
        blockDimZ: kernel.block[2],
        sharedMemBytes: kernel.shared,
        kernelParams: told.pointers.as_mut_ptr(),
        extra: core::ptr::null_mut(),
        kern: as_kernel as _,
        ctx: kernel.context as CUcontext,
    });
    Ok(())
}

/// `cuGraphMemcpyNodeGetParams`
pub unsafe fn cuGraphMemcpyNodeGetParams(
    node: CUgraphNode,
    params: *mut CUDA_MEMCPY3D,
) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: CUDA's contract for the argument.
    let params = unsafe { out(params)? };
    let handle = node_of(node)?;
    let described = lock(&session.graphs.graphs)
        .values()
        .find_map(|memory| lock(&memory.described).get(&handle).copied());
    if let Some(Described(copy)) = described {
        params.write(copy);
        return Ok(());
    }
    let (Node::Copy { mut copy, .. }, _) = get(handle)? else {
        return Err(INVALID);
    };
    // A captured copy shows the memory that stands for the program's; it is told of its own.
    let graphs = lock(&session.graphs.graphs);
    for memory in graphs.values() {
        for (_, stand_in) in lock(&memory.copies).iter() {
            stand_in.unveil(&mut copy);
        }
    }
    params.write(copy);
    Ok(())
}

/// `cuGraphHostNodeGetParams`
pub unsafe fn cuGraphHostNodeGetParams(
    node: CUgraphNode,
    params: *mut CUDA_HOST_NODE_PARAMS,
) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: CUDA's contract for the argument.
    let params = unsafe { out(params)? };
    let (Node::Host { call }, _) = get(node_of(node)?)? else {
        return Err(INVALID);
    };
    let (function, data) = session.calls.host(call).ok_or(INVALID)?;
    params.write(CUDA_HOST_NODE_PARAMS {
        fn_: function,
        userData: data,
    });
    Ok(())
}

/// `cuGraphMemAllocNodeGetParams`
pub unsafe fn cuGraphMemAllocNodeGetParams(
    node: CUgraphNode,
    params: *mut CUDA_MEM_ALLOC_NODE_PARAMS,
) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: CUDA's contract for the argument.
    let params = unsafe { out(params)? };
    let handle = node_of(node)?;
    let (
        Node::Allocate {
            pool,
            access,
            size,
            address,
        },
        _,
    ) = get(handle)?
    else {
        return Err(INVALID);
    };
    let mut all = lock(&session.graphs.told);
    let told = all.entry(handle).or_default();
    told.access = access;
    params.write(CUDA_MEM_ALLOC_NODE_PARAMS {
        poolProps: pool,
        accessDescs: told.access.as_ptr(),
        accessDescCount: told.access.len(),
        bytesize: size as usize,
        dptr: address,
    });
    Ok(())
}

/// `cuGraphBatchMemOpNodeGetParams`
pub unsafe fn cuGraphBatchMemOpNodeGetParams(
    node: CUgraphNode,
    params: *mut CUDA_BATCH_MEM_OP_NODE_PARAMS,
) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: CUDA's contract for the argument.
    let params = unsafe { out(params)? };
    let handle = node_of(node)?;
    let (
        Node::Operations {
            context,
            flags,
            operations,
        },
        _,
    ) = get(handle)?
    else {
        return Err(INVALID);
    };
    let mut all = lock(&session.graphs.told);
    let told = all.entry(handle).or_default();
    told.operations = operations;
    params.write(CUDA_BATCH_MEM_OP_NODE_PARAMS {
        ctx: context as CUcontext,
        count: told.operations.len() as c_uint,
        paramArray: told.operations.as_mut_ptr(),
        flags,
    });
    Ok(())
}

pub(super) fn get(node: u64) -> Result<(Node, Answer)> {
    let answer = Session::current()?
        .link
        .call(Interface::Cuda, cuda::NODE_GET, |body| {
            Encoder::new(body).scalar(node);
            Ok(())
        })?;
    let node = Node::decode(&mut answer.decoder()).map_err(|_| UNKNOWN)?;
    Ok((node, answer))
}

//! Occupancy: pure functions of a kernel and a shape, asked hundreds of times by libraries, so each answer is kept.

use core::ffi::{c_int, c_uint};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::{
    CUdevice, CUdevice_attribute, CUfunction, CUfunction_attribute, CUlaunchConfig,
    CUoccupancyB2DSize,
};
use pillion_protocol::command::cuda;

use super::{context, device, launch, module};
use crate::entry::{Result, out};
use crate::remote;
use crate::session::Session;

/// Which question an answer belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Question {
    Blocks {
        block: c_int,
        shared: usize,
        flags: c_uint,
    },
    Shared {
        blocks: c_int,
        block: c_int,
    },
    Cluster {
        which: u16,
        config: Vec<u64>,
    },
}

/// By kernel, and by device, since a kernel is of all of them.
type Answers = HashMap<u64, HashMap<(CUdevice, Question), usize>>;
static ANSWERS: Mutex<Option<Answers>> = Mutex::new(None);
/// Answers kept for one kernel; a program that asks for more asks the server.
const MOST: usize = 4096;

fn kept(function: u64, question: Question, ask: impl FnOnce() -> Result<usize>) -> Result<usize> {
    let question = (module::own_device(), question);
    let known =
        |answers: &Option<Answers>| Some(*answers.as_ref()?.get(&function)?.get(&question)?);
    if let Some(answer) = known(&ANSWERS.lock().unwrap_or_else(PoisonError::into_inner)) {
        return Ok(answer);
    }
    let answer = ask()?;
    let mut answers = ANSWERS.lock().unwrap_or_else(PoisonError::into_inner);
    let of = answers.get_or_insert_default().entry(function).or_default();
    if of.len() < MOST {
        of.insert(question, answer);
    }
    Ok(answer)
}

/// Forgets what is kept of a kernel that has changed or gone.
pub fn forget(function: u64) {
    if let Some(answers) = ANSWERS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .as_mut()
    {
        answers.remove(&function);
    }
}

/// `cuOccupancyMaxActiveBlocksPerMultiprocessor`
pub unsafe fn cuOccupancyMaxActiveBlocksPerMultiprocessor(
    blocks: *mut c_int,
    function: CUfunction,
    block: c_int,
    shared: usize,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe {
        cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(blocks, function, block, shared, 0)
    }
}

/// `cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags`
pub unsafe fn cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
    blocks: *mut c_int,
    function: CUfunction,
    block: c_int,
    shared: usize,
    flags: c_uint,
) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    let blocks = unsafe { out(blocks)? };
    let answer = kept(
        function as u64,
        Question::Blocks {
            block,
            shared,
            flags,
        },
        || {
            let mut answer = 0;
            // SAFETY: a local.
            unsafe {
                remote::cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
                    &raw mut answer,
                    function,
                    block,
                    shared,
                    flags,
                )?;
            }
            Ok(answer as usize)
        },
    )?;
    blocks.write(answer as c_int);
    Ok(())
}

/// `cuOccupancyAvailableDynamicSMemPerBlock`
pub unsafe fn cuOccupancyAvailableDynamicSMemPerBlock(
    shared: *mut usize,
    function: CUfunction,
    blocks: c_int,
    block: c_int,
) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    let shared = unsafe { out(shared)? };
    shared.write(kept(
        function as u64,
        Question::Shared { blocks, block },
        || {
            let mut answer = 0;
            // SAFETY: a local.
            unsafe {
                remote::cuOccupancyAvailableDynamicSMemPerBlock(
                    &raw mut answer,
                    function,
                    blocks,
                    block,
                )?
            };
            Ok(answer)
        },
    )?);
    Ok(())
}

/// `cuOccupancyMaxPotentialBlockSize`
pub unsafe fn cuOccupancyMaxPotentialBlockSize(
    grid: *mut c_int,
    block: *mut c_int,
    function: CUfunction,
    shared_of: CUoccupancyB2DSize,
    shared: usize,
    limit: c_int,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe {
        cuOccupancyMaxPotentialBlockSizeWithFlags(
            grid, block, function, shared_of, shared, limit, 0,
        )
    }
}

/// `cuOccupancyMaxPotentialBlockSizeWithFlags`: the block size with which most threads are resident, the largest of equals.
/// Computed here, because the program's callback says how much shared memory a size needs.
pub unsafe fn cuOccupancyMaxPotentialBlockSizeWithFlags(
    grid: *mut c_int,
    block: *mut c_int,
    function: CUfunction,
    shared_of: CUoccupancyB2DSize,
    shared: usize,
    limit: c_int,
    flags: c_uint,
) -> Result<()> {
    use CUdevice_attribute as D;
    // SAFETY: CUDA's contract for the arguments.
    let (grid, block) = unsafe { (out(grid)?, out(block)?) };
    let session = Session::current()?;
    let on = context::device_of(context::current()?)?;
    let warp = device::attribute(on, D::CU_DEVICE_ATTRIBUTE_WARP_SIZE)?;
    let resident = device::attribute(on, D::CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR)?;
    let multiprocessors = device::attribute(on, D::CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT)?;
    let most = device::attribute(on, D::CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK)?;
    let own = session.modules.function(function as u64)?;
    let own = own
        .attribute(
            CUfunction_attribute::CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK,
            on,
        )
        .unwrap_or(most);
    let most = if limit > 0 { most.min(limit) } else { most }.min(own);
    let (mut best, mut best_size, mut best_blocks) = (0, 0, 0);
    let mut size = (most + warp - 1) / warp * warp;
    while size > 0 {
        let threads = size.min(most);
        // SAFETY: the program's function, as CUDA calls it.
        let shared = shared_of.map_or(shared, |shared_of| unsafe { shared_of(threads) });
        let mut blocks = 0;
        // SAFETY: a local.
        unsafe {
            cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
                &raw mut blocks,
                function,
                threads,
                shared,
                flags,
            )?;
        }
        if blocks * threads > best {
            (best, best_size, best_blocks) = (blocks * threads, threads, blocks);
        }
        if best == resident {
            break;
        }
        size -= warp;
    }
    if best == 0 {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    grid.write(best_blocks * multiprocessors);
    block.write(best_size);
    Ok(())
}

fn cluster(
    which: u16,
    value: *mut c_int,
    function: CUfunction,
    config: *const CUlaunchConfig,
) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    let value = unsafe { out(value)? };
    // SAFETY: CUDA's contract for the argument.
    let shape = unsafe { config.as_ref() }.ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)?;
    let dims = [
        shape.gridDimX,
        shape.gridDimY,
        shape.gridDimZ,
        shape.blockDimX,
        shape.blockDimY,
        shape.blockDimZ,
    ];
    let mut key: Vec<u64> = dims.iter().map(|n| u64::from(*n)).collect();
    key.push(u64::from(shape.sharedMemBytes));
    if !shape.attrs.is_null() {
        for index in 0..shape.numAttrs.min(64) as usize {
            // SAFETY: an array of that many, by CUDA's contract; a value has 64 bytes.
            unsafe {
                let attribute = shape.attrs.add(index);
                key.push(u64::from((*attribute).id.0));
                let words = (&raw const (*attribute).value).cast::<u64>();
                key.extend((0..8).map(|i| words.add(i).read_unaligned()));
            }
        }
    }
    let question = Question::Cluster { which, config: key };
    let answer = kept(function as u64, question, || {
        // SAFETY: CUDA's contract for the argument.
        Ok(unsafe { launch::cluster_query(which, function as u64, config)? } as usize)
    })?;
    value.write(answer as c_int);
    Ok(())
}

/// `cuOccupancyMaxActiveClusters`
pub unsafe fn cuOccupancyMaxActiveClusters(
    clusters: *mut c_int,
    function: CUfunction,
    config: *const CUlaunchConfig,
) -> Result<()> {
    cluster(cuda::MAX_ACTIVE_CLUSTERS, clusters, function, config)
}

/// `cuOccupancyMaxPotentialClusterSize`
pub unsafe fn cuOccupancyMaxPotentialClusterSize(
    size: *mut c_int,
    function: CUfunction,
    config: *const CUlaunchConfig,
) -> Result<()> {
    cluster(cuda::MAX_POTENTIAL_CLUSTER_SIZE, size, function, config)
}

//! Launches as CUDA before 4.0 has them: a function carries the shape of its blocks and its parameters until it is launched.
//! And the launch on several devices at once, which is as many launches.

use core::ffi::{c_int, c_uint, c_void};
use std::sync::{Arc, PoisonError};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::{
    CU_PARAM_TR_DEFAULT, CUDA_COOPERATIVE_LAUNCH_MULTI_DEVICE_NO_POST_LAUNCH_SYNC,
    CUDA_COOPERATIVE_LAUNCH_MULTI_DEVICE_NO_PRE_LAUNCH_SYNC, CUDA_LAUNCH_PARAMS, CUcontext,
    CUdevice, CUdevice_attribute, CUevent, CUevent_flags, CUfunction, CUfunction_attribute,
    CUstream, CUtexref,
};
use pillion_protocol::command::MAX_PARAMETER_BYTES;
use pillion_protocol::handle::{Kind, LEGACY_STREAM, PER_THREAD_STREAM};

use super::module::Function;
use super::{context, device, event, launch, stream};
use crate::entry::Result;
use crate::forward::checked;
use crate::session::Session;
use crate::thread;

/// What has been set for a function's next launches.
#[derive(Debug, Clone)]
pub struct Setup {
    block: [u32; 3],
    shared: u32,
    /// Bytes of the parameter block, whether they have been set or not.
    len: usize,
    /// Those that have been set.
    parameters: Vec<u8>,
}

impl Default for Setup {
    fn default() -> Self {
        Setup {
            block: [1; 3],
            shared: 0,
            len: 0,
            parameters: Vec::new(),
        }
    }
}

impl Setup {
    /// Puts bytes into the parameter block.
    fn put(&mut self, offset: c_int, bytes: &[u8]) -> Result<()> {
        let invalid = CUresult::CUDA_ERROR_INVALID_VALUE;
        let start = usize::try_from(offset).map_err(|_| invalid)?;
        let end = start.checked_add(bytes.len()).ok_or(invalid)?;
        if end > MAX_PARAMETER_BYTES {
            return Err(invalid);
        }
        if self.parameters.len() < end {
            self.parameters.resize(end, 0);
        }
        self.parameters[start..end].copy_from_slice(bytes);
        Ok(())
    }

    /// The parameter block for a function that takes `needed` bytes, or 0 where that is not known. One that is too short is
    /// filled up.
    fn block(&self, needed: usize) -> Result<Vec<u8>> {
        if needed > 0 && self.len > needed {
            return Err(CUresult::CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES);
        }
        let mut block = self.parameters.clone();
        block.resize(self.len, 0);
        block.resize(self.len.max(needed), 0);
        Ok(block)
    }
}

fn find(function: CUfunction) -> Result<Arc<Function>> {
    Session::current()?.modules.function(function as u64)
}

/// Looks at or changes what has been set for a function.
fn setup<T>(function: CUfunction, change: impl FnOnce(&mut Setup) -> T) -> Result<T> {
    let function = find(function)?;
    let mut setup = function
        .setup
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    Ok(change(&mut setup))
}

/// Numbers of blocks or threads, of which there is at least one.
fn counts<const N: usize>(counts: [c_int; N]) -> Result<[u32; N]> {
    if counts.iter().any(|count| *count < 1) {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    Ok(counts.map(|count| count as u32))
}

/// `cuFuncSetBlockShape`
pub unsafe fn cuFuncSetBlockShape(
    function: CUfunction,
    x: c_int,
    y: c_int,
    z: c_int,
) -> Result<()> {
    use CUdevice_attribute as D;
    let block = counts([x, y, z])?;
    let device = context::device_of(context::current()?)?;
    let limit = |attribute| device::attribute(device, attribute).map(|most| most.max(1) as u64);
    let most = [
        limit(D::CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X)?,
        limit(D::CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y)?,
        limit(D::CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z)?,
    ];
    let sizes = block.map(u64::from);
    let threads = sizes.iter().fold(1u64, |n, size| n.saturating_mul(*size));
    if sizes.iter().zip(most).any(|(size, most)| *size > most)
        || threads > limit(D::CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK)?
    {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    setup(function, |setup| setup.block = block)
}

/// `cuFuncSetSharedSize`
pub unsafe fn cuFuncSetSharedSize(function: CUfunction, bytes: c_uint) -> Result<()> {
    let most = CUfunction_attribute::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
    if let Some(most) = find(function)?.attribute(most, super::module::own_device())
        && u64::from(bytes) > most as u64
    {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    setup(function, |setup| setup.shared = bytes)
}

/// `cuParamSetSize`
pub unsafe fn cuParamSetSize(function: CUfunction, bytes: c_uint) -> Result<()> {
    let len = bytes as usize;
    if len > MAX_PARAMETER_BYTES {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    setup(function, |setup| setup.len = len)
}

/// `cuParamSeti`
pub unsafe fn cuParamSeti(function: CUfunction, offset: c_int, value: c_uint) -> Result<()> {
    setup(function, |setup| setup.put(offset, &value.to_ne_bytes()))?
}

/// `cuParamSetf`
pub unsafe fn cuParamSetf(function: CUfunction, offset: c_int, value: f32) -> Result<()> {
    setup(function, |setup| setup.put(offset, &value.to_ne_bytes()))?
}

/// `cuParamSetv`
pub unsafe fn cuParamSetv(
    function: CUfunction,
    offset: c_int,
    values: *mut c_void,
    len: c_uint,
) -> Result<()> {
    if values.is_null() || len as usize > MAX_PARAMETER_BYTES {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    // Copied before the lock is taken: reading the program's memory may have to ask the server for it.
    // SAFETY: CUDA's contract for the arguments.
    let values = unsafe { core::slice::from_raw_parts(values.cast::<u8>(), len as usize) }.to_vec();
    setup(function, |setup| setup.put(offset, &values))?
}

/// `cuParamSetTexRef`: since CUDA 3.2 a function finds every texture reference of its module by itself.
pub unsafe fn cuParamSetTexRef(
    function: CUfunction,
    unit: c_int,
    reference: CUtexref,
) -> Result<()> {
    setup(function, |_| ())?;
    checked(Kind::TextureReference, reference as u64)?;
    if unit != CU_PARAM_TR_DEFAULT {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    Ok(())
}

/// `cuLaunch`
pub unsafe fn cuLaunch(function: CUfunction) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { cuLaunchGrid(function, 1, 1) }
}

/// `cuLaunchGrid`
pub unsafe fn cuLaunchGrid(function: CUfunction, width: c_int, height: c_int) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { cuLaunchGridAsync(function, width, height, LEGACY_STREAM as CUstream) }
}

/// `cuLaunchGridAsync`
pub unsafe fn cuLaunchGridAsync(
    function: CUfunction,
    width: c_int,
    height: c_int,
    stream: CUstream,
) -> Result<()> {
    let [width, height] = counts([width, height])?;
    let needed = find(function)?.parameter_bytes;
    let setup = setup(function, |setup| setup.clone())?;
    let mut block = setup.block(needed)?;
    let mut len = block.len();
    // CU_LAUNCH_PARAM_BUFFER_POINTER, CU_LAUNCH_PARAM_BUFFER_SIZE and CU_LAUNCH_PARAM_END
    let mut extra: [*mut c_void; 5] = [
        core::ptr::without_provenance_mut(1),
        block.as_mut_ptr().cast(),
        core::ptr::without_provenance_mut(2),
        (&raw mut len).cast(),
        core::ptr::null_mut(),
    ];
    let [x, y, z] = setup.block;
    // SAFETY: the block is a local, which the launch copies.
    unsafe {
        launch::cuLaunchKernel(
            function,
            width,
            height,
            1,
            x,
            y,
            z,
            setup.shared,
            stream,
            core::ptr::null_mut(),
            extra.as_mut_ptr(),
        )
    }
}

/// One launch of several that are made together.
struct Part<'a> {
    params: &'a CUDA_LAUNCH_PARAMS,
    context: u64,
    device: CUdevice,
}

impl Part<'_> {
    /// Does something with this part's context current.
    fn inside<T>(&self, act: impl FnOnce() -> Result<T>) -> Result<T> {
        let own = thread::current_context();
        thread::set_current_context(self.context);
        let result = act();
        thread::set_current_context(own);
        result
    }
}

/// `cuLaunchCooperativeKernelMultiDevice`
pub unsafe fn cuLaunchCooperativeKernelMultiDevice(
    list: *mut CUDA_LAUNCH_PARAMS,
    count: c_uint,
    flags: c_uint,
) -> Result<()> {
    let (no_wait_before, no_wait_behind) = (
        CUDA_COOPERATIVE_LAUNCH_MULTI_DEVICE_NO_PRE_LAUNCH_SYNC,
        CUDA_COOPERATIVE_LAUNCH_MULTI_DEVICE_NO_POST_LAUNCH_SYNC,
    );
    let devices = Session::current()?.welcome.devices.len();
    if list.is_null()
        || count == 0
        || count as usize > devices
        || flags & !(no_wait_before | no_wait_behind) != 0
    {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    // SAFETY: CUDA's contract for the arguments.
    let list = unsafe { core::slice::from_raw_parts(list, count as usize) };
    let parts = list.iter().map(part).collect::<Result<Vec<_>>>()?;
    agree(&parts)?;
    if flags & no_wait_before == 0 {
        meet(&parts)?;
    }
    for part in &parts {
        let params = part.params;
        // SAFETY: the caller's contract is the same.
        part.inside(|| unsafe {
            launch::cuLaunchCooperativeKernel(
                params.function,
                params.gridDimX,
                params.gridDimY,
                params.gridDimZ,
                params.blockDimX,
                params.blockDimY,
                params.blockDimZ,
                params.sharedMemBytes,
                params.hStream,
                params.kernelParams,
            )
        })?;
    }
    if flags & no_wait_behind == 0 {
        meet(&parts)?;
    }
    Ok(())
}

/// Finds out where an entry of the list is to run.
fn part(params: &CUDA_LAUNCH_PARAMS) -> Result<Part<'_>> {
    // The default streams cannot be used.
    if params.hStream as u64 <= PER_THREAD_STREAM {
        return Err(CUresult::CUDA_ERROR_INVALID_HANDLE);
    }
    let mut place: CUcontext = core::ptr::null_mut();
    // SAFETY: a local.
    unsafe { stream::cuStreamGetCtx(params.hStream, &raw mut place)? };
    let context = place as u64;
    let device = context::device_of(context)?;
    let attribute = CUdevice_attribute::CU_DEVICE_ATTRIBUTE_COOPERATIVE_MULTI_DEVICE_LAUNCH;
    if device::attribute(device, attribute)? == 0 {
        return Err(CUresult::CUDA_ERROR_NOT_SUPPORTED);
    }
    Ok(Part {
        params,
        context,
        device,
    })
}

/// No two kernels may be launched on the same device, and all have to be alike: code, grid, blocks and devices.
fn agree(parts: &[Part<'_>]) -> Result<()> {
    let session = Session::current()?;
    let shape = |part: &Part<'_>| {
        let p = part.params;
        (
            [p.gridDimX, p.gridDimY, p.gridDimZ],
            [p.blockDimX, p.blockDimY, p.blockDimZ],
            p.sharedMemBytes,
        )
    };
    let model = |part: &Part<'_>| device::snapshot(part.device).map(|snapshot| &snapshot.name);
    let Some((first, others)) = parts.split_first() else {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    };
    let kernel = session.modules.function(first.params.function as u64)?;
    for (index, part) in others.iter().enumerate() {
        let other = session.modules.function(part.params.function as u64)?;
        let alike = shape(part) == shape(first)
            && other.name == kernel.name
            && other.info.parameters == kernel.info.parameters
            && model(part)? == model(first)?;
        let again = parts[..=index].iter().any(|p| p.device == part.device);
        if again || !alike {
            return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
        }
    }
    Ok(())
}

/// Has each stream wait for all that has been issued to the others.
fn meet(parts: &[Part<'_>]) -> Result<()> {
    // One stream is in order by itself.
    if parts.len() < 2 {
        return Ok(());
    }
    let mut events: Vec<CUevent> = Vec::new();
    let met = (|| {
        for part in parts {
            part.inside(|| {
                let mut made = core::ptr::null_mut();
                // SAFETY: a local, and no other pointers.
                unsafe {
                    event::cuEventCreate(&raw mut made, CUevent_flags::CU_EVENT_DISABLE_TIMING.0)?;
                    events.push(made);
                    event::cuEventRecord(made, part.params.hStream)
                }
            })?;
        }
        for (index, part) in parts.iter().enumerate() {
            for (other, made) in events.iter().enumerate() {
                if other != index {
                    // SAFETY: no pointers.
                    part.inside(|| unsafe {
                        stream::cuStreamWaitEvent(part.params.hStream, *made, 0)
                    })?;
                }
            }
        }
        Ok(())
    })();
    // An event that is waited for ends when nobody does any longer.
    for (part, made) in parts.iter().zip(events) {
        // SAFETY: no pointers.
        let _ = part.inside(|| unsafe { event::cuEventDestroy_v2(made) });
    }
    met
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVALID: CUresult = CUresult::CUDA_ERROR_INVALID_VALUE;

    #[test]
    fn parameters_are_put_anywhere_and_in_any_order() {
        let mut setup = Setup::default();
        setup.put(8, &7u32.to_ne_bytes()).unwrap();
        setup.put(0, &[1, 2, 3, 4, 5, 6, 7, 8]).unwrap();
        setup.len = 16;
        let mut expected = vec![1, 2, 3, 4, 5, 6, 7, 8];
        expected.extend(7u32.to_ne_bytes());
        expected.extend([0; 4]);
        assert_eq!(setup.block(0), Ok(expected));
        // The size decides, whatever has been put behind it.
        setup.len = 4;
        assert_eq!(setup.block(0), Ok(vec![1, 2, 3, 4]));
        assert_eq!(setup.block(6), Ok(vec![1, 2, 3, 4, 0, 0]));
        let too_many = CUresult::CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES;
        assert_eq!(setup.block(3), Err(too_many));
    }

    #[test]
    fn parameters_stay_within_the_block() {
        let mut setup = Setup::default();
        assert_eq!(setup.put(-1, &[0]), Err(INVALID));
        assert_eq!(setup.put(MAX_PARAMETER_BYTES as c_int, &[0]), Err(INVALID));
        assert_eq!(
            setup.put(MAX_PARAMETER_BYTES as c_int - 1, &[9]),
            Ok(()),
            "the last byte is one of the block"
        );
    }

    #[test]
    fn counts_are_positive() {
        assert_eq!(counts([1, 2, 3]), Ok([1, 2, 3]));
        assert_eq!(counts([1, 0, 3]), Err(INVALID));
        assert_eq!(counts([-1]), Err(INVALID));
    }
}

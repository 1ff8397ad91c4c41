//! Launches of kernels.

use std::ffi::{c_int, c_uint, c_void};
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

use super::module::resident_blocks;
use super::operation::Operation;
use super::{
    Answer, BAD_HANDLE, Device, FAULTS, INVALID, alive, current, current_device, functions, memory,
};
use crate::engine::{self, DeviceHeap, Kernel, LaunchConfig, LaunchEnv, Module};

/// In what shape a kernel is to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The function's handle.
    pub function: u64,
    /// Blocks in x, y, z.
    pub grid: [u32; 3],
    /// Threads of a block in x, y, z.
    pub block: [u32; 3],
    /// Bytes of dynamic shared memory.
    pub shared: u32,
    /// Whether all blocks have to make progress together.
    pub cooperative: bool,
}

/// A launch with a copy of its parameters.
pub struct Launch {
    shape: Shape,
    /// The device that it runs on.
    device: CUdevice,
    module: Arc<Module>,
    kernel: Kernel,
    params: Vec<u8>,
    /// Where each parameter lies in `params`, for those who ask.
    places: OnceLock<Vec<usize>>,
    env: LaunchEnv,
}

impl Launch {
    /// Checks a launch on the current context's device and copies its parameters.
    ///
    /// # Safety
    ///
    /// `params` and `extra` as `cuLaunchKernel` takes them.
    pub unsafe fn new(
        shape: Shape,
        params: *mut *mut c_void,
        extra: *mut *mut c_void,
    ) -> Answer<Launch> {
        let device = alive()?;
        let own = current_device()?;
        let (module, kernel, limit) = {
            let mut state = device.state();
            let (function, of) = state.function(shape.function)?;
            // A function is of one context; a kernel is of any.
            if of.is_some_and(|of| of != own) {
                return Err(BAD_HANDLE);
            }
            let (kernel, limit) = (function.kernel.clone(), function.dynamic_shared(own));
            let container = function.container;
            (device.module(&mut state, container, own)?, kernel, limit)
        };
        let threads = shape.block.iter().map(|n| u64::from(*n)).product::<u64>();
        let wrong_shape =
            shape.grid.contains(&0) || shape.block.contains(&0) || shape.block[2] > 64;
        if wrong_shape
            || threads > u64::from(kernel.max_threads)
            || i64::from(shape.shared) > i64::from(limit)
        {
            return Err(INVALID);
        }
        if shape.grid[1] > 65535 || shape.grid[2] > 65535 || shape.grid[0] > i32::MAX as u32 {
            return Err(INVALID);
        }
        if shape.cooperative {
            let blocks = resident_blocks(shape.function, threads as c_int, shape.shared as usize)?;
            let room = blocks as u64 * super::device::multiprocessors() as u64;
            if shape.grid.iter().map(|n| u64::from(*n)).product::<u64>() > room {
                return Err(CUresult::CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE);
            }
        }
        // SAFETY: as the caller promises.
        let params = unsafe { parameters(&kernel, params, extra) }?;
        Ok(Launch {
            shape,
            device: own,
            module,
            kernel,
            params,
            places: OnceLock::new(),
            env: device.environment(own),
        })
    }

    /// The shape.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// A pointer to each parameter's value, valid as long as this launch.
    pub fn places(&self) -> *mut *mut c_void {
        let places = self.places.get_or_init(|| {
            let start = self.params.as_ptr() as usize;
            let params = self.kernel.params.iter();
            params.map(|param| start + param.offset as usize).collect()
        });
        if places.is_empty() {
            return std::ptr::null_mut();
        }
        places.as_ptr() as *mut *mut c_void
    }

    /// The same launch, all blocks together or not.
    pub fn with_cooperation(&self, cooperative: bool) -> Launch {
        Launch {
            shape: Shape {
                cooperative,
                ..self.shape
            },
            device: self.device,
            module: self.module.clone(),
            kernel: self.kernel.clone(),
            params: self.params.clone(),
            places: OnceLock::new(),
            env: self.env.clone(),
        }
    }

    /// Runs the kernel to its end.
    pub fn run(&self, device: &Device) -> u32 {
        let config = LaunchConfig {
            module: &self.module,
            kernel: &self.kernel.name,
            grid: self.shape.grid,
            block: self.shape.block,
            dynamic_shared: self.shape.shared,
            cooperative: self.shape.cooperative,
            params: &self.params,
        };
        let Some(engine) = device.engines.get(self.device as usize) else {
            return CUresult::CUDA_ERROR_INVALID_DEVICE.0;
        };
        match engine::launch(engine, &config, &self.env) {
            Ok(()) => 0,
            Err(fault) => {
                // Beside the code that the program gets, what a debugger would say.
                let text = format!("pillion CPU device: {fault}\n");
                // SAFETY: the process's standard error, and bytes that live through the call.
                let _ = unsafe { libc::write(2, text.as_ptr().cast(), text.len()) };
                // Of a graph's kernel, the device may be another one than the stream's.
                let place = &FAULTS[self.device as usize];
                let _ = place.compare_exchange(0, fault.code(), Ordering::SeqCst, Ordering::SeqCst);
                fault.code()
            }
        }
    }
}

/// Copies the parameters of a launch into one block.
///
/// # Safety
///
/// As `cuLaunchKernel` takes them.
unsafe fn parameters(
    kernel: &Kernel,
    params: *mut *mut c_void,
    extra: *mut *mut c_void,
) -> Answer<Vec<u8>> {
    let mut block = vec![0u8; kernel.param_bytes as usize];
    if !extra.is_null() {
        let (mut from, mut len) = (std::ptr::null::<u8>(), 0usize);
        let mut at = extra;
        loop {
            // SAFETY: the list ends with its mark, by CUDA's contract.
            unsafe {
                match *at as usize {
                    0 => break,
                    1 => from = (*at.add(1)).cast(),
                    2 => len = *(*at.add(1)).cast(),
                    _ => return Err(INVALID),
                }
                at = at.add(2);
            }
        }
        if len < block.len() {
            return Err(INVALID);
        }
        // SAFETY: the buffer has the length that the list says, which is at least that of the block.
        unsafe { std::ptr::copy_nonoverlapping(from, block.as_mut_ptr(), block.len()) };
    } else if !kernel.params.is_empty() {
        if params.is_null() {
            return Err(INVALID);
        }
        for (index, param) in kernel.params.iter().enumerate() {
            let place = &mut block[param.offset as usize..][..param.size as usize];
            // SAFETY: a pointer to each parameter's value, by CUDA's contract.
            place.copy_from_slice(unsafe {
                std::slice::from_raw_parts((*params.add(index)).cast::<u8>(), place.len())
            });
        }
    }
    Ok(block)
}

impl Device {
    /// What kernels that are launched on a device now can reach.
    fn environment(&self, own: CUdevice) -> LaunchEnv {
        let mut env = LaunchEnv::new(self.memory.reach(own));
        env.output = Some(Arc::new(|bytes: &[u8]| {
            // SAFETY: the process's standard output, and bytes that live through the call.
            let _ = unsafe { libc::write(1, bytes.as_ptr().cast(), bytes.len()) };
        }));
        env.heap = self.heap(own);
        env.cancel = Some(self.cancel.clone());
        env.set_condition = Some(Arc::new(|handle, value| {
            if let Ok(device) = super::device() {
                device.set_condition(handle, value);
            }
        }));
        let limit = (own, CUlimit::CU_LIMIT_STACK_SIZE.0);
        let stack = self.state().limits.get(&limit).copied().unwrap_or(1024);
        env.stack_limit = env.stack_limit.max(stack as u32);
        env
    }

    /// Memory of device-side `malloc`, made when first a kernel is launched.
    fn heap(&self, own: CUdevice) -> Option<Arc<DeviceHeap>> {
        let mut state = self.state();
        if !state.heaps.contains_key(&own) {
            let limit = (own, CUlimit::CU_LIMIT_MALLOC_HEAP_SIZE.0);
            let size = *state.limits.get(&limit).unwrap_or(&(8 << 20)) as u64;
            let base = self.memory.allocate(own, size, memory::Kind::Own).ok()?;
            state
                .heaps
                .insert(own, Arc::new(DeviceHeap::new(base, size)));
        }
        state.heaps.get(&own).cloned()
    }
}

/// Launches a kernel on a stream.
///
/// # Safety
///
/// As [`Launch::new`] asks.
unsafe fn launch(
    stream: CUstream,
    shape: Shape,
    params: *mut *mut c_void,
    extra: *mut *mut c_void,
) -> Answer {
    // As CUDA documents: the stream is one of the current context.
    if alive()?.state().context_of(stream as u64)? != current()? {
        return Err(BAD_HANDLE);
    }
    // SAFETY: as the caller promises.
    let launch = unsafe { Launch::new(shape, params, extra) }?;
    alive()?.issue(stream as u64, Operation::Launch(Arc::new(launch)))
}

/// Whether the attributes of a launch ask for cooperation.
pub fn attributes(attributes: &[CUlaunchAttribute]) -> Answer<bool> {
    let mut cooperative = false;
    for attribute in attributes {
        match attribute.id {
            CUlaunchAttributeID::CU_LAUNCH_ATTRIBUTE_COOPERATIVE => {
                // SAFETY: the identifier says which member it is.
                cooperative = unsafe { attribute.value.cooperative } != 0;
            }
            CUlaunchAttributeID::CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION => {
                // SAFETY: as above.
                let cluster = unsafe { attribute.value.clusterDim };
                if [cluster.x, cluster.y, cluster.z].iter().any(|n| *n > 1) {
                    return Err(CUresult::CUDA_ERROR_INVALID_CLUSTER_SIZE);
                }
            }
            _ => {}
        }
    }
    Ok(cooperative)
}

functions! {
    cuLaunchKernel(function: CUfunction, gx: c_uint, gy: c_uint, gz: c_uint, bx: c_uint, by: c_uint, bz: c_uint, shared: c_uint, stream: CUstream, params: *mut *mut c_void, extra: *mut *mut c_void) {
        let shape = Shape { function: function as u64, grid: [gx, gy, gz], block: [bx, by, bz], shared, cooperative: false };
        launch(stream, shape, params, extra)
    }
    cuLaunchCooperativeKernel(function: CUfunction, gx: c_uint, gy: c_uint, gz: c_uint, bx: c_uint, by: c_uint, bz: c_uint, shared: c_uint, stream: CUstream, params: *mut *mut c_void) {
        let shape = Shape { function: function as u64, grid: [gx, gy, gz], block: [bx, by, bz], shared, cooperative: true };
        launch(stream, shape, params, std::ptr::null_mut())
    }
    cuLaunchKernelEx(config: *const CUlaunchConfig, function: CUfunction, params: *mut *mut c_void, extra: *mut *mut c_void) {
        let config = config.as_ref().ok_or(INVALID)?;
        let shape = Shape {
            function: function as u64,
            grid: [config.gridDimX, config.gridDimY, config.gridDimZ],
            block: [config.blockDimX, config.blockDimY, config.blockDimZ],
            shared: config.sharedMemBytes,
            cooperative: attributes(super::array(config.attrs, config.numAttrs as usize)?)?,
        };
        launch(config.hStream, shape, params, extra)
    }
}

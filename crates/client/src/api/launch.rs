//! Launches: the path that matters most. A launch is validated from what is known here, its parameters are gathered into the
//! outbox, and that is all.

use core::ffi::{c_uint, c_void};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::{
    CUdevice, CUdevice_attribute, CUfunction, CUfunction_attribute, CUlaunchAttribute,
    CUlaunchAttributeID, CUlaunchConfig, CUstream,
};
use pillion_cuda_abi::{plain_to_bytes, types};
use pillion_protocol::command::{
    LAUNCH_COOPERATIVE, LAUNCH_EXTENDED, LaunchHead, MAX_LAUNCH_ATTRIBUTES, MAX_PARAMETER_BYTES,
    cuda,
};
use pillion_protocol::{DeviceSnapshot, Interface, handle};
use zerocopy::IntoBytes;
use zerocopy::little_endian::{U32, U64};

use super::module::Function;
use super::{DefaultStream, context, shared, stream};
use crate::entry::Result;
use crate::forward::{confirmed, posted};
use crate::session::Session;
use crate::thread;

/// The shape of a launch.
#[derive(Debug, Clone, Copy)]
struct Shape {
    grid: [u32; 3],
    block: [u32; 3],
    shared: u32,
}

/// What a device's launches may have at most.
#[derive(Debug)]
pub struct Limits {
    grid: [u32; 3],
    block: [u32; 3],
    /// Threads of a block.
    threads: u32,
}

impl Limits {
    /// Those of a device.
    pub fn of(device: &DeviceSnapshot) -> Self {
        let limit = |attribute: CUdevice_attribute, otherwise: u32| {
            let known = device.attributes.get(attribute.0 as usize);
            known
                .filter(|(status, _)| *status == 0)
                .map_or(otherwise, |(_, value)| *value as u32)
        };
        use CUdevice_attribute as D;
        Limits {
            grid: [
                D::CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X,
                D::CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y,
                D::CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z,
            ]
            .map(|attribute| limit(attribute, u32::MAX)),
            block: [
                D::CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X,
                D::CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y,
                D::CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z,
            ]
            .map(|attribute| limit(attribute, 1024)),
            threads: limit(D::CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK, 1024),
        }
    }
}

/// Where a launch's parameters are.
#[derive(Debug, Clone, Copy)]
enum Parameters {
    /// One pointer for each (`kernelParams`).
    Each(*mut *mut c_void),
    /// One block, laid out by the program (`extra`).
    Block(*const u8, usize),
}

/// Reads the two ways of giving parameters.
///
/// # Safety
///
/// As for `cuLaunchKernel`.
unsafe fn parameters(
    function: &Function,
    params: *mut *mut c_void,
    extra: *mut *mut c_void,
) -> Result<Parameters> {
    let invalid = CUresult::CUDA_ERROR_INVALID_VALUE;
    if extra.is_null() {
        if params.is_null() && !function.info.parameters.is_empty() {
            return Err(invalid);
        }
        return Ok(Parameters::Each(params));
    }
    if !params.is_null() {
        return Err(invalid);
    }
    let (mut block, mut len) = (core::ptr::null(), 0);
    let mut at = extra;
    loop {
        // SAFETY: the list goes on until its end mark, by CUDA's contract; each mark has its value behind it.
        unsafe {
            match *at as usize {
                0 => break,
                1 => block = (*at.add(1)).cast_const().cast::<u8>(),
                2 => len = *(*at.add(1)).cast::<usize>(),
                _ => return Err(invalid),
            }
            at = at.add(2);
        }
    }
    if len > MAX_PARAMETER_BYTES || (block.is_null() && len > 0) {
        return Err(invalid);
    }
    Ok(Parameters::Block(block, len))
}

impl Parameters {
    fn len(self, function: &Function) -> usize {
        match self {
            Parameters::Each(_) => function.parameter_bytes,
            Parameters::Block(_, len) => len,
        }
    }

    /// The words of the parameters that may be addresses.
    ///
    /// # Safety
    ///
    /// The program's pointers are as CUDA asks, as long as the words are looked at.
    unsafe fn words<'a>(self, function: &'a Function) -> impl Iterator<Item = u64> + 'a {
        let each = function.info.parameters.iter().enumerate();
        let runs = each.map(move |(index, (offset, size))| {
            let size = *size as usize;
            match self {
                // SAFETY: one pointer for each parameter, each to a value of its size.
                Parameters::Each(list) => unsafe { ((*list.add(index)).cast_const().cast(), size) },
                Parameters::Block(block, len) => {
                    let offset = (*offset as usize).min(len);
                    // SAFETY: within the block.
                    (unsafe { block.add(offset) }, size.min(len - offset))
                }
            }
        });
        runs.flat_map(|(start, size): (*const u8, usize)| {
            // SAFETY: within the parameter's value.
            (0..size / 8).map(move |word| unsafe { start.cast::<u64>().add(word).read_unaligned() })
        })
    }

    /// Appends the parameter block.
    ///
    /// # Safety
    ///
    /// The program's pointers are as CUDA asks.
    unsafe fn append(self, function: &Function, body: &mut Vec<u8>) {
        match self {
            Parameters::Block(block, len) if len > 0 => {
                // SAFETY: as the caller promises.
                body.extend_from_slice(unsafe { core::slice::from_raw_parts(block, len) })
            }
            Parameters::Block(..) => {}
            Parameters::Each(list) => {
                let start = body.len();
                // Padding between parameters is zero, so that equal launches are equal bytes.
                body.resize(start + function.parameter_bytes, 0);
                let block = &mut body[start..];
                for (index, (offset, size)) in function.info.parameters.iter().enumerate() {
                    let (offset, size) = (*offset as usize, *size as usize);
                    // SAFETY: one pointer for each parameter.
                    let value = unsafe { (*list.add(index)).cast::<u8>() };
                    let place = &mut block[offset..offset + size];
                    // Most are of these sizes, and moved without a call.
                    // SAFETY: each pointer is to a value of its parameter's size, wherever it lies.
                    unsafe {
                        match size {
                            8 => place.copy_from_slice(&value.cast::<[u8; 8]>().read()),
                            4 => place.copy_from_slice(&value.cast::<[u8; 4]>().read()),
                            _ => core::ptr::copy_nonoverlapping(value, place.as_mut_ptr(), size),
                        }
                    }
                }
            }
        }
    }
}

/// Appends the parameters of a graph's kernel to `block`.
///
/// # Safety
///
/// As for `cuLaunchKernel`.
///
/// # Errors
///
/// `CUDA_ERROR_INVALID_VALUE` where they are missing or too many.
pub unsafe fn gather(
    function: &Function,
    params: *mut *mut c_void,
    extra: *mut *mut c_void,
    block: &mut Vec<u8>,
) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: the caller's contract is the same.
    unsafe {
        let parameters = parameters(function, params, extra)?;
        if session.shared.watches() {
            shared::look_through(session, parameters.words(function))?;
        }
        parameters.append(function, block);
    }
    Ok(())
}

/// What CUDA says at once of a launch that cannot be.
fn validate(session: &Session, function: &Function, shape: &Shape, device: CUdevice) -> Result<()> {
    let invalid = CUresult::CUDA_ERROR_INVALID_VALUE;
    if function.device.is_some_and(|own| own != device) {
        return Err(CUresult::CUDA_ERROR_INVALID_HANDLE);
    }
    if shape.grid.contains(&0) || shape.block.contains(&0) {
        return Err(invalid);
    }
    let limits = &session.limits[device as usize];
    for axis in 0..3 {
        if shape.block[axis] > limits.block[axis] || shape.grid[axis] > limits.grid[axis] {
            return Err(invalid);
        }
    }
    let threads = shape.block.iter().map(|n| u64::from(*n)).product::<u64>();
    if threads > u64::from(limits.threads) {
        return Err(invalid);
    }
    if let Some(most) = function.attribute(
        CUfunction_attribute::CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK,
        device,
    ) && threads > most as u64
    {
        return Err(CUresult::CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES);
    }
    // None is never too much.
    if shape.shared > 0
        && let Some(most) = function.attribute(
            CUfunction_attribute::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
            device,
        )
        && u64::from(shape.shared) > most as u64
    {
        return Err(invalid);
    }
    Ok(())
}

/// Whether a launch asks for clusters that are larger than every device takes, or that do not divide the grid.
fn is_delicate(attributes: &[CUlaunchAttribute], shape: &Shape) -> bool {
    attributes.iter().any(|attribute| {
        if attribute.id != CUlaunchAttributeID::CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION {
            return false;
        }
        // SAFETY: the id says which member is set.
        let size = unsafe { attribute.value.clusterDim };
        let size = [size.x, size.y, size.z];
        size.iter().map(|n| u64::from(*n)).product::<u64>() > 8
            || size
                .iter()
                .zip(shape.grid)
                .any(|(cluster, grid)| grid.checked_rem(*cluster) != Some(0))
    })
}

/// Appends a launch.
///
/// # Safety
///
/// As for `cuLaunchKernel`.
unsafe fn launch(
    function: CUfunction,
    shape: Shape,
    stream: CUstream,
    attributes: &[CUlaunchAttribute],
    flags: u32,
    params: *mut *mut c_void,
    extra: *mut *mut c_void,
) -> Result<()> {
    let session = Session::current()?;
    let device = context::device_of(context::current()?)?;
    let wanted = stream::check(stream as u64)?;
    let known = session.modules.function(function as u64)?;
    // With one device there is nothing to look up.
    if session.welcome.devices.len() > 1 && stream::device_of(wanted)? != device {
        if known.device.is_some() {
            // As CUDA documents: stream and function are of the current context.
            return Err(CUresult::CUDA_ERROR_INVALID_HANDLE);
        }
        // A library's kernel is of no context. CUDA documents the same for it; NVIDIA's driver (580) launches it on the stream's
        // device.
        let own = thread::current_context();
        thread::set_current_context(stream::context_of(wanted)?);
        // SAFETY: the caller's contract is the same.
        let launched = unsafe { launch(function, shape, stream, attributes, flags, params, extra) };
        thread::set_current_context(own);
        return launched;
    }
    let (stream, function) = (wanted, known);
    validate(session, &function, &shape, device)?;
    // SAFETY: the caller's contract is the same.
    let parameters = unsafe { parameters(&function, params, extra)? };
    let head = LaunchHead {
        function: U64::new(function.handle),
        stream: U64::new(stream),
        grid: shape.grid.map(U32::new),
        block: shape.block.map(U32::new),
        shared: U32::new(shape.shared),
        flags: U32::new(flags),
        attributes: U32::new(attributes.len() as u32),
        parameters: U32::new(parameters.len(&function) as u32),
    };
    if session.shared.watches() {
        // SAFETY: the caller's contract is the same.
        shared::look_through(session, unsafe { parameters.words(&function) })?;
    }
    if session.shared.any() {
        let work = session.shared.before_work(session, stream)?;
        // Gathered before the outbox is taken: reading the program's memory may have to ask the server for it.
        let mut block = Vec::new();
        // SAFETY: the caller's contract is the same.
        unsafe { parameters.append(&function, &mut block) };
        session.link.post(cuda::LAUNCH, |body| {
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(plain_to_bytes(attributes));
            body.extend_from_slice(&block);
            Ok(())
        })?;
        drop(work);
        return posted(session);
    }
    session.link.post(cuda::LAUNCH, |body| {
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(plain_to_bytes(attributes));
        // SAFETY: the caller's contract is the same.
        unsafe { parameters.append(&function, body) };
        Ok(())
    })?;
    if (stream == handle::LEGACY_STREAM && session.captures.any())
        || is_delicate(attributes, &shape)
    {
        // The legacy stream cannot be used while a stream that it waits for captures, and clusters may not fit: the driver says
        // so at once.
        return confirmed(session);
    }
    posted(session)
}

/// `cuLaunchKernel`
pub unsafe fn cuLaunchKernel(
    function: CUfunction,
    grid_x: c_uint,
    grid_y: c_uint,
    grid_z: c_uint,
    block_x: c_uint,
    block_y: c_uint,
    block_z: c_uint,
    shared: c_uint,
    stream: CUstream,
    params: *mut *mut c_void,
    extra: *mut *mut c_void,
) -> Result<()> {
    let shape = Shape {
        grid: [grid_x, grid_y, grid_z],
        block: [block_x, block_y, block_z],
        shared,
    };
    // SAFETY: the caller's contract is the same.
    unsafe { launch(function, shape, stream, &[], 0, params, extra) }
}

/// `cuLaunchCooperativeKernel`
pub unsafe fn cuLaunchCooperativeKernel(
    function: CUfunction,
    grid_x: c_uint,
    grid_y: c_uint,
    grid_z: c_uint,
    block_x: c_uint,
    block_y: c_uint,
    block_z: c_uint,
    shared: c_uint,
    stream: CUstream,
    params: *mut *mut c_void,
) -> Result<()> {
    let shape = Shape {
        grid: [grid_x, grid_y, grid_z],
        block: [block_x, block_y, block_z],
        shared,
    };
    fits(function, &shape)?;
    // SAFETY: the caller's contract is the same.
    unsafe {
        launch(
            function,
            shape,
            stream,
            &[],
            LAUNCH_COOPERATIVE,
            params,
            core::ptr::null_mut(),
        )
    }
}

/// A cooperative grid has to be resident as a whole, and CUDA says at once where it cannot be.
fn fits(function: CUfunction, shape: &Shape) -> Result<()> {
    let session = Session::current()?;
    let threads = shape.block.iter().map(|n| u64::from(*n)).product::<u64>();
    if threads == 0 || threads > 1024 {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    let mut blocks = 0;
    // SAFETY: a local.
    unsafe {
        super::cuOccupancyMaxActiveBlocksPerMultiprocessor(
            &raw mut blocks,
            function,
            threads as i32,
            shape.shared as usize,
        )?;
    }
    let device = context::device_of(context::current()?)?;
    let index = CUdevice_attribute::CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT.0 as usize;
    let multiprocessors = session.welcome.devices[device as usize]
        .attributes
        .get(index)
        .map_or(1, |(_, value)| *value);
    let grid = shape.grid.iter().map(|n| u64::from(*n)).product::<u64>();
    if grid > (blocks.max(0) as u64) * (multiprocessors.max(0) as u64) {
        return Err(CUresult::CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE);
    }
    Ok(())
}

/// The attributes of a configuration.
///
/// # Safety
///
/// As for `cuLaunchKernelEx`.
unsafe fn attributes_of<'a>(config: &CUlaunchConfig) -> Result<&'a [CUlaunchAttribute]> {
    if config.numAttrs == 0 {
        return Ok(&[]);
    }
    if config.attrs.is_null() || config.numAttrs > MAX_LAUNCH_ATTRIBUTES {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    // SAFETY: as the caller promises.
    let attributes = unsafe { core::slice::from_raw_parts(config.attrs, config.numAttrs as usize) };
    for attribute in attributes {
        match attribute.id {
            // It hands a handle back; graphs that are updated from the device are for later.
            CUlaunchAttributeID::CU_LAUNCH_ATTRIBUTE_DEVICE_UPDATABLE_KERNEL_NODE => {
                return Err(CUresult::CUDA_ERROR_NOT_SUPPORTED);
            }
            CUlaunchAttributeID::CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_EVENT => {
                // SAFETY: the id says which member is set.
                super::event::check(unsafe { attribute.value.programmaticEvent.event } as u64)?;
            }
            CUlaunchAttributeID::CU_LAUNCH_ATTRIBUTE_LAUNCH_COMPLETION_EVENT => {
                // SAFETY: the id says which member is set.
                super::event::check(unsafe { attribute.value.launchCompletionEvent.event } as u64)?;
            }
            _ => {}
        }
    }
    Ok(attributes)
}

fn shape_of(config: &CUlaunchConfig) -> Shape {
    Shape {
        grid: [config.gridDimX, config.gridDimY, config.gridDimZ],
        block: [config.blockDimX, config.blockDimY, config.blockDimZ],
        shared: config.sharedMemBytes,
    }
}

/// `cuLaunchKernelEx`
pub unsafe fn cuLaunchKernelEx(
    config: *const CUlaunchConfig,
    function: CUfunction,
    params: *mut *mut c_void,
    extra: *mut *mut c_void,
    default: DefaultStream,
) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    let config = unsafe { config.as_ref() }.ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)?;
    // SAFETY: CUDA's contract for the argument.
    let attributes = unsafe { attributes_of(config)? };
    let shape = shape_of(config);
    let cooperative = attributes.iter().any(|attribute| {
        // SAFETY: the id says which member is set.
        attribute.id == CUlaunchAttributeID::CU_LAUNCH_ATTRIBUTE_COOPERATIVE
            && unsafe { attribute.value.cooperative } != 0
    });
    if cooperative {
        fits(function, &shape)?;
    }
    let stream = if config.hStream as u64 == handle::LEGACY_STREAM {
        default.stream()
    } else {
        config.hStream
    };
    // A plain launch is the shorter path on the other side.
    let flags = if attributes.is_empty() {
        0
    } else {
        LAUNCH_EXTENDED
    };
    // SAFETY: the caller's contract is the same.
    unsafe { launch(function, shape, stream, attributes, flags, params, extra) }
}

/// Asks the server how many clusters fit, or how large one may be: `which` is [`cuda::MAX_ACTIVE_CLUSTERS`] or
/// [`cuda::MAX_POTENTIAL_CLUSTER_SIZE`].
///
/// # Errors
///
/// CUDA's.
///
/// # Safety
///
/// `config` is null or as CUDA takes it.
pub unsafe fn cluster_query(
    which: u16,
    function: u64,
    config: *const CUlaunchConfig,
) -> Result<i32> {
    let session = Session::current()?;
    context::current()?;
    // SAFETY: the program's pointer, null or valid by CUDA's contract.
    let config = unsafe { config.as_ref() }.ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)?;
    // SAFETY: CUDA's contract for the argument.
    let attributes: &[types::CUlaunchAttribute] = unsafe { attributes_of(config)? };
    let shape = shape_of(config);
    let function = session.modules.function(function)?;
    let stream = stream::check(config.hStream as u64)?;
    let head = LaunchHead {
        function: U64::new(function.handle),
        stream: U64::new(stream),
        grid: shape.grid.map(U32::new),
        block: shape.block.map(U32::new),
        shared: U32::new(shape.shared),
        flags: U32::new(LAUNCH_EXTENDED),
        attributes: U32::new(attributes.len() as u32),
        parameters: U32::ZERO,
    };
    let answer = session.link.call(Interface::Cuda, which, |body| {
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(plain_to_bytes(attributes));
        Ok(())
    })?;
    answer
        .decoder()
        .scalar()
        .map_err(|_| CUresult::CUDA_ERROR_UNKNOWN)
}

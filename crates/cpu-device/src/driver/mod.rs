//! The CPU device's side of the driver's function table.
//!
//! One process has one device, one address space and any number of contexts, streams and modules. Work is asynchronous as on
//! a GPU: a call queues it ([`queue`]) and returns, a fault in it ends everything later and is reported by every later call.

mod device;
mod image;
mod memory;
mod queue;

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_int, c_uint, c_ulonglong, c_void};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use pillion_cuda_abi::types::*;
use pillion_cuda_abi::{CUresult, DriverTable};

use crate::engine::{
    self, AddressSpace, DeviceHeap, Engine, Kernel, LaunchConfig, LaunchEnv, Module,
};
use memory::Memory;
use queue::{Done, Queue};

/// What the device is to be.
#[derive(Debug, Clone, Default)]
pub struct DeviceOptions {
    /// Bytes of device memory; `None` for half of the host's, at most 16 GiB.
    pub memory: Option<u64>,
    /// Threads that execute blocks; `None` for one a core.
    pub threads: Option<usize>,
}

type Answer<T = ()> = Result<T, CUresult>;

const INVALID: CUresult = CUresult::CUDA_ERROR_INVALID_VALUE;
const BAD_HANDLE: CUresult = CUresult::CUDA_ERROR_INVALID_HANDLE;
const UNSUPPORTED: CUresult = CUresult::CUDA_ERROR_NOT_SUPPORTED;

/// The code of the first fault; the device does nothing after it.
static FAULT: AtomicU32 = AtomicU32::new(0);
static OPTIONS: Mutex<Option<DeviceOptions>> = Mutex::new(None);
static DEVICE: OnceLock<Device> = OnceLock::new();

thread_local! {
    static CONTEXTS: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// The whole device.
struct Device {
    engine: Engine,
    space: Arc<AddressSpace>,
    memory: Arc<Memory>,
    /// Ends every kernel that runs.
    cancel: Arc<AtomicBool>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    contexts: HashMap<u64, Context>,
    primary_retained: u32,
    primary_flags: u32,
    streams: HashMap<u64, Stream>,
    events: HashMap<u64, Event>,
    containers: HashMap<u64, Container>,
    functions: HashMap<u64, Function>,
    pools: HashMap<u64, Pool>,
    /// The pool and the length of each allocation of a pool, until a call frees it.
    pooled: HashMap<u64, (u64, u64)>,
    current_pool: u64,
    heap: Option<Arc<DeviceHeap>>,
    legacy: Option<Queue>,
    /// The ends of streams that were destroyed with work in them.
    orphans: Vec<Arc<Done>>,
    limits: HashMap<u32, usize>,
}

impl State {
    /// Counts memory of a pool, if there still is that pool, as free.
    fn give_back(&mut self, pool: u64, len: u64) {
        if let Some(pool) = self.pools.get_mut(&pool) {
            pool.used = pool.used.saturating_sub(len);
        }
    }
}

struct Context {
    flags: u32,
    id: u64,
}

struct Stream {
    queue: Queue,
    blocking: bool,
    flags: u32,
    priority: i32,
    id: u64,
}

struct Event {
    flags: u32,
    done: Option<Arc<Done>>,
}

/// A module or a library.
struct Container {
    module: Arc<Module>,
    globals: Vec<u64>,
    library: bool,
}

struct Function {
    container: u64,
    kernel: Kernel,
    module: Arc<Module>,
    dynamic_shared: i32,
}

#[derive(Default)]
struct Pool {
    values: HashMap<u32, u64>,
    used: u64,
    high: u64,
}

/// Kinds of handles, in their top byte, so that one is not taken for another.
const CONTEXT: u64 = 0x11;
const STREAM: u64 = 0x12;
const EVENT: u64 = 0x13;
const MODULE: u64 = 0x14;
const FUNCTION: u64 = 0x15;
const POOL: u64 = 0x16;
const PRIMARY: u64 = CONTEXT << 48 | 1;
const DEFAULT_POOL: u64 = POOL << 48 | 1;

static NEXT: AtomicU64 = AtomicU64::new(16);

fn name(kind: u64) -> u64 {
    kind << 48 | NEXT.fetch_add(1, Ordering::Relaxed) << 4
}

fn device() -> Answer<&'static Device> {
    DEVICE.get().ok_or(CUresult::CUDA_ERROR_NOT_INITIALIZED)
}

/// The device, unless a fault has ended it.
fn alive() -> Answer<&'static Device> {
    let device = device()?;
    match FAULT.load(Ordering::SeqCst) {
        0 => Ok(device),
        code => Err(CUresult(code)),
    }
}

fn current() -> Answer<u64> {
    CONTEXTS
        .with_borrow(|stack| stack.last().copied().filter(|context| *context != 0))
        .ok_or(CUresult::CUDA_ERROR_INVALID_CONTEXT)
}

impl Device {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues work on a stream, in the order that CUDA gives it: the legacy default stream and the blocking streams wait for
    /// each other.
    fn submit(&self, stream: u64, work: queue::Work) -> Answer<Arc<Done>> {
        self.submit_after(stream, Vec::new(), work)
    }

    fn submit_after(
        &self,
        stream: u64,
        mut after: Vec<Arc<Done>>,
        work: queue::Work,
    ) -> Answer<Arc<Done>> {
        let mut guard = self.state();
        let state = &mut *guard;
        if stream <= 2 {
            after.extend(
                state
                    .streams
                    .values()
                    .filter(|s| s.blocking)
                    .filter_map(|s| s.queue.last()),
            );
            state.orphans.retain(|done| done.ended().is_none());
            after.extend(state.orphans.iter().cloned());
            let legacy = state.legacy.get_or_insert_with(Queue::new);
            return Ok(legacy.push(after, &FAULT, work));
        }
        let legacy = state.legacy.as_ref().and_then(Queue::last);
        let stream = state.streams.get_mut(&stream).ok_or(BAD_HANDLE)?;
        if stream.blocking {
            after.extend(legacy);
        }
        // What has ended need not be waited for.
        after.retain(|done| done.ended().is_none());
        Ok(stream.queue.push(after, &FAULT, work))
    }

    /// The ends of everything that is queued.
    fn everything(&self) -> Vec<Arc<Done>> {
        let state = self.state();
        let streams = state
            .streams
            .values()
            .filter_map(|stream| stream.queue.last());
        streams
            .chain(state.legacy.as_ref().and_then(Queue::last))
            .chain(state.orphans.iter().cloned())
            .collect()
    }

    fn synchronize(&self) -> Answer {
        for done in self.everything() {
            done.wait();
        }
        match FAULT.load(Ordering::SeqCst) {
            0 => Ok(()),
            code => Err(CUresult(code)),
        }
    }

    fn stream_done(&self, stream: u64) -> Answer<Option<Arc<Done>>> {
        let state = self.state();
        if stream <= 2 {
            return Ok(state.legacy.as_ref().and_then(Queue::last));
        }
        state
            .streams
            .get(&stream)
            .map(|stream| stream.queue.last())
            .ok_or(BAD_HANDLE)
    }

    /// Memory of device-side `malloc`, made when first a kernel runs.
    fn heap(&self) -> Option<Arc<DeviceHeap>> {
        let mut state = self.state();
        if state.heap.is_none() {
            let size = *state
                .limits
                .get(&CUlimit::CU_LIMIT_MALLOC_HEAP_SIZE.0)
                .unwrap_or(&(8 << 20)) as u64;
            let base = self.memory.allocate(size, true, false).ok()?;
            state.heap = Some(Arc::new(DeviceHeap::new(base, size)));
        }
        state.heap.clone()
    }
}

/// The table of the CPU device. The device itself begins with `cuInit`.
pub fn driver_table(options: DeviceOptions) -> DriverTable {
    *OPTIONS.lock().unwrap_or_else(PoisonError::into_inner) = Some(options);
    let mut table = DriverTable::default();
    fill(&mut table);
    device::fill(&mut table);
    table
}

/// Runs the body of a function of the table. A panic is an error of this device, not the end of the process.
fn guard(body: impl FnOnce() -> Answer) -> CUresult {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)) {
        Ok(Ok(())) => CUresult::CUDA_SUCCESS,
        Ok(Err(status)) => status,
        Err(_) => CUresult::CUDA_ERROR_UNKNOWN,
    }
}

/// Defines C functions and enters them in the table.
macro_rules! functions {
    ($($name:ident($($arg:ident: $ty:ty),*) $body:block)*) => {
        $(
            #[allow(non_snake_case, unused_variables)]
            unsafe extern "C" fn $name($($arg: $ty),*) -> CUresult {
                // SAFETY: the body follows pointers only as CUDA documents for this function, and checks them for null.
                $crate::driver::guard(move || unsafe { $crate::driver::body(move || $body) })
            }
        )*
        /// Enters the functions of this module.
        pub(super) fn fill(table: &mut DriverTable) {
            $(table.$name = Some($name);)*
        }
    };
}
use functions;

/// Runs a closure in an unsafe context, so that bodies above may follow pointers.
///
/// # Safety
///
/// As the closure needs.
unsafe fn body(body: impl FnOnce() -> Answer) -> Answer {
    body()
}

fn write<T>(place: *mut T, value: T) -> Answer {
    if place.is_null() {
        return Err(INVALID);
    }
    // SAFETY: not null, and the caller of the C function promises a place for the value.
    unsafe { place.write(value) };
    Ok(())
}

fn text(place: *const c_char) -> Answer<String> {
    if place.is_null() {
        return Err(INVALID);
    }
    // SAFETY: not null, and the caller of the C function promises a C string.
    Ok(unsafe { CStr::from_ptr(place) }
        .to_string_lossy()
        .into_owned())
}

/// Both addresses and the length of a copy, moved into the thread that makes it.
#[derive(Clone, Copy)]
struct Span {
    to: u64,
    from: u64,
    len: usize,
}

impl Span {
    /// # Safety
    ///
    /// Both ranges must be mapped.
    unsafe fn copy(self) {
        // SAFETY: as the caller promises; they may overlap.
        unsafe { std::ptr::copy(self.from as *const u8, self.to as *mut u8, self.len) };
    }
}

/// Checks a device range.
fn on_device(device: &Device, address: u64, len: usize) -> Answer {
    if len == 0 || device.memory.find(address, len as u64).is_some() {
        Ok(())
    } else {
        Err(INVALID)
    }
}

fn copy(stream: u64, span: Span, device_sides: &[u64]) -> Answer<Arc<Done>> {
    let device = alive()?;
    current()?;
    for address in device_sides {
        on_device(device, *address, span.len)?;
    }
    device.submit(
        stream,
        Box::new(move || {
            // SAFETY: device ranges were checked and are not unmapped before this ran; host ranges are the caller's.
            unsafe { span.copy() };
            0
        }),
    )
}

fn finish(done: &Done) -> Answer {
    done.wait();
    alive().map(|_| ())
}

fn fill_memory(stream: u64, rows: (u64, usize, usize, usize), value: Vec<u8>) -> Answer<Arc<Done>> {
    let device = alive()?;
    current()?;
    let (start, pitch, width, height) = rows;
    if start % value.len() as u64 != 0 || (height > 1 && pitch < width) {
        return Err(INVALID);
    }
    if width > 0 && height > 0 {
        on_device(
            device,
            start,
            pitch
                .checked_mul(height - 1)
                .and_then(|n| n.checked_add(width))
                .ok_or(INVALID)?,
        )?;
    }
    device.submit(
        stream,
        Box::new(move || {
            for row in 0..height {
                // SAFETY: within the allocation, checked above.
                let row = unsafe {
                    std::slice::from_raw_parts_mut((start + (row * pitch) as u64) as *mut u8, width)
                };
                for part in row.chunks_mut(value.len()) {
                    part.copy_from_slice(&value[..part.len()]);
                }
            }
            0
        }),
    )
}

/// A three-dimensional copy whose sides have been checked.
fn copy_box(stream: u64, copy: &CUDA_MEMCPY3D) -> Answer<Arc<Done>> {
    let device = alive()?;
    current()?;
    let face = |kind: CUmemorytype,
                host: u64,
                at: u64,
                offset: [usize; 3],
                pitch: usize,
                height: usize| {
        let base = match kind {
            CUmemorytype::CU_MEMORYTYPE_HOST => host,
            CUmemorytype::CU_MEMORYTYPE_DEVICE | CUmemorytype::CU_MEMORYTYPE_UNIFIED => at,
            CUmemorytype::CU_MEMORYTYPE_ARRAY => return Err(UNSUPPORTED),
            _ => return Err(INVALID),
        };
        let pitch = if pitch == 0 { copy.WidthInBytes } else { pitch };
        let height = if height == 0 { copy.Height } else { height };
        let slice = pitch.checked_mul(height).ok_or(INVALID)?;
        let start = base + (offset[2] * slice + offset[1] * pitch + offset[0]) as u64;
        if kind == CUmemorytype::CU_MEMORYTYPE_DEVICE
            && copy.WidthInBytes * copy.Height * copy.Depth > 0
        {
            on_device(
                device,
                start,
                slice * (copy.Depth - 1) + pitch * (copy.Height - 1) + copy.WidthInBytes,
            )?;
        }
        Ok((start, pitch, slice))
    };
    let from = face(
        copy.srcMemoryType,
        copy.srcHost as u64,
        copy.srcDevice,
        [copy.srcXInBytes, copy.srcY, copy.srcZ],
        copy.srcPitch,
        copy.srcHeight,
    )?;
    let to = face(
        copy.dstMemoryType,
        copy.dstHost as u64,
        copy.dstDevice,
        [copy.dstXInBytes, copy.dstY, copy.dstZ],
        copy.dstPitch,
        copy.dstHeight,
    )?;
    let (width, height, depth) = (copy.WidthInBytes, copy.Height, copy.Depth);
    device.submit(
        stream,
        Box::new(move || {
            for z in 0..depth {
                for y in 0..height {
                    let at = |face: (u64, usize, usize)| face.0 + (z * face.2 + y * face.1) as u64;
                    let span = Span {
                        to: at(to),
                        from: at(from),
                        len: width,
                    };
                    // SAFETY: rows of boxes that were checked, or are the caller's.
                    unsafe { span.copy() };
                }
            }
            0
        }),
    )
}

/// What a launch is given.
struct Launch {
    function: u64,
    grid: [u32; 3],
    block: [u32; 3],
    shared: u32,
    stream: u64,
    cooperative: bool,
}

unsafe fn launch(launch: Launch, params: *mut *mut c_void, extra: *mut *mut c_void) -> Answer {
    let device = alive()?;
    current()?;
    let (module, kernel, limit) = {
        let state = device.state();
        let function = state.functions.get(&launch.function).ok_or(BAD_HANDLE)?;
        (
            function.module.clone(),
            function.kernel.clone(),
            function.dynamic_shared,
        )
    };
    let threads = launch.block.iter().map(|n| u64::from(*n)).product::<u64>();
    let wrong_shape = launch.grid.contains(&0) || launch.block.contains(&0) || launch.block[2] > 64;
    if wrong_shape
        || threads > u64::from(kernel.max_threads)
        || i64::from(launch.shared) > i64::from(limit)
    {
        return Err(INVALID);
    }
    if launch.grid[1] > 65535 || launch.grid[2] > 65535 || launch.grid[0] > i32::MAX as u32 {
        return Err(INVALID);
    }
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
    let mut env = LaunchEnv::new(device.space.clone());
    env.output = Some(Arc::new(|bytes: &[u8]| {
        // SAFETY: the process's standard output, and bytes that live through the call.
        let _ = unsafe { libc::write(1, bytes.as_ptr().cast(), bytes.len()) };
    }));
    env.heap = device.heap();
    env.cancel = Some(device.cancel.clone());
    let stack = device
        .state()
        .limits
        .get(&CUlimit::CU_LIMIT_STACK_SIZE.0)
        .copied()
        .unwrap_or(1024);
    env.stack_limit = env.stack_limit.max(stack as u32);
    let (grid, shape, shared, cooperative) =
        (launch.grid, launch.block, launch.shared, launch.cooperative);
    device.submit(
        launch.stream,
        Box::new(move || {
            let config = LaunchConfig {
                module: &module,
                kernel: &kernel.name,
                grid,
                block: shape,
                dynamic_shared: shared,
                cooperative,
                params: &block,
            };
            match engine::launch(&device.engine, &config, &env) {
                Ok(()) => 0,
                Err(fault) => {
                    // Beside the code that the program gets, what a debugger would say.
                    let text = format!("pillion CPU device: {fault}\n");
                    // SAFETY: the process's standard error, and bytes that live through the call.
                    let _ = unsafe { libc::write(2, text.as_ptr().cast(), text.len()) };
                    fault.code()
                }
            }
        }),
    )?;
    Ok(())
}

fn resident_blocks(function: u64, threads: i32, shared: usize) -> Answer<i32> {
    let device = alive()?;
    let state = device.state();
    let function = state.functions.get(&function).ok_or(BAD_HANDLE)?;
    if threads <= 0 || threads as u32 > function.kernel.max_threads {
        return Err(INVALID);
    }
    let warps = (threads as u32).div_ceil(32);
    let by_threads = 64 / warps;
    let per_block = function.kernel.static_shared_bytes as usize + shared + 1024;
    let by_shared = ((228 << 10) / per_block) as u32;
    let by_registers = 65536 / (function.kernel.registers.next_multiple_of(8) * 32 * warps).max(1);
    Ok(by_threads.min(by_shared).min(by_registers).min(32) as i32)
}

/// Gives a program's variables memory.
fn instantiate(
    device: &Device,
    program: Arc<engine::Program>,
) -> Result<(Arc<Module>, Vec<u64>), (CUresult, String)> {
    let mut globals = Vec::new();
    let mut allocate = |global: &engine::Global| {
        let start = device
            .memory
            .allocate(global.size.max(1), true, false)
            .ok()?;
        globals.push(start);
        Some(start)
    };
    match Module::instantiate(program, &device.space, &mut allocate) {
        Ok(module) => Ok((Arc::new(module), globals)),
        Err(error) => Err((CUresult::CUDA_ERROR_OUT_OF_MEMORY, error.to_string())),
    }
}

unsafe fn load(
    place: *mut u64,
    pointer: *const c_void,
    jit: (c_uint, *mut CUjit_option, *mut *mut c_void),
    library: bool,
) -> Answer {
    let device = alive()?;
    if place.is_null() || pointer.is_null() {
        return Err(INVALID);
    }
    // SAFETY: the caller's contract: an image as CUDA takes it.
    let result = unsafe { image::program(pointer) }
        .and_then(|program| instantiate(device, Arc::new(program)));
    match result {
        Ok((module, globals)) => {
            let handle = name(MODULE);
            device.state().containers.insert(
                handle,
                Container {
                    module,
                    globals,
                    library,
                },
            );
            write(place, handle)
        }
        Err((status, log)) => {
            // SAFETY: the caller's options and buffers.
            unsafe { image::give_log(jit.0, jit.1, jit.2, &log) };
            Err(status)
        }
    }
}

fn unload(handle: u64, library: bool) -> Answer {
    let device = device()?;
    // A kernel that runs may use it.
    let _ = device.synchronize();
    let mut state = device.state();
    match state.containers.get(&handle) {
        Some(container) if container.library == library => {}
        _ => return Err(BAD_HANDLE),
    }
    let container = state.containers.remove(&handle).ok_or(BAD_HANDLE)?;
    state
        .functions
        .retain(|_, function| function.container != handle);
    drop(state);
    for start in container.globals {
        let _ = device.memory.free(start, |_| true);
    }
    Ok(())
}

fn function(handle: u64, wanted: &str) -> Answer<u64> {
    let device = alive()?;
    let mut state = device.state();
    let module = state
        .containers
        .get(&handle)
        .ok_or(BAD_HANDLE)?
        .module
        .clone();
    let kernel = module
        .program()
        .kernel(wanted)
        .ok_or(CUresult::CUDA_ERROR_NOT_FOUND)?
        .clone();
    let known = state
        .functions
        .iter()
        .find(|(_, function)| function.container == handle && function.kernel.name == wanted);
    if let Some((known, _)) = known {
        return Ok(*known);
    }
    let fresh = name(FUNCTION);
    let dynamic_shared = (48 << 10) - (kernel.static_shared_bytes as i32).min(48 << 10);
    state.functions.insert(
        fresh,
        Function {
            container: handle,
            kernel,
            module,
            dynamic_shared,
        },
    );
    Ok(fresh)
}

fn global(handle: u64, pointer: *mut u64, bytes: *mut usize, wanted: *const c_char) -> Answer {
    let wanted = text(wanted)?;
    let state = alive()?.state();
    let container = state.containers.get(&handle).ok_or(BAD_HANDLE)?;
    let (address, len) = container
        .module
        .global_address(&wanted)
        .ok_or(CUresult::CUDA_ERROR_NOT_FOUND)?;
    if !pointer.is_null() {
        write(pointer, address)?;
    }
    if !bytes.is_null() {
        write(bytes, len as usize)?;
    }
    Ok(())
}

fn parameter(handle: u64, index: usize, offset: *mut usize, size: *mut usize) -> Answer {
    let state = device()?.state();
    let function = state.functions.get(&handle).ok_or(BAD_HANDLE)?;
    let param = function.kernel.params.get(index).ok_or(INVALID)?;
    write(offset, param.offset as usize)?;
    if size.is_null() {
        Ok(())
    } else {
        write(size, param.size as usize)
    }
}

fn attribute(handle: u64, attribute: CUfunction_attribute) -> Answer<c_int> {
    use CUfunction_attribute as A;
    let state = device()?.state();
    let function = state.functions.get(&handle).ok_or(BAD_HANDLE)?;
    let kernel = &function.kernel;
    Ok(match attribute {
        A::CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK => kernel.max_threads as c_int,
        A::CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES => kernel.static_shared_bytes as c_int,
        A::CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES => kernel.const_bytes as c_int,
        A::CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES => kernel.local_bytes as c_int,
        A::CU_FUNC_ATTRIBUTE_NUM_REGS => kernel.registers as c_int,
        A::CU_FUNC_ATTRIBUTE_PTX_VERSION | A::CU_FUNC_ATTRIBUTE_BINARY_VERSION => 90,
        A::CU_FUNC_ATTRIBUTE_CACHE_MODE_CA => 0,
        A::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES => function.dynamic_shared,
        A::CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT => -1,
        CUfunction_attribute(10..=15) => 0,
        _ => return Err(INVALID),
    })
}

fn set_attribute(handle: u64, attribute: CUfunction_attribute, value: c_int) -> Answer {
    let mut state = alive()?.state();
    let function = state.functions.get_mut(&handle).ok_or(BAD_HANDLE)?;
    match attribute {
        CUfunction_attribute::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES => {
            let most =
                engine::MAX_SHARED_BYTES as c_int - function.kernel.static_shared_bytes as c_int;
            if !(0..=most).contains(&value) {
                return Err(INVALID);
            }
            function.dynamic_shared = value;
            Ok(())
        }
        CUfunction_attribute::CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT
            if (-1..=100).contains(&value) =>
        {
            Ok(())
        }
        _ => Err(INVALID),
    }
}

fn new_stream(place: *mut CUstream, flags: c_uint, priority: c_int) -> Answer {
    let device = alive()?;
    current()?;
    if flags > 1 {
        return Err(INVALID);
    }
    let handle = name(STREAM);
    let stream = Stream {
        queue: Queue::new(),
        blocking: flags & 1 == 0,
        flags,
        priority,
        id: handle,
    };
    device.state().streams.insert(handle, stream);
    write(place, handle as CUstream)
}

fn record(event: u64, stream: u64) -> Answer {
    let device = alive()?;
    if !device.state().events.contains_key(&event) {
        return Err(BAD_HANDLE);
    }
    let done = device.submit(stream, Box::new(|| 0))?;
    if let Some(event) = device.state().events.get_mut(&event) {
        event.done = Some(done);
    }
    Ok(())
}

fn event_done(event: u64) -> Answer<Option<Arc<Done>>> {
    device()?
        .state()
        .events
        .get(&event)
        .map(|event| event.done.clone())
        .ok_or(BAD_HANDLE)
}

fn elapsed(place: *mut f32, start: u64, end: u64) -> Answer {
    let device = alive()?;
    let ended = |event: u64| {
        let state = device.state();
        let event = state.events.get(&event).ok_or(BAD_HANDLE)?;
        if event.flags & CUevent_flags::CU_EVENT_DISABLE_TIMING.0 != 0 {
            return Err(BAD_HANDLE);
        }
        event
            .done
            .as_ref()
            .ok_or(BAD_HANDLE)?
            .ended()
            .ok_or(CUresult::CUDA_ERROR_NOT_READY)
    };
    let (start, end) = (ended(start)?, ended(end)?);
    let seconds = match end.checked_duration_since(start) {
        Some(after) => after.as_secs_f64(),
        None => -start.duration_since(end).as_secs_f64(),
    };
    write(place, (seconds * 1e3) as f32)
}

fn wait_value(
    stream: u64,
    address: u64,
    len: usize,
    test: impl Fn(u64) -> bool + Send + 'static,
) -> Answer {
    let device = alive()?;
    on_device(device, address, len)?;
    let cancel = device.cancel.clone();
    device.submit(
        stream,
        Box::new(move || {
            // SAFETY: checked above, aligned by CUDA's contract; another stream's copy may write it meanwhile.
            let read = || unsafe {
                if len == 4 {
                    u64::from((address as *const u32).read_volatile())
                } else {
                    (address as *const u64).read_volatile()
                }
            };
            while !test(read()) && !cancel.load(Ordering::Relaxed) {
                std::thread::sleep(std::time::Duration::from_micros(50));
            }
            0
        }),
    )?;
    Ok(())
}

fn compare(flags: c_uint, value: u64, bits: u32) -> Answer<impl Fn(u64) -> bool + Send + 'static> {
    let mode = flags & 3;
    Ok(move |now: u64| match mode {
        // Cyclic comparison, as CU_STREAM_WAIT_VALUE_GEQ documents.
        0 if bits == 32 => (now as u32).wrapping_sub(value as u32) as i32 >= 0,
        0 => now.wrapping_sub(value) as i64 >= 0,
        1 => now == value,
        2 => now & value != 0,
        _ => {
            !(now | value)
                & if bits == 32 {
                    u64::from(u32::MAX)
                } else {
                    u64::MAX
                }
                != 0
        }
    })
}

fn write_value(stream: u64, address: u64, bytes: Vec<u8>) -> Answer {
    let device = alive()?;
    on_device(device, address, bytes.len())?;
    device.submit(
        stream,
        Box::new(move || {
            // SAFETY: checked above.
            unsafe {
                std::ptr::copy_nonoverlapping(bytes.as_ptr(), address as *mut u8, bytes.len())
            };
            0
        }),
    )?;
    Ok(())
}

fn allocate_async(place: *mut u64, len: usize, stream: u64, pool: u64) -> Answer {
    let device = alive()?;
    device.stream_done(stream)?;
    let start = device.memory.allocate(len as u64, false, true)?;
    let mut state = device.state();
    if let Some(pool) = state.pools.get_mut(&pool) {
        pool.used += len as u64;
        pool.high = pool.high.max(pool.used);
    }
    state.pooled.insert(start, (pool, len as u64));
    write(place, start)
}

functions! {
    cuInit(flags: c_uint) {
        if flags != 0 {
            return Err(INVALID);
        }
        DEVICE.get_or_init(|| {
            let options = OPTIONS.lock().unwrap_or_else(PoisonError::into_inner).clone().unwrap_or_default();
            let space = Arc::new(AddressSpace::new());
            let memory = options.memory.unwrap_or_else(device::default_memory);
            let mut state = State { current_pool: DEFAULT_POOL, ..State::default() };
            state.pools.insert(DEFAULT_POOL, Pool::default());
            Device {
                engine: options.threads.map_or_else(Engine::new, Engine::with_threads),
                memory: Arc::new(Memory::new(space.clone(), memory)),
                space,
                cancel: Arc::default(),
                state: Mutex::new(state),
            }
        });
        Ok(())
    }
    cuDevicePrimaryCtxRetain(place: *mut CUcontext, device: CUdevice) {
        device::check(device)?;
        let mut state = crate::driver::device()?.state();
        state.primary_retained += 1;
        let flags = state.primary_flags;
        state.contexts.entry(PRIMARY).or_insert(Context { flags, id: 1 });
        write(place, PRIMARY as CUcontext)
    }
    cuDevicePrimaryCtxRelease_v2(device: CUdevice) {
        device::check(device)?;
        let owner = crate::driver::device()?;
        let _ = owner.synchronize();
        let mut state = owner.state();
        if state.primary_retained == 0 {
            return Err(CUresult::CUDA_ERROR_INVALID_CONTEXT);
        }
        state.primary_retained -= 1;
        Ok(())
    }
    cuDevicePrimaryCtxReset_v2(device: CUdevice) {
        device::check(device)?;
        let owner = crate::driver::device()?;
        let _ = owner.synchronize();
        let mut state = owner.state();
        state.streams.clear();
        state.events.clear();
        for (_, (pool, len)) in std::mem::take(&mut state.pooled) {
            state.give_back(pool, len);
        }
        // Modules die with the context. A library outlives it; its variables begin anew.
        let modules: Vec<u64> = state.containers.iter().filter(|(_, c)| !c.library).map(|(handle, _)| *handle).collect();
        state.containers.retain(|_, container| container.library);
        state.functions.retain(|_, function| !modules.contains(&function.container));
        let libraries: Vec<(u64, Arc<Module>, Vec<u64>)> =
            state.containers.iter_mut().map(|(handle, c)| (*handle, c.module.clone(), std::mem::take(&mut c.globals))).collect();
        drop(state);
        owner.memory.free_all();
        for (handle, module, globals) in libraries {
            for start in globals {
                let _ = owner.memory.free(start, |_| true);
            }
            let (module, globals) = instantiate(owner, module.program().clone()).map_err(|(status, _)| status)?;
            let mut state = owner.state();
            for function in state.functions.values_mut().filter(|function| function.container == handle) {
                function.module = module.clone();
            }
            if let Some(container) = state.containers.get_mut(&handle) {
                container.module = module;
                container.globals = globals;
            }
        }
        Ok(())
    }
    cuDevicePrimaryCtxSetFlags_v2(device: CUdevice, flags: c_uint) {
        device::check(device)?;
        crate::driver::device()?.state().primary_flags = flags;
        Ok(())
    }
    cuCtxCreate_v4(place: *mut CUcontext, params: *mut CUctxCreateParams, flags: c_uint, device: CUdevice) {
        device::check(device)?;
        if !params.is_null() {
            return Err(CUresult::CUDA_ERROR_UNSUPPORTED_EXEC_AFFINITY);
        }
        let handle = name(CONTEXT);
        alive()?.state().contexts.insert(handle, Context { flags, id: handle });
        CONTEXTS.with_borrow_mut(|stack| stack.push(handle));
        write(place, handle as CUcontext)
    }
    cuCtxDestroy_v2(context: CUcontext) {
        let owner = device()?;
        let _ = owner.synchronize();
        owner.state().contexts.remove(&(context as u64)).ok_or(CUresult::CUDA_ERROR_INVALID_CONTEXT)?;
        CONTEXTS.with_borrow_mut(|stack| {
            if stack.last() == Some(&(context as u64)) {
                stack.pop();
            }
        });
        Ok(())
    }
    cuCtxSetCurrent(context: CUcontext) {
        let context = context as u64;
        if context != 0 && !device()?.state().contexts.contains_key(&context) {
            return Err(CUresult::CUDA_ERROR_INVALID_CONTEXT);
        }
        CONTEXTS.with_borrow_mut(|stack| {
            stack.pop();
            stack.push(context);
        });
        Ok(())
    }
    cuCtxGetCurrent(place: *mut CUcontext) {
        write(place, current().unwrap_or(0) as CUcontext)
    }
    cuCtxGetDevice(place: *mut CUdevice) {
        current()?;
        write(place, 0)
    }
    cuCtxGetFlags(place: *mut c_uint) {
        let context = current()?;
        let flags = device()?.state().contexts.get(&context).map_or(0, |context| context.flags);
        write(place, flags)
    }
    cuCtxSetFlags(flags: c_uint) {
        let context = current()?;
        if let Some(context) = device()?.state().contexts.get_mut(&context) {
            context.flags = flags;
        }
        Ok(())
    }
    cuCtxGetId(context: CUcontext, place: *mut c_ulonglong) {
        let context = if context.is_null() { current()? } else { context as u64 };
        let id = device()?.state().contexts.get(&context).map(|context| context.id);
        write(place, id.ok_or(CUresult::CUDA_ERROR_INVALID_CONTEXT)?)
    }
    cuCtxSynchronize() {
        current()?;
        device()?.synchronize()
    }
    cuCtxSetLimit(limit: CUlimit, value: usize) {
        current()?;
        if limit.0 > CUlimit::CU_LIMIT_PERSISTING_L2_CACHE_SIZE.0 {
            return Err(CUresult::CUDA_ERROR_UNSUPPORTED_LIMIT);
        }
        let mut state = alive()?.state();
        if limit == CUlimit::CU_LIMIT_MALLOC_HEAP_SIZE && state.heap.is_some() {
            // As on a GPU: not once a kernel has used it.
            return Err(INVALID);
        }
        state.limits.insert(limit.0, value);
        Ok(())
    }
    cuCtxGetLimit(place: *mut usize, limit: CUlimit) {
        current()?;
        let known = alive()?.state().limits.get(&limit.0).copied();
        write(place, match (known, limit) {
            (Some(value), _) => value,
            (None, CUlimit::CU_LIMIT_STACK_SIZE) => 1024,
            (None, CUlimit::CU_LIMIT_PRINTF_FIFO_SIZE) => 1 << 20,
            (None, CUlimit::CU_LIMIT_MALLOC_HEAP_SIZE) => 8 << 20,
            (None, CUlimit::CU_LIMIT_DEV_RUNTIME_SYNC_DEPTH) => 2,
            (None, CUlimit::CU_LIMIT_DEV_RUNTIME_PENDING_LAUNCH_COUNT) => 2048,
            (None, CUlimit::CU_LIMIT_MAX_L2_FETCH_GRANULARITY) => 64,
            (None, CUlimit::CU_LIMIT_PERSISTING_L2_CACHE_SIZE) => 0,
            _ => return Err(CUresult::CUDA_ERROR_UNSUPPORTED_LIMIT),
        })
    }
    cuCtxGetCacheConfig(place: *mut CUfunc_cache) { current()?; write(place, CUfunc_cache(0)) }
    cuCtxSetCacheConfig(config: CUfunc_cache) { current().map(|_| ()) }
    cuCtxGetSharedMemConfig(place: *mut CUsharedconfig) { current()?; write(place, CUsharedconfig(1)) }
    cuCtxSetSharedMemConfig(config: CUsharedconfig) { current().map(|_| ()) }
    cuCtxResetPersistingL2Cache() { current().map(|_| ()) }
    cuCtxGetStreamPriorityRange(least: *mut c_int, greatest: *mut c_int) {
        write(least, 0)?;
        write(greatest, -5)
    }

    cuModuleLoadData(place: *mut CUmodule, image: *const c_void) {
        load(place.cast(), image, (0, std::ptr::null_mut(), std::ptr::null_mut()), false)
    }
    cuModuleLoadDataEx(place: *mut CUmodule, image: *const c_void, count: c_uint, options: *mut CUjit_option, values: *mut *mut c_void) {
        load(place.cast(), image, (count, options, values), false)
    }
    cuModuleUnload(module: CUmodule) { unload(module as u64, false) }
    cuModuleGetFunction(place: *mut CUfunction, module: CUmodule, wanted: *const c_char) {
        write(place, function(module as u64, &text(wanted)?)? as CUfunction)
    }
    cuModuleGetFunctionCount(place: *mut c_uint, module: CUmodule) {
        let count = device()?.state().containers.get(&(module as u64)).ok_or(BAD_HANDLE)?.module.program().kernels().len();
        write(place, count as c_uint)
    }
    cuModuleGetGlobal_v2(pointer: *mut CUdeviceptr, bytes: *mut usize, module: CUmodule, wanted: *const c_char) {
        global(module as u64, pointer, bytes, wanted)
    }
    cuLibraryLoadData(place: *mut CUlibrary, image: *const c_void, options: *mut CUjit_option, values: *mut *mut c_void, count: c_uint, _library: *mut CUlibraryOption, _settings: *mut *mut c_void, _len: c_uint) {
        load(place.cast(), image, (count, options, values), true)
    }
    cuLibraryUnload(library: CUlibrary) { unload(library as u64, true) }
    cuLibraryGetKernel(place: *mut CUkernel, library: CUlibrary, wanted: *const c_char) {
        write(place, function(library as u64, &text(wanted)?)? as CUkernel)
    }
    cuLibraryGetKernelCount(place: *mut c_uint, library: CUlibrary) {
        let count = device()?.state().containers.get(&(library as u64)).ok_or(BAD_HANDLE)?.module.program().kernels().len();
        write(place, count as c_uint)
    }
    cuLibraryGetModule(place: *mut CUmodule, library: CUlibrary) {
        if !device()?.state().containers.contains_key(&(library as u64)) {
            return Err(BAD_HANDLE);
        }
        write(place, library as u64 as CUmodule)
    }
    cuLibraryGetGlobal(pointer: *mut CUdeviceptr, bytes: *mut usize, library: CUlibrary, wanted: *const c_char) {
        global(library as u64, pointer, bytes, wanted)
    }
    cuLibraryGetManaged(pointer: *mut CUdeviceptr, bytes: *mut usize, library: CUlibrary, wanted: *const c_char) {
        Err(CUresult::CUDA_ERROR_NOT_FOUND)
    }
    cuKernelGetFunction(place: *mut CUfunction, kernel: CUkernel) {
        if !device()?.state().functions.contains_key(&(kernel as u64)) {
            return Err(BAD_HANDLE);
        }
        write(place, kernel as u64 as CUfunction)
    }
    cuKernelGetParamInfo(kernel: CUkernel, index: usize, offset: *mut usize, size: *mut usize) {
        parameter(kernel as u64, index, offset, size)
    }
    cuFuncGetParamInfo(function: CUfunction, index: usize, offset: *mut usize, size: *mut usize) {
        parameter(function as u64, index, offset, size)
    }
    cuKernelGetAttribute(place: *mut c_int, which: CUfunction_attribute, kernel: CUkernel, device: CUdevice) {
        write(place, attribute(kernel as u64, which)?)
    }
    cuFuncGetAttribute(place: *mut c_int, which: CUfunction_attribute, function: CUfunction) {
        write(place, attribute(function as u64, which)?)
    }
    cuKernelSetAttribute(which: CUfunction_attribute, value: c_int, kernel: CUkernel, device: CUdevice) {
        set_attribute(kernel as u64, which, value)
    }
    cuFuncSetAttribute(function: CUfunction, which: CUfunction_attribute, value: c_int) {
        set_attribute(function as u64, which, value)
    }
    cuKernelSetCacheConfig(kernel: CUkernel, config: CUfunc_cache, device: CUdevice) { Ok(()) }
    cuFuncSetCacheConfig(function: CUfunction, config: CUfunc_cache) { Ok(()) }
    cuFuncSetSharedMemConfig(function: CUfunction, config: CUsharedconfig) { Ok(()) }
    cuFuncIsLoaded(place: *mut CUfunctionLoadingState, function: CUfunction) {
        write(place, CUfunctionLoadingState::CU_FUNCTION_LOADING_STATE_LOADED)
    }
    cuFuncLoad(function: CUfunction) { Ok(()) }
    cuOccupancyMaxActiveBlocksPerMultiprocessor(place: *mut c_int, function: CUfunction, block: c_int, shared: usize) {
        write(place, resident_blocks(function as u64, block, shared)?)
    }
    cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(place: *mut c_int, function: CUfunction, block: c_int, shared: usize, flags: c_uint) {
        write(place, resident_blocks(function as u64, block, shared)?)
    }
    cuOccupancyAvailableDynamicSMemPerBlock(place: *mut usize, function: CUfunction, blocks: c_int, block: c_int) {
        if blocks <= 0 {
            return Err(INVALID);
        }
        resident_blocks(function as u64, block, 0)?;
        let fixed = attribute(function as u64, CUfunction_attribute::CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES)? as usize;
        write(place, ((228usize << 10) / blocks as usize).saturating_sub(fixed + 1024).min((227 << 10) - fixed))
    }
    cuOccupancyMaxActiveClusters(place: *mut c_int, function: CUfunction, config: *const CUlaunchConfig) {
        write(place, device::multiprocessors())
    }
    cuOccupancyMaxPotentialClusterSize(place: *mut c_int, function: CUfunction, config: *const CUlaunchConfig) {
        write(place, 1)
    }

    cuLaunchKernel(function: CUfunction, gx: c_uint, gy: c_uint, gz: c_uint, bx: c_uint, by: c_uint, bz: c_uint, shared: c_uint, stream: CUstream, params: *mut *mut c_void, extra: *mut *mut c_void) {
        let shape = Launch { function: function as u64, grid: [gx, gy, gz], block: [bx, by, bz], shared, stream: stream as u64, cooperative: false };
        launch(shape, params, extra)
    }
    cuLaunchCooperativeKernel(function: CUfunction, gx: c_uint, gy: c_uint, gz: c_uint, bx: c_uint, by: c_uint, bz: c_uint, shared: c_uint, stream: CUstream, params: *mut *mut c_void) {
        let blocks = resident_blocks(function as u64, (bx * by * bz) as c_int, shared as usize)?;
        if u64::from(gx) * u64::from(gy) * u64::from(gz) > blocks as u64 * device::multiprocessors() as u64 {
            return Err(CUresult::CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE);
        }
        let shape = Launch { function: function as u64, grid: [gx, gy, gz], block: [bx, by, bz], shared, stream: stream as u64, cooperative: true };
        launch(shape, params, std::ptr::null_mut())
    }
    cuLaunchKernelEx(config: *const CUlaunchConfig, function: CUfunction, params: *mut *mut c_void, extra: *mut *mut c_void) {
        let config = config.as_ref().ok_or(INVALID)?;
        let mut cooperative = false;
        for index in 0..config.numAttrs as usize {
            let attribute = &*config.attrs.add(index);
            match attribute.id {
                CUlaunchAttributeID::CU_LAUNCH_ATTRIBUTE_COOPERATIVE => cooperative = attribute.value.cooperative != 0,
                CUlaunchAttributeID::CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION => {
                    let cluster = attribute.value.clusterDim;
                    if cluster.x * cluster.y * cluster.z > 1 {
                        return Err(CUresult::CUDA_ERROR_INVALID_CLUSTER_SIZE);
                    }
                }
                _ => {}
            }
        }
        let shape = Launch {
            function: function as u64,
            grid: [config.gridDimX, config.gridDimY, config.gridDimZ],
            block: [config.blockDimX, config.blockDimY, config.blockDimZ],
            shared: config.sharedMemBytes,
            stream: config.hStream as u64,
            cooperative,
        };
        launch(shape, params, extra)
    }

    cuMemGetInfo_v2(free: *mut usize, total: *mut usize) {
        let (left, all) = alive()?.memory.info();
        write(free, left as usize)?;
        write(total, all as usize)
    }
    cuMemAlloc_v2(place: *mut CUdeviceptr, len: usize) {
        current()?;
        write(place, alive()?.memory.allocate(len as u64, false, false)?)
    }
    cuMemAllocPitch_v2(place: *mut CUdeviceptr, pitch: *mut usize, width: usize, height: usize, element: c_uint) {
        current()?;
        let row = width.checked_next_multiple_of(512).ok_or(INVALID)?;
        let len = row.checked_mul(height).ok_or(CUresult::CUDA_ERROR_OUT_OF_MEMORY)?;
        write(place, alive()?.memory.allocate(len as u64, false, false)?)?;
        write(pitch, row)
    }
    cuMemFree_v2(pointer: CUdeviceptr) {
        let device = device()?;
        let _ = device.synchronize();
        device.memory.free(pointer, |allocation| !allocation.host)?;
        let mut state = device.state();
        if let Some((pool, len)) = state.pooled.remove(&pointer) {
            state.give_back(pool, len);
        }
        Ok(())
    }
    cuMemHostAlloc(place: *mut *mut c_void, len: usize, flags: c_uint) {
        write(place, alive()?.memory.allocate(len as u64, true, false)? as *mut c_void)
    }
    cuMemFreeHost(pointer: *mut c_void) {
        let device = device()?;
        let _ = device.synchronize();
        device.memory.free(pointer as u64, |allocation| allocation.host)
    }
    cuMemHostRegister_v2(pointer: *mut c_void, len: usize, flags: c_uint) {
        alive()?.memory.register(pointer as u64, len as u64)
    }
    cuMemHostUnregister(pointer: *mut c_void) {
        let device = device()?;
        let _ = device.synchronize();
        device.memory.free(pointer as u64, |allocation| allocation.host)
    }
    cuMemAllocAsync(place: *mut CUdeviceptr, len: usize, stream: CUstream) {
        let pool = alive()?.state().current_pool;
        allocate_async(place, len, stream as u64, pool)
    }
    cuMemAllocFromPoolAsync(place: *mut CUdeviceptr, len: usize, pool: CUmemoryPool, stream: CUstream) {
        if !alive()?.state().pools.contains_key(&(pool as u64)) {
            return Err(BAD_HANDLE);
        }
        allocate_async(place, len, stream as u64, pool as u64)
    }
    cuMemFreeAsync(pointer: CUdeviceptr, stream: CUstream) {
        let device = alive()?;
        device.stream_done(stream as u64)?;
        // Gone for callers from now on, although the memory stays until the stream comes to it.
        let (pool, len) = device.state().pooled.remove(&pointer).ok_or(INVALID)?;
        device.submit(stream as u64, Box::new(move || {
            let _ = device.memory.free(pointer, |allocation| allocation.pool);
            device.state().give_back(pool, len);
            0
        }))?;
        Ok(())
    }
    cuDeviceGetDefaultMemPool(place: *mut CUmemoryPool, device: CUdevice) { write(place, DEFAULT_POOL as CUmemoryPool) }
    cuDeviceGetMemPool(place: *mut CUmemoryPool, device: CUdevice) {
        let pool = alive()?.state().current_pool;
        write(place, pool as CUmemoryPool)
    }
    cuDeviceSetMemPool(device: CUdevice, pool: CUmemoryPool) {
        let mut state = alive()?.state();
        if !state.pools.contains_key(&(pool as u64)) {
            return Err(BAD_HANDLE);
        }
        state.current_pool = pool as u64;
        Ok(())
    }
    cuMemPoolCreate(place: *mut CUmemoryPool, props: *const CUmemPoolProps) {
        if props.is_null() {
            return Err(INVALID);
        }
        let handle = name(POOL);
        alive()?.state().pools.insert(handle, Pool::default());
        write(place, handle as CUmemoryPool)
    }
    cuMemPoolDestroy(pool: CUmemoryPool) {
        let mut state = alive()?.state();
        if pool as u64 == DEFAULT_POOL {
            return Err(INVALID);
        }
        state.pools.remove(&(pool as u64)).map(|_| ()).ok_or(BAD_HANDLE)
    }
    cuMemPoolTrimTo(pool: CUmemoryPool, keep: usize) { Ok(()) }
    cuMemPoolSetAttribute(pool: CUmemoryPool, which: CUmemPool_attribute, value: *mut c_void) {
        let words = pillion_cuda_abi::pool_attribute_words(which);
        let value = if words == 1 { u64::from(value.cast::<u32>().read_unaligned()) } else { value.cast::<u64>().read_unaligned() };
        let mut state = alive()?.state();
        let pool = state.pools.get_mut(&(pool as u64)).ok_or(BAD_HANDLE)?;
        match which {
            CUmemPool_attribute::CU_MEMPOOL_ATTR_USED_MEM_HIGH | CUmemPool_attribute::CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH => {
                if value != 0 {
                    return Err(INVALID);
                }
                pool.high = pool.used;
            }
            _ => {
                pool.values.insert(which.0, value);
            }
        }
        Ok(())
    }
    cuMemPoolGetAttribute(pool: CUmemoryPool, which: CUmemPool_attribute, value: *mut c_void) {
        let state = alive()?.state();
        let pool = state.pools.get(&(pool as u64)).ok_or(BAD_HANDLE)?;
        use CUmemPool_attribute as A;
        let found = match which {
            A::CU_MEMPOOL_ATTR_USED_MEM_CURRENT | A::CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT => pool.used,
            A::CU_MEMPOOL_ATTR_USED_MEM_HIGH | A::CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH => pool.high,
            A::CU_MEMPOOL_ATTR_RELEASE_THRESHOLD => pool.values.get(&which.0).copied().unwrap_or(0),
            _ => pool.values.get(&which.0).copied().unwrap_or(1),
        };
        if pillion_cuda_abi::pool_attribute_words(which) == 1 {
            value.cast::<u32>().write_unaligned(found as u32);
        } else {
            value.cast::<u64>().write_unaligned(found);
        }
        Ok(())
    }
    cuMemPoolSetAccess(pool: CUmemoryPool, map: *const CUmemAccessDesc, count: usize) { Ok(()) }
    cuMemPoolGetAccess(flags: *mut CUmemAccess_flags, pool: CUmemoryPool, location: *mut CUmemLocation) {
        write(flags, CUmemAccess_flags::CU_MEM_ACCESS_FLAGS_PROT_READWRITE)
    }

    cuMemcpy(to: CUdeviceptr, from: CUdeviceptr, len: usize) { finish(&*copy(0, Span { to, from, len }, &[])?) }
    cuMemcpyHtoD_v2(to: CUdeviceptr, from: *const c_void, len: usize) {
        finish(&*copy(0, Span { to, from: from as u64, len }, &[to])?)
    }
    cuMemcpyDtoH_v2(to: *mut c_void, from: CUdeviceptr, len: usize) {
        finish(&*copy(0, Span { to: to as u64, from, len }, &[from])?)
    }
    cuMemcpyHtoDAsync_v2(to: CUdeviceptr, from: *const c_void, len: usize, stream: CUstream) {
        copy(stream as u64, Span { to, from: from as u64, len }, &[to]).map(|_| ())
    }
    cuMemcpyDtoHAsync_v2(to: *mut c_void, from: CUdeviceptr, len: usize, stream: CUstream) {
        copy(stream as u64, Span { to: to as u64, from, len }, &[from]).map(|_| ())
    }
    cuMemcpyDtoDAsync_v2(to: CUdeviceptr, from: CUdeviceptr, len: usize, stream: CUstream) {
        copy(stream as u64, Span { to, from, len }, &[to, from]).map(|_| ())
    }
    cuMemcpy3DAsync_v2(request: *const CUDA_MEMCPY3D, stream: CUstream) {
        copy_box(stream as u64, request.as_ref().ok_or(INVALID)?).map(|_| ())
    }
    cuMemsetD8Async(to: CUdeviceptr, value: u8, count: usize, stream: CUstream) {
        fill_memory(stream as u64, (to, count, count, 1), vec![value]).map(|_| ())
    }
    cuMemsetD16Async(to: CUdeviceptr, value: u16, count: usize, stream: CUstream) {
        let len = count.checked_mul(2).ok_or(INVALID)?;
        fill_memory(stream as u64, (to, len, len, 1), value.to_le_bytes().to_vec()).map(|_| ())
    }
    cuMemsetD32Async(to: CUdeviceptr, value: c_uint, count: usize, stream: CUstream) {
        let len = count.checked_mul(4).ok_or(INVALID)?;
        fill_memory(stream as u64, (to, len, len, 1), value.to_le_bytes().to_vec()).map(|_| ())
    }
    cuMemsetD2D8Async(to: CUdeviceptr, pitch: usize, value: u8, width: usize, height: usize, stream: CUstream) {
        fill_memory(stream as u64, (to, pitch, width, height), vec![value]).map(|_| ())
    }
    cuMemsetD2D16Async(to: CUdeviceptr, pitch: usize, value: u16, width: usize, height: usize, stream: CUstream) {
        let width = width.checked_mul(2).ok_or(INVALID)?;
        fill_memory(stream as u64, (to, pitch, width, height), value.to_le_bytes().to_vec()).map(|_| ())
    }
    cuMemsetD2D32Async(to: CUdeviceptr, pitch: usize, value: c_uint, width: usize, height: usize, stream: CUstream) {
        let width = width.checked_mul(4).ok_or(INVALID)?;
        fill_memory(stream as u64, (to, pitch, width, height), value.to_le_bytes().to_vec()).map(|_| ())
    }

    cuStreamCreate(place: *mut CUstream, flags: c_uint) { new_stream(place, flags, 0) }
    cuStreamCreateWithPriority(place: *mut CUstream, flags: c_uint, priority: c_int) { new_stream(place, flags, priority) }
    cuStreamDestroy_v2(stream: CUstream) {
        let mut state = device()?.state();
        let stream = state.streams.remove(&(stream as u64)).ok_or(BAD_HANDLE)?;
        state.orphans.extend(stream.queue.last());
        Ok(())
    }
    cuStreamSynchronize(stream: CUstream) {
        match device()?.stream_done(stream as u64)? {
            Some(done) => finish(&done),
            None => alive().map(|_| ()),
        }
    }
    cuStreamQuery(stream: CUstream) {
        match alive()?.stream_done(stream as u64)? {
            Some(done) if done.ended().is_none() => Err(CUresult::CUDA_ERROR_NOT_READY),
            _ => alive().map(|_| ()),
        }
    }
    cuStreamGetFlags(stream: CUstream, place: *mut c_uint) {
        let flags = device()?.state().streams.get(&(stream as u64)).map_or(0, |stream| stream.flags);
        write(place, flags)
    }
    cuStreamGetPriority(stream: CUstream, place: *mut c_int) {
        let priority = device()?.state().streams.get(&(stream as u64)).map_or(0, |stream| stream.priority);
        write(place, priority)
    }
    cuStreamGetId(stream: CUstream, place: *mut c_ulonglong) {
        let id = device()?.state().streams.get(&(stream as u64)).map_or(0, |stream| stream.id);
        write(place, id)
    }
    cuStreamWaitEvent(stream: CUstream, event: CUevent, flags: c_uint) {
        let after = event_done(event as u64)?;
        if let Some(done) = after.filter(|done| done.ended().is_none()) {
            alive()?.submit_after(stream as u64, vec![done], Box::new(|| 0))?;
        }
        Ok(())
    }
    cuStreamCopyAttributes(to: CUstream, from: CUstream) { Ok(()) }
    cuStreamGetAttribute(stream: CUstream, which: CUstreamAttrID, value: *mut CUstreamAttrValue) {
        write(value, std::mem::zeroed())
    }
    cuStreamSetAttribute(stream: CUstream, which: CUstreamAttrID, value: *const CUstreamAttrValue) { Ok(()) }
    cuStreamWriteValue32_v2(stream: CUstream, address: CUdeviceptr, value: cuuint32_t, flags: c_uint) {
        write_value(stream as u64, address, value.to_le_bytes().to_vec())
    }
    cuStreamWriteValue64_v2(stream: CUstream, address: CUdeviceptr, value: cuuint64_t, flags: c_uint) {
        write_value(stream as u64, address, value.to_le_bytes().to_vec())
    }
    cuStreamWaitValue32_v2(stream: CUstream, address: CUdeviceptr, value: cuuint32_t, flags: c_uint) {
        wait_value(stream as u64, address, 4, compare(flags, u64::from(value), 32)?)
    }
    cuStreamWaitValue64_v2(stream: CUstream, address: CUdeviceptr, value: cuuint64_t, flags: c_uint) {
        wait_value(stream as u64, address, 8, compare(flags, value, 64)?)
    }
    cuEventCreate(place: *mut CUevent, flags: c_uint) {
        current()?;
        let handle = name(EVENT);
        alive()?.state().events.insert(handle, Event { flags, done: None });
        write(place, handle as CUevent)
    }
    cuEventDestroy_v2(event: CUevent) {
        device()?.state().events.remove(&(event as u64)).map(|_| ()).ok_or(BAD_HANDLE)
    }
    cuEventRecord(event: CUevent, stream: CUstream) { record(event as u64, stream as u64) }
    cuEventRecordWithFlags(event: CUevent, stream: CUstream, flags: c_uint) { record(event as u64, stream as u64) }
    cuEventQuery(event: CUevent) {
        match event_done(event as u64)? {
            Some(done) if done.ended().is_none() => Err(CUresult::CUDA_ERROR_NOT_READY),
            _ => alive().map(|_| ()),
        }
    }
    cuEventSynchronize(event: CUevent) {
        match event_done(event as u64)? {
            Some(done) => finish(&done),
            None => alive().map(|_| ()),
        }
    }
    cuEventElapsedTime(place: *mut f32, start: CUevent, end: CUevent) { elapsed(place, start as u64, end as u64) }
    cuEventElapsedTime_v2(place: *mut f32, start: CUevent, end: CUevent) { elapsed(place, start as u64, end as u64) }
}

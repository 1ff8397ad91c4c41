//! The CPU device's side of the driver's function table.
//!
//! One process has one or several devices, one address space and any number of contexts, streams and modules. Each device has
//! threads and a budget of memory of its own, and its kernels reach its own memory and what they have been given access to. Work
//! is asynchronous as on a GPU: a call queues it ([`queue`]) and returns, a fault in it ends everything later on that device and is
//! reported by every later call.
//!
//! ```text
//!  cuLaunchKernel, cuMemcpyAsync, ...          cuGraphAdd...Node
//!        | checks its arguments and makes an         |
//!        v                                           v
//!    Operation ---> Device::issue --capturing--> a node of a graph --cuGraphLaunch--> the stream's queue
//!                        |
//!                        +---------otherwise-------> the stream's queue
//! ```
//!
//! Each room has one idea and fills the table with the functions that belong to it.

mod allocation;
mod array;
mod capture;
mod checkpoint;
mod context;
mod copy;
mod device;
mod file;
mod graph;
mod host_call;
mod image;
mod ipc;
mod launch;
mod link;
mod managed;
mod memory;
mod module;
mod operation;
mod pool;
mod queue;
mod shared_event;
mod stream;
mod user_object;
mod values;
mod virtual_memory;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ffi::{CStr, c_char};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use pillion_cuda_abi::types::CUdevice;
use pillion_cuda_abi::{CUresult, DriverTable};
use pillion_tenancy::Share;

use crate::engine::{AddressSpace, DeviceHeap, Engine};
use memory::Memory;
use queue::{Done, Queue};

/// What the devices are to be.
#[derive(Debug, Clone, Default)]
pub struct DeviceOptions {
    /// How many there are: at least one, at most [`MOST_DEVICES`]. `CUDA_VISIBLE_DEVICES` chooses of them.
    pub devices: usize,
    /// Bytes of memory of each device; `None` for equal parts of half of the host's, of at most 16 GiB.
    pub memory: Option<u64>,
    /// Threads of each device that execute blocks; `None` for one a core.
    pub threads: Option<usize>,
    /// The share of each device's multiprocessors that this process has, as a client of MPS has it by
    /// `CUDA_MPS_ACTIVE_THREAD_PERCENTAGE`; `None` for all. A multiprocessor is a thread that executes blocks, and the share is rounded
    /// down to whole ones, but there is always one. So many does the device report, and its kernels use no more than the share of the
    /// processors, if need be by resting. Copies are not held up.
    pub share: Option<Share>,
    /// The CUDA version whose driver the device is to be like, as `cuDriverGetVersion` reports it: functions that came later are
    /// not there. `None` for the newest.
    pub cuda: Option<u32>,
}

type Answer<T = ()> = Result<T, CUresult>;

const INVALID: CUresult = CUresult::CUDA_ERROR_INVALID_VALUE;
const BAD_HANDLE: CUresult = CUresult::CUDA_ERROR_INVALID_HANDLE;
const UNSUPPORTED: CUresult = CUresult::CUDA_ERROR_NOT_SUPPORTED;

/// The most devices that a process has.
pub const MOST_DEVICES: usize = 8;

/// Of each device the code of its first fault; it does nothing after it.
static FAULTS: [AtomicU32; MOST_DEVICES] = [const { AtomicU32::new(0) }; MOST_DEVICES];
static OPTIONS: Mutex<Option<DeviceOptions>> = Mutex::new(None);
static DEVICE: OnceLock<Device> = OnceLock::new();

thread_local! {
    static CONTEXTS: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
    /// Whether this thread is in a function of the program that may not call CUDA.
    static IN_PROGRAM: Cell<bool> = const { Cell::new(false) };
}

/// All devices: what they share, and where each one's own is kept.
struct Device {
    /// What runs the kernels of each device: kernels of two devices that wait for each other both make progress.
    engines: Vec<Engine>,
    /// The memory of all devices, which copies reach.
    space: Arc<AddressSpace>,
    /// Which of the machine's devices each of the program's is.
    units: Vec<usize>,
    memory: Arc<Memory>,
    /// Ends every kernel that runs.
    cancel: Arc<AtomicBool>,
    /// The values that conditional nodes test.
    conditions: Mutex<HashMap<u64, u32>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    contexts: HashMap<u64, context::Context>,
    primaries: HashMap<CUdevice, context::Primary>,
    streams: HashMap<u64, stream::Stream>,
    events: HashMap<u64, stream::Event>,
    containers: HashMap<u64, module::Container>,
    functions: HashMap<u64, module::Function>,
    pools: pool::Pools,
    user_objects: user_object::UserObjects,
    graphs: graph::Graphs,
    captures: HashMap<u64, capture::Capture>,
    heaps: HashMap<CUdevice, Arc<DeviceHeap>>,
    /// The legacy default stream of each context.
    legacy: HashMap<u64, Queue>,
    /// The contexts and the ends of streams that were destroyed with work in them.
    orphans: Vec<(u64, Arc<Done>)>,
    /// By device and limit.
    limits: HashMap<(CUdevice, u32), usize>,
    links: HashMap<u64, link::Shared>,
    virtual_memory: virtual_memory::VirtualMemory,
    managed: managed::Managed,
    arrays: array::Arrays,
    /// The flags that pinned and registered memory came with.
    host_flags: HashMap<u64, u32>,
    ipc: ipc::Ipc,
}

/// Kinds of handles, in their top byte, so that one is not taken for another.
const CONTEXT: u64 = 0x11;
const STREAM: u64 = 0x12;
const EVENT: u64 = 0x13;
const MODULE: u64 = 0x14;
const FUNCTION: u64 = 0x15;
const POOL: u64 = 0x16;
const USER_OBJECT: u64 = 0x17;
const GRAPH: u64 = 0x18;
const NODE: u64 = 0x19;
const EXEC: u64 = 0x1a;
const CONDITION: u64 = 0x1b;
const CAPTURE: u64 = 0x1c;
const LINK: u64 = 0x1d;
const MEMORY: u64 = 0x1e;
const ARRAY: u64 = 0x1f;

static NEXT: AtomicU64 = AtomicU64::new(16);

/// A new handle; of two of a kind, the later is the greater. Its last four bits are free, for the number of a device.
fn name(kind: u64) -> u64 {
    kind << 48 | NEXT.fetch_add(1, Ordering::Relaxed) << 4
}

fn device() -> Answer<&'static Device> {
    DEVICE.get().ok_or(CUresult::CUDA_ERROR_NOT_INITIALIZED)
}

/// The devices, unless a fault has ended the one whose context is current.
fn alive() -> Answer<&'static Device> {
    let device = device()?;
    match current() {
        Ok(context) => check_fault(context).map(|()| device),
        Err(_) => Ok(device),
    }
}

/// The place of the first fault of a context's device.
fn fault_of(context: u64) -> &'static AtomicU32 {
    &FAULTS[device_of(context) as usize % MOST_DEVICES]
}

fn check_fault(context: u64) -> Answer {
    match fault_of(context).load(Ordering::SeqCst) {
        0 => Ok(()),
        code => Err(CUresult(code)),
    }
}

/// The device of a context, which is in its handle.
fn device_of(context: u64) -> CUdevice {
    (context & 0xf) as CUdevice
}

fn current() -> Answer<u64> {
    CONTEXTS
        .with_borrow(|stack| stack.last().copied().filter(|context| *context != 0))
        .ok_or(CUresult::CUDA_ERROR_INVALID_CONTEXT)
}

/// The device whose context is current.
fn current_device() -> Answer<CUdevice> {
    current().map(device_of)
}

impl Device {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn conditions(&self) -> MutexGuard<'_, HashMap<u64, u32>> {
        self.conditions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The table of the CPU device. The device itself begins with `cuInit`.
pub fn driver_table(options: DeviceOptions) -> DriverTable {
    let cuda = options.cuda;
    *OPTIONS.lock().unwrap_or_else(PoisonError::into_inner) = Some(options);
    let mut table = DriverTable::default();
    allocation::fill(&mut table);
    array::fill(&mut table);
    capture::fill(&mut table);
    checkpoint::fill(&mut table);
    context::fill(&mut table);
    copy::fill(&mut table);
    device::fill(&mut table);
    graph::fill(&mut table);
    host_call::fill(&mut table);
    ipc::fill(&mut table);
    launch::fill(&mut table);
    link::fill(&mut table);
    managed::fill(&mut table);
    module::fill(&mut table);
    pool::fill(&mut table);
    stream::fill(&mut table);
    user_object::fill(&mut table);
    values::fill(&mut table);
    virtual_memory::fill(&mut table);
    if let Some(cuda) = cuda {
        table.retain(|symbol| {
            pillion_cuda_abi::find(symbol)
                .is_none_or(|index| pillion_cuda_abi::FUNCTIONS[index].version <= cuda)
        });
    }
    table
}

/// Runs the body of a function of the table, which waits while the process is locked.
fn guard(body: impl FnOnce() -> Answer) -> CUresult {
    if IN_PROGRAM.get() {
        return CUresult::CUDA_ERROR_NOT_PERMITTED;
    }
    let _call = checkpoint::Call::begin();
    caught(body)
}

/// Runs a body. A panic is an error of this device, not the end of the process.
fn caught(body: impl FnOnce() -> Answer) -> CUresult {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)) {
        Ok(Ok(())) => CUresult::CUDA_SUCCESS,
        Ok(Err(status)) => status,
        Err(_) => CUresult::CUDA_ERROR_UNKNOWN,
    }
}

/// Runs a function of the program that may not call CUDA: a host function, a callback, a destructor.
fn in_program(call: impl FnOnce()) {
    let outer = IN_PROGRAM.replace(true);
    call();
    IN_PROGRAM.set(outer);
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
        pub(super) fn fill(table: &mut pillion_cuda_abi::DriverTable) {
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

/// Writes a value that the caller may not want.
fn write_if<T>(place: *mut T, value: T) {
    if !place.is_null() {
        // SAFETY: not null, and the caller of the C function promises a place for the value.
        unsafe { place.write(value) };
    }
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

/// A C array that the caller gave, which may be null when it is empty.
///
/// # Safety
///
/// `count` values at `place`, which nobody changes during the call.
unsafe fn array<'a, T>(place: *const T, count: usize) -> Answer<&'a [T]> {
    match (count, place.is_null()) {
        (0, _) => Ok(&[]),
        (_, true) => Err(INVALID),
        // SAFETY: not null, and the caller promises the length.
        _ => Ok(unsafe { std::slice::from_raw_parts(place, count) }),
    }
}

/// A C structure whose pointers are numbers to this device until a function that CUDA defines so follows them.
#[derive(Clone, Copy)]
struct Raw<T>(T);

// SAFETY: `Plain` types are numbers; an address in one is followed only where CUDA's contract for the call that brought it
// lets any thread do so.
unsafe impl<T: pillion_cuda_abi::Plain> Send for Raw<T> {}
// SAFETY: as above.
unsafe impl<T: pillion_cuda_abi::Plain> Sync for Raw<T> {}

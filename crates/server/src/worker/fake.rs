//! A device that does what a test tells it, when the test tells it. Every thread has its own.
//!
//! What is issued to a stream happens when [`Fake::advance`] lets it, in order: a copy from pinned memory reads what is there
//! then, as a device does. An event has happened when its stream has come past its last record.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::ffi::{c_uchar, c_uint, c_void};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use pillion_cuda_abi::types::*;
use pillion_cuda_abi::{CUresult, DriverTable};

/// How long a wait may take that comes to an end.
const FOR_EVER: Duration = Duration::from_secs(20);
const OK: CUresult = CUresult::CUDA_SUCCESS;
/// What pinned memory holds once it is gone.
pub const GONE: u8 = 0xdd;

/// The device of one thread.
#[derive(Default)]
pub struct Fake {
    next: u64,
    streams: HashMap<u64, VecDeque<Operation>>,
    /// Of each event, the number of its last record, and of the last that has happened.
    events: HashMap<u64, (u64, u64)>,
    memory: HashMap<u64, Vec<u8>>,
    /// Pinned memory, with its context. It is kept when it is gone, so that whoever reads it then is found out.
    pinned: Vec<(u64, Vec<u8>)>,
    current: u64,
    /// How many bytes of device memory there may be.
    pub room: usize,
    /// What functions answer the next time in place of doing anything, by name.
    pub failures: HashMap<&'static str, VecDeque<CUresult>>,
    /// How often each function was called.
    pub calls: HashMap<&'static str, usize>,
    /// Streams do at once what they are given.
    pub eager: bool,
    /// With every so many questions after an event, one more operation of each stream is done; 0 for never.
    pub progress: usize,
    questions: usize,
    /// The process is locked, and every call but those that lead out of that waits for ever.
    pub locked: bool,
    /// What the worker has done that would have it wait for itself, or for a stream that never ends.
    pub mistakes: Vec<&'static str>,
}

enum Operation {
    Copy {
        to: u64,
        from: u64,
        len: usize,
    },
    Fill {
        to: u64,
        with: u8,
        len: usize,
    },
    Record {
        event: u64,
        number: u64,
    },
    Host {
        function: CUhostFn,
        data: u64,
    },
    /// A host function that runs, and whether it is done.
    Running(Arc<AtomicBool>),
}

thread_local! {
    static FAKE: RefCell<Fake> = RefCell::default();
}

/// Does something with this thread's device.
pub fn fake<T>(work: impl FnOnce(&mut Fake) -> T) -> T {
    FAKE.with_borrow_mut(work)
}

impl Fake {
    fn name(&mut self) -> u64 {
        self.next += 16;
        0x5000_0000 + self.next
    }

    /// Lets a stream do so many operations. Answers whether it has done any.
    pub fn advance(&mut self, stream: u64, count: usize) -> bool {
        let mut any = false;
        for _ in 0..count {
            let Some(queue) = self.streams.get_mut(&stream) else {
                break;
            };
            match queue.pop_front() {
                None => break,
                Some(Operation::Copy { to, from, len }) => {
                    // SAFETY: memory that this device has given, which it keeps as long as it lives; `bounds` has checked.
                    unsafe { std::ptr::copy(from as *const u8, to as *mut u8, len) };
                }
                Some(Operation::Fill { to, with, len }) => {
                    // SAFETY: as above.
                    unsafe { std::ptr::write_bytes(to as *mut u8, with, len) };
                }
                Some(Operation::Record { event, number }) => {
                    if let Some((_, happened)) = self.events.get_mut(&event) {
                        *happened = number;
                    }
                }
                Some(Operation::Host { function, data }) => {
                    let done = Arc::new(AtomicBool::new(false));
                    queue.push_front(Operation::Running(done.clone()));
                    if let Some(function) = function {
                        std::thread::spawn(move || {
                            // SAFETY: the worker's function, which takes any word.
                            unsafe { function(data as *mut c_void) };
                            done.store(true, Ordering::Release);
                        });
                    }
                }
                Some(Operation::Running(done)) => {
                    if !done.load(Ordering::Acquire) {
                        queue.push_front(Operation::Running(done));
                        break;
                    }
                }
            }
            any = true;
        }
        any
    }

    /// Lets every stream do so many operations.
    pub fn advance_all(&mut self, count: usize) {
        let streams: Vec<u64> = self.streams.keys().copied().collect();
        for stream in streams {
            self.advance(stream, count);
        }
    }

    /// Goes on as a driver does that makes its caller wait. Answers false where that would be for ever: far beyond what a host
    /// function takes that the client has run.
    fn waits_until(&mut self, there: impl Fn(&Fake) -> bool) -> bool {
        let since = Instant::now();
        while !there(self) {
            self.advance_all(1);
            if self.is_held() {
                std::thread::sleep(Duration::from_millis(1));
            }
            if since.elapsed() > FOR_EVER || !self.mistakes.is_empty() {
                return false;
            }
        }
        true
    }

    /// The streams that the program has made, in the order in which it did.
    pub fn made(&self) -> Vec<u64> {
        let mut made: Vec<u64> = self.streams.keys().copied().filter(|s| *s != 0).collect();
        made.sort_unstable();
        made
    }

    /// How many operations wait in a stream.
    pub fn pending(&self, stream: u64) -> usize {
        self.streams.get(&stream).map_or(0, VecDeque::len)
    }

    /// Whether a stream waits for a host function.
    fn is_held(&self) -> bool {
        let host = |operation: &Operation| {
            matches!(operation, Operation::Host { .. } | Operation::Running(_))
        };
        self.streams.values().flatten().any(host)
    }

    fn issue(&mut self, stream: u64, operation: Operation) {
        self.streams.entry(stream).or_default().push_back(operation);
        if self.eager {
            self.advance(stream, usize::MAX);
        }
    }

    /// Whether all of a range is memory of the device's.
    fn bounds(&self, start: u64, len: usize) -> bool {
        self.memory.values().any(|memory| {
            let from = memory.as_ptr() as u64;
            from <= start && start + len as u64 <= from + memory.len() as u64
        })
    }

    /// A function was called. Answers what it is to answer, if it is to do nothing.
    fn called(&mut self, name: &'static str) -> Option<CUresult> {
        if self.locked && !name.starts_with("cuCheckpoint") {
            self.mistakes.push(name);
        }
        *self.calls.entry(name).or_default() += 1;
        self.failures.get_mut(name)?.pop_front()
    }

    /// How often a function was called.
    pub fn count(&self, name: &str) -> usize {
        self.calls.get(name).copied().unwrap_or(0)
    }

    /// Bytes that are allocated.
    pub fn allocated(&self) -> usize {
        self.memory.values().map(Vec::len).sum()
    }

    /// Bytes of pinned memory that there have been.
    pub fn pinned(&self) -> usize {
        self.pinned.iter().map(|(_, memory)| memory.len()).sum()
    }

    /// What device memory holds.
    pub fn read(&self, address: u64) -> Vec<u8> {
        self.memory[&address].clone()
    }
}

/// Makes functions of the driver of bodies that get the device.
macro_rules! functions {
    ($($name:ident($device:ident $(, $argument:ident: $ty:ty)*) $body:block)*) => {
        $(
            #[allow(non_snake_case)]
            unsafe extern "C" fn $name($($argument: $ty),*) -> CUresult {
                fake(|$device| match $device.called(stringify!($name)) {
                    Some(failure) => failure,
                    None => $body,
                })
            }
        )*

        /// Every function that this device has.
        pub fn table() -> DriverTable {
            let mut table = DriverTable::default();
            $(table.$name = Some($name);)*
            table
        }
    };
}

/// Writes what a function answers.
fn answer<T>(place: *mut T, value: T) -> CUresult {
    // SAFETY: the worker's local.
    unsafe { place.write(value) };
    OK
}

functions! {
    cuCtxSetCurrent(device, context: CUcontext) {
        device.current = context as u64;
        OK
    }
    cuDevicePrimaryCtxRetain(_device, place: *mut CUcontext, ordinal: CUdevice) {
        answer(place, (0x1000 + ordinal) as usize as CUcontext)
    }
    cuDevicePrimaryCtxReset_v2(device, ordinal: CUdevice) {
        let context = 0x1000 + ordinal as u64;
        for (of, memory) in &mut device.pinned {
            if *of == context {
                memory.fill(GONE);
            }
        }
        OK
    }
    cuDevicePrimaryCtxRelease_v2(_device, _ordinal: CUdevice) { OK }
    cuCtxSynchronize(device) {
        if !device.waits_until(|device| device.streams.values().all(VecDeque::is_empty)) {
            device.mistakes.push("waits for a context that a host function holds");
        }
        OK
    }
    cuStreamCreate(device, place: *mut CUstream, _flags: c_uint) {
        let stream = device.name();
        device.streams.insert(stream, VecDeque::new());
        answer(place, stream as CUstream)
    }
    cuStreamQuery(device, stream: CUstream) {
        match device.pending(stream as u64) {
            0 => OK,
            _ => CUresult::CUDA_ERROR_NOT_READY,
        }
    }
    cuStreamWaitEvent(_device, _stream: CUstream, _event: CUevent, _flags: c_uint) { OK }
    cuEventCreate(device, place: *mut CUevent, _flags: c_uint) {
        let event = device.name();
        device.events.insert(event, (0, 0));
        answer(place, event as CUevent)
    }
    cuEventDestroy_v2(device, event: CUevent) {
        device.events.remove(&(event as u64));
        OK
    }
    cuEventRecord(device, event: CUevent, stream: CUstream) {
        let event = event as u64;
        let Some((recorded, _)) = device.events.get_mut(&event) else {
            return CUresult::CUDA_ERROR_INVALID_HANDLE;
        };
        *recorded += 1;
        let number = *recorded;
        device.issue(stream as u64, Operation::Record { event, number });
        OK
    }
    cuEventQuery(device, event: CUevent) {
        device.questions += 1;
        if device.progress > 0 && device.questions.is_multiple_of(device.progress) {
            device.advance_all(1);
        }
        match device.events.get(&(event as u64)) {
            Some((recorded, happened)) if recorded == happened => OK,
            Some(_) => CUresult::CUDA_ERROR_NOT_READY,
            None => CUresult::CUDA_ERROR_INVALID_HANDLE,
        }
    }
    cuEventSynchronize(device, event: CUevent) {
        let happened = |device: &Fake| {
            let event = device.events.get(&(event as u64));
            event.is_none_or(|(recorded, happened)| recorded == happened)
        };
        if !device.waits_until(happened) {
            device.mistakes.push("waits for an event that a host function holds");
        }
        OK
    }
    cuMemAlloc_v2(device, place: *mut CUdeviceptr, len: usize) {
        if device.allocated() + len > device.room {
            return CUresult::CUDA_ERROR_OUT_OF_MEMORY;
        }
        let memory = vec![0u8; len];
        let address = memory.as_ptr() as u64;
        device.memory.insert(address, memory);
        answer(place, address)
    }
    cuMemFree_v2(device, address: CUdeviceptr) {
        match device.memory.remove(&address) {
            Some(_) => OK,
            None => CUresult::CUDA_ERROR_INVALID_VALUE,
        }
    }
    cuMemGetInfo_v2(device, free: *mut usize, total: *mut usize) {
        let used = device.allocated();
        let _ = answer(total, device.room);
        answer(free, device.room - used)
    }
    cuMemHostAlloc(device, place: *mut *mut c_void, len: usize, _flags: c_uint) {
        if device.is_held() && !device.waits_until(|device| !device.is_held()) {
            device.mistakes.push("pins memory while a host function holds the device");
        }
        let mut memory = vec![0u8; len];
        let start = memory.as_mut_ptr();
        device.pinned.push((device.current, memory));
        answer(place, start.cast())
    }
    cuMemcpyHtoDAsync_v2(device, to: CUdeviceptr, from: *const c_void, len: usize, stream: CUstream) {
        if !device.bounds(to, len) {
            return CUresult::CUDA_ERROR_INVALID_VALUE;
        }
        device.issue(stream as u64, Operation::Copy { to, from: from as u64, len });
        OK
    }
    cuMemcpyDtoHAsync_v2(device, to: *mut c_void, from: CUdeviceptr, len: usize, stream: CUstream) {
        if !device.bounds(from, len) {
            return CUresult::CUDA_ERROR_INVALID_VALUE;
        }
        device.issue(stream as u64, Operation::Copy { to: to as u64, from, len });
        OK
    }
    cuMemsetD8Async(device, to: CUdeviceptr, with: c_uchar, len: usize, stream: CUstream) {
        if !device.bounds(to, len) {
            return CUresult::CUDA_ERROR_INVALID_VALUE;
        }
        device.issue(stream as u64, Operation::Fill { to, with, len });
        OK
    }
    cuMemHostRegister_v2(_device, _start: *mut c_void, _len: usize, _flags: c_uint) { OK }
    cuMemHostUnregister(_device, _start: *mut c_void) { OK }
    cuLaunchHostFunc(device, stream: CUstream, function: CUhostFn, data: *mut c_void) {
        device.issue(stream as u64, Operation::Host { function, data: data as u64 });
        OK
    }
    cuCheckpointProcessLock(device, _pid: i32, _args: *mut CUcheckpointLockArgs) {
        device.locked = true;
        OK
    }
    cuCheckpointProcessCheckpoint(_device, _pid: i32, _args: *mut CUcheckpointCheckpointArgs) { OK }
    cuCheckpointProcessRestore(_device, _pid: i32, _args: *mut CUcheckpointRestoreArgs) { OK }
    cuCheckpointProcessUnlock(device, _pid: i32, _args: *mut CUcheckpointUnlockArgs) {
        device.locked = false;
        OK
    }
}

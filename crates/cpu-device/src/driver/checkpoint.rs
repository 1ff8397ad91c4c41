//! Moving this process's device memory to the host and back: `cuCheckpointProcess...`, of the calling process alone.
//!
//! From the lock to the unlock every other call waits, as with NVIDIA's driver; the lock waits for the calls that are under way and for all
//! work. While the process is checkpointed, nothing lies at the addresses of its device memory: the pages, which are the host's anyway, are
//! elsewhere, and whoever touches the addresses faults. Pinned memory stays where it is. What lies in a file that other processes may have
//! cannot be moved, nor can managed memory: then the checkpoint fails, and the process stays locked.

use std::cell::Cell;
use std::ffi::{c_int, c_uint, c_void};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use pillion_cuda_abi::types::*;
use pillion_cuda_abi::{CUresult, DriverTable};
use rustix::mm::{MapFlags, MremapFlags, ProtFlags};

use super::memory::{Kind, PAGE, is_device_address};
use super::queue::Done;
use super::{Answer, Device, INVALID, UNSUPPORTED, caught, device, write};

const ILLEGAL_STATE: CUresult = CUresult::CUDA_ERROR_ILLEGAL_STATE;
/// How often a lock looks whether all work is done.
const LOOKS_EVERY: Duration = Duration::from_micros(200);

/// Calls wait.
static IS_LOCKED: AtomicBool = AtomicBool::new(false);
/// Calls that are under way.
static CALLS: AtomicUsize = AtomicUsize::new(0);
static GATE: Mutex<Gate> = Mutex::new(Gate {
    state: State::Running,
    moved: Vec::new(),
});
static UNLOCKED: Condvar = Condvar::new();

thread_local! {
    /// Whether this thread is in a call, which may make others.
    static IS_IN: Cell<bool> = const { Cell::new(false) };
}

struct Gate {
    state: State,
    moved: Vec<Moved>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Running,
    Locked,
    Checkpointed,
}

/// Device memory that is elsewhere.
struct Moved {
    start: u64,
    len: usize,
    place: *mut c_void,
}

// SAFETY: the place is a mapping of the process's, which any thread may move.
unsafe impl Send for Moved {}

fn gate() -> MutexGuard<'static, Gate> {
    GATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A call that is under way, until it is dropped.
pub struct Call {
    is_first: bool,
}

impl Call {
    /// Begins one; while the process is locked, that waits.
    pub fn begin() -> Self {
        if IS_IN.replace(true) {
            return Call { is_first: false };
        }
        loop {
            // SeqCst, here and in `lock`: either this sees the lock, or the lock sees this call.
            CALLS.fetch_add(1, Ordering::SeqCst);
            if !IS_LOCKED.load(Ordering::SeqCst) {
                return Call { is_first: true };
            }
            CALLS.fetch_sub(1, Ordering::SeqCst);
            let mut gate = gate();
            while IS_LOCKED.load(Ordering::SeqCst) {
                gate = UNLOCKED.wait(gate).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if self.is_first {
            IS_IN.set(false);
            CALLS.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

/// Only of the process itself.
fn own(pid: c_int) -> Answer<&'static Device> {
    match u32::try_from(pid) {
        Ok(pid) if pid == std::process::id() => device(),
        Ok(_) => Err(UNSUPPORTED),
        Err(_) => Err(INVALID),
    }
}

fn lock(device: &Device, timeout: Option<Duration>) -> Answer {
    {
        let gate = gate();
        if gate.state != State::Running || IS_LOCKED.swap(true, Ordering::SeqCst) {
            return Err(ILLEGAL_STATE);
        }
    }
    let deadline = timeout.map(|timeout| Instant::now() + timeout);
    let has_ended = |done: &Arc<Done>| done.ended().is_some();
    loop {
        let is_idle = CALLS.load(Ordering::SeqCst) == 0
            && device.state().everything(|_| true).iter().all(has_ended);
        if is_idle {
            gate().state = State::Locked;
            return Ok(());
        }
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            open(&mut gate());
            return Err(CUresult::CUDA_ERROR_NOT_READY);
        }
        std::thread::sleep(LOOKS_EVERY);
    }
}

fn open(gate: &mut Gate) {
    gate.state = State::Running;
    IS_LOCKED.store(false, Ordering::SeqCst);
    UNLOCKED.notify_all();
}

fn checkpoint(device: &Device) -> Answer {
    let mut gate = gate();
    if gate.state != State::Locked {
        return Err(ILLEGAL_STATE);
    }
    if device.state().ipc.is_in_use() || device.memory.has_managed() {
        return Err(UNSUPPORTED);
    }
    for (start, len) in device.memory.mapped() {
        match take_away(start, len) {
            Ok(moved) => gate.moved.push(moved),
            Err(status) => {
                put_back(&mut gate)?;
                return Err(status);
            }
        }
    }
    gate.state = State::Checkpointed;
    Ok(())
}

/// Moves what lies there elsewhere.
fn take_away(start: u64, len: usize) -> Answer<Moved> {
    let full = |_| CUresult::CUDA_ERROR_OUT_OF_MEMORY;
    let reserved = MapFlags::PRIVATE | MapFlags::NORESERVE;
    // SAFETY: new addresses, of the kernel's choice.
    let place = unsafe {
        rustix::mm::mmap_anonymous(std::ptr::null_mut(), len, ProtFlags::empty(), reserved)
    }
    .map_err(full)?;
    let from = start as *mut c_void;
    // SAFETY: whole pages of the device's memory, which nobody uses while the process is locked, to addresses that are ours.
    let moved = unsafe { rustix::mm::mremap_fixed(from, len, len, MremapFlags::MAYMOVE, place) };
    if moved.is_err() {
        // SAFETY: reserved above, and nothing was moved there.
        let _ = unsafe { rustix::mm::munmap(place, len) };
        return Err(CUresult::CUDA_ERROR_OUT_OF_MEMORY);
    }
    // Nobody else's is to lie there meanwhile. Where there is no room for that either, nothing is lost: nobody maps anything there unasked.
    // SAFETY: addresses from which everything was just moved.
    let _ = unsafe {
        rustix::mm::mmap_anonymous(
            from,
            len,
            ProtFlags::empty(),
            reserved | MapFlags::FIXED_NOREPLACE,
        )
    };
    Ok(Moved { start, len, place })
}

/// Moves everything back; what could not be moved stays in the list.
fn put_back(gate: &mut Gate) -> Answer {
    while let Some(moved) = gate.moved.pop() {
        let to = moved.start as *mut c_void;
        // SAFETY: what was taken away from there, whole, to addresses that were kept for it.
        let back = unsafe {
            rustix::mm::mremap_fixed(moved.place, moved.len, moved.len, MremapFlags::MAYMOVE, to)
        };
        if back.is_err() {
            gate.moved.push(moved);
            return Err(CUresult::CUDA_ERROR_OUT_OF_MEMORY);
        }
    }
    Ok(())
}

fn restore(pairs: c_uint) -> Answer {
    if pairs != 0 {
        return Err(UNSUPPORTED);
    }
    let mut gate = gate();
    if gate.state != State::Checkpointed {
        return Err(ILLEGAL_STATE);
    }
    put_back(&mut gate)?;
    gate.state = State::Locked;
    Ok(())
}

fn unlock() -> Answer {
    let mut gate = gate();
    if gate.state != State::Locked {
        return Err(ILLEGAL_STATE);
    }
    open(&mut gate);
    Ok(())
}

impl super::memory::Memory {
    /// Whether some of it is the device's and the host's at once.
    fn has_managed(&self) -> bool {
        let ranges = self.ranges();
        let mut kinds = ranges.iter().filter_map(|(start, _)| self.find(*start));
        kinds.any(|found| found.kind == Kind::Managed)
    }

    /// Whole pages at which device memory lies that is not the host's: where they begin, and how many bytes they are.
    fn mapped(&self) -> Vec<(u64, usize)> {
        let ranges = self.ranges();
        let own = ranges.into_iter().filter(|(start, _)| {
            let kind = self.find(*start).map(|found| found.kind);
            is_device_address(*start) && !matches!(kind, Some(Kind::Host | Kind::Registered))
        });
        own.map(|(start, len)| (start, len.next_multiple_of(PAGE) as usize))
            .collect()
    }
}

#[allow(non_snake_case)]
unsafe extern "C" fn cuCheckpointProcessGetState(
    pid: c_int,
    place: *mut CUprocessState,
) -> CUresult {
    caught(|| {
        own(pid)?;
        let state = match gate().state {
            State::Running => CUprocessState::CU_PROCESS_STATE_RUNNING,
            State::Locked => CUprocessState::CU_PROCESS_STATE_LOCKED,
            State::Checkpointed => CUprocessState::CU_PROCESS_STATE_CHECKPOINTED,
        };
        write(place, state)
    })
}

#[allow(non_snake_case)]
unsafe extern "C" fn cuCheckpointProcessLock(
    pid: c_int,
    args: *mut CUcheckpointLockArgs,
) -> CUresult {
    caught(|| {
        // SAFETY: null, or a structure of the caller's.
        let timeout = unsafe { args.as_ref() }.map_or(0, |args| args.timeoutMs);
        let timeout = (timeout > 0).then(|| Duration::from_millis(timeout.into()));
        lock(own(pid)?, timeout)
    })
}

#[allow(non_snake_case)]
unsafe extern "C" fn cuCheckpointProcessCheckpoint(
    pid: c_int,
    _: *mut CUcheckpointCheckpointArgs,
) -> CUresult {
    caught(|| checkpoint(own(pid)?))
}

#[allow(non_snake_case)]
unsafe extern "C" fn cuCheckpointProcessRestore(
    pid: c_int,
    args: *mut CUcheckpointRestoreArgs,
) -> CUresult {
    caught(|| {
        own(pid)?;
        // SAFETY: null, or a structure of the caller's.
        restore(unsafe { args.as_ref() }.map_or(0, |args| args.gpuPairsCount))
    })
}

#[allow(non_snake_case)]
unsafe extern "C" fn cuCheckpointProcessUnlock(
    pid: c_int,
    _: *mut CUcheckpointUnlockArgs,
) -> CUresult {
    caught(|| {
        own(pid)?;
        unlock()
    })
}

/// Enters the functions of this module, which are not behind the gate that they open and close.
pub fn fill(table: &mut DriverTable) {
    table.cuCheckpointProcessGetState = Some(cuCheckpointProcessGetState);
    table.cuCheckpointProcessLock = Some(cuCheckpointProcessLock);
    table.cuCheckpointProcessCheckpoint = Some(cuCheckpointProcessCheckpoint);
    table.cuCheckpointProcessRestore = Some(cuCheckpointProcessRestore);
    table.cuCheckpointProcessUnlock = Some(cuCheckpointProcessUnlock);
}

//! What CUDA keeps for each host thread.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use pillion_cuda_abi::types::CUstreamCaptureMode;
use pillion_protocol::command::CALL_THREAD;

static NEXT: AtomicU32 = AtomicU32::new(0);
/// Numbers of threads that have ended. The next ones take them: the server keeps a default stream for each number.
static FREE: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// A thread's number, while it lives.
struct Number(Cell<u32>);

impl Number {
    fn new() -> Self {
        let free = FREE.lock().unwrap_or_else(PoisonError::into_inner).pop();
        Number(Cell::new(
            free.unwrap_or_else(|| NEXT.fetch_add(1, Ordering::Relaxed)),
        ))
    }
}

impl Drop for Number {
    fn drop(&mut self) {
        FREE.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(self.0.get() & !CALL_THREAD);
    }
}

thread_local! {
    static INDEX: Number = Number::new();
    static CURRENT: Cell<u64> = const { Cell::new(0) };
    /// What lies below the current context.
    static STACK: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
    static CAPTURE_MODE: Cell<u32> = const { Cell::new(0) };
    /// The stream, and its context, that this thread last found to have done everything, and the newest command of the process then.
    static FINISHED: Cell<(u64, u64, u64)> = const { Cell::new((0, 0, 0)) };
    /// The thread runs a host function of the program's, which may not call CUDA.
    static IN_CALL: Cell<bool> = const { Cell::new(false) };
}

/// The number of the calling thread, as commands carry it.
#[inline]
pub fn index() -> u32 {
    // A destructor of another thread-local may call CUDA after this one is gone; thread 0's streams serve it.
    INDEX.try_with(|number| number.0.get()).unwrap_or(0)
}

/// The calling thread runs host functions from now on: the server does not let its commands wait for the device.
pub fn run_calls() {
    let _ = INDEX.try_with(|number| number.0.set(number.0.get() | CALL_THREAD));
}

/// Does something of which the commands keep their turn, also from a thread that runs host functions: they come behind what other
/// threads have issued before.
pub fn in_turn<T>(work: impl FnOnce() -> T) -> T {
    as_thread(index() & !CALL_THREAD, work)
}

/// Does something of which the commands do not wait for their turn while the server waits for host functions, as one of those may
/// be waiting for it.
pub fn ahead<T>(work: impl FnOnce() -> T) -> T {
    as_thread(index() | CALL_THREAD, work)
}

fn as_thread<T>(number: u32, work: impl FnOnce() -> T) -> T {
    let own = index();
    let set = |value| INDEX.try_with(|number| number.0.set(value));
    let _ = set(number);
    let done = work();
    let _ = set(own);
    done
}

/// The context that is current to the calling thread, or 0.
#[inline]
pub fn current_context() -> u64 {
    CURRENT.try_with(Cell::get).unwrap_or(0)
}

/// Makes `context` current in place of what was (`cuCtxSetCurrent`).
pub fn set_current_context(context: u64) {
    let _ = CURRENT.try_with(|current| current.set(context));
}

/// Does something of which the commands are of `context`, whichever is current.
pub fn in_context<T>(context: u64, work: impl FnOnce() -> T) -> T {
    let own = current_context();
    set_current_context(context);
    let done = work();
    set_current_context(own);
    done
}

/// Makes `context` current above what was (`cuCtxPushCurrent`).
pub fn push_context(context: u64) {
    let _ = STACK.try_with(|stack| stack.borrow_mut().push(current_context()));
    set_current_context(context);
}

/// Takes the current context off, and answers it (`cuCtxPopCurrent`).
pub fn pop_context() -> u64 {
    let top = current_context();
    let below = STACK
        .try_with(|stack| stack.borrow_mut().pop())
        .ok()
        .flatten();
    set_current_context(below.unwrap_or(0));
    top
}

/// Exchanges the thread's capture mode (`cuThreadExchangeStreamCaptureMode`).
pub fn exchange_capture_mode(mode: CUstreamCaptureMode) -> CUstreamCaptureMode {
    CUstreamCaptureMode(
        CAPTURE_MODE
            .try_with(|old| old.replace(mode.0))
            .unwrap_or(0),
    )
}

/// The thread's capture mode.
pub fn capture_mode() -> CUstreamCaptureMode {
    CUstreamCaptureMode(CAPTURE_MODE.try_with(Cell::get).unwrap_or(0))
}

/// The stream has done everything that had been issued, by whichever thread, when `issued` was the newest command.
#[inline]
pub fn has_finished(stream: u64, issued: u64) {
    let _ = FINISHED.try_with(|finished| finished.set((current_context(), stream, issued)));
}

/// Whether it is known to have done everything until then.
#[inline]
pub fn is_finished(stream: u64, issued: u64) -> bool {
    FINISHED.try_with(Cell::get) == Ok((current_context(), stream, issued))
}

/// Whether the thread runs a host function.
#[inline]
pub fn in_call() -> bool {
    IN_CALL.try_with(Cell::get).unwrap_or(false)
}

/// Says whether the thread runs a host function.
pub fn set_in_call(running: bool) {
    let _ = IN_CALL.try_with(|in_call| in_call.set(running));
}

/// Whether a push waits for its pop.
pub fn has_pushed() -> bool {
    STACK
        .try_with(|stack| !stack.borrow().is_empty())
        .unwrap_or(false)
}

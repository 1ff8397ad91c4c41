//! Host functions: what the program wants run in stream order.
//!
//! The device comes to a host function on the server, which says so; a thread of this library runs the function and says when it
//! is done. What was copied to the host before it has arrived by then, because the server sends that first. Functions of one
//! stream come one after the other, because the stream waits; those of several streams may wait for each other, so each that has
//! its turn gets a thread.

use core::ffi::{c_uint, c_void};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::{CUhostFn, CUstream, CUstreamCallback, CUuserObject};
use pillion_protocol::command::cuda;
use pillion_protocol::handle::Kind;
use pillion_protocol::{Encoder, Interface};

use super::graph::GraphMemory;
use super::{capture, context, stream};
use crate::entry::Result;
use crate::forward::{Fresh, posted};
use crate::session::{self, Session};
use crate::thread;

/// The host functions of a session.
#[derive(Default)]
pub struct Calls {
    all: Mutex<HashMap<u64, Entry>>,
    next: AtomicU64,
    started: AtomicBool,
    /// Whoever holds it waits for the next function's turn.
    next_turn: Mutex<()>,
    /// Threads that run them, and of these, those that wait to hold it.
    threads: AtomicUsize,
    idle: AtomicUsize,
    /// Functions of the program's in streams, not run yet.
    pending: AtomicUsize,
}

/// What is run.
pub enum Function {
    /// `cuLaunchHostFunc`.
    Host(unsafe extern "C" fn(*mut c_void), usize),
    /// `cuStreamAddCallback`.
    Stream(
        unsafe extern "C" fn(CUstream, CUresult, *mut c_void),
        u64,
        usize,
    ),
    /// Work of this library's.
    Own(Box<dyn Fn(&'static Session) + Send + Sync>),
}

#[derive(Clone)]
struct Entry {
    function: Arc<Function>,
    /// The context that was current.
    context: u64,
    /// It belongs to a graph and may be run many times.
    lasting: bool,
    /// It counts as pending.
    counted: bool,
    /// The graph's copies from and to host memory, which the function may look at. It ends with that.
    memory: Option<Weak<GraphMemory>>,
    /// The user object that is gone when this has its turn.
    object: Option<u64>,
}

impl Calls {
    fn insert(&self, entry: Entry) -> u64 {
        let call = self.next.fetch_add(1, Ordering::Relaxed) + 1;
        self.lock().insert(call, entry);
        call
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Entry>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets a function of a graph.
    pub fn forget(&self, call: u64) {
        // Dropped when the list is free again: it may hold what uses it.
        let gone = self.lock().remove(&call);
        drop(gone);
    }

    /// Whether a function of the program's is on its way in some stream: it may still write memory that is copied behind it.
    pub fn are_pending(&self) -> bool {
        self.pending.load(Ordering::SeqCst) > 0
    }

    /// The program's function and its data behind a number.
    pub fn host(&self, call: u64) -> Option<(CUhostFn, *mut c_void)> {
        match &*self.lock().get(&call)?.function {
            Function::Host(function, data) => Some((Some(*function), *data as *mut c_void)),
            _ => None,
        }
    }
}

/// Enters a function that a graph runs, and that may look at the graph's memory, which then holds it; without, it is the caller's
/// to forget. Answers its number.
///
/// # Errors
///
/// Where the thread that runs it cannot be started.
pub fn lasting(
    session: &'static Session,
    function: Function,
    memory: Option<&Arc<GraphMemory>>,
) -> Result<u64> {
    start(session)?;
    let call = session.calls.insert(Entry {
        function: Arc::new(function),
        context: thread::current_context(),
        lasting: true,
        counted: false,
        memory: memory.map(Arc::downgrade),
        object: None,
    });
    if let Some(memory) = memory {
        memory.own(call);
    }
    Ok(call)
}

/// Enters a function in the place of one that a graph runs: it sees the same memory.
///
/// # Errors
///
/// `CUDA_ERROR_INVALID_VALUE` where there is none.
pub fn renewed(session: &'static Session, call: u64, function: Function) -> Result<u64> {
    let old = session.calls.lock().get(&call).cloned();
    let old = old.ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)?;
    let memory = old.memory.and_then(|memory| memory.upgrade());
    lasting(session, function, memory.as_ref())
}

/// Has `function` run once when `stream`, which captures nothing, gets there.
///
/// # Errors
///
/// Those of earlier commands.
pub fn once(session: &'static Session, stream: u64, function: Function) -> Result<()> {
    start(session)?;
    let own = matches!(function, Function::Own(_));
    let call = session.calls.insert(Entry {
        function: Arc::new(function),
        context: thread::current_context(),
        lasting: false,
        counted: !own,
        memory: None,
        object: None,
    });
    if !own {
        session.calls.pending.fetch_add(1, Ordering::SeqCst);
    }
    session.link.expect_call();
    let sent = post(session, stream, call);
    if sent.is_err() {
        session.calls.lock().remove(&call);
        if !own {
            session.calls.pending.fetch_sub(1, Ordering::SeqCst);
        }
        session.link.call_ended();
    }
    sent
}

fn post(session: &Session, stream: u64, call: u64) -> Result<()> {
    session.link.post(cuda::HOST_FUNCTION, |body| {
        let mut body = Encoder::new(body);
        body.scalar(stream);
        body.scalar(call);
        Ok(())
    })?;
    Ok(())
}

/// Starts the thread that runs them, once.
fn start(session: &'static Session) -> Result<()> {
    if session.calls.started.swap(true, Ordering::SeqCst) {
        return Ok(());
    }
    session::start_thread("pillion-calls", move || run(session)).map_err(|_| {
        session.calls.started.store(false, Ordering::SeqCst);
        CUresult::CUDA_ERROR_OPERATING_SYSTEM
    })
}

/// Most threads at once.
const MOST_THREADS: usize = 64;

fn run(session: &'static Session) {
    let calls = &session.calls;
    thread::run_calls();
    calls.threads.fetch_add(1, Ordering::SeqCst);
    loop {
        calls.idle.fetch_add(1, Ordering::SeqCst);
        let next = {
            let _turn = calls
                .next_turn
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            calls.idle.fetch_sub(1, Ordering::SeqCst);
            session.link.next_call()
        };
        let Some((call, turn)) = next else { break };
        // While this thread is in the program's function, another waits for the next.
        if calls.idle.load(Ordering::SeqCst) == 0
            && calls.threads.load(Ordering::SeqCst) < MOST_THREADS
        {
            let _ = session::start_thread("pillion-calls", move || run(session));
        }
        let entry = {
            let mut all = session.calls.lock();
            match all.get(&call) {
                Some(entry) if entry.lasting => Some(entry.clone()),
                _ => all.remove(&call),
            }
        };
        if let Some(entry) = &entry {
            if let Some(object) = entry.object {
                session.names.give_back(object);
            }
            thread::set_current_context(entry.context);
            let memory = entry.memory.as_ref().and_then(Weak::upgrade);
            if let Some(memory) = &memory {
                memory.fetch(session);
            }
            invoke(session, &entry.function, CUresult::CUDA_SUCCESS);
            if let Some(memory) = &memory {
                memory.send_behind(session);
            }
            ended(session, entry);
        }
        // The device waits for this, whatever it was.
        if turn != 0 {
            let _ = session.link.post(cuda::CALL_DONE, |body| {
                Encoder::new(body).scalar(turn);
                Ok(())
            });
            session.link.flush();
        }
        if turn != 0 && entry.is_some_and(|entry| !entry.lasting) {
            session.link.call_ended();
        }
        thread::set_current_context(0);
    }
    // The device comes to none any more. Stream callbacks are told; host functions are not run, as natively.
    let status = session
        .link
        .check_sticky()
        .err()
        .unwrap_or(CUresult::CUDA_ERROR_UNKNOWN);
    let mut left: Vec<(u64, Entry)> = session.calls.lock().drain().collect();
    left.sort_by_key(|(call, _)| *call);
    for (_, entry) in left {
        if matches!(*entry.function, Function::Stream(..)) {
            invoke(session, &entry.function, status);
        }
    }
}

fn ended(session: &Session, entry: &Entry) {
    if entry.counted {
        session.calls.pending.fetch_sub(1, Ordering::SeqCst);
    }
}

fn invoke(session: &'static Session, function: &Function, status: CUresult) {
    match function {
        Function::Own(work) => return work(session),
        _ => thread::set_in_call(true),
    }
    match function {
        // SAFETY: the program's function with the program's data, as CUDA calls it.
        Function::Host(function, data) => unsafe { function(*data as *mut c_void) },
        // SAFETY: as above.
        Function::Stream(callback, stream, data) => unsafe {
            callback(*stream as CUstream, status, *data as *mut c_void)
        },
        Function::Own(_) => {}
    }
    thread::set_in_call(false);
}

/// Has `function` run as a part of the graph that `stream` captures.
///
/// # Errors
///
/// Those of earlier commands.
pub fn in_graph(
    session: &'static Session,
    stream: u64,
    memory: Arc<GraphMemory>,
    function: Function,
) -> Result<()> {
    let call = lasting(session, function, Some(&memory))?;
    post(session, stream, call)
}

fn launch(on: u64, function: Function) -> Result<()> {
    let session = Session::current()?;
    context::current()?;
    let stream = stream::check(on)?;
    if let Some(memory) = capture::of(session, stream)? {
        return in_graph(session, stream, memory, function);
    }
    once(session, stream, function)?;
    posted(session)
}

/// `cuLaunchHostFunc`
pub unsafe fn cuLaunchHostFunc(on: CUstream, function: CUhostFn, data: *mut c_void) -> Result<()> {
    let function = function.ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)?;
    launch(on as u64, Function::Host(function, data as usize))
}

/// `cuStreamAddCallback`
pub unsafe fn cuStreamAddCallback(
    on: CUstream,
    callback: CUstreamCallback,
    data: *mut c_void,
    flags: c_uint,
) -> Result<()> {
    let callback = callback.ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)?;
    if flags != 0 {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    launch(
        on as u64,
        Function::Stream(callback, on as u64, data as usize),
    )
}

/// `cuUserObjectCreate`
pub unsafe fn cuUserObjectCreate(
    object: *mut CUuserObject,
    data: *mut c_void,
    destroy: CUhostFn,
    references: c_uint,
    flags: c_uint,
) -> Result<()> {
    let session = Session::current()?;
    let destroy = destroy.ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)?;
    let fresh = Fresh::new(Kind::UserObject, object.cast())?;
    if references == 0 || flags != 1 {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    start(session)?;
    let call = session.calls.insert(Entry {
        function: Arc::new(Function::Host(destroy, data as usize)),
        context: thread::current_context(),
        lasting: false,
        counted: false,
        memory: None,
        object: Some(fresh.id()),
    });
    let made = session
        .link
        .call(Interface::Cuda, cuda::USER_OBJECT, |body| {
            let mut body = Encoder::new(body);
            body.scalar(fresh.id());
            body.scalar(call);
            body.scalar(references);
            body.scalar(flags);
            Ok(())
        });
    if let Err(status) = made {
        session.calls.lock().remove(&call);
        return Err(status);
    }
    // SAFETY: CUDA's contract for the argument, which is not null.
    unsafe { object.write(fresh.keep() as CUuserObject) };
    Ok(())
}

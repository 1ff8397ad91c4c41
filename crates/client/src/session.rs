//! What the process knows of its server.

use std::io::{ErrorKind, IoSlice, IoSliceMut};
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use pillion_cuda_abi::{API_VERSION, CUresult};
use pillion_protocol::command::session as op;
use pillion_protocol::{
    Encoder, HEADER_LEN, Header, Hello, Interface, Reply, ReplyHeader, Welcome,
};
use pillion_transport::{Connection, Interest, Uri};
use zerocopy::IntoBytes;

use crate::api::callback::Calls;
use crate::api::capture::Captures;
use crate::api::context::Contexts;
use crate::api::event::Events;
use crate::api::graph::Graphs;
use crate::api::green::GreenStreams;
use crate::api::linker::Links;
use crate::api::memory::Memory;
use crate::api::module::Modules;
use crate::api::stream::Streams;
use crate::entry::Result;
use crate::link::Link;
use crate::log::{self, Level};
use crate::names::Names;

/// How long a server may take to accept, to find a worker and to greet.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const WELCOME_TIMEOUT: Duration = Duration::from_secs(60);

/// A session with a server. Made once, never freed: other threads may be in any call when the process ends.
pub struct Session {
    /// What the server said of itself and its devices.
    pub welcome: Welcome,
    /// The connection.
    pub link: Link,
    /// Names for new objects.
    pub names: Names,
    /// Contexts.
    pub contexts: Contexts,
    /// Memory of both sides.
    pub memory: Memory,
    /// Modules, libraries and their functions.
    pub modules: Modules,
    /// Streams.
    pub streams: Streams,
    /// Events.
    pub events: Events,
    /// Host functions.
    pub calls: Calls,
    /// Captures that are under way.
    pub captures: Captures,
    /// Graphs that use host memory.
    pub graphs: Graphs,
    /// Links that have begun.
    pub links: Links,
    /// Streams of green contexts.
    pub green_streams: GreenStreams,
    /// `PILLION_SYNC`: every command is waited for.
    pub synchronous: bool,
}

/// The session that calls may use: null before `cuInit`, in the child of a fork, and once the process exits.
static CURRENT: AtomicPtr<Session> = AtomicPtr::new(core::ptr::null_mut());
/// Why `CURRENT` is null.
static STATE: AtomicU32 = AtomicU32::new(CUresult::CUDA_ERROR_NOT_INITIALIZED.0);
/// The session, whether `cuInit` was called or not.
static CONNECTED: Mutex<Option<core::result::Result<&'static Session, CUresult>>> =
    Mutex::new(None);

impl Session {
    /// The session of an initialised process.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_NOT_INITIALIZED` before `cuInit` and in the child of a fork, `CUDA_ERROR_DEINITIALIZED` once exit handlers
    /// have begun.
    #[inline]
    pub fn current() -> Result<&'static Session> {
        // Acquire: pairs with the release in `initialise`; the session is whole.
        let session = CURRENT.load(Ordering::Acquire);
        // SAFETY: null, or a session that is never freed.
        unsafe { session.as_ref() }.ok_or_else(state)
    }

    /// The session, connected if it was not yet.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_NO_DEVICE` where no server can be reached, which is said once on standard error.
    pub fn connect() -> Result<&'static Session> {
        match CUresult(STATE.load(Ordering::Relaxed)) {
            CUresult::CUDA_ERROR_DEINITIALIZED => return Err(CUresult::CUDA_ERROR_DEINITIALIZED),
            FORKED => return Err(CUresult::CUDA_ERROR_NOT_INITIALIZED),
            _ => {}
        }
        let mut connected = CONNECTED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(result) = *connected {
            return result;
        }
        let result = Self::establish().map_err(|reason| {
            log::write(Level::Error, format_args!("{reason}"));
            CUresult::CUDA_ERROR_NO_DEVICE
        });
        *connected = Some(result);
        result
    }

    /// `cuInit`.
    ///
    /// # Errors
    ///
    /// As [`Session::connect`].
    pub fn initialise() -> Result<()> {
        let session = Self::connect()?;
        if session.welcome.devices.is_empty() {
            return Err(CUresult::CUDA_ERROR_NO_DEVICE);
        }
        // Release: pairs with the acquire in `current`.
        CURRENT.store(core::ptr::from_ref(session).cast_mut(), Ordering::Release);
        Ok(())
    }

    fn establish() -> core::result::Result<&'static Session, String> {
        let (connection, rest, welcome) = reach()?;
        let names = Names::new();
        let contexts = Contexts::new(&welcome, &names)
            .map_err(|_| "the server has too many devices".to_string())?;
        let link = Link::new(connection, rest)
            .map_err(|error| format!("cannot set up the connection: {error}"))?;
        let session = Box::leak(Box::new(Session {
            welcome,
            link,
            names,
            contexts,
            memory: Memory::default(),
            modules: Modules::default(),
            streams: Streams::default(),
            events: Events::default(),
            calls: Calls::default(),
            captures: Captures::default(),
            graphs: Graphs::default(),
            links: Links::default(),
            green_streams: GreenStreams::default(),
            synchronous: std::env::var("PILLION_SYNC")
                .is_ok_and(|value| !value.is_empty() && value != "0"),
        }));
        let session: &'static Session = session;
        start_thread("pillion-io", move || session.link.run())?;
        // SAFETY: both functions have C's signature and touch atomics only.
        unsafe {
            libc::pthread_atfork(None, None, Some(after_fork));
            libc::atexit(at_exit);
        }
        Ok(session)
    }
}

/// Not a code of CUDA's: the child of a fork, which differs from a process that has not called `cuInit` in that it never may.
const FORKED: CUresult = CUresult(u32::MAX);

/// In the child of a fork: the connection, its thread and its locks are the parent's. Only marks.
extern "C" fn after_fork() {
    CURRENT.store(core::ptr::null_mut(), Ordering::Relaxed);
    STATE.store(FORKED.0, Ordering::Relaxed);
}

/// Whoever calls from now on does so from a destructor.
extern "C" fn at_exit() {
    if STATE.load(Ordering::Relaxed) != FORKED.0 {
        CURRENT.store(core::ptr::null_mut(), Ordering::Relaxed);
        STATE.store(CUresult::CUDA_ERROR_DEINITIALIZED.0, Ordering::Relaxed);
    }
}

/// What a call answers in this state, as a code of CUDA's.
pub fn state() -> CUresult {
    match CUresult(STATE.load(Ordering::Relaxed)) {
        FORKED => CUresult::CUDA_ERROR_NOT_INITIALIZED,
        state => state,
    }
}

/// Starts a thread of this library's.
///
/// # Errors
///
/// The kernel's, as a sentence.
pub fn start_thread(
    name: &str,
    work: impl FnOnce() + Send + 'static,
) -> core::result::Result<(), String> {
    // The program's signals are for its own threads: the new one inherits a full mask.
    let mut old = core::mem::MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: the sets are local; `old` is written before it is read back below.
    unsafe {
        let mut all = core::mem::MaybeUninit::<libc::sigset_t>::uninit();
        libc::sigfillset(all.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), old.as_mut_ptr());
    }
    let started = std::thread::Builder::new()
        .name(name.to_string())
        // Host functions of the program run in one of these, and may want a stack as other threads have.
        .stack_size(8 << 20)
        .spawn(work);
    // SAFETY: `old` was filled above.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, old.as_ptr(), core::ptr::null_mut()) };
    started
        .map(|_| ())
        .map_err(|error| format!("cannot start a thread: {error}"))
}

/// The first server of `PILLION_SERVER` that accepts this client.
fn reach() -> core::result::Result<(Connection, Vec<u8>, Welcome), String> {
    let servers = std::env::var("PILLION_SERVER").unwrap_or_default();
    let uris: Vec<String> = if servers.trim().is_empty() {
        pillion_transport::default_uris()
            .iter()
            .map(Uri::to_string)
            .collect()
    } else {
        servers
            .split(',')
            .map(|uri| uri.trim().to_string())
            .filter(|uri| !uri.is_empty())
            .collect()
    };
    let mut reasons = Vec::new();
    for uri in &uris {
        match uri
            .parse::<Uri>()
            .map_err(|error| error.to_string())
            .and_then(|parsed| greet(&parsed))
        {
            Ok(reached) => {
                log::write(
                    Level::Info,
                    format_args!("connected to {uri}: {}", reached.2.description),
                );
                return Ok(reached);
            }
            Err(reason) => reasons.push(format!("{uri}: {reason}")),
        }
    }
    Err(format!(
        "no Pillion server can be reached ({}). Start one with `pillion serve`, or name one in PILLION_SERVER",
        reasons.join("; ")
    ))
}

/// Connects and greets.
fn greet(uri: &Uri) -> core::result::Result<(Connection, Vec<u8>, Welcome), String> {
    let mut connection =
        pillion_transport::connect(uri, CONNECT_TIMEOUT).map_err(|error| error.to_string())?;
    let program = std::env::args_os()
        .next()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let token = std::env::var("PILLION_TOKEN").unwrap_or_default();
    let program: String = program
        .chars()
        .rev()
        .take(256)
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect();
    let mut body = Vec::new();
    Hello::new(API_VERSION, std::process::id(), &token, &program)
        .encode(&mut Encoder::new(&mut body));
    let mut frame = Header::new(Interface::Session, op::HELLO, body.len(), 0, 0, 0)
        .as_bytes()
        .to_vec();
    frame.extend_from_slice(&body);
    let deadline = Instant::now() + WELCOME_TIMEOUT;
    let mut sent = 0;
    while sent < frame.len() {
        match connection.sender.try_send(&[IoSlice::new(&frame[sent..])]) {
            Ok(n) => sent += n,
            Err(error) => pause(&connection, error, Interest::WRITABLE, deadline)?,
        }
    }
    let mut buffer = vec![0; 64 << 10];
    let mut have = 0;
    loop {
        if let Some(header) = buffer[..have].first_chunk::<HEADER_LEN>() {
            let header = ReplyHeader::parse(header)
                .map_err(|_| "what answers there is not Pillion".to_string())?;
            let whole = HEADER_LEN + header.len.get() as usize;
            if have >= whole {
                let reply = Reply::decode(&header, &buffer[HEADER_LEN..whole]);
                let welcome = match reply
                    .map_err(|_| "what answers there is not Pillion".to_string())?
                {
                    Reply::Welcome(bytes) => {
                        Welcome::decode(bytes).map_err(|violation| violation.to_string())?
                    }
                    Reply::End { reason } => return Err(format!("the server refused: {reason}")),
                    _ => return Err("the server answered out of turn".to_string()),
                };
                return Ok((connection, buffer[whole..have].to_vec(), welcome));
            }
            if buffer.len() < whole {
                buffer.resize(whole, 0);
            }
        }
        match connection
            .receiver
            .try_recv(&mut [IoSliceMut::new(&mut buffer[have..])])
        {
            Ok(0) => return Err("the server closed the connection before it greeted".to_string()),
            Ok(n) => have += n,
            Err(error) => pause(&connection, error, Interest::READABLE, deadline)?,
        }
    }
}

/// Waits for the connection to be ready, or passes on why it never will be.
fn pause(
    connection: &Connection,
    error: std::io::Error,
    interest: Interest,
    deadline: Instant,
) -> core::result::Result<(), String> {
    match error.kind() {
        ErrorKind::Interrupted => Ok(()),
        ErrorKind::WouldBlock => {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(format!(
                    "the server did not greet within {} seconds",
                    WELCOME_TIMEOUT.as_secs()
                ));
            }
            match connection.poller.wait(interest, None, Some(left)) {
                Err(error) if error.kind() != ErrorKind::Interrupted => Err(error.to_string()),
                _ => Ok(()),
            }
        }
        _ => Err(error.to_string()),
    }
}

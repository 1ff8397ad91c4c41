//! What the process knows of its server.

use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use pillion_cuda_abi::visible::{Identity, visible};
use pillion_cuda_abi::{API_VERSION, CUresult};
use pillion_protocol::{DeviceSnapshot, Hello, MAX_DEVICE_LIST, Welcome};
use pillion_transport::{Connection, Uri};

use crate::api::bounce::Bounces;
use crate::api::callback::Calls;
use crate::api::capture::Captures;
use crate::api::context::Contexts;
use crate::api::event::Events;
use crate::api::graph::Graphs;
use crate::api::green::GreenStreams;
use crate::api::known_copy::KnownCopies;
use crate::api::launch::Limits;
use crate::api::line::Lines;
use crate::api::linker::Links;
use crate::api::memory::Memory;
use crate::api::module::Modules;
use crate::api::packing::Packing;
use crate::api::shared::Shared;
use crate::api::stream::Streams;
use crate::api::upload::Uploads;
use crate::entry::Result;
use crate::link::Link;
use crate::log::{self, Level};
use crate::names::Names;

/// A session with a server. Made once, never freed: other threads may be in any call when the process ends.
pub struct Session {
    /// What the server said of itself and its devices.
    pub welcome: Welcome,
    /// What launches may have at most, by device.
    pub limits: Vec<Limits>,
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
    /// Images on their way to the server.
    pub uploads: Uploads,
    /// What is known of the line to the server.
    pub line: Lines,
    /// What is packed on its way.
    pub packing: Packing,
    /// Copies whose bytes the server may have.
    pub known_copies: KnownCopies,
    /// Streams.
    pub streams: Streams,
    /// Events.
    pub events: Events,
    /// Memory that both sides use by its address.
    pub shared: Shared,
    /// Buffers of copies from and to pageable memory.
    pub bounces: Bounces,
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

    /// Makes a session of a connection whose greeting is done, instead of looking for a server: benchmarks bring their own.
    ///
    /// # Errors
    ///
    /// Where the process has a session, or cannot have one, as a sentence.
    pub fn adopt(
        connection: Connection,
        welcome: Welcome,
    ) -> core::result::Result<&'static Session, String> {
        let mut connected = CONNECTED.lock().unwrap_or_else(PoisonError::into_inner);
        if connected.is_some() {
            return Err("the process has looked for a server already".to_string());
        }
        let session = Self::over(
            connection,
            Vec::new(),
            welcome,
            Uploads::default(),
            Packing::default(),
        )?;
        *connected = Some(Ok(session));
        Ok(session)
    }

    /// The session, if there is one already.
    pub fn connected() -> Option<&'static Session> {
        let connected = CONNECTED.lock().unwrap_or_else(PoisonError::into_inner);
        connected.and_then(core::result::Result::ok)
    }

    /// The version of CUDA that the server's driver and this library both have.
    pub fn cuda_version(&self) -> u32 {
        self.welcome.driver_version.min(API_VERSION)
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
        let (list, by_bus) = asked_for()?;
        let (uri, connection, rest, mut welcome) = reach(list.clone(), by_bus)?;
        if !welcome.chosen {
            let shown = shown(list.as_deref(), by_bus, &welcome.devices)?;
            welcome.devices.truncate(shown);
        }
        Self::over(
            connection,
            rest,
            welcome,
            Uploads::to(&uri),
            Packing::to(&uri),
        )
    }

    /// The session over a connection whose greeting is done; `rest` is what was read beyond it.
    fn over(
        connection: Connection,
        rest: Vec<u8>,
        mut welcome: Welcome,
        uploads: Uploads,
        packing: Packing,
    ) -> core::result::Result<&'static Session, String> {
        let names = Names::new();
        let contexts = Contexts::new(&welcome, &names)
            .map_err(|_| "the server has too many devices".to_string())?;
        let opcodes = std::mem::take(&mut welcome.opcodes);
        let link = Link::new(connection, rest, opcodes)
            .map_err(|error| format!("cannot set up the connection: {error}"))?;
        let session = Box::leak(Box::new(Session {
            limits: welcome.devices.iter().map(Limits::of).collect(),
            welcome,
            link,
            names,
            contexts,
            memory: Memory::default(),
            modules: Modules::default(),
            uploads,
            line: Lines::default(),
            packing,
            known_copies: KnownCopies::default(),
            streams: Streams::default(),
            events: Events::default(),
            shared: Shared::default(),
            bounces: Bounces::default(),
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

/// Which devices the program is to see: `CUDA_VISIBLE_DEVICES`, and whether they are numbered by their PCI addresses.
fn asked_for() -> core::result::Result<(Option<String>, bool), String> {
    let list = std::env::var_os("CUDA_VISIBLE_DEVICES");
    let list = list.map(|list| list.to_string_lossy().into_owned());
    if let Some(len) = list.as_ref().map(String::len)
        && len > MAX_DEVICE_LIST
    {
        return Err(format!(
            "CUDA_VISIBLE_DEVICES has {len} bytes, and a server is told {MAX_DEVICE_LIST} at most: name fewer devices in it, each \
             once"
        ));
    }
    let by_bus = std::env::var_os("CUDA_DEVICE_ORDER").is_some_and(|order| order == "PCI_BUS_ID");
    Ok((list, by_bus))
}

/// How many of the devices the program is to see of a server that is older than lists of them, and shows all.
///
/// # Errors
///
/// Where it asks for another order than the server's.
fn shown(
    list: Option<&str>,
    by_bus: bool,
    devices: &[DeviceSnapshot],
) -> core::result::Result<usize, String> {
    let identity = |device: &DeviceSnapshot| Identity {
        uuid: device.uuid,
        pci_bus_id: device.pci_bus_id.clone(),
    };
    let all: Vec<Identity> = devices.iter().map(identity).collect();
    let seen = visible(list, by_bus, &all);
    if seen.iter().copied().eq(0..seen.len()) {
        return Ok(seen.len());
    }
    Err(format!(
        "CUDA_VISIBLE_DEVICES={} asks for the server's GPUs in another order than they have, which this server is too old for: upgrade \
         it, or name them from 0 on",
        list.unwrap_or("(unset, with CUDA_DEVICE_ORDER=PCI_BUS_ID)")
    ))
}

/// Not a code of CUDA's: the child of a fork, which differs from a process that has not called `cuInit` in that it never may.
const FORKED: CUresult = CUresult(u32::MAX);

/// In the child of a fork: the connection, its thread and its locks are the parent's. Only marks. A parent that has only asked
/// what there is, and not called `cuInit`, may have children that use CUDA: they connect themselves.
extern "C" fn after_fork() {
    let initialised = !CURRENT.load(Ordering::Relaxed).is_null();
    let fresh = CUresult(STATE.load(Ordering::Relaxed)) == CUresult::CUDA_ERROR_NOT_INITIALIZED;
    if !initialised
        && fresh
        // Locked: another thread of the parent's was connecting, and this copy of the lock stays locked.
        && let Ok(mut connected) = CONNECTED.try_lock()
    {
        *connected = None;
        return;
    }
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

/// The first server of `PILLION_SERVER` that accepts this client, which asks for those devices.
fn reach(
    devices: Option<String>,
    by_bus: bool,
) -> core::result::Result<(Uri, Connection, Vec<u8>, Welcome), String> {
    let hello = Hello {
        devices,
        by_bus,
        ..pillion_dial::hello()
    };
    let reached = pillion_dial::reach(&hello).map_err(|error| error.to_string())?;
    log::write(
        Level::Info,
        format_args!(
            "connected to {}: {}",
            reached.uri, reached.welcome.description
        ),
    );
    let (connection, rest) = reached.wire.into_parts();
    Ok((reached.uri, connection, rest, reached.welcome))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_server_shows_its_devices_from_the_first_on() {
        let device = |first: u8| DeviceSnapshot {
            uuid: [first; 16],
            pci_bus_id: format!("0000:{:02x}:00.0", 0xff - first),
            ..DeviceSnapshot::default()
        };
        let devices = [device(0xab), device(0x12)];
        let shown = |list| shown(list, false, &devices);
        assert_eq!(shown(None), Ok(2));
        assert_eq!(shown(Some("")), Ok(0));
        assert_eq!(shown(Some("0")), Ok(1));
        assert_eq!(shown(Some("0, 1")), Ok(2));
        assert_eq!(shown(Some("0,7,1")), Ok(1));
        assert_eq!(shown(Some("GPU-abab,GPU-1212")), Ok(2));
        assert!(shown(Some("1")).is_err());
        assert!(shown(Some("1,0")).is_err());
        assert_eq!(super::shown(None, true, &devices), Ok(2));
        assert_eq!(super::shown(Some("0"), true, &devices), Ok(1));
    }
}

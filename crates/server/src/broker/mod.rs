//! The broker: listens, looks at who comes, and gives every session a process of its own.
//!
//! # Threads
//!
//! * The thread that calls [`serve`] is the *supervisor*: it starts, assigns, watches and reaps workers, and owns all state.
//! * One thread per listener accepts.
//! * One serves the web view (`crate::web`), if there is one, one writes accounting records, if they are wanted, and one says whose turn
//!   it is on a device (`arbiter`), once somebody takes turns. They last as long as the broker.
//! * One short-lived thread per connection reads its greeting; there are at most 256 of them, besides those that have to
//!   go, and each lasts ten seconds at most. Everybody else reaches the supervisor through a queue.
//!
//! # Workers
//!
//! A worker is this program's hidden `worker` command in a process of its own, with three descriptors, a control socket, a page for what it uses,
//! and perhaps a socket for its turns. It
//! loads the device, writes one byte to say that it is ready, and waits. To begin a session the broker sends it the client's
//! connection together with a [`crate::worker::Note`]: a random session identity, the client's folder in the content cache, and the
//! greeting's body without the token
//! ([`pillion_transport::Handoff::send`]); from then on it says no more than [`crate::worker::said`] has, and hears no more than
//! [`crate::worker::reports`]. A worker serves one session and ends. It also
//! ends when the control socket closes, and the kernel ends it when the broker dies, so that nothing outlives a broker that was
//! killed.
//!
//! # The end
//!
//! The first SIGTERM or SIGINT closes the listeners and lets sessions go on until they end or the drain time is over; a second
//! one ends them. A Unix socket's file goes with its listener. There are no other files but those of the content cache
//! ([`crate::cache`]), which only workers read and write, and the accounting records.

mod arbiter;
mod books;
mod certificate;
mod dense;
pub(crate) mod greeting;
pub mod identity;
mod limiter;
mod mps;
mod orders;
mod parking;
pub(crate) mod places;
mod policy;
mod process;
mod records;
mod status;
mod supervisor;

use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, mpsc};

use pillion_transport::tls::Pin;
use pillion_transport::{
    ListenError, ListenOptions, Listener, Uri, Waker, default_shm_socket, default_socket, listen,
};
use signal_hook::consts::{SIGCHLD, SIGHUP, SIGINT, SIGTERM};
use thiserror::Error;

pub use greeting::read as greeting;
pub use orders::{Change, Done, Order};
pub use status::{
    GpuStatus, OTHERS, QueueStatus, SessionState, SessionStatus, Status, TenantStatus, WorkerCounts,
};

use crate::settings::{Config, Endpoint, Problem};
use crate::user;
use crate::web;
use crate::worker::Device;
use greeting::{Gate, Supervisor};
use policy::{Door, Policy};
use records::Records;
use supervisor::{Limits, Pool, Signals};

/// Which device a server has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum DeviceChoice {
    /// NVIDIA's driver where it finds a usable GPU, else the CPU device.
    #[default]
    Auto,
    /// This one.
    Only(Device),
}

impl FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(DeviceChoice::Auto),
            _ => match text.parse() {
                Ok(device) => Ok(DeviceChoice::Only(device)),
                Err(reason) => Err(format!(
                    "{reason}; auto takes nvidia where it finds a usable GPU"
                )),
            },
        }
    }
}

/// Why a server did not start.
#[derive(Debug, Error)]
pub enum ServeError {
    /// A listener.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The folder of the default socket.
    #[error(
        "the folder {path} for the default socket {problem}; remove it, or choose a socket with --listen unix://PATH"
    )]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The token file.
    #[error("{}", .0.iter().map(Problem::to_string).collect::<Vec<_>>().join("; "))]
    Tokens(Vec<Problem>),
    /// What `tls://` and `wss://` listeners are to show.
    #[error("{0}")]
    Certificate(String),
    /// Where the web view is to be.
    #[error(
        "cannot listen at {listen} for the web page: {error}; choose another address with --web, or in [web] of the settings"
    )]
    Web {
        /// The address.
        listen: SocketAddr,
        /// What the kernel says.
        error: std::io::Error,
    },
    /// Whom workers are to belong to.
    #[error("{0}")]
    User(String),
    /// The folder of the content cache.
    #[error(
        "the folder {path} for the content cache {problem}; choose another with --cache, or none with --cache off"
    )]
    Cache {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Where it is written what sessions have used.
    #[error(
        "the file {path} for accounting records cannot be written: {error}; choose another with --accounting"
    )]
    Accounting {
        /// The file.
        path: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// The device that was asked for.
    #[error("the {device} device does not start: {reason}")]
    Device {
        /// Which.
        device: Device,
        /// Why, in a worker's words.
        reason: String,
    },
    /// No descriptor, no thread, no memory.
    #[error("cannot set up the server: {0}")]
    Io(#[from] std::io::Error),
}

/// Serves until SIGTERM or SIGINT has come and the sessions have ended. Prints `listening on URI` to standard output for each
/// listener once it accepts; logs through `tracing`. Must be called from a thread that lasts as long as the process, and
/// registers handlers for SIGTERM, SIGINT and SIGCHLD, and for SIGHUP if there is something to reload or a listener with a
/// certificate.
///
/// # Errors
///
/// [`ServeError`], before anything was accepted.
pub fn serve(config: Config) -> Result<(), ServeError> {
    let signals = signals(config.reload.is_some())?;
    raise_descriptor_limit();
    let (policy, seen) = Policy::read(&config).map_err(ServeError::Tokens)?;
    let user = user::find(&config.user).map_err(ServeError::User)?;
    let records = match &config.accounting {
        None => None,
        Some(path) => match Records::open(path) {
            Ok(records) => Some(records),
            Err(error) => {
                let path = path.clone();
                return Err(ServeError::Accounting { path, error });
            }
        },
    };
    let endpoints = config.endpoints;

    // First what is most often wrong and soonest found out. Clients that come before the device is loaded wait.
    let (default, default_shm) = (default_socket(), default_shm_socket());
    let _folder = endpoints
        .iter()
        .any(|endpoint| match &endpoint.listen {
            Uri::Unix { path } => *path == default,
            Uri::Shm { path } => *path == default_shm,
            _ => false,
        })
        .then(|| Folder::prepare(&default))
        .transpose()?;
    let bound = endpoints
        .iter()
        .map(Bound::new)
        .collect::<Result<Vec<_>, _>>()?;
    let web = config.web.map(web::Bound::new).transpose()?;

    let (sender, events) = mpsc::channel();
    let waker = Arc::new(Waker::new()?);
    let cache_folder = config.cache.as_ref().map(|cache| cache.folder.clone());
    let limits = Limits {
        program: config.program,
        warm: config.warm,
        warm_memory: config.warm_memory,
        cache: config.cache,
        user,
        sandbox: config.sandbox,
        networked: endpoints
            .iter()
            .any(|endpoint| matches!(endpoint.listen, Uri::Ucx { .. })),
        max_sessions: config.max_sessions,
        drain: config.drain_timeout,
        reload: config.reload,
        sharing: config.sharing,
        accounting_interval: config.accounting_interval,
        web: config.web,
    };
    let mut pool = Pool::new(limits, records, events, Arc::clone(&waker), signals);
    choose(&mut pool, config.device)?;
    open_cache(&mut pool, cache_folder, config.cache_by_default)?;

    let gate = Gate::new(
        Supervisor {
            events: sender,
            waker,
        },
        Door::new(policy, seen),
        config.failed_attempts,
    );
    let closers: Vec<_> = bound.iter().map(|bound| bound.listener.closer()).collect();
    let uris: Vec<_> = bound.iter().map(|bound| bound.listener.uri()).collect();
    let names: Vec<_> = uris.iter().map(Uri::to_string).collect();
    let mut threads = Vec::new();
    let mut own = Vec::new();
    for (endpoint, (Bound { listener, own: pin }, uri)) in bound.into_iter().zip(uris).enumerate() {
        let gate = Arc::clone(&gate);
        let thread = std::thread::Builder::new().name("pillion-accept".to_string());
        threads.push(thread.spawn(move || gate.serve(&*listener, endpoint))?);
        // Whoever started us reads this; if nobody does, we serve all the same.
        let _ = writeln!(std::io::stdout(), "listening on {uri}");
        let _ = std::io::stdout().flush();
        own.extend(pin.zip(Some(uri)));
    }
    for (pin, uri) in own {
        let uri = match uri {
            Uri::Tls { host, port } => Uri::Tls {
                host: reachable(host),
                port,
            },
            Uri::Wss { host, port, path } => Uri::Wss {
                host: reachable(host),
                port,
                path,
            },
            other => other,
        };
        let _ = writeln!(
            std::io::stdout(),
            "clients set PILLION_SERVER={uri} PILLION_TLS_PIN={pin}"
        );
    }
    let web = web.map(|web| web.start(Arc::clone(&gate))).transpose()?;
    if let Some(web) = &web {
        let _ = writeln!(std::io::stdout(), "web page at http://{}/", web.address());
        let _ = std::io::stdout().flush();
    }
    pool.run(&gate, &closers, &names);
    // Whoever waits for its answer hears that there is none.
    drop(pool);
    drop(web);
    for thread in threads {
        // It has logged its panic, if it had one.
        let _ = thread.join();
    }
    gate.close();
    tracing::info!("stopped");
    Ok(())
}

/// A host as other machines would call it, where the one that is listened at stands for all.
fn reachable(host: String) -> String {
    match host.parse::<std::net::IpAddr>() {
        Ok(address) if address.is_unspecified() => certificate::host().unwrap_or(host),
        _ => host,
    }
}

/// An endpoint that is listened at.
struct Bound {
    listener: Box<dyn Listener>,
    /// The fingerprint of its certificate, where clients have to be told.
    own: Option<Pin>,
}

impl Bound {
    fn new(endpoint: &Endpoint) -> Result<Self, ServeError> {
        let mut options = ListenOptions::default()
            .insecure(endpoint.insecure)
            .keep_alive(endpoint.keep_alive);
        let mut own = None;
        if endpoint.listen.has_certificates() {
            let shown = certificate::shown(endpoint).map_err(ServeError::Certificate)?;
            certificate::reload_on_signal(shown.settings.stale())?;
            own = shown.own.then(|| shown.settings.pin());
            options = options.tls(shown.settings);
        }
        let listener = listen(&endpoint.listen, &options)?;
        if let (Some(mode), Uri::Unix { path } | Uri::Shm { path }) =
            (endpoint.mode, &endpoint.listen)
        {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))?;
        }
        Ok(Bound { listener, own })
    }
}

/// Makes the content cache's folder, if there is to be one, for the user that workers turned out to belong to.
fn open_cache(
    pool: &mut Pool,
    folder: Option<PathBuf>,
    by_default: bool,
) -> Result<(), ServeError> {
    let (Some(path), Err(problem)) = (folder, pool.prepare_cache()) else {
        return Ok(());
    };
    if !by_default {
        return Err(ServeError::Cache { path, problem });
    }
    let path = path.display();
    tracing::warn!("nothing is cached: the folder {path} {problem}");
    pool.drop_cache();
    Ok(())
}

/// Starts the first worker, which shows whether the device works.
fn choose(pool: &mut Pool, choice: DeviceChoice) -> Result<(), ServeError> {
    let start = |pool: &mut Pool, device, reason: String| {
        tracing::info!("device: {device}, {reason}");
        pool.probe(device, reason, false)
            .map_err(|reason| ServeError::Device { device, reason })
    };
    match choice {
        DeviceChoice::Only(device) => start(pool, device, "as asked for with --device".to_string()),
        DeviceChoice::Auto => match pool.probe(
            Device::Nvidia,
            "because NVIDIA's driver has a usable GPU".to_string(),
            true,
        ) {
            Ok(()) => {
                tracing::info!("device: nvidia, because NVIDIA's driver has a usable GPU");
                Ok(())
            }
            Err(reason) => start(
                pool,
                Device::Cpu(1),
                format!("because there is no usable NVIDIA GPU: {reason}"),
            ),
        },
    }
}

/// SIGHUP stays what it was, the end, where there is nothing to be read again: a terminal says so that it has been closed.
fn signals(reloads: bool) -> std::io::Result<Signals> {
    let pair = || -> std::io::Result<(UnixStream, UnixStream)> {
        let (reader, writer) = UnixStream::pair()?;
        reader.set_nonblocking(true)?;
        Ok((reader, writer))
    };
    let (end, writer) = pair()?;
    signal_hook::low_level::pipe::register(SIGTERM, writer.try_clone()?)?;
    signal_hook::low_level::pipe::register(SIGINT, writer)?;
    let (child, writer) = pair()?;
    signal_hook::low_level::pipe::register(SIGCHLD, writer)?;
    let reload = match reloads {
        true => {
            let (reload, writer) = pair()?;
            signal_hook::low_level::pipe::register(SIGHUP, writer)?;
            Some(reload)
        }
        false => None,
    };
    Ok(Signals { end, child, reload })
}

/// A session takes two descriptors here for as long as it lasts; the customary 1024 would be few.
fn raise_descriptor_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // As many as there are, then.
    let _ = setrlimit(Resource::Nofile, limit);
}

/// The folder of the default socket, removed again if it was made here and is empty at the end.
#[derive(Debug)]
struct Folder {
    made: Option<PathBuf>,
}

impl Folder {
    fn prepare(socket: &Path) -> Result<Self, ServeError> {
        let path = socket.parent().unwrap_or(Path::new("/"));
        let problem = |problem: String| ServeError::Folder {
            path: path.to_owned(),
            problem,
        };
        let made = match std::fs::DirBuilder::new().mode(0o700).create(path) {
            Ok(()) => Some(path.to_owned()),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => None,
            Err(error) => return Err(problem(format!("cannot be made: {error}"))),
        };
        // In /tmp anybody could have made it first: to read along, or to pose as this server.
        let metadata = std::fs::symlink_metadata(path)
            .map_err(|error| problem(format!("cannot be looked at: {error}")))?;
        if !metadata.is_dir() {
            return Err(problem("is not a folder".to_string()));
        }
        let own = rustix::process::getuid().as_raw();
        if metadata.uid() != own {
            return Err(problem(format!(
                "belongs to user {}, not to user {own}",
                metadata.uid()
            )));
        }
        if metadata.mode() & 0o022 != 0 {
            return Err(problem(format!(
                "can be written by others (mode {:03o})",
                metadata.mode() & 0o777
            )));
        }
        Ok(Folder { made })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Some(path) = &self.made {
            // Somebody else uses it by now.
            let _ = std::fs::remove_dir(path);
        }
    }
}

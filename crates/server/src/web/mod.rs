//! The web view: figures for Prometheus, and a page that shows how things are. It answers `GET`, and changes nothing.
//!
//! One thread serves it, with a runtime of its own, and ends with the broker. All that comes to it is bounded: there are at most
//! [`MAX_CONNECTIONS`], of which the one that has been quiet for longest goes when another comes, and first of all those that have not
//! shown that they may see anything; each has [`PATIENCE`] to say what it wants, in [`MAX_HEAD`] bytes, and [`LIFE`] in all; and there are
//! no bodies. Who may see it is asked of the gate, as everywhere ([`Gate::admits_viewer`]).
//!
//! What it knows it asks the supervisor, which tells it a [`Status`](crate::broker::Status) as it tells `pillion status`: once a second
//! for the [history](history), and for who asks, but not more often than each [`FRESH`].

mod credentials;
mod history;
mod metrics;
mod routes;

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use pillion_transport::PeerInfo;
use tokio::net::TcpStream;
use tokio::runtime;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::broker::greeting::Gate;
use crate::broker::{ServeError, Status};
use crate::settings::{self, WebAuthentication};
use history::History;

/// Most connections at once.
const MAX_CONNECTIONS: usize = 64;
/// How long one may take to say what it wants, and may be silent.
const PATIENCE: Duration = Duration::from_secs(10);
/// Most bytes that it may take for that.
const MAX_HEAD: usize = 16 << 10;
/// Most lines of it.
const MAX_LINES: usize = 64;
/// How long a connection lasts: whoever takes longer to read an answer than this leaves, and a page comes again.
const LIFE: Duration = Duration::from_secs(60);
/// How long it may go on with what it does then.
const FAREWELL: Duration = Duration::from_secs(5);
/// How long an answer of the supervisor's is told to others who ask.
const FRESH: Duration = Duration::from_millis(100);
/// Pause after a connection that could not be accepted: it may last, and fail a thousand times a second.
const PAUSE: Duration = Duration::from_millis(100);

/// An address that is listened at.
pub struct Bound {
    listener: TcpListener,
    settings: settings::Web,
}

impl Bound {
    /// Listens.
    ///
    /// # Errors
    ///
    /// The address cannot be had.
    pub fn new(settings: settings::Web) -> Result<Self, ServeError> {
        let listen = settings.listen;
        let bind = || -> std::io::Result<TcpListener> {
            let listener = TcpListener::bind(listen)?;
            listener.set_nonblocking(true)?;
            Ok(listener)
        };
        let listener = bind().map_err(|error| ServeError::Web { listen, error })?;
        Ok(Bound { listener, settings })
    }

    /// Answers from now on, as the gate allows.
    ///
    /// # Errors
    ///
    /// No thread, no descriptor.
    pub fn start(self, gate: Arc<Gate>) -> std::io::Result<Running> {
        let address = self.listener.local_addr()?;
        // The second one asks the supervisor, who may be busy.
        let runtime = runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .max_blocking_threads(1)
            .build()?;
        let listener = {
            let _inside = runtime.enter();
            tokio::net::TcpListener::from_std(self.listener)?
        };
        let view = Arc::new(View {
            gate,
            authentication: self.settings.authentication,
            told: tokio::sync::Mutex::new(None),
            history: Mutex::new(History::new(SystemTime::now())),
            guests: Mutex::new(Guests::default()),
        });
        let (end, ended) = oneshot::channel();
        let thread = std::thread::Builder::new().name("pillion-web".to_string());
        let thread = thread.spawn(move || {
            runtime.spawn(sample(Arc::clone(&view)));
            runtime.spawn(accept(listener, view));
            // It comes to an end when there is nobody any more who could say so.
            let _ = runtime.block_on(ended);
            runtime.shutdown_background();
        })?;
        Ok(Running {
            address,
            end: Some(end),
            thread: Some(thread),
        })
    }
}

/// A web view that is served, until this is dropped.
pub struct Running {
    address: SocketAddr,
    end: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// Where.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.end.take());
        // It has logged its panic, if it had one.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// What all answers are made of.
struct View {
    gate: Arc<Gate>,
    authentication: WebAuthentication,
    /// What the supervisor has told last. Whoever asks it holds this, so that there is one question at a time.
    told: tokio::sync::Mutex<Option<(Instant, Arc<Status>)>>,
    history: Mutex<History>,
    guests: Mutex<Guests>,
}

impl View {
    /// How things are, unless the supervisor is too busy to say.
    async fn status(self: &Arc<Self>) -> Option<Arc<Status>> {
        self.status_and_when().await.map(|(_, status)| status)
    }

    async fn status_and_when(self: &Arc<Self>) -> Option<(Instant, Arc<Status>)> {
        let mut told = self.told.lock().await;
        if let Some(last) = told.as_ref().filter(|(when, _)| when.elapsed() < FRESH) {
            return Some(last.clone());
        }
        let gate = Arc::clone(&self.gate);
        let asked = tokio::task::spawn_blocking(move || gate.status());
        let status = Arc::new(asked.await.ok().flatten()?);
        *told = Some((Instant::now(), status));
        told.clone()
    }

    fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn guests(&self) -> MutexGuard<'_, Guests> {
        self.guests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keeps the history.
async fn sample(view: Arc<View>) {
    let mut seconds = interval(history::EVERY);
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        seconds.tick().await;
        if let Some((when, status)) = view.status_and_when().await {
            view.history().add(&status, when, SystemTime::now());
        }
    }
}

async fn accept(listener: tokio::net::TcpListener, view: Arc<View>) {
    let app = routes::router(Arc::clone(&view));
    let mut failing = false;
    loop {
        match listener.accept().await {
            Ok((stream, address)) => {
                failing = false;
                let is_local = address.ip().to_canonical().is_loopback();
                let guest = Guest {
                    number: view.guests().next(),
                    peer: PeerInfo::new(address.to_string(), is_local),
                };
                let number = guest.number;
                let served = serve(stream, app.clone().layer(Extension(Arc::new(guest))));
                let leaves = Arc::clone(&view);
                let task = tokio::spawn(async move {
                    served.await;
                    leaves.guests().remove(number);
                });
                // It has not begun yet: there is one thread, and it is here.
                view.guests().add(number, task.abort_handle());
                // Whoever has to go for it goes now: a task ends when it has its turn, and there may be many who come.
                tokio::task::yield_now().await;
            }
            Err(error) => {
                if !failing {
                    tracing::error!("the web page cannot accept connections: {error}");
                }
                failing = true;
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, app: Router) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_LINES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
    let mut connection = pin!(connection);
    // What goes wrong there is the peer's: it left, or said what is no HTTP, and has been told.
    if timeout(LIFE, connection.as_mut()).await.is_err() {
        connection.as_mut().graceful_shutdown();
        let _ = timeout(FAREWELL, connection).await;
    }
}

/// Who has come by a connection.
struct Guest {
    number: u64,
    peer: PeerInfo,
}

/// The connections that there are.
#[derive(Default)]
struct Guests {
    numbers: u64,
    all: Vec<Present>,
}

/// One of them.
struct Present {
    number: u64,
    task: AbortHandle,
    /// It has been shown something, and so may see it.
    is_known: bool,
    /// When it last was, or came.
    last: Instant,
}

impl Guests {
    fn next(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    /// One more. If that is one too many, another goes.
    fn add(&mut self, number: u64, task: AbortHandle) {
        if self.all.len() >= MAX_CONNECTIONS {
            let all = self.all.iter().enumerate();
            let least = all.min_by_key(|(_, present)| (present.is_known, present.last));
            if let Some((index, _)) = least {
                self.all.swap_remove(index).task.abort();
            }
        }
        self.all.push(Present {
            number,
            task,
            is_known: false,
            last: Instant::now(),
        });
    }

    /// It may see what it asks for.
    fn know(&mut self, number: u64) {
        let mut all = self.all.iter_mut();
        if let Some(present) = all.find(|present| present.number == number) {
            (present.is_known, present.last) = (true, Instant::now());
        }
    }

    fn remove(&mut self, number: u64) {
        self.all.retain(|present| present.number != number);
    }
}

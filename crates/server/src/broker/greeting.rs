//! The first seconds of a connection: who is there, and may they come in?
//!
//! Where the transport has to settle first who is there, that is part of it: a handshake of `tls://` or `ws://` is the stranger's time, not the
//! listener's. A peer that has not greeted costs a thread with a small stack and a descriptor, for at most [`PATIENCE`], and there are at
//! most [`MAX_PENDING`] of them, and a few that are going: when one more comes, the oldest has to go. Whoever greets at once is never in
//! that position. What it shows to prove who it is is judged by the [policy](super::policy) in force, and how often it may be wrong is
//! [limited](super::limiter).

use std::collections::VecDeque;
use std::io::{ErrorKind, IoSlice, IoSliceMut};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::visible::{self, visible};
use pillion_protocol::command::session as op;
use pillion_protocol::{
    Decoder, Encoder, HEADER_LEN, Header, Hello, Interface, MAX_BODY, MAX_HELLO, Process, Reply,
    ReplyHeader, Violation,
};
use pillion_tenancy::Session;
use pillion_transport::tls::TlsError;
use pillion_transport::{
    Connection, Interest, Listener, ListenerClosed, PeerInfo, Script, Uri, Waker, scripted,
};
use thiserror::Error;

use super::limiter::{Limiter, Lines, Origin};
use super::orders::{Authority, Done, Order};
use super::policy::{Caller, Door, Grant, Policy, Proven, Refusal, Want};
use super::process::Sort;
use super::status::Status;
use crate::settings::{Config, FailedAttempts, Part, Problem, Reload};
use crate::tokens::{Moment, Scope, Tokens};

/// How long a peer may take to greet.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a refused peer may take to read why.
const FAREWELL: Duration = Duration::from_secs(2);
/// Most connections that have not greeted yet.
const MAX_PENDING: usize = 256;
/// Most of them that have to go and have not gone yet: nobody waits for one of them alone, so that a flood is dealt with as fast as
/// threads can be made.
const MAX_LEAVING: usize = 64;
/// Bytes of a handshake thread's stack.
const STACK: usize = 256 << 10;
/// Most characters of a program's name that are kept.
const MAX_PROGRAM: usize = 256;

/// A client that has greeted and may come in.
pub struct Candidate {
    /// Its connection, of which exactly the greeting has been read.
    pub connection: Connection,
    /// Its greeting, without the token.
    pub hello: Hello,
    /// Whom we take it for, and what it may do.
    pub grant: Grant,
    /// The listener that it came in by.
    pub listener: String,
    /// When it greeted.
    pub came: Instant,
    /// Since when it waits for what it waits for now: a place, or a worker.
    pub since: Instant,
    /// Which worker can serve it.
    pub sort: Sort,
    /// Its session's number among those that have a place on the devices or wait for one.
    pub session: Option<Session>,
    /// The server's devices that it sees, in its order, where that is known before it has a place.
    pub seen: Option<Vec<usize>>,
    /// It may not use the others.
    pub is_confined: bool,
    /// What the settings gave it of the devices when it came.
    pub part: Part,
}

/// What the supervisor hears from other threads.
pub enum Event {
    /// A client wants a session.
    Greeted(Box<Candidate>),
    /// Somebody wants to know how things are.
    Status(SyncSender<Status>),
    /// Somebody wants something done, and hears what was, or why it is not.
    Order(Authority, Order, SyncSender<Result<Done, String>>),
    /// Another policy is in force: what it does not allow any more is over.
    Policy,
    /// The settings have been read again, or have errors.
    Settings(Result<Box<Config>, Vec<Problem>>),
}

/// The way to the supervisor.
#[derive(Clone)]
pub struct Supervisor {
    /// Its queue.
    pub events: mpsc::Sender<Event>,
    /// Ends its wait.
    pub waker: Arc<Waker>,
}

impl Supervisor {
    fn tell(&self, event: Event) {
        // It has ended: so will this process.
        if self.events.send(event).is_ok() {
            self.waker.wake();
        }
    }
}

/// What all handshakes share.
pub struct Gate {
    supervisor: Supervisor,
    /// Who may come in.
    pub door: Door,
    limiter: Mutex<Limiter>,
    lines: Mutex<Lines>,
    pending: Mutex<VecDeque<Arc<Pending>>>,
    /// Somebody has left `pending`.
    left: Condvar,
    /// Peers that were refused before the supervisor heard of them.
    refused: AtomicU64,
}

/// A connection that has not greeted yet.
struct Pending {
    waker: Waker,
    evicted: AtomicBool,
}

/// Why a handshake came to nothing.
enum Failure {
    /// The peer left, or its connection broke. Not worth more than a debug line: port scanners and health checks do it.
    Gone(String),
    /// It has to hear this sentence.
    Refused(String),
}

/// Why the web view is not shown to somebody.
#[derive(Debug, Error)]
pub enum Unseen {
    /// There were so many failed attempts that the next has to wait for so long.
    #[error("too many failed attempts from this address: wait {} s", .0.as_secs_f64().ceil())]
    TooOften(Duration),
    /// The token is none, or not good any more.
    #[error("{0}")]
    Token(String),
    /// It is not good for this.
    #[error("{0}")]
    Scope(String),
}

impl Gate {
    /// A gate before `supervisor`.
    pub fn new(supervisor: Supervisor, door: Door, limits: FailedAttempts) -> Arc<Self> {
        let now = Instant::now();
        Arc::new(Gate {
            supervisor,
            door,
            limiter: Mutex::new(Limiter::new(limits, now)),
            lines: Mutex::new(Lines::new(now)),
            pending: Mutex::default(),
            left: Condvar::new(),
            refused: AtomicU64::new(0),
        })
    }

    /// How many were refused here.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Has the settings read again, in a thread of its own: names of hosts in them are looked up, which may take its time. Answers whether
    /// the supervisor will hear of them.
    pub fn reload(&self, Reload(make): Reload) -> bool {
        let supervisor = self.supervisor.clone();
        let read = move || {
            let (config, problems) = make();
            supervisor.tell(Event::Settings(config.map(Box::new).ok_or(problems)));
        };
        let thread = std::thread::Builder::new().name("pillion-reload".to_string());
        let started = thread.spawn(read);
        if let Err(error) = &started {
            tracing::error!("SIGHUP: cannot start a thread to read the settings: {error}");
        }
        started.is_ok()
    }

    /// How often one may fail, from now on.
    pub fn limit(&self, limits: FailedAttempts) {
        locked(&self.limiter).set(limits);
    }

    /// Accepts connections until the listener's closer is used. `endpoint` is its place in the settings.
    pub fn serve(self: &Arc<Self>, listener: &dyn Listener, endpoint: usize) {
        let uri = listener.uri();
        let mut failing = false;
        loop {
            match listener.accept() {
                Ok(connection) => {
                    failing = false;
                    self.admit(connection, &uri, endpoint);
                }
                Err(error) if ListenerClosed::is(&error) => return,
                Err(error) => {
                    // Once per spell: it may last, and fail a thousand times a second.
                    if !failing {
                        tracing::error!(listener = %uri, "cannot accept connections: {error}");
                    }
                    failing = true;
                    std::thread::sleep(Duration::from_millis(100));
                }
            }
        }
    }

    /// Everybody who has not greeted yet has to go.
    pub fn clear(&self) {
        for pending in self.lock().iter() {
            pending.evict();
        }
    }

    /// Before the process ends, which ends the threads of all handshakes: whoever is owed an answer gets it, and everybody else goes. Who
    /// reads too slowly for that is not waited for.
    pub fn close(&self) {
        self.clear();
        let pending = self.lock();
        let some = |pending: &mut VecDeque<_>| !pending.is_empty();
        let _ = self.left.wait_timeout_while(pending, FAREWELL, some);
    }

    fn admit(self: &Arc<Self>, connection: Connection, uri: &Uri, endpoint: usize) {
        let peer = connection.peer.description.clone();
        let waker = match Waker::new() {
            Ok(waker) => waker,
            Err(error) => return tracing::error!(peer, "cannot greet: {error}"),
        };
        let pending = Arc::new(Pending {
            waker,
            evicted: AtomicBool::new(false),
        });
        {
            let mut all = self.lock();
            let mut staying = all.iter().filter(|pending| !pending.is_evicted());
            if let Some(oldest) = staying.next()
                && staying.count() + 1 >= MAX_PENDING
            {
                oldest.evict();
            }
            while all.len() >= MAX_PENDING + MAX_LEAVING {
                all = self.left.wait(all).unwrap_or_else(PoisonError::into_inner);
            }
            all.push_back(Arc::clone(&pending));
        }
        let (gate, uri, mine) = (Arc::clone(self), uri.clone(), Arc::clone(&pending));
        let started = std::thread::Builder::new()
            .name("pillion-greet".to_string())
            .stack_size(STACK)
            .spawn(move || {
                gate.handshake(connection, &Place { uri, endpoint }, &mine);
                gate.remove(&mine);
            });
        if let Err(error) = started {
            tracing::error!(peer, "cannot start a thread for a greeting: {error}");
            self.remove(&pending);
        }
    }

    fn handshake(&self, mut connection: Connection, place: &Place, pending: &Pending) {
        let deadline = Instant::now() + PATIENCE;
        if let Err(error) = connection.establish(Some(&pending.waker), PATIENCE) {
            return self.turned_away(&connection, &place.uri, &error);
        }
        let greeting = match self.receive(&mut connection, pending, deadline) {
            Ok(greeting) => greeting,
            Err(Failure::Refused(reason)) => {
                return self.refuse(connection, place, None, pending, &reason);
            }
            Err(Failure::Gone(reason)) => {
                let peer = &connection.peer;
                tracing::debug!(%peer, listener = %place.uri, "left without a greeting: {reason}");
                return;
            }
        };
        let (hello, want) = match &greeting {
            Greeting::Hello(hello) if hello.only_asks => (Some(hello), Want::Ask),
            Greeting::Hello(hello) => (Some(hello), Want::Use),
            Greeting::Processes(hello) => (Some(hello), Want::Ask),
            Greeting::Status(hello) => (hello.as_ref(), Want::Status),
            Greeting::Order(hello, _) => (Some(hello), Want::Order),
        };
        // The server's own user and root on this machine may know everything of it, and only the kernel's word counts for that.
        let own = rustix::process::getuid().as_raw();
        let is_operator = connection
            .peer
            .uid
            .is_some_and(|uid| uid == own || uid == 0);
        let grant = match want {
            Want::Status | Want::Order if is_operator => None,
            _ => {
                let token = hello.map_or("", |hello| &hello.token);
                match self.identify(token, want, &connection, place) {
                    Ok(grant) => Some(grant),
                    Err(reason) => return self.refuse(connection, place, hello, pending, &reason),
                }
            }
        };
        match (greeting, grant) {
            (Greeting::Hello(hello), Some(grant)) => {
                self.supervisor.tell(Event::Greeted(Box::new(Candidate {
                    connection,
                    hello: Hello {
                        token: String::new(),
                        program: printable(&hello.program),
                        ..hello
                    },
                    grant,
                    listener: place.uri.to_string(),
                    came: Instant::now(),
                    since: Instant::now(),
                    sort: match place.uri {
                        Uri::Ucx { .. } => Sort::NETWORKED,
                        _ => Sort::ANY,
                    },
                    session: None,
                    seen: None,
                    is_confined: false,
                    part: Part::default(),
                })));
            }
            (Greeting::Processes(_), Some(grant)) => {
                self.tell_processes(connection, place, pending, &grant.identity.to_string());
            }
            (Greeting::Order(_, order), grant) => {
                let authority = match grant {
                    Some(grant) if !grant.manages => Authority::Own(grant.identity),
                    _ => Authority::All,
                };
                self.order(connection, place, pending, authority, order);
            }
            _ => self.tell_status(connection, place, pending),
        }
    }

    /// A peer that has not come as far as greeting. It has been told why where the transport can.
    fn turned_away(&self, connection: &Connection, uri: &Uri, error: &std::io::Error) {
        let peer = &connection.peer;
        match TlsError::of(error) {
            // Port scanners and health checks do this.
            None | Some(TlsError::NotTls | TlsError::Truncated | TlsError::Io(_)) => {
                tracing::debug!(%peer, listener = %uri, "left without a greeting: {error}");
            }
            Some(error) => {
                self.refused.fetch_add(1, Ordering::Relaxed);
                if self.may_log() {
                    tracing::warn!(%peer, listener = %uri, "refused: {error}");
                }
            }
        }
    }

    /// Reads one frame, and not a byte more: what follows is the worker's.
    fn receive(
        &self,
        connection: &mut Connection,
        pending: &Pending,
        deadline: Instant,
    ) -> Result<Greeting, Failure> {
        let mut header = [0; HEADER_LEN];
        fill(connection, &mut header, pending, deadline)?;
        let header = Header::parse(&header).map_err(not_pillion)?;
        let opcode = header.opcode.get();
        match (Interface::try_from(header.interface), opcode) {
            (Ok(Interface::Session), op::HELLO | op::STATUS | op::PROCESSES | op::ORDER) => {}
            (Ok(_), _) => return Err(not_pillion(Violation::UnknownOpcode(opcode))),
            (Err(violation), _) => return Err(not_pillion(violation)),
        }
        let len = header.len.get() as usize;
        if len > MAX_HELLO {
            return Err(Failure::Refused(format!(
                "a greeting of {len} bytes is longer than the limit of {MAX_HELLO}"
            )));
        }
        let mut body = vec![0; len];
        fill(connection, &mut body, pending, deadline)?;
        if opcode == op::STATUS && body.is_empty() {
            return Ok(Greeting::Status(None));
        }
        let (hello, order) = match opcode {
            op::ORDER => {
                let mut body = Decoder::new(&body);
                let hello = body.bytes().map_err(not_pillion)?;
                (hello, body.rest())
            }
            _ => (&body[..], &[][..]),
        };
        let hello = Hello::decode(hello).map_err(not_pillion)?;
        hello.negotiate().map_err(Failure::Refused)?;
        Ok(match opcode {
            op::PROCESSES => Greeting::Processes(hello),
            op::ORDER => {
                let order = serde_json::from_slice(order).map_err(|error| {
                    Failure::Refused(format!("this server does not know such an order: {error}"))
                })?;
                Greeting::Order(hello, order)
            }
            op::STATUS => Greeting::Status(Some(hello)),
            _ => Greeting::Hello(hello),
        })
    }

    /// Whom we take the client for, and what it may do.
    fn identify(
        &self,
        token: &str,
        want: Want,
        connection: &Connection,
        place: &Place,
    ) -> Result<Grant, String> {
        if self.door.look() {
            self.supervisor.tell(Event::Policy);
        }
        let policy = self.door.policy();
        let caller = Caller::new(token, &connection.peer);
        let proven = policy.prove(place.endpoint, &caller, Moment::now());
        // Only now, so that who has to wait does not learn from how long this took whether what it has shown was good.
        let claimed = policy.claimed(place.endpoint, token);
        self.attempted(&proven, claimed, &connection.peer)
            .map_err(|wait| {
                let from = match connection.peer.uid {
                    Some(_) => "of this user",
                    None => "from this address",
                };
                let seconds = wait.as_secs_f64().ceil();
                format!("too many failed attempts {from}: wait {seconds} s")
            })?;
        match proven {
            Ok(proven) => policy.allow(proven, place.endpoint, &place.uri.to_string(), want),
            Err(Refusal::Wrong(reason) | Refusal::Plain(reason)) => Err(reason),
        }
    }

    /// Counts an attempt to show who one is.
    ///
    /// # Errors
    ///
    /// How long the peer has to wait: there were too many that failed.
    fn attempted(
        &self,
        proven: &Result<Proven, Refusal>,
        claimed: Option<&str>,
        peer: &PeerInfo,
    ) -> Result<(), Duration> {
        let is_good = match proven {
            Ok(proven) if proven.showed_token() => true,
            Err(Refusal::Wrong(_)) => false,
            Ok(_) | Err(Refusal::Plain(_)) => return Ok(()),
        };
        let origin = Origin::of(peer);
        locked(&self.limiter).attempt(origin, claimed, is_good, Instant::now())
    }

    /// Whether who shows `token` to the web view, and comes from `peer`, may see what needs `scope`.
    ///
    /// # Errors
    ///
    /// Why not.
    pub fn admits_viewer(&self, token: &str, peer: &PeerInfo, scope: Scope) -> Result<(), Unseen> {
        if self.door.look() {
            self.supervisor.tell(Event::Policy);
        }
        let policy = self.door.policy();
        let proven = policy.prove_viewer(token, Moment::now());
        let claimed = policy.claimed_by_viewer(token);
        let seen = match self.attempted(&proven, claimed, peer) {
            Err(wait) => Err(Unseen::TooOften(wait)),
            Ok(()) => match proven {
                Ok(proven) => policy.allow_viewer(&proven, scope).map_err(Unseen::Scope),
                Err(Refusal::Wrong(reason) | Refusal::Plain(reason)) => Err(Unseen::Token(reason)),
            },
        };
        if let Err(unseen) = &seen
            && self.may_log()
        {
            tracing::warn!(%peer, token = claimed, "the web view refuses: {unseen}");
        }
        seen
    }

    /// How things are, unless the supervisor is too busy, or has ended.
    pub fn status(&self) -> Option<Status> {
        let (answer, answered) = sync_channel(1);
        self.supervisor.tell(Event::Status(answer));
        answered.recv_timeout(PATIENCE).ok()
    }

    fn tell_status(&self, connection: Connection, place: &Place, pending: &Pending) {
        self.tell(connection, place, pending, |status| {
            serde_json::to_vec(status).unwrap_or_default()
        });
    }

    /// Has the supervisor do something.
    fn order(
        &self,
        mut connection: Connection,
        place: &Place,
        pending: &Pending,
        authority: Authority,
        order: Order,
    ) {
        tracing::info!(peer = %connection.peer, listener = %place.uri, ?authority, ?order, "an order");
        let (answer, answered) = sync_channel(1);
        self.supervisor.tell(Event::Order(authority, order, answer));
        let done = match answered.recv_timeout(PATIENCE) {
            Ok(Ok(done)) => serde_json::to_vec(&done).unwrap_or_default(),
            Ok(Err(reason)) => return self.refuse(connection, place, None, pending, &reason),
            Err(_) => {
                let reason =
                    "the server has not answered: `pillion status` says whether it has done so";
                return self.refuse(connection, place, None, pending, reason);
            }
        };
        let mut frame = Vec::new();
        Reply::Answer {
            status: CUresult::CUDA_SUCCESS,
            body: &done,
        }
        .encode(1, 0, &mut frame);
        farewell(&mut connection, &frame, pending);
    }

    /// Tells a client of its own programs: those whose sessions have its identity, and come from where it comes from.
    fn tell_processes(
        &self,
        connection: Connection,
        place: &Place,
        pending: &Pending,
        identity: &str,
    ) {
        let here = machine(&connection.peer.description).to_string();
        self.tell(connection, place, pending, |status| {
            let own = status
                .sessions
                .iter()
                .filter(|session| session.identity == identity && machine(&session.peer) == here);
            let processes: Vec<Process> = own
                .map(|session| Process {
                    worker: session.worker_pid,
                    pid: session.pid,
                    program: session.program.clone(),
                })
                .collect();
            let mut body = Vec::new();
            Process::encode(&processes, &mut Encoder::new(&mut body));
            body
        });
    }

    fn tell(
        &self,
        mut connection: Connection,
        place: &Place,
        pending: &Pending,
        what: impl FnOnce(&Status) -> Vec<u8>,
    ) {
        let Some(status) = self.status() else {
            return self.refuse(
                connection,
                place,
                None,
                pending,
                "the server is too busy to tell its state: try again",
            );
        };
        let body = what(&status);
        if body.len() + 8 > MAX_BODY {
            return self.refuse(
                connection,
                place,
                None,
                pending,
                "the server's state is too long for a frame",
            );
        }
        let mut frame = Vec::new();
        Reply::Answer {
            status: CUresult::CUDA_SUCCESS,
            body: &body,
        }
        .encode(1, 0, &mut frame);
        farewell(&mut connection, &frame, pending);
    }

    fn refuse(
        &self,
        mut connection: Connection,
        place: &Place,
        hello: Option<&Hello>,
        pending: &Pending,
        reason: &str,
    ) {
        self.refused.fetch_add(1, Ordering::Relaxed);
        if self.may_log() {
            let policy = self.door.policy();
            // Its public part alone.
            let token = hello.and_then(|hello| policy.claimed(place.endpoint, &hello.token));
            let program = hello.map(|hello| printable(&hello.program));
            tracing::warn!(peer = %connection.peer, listener = %place.uri, token, program, "refused: {reason}");
        }
        farewell(&mut connection, &end(reason), pending);
    }

    /// Whether a refusal may be logged. Says how many were not before.
    fn may_log(&self) -> bool {
        let line = locked(&self.lines).may(Instant::now());
        if let Some(left_out @ 1..) = line {
            tracing::warn!("{left_out} more were refused, and not logged");
        }
        line.is_some()
    }

    fn remove(&self, pending: &Arc<Pending>) {
        self.lock().retain(|other| !Arc::ptr_eq(other, pending));
        self.left.notify_all();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Arc<Pending>>> {
        locked(&self.pending)
    }
}

impl Pending {
    fn is_evicted(&self) -> bool {
        self.evicted.load(Ordering::Acquire)
    }

    fn evict(&self) {
        self.evicted.store(true, Ordering::Release);
        self.waker.wake();
    }
}

enum Greeting {
    Hello(Hello),
    Processes(Hello),
    /// With a token where it comes from another machine.
    Status(Option<Hello>),
    Order(Hello, Order),
}

/// Where a client comes in.
struct Place {
    /// The listener's address.
    uri: Uri,
    /// Its place in the settings.
    endpoint: usize,
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A connection whose peer says `bytes` first: the entry of fuzzing. The first of them is how it says the others.
pub fn read(bytes: &[u8]) {
    let (events, heard) = mpsc::channel();
    let (Some((how, says)), Ok(waker), Ok(pending)) =
        (bytes.split_first(), Waker::new(), Waker::new())
    else {
        return;
    };
    let pending = Pending {
        waker: pending,
        evicted: AtomicBool::new(false),
    };
    let supervisor = Supervisor {
        events,
        waker: Arc::new(waker),
    };
    let uri = Uri::Tcp {
        host: "127.0.0.1".to_string(),
        port: 7717,
    };
    let tokens = Tokens::parse("somebody a-token-that-is-long", Path::new("tokens"));
    let policy = Policy::of_one(uri.clone(), tokens.ok().filter(|_| how & 1 == 0));
    let gate = Gate::new(
        supervisor,
        Door::new(policy, None),
        FailedAttempts::default(),
    );
    let place = Place { uri, endpoint: 0 };
    let mut script = Script::new(says.to_vec());
    script.piece = usize::from(how >> 1);
    let (mut connection, told) = scripted(script);
    connection.peer.uid = (how & 2 == 0).then(|| rustix::process::getuid().as_raw());
    let admitted = std::thread::scope(|scope| {
        let supervisor = scope.spawn(move || {
            let mut admitted = 0;
            for event in heard {
                match event {
                    Event::Greeted(candidate) => {
                        check(&candidate);
                        admitted += 1;
                    }
                    Event::Status(answer) => drop(answer.send(Status::default())),
                    Event::Order(_, _, answer) => drop(answer.send(Ok(Done::default()))),
                    Event::Policy | Event::Settings(_) => {}
                }
            }
            admitted
        });
        gate.handshake(connection, &place, &pending);
        drop(gate);
        supervisor.join().expect("it checks what it is told")
    });
    let told = told.take();
    // Whoever is let in hears of the worker, whoever is not of the broker.
    assert!(admitted <= 1 && (admitted == 0 || told.is_empty()));
    if let Some((header, body)) = told.split_first_chunk::<HEADER_LEN>() {
        let header = ReplyHeader::parse(header).expect("what is said is a frame");
        assert_eq!(header.len.get() as usize, body.len());
        let reply = Reply::decode(&header, body).expect("clients know what is said");
        assert!(matches!(reply, Reply::End { .. } | Reply::Answer { .. }));
    }
}

/// What is to be said of whoever is let in.
fn check(candidate: &Candidate) {
    let hello = &candidate.hello;
    assert!(hello.token.is_empty() && hello.program.chars().count() <= MAX_PROGRAM);
    assert!(!hello.program.chars().any(char::is_control));
    let there = [7, 9].map(|n| visible::Identity {
        uuid: [n; 16],
        pci_bus_id: format!("0000:{n:02x}:00.0"),
    });
    let seen = visible(hello.devices.as_deref(), hello.by_bus, &there);
    assert!(seen.iter().all(|device| *device < there.len()));
}

/// The machine of a peer, as far as its description says: a TCP peer's address without the port. Peers on Unix sockets are all
/// on one.
pub fn machine(peer: &str) -> &str {
    match peer.rsplit_once(':') {
        // Those of vsock have 32 bits.
        Some((host, port)) if port.parse::<u32>().is_ok() => host,
        _ => "",
    }
}

/// The frame that ends a session with this sentence.
pub fn end(reason: &str) -> Vec<u8> {
    let mut frame = Vec::new();
    Reply::End { reason }.encode(1, 0, &mut frame);
    frame
}

fn not_pillion(violation: Violation) -> Failure {
    Failure::Refused(match violation {
        Violation::NotPillion => {
            "this is a Pillion server, and what arrived is no Pillion client's greeting".to_string()
        }
        other => format!(
            "this is a Pillion server, and what arrived is no Pillion client's greeting: {other}"
        ),
    })
}

fn fill(
    connection: &mut Connection,
    buffer: &mut [u8],
    pending: &Pending,
    deadline: Instant,
) -> Result<(), Failure> {
    let mut have = 0;
    while have < buffer.len() {
        match connection
            .receiver
            .try_recv(&mut [IoSliceMut::new(&mut buffer[have..])])
        {
            Ok(0) => return Err(Failure::Gone("it closed the connection".to_string())),
            Ok(n) => have += n,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                let left = deadline.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Err(Failure::Refused(format!(
                        "no greeting arrived within {} seconds",
                        PATIENCE.as_secs()
                    )));
                }
                connection
                    .poller
                    .wait(Interest::READABLE, Some(&pending.waker), Some(left))
                    .map_err(|error| Failure::Gone(error.to_string()))?;
                if pending.is_evicted() {
                    return Err(Failure::Refused(
                        "the server has no room for clients that do not greet at once".to_string(),
                    ));
                }
            }
            Err(error) => return Err(Failure::Gone(error.to_string())),
        }
    }
    Ok(())
}

/// Sends the last frame of a connection, and takes what still arrives until the peer has read it: closing a socket with
/// unread bytes makes the kernel throw away what was sent on it.
fn farewell(connection: &mut Connection, frame: &[u8], pending: &Pending) {
    let deadline = Instant::now() + FAREWELL;
    let wait = |connection: &Connection, interest| {
        let left = deadline.saturating_duration_since(Instant::now());
        // Its waker may have told us so already, and wakes us no more: others wait for its place.
        if pending.is_evicted() {
            return false;
        }
        let ready = connection
            .poller
            .wait(interest, Some(&pending.waker), Some(left));
        !left.is_zero() && ready.is_ok() && !pending.is_evicted()
    };
    let mut sent = 0;
    while sent < frame.len() {
        match connection.sender.try_send(&[IoSlice::new(&frame[sent..])]) {
            Ok(n) => sent += n,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error)
                if error.kind() == ErrorKind::WouldBlock
                    && wait(connection, Interest::WRITABLE) => {}
            Err(_) => return,
        }
    }
    if connection.sender.shutdown().is_err() {
        return;
    }
    let mut waste = [0; 4096];
    // Bounded in time; a peer that floods until then has its own processor to pay.
    while Instant::now() < deadline {
        match connection
            .receiver
            .try_recv(&mut [IoSliceMut::new(&mut waste)])
        {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error)
                if error.kind() == ErrorKind::WouldBlock
                    && wait(connection, Interest::READABLE) => {}
            Err(_) => return,
        }
    }
}

/// A name that cannot play tricks on a terminal or a log.
fn printable(name: &str) -> String {
    name.chars()
        .take(MAX_PROGRAM)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use zerocopy::IntoBytes;

    use super::*;

    /// A gate with one listener, which asks for one of these tokens where there are any, and what its supervisor hears.
    fn gate(tokens: Option<Tokens>) -> (Arc<Gate>, Uri, mpsc::Receiver<Event>) {
        let (events, heard) = mpsc::channel();
        let supervisor = Supervisor {
            events,
            waker: Arc::new(Waker::new().unwrap()),
        };
        let uri = Uri::Unix { path: "/s".into() };
        let policy = Policy::of_one(uri.clone(), tokens);
        let gate = Gate::new(
            supervisor,
            Door::new(policy, None),
            FailedAttempts::default(),
        );
        (gate, uri, heard)
    }

    #[test]
    fn a_token_counts_only_where_nobody_else_could_have_heard_it() {
        let tokens = Tokens::parse("ada a-token-that-is-long", Path::new("tokens"));
        let (gate, uri, _heard) = gate(tokens.ok());
        let place = Place { uri, endpoint: 0 };
        let come = |connection: &Connection| {
            gate.identify("a-token-that-is-long", Want::Use, connection, &place)
        };
        for (local, encrypted) in [(true, false), (false, true), (true, true)] {
            let (mut connection, _) = scripted(Script::new(Vec::new()));
            (connection.peer.local, connection.peer.encrypted) = (local, encrypted);
            assert_eq!(come(&connection).unwrap().identity.name(), Some("ada"));
        }
        let (mut connection, _) = scripted(Script::new(Vec::new()));
        (connection.peer.local, connection.peer.encrypted) = (false, false);
        let refused = come(&connection).unwrap_err();
        assert!(refused.contains("tls://"), "{refused}");
    }

    #[test]
    fn who_is_owed_an_answer_gets_it_before_the_process_ends() {
        let (gate, uri, heard) = gate(None);
        let comes = |says: &[u8]| {
            let mut script = Script::new(says.to_vec());
            script.lingers = usize::MAX;
            let (mut connection, told) = scripted(script);
            connection.peer.uid = Some(rustix::process::getuid().as_raw());
            gate.admit(connection, &uri, 0);
            told
        };
        let asks = Header::new(Interface::Session, op::STATUS, 0, 0, 0, 0);
        let told = [comes(asks.as_bytes()), comes(asks.as_bytes())];
        // Who says nothing goes as well.
        comes(&[]);
        for event in heard.iter().take(told.len()) {
            let Event::Status(answer) = event else {
                panic!("nobody asks for anything else");
            };
            answer.send(Status::default()).unwrap();
        }
        gate.close();
        assert!(gate.lock().is_empty());
        assert!(told.iter().all(|told| told.take().len() > HEADER_LEN));
    }
}

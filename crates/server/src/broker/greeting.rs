//! The first seconds of a connection: who is there, and may they come in?
//!
//! Where the transport has to settle first who is there, that is part of it: a handshake of `tls://` is the stranger's time, not the
//! listener's. A peer that has not greeted costs a thread with a small stack and a descriptor, for at most [`PATIENCE`], and there are at
//! most [`MAX_PENDING`] of them: when one more comes, the oldest has to go. Whoever greets at once is never in that position.

use std::collections::VecDeque;
use std::io::{ErrorKind, IoSlice, IoSliceMut};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::visible::{Identity, visible};
use pillion_protocol::command::session as op;
use pillion_protocol::{
    Encoder, HEADER_LEN, Header, Hello, Interface, MAX_BODY, MAX_HELLO, Process, Reply,
    ReplyHeader, Violation,
};
use pillion_transport::tls::TlsError;
use pillion_transport::{
    Connection, Interest, Listener, ListenerClosed, Script, Uri, Waker, scripted,
};

use super::process::Sort;
use super::status::Status;
use super::tokens::Tokens;

/// How long a peer may take to greet.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a refused peer may take to read why.
const FAREWELL: Duration = Duration::from_secs(2);
/// Most connections that have not greeted yet.
const MAX_PENDING: usize = 256;
/// Bytes of a handshake thread's stack.
const STACK: usize = 256 << 10;
/// Whom the broker takes a client for that nothing vouches for.
pub const ANONYMOUS: &str = "anonymous";
/// Most characters of a program's name that are kept.
const MAX_PROGRAM: usize = 256;

/// A client that has greeted and may come in.
pub struct Candidate {
    /// Its connection, of which exactly the greeting has been read.
    pub connection: Connection,
    /// Its greeting, without the token.
    pub hello: Hello,
    /// Whom we take it for.
    pub identity: String,
    /// The listener that it came in by.
    pub listener: String,
    /// When it greeted.
    pub since: Instant,
    /// Which worker can serve it.
    pub sort: Sort,
}

/// What the supervisor hears from other threads.
pub enum Event {
    /// A client wants a session.
    Greeted(Box<Candidate>),
    /// Somebody wants to know how things are.
    Status(SyncSender<Status>),
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
    tokens: Option<Tokens>,
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

impl Gate {
    /// A gate before `supervisor`.
    pub fn new(supervisor: Supervisor, tokens: Option<Tokens>) -> Arc<Self> {
        Arc::new(Gate {
            supervisor,
            tokens,
            pending: Mutex::default(),
            left: Condvar::new(),
            refused: AtomicU64::new(0),
        })
    }

    /// How many were refused here.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Accepts connections until the listener's closer is used.
    pub fn serve(self: &Arc<Self>, listener: &dyn Listener) {
        let uri = listener.uri();
        let mut failing = false;
        loop {
            match listener.accept() {
                Ok(connection) => {
                    failing = false;
                    self.admit(connection, &uri);
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

    fn admit(self: &Arc<Self>, connection: Connection, uri: &Uri) {
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
            while all.len() >= MAX_PENDING {
                all[0].evict();
                all = self.left.wait(all).unwrap_or_else(PoisonError::into_inner);
            }
            all.push_back(Arc::clone(&pending));
        }
        let (gate, uri, mine) = (Arc::clone(self), uri.clone(), Arc::clone(&pending));
        let started = std::thread::Builder::new()
            .name("pillion-greet".to_string())
            .stack_size(STACK)
            .spawn(move || {
                gate.handshake(connection, &uri, &mine);
                gate.remove(&mine);
            });
        if let Err(error) = started {
            tracing::error!(peer, "cannot start a thread for a greeting: {error}");
            self.remove(&pending);
        }
    }

    fn handshake(&self, mut connection: Connection, uri: &Uri, pending: &Pending) {
        let deadline = Instant::now() + PATIENCE;
        if let Err(error) = connection.establish(Some(&pending.waker), PATIENCE) {
            return self.turned_away(&connection, uri, &error);
        }
        let peer = connection.peer.clone();
        match self.receive(&mut connection, pending, deadline) {
            Ok(Greeting::Hello(hello)) => match self.identify(&hello, &connection) {
                Ok(identity) => self.supervisor.tell(Event::Greeted(Box::new(Candidate {
                    connection,
                    hello: Hello {
                        token: String::new(),
                        program: printable(&hello.program),
                        ..hello
                    },
                    identity,
                    listener: uri.to_string(),
                    since: Instant::now(),
                    sort: Sort::Any,
                }))),
                Err(reason) => self.refuse(connection, pending, &reason),
            },
            Ok(Greeting::Processes(hello)) => match self.identify(&hello, &connection) {
                Ok(identity) => self.tell_processes(connection, pending, &identity),
                Err(reason) => self.refuse(connection, pending, &reason),
            },
            Ok(Greeting::Status) => {
                // Only the kernel's word counts: this tells of every user's programs.
                let own = rustix::process::getuid().as_raw();
                match connection.peer.uid {
                    Some(uid) if uid == own || uid == 0 => self.tell_status(connection, pending),
                    _ => self.refuse(
                        connection,
                        pending,
                        "the server's state is told on its own machine only, to its own user: use --server unix://... or shm://...",
                    ),
                }
            }
            Err(Failure::Refused(reason)) => self.refuse(connection, pending, &reason),
            Err(Failure::Gone(reason)) => {
                tracing::debug!(%peer, listener = %uri, "left without a greeting: {reason}");
            }
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
                tracing::warn!(%peer, listener = %uri, "refused: {error}");
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
            (Ok(Interface::Session), op::HELLO | op::STATUS | op::PROCESSES) => {}
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
        if opcode == op::STATUS {
            return Ok(Greeting::Status);
        }
        let hello = Hello::decode(&body).map_err(not_pillion)?;
        hello.negotiate().map_err(Failure::Refused)?;
        Ok(match opcode {
            op::PROCESSES => Greeting::Processes(hello),
            _ => Greeting::Hello(hello),
        })
    }

    /// Whom we take the client for.
    fn identify(&self, hello: &Hello, connection: &Connection) -> Result<String, String> {
        let Some(tokens) = &self.tokens else {
            return Ok(match connection.peer.uid {
                Some(uid) => format!("uid {uid}"),
                None => ANONYMOUS.to_string(),
            });
        };
        if !connection.peer.is_private() {
            return Err("this server wants a token, and a token travels only over tls://, a Unix socket or loopback: \
                        ask its operator for a tls:// address, or come in through an SSH tunnel"
                .to_string());
        }
        if hello.token.is_empty() {
            return Err("this server wants a token: set PILLION_TOKEN".to_string());
        }
        match tokens.identify(&hello.token) {
            Some(name) => Ok(name.to_string()),
            None => Err(
                "the token in PILLION_TOKEN is not one of this server's: ask its operator for one"
                    .to_string(),
            ),
        }
    }

    fn tell_status(&self, connection: Connection, pending: &Pending) {
        self.tell(connection, pending, |status| {
            serde_json::to_vec(status).unwrap_or_default()
        });
    }

    /// Tells a client of its own programs: those whose sessions have its identity, and come from where it comes from.
    fn tell_processes(&self, connection: Connection, pending: &Pending, identity: &str) {
        let here = machine(&connection.peer.description).to_string();
        self.tell(connection, pending, |status| {
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
        pending: &Pending,
        what: impl FnOnce(&Status) -> Vec<u8>,
    ) {
        let (answer, answered) = sync_channel(1);
        self.supervisor.tell(Event::Status(answer));
        let Ok(status) = answered.recv_timeout(PATIENCE) else {
            return self.refuse(
                connection,
                pending,
                "the server is too busy to tell its state: try again",
            );
        };
        let body = what(&status);
        if body.len() + 8 > MAX_BODY {
            return self.refuse(
                connection,
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

    fn refuse(&self, mut connection: Connection, pending: &Pending, reason: &str) {
        self.refused.fetch_add(1, Ordering::Relaxed);
        tracing::warn!(peer = %connection.peer, "refused: {reason}");
        farewell(&mut connection, &end(reason), pending);
    }

    fn remove(&self, pending: &Arc<Pending>) {
        self.lock().retain(|other| !Arc::ptr_eq(other, pending));
        self.left.notify_all();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Arc<Pending>>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pending {
    fn evict(&self) {
        self.evicted.store(true, Ordering::Release);
        self.waker.wake();
    }
}

enum Greeting {
    Hello(Hello),
    Processes(Hello),
    Status,
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
    let tokens = Tokens::parse("somebody a-token-that-is-long").ok();
    let gate = Gate::new(supervisor, tokens.filter(|_| how & 1 == 0));
    let uri = Uri::Tcp {
        host: "127.0.0.1".to_string(),
        port: 7717,
    };
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
                }
            }
            admitted
        });
        gate.handshake(connection, &uri, &pending);
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
    let there = [7, 9].map(|n| Identity {
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
        Some((host, port)) if port.parse::<u16>().is_ok() => host,
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
                if pending.evicted.load(Ordering::Acquire) {
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
        let ready = connection
            .poller
            .wait(interest, Some(&pending.waker), Some(left));
        !left.is_zero() && ready.is_ok() && !pending.evicted.load(Ordering::Acquire)
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
    use super::*;

    #[test]
    fn a_token_counts_only_where_nobody_else_could_have_heard_it() {
        let (events, _heard) = mpsc::channel();
        let supervisor = Supervisor {
            events,
            waker: Arc::new(Waker::new().unwrap()),
        };
        let tokens = Tokens::parse("ada a-token-that-is-long").unwrap();
        let gate = Gate::new(supervisor, Some(tokens));
        let hello = Hello::new(13000, 1, "a-token-that-is-long", "test");
        for (local, encrypted) in [(true, false), (false, true), (true, true)] {
            let (mut connection, _) = scripted(Script::new(Vec::new()));
            (connection.peer.local, connection.peer.encrypted) = (local, encrypted);
            assert_eq!(gate.identify(&hello, &connection).as_deref(), Ok("ada"));
        }
        let (mut connection, _) = scripted(Script::new(Vec::new()));
        (connection.peer.local, connection.peer.encrypted) = (false, false);
        let refused = gate.identify(&hello, &connection).unwrap_err();
        assert!(refused.contains("tls://"), "{refused}");
    }
}

//! Connections over an emulated link.
//!
//! Four threads carry a connection, two for each direction: one receives and puts bytes on the [`Line`], one takes them off
//! when they are due and sends them. A fifth makes the connection, and cuts it when it is time.

use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use pillion_transport::{
    Closer, Connection, Interest, Listener, ListenerClosed, Poller, Receiver, Sender, Uri, Waker,
    connect,
};

use crate::line::{Due, Line, Segment};
use crate::settings::{Cut, Link};

/// How long each server may take to accept.
const CONNECT: Duration = Duration::from_secs(10);
/// What is received at once, at most.
const RECEIVE: usize = 256 << 10;
/// Buffers of this size that are kept for use.
const SPARE: usize = 64;
/// How long to wait where the kernel cannot give a descriptor or a thread now.
const EXHAUSTED: Duration = Duration::from_millis(20);

/// A relay that runs until it is stopped or dropped.
pub struct Relay {
    uri: Uri,
    closer: Closer,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

/// What has passed so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statistics {
    /// Connections that were accepted.
    pub connections: u64,
    /// Of these, those for which no server could be reached.
    pub failed: u64,
    /// Of these, those that were cut as asked for.
    pub cut: u64,
    /// Bytes delivered from clients to the server.
    pub to_server: u64,
    /// Bytes delivered from the server to clients.
    pub to_client: u64,
}

impl Relay {
    /// Passes every connection that `listener` accepts on to the first of `servers` that takes it, over a link like `link`.
    /// `complain` hears a sentence about each connection for which there is no server.
    ///
    /// # Errors
    /// The kernel's, when it has no thread left.
    pub fn start(
        listener: Box<dyn Listener>,
        servers: Vec<Uri>,
        link: Link,
        complain: impl Fn(&str) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let uri = listener.uri();
        let closer = listener.closer();
        let shared = Arc::new(Shared {
            servers,
            link,
            complain: Box::new(complain),
            connections: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            cut: AtomicU64::new(0),
            to_server: AtomicU64::new(0),
            to_client: AtomicU64::new(0),
        });
        let acceptor = thread::Builder::new().name("link".to_owned()).spawn({
            let shared = Arc::clone(&shared);
            move || accept(&*listener, &shared)
        })?;
        Ok(Self {
            uri,
            closer,
            shared,
            acceptor: Some(acceptor),
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// What has passed so far.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Statistics {
            connections: read(&self.shared.connections),
            failed: read(&self.shared.failed),
            cut: read(&self.shared.cut),
            to_server: read(&self.shared.to_server),
            to_client: read(&self.shared.to_client),
        }
    }

    /// Stops listening, cuts the connections that there are, and tells what has passed in all.
    pub fn stop(mut self) -> Statistics {
        self.end();
        self.statistics()
    }

    fn end(&mut self) {
        self.closer.close();
        if let Some(acceptor) = self.acceptor.take() {
            // It has ended the connections' threads too. A panic of its own has been printed.
            let _ = acceptor.join();
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.end();
    }
}

/// What all connections have in common.
struct Shared {
    servers: Vec<Uri>,
    link: Link,
    complain: Box<dyn Fn(&str) + Send + Sync>,
    connections: AtomicU64,
    failed: AtomicU64,
    cut: AtomicU64,
    to_server: AtomicU64,
    to_client: AtomicU64,
}

fn accept(listener: &dyn Listener, shared: &Arc<Shared>) {
    let mut live: Vec<(Weak<Pair>, JoinHandle<()>)> = Vec::new();
    loop {
        match listener.accept() {
            Ok(near) => {
                live.retain(|(_, thread)| !thread.is_finished());
                shared.connections.fetch_add(1, Ordering::Relaxed);
                match begin(near, shared) {
                    Ok(begun) => live.push(begun),
                    Err(error) => {
                        shared.failed.fetch_add(1, Ordering::Relaxed);
                        (shared.complain)(&format!("a connection cannot be relayed: {error}"));
                    }
                }
            }
            Err(error) if ListenerClosed::is(&error) => break,
            Err(_) => thread::sleep(EXHAUSTED),
        }
    }
    for (pair, _) in &live {
        if let Some(pair) = pair.upgrade() {
            pair.end();
        }
    }
    for (_, thread) in live {
        let _ = thread.join();
    }
}

/// Starts the thread that carries a connection.
fn begin(near: Connection, shared: &Arc<Shared>) -> io::Result<(Weak<Pair>, JoinHandle<()>)> {
    let pair = Arc::new(Pair::new(&shared.link)?);
    let weak = Arc::downgrade(&pair);
    let shared = Arc::clone(shared);
    let thread = thread::Builder::new()
        .name("link".to_owned())
        .spawn(move || serve(near, &shared, &pair))?;
    Ok((weak, thread))
}

/// Carries one connection to its end.
fn serve(near: Connection, shared: &Shared, pair: &Pair) {
    let far = match reach(&shared.servers) {
        Ok(far) => far,
        Err(reasons) => {
            shared.failed.fetch_add(1, Ordering::Relaxed);
            (shared.complain)(&format!("no server can be reached: {reasons}"));
            return;
        }
    };
    let (near_poller, far_poller) = (&*near.poller, &*far.poller);
    let (near_in, near_out) = (near.receiver, near.sender);
    let (far_in, far_out) = (far.receiver, far.sender);
    let (up, down) = (&pair.up, &pair.down);
    let (to_server, to_client) = (&shared.to_server, &shared.to_client);
    thread::scope(|scope| {
        pair.run(scope, move || receive(near_in, near_poller, up, pair));
        pair.run(scope, move || {
            send(far_out, far_poller, up, pair, to_server);
        });
        pair.run(scope, move || receive(far_in, far_poller, down, pair));
        pair.run(scope, move || {
            send(near_out, near_poller, down, pair, to_client);
        });
        pair.attend();
    });
    if pair.is_cut.load(Ordering::Relaxed) {
        shared.cut.fetch_add(1, Ordering::Relaxed);
    }
}

/// A connection to the first server that takes one, or why none does.
fn reach(servers: &[Uri]) -> Result<Connection, String> {
    let mut reasons = Vec::new();
    for uri in servers {
        match connect(uri, CONNECT) {
            Ok(connection) => return Ok(connection),
            Err(error) => reasons.push(error.to_string()),
        }
    }
    Err(reasons.join("; "))
}

/// Receives, and puts on the line, until the peer's end.
fn receive(
    mut receiver: Box<dyn Receiver>,
    poller: &dyn Poller,
    direction: &Direction,
    pair: &Pair,
) {
    let waker = &direction.receiver;
    let mut buffer = vec![0; RECEIVE];
    while direction.wait_for_room(pair) {
        match receiver.try_recv(&mut [IoSliceMut::new(&mut buffer)]) {
            Ok(0) => break,
            Ok(count) => {
                let now = Instant::now();
                // A full buffer is handed on as it is; a message gets memory of its own size.
                let bytes = match count > RECEIVE / 2 {
                    true => {
                        buffer.truncate(count);
                        std::mem::replace(&mut buffer, direction.spare_buffer())
                    }
                    false => buffer[..count].to_vec(),
                };
                direction.change(|state| state.line.admit(now, bytes));
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                if poller.wait(Interest::READABLE, Some(waker), None).is_err() {
                    break;
                }
            }
            Err(_) => break,
        }
    }
    direction.change(|state| state.line.end(Instant::now()));
}

/// Takes off the line what is due, and sends it, until the line's end.
fn send(
    mut sender: Box<dyn Sender>,
    poller: &dyn Poller,
    direction: &Direction,
    pair: &Pair,
    count: &AtomicU64,
) {
    while let Some(taken) = direction.take(pair) {
        let segment = match taken {
            Taken::Segment(segment) => segment,
            Taken::End(due) => {
                if pair.sleep_until(due) {
                    // A peer that is gone already has nothing to be told.
                    let _ = sender.shutdown();
                }
                return;
            }
        };
        let mut sent = 0;
        while sent < segment.bytes.len() {
            let until = match segment.due(Instant::now(), sent) {
                Due::Until(until) => until,
                Due::At(later) if pair.sleep_until(later) => continue,
                Due::At(_) => return,
            };
            let delivered = pair.within_allowance(until - sent, |most| {
                sender.try_send(&[IoSlice::new(&segment.bytes[sent..sent + most])])
            });
            match delivered {
                Ok(some) => {
                    sent += some;
                    count.fetch_add(some as u64, Ordering::Relaxed);
                    direction.change(|state| state.line.release(some));
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let waker = Some(&direction.sender);
                    if poller.wait(Interest::WRITABLE, waker, None).is_err() {
                        return pair.end();
                    }
                }
                // The peer takes no more. What it said before it went is still on the other line.
                Err(_) => return direction.abandon(),
            }
            if pair.is_over() {
                return;
            }
        }
        direction.keep_buffer(segment.bytes);
    }
}

/// The two directions of a connection, and its end.
struct Pair {
    up: Direction,
    down: Direction,
    /// Set before the directions are told, who look at it under their locks.
    over: AtomicBool,
    /// Whether the end was asked for by [`Link::cut`].
    is_cut: AtomicBool,
    /// When to cut.
    deadline: Option<Instant>,
    /// How many bytes may still be delivered. Locked while some are, so that there is never one more.
    allowance: Option<Mutex<u64>>,
    /// Threads that have not ended.
    live: Mutex<usize>,
    /// `live` or `over` has changed.
    changed: Condvar,
}

impl Pair {
    /// Of a connection that was accepted just now.
    fn new(link: &Link) -> io::Result<Self> {
        let accepted = Instant::now();
        // The time that the handshake would take: what is said before counts as said then.
        let ready = accepted + link.rtt;
        let seed = std::time::UNIX_EPOCH
            .elapsed()
            .map_or(0, |since| since.as_nanos() as u64);
        Ok(Self {
            up: Direction::new(Line::new(link, ready, seed))?,
            down: Direction::new(Line::new(link, ready, !seed))?,
            over: AtomicBool::new(false),
            is_cut: AtomicBool::new(false),
            deadline: match link.cut {
                Some(Cut::Time(time)) => Some(accepted + time),
                _ => None,
            },
            allowance: match link.cut {
                Some(Cut::Bytes(bytes)) => Some(Mutex::new(bytes)),
                _ => None,
            },
            live: Mutex::new(0),
            changed: Condvar::new(),
        })
    }

    /// Starts one of the threads that [`attend`](Self::attend) waits for.
    fn run<'scope>(
        &'scope self,
        scope: &'scope thread::Scope<'scope, '_>,
        work: impl FnOnce() + Send + 'scope,
    ) {
        *locked(&self.live) += 1;
        let finished = Finished(self);
        let spawned =
            thread::Builder::new()
                .name("link".to_owned())
                .spawn_scoped(scope, move || {
                    let _finished = finished;
                    // Sleeps that end when they should: by default the kernel lets them last 50 µs longer.
                    let _ = rustix::thread::set_current_timer_slack(NonZeroU64::new(1));
                    work();
                });
        if spawned.is_err() {
            self.end();
        }
    }

    /// Waits until all threads have ended, and cuts the connection when it is time.
    fn attend(&self) {
        let mut live = locked(&self.live);
        while *live > 0 {
            let left = self
                .deadline
                .filter(|_| !self.is_over())
                .map(|deadline| deadline.saturating_duration_since(Instant::now()));
            live = match left {
                Some(Duration::ZERO) => {
                    drop(live);
                    self.cut();
                    locked(&self.live)
                }
                Some(left) => wait_for(&self.changed, live, left),
                None => wait(&self.changed, live),
            };
        }
    }

    /// Ends the connection at once: both its ends see it close when the threads have let go of it.
    fn end(&self) {
        // Release, for the acquire in `is_over`.
        self.over.store(true, Ordering::Release);
        for direction in [&self.up, &self.down] {
            direction.change(|_| ());
            direction.receiver.wake();
            direction.sender.wake();
        }
        drop(locked(&self.live));
        self.changed.notify_all();
    }

    fn cut(&self) {
        self.is_cut.store(true, Ordering::Relaxed);
        self.end();
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    /// Sleeps, unless the connection ends before: then it returns false.
    fn sleep_until(&self, when: Instant) -> bool {
        let mut live = locked(&self.live);
        while !self.is_over() {
            let left = when.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            live = wait_for(&self.changed, live, left);
        }
        false
    }

    /// Delivers up to `want` bytes with `deliver`, within what may still be delivered, and cuts the connection behind the last.
    fn within_allowance(
        &self,
        want: usize,
        deliver: impl FnOnce(usize) -> io::Result<usize>,
    ) -> io::Result<usize> {
        let Some(allowance) = &self.allowance else {
            return deliver(want);
        };
        let mut left = locked(allowance);
        let most = usize::try_from(*left).map_or(want, |left| want.min(left));
        let delivered = if most == 0 { Ok(0) } else { deliver(most) };
        if let Ok(count) = delivered {
            *left -= count as u64;
            if *left == 0 {
                self.cut();
            }
        }
        delivered
    }
}

/// Counts a thread as ended, however it ends.
struct Finished<'a>(&'a Pair);

impl Drop for Finished<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.end();
        }
        *locked(&self.0.live) -= 1;
        self.0.changed.notify_all();
    }
}

/// A line, and those who wait for it.
struct Direction {
    state: Mutex<State>,
    changed: Condvar,
    /// Wakes the thread that puts bytes on the line, when it waits for its connection.
    receiver: Waker,
    /// Wakes the one that takes them off.
    sender: Waker,
}

struct State {
    line: Line,
    /// Whether nobody takes anything off it any more.
    abandoned: bool,
    /// Large buffers to be used again: fresh memory costs more than what is put into it.
    spare: Vec<Vec<u8>>,
}

/// What comes off a line next.
enum Taken {
    Segment(Segment),
    End(Instant),
}

impl Direction {
    fn new(line: Line) -> io::Result<Self> {
        Ok(Self {
            state: Mutex::new(State {
                line,
                abandoned: false,
                spare: Vec::new(),
            }),
            changed: Condvar::new(),
            receiver: Waker::new()?,
            sender: Waker::new()?,
        })
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut locked(&self.state));
        self.changed.notify_all();
    }

    /// A buffer to receive into.
    fn spare_buffer(&self) -> Vec<u8> {
        let mut buffer = locked(&self.state).spare.pop().unwrap_or_default();
        buffer.resize(RECEIVE, 0);
        buffer
    }

    /// Takes a buffer back, if it is one of those.
    fn keep_buffer(&self, buffer: Vec<u8>) {
        let spare = &mut locked(&self.state).spare;
        if buffer.capacity() >= RECEIVE && spare.len() < SPARE {
            spare.push(buffer);
        }
    }

    /// Lets the thread go that puts bytes on the line: nobody takes them off.
    fn abandon(&self) {
        self.change(|state| state.abandoned = true);
        self.receiver.wake();
    }

    /// Waits until the line takes more. False: nobody wants any.
    fn wait_for_room(&self, pair: &Pair) -> bool {
        let mut state = locked(&self.state);
        loop {
            if pair.is_over() || state.abandoned {
                return false;
            }
            if state.line.has_room() {
                return true;
            }
            state = wait(&self.changed, state);
        }
    }

    /// Waits for the next bytes, or the end. Nothing: the connection is over.
    fn take(&self, pair: &Pair) -> Option<Taken> {
        let mut state = locked(&self.state);
        loop {
            if pair.is_over() {
                return None;
            }
            if let Some(segment) = state.line.take() {
                return Some(Taken::Segment(segment));
            }
            if let Some(due) = state.line.end_due() {
                return Some(Taken::End(due));
            }
            state = wait(&self.changed, state);
        }
    }
}

/// A lock whose holders leave nothing half done, so that a panic of one is no reason to stop the others.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn wait<'a, T>(condition: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    condition
        .wait(guard)
        .unwrap_or_else(PoisonError::into_inner)
}

fn wait_for<'a, T>(
    condition: &Condvar,
    guard: MutexGuard<'a, T>,
    time: Duration,
) -> MutexGuard<'a, T> {
    condition
        .wait_timeout(guard, time)
        .unwrap_or_else(PoisonError::into_inner)
        .0
}

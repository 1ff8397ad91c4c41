//! The supervisor: one thread that owns every worker and decides who gets one.
//!
//! It must be the thread that starts workers, and must last as long as the broker: the kernel ends a worker when the *thread*
//! that started it ends.
//!
//! Here is what it does round by round, and what it knows; who is let in is decided in [`admission`], how many workers there are in
//! [`workers`], and what an operator orders is done in [`administration`].

mod administration;
mod admission;
mod workers;

use std::collections::VecDeque;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::{Duration, Instant};

use pillion_protocol::PROTOCOL_VERSION;
use pillion_transport::{Closer, Waker};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::arbiter::Arbiter;
use super::books::Books;
use super::dense::DenseSessions;
use super::greeting::{Candidate, Event, Gate};
use super::limiter::Lines;
use super::orders::Done;
use super::parking;
use super::places::Places;
use super::process::{Control, Sort, State, Worker};
use super::records::{self, Records};
use super::status::{QueueStatus, SessionStatus, Status, WorkerCounts};
use crate::cache;
use crate::settings::{Reload, Sharing, Web};
use crate::user::{Other, Rights};
use crate::worker::Device;
use crate::worker::reports::Report;
use crate::worker::sandbox::Sandbox;

/// How long a worker may take to load its device. NVIDIA's driver needs a third of a second, and many more on a cold machine
/// with eight GPUs.
const START_LIMIT: Duration = Duration::from_secs(120);
/// How long a client waits for a worker: less than a client's own patience, so that it hears why.
const WAIT_LIMIT: Duration = Duration::from_secs(50);
/// How long a worker that was told to end may take.
const STOP_LIMIT: Duration = Duration::from_secs(2);
/// How often the token file is looked at while a session lasts that a token has opened.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// What the name of a client that waits begins with.
const WAITS: char = 'w';
/// Why a session usually ends.
const HAS_LEFT: &str = "its client has left";
/// Most characters of a worker's last words in a sentence of ours; the log has them whole.
const MAX_REASON: usize = 160;

/// What the supervisor works with.
pub struct Limits {
    /// The program whose `worker` command is a worker.
    pub program: PathBuf,
    /// Workers to keep ready.
    pub warm: usize,
    /// Bytes of device memory that they may hold together; `None`: what suits the device.
    pub warm_memory: Option<u64>,
    /// The content cache.
    pub cache: Option<cache::Settings>,
    /// Whom workers belong to, if not to the server's user.
    pub user: Option<Other>,
    /// Whether workers are shut in.
    pub sandbox: Sandbox,
    /// Whether there are endpoints whose workers use the network.
    pub networked: bool,
    /// Most sessions at once.
    pub max_sessions: usize,
    /// How long sessions may go on after the first signal; `None`: until they end.
    pub drain: Option<Duration>,
    /// Makes the settings anew.
    pub reload: Option<Reload>,
    /// How the devices are shared out.
    pub sharing: Sharing,
    /// How often what a session uses is written down while it lasts.
    pub accounting_interval: Option<Duration>,
    /// The web view.
    pub web: Option<Web>,
}

impl Limits {
    fn rights(&self) -> Rights {
        let own = || Rights::own();
        self.user
            .as_ref()
            .map_or_else(own, |user| user.rights.clone())
    }
}

/// Signals, as readable sockets.
pub struct Signals {
    /// SIGTERM or SIGINT came, a byte for each.
    pub end: UnixStream,
    /// SIGCHLD came.
    pub child: UnixStream,
    /// SIGHUP came, where there is something to read again.
    pub reload: Option<UnixStream>,
}

/// The owner of all workers.
pub struct Pool {
    limits: Limits,
    device: Device,
    places: Places,
    /// Who says whose turn it is, once somebody takes turns.
    arbiter: Option<Arbiter>,
    dense: DenseSessions,
    books: Books,
    records: Option<Records>,
    /// When what lasting sessions use is written down next.
    next_records: Option<Instant>,
    reason: String,
    events: Receiver<Event>,
    waker: Arc<Waker>,
    signals: Signals,
    workers: Vec<Worker>,
    queue: VecDeque<Candidate>,
    /// How many workers in a row ended before they served.
    failures: u32,
    /// No worker is started before this moment.
    not_before: Instant,
    last_failure: Option<String>,
    /// Failures are not logged: the caller of `probe` has another device to try.
    quiet: bool,
    started: Instant,
    served: u64,
    refused: u64,
    /// Set by the first signal: when the sessions are ended, if ever.
    draining: Option<Option<Instant>>,
    /// Most workers that start at the same time.
    at_once: usize,
    /// How many signals have come.
    signalled: usize,
    /// The settings are to be read again.
    is_to_reload: bool,
    /// They are being read.
    is_reloading: bool,
    /// Who wants to hear what came of it, when they are read the next time, and this time.
    to_hear: [Vec<SyncSender<Result<Done, String>>>; 2],
    /// When the token file was looked at last on behalf of those who are in.
    looked: Instant,
    lines: Lines,
}

impl Pool {
    /// A pool without workers.
    pub fn new(
        limits: Limits,
        records: Option<Records>,
        events: Receiver<Event>,
        waker: Arc<Waker>,
        signals: Signals,
    ) -> Self {
        Pool {
            limits,
            device: Device::Cpu(1),
            places: Places::default(),
            arbiter: None,
            dense: DenseSessions::default(),
            books: Books::default(),
            records,
            next_records: None,
            reason: String::new(),
            events,
            waker,
            signals,
            // The system reads files to answer that.
            at_once: std::thread::available_parallelism().map_or(2, |n| n.get().max(2)),
            workers: Vec::new(),
            queue: VecDeque::new(),
            failures: 0,
            not_before: Instant::now(),
            last_failure: None,
            quiet: false,
            started: Instant::now(),
            served: 0,
            refused: 0,
            draining: None,
            signalled: 0,
            is_to_reload: false,
            is_reloading: false,
            to_hear: Default::default(),
            looked: Instant::now(),
            lines: Lines::new(Instant::now()),
        }
    }

    /// Starts the first worker on `device` and waits until it is ready. It stays, and serves the first session. With
    /// `quietly`, that it does not get ready is nothing to log. Where the device does not work for the user that was chosen for want
    /// of another, workers stay the server's own user's.
    ///
    /// # Errors
    ///
    /// Why it did not get ready, as a sentence.
    pub fn probe(&mut self, device: Device, reason: String, quietly: bool) -> Result<(), String> {
        let will_do = self
            .limits
            .user
            .as_ref()
            .is_some_and(|user| !user.is_required);
        if !will_do {
            return self.first(device, reason, quietly);
        }
        let Err(refused) = self.first(device, reason.clone(), true) else {
            return Ok(());
        };
        let user = self.limits.user.take();
        let started = self.first(device, reason, quietly);
        match (&started, &user) {
            (Ok(()), Some(user)) => tracing::warn!(
                "workers are root's: the device does not start for the user {}: {refused}; `--user root` says that this is right",
                user.name
            ),
            // Another device may work.
            _ => self.limits.user = user,
        }
        started
    }

    /// The content cache's folder, which is made for workers.
    ///
    /// # Errors
    ///
    /// What is wrong with the folder that is there, as the end of a sentence.
    pub fn prepare_cache(&mut self) -> Result<(), String> {
        let rights = self.limits.rights();
        let cache = self.limits.cache.as_ref();
        cache.map_or(Ok(()), |cache| cache.prepare(&rights))
    }

    /// Nothing is cached.
    pub fn drop_cache(&mut self) {
        self.limits.cache = None;
    }

    fn first(&mut self, device: Device, reason: String, quietly: bool) -> Result<(), String> {
        self.device = device;
        self.reason = reason;
        self.failures = 0;
        self.quiet = quietly;
        self.spawn(Sort::ANY);
        loop {
            if let Some(worker) = self
                .workers
                .iter_mut()
                .find(|worker| matches!(worker.state, State::Ready))
            {
                worker.unmute();
                self.quiet = false;
                return Ok(());
            }
            if self.signalled > 0 {
                return Err("it was told to stop before its first worker was ready".to_string());
            }
            if self.workers.is_empty() {
                return Err(self
                    .last_failure
                    .take()
                    .unwrap_or_else(|| "its worker ended".to_string()));
            }
            self.wait();
        }
    }

    /// Serves until a signal has come and every session has ended. Uses `closers` then.
    pub fn run(&mut self, gate: &Gate, closers: &[Closer], listeners: &[String]) {
        loop {
            // First, as what is ordered is done below.
            self.hear(gate, listeners);
            if self.signalled > 0 {
                self.drain(gate, closers);
            }
            // One at a time, so that the last to be read are those that count.
            if self.is_to_reload
                && !self.is_reloading
                && let Some(reload) = self.limits.reload.clone()
            {
                self.is_to_reload = false;
                self.is_reloading = gate.reload(reload);
                self.to_hear[1] = std::mem::take(&mut self.to_hear[0]);
            }
            if self.look_at().is_some_and(|at| at <= Instant::now()) {
                self.looked = Instant::now();
                if gate.door.look() {
                    self.review(&gate.door.policy());
                }
            }
            self.write_records(Instant::now());
            self.give_places(&gate.door.policy());
            self.assign(&gate.door.policy());
            self.refill();
            if self.draining.is_some() && self.workers.is_empty() {
                return;
            }
            self.wait();
        }
    }

    /// Takes what other threads have sent.
    fn hear(&mut self, gate: &Gate, listeners: &[String]) {
        while let Ok(event) = self.events.try_recv() {
            match event {
                Event::Greeted(candidate) => self.admit(*candidate, &gate.door.policy()),
                Event::Policy => self.review(&gate.door.policy()),
                Event::Settings(read) => self.take(read, gate),
                Event::Order(authority, order, answer) => self.ordered(&authority, &order, answer),
                Event::Status(answer) => {
                    // Whoever asked may have given up.
                    let _ = answer.try_send(self.status(gate, listeners));
                }
            }
        }
    }

    /// Writes down, when it is time, what lasting sessions have used.
    fn write_records(&mut self, now: Instant) {
        let (Some(records), Some(interval)) = (&mut self.records, self.limits.accounting_interval)
        else {
            return;
        };
        if self.next_records.is_some_and(|at| now < at) {
            return;
        }
        let last = self.next_records.replace(now + interval);
        if last.is_none() {
            return;
        }
        for worker in &self.workers {
            if let State::Serving(served) = &worker.state {
                let session = served.now(worker.account());
                records.tell(records::Event::Interim, &session, served.waited, None);
            }
        }
    }

    /// When the token file has to be looked at on behalf of sessions that tokens have opened.
    fn look_at(&self) -> Option<Instant> {
        let mut served = self.workers.iter().filter_map(Worker::serving);
        let by_token = served.any(|served| served.grant.token.is_some());
        by_token.then_some(self.looked + LOOK_EVERY)
    }

    /// Stops accepting, and lets the sessions end, or ends them where a second signal or the limit says so.
    fn drain(&mut self, gate: &Gate, closers: &[Closer]) {
        let now = Instant::now();
        if self.draining.is_none() {
            let sessions = self.count(|state| matches!(state, State::Serving(..)));
            match self.limits.drain {
                Some(limit) => tracing::info!(
                    sessions,
                    "shutting down; sessions may go on for {} s",
                    limit.as_secs()
                ),
                None => tracing::info!(
                    sessions,
                    "shutting down when the sessions have ended; a second signal ends them"
                ),
            }
            for closer in closers {
                closer.close();
            }
            gate.clear();
            let over = |_: &Candidate| Some("the server is shutting down".to_string());
            for (candidate, reason) in self.places.remove(now, over) {
                self.refuse(candidate, &reason);
            }
            for candidate in std::mem::take(&mut self.queue) {
                self.refuse(candidate, "the server is shutting down");
            }
            for worker in &mut self.workers {
                if matches!(worker.state, State::Starting | State::Ready) {
                    worker.stop(now + STOP_LIMIT);
                }
            }
            self.draining = Some(self.limits.drain.and_then(|limit| now.checked_add(limit)));
        }
        let over = matches!(self.draining, Some(Some(deadline)) if now >= deadline);
        if self.signalled > 1 || over {
            for worker in &mut self.workers {
                if worker.serving().is_some() {
                    worker.end("the server is shutting down", now + STOP_LIMIT);
                }
            }
        }
    }

    /// Waits until something happens, and takes note of it.
    fn wait(&mut self) {
        let now = Instant::now();
        let timeout = self
            .deadline()
            .map(|deadline| deadline.saturating_duration_since(now) + Duration::from_millis(1));
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        let mut fds = vec![
            PollFd::from_borrowed_fd(self.waker.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(self.signals.end.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(self.signals.child.as_fd(), PollFlags::IN),
        ];
        if let Some(reload) = &self.signals.reload {
            fds.push(PollFd::from_borrowed_fd(reload.as_fd(), PollFlags::IN));
        }
        for worker in &self.workers {
            if let Some(control) = worker.control() {
                fds.push(PollFd::from_borrowed_fd(control.as_fd(), PollFlags::IN));
            }
            if let Some(log) = worker.log().filter(|_| worker.logs()) {
                fds.push(PollFd::from_borrowed_fd(log.as_fd(), PollFlags::IN));
            }
        }
        // An error can only be an interruption or a lack of memory; the next round looks again.
        let _ = poll(&mut fds, timeout.as_ref());
        self.waker.drain();
        self.signalled += drained(&self.signals.end);
        drained(&self.signals.child);
        let reload = self.signals.reload.as_ref();
        self.is_to_reload |= reload.is_some_and(|reload| drained(reload) > 0);
        self.look();
    }

    /// Looks at every worker.
    fn look(&mut self) {
        let now = Instant::now();
        let mut index = 0;
        while index < self.workers.len() {
            let worker = &mut self.workers[index];
            worker.read_log();
            match worker.read_control() {
                Control::Heard(reports) => {
                    for report in reports {
                        match report {
                            Report::Ready(devices) if matches!(worker.state, State::Starting) => {
                                tracing::debug!(worker = worker.pid(), "worker is ready");
                                worker.state = State::Ready;
                                if worker.sort.is_usual() {
                                    self.places.know(&devices, self.limits.sharing.into(), now);
                                }
                                if worker.sort.dense.is_some() {
                                    self.dense.worker_works();
                                }
                            }
                            Report::Fault(status) => worker.fault = Some(status),
                            // It has said so before.
                            Report::Ready(_) => {}
                            Report::Parked
                            | Report::Stays(_)
                            | Report::Wants
                            | Report::Back
                            | Report::Lost(_) => {
                                parking::heard(worker, &report, &mut self.places, now);
                            }
                        }
                    }
                }
                // Whatever it did is over, and the process has a moment to go. Its end is what is logged.
                Control::Closed if worker.control().is_some() => worker.closing(now + STOP_LIMIT),
                Control::Closed => {}
            }
            if matches!(worker.state, State::Starting)
                && now.duration_since(worker.since) > START_LIMIT
            {
                tracing::error!(
                    worker = worker.pid(),
                    "not ready within {} seconds",
                    START_LIMIT.as_secs()
                );
                worker.kill();
            }
            if worker.kill_at().is_some_and(|deadline| now >= deadline) {
                parking::give_up(worker);
                worker.kill();
            }
            match worker.reap() {
                None => index += 1,
                Some(status) => {
                    let worker = self.workers.swap_remove(index);
                    self.ended(&worker, status);
                }
            }
        }
        self.dense.attend(&mut self.workers, now);
    }

    fn ended(&mut self, worker: &Worker, status: ExitStatus) {
        let how = describe(status);
        let pid = worker.pid();
        match &worker.state {
            State::Starting | State::Ready => {
                let said = worker.last_line().map(message);
                let reason = said.unwrap_or_else(|| format!("worker {pid} {how}"));
                if let (Some(_), Some(status)) = (worker.sort.dense, worker.fault) {
                    let workers = &mut self.workers;
                    return self.dense.worker_failed(workers, status, Instant::now());
                }
                match worker.sort.is_usual() {
                    true => self.failed(reason),
                    // What one client asked for is no reason to let others wait.
                    false => self.refuse_all(&worker.sort, &reason),
                }
            }
            State::Serving(served) => {
                let now = Instant::now();
                let used = worker.account();
                let busy = used.busy.saturating_sub(served.counted);
                let busy = Duration::from_nanos(busy);
                self.places.used(&served.session.identity, busy, now);
                let seconds = served.since.elapsed().as_secs_f64();
                let said = || {
                    worker
                        .last_line()
                        .map_or_else(|| "it said nothing".to_string(), message)
                };
                let why = match &served.ending {
                    Some(reason) => Some(reason.clone()),
                    None if status.success() => None,
                    None => Some(format!("its worker {how}: {}", said())),
                };
                self.books
                    .ends(&served.session.identity, &used, why.is_some());
                let told = why.as_deref().unwrap_or(HAS_LEFT);
                if let Some(records) = &mut self.records {
                    let session = served.now(used);
                    let ended = Some((told, why.is_some()));
                    records.tell(records::Event::End, &session, served.waited, ended);
                }
                let SessionStatus {
                    id: session,
                    identity,
                    token,
                    listener,
                    peer,
                    program,
                    ..
                } = &served.session;
                // The level of an event is part of its place in the program, so there are two.
                macro_rules! ends {
                    ($level:ident, $why:expr) => {
                        tracing::$level!(
                            session,
                            identity,
                            token,
                            listener,
                            peer,
                            program,
                            worker = pid,
                            seconds,
                            "session ends: {}",
                            $why
                        )
                    };
                }
                let place = served.place;
                match why {
                    None => ends!(info, HAS_LEFT),
                    Some(why) => ends!(warn, why),
                }
                self.leaves(place);
            }
            State::Stopping(_) => tracing::debug!(worker = pid, "worker {how}"),
        }
    }

    /// When something has to be done though nothing happens.
    fn deadline(&self) -> Option<Instant> {
        let workers = self.workers.iter().filter_map(|worker| match worker.state {
            State::Starting => Some(worker.since + START_LIMIT),
            _ => worker.kill_at(),
        });
        let waiting = self
            .queue
            .front()
            .map(|candidate| candidate.since + WAIT_LIMIT);
        let now = Instant::now();
        let mut wanted = self.queue.iter().map(|candidate| &candidate.sort);
        let short = wanted.any(|sort| self.is_short_of(sort))
            || self.is_short_of(&Sort::ANY)
            || self.is_short_of(&Sort::ASKING)
            || self.is_short_of(&Sort::NETWORKED);
        let refill = (self.draining.is_none() && short)
            .then(|| self.settled_at().max(Some(self.not_before)))
            .flatten()
            .filter(|at| now < *at);
        workers
            .chain(waiting)
            .chain(refill)
            .chain(self.draining.flatten())
            .chain(self.places.attend_at())
            .chain(parking::attend_at(&self.workers, &self.places))
            .chain(self.dense.attend_at())
            .chain(self.look_at())
            .chain(self.next_records)
            .min()
    }

    fn status(&mut self, gate: &Gate, listeners: &[String]) -> Status {
        let mut sessions: Vec<(Instant, SessionStatus)> = Vec::new();
        let mut workers = WorkerCounts::default();
        for worker in &self.workers {
            match &worker.state {
                State::Starting => workers.starting += 1,
                State::Ready => workers.ready += 1,
                State::Stopping(_) => workers.stopping += 1,
                State::Serving(served) if served.ending.is_some() => workers.stopping += 1,
                State::Serving(served) => {
                    workers.serving += 1;
                    sessions.push((served.since, served.now(worker.account())));
                }
            }
        }
        sessions.sort_by_key(|(since, _)| *since);
        let now = Instant::now();
        let queue = self.places.queue(now).into_iter();
        let queue: Vec<QueueStatus> = queue
            .map(|(position, candidate)| QueueStatus {
                id: candidate
                    .session
                    .map(|session| format!("{WAITS}{}", session.0))
                    .unwrap_or_default(),
                position,
                identity: candidate.grant.identity.to_string(),
                program: candidate.hello.program.clone(),
                pid: candidate.hello.pid,
                peer: candidate.connection.peer.description.clone(),
                seconds: now.duration_since(candidate.since).as_secs(),
            })
            .collect();
        let running = sessions.iter().map(|(_, session)| session);
        let running = running.map(|session| (session.identity.as_str(), &session.used));
        let waits = self.places.waiting().chain(&self.queue);
        let waits = waits.map(|candidate| candidate.grant.identity.to_string());
        let tenants = self.books.with(running, waits);
        Status {
            version: env!("CARGO_PKG_VERSION").to_string(),
            protocol: PROTOCOL_VERSION,
            pid: std::process::id(),
            device: self.device.to_string(),
            device_reason: self.reason.clone(),
            uptime_seconds: self.started.elapsed().as_secs(),
            listeners: listeners.to_vec(),
            draining: self.draining.is_some(),
            sessions: sessions.into_iter().map(|(_, session)| session).collect(),
            workers,
            waiting: self.queue.len() + queue.len(),
            queue,
            max_sessions: self.limits.max_sessions,
            served: self.served,
            refused: self.refused + gate.refused(),
            last_failure: self.last_failure.clone(),
            gpus: self.places.status(),
            tenants,
        }
    }

    fn count(&self, what: impl Fn(&State) -> bool) -> usize {
        self.workers
            .iter()
            .filter(|worker| what(&worker.state))
            .count()
    }
}

/// Empties a signal's socket and says how many bytes were in it.
fn drained(socket: &UnixStream) -> usize {
    let mut buffer = [0; 64];
    let mut count = 0;
    while let Ok(n @ 1..) = rustix::io::read(socket, &mut buffer) {
        count += n;
    }
    count
}

pub(super) fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exited with status {code}"),
        (_, Some(signal)) => format!("was killed by signal {signal}"),
        _ => "ended".to_string(),
    }
}

/// What a log line says, without its time, level and origin, and not at any length.
fn message(line: &str) -> String {
    let message = [" ERROR ", " WARN "]
        .iter()
        .find_map(|level| line.split_once(level))
        .and_then(|(_, rest)| rest.split_once(": "))
        .map_or(line, |(_, message)| message);
    match message.char_indices().nth(MAX_REASON) {
        Some((end, _)) => format!("{}...", &message[..end]),
        None => message.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::message;

    #[test]
    fn a_log_line_gives_its_message() {
        let line =
            "2026-11-21T05:00:00.000000Z ERROR pillion_server::worker: the driver is too old: 11.4";
        assert_eq!(message(line), "the driver is too old: 11.4");
        assert_eq!(message("Segmentation fault"), "Segmentation fault");
        let long = "é".repeat(1000);
        assert_eq!(message(&long).chars().count(), super::MAX_REASON + 3);
    }
}

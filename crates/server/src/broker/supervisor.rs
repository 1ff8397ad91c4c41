//! The supervisor: one thread that owns every worker and decides who gets one.
//!
//! It must be the thread that starts workers, and must last as long as the broker: the kernel ends a worker when the *thread*
//! that started it ends.

use std::collections::VecDeque;
use std::io::IoSlice;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use pillion_protocol::{Encoder, PROTOCOL_VERSION};
use pillion_tenancy::{Demand, Session};
use pillion_transport::{Closer, Handoff, Waker};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::arbiter::{Arbiter, Party};
use super::books::Books;
use super::dense::DenseSessions;
use super::greeting::{Candidate, Event, Gate, end};
use super::limiter::Lines;
use super::orders::{Authority, Change, Done, Order, reason};
use super::parking;
use super::places::{Entry, Next, Places, has_left};
use super::policy::{Grant, Policy};
use super::process::{Control, Served, Sort, Start, State, Worker};
use super::records::{self, Records};
use super::status::{QueueStatus, SessionState, SessionStatus, Status, WorkerCounts};
use crate::account::Account;
use crate::cache;
use crate::settings::{Config, Endpoint, LEAST_MEMORY, Problem, Reload, Sharing, Web};
use crate::tokens::TokenName;
use crate::user::{Other, Rights};
use crate::worker::reports::Report;
use crate::worker::said::Said;
use crate::worker::sandbox::Sandbox;
use crate::worker::{Ahead, Device, Note};

/// How long a worker may take to load its device. NVIDIA's driver needs a third of a second, and many more on a cold machine
/// with eight GPUs.
const START_LIMIT: Duration = Duration::from_secs(120);
/// How long a client waits for a worker: less than a client's own patience, so that it hears why.
const WAIT_LIMIT: Duration = Duration::from_secs(50);
/// How long a worker that was told to end may take.
const STOP_LIMIT: Duration = Duration::from_secs(2);
/// How long a session that has just begun has the device to itself before the next worker is started ahead of its client. To load the
/// driver and make a context takes locks that a program needs at its start: PyTorch's first tensor took 56 ms beside that, and 34
/// without. Not longer: short programs that follow each other are to find a worker too.
const SETTLING: Duration = Duration::from_millis(100);
/// How often the token file is looked at while a session lasts that a token has opened.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Pause after the first worker that could not start; doubled for each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// What the name of a client that waits begins with.
const WAITS: char = 'w';
/// Why somebody is not obeyed.
const ALL_ONLY: &str = "that takes the server's own user on its machine (use --server unix://... or shm://...), or a token to manage it: \
     `pillion token create NAME --scope manage`";
/// Why a session usually ends.
const HAS_LEFT: &str = "its client has left";
/// Most characters of a worker's last words in a sentence of ours; the log has them whole.
const MAX_REASON: usize = 160;
/// Longest such pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

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

/// A session of which somebody has spoken.
enum Named {
    /// It runs, on that worker.
    Running(usize),
    /// It waits.
    Waiting(Session),
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
                Event::Order(authority, Order::Reload, answer) => {
                    let may = authority == Authority::All;
                    match may && self.limits.reload.is_some() {
                        true => {
                            self.is_to_reload = true;
                            self.to_hear[0].push(answer);
                        }
                        false => {
                            let reason = match may {
                                true => {
                                    "the server was started without --config and --token-file: there is nothing to read again"
                                }
                                false => ALL_ONLY,
                            };
                            let _ = answer.try_send(Err(reason.to_string()));
                        }
                    }
                }
                Event::Order(authority, order, answer) => {
                    // As below.
                    let _ = answer.try_send(self.obey(&authority, &order));
                }
                Event::Status(answer) => {
                    // Whoever asked may have given up.
                    let _ = answer.try_send(self.status(gate, listeners));
                }
            }
        }
    }

    /// Takes of settings that have been read again what can be taken while the server runs.
    fn take(&mut self, read: Result<Box<Config>, Vec<Problem>>, gate: &Gate) {
        self.is_reloading = false;
        let read = read.and_then(|mut config| {
            // What listens already, and by which rules it had to be made, stays.
            settle(&mut config, &gate.door.policy());
            Policy::read(&config).map(|read| (config, read))
        });
        let (config, (policy, seen)) = match read {
            Ok(read) => read,
            Err(problems) => {
                let errors = problems.iter().filter(|problem| problem.is_error());
                let mut sentences: Vec<String> = errors.map(Problem::sentence).collect();
                for sentence in &sentences {
                    tracing::error!("{sentence}");
                }
                sentences
                    .push("the settings have errors; those that were in force stay".to_string());
                tracing::error!("SIGHUP: {}", sentences[sentences.len() - 1]);
                return self.told(&Err(sentences.join("\n")));
            }
        };
        if config.web != self.limits.web {
            tracing::warn!("SIGHUP: [web] has changed, which takes a restart");
        }
        self.limits.max_sessions = config.max_sessions;
        self.limits.drain = config.drain_timeout;
        self.limits.sharing = config.sharing;
        self.places.set(config.sharing.into(), Instant::now());
        if let Some(arbiter) = &self.arbiter {
            arbiter.set(config.sharing.into());
        }
        gate.limit(config.failed_attempts);
        gate.door.set(policy, seen);
        tracing::info!("SIGHUP: identities, tokens and limits are those of the settings now");
        self.review(&gate.door.policy());
        let said = "identities, tokens and limits are those of the settings now; the log says what takes a restart";
        self.told(&Ok(Done {
            said: vec![said.to_string()],
        }));
    }

    /// Those who have had the settings read hear what came of it.
    fn told(&mut self, done: &Result<Done, String>) {
        for answer in self.to_hear[1].drain(..) {
            // It may have given up.
            let _ = answer.try_send(done.clone());
        }
    }

    /// Does what was ordered, unless that is [`Order::Reload`], which takes time.
    fn obey(&mut self, authority: &Authority, order: &Order) -> Result<Done, String> {
        let said = match order {
            Order::Cancel {
                session,
                reason: why,
            } => {
                let why = reason(why.as_deref(), authority);
                self.cancel(&self.find(session, authority)?, &why)
            }
            _ if *authority != Authority::All => return Err(ALL_ONLY.to_string()),
            Order::Change { session, to } => self.change(&self.find(session, authority)?, to)?,
            Order::Drain { timeout } => {
                self.signalled = self.signalled.max(1);
                if let Some(seconds) = timeout {
                    self.limits.drain = Some(Duration::from_secs(*seconds));
                }
                let sessions = self.count(|state| matches!(state, State::Serving(..)));
                format!(
                    "the server accepts nobody any more, and ends with the sessions that it has ({sessions})"
                )
            }
            Order::Reload => return Err("it takes longer than this".to_string()),
        };
        Ok(Done { said: vec![said] })
    }

    /// The one session of which somebody speaks.
    fn find(&self, name: &str, authority: &Authority) -> Result<Named, String> {
        let is_own = |grant: &Grant| match authority {
            Authority::All => true,
            Authority::Own(identity) => grant.identity == *identity,
        };
        let nobody = || {
            format!(
                "no session {name:?} runs or waits that is yours to say anything of: `pillion status` lists them"
            )
        };
        if let Some(number) = name.strip_prefix(WAITS) {
            let number = number.parse().map_err(|_| nobody())?;
            let mut waiting = self.places.waiting();
            let found = waiting.any(|candidate| {
                candidate.session == Some(Session(number)) && is_own(&candidate.grant)
            });
            return found
                .then_some(Named::Waiting(Session(number)))
                .ok_or_else(nobody);
        }
        let served = self
            .workers
            .iter()
            .enumerate()
            .filter_map(|(index, worker)| {
                let served = worker.serving()?;
                let is_meant = served.session.id.starts_with(name) && is_own(&served.grant);
                is_meant.then_some(index)
            });
        match (name.len(), &served.collect::<Vec<_>>()[..]) {
            (0..4, _) => Err(format!(
                "{name:?} is too little to tell sessions apart: give four digits at least"
            )),
            (_, [index]) => Ok(Named::Running(*index)),
            (_, []) => Err(nobody()),
            (_, several) => Err(format!(
                "{} sessions begin with {name}: give more of the one that is meant",
                several.len()
            )),
        }
    }

    fn cancel(&mut self, named: &Named, why: &str) -> String {
        let now = Instant::now();
        match *named {
            Named::Running(index) => {
                let worker = &mut self.workers[index];
                worker.end(why, now + STOP_LIMIT);
                let id = match &worker.state {
                    State::Serving(served) => served.session.id.as_str(),
                    _ => "",
                };
                format!("session {id} is being ended")
            }
            Named::Waiting(session) => {
                let is_it = |candidate: &Candidate| {
                    (candidate.session == Some(session)).then(|| why.to_string())
                };
                for (mut candidate, reason) in self.places.remove(now, is_it) {
                    // It has been taken out.
                    candidate.session = None;
                    self.refuse(candidate, &reason);
                }
                format!("{WAITS}{} waits no more", session.0)
            }
        }
    }

    fn change(&mut self, named: &Named, to: &Change) -> Result<String, String> {
        if *to == Change::default() {
            return Err("nothing is said of what is to change".to_string());
        }
        if to.memory.is_some_and(|memory| memory < LEAST_MEMORY) {
            return Err(format!(
                "a session with less than {} MiB can do nothing",
                LEAST_MEMORY >> 20
            ));
        }
        let now = Instant::now();
        let session = match *named {
            Named::Waiting(session) => session,
            Named::Running(index) => {
                let served = self.workers[index].serving();
                let served = served.ok_or("it has just ended")?;
                if to.memory.is_some() && served.quota.is_none() {
                    return Err(
                        "it has begun without a quota of memory, and then it cannot have one"
                            .to_string(),
                    );
                }
                served
                    .place
                    .ok_or("it only asks about the devices, and has no part in them")?
            }
        };
        self.places.change(session, to, now)?;
        if let (Some(arbiter), Some(demand)) = (&self.arbiter, self.places.demand(session)) {
            arbiter.change(session, demand.weight, demand.class);
        }
        if let (Named::Running(index), Some(memory)) = (named, to.memory) {
            let worker = &mut self.workers[*index];
            worker.say(&Said::Quota(memory));
            if let State::Serving(served) = &mut worker.state {
                served.quota = Some(memory);
            }
        }
        Ok("it is changed, for as long as the session lasts".to_string())
    }

    /// Ends what `policy` does not allow any more.
    fn review(&mut self, policy: &Policy) {
        let deadline = Instant::now() + STOP_LIMIT;
        for worker in &mut self.workers {
            let over = worker
                .serving()
                .and_then(|served| policy.over(&served.grant));
            if let Some(reason) = over {
                worker.end(reason, deadline);
            }
        }
        for (mut candidate, reason) in self.places.review(policy, Instant::now()) {
            // It has been taken out.
            candidate.session = None;
            self.refuse(candidate, &reason);
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

    fn admit(&mut self, mut candidate: Candidate, policy: &Policy) {
        let busy = self.count(|state| matches!(state, State::Serving(..))) + self.queue.len();
        if self.draining.is_some() {
            return self.refuse(candidate, "the server is shutting down");
        }
        if busy >= self.limits.max_sessions {
            let reason = format!(
                "the server has as many sessions as it may ({}): try again later, or raise --max-sessions",
                self.limits.max_sessions
            );
            return self.refuse(candidate, &reason);
        }
        if let Some(reason) = self.has_enough(&candidate, policy) {
            return self.refuse(candidate, &reason);
        }
        let asks = candidate.hello.only_asks || candidate.grant.asks_only;
        let identity = &candidate.grant.identity;
        let part = policy.part(identity);
        let mut demand = part.demand(&identity.to_string());
        candidate.part = part;
        if asks {
            // It is shown the devices that it could have, and nothing is kept for it.
            demand = Demand {
                among: demand.among,
                gpus: demand.gpus,
                ..Demand::unrestricted(demand.tenant)
            };
            if self.makes_contexts() && !candidate.sort.networked {
                candidate.sort = Sort::ASKING;
            }
        }
        let now = Instant::now();
        self.count_use(now);
        let entry = match asks {
            true => self.places.show(candidate, demand),
            false => self.places.enter(candidate, demand, now),
        };
        match entry {
            Entry::Comes(candidate) => self.queue.push_back(*candidate),
            Entry::Waits => self.places.attend(now),
            Entry::Refused(candidate, reason) => self.refuse(*candidate, &reason),
        }
    }

    /// Has those begin for whom there is room now, and attends to those for whom there is none.
    fn give_places(&mut self, policy: &Policy) {
        if self.places.nobody_waits() {
            return;
        }
        let now = Instant::now();
        self.count_use(now);
        while let Some(next) = self.places.next(now) {
            match next {
                Next::Begins(candidate) => self.queue.push_back(*candidate),
                Next::Returns(session) => parking::returns(&mut self.workers, session),
            }
        }
        let over = |candidate: &Candidate| {
            if policy.over(&candidate.grant).is_some() {
                return Some("what this client has shown is not good any more".to_string());
            }
            // It does not know that it waits.
            let late = !candidate.hello.waits && now.duration_since(candidate.since) > WAIT_LIMIT;
            late.then(|| {
                format!(
                    "no place on the devices became free within {} seconds: try again later (newer clients wait)",
                    WAIT_LIMIT.as_secs()
                )
            })
        };
        for (candidate, reason) in self.places.remove(now, over) {
            self.refuse(candidate, &reason);
        }
        self.places.attend(now);
        parking::attend(&mut self.workers, &mut self.places, now);
    }

    /// Counts what sessions have used of the devices since that was counted last.
    fn count_use(&mut self, now: Instant) {
        for worker in &mut self.workers {
            let busy = worker.account().busy;
            if let State::Serving(served) = &mut worker.state {
                let more = busy.saturating_sub(std::mem::replace(&mut served.counted, busy));
                let more = Duration::from_nanos(more);
                self.places.used(&served.session.identity, more, now);
            }
        }
    }

    /// Why this client's identity, or its endpoint, has as many sessions as it may have, if that is so.
    fn has_enough(&self, candidate: &Candidate, policy: &Policy) -> Option<String> {
        let grant = &candidate.grant;
        let served = self.workers.iter().filter_map(Worker::serving);
        let all = served.map(|served| &served.grant);
        let all = all.chain(self.queue.iter().map(|candidate| &candidate.grant));
        let all = all.chain(self.places.waiting().map(|candidate| &candidate.grant));
        let (mut own, mut here) = (0, 0);
        for other in all {
            own += usize::from(other.identity == grant.identity);
            here += usize::from(other.endpoint == grant.endpoint);
        }
        let most = policy
            .rule(&grant.identity)
            .and_then(|rule| rule.max_sessions);
        if let Some(most) = most.filter(|most| own >= *most) {
            return Some(format!(
                "{} has as many sessions as it may ({most}): try again when one has ended",
                grant.identity
            ));
        }
        let most = policy
            .endpoint(grant.endpoint)
            .and_then(|endpoint| endpoint.max_sessions);
        let most = most.filter(|most| here >= *most)?;
        Some(format!(
            "this endpoint has as many sessions as it may ({most}): try again later"
        ))
    }

    /// Matches clients with ready workers.
    fn assign(&mut self, policy: &Policy) {
        let now = Instant::now();
        let mut index = 0;
        while let Some(waiting) = self.queue.get(index) {
            let gone = has_left(waiting);
            let late = now.duration_since(waiting.since) > WAIT_LIMIT;
            let ready = self.workers.iter().position(|worker| {
                matches!(worker.state, State::Ready) && worker.sort == waiting.sort
            });
            if !gone && !late && ready.is_none() {
                // Others may wait for another kind of worker.
                index += 1;
                continue;
            }
            let Some(candidate) = self.queue.remove(index) else {
                break;
            };
            match ready {
                Some(_) if policy.over(&candidate.grant).is_some() => {
                    self.refuse(candidate, "what this client has shown is not good any more");
                }
                _ if gone => {
                    self.leaves(candidate.session);
                    tracing::info!(peer = %candidate.connection.peer, "left before a worker was free")
                }
                Some(ready) => self.begin(candidate, ready, policy),
                None => {
                    let reason = format!(
                        "no worker got ready within {} seconds",
                        WAIT_LIMIT.as_secs()
                    );
                    self.refuse(candidate, &reason);
                }
            }
        }
        if self.count(|state| matches!(state, State::Starting | State::Ready)) == 0
            && now < self.not_before
        {
            let reason = format!(
                "no worker can start: {}",
                self.last_failure.as_deref().unwrap_or("unknown")
            );
            for candidate in std::mem::take(&mut self.queue) {
                self.refuse(candidate, &reason);
            }
        }
    }

    /// Begins a session on the ready worker at `index`, or on another one if that one has just died.
    fn begin(&mut self, candidate: Candidate, index: usize, policy: &Policy) {
        let Candidate {
            connection,
            hello,
            grant,
            listener,
            sort,
            session: place,
            came,
            ..
        } = candidate;
        let peer = connection.peer.description.clone();
        let forwarded_for = connection.peer.forwarded_for.clone();
        let mut id = [0; 16];
        if let Err(error) = crate::random(&mut id) {
            self.leaves(place);
            return tracing::error!(peer, "cannot name a session: {error}");
        }
        let handoff: Handoff = match connection.handoff() {
            Ok(handoff) => handoff,
            Err(error) => {
                self.leaves(place);
                return tracing::error!(peer, "{error}");
            }
        };
        let gpus = self.places.gpus(place);
        let cached = match &self.limits.cache {
            Some(cache) => cache.folder_of(&grant.identity.owner(&peer)),
            None => String::new(),
        };
        let mut greeting = Vec::new();
        hello.encode(&mut Encoder::new(&mut greeting));
        let quota = match place {
            Some(place) => self.places.demand(place).and_then(|demand| demand.memory),
            None => policy.part(&grant.identity).memory,
        };
        let mut note = Note {
            session: id,
            cached: &cached,
            packs: policy
                .endpoint(grant.endpoint)
                .is_none_or(|endpoint| endpoint.compression),
            // Who says so has no place on the devices, and is kept to what it says.
            asks_only: grant.asks_only || hello.only_asks,
            takes_turns: false,
            memory: quota,
            hello: &greeting,
        };
        let others = (0..self.workers.len()).filter(|&other| other != index);
        for index in std::iter::once(index).chain(others) {
            let worker = &mut self.workers[index];
            if !matches!(worker.state, State::Ready) || worker.sort != sort {
                continue;
            }
            note.takes_turns = place.is_some() && worker.takes_turns() && self.arbiter.is_some();
            if let Err(error) = worker.assign(&handoff, &note.encode()) {
                tracing::warn!(
                    worker = worker.pid(),
                    "a ready worker cannot be given a session: {error}"
                );
                worker.stop(Instant::now());
                continue;
            }
            let session = SessionStatus {
                id: id.iter().map(|byte| format!("{byte:02x}")).collect(),
                identity: grant.identity.to_string(),
                token: grant
                    .token
                    .as_ref()
                    .and_then(TokenName::shown)
                    .map(str::to_string),
                peer,
                listener,
                program: hello.program,
                pid: hello.pid,
                started: SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .unwrap_or_default()
                    .as_secs(),
                seconds: 0,
                worker_pid: worker.pid(),
                used: Account::default(),
                gpus,
                state: SessionState::default(),
                parked: 0,
                parked_memory: 0,
                mode: place
                    .and_then(|place| self.places.demand(place))
                    .map(|demand| demand.mode.to_string())
                    .unwrap_or_default(),
            };
            tracing::info!(
                session = session.id,
                identity = session.identity,
                token = session.token,
                listener = session.listener,
                peer = session.peer,
                forwarded_for,
                program = session.program,
                pid = session.pid,
                worker = session.worker_pid,
                "session begins"
            );
            if let Some(place) = place.filter(|_| note.takes_turns)
                && let Some(arbiter) = &self.arbiter
                && let Some(socket) = worker.turns()
                && let Some(demand) = self.places.demand(place)
            {
                arbiter.join(Party {
                    session: place,
                    gpus: session.gpus.clone(),
                    tenant: demand.tenant.clone(),
                    weight: demand.weight,
                    class: demand.class,
                    socket,
                    page: worker.page(),
                });
            }
            let waited = came.elapsed();
            self.books.begins(&session.identity, waited);
            if let Some(records) = &mut self.records {
                records.tell(records::Event::Begin, &session, waited, None);
            }
            worker.state = State::Serving(Box::new(Served {
                session,
                grant,
                place,
                counted: 0,
                since: Instant::now(),
                quota,
                waited,
                ending: None,
            }));
            self.served += 1;
            self.failures = 0;
            self.last_failure = None;
            return;
        }
        self.leaves(place);
        // The client sees its connection close, and may try again.
        tracing::error!(peer, "every ready worker has died");
    }

    /// A session has no place on the devices any more.
    fn leaves(&mut self, session: Option<Session>) {
        if let Some(session) = session {
            self.places.left(session, Instant::now());
            if let Some(arbiter) = &self.arbiter {
                arbiter.left(session);
            }
        }
    }

    fn refuse(&mut self, mut candidate: Candidate, reason: &str) {
        self.leaves(candidate.session);
        self.refused += 1;
        self.books.refuses(&candidate.grant.identity.to_string());
        if let Some(left_out) = self.lines.may(Instant::now()) {
            if left_out > 0 {
                tracing::warn!("{left_out} more were refused, and not logged");
            }
            let Candidate {
                connection,
                hello,
                grant,
                listener,
                ..
            } = &candidate;
            tracing::warn!(
                peer = %connection.peer,
                listener,
                identity = %grant.identity,
                program = hello.program,
                "refused: {reason}"
            );
        }
        // Its greeting has been read, so nothing unread makes the kernel drop this; and a socket that has carried nothing yet
        // has room for it.
        let _ = candidate
            .connection
            .sender
            .try_send(&[IoSlice::new(&end(reason))]);
        let _ = candidate.connection.sender.shutdown();
    }

    /// Starts workers for those who wait, and for those who will come.
    fn refill(&mut self) {
        if self.draining.is_some() {
            return;
        }
        let dense_start = self.prepare_dense(Instant::now());
        loop {
            let starting = self.count(|state| matches!(state, State::Starting));
            if starting >= self.at_once || Instant::now() < self.not_before {
                break;
            }
            // First for those who wait.
            let mut sorts = self.queue.iter().map(|candidate| &candidate.sort);
            let can_start = |sort: &Sort| dense_start || sort.dense.is_none();
            if let Some(sort) = sorts.find(|sort| can_start(sort) && self.is_short_of(sort)) {
                let sort = sort.clone();
                self.spawn(sort);
            } else if self.settled_at().is_some() {
                break;
            } else if self.is_short_of(&Sort::ANY) {
                self.spawn(Sort::ANY);
            } else if self.is_short_of(&Sort::ASKING) {
                self.spawn(Sort::ASKING);
            } else if self.is_short_of(&Sort::NETWORKED) {
                self.spawn(Sort::NETWORKED);
            } else {
                break;
            }
        }
        // Nobody else can use a worker that sees what one client wanted.
        for index in 0..self.workers.len() {
            let worker = &self.workers[index];
            if matches!(worker.state, State::Starting | State::Ready)
                && !worker.sort.is_usual()
                && self.coming(&worker.sort) > self.wanted(&worker.sort)
            {
                self.workers[index].stop(Instant::now() + STOP_LIMIT);
            }
        }
    }

    /// Whether there will be fewer workers of that sort than are needed.
    fn is_short_of(&self, sort: &Sort) -> bool {
        self.coming(sort) < self.wanted(sort)
    }

    /// How many workers there will be of that sort.
    fn coming(&self, sort: &Sort) -> usize {
        let idle = |worker: &&Worker| matches!(worker.state, State::Starting | State::Ready);
        let workers = self.workers.iter().filter(idle);
        workers.filter(|worker| worker.sort == *sort).count()
    }

    /// Until when a session is being left alone, if one is.
    fn settled_at(&self) -> Option<Instant> {
        let begun = self.workers.iter().filter_map(|worker| match worker.state {
            State::Serving(ref served) => Some(served.since + SETTLING),
            _ => None,
        });
        begun.max().filter(|settled| Instant::now() < *settled)
    }

    /// How many are needed: for those who wait, and for who will come. Programs like PyTorch ask NVML about the devices before they
    /// use one, and nobody asks for long, so one worker for that is enough.
    fn wanted(&self, sort: &Sort) -> usize {
        let waiting = self.queue.iter();
        let waiting = waiting.filter(|candidate| candidate.sort == *sort).count();
        let is = |usual: Sort| *sort == usual;
        let ready = match () {
            () if is(Sort::ANY) => self.limits.warm,
            () if is(Sort::ASKING) && self.makes_contexts() => self.limits.warm.min(1),
            () if is(Sort::NETWORKED) && self.limits.networked => self.limits.warm.min(1),
            () => 0,
        };
        waiting + ready
    }

    /// Whether workers make contexts ahead, which are worth keeping for those who use them. On the CPU device they are nothing, unless
    /// somebody says so.
    fn makes_contexts(&self) -> bool {
        match self.limits.warm_memory {
            None => matches!(self.device, Device::Nvidia),
            Some(memory) => memory > 0,
        }
    }

    /// Some of the server's devices, as the `CUDA_VISIBLE_DEVICES` of a worker names them: by what the server's own names them, if
    /// there is one.
    fn list(&self, only: &[usize]) -> String {
        let own = std::env::var("CUDA_VISIBLE_DEVICES").ok();
        let own: Vec<&str> = own.iter().flat_map(|list| list.split(',')).collect();
        let word = |index: &usize| match own.get(*index) {
            Some(word) => word.trim().to_string(),
            None => index.to_string(),
        };
        only.iter().map(word).collect::<Vec<_>>().join(",")
    }

    fn spawn(&mut self, sort: Sort) {
        let list = sort.seen.as_ref().map(|only| self.list(only));
        let ahead = Ahead {
            workers: self.limits.warm,
            memory: match sort.only_asks {
                true => Some(0),
                false => self.limits.warm_memory,
            },
        };
        let mps = sort.dense.map(|dense| {
            let seen = sort.seen.as_ref().map(Vec::len);
            let devices = seen.unwrap_or(self.places.devices().len());
            self.dense.environment(&dense, devices)
        });
        // A worker can only be allowed a folder that is there; somebody may have removed it.
        if let Some(cache) = &self.limits.cache {
            let _ = match self.places.devices().is_empty() {
                // Whom it is to belong to is not certain yet.
                true => cache.make(),
                false => cache.prepare(&self.limits.rights()),
            };
        }
        let takes_turns = self.limits.sharing.turns && sort.dense.is_none();
        if takes_turns && self.arbiter.is_none() {
            match Arbiter::start(self.limits.sharing.into()) {
                Ok(arbiter) => self.arbiter = Some(arbiter),
                Err(error) => tracing::error!("there are no turns: {error}"),
            }
        }
        let started = Worker::spawn(Start {
            program: &self.limits.program,
            device: self.device,
            ahead,
            sort,
            list,
            mps: mps.unwrap_or_default(),
            cache: self.limits.cache.as_ref(),
            user: self.limits.user.as_ref(),
            sandbox: self.limits.sandbox,
            takes_turns,
            quiet: self.quiet,
        });
        match started {
            Ok(worker) => {
                tracing::debug!(worker = worker.pid(), "worker starts");
                self.workers.push(worker);
            }
            Err(error) => {
                let program = self.limits.program.display();
                self.failed(format!("cannot start {program} worker: {error}"));
            }
        }
    }

    /// A worker has ended before it served.
    fn failed(&mut self, reason: String) {
        let pause = FIRST_PAUSE
            .saturating_mul(1 << self.failures.min(16))
            .min(LONGEST_PAUSE);
        self.failures = self.failures.saturating_add(1);
        self.not_before = Instant::now() + pause;
        if !self.quiet {
            tracing::error!(
                pause_ms = pause.as_millis(),
                "a worker did not start: {reason}"
            );
        }
        self.last_failure = Some(reason);
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

    /// Refuses those who wait for a worker of a sort of their own, and cannot have one.
    fn refuse_all(&mut self, sort: &Sort, reason: &str) {
        let what = match (&sort.seen, sort.dense) {
            (Some(only), _) => format!("that sees the devices {only:?}"),
            (None, Some(_)) => "for a dense session".to_string(),
            (None, None) => "for it".to_string(),
        };
        let reason = format!("no worker starts {what}: {reason}");
        self.refuse_those(&reason, |candidate| candidate.sort == *sort);
    }

    /// Refuses some of those who wait for a worker.
    fn refuse_those(&mut self, reason: &str, which: impl Fn(&Candidate) -> bool) {
        let (refused, left) = std::mem::take(&mut self.queue).into_iter().partition(which);
        self.queue = left;
        let refused: VecDeque<Candidate> = refused;
        for candidate in refused {
            self.refuse(candidate, reason);
        }
    }

    /// Makes ready what workers of dense sessions need, if somebody waits for one. Answers whether they can start.
    fn prepare_dense(&mut self, now: Instant) -> bool {
        let waits = |candidate: &Candidate| candidate.sort.dense.is_some();
        if !self.queue.iter().any(waits) {
            let mut workers = self.workers.iter();
            if !workers.any(|worker| worker.sort.dense.is_some()) {
                self.dense.is_unused(now);
            }
            return false;
        }
        let is_nvidia = matches!(self.device, Device::Nvidia);
        let user = self.limits.user.as_ref();
        match self.dense.is_ready(&self.workers, is_nvidia, user, now) {
            Ok(is_ready) => is_ready,
            Err(reason) => {
                self.refuse_those(&reason, waits);
                false
            }
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

/// Leaves in `config` the endpoints that there are, with what may change of them, and says of what takes effect with a restart.
fn settle(config: &mut Config, policy: &Policy) {
    let mut wanted = std::mem::take(&mut config.endpoints);
    for endpoint in policy.endpoints() {
        // With port 0 several may be written alike; they are told apart by their order.
        let same = wanted
            .iter()
            .position(|other| other.listen == endpoint.listen);
        config
            .endpoints
            .push(match same.map(|index| wanted.remove(index)) {
                Some(other) => {
                    let made = |endpoint: &Endpoint| {
                        let asks = endpoint
                            .tls
                            .as_ref()
                            .is_some_and(|tls| tls.client_ca.is_some());
                        let optional = asks && endpoint.authentication.does_without_certificate();
                        (
                            endpoint.insecure,
                            endpoint.mode,
                            endpoint.keep_alive,
                            endpoint.tls.clone(),
                            optional,
                        )
                    };
                    if made(&other) != made(endpoint) {
                        tracing::warn!(
                            "SIGHUP: how {} listens has changed, which takes a restart",
                            endpoint.listen
                        );
                    }
                    Endpoint {
                        reach: endpoint.reach,
                        insecure: endpoint.insecure,
                        mode: endpoint.mode,
                        keep_alive: endpoint.keep_alive,
                        tls: endpoint.tls.clone(),
                        ..other
                    }
                }
                None => {
                    tracing::warn!("SIGHUP: {} is gone, which takes a restart", endpoint.listen);
                    endpoint.clone()
                }
            });
    }
    for new in &wanted {
        tracing::warn!("SIGHUP: {} is new, which takes a restart", new.listen);
    }
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

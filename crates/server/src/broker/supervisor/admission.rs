//! From a client's greeting to a worker: who is refused, who waits for a place on the devices or for a worker, and who begins.

use std::collections::VecDeque;
use std::io::IoSlice;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use pillion_protocol::Encoder;
use pillion_tenancy::{Demand, Session};
use pillion_transport::Handoff;

use super::super::arbiter::Party;
use super::super::greeting::{Candidate, end};
use super::super::parking;
use super::super::places::{Entry, Next, has_left};
use super::super::policy::Policy;
use super::super::process::{Served, Sort, State, Worker};
use super::super::records;
use super::super::status::{SessionState, SessionStatus};
use super::{Pool, WAIT_LIMIT};
use crate::account::Account;
use crate::tokens::TokenName;
use crate::worker::Note;

impl Pool {
    pub(super) fn admit(&mut self, mut candidate: Candidate, policy: &Policy) {
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
    pub(super) fn give_places(&mut self, policy: &Policy) {
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
    pub(super) fn count_use(&mut self, now: Instant) {
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
    pub(super) fn assign(&mut self, policy: &Policy) {
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
    pub(super) fn leaves(&mut self, session: Option<Session>) {
        if let Some(session) = session {
            self.places.left(session, Instant::now());
            if let Some(arbiter) = &self.arbiter {
                arbiter.left(session);
            }
        }
    }

    pub(super) fn refuse(&mut self, mut candidate: Candidate, reason: &str) {
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

    /// Refuses those who wait for a worker of a sort of their own, and cannot have one.
    pub(super) fn refuse_all(&mut self, sort: &Sort, reason: &str) {
        let what = match (&sort.seen, sort.dense) {
            (Some(only), _) => format!("that sees the devices {only:?}"),
            (None, Some(_)) => "for a dense session".to_string(),
            (None, None) => "for it".to_string(),
        };
        let reason = format!("no worker starts {what}: {reason}");
        self.refuse_those(&reason, |candidate| candidate.sort == *sort);
    }

    /// Refuses some of those who wait for a worker.
    pub(super) fn refuse_those(&mut self, reason: &str, which: impl Fn(&Candidate) -> bool) {
        let (refused, left) = std::mem::take(&mut self.queue).into_iter().partition(which);
        self.queue = left;
        let refused: VecDeque<Candidate> = refused;
        for candidate in refused {
            self.refuse(candidate, reason);
        }
    }
}

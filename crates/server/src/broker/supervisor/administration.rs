//! What an operator has the server do while it runs: orders, settings that are read again, and what these end.

use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use pillion_tenancy::Session;

use super::super::greeting::{Candidate, Gate};
use super::super::orders::{Authority, Change, Done, Order, reason};
use super::super::policy::{Grant, Policy};
use super::super::process::State;
use super::{Pool, STOP_LIMIT, WAITS};
use crate::settings::{Config, Endpoint, LEAST_MEMORY, Problem};
use crate::worker::said::Said;

/// Why somebody is not obeyed.
const ALL_ONLY: &str = "that takes the server's own user on its machine (use --server unix://... or shm://...), or a token to manage it: \
     `pillion token create NAME --scope manage`";

/// A session of which somebody has spoken.
enum Named {
    /// It runs, on that worker.
    Running(usize),
    /// It waits.
    Waiting(Session),
}

impl Pool {
    /// Takes of settings that have been read again what can be taken while the server runs.
    pub(super) fn take(&mut self, read: Result<Box<Config>, Vec<Problem>>, gate: &Gate) {
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

    /// Obeys an order, and says by `answer` what came of it: at once, unless it takes time.
    pub(super) fn ordered(
        &mut self,
        authority: &Authority,
        order: &Order,
        answer: SyncSender<Result<Done, String>>,
    ) {
        let may_reload = *authority == Authority::All && self.limits.reload.is_some();
        if *order == Order::Reload && may_reload {
            self.is_to_reload = true;
            self.to_hear[0].push(answer);
            return;
        }
        // Whoever asked may have given up.
        let _ = answer.try_send(self.obey(authority, order));
    }

    /// Does what was ordered, unless that is [`Order::Reload`] and can be done.
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
            Order::Reload => {
                return Err("the server was started without --config and --token-file: there is nothing to read again".to_string());
            }
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
    pub(super) fn review(&mut self, policy: &Policy) {
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

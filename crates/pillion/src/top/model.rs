//! What is known of a server: its last state, how fast its counters have moved, and how it was before. No I/O, and no clock.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use pillion_server::account::Account;
use pillion_server::broker::{SessionStatus, Status};
use serde::Serialize;

/// Most moments that are kept: more columns than terminals have.
const HISTORY: usize = 1024;

/// What a second has brought, on average since the answer before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Rates {
    /// How many devices it has kept busy: 1 is one device all the time.
    pub busy: f64,
    /// Kernels launched.
    pub launches: f64,
    /// Bytes that came to the server.
    pub bytes_in: f64,
    /// Bytes that went from it.
    pub bytes_out: f64,
}

impl Rates {
    /// Between two states of an account. Counters only grow: where one has not, the two are not of the same.
    fn between(before: &Account, now: &Account, seconds: f64) -> Option<Self> {
        let rate = |before: u64, now: u64| Some(now.checked_sub(before)? as f64 / seconds);
        if seconds <= 0.0 {
            return None;
        }
        Some(Rates {
            busy: rate(before.busy, now.busy)? / 1e9,
            launches: rate(before.launches, now.launches)?,
            bytes_in: rate(before.bytes_in, now.bytes_in)?,
            bytes_out: rate(before.bytes_out, now.bytes_out)?,
        })
    }
}

/// All of a server at a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// [`Rates::busy`] of all sessions, for each device; nothing where it is not known.
    pub busy: Option<f64>,
    /// Bytes of device memory that sessions hold.
    pub memory: u64,
    /// Sessions.
    pub sessions: usize,
    /// Clients that wait.
    pub waiting: usize,
}

/// What sessions hold of a device.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Held {
    /// Bytes of the sessions that are on no other.
    pub alone: u64,
    /// Bytes of those that are on others as well: how much of it is on which is not known.
    pub across: u64,
}

/// A server, as it has answered.
#[derive(Debug, Default)]
pub struct Model {
    status: Option<Status>,
    answered: Duration,
    failure: Option<String>,
    began_anew: Option<Duration>,
    seconds: Option<f64>,
    sessions: HashMap<String, Rates>,
    identities: HashMap<String, Rates>,
    total: Option<Rates>,
    history: VecDeque<Option<Moment>>,
}

impl Model {
    /// It has answered at this time, which is counted from any beginning.
    pub fn answered(&mut self, at: Duration, status: Status) {
        self.seconds = None;
        self.sessions.clear();
        self.identities.clear();
        self.total = None;
        if let Some(before) = &self.status {
            if before.pid != status.pid || before.uptime_seconds > status.uptime_seconds {
                self.began_anew = Some(at);
            } else {
                let seconds = at.saturating_sub(self.answered).as_secs_f64();
                self.seconds = Some(seconds).filter(|seconds| *seconds > 0.0);
                let known: HashMap<_, _> = before
                    .sessions
                    .iter()
                    .map(|of| (&of.id, &of.used))
                    .collect();
                for session in &status.sessions {
                    let before = known.get(&session.id);
                    let rates =
                        before.and_then(|used| Rates::between(used, &session.used, seconds));
                    self.sessions
                        .extend(rates.map(|rates| (session.id.clone(), rates)));
                }
                let known: HashMap<_, _> = before
                    .tenants
                    .iter()
                    .map(|of| (&of.identity, &of.used))
                    .collect();
                for tenant in &status.tenants {
                    // Who is new there has used nothing before.
                    let before = known
                        .get(&tenant.identity)
                        .copied()
                        .copied()
                        .unwrap_or_default();
                    let rates = Rates::between(&before, &tenant.used, seconds);
                    self.identities
                        .extend(rates.map(|rates| (tenant.identity.clone(), rates)));
                }
                self.total = Rates::between(&used(before), &used(&status), seconds);
            }
        }
        let devices = status.gpus.len().max(1) as f64;
        self.remember(Some(Moment {
            busy: self.total.map(|total| total.busy / devices),
            memory: status
                .sessions
                .iter()
                .fold(0, |sum: u64, of| sum.saturating_add(of.used.memory)),
            sessions: status.sessions.len(),
            waiting: status.waiting,
        }));
        self.failure = None;
        self.answered = at;
        self.status = Some(status);
    }

    /// It could not be asked.
    pub fn failed(&mut self, why: String) {
        self.failure = Some(why);
        self.remember(None);
    }

    fn remember(&mut self, moment: Option<Moment>) {
        self.history.truncate(HISTORY - 1);
        self.history.push_front(moment);
    }

    /// What it said last.
    pub fn status(&self) -> Option<&Status> {
        self.status.as_ref()
    }

    /// Why it cannot be asked, if the last try has failed.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// How long ago it has answered.
    pub fn silent(&self, now: Duration) -> Duration {
        now.saturating_sub(self.answered)
    }

    /// How long ago another process began to answer than the one before.
    pub fn anew(&self, now: Duration) -> Option<Duration> {
        self.began_anew.map(|at| now.saturating_sub(at))
    }

    /// Over how many seconds the rates are.
    pub fn seconds(&self) -> Option<f64> {
        self.seconds
    }

    /// Rates of all sessions together, those included that have ended meanwhile.
    pub fn total(&self) -> Option<Rates> {
        self.total
    }

    /// Rates of a session; nothing for one that is new.
    pub fn session(&self, id: &str) -> Option<Rates> {
        self.sessions.get(id).copied()
    }

    /// Rates of an identity's sessions.
    pub fn identity(&self, name: &str) -> Option<Rates> {
        self.identities.get(name).copied()
    }

    /// How it was, the last moment first; nothing where it did not answer.
    pub fn history(&self) -> impl Iterator<Item = Option<Moment>> + '_ {
        self.history.iter().copied()
    }

    /// What sessions hold of the device of that number.
    pub fn held(&self, gpu: usize) -> Held {
        let mut held = Held::default();
        let sessions = self.status.iter().flat_map(|status| &status.sessions);
        for session in sessions.filter(|session| session.gpus.contains(&gpu)) {
            let sum = match session.gpus.len() {
                1 => &mut held.alone,
                _ => &mut held.across,
            };
            *sum = sum.saturating_add(session.used.memory);
        }
        held
    }
}

/// All that was ever used. What an older server does not tell of identities, those sessions tell that still run.
fn used(status: &Status) -> Account {
    let none = Account::default();
    if status.tenants.is_empty() {
        let sessions = status.sessions.iter();
        return sessions.fold(none, |sum, SessionStatus { used, .. }| sum.and(used));
    }
    let tenants = status.tenants.iter();
    tenants.fold(none, |sum, tenant| sum.and(&tenant.used))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::top::samples::{server, session, tenant};

    const SECOND: Duration = Duration::from_secs(1);

    fn account(busy: u64, launches: u64) -> Account {
        Account {
            busy,
            launches,
            bytes_in: 10 * launches,
            bytes_out: 1,
            ..Account::default()
        }
    }

    #[test]
    fn rates_are_from_the_second_answer_on() {
        let mut model = Model::default();
        let mut status = server();
        status.sessions = vec![session("a", "ada", account(1_000_000_000, 100))];
        status.tenants = vec![tenant("ada", account(5_000_000_000, 700))];
        model.answered(SECOND, status.clone());
        assert_eq!(
            (model.seconds(), model.total(), model.session("a")),
            (None, None, None)
        );
        assert_eq!(model.history().next().unwrap().unwrap().busy, None);
        status.sessions[0].used = account(2_000_000_000, 300);
        status.sessions.push(session("b", "ada", account(7, 7)));
        // Of this, a session that has come and gone meanwhile has used a part.
        status.tenants[0].used = account(7_000_000_000, 1000);
        model.answered(5 * SECOND, status.clone());
        assert_eq!(model.seconds(), Some(4.0));
        let rates = model.session("a").unwrap();
        assert_eq!((rates.busy, rates.launches), (0.25, 50.0));
        assert_eq!((rates.bytes_in, rates.bytes_out), (500.0, 0.0));
        // A new one has no rates yet.
        assert_eq!(model.session("b"), None);
        let of_all = model.total().unwrap();
        assert_eq!((of_all.busy, of_all.launches), (0.5, 75.0));
        assert_eq!(model.identity("ada"), model.total());
        // The devices are two.
        assert_eq!(model.history().next().unwrap().unwrap().busy, Some(0.25));
        // Two answers of the same moment tell nothing.
        model.answered(5 * SECOND, status);
        assert_eq!(
            (model.seconds(), model.total(), model.session("a")),
            (None, None, None)
        );
    }

    #[test]
    fn counters_that_go_backwards_are_not_the_same() {
        let mut model = Model::default();
        let mut status = server();
        status.sessions = vec![
            session("a", "ada", account(10, 100)),
            session("b", "bob", account(0, 0)),
        ];
        status.tenants = vec![
            tenant("ada", account(10, 100)),
            tenant("bob", account(10, 100)),
        ];
        model.answered(SECOND, status.clone());
        status.sessions[0].used.launches = 99;
        status.sessions[1].used.launches = 1;
        status.tenants[0].used.launches = 0;
        model.answered(2 * SECOND, status);
        assert_eq!(
            (model.session("a"), model.identity("ada"), model.total()),
            (None, None, None)
        );
        assert_eq!(model.session("b").unwrap().launches, 1.0);
        assert_eq!(model.identity("bob").unwrap().launches, 0.0);
        assert_eq!(model.anew(2 * SECOND), None);
    }

    #[test]
    fn another_server_begins_from_nothing() {
        for of_another in [
            |status: &mut Status| status.pid += 1,
            |status: &mut Status| status.uptime_seconds -= 1,
        ] {
            let mut model = Model::default();
            let mut status = server();
            status.sessions = vec![session("a", "ada", account(10, 100))];
            model.answered(SECOND, status.clone());
            of_another(&mut status);
            status.sessions[0].used.launches = 1000;
            model.answered(2 * SECOND, status.clone());
            assert_eq!(
                (model.session("a"), model.total(), model.seconds()),
                (None, None, None)
            );
            assert_eq!(model.anew(5 * SECOND), Some(3 * SECOND));
            status.sessions[0].used.launches = 1001;
            model.answered(3 * SECOND, status);
            assert_eq!(model.session("a").unwrap().launches, 1.0);
        }
    }

    #[test]
    fn what_was_known_stays_while_nobody_answers() {
        let mut model = Model::default();
        assert_eq!(model.silent(3 * SECOND), 3 * SECOND);
        model.answered(2 * SECOND, server());
        model.failed("gone".to_string());
        assert_eq!(
            (model.failure(), model.silent(7 * SECOND)),
            (Some("gone"), 5 * SECOND)
        );
        assert_eq!(model.status(), Some(&server()));
        let answered: Vec<_> = model.history().map(|moment| moment.is_some()).collect();
        assert_eq!(answered, [false, true]);
        // The rates are then over all of the time since.
        let mut status = server();
        status.sessions = vec![session("a", "ada", account(10, 100))];
        model.answered(12 * SECOND, status);
        assert_eq!((model.failure(), model.seconds()), (None, Some(10.0)));
        assert_eq!(model.total().unwrap().launches, 10.0);
    }

    #[test]
    fn memory_across_devices_is_told_apart() {
        let mut model = Model::default();
        let mut status = server();
        for (gpus, memory) in [
            (vec![0], 1),
            (vec![0, 1], 10),
            (vec![1], 100),
            (vec![1], u64::MAX),
        ] {
            let used = Account {
                memory,
                ..Account::default()
            };
            status.sessions.push(SessionStatus {
                gpus,
                ..session("x", "ada", used)
            });
        }
        model.answered(SECOND, status);
        assert_eq!(
            model.held(0),
            Held {
                alone: 1,
                across: 10
            }
        );
        assert_eq!(
            model.held(1),
            Held {
                alone: u64::MAX,
                across: 10
            }
        );
        assert_eq!(model.held(2), Held::default());
    }

    #[test]
    fn history_has_an_end() {
        let mut model = Model::default();
        for second in 0..3000 {
            model.answered(
                second * SECOND,
                Status {
                    waiting: second as usize,
                    ..server()
                },
            );
        }
        assert_eq!(model.history().count(), HISTORY);
        let waited: Vec<_> = model
            .history()
            .map(|moment| moment.unwrap().waiting)
            .collect();
        assert_eq!((waited[0], waited[HISTORY - 1]), (2999, 3000 - HISTORY));
    }
}

//! What has been in the last minutes, a sample a second.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::Serialize;

use crate::account::nanos;
use crate::broker::{OTHERS, Status};

/// How often a sample is taken.
pub const EVERY: Duration = Duration::from_secs(1);
/// How many are kept: ten minutes.
const SAMPLES: usize = 600;
/// How many identities a sample has; the others are one.
const IDENTITIES: usize = 32;

/// The last samples.
pub struct History {
    /// When it began, by which one knows that a server is another one.
    began: u64,
    next: u64,
    samples: VecDeque<Sample>,
    before: Option<Before>,
    /// The names of identities, so that samples have them in common.
    names: HashMap<String, Arc<str>>,
}

/// What was used until the last sample.
struct Before {
    when: Instant,
    /// Nanoseconds.
    busy: HashMap<Arc<str>, u64>,
}

/// How things were.
#[derive(Debug, Clone, Serialize)]
struct Sample {
    /// From 0 on.
    number: u64,
    /// Milliseconds since 1970.
    time: u64,
    /// Clients that wait.
    waiting: usize,
    /// All together.
    #[serde(flatten)]
    total: Use,
    /// Those that have something, with most use first.
    identities: Vec<OfOne>,
}

#[derive(Debug, Clone, Serialize)]
struct OfOne {
    #[serde(serialize_with = "text")]
    identity: Arc<str>,
    #[serde(flatten)]
    used: Use,
}

/// What is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
struct Use {
    /// Device time for time passed, since the sample before: two sessions that both keep a device busy are 2.
    busy: f64,
    /// Bytes of device memory that are held.
    memory: u64,
    /// Sessions that run.
    sessions: usize,
}

impl Use {
    fn and(self, other: Use) -> Use {
        Use {
            busy: self.busy + other.busy,
            memory: self.memory.saturating_add(other.memory),
            sessions: self.sessions + other.sessions,
        }
    }
}

/// What is told of it.
#[derive(Serialize)]
struct Told<'a> {
    began: u64,
    /// Seconds from one sample to the next.
    every: u64,
    /// How many are kept.
    kept: usize,
    samples: Vec<&'a Sample>,
}

impl History {
    /// Nothing has been yet.
    pub fn new(now: SystemTime) -> Self {
        History {
            began: millis(now),
            next: 0,
            samples: VecDeque::with_capacity(SAMPLES),
            before: None,
            names: HashMap::new(),
        }
    }

    /// Adds a sample.
    pub fn add(&mut self, status: &Status, now: Instant, time: SystemTime) {
        let since = self.before.as_ref().map(|before| before.when);
        let passed = since.map_or(0, |since| nanos(now.duration_since(since)));
        let mut busy = HashMap::with_capacity(status.tenants.len());
        let mut all = Vec::new();
        let mut total = Use::default();
        for tenant in &status.tenants {
            let name = self.name(&tenant.identity);
            let before = self.before.as_ref();
            // Who was not there has used all of it since.
            let until = before.map_or(tenant.used.busy, |before| {
                before.busy.get(&name).copied().unwrap_or(0)
            });
            let more = tenant.used.busy.saturating_sub(until);
            let used = Use {
                busy: match passed {
                    0 => 0.0,
                    passed => more as f64 / passed as f64,
                },
                memory: tenant.used.memory,
                sessions: tenant.sessions,
            };
            busy.insert(Arc::clone(&name), tenant.used.busy);
            total = total.and(used);
            if used != Use::default() {
                all.push(OfOne {
                    identity: name,
                    used,
                });
            }
        }
        all.sort_by(|one, other| {
            let by_use = other.used.busy.total_cmp(&one.used.busy);
            let by_memory = other.used.memory.cmp(&one.used.memory);
            by_use
                .then(by_memory)
                .then(one.identity.cmp(&other.identity))
        });
        if all.len() > IDENTITIES {
            let rest = all.split_off(IDENTITIES);
            let rest = rest.iter().map(|of| of.used);
            let used = rest.fold(Use::default(), Use::and);
            // The books may have such a line, too.
            match all.iter_mut().find(|of| *of.identity == *OTHERS) {
                Some(of) => of.used = of.used.and(used),
                None => all.push(OfOne {
                    identity: self.name(OTHERS),
                    used,
                }),
            }
        }
        if self.samples.len() == SAMPLES {
            self.samples.pop_front();
        }
        self.samples.push_back(Sample {
            number: self.next,
            time: millis(time),
            waiting: status.waiting,
            total,
            identities: all,
        });
        self.next += 1;
        self.before = Some(Before { when: now, busy });
    }

    /// The samples with a number from that on, as JSON.
    ///
    /// # Errors
    ///
    /// None that is known of.
    pub fn since(&self, first: u64) -> serde_json::Result<Vec<u8>> {
        let samples = self.samples.iter();
        serde_json::to_vec(&Told {
            began: self.began,
            every: EVERY.as_secs(),
            kept: SAMPLES,
            samples: samples.filter(|sample| sample.number >= first).collect(),
        })
    }

    /// The books have so many lines at most, and forget none.
    fn name(&mut self, identity: &str) -> Arc<str> {
        if let Some(name) = self.names.get(identity) {
            return Arc::clone(name);
        }
        let name: Arc<str> = identity.into();
        self.names.insert(identity.to_string(), Arc::clone(&name));
        name
    }
}

fn text<S: serde::Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::account::Account;
    use crate::broker::TenantStatus;

    fn of(identity: &str, busy: u64, memory: u64, sessions: usize) -> TenantStatus {
        TenantStatus {
            identity: identity.to_string(),
            sessions,
            used: Account {
                busy,
                memory,
                ..Account::default()
            },
            ..TenantStatus::default()
        }
    }

    fn of_all(tenants: Vec<TenantStatus>) -> Status {
        Status {
            tenants,
            ..Status::default()
        }
    }

    fn told(history: &History, first: u64) -> Vec<Value> {
        let told: Value = serde_json::from_slice(&history.since(first).unwrap()).unwrap();
        told["samples"].as_array().unwrap().clone()
    }

    #[test]
    fn what_was_used_is_what_came_to_it() {
        let mut history = History::new(UNIX_EPOCH);
        let begin = Instant::now();
        let half = 500_000_000;
        let second = |n| begin + Duration::from_secs(n);
        let time = |n| UNIX_EPOCH + Duration::from_millis(n);
        // What was before the first sample is nobody's use of a second.
        history.add(
            &of_all(vec![of("ada", 7 * half, 10, 1)]),
            second(0),
            time(5),
        );
        let both = vec![of("ada", 8 * half, 20, 2), of("bob", 2 * half, 5, 1)];
        history.add(&of_all(both), second(1), time(1005));
        // Two seconds later; and one has been taken over by somebody who counts backwards.
        let both = vec![of("ada", half, 20, 0), of("bob", 4 * half, u64::MAX, 1)];
        history.add(&of_all(both), second(3), time(3005));
        let samples = told(&history, 0);
        assert_eq!(samples.len(), 3);
        assert_eq!(
            (&samples[0]["busy"], &samples[0]["time"]),
            (&0.0.into(), &5.into())
        );
        let second = &samples[1];
        assert_eq!(
            (&second["busy"], &second["memory"]),
            (&1.5.into(), &25.into())
        );
        assert_eq!(second["sessions"], 3);
        let bob = &second["identities"][0];
        assert_eq!(
            (&bob["identity"], &bob["busy"]),
            (&"bob".into(), &1.0.into())
        );
        assert_eq!(second["identities"][1]["busy"], 0.5);
        let third = &samples[2];
        assert_eq!(
            (&third["busy"], &third["memory"]),
            (&0.5.into(), &u64::MAX.into())
        );
        assert_eq!(told(&history, 2).len(), 1);
        assert!(told(&history, 3).is_empty());
    }

    #[test]
    fn ten_minutes_and_some_names_are_kept() {
        let mut history = History::new(UNIX_EPOCH);
        let begin = Instant::now();
        let all = |n: u64| {
            let mut all: Vec<_> = (0..100)
                .map(|i| of(&format!("i{i}"), i * n, 1, 1))
                .collect();
            all.push(of(OTHERS, 1_000_000 * n, 3, 1));
            // Of whom there is nothing to tell.
            all.push(of("idle", 5, 0, 0));
            of_all(all)
        };
        for n in 0..700 {
            let now = begin + Duration::from_secs(n);
            history.add(&all(n), now, UNIX_EPOCH);
        }
        let samples = told(&history, 0);
        assert_eq!(
            (samples.len(), &samples[0]["number"]),
            (SAMPLES, &100.into())
        );
        let last = samples.last().unwrap();
        let identities = last["identities"].as_array().unwrap();
        assert_eq!(identities.len(), IDENTITIES);
        // Those with most use, and all that the others have besides what the books call so.
        assert_eq!(identities[0]["identity"], OTHERS);
        assert_eq!(identities[0]["memory"], 3 + 69);
        assert_eq!(identities[1]["identity"], "i99");
        assert_eq!(last["memory"], 103);
        let sum: u64 = identities
            .iter()
            .map(|of| of["memory"].as_u64().unwrap())
            .sum();
        assert_eq!(sum, 103);
    }
}

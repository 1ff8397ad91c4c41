//! Who has a place on which devices, and who waits for one.
//!
//! What is decided is decided by [`pillion_tenancy::placement`]; here are the clients it is about. A client that waits keeps its
//! connection, and hears now and then at which place it is ([`Reply::Queued`]), so that it and everything in between knows that the
//! server lives. Who only asks about devices needs no place.

use std::collections::{BTreeMap, BTreeSet};
use std::io::IoSlice;
use std::time::{Duration, Instant};

use pillion_cuda_abi::visible::{self, visible};
use pillion_protocol::Reply;
use pillion_tenancy::placement::{Arrival, Gpu, Placement, Settings};
use pillion_tenancy::{Class, Demand, GpuSet, Session, Tenant, Weight};
use pillion_transport::Interest;

use super::greeting::Candidate;
use super::orders::Change;
use super::policy::Policy;
use super::process::Dense;
use super::status::GpuStatus;

/// How often who waits is told where it is, at most and at least.
const SOONEST: Duration = Duration::from_secs(1);
const LATEST: Duration = Duration::from_secs(5);
/// The part of a device's memory that is not promised: one of so many. Workers that wait for clients have contexts there.
const KEPT: u64 = 32;

/// A device of the server's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What tells it from others.
    pub identity: visible::Identity,
    /// Bytes that it has.
    pub memory: u64,
    /// What it is called.
    pub name: String,
}

/// Clients and the devices' places.
#[derive(Default)]
pub struct Places {
    devices: Vec<visible::Identity>,
    /// The same, as they are shown.
    shown: Vec<GpuStatus>,
    /// Nothing before the first worker has told of the devices.
    placement: Option<Placement>,
    waiting: Vec<Waiting>,
    /// Parked sessions whose clients want them back.
    returning: BTreeSet<Session>,
    /// How many have come.
    came: u64,
}

struct Waiting {
    candidate: Candidate,
    /// Where it was told that it is, and when.
    told: Option<(usize, Instant)>,
}

/// What becomes of who has come.
pub enum Entry {
    /// It may have a worker now.
    Comes(Box<Candidate>),
    /// It waits here.
    Waits,
    /// It cannot be, for that reason.
    Refused(Box<Candidate>, String),
}

/// Who has a place.
pub enum Next {
    /// It may have a worker now.
    Begins(Box<Candidate>),
    /// It was parked.
    Returns(Session),
}

impl Places {
    /// What a worker has found. The first time counts.
    pub fn know(&mut self, found: &[Found], settings: Settings, now: Instant) {
        if self.placement.is_some() || found.is_empty() {
            return;
        }
        self.devices = found.iter().map(|device| device.identity.clone()).collect();
        self.shown = found
            .iter()
            .enumerate()
            .map(|(index, device)| GpuStatus {
                index,
                name: device.name.clone(),
                uuid: visible::uuid(&device.identity.uuid),
                memory: device.memory,
                ..GpuStatus::default()
            })
            .collect();
        let gpus: Vec<Gpu> = found
            .iter()
            .map(|device| Gpu {
                memory: device.memory - device.memory / KEPT,
            })
            .collect();
        self.placement = Placement::new(&gpus, settings, now);
    }

    /// The devices that there are.
    pub fn devices(&self) -> &[visible::Identity] {
        &self.devices
    }

    /// Decides by other rules from now on.
    pub fn set(&mut self, settings: Settings, now: Instant) {
        if let Some(placement) = &mut self.placement {
            placement.set(settings, now);
        }
    }

    /// A client wants a session for which it needs `demand`.
    pub fn enter(&mut self, mut candidate: Candidate, mut demand: Demand, now: Instant) -> Entry {
        let Some(placement) = &mut self.placement else {
            return Entry::Comes(Box::new(candidate));
        };
        let hello = &candidate.hello;
        let all = GpuSet::first(self.devices.len());
        candidate.is_confined = demand.among.is_some() || demand.gpus.is_some();
        if demand.gpus.is_none() {
            // What it asks to see are some of those that it may be on.
            let allowed: Vec<usize> = demand.among.unwrap_or(all).iter().collect();
            let seen = seen_of(&candidate, &self.devices, &allowed);
            if seen.is_empty() && hello.devices.is_some() {
                // It wants none, and is shown none; its worker has none but what it may be on.
                if candidate.is_confined {
                    candidate.sort.seen = Some(allowed.first().copied().into_iter().collect());
                }
                return Entry::Comes(Box::new(candidate));
            }
            if hello.devices.is_some() {
                demand.among = GpuSet::of(seen.iter().copied());
            }
            candidate.seen = Some(seen);
        }
        self.came += 1;
        let session = Session(self.came);
        candidate.session = Some(session);
        match placement.arrive(session, demand, now) {
            Arrival::Placed(gpus) => {
                self.place(&mut candidate, gpus);
                Entry::Comes(Box::new(candidate))
            }
            Arrival::Refused(refusal) => {
                candidate.session = None;
                Entry::Refused(Box::new(candidate), refusal.to_string())
            }
            Arrival::Waits { .. } => {
                self.waiting.push(Waiting {
                    candidate,
                    told: None,
                });
                Entry::Waits
            }
        }
    }

    /// A client only asks about the devices that it could have: those of its own choice, or the first ones.
    pub fn show(&self, mut candidate: Candidate, demand: Demand) -> Entry {
        let all = GpuSet::first(self.devices.len());
        let mut allowed: Vec<usize> = demand.among.unwrap_or(all).iter().collect();
        if let Some(count) = demand.gpus {
            allowed.truncate(usize::from(count.get()));
        }
        candidate.is_confined = demand.among.is_some() || demand.gpus.is_some();
        let seen = seen_of(&candidate, &self.devices, &allowed);
        settle(&mut candidate, &seen, self.devices.len());
        Entry::Comes(Box::new(candidate))
    }

    /// Who is to begin now, or to come back, if somebody is.
    pub fn next(&mut self, now: Instant) -> Option<Next> {
        loop {
            let (session, gpus) = self.placement.as_mut()?.next(now)?;
            if self.returning.remove(&session) {
                return Some(Next::Returns(session));
            }
            let found = |waiting: &Waiting| waiting.candidate.session == Some(session);
            match self.waiting.iter().position(found) {
                Some(index) => {
                    let mut candidate = self.waiting.remove(index).candidate;
                    // Its time to find a worker begins.
                    candidate.since = now;
                    self.place(&mut candidate, gpus);
                    return Some(Next::Begins(Box::new(candidate)));
                }
                // It has left, which was not said yet.
                None => self.left(session, now),
            }
        }
    }

    /// A session is to have something else.
    ///
    /// # Errors
    ///
    /// Why it cannot, as a sentence.
    pub fn change(&mut self, session: Session, to: &Change, now: Instant) -> Result<(), String> {
        let placement = self.placement.as_mut();
        let placement = placement.ok_or("the devices are not known yet: try again")?;
        let mut demand = placement
            .demand(session)
            .cloned()
            .ok_or("it has no place on the devices")?;
        if let Some(weight) = to.weight {
            demand.weight =
                Weight::try_from(u64::from(weight)).map_err(|error| error.to_string())?;
        }
        demand.class = to.priority.map_or(demand.class, Class::from);
        demand.memory = to.memory.or(demand.memory);
        placement
            .change(session, demand, now)
            .map_err(|refusal| refusal.to_string())
    }

    /// A session has ended, or does not begin.
    pub fn left(&mut self, session: Session, now: Instant) {
        self.returning.remove(&session);
        if let Some(placement) = &mut self.placement {
            placement.left(session, now);
        }
    }

    /// Whether nobody waits for a place, neither to begin nor to come back.
    pub fn nobody_waits(&self) -> bool {
        self.waiting.is_empty() && self.returning.is_empty()
    }

    /// Whether idle sessions could be parked for somebody.
    pub fn parks(&self) -> bool {
        !self.nobody_waits() && self.placement.as_ref().is_some_and(Placement::parks)
    }

    /// Who is to be parked, of those who are idle since then.
    pub fn park(&mut self, idle: &BTreeMap<Session, Instant>, now: Instant) -> Vec<Session> {
        let placement = self.placement.as_mut();
        placement.map_or_else(Vec::new, |placement| {
            placement.park(|session| idle.get(&session).copied(), now)
        })
    }

    /// When somebody of them will have been idle for long enough.
    pub fn park_at(&self, idle: &BTreeMap<Session, Instant>, now: Instant) -> Option<Instant> {
        let placement = self.placement.as_ref()?;
        placement.park_at(|session| idle.get(&session).copied(), now)
    }

    /// A session is parked. Whether it was to be.
    pub fn parked(&mut self, session: Session, now: Instant) -> bool {
        let placement = self.placement.as_mut();
        placement.is_some_and(|placement| placement.parked(session, now))
    }

    /// A session is not parked, and is not to be for so long. Whether it was to be.
    pub fn stays(&mut self, session: Session, spared: Duration, now: Instant) -> bool {
        let placement = self.placement.as_mut();
        placement.is_some_and(|placement| placement.stays(session, spared, now))
    }

    /// A parked session's client wants it back: it waits. Whether it was parked.
    pub fn returns(&mut self, session: Session, now: Instant) -> bool {
        let placement = self.placement.as_mut();
        let returns = placement.is_some_and(|placement| placement.returns(session, now));
        if returns {
            self.returning.insert(session);
        }
        returns
    }

    /// Somebody's sessions have used so much of the devices' time more.
    pub fn used(&mut self, identity: &str, time: Duration, now: Instant) {
        if let Some(placement) = &mut self.placement
            && !time.is_zero()
        {
            placement.used(&Tenant::new(identity), time, now);
        }
    }

    /// What a session has, or waits for.
    pub fn demand(&self, session: Session) -> Option<&Demand> {
        self.placement.as_ref()?.demand(session)
    }

    /// The devices of a session, by their numbers.
    pub fn gpus(&self, session: Option<Session>) -> Vec<usize> {
        let gpus = session.and_then(|session| self.placement.as_ref()?.gpus(session));
        gpus.map(|gpus| gpus.iter().collect()).unwrap_or_default()
    }

    /// The devices, and what is promised on each.
    pub fn status(&self) -> Vec<GpuStatus> {
        let mut gpus = self.shown.clone();
        for gpu in &mut gpus {
            if let Some(load) = self.placement.as_ref().and_then(|all| all.load(gpu.index)) {
                gpu.promised = load.memory();
                gpu.sessions = load.sessions();
                gpu.exclusive = load.is_exclusive();
            }
            if let Some(placement) = &self.placement {
                (gpu.parked, gpu.parked_memory) = placement.parked_from(gpu.index);
            }
        }
        gpus
    }

    /// Those who wait, and at which place.
    pub fn queue(&mut self, now: Instant) -> Vec<(usize, &Candidate)> {
        let Some(placement) = &mut self.placement else {
            return Vec::new();
        };
        let mut queue: Vec<(usize, &Candidate)> = self
            .waiting
            .iter()
            .filter_map(|waiting| {
                let session = waiting.candidate.session?;
                let position = placement.position(session, now)?;
                Some((position, &waiting.candidate))
            })
            .collect();
        queue.sort_by_key(|(position, _)| *position);
        queue
    }

    /// Those who wait are to have what the settings say now, where that is something else than what they said before. Which devices they may
    /// be on was settled when they came.
    pub fn review(&mut self, policy: &Policy, now: Instant) -> Vec<(Candidate, String)> {
        let Some(placement) = &mut self.placement else {
            return Vec::new();
        };
        let mut refused = Vec::new();
        for Waiting { candidate, .. } in &mut self.waiting {
            let identity = &candidate.grant.identity;
            let part = policy.part(identity);
            let (Some(session), true) = (candidate.session, part != candidate.part) else {
                continue;
            };
            let new = part.demand(&identity.to_string());
            candidate.part = part;
            let Some(old) = placement.demand(session).cloned() else {
                continue;
            };
            let demand = Demand {
                among: old.among,
                gpus: old.gpus,
                ..new
            };
            if let Err(refusal) = placement.change(session, demand, now) {
                refused.push((session, refusal.to_string()));
            }
        }
        let over = |candidate: &Candidate| {
            let mut refused = refused.iter();
            let found = refused.find(|(session, _)| candidate.session == Some(*session));
            found.map(|(_, reason)| reason.clone())
        };
        self.remove(now, over)
    }

    /// Those who wait.
    pub fn waiting(&self) -> impl ExactSizeIterator<Item = &Candidate> {
        self.waiting.iter().map(|waiting| &waiting.candidate)
    }

    /// Takes out those for whom `over` has a reason.
    pub fn remove(
        &mut self,
        now: Instant,
        over: impl Fn(&Candidate) -> Option<String>,
    ) -> Vec<(Candidate, String)> {
        let mut removed = Vec::new();
        let mut index = 0;
        while let Some(waiting) = self.waiting.get(index) {
            match over(&waiting.candidate) {
                None => index += 1,
                Some(reason) => {
                    let candidate = self.waiting.remove(index).candidate;
                    if let Some(session) = candidate.session {
                        self.left(session, now);
                    }
                    removed.push((candidate, reason));
                }
            }
        }
        removed
    }

    /// Tells those who wait where they are, and forgets those who have left.
    pub fn attend(&mut self, now: Instant) {
        for candidate in self.remove(now, |candidate| has_left(candidate).then(String::new)) {
            tracing::info!(peer = %candidate.0.connection.peer, "left before there was room for it");
        }
        let Some(placement) = &mut self.placement else {
            return;
        };
        for Waiting { candidate, told } in &mut self.waiting {
            if told.is_some_and(|(_, at)| now < at + SOONEST) {
                continue;
            }
            if !candidate.hello.waits {
                // It would not understand; but it is looked at as often.
                *told = Some((0, now));
                continue;
            }
            let position = candidate
                .session
                .and_then(|session| placement.position(session, now));
            let Some(position) = position else {
                continue;
            };
            if told.is_some_and(|(there, at)| there == position && now < at + LATEST) {
                continue;
            }
            *told = Some((position, now));
            let mut frame = Vec::new();
            Reply::Queued {
                position: position as u64,
            }
            .encode(0, 0, &mut frame);
            // Who does not read for so long that there is no room for some bytes will hear of it when it does.
            let _ = candidate
                .connection
                .sender
                .try_send(&[IoSlice::new(&frame)]);
        }
    }

    /// When those who wait have to be attended to.
    pub fn attend_at(&self) -> Option<Instant> {
        let told = self.waiting.iter().filter_map(|waiting| waiting.told);
        told.map(|(_, at)| at + LATEST).min()
    }

    fn place(&self, candidate: &mut Candidate, gpus: GpuSet) {
        let demand = candidate.session.and_then(|session| self.demand(session));
        candidate.sort.dense = demand.and_then(Dense::of);
        let gpus: Vec<usize> = gpus.iter().collect();
        let seen = match candidate.seen.take() {
            Some(seen) => seen,
            // It sees as many as it got, and what it asks to see are some of those.
            None => seen_of(candidate, &self.devices, &gpus),
        };
        settle(candidate, &seen, self.devices.len());
    }
}

/// Whether somebody who waits has gone.
pub fn has_left(candidate: &Candidate) -> bool {
    let poller = &candidate.connection.poller;
    poller
        .wait(Interest::NONE, None, Some(Duration::ZERO))
        .is_ok_and(|ready| ready.closed)
}

/// Which of the server's devices a client sees, of those that it may be on, in its order.
fn seen_of(candidate: &Candidate, devices: &[visible::Identity], allowed: &[usize]) -> Vec<usize> {
    let hello = &candidate.hello;
    let identities: Vec<visible::Identity> = allowed
        .iter()
        .filter_map(|index| devices.get(*index).cloned())
        .collect();
    let seen = visible(hello.devices.as_deref(), hello.by_bus, &identities);
    seen.iter()
        .filter_map(|index| allowed.get(*index).copied())
        .collect()
}

/// Chooses the sort of worker by which of the server's `all` devices a client sees.
fn settle(candidate: &mut Candidate, seen: &[usize], all: usize) {
    let in_order = seen.iter().copied().eq(0..seen.len());
    // Which of them is shown it, a worker would do; which it may use, its environment does.
    let is_kept = candidate.is_confined && (1..all).contains(&seen.len());
    if in_order && !is_kept {
        return;
    }
    // A worker that sees just these has nothing to choose.
    (candidate.hello.devices, candidate.hello.by_bus) = (None, false);
    candidate.sort.seen = Some(seen.to_vec());
}

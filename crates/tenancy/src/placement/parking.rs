//! Which idle sessions are moved to the host's memory for those who wait, and how they come back.

use std::collections::BTreeMap;
use std::num::NonZeroU8;
use std::time::{Duration, Instant};

use super::{Placement, Running, Waiting, later, wants_same};
use crate::{Class, Demand, GpuSet, Mode, Session};

/// How idle sessions are parked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Park {
    /// How long one has been idle, and there, when it is parked.
    pub after: Duration,
    /// Most bytes that are promised to all parked sessions together.
    pub memory: u64,
}

/// Where a session is that has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stay {
    /// On its GPUs.
    Here,
    /// There, and it is being parked for who waits.
    Leaving(Session),
    /// It is parked.
    Away,
}

/// A session that has been idle for long enough. Who goes first is less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Idle {
    class: Class,
    since: Instant,
    session: Session,
    memory: u64,
}

/// By GPU, those who are idle there, in the order in which they go.
type Ripe = BTreeMap<usize, Vec<Idle>>;

/// What a parked session waits for: a place where it was.
pub(super) fn return_of(demand: &Demand, gpus: GpuSet) -> Demand {
    Demand {
        among: Some(gpus),
        gpus: u8::try_from(gpus.len()).ok().and_then(NonZeroU8::new),
        ..demand.clone()
    }
}

impl Placement {
    /// Who is to be parked, so that those who wait get a place: each of them is on its way from now on, until [`parked`](Self::parked) or
    /// [`stays`](Self::stays) says what came of it. `idle` says since when a session has nothing to do, if it has nothing and can be
    /// parked as far as that is not known here. To be called when [`next`](Self::next) has nobody.
    pub fn park(
        &mut self,
        idle: impl Fn(Session) -> Option<Instant>,
        now: Instant,
    ) -> Vec<Session> {
        self.settle(now);
        let mut parked = Vec::new();
        let Some(park) = self.settings.park else {
            return parked;
        };
        let mut ripe = self.ripe(park, idle);
        let mut failed: Option<usize> = None;
        for index in 0..self.waiting.len() {
            if ripe.is_empty() {
                break;
            }
            let waiting = &self.waiting[index];
            // Many want the same.
            let is_same = |other: usize| {
                let other = &self.waiting[other];
                waiting.is_usual()
                    && waiting.demand.class <= other.demand.class
                    && wants_same(&waiting.demand, &other.demand)
            };
            if self.is_expected(waiting) || failed.is_some_and(is_same) {
                continue;
            }
            let Some((gpus, sessions)) = self.plan(waiting, park, &ripe) else {
                failed = waiting.is_usual().then_some(index).or(failed);
                continue;
            };
            let session = waiting.session;
            for leaving in &sessions {
                if let Some(running) = self.running.get_mut(leaving) {
                    running.stay = Stay::Leaving(session);
                }
            }
            ripe.retain(|_, all| {
                all.retain(|idle| !sessions.contains(&idle.session));
                !all.is_empty()
            });
            // What is freed for one is not to be lost to somebody else while several are on their way.
            let is_open = |gpu| {
                let held_for = self.machine.held_for(gpu);
                held_for.is_none_or(|other| other == session)
            };
            if gpus.iter().all(is_open) {
                self.waiting[index].held = gpus;
                self.hold();
            }
            parked.extend(sessions);
        }
        parked
    }

    /// Whether sessions are parked at all.
    #[must_use]
    pub fn parks(&self) -> bool {
        self.settings.park.is_some()
    }

    /// When [`park`](Self::park) may have somebody though nothing has happened: somebody will have been idle for long enough. `idle` as there.
    #[must_use]
    pub fn park_at(
        &self,
        idle: impl Fn(Session) -> Option<Instant>,
        now: Instant,
    ) -> Option<Instant> {
        let park = self.settings.park.filter(|_| !self.waiting.is_empty())?;
        let running = self.running.iter();
        let ripe = running.filter_map(|(session, running)| {
            running.can_be_parked().then_some(())?;
            Some(running.ripe_at(idle(*session)?, park))
        });
        ripe.filter(|at| *at > now).min()
    }

    /// A session is parked: what it was promised is free. Whether it was to be.
    pub fn parked(&mut self, session: Session, now: Instant) -> bool {
        self.settle(now);
        let Some(running) = self.running.get_mut(&session) else {
            return false;
        };
        let Stay::Leaving(whom) = running.stay else {
            return false;
        };
        running.stay = Stay::Away;
        // Its turn is over, as if it had ended.
        let is_of_age = std::mem::take(&mut running.is_of_age);
        let tenant = running.demand.tenant.clone();
        self.machine.take(running.gpus, &running.demand);
        if is_of_age {
            self.wait_again(&tenant);
        }
        self.is_open = true;
        self.made_room(whom);
        true
    }

    /// A session could not be parked, and is not to be asked for so long. Whether it was to be parked.
    pub fn stays(&mut self, session: Session, spared: Duration, now: Instant) -> bool {
        self.settle(now);
        let until = later(self.now, spared);
        let Some(running) = self.running.get_mut(&session) else {
            return false;
        };
        let Stay::Leaving(whom) = running.stay else {
            return false;
        };
        running.stay = Stay::Here;
        // As who has just come back, at least: it was not idle, or something is in the way.
        running.since = self.now;
        running.spared = Some(until);
        self.made_room(whom);
        true
    }

    /// The client of a parked session wants it back: it waits. Whether it was parked, and did not wait already.
    pub fn returns(&mut self, session: Session, now: Instant) -> bool {
        self.settle(now);
        let Some(running) = self.running.get(&session) else {
            return false;
        };
        if running.stay != Stay::Away || self.ranks.contains_key(&session) {
            return false;
        }
        self.waiting.push(Waiting {
            session,
            demand: return_of(&running.demand, running.gpus),
            since: self.now,
            arrival: running.arrival,
            of_age: None,
            held: GpuSet::EMPTY,
            owed: 0.0,
            returns: true,
        });
        self.is_stale = true;
        self.is_open = true;
        // Its rank is known at once.
        self.settle(now);
        true
    }

    /// Whether a session that has begun is parked.
    #[must_use]
    pub fn is_parked(&self, session: Session) -> bool {
        let running = self.running.get(&session);
        running.is_some_and(|running| running.stay == Stay::Away)
    }

    /// How many sessions are parked that will come back to a GPU, and how many bytes are promised to them.
    #[must_use]
    pub fn parked_from(&self, gpu: usize) -> (u32, u64) {
        let running = self.running.values();
        let parked = running.filter(|of| of.stay == Stay::Away && of.gpus.contains(gpu));
        parked.fold((0, 0), |(count, sum): (u32, u64), of| {
            let memory = of.demand.memory.unwrap_or(0);
            (count + 1, sum.saturating_add(memory))
        })
    }

    /// Bytes that are promised to sessions that are parked, or are being.
    #[must_use]
    pub fn parked_memory(&self) -> u64 {
        let running = self.running.values();
        let parked = running.filter(|running| running.stay != Stay::Here);
        let memory = parked.filter_map(|running| running.demand.memory);
        memory.fold(0, u64::saturating_add)
    }

    /// A parked session has its place again.
    pub(super) fn come_back(&mut self, session: Session, is_of_age: bool) {
        let Some(running) = self.running.get_mut(&session) else {
            return;
        };
        running.stay = Stay::Here;
        running.since = self.now;
        running.is_of_age = is_of_age;
        self.machine.put(running.gpus, &running.demand);
        if is_of_age {
            self.ledger.takes_its_turn(&running.demand.tenant);
        }
        self.is_stale |= !self.waiting.is_empty();
    }

    /// A session has ended that had begun.
    pub(super) fn leaves_for_good(&mut self, session: Session, running: &Running) {
        match running.stay {
            Stay::Here => self.machine.take(running.gpus, &running.demand),
            Stay::Leaving(whom) => {
                self.machine.take(running.gpus, &running.demand);
                self.made_room(whom);
            }
            Stay::Away => {
                if let Some(&index) = self.ranks.get(&session) {
                    let waiting = self.dequeue(index);
                    if waiting.of_age.is_some() {
                        self.wait_again(&waiting.demand.tenant);
                    }
                }
            }
        }
    }

    /// Once all who were to be parked for somebody are, or are not: what is free is no more his than others', unless he is of age.
    fn made_room(&mut self, whom: Session) {
        let leaves = |running: &Running| running.stay == Stay::Leaving(whom);
        if self.running.values().any(leaves) {
            return;
        }
        let mut waiting = self.waiting.iter_mut();
        if let Some(waiting) = waiting.find(|waiting| waiting.session == whom)
            && waiting.of_age.is_none()
            && !waiting.held.is_empty()
        {
            waiting.held = GpuSet::EMPTY;
            self.is_stale = true;
            self.is_open = true;
        }
    }

    /// Whether somebody is being parked for one who waits.
    fn is_expected(&self, waiting: &Waiting) -> bool {
        let mut running = self.running.values();
        running.any(|running| running.stay == Stay::Leaving(waiting.session))
    }

    /// Who is to be parked for one who waits, and on which GPUs it begins then.
    fn plan(&self, waiting: &Waiting, park: Park, ripe: &Ripe) -> Option<(GpuSet, Vec<Session>)> {
        let free = park.memory.saturating_sub(self.parked_memory());
        let free = free.saturating_sub(self.kept_for_exchange(waiting));
        let demand = &waiting.demand;
        let count = self.machine.count(demand);
        let suitable = self.machine.suitable(demand).iter();
        let plans = suitable.filter_map(|gpu| {
            let ripe = ripe.get(&gpu).map_or(&[][..], Vec::as_slice);
            let mut idle = ripe.to_vec();
            // A higher class makes room for who is of age alone.
            idle.retain(|idle| idle.class <= demand.class || waiting.of_age.is_some());
            Some((gpu, self.plan_on(gpu, waiting, &idle, free)?))
        });
        let mut plans: Vec<(usize, Vec<Idle>)> = plans.collect();
        // First where nobody has to go, or who goes first anyway.
        plans.sort_by_key(|(gpu, plan)| (plan.iter().max().copied(), *gpu));
        plans.truncate(count);
        if plans.len() < count {
            return None;
        }
        let gpus = GpuSet::of(plans.iter().map(|(gpu, _)| *gpu))?;
        let all: Vec<&Idle> = plans.iter().flat_map(|(_, plan)| plan).collect();
        let memory = all.iter().map(|idle| idle.memory);
        let fits = memory.fold(0, u64::saturating_add) <= free;
        // Nobody, where what it needs is on its way for somebody before it.
        (fits && !all.is_empty()).then(|| (gpus, all.iter().map(|idle| idle.session).collect()))
    }

    /// What has to stay free of the host's memory for an exchange, so that who is parked can come back.
    fn kept_for_exchange(&self, waiting: &Waiting) -> u64 {
        if waiting.returns {
            return 0;
        }
        let running = self.running.values();
        let here = running.filter(|running| running.can_be_parked());
        let demands = here.map(|running| &running.demand);
        let demands = demands.chain([&waiting.demand]);
        let isolated = demands.filter(|demand| demand.mode == Mode::Isolated);
        isolated
            .filter_map(|demand| demand.memory)
            .max()
            .unwrap_or(0)
    }

    /// Those who may be parked, of those who are idle, where promises are all that there is.
    fn ripe(&self, park: Park, idle: impl Fn(Session) -> Option<Instant>) -> Ripe {
        let mut ripe = Ripe::new();
        for (session, running) in &self.running {
            let Some(gpu) = running.gpus.iter().next() else {
                continue;
            };
            let load = self.machine.load(gpu);
            if !running.can_be_parked() || load.is_none_or(|load| !load.is_all_promised()) {
                continue;
            }
            let Some(since) = idle(*session) else {
                continue;
            };
            if running.ripe_at(since, park) <= self.now {
                ripe.entry(gpu).or_default().push(Idle {
                    class: running.demand.class,
                    since,
                    session: *session,
                    memory: running.demand.memory.unwrap_or(0),
                });
            }
        }
        for all in ripe.values_mut() {
            all.sort();
        }
        ripe
    }

    /// Which of those have to go so that one who waits can begin on a GPU, with at most so many bytes together.
    fn plan_on(
        &self,
        gpu: usize,
        waiting: &Waiting,
        idle: &[Idle],
        free: u64,
    ) -> Option<Vec<Idle>> {
        let leaving: Vec<&Demand> = self
            .running
            .values()
            .filter(|running| matches!(running.stay, Stay::Leaving(_)))
            .filter(|running| running.gpus.contains(gpu))
            .map(|running| &running.demand)
            .collect();
        let fits = |gone: &[Idle]| {
            let gone = gone.iter().filter_map(|idle| self.demand(idle.session));
            let gone = gone.chain(leaving.iter().copied());
            self.machine
                .has_room_without(gpu, waiting.session, &waiting.demand, gone)
        };
        let mut gone = Vec::new();
        let mut next = idle.iter();
        while !fits(&gone) {
            gone.push(*next.next()?);
        }
        // Of those who are not needed after all the last are spared first.
        for index in (0..gone.len()).rev() {
            let spared = gone.remove(index);
            if !fits(&gone) {
                gone.insert(index, spared);
            }
        }
        let memory = gone.iter().map(|idle| idle.memory);
        if memory.fold(0, u64::saturating_add) > free {
            // One may do where several are too many.
            let does = |idle: &&Idle| idle.memory <= free && fits(&[**idle]);
            gone = vec![*idle.iter().find(does)?];
        }
        Some(gone)
    }
}

impl Waiting {
    /// Whether all who want the same, of its class, are as well or ill off.
    fn is_usual(&self) -> bool {
        self.of_age.is_none() && !self.returns && self.held.is_empty()
    }
}

impl Running {
    /// Whether it is one that may be parked, whatever it does.
    fn can_be_parked(&self) -> bool {
        self.stay == Stay::Here
            && self.demand.mode == Mode::Isolated
            && self.demand.memory.is_some_and(|memory| memory > 0)
            && self.gpus.len() == 1
    }

    /// When it has been idle and there for long enough, if it is idle since then.
    fn ripe_at(&self, since: Instant, park: Park) -> Instant {
        let ripe = later(since.max(self.since), park.after);
        self.spared.map_or(ripe, |until| ripe.max(until))
    }
}

//! Which idle sessions are moved to the host's memory for those who wait, and how they come back.

use std::num::NonZeroU8;
use std::time::{Duration, Instant};

use super::{Placement, Running, Waiting, later};
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

/// A session that can be parked.
struct Idle<'p> {
    session: Session,
    demand: &'p Demand,
    since: Instant,
}

impl Idle<'_> {
    fn memory(&self) -> u64 {
        self.demand.memory.unwrap_or(0)
    }

    /// Who goes first has less of it.
    fn rank(&self) -> (Class, Instant, Session) {
        (self.demand.class, self.since, self.session)
    }
}

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
        for index in 0..self.waiting.len() {
            let Some((gpus, sessions)) = self.plan(&self.waiting[index], park, &idle) else {
                continue;
            };
            let session = self.waiting[index].session;
            for leaving in &sessions {
                if let Some(running) = self.running.get_mut(leaving) {
                    running.stay = Stay::Leaving(session);
                }
            }
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

    /// Who is to be parked for one who waits, and on which GPUs it begins then.
    fn plan(
        &self,
        waiting: &Waiting,
        park: Park,
        idle: &impl Fn(Session) -> Option<Instant>,
    ) -> Option<(GpuSet, Vec<Session>)> {
        let mut running = self.running.values();
        if running.any(|running| running.stay == Stay::Leaving(waiting.session)) {
            return None;
        }
        let free = park.memory.saturating_sub(self.parked_memory());
        let free = free.saturating_sub(self.kept_for_exchange(waiting));
        let demand = &waiting.demand;
        let count = self.machine.count(demand);
        let mut plans: Vec<(usize, Vec<Idle<'_>>)> = Vec::new();
        for gpu in self.machine.suitable(demand).iter() {
            let idle = self.idle_on(gpu, waiting, park, idle);
            if let Some(plan) = self.plan_on(gpu, waiting, idle, free) {
                plans.push((gpu, plan));
            }
        }
        // None, or the one that goes last.
        let last = |plan: &[Idle<'_>]| plan.iter().map(Idle::rank).max();
        plans.sort_by_key(|(gpu, plan)| (last(plan), *gpu));
        plans.truncate(count);
        if plans.len() < count {
            return None;
        }
        let gpus = GpuSet::of(plans.iter().map(|(gpu, _)| *gpu))?;
        let all: Vec<&Idle<'_>> = plans.iter().flat_map(|(_, plan)| plan).collect();
        let memory = all.iter().map(|idle| idle.memory());
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

    /// Those on a GPU who may be parked for one who waits, in that order.
    fn idle_on(
        &self,
        gpu: usize,
        waiting: &Waiting,
        park: Park,
        idle: &impl Fn(Session) -> Option<Instant>,
    ) -> Vec<Idle<'_>> {
        let load = self.machine.load(gpu);
        if load.is_none_or(|load| !load.is_all_promised()) {
            return Vec::new();
        }
        let running = self.running.iter();
        let on = running.filter(|(_, running)| {
            running.gpus.contains(gpu)
                && running.can_be_parked()
                && running.spared.is_none_or(|until| until <= self.now)
                && (running.demand.class <= waiting.demand.class || waiting.of_age.is_some())
        });
        let mut all: Vec<Idle<'_>> = on
            .filter_map(|(session, running)| {
                let since = idle(*session)?;
                (running.ripe_at(since, park) <= self.now).then_some(Idle {
                    session: *session,
                    demand: &running.demand,
                    since,
                })
            })
            .collect();
        all.sort_by_key(Idle::rank);
        all
    }

    /// Which of those have to go so that one who waits can begin on a GPU, with at most so many bytes together.
    fn plan_on<'p>(
        &self,
        gpu: usize,
        waiting: &Waiting,
        idle: Vec<Idle<'p>>,
        free: u64,
    ) -> Option<Vec<Idle<'p>>> {
        let leaving: Vec<&Demand> = self
            .running
            .values()
            .filter(|running| matches!(running.stay, Stay::Leaving(_)))
            .filter(|running| running.gpus.contains(gpu))
            .map(|running| &running.demand)
            .collect();
        let fits = |gone: &[bool]| {
            let gone = idle.iter().zip(gone).filter(|(_, goes)| **goes);
            let gone = gone.map(|(idle, _)| idle.demand);
            let gone = gone.chain(leaving.iter().copied());
            self.machine
                .has_room_without(gpu, waiting.session, &waiting.demand, gone)
        };
        let memory = |gone: &[bool]| {
            let gone = idle.iter().zip(gone).filter(|(_, goes)| **goes);
            gone.fold(0u64, |sum, (idle, _)| sum.saturating_add(idle.memory()))
        };
        let mut gone = vec![false; idle.len()];
        let mut next = 0;
        while !fits(&gone) {
            *gone.get_mut(next)? = true;
            next += 1;
        }
        // Of those who are not needed after all the last are spared first.
        for index in (0..next).rev() {
            gone[index] = false;
            gone[index] = !fits(&gone);
        }
        if memory(&gone) > free {
            // One may do where several are too many.
            let one = (0..idle.len()).find(|&index| {
                let mut only = vec![false; idle.len()];
                only[index] = true;
                idle[index].memory() <= free && fits(&only)
            })?;
            gone = vec![false; idle.len()];
            gone[one] = true;
        }
        let gone = idle.into_iter().zip(gone).filter(|(_, goes)| *goes);
        Some(gone.map(|(idle, _)| idle).collect())
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

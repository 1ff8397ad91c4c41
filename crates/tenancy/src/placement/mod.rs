//! Admission, the queue, and which GPUs a session gets.
//!
//! # What a GPU holds
//!
//! * The memory that is promised on a GPU is never more than it has, nor are the shares more than 100 per cent, nor the dense sessions
//!   more than [`Settings::max_dense`].
//! * A GPU has one kind of company at a time: isolated sessions, dense ones with shares, dense ones without, or one exclusive session.
//!   (A client of MPS runs beside whoever has the GPU in turn, and the device switches between MPS and all else in times of its own. So an
//!   isolated neighbour would break a promised share, and a dense one the turns of the isolated. A dense session without a share is kept
//!   to nothing and would take what others were promised.)
//! * A session that sees several GPUs gets all of them or waits. One to which nothing is promised is never short of anything but company:
//!   without settings, any number of sessions see all GPUs at once.
//!
//! What can never be is refused, with a [`Refusal`] that says why. What does not fit now waits.
//!
//! # Who is next
//!
//! 1. Who is *of age* (below), the earliest first.
//! 2. The higher [`Class`](crate::Class).
//! 3. The tenant that has used less GPU time for its weight. Half of that is forgotten in each [`Settings::half_life`]. The first
//!    [`Settings::start_counts`] of a session are counted as it begins, so that who asks for much at once takes turns before anything was
//!    measured.
//! 4. Who came first.
//!
//! Whoever fits may go, and so before an earlier one that does not: no GPU is idle that somebody could use, but for what is *held*.
//!
//! # Nobody starves
//!
//! A demand *comes of age* when it has waited for [`Settings::patience`] in the class high, twice as long in the class normal, four times
//! in the class low. Of a tenant's demands one at a time: the next not before that one has begun and ended, and `patience` has passed again.
//! So who fills the queue does not fill it for others, and age gives nobody more than one session at a time beyond what he has used. For who is
//! of age GPUs are chosen on which fewest have to end first, and held: nobody begins there any more that
//! would not fit beside it as well. A GPU is held for one at a time. Who comes of age later is held nothing of what an earlier one may need.
//!
//! Hence, if sessions end within S of their begin, a demand begins within `(m + 1) (4 patience + (k + 2) S)`, where m demands of its own
//! tenant come of age before it and k other tenants wait: each of the m and it itself comes of age within S, while the one before it lasts,
//! and 4 patience; is then behind one demand of each of the k at most; and each of these and it itself waits for the sessions that were
//! there when GPUs were held for it. (That is while settings and waiting demands stay as they are: [`Placement::set`] and
//! [`Placement::change`] may begin it anew.)
//!
//! Where more tenants wait than have room, for longer than `patience`, they take turns by age, whatever they have used. So `patience` should
//! be several times as long as sessions last where GPU time is to be divided by weight.
//!
//! # Parking
//!
//! Where [`Settings::park`] is there, who waits may have a place that an idle session leaves: [`Placement::park`] says which sessions are to
//! be moved to the host's memory, in the order of the queue of those who wait. Parked can be isolated sessions of one GPU with a promise,
//! as that is what they free, on a GPU where everybody has one, as else nobody knows what is free there when they come back. They have been
//! idle, and there, for [`Park::after`]. First the lowest class, then the longest idle; of those who would be parked by that order nobody who
//! need not be. A session of a higher class than who waits is parked only for who is of age.
//!
//! A parked session whose client wants it back ([`Placement::returns`]) waits as others do, by the same rules, for the GPU that it was on;
//! its arrival is when it came first. Nothing is counted again as it begins. The other way round, who is back counts as idle no sooner than
//! after [`Park::after`].
//!
//! What is promised to parked sessions is at most [`Park::memory`] together. For who has never begun nobody is parked unless there is room
//! for as much as the largest session that could be parked is promised: or nobody could be parked any more for who wants to come back, and
//! they would wait for each other. (Where promises differ much, one who comes back may take the place of several: then it waits for them.)
//!
//! # What it costs
//!
//! With n waiting and g GPUs (at most 64): an event marks the order as stale, and the next event or question makes it anew, in O(n log n).
//! [`Placement::position`] is O(log n) as long as nothing has happened. [`Placement::next`] looks at each waiting demand, in O(n g), only
//! if something was freed since it last found nobody, and once more for each that begins. [`Placement::park`] looks at each that waits if
//! somebody is idle, in O(n (r + g)) with r sessions that are here, and once for many who want the same. All that is remembered is bounded:
//! by the sessions that are here, by [`Settings::max_waiting`], and of tenants without sessions by 4096.

#[cfg(test)]
mod effort;
mod ledger;
mod machine;
mod parking;
#[cfg(test)]
mod parking_tests;
mod refusal;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use ledger::Ledger;
use machine::Machine;
use parking::Stay;

pub use machine::{Fill, Gpu, Load};
pub use parking::Park;
pub use refusal::Refusal;

use crate::{Demand, GpuSet, MAX_GPUS, Mode, Session, Share, Tenant};

/// By what rules it is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// In what order GPUs are filled.
    pub fill: Fill,
    /// Most dense sessions on a GPU. MPS takes 48 clients, of Volta's and later GPUs.
    pub max_dense: NonZeroU32,
    /// Most demands that wait.
    pub max_waiting: usize,
    /// After what time GPUs are held for a demand of the highest class.
    pub patience: Duration,
    /// In what time half of what a tenant has used is forgotten. A millisecond at least.
    pub half_life: Duration,
    /// GPU time that is counted as a session begins, and not again when it is used.
    pub start_counts: Duration,
    /// How idle sessions are parked for those who wait; `None`: none is.
    pub park: Option<Park>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            fill: Fill::default(),
            max_dense: const { NonZeroU32::new(48).unwrap() },
            max_waiting: 1024,
            patience: Duration::from_secs(300),
            half_life: Duration::from_secs(3600),
            start_counts: Duration::from_secs(1),
            park: None,
        }
    }
}

/// What becomes of who has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It begins, on these.
    Placed(GpuSet),
    /// It waits.
    Waits {
        /// 1 is next.
        position: usize,
    },
    /// It cannot be.
    Refused(Refusal),
}

/// Who is on which GPUs, and who waits.
///
/// After every event, call [`next`](Self::next) until it has nobody. Time does not go back: an earlier moment counts as the latest so far.
#[derive(Debug)]
pub struct Placement {
    settings: Settings,
    machine: Machine,
    ledger: Ledger,
    running: BTreeMap<Session, Running>,
    /// In the order of the queue, unless that is stale.
    waiting: Vec<Waiting>,
    /// Each one's place in `waiting`.
    ranks: BTreeMap<Session, usize>,
    arrivals: u64,
    now: Instant,
    /// Order, ranks and holds are to be made anew.
    is_stale: bool,
    /// Something was freed since nobody that waits fitted.
    is_open: bool,
    /// When the next demand comes of age.
    next_of_age: Option<Instant>,
}

#[derive(Debug)]
struct Running {
    demand: Demand,
    gpus: GpuSet,
    /// It was when it began, or came back.
    is_of_age: bool,
    /// The how manieth to arrive.
    arrival: u64,
    /// When it began, or came back.
    since: Instant,
    stay: Stay,
    /// It is not parked before this.
    spared: Option<Instant>,
}

#[derive(Debug)]
struct Waiting {
    session: Session,
    demand: Demand,
    since: Instant,
    /// The how manieth to arrive.
    arrival: u64,
    /// When it came of age, if it has.
    of_age: Option<Instant>,
    /// What is held for it.
    held: GpuSet,
    /// What its tenant has used for its weight.
    owed: f64,
    /// It is parked, and wants to come back.
    returns: bool,
}

impl Waiting {
    /// When it is patient no more, if only its own wait counts.
    fn patient_until(&self, patience: Duration) -> Instant {
        later(
            self.since,
            patience.saturating_mul(1 << self.demand.class.below_the_top()),
        )
    }

    fn order(&self, other: &Self) -> Ordering {
        #[cfg(test)]
        effort::compared();
        match (self.of_age, other.of_age) {
            (Some(own), Some(other)) => own.cmp(&other),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Reverse(self.demand.class)
                .cmp(&Reverse(other.demand.class))
                .then_with(|| self.owed.total_cmp(&other.owed)),
        }
        .then_with(|| self.arrival.cmp(&other.arrival))
    }
}

impl Placement {
    /// Empty GPUs; `None` if they are more than [`MAX_GPUS`].
    #[must_use]
    pub fn new(gpus: &[Gpu], settings: Settings, now: Instant) -> Option<Self> {
        (gpus.len() <= MAX_GPUS).then(|| Placement {
            settings,
            machine: Machine::new(gpus, settings.max_dense, settings.fill),
            ledger: Ledger::new(settings.half_life, now),
            running: BTreeMap::new(),
            waiting: Vec::new(),
            ranks: BTreeMap::new(),
            arrivals: 0,
            now,
            is_stale: false,
            is_open: false,
            next_of_age: None,
        })
    }

    /// Decides by other rules from now on. What has begun stays.
    pub fn set(&mut self, settings: Settings, now: Instant) {
        self.now = self.now.max(now);
        self.machine.fill = settings.fill;
        self.machine.max_dense = settings.max_dense;
        self.ledger.set(settings.half_life, self.now);
        self.settings = settings;
        self.is_stale = true;
        self.is_open = true;
    }

    /// Somebody has come and wants `demand`.
    pub fn arrive(&mut self, session: Session, demand: Demand, now: Instant) -> Arrival {
        self.settle(now);
        if self.running.contains_key(&session) || self.ranks.contains_key(&session) {
            return Arrival::Refused(Refusal::Twice);
        }
        if let Err(refusal) = self.check(&demand) {
            return Arrival::Refused(refusal);
        }
        // Where something was freed, it is not certain whose turn it is.
        let is_alone = self.waiting.is_empty();
        if (is_alone || !self.is_open)
            && let Some(gpus) = self.machine.room(session, &demand)
        {
            self.ledger.came(&demand.tenant);
            let arrival = self.arrivals;
            self.arrivals += 1;
            self.begin(session, demand, gpus, false, arrival);
            return Arrival::Placed(gpus);
        }
        if self.waiting.len() >= self.settings.max_waiting {
            let most = self.settings.max_waiting;
            return Arrival::Refused(Refusal::QueueFull { most });
        }
        self.ledger.came(&demand.tenant);
        self.waiting.push(Waiting {
            session,
            demand,
            since: self.now,
            arrival: self.arrivals,
            of_age: None,
            held: GpuSet::EMPTY,
            owed: 0.0,
            returns: false,
        });
        self.arrivals += 1;
        self.is_stale = true;
        let position = self.position(session, now).unwrap_or_default();
        Arrival::Waits { position }
    }

    /// A session has ended, or waits no more. Whether there was one.
    pub fn left(&mut self, session: Session, now: Instant) -> bool {
        self.settle(now);
        if let Some(running) = self.running.remove(&session) {
            self.ledger.went(&running.demand.tenant);
            if running.is_of_age {
                self.wait_again(&running.demand.tenant);
            }
            self.leaves_for_good(session, &running);
        } else if let Some(&index) = self.ranks.get(&session) {
            let waiting = self.dequeue(index);
            self.ledger.went(&waiting.demand.tenant);
            if waiting.of_age.is_some() {
                self.wait_again(&waiting.demand.tenant);
            }
            if waiting.held.is_empty() {
                return true;
            }
        } else {
            return false;
        }
        self.is_open = true;
        true
    }

    /// A tenant's sessions have used so much GPU time more.
    pub fn used(&mut self, tenant: &Tenant, time: Duration, now: Instant) {
        self.now = self.now.max(now);
        self.ledger.add(tenant, time, self.now);
        self.is_stale |= self.ledger.is_present(tenant) && !self.waiting.is_empty();
    }

    /// A session is to have something else: more or less memory or share, another class or weight; one that waits, whatever it likes.
    ///
    /// # Errors
    ///
    /// Why it cannot; then all stays as it was.
    pub fn change(
        &mut self,
        session: Session,
        demand: Demand,
        now: Instant,
    ) -> Result<(), Refusal> {
        self.settle(now);
        if let Some(running) = self.running.get(&session) {
            self.check_running(running, &demand)?;
        } else {
            self.check(&demand)?;
        }
        if let Some(running) = self.running.get_mut(&session) {
            if running.stay != Stay::Away {
                self.machine.take(running.gpus, &running.demand);
                self.machine.put(running.gpus, &demand);
            } else if let Some(&index) = self.ranks.get(&session) {
                self.waiting[index].demand = parking::return_of(&demand, running.gpus);
                self.is_stale = true;
            }
            running.demand = demand;
        } else if let Some(&index) = self.ranks.get(&session) {
            let waiting = &mut self.waiting[index];
            self.ledger.went(&waiting.demand.tenant);
            self.ledger.came(&demand.tenant);
            if waiting.demand.tenant != demand.tenant {
                // One of a tenant's is of age at a time, and it was another's.
                waiting.of_age = None;
            }
            waiting.held = GpuSet::EMPTY;
            waiting.demand = demand;
            self.is_stale = true;
        } else {
            return Err(Refusal::NotHere);
        }
        self.is_open = true;
        Ok(())
    }

    /// Who begins now, or comes back, and on which GPUs.
    pub fn next(&mut self, now: Instant) -> Option<(Session, GpuSet)> {
        self.settle(now);
        if !self.is_open {
            return None;
        }
        let mut failed: Option<&Demand> = None;
        let mut found = None;
        for (index, waiting) in self.waiting.iter().enumerate() {
            // Many want the same.
            let is_same =
                |other: &&Demand| waiting.held.is_empty() && wants_same(other, &waiting.demand);
            if failed.as_ref().is_some_and(is_same) {
                continue;
            }
            match self.machine.room(waiting.session, &waiting.demand) {
                Some(gpus) => {
                    found = Some((index, gpus));
                    break;
                }
                None => failed = Some(&waiting.demand),
            }
        }
        let Some((index, gpus)) = found else {
            self.is_open = false;
            return None;
        };
        let waiting = self.dequeue(index);
        let is_of_age = waiting.of_age.is_some();
        match waiting.returns {
            true => self.come_back(waiting.session, is_of_age),
            false => self.begin(
                waiting.session,
                waiting.demand,
                gpus,
                is_of_age,
                waiting.arrival,
            ),
        }
        Some((waiting.session, gpus))
    }

    /// When time alone changes something: somebody comes of age, which changes positions and lets nobody begin.
    pub fn next_at(&mut self, now: Instant) -> Option<Instant> {
        self.settle(now);
        self.next_of_age
    }

    /// At which place somebody waits: 1 is next.
    pub fn position(&mut self, session: Session, now: Instant) -> Option<usize> {
        self.settle(now);
        Some(self.ranks.get(&session)? + 1)
    }

    /// All who wait, the next first.
    pub fn queue(&mut self, now: Instant) -> impl ExactSizeIterator<Item = (Session, &Demand)> {
        self.settle(now);
        self.waiting
            .iter()
            .map(|waiting| (waiting.session, &waiting.demand))
    }

    /// The GPUs of a session that has begun; of a parked one those to which it will come back.
    #[must_use]
    pub fn gpus(&self, session: Session) -> Option<GpuSet> {
        self.running.get(&session).map(|running| running.gpus)
    }

    /// What a session wants that has begun or waits.
    #[must_use]
    pub fn demand(&self, session: Session) -> Option<&Demand> {
        match self.running.get(&session) {
            Some(running) => Some(&running.demand),
            None => {
                let mut waiting = self.waiting.iter();
                waiting
                    .find(|waiting| waiting.session == session)
                    .map(|waiting| &waiting.demand)
            }
        }
    }

    /// What is on a GPU.
    #[must_use]
    pub fn load(&self, gpu: usize) -> Option<Load> {
        self.machine.load(gpu)
    }

    /// The GPU time that a tenant has used, as far as it is remembered.
    #[must_use]
    pub fn used_by(&self, tenant: &Tenant, now: Instant) -> Duration {
        self.ledger.used(tenant, self.now.max(now))
    }

    fn begin(
        &mut self,
        session: Session,
        demand: Demand,
        gpus: GpuSet,
        is_of_age: bool,
        arrival: u64,
    ) {
        self.machine.put(gpus, &demand);
        if is_of_age {
            self.ledger.takes_its_turn(&demand.tenant);
        }
        let start_counts = self.settings.start_counts;
        self.ledger.expect(&demand.tenant, start_counts, self.now);
        self.is_stale |= !self.waiting.is_empty();
        let running = Running {
            demand,
            gpus,
            is_of_age,
            arrival,
            since: self.now,
            stay: Stay::Here,
            spared: None,
        };
        self.running.insert(session, running);
    }

    /// The tenant's next demand has to be patient again.
    fn wait_again(&mut self, tenant: &Tenant) {
        let until = later(self.now, self.settings.patience);
        self.ledger.waits_again(tenant, until);
        self.is_stale = true;
    }

    /// Takes one out of the queue.
    fn dequeue(&mut self, index: usize) -> Waiting {
        let waiting = self.waiting.remove(index);
        self.ranks.remove(&waiting.session);
        self.is_stale = true;
        waiting
    }

    /// Whether there is any hope for a demand.
    fn check(&self, demand: &Demand) -> Result<(), Refusal> {
        let gpus = self.machine.len();
        let beyond = |among: GpuSet| among.without(GpuSet::first(gpus)).iter().next();
        if let Some(ordinal) = demand.among.and_then(beyond) {
            return Err(Refusal::NoSuchGpu { ordinal, gpus });
        }
        let allowed = self.machine.allowed(demand);
        let wanted = self.machine.count(demand);
        if allowed.is_empty() {
            return Err(Refusal::NoGpu);
        }
        if wanted > allowed.len() {
            let allowed = allowed.len();
            return Err(Refusal::TooManyGpus { wanted, allowed });
        }
        if self.machine.suitable(demand).len() < wanted {
            let mut memory: Vec<u64> = allowed.iter().map(|gpu| self.machine.memory(gpu)).collect();
            memory.sort_by_key(|bytes| Reverse(*bytes));
            return Err(Refusal::TooMuchMemory {
                wanted: demand.memory.unwrap_or(0),
                gpus: wanted,
                most: memory[wanted - 1],
            });
        }
        Ok(())
    }

    /// Whether a session that has begun can go on with another demand.
    fn check_running(&self, running: &Running, new: &Demand) -> Result<(), Refusal> {
        let Running {
            demand: old,
            gpus,
            stay,
            ..
        } = running;
        // What it holds, and has to have room for when it comes back, is what it was promised.
        if *stay != Stay::Here && old.memory != new.memory {
            return Err(Refusal::Parked);
        }
        let percent = |demand: &Demand| match demand.mode {
            Mode::Dense { share } => share.map(Share::percent),
            Mode::Isolated | Mode::Exclusive => None,
        };
        let is_same_mode = mem::discriminant(&old.mode) == mem::discriminant(&new.mode)
            && percent(old).is_some() == percent(new).is_some();
        if old.tenant != new.tenant || !is_same_mode {
            return Err(Refusal::Fixed);
        }
        let allowed = self.machine.allowed(new);
        if let Some(gpu) = gpus.without(allowed).iter().next() {
            return Err(Refusal::Elsewhere { gpu });
        }
        if self.machine.count(new) != gpus.len() {
            return Err(Refusal::Fixed);
        }
        // Beside what is held for others, so that nobody's wait grows.
        for gpu in gpus.iter() {
            let (memory, share) = self.machine.left(gpu);
            let (had, wanted) = (old.memory.unwrap_or(0), new.memory.unwrap_or(0));
            let most = memory.saturating_add(had);
            if wanted > had && wanted > most {
                return Err(Refusal::NoMemory { gpu, wanted, most });
            }
            let (had, wanted) = (percent(old).unwrap_or(0), percent(new).unwrap_or(0));
            let most = share + had;
            if wanted > had && wanted > most {
                return Err(Refusal::NoShare { gpu, wanted, most });
            }
        }
        Ok(())
    }

    /// Makes order, ranks and holds what they are at `now`.
    fn settle(&mut self, now: Instant) {
        self.now = self.now.max(now);
        let now = self.now;
        if !self.is_stale && self.next_of_age.is_none_or(|at| at > now) {
            return;
        }
        self.come_of_age();
        for waiting in &mut self.waiting {
            let demand = &waiting.demand;
            waiting.owed = self.ledger.owed(&demand.tenant, demand.weight);
        }
        self.waiting.sort_by(Waiting::order);
        self.ranks.clear();
        let ranks = self.waiting.iter().map(|waiting| waiting.session).zip(0..);
        self.ranks.extend(ranks);
        self.hold();
        self.is_stale = false;
    }

    /// Lets those come of age whose time it is, and finds out when the next one will.
    fn come_of_age(&mut self) {
        // Of each tenant who is of age, or will be first.
        let mut heads: BTreeMap<&Tenant, (Instant, u64, usize)> = BTreeMap::new();
        let mut done: BTreeSet<&Tenant> = BTreeSet::new();
        for (index, waiting) in self.waiting.iter().enumerate() {
            let tenant = &waiting.demand.tenant;
            if waiting.of_age.is_some() {
                done.insert(tenant);
                continue;
            }
            let until = waiting.patient_until(self.settings.patience);
            let candidate = (until, waiting.arrival, index);
            let head = heads.entry(tenant).or_insert(candidate);
            *head = candidate.min(*head);
        }
        let mut come = Vec::new();
        self.next_of_age = None;
        for (tenant, (until, _, index)) in heads {
            if done.contains(tenant) {
                continue;
            }
            let Some(not_before) = self.ledger.may_come_of_age(tenant) else {
                continue;
            };
            let until = not_before.map_or(until, |at| at.max(until));
            if until <= self.now {
                come.push((index, until));
            } else {
                self.next_of_age = Some(self.next_of_age.map_or(until, |at| at.min(until)));
            }
        }
        for (index, until) in come {
            self.waiting[index].of_age = Some(until);
        }
    }

    /// Holds GPUs for those who are of age: first what has been held so far.
    fn hold(&mut self) {
        self.machine.release();
        let mut claimed = GpuSet::EMPTY;
        let of_age = |waiting: &&mut Waiting| waiting.of_age.is_some();
        for waiting in self
            .waiting
            .iter()
            .filter(|waiting| !waiting.held.is_empty())
        {
            self.machine
                .hold(waiting.held, waiting.session, &waiting.demand);
            claimed = claimed.or(waiting.held);
        }
        for waiting in self.waiting.iter_mut().take_while(of_age) {
            if !waiting.held.is_empty() {
                continue;
            }
            let demand = &waiting.demand;
            let suitable = self.machine.suitable(demand);
            let open = suitable.without(claimed);
            if open.len() >= self.machine.count(demand) {
                waiting.held = self.machine.choose(open, demand);
                self.machine.hold(waiting.held, waiting.session, demand);
                claimed = claimed.or(waiting.held);
            } else {
                // Nobody who is later is to be held what it needs.
                claimed = claimed.or(suitable);
            }
        }
    }
}

/// Whether what is no place for one is none for the other.
fn wants_same(one: &Demand, other: &Demand) -> bool {
    (one.mode, one.among, one.gpus, one.memory)
        == (other.mode, other.among, other.gpus, other.memory)
}

/// A moment so much later, or a very late one.
fn later(moment: Instant, by: Duration) -> Instant {
    const AGES: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
    moment + by.min(AGES)
}

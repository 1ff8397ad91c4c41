//! GPUs, what is promised on them, and what fits beside it.

use std::cmp::Reverse;
use std::num::NonZeroU32;

use crate::{Demand, GpuSet, Mode, Session};

/// A GPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gpu {
    /// Bytes that may be promised: what it has, less what the operator wants to keep.
    pub memory: u64,
}

/// In what order GPUs are filled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fill {
    /// The fullest that has room, so that others stay empty for who needs a whole one.
    Pack,
    /// The emptiest, so that everybody has as few neighbours as can be.
    #[default]
    Spread,
}

/// What is on a GPU.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    memory: u64,
    share: u32,
    isolated: u32,
    /// Dense ones with a share.
    shared: u32,
    /// Dense ones without.
    open: u32,
    exclusive: u32,
    /// Of all of them those to whom no memory is promised.
    unpromised: u32,
}

impl Load {
    /// Bytes promised.
    #[must_use]
    pub fn memory(&self) -> u64 {
        self.memory
    }

    /// Per cent of the multiprocessors promised.
    #[must_use]
    pub fn share(&self) -> u32 {
        self.share
    }

    /// How many sessions see it.
    #[must_use]
    pub fn sessions(&self) -> u32 {
        self.isolated + self.shared + self.open + self.exclusive
    }

    /// How many of them are dense.
    #[must_use]
    pub fn dense(&self) -> u32 {
        self.shared + self.open
    }

    /// Whether one session has it to itself.
    #[must_use]
    pub fn is_exclusive(&self) -> bool {
        self.exclusive > 0
    }

    /// Whether memory is promised to all who see it.
    pub(super) fn is_all_promised(&self) -> bool {
        self.unpromised == 0
    }

    fn with(self, demand: &Demand) -> Self {
        let mut load = self;
        // Held and present together may be more than there is.
        load.memory = load.memory.saturating_add(demand.memory.unwrap_or(0));
        load.share += share(demand);
        load.unpromised += u32::from(demand.memory.is_none());
        *load.count(demand.mode) += 1;
        load
    }

    fn without(self, demand: &Demand) -> Self {
        let mut load = self;
        load.memory -= demand.memory.unwrap_or(0);
        load.share -= share(demand);
        load.unpromised -= u32::from(demand.memory.is_none());
        *load.count(demand.mode) -= 1;
        load
    }

    fn count(&mut self, mode: Mode) -> &mut u32 {
        match mode {
            Mode::Isolated => &mut self.isolated,
            Mode::Dense { share: Some(_) } => &mut self.shared,
            Mode::Dense { share: None } => &mut self.open,
            Mode::Exclusive => &mut self.exclusive,
        }
    }

    /// Whether a session of this mode may be beside those. A GPU has one kind of company at a time. A client of MPS runs beside whoever
    /// has the GPU in turn, and the device switches between MPS and everybody else in times of its own: so an isolated neighbour breaks
    /// a share that is promised, and a dense one breaks the turns. One without a share is kept to nothing, and so breaks the others'.
    fn is_company_for(&self, mode: Mode) -> bool {
        let same = match mode {
            Mode::Isolated => self.isolated,
            Mode::Dense { share: Some(_) } => self.shared,
            Mode::Dense { share: None } => self.open,
            Mode::Exclusive => 0,
        };
        same == self.sessions()
    }
}

fn share(demand: &Demand) -> u32 {
    match demand.mode {
        Mode::Dense { share: Some(share) } => share.percent(),
        _ => 0,
    }
}

/// What is kept for a session that has waited long.
#[derive(Debug)]
struct Hold {
    session: Session,
    /// What is on the GPU and what is kept.
    with: Load,
}

#[derive(Debug)]
struct Place {
    gpu: Gpu,
    load: Load,
    hold: Option<Hold>,
}

/// All GPUs.
#[derive(Debug)]
pub struct Machine {
    places: Vec<Place>,
    pub max_dense: NonZeroU32,
    pub fill: Fill,
}

impl Machine {
    pub fn new(gpus: &[Gpu], max_dense: NonZeroU32, fill: Fill) -> Self {
        let places = gpus.iter().map(|gpu| Place {
            gpu: *gpu,
            load: Load::default(),
            hold: None,
        });
        Machine {
            places: places.collect(),
            max_dense,
            fill,
        }
    }

    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn memory(&self, ordinal: usize) -> u64 {
        self.places[ordinal].gpu.memory
    }

    pub fn load(&self, ordinal: usize) -> Option<Load> {
        self.places.get(ordinal).map(|place| place.load)
    }

    /// The GPUs that a demand names, those that there are.
    pub fn allowed(&self, demand: &Demand) -> GpuSet {
        let all = GpuSet::first(self.len());
        demand
            .among
            .map_or(all, |among| all.without(all.without(among)))
    }

    /// Those of them that could ever take it.
    pub fn suitable(&self, demand: &Demand) -> GpuSet {
        self.filter(self.allowed(demand), |place| {
            demand
                .memory
                .is_none_or(|memory| memory <= place.gpu.memory)
        })
    }

    /// How many GPUs it is to have.
    pub fn count(&self, demand: &Demand) -> usize {
        demand.gpus.map_or_else(
            || self.allowed(demand).len(),
            |count| usize::from(count.get()),
        )
    }

    /// Where a session can begin now, beside all that is kept for others.
    pub fn room(&self, session: Session, demand: &Demand) -> Option<GpuSet> {
        #[cfg(test)]
        super::effort::looked();
        let count = self.count(demand);
        let room = self.filter(self.allowed(demand), |place| {
            let load = match &place.hold {
                Some(hold) if hold.session != session => &hold.with,
                _ => &place.load,
            };
            self.fits(place.gpu, load, demand)
        });
        (room.len() >= count).then(|| self.best(room, count, |_| 0))
    }

    /// Whether a session could begin on a GPU beside all that is kept for others, if those sessions were not there.
    pub fn has_room_without<'d>(
        &self,
        ordinal: usize,
        session: Session,
        demand: &Demand,
        gone: impl IntoIterator<Item = &'d Demand>,
    ) -> bool {
        let place = &self.places[ordinal];
        let load = match &place.hold {
            Some(hold) if hold.session != session => hold.with,
            _ => place.load,
        };
        let load = gone.into_iter().fold(load, Load::without);
        self.fits(place.gpu, &load, demand)
    }

    /// For whom a GPU is held.
    pub fn held_for(&self, ordinal: usize) -> Option<Session> {
        let hold = self.places[ordinal].hold.as_ref();
        hold.map(|hold| hold.session)
    }

    /// What is to be kept for a session, of `open`: where fewest are who have to end first.
    pub fn choose(&self, open: GpuSet, demand: &Demand) -> GpuSet {
        self.best(open, self.count(demand), |place| {
            match self.fits(place.gpu, &place.load, demand) {
                true => 0,
                false => place.load.sessions(),
            }
        })
    }

    pub fn put(&mut self, gpus: GpuSet, demand: &Demand) {
        self.change(gpus, |load| load.with(demand));
    }

    pub fn take(&mut self, gpus: GpuSet, demand: &Demand) {
        self.change(gpus, |load| load.without(demand));
    }

    fn change(&mut self, gpus: GpuSet, change: impl Fn(Load) -> Load) {
        for ordinal in gpus.iter() {
            let place = &mut self.places[ordinal];
            place.load = change(place.load);
            if let Some(hold) = &mut place.hold {
                hold.with = change(hold.with);
            }
        }
    }

    /// Nothing is kept for anybody.
    pub fn release(&mut self) {
        for place in &mut self.places {
            place.hold = None;
        }
    }

    pub fn hold(&mut self, gpus: GpuSet, session: Session, demand: &Demand) {
        for ordinal in gpus.iter() {
            let place = &mut self.places[ordinal];
            let with = place.load.with(demand);
            place.hold = Some(Hold { session, with });
        }
    }

    /// What could be promised on a GPU besides all that is, of memory and of the share.
    pub fn left(&self, ordinal: usize) -> (u64, u32) {
        let place = &self.places[ordinal];
        let load = place.hold.as_ref().map_or(&place.load, |hold| &hold.with);
        (
            place.gpu.memory.saturating_sub(load.memory),
            100u32.saturating_sub(load.share),
        )
    }

    /// Whether `demand` can be on a GPU with this load.
    fn fits(&self, gpu: Gpu, load: &Load, demand: &Demand) -> bool {
        let is_dense = matches!(demand.mode, Mode::Dense { .. });
        let memory = demand.memory.map(|memory| load.memory.checked_add(memory));
        load.is_company_for(demand.mode)
            && (!is_dense || load.dense() < self.max_dense.get())
            && memory.is_none_or(|sum| sum.is_some_and(|sum| sum <= gpu.memory))
            && load.share + share(demand) <= 100
    }

    fn filter(&self, set: GpuSet, keep: impl Fn(&Place) -> bool) -> GpuSet {
        let mut kept = GpuSet::EMPTY;
        for ordinal in set.iter() {
            if keep(&self.places[ordinal]) {
                kept.insert(ordinal);
            }
        }
        kept
    }

    /// The first `count` of `room`, by `cost` and then by the policy.
    fn best(&self, room: GpuSet, count: usize, cost: impl Fn(&Place) -> u32) -> GpuSet {
        if room.len() == count {
            return room;
        }
        let mut ordered: Vec<usize> = room.iter().collect();
        // What there is most of on a GPU says how full it is, as that is what runs out first.
        let fullness = |place: &Place| {
            let share = u64::from(place.load.share) * 10_000_000;
            let whole = u128::from(place.gpu.memory.max(1));
            let memory = u128::from(place.load.memory) * 1_000_000_000 / whole;
            let memory = u64::try_from(memory).unwrap_or(u64::MAX);
            (share.max(memory), share.min(memory), place.load.sessions())
        };
        // Stable: of equal ones the lowest ordinal.
        match self.fill {
            Fill::Pack => ordered.sort_by_key(|&ordinal| {
                let place = &self.places[ordinal];
                (cost(place), Reverse(fullness(place)))
            }),
            Fill::Spread => ordered.sort_by_key(|&ordinal| {
                let place = &self.places[ordinal];
                (cost(place), fullness(place))
            }),
        }
        let mut best = GpuSet::EMPTY;
        for ordinal in ordered.into_iter().take(count) {
            best.insert(ordinal);
        }
        best
    }
}

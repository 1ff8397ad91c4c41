use std::collections::BTreeMap;
use std::num::{NonZeroU8, NonZeroU32};
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::ledger::{Ledger, MAX_ABSENT};
use super::*;
use crate::{Class, Weight};

pub const SECOND: Duration = Duration::from_secs(1);
const GIB: u64 = 1 << 30;

pub fn tenant(name: &str) -> Tenant {
    Tenant::new(name)
}

fn weight(number: u64) -> Weight {
    Weight::try_from(number).unwrap()
}

fn gpus(count: usize, memory: u64) -> Vec<Gpu> {
    vec![Gpu { memory }; count]
}

/// One GPU for `name`, in that mode.
pub fn one(name: &str, mode: Mode) -> Demand {
    Demand {
        mode,
        gpus: NonZeroU8::new(1),
        ..Demand::unrestricted(tenant(name))
    }
}

pub fn dense(percent: u64) -> Mode {
    Mode::Dense {
        share: Some(Share::try_from(percent).unwrap()),
    }
}

const OPEN: Mode = Mode::Dense { share: None };

fn on(memory: u64, demand: Demand) -> Demand {
    Demand {
        memory: Some(memory),
        ..demand
    }
}

/// Sessions that come one after the other, at one moment.
struct Desk {
    placement: Placement,
    now: Instant,
    next: u64,
}

impl Desk {
    fn new(gpus: &[Gpu], settings: Settings) -> Self {
        let now = Instant::now();
        Desk {
            placement: Placement::new(gpus, settings, now).unwrap(),
            now,
            next: 0,
        }
    }

    fn come(&mut self, demand: Demand) -> Arrival {
        self.next += 1;
        self.placement
            .arrive(Session(self.next - 1), demand, self.now)
    }

    /// Where it was placed.
    fn place(&mut self, demand: Demand) -> Vec<usize> {
        match self.come(demand.clone()) {
            Arrival::Placed(gpus) => gpus.iter().collect(),
            other => panic!("{other:?}: {demand:?}"),
        }
    }

    fn refused(&mut self, demand: Demand) -> String {
        match self.come(demand.clone()) {
            Arrival::Refused(refusal) => refusal.to_string(),
            other => panic!("{other:?}: {demand:?}"),
        }
    }

    fn wait(&mut self, demand: Demand) -> usize {
        match self.come(demand.clone()) {
            Arrival::Waits { position } => position,
            other => panic!("{other:?}: {demand:?}"),
        }
    }

    fn later(&mut self, seconds: u64) -> &mut Self {
        self.now += Duration::from_secs(seconds);
        self
    }

    fn leave(&mut self, session: u64) -> Vec<u64> {
        assert!(self.placement.left(Session(session), self.now));
        self.started()
    }

    fn started(&mut self) -> Vec<u64> {
        std::iter::from_fn(|| self.placement.next(self.now))
            .map(|(session, _)| session.0)
            .collect()
    }

    fn queue(&mut self) -> Vec<u64> {
        let queue = self.placement.queue(self.now);
        queue.map(|(session, _)| session.0).collect()
    }
}

fn settings() -> Settings {
    Settings {
        fill: Fill::Pack,
        patience: 60 * SECOND,
        ..Settings::default()
    }
}

#[test]
fn without_settings_all_see_all() {
    let mut desk = Desk::new(&gpus(8, GIB), Settings::default());
    for n in 0..600 {
        let demand = Demand::unrestricted(tenant(&format!("{}", n % 7)));
        assert_eq!(desk.place(demand).len(), 8);
    }
    assert_eq!(desk.placement.load(3).unwrap().sessions(), 600);
    assert!(desk.placement.load(8).is_none());
}

#[test]
fn what_can_never_be_is_refused_with_a_reason() {
    let mut desk = Desk::new(
        &[Gpu { memory: 80 * GIB }, Gpu { memory: 40 * GIB }],
        settings(),
    );
    let some = |ordinals: &[usize]| GpuSet::of(ordinals.iter().copied());
    let plain = || one("a", Mode::Isolated);
    assert_eq!(
        desk.refused(on(81 * GIB, plain())),
        "it wants 81 GiB promised on each of 1 GPUs, and the most that so many can promise is 80 GiB: ask for less"
    );
    let both = Demand::unrestricted(tenant("a"));
    assert_eq!(
        desk.refused(on(GIB * 81 / 2, both.clone())),
        "it wants 40.5 GiB promised on each of 2 GPUs, and the most that so many can promise is 40 GiB: ask for less"
    );
    assert_eq!(desk.place(on(40 * GIB, both)), [0, 1]);
    let among = |ordinals: &[usize]| Demand {
        among: some(ordinals),
        ..plain()
    };
    assert_eq!(
        desk.refused(among(&[0, 2])),
        "there is no GPU 2, as the server has 2, counted from 0: take it off the list"
    );
    assert!(desk.refused(among(&[])).starts_with("there is no GPU"));
    assert!(
        desk.refused(on(41 * GIB, among(&[1])))
            .contains("is 40 GiB")
    );
    let three = Demand {
        gpus: NonZeroU8::new(3),
        ..plain()
    };
    assert!(
        desk.refused(three)
            .starts_with("it wants to see 3 GPUs and may be on 2")
    );
    // Nothing of that has left a trace.
    assert_eq!(desk.placement.load(0).unwrap().sessions(), 1);
    let mut none = Desk::new(&[], settings());
    assert!(none.refused(plain()).starts_with("there is no GPU that"));
    assert!(Placement::new(&gpus(65, 1), settings(), desk.now).is_none());
}

#[test]
fn a_session_has_one_number() {
    let mut desk = Desk::new(&gpus(1, GIB), settings());
    let mut comes = |mode| desk.placement.arrive(Session(7), one("a", mode), desk.now);
    assert!(matches!(comes(Mode::Exclusive), Arrival::Placed(_)));
    assert_eq!(comes(Mode::Exclusive), Arrival::Refused(Refusal::Twice));
    assert!(desk.placement.left(Session(7), desk.now));
    assert!(!desk.placement.left(Session(7), desk.now));
}

#[test]
fn a_gpu_has_one_kind_of_company() {
    for (first, beside) in [
        (Mode::Isolated, [true, false, false, false]),
        (dense(10), [false, true, false, false]),
        (OPEN, [false, false, true, false]),
        (Mode::Exclusive, [false; 4]),
    ] {
        for (second, fits) in [Mode::Isolated, dense(10), OPEN, Mode::Exclusive]
            .into_iter()
            .zip(beside)
        {
            let mut desk = Desk::new(&gpus(1, GIB), settings());
            desk.place(one("a", first));
            let came = desk.come(one("b", second));
            assert_eq!(
                matches!(came, Arrival::Placed(_)),
                fits,
                "{second:?} beside {first:?}"
            );
            if !fits {
                assert_eq!(desk.leave(0), [1]);
            }
        }
    }
}

#[test]
fn promises_are_kept_for_whom_they_were_made() {
    let mut desk = Desk::new(&gpus(1, 100), settings());
    desk.place(on(60, one("a", dense(50))));
    assert_eq!(desk.wait(on(41, one("b", dense(1)))), 1);
    assert_eq!(desk.wait(on(1, one("b", dense(51)))), 2);
    // Others that fit go on.
    desk.place(on(40, one("c", dense(50))));
    let load = desk.placement.load(0).unwrap();
    assert_eq!((load.memory(), load.share(), load.dense()), (100, 100, 2));
    assert_eq!(desk.leave(0), [1]);
    let limit = Settings {
        max_dense: NonZeroU32::new(3).unwrap(),
        ..settings()
    };
    let mut desk = Desk::new(&gpus(1, 100), limit);
    for _ in 0..3 {
        desk.place(one("a", dense(1)));
    }
    assert_eq!(desk.wait(one("a", dense(1))), 1);
}

#[test]
fn several_gpus_are_had_at_once_or_not_at_all() {
    let mut desk = Desk::new(&gpus(3, 100), settings());
    desk.place(one("a", Mode::Exclusive));
    desk.place(one("a", Mode::Exclusive));
    let two = Demand {
        gpus: NonZeroU8::new(2),
        ..one("b", Mode::Exclusive)
    };
    assert_eq!(desk.wait(two), 1);
    assert_eq!(desk.placement.load(2).unwrap().sessions(), 0);
    assert_eq!(desk.leave(0), [2]);
    assert_eq!(desk.placement.gpus(Session(2)), GpuSet::of([0, 2]));
}

#[test]
fn gpus_are_filled_by_the_policy() {
    let fill = |fill| {
        let mut desk = Desk::new(
            &gpus(3, 100),
            Settings {
                fill,
                ..Settings::default()
            },
        );
        [(30, 50), (30, 10), (60, 10), (10, 30), (1, 40)]
            .map(|(memory, share)| desk.place(on(memory, one("a", dense(share))))[0])
    };
    assert_eq!(fill(Fill::Pack), [0, 0, 1, 0, 1]);
    assert_eq!(fill(Fill::Spread), [0, 1, 2, 1, 1]);
    // Where nothing is promised, by how many are there.
    for (fill, placed) in [(Fill::Pack, [0, 0, 0]), (Fill::Spread, [0, 1, 0])] {
        let mut desk = Desk::new(
            &gpus(2, 100),
            Settings {
                fill,
                ..Settings::default()
            },
        );
        let came = [(); 3].map(|()| desk.place(one("a", Mode::Isolated))[0]);
        assert_eq!(came, placed);
    }
}

#[test]
fn the_queue_is_by_class_then_use_then_arrival() {
    let mut desk = Desk::new(&gpus(1, 100), settings());
    desk.place(one("x", Mode::Exclusive));
    let demand = |name: &str, class, number| Demand {
        class,
        weight: weight(number),
        ..one(name, Mode::Exclusive)
    };
    desk.placement.used(&tenant("a"), 10 * SECOND, desk.now);
    desk.placement.used(&tenant("b"), 9 * SECOND, desk.now);
    desk.placement.used(&tenant("c"), 40 * SECOND, desk.now);
    desk.wait(demand("a", Class::Low, 100));
    desk.wait(demand("a", Class::Normal, 100));
    desk.wait(demand("b", Class::Normal, 100));
    // It may use five times as much.
    desk.wait(demand("c", Class::Normal, 500));
    assert_eq!(desk.wait(demand("a", Class::High, 100)), 1);
    assert_eq!(desk.wait(demand("b", Class::Normal, 100)), 4);
    assert_eq!(desk.queue(), [5, 4, 3, 6, 2, 1]);
    desk.placement.used(&tenant("b"), 2 * SECOND, desk.now);
    assert_eq!(desk.queue(), [5, 4, 2, 3, 6, 1]);
    assert_eq!(desk.placement.position(Session(3), desk.now), Some(4));
    assert_eq!(desk.placement.position(Session(0), desk.now), None);
    assert_eq!(desk.leave(0), [5]);
}

#[test]
fn the_queue_has_an_end() {
    let limit = Settings {
        max_waiting: 2,
        ..settings()
    };
    let mut desk = Desk::new(&gpus(1, 100), limit);
    desk.place(one("a", Mode::Exclusive));
    desk.wait(one("a", Mode::Exclusive));
    desk.wait(one("a", Mode::Exclusive));
    assert_eq!(
        desk.refused(one("a", Mode::Exclusive)),
        "as many wait for a GPU as may (2): try again later"
    );
    assert_eq!(desk.leave(1), []);
    assert_eq!(desk.wait(one("a", Mode::Exclusive)), 2);
}

#[test]
fn use_is_forgotten_by_halves() {
    let mut desk = Desk::new(&gpus(1, 100), settings());
    desk.placement.used(&tenant("a"), 64 * SECOND, desk.now);
    let used = |desk: &Desk| desk.placement.used_by(&tenant("a"), desk.now).as_secs_f64();
    desk.later(3600);
    assert!((used(&desk) - 32.0).abs() < 1e-6);
    desk.placement.used(&tenant("a"), 10 * SECOND, desk.now);
    desk.later(3600);
    assert!((used(&desk) - 21.0).abs() < 1e-6);
    // Over many half-lives, and when the half-life changes.
    desk.later(100 * 3600);
    desk.placement.used(&tenant("a"), 8 * SECOND, desk.now);
    assert!((used(&desk) - 8.0).abs() < 1e-6);
    let half_life = 10 * SECOND;
    desk.placement.set(
        Settings {
            half_life,
            ..settings()
        },
        desk.now,
    );
    assert!((used(&desk) - 8.0).abs() < 1e-6);
    desk.later(20);
    assert!((used(&desk) - 2.0).abs() < 1e-6);
}

#[test]
fn what_is_counted_at_the_begin_is_not_counted_again() {
    let mut desk = Desk::new(&gpus(1, 100), settings());
    let used = |desk: &Desk| desk.placement.used_by(&tenant("a"), desk.now);
    desk.place(one("a", Mode::Isolated));
    assert_eq!(used(&desk), SECOND);
    for (time, total) in [
        (SECOND / 2, SECOND),
        (SECOND, SECOND * 3 / 2),
        (SECOND, SECOND * 5 / 2),
    ] {
        desk.placement.used(&tenant("a"), time, desk.now);
        assert_eq!(used(&desk), total);
    }
}

#[test]
fn tenants_without_sessions_are_forgotten_in_the_end() {
    let now = Instant::now();
    let mut ledger = Ledger::new(SECOND, now);
    ledger.came(&tenant("here"));
    for n in 0..2 * MAX_ABSENT as u64 {
        ledger.add(&tenant(&n.to_string()), Duration::from_secs(n + 1), now);
    }
    assert_eq!(ledger.len(), MAX_ABSENT + 1);
    // Those who have used most are remembered.
    let used = |name: &str| ledger.used(&tenant(name), now).as_secs();
    assert_eq!((used("8191"), used("0")), (8192, 0));
    assert!(ledger.is_present(&tenant("here")));
}

#[test]
fn gpus_are_held_for_who_has_waited_long() {
    let mut desk = Desk::new(&gpus(2, 100), settings());
    desk.place(one("a", dense(50)));
    desk.place(one("a", dense(60)));
    desk.place(one("a", dense(20)));
    let all = Demand {
        gpus: NonZeroU8::new(1),
        class: Class::Low,
        ..one("b", Mode::Exclusive)
    };
    desk.wait(all);
    let age = desk.placement.next_at(desk.now).unwrap();
    assert_eq!(age - desk.now, 240 * SECOND);
    // Until then others go on.
    assert_eq!(desk.later(239).place(one("c", dense(10))), [1]);
    desk.later(1);
    assert_eq!(desk.placement.next_at(desk.now), None);
    // GPU 0 has one session, which has to end. Beside the others somebody may begin.
    assert_eq!(desk.place(one("c", dense(10))), [1]);
    assert_eq!(desk.wait(one("c", dense(10))), 2);
    assert_eq!(desk.leave(0), [3]);
}

#[test]
fn who_waits_long_goes_before_higher_classes() {
    let mut desk = Desk::new(&gpus(1, 100), settings());
    let demand = |name: &str, class| Demand {
        class,
        ..one(name, Mode::Exclusive)
    };
    desk.place(demand("a", Class::High));
    desk.wait(demand("b", Class::Low));
    desk.wait(demand("b", Class::Low));
    desk.later(239);
    assert_eq!(desk.wait(demand("a", Class::High)), 1);
    desk.later(1);
    assert_eq!(desk.queue(), [1, 3, 2]);
    assert_eq!(desk.leave(0), [1]);
    // The next of the same tenant is not of age while that lasts, and has to be patient again.
    desk.later(1000);
    assert_eq!(desk.wait(demand("c", Class::High)), 2);
    assert_eq!(desk.queue(), [3, 4, 2]);
    assert_eq!(desk.leave(1), [3]);
    desk.later(1);
    assert_eq!(desk.wait(demand("d", Class::High)), 2);
    assert_eq!(desk.later(58).queue(), [4, 5, 2]);
    assert_eq!(desk.later(1).queue(), [2, 4, 5]);
}

#[test]
fn later_ones_are_held_nothing_that_an_earlier_one_needs() {
    let mut desk = Desk::new(&gpus(2, 100), settings());
    let here = |name: &str, ordinals: &[usize]| Demand {
        among: GpuSet::of(ordinals.iter().copied()),
        gpus: None,
        ..one(name, Mode::Exclusive)
    };
    desk.place(here("a", &[0]));
    desk.place(here("a", &[1]));
    for (name, ordinals) in [("b", &[0][..]), ("c", &[0, 1]), ("d", &[1]), ("e", &[0])] {
        desk.later(1).wait(here(name, ordinals));
    }
    desk.later(200);
    assert_eq!(desk.queue(), [2, 3, 4, 5]);
    // GPU 0 was held for the first, and is now held for the second, as GPU 1 is.
    assert_eq!(desk.leave(0), [2]);
    assert_eq!(desk.leave(1), []);
    assert_eq!(desk.leave(2), [3]);
    assert_eq!(desk.leave(3), [4, 5]);
}

#[test]
fn what_runs_can_be_given_more_and_less() {
    let mut desk = Desk::new(&gpus(2, 100), settings());
    desk.place(on(50, one("a", dense(50))));
    desk.place(on(20, one("b", dense(30))));
    let mut change = |session, demand| {
        let changed = desk.placement.change(Session(session), demand, desk.now);
        changed.map_err(|refusal| refusal.to_string())
    };
    assert_eq!(change(0, on(80, one("a", dense(70)))), Ok(()));
    assert_eq!(
        change(0, on(80, one("a", dense(71)))).unwrap_err(),
        "GPU 0 has 70 per cent for it, not 71: ask for less, or wait until others have ended"
    );
    assert_eq!(
        change(1, on(21, one("b", dense(30)))).unwrap_err(),
        "GPU 0 has 20 bytes for it, not 21 bytes: ask for less, or wait until others have ended"
    );
    for other in [
        one("a", Mode::Isolated),
        one("a", OPEN),
        one("b", dense(1)),
        Demand {
            gpus: None,
            ..one("a", dense(1))
        },
    ] {
        assert!(
            change(0, other)
                .unwrap_err()
                .contains("settled when it begins")
        );
    }
    let elsewhere = Demand {
        among: GpuSet::of([1]),
        ..one("a", dense(1))
    };
    assert!(
        change(0, elsewhere)
            .unwrap_err()
            .starts_with("it is on GPU 0")
    );
    assert!(
        change(9, one("a", dense(1)))
            .unwrap_err()
            .starts_with("there is no such")
    );
    assert_eq!(change(0, on(10, one("a", dense(10)))), Ok(()));
    let load = desk.placement.load(0).unwrap();
    assert_eq!((load.memory(), load.share()), (30, 40));
    // Who waits takes what became free, and what is held for somebody nobody grows into.
    desk.place(one("c", dense(100)));
    desk.wait(one("c", dense(65)));
    assert!(
        desk.placement
            .change(Session(1), one("b", dense(25)), desk.now)
            .is_ok()
    );
    assert_eq!(desk.started(), [3]);
    let here = Demand {
        among: GpuSet::of([0]),
        ..one("d", dense(99))
    };
    desk.wait(here);
    let change = |desk: &mut Desk, percent| {
        let demand = one("a", dense(percent));
        desk.placement.change(Session(0), demand, desk.now)
    };
    assert_eq!(change(&mut desk, 9), Ok(()));
    assert_eq!(change(&mut desk, 10), Ok(()));
    desk.later(120);
    assert_eq!(change(&mut desk, 9), Ok(()));
    assert!(matches!(
        change(&mut desk, 10),
        Err(Refusal::NoShare { most: 9, .. })
    ));
}

#[test]
fn what_waits_can_become_anything() {
    let mut desk = Desk::new(&gpus(1, 100), settings());
    desk.place(on(60, one("a", Mode::Isolated)));
    desk.wait(on(50, one("b", Mode::Isolated)));
    let waiting = Session(1);
    let much = on(101, one("b", Mode::Isolated));
    assert!(desk.placement.change(waiting, much, desk.now).is_err());
    assert_eq!(desk.queue(), [1]);
    let less = on(40, one("c", Mode::Isolated));
    assert_eq!(desk.placement.change(waiting, less, desk.now), Ok(()));
    assert_eq!(desk.started(), [1]);
}

#[test]
fn other_rules_hold_for_who_comes_later() {
    let mut desk = Desk::new(&gpus(2, 100), settings());
    desk.place(one("a", dense(1)));
    let one_each = Settings {
        max_dense: NonZeroU32::new(1).unwrap(),
        patience: SECOND,
        ..settings()
    };
    desk.placement.set(one_each, desk.now);
    assert_eq!(desk.started(), []);
    assert_eq!(desk.place(one("a", dense(1))), [1]);
    desk.wait(one("a", dense(1)));
    assert_eq!(
        desk.placement.next_at(desk.now),
        Some(desk.now + 2 * SECOND)
    );
    desk.placement.set(settings(), desk.now);
    assert_eq!(desk.started(), [2]);
}

/// What happens, in the property below.
#[derive(Debug, Clone)]
enum Happens {
    Comes(Demand),
    Leaves(prop::sample::Index),
    Uses(usize, u64),
    Changes(prop::sample::Index, Demand),
    Time(u64),
}

const TENANTS: [&str; 4] = ["a", "b", "c", "d"];

fn demands() -> impl Strategy<Value = Demand> {
    let mode = prop_oneof![
        Just(Mode::Isolated),
        (1u64..=100).prop_map(dense),
        (1u64..=30).prop_map(dense),
        Just(OPEN),
        Just(Mode::Exclusive),
    ];
    let among = prop::option::of(prop::collection::vec(0usize..5, 0..4));
    let memory = prop::option::of(0u64..110);
    (
        prop::sample::select(&TENANTS[..]),
        mode,
        among,
        prop::option::of(1u8..3),
        memory,
        prop::sample::select(&Class::ALL[..]),
        prop::sample::select(&[1, 100, 1000][..]),
    )
        .prop_map(|(name, mode, among, count, memory, class, number)| Demand {
            tenant: tenant(name),
            mode,
            among: among.map(|among| GpuSet::of(among).unwrap()),
            gpus: count.and_then(NonZeroU8::new),
            memory,
            class,
            weight: weight(number),
        })
}

fn happenings() -> impl Strategy<Value = Vec<Happens>> {
    let one = prop_oneof![
        4 => demands().prop_map(Happens::Comes),
        3 => any::<prop::sample::Index>().prop_map(Happens::Leaves),
        1 => (0usize..4, 0u64..50).prop_map(|(tenant, time)| Happens::Uses(tenant, time)),
        1 => (any::<prop::sample::Index>(), demands()).prop_map(|(of, demand)| Happens::Changes(of, demand)),
        2 => (0u64..40).prop_map(Happens::Time),
    ];
    prop::collection::vec(one, 1..120)
}

/// Keeps its own account of everything, in the plainest way.
struct Book {
    placement: Placement,
    memory: Vec<u64>,
    settings: Settings,
    present: BTreeMap<Session, (Demand, GpuSet)>,
    waiting: BTreeMap<Session, Demand>,
    order: Vec<Session>,
    of_age: Vec<Session>,
    now: Instant,
    /// All answers.
    answers: Vec<String>,
}

impl Book {
    fn new(memory: &[u64], settings: Settings, now: Instant) -> Self {
        let gpus: Vec<Gpu> = memory.iter().map(|&memory| Gpu { memory }).collect();
        Book {
            placement: Placement::new(&gpus, settings, now).unwrap(),
            memory: memory.to_vec(),
            settings,
            present: BTreeMap::new(),
            waiting: BTreeMap::new(),
            order: Vec::new(),
            of_age: Vec::new(),
            now,
            answers: Vec::new(),
        }
    }

    fn allowed(&self, demand: &Demand) -> Vec<usize> {
        let all = 0..self.memory.len();
        all.filter(|gpu| demand.among.is_none_or(|among| among.contains(*gpu)))
            .collect()
    }

    fn count(&self, demand: &Demand) -> usize {
        let all = self.allowed(demand).len();
        demand.gpus.map_or(all, |count| count.get().into())
    }

    /// Whether these may be on a GPU together, apart from their memory.
    fn are_company(&self, demands: &[&Demand]) -> bool {
        let kind = |demand: &Demand| match demand.mode {
            Mode::Isolated => 0,
            Mode::Dense { share: None } => 1,
            Mode::Dense { share: Some(_) } => 2,
            Mode::Exclusive => 3,
        };
        let percent = |demand: &&Demand| match demand.mode {
            Mode::Dense { share: Some(share) } => share.percent(),
            _ => 0,
        };
        let most = match demands.first().map(|demand| kind(demand)) {
            Some(3) => 1,
            Some(1 | 2) => self.settings.max_dense.get() as usize,
            _ => usize::MAX,
        };
        demands.windows(2).all(|two| kind(two[0]) == kind(two[1]))
            && demands.len() <= most
            && demands.iter().map(percent).sum::<u32>() <= 100
    }

    /// Whether a GPU can promise them their memory.
    fn have_memory(&self, gpu: usize, demands: &[&Demand]) -> bool {
        let promised = demands.iter().filter_map(|demand| demand.memory);
        promised.sum::<u64>() <= self.memory[gpu]
    }

    fn on(&self, gpu: usize) -> Vec<&Demand> {
        let present = self.present.values();
        let there = present.filter(|(_, gpus)| gpus.contains(gpu));
        there.map(|(demand, _)| demand).collect()
    }

    /// Whether somebody who waits could begin, beside who is there and what is held for others.
    fn could_begin(&self, session: Session) -> bool {
        let demand = &self.waiting[&session];
        let room = self.allowed(demand).into_iter().filter(|&gpu| {
            let mut all = self.on(gpu);
            let waiting = self.placement.waiting.iter();
            let others = waiting.filter(|w| w.session != session && w.held.contains(gpu));
            all.extend(others.map(|w| &w.demand));
            all.push(demand);
            self.are_company(&all) && (demand.memory.is_none() || self.have_memory(gpu, &all))
        });
        room.count() >= self.count(demand)
    }

    fn begins(&mut self, session: Session, demand: Demand, gpus: GpuSet) {
        let allowed = self.allowed(&demand);
        assert!(gpus.iter().all(|gpu| allowed.contains(&gpu)));
        assert_eq!(gpus.len(), self.count(&demand));
        self.present.insert(session, (demand, gpus));
        for gpu in 0..self.memory.len() {
            let on = self.on(gpu);
            assert!(
                self.are_company(&on) && self.have_memory(gpu, &on),
                "{on:?}"
            );
        }
    }

    /// Who may have lost his place by what has just happened: the tenant that has used something, the session that was changed.
    fn check_order(&mut self, used: Option<&Tenant>, changed: Option<Session>) {
        let queue = self.placement.queue(self.now);
        let order: Vec<Session> = queue.map(|(session, _)| session).collect();
        let mut sorted = order.clone();
        sorted.sort();
        assert!(sorted.iter().eq(self.waiting.keys()), "{order:?}");
        for (index, session) in order.iter().enumerate() {
            let position = self.placement.position(*session, self.now);
            assert_eq!(position, Some(index + 1));
        }
        let waiting = self.placement.waiting.iter();
        let of_age = waiting.filter(|w| w.of_age.is_some());
        let of_age: Vec<Session> = of_age.map(|w| w.session).collect();
        // Who was before another still is.
        let place = |session| order.iter().position(|other| *other == session);
        for (index, &first) in self.order.iter().enumerate() {
            for &second in &self.order[index + 1..] {
                let (Some(a), Some(b)) = (place(first), place(second)) else {
                    continue;
                };
                let is_reason = used == Some(&self.waiting[&first].tenant)
                    || changed.is_some_and(|changed| changed == first || changed == second)
                    || of_age.contains(&second) && !self.of_age.contains(&second);
                assert!(a < b || is_reason, "{first:?} and {second:?}");
            }
        }
        (self.order, self.of_age) = (order, of_age);
    }

    /// Lets those begin who can, and looks whether those who do not cannot.
    fn drain(&mut self) {
        while let Some((session, gpus)) = self.placement.next(self.now) {
            let demand = self.waiting.remove(&session).unwrap();
            self.answers.push(format!("{session:?} begins on {gpus:?}"));
            let tenant = demand.tenant.clone();
            self.begins(session, demand, gpus);
            self.check_order(Some(&tenant), None);
        }
        for session in self.waiting.keys() {
            assert!(!self.could_begin(*session), "{session:?} waits");
        }
        for gpu in 0..self.memory.len() {
            let load = self.placement.load(gpu).unwrap();
            let on = self.on(gpu);
            let promised: u64 = on.iter().filter_map(|demand| demand.memory).sum();
            assert_eq!(
                (load.memory(), load.sessions()),
                (promised, on.len() as u32)
            );
        }
    }

    fn happens(&mut self, number: usize, what: Happens) {
        let (mut used, mut changed) = (None, None);
        match what {
            Happens::Comes(demand) => {
                let session = Session(number as u64);
                let answer = self.placement.arrive(session, demand.clone(), self.now);
                self.answers.push(format!("{answer:?}"));
                match answer {
                    Arrival::Placed(gpus) => {
                        used = Some(demand.tenant.clone());
                        self.begins(session, demand, gpus);
                    }
                    Arrival::Waits { position } => {
                        self.waiting.insert(session, demand);
                        let asked = self.placement.position(session, self.now);
                        assert_eq!(asked, Some(position));
                    }
                    Arrival::Refused(_) => {
                        // It would not fit where nobody else is.
                        let fits = self.allowed(&demand).into_iter().filter(|&gpu| {
                            demand
                                .memory
                                .is_none_or(|memory| memory <= self.memory[gpu])
                        });
                        let among = demand.among.unwrap_or_default();
                        assert!(
                            fits.count() < self.count(&demand).max(1)
                                || among.iter().any(|gpu| gpu >= self.memory.len())
                        );
                    }
                }
            }
            Happens::Leaves(which) => {
                let all: Vec<Session> = self
                    .present
                    .keys()
                    .chain(self.waiting.keys())
                    .copied()
                    .collect();
                if !all.is_empty() {
                    let session = *which.get(&all);
                    assert!(self.placement.left(session, self.now));
                    self.present.remove(&session);
                    self.waiting.remove(&session);
                }
            }
            Happens::Uses(who, seconds) => {
                let who = tenant(TENANTS[who]);
                let time = Duration::from_secs(seconds);
                self.placement.used(&who, time, self.now);
                used = Some(who);
            }
            Happens::Changes(which, demand) => {
                let all: Vec<Session> = self
                    .present
                    .keys()
                    .chain(self.waiting.keys())
                    .copied()
                    .collect();
                if !all.is_empty() {
                    let session = *which.get(&all);
                    let answer = self.placement.change(session, demand.clone(), self.now);
                    self.answers.push(format!("{answer:?}"));
                    if answer.is_ok() {
                        changed = Some(session);
                        if let Some((_, gpus)) = self.present.remove(&session) {
                            self.begins(session, demand, gpus);
                        } else {
                            self.waiting.insert(session, demand);
                        }
                    }
                }
            }
            Happens::Time(seconds) => self.now += Duration::from_secs(seconds),
        }
        self.check_order(used.as_ref(), changed);
        self.drain();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Whatever happens: nothing is promised twice, nobody waits for whom there is room, places are lost only by the rules, and the same
    /// again has the same answers.
    #[test]
    fn promises_hold_and_nobody_waits_for_nothing(
        memory in prop::collection::vec(prop::sample::select(&[60u64, 100][..]), 1..5),
        spread in any::<bool>(),
        happenings in happenings(),
    ) {
        let settings = Settings {
            fill: if spread { Fill::Spread } else { Fill::Pack },
            max_dense: NonZeroU32::new(3).unwrap(),
            max_waiting: usize::MAX,
            patience: Duration::from_secs(20),
            half_life: Duration::from_secs(1000),
            start_counts: SECOND,
            park: None,
        };
        let now = Instant::now();
        let mut books = [(); 2].map(|()| Book::new(&memory, settings, now));
        for (number, what) in happenings.into_iter().enumerate() {
            for book in &mut books {
                book.happens(number, what.clone());
            }
        }
        prop_assert_eq!(&books[0].answers, &books[1].answers);
    }
}

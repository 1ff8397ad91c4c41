use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU8;
use std::time::{Duration, Instant};

use pillion_test_support::Random;
use proptest::prelude::*;

use super::tests::{SECOND, one, tenant};
use super::*;
use crate::Class;

const AFTER: Duration = Duration::from_secs(30);

fn settings(memory: u64) -> Settings {
    Settings {
        patience: 60 * SECOND,
        park: Some(Park {
            after: AFTER,
            memory,
        }),
        ..Settings::default()
    }
}

fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}

fn of(name: &str, memory: u64) -> Demand {
    Demand {
        memory: Some(memory),
        ..one(name, Mode::Isolated)
    }
}

fn classed(class: Class, demand: Demand) -> Demand {
    Demand { class, ..demand }
}

/// Sessions on GPUs of 100 bytes each, and since when each is idle.
struct Desk {
    placement: Placement,
    now: Instant,
    idle: BTreeMap<Session, Instant>,
    next: u64,
}

impl Desk {
    fn new(gpus: usize, settings: Settings) -> Self {
        let now = Instant::now();
        let placement = Placement::new(&vec![Gpu { memory: 100 }; gpus], settings, now);
        Desk {
            placement: placement.unwrap(),
            now,
            idle: BTreeMap::new(),
            next: 0,
        }
    }

    fn comes(&mut self, demand: Demand) -> Arrival {
        self.next += 1;
        let session = Session(self.next - 1);
        self.placement.arrive(session, demand, self.now)
    }

    /// It has a place, and nothing to do.
    fn idles(&mut self, demand: Demand) -> u64 {
        let arrival = self.comes(demand);
        assert!(matches!(arrival, Arrival::Placed(_)), "{arrival:?}");
        self.idle.insert(Session(self.next - 1), self.now);
        self.next - 1
    }

    fn waits(&mut self, demand: Demand) -> u64 {
        let arrival = self.comes(demand);
        assert!(matches!(arrival, Arrival::Waits { .. }), "{arrival:?}");
        self.next - 1
    }

    fn later(&mut self, seconds: u64) -> &mut Self {
        self.now += Duration::from_secs(seconds);
        self
    }

    fn parks(&mut self) -> Vec<u64> {
        assert_eq!(self.begin(), []);
        let idle = |session| self.idle.get(&session).copied();
        let parked = self.placement.park(idle, self.now);
        parked.into_iter().map(|session| session.0).collect()
    }

    fn parked(&mut self, session: u64) {
        assert!(self.placement.parked(Session(session), self.now));
    }

    fn returns(&mut self, session: u64) {
        self.idle.remove(&Session(session));
        assert!(self.placement.returns(Session(session), self.now));
    }

    fn begin(&mut self) -> Vec<u64> {
        std::iter::from_fn(|| self.placement.next(self.now))
            .map(|(session, _)| session.0)
            .collect()
    }

    fn leaves(&mut self, session: u64) {
        assert!(self.placement.left(Session(session), self.now));
    }
}

#[test]
fn an_idle_session_makes_room_and_comes_back() {
    let mut desk = Desk::new(1, settings(120));
    let first = desk.idles(of("a", 60));
    let second = desk.waits(of("b", 60));
    assert_eq!(desk.later(29).parks(), []);
    let idle = desk.idle.clone();
    let at = desk
        .placement
        .park_at(|session| idle.get(&session).copied(), desk.now);
    assert_eq!(at, Some(desk.now + SECOND));
    assert_eq!(desk.later(1).parks(), [first]);
    // Nobody is asked twice, nor another for the same.
    assert_eq!(desk.later(100).parks(), []);
    desk.parked(first);
    assert!(desk.placement.is_parked(Session(first)));
    assert!(!desk.placement.parked(Session(first), desk.now));
    assert_eq!(desk.placement.parked_memory(), 60);
    assert_eq!(desk.placement.parked_from(0), (1, 60));
    assert_eq!(desk.begin(), [second]);
    assert_eq!(desk.placement.load(0).unwrap().memory(), 60);
    // It wants to come back, and the other has to be idle for that.
    desk.returns(first);
    assert!(!desk.placement.returns(Session(first), desk.now));
    assert_eq!(desk.later(1000).parks(), []);
    desk.idle.insert(Session(second), desk.now);
    assert_eq!(desk.later(30).parks(), [second]);
    desk.parked(second);
    assert_eq!(desk.begin(), [first]);
    // Who is back is left alone for a while, whatever is said of it.
    desk.returns(second);
    desk.idle
        .insert(Session(first), desk.now - Duration::from_secs(1));
    assert_eq!(desk.later(29).parks(), []);
    assert_eq!(desk.later(1).parks(), [first]);
    desk.parked(first);
    assert_eq!(desk.begin(), [second]);
    // A parked one that leaves has nothing that anybody could get.
    desk.leaves(first);
    assert_eq!(desk.placement.parked_memory(), 0);
    assert_eq!(desk.placement.load(0).unwrap().memory(), 60);
    desk.leaves(second);
    assert_eq!(desk.placement.load(0).unwrap(), Load::default());
}

#[test]
fn the_lowest_class_goes_first_then_the_longest_idle_and_nobody_who_need_not() {
    let mut desk = Desk::new(1, settings(1000));
    let high = desk.idles(classed(Class::High, of("a", 20)));
    let long = desk.later(1).idles(of("a", 20));
    let short = desk.later(1).idles(of("a", 30));
    let low = desk.later(1).idles(classed(Class::Low, of("a", 10)));
    let working = desk.idles(of("a", 20));
    desk.idle.remove(&Session(working));
    desk.later(100);
    // The low one alone frees too little, and beside the others it is not needed.
    let whole = desk.waits(classed(Class::High, of("b", 30)));
    assert_eq!(desk.parks(), [low, long]);
    desk.leaves(whole);
    desk.parked(low);
    desk.parked(long);
    let more = desk.waits(of("b", 60));
    assert_eq!(desk.parks(), [short]);
    desk.parked(short);
    assert_eq!(desk.begin(), [more]);
    // Of a higher class only who waits long enough is let in for.
    let again = desk.waits(of("b", 20));
    assert_eq!(desk.parks(), []);
    desk.later(120);
    assert_eq!(desk.parks(), [high]);
    desk.parked(high);
    assert_eq!(desk.begin(), [again]);
    assert!(desk.placement.gpus(Session(working)).is_some());
}

#[test]
fn the_hosts_memory_bounds_what_is_parked_and_leaves_room_to_exchange() {
    for (memory, parks) in [(119, false), (120, true)] {
        let mut desk = Desk::new(1, settings(memory));
        let first = desk.idles(of("a", 60));
        let second = desk.waits(of("b", 60));
        let expected: &[u64] = if parks { &[first] } else { &[] };
        assert_eq!(desk.later(60).parks(), expected, "{memory}");
        if parks {
            desk.parked(first);
            assert_eq!(desk.begin(), [second]);
            // A third would leave no room for who comes back.
            desk.idle.insert(Session(second), desk.now);
            let third = desk.waits(of("a", 60));
            assert_eq!(desk.later(60).parks(), []);
            desk.returns(first);
            assert_eq!(desk.parks(), [second]);
            desk.parked(second);
            // Both fit: who was there before goes first.
            assert_eq!(desk.begin(), [first]);
            desk.leaves(first);
            assert_eq!(desk.begin(), [third]);
        }
    }
}

#[test]
fn who_cannot_be_parked_is_not() {
    let limits = settings(1000);
    let mut desk = Desk::new(2, limits);
    let both = Demand {
        gpus: NonZeroU8::new(2),
        ..of("a", 10)
    };
    desk.idles(both);
    desk.idles(of("b", 60));
    let nothing = Demand {
        among: GpuSet::of([0]),
        memory: None,
        ..of("b", 0)
    };
    desk.idles(nothing.clone());
    let other = desk.idles(Demand {
        among: GpuSet::of([1]),
        ..of("c", 60)
    });
    desk.later(100);
    // On the first is one without a promise, and one that sees both is nowhere parked.
    let waits = desk.waits(of("d", 95));
    assert_eq!(desk.parks(), []);
    desk.leaves(waits);
    let waits = desk.waits(of("d", 80));
    assert_eq!(desk.parks(), [other]);
    // It could not be.
    assert!(desk.placement.stays(Session(other), 100 * SECOND, desk.now));
    assert!(!desk.placement.stays(Session(other), SECOND, desk.now));
    assert_eq!(desk.later(99).parks(), []);
    assert_eq!(desk.later(1).parks(), [other]);
    // It ends meanwhile.
    desk.leaves(other);
    assert_eq!(desk.begin(), [waits]);
    // Without parking nobody is.
    desk.placement.set(
        Settings {
            park: None,
            ..limits
        },
        desk.now,
    );
    desk.idle.insert(Session(waits), desk.now);
    desk.waits(of("e", 80));
    assert_eq!(desk.later(1000).parks(), []);
}

#[test]
fn a_parked_session_stays_what_it_is_and_keeps_its_rank() {
    let mut desk = Desk::new(1, settings(1000));
    let first = desk.idles(of("a", 100));
    let second = desk.waits(of("a", 100));
    desk.later(40);
    assert_eq!(desk.parks(), [first]);
    let change = |desk: &mut Desk, demand| desk.placement.change(Session(first), demand, desk.now);
    assert_eq!(change(&mut desk, of("a", 50)), Err(Refusal::Parked));
    desk.parked(first);
    assert_eq!(change(&mut desk, of("a", 50)), Err(Refusal::Parked));
    assert_eq!(desk.begin(), [second]);
    // Of the same tenant and class, who was there first goes before who came before it wanted to come back.
    let third = desk.waits(of("a", 100));
    desk.returns(first);
    let session = Session(first);
    assert_eq!(desk.placement.position(session, desk.now), Some(1));
    change(&mut desk, classed(Class::Low, of("a", 100))).unwrap();
    assert_eq!(desk.placement.position(session, desk.now), Some(2));
    change(&mut desk, classed(Class::High, of("a", 100))).unwrap();
    desk.leaves(second);
    assert_eq!(desk.begin(), [first]);
    let demand = desk.placement.demand(session).unwrap();
    assert_eq!((demand.class, demand.among), (Class::High, None));
    desk.leaves(first);
    assert_eq!(desk.begin(), [third]);
}

/// Who is exclusive comes in for idle ones, and they come back when it has gone.
#[test]
fn all_make_room_for_who_is_to_be_alone() {
    let mut desk = Desk::new(1, settings(1000));
    let idle = [desk.idles(of("a", 30)), desk.idles(of("b", 30))];
    let alone = desk.waits(one("c", Mode::Exclusive));
    assert_eq!(desk.later(40).parks(), idle);
    desk.parked(idle[0]);
    // What is free is kept for who it was made free for.
    let arrival = desk.comes(of("d", 10));
    assert!(matches!(arrival, Arrival::Waits { .. }));
    assert_eq!(desk.begin(), []);
    desk.parked(idle[1]);
    assert_eq!(desk.begin(), [alone]);
    desk.returns(idle[1]);
    assert_eq!(desk.later(100).parks(), []);
    desk.leaves(alone);
    assert_eq!(desk.begin().len(), 2);
}

/// How a session behaves: it works, idles, works, and so on, and then ends.
#[derive(Debug, Clone)]
struct Life {
    demand: Demand,
    comes: u64,
    /// How long it works, and then idles.
    phases: Vec<(u64, u64)>,
    /// It cannot be parked, as turns out when it is to be.
    refuses: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Comes,
    Idles,
    Works,
    Ends,
    Parked,
    Looks,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    Waits,
    Works,
    Idles(Instant),
    /// It idles while it is moved.
    Leaves,
    Away,
    Returns,
}

struct World<'l> {
    lives: &'l [Life],
    gpus: Vec<u64>,
    park: Park,
    placement: Placement,
    events: BTreeSet<(Instant, What, usize)>,
    doing: BTreeMap<usize, Doing>,
    phase: Vec<usize>,
    places: BTreeMap<usize, GpuSet>,
    back: BTreeMap<usize, Instant>,
    /// The longest that anybody waited to come back, and how often somebody was parked.
    longest: Duration,
    parked: usize,
    wanted: BTreeMap<usize, Instant>,
    /// How often each has worked.
    worked: Vec<usize>,
}

/// How long it takes to move a session.
const MOVING: u64 = 3;

impl<'l> World<'l> {
    fn new(lives: &'l [Life], gpus: &[u64], settings: Settings, begin: Instant) -> Self {
        let all: Vec<Gpu> = gpus.iter().map(|&memory| Gpu { memory }).collect();
        let comes = lives.iter().enumerate();
        let comes = comes.map(|(n, life)| (begin + seconds(life.comes), What::Comes, n));
        World {
            lives,
            gpus: gpus.to_vec(),
            park: settings.park.unwrap(),
            placement: Placement::new(&all, settings, begin).unwrap(),
            events: comes.collect(),
            doing: BTreeMap::new(),
            phase: vec![0; lives.len()],
            places: BTreeMap::new(),
            back: BTreeMap::new(),
            longest: Duration::ZERO,
            parked: 0,
            wanted: BTreeMap::new(),
            worked: vec![0; lives.len()],
        }
    }

    fn works(&mut self, n: usize, now: Instant) {
        self.doing.insert(n, Doing::Works);
        self.worked[n] += 1;
        let (works, _) = self.lives[n].phases[self.phase[n]];
        self.events.insert((now + seconds(works), What::Idles, n));
    }

    fn begins(&mut self, session: Session, gpus: GpuSet, now: Instant) {
        let n = session.0 as usize;
        if let Some(wanted) = self.wanted.remove(&n) {
            assert_eq!(self.doing[&n], Doing::Returns);
            assert_eq!(self.places[&n], gpus, "it is back elsewhere");
            self.longest = self.longest.max(now - wanted);
        }
        self.places.insert(n, gpus);
        self.back.insert(n, now);
        self.works(n, now);
        self.check();
    }

    /// Nothing is promised twice.
    fn check(&self) {
        for (gpu, memory) in self.gpus.iter().enumerate() {
            let there = self.doing.iter().filter(|(n, doing)| {
                !matches!(doing, Doing::Waits | Doing::Away | Doing::Returns)
                    && self.places[n].contains(gpu)
            });
            let there: Vec<usize> = there.map(|(n, _)| *n).collect();
            let promised = there.iter().filter_map(|n| self.lives[*n].demand.memory);
            let promised: u64 = promised.sum();
            assert!(promised <= *memory, "{promised} of {memory}");
            let load = self.placement.load(gpu).unwrap();
            let both = (load.memory(), load.sessions());
            assert_eq!(both, (promised, there.len() as u32));
        }
        let parked = self
            .doing
            .iter()
            .filter(|(_, doing)| matches!(doing, Doing::Leaves | Doing::Away | Doing::Returns));
        let parked = parked.filter_map(|(n, _)| self.lives[*n].demand.memory);
        let parked: u64 = parked.sum();
        assert!(parked <= self.park.memory, "{parked}");
        assert_eq!(self.placement.parked_memory(), parked);
    }

    /// Nobody waits for whom one idle session could make room.
    fn check_conservation(&self, now: Instant) {
        let moving = self.doing.values().any(|doing| *doing == Doing::Leaves);
        if moving {
            return;
        }
        for waiting in &self.placement.waiting {
            let n = waiting.session.0 as usize;
            let demand = &self.lives[n].demand;
            for (gpu, memory) in self.gpus.iter().enumerate() {
                let elsewhere = waiting.returns && !self.places[&n].contains(gpu);
                let held = self
                    .placement
                    .waiting
                    .iter()
                    .any(|other| other.session != waiting.session && other.held.contains(gpu));
                if elsewhere || held || demand.gpus != NonZeroU8::new(1) {
                    continue;
                }
                for (&other, doing) in &self.doing {
                    let &Doing::Idles(since) = doing else {
                        continue;
                    };
                    let life = &self.lives[other];
                    let is_ripe = now >= since.max(self.back[&other]) + self.park.after;
                    let all_promised = self.doing.iter().all(|(n, doing)| {
                        matches!(doing, Doing::Waits | Doing::Away | Doing::Returns)
                            || !self.places[n].contains(gpu)
                            || self.lives[*n].demand.memory.is_some()
                    });
                    let is_alone = self.doing.iter().all(|(n, doing)| {
                        *n == other
                            || matches!(doing, Doing::Waits | Doing::Away | Doing::Returns)
                            || !self.places[n].contains(gpu)
                    });
                    let may = is_ripe
                        && all_promised
                        && (is_alone || demand.mode == Mode::Isolated)
                        && life.demand.mode == Mode::Isolated
                        && !life.refuses
                        && self.places[&other] == GpuSet::of([gpu]).unwrap()
                        && (life.demand.class <= demand.class || waiting.of_age.is_some());
                    let (Some(theirs), true) = (life.demand.memory, may) else {
                        continue;
                    };
                    // Room for an exchange afterwards, where it has not begun yet.
                    let here = self.doing.iter().filter(|(n, doing)| {
                        matches!(doing, Doing::Works | Doing::Idles(_)) && self.places[n].len() == 1
                    });
                    let here = here.filter_map(|(n, _)| self.lives[*n].demand.memory);
                    let kept = match waiting.returns {
                        true => 0,
                        false => here.chain(demand.memory).max().unwrap_or(0),
                    };
                    let after = self.placement.parked_memory() + theirs + kept;
                    let load = self.placement.load(gpu).unwrap();
                    let left = memory - (load.memory() - theirs);
                    assert!(
                        theirs == 0
                            || after > self.park.memory
                            || demand.memory.unwrap_or(0) > left,
                        "{n} waits for {gpu}, and {other} is idle"
                    );
                }
            }
        }
    }

    /// Runs until nothing happens any more, or until then. Answers what happened, in words.
    fn run(&mut self, until: Instant, random: &mut Random) -> Vec<String> {
        let mut told = Vec::new();
        while let Some((now, what, n)) = self.events.pop_first() {
            if now > until {
                break;
            }
            let session = Session(n as u64);
            match (what, self.doing.get(&n).copied()) {
                (What::Comes, _) => {
                    let demand = self.lives[n].demand.clone();
                    self.doing.insert(n, Doing::Waits);
                    match self.placement.arrive(session, demand, now) {
                        Arrival::Placed(gpus) => self.begins(session, gpus, now),
                        Arrival::Waits { .. } => {}
                        Arrival::Refused(refusal) => panic!("{refusal}"),
                    }
                }
                (What::Idles, _) => {
                    let (_, idles) = self.lives[n].phases[self.phase[n]];
                    self.phase[n] += 1;
                    self.doing.insert(n, Doing::Idles(now));
                    let is_last = self.phase[n] == self.lives[n].phases.len();
                    let next = if is_last { What::Ends } else { What::Works };
                    self.events.insert((now + seconds(idles), next, n));
                }
                (What::Works, Some(Doing::Away)) => {
                    assert!(self.placement.returns(session, now));
                    self.doing.insert(n, Doing::Returns);
                    self.wanted.insert(n, now);
                }
                // While it is moved it hears nothing.
                (What::Works, Some(Doing::Leaves)) => {
                    self.events.insert((now + SECOND, what, n));
                }
                (What::Works, _) => self.works(n, now),
                (What::Ends, _) => {
                    assert!(self.placement.left(session, now));
                    self.doing.remove(&n);
                    self.events.retain(|(_, _, other)| *other != n);
                }
                (What::Parked, Some(Doing::Leaves)) if self.lives[n].refuses => {
                    assert!(self.placement.stays(session, 1000 * AFTER, now));
                    self.doing.insert(n, Doing::Idles(now));
                }
                (What::Parked, Some(Doing::Leaves)) => {
                    assert!(self.placement.parked(session, now));
                    self.parked += 1;
                    self.doing.insert(n, Doing::Away);
                }
                (What::Parked | What::Looks, _) => {}
            }
            told.push(format!("{what:?} {n}"));
            self.settle(now, random);
        }
        told
    }

    fn settle(&mut self, now: Instant, random: &mut Random) {
        self.check();
        while let Some((session, gpus)) = self.placement.next(now) {
            self.begins(session, gpus, now);
        }
        let idle = self.idle();
        let of = |session| idle.get(&session).copied();
        for session in self.placement.park(of, now) {
            let n = session.0 as usize;
            let Some(Doing::Idles(since)) = self.doing.insert(n, Doing::Leaves) else {
                panic!("{n} is not idle");
            };
            // Nobody is moved to and fro.
            assert!(now >= since + self.park.after && now >= self.back[&n] + self.park.after);
            assert_eq!(self.places[&n].len(), 1);
            let takes = seconds(1 + random.number_below(MOVING));
            self.events.insert((now + takes, What::Parked, n));
        }
        self.check();
        self.check_conservation(now);
        let idle = self.idle();
        let of = |session| idle.get(&session).copied();
        let next = self.placement.park_at(of, now);
        for at in next.into_iter().chain(self.placement.next_at(now)) {
            self.events.insert((at, What::Looks, usize::MAX));
        }
    }

    fn idle(&self) -> BTreeMap<Session, Instant> {
        let idle = self.doing.iter().filter_map(|(n, doing)| match doing {
            Doing::Idles(since) => Some((Session(*n as u64), *since)),
            _ => None,
        });
        idle.collect()
    }
}

fn lives() -> impl Strategy<Value = Vec<Life>> {
    let mode = prop_oneof![8 => Just(Mode::Isolated), 1 => Just(Mode::Exclusive)];
    let life = (
        prop::sample::select(&["a", "b", "c"][..]),
        mode,
        1u8..3,
        prop::option::weighted(0.95, 1u64..=100),
        prop::sample::select(&Class::ALL[..]),
        0u64..300,
        prop::collection::vec((1u64..20, 1u64..200), 1..5),
        prop::bool::weighted(0.1),
    )
        .prop_map(
            |(name, mode, gpus, memory, class, comes, phases, refuses)| Life {
                demand: Demand {
                    gpus: NonZeroU8::new(gpus),
                    memory,
                    class,
                    ..one(name, mode)
                },
                comes,
                phases,
                refuses,
            },
        );
    prop::collection::vec(life, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    /// Whatever sessions do: no memory is promised twice, on GPUs or on the host; nobody is parked who works, or who has just come back;
    /// nobody waits for whom an idle one could make room; and all come to their end.
    #[test]
    fn idle_sessions_make_room_and_nothing_is_promised_twice(
        lives in lives(),
        memory in 50u64..400,
        seed in any::<u64>(),
    ) {
        let begin = Instant::now();
        let limits = settings(memory);
        let runs = [(); 2].map(|()| {
            let mut world = World::new(&lives, &[100, 100], limits, begin);
            let told = world.run(begin + Duration::from_secs(1_000_000), &mut Random::from_seed(seed));
            assert!(world.doing.is_empty(), "{:?}", world.doing);
            told
        });
        prop_assert_eq!(&runs[0], &runs[1]);
    }
}

/// Six who work now and then, on a GPU with room for two: all work equally often, and nobody waits for longer than it takes the others to
/// have worked and to have been idle.
#[test]
fn those_who_come_and_go_take_turns() {
    let lives: Vec<Life> = ["a", "b", "c", "d", "e", "f"]
        .iter()
        .map(|name| Life {
            demand: of(name, 50),
            comes: 0,
            phases: vec![(20, 100); 500],
            refuses: false,
        })
        .collect();
    let begin = Instant::now();
    let mut world = World::new(&lives, &[100], settings(1000), begin);
    world.run(begin + Duration::from_secs(7200), &mut Random::from_seed(3));
    println!(
        "{} times parked; the longest wait was {:?}; worked {:?}",
        world.parked, world.longest, world.worked
    );
    assert!(world.parked > 50);
    let (most, least) = (world.worked.iter().max(), world.worked.iter().min());
    assert!(most.unwrap() - least.unwrap() <= 3, "{:?}", world.worked);
    // Two have places at a time; each works for 20 seconds, is idle for 30 and is moved.
    let round = seconds(20 + 30 + MOVING);
    assert!(world.longest <= 3 * round, "{:?}", world.longest);
}

/// A stream of newcomers does not keep out who was there before.
#[test]
fn who_was_parked_comes_back_whoever_else_comes() {
    let mut lives = vec![Life {
        demand: of("a", 100),
        comes: 0,
        phases: vec![(10, 60), (10, 1)],
        refuses: false,
    }];
    lives.extend((0..400).map(|n| Life {
        demand: of("b", 100),
        comes: 5 + 10 * n,
        phases: vec![(30, 1)],
        refuses: false,
    }));
    let begin = Instant::now();
    let mut world = World::new(&lives, &[100], settings(1000), begin);
    world.placement.used(&tenant("b"), SECOND, begin);
    world.run(begin + Duration::from_secs(4000), &mut Random::from_seed(3));
    assert!(world.parked > 0);
    assert_eq!(world.worked[0], 2);
    println!("it waited for {:?}", world.longest);
    assert!(world.longest <= 31 * SECOND, "{:?}", world.longest);
}

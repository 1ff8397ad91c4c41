//! Hours of many sessions, in simulated time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::num::NonZeroU8;
use std::time::{Duration, Instant};

use pillion_test_support::Random;
use proptest::prelude::*;

use super::effort::{self, Effort};
use super::tests::{SECOND, dense, one, tenant};
use super::*;
use crate::{Class, Weight};

/// What happens next, in the order of time and then of names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    /// A session ends.
    Ends(Session),
    /// The `n`th of the workload comes.
    Comes(usize),
    /// It is told what sessions have used.
    Tells,
    /// Time alone changes something.
    Looks,
}

/// A session of a workload.
#[derive(Debug, Clone)]
struct Job {
    demand: Demand,
    /// When it comes, after the begin.
    at: Duration,
    /// How long it lasts once it has begun.
    lasts: Duration,
}

/// What became of it.
#[derive(Debug, Clone, Copy, Default)]
struct Fate {
    came: Duration,
    began: Option<Duration>,
}

impl Fate {
    fn waited(&self) -> Duration {
        self.began.map_or(Duration::MAX, |began| began - self.came)
    }
}

/// How a workload is run.
struct Course {
    gpus: Vec<Gpu>,
    settings: Settings,
    until: Duration,
    /// Each tenant's sessions come so that so many wait, whenever they would have come.
    ahead: Option<usize>,
    /// How often is told what sessions have used: all the time that they have been there.
    metered: Duration,
}

struct Run<'a> {
    course: &'a Course,
    jobs: &'a [Job],
    events: BTreeSet<(Duration, What)>,
    /// Each tenant's jobs that have not come.
    lines: BTreeMap<&'a Tenant, VecDeque<usize>>,
    fates: Vec<Fate>,
    /// Until when it was told what a session has used.
    told: BTreeMap<Session, Duration>,
}

impl Run<'_> {
    fn job(&self, session: Session) -> &Job {
        &self.jobs[usize::try_from(session.0).unwrap()]
    }

    fn begins(&mut self, session: Session, at: Duration) {
        let number = usize::try_from(session.0).unwrap();
        self.fates[number].began = Some(at);
        self.told.insert(session, at);
        let job = &self.jobs[number];
        self.events.insert((at + job.lasts, What::Ends(session)));
        let line = self.lines.get_mut(&job.demand.tenant);
        if let Some(next) = line.and_then(VecDeque::pop_front) {
            self.events.insert((at, What::Comes(next)));
        }
    }

    fn tell(&mut self, placement: &mut Placement, session: Session, at: Duration, now: Instant) {
        let told = self.told.insert(session, at).unwrap();
        placement.used(&self.job(session).demand.tenant, at - told, now);
    }
}

/// Runs a workload until nothing happens any more.
fn run(course: &Course, jobs: &[Job]) -> Vec<Fate> {
    let begin = Instant::now();
    let mut placement = Placement::new(&course.gpus, course.settings, begin).unwrap();
    let mut run = Run {
        course,
        jobs,
        events: BTreeSet::from([(course.metered, What::Tells)]),
        lines: BTreeMap::new(),
        fates: vec![Fate::default(); jobs.len()],
        told: BTreeMap::new(),
    };
    let mut ahead: BTreeMap<&Tenant, usize> = BTreeMap::new();
    for (number, job) in jobs.iter().enumerate() {
        let tenant = &job.demand.tenant;
        let ahead = ahead.entry(tenant).or_default();
        *ahead += 1;
        if course.ahead.is_none_or(|most| *ahead <= most) {
            run.events.insert((job.at, What::Comes(number)));
        } else {
            run.lines.entry(tenant).or_default().push_back(number);
        }
    }
    while let Some((at, what)) = run.events.pop_first() {
        if at > course.until {
            break;
        }
        let now = begin + at;
        match what {
            What::Comes(number) => {
                let session = Session(number as u64);
                run.fates[number].came = at;
                match placement.arrive(session, jobs[number].demand.clone(), now) {
                    Arrival::Placed(_) => run.begins(session, at),
                    Arrival::Waits { .. } => {}
                    Arrival::Refused(refusal) => panic!("{refusal}: {:?}", jobs[number]),
                }
            }
            What::Ends(session) => {
                assert!(placement.left(session, now));
                run.tell(&mut placement, session, at, now);
                run.told.remove(&session);
            }
            What::Tells => {
                let present: Vec<Session> = run.told.keys().copied().collect();
                for session in present {
                    run.tell(&mut placement, session, at, now);
                }
                if !run.events.is_empty() {
                    run.events.insert((at + run.course.metered, what));
                }
            }
            What::Looks => {}
        }
        while let Some((session, _)) = placement.next(now) {
            run.begins(session, at);
        }
        if let Some(next) = placement.next_at(now) {
            run.events.insert((next - begin, What::Looks));
        }
    }
    run.fates
}

fn jobs_of(name: &str, count: usize, mut job: impl FnMut() -> Job) -> Vec<Job> {
    let named = |job: Job| Job {
        demand: Demand {
            tenant: tenant(name),
            ..job.demand
        },
        ..job
    };
    std::iter::repeat_with(|| named(job()))
        .take(count)
        .collect()
}

/// How much GPU time each tenant's sessions have had until `until`.
fn had(jobs: &[Job], fates: &[Fate], until: Duration) -> BTreeMap<String, (usize, f64)> {
    let mut had = BTreeMap::new();
    for (job, fate) in jobs.iter().zip(fates) {
        if let Some(began) = fate.began {
            let entry = had
                .entry(job.demand.tenant.name().to_string())
                .or_insert((0, 0.0));
            entry.0 += 1;
            entry.1 += job.lasts.min(until - began).as_secs_f64();
        }
    }
    had
}

const HOUR: Duration = Duration::from_secs(3600);

/// Four GPUs and four tenants that always have sessions waiting; those of one are ten times as long as the others'. How many seconds of GPU
/// time more or less than is due to it each gets in four hours.
fn division(patience: Duration, weights: [u64; 4]) -> Vec<f64> {
    let mut random = Random::from_seed(7);
    let mut jobs = Vec::new();
    for (name, number) in ["a", "b", "c", "d"].iter().zip(weights) {
        let demand = Demand {
            weight: Weight::try_from(number).unwrap(),
            ..one(name, Mode::Exclusive)
        };
        let longest = if *name == "b" { 300 } else { 30 };
        jobs.extend(jobs_of(name, 3000, || Job {
            demand: demand.clone(),
            at: Duration::ZERO,
            lasts: Duration::from_millis(1000 + random.number_below(longest * 1000)),
        }));
    }
    let course = Course {
        gpus: vec![Gpu { memory: 1 }; 4],
        settings: Settings {
            patience,
            half_life: 10 * HOUR,
            ..Settings::default()
        },
        until: 4 * HOUR,
        ahead: Some(8),
        metered: 10 * SECOND,
    };
    let fates = run(&course, &jobs);
    let had = had(&jobs, &fates, course.until);
    let all: f64 = had.values().map(|(_, time)| time).sum();
    let there = course.gpus.len() as f64 * course.until.as_secs_f64();
    assert!(all > 0.999 * there, "GPUs were idle: {all} of {there}");
    let weight: u64 = weights.iter().sum();
    let parts: Vec<f64> = had
        .values()
        .zip(weights)
        .map(|((_, time), number)| time - all * number as f64 / weight as f64)
        .collect();
    println!("patience {patience:?}, weights {weights:?}: {had:.0?}, more than is due {parts:.0?}");
    parts
}

/// Tenants that always have sessions waiting get GPU time by their weights, but for one session, as none is ended for another.
#[test]
fn gpu_time_is_by_weight() {
    for weights in [[100, 100, 100, 100], [30, 70, 100, 200]] {
        let parts = division(20 * HOUR, weights);
        assert!(parts.iter().all(|more| more.abs() <= 301.0));
    }
    // Even where everybody is of age all the time.
    let parts = division(60 * SECOND, [100; 4]);
    assert!(parts.iter().all(|more| more.abs() <= 301.0));
}

/// Equal tenants with equal sessions begin as often as each other, though nothing is told of what they use before they end.
#[test]
fn equal_tenants_begin_equally_often() {
    let mut jobs = Vec::new();
    for (name, many) in [("a", 400), ("b", 100), ("c", 100)] {
        jobs.extend(jobs_of(name, many, || Job {
            demand: one(name, Mode::Exclusive),
            at: Duration::ZERO,
            lasts: 20 * SECOND,
        }));
    }
    let course = Course {
        gpus: vec![Gpu { memory: 1 }; 3],
        settings: Settings::default(),
        until: Duration::from_secs(1900),
        ahead: None,
        metered: HOUR,
    };
    let fates = run(&course, &jobs);
    let had = had(&jobs, &fates, course.until);
    let counts: Vec<usize> = had.values().map(|(starts, _)| *starts).collect();
    println!("starts: {counts:?}");
    let (most, least) = (counts.iter().max().unwrap(), counts.iter().min().unwrap());
    assert!(most - least <= course.gpus.len(), "{counts:?}");
}

/// A stream of sessions that never lets a GPU be empty, of a higher class and each with room for itself, keeps nobody out for ever.
#[test]
fn a_stream_of_the_highest_class_ends_nobodys_hope() {
    let lasts = 30 * SECOND;
    for class in Class::ALL {
        let mut number = 0;
        let mut jobs = jobs_of("stream", 2000, || {
            number += 1;
            Job {
                demand: Demand {
                    class: Class::High,
                    ..one("stream", dense(20))
                },
                at: SECOND * number,
                lasts,
            }
        });
        jobs.push(Job {
            demand: Demand {
                class,
                gpus: NonZeroU8::new(2),
                ..one("whole", Mode::Exclusive)
            },
            at: 100 * SECOND,
            lasts,
        });
        let course = Course {
            gpus: vec![Gpu { memory: 1 }; 2],
            settings: Settings {
                max_waiting: usize::MAX,
                ..Settings::default()
            },
            until: HOUR,
            ahead: None,
            metered: 10 * SECOND,
        };
        let waited = run(&course, &jobs).last().unwrap().waited();
        println!("of class {class:?}: waited {waited:?}");
        // The stream alone would use both GPUs all the time, so it can have begun by its age alone.
        let age = course.settings.patience * (1 << class.below_the_top());
        assert!(
            waited > age && waited <= age + lasts,
            "{class:?}: {waited:?}"
        );
    }
}

fn small() -> impl Strategy<Value = Job> {
    let mode = prop_oneof![
        Just(Mode::Isolated),
        (1u64..=100).prop_map(dense),
        Just(Mode::Exclusive),
    ];
    (
        prop::sample::select(&["a", "b", "c"][..]),
        mode,
        prop::option::of(1u8..4),
        prop::option::of(0u64..100),
        prop::sample::select(&Class::ALL[..]),
        0u64..600,
        1u64..30,
    )
        .prop_map(|(name, mode, count, memory, class, at, lasts)| Job {
            demand: Demand {
                gpus: count.and_then(NonZeroU8::new),
                memory,
                class,
                ..one(name, mode)
            },
            at: Duration::from_secs(at),
            lasts: Duration::from_secs(lasts),
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Everybody begins within the time that the module's documentation states.
    #[test]
    fn nobody_starves(jobs in prop::collection::vec(small(), 1..400)) {
        let patience = 5 * SECOND;
        let course = Course {
            gpus: vec![Gpu { memory: 100 }; 3],
            settings: Settings { patience, max_waiting: usize::MAX, ..Settings::default() },
            until: Duration::MAX,
            ahead: None,
            metered: 10 * SECOND,
        };
        let fates = run(&course, &jobs);
        let longest = jobs.iter().map(|job| job.lasts).max().unwrap();
        let until = |job: &Job| job.at + patience * (1 << job.demand.class.below_the_top());
        for (job, fate) in jobs.iter().zip(&fates) {
            // It, and its tenant's that come of age before it and wait while it does.
            let end = job.at.saturating_add(fate.waited());
            let before = jobs.iter().zip(&fates).filter(|(other, his)| {
                other.demand.tenant == job.demand.tenant
                    && until(other) <= until(job)
                    && other.at <= end
                    && other.at.saturating_add(his.waited()) >= job.at
            });
            let stages = before.count() as u32;
            let bound = stages * (4 * patience + 4 * longest);
            prop_assert!(fate.waited() <= bound, "{:?} of {bound:?}: {job:?}", fate.waited());
        }
    }
}

/// What the module's documentation states of the cost of long queues, by what is compared and looked at.
#[test]
fn long_queues_cost_no_more_than_is_said() {
    for many in [64u64, 256, 1024] {
        let begin = Instant::now();
        let gpus = [Gpu { memory: 1 << 30 }; 8];
        let mut placement = Placement::new(&gpus, Settings::default(), begin).unwrap();
        // One has room on a GPU, and no two want the same.
        let come = |placement: &mut Placement, n: u64| {
            let demand = Demand {
                memory: Some(1 << 29 | n),
                ..one(&format!("tenant {}", n % 64), Mode::Isolated)
            };
            placement.arrive(Session(n), demand, begin)
        };
        let mut present = Vec::new();
        let mut comers = 0..;
        while placement.queue(begin).len() < many as usize {
            let n = comers.next().unwrap();
            if let Arrival::Placed(_) = come(&mut placement, n) {
                present.push(Session(n));
            }
        }
        assert_eq!(present.len(), gpus.len());
        // A sort compares each a few times for each time that the queue can be halved.
        let sort = 4 * many * u64::from(many.ilog2());
        for _ in 0..32 {
            // Whoever asks while nothing happens costs nothing.
            let ((), effort) = effort::of(|| {
                for n in 0..comers.start {
                    placement.position(Session(n), begin);
                }
                assert_eq!(placement.next(begin), None);
            });
            assert_eq!(effort, Effort::default(), "{many} wait");

            // One ends: the order is made anew for that and for who begins, and each is looked at until one begins, and once more.
            let ((), effort) = effort::of(|| {
                placement.used(&tenant("tenant 5"), SECOND, begin);
                assert!(placement.left(present.remove(0), begin));
                let (session, _) = placement.next(begin).unwrap();
                present.push(session);
                assert_eq!(placement.next(begin), None);
            });
            println!("{many} wait: one ends, {effort:?}");
            assert!((many..=2 * sort).contains(&effort.compared), "{effort:?}");
            assert!((many..=2 * many).contains(&effort.looked), "{effort:?}");

            // Another comes in its place: it alone is looked at, and the order is made anew.
            let n = comers.next().unwrap();
            let (arrival, effort) = effort::of(|| come(&mut placement, n));
            println!("{many} wait: one comes, {effort:?}");
            assert!(matches!(arrival, Arrival::Waits { .. }), "{arrival:?}");
            assert!((many - 1..=sort).contains(&effort.compared), "{effort:?}");
            assert_eq!(effort.looked, 1);
        }
    }
}

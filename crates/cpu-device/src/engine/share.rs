//! The share of a device that an engine has: how many threads, and how much of the processors' time they use.
//!
//! A device has a thread for each multiprocessor, and a share of it is whole multiprocessors. NVIDIA's MPS rounds a percentage down
//! (`CUDA_MPS_ACTIVE_THREAD_PERCENTAGE`), on an H200 to pairs (of 132, 40% were 52 and 30% were 38), and so does this, to single ones; but one
//! there is always.
//!
//! On a machine with few processors one thread may be more than the share: 30% of two processors are six tenths of one. Its threads
//! then have a [`Ration`] of processor time, which comes as time passes, and who has used more than has come rests. That is looked
//! after between turns of warps ([`Pace`]), since a block may go on for as long as it likes.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use pillion_tenancy::Share;
use rustix::time::{ClockId, clock_gettime};

use super::exec::Launch;

/// For how long what nobody uses of a ration is kept: kernels shorter than that, with pauses, need no rest.
const KEPT: Duration = Duration::from_millis(10);
/// How often a thread looks what it has used.
const LOOK: Duration = Duration::from_micros(500);
/// How long a thread rests before it looks whether its launch has come to an end.
const NAP: Duration = Duration::from_millis(10);

/// How many of so many threads a share has.
pub(super) fn threads(whole: usize, share: Share) -> usize {
    let part = whole.saturating_mul(share.percent() as usize) / 100;
    part.max(1)
}

/// The processor time that the threads of an engine may use together.
#[derive(Debug)]
pub(super) struct Ration {
    /// In hundredths of the time that passes.
    rate: u32,
    began: Instant,
    /// The time from the beginning on that it takes for what has been used to come.
    paid: Mutex<Duration>,
}

impl Ration {
    /// That of a share of a device with so many threads on a machine with so many processors; `None` where the share's threads cannot
    /// use more than it anyway.
    pub(super) fn of(whole: usize, share: Share, processors: usize) -> Option<Ration> {
        let all = whole.min(processors).max(1);
        let rate = all.saturating_mul(share.percent() as usize);
        let most = threads(whole, share).min(processors).saturating_mul(100);
        (most > rate).then(|| Ration {
            rate: u32::try_from(rate).unwrap_or(u32::MAX),
            began: Instant::now(),
            paid: Mutex::default(),
        })
    }

    /// Notes that a thread has used so much, at this time from the beginning on, and tells until when it has to rest. That holds for
    /// this thread whatever others use meanwhile, so that none rests for ever.
    fn charge(&self, used: Duration, now: Duration) -> Duration {
        let mut paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        let from = now.saturating_sub(KEPT).max(*paid);
        *paid = from.saturating_add(used.saturating_mul(100) / self.rate);
        *paid
    }
}

/// What a thread does before each turn of a warp.
pub(crate) trait Pace {
    /// Rests, if it has to, while the launch goes on.
    fn before_turn(&mut self, launch: &Launch);
}

/// Never rests: without a ration there is nothing to be done, and it takes no instructions.
pub(super) struct Free;

impl Pace for Free {
    #[inline(always)]
    fn before_turn(&mut self, _: &Launch) {}
}

/// Keeps to a ration, which it has in common with the engine's other threads.
pub(super) struct Rationed {
    ration: Arc<Ration>,
    /// The thread's processor time so far as it has been charged.
    charged: Duration,
    /// When it is looked again.
    look: Instant,
}

impl Rationed {
    /// The pace of the thread that calls this.
    pub(super) fn new(ration: Arc<Ration>) -> Rationed {
        Rationed {
            look: ration.began,
            ration,
            charged: own_time(),
        }
    }
}

impl Pace for Rationed {
    fn before_turn(&mut self, launch: &Launch) {
        if Instant::now() < self.look {
            return;
        }
        let began = self.ration.began;
        let time = own_time();
        let used = time.saturating_sub(self.charged);
        self.charged = time;
        let until = self.ration.charge(used, began.elapsed());
        loop {
            let left = until.saturating_sub(began.elapsed());
            if left.is_zero() || launch.has_to_end() {
                break;
            }
            std::thread::sleep(left.min(NAP));
        }
        self.look = Instant::now() + LOOK;
    }
}

/// The processor time that this thread has used.
fn own_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(percent: u64) -> Share {
        Share::try_from(percent).unwrap()
    }

    #[test]
    fn a_share_is_whole_threads_rounded_down_and_at_least_one() {
        for (whole, percent, part) in [
            (132, 50, 66),
            (132, 30, 39),
            (132, 1, 1),
            (10, 99, 9),
            (10, 25, 2),
            (2, 75, 1),
            (2, 30, 1),
            (1, 1, 1),
            (7, 100, 7),
        ] {
            assert_eq!(
                threads(whole, share(percent)),
                part,
                "{percent}% of {whole}"
            );
        }
        for whole in 1..200 {
            for percent in 1..=100 {
                let part = threads(whole, share(percent as u64));
                let next = (part + 1) * 100;
                assert!(part == 1 || part * 100 <= whole * percent);
                assert!(next > whole * percent, "{percent}% of {whole} is {part}");
            }
        }
    }

    #[test]
    fn a_ration_is_where_threads_could_use_more_than_the_share() {
        let rate = |whole, percent, processors| {
            Ration::of(whole, share(percent), processors).map(|ration| ration.rate)
        };
        // A part of one processor.
        assert_eq!(rate(2, 30, 2), Some(60));
        assert_eq!(rate(1, 99, 1), Some(99));
        assert_eq!(rate(16, 5, 16), Some(80));
        // More threads than processors.
        assert_eq!(rate(8, 50, 2), Some(100));
        assert_eq!(rate(2, 50, 1), Some(50));
        // Few enough threads.
        assert_eq!(rate(2, 50, 2), None);
        assert_eq!(rate(2, 75, 2), None);
        assert_eq!(rate(16, 30, 16), None);
        assert_eq!(rate(2, 80, 64), None);
        // The whole device, whatever the machine.
        for (whole, processors) in [(1, 1), (8, 2), (2, 8), (usize::MAX, 3)] {
            assert_eq!(rate(whole, 100, processors), None);
        }
    }

    /// Threads that work whenever they may, each for so long at a time, over ten seconds. What they have used in each tenth of a
    /// second.
    fn hungry(ration: &Ration, threads: usize, turn: Duration) -> Vec<Duration> {
        let window = Duration::from_millis(100);
        let mut used = vec![Duration::ZERO; 100];
        let mut free = vec![Duration::ZERO; threads];
        loop {
            let next = (0..threads).min_by_key(|n| free[*n]).unwrap();
            let end = free[next] + turn;
            let number = (end.as_nanos() / window.as_nanos()) as usize;
            let Some(place) = used.get_mut(number) else {
                return used;
            };
            *place += turn;
            free[next] = ration.charge(turn, end).max(end);
        }
    }

    #[test]
    fn what_is_used_stays_within_the_ration_and_comes_to_it() {
        for (whole, percent, processors) in
            [(2, 30, 2), (2, 25, 2), (1, 99, 1), (8, 50, 2), (2, 1, 2)]
        {
            for micros in [100, 500, 3000] {
                let ration = Ration::of(whole, share(percent), processors).unwrap();
                let count = threads(whole, share(percent)).min(processors);
                let turn = Duration::from_micros(micros);
                let windows = hungry(&ration, count, turn);
                let rate = f64::from(ration.rate) / 100.0;
                let beside = KEPT.as_secs_f64() * rate + turn.as_secs_f64() * count as f64;
                for used in &windows {
                    let most = 0.1 * rate + beside;
                    assert!(used.as_secs_f64() <= most, "{used:?} of {most}");
                }
                let total: Duration = windows.iter().sum();
                let total = total.as_secs_f64();
                let all = 10.0 * rate;
                assert!(total <= all + beside, "{total} of {all}");
                // What is asked for and may be used is used.
                assert!(total >= all - beside - 0.1 * rate, "{total} of {all}");
            }
        }
    }

    #[test]
    fn who_pauses_enough_does_not_rest() {
        let ration = Ration::of(2, share(30), 2).unwrap();
        let (work, period) = (Duration::from_millis(5), Duration::from_millis(9));
        for n in 1..1000 {
            let now = period * n;
            assert!(ration.charge(work, now) <= now);
        }
        // What was not used long ago is not kept.
        let now = Duration::from_secs(3600);
        let until = ration.charge(Duration::from_millis(60), now);
        assert_eq!(until, now + Duration::from_millis(90));
    }
}

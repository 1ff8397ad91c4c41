//! How long to stay awake for what usually comes soon.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Whoever has nothing to do stays awake at least so long: to be woken costs about as much.
const LEAST: Duration = Duration::from_micros(50);
/// A side that waits for whoever comes sleeps through pauses that are usually longer than this.
const WORTH: Duration = Duration::from_micros(500);
/// A thread of the program that waits for an answer does through those that are longer than this. It would be awake all the time with
/// a GPU of its own. It has to bear more than the other side's [`WORTH`], and what it takes to wake that: where both sleep, each
/// measures how long it takes to wake the other, and takes that for the pause.
const WORTH_OF_ANSWERS: Duration = Duration::from_millis(2);
/// Of so many pauses that are slept through, one is waited through as long as it may be worth it: who sleeps measures how long he takes
/// to wake, too, which may be a millisecond on a machine that has little to do, and would go on sleeping for that reason alone.
const TRY: u32 = 8;
/// After so long in a pause the core is offered to others at every look: the one that is waited for may be among them, and would else
/// get it only when this thread's slice is over, which is milliseconds.
const OFFER: Duration = Duration::from_micros(10);
/// Where an offer takes longer than this, somebody took it who has work to do. A thread that is asleep gets a core at once when it is
/// woken, be it another; one that is awake waits until it has this one again.
const TAKEN: Duration = Duration::from_micros(100);
/// For so many pauses nobody stays awake after that: it may have been an interrupt.
const CROWDED: u32 = 4;
/// Each time that it comes again they are twice as many, up to so many.
const MOST_CROWDED: u32 = 256;
/// Shorter pauses are part of one burst, and say nothing of the next pause.
const BURST: Duration = Duration::from_micros(20);

/// Learns how long the pauses between one thing to do and the next usually are, and says after how long to go to sleep in one: never
/// at once, but not before what usually comes soon has come. Being woken takes some 50 µs of the other side's patience, a pause of a
/// program that is busy elsewhere often less than ten times that.
///
/// May be shared by threads, which then learn together.
#[derive(Debug)]
pub struct Spin {
    /// Nanoseconds; `u32::MAX` where there is no core to spare.
    usual: AtomicU32,
    /// Pauses that were slept through.
    slept: AtomicU32,
    /// Pauses for which the core is left to others.
    crowded: AtomicU32,
    /// For how many it was, the last time; 0 where the core was this thread's since.
    crowds: AtomicU32,
    worth: Duration,
}

impl Spin {
    /// For whoever waits for what there is to do. On one or two cores nobody stays awake, as he would be in the other side's way.
    #[must_use]
    pub fn new() -> Self {
        Self::for_cores(cores(), WORTH)
    }

    /// For threads of the program that wait for answers.
    #[must_use]
    pub fn of_answers() -> Self {
        Self::for_cores(cores(), WORTH_OF_ANSWERS)
    }

    fn for_cores(cores: usize, worth: Duration) -> Self {
        Self {
            usual: AtomicU32::new(if cores > 2 { 0 } else { u32::MAX }),
            slept: AtomicU32::new(0),
            crowded: AtomicU32::new(0),
            crowds: AtomicU32::new(0),
            worth,
        }
    }

    /// Whether to look again in a pause that has lasted since `since`, rather than sleep. Waits a little, or lets others have the core.
    #[must_use]
    pub fn stays_awake(&self, since: Instant) -> bool {
        let begun = Instant::now();
        let waited = begun - since;
        if waited >= self.limit() {
            return false;
        }
        if waited < OFFER {
            std::hint::spin_loop();
            return true;
        }
        std::thread::yield_now();
        let is_taken = begun.elapsed() > TAKEN;
        if is_taken {
            self.leave();
        }
        !is_taken
    }

    /// Others have work to do on this core.
    #[cold]
    fn leave(&self) {
        let pauses = (self.crowds.load(Ordering::Relaxed) * 2).clamp(CROWDED, MOST_CROWDED);
        self.crowds.store(pauses, Ordering::Relaxed);
        self.crowded.store(pauses, Ordering::Relaxed);
    }

    /// How long to stay awake in a pause.
    #[must_use]
    pub fn limit(&self) -> Duration {
        match self.usual.load(Ordering::Relaxed) {
            u32::MAX => Duration::ZERO,
            _ if self.crowded.load(Ordering::Relaxed) > 0 => OFFER,
            usual if u128::from(usual) > self.worth.as_nanos() => {
                match self.slept.load(Ordering::Relaxed) % TRY {
                    0 => self.worth,
                    _ => LEAST,
                }
            }
            usual => LEAST.max(Duration::from_nanos(u64::from(usual)) * 3),
        }
    }

    /// A pause has taken so long.
    pub fn learn(&self, pause: Duration) {
        let usual = self.usual.load(Ordering::Relaxed);
        if usual == u32::MAX || pause < BURST {
            return;
        }
        // Relaxed, as all of this: it is an estimate, and whoever comes last counts.
        let crowded = self.crowded.load(Ordering::Relaxed);
        if crowded > 0 {
            // What is slept through for another's sake says nothing.
            self.crowded.store(crowded - 1, Ordering::Relaxed);
            return;
        }
        let limit = self.limit();
        if pause > limit {
            self.slept.fetch_add(1, Ordering::Relaxed);
        } else {
            self.crowds.store(0, Ordering::Relaxed);
        }
        if pause <= limit && limit > LEAST && Duration::from_nanos(u64::from(usual)) > self.worth {
            // It has been tried, and pauses are shorter than they seemed.
            self.usual.store(pause.as_nanos() as u32, Ordering::Relaxed);
            return;
        }
        // Bounded, so that one long pause is soon forgotten.
        let pause = pause.min(self.worth * 2).as_nanos() as u32;
        // One that is long says less of the next than one that is short: it may be anything.
        let usual = if pause > usual {
            usual + (pause - usual) / 8
        } else {
            usual - (usual - pause) / 4
        };
        self.usual.store(usual, Ordering::Relaxed);
    }
}

impl Default for Spin {
    fn default() -> Self {
        Self::new()
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, |n| n.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(pauses: &[u64], times: usize) -> Duration {
        after_with(WORTH, pauses, times)
    }

    fn after_with(worth: Duration, pauses: &[u64], times: usize) -> Duration {
        let spin = Spin::for_cores(8, worth);
        for _ in 0..times {
            for pause in pauses {
                spin.learn(Duration::from_micros(*pause));
            }
        }
        spin.limit()
    }

    #[test]
    fn pauses_that_are_short_enough_are_waited_through() {
        assert_eq!(Spin::for_cores(8, WORTH).limit(), LEAST);
        assert!(after(&[200], 50) > Duration::from_micros(500));
        assert!(after(&[3, 1, 200, 2, 0, 5], 50) > Duration::from_micros(500));
        assert_eq!(after(&[10], 50), LEAST);
        // Not those that are long, nor for ever after there were some.
        assert_eq!(after(&[20_000], 50), LEAST);
        assert!(
            after(
                &[
                    20_000, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100
                ],
                9
            ) > Duration::from_micros(200)
        );
        for pause in [0, 30, 499, 501, 10_000_000] {
            assert!(after(&[pause], 200) <= WORTH * 3);
        }
    }

    /// As where a GPU has to do with somebody else now and then: what follows is waited through as before.
    #[test]
    fn one_long_wait_among_others_sends_nobody_to_sleep() {
        let program = Spin::for_cores(8, WORTH_OF_ANSWERS);
        let own = Duration::from_micros(1100);
        for _ in 0..50 {
            program.learn(Duration::from_millis(16));
            for _ in 0..4 {
                assert!(program.limit() > own);
                program.learn(own);
            }
        }
    }

    /// As over a socket, on a machine that takes its time to wake anybody.
    #[test]
    fn two_sides_that_wait_for_each_other_do_not_both_stay_asleep() {
        const WAKING: Duration = Duration::from_micros(1500);
        // More than everybody stays awake for.
        const WORK: Duration = Duration::from_micros(80);
        let server = Spin::for_cores(8, WORTH);
        let program = Spin::for_cores(8, WORTH_OF_ANSWERS);
        let asleep = |spin: &Spin, pause: Duration| {
            if pause > spin.limit() {
                WAKING
            } else {
                Duration::ZERO
            }
        };
        // Everything has taken long for a while.
        for spin in [&server, &program] {
            (0..50).for_each(|_| spin.learn(Duration::from_secs(2)));
        }
        let mut server_wakes = WAKING;
        let mut round = Duration::ZERO;
        for _ in 0..40 {
            let answer = server_wakes + Duration::from_micros(60);
            let program_wakes = asleep(&program, answer);
            program.learn(answer + program_wakes);
            let next = program_wakes + WORK;
            server_wakes = asleep(&server, next);
            server.learn(next + server_wakes);
            round = answer + next;
        }
        assert_eq!(round, WORK + Duration::from_micros(60));
    }

    #[test]
    fn a_core_that_others_need_is_left_to_them_for_a_while() {
        let spin = Spin::for_cores(8, WORTH);
        let own = Duration::from_micros(200);
        (0..50).for_each(|_| spin.learn(own));
        let usual = spin.limit();
        let left = || {
            let pauses = (0..).take_while(|_| {
                let leaves = spin.limit() == OFFER;
                assert!(!leaves || !spin.stays_awake(Instant::now() - OFFER));
                // Waking takes its time, which is not the pause's.
                if leaves {
                    spin.learn(Duration::from_millis(3));
                }
                leaves
            });
            pauses.count() as u32
        };
        for pauses in [4, 8, 16, 32, 64, 128, 256, 256] {
            spin.leave();
            assert_eq!(left(), pauses);
            assert_eq!(spin.limit(), usual);
        }
        // The core is this thread's again.
        spin.learn(own);
        spin.leave();
        assert_eq!(left(), CROWDED);
    }

    #[test]
    fn nobody_stays_awake_without_a_core_to_spare() {
        let spin = Spin::for_cores(2, WORTH);
        spin.learn(Duration::from_micros(100));
        assert_eq!(spin.limit(), Duration::ZERO);
    }
}

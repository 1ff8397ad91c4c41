//! How long to stay awake for what usually comes soon.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Whoever has nothing to do stays awake at least so long: to be woken costs about as much.
const LEAST: Duration = Duration::from_micros(50);
/// Pauses that are usually longer than this are slept through.
const WORTH: Duration = Duration::from_micros(500);
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
}

impl Spin {
    /// For this machine: on one or two cores nobody stays awake, as he would be in the other side's way.
    #[must_use]
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
        Self::for_cores(cores)
    }

    fn for_cores(cores: usize) -> Self {
        Self {
            usual: AtomicU32::new(if cores > 2 { 0 } else { u32::MAX }),
        }
    }

    /// How long to stay awake in a pause.
    #[must_use]
    pub fn limit(&self) -> Duration {
        match self.usual.load(Ordering::Relaxed) {
            u32::MAX => Duration::ZERO,
            usual if u128::from(usual) > WORTH.as_nanos() => LEAST,
            usual => LEAST.max(Duration::from_nanos(u64::from(usual)) * 3),
        }
    }

    /// A pause has taken so long.
    pub fn learn(&self, pause: Duration) {
        let usual = self.usual.load(Ordering::Relaxed);
        if usual == u32::MAX || pause < BURST {
            return;
        }
        // Bounded, so that one long pause is soon forgotten.
        let pause = pause.min(WORTH * 4).as_nanos() as u32;
        let usual = usual - usual / 8 + pause / 8;
        // Relaxed, and whoever comes last: it is an estimate.
        self.usual.store(usual, Ordering::Relaxed);
    }
}

impl Default for Spin {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(pauses: &[u64], times: usize) -> Duration {
        let spin = Spin::for_cores(8);
        for _ in 0..times {
            for pause in pauses {
                spin.learn(Duration::from_micros(*pause));
            }
        }
        spin.limit()
    }

    #[test]
    fn pauses_that_are_short_enough_are_waited_through() {
        assert_eq!(Spin::for_cores(8).limit(), LEAST);
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

    #[test]
    fn nobody_stays_awake_without_a_core_to_spare() {
        let spin = Spin::for_cores(2);
        spin.learn(Duration::from_micros(100));
        assert_eq!(spin.limit(), Duration::ZERO);
    }
}

//! Dense sessions: what they need besides a worker, and what becomes of them after a fault.
//!
//! Under MPS a fatal fault of one program breaks the contexts of others on its device, and new ones are refused until all of those have
//! left. So a worker reports what it comes to; the broker ends the session, and has the other dense workers look whether theirs is broken
//! as well, as one that does nothing would not find out. Only who is broken is ended. Meanwhile those who come wait; a worker that the
//! server still refuses is started again, and if that goes on for [`RECOVERY_LIMIT`], MPS itself is.

use std::ffi::OsString;
use std::time::{Duration, Instant};

use super::mps::{Condition, Mps};
use super::process::{self, State, Worker};
use crate::user::Other;
use crate::worker::said::Said;

/// How long workers may be refused by MPS after a fault, before it is started anew with all that it has.
const RECOVERY_LIMIT: Duration = Duration::from_secs(2);
/// How long a broken worker may take to end by itself: it says why to its client, and its contexts are gone.
const STOP_LIMIT: Duration = Duration::from_millis(500);
/// Between two looks at a daemon that starts.
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// Before a worker is started again that MPS has refused.
const PAUSE: Duration = Duration::from_millis(20);
/// How long MPS stays when no dense session is left: its server has a context on each device.
const STAYS: Duration = Duration::from_secs(60);
/// How often MPS may end, without having had a worker get ready in between, before those who wait are refused.
const TRIES: u32 = 3;

/// What dense sessions have in common.
#[derive(Default)]
pub struct DenseSessions {
    /// Nothing, where none was wanted so far.
    mps: Option<Mps>,
    /// Since when workers are refused.
    refused_since: Option<Instant>,
    /// No worker is started before this moment.
    not_before: Option<Instant>,
    /// How often it has failed in a row, and how the last time.
    failures: u32,
    failure: String,
    /// Since when there is nobody.
    unused_since: Option<Instant>,
    /// When to look at what starts.
    look_at: Option<Instant>,
}

impl DenseSessions {
    /// Whether a worker can be started now for somebody who waits for one.
    ///
    /// # Errors
    ///
    /// Why there will be none, as a sentence.
    pub fn is_ready(
        &mut self,
        workers: &[Worker],
        is_nvidia: bool,
        user: Option<&Other>,
        now: Instant,
    ) -> Result<bool, String> {
        self.unused_since = None;
        let breaks = |worker: &Worker| worker.sort.dense.is_some() && worker.fault.is_some();
        if workers.iter().any(breaks) || self.not_before.is_some_and(|at| now < at) {
            return Ok(false);
        }
        if self.failures >= TRIES {
            self.failures = 0;
            return Err(format!(
                "NVIDIA's MPS, by which dense sessions share a device, does not work: {}; the server's log has more with PILLION_LOG=debug",
                self.failure
            ));
        }
        let Some(program) = Mps::program(is_nvidia)? else {
            return Ok(true);
        };
        let mps = match &mut self.mps {
            Some(mps) => mps,
            None => self.mps.insert(Mps::start(&program, user, now)?),
        };
        let listens = mps.condition(now) == Condition::Listening;
        if !listens {
            // Should it be over already, that is found out then.
            self.look_at = Some(now + LOOK_EVERY);
        }
        Ok(listens)
    }

    /// What a worker is started with.
    pub fn environment(
        &self,
        dense: &process::Dense,
        devices: usize,
    ) -> Vec<(&'static str, OsString)> {
        let mps = self.mps.as_ref();
        mps.map(|mps| mps.environment(dense, devices))
            .unwrap_or_default()
    }

    /// Looks after workers that have reported something, and after MPS.
    pub fn attend(&mut self, workers: &mut [Worker], now: Instant) {
        self.look_at = None;
        self.not_before = self.not_before.filter(|at| now < *at);
        let dense = workers
            .iter_mut()
            .filter(|worker| worker.sort.dense.is_some());
        if let Some(mps) = &mut self.mps
            && let Condition::Over(how) = mps.condition(now)
        {
            tracing::error!("NVIDIA's MPS is not there any more: {how}");
            let why = format!(
                "NVIDIA's MPS, by which dense sessions share a device, is not there any more: {how}"
            );
            dense.for_each(|worker| end(worker, &why, now));
            return self.failed(how, now);
        }
        let mut is_new = false;
        for worker in dense {
            if let (Some(_), Some(status)) = (worker.serving(), worker.fault) {
                is_new = true;
                let why = format!(
                    "it came to the CUDA error {status} on a device that it shares with other dense sessions, of which one had a fault"
                );
                end(worker, &why, now);
            }
        }
        if is_new {
            ask(workers, now);
        }
    }

    /// A worker has ended before it was ready, by an error of the device's: another one will be started for who waits.
    pub fn worker_failed(&mut self, workers: &mut [Worker], status: u32, now: Instant) {
        self.not_before = Some(now + PAUSE);
        let since = *self.refused_since.get_or_insert(now);
        if now.duration_since(since) < RECOVERY_LIMIT {
            // Somebody may be broken and not know it.
            return ask(workers, now);
        }
        let how = format!(
            "it has refused workers for {} seconds (CUDA error {status})",
            RECOVERY_LIMIT.as_secs()
        );
        tracing::error!("NVIDIA's MPS is started anew: {how}");
        let why = format!(
            "NVIDIA's MPS, by which dense sessions share a device, was started anew: {how}"
        );
        let dense = workers.iter_mut();
        let dense = dense.filter(|worker| worker.sort.dense.is_some());
        dense.for_each(|worker| end(worker, &why, now));
        self.failed(how, now);
    }

    /// A worker has got ready.
    pub fn worker_works(&mut self) {
        self.refused_since = None;
        self.failures = 0;
    }

    /// There is no dense session, and nobody waits for one.
    pub fn is_unused(&mut self, now: Instant) {
        let since = *self.unused_since.get_or_insert(now);
        if now.duration_since(since) >= STAYS && self.mps.take().is_some() {
            tracing::info!("NVIDIA's MPS ends, as there are no dense sessions");
        }
    }

    /// When something has to be done though nothing happens.
    pub fn attend_at(&self) -> Option<Instant> {
        let unused = self.unused_since.filter(|_| self.mps.is_some());
        let unused = unused.map(|since| since + STAYS);
        [self.not_before, unused, self.look_at]
            .into_iter()
            .flatten()
            .min()
    }

    /// MPS is over, or of no use.
    fn failed(&mut self, how: String, now: Instant) {
        self.mps = None;
        self.refused_since = None;
        self.failures += 1;
        self.failure = how;
        self.not_before = Some(now + PAUSE);
    }
}

/// Has dense workers look whether what they have on the device is broken. Those without a session are not asked.
fn ask(workers: &mut [Worker], now: Instant) {
    let dense = workers.iter_mut();
    for worker in dense.filter(|worker| worker.sort.dense.is_some()) {
        match worker.state {
            State::Serving(_) => worker.say(&Said::Look),
            State::Ready => end(worker, "", now),
            State::Starting | State::Stopping(_) => {}
        }
    }
}

/// Nobody begins before it is gone.
fn end(worker: &mut Worker, why: &str, now: Instant) {
    worker.fault.get_or_insert(0);
    match worker.state {
        State::Serving(_) => worker.end(why, now + STOP_LIMIT),
        _ => worker.stop(now),
    }
}

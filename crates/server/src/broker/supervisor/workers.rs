//! How many workers of which sort there are to be, and their start.

use std::time::{Duration, Instant};

use super::super::arbiter::Arbiter;
use super::super::greeting::Candidate;
use super::super::process::{Sort, Start, State, Worker};
use super::{Pool, STOP_LIMIT};
use crate::worker::{Ahead, Device};

/// How long a session that has just begun has the device to itself before the next worker is started ahead of its client. To load the
/// driver and make a context takes locks that a program needs at its start: PyTorch's first tensor took 56 ms beside that, and 34
/// without. Not longer: short programs that follow each other are to find a worker too.
const SETTLING: Duration = Duration::from_millis(100);
/// Pause after the first worker that could not start; doubled for each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// Longest such pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

impl Pool {
    /// Starts workers for those who wait, and for those who will come.
    pub(super) fn refill(&mut self) {
        if self.draining.is_some() {
            return;
        }
        let dense_start = self.prepare_dense(Instant::now());
        loop {
            let starting = self.count(|state| matches!(state, State::Starting));
            if starting >= self.at_once || Instant::now() < self.not_before {
                break;
            }
            // First for those who wait.
            let mut sorts = self.queue.iter().map(|candidate| &candidate.sort);
            let can_start = |sort: &Sort| dense_start || sort.dense.is_none();
            if let Some(sort) = sorts.find(|sort| can_start(sort) && self.is_short_of(sort)) {
                let sort = sort.clone();
                self.spawn(sort);
            } else if self.settled_at().is_some() {
                break;
            } else if self.is_short_of(&Sort::ANY) {
                self.spawn(Sort::ANY);
            } else if self.is_short_of(&Sort::ASKING) {
                self.spawn(Sort::ASKING);
            } else if self.is_short_of(&Sort::NETWORKED) {
                self.spawn(Sort::NETWORKED);
            } else {
                break;
            }
        }
        // Nobody else can use a worker that sees what one client wanted.
        for index in 0..self.workers.len() {
            let worker = &self.workers[index];
            if matches!(worker.state, State::Starting | State::Ready)
                && !worker.sort.is_usual()
                && self.coming(&worker.sort) > self.wanted(&worker.sort)
            {
                self.workers[index].stop(Instant::now() + STOP_LIMIT);
            }
        }
    }

    /// Whether there will be fewer workers of that sort than are needed.
    pub(super) fn is_short_of(&self, sort: &Sort) -> bool {
        self.coming(sort) < self.wanted(sort)
    }

    /// How many workers there will be of that sort.
    fn coming(&self, sort: &Sort) -> usize {
        let idle = |worker: &&Worker| matches!(worker.state, State::Starting | State::Ready);
        let workers = self.workers.iter().filter(idle);
        workers.filter(|worker| worker.sort == *sort).count()
    }

    /// Until when a session is being left alone, if one is.
    pub(super) fn settled_at(&self) -> Option<Instant> {
        let begun = self.workers.iter().filter_map(|worker| match worker.state {
            State::Serving(ref served) => Some(served.since + SETTLING),
            _ => None,
        });
        begun.max().filter(|settled| Instant::now() < *settled)
    }

    /// How many are needed: for those who wait, and for who will come. Programs like PyTorch ask NVML about the devices before they
    /// use one, and nobody asks for long, so one worker for that is enough.
    fn wanted(&self, sort: &Sort) -> usize {
        let waiting = self.queue.iter();
        let waiting = waiting.filter(|candidate| candidate.sort == *sort).count();
        let is = |usual: Sort| *sort == usual;
        let ready = match () {
            () if is(Sort::ANY) => self.limits.warm,
            () if is(Sort::ASKING) && self.makes_contexts() => self.limits.warm.min(1),
            () if is(Sort::NETWORKED) && self.limits.networked => self.limits.warm.min(1),
            () => 0,
        };
        waiting + ready
    }

    /// Whether workers make contexts ahead, which are worth keeping for those who use them. On the CPU device they are nothing, unless
    /// somebody says so.
    pub(super) fn makes_contexts(&self) -> bool {
        match self.limits.warm_memory {
            None => matches!(self.device, Device::Nvidia),
            Some(memory) => memory > 0,
        }
    }

    /// Some of the server's devices, as the `CUDA_VISIBLE_DEVICES` of a worker names them: by what the server's own names them, if
    /// there is one.
    fn list(&self, only: &[usize]) -> String {
        let own = std::env::var("CUDA_VISIBLE_DEVICES").ok();
        let own: Vec<&str> = own.iter().flat_map(|list| list.split(',')).collect();
        let word = |index: &usize| match own.get(*index) {
            Some(word) => word.trim().to_string(),
            None => index.to_string(),
        };
        only.iter().map(word).collect::<Vec<_>>().join(",")
    }

    pub(super) fn spawn(&mut self, sort: Sort) {
        let list = sort.seen.as_ref().map(|only| self.list(only));
        let ahead = Ahead {
            workers: self.limits.warm,
            memory: match sort.only_asks {
                true => Some(0),
                false => self.limits.warm_memory,
            },
        };
        let mps = sort.dense.map(|dense| {
            let seen = sort.seen.as_ref().map(Vec::len);
            let devices = seen.unwrap_or(self.places.devices().len());
            self.dense.environment(&dense, devices)
        });
        // A worker can only be allowed a folder that is there; somebody may have removed it.
        if let Some(cache) = &self.limits.cache {
            let _ = match self.places.devices().is_empty() {
                // Whom it is to belong to is not certain yet.
                true => cache.make(),
                false => cache.prepare(&self.limits.rights()),
            };
        }
        let takes_turns = self.limits.sharing.turns && sort.dense.is_none();
        if takes_turns && self.arbiter.is_none() {
            match Arbiter::start(self.limits.sharing.into()) {
                Ok(arbiter) => self.arbiter = Some(arbiter),
                Err(error) => tracing::error!("there are no turns: {error}"),
            }
        }
        let started = Worker::spawn(Start {
            program: &self.limits.program,
            device: self.device,
            ahead,
            sort,
            list,
            mps: mps.unwrap_or_default(),
            cache: self.limits.cache.as_ref(),
            user: self.limits.user.as_ref(),
            sandbox: self.limits.sandbox,
            takes_turns,
            quiet: self.quiet,
        });
        match started {
            Ok(worker) => {
                tracing::debug!(worker = worker.pid(), "worker starts");
                self.workers.push(worker);
            }
            Err(error) => {
                let program = self.limits.program.display();
                self.failed(format!("cannot start {program} worker: {error}"));
            }
        }
    }

    /// A worker has ended before it served.
    pub(super) fn failed(&mut self, reason: String) {
        let pause = FIRST_PAUSE
            .saturating_mul(1 << self.failures.min(16))
            .min(LONGEST_PAUSE);
        self.failures = self.failures.saturating_add(1);
        self.not_before = Instant::now() + pause;
        if !self.quiet {
            tracing::error!(
                pause_ms = pause.as_millis(),
                "a worker did not start: {reason}"
            );
        }
        self.last_failure = Some(reason);
    }

    /// Makes ready what workers of dense sessions need, if somebody waits for one. Answers whether they can start.
    fn prepare_dense(&mut self, now: Instant) -> bool {
        let waits = |candidate: &Candidate| candidate.sort.dense.is_some();
        if !self.queue.iter().any(waits) {
            let mut workers = self.workers.iter();
            if !workers.any(|worker| worker.sort.dense.is_some()) {
                self.dense.is_unused(now);
            }
            return false;
        }
        let is_nvidia = matches!(self.device, Device::Nvidia);
        let user = self.limits.user.as_ref();
        match self.dense.is_ready(&self.workers, is_nvidia, user, now) {
            Ok(is_ready) => is_ready,
            Err(reason) => {
                self.refuse_those(&reason, waits);
                false
            }
        }
    }
}

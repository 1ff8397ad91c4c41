//! How long the device has had something of this session to do.
//!
//! A stretch begins with the first command that uses a stream and ends when all that was issued is known to be done. Mostly the
//! program's own waits show that. Who issues much and waits seldom is asked after besides, a thousand times in a second at most: whether
//! its streams are idle. Nothing is put into them for that, which the program would see when it asks the same.

use std::time::{Duration, Instant};

use pillion_cuda_abi::types::CUstream;

use super::{CUresult, Control, Place, Session, Waiting, What};

/// How often to look, unless there are many streams to look at.
const EVERY: Duration = Duration::from_millis(1);
/// How often the broker is shown the account.
const SHOWN_EVERY: Duration = Duration::from_millis(10);
/// Streams that are looked at so often; with twice as many, half as often.
const STREAMS: u32 = 8;

#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Meter {
    /// Since when the device has had something to do that is not counted yet.
    since: Option<Instant>,
    /// Since when without a pause.
    began: Option<Instant>,
    /// When it is looked whether it still has.
    next: Option<Instant>,
    /// When the broker is shown the account.
    shown: Option<Instant>,
    /// Since when the broker has been shown that there is nothing to do, if it has.
    idle: Option<Instant>,
}

impl Meter {
    /// Whether the device has something to do, as far as is known.
    pub(super) fn is_running(&self) -> bool {
        self.since.is_some()
    }
}

impl Session {
    /// After something was done, at this moment.
    pub(super) fn measure(&mut self, now: Instant) {
        if std::mem::take(&mut self.handles.issued) && self.meter.since.is_none() {
            self.meter.since = Some(now);
            self.meter.began = Some(now);
            self.meter.next = Some(now + EVERY);
        }
        if self.meter.next.is_some_and(|next| now >= next) {
            self.look(now);
        }
        if self.meter.shown.is_none_or(|at| now >= at) {
            self.meter.shown = Some(now + SHOWN_EVERY);
            self.show_idle(None);
            self.publish();
            self.is_called = self.control.as_ref().is_some_and(Control::any);
        }
    }

    /// Before the loop sleeps, perhaps for long, which has had nothing to do since then. Answers for how long it may, at most.
    pub(super) fn measure_before_sleep(&mut self, idle_since: Instant) -> Option<Duration> {
        if self.meter.since.is_some() && self.waits.is_empty() {
            let now = Instant::now();
            self.look(now);
            if let Some(began) = self.meter.began {
                // The longer it lasts, the less a moment counts.
                let passed = now.saturating_duration_since(began);
                self.show_idle(None);
                return Some((passed / 64).clamp(Duration::from_micros(20), EVERY));
            }
        }
        if self.waits.is_empty() {
            self.show_idle(Some(idle_since));
            self.publish();
        }
        None
    }

    /// Shows the broker since when there is nothing to do, or that there is something.
    fn show_idle(&mut self, since: Option<Instant>) {
        if let Some(page) = self.page.as_ref().filter(|_| self.meter.idle != since) {
            page.set_idle(since);
            self.meter.idle = since;
        }
    }

    /// Shows the broker what has been used.
    pub(super) fn publish(&self) {
        if let Some(page) = &self.page {
            page.write(&self.account);
        }
    }

    /// Looks whether all that has been issued is done.
    pub(super) fn look(&mut self, now: Instant) {
        if self.meter.since.is_none() {
            return;
        }
        let mut streams = 0;
        // Who waits for a whole context has an event behind all of its streams, which no longer count as used.
        let mut busy = self.waits.iter().any(|wait| wait.whole);
        // To ask while a stream captures may end the capture: for so long the device counts as busy.
        if !self.handles.captures
            && let Some(ask) = self.table.cuStreamQuery
        {
            let contexts = self.handles.contexts.iter();
            let places = contexts.flat_map(|(context, state)| {
                let streams = state.dirty.iter();
                streams.map(|stream| Place {
                    context: *context,
                    stream: *stream,
                })
            });
            for place in places {
                if busy {
                    break;
                }
                streams += 1;
                // A stream that is broken has nothing to do any more.
                let asked = self.handles.within(place.context, || {
                    // SAFETY: a live stream, in its context.
                    Ok(unsafe { ask(place.stream as CUstream) })
                });
                busy = asked == Ok(CUresult::CUDA_ERROR_NOT_READY);
            }
        } else {
            busy = true;
        }
        let began = self.meter.began;
        self.count_busy(now);
        if busy {
            self.meter = Meter {
                since: Some(now),
                began,
                next: Some(now + EVERY * (1 + streams / STREAMS)),
                ..self.meter
            };
        }
    }

    /// A wait has come to its end.
    pub(super) fn count_wait(&mut self, wait: &Waiting, status: CUresult) {
        if !matches!(
            wait.what,
            What::Answer(_) | What::Completed(_) | What::Data { .. }
        ) {
            return;
        }
        let now = Instant::now();
        if matches!(wait.what, What::Answer(_) | What::Completed(_)) {
            self.account.waited(now - wait.since);
        }
        self.count_error(status);
        if self.covers_all(wait) || status != super::OK {
            self.handles.issued = false;
            self.count_busy(now);
        }
    }

    /// Whether what was waited for was the last of all streams: they are one, or it was all of them.
    fn covers_all(&self, wait: &Waiting) -> bool {
        let mut streams = 0;
        for (context, state) in &self.handles.contexts {
            if !(wait.whole && wait.context == *context) {
                streams += state.dirty.len();
            }
        }
        wait.behind == Some(self.account.commands)
            && match wait.whole {
                true => streams == 0,
                false => streams <= 1,
            }
    }

    /// Counts what has passed of a stretch, which has come to its end.
    fn count_busy(&mut self, now: Instant) {
        if let Some(since) = self.meter.since.take() {
            let passed = now.saturating_duration_since(since);
            self.account.busy += u64::try_from(passed.as_nanos()).unwrap_or(0);
        }
        (self.meter.began, self.meter.next) = (None, None);
    }
}

//! Whose turn it is to give work to a GPU that several sessions share in time. One [`Turns`] for each GPU.
//!
//! A session that has work asks, and holds the turn once it is granted. One that nobody else waits for holds it without limit and need not
//! say anything. One that is granted the turn while others wait ([`Action::Grant::alone`] is false) gives it back when it has no more work;
//! everybody does when told to ([`Action::Yield`]), as soon as what it has already given the device is done.
//!
//! # The rules
//!
//! * **By weight.** Each session has a clock that goes by the time that the device was denied to others for it, divided by its weight. The
//!   turn goes to the clock that is furthest behind (start-time fair queueing). What counts is the time for which the turn was held while
//!   somebody else wanted it, and before that the time that the device was busy for the session, as it measured it. So who holds the turn
//!   and does nothing pays for it as well.
//! * **A tenant's sessions share its weight**: the clock of each goes as many times faster as there are of them that ask or hold.
//! * **At the end of a quantum** the holder is told to yield if somebody else would be next. It is not disturbed if it would be next itself.
//!   What it overruns, it has to pay: its clock goes on until it gives the turn back.
//! * **Who was idle** begins with the clock of those who are furthest behind, less one quantum. More cannot be saved. So who uses less than
//!   its share is next as soon as it asks. Those are who ask or hold; for who was idle for longer than half a quantum also who did so that
//!   lately: what they used while nobody else wanted it, they do not owe.
//! * **A short pause is none.** Programs wait for what they have given the device, and take a moment before they give it more. By then somebody
//!   else asks, and if the turn went there at once, all would take turns one by one, whatever their weights. So who says that it will ask
//!   within half a quantum ([`After::Pause`]) and is owed the turn more than whoever asks is waited for until then, and pays for that time as
//!   if the device had been busy. If it comes by then, it keeps what it is owed.
//! * **A turn may be given back before the device is done**, by who knows how long it will take ([`Returned::ahead`]), so that the next one is
//!   ready when it is. It pays for that time as if it had held the turn, and the next one does not. If it took longer, it pays for that the
//!   next time ([`Returned::late`]).
//! * **Classes.** A higher [`Class`] goes first among those whose clocks are at most one of their own quanta before the one furthest behind.
//!   So it waits less, and gets no more: it is ahead of its weight by two quanta and what it overran.
//! * **Who does not yield** within [`Settings::grace`] loses the turn. It runs away: it neither holds nor waits until it gives back, the
//!   device does its work beside that of others, and its clock has gone on meanwhile.
//! * **Nobody waits for nothing**: while somebody asks, somebody holds the turn or is waited for.
//! * When nobody has held it and nobody has asked for half a quantum, all debts are forgiven.
//!
//! # Bounds
//!
//! Of two sessions that always have work, neither is ever further from its part than one overrun and two quanta of either: with kernels of up
//! to L (and no more than one given to the device at a time after the end of a quantum), that is 2 (L + quantum), over any length of time. A
//! session that uses less than its share, a quantum at a time at most, waits no longer than one quantum and one overrun of the holder, and a
//! quantum and overrun of each other such session that asks at the same time. An overrun counts at most [`Settings::grace`].
//!
//! # What it costs
//!
//! With n sessions, an event and an action are O(n). Nothing is allocated but by [`Turns::join`].

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::{Class, Session, Tenant, Weight};

const HOUR: Duration = Duration::from_secs(3600);

/// How long turns are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// For how long a session has the turn, if others want it: from a tenth of a millisecond to an hour.
    pub quantum: Duration,
    /// How long one that was told to yield may take before the next goes beside it: an hour at most.
    pub grace: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            quantum: Duration::from_millis(4),
            grace: Duration::from_millis(250),
        }
    }
}

impl Settings {
    /// For how long one may want nothing and not count as idle: what that costs the others is little beside what a turn does.
    #[must_use]
    pub fn pause(self) -> Duration {
        self.quantum / 2
    }

    fn bounded(self) -> Self {
        Settings {
            quantum: self.quantum.clamp(Duration::from_micros(100), HOUR),
            grace: self.grace.min(HOUR),
        }
    }
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The session may give the device work.
    Grant {
        /// Which.
        session: Session,
        /// Nobody else asks: it may hold the turn until it is told to yield. Otherwise it gives it back when it has no more work.
        alone: bool,
    },
    /// The session is to give the device nothing more, and to give the turn back when that has done what it has.
    Yield(Session),
}

/// What a session that gives the turn back will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum After {
    /// It has more work, and asks.
    Again,
    /// It will probably ask within this time. More than half a quantum is as good as nothing.
    Pause(Duration),
    /// Nobody knows.
    Nothing,
}

/// What a session says that gives the turn back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Returned {
    /// For how long the device was busy for it since it was granted.
    pub busy: Duration,
    /// For how long it will go on: half a quantum counts at most.
    pub ahead: Duration,
    /// For how long it went on beyond what was said the last time: [`Settings::grace`] counts at most.
    pub late: Duration,
    /// What the session will do then.
    pub after: After,
}

impl Returned {
    /// The device has nothing of it to do.
    #[must_use]
    pub fn idle(busy: Duration, after: After) -> Self {
        Returned {
            busy,
            ahead: Duration::ZERO,
            late: Duration::ZERO,
            after,
        }
    }
}

/// Who may give work to a GPU.
///
/// After every event, and when [`next_at`](Self::next_at) says so, call [`act`](Self::act) until there is nothing to do. Time does not go
/// back: an earlier moment counts as the latest so far. What is said of a session that has not joined is not heard: it may have left while
/// that was on its way.
#[derive(Debug)]
pub struct Turns {
    settings: Settings,
    parties: BTreeMap<Session, Party>,
    holder: Option<Holder>,
    /// How many ask.
    asking: usize,
    /// Where who comes next begins if nobody is there to compare with.
    clock: Clock,
    /// Until when the device does what the last holder has given it, as that one said.
    taken_until: Instant,
    /// Since when nobody has held it and nobody has asked.
    quiet_since: Option<Instant>,
    now: Instant,
}

#[derive(Debug)]
struct Party {
    tenant: Tenant,
    weight: Weight,
    class: Class,
    clock: Clock,
    state: State,
    /// When it had the turn last.
    had: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Idle,
    Asks {
        since: Instant,
        /// Its clock has to be set by the holder's, who alone knows what that is.
        is_open: bool,
    },
    /// It will probably ask before that moment.
    Pauses {
        until: Instant,
        /// Since when somebody else waits for it.
        waited_for: Option<Instant>,
    },
    Holds,
    /// It has lost the turn and still uses the device.
    RunsAway {
        /// Since when, and with which clock it began.
        since: Instant,
        start: Clock,
    },
}

#[derive(Debug)]
struct Holder {
    session: Session,
    since: Instant,
    /// Its clock then.
    start: Clock,
    /// For how long others have waited meanwhile, and since when they do now.
    wanted: Duration,
    wanted_since: Option<Instant>,
    /// Nobody waited for some of the time, so only it knows what it has used.
    was_alone: bool,
    /// When it is looked whether another is next.
    until: Instant,
    /// When it was told to yield.
    told: Option<Instant>,
}

impl Holder {
    /// How long others have waited for it.
    fn denied(&self, now: Instant) -> Duration {
        let since = |at| now.saturating_duration_since(at);
        self.wanted + self.wanted_since.map_or(Duration::ZERO, since)
    }
}

/// Time by weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Clock(u128);

impl Clock {
    /// Far from 0, so that there is room for credit.
    const BEGIN: Clock = Clock(1 << 80);

    fn plus(self, time: Duration, weight: Weight) -> Self {
        Clock(self.0 + Self::width(time, weight))
    }

    fn minus(self, time: Duration, weight: Weight) -> Self {
        Clock(self.0.saturating_sub(Self::width(time, weight)))
    }

    fn width(time: Duration, weight: Weight) -> u128 {
        (time.as_nanos() << 16) / u128::from(weight.get())
    }
}

impl Turns {
    /// Nobody is there.
    #[must_use]
    pub fn new(settings: Settings, now: Instant) -> Self {
        Turns {
            settings: settings.bounded(),
            parties: BTreeMap::new(),
            holder: None,
            asking: 0,
            clock: Clock::BEGIN,
            taken_until: now,
            quiet_since: None,
            now,
        }
    }

    /// Turns are as long as this says from now on.
    pub fn set(&mut self, settings: Settings) {
        self.settings = settings.bounded();
    }

    /// A session of `tenant`'s comes to the GPU, or has another weight or class from now on.
    pub fn join(&mut self, session: Session, tenant: Tenant, weight: Weight, class: Class) {
        let party = self.parties.entry(session).or_insert(Party {
            tenant: tenant.clone(),
            weight,
            class,
            clock: Clock(0),
            state: State::Idle,
            had: None,
        });
        (party.tenant, party.weight, party.class) = (tenant, weight, class);
    }

    /// A session has left the GPU, whatever it was doing.
    pub fn left(&mut self, session: Session, now: Instant) {
        self.now = self.now.max(now);
        match self.parties.get(&session).map(|party| party.state) {
            Some(State::Holds) => self.end(Duration::ZERO, Duration::ZERO),
            Some(State::Asks { .. }) => self.asks_no_more(),
            _ => {}
        }
        self.parties.remove(&session);
        self.note_quiet();
    }

    /// A session has work and wants the turn. It hears of it by [`Action::Grant`]; to ask twice changes nothing, nor does it if the turn is
    /// there already.
    pub fn ask(&mut self, session: Session, now: Instant) {
        self.now = self.now.max(now);
        let now = self.now;
        match self.parties.get(&session).map(|party| party.state) {
            Some(State::Idle) => self.forgive(),
            Some(State::Pauses { until, waited_for }) => {
                self.forgive();
                self.end_pause(session, now);
                if waited_for.is_some() && now < until {
                    // All that it is owed is still so.
                    let clock = self.parties[&session].clock;
                    return self.set_asking(session, clock, false);
                }
            }
            _ => return,
        }
        let Some(party) = self.parties.get(&session) else {
            return;
        };
        let is_open = self.holder.as_ref().is_some_and(|holder| holder.was_alone);
        let clock = match is_open {
            true => party.clock,
            false => self.entry(party, self.behind(party)),
        };
        self.set_asking(session, clock, is_open);
        if let Some(holder) = &mut self.holder {
            holder.wanted_since.get_or_insert(now.max(holder.since));
        }
    }

    /// A session gives the turn back.
    pub fn released(&mut self, session: Session, returned: Returned, now: Instant) {
        self.now = self.now.max(now);
        let Returned {
            busy,
            ahead,
            late,
            after,
        } = returned;
        let sharers = self.sharers(session);
        let grace = self.settings.grace;
        let Some(party) = self.parties.get_mut(&session) else {
            return;
        };
        match party.state {
            State::Holds => {
                self.end(busy, ahead.min(self.settings.pause()));
                if let Some(party) = self.parties.get_mut(&session) {
                    party.clock = party.clock.plus(late.min(grace) * sharers, party.weight);
                }
            }
            State::RunsAway { since, start } => {
                // No device is busy for longer than the time that has passed.
                let busy = busy.min(self.now.saturating_duration_since(since));
                party.clock = party.clock.max(start.plus(busy * sharers, party.weight));
                party.state = State::Idle;
                if after == After::Again {
                    return self.ask(session, now);
                }
            }
            State::Idle | State::Asks { .. } | State::Pauses { .. } => return,
        }
        match after {
            After::Again => {
                // It was not idle, so nothing is to be set.
                let clock = self.parties[&session].clock;
                self.set_asking(session, clock, false);
            }
            After::Pause(time) if time <= self.settings.pause() => {
                let until = self.now + time;
                if let Some(party) = self.parties.get_mut(&session) {
                    party.state = State::Pauses {
                        until,
                        waited_for: None,
                    };
                }
            }
            After::Pause(_) | After::Nothing => {}
        }
        self.note_quiet();
    }

    /// The next thing to do, if there is one.
    pub fn act(&mut self, now: Instant) -> Option<Action> {
        self.now = self.now.max(now);
        let now = self.now;
        if self.asking == 0 {
            return None;
        }
        if let Some(holder) = &self.holder {
            match holder.told {
                None if now < holder.until => return None,
                None => {
                    let is_next = !holder.was_alone && self.would_be_next(holder);
                    let quantum = self.settings.quantum;
                    let holder = self.holder.as_mut()?;
                    if is_next {
                        holder.until = now + quantum;
                        return None;
                    }
                    holder.told = Some(now);
                    return Some(Action::Yield(holder.session));
                }
                Some(told) if now < told + self.settings.grace => return None,
                Some(_) => {
                    let (session, since, start) = (holder.session, holder.since, holder.start);
                    self.end(Duration::ZERO, Duration::ZERO);
                    let party = self.parties.get_mut(&session)?;
                    party.state = State::RunsAway { since, start };
                }
            }
        }
        let session = self.next()?;
        if self.waits_for_other(session) {
            return None;
        }
        let party = self.parties.get_mut(&session)?;
        party.state = State::Holds;
        let start = party.clock;
        self.clock = self.clock.max(start);
        self.asking -= 1;
        let alone = self.asking == 0;
        let since = now.max(self.taken_until);
        self.holder = Some(Holder {
            session,
            since,
            start,
            wanted: Duration::ZERO,
            wanted_since: (!alone).then_some(since),
            was_alone: alone,
            until: since + self.settings.quantum,
            told: None,
        });
        Some(Action::Grant { session, alone })
    }

    /// When there will be something to do, if nothing happens before.
    #[must_use]
    pub fn next_at(&self, now: Instant) -> Option<Instant> {
        let now = self.now.max(now);
        let at = match &self.holder {
            _ if self.asking == 0 => return None,
            None => self.waited_until().unwrap_or(now),
            Some(Holder {
                told: Some(told), ..
            }) => *told + self.settings.grace,
            Some(holder) => holder.until,
        };
        Some(at.max(now))
    }

    /// Who holds the turn.
    #[must_use]
    pub fn holder(&self) -> Option<Session> {
        self.holder.as_ref().map(|holder| holder.session)
    }

    /// Whether a session did not yield, and uses the device without the turn.
    #[must_use]
    pub fn runs_away(&self, session: Session) -> bool {
        let party = self.parties.get(&session);
        party.is_some_and(|party| matches!(party.state, State::RunsAway { .. }))
    }

    fn set_asking(&mut self, session: Session, clock: Clock, is_open: bool) {
        let since = self.now;
        if let Some(party) = self.parties.get_mut(&session) {
            party.clock = clock;
            party.state = State::Asks { since, is_open };
            self.asking += 1;
        }
    }

    /// Whether somebody who pauses is owed the turn more than who would be next, and so waited for.
    fn waits_for_other(&mut self, next: Session) -> bool {
        let now = self.now;
        let over = self.parties.iter().filter(
            |(_, party)| matches!(party.state, State::Pauses { until, .. } if until <= now),
        );
        for session in over.map(|(session, _)| *session).collect::<Vec<_>>() {
            self.end_pause(session, now);
        }
        let Some(next) = self.parties.get(&next) else {
            return false;
        };
        let (class, clock) = (next.class, next.clock);
        let owed = self.parties.values_mut().filter(|party| {
            matches!(party.state, State::Pauses { .. })
                && (Reverse(party.class), party.clock) < (Reverse(class), clock)
        });
        let Some(party) = owed.min_by_key(|party| (Reverse(party.class), party.clock)) else {
            return false;
        };
        if let State::Pauses { waited_for, .. } = &mut party.state {
            waited_for.get_or_insert(now);
        }
        true
    }

    /// Until when somebody is waited for.
    fn waited_until(&self) -> Option<Instant> {
        let waited = self.parties.values().filter_map(|party| match party.state {
            State::Pauses {
                until,
                waited_for: Some(_),
            } => Some(until),
            _ => None,
        });
        waited.min()
    }

    /// A session's pause is over. If it was waited for, it pays for that.
    fn end_pause(&mut self, session: Session, now: Instant) {
        let sharers = self.sharers(session);
        let Some(party) = self.parties.get_mut(&session) else {
            return;
        };
        if let State::Pauses { until, waited_for } = party.state {
            if let Some(since) = waited_for {
                let waited = now.min(until).saturating_duration_since(since);
                party.clock = party.clock.plus(waited * sharers, party.weight);
            }
            party.state = State::Idle;
        }
    }

    fn asks_no_more(&mut self) {
        self.asking -= 1;
        let now = self.now;
        if self.asking == 0
            && let Some(holder) = &mut self.holder
        {
            holder.wanted = holder.denied(now);
            holder.wanted_since = None;
            holder.was_alone = true;
        }
    }

    /// The holder's turn is over, though the device does its work for so long. It pays, and who has come while it was alone gets a clock.
    fn end(&mut self, busy: Duration, ahead: Duration) {
        let now = self.now;
        let Some(holder) = self.holder.take() else {
            return;
        };
        let sharers = self.sharers(holder.session);
        let Some(party) = self.parties.get_mut(&holder.session) else {
            return;
        };
        let busy = busy.min(now.saturating_duration_since(holder.since));
        let used = busy.max(holder.denied(now)) + ahead;
        party.clock = holder.start.plus(used * sharers, party.weight);
        (party.state, party.had) = (State::Idle, Some(now));
        self.taken_until = now + ahead;
        let (clock, weight) = (party.clock, party.weight);
        let quantum = self.settings.quantum;
        for party in self.parties.values_mut() {
            if let State::Asks {
                since,
                is_open: true,
            } = party.state
            {
                // What the holder's clock was when this one asked: since then all time counted.
                let since_then = now.saturating_duration_since(since) + ahead;
                let then = clock.minus(since_then * sharers, weight);
                let entry = then.max(holder.start).minus(quantum, party.weight);
                party.clock = party.clock.max(entry);
                party.state = State::Asks {
                    since,
                    is_open: false,
                };
            }
        }
    }

    /// The clock with which one begins that was idle, where others are at `behind`.
    fn entry(&self, party: &Party, behind: Clock) -> Clock {
        party
            .clock
            .max(behind.minus(self.settings.quantum, party.weight))
    }

    /// Where who is furthest behind is, for one that was idle.
    fn behind(&self, own: &Party) -> Clock {
        let holder = self.holder.as_ref();
        let holder = holder.and_then(|holder| self.holder_clock(holder));
        let pause = self.settings.pause();
        let had_lately = |party: &Party| {
            let passed = party.had.map(|had| self.now.saturating_duration_since(had));
            passed.is_some_and(|passed| passed < pause)
        };
        let was_there = had_lately(own);
        let others = self.parties.values().filter(|party| match party.state {
            State::Asks { .. } => true,
            State::Idle | State::Pauses { .. } => !was_there && had_lately(party),
            State::Holds | State::RunsAway { .. } => false,
        });
        let clocks = others.map(|party| party.clock).chain(holder);
        clocks.min().unwrap_or(self.clock)
    }

    /// The holder's clock now, where others have waited all the time.
    fn holder_clock(&self, holder: &Holder) -> Option<Clock> {
        let party = self.parties.get(&holder.session)?;
        let denied = holder.denied(self.now) * self.sharers(holder.session);
        Some(holder.start.plus(denied, party.weight))
    }

    /// How many share a session's weight: those of its tenant's that use the GPU or want to, it among them.
    fn sharers(&self, session: Session) -> u32 {
        let Some(own) = self.parties.get(&session) else {
            return 1;
        };
        let others = self.parties.iter().filter(|(other, party)| {
            **other != session && party.state != State::Idle && party.tenant == own.tenant
        });
        others.fold(1, |sum: u32, _| sum.saturating_add(1))
    }

    /// Who is next of those who ask.
    fn next(&self) -> Option<Session> {
        let asking = self.parties.iter().filter(|(_, party)| party.asks());
        let behind = asking.clone().map(|(_, party)| party.clock).min()?;
        asking
            .filter(|(_, party)| self.is_due(party, party.clock, behind))
            .min_by_key(|(session, party)| {
                let since = match party.state {
                    State::Asks { since, .. } => Some(since),
                    _ => None,
                };
                (Reverse(party.class), party.clock, since, **session)
            })
            .map(|(session, _)| *session)
    }

    /// Whether the holder would get the turn if it gave it back now, and asked again.
    fn would_be_next(&self, holder: &Holder) -> bool {
        let Some((clock, own)) = self
            .holder_clock(holder)
            .zip(self.parties.get(&holder.session))
        else {
            return false;
        };
        let asking = self.parties.values().filter(|party| party.asks());
        let Some(behind) = asking.clone().map(|party| party.clock).min() else {
            return true;
        };
        let behind = behind.min(clock);
        let mut rivals = asking.filter(|party| self.is_due(party, party.clock, behind));
        self.is_due(own, clock, behind)
            && rivals.all(|party| (Reverse(own.class), clock) < (Reverse(party.class), party.clock))
    }

    /// Whether one may go before who is furthest behind.
    fn is_due(&self, party: &Party, clock: Clock, behind: Clock) -> bool {
        clock <= behind.plus(self.settings.quantum, party.weight)
    }

    /// Takes note of it when nobody wants anything.
    fn note_quiet(&mut self) {
        if self.holder.is_none() && self.asking == 0 {
            self.quiet_since.get_or_insert(self.now);
        }
    }

    /// Where nobody has wanted anything for a while, nobody owes anything.
    fn forgive(&mut self) {
        let since = self.quiet_since.take();
        let pause = self.settings.pause();
        if since.is_some_and(|since| self.now.saturating_duration_since(since) >= pause) {
            let idle = self.parties.values();
            let idle = idle.filter(|party| party.state == State::Idle);
            let furthest = idle.map(|party| party.clock).max();
            self.clock = furthest.map_or(self.clock, |clock| clock.max(self.clock));
        }
    }
}

impl Party {
    fn asks(&self) -> bool {
        matches!(self.state, State::Asks { .. })
    }
}

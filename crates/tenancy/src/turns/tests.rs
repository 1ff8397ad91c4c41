use std::collections::BTreeMap;

use super::*;

const MS: Duration = Duration::from_millis(1);

fn weight(number: u64) -> Weight {
    Weight::try_from(number).unwrap()
}

fn tenant(number: u64) -> Tenant {
    Tenant::new(&number.to_string())
}

/// Sessions of equal weight, each a tenant's of its own.
struct Desk {
    turns: Turns,
    now: Instant,
}

impl Desk {
    fn new(sessions: u64) -> Self {
        let now = Instant::now();
        let mut turns = Turns::new(Settings::default(), now);
        for session in 0..sessions {
            turns.join(
                Session(session),
                tenant(session),
                weight(100),
                Class::Normal,
            );
        }
        Desk { turns, now }
    }

    fn later(&mut self, time: Duration) -> &mut Self {
        self.now += time;
        self
    }

    fn ask(&mut self, session: u64) -> Vec<Action> {
        self.turns.ask(Session(session), self.now);
        self.act()
    }

    fn release(&mut self, session: u64, busy: Duration, again: bool) -> Vec<Action> {
        let after = match again {
            true => After::Again,
            false => After::Nothing,
        };
        self.ends(session, busy, after)
    }

    fn ends(&mut self, session: u64, busy: Duration, after: After) -> Vec<Action> {
        self.gives(session, Returned::idle(busy, after))
    }

    fn gives(&mut self, session: u64, returned: Returned) -> Vec<Action> {
        self.turns.released(Session(session), returned, self.now);
        self.act()
    }

    fn act(&mut self) -> Vec<Action> {
        let act = std::iter::from_fn(|| self.turns.act(self.now));
        act.collect()
    }

    /// How long until something is to be done.
    fn next_in(&self) -> Option<Duration> {
        self.turns.next_at(self.now).map(|at| at - self.now)
    }
}

fn grant(session: u64, alone: bool) -> Action {
    Action::Grant {
        session: Session(session),
        alone,
    }
}

fn to_yield(session: u64) -> Action {
    Action::Yield(Session(session))
}

#[test]
fn who_is_alone_is_left_alone() {
    let mut desk = Desk::new(2);
    assert_eq!(desk.ask(0), [grant(0, true)]);
    assert_eq!(desk.next_in(), None);
    assert_eq!(desk.later(3600 * 1000 * MS).act(), []);
    assert_eq!(desk.ask(0), []);
    // It has had its quantum long ago.
    assert_eq!(desk.ask(1), [to_yield(0)]);
    assert_eq!(desk.release(0, 5 * MS, true), [grant(1, false)]);
    assert_eq!(desk.next_in(), Some(4 * MS));
}

#[test]
fn a_new_holder_has_its_quantum() {
    let mut desk = Desk::new(2);
    desk.ask(0);
    assert_eq!(desk.later(MS).ask(1), []);
    assert_eq!(desk.next_in(), Some(3 * MS));
    assert_eq!(desk.later(3 * MS).act(), [to_yield(0)]);
    // It is told once.
    assert_eq!(desk.later(MS).act(), []);
    assert_eq!(desk.release(0, 5 * MS, true), [grant(1, false)]);
}

#[test]
fn who_would_be_next_is_not_disturbed() {
    let mut desk = Desk::new(2);
    desk.turns
        .join(Session(1), tenant(1), weight(200), Class::Normal);
    desk.ask(0);
    desk.ask(1);
    assert_eq!(desk.later(4 * MS).act(), [to_yield(0)]);
    assert_eq!(desk.release(0, 4 * MS, true), [grant(1, false)]);
    // It came with a quantum's credit, and its clock goes half as fast: 8 ms for the other's 4, 4 for the credit.
    assert_eq!(desk.later(4 * MS).act(), []);
    assert_eq!(desk.later(4 * MS).act(), []);
    assert_eq!(desk.later(4 * MS).act(), [to_yield(1)]);
}

#[test]
fn what_is_overrun_is_paid() {
    let mut desk = Desk::new(2);
    desk.ask(0);
    desk.ask(1);
    desk.later(4 * MS).act();
    // The first overruns by 36 ms. Now the other has as much, and its credit, without being disturbed.
    assert_eq!(
        desk.later(36 * MS).release(0, 40 * MS, true),
        [grant(1, false)]
    );
    let mut had = Duration::ZERO;
    while desk.act().is_empty() {
        let next = desk.next_in().unwrap();
        desk.later(next);
        had += next;
    }
    assert_eq!(had, 44 * MS);
}

#[test]
fn nobody_saves_more_than_a_quantum() {
    let mut desk = Desk::new(2);
    desk.ask(0);
    desk.ask(1);
    desk.later(4 * MS).act();
    desk.release(0, 4 * MS, true);
    desk.release(1, Duration::ZERO, false);
    // The second is away for long, while the first uses the device, and both want it.
    desk.later(10_000 * MS).ask(1);
    assert_eq!(desk.release(0, 10_000 * MS, true), [grant(1, false)]);
    assert_eq!(desk.later(4 * MS).act(), [to_yield(1)]);
    assert_eq!(desk.release(1, 4 * MS, true), [grant(0, false)]);
}

#[test]
fn who_is_owed_the_turn_is_waited_for() {
    let mut desk = Desk::new(2);
    desk.ask(0);
    desk.ask(1);
    desk.later(4 * MS).act();
    // The second is owed 20 ms, and pauses.
    desk.later(16 * MS);
    assert_eq!(desk.release(0, 20 * MS, true), [grant(1, false)]);
    for _ in 0..3 {
        desk.later(MS);
        assert_eq!(desk.ends(1, MS, After::Pause(2 * MS)), []);
        assert_eq!(desk.next_in(), Some(2 * MS));
        assert_eq!(desk.later(MS).ask(1), [grant(1, false)]);
    }
    // Not for longer than it said; and it pays for that.
    desk.later(MS);
    assert_eq!(desk.ends(1, MS, After::Pause(MS)), []);
    assert_eq!(desk.later(MS).act(), [grant(0, true)]);
    // Nor who is not owed anything, or says that it takes longer.
    desk.ask(1);
    desk.later(4 * MS).act();
    assert_eq!(desk.ends(0, 4 * MS, After::Pause(MS)), [grant(1, true)]);
    desk.ask(0);
    desk.later(MS);
    assert_eq!(desk.ends(1, MS, After::Pause(3 * MS)), [grant(0, true)]);
}

#[test]
fn who_holds_and_does_nothing_pays() {
    let mut desk = Desk::new(2);
    desk.ask(0);
    desk.ask(1);
    desk.later(4 * MS).act();
    desk.release(0, Duration::ZERO, true);
    desk.later(8 * MS).act();
    assert_eq!(desk.release(1, Duration::ZERO, true), [grant(0, false)]);
}

#[test]
fn who_does_not_yield_loses_the_turn() {
    let mut desk = Desk::new(3);
    desk.ask(0);
    desk.ask(1);
    assert_eq!(desk.later(4 * MS).act(), [to_yield(0)]);
    assert_eq!(desk.next_in(), Some(250 * MS));
    assert_eq!(desk.later(250 * MS).act(), [grant(1, true)]);
    assert!(desk.turns.runs_away(Session(0)));
    assert_eq!(desk.turns.holder(), Some(Session(1)));
    // It cannot have another turn, and is in nobody's way.
    assert_eq!(desk.ask(0), []);
    assert_eq!(desk.later(MS).release(1, MS, false), []);
    assert_eq!(desk.next_in(), None);
    assert_eq!(desk.ask(2), [grant(2, true)]);
    assert_eq!(desk.release(2, Duration::ZERO, false), []);
    // Once it has given back, it is as others are, with what it owes.
    assert_eq!(desk.ask(1), [grant(1, true)]);
    assert_eq!(desk.later(MS).release(0, 255 * MS, true), []);
    assert!(!desk.turns.runs_away(Session(0)));
    assert_eq!(desk.later(3 * MS).act(), [to_yield(1)]);
    assert_eq!(desk.release(1, 4 * MS, true), [grant(1, false)]);
    desk.turns.left(Session(1), desk.now);
    assert_eq!(desk.act(), [grant(0, true)]);
}

#[test]
fn who_leaves_is_in_nobodys_way() {
    let mut desk = Desk::new(3);
    desk.ask(0);
    desk.ask(1);
    desk.ask(2);
    desk.turns.left(Session(0), desk.now);
    assert_eq!(desk.act(), [grant(1, false)]);
    desk.turns.left(Session(2), desk.now);
    assert_eq!(desk.act(), []);
    assert_eq!(desk.next_in(), None);
    // Of those who are gone nothing is heard.
    assert_eq!(desk.ask(2), []);
    assert_eq!(desk.release(0, MS, true), []);
    desk.turns.left(Session(0), desk.now);
    assert_eq!(desk.turns.holder(), Some(Session(1)));
}

#[test]
fn a_higher_class_goes_first_and_gets_no_more() {
    let mut desk = Desk::new(3);
    desk.turns
        .join(Session(2), tenant(2), weight(100), Class::High);
    desk.ask(0);
    desk.later(MS).ask(1);
    desk.later(MS).ask(2);
    assert_eq!(desk.later(2 * MS).act(), [to_yield(0)]);
    assert_eq!(desk.release(0, 4 * MS, true), [grant(2, false)]);
    let mut had = BTreeMap::new();
    for _ in 0..3000 {
        let holder = desk.turns.holder().unwrap();
        desk.later(MS);
        *had.entry(holder.0).or_insert(0u32) += 1;
        if desk.act().contains(&Action::Yield(holder)) {
            desk.release(holder.0, Duration::ZERO, true);
        }
    }
    assert!(had.values().all(|ms| ms.abs_diff(1000) <= 8), "{had:?}");
}

#[test]
fn a_tenants_sessions_share_its_weight() {
    let mut desk = Desk::new(4);
    for session in 1..4 {
        desk.turns
            .join(Session(session), tenant(1), weight(100), Class::Normal);
    }
    for session in 0..4 {
        desk.ask(session);
    }
    let mut had = BTreeMap::new();
    for _ in 0..6000 {
        let holder = desk.turns.holder().unwrap();
        desk.later(MS);
        *had.entry(holder.0).or_insert(0u32) += 1;
        if desk.act().contains(&Action::Yield(holder)) {
            desk.release(holder.0, Duration::ZERO, true);
        }
    }
    for (session, ms) in [(0, 3000), (1, 1000), (2, 1000), (3, 1000)] {
        assert!(had[&session].abs_diff(ms) <= 16, "{had:?}");
    }
}

#[test]
fn who_gives_back_early_pays_for_what_the_device_still_does() {
    let clocks = |early: bool| {
        let mut desk = Desk::new(2);
        desk.ask(0);
        desk.ask(1);
        let busy = MS * if early { 2 } else { 3 };
        let returned = Returned {
            ahead: MS * u32::from(early),
            ..Returned::idle(busy, After::Again)
        };
        let granted = desk.later(busy).gives(0, returned);
        assert_eq!(granted, [grant(1, false)]);
        // The other has its whole quantum, from when the device is its own.
        let begins = MS * u32::from(early);
        assert_eq!(desk.next_in(), Some(begins + 4 * MS));
        desk.later(begins + 4 * MS).act();
        desk.release(1, 4 * MS, true);
        let clock = |session| desk.turns.parties[&Session(session)].clock;
        (clock(0), clock(1))
    };
    assert_eq!(clocks(true), clocks(false));
    // What it took beyond that is paid the next time; nobody pays for more than half a quantum ahead, or for more than the grace.
    let paid = |ahead, late| {
        let mut desk = Desk::new(2);
        desk.ask(0);
        desk.ask(1);
        let before = desk.turns.parties[&Session(0)].clock;
        let returned = Returned {
            ahead,
            late,
            ..Returned::idle(MS, After::Nothing)
        };
        desk.later(MS).gives(0, returned);
        desk.turns.parties[&Session(0)].clock.0 - before.0
    };
    let whole = |time| Clock::width(time, weight(100));
    assert_eq!(paid(MS, 5 * MS), whole(7 * MS));
    let grace = Settings::default().grace;
    assert_eq!(paid(Duration::MAX, Duration::MAX), whole(3 * MS + grace));
}

/// One that had the device to itself does not owe that, also to who comes just behind it.
#[test]
fn who_was_alone_owes_nothing() {
    let mut desk = Desk::new(2);
    desk.turns
        .join(Session(0), tenant(0), weight(30), Class::Normal);
    desk.turns
        .join(Session(1), tenant(1), weight(70), Class::Normal);
    desk.ask(0);
    desk.later(800 * MS).release(0, 800 * MS, false);
    desk.later(MS).ask(1);
    desk.later(800 * MS).release(1, 800 * MS, false);
    desk.later(MS).ask(1);
    desk.ask(0);
    let mut had = [Duration::ZERO; 2];
    for _ in 0..200 {
        let holder = desk.turns.holder().unwrap();
        desk.later(MS);
        had[usize::try_from(holder.0).unwrap()] += MS;
        if desk.act().contains(&Action::Yield(holder)) {
            desk.release(holder.0, Duration::ZERO, true);
        }
    }
    assert!(had[0] >= 50 * MS && had[0] <= 70 * MS, "{had:?}");
}

#[test]
fn debts_end_when_nobody_wants_anything() {
    let mut desk = Desk::new(2);
    desk.ask(0);
    desk.ask(1);
    desk.later(4 * MS).act();
    desk.later(196 * MS).release(0, 200 * MS, false);
    desk.release(1, Duration::ZERO, false);
    // The other has its quantum of credit and no more.
    desk.later(8 * MS).ask(1);
    desk.ask(0);
    desk.later(4 * MS).act();
    assert_eq!(desk.release(1, 4 * MS, true), [grant(0, false)]);
}

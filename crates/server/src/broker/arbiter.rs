//! The arbiter: a thread that says to workers whose turn it is on a device ([`crate::turn`]).
//!
//! Whose it is decides [`pillion_tenancy::turns`], for each device on its own. A session that sees several devices takes their turns one
//! after the other, in the devices' order, so that no two wait for each other, and has the turn when it has all of them. While it waits for one it keeps
//! the others, and pays for them; if that lasts long, it loses them as one that does not yield. Sessions that are to share a device by weight had better
//! see one.
//!
//! It is a thread of its own because a turn changes hands in some tens of microseconds, which the supervisor may take to start a process.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use pillion_tenancy::turns::{Action, After, Returned, Settings, Turns};
use pillion_tenancy::{Class, Session, Tenant, Weight};
use pillion_transport::Waker;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use crate::account::Page;
use crate::turn::{GRANTED, GRANTED_ALONE, MESSAGE, Says, Word};

/// Who has wanted the turn so lately is taken to want it again soon: nobody else is alone.
const LATELY: Duration = Duration::from_secs(1);
/// Most messages of a worker's that are heard before another's.
const AT_ONCE: usize = 16;

/// A session that takes turns.
pub struct Party {
    /// Its number.
    pub session: Session,
    /// The devices that it sees, by their numbers.
    pub gpus: Vec<usize>,
    /// Whose it is.
    pub tenant: Tenant,
    /// What it gets in proportion to others.
    pub weight: Weight,
    /// Whether it goes before others.
    pub class: Class,
    /// The way to its worker: of kind SEQPACKET, and not blocking.
    pub socket: OwnedFd,
    /// What it has in common with its worker.
    pub page: Arc<Page>,
}

enum Event {
    Join(Box<Party>),
    /// It has another weight and class.
    Change(Session, Weight, Class),
    Left(Session),
    Set(Settings),
}

/// The way to the arbiter. It ends when this does.
pub struct Arbiter {
    events: Sender<Event>,
    waker: Arc<Waker>,
}

impl Arbiter {
    /// Starts it.
    ///
    /// # Errors
    ///
    /// The kernel's.
    pub fn start(settings: Settings) -> io::Result<Self> {
        let (events, heard) = channel();
        let waker = Arc::new(Waker::new()?);
        let mut bench = Bench {
            settings,
            turns: BTreeMap::new(),
            seats: BTreeMap::new(),
        };
        // Whoever holds the other one may end.
        let own = Arc::downgrade(&waker);
        let thread = std::thread::Builder::new().name("pillion-turns".to_string());
        thread.spawn(move || bench.run(&heard, &own))?;
        Ok(Arbiter { events, waker })
    }

    /// A session begins.
    pub fn join(&self, party: Party) {
        self.tell(Event::Join(Box::new(party)));
    }

    /// A session has another weight and class.
    pub fn change(&self, session: Session, weight: Weight, class: Class) {
        self.tell(Event::Change(session, weight, class));
    }

    /// A session has ended.
    pub fn left(&self, session: Session) {
        self.tell(Event::Left(session));
    }

    /// Turns last for so long from now on.
    pub fn set(&self, settings: Settings) {
        self.tell(Event::Set(settings));
    }

    fn tell(&self, event: Event) {
        // It has panicked, and has logged that.
        let _ = self.events.send(event);
        self.waker.wake();
    }
}

impl Drop for Arbiter {
    fn drop(&mut self) {
        self.waker.wake();
    }
}

/// A session's place.
struct Seat {
    party: Party,
    stage: Stage,
    /// Nobody else wanted any of the turns that it has.
    alone: bool,
    /// What the devices had been busy for when it got its turn.
    busy_before: u64,
    /// When it wanted the turn last.
    asked: Option<Instant>,
    /// A turn is wanted that it has, and it waits for others. It is told a quantum after it has them, or it would never come to anything.
    is_wanted: bool,
    /// When that is.
    told_at: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It wants nothing.
    Idle,
    /// It has the turns of so many of its devices, and waits for that of the next.
    Waits(usize),
    /// It has all of them.
    Holds,
}

struct Bench {
    settings: Settings,
    /// By device.
    turns: BTreeMap<usize, Turns>,
    seats: BTreeMap<Session, Seat>,
}

impl Bench {
    fn run(&mut self, heard: &Receiver<Event>, waker: &Weak<Waker>) {
        loop {
            let Some(waker) = waker.upgrade() else {
                return;
            };
            loop {
                match heard.try_recv() {
                    Ok(event) => self.take(event, Instant::now()),
                    Err(std::sync::mpsc::TryRecvError::Empty) => break,
                    Err(std::sync::mpsc::TryRecvError::Disconnected) => return,
                }
            }
            self.act();
            self.wait(&waker);
        }
    }

    fn take(&mut self, event: Event, now: Instant) {
        match event {
            Event::Join(party) => self.join(*party, now),
            Event::Change(session, weight, class) => {
                if let Some(seat) = self.seats.get_mut(&session) {
                    (seat.party.weight, seat.party.class) = (weight, class);
                    let tenant = seat.party.tenant.clone();
                    for gpu in &seat.party.gpus {
                        if let Some(turns) = self.turns.get_mut(gpu) {
                            turns.join(session, tenant.clone(), weight, class);
                        }
                    }
                }
            }
            Event::Left(session) => self.left(session, now),
            Event::Set(settings) => {
                self.settings = settings;
                for turns in self.turns.values_mut() {
                    turns.set(settings);
                }
            }
        }
    }

    fn join(&mut self, party: Party, now: Instant) {
        for gpu in &party.gpus {
            let turns = self.turns.entry(*gpu);
            let turns = turns.or_insert_with(|| Turns::new(self.settings, now));
            turns.join(
                party.session,
                party.tenant.clone(),
                party.weight,
                party.class,
            );
        }
        let seat = Seat {
            party,
            stage: Stage::Idle,
            alone: true,
            busy_before: 0,
            asked: None,
            is_wanted: false,
            told_at: None,
        };
        self.seats.insert(seat.party.session, seat);
    }

    fn left(&mut self, session: Session, now: Instant) {
        if let Some(seat) = self.seats.remove(&session) {
            for gpu in &seat.party.gpus {
                if let Some(turns) = self.turns.get_mut(gpu) {
                    turns.left(session, now);
                }
            }
        }
    }

    /// Hears what a worker says.
    fn hear(&mut self, session: Session, now: Instant) {
        for _ in 0..AT_ONCE {
            let Some(seat) = self.seats.get(&session) else {
                return;
            };
            let mut said = [0; MESSAGE + 1];
            match rustix::io::read(&seat.party.socket, &mut said) {
                // Its worker has ended, as the supervisor will find out.
                Ok(0) => return self.left(session, now),
                Ok(n) => match Says::decode(&said[..n]) {
                    Some(Says::Asks) => self.asks(session, now),
                    Some(Says::Returns(returned)) => self.returns(session, returned, now),
                    None => {
                        tracing::warn!(
                            session = session.0,
                            "a worker says what none says of turns"
                        );
                        return self.left(session, now);
                    }
                },
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return,
                Err(_) => return self.left(session, now),
            }
        }
    }

    fn asks(&mut self, session: Session, now: Instant) {
        if let Some(seat) = self.seats.get_mut(&session)
            && seat.stage == Stage::Idle
            && let Some(gpu) = seat.party.gpus.first()
            && let Some(turns) = self.turns.get_mut(gpu)
        {
            (seat.stage, seat.alone) = (Stage::Waits(0), true);
            seat.asked = Some(now);
            turns.ask(session, now);
        }
    }

    fn returns(&mut self, session: Session, returned: Returned, now: Instant) {
        if let Some(seat) = self.seats.get_mut(&session)
            && seat.stage == Stage::Holds
        {
            (seat.stage, seat.alone) = match returned.after {
                After::Again => (Stage::Waits(0), true),
                After::Pause(_) | After::Nothing => (Stage::Idle, true),
            };
            tracing::trace!(session = session.0, ?returned, "the turn is back");
            // Until now.
            seat.asked = Some(now);
            (seat.is_wanted, seat.told_at) = (false, None);
            // Of several devices it waits for one after the other, and nobody waits for it but at the first.
            for (index, gpu) in seat.party.gpus.iter().enumerate() {
                let after = match index {
                    0 => returned.after,
                    _ => After::Nothing,
                };
                if let Some(turns) = self.turns.get_mut(gpu) {
                    turns.released(session, Returned { after, ..returned }, now);
                }
            }
        }
    }

    /// Does what there is to do.
    fn act(&mut self) {
        let now = Instant::now();
        let due = self
            .seats
            .values()
            .filter(|seat| seat.told_at.is_some_and(|at| at <= now));
        for session in due.map(|seat| seat.party.session).collect::<Vec<_>>() {
            self.wanted(session, now);
        }
        // Of a session that sees several devices one turn leads to the next.
        let mut is_done = false;
        while !is_done {
            is_done = true;
            let gpus: Vec<usize> = self.turns.keys().copied().collect();
            for gpu in gpus {
                while let Some(action) = self.turns.get_mut(&gpu).and_then(|turns| turns.act(now)) {
                    is_done = false;
                    match action {
                        Action::Grant { session, alone } => self.granted(session, alone, now),
                        Action::Yield(session) => self.wanted(session, now),
                    }
                }
            }
        }
    }

    fn granted(&mut self, session: Session, alone: bool, now: Instant) {
        let alone = alone && !self.has_company(session, now);
        let Some(seat) = self.seats.get_mut(&session) else {
            return;
        };
        let Stage::Waits(index) = seat.stage else {
            return;
        };
        seat.alone &= alone;
        let next = index + 1;
        if let Some(gpu) = seat.party.gpus.get(next) {
            seat.stage = Stage::Waits(next);
            if let Some(turns) = self.turns.get_mut(gpu) {
                turns.ask(session, now);
            }
            return;
        }
        seat.stage = Stage::Holds;
        seat.alone &= !seat.is_wanted;
        seat.told_at = seat.is_wanted.then_some(now + self.settings.quantum);
        tracing::trace!(session = session.0, alone = seat.alone, "has the turn");
        seat.busy_before = seat.party.page.read().busy;
        Word(seat.party.page.turn()).grant();
        let said = match seat.alone {
            true => GRANTED_ALONE,
            false => GRANTED,
        };
        let mut message = [0; MESSAGE];
        message[0] = said;
        if rustix::io::write(&seat.party.socket, &message).is_err() {
            // It has ended, or has not listened for a long time.
            self.left(session, now);
        }
    }

    /// Whether another session on its devices has wanted the turn lately.
    fn has_company(&self, session: Session, now: Instant) -> bool {
        let Some(own) = self.seats.get(&session) else {
            return false;
        };
        self.seats.iter().any(|(other, seat)| {
            let is_late = |at| now.saturating_duration_since(at) > LATELY;
            *other != session
                && !seat.asked.is_none_or(is_late)
                && seat
                    .party
                    .gpus
                    .iter()
                    .any(|gpu| own.party.gpus.contains(gpu))
        })
    }

    fn wanted(&mut self, session: Session, now: Instant) {
        let Some(seat) = self.seats.get_mut(&session) else {
            return;
        };
        seat.told_at = None;
        if seat.stage != Stage::Holds {
            seat.is_wanted = true;
        } else if Word(seat.party.page.turn()).want() {
            tracing::trace!(session = session.0, "loses the turn, which it does not use");
            let busy = seat.party.page.read().busy;
            let busy = Duration::from_nanos(busy.saturating_sub(seat.busy_before));
            self.returns(session, Returned::idle(busy, After::Nothing), now);
        }
    }

    /// Waits until somebody says something or there is something to do.
    fn wait(&mut self, waker: &Waker) {
        let now = Instant::now();
        let next = self.turns.values().filter_map(|turns| turns.next_at(now));
        let next = next.chain(self.seats.values().filter_map(|seat| seat.told_at));
        let timeout = next.min().map(|at| at.saturating_duration_since(now));
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        let mut fds = vec![PollFd::from_borrowed_fd(waker.as_fd(), PollFlags::IN)];
        let sessions: Vec<Session> = self.seats.keys().copied().collect();
        for seat in self.seats.values() {
            fds.push(PollFd::new(&seat.party.socket, PollFlags::IN));
        }
        // An error can only be an interruption or a lack of memory; the next round looks again.
        let _ = poll(&mut fds, timeout.as_ref());
        let ready: Vec<bool> = fds.iter().map(|fd| !fd.revents().is_empty()).collect();
        if ready.first() == Some(&true) {
            waker.drain();
        }
        let now = Instant::now();
        for (session, is_ready) in sessions.into_iter().zip(ready.into_iter().skip(1)) {
            if is_ready {
                self.hear(session, now);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};

    use super::*;
    use crate::turn::Holds;

    const PATIENCE: Duration = Duration::from_secs(60);

    /// A worker's end.
    struct Worker {
        session: Session,
        socket: OwnedFd,
        page: Arc<Page>,
    }

    impl Worker {
        fn says(&self, says: Says) {
            rustix::io::write(&self.socket, &says.encode()).unwrap();
        }

        /// What it hears, if it hears something in that time.
        fn hears(&self, patience: Duration) -> Option<u8> {
            let timeout = Timespec::try_from(patience).unwrap();
            let mut fds = [PollFd::new(&self.socket, PollFlags::IN)];
            poll(&mut fds, Some(&timeout)).unwrap();
            let mut said = [0; MESSAGE];
            match fds[0].revents().is_empty() {
                true => None,
                false => {
                    (rustix::io::read(&self.socket, &mut said) == Ok(MESSAGE)).then_some(said[0])
                }
            }
        }

        fn word(&self) -> Word<'_> {
            Word(self.page.turn())
        }
    }

    fn worker(arbiter: &Arbiter, number: u64, weight: u64, gpus: &[usize]) -> Worker {
        let pair = || {
            let flags = SocketFlags::CLOEXEC;
            socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None).unwrap()
        };
        let ((ours, theirs), page) = (pair(), Arc::new(Page::new().unwrap()));
        rustix::io::ioctl_fionbio(&ours, true).unwrap();
        arbiter.join(Party {
            session: Session(number),
            gpus: gpus.to_vec(),
            tenant: Tenant::new(&number.to_string()),
            weight: weight.try_into().unwrap(),
            class: Class::Normal,
            socket: ours,
            page: Arc::clone(&page),
        });
        Worker {
            session: Session(number),
            socket: theirs,
            page,
        }
    }

    fn settings() -> Settings {
        Settings {
            quantum: Duration::from_millis(1),
            grace: Duration::from_secs(3600),
        }
    }

    #[test]
    fn who_is_idle_loses_the_turn_without_hearing_of_it() {
        let arbiter = Arbiter::start(settings()).unwrap();
        let (one, other) = (
            worker(&arbiter, 1, 100, &[0]),
            worker(&arbiter, 2, 100, &[0]),
        );
        one.says(Says::Asks);
        assert_eq!(one.hears(PATIENCE), Some(GRANTED_ALONE));
        assert_eq!(one.word().take_up(), Holds::Turn);
        assert_eq!(one.word().put_down(), Holds::Turn);
        other.says(Says::Asks);
        // It has been there lately, so this one is not alone.
        assert_eq!(other.hears(PATIENCE), Some(GRANTED));
        assert_eq!(one.word().take_up(), Holds::Nothing);
        // Who works is told, and the other waits until it has given the turn back.
        one.says(Says::Asks);
        while other.word().take_up() != Holds::Wanted {
            std::thread::yield_now();
        }
        assert_eq!(one.hears(Duration::from_millis(5)), None);
        other.word().give_back();
        let busy = Duration::from_millis(1);
        other.says(Says::Returns(Returned::idle(busy, After::Again)));
        assert_eq!(one.hears(PATIENCE), Some(GRANTED));
        // A session that has gone is in nobody's way, whoever says so.
        arbiter.left(one.session);
        assert_eq!(other.hears(PATIENCE), Some(GRANTED_ALONE));
        let third = worker(&arbiter, 3, 100, &[0]);
        third.says(Says::Asks);
        drop(other);
        assert_eq!(third.hears(PATIENCE), Some(GRANTED_ALONE));
    }

    #[test]
    fn who_sees_several_devices_has_the_turn_of_all_or_none() {
        let arbiter = Arbiter::start(settings()).unwrap();
        let both = worker(&arbiter, 1, 100, &[0, 1]);
        let (first, second) = (
            worker(&arbiter, 2, 100, &[0]),
            worker(&arbiter, 3, 100, &[1]),
        );
        second.says(Says::Asks);
        assert_eq!(second.hears(PATIENCE), Some(GRANTED_ALONE));
        both.says(Says::Asks);
        while second.word().take_up() != Holds::Wanted {
            std::thread::yield_now();
        }
        assert_eq!(both.hears(Duration::from_millis(5)), None);
        first.says(Says::Asks);
        second.word().give_back();
        let busy = Duration::ZERO;
        second.says(Says::Returns(Returned::idle(busy, After::Nothing)));
        assert!(both.hears(PATIENCE).is_some());
        while both.word().take_up() != Holds::Wanted {
            std::thread::yield_now();
        }
        assert_eq!(first.hears(Duration::from_millis(5)), None);
        both.word().give_back();
        both.says(Says::Returns(Returned::idle(busy, After::Again)));
        assert!(first.hears(PATIENCE).is_some());
        arbiter.change(first.session, Weight::default(), Class::High);
        first.word().give_back();
        first.says(Says::Returns(Returned::idle(busy, After::Nothing)));
        assert_eq!(both.hears(PATIENCE), Some(GRANTED));
    }

    #[test]
    fn a_worker_that_says_anything_harms_nobody_else() {
        let arbiter = Arbiter::start(settings()).unwrap();
        let hostile = worker(&arbiter, 1, 100, &[0]);
        let other = worker(&arbiter, 2, 100, &[0]);
        // What it has not been given it cannot give back, and to ask twice is to ask.
        let busy = Duration::MAX;
        hostile.says(Says::Returns(Returned::idle(busy, After::Again)));
        hostile.says(Says::Asks);
        hostile.says(Says::Asks);
        assert_eq!(hostile.hears(PATIENCE), Some(GRANTED_ALONE));
        hostile.page.turn().store(99, Ordering::Relaxed);
        hostile.says(Says::Returns(Returned::idle(busy, After::Nothing)));
        rustix::io::write(&hostile.socket, b"what is this").unwrap();
        other.says(Says::Asks);
        assert!(other.hears(PATIENCE).is_some());
        assert_eq!(rustix::io::read(&hostile.socket, &mut [0; 1]), Ok(0));
    }
}

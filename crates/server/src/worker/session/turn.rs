//! Turns: where sessions share a device by weight, this one gives it work only while it has the turn ([`crate::turn`]).
//!
//! Commands that come while it has not stay where they are read, so nothing of what is executed knows of turns. While others want the
//! turn as well, the device is not given more than about a millisecond of work at once, so that it can be taken away: after so many
//! commands as took that long the last time, all streams have to be idle before the next. A device that a host function of this client's holds, or
//! that is in the middle of a capture, cannot become idle before more commands are executed: they are. Who waits for the device gives it nothing
//! to do, and needs no turn for that; nor does who compiles and loads code.
//!
//! Until another session has the turn and gives the device something, three threads have to wake up. So that the device does not wait for them, a
//! session whose program waits for the device, as it usually does, gives the turn back shortly before that will be done ([`Runs`]).

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use pillion_protocol::command::{CopyHead, cuda};
use pillion_protocol::{Header, Interface};
use zerocopy::FromBytes;

use super::super::calls::Calls;
use super::{
    COPY_ON_DEVICE, EVENT_RECORD, EVENT_RECORD_FLAGS, MEM_ALLOC, STREAM_WAIT_EVENT, Session,
};
use crate::turn::{After, GRANTED_ALONE, Holds, MESSAGE, Returned, Says, Word};

/// How much work the device is given at once while others want it.
const SLICE: Duration = Duration::from_millis(1);
/// Most commands of that.
const MOST_COMMANDS: u32 = 4096;
/// Most commands that give the device little, as events and copies, beside each slice. A program that gives the device the next
/// step before it waits for the last one has these in between: if they counted, it would wait for what it is ahead of.
const MOST_LIGHT: u32 = 64;
/// Most bytes of copies beside each slice, which take a GPU a third of a millisecond; a longer one is a command as others are. A program copies
/// what its kernels are to work on and then launches them, which would otherwise wait until the copy is done.
const MOST_COPIED: u64 = 16 << 20;
/// How long a session may have nothing to do and keep the turn, though others want it, if it usually has more to do by then: to hand the turn to
/// and fro takes as long, where threads that sleep on a virtual machine are woken. It pays for the pause as for work.
const SHORT_PAUSE: Duration = Duration::from_micros(500);
/// How long it takes until another session has the turn and has given the device something. Where it takes less, both are there for a moment, and
/// what that costs is paid ([`Returned::late`]).
const HANDOVER: Duration = Duration::from_micros(400);
/// After how many runs that took as long as others it is thought that the next one will, too.
const ALIKE: u32 = 4;
/// A longer pause says nothing of how long pauses usually are.
const LONG_PAUSE: Duration = Duration::from_millis(20);
/// What gives the device next to nothing.
const LIGHT: [u16; 5] = [
    EVENT_RECORD,
    EVENT_RECORD_FLAGS,
    STREAM_WAIT_EVENT,
    MEM_ALLOC,
    cuda::MEM_FREE,
];
/// What gives the device nothing to work on, or code alone: to wait for it takes as long as it takes, and to compile for it may take seconds.
const NEEDS_NONE: [u16; 15] = [
    cuda::SYNCHRONIZE,
    cuda::QUERY,
    cuda::UPLOAD,
    cuda::UPLOAD_PACKED,
    cuda::UPLOAD_KNOWN,
    cuda::MODULE_LOAD,
    cuda::MODULE_FUNCTION,
    cuda::LIBRARY_LOAD,
    cuda::LIBRARY_KERNEL,
    cuda::LIBRARY_MODULE,
    cuda::KERNEL_FUNCTION,
    cuda::LINK_CREATE,
    cuda::LINK_ADD,
    cuda::LINK_COMPLETE,
    cuda::GRAPH_INSTANTIATE,
];
/// In the place of what the broker grants: it has gone.
const GONE: u8 = u8::MAX;

/// What a session knows of its turn.
pub struct Turn {
    socket: OwnedFd,
    /// What the broker has granted and nobody has taken note of.
    granted: Arc<AtomicU8>,
    /// The broker knows that this session wants the turn.
    asked: bool,
    /// Nobody else wanted it when it was granted.
    alone: bool,
    /// What the device had been busy for when it was granted.
    busy_before: u64,
    /// Commands that are given to the device at once, and how many have been since it was idle, and since when.
    slice: u32,
    given: u32,
    /// Light commands since then, and what the copies of them copied.
    light: u32,
    copied: u64,
    runs: Runs,
    /// What the device did beyond what was said when the turn was given back early, of which the broker does not know yet.
    late: Duration,
    since: Option<Instant>,
    /// Since when there has been nothing to do, and how long that usually lasts.
    idle_since: Option<Instant>,
    usual_pause: Duration,
    /// A command waits for the turn, or for the device to be idle.
    pub(super) stalls: bool,
}

impl Turn {
    /// That of a session that has not had it. A thread hears what comes by `socket`.
    fn new(socket: OwnedFd, calls: &'static Calls) -> std::io::Result<Self> {
        let granted = Arc::new(AtomicU8::new(0));
        let (heard, ours) = (Arc::clone(&granted), socket.try_clone()?);
        let thread = std::thread::Builder::new().name("pillion-turn".to_string());
        thread.spawn(move || hear(&ours, &heard, calls))?;
        Ok(Turn {
            socket,
            granted,
            asked: false,
            alone: false,
            busy_before: 0,
            slice: 16,
            given: 0,
            light: 0,
            copied: 0,
            runs: Runs::default(),
            late: Duration::ZERO,
            since: None,
            idle_since: None,
            usual_pause: Duration::ZERO,
            stalls: false,
        })
    }

    /// Whether a command gives the device so little that it goes beside the slice, by its header and what has come of its body.
    fn goes_beside(&mut self, header: &Header, body: &[u8]) -> bool {
        let len = match header.opcode.get() {
            cuda::COPY_TO_DEVICE | cuda::COPY_TO_HOST => {
                CopyHead::read_from_prefix(body).map_or(u64::MAX, |(head, _)| head.len.get())
            }
            COPY_ON_DEVICE => {
                // Behind both addresses.
                let len = body.as_chunks().0.get(2);
                len.map_or(u64::MAX, |len| u64::from_le_bytes(*len))
            }
            opcode if LIGHT.contains(&opcode) => 0,
            _ => return false,
        };
        let copied = self.copied.saturating_add(len);
        let fits = self.light < MOST_LIGHT && copied <= MOST_COPIED;
        if fits {
            (self.light, self.copied) = (self.light + 1, copied);
        }
        fits
    }

    /// The device has been idle since what is counted was given to it.
    fn count_anew(&mut self, now: Instant) {
        (self.given, self.light, self.copied, self.since) = (0, 0, 0, Some(now));
    }

    /// What is under way will take so long yet, and is known to.
    #[cfg(test)]
    pub(super) fn expects(&mut self, ahead: Duration) {
        let usual = Duration::from_secs(1);
        self.runs.since = Some(Instant::now() + ahead - usual);
        (self.runs.usual, self.runs.alike) = (usual, ALIKE);
        self.usual_pause = 2 * SHORT_PAUSE;
    }

    /// After how long it will have more to do, probably. Not all pauses are alike, and words take a while.
    fn pause(&self) -> Duration {
        2 * self.usual_pause + HANDOVER
    }

    fn say(&self, says: Says) {
        // A broker that has gone ends this process.
        let _ = rustix::io::write(&self.socket, &says.encode());
    }
}

/// What is known of how long the device works on what the program gives it, before the program waits and has nothing more for it. Programs
/// that serve requests, or train, do the same again and again.
#[derive(Debug, Default)]
struct Runs {
    /// Since when the device has worked without a pause, as far as it had the turn.
    since: Option<Instant>,
    usual: Duration,
    /// How many of the last ones took as long as those before them.
    alike: u32,
    /// The turn was given back early: what the device had been busy for then, and for how much longer it was said to be.
    early: Option<(u64, Duration)>,
}

impl Runs {
    /// The device is given something.
    fn begins(&mut self) {
        if self.since.is_none() {
            self.since = Some(Instant::now());
        }
    }

    /// There has been nothing to do since then, on either side.
    fn ends(&mut self, at: Instant) {
        let Some(since) = self.since.take() else {
            return;
        };
        let took = at.saturating_duration_since(since);
        self.alike = match took.abs_diff(self.usual) <= self.usual / 8 {
            true => self.alike.saturating_add(1),
            false => 0,
        };
        self.usual = (self.usual * 3 + took) / 4;
    }

    /// For how long this one will still go on, if that can be said, and it has not taken longer already.
    fn ahead(&self, now: Instant) -> Option<Duration> {
        let since = self.since.filter(|_| self.alike >= ALIKE)?;
        (since + self.usual).checked_duration_since(now)
    }

    /// The turn is there again, and the device has been busy for so long. For how much longer than was said.
    fn is_granted(&mut self, busy: u64) -> Duration {
        self.since = None;
        let late = self.early.take().map(|(before, said)| {
            Duration::from_nanos(busy.saturating_sub(before)).saturating_sub(said)
        });
        late.unwrap_or_default()
    }
}

/// Hears what the broker says, until it has gone.
fn hear(socket: impl AsFd, granted: &AtomicU8, calls: &Calls) {
    let mut said = [0; MESSAGE];
    loop {
        let word = match rustix::io::read(&socket, &mut said) {
            Ok(1..) => said[0],
            Err(rustix::io::Errno::INTR) => continue,
            Ok(0) => GONE,
            Err(error) => {
                tracing::debug!("the socket for turns: {error}");
                GONE
            }
        };
        // Release: pairs with the acquire in `granted`.
        granted.store(word, Ordering::Release);
        calls.waker().wake();
        if word == GONE {
            return;
        }
    }
}

impl Session {
    /// From now on it gives the device work only when it has the turn, of which it hears by `socket`.
    ///
    /// # Errors
    ///
    /// The kernel's.
    pub fn take_turns(&mut self, socket: OwnedFd) -> std::io::Result<()> {
        self.turn = Some(Turn::new(socket, self.calls)?);
        Ok(())
    }

    /// Whether this command may be executed now. If not, what is needed for it has been done, or is on its way.
    #[cold]
    pub(super) fn has_turn(&mut self, header: &Header, body: &[u8]) -> bool {
        let needs_none = header.interface != Interface::Cuda as u8
            || NEEDS_NONE.contains(&header.opcode.get())
            || self.has_calls()
            || self.handles.captures;
        let may = needs_none || self.takes_turn(header, body);
        if let Some(turn) = &mut self.turn {
            turn.stalls = !may;
        }
        may
    }

    fn takes_turn(&mut self, header: &Header, body: &[u8]) -> bool {
        if let Some(turn) = &mut self.turn
            && let Some(since) = turn.idle_since.take()
        {
            turn.usual_pause = (turn.usual_pause * 3 + since.elapsed().min(LONG_PAUSE)) / 4;
        }
        if !self.hears_grant() {
            return false;
        }
        let (Some(turn), Some(page)) = (&mut self.turn, &self.page) else {
            return true;
        };
        let held = Word(page.turn()).take_up();
        if matches!(held, Holds::Turn | Holds::Wanted) {
            turn.runs.begins();
        }
        match held {
            Holds::Turn if turn.alone => true,
            // What little a program wants at the end of a step goes with it, also when the turn is wanted.
            Holds::Turn | Holds::Wanted if turn.goes_beside(header, body) => true,
            Holds::Turn => {
                turn.given += 1;
                turn.given <= turn.slice || self.slice_is_done()
            }
            Holds::Wanted => {
                if self.is_idle() {
                    self.return_turn(After::Again, Duration::ZERO);
                }
                false
            }
            Holds::Nothing => {
                turn.asked = true;
                turn.say(Says::Asks);
                false
            }
        }
    }

    /// Takes note of what the broker has granted. Whether nothing is on its way that was asked for: the word may say that the turn is there
    /// before what comes by the socket says how.
    fn hears_grant(&mut self) -> bool {
        let Some(turn) = &mut self.turn else {
            return true;
        };
        // Acquire: pairs with the release in `hear`.
        match turn.granted.swap(0, Ordering::Acquire) {
            0 => !turn.asked,
            // The control socket says so, too, and this session ends.
            GONE => {
                self.turn = None;
                true
            }
            granted => {
                let now = Instant::now();
                turn.asked = false;
                turn.alone = granted == GRANTED_ALONE;
                turn.count_anew(now);
                self.measure(now);
                self.look(now);
                if let Some(turn) = &mut self.turn {
                    turn.busy_before = self.account.busy;
                    turn.late = turn.runs.is_granted(turn.busy_before);
                }
                true
            }
        }
    }

    /// As many commands as are given to the device at once have been: whether it has done them.
    fn slice_is_done(&mut self) -> bool {
        if !self.is_idle() {
            return false;
        }
        let now = Instant::now();
        if let Some(turn) = &mut self.turn {
            let took = turn.since.map(|since| now.saturating_duration_since(since));
            turn.slice = match took {
                Some(took) if took > SLICE => (turn.slice / 2).max(1),
                Some(took) if took < SLICE / 2 => (turn.slice * 2).min(MOST_COMMANDS),
                _ => turn.slice,
            };
            turn.count_anew(now);
            // The one that waited for it.
            turn.given = 1;
        }
        true
    }

    /// Whether the device has nothing of this session to do.
    pub(super) fn is_idle(&mut self) -> bool {
        let now = Instant::now();
        self.measure(now);
        self.look(now);
        !self.meter.is_running()
    }

    /// Before the loop sleeps, which has had nothing to do since then: who has nothing to do is in nobody's way. For how long the loop may
    /// sleep, if not as it likes.
    pub(super) fn rest(&mut self, idle_since: Instant) -> Option<Duration> {
        let is_working = self.meter.is_running() || !self.waits.is_empty();
        if let (Some(turn), Some(page), false) = (&mut self.turn, &self.page, is_working)
            && !turn.stalls
        {
            // One that ends as the turn is wanted may have been cut short.
            match Word(page.turn()).is_wanted() {
                true => turn.runs.since = None,
                false => turn.runs.ends(idle_since),
            }
        }
        // The turn may come though what it was asked for is not there yet.
        let is_granted = self.hears_grant();
        let (Some(turn), Some(page)) = (&mut self.turn, &self.page) else {
            return None;
        };
        if !is_granted {
            return None;
        }
        if turn.stalls {
            // The device may have become idle since it was looked: nothing else would say so.
            return Some(Duration::from_micros(20));
        }
        let now = Instant::now();
        if is_working {
            self.rest_early(now);
            return None;
        }
        turn.count_anew(now);
        let idle_since = *turn.idle_since.get_or_insert(now);
        let word = Word(page.turn());
        let held = match turn.alone {
            true => word.put_down(),
            false => word.take_up(),
        };
        // There will be more to do in a moment.
        let soon = turn.usual_pause < SHORT_PAUSE
            && now.saturating_duration_since(idle_since) < 2 * SHORT_PAUSE;
        match held {
            Holds::Nothing => return None,
            Holds::Turn if turn.alone => return None,
            Holds::Turn if soon => return Some(SHORT_PAUSE),
            Holds::Turn | Holds::Wanted => {}
        }
        let pause = turn.pause();
        self.return_turn(After::Pause(pause), Duration::ZERO);
        None
    }

    /// The device works, and the program waits for it. If the turn goes to another session when it is done, it may go there now.
    fn rest_early(&mut self, now: Instant) {
        let (Some(turn), Some(page)) = (&self.turn, &self.page) else {
            return;
        };
        let Some(ahead) = turn.runs.ahead(now).filter(|ahead| *ahead <= HANDOVER) else {
            return;
        };
        if turn.alone || self.waits.is_empty() {
            return;
        }
        let returns = match Word(page.turn()).take_up() {
            Holds::Turn => turn.usual_pause >= SHORT_PAUSE,
            Holds::Wanted => true,
            Holds::Nothing => false,
        };
        let pause = turn.pause() + ahead;
        // If it is idle by now, that is seen when the loop comes here the next time.
        if returns && !self.is_idle() {
            self.return_turn(After::Pause(pause), ahead);
        }
    }

    /// Gives the turn back, if it has it, as nothing is to be done for long. Whether it has none then, and is to have none.
    pub(super) fn gives_up_turn(&mut self) -> bool {
        if !self.hears_grant() {
            return false;
        }
        let (Some(turn), Some(page)) = (&self.turn, &self.page) else {
            return true;
        };
        if turn.stalls {
            return false;
        }
        // Taken up first, or it could be taken away at the moment in which it is given back.
        if Word(page.turn()).take_up() != Holds::Nothing {
            self.return_turn(After::Nothing, Duration::ZERO);
        }
        true
    }

    /// Gives the turn back, though the device will go on for so long.
    fn return_turn(&mut self, after: After, ahead: Duration) {
        let (Some(turn), Some(page)) = (&mut self.turn, &self.page) else {
            return;
        };
        let busy = Duration::from_nanos(self.account.busy.saturating_sub(turn.busy_before));
        Word(page.turn()).give_back();
        turn.asked = after == After::Again;
        if !ahead.is_zero() {
            turn.runs.early = Some((self.account.busy, ahead));
        }
        let late = std::mem::take(&mut turn.late);
        turn.say(Says::Returns(Returned {
            busy,
            ahead,
            late,
            after,
        }));
    }
}

#[cfg(test)]
mod tests {
    use zerocopy::IntoBytes;

    use super::*;

    #[test]
    fn copies_go_beside_a_slice_and_not_without_end() {
        let (_broker, worker) = std::os::unix::net::UnixStream::pair().unwrap();
        let mut turn = Turn::new(worker.into(), Calls::get().unwrap()).unwrap();
        let goes = |turn: &mut Turn, opcode, len: u64| {
            let header = Header::new(Interface::Cuda, opcode, size_of::<CopyHead>(), 1, 0, 0);
            turn.goes_beside(&header, [0, len, 0, 0].as_bytes())
        };
        assert!(!goes(&mut turn, cuda::LAUNCH, 0));
        for _ in 0..8 {
            assert!(goes(&mut turn, cuda::COPY_TO_DEVICE, MOST_COPIED / 8));
        }
        assert!(!goes(&mut turn, cuda::COPY_TO_DEVICE, 1));
        turn.count_anew(Instant::now());
        assert!(!goes(&mut turn, cuda::COPY_TO_HOST, MOST_COPIED + 1));
        assert!(goes(&mut turn, cuda::COPY_TO_HOST, 1));
        turn.count_anew(Instant::now());
        let copy = Header::new(Interface::Cuda, COPY_ON_DEVICE, 32, 1, 0, 0);
        for goes in [true, false] {
            assert_eq!(
                turn.goes_beside(&copy, [1, 2, MOST_COPIED, 0].as_bytes()),
                goes
            );
        }
        turn.count_anew(Instant::now());
        // What has not come is as long as can be.
        assert!(!turn.goes_beside(&copy, &[0; 8]));
        assert!(turn.goes_beside(&copy, [1u64, 2, 3, 0].as_bytes()));
        turn.count_anew(Instant::now());
        let header = Header::new(Interface::Cuda, EVENT_RECORD, 16, 1, 0, 0);
        for _ in 0..MOST_LIGHT {
            assert!(turn.goes_beside(&header, &[0; 16]));
        }
        assert!(!turn.goes_beside(&header, &[0; 16]));
    }

    #[test]
    fn what_is_light_is_what_it_is_called() {
        for (symbol, opcode) in [
            ("cuEventRecord", EVENT_RECORD),
            ("cuEventRecordWithFlags", EVENT_RECORD_FLAGS),
            ("cuStreamWaitEvent", STREAM_WAIT_EVENT),
            ("cuMemAlloc_v2", MEM_ALLOC),
            ("cuMemcpyDtoDAsync_v2", COPY_ON_DEVICE),
        ] {
            let mut functions = pillion_cuda_abi::FUNCTIONS.iter();
            let function = functions.find(|function| function.symbol == symbol);
            assert_eq!(function.and_then(|function| function.opcode), Some(opcode));
        }
    }

    #[test]
    fn what_takes_as_long_as_before_is_known_ahead() {
        const MS: Duration = Duration::from_millis(1);
        let begin = Instant::now();
        let mut runs = Runs::default();
        let run = |runs: &mut Runs, took| {
            runs.since = Some(begin);
            runs.ends(begin + took);
        };
        for n in 0..20 {
            run(&mut runs, MS + MS * (n % 3) / 40);
        }
        // Nothing is under way.
        assert_eq!(runs.ahead(begin), None);
        runs.begins();
        let since = runs.since.unwrap();
        let ahead = runs.ahead(since + MS / 2).unwrap();
        assert!(ahead > MS * 45 / 100 && ahead < MS * 60 / 100, "{ahead:?}");
        // It takes longer than usually.
        assert_eq!(runs.ahead(since + 2 * MS), None);
        // Given back early, at so much, and busy for so much longer; what it was then said to be is not late.
        runs.early = Some((5_000_000, MS));
        assert_eq!(runs.is_granted(8_000_000), 2 * MS);
        assert_eq!(runs.is_granted(9_000_000), Duration::ZERO);
        assert_eq!(runs.since, None);
        runs.early = Some((5_000_000, MS));
        assert_eq!(runs.is_granted(5_500_000), Duration::ZERO);
        // One that is not like the others: nothing is known until there are some that are.
        run(&mut runs, 3 * MS);
        runs.begins();
        assert_eq!(runs.ahead(Instant::now()), None);
        let mut least = 0;
        while runs.alike < ALIKE {
            run(&mut runs, 3 * MS);
            least += 1;
        }
        assert!(least > ALIKE && least < 20, "{least}");
        runs.begins();
        assert!(runs.ahead(Instant::now()).is_some());
    }
}

//! Turns: where sessions share a device by weight, this one gives it work only while it has the turn ([`crate::turn`]).
//!
//! Commands that come while it has not stay where they are read, so nothing of what is executed knows of turns. While others want the
//! turn as well, the device is not given more than about a millisecond of work at once, so that it can be taken away: after so many
//! commands as took that long the last time, all streams have to be idle before the next. A device that a host function of this client's holds, or
//! that is in the middle of a capture, cannot become idle before more commands are executed: they are.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use pillion_cuda_abi::FUNCTIONS;
use pillion_protocol::command::{CopyHead, cuda};
use pillion_protocol::{Header, Interface};
use zerocopy::FromBytes;

use super::super::calls::Calls;
use super::Session;
use crate::turn::{After, GRANTED_ALONE, Holds, MESSAGE, Says, Word};

/// How much work the device is given at once while others want it.
const SLICE: Duration = Duration::from_millis(1);
/// Most commands of that.
const MOST_COMMANDS: u32 = 4096;
/// Most commands that give the device next to nothing, as events and small copies, beside each slice. A program that gives the device the next
/// step before it waits for the last one has these in between: if they counted, it would wait for what it is ahead of.
const MOST_LIGHT: u32 = 64;
/// A copy of so many bytes is nothing beside a slice: 20 µs of a GPU's.
const LIGHT_COPY: u64 = 1 << 20;
/// How long a session may have nothing to do and keep the turn, though others want it, if it usually has more to do by then: to hand the turn to
/// and fro takes as long. It pays for the pause as for work.
const SHORT_PAUSE: Duration = Duration::from_micros(100);
/// A longer pause says nothing of how long pauses usually are.
const LONG_PAUSE: Duration = Duration::from_millis(20);
/// What gives the device next to nothing.
const LIGHT: [&str; 10] = [
    "cuEventQuery",
    "cuEventRecord",
    "cuEventRecordWithFlags",
    "cuEventSynchronize",
    "cuStreamQuery",
    "cuStreamSynchronize",
    "cuStreamWaitEvent",
    "cuCtxSynchronize",
    "cuMemAlloc_v2",
    "cuMemFree_v2",
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
    /// Light commands since then.
    light: u32,
    /// By opcode: whether it gives the device next to nothing.
    is_light: Vec<bool>,
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
            is_light: light(),
            since: None,
            idle_since: None,
            usual_pause: Duration::ZERO,
            stalls: false,
        })
    }

    /// Whether a command gives the device next to nothing, by its header and what has come of its body.
    fn gives_little(&self, header: &Header, body: &[u8]) -> bool {
        match header.opcode.get() {
            cuda::COPY_TO_DEVICE | cuda::COPY_TO_HOST => {
                CopyHead::read_from_prefix(body).is_ok_and(|(head, _)| head.len.get() < LIGHT_COPY)
            }
            opcode => self.is_light.get(usize::from(opcode)) == Some(&true),
        }
    }

    fn say(&self, says: Says) {
        // A broker that has gone ends this process.
        let _ = rustix::io::write(&self.socket, &says.encode());
    }
}

/// [`Turn::is_light`].
fn light() -> Vec<bool> {
    let mut light = Vec::new();
    let functions = FUNCTIONS.iter().filter(|f| LIGHT.contains(&f.symbol));
    for opcode in functions.filter_map(|function| function.opcode) {
        let opcode = usize::from(opcode);
        light.resize(light.len().max(opcode + 1), false);
        light[opcode] = true;
    }
    light
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
        let needs_none =
            header.interface != Interface::Cuda as u8 || self.has_calls() || self.handles.captures;
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
        match Word(page.turn()).take_up() {
            Holds::Turn if turn.alone => true,
            Holds::Turn if turn.light < MOST_LIGHT && turn.gives_little(header, body) => {
                turn.light += 1;
                true
            }
            Holds::Turn => {
                turn.given += 1;
                turn.given <= turn.slice || self.slice_is_done()
            }
            Holds::Wanted => {
                if self.is_idle() {
                    self.return_turn(After::Again);
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
        let busy = self.account.busy;
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
                turn.asked = false;
                turn.alone = granted == GRANTED_ALONE;
                turn.busy_before = busy;
                (turn.given, turn.light, turn.since) = (0, 0, Some(Instant::now()));
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
            (turn.given, turn.light, turn.since) = (1, 0, Some(now));
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

    /// Before the loop sleeps: who has nothing to do is in nobody's way. For how long the loop may sleep, if not as it likes.
    pub(super) fn rest(&mut self) -> Option<Duration> {
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
        if self.meter.is_running() || !self.waits.is_empty() {
            return None;
        }
        let now = Instant::now();
        (turn.given, turn.light, turn.since) = (0, 0, Some(now));
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
        // Not all pauses are alike, and words take a while.
        let usual = 2 * turn.usual_pause + SHORT_PAUSE;
        self.return_turn(After::Pause(usual));
        None
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
            self.return_turn(After::Nothing);
        }
        true
    }

    fn return_turn(&mut self, after: After) {
        let (Some(turn), Some(page)) = (&mut self.turn, &self.page) else {
            return;
        };
        let busy = Duration::from_nanos(self.account.busy.saturating_sub(turn.busy_before));
        Word(page.turn()).give_back();
        turn.asked = after == After::Again;
        turn.say(Says::Returns { busy, after });
    }
}

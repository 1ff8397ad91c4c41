//! Parking: the session's device memory is moved to the host's and back, at the same addresses, while its program is idle.
//!
//! The broker asks for it, and it is done if nothing of the session is going on: CUDA locks the process, checkpoints and later restores it
//! (`cuCheckpointProcess...`, of this process by itself). In between every call of the driver would wait for ever, and so were calls of NVML
//! seen to, so none is made: this loop stands in for the other one, and only watches the client and the broker. The first bytes that the
//! client says are read and left in the input; then nothing more is, until the broker has a place for the session again.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use pillion_transport::{Interest, Ready};

use super::super::quota;
use super::super::reports::{Report, Why};
use super::{CUresult, End, OK, Session};
use pillion_cuda_abi::types::CUcheckpointLockArgs;

/// How long the driver may take until all calls and all work are done: nothing is going on, so it is not to take any time.
const LOCK_MS: u32 = 5000;
/// How often a parked session looks up though nobody has woken it: some connections are kept by that.
const LOOKS_EVERY: Duration = Duration::from_secs(1);

/// What a session knows of its parking.
#[derive(Debug, Default)]
pub struct Parking {
    /// The broker has asked for it.
    pub(super) is_asked: bool,
    /// There is room for it on the device.
    pub(super) may_return: bool,
    /// It has shared memory with other processes, or has some of theirs: a checkpoint would fail.
    pub(super) is_shared: bool,
    /// It has had managed memory: driver 580 refuses the checkpoint (`CUDA_ERROR_NOT_SUPPORTED`). It is not tried, as it has not been seen on a
    /// GPU what a refused one leaves behind.
    pub(super) is_managed: bool,
}

/// Why the device memory was not moved.
enum Unmoved {
    /// All is as it was.
    Stays(Why),
    /// The process stays locked.
    Stuck(CUresult),
}

impl Session {
    /// The broker asks for the session's device memory. Returns when the session goes on.
    ///
    /// # Errors
    ///
    /// How the session ended meanwhile.
    #[cold]
    pub(super) fn park(&mut self) -> Result<(), End> {
        self.parking.may_return = false;
        let began = Instant::now();
        // What NVML says of it, while it can be asked.
        let held = quota::of_session().and_then(|quota| quota.used(0));
        match self.move_out() {
            Err(Unmoved::Stays(why)) => {
                tracing::debug!(?why, "not parked");
                self.tell(&Report::Stays(why));
                return Ok(());
            }
            Err(Unmoved::Stuck(status)) => return Err(self.lost(status)),
            Ok(()) => {}
        }
        tracing::info!(seconds = began.elapsed().as_secs_f64(), held, "parked");
        self.tell(&Report::Parked);
        self.wait_for_return()?;
        let began = Instant::now();
        self.move_in().map_err(|status| self.lost(status))?;
        tracing::info!(seconds = began.elapsed().as_secs_f64(), "back");
        self.tell(&Report::Back);
        // What came meanwhile.
        self.take_input()
    }

    /// Waits until the client wants something and the broker has a place for it.
    fn wait_for_return(&mut self) -> Result<(), End> {
        let mut wants = false;
        loop {
            if let Some(end) = self.broker_ends() {
                return Err(end);
            }
            if self.parking.may_return {
                return Ok(());
            }
            if wants {
                self.wait_for_broker(LOOKS_EVERY)?;
                continue;
            }
            let room = self.room_to_read();
            match self.fill(room)? {
                Some(came) => {
                    self.end += came;
                    wants = true;
                    self.tell(&Report::Wants);
                }
                None => self.wait_for(Interest::READABLE, LOOKS_EVERY).map(|_| ())?,
            }
        }
    }

    /// Sleeps until the broker says something, or for so long; the client is not listened to, and is only to be there.
    fn wait_for_broker(&self, most: Duration) -> Result<(), End> {
        match self.wait_for(Interest::NONE, most)?.closed {
            true => Err(End::Client),
            false => Ok(()),
        }
    }

    /// Sleeps until there is that of the connection, or the broker says something, or for so long. Connections that have to say now and
    /// then that they are there do so.
    fn wait_for(&self, interest: Interest, most: Duration) -> Result<Ready, End> {
        let waker = Some(self.calls.waker());
        match self.connection.poller.wait(interest, waker, Some(most)) {
            Ok(ready) => Ok(ready),
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(Ready::default()),
            Err(_) => Err(End::Client),
        }
    }

    /// Whether nothing of the session is going on, on either side.
    fn is_quiet(&mut self) -> bool {
        self.start == self.end
            && self.incoming.is_none()
            && self.ahead.is_empty()
            && self.early.is_empty()
            && self.waits.is_empty()
            && self.output_len == 0
            && self.held.is_empty()
            && self.captures.is_empty()
            && self.awaited_graphs == 0
            && !self.has_calls()
            && !self.calls.any()
            && self.is_idle()
            && self.gives_up_turn()
    }

    fn move_out(&mut self) -> Result<(), Unmoved> {
        if !self.is_quiet() {
            return Err(Unmoved::Stays(Why::Busy));
        }
        let cannot = Unmoved::Stays(Why::Cannot);
        let quota = quota::of_session();
        // What it would need to come back is more than it is promised, or it is not this session's alone, or not the device's.
        if self.parking.is_shared
            || self.parking.is_managed
            || quota.is_some_and(|quota| quota.is_exceeded(0))
        {
            return Err(cannot);
        }
        let table = &self.table;
        let (Some(lock), Some(checkpoint), Some(_), Some(unlock)) = (
            table.cuCheckpointProcessLock,
            table.cuCheckpointProcessCheckpoint,
            table.cuCheckpointProcessRestore,
            table.cuCheckpointProcessUnlock,
        ) else {
            return Err(cannot);
        };
        let mut args = CUcheckpointLockArgs {
            timeoutMs: LOCK_MS,
            reserved0: 0,
            reserved1: [0; 7],
        };
        // SAFETY: this process, and a local.
        match unsafe { lock(own(), &raw mut args) } {
            OK => {}
            CUresult::CUDA_ERROR_NOT_READY => return Err(Unmoved::Stays(Why::Busy)),
            status => {
                tracing::warn!("the driver does not lock the process: error {}", status.0);
                return Err(cannot);
            }
        }
        // SAFETY: this process, and no arguments.
        let status = unsafe { checkpoint(own(), std::ptr::null_mut()) };
        if status == OK {
            return Ok(());
        }
        tracing::warn!("the device's memory cannot be moved: error {}", status.0);
        // SAFETY: as above.
        match unsafe { unlock(own(), std::ptr::null_mut()) } {
            OK => Err(cannot),
            status => Err(Unmoved::Stuck(status)),
        }
    }

    fn move_in(&mut self) -> Result<(), CUresult> {
        let table = &self.table;
        let (Some(restore), Some(unlock)) = (
            table.cuCheckpointProcessRestore,
            table.cuCheckpointProcessUnlock,
        ) else {
            return Err(CUresult::CUDA_ERROR_NOT_SUPPORTED);
        };
        // SAFETY: this process, and no arguments: to the same device.
        match unsafe { restore(own(), std::ptr::null_mut()) } {
            OK => {}
            status => return Err(status),
        }
        // SAFETY: as above.
        match unsafe { unlock(own(), std::ptr::null_mut()) } {
            OK => Ok(()),
            status => Err(status),
        }
    }

    /// The session's device memory is lost, and so is the session.
    fn lost(&mut self, status: CUresult) -> End {
        self.tell(&Report::Lost(status.0));
        self.why = format!(
            "the session was idle and its memory was moved to the host, and cannot be moved back to the device (CUDA error {}): start the \
             program again",
            status.0
        );
        End::Ended
    }

    /// Tells the broker.
    fn tell(&self, words: &Report) {
        if let Some(control) = &self.control {
            control.report(words);
        }
    }
}

fn own() -> i32 {
    std::process::id() as i32
}

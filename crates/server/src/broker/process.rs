//! A worker process, as its parent sees it.

use std::ffi::OsString;
use std::io::{self, Read};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use pillion_tenancy::{Demand, Mode, Session, Share};
use pillion_transport::Handoff;
use rustix::net::{AddressFamily, SocketFlags, SocketType, socketpair};

use super::policy::Grant;
use super::status::{SessionState, SessionStatus};
use crate::account::{Account, Page};
use crate::cache::Settings;
use crate::user::Other;
use crate::worker::said::Said;
use crate::worker::sandbox::Sandbox;
use crate::worker::{Ahead, Device, reports::Report};

/// Longest line of a worker's log that is passed on whole.
const MAX_LINE: usize = 4096;

/// Which clients a worker is for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sort {
    /// Those that only ask about devices: no context is made before one is asked for.
    pub only_asks: bool,
    /// Those that come over `ucx://`: it may use the network.
    pub networked: bool,
    /// Those that are to see these of the server's devices, where they are not the first ones.
    pub seen: Option<Vec<usize>>,
    /// Those that have their devices at the same time as others.
    pub dense: Option<Dense>,
}

/// What a dense session's worker is kept to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dense {
    /// The part of the multiprocessors that it has; `None`: what it gets.
    pub share: Option<Share>,
    /// Bytes of each device that its session may hold.
    pub memory: Option<u64>,
}

impl Dense {
    /// What a session with this demand is kept to, if it is a dense one.
    pub fn of(demand: &Demand) -> Option<Self> {
        match demand.mode {
            Mode::Dense { share } => Some(Dense {
                share,
                memory: demand.memory,
            }),
            Mode::Isolated | Mode::Exclusive => None,
        }
    }
}

impl Sort {
    /// Whoever comes.
    pub const ANY: Sort = Sort {
        only_asks: false,
        networked: false,
        seen: None,
        dense: None,
    };
    /// Who only asks.
    pub const ASKING: Sort = Sort {
        only_asks: true,
        ..Sort::ANY
    };
    /// Who comes over `ucx://`.
    pub const NETWORKED: Sort = Sort {
        networked: true,
        ..Sort::ANY
    };

    /// Whether some are kept ready for who will come. The others are of use to who asked for them alone.
    pub fn is_usual(&self) -> bool {
        self.seen.is_none() && self.dense.is_none()
    }
}

/// What a worker does.
pub enum State {
    /// Loads the device.
    Starting,
    /// Waits for a session.
    Ready,
    /// Has one.
    Serving(Box<Served>),
    /// Was told to end, and is killed at this moment.
    Stopping(Instant),
}

/// A session that a worker has.
pub struct Served {
    /// What is told of it, but for what changes: [`Served::now`] has that, too.
    pub session: SessionStatus,
    /// By what its client came in.
    pub grant: Grant,
    /// Its place on the devices.
    pub place: Option<Session>,
    /// Nanoseconds of the devices' time that have been counted.
    pub counted: u64,
    /// When it began.
    pub since: Instant,
    /// Bytes of each device's memory that it may hold.
    pub quota: Option<u64>,
    /// How long its client had waited then.
    pub waited: Duration,
    /// Why it is being ended, if it is.
    pub ending: Option<String>,
}

impl Served {
    /// What is told of it now that it has used so much.
    pub fn now(&self, mut used: Account) -> SessionStatus {
        // What is on the host it does not hold of the device.
        let parked_memory = match self.session.state {
            SessionState::Parked | SessionState::Waiting => std::mem::take(&mut used.memory),
            _ => 0,
        };
        SessionStatus {
            seconds: self.since.elapsed().as_secs(),
            used,
            parked_memory,
            ..self.session.clone()
        }
    }
}

/// How a worker is started.
pub struct Start<'a> {
    /// The program whose `worker` command is a worker.
    pub program: &'a Path,
    /// What it works on.
    pub device: Device,
    /// What it may make ahead of its client.
    pub ahead: Ahead,
    /// Whom it is for.
    pub sort: Sort,
    /// It sees only the devices that `CUDA_VISIBLE_DEVICES` names so: those of its sort.
    pub list: Option<String>,
    /// What its driver is told of sharing the device with others at the same time.
    pub mps: Vec<(&'static str, OsString)>,
    /// Its content cache.
    pub cache: Option<&'a Settings>,
    /// Whom it belongs to, if not to the server's user.
    pub user: Option<&'a Other>,
    /// Whether it is shut in.
    pub sandbox: Sandbox,
    /// Its session takes turns on the device.
    pub takes_turns: bool,
    /// Its log is not passed on.
    pub quiet: bool,
}

/// A worker process. Killed and reaped when dropped.
pub struct Worker {
    child: Child,
    /// Our end of its control socket; `None` once closed.
    control: Option<OwnedFd>,
    page: Arc<Page>,
    /// Our end of the socket for its turns, until its session has it.
    turns: Option<OwnedFd>,
    log: Option<Log>,
    kill_at: Option<Instant>,
    /// What it has reported so far and was not whole.
    heard: Vec<u8>,
    /// What it has come to on the device, if nothing works for it there any more.
    pub fault: Option<u32>,
    /// What it does.
    pub state: State,
    /// Whom it is for.
    pub sort: Sort,
    /// When it was started.
    pub since: Instant,
}

/// What a look at the control socket found.
#[derive(Debug, PartialEq, Eq)]
pub enum Control {
    /// This, or nothing new.
    Heard(Vec<Report>),
    /// The worker has closed it, or says what no worker says.
    Closed,
}

impl Worker {
    /// Starts one. The kernel ends it when the *thread* that called this ends.
    ///
    /// # Errors
    ///
    /// The kernel's, when there is no room for another process or descriptor, or the program is gone.
    pub fn spawn(start: Start<'_>) -> io::Result<Self> {
        let Start {
            program,
            device,
            ahead,
            sort,
            list,
            mps,
            cache,
            user,
            sandbox,
            takes_turns,
            quiet,
        } = start;
        let pair = |kind| socketpair(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None);
        let (ours, theirs) = pair(SocketType::STREAM)?;
        let number = theirs.as_raw_fd();
        let page = Page::new()?;
        let memory = page.memory().as_fd().as_raw_fd();
        let turns = takes_turns
            .then(|| pair(SocketType::SEQPACKET))
            .transpose()?;
        // What the child is to have.
        let mut numbers = [Some(number), Some(memory), None];
        let mut command = Command::new(program);
        command
            .arg("worker")
            .args(["--control-fd", &number.to_string()])
            .args(["--account-fd", &memory.to_string()])
            .args(["--device", &device.to_string()])
            .args(["--sandbox", &sandbox.to_string()])
            .args(["--ready-workers", &ahead.workers.to_string()])
            // A worker has no use for the operator's secrets.
            .env_remove("PILLION_TOKEN")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            // Ctrl-C at the terminal is for the broker, which lets sessions end.
            .process_group(0);
        if sort.networked {
            command.arg("--network");
        }
        if let Some(dense) = sort.dense {
            command.arg("--dense").envs(mps);
            if let Some(share) = dense.share {
                command.args(["--share", &share.percent().to_string()]);
            }
        }
        if let Some(memory) = ahead.memory {
            command.args(["--ready-memory", &memory.to_string()]);
        }
        if let Some(cache) = cache {
            command.arg("--cache").arg(&cache.folder);
            command.args(["--cache-size", &cache.size.to_string()]);
        }
        if let Some(user) = user {
            command.arg("--user").arg(user.rights.to_string());
            if device == Device::Nvidia {
                command.envs(user.environment());
            }
        }
        if let Some((ours, theirs)) = &turns {
            rustix::io::ioctl_fionbio(ours, true)?;
            let number = theirs.as_raw_fd();
            command.args(["--turn-fd", &number.to_string()]);
            numbers[2] = Some(number);
        }
        if let Some(list) = &list {
            command.env("CUDA_VISIBLE_DEVICES", list);
        }
        // SAFETY: the closure runs in the forked child before exec and makes only async-signal-safe system calls on integers:
        // no allocation, no lock. The numbers are the child's copies of `theirs`, the page's and the turns', which outlive the spawn.
        unsafe {
            command.pre_exec(move || {
                // Whatever we ourselves were started with stays here. Kernels before 5.11 cannot mark a range; there only
                // our own descriptors, all of them close-on-exec, stay here.
                libc::syscall(
                    libc::SYS_close_range,
                    3,
                    libc::c_uint::MAX,
                    libc::CLOSE_RANGE_CLOEXEC,
                );
                for number in numbers.into_iter().flatten() {
                    if libc::fcntl(number, libc::F_SETFD, 0) == -1 {
                        return Err(io::Error::last_os_error());
                    }
                }
                Ok(())
            });
        }
        let mut child = command.spawn()?;
        drop(theirs);
        let log = child.stderr.take().and_then(|pipe| Log::new(pipe, quiet));
        rustix::io::ioctl_fionbio(&ours, true)?;
        Ok(Worker {
            child,
            control: Some(ours),
            page: Arc::new(page),
            turns: turns.map(|(ours, _)| ours),
            log,
            kill_at: None,
            heard: Vec::new(),
            fault: None,
            sort,
            state: State::Starting,
            since: Instant::now(),
        })
    }

    /// Its process number.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The control socket, to be polled.
    pub fn control(&self) -> Option<&OwnedFd> {
        self.control.as_ref()
    }

    /// The log pipe, to be polled.
    pub fn log(&self) -> Option<&ChildStderr> {
        self.log.as_ref().map(|log| &log.pipe)
    }

    /// What its session has used.
    pub fn account(&self) -> Account {
        self.page.read()
    }

    /// What its session has in common with the broker.
    pub fn page(&self) -> Arc<Page> {
        Arc::clone(&self.page)
    }

    /// Whether its session can take turns.
    pub fn takes_turns(&self) -> bool {
        self.turns.is_some()
    }

    /// The way to its session, for its turns: the first who asks has it.
    pub fn turns(&mut self) -> Option<OwnedFd> {
        self.turns.take()
    }

    /// Looks at the control socket.
    pub fn read_control(&mut self) -> Control {
        let Some(control) = &self.control else {
            return Control::Closed;
        };
        let mut bytes = [0; 4096];
        match rustix::io::read(control, &mut bytes) {
            Ok(n @ 1..) => {
                self.heard.extend_from_slice(&bytes[..n]);
                let mut reports = Vec::new();
                loop {
                    match Report::take(&mut self.heard) {
                        Ok(Some(report)) => reports.push(report),
                        Ok(None) => return Control::Heard(reports),
                        Err(_) => return Control::Closed,
                    }
                }
            }
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => Control::Heard(Vec::new()),
            Ok(0) | Err(_) => Control::Closed,
        }
    }

    /// Passes on what it has logged.
    pub fn read_log(&mut self) {
        let pid = self.pid();
        if self
            .log
            .as_mut()
            .is_some_and(|log| log.read(pid) == Stream::Ended)
        {
            // The last line stays known.
            if let Some(log) = &mut self.log {
                log.ended = true;
            }
        }
    }

    /// From now on its log is passed on.
    pub fn unmute(&mut self) {
        if let Some(log) = &mut self.log {
            log.quiet = false;
        }
    }

    /// Whether the log may still say something.
    pub fn logs(&self) -> bool {
        self.log.as_ref().is_some_and(|log| !log.ended)
    }

    /// The last line that it logged.
    pub fn last_line(&self) -> Option<&str> {
        self.log
            .as_ref()
            .map(|log| log.last.as_str())
            .filter(|line| !line.is_empty())
    }

    /// Gives it a connection, with the session's identity and the greeting. The descriptors stay open here on failure only as
    /// long as `handoff` does.
    ///
    /// # Errors
    ///
    /// The control socket's: the worker is gone.
    pub fn assign(&self, handoff: &Handoff, note: &[u8]) -> io::Result<()> {
        let control = self.control.as_ref().ok_or(io::ErrorKind::BrokenPipe)?;
        let fds = handoff
            .fds
            .iter()
            .map(OwnedFd::try_clone)
            .collect::<io::Result<_>>()?;
        let copy = Handoff {
            scheme: handoff.scheme.clone(),
            fds,
            state: handoff.state.clone(),
        };
        copy.send(control.as_fd(), note)
    }

    /// Tells it to end, and has it killed at `deadline`.
    pub fn stop(&mut self, deadline: Instant) {
        self.control = None;
        self.state = State::Stopping(deadline);
    }

    /// Tells it to end its session for that reason, and has it killed at `deadline`. The session stays known, for the log.
    pub fn end(&mut self, reason: &str, deadline: Instant) {
        if let State::Serving(served) = &mut self.state {
            served.ending.get_or_insert_with(|| reason.to_string());
            // It passes that on to its client. If it cannot hear, it is killed.
            self.say(&Said::End(format!("the server ends the session: {reason}")));
            self.closing(deadline);
        }
    }

    /// Says something to its session. A worker that cannot hear it is about to end.
    pub fn say(&self, said: &Said) {
        if let Some(control) = &self.control {
            let _ = rustix::io::write(control, &said.encode());
        }
    }

    /// The session that it has and is not being ended.
    pub fn serving(&self) -> Option<&Served> {
        match &self.state {
            State::Serving(served) if served.ending.is_none() => Some(served),
            _ => None,
        }
    }

    /// It has closed its control socket: has it killed at `deadline` unless it ends by itself. What it was doing stays known,
    /// for the log.
    pub fn closing(&mut self, deadline: Instant) {
        self.control = None;
        self.kill_at = Some(deadline);
    }

    /// Has it killed at that moment, unless this is said again: it is to do something by then.
    pub fn kill_by(&mut self, deadline: Option<Instant>) {
        self.kill_at = deadline;
    }

    /// When it has to be killed.
    pub fn kill_at(&self) -> Option<Instant> {
        match self.state {
            State::Stopping(deadline) => Some(deadline),
            _ => self.kill_at,
        }
    }

    /// Ends it now.
    pub fn kill(&mut self) {
        // It has ended already.
        let _ = self.child.kill();
    }

    /// How it ended, if it has.
    pub fn reap(&mut self) -> Option<ExitStatus> {
        let status = self.child.try_wait().ok().flatten()?;
        self.read_log();
        Some(status)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// A worker's standard error.
struct Log {
    pipe: ChildStderr,
    line: Vec<u8>,
    last: String,
    ended: bool,
    quiet: bool,
}

#[derive(PartialEq, Eq)]
enum Stream {
    Open,
    Ended,
}

impl Log {
    fn new(pipe: ChildStderr, quiet: bool) -> Option<Self> {
        rustix::io::ioctl_fionbio(&pipe, true).ok()?;
        Some(Log {
            pipe,
            line: Vec::new(),
            last: String::new(),
            ended: false,
            quiet,
        })
    }

    fn read(&mut self, pid: u32) -> Stream {
        let mut buffer = [0; 4096];
        // Bounded, so that a chatty worker does not hold up the others.
        for _ in 0..16 {
            match self.pipe.read(&mut buffer) {
                Ok(0) => {
                    self.finish(pid);
                    return Stream::Ended;
                }
                Ok(n) => {
                    for &byte in &buffer[..n] {
                        if byte == b'\n' || self.line.len() >= MAX_LINE {
                            self.finish(pid);
                        }
                        if byte != b'\n' {
                            self.line.push(byte);
                        }
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Stream::Open,
                Err(_) => return Stream::Ended,
            }
        }
        Stream::Open
    }

    fn finish(&mut self, pid: u32) {
        if self.line.is_empty() {
            return;
        }
        let line = String::from_utf8_lossy(&self.line);
        let line: String = line.chars().filter(|c| !c.is_control()).collect();
        if !self.quiet {
            // It has time and level already. Nobody to tell when standard error is closed.
            let _ = io::Write::write_all(
                &mut io::stderr(),
                format!("worker {pid}: {line}\n").as_bytes(),
            );
        }
        self.last = line;
        self.line.clear();
    }
}

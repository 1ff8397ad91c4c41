//! The connection to the server, from the first `nvmlInit` to the last `nvmlShutdown`.

use std::collections::HashMap;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use pillion_cuda_abi::CUresult;
use pillion_dial::{Reached, Wire};
use pillion_protocol::command::session as op;
use pillion_protocol::nvml::{self, Argument, Function, Lasting, Written, status};
use pillion_protocol::{Decoder, Header, Hello, Interface, Process, Reply};

use crate::Result;
use crate::handle::MAX_DEVICES;

/// How long the server may keep still. NVML itself may take seconds to start.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a list of processes is believed: as long as a program takes to ask for one device after the other.
const FRESH: Duration = Duration::from_millis(200);

/// What a process has of this library. Made once per process, never freed: other threads may be in any call when it ends.
pub struct Library {
    pid: u32,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// `nvmlInit` without `nvmlShutdown`.
    users: usize,
    session: Option<Session>,
}

/// The library of this process, or of the one that it was forked from.
static CURRENT: AtomicPtr<Library> = AtomicPtr::new(core::ptr::null_mut());

impl Library {
    /// The session, which exists.
    ///
    /// # Errors
    ///
    /// `NVML_ERROR_UNINITIALIZED` before `nvmlInit`, after the last `nvmlShutdown` and in the child of a fork, which has
    /// nothing of its parent's.
    pub fn current() -> Result<Guard> {
        let library = Self::of_this_process().ok_or(status::UNINITIALIZED)?;
        let guard = Guard(library.lock());
        match guard.0.session {
            Some(_) => Ok(guard),
            None => Err(status::UNINITIALIZED),
        }
    }

    /// `nvmlInit`.
    ///
    /// # Errors
    ///
    /// `NVML_ERROR_DRIVER_NOT_LOADED` where no server can be reached; what the server's NVML says where that does not start.
    pub fn initialise() -> Result {
        let library = match Self::of_this_process() {
            Some(library) => library,
            None => Self::begin(),
        };
        let mut state = library.lock();
        if state.session.as_ref().is_none_or(|session| session.lost) {
            state.session = Some(Session::open()?);
        }
        state.users += 1;
        Ok(())
    }

    /// `nvmlShutdown`.
    ///
    /// # Errors
    ///
    /// `NVML_ERROR_UNINITIALIZED` where there was no `nvmlInit` before.
    pub fn shut_down() -> Result {
        let mut state = Self::current()?.0;
        state.users -= 1;
        if state.users == 0
            && let Some(session) = state.session.take()
        {
            session.close();
        }
        Ok(())
    }

    fn of_this_process() -> Option<&'static Library> {
        // Acquire: pairs with the release in `begin`; the library is whole.
        let library = CURRENT.load(Ordering::Acquire);
        // SAFETY: null, or a library that is never freed.
        let library = unsafe { library.as_ref() }?;
        // A fork copies the pointer, and with it locks that nobody will ever open.
        (library.pid == std::process::id()).then_some(library)
    }

    fn begin() -> &'static Library {
        let library = Box::into_raw(Box::new(Library {
            pid: std::process::id(),
            state: Mutex::default(),
        }));
        loop {
            let old = CURRENT.load(Ordering::Acquire);
            if let Some(library_of_another_thread) = Self::of_this_process() {
                // SAFETY: made above, and shown to nobody.
                drop(unsafe { Box::from_raw(library) });
                return library_of_another_thread;
            }
            // Release: pairs with the acquire in `of_this_process`.
            if CURRENT
                .compare_exchange(old, library, Ordering::Release, Ordering::Relaxed)
                .is_ok()
            {
                // SAFETY: never freed from here on.
                return unsafe { &*library };
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The session, to this thread alone.
pub struct Guard(MutexGuard<'static, State>);

impl core::ops::Deref for Guard {
    type Target = Session;
    fn deref(&self) -> &Session {
        self.0
            .session
            .as_ref()
            .expect("a guard is made with a session")
    }
}

impl core::ops::DerefMut for Guard {
    fn deref_mut(&mut self) -> &mut Session {
        self.0
            .session
            .as_mut()
            .expect("a guard is made with a session")
    }
}

/// A session with a server.
pub struct Session {
    reached: Reached,
    sequence: u64,
    lost: bool,
    devices: usize,
    /// Answers that last, by opcode and request.
    answers: HashMap<(u16, Vec<u8>), Vec<u8>>,
    processes: Option<(Instant, Vec<Process>)>,
    /// Sets of events, by the number that is their handle.
    pub event_sets: Vec<usize>,
}

impl Session {
    fn open() -> Result<Self> {
        // All devices, whatever the program's CUDA shows of them, as natively.
        let hello = Hello {
            only_asks: true,
            ..pillion_dial::hello()
        };
        let reached = pillion_dial::reach(&hello).map_err(|error| {
            say(&error.to_string());
            status::DRIVER_NOT_LOADED
        })?;
        let mut session = Session {
            reached,
            sequence: 0,
            lost: false,
            devices: 0,
            answers: HashMap::new(),
            processes: None,
            event_sets: Vec::new(),
        };
        // A server that does not know this interface ends the session.
        let answer = session
            .ask(nvml::OPEN, Vec::new())
            .map_err(|_| status::DRIVER_NOT_LOADED)?;
        let mut body = Decoder::new(&answer);
        let (Ok(opened), Ok(devices)) = (body.scalar::<u32>(), body.scalar::<u64>()) else {
            return Err(status::DRIVER_NOT_LOADED);
        };
        if opened != status::SUCCESS {
            session.close();
            return Err(opened);
        }
        session.devices = (devices as usize).min(MAX_DEVICES);
        Ok(session)
    }

    /// How many devices there are.
    pub fn devices(&self) -> usize {
        self.devices
    }

    /// Calls a function on the server. Returns its status and, by parameter, what it wrote.
    ///
    /// # Errors
    ///
    /// `NVML_ERROR_GPU_IS_LOST` where the server has gone away.
    pub fn call(&mut self, function: &Function, arguments: &[Argument]) -> Result<(u32, Written)> {
        let mut request = Vec::new();
        nvml::encode_request(function, arguments, &mut request);
        let lasts = function.lasting == Lasting::Once;
        let key = (function.number, request);
        let decode = |answer: &[u8]| {
            nvml::decode_answer(function, arguments, answer).map_err(|_| status::UNKNOWN)
        };
        if lasts && let Some(answer) = self.answers.get(&key) {
            return decode(answer);
        }
        let answer = self.ask(function.number, key.1.clone())?;
        let decoded = decode(&answer)?;
        if lasts && decoded.0 == status::SUCCESS {
            self.answers.insert(key, answer);
        }
        Ok(decoded)
    }

    /// The programs of this client that the server works for.
    pub fn processes(&mut self) -> &[Process] {
        let fresh = |(since, _): &(Instant, Vec<Process>)| since.elapsed() < FRESH;
        if !self.processes.as_ref().is_some_and(fresh) {
            // A server that does not tell has none of ours to tell of.
            let list = self.ask_processes().unwrap_or_default();
            self.processes = Some((Instant::now(), list));
        }
        self.processes.as_ref().map_or(&[], |(_, list)| list)
    }

    fn ask_processes(&self) -> pillion_dial::Result<Vec<Process>> {
        let mut wire = Wire::connect(&self.reached.uri, Duration::from_secs(5))?;
        let body = wire.greeting(&pillion_dial::hello());
        wire.queue(
            Header::new(Interface::Session, op::PROCESSES, body.len(), 0, 0, 0),
            body,
        );
        let list = wire.reply(PATIENCE, |reply| match reply {
            Reply::Answer { body, .. } => Some(Process::decode(body)),
            _ => None,
        })?;
        list.map_err(|violation| wire.error(violation))
    }

    fn ask(&mut self, opcode: u16, body: Vec<u8>) -> Result<Vec<u8>> {
        if self.lost {
            return Err(status::GPU_IS_LOST);
        }
        self.sequence += 1;
        let header = Header::new(Interface::Nvml, opcode, body.len(), self.sequence, 0, 0);
        let wire = &mut self.reached.wire;
        wire.queue(header, body);
        let answer = wire.reply(PATIENCE, |reply| match reply {
            Reply::Answer {
                status: CUresult::CUDA_SUCCESS,
                body,
            } => Some(Ok(body.to_vec())),
            Reply::Answer { .. } => Some(Err(status::UNKNOWN)),
            _ => None,
        });
        answer.unwrap_or_else(|error| {
            say(&error.to_string());
            self.lost = true;
            Err(status::GPU_IS_LOST)
        })
    }

    fn close(mut self) {
        self.sequence += 1;
        let header = Header::new(Interface::Session, op::GOODBYE, 0, self.sequence, 0, 0);
        self.reached.wire.queue(header, Vec::new());
        // The server frees everything also when the connection closes.
        let _ = self.reached.wire.send();
    }
}

/// Says on standard error why there is nothing to manage, if `PILLION_LOG` asks to hear it: a program that only looks whether
/// there is a GPU must not be disturbed.
fn say(message: &str) {
    let level = std::env::var("PILLION_LOG").unwrap_or_default();
    if ["info", "debug", "trace"].contains(&level.to_ascii_lowercase().as_str()) {
        use std::io::Write;
        // Nobody to tell when standard error is closed.
        let _ = std::io::stderr().write_all(format!("pillion: {message}\n").as_bytes());
    }
}

//! NVIDIA's MPS, by which dense sessions have a device at the same time: its control daemon, as a child of the broker's.
//!
//! The daemon is for our workers alone: it is of their user, and in a folder of its own, so neither a program outside nor an isolated
//! session finds it, and one that the administrator runs is left alone. It starts a server process when the first worker makes a context.
//! Both end with the broker: the kernel kills the daemon, and the server does not outlive it.

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, io};

use rustix::fs::{FlockOperation, flock};

use super::process::Dense;
use crate::user::{Other, Rights};

/// The daemon's program.
const PROGRAM: &str = "nvidia-cuda-mps-control";
/// Names it, where it is not on the `PATH`.
const PROGRAM_VARIABLE: &str = "PILLION_MPS_CONTROL";
/// Where drivers put it besides.
const USUAL_FOLDERS: [&str; 3] = ["/usr/bin", "/usr/local/nvidia/bin", "/opt/bin"];
/// What its folders begin with.
const FOLDER: &str = "pillion-mps-";
/// How long it may take to listen; 150 ms were measured.
const START_LIMIT: Duration = Duration::from_secs(20);
/// What a worker's session may hold beyond its quota, by MPS's own limit: contexts, and what the driver takes besides. The quota is kept by
/// the worker, to a granule; this is for one that does not keep it.
const BESIDES: u64 = 1 << 30;
/// Longest line of its log that is passed on.
const MAX_LINE: u64 = 1024;

/// A daemon that runs. Ends when dropped.
pub struct Mps {
    daemon: Child,
    folder: Folder,
    since: Instant,
    listens: bool,
}

/// How a daemon is.
#[derive(Debug, PartialEq, Eq)]
pub enum Condition {
    /// It is not there yet.
    Starting,
    /// Workers find it.
    Listening,
    /// It has ended, or does not get there.
    Over(String),
}

impl Mps {
    /// Where the daemon's program is. On the CPU device there is none, unless the environment names one.
    ///
    /// # Errors
    ///
    /// That it is nowhere, as a sentence.
    pub fn program(is_nvidia: bool) -> Result<Option<PathBuf>, String> {
        if let Some(path) = env::var_os(PROGRAM_VARIABLE).filter(|path| !path.is_empty()) {
            return Ok(Some(path.into()));
        }
        if !is_nvidia {
            return Ok(None);
        }
        let path = env::var_os("PATH").unwrap_or_default();
        let folders = env::split_paths(&path).chain(USUAL_FOLDERS.map(PathBuf::from));
        let mut programs = folders.map(|folder| folder.join(PROGRAM));
        programs.find(|program| program.is_file()).map(Some).ok_or_else(|| {
            format!(
                "dense sessions need NVIDIA's MPS, and there is no {PROGRAM} on the server's PATH: install it (it comes with the driver), or \
                 name it in {PROGRAM_VARIABLE}"
            )
        })
    }

    /// Starts one, of the workers' user. The kernel ends it when the *thread* that called this ends.
    ///
    /// # Errors
    ///
    /// A sentence: the program or its folder is refused.
    pub fn start(program: &Path, user: Option<&Other>, now: Instant) -> Result<Self, String> {
        let rights = user.map(|user| &user.rights);
        let folder = Folder::make(rights)
            .map_err(|error| format!("there can be no folder for NVIDIA's MPS: {error}"))?;
        let mut command = Command::new(program);
        command
            .arg("-f")
            .envs(folder.environment())
            // Its clients name devices as they are named without it.
            .env_remove("CUDA_VISIBLE_DEVICES")
            .env_remove("PILLION_TOKEN")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .current_dir("/")
            .process_group(0);
        let rights = rights.cloned();
        // SAFETY: the closure runs in the forked child before exec and makes only async-signal-safe system calls, on integers and on memory
        // that was there before: no allocation, no lock.
        unsafe {
            command.pre_exec(move || {
                if let Some(rights) = &rights {
                    rights.take_in_child()?;
                }
                // After the user has changed, which makes the kernel forget it.
                libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL, 0, 0, 0);
                libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
                libc::syscall(
                    libc::SYS_close_range,
                    3,
                    libc::c_uint::MAX,
                    libc::CLOSE_RANGE_CLOEXEC,
                );
                Ok(())
            });
        }
        let mut daemon = command.spawn().map_err(|error| {
            format!(
                "NVIDIA's MPS, {}, does not start: {error}",
                program.display()
            )
        })?;
        tracing::info!(pid = daemon.id(), "NVIDIA's MPS starts, for dense sessions");
        pass_on(daemon.stdout.take());
        pass_on(daemon.stderr.take());
        Ok(Mps {
            daemon,
            folder,
            since: now,
            listens: false,
        })
    }

    /// How it is now.
    pub fn condition(&mut self, now: Instant) -> Condition {
        if let Ok(Some(status)) = self.daemon.try_wait() {
            return Condition::Over(format!("it {}", super::supervisor::describe(status)));
        }
        self.listens |= self.folder.pipes().join("control").exists();
        match self.listens {
            true => Condition::Listening,
            false if now.duration_since(self.since) > START_LIMIT => Condition::Over(format!(
                "it does not listen within {} seconds",
                START_LIMIT.as_secs()
            )),
            false => Condition::Starting,
        }
    }

    /// What a worker is started with, so that it and its contexts are this daemon's.
    pub fn environment(&self, dense: &Dense, devices: usize) -> Vec<(&'static str, OsString)> {
        let mut environment = self.folder.environment().to_vec();
        if let Some(share) = dense.share {
            let share = share.percent().to_string();
            environment.push(("CUDA_MPS_ACTIVE_THREAD_PERCENTAGE", share.into()));
        }
        if let Some(memory) = dense.memory {
            let mebibytes = memory.saturating_add(BESIDES) >> 20;
            let limits = (0..devices.max(1)).map(|device| format!("{device}={mebibytes}M"));
            let limits = limits.collect::<Vec<_>>().join(",");
            environment.push(("CUDA_MPS_PINNED_DEVICE_MEM_LIMIT", limits.into()));
        }
        environment
    }
}

impl Drop for Mps {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// Logs what a daemon says, and its servers, which have the same pipe.
fn pass_on(pipe: Option<impl Read + Send + 'static>) {
    let Some(pipe) = pipe else { return };
    let passes = move || {
        let mut lines = BufReader::new(pipe);
        let mut line = Vec::new();
        while let Ok(1..) = (&mut lines).take(MAX_LINE).read_until(b'\n', &mut line) {
            let said = String::from_utf8_lossy(&line);
            tracing::debug!("mps: {}", said.trim_end().escape_debug());
            line.clear();
        }
    };
    let thread = std::thread::Builder::new().name("pillion-mps".to_string());
    // Without it the pipe is closed, and the daemon's log goes nowhere.
    let _ = thread.spawn(passes);
}

/// Where a daemon and its clients find each other. Removed when dropped.
#[derive(Debug)]
struct Folder {
    path: PathBuf,
    /// Locked, for as long as the folder is in use.
    _lock: File,
}

impl Folder {
    fn make(rights: Option<&Rights>) -> io::Result<Self> {
        let all = env::temp_dir();
        remove_stale(&all);
        let mut number = [0; 8];
        crate::random(&mut number)?;
        let path = all.join(format!("{FOLDER}{:016x}", u64::from_le_bytes(number)));
        fs::DirBuilder::new().mode(0o711).create(&path)?;
        let lock = File::create_new(path.join("lock"))?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
        let folder = Folder { path, _lock: lock };
        for part in [folder.pipes(), folder.logs()] {
            fs::DirBuilder::new().mode(0o700).create(&part)?;
            if let Some(rights) = rights {
                rights.give(&part)?;
            }
        }
        Ok(folder)
    }

    fn pipes(&self) -> PathBuf {
        self.path.join("pipe")
    }

    fn logs(&self) -> PathBuf {
        self.path.join("log")
    }

    fn environment(&self) -> [(&'static str, OsString); 2] {
        [
            ("CUDA_MPS_PIPE_DIRECTORY", self.pipes().into()),
            ("CUDA_MPS_LOG_DIRECTORY", self.logs().into()),
        ]
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // The next server removes what is left.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Removes the folders of servers that were killed.
fn remove_stale(all: &Path) {
    let own = rustix::process::geteuid();
    for entry in fs::read_dir(all).into_iter().flatten().flatten() {
        if !entry.file_name().to_string_lossy().starts_with(FOLDER) {
            continue;
        }
        let path = entry.path();
        let is_ours = fs::symlink_metadata(&path)
            .is_ok_and(|found| found.is_dir() && found.uid() == own.as_raw());
        let free =
            |lock: File| flock(lock.as_fd(), FlockOperation::NonBlockingLockExclusive).is_ok();
        if is_ours && File::open(path.join("lock")).is_ok_and(free) {
            let _ = fs::remove_dir_all(&path);
        }
    }
}

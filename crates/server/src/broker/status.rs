//! The server's state, as `pillion status` shows it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::account::{Account, WAITS};

/// What [`pillion_protocol::command::session::STATUS`] is answered with. Fields are only ever added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Version of the server program.
    pub version: String,
    /// Newest protocol version that it speaks.
    pub protocol: u32,
    /// Process number of the broker.
    pub pid: u32,
    /// What executes: `nvidia` or `cpu`.
    pub device: String,
    /// Why that device, as a sentence.
    pub device_reason: String,
    /// Seconds since the broker started.
    pub uptime_seconds: u64,
    /// Where it listens.
    pub listeners: Vec<String>,
    /// It accepts nobody any more and ends when its sessions have.
    pub draining: bool,
    /// Sessions that run, oldest first.
    pub sessions: Vec<SessionStatus>,
    /// Worker processes by what they do.
    pub workers: WorkerCounts,
    /// Clients that have greeted and wait for a worker, or for a place on the devices.
    pub waiting: usize,
    /// Those that wait for a place on the devices, the next first.
    #[serde(default)]
    pub queue: Vec<QueueStatus>,
    /// Most sessions at once.
    pub max_sessions: usize,
    /// Sessions begun since the start.
    pub served: u64,
    /// Greetings refused since the start.
    pub refused: u64,
    /// Why the last worker that could not start did not, while no later one has served.
    pub last_failure: Option<String>,
    /// The devices, by their numbers.
    #[serde(default)]
    pub gpus: Vec<GpuStatus>,
    /// Who has had a session or has waited for one since the start, by name.
    #[serde(default)]
    pub tenants: Vec<TenantStatus>,
}

/// A device of the server's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GpuStatus {
    /// Its number.
    pub index: usize,
    /// What it is called.
    pub name: String,
    /// Its UUID, as `nvidia-smi` writes it.
    pub uuid: String,
    /// Bytes that it has.
    pub memory: u64,
    /// Bytes of them that are promised to sessions.
    pub promised: u64,
    /// Sessions that are on it.
    pub sessions: u32,
    /// One of them has it to itself.
    pub exclusive: bool,
    /// Sessions that are parked and will come back to it.
    #[serde(default)]
    pub parked: u32,
    /// Bytes that are promised to those.
    #[serde(default)]
    pub parked_memory: u64,
}

/// What the sessions of an identity come to, since the server has started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantStatus {
    /// The identity; [`OTHERS`] stands for all that there is no room for.
    pub identity: String,
    /// Sessions that run.
    pub sessions: usize,
    /// Clients that wait for a place or a worker.
    pub waiting: usize,
    /// Sessions that have begun.
    pub begun: u64,
    /// Sessions that did not end by their clients' leaving.
    pub failed: u64,
    /// Clients that were known and refused all the same.
    pub refused: u64,
    /// What the sessions have used, those that run included; `memory` is what these hold now.
    pub used: Account,
    /// How long clients waited from their greeting to their session's beginning, in the classes of [`Account::waits`].
    pub starts: [u64; WAITS],
    /// Nanoseconds of that in all.
    pub starting: u64,
}

/// The [`TenantStatus::identity`] of those who have no line of their own.
pub const OTHERS: &str = "(others)";

/// Where a session's device memory is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SessionState {
    /// On the device.
    #[default]
    Running,
    /// It is being moved to the host's memory.
    Parking,
    /// It is there.
    Parked,
    /// It is there, and its program waits for a place on the device.
    Waiting,
    /// It is being moved back.
    Returning,
    /// Something that a newer server tells of.
    #[serde(other)]
    Unknown,
}

impl fmt::Display for SessionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SessionState::Running => "running",
            SessionState::Parking => "parking",
            SessionState::Parked => "parked",
            SessionState::Waiting => "waiting",
            SessionState::Returning => "returning",
            SessionState::Unknown => "unknown",
        })
    }
}

/// One running session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionStatus {
    /// The session's identity, in hexadecimal.
    pub id: String,
    /// Whom the broker takes the client for: a name, `uid N`, or `anonymous`.
    pub identity: String,
    /// The public part of the token that opened it, if that has one.
    #[serde(default)]
    pub token: Option<String>,
    /// Where it comes from, as the transport knows it.
    pub peer: String,
    /// The listener that it came in by.
    pub listener: String,
    /// The program's name, as the client says.
    pub program: String,
    /// The program's process number, as the client says.
    pub pid: u32,
    /// Seconds since 1970 when it began.
    pub started: u64,
    /// Seconds that it has lasted.
    pub seconds: u64,
    /// Process number of its worker.
    pub worker_pid: u32,
    /// What it has used so far.
    #[serde(default)]
    pub used: Account,
    /// The server's devices that it is on, by their numbers.
    #[serde(default)]
    pub gpus: Vec<usize>,
    /// Where its device memory is.
    #[serde(default)]
    pub state: SessionState,
    /// How often it has been moved to the host's memory.
    #[serde(default)]
    pub parked: u64,
    /// Bytes of device memory that are on the host now, of those that [`Account::memory`] has otherwise.
    #[serde(default)]
    pub parked_memory: u64,
    /// How it is on them: `isolated`, `dense`, `dense 40%`, `exclusive`; empty where it only asks about them.
    #[serde(default)]
    pub mode: String,
}

/// A client that waits for a place on the devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueStatus {
    /// What `pillion cancel` and `pillion change` call it.
    #[serde(default)]
    pub id: String,
    /// 1 is next.
    pub position: usize,
    /// Whom the broker takes the client for.
    pub identity: String,
    /// The program's name, as the client says.
    pub program: String,
    /// The program's process number, as the client says.
    pub pid: u32,
    /// Where it comes from, as the transport knows it.
    pub peer: String,
    /// Seconds that it has waited.
    pub seconds: u64,
}

/// Worker processes by what they do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerCounts {
    /// Loading the device.
    pub starting: usize,
    /// Warm, without a session.
    pub ready: usize,
    /// With a session.
    pub serving: usize,
    /// Told to end.
    pub stopping: usize,
}

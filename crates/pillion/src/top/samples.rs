//! States of servers for tests.

use pillion_server::account::Account;
use pillion_server::broker::{
    GpuStatus, QueueStatus, SessionState, SessionStatus, Status, TenantStatus,
};

/// One with two devices and nobody on them.
pub fn server() -> Status {
    let gpu = |index| GpuStatus {
        index,
        name: format!("Device {index}"),
        uuid: format!("GPU-{index}"),
        memory: 16 << 30,
        ..GpuStatus::default()
    };
    Status {
        version: "1.2.3".to_string(),
        protocol: 9,
        pid: 77,
        device: "cpu".to_string(),
        uptime_seconds: 3661,
        gpus: vec![gpu(0), gpu(1)],
        max_sessions: 64,
        ..Status::default()
    }
}

/// A session that has used so much.
pub fn session(id: &str, identity: &str, used: Account) -> SessionStatus {
    SessionStatus {
        id: id.to_string(),
        identity: identity.to_string(),
        token: None,
        peer: "127.0.0.1:9".to_string(),
        listener: "tcp://127.0.0.1:7717".to_string(),
        program: "python".to_string(),
        pid: 4321,
        started: 0,
        seconds: 60,
        worker_pid: 5,
        used,
        gpus: vec![0],
        state: SessionState::default(),
        parked: 0,
        parked_memory: 0,
        mode: "isolated".to_string(),
    }
}

/// An identity whose sessions have used so much.
pub fn tenant(identity: &str, used: Account) -> TenantStatus {
    TenantStatus {
        identity: identity.to_string(),
        sessions: 1,
        used,
        ..TenantStatus::default()
    }
}

/// A client in the queue.
pub fn queued(position: usize, identity: &str, program: &str) -> QueueStatus {
    QueueStatus {
        id: format!("w{position}"),
        position,
        identity: identity.to_string(),
        program: program.to_string(),
        pid: 99,
        peer: "10.0.0.1:5".to_string(),
        seconds: 7,
    }
}

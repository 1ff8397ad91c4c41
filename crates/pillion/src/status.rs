//! `pillion status`: who uses a server.

use std::process::ExitCode;

use crate::{Servers, client, table};

/// `pillion status`.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    servers: Servers,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Shows it.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let uri = options.servers.to_be_managed("tells its state")?;
    let status = client::status(&uri)?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&status)?);
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "Pillion {} (protocol {}), process {}, up {}{}",
        status.version,
        status.protocol,
        status.pid,
        table::duration(status.uptime_seconds),
        if status.draining {
            ", shutting down"
        } else {
            ""
        },
    );
    println!("device    {}: {}", status.device, status.device_reason);
    println!("listeners {}", status.listeners.join(", "));
    println!(
        "workers   {} serving, {} ready, {} starting, {} stopping",
        status.workers.serving,
        status.workers.ready,
        status.workers.starting,
        status.workers.stopping
    );
    println!(
        "sessions  {} of at most {}, {} waiting, {} since the start, {} refused",
        status.sessions.len(),
        status.max_sessions,
        status.waiting,
        status.served,
        status.refused
    );
    if let Some(failure) = &status.last_failure {
        println!("failing   {failure}");
    }
    if !status.sessions.is_empty() {
        let mut table = table::table(&[
            "session", "who", "token", "at", "from", "program", "pid", "for", "worker", "GPUs",
            "mode", "state", "memory", "busy",
        ]);
        for session in &status.sessions {
            table.add_row([
                session.id.chars().take(8).collect(),
                session.identity.clone(),
                session.token.clone().unwrap_or_default(),
                session.listener.clone(),
                session.peer.clone(),
                session.program.clone(),
                session.pid.to_string(),
                table::duration(session.seconds),
                session.worker_pid.to_string(),
                session
                    .gpus
                    .iter()
                    .map(usize::to_string)
                    .collect::<Vec<_>>()
                    .join(","),
                session.mode.clone(),
                match session.parked {
                    0 => session.state.to_string(),
                    times if session.parked_memory == 0 => {
                        format!("{} (parked {times}x)", session.state)
                    }
                    times => {
                        let memory = table::bytes(session.parked_memory);
                        format!("{} with {memory} (parked {times}x)", session.state)
                    }
                },
                table::bytes(session.used.memory),
                format!("{:.1} s", session.used.busy as f64 / 1e9),
            ]);
        }
        println!("{table}");
    }
    if !status.queue.is_empty() {
        println!("waiting for a place on the GPUs:");
        let mut table = table::table(&["place", "name", "who", "from", "program", "pid", "for"]);
        for waiting in &status.queue {
            table.add_row([
                waiting.position.to_string(),
                waiting.id.clone(),
                waiting.identity.clone(),
                waiting.peer.clone(),
                waiting.program.clone(),
                waiting.pid.to_string(),
                table::duration(waiting.seconds),
            ]);
        }
        println!("{table}");
    }
    Ok(ExitCode::SUCCESS)
}

//! The same for programs, and for who has no terminal.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use pillion_server::broker::Status;
use serde::Serialize;

use super::model::{Model, Rates};
use super::rows::{self, Sort, View};
use super::text::clean;
use super::{Watch, model};
use crate::table;

/// What `--json` prints on a line. Fields are only ever added. Rates are those of a second, on average over `seconds`.
#[derive(Serialize)]
struct Line<'a> {
    /// Seconds since 1970.
    time: f64,
    server: String,
    /// Why it has not answered; then nothing else is known.
    error: Option<&'a str>,
    seconds: Option<f64>,
    total: Option<Rates>,
    /// By their numbers.
    sessions: BTreeMap<&'a str, Rates>,
    identities: BTreeMap<&'a str, Rates>,
    /// As `pillion status --json` has it.
    status: Option<&'a Status>,
}

/// Prints a line for each interval, until nobody reads them.
pub fn lines(watch: &Watch) -> anyhow::Result<ExitCode> {
    let mut model = Model::default();
    let (at, answer) = watch.ask();
    model.answered(at, answer?);
    loop {
        std::thread::sleep(watch.until_next());
        let (at, answer) = watch.ask();
        match answer {
            Ok(status) => model.answered(at, status),
            Err(error) => model.failed(error.to_string()),
        }
        let mut line = serde_json::to_string(&line(watch, &model))?;
        line.push('\n');
        let mut output = std::io::stdout().lock();
        match output
            .write_all(line.as_bytes())
            .and_then(|()| output.flush())
        {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(ExitCode::SUCCESS),
            Err(error) => return Err(error).context("cannot write to standard output"),
        }
    }
}

fn line<'a>(watch: &Watch, model: &'a Model) -> Line<'a> {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let server = watch.server.to_string();
    let error = model.failure();
    let mut line = Line {
        time: now.as_secs_f64(),
        server,
        error,
        seconds: None,
        total: None,
        sessions: BTreeMap::new(),
        identities: BTreeMap::new(),
        status: None,
    };
    let Some(status) = model.status().filter(|_| error.is_none()) else {
        return line;
    };
    line.seconds = model.seconds();
    line.total = model.total();
    let sessions = status.sessions.iter().map(|of| of.id.as_str());
    line.sessions = sessions
        .filter_map(|id| Some((id, model.session(id)?)))
        .collect();
    let identities = status.tenants.iter().map(|of| of.identity.as_str());
    line.identities = identities
        .filter_map(|name| Some((name, model.identity(name)?)))
        .collect();
    line.status = Some(status);
    line
}

/// Prints all of it once there are rates.
pub fn once(watch: &Watch) -> anyhow::Result<ExitCode> {
    let mut model = Model::default();
    let (at, answer) = watch.ask();
    model.answered(at, answer?);
    std::thread::sleep(watch.interval);
    let (at, answer) = watch.ask();
    model.answered(at, answer?);
    let printed = tables(&model, &watch.server.to_string());
    let mut output = std::io::stdout().lock();
    match output
        .write_all(printed.as_bytes())
        .and_then(|()| output.flush())
    {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// The head, the devices, and each table that has rows.
fn tables(model: &Model, server: &str) -> String {
    let Some(status) = model.status() else {
        return String::new();
    };
    let mut text = format!(
        "Pillion {}, {}, up {}{}, {}\n",
        clean(&status.version),
        clean(&status.device),
        table::duration(status.uptime_seconds),
        if status.draining {
            ", shutting down"
        } else {
            ""
        },
        clean(server),
    );
    if let Some(failure) = &status.last_failure {
        text += &format!("failing: {}\n", clean(failure));
    }
    let busy = model.total().map(|total| {
        let share = rows::percent(total.busy / status.gpus.len().max(1) as f64);
        format!("{share} busy, {} launches/s, ", rows::count(total.launches))
    });
    text += &format!(
        "{}{} sessions of at most {}, {} waiting\n",
        busy.unwrap_or_default(),
        status.sessions.len(),
        status.max_sessions,
        status.waiting
    );
    if !status.gpus.is_empty() {
        let mut table = table::table(&["GPU", "device", "memory", "promised", "held", "sessions"]);
        for gpu in &status.gpus {
            let model::Held { alone, across } = model.held(gpu.index);
            table.add_row([
                gpu.index.to_string(),
                clean(&gpu.name),
                table::bytes(gpu.memory),
                table::bytes(gpu.promised),
                match across {
                    0 => table::bytes(alone),
                    _ => format!("{} and of {}", table::bytes(alone), table::bytes(across)),
                },
                match gpu.exclusive {
                    true => format!("{}, exclusive", gpu.sessions),
                    false => gpu.sessions.to_string(),
                },
            ]);
        }
        text += &format!("\n{table}\n");
    }
    for view in View::ALL {
        let rows = rows::rows(model, view, Sort::by(view, view.usual()), "");
        if rows.is_empty() {
            continue;
        }
        let headings: Vec<_> = view.columns().iter().map(|column| column.heading).collect();
        let mut table = table::table(&headings);
        for row in rows {
            table.add_row(row.iter().map(|cell| clean(&cell.text())));
        }
        text += &format!("\n{}\n{table}\n", view.name());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::top::samples::{queued, server, session, tenant};
    use pillion_server::account::Account;
    use std::time::Duration;

    #[test]
    fn plain_tables_have_all_of_it() {
        let mut model = Model::default();
        let mut status = server();
        let used = |busy| Account {
            busy,
            memory: 3 << 20,
            ..Account::default()
        };
        status.sessions = vec![session("1", "ada", used(0))];
        status.tenants = vec![tenant("ada", used(0))];
        status.queue = vec![queued(1, "dora", "jax\x1b[2J")];
        status.waiting = 1;
        model.answered(Duration::from_secs(1), status.clone());
        (status.sessions[0].used, status.tenants[0].used) = (used(500_000_000), used(500_000_000));
        model.answered(Duration::from_secs(2), status);
        let text = tables(&model, "unix:///s");
        assert!(text.starts_with(
            "Pillion 1.2.3, cpu, up 1 h 1 min, unix:///s\n25.0% busy, 0 launches/s, 1 sessions"
        ));
        let words = |line: &str| {
            line.split_whitespace()
                .map(str::to_string)
                .collect::<Vec<_>>()
        };
        let lines: Vec<_> = text.lines().map(words).collect();
        let has = |line: &str| assert!(lines.contains(&words(line)), "no `{line}` in\n{text}");
        has("0 Device 0 16.0 GiB 0 B 3.0 MiB 0");
        has("ada python 4321 127.0.0.1:9 0 3.0 MiB 50.0% 0 0 B 0 B 1 min 0 s running 1");
        has("ada 1 0 3.0 MiB 50.0% 0 0 B 0 B 0 s 0 0");
        has("1 dora jax�[2J 99 10.0.0.1:5 7 s w1");
    }

    #[test]
    fn nothing_is_said_of_who_does_not_answer() {
        let watch = Watch {
            server: "unix:///s".parse().unwrap(),
            begun: std::time::Instant::now(),
            interval: Duration::from_secs(1),
        };
        let mut model = Model::default();
        model.answered(Duration::from_secs(1), server());
        let json = serde_json::to_value(line(&watch, &model)).unwrap();
        assert_eq!(json["status"]["pid"], 77);
        assert!(json["error"].is_null() && json["seconds"].is_null() && json["total"].is_null());
        model.failed("gone".to_string());
        let json = serde_json::to_value(line(&watch, &model)).unwrap();
        assert_eq!(
            (json["error"].as_str(), json["server"].as_str()),
            (Some("gone"), Some("unix:///s"))
        );
        assert!(json["status"].is_null());
    }
}

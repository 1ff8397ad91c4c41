//! What is kept of sessions for who bills them: lines of JSON, appended to a file.
//!
//! A session has a line when it begins, one now and then while it lasts, and one when it ends; each tells all of it, so that the last one
//! counts, and a server that was killed leaves the one before. The file is opened for each writing, so that it can be moved away at any
//! time; a thread does that, as a disk may take long. What cannot be written waits, up to [`MOST_BYTES`], and is tried again; of what is lost
//! beyond that the log tells.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use serde::Serialize;

use super::status::SessionStatus;

/// Most lines that wait for the thread.
const MOST: usize = 4096;
/// Most bytes that wait because the file cannot be written.
const MOST_BYTES: usize = 4 << 20;
/// How long to wait before what could not be written is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// Why there is a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Event {
    /// The session begins.
    Begin,
    /// It lasts.
    Interim,
    /// It has ended.
    End,
}

/// A line.
#[derive(Debug, Serialize)]
struct Record<'a> {
    event: Event,
    /// When that was.
    time: String,
    #[serde(flatten)]
    session: &'a SessionStatus,
    /// How long the client had waited to begin.
    waited_seconds: f64,
    /// Why it ended, if it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
    /// Not because its client has left.
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<bool>,
}

/// Where lines go.
#[derive(Debug)]
pub struct Records {
    lines: Option<SyncSender<String>>,
    thread: Option<JoinHandle<()>>,
    /// Lines that there was no room for.
    lost: u64,
}

impl Records {
    /// Lines go to this file.
    ///
    /// # Errors
    ///
    /// It cannot be appended to, or there is no thread for it.
    pub fn open(path: &Path) -> io::Result<Self> {
        append(path)?;
        let (lines, received) = sync_channel(MOST);
        let path: PathBuf = path.to_owned();
        let thread = std::thread::Builder::new().name("pillion-records".to_string());
        let thread = thread.spawn(move || write(&path, &received))?;
        Ok(Records {
            lines: Some(lines),
            thread: Some(thread),
            lost: 0,
        })
    }

    /// Something has happened to a session, which has waited for so long to begin. `ended` says why it has, if it has, and whether that was
    /// for another reason than that its client has left.
    pub fn tell(
        &mut self,
        event: Event,
        session: &SessionStatus,
        waited: Duration,
        ended: Option<(&str, bool)>,
    ) {
        let Some(lines) = &self.lines else {
            return;
        };
        let record = Record {
            event,
            time: humantime::format_rfc3339_millis(SystemTime::now()).to_string(),
            session,
            waited_seconds: waited.as_secs_f64(),
            why: ended.map(|(why, _)| why),
            failed: ended.map(|(_, failed)| failed),
        };
        let Ok(mut line) = serde_json::to_string(&record) else {
            return;
        };
        line.push('\n');
        match lines.try_send(line) {
            Ok(()) if self.lost > 0 => {
                tracing::error!("{} accounting records were lost", self.lost);
                self.lost = 0;
            }
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => self.lost += 1,
        }
    }
}

impl Drop for Records {
    /// Waits until all is written, or has failed once more.
    fn drop(&mut self) {
        self.lines = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        if self.lost > 0 {
            tracing::error!("{} accounting records were lost", self.lost);
        }
    }
}

/// Who is whom, and for how long, is nobody's business but the operator's.
fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
}

/// Writes lines until nobody has more.
fn write(path: &Path, lines: &Receiver<String>) {
    let mut waiting = String::new();
    // When what could not be written is tried again.
    let mut again: Option<Instant> = None;
    let mut lost = 0u64;
    let mut over = false;
    while !over {
        let received = match again {
            None => lines.recv().map_err(RecvTimeoutError::from),
            Some(at) => lines.recv_timeout(at.saturating_duration_since(Instant::now())),
        };
        match received {
            Ok(line) if waiting.len() + line.len() > MOST_BYTES => lost += 1,
            Ok(line) => waiting.push_str(&line),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => over = true,
        }
        let is_early = again.is_some_and(|at| Instant::now() < at);
        if waiting.is_empty() || (is_early && !over) {
            continue;
        }
        match put(path, waiting.as_bytes()) {
            Ok(()) => {
                if again.take().is_some() {
                    tracing::warn!(
                        "accounting records are written to {} again; {lost} were lost",
                        path.display()
                    );
                    lost = 0;
                }
                waiting.clear();
            }
            Err(error) => {
                if again.is_none() || over {
                    tracing::error!(
                        "accounting records cannot be written to {}: {error}; {} wait",
                        path.display(),
                        waiting.lines().count()
                    );
                }
                again = Some(Instant::now() + AGAIN);
            }
        }
    }
}

/// All of it, or nothing.
fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = append(path)?;
    let metadata = file.metadata()?;
    let written = file.write_all(bytes);
    if written.is_err() && metadata.is_file() {
        // A part of a line would be part of the next.
        file.set_len(metadata.len())?;
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Account;
    use crate::broker::SessionState;

    fn session(number: u32) -> SessionStatus {
        SessionStatus {
            id: format!("{number:032x}"),
            identity: "ada".to_string(),
            token: None,
            peer: "127.0.0.1:9".to_string(),
            listener: "tcp://127.0.0.1:7717".to_string(),
            program: "line\nbreak\"".to_string(),
            pid: number,
            started: 5,
            seconds: 6,
            worker_pid: 7,
            used: Account {
                busy: 8,
                ..Account::default()
            },
            gpus: vec![1, 2],
            state: SessionState::Parked,
            parked: 3,
            parked_memory: 0,
            mode: "dense 40%".to_string(),
        }
    }

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("pillion-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn read(path: &Path) -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let lines = text.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn every_line_is_whole_and_tells_all() {
        let folder = folder("records");
        let path = folder.join("sessions.jsonl");
        let mut records = Records::open(&path).unwrap();
        let waited = Duration::from_millis(1500);
        records.tell(Event::Begin, &session(1), waited, None);
        records.tell(Event::End, &session(1), waited, Some(("it was told", true)));
        drop(records);
        let lines = read(&path);
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0]["event"], "begin");
        assert_eq!(lines[0].get("why"), None);
        let end = &lines[1];
        assert_eq!(
            (&end["event"], &end["why"]),
            (&"end".into(), &"it was told".into())
        );
        assert_eq!(end["program"], "line\nbreak\"");
        assert_eq!(end["used"]["busy"], 8);
        assert_eq!(end["waited_seconds"], 1.5);
        assert_eq!(end["gpus"], serde_json::json!([1, 2]));
        assert_eq!(end["mode"], "dense 40%");
        assert_eq!(
            (&end["state"], &end["parked"]),
            (&"parked".into(), &3.into())
        );
        assert!(humantime::parse_rfc3339(end["time"].as_str().unwrap()).is_ok());
        let mode = std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_file_that_is_moved_away_is_made_anew() {
        let folder = folder("records-moved");
        let (path, old) = (folder.join("sessions"), folder.join("sessions.1"));
        let mut records = Records::open(&path).unwrap();
        records.tell(Event::Begin, &session(1), Duration::ZERO, None);
        while read(&path).is_empty() {
            std::thread::yield_now();
        }
        std::fs::rename(&path, &old).unwrap();
        records.tell(Event::Begin, &session(2), Duration::ZERO, None);
        drop(records);
        assert_eq!(
            (read(&old)[0]["pid"].as_u64(), read(&old).len()),
            (Some(1), 1)
        );
        assert_eq!(
            (read(&path)[0]["pid"].as_u64(), read(&path).len()),
            (Some(2), 1)
        );
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn where_nothing_can_be_written_nobody_waits() {
        assert!(Records::open(Path::new("/nowhere/at/all")).is_err());
        // The disk is full.
        let mut records = Records::open(Path::new("/dev/full")).unwrap();
        for number in 0..3 * MOST as u32 {
            records.tell(Event::Interim, &session(number), Duration::ZERO, None);
        }
        drop(records);
    }
}

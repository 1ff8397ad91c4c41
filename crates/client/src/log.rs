//! Messages to standard error, at the level that `PILLION_LOG` asks for (`error`, `warn`, `info`, `debug`, `trace`; `warn`
//! where it is unset). A library inside somebody's program has no business with a logging framework of its own.

use std::fmt::Arguments;
use std::io::Write;
use std::sync::atomic::{AtomicU8, Ordering};

/// How much a message matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Level {
    /// The session is lost, or cannot begin.
    Error = 1,
    /// Something the user should know.
    Warn = 2,
    /// What happens.
    Info = 3,
    /// Why.
    Debug = 4,
    /// Every call.
    Trace = 5,
}

/// In the place of a level: nothing is said.
const SILENT: u8 = u8::MAX;
/// 0 until the environment has been read.
static LEVEL: AtomicU8 = AtomicU8::new(0);

/// Whether every call is to be logged.
#[inline(always)]
pub fn traces() -> bool {
    // Relaxed: a thread that does not see the level yet reads the environment itself.
    match LEVEL.load(Ordering::Relaxed) {
        0 => level() == Level::Trace as u8,
        level => level == Level::Trace as u8,
    }
}

/// Says nothing from now on: where a hostile server is read, sessions are lost by the thousand.
pub fn silence() {
    LEVEL.store(SILENT, Ordering::Relaxed);
}

/// Writes one line, if the level allows it.
pub fn write(level: Level, message: Arguments<'_>) {
    let allowed = self::level();
    if allowed != SILENT && level as u8 <= allowed {
        let line = format!("pillion: {message}\n");
        // Nobody to tell when standard error is closed.
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
}

#[cold]
fn level() -> u8 {
    let level = LEVEL.load(Ordering::Relaxed);
    if level != 0 {
        return level;
    }
    let level = match std::env::var("PILLION_LOG")
        .unwrap_or_default()
        .to_ascii_lowercase()
        .as_str()
    {
        "error" => Level::Error,
        "info" => Level::Info,
        "debug" => Level::Debug,
        "trace" => Level::Trace,
        _ => Level::Warn,
    } as u8;
    LEVEL.store(level, Ordering::Relaxed);
    level
}

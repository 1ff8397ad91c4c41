//! `pillion top`: a server, live.
//!
//! [`model`], [`rows`] and [`look`] decide what there is to be seen, [`draw`] draws it, and [`terminal`] has the threads, the keys and the
//! signals. [`report`] is for who has no terminal.

mod draw;
mod look;
mod model;
#[cfg(test)]
#[path = "../../tests/common/pty.rs"]
mod pty;
mod report;
mod rows;
#[cfg(test)]
mod samples;
mod terminal;
mod text;

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use pillion_server::broker::Status;
use pillion_transport::Uri;

use crate::{Servers, client};

/// `pillion top`.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    servers: Servers,
    /// How often the server is asked
    #[arg(long, value_name = "SECONDS", default_value = "1", value_parser = interval)]
    interval: Duration,
    /// Print JSON, an object and line for each interval, until ended
    #[arg(long, conflicts_with = "once")]
    json: bool,
    /// Print plain tables after one interval, and end; so it is also where the output is no terminal
    #[arg(long)]
    once: bool,
}

/// Shows it until somebody has seen enough.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let watch = Watch {
        server: options.servers.to_be_managed("tells its state")?,
        begun: Instant::now(),
        interval: options.interval,
    };
    if options.json {
        report::lines(&watch)
    } else if options.once || !std::io::stdout().is_terminal() {
        report::once(&watch)
    } else {
        terminal::show(watch)
    }
}

/// Whom to ask how often.
struct Watch {
    server: Uri,
    begun: Instant,
    interval: Duration,
}

impl Watch {
    /// Asks once. Also says when it was so, from the beginning on: in the middle of the asking, as far as one can know.
    fn ask(&self) -> (Duration, Result<Status, client::Error>) {
        let asked = self.begun.elapsed();
        let answer = client::status(&self.server);
        ((asked + self.begun.elapsed()) / 2, answer)
    }

    /// How long it is until the next of the moments at which it is asked.
    fn until_next(&self) -> Duration {
        let interval = self.interval.as_nanos().max(1);
        let into = self.begun.elapsed().as_nanos() % interval;
        Duration::from_nanos(u64::try_from(interval - into).unwrap_or(u64::MAX))
    }
}

fn interval(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "no number of seconds".to_string())?;
    match (0.1..=3600.0).contains(&seconds) {
        true => Ok(Duration::from_secs_f64(seconds)),
        false => Err("between 0.1 and 3600 seconds are possible".to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_sensible() {
        assert_eq!(interval("1"), Ok(Duration::from_secs(1)));
        assert_eq!(interval("0.25"), Ok(Duration::from_millis(250)));
        for text in ["0", "-1", "0.09", "3601", "inf", "NaN", "1s", ""] {
            assert!(interval(text).is_err(), "{text}");
        }
    }
}

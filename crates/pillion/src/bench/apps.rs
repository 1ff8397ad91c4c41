//! Programs of the user's, run natively and through servers.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use super::target::{Outcome, Plan, Target};

/// How long a run took as a whole.
pub const WALL: &str = "wall";
/// Lines of a program's complaints that are told when it fails.
const COMPLAINTS: usize = 5;

/// What came of a program's runs: the wall time, and the figures that it printed, both in seconds.
pub struct Runs {
    pub wall: Outcome,
    pub printed: BTreeMap<String, Outcome>,
}

/// Runs a command of the shell, as often as asked for.
pub fn run(command: &str, times: u32, target: &Target, plan: &Plan) -> Runs {
    let mut wall = Vec::new();
    let mut printed: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut failure = None;
    for _ in 0..times {
        match run_once(command, target, plan) {
            Ok((seconds, output)) => {
                wall.push(seconds);
                for (name, seconds) in output.lines().filter_map(figure) {
                    printed.entry(name).or_default().push(seconds);
                }
            }
            Err(error) => {
                failure = Some(format!("{error:#}"));
                break;
            }
        }
    }
    Runs {
        wall: match failure {
            Some(reason) => Outcome::Failed(reason),
            None => Outcome::Samples(wall),
        },
        printed: printed
            .into_iter()
            .map(|(name, samples)| (name, Outcome::Samples(samples)))
            .collect(),
    }
}

/// How long a run took, and what it printed.
fn run_once(command: &str, target: &Target, plan: &Plan) -> Result<(f64, String)> {
    let route = target.open()?;
    let mut shell = Command::new("sh");
    shell.args(["-c", command]);
    route.lead(&mut shell, &plan.libraries);
    shell.stdin(Stdio::null());
    let begun = Instant::now();
    let output = shell.output().context("cannot start a shell")?;
    let seconds = begun.elapsed().as_secs_f64();
    if !output.status.success() {
        let complaints = String::from_utf8_lossy(&output.stderr);
        let mut last: Vec<_> = complaints.lines().rev().take(COMPLAINTS).collect();
        last.reverse();
        bail!("{}: {}", output.status, last.join("; "));
    }
    Ok((
        seconds,
        String::from_utf8_lossy(&output.stdout).into_owned(),
    ))
}

/// `NAME_ms VALUE`, and the same in s and us: the name without its unit, and seconds.
fn figure(line: &str) -> Option<(String, f64)> {
    let mut words = line.split_whitespace();
    let (name, value) = (words.next()?, words.next()?);
    if words.next().is_some() {
        return None;
    }
    let (name, unit) = name.rsplit_once('_')?;
    let scale = match unit {
        "s" => 1.0,
        "ms" => 1e-3,
        "us" => 1e-6,
        _ => return None,
    };
    let value: f64 = value.parse().ok()?;
    (value.is_finite() && !name.is_empty()).then(|| (name.to_owned(), value * scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_figures_are_figures() {
        let of = |line| figure(line).map(|(name, seconds)| (name, (seconds * 1e9).round()));
        assert_eq!(of("step_ms 2.5"), Some(("step".to_owned(), 2.5e6)));
        assert_eq!(
            of(" launch_sync_us\t7 "),
            Some(("launch_sync".to_owned(), 7e3))
        );
        assert_eq!(of("total_s 1e1"), Some(("total".to_owned(), 1e10)));
        for other in [
            "",
            "step_ms",
            "step 2.5",
            "step_ms 2.5 ms",
            "step_ms fast",
            "step_ms nan",
            "_ms 1",
            "loss_x 0.1",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}

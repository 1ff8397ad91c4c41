//! `cargo xtask crowd`: many sessions at once against one server on the CPU device.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::dist::{self, Dist};
use crate::server::Server;

/// Rounds of each session at each size.
const ROUNDS: usize = 20;
/// The smallest crowd whose times say something of a larger one's: fewer do not keep the processors busy.
const FEWEST: usize = 32;
/// How many times as long as by proportion a round may take among all of them.
const MOST: f64 = 2.0;

/// A program that does what it is told.
struct Member {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Member {
    fn start(dist: &Dist, program: &Path, server: &str, number: usize) -> Result<Self> {
        let libraries = dist.client.parent().context("a folder of libraries")?;
        let mut child = Command::new(program)
            .arg(number.to_string())
            .env("LD_LIBRARY_PATH", libraries)
            .env("PILLION_SERVER", server)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting a session's program")?;
        let input = child.stdin.take().context("its input")?;
        let output = BufReader::new(child.stdout.take().context("its output")?);
        Ok(Member {
            child,
            input,
            output,
        })
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        let n = self.output.read_line(&mut line)?;
        ensure!(n > 0, "a session's program has ended");
        Ok(line)
    }

    fn begins(&mut self) -> Result<()> {
        Ok(writeln!(self.input, "{ROUNDS}")?)
    }

    /// How long its rounds took.
    fn times(&mut self) -> Result<Vec<Duration>> {
        let line = self.line()?;
        let times = line
            .split_whitespace()
            .map(|n| Some(Duration::from_nanos(n.parse().ok()?)));
        let times: Option<Vec<Duration>> = times.collect();
        times
            .filter(|times| times.len() == ROUNDS)
            .with_context(|| format!("a session's program says {line:?}"))
    }

    fn ends(mut self) -> Result<()> {
        drop(self.input);
        let status = self.child.wait()?;
        ensure!(status.success(), "a session's program: {status}");
        Ok(())
    }
}

/// What a crowd of one size took.
struct Line {
    sessions: usize,
    mean: Duration,
    median: Duration,
    p99: Duration,
    rate: f64,
}

/// Brings so many sessions together, in doublings; answers whether none was lost and their times grew no faster than they.
pub fn run(root: &Path, sessions: usize) -> Result<bool> {
    let dist = dist::build(root)?;
    let folder = root.join("target/crowd");
    std::fs::create_dir_all(&folder)?;
    let program = folder.join("crowd");
    let status = Command::new("cc")
        .args(["-O1", "-w", "-o"])
        .arg(&program)
        .arg(root.join("tests/driver/crowd.c"))
        .arg("-ldl")
        .status()
        .context("running cc")?;
    ensure!(status.success(), "crowd.c does not compile");
    let socket = format!("unix://{}", folder.join("s").display());
    let most = sessions.to_string();
    let options = ["--max-sessions", &most, "--warm", "4", "--cache", "off"];
    let log = folder.join("server.log");
    let server = Server::start_at(&dist, "cpu", &log, &[socket], &options, &[])?;
    let uri = server.uris.first().context("an address")?.clone();

    let mut members: Vec<Member> = Vec::new();
    let mut lines: Vec<Line> = Vec::new();
    let mut size = FEWEST.min(sessions);
    loop {
        let bar = crate::bar("sessions", size as u64);
        bar.set_position(members.len() as u64);
        let begun = Instant::now();
        while members.len() < size {
            // A few at a time: what is measured is how they get on once they are there.
            let first = members.len();
            for number in first..size.min(first + 8) {
                members.push(Member::start(&dist, &program, &uri, number)?);
            }
            for member in &mut members[first..] {
                let said = member.line()?;
                ensure!(said == "ready\n", "a session's program says {said:?}");
                bar.inc(1);
            }
        }
        bar.finish_and_clear();
        let came = begun.elapsed();
        let begun = Instant::now();
        for member in &mut members {
            member.begins()?;
        }
        let mut times = Vec::new();
        for member in &mut members {
            times.extend(member.times()?);
        }
        let took = begun.elapsed();
        times.sort_unstable();
        let line = Line {
            sessions: size,
            mean: times.iter().sum::<Duration>() / times.len() as u32,
            median: times[times.len() / 2],
            p99: times[times.len() * 99 / 100],
            rate: times.len() as f64 / took.as_secs_f64(),
        };
        if lines.is_empty() {
            println!("sessions  mean ms  median ms   p99 ms  mean/session us  rounds/s  came in s");
        }
        println!(
            "{:8}  {:7.2}  {:9.2}  {:7.2}  {:15.1}  {:8.0}  {:9.1}",
            line.sessions,
            line.mean.as_secs_f64() * 1e3,
            line.median.as_secs_f64() * 1e3,
            line.p99.as_secs_f64() * 1e3,
            line.mean.as_secs_f64() * 1e6 / size as f64,
            line.rate,
            came.as_secs_f64(),
        );
        lines.push(line);
        if size >= sessions {
            break;
        }
        size = (size * 2).min(sessions);
    }
    let count = members.len();
    for member in members {
        member.ends()?;
    }
    if !server.stop()? {
        bail!("the server left something behind: see {}", log.display());
    }
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else {
        bail!("nothing was measured");
    };
    let each = |line: &Line| line.mean.as_secs_f64() / line.sessions as f64;
    let growth = each(last) / each(first);
    println!(
        "{count} sessions, none lost; a round takes {growth:.2} times as long for each session as among {}",
        first.sessions
    );
    Ok(growth <= MOST)
}

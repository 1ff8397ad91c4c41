//! `pillion bench`: what calls, copies, the start and whole programs cost, natively and through servers, side by side.
//!
//! Everything is measured in processes of their own, which load whatever `libcuda.so.1` their environment leads to, as any
//! program does: [`child`] is that process, [`target`] starts it, [`figures`] lists the rows. [`apps`] does the same with the
//! user's own programs, and [`line`](mod@line) measures connections with nothing at their ends. [`report`] is what comes of it, as JSON and as tables, and [`plot`] draws it.

mod apps;
pub mod child;
mod cuda;
mod figures;
pub mod line;
mod plot;
mod report;
mod statistics;
mod target;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::ValueEnum;
use pillion_dial::Place;
use pillion_link::{Link, Rate, parse_duration};
use pillion_transport::{Uri, default_uris};

use crate::client::Session;
use crate::libdir;
use report::Report;
use target::{Plan, Target, Way};

/// `pillion bench`.
#[derive(clap::Args)]
pub struct Options {
    /// Servers to measure: tcp://HOST:PORT or unix:///PATH, or the name of a machine, to which the best way is measured; several are
    /// separated by commas [default: those of this machine]
    #[arg(
        long,
        value_name = "URI|HOST",
        env = "PILLION_SERVER",
        value_delimiter = ','
    )]
    server: Vec<Place>,
    /// Leave NVIDIA's own driver out, where this machine has one
    #[arg(long)]
    no_native: bool,
    /// Measure in seconds rather than minutes: fewer samples, small copies only
    #[arg(long)]
    quick: bool,
    /// Measure each server also over an emulated link of this round trip, such as 30ms; several are separated by commas
    #[arg(long, value_name = "TIME", value_delimiter = ',', value_parser = parse_duration)]
    rtt: Vec<Duration>,
    /// Measure each server also over an emulated link of this rate, such as 100mbit; several are separated by commas, and each
    /// is combined with each --rtt
    #[arg(long, value_name = "RATE", value_delimiter = ',')]
    rate: Vec<Rate>,
    /// Let those links delay up to so much more each way, at random
    #[arg(long, value_name = "TIME", value_parser = parse_duration, default_value = "0ms")]
    jitter: Duration,
    /// Measure each server also over links of 1, 10, 30 and 150 ms, and of 10 Mb/s, 100 Mb/s, 1 Gb/s and 10 Gb/s
    #[arg(long)]
    links: bool,
    /// Measure also how long this command of the shell takes, and each `NAME_ms VALUE` that it prints; may be repeated
    #[arg(long, value_name = "COMMAND")]
    app: Vec<String>,
    /// How often each --app is run, of which the median is told
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u32).range(1..=1000))]
    app_runs: u32,
    /// Draw the figures
    #[arg(long, value_name = "FILE.svg")]
    plot: Option<PathBuf>,
    /// What random data is made of [default: another each time]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Whose `libcuda.so.1` a process has to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Driver {
    /// NVIDIA's.
    Native,
    /// Pillion's.
    Pillion,
}

/// Measures, prints, and exits with 0 only if everything could be measured and every result was right.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let plan = Plan {
        libraries: libdir::find()?,
        program: std::env::current_exe().context("cannot find out where this program is")?,
        quick: options.quick,
        seed: options.seed.unwrap_or_else(child::clock),
    };
    let targets = targets(options)?;
    // What copies over a connection can come to here.
    let mut kinds: Vec<_> = targets.iter().filter_map(Target::line).collect();
    kinds.sort();
    kinds.dedup();
    if !kinds.is_empty() {
        tell("measuring connections alone");
    }
    let lines = line::measure(&kinds, &plan)?;
    let mut measured = Vec::new();
    for target in &targets {
        tell(&format!("measuring {}", target.name));
        measured.push(target.measure(&plan));
    }
    let mut apps = Vec::new();
    for command in &options.app {
        let mut runs = Vec::new();
        for (target, measured) in targets.iter().zip(&measured) {
            tell(&format!("running {command} through {}", target.name));
            // Where there is no device, there is nothing to compare with.
            runs.push(match &measured.absent {
                Some(_) => None,
                None => Some(apps::run(command, options.app_runs, target, &plan)),
            });
        }
        apps.push((command.clone(), runs));
    }
    tell("");
    let report = Report::new(&plan, &targets, &measured, lines, apps);
    if options.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        report.print();
    }
    if let Some(file) = &options.plot {
        std::fs::write(file, plot::draw(&report)?)
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(match report.is_well() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// What is measured, in the order of columns.
fn targets(options: &Options) -> anyhow::Result<Vec<Target>> {
    let servers = match options.server.as_slice() {
        [] => default_servers()?,
        named => named.iter().map(way_to).collect::<anyhow::Result<_>>()?,
    };
    let mut targets = Vec::new();
    if !options.no_native {
        targets.push(Target::new(Way::Native));
    }
    for uri in &servers {
        targets.push(Target::new(Way::Server {
            uri: uri.clone(),
            link: None,
        }));
    }
    for uri in &servers {
        for link in links(options) {
            targets.push(Target::new(Way::Server {
                uri: uri.clone(),
                link: Some(link),
            }));
        }
    }
    for (index, target) in targets.iter().enumerate() {
        if targets[..index]
            .iter()
            .any(|other| other.name == target.name)
        {
            bail!("{} is given twice", target.name);
        }
    }
    Ok(targets)
}

/// An address as it is, and of a machine the best way there.
fn way_to(place: &Place) -> anyhow::Result<Uri> {
    if let Place::At(uri) = place {
        return Ok(uri.clone());
    }
    let (uri, session) = crate::client::open_first(std::slice::from_ref(place))?;
    session.close();
    Ok(uri)
}

/// Where servers are by default and one is.
fn default_servers() -> anyhow::Result<Vec<Uri>> {
    let mut servers = Vec::new();
    let mut reasons = Vec::new();
    for uri in default_uris() {
        match Session::open(&uri) {
            Ok(session) => {
                session.close();
                servers.push(uri);
            }
            Err(error) => reasons.push(error.to_string()),
        }
    }
    if servers.is_empty() {
        bail!(
            "{}. Start a server with `pillion serve`, or name one with --server or PILLION_SERVER",
            reasons.join("; ")
        );
    }
    Ok(servers)
}

/// The links to emulate.
fn links(options: &Options) -> Vec<Link> {
    let mut links = Vec::new();
    let mut add = |rtt: Duration, rate: Option<Rate>| {
        let link = Link {
            rtt,
            rate,
            jitter: options.jitter,
            cut: None,
        };
        if !links.contains(&link) {
            links.push(link);
        }
    };
    if !options.rtt.is_empty() || !options.rate.is_empty() {
        let rtts = match options.rtt.as_slice() {
            [] => &[Duration::ZERO],
            rtts => rtts,
        };
        for &rtt in rtts {
            match options.rate.as_slice() {
                [] => add(rtt, None),
                rates => rates.iter().for_each(|&rate| add(rtt, Some(rate))),
            }
        }
    }
    if options.links {
        for milliseconds in [1, 10, 30, 150] {
            add(Duration::from_millis(milliseconds), None);
        }
        for megabits in [10, 100, 1000, 10_000] {
            add(Duration::ZERO, Rate::from_bits(megabits * 1_000_000));
        }
    }
    links
}

/// Says on a terminal what is going on; nothing clears it.
fn tell(what: &str) {
    if std::io::stderr().is_terminal() {
        eprint!("\r\x1b[K{what}");
    }
}

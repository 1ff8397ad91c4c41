//! `pillion link`: a slow, long or breaking line between clients and a server, emulated.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use pillion_link::{Cut, Link, Rate, Relay, parse_duration};
use pillion_transport::{ListenOptions, Uri, listen};
use serde::Serialize;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::{Servers, table};

/// `pillion link`.
#[derive(clap::Args)]
pub struct Options {
    /// Where clients connect: tcp://HOST:PORT or unix:///PATH
    #[arg(long, value_name = "URI", value_parser = crate::uri)]
    listen: Uri,
    #[command(flatten)]
    servers: Servers,
    /// Round trip that the link adds, half of it each way, such as 30ms or 200us [default: none]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    rtt: Option<Duration>,
    /// Most bits a second each way, such as 100mbit or 2.5gbit [default: no limit]
    #[arg(long, value_name = "RATE")]
    rate: Option<Rate>,
    /// Up to so much more delay each way, at random; order is kept [default: none]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    jitter: Option<Duration>,
    /// Cut each connection after a time (5s) or after so many bytes both ways together (64KiB, 10MiB) [default: never]
    #[arg(long, value_name = "TIME|BYTES")]
    cut_after: Option<Cut>,
    /// Allow tcp:// on addresses that other machines reach, without encryption
    #[arg(long)]
    insecure: bool,
    /// Print what has passed as JSON
    #[arg(long)]
    json: bool,
}

/// What `--json` prints at the end. Fields are only ever added. Times in seconds.
#[derive(Serialize)]
struct Report {
    listen: String,
    seconds: f64,
    rtt: f64,
    rate_bits_per_second: Option<u64>,
    jitter: f64,
    connections: u64,
    failed: u64,
    cut: u64,
    bytes_to_server: u64,
    bytes_to_client: u64,
}

/// Relays until SIGINT or SIGTERM, then says what has passed.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let mut signals = Signals::new([SIGINT, SIGTERM]).context("cannot wait for signals")?;
    let link = Link {
        rtt: options.rtt.unwrap_or_default(),
        rate: options.rate,
        jitter: options.jitter.unwrap_or_default(),
        cut: options.cut_after,
    };
    let listen_options = ListenOptions::default().insecure(options.insecure);
    let listener = listen(&options.listen, &listen_options)?;
    let begun = Instant::now();
    let relay = Relay::start(listener, options.servers.uris(), link.clone(), |what| {
        eprintln!("pillion: {what}");
    })
    .context("cannot start")?;
    let uri = relay.uri().to_string();
    println!("listening on {uri}");
    signals.forever().next();
    let passed = relay.stop();
    let report = Report {
        listen: uri,
        seconds: begun.elapsed().as_secs_f64(),
        rtt: link.rtt.as_secs_f64(),
        rate_bits_per_second: link.rate.map(Rate::bits),
        jitter: link.jitter.as_secs_f64(),
        connections: passed.connections,
        failed: passed.failed,
        cut: passed.cut,
        bytes_to_server: passed.to_server,
        bytes_to_client: passed.to_client,
    };
    if options.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        println!(
            "{link}: {} connections ({} without a server, {} cut), {} to the server, {} to clients, in {}",
            report.connections,
            report.failed,
            report.cut,
            table::bytes(report.bytes_to_server),
            table::bytes(report.bytes_to_client),
            table::duration(report.seconds as u64),
        );
    }
    Ok(ExitCode::SUCCESS)
}

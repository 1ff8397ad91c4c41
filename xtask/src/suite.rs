//! `cargo xtask test`: everything.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Serialize;

use crate::dist::{self, Dist};
use crate::programs::{self, Choice, Program, Run};
use crate::server::{BY_NGINX, Server};
use crate::toolkit;

/// What to test, and on what.
pub struct Options {
    /// Only CUDA programs whose name holds this, and nothing else.
    pub filter: Option<String>,
    /// `cpu` or `nvidia`.
    pub device: String,
    /// Every program over every transport, instead of each over one.
    pub full: bool,
    /// Programs that the random-program checker makes.
    pub random: u32,
    /// A table for machines.
    pub json: bool,
}

#[derive(Serialize)]
struct Row {
    test: String,
    via: String,
    passed: bool,
    milliseconds: u128,
    #[serde(skip_serializing_if = "String::is_empty")]
    output: String,
}

/// Runs everything and answers whether all of it passed.
pub fn run(root: &Path, options: &Options) -> Result<bool> {
    let toolkit = toolkit::get(root)?;
    if options.filter.is_none() && options.device == "cpu" {
        let status = Command::new("cargo")
            .args(["test", "--workspace", "--quiet"])
            .env("PILLION_NVCC", &toolkit.nvcc)
            .current_dir(root)
            .status()
            .context("running cargo test")?;
        if !status.success() {
            bail!("unit and conformance tests failed");
        }
    }
    let dist = dist::build(root)?;
    let programs = programs::build(
        root,
        &toolkit,
        &Choice {
            filter: options.filter.as_deref(),
            gpu: options.device == "nvidia",
            ..Choice::default()
        },
    )?;
    let log = root.join("target/cuda-tests/server.log");
    let mut server = Server::start(&dist, &options.device, &log)?;
    if !server.behind_nginx()? {
        eprintln!("nothing is run by way of nginx: it is not installed");
    }
    let mut rows = Vec::new();
    // The first session brings up what the server keeps.
    if let Some(first) = programs.first() {
        through(&dist, &server, 0, first, &[])?;
    }
    std::thread::sleep(std::time::Duration::from_secs(1));
    let before = server.holdings()?;
    let mut larger: BTreeMap<usize, Server> = BTreeMap::new();
    let bar = crate::bar("running CUDA programs", programs.len() as u64);
    for (index, program) in programs
        .iter()
        .filter(|program| program.name != "random_program")
        .enumerate()
    {
        bar.set_message(program.name.clone());
        // As many CPU devices as a program is for; of GPUs there are as many as there are.
        let server = match (program.devices, options.device.as_str()) {
            (devices @ 2.., "cpu") => match larger.entry(devices) {
                Entry::Occupied(server) => server.into_mut(),
                Entry::Vacant(place) => {
                    let log = log.with_file_name(format!("server-{devices}.log"));
                    place.insert(Server::start(&dist, &format!("cpu:{devices}"), &log)?)
                }
            },
            _ => &server,
        };
        let uris = &server.uris;
        for (number, uri) in uris.iter().enumerate() {
            if options.full || index % uris.len() == number {
                let run = through(&dist, server, number, program, &[])?;
                rows.push(row(&program.name, uri, run));
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    if let Some(random) = programs
        .iter()
        .find(|program| program.name == "random_program")
    {
        let bar = crate::spinner("running random programs");
        for (number, uri) in server.uris.iter().enumerate() {
            let count = (options.random / server.uris.len() as u32).to_string();
            let run = through(&dist, &server, number, random, &["--programs", &count])?;
            rows.push(row(&format!("{count} random programs"), uri, run));
        }
        bar.finish_and_clear();
    }
    for (devices, server) in larger {
        rows.push(Row {
            test: format!("the server with {devices} devices ends on SIGTERM and leaves nothing"),
            via: String::new(),
            passed: server.stop()?,
            milliseconds: 0,
            output: String::new(),
        });
    }
    let after = server.settle(before)?;
    let leaks = after.descriptors > before.descriptors || after.children > before.children;
    rows.push(Row {
        test: "the server holds no more than before".into(),
        via: String::new(),
        passed: !leaks,
        milliseconds: 0,
        output: if leaks {
            format!("before {before:?}, after {after:?}")
        } else {
            String::new()
        },
    });
    let stopped = server.stop()?;
    rows.push(Row {
        test: "the server ends on SIGTERM and leaves nothing".into(),
        via: String::new(),
        passed: stopped,
        milliseconds: 0,
        output: String::new(),
    });
    report(&rows, options, &log)
}

/// Runs a program as a user would, over one of the server's URIs.
pub fn through(
    dist: &Dist,
    server: &Server,
    uri: usize,
    program: &Program,
    arguments: &[&str],
) -> Result<Run> {
    let mut command = Command::new(&dist.pillion);
    command
        .envs(server.pin.iter().map(|pin| ("PILLION_TLS_PIN", pin)))
        .args(["run", "--server", &server.uris[uri], "--"])
        .arg(&program.path)
        .args(arguments);
    programs::run(command, &program.expected)
}

fn row(test: &str, uri: &str, run: Run) -> Row {
    Row {
        test: test.to_string(),
        via: match uri.split(':').next().unwrap_or_default() {
            scheme if uri.ends_with(BY_NGINX) => format!("{scheme}, nginx"),
            scheme => scheme.to_string(),
        },
        passed: run.passed,
        milliseconds: run.took.as_millis(),
        output: if run.passed {
            String::new()
        } else {
            run.output
        },
    }
}

fn report(rows: &[Row], options: &Options, log: &Path) -> Result<bool> {
    let failed = rows.iter().filter(|row| !row.passed).count();
    if options.json {
        println!("{}", serde_json::to_string_pretty(rows)?);
        return Ok(failed == 0);
    }
    for row in rows {
        let verdict = if row.passed { "ok    " } else { "FAILED" };
        println!(
            "{verdict} {:5} {:>6} ms  {}",
            row.via, row.milliseconds, row.test
        );
    }
    for row in rows.iter().filter(|row| !row.passed) {
        let tail: Vec<&str> = row.output.lines().rev().take(30).collect();
        println!("\n--- {} over {} ---", row.test, row.via);
        for line in tail.into_iter().rev() {
            println!("{line}");
        }
        println!(
            "again: cargo xtask test {} (the seed is above: PILLION_SEED=N)",
            row.test
        );
    }
    if failed > 0 {
        println!("\nthe server's log: {}", log.display());
    }
    println!("\n{} passed, {failed} failed", rows.len() - failed);
    Ok(failed == 0)
}

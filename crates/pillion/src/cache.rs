//! `pillion cache`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};
use pillion_server::cache;
use serde::Serialize;

use crate::table;

/// `pillion cache`.
#[derive(Args)]
pub struct Options {
    /// The cache's folder, as `serve` was given it [default: where `serve` keeps it if nobody says]
    #[arg(long, value_name = "DIR", global = true)]
    cache: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Subcommand)]
enum Action {
    /// Remove every entry; servers may be running
    Clear,
}

#[derive(Serialize)]
struct Report {
    folder: PathBuf,
    entries: u64,
    bytes: u64,
    identities: Vec<Identity>,
}

#[derive(Serialize)]
struct Identity {
    folder: String,
    entries: u64,
    bytes: u64,
}

/// Shows what the cache holds, or clears it.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let folder = options
        .cache
        .clone()
        .or_else(cache::default_folder)
        .context("there is no home folder, so no cache: name one with --cache DIR")?;
    let reading = || format!("cannot read the cache in {}", folder.display());
    if let Some(Action::Clear) = options.action {
        let (entries, bytes) = cache::clear(&folder).with_context(reading)?;
        println!(
            "removed {entries} entries, {}, from {}",
            table::bytes(bytes),
            folder.display()
        );
        return Ok(ExitCode::SUCCESS);
    }
    let usage = cache::usage(&folder).with_context(reading)?;
    let report = Report {
        entries: usage.iter().map(|of| of.entries).sum(),
        bytes: usage.iter().map(|of| of.bytes).sum(),
        identities: usage
            .into_iter()
            .map(|of| Identity {
                folder: of.folder,
                entries: of.entries,
                bytes: of.bytes,
            })
            .collect(),
        folder,
    };
    if options.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "{}: {} entries, {}",
        report.folder.display(),
        report.entries,
        table::bytes(report.bytes)
    );
    if !report.identities.is_empty() {
        let mut table = table::table(&["whose", "entries", "size"]);
        for of in report.identities {
            table.add_row([of.folder, of.entries.to_string(), table::bytes(of.bytes)]);
        }
        println!("{table}");
    }
    Ok(ExitCode::SUCCESS)
}

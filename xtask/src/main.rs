//! `cargo xtask`: everything that is done to the repository rather than by it.

mod abi;
mod generate;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Work on the Pillion repository")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Make the function table, stubs, codec, dispatch and coverage page from CUDA's headers
    Gen {
        /// Change nothing; fail where something checked in is stale
        #[arg(long)]
        check: bool,
    },
}

fn main() -> anyhow::Result<()> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()?;
    match Arguments::parse().task {
        Task::Gen { check } => generate::run(&root, check),
    }
}

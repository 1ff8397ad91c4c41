//! `cargo xtask`: everything that is done to the repository rather than by it.

mod aarch64;
mod abi;
mod bundle;
mod crowd;
mod demo;
mod dist;
mod generate;
mod guard;
mod guest;
mod programs;
mod server;
mod suite;
mod toolkit;
mod toolkits;
mod ucx;
mod versions;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

#[derive(Parser)]
#[command(about = "Work on the Pillion repository")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Clone, Copy, ValueEnum)]
enum Device {
    Cpu,
    Nvidia,
}

#[derive(Subcommand)]
enum Task {
    /// Run unmodified CUDA programs on this machine, GPU or none
    Demo,
    /// Test everything: units, conformance, and CUDA programs end to end
    Test {
        /// Only CUDA programs whose name holds this
        filter: Option<String>,
        /// What executes them
        #[arg(long, value_enum, default_value = "cpu")]
        device: Device,
        /// Every program over every transport
        #[arg(long)]
        full: bool,
        /// How many random programs to make
        #[arg(long, default_value_t = 2000)]
        random: u32,
        /// Print the results as JSON
        #[arg(long)]
        json: bool,
    },
    /// Run the CUDA programs as older and newer toolkits build them, which are fetched (up to 1 GB each)
    Toolkits {
        /// Toolkits
        #[arg(default_values = toolkit::NAMES, value_parser = toolkit::NAMES)]
        toolkits: Vec<String>,
        /// Only CUDA programs whose name holds this
        #[arg(long)]
        filter: Option<String>,
        /// The CUDA version that the server has, such as 12.4; the newest unless told
        #[arg(long)]
        server: Option<String>,
    },
    /// Run CUDA programs in virtual machines against a server on their host (installs QEMU, fetches a kernel)
    GuestTest {
        /// Only ways to the server whose name holds this
        filter: Option<String>,
        /// Measure each way, too
        #[arg(long)]
        measure: bool,
    },
    /// Run CUDA programs as machines with 64-bit ARM have them, under QEMU's emulation of their processor (installs QEMU and a
    /// compiler), against a server on this machine
    TestAarch64 {
        /// Only CUDA programs whose name holds this
        filter: Option<String>,
        /// Every program, on every kind of machine and over every transport
        #[arg(long)]
        full: bool,
    },
    /// Run CUDA programs through clients and servers of an earlier commit and this one, both ways round, and on servers with older
    /// drivers (builds the earlier one)
    TestVersions,
    /// Test ucx:// with all versions of UCX, which are fetched (up to 43 MB each), and with two that differ on either side
    TestUcx {
        /// Versions such as 1.16, `system`, or the whole path of a libucp.so.0; all that can be fetched unless told
        libraries: Vec<String>,
    },
    /// Have many sessions at once on one server with the CPU device, and see how long they take (each has two processes: 512 need some
    /// 12 GB)
    Crowd {
        /// How many
        #[arg(default_value_t = 512)]
        sessions: usize,
    },
    /// Build Pillion and lay it out in target/dist as it is installed
    Dist {
        /// For another kind of machine, in target/dist-TARGET (installs a compiler)
        #[arg(long, value_enum)]
        target: Option<dist::Target>,
    },
    /// Put what a GPU machine needs into gpu-bundle/
    GpuBundle,
    /// Count what the paths that programs take most often cost, and compare with what they cost before (needs valgrind)
    BenchGuard {
        /// Write the new figures
        #[arg(long)]
        update: bool,
    },
    /// Make the function table, stubs, codec, dispatch and coverage page from CUDA's headers
    Gen {
        /// Change nothing; fail where something checked in is stale
        #[arg(long)]
        check: bool,
    },
}

fn main() -> anyhow::Result<ExitCode> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()?;
    match Arguments::parse().task {
        Task::Demo => demo::run(&root)?,
        Task::Test {
            filter,
            device,
            full,
            random,
            json,
        } => {
            let device = match device {
                Device::Cpu => "cpu",
                Device::Nvidia => "nvidia",
            };
            let options = suite::Options {
                filter,
                device: device.to_string(),
                full,
                random,
                json,
            };
            if !suite::run(&root, &options)? {
                return Ok(ExitCode::FAILURE);
            }
        }
        Task::Toolkits {
            toolkits,
            filter,
            server,
        } => {
            let options = toolkits::Options {
                toolkits,
                filter,
                server,
            };
            if !toolkits::run(&root, &options)? {
                return Ok(ExitCode::FAILURE);
            }
        }
        Task::GuestTest { filter, measure } => {
            if !guest::run(&root, &guest::Options { filter, measure })? {
                return Ok(ExitCode::FAILURE);
            }
        }
        Task::TestAarch64 { filter, full } => {
            if !aarch64::run(&root, &aarch64::Options { filter, full })? {
                return Ok(ExitCode::FAILURE);
            }
        }
        Task::TestVersions => {
            if !versions::run(&root)? {
                return Ok(ExitCode::FAILURE);
            }
        }
        Task::TestUcx { libraries } => {
            if !ucx::run(&root, &libraries)? {
                return Ok(ExitCode::FAILURE);
            }
        }
        Task::Crowd { sessions } => {
            if !crowd::run(&root, sessions)? {
                return Ok(ExitCode::FAILURE);
            }
        }
        Task::Dist { target } => {
            let dist = dist::build_for(&root, target)?;
            for file in [&dist.pillion, &dist.client, &dist.nvml] {
                println!("{}", file.display());
            }
        }
        Task::GpuBundle => bundle::run(&root)?,
        Task::BenchGuard { update } => {
            if !guard::run(&root, update)? {
                return Ok(ExitCode::FAILURE);
            }
        }
        Task::Gen { check } => generate::run(&root, check)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Shows that something goes on that cannot be counted.
fn spinner(what: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(what.to_string());
    bar.enable_steady_tick(Duration::from_millis(120));
    if bar.is_hidden() {
        eprintln!("{what}");
    }
    bar
}

/// Shows how far something has come.
fn bar(what: &str, len: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} {bar:30} {pos}/{len} {msg}")
        .expect("a valid template");
    let bar = ProgressBar::new(len)
        .with_style(style)
        .with_prefix(what.to_string());
    if bar.is_hidden() {
        eprintln!("{what}: {len}");
    }
    bar
}

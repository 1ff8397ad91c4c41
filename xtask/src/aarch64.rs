//! `cargo xtask test-aarch64`: clients on machines with 64-bit ARM, whose pages and addresses may be of another size than the server's.
//! QEMU emulates their processor, program by program, on the kernel of this machine.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::dist::{self, Dist, Target};
use crate::guest::image;
use crate::programs::{self, Choice, Program, Run};
use crate::server::Server;
use crate::{suite, toolkit};

/// What to run.
pub struct Options {
    /// Only CUDA programs whose name holds this.
    pub filter: Option<String>,
    /// Every program, on every kind of machine, over every transport.
    pub full: bool,
}

/// Programs that are run unless all are asked for: those that use memory in every way, and one or two of every other kind.
const PROGRAMS: [&str; 30] = [
    "allocations",
    "async_copies",
    "atomics_all",
    "constant_symbol",
    "cudart_shared",
    "driver_api",
    "exit_without_cleanup",
    "fault_handlers",
    "fork_after_init",
    "fork_before_init",
    "graph_capture",
    "graph_memory",
    "grid_sync",
    "handed_over",
    "host_functions",
    "illegal_address",
    "invalid_arguments",
    "legacy_versions",
    "managed",
    "matmul_tiled",
    "memory_pools",
    "multi_thread",
    "pointer_attributes",
    "printf_device",
    "random_program",
    "rdc",
    "streams_events",
    "vector_add",
    "virtual_memory",
    "zero_copy",
];

/// Those that execute themselves, or another program, which takes a kernel that knows QEMU as the interpreter of such programs.
const EXECUTE: [&str; 4] = ["handed_over", "ipc", "ipc_pools", "visible_devices"];

/// A kind of machine: its name, and what makes QEMU one.
type Kind = (&'static str, &'static [&'static str]);
/// The one that has fewer addresses than a server.
const SMALL: &str = "39 bits of address";
const KINDS: [Kind; 4] = [
    ("4 KiB pages", &[]),
    ("16 KiB pages", &["-p", "16384"]),
    ("64 KiB pages", &["-p", "65536"]),
    // As of small kernels. Device memory of servers lies beyond.
    (SMALL, &["-R", "0x8000000000"]),
];

/// Programs with managed memory, which is at the server's address or not at all.
const MANAGED: [&str; 3] = ["fault_handlers", "managed", "soak"];

/// Where Debian has the libraries of such machines.
const LIBRARIES: &str = "/usr/aarch64-linux-gnu";

/// Runs everything and answers whether all of it passed.
pub fn run(root: &Path, options: &Options) -> Result<bool> {
    let (cc, ccbin, package) = Target::Aarch64.compilers();
    image::install(&[
        (ccbin, package),
        ("qemu-aarch64-static", "qemu-user-static"),
    ])?;
    let qemu = image::find("qemu-aarch64-static").context("QEMU is not in the path")?;
    let toolkit = toolkit::for_arm(root, ccbin)?;
    let own = dist::build(root)?;
    let dist = dist::build_for(root, Some(Target::Aarch64))?;
    let wanted = |name: &str| match &options.filter {
        Some(filter) => name.contains(filter),
        None => options.full || PROGRAMS.contains(&name),
    };
    let built = programs::build(
        root,
        &toolkit,
        &Choice {
            only: Some(&wanted),
            folder: Some("aarch64"),
            ..Choice::default()
        },
    )?;
    let executes = image::has_interpreter("qemu-aarch64");
    let (built, left_out): (Vec<_>, Vec<_>) = built
        .into_iter()
        .filter(|program| program.devices == 1)
        .partition(|program| executes || !EXECUTE.contains(&program.name.as_str()));
    for program in left_out {
        println!(
            "left out: {}, as this kernel does not execute programs for aarch64",
            program.name
        );
    }
    ensure!(!built.is_empty(), "no program is to be run");
    let query = root.join("target/aarch64/nvml-query");
    compile(cc, root, &query)?;
    let here = root.join("target/aarch64/nvml-query-here");
    compile("cc", root, &here)?;

    let log = root.join("target/aarch64/server.log");
    let mut server = Server::start(&own, "cpu", &log)?;
    let all = server.uris.len();
    server.uris.retain(|uri| !uri.starts_with("ucx://"));
    if server.uris.len() < all {
        println!("left out: ucx://, as there is no UCX for aarch64 here");
    }
    let mut outcomes = Vec::new();
    let bar = crate::bar(
        "running CUDA programs for aarch64",
        (KINDS.len() * built.len()) as u64,
    );
    for (number, kind) in KINDS.iter().enumerate() {
        let machine = Machine {
            qemu: &qemu,
            kind,
            dist: &dist,
            server: &server,
        };
        for (index, program) in built.iter().enumerate() {
            bar.set_message(format!("{} ({})", program.name, kind.0));
            for (which, uri) in server.uris.iter().enumerate() {
                if options.full || (index + number) % server.uris.len() == which {
                    outcomes.push(machine.outcome(
                        &program.name,
                        uri,
                        machine.ride(which, program)?,
                    ));
                }
            }
            bar.inc(1);
        }
        for (which, uri) in server.uris.iter().enumerate() {
            outcomes.push(machine.outcome("pillion doctor", uri, machine.doctor(which)?));
        }
    }
    bar.finish_and_clear();
    // What NVML tells is the same on both kinds of machine.
    let program = |path: &Path| Program {
        name: "nvml-query".to_string(),
        path: path.to_path_buf(),
        expected: Vec::new(),
        devices: 1,
    };
    let told = suite::through(&own, &server, 0, &program(&here), &[])?;
    ensure!(
        told.passed && !told.output.is_empty(),
        "nvml-query fails here: {}",
        told.output
    );
    let machine = Machine {
        qemu: &qemu,
        kind: &KINDS[0],
        dist: &dist,
        server: &server,
    };
    let expected = told.output.lines().map(str::to_string).collect();
    let mut there = program(&query);
    there.expected = expected;
    outcomes.push(machine.outcome("NVML", &server.uris[0], machine.ride(0, &there)?));
    ensure!(
        server.stop()?,
        "the server left something behind: see {}",
        log.display()
    );
    report(&outcomes)
}

/// A machine whose programs reach a server.
struct Machine<'a> {
    qemu: &'a Path,
    kind: &'a Kind,
    dist: &'a Dist,
    server: &'a Server,
}

struct Outcome {
    what: String,
    passed: bool,
    output: String,
}

impl Machine<'_> {
    /// Command line of the machine's, up to the program. That is executed by the same means where a program executes it.
    fn emulate(&self) -> Command {
        let mut command = Command::new(self.qemu);
        command
            .args(self.kind.1)
            .args(["-L", LIBRARIES])
            .envs(self.server.pin.iter().map(|pin| ("PILLION_TLS_PIN", pin)));
        command
    }

    fn ride(&self, uri: usize, program: &Program) -> Result<Run> {
        let inner = self.emulate();
        let mut command = self.emulate();
        command
            .arg(&self.dist.pillion)
            .args(["run", "--server", &self.server.uris[uri], "--"])
            .arg(inner.get_program())
            .args(inner.get_args())
            .arg(&program.path);
        if program.name == "random_program" {
            command.args(["--programs", "20"]);
        }
        let mut run = programs::run(command, &program.expected)?;
        if self.kind.0 == SMALL && MANAGED.contains(&program.name.as_str()) {
            run.passed = !run.passed && run.output.contains("out of memory");
        }
        Ok(run)
    }

    fn doctor(&self, uri: usize) -> Result<Run> {
        let mut command = self.emulate();
        command
            .arg(&self.dist.pillion)
            .args(["doctor", "--server", &self.server.uris[uri]]);
        programs::run(command, &["Pillion CPU Device".to_string()])
    }

    fn outcome(&self, what: &str, uri: &str, run: Run) -> Outcome {
        let via = uri.split(':').next().unwrap_or_default();
        Outcome {
            what: format!(
                "{via:5} {:18} {:>6} ms  {what}",
                self.kind.0,
                run.took.as_millis()
            ),
            passed: run.passed,
            output: run.output,
        }
    }
}

/// Builds what asks the management library everything.
fn compile(cc: &str, root: &Path, to: &PathBuf) -> Result<()> {
    let status = Command::new(cc)
        .args(["-O1", "-w", "-o"])
        .arg(to)
        .arg(root.join("tests/nvml/query.c"))
        .arg("-ldl")
        .status()
        .with_context(|| format!("running {cc}"))?;
    ensure!(status.success(), "{cc} refuses tests/nvml/query.c");
    Ok(())
}

fn report(all: &[Outcome]) -> Result<bool> {
    for outcome in all {
        let verdict = if outcome.passed { "ok    " } else { "FAILED" };
        println!("{verdict} {}", outcome.what);
    }
    let failed: Vec<_> = all.iter().filter(|outcome| !outcome.passed).collect();
    for outcome in &failed {
        let tail: Vec<&str> = outcome.output.lines().rev().take(20).collect();
        println!("\n--- {} ---", outcome.what);
        for line in tail.into_iter().rev() {
            println!("{line}");
        }
    }
    println!(
        "\n{} passed, {} failed",
        all.len() - failed.len(),
        failed.len()
    );
    Ok(failed.is_empty())
}

//! `cargo xtask test-ucx`: `ucx://` with every version of UCX that there is, and with two that differ on either side.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::dist::{self, Dist};
use crate::programs::{self, Choice, Program, Run};
use crate::server::Server;
use crate::toolkit;
use crate::versions::Outcomes;

/// The wheels of `libucx-cu12`, 25 to 43 MB each. 1.13 is Debian 12's.
const WHEELS: [(&str, &str); 9] = [
    ("1.14", "1.14.1.post2"),
    ("1.15", "1.15.0.post2"),
    ("1.16", "1.16.0.post2"),
    ("1.17", "1.17.0.post1"),
    ("1.18", "1.18.1"),
    ("1.19", "1.19.0"),
    ("1.20", "1.20.1"),
    ("1.21", "1.21.0"),
    ("1.22", "1.22.0"),
];
/// What the loader finds.
const SYSTEM: &str = "system";

/// Programs of many small messages, of large ones both ways, and of both at once.
const PROGRAMS: [&str; 6] = [
    "async_copies",
    "fault_handlers",
    "managed",
    "threads_mixed",
    "vector_add",
    "virtual_memory",
];

/// A version to be tested.
struct Library {
    name: String,
    file: PathBuf,
    /// It reaches its own machine by the loopback device: see `ucx::Missing::NoLoopback`.
    at_home: bool,
}

/// Runs everything with these versions, or libraries, or all that there are; answers whether all of it passed.
pub fn run(root: &Path, wanted: &[String]) -> Result<bool> {
    let wanted: Vec<&str> = match wanted {
        [] => [SYSTEM]
            .into_iter()
            .chain(WHEELS.iter().map(|(name, _)| *name))
            .collect(),
        some => some.iter().map(String::as_str).collect(),
    };
    let libraries = wanted
        .iter()
        .map(|name| library(root, name))
        .collect::<Result<Vec<_>>>()?;
    let device = device()?;
    let tests = tests(root)?;
    let toolkit = toolkit::get(root)?;
    let dist = dist::build(root)?;
    let is_one = |name: &str| PROGRAMS.contains(&name);
    let choice = Choice {
        only: Some(&is_one),
        ..Choice::default()
    };
    let built = programs::build(root, &toolkit, &choice)?;
    ensure!(built.len() == PROGRAMS.len(), "a program is missing");
    let mut outcomes = Outcomes::default();
    for library in &libraries {
        // What there is for a machine of its own is tested by the loopback device, too.
        for test in &tests {
            let mut command = Command::new(test);
            command
                .env("PILLION_UCX", &library.file)
                .env("PILLION_TEST_UCX", "1");
            // The other transports' tests are none of this.
            if test.to_string_lossy().contains("conformance-") {
                command.arg("ucx");
            }
            if !library.at_home {
                command.env("UCX_NET_DEVICES", &device);
            }
            let what = test.file_stem().unwrap_or_default().to_string_lossy();
            let run = programs::run(command, &[])?;
            outcomes.add(&library.name, &format!("tests, {what}"), run);
        }
    }
    for of_server in &libraries {
        for of_client in &libraries {
            // Between machines, as it is where their versions differ.
            pair(
                &mut outcomes,
                root,
                &dist,
                (of_server, of_client),
                Some(&device),
                &built,
            )?;
        }
        if of_server.at_home {
            pair(
                &mut outcomes,
                root,
                &dist,
                (of_server, of_server),
                None,
                &built,
            )?;
        }
    }
    outcomes.report()
}

/// Runs the programs through a server with one version and a client with another, over a network device or the loopback one.
fn pair(
    outcomes: &mut Outcomes,
    root: &Path,
    dist: &Dist,
    (of_server, of_client): (&Library, &Library),
    device: Option<&str>,
    built: &[Program],
) -> Result<()> {
    let way = format!(
        "UCX {} on the server, {} on the client, {}",
        of_server.name,
        of_client.name,
        device.unwrap_or("lo")
    );
    let log = root.join("target/cuda-tests/server-ucx.log");
    let file = of_server.file.to_string_lossy();
    let mut environment = vec![("PILLION_UCX", &*file)];
    environment.extend(device.map(|device| ("UCX_NET_DEVICES", device)));
    let listen = ["ucx://127.0.0.1:0".to_string()];
    let server = Server::start_at(dist, "cpu", &log, &listen, &[], &environment)?;
    for program in built {
        let mut command = Command::new(&dist.pillion);
        command
            .env("PILLION_UCX", &of_client.file)
            // What it is asked for it has nothing to complain of.
            .env("UCX_LOG_LEVEL", "warn")
            .envs(device.map(|device| ("UCX_NET_DEVICES", device)))
            .args(["run", "--server", &server.uris[0], "--"])
            .arg(&program.path);
        let mut run: Run = programs::run(command, &program.expected)?;
        // A program's standard error is its own.
        if run.output.contains("UCX  ") {
            run.passed = false;
        }
        outcomes.add(&way, &program.name, run);
    }
    ensure!(
        server.stop()?,
        "the server left something behind: see {}",
        log.display()
    );
    Ok(())
}

fn library(root: &Path, name: &str) -> Result<Library> {
    let at_home = name != "1.20";
    if name == SYSTEM {
        return Ok(Library {
            name: name.to_string(),
            file: "libucp.so.0".into(),
            at_home,
        });
    }
    let Some((_, wheel)) = WHEELS.iter().find(|(version, _)| *version == name) else {
        let file = PathBuf::from(name);
        ensure!(
            file.is_absolute() && file.is_file(),
            "there is no UCX {name} to be had: choose of {SYSTEM}, {}, or name a libucp.so.0 by its whole path",
            WHEELS.map(|(version, _)| version).join(", ")
        );
        return Ok(Library {
            name: name.to_string(),
            file,
            at_home,
        });
    };
    let folder = root.join("target/ucx").join(name);
    let file = folder.join("libucx/lib/libucp.so.0");
    if !file.is_file() {
        let bar = crate::spinner(&format!("fetching UCX {name} (up to 43 MB, once)"));
        toolkit::pip(&folder, &[&format!("libucx-cu12=={wheel}")], &[])?;
        bar.finish_and_clear();
    }
    ensure!(file.is_file(), "the wheel has no {}", file.display());
    Ok(Library {
        name: name.to_string(),
        file,
        at_home,
    })
}

/// A network device that is no loopback one, and up.
fn device() -> Result<String> {
    for entry in std::fs::read_dir("/sys/class/net")?.flatten() {
        let read = |name| std::fs::read_to_string(entry.path().join(name)).unwrap_or_default();
        // Ethernet, by the number that the kernel has for it.
        if read("type").trim() == "1" && read("operstate").trim() == "up" {
            return Ok(entry.file_name().to_string_lossy().into_owned());
        }
    }
    bail!(
        "this machine has no network device that is up: versions of UCX that differ meet over one"
    )
}

/// The transports' tests, built.
fn tests(root: &Path) -> Result<Vec<PathBuf>> {
    let output = Command::new("cargo")
        .args(["test", "--package", "pillion-transport", "--no-run"])
        .args(["--test", "conformance", "--test", "ucx"])
        .args(["--message-format", "json"])
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .context("running cargo test")?;
    ensure!(output.status.success(), "the tests could not be built");
    let found: Vec<_> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .collect();
    ensure!(found.len() == 2, "a test is missing");
    Ok(found)
}

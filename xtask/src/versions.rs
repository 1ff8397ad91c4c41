//! `cargo xtask test-versions`: clients and servers of an earlier Pillion with those of this one, and servers with older drivers.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::dist::{self, Dist};
use crate::programs::{self, Choice, Program, Run};
use crate::server::Server;
use crate::{suite, toolkit};

/// The earlier Pillion: the oldest commit that this one is to work with. It speaks version 1 of the protocol and lists its opcodes. Once
/// there are releases, this is the oldest one whose protocol is still spoken.
const PREVIOUS: &str = "4cfd4e65cc337487b2f4f03c19bcd65e41535564";

/// Of the earlier one's own programs, a few for everything that it had. What they found in it then is in it still.
const PROGRAMS: [&str; 22] = [
    "async_copies",
    "atomics_all",
    "constant_symbol",
    "cudart_shared",
    "driver_api",
    "event_timing",
    "fork_after_init",
    "graph_capture",
    "host_functions",
    "illegal_address",
    "malloc_async",
    "managed",
    "matmul_tiled",
    "memory_pools",
    "multi_thread",
    "printf_device",
    "random_program",
    "rdc",
    "streams_events",
    "vector_add",
    "virtual_memory",
    "zero_copy",
];

/// Drivers of servers, as `PILLION_CPU_CUDA` and `cuDriverGetVersion` have them.
const DRIVERS: [(&str, &str); 4] = [
    ("11.8", "11080"),
    ("12.0", "12000"),
    ("12.4", "12040"),
    ("13.0", "13000"),
];

/// Runs everything and answers whether all of it passed.
pub fn run(root: &Path) -> Result<bool> {
    let folder = root.join("target/versions");
    let home = folder.join(&PREVIOUS[..12]);
    let old = previous(root, &home)?;
    // After the earlier one: both leave what they build in the same place.
    let new = dist::build(root)?;
    let toolkit = toolkit::get(root)?;
    let earlier = |name: &str| PROGRAMS.contains(&name);
    let only = |only| Choice {
        only: Some(only),
        ..Choice::default()
    };
    let built = programs::build(&home, &toolkit, &only(&earlier))?;
    ensure!(built.len() == PROGRAMS.len(), "a program is missing");
    let driver_version = |name: &str| name == "driver_version";
    let driver_version = programs::build(root, &toolkit, &only(&driver_version))?;
    let driver_version = named(&driver_version, "driver_version")?;
    let query = query(root, &folder)?;
    let mut outcomes = Outcomes::default();
    for (way, client, server_of) in [
        ("earlier client, this server", &old, &new),
        ("this client, earlier server", &new, &old),
    ] {
        let log = folder.join(format!("{}.log", way.replace([',', ' '], "-")));
        let server = start(server_of, &log, &[])?;
        let bar = crate::bar(way, built.len() as u64);
        for program in &built {
            let arguments: &[&str] = match program.name.as_str() {
                "random_program" => &["--programs", "200"],
                _ => &[],
            };
            for uri in 0..server.uris.len() {
                let run = suite::through(client, &server, uri, program, arguments)?;
                outcomes.add(
                    way,
                    &format!("{} over {}", program.name, scheme(&server.uris[uri])),
                    run,
                );
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        outcomes.add(
            way,
            "NVML",
            suite::through(client, &server, 0, &query, &[])?,
        );
        outcomes.add(
            way,
            "pillion doctor",
            doctor(client, &server.uris[0], &["Pillion CPU Device"])?,
        );
        // One that is too new for this server, or too old for it.
        for (version, sentence) in [(99, "upgrade the server"), (0, "upgrade the client")] {
            let disguise = Disguise::new(tcp(&server)?, version)?;
            let what = format!("a client of protocol {version} is told: {sentence}");
            outcomes.refused(
                way,
                &what,
                sentence,
                |uri| doctor(client, uri, &[]),
                &disguise.uri,
            )?;
            let vector_add = named(&built, "vector_add")?;
            let ride = |uri: &str| {
                let mut command = Command::new(&client.pillion);
                command
                    .args(["run", "--server", uri, "--"])
                    .arg(&vector_add.path);
                programs::run(command, &[])
            };
            outcomes.refused(
                way,
                &format!("{what}, and so is its program"),
                sentence,
                ride,
                &disguise.uri,
            )?;
        }
        ensure!(
            server.stop()?,
            "the server left something behind: see {}",
            log.display()
        );
    }
    for (version, number) in DRIVERS {
        let way = format!("a driver of CUDA {version}");
        let log = folder.join(format!("driver-{version}.log"));
        let server = start(&new, &log, &[("PILLION_CPU_CUDA", version)])?;
        for (whose, client) in [("this client", &new), ("earlier client", &old)] {
            let run = suite::through(client, &server, 1, driver_version, &["7", number])?;
            outcomes.add(&way, &format!("driver_version, {whose}"), run);
        }
        ensure!(
            server.stop()?,
            "the server left something behind: see {}",
            log.display()
        );
    }
    outcomes.report()
}

/// The earlier Pillion and its programs in a folder, built if they are not there.
fn previous(root: &Path, home: &Path) -> Result<Dist> {
    let dist = Dist::at(&home.join("dist"));
    // Written last.
    let stamp = home.join("built");
    if stamp.is_file() {
        return Ok(dist);
    }
    let known = Command::new("git")
        .args(["cat-file", "-e", &format!("{PREVIOUS}^{{commit}}")])
        .current_dir(root)
        .stderr(Stdio::null())
        .status()
        .context("running git")?;
    if !known.success() {
        let fetched = Command::new("git")
            .args(["fetch", "--quiet", "--depth", "1", "origin", PREVIOUS])
            .current_dir(root)
            .status()?;
        ensure!(
            fetched.success(),
            "this clone lacks commit {PREVIOUS}, and its origin does not give it: fetch the whole history (git fetch --unshallow)"
        );
    }
    let source = home.join("source");
    let _ = std::fs::remove_dir_all(home);
    unpack(root, &[], &source)?;
    unpack(root, &["tests/cuda"], home)?;
    let bar = crate::spinner("building an earlier Pillion (release, once)");
    let target = dist::target(root);
    let mut command = Command::new("cargo");
    command.args(["build", "--quiet", "--release", "--locked"]);
    for package in ["pillion", "pillion-client", "pillion-nvml"] {
        command.args(["--package", package]);
    }
    let status = command
        // The crates that both use are there already.
        .arg("--target-dir")
        .arg(&target)
        .current_dir(&source)
        .status()
        .context("running cargo")?;
    ensure!(status.success(), "commit {PREVIOUS} does not build");
    bar.finish_and_clear();
    dist::lay_out(&target.join("release"), &home.join("dist"))?;
    std::fs::remove_dir_all(&source)?;
    std::fs::write(stamp, PREVIOUS)?;
    Ok(dist)
}

/// Puts what the earlier commit has at these paths, or all of it, into a folder.
fn unpack(root: &Path, paths: &[&str], to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    let mut archive = Command::new("git")
        .args(["archive", PREVIOUS])
        .args(paths)
        .current_dir(root)
        .stdout(Stdio::piped())
        .spawn()
        .context("running git")?;
    let bytes = archive.stdout.take().context("git archive has an output")?;
    let unpacked = Command::new("tar")
        .args(["-x", "-C"])
        .arg(to)
        .stdin(bytes)
        .status()
        .context("running tar")?;
    ensure!(
        archive.wait()?.success() && unpacked.success(),
        "commit {PREVIOUS} cannot be unpacked"
    );
    Ok(())
}

/// A server at what all versions have: a Unix socket and TCP.
fn start(dist: &Dist, log: &Path, environment: &[(&str, &str)]) -> Result<Server> {
    let socket = std::env::temp_dir().join(format!("pillion-versions-{}.sock", std::process::id()));
    let listen = [
        format!("unix://{}", socket.display()),
        "tcp://127.0.0.1:0".to_string(),
    ];
    Server::start_at(dist, "cpu", log, &listen, &[], environment)
}

fn tcp(server: &Server) -> Result<&str> {
    let uri = server
        .uris
        .iter()
        .find_map(|uri| uri.strip_prefix("tcp://"));
    uri.context("the server listens at tcp://")
}

fn scheme(uri: &str) -> &str {
    uri.split(':').next().unwrap_or_default()
}

fn named<'a>(programs: &'a [Program], name: &str) -> Result<&'a Program> {
    programs
        .iter()
        .find(|program| program.name == name)
        .with_context(|| format!("tests/cuda has no {name}"))
}

fn doctor(client: &Dist, uri: &str, expected: &[&str]) -> Result<Run> {
    let mut command = Command::new(&client.pillion);
    command.args(["doctor", "--server", uri]);
    let expected: Vec<_> = expected.iter().map(ToString::to_string).collect();
    programs::run(command, &expected)
}

/// What asks the management library everything.
fn query(root: &Path, folder: &Path) -> Result<Program> {
    let path = folder.join("nvml-query");
    let status = Command::new("cc")
        .args(["-O1", "-w", "-o"])
        .arg(&path)
        .arg(root.join("tests/nvml/query.c"))
        .arg("-ldl")
        .status()
        .context("running cc")?;
    ensure!(status.success(), "tests/nvml/query.c does not compile");
    Ok(Program {
        name: "nvml-query".to_string(),
        path,
        expected: vec!["Pillion CPU Device".to_string()],
        devices: 1,
    })
}

/// A relay that makes every client one that speaks some other version and nothing else.
struct Disguise {
    uri: String,
}

/// Bytes of a frame's header, and where in a greeting its words are: what it begins with, and both versions.
const HEADER: usize = 32;
const MAGIC: &[u8] = b"PILLION\n";
const VERSIONS: usize = HEADER + 8;

impl Disguise {
    /// In front of the server at `to`. It serves for as long as this process.
    fn new(to: &str, version: u64) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let uri = format!("tcp://{}", listener.local_addr()?);
        let to = to.to_string();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let to = to.clone();
                // Who only looks whether somebody is there says nothing.
                std::thread::spawn(move || relay(client, &to, version));
            }
        });
        Ok(Self { uri })
    }
}

fn relay(mut client: TcpStream, to: &str, version: u64) -> Result<()> {
    let mut greeting = [0; VERSIONS + 16];
    client.read_exact(&mut greeting)?;
    ensure!(greeting[HEADER..].starts_with(MAGIC), "no greeting");
    for at in [VERSIONS, VERSIONS + 8] {
        greeting[at..at + 8].copy_from_slice(&version.to_le_bytes());
    }
    let mut server = TcpStream::connect(to)?;
    server.write_all(&greeting)?;
    let (mut from, mut into) = (client.try_clone()?, server.try_clone()?);
    std::thread::spawn(move || std::io::copy(&mut from, &mut into));
    std::io::copy(&mut server, &mut client)?;
    Ok(client.shutdown(Shutdown::Both)?)
}

#[derive(Default)]
pub struct Outcomes(Vec<(String, Run)>);

impl Outcomes {
    /// Adds a run.
    pub fn add(&mut self, way: &str, what: &str, run: Run) {
        self.0.push((format!("{way}: {what}"), run));
    }

    /// Adds a run that has to fail, and to say why in one line.
    fn refused(
        &mut self,
        way: &str,
        what: &str,
        sentence: &str,
        run: impl Fn(&str) -> Result<Run>,
        uri: &str,
    ) -> Result<()> {
        let mut run = run(uri)?;
        let says = |line: &str| line.contains("protocol") && line.contains(sentence);
        run.passed = !run.passed && run.output.lines().any(says);
        self.add(way, what, run);
        Ok(())
    }

    /// Prints all of them, and answers whether all passed.
    pub fn report(&self) -> Result<bool> {
        for (what, run) in &self.0 {
            let verdict = if run.passed { "ok    " } else { "FAILED" };
            println!("{verdict} {:>6} ms  {what}", run.took.as_millis());
        }
        let failed: Vec<_> = self.0.iter().filter(|(_, run)| !run.passed).collect();
        for (what, run) in &failed {
            let lines: Vec<&str> = run.output.lines().rev().take(20).collect();
            println!("\n--- {what} ---");
            for line in lines.into_iter().rev() {
                println!("{line}");
            }
        }
        println!(
            "\n{} passed, {} failed",
            self.0.len() - failed.len(),
            failed.len()
        );
        if self.0.is_empty() {
            bail!("nothing was tested");
        }
        Ok(failed.is_empty())
    }
}

//! What a connection carries by itself, from one process of this machine to another: the limit of every copy through a server here.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use pillion_transport::Uri;
use rustix::net::sockopt;
use serde::Serialize;

use super::statistics::Summary;
use super::target::Plan;

/// Bytes that are sent and received at once.
const PART: usize = 1 << 20;
/// Bytes of a sample.
const SAMPLE: usize = 16 << 20;
/// Bytes of memory that is too large for any processor's cache: that of the largest copies.
const LARGE: usize = 256 << 20;
/// Kernel buffers that are tried, in bytes; first those that the kernel chooses.
const BUFFERS: [Option<usize>; 5] = [
    None,
    Some(128 << 10),
    Some(256 << 10),
    Some(1 << 20),
    Some(4 << 20),
];
/// How long the other process may take to connect, or to send something.
const PATIENCE: Duration = Duration::from_secs(20);

/// A kind of connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// TCP over loopback.
    Tcp,
    /// A Unix socket.
    Unix,
}

impl Kind {
    /// That of a server's address, where it is one.
    pub fn of(uri: &Uri) -> Option<Self> {
        match uri {
            Uri::Tcp { .. } => Some(Kind::Tcp),
            Uri::Unix { .. } => Some(Kind::Unix),
            _ => None,
        }
    }

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Tcp => "TCP over loopback",
            Kind::Unix => "Unix socket",
        }
    }
}

/// Which memory the bytes come from and go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Memory {
    /// A megabyte on each side, which stays in the processors' caches: what programs that measure networks do.
    Cached,
    /// It is sent from 256 MiB, as the largest copy to the device is.
    LargeSource,
    /// It is received into 256 MiB, as the largest copy to the host is.
    LargeTarget,
}

impl Memory {
    const ALL: [Memory; 3] = [Memory::Cached, Memory::LargeSource, Memory::LargeTarget];

    /// It for people.
    pub fn name(self) -> &'static str {
        match self {
            Memory::Cached => "within caches",
            Memory::LargeSource => "from 256 MiB",
            Memory::LargeTarget => "to 256 MiB",
        }
    }

    fn source(self) -> usize {
        if self == Memory::LargeSource {
            LARGE
        } else {
            PART
        }
    }

    fn target(self) -> usize {
        if self == Memory::LargeTarget {
            LARGE
        } else {
            PART
        }
    }
}

/// What a kind of connection carries with some kernel buffers.
#[derive(Debug, Serialize)]
pub struct Carried {
    pub kind: Kind,
    pub memory: Memory,
    /// What was asked for as `SO_SNDBUF` and `SO_RCVBUF`; nothing where the kernel chose.
    pub buffer_bytes: Option<usize>,
    /// Bytes a second.
    #[serde(flatten)]
    pub bandwidth: Summary,
}

/// What [`measure`] starts: sends until nobody reads any more.
#[derive(clap::Args)]
pub struct Options {
    /// Where to connect
    #[arg(long)]
    to: String,
    /// SO_SNDBUF
    #[arg(long)]
    buffer: Option<usize>,
    /// Bytes of memory to send from
    #[arg(long)]
    memory: usize,
}

/// Sends.
pub fn send(options: &Options) -> ExitCode {
    let sent = match options.to.strip_prefix("unix:") {
        Some(path) => UnixStream::connect(path).and_then(|line| pour(line, options)),
        None => TcpStream::connect(&options.to).and_then(|line| pour(line, options)),
    };
    match sent {
        Err(error)
            if !matches!(
                error.kind(),
                ErrorKind::BrokenPipe | ErrorKind::ConnectionReset
            ) =>
        {
            eprintln!("pillion: {error}");
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

fn pour(mut line: impl Write + AsFd, options: &Options) -> std::io::Result<()> {
    if let Some(bytes) = options.buffer {
        sockopt::set_socket_send_buffer_size(&line, bytes)?;
    }
    let memory = vec![5; options.memory.max(PART)];
    loop {
        for part in memory.chunks(PART) {
            line.write_all(part)?;
        }
    }
}

/// Measures each of these kinds with each size of buffers.
pub fn measure(kinds: &[Kind], plan: &Plan) -> Result<Vec<Carried>> {
    let mut all = Vec::new();
    for &kind in kinds {
        for memory in Memory::ALL {
            for buffer_bytes in BUFFERS {
                let bandwidth = measure_one(kind, memory, buffer_bytes, plan)
                    .with_context(|| format!("cannot measure a {} alone", kind.name()))?;
                all.push(Carried {
                    kind,
                    memory,
                    buffer_bytes,
                    bandwidth,
                });
            }
        }
    }
    Ok(all)
}

fn measure_one(kind: Kind, memory: Memory, buffer: Option<usize>, plan: &Plan) -> Result<Summary> {
    match kind {
        Kind::Tcp => {
            let listener = TcpListener::bind("127.0.0.1:0")?;
            if let Some(bytes) = buffer {
                // Those of accepted connections are the listener's.
                sockopt::set_socket_recv_buffer_size(&listener, bytes)?;
            }
            let to = listener.local_addr()?.to_string();
            listener.set_nonblocking(true)?;
            drain(plan, &to, memory, buffer, || {
                let line = listener.accept()?.0;
                line.set_nonblocking(false)?;
                line.set_read_timeout(Some(PATIENCE))?;
                Ok(line)
            })
        }
        Kind::Unix => {
            let name = format!("pillion-bench-line-{}", std::process::id());
            let path = std::env::temp_dir().join(name);
            let listener = UnixListener::bind(&path)?;
            listener.set_nonblocking(true)?;
            let to = format!("unix:{}", path.display());
            let drained = drain(plan, &to, memory, buffer, || {
                let line = listener.accept()?.0;
                line.set_nonblocking(false)?;
                line.set_read_timeout(Some(PATIENCE))?;
                Ok(line)
            });
            let _ = std::fs::remove_file(path);
            drained
        }
    }
}

/// Starts who sends, and takes what comes.
fn drain<T: Read>(
    plan: &Plan,
    to: &str,
    memory: Memory,
    buffer: Option<usize>,
    accept: impl Fn() -> std::io::Result<T>,
) -> Result<Summary> {
    let mut command = Command::new(&plan.program);
    command.args(["bench-line", "--to", to]);
    command.args(["--memory", &memory.source().to_string()]);
    if let Some(bytes) = buffer {
        command.args(["--buffer", &bytes.to_string()]);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let mut process = command.spawn().context("cannot start a process")?;
    let samples = accepted(accept).and_then(|line| samples(line, memory.target(), plan));
    // It ends by itself where nobody reads; where it has never come so far, it is ended.
    if samples.is_err() {
        let _ = process.kill();
    }
    let status = process.wait()?;
    let samples = samples?;
    ensure!(
        status.success(),
        "the process that sends broke off: {status}"
    );
    Summary::of(samples).context("no samples")
}

fn accepted<T>(accept: impl Fn() -> std::io::Result<T>) -> Result<T> {
    let begun = Instant::now();
    loop {
        match accept() {
            Err(error) if error.kind() == ErrorKind::WouldBlock && begun.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(1));
            }
            accepted => return Ok(accepted?),
        }
    }
}

fn samples(mut line: impl Read, memory: usize, plan: &Plan) -> Result<Vec<f64>> {
    const LEAST: usize = 3;
    let budget = Duration::from_millis(if plan.quick { 50 } else { 500 });
    // Written, so that the kernel has no pages to find for it while it is measured.
    let mut memory = vec![5; memory];
    let mut at = 0;
    let mut take = || -> Result<f64> {
        let (begun, mut left) = (Instant::now(), SAMPLE);
        while left > 0 {
            if at == memory.len() {
                at = 0;
            }
            let end = memory.len().min(at + left.min(PART));
            let n = line.read(&mut memory[at..end])?;
            ensure!(n > 0, "the process that sends has ended");
            left -= n;
            at += n;
        }
        Ok(SAMPLE as f64 / begun.elapsed().as_secs_f64())
    };
    take()?;
    let begun = Instant::now();
    let mut samples = Vec::new();
    while samples.len() < LEAST || begun.elapsed() < budget {
        samples.push(take()?);
    }
    Ok(samples)
}

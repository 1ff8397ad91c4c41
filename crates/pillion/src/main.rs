//! `pillion`: the command line. `pillion help` is its manual; the user documentation is in `docs/`.

mod admin;
mod bench;
mod cache;
mod client;
mod devices;
mod doctor;
mod libdir;
mod link;
mod run;
mod serve;
mod status;
mod table;
mod token;
mod top;

use std::os::fd::{FromRawFd, OwnedFd};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use pillion_dial::Place;
use pillion_server::user::Rights;
use pillion_server::worker;
use pillion_transport::Uri;

#[derive(Parser)]
#[command(
    name = "pillion",
    version,
    about = "Run a CUDA program on a GPU that this machine does not have"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Share this machine's GPUs, or its processor as a CUDA device
    Serve(serve::Options),
    /// Run a program whose CUDA calls go to a server
    Run(run::Options),
    /// Print the folder to put first in LD_LIBRARY_PATH
    Libdir,
    /// List the devices of a server
    Devices(devices::Options),
    /// Show a server's sessions and workers
    Status(status::Options),
    /// End a session, or have one not begin that waits
    Cancel(admin::Cancel),
    /// Give a session more or less of the devices, for as long as it lasts
    Change(admin::Changing),
    /// Have a server accept nobody any more, and end when its sessions have
    Drain(admin::Drain),
    /// Have a server read its settings again, and hear what is wrong with them
    Reload(admin::Reload),
    /// Watch a server's devices, sessions and queue, live
    Top(top::Options),
    /// Make and revoke the tokens by which a server knows its clients, on the server's machine
    Token(token::Options),
    /// Show what a server has kept of what clients have sent, on the server's machine
    Cache(cache::Options),
    /// Check the set-up, and say what to do about what is wrong
    Doctor(doctor::Options),
    /// Measure what CUDA calls, copies and programs cost through servers, and natively where this machine has a GPU
    Bench(bench::Options),
    /// Emulate a slow, long or breaking line to a server, for tests and measurements
    Link(link::Options),
    /// Be the process that `bench` measures (started by it)
    #[command(hide = true)]
    BenchChild(bench::child::Options),
    /// Be the process that sends where `bench` measures a connection alone (started by it)
    #[command(hide = true)]
    BenchLine(bench::line::Options),
    /// Serve one session (started by `serve`)
    #[command(hide = true)]
    Worker(Worker),
}

/// Which servers to try, for every command that connects.
#[derive(Args)]
struct Servers {
    /// The server: tcp://HOST:PORT, tls://HOST:PORT, ws://HOST/PATH, wss://HOST/PATH, unix:///PATH, shm:///PATH or vsock://CID:PORT, or the name of a machine, or
    /// `auto`, to which the best way is taken; several, separated by commas, are tried in order
    #[arg(
        long,
        value_name = "URI|HOST",
        env = "PILLION_SERVER",
        value_delimiter = ','
    )]
    server: Vec<Place>,
}

impl Servers {
    /// What was asked for, else where a server listens by default.
    fn places(&self) -> Vec<Place> {
        if self.server.is_empty() {
            Place::usual()
        } else {
            self.server.clone()
        }
    }

    /// The ways there, in order.
    fn uris(&self) -> Vec<Uri> {
        let ways = self.places().into_iter().flat_map(|place| place.ways());
        ways.filter(|way| way.is_tried).map(|way| way.uri).collect()
    }

    /// The way to a server that is to do something for who runs it: on its machine, or with a token. `what` it does, for who has
    /// neither.
    fn to_be_managed(&self, what: &str) -> anyhow::Result<Uri> {
        let uris = self.uris();
        let on_this_machine = uris
            .iter()
            .find(|uri| matches!(uri, Uri::Unix { .. } | Uri::Shm { .. }));
        let has_token = std::env::var_os("PILLION_TOKEN").is_some_and(|token| !token.is_empty());
        let uri = on_this_machine.or(uris.first().filter(|_| has_token));
        uri.cloned().ok_or_else(|| {
            anyhow::anyhow!(
                "a server {what} on its own machine only: use --server unix:///PATH or shm:///PATH there, or a \
                 PILLION_TOKEN for administration"
            )
        })
    }

    /// Whether somebody named a server.
    fn named(&self) -> bool {
        !self.server.is_empty()
    }
}

#[derive(Args)]
struct Worker {
    /// The socket to the broker
    #[arg(long)]
    control_fd: i32,
    /// The memory that tells the broker what the session uses
    #[arg(long)]
    account_fd: i32,
    /// The device to execute on
    #[arg(long)]
    device: worker::Device,
    /// How many workers are kept ready
    #[arg(long, default_value_t = 1)]
    ready_workers: usize,
    /// Bytes of device memory that they may hold together
    #[arg(long)]
    ready_memory: Option<u64>,
    /// The folder of the content cache
    #[arg(long, requires = "cache_size")]
    cache: Option<PathBuf>,
    /// Its size in bytes
    #[arg(long, default_value_t = 0)]
    cache_size: u64,
    /// The user to become, as UID:GID,GROUP...
    #[arg(long)]
    user: Option<Rights>,
    /// Whether it is shut in: on, log or off
    #[arg(long, default_value_t)]
    sandbox: worker::sandbox::Sandbox,
    /// It is for ucx://, and may use the network
    #[arg(long)]
    network: bool,
    /// It shares its devices with others at the same time, and their faults
    #[arg(long)]
    dense: bool,
    /// The socket by which it hears of its turns on the device
    #[arg(long)]
    turn_fd: Option<i32>,
    /// The share of each device's multiprocessors that it has, in per cent; NVIDIA's driver goes by its environment instead
    #[arg(long, value_name = "PERCENT", value_parser = share)]
    share: Option<worker::Share>,
}

fn main() -> ExitCode {
    without_empty("PILLION_SERVER");
    let result = match Arguments::parse().command {
        Command::Serve(options) => serve::run(options),
        Command::Run(options) => run::run(&options),
        Command::Libdir => libdir::run(),
        Command::Devices(options) => devices::run(&options),
        Command::Status(options) => status::run(&options),
        Command::Cancel(options) => admin::cancel(options),
        Command::Change(options) => admin::change(options),
        Command::Drain(options) => admin::drain(&options),
        Command::Reload(options) => admin::reload(&options),
        Command::Top(options) => top::run(&options),
        Command::Token(options) => token::run(options),
        Command::Cache(options) => cache::run(&options),
        Command::Doctor(options) => doctor::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::BenchChild(options) => return bench::child::run(&options),
        Command::BenchLine(options) => return bench::line::send(&options),
        Command::Link(options) => link::run(&options),
        Command::Worker(options) => return serve_session(&options),
    };
    result.unwrap_or_else(|error| {
        eprintln!("pillion: {}", sentence(&error));
        ExitCode::FAILURE
    })
}

fn serve_session(options: &Worker) -> ExitCode {
    let mut numbers = vec![options.control_fd, options.account_fd];
    numbers.extend(options.turn_fd);
    numbers.sort_unstable();
    if numbers[0] < 3 || !numbers.is_sorted_by(|one, other| one < other) {
        eprintln!("pillion: `worker` is started by `pillion serve`, not by hand");
        return ExitCode::FAILURE;
    }
    // SAFETY: the broker has put the control socket at this number and nothing else in this process knows of it. Somebody who
    // calls this by hand with a number that is not open gets errors of the kernel, and ends.
    let control = unsafe { OwnedFd::from_raw_fd(options.control_fd) };
    // SAFETY: likewise, and it is another number.
    let page = unsafe { OwnedFd::from_raw_fd(options.account_fd) };
    // SAFETY: likewise.
    let turns = options
        .turn_fd
        .map(|number| unsafe { OwnedFd::from_raw_fd(number) });
    let ahead = worker::Ahead {
        workers: options.ready_workers,
        memory: options.ready_memory,
    };
    let cache = options.cache.as_deref();
    let cache = cache.map(|folder| (folder, options.cache_size));
    let user = options.user.as_ref();
    worker::run(worker::Start {
        control,
        page,
        device: options.device,
        ahead,
        cache,
        user,
        sandbox: options.sandbox,
        network: options.network,
        dense: options.dense,
        turns,
        share: options.share,
    })
}

/// An error with its causes, of which most sentences have told the first already.
fn sentence(error: &anyhow::Error) -> String {
    let mut said = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !said.contains(&cause) {
            said = format!("{said}: {cause}");
        }
    }
    said
}

/// An empty variable says as much as none.
fn without_empty(name: &str) {
    if std::env::var_os(name).is_some_and(|value| value.is_empty()) {
        // SAFETY: the process has one thread yet.
        unsafe { std::env::remove_var(name) };
    }
}

fn share(text: &str) -> Result<worker::Share, String> {
    let number: u64 = text
        .parse()
        .map_err(|error| format!("a share is 1 to 100 per cent of a GPU: {error}"))?;
    worker::Share::try_from(number).map_err(|error| error.to_string())
}

fn uri(text: &str) -> Result<Uri, String> {
    text.trim()
        .parse()
        .map_err(|error: pillion_transport::UriError| error.to_string())
}

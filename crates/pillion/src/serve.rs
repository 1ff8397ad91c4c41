//! `pillion serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use pillion_server::DeviceChoice;
use pillion_server::settings::{
    self, Authentication, CacheChoice, Compression, Config, Endpoint, Given, Problem, Reach,
    Reload, Web, WebAuthentication, load,
};
use pillion_server::tokens::{Moment, Tokens};
use pillion_server::user;
use pillion_server::worker::sandbox::Sandbox;
use pillion_transport::Uri;
use pillion_transport::tls::Identity;
use serde::Serialize;
use tracing_subscriber::EnvFilter;

use crate::table;

/// `pillion serve`. What is given here goes before what the file says.
#[derive(clap::Args)]
pub struct Options {
    /// Where to listen: tcp://HOST:PORT, tls://HOST:PORT, ws://HOST:PORT/PATH, wss://HOST:PORT/PATH, unix:///PATH, shm:///PATH or vsock://any:PORT; may be repeated [default: shared memory and the Unix socket of
    /// the user, and loopback]
    #[arg(long, value_name = "URI", value_parser = crate::uri)]
    listen: Vec<Uri>,
    /// What executes: auto, nvidia, cpu, or cpu:N for N CPU devices [default: auto, NVIDIA's driver if it has a usable GPU, else the
    /// CPU device]
    #[arg(long, value_name = "DEVICE")]
    device: Option<DeviceChoice>,
    /// Read these settings, and more, from a TOML file
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Say what is wrong with the settings, or what the server would do, and end
    #[arg(long)]
    check: bool,
    /// Print what --check says as JSON
    #[arg(long, requires = "check")]
    json: bool,
    /// Workers to keep ready, with the device loaded [default: 1]
    #[arg(long, value_name = "N")]
    warm: Option<usize>,
    /// MiB of device memory that workers kept ready may hold together, with a context that is made before a client comes [default: a
    /// 32nd of the device's; 0: none, which makes a program's start slower]
    #[arg(long, value_name = "MIB")]
    warm_memory: Option<u64>,
    /// Most sessions at once [default: 512]
    #[arg(long, value_name = "N")]
    max_sessions: Option<usize>,
    /// Serve only clients whose PILLION_TOKEN is in this file, which `pillion token` writes
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The certificate of tls:// and wss:// listeners, with those between it and an authority (PEM); read again when it changes, and at SIGHUP
    /// [default: one that the server makes itself]
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Its key (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Serve only clients that have a certificate of an authority in this file (PEM)
    #[arg(long, value_name = "FILE")]
    tls_client_ca: Option<PathBuf>,
    /// Serve clients without a certificate all the same
    #[arg(long, requires = "tls_client_ca")]
    tls_client_optional: bool,
    /// After SIGTERM or SIGINT, end the sessions that are left after so many seconds [default: wait for them]
    #[arg(long, value_name = "SECONDS")]
    drain_timeout: Option<u64>,
    /// Allow tcp:// and --web on addresses that other machines reach, without encryption
    #[arg(long)]
    insecure: bool,
    /// Keep what clients send in this folder, so that they need not send it again, or `off` [default: $XDG_CACHE_HOME/pillion or
    /// ~/.cache/pillion, for root /var/cache/pillion]
    #[arg(long, value_name = "DIR|off")]
    cache: Option<CacheChoice>,
    /// Most bytes to keep there, such as 500M or 8G [default: 8G]
    #[arg(long, value_name = "SIZE", value_parser = settings::size)]
    cache_size: Option<u64>,
    /// Let clients use what clients of other identities have sent, if they know its hash
    #[arg(long)]
    cache_shared: bool,
    /// Whether bulk data is compressed where a line is so slow that it pays: auto or off [default: auto]
    #[arg(long, value_name = "auto|off")]
    compression: Option<Compression>,
    /// The user that workers belong to, by name or number, where root starts the server [default: auto, which is pillion, or nobody where
    /// there is no such user, or root where the device does not work for them]
    #[arg(long, value_name = "USER")]
    user: Option<user::Choice>,
    /// Whether workers are shut in, with nothing of this machine but their device: on, off, or log, which lets system calls pass that are
    /// not on the list, and has the kernel's audit log tell of them [default: on]
    #[arg(long, value_name = "on|log|off")]
    sandbox: Option<Sandbox>,
    /// Append what sessions have used to this file, a line of JSON when one begins, ends, and every five minutes between
    #[arg(long, value_name = "FILE")]
    accounting: Option<PathBuf>,
    /// Have a web page there that shows how things are, and metrics for Prometheus; whoever wants to see it shows a token with the
    /// scope admin as the password, unless the settings say otherwise [default: none]
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = settings::web_address)]
    web: Option<SocketAddr>,
}

/// Serves until a signal ends it.
pub fn run(options: Options) -> anyhow::Result<ExitCode> {
    let (check, json) = (options.check, options.json);
    let given = Given {
        config: options.config,
        listen: options.listen,
        device: options.device,
        warm: options.warm,
        warm_memory: options.warm_memory,
        max_sessions: options.max_sessions,
        token_file: options.token_file,
        tls: options
            .tls_cert
            .zip(options.tls_key)
            .map(|(certificate, key)| Identity { certificate, key }),
        tls_client_ca: options.tls_client_ca,
        tls_client_optional: options.tls_client_optional,
        drain_timeout: options.drain_timeout,
        insecure: options.insecure,
        cache: options.cache,
        cache_size: options.cache_size,
        cache_shared: options.cache_shared,
        compression: options.compression,
        user: options.user,
        sandbox: options.sandbox,
        accounting: options.accounting,
        web: options.web,
    };
    let (config, problems) = load(&given);
    if check {
        return Ok(checked(config.as_ref(), &problems, json)?);
    }
    let filter = EnvFilter::try_from_env("PILLION_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_target(false)
        .init();
    let Some(mut config) = config else {
        for problem in &problems {
            eprintln!("pillion: {problem}");
        }
        return Ok(ExitCode::FAILURE);
    };
    for problem in problems {
        tracing::warn!("{}", problem.sentence());
    }
    if given.config.is_some() || given.token_file.is_some() {
        config.reload = Some(Reload(Arc::new(move || load(&given))));
    }
    pillion_server::serve(config)?;
    Ok(ExitCode::SUCCESS)
}

/// What `--check` says.
#[derive(Serialize)]
struct Report<'a> {
    good: bool,
    problems: &'a [Problem],
    #[serde(flatten)]
    plan: Option<Plan<'a>>,
}

/// What a server would do.
#[derive(Serialize)]
struct Plan<'a> {
    device: String,
    max_sessions: usize,
    endpoints: &'a [Endpoint],
    identities: Vec<Person>,
    tokens: Option<Count>,
    failed_attempts: settings::FailedAttempts,
    cache: Option<&'a std::path::Path>,
    /// Where it is written what sessions have used.
    accounting: Option<&'a std::path::Path>,
    /// Workers' user, where it is not the server's.
    user: Option<String>,
    web: Option<Web>,
}

#[derive(Serialize)]
struct Count {
    file: PathBuf,
    tokens: usize,
    dead: usize,
}

/// Somebody whom a server knows by name.
#[derive(Serialize)]
struct Person {
    name: String,
    tokens: usize,
    uid: Option<u32>,
    has_certificate: bool,
    max_sessions: Option<usize>,
}

fn checked(
    config: Option<&Config>,
    problems: &[Problem],
    json: bool,
) -> serde_json::Result<ExitCode> {
    let plan = config.map(plan);
    let good = plan.is_some();
    if json {
        let report = Report {
            good,
            problems,
            plan,
        };
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        for problem in problems {
            eprintln!("{problem}");
        }
        match &plan {
            Some(plan) => show(plan),
            None => eprintln!("the server would not start"),
        }
    }
    Ok(match good {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

fn plan(config: &Config) -> Plan<'_> {
    let tokens = config.token_file.as_deref().map(|path| {
        let tokens = Tokens::read(path).map(|(tokens, _)| tokens);
        (path.to_owned(), tokens.unwrap_or_default())
    });
    let mut people: Vec<Person> = config
        .identities
        .iter()
        .map(|rule| Person {
            name: rule.name.clone(),
            tokens: 0,
            uid: rule.uid,
            has_certificate: rule.certificate.is_some(),
            max_sessions: rule.max_sessions,
        })
        .collect();
    let mut names: Vec<&str> = tokens
        .iter()
        .flat_map(|(_, tokens)| tokens.identities())
        .collect();
    names.sort_unstable();
    for name in names {
        match people.iter_mut().find(|person| person.name == name) {
            Some(person) => person.tokens += 1,
            None => people.push(Person {
                name: name.to_string(),
                tokens: 1,
                uid: None,
                has_certificate: false,
                max_sessions: None,
            }),
        }
    }
    Plan {
        device: match config.device {
            DeviceChoice::Auto => "auto".to_string(),
            DeviceChoice::Only(device) => device.to_string(),
        },
        max_sessions: config.max_sessions,
        endpoints: &config.endpoints,
        identities: people,
        tokens: tokens.map(|(file, tokens)| {
            let (tokens, dead) = tokens.count(Moment::now());
            Count { file, tokens, dead }
        }),
        failed_attempts: config.failed_attempts,
        cache: config.cache.as_ref().map(|cache| cache.folder.as_path()),
        accounting: config.accounting.as_deref(),
        user: user::find(&config.user)
            .ok()
            .flatten()
            .map(|user| user.name),
        web: config.web,
    }
}

fn show(plan: &Plan<'_>) {
    let most = |most: Option<usize>| most.unwrap_or(plan.max_sessions).to_string();
    if let Some(web) = &plan.web {
        let who = match web.authentication {
            WebAuthentication::Token => "who has a token with the scope admin",
            WebAuthentication::None => "everybody on this machine",
        };
        println!("web page at http://{}/, for {who}", web.listen);
    }
    println!(
        "device {}, at most {} sessions",
        plan.device, plan.max_sessions
    );
    if let Some(user) = &plan.user {
        println!("workers belong to the user {user}");
    }
    match plan.cache {
        Some(folder) => println!("what clients send is kept in {}", folder.display()),
        None => println!("nothing that clients send is kept"),
    }
    if let Some(file) = plan.accounting {
        println!("what sessions have used is written to {}", file.display());
    }
    if let Some(Count { file, tokens, dead }) = &plan.tokens {
        println!(
            "tokens in {}: {tokens}, of which {dead} open nothing any more",
            file.display()
        );
    }
    let attempts = plan.failed_attempts;
    println!(
        "failed attempts: {} in a row and then {} a minute from one address, {} a minute from all\n",
        attempts.burst, attempts.per_minute, attempts.overall
    );
    let mut endpoints = table::table(&[
        "endpoint",
        "reached from",
        "shows",
        "who may come in",
        "sessions",
    ]);
    for endpoint in plan.endpoints {
        let reach = match endpoint.reach {
            Reach::Machine => "this machine",
            Reach::Network if endpoint.listen.has_certificates() => "the network, encrypted",
            Reach::Network => "the network, IN THE CLEAR",
        };
        let is_socket = matches!(endpoint.listen, Uri::Unix { .. } | Uri::Shm { .. });
        let shows = match (endpoint.authentication, is_socket) {
            (Authentication::None, true) => "its user",
            (Authentication::None, false) => "nothing",
            (Authentication::Token, _) => "a token",
            (Authentication::Certificate, _) => "a certificate",
            (Authentication::Either, true) => "a token, or is a user with a name",
            (Authentication::Either, false) => "a token or a certificate",
        };
        let who = match (&endpoint.identities, endpoint.authentication) {
            (Some(names), _) => names.join(" "),
            (None, Authentication::None) if is_socket => match endpoint.mode {
                Some(0o660) => "the server's group",
                Some(0o666) => "every user of this machine",
                _ => "the server's user and root",
            }
            .to_string(),
            (None, Authentication::None) => "everybody".to_string(),
            (None, _) => "who can show it".to_string(),
        };
        endpoints.add_row([
            endpoint.listen.to_string(),
            reach.to_string(),
            shows.to_string(),
            who,
            most(endpoint.max_sessions),
        ]);
    }
    println!("{endpoints}");
    if plan.identities.is_empty() {
        return;
    }
    let mut people = table::table(&["identity", "tokens", "uid", "certificate", "sessions"]);
    for person in &plan.identities {
        people.add_row([
            person.name.clone(),
            person.tokens.to_string(),
            person.uid.map(|uid| uid.to_string()).unwrap_or_default(),
            if person.has_certificate { "yes" } else { "" }.to_string(),
            most(person.max_sessions),
        ]);
    }
    println!("\n{people}");
}

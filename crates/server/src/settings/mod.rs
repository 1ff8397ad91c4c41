//! How to serve: what the command line and the configuration file say, checked and made one.
//!
//! [`load`] does all of that and tells every problem at once; what it answers can be served. Nothing is bound and no device is
//! touched, so `pillion serve --check` is the same function.

mod check;
mod file;
mod reader;

use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU8;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use pillion_tenancy::{Class, Demand, GpuSet, MAX_GPUS, Mode, Tenant};
use pillion_tenancy::{placement, turns};
use pillion_transport::{KeepAlive, Uri, tls};
use serde::{Deserialize, Serialize};

pub(crate) use check::{LEAST_MEMORY, load_text as problems};
pub use check::{Reach, load};
pub use reader::{At, Place, Problem, Section, Severity, Source, meant};

use crate::broker::DeviceChoice;
use crate::cache;
use crate::user::Choice;
use crate::worker::sandbox::Sandbox;

/// How to serve.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Config {
    /// Where to listen, and who may come in there.
    pub endpoints: Vec<Endpoint>,
    /// Whom the server knows by more than a token.
    pub identities: Vec<IdentityRule>,
    /// What sessions get of whom nothing else is said.
    pub everybody: Part,
    /// How devices are shared out.
    pub sharing: Sharing,
    /// The tokens.
    pub token_file: Option<PathBuf>,
    /// How often one may show a token that is none.
    pub failed_attempts: FailedAttempts,
    /// What executes.
    pub device: DeviceChoice,
    /// Where it is written what sessions have used.
    pub accounting: Option<PathBuf>,
    /// How often of those that last. `None`: when they begin and end.
    pub accounting_interval: Option<Duration>,
    /// Workers to keep ready, with the device loaded.
    pub warm: usize,
    /// Bytes of device memory that they may hold together, with contexts that are made before anybody asks. `None`: a part of the
    /// device's. 0: none.
    pub warm_memory: Option<u64>,
    /// Most sessions at once.
    pub max_sessions: usize,
    /// How long sessions may go on after the first signal. `None`: until they end.
    pub drain_timeout: Option<Duration>,
    /// The content cache, if there is to be one.
    pub cache: Option<cache::Settings>,
    /// The cache's folder was chosen by nobody: if it cannot be used, there is none.
    pub cache_by_default: bool,
    /// Whom workers belong to.
    pub user: Choice,
    /// Whether workers are shut in.
    pub sandbox: Sandbox,
    /// The program whose `worker` command is a worker.
    pub program: PathBuf,
    /// The web view, if there is to be one.
    pub web: Option<Web>,
    /// Makes these settings anew, for SIGHUP.
    pub reload: Option<Reload>,
}

/// The web view: metrics, and a page that shows how things are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Web {
    /// Where.
    pub listen: SocketAddr,
    /// What one has to show.
    pub authentication: WebAuthentication,
    /// Other machines may reach it, though nothing is encrypted.
    pub insecure: bool,
}

/// One place to listen at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Endpoint {
    /// Where.
    #[serde(serialize_with = "shown")]
    pub listen: Uri,
    /// Who can reach it.
    pub reach: Reach,
    /// Other machines may reach it, though nothing is encrypted.
    pub insecure: bool,
    /// What a client has to show.
    pub authentication: Authentication,
    /// Who may come in, of those that can show it. `None`: all.
    pub identities: Option<Vec<String>>,
    /// Which users may connect to its Unix socket, as the mode of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<u32>,
    /// Most sessions at once of those that came in here.
    pub max_sessions: Option<usize>,
    /// Bulk data is packed on lines that are so slow that it pays.
    pub compression: bool,
    /// When a client that says nothing is dead.
    #[serde(rename = "dead-after", serialize_with = "seconds")]
    pub keep_alive: KeepAlive,
    /// What `tls://` and `wss://` are done with.
    pub tls: Option<Tls>,
}

impl Endpoint {
    /// One that everybody may use who reaches it.
    pub fn new(listen: Uri, reach: Reach) -> Self {
        Endpoint {
            listen,
            reach,
            insecure: false,
            authentication: Authentication::None,
            identities: None,
            mode: None,
            max_sessions: None,
            compression: true,
            keep_alive: KeepAlive::default(),
            tls: None,
        }
    }
}

/// What a client has to show to come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Authentication {
    /// Nothing. On a Unix socket the kernel says who it is.
    None,
    /// A token.
    Token,
    /// A certificate (`tls://` and `wss://`).
    Certificate,
    /// A token, or what the transport vouches for: a certificate, or on a Unix socket a user that the settings know.
    Either,
}

impl Authentication {
    /// Whether a client may come in that shows no certificate, though there are authorities for them.
    pub fn does_without_certificate(self) -> bool {
        matches!(self, Authentication::None | Authentication::Either)
    }
}

/// The files of an endpoint `tls://` or `wss://`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Tls {
    /// The server's certificate and its key. `None`: one that it makes itself.
    #[serde(serialize_with = "paths")]
    pub identity: Option<tls::Identity>,
    /// The authorities of clients' certificates (PEM).
    pub client_ca: Option<PathBuf>,
}

/// What the settings say of an identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct IdentityRule {
    /// Its name.
    pub name: String,
    /// The certificate that it shows.
    pub certificate: Option<CertificateName>,
    /// The user that it is on this machine.
    pub uid: Option<u32>,
    /// Most sessions that it has at once.
    pub max_sessions: Option<usize>,
    /// What its sessions get of the devices.
    #[serde(flatten)]
    pub part: Part,
}

/// What sessions get of the devices. What is not said here is as for [everybody](Config::everybody), and where that says nothing, not
/// restricted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Part {
    /// Bytes of each device's memory that a session may hold, and that are kept for it.
    pub memory: Option<u64>,
    /// Beside whom.
    pub mode: Option<ModeName>,
    /// The part of the multiprocessors that a dense session has, in per cent.
    pub share: Option<u8>,
    /// Who goes before whom.
    pub priority: Option<Priority>,
    /// What a session gets in proportion to others.
    pub weight: Option<u32>,
    /// The devices that a session may be on.
    pub gpus: Option<Ordinals>,
    /// How many of them it sees.
    pub gpu_count: Option<u8>,
}

impl Part {
    /// What is said here, and otherwise there.
    #[must_use]
    pub fn or(&self, other: &Part) -> Part {
        Part {
            memory: self.memory.or(other.memory),
            mode: self.mode.or(other.mode),
            share: self.share.or(other.share),
            priority: self.priority.or(other.priority),
            weight: self.weight.or(other.weight),
            gpus: self.gpus.clone().or_else(|| other.gpus.clone()),
            gpu_count: self.gpu_count.or(other.gpu_count),
        }
    }

    /// What a session of `tenant` needs.
    #[must_use]
    pub fn demand(&self, tenant: &str) -> Demand {
        let weight = self
            .weight
            .and_then(|weight| u64::from(weight).try_into().ok());
        let gpus = self.gpus.as_ref();
        Demand {
            mode: match self.mode {
                None | Some(ModeName::Isolated) => Mode::Isolated,
                Some(ModeName::Dense) => Mode::Dense {
                    share: self
                        .share
                        .and_then(|share| u64::from(share).try_into().ok()),
                },
                Some(ModeName::Exclusive) => Mode::Exclusive,
            },
            among: gpus.and_then(|gpus| GpuSet::of(gpus.0.iter().copied())),
            gpus: self.gpu_count.and_then(NonZeroU8::new),
            memory: self.memory,
            class: self.priority.map(Class::from).unwrap_or_default(),
            weight: weight.unwrap_or_default(),
            ..Demand::unrestricted(Tenant::new(tenant))
        }
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok($name::$variant),)*
                    _ => Err(format!("there are {}", [$(concat!("`", $word, "`")),*].join(", "))),
                }
            }
        }
    };
}

words! {
    /// Beside whom a session is on its devices.
    ModeName {
        /// It has a device in turn with others.
        Isolated = "isolated",
        /// It has a device at the same time as other dense ones, by MPS.
        Dense = "dense",
        /// It is alone.
        Exclusive = "exclusive",
    }
}

words! {
    /// Who goes before whom.
    Priority {
        /// When nobody else can.
        Low = "low",
        /// Who nobody has said anything of.
        Normal = "normal",
        /// First.
        High = "high",
    }
}

impl From<Priority> for Class {
    fn from(priority: Priority) -> Self {
        match priority {
            Priority::Low => Class::Low,
            Priority::Normal => Class::Normal,
            Priority::High => Class::High,
        }
    }
}

words! {
    /// What one has to show to see the web view.
    WebAuthentication {
        /// A token that is good for it.
        Token = "token",
        /// Nothing.
        None = "none",
    }
}

words! {
    /// In what order devices are filled.
    Fill {
        /// The fullest that has room first.
        Pack = "pack",
        /// The emptiest first.
        Spread = "spread",
    }
}

/// Devices, by their numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ordinals(pub Vec<usize>);

impl FromStr for Ordinals {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split(',').map(|word| word.trim().parse());
        let numbers: Option<Vec<usize>> = numbers.map(Result::ok).collect();
        let numbers = numbers.filter(|numbers| numbers.iter().all(|number| *number < MAX_GPUS));
        numbers.map(Ordinals).ok_or_else(|| {
            format!("{text:?} is no list of GPUs: their numbers from 0 on, as in \"0,1\"")
        })
    }
}

/// The part of the machine's memory that parked sessions have where nothing is said: one of so many.
const PARKED: u64 = 4;

/// How devices are shared out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sharing {
    /// In what order they are filled.
    pub fill: Fill,
    /// After what time a device is kept free for who waits.
    pub patience: Duration,
    /// In what time half of what somebody has used is forgotten.
    pub half_life: Duration,
    /// Most clients that wait for a device.
    pub max_waiting: usize,
    /// Sessions on a device give it work in turns, by their weights, and not whenever they have some.
    pub turns: bool,
    /// How long a turn lasts that others wait for.
    pub quantum: Duration,
    /// The memory of idle sessions is moved to the host's where others wait for a place.
    pub park: bool,
    /// How long a session has been idle then.
    pub park_after: Duration,
    /// Most bytes of the host's memory that are promised to such sessions together.
    pub park_memory: u64,
}

impl Default for Sharing {
    fn default() -> Self {
        let standard = placement::Settings::default();
        Sharing {
            fill: Fill::Spread,
            patience: standard.patience,
            half_life: standard.half_life,
            max_waiting: standard.max_waiting,
            turns: false,
            quantum: turns::Settings::default().quantum,
            park: false,
            park_after: Duration::from_secs(30),
            park_memory: host_memory() / PARKED,
        }
    }
}

/// Bytes that the machine has.
fn host_memory() -> u64 {
    // SAFETY: they ask for numbers.
    let [pages, size] = unsafe {
        [
            libc::sysconf(libc::_SC_PHYS_PAGES),
            libc::sysconf(libc::_SC_PAGESIZE),
        ]
    };
    let number = |number| u64::try_from(number).unwrap_or(0);
    number(pages).saturating_mul(number(size))
}

impl From<Sharing> for turns::Settings {
    fn from(sharing: Sharing) -> Self {
        turns::Settings {
            quantum: sharing.quantum,
            ..turns::Settings::default()
        }
    }
}

impl From<Sharing> for placement::Settings {
    fn from(sharing: Sharing) -> Self {
        placement::Settings {
            fill: match sharing.fill {
                Fill::Pack => placement::Fill::Pack,
                Fill::Spread => placement::Fill::Spread,
            },
            patience: sharing.patience,
            half_life: sharing.half_life,
            max_waiting: sharing.max_waiting,
            park: sharing.park.then_some(placement::Park {
                after: sharing.park_after,
                memory: sharing.park_memory,
            }),
            ..placement::Settings::default()
        }
    }
}

/// Which certificate is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CertificateName {
    /// One with this name, of those that the endpoint's authorities vouch for.
    Name(String),
    /// That with this SHA-256 hash, and no other.
    Sha256([u8; 32]),
}

impl FromStr for CertificateName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(digits) = text.strip_prefix("sha256:") {
            let digits = digits.replace(':', "");
            return crate::tokens::unhex(&digits)
                .map(CertificateName::Sha256)
                .ok_or_else(|| "a fingerprint is sha256: and 64 hexadecimal digits".to_string());
        }
        match text.is_empty() || text.len() > 255 || text.chars().any(char::is_control) {
            true => Err("this is neither a certificate's name nor its fingerprint".to_string()),
            false => Ok(CertificateName::Name(text.to_string())),
        }
    }
}

/// How often one may show a token that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct FailedAttempts {
    /// So often in a row, from an address or as a user.
    pub burst: u32,
    /// And then so often a minute.
    pub per_minute: u32,
    /// So often a minute from all addresses together, of tokens without a public part that the server knows.
    pub overall: u32,
}

impl Default for FailedAttempts {
    fn default() -> Self {
        FailedAttempts {
            burst: 10,
            per_minute: 10,
            overall: 600,
        }
    }
}

/// Makes settings anew.
#[derive(Clone)]
pub struct Reload(pub Arc<Reloader>);

/// What [`Reload`] calls.
pub type Reloader = dyn Fn() -> (Option<Config>, Vec<Problem>) + Send + Sync;

impl fmt::Debug for Reload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reload")
    }
}

/// What the command line says. It goes before what the file says.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// The file.
    pub config: Option<PathBuf>,
    /// Where to listen, in place of the file's endpoints.
    pub listen: Vec<Uri>,
    /// What executes.
    pub device: Option<DeviceChoice>,
    /// Workers to keep ready.
    pub warm: Option<usize>,
    /// MiB of device memory that they may hold.
    pub warm_memory: Option<u64>,
    /// Most sessions at once.
    pub max_sessions: Option<usize>,
    /// The tokens.
    pub token_file: Option<PathBuf>,
    /// The certificate of `tls://` and `wss://` endpoints that have none of their own, and its key.
    pub tls: Option<tls::Identity>,
    /// The authorities of clients' certificates there.
    pub tls_client_ca: Option<PathBuf>,
    /// Clients may come without a certificate there.
    pub tls_client_optional: bool,
    /// Seconds that sessions may go on after the first signal.
    pub drain_timeout: Option<u64>,
    /// Allow addresses that other machines reach, without encryption.
    pub insecure: bool,
    /// The content cache.
    pub cache: Option<CacheChoice>,
    /// Its size.
    pub cache_size: Option<u64>,
    /// One for all.
    pub cache_shared: bool,
    /// Whether bulk data is compressed.
    pub compression: Option<Compression>,
    /// Whom workers belong to.
    pub user: Option<Choice>,
    /// Whether workers are shut in.
    pub sandbox: Option<Sandbox>,
    /// Where it is written what sessions have used.
    pub accounting: Option<PathBuf>,
    /// Where the web view is.
    pub web: Option<SocketAddr>,
}

/// Whether bulk data is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Where it pays.
    Auto,
    /// Never.
    Off,
}

impl FromStr for Compression {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Compression::Auto),
            "off" => Ok(Compression::Off),
            _ => Err("there are `auto` and `off`".to_string()),
        }
    }
}

impl FromStr for Authentication {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "none" => Ok(Authentication::None),
            "token" => Ok(Authentication::Token),
            "certificate" => Ok(Authentication::Certificate),
            "either" => Ok(Authentication::Either),
            _ => Err("there are `none`, `token`, `certificate` and `either`".to_string()),
        }
    }
}

impl fmt::Display for Authentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Authentication::None => "none",
            Authentication::Token => "token",
            Authentication::Certificate => "certificate",
            Authentication::Either => "either",
        })
    }
}

/// Whether to keep what clients send, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CacheChoice {
    /// Nothing is kept.
    Off,
    /// Here.
    Folder(PathBuf),
}

impl FromStr for CacheChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "off" => Ok(CacheChoice::Off),
            _ if text.starts_with('/') => Ok(CacheChoice::Folder(text.into())),
            _ => Err(format!(
                "{text:?} is neither `off` nor the path of a folder from / on"
            )),
        }
    }
}

/// An address and a port for the web view.
///
/// # Errors
///
/// A sentence.
pub fn web_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        format!("{text:?} is not an address and a port, such as 127.0.0.1:7721 or [::1]:7721")
    })
}

/// A number of bytes, with K, M, G or T behind it or without.
///
/// # Errors
///
/// A sentence.
pub fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(['K', 'M', 'G', 'T']);
    let shift = match &text[digits.len()..] {
        "" => Some(0),
        "K" => Some(10),
        "M" => Some(20),
        "G" => Some(30),
        "T" => Some(40),
        _ => None,
    };
    let bytes = digits.parse::<u64>().ok().zip(shift);
    bytes
        .and_then(|(number, shift)| number.checked_mul(1 << shift))
        .ok_or_else(|| {
            format!("{text:?} is no size: give bytes, or a number with K, M, G or T behind it")
        })
}

fn paths<S: serde::Serializer>(
    identity: &Option<tls::Identity>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let paths = identity.as_ref();
    paths
        .map(|identity| [&identity.certificate, &identity.key])
        .serialize(serializer)
}

fn seconds<S: serde::Serializer>(alive: &KeepAlive, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(alive.dead_after().as_secs())
}

fn shown<S: serde::Serializer>(uri: &Uri, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(uri)
}

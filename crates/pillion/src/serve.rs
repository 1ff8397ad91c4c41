//! `pillion serve`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use pillion_server::{Config, DeviceChoice, cache};
use pillion_transport::Uri;
use pillion_transport::tls::{Identity, ServerFiles};
use serde::{Deserialize, Deserializer};
use tracing_subscriber::EnvFilter;

/// `pillion serve`. What is given here goes before what the file says.
#[derive(clap::Args)]
pub struct Options {
    /// Where to listen: tcp://HOST:PORT, tls://HOST:PORT, unix:///PATH or shm:///PATH; may be repeated [default: shared memory and the Unix socket of
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
    /// Serve only clients whose PILLION_TOKEN is in this file (`NAME TOKEN` a line, mode 0600)
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    #[command(flatten)]
    tls: TlsFiles,
    /// After SIGTERM or SIGINT, end the sessions that are left after so many seconds [default: wait for them]
    #[arg(long, value_name = "SECONDS")]
    drain_timeout: Option<u64>,
    /// Allow tcp:// on addresses that other machines reach, without encryption
    #[arg(long)]
    insecure: bool,
    /// Keep what clients send in this folder, so that they need not send it again, or `off` [default: $XDG_CACHE_HOME/pillion or
    /// ~/.cache/pillion, for root /var/cache/pillion]
    #[arg(long, value_name = "DIR|off")]
    cache: Option<CacheChoice>,
    /// Most bytes to keep there, such as 500M or 8G [default: 8G]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    cache_size: Option<u64>,
    /// Let clients use what clients of other identities have sent, if they know its hash
    #[arg(long)]
    cache_shared: bool,
    /// Whether bulk data is compressed where a line is so slow that it pays [default: auto]
    #[arg(long, value_name = "auto|off")]
    compression: Option<Compression>,
}

/// What `tls://` listeners show and ask for: options, or a table `tls` in a file.
#[derive(Debug, Default, clap::Args, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct TlsFiles {
    /// The certificate of tls:// listeners, with those between it and an authority (PEM); read again when it changes, and at SIGHUP
    /// [default: one that the server makes itself]
    #[arg(long = "tls-cert", value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// Its key (PEM)
    #[arg(long = "tls-key", value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// Serve only clients that have a certificate of an authority in this file (PEM)
    #[arg(long = "tls-client-ca", value_name = "FILE", requires = "cert")]
    client_ca: Option<PathBuf>,
    /// Serve clients without a certificate all the same
    #[arg(long = "tls-client-optional", requires = "client_ca")]
    #[serde(default)]
    client_optional: bool,
}

impl TlsFiles {
    fn files(self) -> anyhow::Result<Option<ServerFiles>> {
        match (self.cert, self.key) {
            (None, None) if self.client_ca.is_none() => Ok(None),
            (Some(certificate), Some(key)) => Ok(Some(ServerFiles {
                identity: Identity { certificate, key },
                client_authorities: self.client_ca,
                client_optional: self.client_optional,
            })),
            _ => anyhow::bail!("a certificate for tls:// is two files: set both cert and key"),
        }
    }
}

/// Whether bulk data is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Compression {
    /// Where it pays.
    Auto,
    /// Never.
    Off,
}

/// Whether to keep what clients send, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
enum CacheChoice {
    Off,
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

/// The same in a file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    #[serde(default)]
    listen: Vec<String>,
    #[serde(default, deserialize_with = "parsed")]
    device: Option<DeviceChoice>,
    warm: Option<usize>,
    warm_memory: Option<u64>,
    max_sessions: Option<usize>,
    token_file: Option<PathBuf>,
    tls: Option<TlsFiles>,
    drain_timeout: Option<u64>,
    #[serde(default)]
    insecure: bool,
    #[serde(default, deserialize_with = "parsed")]
    cache: Option<CacheChoice>,
    #[serde(default, deserialize_with = "file_size")]
    cache_size: Option<u64>,
    #[serde(default)]
    cache_shared: bool,
    compression: Option<Compression>,
}

/// Serves until a signal ends it.
pub fn run(options: Options) -> anyhow::Result<ExitCode> {
    let filter = EnvFilter::try_from_env("PILLION_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_target(false)
        .init();
    pillion_server::serve(configuration(options)?)?;
    Ok(ExitCode::SUCCESS)
}

fn configuration(options: Options) -> anyhow::Result<Config> {
    let file = options
        .config
        .as_deref()
        .map(read)
        .transpose()?
        .unwrap_or_default();
    let mut config = Config::new().context("cannot find out where this program is")?;
    config.listen = options.listen;
    if config.listen.is_empty() {
        config.listen = file
            .listen
            .iter()
            .map(|text| crate::uri(text))
            .collect::<Result<_, _>>()
            .map_err(anyhow::Error::msg)?;
    }
    config.device = options.device.or(file.device).unwrap_or_default();
    config.warm = options.warm.or(file.warm).unwrap_or(config.warm);
    config.warm_memory = options
        .warm_memory
        .or(file.warm_memory)
        .map(|mib| mib.saturating_mul(1 << 20));
    config.max_sessions = options
        .max_sessions
        .or(file.max_sessions)
        .unwrap_or(config.max_sessions);
    config.token_file = options.token_file.or(file.token_file);
    config.tls = match options.tls.files()? {
        Some(files) => Some(files),
        None => file.tls.unwrap_or_default().files()?,
    };
    config.drain_timeout = options
        .drain_timeout
        .or(file.drain_timeout)
        .map(Duration::from_secs);
    config.insecure = options.insecure || file.insecure;
    let choice = options.cache.or(file.cache);
    config.cache_by_default = choice.is_none();
    let folder = match choice {
        Some(CacheChoice::Off) => None,
        Some(CacheChoice::Folder(folder)) => Some(folder),
        None => cache::default_folder(),
    };
    config.cache = folder.map(|folder| cache::Settings {
        folder,
        size: options
            .cache_size
            .or(file.cache_size)
            .unwrap_or(cache::DEFAULT_SIZE),
        shared: options.cache_shared || file.cache_shared,
    });
    config.compression = options.compression.or(file.compression) != Some(Compression::Off);
    Ok(config)
}

fn parsed<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err = String>,
{
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(serde::de::Error::custom)
}

fn file_size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Size {
        Bytes(u64),
        Text(String),
    }
    match Size::deserialize(deserializer)? {
        Size::Bytes(bytes) => Ok(Some(bytes)),
        Size::Text(text) => size(&text).map(Some).map_err(serde::de::Error::custom),
    }
}

/// A number of bytes, with K, M, G or T behind it or without.
fn size(text: &str) -> Result<u64, String> {
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

fn read(path: &Path) -> anyhow::Result<File> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the settings in {}", path.display()))?;
    toml::from_str(&text)
        .with_context(|| format!("the settings in {} are malformed", path.display()))
}

#[cfg(test)]
mod tests {
    use pillion_server::worker::Device;

    use super::*;

    #[test]
    fn a_file_says_what_options_say_and_nothing_else() {
        let file: File = toml::from_str(
            "listen = ['tcp://127.0.0.1:0']\ndevice = 'cpu'\nwarm = 3\nwarm-memory = 5\nmax-sessions = 7\ntoken-file = '/t'\ndrain-timeout = 9\n",
        )
        .unwrap();
        assert_eq!(file.listen, ["tcp://127.0.0.1:0"]);
        assert_eq!(file.device, Some(DeviceChoice::Only(Device::Cpu(1))));
        assert_eq!(
            (
                file.warm,
                file.warm_memory,
                file.max_sessions,
                file.drain_timeout
            ),
            (Some(3), Some(5), Some(7), Some(9))
        );
        let several: File = toml::from_str("device = 'cpu:3'").unwrap();
        assert_eq!(several.device, Some(DeviceChoice::Only(Device::Cpu(3))));
        let cached: File =
            toml::from_str("cache = '/c'\ncache-size = '3M'\ncache-shared = true").unwrap();
        assert_eq!(
            (cached.cache, cached.cache_size, cached.cache_shared),
            (Some(CacheChoice::Folder("/c".into())), Some(3 << 20), true)
        );
        let uncached: File = toml::from_str("cache = 'off'\ncache-size = 4096").unwrap();
        assert_eq!(
            (uncached.cache, uncached.cache_size),
            (Some(CacheChoice::Off), Some(4096))
        );
        let files = |text: &str| {
            toml::from_str::<File>(text).map(|file| file.tls.unwrap_or_default().files())
        };
        assert!(matches!(files("warm = 1"), Ok(Ok(None))));
        let both =
            files("[tls]\ncert = '/c'\nkey = '/k'\nclient-ca = '/a'\nclient-optional = true");
        let both = both.unwrap().unwrap().unwrap();
        assert_eq!(both.identity.key, Path::new("/k"));
        assert_eq!(both.client_authorities.as_deref(), Some(Path::new("/a")));
        assert!(both.client_optional);
        for half in ["cert = '/c'", "key = '/k'", "client-ca = '/a'"] {
            assert!(
                matches!(files(&format!("[tls]\n{half}")), Ok(Err(_))),
                "{half}"
            );
        }
        assert!(files("[tls]\ncrt = '/c'").is_err());
        for wrong in [
            "cache = 'here'",
            "cache-size = 'G'",
            "cache-size = -1",
            "cache-size = '5GG'",
        ] {
            assert!(toml::from_str::<File>(wrong).is_err(), "{wrong}");
        }
        let auto: File = toml::from_str("device = 'auto'").unwrap();
        assert_eq!(auto.device, Some(DeviceChoice::Auto));
        assert!(toml::from_str::<File>("wram = 3").is_err());
        for wrong in ["gpu", "cpu:0", "cpu:9", "cpu:", "nvidia:2", ""] {
            let text = format!("device = '{wrong}'");
            assert!(toml::from_str::<File>(&text).is_err(), "{wrong}");
        }
    }
}

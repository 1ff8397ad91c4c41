//! The configuration file: which keys there are, and what each has to be. What the values mean together is not looked at here.

use std::net::SocketAddr;
use std::ops::Range;
use std::path::PathBuf;

use pillion_transport::{KeepAlive, Uri};

use super::reader::{At, Section, Source};
use super::{
    Authentication, CacheChoice, CertificateName, Compression, Fill, ModeName, Ordinals, Priority,
    WebAuthentication, size, web_address,
};
use crate::broker::DeviceChoice;
use crate::user::Choice;
use crate::worker::sandbox::Sandbox;

/// What a file says.
#[derive(Debug, Default)]
pub struct File {
    pub listen: Vec<At<Uri>>,
    pub insecure: Option<At<bool>>,
    pub token_file: Option<At<PathBuf>>,
    pub tls: Option<FileTls>,
    pub device: Option<At<DeviceChoice>>,
    pub warm: Option<At<usize>>,
    pub warm_memory: Option<At<u64>>,
    pub max_sessions: Option<At<usize>>,
    pub drain_timeout: Option<At<u64>>,
    pub cache: Option<At<CacheChoice>>,
    pub cache_size: Option<At<u64>>,
    pub cache_shared: Option<At<bool>>,
    pub compression: Option<At<Compression>>,
    pub dead_after: Option<At<KeepAlive>>,
    pub user: Option<At<Choice>>,
    pub sandbox: Option<At<Sandbox>>,
    pub accounting: Option<At<PathBuf>>,
    pub accounting_interval: Option<At<u64>>,
    pub burst: Option<At<u32>>,
    pub per_minute: Option<At<u32>>,
    pub overall: Option<At<u32>>,
    pub endpoints: Vec<FileEndpoint>,
    pub identities: Vec<FileIdentity>,
    pub everybody: FilePart,
    pub sharing: FileSharing,
    pub web: Option<FileWeb>,
}

/// An `[[endpoint]]`.
#[derive(Debug)]
pub struct FileEndpoint {
    pub listen: At<Uri>,
    pub insecure: Option<At<bool>>,
    pub authentication: Option<At<Authentication>>,
    pub identities: Option<At<Vec<At<String>>>>,
    pub mode: Option<At<u32>>,
    pub max_sessions: Option<At<usize>>,
    pub compression: Option<At<Compression>>,
    pub dead_after: Option<At<KeepAlive>>,
    pub tls: Option<FileTls>,
}

/// Its `tls`.
#[derive(Debug, Clone)]
pub struct FileTls {
    pub span: Range<usize>,
    pub certificate: Option<At<PathBuf>>,
    pub key: Option<At<PathBuf>>,
    pub client_ca: Option<At<PathBuf>>,
}

/// An `[[identity]]`.
#[derive(Debug)]
pub struct FileIdentity {
    pub name: At<String>,
    pub certificate: Option<At<CertificateName>>,
    pub uid: Option<At<u32>>,
    pub max_sessions: Option<At<usize>>,
    pub part: FilePart,
}

/// What sessions get of the devices: keys of an `[[identity]]`, and of `[everybody]`.
#[derive(Debug, Default)]
pub struct FilePart {
    pub memory: Option<At<u64>>,
    pub mode: Option<At<ModeName>>,
    pub share: Option<At<u8>>,
    pub priority: Option<At<Priority>>,
    pub weight: Option<At<u32>>,
    pub gpus: Option<At<Ordinals>>,
    pub gpu_count: Option<At<u8>>,
}

/// `[sharing]`.
#[derive(Debug, Default)]
pub struct FileSharing {
    pub fill: Option<At<Fill>>,
    pub patience: Option<At<u64>>,
    pub half_life: Option<At<u64>>,
    pub max_waiting: Option<At<usize>>,
    pub turns: Option<At<bool>>,
    pub quantum: Option<At<u64>>,
    pub park: Option<At<bool>>,
    pub park_after: Option<At<u64>>,
    pub park_memory: Option<At<u64>>,
}

/// `[web]`.
#[derive(Debug)]
pub struct FileWeb {
    pub span: Range<usize>,
    /// It says nothing of where.
    pub is_nowhere: bool,
    pub listen: Option<At<SocketAddr>>,
    pub authentication: Option<At<WebAuthentication>>,
    pub insecure: Option<At<bool>>,
}

/// Reads a file's text. What is wrong with it is the source's to tell.
pub fn read(source: &Source<'_>) -> File {
    let table = source.parse();
    let root = Section::root(source, &table);
    let limits = root.section("failed-attempts", "[failed-attempts]");
    let number = |key| limits.as_ref().and_then(|limits| limits.number(key, 1));
    let (burst, per_minute, overall) = (
        number("burst"),
        number("per-minute"),
        number("overall-per-minute"),
    );
    if let Some(limits) = limits {
        limits.finish();
    }
    let file = File {
        listen: uris(&root),
        insecure: root.flag("insecure"),
        token_file: path(&root, "token-file"),
        tls: root.section("tls", "`tls`").and_then(tls),
        device: root.parsed("device"),
        warm: root.number("warm", 0),
        warm_memory: root.number("warm-memory", 0),
        max_sessions: root.number("max-sessions", 1),
        drain_timeout: root.number("drain-timeout", 0),
        cache: root.parsed("cache"),
        cache_size: root.number_or("cache-size", size),
        cache_shared: root.flag("cache-shared"),
        compression: root.parsed("compression"),
        dead_after: root.number_or("dead-after", str::parse),
        user: root.parsed("user"),
        sandbox: root.parsed("sandbox"),
        accounting: path(&root, "accounting"),
        accounting_interval: root.number("accounting-interval", 0),
        burst,
        per_minute,
        overall,
        endpoints: root
            .sections("endpoint", "[[endpoint]]")
            .into_iter()
            .filter_map(endpoint)
            .collect(),
        identities: root
            .sections("identity", "[[identity]]")
            .into_iter()
            .filter_map(identity)
            .collect(),
        everybody: root.section("everybody", "[everybody]").map_or_else(
            FilePart::default,
            |section| {
                let part = part(&section);
                section.finish();
                part
            },
        ),
        sharing: root
            .section("sharing", "[sharing]")
            .map_or_else(FileSharing::default, sharing),
        web: root.section("web", "[web]").map(web),
    };
    root.finish();
    file
}

fn part(section: &Section<'_, '_>) -> FilePart {
    FilePart {
        memory: section.number_or("memory", size),
        mode: section.parsed("mode"),
        share: section.number("share", 1),
        priority: section.parsed("priority"),
        weight: section.number("weight", 1),
        gpus: section.parsed("gpus"),
        gpu_count: section.number("gpu-count", 1),
    }
}

fn sharing(section: Section<'_, '_>) -> FileSharing {
    let sharing = FileSharing {
        fill: section.parsed("fill"),
        patience: section.number("patience", 1),
        half_life: section.number("half-life", 1),
        max_waiting: section.number("max-waiting", 0),
        turns: section.flag("turns"),
        quantum: section.number("quantum", 1),
        park: section.flag("park"),
        park_after: section.number("park-after", 1),
        park_memory: section.number_or("park-memory", size),
    };
    section.finish();
    sharing
}

fn web(section: Section<'_, '_>) -> FileWeb {
    let web = FileWeb {
        span: section.span.clone(),
        is_nowhere: section.is_without("listen"),
        listen: section.text("listen").and_then(|At { value, span }| {
            let address = web_address(&value);
            let told =
                address.map_err(|reason| section.error(&span, format!("`listen`: {reason}")));
            told.ok().map(|value| At { value, span })
        }),
        authentication: section.parsed("authentication"),
        insecure: section.flag("insecure"),
    };
    section.finish();
    web
}

fn uris(root: &Section<'_, '_>) -> Vec<At<Uri>> {
    let texts = root.texts("listen").map(|list| list.value);
    let mut uris = Vec::new();
    for At { value, span } in texts.unwrap_or_default() {
        match value.trim().parse::<Uri>() {
            Ok(value) => uris.push(At { value, span }),
            Err(error) => root.error(&span, error.to_string()),
        }
    }
    uris
}

fn path(section: &Section<'_, '_>, key: &'static str) -> Option<At<PathBuf>> {
    let At { value, span } = section.text(key)?;
    // Where the server was started from is no part of its settings.
    if !value.starts_with('/') {
        section.error(&span, format!("`{key}` has to be a path from / on"));
        return None;
    }
    Some(At {
        value: value.into(),
        span,
    })
}

fn endpoint(section: Section<'_, '_>) -> Option<FileEndpoint> {
    if section.is_without("listen") {
        section.error(&section.span, "an endpoint without `listen`: where is it?");
    }
    let listen = section.parsed("listen");
    let insecure = section.flag("insecure");
    let authentication = section.parsed("authentication");
    let identities = section.texts("identities");
    let mode = section.number("mode", 0);
    let max_sessions = section.number("max-sessions", 1);
    let compression = section.parsed("compression");
    let dead_after = section.number_or("dead-after", str::parse);
    let tls = section.section("tls", "`tls`").and_then(tls);
    section.finish();
    Some(FileEndpoint {
        listen: listen?,
        insecure,
        authentication,
        identities,
        mode,
        max_sessions,
        compression,
        dead_after,
        tls,
    })
}

fn tls(section: Section<'_, '_>) -> Option<FileTls> {
    for (key, other) in [("certificate", "key"), ("key", "certificate")] {
        if section.is_without(key) && !section.is_without(other) {
            section.error(
                &section.span,
                format!("`tls` with `{other}` and without `{key}`"),
            );
        }
    }
    let certificate = path(&section, "certificate");
    let key = path(&section, "key");
    let client_ca = path(&section, "client-ca");
    let span = section.span.clone();
    section.finish();
    Some(FileTls {
        span,
        certificate,
        key,
        client_ca,
    })
}

fn identity(section: Section<'_, '_>) -> Option<FileIdentity> {
    if section.is_without("name") {
        section.error(&section.span, "an identity without `name`: who is it?");
    }
    let name = section.text("name");
    let certificate = section.parsed("certificate");
    let uid = section.number("uid", 0);
    let max_sessions = section.number("max-sessions", 1);
    let part = part(&section);
    section.finish();
    Some(FileIdentity {
        name: name?,
        certificate,
        uid,
        max_sessions,
        part,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::settings::Problem;
    use crate::worker::Device;

    fn file(text: &str) -> Result<File, Vec<Problem>> {
        let source = Source::new(Path::new("f"), text);
        let file = read(&source);
        let problems = source.problems();
        if problems.is_empty() {
            Ok(file)
        } else {
            Err(problems)
        }
    }

    fn value<T>(at: Option<At<T>>) -> Option<T> {
        at.map(|at| at.value)
    }

    #[test]
    fn a_file_says_what_options_say() {
        let read = file(
            "listen = ['tcp://127.0.0.1:0']\ndevice = 'cpu'\nwarm = 3\nwarm-memory = 5\nmax-sessions = 7\ntoken-file = '/t'\ndrain-timeout = 9\ncompression = 'off'\ndead-after = 90\nsandbox = 'log'\nuser = 'ada'\ninsecure = true\n",
        )
        .unwrap();
        assert_eq!(read.listen[0].value.to_string(), "tcp://127.0.0.1:0");
        assert_eq!(value(read.device), Some(DeviceChoice::Only(Device::Cpu(1))));
        assert_eq!(value(read.token_file), Some("/t".into()));
        assert_eq!(
            (
                value(read.warm),
                value(read.warm_memory),
                value(read.max_sessions),
                value(read.drain_timeout)
            ),
            (Some(3), Some(5), Some(7), Some(9))
        );
        assert_eq!(
            (
                value(read.compression),
                value(read.sandbox),
                value(read.insecure)
            ),
            (Some(Compression::Off), Some(Sandbox::Log), Some(true))
        );
        assert_eq!(
            value(read.dead_after).map(|keep| keep.dead_after().as_secs()),
            Some(90)
        );
        assert_eq!(value(read.user), Some(Choice::Named("ada".into())));
        let several = file("device = 'cpu:3'").unwrap();
        assert_eq!(
            value(several.device),
            Some(DeviceChoice::Only(Device::Cpu(3)))
        );
        let cached = file("cache = '/c'\ncache-size = '3M'\ncache-shared = true").unwrap();
        assert_eq!(
            (
                value(cached.cache),
                value(cached.cache_size),
                value(cached.cache_shared)
            ),
            (
                Some(CacheChoice::Folder("/c".into())),
                Some(3 << 20),
                Some(true)
            )
        );
        let uncached = file("cache = 'off'\ncache-size = 4096").unwrap();
        assert_eq!(
            (value(uncached.cache), value(uncached.cache_size)),
            (Some(CacheChoice::Off), Some(4096))
        );
        assert_eq!(
            value(file("device = 'auto'").unwrap().device),
            Some(DeviceChoice::Auto)
        );
    }

    #[test]
    fn endpoints_and_identities_are_tables() {
        let read = file(
            "[failed-attempts]\nburst = 2\noverall-per-minute = 9\n\
             [[endpoint]]\nlisten = 'unix:///s'\nauthentication = 'either'\nidentities = ['ada', 'bob']\nmax-sessions = 3\ncompression = 'auto'\n\
             tls = { certificate = '/c', key = '/k', client-ca = '/a' }\n\
             [[identity]]\nname = 'ada'\nuid = 1000\ncertificate = 'sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'\n\
             [[identity]]\nname = 'bob'\ncertificate = 'bob.example'\nmax-sessions = 2\n",
        )
        .unwrap();
        assert_eq!(
            (
                value(read.burst),
                value(read.per_minute),
                value(read.overall)
            ),
            (Some(2), None, Some(9))
        );
        let endpoint = &read.endpoints[0];
        assert_eq!(
            endpoint.authentication.as_ref().map(|at| at.value),
            Some(Authentication::Either)
        );
        assert_eq!(endpoint.identities.as_ref().unwrap().value[1].value, "bob");
        let tls = endpoint.tls.as_ref().unwrap();
        assert_eq!(tls.client_ca.as_ref().unwrap().value, Path::new("/a"));
        let [ada, bob] = &read.identities[..] else {
            panic!("{:?}", read.identities)
        };
        assert_eq!(ada.uid.as_ref().map(|at| at.value), Some(1000));
        let Some(At {
            value: CertificateName::Sha256(hash),
            ..
        }) = &ada.certificate
        else {
            panic!()
        };
        assert_eq!(hash[..3], [0x00, 0x11, 0x22]);
        assert_eq!(
            bob.certificate.as_ref().unwrap().value,
            CertificateName::Name("bob.example".into())
        );
    }

    #[test]
    fn what_is_wrong_is_told_where_it_is() {
        for (text, line, says) in [
            ("wram = 3", 1, "did you mean `warm`"),
            ("cache = 'here'", 1, "cache"),
            ("\ndead-after = 5", 2, "from 6 to 86400"),
            ("cache-size = 'G'", 1, "size"),
            ("cache-size = -1", 1, "size"),
            ("cache-size = '5GG'", 1, "size"),
            ("device = 'gpu'", 1, "gpu"),
            ("device = 'cpu:0'", 1, "cpu:0"),
            ("device = 'nvidia:2'", 1, "nvidia:2"),
            ("\nmax-sessions = 0", 2, "range"),
            ("warm = -1", 1, "range"),
            ("listen = ['tcp://a', 'nowhere']", 1, "nowhere"),
            ("token-file = 'here'", 1, "from / on"),
            ("\n[[endpoint]]\ninsecure = true", 2, "without `listen`"),
            (
                "[[endpoint]]\nlisten = 'tcp://a'\nauthentification = 'none'",
                3,
                "`authentication`",
            ),
            (
                "[[endpoint]]\nlisten = 'tcp://a'\nauthentication = 'password'",
                3,
                "certificate",
            ),
            (
                "[[endpoint]]\nlisten = 'tcp://a'\nidentities = ['ada', 5]",
                3,
                "number",
            ),
            (
                "[[endpoint]]\nlisten = 'tcp://a'\ntls = { key = '/k' }",
                3,
                "certificate",
            ),
            ("[[identity]]\nuid = 5", 1, "without `name`"),
            ("[[identity]]\nname = 'a'\nuid = 5000000000", 3, "range"),
            (
                "[[identity]]\nname = 'a'\ncertificate = 'sha256:00'",
                3,
                "64",
            ),
            ("[endpoint]\nlisten = 'tcp://a'", 1, "[[endpoint]]"),
            ("[failed-attempts]\nburst = 0", 2, "range"),
            ("\n[web]\nlisten = 'localhost'", 3, "address and a port"),
            ("[web]\nlisten = '127.0.0.1:99999'", 2, "address and a port"),
            ("[web]\nlisten = 7721", 2, "text in quotes"),
            (
                "[web]\nauthentication = 'certificate'",
                2,
                "`token`, `none`",
            ),
            (
                "[web]\nlisten = '127.0.0.1:0'\nauthenticate = 'none'",
                3,
                "`authentication`",
            ),
            ("[[web]]\nlisten = '127.0.0.1:0'", 1, "a table"),
            ("warm = 1\nwarm = 2", 2, ""),
            ("= 5", 1, ""),
        ] {
            let told = file(text).unwrap_err();
            let place = told[0].place.as_ref().unwrap();
            assert!(
                place.line == line && told[0].message.contains(says),
                "{text:?}: {}",
                told[0]
            );
        }
    }
}

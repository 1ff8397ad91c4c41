//! Tokens: what a client shows to prove its identity, and the file by which a server knows them.
//!
//! A token is `pln_ID_SECRET`: 12 and 64 hexadecimal digits, so that one that has leaked is found by who looks for `pln_`, and can be
//! told, and revoked, by its public part. The file holds a BLAKE3 hash of the whole, and not the token. A fast hash without salt is
//! right here, and one for passwords would be wrong: 256 random bits cannot be guessed at any speed, so there is nothing to slow
//! down, and whoever floods the server with tokens would make it do the slow work.
//!
//! The file is TOML, mode 0600, a `[[token]]` table for each. Who changes it holds a lock on it and puts a new file in its place, so
//! two at once lose nothing and a reader never sees half of it. A file of lines `NAME TOKEN`, as servers had before, is read too.

use std::collections::HashMap;
use std::fmt;
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::FlockOperation;
use serde::Serialize;
use subtle::{Choice, ConstantTimeEq};

use crate::broker::identity::{self, ANONYMOUS};
use crate::settings::{At, Problem, Section, Source};

/// How a token begins.
const PREFIX: &str = "pln_";
/// Digits of its public part.
const ID_LEN: usize = 12;
/// Bytes of its secret part.
const SECRET: usize = 32;
/// Shortest token of a file of lines: shorter ones can be guessed over a network.
const MIN_TOKEN: usize = 16;
/// Longest: it has to fit a greeting.
const MAX_TOKEN: usize = 1024;
/// Largest token file, in bytes.
const MAX_FILE: u64 = 1 << 20;
/// What a file of tables begins with.
const VERSION: &str = "version = 1";
const HEAD: &str = "# Tokens of a Pillion server: their hashes, not themselves. `pillion token` writes this file, and servers\n\
                    # notice when it has changed. Keep its mode at 0600.\nversion = 1\n";

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Running programs, and asking about the devices.
    Cuda,
    /// Asking about the devices (NVML, `pillion devices`), and nothing that makes them work.
    Nvml,
    /// Asking the server about all sessions.
    Admin,
    /// That, and ending and changing all sessions and the server itself.
    Manage,
    /// The figures of its web view, for programs that gather them.
    Metrics,
}

impl Scope {
    const ALL: [(Scope, &'static str); 5] = [
        (Scope::Cuda, "cuda"),
        (Scope::Nvml, "nvml"),
        (Scope::Admin, "admin"),
        (Scope::Manage, "manage"),
        (Scope::Metrics, "metrics"),
    ];

    /// Whether who may do this may do `other`.
    pub fn covers(self, other: Scope) -> bool {
        let more = [
            (Scope::Cuda, Scope::Nvml),
            (Scope::Manage, Scope::Admin),
            (Scope::Manage, Scope::Metrics),
            (Scope::Admin, Scope::Metrics),
        ];
        self == other || more.contains(&(self, other))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = Scope::ALL.iter().find(|(scope, _)| scope == self);
        f.write_str(named.map_or("", |(_, name)| name))
    }
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let named = Scope::ALL.iter().find(|(_, name)| *name == text);
        named.map(|(scope, _)| *scope).ok_or_else(|| {
            format!(
                "{:?} is no scope: there are cuda, nvml, admin, manage and metrics",
                short(text)
            )
        })
    }
}

/// Seconds since 1970, as files say them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(pub u64);

impl Moment {
    /// The wall clock's. One before 1970 is 1970.
    pub fn now() -> Self {
        Moment(
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default()
                .as_secs(),
        )
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The last second of the year 9999: what is later cannot be written.
        let time = UNIX_EPOCH + Duration::from_secs(self.0.min(253_402_300_799));
        humantime::format_rfc3339_seconds(time).fmt(f)
    }
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let time = humantime::parse_rfc3339(text).ok();
        let since = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        since
            .map(|since| Moment(since.as_secs()))
            .ok_or_else(|| format!("{:?} is no time such as 2026-11-21T20:00:00Z", short(text)))
    }
}

impl Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a server knows of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    /// Its public part.
    pub id: String,
    /// Whose it is.
    pub identity: String,
    /// The BLAKE3 hash of all of it.
    #[serde(skip)]
    pub hash: [u8; 32],
    /// When it was made. It is good from then on.
    pub created: Moment,
    /// From when on it opens nothing, if ever.
    pub expires: Option<Moment>,
    /// What it is good for.
    pub scopes: Vec<Scope>,
    /// At which of the server's endpoints it is good; empty: at all.
    pub endpoints: Vec<String>,
    /// When it was revoked, if it was.
    pub revoked: Option<Moment>,
}

/// What is to be made.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Whose it will be.
    pub identity: String,
    /// How long it is good, if not for ever.
    pub lasts: Option<Duration>,
    /// What for; empty: CUDA.
    pub scopes: Vec<Scope>,
    /// At which endpoints; empty: at all.
    pub endpoints: Vec<String>,
}

/// Makes a token: its text, which is told once and kept nowhere, and what the server keeps.
///
/// # Errors
///
/// A sentence when what is wanted cannot be, or the kernel gives no random bytes.
pub fn make(wanted: Wanted) -> Result<(String, Record), String> {
    identity::check_name(&wanted.identity)?;
    let mut bytes = [0; ID_LEN / 2 + SECRET];
    crate::random(&mut bytes)
        .map_err(|error| format!("the kernel gives no random bytes: {error}"))?;
    let (id, secret) = bytes.split_at(ID_LEN / 2);
    let id = hex(id);
    let text = format!("{PREFIX}{id}_{}", hex(secret));
    let created = Moment::now();
    let mut scopes = wanted.scopes;
    if scopes.is_empty() {
        scopes.push(Scope::Cuda);
    }
    scopes.sort();
    scopes.dedup();
    let expires = wanted
        .lasts
        .map(|lasts| Moment(created.0.saturating_add(lasts.as_secs())));
    if expires == Some(created) {
        return Err("a token has to last for a second at least".to_string());
    }
    let record = Record {
        hash: hash(&text),
        id,
        identity: wanted.identity,
        created,
        expires,
        scopes,
        endpoints: wanted.endpoints,
        revoked: None,
    };
    Ok((text, record))
}

/// Which token opened a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenName {
    /// That of a record, by its public part.
    Record(String),
    /// One of a file of lines, by its hash, which is nothing to show: such tokens may be short.
    Line([u8; 32]),
}

impl TokenName {
    /// What logs may say of it.
    pub fn shown(&self) -> Option<&str> {
        match self {
            TokenName::Record(id) => Some(id),
            TokenName::Line(_) => None,
        }
    }
}

/// What a token that is good gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Whose it is.
    pub identity: String,
    /// Which it is.
    pub token: TokenName,
    /// What it is good for.
    pub scopes: Vec<Scope>,
    /// At which endpoints; empty: at all.
    pub endpoints: Vec<String>,
}

/// The tokens that a server knows.
#[derive(Default)]
pub struct Tokens {
    records: HashMap<String, Record>,
    lines: Vec<(String, [u8; 32])>,
}

/// Which state of a file was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    place: (u64, u64),
    len: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// That of the file which is there now.
    pub fn of(path: &Path) -> Option<Self> {
        std::fs::metadata(path)
            .ok()
            .map(|there| Stamp::from(&there))
    }

    fn from(there: &std::fs::Metadata) -> Self {
        Stamp {
            place: (there.dev(), there.ino()),
            len: there.len(),
            modified: (there.mtime(), there.mtime_nsec()),
            changed: (there.ctime(), there.ctime_nsec()),
        }
    }
}

impl Tokens {
    /// Reads a token file of either kind.
    ///
    /// # Errors
    ///
    /// What is wrong: the file cannot be read, can be read by others than its owner, or is malformed. Nothing of it holds a token.
    pub fn read(path: &Path) -> Result<(Self, Stamp), Vec<Problem>> {
        let mut file = std::fs::File::open(path).map_err(|error| {
            plain(format!(
                "cannot read the token file {}: {error}",
                path.display()
            ))
        })?;
        let (text, stamp) = contents(&mut file, path).map_err(plain)?;
        Ok((Self::parse(&text, path)?, stamp))
    }

    /// Reads what such a file holds.
    ///
    /// # Errors
    ///
    /// As [`Tokens::read`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, Vec<Problem>> {
        if is_of_tables(text) {
            let mut tokens = Tokens::default();
            for record in records(text, path)? {
                tokens.records.insert(record.id.clone(), record);
            }
            return Ok(tokens);
        }
        let shown = path.display();
        Self::parse_lines(text).map_err(|reason| plain(format!("the token file {shown}: {reason}")))
    }

    /// Lines of `NAME TOKEN`, or only `TOKEN` for the name `token`; empty lines and lines that begin with `#` say nothing.
    fn parse_lines(text: &str) -> Result<Self, String> {
        let mut lines = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let number = number + 1;
            let mut words = line.split_whitespace();
            let (name, token) = match (words.next(), words.next(), words.next()) {
                (None, ..) => continue,
                (Some(first), ..) if first.starts_with('#') => continue,
                (Some(token), None, _) => ("token", token),
                (Some(name), Some(token), None) => (name, token),
                _ => return Err(format!("line {number} has more than a name and a token")),
            };
            if name == ANONYMOUS {
                return Err(format!(
                    "the name {ANONYMOUS} of line {number} is that of clients without a name: choose another"
                ));
            }
            if !(MIN_TOKEN..=MAX_TOKEN).contains(&token.len()) {
                return Err(format!(
                    "the token of line {number} has {} characters and must have {MIN_TOKEN} to {MAX_TOKEN}; \
                     `pillion token create` makes good ones",
                    token.len()
                ));
            }
            lines.push((name.to_string(), hash(token)));
        }
        if lines.is_empty() {
            return Err(
                "it holds no token, so nobody could connect; `pillion token create` makes one"
                    .to_string(),
            );
        }
        Ok(Tokens {
            records: HashMap::new(),
            lines,
        })
    }

    /// Whose tokens these are.
    pub fn identities(&self) -> impl Iterator<Item = &str> {
        let records = self.records.values().map(|record| record.identity.as_str());
        records.chain(self.lines.iter().map(|(name, _)| name.as_str()))
    }

    /// How many tokens there are, and how many of them open nothing at that moment.
    pub fn count(&self, now: Moment) -> (usize, usize) {
        let dead = self.records.values().filter(|record| record.is_dead(now));
        (self.records.len() + self.lines.len(), dead.count())
    }

    /// The public part of a token, if it is one that the server knows.
    pub fn claimed(&self, token: &str) -> Option<&str> {
        let record = self.records.get(public_part(token)?)?;
        Some(&record.id)
    }

    /// What `token` gives at that moment. Takes the same time for every token of a length whose public part is known, right or wrong,
    /// and for every other one.
    ///
    /// # Errors
    ///
    /// A sentence for who has it: that it is none, or not good any more.
    pub fn check(&self, token: &str, now: Moment) -> Result<Shown, String> {
        let hash = hash(token);
        let claimed = public_part(token).and_then(|id| self.records.get(id));
        let record = claimed.filter(|record| bool::from(record.hash.ct_eq(&hash)));
        let mut line = None;
        // Every line is compared, also after a match: how long it takes says nothing of where a match was.
        for (name, expected) in &self.lines {
            let equal: Choice = expected.ct_eq(&hash);
            if bool::from(equal) {
                line = Some(name);
            }
        }
        if let Some(name) = line {
            return Ok(Shown {
                identity: name.clone(),
                token: TokenName::Line(hash),
                scopes: vec![Scope::Cuda],
                endpoints: Vec::new(),
            });
        }
        let Some(record) = record else {
            return Err(
                "the token in PILLION_TOKEN is not one of this server's: ask its operator for one"
                    .to_string(),
            );
        };
        let id = &record.id;
        if record.revoked.is_some() {
            return Err(format!(
                "the token {id} in PILLION_TOKEN has been revoked: ask the server's operator for another"
            ));
        }
        if now < record.created {
            // Then nobody knows whether it has expired.
            return Err(format!(
                "the server's clock says {now}, which is before the token {id} was made: its operator has to set it"
            ));
        }
        if let Some(expired) = record.expires.filter(|expires| *expires <= now) {
            return Err(format!(
                "the token {id} in PILLION_TOKEN expired at {expired}: ask the server's operator for another"
            ));
        }
        Ok(Shown {
            identity: record.identity.clone(),
            token: TokenName::Record(id.clone()),
            scopes: record.scopes.clone(),
            endpoints: record.endpoints.clone(),
        })
    }

    /// Whether a session that this token opened may go on: it is still there, is still `identity`'s, and has not been revoked. That it
    /// has expired since is no reason to end what it has opened.
    pub fn keeps(&self, token: &TokenName, identity: &str) -> bool {
        match token {
            TokenName::Record(id) => self
                .records
                .get(id)
                .is_some_and(|record| record.revoked.is_none() && record.identity == identity),
            TokenName::Line(hash) => self
                .lines
                .iter()
                .any(|(name, known)| name == identity && known == hash),
        }
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.records.len() + self.lines.len();
        write!(f, "Tokens({count} entries)")
    }
}

impl Record {
    /// Whether it opens nothing at that moment.
    pub fn is_dead(&self, now: Moment) -> bool {
        self.revoked.is_some() || self.expires.is_some_and(|expires| expires <= now)
    }

    fn write(&self, text: &mut String) {
        use std::fmt::Write;
        let quoted = |text: &str| toml::Value::from(text).to_string();
        let list = |words: Vec<String>| {
            let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
            format!("[{}]", words.join(", "))
        };
        // Writing to a String does not fail.
        let _ = writeln!(text, "\n[[token]]\nid = \"{}\"", self.id);
        let _ = writeln!(text, "identity = {}", quoted(&self.identity));
        let _ = writeln!(text, "hash = \"blake3:{}\"", hex(&self.hash));
        let _ = writeln!(text, "created = \"{}\"", self.created);
        if let Some(expires) = self.expires {
            let _ = writeln!(text, "expires = \"{expires}\"");
        }
        let scopes = self.scopes.iter().map(Scope::to_string).collect();
        let _ = writeln!(text, "scopes = {}", list(scopes));
        if !self.endpoints.is_empty() {
            let _ = writeln!(text, "endpoints = {}", list(self.endpoints.clone()));
        }
        if let Some(revoked) = self.revoked {
            let _ = writeln!(text, "revoked = \"{revoked}\"");
        }
    }
}

/// The records of a file of tables.
///
/// # Errors
///
/// What is wrong with it.
pub fn records(text: &str, path: &Path) -> Result<Vec<Record>, Vec<Problem>> {
    let source = Source::secret(path, text);
    let table = source.parse();
    let root = Section::root(&source, &table);
    let mut records: Vec<Record> = Vec::new();
    if let Some(version) = root.number::<u64>("version", 0)
        && version.value != 1
    {
        source.error(
            &version.span,
            "this file was written by a newer version of Pillion",
        );
    }
    for section in root.sections("token", "[[token]]") {
        let record = read_record(&section);
        match record {
            Some(record) if records.iter().any(|other| other.id == record.id) => {
                source.error(&section.span, format!("a second token {}", record.id));
            }
            Some(record) => records.push(record),
            None => source.error(
                &section.span,
                "a token has to have `id`, `identity`, `hash`, `created` and `scopes`",
            ),
        }
        section.finish();
    }
    root.finish();
    let problems = source.problems();
    match problems.is_empty() {
        true => Ok(records),
        false => Err(problems),
    }
}

fn read_record(section: &Section<'_, '_>) -> Option<Record> {
    let id = section.text("id");
    let identity = section.text("identity");
    let hash = section.text("hash");
    let created = section.parsed("created");
    let expires = section.parsed("expires");
    let scopes = section.texts("scopes");
    let endpoints = section.texts("endpoints");
    let revoked = section.parsed("revoked");
    let (id, identity, hash, scopes) = (id?, identity?, hash?, scopes?);
    if !is_id(&id.value) {
        section.error(
            &id.span,
            format!("`id` has to be {ID_LEN} hexadecimal digits"),
        );
    }
    if let Err(reason) = identity::check_name(&identity.value) {
        section.error(&identity.span, reason);
    }
    let digest = hash.value.strip_prefix("blake3:").and_then(unhex);
    if digest.is_none() {
        section.error(
            &hash.span,
            "`hash` has to be blake3: and 64 hexadecimal digits",
        );
    }
    let mut good = Vec::new();
    for At { value, span } in &scopes.value {
        match value.parse::<Scope>() {
            Ok(scope) => good.push(scope),
            Err(reason) => section.error(span, reason),
        }
    }
    let endpoints = endpoints.map(|list| list.value).unwrap_or_default();
    Some(Record {
        id: id.value,
        identity: identity.value,
        hash: digest?,
        created: created?.value,
        expires: expires.map(|at| at.value),
        scopes: good,
        endpoints: endpoints.into_iter().map(|at| at.value).collect(),
        revoked: revoked.map(|at| at.value),
    })
}

/// A file of tables with these records.
pub fn write(records: &[Record]) -> String {
    let mut text = HEAD.to_string();
    for record in records {
        record.write(&mut text);
    }
    text
}

/// The records of the file at `path`, for who administers it.
///
/// # Errors
///
/// A sentence when it cannot be read, or is malformed.
pub fn list(path: &Path) -> Result<Vec<Record>, String> {
    let mut file = std::fs::File::open(path)
        .map_err(|error| format!("cannot read the token file {}: {error}", path.display()))?;
    let (text, _) = contents(&mut file, path)?;
    known(&text, path)
}

/// Changes the records of the file at `path`, which is made if it is not there. Nobody else changes it meanwhile, and who reads it sees
/// all of the change or nothing.
///
/// # Errors
///
/// A sentence when the file cannot be read or written, is malformed, or `change` says one; then nothing has changed.
pub fn update<T>(
    path: &Path,
    change: impl FnOnce(&mut Vec<Record>) -> Result<T, String>,
) -> Result<T, String> {
    let failed = |what: &str, error: std::io::Error| {
        format!("cannot {what} the token file {}: {error}", path.display())
    };
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|error| failed("make the folder of", error))?;
    }
    let (mut file, path) = locked(path).map_err(|error| failed("open", error))?;
    let (text, _) = contents(&mut file, &path)?;
    let mut records = known(&text, &path)?;
    let done = change(&mut records)?;
    let text = write(&records);
    if text.len() as u64 > MAX_FILE {
        return Err(format!(
            "the token file {} would be larger than {MAX_FILE} bytes: `pillion token prune` removes what opens nothing any more",
            path.display()
        ));
    }
    replace(&path, &file, &text).map_err(|error| failed("write", error))?;
    Ok(done)
}

fn known(text: &str, path: &Path) -> Result<Vec<Record>, String> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    if !is_of_tables(text) {
        return Err(format!(
            "the token file {} has lines of `NAME TOKEN`, which are changed by hand: make another with --file, and give it to the server",
            path.display()
        ));
    }
    records(text, path).map_err(|problems| {
        let problems: Vec<String> = problems.iter().map(Problem::to_string).collect();
        problems.join("; ")
    })
}

/// The file at `path`, locked, and its path without links.
fn locked(path: &Path) -> std::io::Result<(std::fs::File, PathBuf)> {
    loop {
        let file = std::fs::OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)?;
        rustix::fs::flock(&file, FlockOperation::LockExclusive)?;
        // Who had the lock before has put another file in its place.
        let (ours, real) = (file.metadata()?, path.canonicalize()?);
        match std::fs::metadata(&real) {
            Ok(there) if (there.dev(), there.ino()) == (ours.dev(), ours.ino()) => {
                return Ok((file, real));
            }
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
}

/// Puts a file with that text in the place of `old`, with its owner: the server may run as another user than who administers it.
fn replace(path: &Path, old: &std::fs::File, text: &str) -> std::io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let new = PathBuf::from(name);
    let written = (|| {
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&new)?;
        let (was, is) = (old.metadata()?, file.metadata()?);
        if (was.uid(), was.gid()) != (is.uid(), is.gid()) {
            std::os::unix::fs::fchown(&file, Some(was.uid()), Some(was.gid()))?;
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&new, path)
    })();
    if written.is_err() {
        // The next one of this number would stumble over it.
        let _ = std::fs::remove_file(&new);
    }
    written?;
    // So that it is there after the power fails; it is there now.
    if let Some(folder) = path
        .parent()
        .and_then(|folder| std::fs::File::open(folder).ok())
    {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// What a token file holds, if nobody but its owner can read it.
fn contents(file: &mut std::fs::File, path: &Path) -> Result<(String, Stamp), String> {
    let shown = path.display();
    let failed = |error| format!("cannot read the token file {shown}: {error}");
    let there = file.metadata().map_err(failed)?;
    if there.mode() & 0o077 != 0 {
        return Err(format!(
            "the token file {shown} can be read by others than its owner (mode {:03o}): run chmod 600 {shown}",
            there.mode() & 0o777
        ));
    }
    let mut text = String::new();
    file.take(MAX_FILE + 1)
        .read_to_string(&mut text)
        .map_err(failed)?;
    if text.len() as u64 > MAX_FILE {
        return Err(format!(
            "the token file {shown} is larger than {MAX_FILE} bytes: name another file"
        ));
    }
    Ok((text, Stamp::from(&there)))
}

/// Whether a file has tables: the first line that says anything tells. No line of `NAME TOKEN` looks so.
fn is_of_tables(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('#'));
    first.is_some_and(|line| line == VERSION || line == "[[token]]")
}

/// The public part of what has the form of a token.
fn public_part(token: &str) -> Option<&str> {
    let (id, secret) = token.strip_prefix(PREFIX)?.split_once('_')?;
    (is_id(id) && secret.len() == 2 * SECRET).then_some(id)
}

fn is_id(text: &str) -> bool {
    text.len() == ID_LEN
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn hash(token: &str) -> [u8; 32] {
    *blake3::hash(token.as_bytes()).as_bytes()
}

fn plain(message: String) -> Vec<Problem> {
    vec![Problem::error(message)]
}

/// What may be quoted of something that is wrong.
fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn unhex(text: &str) -> Option<[u8; 32]> {
    let text = text.as_bytes();
    let mut bytes = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        let digit = |at: usize| (digits[at] as char).to_digit(16);
        *byte = (digit(0)? << 4 | digit(1)?) as u8;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> Tokens {
        Tokens::parse(text, Path::new("t")).unwrap()
    }

    fn whose(tokens: &Tokens, token: &str) -> Option<String> {
        tokens
            .check(token, Moment::now())
            .ok()
            .map(|shown| shown.identity)
    }

    fn made(identity: &str) -> (String, Record) {
        make(Wanted {
            identity: identity.to_string(),
            lasts: None,
            scopes: Vec::new(),
            endpoints: Vec::new(),
        })
        .unwrap()
    }

    #[test]
    fn tokens_of_lines_are_told_apart() {
        let tokens = parsed("# people\nada 0123456789abcdef\n\n fedcba9876543210 \n");
        assert_eq!(whose(&tokens, "0123456789abcdef").as_deref(), Some("ada"));
        assert_eq!(whose(&tokens, "fedcba9876543210").as_deref(), Some("token"));
        for wrong in [
            "",
            "0123456789abcde",
            "0123456789abcdeg",
            "0123456789abcdef0",
            "ada",
        ] {
            assert_eq!(whose(&tokens, wrong), None, "{wrong}");
        }
        assert!(!format!("{tokens:?}").contains("0123"));
    }

    #[test]
    fn malformed_lines_are_refused() {
        for (text, reason) in [
            ("", "no token"),
            ("# nothing\n", "no token"),
            ("short\n", "line 1"),
            ("ada 0123456789abcdef x\n", "line 1"),
            ("ada 0123456789abcdef\nbob tiny\n", "line 2"),
            ("anonymous 0123456789abcdef\n", "line 1"),
        ] {
            let told = Tokens::parse(text, Path::new("t")).unwrap_err();
            let told = told[0].to_string();
            assert!(told.contains(reason), "{text:?}: {told}");
            assert!(!told.contains("tiny"), "a token is in the message");
        }
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let path = std::env::temp_dir().join(format!("pillion-tokens-{}", std::process::id()));
        std::fs::write(&path, "ada 0123456789abcdef\n").unwrap();
        for (mode, good) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(Tokens::read(&path).is_ok(), good, "mode {mode:o}");
        }
        std::fs::remove_file(&path).unwrap();
        assert!(
            Tokens::read(&path).unwrap_err()[0]
                .message
                .contains("cannot read")
        );
    }

    #[test]
    fn a_token_is_kept_as_its_hash_and_told_by_its_public_part() {
        let (text, record) = made("ada");
        assert_eq!(text.len(), 4 + ID_LEN + 1 + 2 * SECRET);
        let file = write(std::slice::from_ref(&record));
        let secret = text.rsplit('_').next().unwrap();
        assert!(!file.contains(secret) && file.contains(&record.id));
        let tokens = parsed(&file);
        assert_eq!(tokens.claimed(&text), Some(record.id.as_str()));
        let shown = tokens.check(&text, Moment::now()).unwrap();
        assert_eq!(
            (shown.identity.as_str(), shown.token.shown()),
            ("ada", Some(record.id.as_str()))
        );
        // Another secret under the same public part, and the same under another.
        let (other, _) = made("ada");
        let mixed = format!(
            "{PREFIX}{}_{}",
            record.id,
            other.rsplit('_').next().unwrap()
        );
        assert_eq!(tokens.claimed(&mixed), Some(record.id.as_str()));
        for wrong in [
            &mixed,
            &other,
            &text[..text.len() - 1],
            &text.to_uppercase(),
        ] {
            assert!(
                tokens
                    .check(wrong, Moment::now())
                    .unwrap_err()
                    .contains("not one of")
            );
        }
        assert_eq!(tokens.claimed(&other), None);
    }

    #[test]
    fn a_token_is_good_from_its_making_to_its_end() {
        let (text, mut record) = made("ada");
        let made = record.created;
        record.expires = Some(Moment(made.0 + 10));
        let at = |record: &Record, seconds: i64| {
            let moment = Moment(made.0.saturating_add_signed(seconds));
            parsed(&write(std::slice::from_ref(record))).check(&text, moment)
        };
        assert!(at(&record, 0).is_ok() && at(&record, 9).is_ok());
        assert!(at(&record, -1).unwrap_err().contains("clock"));
        assert!(at(&record, 10).unwrap_err().contains("expired"));
        record.revoked = Some(made);
        assert!(at(&record, 0).unwrap_err().contains("revoked"));
        // Only who has the whole token hears of that.
        let tokens = parsed(&write(&[record]));
        let wrong = format!("{}0", &text[..text.len() - 1]);
        let wrong = if wrong == text {
            format!("{}1", &text[..text.len() - 1])
        } else {
            wrong
        };
        assert!(
            tokens
                .check(&wrong, made)
                .unwrap_err()
                .contains("not one of")
        );
    }

    #[test]
    fn sessions_go_on_until_their_token_is_revoked() {
        let (_, mut record) = made("ada");
        let name = TokenName::Record(record.id.clone());
        record.expires = Some(record.created);
        let keeps = |record: &Record, whose: &str| {
            parsed(&write(std::slice::from_ref(record))).keeps(&name, whose)
        };
        assert!(keeps(&record, "ada") && !keeps(&record, "bob"));
        record.revoked = Some(record.created);
        assert!(!keeps(&record, "ada"));
        assert!(!parsed("version = 1").keeps(&name, "ada"));
        let lines = parsed("ada 0123456789abcdef");
        let shown = lines.check("0123456789abcdef", Moment::now()).unwrap();
        assert!(lines.keeps(&shown.token, "ada"));
        assert!(!parsed("ada 0123456789abcdee").keeps(&shown.token, "ada"));
    }

    #[test]
    fn what_is_wrong_with_a_file_has_a_place_and_no_secret() {
        let (_, record) = made("ada");
        let good = write(&[record]);
        for (from, to) in [
            ("identity = \"ada\"", "identity = \"ada lovelace\""),
            ("identity = \"ada\"", "identity = \"anonymous\""),
            ("blake3:", "md5:"),
            ("\"cuda\"", "\"everything\""),
            ("created", "creator"),
            ("created = \"2", "created = \"x2"),
            ("id = \"", "id = \"X"),
            ("version = 1\n", "version = 1\nmore = 2\n"),
        ] {
            let text = good.replace(from, to);
            assert_ne!(text, good);
            let told = Tokens::parse(&text, Path::new("t")).unwrap_err();
            assert!(
                told.iter().all(|problem| problem.place.is_some()),
                "{told:?}"
            );
            assert!(!format!("{told:?}").contains("hash = "), "{told:?}");
        }
        let twice = format!("{good}{}", &good[good.find("[[token]]").unwrap()..]);
        assert!(
            Tokens::parse(&twice, Path::new("t")).unwrap_err()[0]
                .message
                .contains("second")
        );
        let newer = good.replace("version = 1\n", "[[token]]\n");
        assert!(Tokens::parse(&newer, Path::new("t")).is_err());
    }

    #[test]
    fn scopes_cover_what_is_less() {
        for (scope, covered) in [
            (Scope::Cuda, [true, true, false, false, false]),
            (Scope::Nvml, [false, true, false, false, false]),
            (Scope::Admin, [false, false, true, false, true]),
            (Scope::Manage, [false, false, true, true, true]),
            (Scope::Metrics, [false, false, false, false, true]),
        ] {
            assert_eq!(Scope::ALL.map(|(other, _)| scope.covers(other)), covered);
            assert_eq!(scope.to_string().parse(), Ok(scope));
        }
    }

    #[test]
    fn two_at_once_lose_nothing() {
        let folder = std::env::temp_dir().join(format!("pillion-store-{}", std::process::id()));
        let path = folder.join("deep").join("tokens.toml");
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..8 {
                        let (_, record) = made("ada");
                        update(&path, |records| {
                            records.push(record);
                            Ok(())
                        })
                        .unwrap();
                    }
                });
            }
        });
        assert_eq!(list(&path).unwrap().len(), 64);
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        let left: Vec<_> = std::fs::read_dir(path.parent().unwrap()).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
        // What fails changes nothing; a link stays one.
        let before = Stamp::of(&path);
        assert!(update(&path, |_| Err::<(), _>("no".to_string())).is_err());
        assert_eq!(Stamp::of(&path), before);
        let link = folder.join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        update(&link, |records| {
            records.clear();
            Ok(())
        })
        .unwrap();
        assert!(link.is_symlink() && list(&path).unwrap().is_empty());
        assert_ne!(Stamp::of(&path), before);
        std::fs::write(&path, "ada 0123456789abcdef\n").unwrap();
        assert!(update(&path, |_| Ok(())).unwrap_err().contains("by hand"));
        std::fs::remove_dir_all(&folder).unwrap();
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            names in prop::collection::vec("[A-Za-z0-9][A-Za-z0-9._@+-]{0,20}", 0..5),
            times in prop::collection::vec((0u64..253_402_300_799, prop::option::of(0u64..253_402_300_799), prop::option::of(0u64..253_402_300_799)), 5),
            endpoints in prop::collection::vec("\\PC{0,20}", 0..3),
        ) {
            let written: Vec<Record> = names
                .iter()
                .filter(|name| *name != ANONYMOUS)
                .zip(&times)
                .map(|(name, (created, expires, revoked))| Record {
                    created: Moment(*created),
                    expires: expires.map(Moment),
                    revoked: revoked.map(Moment),
                    endpoints: endpoints.clone(),
                    scopes: vec![Scope::Nvml, Scope::Admin],
                    ..made(name).1
                })
                .collect();
            prop_assert_eq!(records(&write(&written), Path::new("t")).unwrap(), written);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
            let _ = Tokens::parse(&text, Path::new("t"));
            let _ = records(&format!("{HEAD}{text}"), Path::new("t"));
        }
    }
}

//! What settings mean together, and whether the machine has what they name.

use std::collections::HashMap;
use std::io::Read;
use std::net::{SocketAddr, ToSocketAddrs};
use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use pillion_tenancy::{Share, Weight};
use pillion_transport::tls::{self, ServerFiles, ServerSettings};
use pillion_transport::{KeepAlive, Uri, default_shm_socket, default_socket, default_uris};
use serde::Serialize;

use super::file::{
    self, File, FileEndpoint, FileIdentity, FilePart, FileSharing, FileTls, FileWeb,
};
use super::reader::{At, Problem, Source, meant};
use super::{
    Authentication, CacheChoice, CertificateName, Compression, Config, Endpoint, FailedAttempts,
    Given, IdentityRule, ModeName, Part, Sharing, Tls, Web, WebAuthentication,
};
use crate::broker::identity::check_name;
use crate::cache;
use crate::tokens::Tokens;
use crate::user;

/// Least memory that makes sense as a quota, in bytes.
pub(crate) const LEAST_MEMORY: u64 = 16 << 20;
/// Seconds after which it is written what a session has used, while it lasts.
const ACCOUNTING_INTERVAL: u64 = 300;
/// Largest configuration file, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// Who can reach an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    /// Who is on this machine.
    Machine,
    /// Other machines too.
    Network,
}

/// Makes settings of what was given and what the file says, unless something is wrong; tells what is, and what is odd.
pub fn load(given: &Given) -> (Option<Config>, Vec<Problem>) {
    let Some(path) = &given.config else {
        return made(given, File::default(), Source::new(Path::new(""), ""));
    };
    match text_of(path) {
        Ok(text) => {
            let source = Source::new(path, &text);
            let file = file::read(&source);
            made(given, file, source)
        }
        Err(reason) => (None, vec![Problem::error(reason)]),
    }
}

/// As [`load`], of a file with this text, and without a look at the machine: the entry of fuzzing.
pub(crate) fn load_text(text: &str) -> Vec<Problem> {
    let source = Source::new(Path::new("settings"), text);
    let _ = file::read(&source);
    source.problems()
}

fn text_of(path: &Path) -> Result<String, String> {
    let shown = path.display();
    let failed = |error| format!("cannot read the settings in {shown}: {error}");
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(MAX_FILE + 1)
        .read_to_string(&mut text)
        .map_err(failed)?;
    if text.len() as u64 > MAX_FILE {
        return Err(format!(
            "the settings in {shown} are larger than {MAX_FILE} bytes"
        ));
    }
    Ok(text)
}

fn made(given: &Given, file: File, source: Source<'_>) -> (Option<Config>, Vec<Problem>) {
    let check = Check {
        source,
        loose: Vec::new(),
    };
    check.run(given, file)
}

struct Check<'t> {
    source: Source<'t>,
    /// What is wrong with what is in no file.
    loose: Vec<Problem>,
}

/// An endpoint before it is known to be one.
struct Draft {
    listen: Uri,
    at: Option<Range<usize>>,
    insecure: bool,
    authentication: Option<At<Authentication>>,
    identities: Option<At<Vec<At<String>>>>,
    mode: Option<At<u32>>,
    max_sessions: Option<usize>,
    compression: Compression,
    keep_alive: KeepAlive,
    tls: Option<Files>,
    /// A client may come without a certificate, though there are authorities for them.
    client_optional: bool,
    /// It is a table of the file.
    is_table: bool,
}

/// What `tls://` and `wss://` are done with, before it is known to be right.
#[derive(Clone)]
struct Files {
    at: Option<Range<usize>>,
    /// The certificate and its key.
    identity: Option<(Place, Place)>,
    client_ca: Option<Place>,
}

/// A file, and where it is named.
type Place = (PathBuf, Option<Range<usize>>);

impl From<FileTls> for Files {
    fn from(tls: FileTls) -> Self {
        let place = |at: At<PathBuf>| (at.value, Some(at.span));
        Files {
            at: Some(tls.span),
            identity: tls.certificate.map(place).zip(tls.key.map(place)),
            client_ca: tls.client_ca.map(place),
        }
    }
}

impl Files {
    fn of(given: &Given) -> Option<Self> {
        let files = Files {
            at: None,
            identity: given.tls.as_ref().map(|identity| {
                let [certificate, key] = [&identity.certificate, &identity.key];
                ((certificate.clone(), None), (key.clone(), None))
            }),
            client_ca: given.tls_client_ca.clone().map(|path| (path, None)),
        };
        (files.identity.is_some() || files.client_ca.is_some()).then_some(files)
    }
}

/// Whom the settings and the token file know.
struct Known<'a> {
    rules: &'a [IdentityRule],
    tokens: Option<&'a Tokens>,
    has_tokens: bool,
}

impl Known<'_> {
    fn names(&self) -> Vec<&str> {
        let rules = self.rules.iter().map(|rule| rule.name.as_str());
        let tokens = self.tokens.iter().flat_map(|tokens| tokens.identities());
        rules.chain(tokens).collect()
    }
}

impl Check<'_> {
    fn error(&mut self, at: Option<&Range<usize>>, message: impl Into<String>) {
        match at {
            Some(span) => self.source.error(span, message),
            None => self.loose.push(Problem::error(message)),
        }
    }

    fn warn(&mut self, at: Option<&Range<usize>>, message: impl Into<String>) {
        match at {
            Some(span) => self.source.warn(span, message),
            None => self.loose.push(Problem::warning(message)),
        }
    }

    fn run(mut self, given: &Given, file: File) -> (Option<Config>, Vec<Problem>) {
        let token_file = match &given.token_file {
            Some(path) => Some((path.clone(), None)),
            None => file.token_file.map(|at| (at.value, Some(at.span))),
        };
        let tokens = token_file
            .as_ref()
            .and_then(|(path, at)| self.tokens(path, at.as_ref()));
        let everybody = self.part(file.everybody, None);
        let usual = everybody.mode.unwrap_or(ModeName::Isolated);
        let identities = self.identities(file.identities, usual);
        let standard = Sharing::default();
        let seconds = |at: Option<At<u64>>| value(at).map(Duration::from_secs);
        self.can_park(&file.sharing, &identities, &everybody);
        let sharing = Sharing {
            fill: value(file.sharing.fill).unwrap_or(standard.fill),
            patience: seconds(file.sharing.patience).unwrap_or(standard.patience),
            half_life: seconds(file.sharing.half_life).unwrap_or(standard.half_life),
            max_waiting: value(file.sharing.max_waiting).unwrap_or(standard.max_waiting),
            turns: value(file.sharing.turns).unwrap_or(standard.turns),
            quantum: value(file.sharing.quantum).map_or(standard.quantum, Duration::from_millis),
            park: value(file.sharing.park).unwrap_or(standard.park),
            park_after: seconds(file.sharing.park_after).unwrap_or(standard.park_after),
            park_memory: value(file.sharing.park_memory).unwrap_or(standard.park_memory),
        };
        let known = Known {
            rules: &identities,
            tokens: tokens.as_ref(),
            has_tokens: token_file.is_some(),
        };
        let compression = given.compression.or(value(file.compression));
        let compression = compression.unwrap_or(Compression::Auto);
        let flat = Flat {
            insecure: given.insecure || value(file.insecure).unwrap_or(false),
            compression,
            keep_alive: value(file.dead_after).unwrap_or_default(),
            tls: Files::of(given).or(file.tls.map(Files::from)),
            client_optional: given.tls_client_optional,
        };
        let drafts = self.drafts(given, file.listen, file.endpoints, &flat);
        self.no_two_alike(&drafts);
        let endpoints: Vec<Endpoint> = drafts
            .into_iter()
            .filter_map(|draft| self.endpoint(draft, &known))
            .collect();
        self.everybody_can_come(&identities, tokens.as_ref(), &endpoints);
        let web = self.web(given, file.web, token_file.is_some());

        let choice = given.cache.clone().or(value(file.cache));
        let cache_by_default = choice.is_none();
        let folder = match choice {
            Some(CacheChoice::Off) => None,
            Some(CacheChoice::Folder(folder)) => Some(folder),
            None => cache::default_folder(),
        };
        let cache = folder.map(|folder| cache::Settings {
            folder,
            size: given
                .cache_size
                .or(value(file.cache_size))
                .unwrap_or(cache::DEFAULT_SIZE),
            shared: given.cache_shared || value(file.cache_shared).unwrap_or(false),
        });
        let standard = FailedAttempts::default();
        let failed_attempts = FailedAttempts {
            burst: value(file.burst).unwrap_or(standard.burst),
            per_minute: value(file.per_minute).unwrap_or(standard.per_minute),
            overall: value(file.overall).unwrap_or(standard.overall),
        };
        let program = match std::env::current_exe() {
            Ok(program) => program,
            Err(error) => {
                self.error(
                    None,
                    format!("cannot find out where this program is: {error}"),
                );
                PathBuf::new()
            }
        };
        let user = given.user.clone();
        let at = user.is_none().then_some(file.user.as_ref()).flatten();
        let span = at.map(|at| at.span.clone());
        let user = user.or(value(file.user)).unwrap_or_default();
        if let Err(reason) = user::find(&user) {
            self.error(span.as_ref(), reason);
        }
        let warm_memory = given.warm_memory.or(value(file.warm_memory));
        let drain_timeout = given.drain_timeout.or(value(file.drain_timeout));
        let interval = value(file.accounting_interval).unwrap_or(ACCOUNTING_INTERVAL);
        let config = Config {
            endpoints,
            identities,
            everybody,
            sharing,
            token_file: token_file.map(|(path, _)| path),
            failed_attempts,
            accounting: given.accounting.clone().or(value(file.accounting)),
            accounting_interval: (interval > 0).then(|| Duration::from_secs(interval)),
            device: given.device.or(value(file.device)).unwrap_or_default(),
            warm: given.warm.or(value(file.warm)).unwrap_or(1),
            warm_memory: warm_memory.map(|mib| mib.saturating_mul(1 << 20)),
            max_sessions: given
                .max_sessions
                .or(value(file.max_sessions))
                .unwrap_or(512),
            drain_timeout: drain_timeout.map(Duration::from_secs),
            cache,
            cache_by_default,
            user,
            sandbox: given.sandbox.or(value(file.sandbox)).unwrap_or_default(),
            program,
            web,
            reload: None,
        };
        let mut problems = self.source.problems();
        problems.append(&mut self.loose);
        match problems.iter().any(Problem::is_error) {
            true => (None, problems),
            false => (Some(config), problems),
        }
    }

    fn tokens(&mut self, path: &Path, at: Option<&Range<usize>>) -> Option<Tokens> {
        match Tokens::read(path) {
            Ok((tokens, _)) => Some(tokens),
            Err(problems) => {
                for problem in problems {
                    match problem.place {
                        // It says where in the token file.
                        Some(_) => self.loose.push(problem),
                        None => self.error(at, problem.message),
                    }
                }
                None
            }
        }
    }

    /// Whether parking, where it is wanted, can come to anything.
    fn can_park(&mut self, sharing: &FileSharing, rules: &[IdentityRule], everybody: &Part) {
        let is_on = sharing.park.as_ref().is_some_and(|park| park.value);
        let of_parking = [&sharing.park_after, &sharing.park_memory];
        if !is_on {
            for said in of_parking.into_iter().flatten() {
                self.warn(
                    Some(&said.span),
                    "nobody is parked without `park = true`: say that, too, or leave this out",
                );
            }
            return;
        }
        let parts = rules.iter().map(|rule| &rule.part).chain([everybody]);
        let least = parts.filter_map(|part| part.memory).min();
        let Some(park) = &sharing.park else {
            return;
        };
        match (least, &sharing.park_memory) {
            (None, _) => self.warn(
                Some(&park.span),
                "nobody can be parked, as nobody has a quota: say `memory` of an identity, or in [everybody]",
            ),
            // One is parked, and one can be for whom it comes back.
            (Some(least), Some(memory)) if memory.value < least.saturating_mul(2) => self.warn(
                Some(&memory.span),
                "nobody can be parked, as that is less than twice what the smallest quota promises, which an exchange takes: make it larger",
            ),
            _ => {}
        }
    }

    fn identities(&mut self, tables: Vec<FileIdentity>, usual: ModeName) -> Vec<IdentityRule> {
        let mut rules: Vec<IdentityRule> = Vec::new();
        for table in tables {
            let name = &table.name;
            if let Err(reason) = check_name(&name.value) {
                self.error(Some(&name.span), reason);
                continue;
            }
            if rules.iter().any(|rule| rule.name == name.value) {
                self.error(
                    Some(&name.span),
                    format!("a second identity `{}`", name.value),
                );
            }
            if let Some(uid) = &table.uid
                && let Some(other) = rules.iter().find(|rule| rule.uid == Some(uid.value))
            {
                let reason = format!("the user {} is `{}` already", uid.value, other.name);
                self.error(Some(&uid.span), reason);
            }
            if let Some(certificate) = &table.certificate
                && let Some(other) = rules
                    .iter()
                    .find(|rule| rule.certificate.as_ref() == Some(&certificate.value))
            {
                let reason = format!("this certificate is that of `{}` already", other.name);
                self.error(Some(&certificate.span), reason);
            }
            rules.push(IdentityRule {
                name: table.name.value,
                certificate: value(table.certificate),
                uid: value(table.uid),
                max_sessions: value(table.max_sessions),
                part: self.part(table.part, Some(usual)),
            });
        }
        rules
    }

    /// `usual` is the mode where none is said.
    fn part(&mut self, part: FilePart, usual: Option<ModeName>) -> Part {
        if let Some(memory) = &part.memory
            && memory.value < LEAST_MEMORY
        {
            let reason = format!(
                "a session with less than {} MiB can do nothing: its contexts and kernels count, too",
                LEAST_MEMORY >> 20
            );
            self.error(Some(&memory.span), reason);
        }
        if let Some(weight) = &part.weight
            && let Err(error) = Weight::try_from(u64::from(weight.value))
        {
            self.error(Some(&weight.span), error.to_string());
        }
        if let Some(share) = &part.share
            && let Err(error) = Share::try_from(u64::from(share.value))
        {
            self.error(Some(&share.span), error.to_string());
        }
        let mode = part.mode.as_ref().map(|mode| mode.value).or(usual);
        if let Some(share) = &part.share
            && mode.is_some_and(|mode| mode != ModeName::Dense)
        {
            self.warn(
                Some(&share.span),
                "a share is for sessions with `mode = \"dense\"`; others get the device in turns, by `weight`",
            );
        }
        if let (Some(gpus), Some(count)) = (&part.gpus, &part.gpu_count)
            && usize::from(count.value) > gpus.value.0.len()
        {
            let reason = format!(
                "of {} GPUs one cannot see {}",
                gpus.value.0.len(),
                count.value
            );
            self.error(Some(&count.span), reason);
        }
        Part {
            memory: value(part.memory),
            mode: value(part.mode),
            share: value(part.share),
            priority: value(part.priority),
            weight: value(part.weight),
            gpus: value(part.gpus),
            gpu_count: value(part.gpu_count),
        }
    }

    fn drafts(
        &mut self,
        given: &Given,
        listen: Vec<At<Uri>>,
        tables: Vec<FileEndpoint>,
        flat: &Flat,
    ) -> Vec<Draft> {
        if !given.listen.is_empty() {
            if let Some(table) = tables.first() {
                self.warn(
                    Some(&table.listen.span),
                    "no [[endpoint]] is used, as --listen says where to listen",
                );
            }
            let given = given.listen.iter();
            return given.map(|uri| flat.draft(uri.clone(), None)).collect();
        }
        if listen.is_empty() && tables.is_empty() {
            let uris = default_uris().into_iter();
            return uris.map(|uri| flat.draft(uri, None)).collect();
        }
        let listed = listen
            .into_iter()
            .map(|At { value, span }| flat.draft(value, Some(span)));
        let tables = tables.into_iter().map(|table| Draft {
            tls: table
                .tls
                .map(Files::from)
                .or_else(|| flat.tls_of(&table.listen.value)),
            client_optional: false,
            at: Some(table.listen.span),
            listen: table.listen.value,
            insecure: value(table.insecure).unwrap_or(false),
            authentication: table.authentication,
            identities: table.identities,
            mode: table.mode,
            max_sessions: value(table.max_sessions),
            compression: value(table.compression).unwrap_or(flat.compression),
            keep_alive: value(table.dead_after).unwrap_or(flat.keep_alive),
            is_table: true,
        });
        listed.chain(tables).collect()
    }

    fn no_two_alike(&mut self, drafts: &[Draft]) {
        let mut seen: HashMap<String, &Draft> = HashMap::new();
        for draft in drafts {
            let key = match &draft.listen {
                Uri::Tcp { port: 0, .. }
                | Uri::Tls { port: 0, .. }
                | Uri::Ws { port: 0, .. }
                | Uri::Wss { port: 0, .. } => continue,
                Uri::Ucx { control }
                    if matches!(
                        **control,
                        Uri::Tcp { port: 0, .. } | Uri::Tls { port: 0, .. }
                    ) =>
                {
                    continue;
                }
                // Both are a socket's file.
                Uri::Unix { path } | Uri::Shm { path } => path.display().to_string(),
                other => other.to_string(),
            };
            if let Some(first) = seen.insert(key, draft) {
                let line = first.at.as_ref().map(|at| self.source.line(at));
                let first = match line {
                    Some(line) => format!("{} in line {line}", first.listen),
                    None => first.listen.to_string(),
                };
                let reason = format!("{} is where {first} is already", draft.listen);
                self.error(draft.at.as_ref(), reason);
            }
        }
    }

    fn endpoint(&mut self, draft: Draft, known: &Known<'_>) -> Option<Endpoint> {
        let Draft {
            listen,
            at,
            insecure,
            authentication,
            identities,
            mode,
            max_sessions,
            compression,
            keep_alive,
            tls,
            client_optional,
            is_table,
        } = draft;
        let at = at.as_ref();
        let is_tls = listen.has_certificates();
        let is_socket = matches!(listen, Uri::Unix { .. } | Uri::Shm { .. });
        let has_ca = tls.as_ref().is_some_and(|tls| tls.client_ca.is_some());
        let said = authentication.as_ref().map(|at| at.span.clone());
        let said = said.as_ref().or(at);
        let authentication = match authentication {
            Some(at) => at.value,
            // Where authorities of certificates are named, a token is asked for besides, unless it is said that either will do.
            None => match (known.has_tokens, has_ca && !client_optional) {
                (true, _) if has_ca && client_optional => Authentication::Either,
                (true, _) => Authentication::Token,
                (false, true) => Authentication::Certificate,
                (false, false) => Authentication::None,
            },
        };
        if authentication == Authentication::Token && !known.has_tokens {
            self.error(
                said,
                "authentication by token needs a `token-file`: `pillion token create` makes one",
            );
        }
        if authentication == Authentication::Certificate && !is_tls {
            self.error(
                said,
                format!("only tls:// and wss:// have certificates, and this is {listen}"),
            );
        }
        if matches!(
            authentication,
            Authentication::Certificate | Authentication::Either
        ) && is_tls
            && !has_ca
        {
            self.error(
                said,
                "authentication by certificate needs `client-ca` in `tls`: who vouches for them?",
            );
        }
        if authentication == Authentication::Either {
            if !is_tls && !is_socket {
                self.error(
                    said,
                    format!("nothing but a token shows who comes to {listen}: write \"token\""),
                );
            } else if !known.has_tokens {
                self.error(said, "authentication by token needs a `token-file`: `pillion token create` makes one");
            }
        }
        // Memory that is shared with a guest is as open as the address where both meet.
        let over_ucx = matches!(listen, Uri::Ucx { .. });
        let reach = match listen.meeting() {
            Uri::Unix { path } | Uri::Shm { path } => {
                self.folder_of(path, at);
                Reach::Machine
            }
            Uri::Tcp { host, port } | Uri::Ws { host, port, .. } => match reached(host, *port) {
                Ok(None) => Reach::Machine,
                Ok(Some(address)) => {
                    self.plain(&listen, address, insecure, authentication, at, is_table);
                    Reach::Network
                }
                Err(reason) => {
                    self.error(at, reason);
                    return None;
                }
            },
            Uri::Tls { host, port } if over_ucx => match reached(host, *port) {
                Ok(None) => Reach::Machine,
                Ok(Some(address)) => {
                    self.data_in_the_clear(&listen, address, insecure, at, is_table);
                    Reach::Network
                }
                Err(reason) => {
                    self.error(at, reason);
                    return None;
                }
            },
            Uri::Vsock { .. } => Reach::Machine,
            // What the transport itself protects.
            _ => Reach::Network,
        };
        if is_table && insecure && reach == Reach::Machine {
            self.warn(
                at,
                format!("`insecure` says nothing here: no other machine reaches {listen}"),
            );
        }
        if let Some(mode) = &mode {
            if !is_socket {
                let reason =
                    format!("`mode` is for sockets in the file system, and this is {listen}");
                self.error(Some(&mode.span), reason);
            } else if ![0o600, 0o660, 0o666].contains(&mode.value) {
                self.error(
                    Some(&mode.span),
                    "`mode` has to be 0o600 (the server's user), 0o660 (its group too) or 0o666 (all of this machine)",
                );
            }
        }
        let tls = self.tls(&listen, tls, authentication);
        if is_tls && authentication == Authentication::None && identities.is_none() {
            self.warn(
                at,
                format!(
                    "whoever reaches {listen} may use this server's devices: say who may come in, with a `token-file` or a `client-ca`"
                ),
            );
        }
        let identities = identities.map(|list| {
            self.admitted(&list, &listen, authentication, is_socket, known);
            list.value.into_iter().map(|at| at.value).collect()
        });
        Some(Endpoint {
            listen,
            reach,
            insecure,
            authentication,
            identities,
            mode: value(mode),
            max_sessions,
            compression: compression == Compression::Auto,
            keep_alive,
            tls,
        })
    }

    /// An endpoint that other machines reach and nothing encrypts.
    fn plain(
        &mut self,
        listen: &Uri,
        address: SocketAddr,
        insecure: bool,
        authentication: Authentication,
        at: Option<&Range<usize>>,
        is_table: bool,
    ) {
        let how = match is_table {
            true => "insecure = true in this endpoint",
            false => "--insecure, or insecure = true,",
        };
        if authentication == Authentication::Token {
            self.error(
                at,
                format!(
                    "tokens would travel in the clear: other machines reach {listen} ({}), which is not encrypted. Listen on \
                     loopback and have clients come in through an SSH tunnel",
                    address.ip()
                ),
            );
        } else if !insecure {
            self.error(
                at,
                format!(
                    "other machines reach {listen} ({}), which neither encrypts nor asks who comes. Listen on loopback and have \
                     clients come in through an SSH tunnel; {how} opens it to everybody there",
                    address.ip()
                ),
            );
        } else {
            self.warn(
                at,
                format!(
                    "whoever reaches {listen} over the network may use this server's devices, and whoever is between reads along"
                ),
            );
        }
    }

    /// An endpoint over UCX that other machines reach: the greeting is encrypted, what follows is not.
    fn data_in_the_clear(
        &mut self,
        listen: &Uri,
        address: SocketAddr,
        insecure: bool,
        at: Option<&Range<usize>>,
        is_table: bool,
    ) {
        if insecure {
            self.warn(
                at,
                format!(
                    "what goes over {listen} is not encrypted but for the greeting: whoever is between reads along, and may change it"
                ),
            );
        } else {
            let how = match is_table {
                true => "insecure = true in this endpoint",
                false => "--insecure, or insecure = true,",
            };
            self.error(
                at,
                format!(
                    "other machines reach {listen} ({}), and UCX encrypts nothing but the greeting. On a network that you trust, {how} \
                     allows it",
                    address.ip()
                ),
            );
        }
    }

    fn web(&mut self, given: &Given, file: Option<FileWeb>, has_tokens: bool) -> Option<Web> {
        let nowhere = file.as_ref().filter(|web| web.is_nowhere);
        let nowhere = nowhere.map(|web| web.span.clone());
        let (listen, authentication, insecure) = file.map_or((None, None, None), |web| {
            (web.listen, web.authentication, web.insecure)
        });
        let said = authentication.as_ref().map(|at| at.span.clone());
        let insecure_at = insecure.as_ref().map(|at| at.span.clone());
        let (listen, at) = match (given.web, listen) {
            (Some(given), _) => (given, None),
            (None, Some(At { value, span })) => (value, Some(span)),
            (None, None) => {
                if nowhere.is_some() {
                    self.warn(
                        nowhere.as_ref(),
                        "[web] without `listen` (and no --web): there is no web page",
                    );
                }
                return None;
            }
        };
        let insecure = value(insecure).unwrap_or(false) || (given.web.is_some() && given.insecure);
        let authentication = value(authentication).unwrap_or(WebAuthentication::Token);
        let said = said.as_ref().or(at.as_ref());
        // ::ffff:127.0.0.1 too.
        let is_local = listen.ip().to_canonical().is_loopback();
        match authentication {
            WebAuthentication::Token if !has_tokens => self.error(
                said,
                "the web page asks for a token, and there is no `token-file`: `pillion token create --scope admin` makes one; or                  write authentication = \"none\" in [web], on loopback, where every user of this machine may see it",
            ),
            WebAuthentication::None if !is_local => self.error(
                said,
                format!("the web page at {listen} has to ask for a token: other machines reach it"),
            ),
            _ => {}
        }
        let at = at.as_ref();
        match (is_local, insecure) {
            (true, true) if insecure_at.is_some() => self.warn(
                insecure_at.as_ref(),
                format!("`insecure` says nothing here: no other machine reaches {listen}"),
            ),
            (true, _) => {}
            (false, true) => self.warn(
                at,
                format!(
                    "the web page at {listen} is not encrypted: whoever is between reads along, the token that is shown to see it as well"
                ),
            ),
            (false, false) => self.error(
                at,
                format!(
                    "tokens would travel in the clear: other machines reach the web page at {listen}, which is plain HTTP. Listen on \
                     loopback, behind a reverse proxy with TLS or an SSH tunnel; insecure = true in [web] allows it all the same"
                ),
            ),
        }
        Some(Web {
            listen,
            authentication,
            insecure,
        })
    }

    fn folder_of(&mut self, path: &Path, at: Option<&Range<usize>>) {
        // Those of the default ones are made.
        if path == default_socket() || path == default_shm_socket() {
            return;
        }
        let folder = path.parent().unwrap_or(Path::new("/"));
        if !folder.is_dir() {
            self.error(at, format!("there is no folder {}", folder.display()));
        }
    }

    fn tls(
        &mut self,
        listen: &Uri,
        files: Option<Files>,
        authentication: Authentication,
    ) -> Option<Tls> {
        let files = files?;
        if !listen.has_certificates() {
            let reason = format!("`tls` is for tls:// and wss://, and this is {listen}");
            self.error(files.at.as_ref(), reason);
            return None;
        }
        let mut good = true;
        if let Some((certificate, key)) = &files.identity {
            good &= self.readable(certificate, false);
            good &= self.readable(key, true);
        }
        if let Some(authorities) = &files.client_ca {
            good &= self.readable(authorities, false);
        }
        let identity = files.identity.map(|((certificate, at), (key, _))| {
            let identity = tls::Identity { certificate, key };
            (identity, at)
        });
        let client_ca = files.client_ca.map(|(path, _)| path);
        if let Some((identity, at)) = identity.as_ref().filter(|_| good) {
            let files = ServerFiles {
                identity: identity.clone(),
                client_authorities: client_ca.clone(),
                client_optional: authentication.does_without_certificate(),
            };
            if let Err(error) = ServerSettings::read(files, |_| {}) {
                self.error(at.as_ref(), error.to_string());
            }
        }
        Some(Tls {
            identity: identity.map(|(identity, _)| identity),
            client_ca,
        })
    }

    fn readable(&mut self, (path, span): &Place, is_secret: bool) -> bool {
        let shown = path.display();
        let there = std::fs::File::open(path).and_then(|file| file.metadata());
        let problem = match there {
            Err(error) => format!("cannot read {shown}: {error}"),
            Ok(there) if !there.is_file() => format!("{shown} is no file"),
            Ok(there) => {
                // That a group has keys in common is customary.
                if is_secret && there.mode() & 0o027 != 0 {
                    let reason = format!(
                        "others can read the key {shown} or write it (mode {:03o}): run chmod 600 {shown}",
                        there.mode() & 0o777
                    );
                    self.warn(span.as_ref(), reason);
                }
                return true;
            }
        };
        self.error(span.as_ref(), problem);
        false
    }

    /// The identities that an endpoint admits.
    fn admitted(
        &mut self,
        list: &At<Vec<At<String>>>,
        listen: &Uri,
        authentication: Authentication,
        is_socket: bool,
        known: &Known<'_>,
    ) {
        if authentication == Authentication::None && !is_socket {
            self.error(
                Some(&list.span),
                format!("nobody shows who they are at {listen}: choose an `authentication`, or leave `identities` out"),
            );
        }
        if list.value.is_empty() {
            self.warn(Some(&list.span), "nobody may come in here");
        }
        let names = known.names();
        for At { value, span } in &list.value {
            if !names.contains(&value.as_str()) {
                let shown: String = value.chars().take(64).collect();
                let reason = format!(
                    "nobody is `{}`: there is no such [[identity]], and no token of that name{}",
                    shown.escape_debug(),
                    meant(&shown, names.iter().copied())
                );
                self.error(Some(span), reason);
                continue;
            }
            let rule = known.rules.iter().find(|rule| rule.name == *value);
            if authentication == Authentication::None
                && is_socket
                && rule.is_none_or(|rule| rule.uid.is_none())
            {
                self.warn(
                    Some(span),
                    format!("`{value}` cannot come in here: it has no `uid`, and tokens are not asked for"),
                );
            }
        }
    }

    /// Says of whom nothing lets in.
    fn everybody_can_come(
        &mut self,
        rules: &[IdentityRule],
        tokens: Option<&Tokens>,
        endpoints: &[Endpoint],
    ) {
        let socket =
            |endpoint: &Endpoint| matches!(endpoint.listen, Uri::Unix { .. } | Uri::Shm { .. });
        for rule in rules {
            let has_token =
                tokens.is_some_and(|tokens| tokens.identities().any(|name| name == rule.name));
            let by_user = rule.uid.is_some()
                && endpoints.iter().any(|endpoint| {
                    socket(endpoint) && endpoint.authentication != Authentication::Token
                });
            let by_certificate = rule.certificate.is_some()
                && endpoints.iter().any(|endpoint| endpoint.tls.is_some());
            if !has_token && !by_user && !by_certificate {
                let reason = format!(
                    "nothing shows that a client is `{}`: it has no token, and no endpoint asks for its certificate or user",
                    rule.name
                );
                self.warn(None, reason);
            }
        }
    }
}

/// What is said for all endpoints that are no tables.
struct Flat {
    insecure: bool,
    compression: Compression,
    keep_alive: KeepAlive,
    tls: Option<Files>,
    client_optional: bool,
}

impl Flat {
    /// What `tls://` and `wss://` are done with where an endpoint says nothing.
    fn tls_of(&self, listen: &Uri) -> Option<Files> {
        let tls = self.tls.clone();
        tls.filter(|_| listen.has_certificates())
    }

    fn draft(&self, listen: Uri, at: Option<Range<usize>>) -> Draft {
        Draft {
            tls: self.tls_of(&listen),
            client_optional: self.client_optional,
            listen,
            at,
            insecure: self.insecure,
            authentication: None,
            identities: None,
            mode: None,
            max_sessions: None,
            compression: self.compression,
            keep_alive: self.keep_alive,
            is_table: false,
        }
    }
}

/// An address by which other machines reach it, if they do.
fn reached(host: &str, port: u16) -> Result<Option<SocketAddr>, String> {
    let mut addresses = (host, port)
        .to_socket_addrs()
        .map_err(|error| format!("cannot find the addresses of {host}: {error}"))?;
    // ::ffff:127.0.0.1 too.
    Ok(addresses.find(|address| !address.ip().to_canonical().is_loopback()))
}

fn value<T>(at: Option<At<T>>) -> Option<T> {
    at.map(|at| at.value)
}

impl IdentityRule {
    /// Whether it is shown by a certificate with this name and this SHA-256 hash.
    pub fn is_shown_by(&self, name: &str, fingerprint: &[u8; 32]) -> bool {
        match &self.certificate {
            None => false,
            Some(CertificateName::Name(own)) => name == own,
            Some(CertificateName::Sha256(own)) => own == fingerprint,
        }
    }
}

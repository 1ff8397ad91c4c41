//! How a client reaches a server: which one, the greeting, and frames over a connection that may block.
//!
//! The client libraries and the command line share this. A [`Wire`] is for those that ask one thing at a time; the library
//! that carries a program's CUDA calls takes its [parts](Wire::into_parts) once the server has greeted.

mod hostile;
mod place;

pub use hostile::{answers, welcome};
pub use place::{Place, Way, first_of};

use std::cell::Cell;
use std::collections::VecDeque;
use std::fmt;
use std::io::{ErrorKind, IoSlice, IoSliceMut};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use pillion_cuda_abi::API_VERSION;
use pillion_protocol::command::session as op;
use pillion_protocol::{
    Encoder, HEADER_LEN, Header, Hello, Interface, Reply, ReplyHeader, Welcome,
};
use pillion_transport::tls::{ClientSettings, Identity, Trust};
use pillion_transport::ws::Proxies;
use pillion_transport::{ConnectOptions, Connection, Interest, KeepAlive, Uri};
use zerocopy::IntoBytes;

/// How long a server may take to accept.
const CONNECT: Duration = Duration::from_secs(10);
/// How long it may take to greet: it may have to start a worker.
pub const GREETING: Duration = Duration::from_secs(60);
/// Most characters of a program's name that a server is told.
const MAX_PROGRAM: usize = 256;

/// Why a server could not be asked, as a sentence.
#[derive(Debug)]
pub struct Error(pub String);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

/// A result that carries a sentence.
pub type Result<T> = std::result::Result<T, Error>;

/// A server that has greeted this process.
pub struct Reached {
    /// Where it was found.
    pub uri: Uri,
    /// The connection.
    pub wire: Wire,
    /// What it said.
    pub welcome: Welcome,
}

/// The first server of `PILLION_SERVER`, or of those where one listens by default, that welcomes this process, which greets so.
///
/// # Errors
///
/// Where none does: a sentence with the reason of each.
pub fn reach(hello: &Hello) -> Result<Reached> {
    let (places, mut reasons) = places();
    let reached = first_of(&places, |uri| {
        let mut wire = Wire::connect(uri, CONNECT)?;
        let welcome = wire.greet(hello)?;
        let uri = uri.clone();
        Ok(Reached { uri, wire, welcome })
    });
    reached.map_err(|Error(reason)| {
        reasons.push(reason);
        reasons.retain(|reason| !reason.is_empty());
        Error(format!(
            "no Pillion server can be reached ({}). Start one with `pillion serve`, or name one in PILLION_SERVER",
            reasons.join("; ")
        ))
    })
}

/// What `PILLION_SERVER` names, or where a server listens by default; and what of it cannot be understood, and why.
fn places() -> (Vec<Place>, Vec<String>) {
    let servers = std::env::var("PILLION_SERVER").unwrap_or_default();
    if servers.trim().is_empty() {
        return (Place::usual(), Vec::new());
    }
    let mut places = Vec::new();
    let mut reasons = Vec::new();
    for text in servers.split(',').map(str::trim) {
        match text.parse() {
            _ if text.is_empty() => {}
            Ok(place) => places.push(place),
            Err(error) => reasons.push(format!("{text}: {error}")),
        }
    }
    (places, reasons)
}

/// The greeting of this process: its program's name, and the token of `PILLION_TOKEN`.
pub fn hello() -> Hello {
    let program = std::env::args_os()
        .next()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    // The end of a path says more than its beginning.
    let skipped = program.chars().count().saturating_sub(MAX_PROGRAM);
    let program: String = program.chars().skip(skipped).collect();
    let token = std::env::var("PILLION_TOKEN").unwrap_or_default();
    Hello::new(API_VERSION, std::process::id(), &token, &program)
}

/// How this process comes to `tls://` and `wss://` servers, as `PILLION_TLS_CA`, `PILLION_TLS_PIN`, `PILLION_TLS_NAME`, `PILLION_TLS_CERT` and
/// `PILLION_TLS_KEY` say.
///
/// # Errors
///
/// Where they contradict each other or cannot be understood. Files are looked at by who connects.
pub fn tls() -> Result<ClientSettings> {
    tls_of(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
}

fn tls_of(variable: impl Fn(&str) -> Option<String>) -> Result<ClientSettings> {
    let path = |name| variable(name).map(PathBuf::from);
    let trust = match (path("PILLION_TLS_CA"), variable("PILLION_TLS_PIN")) {
        (None, None) => Trust::System,
        (Some(authorities), None) => Trust::Authorities(authorities),
        (None, Some(pin)) => Trust::Pin(
            pin.trim()
                .parse()
                .map_err(|error| Error(format!("PILLION_TLS_PIN: {error}")))?,
        ),
        (Some(_), Some(_)) => {
            return Err(Error(
                "PILLION_TLS_CA and PILLION_TLS_PIN are both set: unset the one that does not hold"
                    .to_string(),
            ));
        }
    };
    let mut settings = ClientSettings::new(trust);
    settings.identity = match (path("PILLION_TLS_CERT"), path("PILLION_TLS_KEY")) {
        (None, None) => None,
        (Some(certificate), Some(key)) => Some(Identity { certificate, key }),
        _ => {
            return Err(Error(
                "only one of PILLION_TLS_CERT and PILLION_TLS_KEY is set: a client's certificate needs both"
                    .to_string(),
            ));
        }
    };
    settings.name = variable("PILLION_TLS_NAME");
    Ok(settings)
}

/// After how long a silent server is dead, as `PILLION_DEAD_AFTER` says.
fn keep_alive() -> Result<KeepAlive> {
    match std::env::var("PILLION_DEAD_AFTER") {
        Ok(seconds) if !seconds.is_empty() => seconds
            .parse()
            .map_err(|error| Error(format!("PILLION_DEAD_AFTER: {error}"))),
        _ => Ok(KeepAlive::default()),
    }
}

/// Which proxies lead to `ws://` and `wss://` servers, as `PILLION_PROXY` says, or the variables that other programs look at.
///
/// # Errors
///
/// Where they cannot be understood.
pub fn proxies() -> Result<Proxies> {
    Proxies::of(|name| std::env::var(name).ok()).map_err(Error)
}

/// Frames over a connection, blocking.
pub struct Wire {
    uri: String,
    connection: Connection,
    output: VecDeque<Vec<u8>>,
    sent: usize,
    input: Vec<u8>,
    have: usize,
}

impl Wire {
    /// Connects to the server at `uri`.
    ///
    /// # Errors
    ///
    /// Where nobody accepts in time.
    pub fn connect(uri: &Uri, timeout: Duration) -> Result<Self> {
        let mut options = ConnectOptions::new(timeout).keep_alive(keep_alive()?);
        if uri.has_certificates() {
            options = options.tls(tls()?);
        }
        if uri.may_have_proxies() {
            options = options.proxies(proxies()?);
        }
        let connection = pillion_transport::connect_with(uri, &options)
            .map_err(|error| Error(error.to_string()))?;
        Ok(Self::over(uri.to_string(), connection))
    }

    /// A connection that is there, to a server that errors call `uri`.
    fn over(uri: String, connection: Connection) -> Self {
        Wire {
            uri,
            connection,
            output: VecDeque::new(),
            sent: 0,
            input: vec![0; 64 << 10],
            have: 0,
        }
    }

    /// Opens a session.
    ///
    /// # Errors
    ///
    /// Where the server refuses, or is none.
    pub fn greet(&mut self, hello: &Hello) -> Result<Welcome> {
        let body = self.greeting(hello);
        self.queue(
            Header::new(Interface::Session, op::HELLO, body.len(), 0, 0, 0),
            body,
        );
        let told = Cell::new(0);
        let uri = self.uri.clone();
        let welcome = self.reply(GREETING, |reply| match reply {
            Reply::Welcome(body) => Some(Welcome::decode(body)),
            Reply::Queued { position } => {
                if told.replace(position) != position {
                    eprintln!("pillion: waiting for a place on the GPUs of {uri}: number {position} in its queue");
                }
                None
            }
            _ => None,
        })?;
        let welcome = welcome.map_err(|violation| {
            self.error(format_args!(
                "greets in a way that is not understood: {violation}"
            ))
        })?;
        welcome.check().map_err(|reason| self.error(reason))?;
        Ok(welcome)
    }

    /// A greeting as it may be told to this server: without its token where somebody in between could hear it.
    pub fn greeting(&self, hello: &Hello) -> Vec<u8> {
        let mut hello = hello.clone();
        // [`Wire::greet`] does.
        hello.waits = true;
        if !self.connection.peer.is_private() {
            hello.token.clear();
        }
        let mut body = Vec::new();
        hello.encode(&mut Encoder::new(&mut body));
        body
    }

    /// The connection, and the bytes that were received beyond what was asked for. What is queued must have been sent.
    pub fn into_parts(self) -> (Connection, Vec<u8>) {
        let mut rest = self.input;
        rest.truncate(self.have);
        (self.connection, rest)
    }

    /// A sentence about this server.
    pub fn error(&self, what: impl fmt::Display) -> Error {
        Error(format!("{} {what}", self.uri))
    }

    /// Puts a frame behind those that are to be sent.
    pub fn queue(&mut self, header: Header, body: Vec<u8>) {
        let mut frame = header.as_bytes().to_vec();
        frame.extend_from_slice(&body);
        self.output.push_back(frame);
    }

    /// Whether all that was queued is sent.
    pub fn is_sent(&self) -> bool {
        self.output.is_empty()
    }

    /// Sends what fits.
    ///
    /// # Errors
    ///
    /// Where the connection is broken in a way that leaves nothing to read either.
    pub fn send(&mut self) -> Result<()> {
        while let Some(frame) = self.output.front() {
            match self
                .connection
                .sender
                .try_send(&[IoSlice::new(&frame[self.sent..])])
            {
                Ok(n) => {
                    self.sent += n;
                    if self.sent == frame.len() {
                        self.output.pop_front();
                        self.sent = 0;
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => {
                    // It may have said why before it closed.
                    self.output.clear();
                    self.sent = 0;
                    if !matches!(
                        error.kind(),
                        ErrorKind::BrokenPipe | ErrorKind::ConnectionReset
                    ) {
                        return Err(self.error(format_args!("cannot be written to: {error}")));
                    }
                }
            }
        }
        Ok(())
    }

    /// The next reply that `take` wants. Sends meanwhile.
    ///
    /// # Errors
    ///
    /// Where the server ends the session, says nothing for as long as `patience`, or speaks something else.
    pub fn reply<T>(
        &mut self,
        patience: Duration,
        take: impl Fn(Reply<'_>) -> Option<T>,
    ) -> Result<T> {
        let mut deadline = Instant::now() + patience;
        loop {
            self.send()?;
            while let Some(header) = self.input[..self.have].first_chunk::<HEADER_LEN>() {
                let not_pillion = |_| {
                    self.error(match self.input.starts_with(b"HTTP/1.") {
                        true => "speaks HTTP: write ws:// in front",
                        false => "does not speak Pillion: check the address",
                    })
                };
                let header = ReplyHeader::parse(header).map_err(not_pillion)?;
                let whole = HEADER_LEN + header.len.get() as usize;
                if self.have < whole {
                    if self.input.len() < whole {
                        self.input.resize(whole, 0);
                    }
                    break;
                }
                let reply =
                    Reply::decode(&header, &self.input[HEADER_LEN..whole]).map_err(not_pillion)?;
                if let Reply::End { reason } = reply {
                    return Err(self.error(format_args!("refuses: {reason}")));
                }
                let taken = take(reply);
                self.input.copy_within(whole..self.have, 0);
                self.have -= whole;
                if let Some(taken) = taken {
                    return Ok(taken);
                }
            }
            match self
                .connection
                .receiver
                .try_recv(&mut [IoSliceMut::new(&mut self.input[self.have..])])
            {
                // A TLS alert: what servers of it answer to anything else.
                Ok(0) if self.input[..self.have].starts_with(&[21, 3]) => {
                    return Err(self.error("speaks TLS: write tls:// in front"));
                }
                Ok(0) => return Err(self.error("closed the connection")),
                Ok(n) => {
                    self.have += n;
                    deadline = Instant::now() + patience;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return Err(self.error(format_args!(
                            "said nothing for {} seconds",
                            patience.as_secs()
                        )));
                    }
                    let interest = if self.output.is_empty() {
                        Interest::READABLE
                    } else {
                        Interest::BOTH
                    };
                    match self.connection.poller.wait(interest, None, Some(left)) {
                        Err(error) if error.kind() != ErrorKind::Interrupted => {
                            return Err(self.error(format_args!("cannot be waited for: {error}")));
                        }
                        _ => {}
                    }
                }
                Err(error) => return Err(self.error(format_args!("cannot be read from: {error}"))),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pillion_transport::{Script, scripted};

    #[test]
    fn a_token_is_told_to_nobody_who_is_not_meant() {
        for (local, encrypted, told) in [
            (true, false, true),
            (false, true, true),
            (false, false, false),
        ] {
            let (mut connection, _) = scripted(Script::new(Vec::new()));
            (connection.peer.local, connection.peer.encrypted) = (local, encrypted);
            let wire = Wire::over("somewhere".to_string(), connection);
            let hello = Hello::new(API_VERSION, 1, "a-token-that-is-long", "test");
            let heard = Hello::decode(&wire.greeting(&hello)).unwrap();
            assert_eq!(heard.token.is_empty(), !told);
        }
    }

    #[test]
    fn the_environment_says_whom_to_trust() {
        let of = |set: &[(&str, &str)]| {
            tls_of(|name| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| value.to_string())
            })
        };
        assert_eq!(of(&[]).unwrap().trust, Trust::System);
        let settings = of(&[
            ("PILLION_TLS_CA", "/ca.pem"),
            ("PILLION_TLS_NAME", "gpu"),
            ("PILLION_TLS_CERT", "/me.pem"),
            ("PILLION_TLS_KEY", "/me.key"),
        ])
        .unwrap();
        assert_eq!(settings.trust, Trust::Authorities("/ca.pem".into()));
        assert_eq!(settings.name.as_deref(), Some("gpu"));
        assert_eq!(settings.identity.unwrap().key, PathBuf::from("/me.key"));
        let pin = format!("sha256:{}", "0f".repeat(32));
        assert!(matches!(
            of(&[("PILLION_TLS_PIN", &pin)]).unwrap().trust,
            Trust::Pin(pin) if pin.0 == [15; 32]
        ));
        for (wrong, word) in [
            (&[("PILLION_TLS_PIN", "sha256:0")][..], "PILLION_TLS_PIN"),
            (
                &[("PILLION_TLS_CA", "/ca"), ("PILLION_TLS_PIN", &pin)],
                "both",
            ),
            (&[("PILLION_TLS_CERT", "/me.pem")], "only one"),
        ] {
            let error = of(wrong).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}

//! A small client: enough of the protocol to ask a server about itself. Programs use the client library.

use std::collections::VecDeque;
use std::fmt;
use std::io::{ErrorKind, IoSlice, IoSliceMut};
use std::time::{Duration, Instant};

use pillion_cuda_abi::{API_VERSION, CUresult};
use pillion_protocol::command::session as op;
use pillion_protocol::{
    Encoder, HEADER_LEN, Header, Hello, Interface, MAX_BODY, Reply, ReplyHeader, Welcome,
};
use pillion_server::broker::Status;
use pillion_transport::{Connection, Interest, Uri, connect};
use zerocopy::IntoBytes;

/// How long a server may take to accept.
const CONNECT: Duration = Duration::from_secs(5);
/// How long it may take to greet: it may have to start a worker.
const GREETING: Duration = Duration::from_secs(60);
/// How long it may keep still afterwards.
const SILENCE: Duration = Duration::from_secs(30);
/// Most bytes of a [`Session::echo`]: an answer has its status besides.
pub const MAX_ECHO: usize = MAX_BODY - 8;

/// Why a server could not be asked, as a sentence.
#[derive(Debug)]
pub struct Error(String);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

type Result<T> = std::result::Result<T, Error>;

/// A session with a server.
pub struct Session {
    wire: Wire,
    sequence: u64,
    /// What the server said.
    pub welcome: Welcome,
}

/// Opens a session with the first of `uris` that welcomes us; says which.
pub fn open_first(uris: &[Uri]) -> Result<(Uri, Session)> {
    let mut reasons = Vec::new();
    for uri in uris {
        match Session::open(uri) {
            Ok(session) => return Ok((uri.clone(), session)),
            Err(error) => reasons.push(error.to_string()),
        }
    }
    Err(Error(format!(
        "{}. Start a server with `pillion serve`, or name one with --server or PILLION_SERVER",
        reasons.join("; ")
    )))
}

/// The state of the server at `uri`, which has to be its Unix socket.
pub fn status(uri: &Uri) -> Result<Status> {
    let mut wire = Wire::connect(uri)?;
    wire.queue(
        Header::new(Interface::Session, op::STATUS, 0, 0, 0, 0),
        Vec::new(),
    );
    let body = wire.reply(GREETING, |reply| match reply {
        Reply::Answer {
            status: CUresult::CUDA_SUCCESS,
            body,
        } => Some(body.to_vec()),
        _ => None,
    })?;
    serde_json::from_slice(&body).map_err(|error| {
        Error(format!(
            "{uri} answers in a way that is not understood: {error}"
        ))
    })
}

impl Session {
    /// Greets the server at `uri`, with the token of `PILLION_TOKEN`.
    pub fn open(uri: &Uri) -> Result<Self> {
        let mut wire = Wire::connect(uri)?;
        let token = std::env::var("PILLION_TOKEN").unwrap_or_default();
        let mut body = Vec::new();
        Hello::new(API_VERSION, std::process::id(), &token, "pillion")
            .encode(&mut Encoder::new(&mut body));
        wire.queue(
            Header::new(Interface::Session, op::HELLO, body.len(), 0, 0, 0),
            body,
        );
        let welcome = wire.reply(GREETING, |reply| match reply {
            Reply::Welcome(body) => Some(Welcome::decode(body)),
            _ => None,
        })?;
        let welcome = welcome.map_err(|violation| {
            Error(format!(
                "{uri} greets in a way that is not understood: {violation}"
            ))
        })?;
        Ok(Session {
            wire,
            sequence: 0,
            welcome,
        })
    }

    /// Sends `len` bytes `count` times without waiting in between, and takes them back. Returns how long that took.
    pub fn echo(&mut self, len: usize, count: usize) -> Result<Duration> {
        let begun = Instant::now();
        let mut asked = 0;
        let mut answered = 0;
        while answered < count {
            // So many on the way keep the line full both ways, and bound what is held here.
            while asked < count && asked - answered < 8 {
                self.sequence += 1;
                let body = vec![asked as u8; len];
                self.wire.queue(
                    Header::new(Interface::Session, op::PING, len, self.sequence, 0, 0),
                    body,
                );
                asked += 1;
            }
            let expected = answered as u8;
            let whole = self.wire.reply(SILENCE, |reply| match reply {
                Reply::Answer {
                    status: CUresult::CUDA_SUCCESS,
                    body,
                } => Some(
                    body.len() == len
                        && body.first().is_none_or(|&b| b == expected)
                        && body.last().is_none_or(|&b| b == expected),
                ),
                _ => None,
            })?;
            if !whole {
                return Err(self.wire.error("returned other bytes than were sent to it"));
            }
            answered += 1;
        }
        Ok(begun.elapsed())
    }

    /// Ends the session.
    pub fn close(mut self) {
        self.sequence += 1;
        self.wire.queue(
            Header::new(Interface::Session, op::GOODBYE, 0, self.sequence, 0, 0),
            Vec::new(),
        );
        // The server frees everything also when the connection closes.
        let deadline = Instant::now() + Duration::from_secs(1);
        while !self.wire.output.is_empty() && Instant::now() < deadline {
            if self.wire.send().is_err() {
                return;
            }
        }
    }
}

/// Frames over a connection, blocking.
struct Wire {
    uri: String,
    connection: Connection,
    output: VecDeque<Vec<u8>>,
    sent: usize,
    input: Vec<u8>,
    have: usize,
}

impl Wire {
    fn connect(uri: &Uri) -> Result<Self> {
        let connection = connect(uri, CONNECT).map_err(|error| Error(error.to_string()))?;
        Ok(Wire {
            uri: uri.to_string(),
            connection,
            output: VecDeque::new(),
            sent: 0,
            input: vec![0; 64 << 10],
            have: 0,
        })
    }

    fn error(&self, what: impl fmt::Display) -> Error {
        Error(format!("{} {what}", self.uri))
    }

    fn queue(&mut self, header: Header, body: Vec<u8>) {
        let mut frame = header.as_bytes().to_vec();
        frame.extend_from_slice(&body);
        self.output.push_back(frame);
    }

    /// Sends what fits.
    fn send(&mut self) -> Result<()> {
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
    fn reply<T>(&mut self, patience: Duration, take: impl Fn(Reply<'_>) -> Option<T>) -> Result<T> {
        let mut deadline = Instant::now() + patience;
        loop {
            self.send()?;
            while let Some(header) = self.input[..self.have].first_chunk::<HEADER_LEN>() {
                let not_pillion = |_| self.error("does not speak Pillion: check the address");
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
                    let waited = self.connection.poller.wait(interest, None, Some(left));
                    waited.map_err(|error| {
                        self.error(format_args!("cannot be waited for: {error}"))
                    })?;
                }
                Err(error) => return Err(self.error(format_args!("cannot be read from: {error}"))),
            }
        }
    }
}

//! A small client: enough of the protocol to ask a server about itself. Programs use the client library.

use std::time::{Duration, Instant};

use pillion_cuda_abi::{API_VERSION, CUresult};
pub use pillion_dial::Error;
use pillion_dial::{GREETING, Place, Result, Wire, first_of};
use pillion_protocol::command::session as op;
use pillion_protocol::{Encoder, Header, Hello, Interface, MAX_BODY, Reply, Welcome};
use pillion_server::broker::{Done, Order, Status};
use pillion_transport::Uri;
use serde::de::DeserializeOwned;

/// How long a server may take to accept.
const CONNECT: Duration = Duration::from_secs(5);
/// How long it may keep still afterwards.
const SILENCE: Duration = Duration::from_secs(30);
/// Most bytes of a [`Session::echo`]: an answer has its status besides.
pub const MAX_ECHO: usize = MAX_BODY - 8;

/// A session with a server.
pub struct Session {
    wire: Wire,
    sequence: u64,
    /// What the server said.
    pub welcome: Welcome,
}

/// Opens a session with the first of `places` that welcomes us; says by which way.
pub fn open_first(places: &[Place]) -> Result<(Uri, Session)> {
    let opened = first_of(places, |uri| Ok((uri.clone(), Session::open(uri)?)));
    opened.map_err(|reasons| {
        Error(format!(
            "{reasons}. Start a server with `pillion serve`, or name one with --server or PILLION_SERVER"
        ))
    })
}

/// The state of the server at `uri`: its Unix socket, or elsewhere if `PILLION_TOKEN` has one for administration.
pub fn status(uri: &Uri) -> Result<Status> {
    let wire = Wire::connect(uri, CONNECT)?;
    let token = std::env::var("PILLION_TOKEN").unwrap_or_default();
    let body = match token.is_empty() {
        true => Vec::new(),
        false => wire.greeting(&hello(&token)),
    };
    ask(wire, op::STATUS, body)
}

/// Has the server at `uri` do something: over its Unix socket, or elsewhere if `PILLION_TOKEN` has one for it.
pub fn order(uri: &Uri, order: &Order) -> Result<Done> {
    let wire = Wire::connect(uri, CONNECT)?;
    let token = std::env::var("PILLION_TOKEN").unwrap_or_default();
    let order = serde_json::to_vec(order)
        .map_err(|error| Error(format!("the order cannot be written: {error}")))?;
    let mut body = Vec::new();
    let mut encoder = Encoder::new(&mut body);
    encoder.bytes(&wire.greeting(&hello(&token)));
    encoder.rest(&order);
    ask(wire, op::ORDER, body)
}

fn hello(token: &str) -> Hello {
    Hello::new(API_VERSION, std::process::id(), token, "pillion")
}

/// What the broker answers with JSON.
fn ask<T: DeserializeOwned>(mut wire: Wire, opcode: u16, body: Vec<u8>) -> Result<T> {
    wire.queue(
        Header::new(Interface::Session, opcode, body.len(), 0, 0, 0),
        body,
    );
    let body = wire.reply(GREETING, |reply| match reply {
        Reply::Answer {
            status: CUresult::CUDA_SUCCESS,
            body,
        } => Some(body.to_vec()),
        _ => None,
    })?;
    serde_json::from_slice(&body).map_err(|error| {
        wire.error(format_args!(
            "answers in a way that is not understood: {error}"
        ))
    })
}

impl Session {
    /// Greets the server at `uri`, with the token of `PILLION_TOKEN`.
    pub fn open(uri: &Uri) -> Result<Self> {
        let mut wire = Wire::connect(uri, CONNECT)?;
        let token = std::env::var("PILLION_TOKEN").unwrap_or_default();
        let welcome = wire.greet(&Hello {
            only_asks: true,
            ..Hello::new(API_VERSION, std::process::id(), &token, "pillion")
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
        while !self.wire.is_sent() && Instant::now() < deadline {
            if self.wire.send().is_err() {
                return;
            }
        }
    }
}

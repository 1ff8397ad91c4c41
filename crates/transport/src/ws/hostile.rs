//! What a peer without manners may send, for fuzzing and for tests that damage what is right.

use super::frame::{Inbound, Step, Wanted};
use super::http::{self, Asked, Partial, Question};
use super::stream;
use crate::handoff::Handoff;

/// Reads frames. The first byte says of whom, and how they are cut into pieces. Whatever the pieces, the same comes of it.
pub fn frames(bytes: &[u8]) {
    let Some((how, bytes)) = bytes.split_first() else {
        return;
    };
    let read = |piece: usize| {
        let mut inbound = Inbound::new(how & 1 == 0);
        let (mut rest, mut got) = (bytes, Vec::new());
        while !rest.is_empty() && !inbound.ended {
            match inbound.wanted() {
                Wanted::Data(left) => {
                    let left = usize::try_from(left).unwrap_or(usize::MAX);
                    let n = rest.len().min(piece).min(left);
                    let start = got.len();
                    got.extend_from_slice(&rest[..n]);
                    inbound.mask.apply(&mut got[start..]);
                    inbound.took(n);
                    rest = &rest[n..];
                }
                Wanted::Frame(wanted) => {
                    let n = rest.len().min(piece).min(wanted);
                    assert!(n > 0, "something is always wanted");
                    match inbound.feed(&rest[..n]) {
                        Ok(Step::Ping) => assert!(inbound.control().len() <= 125),
                        Ok(_) => {}
                        Err(error) => {
                            assert!(!error.to_string().is_empty());
                            return (got, true);
                        }
                    }
                    rest = &rest[n..];
                }
            }
            let again = Inbound::decode(&inbound.encode());
            assert_eq!(again.map(|again| again.encode()), Some(inbound.encode()));
        }
        (got, false)
    };
    let (got, failed) = read(usize::MAX);
    assert!(got.len() <= bytes.len());
    assert_eq!(read(usize::from(how >> 1) + 1), (got, failed));
}

/// Reads a head, as a server that is asked and as a client that is answered.
pub fn heads(bytes: &[u8]) {
    let mut head = Partial::default();
    for byte in bytes {
        match head.push(*byte) {
            Ok(false) => {}
            Ok(true) => break,
            Err(_) => return,
        }
    }
    let head = head.as_bytes();
    assert!(head.len() <= http::MAX_HEAD);
    match http::asked(head, "/gpu") {
        Asked::WebSocket { accept, .. } => {
            let text = String::from_utf8_lossy(head);
            assert!(text.starts_with("GET /gpu HTTP/1.1\r\n") && accept.len() == 28);
            assert!(!text.to_ascii_lowercase().contains("\r\ntransfer-encoding:"));
        }
        Asked::Health { .. } => {}
        Asked::Nothing { status, reason } => {
            let answer = http::answer(status, reason, true);
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")));
        }
    }
    if let Ok(question) = Question::new("gpu", "/gpu") {
        // Nobody guesses the answer.
        let error = question
            .check(head)
            .expect_err("it has not seen the question");
        assert!(!error.to_string().is_empty());
    }
    let _ = http::tunneled(head);
}

/// Takes over a connection whose state is `bytes`, the first of which says by which scheme.
pub fn handoff(bytes: &[u8]) {
    let Some((how, bytes)) = bytes.split_first() else {
        return;
    };
    let Ok((socket, _peer)) = std::os::unix::net::UnixStream::pair() else {
        return;
    };
    let scheme = if how & 1 == 0 { "ws" } else { "wss" };
    let _ = stream::adopt(
        scheme,
        Handoff {
            scheme: scheme.to_owned(),
            fds: vec![socket.into()],
            state: bytes.to_vec().into(),
        },
    );
}

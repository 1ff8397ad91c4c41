//! What a peer without manners may send, for fuzzing and for tests that damage what is right.

use super::record::{DATA, Gather, Inbound, Keys, Outbound, Step, Suite};
use super::stream;
use crate::handoff::Handoff;
use std::io::IoSlice;

/// Reads records that begin as `bytes` say: the first byte says how they are cut into pieces and whether they are sealed, so that
/// what is inside is looked at, or taken as they are.
pub fn records(bytes: &[u8]) {
    let Some((how, bytes)) = bytes.split_first() else {
        return;
    };
    let suite = [Suite::Aes128, Suite::Aes256, Suite::ChaCha][usize::from(how >> 2) % 3];
    let secret = [7; 48];
    let keys = || Keys::new(suite, &secret[..suite.secret_len()], 0, 1 << 20);
    let (Some(ours), Some(theirs)) = (keys(), keys()) else {
        return;
    };
    let mut sent = Vec::new();
    let mut expected = Vec::new();
    if how & 1 == 0 {
        sent.extend_from_slice(bytes);
    } else {
        // Each message is a kind, a length and as many bytes: genuine records with anything inside.
        let mut outbound = Outbound::new(ours);
        let mut rest = bytes;
        while let Some((&[kind, length], more)) = rest.split_first_chunk() {
            let (message, more) = more.split_at(usize::from(length).min(more.len()));
            if kind == DATA && !message.is_empty() {
                expected.extend_from_slice(message);
                let bufs = [IoSlice::new(message)];
                sent.extend_from_slice(outbound.data(&mut Gather::new(&bufs), message.len()));
            } else {
                sent.extend_from_slice(&outbound.message(kind, message));
                // Zeros at the end are padding, and the kind is what is before them.
                let end = message.iter().rposition(|byte| *byte != 0);
                if let (0, Some(end)) = (kind, end)
                    && message[end] == DATA
                {
                    expected.extend_from_slice(&message[..end]);
                }
            }
            rest = more;
        }
    }
    let mut inbound = Inbound::new(theirs, how & 2 == 0);
    let mut got = Vec::new();
    let mut pieces = sent.chunks(usize::from(how >> 4) * 97 + 1);
    loop {
        match inbound.next() {
            Ok(Step::Data) => {
                got.extend_from_slice(inbound.plain());
                inbound.take(inbound.plain().len());
            }
            Ok(Step::Idle | Step::UpdateKeys) => {}
            Ok(Step::End) => {
                assert!(inbound.ended && inbound.has_something());
                break;
            }
            Ok(Step::Nothing) => {
                assert!(!inbound.has_something());
                let Some(mut piece) = pieces.next() else {
                    break;
                };
                while !piece.is_empty() {
                    let room = inbound.room();
                    let n = room.len().min(piece.len());
                    assert!(n > 0, "there is always room for a record");
                    room[..n].copy_from_slice(&piece[..n]);
                    inbound.arrived(n);
                    piece = &piece[n..];
                }
            }
            Err(error) => {
                assert!(!error.to_string().is_empty());
                break;
            }
        }
    }
    // Nothing is made up: without the keys nothing comes through, with them what was sealed, in order.
    assert!(expected.starts_with(&got));
}

/// Takes over a connection whose state is `bytes`.
pub fn handoff(bytes: &[u8]) {
    let Ok((socket, _peer)) = std::os::unix::net::UnixStream::pair() else {
        return;
    };
    let _ = stream::adopt(Handoff {
        scheme: "tls".to_owned(),
        fds: vec![socket.into()],
        state: bytes.to_vec().into(),
    });
}

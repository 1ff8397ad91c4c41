//! What a hostile server can say to a client: the entry of fuzzing.

use std::sync::Arc;

use pillion_protocol::{HEADER_LEN, Interface, Opcodes, ReplyHeader};
use pillion_transport::{Script, scripted};

use crate::link::{Destination, Link, Place, Watch};
use crate::log;

/// Bytes around memory that a server may write to.
const GUARD: usize = 64;
const UNTOUCHED: u8 = 0xa5;
/// The number on the wire of text that the device printed, and of data.
const OUTPUT: u16 = 6;
const DATA: u16 = 3;

/// Memory of a program's, and what lies around it.
struct Guarded(Vec<u8>);

impl Guarded {
    fn new(len: usize) -> Self {
        Guarded(vec![UNTOUCHED; len + 2 * GUARD])
    }

    fn place(&mut self) -> Place {
        Place(self.0[GUARD..].as_mut_ptr())
    }

    fn check(&self) {
        let (before, rest) = self.0.split_at(GUARD);
        let behind = &rest[rest.len() - GUARD..];
        let whole = before.iter().chain(behind).all(|byte| *byte == UNTOUCHED);
        assert!(whole, "a server wrote beside the memory of a copy");
    }
}

/// A session whose server says `bytes`, the first of which says in which pieces they come. There are copies to memory of several
/// forms, a query and calls. Nothing may panic or wait for ever, and nothing but that memory may be written.
pub fn replies(bytes: &[u8]) {
    log::silence();
    let Some((how, bytes)) = bytes.split_first() else {
        return;
    };
    let mut script = Script::new(quiet(bytes));
    script.piece = [usize::MAX, 1, 40, 1000][usize::from(how & 3)];
    script.lingers = usize::from(how >> 2 & 3);
    let (connection, _) = scripted(script);
    let Ok(link) = Link::new(connection, Vec::new(), Opcodes::all()) else {
        return;
    };
    let mut memory = [Guarded::new(100), Guarded::new(200), Guarded::new(5000)];
    let [linear, rows, large] = &mut memory;
    let linear = Destination::Linear {
        start: linear.place(),
        len: 100,
    };
    // Six rows of nine bytes, with gaps.
    let rows = Destination::Rows {
        start: rows.place(),
        width: 9,
        height: 3,
        depth: 2,
        pitch: 16,
        slice: 100,
    };
    let large = Destination::Linear {
        start: large.place(),
        len: 5000,
    };
    let watch = Arc::new(Watch::default());
    // Commands 1 and 2 are copies that nobody waits for, 3 a query, 4 a copy, then calls until the server has said all.
    let _ = link.post_into(31, linear, |_| Ok(()));
    let _ = link.post_into(31, rows, |_| Ok(()));
    let _ = link.call_into(Interface::Cuda, 8, None, Some(watch.clone()), |_| Ok(()));
    let _ = link.call_into(Interface::Cuda, 31, Some(large), None, |_| Ok(()));
    let mut calls = 0;
    while link.check_sticky().is_ok() && calls < 100 {
        link.look();
        let _ = link.check();
        let _ = link.call(Interface::Cuda, 7, |_| Ok(()));
        calls += 1;
    }
    // Whatever is under way when a session is lost has come to an end.
    if !link.is_well() {
        assert!(!link.has_arrivals());
        assert!(watch.finished().is_some());
        link.settle(0, usize::MAX);
    }
    drop(link);
    memory.iter().for_each(Guarded::check);
}

/// Text of the device goes to the standard output of this very process: a hostile server prints nothing here.
fn quiet(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let mut at = 0;
    while let Some(head) = bytes.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
        let Ok(mut header) = ReplyHeader::parse(head) else {
            break;
        };
        if header.kind.get() == OUTPUT {
            header.kind = DATA.into();
            *head = zerocopy::transmute!(header);
        }
        at += HEADER_LEN + header.len.get() as usize;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use pillion_cuda_abi::CUresult;
    use pillion_protocol::Reply;
    use proptest::prelude::*;

    /// A reply that a client might believe, to one of its commands.
    fn reply() -> impl Strategy<Value = Vec<u8>> {
        let body = proptest::collection::vec(any::<u8>(), 0..120);
        let status = prop::sample::select(vec![0, 0, 1, 600, 700, 999]);
        let offset = prop_oneof![0..130u64, any::<u64>(), Just(u64::MAX - 3)];
        (0..8u8, 0..8u64, status, offset, body).prop_map(|(kind, answers, status, offset, body)| {
            let mut frame = Vec::new();
            let status = CUresult(status);
            let reply = match kind {
                0 | 1 => Reply::Answer {
                    status,
                    body: &body,
                },
                2..=4 => Reply::Data {
                    offset,
                    bytes: &body,
                },
                5 => Reply::Completed { status },
                6 => Reply::AsyncError { status },
                _ => Reply::Call {
                    call: offset,
                    turn: answers,
                },
            };
            reply.encode(1, answers, &mut frame);
            frame
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn replies_do_no_harm(
            how in any::<u8>(),
            frames in proptest::collection::vec(reply(), 0..12),
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut bytes = frames.concat();
            bytes.insert(0, how);
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if how & 0x80 != 0 {
                bytes.truncate(cut.index(bytes.len()) + 1);
            }
            replies(&bytes);
        }

        #[test]
        fn random_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            replies(&bytes);
        }
    }
}

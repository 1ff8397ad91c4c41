//! What goes over the control connection: the bytes from before the two sides have met in UCX, and the words about that.
//!
//! Each side begins with [`MAGIC`]; then come frames: a kind, a length as `u32` (little endian), so many bytes.

use super::library::Version;
use std::collections::VecDeque;
use std::io;

/// What each side begins with. Its number stands for what both sides have to agree on, here and in what they ask of UCX.
const MAGIC: [u8; 8] = *b"PLNUCX02";
/// What all of them have begun with.
const KIND: &[u8] = b"PLNUCX";
/// Bytes of the stream.
const DATA: u8 = 0;
/// A side's [`Introduction`]. What follows of its stream goes over UCX.
const INTRODUCTION: u8 = 1;
/// A side's stream ends after so many bytes over UCX.
const END: u8 = 2;
/// All of the peer's stream has arrived.
const ARRIVED: u8 = 3;

const HEADER: usize = 5;
/// Most bytes of the stream in one frame.
pub(crate) const MOST_DATA: usize = 4 << 10;
/// Most bytes of the stream that a side sends this way: a greeting, or why there is none.
pub(crate) const MOST_BEFORE: usize = 128 << 10;
/// Bytes of the stream that are held before the connection is where it stays: no more is read then.
const HELD: usize = 8 << 10;
/// Most bytes that a worker's address may have: some hundred for each of a machine's network devices.
pub(crate) const MOST_ADDRESS: usize = 32 << 10;
/// Bytes of an introduction before the address: the cookie, the ring's length, UCX's version, whether there may be RDMA.
const BEFORE_ADDRESS: usize = 16 + 4 + 3 + 1;
/// What a receive ring may have.
pub(crate) const WINDOWS: std::ops::RangeInclusive<usize> = 64 << 10..=64 << 20;
/// What messages show that they are from whom the control connection leads to.
pub(crate) type Cookie = [u8; 16];

/// By what a side is reached over UCX.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Introduction {
    /// What its peer's messages have to show.
    pub(crate) cookie: Cookie,
    /// Bytes of its receive ring, a power of two.
    pub(crate) window: usize,
    /// Of UCX.
    pub(crate) version: Version,
    /// It may have RDMA.
    pub(crate) fetches: bool,
    /// Its worker's address.
    pub(crate) address: Vec<u8>,
}

/// What the peer has said so far.
#[derive(Debug, Default)]
pub(crate) struct Inbound {
    greeted: bool,
    /// The beginning of a frame.
    raw: Vec<u8>,
    /// Bytes of the stream that nobody has received.
    pub(crate) data: VecDeque<u8>,
    introduced: bool,
    /// The peer's, until it is taken.
    pub(crate) introduction: Option<Introduction>,
    /// Bytes of the peer's stream that go over UCX, once it has ended.
    pub(crate) end: Option<u64>,
    /// The peer has all that was sent.
    pub(crate) arrived: bool,
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

impl Inbound {
    /// Whether more may be read. Who has `begun` with UCX holds all that a peer may say before it introduces itself: whoever waits for that
    /// in order to send must not have to receive first.
    pub(crate) fn has_room(&self, begun: bool) -> bool {
        match begun {
            true => self.data.len() <= MOST_BEFORE,
            false => self.data.len() < HELD,
        }
    }

    /// Takes what has come.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.raw.extend_from_slice(bytes);
        let mut rest = &self.raw[..];
        if !self.greeted {
            let (magic, after) = match rest.split_first_chunk::<8>() {
                Some(split) => split,
                None if MAGIC.starts_with(rest) => return Ok(()),
                None => return Err(invalid("the peer does not speak ucx://")),
            };
            if *magic != MAGIC {
                return Err(invalid(match magic.starts_with(KIND) {
                    true => {
                        "the peer speaks another version of ucx://: client and server have to be of the same age"
                    }
                    false => "the peer does not speak ucx://",
                }));
            }
            self.greeted = true;
            rest = after;
        }
        while let Some((&[kind, a, b, c, d], after)) = rest.split_first_chunk::<HEADER>() {
            let length = u32::from_le_bytes([a, b, c, d]) as usize;
            let most = match kind {
                DATA => MOST_DATA,
                INTRODUCTION => MOST_ADDRESS + BEFORE_ADDRESS,
                END => 8,
                ARRIVED => 0,
                _ => return Err(invalid("a frame of no kind that there is")),
            };
            if length > most {
                return Err(invalid("a frame is longer than it may be"));
            }
            let Some((body, after)) = after.split_at_checked(length) else {
                break;
            };
            match kind {
                DATA if self.introduced || self.end.is_some() => {
                    return Err(invalid("bytes of the stream come the wrong way"));
                }
                DATA => self.data.extend(body),
                INTRODUCTION if self.introduced => {
                    return Err(invalid("the peer introduces itself twice"));
                }
                INTRODUCTION => {
                    self.introduction = Some(introduction(body)?);
                    self.introduced = true;
                }
                END if self.end.is_some() => return Err(invalid("the stream ends twice")),
                END => {
                    let end = body
                        .first_chunk()
                        .ok_or_else(|| invalid("an end of no place"))?;
                    self.end = Some(u64::from_le_bytes(*end));
                }
                _ => self.arrived = true,
            }
            rest = after;
        }
        let left = rest.len();
        self.raw.drain(..self.raw.len() - left);
        Ok(())
    }

    /// As bytes, for another process. Nothing of UCX may have been begun.
    pub(crate) fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.push(u8::from(self.greeted));
        for part in [&self.raw, &self.data.iter().copied().collect()] {
            bytes.extend_from_slice(&(part.len() as u32).to_le_bytes());
            bytes.extend_from_slice(part);
        }
    }

    /// The reverse of [`Inbound::encode`], from the beginning of `bytes`, and what follows.
    pub(crate) fn decode(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (&[greeted], rest) = bytes.split_first_chunk::<1>()?;
        let (raw, rest) = counted(rest)?;
        let (data, rest) = counted(rest)?;
        let inbound = Self {
            greeted: match greeted {
                0 => false,
                1 => true,
                _ => return None,
            },
            raw: raw.to_vec(),
            data: data.iter().copied().collect(),
            ..Self::default()
        };
        Some((inbound, rest))
    }
}

/// Bytes behind their number, and what follows.
pub(crate) fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
}

fn introduction(body: &[u8]) -> io::Result<Introduction> {
    let parts = || {
        let (cookie, rest) = body.split_first_chunk::<16>()?;
        let (window, rest) = rest.split_first_chunk::<4>()?;
        let (&[major, minor, release, fetches], address) = rest.split_first_chunk::<4>()?;
        let window = usize::try_from(u32::from_le_bytes(*window)).ok()?;
        let fits = window.is_power_of_two() && WINDOWS.contains(&window);
        (fits && !address.is_empty()).then(|| Introduction {
            cookie: *cookie,
            window,
            version: Version {
                major,
                minor,
                release,
            },
            fetches: fetches != 0,
            address: address.to_vec(),
        })
    };
    parts().ok_or_else(|| invalid("the peer introduces itself as nobody"))
}

fn frame(kind: u8, bodies: &[&[u8]], out: &mut Vec<u8>) {
    let length: usize = bodies.iter().map(|body| body.len()).sum();
    out.push(kind);
    out.extend_from_slice(&(length as u32).to_le_bytes());
    bodies.iter().for_each(|body| out.extend_from_slice(body));
}

/// What a side begins with.
pub(crate) fn greet(out: &mut Vec<u8>) {
    out.extend_from_slice(&MAGIC);
}

/// Bytes of the stream: at most [`MOST_DATA`].
pub(crate) fn data(bytes: &[u8], out: &mut Vec<u8>) {
    frame(DATA, &[bytes], out);
}

/// This side's introduction.
pub(crate) fn introduce(introduction: &Introduction, out: &mut Vec<u8>) {
    let Introduction {
        cookie,
        window,
        version,
        fetches,
        address,
    } = introduction;
    frame(
        INTRODUCTION,
        &[
            cookie,
            &(*window as u32).to_le_bytes(),
            &[
                version.major,
                version.minor,
                version.release,
                u8::from(*fetches),
            ],
            address,
        ],
        out,
    );
}

/// The end of this side's stream, after so many bytes over UCX.
pub(crate) fn end(total: u64, out: &mut Vec<u8>) {
    frame(END, &[&total.to_le_bytes()], out);
}

/// All of the peer's stream is here.
pub(crate) fn arrived(out: &mut Vec<u8>) {
    frame(ARRIVED, &[], out);
}

/// What a stranger may send over a control connection, for fuzzing: it is parsed whole and in pieces, and both say the same.
pub fn hostile_control(bytes: &[u8]) {
    let mut whole = Inbound::default();
    let at_once = whole.feed(bytes).is_ok();
    let mut pieces = Inbound::default();
    let piecewise = bytes.chunks(7).all(|piece| pieces.feed(piece).is_ok());
    assert_eq!(at_once, piecewise);
    if at_once {
        assert_eq!(whole.data, pieces.data);
        assert_eq!(whole.introduction, pieces.introduction);
        assert_eq!((whole.end, whole.arrived), (pieces.end, pieces.arrived));
        assert!(whole.raw.len() < HEADER + MOST_ADDRESS + BEFORE_ADDRESS);
        let mut state = Vec::new();
        whole.encode(&mut state);
        let (again, rest) = Inbound::decode(&state).expect("what was encoded");
        assert!(rest.is_empty() && again.raw == whole.raw && again.data == whole.data);
    }
    if let Some((inbound, _)) = Inbound::decode(bytes) {
        assert!(inbound.raw.len() + inbound.data.len() <= bytes.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said() -> Vec<u8> {
        let mut bytes = Vec::new();
        greet(&mut bytes);
        data(b"hello", &mut bytes);
        data(&[7; MOST_DATA], &mut bytes);
        introduce(
            &Introduction {
                cookie: [3; 16],
                window: 1 << 20,
                version: Version {
                    major: 1,
                    minor: 16,
                    release: 2,
                },
                fetches: true,
                address: vec![5; 99],
            },
            &mut bytes,
        );
        end(1 << 40, &mut bytes);
        arrived(&mut bytes);
        bytes
    }

    #[test]
    fn what_is_said_is_heard() {
        let mut heard = Inbound::default();
        heard.feed(&said()).unwrap();
        assert_eq!(heard.data.len(), 5 + MOST_DATA);
        let introduction = heard.introduction.unwrap();
        assert_eq!(introduction.cookie, [3; 16]);
        assert_eq!(introduction.window, 1 << 20);
        assert_eq!(introduction.version.to_string(), "1.16.2");
        assert!(introduction.fetches);
        assert_eq!(introduction.address, vec![5; 99]);
        assert_eq!(heard.end, Some(1 << 40));
        assert!(heard.arrived && heard.raw.is_empty());
    }

    #[test]
    fn nonsense_is_refused() {
        hostile_control(&said());
        for end in 0..said().len() {
            hostile_control(&said()[..end]);
        }
        for at in 0..40 {
            for value in [0, 1, 2, 3, 4, 0x7f, 0xff] {
                let mut bytes = said();
                bytes[at] = value;
                hostile_control(&bytes);
            }
        }
        let refused = |bytes: &[u8]| {
            let mut heard = Inbound::default();
            heard.feed(bytes).unwrap_err().kind() == io::ErrorKind::InvalidData
        };
        assert!(refused(b"GET / HTTP/1.1"));
        let older = Inbound::default().feed(b"PLNUCX01").unwrap_err();
        assert!(older.to_string().contains("another version"), "{older}");
        let twice = [&said()[..], &said()[8..]].concat();
        assert!(refused(&twice));
        let after = |kind: u8, length: u32| {
            let mut bytes = MAGIC.to_vec();
            bytes.push(kind);
            bytes.extend_from_slice(&length.to_le_bytes());
            bytes
        };
        assert!(refused(&after(DATA, MOST_DATA as u32 + 1)));
        assert!(refused(&after(INTRODUCTION, u32::MAX)));
        assert!(refused(&after(ARRIVED, 1)));
        assert!(refused(&after(9, 0)));
        assert!(refused(&after(END, 0)));
        for window in [0, 1, 65535, 65537, 128 << 20] {
            let mut bytes = MAGIC.to_vec();
            introduce(
                &Introduction {
                    cookie: [0; 16],
                    window,
                    version: Version::default(),
                    fetches: false,
                    address: vec![1],
                },
                &mut bytes,
            );
            assert!(refused(&bytes), "{window}");
        }
    }
}

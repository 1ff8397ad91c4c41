//! Frames of RFC 6455, section 5. No I/O.
//!
//! Their payloads are the stream: where one frame or message ends and the next begins means nothing, so that whoever is in between may
//! divide and join them. A frame is read as it comes, however long it says it is.

use super::error::WsError;
use std::hash::{BuildHasher, RandomState};

/// The most bytes before a payload: two, a length of eight, a mask of four.
pub(crate) const MAX_HEAD: usize = 14;
/// The most that one frame of ours carries: with its head, as many bytes as go to the kernel at once.
pub(crate) const MAX_PAYLOAD: usize = (128 << 10) - MAX_HEAD;
/// The most that a control frame carries.
pub(crate) const MAX_CONTROL: usize = 125;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opcode {
    Continuation,
    Binary,
    Close,
    Ping,
    Pong,
}

impl Opcode {
    const ALL: [(Self, u8); 5] = [
        (Self::Continuation, 0),
        (Self::Binary, 2),
        (Self::Close, 8),
        (Self::Ping, 9),
        (Self::Pong, 10),
    ];
    const TEXT: u8 = 1;

    fn code(self) -> u8 {
        match self {
            Self::Continuation => 0,
            Self::Binary => 2,
            Self::Close => 8,
            Self::Ping => 9,
            Self::Pong => 10,
        }
    }

    fn from_code(code: u8) -> Result<Self, WsError> {
        match Self::ALL.iter().find(|(_, known)| *known == code) {
            Some((opcode, _)) => Ok(*opcode),
            None if code == Self::TEXT => Err(WsError::Text),
            None => Err(WsError::Broken("a frame is of a kind that there is not")),
        }
    }

    fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// What the bytes of a payload are changed with, beginning with that for the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mask(pub(crate) [u8; 4]);

impl Mask {
    /// Changes nothing.
    pub(crate) const NONE: Self = Self([0; 4]);

    /// Copies as many bytes as both have, which is the same number, changed.
    pub(crate) fn copy(&mut self, to: &mut [u8], from: &[u8]) {
        if *self == Self::NONE {
            return to.copy_from_slice(from);
        }
        // Words, of which the compiler makes longer ones.
        let word = u64::from_ne_bytes(self.word());
        let (words, rest) = to.as_chunks_mut::<8>();
        let (from, last) = from.as_chunks::<8>();
        for (to, from) in words.iter_mut().zip(from) {
            *to = (u64::from_ne_bytes(*from) ^ word).to_ne_bytes();
        }
        for ((to, from), mask) in rest.iter_mut().zip(last).zip(self.word()) {
            *to = from ^ mask;
        }
        self.skip(rest.len());
    }

    /// Changes bytes where they are.
    pub(crate) fn apply(&mut self, bytes: &mut [u8]) {
        if *self == Self::NONE {
            return;
        }
        let word = u64::from_ne_bytes(self.word());
        let (words, rest) = bytes.as_chunks_mut::<8>();
        for bytes in words {
            *bytes = (u64::from_ne_bytes(*bytes) ^ word).to_ne_bytes();
        }
        for (byte, mask) in rest.iter_mut().zip(self.word()) {
            *byte ^= mask;
        }
        self.skip(rest.len());
    }

    /// So many bytes have been changed by somebody else.
    pub(crate) fn skip(&mut self, bytes: usize) {
        self.0.rotate_left(bytes % 4);
    }

    fn word(self) -> [u8; 8] {
        let [a, b, c, d] = self.0;
        [a, b, c, d, a, b, c, d]
    }
}

/// Masks that nobody can foretell from those before (RFC 6455, section 10.3), without asking the kernel for each.
pub(crate) struct Masks {
    /// SipHash, whose key is the process's own.
    secret: RandomState,
    next: u64,
}

impl Masks {
    pub(crate) fn new() -> Self {
        Self {
            secret: RandomState::new(),
            next: 0,
        }
    }

    pub(crate) fn next(&mut self) -> Mask {
        self.next += 1;
        Mask((self.secret.hash_one(self.next) as u32).to_ne_bytes())
    }
}

/// The bytes before a payload.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    bytes: [u8; MAX_HEAD],
    length: usize,
}

impl Head {
    /// Of a whole message of so many bytes, in one frame.
    pub(crate) fn new(opcode: Opcode, payload: usize, mask: Option<Mask>) -> Self {
        const FIN: u8 = 0x80;
        const MASKED: u8 = 0x80;
        let mut head = Self {
            bytes: [0; MAX_HEAD],
            length: 0,
        };
        let masked = if mask.is_some() { MASKED } else { 0 };
        head.push(&[FIN | opcode.code()]);
        match payload {
            0..=125 => head.push(&[masked | payload as u8]),
            126..=0xffff => {
                head.push(&[masked | 126]);
                head.push(&(payload as u16).to_be_bytes());
            }
            _ => {
                head.push(&[masked | 127]);
                head.push(&(payload as u64).to_be_bytes());
            }
        }
        if let Some(Mask(mask)) = mask {
            head.push(&mask);
        }
        head
    }

    fn push(&mut self, bytes: &[u8]) {
        self.bytes[self.length..self.length + bytes.len()].copy_from_slice(bytes);
        self.length += bytes.len();
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// What a reader needs next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// So many bytes of a head, or of a control frame's payload: at least one, and no more than that.
    Frame(usize),
    /// The stream's bytes, at most so many of them.
    Data(u64),
}

/// What a frame meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// There is more to come of it.
    Nothing,
    /// It was a frame without anything for anybody.
    Idle,
    /// A ping, whose payload is in [`Inbound::control`].
    Ping,
    /// The peer has sent its last.
    End,
}

/// The direction from the peer: reads frames.
#[derive(Clone, Debug)]
pub(crate) struct Inbound {
    /// The peer is a client: its frames have to be masked, a server's must not be.
    of_client: bool,
    /// The head of the next frame, as far as it is there.
    head: [u8; MAX_HEAD],
    have: usize,
    /// The frame that has begun, if it carries data: what of it is still to come, and under which mask.
    left: u64,
    pub(crate) mask: Mask,
    /// A message has begun of which there are more frames to come.
    in_message: bool,
    /// The control frame that has begun, and its payload as far as it is there.
    control: Option<(Opcode, usize)>,
    body: [u8; MAX_CONTROL],
    filled: usize,
    /// The peer has sent its last.
    pub(crate) ended: bool,
}

impl Inbound {
    pub(crate) fn new(of_client: bool) -> Self {
        Self {
            of_client,
            head: [0; MAX_HEAD],
            have: 0,
            left: 0,
            mask: Mask::NONE,
            in_message: false,
            control: None,
            body: [0; MAX_CONTROL],
            filled: 0,
            ended: false,
        }
    }

    pub(crate) fn wanted(&self) -> Wanted {
        if self.left > 0 {
            return Wanted::Data(self.left);
        }
        Wanted::Frame(match self.control {
            Some((_, length)) => length - self.filled,
            None => self.head_length() - self.have,
        })
    }

    /// How long the head is that has begun, as far as that is known.
    fn head_length(&self) -> usize {
        if self.have < 2 {
            return 2;
        }
        let mask = if self.head[1] & 0x80 == 0 { 0 } else { 4 };
        mask + match self.head[1] & 0x7f {
            126 => 4,
            127 => 10,
            _ => 2,
        }
    }

    /// So many bytes of the stream have been taken. The mask is moved on by who changes them.
    pub(crate) fn took(&mut self, count: usize) {
        debug_assert!(count as u64 <= self.left);
        self.left -= count as u64;
    }

    /// The payload of the control frame that has just come.
    pub(crate) fn control(&self) -> &[u8] {
        &self.body[..self.filled]
    }

    /// Takes bytes of a frame: no more than are [wanted](Self::wanted).
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<Step, WsError> {
        debug_assert!(matches!(self.wanted(), Wanted::Frame(n) if bytes.len() <= n));
        if let Some((opcode, length)) = self.control {
            let place = &mut self.body[self.filled..self.filled + bytes.len()];
            self.mask.copy(place, bytes);
            self.filled += bytes.len();
            return match self.filled == length {
                true => self.controlled(opcode),
                false => Ok(Step::Nothing),
            };
        }
        self.head[self.have..self.have + bytes.len()].copy_from_slice(bytes);
        self.have += bytes.len();
        if self.have == 2 {
            // What is wrong is known before the rest has come.
            self.check()?;
        }
        if self.have < self.head_length() {
            return Ok(Step::Nothing);
        }
        self.begin()
    }

    /// The first two bytes of a head.
    fn check(&self) -> Result<(), WsError> {
        let [first, second, ..] = self.head;
        if first & 0x70 != 0 {
            return Err(WsError::Broken("a frame has bits that mean nothing"));
        }
        let opcode = Opcode::from_code(first & 0x0f)?;
        if (second & 0x80 != 0) != self.of_client {
            return Err(WsError::Broken(match self.of_client {
                true => "a client's frame is not masked",
                false => "a server's frame is masked",
            }));
        }
        if opcode.is_control() {
            if first & 0x80 == 0 {
                return Err(WsError::Broken("a control frame is in pieces"));
            }
            if usize::from(second & 0x7f) > MAX_CONTROL {
                return Err(WsError::Broken("a control frame is too long"));
            }
        } else if (opcode == Opcode::Continuation) != self.in_message {
            return Err(WsError::Broken(match self.in_message {
                true => "a message begins inside of another",
                false => "a message goes on that has not begun",
            }));
        }
        Ok(())
    }

    /// The head is there.
    fn begin(&mut self) -> Result<Step, WsError> {
        let head = &self.head[..self.have];
        let opcode = Opcode::from_code(head[0] & 0x0f)?;
        let (length, behind) = match (head[1] & 0x7f, &head[2..]) {
            (126, [a, b, behind @ ..]) => (u64::from(u16::from_be_bytes([*a, *b])), behind),
            (127, [a, b, c, d, e, f, g, h, behind @ ..]) => {
                (u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]), behind)
            }
            (length, behind) => (u64::from(length), behind),
        };
        let shortest = match head[1] & 0x7f {
            126 => length > 125,
            127 => length > 0xffff && length < 1 << 63,
            _ => true,
        };
        if !shortest {
            return Err(WsError::Broken(
                "a length is written in a way that it must not be",
            ));
        }
        self.mask = match behind {
            [a, b, c, d] => Mask([*a, *b, *c, *d]),
            _ => Mask::NONE,
        };
        let is_last = head[0] & 0x80 != 0;
        self.have = 0;
        if opcode.is_control() {
            self.filled = 0;
            if length == 0 {
                return self.controlled(opcode);
            }
            // At most 125.
            self.control = Some((opcode, length as usize));
            return Ok(Step::Nothing);
        }
        self.in_message = !is_last;
        self.left = length;
        Ok(match length {
            0 => Step::Idle,
            _ => Step::Nothing,
        })
    }

    /// A control frame is there.
    fn controlled(&mut self, opcode: Opcode) -> Result<Step, WsError> {
        self.control = None;
        match opcode {
            Opcode::Ping => Ok(Step::Ping),
            Opcode::Close => {
                let (code, reason) = match self.control() {
                    [] => return Ok(self.end()),
                    [high, low, reason @ ..] => (u16::from_be_bytes([*high, *low]), reason),
                    _ => return Err(WsError::Broken("a farewell has half a number")),
                };
                let reason =
                    str::from_utf8(reason).map_err(|_| WsError::Broken("a farewell is no text"))?;
                match code {
                    NORMAL | GOING_AWAY => Ok(self.end()),
                    // What must not travel, and what has no meaning.
                    0..1000 | 1004..=1006 | 1015..3000 | 5000.. => Err(WsError::Broken(
                        "a farewell has a number that means nothing",
                    )),
                    code => Err(WsError::closed(code, reason)),
                }
            }
            _ => Ok(Step::Idle),
        }
    }

    fn end(&mut self) -> Step {
        self.ended = true;
        Step::End
    }
}

/// Numbers of farewells.
pub(crate) const NORMAL: u16 = 1000;
const GOING_AWAY: u16 = 1001;
pub(crate) const BROKEN: u16 = 1002;
pub(crate) const NO_TEXT: u16 = 1003;

/// What of an [`Inbound`] goes to another process: its length is known.
pub(crate) const STATE: usize = 1 + MAX_HEAD + 1 + 8 + 4 + 2 + MAX_CONTROL + 1;

const OF_CLIENT: u8 = 1;
const IN_MESSAGE: u8 = 2;
const ENDED: u8 = 4;

impl Inbound {
    pub(crate) fn encode(&self) -> [u8; STATE] {
        let flags = [
            (self.of_client, OF_CLIENT),
            (self.in_message, IN_MESSAGE),
            (self.ended, ENDED),
        ];
        let flags = flags.iter().filter(|(set, _)| *set).map(|(_, flag)| flag);
        let (control, length) = match self.control {
            // Never 0.
            Some((opcode, length)) => (opcode.code(), length as u8),
            None => (0, 0),
        };
        let mut state = [0; STATE];
        let mut rest = &mut state[..];
        for part in [
            &[flags.sum()][..],
            &self.head,
            &[self.have as u8],
            &self.left.to_le_bytes(),
            &self.mask.0,
            &[control, length],
            &self.body,
            &[self.filled as u8],
        ] {
            let (place, behind) = rest.split_at_mut(part.len());
            place.copy_from_slice(part);
            rest = behind;
        }
        state
    }

    /// `None` where no reader is ever in that state.
    pub(crate) fn decode(state: &[u8; STATE]) -> Option<Self> {
        let (&[flags], rest) = state.split_first_chunk()?;
        let (&head, rest) = rest.split_first_chunk()?;
        let (&[have], rest) = rest.split_first_chunk()?;
        let (&left, rest) = rest.split_first_chunk()?;
        let (&mask, rest) = rest.split_first_chunk()?;
        let (&[control, length], rest) = rest.split_first_chunk()?;
        let (&body, rest) = rest.split_first_chunk()?;
        let (&[filled], _) = rest.split_first_chunk()?;
        let control = match (control, usize::from(length)) {
            (0, 0) => None,
            (code, length @ 1..=MAX_CONTROL) => {
                let opcode = Opcode::from_code(code)
                    .ok()
                    .filter(|code| code.is_control())?;
                Some((opcode, length))
            }
            _ => return None,
        };
        let this = Self {
            of_client: flags & OF_CLIENT != 0,
            in_message: flags & IN_MESSAGE != 0,
            ended: flags & ENDED != 0,
            head,
            have: usize::from(have),
            left: u64::from_le_bytes(left),
            mask: Mask(mask),
            control,
            body,
            filled: usize::from(filled),
        };
        // There is always something to come, and room for it.
        let good = this.have <= MAX_HEAD
            && this.have < this.head_length()
            && this.filled <= MAX_CONTROL
            && control.is_none_or(|(_, length)| this.filled < length && this.have == 0)
            && (this.left == 0 || this.have == 0 && control.is_none())
            && this.left < 1 << 63
            && (this.have < 2 || this.check().is_ok());
        good.then_some(this)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The stream in `bytes`, fed in pieces of at most `piece`, and what came of it.
    fn read(
        of_client: bool,
        bytes: &[u8],
        piece: usize,
    ) -> (Vec<u8>, Vec<Step>, Result<(), WsError>) {
        let mut inbound = Inbound::new(of_client);
        let (mut rest, mut got, mut steps) = (bytes, Vec::new(), Vec::new());
        while !rest.is_empty() && !inbound.ended {
            // A state is all that is needed.
            inbound = Inbound::decode(&inbound.encode()).unwrap();
            match inbound.wanted() {
                Wanted::Data(left) => {
                    let n = rest.len().min(piece).min(usize::try_from(left).unwrap());
                    let mut part = rest[..n].to_vec();
                    inbound.mask.apply(&mut part);
                    inbound.took(n);
                    got.extend(part);
                    rest = &rest[n..];
                }
                Wanted::Frame(wanted) => {
                    let n = rest.len().min(piece).min(wanted);
                    assert!(n > 0);
                    match inbound.feed(&rest[..n]) {
                        Ok(Step::Nothing) => {}
                        Ok(step) => steps.push(step),
                        Err(error) => return (got, steps, Err(error)),
                    }
                    rest = &rest[n..];
                }
            }
        }
        (got, steps, Ok(()))
    }

    fn frame(opcode: Opcode, payload: &[u8], mask: Option<Mask>) -> Vec<u8> {
        let mut frame = Head::new(opcode, payload.len(), mask).as_bytes().to_vec();
        let start = frame.len();
        frame.extend_from_slice(payload);
        mask.unwrap_or(Mask::NONE).apply(&mut frame[start..]);
        frame
    }

    /// The examples of RFC 6455, section 5.7, but for text.
    #[test]
    fn examples() {
        let hello = b"Hello";
        let masked = [
            0x82, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58,
        ];
        assert_eq!(
            frame(Opcode::Binary, hello, Some(Mask([0x37, 0xfa, 0x21, 0x3d]))),
            masked
        );
        assert_eq!(read(true, &masked, 1).0, hello);
        let pieces = [
            0x02, 3, b'H', b'e', b'l', 0x89, 1, b'!', 0x80, 2, b'l', b'o',
        ];
        let (got, steps, end) = read(false, &pieces, 100);
        assert_eq!((&got[..], &steps[..]), (&hello[..], &[Step::Ping][..]));
        assert!(end.is_ok());
        assert_eq!(
            frame(Opcode::Binary, &[0; 256], None)[..4],
            [0x82, 0x7e, 1, 0]
        );
        assert_eq!(
            frame(Opcode::Binary, &[0; 65536], None)[..10],
            [0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0]
        );
    }

    #[test]
    fn what_must_not_be_is_refused() {
        let long = |length: u64| [&[0x82, 127][..], &length.to_be_bytes()].concat();
        for (of_client, bytes, word) in [
            (false, &[0xc2, 0][..], "bits"),
            (false, &[0xa2, 0], "bits"),
            (false, &[0x92, 0], "bits"),
            (false, &[0x81, 0], "text"),
            (false, &[0x83, 0], "kind"),
            (false, &[0x8b, 0], "kind"),
            (false, &[0x82, 0x80], "server's frame is masked"),
            (true, &[0x82, 0], "client's frame is not masked"),
            (true, &[0x89, 0], "client's frame is not masked"),
            (false, &[0x09, 0], "in pieces"),
            (false, &[0x89, 126], "too long"),
            (false, &[0x88, 127], "too long"),
            (false, &[0x80, 0], "not begun"),
            (false, &[0x00, 0], "not begun"),
            (false, &[0x02, 0, 0x82, 0], "inside of another"),
            (false, &[0x82, 126, 0, 125], "length"),
            (false, &long(0xffff), "length"),
            (false, &long(1 << 63), "length"),
            (false, &long(u64::MAX), "length"),
            (false, &[0x88, 1, 3], "half a number"),
            (false, &[0x88, 2, 0, 0], "means nothing"),
            (false, &[0x88, 2, 0x03, 0xed], "means nothing"),
            (false, &[0x88, 2, 0xff, 0xff], "means nothing"),
            (false, &[0x88, 3, 0x03, 0xe8, 0xff], "no text"),
            (false, &[0x88, 4, 0x03, 0xf3, b'n', b'o'], "(1011): no"),
        ] {
            for piece in [1, 100] {
                let error = read(of_client, bytes, piece).2.unwrap_err().to_string();
                assert!(error.contains(word), "{bytes:?}: {error}");
            }
        }
        for bytes in [
            &[0x88, 0][..],
            &[0x88, 2, 0x03, 0xe8],
            &[0x88, 3, 0x03, 0xe9, b'x'],
        ] {
            assert_eq!(read(false, bytes, 1).1, [Step::End]);
        }
    }

    #[test]
    fn masks_do_not_repeat() {
        let mut masks = Masks::new();
        let some: std::collections::HashSet<_> = (0..1000).map(|_| masks.next().0).collect();
        assert!(some.len() > 990);
    }

    proptest! {
        #[test]
        fn a_stream_is_what_was_sent(
            parts in proptest::collection::vec((0..5u8, proptest::collection::vec(any::<u8>(), 0..300)), 1..20),
            of_client: bool, key: [u8; 4], piece in 1..700usize,
        ) {
            let (mut bytes, mut sent, mut pings) = (Vec::new(), Vec::new(), 0);
            let mask = of_client.then_some(Mask(key));
            let mut fragmented = false;
            for (kind, payload) in &parts {
                let short = &payload[..payload.len().min(MAX_CONTROL)];
                match kind {
                    0 => { bytes.extend(frame(Opcode::Ping, short, mask)); pings += 1 }
                    1 => bytes.extend(frame(Opcode::Pong, short, mask)),
                    kind => {
                        let opcode = if fragmented { Opcode::Continuation } else { Opcode::Binary };
                        let mut frame = frame(opcode, payload, mask);
                        fragmented = *kind == 2;
                        if fragmented { frame[0] &= 0x7f; }
                        bytes.extend(frame);
                        sent.extend_from_slice(payload);
                    }
                }
            }
            let (got, steps, end) = read(of_client, &bytes, piece);
            prop_assert!(end.is_ok());
            prop_assert_eq!(got, sent);
            prop_assert_eq!(steps.iter().filter(|step| **step == Step::Ping).count(), pings);
        }

        #[test]
        fn masking_is_by_position(bytes in proptest::collection::vec(any::<u8>(), 0..100), key: [u8; 4], cut in 0..100usize) {
            let cut = cut.min(bytes.len());
            let mut copied = vec![0; bytes.len()];
            let mut mask = Mask(key);
            mask.copy(&mut copied[..cut], &bytes[..cut]);
            mask.copy(&mut copied[cut..], &bytes[cut..]);
            for (i, byte) in bytes.iter().enumerate() {
                prop_assert_eq!(copied[i], byte ^ key[i % 4]);
            }
            let mut mask = Mask(key);
            mask.apply(&mut copied[..cut]);
            mask.apply(&mut copied[cut..]);
            prop_assert_eq!(copied, bytes);
        }
    }
}

//! The record layer of TLS 1.3 (RFC 8446, section 5) as it is once the handshake is over. No I/O.
//!
//! It is our own so that it can change its process: all of it is two secrets, two counters and the bytes that have arrived.

use super::error::TlsError;
use crate::ws::Mask;
use ring::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{self, KeyType, Prk};
use std::io::IoSlice;
use std::ops::Range;
use zeroize::{Zeroize, Zeroizing};

/// Bytes before what a record carries.
pub(crate) const HEADER: usize = 5;
/// Bytes behind it: its kind, and what proves it genuine.
const TRAILER: usize = 1 + TAG;
const TAG: usize = aead::MAX_TAG_LEN;
/// The most that one record carries.
pub(crate) const MAX_PLAIN: usize = 1 << 14;
/// What a record costs beyond what it carries.
pub(crate) const OVERHEAD: usize = HEADER + TRAILER;
/// A record of ours that carries as much as it can.
pub(crate) const FULL: usize = MAX_PLAIN + OVERHEAD;
/// The longest record of a peer: padding and expansion may take 256 bytes.
pub(crate) const MAX_RECORD: usize = HEADER + MAX_PLAIN + 256;
/// Records under one key: RFC 8446, section 5.5, rounded down as rustls does.
pub(crate) const MAX_UNDER_KEY: u64 = 1 << 24;
/// The most records on end that carry nothing. An honest peer sends a few; others shall not keep a thread busy.
const MAX_IDLE: u32 = 64;

pub(crate) const CHANGE_CIPHER_SPEC: u8 = 20;
pub(crate) const ALERT: u8 = 21;
pub(crate) const HANDSHAKE: u8 = 22;
pub(crate) const DATA: u8 = 23;

const NEW_SESSION_TICKET: u8 = 4;
const KEY_UPDATE: u8 = 24;
/// A KeyUpdate that asks for none in return.
pub(crate) const KEY_UPDATE_MESSAGE: [u8; 5] = [KEY_UPDATE, 0, 0, 1, 0];
/// The alert that ends a direction.
pub(crate) const CLOSE_NOTIFY: [u8; 2] = [1, 0];

/// What a direction is encrypted with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Suite {
    Aes128,
    Aes256,
    ChaCha,
}

impl Suite {
    fn aead(self) -> &'static aead::Algorithm {
        match self {
            Self::Aes128 => &aead::AES_128_GCM,
            Self::Aes256 => &aead::AES_256_GCM,
            Self::ChaCha => &aead::CHACHA20_POLY1305,
        }
    }

    fn hkdf(self) -> hkdf::Algorithm {
        match self {
            Self::Aes256 => hkdf::HKDF_SHA384,
            Self::Aes128 | Self::ChaCha => hkdf::HKDF_SHA256,
        }
    }

    /// Bytes of its traffic secrets.
    pub(crate) fn secret_len(self) -> usize {
        match self {
            Self::Aes256 => 48,
            Self::Aes128 | Self::ChaCha => 32,
        }
    }

    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Aes128 => 1,
            Self::Aes256 => 2,
            Self::ChaCha => 3,
        }
    }

    pub(crate) fn from_code(code: u8) -> Option<Self> {
        [Self::Aes128, Self::Aes256, Self::ChaCha]
            .into_iter()
            .find(|suite| suite.code() == code)
    }
}

/// The keys of one direction, and how often they were used.
pub(crate) struct Keys {
    suite: Suite,
    secret: Zeroizing<Vec<u8>>,
    key: LessSafeKey,
    iv: Zeroizing<[u8; aead::NONCE_LEN]>,
    /// The number of the next record.
    pub(crate) sequence: u64,
    /// Records after which the keys are replaced.
    limit: u64,
}

impl Keys {
    /// Those that follow from a traffic secret. `None` where its length is not the suite's.
    pub(crate) fn new(suite: Suite, secret: &[u8], sequence: u64, limit: u64) -> Option<Self> {
        if secret.len() != suite.secret_len() || limit == 0 {
            return None;
        }
        let mut key = Zeroizing::new([0; 32]);
        let key = &mut key[..suite.aead().key_len()];
        expand(suite, secret, b"key", key);
        let mut iv = Zeroizing::new([0; aead::NONCE_LEN]);
        expand(suite, secret, b"iv", &mut *iv);
        Some(Self {
            suite,
            secret: Zeroizing::new(secret.to_vec()),
            key: LessSafeKey::new(UnboundKey::new(suite.aead(), key).ok()?),
            iv,
            sequence,
            limit: limit.min(MAX_UNDER_KEY),
        })
    }

    pub(crate) fn suite(&self) -> Suite {
        self.suite
    }

    pub(crate) fn secret(&self) -> &[u8] {
        &self.secret
    }

    pub(crate) fn limit(&self) -> u64 {
        self.limit
    }

    pub(crate) fn iv(&self) -> &[u8] {
        &*self.iv
    }

    /// Whether so many more records would be too many.
    pub(crate) fn worn(&self, more: u64) -> bool {
        self.sequence + more > self.limit
    }

    /// Replaces them by the next ones (RFC 8446, section 7.2).
    pub(crate) fn update(&mut self) {
        let mut next = Zeroizing::new([0; 48]);
        let next = &mut next[..self.suite.secret_len()];
        expand(self.suite, &self.secret, b"traffic upd", next);
        if let Some(keys) = Self::new(self.suite, next, 0, self.limit) {
            *self = keys;
        }
    }

    fn nonce(&self) -> Nonce {
        let mut nonce = *self.iv;
        for (byte, counted) in nonce[4..].iter_mut().zip(self.sequence.to_be_bytes()) {
            *byte ^= counted;
        }
        Nonce::assume_unique_for_key(nonce)
    }

    /// Makes a record of `record`, which already has what it is to carry between the room for header and trailer.
    pub(crate) fn seal(&mut self, kind: u8, record: &mut [u8]) {
        let end = record.len() - TAG;
        let header = header(record.len() - HEADER);
        record[..HEADER].copy_from_slice(&header);
        record[end - 1] = kind;
        let nonce = self.nonce();
        let tag = self
            .key
            .seal_in_place_separate_tag(nonce, Aad::from(header), &mut record[HEADER..end])
            .expect("a record is shorter than what the cipher takes");
        record[end..].copy_from_slice(tag.as_ref());
        self.sequence += 1;
    }

    /// What a whole record carries, in its place, and of which kind it is.
    fn open(&mut self, record: &mut [u8]) -> Result<(u8, Range<usize>), TlsError> {
        if self.sequence == u64::MAX {
            return Err(TlsError::Broken("its keys are used up"));
        }
        let (header, body) = record.split_at_mut(HEADER);
        let nonce = self.nonce();
        let plain = self
            .key
            .open_in_place(nonce, Aad::from(&*header), body)
            .map_err(|_| TlsError::Broken("a record is not what the peer has sent"))?;
        self.sequence += 1;
        // The kind is the last byte that is not padding.
        let length = plain
            .iter()
            .rposition(|byte| *byte != 0)
            .ok_or(TlsError::Broken("a record has no kind"))?;
        if length > MAX_PLAIN {
            return Err(TlsError::Broken("a record carries too much"));
        }
        Ok((plain[length], HEADER..HEADER + length))
    }
}

/// The header of a record with so many bytes behind it.
fn header(length: usize) -> [u8; HEADER] {
    let [high, low] = (length as u16).to_be_bytes();
    [DATA, 3, 3, high, low]
}

/// The length of the record at the beginning of `bytes` with its header, once that is there.
///
/// `first` says what its outer kind may be.
pub(crate) fn record_length(
    bytes: &[u8],
    first: impl Fn(u8) -> bool,
) -> Result<Option<usize>, TlsError> {
    let Some(&[kind, major, _, high, low]) = bytes.first_chunk::<HEADER>() else {
        // What cannot become one is known by its first byte: the rest may never come.
        return match bytes.first() {
            Some(&kind) if !first(kind) => Err(TlsError::NotTls),
            _ => Ok(None),
        };
    };
    if !first(kind) || major != 3 {
        return Err(TlsError::NotTls);
    }
    let length = HEADER + usize::from(u16::from_be_bytes([high, low]));
    if length > MAX_RECORD {
        return Err(TlsError::Broken("a record is too long"));
    }
    Ok(Some(length))
}

/// HKDF-Expand-Label with an empty context (RFC 8446, section 7.1).
fn expand(suite: Suite, secret: &[u8], label: &[u8], out: &mut [u8]) {
    struct Length(usize);
    impl KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    const PREFIX: &[u8] = b"tls13 ";
    let [high, low] = (out.len() as u16).to_be_bytes();
    let info: [&[u8]; 5] = [
        &[high, low],
        &[(PREFIX.len() + label.len()) as u8],
        PREFIX,
        label,
        &[0],
    ];
    Prk::new_less_safe(suite.hkdf(), secret)
        .expand(&info, Length(out.len()))
        .and_then(|okm| okm.fill(out))
        .expect("keys are shorter than what can be derived");
}

/// Fills slices' bytes into records, in order, with something before them and under a mask.
pub(crate) struct Gather<'a, 'b> {
    head: &'a [u8],
    mask: Mask,
    bufs: &'a [IoSlice<'b>],
    at: usize,
}

impl<'a, 'b> Gather<'a, 'b> {
    pub(crate) fn new(bufs: &'a [IoSlice<'b>]) -> Self {
        Self::masked(&[], Mask::NONE, bufs)
    }

    /// `head` as it is, then the slices' bytes under the mask.
    pub(crate) fn masked(head: &'a [u8], mask: Mask, bufs: &'a [IoSlice<'b>]) -> Self {
        Self {
            head,
            mask,
            bufs,
            at: 0,
        }
    }

    /// Fills all of `place`, for which there must be enough.
    pub(crate) fn fill(&mut self, mut place: &mut [u8]) {
        if !self.head.is_empty() {
            let n = self.head.len().min(place.len());
            let (filled, left) = place.split_at_mut(n);
            filled.copy_from_slice(&self.head[..n]);
            self.head = &self.head[n..];
            place = left;
        }
        while !place.is_empty() {
            let rest = &self.bufs[0][self.at..];
            let n = rest.len().min(place.len());
            let (filled, left) = place.split_at_mut(n);
            self.mask.copy(filled, &rest[..n]);
            place = left;
            if n == rest.len() {
                self.bufs = &self.bufs[1..];
                self.at = 0;
            } else {
                self.at += n;
            }
        }
    }
}

/// The direction towards the peer: makes records.
pub(crate) struct Outbound {
    pub(crate) keys: Keys,
    buffer: Vec<u8>,
    /// Nothing more may follow.
    pub(crate) shut: bool,
}

impl Outbound {
    pub(crate) fn new(keys: Keys) -> Self {
        Self {
            keys,
            buffer: Vec::new(),
            shut: false,
        }
    }

    /// Records of the next `count` bytes, all full but the last. Valid until the next call.
    pub(crate) fn data(&mut self, gather: &mut Gather<'_, '_>, count: usize) -> &[u8] {
        let length = count + count.div_ceil(MAX_PLAIN) * OVERHEAD;
        if self.buffer.len() < length {
            self.buffer.resize(length, 0);
        }
        let records = &mut self.buffer[..length];
        for record in records.chunks_mut(FULL) {
            let end = record.len() - TRAILER;
            gather.fill(&mut record[HEADER..end]);
            self.keys.seal(DATA, record);
        }
        records
    }

    /// A record that carries a message of the protocol's own.
    pub(crate) fn message(&mut self, kind: u8, message: &[u8]) -> Vec<u8> {
        let mut record = vec![0; message.len() + OVERHEAD];
        record[HEADER..HEADER + message.len()].copy_from_slice(message);
        self.keys.seal(kind, &mut record);
        record
    }
}

/// What a record of the peer's meant.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The next record is not whole yet.
    Nothing,
    /// There are bytes to be taken.
    Data,
    /// Nothing that concerns anybody else.
    Idle,
    /// The peer wants us to replace the keys of the other direction.
    UpdateKeys,
    /// The peer has sent its last.
    End,
}

/// The direction from the peer: reads records.
pub(crate) struct Inbound {
    pub(crate) keys: Keys,
    buffer: Vec<u8>,
    /// Bytes of the peer's that are not opened yet.
    start: usize,
    end: usize,
    /// Bytes that are opened and not taken yet.
    plain: Range<usize>,
    /// The peer has sent its last.
    pub(crate) ended: bool,
    /// The peer is a server: it may send tickets.
    of_server: bool,
    idle: u32,
}

/// Room for what arrives at once, at first: a record.
const LEAST: usize = MAX_RECORD;
/// And when much arrives: full records of ours. More has left the processor's cache when it is opened.
const MOST: usize = 8 * FULL;

impl Inbound {
    pub(crate) fn new(keys: Keys, of_server: bool) -> Self {
        Self {
            keys,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            plain: 0..0,
            ended: false,
            of_server,
            idle: 0,
        }
    }

    /// With bytes that are opened, and others that are not. `None` where they are more than it ever has.
    pub(crate) fn resumed(mut self, plain: &[u8], raw: &[u8]) -> Option<Self> {
        if plain.len() + raw.len() > MOST {
            return None;
        }
        self.buffer = [plain, raw].concat();
        self.plain = 0..plain.len();
        self.start = plain.len();
        self.end = self.buffer.len();
        Some(self)
    }

    pub(crate) fn of_server(&self) -> bool {
        self.of_server
    }

    /// Bytes that are opened and not taken yet.
    pub(crate) fn plain(&self) -> &[u8] {
        &self.buffer[self.plain.clone()]
    }

    /// Bytes that are not opened yet.
    pub(crate) fn raw(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// The first so many of [`Self::plain`] have been taken.
    pub(crate) fn take(&mut self, count: usize) {
        self.plain.start += count;
        debug_assert!(self.plain.start <= self.plain.end);
    }

    /// Whether a call would find something without anything more arriving.
    pub(crate) fn has_something(&self) -> bool {
        if self.ended || !self.plain.is_empty() {
            return true;
        }
        match record_length(self.raw(), outer) {
            Ok(Some(length)) => self.raw().len() >= length,
            Ok(None) => false,
            Err(_) => true,
        }
    }

    /// Room for what arrives. Only when all that is opened has been taken and the next record is not whole.
    pub(crate) fn room(&mut self) -> &mut [u8] {
        debug_assert!(self.plain.is_empty());
        let have = self.end - self.start;
        if self.start > 0 {
            // Less than a record.
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, have);
        }
        self.plain = 0..0;
        if self.buffer.len() < LEAST {
            self.buffer.resize(LEAST, 0);
        }
        &mut self.buffer[self.end..]
    }

    /// So many bytes have arrived in that room.
    pub(crate) fn arrived(&mut self, count: usize) {
        self.end += count;
        debug_assert!(self.end <= self.buffer.len());
        if self.end == self.buffer.len() && self.end < MOST {
            // There is more where this comes from.
            let length = (self.buffer.len() * 2).min(MOST);
            self.buffer.resize(length, 0);
        }
    }

    /// Opens the next record if it is whole. What the last one carried must have been taken.
    pub(crate) fn next(&mut self) -> Result<Step, TlsError> {
        debug_assert!(self.plain.is_empty());
        if self.ended {
            return Ok(Step::End);
        }
        let raw = &mut self.buffer[self.start..self.end];
        let Some(length) = record_length(raw, outer)? else {
            return Ok(Step::Nothing);
        };
        let Some(record) = raw.get_mut(..length) else {
            return Ok(Step::Nothing);
        };
        if record.len() < OVERHEAD {
            return Err(TlsError::Broken("a record is too short"));
        }
        let (kind, content) = self.keys.open(record)?;
        let step = match kind {
            DATA if !content.is_empty() => {
                self.plain = self.start + content.start..self.start + content.end;
                Step::Data
            }
            DATA => Step::Idle,
            ALERT => match &record[content] {
                alert if alert == CLOSE_NOTIFY => {
                    self.ended = true;
                    Step::End
                }
                [_, alert] => return Err(TlsError::Refused(*alert)),
                _ => return Err(TlsError::Broken("an alert is not one")),
            },
            HANDSHAKE => handshake(&record[content], self.of_server, &mut self.keys)?,
            _ => {
                return Err(TlsError::Broken(
                    "a record is of a kind that has no place here",
                ));
            }
        };
        self.start += length;
        match step {
            Step::Data | Step::End => self.idle = 0,
            _ => self.idle += 1,
        }
        if self.idle > MAX_IDLE {
            return Err(TlsError::Broken("it sends records that carry nothing"));
        }
        Ok(step)
    }
}

impl Drop for Inbound {
    fn drop(&mut self) {
        // What was opened is nobody else's to find.
        self.buffer.zeroize();
    }
}

/// The outer kind of every record behind the handshake.
fn outer(kind: u8) -> bool {
    kind == DATA
}

/// Messages of the handshake protocol that may come behind the handshake, whole: tickets, which we have no use for, and new keys.
fn handshake(mut messages: &[u8], of_server: bool, keys: &mut Keys) -> Result<Step, TlsError> {
    if messages.is_empty() {
        return Err(TlsError::Broken("a message of the handshake is empty"));
    }
    while let Some((&[kind, a, b, c], rest)) = messages.split_first_chunk::<4>() {
        let length = u32::from_be_bytes([0, a, b, c]) as usize;
        let Some((body, rest)) = rest.split_at_checked(length) else {
            break;
        };
        match (kind, body) {
            (NEW_SESSION_TICKET, _) if of_server => {}
            // What follows in the same record would be under the old keys.
            (KEY_UPDATE, [request @ (0 | 1)]) if rest.is_empty() => {
                keys.update();
                return Ok(match request {
                    0 => Step::Idle,
                    _ => Step::UpdateKeys,
                });
            }
            _ => {
                return Err(TlsError::Broken(
                    "a message of the handshake has no place here",
                ));
            }
        }
        if rest.is_empty() {
            return Ok(Step::Idle);
        }
        messages = rest;
    }
    Err(TlsError::Broken("a message of the handshake is in pieces"))
}

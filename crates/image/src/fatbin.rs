//! Fat binaries: reading, choosing from, and writing them.

use crate::error::ImageError;
use crate::image::Capability;
use crate::reader::{slice, u16_at, u32_at, u64_at};
use crate::{MAX_IMAGE, ptx};
use std::ops::Range;

/// First `u32` of a fat binary.
pub(crate) const MAGIC: u32 = 0xba55_ed50;
/// Bytes of the header of version 1.
pub(crate) const HEADER: usize = 16;
const VERSION: u16 = 1;
/// The least header of an entry.
const ENTRY_HEADER: usize = 64;
const ENTRY_VERSION: u16 = 0x101;

/// Bits of [`Entry::flags`].
pub mod flags {
    /// The program is of 64 bits.
    pub const ADDRESS_64: u64 = 0x1;
    /// Compiled with `-G`.
    pub const DEBUG: u64 = 0x2;
    /// For Linux.
    pub const LINUX: u64 = 0x10;
    /// The payload is compressed with zlib.
    pub const ZLIB: u64 = 0x1000;
    /// The payload is one LZ4 block.
    pub const LZ4: u64 = 0x2000;
    /// The payload is a Zstandard frame.
    pub const ZSTD: u64 = 0x8000;
    /// For exactly this compute capability: `sm_90a`.
    pub const ARCH_SPECIFIC: u64 = 0x10_0000;
    /// For this compute capability's family: `sm_100f`.
    pub const FAMILY_SPECIFIC: u64 = 0x20_0000;
    /// The cubin has parts that can be finished for a later capability, as nvcc makes them from `sm_100` on.
    pub const FINALIZABLE: u64 = 0x100_0000;

    /// The bits whose meaning this crate knows.
    pub(super) const KNOWN: u64 = ADDRESS_64
        | DEBUG
        | LINUX
        | ZLIB
        | LZ4
        | ZSTD
        | ARCH_SPECIFIC
        | FAMILY_SPECIFIC
        | FINALIZABLE;
}

/// A fat binary: entries for several compute capabilities.
#[derive(Clone, Debug)]
pub struct Fatbin<'a> {
    /// Header and entries, and nothing after them.
    pub bytes: &'a [u8],
    /// In the order that they have in it.
    pub entries: Vec<Entry<'a>>,
    /// Whether its version and every kind, flag and version of its entries is one that this crate knows. If not, leave the
    /// choice to the driver and pass it whole.
    pub understood: bool,
}

/// One image in a fat binary.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// What the payload is.
    pub kind: Kind,
    /// Version of the payload's own format: that of PTX for PTX.
    pub version: (u16, u16),
    /// The number in `sm_90`.
    pub sm: u32,
    /// Where it runs besides.
    pub flavour: Flavour,
    /// How the payload is compressed.
    pub compression: Compression,
    /// See [`flags`].
    pub flags: u64,
    /// The payload as it is stored, without padding where its size is known.
    pub payload: &'a [u8],
    /// Bytes of the payload when it is no longer compressed.
    pub uncompressed_size: u64,
    /// What the entry says about its compilation: options of ptxas for PTX, opaque for a cubin. Often empty.
    pub options: &'a [u8],
    /// Name of the source file; often empty.
    pub name: &'a [u8],
    /// Where header and payload lie in [`Fatbin::bytes`].
    pub range: Range<usize>,
    /// Whether this crate knows everything about it, as for [`Fatbin::understood`].
    pub understood: bool,
}

/// What an entry's payload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// PTX text.
    Ptx,
    /// A cubin.
    Elf,
    /// Intermediate code for link-time optimisation.
    LtoIr,
    /// Something newer.
    Unknown(u16),
}

/// How narrowly an entry is made for its compute capability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flavour {
    /// `sm_90`: a cubin also runs on a later minor one, PTX on everything later.
    Plain,
    /// `sm_90a`: on exactly this one.
    Arch,
    /// `sm_100f`: on this one and later minor ones of its family.
    Family,
}

/// How a payload is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Not at all.
    None,
    /// One LZ4 block (`-compress-mode=speed`).
    Lz4,
    /// A Zstandard frame (`-compress-mode=default`, `size`, `balance`).
    Zstd,
    /// zlib (before CUDA 11).
    Zlib,
    /// More than one of the flags, or compressed without any.
    Unknown,
}

impl<'a> Fatbin<'a> {
    /// Reads the fat binary that `bytes` begins with.
    ///
    /// # Errors
    /// [`ImageError`] when a header or a payload does not fit into `bytes`.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ImageError> {
        let length = measure(bytes)?;
        let bytes = slice(bytes, 0, length, "fat binary")?;
        let mut fatbin = Self {
            bytes,
            entries: Vec::new(),
            understood: u16_at(bytes, 4) == Some(VERSION),
        };
        if !fatbin.understood {
            return Ok(fatbin);
        }
        let mut offset = u16_at(bytes, 6).map_or(HEADER, usize::from);
        while offset < bytes.len() {
            let entry = Entry::parse(bytes, offset)?;
            offset = entry.range.end;
            fatbin.understood &= entry.understood;
            fatbin.entries.push(entry);
        }
        Ok(fatbin)
    }

    /// The fat binary reduced to what a GPU of compute capability `cc` can use, made anew. `None`: pass it whole, because
    /// not all of it is understood, or nothing in it is for `cc`, or nothing would be saved.
    ///
    /// The driver takes machine code over PTX, and the nearest first. What is kept:
    /// - the cubins for exactly `cc`, if there are any: usually one, and `sm_90a` beside `sm_90`;
    /// - else the cubins for the highest lower minor of the same major, together with the best PTX, because
    ///   `CU_JIT_FALLBACK_STRATEGY` lets the program prefer either;
    /// - else the PTX of the highest capability up to `cc`, of each flavour that runs there.
    ///
    /// Entries that differ in something other than capability and flavour (name, debug) are kept together.
    #[must_use]
    pub fn only_for(&self, cc: impl Into<Capability>) -> Option<Vec<u8>> {
        let cc = cc.into();
        if self.entries.iter().any(|e| e.kind == Kind::LtoIr) {
            return None;
        }
        let exact = self.choose(|e| e.kind == Kind::Elf && e.capability() == cc && e.runs_on(cc));
        if !exact.is_empty() {
            return self.keep(&exact);
        }
        let mut kept = self.best(Kind::Elf, cc);
        kept.extend(self.best(Kind::Ptx, cc));
        self.keep(&kept)
    }

    /// As [`only_for`](Self::only_for), for a device that runs PTX only (Pillion's CPU device).
    #[must_use]
    pub fn only_ptx_for(&self, cc: impl Into<Capability>) -> Option<Vec<u8>> {
        self.keep(&self.best(Kind::Ptx, cc.into()))
    }

    /// The PTX entries that run on `cc`, the one that the driver would compile first.
    #[must_use]
    pub fn ptx_for(&self, cc: impl Into<Capability>) -> Vec<&Entry<'a>> {
        let cc = cc.into();
        let mut found: Vec<_> = self
            .entries
            .iter()
            .filter(|e| e.kind == Kind::Ptx && e.understood && e.runs_on(cc))
            .collect();
        // Stable: of equals, the first stays first.
        found.sort_by_key(|e| std::cmp::Reverse((e.capability(), e.flavour.rank())));
        found
    }

    /// Indices of the entries of `kind` with the highest capability that run on `cc`, for each flavour.
    fn best(&self, kind: Kind, cc: Capability) -> Vec<usize> {
        let mut best = Vec::new();
        for flavour in [Flavour::Plain, Flavour::Arch, Flavour::Family] {
            let fits = |e: &Entry<'_>| e.kind == kind && e.flavour == flavour && e.runs_on(cc);
            if let Some(highest) = self
                .entries
                .iter()
                .filter(|e| fits(e))
                .map(Entry::capability)
                .max()
            {
                best.extend(self.choose(|e| fits(e) && e.capability() == highest));
            }
        }
        best
    }

    fn choose(&self, fits: impl Fn(&Entry<'_>) -> bool) -> Vec<usize> {
        (0..self.entries.len())
            .filter(|&i| fits(&self.entries[i]))
            .collect()
    }

    /// A fat binary of these entries only, in the order that they had.
    fn keep(&self, indices: &[usize]) -> Option<Vec<u8>> {
        if !self.understood || indices.is_empty() || indices.len() == self.entries.len() {
            return None;
        }
        let kept = self
            .entries
            .iter()
            .enumerate()
            .filter(|(i, _)| indices.contains(i));
        let mut bytes = header(0);
        for (_, entry) in kept {
            bytes.extend_from_slice(&self.bytes[entry.range.clone()]);
        }
        set_size(&mut bytes);
        Some(bytes)
    }
}

impl<'a> Entry<'a> {
    /// The compute capability that it is made for.
    #[must_use]
    pub fn capability(&self) -> Capability {
        Capability::from_sm(self.sm)
    }

    /// Whether a device of compute capability `cc` can run it, as machine code or after compiling it.
    #[must_use]
    pub fn runs_on(&self, cc: impl Into<Capability>) -> bool {
        let (own, cc) = (self.capability(), cc.into());
        match (self.kind, self.flavour) {
            (Kind::Unknown(_), _) => false,
            (_, Flavour::Arch) => own == cc,
            (_, Flavour::Family) | (Kind::Elf, Flavour::Plain) => {
                own.major == cc.major && own.minor <= cc.minor
            }
            (Kind::Ptx | Kind::LtoIr, Flavour::Plain) => own <= cc,
        }
    }

    /// The payload as text, if it is PTX that is not compressed: without the zeros that pad it.
    #[must_use]
    pub fn ptx_text(&self) -> Option<&'a [u8]> {
        match (self.kind, self.compression) {
            (Kind::Ptx, Compression::None) => ptx::text(self.payload),
            _ => None,
        }
    }

    fn parse(bytes: &'a [u8], offset: usize) -> Result<Self, ImageError> {
        let least = slice(bytes, offset as u64, ENTRY_HEADER as u64, "entry header")?;
        // All fields lie within the 64 bytes, so the defaults are never taken.
        let u16 = |at| u16_at(least, at).unwrap_or_default();
        let u32 = |at| u32_at(least, at).unwrap_or_default();
        let u64 = |at| u64_at(least, at).unwrap_or_default();
        let header_size = u32(4);
        if (header_size as usize) < ENTRY_HEADER {
            return Err(ImageError::Field {
                what: "entry header size",
                value: header_size.into(),
            });
        }
        let header = slice(bytes, offset as u64, header_size.into(), "entry header")?;
        let payload_offset = offset as u64 + u64::from(header_size);
        let stored = slice(bytes, payload_offset, u64(8), "entry payload")?;

        let kind = match u16(0) {
            1 => Kind::Ptx,
            2 => Kind::Elf,
            8 => Kind::LtoIr,
            other => Kind::Unknown(other),
        };
        let flags = u64(40);
        let flavour = match (
            flags & flags::ARCH_SPECIFIC != 0,
            flags & flags::FAMILY_SPECIFIC != 0,
        ) {
            (false, false) => Flavour::Plain,
            (true, _) => Flavour::Arch,
            (false, true) => Flavour::Family,
        };
        let both = flags & flags::ARCH_SPECIFIC != 0 && flags & flags::FAMILY_SPECIFIC != 0;
        let compressed_size = u32(16);
        let compression = match flags & (flags::ZLIB | flags::LZ4 | flags::ZSTD) {
            0 if compressed_size == 0 => Compression::None,
            flags::ZLIB => Compression::Zlib,
            flags::LZ4 => Compression::Lz4,
            flags::ZSTD => Compression::Zstd,
            _ => Compression::Unknown,
        };
        let payload = match compression {
            Compression::None => stored,
            _ => slice(stored, 0, compressed_size.into(), "compressed payload")?,
        };
        let uncompressed_size = if compression == Compression::None {
            payload.len() as u64
        } else {
            u64(56)
        };
        if uncompressed_size > MAX_IMAGE {
            let what = "entry payload when it is no longer compressed";
            return Err(ImageError::TooLarge {
                what,
                size: uncompressed_size,
                limit: MAX_IMAGE,
            });
        }

        // Both are only told to people, so a bad one is no reason to refuse the entry, but one to leave it alone.
        let within = |at: u32, length: u32| {
            header.get(at as usize..(at as usize).checked_add(length as usize)?)
        };
        let name = within(u32(32), u32(36));
        let options = match u32(20) as usize {
            0 => Some(&[][..]),
            at => (|| within(u32_at(header, at)?, u32_at(header, at.checked_add(4)?)?))(),
        };
        let understood = !matches!(kind, Kind::Unknown(_))
            && u16(2) == ENTRY_VERSION
            && flags & !flags::KNOWN == 0
            && !both
            && !matches!(compression, Compression::Unknown)
            && name.is_some()
            && options.is_some();
        Ok(Self {
            kind,
            version: (u16(26), u16(24)),
            sm: u32(28),
            flavour,
            compression,
            flags,
            payload,
            uncompressed_size,
            options: options.unwrap_or_default(),
            name: name.unwrap_or_default(),
            // In bounds: `slice` found the payload within `bytes`.
            range: offset..offset + header_size as usize + stored.len(),
            understood,
        })
    }
}

impl Flavour {
    /// The narrower, the better where it runs.
    fn rank(self) -> u8 {
        match self {
            Self::Plain => 0,
            Self::Family => 1,
            Self::Arch => 2,
        }
    }
}

/// Writes a fat binary, as nvcc's `fatbinary` does without compression.
#[derive(Clone, Debug)]
pub struct Builder {
    bytes: Vec<u8>,
}

impl Default for Builder {
    fn default() -> Self {
        Self::new()
    }
}

impl Builder {
    /// One without entries.
    #[must_use]
    pub fn new() -> Self {
        Self { bytes: header(0) }
    }

    /// Adds an entry for `sm` (the number in `sm_90`).
    #[must_use]
    pub fn entry(self, kind: Kind, sm: u32, flavour: Flavour, payload: &[u8]) -> Self {
        self.push(kind, sm, flavour, 0, payload, None)
    }

    /// Adds an entry whose `payload` is compressed already, from `uncompressed_size` bytes. [`Compression::None`] and
    /// [`Compression::Unknown`] add it with a compressed size and without a flag that tells how.
    #[must_use]
    pub fn compressed_entry(
        self,
        kind: Kind,
        sm: u32,
        flavour: Flavour,
        compression: Compression,
        payload: &[u8],
        uncompressed_size: u64,
    ) -> Self {
        let flag = match compression {
            Compression::None | Compression::Unknown => 0,
            Compression::Lz4 => flags::LZ4,
            Compression::Zstd => flags::ZSTD,
            Compression::Zlib => flags::ZLIB,
        };
        self.push(kind, sm, flavour, flag, payload, Some(uncompressed_size))
    }

    /// The finished fat binary.
    #[must_use]
    pub fn build(mut self) -> Vec<u8> {
        set_size(&mut self.bytes);
        self.bytes
    }

    fn push(
        mut self,
        kind: Kind,
        sm: u32,
        flavour: Flavour,
        flag: u64,
        payload: &[u8],
        from: Option<u64>,
    ) -> Self {
        let kind = match kind {
            Kind::Ptx => 1,
            Kind::Elf => 2,
            Kind::LtoIr => 8,
            Kind::Unknown(kind) => kind,
        };
        let narrow = match flavour {
            Flavour::Plain => 0,
            Flavour::Arch => flags::ARCH_SPECIFIC,
            Flavour::Family => flags::FAMILY_SPECIFIC,
        };
        let out = &mut self.bytes;
        let mut put = |bytes: &[u8]| out.extend_from_slice(bytes);
        put(&u16::to_le_bytes(kind));
        put(&ENTRY_VERSION.to_le_bytes());
        put(&(ENTRY_HEADER as u32).to_le_bytes());
        put(&(payload.len() as u64).next_multiple_of(8).to_le_bytes());
        put(&from.map_or(0, |_| payload.len() as u32).to_le_bytes());
        put(&[0; 8]); // no options, version 0.0
        put(&sm.to_le_bytes());
        put(&[0; 8]); // no name
        put(&(flags::ADDRESS_64 | flags::LINUX | narrow | flag).to_le_bytes());
        put(&[0; 8]);
        put(&from.unwrap_or(0).to_le_bytes());
        put(payload);
        out.resize(out.len().next_multiple_of(8), 0);
        self
    }
}

/// Bytes of the fat binary that `header` begins with: it needs the first 16 only.
pub(crate) fn measure(header: &[u8]) -> Result<u64, ImageError> {
    let header = slice(header, 0, HEADER as u64, "fat binary header")?;
    let magic = u32_at(header, 0).unwrap_or_default();
    if magic != MAGIC {
        return Err(ImageError::Field {
            what: "fat binary magic number",
            value: magic.into(),
        });
    }
    let header_size = u16_at(header, 6).unwrap_or_default();
    if usize::from(header_size) < HEADER {
        return Err(ImageError::Field {
            what: "fat binary header size",
            value: header_size.into(),
        });
    }
    let size = u64_at(header, 8).unwrap_or_default();
    let total = size.saturating_add(header_size.into());
    if total > MAX_IMAGE {
        return Err(ImageError::TooLarge {
            what: "fat binary",
            size: total,
            limit: MAX_IMAGE,
        });
    }
    Ok(total)
}

fn header(size: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER);
    bytes.extend_from_slice(&MAGIC.to_le_bytes());
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&(HEADER as u16).to_le_bytes());
    bytes.extend_from_slice(&size.to_le_bytes());
    bytes
}

fn set_size(bytes: &mut [u8]) {
    let size = (bytes.len() - HEADER) as u64;
    bytes[8..HEADER].copy_from_slice(&size.to_le_bytes());
}

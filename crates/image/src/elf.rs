//! Cubins as ELF files: only what measuring and reading sections takes.

use crate::MAX_IMAGE;
use crate::error::ImageError;
use crate::image::{Capability, ELF_MAGIC};
use crate::reader::{slice, u16_at, u32_at, u64_at};

/// Bytes of an `Elf64_Ehdr`.
pub(crate) const FILE_HEADER: usize = 64;
const PROGRAM_HEADER: u64 = 56;
const SECTION_HEADER: u64 = 64;
const SYMBOL: usize = 24;
const CLASS_64: u8 = 2;
const LITTLE_ENDIAN: u8 = 1;
/// `e_machine` of CUDA.
const MACHINE: u16 = 190;
/// `EI_OSABI` since CUDA 13: the capability is in bits 8 to 15 of `e_flags`, and in bits 0 to 7 before.
const OSABI_13: u8 = 0x41;
const SHT_SYMTAB: u32 = 2;
const SHT_NOBITS: u32 = 8;
const SHN_XINDEX: u16 = 0xffff;

/// A cubin, or another ELF file for the GPU.
#[derive(Clone, Debug)]
pub struct Elf<'a> {
    /// The file, and nothing after it.
    pub bytes: &'a [u8],
    /// The number in `sm_90`. It does not tell `sm_90` from `sm_90a`.
    pub sm: u32,
    sections: Vec<Section<'a>>,
}

/// A section of an ELF file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Section<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) kind: u32,
    pub(crate) link: u32,
    pub(crate) data: &'a [u8],
}

/// A symbol of an ELF file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Symbol<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) info: u8,
    pub(crate) other: u8,
    pub(crate) section: u16,
}

impl<'a> Elf<'a> {
    /// Reads the ELF file that `bytes` begins with.
    ///
    /// # Errors
    /// [`ImageError`] when it is not one of 64 bits for CUDA, or a part of it does not fit into `bytes`.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ImageError> {
        let mut source = |offset: u64, out: &mut [u8]| {
            out.copy_from_slice(slice(bytes, offset, out.len() as u64, "ELF header")?);
            Ok(())
        };
        let layout = Layout::read(&mut source)?;
        let bytes = slice(bytes, 0, layout.length, "cubin")?;
        let mut sections = Vec::new();
        let headers = slice(
            bytes,
            layout.sections.offset,
            layout.sections.bytes(),
            "section headers",
        )?;
        let headers = headers.chunks_exact(layout.sections.entry_size.max(1) as usize);
        for header in headers.clone() {
            let section = SectionHeader::parse(header)?;
            let data = match section.kind {
                SHT_NOBITS => &[][..],
                _ => slice(bytes, section.offset, section.size, "section")?,
            };
            sections.push(Section {
                name: &[],
                kind: section.kind,
                link: section.link,
                data,
            });
        }
        let names = sections
            .get(layout.names as usize)
            .map_or(&[][..], |s| s.data);
        for (section, header) in sections.iter_mut().zip(headers) {
            section.name = string(names, u32_at(header, 0).unwrap_or_default());
        }
        Ok(Self {
            bytes,
            sm: layout.sm,
            sections,
        })
    }

    /// The compute capability that it is made for.
    #[must_use]
    pub fn capability(&self) -> Capability {
        Capability::from_sm(self.sm)
    }

    pub(crate) fn sections(&self) -> &[Section<'a>] {
        &self.sections
    }

    pub(crate) fn symbols(&self) -> impl Iterator<Item = Symbol<'a>> {
        self.sections
            .iter()
            .filter(|s| s.kind == SHT_SYMTAB)
            .flat_map(|table| {
                let names = self
                    .sections
                    .get(table.link as usize)
                    .map_or(&[][..], |s| s.data);
                table.data.chunks_exact(SYMBOL).map(move |symbol| Symbol {
                    name: string(names, u32_at(symbol, 0).unwrap_or_default()),
                    info: symbol[4],
                    other: symbol[5],
                    section: u16_at(symbol, 6).unwrap_or_default(),
                })
            })
    }
}

/// Reads bytes of a file whose length is not known: fills the buffer from an offset.
pub(crate) type Source<'s> = dyn FnMut(u64, &mut [u8]) -> Result<(), ImageError> + 's;

/// Bytes of the ELF file that `source` reads: to the end of its last part.
pub(crate) fn measure(source: &mut Source<'_>) -> Result<u64, ImageError> {
    Layout::read(source).map(|layout| layout.length)
}

struct Layout {
    sm: u32,
    sections: Table,
    /// Index of the section with the sections' names.
    names: u32,
    length: u64,
}

/// A table in the file.
#[derive(Clone, Copy)]
struct Table {
    offset: u64,
    entry_size: u64,
    count: u64,
}

impl Table {
    fn bytes(self) -> u64 {
        // Both come from fields of at most 32 bits.
        self.entry_size * self.count
    }

    fn end(self) -> u64 {
        if self.count == 0 {
            0
        } else {
            self.offset.saturating_add(self.bytes())
        }
    }
}

impl Layout {
    fn read(source: &mut Source<'_>) -> Result<Self, ImageError> {
        let mut header = [0; FILE_HEADER];
        source(0, &mut header)?;
        let u16 = |at| u16_at(&header, at).unwrap_or_default();
        let u32 = |at| u32_at(&header, at).unwrap_or_default();
        let u64 = |at| u64_at(&header, at).unwrap_or_default();
        let expect = |what, found: u64, wanted: u64| {
            if found == wanted {
                Ok(())
            } else {
                Err(ImageError::Field { what, value: found })
            }
        };
        expect(
            "ELF magic number",
            u32(0).into(),
            u32::from_le_bytes(ELF_MAGIC).into(),
        )?;
        expect("ELF class", header[4].into(), CLASS_64.into())?;
        expect("ELF byte order", header[5].into(), LITTLE_ENDIAN.into())?;
        expect("ELF machine", u16(18).into(), MACHINE.into())?;
        let flags = u32(48);
        let sm = if header[7] == OSABI_13 {
            flags >> 8 & 0xff
        } else {
            flags & 0xff
        };

        let programs = Table {
            offset: u64(32),
            entry_size: u16(54).into(),
            count: u16(56).into(),
        };
        let mut sections = Table {
            offset: u64(40),
            entry_size: u16(58).into(),
            count: u16(60).into(),
        };
        if programs.count != 0 && programs.entry_size < PROGRAM_HEADER {
            return Err(ImageError::Field {
                what: "program header size",
                value: programs.entry_size,
            });
        }
        let mut names = u32::from(u16(62));
        if sections.offset == 0 {
            sections.count = 0;
        } else {
            if sections.entry_size < SECTION_HEADER {
                return Err(ImageError::Field {
                    what: "section header size",
                    value: sections.entry_size,
                });
            }
            // Numbers too large for their fields are in the first section header.
            if sections.count == 0 || u16(62) == SHN_XINDEX {
                let mut first = [0; SECTION_HEADER as usize];
                source(sections.offset, &mut first)?;
                let first = SectionHeader::parse(&first)?;
                if sections.count == 0 {
                    sections.count = first.size;
                }
                if u16(62) == SHN_XINDEX {
                    names = first.link;
                }
            }
            if sections.count > MAX_IMAGE / SECTION_HEADER {
                return Err(ImageError::Field {
                    what: "number of sections",
                    value: sections.count,
                });
            }
        }

        let bounded = |length: u64| match length {
            0..=MAX_IMAGE => Ok(length),
            size => Err(ImageError::TooLarge {
                what: "cubin",
                size,
                limit: MAX_IMAGE,
            }),
        };
        let mut length = bounded((FILE_HEADER as u64).max(programs.end()).max(sections.end()))?;
        let mut section = [0; SECTION_HEADER as usize];
        for i in 0..sections.count {
            source(sections.offset + i * sections.entry_size, &mut section)?;
            let section = SectionHeader::parse(&section)?;
            if section.kind != SHT_NOBITS {
                length = bounded(length.max(section.offset.saturating_add(section.size)))?;
            }
        }
        Ok(Self {
            sm,
            sections,
            names,
            length,
        })
    }
}

struct SectionHeader {
    kind: u32,
    offset: u64,
    size: u64,
    link: u32,
}

impl SectionHeader {
    fn parse(header: &[u8]) -> Result<Self, ImageError> {
        let fields = || {
            Some(Self {
                kind: u32_at(header, 4)?,
                offset: u64_at(header, 24)?,
                size: u64_at(header, 32)?,
                link: u32_at(header, 40)?,
            })
        };
        fields().ok_or(ImageError::Field {
            what: "section header size",
            value: header.len() as u64,
        })
    }
}

/// The string at `offset` of a string table, without its zero; empty if it is not there.
fn string(table: &[u8], offset: u32) -> &[u8] {
    let rest = table.get(offset as usize..).unwrap_or_default();
    let end = rest.iter().position(|&b| b == 0).unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default()
}

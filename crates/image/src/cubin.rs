//! Kernels of a cubin, with the layout of their parameters.
//!
//! For each kernel there is a section `.nv.info.NAME` of records `u8 format, u8 attribute, u16 value or length`, and after a
//! record of format 4 so many bytes. Observed with cubins of CUDA 11 to 13 for `sm_75` to `sm_120`.

use crate::elf::Elf;
use crate::error::ImageError;
use crate::image::{Kernel, Param};
use crate::reader::{slice, u16_at, u32_at};
use std::collections::{HashMap, HashSet};

/// Record with a payload, `EIFMT_SVAL`.
const FORMAT_SIZED: u8 = 4;
/// `EIATTR_KPARAM_INFO`: `u32 index, u16 ordinal, u16 offset, u32 flags`, the size in bits 18 and up.
const KPARAM_INFO: u8 = 0x17;
/// The same, the size in the low 16 bits: for kernels whose parameters are too large for the other.
const KPARAM_INFO_V2: u8 = 0x45;
/// `EIATTR_CBANK_PARAM_SIZE`: bytes of all parameters.
const CBANK_PARAM_SIZE: u8 = 0x19;
/// `STT_FUNC`.
const FUNCTION: u8 = 2;
/// Bit of `st_other` that tells a kernel from a device function.
const ENTRY: u8 = 0x10;

/// The kernels that the cubin defines, in the order of its symbol table.
///
/// # Errors
/// [`ImageError`] when `bytes` is no cubin, or a kernel's records are damaged: then nothing it says of parameters is to be
/// trusted.
pub fn kernels(bytes: &[u8]) -> Result<Vec<Kernel>, ImageError> {
    let elf = Elf::parse(bytes)?;
    let mut infos = HashMap::new();
    for section in elf.sections() {
        if let Some(name) = section.name.strip_prefix(b".nv.info.") {
            infos.entry(name).or_insert(section.data);
        }
    }
    let mut seen = HashSet::new();
    let mut kernels = Vec::new();
    for symbol in elf.symbols() {
        let is_kernel =
            symbol.info & 0xf == FUNCTION && symbol.other & ENTRY != 0 && symbol.section != 0;
        if !is_kernel || !seen.insert(symbol.name) {
            continue;
        }
        let Ok(name) = str::from_utf8(symbol.name) else {
            return Err(ImageError::Field {
                what: "kernel name, which is no text and begins with",
                value: symbol.name[0].into(),
            });
        };
        let (params, param_bytes) = match infos.get(symbol.name) {
            Some(info) => params(info)?,
            None => (Vec::new(), 0),
        };
        kernels.push(Kernel {
            name: name.to_owned(),
            params,
            param_bytes,
        });
    }
    Ok(kernels)
}

fn params(info: &[u8]) -> Result<(Vec<Param>, u32), ImageError> {
    let mut found = Vec::new();
    let mut total = None;
    let mut offset = 0;
    while offset < info.len() {
        let record = slice(info, offset as u64, 4, "kernel attribute")?;
        let (format, attribute) = (record[0], record[1]);
        let value = u16_at(record, 2).unwrap_or_default();
        offset += 4;
        let payload = match format {
            FORMAT_SIZED => slice(info, offset as u64, value.into(), "kernel attribute")?,
            _ => &[],
        };
        offset += payload.len();
        match attribute {
            KPARAM_INFO | KPARAM_INFO_V2 => {
                let fields = || {
                    let flags = u32_at(payload, 8)?;
                    let size = if attribute == KPARAM_INFO {
                        flags >> 18
                    } else {
                        flags & 0xffff
                    };
                    Some((
                        u16_at(payload, 4)?,
                        Param {
                            offset: u16_at(payload, 6)?.into(),
                            size,
                        },
                    ))
                };
                found.push(fields().ok_or(ImageError::Field {
                    what: "length of a parameter's record",
                    value: value.into(),
                })?);
            }
            CBANK_PARAM_SIZE => total = Some(u32::from(value)),
            _ => {}
        }
    }
    found.sort_by_key(|&(ordinal, _)| ordinal);
    for (i, &(ordinal, _)) in found.iter().enumerate() {
        if usize::from(ordinal) != i {
            return Err(ImageError::Field {
                what: "number of a parameter",
                value: ordinal.into(),
            });
        }
    }
    let params: Vec<_> = found.into_iter().map(|(_, param)| param).collect();
    // Offset and size have at most 16 and 16 bits.
    let end = params.iter().map(|p| p.offset + p.size).max().unwrap_or(0);
    let total = total.unwrap_or(end);
    if end > total {
        return Err(ImageError::Field {
            what: "end of a kernel's parameters, beyond their total size,",
            value: end.into(),
        });
    }
    Ok((params, total))
}

//! Bounded reading of little-endian fields.

use crate::error::ImageError;

/// Bytes at an offset, or [`ImageError::Truncated`] naming `what`.
pub(crate) fn slice<'a>(
    bytes: &'a [u8],
    offset: u64,
    length: u64,
    what: &'static str,
) -> Result<&'a [u8], ImageError> {
    let range = || {
        let start = usize::try_from(offset).ok()?;
        let end = start.checked_add(usize::try_from(length).ok()?)?;
        bytes.get(start..end)
    };
    range().ok_or(ImageError::Truncated {
        what,
        offset,
        needed: length,
        length: bytes.len() as u64,
    })
}

/// The field at `offset`, if it is within `bytes`.
pub(crate) fn u16_at(bytes: &[u8], offset: usize) -> Option<u16> {
    bytes
        .get(offset..)?
        .first_chunk()
        .map(|b| u16::from_le_bytes(*b))
}

/// See [`u16_at`].
pub(crate) fn u32_at(bytes: &[u8], offset: usize) -> Option<u32> {
    bytes
        .get(offset..)?
        .first_chunk()
        .map(|b| u32::from_le_bytes(*b))
}

/// See [`u16_at`].
pub(crate) fn u64_at(bytes: &[u8], offset: usize) -> Option<u64> {
    bytes
        .get(offset..)?
        .first_chunk()
        .map(|b| u64::from_le_bytes(*b))
}

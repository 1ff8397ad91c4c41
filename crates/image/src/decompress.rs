//! Unpacking entries.

use crate::error::ImageError;
use crate::fatbin::{Compression, Entry, Kind};
use crate::ptx;
use std::borrow::Cow;
use std::io::Read;

/// LZ4 makes at most 255 bytes out of one: a claim beyond that needs no memory to be refused.
const LZ4_MOST: u64 = 255;

impl<'a> Entry<'a> {
    /// The payload as it was before it was compressed: a cubin, or PTX text without the zeros after it. `limit` is the most
    /// bytes to make.
    ///
    /// # Errors
    /// [`ImageError::TooLarge`] when it says that it needs more, [`ImageError::NotDecodable`] for LTO-IR that is compressed
    /// (its form is not public), zlib and anything unknown, [`ImageError::Compressed`] when it is damaged or makes another
    /// number of bytes than it says.
    pub fn decompress(&self, limit: u64) -> Result<Cow<'a, [u8]>, ImageError> {
        let size = self.uncompressed_size;
        if size > limit {
            return Err(ImageError::TooLarge {
                what: "entry when it is no longer compressed",
                size,
                limit,
            });
        }
        let bytes = match (self.compression, self.kind) {
            (Compression::None, _) => Cow::Borrowed(self.payload),
            (_, Kind::LtoIr) => {
                return Err(ImageError::NotDecodable {
                    how: "compressed LTO-IR",
                });
            }
            (Compression::Lz4, _) => Cow::Owned(lz4(self.payload, size)?),
            (Compression::Zstd, _) => Cow::Owned(zstd(self.payload, size)?),
            (Compression::Zlib, _) => {
                return Err(ImageError::NotDecodable {
                    how: "compressed with zlib",
                });
            }
            (Compression::Unknown, _) => {
                return Err(ImageError::NotDecodable {
                    how: "compressed in an unknown way",
                });
            }
        };
        Ok(match (self.kind, bytes) {
            (Kind::Ptx, Cow::Borrowed(bytes)) => Cow::Borrowed(ptx::until_zero(bytes)),
            (Kind::Ptx, Cow::Owned(mut bytes)) => {
                bytes.truncate(ptx::until_zero(&bytes).len());
                Cow::Owned(bytes)
            }
            (_, bytes) => bytes,
        })
    }
}

fn lz4(payload: &[u8], size: u64) -> Result<Vec<u8>, ImageError> {
    let damaged = |reason: String| ImageError::Compressed { reason };
    if size > (payload.len() as u64).saturating_mul(LZ4_MOST) {
        return Err(damaged(format!(
            "{} bytes cannot hold {size}",
            payload.len()
        )));
    }
    // Fits: it is at most 255 times a slice's length that was checked against MAX_IMAGE.
    let mut out = vec![0; size as usize];
    let made =
        lz4_flex::block::decompress_into(payload, &mut out).map_err(|e| damaged(e.to_string()))?;
    exactly(made, size)?;
    Ok(out)
}

fn zstd(payload: &[u8], size: u64) -> Result<Vec<u8>, ImageError> {
    let damaged = |e: &dyn std::fmt::Display| ImageError::Compressed {
        reason: e.to_string(),
    };
    let decoder = ruzstd::decoding::StreamingDecoder::new(payload).map_err(|e| damaged(&e))?;
    // Grows with what comes out, not with what was promised.
    let mut out = Vec::new();
    decoder
        .take(size.saturating_add(1))
        .read_to_end(&mut out)
        .map_err(|e| damaged(&e))?;
    exactly(out.len(), size)?;
    Ok(out)
}

fn exactly(made: usize, size: u64) -> Result<(), ImageError> {
    if made as u64 == size {
        return Ok(());
    }
    Err(ImageError::Compressed {
        reason: format!("it says that it makes {size} bytes, and makes {made} or more"),
    })
}

//! Where the bytes of a copy from the device go: the program's memory, and nothing around it.

use std::ops::Range;

use pillion_protocol::{Violation, packed};

/// Memory of the program that a copy writes.
#[derive(Debug, Clone, Copy)]
pub struct Place(pub *mut u8);

// SAFETY: the program gave the memory to CUDA until the copy is done, whichever thread of this library writes it.
unsafe impl Send for Place {}
// SAFETY: as above; nothing is read or written through a shared reference.
unsafe impl Sync for Place {}

/// Where the bytes of a device-to-host copy go.
#[derive(Debug, Clone, Copy)]
pub enum Destination {
    /// One run of bytes.
    Linear {
        /// Its start.
        start: Place,
        /// Its length.
        len: usize,
    },
    /// Rows of a box, packed on the wire.
    Rows {
        /// The first byte of the first row.
        start: Place,
        /// Bytes of a row.
        width: usize,
        /// Rows of a slice.
        height: usize,
        /// Slices.
        depth: usize,
        /// Bytes from row to row.
        pitch: usize,
        /// Bytes from slice to slice.
        slice: usize,
    },
}

impl Destination {
    /// Bytes of the packed copy.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        match *self {
            Destination::Linear { len, .. } => len,
            Destination::Rows {
                width,
                height,
                depth,
                ..
            } => width * height * depth,
        }
    }

    /// From its first byte to behind its last one.
    pub fn extent(&self) -> Range<usize> {
        let (start, len) = match *self {
            Destination::Linear { start, len } => (start, len),
            Destination::Rows {
                start,
                width,
                height,
                depth,
                pitch,
                slice,
            } => (
                start,
                slice * depth.saturating_sub(1) + pitch * height.saturating_sub(1) + width,
            ),
        };
        start.0 as usize..start.0 as usize + len
    }

    /// Whether it lies in `[from, to)` at least in part.
    pub fn touches(&self, from: usize, to: usize) -> bool {
        let extent = self.extent();
        extent.start < to && from < extent.end
    }

    /// Reads the packed bytes `[offset, offset + out.len())`.
    ///
    /// # Safety
    ///
    /// The memory is the program's and readable, and the range is within [`Destination::len`].
    pub unsafe fn read(&self, offset: usize, out: &mut [u8]) {
        match *self {
            Destination::Linear { start, .. } => {
                // SAFETY: as the caller promises.
                unsafe {
                    std::ptr::copy_nonoverlapping(start.0.add(offset), out.as_mut_ptr(), out.len())
                };
            }
            Destination::Rows {
                start,
                width,
                height,
                pitch,
                slice,
                ..
            } => {
                let mut done = 0;
                while done < out.len() {
                    let (row, column) = ((offset + done) / width, (offset + done) % width);
                    let n = (out.len() - done).min(width - column);
                    let at = row / height * slice + row % height * pitch + column;
                    // SAFETY: a part of one row of the box.
                    unsafe {
                        std::ptr::copy_nonoverlapping(start.0.add(at), out[done..].as_mut_ptr(), n)
                    };
                    done += n;
                }
            }
        }
    }

    /// Writes what is in a [packed](packed) block at `offset` of the copy. Answers false where the server sent more than was asked for.
    pub(super) fn unpack(
        &self,
        offset: u64,
        len: usize,
        block: &[u8],
    ) -> core::result::Result<bool, Violation> {
        let end = (offset as usize).checked_add(len);
        if end.is_none_or(|end| end > self.len()) {
            return Ok(false);
        }
        if let Destination::Linear { start, .. } = *self {
            // SAFETY: within the range that the program gave for this copy, checked above, and must not touch until it is done.
            let place =
                unsafe { std::slice::from_raw_parts_mut(start.0.add(offset as usize), len) };
            return packed::unpack(block, place).map(|()| true);
        }
        let mut bytes = vec![0; len];
        packed::unpack(block, &mut bytes)?;
        Ok(self.write(offset as usize, &bytes))
    }

    /// Writes `bytes` at `offset` of the packed copy. Answers false where the server sent more than was asked for.
    pub(super) fn write(&self, offset: usize, bytes: &[u8]) -> bool {
        if offset
            .checked_add(bytes.len())
            .is_none_or(|end| end > self.len())
        {
            return false;
        }
        match *self {
            Destination::Linear { start, .. } => {
                // SAFETY: within the range that the program gave for this copy, checked above.
                unsafe {
                    std::ptr::copy_nonoverlapping(bytes.as_ptr(), start.0.add(offset), bytes.len())
                };
            }
            Destination::Rows {
                start,
                width,
                height,
                pitch,
                slice,
                ..
            } => {
                let mut offset = offset;
                let mut bytes = bytes;
                while !bytes.is_empty() {
                    let (row, column) = (offset / width, offset % width);
                    let n = bytes.len().min(width - column);
                    let at = row / height * slice + row % height * pitch + column;
                    // SAFETY: a part of one row of the box that the program gave, since the offset is within it.
                    unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), start.0.add(at), n) };
                    offset += n;
                    bytes = &bytes[n..];
                }
            }
        }
        true
    }
}

//! What programs hold for a device: an address that means nothing to anybody else.

use pillion_protocol::nvml::status;

use crate::Result;

/// Most devices of a server.
pub const MAX_DEVICES: usize = 64;

/// Somewhere for handles to point. Eight bytes each, so that a handle is aligned as a pointer to a struct is.
static PLACES: [u64; MAX_DEVICES] = [0; MAX_DEVICES];

/// The handle of a device.
pub fn of(index: usize) -> usize {
    PLACES.as_ptr() as usize + index * size_of::<u64>()
}

/// The device of a handle.
///
/// # Errors
///
/// `NVML_ERROR_INVALID_ARGUMENT` for what is none, or not of one of `count` devices.
pub fn index(handle: usize, count: usize) -> Result<usize> {
    let offset = handle.wrapping_sub(of(0));
    let index = offset / size_of::<u64>();
    if offset.is_multiple_of(size_of::<u64>()) && index < count.min(MAX_DEVICES) {
        Ok(index)
    } else {
        Err(status::INVALID_ARGUMENT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_given_out_is_a_handle() {
        assert_eq!(index(of(0), 2), Ok(0));
        assert_eq!(index(of(1), 2), Ok(1));
        for wrong in [0, of(2), of(0) + 1, of(0) - 8, usize::MAX] {
            assert_eq!(index(wrong, 2), Err(status::INVALID_ARGUMENT));
        }
    }
}

//! What the generated dispatch is made of.

use pillion_cuda_abi::{CUresult, Plain};
use pillion_protocol::Violation;

/// Why a command was not executed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The client broke the protocol; the session ends.
    Violation(Violation),
    /// The client is told.
    Status(CUresult),
}

impl From<Violation> for Failure {
    fn from(violation: Violation) -> Self {
        Failure::Violation(violation)
    }
}

impl From<CUresult> for Failure {
    fn from(status: CUresult) -> Self {
        Failure::Status(status)
    }
}

/// A value for the driver to write.
pub fn zeroed<T: Plain>() -> T {
    pillion_cuda_abi::plain_from_bytes(&[])
}

/// `count` values for the driver to write.
///
/// # Errors
///
/// Where there would be more than a frame can carry back.
pub fn many<T: Plain>(count: usize) -> Result<Vec<T>, Failure> {
    if count.saturating_mul(size_of::<T>()) > pillion_protocol::CHUNK {
        return Err(Failure::Violation(Violation::OutOfRange {
            what: "the length of an array",
            value: count as u64,
        }));
    }
    Ok(vec![zeroed(); count])
}

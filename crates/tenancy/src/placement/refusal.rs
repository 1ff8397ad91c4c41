//! Why somebody cannot have what he wants.

use std::fmt;

/// Why a demand is refused, as a sentence for whom it is of. What only has to wait is not refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It may be on none of the server's GPUs.
    NoGpu,
    /// It names a GPU that there is not.
    NoSuchGpu {
        /// The one.
        ordinal: usize,
        /// How many there are.
        gpus: usize,
    },
    /// It wants to see more GPUs than it may be on.
    TooManyGpus {
        /// How many it wants.
        wanted: usize,
        /// How many it may be on.
        allowed: usize,
    },
    /// It wants more memory than so many GPUs have that it may be on.
    TooMuchMemory {
        /// Bytes on each.
        wanted: u64,
        /// On how many.
        gpus: usize,
        /// Bytes that so many have.
        most: u64,
    },
    /// As many wait as may.
    QueueFull {
        /// So many.
        most: usize,
    },
    /// The session is here or waits already.
    Twice,
    /// There is no such session.
    NotHere,
    /// A session that runs stays what it is: its tenant, its mode, the number of its GPUs, and that it has a share or none.
    Fixed,
    /// A session that is parked, or is being, keeps the memory that it is promised.
    Parked,
    /// A session that runs is on a GPU that it would not be allowed.
    Elsewhere {
        /// The one.
        gpu: usize,
    },
    /// A session that runs cannot have so much memory.
    NoMemory {
        /// The GPU.
        gpu: usize,
        /// Bytes wanted.
        wanted: u64,
        /// Bytes that it could have.
        most: u64,
    },
    /// A session that runs cannot have so great a share.
    NoShare {
        /// The GPU.
        gpu: usize,
        /// Per cent wanted.
        wanted: u32,
        /// Per cent that it could have.
        most: u32,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Refusal::NoGpu => {
                f.write_str("there is no GPU that it may be on: allow it one of the server's")
            }
            Refusal::NoSuchGpu { ordinal, gpus } => write!(
                f,
                "there is no GPU {ordinal}, as the server has {gpus}, counted from 0: take it off the list"
            ),
            Refusal::TooManyGpus { wanted, allowed } => write!(
                f,
                "it wants to see {wanted} GPUs and may be on {allowed}: ask for fewer, or allow it more"
            ),
            Refusal::TooMuchMemory { wanted, gpus, most } => write!(
                f,
                "it wants {} promised on each of {gpus} GPUs, and the most that so many can promise is {}: ask for less",
                Bytes(wanted),
                Bytes(most)
            ),
            Refusal::QueueFull { most } => write!(
                f,
                "as many wait for a GPU as may ({most}): try again later"
            ),
            Refusal::Twice => f.write_str("the session is here already: name it by another number"),
            Refusal::NotHere => f.write_str("there is no such session: it may have ended"),
            Refusal::Fixed => f.write_str(
                "a session's tenant and mode, how many GPUs it has, and whether it has a share, are settled when it begins: let it begin anew",
            ),
            Refusal::Parked => f.write_str(
                "its memory is parked on the host, or on the way there: change what it may have when its program has used it again",
            ),
            Refusal::Elsewhere { gpu } => write!(
                f,
                "it is on GPU {gpu}, which it would not be allowed: let it begin anew"
            ),
            Refusal::NoMemory { gpu, wanted, most } => write!(
                f,
                "GPU {gpu} has {} for it, not {}: ask for less, or wait until others have ended",
                Bytes(most),
                Bytes(wanted)
            ),
            Refusal::NoShare { gpu, wanted, most } => write!(
                f,
                "GPU {gpu} has {most} per cent for it, not {wanted}: ask for less, or wait until others have ended"
            ),
        }
    }
}

impl std::error::Error for Refusal {}

/// Bytes as people read them.
struct Bytes(u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [("GiB", 30), ("MiB", 20), ("KiB", 10)];
        let unit = units.into_iter().find(|(_, bits)| self.0 >> bits > 0);
        match unit {
            Some((unit, bits)) if self.0.trailing_zeros() >= bits => {
                write!(f, "{} {unit}", self.0 >> bits)
            }
            Some((unit, bits)) => write!(f, "{:.1} {unit}", self.0 as f64 / (1u64 << bits) as f64),
            None => write!(f, "{} bytes", self.0),
        }
    }
}

//! A launch as it crosses the wire.

use pillion_protocol::command::{LaunchHead, cuda};
use pillion_protocol::{HEADER_LEN, Header, Interface, Violation};
use zerocopy::little_endian::{U32, U64};
use zerocopy::{FromBytes, IntoBytes};

/// Bytes of the parameters of a typical kernel: three addresses and two numbers.
pub const PARAMETERS: usize = 32;

/// Appends a launch.
#[inline(never)]
pub fn encode(sequence: u64, parameters: &[u8; PARAMETERS], out: &mut Vec<u8>) {
    let head = LaunchHead {
        function: U64::new(4 << 56),
        stream: U64::ZERO,
        grid: [U32::new(128), U32::new(1), U32::new(1)],
        block: [U32::new(256), U32::new(1), U32::new(1)],
        shared: U32::ZERO,
        flags: U32::ZERO,
        attributes: U32::ZERO,
        parameters: U32::new(PARAMETERS as u32),
    };
    let len = size_of::<LaunchHead>() + PARAMETERS;
    let header = Header::new(Interface::Cuda, cuda::LAUNCH, len, sequence, 1 << 56, 0);
    out.extend_from_slice(header.as_bytes());
    out.extend_from_slice(head.as_bytes());
    out.extend_from_slice(parameters);
}

/// Reads what [`encode`] has appended: the function, and the sum of its blocks and parameters, so that all of it is looked at.
///
/// # Errors
///
/// Where it is not that.
#[inline(never)]
pub fn decode(bytes: &[u8]) -> Result<(u64, u64), Violation> {
    let short = |missing| Violation::Truncated { missing };
    let (header, rest) = bytes
        .split_first_chunk::<HEADER_LEN>()
        .ok_or(short(HEADER_LEN))?;
    let header = Header::parse(header)?;
    let interface = Interface::try_from(header.interface)?;
    if interface != Interface::Cuda || header.opcode.get() != cuda::LAUNCH {
        return Err(Violation::UnknownOpcode(header.opcode.get()));
    }
    let body = rest
        .get(..header.len.get() as usize)
        .ok_or(short(header.len.get() as usize))?;
    let (head, parameters) =
        LaunchHead::ref_from_prefix(body).map_err(|_| short(size_of::<LaunchHead>()))?;
    let sum = parameters.iter().map(|byte| u64::from(*byte)).sum::<u64>();
    Ok((
        head.function.get(),
        sum + u64::from(head.grid[0].get()) + header.sequence.get(),
    ))
}

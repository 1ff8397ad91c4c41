//! What a worker says on its control socket once the device is loaded: that it is, and what there is.
//!
//! `READY`, the length of the rest in bytes (32 bits, little-endian), then how many devices there are, and the UUID, PCI address, memory
//! and name of each, in the order in which CUDA numbers them.

use crate::broker::places::Found;
use pillion_cuda_abi::visible::Identity;
use pillion_protocol::{Decoder, DeviceSnapshot, Encoder, Violation};

const READY: u8 = b'r';
const HEAD: usize = 5;
/// Most bytes that a worker says.
const MOST: usize = 16 << 10;
const MAX_DEVICES: u64 = 64;

/// What there is to be said of a worker's devices.
pub fn found(devices: &[DeviceSnapshot]) -> Vec<Found> {
    let found = |device: &DeviceSnapshot| Found {
        identity: Identity {
            uuid: device.uuid,
            pci_bus_id: device.pci_bus_id.clone(),
        },
        memory: device.total_memory,
        name: device.name.clone(),
    };
    devices.iter().map(found).collect()
}

/// The words of a worker that is ready.
pub fn say(devices: &[Found]) -> Vec<u8> {
    let mut rest = Vec::new();
    let mut body = Encoder::new(&mut rest);
    body.scalar(devices.len());
    for device in devices {
        body.bytes(&device.identity.uuid);
        body.text(&device.identity.pci_bus_id);
        body.scalar(device.memory);
        body.text(&device.name);
    }
    let mut words = vec![READY];
    words.extend_from_slice(&(rest.len() as u32).to_le_bytes());
    words.extend_from_slice(&rest);
    words
}

/// What of it has come so far means: nothing yet, or the devices.
///
/// # Errors
///
/// Where it is nothing that a worker says.
pub fn heard(words: &[u8]) -> Result<Option<Vec<Found>>, Violation> {
    let malformed = |value: usize| Violation::OutOfRange {
        what: "what a worker says",
        value: value as u64,
    };
    if let Some(first) = words.first().filter(|first| **first != READY) {
        return Err(malformed(usize::from(*first)));
    }
    let Some(len) = words.get(1..HEAD) else {
        return Ok(None);
    };
    let len = len
        .iter()
        .rev()
        .fold(0, |n, byte| n << 8 | usize::from(*byte));
    if len > MOST {
        return Err(malformed(len));
    }
    let Some(rest) = words.get(HEAD..HEAD + len) else {
        return Ok(None);
    };
    let mut body = Decoder::new(rest);
    let count = body.at_most("the number of devices", MAX_DEVICES)?;
    let mut devices = Vec::with_capacity(count as usize);
    for _ in 0..count {
        let uuid = body.bytes()?;
        let identity = Identity {
            uuid: uuid.try_into().map_err(|_| malformed(uuid.len()))?,
            pci_bus_id: body.string()?.to_string(),
        };
        devices.push(Found {
            identity,
            memory: body.scalar()?,
            name: body.string()?.to_string(),
        });
    }
    body.end()?;
    Ok(Some(devices))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_heard_however_it_comes() {
        let device = |n: u8| Found {
            identity: Identity {
                uuid: [n; 16],
                pci_bus_id: format!("0000:{n:02x}:00.0"),
            },
            memory: 1 << n,
            name: format!("Device {n}"),
        };
        let devices: Vec<Found> = (0..3).map(device).collect();
        let words = say(&devices);
        for end in 0..words.len() {
            assert_eq!(heard(&words[..end]), Ok(None), "{end} bytes of it");
        }
        assert_eq!(heard(&words), Ok(Some(devices)));
        assert_eq!(heard(&say(&[])), Ok(Some(Vec::new())));
        assert!(heard(b"x").is_err());
        assert!(heard(&[READY, 255, 255, 255, 255]).is_err());
        let mut wrong = words.clone();
        wrong[HEAD] = 200;
        assert!(heard(&wrong).is_err());
    }
}

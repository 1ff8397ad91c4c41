//! What a worker reports to the broker on its control socket: a byte for what it is, the length of the rest in bytes (32 bits,
//! little-endian), and the rest.
//!
//! The first is that its device is loaded, and which devices there are: how many, and the UUID, PCI address, memory and name of each, in
//! the order in which CUDA numbers them. Those of parking answer what the broker [says](super::said) of it.

use crate::broker::places::Found;
use pillion_cuda_abi::visible::Identity;
use pillion_protocol::{Decoder, DeviceSnapshot, Encoder, Violation};

const READY: u8 = b'r';
const FAULT: u8 = b'f';
const PARKED: u8 = b'p';
const STAYS: u8 = b's';
const WANTS: u8 = b'w';
const BACK: u8 = b'b';
const LOST: u8 = b'l';
const HEAD: usize = 5;
/// Most bytes that a worker reports at once.
const MOST: usize = 16 << 10;
const MAX_DEVICES: u64 = 64;

/// Something that a worker reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Report {
    /// The device is loaded, and these are there.
    Ready(Vec<Found>),
    /// What it has on the device came to this CUDA error, after which nothing works there. Of who has the device at the same time as others
    /// (MPS): they may have the same.
    Fault(u32),
    /// The session's device memory is on the host now, and the device has nothing of it.
    Parked,
    /// It was to be, and is not.
    Stays(Why),
    /// Its client has said something: it wants to have its device memory back.
    Wants,
    /// It has it back.
    Back,
    /// It cannot have it back, by this CUDA error, and ends.
    Lost(u32),
}

/// Why a session is not parked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Something is going on.
    Busy,
    /// The driver cannot, or what the session holds cannot be moved.
    Cannot,
}

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

impl Report {
    /// As bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut rest = Vec::new();
        let mut body = Encoder::new(&mut rest);
        let kind = match self {
            Report::Ready(devices) => {
                body.scalar(devices.len());
                for device in devices {
                    body.bytes(&device.identity.uuid);
                    body.text(&device.identity.pci_bus_id);
                    body.scalar(device.memory);
                    body.text(&device.name);
                }
                READY
            }
            Report::Fault(status) => {
                body.scalar(*status);
                FAULT
            }
            Report::Parked => PARKED,
            Report::Stays(why) => {
                body.scalar(u32::from(*why == Why::Cannot));
                STAYS
            }
            Report::Wants => WANTS,
            Report::Back => BACK,
            Report::Lost(status) => {
                body.scalar(*status);
                LOST
            }
        };
        let mut bytes = vec![kind];
        bytes.extend_from_slice(&(rest.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&rest);
        bytes
    }

    /// Takes the first of what was reported out of `bytes`, if it is whole.
    ///
    /// # Errors
    ///
    /// Where it is nothing that a worker reports.
    pub fn take(bytes: &mut Vec<u8>) -> Result<Option<Self>, Violation> {
        let malformed = |value: usize| Violation::OutOfRange {
            what: "what a worker reports",
            value: value as u64,
        };
        let Some(&[kind, ref len @ ..]) = bytes.first_chunk::<HEAD>() else {
            return Ok(None);
        };
        let len = u32::from_le_bytes(*len) as usize;
        if len > MOST {
            return Err(malformed(len));
        }
        let Some(rest) = bytes.get(HEAD..HEAD + len) else {
            return Ok(None);
        };
        let mut body = Decoder::new(rest);
        let report = match kind {
            READY => {
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
                Report::Ready(devices)
            }
            FAULT => Report::Fault(body.scalar()?),
            PARKED => Report::Parked,
            STAYS => Report::Stays(match body.scalar::<u32>()? {
                0 => Why::Busy,
                1 => Why::Cannot,
                other => return Err(malformed(other as usize)),
            }),
            WANTS => Report::Wants,
            BACK => Report::Back,
            LOST => Report::Lost(body.scalar()?),
            _ => return Err(malformed(usize::from(kind))),
        };
        body.end()?;
        bytes.drain(..HEAD + len);
        Ok(Some(report))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reported_is_heard_however_it_comes() {
        let device = |n: u8| Found {
            identity: Identity {
                uuid: [n; 16],
                pci_bus_id: format!("0000:{n:02x}:00.0"),
            },
            memory: 1 << n,
            name: format!("Device {n}"),
        };
        let reports = [
            Report::Ready((0..3).map(device).collect()),
            Report::Fault(700),
            Report::Ready(Vec::new()),
            Report::Stays(Why::Busy),
            Report::Stays(Why::Cannot),
            Report::Parked,
            Report::Wants,
            Report::Back,
            Report::Lost(801),
        ];
        let words: Vec<u8> = reports.iter().flat_map(Report::encode).collect();
        for step in 1..words.len() {
            let (mut bytes, mut heard) = (Vec::new(), Vec::new());
            for piece in words.chunks(step) {
                bytes.extend_from_slice(piece);
                while let Some(one) = Report::take(&mut bytes).unwrap() {
                    heard.push(one);
                }
            }
            assert_eq!(
                (&heard[..], bytes.len()),
                (&reports[..], 0),
                "{step} at a time"
            );
        }
        assert!(Report::take(&mut b"xxxxx".to_vec()).is_err());
        assert!(Report::take(&mut vec![READY, 255, 255, 255, 255]).is_err());
        assert!(Report::take(&mut vec![PARKED, 1, 0, 0, 0, 0]).is_err());
        assert!(Report::take(&mut vec![STAYS, 4, 0, 0, 0, 2, 0, 0, 0]).is_err());
        let mut wrong = words;
        wrong[HEAD] = 200;
        assert!(Report::take(&mut wrong).is_err());
    }
}

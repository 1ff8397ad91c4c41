//! The answer to the check that NVIDIA's runtime makes of a driver: an HMAC-MD2 over the process, the table addresses and the
//! devices. It is an interoperability answer, kept alone here behind the feature `integrity-answer`, so that whoever
//! distributes Pillion can decide about it.

use hmac::{Hmac, Mac};
use md2::Md2;

const KEY: [u8; 16] = [
    0x14, 0x6a, 0xdd, 0xae, 0x53, 0xa9, 0xa7, 0x52, 0xaa, 0x08, 0x41, 0x36, 0x0b, 0xf5, 0x5a, 0x9f,
];

/// What the check covers of the process.
#[derive(Debug, Clone, Copy)]
pub struct Subject {
    /// `cuDriverGetVersion`.
    pub driver_version: u32,
    /// The version that the runtime asks about.
    pub version: u32,
    /// The process.
    pub pid: u32,
    /// The low half of the calling thread's identity (`pthread_self`).
    pub thread: u32,
    /// Addresses of the runtime interface table, the integrity table, and its first function.
    pub addresses: [u64; 3],
    /// Seconds since 1970.
    pub time: u64,
}

/// What it covers of a device: identity, and PCI domain, bus and device.
pub type DeviceSubject = ([u8; 16], [i32; 3]);

/// The answer.
pub fn answer(subject: &Subject, devices: &[DeviceSubject]) -> [u64; 2] {
    match subject.version % 10 {
        0 => return [0x3341_181c_03cb_675c, 0x8ed3_83aa_1f4c_d1e8],
        1 => return [0x1841_181c_03cb_675c, 0x8ed3_83aa_1f4c_d1e8],
        _ => {}
    }
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Md2>::new_from_slice(&KEY) else {
        return [0; 2];
    };
    for word in [
        subject.driver_version,
        subject.version,
        subject.pid,
        subject.thread,
    ] {
        mac.update(&word.to_le_bytes());
    }
    for word in subject.addresses {
        mac.update(&word.to_le_bytes());
    }
    mac.update(&subject.time.to_le_bytes());
    for (uuid, pci) in devices {
        mac.update(uuid);
        for word in pci {
            mac.update(&word.to_le_bytes());
        }
    }
    let digest = mac.finalize().into_bytes();
    let half = |at: usize| u64::from_le_bytes(core::array::from_fn(|i| digest[at + i]));
    [half(0), half(8)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_hmac_of_the_fields_in_order() {
        let subject = Subject {
            driver_version: 13000,
            version: 13002,
            pid: 4711,
            thread: 0xdead_beef,
            addresses: [0x1122_3344_5566_7788, 2, 3],
            time: 1_700_000_000,
        };
        let devices = [([7u8; 16], [0, 4, 1])];
        // The message put together by hand, and RFC 2104 written out over MD2.
        let mut message = Vec::new();
        for word in [13000u32, 13002, 4711, 0xdead_beef] {
            message.extend_from_slice(&word.to_le_bytes());
        }
        for word in [0x1122_3344_5566_7788u64, 2, 3, 1_700_000_000] {
            message.extend_from_slice(&word.to_le_bytes());
        }
        message.extend_from_slice(&[7; 16]);
        for word in [0i32, 4, 1] {
            message.extend_from_slice(&word.to_le_bytes());
        }
        use md2::Digest;
        let pad = |byte: u8| KEY.map(|key| key ^ byte);
        let inner = Md2::new()
            .chain_update(pad(0x36))
            .chain_update(&message)
            .finalize();
        let outer = Md2::new()
            .chain_update(pad(0x5c))
            .chain_update(inner)
            .finalize();
        let answered = answer(&subject, &devices);
        assert_eq!(&outer[..8], &answered[0].to_le_bytes());
        assert_eq!(&outer[8..], &answered[1].to_le_bytes());
        let fixed = answer(
            &Subject {
                version: 13000,
                ..subject
            },
            &devices,
        );
        assert_eq!(fixed, [0x3341_181c_03cb_675c, 0x8ed3_83aa_1f4c_d1e8]);
    }
}

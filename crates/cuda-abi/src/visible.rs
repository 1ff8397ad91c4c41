//! Which of a machine's devices a program is to see: `CUDA_VISIBLE_DEVICES` and `CUDA_DEVICE_ORDER`, as CUDA reads them.

/// What tells one device of a machine from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// `cuDeviceGetUuid`.
    pub uuid: [u8; 16],
    /// `cuDeviceGetPCIBusId`.
    pub pci_bus_id: String,
}

/// A UUID as NVIDIA's tools print it: `GPU-12345678-9abc-def0-0001-020304050607`.
pub fn uuid(bytes: &[u8; 16]) -> String {
    let mut text = "GPU".to_string();
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 0 | 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// The places in `devices` of those that a program sees, in its order.
///
/// `list` is the value of `CUDA_VISIBLE_DEVICES`: numbers, or `GPU-` (`MIG-`) and the beginning of a UUID, up to the first word that
/// names no device, or more than one. A device that is named twice makes the list worth nothing. With `by_bus`
/// (`CUDA_DEVICE_ORDER=PCI_BUS_ID`) devices are numbered in the order of their PCI addresses, else as they are given.
pub fn visible(list: Option<&str>, by_bus: bool, devices: &[Identity]) -> Vec<usize> {
    let mut numbered: Vec<usize> = (0..devices.len()).collect();
    if by_bus {
        numbered.sort_by_key(|index| address(&devices[*index].pci_bus_id));
    }
    let Some(list) = list else {
        return numbered;
    };
    // The first word says what all of them are.
    let prefix = ["GPU-", "MIG-"]
        .into_iter()
        .find(|prefix| list.trim_start().starts_with(prefix));
    let mut found = Vec::new();
    for word in list.split(',') {
        let device = match prefix {
            Some(prefix) => word
                .trim()
                .strip_prefix(prefix)
                .and_then(|uuid| by_uuid(uuid, devices)),
            None => number(word).and_then(|number| numbered.get(number).copied()),
        };
        match device {
            None => break,
            Some(device) if found.contains(&device) => return Vec::new(),
            Some(device) => found.push(device),
        }
    }
    found
}

/// The parts of a PCI address, to be compared.
fn address(id: &str) -> Vec<u32> {
    let parts = id.split([':', '.']);
    let parts = parts.map(|part| u32::from_str_radix(part, 16).unwrap_or(u32::MAX));
    parts.collect()
}

/// The number that a word begins with; CUDA ignores what follows it.
fn number(word: &str) -> Option<usize> {
    let word = word.trim_start();
    let word = word.strip_prefix('+').unwrap_or(word);
    let end = word
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(word.len());
    word[..end].parse().ok()
}

/// The one device whose UUID begins so.
fn by_uuid(start: &str, devices: &[Identity]) -> Option<usize> {
    let wanted = start.replace('-', "").to_ascii_lowercase();
    let mut matching = devices.iter().enumerate().filter(|(_, device)| {
        let own: String = device.uuid.iter().map(|b| format!("{b:02x}")).collect();
        own.starts_with(&wanted)
    });
    let (index, _) = matching.next().filter(|_| !wanted.is_empty())?;
    matching.next().is_none().then_some(index)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_print_as_nvidias_tools_print_them() {
        let bytes = [
            0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 0, 1, 2, 3, 4, 5, 6, 7,
        ];
        assert_eq!(uuid(&bytes), "GPU-12345678-9abc-def0-0001-020304050607");
    }

    #[test]
    fn lists_are_read_as_cuda_reads_them() {
        let device = |first: u8, bus: &str| {
            let mut uuid = [first; 16];
            uuid[15] = 0;
            let pci_bus_id = bus.to_string();
            Identity { uuid, pci_bus_id }
        };
        let devices = [
            device(0xab, "0000:0A:00.0"),
            device(0x12, "0000:9:00.0"),
            device(0x13, "0001:01:00.0"),
        ];
        let seen = |list| visible(Some(list), false, &devices);
        assert_eq!(visible(None, false, &devices), [0, 1, 2]);
        assert_eq!(seen("1,0"), [1, 0]);
        assert_eq!(seen(" 2 ,+1"), [2, 1]);
        assert_eq!(seen("2gpu,0"), [2, 0], "what follows a number is ignored");
        for nothing in ["", "-1", "none", ",", "7", "0,0", "0,1,0", "GPU-", "GPU-1"] {
            assert_eq!(seen(nothing), [0; 0], "{nothing:?}");
        }
        assert_eq!(seen("99999999999999999999999,0"), [0; 0]);
        for ended in ["0,7,1", "0,,1", "0,-1,1", "0,GPU-12,1", "0,MIG-x"] {
            assert_eq!(seen(ended), [0], "{ended:?}");
        }
        assert_eq!(seen("GPU-abABabab-ab"), [0]);
        assert_eq!(seen("GPU-13, GPU-12"), [2, 1]);
        assert_eq!(seen("GPU-13,GPU-1,GPU-12"), [2], "two begin so");
        assert_eq!(seen("GPU-12,0"), [1]);
        assert_eq!(seen("GPU-12,GPU-1212"), [0; 0]);
        assert_eq!(seen("MIG-13131313-1313"), [2]);
        assert_eq!(seen("GPU-ab,MIG-12"), [0]);

        assert_eq!(visible(None, true, &devices), [1, 0, 2]);
        assert_eq!(visible(Some("2,0"), true, &devices), [2, 1]);
        assert_eq!(visible(Some("GPU-ab"), true, &devices), [0]);
    }
}

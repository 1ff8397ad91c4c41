//! What a hostile server can answer to the management library: the entry of fuzzing.

use pillion_protocol::nvml::{self, Function, MAX_ELEMENTS, Role};

use crate::forward;
use crate::handle;

/// Bytes around memory that the library may write to.
const GUARD: usize = 64;
const UNTOUCHED: u8 = 0xa5;
/// How many devices the server has said that it has.
const DEVICES: usize = 3;

/// A program's memory for one parameter.
struct Memory {
    bytes: Vec<u8>,
    len: usize,
}

impl Memory {
    fn new(len: usize) -> Self {
        Memory {
            bytes: vec![UNTOUCHED; len + 2 * GUARD],
            len,
        }
    }

    fn start(&mut self) -> usize {
        self.bytes[GUARD..].as_mut_ptr() as usize
    }

    fn put(&mut self, bytes: &[u8]) {
        self.bytes[GUARD..GUARD + bytes.len()].copy_from_slice(bytes);
    }

    fn check(&self, function: &Function) {
        let (before, rest) = self.bytes.split_at(GUARD);
        let behind = &rest[self.len..];
        let whole = before.iter().chain(behind).all(|byte| *byte == UNTOUCHED);
        assert!(whole, "{}: written beside the memory", function.name);
    }
}

/// A program that calls a function with memory of exactly the size that NVML's manual demands, and a server that answers what
/// comes behind in `bytes`. Nothing may panic, and nothing but that memory may be written.
pub fn answer(bytes: &[u8]) {
    let [which, count, nulls, choice, body @ ..] = bytes else {
        return;
    };
    let function = &nvml::FUNCTIONS[usize::from(*which) % nvml::FUNCTIONS.len()];
    let count = usize::from(*count).min(MAX_ELEMENTS as usize);
    let mut memories = Vec::new();
    let mut words = Vec::new();
    for (index, role) in function.parameters.iter().enumerate() {
        let len = match role {
            Role::Device => {
                words.push(handle::of(usize::from(*choice) % DEVICES));
                continue;
            }
            Role::Number | Role::Long => {
                words.push(usize::from(*choice));
                continue;
            }
            Role::Size => {
                words.push(count);
                continue;
            }
            _ if nulls >> index & 1 != 0 => {
                words.push(0);
                continue;
            }
            Role::Count => 4,
            Role::Text => 16,
            Role::Versioned(versions) => versions[usize::from(*choice) % versions.len()].1,
            Role::Out(size) => *size,
            Role::DeviceOut => 8,
            Role::Buffer => count,
            Role::Array(size) | Role::Items(size) => size * count,
            Role::Devices => 8 * count,
        };
        let mut memory = Memory::new(len);
        match role {
            Role::Count => memory.put(&(count as u32).to_le_bytes()),
            Role::Text => memory.put(b"GPU-0\0"),
            Role::Versioned(versions) => {
                let (version, size) = versions[usize::from(*choice) % versions.len()];
                memory.put(&(version << 24 | size as u32).to_le_bytes());
            }
            _ => {}
        }
        words.push(memory.start());
        memories.push(memory);
    }
    // SAFETY: the arguments are as the function's roles say, which are what `read` goes by.
    if let Ok(arguments) = unsafe { forward::read(function, &words, DEVICES) } {
        let mut request = Vec::new();
        nvml::encode_request(function, &arguments, &mut request);
        nvml::decode_request(function, &request).expect("servers understand what is asked");
        if let Ok((_, written)) = nvml::decode_answer(function, &arguments, body) {
            // SAFETY: as above; the answer was taken apart with what `read` has answered.
            let _ = unsafe { forward::write(function, &words, &written, DEVICES) };
        }
    }
    memories.iter().for_each(|memory| memory.check(function));
}

#[cfg(test)]
mod tests {
    use super::*;
    use pillion_protocol::Encoder;
    use proptest::prelude::*;

    /// Whether the program gives no count where the function wants one.
    fn null_count(function: &Function, nulls: u8) -> bool {
        let mut roles = function.parameters.iter().enumerate();
        roles.any(|(index, role)| *role == Role::Count && nulls >> index & 1 != 0)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn random_answers_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            answer(&bytes);
        }

        #[test]
        fn answers_that_might_be_true_do_no_harm(
            head in any::<[u8; 4]>(),
            few in any::<bool>(),
            status in prop::sample::select(vec![0u32, 0, 0, 7, 3]),
            lengths in any::<[u8; 6]>(),
        ) {
            let mut bytes = head.to_vec();
            if few {
                bytes[1] %= 4;
                bytes[2] &= 7;
            }
            let function = &nvml::FUNCTIONS[usize::from(bytes[0]) % nvml::FUNCTIONS.len()];
            let count = usize::from(bytes[1]);
            let mut body = Vec::new();
            let mut encoder = Encoder::new(&mut body);
            encoder.scalar(status);
            for (index, role) in function.parameters.iter().enumerate() {
                let null = bytes[2] >> index & 1 != 0;
                let counted = if null_count(function, bytes[2]) { 0 } else { count };
                let len = match role {
                    Role::Device | Role::Number | Role::Long | Role::Size | Role::Text => continue,
                    _ if null => continue,
                    Role::Out(size) => *size,
                    Role::Array(size) | Role::Items(size) => size * counted,
                    Role::Count => 4,
                    Role::Versioned(versions) => versions[usize::from(bytes[3]) % versions.len()].1,
                    Role::DeviceOut => 8,
                    Role::Buffer => counted.saturating_sub(1),
                    Role::Devices => 8 * counted,
                };
                // Mostly the length that it has to have.
                let len = match lengths[index] {
                    0..30 => len + 8,
                    30..60 => len.saturating_sub(8),
                    _ => len,
                };
                encoder.bytes(&vec![lengths[index] & 3; len]);
            }
            bytes.extend(body);
            answer(&bytes);
        }
    }
}

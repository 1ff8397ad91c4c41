//! [`crate::Interface::Nvml`]: NVIDIA's management library, function by function.
//!
//! A command's opcode is the function's number in [`FUNCTIONS`], or [`OPEN`]. Its body holds the function's parameters in
//! order, as their [`Role`]s say:
//!
//! * a value, a size, or a device (its index) is a word;
//! * a pointer is a word, 0 for null or 1, and then, if the function reads what it points to, the content: a count is a word,
//!   everything else is bytes with their length.
//!
//! Every command is answered. The frame's own status is always success; its body begins with NVML's, a word. With
//! [`SUCCESS`] follows, for each pointer that was not null and that the function writes through, the content as bytes; with
//! [`INSUFFICIENT_SIZE`] that of the count alone; with any other status nothing, as NVML writes nothing then.
//!
//! Devices are numbered from 0 in NVML's order, without those that the server's CUDA does not show.

mod table;

use crate::{Decoder, Encoder, Violation};

pub use table::FUNCTIONS;

/// Opcode of the first command. Answered with NVML's status, then the number of devices (a word).
pub const OPEN: u16 = 0;

/// Most elements that an array has on the wire. A program may offer more room.
pub const MAX_ELEMENTS: u64 = 8192;
/// Most bytes of a text that a function reads.
pub const MAX_TEXT: usize = 256;
/// A device that the session does not have.
pub const NO_DEVICE: u64 = u64::MAX;

/// NVML's statuses, under NVML's names.
pub mod status {
    #![allow(missing_docs)]
    pub const SUCCESS: u32 = 0;
    pub const UNINITIALIZED: u32 = 1;
    pub const INVALID_ARGUMENT: u32 = 2;
    pub const NOT_SUPPORTED: u32 = 3;
    pub const NO_PERMISSION: u32 = 4;
    pub const NOT_FOUND: u32 = 6;
    pub const INSUFFICIENT_SIZE: u32 = 7;
    pub const DRIVER_NOT_LOADED: u32 = 9;
    pub const TIMEOUT: u32 = 10;
    pub const LIBRARY_NOT_FOUND: u32 = 12;
    pub const FUNCTION_NOT_FOUND: u32 = 13;
    pub const GPU_IS_LOST: u32 = 15;
    pub const ARGUMENT_VERSION_MISMATCH: u32 = 25;
    pub const UNKNOWN: u32 = 999;
}

use status::{INSUFFICIENT_SIZE, SUCCESS};

/// What a parameter is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A device.
    Device,
    /// A number of up to 32 bits.
    Number,
    /// A number of 64 bits.
    Long,
    /// How many elements the array or the buffer has room for.
    Size,
    /// How many elements the arrays have room for; then, how many there are.
    Count,
    /// A text that the function reads.
    Text,
    /// A text that the function writes.
    Buffer,
    /// Elements of so many bytes that the function writes.
    Array(usize),
    /// Elements of so many bytes that the function reads and writes.
    Items(usize),
    /// A struct or number of so many bytes that the function writes.
    Out(usize),
    /// A struct that begins with its version: the versions that there are, each with the struct's size.
    Versioned(&'static [(u32, usize)]),
    /// A device that the function finds.
    DeviceOut,
    /// Devices that the function finds.
    Devices,
}

/// Whether an answer may be used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasting {
    /// It is the same as long as the server runs.
    Once,
    /// It changes.
    Each,
}

/// A function that travels.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    /// Its opcode.
    pub number: u16,
    /// NVML's name.
    pub name: &'static str,
    /// Whether to ask again.
    pub lasting: Lasting,
    /// What its parameters are for.
    pub parameters: &'static [Role],
}

/// The function with this number.
pub fn function(number: u16) -> Option<&'static Function> {
    FUNCTIONS
        .binary_search_by_key(&number, |function| function.number)
        .ok()
        .map(|index| &FUNCTIONS[index])
}

/// Bytes that a C function may be given the address of: aligned as any of NVML's structs, and with some room behind, for a
/// driver whose struct is longer than the one in the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memory {
    words: Vec<u64>,
    len: usize,
}

impl Memory {
    const ROOM: usize = 64;

    /// `len` zeros.
    pub fn zeroed(len: usize) -> Self {
        Memory {
            words: vec![0; (len + Self::ROOM).div_ceil(8)],
            len,
        }
    }

    /// A copy of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        let mut memory = Memory::zeroed(bytes.len());
        memory.bytes_mut().copy_from_slice(bytes);
        memory
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &zerocopy::IntoBytes::as_bytes(&self.words[..])[..self.len]
    }

    /// The bytes, to be written.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut zerocopy::IntoBytes::as_mut_bytes(&mut self.words[..])[..self.len]
    }

    /// Where they are.
    pub fn as_mut_ptr(&mut self) -> *mut u64 {
        self.words.as_mut_ptr()
    }

    /// The number that they begin with.
    pub fn number(&self) -> u32 {
        self.bytes()
            .first_chunk()
            .map_or(0, |bytes| u32::from_le_bytes(*bytes))
    }

    /// The text that they begin with.
    pub fn text(&self) -> &[u8] {
        let bytes = self.bytes();
        let end = bytes.iter().position(|&byte| byte == 0);
        &bytes[..end.unwrap_or(bytes.len())]
    }
}

/// What a parameter is in one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Argument {
    /// A value, a size, or a device's index.
    Value(u64),
    /// A null pointer.
    Null,
    /// What a pointer points to. Before a call, of what is only written: nothing in particular.
    Memory(Memory),
}

impl Argument {
    fn memory(&self) -> Option<&Memory> {
        match self {
            Argument::Memory(memory) => Some(memory),
            _ => None,
        }
    }
}

/// What a call wrote, by parameter.
pub type Written = Vec<Option<Vec<u8>>>;

/// Appends a call's parameters to `body`.
pub fn encode_request(function: &Function, arguments: &[Argument], body: &mut Vec<u8>) {
    let mut body = Encoder::new(body);
    for (role, argument) in function.parameters.iter().zip(arguments) {
        match argument {
            Argument::Value(value) => body.scalar(*value),
            Argument::Null => body.scalar(0u32),
            Argument::Memory(memory) => {
                body.scalar(1u32);
                match role {
                    Role::Count => body.scalar(memory.number()),
                    Role::Text => body.bytes(memory.text()),
                    Role::Versioned(_) | Role::Items(_) => body.bytes(memory.bytes()),
                    _ => {}
                }
            }
        }
    }
}

/// Reads a call's parameters. Memory that the function writes is there, zeroed, in the size that it needs.
///
/// # Errors
///
/// Where the body is malformed, or names more than there may be.
pub fn decode_request(function: &Function, body: &[u8]) -> Result<Vec<Argument>, Violation> {
    let mut body = Decoder::new(body);
    let mut arguments = Vec::with_capacity(function.parameters.len());
    for role in function.parameters {
        let argument = match role {
            Role::Device | Role::Number => {
                Argument::Value(body.at_most("a number of 32 bits", u64::from(u32::MAX))?)
            }
            Role::Long => Argument::Value(body.scalar()?),
            Role::Size => Argument::Value(body.at_most("the size of an array", MAX_ELEMENTS)?),
            _ if body.at_most("the presence of a pointer", 1)? == 0 => Argument::Null,
            Role::Count => {
                let count = body.at_most("the length of an array", MAX_ELEMENTS)? as u32;
                Argument::Memory(Memory::of(&count.to_le_bytes()))
            }
            Role::Text => {
                let bytes = body.bytes()?;
                if bytes.len() > MAX_TEXT || bytes.contains(&0) {
                    return Err(Violation::MalformedText);
                }
                // The memory's room ends it with a zero.
                Argument::Memory(Memory::of(bytes))
            }
            Role::Versioned(versions) => {
                let bytes = body.bytes()?;
                if versioned(versions, bytes) != Some(bytes.len()) {
                    return Err(Violation::OutOfRange {
                        what: "the version of a struct",
                        value: bytes.len() as u64,
                    });
                }
                Argument::Memory(Memory::of(bytes))
            }
            Role::Items(_) => Argument::Memory(Memory::of(body.bytes()?)),
            Role::Out(size) => Argument::Memory(Memory::zeroed(*size)),
            Role::DeviceOut => Argument::Memory(Memory::zeroed(8)),
            // Sized below, when the count is known, wherever in the list it is.
            Role::Buffer | Role::Array(_) | Role::Devices => Argument::Memory(Memory::zeroed(0)),
        };
        arguments.push(argument);
    }
    body.end()?;
    let count = room(function, &arguments);
    for (role, argument) in function.parameters.iter().zip(&mut arguments) {
        let Argument::Memory(memory) = argument else {
            continue;
        };
        match role {
            Role::Buffer | Role::Array(_) | Role::Devices => {
                *memory = Memory::zeroed(count * element(*role));
            }
            Role::Items(size) if memory.bytes().len() != count * size => {
                return Err(Violation::OutOfRange {
                    what: "the length of an array",
                    value: memory.bytes().len() as u64,
                });
            }
            _ => {}
        }
    }
    Ok(arguments)
}

/// Appends what a call answers. `request` is what it was called with, `arguments` what became of that.
pub fn encode_answer(
    function: &Function,
    status: u32,
    request: &[Argument],
    arguments: &[Argument],
    body: &mut Vec<u8>,
) {
    let mut body = Encoder::new(body);
    body.scalar(status);
    let available = room(function, request).min(room(function, arguments));
    for (role, argument) in function.parameters.iter().zip(arguments) {
        let Some(memory) = argument.memory() else {
            continue;
        };
        if !is_answered(*role, status) {
            continue;
        }
        body.bytes(match role {
            Role::Buffer => memory.text(),
            Role::Array(_) | Role::Devices => {
                let len = (available * element(*role)).min(memory.bytes().len());
                &memory.bytes()[..len]
            }
            _ => memory.bytes(),
        });
    }
}

/// Reads what a call answers: NVML's status, and the memory that is to be written, by parameter. None is longer than what
/// `request` has room for.
///
/// # Errors
///
/// Where the body is malformed.
pub fn decode_answer(
    function: &Function,
    request: &[Argument],
    body: &[u8],
) -> Result<(u32, Written), Violation> {
    let mut body = Decoder::new(body);
    let status = body.scalar()?;
    let count = room(function, request);
    let mut written = Vec::with_capacity(request.len());
    for (role, argument) in function.parameters.iter().zip(request) {
        let (Some(memory), true) = (argument.memory(), is_answered(*role, status)) else {
            written.push(None);
            continue;
        };
        let bytes = body.bytes()?;
        let fits = match role {
            Role::Out(size) => bytes.len() == *size,
            Role::Count => bytes.len() == 4,
            Role::DeviceOut => bytes.len() == 8,
            Role::Versioned(_) => bytes.len() == memory.bytes().len(),
            Role::Items(size) => bytes.len() == count * size,
            // A text needs room for the zero at its end.
            Role::Buffer => bytes.len() < count.max(1),
            role => {
                bytes.len() <= count * element(*role) && bytes.len().is_multiple_of(element(*role))
            }
        };
        if !fits {
            return Err(Violation::OutOfRange {
                what: "the length of an answer",
                value: bytes.len() as u64,
            });
        }
        written.push(Some(bytes.to_vec()));
    }
    body.end()?;
    Ok((status, written))
}

/// The size of the struct that begins with these bytes, if that version of it is known.
pub fn versioned(versions: &[(u32, usize)], bytes: &[u8]) -> Option<usize> {
    let word = u32::from_le_bytes(*bytes.first_chunk()?);
    versions
        .iter()
        .find(|(version, size)| word == version << 24 | *size as u32)
        .map(|(_, size)| *size)
}

/// How many elements the arrays of a call have.
fn room(function: &Function, arguments: &[Argument]) -> usize {
    let count = function
        .parameters
        .iter()
        .zip(arguments)
        .find_map(|(role, argument)| match (role, argument) {
            (Role::Size, Argument::Value(size)) => Some(*size),
            (Role::Count, Argument::Memory(memory)) => Some(u64::from(memory.number())),
            _ => None,
        });
    count.unwrap_or(0).min(MAX_ELEMENTS) as usize
}

/// Bytes of one element of what has several.
fn element(role: Role) -> usize {
    match role {
        Role::Array(size) | Role::Items(size) => size,
        Role::Devices => 8,
        _ => 1,
    }
}

/// Whether an answer with this status has what such a parameter points to.
fn is_answered(role: Role, status: u32) -> bool {
    match status {
        SUCCESS => !matches!(role, Role::Text),
        INSUFFICIENT_SIZE => role == Role::Count,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Arguments for a function as a program might give them, from one random number each.
    fn arguments(function: &Function, random: &[u64]) -> Vec<Argument> {
        let count = random[7] % 9;
        function
            .parameters
            .iter()
            .zip(random)
            .map(|(role, &random)| match role {
                Role::Device | Role::Number => Argument::Value(random as u32 as u64),
                Role::Long => Argument::Value(random),
                Role::Size => Argument::Value(count),
                _ if random % 8 == 0 => Argument::Null,
                Role::Count => Argument::Memory(Memory::of(&(count as u32).to_le_bytes())),
                Role::Text => Argument::Memory(Memory::of(format!("GPU-{random:x}").as_bytes())),
                Role::Versioned(versions) => {
                    let (version, size) = versions[random as usize % versions.len()];
                    let mut memory = Memory::zeroed(size);
                    let word = version << 24 | size as u32;
                    memory.bytes_mut()[..4].copy_from_slice(&word.to_le_bytes());
                    Argument::Memory(memory)
                }
                Role::Items(size) => {
                    Argument::Memory(Memory::of(&vec![random as u8; size * count as usize]))
                }
                _ => Argument::Memory(Memory::zeroed(0)),
            })
            .collect()
    }

    #[test]
    fn numbers_and_names_are_unique_and_sorted() {
        assert!(FUNCTIONS.is_sorted_by(|a, b| a.number < b.number));
        assert!(FUNCTIONS[0].number > OPEN);
        let mut names: Vec<_> = FUNCTIONS.iter().map(|f| f.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FUNCTIONS.len());
    }

    #[test]
    fn the_table_makes_sense() {
        for function in FUNCTIONS {
            let count = |wanted: fn(&Role) -> bool| {
                function.parameters.iter().filter(|r| wanted(r)).count()
            };
            let counts = count(|r| matches!(r, Role::Count | Role::Size));
            let arrays = count(|r| {
                matches!(
                    r,
                    Role::Buffer | Role::Array(_) | Role::Items(_) | Role::Devices
                )
            });
            assert!(counts <= 1, "{}", function.name);
            assert_eq!(counts == 1, arrays > 0, "{}", function.name);
            assert!(function.parameters.len() <= 6, "{}", function.name);
            // What is answered at most has to fit a frame.
            let most: usize = function
                .parameters
                .iter()
                .map(|role| match role {
                    Role::Out(size) => *size,
                    Role::Versioned(versions) => versions.iter().map(|v| v.1).max().unwrap(),
                    role => element(*role) * MAX_ELEMENTS as usize,
                })
                .sum();
            assert!(most < crate::CHUNK, "{}", function.name);
        }
    }

    proptest! {
        #[test]
        fn requests_and_answers_travel(
            which in any::<prop::sample::Index>(),
            random in proptest::collection::vec(any::<u64>(), 8),
            fill in any::<u8>(),
            status in prop::sample::select(vec![SUCCESS, INSUFFICIENT_SIZE, status::NOT_SUPPORTED]),
        ) {
            let function = &FUNCTIONS[which.index(FUNCTIONS.len())];
            let sent = arguments(function, &random);
            let mut body = Vec::new();
            encode_request(function, &sent, &mut body);
            let received = decode_request(function, &body).unwrap();
            prop_assert_eq!(sent.len(), received.len());
            for ((role, sent), received) in function.parameters.iter().zip(&sent).zip(&received) {
                match (role, sent, received) {
                    (_, Argument::Value(a), Argument::Value(b)) => prop_assert_eq!(a, b),
                    (_, Argument::Null, Argument::Null) => {}
                    (
                        Role::Count | Role::Text | Role::Versioned(_) | Role::Items(_),
                        Argument::Memory(a),
                        Argument::Memory(b),
                    ) => prop_assert_eq!(a.bytes(), b.bytes()),
                    (_, Argument::Memory(_), Argument::Memory(_)) => {}
                    _ => prop_assert!(false, "{:?} became {:?}", sent, received),
                }
            }
            let mut answered = received.clone();
            for (role, argument) in function.parameters.iter().zip(&mut answered) {
                if let Argument::Memory(memory) = argument
                    && !matches!(role, Role::Count)
                {
                    let last = memory.bytes().len().saturating_sub(1);
                    memory.bytes_mut().fill(fill);
                    if *role == Role::Buffer && last > 0 {
                        memory.bytes_mut()[last] = 0;
                    } else if *role == Role::Buffer {
                        memory.bytes_mut().fill(0);
                    }
                }
            }
            let mut body = Vec::new();
            encode_answer(function, status, &received, &answered, &mut body);
            let (got, written) = decode_answer(function, &sent, &body).unwrap();
            prop_assert_eq!(got, status);
            for ((role, memory), written) in function.parameters.iter().zip(&answered).zip(&written) {
                match (memory.memory(), written) {
                    (Some(memory), Some(bytes)) if *role == Role::Buffer => {
                        prop_assert_eq!(memory.text(), &bytes[..]);
                    }
                    (Some(memory), Some(bytes)) => prop_assert_eq!(memory.bytes(), &bytes[..]),
                    (_, None) => prop_assert!(
                        memory.memory().is_none() || !is_answered(*role, status)
                    ),
                    (None, Some(_)) => prop_assert!(false, "something came from nothing"),
                }
            }
        }

        #[test]
        fn random_bytes_do_no_harm(
            which in any::<prop::sample::Index>(),
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let function = &FUNCTIONS[which.index(FUNCTIONS.len())];
            if let Ok(arguments) = decode_request(function, &bytes) {
                let _ = decode_answer(function, &arguments, &bytes);
            }
        }

        #[test]
        fn damaged_requests_do_no_harm(
            which in any::<prop::sample::Index>(),
            random in proptest::collection::vec(any::<u64>(), 8),
            at in any::<prop::sample::Index>(),
            byte in any::<u8>(),
            cut in any::<prop::sample::Index>(),
        ) {
            let function = &FUNCTIONS[which.index(FUNCTIONS.len())];
            let sent = arguments(function, &random);
            let mut body = Vec::new();
            encode_request(function, &sent, &mut body);
            if body.is_empty() {
                return Ok(());
            }
            let at = at.index(body.len());
            body[at] = byte;
            body.truncate(cut.index(body.len() + 1));
            if let Ok(arguments) = decode_request(function, &body) {
                let total: usize = arguments
                    .iter()
                    .filter_map(|argument| argument.memory())
                    .map(|memory| memory.bytes().len())
                    .sum();
                prop_assert!(total < crate::MAX_BODY);
            }
        }
    }
}

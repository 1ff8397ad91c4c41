//! From a program's arguments to a command, and from the answer to where the program wants it.

use core::ffi::{CStr, c_char};

use pillion_protocol::nvml::{
    self, Argument, Function, MAX_ELEMENTS, MAX_TEXT, Memory, NO_DEVICE, Role, status,
};

use crate::session::Library;
use crate::{Result, handle};

/// Calls a function of the table with a program's arguments.
///
/// # Errors
///
/// What NVML answers.
///
/// # Safety
///
/// `words` are the arguments of that function as NVML's manual wants them.
pub unsafe fn call(number: u16, words: &[usize]) -> Result {
    let function = nvml::function(number).ok_or(status::FUNCTION_NOT_FOUND)?;
    let mut session = Library::current()?;
    // SAFETY: as the caller promises.
    let arguments = unsafe { read(function, words, session.devices()) }?;
    let (code, written) = session.call(function, &arguments)?;
    // SAFETY: as the caller promises; what was written fits what `read` has seen.
    unsafe { write(function, words, &written, session.devices()) }?;
    match code {
        status::SUCCESS => Ok(()),
        other => Err(other),
    }
}

/// Reads what the function would read.
///
/// # Safety
///
/// As [`call`].
pub(crate) unsafe fn read(
    function: &Function,
    words: &[usize],
    devices: usize,
) -> Result<Vec<Argument>> {
    let copy = |pointer: usize, len: usize| {
        // SAFETY: the function reads that much there, so the caller has it.
        Argument::Memory(Memory::of(unsafe {
            core::slice::from_raw_parts(pointer as *const u8, len)
        }))
    };
    let size = |role: &Role| matches!(role, Role::Size);
    let size = function.parameters.iter().position(size);
    let given = size.map_or(0, |at| words[at] as u32 as usize);
    let elements = given.min(MAX_ELEMENTS as usize);
    function
        .parameters
        .iter()
        .zip(words)
        .map(|(role, &word)| {
            Ok(match role {
                Role::Device => Argument::Value(handle::index(word, devices)? as u64),
                Role::Number => Argument::Value(u64::from(word as u32)),
                Role::Long => Argument::Value(word as u64),
                Role::Size => Argument::Value(elements as u64),
                _ if word == 0 => Argument::Null,
                Role::Count => {
                    // SAFETY: NVML reads a count there.
                    let count = unsafe { (word as *const u32).read_unaligned() };
                    let count = u64::from(count).min(MAX_ELEMENTS) as u32;
                    Argument::Memory(Memory::of(&count.to_le_bytes()))
                }
                Role::Text => {
                    // SAFETY: NVML reads a text there, which ends with a zero.
                    let text = unsafe { CStr::from_ptr(word as *const c_char) }.to_bytes();
                    if text.len() > MAX_TEXT {
                        return Err(status::NOT_FOUND);
                    }
                    Argument::Memory(Memory::of(text))
                }
                Role::Versioned(versions) => {
                    // SAFETY: NVML reads a version there.
                    let version = unsafe { (word as *const u32).read_unaligned() };
                    let size = nvml::versioned(versions, &version.to_le_bytes())
                        .ok_or(status::ARGUMENT_VERSION_MISMATCH)?;
                    copy(word, size)
                }
                // Read as far as the program says, or not at all.
                Role::Items(size) if given == elements => copy(word, size * elements),
                Role::Items(_) => return Err(status::INVALID_ARGUMENT),
                _ => Argument::Memory(Memory::zeroed(0)),
            })
        })
        .collect()
}

/// Writes what the function wrote.
///
/// # Safety
///
/// As [`call`]; `written` is an answer to what [`read`] has made of `words`.
pub(crate) unsafe fn write(
    function: &Function,
    words: &[usize],
    written: &[Option<Vec<u8>>],
    devices: usize,
) -> Result {
    let parameters = function.parameters.iter().zip(words).zip(written);
    for ((role, &word), bytes) in parameters {
        let Some(bytes) = bytes else {
            continue;
        };
        let place = word as *mut u8;
        match role {
            Role::DeviceOut | Role::Devices => {
                let mut found = 0;
                for index in bytes.as_chunks().0.iter().copied().map(u64::from_le_bytes) {
                    if index == NO_DEVICE || index >= devices as u64 {
                        continue;
                    }
                    // SAFETY: room for as many handles as the answer has.
                    unsafe {
                        place
                            .cast::<usize>()
                            .add(found)
                            .write_unaligned(handle::of(index as usize));
                    }
                    found += 1;
                }
                if *role == Role::DeviceOut && found == 0 {
                    return Err(status::NOT_FOUND);
                }
                // The server may say of a call without a count that it has succeeded.
                if *role == Role::Devices
                    && let Some(at) = function.parameters.iter().position(|r| *r == Role::Count)
                    && words[at] != 0
                {
                    // SAFETY: NVML writes a count there, which comes before the array.
                    unsafe { (words[at] as *mut u32).write_unaligned(found as u32) };
                }
            }
            _ => {
                // SAFETY: NVML writes that much there: the answer was checked against the sizes that the program gave.
                unsafe { place.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
                if *role == Role::Buffer && function.parameters.contains(&Role::Size) {
                    let size = function.parameters.iter().position(|r| *r == Role::Size);
                    if size.is_some_and(|at| words[at] as u32 as usize > bytes.len()) {
                        // SAFETY: within the buffer, as its size has just shown.
                        unsafe { place.add(bytes.len()).write(0) };
                    }
                }
            }
        }
    }
    Ok(())
}

//! Memory that two processes share, of a size that neither can change.

use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{
    MemfdFlags, SealFlags, fcntl_add_seals, fcntl_get_seals, fstat, ftruncate, memfd_create,
};
use std::io;

/// Nothing can change the memory's size: touching it never ends in SIGBUS.
const SEALS: SealFlags = SealFlags::SHRINK
    .union(SealFlags::GROW)
    .union(SealFlags::SEAL);

/// Makes memory of so many bytes, all zero. `name` is what `/proc` shows.
///
/// # Errors
/// The kernel's: no memory, no descriptor left.
pub fn make(name: &str, len: u64) -> io::Result<OwnedFd> {
    let memory = memfd_create(name, MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
    ftruncate(&memory, len)?;
    fcntl_add_seals(&memory, SEALS)?;
    Ok(memory)
}

/// Makes sure that a descriptor of another process's is such memory, of so many bytes.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] where it is not.
pub fn check(memory: impl AsFd, len: u64) -> io::Result<()> {
    let sealed = fcntl_get_seals(&memory).is_ok_and(|seals| seals.contains(SEALS));
    if !sealed || !fstat(&memory).is_ok_and(|stat| u64::try_from(stat.st_size) == Ok(len)) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the shared memory is not sealed at its size",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sealed_memory_of_the_right_size_passes() {
        let memory = make("test", 8192).unwrap();
        check(&memory, 8192).unwrap();
        assert!(check(&memory, 4096).is_err());
        assert!(ftruncate(&memory, 4096).is_err() && ftruncate(&memory, 1 << 20).is_err());
        let open = memfd_create("test", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING).unwrap();
        ftruncate(&open, 8192).unwrap();
        assert!(check(&open, 8192).is_err());
        let (socket, _other) = std::os::unix::net::UnixStream::pair().unwrap();
        assert!(check(&socket, 0).is_err());
    }
}

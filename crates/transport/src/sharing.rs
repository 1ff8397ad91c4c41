//! Memory that one session hands to another: a descriptor of the driver's or of the CPU device's, given to whoever knows its
//! number.
//!
//! The client of the one session gives the number to the client of the other as a file, by whatever way programs pass
//! descriptors. The number is 128 random bits, so that knowing it is the permission. Workers give each other the descriptors over
//! a socket in the abstract namespace, whose name is as random, and only to processes of the server's own user.

use std::collections::HashMap;
use std::io::{IoSlice, IoSliceMut, Read};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg, sockopt,
};

/// The number of a shared descriptor: that of the worker's socket, then its own.
pub type Ticket = [u8; 32];
/// Longest that another worker may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Most descriptors that a session shares.
const MOST: usize = 4096;

/// What a session shares.
#[derive(Debug, Default)]
pub struct Sharing {
    socket: Option<[u8; 16]>,
    items: Arc<Mutex<HashMap<[u8; 16], OwnedFd>>>,
}

fn random() -> std::io::Result<[u8; 16]> {
    let mut bytes = [0; 16];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn address(socket: &[u8; 16]) -> std::io::Result<SocketAddr> {
    let name: String = socket.iter().map(|byte| format!("{byte:02x}")).collect();
    SocketAddr::from_abstract_name(format!("pillion-share-{name}"))
}

/// Whether the process at the other end is of this one's user.
fn is_own(stream: &UnixStream) -> bool {
    sockopt::socket_peercred(stream).is_ok_and(|peer| peer.uid == rustix::process::geteuid())
}

impl Sharing {
    /// Shares a descriptor until the session ends.
    ///
    /// # Errors
    ///
    /// Where there are too many, or the kernel refuses a socket.
    pub fn share(&mut self, descriptor: OwnedFd) -> std::io::Result<Ticket> {
        let socket = match self.socket {
            Some(socket) => socket,
            None => {
                let socket = random()?;
                let listener = UnixListener::bind_addr(&address(&socket)?)?;
                let items = self.items.clone();
                std::thread::Builder::new()
                    .name("share".to_string())
                    .spawn(move || serve(&listener, &items))?;
                *self.socket.insert(socket)
            }
        };
        let item = random()?;
        let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
        if items.len() >= MOST {
            return Err(std::io::ErrorKind::QuotaExceeded.into());
        }
        items.insert(item, descriptor);
        let mut ticket = [0; 32];
        ticket[..16].copy_from_slice(&socket);
        ticket[16..].copy_from_slice(&item);
        Ok(ticket)
    }

    /// Shares it no longer.
    pub fn end(&self, ticket: &Ticket) {
        if self.gave(ticket) {
            let mut items = self.items.lock().unwrap_or_else(PoisonError::into_inner);
            items.remove(&ticket[16..]);
        }
    }

    /// Whether a ticket is one of this process's own.
    #[must_use]
    pub fn gave(&self, ticket: &Ticket) -> bool {
        self.socket.is_some_and(|own| own == ticket[..16])
    }
}

fn serve(listener: &UnixListener, items: &Mutex<HashMap<[u8; 16], OwnedFd>>) {
    for stream in listener.incoming().flatten() {
        let _ = stream.set_read_timeout(Some(PATIENCE));
        let mut item = [0; 16];
        if !is_own(&stream) || (&stream).read_exact(&mut item).is_err() {
            continue;
        }
        let items = items.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(descriptor) = items.get(&item) else {
            continue;
        };
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        let list = [descriptor.as_fd()];
        control.push(SendAncillaryMessage::ScmRights(&list));
        let _ = sendmsg(
            &stream,
            &[IoSlice::new(&[1])],
            &mut control,
            SendFlags::NOSIGNAL,
        );
    }
}

/// The descriptor behind a ticket, of whichever session of this machine.
///
/// # Errors
///
/// Where nobody has it any more.
pub fn redeem(ticket: &Ticket) -> std::io::Result<OwnedFd> {
    let (socket, item) = ticket.split_at(16);
    let mut name = [0; 16];
    name.copy_from_slice(socket);
    let stream = UnixStream::connect_addr(&address(&name)?)?;
    if !is_own(&stream) {
        return Err(std::io::ErrorKind::PermissionDenied.into());
    }
    stream.set_read_timeout(Some(PATIENCE))?;
    std::io::Write::write_all(&mut (&stream), item)?;
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    recvmsg(
        &stream,
        &mut [IoSliceMut::new(&mut byte)],
        &mut control,
        RecvFlags::CMSG_CLOEXEC,
    )?;
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(descriptors) = message
            && let Some(descriptor) = descriptors.into_iter().next()
        {
            return Ok(descriptor);
        }
    }
    Err(std::io::ErrorKind::NotFound.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_good_for_its_descriptor_and_no_other() {
        let mut sharing = Sharing::default();
        let mut tickets = Vec::new();
        for text in ["one", "two"] {
            let file = rustix::fs::memfd_create(text, rustix::fs::MemfdFlags::CLOEXEC).unwrap();
            rustix::io::write(&file, text.as_bytes()).unwrap();
            tickets.push((text, sharing.share(file).unwrap()));
        }
        for (text, ticket) in &tickets {
            let file = redeem(ticket).unwrap();
            let mut found = [0; 3];
            rustix::io::pread(&file, &mut found, 0).unwrap();
            assert_eq!(found, text.as_bytes());
        }
        sharing.end(&tickets[1].1);
        assert!(redeem(&tickets[1].1).is_err());
        assert!(sharing.gave(&tickets[0].1) && !Sharing::default().gave(&tickets[0].1));
        let mut wrong = tickets[0].1;
        wrong[31] ^= 1;
        assert!(redeem(&wrong).is_err());
        wrong[0] ^= 1;
        assert!(redeem(&wrong).is_err());
    }
}

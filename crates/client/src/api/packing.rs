//! Bulk data in fewer bytes: copies in both directions and images, packed where the line is so slow that it pays.
//!
//! Of what goes to the server this side decides part by part, by how well a sample and the last parts could be packed ([`Packer`]) and how
//! long that took. Of copies to the host it says with what, and the server decides the rest in the same way.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use pillion_protocol::Encoder;
use pillion_protocol::command::{
    COPY_PACK, COPY_PACK_SMALL, CopyHead, PackedUpload, UploadHead, cuda,
};
use pillion_protocol::packed::{self, Method, Packer};
use pillion_transport::Uri;
use zerocopy::IntoBytes;

use super::line::{self, Line};
use crate::entry::Result;
use crate::log::{self, Level};
use crate::session::Session;

/// Whether and how a session packs.
#[derive(Debug, Default)]
pub struct Packing {
    allowed: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    packer: Packer,
    /// What the last packed part was in.
    spare: Vec<u8>,
}

impl Packing {
    /// That to a server at `uri`. `PILLION_COMPRESSION` says whether there is any: `off` or `0` none, `auto` (as unset) what pays, which
    /// is none over a path of this machine.
    pub fn to(uri: &Uri) -> Self {
        let asked = std::env::var("PILLION_COMPRESSION").unwrap_or_default();
        let wanted = match asked.trim() {
            "off" | "0" => false,
            "" | "auto" => true,
            other => {
                log::write(
                    Level::Warn,
                    format_args!("PILLION_COMPRESSION={other} is neither `auto` nor `off`"),
                );
                true
            }
        };
        Packing {
            allowed: wanted && !uri.stays_here(),
            state: Mutex::default(),
        }
    }

    /// Whether it is wanted, and the server can.
    pub fn is_possible(&self, session: &Session) -> bool {
        self.allowed && session.link.executes(cuda::COPY_PACKED)
    }

    /// A part, packed; nothing where that is not worth it. What it is in has to be given back.
    fn pack(&self, line: Line, method: Method, bytes: &[u8]) -> Option<Vec<u8>> {
        // While another thread packs, others send what they have.
        let mut state = self.state.try_lock().ok()?;
        let mut block = std::mem::take(&mut state.spare);
        block.clear();
        let begun = Instant::now();
        if !state.packer.pack(method, bytes, &mut block) {
            state.spare = block;
            return None;
        }
        if begun.elapsed() > line.takes(bytes.len()) {
            state.packer.regret();
        }
        Some(block)
    }

    fn give_back(&self, block: Vec<u8>) {
        let state = self.state.lock();
        state.unwrap_or_else(PoisonError::into_inner).spare = block;
    }
}

/// What to pack with for such a line; nothing for one on which bytes take less time than that.
fn method(line: Line) -> Option<Method> {
    if line.is_very_slow() {
        Some(Method::Zstd)
    } else {
        line.is_slow().then_some(Method::Lz4)
    }
}

/// The line to the server, where it is known and so slow that it pays to pack bytes, and what to pack them with.
fn slow_line(session: &Session) -> Option<(Line, Method)> {
    let line = session.line.known()?;
    let method = method(line)?;
    session
        .packing
        .is_possible(session)
        .then_some((line, method))
}

/// The flags by which a copy to the host of so many bytes may come packed.
///
/// # Errors
///
/// Those of earlier commands.
pub fn wanted(session: &Session, len: usize) -> Result<u32> {
    if len < packed::LEAST || !session.packing.is_possible(session) {
        return Ok(0);
    }
    Ok(match line::of(session, len)?.and_then(method) {
        None => 0,
        Some(Method::Lz4) => COPY_PACK,
        Some(Method::Zstd) => COPY_PACK | COPY_PACK_SMALL,
    })
}

/// Sends a part of a copy to the device, of at most a chunk.
///
/// # Errors
///
/// Those of earlier commands.
pub fn send_copy(session: &Session, head: &CopyHead, bytes: &[u8]) -> Result<()> {
    let (link, packing) = (&session.link, &session.packing);
    let line = slow_line(session);
    match line.and_then(|(line, method)| packing.pack(line, method, bytes)) {
        Some(block) => {
            let sent = link.post_bulk(cuda::COPY_PACKED, head.as_bytes(), &block);
            packing.give_back(block);
            sent?;
        }
        None => {
            link.post_bulk(cuda::COPY_TO_DEVICE, head.as_bytes(), bytes)?;
        }
    }
    Ok(())
}

/// Sends a part of an image.
///
/// # Errors
///
/// Those of earlier commands.
pub fn send_image(session: &Session, head: &UploadHead, bytes: &[u8]) -> Result<()> {
    let (link, packing) = (&session.link, &session.packing);
    let line = slow_line(session);
    match line.and_then(|(line, method)| packing.pack(line, method, bytes)) {
        Some(block) => {
            let mut start = Vec::new();
            PackedUpload::encode_head(head, bytes.len(), &mut Encoder::new(&mut start));
            let sent = link.post_bulk(cuda::UPLOAD_PACKED, &start, &block);
            packing.give_back(block);
            sent?;
        }
        None => {
            link.post_bulk(cuda::UPLOAD, head.as_bytes(), bytes)?;
        }
    }
    Ok(())
}

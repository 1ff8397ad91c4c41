//! Images on their way to the server: sent, or named by their hash where the server may have them from before.

use std::sync::atomic::{AtomicU64, Ordering};

use pillion_cuda_abi::CUresult;
use pillion_protocol::CHUNK;
use pillion_protocol::command::{MAX_UPLOAD, SEND_IMAGE, UploadHead, UploadKnown, cuda};
use pillion_transport::Uri;
use zerocopy::IntoBytes;
use zerocopy::little_endian::U64;

use super::{line, packing};
use crate::entry::Result;
use crate::link::Answer;
use crate::log::{self, Level};
use crate::session::Session;

/// Bytes from which on an image is named before it is sent. A smaller one is on its way in the time that asking takes.
const WORTH_NAMING: usize = 16 << 10;

/// The uploads of a session.
#[derive(Debug, Default)]
pub struct Uploads {
    last: AtomicU64,
    /// Whether content is named by its hash before it is sent.
    pub naming: Naming,
}

/// Whether content is named by its hash before it is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Naming {
    /// Never.
    #[default]
    Never,
    /// Where that is quicker over a line to another machine.
    Far,
    /// Whatever the line is.
    Always,
}

impl Uploads {
    /// Those to a server at `uri`. `PILLION_CACHE` says whether content is named: `off` or `0` never, `on` or `1` always, else
    /// where the server is not reached by a path of this machine, over which sending is as fast as hashing.
    pub fn to(uri: &Uri) -> Self {
        let asked = std::env::var("PILLION_CACHE").unwrap_or_default();
        let by_way = match uri.stays_here() {
            true => Naming::Never,
            false => Naming::Far,
        };
        let naming = match asked.trim() {
            "off" | "0" => Naming::Never,
            "on" | "1" => Naming::Always,
            "" => by_way,
            other => {
                log::write(
                    Level::Warn,
                    format_args!("PILLION_CACHE={other} is neither `on` nor `off`"),
                );
                by_way
            }
        };
        Uploads {
            last: AtomicU64::new(0),
            naming,
        }
    }
}

/// Issues a command that names these bytes as an upload, and answers what it was answered. `command` may be called twice: where the
/// server has not had the bytes before, it says so in place of the first answer.
///
/// # Errors
///
/// `CUDA_ERROR_INVALID_IMAGE` where there are too many bytes; else the command's.
pub fn with_upload(
    session: &Session,
    bytes: &[u8],
    command: impl Fn(u64) -> Result<Answer>,
) -> Result<Answer> {
    if bytes.len() as u64 > MAX_UPLOAD {
        return Err(CUresult::CUDA_ERROR_INVALID_IMAGE);
    }
    let uploads = &session.uploads;
    let upload = uploads.last.fetch_add(1, Ordering::Relaxed) + 1;
    if uploads.naming != Naming::Never
        && bytes.len() >= WORTH_NAMING
        && session.link.executes(cuda::UPLOAD_KNOWN)
    {
        let known = UploadKnown {
            upload: U64::new(upload),
            total: U64::new(bytes.len() as u64),
            hash: *blake3::hash(bytes).as_bytes(),
        };
        session.link.post(cuda::UPLOAD_KNOWN, |body| {
            body.extend_from_slice(known.as_bytes());
            Ok(())
        })?;
        let answer = command(upload)?;
        if answer.decoder().scalar::<u32>() != Ok(SEND_IMAGE) {
            return Ok(answer);
        }
    }
    send(session, upload, bytes)?;
    command(upload)
}

fn send(session: &Session, upload: u64, bytes: &[u8]) -> Result<()> {
    if session.packing.is_possible(session) {
        line::of(session, bytes.len())?;
    }
    for (index, chunk) in bytes.chunks(CHUNK).enumerate() {
        let head = UploadHead {
            upload: U64::new(upload),
            total: U64::new(bytes.len() as u64),
            offset: U64::new((index * CHUNK) as u64),
        };
        packing::send_image(session, &head, chunk)?;
    }
    Ok(())
}

//! What hostile peers can say to a server: the entries of fuzzing. Each reads `bytes` as one of them would send them; nothing may
//! panic, hang or take more memory than the bytes and the limits allow.

pub use crate::broker::greeting;
pub use crate::worker::hostile::{commands, frames, handoff, management};

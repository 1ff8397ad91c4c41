//! Who uses which GPU when: the decisions of sharing GPUs among tenants, and nothing else. No I/O, no clock, no threads: what happens is
//! told, with the time at which it does, and what is to be done about it is the answer. The same events at the same times get the same
//! answers.
//!
//! [`placement`] decides who may come in, on which GPUs, and who is next. [`turns`] decides which of the sessions that share a GPU in
//! time may give it work.

#![forbid(unsafe_code)]

pub mod placement;
pub mod turns;
mod types;

pub use types::{
    Class, Demand, GpuSet, MAX_GPUS, MAX_WEIGHT, Mode, NotAShare, NotAWeight, Session, Share,
    Tenant, Weight,
};

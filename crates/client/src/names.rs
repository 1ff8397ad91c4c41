//! The names that the client gives to its objects.

use std::sync::{Mutex, PoisonError};

use pillion_cuda_abi::CUresult;
use pillion_protocol::handle::{Kind, Namer};

use crate::entry::Result;

/// One namer for each kind.
#[derive(Debug)]
pub struct Names(Vec<Mutex<Namer>>);

impl Names {
    /// Namers that have given no name yet.
    pub fn new() -> Self {
        Names(
            Kind::ALL
                .iter()
                .map(|kind| Mutex::new(Namer::new(*kind)))
                .collect(),
        )
    }

    /// A fresh name.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_OUT_OF_MEMORY` where too many objects of the kind are alive.
    pub fn name(&self, kind: Kind) -> Result<u64> {
        self.namer(kind)
            .name()
            .ok_or(CUresult::CUDA_ERROR_OUT_OF_MEMORY)
    }

    /// Gives a name back.
    pub fn give_back(&self, handle: u64) {
        if let Some(kind) = Kind::ALL.iter().find(|kind| handle >> 56 == **kind as u64) {
            self.namer(*kind).give_back(handle);
        }
    }

    /// Whether `handle` names a living object of `kind`.
    pub fn is_live(&self, kind: Kind, handle: u64) -> bool {
        self.namer(kind).is_live(handle)
    }

    fn namer(&self, kind: Kind) -> std::sync::MutexGuard<'_, Namer> {
        // Kinds are numbered from 1 in the order of ALL.
        self.0[kind as usize - 1]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Names {
    fn default() -> Self {
        Self::new()
    }
}

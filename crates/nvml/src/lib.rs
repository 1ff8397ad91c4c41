//! `libnvidia-ml.so.1`: the drop-in management library that asks a Pillion server about its GPUs.
//!
//! Most functions travel as they are: [`pillion_protocol::nvml_functions`] lists them with what their parameters are for, and
//! [`forward`] turns a program's arguments into a command and the answer back. [`api`] has those that mean something on the
//! client: the session's begin and end, devices by number, processes, events. [`session`] is the connection.
//!
//! The library starts no thread, installs no signal handler, never unwinds into C, and writes nothing to the program's standard
//! output.

pub mod api;
pub mod export_table;
pub mod forward;
pub mod handle;
pub mod hostile;
pub mod session;

use pillion_protocol::nvml::status;

/// NVML's `nvmlReturn_t`.
pub type Return = u32;
/// A result that carries NVML's code.
pub type Result<T = ()> = core::result::Result<T, Return>;

/// The code of a result.
pub fn code(result: Result) -> Return {
    result.err().unwrap_or(status::SUCCESS)
}

/// Tells a Pillion server that looks for NVIDIA's libraries that this one is not theirs.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals)]
pub static pillion_client_marker: u32 = 1;

/// The functions that need no code of their own.
#[allow(
    non_snake_case,
    missing_docs,
    reason = "NVML's names, and NVML's manual"
)]
mod exports {
    use crate::session::Library;
    use crate::{Return, code, forward};
    use pillion_protocol::nvml::status;

    macro_rules! export {
        (
            remote { $($number:literal $lasting:ident $name:ident($($parameter:ident: $role:expr),*);)* }
            inside { $($inside:tt)* }
            denied { $($denied:ident)* }
            absent { $($absent:ident)* }
        ) => {
            $(
                /// # Safety
                ///
                /// As NVML's manual says of the function by this name. Every parameter is an integer or a pointer, which are
                /// passed alike where Pillion runs: one word each, whose upper half means nothing for those of 32 bits.
                #[unsafe(no_mangle)]
                pub unsafe extern "C" fn $name($($parameter: usize),*) -> Return {
                    // SAFETY: as the caller promises.
                    code(unsafe { forward::call($number, &[$($parameter),*]) })
                }
            )*
            $(
                #[unsafe(no_mangle)]
                pub extern "C" fn $denied() -> Return {
                    code(Library::current().and(Err(status::NO_PERMISSION)))
                }
            )*
            $(
                #[unsafe(no_mangle)]
                pub extern "C" fn $absent() -> Return {
                    code(Library::current().and(Err(status::NOT_SUPPORTED)))
                }
            )*
        };
    }

    pillion_protocol::nvml_functions!(export);
}

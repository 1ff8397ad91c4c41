//! CUDA's driver interface: its types, its error codes, and the one table of its functions.
//!
//! [`types`] has every type of `cuda.h` under CUDA's own name, [`FUNCTIONS`] every symbol of the driver with the version
//! that introduced it and what Pillion does with it, and [`DriverTable`] one optional function pointer for each: NVIDIA's
//! driver fills it by `dlopen`, the CPU device in Rust.
//!
//! All three are made by `cargo xtask gen` from NVIDIA's headers and `functions.def`.

mod function;
mod generated {
    #[allow(
        non_snake_case,
        clippy::type_complexity,
        clippy::field_reassign_with_default
    )]
    #[allow(clippy::missing_transmute_annotations)]
    pub mod driver;
    pub mod table;
    #[allow(
        missing_docs,
        non_camel_case_types,
        non_snake_case,
        non_upper_case_globals
    )]
    #[allow(clippy::all, clippy::undocumented_unsafe_blocks)]
    pub mod types;
}
pub mod visible;
mod wire;

pub use function::{Function, State, Unresolved, Variant, find, resolve};
pub use generated::driver::DriverTable;
pub use generated::table::FUNCTIONS;
pub use generated::types;
pub use types::CUresult;
pub use wire::{Plain, Scalar, plain_from_bytes, plain_to_bytes, pool_attribute_words};

/// The version of the driver API that the table describes, as `cuDriverGetVersion` reports it.
pub const API_VERSION: u32 = types::CUDA_VERSION;

const _: () = {
    use core::mem::size_of;
    // Sizes that programs compiled against CUDA's headers rely on (x86-64 and aarch64 alike).
    assert!(size_of::<types::CUlaunchConfig>() == 56);
    assert!(size_of::<types::CUlaunchAttribute>() == 72);
    assert!(size_of::<types::CUDA_MEMCPY2D>() == 128);
    assert!(size_of::<types::CUDA_MEMCPY3D>() == 200);
    assert!(size_of::<types::CUmemAllocationProp>() == 32);
    assert!(size_of::<types::CUmemAccessDesc>() == 12);
    assert!(size_of::<types::CUmemPoolProps>() == 88);
    assert!(size_of::<types::CUtensorMap>() == 128);
    assert!(size_of::<types::CUuuid>() == 16);
};

/// Errors after which a context does nothing any more, as CUDA's documentation of each says.
#[must_use]
pub fn is_sticky(status: CUresult) -> bool {
    matches!(
        status,
        CUresult::CUDA_ERROR_ILLEGAL_ADDRESS
            | CUresult::CUDA_ERROR_LAUNCH_TIMEOUT
            | CUresult::CUDA_ERROR_ASSERT
            | CUresult::CUDA_ERROR_HARDWARE_STACK_ERROR
            | CUresult::CUDA_ERROR_ILLEGAL_INSTRUCTION
            | CUresult::CUDA_ERROR_MISALIGNED_ADDRESS
            | CUresult::CUDA_ERROR_INVALID_ADDRESS_SPACE
            | CUresult::CUDA_ERROR_INVALID_PC
            | CUresult::CUDA_ERROR_LAUNCH_FAILED
            | CUresult::CUDA_ERROR_ECC_UNCORRECTABLE
            | CUresult::CUDA_ERROR_TENSOR_MEMORY_LEAK
    )
}

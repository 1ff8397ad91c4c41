//! Which of CUDA's types may travel, and as what.

use crate::types::CUmemPool_attribute;

/// A value that travels as one 64-bit word.
pub trait Scalar: Copy {
    /// The word; narrower integers are extended by their sign, floats by their bits.
    fn to_word(self) -> u64;
    /// The value of a word. Excess bits are dropped, as a C callee would drop them.
    fn from_word(word: u64) -> Self;
}

macro_rules! integers {
    ($($ty:ty),*) => {$(
        impl Scalar for $ty {
            fn to_word(self) -> u64 {
                self as u64
            }
            fn from_word(word: u64) -> Self {
                word as $ty
            }
        }
    )*};
}

integers!(u8, u16, u32, u64, usize, i32, i64);

impl Scalar for f32 {
    fn to_word(self) -> u64 {
        u64::from(self.to_bits())
    }
    fn from_word(word: u64) -> Self {
        f32::from_bits(word as u32)
    }
}

/// A type that may be copied to and from bytes: every bit pattern is a value of it.
///
/// # Safety
///
/// Integers, floats, raw pointers, optional C function pointers, and arrays, structs and unions of these only. A pointer
/// read from bytes is a number until somebody has reason to follow it.
pub unsafe trait Plain: Copy + 'static {}

macro_rules! plain_primitives {
    ($($ty:ty),*) => {$(
        // SAFETY: a primitive number.
        unsafe impl Plain for $ty {}
    )*};
}

plain_primitives!(u8, u16, u32, u64, usize, i8, i32, i64, f32);

// SAFETY: an address, which is a number until somebody has reason to follow it.
unsafe impl<T: 'static> Plain for *mut T {}

/// Implements [`Scalar`] for an enumeration that the headers' reader made a newtype.
#[macro_export]
#[doc(hidden)]
macro_rules! scalar_enum {
    ($name:ident, $inner:ty) => {
        impl $crate::Scalar for $name {
            fn to_word(self) -> u64 {
                $crate::Scalar::to_word(self.0)
            }
            fn from_word(word: u64) -> Self {
                Self(<$inner as $crate::Scalar>::from_word(word))
            }
        }
    };
}

/// Implements [`Plain`] for a C struct or union of the headers.
#[macro_export]
#[doc(hidden)]
macro_rules! plain {
    ($name:ident) => {
        // SAFETY: a C struct or union of numbers, pointers and arrays of these.
        unsafe impl $crate::Plain for $name {}
    };
}

/// How many 32-bit words the value of a memory pool's attribute has: `int` for the reuse switches, `cuuint64_t` for the
/// sizes (`cuMemPoolGetAttribute`).
pub fn pool_attribute_words(attribute: CUmemPool_attribute) -> usize {
    match attribute {
        CUmemPool_attribute::CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES
        | CUmemPool_attribute::CU_MEMPOOL_ATTR_REUSE_ALLOW_OPPORTUNISTIC
        | CUmemPool_attribute::CU_MEMPOOL_ATTR_REUSE_ALLOW_INTERNAL_DEPENDENCIES => 1,
        _ => 2,
    }
}

/// The bytes of some plain values, padding included.
pub fn plain_to_bytes<T: Plain>(values: &[T]) -> &[u8] {
    // SAFETY: the slice is valid for its length, and `Plain` types hold no references. Padding inside them was written
    // together with them: they come from a C program, from zeroed memory or from bytes.
    unsafe { core::slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) }
}

/// The value whose first bytes are `bytes`; the rest of it is zero, excess bytes are ignored.
pub fn plain_from_bytes<T: Plain>(bytes: &[u8]) -> T {
    let mut value = core::mem::MaybeUninit::<T>::zeroed();
    let len = bytes.len().min(size_of::<T>());
    // SAFETY: `len` bytes are readable in `bytes` and writable in `value`, which are apart; whatever the bytes are, they are
    // a value of a `Plain` type.
    unsafe {
        core::ptr::copy_nonoverlapping(bytes.as_ptr(), value.as_mut_ptr().cast(), len);
        value.assume_init()
    }
}

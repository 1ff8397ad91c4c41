//! What the table says about one symbol, and how programs find one.

use crate::FUNCTIONS;

/// One ELF symbol of the driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Function {
    /// Name in the library, e.g. `cuMemcpyHtoD_v2_ptds`.
    pub symbol: &'static str,
    /// Name that `cuGetProcAddress` is asked for, e.g. `cuMemcpyHtoD`.
    pub base: &'static str,
    /// The CUDA version that introduced this entry point (`1000 * major + 10 * minor`).
    pub version: u32,
    /// Which default stream it means.
    pub variant: Variant,
    /// What Pillion does with it.
    pub state: State,
    /// Its number on the wire, where it is forwarded by the generated codec.
    pub opcode: Option<u16>,
}

/// Which default stream an entry point means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// The legacy default stream, which synchronises with the blocking streams.
    Plain,
    /// `_ptds`: a synchronous function on the calling thread's default stream.
    PerThreadDefaultStream,
    /// `_ptsz`: a stream argument of 0 means the calling thread's default stream.
    PerThreadStreamArgument,
}

/// What Pillion does with a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Executed by the server.
    Implemented,
    /// Answered by the client alone.
    Local,
    /// `CUDA_ERROR_NOT_SUPPORTED`, for this reason.
    Refused(&'static str),
    /// Exported, answers `CUDA_ERROR_NOT_SUPPORTED`, and not handed out by `cuGetProcAddress`.
    Absent,
}

impl State {
    /// Whether calling it can succeed.
    pub fn works(self) -> bool {
        matches!(self, State::Implemented | State::Local)
    }
}

/// The index in [`FUNCTIONS`] of an ELF symbol.
pub fn find(symbol: &str) -> Option<usize> {
    FUNCTIONS.binary_search_by(|f| (*f.symbol).cmp(symbol)).ok()
}

/// Why [`resolve`] found nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unresolved {
    /// No function of that name.
    NotFound,
    /// The name exists, but only in versions newer than the one asked for.
    VersionNotSufficient,
}

/// The index in [`FUNCTIONS`] of the entry point that a program built for `version` gets for `name`, as
/// `cuGetProcAddress` documents: the newest revision not newer than `version`, in its per-thread variant where
/// `per_thread` asks for one and there is one. Names that already carry a suffix are found as they are.
///
/// # Errors
///
/// [`Unresolved`], which maps to `CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND` and `.._VERSION_NOT_SUFFICIENT`.
pub fn resolve(name: &str, version: u32, per_thread: bool) -> Result<usize, Unresolved> {
    let mut best: Option<usize> = None;
    let mut newer = false;
    for (index, function) in family(name) {
        if function.version > version {
            newer = true;
            continue;
        }
        if best.is_none_or(|b| function.version > FUNCTIONS[b].version) {
            best = Some(index);
        }
    }
    // The per-thread twins of a revision appeared with CUDA 7; they stand for whatever revision was chosen.
    if let Some(chosen) = best {
        return Ok(twin(chosen, per_thread));
    }
    match find(name) {
        Some(index) if FUNCTIONS[index].base != name => {
            newer = FUNCTIONS[index].version > version;
            if !newer {
                return Ok(index);
            }
        }
        _ => {}
    }
    Err(if newer {
        Unresolved::VersionNotSufficient
    } else {
        Unresolved::NotFound
    })
}

/// Every function of the base name `name`, plain variants only.
fn family(name: &str) -> impl Iterator<Item = (usize, &'static Function)> {
    // Sorted by symbol, and a symbol begins with its base name: the family lies behind the first such symbol.
    let start = FUNCTIONS.partition_point(|f| f.symbol < name);
    let name = name.to_string();
    FUNCTIONS[start..]
        .iter()
        .enumerate()
        .map(move |(offset, f)| (start + offset, f))
        .take_while({
            let name = name.clone();
            move |(_, f)| f.symbol.starts_with(&name)
        })
        .filter(move |(_, f)| f.base == name && f.variant == Variant::Plain)
}

/// The per-thread twin of a plain symbol where it is wanted and exists, else the symbol itself.
fn twin(index: usize, per_thread: bool) -> usize {
    if !per_thread {
        return index;
    }
    let symbol = FUNCTIONS[index].symbol;
    FUNCTIONS[index..]
        .iter()
        .take_while(|f| f.symbol.starts_with(symbol))
        .position(|f| f.variant != Variant::Plain && f.symbol.len() == symbol.len() + "_ptsz".len())
        .map_or(index, |offset| index + offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbol(name: &str, version: u32, per_thread: bool) -> Option<&'static str> {
        resolve(name, version, per_thread)
            .ok()
            .map(|i| FUNCTIONS[i].symbol)
    }

    #[test]
    fn the_table_is_sorted_and_found_by_name() {
        assert!(FUNCTIONS.windows(2).all(|w| w[0].symbol < w[1].symbol));
        for (index, f) in FUNCTIONS.iter().enumerate() {
            assert_eq!(find(f.symbol), Some(index));
            assert!(f.symbol.starts_with(f.base));
        }
    }

    #[test]
    fn hardly_anything_is_refused_and_nothing_forgotten() {
        let of = |wanted: fn(State) -> bool| {
            FUNCTIONS
                .iter()
                .filter(move |f| f.variant == Variant::Plain && wanted(f.state))
                .map(|f| f.symbol)
                .collect::<Vec<_>>()
        };
        let forgotten = of(|state| state == State::Absent);
        assert!(forgotten.is_empty(), "not yet: {forgotten:?}");
        let refused = of(|state| matches!(state, State::Refused(_)));
        assert!(refused.len() <= 60, "{} are refused", refused.len());
    }

    #[test]
    fn opcodes_are_unique() {
        let mut opcodes: Vec<u16> = FUNCTIONS
            .iter()
            .filter(|f| f.variant == Variant::Plain)
            .filter_map(|f| f.opcode)
            .collect();
        let n = opcodes.len();
        opcodes.sort_unstable();
        opcodes.dedup();
        assert_eq!(n, opcodes.len());
    }

    #[test]
    fn the_newest_revision_not_newer_than_the_program_wins() {
        assert_eq!(symbol("cuMemAlloc", 13000, false), Some("cuMemAlloc_v2"));
        assert_eq!(symbol("cuMemAlloc", 2000, false), Some("cuMemAlloc"));
        assert_eq!(
            symbol("cuGetProcAddress", 11030, false),
            Some("cuGetProcAddress")
        );
        assert_eq!(
            symbol("cuGetProcAddress", 12000, false),
            Some("cuGetProcAddress_v2")
        );
        assert_eq!(
            symbol("cuCtxSynchronize", 12090, false),
            Some("cuCtxSynchronize")
        );
        assert_eq!(
            symbol("cuCtxSynchronize", 13000, false),
            Some("cuCtxSynchronize_v2")
        );
        assert_eq!(
            resolve("cuLibraryLoadData", 11080, false),
            Err(Unresolved::VersionNotSufficient)
        );
        assert_eq!(
            resolve("cuNothingOfThatName", 13000, false),
            Err(Unresolved::NotFound)
        );
        assert_eq!(resolve("", 13000, false), Err(Unresolved::NotFound));
    }

    #[test]
    fn per_thread_variants_are_handed_out_where_they_exist() {
        assert_eq!(
            symbol("cuMemcpyHtoD", 12000, true),
            Some("cuMemcpyHtoD_v2_ptds")
        );
        assert_eq!(
            symbol("cuMemcpyHtoDAsync", 12000, true),
            Some("cuMemcpyHtoDAsync_v2_ptsz")
        );
        assert_eq!(
            symbol("cuLaunchKernel", 13000, true),
            Some("cuLaunchKernel_ptsz")
        );
        assert_eq!(
            symbol("cuLaunchKernel", 13000, false),
            Some("cuLaunchKernel")
        );
        assert_eq!(symbol("cuMemAlloc", 13000, true), Some("cuMemAlloc_v2"));
        assert_eq!(
            symbol("cuGraphInstantiateWithParams_ptsz", 12000, true),
            Some("cuGraphInstantiateWithParams_ptsz")
        );
    }
}

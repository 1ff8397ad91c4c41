//! Handles: names that the client gives to its objects.
//!
//! A handle is what the program holds as a `CUstream`, `CUmodule` and so on, and what the wire carries: eight bits of
//! [`Kind`], 24 of generation, 32 of index. The generation rises each time an index is used again, so a handle is never
//! given twice in a session, and one that has died is told from its successor. A few objects the client cannot name, because
//! the device makes them behind its back; those the server names, in the same form with [`BY_SERVER`] set.

use crate::Violation;

/// What a handle names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Kind {
    Context = 1,
    Module = 2,
    Library = 3,
    /// A `CUfunction` or a `CUkernel`: programs pass one where the other is asked for.
    Function = 4,
    Stream = 5,
    Event = 6,
    MemoryPool = 7,
    /// A `CUmemGenericAllocationHandle`.
    Allocation = 8,
    Array = 9,
    MipmappedArray = 10,
    Texture = 11,
    Surface = 12,
    Graph = 13,
    GraphNode = 14,
    GraphExec = 15,
    Link = 16,
    GreenContext = 17,
    UserObject = 18,
    TextureReference = 19,
    SurfaceReference = 20,
    /// A `CUdevResourceDesc`.
    ResourceDescription = 21,
}

impl Kind {
    /// All kinds, in the order of their numbers.
    pub const ALL: [Kind; 21] = [
        Kind::Context,
        Kind::Module,
        Kind::Library,
        Kind::Function,
        Kind::Stream,
        Kind::Event,
        Kind::MemoryPool,
        Kind::Allocation,
        Kind::Array,
        Kind::MipmappedArray,
        Kind::Texture,
        Kind::Surface,
        Kind::Graph,
        Kind::GraphNode,
        Kind::GraphExec,
        Kind::Link,
        Kind::GreenContext,
        Kind::UserObject,
        Kind::TextureReference,
        Kind::SurfaceReference,
        Kind::ResourceDescription,
    ];
}

/// Most objects of one kind that a session may have at once.
pub const MAX_INDEX: u32 = 1 << 24;
/// The legacy default stream.
pub const LEGACY_STREAM: u64 = 0;
/// The default stream of the command's thread.
pub const PER_THREAD_STREAM: u64 = 2;

/// Set in the index of a handle that the server has named: an object that it found on the device, such as a node of a
/// captured graph.
pub const BY_SERVER: u64 = 1 << 31;

const GENERATIONS: u32 = 1 << 24;

/// The handle of these parts.
pub fn pack(kind: Kind, generation: u32, index: u32) -> u64 {
    debug_assert!(generation < GENERATIONS && index < MAX_INDEX);
    (kind as u64) << 56 | u64::from(generation) << 32 | u64::from(index)
}

/// The generation and index of `handle`, if it is of `kind`. The index of one that the server has named keeps its mark.
#[inline]
pub fn unpack(kind: Kind, handle: u64) -> Option<(u32, u32)> {
    let generation = (handle >> 32) as u32 & (GENERATIONS - 1);
    let index = handle as u32;
    (handle >> 56 == kind as u64 && index & !(BY_SERVER as u32) < MAX_INDEX)
        .then_some((generation, index))
}

/// Gives names of one kind.
#[derive(Debug)]
pub struct Namer {
    kind: Kind,
    /// The generation of each index; the names that were given back wait in `free`.
    generations: Vec<u32>,
    free: Vec<u32>,
}

impl Namer {
    /// A namer that has given no name yet.
    pub fn new(kind: Kind) -> Self {
        Namer {
            kind,
            generations: Vec::new(),
            free: Vec::new(),
        }
    }

    /// A fresh name, or `None` where [`MAX_INDEX`] objects are alive.
    pub fn name(&mut self) -> Option<u64> {
        if let Some(index) = self.free.pop() {
            return Some(pack(self.kind, self.generations[index as usize], index));
        }
        let index = u32::try_from(self.generations.len())
            .ok()
            .filter(|i| *i < MAX_INDEX)?;
        self.generations.push(0);
        Some(pack(self.kind, 0, index))
    }

    /// Whether `handle` was given and not given back.
    pub fn is_live(&self, handle: u64) -> bool {
        unpack(self.kind, handle).is_some_and(|(generation, index)| {
            self.generations.get(index as usize) == Some(&generation)
        })
    }

    /// Gives `handle` back. Its index is used again under the next generation, until generations run out.
    pub fn give_back(&mut self, handle: u64) {
        let Some((generation, index)) = unpack(self.kind, handle) else {
            return;
        };
        match self.generations.get_mut(index as usize) {
            Some(current) if *current == generation => *current += 1,
            _ => return,
        }
        if self.generations[index as usize] < GENERATIONS {
            self.free.push(index);
        }
    }
}

/// What the server knows by the handles of one kind.
#[derive(Debug)]
pub struct Table<T> {
    kind: Kind,
    slots: Vec<Option<(u32, T)>>,
    live: usize,
}

impl<T> Table<T> {
    /// An empty table.
    pub fn new(kind: Kind) -> Self {
        Table {
            kind,
            slots: Vec::new(),
            live: 0,
        }
    }

    /// What `handle` names.
    #[inline]
    pub fn find(&self, handle: u64) -> Option<&T> {
        let (generation, index) = unpack(self.kind, handle)?;
        match self.slots.get(index as usize)? {
            Some((g, value)) if *g == generation => Some(value),
            _ => None,
        }
    }

    /// What `handle` names, to be changed.
    pub fn find_mut(&mut self, handle: u64) -> Option<&mut T> {
        let (generation, index) = unpack(self.kind, handle)?;
        match self.slots.get_mut(index as usize)? {
            Some((g, value)) if *g == generation => Some(value),
            _ => None,
        }
    }

    /// Checks that `handle` can be bound: of this kind, and the next index, a free one, or one whose object is of an earlier
    /// generation: a client gives an index again only when it has done with the object before, and of two of its threads one may
    /// overtake the other.
    ///
    /// # Errors
    ///
    /// [`Violation::OutOfRange`]: a client names its objects densely, so that a number cannot make the server allocate.
    pub fn vacant(&self, handle: u64) -> Result<(), Violation> {
        match unpack(self.kind, handle) {
            // Names are given under a lock but sent under another, so a few may overtake each other.
            Some((generation, index))
                if (index as usize) < self.slots.len() + 65_536
                    && self.slots.get(index as usize).is_none_or(|slot| {
                        slot.as_ref().is_none_or(|(before, _)| *before < generation)
                    }) =>
            {
                Ok(())
            }
            _ => Err(Violation::OutOfRange {
                what: "a new handle",
                value: handle,
            }),
        }
    }

    /// Binds `handle`, which must be [`Table::vacant`].
    pub fn bind(&mut self, handle: u64, value: T) {
        let Some((generation, index)) = unpack(self.kind, handle) else {
            return;
        };
        let index = index as usize;
        if index >= self.slots.len() {
            self.slots.resize_with(index + 1, || None);
        }
        if self.slots[index].replace((generation, value)).is_none() {
            self.live += 1;
        }
    }

    /// Forgets `handle`, and answers what it named.
    pub fn forget(&mut self, handle: u64) -> Option<T> {
        self.find(handle)?;
        let (_, index) = unpack(self.kind, handle)?;
        self.live -= 1;
        self.slots[index as usize].take().map(|(_, value)| value)
    }

    /// Everything that is bound.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &T)> {
        self.slots.iter().enumerate().filter_map(|(index, slot)| {
            slot.as_ref()
                .map(|(generation, value)| (pack(self.kind, *generation, index as u32), value))
        })
    }

    /// How many are bound.
    pub fn len(&self) -> usize {
        self.live
    }

    /// Whether none is bound.
    pub fn is_empty(&self) -> bool {
        self.live == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_never_given_twice() {
        let mut namer = Namer::new(Kind::Event);
        let mut seen = std::collections::HashSet::new();
        let mut live = Vec::new();
        for round in 0..10_000u32 {
            let name = namer.name().unwrap();
            assert!(seen.insert(name));
            assert!(namer.is_live(name));
            live.push(name);
            if round % 3 != 0 {
                let gone = live.swap_remove(round as usize % live.len());
                namer.give_back(gone);
                assert!(!namer.is_live(gone));
                namer.give_back(gone);
            }
        }
    }

    #[test]
    fn a_table_tells_the_dead_from_the_living() {
        let mut table = Table::new(Kind::Stream);
        let old = pack(Kind::Stream, 0, 3);
        let new = pack(Kind::Stream, 1, 3);
        table.vacant(old).unwrap();
        table.bind(old, 7);
        assert_eq!(table.find(old), Some(&7));
        assert_eq!(table.find(new), None);
        assert_eq!(table.find(pack(Kind::Event, 0, 3)), None);
        assert!(table.vacant(old).is_err());
        // The client has done with the old one.
        table.vacant(new).unwrap();
        assert_eq!(table.forget(old), Some(7));
        assert_eq!(table.forget(old), None);
        table.vacant(new).unwrap();
        table.bind(new, 8);
        assert_eq!(
            (table.find(old), table.find(new), table.len()),
            (None, Some(&8), 1)
        );
        assert!(table.vacant(pack(Kind::Stream, 0, MAX_INDEX - 1)).is_err());
    }
}

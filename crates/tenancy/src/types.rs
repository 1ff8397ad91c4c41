//! What sessions are told apart by, and what they may want.

use std::fmt;
use std::num::NonZeroU8;
use std::sync::Arc;

/// Most GPUs of a server.
pub const MAX_GPUS: usize = 64;
/// Largest [`Weight`].
pub const MAX_WEIGHT: u32 = 1000;

/// A session: any number that no other one has that is here or waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Session(pub u64);

/// Whose session it is: an identity, by its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tenant(Arc<str>);

impl Tenant {
    /// The tenant of this name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Tenant(name.into())
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A priority class; a higher one goes first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Goes when nobody else can.
    Low,
    /// What sessions are that nobody has said anything of.
    #[default]
    Normal,
    /// Goes first.
    High,
}

impl Class {
    /// All classes, the lowest first.
    pub const ALL: [Class; 3] = [Class::Low, Class::Normal, Class::High];

    /// How many classes are above it.
    pub(crate) fn below_the_top(self) -> u32 {
        match self {
            Class::High => 0,
            Class::Normal => 1,
            Class::Low => 2,
        }
    }
}

/// What a session gets in proportion to others: 1 to [`MAX_WEIGHT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Weight(u32);

impl Weight {
    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

/// 100, so that there is room on either side.
impl Default for Weight {
    fn default() -> Self {
        Weight(100)
    }
}

impl TryFrom<u64> for Weight {
    type Error = NotAWeight;

    fn try_from(number: u64) -> Result<Self, NotAWeight> {
        u32::try_from(number)
            .ok()
            .filter(|number| (1..=MAX_WEIGHT).contains(number))
            .map(Weight)
            .ok_or(NotAWeight(number))
    }
}

/// A number that is no [`Weight`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAWeight(u64);

impl fmt::Display for NotAWeight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a weight is 1 to {MAX_WEIGHT}, and this is {}", self.0)
    }
}

impl std::error::Error for NotAWeight {}

/// A part of a GPU's multiprocessors, in per cent: 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Share(u8);

impl Share {
    /// The whole GPU.
    pub const ALL: Share = Share(100);

    /// Per cent.
    #[must_use]
    pub fn percent(self) -> u32 {
        u32::from(self.0)
    }
}

impl TryFrom<u64> for Share {
    type Error = NotAShare;

    fn try_from(percent: u64) -> Result<Self, NotAShare> {
        u8::try_from(percent)
            .ok()
            .filter(|percent| (1..=100).contains(percent))
            .map(Share)
            .ok_or(NotAShare(percent))
    }
}

/// A number that is no [`Share`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAShare(u64);

impl fmt::Display for NotAShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a share is 1 to 100 per cent of a GPU, and this is {}",
            self.0
        )
    }
}

impl std::error::Error for NotAShare {}

/// Some of a server's GPUs, by their ordinals.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct GpuSet(u64);

impl GpuSet {
    /// None.
    pub const EMPTY: GpuSet = GpuSet(0);

    /// The first so many, at most [`MAX_GPUS`].
    #[must_use]
    pub fn first(count: usize) -> Self {
        match u32::try_from(count) {
            Ok(count @ 0..64) => GpuSet((1 << count) - 1),
            _ => GpuSet(u64::MAX),
        }
    }

    /// Those; `None` if one of them is beyond [`MAX_GPUS`].
    #[must_use]
    pub fn of(ordinals: impl IntoIterator<Item = usize>) -> Option<Self> {
        let mut set = GpuSet::EMPTY;
        for ordinal in ordinals {
            if ordinal >= MAX_GPUS {
                return None;
            }
            set.insert(ordinal);
        }
        Some(set)
    }

    /// Whether it is one of them.
    #[must_use]
    pub fn contains(self, ordinal: usize) -> bool {
        ordinal < MAX_GPUS && self.0 >> ordinal & 1 == 1
    }

    /// How many they are.
    #[must_use]
    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The ordinals, the lowest first.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let next = (left != 0).then(|| left.trailing_zeros() as usize)?;
            left &= left - 1;
            Some(next)
        })
    }

    pub(crate) fn insert(&mut self, ordinal: usize) {
        debug_assert!(ordinal < MAX_GPUS);
        self.0 |= 1 << ordinal;
    }

    pub(crate) fn or(self, other: Self) -> Self {
        GpuSet(self.0 | other.0)
    }

    pub(crate) fn without(self, other: Self) -> Self {
        GpuSet(self.0 & !other.0)
    }
}

impl fmt::Debug for GpuSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// How a session is on its GPUs, and so beside whom.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// A process of its own that has the GPU for some time, then another has.
    #[default]
    Isolated,
    /// On the GPU at the same time as others (MPS).
    Dense {
        /// The part of the multiprocessors that is kept for it and that it is kept to; `None`: it takes what it gets, and is only beside
        /// others who do.
        share: Option<Share>,
    },
    /// Nobody else is on the GPU.
    Exclusive,
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mode::Isolated => f.write_str("isolated"),
            Mode::Dense { share: None } => f.write_str("dense"),
            Mode::Dense { share: Some(share) } => write!(f, "dense {}%", share.percent()),
            Mode::Exclusive => f.write_str("exclusive"),
        }
    }
}

/// What a session needs. That of [`Demand::unrestricted`] is what there was before there was anything to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// Whose session it is.
    pub tenant: Tenant,
    /// How it is on its GPUs.
    pub mode: Mode,
    /// The GPUs that it may be on; `None`: any.
    pub among: Option<GpuSet>,
    /// How many of them it sees; `None`: all.
    pub gpus: Option<NonZeroU8>,
    /// Bytes that are kept for it on each; `None`: it takes what nobody was promised.
    pub memory: Option<u64>,
    /// Whether it goes before others.
    pub class: Class,
    /// What it gets in proportion to others.
    pub weight: Weight,
}

impl Demand {
    /// All GPUs, in time with others, and nothing promised.
    #[must_use]
    pub fn unrestricted(tenant: Tenant) -> Self {
        Demand {
            tenant,
            mode: Mode::default(),
            among: None,
            gpus: None,
            memory: None,
            class: Class::default(),
            weight: Weight::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_within_bounds() {
        for (number, is_share, is_weight) in [
            (0, false, false),
            (1, true, true),
            (100, true, true),
            (101, false, true),
            (256, false, true),
            (1000, false, true),
            (1001, false, false),
            (u64::MAX, false, false),
        ] {
            assert_eq!(Share::try_from(number).is_ok(), is_share, "{number}");
            assert_eq!(Weight::try_from(number).is_ok(), is_weight, "{number}");
        }
        assert_eq!(
            Share::try_from(130).unwrap_err().to_string(),
            "a share is 1 to 100 per cent of a GPU, and this is 130"
        );
    }

    #[test]
    fn sets_hold_what_was_put_into_them() {
        let set = GpuSet::of([63, 0, 5, 5]).unwrap();
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 5, 63]);
        assert_eq!((set.len(), set.is_empty()), (3, false));
        assert!(set.contains(63) && !set.contains(1) && !set.contains(64));
        assert_eq!(GpuSet::of([64]), None);
        for count in [0, 1, 63, 64, 65] {
            assert_eq!(GpuSet::first(count).len(), count.min(64));
        }
        assert_eq!(set.without(GpuSet::first(6)).iter().next(), Some(63));
    }

    #[test]
    fn classes_are_in_order() {
        assert!(Class::ALL.is_sorted());
        let above = Class::ALL.map(Class::below_the_top);
        assert_eq!(above, [2, 1, 0]);
    }
}

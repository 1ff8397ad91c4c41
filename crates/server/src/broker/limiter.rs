//! How often one may fail to prove who one is.
//!
//! Failures are counted by where they come from: an address, of IPv6 the 64 bits that a network has, or a user on a Unix socket. Those
//! that name a token of this server's by its public part are counted apart, by address and token: so who guesses from an address locks
//! out nobody else who comes from there with a token of his own, as through one SSH tunnel. The others share an overall limit besides,
//! as there are more addresses than anybody can count; that limit does not touch who has a token with a public part.
//!
//! What is known of an address is one moment. There are [`PLACES`] of them, and who was seen least recently goes first.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use lru::LruCache;
use pillion_transport::PeerInfo;

use super::greeting::machine;
use crate::settings::FailedAttempts;

/// Most sources that are remembered.
const PLACES: NonZeroUsize = NonZeroUsize::new(4096).unwrap();
/// Refusals that are logged in a row; then one a second.
const LINES: u32 = 256;

/// Where an attempt comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A user of this machine.
    User(u32),
    /// An IPv4 address.
    V4([u8; 4]),
    /// An IPv6 network: who has one address has 2^64.
    V6([u8; 8]),
    /// What else a transport says of a peer's machine, by its hash.
    Other([u8; 16]),
}

impl Origin {
    /// That of a peer.
    pub fn of(peer: &PeerInfo) -> Self {
        if let Some(uid) = peer.uid {
            return Origin::User(uid);
        }
        match peer.description.parse::<SocketAddr>() {
            Ok(address) => match address.ip().to_canonical() {
                IpAddr::V4(address) => Origin::V4(address.octets()),
                IpAddr::V6(address) => {
                    let mut network = [0; 8];
                    network.copy_from_slice(&address.octets()[..8]);
                    Origin::V6(network)
                }
            },
            Err(_) => {
                let mut short = [0; 16];
                let hash = blake3::hash(machine(&peer.description).as_bytes());
                short.copy_from_slice(&hash.as_bytes()[..16]);
                Origin::Other(short)
            }
        }
    }
}

/// The moment at which all failures are forgotten, if there are no more: each adds to it.
#[derive(Debug, Clone, Copy)]
struct Debt(Instant);

/// So many at once, and then one in each such time.
#[derive(Debug, Clone, Copy)]
struct Rate {
    burst: u32,
    each: Duration,
}

impl Rate {
    /// How long this debt has to be waited for.
    fn wait(self, debt: Debt, now: Instant) -> Option<Duration> {
        let room = self.each.saturating_mul(self.burst.saturating_sub(1));
        let owed = debt.0.saturating_duration_since(now);
        owed.checked_sub(room).filter(|wait| !wait.is_zero())
    }

    /// The debt with one more.
    fn add(self, debt: Debt, now: Instant) -> Debt {
        Debt(debt.0.max(now) + self.each)
    }
}

/// Who has failed how often.
pub struct Limiter {
    one: Rate,
    all: Rate,
    sources: LruCache<(Origin, Option<String>), Debt>,
    overall: Debt,
}

impl Limiter {
    /// Nobody has failed yet.
    pub fn new(settings: FailedAttempts, now: Instant) -> Self {
        let (one, all) = rates(settings);
        Limiter {
            one,
            all,
            sources: LruCache::new(PLACES),
            overall: Debt(now),
        }
    }

    /// Other settings, and the same memory.
    pub fn set(&mut self, settings: FailedAttempts) {
        (self.one, self.all) = rates(settings);
    }

    /// Somebody from `origin` has shown something, which names the token `claimed` of this server's and `is_good` or not.
    ///
    /// # Errors
    ///
    /// How long that source has to wait. What it has shown does not count then, good or not.
    pub fn attempt(
        &mut self,
        origin: Origin,
        claimed: Option<&str>,
        is_good: bool,
        now: Instant,
    ) -> Result<(), Duration> {
        let shares = claimed.is_none();
        let key = (origin, claimed.map(str::to_string));
        let debt = self.sources.get(&key).copied().unwrap_or(Debt(now));
        if let Some(wait) = self.one.wait(debt, now) {
            return Err(wait);
        }
        if shares && let Some(wait) = self.all.wait(self.overall, now) {
            return Err(wait);
        }
        if !is_good {
            if shares {
                self.overall = self.all.add(self.overall, now);
            }
            self.sources.put(key, self.one.add(debt, now));
        }
        Ok(())
    }
}

fn rates(settings: FailedAttempts) -> (Rate, Rate) {
    let rate = |burst, per_minute: u32| Rate {
        burst,
        each: Duration::from_secs(60) / per_minute.max(1),
    };
    (
        rate(settings.burst, settings.per_minute),
        rate(settings.overall, settings.overall),
    )
}

/// Keeps a flood out of the log.
pub struct Lines {
    debt: Debt,
    left_out: u64,
}

impl Lines {
    /// Nothing was logged yet.
    pub fn new(now: Instant) -> Self {
        Lines {
            debt: Debt(now),
            left_out: 0,
        }
    }

    /// Whether a line may be logged, and how many were not since the last.
    pub fn may(&mut self, now: Instant) -> Option<u64> {
        let rate = Rate {
            burst: LINES,
            each: Duration::from_secs(1),
        };
        if rate.wait(self.debt, now).is_some() {
            self.left_out += 1;
            return None;
        }
        self.debt = rate.add(self.debt, now);
        Some(std::mem::take(&mut self.left_out))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SETTINGS: FailedAttempts = FailedAttempts {
        burst: 3,
        per_minute: 6,
        overall: 100,
    };

    fn address(text: &str) -> Origin {
        Origin::of(&PeerInfo::new(text, false))
    }

    #[test]
    fn failures_are_counted_by_source() {
        let now = Instant::now();
        let mut limiter = Limiter::new(SETTINGS, now);
        let (one, other) = (address("10.0.0.1:5"), address("10.0.0.2:5"));
        for _ in 0..3 {
            assert_eq!(limiter.attempt(one.clone(), None, false, now), Ok(()));
        }
        // Now a good one is refused too: else there would be no limit for who guesses.
        let wait = Duration::from_secs(10);
        assert_eq!(limiter.attempt(one.clone(), None, true, now), Err(wait));
        // What is refused makes it no worse.
        assert_eq!(limiter.attempt(one.clone(), None, false, now), Err(wait));
        assert_eq!(limiter.attempt(other, None, true, now), Ok(()));
        // Who has a token with a public part is counted apart.
        assert_eq!(limiter.attempt(one.clone(), Some("a"), true, now), Ok(()));
        assert_eq!(
            limiter.attempt(one.clone(), None, false, now + wait),
            Ok(())
        );
        assert_eq!(
            limiter.attempt(one.clone(), None, true, now + wait),
            Err(wait)
        );
        for _ in 0..3 {
            assert_eq!(limiter.attempt(one.clone(), Some("b"), false, now), Ok(()));
        }
        assert!(limiter.attempt(one.clone(), Some("b"), true, now).is_err());
        assert!(limiter.attempt(one, Some("a"), true, now).is_ok());
    }

    #[test]
    fn ports_and_addresses_of_one_network_are_one_source() {
        assert_eq!(address("10.0.0.1:5"), address("10.0.0.1:6"));
        assert_eq!(address("[2001:db8::1]:5"), address("[2001:db8::ffff:2]:6"));
        assert_ne!(address("[2001:db8::1]:5"), address("[2001:db8:0:1::1]:5"));
        assert_eq!(address("[::ffff:10.0.0.1]:5"), address("10.0.0.1:5"));
        assert_eq!(address("guest 3:5"), address("guest 3:6"));
        assert_ne!(address("guest 3:5"), address("guest 4:5"));
        let user = |uid| {
            let mut peer = PeerInfo::new("process 5", true);
            peer.uid = Some(uid);
            Origin::of(&peer)
        };
        assert_ne!(user(5), user(6));
    }

    #[test]
    fn many_addresses_share_a_limit_that_leaves_out_who_has_a_token() {
        let now = Instant::now();
        let mut limiter = Limiter::new(SETTINGS, now);
        let from = |n: u32| Origin::V4(n.to_be_bytes());
        let passed = (0..10_000)
            .filter(|n| limiter.attempt(from(*n), None, false, now).is_ok())
            .count();
        assert_eq!(passed, 100);
        assert!(limiter.attempt(from(99_999), None, true, now).is_err());
        assert_eq!(limiter.attempt(from(99_999), Some("a"), true, now), Ok(()));
        // Many addresses that name a token take its place in nobody's memory but theirs.
        for n in 0..10_000 {
            assert!(limiter.attempt(from(n), Some("a"), false, now).is_ok());
        }
        assert_eq!(limiter.sources.len(), PLACES.get());
        assert_eq!(limiter.attempt(from(99_999), Some("a"), true, now), Ok(()));
    }

    #[test]
    fn a_flood_makes_a_line_a_second() {
        let now = Instant::now();
        let mut lines = Lines::new(now);
        let logged = (0..1000).filter(|_| lines.may(now).is_some()).count();
        assert_eq!(logged, LINES as usize);
        assert_eq!(
            lines.may(now + Duration::from_secs(1)),
            Some(1000 - u64::from(LINES))
        );
        assert_eq!(lines.may(now + Duration::from_secs(1)), None);
    }

    proptest! {
        /// Whatever the order and the times, no source fails more often than its burst and its rate allow, all together no more often
        /// than the overall ones, and no more is remembered than there is room for.
        #[test]
        fn nobody_fails_more_often_than_allowed(
            attempts in prop::collection::vec((0u8..6, 0u8..3, 0u64..5000), 1..300),
            burst in 1u32..8, per_minute in 1u32..600, overall in 1u32..600,
        ) {
            let begin = Instant::now();
            let mut limiter = Limiter::new(FailedAttempts { burst, per_minute, overall }, begin);
            let mut now = begin;
            let mut counts = std::collections::HashMap::new();
            let mut shared = 0u32;
            for (source, claimed, later) in attempts {
                now += Duration::from_millis(later);
                let claimed = ["a", "b"].get(usize::from(claimed)).copied();
                let passed = limiter.attempt(Origin::User(source.into()), claimed, false, now);
                if let Err(wait) = passed {
                    prop_assert!(wait <= Duration::from_secs(60));
                    continue;
                }
                *counts.entry((source, claimed)).or_insert(0u32) += 1;
                shared += u32::from(claimed.is_none());
                let seconds = now.duration_since(begin).as_secs_f64();
                let most = |burst: u32, per_minute: u32| f64::from(burst) + seconds / 60.0 * f64::from(per_minute) + 1e-3;
                prop_assert!(f64::from(counts[&(source, claimed)]) <= most(burst, per_minute));
                prop_assert!(f64::from(shared) <= most(overall, overall));
                prop_assert!(limiter.sources.len() <= PLACES.get());
            }
        }
    }
}

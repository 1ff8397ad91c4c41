//! What each tenant has used so far.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::{Tenant, Weight};

/// Most tenants that are remembered while they have no session here and none waiting.
pub const MAX_ABSENT: usize = 4096;
/// Half-lives after which the numbers are made small again.
const FAR: f64 = 32.0;

/// GPU time by tenant, of which half is forgotten in each half-life.
///
/// All is forgotten at the same rate, so the order of tenants does not change by that. Hence nothing is counted down: what is added
/// later counts for more, in seconds of the `epoch`.
#[derive(Debug)]
pub struct Ledger {
    half_life: f64,
    epoch: Instant,
    accounts: BTreeMap<Tenant, Account>,
}

#[derive(Debug, Default)]
struct Account {
    used: f64,
    /// What of that was counted before it was used.
    ahead: Duration,
    /// Sessions here and waiting.
    present: usize,
    /// No demand of his comes of age before this.
    not_before: Option<Instant>,
    /// A session of his is here that was of age when it began.
    had_its_turn: bool,
}

impl Ledger {
    pub fn new(half_life: Duration, now: Instant) -> Self {
        Ledger {
            half_life: seconds(half_life),
            epoch: now,
            accounts: BTreeMap::new(),
        }
    }

    /// Forgets faster or slower from now on.
    pub fn set(&mut self, half_life: Duration, now: Instant) {
        self.rebase(now);
        self.half_life = seconds(half_life);
    }

    /// A session of `tenant` has come.
    pub fn came(&mut self, tenant: &Tenant) {
        self.account(tenant).present += 1;
    }

    /// One has gone.
    pub fn went(&mut self, tenant: &Tenant) {
        if let Some(account) = self.accounts.get_mut(tenant) {
            account.present = account.present.saturating_sub(1);
        }
    }

    /// Whether `tenant` has a session here, or one that waits.
    pub fn is_present(&self, tenant: &Tenant) -> bool {
        self.accounts.get(tenant).is_some_and(|a| a.present > 0)
    }

    /// Counts use that is to be expected.
    pub fn expect(&mut self, tenant: &Tenant, time: Duration, now: Instant) {
        self.count(tenant, time, now);
        let account = self.account(tenant);
        account.ahead = account.ahead.saturating_add(time);
    }

    /// Counts use, as far as it has not been counted already.
    pub fn add(&mut self, tenant: &Tenant, time: Duration, now: Instant) {
        let account = self.account(tenant);
        let counted = account.ahead.min(time);
        account.ahead -= counted;
        self.count(tenant, time - counted, now);
    }

    fn count(&mut self, tenant: &Tenant, time: Duration, now: Instant) {
        if self.age(now) > FAR {
            self.rebase(now);
        }
        let worth = time.as_secs_f64() * self.age(now).exp2();
        self.account(tenant).used += worth;
    }

    /// What `tenant` has used of what it should get, in a unit that is the same for all until the next event.
    pub fn owed(&self, tenant: &Tenant, weight: Weight) -> f64 {
        let used = self.accounts.get(tenant).map_or(0.0, |a| a.used);
        used / f64::from(weight.get())
    }

    /// What `tenant` has used, as far as it is remembered.
    pub fn used(&self, tenant: &Tenant, now: Instant) -> Duration {
        let used = self.accounts.get(tenant).map_or(0.0, |a| a.used);
        Duration::try_from_secs_f64(used * (-self.age(now)).exp2()).unwrap_or(Duration::MAX)
    }

    /// When the tenant's next demand may come of age, at the earliest; `None`: not before a session of his ends.
    pub fn may_come_of_age(&self, tenant: &Tenant) -> Option<Option<Instant>> {
        let account = self.accounts.get(tenant);
        let may = account.is_none_or(|account| !account.had_its_turn);
        may.then(|| account.and_then(|account| account.not_before))
    }

    /// A demand of the tenant's that is of age has begun.
    pub fn takes_its_turn(&mut self, tenant: &Tenant) {
        self.account(tenant).had_its_turn = true;
    }

    /// It has ended, or one that is of age waits no more.
    pub fn waits_again(&mut self, tenant: &Tenant, until: Instant) {
        let account = self.account(tenant);
        account.had_its_turn = false;
        account.not_before = Some(until);
    }

    /// The account of `tenant`. For a new one, somebody who is not there and has used least may be forgotten.
    fn account(&mut self, tenant: &Tenant) -> &mut Account {
        if !self.accounts.contains_key(tenant) {
            let absent = self.accounts.iter().filter(|(_, a)| a.present == 0);
            if absent.clone().count() >= MAX_ABSENT {
                let least = absent.min_by(|(_, a), (_, b)| a.used.total_cmp(&b.used));
                if let Some(least) = least.map(|(tenant, _)| tenant.clone()) {
                    self.accounts.remove(&least);
                }
            }
        }
        self.accounts.entry(tenant.clone()).or_default()
    }

    /// Half-lives since the epoch.
    fn age(&self, now: Instant) -> f64 {
        now.saturating_duration_since(self.epoch).as_secs_f64() / self.half_life
    }

    fn rebase(&mut self, now: Instant) {
        let worth = (-self.age(now)).exp2();
        for account in self.accounts.values_mut() {
            account.used *= worth;
        }
        self.epoch = self.epoch.max(now);
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.accounts.len()
    }
}

/// At least a millisecond: nobody has a use for less, and nothing is divided by zero.
fn seconds(half_life: Duration) -> f64 {
    half_life.max(Duration::from_millis(1)).as_secs_f64()
}

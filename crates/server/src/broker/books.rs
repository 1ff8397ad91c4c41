//! What everybody has had so far, by identity.

use std::collections::BTreeMap;
use std::time::Duration;

use super::status::{OTHERS, TenantStatus};
use crate::account::{Account, class_of, nanos};

/// Identities that have lines of their own. Certificates and users may be as many as they like; figures about them may not.
const MOST: usize = 1000;

/// What has been since the server started, and is over.
#[derive(Debug, Default)]
pub struct Books {
    tenants: BTreeMap<String, TenantStatus>,
}

impl Books {
    /// A session of this identity's has begun, so long after its client has greeted.
    pub fn begins(&mut self, identity: &str, after: Duration) {
        let line = self.line(identity);
        line.begun += 1;
        line.starts[class_of(after)] += 1;
        line.starting = line.starting.saturating_add(nanos(after));
    }

    /// A session has ended and had used so much.
    pub fn ends(&mut self, identity: &str, used: &Account, failed: bool) {
        let line = self.line(identity);
        line.failed += u64::from(failed);
        let held = Account { memory: 0, ..*used };
        line.used = line.used.and(&held);
    }

    /// A client of this identity's was refused.
    pub fn refuses(&mut self, identity: &str) {
        self.line(identity).refused += 1;
    }

    /// What it comes to, with the sessions that run and those that wait.
    pub fn with<'a>(
        &self,
        running: impl Iterator<Item = (&'a str, &'a Account)>,
        waiting: impl Iterator<Item = String>,
    ) -> Vec<TenantStatus> {
        let mut all = Books {
            tenants: self.tenants.clone(),
        };
        for (identity, used) in running {
            let line = all.line(identity);
            line.sessions += 1;
            line.used = line.used.and(used);
        }
        for identity in waiting {
            all.line(&identity).waiting += 1;
        }
        all.tenants.into_values().collect()
    }

    fn line(&mut self, identity: &str) -> &mut TenantStatus {
        let has_room = self.tenants.contains_key(identity) || self.tenants.len() < MOST;
        let identity = if has_room { identity } else { OTHERS };
        self.tenants
            .entry(identity.to_string())
            .or_insert_with(|| TenantStatus {
                identity: identity.to_string(),
                ..TenantStatus::default()
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_counts_once_it_runs_and_once_it_has_ended() {
        let mut books = Books::default();
        let used = |busy, memory| Account {
            busy,
            memory,
            peak_memory: memory,
            ..Account::default()
        };
        books.begins("ada", Duration::from_micros(5));
        books.begins("bob", Duration::from_secs(1));
        let (first, second) = (used(7, 100), used(3, 50));
        let both = [("ada", &first), ("bob", &second)];
        let waits = || ["ada".to_string(), "eve".to_string()].into_iter();
        let seen = books.with(both.into_iter(), waits());
        let names: Vec<_> = seen.iter().map(|line| line.identity.as_str()).collect();
        assert_eq!(names, ["ada", "bob", "eve"]);
        let ada = &seen[0];
        assert_eq!((ada.sessions, ada.waiting, ada.begun), (1, 1, 1));
        assert_eq!((ada.used.busy, ada.used.memory), (7, 100));
        assert_eq!((ada.starts[2], ada.starting), (1, 5000));
        books.ends("ada", &used(9, 100), true);
        books.refuses("ada");
        let seen = books.with([("bob", &second)].into_iter(), std::iter::empty());
        let ada = &seen[0];
        assert_eq!((ada.sessions, ada.begun, ada.failed), (0, 1, 1));
        assert_eq!((ada.used.busy, ada.used.memory), (9, 0));
        assert_eq!((ada.used.peak_memory, ada.refused), (100, 1));
    }

    #[test]
    fn the_books_do_not_grow_without_end() {
        let mut books = Books::default();
        for number in 0..3 * MOST {
            books.begins(&format!("certificate {number}"), Duration::ZERO);
        }
        let seen = books.with(std::iter::empty(), std::iter::empty());
        assert_eq!(seen.len(), MOST + 1);
        let others = seen.iter().find(|line| line.identity == OTHERS).unwrap();
        assert_eq!(others.begun, 2 * MOST as u64);
    }
}

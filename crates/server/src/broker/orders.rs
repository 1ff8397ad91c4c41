//! What an operator has the server do while it runs.

use serde::{Deserialize, Serialize};

use super::identity::Identity;
use crate::settings::Priority;

/// An order, as [`pillion_protocol::command::session::ORDER`] carries it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Order {
    /// To accept nobody any more and to end when the sessions have.
    Drain {
        /// Ends those that are left after so many seconds. `None`: as the settings say.
        #[serde(default)]
        timeout: Option<u64>,
    },
    /// To end a session, or not to begin one that waits.
    Cancel {
        /// The beginning of its identity, or the name of one that waits.
        session: String,
        /// What its program is told.
        #[serde(default)]
        reason: Option<String>,
    },
    /// To give a session more or less.
    Change {
        /// The beginning of its identity, or the name of one that waits.
        session: String,
        /// That.
        #[serde(flatten)]
        to: Change,
    },
    /// To read the settings again.
    Reload,
}

/// What a session is to have; `None`: what it has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Change {
    /// Bytes of each device's memory.
    pub memory: Option<u64>,
    /// Its part in proportion to others'.
    pub weight: Option<u32>,
    /// Whether it goes before others.
    pub priority: Option<Priority>,
}

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// Sentences about it.
    pub said: Vec<String>,
}

/// What somebody may order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authority {
    /// Anything.
    All,
    /// To end one's own sessions.
    Own(Identity),
}

/// Most characters of a reason.
const MOST_REASON: usize = 200;

/// A reason as a program may be told it: a line, and not a long one.
pub fn reason(given: Option<&str>, by: &Authority) -> String {
    let by = match by {
        Authority::All => "the operator has ended it".to_string(),
        Authority::Own(identity) => format!("{identity} has ended it"),
    };
    let given = given.unwrap_or_default().chars();
    let given: String = given
        .filter(|c| !c.is_control())
        .take(MOST_REASON)
        .collect();
    match given.trim() {
        "" => by,
        given => format!("{by}: {given}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_what_they_were() {
        for order in [
            Order::Reload,
            Order::Drain { timeout: Some(5) },
            Order::Cancel {
                session: "ab".to_string(),
                reason: None,
            },
            Order::Change {
                session: "w7".to_string(),
                to: Change {
                    memory: Some(5),
                    weight: None,
                    priority: Some(Priority::High),
                },
            },
        ] {
            let text = serde_json::to_string(&order).unwrap();
            assert_eq!(serde_json::from_str::<Order>(&text).unwrap(), order);
        }
        for wrong in [
            "",
            "{}",
            "\"drain\"",
            "{\"cancel\":{}}",
            "{\"drain\":{\"x\":1}}",
        ] {
            assert!(serde_json::from_str::<Order>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn reasons_are_short_lines() {
        let told = reason(Some("too\nlong"), &Authority::All);
        assert_eq!(told, "the operator has ended it: toolong");
        assert!(reason(Some(&"x".repeat(5000)), &Authority::All).len() < 300);
        let own = Authority::Own(Identity::User(7));
        assert_eq!(reason(None, &own), "uid 7 has ended it");
    }
}

//! Whom the broker takes a client for.

use std::fmt;

use super::greeting::machine;

/// The name of whom nothing vouches for.
pub const ANONYMOUS: &str = "anonymous";
/// Longest name of an identity.
const MAX_NAME: usize = 64;

/// Whom the broker takes a client for. What belongs to an identity (content kept for it, the sessions that it is told of, the limits on
/// how many it has) is found by this and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Identity {
    /// Nothing vouches for it.
    Anonymous,
    /// The kernel says which user it is, and the settings do not say who that is.
    User(u32),
    /// A virtual machine of this host, by the number that the host has given it (its CID).
    Guest(u32),
    /// A certificate of this name, of which the settings do not say whose it is.
    Certificate(String),
    /// A token, or the settings' word on a user or a certificate.
    Named(String),
}

impl Identity {
    /// Whose content it is that such a client sends: the identity's, and of those without any, their machine's.
    pub fn owner(&self, peer: &str) -> String {
        match self {
            Identity::Anonymous => format!("{ANONYMOUS} {}", machine(peer)),
            _ => self.to_string(),
        }
    }

    /// Its name, if the operator gave it one.
    pub fn name(&self) -> Option<&str> {
        match self {
            Identity::Named(name) => Some(name),
            _ => None,
        }
    }
}

/// No two have the same words: a name has no blank, and cannot be [`ANONYMOUS`].
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Identity::Anonymous => f.write_str(ANONYMOUS),
            Identity::User(uid) => write!(f, "uid {uid}"),
            Identity::Guest(cid) => write!(f, "cid {cid}"),
            Identity::Certificate(name) => write!(f, "certificate {name}"),
            Identity::Named(name) => f.write_str(name),
        }
    }
}

/// Whether that can be the name of an identity.
///
/// # Errors
///
/// A sentence.
pub fn check_name(name: &str) -> Result<(), String> {
    let good = |c: char| c.is_ascii_alphanumeric() || "._@+-".contains(c);
    if name == ANONYMOUS {
        return Err(format!(
            "the name {ANONYMOUS} is that of clients without one: choose another"
        ));
    }
    if name.is_empty() || name.len() > MAX_NAME || !name.chars().all(good) {
        return Err(format!(
            "a name has 1 to {MAX_NAME} letters, digits and . _ @ + -, and this is none: {:?}",
            name.chars().take(MAX_NAME).collect::<String>()
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_the_identitys_and_else_the_machines() {
        let peers = ["10.0.0.1:5000", "10.0.0.1:5001", "10.0.0.2:5000"];
        let owners = |identity: Identity| peers.map(|peer| identity.owner(peer));
        let [first, second, other] = owners(Identity::Anonymous);
        assert!(first == second && first != other);
        assert_eq!(owners(Identity::User(7)), ["uid 7"; 3]);
        assert_eq!(owners(Identity::Guest(7)), ["cid 7"; 3]);
        assert_eq!(owners(Identity::Named("ada".into())), ["ada"; 3]);
        assert_eq!(
            owners(Identity::Certificate("ada".into())),
            ["certificate ada"; 3]
        );
    }

    #[test]
    fn names_are_plain() {
        for good in ["ada", "ci@gpu-1", "A.b_c+d", &"x".repeat(MAX_NAME)] {
            assert_eq!(check_name(good), Ok(()));
        }
        for wrong in [
            "",
            ANONYMOUS,
            "uid 7",
            "cid 7",
            "a\nb",
            "é",
            "a/b",
            &"x".repeat(MAX_NAME + 1),
        ] {
            assert!(check_name(wrong).is_err(), "{wrong:?}");
        }
    }
}

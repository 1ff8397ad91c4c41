//! Who may use the server: the token file.

use std::fmt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use subtle::{Choice, ConstantTimeEq};

/// Shortest token that is taken: shorter ones can be guessed over a network.
const MIN_TOKEN: usize = 16;
/// Longest token: it has to fit a greeting.
const MAX_TOKEN: usize = 1024;
/// Largest token file, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// The tokens of a file. A line is `NAME TOKEN`, or only `TOKEN` for the name `token`; empty lines and lines that begin with
/// `#` say nothing.
pub struct Tokens {
    entries: Vec<(String, Vec<u8>)>,
}

impl Tokens {
    /// Reads a token file.
    ///
    /// # Errors
    ///
    /// A sentence when the file cannot be read, can be read by others than its owner, or a line is malformed. No sentence
    /// holds a token.
    pub fn read(path: &Path) -> Result<Self, String> {
        let shown = path.display();
        let metadata = std::fs::metadata(path)
            .map_err(|error| format!("cannot read the token file {shown}: {error}"))?;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(format!(
                "the token file {shown} can be read by others than its owner (mode {:03o}): run chmod 600 {shown}",
                metadata.mode() & 0o777
            ));
        }
        if metadata.len() > MAX_FILE {
            return Err(format!(
                "the token file {shown} is larger than {MAX_FILE} bytes: name another file"
            ));
        }
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("cannot read the token file {shown}: {error}"))?;
        Self::parse(&text).map_err(|reason| format!("the token file {shown}: {reason}"))
    }

    /// Reads what such a file holds.
    ///
    /// # Errors
    ///
    /// As [`Tokens::read`], without the file's name.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut entries = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let number = number + 1;
            let mut words = line.split_whitespace();
            let (name, token) = match (words.next(), words.next(), words.next()) {
                (None, ..) => continue,
                (Some(first), ..) if first.starts_with('#') => continue,
                (Some(token), None, _) => ("token", token),
                (Some(name), Some(token), None) => (name, token),
                _ => return Err(format!("line {number} has more than a name and a token")),
            };
            if !(MIN_TOKEN..=MAX_TOKEN).contains(&token.len()) {
                return Err(format!(
                    "the token of line {number} has {} characters and must have {MIN_TOKEN} to {MAX_TOKEN}; \
                     `openssl rand -hex 32` makes a good one",
                    token.len()
                ));
            }
            entries.push((name.to_string(), token.as_bytes().to_vec()));
        }
        if entries.is_empty() {
            return Err("it holds no token, so nobody could connect".to_string());
        }
        Ok(Tokens { entries })
    }

    /// The name that `token` belongs to. Takes the same time for every token of a length, right or wrong.
    pub fn identify(&self, token: &str) -> Option<&str> {
        let mut found = None;
        // Every entry is compared, also after a match: how long it takes says nothing of where a match was.
        for (name, expected) in &self.entries {
            let equal: Choice = expected.as_slice().ct_eq(token.as_bytes());
            if bool::from(equal) {
                found = Some(name.as_str());
            }
        }
        found
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({} entries)", self.entries.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_told_apart() {
        let tokens =
            Tokens::parse("# people\nada 0123456789abcdef\n\n fedcba9876543210 \n").unwrap();
        assert_eq!(tokens.identify("0123456789abcdef"), Some("ada"));
        assert_eq!(tokens.identify("fedcba9876543210"), Some("token"));
        for wrong in [
            "",
            "0123456789abcde",
            "0123456789abcdeg",
            "0123456789abcdef0",
            "ada",
        ] {
            assert_eq!(tokens.identify(wrong), None, "{wrong}");
        }
        assert!(!format!("{tokens:?}").contains("0123"));
    }

    #[test]
    fn malformed_files_are_refused() {
        for (text, reason) in [
            ("", "no token"),
            ("# nothing\n", "no token"),
            ("short\n", "line 1"),
            ("ada 0123456789abcdef x\n", "line 1"),
            ("ada 0123456789abcdef\nbob tiny\n", "line 2"),
        ] {
            let error = Tokens::parse(text).unwrap_err();
            assert!(error.contains(reason), "{text:?}: {error}");
            assert!(!error.contains("tiny"), "a token is in the message");
        }
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let path = std::env::temp_dir().join(format!("pillion-tokens-{}", std::process::id()));
        std::fs::write(&path, "ada 0123456789abcdef\n").unwrap();
        for (mode, good) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(Tokens::read(&path).is_ok(), good, "mode {mode:o}");
        }
        std::fs::remove_file(&path).unwrap();
        assert!(Tokens::read(&path).unwrap_err().contains("cannot read"));
    }
}

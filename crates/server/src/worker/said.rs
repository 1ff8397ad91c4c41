//! What the broker says to a worker that has a session: a byte for what it is, the length of the rest in bytes (16 bits, little-endian),
//! and the rest.

use pillion_protocol::Violation;

const END: u8 = b'e';
const QUOTA: u8 = b'q';
const LOOK: u8 = b'l';
const PARK: u8 = b'p';
const RETURN: u8 = b'r';
const HEAD: usize = 3;
/// Most bytes of a reason.
const MOST_REASON: usize = 512;

/// Something that the broker says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// The session is over, for that reason.
    End(String),
    /// It may hold so many bytes of each device.
    Quota(u64),
    /// Others on its devices had a fault: it is to look whether that has broken what it has there, and to report it.
    Look,
    /// It is to move its device memory to the host, if nothing of it is going on.
    Park,
    /// There is room for it on the device: it is to move it back.
    Return,
}

impl Said {
    /// As bytes.
    pub fn encode(&self) -> Vec<u8> {
        let number;
        let (kind, rest) = match self {
            Said::End(reason) => {
                let ends = (0..=reason.len().min(MOST_REASON)).rev();
                let end = ends.into_iter().find(|end| reason.is_char_boundary(*end));
                let end = end.unwrap_or(0);
                (END, &reason.as_bytes()[..end])
            }
            Said::Quota(bytes) => {
                number = bytes.to_le_bytes();
                (QUOTA, &number[..])
            }
            Said::Look => (LOOK, &[][..]),
            Said::Park => (PARK, &[][..]),
            Said::Return => (RETURN, &[][..]),
        };
        let mut bytes = vec![kind];
        bytes.extend_from_slice(&(rest.len() as u16).to_le_bytes());
        bytes.extend_from_slice(rest);
        bytes
    }

    /// Takes the first of what was said out of `bytes`, if it is whole.
    ///
    /// # Errors
    ///
    /// Where it is nothing that a broker says.
    pub fn take(bytes: &mut Vec<u8>) -> Result<Option<Self>, Violation> {
        let Some(&[kind, low, high]) = bytes.first_chunk::<HEAD>() else {
            return Ok(None);
        };
        let end = HEAD + usize::from(u16::from_le_bytes([low, high]));
        let Some(rest) = bytes.get(HEAD..end) else {
            return Ok(None);
        };
        let said = match (kind, rest) {
            (END, reason) => Said::End(String::from_utf8_lossy(reason).into_owned()),
            (QUOTA, number) if number.len() == 8 => Said::Quota(
                number
                    .iter()
                    .rev()
                    .fold(0, |n, byte| n << 8 | u64::from(*byte)),
            ),
            (LOOK, []) => Said::Look,
            (PARK, []) => Said::Park,
            (RETURN, []) => Said::Return,
            _ => {
                return Err(Violation::OutOfRange {
                    what: "what a broker says",
                    value: u64::from(kind),
                });
            }
        };
        bytes.drain(..end);
        Ok(Some(said))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_heard_however_it_comes() {
        let said = [
            Said::Quota(u64::MAX - 5),
            Said::Look,
            Said::End("it is late".to_string()),
            Said::End(String::new()),
            Said::Park,
            Said::Return,
        ];
        let words: Vec<u8> = said.iter().flat_map(Said::encode).collect();
        for step in 1..words.len() {
            let (mut bytes, mut heard) = (Vec::new(), Vec::new());
            for piece in words.chunks(step) {
                bytes.extend_from_slice(piece);
                while let Some(one) = Said::take(&mut bytes).unwrap() {
                    heard.push(one);
                }
            }
            assert_eq!(
                (&heard[..], bytes.len()),
                (&said[..], 0),
                "{step} at a time"
            );
        }
        let long = Said::End("é".repeat(1000)).encode();
        assert!(
            matches!(Said::take(&mut long.clone()), Ok(Some(Said::End(s))) if s.len() == MOST_REASON)
        );
        assert!(Said::take(&mut vec![b'x', 0, 0]).is_err());
        assert!(Said::take(&mut vec![QUOTA, 1, 0, 5]).is_err());
        assert!(Said::take(&mut vec![LOOK, 1, 0, 5]).is_err());
        assert!(Said::take(&mut vec![PARK, 1, 0, 5]).is_err());
    }
}

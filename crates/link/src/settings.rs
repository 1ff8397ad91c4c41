//! What a link is like, and how people write that.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A link. The default is one without delay or limit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// The round trip: each direction takes half of it.
    pub rtt: Duration,
    /// Most bits a second in each direction; `None` for no limit.
    pub rate: Option<Rate>,
    /// Each direction takes up to so much longer, at random.
    pub jitter: Duration,
    /// When each connection is cut.
    pub cut: Option<Cut>,
}

impl fmt::Display for Link {
    /// The round trip, rate and jitter, as far as there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if !self.rtt.is_zero() {
            parts.push(format!("{:?}", self.rtt));
        }
        if let Some(rate) = self.rate {
            parts.push(rate.to_string());
        }
        if !self.jitter.is_zero() {
            parts.push(format!("jitter {:?}", self.jitter));
        }
        match parts.is_empty() {
            true => f.write_str("no delay"),
            false => f.write_str(&parts.join(", ")),
        }
    }
}

/// Bits a second, at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(u64);

impl Rate {
    /// So many bits a second; `None` for 0, at which nothing would ever arrive.
    #[must_use]
    pub fn from_bits(bits: u64) -> Option<Self> {
        (bits > 0).then_some(Self(bits))
    }

    /// Bits a second.
    #[must_use]
    pub fn bits(self) -> u64 {
        self.0
    }

    /// How long so many bytes take, rounded up to whole nanoseconds.
    pub(crate) fn time(self, bytes: usize) -> Duration {
        let nanoseconds = (bytes as u128 * 8_000_000_000).div_ceil(u128::from(self.0));
        Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
    }

    /// How many whole bytes pass in a time.
    pub(crate) fn bytes(self, time: Duration) -> usize {
        let bytes = time.as_nanos().saturating_mul(u128::from(self.0)) / 8_000_000_000;
        usize::try_from(bytes).unwrap_or(usize::MAX)
    }
}

/// The units of rates, by which people write and read them.
const RATES: [(&str, &str, u64); 4] = [
    ("gbit", "Gb/s", 1_000_000_000),
    ("mbit", "Mb/s", 1_000_000),
    ("kbit", "kb/s", 1000),
    ("bit", "b/s", 1),
];

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, unit, size) = RATES
            .into_iter()
            .find(|(_, _, size)| self.0 >= *size)
            .unwrap_or(RATES[3]);
        write!(f, "{} {unit}", self.0 as f64 / size as f64)
    }
}

impl FromStr for Rate {
    type Err = ParseError;

    /// Parses `100mbit`, `1.5gbit`, `64kbit`, `800bit`.
    ///
    /// # Errors
    /// [`ParseError`] says what to write instead.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let wrong = || ParseError {
            given: text.to_owned(),
            expected: "a rate such as 100mbit, 2.5gbit or 64kbit (bits a second)",
        };
        let (number, unit) = number_and_unit(text).ok_or_else(wrong)?;
        let (_, _, size) = RATES
            .into_iter()
            .find(|(written, _, _)| unit.eq_ignore_ascii_case(written))
            .ok_or_else(wrong)?;
        Self::from_bits((number * size as f64).round() as u64).ok_or_else(wrong)
    }
}

/// When a connection is cut: both of its ends see it close, and what was under way is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// So long after it was accepted.
    Time(Duration),
    /// When so many bytes have been delivered, both ways together, and not one more.
    Bytes(u64),
}

impl FromStr for Cut {
    type Err = ParseError;

    /// Parses a time (`5s`, `250ms`) or a number of bytes (`4096B`, `64KiB`, `10MiB`, `1GiB`).
    ///
    /// # Errors
    /// [`ParseError`] says what to write instead.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        if let Ok(time) = parse_duration(text) {
            return Ok(Self::Time(time));
        }
        let wrong = || ParseError {
            given: text.to_owned(),
            expected: "a time such as 5s or 250ms, or bytes such as 64KiB or 10MiB",
        };
        let (number, unit) = number_and_unit(text).ok_or_else(wrong)?;
        let shift = ["B", "KiB", "MiB", "GiB"]
            .into_iter()
            .position(|written| unit.eq_ignore_ascii_case(written))
            .ok_or_else(wrong)?;
        let bytes = number * (1u64 << (10 * shift)) as f64;
        Ok(Self::Bytes(bytes.round() as u64))
    }
}

/// Parses `30ms`, `1.5s`, `200us`.
///
/// # Errors
/// [`ParseError`] says what to write instead.
pub fn parse_duration(text: &str) -> Result<Duration, ParseError> {
    let wrong = || ParseError {
        given: text.to_owned(),
        expected: "a time such as 30ms, 1.5s or 200us",
    };
    let (number, unit) = number_and_unit(text).ok_or_else(wrong)?;
    let size = match unit {
        "s" => 1.0,
        "ms" => 1e-3,
        "us" | "µs" => 1e-6,
        _ => return Err(wrong()),
    };
    // Longer than a day is no link; it also keeps instants within the clock's range.
    match number * size {
        seconds if seconds <= 86_400.0 => Ok(Duration::from_secs_f64(seconds)),
        _ => Err(wrong()),
    }
}

/// Something that was written wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    given: String,
    expected: &'static str,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not {}", self.given, self.expected)
    }
}

impl std::error::Error for ParseError {}

/// Splits `2.5mbit` into a number, not negative, and its unit.
fn number_and_unit(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(end);
    Some((number.parse().ok()?, unit.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_understood() {
        let ms = Duration::from_millis;
        for (text, time) in [
            ("30ms", ms(30)),
            ("0.5s", ms(500)),
            ("250 us", Duration::from_micros(250)),
            ("0ms", ms(0)),
        ] {
            assert_eq!(parse_duration(text), Ok(time), "{text}");
            assert_eq!(text.parse(), Ok(Cut::Time(time)), "{text}");
        }
        for (text, bits, printed) in [
            ("100mbit", 100_000_000, "100 Mb/s"),
            ("2.5Gbit", 2_500_000_000, "2.5 Gb/s"),
            ("64 kbit", 64_000, "64 kb/s"),
            ("7bit", 7, "7 b/s"),
        ] {
            let rate: Rate = text.parse().unwrap();
            assert_eq!((rate.bits(), rate.to_string()), (bits, printed.to_owned()));
        }
        for (text, bytes) in [
            ("0B", 0),
            ("1000B", 1000),
            ("64KiB", 65536),
            ("1.5mib", 3 << 19),
        ] {
            assert_eq!(text.parse(), Ok(Cut::Bytes(bytes)), "{text}");
        }
        for text in [
            "", "30", "ms", "-1ms", "1.2.3s", "1h", "inf s", "1e9s", "100000s",
        ] {
            let error = parse_duration(text).unwrap_err().to_string();
            assert!(error.contains("30ms") && error.contains(text), "{error}");
        }
        for text in ["", "100", "0mbit", "100mb", "fast", "-1mbit", "0.1bit"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
        for text in ["", "10", "10MB", "KiB"] {
            assert!(text.parse::<Cut>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_link_tells_what_it_is_like() {
        let mut link = Link::default();
        assert_eq!(link.to_string(), "no delay");
        link.rtt = Duration::from_millis(30);
        link.rate = "100mbit".parse().ok();
        link.jitter = Duration::from_micros(500);
        assert_eq!(link.to_string(), "30ms, 100 Mb/s, jitter 500µs");
    }

    #[test]
    fn times_and_bytes_of_a_rate_agree() {
        for bits in [1, 7, 64_000, 10_000_000, 9_999_999_999, u64::MAX] {
            let rate = Rate::from_bits(bits).unwrap();
            for bytes in [0, 1, 2, 1447, 65_536, 1_000_000_007] {
                let time = rate.time(bytes);
                assert!(rate.bytes(time) >= bytes, "{bits} {bytes}");
                if let Some(before) = time.checked_sub(Duration::from_nanos(1)) {
                    assert!(rate.bytes(before) < bytes, "{bits} {bytes}");
                }
            }
        }
    }
}

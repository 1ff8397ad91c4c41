//! One direction of a link: which bytes are due when. No clock and no I/O of its own, so that it can be tested exactly.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::settings::{Link, Rate};

/// The least that is worth waking up for: a packet on Ethernet without its headers.
const PACKET: usize = 1448;
/// At higher rates, as much as arrives in this time.
const QUANTUM: Duration = Duration::from_micros(100);
/// What may wait in front of a line, at least, and as a time at its rate: enough to keep it busy while the reader sleeps.
const LEAST_WAITING: usize = 256 << 10;
const WAITING: Duration = Duration::from_millis(2);
/// What a line without a rate may hold.
const MOST_WITHOUT_RATE: usize = 1 << 30;

/// A direction.
#[derive(Debug)]
pub(crate) struct Line {
    rate: Option<Rate>,
    delay: Duration,
    jitter: Duration,
    random: u64,
    /// When the last byte that has been admitted has entered.
    free: Instant,
    /// When it is due.
    last_due: Instant,
    segments: VecDeque<Segment>,
    /// Bytes that were admitted and not yet [released](Self::release).
    held: usize,
    ends: bool,
}

/// Bytes that came together.
#[derive(Debug)]
pub(crate) struct Segment {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// When the first of them leaves the line; the others follow at its rate.
    first_due: Instant,
    rate: Option<Rate>,
}

/// What [`Segment::due`] says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// This many bytes from the segment's beginning have left the line; more than were asked about.
    Until(usize),
    /// Nothing before that time.
    At(Instant),
}

impl Line {
    /// A line that has been made by `ready`. `seed` is for the jitter.
    pub(crate) fn new(link: &Link, ready: Instant, seed: u64) -> Self {
        Self {
            rate: link.rate,
            delay: link.rtt / 2,
            jitter: link.jitter,
            random: seed,
            free: ready,
            last_due: ready,
            segments: VecDeque::new(),
            held: 0,
            ends: false,
        }
    }

    /// Whether it takes more bytes. As many as can be under way, and as many as keep it busy meanwhile, always fit.
    pub(crate) fn has_room(&self) -> bool {
        let most = match self.rate {
            Some(rate) => rate
                .bytes(self.delay + self.jitter)
                .saturating_add(LEAST_WAITING.max(rate.bytes(WAITING))),
            None => MOST_WITHOUT_RATE,
        };
        self.held < most
    }

    /// Bytes come to the line's beginning.
    pub(crate) fn admit(&mut self, now: Instant, bytes: Vec<u8>) {
        let enters = self.free.max(now);
        let lasts = self.time(bytes.len());
        self.free = enters + lasts;
        // Late by jitter or not, they leave in order and no faster than the line carries them.
        let first_due = (enters + self.delay + self.late()).max(self.last_due);
        self.last_due = first_due + lasts;
        self.held += bytes.len();
        self.segments.push_back(Segment {
            bytes,
            first_due,
            rate: self.rate,
        });
    }

    /// Nothing more will come.
    pub(crate) fn end(&mut self, now: Instant) {
        self.last_due = (self.free.max(now) + self.delay).max(self.last_due);
        self.ends = true;
    }

    /// Takes the oldest bytes out, due or not. They count as held until they are released.
    pub(crate) fn take(&mut self) -> Option<Segment> {
        self.segments.pop_front()
    }

    /// When the end that was announced is due, if all bytes have been taken.
    pub(crate) fn end_due(&self) -> Option<Instant> {
        (self.ends && self.segments.is_empty()).then_some(self.last_due)
    }

    /// So many bytes have been delivered.
    pub(crate) fn release(&mut self, bytes: usize) {
        self.held -= bytes;
    }

    fn time(&self, bytes: usize) -> Duration {
        self.rate.map_or(Duration::ZERO, |rate| rate.time(bytes))
    }

    /// How much later than the delay the next bytes are.
    fn late(&mut self) -> Duration {
        if self.jitter.is_zero() {
            return Duration::ZERO;
        }
        // A xorshift generator: it only has to be even.
        self.random |= 1;
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.jitter
            .mul_f64((self.random >> 11) as f64 / (1u64 << 53) as f64)
    }
}

impl Segment {
    /// How far it is due, when `sent` bytes of it have been delivered (fewer than all).
    pub(crate) fn due(&self, now: Instant, sent: usize) -> Due {
        let len = self.bytes.len();
        let Some(rate) = self.rate else {
            return match now >= self.first_due {
                true => Due::Until(len),
                false => Due::At(self.first_due),
            };
        };
        // Deliveries in large parts need fewer system calls; parts of a packet or less are natural.
        let part = (sent + PACKET.max(rate.bytes(QUANTUM))).min(len);
        let part_due = self.first_due + rate.time(part);
        if now < part_due {
            return Due::At(part_due);
        }
        Due::Until(len.min(rate.bytes(now - self.first_due)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Delivers what is due by a clock that goes straight to the next event; tells when each part came, and all of it.
    fn drain(line: &mut Line, mut now: Instant) -> (Vec<(Instant, usize)>, Vec<u8>) {
        let (mut parts, mut whole) = (Vec::new(), Vec::new());
        while let Some(segment) = line.take() {
            let mut sent = 0;
            while sent < segment.bytes.len() {
                match segment.due(now, sent) {
                    Due::At(later) => {
                        assert!(later > now);
                        now = later;
                    }
                    Due::Until(until) => {
                        assert!(until > sent && until <= segment.bytes.len());
                        whole.extend_from_slice(&segment.bytes[sent..until]);
                        line.release(until - sent);
                        parts.push((now, until - sent));
                        sent = until;
                    }
                }
            }
        }
        (parts, whole)
    }

    fn link(rtt_ms: u64, rate: Option<&str>) -> Link {
        Link {
            rtt: Duration::from_millis(rtt_ms),
            rate: rate.map(|rate| rate.parse().unwrap()),
            ..Link::default()
        }
    }

    #[test]
    fn a_byte_takes_half_a_round_trip_and_its_time_on_the_line() {
        let start = Instant::now();
        for (rate, lasts) in [
            (None, Duration::ZERO),
            (Some("8mbit"), Duration::from_micros(1)),
        ] {
            let mut line = Line::new(&link(30, rate), start, 0);
            line.admit(start, vec![7]);
            let (parts, whole) = drain(&mut line, start);
            assert_eq!(whole, [7]);
            assert_eq!(parts, [(start + Duration::from_millis(15) + lasts, 1)]);
        }
    }

    #[test]
    fn the_delay_does_not_limit_what_passes() {
        // 10 s of a full line with a long delay: the last byte comes one delay after the time that all of them need.
        let start = Instant::now();
        let mut line = Line::new(&link(150, Some("1gbit")), start, 0);
        let mut now = start;
        let mut left: usize = 1_250_000_000;
        let mut under_way: VecDeque<(Segment, usize)> = VecDeque::new();
        let mut last = start;
        while left > 0 || !under_way.is_empty() {
            // The sender always has more.
            while left > 0 && line.has_room() {
                let len = left.min(256 << 10);
                line.admit(now, vec![0; len]);
                left -= len;
                under_way.extend(line.take().map(|segment| (segment, 0)));
            }
            let (segment, sent) = under_way.front_mut().unwrap();
            match segment.due(now, *sent) {
                Due::At(later) => now = later,
                Due::Until(until) => {
                    line.release(until - *sent);
                    *sent = until;
                    last = now;
                    if until == segment.bytes.len() {
                        under_way.pop_front();
                    }
                }
            }
        }
        let least = Duration::from_secs(10) + Duration::from_millis(75);
        let took = last - start;
        // Each segment's time is rounded up to a nanosecond.
        assert!(
            took >= least && took < least + Duration::from_micros(10),
            "{took:?}"
        );
    }

    #[test]
    fn no_more_than_the_rate_passes_whenever_one_looks() {
        let start = Instant::now();
        for jitter in [0, 5] {
            let mut link = link(10, Some("10mbit"));
            link.jitter = Duration::from_millis(jitter);
            let rate = link.rate.unwrap();
            let mut line = Line::new(&link, start, 99);
            let mut sent = Vec::new();
            for i in 0..200u64 {
                // Bursts and pauses.
                let bytes = vec![i as u8; 1 + (i * 7919 % 9000) as usize];
                sent.extend_from_slice(&bytes);
                line.admit(start + Duration::from_millis(i / 10 * 40), bytes);
            }
            let (parts, whole) = drain(&mut line, start);
            assert!(whole == sent);
            let mut total = 0;
            for &(when, count) in &parts {
                total += count;
                assert!(total <= rate.bytes(when - start - link.rtt / 2));
            }
            for pair in parts.windows(2) {
                assert!(pair[1].1 <= rate.bytes(pair[1].0 - pair[0].0) + 1);
            }
        }
    }

    #[test]
    fn jitter_delays_within_its_bound_and_keeps_the_order() {
        let start = Instant::now();
        let mut link = link(20, None);
        link.jitter = Duration::from_millis(8);
        let mut line = Line::new(&link, start, 12345);
        let mut extra = Vec::new();
        let mut previous = start;
        for i in 0..1000 {
            let now = start + Duration::from_millis(3 * i);
            line.admit(now, vec![i as u8]);
            let segment = line.take().unwrap();
            let Due::At(when) = segment.due(now, 0) else {
                panic!("it takes no time");
            };
            assert!(when >= previous);
            previous = when;
            extra.push((when - now).checked_sub(link.rtt / 2).unwrap());
        }
        assert!(extra.iter().all(|&extra| extra <= link.jitter));
        assert!(extra.iter().max().unwrap() > &(link.jitter * 3 / 4));
        assert!(extra.iter().min().unwrap() < &(link.jitter / 4));
    }

    #[test]
    fn the_end_comes_behind_the_bytes() {
        let start = Instant::now();
        let mut line = Line::new(&link(10, Some("8kbit")), start, 0);
        line.admit(start, vec![0; 100]);
        line.end(start);
        assert_eq!(line.end_due(), None);
        drain(&mut line, start);
        assert_eq!(line.end_due(), Some(start + Duration::from_millis(105)));
    }

    #[test]
    fn a_line_that_is_full_says_so() {
        let start = Instant::now();
        let mut line = Line::new(&link(100, Some("80mbit")), start, 0);
        let mut held = 0;
        while line.has_room() {
            line.admit(start, vec![0; 1000]);
            held += 1000;
        }
        // What is under way in 50 ms, and what waits.
        assert!((500_000 + LEAST_WAITING..).contains(&held), "{held}");
        line.release(2000);
        assert!(line.has_room());
    }
}

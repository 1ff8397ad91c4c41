//! OpenMetrics text, read as strictly as its specification allows.

use std::collections::{BTreeMap, HashSet};

/// The figures of a text, each by its name and labels as they are written, with the labels in order.
pub struct Figures(BTreeMap<(String, Vec<(String, String)>), f64>);

/// A family, as far as its lines have been read.
#[derive(Default)]
struct Family {
    name: String,
    kind: String,
    has_unit: bool,
    samples: Vec<Sample>,
}

struct Sample {
    name: String,
    labels: Vec<(String, String)>,
    value: f64,
}

impl Figures {
    /// Panics at whatever is not as it has to be.
    pub fn parse(text: &str) -> Self {
        let body = text.strip_suffix("# EOF\n").expect("it ends with # EOF");
        assert!(body.is_empty() || body.ends_with('\n'));
        let mut families: Vec<Family> = Vec::new();
        for line in body.lines() {
            assert!(
                !line.is_empty() && !line.contains(char::is_control),
                "{line:?}"
            );
            match line.strip_prefix("# ") {
                Some(comment) => describe(&mut families, comment),
                None => {
                    let sample = sample(line);
                    families.last_mut().expect(line).samples.push(sample);
                }
            }
        }
        let mut names = HashSet::new();
        let mut figures = BTreeMap::new();
        for family in families {
            assert!(names.insert(family.name.clone()), "{} twice", family.name);
            family.check();
            for Sample {
                name,
                mut labels,
                value,
            } in family.samples
            {
                labels.sort();
                let before = figures.insert((name.clone(), labels), value);
                assert!(before.is_none(), "{name} twice with the same labels");
            }
        }
        Figures(figures)
    }

    /// The one with that name and these labels, and no others.
    #[track_caller]
    pub fn of(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let found = self.get(name, labels);
        found.unwrap_or_else(|| panic!("no {name} {labels:?} in {:?}", self.0))
    }

    /// The same, where there is one.
    pub fn get(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let mut own: Vec<_> = labels
            .iter()
            .map(|(key, value)| (key.to_string(), value.to_string()))
            .collect();
        own.sort();
        self.0.get(&(name.to_string(), own)).copied()
    }

    /// The names of all.
    pub fn names(&self) -> HashSet<&str> {
        self.0.keys().map(|(name, _)| name.as_str()).collect()
    }

    /// What a label is in all of them.
    pub fn values_of(&self, label: &str) -> HashSet<&str> {
        let labels = self.0.keys().flat_map(|(_, labels)| labels);
        let named = labels.filter(|(key, _)| key == label);
        named.map(|(_, value)| value.as_str()).collect()
    }
}

/// `HELP`, `TYPE` and `UNIT`, in this order, each once at most, before the samples.
fn describe(families: &mut Vec<Family>, comment: &str) {
    let (what, rest) = comment.split_once(' ').expect(comment);
    let (name, rest) = rest.split_once(' ').expect(comment);
    is_name(name);
    if what == "HELP" {
        assert!(!rest.is_empty() && !rest.contains(['\\', '"']), "{comment}");
        return families.push(Family {
            name: name.to_string(),
            ..Family::default()
        });
    }
    let family = families.last_mut().expect(comment);
    assert!(
        family.name == name && family.samples.is_empty(),
        "{comment}"
    );
    match what {
        "TYPE" => {
            assert!(family.kind.is_empty(), "{comment}");
            assert!(
                ["counter", "gauge", "histogram", "info"].contains(&rest),
                "{comment}"
            );
            family.kind = rest.to_string();
        }
        "UNIT" => {
            assert!(!family.has_unit && !family.kind.is_empty(), "{comment}");
            assert!(name.ends_with(&format!("_{rest}")), "{comment}");
            family.has_unit = true;
        }
        _ => panic!("{comment}"),
    }
}

fn is_name(name: &str) {
    let good = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let first = name.chars().next().expect("a name has characters");
    assert!(
        !first.is_ascii_digit() && name.chars().all(good),
        "{name:?}"
    );
}

fn sample(line: &str) -> Sample {
    let end = line.find(['{', ' ']).expect(line);
    let (name, mut rest) = line.split_at(end);
    is_name(name);
    let mut labels: Vec<(String, String)> = Vec::new();
    if let Some(inner) = rest.strip_prefix('{') {
        rest = inner;
        loop {
            let (key, behind) = rest.split_once("=\"").expect(line);
            is_name(key);
            assert!(labels.iter().all(|(other, _)| other != key), "{line}");
            let (value, behind) = quoted(behind).expect(line);
            labels.push((key.to_string(), value));
            if let Some(behind) = behind.strip_prefix(',') {
                rest = behind;
            } else {
                rest = behind.strip_prefix('}').expect(line);
                break;
            }
        }
    }
    let value = rest.strip_prefix(' ').expect(line);
    let digits = |c: char| c.is_ascii_digit() || "+-.e".contains(c);
    assert!(!value.is_empty() && value.chars().all(digits), "{line}");
    Sample {
        name: name.to_string(),
        labels,
        value: value.parse().expect(line),
    }
}

/// What is before the quote, and what behind it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((index, c)) = chars.next() {
        match c {
            '"' => return Some((value, &text[index + 1..])),
            '\\' => value.push(match chars.next()?.1 {
                'n' => '\n',
                c @ ('\\' | '"') => c,
                _ => return None,
            }),
            _ => value.push(c),
        }
    }
    None
}

impl Family {
    fn check(&self) {
        let Family {
            name,
            kind,
            samples,
            ..
        } = self;
        assert!(!kind.is_empty(), "{name} has no type");
        for Sample {
            name: own, value, ..
        } in samples
        {
            let suffix = own.strip_prefix(name.as_str()).expect(own);
            let allowed: &[&str] = match kind.as_str() {
                "counter" => &["_total"],
                "gauge" => &[""],
                "info" => &["_info"],
                _ => &["_sum", "_count", "_bucket"],
            };
            assert!(allowed.contains(&suffix), "{own} in {name}");
            assert!(value.is_finite() && *value >= 0.0, "{own} is {value}");
            assert!(kind != "info" || *value == 1.0, "{own} is {value}");
        }
        if kind == "histogram" {
            self.check_histogram();
        }
    }

    /// Of each the buckets go up to infinity, where all are counted.
    fn check_histogram(&self) {
        let without = |sample: &Sample| -> Vec<(String, String)> {
            let others = sample.labels.iter().filter(|(key, _)| key != "le");
            others.cloned().collect()
        };
        let all: HashSet<_> = self.samples.iter().map(without).collect();
        for labels in all {
            let of = |suffix: &str| -> Vec<&Sample> {
                let own = self
                    .samples
                    .iter()
                    .filter(|sample| without(sample) == labels);
                own.filter(|sample| sample.name == format!("{}{suffix}", self.name))
                    .collect()
            };
            let (counts, sums, buckets) = (of("_count"), of("_sum"), of("_bucket"));
            assert_eq!((counts.len(), sums.len()), (1, 1), "{}", self.name);
            let (mut end, mut count) = (f64::NEG_INFINITY, 0.0);
            for bucket in buckets {
                let (_, le) = bucket
                    .labels
                    .iter()
                    .find(|(key, _)| key == "le")
                    .expect("le");
                let le = match le.as_str() {
                    "+Inf" => f64::INFINITY,
                    le => le.parse().expect(le),
                };
                assert!(le > end && bucket.value >= count, "{} {le}", self.name);
                (end, count) = (le, bucket.value);
            }
            assert_eq!(
                (end, count),
                (f64::INFINITY, counts[0].value),
                "{}",
                self.name
            );
        }
    }
}

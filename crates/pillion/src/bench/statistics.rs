//! Figures out of samples.

use serde::Serialize;

/// What samples come to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    pub median: f64,
    /// A tenth of the samples is below, ...
    pub p10: f64,
    /// ... and a tenth above.
    pub p90: f64,
    pub min: f64,
    pub max: f64,
    pub samples: usize,
}

impl Summary {
    /// Of at least one sample, all of which are numbers.
    pub fn of(mut samples: Vec<f64>) -> Option<Self> {
        if samples.iter().any(|sample| !sample.is_finite()) {
            return None;
        }
        samples.sort_by(f64::total_cmp);
        Some(Summary {
            median: quantile(&samples, 0.5)?,
            p10: quantile(&samples, 0.1)?,
            p90: quantile(&samples, 0.9)?,
            min: *samples.first()?,
            max: *samples.last()?,
            samples: samples.len(),
        })
    }
}

/// The value below which this part of the samples lies, between two samples where it falls there.
fn quantile(sorted: &[f64], part: f64) -> Option<f64> {
    let place = part * sorted.len().checked_sub(1)? as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    Some(sorted[below] + (sorted[above] - sorted[below]) * place.fract())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_come_to_what_they_should() {
        assert_eq!(Summary::of(Vec::new()), None);
        assert_eq!(Summary::of(vec![1.0, f64::NAN]), None);
        let one = Summary::of(vec![3.0]).unwrap();
        assert_eq!(
            (one.median, one.p10, one.p90, one.min),
            (3.0, 3.0, 3.0, 3.0)
        );
        let many = Summary::of((0..=100).rev().map(f64::from).collect()).unwrap();
        assert_eq!((many.median, many.p10, many.p90), (50.0, 10.0, 90.0));
        assert_eq!((many.min, many.max, many.samples), (0.0, 100.0, 101));
        assert_eq!(Summary::of(vec![2.0, 1.0]).unwrap().median, 1.5);
    }
}

//! What came of it all.

use std::collections::{BTreeMap, BTreeSet};

use comfy_table::{Cell, CellAlignment, Color};
use serde::Serialize;

use super::apps::{Runs, WALL};
use super::figures::{self, Figure, Unit};
use super::line::Carried;
use super::statistics::Summary;
use super::target::{Measured, Outcome, Plan, Target, Way};
use crate::devices::version;
use crate::table;

/// What `--json` prints. Fields are only ever added.
#[derive(Serialize)]
pub struct Report {
    version: &'static str,
    quick: bool,
    seed: u64,
    pub targets: Vec<TargetReport>,
    pub figures: Vec<FigureReport>,
    /// What connections carry by themselves.
    lines: Vec<Carried>,
    apps: Vec<AppReport>,
}

/// A column.
#[derive(Serialize)]
pub struct TargetReport {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<LinkReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    driver_version: Option<String>,
    /// Why there are no figures.
    #[serde(skip_serializing_if = "Option::is_none")]
    absent: Option<String>,
}

/// An emulated link, and what passed over it. Times in seconds.
#[derive(Serialize)]
pub struct LinkReport {
    pub rtt: f64,
    pub rate_bits_per_second: Option<u64>,
    jitter: f64,
    bytes_to_server: u64,
    bytes_to_client: u64,
}

/// A row: a value for each column, in the base unit.
#[derive(Serialize)]
pub struct FigureReport {
    pub figure: String,
    pub label: String,
    #[serde(serialize_with = "base")]
    pub unit: Unit,
    pub results: Vec<ResultReport>,
}

/// A value.
#[derive(Serialize)]
pub struct ResultReport {
    target: String,
    #[serde(flatten)]
    pub summary: Option<Summary>,
    /// The median by the native one.
    #[serde(skip_serializing_if = "Option::is_none")]
    ratio: Option<f64>,
    /// Why it was not measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<String>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Serialize)]
struct AppReport {
    command: String,
    figures: Vec<FigureReport>,
}

impl Report {
    /// Of what was measured of each target, and each command with its runs through each.
    pub fn new(
        plan: &Plan,
        targets: &[Target],
        measured: &[Measured],
        lines: Vec<Carried>,
        apps: Vec<(String, Vec<Option<Runs>>)>,
    ) -> Self {
        let figures = figures::figures(plan.quick).into_iter().map(|figure| {
            let outcomes = measured
                .iter()
                .map(|measured| measured.figures.get(&figure.key));
            row(figure.clone(), targets, outcomes)
        });
        Report {
            version: env!("CARGO_PKG_VERSION"),
            quick: plan.quick,
            seed: plan.seed,
            targets: targets.iter().zip(measured).map(column).collect(),
            figures: figures.collect(),
            lines,
            apps: apps
                .into_iter()
                .map(|(command, runs)| app(command, targets, &runs))
                .collect(),
        }
    }

    /// Whether everything that was to be there was, and right.
    pub fn is_well(&self) -> bool {
        let servers = self
            .targets
            .iter()
            .filter(|target| target.server.is_some())
            .all(|target| target.absent.is_none());
        let apps = self.apps.iter().flat_map(|app| &app.figures);
        servers
            && self
                .figures
                .iter()
                .chain(apps)
                .flat_map(|figure| &figure.results)
                .all(|result| result.error.is_none())
    }

    /// Prints tables for people.
    pub fn print(&self) {
        for target in &self.targets {
            match (&target.device, &target.absent) {
                (_, Some(reason)) => println!("{}: not measured: {reason}", target.name),
                // Over a link it is the same as without.
                (Some(_), None) if target.link.is_some() => {}
                (Some(device), None) => println!(
                    "{}: {device}, CUDA {}",
                    target.name,
                    target.driver_version.as_deref().unwrap_or("?")
                ),
                (None, None) => println!("{}: nothing to measure", target.name),
            }
        }
        println!("Medians, and in brackets between what and what eight of ten samples lie.");
        let direct = self.columns(|target| target.link.is_none());
        if !direct.is_empty() {
            self.print_rows(&self.figures, &direct);
        }
        if !self.lines.is_empty() {
            println!(
                "\nWhat a connection alone carries from one process of this machine to another (GB/s):"
            );
            self.print_lines();
        }
        let links = self.columns(|target| target.link.is_some());
        if !links.is_empty() {
            println!("\nOver emulated links (medians):");
            self.print_links(&links);
        }
        let all = self.columns(|_| true);
        for app in &self.apps {
            println!("\n{}", app.command);
            self.print_rows(&app.figures, &all);
        }
        self.print_remarks();
    }

    /// The places of the columns that are there and are `wanted`.
    pub fn columns(&self, wanted: impl Fn(&TargetReport) -> bool) -> Vec<usize> {
        let there = |target: &TargetReport| target.absent.is_none() && wanted(target);
        (0..self.targets.len())
            .filter(|&place| there(&self.targets[place]))
            .collect()
    }

    /// A table with a row for each figure, and a column for each of these targets.
    fn print_rows(&self, figures: &[FigureReport], columns: &[usize]) {
        let mut headings = vec!["figure", "unit"];
        for &column in columns {
            headings.push(&self.targets[column].name);
            if figures
                .iter()
                .any(|figure| figure.results[column].ratio.is_some())
            {
                headings.push("/ native");
            }
        }
        let has_ratios = headings.contains(&"/ native");
        let mut table = table::table(&headings);
        for figure in figures {
            let mut row = vec![Cell::new(&figure.label), Cell::new(figure.unit.shown())];
            for &column in columns {
                let result = &figure.results[column];
                row.push(result.cell(figure.unit, true));
                if has_ratios && self.targets[column].server.is_some() {
                    let ratio = result.ratio.map_or_else(String::new, digits);
                    row.push(Cell::new(ratio).set_alignment(CellAlignment::Right));
                }
            }
            table.add_row(row);
        }
        println!("{table}");
    }

    /// A table with a row for each kind of connection, and a column for each size of buffers.
    fn print_lines(&self) {
        let of = |which| {
            let all = self.lines.iter();
            all.filter(move |line| (line.kind, line.memory) == which)
        };
        let buffers =
            of((self.lines[0].kind, self.lines[0].memory)).map(|line| match line.buffer_bytes {
                Some(bytes) => format!("{} KiB", bytes >> 10),
                None => "the kernel's".to_owned(),
            });
        let headings: Vec<_> = std::iter::once("connection, kernel buffers".to_owned())
            .chain(buffers)
            .collect();
        let headings: Vec<_> = headings.iter().map(String::as_str).collect();
        let mut table = table::table(&headings);
        let mut rows: Vec<_> = self.lines.iter().map(|l| (l.kind, l.memory)).collect();
        rows.dedup();
        for (kind, memory) in rows {
            let mut row = vec![Cell::new(format!("{}, {}", kind.name(), memory.name()))];
            for line in of((kind, memory)) {
                let value = digits(line.bandwidth.median * Unit::Bandwidth.scale());
                row.push(Cell::new(value).set_alignment(CellAlignment::Right));
            }
            table.add_row(row);
        }
        println!("{table}");
    }

    /// A table with a row for each of these targets, and a column for some figures.
    fn print_links(&self, targets: &[usize]) {
        let some: Vec<_> = figures::TELLING
            .iter()
            .filter_map(|key| self.figures.iter().find(|figure| figure.figure == *key))
            .collect();
        let headings: Vec<_> = std::iter::once("way".to_owned())
            .chain(
                some.iter()
                    .map(|figure| format!("{}, {}", figure.label, figure.unit.shown())),
            )
            .collect();
        let headings: Vec<_> = headings.iter().map(String::as_str).collect();
        let mut table = table::table(&headings);
        for &target in targets {
            let mut row = vec![Cell::new(&self.targets[target].name)];
            for figure in &some {
                row.push(figure.results[target].cell(figure.unit, false));
            }
            table.add_row(row);
        }
        println!("{table}");
    }

    /// What was not measured, and what went wrong: each reason once.
    fn print_remarks(&self) {
        let mut remarks: BTreeMap<_, Vec<&str>> = BTreeMap::new();
        let apps = self.apps.iter().flat_map(|app| &app.figures);
        for figure in self.figures.iter().chain(apps) {
            for (place, result) in figure.results.iter().enumerate() {
                let (word, reason) = match (&result.error, &result.skipped) {
                    (Some(reason), _) => ("ERROR", reason),
                    (None, Some(reason)) => ("not measured", reason),
                    (None, None) => continue,
                };
                let figures = remarks.entry((word, place, reason)).or_default();
                figures.push(&figure.label);
            }
        }
        // Most reasons are the same for many targets.
        let mut together: BTreeMap<_, Vec<&str>> = BTreeMap::new();
        for ((word, place, reason), figures) in remarks {
            let targets = together.entry((word, reason, figures)).or_default();
            targets.push(&self.targets[place].name);
        }
        for ((word, reason, figures), targets) in together {
            let targets = match targets.len() == self.columns(|_| true).len() {
                true => "everywhere".to_owned(),
                false => targets.join(", "),
            };
            println!("{word}: {}: {reason}: {targets}", figures.join("; "));
        }
    }
}

impl ResultReport {
    fn cell(&self, unit: Unit, spread: bool) -> Cell {
        let scale = unit.scale();
        let cell = match &self.summary {
            Some(summary) if spread && summary.samples > 1 => Cell::new(format!(
                "{} ({} – {})",
                digits(summary.median * scale),
                digits(summary.p10 * scale),
                digits(summary.p90 * scale)
            )),
            Some(summary) => Cell::new(digits(summary.median * scale)),
            None if self.error.is_some() => Cell::new("ERROR").fg(Color::Red),
            None => Cell::new("-"),
        };
        cell.set_alignment(CellAlignment::Right)
    }
}

fn column((target, measured): (&Target, &Measured)) -> TargetReport {
    let passed = measured.passed.unwrap_or_default();
    TargetReport {
        name: target.name.clone(),
        server: match &target.way {
            Way::Native => None,
            Way::Server { uri, .. } => Some(uri.to_string()),
        },
        link: target.link().map(|link| LinkReport {
            rtt: link.rtt.as_secs_f64(),
            rate_bits_per_second: link.rate.map(pillion_link::Rate::bits),
            jitter: link.jitter.as_secs_f64(),
            bytes_to_server: passed.to_server,
            bytes_to_client: passed.to_client,
        }),
        device: measured.device.clone(),
        driver_version: measured.driver_version.map(version),
        absent: measured.absent.clone(),
    }
}

fn row<'a>(
    figure: Figure,
    targets: &[Target],
    outcomes: impl Iterator<Item = Option<&'a Outcome>>,
) -> FigureReport {
    let mut results: Vec<_> = targets
        .iter()
        .zip(outcomes)
        .map(|(target, outcome)| result(target, outcome))
        .collect();
    let native = targets
        .iter()
        .position(|target| matches!(target.way, Way::Native))
        .and_then(|place| Some(results[place].summary.as_ref()?.median));
    for (result, target) in results.iter_mut().zip(targets) {
        if let (Some(native), Some(summary), Way::Server { .. }) =
            (native, &result.summary, &target.way)
        {
            result.ratio = Some(summary.median / native).filter(|ratio| ratio.is_finite());
        }
    }
    FigureReport {
        figure: figure.key,
        label: figure.label,
        unit: figure.unit,
        results,
    }
}

fn result(target: &Target, outcome: Option<&Outcome>) -> ResultReport {
    let mut report = ResultReport {
        target: target.name.clone(),
        summary: None,
        ratio: None,
        skipped: None,
        error: None,
    };
    match outcome {
        Some(Outcome::Samples(samples)) => match Summary::of(samples.clone()) {
            Some(summary) => report.summary = Some(summary),
            None => report.error = Some("no samples".to_owned()),
        },
        Some(Outcome::Skipped(reason)) => report.skipped = Some(reason.clone()),
        Some(Outcome::Failed(reason)) => report.error = Some(reason.clone()),
        None => {}
    }
    report
}

fn app(command: String, targets: &[Target], runs: &[Option<Runs>]) -> AppReport {
    let milliseconds = |key: &str, label: &str| Figure {
        key: key.to_owned(),
        label: label.to_owned(),
        unit: Unit::Milliseconds,
    };
    let wall = runs.iter().map(|runs| runs.as_ref().map(|runs| &runs.wall));
    let mut figures = vec![row(milliseconds(WALL, "wall time"), targets, wall)];
    let printed = runs.iter().flatten().flat_map(|runs| runs.printed.keys());
    for name in printed.collect::<BTreeSet<_>>() {
        let outcomes = runs
            .iter()
            .map(|runs| runs.as_ref().and_then(|runs| runs.printed.get(name)));
        figures.push(row(milliseconds(name, name), targets, outcomes));
    }
    AppReport { command, figures }
}

/// A number with three digits that mean something.
fn digits(value: f64) -> String {
    let places = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        size if size >= 0.1 => 3,
        _ => 4,
    };
    format!("{value:.places$}")
}

fn base<S: serde::Serializer>(unit: &Unit, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(unit.base())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits() {
        for (value, text) in [
            (12345.6, "12346"),
            (99.96, "100.0"),
            (7.856, "7.86"),
            (0.3123, "0.312"),
            (0.01234, "0.0123"),
        ] {
            assert_eq!(digits(value), text);
        }
    }

    fn targets() -> Vec<Target> {
        let uri = "unix:///s".parse().unwrap();
        let server = Way::Server { uri, link: None };
        vec![Target::new(Way::Native), Target::new(server)]
    }

    #[test]
    fn a_ratio_is_through_by_native_and_an_error_is_no_figure() {
        let targets = targets();
        let all = figures::figures(true);
        let samples = |values: &[f64]| Outcome::Samples(values.to_vec());
        let outcomes = [samples(&[2.0, 4.0, 3.0]), samples(&[6.0])];
        let whole = row(all[0].clone(), &targets, outcomes.iter().map(Some));
        assert_eq!(whole.results[0].ratio, None);
        assert_eq!(whole.results[1].ratio, Some(2.0));
        let failed = Outcome::Failed("wrong result".to_owned());
        for outcomes in [
            [Some(&failed), Some(&outcomes[1])],
            [None, Some(&outcomes[1])],
            [Some(&outcomes[0]), Some(&failed)],
        ] {
            let row = row(all[0].clone(), &targets, outcomes.into_iter());
            assert_eq!(row.results[1].ratio, None);
            let wrong = outcomes
                .iter()
                .any(|outcome| matches!(outcome, Some(Outcome::Failed(_))));
            let report = Report {
                version: "",
                quick: true,
                seed: 0,
                targets: Vec::new(),
                lines: Vec::new(),
                figures: vec![row],
                apps: Vec::new(),
            };
            assert_eq!(report.is_well(), !wrong);
        }
    }
}

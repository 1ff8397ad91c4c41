//! The figures as a picture: a dot for each median, with a line from where a tenth of the samples lies below to where a tenth
//! lies above, and curves over the round trips and rates of emulated links.

use std::fmt::Display;

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::*;

use super::figures::{
    FIRST_KERNEL, LAUNCH_ISSUE, LAUNCH_SUSTAINED, LAUNCH_SYNC, MALLOC_FREE, Unit, WORD_TO_HOST,
};
use super::report::{FigureReport, Report};

const WIDTH: u32 = 1000;
/// Of a row of dots.
const ROW: u32 = 26;
/// Of what a panel has around its rows: a title above, an axis below.
const AROUND: u32 = 90;
/// Of a panel of curves.
const CURVES: u32 = 420;
/// Of a line of the legend.
const LEGEND: u32 = 20;
/// Of the names beside the rows.
const NAMES: u32 = 290;

/// Easily told apart, also by those who see fewer colours (after Okabe and Ito).
const COLORS: [RGBColor; 7] = [
    RGBColor(0, 0, 0),
    RGBColor(0, 114, 178),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(213, 94, 0),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
];

/// Curves over the round trip, and over the rate.
const OVER_RTT: &[&str] = &[
    LAUNCH_ISSUE,
    LAUNCH_SUSTAINED,
    LAUNCH_SYNC,
    WORD_TO_HOST,
    MALLOC_FREE,
    FIRST_KERNEL,
];
const OVER_RATE: &[&str] = &["to_device_pinned_1MiB", "to_host_pinned_1MiB"];

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Draws an SVG.
pub fn draw(report: &Report) -> Result<String> {
    let mut panels = panels(report);
    panels.retain(|panel| panel.height > 0);
    let height = panels.iter().map(|panel| panel.height).sum::<u32>();
    let mut image = String::new();
    {
        let mut rest =
            SVGBackend::with_string(&mut image, (WIDTH, height.max(1))).into_drawing_area();
        rest.fill(&WHITE).map_err(sentence)?;
        for panel in &panels {
            let (area, below) = rest.split_vertically(panel.height);
            match &panel.content {
                Content::Dots { title, unit, rows } => dots(report, &area, title, unit, rows)?,
                Content::Curves(curves) => curves.draw(&area)?,
            }
            rest = below;
        }
        rest.present().map_err(sentence)?;
    }
    Ok(image)
}

/// A part of the picture.
struct Panel<'a> {
    height: u32,
    content: Content<'a>,
}

enum Content<'a> {
    Dots {
        title: &'static str,
        unit: &'static str,
        rows: Vec<&'a FigureReport>,
    },
    Curves(Curves),
}

fn panels(report: &Report) -> Vec<Panel<'_>> {
    let mut panels = Vec::new();
    let direct = direct(report);
    for (title, unit, bandwidth) in [("Times", "µs", false), ("Copies", "GB/s", true)] {
        let rows: Vec<_> = report
            .figures
            .iter()
            .filter(|figure| (figure.unit == Unit::Bandwidth) == bandwidth)
            .filter(|figure| direct.iter().any(|&place| has(figure, place)))
            .collect();
        let height = match rows.len() as u32 {
            0 => 0,
            count => AROUND + ROW * count + LEGEND * direct.len() as u32,
        };
        let content = Content::Dots { title, unit, rows };
        panels.push(Panel { height, content });
    }
    let mut servers: Vec<_> = report
        .targets
        .iter()
        .filter(|target| target.link.is_some())
        .filter_map(|target| target.server.as_deref())
        .collect();
    servers.dedup();
    for server in servers {
        let over_rtt = Curves::new(
            report,
            server,
            ("round trip, ms", "µs"),
            OVER_RTT,
            |rtt, rate| (rtt > 0.0 && rate.is_none()).then_some(rtt * 1e3),
        );
        let over_rate = Curves::new(
            report,
            server,
            ("rate, Gb/s", "GB/s"),
            OVER_RATE,
            |rtt, rate| rate.filter(|_| rtt == 0.0).map(|rate| rate as f64 / 1e9),
        );
        for curves in [over_rtt, over_rate].into_iter().flatten() {
            let height = CURVES + LEGEND * curves.curves.len() as u32;
            let content = Content::Curves(curves);
            panels.push(Panel { height, content });
        }
    }
    panels
}

/// The columns without an emulated link.
fn direct(report: &Report) -> Vec<usize> {
    report.columns(|target| target.link.is_none())
}

fn has(figure: &FigureReport, place: usize) -> bool {
    figure.results[place].summary.is_some()
}

/// By what a value is multiplied on an axis: all times are in microseconds there.
fn scale(unit: Unit) -> f64 {
    match unit {
        Unit::Bandwidth => unit.scale(),
        Unit::Milliseconds | Unit::Microseconds => Unit::Microseconds.scale(),
    }
}

/// A row for each figure, and in it a dot for each target.
fn dots(
    report: &Report,
    area: &Area<'_>,
    title: &str,
    unit: &str,
    rows: &[&FigureReport],
) -> Result<()> {
    let targets = direct(report);
    let values = rows.iter().flat_map(|figure| {
        let summaries = targets
            .iter()
            .filter_map(|&place| figure.results[place].summary.as_ref());
        summaries.flat_map(|summary| {
            [summary.p10, summary.median, summary.p90].map(|value| value * scale(figure.unit))
        })
    });
    let (least, most) = decades(values);
    let legend: Vec<_> = targets
        .iter()
        .enumerate()
        .map(|(number, &place)| (number, report.targets[place].name.as_str()))
        .collect();
    let area = heading(area, title, &legend)?;
    let mut chart = ChartBuilder::on(&area)
        .margin_right(30)
        .margin_left(NAMES)
        .x_label_area_size(45)
        .build_cartesian_2d((least..most).log_scale(), (rows.len() as f64)..0.0)
        .map_err(sentence)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .x_desc(unit)
        .x_label_formatter(&|value| format!("{value}"))
        .light_line_style(TRANSPARENT)
        .label_style(font(13))
        .draw()
        .map_err(sentence)?;
    let plotting = chart.plotting_area();
    for (row, figure) in rows.iter().enumerate() {
        let middle = row as f64 + 0.5;
        let (_, y) = plotting.map_coordinate(&(least, middle));
        // Coordinates of the plot are the picture's; those of the area begin at its corner.
        let (_, top) = area.get_base_pixel();
        let name = Text::new(figure.label.clone(), (12, y - top - 7), font(14));
        area.draw(&name).map_err(sentence)?;
        let line = [(least, row as f64), (most, row as f64)];
        let line = PathElement::new(line, RGBColor(225, 225, 225));
        plotting.draw(&line).map_err(sentence)?;
        for (number, &place) in targets.iter().enumerate() {
            let Some(summary) = &figure.results[place].summary else {
                continue;
            };
            let color = color(number);
            let scale = scale(figure.unit);
            let part = (number as f64 + 1.0) / (targets.len() as f64 + 1.0);
            let at = |value: f64| ((value * scale).clamp(least, most), row as f64 + part);
            let spread = [at(summary.p10), at(summary.p90)];
            let spread = PathElement::new(spread, color.stroke_width(2));
            plotting.draw(&spread).map_err(sentence)?;
            let dot = Circle::new(at(summary.median), 4, color.filled());
            plotting.draw(&dot).map_err(sentence)?;
        }
    }
    Ok(())
}

/// Curves over what the links to a server are like.
struct Curves {
    title: String,
    axes: (&'static str, &'static str),
    curves: Vec<(String, Vec<(f64, f64)>)>,
}

impl Curves {
    /// Of some figures, over what `place` makes of a link's round trip in seconds and its rate in bits a second. None where
    /// there are no two links to draw a line between.
    fn new(
        report: &Report,
        server: &str,
        axes: (&'static str, &'static str),
        keys: &[&str],
        place: impl Fn(f64, Option<u64>) -> Option<f64>,
    ) -> Option<Self> {
        let linked = report
            .columns(|target| target.link.is_some() && target.server.as_deref() == Some(server));
        let mut curves = Vec::new();
        for figure in &report.figures {
            if !keys.contains(&figure.figure.as_str()) {
                continue;
            }
            let points = linked.iter().filter_map(|&column| {
                let link = report.targets[column].link.as_ref()?;
                let summary = figure.results[column].summary.as_ref()?;
                let x = place(link.rtt, link.rate_bits_per_second)?;
                let y = summary.median * scale(figure.unit);
                (y > 0.0).then_some((x, y))
            });
            let mut points: Vec<_> = points.collect();
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            if points.len() > 1 {
                curves.push((figure.label.clone(), points));
            }
        }
        (!curves.is_empty()).then(|| Curves {
            title: format!("Over emulated links to {server}"),
            axes,
            curves,
        })
    }

    fn draw(&self, area: &Area<'_>) -> Result<()> {
        let points = || self.curves.iter().flat_map(|(_, points)| points);
        let (left, right) = decades(points().map(|point| point.0));
        let (bottom, top) = decades(points().map(|point| point.1));
        let legend: Vec<_> = self
            .curves
            .iter()
            .enumerate()
            .map(|(number, (name, _))| (number, name.as_str()))
            .collect();
        let area = heading(area, &self.title, &legend)?;
        let mut chart = ChartBuilder::on(&area)
            .margin_right(30)
            .margin_left(10)
            .x_label_area_size(45)
            .y_label_area_size(80)
            .build_cartesian_2d((left..right).log_scale(), (bottom..top).log_scale())
            .map_err(sentence)?;
        chart
            .configure_mesh()
            .x_desc(self.axes.0)
            .y_desc(self.axes.1)
            .x_label_formatter(&|value| format!("{value}"))
            .y_label_formatter(&|value| format!("{value}"))
            .light_line_style(TRANSPARENT)
            .label_style(font(13))
            .draw()
            .map_err(sentence)?;
        for (number, (_, points)) in self.curves.iter().enumerate() {
            let color = color(number);
            let line = PathElement::new(points.clone(), color.stroke_width(2));
            chart.draw_series([line]).map_err(sentence)?;
            let dots = points.iter().map(|&at| Circle::new(at, 4, color.filled()));
            chart.draw_series(dots).map_err(sentence)?;
        }
        Ok(())
    }
}

/// Writes a title and what the colours mean, and gives what is left below.
fn heading<'a>(area: &Area<'a>, title: &str, legend: &[(usize, &str)]) -> Result<Area<'a>> {
    let title = Text::new(title.to_owned(), (12, 10), font(18));
    area.draw(&title).map_err(sentence)?;
    let mut y = 36;
    for (number, name) in legend {
        let dot = Circle::new((18, y + 7), 4, color(*number).filled());
        area.draw(&dot).map_err(sentence)?;
        let name = Text::new((*name).to_owned(), (30, y), font(14));
        area.draw(&name).map_err(sentence)?;
        y += LEGEND as i32;
    }
    let (_, below) = area.split_vertically(y as u32 + 4);
    Ok(below)
}

/// The powers of ten around values that are above 0.
fn decades(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (mut least, mut most) = (f64::INFINITY, 0.0f64);
    for value in values.filter(|value| *value > 0.0 && value.is_finite()) {
        least = least.min(value);
        most = most.max(value);
    }
    if least > most {
        return (1.0, 10.0);
    }
    let below = 10f64.powf(least.log10().floor());
    let above = 10f64.powf(most.log10().ceil());
    (below, if above > below { above } else { below * 10.0 })
}

fn color(number: usize) -> RGBColor {
    COLORS[number % COLORS.len()]
}

fn font(size: u32) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&BLACK)
}

fn sentence(error: impl Display) -> anyhow::Error {
    anyhow!("cannot draw: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_reach_around_what_they_show() {
        assert_eq!(decades([0.3, 0.02, 70.0].into_iter()), (0.01, 100.0));
        assert_eq!(decades([10.0].into_iter()), (10.0, 100.0));
        assert_eq!(decades([0.0, f64::NAN].into_iter()), (1.0, 10.0));
    }
}

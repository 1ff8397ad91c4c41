//! The picture of it. Whatever others have named is [cut and cleaned](super::text) before it comes here into a cell.

use std::time::Duration;

use pillion_server::broker::{GpuStatus, Status};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::widgets::{RenderDirection, Sparkline, Widget};
use unicode_width::UnicodeWidthStr;

use super::look::Look;
use super::model::{Held, Model};
use super::rows::{self, Column, View};
use super::text::{clean, cut};
use crate::table;

/// The smallest terminal that there is room in.
const SMALLEST: (u16, u16) = (40, 10);
/// From which width on all is said of a device.
const WIDE: usize = 110;
/// For how long it is said that another process answers.
const NEWS: Duration = Duration::from_secs(10);

const PLAIN: Style = Style::new();
const BOLD: Style = Style::new().add_modifier(Modifier::BOLD);
const FAINT: Style = Style::new().add_modifier(Modifier::DIM);
const MARKED: Style = Style::new().add_modifier(Modifier::REVERSED);
const GOOD: Style = Style::new().fg(Color::Green);
const WARNING: Style = Style::new().fg(Color::Yellow).add_modifier(Modifier::BOLD);
const BAD: Style = Style::new().fg(Color::Red).add_modifier(Modifier::BOLD);

/// What the keys do.
const KEYS: [(&str, &str); 8] = [
    ("q Esc Ctrl-C", "end"),
    ("Tab t", "sessions, identities, queue"),
    ("Up PgUp Home", "move, and Down PgDn End"),
    ("s >", "sort by the next column"),
    ("<", "sort by the one before"),
    ("r", "sort the other way"),
    ("/", "filter by identity, program"),
    ("?", "these keys"),
];

/// What of a picture does not change.
pub struct Frame<'a> {
    /// Where the server is.
    pub server: &'a str,
    /// After how long without an answer it is said that there is none.
    pub patience: Duration,
}

impl Frame<'_> {
    /// Draws what is known at this time. Says how many rows the table has.
    pub fn draw(
        &self,
        model: &Model,
        look: &mut Look,
        now: Duration,
        area: Rect,
        buffer: &mut Buffer,
    ) -> usize {
        let Some(status) = model.status() else {
            return 0;
        };
        let rows = rows::rows(model, look.view, look.sort(), &look.filter);
        let mut page = Page { area, buffer };
        if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
            page.too_small();
            return rows.len();
        }
        page.head(status, self.server);
        page.foot(look);
        if look.explains {
            page.keys();
            return rows.len();
        }
        for (text, style) in self.news(model, status, now) {
            page.line(&text, style);
        }
        page.devices(model, status);
        page.totals(model, status);
        page.tabs(status, look, rows.len());
        page.table(look, &rows, empty(status, look));
        rows.len()
    }

    fn news(&self, model: &Model, status: &Status, now: Duration) -> Vec<(String, Style)> {
        let mut news = Vec::new();
        let silent = model.silent(now);
        let failure = model.failure();
        if failure.is_some() || silent > self.patience {
            let why = failure.map(|why| format!(": {why}")).unwrap_or_default();
            let silent = table::duration(silent.as_secs());
            news.push((
                format!("NO ANSWER for {silent}, this is how it was{why}"),
                BAD,
            ));
        } else if model.anew(now).is_some_and(|ago| ago < NEWS) {
            let text = format!("ANOTHER SERVER answers here now: process {}", status.pid);
            news.push((text, WARNING));
        }
        if let Some(failure) = &status.last_failure {
            news.push((format!("FAILING: {failure}"), BAD));
        }
        news
    }
}

/// Why a table has no rows.
fn empty(status: &Status, look: &Look) -> String {
    let all = match look.view {
        View::Sessions => status.sessions.len(),
        View::Identities => status.tenants.len(),
        View::Queue => status.queue.len(),
    };
    match look.view {
        _ if all > 0 => format!("none of {all} has \"{}\" in its name", look.filter),
        View::Sessions => "no sessions".to_string(),
        View::Identities => "nobody has had a session yet".to_string(),
        View::Queue => "nobody waits for a place on the devices".to_string(),
    }
}

/// What is left of the screen while it is filled from the top.
struct Page<'a> {
    area: Rect,
    buffer: &'a mut Buffer,
}

impl Page<'_> {
    /// Takes so many lines off the top, or as many as are left.
    fn take(&mut self, lines: u16) -> Rect {
        let height = lines.min(self.area.height);
        let taken = Rect {
            height,
            ..self.area
        };
        self.area.y += height;
        self.area.height -= height;
        taken
    }

    /// Text at a column of the first line of `area`; where it ends.
    fn put(&mut self, area: Rect, x: usize, text: &str, style: Style) -> usize {
        let room = usize::from(area.width).saturating_sub(x);
        if area.height == 0 || room == 0 {
            return x;
        }
        let text = cut(text, room);
        self.buffer
            .set_stringn(area.x + x as u16, area.y, &text, room, style);
        x + text.width()
    }

    /// The same, in a place of that width, perhaps at its right end.
    fn put_in(
        &mut self,
        area: Rect,
        x: usize,
        width: usize,
        text: &str,
        right: bool,
        style: Style,
    ) {
        let text = cut(text, width);
        let before = if right { width - text.width() } else { 0 };
        self.put(area, x + before, &text, style);
    }

    fn line(&mut self, text: &str, style: Style) {
        let area = self.take(1);
        self.put(area, 0, text, style);
    }

    fn too_small(&mut self) {
        let (width, height) = SMALLEST;
        let (now_width, now_height) = (self.area.width, self.area.height);
        self.line("too small:", BAD);
        self.line(&format!("{now_width} x {now_height}"), PLAIN);
        self.line(&format!("of {width} x {height}"), PLAIN);
    }

    fn head(&mut self, status: &Status, server: &str) {
        let area = self.take(1);
        let mut x = self.put(area, 0, &format!("Pillion {}", status.version), BOLD);
        let up = table::duration(status.uptime_seconds);
        x = self.put(area, x, &format!("  {}, up {up}", status.device), PLAIN);
        if status.draining {
            x = self.put(area, x, "  ", PLAIN);
            x = self.put(area, x, "DRAINING", WARNING);
        }
        let server = clean(server);
        let rest = usize::from(area.width).saturating_sub(x + 2);
        self.put_in(area, x + 2, rest, &server, true, PLAIN);
    }

    fn foot(&mut self, look: &Look) {
        self.area.height -= 1;
        let area = Rect {
            y: self.area.bottom(),
            height: 1,
            ..self.area
        };
        if look.types {
            let x = self.put(area, 0, "filter: ", BOLD);
            // The end of what is typed is what somebody looks at.
            let room = usize::from(area.width).saturating_sub(x + 1);
            let mut typed = clean(&look.filter);
            while typed.width() > room {
                typed.remove(0);
            }
            let x = self.put(area, x, &typed, PLAIN);
            self.put(area, x, " ", MARKED);
            return;
        }
        let keys = "q end  Tab table  s < > sort  r reverse  / filter  ? keys";
        self.put(area, 0, keys, FAINT);
    }

    fn keys(&mut self) {
        for (keys, what) in KEYS {
            let area = self.take(1);
            self.put(area, 0, keys, BOLD);
            self.put(area, 13, what, PLAIN);
        }
    }

    fn devices(&mut self, model: &Model, status: &Status) {
        let room = usize::from((self.area.height / 5).max(1));
        let shown = match status.gpus.len() {
            all if all <= room => all,
            _ => room - 1,
        };
        let width = usize::from(self.area.width);
        let lines: Vec<_> = status.gpus[..shown]
            .iter()
            .map(|gpu| (gpu, model.held(gpu.index)))
            .map(|(gpu, held)| (gpu, held, told(gpu, held, width >= WIDE)))
            .collect();
        let told = lines
            .iter()
            .map(|(.., told)| told.width())
            .max()
            .unwrap_or(0);
        let rest = width.saturating_sub(told + 2);
        let bar = match rest / 2 {
            half if half < 8 => 0,
            half => half.min(60),
        };
        let room = if bar == 0 { rest } else { rest - bar - 1 };
        let names = lines.iter().map(|(gpu, ..)| clean(&named(gpu)).width());
        let name = names.max().unwrap_or(0).min(room);
        for (gpu, held, told) in &lines {
            let area = self.take(1);
            self.put_in(area, 0, name, &named(gpu), false, PLAIN);
            let cells = |bytes: u64| match gpu.memory {
                0 => 0,
                memory => (bytes.min(memory) as f64 / memory as f64 * bar as f64).ceil() as usize,
            };
            let held = cells(held.alone.saturating_add(held.across));
            let promised = cells(gpu.promised).max(held);
            let x = self.put(area, name + 1, &"█".repeat(held), GOOD);
            let x = self.put(area, x, &"▒".repeat(promised - held), GOOD);
            let x = self.put(area, x, &"░".repeat(bar - promised), FAINT);
            self.put(area, x + 1, told, PLAIN);
        }
        let rest = &status.gpus[shown..];
        if !rest.is_empty() {
            let sum = |of: fn(&GpuStatus) -> u64| {
                table::bytes(rest.iter().map(of).fold(0, u64::saturating_add))
            };
            let (promised, memory) = (sum(|gpu| gpu.promised), sum(|gpu| gpu.memory));
            let which = if shown > 0 { "more GPUs" } else { "GPUs" };
            self.line(
                &format!("{} {which}, {promised} promised of {memory}", rest.len()),
                FAINT,
            );
        }
    }

    fn totals(&mut self, model: &Model, status: &Status) {
        let history: Vec<_> = model.history().take(self.area.width.into()).collect();
        let all = status
            .gpus
            .iter()
            .fold(0, |sum: u64, gpu| sum.saturating_add(gpu.memory));
        let now = history.iter().flatten().next().copied();
        let memory = now.map_or(0, |now| now.memory);
        let busy = model.total().map_or(String::new(), |total| {
            let share = rows::percent(total.busy / status.gpus.len().max(1) as f64);
            let rate = rows::count(total.launches);
            format!("{share}, {rate} launches/s")
        });
        let of_all = match all {
            0 => table::bytes(memory),
            _ => format!("{} of {}", table::bytes(memory), table::bytes(all)),
        };
        let sessions = format!(
            "{} of at most {}",
            status.sessions.len(),
            status.max_sessions
        );
        let waiting = status.waiting.to_string();
        if self.area.height < 14 {
            let mut line = format!(
                "{} sessions, {waiting} waiting, {of_all} held",
                status.sessions.len()
            );
            if !busy.is_empty() {
                line = format!("{busy}, {line}");
            }
            self.line(&line, PLAIN);
            return;
        }
        let past = |of: &dyn Fn(&super::model::Moment) -> Option<f64>| -> Vec<Option<f64>> {
            history
                .iter()
                .map(|moment| moment.as_ref().and_then(of))
                .collect()
        };
        let width = match self.area.width {
            0..60 => 22,
            _ => 28,
        };
        for (label, value, past, most) in [
            ("busy", busy, past(&|moment| moment.busy), 1.0),
            (
                "memory",
                of_all,
                past(&|moment| Some(moment.memory as f64)),
                all as f64,
            ),
            (
                "sessions",
                sessions,
                past(&|moment| Some(moment.sessions as f64)),
                1.0,
            ),
            (
                "waiting",
                waiting,
                past(&|moment| Some(moment.waiting as f64)),
                1.0,
            ),
        ] {
            let area = self.take(1);
            self.put(area, 0, label, FAINT);
            self.put_in(area, 9, width, &value, false, PLAIN);
            let x = 9 + width as u16 + 1;
            let area = Rect {
                x: area.x + x,
                width: area.width.saturating_sub(x),
                ..area
            };
            spark(&past, most, area, self.buffer);
        }
    }

    fn tabs(&mut self, status: &Status, look: &Look, rows: usize) {
        let area = self.take(1);
        let mut x = 0;
        for view in View::ALL {
            let all = match view {
                View::Sessions => status.sessions.len(),
                View::Identities => status.tenants.len(),
                View::Queue => status.queue.len(),
            };
            let is_shown = view == look.view;
            let tab = match is_shown && !look.filter.is_empty() {
                true => format!(" {} {rows} of {all} ", view.name()),
                false => format!(" {} {all} ", view.name()),
            };
            x = self.put(area, x, &tab, if is_shown { MARKED } else { PLAIN });
        }
        if !look.filter.is_empty() {
            self.put(area, x + 1, &format!("with {}", look.filter), WARNING);
        }
    }

    fn table(&mut self, look: &mut Look, rows: &[Vec<rows::Cell>], empty: String) {
        let sort = look.sort();
        let columns = look.view.columns();
        let places = places(columns, sort.column, rows, self.area.width.into());
        let area = self.take(1);
        for (index, x, width) in &places {
            let column = &columns[*index];
            let is_sorted = *index == sort.column;
            let heading = match (is_sorted, sort.falling) {
                (true, true) => format!("{}▼", column.heading),
                (true, false) => format!("{}▲", column.heading),
                (false, _) => column.heading.to_string(),
            };
            self.put_in(area, *x, *width, &heading, column.numbers, BOLD);
        }
        if rows.is_empty() {
            self.line(&empty, FAINT);
            return;
        }
        let page = usize::from(self.area.height);
        let top = look.top(rows.len(), page);
        let marked = look.place(rows.len());
        for (number, row) in rows.iter().enumerate().skip(top).take(page) {
            let area = self.take(1);
            let style = if number == marked { MARKED } else { PLAIN };
            self.buffer.set_style(area, style);
            for (index, x, width) in &places {
                let right = columns[*index].numbers;
                self.put_in(area, *x, *width, &row[*index].text(), right, style);
            }
        }
    }
}

fn named(gpu: &GpuStatus) -> String {
    format!("GPU {} {}", gpu.index, gpu.name)
}

/// What is said of a device beside its name; the bar says the rest where there is little room.
fn told(gpu: &GpuStatus, held: Held, is_wide: bool) -> String {
    let sessions = match (gpu.sessions, gpu.exclusive) {
        (_, true) => "exclusive".to_string(),
        (1, _) => "1 session".to_string(),
        (many, _) => format!("{many} sessions"),
    };
    let (alone, memory) = (table::bytes(held.alone), table::bytes(gpu.memory));
    if !is_wide {
        let more = if held.across > 0 { "+" } else { "" };
        return format!("{alone}{more} of {memory}, {sessions}");
    }
    let across = match held.across {
        0 => String::new(),
        across => format!(" and of {}", table::bytes(across)),
    };
    let promised = table::bytes(gpu.promised);
    format!("{alone}{across} held, {promised} promised of {memory}, {sessions}")
}

/// The past as bars, the last moment at the right, the whole height for `most` or whatever was more.
fn spark(past: &[Option<f64>], most: f64, area: Rect, buffer: &mut Buffer) {
    const WHOLE: u64 = 8;
    let past = &past[..past.len().min(area.width.into())];
    let most = past.iter().flatten().copied().fold(most, f64::max);
    let bars = past.iter().map(|value| {
        // What is there is seen, however little it is.
        value.map(|value| ((value / most * WHOLE as f64).ceil() as u64).min(WHOLE))
    });
    Sparkline::default()
        .data(bars)
        .max(WHOLE)
        .direction(RenderDirection::RightToLeft)
        .absent_value_symbol("·")
        .absent_value_style(FAINT)
        .style(GOOD)
        .render(area, buffer);
}

/// Which columns have room in that width, where each begins, and how wide it is. The one of the order always has.
fn places(
    columns: &[Column],
    sorted: usize,
    rows: &[Vec<rows::Cell>],
    width: usize,
) -> Vec<(usize, usize, usize)> {
    let mut shown: Vec<usize> = (0..columns.len()).collect();
    let needed = |shown: &[usize]| {
        let widths = shown.iter().map(|index| columns[*index].width + 1);
        widths.sum::<usize>().saturating_sub(1)
    };
    while needed(&shown) > width {
        let others = shown.iter().copied().filter(|index| *index != sorted);
        let Some(last) = others.max_by_key(|index| (columns[*index].rank, *index)) else {
            break;
        };
        shown.retain(|index| *index != last);
    }
    // What is left goes to the names, as far as these need it; who needs least is asked first.
    let mut rest = width.saturating_sub(needed(&shown));
    let growing = shown.iter().filter(|index| columns[**index].grows > 0);
    let mut wider: Vec<(usize, usize)> = growing
        .map(|index| {
            let texts = rows.iter().map(|row| clean(&row[*index].text()).width());
            let wanted = texts
                .max()
                .unwrap_or(0)
                .saturating_sub(columns[*index].width);
            (wanted.min(columns[*index].grows), *index)
        })
        .collect();
    wider.sort_unstable();
    let mut left = wider.len();
    for (wanted, _) in &mut wider {
        *wanted = (*wanted).min(rest / left);
        rest -= *wanted;
        left -= 1;
    }
    let mut x = 0;
    let mut places = Vec::new();
    for index in shown {
        let more = wider
            .iter()
            .find(|(_, of)| *of == index)
            .map_or(0, |(more, _)| *more);
        let wide = columns[index].width.min(width) + more;
        places.push((index, x, wide));
        x += wide + 1;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::top::samples::{queued, server, session, tenant};
    use pillion_server::account::Account;
    use pillion_test_support::Random;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    const SECOND: Duration = Duration::from_secs(1);
    const FRAME: Frame<'static> = Frame {
        server: "unix:///run/pillion/s",
        patience: Duration::from_secs(4),
    };

    fn used(memory: u64, busy: u64, launches: u64) -> Account {
        Account {
            memory,
            busy,
            launches,
            bytes_in: launches.saturating_mul(2048),
            ..Account::default()
        }
    }

    /// Two devices, two identities, three sessions of which the last is new, and one who waits.
    fn three() -> Model {
        let mut model = Model::default();
        let mut status = server();
        status.sessions = vec![
            session("1", "ada", used(3 << 30, 0, 0)),
            session("2", "bob", used(1 << 30, 0, 0)),
        ];
        status.sessions[0].program = "python train.py --with a very long line".to_string();
        status.tenants = vec![
            tenant("ada", used(3 << 30, 0, 0)),
            tenant("bob", used(1 << 30, 0, 0)),
        ];
        model.answered(SECOND, status.clone());
        status.sessions[0].used = used(3 << 30, 250_000_000, 100);
        status.sessions[1].used = used(1 << 30, 750_000_000, 12);
        status
            .sessions
            .push(session("3", "bob", used(1 << 20, 9, 9)));
        status.sessions[2].gpus = vec![0, 1];
        status.tenants[0].used = status.sessions[0].used;
        status.tenants[1].used = status.sessions[1].used;
        (status.gpus[0].promised, status.gpus[0].sessions) = (8 << 30, 3);
        (status.gpus[1].exclusive, status.gpus[1].sessions) = (true, 1);
        status.queue = vec![queued(1, "cleo", "jax")];
        status.waiting = 1;
        model.answered(2 * SECOND, status);
        model
    }

    fn shown_at(
        model: &Model,
        look: &mut Look,
        seconds: u32,
        width: u16,
        height: u16,
    ) -> Vec<String> {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let draw = |to: &mut ratatui::Frame<'_>| {
            FRAME.draw(model, look, seconds * SECOND, to.area(), to.buffer_mut());
        };
        terminal.draw(draw).unwrap();
        let buffer = terminal.backend().buffer();
        let lines = buffer.content.chunks(width.into()).map(|cells| {
            let mut line = String::new();
            let mut hidden = 0;
            for cell in cells {
                assert!(
                    !cell.symbol().contains(char::is_control),
                    "{:?}",
                    cell.symbol()
                );
                if hidden == 0 {
                    line += cell.symbol();
                    hidden = cell.symbol().width().max(1);
                }
                hidden -= 1;
            }
            line.trim_end().to_string()
        });
        lines.collect()
    }

    fn shown(model: &Model, look: &mut Look, width: u16, height: u16) -> Vec<String> {
        shown_at(model, look, 2, width, height)
    }

    fn pressed(keys: &[KeyCode]) -> Look {
        let mut look = Look::default();
        for code in keys {
            look.press(KeyEvent::new(*code, KeyModifiers::NONE), 1000);
        }
        look
    }

    /// The lines of a picture as they are written here: with a bar before each.
    #[track_caller]
    fn is(shown: &[String], expected: &str) {
        let expected = expected
            .lines()
            .map(str::trim_start)
            .filter(|line| !line.is_empty());
        let expected: Vec<_> = expected
            .map(|line| line.strip_prefix('|').unwrap())
            .collect();
        assert_eq!(shown, expected, "\n{}", shown.join("\n"));
    }

    #[test]
    fn a_terminal_of_the_usual_size() {
        is(
            &shown(&three(), &mut Look::default(), 80, 24),
            "
            |Pillion 1.2.3  cpu, up 1 h 1 min                           unix:///run/pillion/s
            |GPU 0 Device 0 ██████▒▒▒▒▒▒░░░░░░░░░░░ 4.0 GiB+ of 16.0 GiB, 3 sessions
            |GPU 1 Device 1 █░░░░░░░░░░░░░░░░░░░░░░ 0 B+ of 16.0 GiB, exclusive
            |busy     50.0%, 112 launches/s                                                ·▄
            |memory   4.0 GiB of 32.0 GiB                                                  ▁▂
            |sessions 3 of at most 64                                                      ▆█
            |waiting  1                                                                     █
            | sessions 3  identities 2  queue 1
            |who      program           pid     memory  busy▼  launch/s       in/s        for
            |bob      python           4321    1.0 GiB  75.0%      12.0   24.0 KiB  1 min 0 s
            |ada      python train…    4321    3.0 GiB  25.0%       100  200.0 KiB  1 min 0 s
            |bob      python           4321    1.0 MiB                              1 min 0 s
            |
            |
            |
            |
            |
            |
            |
            |
            |
            |
            |
            |q end  Tab table  s < > sort  r reverse  / filter  ? keys
            ",
        );
    }

    #[test]
    fn a_wide_terminal() {
        is(
            &shown(&three(), &mut Look::default(), 120, 14),
            "
            |Pillion 1.2.3  cpu, up 1 h 1 min                                                                   unix:///run/pillion/s
            |GPU 0 Device 0 ███████▒▒▒▒▒░░░░░░░░░░░░ 4.0 GiB and of 1.0 MiB held, 8.0 GiB promised of 16.0 GiB, 3 sessions
            |GPU 1 Device 1 █░░░░░░░░░░░░░░░░░░░░░░░ 0 B and of 1.0 MiB held, 0 B promised of 16.0 GiB, exclusive
            |50.0%, 112 launches/s, 3 sessions, 1 waiting, 4.0 GiB of 32.0 GiB held
            | sessions 3  identities 2  queue 1
            |who      program             pid from        GPUs      memory  busy▼  launch/s       in/s      out/s        for name
            |bob      python             4321 127.0.0.1:9 0        1.0 GiB  75.0%      12.0   24.0 KiB        0 B  1 min 0 s 2
            |ada      python train.p…    4321 127.0.0.1:9 0        3.0 GiB  25.0%       100  200.0 KiB        0 B  1 min 0 s 1
            |bob      python             4321 127.0.0.1:9 0,1      1.0 MiB                                         1 min 0 s 3
            |
            |
            |
            |
            |q end  Tab table  s < > sort  r reverse  / filter  ? keys
            ",
        );
    }

    #[test]
    fn a_small_terminal_and_one_that_is_too_small() {
        is(
            &shown(&three(), &mut Look::default(), 40, 10),
            "
            |Pillion 1.2.3  cpu, up 1 h 1 min  unix:…
            |2 GPUs, 8.0 GiB promised of 32.0 GiB
            |50.0%, 112 launches/s, 3 sessions, 1 wa…
            | sessions 3  identities 2  queue 1
            |who      program           memory  busy▼
            |bob      python           1.0 GiB  75.0%
            |ada      python train…    3.0 GiB  25.0%
            |bob      python           1.0 MiB
            |
            |q end  Tab table  s < > sort  r reverse…
            ",
        );
        is(
            &shown(&three(), &mut Look::default(), 39, 4),
            "
            |too small:
            |39 x 4
            |of 40 x 10
            |
            ",
        );
        is(&shown(&three(), &mut Look::default(), 3, 1), "|to…");
    }

    #[test]
    fn the_other_tables() {
        let of_table =
            |keys: &[KeyCode]| shown(&three(), &mut pressed(keys), 80, 14)[4..7].to_vec();
        is(
            &of_table(&[KeyCode::Tab]),
            "
            | sessions 3  identities 2  queue 1
            |who       sessions  waiting     memory  busy▼  launch/s       in/s       time
            |bob              1        0    1.0 GiB  75.0%      12.0   24.0 KiB        0 s
            ",
        );
        is(
            &of_table(&[KeyCode::Tab, KeyCode::Tab]),
            "
            | sessions 3  identities 2  queue 1
            |place▲ who      program      pid from              for name
            |     1 cleo     jax           99 10.0.0.1:5        7 s w1
            ",
        );
    }

    #[test]
    fn keys_change_the_picture() {
        let of_table =
            |keys: &[KeyCode]| shown(&three(), &mut pressed(keys), 80, 14)[5..9].to_vec();
        is(
            &of_table(&[KeyCode::Char('r')]),
            "
            |who      program           pid     memory  busy▲  launch/s       in/s        for
            |bob      python           4321    1.0 MiB                              1 min 0 s
            |ada      python train…    4321    3.0 GiB  25.0%       100  200.0 KiB  1 min 0 s
            |bob      python           4321    1.0 GiB  75.0%      12.0   24.0 KiB  1 min 0 s
            ",
        );
        // The column of the order is there, whichever has to give way.
        let from = &of_table(&[KeyCode::Char('<'); 3])[0];
        assert!(from.contains("from▲"), "{from}");
        let typed = [KeyCode::Char('/'), KeyCode::Char('a'), KeyCode::Char('D')];
        let filtered = shown(&three(), &mut pressed(&typed), 80, 14);
        assert_eq!(
            filtered[4],
            " sessions 1 of 3  identities 2  queue 1  with aD"
        );
        assert!(filtered[6].starts_with("ada "));
        assert_eq!(
            (filtered[7].as_str(), filtered[13].as_str()),
            ("", "filter: aD")
        );
        let mut none = pressed(&[KeyCode::Char('/'), KeyCode::Char('z'), KeyCode::Enter]);
        assert_eq!(
            shown(&three(), &mut none, 80, 14)[6],
            "none of 3 has \"z\" in its name"
        );
        let keys = shown(&three(), &mut pressed(&[KeyCode::Char('?')]), 40, 10);
        for (line, (key, _)) in keys[1..].iter().zip(KEYS) {
            assert!(line.starts_with(key) && !line.contains('…'), "{line}");
        }
    }

    #[test]
    fn nobody_is_there() {
        let mut model = Model::default();
        is(&shown(&model, &mut Look::default(), 40, 2), "|\n|");
        model.answered(SECOND, server());
        for (keys, says) in [
            (&[][..], "no sessions"),
            (&[KeyCode::Tab], "nobody has had a session yet"),
            (
                &[KeyCode::BackTab],
                "nobody waits for a place on the devices",
            ),
        ] {
            let lines = shown(&model, &mut pressed(keys), 80, 24);
            assert_eq!(lines[9], says);
            assert_eq!(
                lines[1],
                "GPU 0 Device 0 ░░░░░░░░░░░░░░░░░░░░░░░░░ 0 B of 16.0 GiB, 0 sessions"
            );
        }
        // Nor are there devices.
        let mut model = Model::default();
        model.answered(SECOND, Status::default());
        let lines = shown(&model, &mut Look::default(), 80, 24);
        assert!(
            lines[1].starts_with("busy   ") && lines[1].ends_with(" ·"),
            "{}",
            lines[1]
        );
    }

    #[test]
    fn many_are_scrolled_through() {
        let mut model = Model::default();
        let mut status = server();
        for number in 0..500 {
            let used = used(number << 20, 0, 0);
            status
                .sessions
                .push(session(&number.to_string(), &format!("user{number}"), used));
        }
        status.gpus = vec![status.gpus[0].clone(); 200];
        model.answered(SECOND, status);
        let mut look = Look::default();
        let whos = |lines: &[String]| -> Vec<String> {
            let rows = lines.iter().filter(|line| line.starts_with("user"));
            rows.map(|line| line.split_whitespace().next().unwrap().to_string())
                .collect()
        };
        let first = shown(&model, &mut look, 80, 24);
        assert_eq!(first[1 + 3], "197 more GPUs, 0 B promised of 3.1 TiB");
        let seen = whos(&first).len();
        assert_eq!(whos(&first)[0], "user0");
        let mut all = Vec::new();
        for _ in 0..500usize.div_ceil(seen) {
            for who in whos(&shown(&model, &mut look, 80, 24)) {
                if !all.contains(&who) {
                    all.push(who);
                }
            }
            look.press(KeyEvent::new(KeyCode::PageDown, KeyModifiers::NONE), 500);
        }
        look.press(KeyEvent::new(KeyCode::End, KeyModifiers::NONE), 500);
        let last = whos(&shown(&model, &mut look, 80, 24));
        assert_eq!((last.len(), last[seen - 1].as_str()), (seen, "user499"));
        all.extend(
            last.into_iter()
                .filter(|who| !all.contains(who))
                .collect::<Vec<_>>(),
        );
        assert_eq!(all.len(), 500);
    }

    #[test]
    fn what_does_not_go_well_is_said() {
        let mut model = three();
        let line = |model: &Model, seconds, line: usize| {
            shown_at(model, &mut Look::default(), seconds, 120, 14)[line].clone()
        };
        let devices = line(&model, 6, 1);
        assert!(devices.starts_with("GPU 0"), "{devices}");
        // It has been silent for long enough, though nothing has failed yet.
        assert_eq!(line(&model, 7, 1), "NO ANSWER for 5 s, this is how it was");
        model.failed("unix:///s: \x1b[31mgone".to_string());
        assert_eq!(
            line(&model, 95, 1),
            "NO ANSWER for 1 min 33 s, this is how it was: unix:///s: �[31mgone"
        );
        assert!(line(&model, 95, 2).starts_with("GPU 0"));
        assert!(line(&model, 95, 8).starts_with("ada"));
        let mut status = server();
        (status.pid, status.draining, status.last_failure) =
            (78, true, Some("no driver".to_string()));
        model.answered(100 * SECOND, status);
        assert_eq!(
            line(&model, 101, 1),
            "ANOTHER SERVER answers here now: process 78"
        );
        assert_eq!(line(&model, 101, 2), "FAILING: no driver");
        assert!(line(&model, 101, 0).starts_with("Pillion 1.2.3  cpu, up 1 h 1 min  DRAINING "));
        model.answered(110 * SECOND, server());
        model.answered(
            111 * SECOND,
            Status {
                pid: 78,
                ..server()
            },
        );
        assert!(line(&model, 121, 1).starts_with("NO ANSWER"));
        model.answered(
            121 * SECOND,
            Status {
                pid: 78,
                ..server()
            },
        );
        assert!(line(&model, 121, 1).starts_with("GPU 0"));
    }

    #[test]
    fn gaps_are_seen_in_the_past() {
        let mut model = three();
        model.failed("gone".to_string());
        let status = model.status().unwrap().clone();
        model.answered(
            4 * SECOND,
            Status {
                waiting: 4,
                ..status
            },
        );
        let lines = shown_at(&model, &mut Look::default(), 4, 80, 24);
        assert!(lines[6].ends_with(" ▂·█"), "{}", lines[6]);
        assert!(
            lines[3].ends_with(" ·▄· ") || lines[3].ends_with(" ·▄·"),
            "{}",
            lines[3]
        );
    }

    /// Names that would move the cursor, turn the line around or be wider than they seem.
    #[test]
    fn hostile_names_do_no_harm() {
        let mut random = Random::new();
        let parts = [
            "\x1b[2J",
            "\x1b]0;title\x07",
            "\r\n",
            "\u{202e}",
            "\u{2067}",
            "\u{9b}1m",
            "\u{200b}",
            "e\u{301}\u{301}\u{301}",
            "模型",
            "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
            "\u{fe0f}",
            "\u{1f1e9}\u{1f1ea}",
            "لا",
            "שלום",
            "a",
            "\t",
            "\0",
            "\u{e0041}",
        ];
        let is_told = |c: char| {
            !('\u{200b}'..='\u{200f}').contains(&c) && !('\u{202a}'..='\u{202e}').contains(&c)
        };
        for _ in 0..300 {
            let mut name = || {
                (0..random.below(30))
                    .map(|_| parts[random.below(parts.len())])
                    .collect::<String>()
            };
            let mut model = Model::default();
            let mut status = server();
            (status.version, status.device) = (name(), name());
            status.last_failure = Some(name());
            status.gpus[0].name = name();
            let mut hostile = session("1", &name(), used(u64::MAX, u64::MAX, u64::MAX));
            (hostile.program, hostile.peer) = (name(), name());
            status.sessions = vec![hostile, session("2", "ada", used(u64::MAX, 0, 0))];
            status.tenants = vec![tenant(&name(), used(u64::MAX, u64::MAX, u64::MAX)); 2];
            status.queue = vec![queued(1, &name(), &name())];
            (status.gpus[1].memory, status.gpus[1].promised) = (0, u64::MAX);
            model.answered(SECOND, status.clone());
            model.answered(2 * SECOND, status);
            model.failed(name());
            let (width, height) = (40 + random.below(120) as u16, 10 + random.below(40) as u16);
            for keys in [&[][..], &[KeyCode::Tab], &[KeyCode::BackTab]] {
                let lines = shown(&model, &mut pressed(keys), width, height);
                for line in &lines {
                    assert!(
                        line.chars().all(|c| is_told(c) && !c.is_control()),
                        "{line:?}"
                    );
                }
                // What is beside them, and below, is where it belongs.
                assert!(
                    lines
                        .iter()
                        .any(|line| line.starts_with("q end  Tab table"))
                );
                if keys.is_empty() {
                    let row = |lines: &[String]| {
                        lines.iter().find(|line| line.starts_with("ada ")).cloned()
                    };
                    assert!(
                        row(&lines).is_some_and(|row| row.contains("python")),
                        "{lines:#?}"
                    );
                }
            }
        }
    }
}

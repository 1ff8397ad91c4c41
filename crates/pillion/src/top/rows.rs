//! The tables: their columns, what is in them, and in which order.

use std::cmp::Ordering;

use super::model::{Model, Rates};
use crate::table;

/// What a table is of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum View {
    /// Sessions that run.
    #[default]
    Sessions,
    /// Identities that have had sessions.
    Identities,
    /// Clients that wait for a place on the devices.
    Queue,
}

impl View {
    /// All of them, in the order in which they are shown.
    pub const ALL: [View; 3] = [View::Sessions, View::Identities, View::Queue];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            View::Sessions => "sessions",
            View::Identities => "identities",
            View::Queue => "queue",
        }
    }

    /// Its columns.
    pub fn columns(self) -> &'static [Column] {
        match self {
            View::Sessions => &SESSIONS,
            View::Identities => &IDENTITIES,
            View::Queue => &QUEUE,
        }
    }

    /// The column by which it is sorted until somebody says otherwise.
    pub fn usual(self) -> usize {
        let by = match self {
            View::Sessions | View::Identities => "busy",
            View::Queue => "place",
        };
        let columns = self.columns().iter();
        columns
            .map(|column| column.heading)
            .position(|heading| heading == by)
            .unwrap_or(0)
    }
}

/// A column of a table.
#[derive(Debug)]
pub struct Column {
    /// What is above it.
    pub heading: &'static str,
    /// How wide it is at least.
    pub width: usize,
    /// How much wider it may get where there is room: names.
    pub grows: usize,
    /// Which are left out first where there is not: the highest.
    pub rank: u8,
    /// It has numbers: the largest are of interest, and they stand at the right.
    pub numbers: bool,
}

const fn text(heading: &'static str, width: usize, grows: usize, rank: u8) -> Column {
    Column {
        heading,
        width,
        grows,
        rank,
        numbers: false,
    }
}

const fn number(heading: &'static str, width: usize, rank: u8) -> Column {
    Column {
        heading,
        width,
        grows: 0,
        rank,
        numbers: true,
    }
}

const SESSIONS: [Column; 13] = [
    text("who", 8, 16, 0),
    text("program", 8, 24, 1),
    number("pid", 7, 5),
    text("from", 9, 21, 9),
    text("GPUs", 5, 11, 8),
    number("memory", 10, 3),
    number("busy", 6, 2),
    number("launch/s", 9, 6),
    number("in/s", 10, 7),
    number("out/s", 10, 7),
    number("for", 10, 4),
    text("state", 9, 0, 10),
    text("name", 8, 8, 9),
];

const IDENTITIES: [Column; 11] = [
    text("who", 8, 24, 0),
    number("sessions", 9, 1),
    number("waiting", 8, 4),
    number("memory", 10, 3),
    number("busy", 6, 2),
    number("launch/s", 9, 6),
    number("in/s", 10, 7),
    number("out/s", 10, 7),
    number("time", 10, 5),
    number("begun", 8, 8),
    number("failed", 8, 9),
];

const QUEUE: [Column; 7] = [
    number("place", 6, 0),
    text("who", 8, 24, 0),
    text("program", 8, 30, 1),
    number("pid", 7, 3),
    text("from", 9, 30, 4),
    number("for", 10, 2),
    text("name", 6, 8, 5),
];

/// What is in a cell. Texts are as they came: who shows them cleans them.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Somebody's words.
    Text(String),
    /// Devices, by their numbers.
    Gpus(Vec<usize>),
    /// How many.
    Count(u64),
    /// Bytes.
    Bytes(u64),
    /// Seconds.
    Time(u64),
    /// A part of a device's time, if it is known.
    Share(Option<f64>),
    /// How many a second, if it is known.
    Rate(Option<f64>),
    /// Bytes a second, if that is known.
    Speed(Option<f64>),
}

impl Cell {
    /// As it is shown.
    pub fn text(&self) -> String {
        match self {
            Cell::Text(text) => text.clone(),
            Cell::Gpus(numbers) => {
                let numbers: Vec<_> = numbers.iter().map(usize::to_string).collect();
                numbers.join(",")
            }
            Cell::Count(count) => count.to_string(),
            Cell::Bytes(bytes) => table::bytes(*bytes),
            Cell::Time(seconds) => table::duration(*seconds),
            Cell::Share(share) => share.map(percent).unwrap_or_default(),
            Cell::Rate(rate) => rate.map(count).unwrap_or_default(),
            Cell::Speed(speed) => speed
                .map(|speed| table::bytes(speed as u64))
                .unwrap_or_default(),
        }
    }

    /// The smaller first; what is not known is less than anything.
    fn compare(&self, other: &Cell) -> Ordering {
        match (self, other) {
            (Cell::Text(one), Cell::Text(other)) => {
                let folded = one.to_lowercase().cmp(&other.to_lowercase());
                folded.then_with(|| one.cmp(other))
            }
            (Cell::Gpus(one), Cell::Gpus(other)) => one.cmp(other),
            (Cell::Count(one), Cell::Count(other))
            | (Cell::Bytes(one), Cell::Bytes(other))
            | (Cell::Time(one), Cell::Time(other)) => one.cmp(other),
            (Cell::Share(one), Cell::Share(other))
            | (Cell::Rate(one), Cell::Rate(other))
            | (Cell::Speed(one), Cell::Speed(other)) => match (one, other) {
                (Some(one), Some(other)) => one.total_cmp(other),
                (one, other) => one.is_some().cmp(&other.is_some()),
            },
            // Cells of one column are of one kind.
            _ => Ordering::Equal,
        }
    }
}

/// A part of something.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent < 99.95 {
        true => format!("{percent:.1}%"),
        false => format!("{percent:.0}%"),
    }
}

/// How many, where the first digits say enough.
pub fn count(number: f64) -> String {
    match number {
        _ if number == 0.0 => "0".to_string(),
        _ if number < 99.95 => format!("{number:.1}"),
        _ if number < 99_999.5 => format!("{number:.0}"),
        _ if number < 99_950_000.0 => format!("{:.1}k", number / 1e3),
        _ if number < 99_950_000_000.0 => format!("{:.1}M", number / 1e6),
        _ => format!("{:.1e}", number),
    }
}

/// A table by which column, and which end of it first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    /// The column's number.
    pub column: usize,
    /// The largest first.
    pub falling: bool,
}

impl Sort {
    /// By that column, with what is of interest first.
    pub fn by(view: View, column: usize) -> Self {
        let heading = view
            .columns()
            .get(column)
            .map_or("", |column| column.heading);
        let numbers = view
            .columns()
            .get(column)
            .is_some_and(|column| column.numbers);
        Sort {
            column,
            falling: numbers && heading != "place",
        }
    }
}

/// The rows of a table whose identity or program has `filter` in it.
pub fn rows(model: &Model, view: View, sort: Sort, filter: &str) -> Vec<Vec<Cell>> {
    let Some(status) = model.status() else {
        return Vec::new();
    };
    let filter = filter.to_lowercase();
    let wanted = |texts: &[&str]| {
        texts
            .iter()
            .any(|text| text.to_lowercase().contains(&filter))
    };
    let mut rows: Vec<Vec<Cell>> = match view {
        View::Sessions => {
            let sessions = status.sessions.iter();
            let sessions = sessions.filter(|of| wanted(&[&of.identity, &of.program]));
            let row = |of: &pillion_server::broker::SessionStatus| {
                let [busy, launches, bytes_in, bytes_out] = rates(model.session(&of.id));
                vec![
                    Cell::Text(of.identity.clone()),
                    Cell::Text(of.program.clone()),
                    Cell::Count(of.pid.into()),
                    Cell::Text(of.peer.clone()),
                    Cell::Gpus(of.gpus.clone()),
                    Cell::Bytes(of.used.memory),
                    busy,
                    launches,
                    bytes_in,
                    bytes_out,
                    Cell::Time(of.seconds),
                    Cell::Text(of.state.to_string()),
                    Cell::Text(of.id.chars().take(8).collect()),
                ]
            };
            sessions.map(row).collect()
        }
        View::Identities => {
            let tenants = status.tenants.iter();
            let tenants = tenants.filter(|of| wanted(&[&of.identity]));
            let row = |of: &pillion_server::broker::TenantStatus| {
                let [busy, launches, bytes_in, bytes_out] = rates(model.identity(&of.identity));
                vec![
                    Cell::Text(of.identity.clone()),
                    Cell::Count(of.sessions as u64),
                    Cell::Count(of.waiting as u64),
                    Cell::Bytes(of.used.memory),
                    busy,
                    launches,
                    bytes_in,
                    bytes_out,
                    Cell::Time(of.used.busy / 1_000_000_000),
                    Cell::Count(of.begun),
                    Cell::Count(of.failed),
                ]
            };
            tenants.map(row).collect()
        }
        View::Queue => {
            let queue = status.queue.iter();
            let queue = queue.filter(|of| wanted(&[&of.identity, &of.program]));
            let row = |of: &pillion_server::broker::QueueStatus| {
                vec![
                    Cell::Count(of.position as u64),
                    Cell::Text(of.identity.clone()),
                    Cell::Text(of.program.clone()),
                    Cell::Count(of.pid.into()),
                    Cell::Text(of.peer.clone()),
                    Cell::Time(of.seconds),
                    Cell::Text(of.id.clone()),
                ]
            };
            queue.map(row).collect()
        }
    };
    // Equal ones keep the server's order, whichever end is first: rows are not to jump about.
    rows.sort_by(|one, other| {
        let (Some(one), Some(other)) = (one.get(sort.column), other.get(sort.column)) else {
            return Ordering::Equal;
        };
        match sort.falling {
            true => other.compare(one),
            false => one.compare(other),
        }
    });
    rows
}

fn rates(rates: Option<Rates>) -> [Cell; 4] {
    [
        Cell::Share(rates.map(|rates| rates.busy)),
        Cell::Rate(rates.map(|rates| rates.launches)),
        Cell::Speed(rates.map(|rates| rates.bytes_in)),
        Cell::Speed(rates.map(|rates| rates.bytes_out)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::top::samples::{queued, server, session, tenant};
    use pillion_server::account::Account;
    use std::time::Duration;

    /// Three sessions, of which the last is new.
    fn three() -> Model {
        let mut model = Model::default();
        let mut status = server();
        let used = |memory, busy| Account {
            memory,
            busy,
            ..Account::default()
        };
        status.sessions = vec![
            session("1", "ada", used(5, 0)),
            session("2", "Bob", used(5, 0)),
        ];
        status.sessions[1].program = "Render".to_string();
        model.answered(Duration::from_secs(1), status.clone());
        status.sessions[0].used.busy = 250_000_000;
        status.sessions[1].used.busy = 750_000_000;
        status.sessions.push(session("3", "cleo", used(7, 1)));
        status.tenants = vec![
            tenant("ada", used(5, 3_000_000_000)),
            tenant("Bob", used(5, 0)),
        ];
        status.queue = vec![queued(1, "dora", "jax"), queued(2, "ada", "jax")];
        model.answered(Duration::from_secs(2), status);
        model
    }

    fn whos(rows: &[Vec<Cell>]) -> Vec<String> {
        rows.iter().map(|row| row[0].text()).collect()
    }

    fn column(view: View, heading: &str) -> usize {
        view.columns()
            .iter()
            .position(|column| column.heading == heading)
            .unwrap()
    }

    #[test]
    fn rows_are_sorted_by_any_column_either_way() {
        let model = three();
        let sorted = |heading, falling| {
            let column = column(View::Sessions, heading);
            whos(&rows(&model, View::Sessions, Sort { column, falling }, ""))
        };
        assert_eq!(sorted("busy", true), ["Bob", "ada", "cleo"]);
        assert_eq!(sorted("busy", false), ["cleo", "ada", "Bob"]);
        assert_eq!(sorted("who", false), ["ada", "Bob", "cleo"]);
        assert_eq!(sorted("who", true), ["cleo", "Bob", "ada"]);
        // Equal ones stay as they are.
        assert_eq!(sorted("memory", true), ["cleo", "ada", "Bob"]);
        assert_eq!(sorted("memory", false), ["ada", "Bob", "cleo"]);
        assert_eq!(sorted("program", true), ["Bob", "ada", "cleo"]);
    }

    #[test]
    fn rows_are_filtered_by_identity_and_program() {
        let model = three();
        let by = Sort::by(View::Sessions, 0);
        let filtered = |view, filter| whos(&rows(&model, view, by, filter));
        assert_eq!(filtered(View::Sessions, "BO"), ["Bob"]);
        assert_eq!(filtered(View::Sessions, "render"), ["Bob"]);
        assert_eq!(filtered(View::Sessions, "python"), ["ada", "cleo"]);
        assert!(filtered(View::Sessions, "127.0.0.1").is_empty());
        assert_eq!(filtered(View::Identities, "b"), ["Bob"]);
        assert_eq!(filtered(View::Queue, "dora"), ["1"]);
        assert_eq!(filtered(View::Queue, ""), ["1", "2"]);
        assert!(rows(&Model::default(), View::Sessions, by, "").is_empty());
    }

    #[test]
    fn rows_have_a_cell_for_each_column() {
        let model = three();
        for view in View::ALL {
            let rows = rows(&model, view, Sort::by(view, view.usual()), "");
            assert!(!rows.is_empty());
            for row in rows {
                assert_eq!(row.len(), view.columns().len());
            }
        }
        let by = Sort::by(View::Identities, View::Identities.usual());
        let identities = rows(&model, View::Identities, by, "");
        assert_eq!(
            identities[0][column(View::Identities, "time")].text(),
            "3 s"
        );
        assert_eq!(
            identities[0][column(View::Identities, "busy")].text(),
            "300%"
        );
    }

    #[test]
    fn the_usual_order_has_what_is_of_interest_first() {
        let busy = Sort::by(View::Sessions, View::Sessions.usual());
        assert_eq!(SESSIONS[busy.column].heading, "busy");
        assert!(busy.falling);
        assert_eq!(
            Sort::by(View::Queue, View::Queue.usual()),
            Sort {
                column: 0,
                falling: false
            }
        );
        assert!(!Sort::by(View::Sessions, 0).falling);
    }

    #[test]
    fn headings_have_room_beside_the_sign_of_the_order() {
        for column in View::ALL.iter().flat_map(|view| view.columns()) {
            assert!(column.heading.len() < column.width, "{}", column.heading);
        }
    }

    #[test]
    fn figures_are_short() {
        let shown = |cell: Cell| cell.text();
        assert_eq!(shown(Cell::Share(Some(0.37512))), "37.5%");
        assert_eq!(shown(Cell::Share(Some(0.99999))), "100%");
        assert_eq!(shown(Cell::Share(None)), "");
        assert_eq!(shown(Cell::Speed(Some(1536.0))), "1.5 KiB");
        assert_eq!(shown(Cell::Speed(Some(f64::INFINITY))), "16777216.0 TiB");
        assert_eq!(shown(Cell::Gpus(vec![0, 3])), "0,3");
        for (number, text) in [
            (0.0, "0"),
            (0.25, "0.2"),
            (99.9, "99.9"),
            (1234.4, "1234"),
            (123_456.0, "123.5k"),
            (123_456_789.0, "123.5M"),
            (1.5e13, "1.5e13"),
        ] {
            assert_eq!(shown(Cell::Rate(Some(number))), text);
        }
    }
}

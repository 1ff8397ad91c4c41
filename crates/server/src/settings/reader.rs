//! Reads TOML so that whatever is wrong with it is told at once, each with its place: FILE:LINE:COLUMN and the line itself.
//!
//! A [`Section`] is asked for the keys that it may have; what it was not asked for when it is [finished](Section::finish) is
//! unknown, and told with the nearest key that is not.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Serialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Most problems that are told of one file.
const MOST_PROBLEMS: usize = 64;
/// Most characters of a line that are shown.
const LONGEST_LINE: usize = 160;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The server does not start with it.
    Error,
    /// It starts, and the operator should know.
    Warning,
}

/// Something that is wrong with settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// Where, if it is in a file.
    #[serde(flatten)]
    pub place: Option<Place>,
    /// What, as a sentence without a full stop.
    pub message: String,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// The line itself, unless it could hold a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// How many characters of it are meant.
    #[serde(skip)]
    len: usize,
}

impl Problem {
    /// An error that is in no file.
    pub fn error(message: impl Into<String>) -> Self {
        Problem {
            severity: Severity::Error,
            place: None,
            message: message.into(),
        }
    }

    /// A warning that is about no file.
    pub fn warning(message: impl Into<String>) -> Self {
        Problem {
            severity: Severity::Warning,
            ..Problem::error(message)
        }
    }

    /// It and its place, in a line.
    pub fn sentence(&self) -> String {
        match &self.place {
            None => self.message.clone(),
            Some(Place {
                file, line, column, ..
            }) => format!("{}:{line}:{column}: {}", file.display(), self.message),
        }
    }

    /// Whether the server cannot start with it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(
                f,
                "{}:{}:{}: ",
                place.file.display(),
                place.line,
                place.column
            )?;
        }
        if self.severity == Severity::Warning {
            f.write_str("warning: ")?;
        }
        f.write_str(&self.message)?;
        let Some(Place {
            line,
            column,
            text: Some(text),
            len,
            ..
        }) = &self.place
        else {
            return Ok(());
        };
        let number = line.to_string();
        let gap = " ".repeat(number.len());
        write!(f, "\n {number} | {text}")?;
        if *column <= LONGEST_LINE {
            let marks = (*len).clamp(
                1,
                (text.chars().count() + 1).saturating_sub(column - 1).max(1),
            );
            write!(
                f,
                "\n {gap} | {}{}",
                " ".repeat(column - 1),
                "^".repeat(marks)
            )?;
        }
        Ok(())
    }
}

/// A value, and where it was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    /// What was said.
    pub value: T,
    /// Where, in bytes of the text.
    pub span: Range<usize>,
}

/// A text that is read, and what is wrong with it so far.
pub struct Source<'t> {
    name: PathBuf,
    text: &'t str,
    /// Lines are shown. Not of files that hold secrets.
    quotes: bool,
    problems: RefCell<Vec<Problem>>,
}

impl<'t> Source<'t> {
    /// The text of a file of that name.
    pub fn new(name: &Path, text: &'t str) -> Self {
        Source {
            name: name.to_owned(),
            text,
            quotes: true,
            problems: RefCell::default(),
        }
    }

    /// The same, of which no line is ever shown.
    pub fn secret(name: &Path, text: &'t str) -> Self {
        Source {
            quotes: false,
            ..Source::new(name, text)
        }
    }

    /// Its tables, as far as they can be read; the rest is a problem.
    pub fn parse(&self) -> Spanned<DeTable<'t>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            let span = error.span().unwrap_or(0..0);
            // What the parser says may quote the text.
            let message = match self.quotes {
                true => error.message().replace('\n', ", "),
                false => "this is no TOML".to_string(),
            };
            self.error(&span, message);
        }
        table
    }

    /// Something is wrong there, and the server cannot start with it.
    pub fn error(&self, span: &Range<usize>, message: impl Into<String>) {
        self.tell(Severity::Error, span, message.into());
    }

    /// Something is odd there.
    pub fn warn(&self, span: &Range<usize>, message: impl Into<String>) {
        self.tell(Severity::Warning, span, message.into());
    }

    fn tell(&self, severity: Severity, span: &Range<usize>, message: String) {
        let mut problems = self.problems.borrow_mut();
        if problems.len() < MOST_PROBLEMS {
            problems.push(Problem {
                severity,
                place: Some(self.place(span)),
                message,
            });
        }
    }

    /// The line of a place, from 1.
    pub fn line(&self, span: &Range<usize>) -> usize {
        self.place(span).line
    }

    fn place(&self, span: &Range<usize>) -> Place {
        let start = floor(self.text, span.start);
        let end = floor(self.text, span.end.max(start));
        let before = &self.text[..start];
        let begin = before.rfind('\n').map_or(0, |at| at + 1);
        let line = self.text[begin..].lines().next().unwrap_or_default();
        let shown: String = line
            .chars()
            .take(LONGEST_LINE)
            // Tabs would move the marks, and others could play tricks on a terminal.
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        Place {
            file: self.name.clone(),
            line: before.matches('\n').count() + 1,
            column: before[begin..].chars().count() + 1,
            text: self.quotes.then_some(shown),
            len: self.text[start..end]
                .lines()
                .next()
                .unwrap_or_default()
                .chars()
                .count(),
        }
    }

    /// What was wrong, in the order of the text.
    pub fn problems(self) -> Vec<Problem> {
        let mut problems = self.problems.into_inner();
        problems.sort_by_key(|problem| {
            problem
                .place
                .as_ref()
                .map(|place| (place.line, place.column))
        });
        problems
    }
}

/// The nearest start of a character before.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A table of a text.
pub struct Section<'a, 't> {
    source: &'a Source<'t>,
    table: &'a DeTable<'t>,
    /// Where it begins.
    pub span: Range<usize>,
    /// What it is, for messages: `[[endpoint]]`.
    what: &'static str,
    /// The keys that were asked for.
    known: RefCell<Vec<&'static str>>,
}

impl<'a, 't> Section<'a, 't> {
    /// The whole of a text.
    pub fn root(source: &'a Source<'t>, table: &'a Spanned<DeTable<'t>>) -> Self {
        Section {
            source,
            table: table.get_ref(),
            span: 0..0,
            what: "the settings",
            known: RefCell::default(),
        }
    }

    /// Something is wrong there.
    pub fn error(&self, span: &Range<usize>, message: impl Into<String>) {
        self.source.error(span, message);
    }

    /// Whether nothing is said of `key`.
    pub fn is_without(&self, key: &str) -> bool {
        !self.table.contains_key(key)
    }

    fn value(&self, key: &'static str) -> Option<(&'a DeValue<'t>, Range<usize>)> {
        self.known.borrow_mut().push(key);
        let value = self.table.get(key)?;
        Some((value.get_ref(), value.span()))
    }

    /// The value of `key`, as `read` makes it of what is there.
    fn read<T>(
        &self,
        key: &'static str,
        wanted: &str,
        read: impl FnOnce(&'a DeValue<'t>) -> Option<Result<T, String>>,
    ) -> Option<At<T>> {
        let (value, span) = self.value(key)?;
        match read(value) {
            Some(Ok(value)) => return Some(At { value, span }),
            Some(Err(reason)) => self.error(&span, format!("`{key}`: {reason}")),
            None => self.error(
                &span,
                format!("`{key}` has to be {wanted}, not {}", sort(value)),
            ),
        }
        None
    }

    /// Text.
    pub fn text(&self, key: &'static str) -> Option<At<String>> {
        self.read(key, "text in quotes", |value| match value {
            DeValue::String(text) => Some(Ok(text.to_string())),
            _ => None,
        })
    }

    /// What text says.
    pub fn parsed<T: FromStr<Err: fmt::Display>>(&self, key: &'static str) -> Option<At<T>> {
        self.read(key, "text in quotes", |value| match value {
            DeValue::String(text) => Some(text.parse().map_err(|error: T::Err| error.to_string())),
            _ => None,
        })
    }

    /// What text says, or a number as text.
    pub fn number_or<T>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<At<T>> {
        self.read(key, "a number or text", |value| match value {
            DeValue::String(text) => Some(parse(text)),
            DeValue::Integer(number) if number.radix() == 10 => Some(parse(number.as_str())),
            _ => None,
        })
    }

    /// A whole number from `least` on.
    pub fn number<T: TryFrom<u64>>(&self, key: &'static str, least: u64) -> Option<At<T>> {
        self.read(key, "a whole number", |value| match value {
            DeValue::Integer(number) => {
                let read = u64::from_str_radix(number.as_str(), number.radix()).ok();
                let read = read.filter(|number| *number >= least);
                let read = read.and_then(|number| T::try_from(number).ok());
                Some(
                    read.ok_or_else(|| {
                        format!("{number} is out of range, which begins at {least}")
                    }),
                )
            }
            _ => None,
        })
    }

    /// `true` or `false`.
    pub fn flag(&self, key: &'static str) -> Option<At<bool>> {
        self.read(key, "true or false", |value| match value {
            DeValue::Boolean(value) => Some(Ok(*value)),
            _ => None,
        })
    }

    /// A list of texts, each with its place.
    pub fn texts(&self, key: &'static str) -> Option<At<Vec<At<String>>>> {
        let (value, span) = self.value(key)?;
        let wanted = format!("`{key}` has to be a list of texts");
        let DeValue::Array(items) = value else {
            self.error(&span, format!("{wanted}, not {}", sort(value)));
            return None;
        };
        let mut texts = Vec::new();
        for item in items.iter() {
            match item.get_ref() {
                DeValue::String(text) => texts.push(At {
                    value: text.to_string(),
                    span: item.span(),
                }),
                other => self.error(
                    &item.span(),
                    format!("{wanted}, and this is {}", sort(other)),
                ),
            }
        }
        Some(At { value: texts, span })
    }

    /// The table `[key]`, which messages call `what`.
    pub fn section(&self, key: &'static str, what: &'static str) -> Option<Section<'a, 't>> {
        let (value, span) = self.value(key)?;
        let DeValue::Table(table) = value else {
            self.error(
                &span,
                format!("`{key}` has to be a table, not {}", sort(value)),
            );
            return None;
        };
        Some(self.inner(table, span, what))
    }

    /// The tables `[[key]]`.
    pub fn sections(&self, key: &'static str, what: &'static str) -> Vec<Section<'a, 't>> {
        let Some((value, span)) = self.value(key) else {
            return Vec::new();
        };
        let wrong = |span: &Range<usize>| {
            self.error(
                span,
                format!("`{key}` has to be tables: write [[{key}]] above each"),
            );
        };
        let DeValue::Array(items) = value else {
            wrong(&span);
            return Vec::new();
        };
        let mut sections = Vec::new();
        for item in items.iter() {
            match item.get_ref() {
                DeValue::Table(table) => sections.push(self.inner(table, item.span(), what)),
                _ => wrong(&item.span()),
            }
        }
        sections
    }

    fn inner(
        &self,
        table: &'a DeTable<'t>,
        span: Range<usize>,
        what: &'static str,
    ) -> Section<'a, 't> {
        Section {
            source: self.source,
            table,
            span,
            what,
            known: RefCell::default(),
        }
    }

    /// Keys that were not asked for are unknown.
    pub fn finish(self) {
        let known = self.known.into_inner();
        for (key, _) in self.table.iter() {
            let name = key.get_ref().as_ref();
            if known.contains(&name) {
                continue;
            }
            let message = match self.source.quotes {
                true => format!(
                    "unknown key `{}` in {}{}",
                    name.escape_debug(),
                    self.what,
                    meant(name, known.iter().copied())
                ),
                false => format!("an unknown key in {}", self.what),
            };
            self.source.error(&key.span(), message);
        }
    }
}

/// `; did you mean ...?`, where one of `all` is near.
pub fn meant<'n>(name: &str, all: impl Iterator<Item = &'n str>) -> String {
    if name.len() > 64 {
        return String::new();
    }
    all.map(|known| (strsim::damerau_levenshtein(name, known), known))
        .min()
        .filter(|(distance, known)| *distance <= (known.len() / 3).max(1))
        .map_or_else(String::new, |(_, known)| {
            format!("; did you mean `{known}`?")
        })
}

fn sort(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str, read: impl FnOnce(&Section<'_, '_>)) -> Vec<String> {
        let source = Source::new(Path::new("f.toml"), text);
        let table = source.parse();
        let root = Section::root(&source, &table);
        read(&root);
        root.finish();
        source.problems().iter().map(Problem::to_string).collect()
    }

    #[test]
    fn everything_that_is_wrong_is_told_with_its_place() {
        let text = "warm = 'many'\n\twram = 3 # é\n[[endpoint]]\nlisten = 5\n";
        let told = problems(text, |root| {
            assert!(root.number::<usize>("warm", 0).is_none());
            for endpoint in root.sections("endpoint", "[[endpoint]]") {
                assert!(endpoint.text("listen").is_none());
                endpoint.finish();
            }
        });
        assert_eq!(
            told,
            [
                "f.toml:1:8: `warm` has to be a whole number, not text\n 1 | warm = 'many'\n   |        ^^^^^^",
                "f.toml:2:2: unknown key `wram` in the settings; did you mean `warm`?\n 2 |  wram = 3 # é\n   |  ^^^^",
                "f.toml:4:10: `listen` has to be text in quotes, not a number\n 4 | listen = 5\n   |          ^",
            ]
        );
    }

    #[test]
    fn what_is_no_toml_has_a_place_too() {
        let told = problems("warm = \n[x", |root| {
            root.value("warm");
            root.value("x");
        });
        assert!(
            told.len() >= 2 && told[0].starts_with("f.toml:1:"),
            "{told:?}"
        );
    }

    #[test]
    fn secrets_are_not_shown() {
        let source = Source::secret(Path::new("t"), "hush = 'hush'\nhush hush\n");
        let table = source.parse();
        Section::root(&source, &table).finish();
        let told = format!("{:?}", source.problems());
        assert!(
            told.contains("line: 1") && told.contains("line: 2") && !told.contains("hush"),
            "{told}"
        );
    }

    #[test]
    fn only_what_is_near_is_meant() {
        let all = ["listen", "max-sessions", "uid"];
        assert_eq!(meant("lisen", all.into_iter()), "; did you mean `listen`?");
        assert_eq!(
            meant("max_sessions", all.into_iter()),
            "; did you mean `max-sessions`?"
        );
        assert_eq!(meant("colour", all.into_iter()), "");
    }
}

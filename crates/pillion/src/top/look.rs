//! What of it somebody looks at, and what keys do to that.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::rows::{Sort, View};

/// Most characters of a filter.
const FILTER: usize = 64;

/// What is looked at.
#[derive(Debug)]
pub struct Look {
    /// The table.
    pub view: View,
    /// The order of each table, in the order of [`View::ALL`].
    sorts: [Sort; View::ALL.len()],
    /// Where in each of them.
    places: [usize; View::ALL.len()],
    /// The first row that is seen of each.
    tops: [usize; View::ALL.len()],
    /// What an identity or a program has in its name.
    pub filter: String,
    /// The keys go to the filter.
    pub types: bool,
    /// The keys are explained.
    pub explains: bool,
    /// How many rows were seen at a time.
    page: usize,
}

impl Default for Look {
    fn default() -> Self {
        Look {
            view: View::default(),
            sorts: View::ALL.map(|view| Sort::by(view, view.usual())),
            places: [0; View::ALL.len()],
            tops: [0; View::ALL.len()],
            filter: String::new(),
            types: false,
            explains: false,
            page: 1,
        }
    }
}

/// What somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// To look on.
    Look,
    /// To have all drawn again: something else has written to the terminal.
    Redraw,
    /// To end.
    End,
}

impl Look {
    /// The order of the table.
    pub fn sort(&self) -> Sort {
        self.sorts[self.view as usize]
    }

    /// The row that is marked, of so many.
    pub fn place(&self, rows: usize) -> usize {
        self.places[self.view as usize].min(rows.saturating_sub(1))
    }

    /// The first row to be seen where so many of them are at a time: as before, unless the marked one would not be among them.
    pub fn top(&mut self, rows: usize, page: usize) -> usize {
        self.page = page.max(1);
        let place = self.place(rows);
        let first = (place + 1).saturating_sub(self.page);
        let top = &mut self.tops[self.view as usize];
        *top = (*top)
            .clamp(first, place)
            .min(rows.saturating_sub(self.page).max(first));
        *top
    }

    /// A key was pressed while the table had so many rows.
    pub fn press(&mut self, key: KeyEvent, rows: usize) -> Wish {
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            match key.code {
                KeyCode::Char('c') => return Wish::End,
                KeyCode::Char('l') => return Wish::Redraw,
                KeyCode::Char('u') if self.types => self.filter.clear(),
                _ => {}
            }
            return Wish::Look;
        }
        if self.explains {
            self.explains = false;
            return Wish::Look;
        }
        if self.moved(key.code, rows) {
            return Wish::Look;
        }
        if self.types {
            self.typed(key.code);
            return Wish::Look;
        }
        match key.code {
            KeyCode::Char('q') | KeyCode::Esc => return Wish::End,
            KeyCode::Tab | KeyCode::Char('t') => self.turn(1),
            KeyCode::BackTab => self.turn(View::ALL.len() - 1),
            KeyCode::Char('s' | '>') => self.shift(1),
            KeyCode::Char('<') => self.shift(self.view.columns().len() - 1),
            KeyCode::Char('r') => {
                let sort = &mut self.sorts[self.view as usize];
                sort.falling = !sort.falling;
            }
            KeyCode::Char('/') => self.types = true,
            KeyCode::Char('?' | 'h') => self.explains = true,
            _ => {}
        }
        Wish::Look
    }

    fn moved(&mut self, code: KeyCode, rows: usize) -> bool {
        let place = self.place(rows);
        let page = self.page.max(1);
        let place = match code {
            KeyCode::Up => place.saturating_sub(1),
            KeyCode::Down => place + 1,
            KeyCode::PageUp => place.saturating_sub(page),
            KeyCode::PageDown => place + page,
            KeyCode::Home => 0,
            KeyCode::End => rows,
            _ => return false,
        };
        self.places[self.view as usize] = place.min(rows.saturating_sub(1));
        true
    }

    fn typed(&mut self, code: KeyCode) {
        match code {
            KeyCode::Enter => self.types = false,
            KeyCode::Esc => {
                self.types = false;
                self.filter.clear();
            }
            KeyCode::Backspace => {
                self.filter.pop();
            }
            KeyCode::Char(c) if !c.is_control() && self.filter.chars().count() < FILTER => {
                self.filter.push(c);
            }
            _ => {}
        }
    }

    fn turn(&mut self, by: usize) {
        self.view = View::ALL[(self.view as usize + by) % View::ALL.len()];
    }

    fn shift(&mut self, by: usize) {
        let column = (self.sort().column + by) % self.view.columns().len();
        self.sorts[self.view as usize] = Sort::by(self.view, column);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(look: &mut Look, code: KeyCode) -> Wish {
        look.press(KeyEvent::new(code, KeyModifiers::NONE), 100)
    }

    fn control(look: &mut Look, c: char) -> Wish {
        look.press(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL), 100)
    }

    #[test]
    fn keys_end_it() {
        for code in [KeyCode::Char('q'), KeyCode::Esc] {
            assert_eq!(press(&mut Look::default(), code), Wish::End);
        }
        let mut look = Look::default();
        assert_eq!(control(&mut look, 'l'), Wish::Redraw);
        press(&mut look, KeyCode::Char('/'));
        assert_eq!(control(&mut look, 'c'), Wish::End);
        press(&mut look, KeyCode::Char('?'));
        assert_eq!(control(&mut look, 'c'), Wish::End);
    }

    #[test]
    fn the_filter_is_typed() {
        let mut look = Look::default();
        for c in "/q?/s".chars() {
            assert_eq!(press(&mut look, KeyCode::Char(c)), Wish::Look);
        }
        press(&mut look, KeyCode::Backspace);
        assert_eq!((look.filter.as_str(), look.types), ("q?/", true));
        press(&mut look, KeyCode::Enter);
        assert_eq!((look.filter.as_str(), look.types), ("q?/", false));
        press(&mut look, KeyCode::Char('/'));
        for _ in 0..200 {
            press(&mut look, KeyCode::Char('é'));
        }
        assert_eq!(look.filter.chars().count(), FILTER);
        // The first Esc is the filter's.
        assert_eq!(press(&mut look, KeyCode::Esc), Wish::Look);
        assert_eq!((look.filter.as_str(), look.types), ("", false));
        assert_eq!(press(&mut look, KeyCode::Esc), Wish::End);
    }

    #[test]
    fn each_table_has_an_order_and_a_place_of_its_own() {
        let mut look = Look::default();
        let usual = look.sort();
        press(&mut look, KeyCode::Char('s'));
        assert_eq!(look.sort().column, usual.column + 1);
        press(&mut look, KeyCode::Char('r'));
        assert_eq!(
            look.sort().falling,
            !Sort::by(View::Sessions, usual.column + 1).falling
        );
        press(&mut look, KeyCode::Down);
        press(&mut look, KeyCode::Tab);
        assert_eq!((look.view, look.place(100)), (View::Identities, 0));
        assert_eq!(
            look.sort(),
            Sort::by(View::Identities, View::Identities.usual())
        );
        press(&mut look, KeyCode::Char('t'));
        assert_eq!(look.view, View::Queue);
        press(&mut look, KeyCode::Char('<'));
        assert_eq!(look.sort().column, View::Queue.columns().len() - 1);
        press(&mut look, KeyCode::Char('>'));
        assert_eq!(look.sort().column, 0);
        press(&mut look, KeyCode::Tab);
        assert_eq!((look.view, look.place(100)), (View::Sessions, 1));
        press(&mut look, KeyCode::BackTab);
        assert_eq!(look.view, View::Queue);
    }

    #[test]
    fn the_mark_stays_within_the_table() {
        let mut look = Look {
            page: 30,
            ..Look::default()
        };
        for (code, place) in [
            (KeyCode::Up, 0),
            (KeyCode::Down, 1),
            (KeyCode::PageDown, 31),
            (KeyCode::PageDown, 61),
            (KeyCode::PageDown, 91),
            (KeyCode::PageDown, 99),
            (KeyCode::Down, 99),
            (KeyCode::PageUp, 69),
            (KeyCode::Home, 0),
            (KeyCode::End, 99),
        ] {
            press(&mut look, code);
            assert_eq!(look.place(100), place, "{code:?}");
        }
        // Of a table that has become shorter, the last; of an empty one, none is asked for.
        assert_eq!((look.place(5), look.place(0)), (4, 0));
        look.press(KeyEvent::new(KeyCode::Up, KeyModifiers::NONE), 5);
        assert_eq!(look.place(100), 3);
    }

    #[test]
    fn the_mark_is_among_the_rows_that_are_seen() {
        let mut look = Look::default();
        assert_eq!(look.top(100, 10), 0);
        for (code, top) in [
            (KeyCode::PageDown, 1),
            (KeyCode::Down, 2),
            (KeyCode::Up, 2),
            (KeyCode::PageUp, 0),
            (KeyCode::End, 90),
            (KeyCode::Up, 90),
        ] {
            press(&mut look, code);
            assert_eq!(look.top(100, 10), top, "{code:?}");
        }
        // Room is not left empty while there are rows for it.
        assert_eq!(look.top(100, 30), 70);
        assert_eq!(look.top(20, 30), 0);
        assert_eq!(look.top(0, 30), 0);
    }

    #[test]
    fn any_key_puts_the_explanation_away() {
        let mut look = Look::default();
        press(&mut look, KeyCode::Char('?'));
        assert!(look.explains);
        assert_eq!(press(&mut look, KeyCode::Char('q')), Wish::Look);
        assert!(!look.explains);
        assert_eq!(press(&mut look, KeyCode::Char('q')), Wish::End);
    }
}

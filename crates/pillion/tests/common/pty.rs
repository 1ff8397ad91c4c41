//! A program in a terminal of its own: what it shows there, and how it leaves it.
#![allow(dead_code, reason = "not every test needs all of it")]

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, ioctl_tiocgptpeer, openpt, unlockpt};
use rustix::termios::{Action, Termios, Winsize, tcflow, tcgetattr, tcsetwinsize};

/// Far beyond what anything here takes.
const WATCHDOG: Duration = Duration::from_secs(120);

/// The program and its terminal.
pub struct Pty {
    pub child: Child,
    ours: File,
    theirs: OwnedFd,
    /// What the terminal was set to before.
    before: Termios,
    screen: Arc<Mutex<Screen>>,
}

impl Pty {
    /// Starts it in a terminal of that size.
    pub fn start(mut command: Command, width: u16, height: u16) -> Self {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let ours = openpt(flags).unwrap();
        unlockpt(&ours).unwrap();
        let theirs = ioctl_tiocgptpeer(&ours, flags).unwrap();
        let ours = File::from(ours);
        tcsetwinsize(&ours, size(width, height)).unwrap();
        let before = tcgetattr(&theirs).unwrap();
        let copy = || theirs.try_clone().unwrap();
        command
            .env("TERM", "xterm-256color")
            .env_remove("NO_COLOR")
            .stdin(copy())
            .stdout(copy())
            .stderr(copy());
        // SAFETY: between fork and exec the closure makes two system calls on the standard input, and nothing else.
        unsafe {
            command.pre_exec(|| {
                rustix::process::setsid()?;
                rustix::process::ioctl_tiocsctty(rustix::stdio::stdin())?;
                Ok(())
            });
        }
        let child = command.spawn().unwrap();
        let screen = Arc::new(Mutex::new(Screen::new(width, height)));
        let (mut from, shown) = (ours.try_clone().unwrap(), Arc::clone(&screen));
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(n @ 1..) = from.read(&mut bytes) {
                shown.lock().unwrap().take(&bytes[..n]);
            }
        });
        Pty {
            child,
            ours,
            theirs,
            before,
            screen,
        }
    }

    /// Presses keys.
    pub fn press(&mut self, keys: &str) {
        self.ours.write_all(keys.as_bytes()).unwrap();
    }

    /// Makes the terminal so large. What was on it is still there.
    pub fn resize(&mut self, width: u16, height: u16) {
        self.screen.lock().unwrap().resize(width, height);
        tcsetwinsize(&self.ours, size(width, height)).unwrap();
    }

    /// Waits until what is shown is so.
    #[track_caller]
    pub fn until(&self, what: &str, is: impl Fn(&Screen) -> bool) {
        let deadline = Instant::now() + WATCHDOG;
        loop {
            let screen = self.screen.lock().unwrap();
            if is(&screen) {
                return;
            }
            let text = screen.text();
            drop(screen);
            assert!(
                Instant::now() < deadline,
                "it never happened that {what}:\n{text}"
            );
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until a line with these words in it is shown.
    #[track_caller]
    pub fn shows(&self, words: &str) {
        self.until(words, |screen| screen.text().contains(words));
    }

    /// Waits until no line with these words is shown.
    #[track_caller]
    pub fn shows_no(&self, words: &str) {
        let what = format!("nothing says {words}");
        self.until(&what, |screen| !screen.text().contains(words));
    }

    /// Waits until these words have been shown, perhaps no longer.
    #[track_caller]
    pub fn has_shown(&self, words: &str) {
        self.until(words, |screen| screen.past.contains(words));
    }

    /// All that was ever written, as it came.
    pub fn seen(&self) -> String {
        let screen = self.screen.lock().unwrap();
        String::from_utf8_lossy(&screen.bytes).into_owned()
    }

    /// Waits until the program ends.
    pub fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + WATCHDOG;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "it does not end");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// The terminal has had a screen for itself, and is as it was before.
    #[track_caller]
    pub fn is_given_back(&self) {
        self.until("the usual screen is shown", |screen| {
            screen.was_taken && !screen.is_taken && !screen.is_cursor_hidden
        });
        let now = tcgetattr(self.theirs.as_fd()).unwrap();
        let modes = |of: &Termios| {
            (
                of.input_modes,
                of.output_modes,
                of.control_modes,
                of.local_modes,
            )
        };
        assert_eq!(modes(&now), modes(&self.before));
    }

    /// The terminal takes nothing more: whoever writes to it waits.
    pub fn takes_nothing(&self) {
        tcflow(&self.theirs, Action::OOff).unwrap();
    }

    /// Keys come as they are pressed, and are not shown by the terminal itself.
    pub fn is_raw(&self) -> bool {
        let now = tcgetattr(self.theirs.as_fd()).unwrap();
        let cooked = rustix::termios::LocalModes::ICANON | rustix::termios::LocalModes::ECHO;
        !now.local_modes.intersects(cooked)
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size(width: u16, height: u16) -> Winsize {
    Winsize {
        ws_col: width,
        ws_row: height,
        ws_xpixel: 0,
        ws_ypixel: 0,
    }
}

/// What a terminal shows, as far as the sequences go that are known here. Others fail the test: nobody should send them.
pub struct Screen {
    lines: Vec<Vec<char>>,
    x: usize,
    y: usize,
    bytes: Vec<u8>,
    done: usize,
    past: String,
    pub was_taken: bool,
    pub is_taken: bool,
    pub is_cursor_hidden: bool,
}

impl Screen {
    fn new(width: u16, height: u16) -> Self {
        let mut screen = Screen {
            lines: Vec::new(),
            x: 0,
            y: 0,
            bytes: Vec::new(),
            done: 0,
            past: String::new(),
            was_taken: false,
            is_taken: false,
            is_cursor_hidden: false,
        };
        screen.resize(width, height);
        screen
    }

    fn resize(&mut self, width: u16, height: u16) {
        self.lines.resize(height.into(), Vec::new());
        for line in &mut self.lines {
            line.resize(width.into(), ' ');
        }
    }

    /// Its lines.
    pub fn text(&self) -> String {
        let lines = self
            .lines
            .iter()
            .map(|line| line.iter().collect::<String>());
        let lines: Vec<_> = lines.map(|line| line.trim_end().to_string()).collect();
        lines.join("\n")
    }

    fn take(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        while let Some(length) = self.next() {
            self.done += length;
        }
    }

    /// Obeys what comes next. Answers how long it is, once all of it is there.
    fn next(&mut self) -> Option<usize> {
        let rest = &self.bytes[self.done..];
        let first = *rest.first()?;
        match first {
            0x1b => {
                assert_eq!(*rest.get(1)?, b'[', "no sequence of these: {rest:?}");
                let length = rest[2..]
                    .iter()
                    .position(|byte| (0x40..=0x7e).contains(byte))?;
                let inner = String::from_utf8(rest[2..2 + length].to_vec()).unwrap();
                let last = rest[2 + length];
                self.obey(&inner, last);
                Some(length + 3)
            }
            b'\r' => {
                self.x = 0;
                Some(1)
            }
            b'\n' if self.y + 1 < self.lines.len() => {
                self.y += 1;
                Some(1)
            }
            b'\n' => {
                let width = self.lines[0].len();
                self.lines.remove(0);
                self.lines.push(vec![' '; width]);
                Some(1)
            }
            0..0x20 | 0x7f => panic!("a terminal would obey {first:#x}"),
            _ => {
                let length = match first {
                    0..0x80 => 1,
                    0x80..0xe0 => 2,
                    0xe0..0xf0 => 3,
                    _ => 4,
                };
                let text = std::str::from_utf8(rest.get(..length)?).unwrap();
                self.put(text.chars().next().unwrap());
                Some(length)
            }
        }
    }

    fn put(&mut self, c: char) {
        assert!(!c.is_control(), "a terminal would obey {c:?}");
        if let Some(place) = self
            .lines
            .get_mut(self.y)
            .and_then(|line| line.get_mut(self.x))
        {
            *place = c;
        }
        self.x += 1;
    }

    fn obey(&mut self, inner: &str, last: u8) {
        // Wherever the program turns to next, the line was complete.
        if let Some(line) = self.lines.get(self.y) {
            let line: String = line.iter().collect();
            if !self.past.ends_with(&line) {
                self.past.push('\n');
                self.past += &line;
            }
        }
        match (inner, last) {
            ("?1049", b'h') => {
                (self.was_taken, self.is_taken) = (true, true);
                self.clear();
            }
            ("?1049", b'l') => {
                self.is_taken = false;
                self.clear();
            }
            ("?25", b'h') => self.is_cursor_hidden = false,
            ("?25", b'l') => self.is_cursor_hidden = true,
            (_, b'H') => {
                let mut numbers = inner.split(';').map(|number| number.parse().unwrap_or(1));
                self.y = numbers.next().unwrap_or(1usize) - 1;
                self.x = numbers.next().unwrap_or(1usize) - 1;
            }
            ("2", b'J') => self.clear(),
            (_, b'm') => {}
            _ => panic!("no sequence of these: {inner:?} {:?}", char::from(last)),
        }
    }

    fn clear(&mut self) {
        for line in &mut self.lines {
            line.fill(' ');
        }
    }
}

//! The terminal: taken and given back, and the threads from which the main loop hears.

use std::io::{BufWriter, Stdout, stdout};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use pillion_server::broker::Status;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::{Hide, Show};
use ratatui::crossterm::event::{self, KeyEvent, KeyEventKind};
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::crossterm::{execute, terminal};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use super::Watch;
use super::draw::Frame;
use super::look::{Look, Wish};
use super::model::Model;
use crate::client;

/// How often it is drawn though nothing has happened: times go on.
const EVERY: Duration = Duration::from_secs(1);
/// Most that is heard before it is drawn again.
const MOST: usize = 256;
/// How long the main loop may take to end. It takes longer where nobody reads what it writes.
const ENDING: Duration = Duration::from_secs(2);

/// What the main loop hears.
enum Heard {
    Key(KeyEvent),
    /// The terminal has another size.
    Resized,
    /// There will be no more keys.
    Deaf(std::io::Error),
    Answer(Duration, Box<Result<Status, client::Error>>),
    Signal(i32),
}

/// Shows it until a key or a signal ends it.
pub fn show(watch: Watch) -> anyhow::Result<ExitCode> {
    // Who names a server that is not there is told so where it can be read.
    let mut model = Model::default();
    let (at, answer) = watch.ask();
    model.answered(at, answer?);
    let signals = Signals::new([SIGHUP, SIGINT, SIGTERM]).context("cannot wait for signals")?;
    let mut screen = Screen::take()?;
    let watch = Arc::new(watch);
    let (tell, heard) = channel();
    let (of_keys, of_signals) = (tell.clone(), tell.clone());
    thread::spawn(move || keys(&of_keys));
    thread::spawn(move || wait_for(signals, &of_signals));
    let asking = Arc::clone(&watch);
    thread::spawn(move || ask(&asking, &tell));
    let ended = follow(&watch, model, &mut screen, &heard);
    drop(screen);
    let Some(signal) = ended? else {
        return Ok(ExitCode::SUCCESS);
    };
    // Whoever has sent it sees that it was that.
    emulate_default_handler(signal)?;
    Ok(ExitCode::FAILURE)
}

/// Draws what comes. Answers with the signal that has ended it, if that was not a key.
fn follow(
    watch: &Watch,
    mut model: Model,
    screen: &mut Screen,
    heard: &Receiver<Heard>,
) -> anyhow::Result<Option<i32>> {
    let server = watch.server.to_string();
    let frame = Frame {
        server: &server,
        patience: watch.interval * 2 + Duration::from_secs(2),
    };
    let mut look = Look::default();
    loop {
        let mut rows = 0;
        let now = watch.begun.elapsed();
        let drawn = screen.terminal.draw(|to| {
            rows = frame.draw(&model, &mut look, now, to.area(), to.buffer_mut());
        });
        drawn.context("cannot write to the terminal")?;
        let first = match heard.recv_timeout(EVERY) {
            Ok(first) => Some(first),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => anyhow::bail!("nothing is heard any more"),
        };
        for heard in first.into_iter().chain(heard.try_iter().take(MOST)) {
            match heard {
                Heard::Key(key) => match look.press(key, rows) {
                    Wish::Look => {}
                    Wish::Redraw => screen
                        .terminal
                        .clear()
                        .context("cannot write to the terminal")?,
                    Wish::End => return Ok(None),
                },
                Heard::Resized => {}
                Heard::Deaf(error) => return Err(error).context("cannot read the terminal's keys"),
                Heard::Answer(at, answer) => match *answer {
                    Ok(status) => model.answered(at, status),
                    Err(error) => model.failed(error.to_string()),
                },
                Heard::Signal(signal) => return Ok(Some(signal)),
            }
        }
    }
}

/// Asks the server again and again. It may take as long as it likes, and goes on where there is none.
fn ask(watch: &Watch, tell: &Sender<Heard>) {
    loop {
        thread::sleep(watch.until_next());
        let (at, answer) = watch.ask();
        if tell.send(Heard::Answer(at, Box::new(answer))).is_err() {
            return;
        }
    }
}

fn keys(tell: &Sender<Heard>) {
    loop {
        let heard = match event::read() {
            Ok(event::Event::Key(key)) if key.kind != KeyEventKind::Release => Heard::Key(key),
            Ok(event::Event::Resize(..)) => Heard::Resized,
            Ok(_) => continue,
            Err(error) => Heard::Deaf(error),
        };
        let is_last = matches!(heard, Heard::Deaf(_));
        if tell.send(heard).is_err() || is_last {
            return;
        }
    }
}

fn wait_for(mut signals: Signals, tell: &Sender<Heard>) {
    for signal in signals.forever() {
        let _ = tell.send(Heard::Signal(signal));
        thread::sleep(ENDING);
        // The main loop still writes to a terminal that takes nothing, and holds the standard output.
        let _ = disable_raw_mode();
        let _ = emulate_default_handler(signal);
    }
}

/// Whether the terminal is taken.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// A terminal that shows nothing else, and whose keys come as they are pressed. Given back when dropped, and before a panic is told.
struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
    _taken: Taken,
}

impl Screen {
    fn take() -> anyhow::Result<Self> {
        terminal::size().context("cannot tell how large the terminal is: try --once")?;
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let was_taken = give_back();
            usual(panic);
            // What another thread has had to do is not done any more, and the main loop would draw over what was just said.
            if was_taken && thread::current().name() != Some("main") {
                std::process::exit(101);
            }
        }));
        enable_raw_mode().context("cannot take the terminal: try --once")?;
        TAKEN.store(true, Ordering::SeqCst);
        let taken = Taken;
        execute!(stdout(), EnterAlternateScreen, Hide).context("cannot write to the terminal")?;
        let backend = CrosstermBackend::new(BufWriter::with_capacity(64 << 10, stdout()));
        let terminal = Terminal::new(backend).context("cannot write to the terminal")?;
        Ok(Screen {
            terminal,
            _taken: taken,
        })
    }
}

struct Taken;

impl Drop for Taken {
    fn drop(&mut self) {
        give_back();
    }
}

/// Gives the terminal back as it was, once. Whether it was taken.
fn give_back() -> bool {
    let was_taken = TAKEN.swap(false, Ordering::SeqCst);
    if was_taken {
        let _ = execute!(stdout(), LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
    was_taken
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::top::pty::Pty;
    use std::process::Command;

    /// Says how this very program is to panic, with a terminal that it has taken.
    const HOW: &str = "PILLION_TEST_PANICS_IN";

    /// Runs in the terminal of the test below.
    #[test]
    fn helper_that_panics() {
        let Ok(thread) = std::env::var(HOW) else {
            return;
        };
        let screen = Screen::take().unwrap();
        println!("taken");
        if thread == "this" {
            panic!("this is why");
        }
        let _ = thread::spawn(|| panic!("this is why")).join();
        drop(screen);
        println!("and goes on");
    }

    #[test]
    fn a_panic_gives_the_terminal_back_and_is_read() {
        for (thread, status) in [("this", 101), ("another", 101)] {
            let mut command = Command::new(std::env::current_exe().unwrap());
            command
                .args(["--exact", "top::terminal::tests::helper_that_panics"])
                .args(["--nocapture", "--test-threads=1"])
                .env(HOW, thread);
            let mut pty = Pty::start(command, 80, 24);
            assert_eq!(pty.wait().code(), Some(status));
            pty.is_given_back();
            let seen = pty.seen();
            assert!(seen.contains("taken"), "{seen}");
            assert!(!seen.contains("and goes on"), "{seen}");
            pty.until("the panic is told", |screen| {
                screen.text().contains("this is why")
            });
        }
    }
}

//! A worker with a share of the CPU device, in place of whose broker is the test.

mod common;

use std::io::Read;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixStream;
use std::process::{Child, Stdio};

use common::{Client, Said, WATCHDOG, pillion, text};
use pillion_cuda_abi::types::CUdevice_attribute;
use pillion_protocol::{Encoder, Hello};
use pillion_server::account::Page;
use pillion_server::worker::Note;
use pillion_server::worker::reports::Report;
use pillion_transport::Connection;
use rustix::io::{FdFlags, fcntl_setfd};

/// A worker that is ready, and the broker's end of its control socket.
struct Worker {
    child: Child,
    control: UnixStream,
    _page: Page,
}

impl Worker {
    fn new(options: &[&str]) -> Self {
        let (mut control, theirs) = UnixStream::pair().unwrap();
        control.set_read_timeout(Some(WATCHDOG)).unwrap();
        let page = Page::new().unwrap();
        // Nothing else is started meanwhile: this program has one test.
        let memory = page.memory().as_fd().as_raw_fd();
        fcntl_setfd(page.memory(), FdFlags::empty()).unwrap();
        fcntl_setfd(&theirs, FdFlags::empty()).unwrap();
        let child = pillion()
            .args(["worker", "--device", "cpu"])
            .args(["--control-fd", &theirs.as_raw_fd().to_string()])
            .args(["--account-fd", &memory.to_string()])
            .args(options)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        drop(theirs);
        let mut words = Vec::new();
        while Report::take(&mut words).unwrap().is_none() {
            let mut byte = [0];
            control.read_exact(&mut byte).unwrap();
            words.push(byte[0]);
        }
        Worker {
            child,
            control,
            _page: page,
        }
    }

    /// The multiprocessors of the device, as a client hears of them.
    fn multiprocessors(&self) -> i32 {
        let (connection, client) = Connection::pair().unwrap();
        let mut hello = Vec::new();
        Hello::new(13000, std::process::id(), "", "test").encode(&mut Encoder::new(&mut hello));
        let note = Note {
            session: [7; 16],
            cached: "",
            packs: false,
            asks_only: false,
            takes_turns: false,
            memory: None,
            hello: &hello,
        };
        let handoff = connection.handoff().unwrap();
        handoff.send(&self.control, &note.encode()).unwrap();
        let mut client = Client::over(client);
        let Said::Welcome(welcome) = client.hear() else {
            panic!("no welcome");
        };
        client.ping();
        let which = CUdevice_attribute::CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;
        let (status, count) = welcome.devices[0].attributes[which.0 as usize];
        assert_eq!(status, 0);
        count
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn clients_of_a_worker_with_a_share_see_its_multiprocessors() {
    let whole = Worker::new(&[]).multiprocessors();
    assert!(whole >= 1);
    for percent in [1, 50, 75, 100] {
        let worker = Worker::new(&["--share", &percent.to_string()]);
        let part = (whole * percent / 100).max(1);
        assert_eq!(
            worker.multiprocessors(),
            part,
            "{percent} per cent of {whole}"
        );
    }
    for wrong in ["0", "101", "-1", "4.5", "half", ""] {
        let output = pillion()
            .args(["worker", "--device", "cpu", "--control-fd", "3"])
            .args(["--account-fd", "4", &format!("--share={wrong}")])
            .output()
            .unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{wrong}: {said}");
        assert!(said.contains("1 to 100 per cent"), "{wrong}: {said}");
    }
}

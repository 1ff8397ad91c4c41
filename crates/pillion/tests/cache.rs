//! The content cache: what was sent once is not sent again, and what is wrong with it is no more than that.

mod common;

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use common::{
    Client, Folder, Link, Said, Server, WATCHDOG, alive, body, children, driver_program,
    eventually, pillion, text,
};
use pillion_protocol::command::{
    CopyHead, KnownCopy, Load, MAX_UPLOAD, OF_CACHES, SEND_IMAGE, UploadHead, UploadKnown, cuda,
};
use pillion_protocol::handle::{Kind, pack};
use pillion_protocol::{Decoder, Hello};
use pillion_test_support::Random;
use pillion_transport::Uri;
use rustix::process::{Pid, Resource, Rlimit, Signal, prlimit};
use zerocopy::IntoBytes;

/// A program that loads PTX through the client library.
struct Program {
    folder: Folder,
}

/// What a session cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cost {
    received: u64,
    cached: u64,
}

impl Program {
    fn new() -> Self {
        let folder = Folder::new();
        for name in ["image", "copies"] {
            driver_program(&folder, name);
        }
        Program { folder }
    }

    /// Writes an image of at least `len` bytes, whose kernel fills with `number`.
    fn image(&self, random: &mut Random, len: usize, number: u32) -> Image {
        let path = self.folder.path(&format!("image-{:016x}", random.next()));
        std::fs::write(&path, ptx(random, len, number)).unwrap();
        Image { path, number }
    }

    fn start(&self, uri: &Uri, image: &Image, more: &[&str], env: &[(&str, &str)]) -> Child {
        let mut command = self.command("image", uri, env);
        command.arg(&image.path).arg(image.number.to_string());
        command.args(more).spawn().unwrap()
    }

    fn command(&self, program: &str, uri: &Uri, env: &[(&str, &str)]) -> Command {
        let mut command = Command::new("timeout");
        command
            .arg(WATCHDOG.as_secs().to_string())
            .arg(self.folder.path(program))
            .env("LD_LIBRARY_PATH", &self.folder.0)
            .env("PILLION_SERVER", uri.to_string())
            .env_remove("PILLION_LOG")
            .env_remove("PILLION_TOKEN")
            .env_remove("PILLION_CACHE")
            // What is counted is bytes as they are: a busy machine's loopback may seem slow enough for packing.
            .env("PILLION_COMPRESSION", "off")
            .envs(env.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Copies so many bytes to the device three times, two of them the same.
    fn copy(
        &self,
        server: &Server,
        uri: &Uri,
        len: usize,
        seed: u64,
        env: &[(&str, &str)],
    ) -> Cost {
        let before = costs(server).len();
        let mut command = self.command("copies", uri, env);
        command.arg(len.to_string()).arg(seed.to_string());
        succeeds(command.spawn().unwrap(), "copied\n");
        cost(server, before)
    }

    /// Runs it, which has to succeed.
    fn run(&self, server: &Server, image: &Image) -> Cost {
        self.run_as(server, &server.tcp, image, &[], &[])
    }

    fn run_as(
        &self,
        server: &Server,
        uri: &Uri,
        image: &Image,
        more: &[&str],
        env: &[(&str, &str)],
    ) -> Cost {
        let before = costs(server).len();
        filled(self.start(uri, image, more, env));
        cost(server, before)
    }
}

struct Image {
    path: PathBuf,
    number: u32,
}

fn filled(child: Child) {
    succeeds(child, "filled\n");
}

fn succeeds(child: Child, with: &str) {
    let output = child.wait_with_output().unwrap();
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{said}");
    assert_eq!(said, with);
}

/// What a session cost, once there are more than so many.
fn cost(server: &Server, before: usize) -> Cost {
    eventually("the session's cost is told", || {
        costs(server).len() > before
    });
    server.settle();
    costs(server).pop().unwrap()
}

/// PTX of at least `len` bytes, most of them a remark.
fn ptx(random: &mut Random, len: usize, number: u32) -> String {
    let mut text = format!(
        ".version 7.5\n.target sm_75\n.address_size 64\n\
         .visible .entry fill(.param .u64 at) {{\n\
         .reg .b32 %r<4>;\n.reg .b64 %rd<4>;\n\
         ld.param.u64 %rd1, [at];\ncvta.to.global.u64 %rd1, %rd1;\n\
         mov.u32 %r1, %tid.x;\nadd.u32 %r2, %r1, {number};\n\
         mul.wide.u32 %rd2, %r1, 4;\nadd.u64 %rd3, %rd1, %rd2;\n\
         st.global.u32 [%rd3], %r2;\nret;\n}}\n"
    );
    while text.len() < len {
        text.push_str(&format!(
            "// {:016x}{:016x}\n",
            random.next(),
            random.next()
        ));
    }
    text
}

/// What the sessions that have ended cost, as the log says.
fn costs(server: &Server) -> Vec<Cost> {
    let number = |line: &str, name: &str| -> u64 {
        let (_, rest) = line.split_once(&format!(" {name}=")).expect(line);
        let digits = rest.split(' ').next().unwrap();
        digits.parse().expect(line)
    };
    let log = server.log();
    let whole = log.rsplit_once('\n').map_or("", |(whole, _)| whole);
    whole
        .lines()
        .filter(|line| line.contains("session ended"))
        .map(|line| Cost {
            received: number(line, "bytes_in"),
            cached: number(line, "bytes_cached"),
        })
        .collect()
}

/// The entries of a server's cache.
fn entries(server: &Server) -> Vec<PathBuf> {
    files(server)
        .into_iter()
        .filter(|path| path.file_name().unwrap().len() == 64)
        .collect()
}

fn files(server: &Server) -> Vec<PathBuf> {
    let Ok(folders) = std::fs::read_dir(server.folder.path("pillion")) else {
        return Vec::new();
    };
    folders
        .flatten()
        .filter_map(|folder| std::fs::read_dir(folder.path()).ok())
        .flat_map(|files| files.flatten().map(|file| file.path()))
        .collect()
}

const LARGE: usize = 3 << 20;

#[test]
fn a_second_run_sends_no_image() {
    let mut random = Random::new();
    let program = Program::new();
    let server = Server::start(&[]);
    let image = program.image(&mut random, LARGE, 70_000);
    let first = program.run(&server, &image);
    assert!(
        first.received > LARGE as u64 && first.cached == 0,
        "{first:?}"
    );
    let second = program.run(&server, &image);
    eprintln!("first {first:?}, second {second:?}");
    assert!(
        second.received < 16 << 10 && second.cached > LARGE as u64,
        "{second:?}"
    );
    assert_eq!(entries(&server).len(), 1);
    // Through the linker, which is given the same bytes.
    let linked = program.run_as(&server, &server.tcp, &image, &["link"], &[]);
    assert!(linked.received < 16 << 10, "{linked:?}");
    // Other bytes of the same length.
    let other = program.image(&mut random, LARGE, 80_000);
    let cost = program.run(&server, &other);
    assert!(cost.received > LARGE as u64 && cost.cached == 0, "{cost:?}");
    // A small one is not worth asking for.
    let small = program.image(&mut random, 0, 5);
    for _ in 0..2 {
        assert_eq!(program.run(&server, &small).cached, 0);
    }
    assert_eq!(entries(&server).len(), 2);
    // A later server finds what an earlier one has kept.
    let folder = server.folder.path("pillion");
    let folder = folder.to_str().unwrap();
    let later = Server::start(&["--cache", folder]);
    let cost = program.run(&later, &other);
    assert!(cost.received < 16 << 10, "{cost:?}");
}

#[test]
fn what_is_kept_is_shown_and_removed() {
    let mut random = Random::new();
    let program = Program::new();
    let server = Server::start(&[]);
    let folder = server.folder.path("pillion");
    let cache = |more: &[&str]| {
        let mut command = pillion();
        command.env("XDG_CACHE_HOME", &server.folder.0);
        let output = command.arg("cache").args(more).output().unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    assert!(cache(&[]).contains(": 0 entries"));
    let image = program.image(&mut random, LARGE, 70_000);
    program.run(&server, &image);
    let report: serde_json::Value = serde_json::from_str(&cache(&["--json"])).unwrap();
    assert_eq!(report["folder"], folder.to_str().unwrap());
    assert_eq!(report["entries"], 1);
    assert!(report["bytes"].as_u64().unwrap() > LARGE as u64);
    assert_eq!(
        report["identities"][0]["folder"],
        "by-anonymous%20127.0.0.1"
    );
    assert!(cache(&[]).contains("by-anonymous"));
    assert!(cache(&["clear", "--cache", "/nonexistent"]).contains("removed 0 entries"));
    assert!(cache(&["clear"]).contains("removed 1 entries"));
    assert!(files(&server).is_empty());
    assert_eq!(program.run(&server, &image).cached, 0);
    assert!(program.run(&server, &image).cached > 0);
}

#[test]
fn linked_images_are_cached_too() {
    let mut random = Random::new();
    let program = Program::new();
    let server = Server::start(&[]);
    let image = program.image(&mut random, LARGE, 3);
    let run = || program.run_as(&server, &server.tcp, &image, &["link"], &[]);
    let (first, second) = (run(), run());
    assert!(first.received > LARGE as u64, "{first:?}");
    assert!(
        second.received < 16 << 10 && second.cached > LARGE as u64,
        "{second:?}"
    );
}

#[test]
fn either_side_may_have_none() {
    let mut random = Random::new();
    let program = Program::new();
    let image = program.image(&mut random, LARGE, 9);
    let server = Server::start(&[]);
    // Where the way is short, sending is as fast.
    for uri in [&server.unix, &server.shm] {
        for _ in 0..2 {
            let cost = program.run_as(&server, uri, &image, &[], &[]);
            assert!(cost.received > LARGE as u64, "{cost:?}");
        }
    }
    for _ in 0..2 {
        let off = [("PILLION_CACHE", "off")];
        let cost = program.run_as(&server, &server.tcp, &image, &[], &off);
        assert!(cost.received > LARGE as u64, "{cost:?}");
    }
    assert!(entries(&server).is_empty());
    let on = [("PILLION_CACHE", "on")];
    program.run_as(&server, &server.unix, &image, &[], &on);
    let cost = program.run_as(&server, &server.unix, &image, &[], &on);
    assert!(cost.received < 16 << 10, "{cost:?}");
    // A server without a cache is as one that is older than caches.
    let without = Server::start(&["--cache", "off"]);
    for _ in 0..2 {
        let cost = program.run(&without, &image);
        assert!(cost.received > LARGE as u64, "{cost:?}");
    }
    assert!(entries(&without).is_empty());
    let mut client = Client::connect(&without.tcp);
    client.hello(&Hello::new(13000, 1, "", "test"));
    let Said::Welcome(welcome) = client.hear() else {
        panic!("no welcome");
    };
    assert!(welcome.opcodes.contains(cuda::UPLOAD));
    for opcode in OF_CACHES {
        assert!(!welcome.opcodes.contains(*opcode));
    }
    for (opcode, bytes) in [
        (cuda::UPLOAD_KNOWN, known(1, b"an image")),
        (cuda::COPY_KNOWN, known_copy(4096, 1)),
    ] {
        let (mut client, context) = Client::with_context(&without.tcp);
        client.command(opcode, context, &bytes);
        assert_eq!(client.succeeds(99), None);
    }
}

#[test]
fn damaged_entries_are_sent_again() {
    let mut random = Random::new();
    let program = Program::new();
    let server = Server::start(&[]);
    let image = program.image(&mut random, LARGE, 1234);
    program.run(&server, &image);
    let entry = entries(&server).pop().unwrap();
    let whole = std::fs::read(&entry).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    let mut other_kernel = whole.clone();
    // What a program could not tell from what it has sent: 1234 becomes 1235.
    let at = whole.windows(4).position(|word| word == b"1234").unwrap();
    other_kernel[at + 3] = b'5';
    for damaged in [
        Vec::new(),
        whole[..LARGE / 3].to_vec(),
        flipped,
        other_kernel,
    ] {
        std::fs::write(&entry, damaged).unwrap();
        let cost = program.run(&server, &image);
        assert!(cost.received > LARGE as u64 && cost.cached == 0, "{cost:?}");
        assert!(std::fs::read(&entry).unwrap() == whole);
        let cost = program.run(&server, &image);
        assert!(cost.received < 16 << 10, "{cost:?}");
    }
    // Evicted, or the cache is cleared as a whole.
    std::fs::remove_file(&entry).unwrap();
    assert_eq!(program.run(&server, &image).cached, 0);
    let clear = Command::new(env!("CARGO_BIN_EXE_pillion"))
        .args(["cache", "clear", "--cache"])
        .arg(server.folder.path("pillion"))
        .output()
        .unwrap();
    assert!(clear.status.success(), "{}", text(&clear.stderr));
    assert_eq!(program.run(&server, &image).cached, 0);
    assert!(program.run(&server, &image).cached > 0);
    assert!(!server.log().contains("nothing more"));
    // Removed with its folder, which the worker that is ready cannot make again. The next one has it.
    std::fs::remove_dir_all(server.folder.path("pillion")).unwrap();
    assert_eq!(program.run(&server, &image).cached, 0);
    let cached = (0..3).any(|_| program.run(&server, &image).cached > 0);
    assert!(cached);
}

#[test]
fn sessions_that_send_the_same_at_once_leave_one_whole_entry() {
    let mut random = Random::new();
    let program = Program::new();
    let server = Server::start(&["--warm", "3"]);
    let image = program.image(&mut random, LARGE, 77);
    let sessions: Vec<Child> = (0..6)
        .map(|_| program.start(&server.tcp, &image, &[], &[]))
        .collect();
    sessions.into_iter().for_each(filled);
    eventually("all have ended", || costs(&server).len() == 6);
    eventually("none writes", || server.status().sessions.is_empty());
    assert_eq!((entries(&server).len(), files(&server).len()), (1, 1));
    let whole = std::fs::read(&image.path).unwrap();
    let entry = std::fs::read(&entries(&server)[0]).unwrap();
    // The text, and its zero.
    assert!(entry[..whole.len()] == whole && entry[whole.len()..] == [0]);
}

#[test]
fn a_worker_that_is_killed_while_it_writes_leaves_nothing_wrong() {
    let mut random = Random::new();
    let program = Program::new();
    let server = Server::start(&[]);
    let large = 16 << 20;
    let mut killed = 0;
    for round in 0..4 {
        server.settle();
        // The only one that there is, so it gets the session.
        let worker = children(server.pid())[0];
        let image = program.image(&mut random, large, 40 + round);
        let mut child = program.start(&server.tcp, &image, &[], &[]);
        let writing = || {
            let files = files(&server);
            let mut names = files.iter().map(|path| path.file_name().unwrap());
            names.any(|name| name.to_string_lossy().starts_with("tmp-"))
        };
        // Killed as soon as it has begun to write, if that is seen.
        while alive(worker) {
            if writing() {
                common::send(worker, Signal::KILL);
                eventually("the worker is dead", || !alive(worker));
                killed += u32::from(writing());
            }
        }
        let _ = child.wait();
        server.settle();
        // Whatever is left, it does no harm, and goes.
        let next = program.run(&server, &image);
        assert!(next.received + next.cached > large as u64, "{next:?}");
        let next = program.run(&server, &image);
        assert!(next.cached > large as u64, "{next:?}");
    }
    eprintln!("{killed} of 4 left half an entry");
    let last = program.image(&mut random, LARGE, 1);
    program.run(&server, &last);
    assert_eq!(files(&server).len(), entries(&server).len());
}

#[test]
fn a_full_disk_means_no_cache() {
    let mut random = Random::new();
    let program = Program::new();
    // Limits of another user's process are not everybody's to set, who is root or not.
    let own = rustix::process::getuid().as_raw().to_string();
    let server = Server::start(&["--user", &own]);
    let images = [0, 1].map(|number| program.image(&mut random, LARGE, number));
    for image in &images {
        server.settle();
        let worker = Pid::from_raw(children(server.pid())[0] as i32).unwrap();
        let limit = Rlimit {
            current: Some(1 << 20),
            maximum: Some(1 << 20),
        };
        prlimit(Some(worker), Resource::Fsize, limit).unwrap();
        let cost = program.run(&server, image);
        assert!(cost.received > LARGE as u64, "{cost:?}");
        assert!(files(&server).is_empty());
    }
    assert_eq!(server.log().matches("nothing more").count(), 2);
    // Now there is room.
    program.run(&server, &images[0]);
    assert!(program.run(&server, &images[0]).cached > 0);
    // A cache that is smaller than the image.
    let small = Server::start(&["--cache-size", "1M"]);
    for _ in 0..2 {
        assert_eq!(program.run(&small, &images[0]).cached, 0);
    }
    assert!(files(&small).is_empty());
    // One with room for one image keeps the one that was used last.
    let one = Server::start(&["--cache-size", "5M"]);
    for image in &images {
        program.run(&one, image);
    }
    assert_eq!(entries(&one).len(), 1);
    assert_eq!(program.run(&one, &images[0]).cached, 0);
    assert!(program.run(&one, &images[0]).cached > 0);
}

#[test]
fn what_one_identity_has_sent_another_has_to_send_too() {
    let mut random = Random::new();
    let program = Program::new();
    let folder = Folder::new();
    let tokens = folder.private("tokens", "ada 0123456789abcdef\nbob fedcba9876543210\n");
    let options = ["--token-file", tokens.to_str().unwrap()];
    let image = program.image(&mut random, LARGE, 8);
    let (ada, bob) = ("0123456789abcdef", "fedcba9876543210");
    for shared in [false, true] {
        let mut options = options.to_vec();
        options.extend(shared.then_some("--cache-shared"));
        let server = Server::start(&options);
        let run = |token| {
            let token = [("PILLION_TOKEN", token)];
            program.run_as(&server, &server.tcp, &image, &[], &token)
        };
        assert_eq!(run(ada).cached, 0);
        assert_eq!(run(bob).cached > 0, shared);
        assert!(run(ada).cached > 0 && run(bob).cached > 0);
        assert_eq!(entries(&server).len(), if shared { 1 } else { 2 });
    }
    // Nor has who comes by a Unix socket what came by TCP.
    let server = Server::start(&[]);
    assert_eq!(program.run(&server, &image).cached, 0);
    let on = [("PILLION_CACHE", "on")];
    let cost = program.run_as(&server, &server.unix, &image, &[], &on);
    assert_eq!(cost.cached, 0);
}

#[test]
fn large_copies_are_sent_once() {
    let mut random = Random::new();
    let program = Program::new();
    let server = Server::start(&[]);
    let on = [("PILLION_CACHE", "on")];
    let len = (5 << 20) + 12_345;
    let seed = random.next();
    let run = |len, seed| program.copy(&server, &server.tcp, len, seed, &on);
    let first = run(len, seed);
    assert!(first.received > 2 * len as u64, "{first:?}");
    let second = run(len, seed);
    eprintln!("first {first:?}, second {second:?}");
    assert_eq!(second.cached, 3 * len as u64);
    // Nor is what is copied beyond the memory's end sent, of which the first chunk is found.
    assert!(second.received < 64 << 10, "{second:?}");
    assert_eq!(entries(&server).len(), 12);
    // What is damaged, or gone, is sent.
    for (index, entry) in entries(&server).iter().enumerate() {
        let mut bytes = std::fs::read(entry).unwrap();
        match index % 4 {
            0 => std::fs::remove_file(entry).unwrap(),
            1 => std::fs::write(entry, &bytes[1..]).unwrap(),
            2 => {
                bytes[5] ^= 0xff;
                std::fs::write(entry, bytes).unwrap();
            }
            _ => {}
        }
    }
    let third = run(len, seed);
    assert!(
        third.cached > 0 && third.cached < 3 * len as u64,
        "{third:?}"
    );
    assert_eq!(entries(&server).len(), 12);
    assert_eq!(run(len, seed).cached, 3 * len as u64);
    // Whole chunks, fewer than one, what is sent as quickly as asked for, and other data.
    for len in [1 << 20, 3 << 20, (1 << 20) - 1, 20_000, 16_000] {
        let seed = random.next();
        run(len, seed);
        let again = run(len, seed);
        let expected = if len < 16 << 10 { 0 } else { 3 * len as u64 };
        assert_eq!(again.cached, expected, "{len}");
    }
    let off = [("PILLION_CACHE", "off")];
    let cost = program.copy(&server, &server.tcp, len, seed, &off);
    assert!(
        cost.cached == 0 && cost.received > 3 * len as u64,
        "{cost:?}"
    );
}

#[test]
fn over_a_slow_line_copies_are_named_without_being_told_to() {
    let mut random = Random::new();
    let program = Program::new();
    let server = Server::start(&[]);
    let link = Link::start(&server.tcp, &["--rtt", "5ms", "--rate", "200mbit"]);
    let len = 4 << 20;
    let seed = random.next();
    let run = || program.copy(&server, &link.uri, len, seed, &[]);
    let (first, second) = (run(), run());
    eprintln!("first {first:?}, second {second:?}");
    // A chunk is sent to measure the line.
    let chunk = 1 << 20;
    assert!(second.cached >= (3 * len - chunk) as u64, "{second:?}");
    assert!(second.received < (chunk + (64 << 10)) as u64, "{second:?}");
    // Nor are shorter ones sent again, once there were so many that the line was measured.
    let slow = Link::start(&server.tcp, &["--rate", "50mbit"]);
    let seed = random.next();
    let run = || program.copy(&server, &slow.uri, 900_000, seed, &[]);
    let (first, second) = (run(), run());
    slow.end();
    assert_eq!((first.cached, second.cached), (0, 1_800_000));
    // Where the way is short they never are.
    for uri in [&server.unix, &server.shm] {
        assert_eq!(program.copy(&server, uri, len, seed, &[]).cached, 0);
    }
    link.end();
}

fn known(upload: u64, image: &[u8]) -> Vec<u8> {
    let known = UploadKnown {
        upload: upload.into(),
        total: (image.len() as u64).into(),
        hash: *blake3::hash(image).as_bytes(),
    };
    known.as_bytes().to_vec()
}

fn known_copy(len: u64, hashes: usize) -> Vec<u8> {
    let head = CopyHead {
        device: 4096.into(),
        len: len.into(),
        stream: 0.into(),
        flags: 0.into(),
        reserved: 0.into(),
    };
    let hashes = &vec![[7; 32]; hashes][..];
    let head = &head;
    body(|b| KnownCopy { head, hashes }.encode(b))
}

fn part(upload: u64, total: usize, offset: usize, bytes: &[u8]) -> Vec<u8> {
    let head = UploadHead {
        upload: upload.into(),
        total: (total as u64).into(),
        offset: (offset as u64).into(),
    };
    [head.as_bytes(), bytes].concat()
}

fn load(upload: u64) -> Vec<u8> {
    let load = Load {
        handle: pack(Kind::Module, 0, upload as u32),
        upload,
        options: Vec::new(),
        library_options: Vec::new(),
        parts: Vec::new(),
    };
    body(|b| load.encode(b))
}

fn loads(client: &mut Client, context: u64, upload: u64) -> u32 {
    let sequence = client.command(cuda::MODULE_LOAD, context, &load(upload));
    let answer = client.succeeds(sequence).expect("an answer");
    Decoder::new(&answer).scalar().unwrap()
}

#[test]
fn an_image_that_is_asked_for_can_be_sent_or_left() {
    let mut random = Random::new();
    let server = Server::start(&[]);
    let mut image = ptx(&mut random, 30_000, 1).into_bytes();
    image.push(0);
    let (mut client, context) = Client::with_context(&server.tcp);
    for upload in 1..=3 {
        client.command(cuda::UPLOAD_KNOWN, context, &known(upload, &image));
    }
    // As often as it is asked for, it is not there.
    for _ in 0..3 {
        assert_eq!(loads(&mut client, context, 1), SEND_IMAGE);
    }
    for (offset, bytes) in [(0, &image[..9_000]), (9_000, &image[9_000..])] {
        let bytes = part(1, image.len(), offset, bytes);
        client.command(cuda::UPLOAD, context, &bytes);
    }
    assert_eq!(loads(&mut client, context, 1), 0);
    eventually("it is kept", || entries(&server).len() == 1);
    // What was not there stays so for the upload that asked.
    assert_eq!(loads(&mut client, context, 2), SEND_IMAGE);
    client.command(cuda::UPLOAD_KNOWN, context, &known(4, &image));
    assert_eq!(loads(&mut client, context, 4), 0);
    // It may go between question and use: the bytes are the session's by then.
    client.command(cuda::UPLOAD_KNOWN, context, &known(5, &image));
    client.ping();
    std::fs::remove_file(&entries(&server)[0]).unwrap();
    assert_eq!(loads(&mut client, context, 5), 0);
    client.command(cuda::UPLOAD_KNOWN, context, &known(6, &image));
    assert_eq!(loads(&mut client, context, 6), SEND_IMAGE);
    // Bytes that do not have the hash are loaded, and not kept under it.
    let other = String::from_utf8(image.clone()).unwrap();
    let other = other.replace("%r1, 1;", "%r1, 2;").into_bytes();
    assert!(other != image && other.len() == image.len());
    client.command(cuda::UPLOAD, context, &part(6, other.len(), 0, &other));
    assert_eq!(loads(&mut client, context, 6), 0);
    drop(client);
    server.settle();
    assert!(files(&server).is_empty());
}

#[test]
fn what_is_said_wrongly_of_an_image_ends_its_own_session_alone() {
    let mut random = Random::new();
    let server = Server::start(&[]);
    let mut witness = Client::greeted(&server.unix);
    let image = ptx(&mut random, 20_000, 1).into_bytes();
    let with_total = |total: u64| {
        let mut bytes = known(1, &image);
        bytes[8..16].copy_from_slice(&total.to_le_bytes());
        bytes
    };
    let wrong: Vec<Vec<(u16, Vec<u8>)>> = vec![
        vec![(cuda::UPLOAD_KNOWN, Vec::new())],
        vec![(cuda::UPLOAD_KNOWN, known(1, &image)[..47].to_vec())],
        vec![(cuda::UPLOAD_KNOWN, [known(1, &image), vec![0]].concat())],
        vec![(cuda::UPLOAD_KNOWN, with_total(0))],
        vec![(cuda::UPLOAD_KNOWN, with_total(MAX_UPLOAD + 1))],
        vec![(cuda::UPLOAD_KNOWN, with_total(u64::MAX))],
        vec![(cuda::COPY_KNOWN, known_copy(0, 0))],
        vec![(cuda::COPY_KNOWN, known_copy(1 << 20, 2))],
        vec![(cuda::COPY_KNOWN, known_copy((1 << 20) + 1, 1))],
        vec![(cuda::COPY_KNOWN, known_copy(65 << 20, 65))],
        vec![(cuda::COPY_KNOWN, known_copy(u64::MAX, 64))],
        vec![(cuda::COPY_KNOWN, known_copy(1, 1)[..40].to_vec())],
        // Twice, and in the middle of another.
        vec![
            (cuda::UPLOAD_KNOWN, known(1, &image)),
            (cuda::UPLOAD_KNOWN, known(1, &image)),
        ],
        vec![
            (cuda::UPLOAD, part(1, image.len(), 0, &image[..9])),
            (cuda::UPLOAD_KNOWN, known(1, &image)),
        ],
        // Of another length than it was said to have.
        vec![
            (cuda::UPLOAD_KNOWN, known(1, &image)),
            (cuda::UPLOAD, part(1, 9, 0, &image[..9])),
        ],
        // Not sent to its end.
        vec![
            (cuda::UPLOAD_KNOWN, known(1, &image)),
            (cuda::UPLOAD, part(1, image.len(), 0, &image[..9])),
            (cuda::MODULE_LOAD, load(1)),
        ],
    ];
    for commands in wrong {
        let (mut client, context) = Client::with_context(&server.tcp);
        for (opcode, bytes) in &commands {
            client.command(*opcode, context, bytes);
        }
        assert_eq!(client.succeeds(u64::MAX), None);
        witness.ping();
    }
    assert!(entries(&server).is_empty());
}

#[test]
fn the_folder_and_the_size_are_checked_at_the_start() {
    let folder = Folder::new();
    let serve = |options: &[&str]| {
        let output = pillion()
            .args(["serve", "--device", "cpu", "--listen", "tcp://127.0.0.1:0"])
            .args(options)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(!output.status.success());
        text(&output.stderr)
    };
    let file = folder.path("file");
    std::fs::write(&file, "").unwrap();
    let said = serve(&["--cache", file.to_str().unwrap()]);
    assert!(said.contains("--cache off"), "{said}");
    for wrong in ["here", "", "~/cache"] {
        assert!(serve(&["--cache", wrong]).contains("off"));
    }
    for wrong in ["G", "-1", "1.5G", "99999999T", "8X"] {
        serve(&[&format!("--cache-size={wrong}")]);
    }
}

//! Runs each path some times, and prints of each its name, how often it ran and how many allocations that made, separated by tabs.
//! Under Callgrind, which has to run with `--instr-atstart=no --collect-atstart=no`, what that counts of each goes into Callgrind's file by the same name.

use std::hint::black_box;

use pillion_benches::counting::{Count, Counting};
use pillion_benches::frames::{self, PARAMETERS};
use pillion_benches::program::{On, Program};
use pillion_benches::{device, wires};
use pillion_transport::Connection;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often each path runs. A hundred launches fit into one read of the worker's.
const TIMES: u32 = 100;

fn main() -> std::io::Result<()> {
    protocol();
    shared_memory()?;
    let (ours, theirs) = Connection::pair()?;
    let mut program = Program::new(ours, theirs);
    client(&mut program);
    worker(&program);
    Ok(())
}

fn report(name: &str, allocations: u64) {
    println!("{name}\t{TIMES}\t{allocations}");
}

/// Runs a path until its buffers are as large as they become, then counts.
fn count(name: &str, mut path: impl FnMut()) {
    for _ in 0..TIMES {
        path();
    }
    let count = Count::begin();
    for _ in 0..TIMES {
        path();
    }
    report(name, count.end(name));
}

fn protocol() {
    let parameters = [3; PARAMETERS];
    let mut out = Vec::new();
    count("protocol.encode-launch", || {
        out.clear();
        frames::encode(black_box(9), black_box(&parameters), &mut out);
    });
    count("protocol.decode-launch", || {
        let _ = black_box(frames::decode(black_box(&out)));
    });
}

fn shared_memory() -> std::io::Result<()> {
    let (mut ours, mut theirs) = wires::connect("shm")?;
    let mut place = vec![0; 4096];
    for (name, len) in [("shm.128-bytes", 128), ("shm.4-kib", 4096)] {
        let bytes = vec![5; len];
        count(name, || {
            wires::send(&mut ours, &bytes).expect("a ring with room");
            let n = wires::receive(&mut theirs, &mut place).expect("a ring with bytes");
            assert_eq!(n, len);
        });
    }
    Ok(())
}

/// Counts what the program's thread does of a path on which nothing is waited for, while nothing can be sent.
fn posts(program: &Program, name: &str, path: impl Fn(&Program)) {
    // Both of the buffers that take turns grow as they have to, and a table of what is under way has room to spare.
    for _ in 0..3 {
        held(program, || (0..4 * TIMES).for_each(|_| path(program)));
    }
    let allocations = held(program, || {
        let count = Count::begin();
        for _ in 0..TIMES {
            path(program);
        }
        count.end(name)
    });
    report(name, allocations);
}

/// Does something while the thread that sends is held.
fn held<T>(program: &Program, work: impl FnOnce() -> T) -> T {
    program.gate.close();
    program.record();
    program.gate.await_sender();
    let done = work();
    program.gate.open();
    program.synchronize();
    done
}

fn client(program: &mut Program) {
    posts(program, "client.launch", |program| {
        program.launch(On::Default)
    });
    posts(program, "client.launch-on-a-stream", |program| {
        program.launch(On::Own);
    });
    posts(program, "client.copy-64-bytes-to-device", |program| {
        program.copy_to_device(64);
    });
    posts(program, "client.copy-4-kib-to-device", |program| {
        program.copy_to_device(4096);
    });
    posts(program, "client.record-event", Program::record);
    count("client.current-device", || {
        black_box(program.current_device());
    });
    count("client.current-context", || {
        black_box(program.current_context());
    });
    count("client.device-attribute", || {
        black_box(program.device_attribute());
    });
    count("client.pointer-attribute", || {
        black_box(program.pointer_attribute());
    });
    // With nothing to wait for, memory that was freed is there for the next allocation. There is other memory beside it.
    program.allocate(2 << 20);
    program.synchronize();
    count("client.allocate-and-free-1-mib", || {
        program.allocate_and_free(1 << 20);
    });
    program.pin();
    posts(program, "client.launch-beside-pinned-memory", |program| {
        program.launch(On::Default);
    });
    posts(program, "client.copy-4-kib-to-pinned", |program| {
        program.copy_to_pinned(4096);
    });
}

/// Counts what the worker's thread does of a path, from one call of the device to the next.
fn dispatches(program: &Program, name: &str, path: impl Fn(&Program)) {
    held(program, || (0..TIMES).for_each(|_| path(program)));
    let counted = device::count(name, TIMES);
    // Held, so that all of it arrives at once.
    held(program, || (0..=TIMES).for_each(|_| path(program)));
    report(
        name,
        counted.recv().expect("the worker has counted as often"),
    );
}

fn worker(program: &Program) {
    dispatches(program, "worker.launch", |program| {
        program.launch(On::Default)
    });
    dispatches(program, "worker.launch-on-a-stream", |program| {
        program.launch(On::Own);
    });
    dispatches(program, "worker.copy-64-bytes-to-device", |program| {
        program.copy_to_device(64);
    });
}

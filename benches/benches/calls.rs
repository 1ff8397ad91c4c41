//! The time of calls of the client library, with a worker on a device that does nothing at the other end of a transport, in the same
//! process. `PILLION_BENCH_TRANSPORT` is `unix` (as unset), `shm` or `tcp`: a process has one session.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use pillion_benches::program::{On, Program};
use pillion_benches::wires;

/// Calls that are issued before their device is waited for.
const RUN: u64 = 1000;

fn calls(criterion: &mut Criterion) {
    let transport = std::env::var("PILLION_BENCH_TRANSPORT").unwrap_or("unix".to_string());
    let (ours, theirs) = wires::connect(&transport).expect("a connection");
    let mut program = Program::new(ours, theirs);
    program.pin();
    let program = &program;
    let mut group = criterion.benchmark_group(format!("calls over {transport}"));
    group.throughput(Throughput::Elements(1));

    let mut issue = |name: &str, call: &dyn Fn()| {
        // What is issued, without the wait behind each run of it.
        group.bench_function(BenchmarkId::new(name, "issue only"), |bencher| {
            bencher.iter_custom(|times| timed(program, times, call, false));
        });
        group.bench_function(BenchmarkId::new(name, "sustained"), |bencher| {
            bencher.iter_custom(|times| timed(program, times, call, true));
        });
    };
    issue("launch", &|| program.launch(On::Default));
    issue("launch on a stream", &|| program.launch(On::Own));
    issue("record an event", &|| program.record());
    issue("copy 64 bytes to the device", &|| {
        program.copy_to_device(64);
    });
    issue("copy 4 KiB to the device", &|| program.copy_to_device(4096));
    issue("copy 4 KiB to pinned memory", &|| {
        program.copy_to_pinned(4096);
    });

    group.bench_function("launch and synchronize", |bencher| {
        bencher.iter(|| {
            program.launch(On::Default);
            program.synchronize();
        });
    });
    group.bench_function("current device", |bencher| {
        bencher.iter(|| black_box(program.current_device()));
    });
    group.bench_function("current context", |bencher| {
        bencher.iter(|| black_box(program.current_context()));
    });
    group.bench_function("device attribute", |bencher| {
        bencher.iter(|| black_box(program.device_attribute()));
    });
    group.bench_function("pointer attribute", |bencher| {
        bencher.iter(|| black_box(program.pointer_attribute()));
    });
    group.finish();
}

/// The time of so many calls, in runs that are waited for; the waits count where `all` does.
fn timed(program: &Program, times: u64, call: &dyn Fn(), all: bool) -> Duration {
    let mut taken = Duration::ZERO;
    let mut left = times;
    while left > 0 {
        let run = left.min(RUN);
        let start = Instant::now();
        for _ in 0..run {
            call();
        }
        let issued = start.elapsed();
        program.synchronize();
        taken += if all { start.elapsed() } else { issued };
        left -= run;
    }
    taken
}

criterion_group!(benches, calls);
criterion_main!(benches);

//! The time of copies of the client library, with a worker on a device that does nothing at the other end of a transport, in the same
//! process: what the way takes. `PILLION_BENCH_TRANSPORT` is `unix` (as unset), `shm` or `tcp`: a process has one session.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use pillion_benches::program::{Program, ROOM};
use pillion_benches::wires;

fn copies(criterion: &mut Criterion) {
    let transport = std::env::var("PILLION_BENCH_TRANSPORT").unwrap_or("unix".to_string());
    let (ours, theirs) = wires::connect(&transport).expect("a connection");
    let program = Program::new(ours, theirs);
    let mut memory = vec![5; ROOM];
    let mut group = criterion.benchmark_group(format!("copies over {transport}"));
    for len in [64 << 10, 256 << 10, 1 << 20, 16 << 20, ROOM] {
        group.throughput(Throughput::Bytes(len as u64));
        group.sample_size(if len < ROOM { 50 } else { 10 });
        group.bench_function(BenchmarkId::new("to the device", len), |bencher| {
            bencher.iter(|| program.write(&memory[..len]));
        });
        group.bench_function(BenchmarkId::new("to the host", len), |bencher| {
            bencher.iter(|| program.read(&mut memory[..len]));
        });
    }
    group.finish();
}

criterion_group!(benches, copies);
criterion_main!(benches);

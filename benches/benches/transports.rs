//! The time that bytes take through each transport, both ends in this process: a frame of a launch encoded and decoded, messages there
//! and back, and bulk in one direction.

use std::hint::black_box;
use std::time::Instant;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use pillion_benches::frames::{self, PARAMETERS};
use pillion_benches::wires;

fn frames(criterion: &mut Criterion) {
    let parameters = [3; PARAMETERS];
    let mut out = Vec::new();
    let mut group = criterion.benchmark_group("launch frame");
    group.bench_function("encode", |bencher| {
        bencher.iter(|| {
            out.clear();
            frames::encode(black_box(9), black_box(&parameters), &mut out);
        });
    });
    group.bench_function("decode", |bencher| {
        bencher.iter(|| black_box(frames::decode(black_box(&out))));
    });
    group.finish();
}

/// From nothing to a connection of which both ends know who is there.
fn connecting(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("connect");
    for transport in wires::TRANSPORTS {
        let meeting = wires::Meeting::new(transport).expect("a listener");
        group.bench_function(transport, |bencher| {
            bencher.iter(|| meeting.connect().expect("a connection"));
        });
    }
    group.finish();
}

/// Messages of each size to an echo and back.
fn round_trips(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("there and back");
    for transport in wires::TRANSPORTS {
        let (mut ours, mut theirs) = wires::connect(transport).expect("a connection");
        let echo = std::thread::spawn(move || {
            let mut place = vec![0; 1 << 20];
            while let Ok(n @ 1..) = wires::receive(&mut theirs, &mut place) {
                if wires::send(&mut theirs, &place[..n]).is_err() {
                    break;
                }
            }
        });
        let mut place = vec![0; 1 << 20];
        for len in [64, 4096, 64 << 10] {
            let bytes = vec![5; len];
            group.throughput(Throughput::Bytes(len as u64));
            group.bench_function(BenchmarkId::new(transport, len), |bencher| {
                bencher.iter(|| {
                    wires::send(&mut ours, &bytes).expect("an echo");
                    let mut back = 0;
                    while back < len {
                        back += wires::receive(&mut ours, &mut place).expect("an echo");
                    }
                });
            });
        }
        drop(ours);
        echo.join().expect("an echo that ends");
    }
    group.finish();
}

/// Bulk to a reader that reads it all.
fn bulk(criterion: &mut Criterion) {
    /// Bytes of a copy, as a frame carries them at most.
    const CHUNK: usize = 1 << 20;
    let mut group = criterion.benchmark_group("bulk");
    group.throughput(Throughput::Bytes(CHUNK as u64));
    for transport in wires::TRANSPORTS {
        let (mut ours, mut theirs) = wires::connect(transport).expect("a connection");
        // Says that everything of a round has been read, which is as long as the first eight bytes say.
        let reader = std::thread::spawn(move || {
            let mut place = vec![0; 4 << 20];
            let mut left = 0u64;
            while let Ok(n @ 1..) = wires::receive(&mut theirs, &mut place) {
                if left == 0 {
                    let head = place.first_chunk().expect("a length comes whole");
                    left = u64::from_le_bytes(*head);
                }
                left -= n as u64;
                if left == 0 && wires::send(&mut theirs, &[1]).is_err() {
                    break;
                }
            }
        });
        let mut bytes = vec![5; CHUNK];
        group.bench_function(transport, |bencher| {
            bencher.iter_custom(|times| {
                bytes[..8].copy_from_slice(&(times * CHUNK as u64).to_le_bytes());
                let start = Instant::now();
                for _ in 0..times {
                    wires::send(&mut ours, &bytes).expect("a reader");
                }
                wires::receive(&mut ours, &mut [0]).expect("a reader");
                start.elapsed()
            });
        });
        drop(ours);
        reader.join().expect("a reader that ends");
    }
    group.finish();
}

criterion_group!(benches, frames, connecting, round_trips, bulk);
criterion_main!(benches);

//! `pillion bench-child`: the process that is measured. It uses CUDA as any program does, through the `libcuda.so.1` that the
//! loader gives it, checks every result, and prints a line of JSON for each figure.

use std::ffi::CStr;
use std::hint::black_box;
use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use pillion_cuda_abi::types::CUdevice_attribute;
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

use super::Driver;
use super::cuda::{Cuda, DeviceMemory, Kernel};
use super::figures::{self, *};

/// The kernels, as the driver compiles them.
const KERNELS: &CStr =
    match CStr::from_bytes_with_nul(concat!(include_str!("kernels.ptx"), "\0").as_bytes()) {
        Ok(text) => text,
        Err(_) => panic!("a zero byte in kernels.ptx"),
    };
/// Launches of which the issue is measured: a driver holds at least so many before it lets a program wait.
const BURST: usize = 500;
/// Launches that are measured together with their execution, at least and at most.
const SUSTAINED: [usize; 2] = [100, 5000];
/// What the kernel of some work does: so many numbers, in blocks of this size, taken through so many steps.
const WORK: usize = 65_536;
const WORK_BLOCK: u32 = 256;
const WORK_STEPS: u64 = 256;
/// What is allocated and freed.
const ALLOCATION: usize = 1 << 20;
/// The largest copy on the CPU device, whose memory is the host's.
const LARGEST_ON_CPU: usize = 16 << 20;
/// How the CPU device calls itself.
const CPU_DEVICE: &str = "Pillion CPU Device";
/// Bytes of which each copy changes some, so that an old copy does not pass for a new one.
const PAGE: usize = 4096;

/// What [`super::target`] starts.
#[derive(clap::Args)]
pub struct Options {
    /// Which driver it has to be
    #[arg(long, value_enum)]
    driver: Driver,
    /// When the process was started: nanoseconds of the monotonic clock
    #[arg(long)]
    started: u64,
    /// Measure the start alone
    #[arg(long)]
    start_only: bool,
    /// Measure less
    #[arg(long)]
    quick: bool,
    /// What random data is made of
    #[arg(long)]
    seed: u64,
}

/// A line that the child prints.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Line {
    /// There is a device; this comes first.
    Device { name: String, driver_version: u32 },
    /// Samples of a figure, in its base unit.
    Samples { figure: String, samples: Vec<f64> },
    /// A figure that is not measured here, and why.
    Skipped { figure: String, reason: String },
    /// A figure whose measurement failed: an error of CUDA, or a wrong result.
    Failed { figure: String, reason: String },
    /// There is no device, or the start failed; nothing follows.
    NoDevice { reason: String },
    /// All figures have been told of; this comes last.
    Done,
}

/// Measures.
pub fn run(options: &Options) -> ExitCode {
    match measure(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let reason = format!("{error:#}");
            match print(&Line::NoDevice { reason }) {
                Ok(()) => ExitCode::SUCCESS,
                Err(_) => ExitCode::FAILURE,
            }
        }
    }
}

/// The monotonic clock, in nanoseconds.
pub fn clock() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

fn print(line: &Line) -> Result<()> {
    let mut text = serde_json::to_string(line)?;
    text.push('\n');
    let mut output = std::io::stdout().lock();
    output.write_all(text.as_bytes())?;
    Ok(output.flush()?)
}

fn measure(options: &Options) -> Result<()> {
    let since_start = || clock().saturating_sub(options.started) as f64 / 1e9;
    let cuda = Cuda::open(options.driver)?;
    let first_call = since_start();
    let module = cuda.load(KERNELS)?;
    let counter = Counter::new(&cuda, module.kernel("count")?)?;
    counter.launch(1)?;
    cuda.synchronize()?;
    let first_kernel = since_start();
    counter.check(1)?;
    let device = cuda.device_name()?;
    print(&Line::Device {
        name: device.clone(),
        driver_version: cuda.driver_version()?,
    })?;
    if options.start_only {
        for (figure, value) in [(FIRST_CALL, first_call), (FIRST_KERNEL, first_kernel)] {
            print(&Line::Samples {
                figure: figure.to_owned(),
                samples: vec![value],
            })?;
        }
        return print(&Line::Done);
    }
    let bench = Bench {
        cuda: &cuda,
        counter: &counter,
        work: module.kernel("work")?,
        quick: options.quick,
        largest: if device.contains(CPU_DEVICE) {
            LARGEST_ON_CPU
        } else {
            usize::MAX
        },
        seed: options.seed,
    };
    bench.all()?;
    print(&Line::Done)
}

struct Bench<'a> {
    cuda: &'a Cuda,
    counter: &'a Counter<'a>,
    work: Kernel<'a>,
    quick: bool,
    largest: usize,
    seed: u64,
}

impl Bench<'_> {
    fn all(&self) -> Result<()> {
        tell([LAUNCH_ISSUE], self.launch_issue())?;
        tell([LAUNCH_SUSTAINED], self.launch_sustained())?;
        tell([LAUNCH_SYNC], self.launch_sync())?;
        tell([WORK_SYNC], self.work_sync())?;
        tell([GRAPH_SYNC], self.graph_sync())?;
        tell([EVENT_SYNC], self.event_sync())?;
        tell([EVENT_QUERY], self.event_query())?;
        tell([WORD_TO_DEVICE], self.word_to_device())?;
        tell([WORD_TO_HOST], self.word_to_host())?;
        tell([MALLOC_FREE], self.malloc_free())?;
        tell([MALLOC_FREE_ASYNC], self.malloc_free_async())?;
        tell([MODULE_LOAD], self.module_load())?;
        tell([CONTEXT_DEVICE], self.context_device())?;
        tell([DEVICE_ATTRIBUTE], self.device_attribute())?;
        self.copies()
    }

    fn launch_issue(&self) -> Result<[Vec<f64>; 1]> {
        self.repeat(|_| {
            let begun = Instant::now();
            self.counter.launch(BURST)?;
            let took = begun.elapsed();
            self.cuda.synchronize()?;
            self.counter.check(BURST)?;
            Ok([took.as_secs_f64() / BURST as f64])
        })
    }

    fn launch_sustained(&self) -> Result<[Vec<f64>; 1]> {
        // As many as fit the time, without what the way itself takes.
        let alone = self.launch_and_wait(1)?;
        let one = (self.launch_and_wait(SUSTAINED[0])? - alone) / SUSTAINED[0] as f64;
        let fit = self.budget().as_secs_f64() / one.max(1e-9);
        let count = (fit as usize).clamp(SUSTAINED[0], SUSTAINED[1]);
        self.repeat(|_| Ok([self.launch_and_wait(count)? / count as f64]))
    }

    fn launch_sync(&self) -> Result<[Vec<f64>; 1]> {
        self.repeat(|_| Ok([self.launch_and_wait(1)?]))
    }

    /// How long so many launches and the wait for them take.
    fn launch_and_wait(&self, count: usize) -> Result<f64> {
        let begun = Instant::now();
        self.counter.launch(count)?;
        self.cuda.synchronize()?;
        let took = begun.elapsed();
        self.counter.check(count)?;
        Ok(took.as_secs_f64())
    }

    fn work_sync(&self) -> Result<[Vec<f64>; 1]> {
        let memory = self.cuda.allocate(WORK * 4)?;
        let (multiplier, increment) = many_steps(WORK_STEPS);
        let mut result = vec![0; WORK * 4];
        self.repeat(|index| {
            let numbers = random(self.seed ^ index as u64, WORK * 4);
            memory.write(0, &numbers)?;
            self.cuda.synchronize()?;
            let mut arguments = [memory.address(), WORK as u64, WORK_STEPS];
            let begun = Instant::now();
            let blocks = WORK as u32 / WORK_BLOCK;
            self.work.launch(blocks, WORK_BLOCK, None, &mut arguments)?;
            self.cuda.synchronize()?;
            let took = begun.elapsed();
            memory.read(0, &mut result)?;
            for (before, after) in numbers.chunks_exact(4).zip(result.chunks_exact(4)) {
                let (before, after) = (word(before), word(after));
                let expected = before.wrapping_mul(multiplier).wrapping_add(increment);
                ensure!(
                    after == expected,
                    "wrong result: the kernel made {after} of {before} instead of {expected}"
                );
            }
            Ok([took.as_secs_f64()])
        })
    }

    fn graph_sync(&self) -> Result<[Vec<f64>; 1]> {
        let stream = self.cuda.stream()?;
        let graph = stream.capture(|| {
            (0..GRAPH_KERNELS).try_for_each(|_| self.counter.launch_in(Some(&stream)))
        })?;
        self.repeat(|_| {
            let begun = Instant::now();
            graph.launch(&stream)?;
            stream.synchronize()?;
            let took = begun.elapsed();
            self.counter.check(GRAPH_KERNELS)?;
            Ok([took.as_secs_f64()])
        })
    }

    fn event_sync(&self) -> Result<[Vec<f64>; 1]> {
        let event = self.cuda.event()?;
        self.repeat(|_| {
            let begun = Instant::now();
            event.record()?;
            event.synchronize()?;
            let took = begun.elapsed();
            event.query()?;
            Ok([took.as_secs_f64()])
        })
    }

    fn event_query(&self) -> Result<[Vec<f64>; 1]> {
        let event = self.cuda.event()?;
        event.record()?;
        event.synchronize()?;
        self.many(100, || event.query())
    }

    fn word_to_device(&self) -> Result<[Vec<f64>; 1]> {
        const COPIES: usize = 50;
        let memory = self.cuda.allocate(COPIES * 4)?;
        let mut result = vec![0; COPIES * 4];
        self.repeat(|index| {
            let words = random(self.seed ^ index as u64, COPIES * 4);
            let begun = Instant::now();
            for (place, word) in words.chunks_exact(4).enumerate() {
                memory.write(place * 4, word)?;
            }
            let took = begun.elapsed();
            memory.read(0, &mut result)?;
            ensure!(
                words == result,
                "wrong result: other bytes are on the device"
            );
            Ok([took.as_secs_f64() / COPIES as f64])
        })
    }

    fn word_to_host(&self) -> Result<[Vec<f64>; 1]> {
        let memory = self.cuda.allocate(4)?;
        self.repeat(|index| {
            let word = random(self.seed ^ index as u64, 4);
            memory.write(0, &word)?;
            self.cuda.synchronize()?;
            let mut result = [0; 4];
            let begun = Instant::now();
            memory.read(0, &mut result)?;
            let took = begun.elapsed();
            ensure!(word == result, "wrong result: other bytes came to the host");
            Ok([took.as_secs_f64()])
        })
    }

    fn malloc_free(&self) -> Result<[Vec<f64>; 1]> {
        self.repeat(|_| {
            let begun = Instant::now();
            let memory = self.cuda.allocate(ALLOCATION)?;
            let address = memory.address();
            memory.free()?;
            let took = begun.elapsed();
            ensure!(address != 0, "wrong result: an address of 0");
            Ok([took.as_secs_f64()])
        })
    }

    fn malloc_free_async(&self) -> Result<[Vec<f64>; 1]> {
        const PAIRS: usize = 16;
        let stream = self.cuda.stream()?;
        self.repeat(|_| {
            let begun = Instant::now();
            for _ in 0..PAIRS {
                let address = stream.allocate(ALLOCATION)?;
                ensure!(address != 0, "wrong result: an address of 0");
                stream.free(address)?;
            }
            let took = begun.elapsed();
            stream.synchronize()?;
            Ok([took.as_secs_f64() / PAIRS as f64])
        })
    }

    fn module_load(&self) -> Result<[Vec<f64>; 1]> {
        self.repeat(|_| {
            let begun = Instant::now();
            let module = self.cuda.load(KERNELS)?;
            let kernel = module.kernel("count")?;
            let took = begun.elapsed();
            let counter = Counter::new(self.cuda, kernel)?;
            counter.launch(1)?;
            counter.check(1)?;
            module.unload()?;
            Ok([took.as_secs_f64()])
        })
    }

    fn context_device(&self) -> Result<[Vec<f64>; 1]> {
        self.many(1000, || {
            let current = black_box(self.cuda.is_current())?;
            ensure!(current, "wrong result: another device is current");
            Ok(())
        })
    }

    fn device_attribute(&self) -> Result<[Vec<f64>; 1]> {
        let which = CUdevice_attribute::CU_DEVICE_ATTRIBUTE_WARP_SIZE;
        self.many(1000, || {
            let lanes = black_box(self.cuda.attribute(which))?;
            ensure!(lanes == 32, "wrong result: a warp of {lanes} lanes");
            Ok(())
        })
    }

    /// Copies of every size, to the device and back.
    fn copies(&self) -> Result<()> {
        /// Longer than this, a copy is not waited for.
        const MOST: f64 = 5.0;
        // What the way itself takes, and how many seconds a byte then takes, both ways, in copies of the last size.
        let latency = self.latency()?;
        let mut pace = 0.0;
        for copy in figures::copies(self.quick) {
            let keys = [copy.key(true), copy.key(false)];
            let most = if self.quick { MOST / 10.0 } else { MOST };
            let expected = latency + pace * copy.bytes as f64;
            let reason = if copy.bytes > self.largest {
                Some("too large for the CPU device".to_owned())
            } else if expected > most {
                Some(format!("it would take about {expected:.0} s"))
            } else {
                None
            };
            if let Some(reason) = reason {
                for figure in keys {
                    let reason = reason.clone();
                    print(&Line::Skipped { figure, reason })?;
                }
                continue;
            }
            let measured = if copy.pinned {
                self.cuda.pinned(copy.bytes).and_then(|mut source| {
                    let mut target = self.cuda.pinned(copy.bytes)?;
                    self.copy(source.as_mut(), target.as_mut())
                })
            } else {
                self.copy(&mut vec![0; copy.bytes], &mut vec![0; copy.bytes])
            };
            if let Ok([there, back]) = &measured {
                let took = least(there) + least(back) - latency;
                pace = took.max(0.0) / copy.bytes as f64;
            }
            let bandwidth = |times: Vec<f64>| -> Vec<f64> {
                times
                    .into_iter()
                    .map(|time| copy.bytes as f64 / time)
                    .collect()
            };
            let [to_device, to_host] = &keys;
            tell(
                [to_device, to_host],
                measured.map(|times| times.map(bandwidth)),
            )?;
        }
        Ok(())
    }

    /// How long a few bytes take to the device and back, at least.
    fn latency(&self) -> Result<f64> {
        let memory = self.cuda.allocate(8)?;
        let [there, back] = self.repeat(|_| {
            let begun = Instant::now();
            memory.write(0, &[0; 8])?;
            self.cuda.synchronize()?;
            let there = begun.elapsed();
            let begun = Instant::now();
            memory.read(0, &mut [0; 8])?;
            Ok([there.as_secs_f64(), begun.elapsed().as_secs_f64()])
        })?;
        Ok(least(&there) + least(&back))
    }

    /// Copies `source` to the device, where it has to be when the time is taken, and from there to `target`.
    fn copy(&self, source: &mut [u8], target: &mut [u8]) -> Result<[Vec<f64>; 2]> {
        let memory = self.cuda.allocate(source.len())?;
        fill(self.seed, source);
        self.repeat(|index| {
            let mut random = Random(self.seed ^ (index as u64) << 32);
            for (source, target) in source.chunks_mut(PAGE).zip(target.chunks_mut(PAGE)) {
                let place = random.next() as usize % (source.len() - 8);
                let stamp = random.next();
                source[place..place + 8].copy_from_slice(&stamp.to_le_bytes());
                target[place..place + 8].copy_from_slice(&(!stamp).to_le_bytes());
            }
            let begun = Instant::now();
            memory.write(0, source)?;
            self.cuda.synchronize()?;
            let there = begun.elapsed();
            let begun = Instant::now();
            memory.read(0, target)?;
            let back = begun.elapsed();
            if source != target {
                let place = source.iter().zip(&*target).position(|(a, b)| a != b);
                bail!(
                    "wrong result: of {} bytes, byte {} came back as another",
                    source.len(),
                    place.unwrap_or_default()
                );
            }
            Ok([there.as_secs_f64(), back.as_secs_f64()])
        })
    }

    /// Samples of a call that may be shorter than the clock can tell: `count` calls each.
    fn many(&self, count: usize, call: impl Fn() -> Result<()>) -> Result<[Vec<f64>; 1]> {
        self.repeat(|_| {
            let begun = Instant::now();
            for _ in 0..count {
                call()?;
            }
            Ok([begun.elapsed().as_secs_f64() / count as f64])
        })
    }

    /// Samples, as many as there is time for. `sample` is given the number of the sample; the first are not counted.
    fn repeat<const N: usize>(
        &self,
        mut sample: impl FnMut(usize) -> Result<[f64; N]>,
    ) -> Result<[Vec<f64>; N]> {
        const LEAST: usize = 3;
        const MOST: usize = 1000;
        const WARM_UP: usize = 3;
        let begun = Instant::now();
        let mut index = 0;
        // Where one takes long, one is enough to warm up.
        while index == 0 || index < WARM_UP && begun.elapsed() < self.budget() / 10 {
            sample(index)?;
            index += 1;
        }
        let begun = Instant::now();
        let mut samples = [const { Vec::new() }; N];
        for taken in 0..MOST {
            if taken >= LEAST && begun.elapsed() >= self.budget() {
                break;
            }
            let values = sample(index + taken)?;
            for (samples, value) in samples.iter_mut().zip(values) {
                samples.push(value);
            }
        }
        Ok(samples)
    }

    /// How long a figure is measured, unless a few samples take longer.
    fn budget(&self) -> Duration {
        Duration::from_millis(if self.quick { 50 } else { 500 })
    }
}

fn least(times: &[f64]) -> f64 {
    times.iter().copied().fold(f64::INFINITY, f64::min)
}

/// Prints how figures came out that were measured together.
fn tell<const N: usize>(figures: [&str; N], measured: Result<[Vec<f64>; N]>) -> Result<()> {
    match measured {
        Ok(all) => figures.iter().zip(all).try_for_each(|(figure, samples)| {
            let figure = (*figure).to_owned();
            print(&Line::Samples { figure, samples })
        }),
        Err(error) => figures.iter().try_for_each(|figure| {
            let figure = (*figure).to_owned();
            let reason = format!("{error:#}");
            print(&Line::Failed { figure, reason })
        }),
    }
}

/// A kernel that counts its launches in device memory.
struct Counter<'a> {
    kernel: Kernel<'a>,
    memory: DeviceMemory<'a>,
    seen: std::cell::Cell<u64>,
}

impl<'a> Counter<'a> {
    fn new(cuda: &'a Cuda, kernel: Kernel<'a>) -> Result<Self> {
        let memory = cuda.allocate(8)?;
        memory.write(0, &[0; 8])?;
        Ok(Counter {
            kernel,
            memory,
            seen: std::cell::Cell::new(0),
        })
    }

    fn launch(&self, count: usize) -> Result<()> {
        (0..count).try_for_each(|_| self.launch_in(None))
    }

    fn launch_in(&self, stream: Option<&super::cuda::Stream<'_>>) -> Result<()> {
        let mut arguments = [self.memory.address()];
        self.kernel.launch(1, 1, stream, &mut arguments)
    }

    /// Whether just so many have been executed since the last time.
    fn check(&self, expected: usize) -> Result<()> {
        let mut bytes = [0; 8];
        self.memory.read(0, &mut bytes)?;
        let now = u64::from_le_bytes(bytes);
        let executed = now.wrapping_sub(self.seen.replace(now));
        ensure!(
            executed == expected as u64,
            "wrong result: {executed} kernels were executed instead of {expected}"
        );
        Ok(())
    }
}

/// So many steps of the kernel of some work as one: a multiplier and an increment.
fn many_steps(steps: u64) -> (u32, u32) {
    (0..steps).fold((1, 0), |(multiplier, increment), _| {
        let multiplied = u32::wrapping_mul(multiplier, 1_664_525);
        let moved = u32::wrapping_mul(increment, 1_664_525).wrapping_add(1_013_904_223);
        (multiplied, moved)
    })
}

fn word(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .rev()
        .fold(0, |word, byte| word << 8 | u32::from(*byte))
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

fn random(seed: u64, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    fill(seed, &mut bytes);
    bytes
}

fn fill(seed: u64, bytes: &mut [u8]) {
    let mut random = Random(seed);
    for part in bytes.chunks_mut(8) {
        let value = random.next().to_le_bytes();
        part.copy_from_slice(&value[..part.len()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_steps_are_as_many_single_ones() {
        let (multiplier, increment) = many_steps(1000);
        for begin in [0, 1, 0xdead_beef, u32::MAX] {
            let mut x: u32 = begin;
            for _ in 0..1000 {
                x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            }
            assert_eq!(begin.wrapping_mul(multiplier).wrapping_add(increment), x);
        }
    }

    #[test]
    fn words_are_little_endian() {
        assert_eq!(word(&[1, 2, 3, 4]), 0x0403_0201);
    }
}

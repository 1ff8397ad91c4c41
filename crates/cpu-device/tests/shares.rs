//! Shares of a device: how many multiprocessors there are, that kernels do the same on them, and how much of the processors they use.
//!
//! A process has one set of devices, so each share is tried in a process of its own: this program again, with [`SHARE`] in its
//! environment.

mod common;

use std::ffi::{c_int, c_void};
use std::process::Command;
use std::ptr::null_mut;
use std::time::{Duration, Instant};

use common::Random;
use common::driver::*;
use pillion_cpu_device::DeviceOptions;
use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;
use pillion_tenancy::Share;
use rustix::time::{ClockId, clock_gettime};

/// Says to the test program that it is to be a device's process, and with which share: multiprocessors of the whole device, per cent
/// of them.
const SHARE: &str = "PILLION_TEST_SHARE";

/// How long processor time is compared with the time that passes, at least.
const WINDOW: Duration = Duration::from_millis(200);
/// Processor time in such a window that is no kernel's, or came before its rest: that of ten milliseconds, as is documented, of a turn
/// of a warp for each thread, and of what waits. Less than what a thread would use that never rests.
const BESIDE: Duration = Duration::from_millis(40);

/// Works for some rounds on a word for each thread, and says of each block which multiprocessor has run it, of how many.
const MIX: &str = ".version 8.0 .target sm_80 .address_size 64
    .visible .entry mix(.param .u64 at, .param .u32 rounds, .param .u64 places) {
    .reg .b64 %p, %o; .reg .b32 %i, %c, %t, %u, %v, %r, %s; .reg .pred %x;
    mov.u32 %c, %ctaid.x; mov.u32 %t, %ntid.x; mov.u32 %u, %tid.x; mad.lo.s32 %i, %c, %t, %u;
    ld.param.u64 %p, [at]; mul.wide.u32 %o, %i, 4; add.s64 %p, %p, %o;
    ld.global.u32 %v, [%p]; ld.param.u32 %r, [rounds];
    AGAIN: mad.lo.u32 %v, %v, 1664525, 1013904223; shr.u32 %s, %v, 15; xor.b32 %v, %v, %s;
    sub.u32 %r, %r, 1; setp.ne.u32 %x, %r, 0; @%x bra AGAIN;
    st.global.u32 [%p], %v;
    ld.param.u64 %p, [places]; mul.wide.u32 %o, %c, 8; add.s64 %p, %p, %o;
    mov.u32 %s, %smid; mov.u32 %t, %nsmid; st.global.v2.u32 [%p], {%s, %t}; ret; }";

/// What the kernel makes of a word.
fn mixed(mut word: u32, rounds: u64) -> u32 {
    for _ in 0..rounds {
        word = word.wrapping_mul(1664525).wrapping_add(1013904223);
        word ^= word >> 15;
    }
    word
}

fn launch(kernel: CUfunction, grid: u32, block: u32, rounds: u32, at: u64, places: u64) {
    let (mut at, mut rounds, mut places) = (at, rounds, places);
    let mut params: [*mut c_void; 3] = [
        (&raw mut at).cast(),
        (&raw mut rounds).cast(),
        (&raw mut places).cast(),
    ];
    good!(cuLaunchKernel(
        kernel,
        grid,
        1,
        1,
        block,
        1,
        1,
        0,
        null_mut(),
        params.as_mut_ptr(),
        null_mut()
    ));
}

fn words(bytes: &[u8]) -> Vec<u32> {
    let words = bytes.chunks_exact(4);
    words
        .map(|word| u32::from_le_bytes(word.try_into().unwrap()))
        .collect()
}

/// Runs a test of this program in a process of its own, as the given share of so many multiprocessors.
fn in_its_process(test: &str, whole: usize, percent: u64) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(SHARE, format!("{whole} {percent}"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{percent}% of {whole}: {said}{complained}"
    );
}

/// In such a process: the device, how many multiprocessors the whole has, and its share in per cent. `None` in any other.
fn part() -> Option<(usize, u64)> {
    let said = std::env::var(SHARE).ok()?;
    let (whole, percent) = said.split_once(' ').unwrap();
    let (whole, percent): (usize, u64) = (whole.parse().unwrap(), percent.parse().unwrap());
    let share = Share::try_from(percent).unwrap();
    let options = DeviceOptions {
        devices: 1,
        memory: Some(MEMORY),
        threads: Some(whole),
        share: (share != Share::ALL).then_some(share),
        cuda: None,
    };
    OPTIONS.set(options).unwrap();
    attach();
    Some((whole, percent))
}

fn multiprocessors() -> c_int {
    let mut count = 0;
    let which = CUdevice_attribute::CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;
    good!(cuDeviceGetAttribute(&mut count, which, 0));
    count
}

#[test]
fn kernels_do_the_same_on_every_share() {
    for (whole, percent) in [
        (10, 1),
        (10, 25),
        (10, 30),
        (10, 50),
        (10, 99),
        (10, 100),
        (2, 25),
        (2, 50),
        (2, 75),
        (1, 40),
    ] {
        in_its_process("a_share_of_a_device", whole, percent);
    }
}

/// Not a test of its own: the process of a share.
#[test]
fn a_share_of_a_device() {
    let Some((whole, percent)) = part() else {
        return;
    };
    // Whole ones, rounded down, and one at least.
    let there = (whole * percent as usize / 100).max(1) as u32;
    assert_eq!(multiprocessors(), there as c_int);
    let kernel = function(module(MIX), "mix");
    let mut random = Random::new();
    let mut ran_on = Vec::new();
    for _ in 0..4 {
        let (grid, block) = (1 + random.below(12) as u32, 1 + random.below(100) as u32);
        let rounds = 1 + random.below(100) as u32;
        let input = random_bytes(&mut random, (grid * block) as usize * 4);
        let (at, places) = (upload(&input), upload(&vec![0xff; grid as usize * 8]));
        launch(kernel, grid, block, rounds, at, places);
        let output = words(&download(at, input.len()));
        for (word, result) in words(&input).into_iter().zip(output) {
            assert_eq!(result, mixed(word, rounds.into()), "{word} {rounds}");
        }
        ran_on.extend(words(&download(places, grid as usize * 8)));
        good!(cuMemFree_v2(at));
        good!(cuMemFree_v2(places));
    }
    for place in ran_on.chunks_exact(2) {
        assert!(place[0] < there, "block on {} of {there}", place[0]);
        assert_eq!(place[1], there, "%nsmid");
    }
    blocks_together(kernel, there);
}

/// A cooperative launch has as many blocks as the share's multiprocessors hold, and not one more.
fn blocks_together(kernel: CUfunction, there: u32) {
    let (block, rounds) = (1024, 1u32);
    let mut each = 0;
    good!(cuOccupancyMaxActiveBlocksPerMultiprocessor(
        &mut each, kernel, block, 0
    ));
    assert!(each > 0);
    let most = each as u32 * there;
    let room = upload(&vec![0; (most as usize + 1) * block as usize * 4]);
    let places = upload(&vec![0; (most as usize + 1) * 8]);
    for (grid, expected) in [
        (most, OK),
        (most + 1, CUresult::CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE),
    ] {
        let (mut at, mut rounds, mut places) = (room, rounds, places);
        let mut params: [*mut c_void; 3] = [
            (&raw mut at).cast(),
            (&raw mut rounds).cast(),
            (&raw mut places).cast(),
        ];
        let status = call!(cuLaunchCooperativeKernel(
            kernel,
            grid,
            1,
            1,
            block as u32,
            1,
            1,
            0,
            null_mut(),
            params.as_mut_ptr()
        ));
        assert_eq!(status, expected, "{grid} blocks on {there}");
    }
    let output = words(&download(room, (most as usize + 1) * block as usize * 4));
    let (done, left) = output.split_at((most * block as u32) as usize);
    assert!(done.iter().all(|word| *word == mixed(0, 1)));
    assert!(left.iter().all(|word| *word == 0));
}

#[test]
fn kernels_use_no_more_of_the_processors_than_the_share() {
    // The last has more threads than most machines have processors for, and two of them share what there is.
    for (whole, percent) in [(2, 100), (2, 50), (2, 25), (8, 30)] {
        in_its_process("a_share_of_the_processors", whole, percent);
    }
}

fn processor_time() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime).try_into().unwrap()
}

/// When something was, by the time that passes and by the time that the process has had on processors.
#[derive(Clone, Copy)]
struct Moment {
    passed: Instant,
    used: Duration,
}

/// Not a test of its own: the process of a share.
#[test]
fn a_share_of_the_processors() {
    let Some((whole, percent)) = part() else {
        return;
    };
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let rate = whole.min(processors) as f64 * percent as f64 / 100.0;
    // Passed is what was at least between two moments: a pause of this thread's between the clocks must not look like work.
    let within = |begin: Moment, used: Duration, passed: Instant| {
        let (used, passed) = (used - begin.used, passed - begin.passed);
        let most = passed.mul_f64(rate) + BESIDE;
        assert!(
            used <= most,
            "{percent}% of {whole} multiprocessors on {processors} processors: {used:?} of {passed:?}, and {most:?} is the most"
        );
    };
    let now = || Moment {
        passed: Instant::now(),
        used: processor_time(),
    };
    let (grid, block, rounds) = (8, 64, 2000);
    let kernel = function(module(MIX), "mix");
    let input = random_bytes(&mut Random::new(), (grid * block) as usize * 4);
    let (at, places) = (upload(&input), upload(&vec![0; grid as usize * 8]));
    let begin = now();
    let mut launches = 0;
    for _ in 0..5 {
        let window = now();
        while window.passed.elapsed() < WINDOW {
            launch(kernel, grid, block, rounds, at, places);
            good!(cuCtxSynchronize());
            launches += 1;
        }
        let used = processor_time();
        within(window, used, Instant::now());
    }
    let used = processor_time();
    within(begin, used, Instant::now());
    println!(
        "{percent}% of {whole}: {launches} launches, {:?} of {:?}",
        used - begin.used,
        begin.passed.elapsed()
    );
    let output = words(&download(at, input.len()));
    for (word, result) in words(&input).into_iter().zip(output) {
        assert_eq!(result, mixed(word, launches * u64::from(rounds)), "{word}");
    }
}

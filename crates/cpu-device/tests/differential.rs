//! Random programs of arithmetic instructions, compared register by register with a slow reference that computes with exact
//! integers. `PILLION_SEED` replays the program that a failure names; `PILLION_FUZZ_PROGRAMS` sets how many are tried.

mod common;
#[path = "common/exact.rs"]
mod exact;
#[path = "common/instructions.rs"]
mod instructions;

use std::fmt::Write;

use common::{Device, Random, ptx};
use instructions::{Check, Instruction, Kind};

/// Registers of each kind, loaded with random values before the first instruction.
const REGISTERS: u64 = 8;
const THREADS: usize = 64;
const INSTRUCTIONS: usize = 48;

/// How an instruction is written into the program.
enum Guard {
    Always,
    /// Executed by the threads for which bit `register` of their flags is as said.
    When(u64, bool),
    /// Jumped over by the threads for which bit `register` of their flags is set.
    Jumped(u64),
}

struct Line {
    instruction: Instruction,
    destination: u64,
    /// A register's number, or an immediate.
    sources: Vec<Result<u64, u64>>,
    guard: Guard,
}

fn random_line(random: &mut Random) -> Line {
    let instruction = instructions::random(random);
    let immediate = random
        .below(5)
        .checked_sub(3)
        .map(|_| random.below(instruction.sources.len() as u64) as usize);
    let sources = instruction
        .sources
        .iter()
        .enumerate()
        .map(|(n, kind)| {
            if immediate == Some(n) && instruction.immediate && *kind != Kind::W16 {
                Err(kind.value(random))
            } else {
                Ok(random.below(REGISTERS))
            }
        })
        .collect();
    Line {
        destination: random.below(REGISTERS),
        sources,
        guard: match random.below(8) {
            0 => Guard::When(random.below(4), random.below(2) == 0),
            1 => Guard::Jumped(random.below(4)),
            _ => Guard::Always,
        },
        instruction,
    }
}

/// The text of a program: every thread loads its registers, and stores the result of every instruction.
fn text(lines: &[Line]) -> String {
    let mut t = String::from(
        ".visible .entry k(.param .u64 in, .param .u64 out) {\n.reg .b64 %in, %out, %o;\n.reg .b32 %i, %f, %t<4>;\n\
         .reg .b16 %u<4>;\n.reg .b64 %v<4>;\n.reg .pred %p<4>, %x, %y;\n.reg .b16 %h<8>;\n.reg .b32 %w<8>;\n.reg .b64 %d<8>;\n\
         ld.param.u64 %in, [in];\nld.param.u64 %out, [out];\nmov.u32 %i, %tid.x;\n",
    );
    let input = 8 * (3 * REGISTERS + 1);
    let output = 8 * lines.len();
    writeln!(t, "mul.wide.u32 %o, %i, {input};\nadd.s64 %in, %in, %o;").unwrap();
    writeln!(t, "mul.wide.u32 %o, %i, {output};\nadd.s64 %out, %out, %o;").unwrap();
    for (k, kind) in Kind::ALL.into_iter().enumerate() {
        for r in 0..REGISTERS {
            let at = 8 * (k as u64 * REGISTERS + r);
            let (bits, name) = (kind.bits(), kind.name());
            writeln!(t, "ld.global.b{bits} {name}{r}, [%in+{at}];").unwrap();
        }
    }
    writeln!(t, "ld.global.b32 %f, [%in+{}];", 8 * 3 * REGISTERS).unwrap();
    for p in 0..4 {
        writeln!(
            t,
            "and.b32 %t0, %f, {};\nsetp.ne.u32 %p{p}, %t0, 0;",
            1 << p
        )
        .unwrap();
    }
    for (n, line) in lines.iter().enumerate() {
        let mut body = line.instruction.text.clone();
        for (k, source) in line.sources.iter().enumerate() {
            let kind = line.instruction.sources[k];
            let operand = match source {
                Ok(r) => format!("{}{r}", kind.name()),
                Err(value) => kind.literal(*value),
            };
            body = body.replace(["{a}", "{b}", "{c}", "{e}"][k], &operand);
        }
        let kind = line.instruction.destination;
        body = body.replace("{d}", &format!("{}{}", kind.name(), line.destination));
        let store = format!(
            "st.global.b{} [%out+{}], {}{};",
            kind.bits(),
            8 * n,
            kind.name(),
            line.destination
        );
        match line.guard {
            Guard::Always => writeln!(t, "{body}\n{store}").unwrap(),
            Guard::When(p, set) => {
                let not = if set { "" } else { "!" };
                for part in body.split_inclusive(';') {
                    writeln!(t, "@{not}%p{p} {}", part.trim()).unwrap();
                }
                writeln!(t, "@{not}%p{p} {store}").unwrap();
            }
            Guard::Jumped(p) => writeln!(t, "@%p{p} bra L{n};\n{body}\n{store}\nL{n}:").unwrap(),
        }
    }
    t.push_str("ret;\n}\n");
    ptx(&t)
}

/// Runs the program of one seed; what went wrong, if something did.
fn program(seed: u64) -> Result<(), String> {
    let mut random = Random::from_seed(seed);
    let lines: Vec<Line> = (0..INSTRUCTIONS)
        .map(|_| random_line(&mut random))
        .collect();
    let text = text(&lines);
    let device = Device::new(&text);
    let mut inputs = Vec::new();
    for _ in 0..THREADS {
        for kind in Kind::ALL {
            inputs.extend((0..REGISTERS).map(|_| kind.value(&mut random)));
        }
        inputs.push(random.below(16));
    }
    let input = device.buffer64(&inputs);
    let output = device.buffer64(&vec![0; THREADS * lines.len()]);
    device
        .run("k", 1, THREADS as u32, &[input.address(), output.address()])
        .map_err(|e| format!("{e}\n{text}"))?;
    let outputs = output.u64s();
    let stride = inputs.len() / THREADS;
    for thread in 0..THREADS {
        let values = &inputs[thread * stride..][..stride];
        let flags = values[stride - 1];
        let mut registers: Vec<Vec<u64>> = values[..stride - 1]
            .chunks_exact(REGISTERS as usize)
            .map(<[u64]>::to_vec)
            .collect();
        for (n, line) in lines.iter().enumerate() {
            let runs = match line.guard {
                Guard::Always => true,
                Guard::When(p, set) => (flags >> p & 1 != 0) == set,
                Guard::Jumped(p) => flags >> p & 1 == 0,
            };
            let got = outputs[thread * lines.len() + n];
            if !runs {
                if got != 0 {
                    return Err(format!(
                        "thread {thread} executed {:?}, which it had to skip",
                        line.instruction.text
                    ));
                }
                continue;
            }
            let mut operands = [0; 4];
            for (k, source) in line.sources.iter().enumerate() {
                let kind = line.instruction.sources[k];
                operands[k] = match source {
                    Ok(r) => registers[kind as usize][*r as usize],
                    Err(value) => *value,
                } & kind.mask();
            }
            let kind = line.instruction.destination;
            let check = (line.instruction.reference)(operands);
            if !check.accepts(got, kind) {
                return Err(format!(
                    "thread {thread}: {} on {:x?} is {got:#x}, has to be {check:x?}",
                    line.instruction.text,
                    &operands[..line.sources.len()],
                ));
            }
            registers[kind as usize][line.destination as usize] = got;
        }
    }
    Ok(())
}

#[test]
fn random_programs_match_exact_arithmetic() {
    let number = |name: &str| std::env::var(name).ok().and_then(|s| s.parse::<u64>().ok());
    let replay = number("PILLION_SEED");
    let programs = replay.map_or(number("PILLION_FUZZ_PROGRAMS").unwrap_or(1000), |_| 1);
    let mut random = Random::new();
    let mut failures = Vec::new();
    for _ in 0..programs {
        let seed = replay.unwrap_or_else(|| random.next());
        if let Err(message) = program(seed) {
            failures.push(format!("PILLION_SEED={seed}: {message}"));
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {programs} programs failed:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

/// The reference itself, where the host computes the same.
#[test]
fn the_reference_agrees_with_the_host() {
    use exact::{F64, Mode};
    let mut random = Random::new();
    for _ in 0..20_000 {
        let [a, b, c] = [random.f64(), random.f64(), random.f64()];
        let [x, y, z] = [a, b, c].map(f64::from_bits);
        let [p, q, r] = [a, b, c].map(|v| F64.decode(v));
        for (got, want) in [
            (F64.add(&p, &q, Mode::Rn), x + y),
            (F64.encode(&p.times(&q), Mode::Rn), x * y),
            (F64.add(&p.times(&q), &r, Mode::Rn), x.mul_add(y, z)),
            (F64.div(&p, &q, Mode::Rn), x / y),
            (F64.sqrt(&p, Mode::Rn), x.sqrt()),
        ] {
            assert!(
                Check::Number(want.to_bits(), F64).accepts(got, Kind::W64),
                "{x:?} {y:?} {z:?}: {got:#x}, {want:?}"
            );
        }
    }
}

//! Damaged programs: whatever the text is, compiling and running it is a typed error or succeeds; it never panics, hangs or
//! touches memory that it was not given.

mod common;

use std::sync::Arc;

use common::{Random, engine};
use pillion_cpu_device::engine::{
    AddressSpace, CompileOptions, LaunchConfig, LaunchEnv, Module, Program, launch,
};

/// A program with something of everything.
const SEED: &str = include_str!("data/everything.ptx");

fn mutate(random: &mut Random) -> String {
    let mut lines: Vec<String> = SEED.lines().map(str::to_owned).collect();
    for _ in 0..1 + random.below(4) {
        let at = random.below(lines.len() as u64) as usize;
        let other = random.below(lines.len() as u64) as usize;
        match random.below(8) {
            0 => {
                lines.remove(at);
            }
            1 => {
                let line = lines[other].clone();
                lines.insert(at, line);
            }
            2 => lines.swap(at, other),
            3 => {
                // One token for another.
                let tokens: Vec<String> =
                    lines[other].split_whitespace().map(str::to_owned).collect();
                let mut mine: Vec<String> =
                    lines[at].split_whitespace().map(str::to_owned).collect();
                if !tokens.is_empty() && !mine.is_empty() {
                    let n = random.below(mine.len() as u64) as usize;
                    mine[n] = tokens[random.below(tokens.len() as u64) as usize].clone();
                    lines[at] = mine.join(" ");
                }
            }
            4 => {
                // A number for another.
                let digits = lines[at].find(|c: char| c.is_ascii_digit());
                if let Some(n) = digits {
                    let value = random.integer();
                    lines[at].replace_range(n..n + 1, &value.to_string());
                }
            }
            5 => {
                let n = random.below(lines[at].len() as u64 + 1) as usize;
                let c = b" {}()[];,.:%@!-+0x<>|\"/*"[random.below(24) as usize] as char;
                lines[at].insert(n, c);
            }
            6 => {
                let types = [
                    "u8", "s16", "b32", "f32", "u64", "f64", "pred", "f16x2", "b128", "s32",
                ];
                let from = types[random.below(10) as usize];
                lines[at] = lines[at].replace(from, types[random.below(10) as usize]);
            }
            _ => {
                let n = random.below(lines[at].len() as u64 + 1) as usize;
                lines[at].truncate(n);
            }
        }
        if lines.is_empty() {
            break;
        }
    }
    lines.join("\n")
}

fn compile_and_run(text: &str) -> bool {
    let options = CompileOptions {
        max_global_bytes: 1 << 20,
        ..CompileOptions::default()
    };
    let Ok(program) = Program::compile(&[text], &options) else {
        return false;
    };
    let space = Arc::new(AddressSpace::new());
    let mut memory = Vec::new();
    let module = Module::instantiate(Arc::new(program), &space, &mut |g| {
        let words = vec![0u64; (g.size as usize).div_ceil(8) + (g.align as usize).div_ceil(8) + 2];
        let address = (words.as_ptr() as u64).next_multiple_of(g.align);
        // SAFETY: the memory lives until the launches have ended.
        unsafe { space.insert(address, g.size.max(1), true, None).ok()? };
        memory.push(words);
        Some(address)
    });
    let Ok(module) = module.map(Arc::new) else {
        return false;
    };
    let buffer = vec![0u64; 512];
    // SAFETY: as above.
    unsafe {
        space
            .insert(buffer.as_ptr() as u64, 4096, true, None)
            .unwrap()
    };
    let mut env = LaunchEnv::new(space.clone());
    env.step_limit = Some(50_000);
    env.stack_limit = 4096;
    for kernel in module.program().kernels() {
        let mut params = vec![0u8; kernel.param_bytes as usize];
        for (n, p) in kernel.params.iter().enumerate() {
            let value = if n == 0 { buffer.as_ptr() as u64 } else { 3 };
            for (k, b) in value.to_le_bytes().iter().enumerate().take(p.size as usize) {
                params[p.offset as usize + k] = *b;
            }
        }
        let config = LaunchConfig {
            module: &module,
            kernel: &kernel.name,
            grid: [2, 1, 1],
            block: [48, 1, 1],
            dynamic_shared: 256,
            cooperative: false,
            params: &params,
        };
        // Any typed outcome will do.
        let _ = launch(engine(), &config, &env);
    }
    true
}

#[test]
fn the_seed_compiles_and_runs() {
    let program =
        Program::compile(&[SEED], &CompileOptions::default()).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(program.kernels().len(), 2);
    assert!(compile_and_run(SEED));
}

#[test]
fn mutated_programs_are_harmless() {
    let mut random = Random::new();
    let rounds = std::env::var("PILLION_TEST_ROUNDS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(2000);
    let (mut accepted, mut refused) = (0, 0);
    for _ in 0..rounds {
        let text = mutate(&mut random);
        if compile_and_run(&text) {
            accepted += 1
        } else {
            refused += 1
        }
    }
    // Mutations that change nothing relevant and ones that break the text both happen.
    assert!(
        accepted > 0 && refused > 0,
        "{accepted} accepted, {refused} refused"
    );
}

#[test]
fn random_bytes_are_refused() {
    let mut random = Random::new();
    for _ in 0..500 {
        let text: String = (0..random.below(300))
            .map(|_| (random.below(96) as u8 + 32) as char)
            .collect();
        assert!(Program::compile(&[&text], &CompileOptions::default()).is_err());
        let text = format!(".version 8.0\n.target sm_90\n{text}");
        let _ = Program::compile(&[&text], &CompileOptions::default());
    }
    for depth in [1000, 100_000] {
        for open in ["{", "(", "[", "-", "!", "{ {"] {
            let nested = open.repeat(depth);
            for text in [
                format!(
                    ".version 8.0\n.target sm_90\n.visible .entry k() {{ mov.u32 %r1, {nested}"
                ),
                format!(".version 8.0\n.target sm_90\n.visible .entry k() {{ {nested}"),
                format!(".version 8.0\n.target sm_90\n.global .u32 x[4] = {nested}"),
                format!(".version 8.0\n.target sm_90\n.global .u32 x[{nested}"),
            ] {
                assert!(Program::compile(&[&text], &CompileOptions::default()).is_err());
            }
        }
    }
}

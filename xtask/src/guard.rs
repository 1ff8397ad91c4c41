//! `cargo xtask bench-guard`: what the paths that programs take most often cost, against what they cost before.
//!
//! `pillion-benches` runs each path under Callgrind. Instructions are counted in Pillion's own code alone, and calls into the C
//! library as calls: how many instructions a copy of memory takes there depends on the processor, and counting what is executed
//! otherwise does not.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::dist;

/// Where the figures are.
const FIGURES: &str = "benches/instructions.toml";
/// Percent that a path may take more than its figure.
const TOLERANCE: u64 = 3;
/// The same where the figures were made with another compiler.
const TOLERANCE_OF_ANOTHER: u64 = 15;
/// How often all is counted, of which the least counts: what another thread does at the wrong moment only adds.
const RUNS: usize = 3;
/// Instructions that a path may take more at any rate: of a short one, a percent is less than one.
const SLACK: u64 = 4;

/// What one run of a path takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Cost {
    instructions: u64,
    library_calls: u64,
    #[serde(skip)]
    system_calls: u64,
    #[serde(skip)]
    allocations: u64,
}

/// The costs of all paths, by their names.
type Costs = BTreeMap<String, Cost>;

#[derive(Debug, Deserialize)]
struct Figures {
    compiler: String,
    #[serde(flatten)]
    paths: BTreeMap<String, BTreeMap<String, Cost>>,
}

/// Counts, and compares with the figures or writes them. Answers whether nothing has become dearer.
pub fn run(root: &Path, update: bool) -> Result<bool> {
    if !cfg!(target_arch = "x86_64") {
        println!("skipped: the figures are of x86-64");
        return Ok(true);
    }
    if !is_there("valgrind") {
        ensure!(
            std::env::var_os("CI").is_none(),
            "valgrind is missing: install it (apt-get install valgrind)"
        );
        println!("skipped: valgrind is missing (apt-get install valgrind)");
        return Ok(true);
    }
    let compiler = compiler()?;
    let costs = least(root)?;
    let file = root.join(FIGURES);
    let ok = never(&costs);
    if update {
        std::fs::write(&file, print(&compiler, &costs)).context(FIGURES)?;
        println!("{FIGURES} is written");
        return Ok(ok);
    }
    let text = std::fs::read_to_string(&file)
        .with_context(|| format!("{FIGURES}: `cargo xtask bench-guard --update` makes it"))?;
    let figures: Figures = toml::from_str(&text).context(FIGURES)?;
    Ok(compare(&figures, &compiler, &costs) && ok)
}

fn is_there(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The compiler's version.
fn compiler() -> Result<String> {
    let version = Command::new("rustc").arg("--version").output()?.stdout;
    let version = String::from_utf8(version)?;
    let number = version.split_whitespace().nth(1);
    Ok(number.context("rustc has no version")?.to_string())
}

/// What each path takes at least.
fn least(root: &Path) -> Result<Costs> {
    let built = Command::new("cargo")
        .args(["build", "--quiet", "--release"])
        .args(["--package", "pillion-benches", "--bin", "counts"])
        .current_dir(root)
        .status()?;
    ensure!(built.success(), "the benchmarks cannot be built");
    let mut least = count(root)?;
    for _ in 1..RUNS {
        for (name, cost) in count(root)? {
            let least = least.entry(name).or_insert(cost);
            *least = Cost {
                instructions: least.instructions.min(cost.instructions),
                library_calls: least.library_calls.min(cost.library_calls),
                system_calls: least.system_calls.min(cost.system_calls),
                allocations: least.allocations.min(cost.allocations),
            };
        }
    }
    Ok(least)
}

fn count(root: &Path) -> Result<Costs> {
    let (program, out) = (
        dist::target(root).join("release/counts"),
        dist::target(root).join("callgrind.out"),
    );
    let _ = std::fs::remove_file(&out);
    let mut command = Command::new("valgrind");
    command
        .args([
            "--quiet",
            "--tool=callgrind",
            "--instr-atstart=no",
            "--collect-atstart=no",
            "--collect-systime=yes",
            "--separate-threads=yes",
            "--combine-dumps=yes",
            "--compress-strings=no",
            "--compress-pos=no",
            "--dump-line=no",
        ])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(&program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PILLION_") || name == "CUDA_VISIBLE_DEVICES" {
            command.env_remove(name);
        }
    }
    let ran = command.output()?;
    ensure!(
        ran.status.success(),
        "the benchmarks failed:\n{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    let dumps = std::fs::read_to_string(&out).context("what Callgrind wrote")?;
    let mut costs = parse(&dumps, &program.display().to_string())?;
    for line in std::str::from_utf8(&ran.stdout)?.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, times, allocations] = fields[..] else {
            bail!("the benchmarks printed {line:?}");
        };
        let cost = costs
            .get_mut(name)
            .with_context(|| format!("Callgrind has not counted {name}"))?;
        let times: u64 = times.parse()?;
        cost.instructions = (cost.instructions + times / 2) / times;
        // A call that every path makes once, when it begins or ends, is not the path's.
        cost.library_calls = (cost.library_calls + times / 2) / times;
        cost.allocations = allocations.parse()?;
    }
    Ok(costs)
}

/// Reads the dumps that have a name: one for each thread that did anything, of which one was counted.
fn parse(dumps: &str, program: &str) -> Result<Costs> {
    let mut costs = Costs::new();
    let mut current: Option<(String, Cost)> = None;
    let (mut own, mut called_own, mut after_call) = (false, None, false);
    let mut keep = |dump: Option<(String, Cost)>| {
        if let Some((name, cost)) = dump
            && cost.instructions > 0
        {
            costs.insert(name, cost);
        }
    };
    for line in dumps.lines() {
        if let Some(trigger) = line.strip_prefix("desc: Trigger: ") {
            keep(current.take());
            let name = trigger.strip_prefix("Client Request: ");
            current = name.map(|name| (name.to_string(), Cost::default()));
            continue;
        }
        let Some((_, cost)) = &mut current else {
            continue;
        };
        if let Some(object) = line.strip_prefix("ob=") {
            own = object == program;
        } else if let Some(object) = line.strip_prefix("cob=") {
            called_own = Some(object == program);
        } else if let Some(calls) = line.strip_prefix("calls=") {
            if own && called_own == Some(false) {
                let calls = calls.split_whitespace().next().unwrap_or_default();
                cost.library_calls += calls.parse::<u64>()?;
            }
            called_own = None;
            // What follows is what the called function took, which is counted there.
            after_call = true;
        } else if line.starts_with(|first: char| first.is_ascii_digit()) {
            if !after_call {
                // A line, instructions, system calls and their time; what is 0 at the end is left out. The summary is no sum of
                // these where threads are apart.
                let mut fields = line.split_whitespace().skip(1);
                let instructions: u64 = fields.next().unwrap_or("0").parse()?;
                cost.instructions += if own { instructions } else { 0 };
                cost.system_calls += fields.next().unwrap_or("0").parse::<u64>()?;
            }
            after_call = false;
        }
    }
    keep(current);
    Ok(costs)
}

/// Says which paths do what none may. Answers whether there is none.
fn never(costs: &Costs) -> bool {
    let mut ok = true;
    for (name, cost) in costs {
        for (what, count) in [
            ("allocations", cost.allocations),
            ("system calls", cost.system_calls),
        ] {
            if count > 0 {
                println!("{name}: {count} {what}, and there may be none");
                ok = false;
            }
        }
    }
    ok
}

fn compare(figures: &Figures, compiler: &str, costs: &Costs) -> bool {
    let before: Costs = figures
        .paths
        .iter()
        .flat_map(|(group, paths)| {
            paths
                .iter()
                .map(move |(name, cost)| (format!("{group}.{name}"), *cost))
        })
        .collect();
    let tolerance = if figures.compiler == compiler {
        TOLERANCE
    } else {
        println!(
            "the figures are of rustc {}, this is {compiler}: {TOLERANCE_OF_ANOTHER}% more is let pass",
            figures.compiler
        );
        TOLERANCE_OF_ANOTHER
    };
    let (mut ok, mut cheaper) = (true, false);
    println!(
        "{:38} {:>17} {:>17}",
        "path", "instructions", "library calls"
    );
    for name in before
        .keys()
        .chain(costs.keys().filter(|name| !before.contains_key(*name)))
    {
        let (old, new) = (before.get(name), costs.get(name));
        let verdict = match (old, new) {
            (Some(old), Some(new)) => {
                let slack = (old.instructions * tolerance / 100).max(SLACK);
                if new.instructions > old.instructions + slack
                    || new.library_calls > old.library_calls
                {
                    ok = false;
                    "DEARER"
                } else if new.instructions + slack < old.instructions
                    || new.library_calls < old.library_calls
                {
                    cheaper = true;
                    "cheaper"
                } else {
                    ""
                }
            }
            _ => {
                ok = false;
                if new.is_some() { "NEW" } else { "GONE" }
            }
        };
        let pair = |field: fn(&Cost) -> u64| {
            let text =
                |cost: Option<&Cost>| cost.map_or("-".to_string(), |cost| field(cost).to_string());
            format!("{:>7} -> {:>6}", text(old), text(new))
        };
        println!(
            "{name:38} {} {} {verdict}",
            pair(|cost| cost.instructions),
            pair(|cost| cost.library_calls)
        );
    }
    if !ok {
        println!(
            "\nSome paths have become dearer, or are not in {FIGURES}. `callgrind_annotate target/callgrind.out` shows where \
             instructions go. Where it cannot be otherwise, `cargo xtask bench-guard --update` writes the new figures: say why in the \
             commit."
        );
    } else if cheaper {
        println!(
            "\nSome paths have become cheaper: `cargo xtask bench-guard --update` keeps them so."
        );
    }
    ok
}

fn print(compiler: &str, costs: &Costs) -> String {
    let mut text = format!(
        "# What one run of each path takes: `cargo xtask bench-guard` compares with this, and `--update` writes it.\n\
         # Allocations and system calls have no figures: there may be none.\n\n\
         compiler = \"{compiler}\"\n"
    );
    let mut last = "";
    for (name, cost) in costs {
        let (group, path) = name.split_once('.').unwrap_or(("other", name));
        if group != last {
            let _ = writeln!(text, "\n[{group}]");
            last = group;
        }
        let _ = writeln!(
            text,
            "{path} = {{ instructions = {}, library-calls = {} }}",
            cost.instructions, cost.library_calls
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As Callgrind writes them, shortened.
    const DUMPS: &str = "\
thread: 1
desc: Trigger: Client Request: client.launch

events: Ir sysCount sysTime
summary: 18446744073709501013

ob=/target/counts
fl=link.rs
fn=post
0 200
cfn=append
calls=10 0
0 300
cob=/lib/libc.so.6
cfn=memcpy
calls=20 0
0 900 2
0 50

fn=append
0 300

ob=/lib/libc.so.6
fn=memcpy
0 700
fn=syscall
0 30 3 40
totals: 1250

thread: 2
desc: Trigger: Client Request: client.launch
summary: 0 9

thread: 1
desc: Trigger: Program termination
summary: 4 9
ob=/target/counts
fn=main
0 4
";

    #[test]
    fn own_instructions_calls_and_system_calls_are_told_apart() {
        let costs = parse(DUMPS, "/target/counts").unwrap();
        let cost = Cost {
            instructions: 550,
            library_calls: 20,
            system_calls: 3,
            allocations: 0,
        };
        assert_eq!(costs, Costs::from([("client.launch".to_string(), cost)]));
        assert!(!never(&costs));
    }

    #[test]
    fn what_is_written_is_read_and_compared() {
        let cost = |instructions, library_calls| Cost {
            instructions,
            library_calls,
            ..Cost::default()
        };
        let of = |launch: Cost| {
            Costs::from([
                ("client.launch".to_string(), launch),
                ("shm.128-bytes".to_string(), cost(20, 0)),
            ])
        };
        let text = print("1.90.0", &of(cost(1000, 3)));
        let figures: Figures = toml::from_str(&text).unwrap();
        let passes = |compiler: &str, costs: Costs| compare(&figures, compiler, &costs);
        assert!(passes("1.90.0", of(cost(1000, 3))));
        assert!(passes("1.90.0", of(cost(1030, 3))));
        assert!(passes("1.90.0", of(cost(500, 2))));
        assert!(!passes("1.90.0", of(cost(1031, 3))));
        assert!(!passes("1.90.0", of(cost(1000, 4))));
        assert!(passes("1.91.0", of(cost(1150, 3))));
        assert!(!passes("1.91.0", of(cost(1151, 3))));
        assert!(!passes("1.90.0", Costs::new()));
        let mut more = of(cost(1000, 3));
        more.insert("client.new".to_string(), cost(1, 0));
        assert!(!passes("1.90.0", more));
    }
}

//! The CUDA programs of `tests/cuda`: building them with nvcc, and running them.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::toolkit::Toolkit;

/// One built program.
#[derive(Debug, Clone)]
pub struct Program {
    /// Its name, with `-debug` for a `-G` build.
    pub name: String,
    /// The executable.
    pub path: PathBuf,
    /// Lines that its output must hold.
    pub expected: Vec<String>,
    /// How many devices it is for.
    pub devices: usize,
}

/// How a run went.
#[derive(Debug, Clone)]
pub struct Run {
    /// Whether the program did what it should.
    pub passed: bool,
    /// What it printed, and why it failed.
    pub output: String,
    /// How long it took.
    pub took: Duration,
}

/// Longest that a program may run.
const WATCHDOG: Duration = Duration::from_secs(120);

/// What the head of a source says about it.
#[derive(Default)]
struct Directives {
    flags: Vec<String>,
    with: Vec<String>,
    debug: bool,
    release: bool,
    expected: Vec<String>,
    helper: bool,
    gpu_only: bool,
    devices: usize,
    /// The first toolkit that has what it uses, as `CUDART_VERSION`.
    since: u32,
}

/// Which programs to build, and how.
#[derive(Default)]
pub struct Choice<'a> {
    /// Only those whose name holds this.
    pub filter: Option<&'a str>,
    /// Only those whose name passes this.
    pub only: Option<&'a dyn Fn(&str) -> bool>,
    /// Those too that say `// on: gpu`.
    pub gpu: bool,
    /// Below `target`; `cuda-tests` where nothing is said.
    pub folder: Option<&'a str>,
    /// Which CUDA runtime all of them are linked with, `static` or `shared`, whatever they say.
    pub runtime: Option<&'a str>,
}

fn directives(source: &str) -> Directives {
    let mut found = Directives {
        release: true,
        devices: 1,
        ..Directives::default()
    };
    for line in source.lines().take(40) {
        let Some((key, value)) = line
            .trim_start()
            .strip_prefix("//")
            .and_then(|line| line.trim().split_once(':'))
        else {
            continue;
        };
        let value = value.trim();
        let words = || value.split_whitespace().map(str::to_string);
        match key.trim() {
            "nvcc" => found.flags.extend(words()),
            "with" => found.with.extend(words()),
            "variants" => {
                found.debug = value.contains("debug");
                found.release = value.contains("release");
            }
            "expect" => found.expected.push(value.to_string()),
            "part-of" => found.helper = true,
            "devices" => found.devices = value.parse().unwrap_or(1),
            "on" => found.gpu_only = value == "gpu",
            "since" => found.since = version(value),
            _ => {}
        }
    }
    found
}

/// `12.4` as `CUDART_VERSION` has it.
fn version(text: &str) -> u32 {
    let (major, minor) = text.split_once('.').unwrap_or((text, "0"));
    let number = |text: &str| text.parse::<u32>().unwrap_or(0);
    number(major) * 1000 + number(minor) * 10
}

/// Builds what is chosen and not built yet, two at a time.
pub fn build(root: &Path, toolkit: &Toolkit, choice: &Choice) -> Result<Vec<Program>> {
    let (programs, refused) = build_what_can_be(root, toolkit, choice)?;
    match refused.into_iter().next() {
        Some(error) => Err(error),
        None => Ok(programs),
    }
}

/// As [`build`], and goes on where the compiler refuses a program: answers those that there are, and why the others are not.
pub fn build_what_can_be(
    root: &Path,
    toolkit: &Toolkit,
    choice: &Choice,
) -> Result<(Vec<Program>, Vec<anyhow::Error>)> {
    let folder = root.join("tests/cuda");
    let out = root
        .join("target")
        .join(choice.folder.unwrap_or("cuda-tests"));
    std::fs::create_dir_all(&out)?;
    let mut sources: Vec<PathBuf> = std::fs::read_dir(&folder)
        .with_context(|| format!("{}", folder.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    sources.retain(|path| path.extension().is_some_and(|extension| extension == "cu"));
    sources.sort();
    let mut header = DefaultHasher::new();
    for name in ["check.h", "driver.h", "older.h"] {
        std::fs::read(folder.join(name))
            .unwrap_or_default()
            .hash(&mut header);
    }
    let mut jobs = Vec::new();
    for source in sources {
        let text = std::fs::read_to_string(&source)?;
        let directives = directives(&text);
        if directives.helper
            || (directives.gpu_only && !choice.gpu)
            || directives.since > toolkit.version
        {
            continue;
        }
        let stem = source
            .file_stem()
            .context("a source has a name")?
            .to_string_lossy()
            .into_owned();
        let variants = [
            (directives.release, String::new(), "-O2"),
            (directives.debug, "-debug".to_string(), "-G"),
        ];
        for (_, suffix, level) in variants.into_iter().filter(|(wanted, ..)| *wanted) {
            let name = format!("{stem}{suffix}");
            if choice.filter.is_some_and(|filter| !name.contains(filter))
                || choice.only.is_some_and(|only| !only(&name))
            {
                continue;
            }
            let mut arguments: Vec<String> = vec![level.into(), "-std=c++17".into()];
            arguments.extend(directives.flags.iter().cloned());
            // Of several architectures nvcc would build all.
            let chooses = |flag: &String| flag.starts_with("-arch") || flag.contains("gencode");
            let own = directives.flags.iter().any(chooses);
            let told = toolkit.flags.iter().filter(|flag| !(own && chooses(flag)));
            arguments.extend(told.cloned());
            if let Some(runtime) = choice.runtime {
                // The last one counts.
                arguments.push(format!("-cudart={runtime}"));
            }
            let libraries = toolkit.libraries.display();
            arguments.push(format!("-L{libraries}"));
            // For programs with `-cudart shared`.
            arguments.push(format!("-Xlinker=-rpath={libraries}"));
            let mut state = header.clone();
            text.hash(&mut state);
            for part in &directives.with {
                std::fs::read(folder.join(part))
                    .with_context(|| format!("{stem}: {part}"))?
                    .hash(&mut state);
                arguments.push(folder.join(part).display().to_string());
            }
            arguments.hash(&mut state);
            let program = Program {
                name: name.clone(),
                path: out.join(&name),
                expected: directives.expected.clone(),
                devices: directives.devices,
            };
            jobs.push((
                program,
                source.clone(),
                arguments,
                format!("{:016x}", state.finish()),
            ));
        }
    }
    let bar = crate::bar("building CUDA programs", jobs.len() as u64);
    let queue = Mutex::new(jobs.iter());
    let built = Mutex::new(Vec::new());
    let refused = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some((program, source, arguments, hash)) =
                        queue.lock().expect("not poisoned").next()
                    else {
                        return;
                    };
                    match compile(toolkit, program, source, arguments, hash) {
                        Ok(()) => built
                            .lock()
                            .expect("not poisoned")
                            .push(program.name.clone()),
                        Err(error) => refused.lock().expect("not poisoned").push(error),
                    }
                    bar.inc(1);
                }
            });
        }
    });
    bar.finish_and_clear();
    let built = built.into_inner().expect("not poisoned");
    let programs = jobs.into_iter().map(|(program, ..)| program);
    let programs = programs.filter(|program| built.contains(&program.name));
    Ok((
        programs.collect(),
        refused.into_inner().expect("not poisoned"),
    ))
}

fn compile(
    toolkit: &Toolkit,
    program: &Program,
    source: &Path,
    arguments: &[String],
    hash: &str,
) -> Result<()> {
    let stamp = program.path.with_extension("hash");
    if program.path.is_file() && std::fs::read_to_string(&stamp).is_ok_and(|have| have == hash) {
        return Ok(());
    }
    let output = Command::new(&toolkit.nvcc)
        .args(arguments)
        .arg("-o")
        .arg(&program.path)
        .arg(source)
        .output()
        .with_context(|| format!("running {}", toolkit.nvcc.display()))?;
    if !output.status.success() {
        bail!(
            "nvcc refuses {}:\n{}",
            source.display(),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(std::fs::write(stamp, hash)?)
}

/// Runs a command that prints what it checked, with a watchdog.
pub fn run(mut command: Command, expected: &[String]) -> Result<Run> {
    let began = Instant::now();
    let log = tempfile()?;
    let child = command
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log.try_clone()?)
        .spawn();
    let mut child = child.with_context(|| format!("running {:?}", command.get_program()))?;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        if began.elapsed() > WATCHDOG {
            let _ = child.kill();
            let _ = child.wait();
            break None;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let took = began.elapsed();
    let mut output = read(log)?;
    let missing: Vec<&String> = expected
        .iter()
        .filter(|line| !output.contains(line.as_str()))
        .collect();
    let passed = status.is_some_and(|status| status.success()) && missing.is_empty();
    match status {
        None => output.push_str(&format!("\n(did not end within {} s)", WATCHDOG.as_secs())),
        Some(status) if !status.success() => output.push_str(&format!("\n({status})")),
        _ => {}
    }
    for line in missing {
        output.push_str(&format!("\n(did not print: {line})"));
    }
    Ok(Run {
        passed,
        output,
        took,
    })
}

/// A file without a name, so that a program which leaves children behind cannot keep a pipe open.
fn tempfile() -> Result<std::fs::File> {
    let path = std::env::temp_dir().join(format!(
        "pillion-xtask-{}-{:?}",
        std::process::id(),
        std::thread::current().id()
    ));
    let file = std::fs::OpenOptions::new()
        .read(true)
        .append(true)
        .create(true)
        .truncate(false)
        .open(&path)?;
    std::fs::remove_file(path)?;
    Ok(file)
}

fn read(mut file: std::fs::File) -> Result<String> {
    use std::io::{Read, Seek, SeekFrom};
    file.seek(SeekFrom::Start(0))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

//! `cargo xtask toolkits`: the CUDA programs of `tests/cuda` as older and newer toolkits build them.

use std::path::Path;

use anyhow::{Result, bail, ensure};

use crate::programs::{self, Choice};
use crate::server::Server;
use crate::{dist, suite, toolkit};

/// What to build with, and on what to run it.
pub struct Options {
    /// Names of toolkits.
    pub toolkits: Vec<String>,
    /// Only programs whose name holds this.
    pub filter: Option<String>,
    /// The CUDA version that the server's device is to have, or its own.
    pub server: Option<String>,
}

/// Builds the programs that each toolkit can, with the runtime in them and beside them, runs each over every transport, and says how
/// many passed. Answers whether all did.
pub fn run(root: &Path, options: &Options) -> Result<bool> {
    let dist = dist::build(root)?;
    let mut all = true;
    let mut summary = Vec::new();
    for name in &options.toolkits {
        let toolkit = toolkit::named(root, name)?;
        let log = root.join(format!("target/toolkits/{name}/server.log"));
        if let Some(folder) = log.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut built = Vec::new();
        for runtime in ["static", "shared"] {
            let (programs, refused) = programs::build_what_can_be(
                root,
                &toolkit,
                &Choice {
                    filter: options.filter.as_deref(),
                    folder: Some(&format!("toolkits/{name}/{runtime}")),
                    runtime: Some(runtime),
                    ..Choice::default()
                },
            )?;
            ensure!(
                !programs.is_empty(),
                "no program that CUDA {name} can build has a name with {:?}",
                options.filter.as_deref().unwrap_or_default()
            );
            built.push((runtime, programs, refused));
        }
        let settings: Vec<(&str, &str)> = options
            .server
            .iter()
            .map(|version| ("PILLION_CPU_CUDA", version.as_str()))
            .collect();
        let server = Server::start_with(&dist, "cpu", &log, &settings)?;
        for (runtime, programs, refused) in built {
            let bar = crate::bar(
                &format!("CUDA {name}, {runtime} runtime"),
                programs.len() as u64,
            );
            let mut passed = 0;
            let mut failed: Vec<String> = refused.iter().map(ToString::to_string).collect();
            for program in &programs {
                let arguments: &[&str] = match program.name.as_str() {
                    "random_program" => &["--programs", "200"],
                    _ => &[],
                };
                let mut well = true;
                for (number, uri) in server.uris.iter().enumerate() {
                    let run = suite::through(&dist, &server, number, program, arguments)?;
                    if !run.passed {
                        well = false;
                        let tail: Vec<&str> = run.output.lines().rev().take(5).collect();
                        let tail: Vec<&str> = tail.into_iter().rev().collect();
                        failed.push(format!(
                            "FAILED CUDA {name}, {runtime} runtime, {} over {uri}:\n{}",
                            program.name,
                            tail.join("\n")
                        ));
                    }
                }
                passed += u32::from(well);
                bar.inc(1);
            }
            bar.finish_and_clear();
            all &= failed.is_empty();
            for failure in &failed {
                println!("{failure}\n");
            }
            summary.push(format!(
                "CUDA {name:5} {runtime:7} {passed} of {} programs",
                programs.len() + refused.len()
            ));
        }
        if !server.stop()? {
            bail!("the server left something behind: see {}", log.display());
        }
    }
    for line in summary {
        println!("{line}");
    }
    Ok(all)
}

//! Compiles PTX files and reports the result of each, as `cuModuleLoadData` would see it.

use pillion_cpu_device::engine::{CompileOptions, Program};

fn main() {
    let mut failed = false;
    for path in std::env::args().skip(1) {
        match std::fs::read_to_string(&path) {
            Ok(text) => match Program::compile(&[&text], &CompileOptions::default()) {
                Ok(program) => println!(
                    "{path}: {} kernels, {} variables",
                    program.kernels().len(),
                    program.globals().len()
                ),
                Err(e) => {
                    failed = true;
                    println!("{path}: {:?}: {e}", e.kind);
                }
            },
            Err(e) => {
                failed = true;
                println!("{path}: {e}");
            }
        }
    }
    std::process::exit(i32::from(failed));
}

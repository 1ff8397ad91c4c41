//! NVIDIA's compiler, from PyPI: what it takes to build CUDA programs on a machine without an NVIDIA product.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// The packages of a toolkit. Their folders fit into one another.
const PACKAGES: [&str; 5] = [
    "nvidia-cuda-nvcc==13.0.*",
    "nvidia-cuda-crt==13.0.*",
    "nvidia-nvvm==13.0.*",
    "nvidia-cuda-runtime==13.0.*",
    "nvidia-cuda-cccl==13.0.*",
];

/// A CUDA toolkit.
pub struct Toolkit {
    /// The compiler.
    pub nvcc: PathBuf,
    /// Where the runtime libraries are.
    pub libraries: PathBuf,
}

/// The toolkit below `target/toolkit`, fetched if it is not there; or the one that `PILLION_NVCC` names.
pub fn get(root: &Path) -> Result<Toolkit> {
    if let Some(nvcc) = std::env::var_os("PILLION_NVCC").map(PathBuf::from) {
        ensure!(
            nvcc.is_file(),
            "PILLION_NVCC names {}, which is no file",
            nvcc.display()
        );
        let home = nvcc
            .parent()
            .and_then(Path::parent)
            .context("nvcc lies in a toolkit's bin folder")?
            .to_path_buf();
        let libraries = ["lib64", "lib"]
            .iter()
            .map(|name| home.join(name))
            .find(|path| path.is_dir());
        return Ok(Toolkit {
            nvcc,
            libraries: libraries.context("the toolkit of PILLION_NVCC has no lib folder")?,
        });
    }
    let folder = root.join("target/toolkit");
    let home = folder.join("nvidia/cu13");
    let toolkit = Toolkit {
        nvcc: home.join("bin/nvcc"),
        libraries: home.join("lib"),
    };
    let stamp = folder.join("stamp");
    let wanted = PACKAGES.join("\n");
    if std::fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) && toolkit.nvcc.is_file() {
        return Ok(toolkit);
    }
    let bar = crate::spinner("fetching nvcc (about 100 MB, once)");
    let output = Command::new("python3")
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--upgrade", "--target"])
        .arg(&folder)
        .args(PACKAGES)
        .output()
        .context("running python3 -m pip: install Python 3 with pip (Debian: apt-get install python3-pip)")?;
    ensure!(
        output.status.success(),
        "pip could not install nvcc into {}: is the package index reachable?\n{}",
        folder.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    ensure!(
        toolkit.nvcc.is_file(),
        "the packages hold no nvcc at {}",
        toolkit.nvcc.display()
    );
    // Wheels do not keep the executable bit of every file.
    for name in ["nvcc", "ptxas", "cudafe++", "fatbinary", "nvlink", "bin2c"] {
        make_executable(&home.join("bin").join(name))?;
    }
    make_executable(&home.join("nvvm/bin/cicc"))?;
    // A wheel holds the runtime under the name that programs load, not under the one that linkers look for.
    for entry in std::fs::read_dir(&toolkit.libraries)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with("libcudart.so.") {
            let link = toolkit.libraries.join("libcudart.so");
            let _ = std::fs::remove_file(&link);
            std::os::unix::fs::symlink(name, link)?;
        }
    }
    std::fs::write(stamp, wanted)?;
    bar.finish_and_clear();
    Ok(toolkit)
}

fn make_executable(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mut permissions = std::fs::metadata(path)
        .with_context(|| format!("{}", path.display()))?
        .permissions();
    permissions.set_mode(permissions.mode() | 0o755);
    Ok(std::fs::set_permissions(path, permissions)?)
}

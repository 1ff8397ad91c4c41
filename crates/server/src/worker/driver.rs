//! Finding NVIDIA's driver.

use std::ffi::{CStr, CString, c_void};

use pillion_cuda_abi::DriverTable;

/// Where drivers lie when the loader's own search finds Pillion's client library first.
const FOLDERS: [&str; 6] = [
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/usr/local/nvidia/lib64",
    "/usr/lib/wsl/lib",
    "/usr/local/cuda/compat",
];

/// The driver's function table.
///
/// # Errors
///
/// A sentence that says what was tried.
pub fn load() -> Result<DriverTable, String> {
    let mut names = Vec::new();
    if let Some(path) = std::env::var_os("PILLION_DRIVER") {
        names.push(path.to_string_lossy().into_owned());
    }
    names.push("libcuda.so.1".to_string());
    names.extend(
        FOLDERS
            .iter()
            .map(|folder| format!("{folder}/libcuda.so.1")),
    );
    let mut reasons = Vec::new();
    for name in names {
        let Ok(path) = CString::new(name.clone()) else {
            continue;
        };
        // SAFETY: loading a library runs its initialisers; NVIDIA's driver is what this process is for.
        let library = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        if library.is_null() {
            // SAFETY: dlerror answers a C string or null.
            let error = unsafe { libc::dlerror() };
            if !error.is_null() {
                // SAFETY: as above; copied before the next call.
                reasons.push(
                    unsafe { CStr::from_ptr(error) }
                        .to_string_lossy()
                        .into_owned(),
                );
            }
            continue;
        }
        let find = |name: &CStr| -> *mut c_void {
            // SAFETY: a loaded library and a C string.
            unsafe { libc::dlsym(library, name.as_ptr()) }
        };
        if !find(c"pillion_client_marker").is_null() {
            reasons.push(format!("{name} is Pillion's own client library"));
            // SAFETY: opened above, and nothing of it is used.
            unsafe { libc::dlclose(library) };
            continue;
        }
        // SAFETY: the symbols of a CUDA driver have CUDA's signatures; the library stays loaded.
        return Ok(unsafe { DriverTable::load(find) });
    }
    Err(format!("no NVIDIA driver: {}", reasons.join("; ")))
}

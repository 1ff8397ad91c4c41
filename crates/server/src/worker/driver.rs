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
    let library = Library::open("libcuda.so.1", "PILLION_DRIVER")
        .map_err(|reasons| format!("no NVIDIA driver: {reasons}"))?;
    // SAFETY: the symbols of a CUDA driver have CUDA's signatures; the library stays loaded.
    Ok(unsafe { DriverTable::load(|name| library.find(name)) })
}

/// A library of NVIDIA's driver. It stays loaded.
#[derive(Debug, Clone, Copy)]
pub struct Library(*mut c_void);

// SAFETY: the loader's name for a library that stays loaded, which any thread may use.
unsafe impl Send for Library {}
// SAFETY: as above.
unsafe impl Sync for Library {}

impl Library {
    /// Loads `file`, or what the environment's `variable` names. Pillion's own libraries, which stand in for NVIDIA's under the
    /// same names, are passed over.
    ///
    /// # Errors
    ///
    /// What was tried, and why it was not that.
    pub fn open(file: &str, variable: &str) -> Result<Self, String> {
        let mut names = Vec::new();
        if let Some(path) = std::env::var_os(variable) {
            names.push(path.to_string_lossy().into_owned());
        }
        names.push(file.to_string());
        names.extend(FOLDERS.iter().map(|folder| format!("{folder}/{file}")));
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
            let library = Library(library);
            if !library.find(c"pillion_client_marker").is_null() {
                reasons.push(format!("{name} is Pillion's own client library"));
                // SAFETY: opened above, and nothing of it is used.
                unsafe { libc::dlclose(library.0) };
                continue;
            }
            return Ok(library);
        }
        Err(reasons.join("; "))
    }

    /// The address of a symbol, or null.
    pub fn find(self, name: &CStr) -> *mut c_void {
        // SAFETY: a loaded library and a C string.
        unsafe { libc::dlsym(self.0, name.as_ptr()) }
    }
}

//! What is measured: the rows of the table.

/// A row.
#[derive(Clone, Debug)]
pub struct Figure {
    /// Its name in JSON.
    pub key: String,
    /// Its name for people.
    pub label: String,
    pub unit: Unit,
}

/// What a figure is, and how it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Seconds, shown as milliseconds.
    Milliseconds,
    /// Seconds, shown as microseconds.
    Microseconds,
    /// Bytes a second, shown as GB/s.
    Bandwidth,
}

impl Unit {
    /// Its name for people.
    pub fn shown(self) -> &'static str {
        match self {
            Unit::Milliseconds => "ms",
            Unit::Microseconds => "µs",
            Unit::Bandwidth => "GB/s",
        }
    }

    /// Its name in JSON.
    pub fn base(self) -> &'static str {
        match self {
            Unit::Milliseconds | Unit::Microseconds => "seconds",
            Unit::Bandwidth => "bytes_per_second",
        }
    }

    /// By what a value is multiplied before it is shown.
    pub fn scale(self) -> f64 {
        match self {
            Unit::Milliseconds => 1e3,
            Unit::Microseconds => 1e6,
            Unit::Bandwidth => 1e-9,
        }
    }
}

/// Figures of a fresh process each.
pub const FIRST_CALL: &str = "first_call";
pub const FIRST_KERNEL: &str = "first_kernel";
/// Figures of one process.
pub const LAUNCH_ISSUE: &str = "launch_issue";
pub const LAUNCH_SUSTAINED: &str = "launch_sustained";
pub const LAUNCH_SYNC: &str = "launch_sync";
pub const WORK_SYNC: &str = "work_sync";
pub const EVENT_SYNC: &str = "event_sync";
pub const EVENT_QUERY: &str = "event_query";
pub const WORD_TO_DEVICE: &str = "word_to_device";
pub const WORD_TO_HOST: &str = "word_to_host";
pub const MALLOC_FREE: &str = "malloc_free";
pub const MALLOC_FREE_ASYNC: &str = "malloc_free_async";
pub const MODULE_LOAD: &str = "module_load";
pub const CONTEXT_DEVICE: &str = "ctx_get_device";
pub const DEVICE_ATTRIBUTE: &str = "device_get_attribute";
pub const GRAPH_SYNC: &str = "graph_sync";

/// Kernels of the graph.
pub const GRAPH_KERNELS: usize = 20;

/// Those that tell most of a link.
pub const TELLING: &[&str] = &[
    FIRST_KERNEL,
    LAUNCH_ISSUE,
    LAUNCH_SUSTAINED,
    LAUNCH_SYNC,
    WORD_TO_HOST,
    MALLOC_FREE,
    "to_device_pinned_1MiB",
    "to_host_pinned_1MiB",
];

const TIMES: &[(&str, &str, Unit)] = &[
    (FIRST_CALL, "first CUDA call", Unit::Milliseconds),
    (FIRST_KERNEL, "first kernel", Unit::Milliseconds),
    (LAUNCH_ISSUE, "launch, issue only", Unit::Microseconds),
    (LAUNCH_SUSTAINED, "launch, sustained", Unit::Microseconds),
    (LAUNCH_SYNC, "launch + synchronize", Unit::Microseconds),
    (
        WORK_SYNC,
        "kernel of some work + synchronize",
        Unit::Microseconds,
    ),
    (
        GRAPH_SYNC,
        "graph of 20 kernels + synchronize",
        Unit::Microseconds,
    ),
    (EVENT_SYNC, "event record + synchronize", Unit::Microseconds),
    (EVENT_QUERY, "cuEventQuery", Unit::Microseconds),
    (
        WORD_TO_DEVICE,
        "4-byte copy to the device",
        Unit::Microseconds,
    ),
    (WORD_TO_HOST, "4-byte copy to the host", Unit::Microseconds),
    (
        MALLOC_FREE,
        "cuMemAlloc + cuMemFree, 1 MiB",
        Unit::Microseconds,
    ),
    (
        MALLOC_FREE_ASYNC,
        "cuMemAllocAsync + cuMemFreeAsync",
        Unit::Microseconds,
    ),
    (MODULE_LOAD, "module load (PTX)", Unit::Microseconds),
    (CONTEXT_DEVICE, "cuCtxGetDevice", Unit::Microseconds),
    (DEVICE_ATTRIBUTE, "cuDeviceGetAttribute", Unit::Microseconds),
];

/// The sizes of copies.
const SIZES: [(usize, &str); 4] = [
    (64 << 10, "64 KiB"),
    (1 << 20, "1 MiB"),
    (16 << 20, "16 MiB"),
    (256 << 20, "256 MiB"),
];

/// The largest copy of a quick run.
const QUICK: usize = 1 << 20;

/// Every row, of a quick run or a whole one.
pub fn figures(quick: bool) -> Vec<Figure> {
    let times = TIMES.iter().map(|&(key, label, unit)| Figure {
        key: key.to_owned(),
        label: label.to_owned(),
        unit,
    });
    let copies = copies(quick).into_iter().flat_map(|copy| {
        [true, false].map(|to_device| Figure {
            key: copy.key(to_device),
            label: format!(
                "{} {}, {}",
                copy.size,
                if to_device {
                    "to the device"
                } else {
                    "to the host"
                },
                copy.memory()
            ),
            unit: Unit::Bandwidth,
        })
    });
    times.chain(copies).collect()
}

/// Whether a figure is one of the start, for which a process is needed each time.
pub fn is_start(key: &str) -> bool {
    [FIRST_CALL, FIRST_KERNEL].contains(&key)
}

/// Copies of a size from and to one kind of memory.
#[derive(Clone, Copy, Debug)]
pub struct Copy {
    pub bytes: usize,
    pub pinned: bool,
    size: &'static str,
}

impl Copy {
    /// Its figure in a direction.
    pub fn key(&self, to_device: bool) -> String {
        format!(
            "{}_{}_{}",
            if to_device { "to_device" } else { "to_host" },
            self.memory(),
            self.size.replace(' ', "")
        )
    }

    fn memory(&self) -> &'static str {
        if self.pinned { "pinned" } else { "pageable" }
    }
}

/// The copies of a quick run or a whole one, small ones first.
pub fn copies(quick: bool) -> Vec<Copy> {
    SIZES
        .into_iter()
        .filter(|&(bytes, _)| !quick || bytes <= QUICK)
        .flat_map(|(bytes, size)| {
            [false, true].map(|pinned| Copy {
                bytes,
                pinned,
                size,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_figures_have_the_same_name() {
        let all = figures(false);
        let keys: HashSet<_> = all.iter().map(|figure| &figure.key).collect();
        assert_eq!(keys.len(), all.len());
        assert_eq!(all.len(), TIMES.len() + 16);
        assert!(keys.contains(&"to_host_pinned_256MiB".to_string()));
        let quick = figures(true);
        assert_eq!(quick.len(), TIMES.len() + 8);
        let quick_keys: HashSet<_> = quick.iter().map(|figure| figure.key.as_str()).collect();
        assert!(TELLING.iter().all(|key| quick_keys.contains(key)));
        assert!(quick.iter().all(|figure| keys.contains(&figure.key)));
    }
}

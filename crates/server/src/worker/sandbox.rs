//! What a worker may do besides driving its device.
//!
//! A worker runs strangers' programs on a driver of millions of lines. Should one of them find a way from there into the process, it
//! finds itself without what a process usually has: no other program can be executed and no process made, no socket but Unix ones, no
//! connection anywhere, no file but those of the driver, of the device and of the worker's caches, nobody else's memory, no signals to
//! others, and no way to get rights back. Two mechanisms of the kernel do that, both for good: Landlock says which files, a seccomp
//! filter which system calls.
//!
//! A worker for `ucx://` makes its own connections, so it may use the network as well, and the devices of InfiniBand and RoCE; the
//! others may not.
//!
//! The lists are those of what NVIDIA's driver 580 was seen to use on an H200, over Pillion's own tests, PyTorch, Triton and NVML, and
//! what belongs to that. A call that is not on them fails as one that is not permitted; `Log` lets it pass instead, and the kernel's
//! audit log says which it was.

use std::collections::BTreeMap;
use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd,
    Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetStatus, Scope,
};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Op, SeccompCondition,
    SeccompFilter, SeccompRule,
};

/// Whether a worker is shut in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sandbox {
    /// It is.
    #[default]
    On,
    /// System calls that are not on the list are let through, and the kernel logs them.
    Log,
    /// It is not.
    Off,
}

impl fmt::Display for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Sandbox::On => "on",
            Sandbox::Log => "log",
            Sandbox::Off => "off",
        })
    }
}

impl FromStr for Sandbox {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "on" => Ok(Sandbox::On),
            "log" => Ok(Sandbox::Log),
            "off" => Ok(Sandbox::Off),
            _ => Err(format!("{text:?} is none of `on`, `log` and `off`")),
        }
    }
}

/// The newest rights that this code knows of. A kernel that has fewer enforces those.
const ABI_KNOWN: ABI = ABI::V6;

/// What may be read, with all below it. A driver looks for its libraries and settings in the first ones; nothing that is anybody's
/// own is there.
const READABLE: &[&str] = &[
    "/usr",
    "/lib",
    "/lib32",
    "/lib64",
    "/opt",
    "/nix/store",
    "/run/opengl-driver",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/ld.so.preload",
    "/etc/localtime",
    "/etc/nvidia",
    "/etc/alternatives",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/devices",
    "/proc/driver",
    "/proc/filesystems",
    "/proc/modules",
    "/proc/stat",
    "/proc/sys",
    "/proc/version",
    "/sys",
    "/dev/urandom",
    "/dev/random",
    "/run/nvidia-persistenced",
    "/run/nvidia-fabricmanager",
];

/// What may also be written: where processes that share device memory find each other.
const WRITABLE: &[&str] = &["/dev/shm", "/dev/null", "/dev/zero"];

/// What a worker for `ucx://` may read besides: how UCX, and the drivers of InfiniBand and RoCE, are set up.
const NETWORK_READABLE: &[&str] = &["/etc/libibverbs.d", "/etc/ucx"];

/// And write: those devices.
const NETWORK_DEVICES: &str = "/dev/infiniband";

/// Shuts the calling process in, which has one thread and has not loaded its driver. `cache` is the folder of the content cache.
/// `network`: it is for `ucx://`, and may use the network.
///
/// # Errors
///
/// A sentence that says what the kernel refused. What a kernel does not have at all is left out, and the log says so.
pub fn enter(sandbox: Sandbox, network: bool, cache: Option<&Path>) -> Result<(), String> {
    // What a session holds is not to be found in a file when a driver crashes.
    let none = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: reads a local.
    unsafe { libc::setrlimit(libc::RLIMIT_CORE, &raw const none) };
    if sandbox == Sandbox::Off {
        return Ok(());
    }
    rustix::thread::set_no_new_privs(true)
        .map_err(|error| format!("the kernel does not let it give up rights: {error}"))?;
    if sandbox == Sandbox::On {
        let enforced = restrict_files(network, cache)
            .map_err(|error| format!("Landlock refuses its rules: {error}"))?;
        if !enforced {
            tracing::warn!(
                "this kernel has no Landlock (Linux 5.13 and later, `lsm=landlock` among its parameters): workers can open any file of \
                 their user"
            );
        }
    }
    restrict_calls(sandbox, network).map_err(|error| format!("the filter of system calls: {error}"))
}

/// Leaves the process the files that it needs. Answers whether the kernel enforces any of it.
fn restrict_files(network: bool, cache: Option<&Path>) -> Result<bool, landlock::RulesetError> {
    let read: BitFlags<AccessFs> = AccessFs::ReadFile | AccessFs::ReadDir;
    let all = AccessFs::from_all(ABI_KNOWN);
    let own =
        all & !(AccessFs::Execute | AccessFs::IoctlDev | AccessFs::MakeChar | AccessFs::MakeBlock);
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(all)?;
    if !network {
        // With no rule for a port there is none that may be used.
        rules = rules.handle_access(AccessNet::from_all(ABI_KNOWN))?;
    }
    let rules = rules.scope(Scope::Signal)?.create()?;
    let mut rules = Files(rules);
    for path in READABLE {
        rules.allow(Path::new(path), read)?;
    }
    if network {
        for path in NETWORK_READABLE {
            rules.allow(Path::new(path), read)?;
        }
        let devices = read | AccessFs::WriteFile | AccessFs::IoctlDev;
        rules.allow(Path::new(NETWORK_DEVICES), devices)?;
    }
    // What the operator has named, and what the loader looks through.
    for variable in [
        "LD_LIBRARY_PATH",
        "PILLION_DRIVER",
        "PILLION_NVML",
        "PILLION_UCX",
    ] {
        for path in env::var_os(variable).iter().flat_map(env::split_paths) {
            if path.is_absolute() {
                // The file and what lies beside it: drivers load parts of themselves.
                let folder = if path.is_dir() {
                    Some(&*path)
                } else {
                    path.parent()
                };
                rules.allow_some(folder, read)?;
            }
        }
    }
    for path in WRITABLE {
        rules.allow(Path::new(path), own)?;
    }
    // Its own part of it, and none of other processes': threads have names that are written there.
    rules.allow(
        &PathBuf::from(format!("/proc/{}", std::process::id())),
        read | AccessFs::WriteFile | AccessFs::Truncate,
    )?;
    for device in devices() {
        rules.allow(&device, read | AccessFs::WriteFile | AccessFs::IoctlDev)?;
    }
    let mps =
        |variable: &str, usual: &str| PathBuf::from(env::var_os(variable).unwrap_or(usual.into()));
    rules.allow(&mps("CUDA_MPS_PIPE_DIRECTORY", "/tmp/nvidia-mps"), own)?;
    rules.allow_some(cache, own)?;
    rules.allow_some(compute_cache().as_deref(), own)?;
    let status = rules.0.restrict_self()?;
    Ok(status.ruleset != RulesetStatus::NotEnforced)
}

/// NVIDIA's files among the devices.
fn devices() -> Vec<PathBuf> {
    let found = std::fs::read_dir("/dev").into_iter().flatten();
    let names = found.filter_map(|entry| Some(entry.ok()?.path()));
    names
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("nvidia"))
        })
        .collect()
}

/// Where NVIDIA's driver keeps what it has compiled. It is made here: what is not there cannot be allowed.
fn compute_cache() -> Option<PathBuf> {
    let named = env::var_os("CUDA_CACHE_PATH").filter(|path| !path.is_empty());
    let folder = match named {
        Some(path) => PathBuf::from(path),
        None => PathBuf::from(env::var_os("HOME")?).join(".nv"),
    };
    // Without it the driver compiles again.
    std::fs::create_dir_all(&folder).ok()?;
    Some(folder)
}

/// The rules so far.
struct Files(RulesetCreated);

impl Files {
    /// Allows this of a file, or of all below a folder, where there is one.
    fn allow(
        &mut self,
        path: &Path,
        access: BitFlags<AccessFs>,
    ) -> Result<(), landlock::RulesetError> {
        let Ok(opened) = PathFd::new(path) else {
            return Ok(());
        };
        // Of a file the rights of folders mean nothing.
        let access = if path.is_dir() {
            access
        } else {
            access & AccessFs::from_file(ABI_KNOWN)
        };
        (&mut self.0).add_rule(PathBeneath::new(opened, access))?;
        Ok(())
    }

    fn allow_some(
        &mut self,
        path: Option<&Path>,
        access: BitFlags<AccessFs>,
    ) -> Result<(), landlock::RulesetError> {
        path.map_or(Ok(()), |path| self.allow(path, access))
    }
}

/// System calls that may be made with any arguments.
const CALLS: &[i64] = &[
    // Memory.
    libc::SYS_brk,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_madvise,
    libc::SYS_mincore,
    libc::SYS_msync,
    libc::SYS_mlock,
    libc::SYS_mlock2,
    libc::SYS_munlock,
    libc::SYS_mbind,
    libc::SYS_get_mempolicy,
    libc::SYS_set_mempolicy,
    libc::SYS_memfd_create,
    libc::SYS_membarrier,
    // Files, of which Landlock says which.
    libc::SYS_openat,
    libc::SYS_close,
    libc::SYS_close_range,
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_pread64,
    libc::SYS_pwrite64,
    libc::SYS_preadv,
    libc::SYS_pwritev,
    libc::SYS_preadv2,
    libc::SYS_pwritev2,
    libc::SYS_lseek,
    libc::SYS_fstat,
    libc::SYS_newfstatat,
    libc::SYS_statx,
    libc::SYS_statfs,
    libc::SYS_fstatfs,
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_readlinkat,
    libc::SYS_getdents64,
    libc::SYS_getcwd,
    libc::SYS_mkdirat,
    libc::SYS_unlinkat,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_ftruncate,
    libc::SYS_fallocate,
    libc::SYS_fsync,
    libc::SYS_fdatasync,
    libc::SYS_fadvise64,
    libc::SYS_utimensat,
    libc::SYS_umask,
    libc::SYS_copy_file_range,
    libc::SYS_sendfile,
    libc::SYS_fcntl,
    libc::SYS_flock,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_ioctl,
    // Waiting.
    libc::SYS_ppoll,
    libc::SYS_pselect6,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_epoll_pwait2,
    libc::SYS_eventfd2,
    libc::SYS_pipe2,
    libc::SYS_timerfd_create,
    libc::SYS_timerfd_settime,
    libc::SYS_timerfd_gettime,
    libc::SYS_futex,
    libc::SYS_futex_waitv,
    libc::SYS_nanosleep,
    libc::SYS_clock_nanosleep,
    libc::SYS_clock_gettime,
    libc::SYS_clock_getres,
    libc::SYS_gettimeofday,
    libc::SYS_sched_yield,
    libc::SYS_restart_syscall,
    // Sockets that are there. New ones are Unix sockets only.
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    libc::SYS_sendmmsg,
    libc::SYS_recvfrom,
    libc::SYS_recvmsg,
    libc::SYS_recvmmsg,
    libc::SYS_shutdown,
    libc::SYS_getsockopt,
    libc::SYS_setsockopt,
    libc::SYS_getsockname,
    libc::SYS_getpeername,
    // The process and its threads.
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_set_tid_address,
    libc::SYS_set_robust_list,
    libc::SYS_get_robust_list,
    libc::SYS_rseq,
    libc::SYS_prctl,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_rt_sigtimedwait,
    libc::SYS_rt_sigsuspend,
    libc::SYS_rt_sigpending,
    libc::SYS_sigaltstack,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_setaffinity,
    libc::SYS_sched_getparam,
    libc::SYS_sched_getscheduler,
    libc::SYS_sched_get_priority_max,
    libc::SYS_sched_get_priority_min,
    libc::SYS_getpriority,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_gettid,
    libc::SYS_getuid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getegid,
    libc::SYS_getresuid,
    libc::SYS_getresgid,
    libc::SYS_getgroups,
    libc::SYS_getrusage,
    libc::SYS_getcpu,
    libc::SYS_getrandom,
    libc::SYS_sysinfo,
    libc::SYS_uname,
    libc::SYS_times,
];

/// Older forms of the same, which only this architecture has.
#[cfg(target_arch = "x86_64")]
const OLDER_CALLS: &[i64] = &[
    libc::SYS_open,
    libc::SYS_stat,
    libc::SYS_lstat,
    libc::SYS_access,
    libc::SYS_readlink,
    libc::SYS_mkdir,
    libc::SYS_rmdir,
    libc::SYS_unlink,
    libc::SYS_rename,
    libc::SYS_getdents,
    libc::SYS_dup2,
    libc::SYS_pipe,
    libc::SYS_poll,
    libc::SYS_select,
    libc::SYS_epoll_wait,
    libc::SYS_eventfd,
    libc::SYS_arch_prctl,
    libc::SYS_time,
    libc::SYS_getrlimit,
];
#[cfg(not(target_arch = "x86_64"))]
const OLDER_CALLS: &[i64] = &[];

/// Leaves the process these system calls.
fn restrict_calls(sandbox: Sandbox, network: bool) -> Result<(), seccompiler::Error> {
    let mut calls: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    for call in CALLS.iter().chain(OLDER_CALLS) {
        calls.insert(*call, Vec::new());
    }
    let own = u64::from(std::process::id());
    let unix = libc::AF_UNIX as u64;
    // A thread: what shares its memory and its signal handlers.
    let thread = (libc::CLONE_THREAD | libc::CLONE_VM) as u64;
    for (call, argument, op, value) in [
        (libc::SYS_socket, 0, Op::Eq, unix),
        (libc::SYS_socketpair, 0, Op::Eq, unix),
        (libc::SYS_clone, 0, Op::MaskedEq(thread), thread),
        (libc::SYS_tgkill, 0, Op::Eq, own),
        (libc::SYS_kill, 0, Op::Eq, own),
        // Its own limits, which it may only lower.
        (libc::SYS_prlimit64, 0, Op::Eq, 0),
        (libc::SYS_prlimit64, 0, Op::Eq, own),
    ] {
        let condition = SeccompCondition::new(argument, Len::Dword, op, value)?;
        let rule = SeccompRule::new(vec![condition])?;
        calls.entry(call).or_default().push(rule);
    }
    if network {
        for family in [libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK] {
            let condition = SeccompCondition::new(0, Len::Dword, Op::Eq, family as u64)?;
            let rule = SeccompRule::new(vec![condition])?;
            calls.entry(libc::SYS_socket).or_default().push(rule);
        }
        #[cfg(target_arch = "x86_64")]
        calls.insert(libc::SYS_epoll_create, Vec::new());
    }
    // Its arguments are in memory, where a filter does not see them.
    calls.insert(libc::SYS_clone3, Vec::new());
    let architecture = env::consts::ARCH.try_into()?;
    let mut filters = Vec::new();
    let refused = match sandbox {
        Sandbox::Log => SeccompAction::Log,
        _ => {
            // Libraries make a thread the older way where they find no such call. Of two filters the stricter counts.
            let missing = [(libc::SYS_clone3, Vec::new())].into_iter().collect();
            let absent = SeccompAction::Errno(libc::ENOSYS as u32);
            let allow = SeccompAction::Allow;
            filters.push(SeccompFilter::new(missing, allow, absent, architecture)?);
            SeccompAction::Errno(libc::EPERM as u32)
        }
    };
    let allow = SeccompAction::Allow;
    filters.push(SeccompFilter::new(calls, refused, allow, architecture)?);
    for filter in filters {
        let program: BpfProgram = filter.try_into()?;
        seccompiler::apply_filter_all_threads(&program)?;
    }
    Ok(())
}

//! The user that workers belong to.
//!
//! A server that root has started needs root's rights for little: to listen, to read its keys. Workers run strangers' programs and need
//! none of them, so they belong to a user who has nothing. That is one user for all of them: programs of one client share memory of the
//! device between processes, which the driver allows those of one user.

use std::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use nix::unistd::{Gid, Uid, User, getgrouplist, setgroups, setresgid, setresuid};

/// The users that are taken if nobody says, and there is one: first whom a package or an administrator has made for it.
const USUAL: [&str; 2] = ["pillion", "nobody"];

/// Where the driver keeps what it has compiled for users without a home.
const DRIVER_CACHE: &str = "/var/cache/pillion-driver";

/// Which user it is to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Choice {
    /// The server's, if that is not root; else the user `pillion`, or `nobody`, as far as the device works for them.
    #[default]
    Auto,
    /// This one, by name or number.
    Named(String),
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Choice::Auto),
            _ if text.is_empty() || text.len() > 255 || text.chars().any(char::is_control) => {
                Err("this is no user's name".to_string())
            }
            _ => Ok(Choice::Named(text.to_string())),
        }
    }
}

/// Another user than the server's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// His name.
    pub name: String,
    /// What the kernel knows of him.
    pub rights: Rights,
    /// Whether it has to be him. Else the server's user will do where the device does not work for him.
    pub is_required: bool,
    home: PathBuf,
}

/// What the kernel knows of a user: `UID:GID,GROUP...`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights {
    uid: u32,
    gid: u32,
    /// All his groups.
    groups: Vec<u32>,
}

/// Finds out who it is; `None`: the server's own user.
///
/// # Errors
///
/// A sentence: there is no such user, or the server is not root and cannot become another.
pub fn find(choice: &Choice) -> Result<Option<Other>, String> {
    let own = Uid::effective();
    let name = match choice {
        Choice::Auto if !own.is_root() => return Ok(None),
        Choice::Auto => {
            let usual = USUAL.iter().find_map(|name| known(name).ok().flatten());
            return Ok(usual.map(|user| other(user, false)));
        }
        Choice::Named(name) => name,
    };
    let user = known(name)?.ok_or_else(|| {
        format!(
            "there is no user {name:?} on this machine; make one with `useradd --system {name}`"
        )
    })?;
    if user.uid == own {
        return Ok(None);
    }
    if !own.is_root() {
        return Err(format!(
            "workers can be those of the user {name:?} only where root starts the server, and this is the user {own}"
        ));
    }
    Ok(Some(other(user, true)))
}

fn known(name: &str) -> Result<Option<User>, String> {
    let user = match name.parse() {
        Ok(number) => User::from_uid(Uid::from_raw(number)),
        Err(_) => User::from_name(name),
    };
    user.map_err(|error| format!("the user {name:?} cannot be looked up: {error}"))
}

fn other(user: User, is_required: bool) -> Other {
    let named = std::ffi::CString::new(user.name.as_str()).ok();
    let groups = named.and_then(|name| getgrouplist(&name, user.gid).ok());
    let mut groups: Vec<u32> = groups.iter().flatten().map(|gid| gid.as_raw()).collect();
    groups.extend(groups_of_devices());
    groups.sort_unstable();
    groups.dedup();
    Other {
        rights: Rights {
            uid: user.uid.as_raw(),
            gid: user.gid.as_raw(),
            groups,
        },
        name: user.name,
        is_required,
        home: user.dir,
    }
}

/// The groups whose members may use NVIDIA's devices, where not everybody may.
fn groups_of_devices() -> Vec<u32> {
    const READ_AND_WRITE: u32 = 0o6;
    let found = fs::read_dir("/dev").into_iter().flatten();
    let nodes = found.filter_map(|entry| Some(entry.ok()?.path()));
    let groups = nodes.filter_map(|path| {
        let name = path.file_name()?.to_string_lossy().into_owned();
        let node = fs::metadata(&path).ok()?;
        let is_one = name.starts_with("nvidia") && node.file_type().is_char_device();
        let rights = |shift: u32| node.mode() >> shift & READ_AND_WRITE;
        // Root's group has more than the devices.
        let is_for_members = rights(0) != READ_AND_WRITE && rights(3) == READ_AND_WRITE;
        (is_one && is_for_members && node.gid() != 0).then(|| node.gid())
    });
    groups.collect()
}

impl Other {
    /// The environment in which his processes find what is his.
    pub fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        let mut environment = vec![("HOME", self.home.clone())];
        let is_named = std::env::var_os("CUDA_CACHE_PATH").is_some_and(|path| !path.is_empty());
        let has_home = fs::metadata(&self.home)
            .is_ok_and(|home| home.is_dir() && home.uid() == self.rights.uid);
        if !is_named && !has_home {
            let folder = PathBuf::from(DRIVER_CACHE);
            // Without it the driver compiles again.
            match self.rights.make_folder(&folder) {
                Ok(()) => environment.push(("CUDA_CACHE_PATH", folder)),
                Err(reason) => tracing::debug!("{DRIVER_CACHE} {reason}"),
            }
        }
        environment
    }
}

impl Rights {
    /// Those of the process that asks.
    pub fn own() -> Self {
        Rights {
            uid: Uid::effective().as_raw(),
            gid: Gid::effective().as_raw(),
            groups: Vec::new(),
        }
    }

    /// Becomes this user, for good. The process must have one thread, and must not have been told secrets: who has the rights of the
    /// user may look into it.
    ///
    /// # Errors
    ///
    /// A sentence: the process does not have the right to.
    pub fn take(&self) -> Result<(), String> {
        let refused = |error: nix::Error| {
            format!(
                "it cannot become the user {}: {error}; the server has to have the capabilities CAP_SETUID and CAP_SETGID, or let \
                 workers keep its own user with --user",
                self.uid
            )
        };
        let groups: Vec<Gid> = self.groups.iter().map(|gid| Gid::from_raw(*gid)).collect();
        let (uid, gid) = (Uid::from_raw(self.uid), Gid::from_raw(self.gid));
        // As root it may pin as much as the device needs.
        let any = libc::RLIM_INFINITY;
        let limit = libc::rlimit {
            rlim_cur: any,
            rlim_max: any,
        };
        // SAFETY: reads a local. Where it fails, the limit stays what it was.
        unsafe { libc::setrlimit(libc::RLIMIT_MEMLOCK, &raw const limit) };
        setgroups(&groups).map_err(refused)?;
        setresgid(gid, gid, gid).map_err(refused)?;
        setresuid(uid, uid, uid).map_err(refused)?;
        // The kernel takes from a process that changes its user its own files in /proc, which drivers read.
        // SAFETY: sets a flag of this process.
        unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 1, 0, 0, 0) };
        Ok(())
    }

    /// Becomes this user between `fork` and `exec`, for a program that is not ours. Makes system calls and nothing else, so it may be called
    /// in a child of a process with threads.
    ///
    /// # Errors
    ///
    /// The kernel's.
    pub fn take_in_child(&self) -> io::Result<()> {
        let done = |status: libc::c_int| match status {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        };
        // SAFETY: passes a live list of its own length.
        done(unsafe { libc::setgroups(self.groups.len(), self.groups.as_ptr()) })?;
        // SAFETY: plain numbers.
        done(unsafe { libc::setresgid(self.gid, self.gid, self.gid) })?;
        // SAFETY: plain numbers.
        done(unsafe { libc::setresuid(self.uid, self.uid, self.uid) })
    }

    /// Gives this user a file or folder.
    ///
    /// # Errors
    ///
    /// The kernel's.
    pub fn give(&self, path: &Path) -> io::Result<()> {
        std::os::unix::fs::chown(path, Some(self.uid), Some(self.gid))
    }

    /// Makes a folder for this user, or checks the one that is there: nobody else may write in it. Where root made it in the time before
    /// there was this user, it is handed over with what is in it.
    ///
    /// # Errors
    ///
    /// What is wrong with it, as the end of a sentence.
    pub fn make_folder(&self, path: &Path) -> Result<(), String> {
        crate::cache::make_folder(path).map_err(|error| format!("cannot be made: {error}"))?;
        let metadata =
            fs::metadata(path).map_err(|error| format!("cannot be looked at: {error}"))?;
        if !metadata.is_dir() {
            return Err("is not a folder".to_string());
        }
        if metadata.mode() & 0o022 != 0 {
            return Err(format!(
                "can be written by others (mode {:03o})",
                metadata.mode() & 0o777
            ));
        }
        let process = Uid::effective().as_raw();
        if metadata.uid() != self.uid && metadata.uid() == process {
            self.hand_over(path)
                .map_err(|error| format!("cannot be given to the user {}: {error}", self.uid))?;
        } else if metadata.uid() != self.uid {
            return Err(format!(
                "belongs to user {}, not to user {}",
                metadata.uid(),
                self.uid
            ));
        }
        match self.is_kept_from(path) {
            Some(folder) => Err(format!(
                "is out of reach of the user {}, who may not pass {}",
                self.uid,
                folder.display()
            )),
            None => Ok(()),
        }
    }

    /// Gives this user a folder with all that is in it, the folder last: what is in it is the process's own until then.
    fn hand_over(&self, path: &Path) -> std::io::Result<()> {
        let folder = fs::symlink_metadata(path)?;
        if folder.uid() != Uid::effective().as_raw() || folder.mode() & 0o022 != 0 {
            // Somebody else may have put things there that are not to be given away.
            return Ok(());
        }
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            match entry.file_type()?.is_dir() {
                true => self.hand_over(&entry.path())?,
                false => {
                    std::os::unix::fs::lchown(entry.path(), Some(self.uid), Some(self.gid))?;
                }
            }
        }
        std::os::unix::fs::lchown(path, Some(self.uid), Some(self.gid))
    }

    /// The first folder on the way to `path` that this user may not pass.
    fn is_kept_from(&self, path: &Path) -> Option<PathBuf> {
        if self.uid == 0 {
            return None;
        }
        let mut folders: Vec<&Path> = path.ancestors().skip(1).collect();
        folders.reverse();
        let closed = folders.into_iter().find(|folder| {
            fs::metadata(folder).is_ok_and(|folder| {
                let shift = match () {
                    () if folder.uid() == self.uid => 6,
                    () if folder.gid() == self.gid || self.groups.contains(&folder.gid()) => 3,
                    () => 0,
                };
                folder.mode() >> shift & 1 == 0
            })
        });
        closed.map(Path::to_path_buf)
    }
}

impl fmt::Display for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.uid, self.gid)?;
        self.groups.iter().try_for_each(|gid| write!(f, ",{gid}"))
    }
}

impl FromStr for Rights {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = || {
            let (uid, gids) = text.split_once(':')?;
            let mut gids = gids.split(',').map(|gid| gid.parse().ok());
            Some(Rights {
                uid: uid.parse().ok()?,
                gid: gids.next()??,
                groups: gids.collect::<Option<_>>()?,
            })
        };
        parts().ok_or_else(|| format!("{text:?} is not UID:GID,GROUP..."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn rights_are_read_as_they_are_written() {
        for text in ["65534:65534", "1:2,3,44", "0:0,0"] {
            assert_eq!(text.parse::<Rights>().unwrap().to_string(), text);
        }
        for text in ["", "1", "1:", ":1", "1:2,", "a:1", "-1:1", "1:4294967296"] {
            text.parse::<Rights>().unwrap_err();
        }
    }

    #[test]
    fn users_are_found_by_name_and_by_number() {
        let own = Uid::effective();
        let name = User::from_uid(own).unwrap().unwrap().name;
        for own in [name, own.to_string()] {
            assert_eq!(find(&Choice::Named(own)).unwrap(), None);
        }
        let none = find(&Choice::Named("no-such-user".into())).unwrap_err();
        assert!(none.contains("useradd --system no-such-user"), "{none}");
        let nobody = find(&Choice::Named("nobody".into()));
        if !own.is_root() {
            assert_eq!(find(&Choice::Auto).unwrap(), None);
            assert!(nobody.unwrap_err().contains("only where root"));
            return;
        }
        let nobody = nobody.unwrap().unwrap();
        assert!(nobody.is_required && nobody.rights.uid != 0 && nobody.rights.gid != 0);
        assert!(!find(&Choice::Auto).unwrap().unwrap().is_required);
    }

    #[test]
    fn a_folder_is_handed_over_once() {
        if !Uid::effective().is_root() {
            return eprintln!("only root can give files away: not tested");
        }
        let root = std::env::temp_dir().join(format!("pillion-user-{}", std::process::id()));
        let folder = root.join("in/cache");
        fs::create_dir_all(folder.join("by")).unwrap();
        fs::write(folder.join("by/file"), "x").unwrap();
        fs::write(root.join("outside"), "x").unwrap();
        std::os::unix::fs::symlink(root.join("outside"), folder.join("link")).unwrap();
        let rights: Rights = "65534:65534".parse().unwrap();
        rights.make_folder(&folder).unwrap();
        for path in ["", "by", "by/file", "link"] {
            let metadata = fs::symlink_metadata(folder.join(path)).unwrap();
            assert_eq!(metadata.uid(), 65534, "{path}");
        }
        assert_eq!(fs::metadata(root.join("outside")).unwrap().uid(), 0);
        // What is this user's is not another's, nor root's again.
        for other in ["0:0", "1:1"] {
            let other: Rights = other.parse().unwrap();
            let said = other.make_folder(&folder).unwrap_err();
            assert!(said.contains("belongs to user 65534"), "{said}");
        }
        fs::set_permissions(&root, fs::Permissions::from_mode(0o700)).unwrap();
        let said = rights.make_folder(&folder).unwrap_err();
        assert!(said.contains("may not pass /"), "{said}");
        fs::set_permissions(&root, fs::Permissions::from_mode(0o711)).unwrap();
        rights.make_folder(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
        let said = rights.make_folder(&folder).unwrap_err();
        assert!(said.contains("mode 777"), "{said}");
        fs::remove_dir_all(&root).unwrap();
    }
}

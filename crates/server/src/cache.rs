//! The content cache: what clients have sent before, on disk, by its BLAKE3 hash.
//!
//! ```text
//! DIR/by-NAME/0123...cdef    an entry of one identity: a file whose name is the hash of what it holds
//! DIR/shared/0123...cdef     one of a cache that all identities have in common
//! DIR/by-NAME/tmp-...        an entry that somebody is writing, under a lock
//! ```
//!
//! Knowing a hash proves nothing about who knows it, so every identity has a folder of its own, unless the operator shares one.
//!
//! No process trusts what it finds. An entry is written to a temporary file and renamed into place, so a crash leaves none
//! half-written; and whoever reads one computes the hash of what was read, so one that the disk, a crash of the machine or
//! somebody else has damaged is removed and sent again. That is also why nothing is synced: what a loss of power leaves behind is
//! found out when it is read. Entries may go at any time; a reader keeps the file that it has opened.
//!
//! When an entry was last used is its time of modification. Whoever writes makes room first: it looks through all folders, removes
//! temporary files that nobody holds a lock on (their writers are dead), and evicts what was used longest ago. Several processes
//! may do so at once: they evict the same entries. The size is kept by each process's own count between such looks, so
//! processes that write at the same moment may exceed it, each by a 64th of it or by one entry.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use rustix::fs::{FlockOperation, OFlags, flock};

use crate::user::Rights;

/// A BLAKE3 hash.
pub type Hash = [u8; 32];

/// How large a cache is if nobody says.
pub const DEFAULT_SIZE: u64 = 8 << 30;
/// The folder of a cache that is shared.
const SHARED: &str = "shared";
/// How the folder of an identity begins.
const OWN: &str = "by-";
/// How a temporary file's name begins.
const TEMPORARY: &str = "tmp-";
/// Longest name of a folder that is an identity's own; of longer ones the hash is taken.
const MAX_FOLDER: usize = 100;
/// A process looks through the cache again when it has written this part of its size.
const LOOK_EVERY: u64 = 64;
/// Evictions leave this part of the size free, so that they are seldom.
const SPARE: u64 = 8;
/// What a file takes is counted in these.
const BLOCK: u64 = 4096;
/// Most bytes that wait to be written, if it is more than one entry; what comes on top is not kept.
const MAX_WAITING: u64 = 256 << 20;

/// Where a cache is, and how large.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Its folder.
    pub folder: PathBuf,
    /// Most bytes in it.
    pub size: u64,
    /// All identities have one cache in common.
    pub shared: bool,
}

/// The folder of a cache if nobody says: `$XDG_CACHE_HOME/pillion`, else `/var/cache/pillion` for root and `~/.cache/pillion` for
/// others. `None` for a user without a home.
pub fn default_folder() -> Option<PathBuf> {
    let absolute = |name: &str| {
        let path = PathBuf::from(std::env::var_os(name)?);
        path.is_absolute().then_some(path)
    };
    if let Some(base) = absolute("XDG_CACHE_HOME") {
        return Some(base.join("pillion"));
    }
    if rustix::process::getuid().is_root() {
        return Some(PathBuf::from("/var/cache/pillion"));
    }
    Some(absolute("HOME")?.join(".cache/pillion"))
}

impl Settings {
    /// Makes the folder, whoever it is to belong to.
    ///
    /// # Errors
    ///
    /// As the end of a sentence.
    pub fn make(&self) -> Result<(), String> {
        make_folder(&self.folder).map_err(|error| format!("cannot be made: {error}"))
    }

    /// Makes the folder for the user that workers belong to, or checks the one that is there.
    ///
    /// # Errors
    ///
    /// What is wrong with it, as the end of a sentence.
    pub fn prepare(&self, workers: &Rights) -> Result<(), String> {
        workers.make_folder(&self.folder)
    }

    /// The folder, within the cache's, with what this identity has sent.
    pub fn folder_of(&self, identity: &str) -> String {
        if self.shared {
            return SHARED.to_string();
        }
        let mut name = OWN.to_string();
        for byte in identity.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                    name.push(char::from(byte));
                }
                _ => name.push_str(&format!("%{byte:02x}")),
            }
        }
        if name.len() > MAX_FOLDER {
            // No other name has a `%` before such a letter.
            name = format!("{OWN}%h{}", blake3::hash(identity.as_bytes()).to_hex());
        }
        name
    }
}

/// What a cache holds for whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// The folder, within the cache's.
    pub folder: String,
    /// How many entries it has.
    pub entries: u64,
    /// What they take, in bytes.
    pub bytes: u64,
}

/// What the cache in `root` holds, by folder.
///
/// # Errors
///
/// The kernel's, where the folder cannot be read. One that is not there holds nothing.
pub fn usage(root: &Path) -> io::Result<Vec<Usage>> {
    let look = Look::through(root)?;
    let mut all: Vec<Usage> = look
        .folders
        .iter()
        .map(|folder| Usage {
            folder: folder.clone(),
            entries: 0,
            bytes: 0,
        })
        .collect();
    for entry in &look.entries {
        all[entry.folder].entries += 1;
        all[entry.folder].bytes += entry.len;
    }
    all.sort_by(|a, b| a.folder.cmp(&b.folder));
    Ok(all)
}

/// Removes every entry of the cache in `root`. Answers how many there were, and what they took in bytes.
///
/// # Errors
///
/// The kernel's, where the folder cannot be read.
pub fn clear(root: &Path) -> io::Result<(u64, u64)> {
    let look = Look::through(root)?;
    let (mut entries, mut bytes) = (0, 0);
    for entry in &look.entries {
        if std::fs::remove_file(look.path(root, entry)).is_ok() {
            entries += 1;
            bytes += entry.len;
        }
    }
    for folder in &look.folders {
        // Somebody may be writing to it.
        let _ = std::fs::remove_dir(root.join(folder));
    }
    Ok((entries, bytes))
}

/// A session's cache. What it is given is written by a thread of its own.
#[derive(Debug)]
pub struct Cache {
    store: Store,
    writer: Option<Sender<Job>>,
    waiting: Arc<Waiting>,
}

/// What is to be written: the first bytes of these.
struct Job {
    hash: Option<Hash>,
    bytes: Arc<Vec<u8>>,
    len: usize,
}

/// Bytes that are not yet written.
#[derive(Debug, Default)]
struct Waiting {
    bytes: Mutex<u64>,
    less: Condvar,
}

impl Cache {
    /// The cache in `root`, of `size` bytes; of it `folder`, as [`Settings::folder_of`] named it. `tag` is in the names of
    /// temporary files; no other process has it.
    pub fn new(root: &Path, size: u64, folder: &str, tag: &str) -> Self {
        // A limit on the size of files is to be an error, not the end.
        // SAFETY: sets a disposition; no handler runs.
        unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
        Cache {
            store: Store {
                root: root.to_path_buf(),
                folder: root.join(folder),
                tag: tag.to_string(),
                size,
                count: None,
                begun: 0,
            },
            writer: None,
            waiting: Arc::default(),
        }
    }

    /// The bytes with that hash, if they are there and as many.
    pub fn find(&self, hash: &Hash, len: u64) -> Option<Vec<u8>> {
        self.store.find(hash, len)
    }

    /// Keeps the first `len` of these bytes, if they have the hash that is said, some time soon.
    pub fn keep(&mut self, hash: Option<Hash>, bytes: Arc<Vec<u8>>, len: usize) {
        let mut waiting = self.waiting.lock();
        if *waiting > 0 && *waiting + len as u64 > MAX_WAITING {
            return tracing::debug!(len, "not cached: the disk is behind");
        }
        *waiting += len as u64;
        drop(waiting);
        let job = Job { hash, bytes, len };
        let sent = match self.writer() {
            Some(writer) => writer.send(job).is_ok(),
            None => false,
        };
        if !sent {
            self.waiting.done(len as u64);
        }
    }

    /// Waits until everything is written, but no longer than this. What is not written then never will be.
    pub fn finish(&self, limit: Duration) {
        let waiting = self.waiting.lock();
        let _ = self
            .waiting
            .less
            .wait_timeout_while(waiting, limit, |bytes| *bytes > 0);
    }

    fn writer(&mut self) -> Option<&Sender<Job>> {
        if self.writer.is_none() {
            let (sender, jobs) = channel();
            let (store, waiting) = (self.store.clone(), Arc::clone(&self.waiting));
            std::thread::Builder::new()
                .name("pillion-cache".to_string())
                .spawn(move || write_all(store, &jobs, &waiting))
                .ok()?;
            self.writer = Some(sender);
        }
        self.writer.as_ref()
    }
}

impl Waiting {
    fn lock(&self) -> std::sync::MutexGuard<'_, u64> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn done(&self, len: u64) {
        *self.lock() -= len;
        self.less.notify_all();
    }
}

fn write_all(mut store: Store, jobs: &Receiver<Job>, waiting: &Waiting) {
    let mut works = true;
    for job in jobs {
        if works && let Err(error) = store.keep(job.hash, &job.bytes[..job.len]) {
            let folder = store.folder.display();
            tracing::warn!("nothing more of this session is cached in {folder}: {error}");
            works = false;
        }
        waiting.done(job.len as u64);
    }
}

#[derive(Debug, Clone)]
struct Store {
    root: PathBuf,
    folder: PathBuf,
    tag: String,
    size: u64,
    /// What the cache takes as far as this process knows: what it found when it looked, and what it has written since.
    count: Option<(u64, u64)>,
    /// Entries that it has begun to write.
    begun: u64,
}

impl Store {
    fn find(&self, hash: &Hash, len: u64) -> Option<Vec<u8>> {
        let path = self.folder.join(name_of(hash));
        let file = match open(&path) {
            Ok(file) => file,
            Err(error) => {
                if error.kind() != ErrorKind::NotFound {
                    tracing::debug!("cannot read {}: {error}", path.display());
                }
                return None;
            }
        };
        match read(&file, hash, len) {
            Ok(bytes) => {
                // If it cannot be noted, it is evicted sooner.
                let _ = file.set_modified(SystemTime::now());
                Some(bytes)
            }
            Err(reason) => {
                tracing::warn!("{} is removed from the cache: {reason}", path.display());
                // Another session has.
                let _ = std::fs::remove_file(&path);
                None
            }
        }
    }

    fn keep(&mut self, said: Option<Hash>, bytes: &[u8]) -> io::Result<()> {
        let hash = *blake3::hash(bytes).as_bytes();
        if said.is_some_and(|said| said != hash) {
            tracing::debug!("not cached: the bytes do not have the hash that the client named");
            return Ok(());
        }
        let path = self.folder.join(name_of(&hash));
        let len = bytes.len() as u64;
        if std::fs::metadata(&path).is_ok_and(|there| there.len() == len) {
            // Another session was sent the same.
            return Ok(());
        }
        if !self.make_room(blocks(len))? {
            tracing::debug!(len, "not cached: larger than the cache");
            return Ok(());
        }
        match make_folder(&self.folder) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        self.begun += 1;
        let name = format!("{TEMPORARY}{}-{}", self.tag, self.begun);
        let temporary = self.folder.join(name);
        let written = write(&temporary, bytes).and_then(|_lock| {
            // Under the lock still.
            std::fs::rename(&temporary, &path)
        });
        match written {
            Ok(()) => {
                if let Some((_, written)) = &mut self.count {
                    *written += blocks(len);
                }
                Ok(())
            }
            Err(error) => {
                let _ = std::fs::remove_file(&temporary);
                match error.kind() {
                    // Somebody has cleared the cache, or taken this file for a dead process's.
                    ErrorKind::NotFound | ErrorKind::WouldBlock => Ok(()),
                    _ => Err(error),
                }
            }
        }
    }

    /// Evicts until there is room for so many bytes more. False where there never is.
    fn make_room(&mut self, len: u64) -> io::Result<bool> {
        let full = self.size - self.size / SPARE;
        if len > full {
            return Ok(false);
        }
        // What others have written is not in the count; a look finds it.
        if let Some((found, written)) = self.count
            && found + written + len <= self.size
            && written + len <= self.size / LOOK_EVERY
        {
            return Ok(true);
        }
        let mut look = Look::through(&self.root)?;
        let mut count = look.writing + look.entries.iter().map(|entry| entry.len).sum::<u64>();
        if count + len > self.size {
            look.entries.sort_by_key(|entry| entry.used);
            for entry in &look.entries {
                if count + len <= full {
                    break;
                }
                // If it is gone, somebody else has evicted it.
                let _ = std::fs::remove_file(look.path(&self.root, entry));
                count -= entry.len;
            }
        }
        self.count = Some((count, 0));
        Ok(count + len <= self.size)
    }
}

/// What is in a cache now.
struct Look {
    folders: Vec<String>,
    entries: Vec<Entry>,
    /// Bytes of what is being written.
    writing: u64,
}

struct Entry {
    folder: usize,
    hash: Hash,
    len: u64,
    used: SystemTime,
}

impl Look {
    /// Looks through all folders, and removes what dead processes have left. Files that are not a cache's are not touched.
    fn through(root: &Path) -> io::Result<Self> {
        let mut look = Look {
            folders: Vec::new(),
            entries: Vec::new(),
            writing: 0,
        };
        let folders = match std::fs::read_dir(root) {
            Ok(folders) => folders,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(look),
            Err(error) => return Err(error),
        };
        for folder in folders.flatten() {
            let Ok(name) = folder.file_name().into_string() else {
                continue;
            };
            if (name == SHARED || name.starts_with(OWN))
                && folder.file_type().is_ok_and(|kind| kind.is_dir())
            {
                look.folders.push(name);
                look.look_into(&folder.path());
            }
        }
        Ok(look)
    }

    fn look_into(&mut self, folder: &Path) {
        let Ok(files) = std::fs::read_dir(folder) else {
            return;
        };
        for file in files.flatten() {
            let (Ok(name), Ok(metadata)) = (file.file_name().into_string(), file.metadata()) else {
                continue;
            };
            if !metadata.is_file() {
                continue;
            }
            let len = blocks(metadata.len());
            if let Some(hash) = hash_of(&name) {
                self.entries.push(Entry {
                    folder: self.folders.len() - 1,
                    hash,
                    len,
                    used: metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH),
                });
            } else if name.starts_with(TEMPORARY) {
                let path = file.path();
                let held = open(&path).is_ok_and(|file| {
                    flock(&file, FlockOperation::NonBlockingLockExclusive).is_err()
                });
                if held {
                    self.writing += len;
                } else {
                    // Its writer has just renamed it.
                    let _ = std::fs::remove_file(&path);
                }
            }
        }
    }

    fn path(&self, root: &Path, entry: &Entry) -> PathBuf {
        root.join(&self.folders[entry.folder])
            .join(name_of(&entry.hash))
    }
}

pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Opens a file that nobody may have put there to lead or to hold us elsewhere.
fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits() as i32)
        .open(path)
}

/// Reads an entry. An error says what is wrong with it.
fn read(file: &File, hash: &Hash, len: u64) -> Result<Vec<u8>, String> {
    let metadata = file.metadata().map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("it is no file".to_string());
    }
    if metadata.len() != len {
        return Err(format!(
            "it has {} bytes, and its content {len}",
            metadata.len()
        ));
    }
    // Room for what is put behind an image.
    let mut bytes = Vec::with_capacity(len as usize + 16);
    file.take(len)
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    if bytes.len() as u64 != len || blake3::hash(&bytes).as_bytes() != hash {
        return Err("its bytes do not have its hash".to_string());
    }
    Ok(bytes)
}

/// Writes a temporary file, and answers it with the lock that is held on it.
fn write(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    flock(&file, FlockOperation::NonBlockingLockExclusive)?;
    file.write_all(bytes)?;
    Ok(file)
}

/// What a file of so many bytes takes.
fn blocks(len: u64) -> u64 {
    len.div_ceil(BLOCK).max(1) * BLOCK
}

fn name_of(hash: &Hash) -> String {
    blake3::Hash::from_bytes(*hash).to_hex().to_string()
}

fn hash_of(name: &str) -> Option<Hash> {
    // The names of the same hash in other letters are not ours.
    let hash = *blake3::Hash::from_hex(name).ok()?.as_bytes();
    (name_of(&hash) == name).then_some(hash)
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;
    use pillion_test_support::Folder;
    use std::os::unix::fs::MetadataExt;

    const KIB: u64 = 1 << 10;
    const WATCHDOG: Duration = Duration::from_secs(120);

    fn store(folder: &Folder, size: u64, own: &str, tag: &str) -> Store {
        Cache::new(&folder.0, size, own, tag).store
    }

    /// Bytes that differ by their number, and their hash.
    fn content(number: u64, len: u64) -> (Hash, Vec<u8>) {
        let mut bytes = vec![0; len as usize];
        blake3::Hasher::new()
            .update(&number.to_le_bytes())
            .finalize_xof()
            .fill(&mut bytes);
        (*blake3::hash(&bytes).as_bytes(), bytes)
    }

    fn used(store: &Store, hash: &Hash, seconds: u64) {
        let file = File::open(store.folder.join(name_of(hash))).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
            .unwrap();
    }

    #[test]
    fn what_is_kept_is_found_by_its_hash_and_length() {
        let folder = Folder::new();
        let mut cache = Cache::new(&folder.0, 1 << 20, "by-a", "t");
        let (hash, mut bytes) = content(1, 5000);
        assert_eq!(cache.find(&hash, 5000), None);
        bytes.extend_from_slice(&[0; 16]);
        cache.keep(Some(hash), Arc::new(bytes.clone()), 5000);
        cache.finish(WATCHDOG);
        assert_eq!(cache.find(&hash, 5000).unwrap(), bytes[..5000]);
        // Another identity, and another hash.
        let other = Cache::new(&folder.0, 1 << 20, "by-b", "u");
        assert_eq!(other.find(&hash, 5000), None);
        assert_eq!(cache.find(&content(2, 5000).0, 5000), None);
        // What does not have the hash that it is said to have.
        let (wrong, _) = content(3, 5000);
        cache.keep(Some(wrong), Arc::new(bytes), 5000);
        cache.finish(WATCHDOG);
        assert_eq!(cache.find(&wrong, 5000), None);
        let all = usage(&folder.0).unwrap();
        assert_eq!(all.len(), 1);
        assert_eq!((all[0].folder.as_str(), all[0].entries), ("by-a", 1));
        assert_eq!(clear(&folder.0).unwrap(), (1, 8192));
        assert!(usage(&folder.0).unwrap().is_empty());
        assert_eq!(cache.find(&hash, 5000), None);
    }

    #[test]
    fn damaged_entries_are_removed_and_never_used() {
        let folder = Folder::new();
        let mut store = store(&folder, 1 << 20, "by-a", "t");
        let (hash, bytes) = content(1, 50_000);
        let path = store.folder.join(name_of(&hash));
        let flipped = |at: usize| {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0x10;
            bytes
        };
        let longer = [&bytes[..], b"x"].concat();
        for damaged in [
            Vec::new(),
            bytes[..49_999].to_vec(),
            longer,
            flipped(0),
            flipped(49_999),
            vec![0; 50_000],
        ] {
            store.keep(Some(hash), &bytes).unwrap();
            assert_eq!(store.find(&hash, 50_000).as_ref(), Some(&bytes));
            std::fs::write(&path, &damaged).unwrap();
            assert_eq!(store.find(&hash, 50_000), None);
            assert!(!path.exists());
        }
        // A length that the client has made up.
        store.keep(Some(hash), &bytes).unwrap();
        assert_eq!(store.find(&hash, u64::MAX), None);
        // What is no file.
        let _ = std::fs::remove_file(&path);
        std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
        assert_eq!(store.find(&hash, 50_000), None);
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert_eq!(store.find(&hash, 50_000), None);
        // Evicted while it is read: whoever has opened it reads it to its end.
        std::fs::remove_dir(&path).unwrap();
        store.keep(Some(hash), &bytes).unwrap();
        let file = open(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(read(&file, &hash, 50_000), Ok(bytes));
    }

    #[test]
    fn what_was_used_longest_ago_goes_first_whosever_it_is() {
        let folder = Folder::new();
        let size = 64 * KIB;
        let (mut a, mut b) = (
            store(&folder, size, "by-a", "t"),
            store(&folder, size, "by-b", "u"),
        );
        let all: Vec<(Hash, Vec<u8>)> = (0..6).map(|n| content(n, 12 * KIB)).collect();
        for (number, (hash, bytes)) in all[..5].iter().enumerate() {
            let store = if number % 2 == 0 { &mut a } else { &mut b };
            store.keep(Some(*hash), bytes).unwrap();
            used(store, hash, 1000 + number as u64);
        }
        // The oldest is used again.
        assert!(a.find(&all[0].0, 12 * KIB).is_some());
        b.keep(Some(all[5].0), &all[5].1).unwrap();
        assert!(a.find(&all[0].0, 12 * KIB).is_some());
        assert!(b.find(&all[1].0, 12 * KIB).is_none());
        assert!(a.find(&all[2].0, 12 * KIB).is_none());
        assert!(b.find(&all[5].0, 12 * KIB).is_some());
        // What is larger than the cache evicts nothing.
        let (hash, bytes) = content(7, 100 * KIB);
        b.keep(Some(hash), &bytes).unwrap();
        assert!(b.find(&hash, 100 * KIB).is_none());
        assert!(b.find(&all[5].0, 12 * KIB).is_some());
        // Many more stay within the size.
        for number in 10..60 {
            let (hash, bytes) = content(number, 1 + number * 131 % (20 * KIB));
            a.keep(Some(hash), &bytes).unwrap();
            let used: u64 = usage(&folder.0).unwrap().iter().map(|of| of.bytes).sum();
            assert!(used <= size, "{used}");
        }
    }

    #[test]
    fn what_dead_writers_leave_is_removed_and_nothing_else() {
        let folder = Folder::new();
        let mut store = store(&folder, 1 << 20, "by-a", "t");
        std::fs::create_dir(&store.folder).unwrap();
        let dead = store.folder.join("tmp-dead-1");
        std::fs::write(&dead, b"half of an ent").unwrap();
        let alive = store.folder.join("tmp-alive-1");
        let lock = write(&alive, b"half of an entry").unwrap();
        // What somebody else keeps in these folders.
        let foreign = [folder.0.join("letters"), store.folder.join("notes")];
        for path in &foreign {
            std::fs::write(path, b"mine").unwrap();
        }
        let upper = store.folder.join("A".repeat(64));
        std::fs::write(&upper, b"mine").unwrap();
        std::fs::create_dir(folder.0.join("photographs")).unwrap();
        let photograph = folder.0.join("photographs").join("a".repeat(64));
        std::fs::write(&photograph, b"mine").unwrap();
        let (hash, bytes) = content(1, 100);
        store.keep(Some(hash), &bytes).unwrap();
        assert!(!dead.exists() && alive.exists());
        clear(&folder.0).unwrap();
        assert!(alive.exists());
        drop(lock);
        clear(&folder.0).unwrap();
        assert!(!alive.exists());
        for path in foreign.iter().chain([&upper, &photograph]) {
            assert!(path.exists(), "{}", path.display());
        }
    }

    #[test]
    fn several_write_and_evict_at_once() {
        let folder = Folder::new();
        let size = 256 * KIB;
        let start = Barrier::new(4);
        std::thread::scope(|scope| {
            for thread in 0..4u64 {
                let (folder, start) = (&folder, &start);
                scope.spawn(move || {
                    let mut store = store(folder, size, "by-a", &thread.to_string());
                    start.wait();
                    for round in 0..150u64 {
                        // All write the same at the same time, and it is more than there is room for.
                        let (hash, bytes) = content(round % 40, 9 * KIB);
                        store.keep(Some(hash), &bytes).unwrap();
                        if let Some(found) = store.find(&hash, 9 * KIB) {
                            assert!(found == bytes);
                        }
                    }
                });
            }
        });
        let names = std::fs::read_dir(folder.0.join("by-a")).unwrap();
        for name in names.flatten() {
            let name = name.file_name().into_string().unwrap();
            assert!(hash_of(&name).is_some(), "{name} is left");
        }
    }

    #[test]
    fn every_identity_has_a_folder_of_its_own() {
        let settings = |shared| Settings {
            folder: "/nowhere".into(),
            size: 0,
            shared,
        };
        let long = "x".repeat(500);
        let identities = [
            "uid 0",
            "uid 10",
            "uid%200",
            "uid_0",
            "ada",
            "Ada",
            "../ada",
            "..",
            ".",
            "",
            "shared",
            "by-ada",
            "a/b",
            "a%2fb",
            "ä",
            "anonymous 10.0.0.1",
            &long,
            &long[1..],
        ];
        let mut names: Vec<String> = identities
            .iter()
            .map(|identity| settings(false).folder_of(identity))
            .collect();
        for name in &names {
            assert!(name.len() <= MAX_FOLDER && name.starts_with(OWN), "{name}");
            assert!(!name.contains('/'), "{name}");
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), identities.len());
        assert_eq!(settings(false).folder_of("uid 0"), "by-uid%200");
        assert_eq!(settings(true).folder_of("uid 0"), SHARED);
        assert_eq!(settings(true).folder_of("ada"), SHARED);
    }

    #[test]
    fn a_folder_that_others_write_to_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = Folder::new();
        let at = |name: &str| Settings {
            folder: folder.0.join(name),
            size: 1 << 20,
            shared: false,
        };
        at("made/deep").prepare(&Rights::own()).unwrap();
        let mode = std::fs::metadata(folder.0.join("made")).unwrap().mode();
        assert_eq!(mode & 0o777, 0o700);
        std::fs::write(folder.0.join("file"), b"").unwrap();
        assert!(at("file").prepare(&Rights::own()).is_err());
        std::fs::create_dir(folder.0.join("open")).unwrap();
        let open = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(folder.0.join("open"), open).unwrap();
        let problem = at("open").prepare(&Rights::own()).unwrap_err();
        assert!(problem.contains("777"), "{problem}");
    }
}

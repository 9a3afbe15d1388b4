//! The lock that all programs take which touch the state file: `flock` on `<file>.lock`.
//!
//! The kernel drops it when its holder dies. The file itself is never deleted here, yet others may
//! delete it: a lock on a file that is no longer at its path excludes nobody and is taken anew.

use std::fs::{self, File, TryLockError};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use dabir_db::lock_file;

use crate::PortError;

/// Waiting begins with this and doubles up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_micros(50);
const LONGEST_WAIT: Duration = Duration::from_millis(5);
/// How long the lock is still waited for once the manager is to end.
const LAST_WAIT: Duration = Duration::from_secs(1);

/// The lock of one state file; the descriptor is kept between uses.
#[derive(Debug)]
pub(crate) struct FileLock {
    path: PathBuf,
    file: Option<File>,
    /// Whether the manager is to end.
    ending: Arc<AtomicBool>,
}

/// The lock is held until this is dropped.
#[derive(Debug)]
pub(crate) struct Held<'a> {
    file: &'a File,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        // Unlocked by name, not by closing: a child that is being started may share the descriptor.
        if let Err(error) = self.file.unlock() {
            tracing::error!(%error, "cannot unlock the port state: {error}");
        }
    }
}

impl FileLock {
    pub(crate) fn new(state: &Path, ending: Arc<AtomicBool>) -> Self {
        let mut path = state.as_os_str().to_owned();
        path.push(".lock");
        Self {
            path: path.into(),
            file: None,
            ending,
        }
    }

    /// Takes the lock, waiting at most `timeout`; whoever ends the manager does not wait that long.
    pub(crate) fn acquire(&mut self, timeout: Duration) -> Result<Held<'_>, PortError> {
        let start = Instant::now();
        let mut deadline = start + timeout;
        let mut wait = FIRST_WAIT;
        let mut ending = false;
        while !self.try_once()? {
            if !ending && self.ending.load(Ordering::Relaxed) {
                ending = true;
                deadline = deadline.min(Instant::now() + LAST_WAIT);
            }
            if Instant::now() >= deadline {
                return Err(self.timed_out(start.elapsed()));
            }
            thread::sleep(wait);
            wait = (wait * 2).min(LONGEST_WAIT);
        }
        match &self.file {
            Some(file) => Ok(Held { file }),
            None => Err(PortError::Stopped),
        }
    }

    /// `true` when the lock was free and is ours now.
    fn try_once(&mut self) -> Result<bool, PortError> {
        let file = match self.file.take() {
            Some(file) => file,
            None => {
                lock_file::open(&self.path).map_err(PortError::io("open the lock", &self.path))?
            }
        };
        match file.try_lock() {
            Ok(()) if !lock_file::is_at(&file, &self.path) => return Ok(false),
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                self.file = Some(file);
                return Ok(false);
            }
            Err(TryLockError::Error(e)) => return Err(PortError::io("lock", &self.path)(e)),
        }
        self.file = Some(file);
        Ok(true)
    }

    fn timed_out(&self, waited: Duration) -> PortError {
        PortError::Locked {
            path: self.path.clone(),
            waited_secs: waited.as_secs(),
            holder: holder(&self.path).unwrap_or_else(|| "an unknown process".to_owned()),
        }
    }
}

/// Number and name of the process that holds the lock on `path`.
fn holder(path: &Path) -> Option<String> {
    let inode = fs::symlink_metadata(path).ok()?.ino();
    let pid = holder_in(&fs::read_to_string("/proc/locks").ok()?, inode)?;
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    let name = dabir_core::text::one_line(name.trim());
    Some(format!("process {pid} ({name})"))
}

/// The process that `/proc/locks` shows as the holder of a `flock` on `inode`.
fn holder_in(locks: &str, inode: u64) -> Option<u32> {
    let suffix = format!(":{inode}");
    locks.lines().find_map(|line| {
        let mut words = line.split_whitespace().skip(1);
        // Those that only wait have an arrow before the kind.
        (words.next()? == "FLOCK").then_some(())?;
        let pid = words.nth(2)?;
        words.next()?.ends_with(&suffix).then(|| pid.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holder_is_told_from_those_who_wait() {
        let locks = "1: POSIX  ADVISORY  WRITE 5 fe:00:42 0 EOF\n\
                     2: -> FLOCK  ADVISORY  WRITE 6 fe:00:42 0 EOF\n\
                     3: FLOCK  ADVISORY  WRITE 7 fe:00:142 0 EOF\n\
                     4: FLOCK  ADVISORY  WRITE 8 fe:00:42 0 EOF\n";
        assert_eq!(holder_in(locks, 42), Some(8));
        assert_eq!(holder_in(locks, 43), None);
    }

    #[test]
    fn a_deleted_lock_file_is_replaced_before_the_lock_counts() {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("s.json");
        let lock = || FileLock::new(&state, Arc::default());
        let (mut one, mut two) = (lock(), lock());
        drop(one.acquire(Duration::ZERO).unwrap());
        fs::remove_file(dir.path().join("s.json.lock")).unwrap();
        let held = two.acquire(Duration::ZERO).unwrap();
        // The old descriptor could be locked at once, and would exclude nobody.
        let refused = one.acquire(Duration::from_millis(1)).unwrap_err();
        let me = format!("process {} ", std::process::id());
        assert!(refused.to_string().contains(&me), "{refused}");
        drop(held);
        one.acquire(Duration::ZERO).unwrap();
    }
}

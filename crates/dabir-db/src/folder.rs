//! The data folder: made on first use, private to its owner, and used by one server at a time.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A held data folder; dropping it lets another server in.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    /// Locked by `flock` for as long as it is open; the kernel lets go when the process ends.
    _lock: File,
}

/// Why the data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("`{}` is in use by another server (process {pid})", path.display())]
    InUse { path: PathBuf, pid: String },
    #[error("`{}` cannot be used: {source}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
}

impl DataFolder {
    /// Makes the folder when it is missing and takes its lock.
    ///
    /// # Errors
    /// When another server holds it, or it cannot be written.
    pub fn hold(path: &Path) -> Result<Self, FolderError> {
        let io = |source| FolderError::Io {
            path: path.to_owned(),
            source,
        };
        private_dir(path).map_err(io)?;
        let mut lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(lock_file(path))
            .map_err(io)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                let mut pid = String::new();
                // The number is only for the message.
                let _ = lock.read_to_string(&mut pid);
                return Err(FolderError::InUse {
                    path: path.to_owned(),
                    pid: pid.trim().to_owned(),
                });
            }
            Err(fs::TryLockError::Error(source)) => return Err(io(source)),
        }
        lock.set_len(0).and_then(|()| lock.rewind()).map_err(io)?;
        writeln!(lock, "{}", std::process::id()).map_err(io)?;
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// The process that holds the folder, found by looking alone: nothing is made, and no lock is
    /// taken that a server which starts now would run into.
    #[must_use]
    pub fn holder(path: &Path) -> Option<u32> {
        let lock = lock_file(path).canonicalize().ok()?;
        let pid = fs::read_to_string(&lock).ok()?.trim().parse().ok()?;
        // The number stays behind when its process ends, and may be another's by now; whoever has
        // the lock open is the holder.
        let open = fs::read_dir(format!("/proc/{pid}/fd")).ok()?;
        open.flatten()
            .any(|descriptor| fs::read_link(descriptor.path()).is_ok_and(|file| file == lock))
            .then_some(pid)
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn lock_file(path: &Path) -> PathBuf {
    path.join("dabir.lock")
}

/// Makes `path` and its parents, readable by their owner alone; what exists stays as it is.
///
/// # Errors
/// When it cannot be made.
pub fn private_dir(path: &Path) -> std::io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_server_is_refused_and_told_who_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        let held = DataFolder::hold(&path).unwrap();
        let refused = DataFolder::hold(&path).unwrap_err().to_string();
        assert!(
            refused.contains(&format!("process {}", std::process::id())),
            "{refused}"
        );
        drop(held);
        DataFolder::hold(&path).unwrap();
    }

    #[test]
    fn the_holder_is_seen_while_it_holds() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(DataFolder::holder(folder.path()), None, "there is no lock");
        let held = DataFolder::hold(folder.path()).unwrap();
        assert_eq!(DataFolder::holder(folder.path()), Some(std::process::id()));
        drop(held);
        assert_eq!(
            DataFolder::holder(folder.path()),
            None,
            "the number is stale"
        );
    }
}

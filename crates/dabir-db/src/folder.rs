//! The data folder: made on first use, private to its owner, and used by one server at a time.

use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind, Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::lock_file;

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
    #[error("a worker still works in `{}`", .0.display())]
    Joined(PathBuf),
    #[error("`{}` is being restored", .0.display())]
    Replaced(PathBuf),
    #[error("`{}` cannot be used: {source}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
}

impl FolderError {
    fn io(path: &Path) -> impl Fn(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io {
            path: path.clone(),
            source,
        }
    }
}

/// Held by the one server.
const LOCK: &str = "dabir.lock";
/// Held by each worker.
const WORKERS: &str = "workers.lock";
/// What its server is called.
const SERVER: &str = "server.id";

impl DataFolder {
    /// Makes the folder when it is missing and takes its lock.
    ///
    /// # Errors
    /// When another server holds it, or it cannot be written.
    pub fn hold(path: &Path) -> Result<Self, FolderError> {
        let mut lock = take(path, LOCK, File::try_lock, |lock| {
            let mut pid = String::new();
            // The number is only for the message.
            let _ = lock.read_to_string(&mut pid);
            let (path, pid) = (path.to_owned(), pid.trim().to_owned());
            FolderError::InUse { path, pid }
        })?;
        let written = lock.set_len(0).and_then(|()| lock.rewind());
        let written = written.and_then(|()| writeln!(lock, "{}", std::process::id()));
        written.map_err(FolderError::io(path))?;
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// Joins those who work in the folder beside its server; none of them may while it is replaced.
    ///
    /// # Errors
    /// When it is being replaced, or cannot be written.
    pub fn join(path: &Path) -> Result<Self, FolderError> {
        let replaced = |_: &mut File| FolderError::Replaced(path.to_owned());
        Ok(Self {
            path: path.to_owned(),
            _lock: take(path, WORKERS, File::try_lock_shared, replaced)?,
        })
    }

    /// Keeps out those who join, until what this answers is dropped.
    ///
    /// # Errors
    /// When somebody is there, or the folder cannot be written.
    pub fn alone(&self) -> Result<File, FolderError> {
        let joined = |_: &mut File| FolderError::Joined(self.path.clone());
        take(&self.path, WORKERS, File::try_lock, joined)
    }

    /// The process that holds the folder, found by looking alone: nothing is made, and no lock is
    /// taken that a server which starts now would run into.
    #[must_use]
    pub fn holder(path: &Path) -> Option<u32> {
        let lock = path.join(LOCK).canonicalize().ok()?;
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

    /// What the server of the folder at `path` is called among those on one database: the same after
    /// each start, and never as another one. A backup leaves it out.
    ///
    /// # Errors
    /// When it cannot be read, or written the first time.
    pub fn server_id(path: &Path) -> Result<String, FolderError> {
        id_or_make(path, dabir_core::new_id).map_err(FolderError::io(path))
    }
}

fn id_or_make(path: &Path, make: impl FnOnce() -> String) -> io::Result<String> {
    let file = path.join(SERVER);
    match fs::read_to_string(&file) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        known => match known?.trim() {
            "" => {}
            known => return Ok(known.to_owned()),
        },
    }
    private_dir(path)?;
    // No secret: a command of somebody else may make it before the server does.
    put_once(&file, 0o644, &make())?;
    // Of those who start at once, one puts theirs down.
    Ok(fs::read_to_string(&file)?.trim().to_owned())
}

/// Locks the file `name` of the folder `path`, which is made when it is missing.
fn take(
    path: &Path,
    name: &str,
    lock: impl Fn(&File) -> Result<(), fs::TryLockError>,
    refused: impl Fn(&mut File) -> FolderError,
) -> Result<File, FolderError> {
    let io = FolderError::io(path);
    let at = path.join(name);
    loop {
        private_dir(path).map_err(&io)?;
        let mut file = lock_file::open(&at).map_err(&io)?;
        match lock(&file) {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(refused(&mut file)),
            Err(fs::TryLockError::Error(source)) => return Err(io(source)),
        }
        // A restore may have put another folder here meanwhile, which this lock says nothing of.
        if lock_file::is_at(&file, &at) {
            return Ok(file);
        }
    }
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

/// Puts `text` at `path` whole, unless somebody else has put theirs there by now. An empty file is
/// nobody's.
pub(crate) fn put_once(path: &Path, mode: u32, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    let mut file = tempfile::Builder::new()
        .permissions(Permissions::from_mode(mode))
        .tempfile_in(folder)?;
    writeln!(file, "{text}")?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Err(lost) if lost.error.kind() == ErrorKind::AlreadyExists => {
            if fs::read_to_string(path).is_ok_and(|there| there.trim().is_empty()) {
                lost.file.persist(path)?;
            }
        }
        kept => drop(kept?),
    }
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::thread;

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
    fn a_folder_that_is_replaced_meanwhile_is_locked_anew() {
        let folder = tempfile::tempdir().unwrap();
        let (path, old) = (folder.path().join("data"), folder.path().join("old"));
        let replace = |file: &File| {
            if !old.exists() {
                fs::rename(&path, &old).unwrap();
            }
            file.try_lock()
        };
        let refused = |_: &mut File| unreachable!();
        let _held = take(&path, LOCK, replace, refused).unwrap();
        DataFolder::hold(&path).unwrap_err();
        DataFolder::hold(&old).unwrap();
    }

    #[test]
    fn workers_share_a_folder_that_nobody_replaces_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let held = DataFolder::hold(folder.path()).unwrap();
        let workers = [
            DataFolder::join(folder.path()),
            DataFolder::join(folder.path()),
        ];
        assert!(matches!(held.alone(), Err(FolderError::Joined(_))));
        drop(workers);
        let _alone = held.alone().unwrap();
        let refused = DataFolder::join(folder.path());
        assert!(matches!(refused, Err(FolderError::Replaced(_))));
    }

    #[test]
    fn a_link_in_the_place_of_a_lock_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("target");
        fs::write(&target, "kept").unwrap();
        std::os::unix::fs::symlink(&target, folder.path().join(LOCK)).unwrap();
        DataFolder::hold(folder.path()).unwrap_err();
        assert_eq!(fs::read_to_string(target).unwrap(), "kept");
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

    #[test]
    fn all_who_start_at_once_are_called_the_same() {
        const STARTERS: usize = 8;
        for _ in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let ready = Barrier::new(STARTERS);
            let start = |number: usize| {
                // Nobody puts theirs down before all have seen that there is none.
                let make = || {
                    ready.wait();
                    number.to_string()
                };
                id_or_make(folder.path(), make).unwrap()
            };
            let start = &start;
            let got: Vec<_> = thread::scope(|scope| {
                let starters = (0..STARTERS).map(|number| scope.spawn(move || start(number)));
                let starters: Vec<_> = starters.collect();
                let ids = starters.into_iter().map(|one| one.join().unwrap());
                ids.collect()
            });
            let kept = DataFolder::server_id(folder.path()).unwrap();
            assert!(got.iter().all(|id| *id == kept), "{got:?}");
            let files = fs::read_dir(folder.path()).unwrap();
            assert_eq!(files.count(), 1, "what lost is removed");
        }
    }

    #[test]
    fn a_name_that_is_empty_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(SERVER), "\n").unwrap();
        let made = DataFolder::server_id(folder.path()).unwrap();
        assert!(!made.is_empty());
        assert_eq!(DataFolder::server_id(folder.path()).unwrap(), made);
    }
}

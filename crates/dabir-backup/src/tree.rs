//! Which files of the data folder belong into a backup, and how they are read while others write.

use std::fs::{self, File, Metadata};
use std::io::{self, Cursor, Read};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Component, Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::archive::DATA;
use crate::error::BackupError;
use crate::model::{FolderFacts, LeftOut};
use crate::shelf::open_plain;

/// The folder of backups, in the data folder.
pub(crate) const BACKUPS: &str = "backups";
/// The heads of the audit that were noted. They are read before the database is: a head that is
/// noted later tells of entries that the backup does not have.
pub(crate) const FIRST: &str = "audit.heads";
/// People's uploads, which may have any name.
const FILES: &str = "files";
/// Folders in which we alone write, so that names tell what passes.
const OURS: [&str; 3] = ["rooms", "ports", "secrets"];
/// What is made anew whenever it is missing, the backups themselves, and the database, which is taken
/// from the database and not from its files.
const ELSEWHERE: [&str; 8] = [
    "cache",
    "logs",
    "tmp",
    BACKUPS,
    "dabir.db",
    "dabir.db-wal",
    "dabir.db-shm",
    "dabir.db-journal",
];
/// What tells of this one server, and of a room's process that lives.
const OF_PROCESSES: [&str; 3] = ["server.url", "server.id", "process.json"];
/// Endings of what nobody misses.
const PASSING: [&str; 5] = ["lock", "sock", "tmp", "new", "log"];

/// Up to this size a file is read at once, so that it is whole whatever happens to it next.
const AT_ONCE: u64 = 1 << 20;
/// How long another program's lock on a file is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
const BETWEEN: Duration = Duration::from_millis(5);

/// Whether the file at `path`, within the data folder, belongs into a backup: everything does but
/// what lives only as long as a process, what is made anew, and what the database has itself.
pub(crate) fn belongs(path: &Path) -> bool {
    let parts: Option<Vec<&str>> = path.components().map(name_of).collect();
    let Some(parts) = parts else { return false };
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
        return false;
    };
    let is_hidden = parts.iter().any(|part| part.starts_with('.'));
    if *first == FILES {
        return !is_hidden;
    }
    if parts.len() == 1 || OURS.contains(first) {
        return !is_hidden
            && !ELSEWHERE.contains(first)
            && !OF_PROCESSES.contains(last)
            && !is_passing(last);
    }
    // What others put there may have any name.
    !first.starts_with('.') && !ELSEWHERE.contains(first)
}

/// Names that are not Unicode are nothing of ours.
fn name_of(part: Component<'_>) -> Option<&str> {
    match part {
        Component::Normal(name) => name.to_str(),
        _ => None,
    }
}

/// `room.lock`, `room.log`, `room.log.1`.
fn is_passing(name: &str) -> bool {
    let mut name = name;
    while let Some((stem, ending)) = name.rsplit_once('.') {
        if !ending.bytes().all(|byte| byte.is_ascii_digit()) {
            return PASSING.contains(&ending);
        }
        name = stem;
    }
    false
}

/// Whether a server has worked in this folder: each notes the audit's heads there, within its first hour
/// and at its end.
#[must_use]
pub fn was_served(data_dir: &Path) -> bool {
    data_dir.join(FIRST).exists()
}

/// What was found in the data folder.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// In the order of their names; paths within the folder.
    pub(crate) files: Vec<String>,
    pub(crate) folders: Vec<FolderFacts>,
    pub(crate) left_out: Vec<LeftOut>,
}

/// Looks through the whole data folder, but not into `shelf`, under whatever name it stands there: a
/// backup that held those before it would be twice as large as the last one.
pub(crate) fn look(data_dir: &Path, shelf: &Path) -> Result<Found, BackupError> {
    let mut looking = Looking {
        data_dir,
        shelf: fs::metadata(shelf).ok().as_ref().map(place),
        folders: vec![PathBuf::new()],
        found: Found::default(),
    };
    while let Some(folder) = looking.folders.pop() {
        looking.look_into(&folder)?;
    }
    looking.found.files.sort();
    Ok(looking.found)
}

/// Device and number: the same for all names of a folder.
fn place(facts: &Metadata) -> (u64, u64) {
    (facts.dev(), facts.ino())
}

/// `None` for what went away meanwhile.
fn unless_gone<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        result => result.map(Some),
    }
}

struct Looking<'a> {
    data_dir: &'a Path,
    shelf: Option<(u64, u64)>,
    /// Those that are still to be looked into.
    folders: Vec<PathBuf>,
    found: Found,
}

impl Looking<'_> {
    fn look_into(&mut self, folder: &Path) -> Result<(), BackupError> {
        let path = self.data_dir.join(folder);
        let io = |error| BackupError::io("look into", &path)(error);
        let entries = match unless_gone(fs::read_dir(&path)) {
            Ok(None) => return Ok(()),
            Ok(Some(entries)) => entries,
            Err(error) if may_stay(folder, &error) => {
                let why = format!("it cannot be looked into: {error}");
                self.leave_out(folder, why);
                return Ok(());
            }
            Err(error) => return Err(io(error)),
        };
        for entry in entries {
            let entry = entry.map_err(io)?;
            let inside = folder.join(entry.file_name());
            if inside.to_str().is_none() {
                self.leave_out(&inside, "its name is not Unicode".to_owned());
            } else if belongs(&inside)
                && let Some(facts) = unless_gone(entry.metadata()).map_err(io)?
            {
                self.take(inside, &facts);
            }
        }
        Ok(())
    }

    fn take(&mut self, inside: PathBuf, facts: &Metadata) {
        let kind = facts.file_type();
        if kind.is_socket() || self.shelf == Some(place(facts)) {
            return;
        }
        if kind.is_dir() {
            self.found.folders.push(FolderFacts {
                path: format!("{DATA}{}", inside.display()),
                mode: facts.mode() & 0o7777,
            });
            self.folders.push(inside);
        } else if kind.is_file() {
            self.found.files.push(inside.display().to_string());
        } else {
            let why = "it is a link or a device, and only plain files are taken";
            self.leave_out(&inside, why.to_owned());
        }
    }

    fn leave_out(&mut self, inside: &Path, why: String) {
        let path = inside.display().to_string();
        self.found.left_out.push(LeftOut { path, why });
    }
}

/// Whether a folder that cannot be looked into is somebody else's, as `lost+found` is. Without one of
/// ours the backup would look whole.
fn may_stay(folder: &Path, error: &io::Error) -> bool {
    let first = folder.components().next().and_then(name_of);
    error.kind() == io::ErrorKind::PermissionDenied
        && first.is_some_and(|first| first != FILES && !OURS.contains(&first))
}

/// A file as it is taken.
pub(crate) struct Content {
    pub(crate) mode: u32,
    pub(crate) size: u64,
    pub(crate) bytes: Box<dyn Read + Send>,
}

/// Opens a file of the data folder; `None` when it went away meanwhile. Whoever locks it beside
/// itself, as the port state is locked, is waited for.
pub(crate) fn open(path: &Path) -> io::Result<Option<Content>> {
    let _turn = wait_for_lock(path)?;
    let Some(mut file) = unless_gone(open_plain(path))? else {
        return Ok(None);
    };
    let facts = file.metadata()?;
    if !facts.is_file() {
        return Ok(None);
    }
    let mode = facts.mode() & 0o777;
    if facts.len() > AT_ONCE {
        let size = facts.len();
        let bytes = Box::new(file);
        return Ok(Some(Content { mode, size, bytes }));
    }
    let mut bytes = Vec::new();
    (&mut file).take(AT_ONCE).read_to_end(&mut bytes)?;
    Ok(Some(Content {
        mode,
        size: bytes.len() as u64,
        bytes: Box::new(Cursor::new(bytes)),
    }))
}

/// Takes `<file>.lock`, if there is one; a pipe or a link is none. Whoever holds it for longer than
/// [`PATIENCE`] holds up no backup: files of ours are replaced whole.
fn wait_for_lock(path: &Path) -> io::Result<Option<File>> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    let lock = open_plain(Path::new(&beside)).ok();
    let is_file = |lock: &File| lock.metadata().is_ok_and(|facts| facts.is_file());
    let Some(lock) = lock.filter(is_file) else {
        return Ok(None);
    };
    let begun = Instant::now();
    loop {
        match lock.try_lock_shared() {
            Ok(()) => return Ok(Some(lock)),
            Err(fs::TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => {
                thread::sleep(BETWEEN);
            }
            Err(fs::TryLockError::WouldBlock) => {
                let path = path.display();
                tracing::warn!("`{path}` is locked by another program; it is read as it stands");
                return Ok(None);
            }
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matters_belongs_and_what_passes_does_not() {
        for path in [
            "audit.heads",
            "secrets/sealing.key",
            "ports/dynamic_ports.json",
            "ports/backups/dynamic_ports_20261121_182502.json",
            "ports/corrupt/x.json",
            "Server_Data/pause_clients.json",
            "rooms/k3v9m2q8xw4t/journal.jsonl",
            "rooms/k3v9m2q8xw4t/room.json",
            "files/ab/thesis.log",
            "files/x.tmp",
            "Server_Data/available/sara.new/photo.png",
            "Server_Data/available/.hidden",
            "notes/a.log",
            "notes/x.tmp",
        ] {
            assert!(belongs(Path::new(path)), "{path}");
        }
        for path in [
            "",
            "dabir.db",
            "dabir.db-wal",
            "dabir.lock",
            "migrate.lock",
            "server.url",
            "server.id",
            "backups/dabir_20261121_182502.tar.zst",
            "ports/dynamic_ports.json.lock",
            "rooms/a/control.sock",
            "rooms/a/process.json",
            "rooms/a/process.json.new",
            "rooms/a/room.log",
            "rooms/a/room.log.1",
            "secrets/.secret-x",
            "files/.half",
            "cache/x",
            "../a",
            "/etc/passwd",
        ] {
            assert!(!belongs(Path::new(path)), "{path}");
        }
    }

    #[test]
    fn a_folder_of_somebody_else_s_that_is_closed_stays() {
        let closed = io::Error::from(io::ErrorKind::PermissionDenied);
        assert!(may_stay(Path::new("lost+found"), &closed));
        assert!(may_stay(Path::new("notes/private"), &closed));
        for ours in ["", "secrets", "files/ab", "rooms/k3v9"] {
            assert!(!may_stay(Path::new(ours), &closed), "{ours}");
        }
        let broken = io::Error::other("the disk does not answer");
        assert!(!may_stay(Path::new("lost+found"), &broken));
    }
}

//! Which files of the data folder belong into a backup, and how they are read while others write.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Cursor, Read};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::OFlags;

use crate::error::BackupError;
use crate::model::LeftOut;

/// The folder of backups, in the data folder.
pub(crate) const BACKUPS: &str = "backups";
/// The heads of the audit that were noted. They are read before the database is: a head that is
/// noted later tells of entries that the backup does not have.
pub(crate) const FIRST: &str = "audit.heads";
/// People's uploads, which may have any name.
const FILES: &str = "files";
/// What is made anew whenever it is missing.
const CACHES: [&str; 3] = ["cache", "logs", "tmp"];
/// The database, which is taken from the database and not from its files.
const DATABASE: [&str; 4] = [
    "dabir.db",
    "dabir.db-wal",
    "dabir.db-shm",
    "dabir.db-journal",
];
/// What tells of a process that lives: of the server, and of a room.
const OF_PROCESSES: [&str; 2] = ["server.url", "process.json"];
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
    if parts.iter().any(|part| part.starts_with('.')) || *first == BACKUPS {
        return false;
    }
    if *first == FILES {
        return true;
    }
    let is_passing = DATABASE.contains(first)
        || CACHES.contains(first)
        || OF_PROCESSES.contains(last)
        || is_passing(last);
    !is_passing
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

/// What was found in the data folder.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// In the order of their names; paths within the folder.
    pub(crate) files: Vec<String>,
    pub(crate) left_out: Vec<LeftOut>,
}

/// Looks through the whole data folder.
pub(crate) fn look(data_dir: &Path) -> Result<Found, BackupError> {
    let mut found = Found::default();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let path = data_dir.join(&folder);
        let io = |error| BackupError::io("look into", &path)(error);
        let entries = match fs::read_dir(&path) {
            // It went away meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries.map_err(io)?,
        };
        for entry in entries {
            let entry = entry.map_err(io)?;
            let kind = entry.file_type().map_err(io)?;
            let inside = folder.join(entry.file_name());
            if !belongs(&inside) || kind.is_socket() {
                continue;
            }
            let name = inside.to_string_lossy().into_owned();
            if kind.is_dir() {
                folders.push(inside);
            } else if kind.is_file() {
                found.files.push(name);
            } else {
                let why = "it is a link or a device, and only plain files are taken".to_owned();
                found.left_out.push(LeftOut { path: name, why });
            }
        }
    }
    found.files.sort();
    Ok(found)
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
    let nofollow = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default();
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(nofollow)
        .open(path);
    let mut file = match opened {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let facts = file.metadata()?;
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

/// Takes `<file>.lock`, if there is one. Whoever holds it for longer than [`PATIENCE`] holds up no
/// backup: files of ours are replaced whole.
fn wait_for_lock(path: &Path) -> io::Result<Option<File>> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    let lock = match File::open(&beside) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
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
}

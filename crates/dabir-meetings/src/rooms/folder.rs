//! A room's folder, `rooms/<meeting id>/` in the data folder: what survives the supervisor.
//!
//! | file | who writes it | for |
//! |---|---|---|
//! | `room.json` | supervisor | what the room is |
//! | `process.json` | supervisor | which process it is, so that the next supervisor finds it |
//! | `room.lock` | supervisor, held by the room | at most one process per meeting |
//! | `control.sock` | supervisor | orders to the room |
//! | `room.log` | room | what it printed |
//! | `journal.jsonl` | room | what was said |

use std::fs::{self, File, OpenOptions};
use std::io;
use std::net::IpAddr;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use dabir_core::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::net::UnixStream;

use super::process::ProcessId;

/// What a room prints, within its folder.
pub(crate) const LOG_FILE: &str = "room.log";

/// One room's folder.
#[derive(Clone, Debug)]
pub struct RoomFolder {
    path: PathBuf,
}

/// Which process serves a meeting. Written before the process is started, without it, and again
/// with it: a record without a process is an intent whose outcome the nonce finds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub meeting_id: String,
    /// In the environment of the room and of all it starts.
    pub nonce: String,
    pub process: Option<ProcessId>,
    pub port: u16,
    /// Where it listens; `None` in a record of a version that did not keep it, which means where
    /// rooms listen now.
    #[serde(default)]
    pub host: Option<IpAddr>,
    /// Our own room server, which has a control channel.
    pub own: bool,
    pub started_at: Timestamp,
    pub ends_at: Timestamp,
    pub restarts: u32,
}

impl RoomFolder {
    /// The folder of meeting `id` below `root`, made when it is missing.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make(root: &Path, id: &str) -> io::Result<Self> {
        let path = root.join(id);
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&path)?;
        Ok(Self { path })
    }

    /// The folder of meeting `id` below `root`, when there is one.
    #[must_use]
    pub fn at(root: &Path, id: &str) -> Option<Self> {
        let path = root.join(id);
        path.is_dir().then_some(Self { path })
    }

    /// Every room's folder below `root`.
    #[must_use]
    pub fn all(root: &Path) -> Vec<Self> {
        let Ok(entries) = fs::read_dir(root) else {
            return Vec::new();
        };
        entries
            .filter_map(Result::ok)
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .map(|entry| Self { path: entry.path() })
            .collect()
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    #[must_use]
    pub fn log_file(&self) -> PathBuf {
        self.path.join(LOG_FILE)
    }

    fn record_file(&self) -> PathBuf {
        self.path.join("process.json")
    }

    /// The record of the process; `None` when there is none or it makes no sense.
    #[must_use]
    pub fn record(&self) -> Option<Record> {
        serde_json::from_slice(&fs::read(self.record_file()).ok()?).ok()
    }

    /// Replaces the record. It is not forced to the disk: no process outlives a power cut, and
    /// after one the boot id voids every record.
    ///
    /// # Errors
    /// When the disk is full or the folder cannot be written.
    pub fn write_record(&self, record: &Record) -> io::Result<()> {
        let new = self.path.join("process.json.new");
        fs::write(&new, serde_json::to_vec(record)?)?;
        fs::rename(new, self.record_file())
    }

    pub fn remove_record(&self) {
        // What is not there need not be removed; what cannot be removed is void by its process.
        let _ = fs::remove_file(self.record_file());
    }

    /// The log, opened so that the room, its restarts and the rotation all append.
    ///
    /// # Errors
    /// When the disk is full or the folder cannot be written.
    pub fn open_log(&self) -> io::Result<File> {
        OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(self.log_file())
    }

    /// Takes the meeting's lock for a process that is about to be started; `None` while another one
    /// lives. The process inherits the lock and holds it for as long as it, or a child of it, lives.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn lock(&self) -> io::Result<Option<File>> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(self.path.join("room.lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }

    /// Listens on the control socket, in the room's stead until it is there.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn bind_control(&self) -> io::Result<UnixListener> {
        // A socket of a room that is gone is in the way; the lock says that it is gone.
        let _ = fs::remove_file(self.path.join("control.sock"));
        let folder = File::open(&self.path)?;
        UnixListener::bind(short_path(&folder))
    }

    /// Connects to the control socket.
    ///
    /// # Errors
    /// When nobody listens there.
    pub async fn connect_control(&self) -> io::Result<UnixStream> {
        let folder = File::open(&self.path)?;
        UnixStream::connect(short_path(&folder)).await
    }
}

/// A way to `control.sock` that fits into the 108 bytes of a socket address, wherever the data
/// folder lies.
fn short_path(folder: &File) -> String {
    format!("/proc/self/fd/{}/control.sock", folder.as_raw_fd())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_control_socket_works_in_the_deepest_folder() {
        let root = tempfile::tempdir().unwrap();
        let folder = RoomFolder::make(&root.path().join("d".repeat(200)), "k3v9m2q8xw4t").unwrap();
        let listener = folder.bind_control().unwrap();
        folder.connect_control().await.unwrap();
        listener.accept().unwrap();
    }

    #[test]
    fn a_lock_is_had_once_and_goes_with_its_holders() {
        let root = tempfile::tempdir().unwrap();
        let folder = RoomFolder::make(root.path(), "a").unwrap();
        let lock = folder.lock().unwrap().unwrap();
        let inherited = lock.try_clone().unwrap();
        drop(lock);
        assert!(
            folder.lock().unwrap().is_none(),
            "the inherited descriptor still holds it"
        );
        drop(inherited);
        assert!(folder.lock().unwrap().is_some());
    }
}

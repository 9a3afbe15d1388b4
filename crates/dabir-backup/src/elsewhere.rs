//! A backup that is to stand anywhere but on the shelf: on a stick, or downloaded.

use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use dabir_db::lock_file;
use tempfile::{NamedTempFile, TempPath};

use crate::course::Course;
use crate::create::hold;
use crate::error::BackupError;
use crate::model::Manifest;
use crate::shelf::{Held, Shelf, sync_folder};
use crate::verify::check_file;

/// The file `<to>.unfinished`, which becomes `to` once it was verified, and else goes. What a killed one
/// left under that name is written over.
#[derive(Debug)]
pub struct Elsewhere {
    to: PathBuf,
    folder: PathBuf,
    work: NamedTempFile,
}

impl Elsewhere {
    /// Begins the backup `to`, which must not be there yet.
    ///
    /// # Errors
    /// When it is there, another process is at it, or the folder cannot be written.
    pub fn begin(to: &Path) -> Result<Self, BackupError> {
        if to.exists() {
            return Err(BackupError::Exists(to.to_owned()));
        }
        let folder = match to.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        let mut path = to.as_os_str().to_owned();
        path.push(".unfinished");
        let path = PathBuf::from(path);
        Ok(Self {
            work: take(&path)?,
            to: to.to_owned(),
            folder,
        })
    }

    /// Where the backup is to be written.
    #[must_use]
    pub fn file(&self) -> &File {
        self.work.as_file()
    }

    /// Gives the backup its name, once it is on the disk, was opened and counted.
    ///
    /// # Errors
    /// When it is damaged, or the disk does not do it.
    pub async fn keep(self, course: &Course) -> Result<(), BackupError> {
        // Its database is unpacked beside it, and not in a data folder that this machine may not have.
        let room = tempfile::tempdir_in(&self.folder);
        let room = room.map_err(BackupError::io("make a folder in", &self.folder))?;
        let held = hold(&Shelf::new(room.path().to_owned())).await?;
        self.check_and_name(&held, course).await?;
        Ok(())
    }

    pub(crate) async fn check_and_name(
        self,
        held: &Held,
        course: &Course,
    ) -> Result<Manifest, BackupError> {
        let path = self.work.path();
        let synced = self.file().sync_all();
        synced.map_err(BackupError::io("write", path))?;
        let manifest = check_file(held, path, "the new backup", course).await?;
        let kept = self.work.persist_noclobber(&self.to);
        kept.map_err(|lost| BackupError::io("name", &self.to)(lost.error))?;
        sync_folder(&self.folder)?;
        Ok(manifest)
    }
}

/// Opens the file `path`, empty, for this process alone.
fn take(path: &Path) -> Result<NamedTempFile, BackupError> {
    let io = |error: io::Error| BackupError::io("write", path)(error);
    let file = lock_file::open(path).map_err(io)?;
    match file.try_lock() {
        // Whoever was here first may have named it meanwhile.
        Ok(()) if lock_file::is_at(&file, path) => {}
        Ok(()) | Err(TryLockError::WouldBlock) => return Err(BackupError::Busy(path.to_owned())),
        Err(TryLockError::Error(error)) => return Err(io(error)),
    }
    // What lies there may be somebody else's, who would read the keys of the house in it.
    let found = file.metadata().map_err(io)?;
    let is_ours = found.uid() == rustix::process::geteuid().as_raw();
    if !is_ours || found.nlink() != 1 || found.mode() & 0o077 != 0 {
        return Err(BackupError::Exists(path.to_owned()));
    }
    file.set_len(0).map_err(io)?;
    let path = TempPath::try_from_path(path).map_err(io)?;
    Ok(NamedTempFile::from_parts(file, path))
}

//! The folder that backups stand in.
//!
//! | file | what it is |
//! |---|---|
//! | `dabir_….tar.zst` | a backup; it has this name only once it was verified, or when a person put it here |
//! | `dabir_….tar.zst.verified` | when it was last verified |
//! | `failed/` | backups in which something was wrong, each with the reason beside it |
//! | `.lock` | held by whoever makes, verifies, prunes or restores |
//! | `.work-…` | of somebody at work, or of one who was killed; the next one clears it away |

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

use dabir_core::Timestamp;
use dabir_db::{lock_file, private_dir};
use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::archive::read_manifest;
use crate::config::Keep;
use crate::error::BackupError;
use crate::model::{Backup, BackupState, Manifest, Name};
use crate::prune::{self, Kept};

const WORK: &str = ".work-";
const FAILED: &str = "failed";
/// How many failed ones are kept to be looked at.
const FAILED_KEPT: usize = 3;
/// How many backups one second may have.
const MOST_A_SECOND: u16 = 1_000;

/// The backups of one house. Clones are the same folder.
#[derive(Clone, Debug)]
pub struct Shelf {
    dir: PathBuf,
}

/// The right to change what stands on the shelf; dropping it lets another process in.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) shelf: Shelf,
    _lock: File,
}

/// What stands beside a backup once it was verified.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Seen {
    pub(crate) verified_at: Timestamp,
    /// How long it took to make it, where that is known.
    pub(crate) seconds: Option<f64>,
}

impl Shelf {
    /// The backups in `dir`; nothing is made yet.
    #[must_use]
    pub fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    #[must_use]
    pub fn path(&self, name: &Name) -> PathBuf {
        self.dir.join(name.to_string())
    }

    /// Makes the folder when it is missing, takes its lock, and clears away what killed ones left.
    pub(crate) fn hold(&self) -> Result<Held, BackupError> {
        let io = |error| BackupError::io("use", &self.dir)(error);
        self.make()?;
        let lock = lock_file::open(&self.dir.join(".lock")).map_err(io)?;
        give(&lock, &self.dir).map_err(io)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(BackupError::Busy(self.dir.clone())),
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        let held = Held {
            shelf: self.clone(),
            _lock: lock,
        };
        held.clear().map_err(io)?;
        Ok(held)
    }

    /// Makes the folder when it is missing.
    fn make(&self) -> Result<(), BackupError> {
        if self.dir.exists() {
            return Ok(());
        }
        let like = self.dir.parent().unwrap_or(&self.dir);
        let made = private_dir(&self.dir).and_then(|()| give(&open_plain(&self.dir)?, like));
        made.map_err(BackupError::io("make", &self.dir))
    }

    /// Gives a file the next free name of the second `at`.
    fn name(&self, mut made: NamedTempFile, at: Timestamp) -> Result<Name, BackupError> {
        for number in 1..MOST_A_SECOND {
            let name = Name::of(at, number);
            let path = self.path(&name);
            match made.persist_noclobber(&path) {
                Ok(_) => {
                    sync_folder(&self.dir)?;
                    return Ok(name);
                }
                Err(lost) if lost.error.kind() == io::ErrorKind::AlreadyExists => made = lost.file,
                Err(lost) => return Err(BackupError::io("name", &path)(lost.error)),
            }
        }
        Err(BackupError::Exists(self.path(&Name::of(at, 1))))
    }

    /// Removes all but the newest of the failed ones.
    fn forget_old_ones(&self) -> Result<(), BackupError> {
        let names = self.names()?;
        let too_many = names.len().saturating_sub(FAILED_KEPT);
        for old in &names[..too_many] {
            let _ = fs::remove_file(self.beside(old, "reason"));
            let path = self.path(old);
            fs::remove_file(&path).map_err(BackupError::io("remove", &path))?;
        }
        Ok(())
    }

    /// Every backup, the newest first, then those that failed.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn list(&self) -> Result<Vec<Backup>, BackupError> {
        let mut list: Vec<Backup> = self.names()?.iter().rev().map(|n| self.view(n)).collect();
        let failed = self.failed();
        list.extend(
            failed
                .names()?
                .iter()
                .rev()
                .map(|name| failed.view_failed(name)),
        );
        Ok(list)
    }

    /// The names of the backups, the newest last.
    pub(crate) fn names(&self) -> Result<Vec<Name>, BackupError> {
        let entries = match fs::read_dir(&self.dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(BackupError::io("look into", &self.dir))?,
        };
        let mut names: Vec<Name> = entries
            .flatten()
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect();
        names.sort();
        Ok(names)
    }

    /// Opens a backup to read it.
    ///
    /// # Errors
    /// When there is none of this name.
    pub fn open(&self, name: &Name) -> Result<File, BackupError> {
        let path = self.path(name);
        open_plain(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => BackupError::NotFound(name.to_string()),
            _ => BackupError::io("open", &path)(error),
        })
    }

    /// The newest verified backup, when it was made, and when it was last proven good. One whose name
    /// tells of a time to come is none: it would be the newest until then.
    pub(crate) fn newest_verified(
        &self,
        now: Timestamp,
    ) -> Result<Option<(Name, Timestamp, Seen)>, BackupError> {
        let names = self.names()?;
        let mut newest_first = names.into_iter().rev();
        Ok(newest_first.find_map(|name| {
            let made_at = name.at().filter(|at| *at <= now)?;
            let seen = self.seen(&name)?;
            Some((name, made_at, seen))
        }))
    }

    /// When the newest backup that was verified was made.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn newest_verified_at(&self, now: Timestamp) -> Result<Option<Timestamp>, BackupError> {
        let newest = self.newest_verified(now)?;
        Ok(newest.map(|(_, made_at, _)| made_at))
    }

    pub(crate) fn seen(&self, name: &Name) -> Option<Seen> {
        let text = fs::read(self.beside(name, "verified")).ok()?;
        serde_json::from_slice(&text).ok()
    }

    fn beside(&self, name: &Name, ending: &str) -> PathBuf {
        self.dir.join(format!("{name}.{ending}"))
    }

    fn failed(&self) -> Self {
        Self::new(self.dir.join(FAILED))
    }

    /// What a backup says of itself.
    ///
    /// # Errors
    /// When there is none, or its manifest is damaged.
    pub fn manifest_of(&self, name: &Name) -> Result<Manifest, BackupError> {
        Ok(self.manifest(name)?.1)
    }

    fn manifest(&self, name: &Name) -> Result<(u64, Manifest), BackupError> {
        let mut file = self.open(name)?;
        let path = self.path(name);
        let size = file
            .metadata()
            .map_err(BackupError::io("read", &path))?
            .len();
        let manifest = read_manifest(&mut file, &name.to_string(), &path)?;
        Ok((size, manifest))
    }

    pub(crate) fn view(&self, name: &Name) -> Backup {
        let seen = self.seen(name);
        match self.manifest(name) {
            Ok((size, manifest)) => Backup {
                name: name.to_string(),
                state: seen.map_or(BackupState::Unverified, |_| BackupState::Verified),
                made_at: Some(manifest.made_at),
                verified_at: seen.map(|seen| seen.verified_at),
                size_bytes: size,
                rows: Some(manifest.rows()),
                files: Some(manifest.files.len() as u64),
                version: Some(manifest.version),
                database: Some(manifest.database.kind),
                error: None,
            },
            Err(error) => self.view_broken(name, error.told()),
        }
    }

    fn view_failed(&self, name: &Name) -> Backup {
        let reason = fs::read_to_string(self.beside(name, "reason")).unwrap_or_default();
        self.view_broken(name, reason.trim().to_owned())
    }

    fn view_broken(&self, name: &Name, error: String) -> Backup {
        let facts = fs::metadata(self.path(name));
        Backup {
            name: name.to_string(),
            state: BackupState::Failed,
            made_at: name.at(),
            verified_at: None,
            size_bytes: facts.map_or(0, |facts| facts.len()),
            version: None,
            database: None,
            rows: None,
            files: None,
            error: Some(error),
        }
    }
}

impl Held {
    fn clear(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.shelf.dir)?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(WORK) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// A file for work, that its owner alone may read; it goes when it is dropped, or at the latest when
    /// the next one holds the shelf. Made by root, it belongs to whom the folder belongs, so that the
    /// server can read what its administrator made.
    pub(crate) fn work(&self) -> Result<NamedTempFile, BackupError> {
        let dir = &self.shelf.dir;
        let work = tempfile::Builder::new().prefix(WORK).tempfile_in(dir);
        let given = work.and_then(|work| give(work.as_file(), dir).map(|()| work));
        given.map_err(BackupError::io("make a file in", dir))
    }

    /// Gives a backup that is whole and on the disk its name, the next free one of the second `at`.
    pub(crate) fn publish(&self, made: NamedTempFile, at: Timestamp) -> Result<Name, BackupError> {
        self.shelf.name(made, at)
    }

    /// Notes that a backup was verified.
    pub(crate) fn note(&self, name: &Name, seen: Seen) -> Result<(), BackupError> {
        let path = self.shelf.beside(name, "verified");
        let text = serde_json::to_vec(&seen).unwrap_or_default();
        self.write(&path, &text)
    }

    /// Takes a backup from those that count, and keeps it with the reason.
    pub(crate) fn set_aside(&self, name: &Name, reason: &str) -> Result<(), BackupError> {
        let failed = self.shelf.failed();
        failed.make()?;
        let (from, to) = (self.shelf.path(name), failed.path(name));
        // The reason first: one that lies there without it would tell nobody anything.
        self.write(&failed.beside(name, "reason"), reason.as_bytes())?;
        fs::rename(&from, &to).map_err(BackupError::io("set aside", &from))?;
        let _ = fs::remove_file(self.shelf.beside(name, "verified"));
        sync_folder(&failed.dir)?;
        sync_folder(&self.shelf.dir)?;
        failed.forget_old_ones()
    }

    /// Keeps a new backup in which something is wrong with the reason; it never counts.
    pub(crate) fn keep_failed(
        &self,
        made: NamedTempFile,
        at: Timestamp,
        reason: &str,
    ) -> Result<(), BackupError> {
        let failed = self.shelf.failed();
        failed.make()?;
        let name = failed.name(made, at)?;
        self.write(&failed.beside(&name, "reason"), reason.as_bytes())?;
        failed.forget_old_ones()
    }

    /// Removes what need not be kept, and answers its names.
    pub(crate) fn prune(
        &self,
        keep: &Keep,
        made: &Name,
        now: Timestamp,
    ) -> Result<Vec<Name>, BackupError> {
        let names = self.shelf.names()?;
        let all: Vec<Kept> = names
            .into_iter()
            .map(|name| Kept {
                is_verified: self.shelf.seen(&name).is_some(),
                name,
            })
            .collect();
        let goes = prune::to_go(&all, keep, made, now);
        for name in &goes {
            let path = self.shelf.path(name);
            fs::remove_file(&path).map_err(BackupError::io("remove", &path))?;
            let _ = fs::remove_file(self.shelf.beside(name, "verified"));
        }
        sync_folder(&self.shelf.dir)?;
        Ok(goes)
    }

    fn write(&self, path: &Path, text: &[u8]) -> Result<(), BackupError> {
        let mut work = self.work()?;
        let written = work
            .write_all(text)
            .and_then(|()| work.as_file().sync_all());
        written.map_err(BackupError::io("write", path))?;
        let kept = work.persist(path);
        kept.map_err(|lost| BackupError::io("write", path)(lost.error))?;
        sync_folder(path.parent().unwrap_or(&self.shelf.dir))
    }
}

/// Has an open file belong to whom `like` belongs, when root made it. Not by its name: in a folder of
/// somebody else's, that may lead to another file by now.
pub(crate) fn give(file: &File, like: &Path) -> io::Result<()> {
    let (mine, theirs) = (file.metadata()?, fs::metadata(like)?);
    if rustix::process::geteuid().is_root() && mine.uid() != theirs.uid() {
        fchown(file, Some(theirs.uid()), Some(theirs.gid()))?;
    }
    Ok(())
}

/// Opens what is at `path` when it is no link; waits for nobody when it is a pipe. Somebody could put
/// either in a file's place.
pub(crate) fn open_plain(path: &Path) -> io::Result<File> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    OpenOptions::new()
        .read(true)
        .custom_flags(i32::try_from(flags.bits()).unwrap_or_default())
        .open(path)
}

pub(crate) fn sync_folder(dir: &Path) -> Result<(), BackupError> {
    let synced = File::open(dir).and_then(|dir| dir.sync_all());
    synced.map_err(BackupError::io("flush", dir))
}

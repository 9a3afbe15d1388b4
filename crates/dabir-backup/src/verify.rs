//! Verifying a backup: it is opened, every byte of it is read, and its database is counted.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use dabir_core::Clock;
use serde::Serialize;
use tempfile::NamedTempFile;

use crate::archive::{DATABASE, Entry, SQLITE, read_manifest, unpack};
use crate::course::Course;
use crate::create::{apart, hold};
use crate::error::BackupError;
use crate::model::{DatabaseFacts, Manifest, Name};
use crate::shelf::{Held, Seen, Shelf, open_plain};
use crate::store::sqlite;

/// A backup that was opened and counted.
#[derive(Clone, Debug, Serialize)]
pub struct Verified {
    pub name: String,
    pub rows: u64,
    pub files: u64,
    pub seconds: f64,
}

/// Verifies a backup on the shelf. One in which something is wrong is kept aside.
///
/// # Errors
/// When there is none, or it is damaged, or could not be looked at.
pub async fn verify(
    shelf: &Shelf,
    name: &Name,
    clock: &Clock,
    course: &Course,
) -> Result<Verified, BackupError> {
    let begun = Instant::now();
    let held = hold(shelf).await?;
    let checked = check_file(&held, &shelf.path(name), &name.to_string(), course).await;
    match checked {
        Ok(manifest) => {
            let seen = Seen {
                verified_at: clock.now(),
                seconds: shelf.seen(name).and_then(|seen| seen.seconds),
            };
            held.note(name, seen)?;
            Ok(Verified::of(&name.to_string(), &manifest, begun))
        }
        Err(error) => {
            if matches!(error, BackupError::Damaged { .. }) {
                held.set_aside(name, &error.told())?;
            }
            Err(error)
        }
    }
}

impl Verified {
    fn of(name: &str, manifest: &Manifest, begun: Instant) -> Self {
        Self {
            name: name.to_owned(),
            rows: manifest.rows(),
            files: manifest.files.len() as u64,
            seconds: begun.elapsed().as_secs_f64(),
        }
    }

    /// Verifies a file anywhere; nothing is kept aside or noted.
    ///
    /// # Errors
    /// As [`verify`].
    pub async fn file(path: &Path, shelf: &Shelf, course: &Course) -> Result<Self, BackupError> {
        let begun = Instant::now();
        let held = hold(shelf).await?;
        let name = path.display().to_string();
        let manifest = check_file(&held, path, &name, course).await?;
        Ok(Self::of(&name, &manifest, begun))
    }
}

/// Reads every byte of the backup at `path`, which is called `name`, and counts its database.
pub(crate) async fn check_file(
    held: &Held,
    path: &Path,
    name: &str,
    course: &Course,
) -> Result<Manifest, BackupError> {
    let mut copy = held.work()?;
    let (path, called, watch) = (path.to_owned(), name.to_owned(), course.clone());
    let read = apart(move || Ok((read_all(&path, &called, &mut copy, &watch)?, copy)));
    let (manifest, copy) = read.await?;
    check_database(copy.path(), &manifest.database, name, course).await?;
    Ok(manifest)
}

/// Whether a SQLite database that was unpacked is whole and has all its rows.
pub(crate) async fn check_database(
    file: &Path,
    facts: &DatabaseFacts,
    name: &str,
    course: &Course,
) -> Result<(), BackupError> {
    if facts.kind != "sqlite" {
        return Ok(());
    }
    match sqlite::check(file, facts, course).await? {
        None => Ok(()),
        Some(reason) => Err(BackupError::damaged(name, reason)),
    }
}

/// Opens a backup that may lie anywhere.
pub(crate) fn open(path: &Path, name: &str) -> Result<(File, Manifest), BackupError> {
    let mut file = open_plain(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => BackupError::NotFound(name.to_owned()),
        _ => BackupError::io("open", path)(error),
    })?;
    let manifest = read_manifest(&mut file, name, path)?;
    Ok((file, manifest))
}

fn read_all(
    path: &Path,
    name: &str,
    database: &mut NamedTempFile,
    course: &Course,
) -> Result<Manifest, BackupError> {
    let (mut file, manifest) = open(path, name)?;
    let mut counted = Counted::default();
    unpack(&mut file, name, &manifest, course, |entry| {
        if entry.facts.path == SQLITE {
            let written = io::copy(entry.content, database.as_file_mut());
            return written
                .map(drop)
                .map_err(BackupError::io("unpack", database.path()));
        }
        counted.take(entry)
    })?;
    counted.compare(&manifest.database, name)?;
    Ok(manifest)
}

/// The rows of PostgreSQL's tables, by what is in their parts: a line is a row.
#[derive(Default)]
pub(crate) struct Counted {
    rows: BTreeMap<PathBuf, u64>,
    parts: BTreeMap<PathBuf, u32>,
}

impl Counted {
    pub(crate) fn take(&mut self, entry: Entry<'_>) -> Result<(), BackupError> {
        let Entry { facts, content } = entry;
        let Some(inside) = facts.path.strip_prefix(DATABASE) else {
            return Ok(());
        };
        let table = Path::new(inside).parent().unwrap_or(Path::new(""));
        let mut lines = 0;
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = content.read(&mut buffer);
            let read = read.map_err(BackupError::io("read", Path::new(&facts.path)))?;
            if read == 0 {
                break;
            }
            lines += buffer[..read].iter().filter(|byte| **byte == b'\n').count() as u64;
        }
        *self.rows.entry(table.to_owned()).or_default() += lines;
        *self.parts.entry(table.to_owned()).or_default() += 1;
        Ok(())
    }

    pub(crate) fn compare(&self, facts: &DatabaseFacts, name: &str) -> Result<(), BackupError> {
        if facts.kind != "postgres" {
            return Ok(());
        }
        for (table, expected) in &facts.tables {
            let path = Path::new(table);
            let found = self.rows.get(path).copied().unwrap_or(0);
            let parts = self.parts.get(path).copied().unwrap_or(0);
            if (found, parts) != (expected.rows, expected.parts) {
                let rows = expected.rows;
                let reason = format!("table `{table}` has {found} rows and should have {rows}");
                return Err(BackupError::damaged(name, reason));
            }
        }
        Ok(())
    }
}

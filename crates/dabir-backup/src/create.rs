//! Making a backup: written beside, flushed, verified, and only then given its name.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Instant;

use dabir_core::{Clock, Timestamp};
use dabir_db::Db;
use rustix::io::Errno;
use serde::Serialize;

use crate::archive::{DATA, Packer, SQLITE, append_manifest};
use crate::course::Course;
use crate::elsewhere::Elsewhere;
use crate::error::BackupError;
use crate::model::{DatabaseFacts, FORMAT, LeftOut, Manifest};
use crate::shelf::{Held, Seen, Shelf};
use crate::store::{postgres, sqlite};
use crate::tree::{self, Content, Found};
use crate::verify::check_file;

/// What a backup is made of.
#[derive(Clone, Debug)]
pub struct House {
    pub data_dir: PathBuf,
    pub db: Db,
    pub clock: Clock,
    /// Files, folders and buckets of the house that may lie outside the data folder.
    pub elsewhere: Vec<PathBuf>,
}

/// A backup that was made and verified.
#[derive(Clone, Debug, Serialize)]
pub struct Made {
    /// Its name, or the file that was asked for.
    pub name: String,
    pub size_bytes: u64,
    pub rows: u64,
    pub files: u64,
    pub seconds: f64,
    /// What could not be taken.
    pub left_out: Vec<LeftOut>,
}

impl House {
    /// Makes a backup that stands on `shelf`. It counts once it was opened and counted; one in which
    /// something is wrong is kept aside.
    ///
    /// # Errors
    /// When the database or the disk does not do it, or the backup turns out to be damaged.
    pub async fn back_up(&self, shelf: &Shelf, course: &Course) -> Result<Made, BackupError> {
        let begun = Instant::now();
        let held = hold(shelf).await?;
        let made_at = self.clock.now();
        let work = held.work()?;
        let manifest = self.write(&held, work.as_file(), made_at, course).await?;
        let checked = check_file(&held, work.path(), "the new backup", course).await;
        if let Err(error) = checked {
            if error.is_damage() {
                held.keep_failed(work, made_at, &error.told())?;
            }
            return Err(error);
        }
        let size_bytes = size_of(work.path())?;
        let name = held.publish(work, made_at)?;
        let made = Made::of(&name.to_string(), size_bytes, manifest, begun);
        let seen = Seen {
            verified_at: self.clock.now(),
            seconds: Some(made.seconds),
        };
        held.note(&name, seen)?;
        Ok(made)
    }

    /// Makes a backup as the file `to`, which must not be there yet; `shelf` is where it is worked on.
    ///
    /// # Errors
    /// As [`House::back_up`].
    pub async fn back_up_to(
        &self,
        to: &Path,
        shelf: &Shelf,
        course: &Course,
    ) -> Result<Made, BackupError> {
        let begun = Instant::now();
        let held = hold(shelf).await?;
        let elsewhere = Elsewhere::begin(to)?;
        let made_at = self.clock.now();
        let file = elsewhere.file();
        self.write(&held, file, made_at, course).await?;
        let manifest = elsewhere.check_and_name(&held, course).await?;
        let name = to.display().to_string();
        Ok(Made::of(&name, size_of(to)?, manifest, begun))
    }

    /// Writes the whole backup to `file`, and has it on the disk.
    async fn write(
        &self,
        held: &Held,
        file: &File,
        made_at: Timestamp,
        course: &Course,
    ) -> Result<Manifest, BackupError> {
        let dir = held.shelf.dir().to_owned();
        let io = move |error| BackupError::io("write a backup in", &dir.join("x"))(error);
        let file = file.try_clone().map_err(io.clone())?;
        let mut packer = Packer::new(file, course.clone()).map_err(io.clone())?;
        let data_dir = self.data_dir.clone();
        packer = apart(move || {
            pack_file(&mut packer, &data_dir, tree::FIRST.to_owned()).map(|_| packer)
        })
        .await?;
        let (mut packer, database, mut left_out) = self.pack_database(held, packer, course).await?;
        left_out.extend(self.outside());
        let (data_dir, shelf) = (self.data_dir.clone(), held.shelf.clone());
        let manifest = apart(move || {
            let found = pack_folder(&mut packer, &data_dir, shelf.dir())?;
            left_out.extend(found.left_out);
            let mut packed = packer.finish().map_err(io.clone())?;
            let manifest = Manifest {
                format: FORMAT,
                version: env!("CARGO_PKG_VERSION").to_owned(),
                made_at,
                archive: packed.archive,
                database,
                files: packed.files,
                folders: found.folders,
                left_out,
            };
            let ended = append_manifest(&mut packed.file, &manifest);
            // A flush that fails is final: what was written goes.
            ended
                .and_then(|()| packed.file.sync_all())
                .map_err(io)
                .map(|()| manifest)
        });
        manifest.await
    }

    /// What of the house lies outside the data folder.
    fn outside(&self) -> impl Iterator<Item = LeftOut> {
        let data_dir = self.data_dir.canonicalize().unwrap_or_default();
        let there = self.elsewhere.iter().flat_map(|path| {
            // A bucket is no path of this machine.
            let is_bucket = path.starts_with("s3:");
            let here = || path.canonicalize();
            is_bucket.then(|| path.clone()).map_or_else(here, Ok)
        });
        let outside = there.filter(move |path| !path.starts_with(&data_dir));
        outside.map(|path| LeftOut {
            path: path.display().to_string(),
            why: "it lies outside the data folder; keep a copy of it".to_owned(),
        })
    }

    async fn pack_database(
        &self,
        held: &Held,
        packer: Packer,
        course: &Course,
    ) -> Result<(Packer, DatabaseFacts, Vec<LeftOut>), BackupError> {
        if self.db.kind() == "postgres" {
            let taken = postgres::pack(&self.db, packer).await?;
            return Ok((taken.packer, taken.facts, taken.left_out));
        }
        let copy = held.work()?;
        sqlite::copy(&self.db, copy.path(), course).await?;
        let facts = sqlite::facts(copy.path(), course).await?;
        let packer = apart(move || {
            let mut packer = packer;
            let io = |error| BackupError::io("pack", copy.path())(error);
            let file = File::open(copy.path()).map_err(io)?;
            let size = file.metadata().map_err(io)?.len();
            packer
                .add(SQLITE.to_owned(), 0o600, size, file)
                .map_err(io)?;
            Ok(packer)
        });
        Ok((packer.await?, facts, Vec::new()))
    }
}

impl Made {
    fn of(name: &str, size_bytes: u64, manifest: Manifest, begun: Instant) -> Self {
        Self {
            name: name.to_owned(),
            size_bytes,
            rows: manifest.rows(),
            files: manifest.files.len() as u64,
            seconds: begun.elapsed().as_secs_f64(),
            left_out: manifest.left_out,
        }
    }
}

/// Does what waits for a disk where it holds up nobody else.
pub(crate) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BackupError> + Send + 'static,
) -> Result<T, BackupError> {
    let done = tokio::task::spawn_blocking(work).await;
    // It is dropped only when the program ends.
    done.unwrap_or(Err(BackupError::Stopped))
}

pub(crate) async fn hold(shelf: &Shelf) -> Result<Held, BackupError> {
    let shelf = shelf.clone();
    apart(move || shelf.hold()).await
}

fn size_of(path: &Path) -> Result<u64, BackupError> {
    let facts = std::fs::metadata(path).map_err(BackupError::io("read", path))?;
    Ok(facts.len())
}

/// Packs every file of the data folder but the one that was packed first, and answers what was found
/// beside them.
fn pack_folder(packer: &mut Packer, data_dir: &Path, shelf: &Path) -> Result<Found, BackupError> {
    let mut found = tree::look(data_dir, shelf)?;
    for path in std::mem::take(&mut found.files) {
        if path != tree::FIRST {
            let left_out = pack_file(packer, data_dir, path)?;
            found.left_out.extend(left_out);
        }
    }
    Ok(found)
}

/// Packs a file, and answers what of it could not be taken.
fn pack_file(
    packer: &mut Packer,
    data_dir: &Path,
    path: String,
) -> Result<Option<LeftOut>, BackupError> {
    let at = data_dir.join(&path);
    let why = match tree::open(&at) {
        Ok(None) => "it was removed meanwhile".to_owned(),
        Ok(Some(Content { mode, size, bytes })) => {
            let added = packer.add(format!("{DATA}{path}"), mode, size, bytes);
            match added.map_err(BackupError::io("pack", &at))? {
                0 => return Ok(None),
                lost => format!("its last {lost} bytes were removed meanwhile; they are zeros"),
            }
        }
        Err(error) if error.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => {
            "a link took its place meanwhile".to_owned()
        }
        // Without it the backup would look whole, and a house without its key is none.
        Err(error) => return Err(BackupError::io("read", &at)(error)),
    };
    Ok(Some(LeftOut { path, why }))
}

//! Putting a backup back: everything is unpacked and verified beside the data folder, which is
//! swapped for it at the very end, at once.
//!
//! | folder | what it is |
//! |---|---|
//! | `data` | in use; after the swap, what the backup held |
//! | `data.restoring` | being unpacked, with `.unfinished` in it; or, for a moment after the swap, the old folder |
//! | `data.before-restore-…` | what was in use before |
//! | `data.discarded` | of a restore that was cut off, on its way out |
//!
//! Whoever is killed on the way leaves the folder in use as it was, or as it is to be; the next one
//! clears up. PostgreSQL's tables are filled in a schema of their own and take the others' place in
//! one transaction, just before the folders are swapped; between the two, `.restoring` in the data
//! folder keeps a server from starting on half of each, and names the schema that has the tables from before.

mod beside;
mod database;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use dabir_core::{Clock, Timestamp};
use dabir_db::DataFolder;
use serde::Serialize;

use crate::course::Course;
use crate::create::{apart, hold};
use crate::error::BackupError;
use crate::model::{LeftOut, Manifest};
use crate::shelf::{Held, Shelf, give};
use crate::store::mended::Mended;
use crate::verify;

use beside::{Beside, living_rooms};

/// What is to be restored, and where.
#[derive(Clone, Debug)]
pub struct Order {
    /// The backup: a file on the shelf or anywhere else.
    pub file: PathBuf,
    /// What it is called.
    pub name: String,
    /// `[database] url`; empty for SQLite.
    pub url: String,
    pub clock: Clock,
    /// Has the record of a room, in this folder, begin anew: people who were there since have heard what
    /// it does not know, under numbers that it will give again.
    pub begin_room_anew: fn(&Path) -> io::Result<()>,
}

/// What was restored.
#[derive(Clone, Debug, Serialize)]
pub struct Restored {
    pub name: String,
    pub made_at: Timestamp,
    pub rows: u64,
    pub files: u64,
    pub seconds: f64,
    /// What was in use before; `None` when there was nothing.
    pub before: Option<PathBuf>,
    /// PostgreSQL's schema with the tables that were in use.
    pub before_schema: Option<String>,
    /// The statements that bring those tables back.
    pub way_back: Option<PathBuf>,
    pub mended: Mended,
    /// What the backup itself did not have.
    pub left_out: Vec<LeftOut>,
    /// Tables that this version does not know; they were left out.
    pub unknown_tables: Vec<String>,
    /// What went wrong once everything was in its place.
    pub warnings: Vec<String>,
}

/// Whether a restore was cut off between the database and the files: nobody may use either.
#[must_use]
pub fn is_half_restored(data_dir: &Path) -> bool {
    data_dir.join(beside::HALF).exists()
}

/// Restores a backup into the data folder that `folder` holds. `shelf` are the house's backups; they
/// go along when they stand in the data folder.
///
/// # Errors
/// When the backup is damaged or another house's, rooms still run, the database is used by others, or
/// the disk does not do it. Then everything is as it was.
pub async fn restore(
    folder: DataFolder,
    shelf: &Shelf,
    order: Order,
    course: &Course,
) -> Result<Restored, BackupError> {
    let begun = Instant::now();
    let data_dir = folder.path().canonicalize();
    let data_dir = data_dir.map_err(BackupError::io("find", folder.path()))?;
    let living = living_rooms(&data_dir);
    if living > 0 {
        return Err(BackupError::RoomsLive(living));
    }
    let alone = folder.alone()?;
    // Root makes it where there was none, and a worker must be able to take it.
    give(&alone, &data_dir).map_err(BackupError::io("hold", &data_dir))?;
    let held = hold(shelf).await?;
    let beside = Beside::of(&data_dir)?;
    let now = order.clock.now();
    let (file, manifest) = verify::open(&order.file, &order.name)?;
    database::check(&manifest, &order).await?;
    clear_up(&beside, &order.url, now).await?;
    let put = async {
        unpack(&beside, file, &manifest, &order.name, course).await?;
        put_in_place(&held, &beside, &data_dir, &manifest, &order, course).await
    };
    let put = match put.await {
        Ok(put) => put,
        Err(error) => {
            clear_up(&beside, &order.url, now).await?;
            return Err(error);
        }
    };
    let mut warnings = Vec::new();
    let before = beside.name_the_old(now).unwrap_or_else(|error| {
        warnings.push(error.told());
        beside.old()
    });
    let way_back = match (&put.before_schema, &before) {
        (Some(schema), Some(old)) => {
            let written = database::write_way_back(&order.url, schema, old).await;
            written.map_err(|error| warnings.push(error.told())).ok()
        }
        _ => None,
    };
    Ok(Restored {
        name: order.name,
        made_at: manifest.made_at,
        rows: manifest.rows(),
        files: manifest.files.len() as u64,
        seconds: begun.elapsed().as_secs_f64(),
        before,
        before_schema: put.before_schema,
        way_back,
        mended: put.mended,
        left_out: manifest.left_out,
        unknown_tables: put.unknown_tables,
        warnings,
    })
}

/// Brings the house back to where it was before one that did not come to its end, as the database and
/// the folders tell: what was answered to that one may have been lost on the way.
async fn clear_up(beside: &Beside, url: &str, now: Timestamp) -> Result<(), BackupError> {
    database::clear_up(url, beside.half().as_deref()).await?;
    beside.unmark_half()?;
    beside.clear_up(now)
}

async fn unpack(
    beside: &Beside,
    file: File,
    manifest: &Manifest,
    name: &str,
    course: &Course,
) -> Result<(), BackupError> {
    let (beside, course) = (beside.clone(), course.clone());
    let (manifest, name) = (manifest.clone(), name.to_owned());
    apart(move || beside.unpack(file, &name, &manifest, &course)).await
}

/// What became of the database.
struct Put {
    mended: Mended,
    unknown_tables: Vec<String>,
    before_schema: Option<String>,
}

/// From a verified copy beside the data folder to the swap.
async fn put_in_place(
    held: &Held,
    beside: &Beside,
    data_dir: &Path,
    manifest: &Manifest,
    order: &Order,
    course: &Course,
) -> Result<Put, BackupError> {
    let filled = database::fill(beside, data_dir, manifest, order, course).await?;
    course.step(0, "mending")?;
    beside.begin_rooms_anew(order.begin_room_anew)?;
    beside.take_backups_along(&held.shelf)?;
    // Whoever starts right after the swap finds the new folder held as the old one was.
    let _new = DataFolder::hold(beside.path())?;
    beside.let_in_as_before()?;
    course.step(0, "flushing")?;
    beside.flush()?;
    let before_schema = if order.url.is_empty() {
        None
    } else {
        let before = database::schema_before(&order.url, order.clock.now()).await?;
        beside.mark_half(&before)?;
        course.step(0, "swapping the tables")?;
        database::swap(&order.url, &before).await?;
        Some(before)
    };
    course.step(0, "swapping the folders")?;
    beside.swap()?;
    Ok(Put {
        mended: filled.mended,
        unknown_tables: filled.unknown_tables,
        before_schema,
    })
}

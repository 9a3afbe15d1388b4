//! The database of a restore: filled beside the one in use, brought up to date, and mended.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use dabir_core::Timestamp;
use dabir_db::Db;
use dabir_db::migrations::Migrator;
use sea_orm_migration::MigratorTrait;

use super::Order;
use super::beside::{Beside, PARTS};
use crate::course::Course;
use crate::error::BackupError;
use crate::model::Manifest;
use crate::store::mended::{Mended, Since, mend};
use crate::store::postgres;
use crate::verify::check_database;

/// A database that is ready to be swapped.
pub(super) struct Filled {
    pub(super) mended: Mended,
    pub(super) unknown_tables: Vec<String>,
}

/// Whether this house can take the backup's database, and nobody else uses the one in use.
pub(super) async fn check(manifest: &Manifest, order: &Order) -> Result<(), BackupError> {
    let here = if order.url.is_empty() {
        "sqlite"
    } else {
        "postgres"
    };
    let kind = &manifest.database.kind;
    if kind != here {
        return Err(BackupError::OtherKind {
            name: order.name.clone(),
            backup: kind.clone(),
            here,
        });
    }
    let known: Vec<String> = Migrator::migrations()
        .iter()
        .map(|step| step.name().to_owned())
        .collect();
    let steps = &manifest.database.steps;
    if let Some(strange) = steps.iter().find(|step| !known.contains(step)) {
        return Err(BackupError::Newer {
            name: order.name.clone(),
            detail: strange.clone(),
        });
    }
    if order.url.is_empty() {
        return Ok(());
    }
    if !known.starts_with(steps) {
        let reason = "its database did not go the way that every database goes";
        return Err(BackupError::damaged(&order.name, reason));
    }
    match postgres::others(&order.url).await? {
        None => Ok(()),
        Some(others) => Err(BackupError::Connected(others)),
    }
}

/// Makes the restored database ready in the folder or schema beside the one in use.
pub(super) async fn fill(
    beside: &Beside,
    data_dir: &Path,
    manifest: &Manifest,
    order: &Order,
    course: &Course,
) -> Result<Filled, BackupError> {
    let now = order.clock.now();
    let since = since(&order.url, data_dir, now).await;
    let mut unknown_tables = Vec::new();
    let address = if order.url.is_empty() {
        let file = beside.path().join("dabir.db");
        check_database(&file, &manifest.database, &order.name, course).await?;
        String::new()
    } else {
        let address = postgres::address_beside(&order.url);
        unknown_tables = fill_schema(beside, &address, manifest, order, course).await?;
        address
    };
    let db = Db::open(&address, beside.path())
        .await
        .map_err(|error| unusable(&order.name, &error))?;
    let mended = mend(&db, &since, &order.name, now).await;
    db.close().await;
    for ending in ["db", "db-wal", "db-shm"] {
        let file = beside.path().join("dabir").with_extension(ending);
        if let Ok(file) = File::open(&file) {
            file.sync_all()
                .map_err(BackupError::io("flush", beside.path()))?;
        }
    }
    Ok(Filled {
        mended: mended?,
        unknown_tables,
    })
}

async fn fill_schema(
    beside: &Beside,
    address: &str,
    manifest: &Manifest,
    order: &Order,
    course: &Course,
) -> Result<Vec<String>, BackupError> {
    postgres::make_room(&order.url).await?;
    let db = Db::open_as_is(address, beside.path()).await;
    let db = db.map_err(|error| unusable(&order.name, &error))?;
    let Some(db) = db else {
        return Err(BackupError::Empty);
    };
    let steps = u32::try_from(manifest.database.steps.len()).unwrap_or(u32::MAX);
    let filled = async {
        Migrator::up(db.read(), Some(steps)).await?;
        let parts = beside.path().join(PARTS);
        let unknown = postgres::fill(&db, &manifest.database, &parts, course).await?;
        if parts.exists() {
            fs::remove_dir_all(&parts).map_err(BackupError::io("remove", &parts))?;
        }
        Ok(unknown)
    };
    let filled = filled.await;
    db.close().await;
    filled
}

/// What the database in use knows of those who are shut out.
async fn since(url: &str, data_dir: &Path, now: Timestamp) -> Since {
    let Ok(Some(db)) = Db::open_to_read(url, data_dir).await else {
        return Since::default();
    };
    let since = Since::of(&db, now).await;
    db.close().await;
    since
}

fn unusable(name: &str, error: &(dyn std::error::Error + 'static)) -> BackupError {
    let mut said = error.to_string();
    if let Some(cause) = error.source() {
        said += &format!(": {cause}");
    }
    BackupError::damaged(name, format!("its database cannot be used: {said}"))
}

/// The schema that PostgreSQL's tables in use go to; there is none of this name yet.
pub(super) async fn schema_before(url: &str, now: Timestamp) -> Result<String, BackupError> {
    let name = now.strftime("before_restore_%Y%m%d_%H%M%S").to_string();
    let mut free = name.clone();
    let mut number = 1;
    while postgres::has_schema(url, &free).await? {
        number += 1;
        free = format!("{name}_{number}");
    }
    Ok(free)
}

/// Swaps PostgreSQL's tables; those in use go to the schema `before`.
pub(super) async fn swap(url: &str, before: &str) -> Result<(), BackupError> {
    postgres::swap(url, postgres::BESIDE, before).await
}

/// Clears up after one whose folders were not swapped: when the tables were, to the schema `before`
/// that it had marked, they are in use again; and the restored ones go.
pub(super) async fn clear_up(url: &str, before: Option<&str>) -> Result<(), BackupError> {
    if url.is_empty() {
        return Ok(());
    }
    if let Some(before) = before
        && postgres::has_schema(url, before).await?
    {
        postgres::swap(url, before, postgres::BESIDE).await?;
    }
    postgres::clear_room(url).await
}

/// Writes the statements that bring PostgreSQL's old tables back into the old folder.
pub(super) async fn write_way_back(
    url: &str,
    schema: &str,
    folder: &Path,
) -> Result<PathBuf, BackupError> {
    let statements = postgres::way_back(url, schema).await?;
    let path = folder.join("way-back.sql");
    // Of an earlier restore, or a link that somebody put there.
    let _ = fs::remove_file(&path);
    let written = File::create_new(&path).and_then(|mut file| {
        file.write_all(statements.as_bytes())?;
        file.sync_all()
    });
    written.map_err(BackupError::io("write", &path))?;
    Ok(path)
}

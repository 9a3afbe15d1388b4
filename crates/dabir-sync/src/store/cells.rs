//! The cells of runs: one row a partition, from which a run goes on after a crash.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use super::{count, count_if_any, execute, query, signed};
use crate::model::{Counts, Status};
use crate::run::cell::Cell;

const COLUMNS: &str = "position, label, vars, status, next_page, total, page_rows, pass, served, \
     rows_new, rows_changed, rows_same, rows_failed, rows_vanished, rows_held, since, \
     \"cursor\", page_digest, keyless, doubled, has_moved, shape, error";

pub(crate) async fn insert(
    tx: &impl ConnectionTrait,
    run_id: i64,
    cell: &Cell,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO sync_cell (run_id, position, label, vars, status, next_page, total, \
               page_rows, pass, served, since, \"cursor\", page_digest, keyless, doubled, \
               has_moved, shape) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
    let values = [
        run_id.into(),
        cell.position.into(),
        cell.label.as_str().into(),
        serde_json::to_string(&cell.values)
            .unwrap_or_default()
            .into(),
        cell.status.as_str().into(),
        signed(cell.next_page).into(),
        cell.total.map(signed).into(),
        cell.page_rows.map(signed).into(),
        cell.pass.into(),
        signed(cell.served).into(),
        cell.since.clone().into(),
        cell.cursor.clone().into(),
        cell.digest.clone().into(),
        signed(cell.keyless).into(),
        signed(cell.doubled).into(),
        cell.has_moved.into(),
        cell.shape.as_str().into(),
    ];
    execute(tx, sql, values).await?;
    Ok(())
}

/// Keeps how far a cell is.
pub(crate) async fn update(
    tx: &impl ConnectionTrait,
    run_id: i64,
    cell: &Cell,
) -> Result<(), DbErr> {
    let sql = "UPDATE sync_cell SET status = $3, next_page = $4, total = $5, page_rows = $6, \
               pass = $7, served = $8, rows_new = $9, rows_changed = $10, rows_same = $11, \
               rows_failed = $12, rows_vanished = $13, rows_held = $14, \"cursor\" = $15, \
               page_digest = $16, error = $17, keyless = $18, doubled = $19, has_moved = $20 \
               WHERE run_id = $1 AND position = $2";
    let values = [
        run_id.into(),
        cell.position.into(),
        cell.status.as_str().into(),
        signed(cell.next_page).into(),
        cell.total.map(signed).into(),
        cell.page_rows.map(signed).into(),
        cell.pass.into(),
        signed(cell.served).into(),
        signed(cell.counts.new).into(),
        signed(cell.counts.changed).into(),
        signed(cell.counts.same).into(),
        signed(cell.counts.failed).into(),
        signed(cell.counts.vanished).into(),
        signed(cell.counts.held).into(),
        cell.cursor.clone().into(),
        cell.digest.clone().into(),
        cell.error.clone().into(),
        signed(cell.keyless).into(),
        signed(cell.doubled).into(),
        cell.has_moved.into(),
    ];
    execute(tx, sql, values).await?;
    Ok(())
}

pub(crate) async fn of_run(db: &impl ConnectionTrait, run_id: i64) -> Result<Vec<Cell>, DbErr> {
    let sql = format!("SELECT {COLUMNS} FROM sync_cell WHERE run_id = $1 ORDER BY position");
    let rows = query(db, sql, [run_id.into()]).await?;
    rows.iter().map(cell).collect()
}

/// Forgets the cells of a run, and what it has seen.
pub(crate) async fn forget(tx: &impl ConnectionTrait, run_id: i64) -> Result<(), DbErr> {
    for table in ["sync_cell", "sync_seen"] {
        let sql = format!("DELETE FROM {table} WHERE run_id = $1");
        execute(tx, sql, [run_id.into()]).await?;
    }
    Ok(())
}

/// Where among the pages that a cell has seen a page of this pass stands.
pub(crate) fn seen_at(pass: i32, page: u64) -> u64 {
    page + (u64::try_from(pass).unwrap_or(1) << 32)
}

/// How many pages a run has the keys of, by cell and pass.
pub(crate) async fn kept_pages(
    db: &impl ConnectionTrait,
    run_id: i64,
) -> Result<BTreeMap<(i32, i64), u64>, DbErr> {
    let sql = "SELECT position, page / 4294967296 AS pass, COUNT(*) AS n FROM sync_seen \
               WHERE run_id = $1 GROUP BY position, page / 4294967296";
    let rows = query(db, sql, [run_id.into()]).await?;
    rows.iter()
        .map(|row| {
            let cell = (row.try_get("", "position")?, row.try_get("", "pass")?);
            Ok((cell, count(row, "n")?))
        })
        .collect()
}

/// The newest known value of each partition, as far as it came from a source of this shape.
pub(crate) async fn cursors(
    db: &impl ConnectionTrait,
    source: &str,
    shape: &str,
) -> Result<BTreeMap<String, String>, DbErr> {
    let sql = "SELECT k.label, k.value FROM sync_cursor k JOIN sync_cell c \
               ON c.run_id = k.run_id AND c.label = k.label WHERE k.source = $1 AND c.shape = $2";
    let rows = query(db, sql, [source.into(), shape.into()]).await?;
    rows.iter()
        .map(|row| Ok((row.try_get("", "label")?, row.try_get("", "value")?)))
        .collect()
}

/// How many rows each partition had in the last run that succeeded there.
pub(crate) async fn last_counts(
    db: &impl ConnectionTrait,
    source: &str,
    before: i64,
) -> Result<BTreeMap<String, u64>, DbErr> {
    let sql = "SELECT c.label, c.rows_new + c.rows_changed + c.rows_same AS n FROM sync_cell c \
               WHERE c.status = 'success' AND c.run_id = (SELECT MAX(id) FROM data_syncs \
               WHERE source = $1 AND id < $2 AND mode = 'full' AND status = 'success')";
    let rows = query(db, sql, [source.into(), before.into()]).await?;
    rows.iter()
        .map(|row| Ok((row.try_get("", "label")?, count(row, "n")?)))
        .collect()
}

fn cell(row: &QueryResult) -> Result<Cell, DbErr> {
    let vars: String = row.try_get("", "vars")?;
    let status: String = row.try_get("", "status")?;
    let next_page = count(row, "next_page")?;
    Ok(Cell {
        position: row.try_get("", "position")?,
        label: row.try_get("", "label")?,
        values: serde_json::from_str(&vars).unwrap_or_default(),
        status: Status::parse(&status),
        next_page,
        total: count_if_any(row, "total")?,
        page_rows: count_if_any(row, "page_rows")?,
        pass: row.try_get("", "pass")?,
        served: count(row, "served")?,
        counts: Counts {
            new: count(row, "rows_new")?,
            changed: count(row, "rows_changed")?,
            same: count(row, "rows_same")?,
            failed: count(row, "rows_failed")?,
            vanished: count(row, "rows_vanished")?,
            held: count(row, "rows_held")?,
        },
        since: row.try_get("", "since")?,
        cursor: row.try_get("", "cursor")?,
        digest: row.try_get("", "page_digest")?,
        error: row.try_get("", "error")?,
        keyless: count(row, "keyless")?,
        doubled: count(row, "doubled")?,
        has_moved: row.try_get("", "has_moved")?,
        shape: row.try_get("", "shape")?,
    })
}

//! The cells of runs: one row a partition, from which a run goes on after a crash.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use super::{count, count_if_any, execute, query, signed};
use crate::model::{Counts, Status};
use crate::run::cell::Cell;

const COLUMNS: &str = "position, label, vars, status, next_page, total, page_rows, pass, served, \
     rows_new, rows_changed, rows_same, rows_failed, rows_vanished, rows_held, since, \
     \"cursor\", page_digest, error";

pub(crate) async fn insert(
    tx: &impl ConnectionTrait,
    run_id: i64,
    cell: &Cell,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO sync_cell (run_id, position, label, vars, status, next_page, total, \
               page_rows, served, since, \"cursor\") \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
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
        signed(cell.served).into(),
        cell.since.clone().into(),
        cell.cursor.clone().into(),
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
               page_digest = $16, error = $17 WHERE run_id = $1 AND position = $2";
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
    ];
    execute(tx, sql, values).await?;
    Ok(())
}

pub(crate) async fn of_run(db: &impl ConnectionTrait, run_id: i64) -> Result<Vec<Cell>, DbErr> {
    let sql = format!("SELECT {COLUMNS} FROM sync_cell WHERE run_id = $1 ORDER BY position");
    let rows = query(db, sql, [run_id.into()]).await?;
    rows.iter().map(cell).collect()
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
        has_moved: false,
    })
}

//! The tables of tasks. One question, one function; what differs between the databases stays here.

pub(crate) mod task;
pub(crate) mod list;
pub(crate) mod ranks;
pub(crate) mod tags;
pub(crate) mod activity;

pub(crate) use dabir_db::sql::{execute, query};

use sea_orm::{ConnectionTrait, DbErr, Value};

/// How many rows a statement has: both databases bound the number of its values.
const ROWS: usize = 500;

/// `$4, $5, $6` for `count` values of which the first is `$first`.
pub(crate) fn places(first: usize, count: usize) -> String {
    let places: Vec<String> = (first..first + count).map(|n| format!("${n}")).collect();
    places.join(", ")
}

/// Writes rows of `columns` columns: `before` up to `VALUES`, `after` what to do with those that are
/// there.
async fn insert(
    tx: &impl ConnectionTrait,
    before: &str,
    columns: usize,
    rows: Vec<Vec<Value>>,
    after: &str,
) -> Result<(), DbErr> {
    for chunk in rows.chunks(ROWS) {
        let sql = format!("{before} VALUES {} {after}", tuples(chunk.len(), columns));
        execute(tx, sql, chunk.iter().flatten().cloned()).await?;
    }
    Ok(())
}

/// `($1, $2), ($3, $4)` for rows of so many columns.
fn tuples(rows: usize, columns: usize) -> String {
    let row = |row: usize| format!("({})", places(row * columns + 1, columns));
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

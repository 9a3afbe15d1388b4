//! SQL by hand, for questions that SeaORM's builder has no words for, in words that both databases
//! understand.

use dabir_core::Timestamp;
use sea_orm::{ConnectionTrait, DatabaseBackend, DbErr, QueryResult, Statement, Value};

use crate::Ts;

/// How many rows a statement has: both databases bound the number of its values.
pub const ROWS: usize = 500;

/// Whether this is PostgreSQL; else it is SQLite.
pub fn is_postgres(db: &impl ConnectionTrait) -> bool {
    db.get_database_backend() == DatabaseBackend::Postgres
}

/// Asks; `$1` and so on stand for the values.
///
/// # Errors
/// When the database does not answer, or not to this.
pub async fn query(
    db: &impl ConnectionTrait,
    sql: impl Into<String>,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<QueryResult>, DbErr> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    db.query_all_raw(statement).await
}

/// Changes rows, and tells how many.
///
/// # Errors
/// When the database does not do it.
pub async fn execute(
    db: &impl ConnectionTrait,
    sql: impl Into<String>,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64, DbErr> {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(db.execute_raw(statement).await?.rows_affected())
}

/// Writes rows of `columns` columns each, [`ROWS`] a statement: `before` up to `VALUES`, `after` what to
/// do with those that are there.
///
/// # Errors
/// When the database does not do it.
pub async fn insert(
    db: &impl ConnectionTrait,
    before: &str,
    columns: usize,
    rows: Vec<Vec<Value>>,
    after: &str,
) -> Result<(), DbErr> {
    for chunk in rows.chunks(ROWS) {
        let sql = format!("{before} VALUES {} {after}", tuples(chunk.len(), columns));
        execute(db, sql, chunk.iter().flatten().cloned()).await?;
    }
    Ok(())
}

/// `$4, $5, $6` for `count` values of which the first is `$first`.
#[must_use]
pub fn places(first: usize, count: usize) -> String {
    let places: Vec<String> = (first..first + count).map(|n| format!("${n}")).collect();
    places.join(", ")
}

/// `($1, $2), ($3, $4)` for rows of so many columns.
#[must_use]
pub fn tuples(rows: usize, columns: usize) -> String {
    let row = |row: usize| format!("({})", places(row * columns + 1, columns));
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// A column of milliseconds as a time.
///
/// # Errors
/// When there is no such column, or something else stands in it.
pub fn time(row: &QueryResult, column: &str) -> Result<Timestamp, DbErr> {
    Ok(Ts(row.try_get("", column)?).into())
}

/// As [`time`], of a column that may be empty.
///
/// # Errors
/// As [`time`].
pub fn time_if_any(row: &QueryResult, column: &str) -> Result<Option<Timestamp>, DbErr> {
    let value: Option<i64> = row.try_get("", column)?;
    Ok(value.map(|millis| Ts(millis).into()))
}

//! SQL by hand, for questions that SeaORM's builder has no words for, in words that both databases
//! understand.

use dabir_core::Timestamp;
use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseTransaction, DbErr, QueryResult, Statement, Value,
};
use serde::de::DeserializeOwned;

use crate::Ts;

/// How many rows a statement has: both databases bound the number of its values.
pub const ROWS: usize = 500;

/// What one transaction at a time does: the keys of PostgreSQL's advisory locks.
#[derive(Clone, Copy, Debug)]
#[repr(i64)]
pub enum Lock {
    /// Continuing the audit's chain, and all that is decided in the same turn.
    Audit = 0x0064_6162_6972_0001,
    /// Taking out of the outbox.
    Outbox = 0x0064_6162_6972_0002,
    /// Counting what a quota allows.
    Quota = 0x0064_6162_6972_0018,
}

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

/// Has this transaction be the only one with this lock until it ends. SQLite has one writer anyway.
///
/// # Errors
/// When the database does not answer.
pub async fn lock(tx: &DatabaseTransaction, lock: Lock) -> Result<(), DbErr> {
    if is_postgres(tx) {
        let sql = format!("SELECT pg_advisory_xact_lock({})", lock as i64);
        tx.execute_unprepared(&sql).await?;
    }
    Ok(())
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

/// A column of counts, which are never below zero.
///
/// # Errors
/// As [`time`].
pub fn count(row: &QueryResult, column: &str) -> Result<u64, DbErr> {
    let value: i64 = row.try_get("", column)?;
    Ok(u64::try_from(value).unwrap_or(0))
}

/// A column of JSON that we wrote.
///
/// # Errors
/// When there is no such column, or something else stands in it.
pub fn json<T: DeserializeOwned>(row: &QueryResult, column: &str) -> Result<T, DbErr> {
    let text: String = row.try_get("", column)?;
    serde_json::from_str(&text).map_err(|error| DbErr::Json(error.to_string()))
}
